"""Immigrants of 2006 and estimates of 2016, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import statcan_earlier


def test_immigrants_2006(root: Path) -> None:
    csd = rows(root, "immigrants_2006/csd.csv")
    figures = {code: (row["immigrants"], row["non_immigrants"]) for code, row in csd.items()}
    assert figures == {
        "1001519": ("40", "900"),
        "1209034": ("270", "3400"),
        "3520005": ("2500", "4000"),
        "3548019": ("0", "150"),
        "3560046": ("suppressed", "suppressed"),
        "4806016": ("2400", "7300"),
    }
    said = defects(root, "immigrants_2006")
    assert "2 of 5 census subdivisions of Ontario have no sure code" in said
    assert "1 of them are suppressed reserves, the other 1 (Uncoded (Township)) hold 10 immigrants" in said
    assert list(rows(root, "immigrants_2006/population_2006.csv")) == ["3520"]
    assert rows(root, "immigrants_2006/province.csv")["35"]["immigrants"] == "3000"


def test_first_generation(root: Path) -> None:
    row = rows(root, "first_generation_2016/cd.csv")["3520"]
    assert (row["population_2016_estimated"], row["pop_ratio"], row["first_generation_percent"]) == (
        "7950",
        "0.994",
        "51.1",
    )
    assert "outside 0.9 to 1.1: Lanark." in defects(root, "first_generation_2016")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (statcan_earlier.ESTIMATE, "0.857", "odd", r"pop_ratio: found 'odd', expected a number"),
        (statcan_earlier.IMMIGRANTS, ",CD,", ",CT,", r"level: found 'CT', expected PR, CD or CSD"),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message)
