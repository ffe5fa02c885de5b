"""Single census figures, on a small file as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import facts


def test_facts(root: Path) -> None:
    found = rows(root, "census_facts/facts.csv")
    assert {fact: (row["level"], row["code"], row["value"]) for fact, row in found.items()} == {
        "f0008": ("csd", "3521005", "1230"),
        "f0009": ("cma", "575", "27.5"),
        "f0010": ("cma_part", "35505", "150"),
    }
    said = defects(root, "census_facts")
    assert "7 in a dataset of their own; 1 met only on a copy of the page; 1 of joint or older areas; 1 without" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            facts.FACTS,
            "4806016,2006,immigrants",
            "4806017,2006,immigrants",
            r"for 4806016 only name, non-immigrants, expected",
        ),
        (facts.FACTS, "CA,575", "CA,57", r"geo_code: found CA 57, expected a code that fits its level"),
        (facts.FACTS, "3521005,2011", "3521005,2001", r"census_year: found 2001 count, expected 2006, 2011"),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message)
