"""Kinds of places: rules as they are declared, how many of a kind a set can hold, and the check against the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations as subsets

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch import notebook, typology
from lipresearch.designs import ATTRIBUTES, Quota
from lipresearch.errors import InputError, LipresearchError
from lipresearch.measures import orientation, settlement

HOODS = "toronto-neighbourhoods-2009"


def slow_most(sites: list[str], apart: list[tuple[str, str]]) -> int:
    """Return the size of the largest subset without a pair, by trying all of them."""
    for size in range(len(sites), -1, -1):
        for chosen in subsets(sites, size):
            if not any(one in chosen and other in chosen for one, other in apart):
                return size
    return 0


@given(st.data())
@settings(derandomize=True, deadline=None, max_examples=80)
def test_the_most_that_go_together_against_every_subset(data: st.DataObject) -> None:
    names = [f"s{number}" for number in range(data.draw(st.integers(0, 8)))]
    pairs = [pair for pair in subsets(names, 2) if data.draw(st.booleans())]
    assert typology.most_together(names, pairs) == slow_most(names, pairs)
    # The order in which sites and pairs come, and pairs with others, change nothing.
    turned = [(other, one) for one, other in reversed(pairs)] + [("x", "s0"), ("s0", "s0")]
    assert typology.most_together(reversed(names), turned) == slow_most(names, pairs)


def test_every_site_has_one_level_of_every_category() -> None:
    for roster in ("lips-2012", HOODS):
        levels = lip.site_levels(roster)
        assert list(levels["attribute"].drop_duplicates()) == list(ATTRIBUTES)
        assert (levels.groupby("attribute")["sites"].sum() == len(lip.load_sites(roster))).all()
        assert (levels["together"] <= levels["sites"]).all()
        assert (levels["sites"] > 0).all()


def test_a_design_can_ask_for_as_many_as_go_together_and_no_more() -> None:
    """The bound is the one that the search for a set meets, not another rule."""
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("inclusion"))
    levels = lip.site_levels().set_index(["attribute", "level"])["together"]
    for attribute, level in (("settlement_type", "Toronto"), ("northern", "yes"), ("settlement_type", "rural")):
        most = int(levels[attribute, level])
        wanted = Quota("most", attribute=attribute, level=level, minimum=most)
        design = lip.vary_design(lip.load_design("six-sites"), sites=most, quotas=(wanted,))
        assert len(lip.choose_sites(ranking, design).sites) == most
        more = Quota("more", attribute=attribute, level=level, minimum=most + 1)
        with pytest.raises(LipresearchError, match="No set of"):
            lip.choose_sites(ranking, lip.vary_design(design, sites=most + 1, quotas=(more,)))


def test_combinations_count_every_site_once() -> None:
    sites = lip.load_sites()
    counts = lip.site_combinations("orientation", "settlement_type")
    assert int(counts.to_numpy().sum()) == len(sites)
    for row in counts.index:
        for column in counts.columns:
            both = (sites["orientation"] == row) & (sites["settlement_type"] == column)
            assert counts.loc[row, column] == both.sum()
    assert list(counts.columns) == ["Toronto", "urban", "rural"]  # in the declared order


def test_an_unknown_level_comes_last() -> None:
    assert typology.levels_of(lip.load_sites(HOODS), "orientation")[-1] == ""
    shown = notebook.combinations_table(lip.site_combinations("orientation", "settlement_type", HOODS))
    assert shown.index[-1] == "not known"
    assert shown.loc["not known", "Toronto"] == "–"
    assert list(shown.columns)[-2:] == ["not known", "Sites"]


def test_the_rules_show_the_thresholds_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = lip.site_thresholds()
    monkeypatch.setattr(settlement, "URBAN_SHARE", 51.5)
    monkeypatch.setattr(settlement, "TORONTO_SHARE", 52.5)
    monkeypatch.setattr(settlement, "LESS_ACCESSIBLE", 0.3333)
    monkeypatch.setattr(orientation, "MANY_NEWCOMERS", 21.5)
    monkeypatch.setattr(orientation, "BALANCED_SERVICES", 1.4)
    monkeypatch.setattr(orientation, "SECOND_TIER_FROM", 300_001)
    monkeypatch.setattr(orientation, "THIRD_TIER_FROM", 10_001)
    rules = " ".join(lip.site_thresholds()["rule"])
    for number in ("51.5 %", "52.5 %", "0.3333", "21.5 recent", "1.4 points", "300,001", "10,001"):
        assert number in rules
    assert not re.search(r"\b(50|20|300,000|10,000)\b", rules)
    found = before[["category", "level"]].to_numpy().tolist()
    assert {name for name, _ in found} == {
        ATTRIBUTES[attribute][0] for attribute in ("settlement_type", "field_study_group", "orientation", "city_tier")
    }
    for attribute in ("settlement_type", "field_study_group", "orientation", "city_tier"):
        name, levels = ATTRIBUTES[attribute]
        assert sorted(level for category, level in found if category == name) == sorted(levels)


def test_the_six_cases_come_out_as_their_authors_say() -> None:
    checked = lip.check_field_study()
    assert len(checked) == 6
    assert checked["agree"].all()
    assert checked["orientation_said"].to_dict()["west-downtown-toronto"] == "coordination"
    assert (checked["orientation_said"] != "").sum() == 1  # the others are silence, not agreement
    assert (lip.load_sites().loc[checked.index[1:], "field_study_group"] == checked["group"].iloc[1:]).all()


def test_a_case_that_does_not_come_out_is_said() -> None:
    types = pd.concat([lip.load_sites(), lip.load_sites(HOODS)])
    types.loc["huron", "field_study_group"] = "other urban"
    checked = typology.check_field_study(types, {"west-downtown-toronto": "capacity building"})
    assert checked.index[~checked["agree"]].tolist() == ["west-downtown-toronto", "huron"]
    shown = notebook.field_study_table(checked)
    assert shown.loc["Huron County", "Agree"] == "no"
    assert shown.loc["Kingston", "Orientation, by its authors"] == "not said"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: lip.site_combinations("orientation", "type"),
            r"There is no category 'type' of sites. There are: settlement_type, field_study_group",
        ),
        (
            lambda: lip.site_combinations("orientation", "orientation"),
            r"Combine two different categories, not orientation with itself",
        ),
        (lambda: lip.site_catchment("kingstown"), r"There is no site 'kingstown'. Did you mean kingston\?"),
        (lambda: lip.site_catchment("kings"), r"There is no site 'kings'. Did you mean kingston\?"),
        (
            lambda: lip.vary_design(lip.load_design("six-sites"), size=3),
            r"A design has no 'size'. It has: design, label",
        ),
        (lambda: lip.vary_design(lip.load_design("six-sites"), sites=0), r"sites is 0, expected a whole number from 1"),
    ],
)
def test_what_cannot_be_answered_is_said(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_a_varied_design_leaves_the_other_alone() -> None:
    design = lip.load_design("six-sites")
    other = lip.vary_design(design, objective="representativeness", sites=7)
    assert (other.objective, other.sites, other.quotas) == ("representativeness", 7, design.quotas)
    assert (design.objective, design.sites) == ("suitability", 6)


def test_overlaps_are_named_both_ways() -> None:
    pairs = lip.site_overlaps("lips-2012")
    listed = {frozenset(pair) for pair in zip(pairs["site"], pairs["other"], strict=True)}
    assert listed == {frozenset(pair) for pair in typology.overlapping_pairs(lip.load_sites())}
    assert len(lip.site_overlaps()) > len(pairs)
    shown = notebook.overlaps_table(pairs)
    assert shown.loc["Smiths Falls", ["How", "Other site"]].tolist() == ["lies inside", "Renfrew and Lanark"]


def test_a_catchment_is_what_the_table_of_areas_says() -> None:
    areas = lip.site_catchment("toronto-north")
    assert list(areas.columns) == ["level", "area", "name", "status", "source", "note"]
    assert set(areas["level"]) == {"hood140"}
    assert lip.site_catchment("bathurst-finch").empty
    shown = notebook.catchment_table(lip.site_catchment("huron"))
    assert shown.loc["Huron", ["Kind of area", "Code"]].tolist() == ["census division", "3540"]
