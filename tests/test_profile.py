"""Site profiles: against a slow loop over real data, and properties over random tables."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch import notebook
from lipresearch.errors import InputError
from lipresearch.profile import PROFILE, site_profile


def slow(measures: pd.DataFrame, site: str) -> dict[str, tuple[int | None, int, float]]:
    """Return {measure: (rank, sites with a value, median)} in plain Python."""
    by_measure: dict[str, dict[str, float]] = {}
    for record in measures.to_dict("records"):
        by_measure.setdefault(record["measure"], {})[record["site"]] = record["value"]
    result = {}
    for measure, values in by_measure.items():
        known = sorted(value for value in values.values() if not math.isnan(value))
        mine = values[site]
        rank = None if math.isnan(mine) else 1 + len([value for value in known if value > mine])
        half = len(known) // 2
        if not known:
            median = math.nan
        elif len(known) % 2:
            median = known[half]
        else:
            median = (known[half - 1] + known[half]) / 2
        result[measure] = (rank, len(known), median)
    return result


def assert_same(profile: pd.DataFrame, expected: dict[str, tuple[int | None, int, float]]) -> None:
    assert list(profile["measure"]) == list(expected)
    for row in profile.itertuples():
        rank, count, median = expected[row.measure]
        assert (None if pd.isna(row.rank) else int(row.rank)) == rank
        assert row.sites_with_value == count
        assert row.median == pytest.approx(median, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("roster", ["lips-2012", "toronto-neighbourhoods-2009"])
def test_every_site_against_a_slow_loop(roster: str) -> None:
    measures = lip.load_measures(roster)
    for site in measures["site"].unique():
        profile = site_profile(measures, site)
        assert list(profile.columns) == PROFILE
        assert_same(profile, slow(measures, site))
        assert (profile["rank"].isna() == profile["value"].isna()).all()
        assert (profile.loc[profile["value"].isna(), "reason"] != "").all()


def test_huron_as_published() -> None:
    profile = lip.site_profile("huron").set_index("measure")
    people = profile.loc["population_2021"]
    assert (people["value"], people["grade"], people["vintage"], people["sites"]) == (61366, "A", "2021", 38)
    larger = {row.site for row in lip.load_measures().itertuples() if row.measure == "population_2021"}
    assert people["rank"] <= len(larger) == people["sites_with_value"]
    lost = profile.loc["mother_tongue_ldi_2021"]
    assert pd.isna(lost["rank"])
    assert lost["reason"] == "not published"
    assert lost["sites_with_value"] < lost["sites"]


def test_a_site_of_another_roster_is_named() -> None:
    with pytest.raises(
        InputError, match=r"^Black Creek \(black-creek\) is not on the roster lips-2012\. Name another roster\.$"
    ):
        lip.site_profile("black-creek")
    assert lip.site_profile("black-creek", "toronto-neighbourhoods-2009")["sites"].iloc[0] == 14
    with pytest.raises(InputError, match=r"There is no site 'Huron'\. Did you mean huron\?"):
        lip.site_profile("Huron")


# -- properties -------------------------------------------------------------------------------------

VALUES = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: x + 0))


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[float | None]]:
    sites = draw(st.integers(1, 6))
    return {
        measure: draw(st.lists(VALUES, min_size=sites, max_size=sites)) for measure in ("births", "arrivals", "votes")
    }


def frame(table: dict[str, list[float | None]]) -> pd.DataFrame:
    rows = []
    for measure, values in table.items():
        for number, value in enumerate(values):
            number_or_nan = math.nan if value is None else value
            texts = dict.fromkeys(("grade", "vintage", "universe", "reason", "detail", "sources"), "")
            ends = {"value": number_or_nan, "low": number_or_nan, "high": number_or_nan}
            rows.append(
                {
                    "site": f"s{number}",
                    "measure": measure,
                    "label": measure.title(),
                    "decimals": 0,
                    "unit": "persons",
                    **ends,
                    **texts,
                }
            )
    return pd.DataFrame(rows)


@given(tables())
@settings(max_examples=80)
def test_random_tables_against_the_slow_loop(table: dict[str, list[float | None]]) -> None:
    measures = frame(table)
    for site in measures["site"].unique():
        assert_same(site_profile(measures, site), slow(measures, site))


@given(tables())
@settings(max_examples=60)
def test_a_site_without_a_value_moves_no_rank_and_no_median(table: dict[str, list[float | None]]) -> None:
    before = site_profile(frame(table), "s0")
    after = site_profile(frame({measure: [*values, None] for measure, values in table.items()}), "s0")
    assert (after["sites"] == before["sites"] + 1).all()
    pd.testing.assert_frame_equal(after.drop(columns="sites"), before.drop(columns="sites"))


@given(tables(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_rows_and_a_change_of_unit_change_no_rank(table: dict[str, list[float | None]], rng) -> None:
    measures = frame(table)
    before = site_profile(measures, "s0").set_index("measure")
    order = list(measures.index)
    rng.shuffle(order)
    shuffled = site_profile(measures.loc[order], "s0").set_index("measure")
    pd.testing.assert_frame_equal(shuffled.loc[before.index], before)
    doubled = site_profile(measures.assign(value=2 * measures["value"]), "s0").set_index("measure")
    pd.testing.assert_series_equal(doubled["rank"], before["rank"])
    pd.testing.assert_series_equal(doubled["median"], 2 * before["median"])


@given(tables())
@settings(max_examples=40)
def test_ranks_of_all_sites_are_competition_ranks(table: dict[str, list[float | None]]) -> None:
    measures = frame(table)
    kept = measures.copy()
    profiles = pd.concat([site_profile(measures, site).assign(site=site) for site in measures["site"].unique()])
    pd.testing.assert_frame_equal(measures, kept)
    for _, rows in profiles[profiles["rank"].notna()].groupby("measure"):
        assert rows["rank"].min() == 1
        assert rows["rank"].max() <= rows["sites_with_value"].iloc[0] == len(rows)
        for _, equal in rows.groupby("value"):
            assert len(set(equal["rank"])) == 1
        best = rows.sort_values("value", ascending=False)
        assert list(best["rank"]) == sorted(best["rank"])


def test_bounds_alone_give_no_rank() -> None:
    measures = frame({"births": [3.0, None, 1.0]})
    measures.loc[1, ["low", "high"]] = [0.0, 9.0]
    profile = site_profile(measures, "s1")
    assert pd.isna(profile["rank"].item())
    assert profile[["low", "high", "sites_with_value", "median"]].iloc[0].tolist() == [0, 9, 2, 2]


def test_what_cannot_be_used_is_said() -> None:
    measures = frame({"births": [3.0, 1.0]})
    with pytest.raises(InputError, match=r"^There is no site 's9' among the 2 sites of these measures\.$"):
        site_profile(measures, "s9")
    with pytest.raises(InputError, match=r"^Site s1 has measure births twice\.$"):
        site_profile(pd.concat([measures, measures.iloc[[1]]]), "s0")


# -- for reading ------------------------------------------------------------------------------------


def test_the_table_for_reading() -> None:
    profile = lip.site_profile("huron")
    shown = notebook.profile_table(profile)
    assert list(shown.columns) == ["Value", "Unit", "Rank", "Median", "Evidence", "Source or reason"]
    assert len(shown) == len(profile)
    people = shown.loc["Population 2021"]
    assert (people["Value"], people["Evidence"]) == ("61,366", "A, 2021")
    assert re.fullmatch(r"\d+ of 38", people["Rank"])
    lost = shown[profile["value"].isna().to_numpy()]
    assert lost["Rank"].str.fullmatch(r"– of \d+").all()
    assert not shown.map(lambda cell: "nan" in cell.lower().split()).to_numpy().any()


def test_a_supplied_value_is_marked() -> None:
    measures = frame({"births": [3.0, 1.0]}).assign(grade="B", vintage="2020")
    assert site_profile(measures, "s0")["supplied"].item() == "no"
    marked = measures.assign(supplied=["yes", "no"])
    assert site_profile(marked, "s0")["supplied"].item() == "yes"
    assert notebook.profile_table(site_profile(marked, "s0"))["Evidence"].item() == "B, 2020, supplied"
    assert notebook.profile_table(site_profile(marked, "s1"))["Evidence"].item() == "B, 2020"


def test_a_measure_that_no_site_has_reads_as_missing() -> None:
    measures = frame({"births": [None, None]}).assign(reason="suppressed")
    shown = notebook.profile_table(site_profile(measures, "s0"))
    assert shown.iloc[0].tolist() == ["suppressed", "persons", "– of 0", "–", "–", ""]


# ---- the order of sites by several measures -------------------------------------------------------


def slow_same_order(one: list[float], other: list[float]) -> float:
    same = apart = 0
    for i in range(len(one)):
        for j in range(i):
            turn = (one[i] - one[j]) * (other[i] - other[j])
            apart += turn != 0
            same += turn > 0
    return same / apart if apart else math.nan


def two_measures(one: list[float], other: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site": [f"s{number}" for number in range(len(one))] * 2,
            "measure": ["first"] * len(one) + ["second"] * len(one),
            "label": ["First"] * len(one) + ["Second"] * len(one),
            "value": [*one, *other],
        }
    )


@given(st.lists(st.tuples(st.integers(0, 5) | st.none(), st.integers(0, 5) | st.none()), min_size=1, max_size=12))
@settings(derandomize=True, deadline=None, max_examples=80)
def test_agreement_of_orders_against_scipy_and_a_slow_loop(pairs: list[tuple[int | None, int | None]]) -> None:
    from scipy.stats import spearmanr

    one, other = ([math.nan if x is None else float(x) for x in column] for column in zip(*pairs, strict=True))
    found = lip.rank_agreement(two_measures(one, other), ["first", "second"]).iloc[0]
    both = [(a, b) for a, b in zip(one, other, strict=True) if not math.isnan(a) and not math.isnan(b)]
    x, y = [a for a, _ in both], [b for _, b in both]
    assert found["sites"] == len(both)
    assert found["same_order"] == pytest.approx(slow_same_order(x, y), nan_ok=True)
    if len(both) < 3 or len(set(x)) == 1 or len(set(y)) == 1:
        assert math.isnan(found["correlation"])
    else:
        assert found["correlation"] == pytest.approx(spearmanr(x, y).statistic)


def test_agreement_is_of_every_pair_in_the_order_asked_for() -> None:
    wanted = ["mother_tongue_ldi_2016", "mother_tongue_hill2_2016", "mother_tongue_hill0_2016"]
    found = lip.rank_agreement(lip.load_measures(), wanted)
    assert found[["first", "second"]].to_numpy().tolist() == [wanted[:2], [wanted[0], wanted[2]], wanted[1:]]
    # One is a function of the other: D2 = 1 / (1 - A).
    assert found["same_order"][0] == 1.0
    assert found["correlation"][0] > 0.99
    assert found["same_order"][1] < 1.0


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["population_2021"], "Name two different measures or more"),
        ("population_2021", "Name two different measures or more"),
        (["population_2021", "population_2021"], "Name two different measures or more"),
        (["population_2021", "population_2012"], r"There is no measure 'population_2012'. See the column measure"),
    ],
)
def test_orders_that_cannot_be_compared_are_said(wanted: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        lip.rank_agreement(lip.load_measures(), wanted)
