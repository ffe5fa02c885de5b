"""A practice copy: what is edited there is edited for real, and the project never sees it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lipresearch as lip
from lipresearch import build, sandbox
from lipresearch.errors import InputError, LipresearchError, NotFoundError
from lipresearch.paths import project_root
from lipresearch.registry import sha256_of


def hashes(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): sha256_of(path) for path in (root / "data").rglob("*") if path.is_file()}


@pytest.fixture
def copy() -> Path:
    return lip.notebook.sandbox()


def test_a_copy_holds_the_data_and_edits_leave_the_project_alone(copy: Path) -> None:
    before = hashes(project_root())
    assert hashes(copy) == before
    lip.notebook.add_rows(copy, "roster_sites", {"roster": "lips-2012", "site": "don-valley"})
    lip.notebook.change_rows(copy, "criteria", {"criterion": "kinds"}, best=9)
    lip.notebook.add_evidence(copy, {"site": "huron"})
    lip.notebook.add_design(copy, "mine", "sites = 3")
    assert hashes(project_root()) == before
    changed = {name for name, digest in hashes(copy).items() if before.get(name) != digest}
    assert changed == {
        "data/design/roster_sites.csv",
        "data/design/criteria.csv",
        "data/design/evidence/own.csv",
        "data/design/designs/mine.toml",
    }


def test_the_copy_goes_when_the_session_ends() -> None:
    code = "import lipresearch as lip; print(lip.notebook.sandbox())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=project_root(), timeout=120
    )
    folder = Path(done.stdout.strip())
    assert folder.name.startswith("lipresearch-practice-")
    assert not folder.exists()


def test_rows_are_added_at_the_end_and_shown_by_line(copy: Path) -> None:
    path = copy / "data" / "design" / "roster_sites.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    shown = lip.notebook.add_rows(copy, "roster_sites", {"roster": "lips-2012", "site": "a,b"}, {"site": "c"})
    assert path.read_text(encoding="utf-8").splitlines() == [*lines, 'lips-2012,"a,b"', ",c"]
    assert list(shown.columns) == [f"Row {len(lines) + 1}", f"Row {len(lines) + 2}"]
    assert shown[f"Row {len(lines) + 2}"].to_dict() == {"roster": "–", "site": "c"}


def test_rows_are_changed_where_they_hold_what_is_named(copy: Path) -> None:
    before = (copy / "data" / "design" / "criteria.csv").read_text(encoding="utf-8").splitlines()
    shown = lip.notebook.change_rows(copy, "criteria", {"cluster": "health", "criterion": "kinds"}, worst=1, best="7")
    after = (copy / "data" / "design" / "criteria.csv").read_text(encoding="utf-8").splitlines()
    (line,) = (number for number, pair in enumerate(zip(before, after, strict=True), start=1) if len(set(pair)) > 1)
    assert list(shown.columns) == [f"Row {line}"]
    assert (shown.loc["worst"].item(), shown.loc["best"].item()) == ("1", "7")
    assert after[line - 1] == before[line - 1].replace(",0,8,", ",1,7,")
    criteria = lip.load_cluster("health", root=copy).criteria
    assert (criteria.loc["kinds", "worst"], criteria.loc["kinds", "best"]) == (1, 7)


def test_a_criterion_a_perspective_and_a_design_count_without_a_build(copy: Path) -> None:
    measures = lip.load_measures(root=copy)
    stance = {"cluster": "health", "perspective": "own", "label": "Own", "label_fr": "Propre", "stance": "Practice."}
    lip.notebook.add_rows(copy, "perspectives", stance | {"default": "no", "weight_basis": "Typed."})
    own = {"cluster": "health", "perspective": "own", "direction": "higher"}
    lip.notebook.add_rows(copy, "perspective_criteria", own | {"criterion": "kinds", "weight": 1})
    ranking = lip.rank_sites(measures, lip.load_cluster("health", "own", root=copy))
    assert set(ranking.ranked["score"]) <= {number / 8 for number in range(9)}
    text = 'label = "a"\nlabel_fr = "a"\nsource = "practice"\nsites = 2\nsites_rationale = "practice"'
    lip.notebook.add_design(copy, "two", text)
    assert len(lip.choose_sites(ranking, lip.load_design("two", root=copy), root=copy).sites) == 2
    with pytest.raises(NotFoundError):
        lip.load_design("two")


def test_evidence_makes_the_stored_measures_stale_and_a_wrong_unit_stops_the_build(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"site": "hamilton", "measure": "non_permanent_2021_share", "value": 3.2, "unit": "percent", "grade": "C"}
    lip.notebook.add_evidence(copy, row | {"vintage": "2021", "source": "a test"})
    lip.notebook.attempt(lip.load_measures, root=copy)
    assert "Run `lipresearch build`, then repeat." in capsys.readouterr().out
    derived = {name: digest for name, digest in hashes(copy).items() if name.startswith("data/derived")}
    lip.notebook.attempt(lip.build_data, copy)
    said = " ".join(capsys.readouterr().out.split())
    assert "data/design/evidence/own.csv, row 2, column unit: found 'percent', expected 'per cent'." in said
    assert {name: digest for name, digest in hashes(copy).items() if name.startswith("data/derived")} == derived


def test_a_build_says_whether_there_was_anything_to_do(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(build, "_make", lambda root, work, say, force: asked.append(root))
    assert build.is_fresh(project_root()), "run `lipresearch build` first"
    assert not lip.build_data(copy).fresh
    assert asked == []
    assert lip.build_data(copy, force=True).fresh
    assert asked == [copy]


def test_an_attempt_prints_what_is_refused_in_short_lines(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(text: str, *, twice: bool) -> None:
        raise InputError(f"{text}\n  {'word ' * 40}{twice}")

    lip.notebook.attempt(refuse, "First.", twice=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "First."
    assert len(lines) > 2
    assert all(line.startswith("  word") for line in lines[1:])
    assert max(map(len, lines)) <= 100
    assert " ".join(" ".join(lines[1:]).split()) == f"{'word ' * 40}True"
    lip.notebook.attempt(len, "abc")
    assert capsys.readouterr().out == "Nothing was refused.\n"
    with pytest.raises(ZeroDivisionError):
        lip.notebook.attempt(divmod, 1, 0)


@pytest.mark.parametrize(
    "edit",
    [
        lambda root: lip.notebook.add_rows(root, "criteria", {"cluster": "health"}),
        lambda root: lip.notebook.change_rows(root, "criteria", {"cluster": "health"}, best=9),
        lambda root: lip.notebook.add_evidence(root, {"site": "huron"}),
        lambda root: lip.notebook.add_design(root, "mine", "sites = 3"),
    ],
)
def test_the_project_itself_is_refused(edit: Callable[[Path], object]) -> None:
    before = hashes(project_root())
    with pytest.raises(InputError, match=r"This folder is no practice copy, so nothing was changed. Make one with"):
        edit(project_root())
    assert hashes(project_root()) == before


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda root: sandbox.add_rows(root, "criterion", {}),
            r"no table 'criterion' in data/design. There are: area_correspondence, baseline",
        ),
        (lambda root: sandbox.add_rows(root, "../design/criteria", {}), r"There is no table '../design/criteria'"),
        (lambda root: sandbox.add_rows(root, "criteria"), r"Give at least one row: {column: cell, ...}"),
        (
            lambda root: sandbox.add_rows(root, "rosters", {"name": "a"}),
            r"The table rosters has no column 'name'. It has: roster, label, label_fr, description, description_fr\.",
        ),
        (
            lambda root: sandbox.change_rows(root, "rosters", {"roster": "none-such"}, label="a"),
            r"No row of rosters has roster none-such",
        ),
        (
            lambda root: sandbox.change_rows(root, "rosters", {"roster": "lips-2012"}, name="a"),
            r"The table rosters has no column 'name'",
        ),
        (lambda root: sandbox.add_evidence(root, {"year": 1}), r"The table evidence/own has no column 'year'"),
        (lambda root: sandbox.add_design(root, "My design", ""), r"A design is named in small letters, digits and"),
    ],
)
def test_what_cannot_be_edited_is_said(copy: Path, edit: Callable[[Path], object], message: str) -> None:
    before = hashes(copy)
    with pytest.raises(LipresearchError, match=message):
        edit(copy)
    assert hashes(copy) == before
