"""Birthplaces and landings, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, records, refused
from lipresearch.compilers import newcomers


def test_birthplaces_are_countries_of_the_whole_period_only(root: Path) -> None:
    births = records(root, "immigrants_cma_2016/birthplaces.csv")
    ottawa = {row["place"]: row["immigrants"] for row in births if row["cma"] == "505"}
    assert ottawa == {"GB": "255", "CN": "40"}
    table = {row["cma"]: row for row in records(root, "immigrants_cma_2016/immigrants.csv")}
    assert len(table) == 21
    assert table["505"]["whole"] == "no"
    assert {row["whole"] for code, row in table.items() if code != "505"} == {"yes"}
    barrie = table["568"]
    assert [barrie[name] for name in ("immigrants", "before_1980", "from_2011_to_2016")] == ["100", "20", "30"]
    assert [barrie[name] for name in ("workers", "refugees", "other_categories", "category_not_asked")] == [
        "30",
        "10",
        "10",
        "20",
    ]


def test_landings_of_the_ontario_part_and_without_the_rest_of_a_province(root: Path) -> None:
    table = {row["cma"]: row for row in records(root, "landings_2014/cma.csv")}
    assert sorted(table) == ["001", "205", "505", "537", "825"]
    assert (table["505"]["whole"], table["505"]["landings_2005"], table["505"]["landings_2014"]) == (
        "no",
        "1200",
        "1209",
    )
    assert "Other Nova Scotia, Other Ontario, Red Deer." in defects(root, "landings_2014")


@pytest.mark.parametrize(
    ("dataset", "file", "old", "new", "message"),
    [
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,TOTAL,100,",
            "total,568,,TOTAL,200,",
            "periods of 568 add to 100, expected 200, but for rounding",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,CN,40,",
            "total,568,,CN,90,",
            "birthplaces of 568 add to 145, expected 95, but for rounding",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,CN,40,",
            "total,568,,GB,40,",
            "column place_of_birth_code: found GB of 568 again, expected each once in an area",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "2006_2010,568,,TOTAL",
            "2006_2011,568,,TOTAL",
            "column period_of_immigration: found '2006_2011', expected total or one of before_1980",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,OUTSIDE,",
            "total,568,,OUTSIDES,",
            "no totals of 568, expected the total and every period of each metropolitan area",
        ),
        (
            "landings_2014",
            newcomers.LANDINGS,
            "Hamilton,40,",
            "Hamilton,41,",
            "found Ontario: .* expected the sum of its areas",
        ),
        (
            "landings_2014",
            newcomers.LANDINGS,
            "Urban Area,2005,",
            "Urban Area,2004,",
            "expected the years 2005 to 2014",
        ),
        (
            "landings_2014",
            newcomers.LANDINGS,
            "Total Alberta",
            "Sum Alberta",
            "found totals of Newfoundland and Labrador, Nova Scotia, Ontario, expected a total for each of",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, dataset: str, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message, [dataset])
