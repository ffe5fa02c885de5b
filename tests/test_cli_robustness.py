"""The command robustness: what it prints, its other forms, its errors; and the table of precision."""

from __future__ import annotations

import csv
import io
import json

import pytest

import lipresearch as lip
from lipresearch import cli, notebook


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    shown = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0), shown.out, shown.err


@pytest.mark.parametrize("cluster", ["education", "health", "labour", "justice", "inclusion"])
def test_the_table_fits_100_columns_and_says_what_was_varied(cluster: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "robustness", cluster, "--draws", "500")
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.split("\n")) <= 100
    words = " ".join(out.split())
    assert "500 draws. Varied: every weighting over the factors" in words
    assert "What moves the ranks" in words
    assert "Next: lipresearch rank" in words
    assert "nan" not in words.lower().split()


def test_other_forms_hold_the_numbers_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    result = lip.rank_acceptability(ranking, lip.Weighting("stated"), draws=700, seed=5)
    arguments = ("robustness", "health", "--draws", "700", "--seed", "5", "--weights", "stated", "--no-evidence")
    rows = json.loads(run(capsys, *arguments, "--format", "json")[1])
    assert [row["site"] for row in rows] == list(result.table.index)
    assert [row["first"] for row in rows] == pytest.approx(result.table["first"].tolist(), abs=1e-6)
    assert [row["rank_2"] for row in rows] == pytest.approx(result.acceptability[2].tolist(), abs=1e-6)
    table = list(csv.DictReader(io.StringIO(run(capsys, *arguments, "--format", "csv")[1])))
    assert [float(row["expected_rank"]) for row in table] == pytest.approx(result.table["expected_rank"], abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--draws", "0"), "The number of draws is a whole number from 1 to 100,000,000, not 0."),
        (("--top", "99"), "The first 99 were asked for, but 35 sites are ranked: choose top from 1 to 35."),
        (("--seed", "-3"), "A seed is a whole number from 0 up, not -3."),
    ],
)
def test_mistakes_have_one_message(
    arguments: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "robustness", "health", *arguments) == (1, "", f"Error: {message}\n")


def test_what_is_seldom_is_not_written_as_never() -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    result = lip.rank_acceptability(ranking, draws=20_000)
    shown = notebook.acceptability_table(result)
    assert shown["First"].tolist()[0].endswith(" %")
    for text, value in zip(shown["First"], result.table["first"], strict=True):
        assert (text == "0 %") == (value == 0)
        assert (text == "100 %") == (value == 1)
    assert (shown["Confidence"] == "never first").tolist() == result.table["confidence"].isna().tolist()


def test_neighbouring_ranks_together_hold_all_draws() -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("labour"))
    result = lip.rank_acceptability(ranking, lip.Weighting("fixed"), draws=10)
    shown = notebook.rank_shares_table(result)
    assert list(shown.columns) == ["Rank 1", "2–3", "4–6", "7–10", "11–20", "21–38"]
    assert shown.index.tolist() == result.table["name"].tolist()
    # Under the stated weights every site has one rank in all draws.
    assert all(sorted(row) == ["0 %"] * 5 + ["100 %"] for row in shown.to_numpy().tolist())
    assert shown.iloc[0, 0] == "100 %"
