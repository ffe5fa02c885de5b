"""Tables of sites and measures for reading: they hold what the results hold, at most eight columns, no bare zeros."""

from __future__ import annotations

import math
import re
from functools import lru_cache

import pandas as pd
import pytest

import lipresearch as lip
from lipresearch import notebook, wording
from lipresearch.errors import InputError
from lipresearch.ranking import Ranking

HOODS = "toronto-neighbourhoods-2009"


@lru_cache
def measures() -> pd.DataFrame:
    return lip.load_measures()


@lru_cache
def ranking(cluster: str) -> Ranking:
    return lip.rank_sites(measures(), lip.load_cluster(cluster))


def readable(table: pd.DataFrame) -> list[str]:
    """Return what a reader should not see in a table: too many columns, ids, missing as NaN, long floats."""
    problems = [] if len(table.columns) < 8 else [f"{len(table.columns) + 1} columns"]
    for column in table.columns:
        for cell in map(str, table[column]):
            if re.search(r"\bnan\b|<NA>|None|\d\.\d{5,}|\de[-+]\d", cell):
                problems.append(f"{column}: {cell}")
            if cell == "":
                problems.append(f"{column}: empty")
    return problems


def test_all_tables_are_fit_to_be_read() -> None:
    sites, hoods = lip.load_sites(), lip.load_sites(HOODS)
    chosen = lip.choose_sites(ranking("health"), lip.load_design("health"))
    tables = [
        notebook.thresholds_table(lip.site_thresholds()),
        notebook.kinds_table(sites),
        notebook.kinds_table(hoods),
        notebook.declared_table(sites),
        notebook.declared_table(hoods),
        notebook.levels_table(lip.site_levels()),
        notebook.levels_table(lip.site_levels(HOODS)),
        notebook.combinations_table(lip.site_combinations("region", "settlement_type")),
        notebook.field_study_table(lip.check_field_study()),
        notebook.catchment_table(lip.site_catchment("kingston")),
        notebook.overlaps_table(lip.site_overlaps()),
        notebook.notes_table(lip.load_notes(), sites),
        notebook.known_table(measures()),
        notebook.values_table(measures(), ["mother_tongue_range_2016", "recent_immigrants_2021"]),
        notebook.agreement_table(lip.rank_agreement(measures(), ["population_2021", "land_area"])),
        notebook.grades_table(ranking("health")),
        notebook.contributions_table(ranking("labour")),
        notebook.ranks_table([ranking("health"), ranking("labour")], ["calgary", "huron"]),
        notebook.rank_changes_table(ranking("health"), ranking("health"), all_sites=True),
        notebook.scores_table(chosen),
    ]
    assert [problem for table in tables for problem in readable(table)] == []
    assert all(table.index.name for table in tables)


# ---- measures side by side ------------------------------------------------------------------------


def test_measures_side_by_side_are_those_of_the_table() -> None:
    wanted = ["mother_tongue_range_2016", "pupils_other_language_2023_share"]
    shown = notebook.values_table(measures(), wanted)
    assert list(shown.columns) == [
        "Linguistic diversity over all languages, exact or within bounds 2016, index from 0 to 1 (all languages)",
        "Pupils with another first language 2023-24, per cent of pupils",
    ]
    assert sorted(shown.index) == sorted(lip.load_sites()["name"])
    for name, column in zip(wanted, shown.columns, strict=True):
        for row in measures()[measures()["measure"] == name].itertuples():
            expected = wording.measured(row.value, row.low, row.high, row.reason, int(row.decimals))
            assert shown.loc[row.name, column] in (expected, "0" if row.value == 0 else expected)
    first = measures()[measures()["measure"] == wanted[0]].set_index("name")["value"].reindex(shown.index)
    known = first.dropna()
    assert known.is_monotonic_decreasing
    assert first.iloc[len(known) :].isna().all()


def test_sites_without_any_value_can_be_left_out() -> None:
    three = {"mother_tongue_three_2016": "Three groups", "mother_tongue_range_2016": "All"}
    shown = notebook.values_table(measures(), three, known_only=True)
    mine = measures()[measures()["measure"].isin(list(three))]
    some = mine[mine["value"].notna() | mine["low"].notna()]
    assert sorted(shown.index) == sorted(set(some["name"]))
    assert 0 < len(shown) < 38
    assert shown.columns[0] == "Three groups, index from 0 to 2/3 (three groups)"
    assert shown.loc["Ottawa"].iloc[1].startswith("between 0.5357 and ")


def test_nothing_at_all_reads_0_and_a_small_number_does_not() -> None:
    table = pd.DataFrame(
        {
            "site": ["a", "b", "c"],
            "name": ["A", "B", "C"],
            "measure": "clinics",
            "label": "Clinics",
            "value": [0.0, 0.0004, 0.0],
            "low": [0.0, 0.0004, 0.0],
            "high": [0.0, 0.0004, 2.0],
            "decimals": 3,
            "unit": "places",
            "reason": "",
        }
    )
    shown = notebook.values_table(table, ["clinics"])["Clinics, places"]
    assert shown.to_dict() == {"A": "0", "B": "0.000", "C": "0.000 (0.000–2.000)"}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["population_2012"], r"There is no measure 'population_2012'. See the column"),
        ([], r"There is no measure to show"),
    ],
)
def test_measures_that_are_not_there_are_said(wanted: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        notebook.values_table(measures(), wanted)


def test_how_much_is_known_adds_to_all_measures() -> None:
    shown = notebook.known_table(measures())
    count = measures()["measure"].nunique()
    known = measures()[measures()["value"].notna()].groupby("name").size()
    assert len(shown) == 38
    for name, row in shown.iterrows():
        assert row["With a value"] == f"{known[name]} of {count}"
        assert known[name] + row["Bounds only"] + row["Neither"] == count
    assert list(known[shown.index]) == sorted(known, reverse=True)


# ---- rankings ---------------------------------------------------------------------------------------


def test_contributions_add_to_the_score() -> None:
    for cluster in ("health", "labour"):
        result = ranking(cluster)
        shown = notebook.contributions_table(result)
        assert list(shown.index) == list(result.ranked["name"])
        labels = result.cluster.factors["label"]
        assert all(column.split(" ", 1)[1] == labels[column.split(" ", 1)[0]] for column in shown.columns[:-1])
        sums = shown.iloc[:, :-1].astype(float).sum(axis=1)
        assert (abs(sums - result.ranked.set_index("name")["score"]) < 0.006 * len(shown.columns)).all()
        assert list(shown["Score"]) == [f"{score:.2f}" for score in result.ranked["score"]]


def test_shares_of_evidence_leave_out_what_nobody_has() -> None:
    shown = notebook.grades_table(ranking("health"))
    assert list(shown.columns)[:3] == ["A", "B", "C"]
    assert "Of it supplied" not in shown
    grades = ranking("health").grades.set_index("name")
    assert shown.loc["Calgary", "Missing"] == wording.percent(grades.loc["Calgary", "missing"])
    for grade in "ABC":
        assert list(shown[grade]) == [wording.percent(share) for share in grades.loc[shown.index, grade]]


def test_perspectives_side_by_side() -> None:
    compared = lip.compare_perspectives(measures(), "health")
    labels = {"balanced": "Balanced", "services": "Services"}
    shown = notebook.perspectives_table(compared, labels, top=3)
    first = compared[(compared["balanced"] <= 3).fillna(False) | (compared["services"] <= 3).fillna(False)]
    assert list(shown.index) == list(first["name"])
    assert list(shown["Services"]) == [str(rank) for rank in first["services"]]
    assert len(notebook.perspectives_table(compared, labels)) == 38


def test_ranks_in_several_clusters() -> None:
    shown = notebook.ranks_table([ranking("health"), ranking("labour")], ["calgary", "huron"])
    assert list(shown.columns) == ["Health", "Labour"]
    table = ranking("labour").table.set_index("site")["rank"]
    assert shown.loc["Huron County", "Labour"] == str(table["huron"])
    assert shown.loc["Calgary", "Health"] == "–"
    with pytest.raises(
        InputError, match=r"don-valley is in none of the rankings. Load its measures with load_measures"
    ):
        notebook.ranks_table([ranking("health")], ["don-valley"])


def test_only_sites_that_changed_are_shown() -> None:
    before, after = ranking("health"), lip.rank_sites(measures(), lip.load_cluster("health", "need"))
    assert notebook.rank_changes_table(before, before).empty
    shown = notebook.rank_changes_table(before, after)
    old, new = before.table.set_index("name"), after.table.set_index("name")
    for name, row in shown.iterrows():
        assert row["Rank now"] == ("–" if pd.isna(new.loc[name, "rank"]) else str(new.loc[name, "rank"]))
        assert row["Score before"] == wording.number(old.loc[name, "score"], 2)
    same = (old["rank"] == new["rank"].reindex(old.index)) & (
        old["score"].round(2) == new["score"].reindex(old.index).round(2)
    )
    assert set(shown.index).isdisjoint(same.index[same.fillna(False)])
    fewer = lip.rank_sites(measures()[measures()["site"] != "huron"], before.cluster)
    assert notebook.rank_changes_table(fewer, before).loc["Huron County", "Rank before"] == "not there"


# ---- sets for several clusters ------------------------------------------------------------------------


def test_what_a_shared_set_is_worth_in_each_cluster() -> None:
    design = lip.load_design("all-clusters")
    rankings = [ranking(name) for name in design.clusters]
    chosen = lip.choose_sites(rankings, design)
    scores = notebook.scores_table(chosen)
    assert list(scores.index) == list(chosen.table["name"])
    assert list(scores.columns) == [result.cluster.title for result in rankings]
    own = [lip.choose_sites(result, lip.load_design(result.cluster.cluster)) for result in rankings]
    shown = notebook.sharing_table(chosen, own)
    for result, selection in zip(rankings, own, strict=True):
        row = shown.loc[result.cluster.title]
        numbers = result.table.set_index("site")["score"]
        total = sum(numbers[site] for site in chosen.sites if site in numbers and not math.isnan(numbers[site]))
        assert row["Shared set"] == f"{total:.2f}"
        assert row["Own set"] == f"{selection.proof.objective:.2f}"
        both = len(set(chosen.sites) & set(selection.sites))
        assert row["Sites in both"] == f"{both} of {len(chosen.sites)}"
    with pytest.raises(InputError, match=r"Give one selection for each of the shared set's clusters, in their order"):
        notebook.sharing_table(chosen, own[1:])
