"""The commands site, factors and coverage: what they print, in which width, and their errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import lipresearch as lip
from lipresearch import cli


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    shown = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0), shown.out, shown.err


@pytest.mark.parametrize(
    "arguments", [("site", "huron"), ("site", "northwestern-ontario"), ("factors",), ("coverage",)]
)
def test_tables_fit_100_columns_and_say_what_to_do_next(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.split("\n")) <= 100
    assert "nan" not in out.lower().split()
    assert "\nNext: lipresearch " in out


def test_site_shows_rank_median_evidence_and_reason(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "site", "huron")
    words = " ".join(out.split())
    assert words.startswith("Huron County (huron): rural, rural and remote, ")
    for text in (
        "61,366",
        "of 38",
        "A, 2021",
        "not published",
        "Rank 1 is the highest value",
        "over the sites that have",
    ):
        assert text in words


def test_site_in_other_forms_holds_the_numbers_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    profile = lip.site_profile("peel")
    _, out, _ = run(capsys, "site", "peel", "--format", "json")
    rows = json.loads(out)
    assert [row["measure"] for row in rows] == list(profile["measure"])
    people = next(row for row in rows if row["measure"] == "population_2021")
    assert (people["value"], people["rank"], people["sites_with_value"]) == (1451022, 2, 38)
    lost = next(row for row in rows if row["measure"] == "mother_tongue_ldi_2021")
    assert (lost["value"], lost["rank"]) == (None, None)
    _, out, _ = run(capsys, "site", "peel", "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(out)))) == len(profile)
    _, out, _ = run(capsys, "site", "peel", "--format", "markdown")
    assert out.count("\n| ") == len(profile) + 1


def test_site_on_another_roster(capsys: pytest.CaptureFixture[str]) -> None:
    roster = "toronto-neighbourhoods-2009"
    code, out, _ = run(capsys, "site", "black-creek", "--roster", roster)
    assert code == 0
    assert "Toronto neighbourhood LIPs, 2009-12" in " ".join(out.split())
    code, out, _ = run(capsys, "site", "bathurst-finch", "--roster", roster)
    assert code == 0
    assert out.startswith("Bathurst-Finch (bathurst-finch)")
    assert "the catchment's areas are not known" in " ".join(out.split()) or "not published" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("site", "Peel"), "Error: There is no site 'Peel'. Did you mean peel?"),
        (("site", "black-creek"), "Error: Black Creek (black-creek) is not on the roster lips-2012. Name another rost"),
        (("site", "peel", "--roster", "all"), "Error: There is no roster 'all'. There are: lips-2012, "),
        (("coverage", "--roster", "all"), "Error: There is no roster 'all'. There are: lips-2012, "),
    ],
)
def test_unknown_names_end_with_code_1_and_one_message(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith(message)
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [("site",), ("site", "peel", "--format", "xml"), ("factors", "health")])
def test_wrong_usage_ends_with_code_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "Usage" in err


def test_factors_names_each_with_criteria_quota_or_gap_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "factors", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["factor"] for row in rows] == list(lip.list_factors()["factor"])
    for row in rows:
        assert row["criteria"] or row["quotas"] or row["spreads"] or "To supply:" in row["gap"]
        assert row["seed"]
        assert "Factors to Consider in Site Selection" in row["section"] or row["seed"] == "own"
    _, out, _ = run(capsys, "factors")
    table = lip.list_factors()
    for row in table.itertuples():
        assert f" {row.factor} " in out
    counted = [int((table["status"] == status).sum()) for status in ("evidence", "partly", "no evidence yet")]
    words = " ".join(out.split())
    assert f"{len(table)} factors: {counted[0]} with evidence, {counted[1]} in part, {counted[2]} not yet." in words


def test_coverage_in_all_forms(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    matrix = lip.coverage_matrix()
    _, out, _ = run(capsys, "coverage", "--format", "json")
    rows = json.loads(out)
    assert len(rows) == len(matrix) == len(lip.list_factors()) * 38
    assert {row["A"] for row in rows if row["weight"] == 0} == {None}
    assert sum(row["A"] or 0 for row in rows) == pytest.approx(matrix["A"].sum(), abs=1e-3)
    target = tmp_path / "coverage.csv"
    code, out, err = run(capsys, "coverage", "--format", "csv", "--output", str(target))
    assert (code, out) == (0, "")
    assert f"Written: {target}" in err
    assert target.read_text(encoding="utf-8").count("\n") == len(matrix) + 1
    _, out, _ = run(capsys, "coverage", "--format", "markdown")
    assert out.count("\n| ") == 1 + len(lip.list_factors())
    _, out, _ = run(capsys, "coverage")
    for cluster in ("education", "health", "labour", "justice", "inclusion"):
        assert f"\n {cluster} " in out


@pytest.mark.parametrize("arguments", [("site", "peel"), ("factors",), ("coverage",)])
def test_one_changed_digit_stops_these_commands_too(
    arguments: tuple[str, ...],
    project_copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
    path = project_copy / "data" / "raw" / "schools_2018" / "schools.csv"
    path.write_bytes(path.read_bytes().replace(b",310,", b",311,", 1))
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert "data/raw/schools_2018/schools.csv\n    expected sha256 " in err
