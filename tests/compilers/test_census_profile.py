"""The census profile of a user's download as a dataset."""

from __future__ import annotations

import pandas as pd

from lipresearch.compile import DATASETS, OPTIONAL
from lipresearch.compilers.census_profile import NAME, Part, area_table, compiled, figure_column, languages
from lipresearch.evidence import PROFILE
from lipresearch.official import Found, load_characteristics
from lipresearch.paths import project_root
from tests import profiles

ROOT = project_root()


def test_the_dataset_is_optional() -> None:
    assert NAME == PROFILE
    assert NAME in OPTIONAL
    assert NAME not in DATASETS


def test_the_single_languages_are_those_of_torontos_own_profile() -> None:
    for layout in ("profile-2021", "web-2021"):
        table = load_characteristics(ROOT)
        found = languages(table[table["layout"] == layout])
        listed = profiles.table(ROOT / "data/raw/toronto_neighbourhoods_2021/languages.csv")
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
    made = compiled(declared, [first, second])
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
    assert [one.name for one in area_table("csd", declared.iloc[:0]).columns] == ["csd", "name", "quality"]
