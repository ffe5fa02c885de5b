"""The command line: what it prints, its exit codes, and that an error is one message without a traceback."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from lipresearch import cli
from lipresearch.build import load_site_measures
from lipresearch.design import list_clusters, load_cluster
from lipresearch.paths import project_root
from lipresearch.ranking import rank_sites

ROOT = project_root()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    shown = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0), shown.out, shown.err


@pytest.fixture
def elsewhere(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
    return project_copy


def test_rank_lists_38_sites_each_ranked_or_with_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "rank", "health", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, len(rows)) == (0, 38)
    for row in rows:
        assert row["name"]
        if row["status"] == "ranked":
            assert int(row["rank_best"]) <= int(row["rank"]) <= int(row["rank_worst"])
            assert float(row["score_lowest"]) <= float(row["score"]) <= float(row["score_highest"])
        else:
            assert row["rank"] == row["score"] == ""
            assert row["status"].startswith("unranked")
            assert row["lacks"]


def test_rank_as_a_table_fits_100_columns_and_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "rank", "health")
    assert code == 0
    assert max(len(line) for line in out.split("\n")) <= 100
    assert "nan" not in out.lower().split()
    for text in (
        "Toronto East",
        "Not ranked",
        "Calgary",
        "the dataset covers Ontario only",
        "Next: lipresearch measures",
    ):
        assert text in " ".join(out.split())


@pytest.mark.parametrize("cluster", ["education", "health", "labour", "justice", "inclusion"])
def test_all_forms_hold_the_numbers_of_the_library(cluster: str, capsys: pytest.CaptureFixture[str]) -> None:
    ranking = rank_sites(load_site_measures(ROOT), load_cluster(ROOT, cluster))
    _, out, _ = run(capsys, "rank", cluster, "--format", "json")
    content = json.loads(out)
    assert [row["site"] for row in content["sites"]] == list(ranking.table["site"])
    assert [row["score"] for row in content["sites"] if row["score"] is not None] == pytest.approx(
        ranking.table["score"].dropna().tolist(), abs=1e-6
    )
    assert len(content["contributions"]) == len(ranking.contributions)
    _, out, _ = run(capsys, "rank", cluster, "--format", "markdown")
    assert out.count("\n| ") >= 38


def test_every_perspective_of_every_cluster_ranks(capsys: pytest.CaptureFixture[str]) -> None:
    for cluster in ("education", "health", "labour", "justice", "inclusion"):
        for perspective in load_cluster(ROOT, cluster).perspectives:
            code, out, _ = run(capsys, "rank", cluster, "--perspective", perspective, "--format", "csv")
            assert (code, out.count("\n")) == (0, 39), (cluster, perspective)


def test_the_second_roster(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "rank", "health", "--roster", "toronto-neighbourhoods-2009", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, len(rows)) == (0, 14)
    lost = [row for row in rows if "areas are not known" in row["lacks"]]
    assert len(lost) == 5


def test_verify_sites_measures_clusters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "verify")
    assert code == 0
    assert "all as recorded" in out
    code, out, _ = run(capsys, "sites")
    assert code == 0
    assert "northwestern-ontario" in out
    code, out, _ = run(capsys, "measures", "huron")
    assert code == 0
    assert "61,366" in out
    code, out, _ = run(capsys, "measures", "huron", "--format", "json")
    values = {row["measure"]: row["value"] for row in json.loads(out)}
    assert values["population_2021"] == 61366
    assert values["mother_tongue_ldi_2021"] is None
    code, out, _ = run(capsys, "clusters", "--format", "markdown")
    assert code == 0
    assert out.count("without evidence yet") == len(list_clusters(ROOT))


def test_a_result_can_go_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "ranking.csv"
    code, out, err = run(capsys, "rank", "health", "--format", "csv", "--output", str(target))
    assert (code, out) == (0, "")
    assert f"Written: {target}" in err
    assert target.read_text(encoding="utf-8").count("\n") == 39
    code, _, err = run(capsys, "rank", "health", "--format", "csv", "--output", str(tmp_path))
    assert code == 1
    assert "cannot be written" in err
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("rank", "fame"),
            "Error: There is no cluster 'fame'. There are: education, health, labour, justice, inclusion",
        ),
        (("rank", "health", "--perspective", "fame"), "Error: Cluster health has no perspective 'fame'."),
        (("rank", "health", "--roster", "all"), "Error: There is no roster 'all'."),
        (("measures", "Peel"), "Error: There is no site 'Peel'. Did you mean peel?"),
        (("sites", "--roster", "all"), "Error: There is no roster 'all'."),
    ],
)
def test_unknown_names_end_with_code_1_and_one_message(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith(message)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments", [("rank",), ("rank", "health", "--format", "xml"), ("fly",), ("verify", "--fast")]
)
def test_wrong_usage_ends_with_code_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "Usage" in err


@pytest.mark.parametrize(
    "arguments",
    [("verify",), ("build",), ("rank", "health"), ("sites",), ("measures", "peel"), ("clusters",), ("report",)],
)
def test_one_changed_digit_stops_every_command(
    arguments: tuple[str, ...], elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = elsewhere / "data" / "raw" / "schools_2018" / "schools.csv"
    path.write_bytes(path.read_bytes().replace(b",310,", b",311,", 1))
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert "data/raw/schools_2018/schools.csv\n    expected sha256 " in err
    assert "    found    sha256 " in err
    assert "git checkout -- data/raw" in err


@pytest.mark.usefixtures("measured_before")
def test_build_says_what_it_did(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "build")
    assert code == 0
    assert out.startswith("Nothing changed")
    (elsewhere / "data" / "derived" / "sites.csv").unlink()
    code, out, err = run(capsys, "build")
    assert code == 0
    assert "1 differ from before" in out
    assert "  data/derived/sites.csv" in out
    assert "Ranking lips-2012: health, balanced" in err


def test_outside_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(tmp_path))
    code, _, err = run(capsys, "verify")
    assert code == 1
    assert "holds no data/raw and data/design" in err


def test_compile_without_sources(tmp_path: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "compile", "--sources", str(tmp_path / "nowhere"))
    assert code == 1
    assert "Error: " in err
    assert "nowhere" in err
