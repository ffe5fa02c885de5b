"""Tables as a notebook shows them: what stands in them, and what never does."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

import lipresearch as lip
from lipresearch import notebook
from lipresearch.ranking import Ranking


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))


def test_grades_are_shares_of_the_weight_in_the_order_of_the_ranking(ranking: Ranking) -> None:
    shown = notebook.grades_table(ranking)
    assert list(shown.index) == list(ranking.table["name"])
    shares = shown.map(lambda text: float(text.removesuffix(" %")))
    assert (shares.sum(axis=1) - 100).abs().max() < 0.3  # each is rounded to a tenth
    peel = ranking.grades.set_index("name").loc["Peel Region"]
    assert shown.loc["Peel Region", "A"] == f"{100 * peel['A']:.1f} %"


def test_every_criterion_has_its_rationale() -> None:
    cluster = lip.load_cluster("labour")
    shown = notebook.rationales_table(cluster)
    assert list(shown.index) == list(cluster.criteria["label"])
    assert (shown["Rationale"].str.len() > 10).all()


def test_sources_are_named_and_lead_to_their_folder() -> None:
    shown = notebook.sources_table(lip.load_sources())
    assert shown.index.is_unique
    assert shown.loc["Census 2021, population counts", "Folder"] == "population_2021"


def test_a_source_reads_by_its_name_and_not_by_its_folder() -> None:
    measures = lip.load_measures()
    shown = notebook.measures_table(measures, "peel")["Source or reason"]
    assert shown["Population 2021"] == "Census 2021, population counts"
    folders = "|".join(re.escape(name) for name in lip.load_sources()["dataset"])
    assert [text for text in shown if re.search(rf"\b({folders})\b", text)] == []


def test_a_source_that_is_no_dataset_stays_as_it_is() -> None:
    row = pd.DataFrame(
        {"sources": ["evidence/health.csv;population_2021"], "detail": ["a note"], "value": [math.nan]}
    ).itertuples()
    assert notebook._origin(next(row)) == "evidence/health.csv; Census 2021, population counts; a note"


def test_printed_lines_break_between_words(capsys: pytest.CaptureFixture[str]) -> None:
    words = "of a study of communities that newcomers come to " * 12
    notebook.say(words, "short")
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= notebook.LINE
    assert " ".join(lines[:-1]) == words.strip()
    assert lines[-1] == "short"


def test_reasons_for_gaps_are_counted_whatever_their_numbers() -> None:
    measures = lip.load_measures()
    shown = notebook.missing_table(measures)
    assert shown["Values"].sum() == measures["value"].isna().sum()
    words = [explanation for _, explanation in shown.index]
    assert sum("schools suppressed" in text for text in words) == 1
    assert len(words) < 30
