"""The commands compare and pairs: what they print, in which width, and their errors."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    "arguments", [("compare", "huron"), ("compare", "huron", "--use", "wider"), ("pairs",), ("pairs", "--number", "1")]
)
def test_tables_fit_100_columns_and_say_what_to_do_next(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.split("\n")) <= 100
    assert "nan" not in out.lower().split()
    assert "Compared by: Population 2021, " in " ".join(out.split())
    assert "\nNext: lipresearch " in out


def test_compare_holds_the_numbers_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "compare", "huron", "--count", "2", "--format", "json")
    expected = lip.find_comparators("huron", count=2).table
    assert [row["comparator"] for row in json.loads(out)] == expected["comparator"].tolist()
    _, out, _ = run(capsys, "pairs", "--format", "csv")
    assert out.splitlines()[0] == "site,name,partner,partner_name,distance,coverage"
    assert len(out.splitlines()) == 1 + len(lip.pair_sites().table)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "atlantis"), "Sites to compare: there is no site 'atlantis' among these 38 sites."),
        (("compare", "huron", "--use", "taste"), "There is no list of measures 'taste'"),
        (("compare", "huron", "--same", "colour"), "There is no category 'colour' of sites."),
        (("pairs", "polar"), "No site of the roster has the settlement_type 'polar'."),
        (("pairs", "--number", "30"), "Only 3 pairs of these sites can be made, not 30."),
    ],
)
def test_errors_have_no_traceback(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("Error: ")
    assert message in err


def test_what_the_table_leaves_out_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "compare", "calgary", "--same", "region")
    assert "none of those that do not overlap it is known to agree with it in region." in " ".join(out.split())
    _, out, _ = run(capsys, "compare", "huron", "--method", "mahalanobis")
    assert "typical difference" not in out
    assert "A distance is that of Mahalanobis" in " ".join(out.split())
    _, out, _ = run(capsys, "pairs", "--same", "region")
    assert "Without a partner (rural): Huron County." in out


def test_tables_for_reading() -> None:
    table = notebook.comparators_table(lip.find_comparators("huron", count=2))
    assert list(table.columns) == ["Place", "Comparator", "Distance", "Compared on", "Least alike in"]
    assert table["Compared on"].tolist() == ["100 %", "100 %"]
    balance = notebook.representativeness_table(lip.assess_representativeness(["huron", "peel", "ottawa"]))
    assert len(balance.columns) <= 8
    assert balance.loc["Population 2021", "Sites with value"] == "3 of 38"
    income = lip.load_covariates(["median_household_income_2020", "population_2021"]).missing["site"].tolist()
    undefined = lip.assess_representativeness(income[:2], use=["median_household_income_2020", "population_2021"])
    shown = notebook.representativeness_table(undefined)
    assert shown.loc["Median income of households 2020", "Difference"] == "no chosen site has a value"
    assert "nan" not in " ".join(shown.astype(str).to_numpy().ravel()).lower()
