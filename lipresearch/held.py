"""Downloads that ``data/raw`` holds already: compared with it where that can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lipresearch.compilers.base import Loose
from lipresearch.compilers.statcan_2021 import compile_population
from lipresearch.downloads import load_downloads
from lipresearch.errors import TableError
from lipresearch.official.files import unpacked
from lipresearch.registry import sha256_of
from lipresearch.sources import read_source
from lipresearch.tables import read_records

POPULATION, POPULATION_DATASET = "table-98-10-0002", "population_2021"

#: Downloads whose figures were compiled from a copy, and the dataset that holds them.
HELD: Mapping[str, str] = {
    POPULATION: POPULATION_DATASET,
    "ontario-health-locations": "health_services",
    "toronto-neighbourhoods-2021": "toronto_neighbourhoods_2021",
    "toronto-neighbourhoods-2016": "toronto_neighbourhoods_2016",
}


def held_files(root: Path, folder: Path) -> dict[str, Path]:
    """Return the downloads of ``HELD`` that lie in a folder: {name: file}."""
    known = load_downloads(root)
    return {name: path for name in HELD if name in known and (path := folder / known[name].file).is_file()}


def look_at_held(root: Path, folder: Path, say: Callable[[str], None]) -> None:
    """Say of each download that lies in a folder and that ``data/raw`` holds already, what it is beside it.

    Nothing is written. Table 98-10-0002 is compiled as the copy was, and compared figure by figure.

    Raises
    ------
    TableError
        If table 98-10-0002 is not laid out as expected.
    """
    for name, path in held_files(root, folder).items():
        say(f"{name}: {_compared(root, path) if name == POPULATION else _recognised(root, HELD[name], path)}")


def _recognised(root: Path, dataset: str, path: Path) -> str:
    card = read_source(root, dataset)
    digest = sha256_of(path)
    if any(origin["sha256"] == digest for origin in card.origins):
        return f"the very file that data/raw/{dataset} was compiled from, at grade {card.grade}; nothing to gain."
    return (
        f"already in data/raw/{dataset} at grade {card.grade}, vintage {card.vintage}; nothing to gain. This file is "
        "another edition than the copy that was compiled, and was not read."
    )


def _compared(root: Path, path: Path) -> str:
    """Return what comes of comparing table 98-10-0002 with ``data/raw/population_2021``, which keeps a part of it."""
    where = f"data/raw/{POPULATION_DATASET}"
    with unpacked(path) as table:
        sources = Loose(table.parent)
        compiled = compile_population(sources, table.name)
    if sources.problems:
        raise TableError(sources.problems)
    areas, differing = 0, []
    for file, rows in compiled.rows.items():
        header, records = read_records(root / where / file, f"{where}/{file}")
        held = {cells[0]: cells for _, cells in records}
        theirs = {row[0]: list(row) for row in rows}
        areas += len(held)
        for code, one in sorted(held.items()):
            other = theirs.get(code, [])
            columns = [column for column, a, b in zip(header, one, other, strict=False) if a != b]
            if columns or not other:
                differing.append(f"{file.removesuffix('.csv')} {code} ({', '.join(columns) or 'not in the file'})")
    if not differing:
        grade = read_source(root, POPULATION_DATASET).grade
        return f"every figure of the {areas:,} areas of {where} is the same in it, at grade {grade}; nothing to gain."
    shown = ", ".join(differing[:5]) + (f" and {len(differing) - 5} more" if len(differing) > 5 else "")
    return (
        f"{len(differing)} areas differ from {where}: {shown}. {where} was not changed; to take the newer figures, put "
        "the table in the place of the copy and run lipresearch compile --sources FOLDER."
    )
