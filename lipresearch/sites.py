"""Candidate study sites and the rosters that list them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from lipresearch.errors import NotFoundError, Problem, TableError
from lipresearch.paths import relative
from lipresearch.registry import sha256_of
from lipresearch.tables import Column, Schema, alike, check_file, read_table, strange_letters

#: The roster that is meant when none is named.
DEFAULT_ROSTER = "lips-2012"

LEAD_KINDS = (
    "municipal",
    "settlement agency",
    "workforce or economic development",
    "health centre",
    "college",
    "other",
    "not known",
)
EVIDENCE = ("sourced", "inferred", "unknown")

ROSTERS = Schema(
    (
        Column("roster", "id"),
        Column("label"),
        Column("label_fr", required=False),
        Column("description"),
        Column("description_fr", required=False),
    ),
    ("roster",),
)
ROSTER_SITES = Schema((Column("roster", "id"), Column("site", "id")), ("roster", "site"))
SITES = Schema(
    (
        Column("site", "id"),
        Column("name"),
        Column("name_fr"),
        Column("lip_name"),
        Column("province", "id"),
        Column("lead"),
        Column("lead_kind", "choice", choices=LEAD_KINDS),
        Column("lead_status", "choice", choices=EVIDENCE),
        Column("lead_source"),
        Column("catchment_status", "choice", choices=EVIDENCE),
        Column("catchment_source"),
        Column("note", required=False),
    ),
    ("site",),
)
SITE_NOTES = Schema(
    (
        Column("site", "id"),
        Column("topic", "choice", choices=("name", "lead", "catchment", "date", "overlap")),
        Column("note"),
        Column("source"),
    ),
    ("site", "topic", "note"),
)


@dataclass(frozen=True)
class Roster:
    """A list of candidate sites.

    Attributes
    ----------
    roster, label, description : str
        Id, name and what it lists.
    sites : tuple of str
        Site ids, sorted.
    label_fr, description_fr : str
        The same in French; empty where the table holds none.
    """

    roster: str
    label: str
    description: str
    sites: tuple[str, ...]
    label_fr: str = ""
    description_fr: str = ""


def design_path(root: Path, name: str) -> tuple[Path, str]:
    """Return the path of a design table and its name in messages."""
    path = root / "data" / "design" / f"{name}.csv"
    return path, relative(path, root)


def read_design(root: Path, name: str, schema: Schema) -> pd.DataFrame:
    """Return a table of ``data/design``, checked."""
    path, shown = design_path(root, name)
    check_file(path, shown)
    values, lines = _read(path, shown, schema, sha256_of(path))
    frame = values.copy()
    frame.attrs[_LINES] = lines
    return frame


@lru_cache(maxsize=64)
def _read(path: Path, shown: str, schema: Schema, _content: str) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Return a table and its line numbers, read once as long as the file does not change."""
    table = read_table(path, schema, shown)
    return table.values, tuple(table.lines)


_LINES = "lines in the file"


def line_of(frame: pd.DataFrame, place: int) -> int:
    """Return the line in the file of a row of a design table (counted from 0), for messages."""
    lines = frame.attrs.get(_LINES, ())
    return int(lines[place]) if place < len(lines) else place + 2


def unknown_ids(frame: pd.DataFrame, column: str, known: set[str], shown: str, remedy: str) -> list[Problem]:
    """Return a problem for each row of a design table whose id is not among the known ones."""
    return [
        Problem(shown, line_of(frame, place), column, repr(value) + strange_letters(value), "a known id", remedy)
        for place, value in enumerate(frame[column])
        if value and value not in known
    ]


def load_sites(root: Path) -> pd.DataFrame:
    """Return all sites of all rosters, one row a site, indexed by site id and sorted.

    Raises
    ------
    TableError
        If the table breaks its rules, or rosters or notes name an unknown site.
    """
    sites = read_design(root, "sites", SITES)
    known = set(sites["site"])
    problems: list[Problem] = []
    for name, schema in (("roster_sites", ROSTER_SITES), ("site_notes", SITE_NOTES)):
        table = read_design(root, name, schema)
        problems += unknown_ids(table, "site", known, f"data/design/{name}.csv", "Add the site to sites.csv.")
    first: dict[tuple[str, ...], int] = {}
    for place, name in enumerate(sites["name"]):
        line = line_of(sites, place)
        before = first.setdefault(alike((name,)), line)
        if before != line:
            expected = f"each name once (first in row {before})"
            problems.append(Problem("data/design/sites.csv", line, "name", f"again {name}", expected, "Rename one."))
    if problems:
        raise TableError(problems)
    return sites.set_index("site").sort_index()


def load_rosters(root: Path) -> dict[str, Roster]:
    """Return every roster by its id."""
    listed = read_design(root, "rosters", ROSTERS)
    members = read_design(root, "roster_sites", ROSTER_SITES)
    problems = unknown_ids(
        members, "roster", set(listed["roster"]), "data/design/roster_sites.csv", "Add the roster to rosters.csv."
    )
    empty = sorted(set(listed["roster"]) - set(members["roster"]))
    problems += [
        Problem("data/design/rosters.csv", 0, "roster", f"{name} without sites", "at least one site", "")
        for name in empty
    ]
    if problems:
        raise TableError(problems)
    return {
        row.roster: Roster(
            row.roster,
            row.label,
            row.description,
            tuple(sorted(members["site"][members["roster"] == row.roster])),
            row.label_fr,
            row.description_fr,
        )
        for row in listed.itertuples()
    }


def load_roster(root: Path, roster: str = DEFAULT_ROSTER) -> Roster:
    """Return one roster.

    Raises
    ------
    NotFoundError
        Naming the rosters there are.
    """
    rosters = load_rosters(root)
    if roster not in rosters:
        raise NotFoundError(f"There is no roster {roster!r}. There are: {', '.join(sorted(rosters))}.")
    return rosters[roster]


def load_site_notes(root: Path) -> pd.DataFrame:
    """Return what is disputed or inferred about sites: site, topic, note, source."""
    return read_design(root, "site_notes", SITE_NOTES)
