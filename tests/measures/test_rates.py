"""Rates come from added counts, and a part is never larger than its whole."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.rates import percent_change, pooled_percent, rate, share

NAN = math.nan
counts = st.integers(0, 10**8)
maybe = st.one_of(counts.map(float), st.just(NAN))
pairs = st.lists(st.tuples(maybe, maybe), min_size=1, max_size=8)


def series(values: object) -> pd.Series:
    return pd.Series(values, dtype=float)


@given(pairs, st.sampled_from([1.0, 100.0, 1000.0, 10_000.0]))
def test_a_rate_is_the_obvious_quotient(rows: list[tuple[float, float]], per: float) -> None:
    above, below = (series(column) for column in zip(*rows, strict=True))
    result = rate(above, below, per)
    assert result.index.equals(above.index)
    for (n, d), found in zip(rows, result, strict=True):
        if math.isnan(n) or math.isnan(d) or d == 0:
            assert math.isnan(found)
        else:
            assert found == pytest.approx(float(Fraction(per) * Fraction(n) / Fraction(d)), rel=1e-14)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=8))
def test_a_share_and_what_remains_make_a_hundred(rows: list[tuple[int, int]]) -> None:
    part = series([n for n, _ in rows])
    whole = part + series([rest for _, rest in rows])
    total = share(part, whole) + share(whole - part, whole)
    assert total.isna().tolist() == (whole == 0).tolist()
    assert np.allclose(total.dropna(), 100.0, rtol=0, atol=1e-10)
    assert share(part, whole).dropna().between(0, 100).all()


@given(counts, st.integers(1, 10**6), st.floats(0, 50))
def test_a_part_above_its_whole_is_refused_beyond_the_rounding(whole: int, excess: int, rounding: float) -> None:
    part, total = series([1.0, whole + excess]), series([2.0, whole])
    part.index = total.index = pd.Index(["fine", "peel"])
    if excess > rounding:
        with pytest.raises(
            InputError, match=r"^A part is larger than its whole \(peel\): the two counts are not of one universe\.$"
        ):
            share(part, total, rounding)
    elif whole == 0:
        assert math.isnan(share(part, total, rounding)["peel"])
    else:
        assert share(part, total, rounding).tolist() == [50.0, 100.0]


def test_the_first_five_of_many_are_named() -> None:
    index = pd.Index(list("abcdefg"))
    part, whole = pd.Series([9.0] * 7, index=index), pd.Series([9.0, *[1.0] * 6], index=index)
    with pytest.raises(InputError, match=r"larger than its whole \(b, c, d, e, f\): "):
        share(part, whole)


def test_a_zero_numerator_is_a_true_zero_and_a_zero_denominator_is_undefined() -> None:
    assert rate(series([0, 0, 3]), series([5, 0, 0]))[0] == 0
    assert rate(series([0, 0, 3]), series([5, 0, 0])).isna().tolist() == [False, True, True]
    assert share(series([0]), series([0])).isna().all()
    assert percent_change(series([5]), series([0])).isna().all()
    assert len(rate(series([]), series([]))) == 0


def test_the_index_is_kept() -> None:
    index = pd.Index(["peel", "huron"], name="site")
    result = rate(pd.Series([1.0, 2.0], index=index), pd.Series([4.0, 4.0], index=index))
    assert result.index.equals(index)
    assert result.index.name == "site"


@pytest.mark.parametrize("function", [rate, percent_change, share])
@pytest.mark.parametrize("other", [["b", "a"], ["a", "c"]])
def test_other_sites_are_not_matched_by_place(function: object, other: list[str]) -> None:
    above, below = pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([3.0, 4.0], index=other)
    message = r"^The numerator and the denominator list other sites, or in another order\.$"
    with pytest.raises(InputError, match=message):
        function(above, below)  # type: ignore[operator]


@pytest.mark.parametrize("bad", [-1.0, math.inf, -math.inf])
def test_counts_are_neither_negative_nor_infinite(bad: float) -> None:
    with pytest.raises(InputError, match=r"^The numerator holds a negative or infinite count\.$"):
        rate(series([1.0, bad]), series([2.0, 2.0]))
    with pytest.raises(InputError, match=r"^The denominator holds a negative or infinite count\.$"):
        rate(series([1.0, 1.0]), series([2.0, bad]))


def test_arguments_are_not_changed() -> None:
    part, whole = series([5.0, 12.0]), series([10.0, 11.0])
    before = part.copy(), whole.copy()
    share(part, whole, rounding=1)
    percent_change(part, whole)
    pd.testing.assert_series_equal(part, before[0])
    pd.testing.assert_series_equal(whole, before[1])


def test_whole_number_and_nullable_columns_give_the_same() -> None:
    expected = [50.0, NAN]
    for dtype in ("float64", "Int64", "Float64"):
        part, whole = pd.Series([1, None], dtype=dtype), pd.Series([2, 4], dtype=dtype)
        assert share(part, whole).tolist() == pytest.approx(expected, nan_ok=True)
    assert share(pd.Series([1], dtype="int32"), pd.Series([2], dtype="int64")).tolist() == [50.0]


@given(st.lists(st.tuples(counts, st.integers(1, 10**8)), min_size=1, max_size=8))
def test_a_change_leads_from_the_old_count_to_the_new(rows: list[tuple[int, int]]) -> None:
    new, old = (series(column) for column in zip(*rows, strict=True))
    change = percent_change(new, old)
    assert np.allclose(old * (1 + change / 100), new, rtol=1e-12, atol=1e-12 * float(old.max()))
    assert (change >= -100).all()
    assert percent_change(old, old).tolist() == [0.0] * len(old)


# ---- per cents of units, brought to groups ------------------------------------------------------

units = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 100).map(float), st.just(NAN)),
        st.one_of(st.integers(0, 3000).map(float), st.just(NAN)),
        st.sampled_from(["", "peel", "huron", "york"]),
    ),
    max_size=12,
)


def slow_pooled(rows: list[tuple[float, float, str]]) -> dict[str, tuple[float | None, float, int, int]]:
    found: dict[str, tuple[float | None, float, int, int]] = {}
    for percent, weight, group in rows:
        if group == "":
            continue
        counted, total, used, missing = found.get(group, (None, 0.0, 0, 0))
        if math.isnan(percent) or math.isnan(weight):
            found[group] = (counted, total, used, missing + 1)
        else:
            found[group] = ((counted or 0.0) + percent * weight / 100, total + weight, used + 1, missing)
    return found


def pooled(rows: list[tuple[float, float, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["percent", "weight", "group"])
    return pooled_percent(frame["percent"].astype(float), frame["weight"].astype(float), frame["group"].astype(str))


@given(units)
def test_pooling_is_the_obvious_loop(rows: list[tuple[float, float, str]]) -> None:
    result, expected = pooled(rows), slow_pooled(rows)
    assert set(result.index) == set(expected)
    for group, (counted, weight, used, missing) in expected.items():
        found = result.loc[group]
        assert (found["weight"], found["units"], found["units_missing"]) == (weight, used, missing)
        if counted is None:
            assert math.isnan(found["counted"])
            assert weight == 0
        else:
            assert found["counted"] == pytest.approx(counted, rel=1e-12, abs=1e-12)


@given(units.filter(bool), st.randoms(use_true_random=False))
def test_the_order_of_units_is_irrelevant(rows: list[tuple[float, float, str]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = pooled(rows), pooled(shuffled)
    pd.testing.assert_frame_equal(first.sort_index(), second.sort_index(), rtol=1e-12)


@given(units)
def test_a_pooled_per_cent_lies_between_those_of_its_units(rows: list[tuple[float, float, str]]) -> None:
    for group, found in pooled(rows).iterrows():
        known = [percent for percent, weight, name in rows if name == group and percent >= 0 and weight > 0]
        if known:
            value = 100 * found["counted"] / found["weight"]
            assert min(known) - 1e-9 <= value <= max(known) + 1e-9


def test_per_cents_are_weighted_not_averaged() -> None:
    result = pooled([(10.0, 900.0, "peel"), (50.0, 100.0, "peel")])
    assert 100 * result.loc["peel", "counted"] / result.loc["peel", "weight"] == pytest.approx(14.0)


def test_no_units_give_no_groups() -> None:
    assert pooled([]).empty
    assert pooled([(5.0, 10.0, "")]).empty


def test_what_a_rate_is_per_and_how_far_a_part_may_exceed_its_whole() -> None:
    assert rate(series([3]), series([4])).tolist() == [0.75]
    for per in (0, -1.0, math.inf, math.nan):
        with pytest.raises(InputError, match=rf"^A rate is per a positive number, not {per}\.$"):
            rate(series([1]), series([2]), per)
    for rounding in (-0.5, math.inf, math.nan):
        with pytest.raises(InputError, match=rf"^Rounding is a number of 0 or more, not {rounding}\.$"):
            share(series([1]), series([2]), rounding)
    assert share(series([5, 7]), series([5, 5]), 2).tolist() == [100.0, 100.0]
    with pytest.raises(InputError, match=r"^A part is larger than its whole \(1\): the two counts are not of one"):
        share(series([5, 7]), series([5, 5]), 1.5)


def test_units_that_cannot_be_pooled() -> None:
    one, group = series([50.0]), pd.Series(["peel"])
    for percent in (-0.5, 100.5):
        with pytest.raises(InputError, match=r"^A per cent is not between 0 and 100\.$"):
            pooled_percent(series([percent]), one, group)
    for weight in (-0.5, math.inf):
        with pytest.raises(InputError, match=r"^A weight is negative or infinite\.$"):
            pooled_percent(one, series([weight]), group)
    with pytest.raises(InputError, match=r"^A unit has no group; write an empty text for a unit that belongs to none"):
        pooled_percent(one, one, pd.Series([None]))
    for columns in ((one, series([1, 2]), group), (one, one, pd.Series(["peel"], index=[7]))):
        with pytest.raises(InputError, match=r"^The numerator and the denominator list other sites"):
            pooled_percent(*columns)
    both = pooled([(0.0, 10.0, "peel"), (100.0, 30.0, "peel"), (40.0, 0.0, "york")])
    assert both.loc["peel"].tolist() == [30.0, 40.0, 2.0, 0.0]
    assert both.loc["york"].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert list(both.columns) == ["counted", "weight", "units", "units_missing"]
