"""The project's folder is found from anywhere inside it, and never guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lipresearch import paths
from lipresearch.errors import NotFoundError
from lipresearch.paths import PROJECT_VARIABLE, is_project, project_root, relative


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROJECT_VARIABLE, raising=False)


@pytest.fixture
def no_package_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pretend that the package is installed where no project lies."""
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "elsewhere" / "lipresearch" / "paths.py"))


def make_project(folder: Path) -> Path:
    for name in ("raw", "design"):
        (folder / "data" / name).mkdir(parents=True)
    return folder.resolve()


def test_a_project_holds_both_kinds_of_tables(tmp_path: Path) -> None:
    assert not is_project(tmp_path)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    assert not is_project(tmp_path)
    (tmp_path / "data" / "design").write_text("a file, not a folder")
    assert not is_project(tmp_path)
    (tmp_path / "data" / "design").unlink()
    (tmp_path / "data" / "design").mkdir()
    assert is_project(tmp_path)


@pytest.mark.usefixtures("no_package_project")
def test_it_is_found_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_project(tmp_path / "clone")
    deep = root / "notebooks" / "mine"
    deep.mkdir(parents=True)
    assert project_root(root) == root
    assert project_root(deep) == root
    monkeypatch.chdir(deep)
    assert project_root() == root
    assert project_root(Path(".")) == root


@pytest.mark.usefixtures("no_package_project")
def test_the_nearest_project_wins(tmp_path: Path) -> None:
    outer = make_project(tmp_path / "outer")
    inner = make_project(outer / "work" / "inner")
    assert project_root(inner / "data" / "raw") == inner
    assert project_root(inner) == inner
    assert project_root(outer / "work") == outer


def test_outside_it_is_the_folder_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_project(tmp_path / "clone")
    monkeypatch.setattr(paths, "__file__", str(root / "lipresearch" / "paths.py"))
    (tmp_path / "other").mkdir()
    assert project_root(tmp_path / "other") == root


@pytest.mark.usefixtures("no_package_project")
def test_without_a_project_it_says_where_it_looked(tmp_path: Path) -> None:
    message = (
        f"No lipresearch project at {tmp_path.resolve()} or above it (looked for data/raw and data/design). "
        f"Change into a clone of the project, or set {PROJECT_VARIABLE} to its folder."
    )
    with pytest.raises(NotFoundError, match=f"^{re.escape(message)}$"):
        project_root(tmp_path)


def test_the_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, named = make_project(tmp_path / "here"), make_project(tmp_path / "named")
    monkeypatch.setenv(PROJECT_VARIABLE, str(named))
    assert project_root(here) == named
    monkeypatch.setenv(PROJECT_VARIABLE, "")
    assert project_root(here) == here


def test_the_variable_may_be_relative_or_start_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = make_project(tmp_path / "named")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(PROJECT_VARIABLE, "~/named")
    assert project_root() == named
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PROJECT_VARIABLE, "named")
    assert project_root() == named
    assert project_root().is_absolute()


def test_a_wrong_variable_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = make_project(tmp_path / "here")
    monkeypatch.setenv(PROJECT_VARIABLE, str(tmp_path / "nowhere"))
    message = (
        f"{PROJECT_VARIABLE} names {tmp_path / 'nowhere'}, which holds no data/raw and data/design. "
        "Set it to the folder of a lipresearch clone, or unset it."
    )
    with pytest.raises(NotFoundError, match=f"^{re.escape(message)}$"):
        project_root(here)


def test_messages_show_paths_from_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_project(tmp_path / "clone")
    assert relative(root / "data" / "raw" / "é.csv", root) == "data/raw/é.csv"
    assert relative(root / "data" / ".." / "data" / "raw", root) == "data/raw"
    assert relative(root, root) == "."
    assert relative(tmp_path / "out.csv", root) == (tmp_path / "out.csv").as_posix()
    monkeypatch.chdir(root)
    assert relative(Path("data/raw"), Path(".")) == "data/raw"


def test_a_neighbour_with_a_longer_name_is_outside(tmp_path: Path) -> None:
    root = make_project(tmp_path / "clone")
    assert relative(tmp_path / "clone2" / "a.csv", root) == (tmp_path / "clone2" / "a.csv").as_posix()
