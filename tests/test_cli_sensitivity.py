"""The commands variants, sensitivity, weights-template and group: what they print, in which width, and their errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import lipresearch as lip
from lipresearch import cli
from lipresearch.build import design_hashes

CLUSTERS = ("education", "health", "labour", "justice", "inclusion")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    shown = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0), shown.out, shown.err


@pytest.fixture
def people(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    for name, text in {
        "p1": "factor,label,points\n2.1,,100\n2.2,,50\n",
        "p2": "factor,2.1,2.2\n2.1,1,1/5\n2.2,5,1\n",
        "p3": "criterion,order\nimmigrants,1\nrecent,2\nnon-permanent,3\nlanguages,4\nkinds,5\nhospital-distance,5\n",
    }.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("command", ["variants", "sensitivity"])
def test_tables_fit_100_columns_and_say_what_to_do_next(
    command: str, cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, command, cluster)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.split("\n")) <= 100
    assert not {"nan", "<na>", "none"} & set(out.lower().split())
    assert "e-0" not in out
    assert "\nNext: lipresearch " in out


def test_variants_shows_every_method_and_perspective(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "variants", "health")
    words = " ".join(out.split())
    for text in ("TOPSIS", "PROMETHEE II", "Pairwise wins", "Where need is", "Calgary – – –", "share the last rank"):
        assert text in words
    _, out, _ = run(capsys, "variants", "health", "--missing", "left out")
    assert "Sites without a value for some criterion are left out." in " ".join(out.split())


def test_variants_in_other_forms_hold_the_numbers_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    table = lip.compare_variants(lip.load_measures(), "justice").table
    _, out, _ = run(capsys, "variants", "justice", "--format", "json")
    rows = json.loads(out)
    assert [row["vikor"] for row in rows] == table["vikor"].tolist()
    _, out, _ = run(capsys, "variants", "justice", "--format", "csv")
    listed = list(csv.DictReader(io.StringIO(out)))
    assert [int(row["spread"]) for row in listed] == table["spread"].tolist()
    _, out, _ = run(capsys, "variants", "justice", "--format", "markdown")
    assert out.count("\n| ") == 39


def test_sensitivity_tells_parts_sites_and_the_smallest_change(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "sensitivity", "health", "--top", "5")
    words = " ".join(out.split())
    for text in (
        "Kinds of health services present 25.0 %",
        "Leaving out any one site changes the order of no two others.",
        "With min-max instead of goalposts: Leaving out one site moves others in ",
        "Smallest change of weights that alters the first site",
        "Smallest change of weights that alters the first 5 sites",
        "The weights for the first row: ",
        "No weighting brings any of the other ",
    ):
        assert text in words
    parts = lip.leave_one_out(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")), top=5).table
    _, out, _ = run(capsys, "sensitivity", "health", "--top", "5", "--format", "csv")
    listed = list(csv.DictReader(io.StringIO(out)))
    assert [row["left_out"] for row in listed] == parts["left_out"].tolist()
    assert [row["enter_top"] for row in listed] == parts["enter_top"].tolist()


def test_group_shows_ranks_members_differences_and_agreement(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "group", "health", "--folder", str(people))
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.split("\n")) <= 100
    assert "nan" not in out.lower().split()
    words = " ".join(out.split())
    for text in (
        "3 participants, mean of weights",
        "Who lies how far from the group",
        "(+6.3)",
        "All rank by the same evidence",
        "What they differ about",
        "Agreement on the ranking of sites: Kendall's W 0.",
        "of 3 participants over 35; chi-squared",
        "(chi-squared is rough for so few)",
    ):
        assert text in words
    _, out, _ = run(capsys, "group", "health", "--folder", str(people), "--method", "mean rank", "--format", "json")
    rows = json.loads(out)
    assert {row["score"] for row in rows} == {None}
    assert rows[0]["rank"] == 1


def test_a_template_is_written_once_and_filled_in_and_used(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
    before = design_hashes(project_copy)
    code, out, err = run(capsys, "group", "health")
    assert (code, out) == (1, "")
    assert "Make one with `lipresearch weights-template health` and fill it in." in err
    code, out, _ = run(capsys, "weights-template", "health", "--participant", "p7")
    assert code == 0
    assert "2 rows, one for each factor. Give 100 points to the step from worst to best" in out
    target = project_copy / "data" / "design" / "weights" / "health" / "p7.csv"
    assert target.read_text(encoding="utf-8").startswith("factor,label,points\n2.1,")
    code, _, err = run(capsys, "weights-template", "health", "--participant", "p7")
    assert code == 1
    assert "is there already and was not touched" in err
    code, _, err = run(capsys, "group", "health")
    assert code == 1
    assert "data/design/weights/health/p7.csv, row 2, column points: found an empty cell" in err
    target.write_text(target.read_text(encoding="utf-8").replace(",\n", ",10\n"), encoding="utf-8")
    code, out, _ = run(capsys, "group", "health")
    assert code == 0
    assert "undefined, one ranking alone has nothing to agree with" in " ".join(out.split())
    # What a person weighs is no input of the stored rankings.
    assert design_hashes(project_copy) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("variants", "fame"), "Error: There is no cluster 'fame'. There are: education"),
        (
            ("variants", "health", "--missing", "zero"),
            "Error: What is missing is taken at worst or left out, not 'zero'.",
        ),
        (("variants", "health", "--perspective", "fame"), "Error: Cluster health has no perspective 'fame'."),
        (
            ("sensitivity", "health", "--top", "0"),
            "Error: The number of first sites to watch must be 1 or more, not 0.",
        ),
        (("weights-template", "health", "--kind", "vote"), "Error: A template is for weights, swings, order, pairs, "),
        (
            ("weights-template", "health", "--level", "site"),
            "Error: Weights are asked for each criterion or each factor",
        ),
    ],
)
def test_what_cannot_be_used_ends_with_code_1_and_one_message(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith(message)
    assert "Traceback" not in err


def test_one_changed_digit_stops_these_commands_too(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
    path = project_copy / "data" / "raw" / "schools_2018" / "schools.csv"
    path.write_bytes(path.read_bytes().replace(b",310,", b",311,", 1))
    for arguments in (
        ("variants", "health"),
        ("sensitivity", "health"),
        ("weights-template", "health"),
        ("group", "health"),
    ):
        code, out, err = run(capsys, *arguments)
        assert (code, out) == (1, "")
        assert "data/raw/schools_2018/schools.csv\n    expected sha256 " in err
