"""From the folder of downloads to ``data/raw``: the official census profile for the areas of all sites."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lipresearch.catchments import Catchments, load_catchments
from lipresearch.compile import move_all, write_dataset
from lipresearch.compilers.census_profile import LEVELS, NAME, Part, dataset
from lipresearch.downloads import (
    CODES,
    SERVICE,
    Download,
    Record,
    dguid_of,
    load_downloads,
    read_download_records,
)
from lipresearch.errors import DataChangedError, NotFoundError
from lipresearch.fetching import cache_folder
from lipresearch.official import Found, load_characteristics, read_profile
from lipresearch.registry import forget_dataset, read_registry, record_dataset, sha256_of

#: Downloads that hold the profile, in the order in which areas are taken from them: whole files before answers of the
#: web data service, and the largest file last, which is read only if areas are still missing.
DOWNLOADS = (
    "census-profile-2021-csd-bulk",
    "census-profile-2021-cd-bulk",
    "census-profile-2021-ontario-csd-bulk",
    "census-profile-2021",
    "census-profile-2021-ontario-bulk",
)
#: Layouts of ``data/design/census_characteristics.csv`` that these files have.
LAYOUTS = ("profile-2021", "web-2021")


@dataclass(frozen=True)
class Obtained:
    """What ``compile_official`` did.

    Attributes
    ----------
    dataset : str
        The dataset written.
    files : tuple of str
        The files it was made from, from the folder of downloads.
    areas : int
        Census divisions and subdivisions that have a row.
    missing : tuple of str
        Areas of the catchments, as ``catchments.csv`` names them, that the files do not hold.
    """

    dataset: str
    files: tuple[str, ...]
    areas: int
    missing: tuple[str, ...]


def areas_of_sites(catchments: Catchments) -> dict[str, str]:
    """Return the census divisions and subdivisions that lie in a catchment of any roster: {DGUID: level}."""
    found = {(level, area) for level in LEVELS for site in catchments.sites for area in catchments.inside(site, level)}
    return {dguid: level for level, area in sorted(found) if (dguid := dguid_of(level, area))}


def compile_official(
    root: Path, folder: Path | str | None = None, progress: Callable[[str], None] | None = None
) -> Obtained:
    """Compile the census profile of 2021 from downloaded files into ``data/raw/census_profile_2021``.

    Everything is read and checked first; nothing under ``data/raw`` changes unless all of it could be read.
    Compiling the same files again gives identical bytes.

    Parameters
    ----------
    root : Path
        Project folder.
    folder : path, optional
        Folder of downloads, default that of ``lipresearch fetch``.
    progress : callable, optional
        Called with one line of text for each file that is read.

    Returns
    -------
    Obtained

    Raises
    ------
    NotFoundError
        If the folder holds no such file, or none of the areas.
    DataChangedError
        If a file is not the one that was recorded when it was downloaded.
    TableError
        If a file is not laid out as expected.
    """
    read_registry(root)  # what cannot be recorded is not compiled
    place = cache_folder(folder)
    known, records = load_downloads(root), read_download_records(place)
    present = [(known[name], files) for name in DOWNLOADS if name in known and (files := _files(known[name], place))]
    if not present:
        raise NotFoundError(
            f"No census profile of 2021 lies in {place.as_posix()}; nothing was changed.\n"
            "Download it first: lipresearch fetch census-profile-2021\n"
            "If it lies elsewhere: lipresearch compile --official FOLDER"
        )
    catchments = load_catchments(root)
    wanted = areas_of_sites(catchments)
    characteristics = load_characteristics(root)
    declared = characteristics[characteristics["layout"].isin(LAYOUTS)].drop_duplicates("characteristic")
    parts: list[Part] = []
    used: list[Download] = []
    lacking = set(wanted)
    for entry, files in present:
        if not lacking:
            break
        if progress:
            progress(f"{entry.title}: {len(files)} file{'' if len(files) == 1 else 's'}")
        part = _read(entry, files, place, known[CODES], lacking, root)
        _check_records(part.origins, records, place)
        read = set(part.found.table["area"]) & lacking
        if read:
            lacking -= read
            parts.append(part)
            used.append(entry)
    if not parts:
        names = ", ".join(entry.name for entry, _ in present)
        raise NotFoundError(
            f"None of the {len(wanted)} areas of the sites is in what was downloaded ({names}); nothing was changed.\n"
            "Download it for the sites: lipresearch fetch census-profile-2021"
        )
    origins = [file for part in parts for file in part.origins]
    about = _card(used, [records[file] for file in origins if file in records])
    made = dataset(declared.reset_index(drop=True), origins, about, lambda: parts)
    raw = root / "data" / "raw"
    workshop = Path(tempfile.mkdtemp(prefix=".compile-", dir=root / "data"))
    try:
        write_dataset(made, place, workshop / NAME)
        move_all([NAME], workshop, raw)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    record_dataset(root, NAME)
    return Obtained(NAME, tuple(origins), len(wanted) - len(lacking), _not_there(catchments, lacking))


def remove_official(root: Path) -> bool:
    """Take ``data/raw/census_profile_2021`` away, files and records; return whether there was any."""
    folder = root / "data" / "raw" / NAME
    there = folder.exists()
    if there:
        shutil.rmtree(folder)
    return forget_dataset(root, NAME) or there


def _files(entry: Download, folder: Path) -> list[str]:
    """Return the files of a download that lie in the folder, from there; none if it was not downloaded."""
    if entry.kind == SERVICE:
        return sorted(f"{entry.file}/{path.name}" for path in (folder / entry.file).glob("*.csv"))
    return [entry.file] if (folder / entry.file).is_file() else []


def _read(entry: Download, files: Sequence[str], folder: Path, codes: Download, areas: set[str], root: Path) -> Part:
    """Read the wanted areas of one download."""
    listed = folder / codes.file if entry.kind == SERVICE else None
    if listed is not None and not listed.is_file():
        raise NotFoundError(
            f"{codes.file} is not in {folder.as_posix()}, so the numbers in the answers of the web data service have "
            f"no names; nothing was changed.\nDownload it: lipresearch fetch {codes.name}"
        )
    found = read_profile([folder / file for file in files], areas=areas, codes=listed, root=root)
    origins = _by_file(found, files)
    if listed is not None:
        origins[codes.file] = (listed.stat().st_size, sha256_of(listed))
    return Part(found, origins)


def _by_file(found: Found, files: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return what was read by its name in the folder of downloads."""
    return {file: found.origins[file.rsplit("/", 1)[-1]] for file in files}


def _check_records(origins: Mapping[str, tuple[int, str]], records: Mapping[str, Record], folder: Path) -> None:
    lines = [
        f"  {file}\n    recorded sha256 {records[file].sha256}\n    found    sha256 {digest}"
        for file, (_, digest) in origins.items()
        if file in records and records[file].sha256 != digest
    ]
    if lines:
        text = "\n".join(lines)
        raise DataChangedError(
            f"{folder.as_posix()} does not hold the files that were recorded; nothing was changed.\n{text}\n"
            "Download them anew: lipresearch fetch NAME --refresh"
        )


def _card(used: Sequence[Download], records: Sequence[Record]) -> dict[str, str]:
    """Return what the card says of these downloads."""
    days = sorted({record.date[:10] for record in records})
    return {
        "catalogue": "98-401-X2021",
        "accessed": days[-1] if days else "not recorded",
        "url": used[0].page,
        "licence": used[0].licence,
        "attribution": used[0].attribution,
    }


def _not_there(catchments: Catchments, lacking: set[str]) -> tuple[str, ...]:
    """Return the declared areas without figures, as people call them."""
    rows = catchments.declared[catchments.declared["level"].isin(LEVELS)].sort_values(["level", "area"])
    names = {f"{row.name} ({row.area})": dguid_of(row.level, row.area) for row in rows.itertuples(index=False)}
    return tuple(name for name, dguid in names.items() if dguid in lacking)
