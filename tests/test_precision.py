"""How precise each measure is: every criterion has a row, and a mistake in the table is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lipresearch.errors import TableError
from lipresearch.paths import project_root
from lipresearch.precision import load_precision


def test_the_table_of_precision_covers_every_criterion() -> None:
    table = load_precision(project_root())
    assert (table["rationale"].str.len() > 10).all()
    assert table.loc[table["kind"] == "sample", "fraction"].isin([0.2, 0.25]).all()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(project_root() / "data" / "design", tmp_path / "data" / "design")
    return tmp_path


def edit(project: Path, old: str, new: str) -> None:
    path = project / "data" / "design" / "precision.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("universities,count", "university,count", "university"),
        ("universities,count", "colleges_2,count", "no row for universities"),
        ("universities,count", "universities,guess", "guess"),
        ("0.2,population_2021,1,100", "0.2,,1,100", "only some"),
        ("0.2,population_2021,1,100", "0,population_2021,1,100", "only some"),
        ("0.2,population_2021,1,100", "0.2,population_2021,0,100", "only some"),
        ("0.2,population_2021,1,100", ",,,", "only some"),
        ("0.2,population_2021,1,100", "0.2,people,1,100", "people"),
        ("0.2,population_2021,1,100", "1.2,population_2021,1,100", "1.2"),
        ("0.2,population_2021,1,100", "0.2,population_2021,1,0.5", "0.5"),
        ("population_2021,full count,,,,,0", "population_2021,full count,,,,,-1", "-1"),
    ],
)
def test_a_mistake_in_the_table_of_precision_is_named(project: Path, old: str, new: str, message: str) -> None:
    edit(project, old, new)
    with pytest.raises(TableError) as found:
        load_precision(project)
    assert "data/design/precision.csv" in str(found.value)
    assert message in str(found.value)
