"""The census profile of a user's download as a dataset."""

from __future__ import annotations

import pandas as pd

from lipresearch.compile import DATASETS, OPTIONAL
from lipresearch.compilers.census_profile import CENSUSES, Part, area_table, compiled, figure_column, languages
from lipresearch.compilers.health import FACILITIES_CANADA
from lipresearch.downloads import load_downloads
from lipresearch.evidence import PROFILE, PROFILE_2016
from lipresearch.official import Found, load_characteristics
from lipresearch.paths import project_root
from tests import profiles

ROOT = project_root()


def test_the_datasets_are_optional() -> None:
    assert [census.name for census in CENSUSES.values()] == [PROFILE, PROFILE_2016]
    assert OPTIONAL == (PROFILE, PROFILE_2016, FACILITIES_CANADA)
    assert not set(OPTIONAL) & set(DATASETS)


def test_every_census_is_declared_with_what_it_needs() -> None:
    known, layouts = load_downloads(ROOT), set(load_characteristics(ROOT)["layout"])
    for year, census in CENSUSES.items():
        assert (census.year, census.short) == (year, f"Census Profile {year}")
        assert {known[name].vintage for name in census.downloads} == {year}
        assert set(census.layouts) <= layouts


def test_the_single_languages_are_those_of_published_profiles() -> None:
    table = load_characteristics(ROOT)
    for layout, year, dataset in (
        ("profile-2021", "2021", "toronto_neighbourhoods_2021"),
        ("web-2021", "2021", "toronto_neighbourhoods_2021"),
        ("profile-2016", "2016", "hamilton_2016"),
    ):
        found = languages(table[table["layout"] == layout], CENSUSES[year].indigenous)
        listed = profiles.table(ROOT / f"data/raw/{dataset}/languages.csv")
        assert {name: group for name, (_, group) in found.items()} == {
            f"mother_tongue_{row['language']}": row["group"] for row in listed
        }


def part(rows: list[tuple[str, str, str, float, str]], file: str) -> Part:
    """Return what was taken of a file: (code, name, characteristic, value, reason) of census divisions."""
    table = pd.DataFrame(
        [
            {
                **{"area": f"2021A0003{code}", "level": "cd", "code": code, "name": name, "characteristic": what},
                **{"value": value, "reason": reason, "symbol": "", "caution": what == "b", "quality": "00000"},
            }
            for code, name, what, value, reason in rows
        ]
    )
    found = Found(table, pd.DataFrame(), "profile-2021", {file: (1, "0" * 64)}, True)
    return Part(found, {file: (1, "0" * 64)})


def test_the_first_file_that_has_an_area_gives_all_of_its_figures() -> None:
    declared = load_characteristics(ROOT)
    declared = declared[declared["layout"] == "profile-2021"].iloc[:2].assign(characteristic=["a", "b"])
    first = part([("3540", "Huron", "a", 1.0, "")], "one.csv")
    second = part([("3540", "Huron", "a", 9.0, ""), ("3521", "Peel", "a", 3.0, "")], "two.csv")
    made = compiled(declared, [first, second], CENSUSES["2021"])
    assert sorted(made.rows["cd.csv"]) == [
        ("3521", "Peel", "00000", "3", "not published"),
        ("3540", "Huron", "00000", "1", "not published"),
    ]
    assert made.rows["csd.csv"] == []
    assert "The files hold no figure of: b." in made.defects


def test_a_column_is_described_as_it_is_declared() -> None:
    declared = load_characteristics(ROOT)
    row = declared[(declared["layout"] == "profile-2021") & (declared["characteristic"] == "immigrants")].iloc[0]
    column = figure_column(row)
    assert (column.name, column.kind, column.unit, column.missing) == ("immigrants", "count", "persons", True)
    assert column.additive == (row["additive"] == "yes")
    assert [one.name for one in area_table("csd", declared.iloc[:0], CENSUSES["2021"]).columns] == [
        "csd",
        "name",
        "quality",
    ]
