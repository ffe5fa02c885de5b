"""What if, without widgets: a changed state gives what ranking and choosing anew give."""

from __future__ import annotations

import dataclasses
import functools
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch import public
from lipresearch.design import weigh_factors
from lipresearch.designs import StudyDesign
from lipresearch.errors import ImpossibleDesignError, InputError
from lipresearch.paths import project_root
from lipresearch.ranking import Ranking, rank_sites
from lipresearch.selection import choose_sites
from lipresearch.selection import what_if as core

ROOT = project_root()


def same_ranking(one: Ranking, other: Ranking) -> None:
    for part in ("table", "contributions", "grades"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part), check_exact=True)


def starting(ranking: Ranking, design: StudyDesign) -> core.Start:
    around = public._around(ROOT, ranking, design)
    return core.start_from(ranking, design, around["types"], around["measures"], around["kilometres"])


def test_a_state_that_nobody_changed_gives_the_ranking_and_design_it_started_from(health: Ranking) -> None:
    design = lip.load_design("health")
    start = starting(health, design)
    found = core.outcome(start, start.state)
    assert found.ranking is health
    assert found.design is design
    assert found.error is None
    assert found.selection is not None
    assert found.selection.sites == lip.choose_sites(health, design).sites
    assert start.state.points == (("2.1", 50.0), ("2.2", 50.0))
    assert core.changes(start, start.state) == []


@settings(max_examples=25)
@given(
    st.floats(0, 100),
    st.floats(0, 100),
    st.integers(0, 3),
    st.integers(1, 6),
    st.sets(st.sampled_from(["peel", "huron", "ottawa"])),
)
def test_a_changed_state_gives_what_rank_sites_and_choose_sites_give(
    first: float, second: float, rural: int, sites: int, out: set[str]
) -> None:
    measures, start = _start()
    state = dataclasses.replace(
        start.state.with_points("2.1", first).with_points("2.2", second).with_bounds("rural", rural, None),
        sites=sites,
        exclude=tuple((site, "declined") for site in sorted(out)),
    )
    found = core.outcome(start, state)
    if not first and not second:
        assert str(found.error) == ALL_ZERO
        assert (found.ranking, found.selection) == (None, None)
        return
    assert found.ranking is not None
    cluster = weigh_factors(start.ranking.cluster, {"2.1": first, "2.2": second}, "")
    same_ranking(found.ranking, rank_sites(measures, cluster))
    assert found.design is not None
    assert found.design.sites == sites
    assert dict(found.design.exclude) == dict.fromkeys(out, "declined")
    assert [quota.minimum for quota in found.design.quotas] == [rural, 1]
    around = {"types": start.types, "measures": start.measures, "kilometres": start.kilometres}
    if found.selection is None:
        with pytest.raises(ImpossibleDesignError, match=re.escape(str(found.error))):
            choose_sites(found.ranking, found.design, **around)
    else:
        assert found.selection.sites == choose_sites(found.ranking, found.design, **around).sites
        assert not set(found.selection.sites) & out


ALL_ZERO = "All weights are 0, so no site can be ranked. Give at least one factor a weight above 0."


@functools.cache
def _start() -> tuple[pd.DataFrame, core.Start]:
    measures = lip.load_measures()
    return measures, starting(lip.rank_sites(measures, lip.load_cluster("health")), lip.load_design("health"))


def test_others_keep_their_proportions() -> None:
    state = core.State((("a", 10.0), ("b", 30.0), ("c", 60.0)), 1, (), ())
    assert state.with_share("c", 0.2, {}).shares == pytest.approx({"a": 0.2, "b": 0.6, "c": 0.2})
    none = core.State((("a", 0.0), ("b", 0.0), ("c", 5.0)), 1, (), ())
    assert none.with_share("c", 0.4, {"a": 0.1, "b": 0.3, "c": 0.6}).shares == pytest.approx(
        {"a": 0.15, "b": 0.45, "c": 0.4}
    )
    assert none.with_share("c", 0.4, {"a": 0.0, "b": 0.0, "c": 1.0}).shares == pytest.approx(
        {"a": 0.3, "b": 0.3, "c": 0.4}
    )
    with pytest.raises(InputError, match="Factor a is the only one that is scored, so it has all of the weight"):
        core.State((("a", 1.0),), 1, (), ()).with_share("a", 0.5, {})
