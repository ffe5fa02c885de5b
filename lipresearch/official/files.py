"""Official files as they were downloaded: plain, packed with gzip, or members of a zip that is read in place."""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from lipresearch.errors import InputError, NotFoundError, Problem, TableError

#: Files that come with the data in the same zip.
_BESIDE = re.compile(r"(meta|readme|geo_starting_row|starting_row|-dq\b|_dq\b)", re.IGNORECASE)

#: What is damaged when a packed file cannot be unpacked.
DAMAGED = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile)

DOWNLOAD_AGAIN = "Download the file again; it may have been cut off."

NO_2006 = (
    "{shown} is a profile of the 2006 Census (94-581-XCB2006): XML in the form SDMX-ML, with its labels in a second "
    "file. How the two belong together was not seen by those who wrote this reader, so it is not read. Take the "
    "figures of 2006 from data/raw/immigrants_2006, or save the table that you need as CSV and supply it as evidence "
    "(data/design/evidence/README.md)."
)


@dataclass(frozen=True)
class Member:
    """One table as it lies on the disk.

    Attributes
    ----------
    path : Path
        The file.
    inside : str
        Name in the zip, "" where the file is no zip.
    """

    path: Path
    inside: str = ""

    @property
    def shown(self) -> str:
        """The name in messages."""
        return f"{self.path.name}: {self.inside}" if self.inside else self.path.name

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open it for reading, unpacked; what cannot be unpacked raises ``TableError``."""
        try:
            if self.inside:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.inside) as stream:
                    yield cast(BinaryIO, stream)
            elif self.path.name.lower().endswith(".gz"):
                with gzip.open(self.path, "rb") as packed:
                    yield cast(BinaryIO, packed)
            else:
                with open(self.path, "rb") as plain:
                    yield plain
        except DAMAGED as error:
            raise TableError([Problem(self.shown, 0, "", str(error), "a whole file", DOWNLOAD_AGAIN)]) from None


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the one table of a zip, unpacked for as long as it is needed; any other file as it is.

    Raises
    ------
    NotFoundError
        If the file does not exist.
    TableError
        If the zip is damaged, or holds no table or several.
    """
    if not path.name.lower().endswith(".zip"):
        yield path
        return
    tables = members(path)
    if len(tables) != 1:
        found = ", ".join(member.inside for member in tables)
        raise TableError([Problem(path.name, 0, "", found, "one CSV table in the zip", "Download that product anew.")])
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / tables[0].inside.split("/")[-1]
        with tables[0].open() as stream, open(target, "wb") as file:
            shutil.copyfileobj(stream, file)
        yield target


def members(paths: Path | Sequence[Path]) -> list[Member]:
    """Return the tables in files, in the order of their names; what lies beside them in a zip is passed over.

    Raises
    ------
    NotFoundError
        If a file does not exist.
    TableError
        If a zip is damaged or holds no table.
    InputError
        If no file was named, or one holds the 2006 profile, whose layout is not known.
    """
    given = [paths] if isinstance(paths, Path) else list(paths)
    if not given:
        raise InputError("No file was named. Name one file, or the files that a profile was split into.")
    found = [member for path in sorted(given) for member in _members(path)]
    return found


def _members(path: Path) -> list[Member]:
    if not path.is_file():
        raise NotFoundError(
            f"{path.name} was not found in {path.parent.as_posix()}. Check the name, or download it first."
        )
    if not path.name.lower().endswith(".zip"):
        if path.name.lower().endswith(".xml") or "94-581-xcb2006" in path.name.lower():
            raise InputError(NO_2006.format(shown=path.name))
        return [Member(path)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise TableError([Problem(path.name, 0, "", str(error), "a whole zip file", DOWNLOAD_AGAIN)]) from None
    tables = sorted(name for name in names if name.lower().endswith(".csv") and not _BESIDE.search(name.split("/")[-1]))
    if not tables and any("94-581-xcb2006" in name.lower() for name in names):
        raise InputError(NO_2006.format(shown=path.name))
    if not tables:
        shown = ", ".join(sorted(names)[:5]) or "nothing"
        remedy = "Download the CSV edition of the product."
        raise TableError([Problem(path.name, 0, "", shown, "a CSV table in the zip", remedy)])
    return [Member(path, name) for name in tables]
