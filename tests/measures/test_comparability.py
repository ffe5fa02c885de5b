"""Comparable sites: properties, a slow second implementation, every error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.comparability import comparable_pairs, comparable_sites, profile_distance

TOLERANCE = {"residents": 2.0, "share": 3.0}
RATIOS = ["residents"]


@st.composite
def profiles(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(1, 7))
    share = st.one_of(st.just(math.nan), st.integers(0, 40).map(lambda number: number / 2))
    residents = st.one_of(st.just(math.nan), st.integers(1, 4000).map(float))
    return pd.DataFrame(
        {
            "residents": draw(st.lists(residents, min_size=size, max_size=size)),
            "share": draw(st.lists(share, min_size=size, max_size=size)),
            "other": 1.0,
        },
        index=[f"s{place}" for place in range(size)],
        dtype=float,
    )


def slowly(profile: pd.DataFrame, threshold: float) -> list[float]:
    counts = []
    for one in profile.itertuples():
        if math.isnan(one.residents) or math.isnan(one.share):
            counts.append(math.nan)
            continue
        number = 0
        for two in profile.itertuples():
            if two.Index == one.Index or math.isnan(two.residents) or math.isnan(two.share):
                continue
            larger, smaller = max(one.residents, two.residents), min(one.residents, two.residents)
            number += (
                larger <= smaller * 2**threshold * (1 + 1e-9) and abs(one.share - two.share) <= 3 * threshold + 1e-9
            )
        counts.append(float(number))
    return counts


@settings(derandomize=True, deadline=None, max_examples=100)
@given(profiles(), st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_against_a_slow_loop(profile: pd.DataFrame, threshold: float) -> None:
    before = profile.copy()
    counts = comparable_sites(profile, TOLERANCE, RATIOS, threshold=threshold)
    np.testing.assert_array_equal(counts.to_numpy(), np.array(slowly(profile, threshold), dtype=float))
    pd.testing.assert_frame_equal(profile, before)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(profiles(), st.randoms(use_true_random=False))
def test_likeness_is_mutual_and_order_and_units_do_not_matter(profile: pd.DataFrame, random: object) -> None:
    pairs = comparable_pairs(profile, TOLERANCE, RATIOS)
    assert (pairs.to_numpy() == pairs.to_numpy().T).all()
    assert not np.diag(pairs.to_numpy()).any()
    counts = comparable_sites(profile, TOLERANCE, RATIOS)
    assert counts.sum() % 2 == 0
    order = list(profile.index)
    random.shuffle(order)  # type: ignore[attr-defined]
    pd.testing.assert_series_equal(comparable_sites(profile.loc[order], TOLERANCE, RATIOS), counts.loc[order])
    # Per mille instead of per cent, thousands of residents instead of residents.
    other = profile.assign(share=profile["share"] * 10, residents=profile["residents"] / 1000)
    again = comparable_sites(other, {"residents": 2.0, "share": 30.0}, RATIOS)
    pd.testing.assert_series_equal(again, counts)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(profiles())
def test_more_tolerance_never_takes_a_site_away(profile: pd.DataFrame) -> None:
    before = None
    for threshold in (0.0, 0.5, 1.0, 1.5, 4.0):
        pairs = comparable_pairs(profile, TOLERANCE, RATIOS, threshold=threshold).to_numpy()
        assert before is None or (pairs | ~before).all()
        before = pairs


@settings(derandomize=True, deadline=None, max_examples=60)
@given(profiles())
def test_a_site_that_is_like_no_other_changes_no_count(profile: pd.DataFrame) -> None:
    far = pd.DataFrame({"residents": [1e9], "share": [50.0], "other": [1.0]}, index=["far"])
    lacking = pd.DataFrame({"residents": [500.0], "share": [math.nan], "other": [1.0]}, index=["lacking"])
    counts = comparable_sites(profile, TOLERANCE, RATIOS)
    wider = comparable_sites(pd.concat([profile, far, lacking]), TOLERANCE, RATIOS)
    pd.testing.assert_series_equal(wider.loc[profile.index], counts)
    assert wider["far"] == 0
    assert math.isnan(wider["lacking"])


def test_a_large_difference_is_not_offset_and_the_edge_is_within() -> None:
    profile = pd.DataFrame(
        {"residents": [1000.0, 2000.0, 2001.0, 1000.0], "share": [5.0, 8.0, 5.0, 5.3]}, index=list("abcd")
    )
    distance = profile_distance(profile, TOLERANCE, RATIOS)
    assert distance.loc["a", "b"] == pytest.approx(1)
    assert distance.loc["a", "c"] > 1
    assert distance.loc["a", "d"] == pytest.approx(0.1)
    assert comparable_pairs(profile, TOLERANCE, RATIOS).loc["a"].tolist() == [False, True, False, True]
    assert comparable_sites(profile, TOLERANCE, RATIOS).tolist() == [2, 3, 1, 2]


def test_peers_that_may_not_be_compared_are_not_counted() -> None:
    profile = pd.DataFrame({"share": [1.0, 1.0, 1.0]}, index=list("abc"))
    peers = pd.DataFrame(True, index=list("abc"), columns=list("abc"))
    peers.loc["a", "b"] = peers.loc["b", "a"] = False
    assert comparable_sites(profile, {"share": 1}, peers=peers).tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: profile_distance(p, {}), "A profile needs at least one feature"),
        (lambda p: profile_distance(p, {"age": 1}), "The profile has no feature, .* for: age"),
        (lambda p: profile_distance(p, {"share": 1}, ["residents"]), "no tolerance is given, for: residents"),
        (lambda p: profile_distance(p, {"share": 0}), "The tolerance of share must be a number above 0, not 0"),
        (lambda p: profile_distance(p, {"share": math.nan}), "above 0, not nan"),
        (lambda p: profile_distance(p, {"share": math.inf}), "above 0, not inf"),
        (lambda p: profile_distance(p, {"residents": 1}, RATIOS), "residents must be a number above 1, not 1"),
        (lambda p: profile_distance(p.assign(residents=0), TOLERANCE, RATIOS), "residents is infinite, or not above 0"),
        (lambda p: profile_distance(p.assign(share=math.inf), {"share": 1}), "A figure of share is infinite"),
        (lambda p: profile_distance(pd.concat([p, p]), {"share": 1}), "A site stands twice in the profile"),
        (
            lambda p: comparable_pairs(p, {"share": 1}, threshold=-1),
            "The threshold must be a number of 0 or more, not -1",
        ),
        (lambda p: comparable_pairs(p, {"share": 1}, threshold=math.nan), "The threshold must be a number"),
        (
            lambda p: comparable_pairs(p, {"share": 1}, peers=pd.DataFrame(True, index=["b", "a"], columns=["b", "a"])),
            "must list the sites of the profile, in the same order",
        ),
        (
            lambda p: comparable_pairs(
                p, {"share": 1}, peers=pd.DataFrame([[True, True], [False, True]], index=p.index, columns=p.index)
            ),
            "The table of peers must be symmetric",
        ),
    ],
)
def test_what_cannot_be_used_is_named(call: Callable[[pd.DataFrame], object], message: str) -> None:
    profile = pd.DataFrame({"residents": [10.0, 20.0], "share": [1.0, 2.0]}, index=["a", "b"])
    with pytest.raises(InputError, match=message):
        call(profile)


def test_peers_list_the_sites_in_the_same_order_both_ways() -> None:
    profile = pd.DataFrame({"share": [1.0, 2.0]}, index=["a", "b"])
    message = r"^The table of peers must list the sites of the profile, in the same order, both ways\.$"
    for rows, columns in (("ba", "ab"), ("ab", "ba"), ("ab", "ac"), ("ac", "ab")):
        peers = pd.DataFrame(True, index=list(rows), columns=list(columns))
        with pytest.raises(InputError, match=message):
            comparable_pairs(profile, {"share": 1}, peers=peers)


def test_tolerances_and_thresholds_at_their_edges() -> None:
    profile = pd.DataFrame({"residents": [10.0, 20.0], "share": [1.0, 2.0]}, index=["a", "b"])
    assert comparable_pairs(profile, {"share": 1}).loc["a", "b"]
    assert not comparable_pairs(profile, {"share": 0.99}).loc["a", "b"]
    assert not comparable_pairs(profile, {"share": 1}, threshold=0).loc["a", "b"]
    assert comparable_pairs(profile.assign(share=1.0), {"share": 1}, threshold=0).loc["a", "b"]
    assert comparable_pairs(profile, {"residents": 2}, RATIOS).loc["a", "b"]
    assert not comparable_pairs(profile, {"residents": 1.99}, RATIOS).loc["a", "b"]
    assert profile_distance(profile, {"residents": 4, "share": 2}, RATIOS).loc["a", "b"] == pytest.approx(0.5)
    for tolerance, ratios, least in (({"share": -1}, [], 0), ({"residents": 0.5}, RATIOS, 1)):
        ((name, most),) = tolerance.items()
        message = rf"^The tolerance of {name} must be a number above {least}, not {most:g}\.$"
        with pytest.raises(InputError, match=message):
            profile_distance(profile, tolerance, ratios)
    with pytest.raises(
        InputError, match=r"^A figure of residents is infinite, or not above 0 where a ratio is asked for"
    ):
        profile_distance(profile.assign(residents=[-1.0, 2.0]), TOLERANCE, RATIOS)
    with pytest.raises(InputError, match=r"^The threshold must be a number of 0 or more, not inf\.$"):
        comparable_pairs(profile, {"share": 1}, threshold=math.inf)
    with pytest.raises(InputError, match=r"^The profile has no feature, or no tolerance is given, for: age, share\.$"):
        profile_distance(profile, {"age": 1}, ["share"])
