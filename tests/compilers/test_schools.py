"""Schools of two years, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import schools


def test_schools(root: Path) -> None:
    earlier, later = rows(root, "schools_2018/schools.csv"), rows(root, "schools_2023/schools.csv")
    assert {school: (row["csd"], row["hood140"]) for school, row in earlier.items()} == {
        "000001": ("3520005", "2"),
        "000002": ("3521005", ""),
        "000003": ("3525005", ""),
        "000005": ("3521010", ""),
        "SC0004": ("", ""),
    }
    # 3 stands under Twin, Township of, but lies in the city; 5 moved there; 6 names only its upper tier.
    assert {school: row["csd"] for school, row in later.items()} == {
        "000001": "3520005",
        "000002": "3521005",
        "000003": "3525005",
        "000005": "3525005",
        "000006": "3521010",
    }
    assert set(list(earlier["000002"].values())[5:]) == {"suppressed"}
    assert set(list(earlier["SC0004"].values())[5:]) == {"not published"}
    assert (later["000001"]["enrolment"], later["000001"]["new_from_non_english"]) == ("260", "20")
    assert "2 from the same school in 2018-19" in defects(root, "schools_2023")
    assert "Of the 1 schools without a code 0 publish an enrolment." in defects(root, "schools_2018")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            schools.SCHOOLS_2018,
            "Secondary,French",
            "Secondary,Anglais",
            r"School Language: found 'Anglais', expected English or French",
        ),
        (schools.SCHOOLS_2018, "Secondary", "Tertiary", r"School Level: found 'Tertiary', expected Elementary or"),
        (schools.SCHOOLS_2018, ",250,", ",about 250,", r"Enrolment: found 'about 250', expected a number or a known"),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message)
