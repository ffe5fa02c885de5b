"""The table of characteristics: every row is sound, and a wrong one is named."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lipresearch.errors import TableError
from lipresearch.official import TITLES, load_characteristics
from lipresearch.official.characteristics import FILE
from tests.official_files import project, table_text

ROOT = Path(__file__).resolve().parents[2]


def test_the_declared_characteristics_are_sound() -> None:
    table = load_characteristics(ROOT)
    assert set(table["layout"]) == set(TITLES)
    bulk = table[table["layout"] == "profile-2021"].set_index("id")["label"]
    assert bulk["393"].startswith("Total - Mother tongue")
    assert bulk["1529"] == "Immigrants"
    assert bulk["1536"] == "2016 to 2021"
    single = table[table["layout"].eq("profile-2021") & table["id"].ne("")]["id"].astype(int)
    assert set(range(393, 724)) <= set(single), "a mother tongue is not declared"
    # The web data service numbers differently; a number is declared only where documentation gives it.
    served = table[table["layout"] == "web-2021"].set_index("characteristic")["id"]
    assert served["mother_tongue_total"] == "379"
    assert served["immigrants"] == ""
    assert not table["note"].str.contains("/").any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[1].__setitem__(0, "again"), None),
        (lambda rows: rows.append(rows[1]), r"row 4, column characteristic, layout: found again a, profile-2021"),
        (
            lambda rows: rows[1].__setitem__(1, "2016"),
            r"row 2, column vintage: found 2016, expected 2021\. profile-2021 is of 2021\.",
        ),
        (
            lambda rows: rows[1].__setitem__(8, "per cent"),
            r"row 2, column additive: found yes for per cent, expected no\. Only counts",
        ),
        (
            lambda rows: rows[2].__setitem__(3, "1"),
            r"row 3, column id: found '1', expected another id than a \(row 2\)\. Remove one",
        ),
        (
            lambda rows: rows[2].__setitem__(4, "A"),
            r"row 3, column label: found 'A', expected another label than a \(row 2\)",
        ),
        (
            lambda rows: rows[1].__setitem__(2, "profile-1996"),
            r"row 2, column layout: found 'profile-1996', expected one of",
        ),
    ],
)
def test_a_wrong_row_of_the_table_is_named(tmp_path: Path, change: object, message: str | None) -> None:
    project(tmp_path, ("a", "profile-2021", "1", "A", ""), ("b", "profile-2021", "2", "B", ""))
    with open(tmp_path / FILE, encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    change(rows)  # type: ignore[operator]
    (tmp_path / FILE).write_text(table_text(rows, "\n"), encoding="utf-8")
    if message is None:
        assert load_characteristics(tmp_path)["characteristic"].tolist() == ["again", "b"]
        return
    with pytest.raises(TableError, match="census_characteristics.csv, " + message):
        load_characteristics(tmp_path)
