"""Refuses every connection that leaves this machine: used by ``conftest.py`` for the whole run of the tests."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

#: What Python announces before it connects, sends or looks a name up, and where the address stands.
ADDRESS_AT = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


class NetworkUsedError(BaseException):
    """Somebody wanted to leave this machine; not an Exception, so that no code can pass over it."""


def leaves(address: Any) -> bool:
    """Return whether an address is another machine's; a path (a local socket) and the loopback are not."""
    if isinstance(address, tuple):
        address = address[0]
    elif isinstance(address, bytes) or (isinstance(address, str) and "/" in address):
        return False
    if address in ("", None, "localhost", b"localhost"):
        return False
    try:
        return not ipaddress.ip_address(address.decode() if isinstance(address, bytes) else address).is_loopback
    except ValueError:
        return True


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise ``NetworkUsedError`` for an event that leaves this machine."""
    if event not in ADDRESS_AT:
        return
    address = arguments[ADDRESS_AT[event]]
    if event == "socket.sendmsg" and address is None:  # over a connection that was allowed
        return
    if leaves(address):
        raise NetworkUsedError(f"{event} {address!r}: tests use no network but this machine's own (127.0.0.1)")


def stay_here() -> None:
    """Refuse from now on, in this process. It cannot be undone."""
    sys.addaudithook(refuse)
