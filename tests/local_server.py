"""A web server on this machine that behaves as badly as told, for tests of downloading."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Code lists of the census profile of 2021, in the layout of the web data service.
CODE_LIST = """<?xml version="1.0" encoding="utf-8"?>
<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
 xmlns:structure="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
 xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
 <mes:Structures><structure:Codelists>
  <structure:Codelist id="CL_GENDER" agencyID="STC_CP"><common:Name xml:lang="en">Gender</common:Name>
   <structure:Code id="1"><common:Name xml:lang="en">Total</common:Name></structure:Code></structure:Codelist>
  <structure:Codelist id="CL_CHARACTERISTIC" agencyID="STC_CP">
   <common:Name xml:lang="en">Characteristics</common:Name><common:Name xml:lang="fr">Caractéristiques</common:Name>
   <structure:Code id="379"><common:Name xml:lang="en">Total - Mother tongue</common:Name>
    <common:Name xml:lang="fr">Total - Langue maternelle</common:Name></structure:Code>
   <structure:Code id="380"><common:Name xml:lang="en">Single responses</common:Name>
    <common:Name xml:lang="fr">Réponses uniques</common:Name>
    <structure:Parent><Ref id="379"/></structure:Parent></structure:Code>
   <structure:Code id="383"><common:Name xml:lang="en">French</common:Name>
    <common:Name xml:lang="fr">Français</common:Name>
    <structure:Parent><Ref id="380"/></structure:Parent></structure:Code>
   <structure:Code id="704"><common:Name xml:lang="en">Total - Language spoken most often at home</common:Name>
    <common:Name xml:lang="fr">Total - Langue parlée le plus souvent</common:Name></structure:Code>
   <structure:Code id="705"><common:Name xml:lang="en">French</common:Name>
    <common:Name xml:lang="fr">Français</common:Name>
    <structure:Parent><Ref id="704"/></structure:Parent></structure:Code>
  </structure:Codelist></structure:Codelists></mes:Structures></mes:Structure>
"""


@dataclass
class Answer:
    """What the server says to one request.

    ``cut``: bytes of the body after which the connection ends. ``length``: the Content-Length that is claimed,
    None for the true one, -1 for none at all. ``ranges``: whether a Range is obeyed. ``wait``: an event to wait for.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    cut: int | None = None
    length: int | None = None
    ranges: bool = True
    obeys_if_range: bool = True
    wait: threading.Event | None = None


class Server:
    """Answers each path with its answers in turn; the last one is repeated.

    Parameters
    ----------
    answers : dict
        ``{beginning of a path: Answer, list of them, or function of the path}``.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer | list[Answer] | Callable[[str], Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.requests.append((self.path, dict(self.headers.items())))
                answer = server.find(self.path)
                if answer.wait is not None:
                    answer.wait.wait(2)
                with contextlib.suppress(OSError):  # the other side gave up
                    self.reply(answer)
                self.close_connection = True

            def reply(self, answer: Answer) -> None:
                body, status, headers = answer.body, answer.status, dict(answer.headers)
                wanted, same = self.headers.get("Range", ""), self.headers.get("If-Range", answer.etag)
                if answer.etag:
                    headers["ETag"] = answer.etag
                    if self.headers.get("If-None-Match") == answer.etag:
                        body, status = b"", 304
                if wanted and answer.ranges and status == 200 and (same == answer.etag or not answer.obeys_if_range):
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                    headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                    status, body = 206, body[start:]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if answer.length != -1:
                    self.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body if answer.cut is None else body[: answer.cut])

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)

    def find(self, path: str) -> Answer:
        found = [start for start in self.answers if path.startswith(start)]
        if not found:
            return Answer(404)
        answer = self.answers[max(found, key=len)]
        if callable(answer):
            return answer(path)
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def __enter__(self) -> Server:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(2)


class Clock:
    """Time that passes only when someone sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
