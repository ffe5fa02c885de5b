"""From the folder of downloads to ``data/raw``: census profiles for the areas of all sites, and health facilities."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lipresearch.catchments import Catchments, load_catchments
from lipresearch.compile import OPTIONAL, move_all, write_dataset
from lipresearch.compilers.base import Dataset, Sources
from lipresearch.compilers.census_profile import CENSUSES, LEVELS, Census, Part, dataset
from lipresearch.compilers.health import HEALTH_FACILITIES_ODHF, count_facilities, national_dataset, read_odhf
from lipresearch.downloads import (
    CHARACTERISTICS,
    CODES,
    SERVICE,
    Download,
    Record,
    dguid_of,
    load_downloads,
    read_download_records,
)
from lipresearch.errors import DataChangedError, NotFoundError, Problem, TableError
from lipresearch.fetching import cache_folder
from lipresearch.held import held_files, look_at_held
from lipresearch.official import Found, load_characteristics, read_profile
from lipresearch.official.files import unpacked
from lipresearch.registry import forget_dataset, read_registry, record_dataset, sha256_of
from lipresearch.sources import read_raw

ODHF = "odhf"


@dataclass(frozen=True)
class Obtained:
    """What ``compile_official`` did for one dataset.

    Attributes
    ----------
    dataset : str
        The dataset written.
    files : tuple of str
        The files it was made from, from the folder of downloads.
    areas : int
        Areas that have a row.
    missing : tuple of str
        Areas of the catchments, as ``catchments.csv`` names them, that the files do not hold.
    what : str
        What was counted as areas.
    """

    dataset: str
    files: tuple[str, ...]
    areas: int
    missing: tuple[str, ...]
    what: str = "census divisions and subdivisions"


def areas_of_sites(catchments: Catchments, census: Census) -> dict[str, tuple[str, str]]:
    """Return the census divisions and subdivisions that lie in a catchment of any roster.

    Returns
    -------
    dict
        ``{the area as the files of that census name it: (level, code)}``, by level and code.
    """
    found = {(level, area) for level in LEVELS for site in catchments.sites for area in catchments.inside(site, level)}
    return {name: (level, area) for level, area in sorted(found) if (name := _named(census, level, area))}


def _named(census: Census, level: str, area: str) -> str | None:
    """Return how the files of a census name an area of the geography; those of 2016 have plain codes."""
    return dguid_of(level, area) if census.dguid else area


def compile_official(
    root: Path, folder: Path | str | None = None, progress: Callable[[str], None] | None = None
) -> tuple[Obtained, ...]:
    """Compile whichever downloaded files there are into the optional datasets of ``data/raw``.

    Census profiles become ``census_profile_2021`` and ``census_profile_2016``, the open database of health facilities
    ``health_facilities_canada``.

    Everything is read and checked first; nothing under ``data/raw`` changes unless all of it could be read.
    Compiling the same files again gives identical bytes.

    Parameters
    ----------
    root : Path
        Project folder.
    folder : path, optional
        Folder of downloads, default that of ``lipresearch fetch``.
    progress : callable, optional
        Called with one line of text for each download that is read, or that ``data/raw`` holds already.

    Returns
    -------
    tuple of Obtained
        One for each dataset written, in the order of ``compile.OPTIONAL``; none if the folder only
        holds what ``data/raw`` has already (see ``held``).

    Raises
    ------
    NotFoundError
        If the folder holds no such file, or the files of a census none of the areas.
    DataChangedError
        If a file is not the one that was recorded when it was downloaded.
    TableError
        If a file is not laid out as expected.
    """
    read_registry(root)  # what cannot be recorded is not compiled
    place = cache_folder(folder)
    known, records = load_downloads(root), read_download_records(place)
    present = {
        census: [
            (known[name], files) for name in census.downloads if name in known and (files := _files(known[name], place))
        ]
        for census in CENSUSES.values()
    }
    database = known[ODHF].file if ODHF in known and (place / known[ODHF].file).is_file() else ""
    if not any(present.values()) and not database and not held_files(root, place):
        years = " or ".join(CENSUSES)
        raise NotFoundError(
            f"Nothing to compile lies in {place.as_posix()}, no census profile of {years} and no database of health "
            "facilities; nothing was changed.\n"
            "Download one first: lipresearch fetch census-profile-2021\n"
            "If it lies elsewhere: lipresearch compile --official FOLDER"
        )
    say = progress or (lambda line: None)
    look_at_held(root, place, say)
    catchments = load_catchments(root)
    made = [
        _profile(root, census, catchments, entries, place, known[CODES], records, say)
        for census, entries in present.items()
        if entries
    ]
    if database:
        made.append(_facilities(root, known[ODHF], place, records, say))
    workshop = Path(tempfile.mkdtemp(prefix=".compile-", dir=root / "data"))
    try:
        for dataset_made, _ in made:
            write_dataset(dataset_made, place, workshop / dataset_made.name)
        move_all([each.name for each, _ in made], workshop, root / "data" / "raw")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    for _, obtained in made:
        record_dataset(root, obtained.dataset)
    return tuple(obtained for _, obtained in made)


def _profile(
    root: Path,
    census: Census,
    catchments: Catchments,
    present: Sequence[tuple[Download, list[str]]],
    place: Path,
    codes: Download,
    records: Mapping[str, Record],
    say: Callable[[str], None],
) -> tuple[Dataset, Obtained]:
    """Read the profile of one census; return the dataset to be written, and what will have been done."""
    wanted = areas_of_sites(catchments, census)
    characteristics = load_characteristics(root)
    declared = characteristics[characteristics["layout"].isin(census.layouts)].drop_duplicates("characteristic")
    if lacking_rows := sorted(set(census.needs) - set(declared["characteristic"])):
        found, expected = f"no row {', '.join(lacking_rows)} of {census.layouts[0]}", "that row"
        remedy = "It shows which boundaries moved. Restore it with git."
        raise TableError([Problem(CHARACTERISTICS, 0, "characteristic", found, expected, remedy)])
    parts: list[Part] = []
    used: list[Download] = []
    lacking = set(wanted)
    for entry, files in present:
        if not lacking:
            break
        say(f"{entry.title}: {len(files)} file{'' if len(files) == 1 else 's'}")
        part = _read(entry, files, place, codes, lacking, root)
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
            f"Download it for the sites: lipresearch fetch {census.advised}"
        )
    origins = [file for part in parts for file in part.origins]
    about = _card(used, [records[file] for file in origins if file in records])
    made = dataset(census, declared.reset_index(drop=True), origins, about, lambda: parts)
    missing = _not_there(catchments, census, lacking)
    return made, Obtained(census.name, tuple(origins), len(wanted) - len(lacking), missing)


def _facilities(
    root: Path, entry: Download, place: Path, records: Mapping[str, Record], say: Callable[[str], None]
) -> tuple[Dataset, Obtained]:
    """Read the open database of health facilities; say how it is beside the facilities that ``data/raw`` has."""
    path = place / entry.file
    origin = (path.stat().st_size, sha256_of(path))
    _check_records({entry.file: origin}, records, place)
    with unpacked(path) as table:
        sources = Sources(table.parent)
        listed = read_odhf(sources, table.name)
    if sources.problems:
        raise TableError(sources.problems)
    held = read_raw(root, HEALTH_FACILITIES_ODHF.name, "facilities").values.set_index("facility")
    others = []
    for number, row in held.iterrows():
        theirs = listed.get(str(number))
        if theirs is None or theirs.kind != row["kind"] or (theirs.csd and row["csd"] not in ("", theirs.csd)):
            others.append(str(number))
    where = f"data/raw/{HEALTH_FACILITIES_ODHF.name}"
    shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    say(
        f"{entry.title}: {len(listed):,} facilities. "
        + (
            f"{len(others)} of the {len(held):,} in {where} are others in it (number {shown}); it was not changed, and "
            "the project's sites keep its figures."
            if others
            else f"All {len(held):,} in {where} are the same; the project's sites keep its figures."
        )
    )
    compiled = count_facilities(listed)
    accessed = records[entry.file].date[:10] if entry.file in records else "not recorded"
    made = national_dataset(entry.file, origin, accessed, compiled)
    return made, Obtained(made.name, (entry.file,), len(compiled.rows["csd.csv"]), (), "census subdivisions")


def remove_official(root: Path) -> tuple[str, ...]:
    """Take the datasets of downloads out of ``data/raw``, files and records; return which there were."""
    gone = []
    for name in OPTIONAL:
        folder = root / "data" / "raw" / name
        there = folder.exists()
        if there:
            shutil.rmtree(folder)
        if forget_dataset(root, name) or there:
            gone.append(name)
    return tuple(gone)


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
        "accessed": days[-1] if days else "not recorded",
        "url": used[0].page,
        "licence": used[0].licence,
        "attribution": used[0].attribution,
    }


def _not_there(catchments: Catchments, census: Census, lacking: set[str]) -> tuple[str, ...]:
    """Return the declared areas without figures, as people call them."""
    rows = catchments.declared[catchments.declared["level"].isin(LEVELS)].sort_values(["level", "area"])
    names = {f"{row.name} ({row.area})": _named(census, row.level, row.area) for row in rows.itertuples(index=False)}
    return tuple(name for name, area in names.items() if area in lacking)
