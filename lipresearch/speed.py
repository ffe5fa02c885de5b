"""Loops compiled by numba where it is installed; plain Python, to the same digits, where it is not."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, TypeVar, cast

Loop = TypeVar("Loop", bound=Callable[..., Any])


def has_numba() -> bool:
    """Return whether loops can be compiled: numba has no wheels for Intel Macs."""
    return importlib.util.find_spec("numba") is not None


def compiled(function: Loop) -> Loop:
    """Return a function compiled, and kept for the next start where there is a folder to keep it in.

    Other threads run beside it. No fast arithmetic is used, so that both ways give the same digits. Without numba the
    function itself is returned. Call it only inside functions: numba takes about a second to import.
    """
    if not has_numba():
        return function
    import numba

    try:
        return cast(Loop, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # nowhere to write
        return cast(Loop, numba.njit(nogil=True)(function))
