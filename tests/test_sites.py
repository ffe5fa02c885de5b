"""Sites and rosters: what the shipped ones hold, and every rule broken once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipresearch.errors import NotFoundError, TableError
from lipresearch.paths import project_root
from lipresearch.sites import (
    DEFAULT_ROSTER,
    LEAD_KINDS,
    load_roster,
    load_rosters,
    load_site_notes,
    load_sites,
    unknown_ids,
)

ROOT = project_root()


def test_the_shipped_rosters_and_sites() -> None:
    assert len(load_roster(ROOT).sites) == 38
    assert len(load_rosters(ROOT)["toronto-neighbourhoods-2009"].sites) == 14
    sites = load_sites(ROOT)
    assert sites["lead_kind"].isin(LEAD_KINDS).all()
    assert (sites["lead"] != "").all()
    assert {"halifax", "st-johns", "toronto-north", "kingston", "grand-erie"} <= set(load_site_notes(ROOT)["site"])


def test_a_site_is_on_a_roster_and_a_roster_lists_sites_once() -> None:
    rosters = load_rosters(ROOT)
    assert load_roster(ROOT) == rosters[DEFAULT_ROSTER]
    sites = load_sites(ROOT)
    assert sites.index.is_monotonic_increasing
    assert set(sites.index) == {site for roster in rosters.values() for site in roster.sites}
    for roster in rosters.values():
        assert list(roster.sites) == sorted(set(roster.sites))


def add(root: Path, table: str, line: str) -> None:
    path = root / "data" / "design" / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "line", "load", "message"),
    [
        (
            "roster_sites",
            "lips-2012,atlantis",
            load_sites,
            r"roster_sites\.csv, row \d+, column site: found 'atlantis', expected a known id\. Add the site to sites",
        ),
        (
            "site_notes",
            "atlantis,name,A note,000",
            load_sites,
            r"site_notes\.csv, row \d+, column site: found 'atlantis', expected a known id\. Add the site to sites",
        ),
        (
            "roster_sites",
            "lips-2030,peel",
            load_rosters,
            r"roster_sites\.csv, row \d+, column roster: found 'lips-2030', expected a known id\. Add the roster to ro",
        ),
        (
            "rosters",
            "lips-2030,Label,,What it lists,",
            load_rosters,
            r"rosters\.csv, column roster: found lips-2030 without sites, expected at least one site",
        ),
        ("roster_sites", "lips-2012,peel", load_sites, r"roster_sites\.csv, row \d+, .*: found again lips-2012, peel"),
    ],
)
def test_a_broken_table_is_named(project_copy: Path, table: str, line: str, load, message: str) -> None:
    add(project_copy, table, line)
    with pytest.raises(TableError, match=message):
        load(project_copy)


def test_unknown_sites_of_two_tables_come_together(project_copy: Path) -> None:
    add(project_copy, "roster_sites", "lips-2012,atlantis")
    add(project_copy, "site_notes", "lemuria,name,A note,000")
    with pytest.raises(TableError) as caught:
        load_sites(project_copy)
    assert [(problem.file.split("/")[-1], problem.found) for problem in caught.value.problems] == [
        ("roster_sites.csv", "'atlantis'"),
        ("site_notes.csv", "'lemuria'"),
    ]


def test_an_unknown_roster_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"no roster 'all'. There are: lips-2012, toronto-neighbourhoods-2009"):
        load_roster(ROOT, "all")


def test_a_cell_that_may_be_empty_is_no_unknown_id() -> None:
    frame = load_sites(ROOT).reset_index().iloc[:2].assign(site=["", "atlantis"])
    assert [problem.row for problem in unknown_ids(frame, "site", {"peel"}, "a.csv", "")] == [3]
