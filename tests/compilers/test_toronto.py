"""Places of worship and safety, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, records, refused
from lipresearch.compilers import toronto


def test_places_of_worship_are_counts_without_repeats(root: Path) -> None:
    table = {row["hood140"]: row for row in records(root, "toronto_worship_2006/hood140.csv")}
    assert sorted(table) == ["1", "2", "3"]
    assert {name: cell for name, cell in table["2"].items() if cell != "0"} == {
        "hood140": "2",
        "catholic": "1",
        "christian": "1",
        "muslim": "1",
    }
    said = defects(root, "toronto_worship_2006")
    assert "4 places are counted; 1 repeats of a name at an address are left out; 1 could not be placed" in said
    text = (root / "data" / "raw" / "toronto_worship_2006" / "hood140.csv").read_text(encoding="utf-8")
    assert "Church" not in text
    assert "Secret" not in text


def test_safety_of_two_years(root: Path) -> None:
    table = {row["hood140"]: list(row.values())[1:] for row in records(root, "toronto_safety/hood140.csv")}
    assert table["1"] == ["1", "2", "3", "4", "5", "6", "7", "8", "2", "2", "3", "4", "5", "6", "7", "8"]
    assert table["2"][8] == "9"
    assert "Assaults: 11 in 2008 and 11 in 2011" in defects(root, "toronto_safety")


@pytest.mark.parametrize(
    ("dataset", "file", "old", "new", "message"),
    [
        (
            "toronto_worship_2006",
            toronto.WORSHIP,
            ",Hindu,",
            ",Druid,",
            "column TYPE: found 'Druid', expected one of Bahai, Buddhist",
        ),
        (
            "toronto_safety",
            toronto.SAFETY["2011"],
            ",37,",
            ",38,",
            "column Total Major Crime Incidents: found 38, expected the sum of the eight kinds, 37",
        ),
        (
            "toronto_safety",
            toronto.SAFETY["2011"],
            "Beta,2",
            "Beta,3",
            "found other neighbourhoods than in 2008, expected the same ones in both years",
        ),
        (
            "toronto_safety",
            toronto.SAFETY["2008"],
            "Beta,2",
            "Beta,1",
            "column Neighbourhood Id: found '1', expected each once",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, dataset: str, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message, [dataset])
