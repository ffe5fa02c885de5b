"""Downloading official files politely; the only module of the package that uses a network."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pandas as pd

from lipresearch.downloads import (
    CHARACTERISTICS,
    CODES,
    SERVICE,
    UNRECORDED,
    CodeNames,
    Download,
    Record,
    Request,
    asked_for,
    content_problem,
    find_characteristics,
    find_download,
    header_text,
    looks_like_page,
    plan_requests,
    read_codes,
    read_download_records,
    service_problem,
    write_download_records,
)
from lipresearch.errors import DataChangedError, FetchError, InputError
from lipresearch.registry import sha256_of

if TYPE_CHECKING:
    import requests

#: Bytes that are read at once, and the most that are lost where a connection is cut off.
CHUNK = 1 << 16

#: Answers that may be different a little later.
AGAIN = (408, 425, 429, 500, 502, 503, 504)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Manners:
    """How a publisher's server is treated.

    Parameters
    ----------
    pause : float
        Least seconds between two requests to the same host.
    attempts : int
        How often a file is asked for before giving up.
    wait : float
        Seconds before the second attempt; doubled before each further one. A server that says how long to wait is
        obeyed.
    longest : float
        The most seconds that are waited for at once; a server that asks for more ends the download.
    timeout : float
        Seconds without an answer, or without any further byte, after which a connection is given up.
    sleep, clock, now : callable
        Wait; seconds that only go forward; the present time. Replaced in tests.
    """

    pause: float = 1.0
    attempts: int = 4
    wait: float = 2.0
    longest: float = 120.0
    timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now


@dataclass(frozen=True)
class Fetched:
    """What a fetch brought.

    Attributes
    ----------
    name : str
        Name in ``data/design/downloads.csv``.
    folder : Path
        The folder of downloads.
    files : tuple of Path
        The files, in the order in which they were asked for.
    table : DataFrame
        One row a file: file, came (``downloaded``, ``in the cache``, ``unchanged``, ``put there by hand``), bytes,
        date, sha256.
    attribution : str
        How the publisher asks to be cited.
    notes : tuple of str
        What a reader must know: areas without figures, content that changed.
    """

    name: str
    folder: Path
    files: tuple[Path, ...]
    table: pd.DataFrame
    attribution: str
    notes: tuple[str, ...] = ()


class Progress:
    """Shows how far a download is once it has taken two seconds.

    Parameters
    ----------
    shown : bool
        Whether anything is shown at all.
    clock : callable
        Seconds that only go forward.
    after : float
        Seconds before the bar appears.
    """

    def __init__(self, shown: bool = True, clock: Callable[[], float] = time.monotonic, after: float = 2.0):
        self.shown, self.clock, self.after = shown, clock, after
        self.started = clock()
        self.bar: Any = None
        self.task: Any = None
        self.label = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.stop()

    def say(self, label: str) -> None:
        """Begin another file, or tell why the download waits."""
        self.label = label
        self.update(0, None)

    def update(self, done: int, total: int | None) -> None:
        """Tell how many bytes there are, and how many there will be if that is known."""
        if not self.shown or self.clock() - self.started < self.after:
            return
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
            from rich.progress import Progress as Bar

            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
            self.bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task("")
        self.bar.update(self.task, description=self.label, completed=done, total=total)


def cache_folder(to: Path | str | None = None) -> Path:
    """Return the folder of downloads: the one named, else ``downloads`` in the user's cache folder."""
    if to is not None:
        return Path(to).expanduser()
    import pooch

    return Path(pooch.os_cache("lipresearch")).expanduser() / "downloads"


class _AgainError(Exception):
    """An attempt failed in a way that may pass; ``pause`` is what the server asks to wait."""

    def __init__(self, why: str, pause: float | None = None, reached: bool = True):
        super().__init__(why)
        self.pause = pause
        self.reached = reached


class _UnchangedError(Exception):
    """The server says that its file is the one in the cache."""


@dataclass
class _Asking:
    """What one run of ``fetch`` shares among its requests: connection, manners, and when each host was asked last."""

    session: requests.Session
    manners: Manners
    progress: Progress
    base_url: str | None
    last: dict[str, float] = field(default_factory=dict)

    def wait_for(self, host: str) -> None:
        """Keep the pause between two requests to the same host."""
        now = self.manners.clock()
        due = self.last.get(host, -1e9) + self.manners.pause
        if due > now:
            self.manners.sleep(due - now)
        self.last[host] = self.manners.clock()


def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("lipresearch")
    except PackageNotFoundError:
        number = "unknown"
    return f"lipresearch/{number} (research toolkit; python-requests)"


def _session() -> requests.Session:
    import requests

    session = requests.Session()
    session.headers.update({"User-Agent": _user_agent(), "Accept": "*/*", "Accept-Encoding": "identity"})
    session.max_redirects = 5
    # Without this, requests would look for passwords in the user's .netrc and send them along.
    session.auth = _no_password
    return session


def _no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def check_base_url(base_url: str) -> str:
    """Return the beginning of an address (scheme and host) that stands for the publishers' hosts; else an error."""
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        usable = usable and parts.path in ("", "/") and not parts.query and not parts.fragment
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"base_url is {base_url!r}; expected http:// or https:// with a host, and nothing after it.")
    return base_url.rstrip("/")


def _address(url: str, base_url: str | None) -> str:
    if base_url is None:
        return url
    base, parts = urlsplit(base_url), urlsplit(url)
    return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))


class PoliteDownloader:
    """Downloads one file for ``pooch.retrieve``.

    pooch's own downloader is not used: it cannot go on with a file that was cut off, does not wait as a server asks,
    keeps no pause between requests, and takes a web page for a file. What pooch does here: it finds the user's cache
    folder, sees that it can be written to, compares the hash, and moves a file to its place only when it is whole.

    Parameters
    ----------
    asking : _Asking
        Connection, manners and progress.
    entry : Download
        The row of the table.
    request : Request
        What must be in the file.
    part : Path
        Where the incomplete file stays between attempts and runs.
    known : Record, optional
        The record of an intact file in the cache: the server is asked only for something newer.
    """

    def __init__(self, asking: _Asking, entry: Download, request: Request, part: Path, known: Record | None = None):
        self.asking, self.entry, self.request, self.part, self.known = asking, entry, request, part, known
        self.state = part.with_name(part.name.removesuffix(".part") + ".state")
        self.etag = self.last_modified = self.sha256 = ""
        self.notes: list[str] = []

    def __call__(self, url: str, output_file: str, pooch: object = None) -> None:
        """Download ``url`` and move it to ``output_file`` when it is whole."""
        manners = self.asking.manners
        pause = manners.wait
        for attempt in range(1, manners.attempts + 1):
            try:
                self._once(url)
                break
            except _AgainError as again:
                if attempt == manners.attempts:
                    raise self._given_up(url, again, attempt) from None
                seconds = max(pause, again.pause or 0.0)
                if seconds > manners.longest:
                    raise FetchError(
                        f"{self._host(url)} asks to wait {seconds:,.0f} seconds before the next request. Nothing is "
                        f"lost; come back later: lipresearch fetch {self.entry.name}"
                    ) from None
                self.asking.progress.say(f"{self.entry.name}: {again}; again in {seconds:.0f} s")
                manners.sleep(seconds)
                pause *= 2
        try:
            self.notes = _check(self.entry, self.request, self.part)
        except FetchError:
            self._forget()
            raise
        self.sha256 = sha256_of(self.part)
        os.replace(self.part, output_file)
        self._forget()

    def _host(self, url: str) -> str:
        return urlsplit(url).hostname or url

    def _given_up(self, url: str, again: _AgainError, attempts: int) -> FetchError:
        host = self._host(url)
        times = "once" if attempts == 1 else f"{attempts} times"
        if not again.reached:
            return _OfflineError(f"{host} could not be reached, tried {times} ({again}).")
        return FetchError(
            f"{self.entry.file} could not be downloaded from {host}, tried {times}: {again}. What has arrived is kept "
            f"where the server can continue it. Try again later: lipresearch fetch {self.entry.name}\n"
            f"The publisher's page: {self.entry.page}"
        )

    # -- an incomplete file

    def _forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)

    def _begun(self, url: str) -> tuple[int, str]:
        """Return how much of this very file is here already, and what the server named it by; 0 if not known."""
        try:
            state = json.loads(self.state.read_text(encoding="utf-8"))
            size, same, mark = self.part.stat().st_size, state["url"] == url, state["mark"]
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            return 0, ""
        usable = same and isinstance(mark, str) and bool(mark) and mark.isascii() and mark.isprintable()
        return (size, mark) if usable and size else (0, "")

    # -- one request

    def _once(self, url: str) -> None:
        import requests

        begun, mark = self._begun(url)
        headers = {}
        if begun:
            headers = {"Range": f"bytes={begun}-", "If-Range": mark}
        elif self.known and self.known.etag:
            headers = {"If-None-Match": self.known.etag}
        elif self.known and self.known.last_modified:
            headers = {"If-Modified-Since": self.known.last_modified}
        self.asking.wait_for(self._host(url))
        failures = requests.exceptions
        try:
            with self.asking.session.get(
                url, headers=headers, stream=True, timeout=self.asking.manners.timeout
            ) as answer:
                self._take(url, answer, begun)
        except (failures.InvalidSchema, failures.InvalidURL, failures.MissingSchema, UnicodeError):
            raise FetchError(
                f"{self._host(url)} sends on to an address that is not http or https; not followed. "
                f"Look for {self.entry.file} at {self.entry.page}"
            ) from None
        except failures.TooManyRedirects:
            raise FetchError(
                f"{self._host(url)} sends from one address to the next without end. "
                f"Look for {self.entry.file} at {self.entry.page}"
            ) from None
        except failures.SSLError:
            raise FetchError(
                f"The certificate of {self._host(url)} could not be checked, so nothing was downloaded. A network that "
                "reads along (in some offices) or a wrong clock can be the cause."
            ) from None
        except (failures.ChunkedEncodingError, failures.ContentDecodingError):
            raise _AgainError("the connection was cut off") from None
        except failures.Timeout:
            raise _AgainError("no answer in time", reached=False) from None
        except failures.ConnectionError as error:
            if self.part.exists() and "Read timed out" in str(error):
                raise _AgainError("the connection fell silent") from None
            raise _AgainError(_why_unreachable(error), reached=False) from None
        except failures.RequestException as error:
            raise _AgainError(f"the answer cannot be read ({type(error).__name__})") from None

    def _take(self, url: str, answer: requests.Response, begun: int) -> None:
        code = answer.status_code
        if code == 304 and self.known:
            raise _UnchangedError
        if code == 416 and begun:
            self._forget()
            raise _AgainError("the server does not continue the file")
        if code in AGAIN:
            raise _AgainError(f"the server answers {code}", _retry_after(answer, self.asking.manners.now()))
        if code not in (200, 206):
            raise FetchError(_refused(self.entry, url, code))
        if "html" in answer.headers.get("Content-Type", "").lower():
            raise FetchError(_page_instead(self.entry, url))
        continues = code == 206 and _continues(answer, begun, self._begun(url)[1])
        if code == 206 and not continues:
            self._forget()
            raise _AgainError("the server continues the file at the wrong place")
        self.etag = header_text("etag", answer.headers.get("ETag"))
        self.last_modified = header_text("last_modified", answer.headers.get("Last-Modified"))
        done = begun if continues else 0
        encoded = answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")
        length = answer.headers.get("Content-Length", "")
        total = done + int(length) if length.isascii() and length.isdecimal() and not encoded else None
        self._room_for(total, done)
        try:
            self._write(url, answer, done, total)
        except OSError as error:
            if error.errno is None:  # of the connection, not of the disk
                raise
            raise _disk_error(error, self.part.parent) from None

    def _room_for(self, total: int | None, done: int) -> None:
        if total is None:
            return
        if total > self.entry.limit:
            self._forget()
            raise FetchError(_too_large(self.entry, total))
        free = shutil.disk_usage(self.part.parent).free
        if total - done > free:
            raise FetchError(
                f"{self.entry.file} needs {_size(total - done)}, and {self.part.parent} has {_size(free)} left. "
                "Make room, or name another folder with --to."
            )

    def _write(self, url: str, answer: requests.Response, done: int, total: int | None) -> None:
        mark = self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified
        if not done:
            self._forget()
            if mark:
                self.state.write_text(json.dumps({"url": url, "mark": mark}), encoding="utf-8")
        first = not done
        self.asking.progress.say(self.entry.name)
        with open(self.part, "ab" if done else "wb") as handle:
            for chunk in answer.iter_content(CHUNK):
                if first and looks_like_page(chunk):
                    handle.close()
                    self._forget()
                    raise FetchError(_page_instead(self.entry, url))
                first = False
                done += len(chunk)
                if done > self.entry.limit:
                    handle.close()
                    self._forget()
                    raise FetchError(_too_large(self.entry, done))
                handle.write(chunk)
                self.asking.progress.update(done, total)
        if total is not None and done < total:
            raise _AgainError(f"cut off after {_size(done)} of {_size(total)}")
        if done == 0:
            self._forget()
            raise _AgainError("the server sent an empty file")


class _OfflineError(FetchError):
    """A host could not be reached; ``fetch`` adds what is in the cache."""


def _why_unreachable(error: Exception) -> str:
    text = str(error)
    for sign, words in (
        ("NameResolution", "its name is not known here; is there a connection?"),
        ("Name or service", "its name is not known here; is there a connection?"),
        ("getaddrinfo", "its name is not known here; is there a connection?"),
        ("refused", "the connection was refused"),
        ("unreachable", "there is no way to it from this network"),
        ("Remote end closed", "the connection was closed"),
        ("reset", "the connection was cut off"),
        ("roxy", "the proxy of this network does not let it through"),
    ):
        if sign in text:
            return words
    return "no connection"


def _retry_after(answer: requests.Response, now: datetime) -> float | None:
    """Return how many seconds a server asks to wait, given as seconds or as a date; None if it does not say."""
    from email.utils import parsedate_to_datetime

    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def _continues(answer: requests.Response, begun: int, mark: str) -> bool:
    """Whether an answer is the rest of the very file that was begun."""
    match = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", answer.headers.get("Content-Range", "").strip())
    same = answer.headers.get("ETag" if mark.startswith('"') else "Last-Modified", mark) == mark
    return match is not None and begun > 0 and int(match[1]) == begun and same


def _size(count: int) -> str:
    """Return a size as a reader says it.

    >>> _size(900), _size(12_317_000), _size(2_300_000_000)
    ('900 bytes', '12.3 MB', '2.3 GB')
    """
    if count < 10_000:
        return f"{count:,} bytes"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _too_large(entry: Download, size: int) -> str:
    return (
        f"{entry.file} has {_size(size)} or more, and data/design/downloads.csv allows {_size(entry.limit)} "
        f"(limit_mb of {entry.name}). Is it still this file? See {entry.page}; if so, raise the limit."
    )


def _refused(entry: Download, url: str, code: int) -> str:
    if entry.kind == SERVICE and code == 404:
        return (
            "The web data service has nothing for these areas and characteristics (it answers 404). Check the numbers "
            f"of the characteristics, or see its guide: {entry.page}"
        )
    said = {
        401: "asks for a password for it",
        403: "does not give it out to programs",
        404: "has no such file any more",
        410: "has taken it down",
        451: "may not give it out",
    }.get(code, f"answers {code}")
    return (
        f"{entry.file} ({entry.title}): {urlsplit(url).hostname} {said} ({code}).\n"
        f"The publisher's page: {entry.page}\n"
        "If the address moved, correct url in data/design/downloads.csv."
    )


def _page_instead(entry: Download, url: str) -> str:
    return (
        f"{urlsplit(url).hostname} sent a web page instead of {entry.file}. The file may have moved, or the server "
        f"wants to see a browser.\nThe publisher's page: {entry.page}"
    )


def _by_hand(entry: Download, folder: Path) -> str:
    if entry.kind == SERVICE:
        return "Instead of the service you can fetch a bulk file: lipresearch fetch --list"
    hint = f" {entry.note}" if entry.by_hand and entry.note else ""
    return (
        f"By hand: download it in a browser, save it as {folder / entry.file} and run "
        f"`lipresearch fetch {entry.name}` again, with the same --to if you used it.{hint}"
    )


def _disk_error(error: OSError, folder: Path) -> FetchError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FetchError(f"The disk of {folder} is full. Make room, or name another folder with --to.")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return FetchError(f"{folder} cannot be written to. Name another folder with --to.")
    return FetchError(f"{folder} cannot be used: {error.strerror or error}. Name another folder with --to.")


# -- fetching -----------------------------------------------------------------------------------------


def fetch(
    root: Path,
    name: str,
    areas: Iterable[str] = (),
    characteristics: Iterable[str | int] = (),
    to: Path | str | None = None,
    refresh: bool = False,
    base_url: str | None = None,
    manners: Manners | None = None,
    show_progress: bool = True,
) -> Fetched:
    """Download what a name of ``data/design/downloads.csv`` stands for, or take it from the folder of downloads.

    A file that lies there and is the recorded one is not asked for again. A file of another content than recorded is
    an error that names both; nothing is replaced.

    Parameters
    ----------
    root : Path
        Project folder, for the table.
    name : str
        As ``lipresearch fetch --list`` shows it.
    areas : iterable of str
        Identifiers (DGUID) of areas of 2021, for the web data service.
    characteristics : iterable of str or int
        Numbers or labels; default those that the project declares (see ``lipresearch.downloads.asked_for``).
    to : path, optional
        Folder of downloads, default ``downloads`` in the user's cache folder.
    refresh : bool
        Ask the publisher again, and accept a content that changed.
    base_url : str, optional
        Scheme and host that stand for the publisher's, for a mirror or for tests.
    manners : Manners, optional
        Pauses, attempts, clock.
    show_progress : bool
        Whether a bar appears after two seconds.

    Returns
    -------
    Fetched

    Raises
    ------
    NotFoundError
        If there is no such name.
    InputError
        If areas or characteristics cannot be used.
    FetchError
        If a file could not be downloaded or kept; the message says what to do.
    DataChangedError
        If the content is not the recorded one, or a file in the folder was changed.
    """
    entry = find_download(root, name)
    folder = cache_folder(to)
    manners = manners or Manners()
    base = None if base_url is None else check_base_url(base_url)
    places = tuple(areas)
    given = [" ".join(str(item).split()) for item in characteristics]
    asked = given or (asked_for(root, entry) if entry.kind == SERVICE else [])
    if entry.kind != SERVICE and (places or given):
        raise InputError(f"{name} is a whole file; areas and characteristics are for census-profile-2021 only.")
    notes: list[str] = []
    labels = [item for item in asked if not item.isdecimal()]
    if labels and entry.kind == SERVICE:
        plan_requests(entry, places, ["1"])  # areas that cannot be asked for are told first
        lists = fetch(root, CODES, to=to, base_url=base_url, manners=manners, show_progress=show_progress)
        numbers, unknown = _numbers(read_codes(lists.files[0]), labels, strict=bool(given))
        asked = [numbers.get(item, item) for item in asked if item not in unknown]
        if unknown:
            notes.append(
                "The code list of the service has none, or several, of these characteristics, so they were not asked "
                f"for: {'; '.join(unknown[:5])}{f'; and {len(unknown) - 5} more' if len(unknown) > 5 else ''}. "
                f"Correct their labels in {CHARACTERISTICS}."
            )
    wanted = plan_requests(entry, places, asked)
    _make_folder(folder)
    rows: list[tuple[str, str, Record]] = []
    with Progress(show_progress, manners.clock) as progress, _session() as session:
        asking = _Asking(session, manners, progress, base)
        for number, request in enumerate(wanted, start=1):
            progress.say(entry.name if len(wanted) == 1 else f"{entry.name}, request {number} of {len(wanted)}")
            try:
                came, record, more = _fetch_one(asking, entry, request, folder, refresh)
            except _OfflineError as error:
                raise FetchError(f"{error}\n{_without(entry, folder)}") from None
            except OSError as error:
                raise _disk_error(error, folder) from None
            rows.append((request.file, came, record))
            notes += more
    table = pd.DataFrame(
        [(file, came, record.bytes, record.date, record.sha256) for file, came, record in rows],
        columns=["file", "came", "bytes", "date", "sha256"],
    )
    files = tuple(folder / file for file, _, _ in rows)
    return Fetched(name, folder, files, table, entry.attribution, tuple(dict.fromkeys(notes)))


def _numbers(codes: pd.DataFrame, labels: Sequence[str], strict: bool) -> tuple[dict[str, str], list[str]]:
    """Return the number of each label, and the labels that there are not (an error if ``strict``)."""
    if strict:
        return dict(zip(labels, find_characteristics(codes, labels), strict=True)), []
    names = CodeNames(codes)
    found = {label: names.matches(label) for label in labels}
    numbers = {label: matches[0] for label, matches in found.items() if len(matches) == 1}
    return numbers, [label for label in found if label not in numbers]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FetchError(f"{folder} is a file, not a folder. Name another folder with --to.") from None
    except OSError as error:
        raise _disk_error(error, folder) from None


def _fetch_one(
    asking: _Asking, entry: Download, request: Request, folder: Path, refresh: bool
) -> tuple[str, Record, list[str]]:
    """Return how a file came, its record, and notes."""
    path = folder / request.file
    old = read_download_records(folder).get(request.file)
    present = sha256_of(path) if path.is_file() else ""
    if present and old and not refresh:
        if present != old.sha256:
            raise DataChangedError(
                f"{path} is not the file that was recorded on {old.date[:10]}.\n"
                f"  recorded sha256 {old.sha256}\n  found    sha256 {present}\n"
                "It was changed or damaged since. To take it anew: "
                f"lipresearch fetch {entry.name} --refresh"
            )
        return "in the cache", old, _check(entry, request, path)
    if present and (old is None or entry.by_hand):
        return _adopt(asking, entry, request, folder, present, old, refresh)
    if entry.by_hand:
        raise FetchError(
            f"{entry.file} ({entry.title}) has no address that is known to stay.\n"
            f"The publisher's page: {entry.page}\n{_by_hand(entry, folder)}"
        )
    return _download(asking, entry, request, folder, old, present, refresh)


def _adopt(
    asking: _Asking, entry: Download, request: Request, folder: Path, found: str, old: Record | None, refresh: bool
) -> tuple[str, Record, list[str]]:
    """Record a file that a person put into the folder."""
    path = folder / request.file
    notes = _check(entry, request, path)
    notes += _compare(asking, entry, request.file, found, old, refresh)
    record = Record(request.file, entry.name, entry.page, "by hand", _stamp(asking), path.stat().st_size, found)
    _keep(folder, record)
    return "put there by hand", record, notes


def _download(
    asking: _Asking,
    entry: Download,
    request: Request,
    folder: Path,
    old: Record | None,
    present: str,
    refresh: bool,
) -> tuple[str, Record, list[str]]:
    import pooch

    path = folder / request.file
    fresh = path.with_name(path.name + ".new")
    url = _address(request.url, asking.base_url)
    known = old if refresh and old and old.sha256 == present and old.url == url else None
    expected = _expected(entry, old)
    checked = f"sha256:{expected}" if expected and not refresh else None
    downloader = PoliteDownloader(asking, entry, request, path.with_name(path.name + ".part"), known)
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("ERROR")  # its advice about hashes is for programmers
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        pooch.retrieve(url, known_hash=checked, fname=fresh.name, path=fresh.parent, downloader=downloader)
        notes = downloader.notes + _compare(asking, entry, request.file, downloader.sha256, old, refresh)
        record = Record(
            file=request.file,
            name=entry.name,
            url=url,
            how="fetched",
            date=_stamp(asking),
            bytes=fresh.stat().st_size,
            sha256=downloader.sha256,
            etag=downloader.etag,
            last_modified=downloader.last_modified,
        )
        os.replace(fresh, path)
        _keep(folder, record)
    except _UnchangedError:
        assert old is not None
        return "unchanged", old, _check(entry, request, path)
    except ValueError:  # pooch's word for another hash
        if downloader.sha256 in ("", expected):
            raise
        _compare(asking, entry, request.file, downloader.sha256, old, refresh)
        raise
    except FetchError as error:
        if isinstance(error, _OfflineError) or "publisher's page" not in str(error):
            raise
        raise FetchError(f"{error}\n{_by_hand(entry, folder)}") from None
    finally:
        logger.setLevel(level)
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return "downloaded", record, notes


def _expected(entry: Download, old: Record | None) -> str:
    return old.sha256 if old else entry.sha256.replace(UNRECORDED, "")


def _compare(asking: _Asking, entry: Download, file: str, found: str, old: Record | None, refresh: bool) -> list[str]:
    """Return a note if the content is another than recorded and that is accepted; an error if it is not."""
    expected = _expected(entry, old)
    if not expected or found == expected:
        return []
    where = f"recorded on {old.date[:10]}" if old else "in data/design/downloads.csv"
    message = (
        f"{file} ({entry.title}) is not what was recorded.\n"
        f"  recorded sha256 {expected} ({where})\n"
        f"  found    sha256 {found} (on {_stamp(asking)[:10]})\n"
    )
    if refresh:
        return [message + "The new content was accepted; what was computed from the old one may change."]
    raise DataChangedError(
        f"{message}Nothing was replaced. The publisher may have corrected the file; what was computed from it may "
        f"change. To accept the new content: lipresearch fetch {entry.name} --refresh"
    )


def _check(entry: Download, request: Request, path: Path) -> list[str]:
    """Return notes on a file's content; an error if it is not what was asked for."""
    problem = content_problem(path, entry.kind)
    without: Sequence[str] = ()
    if not problem and entry.kind == SERVICE:
        problem, without = service_problem(path, request)
    if problem:
        raise FetchError(
            f"{request.file} ({entry.title}) cannot be used: {problem}.\nThe publisher's page: {entry.page}"
        )
    if without:
        listed = ", ".join(without[:5]) + (f" and {len(without) - 5} more" if len(without) > 5 else "")
        return [f"The web data service has no figures for {len(without)} of the areas: {listed}."]
    return []


def _stamp(asking: _Asking) -> str:
    return asking.manners.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _keep(folder: Path, record: Record) -> None:
    records = read_download_records(folder)
    records[record.file] = record
    write_download_records(folder, records.values())


def _without(entry: Download, folder: Path) -> str:
    """Return what is in the cache, and how to go on without a connection."""
    try:
        names = sorted({record.name for record in read_download_records(folder).values()})
    except DataChangedError:
        names = []
    cached = f"In {folder} already: {', '.join(names)}." if names else f"Nothing is in {folder} yet."
    return (
        f"{cached}\nAll other commands work without it, with the figures in data/raw. What it is for: "
        f"{entry.improves}.\nWhen there is a connection: lipresearch fetch {entry.name}\n{_by_hand(entry, folder)}"
    )
