"""Supplied evidence: it fills and overrides, is marked everywhere, and every mistake is named and changes nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lipresearch import cli
from lipresearch.build import build, load_site_measures
from lipresearch.design import load_cluster
from lipresearch.errors import StaleError, TableError
from lipresearch.evidence import read_measures
from lipresearch.paths import project_root
from lipresearch.ranking import rank_sites
from lipresearch.registry import sha256_of
from lipresearch.sites import load_sites
from lipresearch.supplied import EVIDENCE, apply_supplied, load_supplied

ROOT = project_root()
HEADER = ",".join(EVIDENCE.names)
GOOD = "quinte,non_permanent_2021_share,1.2,per cent,2021,A,Census Profile 2021,"


def put(root: Path, *lines: str, name: str = "mine.csv") -> Path:
    path = root / "data" / "design" / "evidence" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def load(root: Path) -> pd.DataFrame:
    return load_supplied(root, set(load_sites(ROOT).index), read_measures(ROOT))


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("hurom,SHARE,1.2,per cent,2021,A,Census,", "column site", "found 'hurom', expected a site of sites.csv"),
        ("huron,non_permanent,1.2,per cent,2021,A,Census,", "column measure", "found 'non_permanent', expected a meas"),
        ("huron,population_2021,61,thousand,2021,A,Census,", "column unit", "found 'thousand', expected 'persons'. C"),
        ("huron,SHARE,low,per cent,2021,A,Census,", "column value", "found 'low', expected a number"),
        ('huron,SHARE,"1,2",per cent,2021,A,Census,', "column value", "Write a decimal point, no thousands separator"),
        ("huron,SHARE,1.2,per cent,2021,D,Census,", "column grade", "found 'D', expected one of A, B, C"),
        ("huron,SHARE,1.2,per cent,2021,A,,", "column source", "found an empty cell, expected a source. Name the doc"),
        ("huron,SHARE,1.2,per cent,,A,Census,", "column vintage", "Write the year that the figure is of"),
        ("huron,SHARE,1.2,per cent,2021,,Census,", "column grade", "A official and whole, B part or re-published"),
        ("huron,SHARE,,per cent,2021,A,Census,", "column value", "expected a number, or one of suppressed, not"),
        ("huron,remoteness_2021,1.2,index from 0 to 1,2021,A,Census,", "column value", "expected a number from 0 to 1"),
        (
            "huron,mother_tongue_ldi_2016,0.4,index from 0 to 2/3 (three groups),2016,A,Census,",
            "column unit",
            "expected 'index from 0 to 1 (all languages)'",
        ),
        (
            "huron,mother_tongue_three_2016,0.7,index from 0 to 2/3 (three groups),2016,A,Census,",
            "column value",
            "expected a number from 0 to 0.6667",
        ),
        ("huron,population_2021,-5,persons,2021,A,Census,", "column value", "found -5, expected 0 or more"),
        ("huron,population_2021,61366,persons,2021,A", "", "found 6 cells, expected 8 cells"),
    ],
)
def test_every_mistake_is_named_with_file_row_and_remedy(
    project_copy: Path, line: str, place: str, message: str
) -> None:
    put(project_copy, GOOD, line.replace("SHARE", "non_permanent_2021_share"))
    with pytest.raises(TableError) as caught:
        load(project_copy)
    assert len(caught.value.problems) == 1
    text = str(caught.value)
    assert "data/design/evidence/mine.csv, row 3" in text
    assert place in text
    assert message in text


def test_a_row_twice_in_one_file_or_in_two(project_copy: Path) -> None:
    put(project_copy, GOOD, GOOD)
    with pytest.raises(TableError, match=r"row 3, column site, measure: found again quinte, non_permanent_2021_share"):
        load(project_copy)
    put(project_copy, GOOD)
    put(project_copy, GOOD, name="other.csv")
    with pytest.raises(
        TableError, match=r"other.csv, row 2, .* once \(first in data/design/evidence/mine.csv, row 2\)"
    ):
        load(project_copy)


def test_a_byte_order_mark_and_semicolons(project_copy: Path) -> None:
    path = put(project_copy, GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with pytest.raises(
        TableError, match=r"mine.csv, row 1: found a byte-order mark before the header, expected plain UTF-8"
    ):
        load(project_copy)
    path.write_text((HEADER + "\n" + GOOD).replace(",", ";"), encoding="utf-8")
    with pytest.raises(TableError, match=r"row 1: found semicolons between the columns, expected commas"):
        load(project_copy)


def test_all_failures_come_at_once_and_nothing_changes(project_copy: Path) -> None:
    before = {path: sha256_of(path) for path in (project_copy / "data" / "derived").rglob("*") if path.is_file()}
    put(project_copy, "hurom,x,low,per cent,2021,D,,", name="a.csv")
    put(project_copy, "huron,population_2021,1,persons,2021,A,,", name="b.csv")
    with pytest.raises(TableError) as caught:
        build(project_copy)
    assert {problem.file.split("/")[-1] for problem in caught.value.problems} == {"a.csv", "b.csv"}
    assert before == {path: sha256_of(path) for path in before}


@pytest.mark.usefixtures("measured_before")
def test_a_value_is_filled_marked_and_used(project_copy: Path) -> None:
    before = rank_sites(load_site_measures(ROOT), load_cluster(ROOT, "health"))
    put(
        project_copy,
        "huron,non_permanent_2021_share,4.5,per cent,2021,A,Census Profile 2021,",
        "peel,immigrants_2006_share,not applicable,per cent,,,Region of Peel,boundary changed",
        "timmins,non_permanent_2021_share,,per cent,,,,",
    )
    with pytest.raises(StaleError, match=r"data/design/evidence/mine.csv was changed"):
        load_site_measures(project_copy)
    build(project_copy)
    measures = load_site_measures(project_copy)
    row = measures[(measures["site"] == "huron") & (measures["measure"] == "non_permanent_2021_share")].iloc[0]
    assert row[["value", "low", "high", "grade", "vintage", "supplied"]].tolist() == [4.5, 4.5, 4.5, "A", "2021", "yes"]
    assert row["detail"] == "Census Profile 2021"
    row = measures[(measures["site"] == "peel") & (measures["measure"] == "immigrants_2006_share")].iloc[0]
    assert np.isnan(row["value"])
    assert row["reason"] == "not applicable"
    assert row["detail"] == "Region of Peel; boundary changed; replaces 49.1 (immigrants_2006)"
    assert (measures["supplied"] == "yes").sum() == 2
    after = rank_sites(measures, load_cluster(project_copy, "health"))
    one, two = (ranking.table.set_index("site")["score"]["huron"] for ranking in (before, after))
    assert two == pytest.approx(one + 0.125 * 0.9)
    assert after.grades.loc["huron", "of it supplied"] == pytest.approx(0.125)
    assert before.grades["of it supplied"].sum() == 0
    (project_copy / "data" / "design" / "evidence" / "mine.csv").unlink()
    with pytest.raises(StaleError, match=r"data/design/evidence/mine.csv is gone"):
        load_site_measures(project_copy)


def test_without_supplied_evidence_nothing_is_marked() -> None:
    computed = load_site_measures(ROOT).drop(columns="supplied")
    same = apply_supplied(computed, load(ROOT))
    assert (same["supplied"] == "no").all()
    pd.testing.assert_frame_equal(same.drop(columns="supplied"), computed, check_dtype=False)


def test_a_template_holds_exactly_the_missing_values(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["evidence-template", "health"])
    assert not stopped.value.code
    out = capsys.readouterr().out
    with open(project_copy / "data" / "design" / "evidence" / "health.csv", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    measures = load_site_measures(ROOT)
    wanted = {
        load_cluster(ROOT, "health", name).criteria["measure"].iloc[0] for name in ("balanced", "need", "services")
    }
    for name in ("balanced", "need", "services"):
        wanted |= set(load_cluster(ROOT, "health", name).criteria["measure"])
    gaps = measures[measures["value"].isna() & measures["measure"].isin(wanted)]
    assert {(row["site"], row["measure"]) for row in rows} == set(zip(gaps["site"], gaps["measure"], strict=True))
    assert f"{len(rows)} missing values of {len(wanted)} measures" in out
    assert len(load(project_copy)) == 0
    with pytest.raises(SystemExit) as stopped:
        cli.main(["evidence-template", "health"])
    assert stopped.value.code == 1
    assert "is there already and was not touched" in capsys.readouterr().err
