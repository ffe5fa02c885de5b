"""Lists of measures to compare by, and sites from outside the rosters (mistakes in those: test_matching.py)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lipresearch.errors import NotFoundError, TableError
from lipresearch.matching_tables import load_matching_measures, load_outside
from lipresearch.paths import project_root

ROOT = project_root()
HEADER = "site,name,measure,value,unit,vintage,source\n"
GOOD = (
    "oslo,Oslo,population_2021,700000,persons,2021,a register\n"
    "oslo,Oslo,remoteness_2021,not published,index from 0 to 1,,none\n"
)


def test_lists_of_measures_have_label_and_unit_of_the_measure() -> None:
    table = load_matching_measures(ROOT)
    assert set(table["profile"]) >= {"general", "wider"}
    general = load_matching_measures(ROOT, "general")
    assert list(general.index) == list(range(len(general)))
    assert general["measure"].tolist() == table.loc[table["profile"] == "general", "measure"].tolist()
    assert general.set_index("measure").loc["population_2021", "unit"] == "persons"
    with pytest.raises(NotFoundError, match=r"There is no list of measures 'special' in .*\. There are: general"):
        load_matching_measures(ROOT, "special")


def test_an_unknown_measure_of_a_list_is_named(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "matching_measures.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("population_2021", "population_2121", 1), encoding="utf-8")
    with pytest.raises(TableError, match=r"column measure: found 'population_2121', .*Declare the measure in measures"):
        load_matching_measures(project_copy)


def test_a_measure_without_a_row_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8")
    table = load_outside(ROOT, path, ["population_2021", "remoteness_2021", "land_area"]).set_index("measure")
    assert table.loc["population_2021", ["value", "reason"]].tolist() == [700000.0, ""]
    assert math.isnan(table.loc["remoteness_2021", "value"])
    assert table["reason"].tolist()[1:] == ["not published", "not supplied"]
    assert table["name"].tolist() == ["Oslo"] * 3
