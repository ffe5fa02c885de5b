"""The reader of raw tables: cards, codebooks, reasons for missing cells, and what it refuses."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lipresearch.errors import NotFoundError, TableError
from lipresearch.paths import project_root
from lipresearch.sources import list_datasets, read_areas, read_raw, read_source, short_names
from lipresearch.sources.raw import CARD, read_codebook

ROOT = project_root()
DATASET = "a_dataset"
CODEBOOK = (
    "table,column,kind,unit,universe,label,source_column,missing,additive,note\n"
    "t.csv,cd,id,,,code,id,no,,\n"
    "t.csv,name,text,,,name,name,no,,\n"
    "t.csv,people,count,persons,everybody,people,people,yes,yes,\n"
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a project with one dataset of one table."""
    folder = tmp_path / "data" / "raw" / DATASET
    folder.mkdir(parents=True)
    lines = [f'{key} = "{DATASET if key == "dataset" else key}"' for key in CARD if key not in ("origin", "table")]
    lines = ['defects = ["one"]' if line.startswith("defects") else line for line in lines]
    lines += ["[[origin]]", 'file = "f.csv"', "[[table]]", 'file = "t.csv"', 'level = "cd"', 'key = ["cd"]']
    (folder / "SOURCE.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "columns.csv").write_text(CODEBOOK, encoding="utf-8")
    (folder / "t.csv").write_text("cd,name,people\n0101,Ålba,12\n0102,Beta,suppressed\n", encoding="utf-8")
    return tmp_path


def test_a_table_is_read_as_its_codebook_says(small: Path) -> None:
    assert list_datasets(small) == [DATASET]
    table = read_areas(small, DATASET, "t")
    assert (table.source.title, table.source.defects, table.level) == ("title", ("one",), "cd")
    assert list(table.values.index) == ["0101", "0102"]  # codes are text
    assert table.values.loc["0101"].tolist() == ["Ålba", 12.0]
    assert math.isnan(table.values.loc["0102", "people"])
    assert table.reasons["people"].tolist() == ["", "suppressed"]
    assert read_codebook(small, DATASET)["column"].tolist() == ["cd", "name", "people"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("t.csv", ",12", ",", r"row 2, column people: found an empty cell, expected"),
        ("t.csv", ",12", ",-3", r"row 2, column people: found '?-3'?, expected"),
        ("t.csv", "0102", "0101", r"row 3, column cd: found again 0101"),
        ("t.csv", "cd,name,people", "cd,name,persons", r"people"),
        ("columns.csv", ",persons,everybody,people,people,yes", ",persons,everybody,people,people,no", r"suppressed"),
        ("SOURCE.toml", 'licence = "licence"', "", r"SOURCE\.toml: found no licence, expected an entry for each"),
        (
            "SOURCE.toml",
            'title = "title"',
            "title = title",
            r"SOURCE\.toml: found .*, expected a TOML file\. Restore it with",
        ),
    ],
)
def test_what_does_not_fit_is_named(small: Path, file: str, old: str, new: str, message: str) -> None:
    path = small / "data" / "raw" / DATASET / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_raw(small, DATASET, "t")


def test_unknown_names_list_the_known_ones(small: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no dataset 'b' in data/raw\. There are: a_dataset\."):
        read_source(small, "b")
    with pytest.raises(NotFoundError, match=r"Dataset a_dataset has no table 'u'\. It has: t\."):
        read_raw(small, DATASET, "u")
    with pytest.raises(NotFoundError, match=r"There are: none\."):
        read_source(small / "nowhere", "b")


def test_short_names_are_those_of_the_cards() -> None:
    names = short_names(ROOT)
    assert list(names) == list_datasets(ROOT)
    assert names["population_2021"] == read_source(ROOT, "population_2021").short
    with pytest.raises(TypeError):
        names["population_2021"] = "other"  # type: ignore[index]
