"""The build: the same bytes from anywhere, nothing done twice, nothing used that was touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lipresearch import build as building
from lipresearch.build import MANIFEST, MEASURES_FILE, build, is_fresh, load_site_measures, load_site_types
from lipresearch.errors import DataChangedError, InputError, NotFoundError, StaleError, TableError
from lipresearch.paths import project_root
from lipresearch.registry import sha256_of

ROOT = project_root()


def content(root: Path) -> dict[str, str]:
    folder = root / "data" / "derived"
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in folder.rglob("*") if path.is_file()}


def test_the_stored_files_are_what_the_build_makes_anywhere(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = content(ROOT)
    shutil.rmtree(project_copy / "data" / "derived")
    monkeypatch.chdir(project_copy.parent)
    steps: list[str] = []
    done = build(project_copy, progress=steps.append)
    assert done.fresh
    assert len(steps) > 10
    assert content(project_copy) == stored
    assert set(done.files) == {f"data/derived/{name}" for name in stored if name != "manifest.json"}
    # Again, where locale, time zone and hash seed are others: nothing changes.
    environment = {
        **os.environ,
        "LIPRESEARCH_PROJECT": str(project_copy),
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Chatham",
        "LC_ALL": "C",
        "PYTHONPATH": str(Path(building.__file__).resolve().parent.parent),
    }
    again = subprocess.run(
        [sys.executable, "-m", "lipresearch.cli", "build", "--force"],
        check=True,
        capture_output=True,
        env=environment,
        cwd="/",
        text=True,
    )
    assert again.stdout.startswith(f"Built {len(stored) - 1} files in data/derived; 0 differ from before.")
    assert content(project_copy) == stored


def test_a_second_build_does_nothing(project_copy: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (project_copy / "data" / "derived").rglob("*.csv")}
    steps: list[str] = []
    done = build(project_copy, progress=steps.append)
    assert (done.fresh, done.changed, steps) == (False, (), [])
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_one_changed_digit_in_raw_stops_everything(project_copy: Path) -> None:
    path = project_copy / "data" / "raw" / "population_2021" / "cd.csv"
    expected = sha256_of(path)
    text = path.read_text(encoding="utf-8")
    assert "1451022" in text
    path.write_text(text.replace("1451022", "1451023"), encoding="utf-8")
    found = sha256_of(path)
    message = rf"data/raw/population_2021/cd.csv\n    expected sha256 {expected}\n    found    sha256 {found}"
    for call in (build, load_site_measures, load_site_types):
        with pytest.raises(DataChangedError, match=message):
            call(project_copy)


@pytest.mark.usefixtures("measured_before")
def test_a_failed_build_leaves_the_old_files(project_copy: Path) -> None:
    before = content(project_copy)
    path = project_copy / "data" / "design" / "criteria.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",linear,", ",cubic,", 1), encoding="utf-8")
    with pytest.raises(TableError, match=r"found 'cubic', expected one of linear, log"):
        build(project_copy)
    assert content(project_copy) == before
    assert not list((project_copy / "data").glob(".building-*"))


def test_stale_measures_are_not_used(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "catchments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("huron,cd,3540", "huron,cd,3541"), encoding="utf-8")
    assert not is_fresh(project_copy)
    with pytest.raises(
        StaleError, match=r"data/design/catchments.csv was changed.\nRun `lipresearch build`, then repeat"
    ):
        load_site_measures(project_copy)
    build(project_copy)
    measures = load_site_measures(project_copy).set_index(["site", "measure"])["value"]
    assert measures["huron", "population_2021"] == 73_396  # Bruce County, 2021


def test_every_table_is_checked_before_anything_is_measured(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A torn row is put into all tables; those that are named are mended, until every table was."""
    monkeypatch.setattr(building, "compute_measures", None)
    paths = {f"data/design/{path.name}": path for path in (project_copy / "data" / "design").glob("*.csv")}
    whole = {name: path.read_text(encoding="utf-8") for name, path in paths.items()}
    for path in paths.values():
        path.write_text(path.read_text(encoding="utf-8") + "torn\n", encoding="utf-8")
    torn = set(paths)
    while torn:
        with pytest.raises(TableError) as caught:
            build(project_copy)
        named = torn & {problem.file for problem in caught.value.problems}
        assert named, f"not read by the check: {', '.join(sorted(torn))}"
        for name in named:
            paths[name].write_text(whole[name], encoding="utf-8")
        torn -= named


def test_problems_of_several_tables_come_at_once(project_copy: Path) -> None:
    for name, line in (("precision", "population_2021,"), ("borders", "huron,"), ("partners", "health,")):
        path = project_copy / "data" / "design" / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").split("\n")
        path.write_text("\n".join(row for row in lines if not row.startswith(line)), encoding="utf-8")
    with pytest.raises(TableError, match=r"^3 problems in the tables") as caught:
        build(project_copy)
    assert [(problem.file, problem.found) for problem in caught.value.problems] == [
        ("data/design/borders.csv", "no row huron"),
        ("data/design/precision.csv", "no row for population_2021"),
        ("data/design/partners.csv", "no row for health"),
    ]


def test_what_only_rankings_read_asks_for_no_new_measures(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project_copy / "data" / "design" / "criteria.csv"
    text = path.read_text(encoding="utf-8")
    monkeypatch.setattr(building, "compute_measures", None)  # would fail if it were called
    path.write_text(text.replace("immigrants_2006_share,higher,0,50", "immigrants_2006_share,higher,0,40"), "utf-8")
    changed = build(project_copy).changed
    assert changed
    assert all(name.startswith("data/derived/rankings/") for name in changed)
    with pytest.raises(TypeError, match=r"'NoneType' object is not callable"):
        build(project_copy, force=True)


def test_changed_weights_need_no_new_measures(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "perspectives.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Balanced", "Even-handed"), encoding="utf-8")
    assert len(load_site_measures(project_copy)) > 1000
    assert not is_fresh(project_copy)


@pytest.mark.usefixtures("measured_before")
def test_an_edited_result_is_not_used(project_copy: Path) -> None:
    path = project_copy / MEASURES_FILE
    path.write_text(path.read_text(encoding="utf-8").replace("1451022", "1451023"), encoding="utf-8")
    with pytest.raises(StaleError, match=r"data/derived/site_measures.csv is not the file that was made"):
        load_site_measures(project_copy)
    assert build(project_copy).changed == (MEASURES_FILE,)


def test_code_that_changed_makes_measures_stale(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "code_hash", lambda: "other")
    with pytest.raises(StaleError, match=r"the code that computes them was changed"):
        load_site_measures(project_copy)


@pytest.mark.usefixtures("measured_before")
@pytest.mark.parametrize("broken", ["", "{", "[]", '{"inputs": {}}'])
def test_a_damaged_manifest_is_no_manifest(project_copy: Path, broken: str) -> None:
    (project_copy / MANIFEST).write_text(broken, encoding="utf-8")
    with pytest.raises(
        NotFoundError, match=r"data/derived has not been made yet. Run `lipresearch build`, then repeat"
    ):
        load_site_measures(project_copy)
    build(project_copy)
    assert content(project_copy) == content(ROOT)


@pytest.mark.usefixtures("measured_before")
def test_a_file_that_does_not_belong_is_removed(project_copy: Path) -> None:
    stray = project_copy / "data" / "derived" / "rankings" / "old.csv"
    stray.write_text("rank\n", encoding="utf-8")
    assert build(project_copy).changed == ("data/derived/rankings/old.csv",)
    assert not stray.exists()


def test_every_site_needs_its_row_in_the_site_tables(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "borders.csv"
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith("huron,")]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(
        TableError, match=r"borders.csv, column site: found no row huron, expected one row a site. Add the row"
    ):
        build(project_copy)


def test_an_unknown_site_names_near_ones() -> None:
    with pytest.raises(InputError, match=r"There is no site 'London'. Did you mean london-middlesex\?"):
        building.site_measures_of(ROOT, "London")
    with pytest.raises(InputError, match=r"There is no site 'Paris'. See `lipresearch sites`"):
        building.site_measures_of(ROOT, "Paris")


def test_the_manifest_names_every_input_and_output() -> None:
    manifest = json.loads((ROOT / MANIFEST).read_text(encoding="utf-8"))
    assert set(manifest["inputs"]["design"]) == {
        f"data/design/{path.name}" for path in (ROOT / "data/design").glob("*.csv")
    }
    assert set(manifest["outputs"]) == {
        name for name in (f"data/derived/{path}" for path in content(ROOT)) if name != MANIFEST
    }
    assert is_fresh(ROOT)


def test_data_stay_small() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "data").rglob("*") if path.is_file()) < 10_000_000
