"""Every compiler on small files in the official layouts, with the quirks that the publishers' files have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from compilers.small_files import FIXTURES, Edit
from lipresearch.compile import DATASETS, compile_sources
from lipresearch.compilers import (
    facts,
    health,
    neighbourhoods,
    schools,
    services,
    statcan_2016,
    statcan_2021,
    statcan_earlier,
)
from lipresearch.errors import InputError, NotFoundError, TableError
from lipresearch.registry import verify_raw


def test_the_fixtures_have_the_quirks_of_the_official_files() -> None:
    bom = b"\xef\xbb\xbf"
    for file in (neighbourhoods.PROFILE_2021, statcan_2016.HAMILTON, health.LOCATIONS_2019, schools.SCHOOLS_2018):
        assert (FIXTURES / file).read_bytes().startswith(bom), file
    for file in (statcan_2021.GEO_CSD, statcan_2021.GEO_SAC, health.ODHF, services.ODCAF, services.DESIGNATED):
        with pytest.raises(UnicodeDecodeError, match="can't decode byte"):
            (FIXTURES / file).read_text(encoding="utf-8")
    header = (FIXTURES / statcan_2021.POPULATION).read_text(encoding="utf-8").splitlines()[0]
    assert header.count("Symbols") == 13
    assert b"\r\n" in (FIXTURES / statcan_2016.HAMILTON).read_bytes()


def test_nothing_personal_or_quoted_is_carried(root: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "data" / "raw").rglob("*.csv")))
    for word in ("QUOTED WORDS", "Secret", "Secrète", "secret", "http://x", "M1M1M1", "L8L8L8"):
        assert word not in text


def test_the_registry_is_written_last_and_fits(root: Path) -> None:
    assert verify_raw(root).datasets == len(DATASETS)
    assert not list((root / "data").glob(".compile-*"))


def test_compiling_again_changes_no_byte(root: Path, tmp_path: Path) -> None:
    compile_sources(FIXTURES, tmp_path)
    compile_sources(FIXTURES, tmp_path)
    for path in sorted((root / "data").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / path.relative_to(root)).read_bytes(), path


def test_only_some_and_progress(tmp_path: Path) -> None:
    said: list[str] = []
    names = compile_sources(FIXTURES, tmp_path, ["remoteness_2021", "population_2021"], said.append)
    assert names == ["population_2021", "remoteness_2021"]
    assert said == [
        "[1/2] population_2021",
        "[2/2] remoteness_2021",
        "recorded in data/raw/registry.csv: 2 datasets",
    ]
    assert verify_raw(tmp_path).datasets == 2


def test_an_unknown_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No dataset is called populations, zoo\. Datasets: population_2021, "):
        compile_sources(FIXTURES, tmp_path, ["zoo", "populations"])


def test_all_missing_files_are_named_and_nothing_changes(edited: Edit, tmp_path: Path) -> None:
    folder = edited(facts.FACTS, "Westville", "Westville")
    (folder / facts.FACTS).unlink()
    (folder / statcan_2021.GEO_ER).unlink()
    project = tmp_path / "project"
    with pytest.raises(
        NotFoundError, match=r"2 published files are missing.*\n  facts/facts\.csv\n  places/geosuite2021_er"
    ):
        compile_sources(folder, project)
    assert not (project / "data").exists()


def test_problems_of_several_files_come_together_and_nothing_changes(edited: Edit, tmp_path: Path) -> None:
    project = tmp_path / "project"
    compile_sources(FIXTURES, project)
    before = {path: path.read_bytes() for path in (project / "data").rglob("*.*")}
    edited(statcan_2021.REMOTENESS, "Index_of_remoteness", "Remoteness")
    folder = edited(statcan_earlier.ESTIMATE, "51.1", "51;1")
    with pytest.raises(
        TableError,
        match=r"(?s)2 problems.*17-26-0001.*each once 'Index_of_remoteness'.*first_generation_pct_est: found '51;1'",
    ):
        compile_sources(folder, project)
    assert {path: path.read_bytes() for path in (project / "data").rglob("*.*")} == before
    assert not list((project / "data").glob(".compile-*"))


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_if_a_folder_cannot_be_moved_the_old_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    names = ["population_2021", "remoteness_2021"]
    compile_sources(FIXTURES, tmp_path, names)
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.*")}
    replace = os.replace
    calls: list[Path] = []

    def failing(source: Path, target: Path) -> None:
        if Path(source).name in names:
            calls.append(Path(source))
            if len(calls) == at:
                raise PermissionError("the folder is open elsewhere")
        replace(source, target)

    monkeypatch.setattr("lipresearch.compile.os.replace", failing)
    with pytest.raises(PermissionError, match="the folder is open elsewhere"):
        compile_sources(FIXTURES, tmp_path, names)
    assert {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.*")} == before


def test_a_repeated_area_is_refused_by_the_tables_own_check(edited: Edit, tmp_path: Path) -> None:
    folder = edited(statcan_2021.REMOTENESS, "3521005,Westville", "3520005,Westville")
    with pytest.raises(TableError, match=r"remoteness_2021/csd\.csv, row 3, column csd: found again 3520005"):
        compile_sources(folder, tmp_path / "project", ["remoteness_2021"])
