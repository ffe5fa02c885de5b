"""Voters, police and crime, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import civic


def test_voters_police_and_crime(root: Path) -> None:
    assert rows(root, "turnout_2015/fed2013.csv")["35001"] == {
        "fed2013": "35001",
        "name": "Alpha--Beta",
        "electors": "6000",
        "ballots": "4002",
    }
    assert list(rows(root, "turnout_2015/fed2013.csv")) == ["35001", "35002"]
    assert list(rows(root, "police_2012/cma.csv")["535"].values()) == [
        "535",
        "Toronto",
        "10023",
        "173",
        "54.9",
        "5783398",
    ]
    assert "1 metropolitan areas of the edition of 2012; 1 rows of single police" in defects(root, "police_2012")
    assert list(rows(root, "toronto_crime_2019/hood140.csv")["2"].values()) == [
        "2",
        "2000",
        "21",
        "23",
        "25",
        "27",
        "29",
        "31",
    ]


@pytest.mark.parametrize(
    ("dataset", "file", "old", "new", "message"),
    [
        (
            "turnout_2015",
            civic.VOTES,
            ",66.7",
            ",66.8",
            "column turnout_pct: found 66.8, expected ballots over electors, within rounding",
        ),
        (
            "turnout_2015",
            civic.VOTES,
            ",55.0",
            ",..",
            "column turnout_pct: found suppressed, expected ballots over electors, within rounding",
        ),
        (
            "police_2012",
            civic.POLICE,
            "cma,Toronto",
            "cma,Torono",
            "column geo: found 'Torono', expected the name of a metropolitan area",
        ),
        (
            "toronto_crime_2019",
            civic.CRIME,
            "Beta,2,2000",
            "Beta,2,many",
            "column Population: found 'many', expected a number or a known missing symbol",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, dataset: str, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message, [dataset])
