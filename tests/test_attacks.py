"""Attempts to get a wrong number out of the core without an error; each one succeeded once."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_ranking import Cell, Rule, World, cluster_of, make_cluster, measures_of, ranked_world

from lipresearch import registry, tables, wording
from lipresearch.errors import DataChangedError, InputError, NotFoundError, Problem, TableError
from lipresearch.measures import access, health, language, rates, settlement
from lipresearch.ranking import compare_perspectives, competition_ranks, normalise, rank_range, rank_sites

ONE = Cell(5, 5, 5, "A")


def world(*sites: tuple[Cell, ...]) -> World:
    return World(tuple(Rule(1, 0.0, 10.0) for _ in sites[0]), sites, Fraction(0))


def series(*values: float, index: list[str] | None = None) -> pd.Series:
    return pd.Series(values, index=index, dtype=float)


# -- ranking ----------------------------------------------------------------------------------------


def test_contributions_add_to_the_score_where_only_bounds_are_known() -> None:
    ranking = ranked_world(world((ONE, Cell(None, 4, 8, "", "suppressed"))))
    assert ranking.contributions["contribution"].sum() == pytest.approx(ranking.table["score"][0])
    assert ranking.contributions["contribution"].tolist() == pytest.approx([0.25, 0.2])


def test_a_chain_of_near_ties_keeps_ranks_within_their_range() -> None:
    scores = [0.5 + 1.8e-9, 0.5 + 0.9e-9, 0.5]
    ranks, ends = competition_ranks(scores), rank_range(scores, scores)
    assert (ends[:, 0] <= ranks).all()
    assert (ranks <= ends[:, 1]).all()
    two = competition_ranks([scores[0], scores[2]])
    three = competition_ranks(scores)
    assert (two[0] < two[1]) == (three[0] < three[2])


def test_rankings_can_be_compared_and_hashed() -> None:
    one, other = ranked_world(world((ONE, ONE))), ranked_world(world((ONE, ONE)))
    assert one != other
    assert len({one, other, one}) == 2


def test_no_points_are_minus_zero() -> None:
    assert math.copysign(1, normalise([10.0], 10, 0)[0]) == 1


def spoiled(column: str, row: int, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def spoil(measures: pd.DataFrame) -> pd.DataFrame:
        measures = measures.astype({column: object}) if not isinstance(value, float) else measures
        measures.loc[row, column] = value
        return measures

    return spoil


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda m: m[~((m.site == "s01") & (m.measure == "m1"))], "Site s01 has no row for the measure m1"),
        (spoiled("site", 0, None), "A row of the measures names no site"),
        (spoiled("site", 0, ""), "A row of the measures names no site"),
        (spoiled("grade", 0, "D"), r"Site s\d\d, measure m0: grade 'D' is not A, B or C"),
        (spoiled("grade", 0, ""), r"Site s\d\d, measure m0: grade '' is not A, B or C"),
        (spoiled("name", 0, "Other"), r"Site s\d\d has several names"),
        (spoiled("value", 0, "9"), "Column value of the measures must hold numbers"),
        (lambda m: m.drop(columns="low"), "The measures have no column low; load them with load_measures"),
        (
            spoiled("value", 0, math.inf),
            r"value inf with bounds 5 and 5 cannot be used; a value lies within two finite",
        ),
    ],
)
def test_measures_that_cannot_be_used_are_refused(spoil: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    tried = world((ONE, ONE), (ONE, ONE))
    with pytest.raises(InputError, match=message):
        rank_sites(spoil(measures_of(tried)), cluster_of(tried))


@pytest.mark.parametrize("weights", [[1.0, 1.0], [-1.0, 2.0], [math.nan, 0.5]])
def test_weights_that_do_not_add_to_one_are_refused(weights: list[float]) -> None:
    tried = world((ONE, ONE))
    criteria = cluster_of(tried).criteria
    criteria["weight"] = weights
    with pytest.raises(InputError, match=r"Weights must be 0 or more and add to 1, not "):
        rank_sites(measures_of(tried), make_cluster(criteria))


@pytest.mark.parametrize("minimum", [math.nan, -0.1, 1.1])
def test_a_minimum_coverage_that_is_no_share_is_refused(minimum: float) -> None:
    tried = world((ONE, ONE))
    with pytest.raises(InputError, match=r"The minimum coverage must be a share from 0 to 1, not "):
        rank_sites(measures_of(tried), make_cluster(cluster_of(tried).criteria, minimum))


def test_a_perspective_called_name_does_not_overwrite_the_names() -> None:
    tried = world((ONE, ONE))
    with pytest.raises(InputError, match=r"Compare different perspectives of one cluster"):
        compare_perspectives(measures_of(tried), [replace(cluster_of(tried), perspective="name")])


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        ([math.nan], [math.nan], "A lowest or highest score is missing or infinite"),
        ([0.9], [0.1], "A lowest score is above its highest score"),
        ([0, 0], [1.0], "There must be one lowest and one highest score for each site"),
    ],
)
def test_impossible_ranges_are_refused(low: list[float], high: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        rank_range(low, high)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinity_earns_no_points(value: float) -> None:
    with pytest.raises(InputError, match=r"A value is infinite"):
        normalise([value], 0, 1)


# -- language and health ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1 + 2**-52, 1 + 1e-15, 1 - 2**-53, 1 + 1e-12, 1 + 1e-7, 1 + 2e-6])
def test_hill_numbers_near_order_one(order: float) -> None:
    exact = language.hill_number([5, 3, 2], 1)
    assert language.hill_number([5, 3, 2], order) == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("order", [1e307, 1e308, math.inf])
def test_hill_numbers_of_a_huge_order(order: float) -> None:
    assert language.hill_number([1] * 10, order) == pytest.approx(10)


def test_no_index_leaves_its_range_by_a_rounding() -> None:
    for n in range(2, 60):
        assert health.evenness([3] * n) <= 1
        assert max(language.hill_number([1 / 3] * n, order) for order in (0.5, 1, 2, 3, 10)) <= n


@pytest.mark.parametrize("counts", [[0.5, 0.5, 0.5], [1.5, 0.5]])
def test_the_unbiased_index_needs_persons(counts: list[float]) -> None:
    with pytest.raises(InputError, match=r"The unbiased index needs whole numbers of persons"):
        language.linguistic_diversity(counts, unbiased=True)


def test_text_is_no_count() -> None:
    with pytest.raises(InputError, match=r"Speakers per language must be numbers, not text"):
        language.linguistic_diversity(["1", "٣"])
    with pytest.raises(InputError, match=r"Facilities per kind must be numbers, not text"):
        health.kinds_present(["1", "2"])


def test_nobody_has_no_measure_b() -> None:
    assert math.isnan(language.weighted_linguistic_diversity([], []))
    assert math.isnan(language.weighted_linguistic_diversity([], np.zeros((0, 0))))


# -- rates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rates.share(series(1, 2), series(1, 2, 3)), "list other sites, or in another order"),
        (
            lambda: rates.share(series(1, 9, index=["a", "b"]), series(9, 1, index=["b", "a"])),
            "list other sites, or in another order",
        ),
        (lambda: rates.share(series(500), series(5), rounding=math.inf), "Rounding is a number of 0 or more, not inf"),
        (lambda: rates.share(series(500), series(5), rounding=math.nan), "Rounding is a number of 0 or more, not nan"),
        (lambda: rates.rate(series(1), series(5), per=0), "A rate is per a positive number, not 0"),
        (lambda: rates.rate(series(1), series(5), per=-1), "A rate is per a positive number, not -1"),
        (lambda: rates.rate(series(1), series(5), per=math.nan), "A rate is per a positive number, not nan"),
        (lambda: rates.rate(series(1), series(5), per=math.inf), "A rate is per a positive number, not inf"),
        (lambda: rates.pooled_percent(series(150), series(9), pd.Series(["g"])), "A per cent is not between 0 and 100"),
        (lambda: rates.pooled_percent(series(-5), series(9), pd.Series(["g"])), "A per cent is not between 0 and 100"),
        (lambda: rates.pooled_percent(series(5), series(-9), pd.Series(["g"])), "A weight is negative or infinite"),
        (lambda: rates.pooled_percent(series(5), series(math.inf), pd.Series(["g"])), "A weight is negative or inf"),
        (lambda: rates.pooled_percent(series(5), series(9), pd.Series([None])), "A unit has no group; write an empty"),
        (
            lambda: rates.pooled_percent(series(5, 5), series(9, 9, index=["a", "b"]), pd.Series(["g", "g"])),
            "list other sites, or in another order",
        ),
    ],
)
def test_impossible_rates_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


# -- access -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: access.great_circle_km([43, 44], [-79], [43], [-80]), "Every point needs one latitude and one longit"),
        (lambda: access.great_circle_km([43], [-79], [43, 44, 45], [-80, -81]), "Every point needs one latitude and"),
        (lambda: access.linear(-5), "A reach is a finite distance above 0, not -5"),
        (lambda: access.linear(0), "A reach is a finite distance above 0, not 0"),
        (lambda: access.linear(math.inf), "A reach is a finite distance above 0, not inf"),
        (lambda: access.binary(math.nan), "A reach is a distance of 0 or more, not nan"),
        (lambda: access.binary(-1), "A reach is a distance of 0 or more, not -1"),
        (lambda: access.exponential(-1), "A rate of decay is a number of 0 or more, not -1"),
        (lambda: access.exponential(math.nan), "A rate of decay is a number of 0 or more, not nan"),
        (lambda: access.stepped((math.nan,), (1,)), "Zones need one weight for each limit, and limits that rise"),
        (lambda: access.stepped((5, 10), (-1, 0.5)), "The weight of a zone is a number from 0 to 1"),
        (lambda: access.stepped((5, 10), (1, math.nan)), "The weight of a zone is a number from 0 to 1"),
        (lambda: access.stepped((5, 10), (1, 7)), "The weight of a zone is a number from 0 to 1"),
        (
            lambda: access.floating_catchment([[1.0]], [1], [1], lambda d: -d),
            "A decay must give one weight from 0 to 1",
        ),
        (
            lambda: access.floating_catchment([[1.0]], [1], [1], lambda d: np.full_like(d, 1.5)),
            "A decay must give one weight from 0 to 1",
        ),
        (lambda: access.floating_catchment([[1.0]], [[1]], [1], access.binary(5)), "must be one row of numbers each"),
        (lambda: access.floating_catchment([[1.0]], 1, [1], access.binary(5)), "must be one row of numbers each"),
    ],
)
def test_impossible_access_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_what_is_almost_out_of_reach_gives_no_nan() -> None:
    assert access.exponential(0.0)(np.array([math.inf]))[0] == 0
    ratio = access.floating_catchment([[744.0], [2000.0]], [100], [1, 10], access.exponential(1))
    assert np.isfinite(ratio).all()


# -- settlement -------------------------------------------------------------------------------------


def test_kinds_of_place_are_none_only_where_what_decides_is_missing() -> None:
    assert settlement.geographic_scale(["hood158"], 1, 0) == "neighbourhoods"
    assert settlement.settlement_type(100, math.nan) == "Toronto"
    assert settlement.settlement_type(0, math.nan) is None
    assert settlement.field_study_group(100, math.nan, math.nan) == "Greater Toronto"
    assert settlement.field_study_group(0, 10, math.nan) == "rural and remote"
    assert settlement.field_study_group(0, 90, math.nan) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: settlement.geographic_scale(["nonsense"], 1, 0), "Levels must be a list of cd, csd, hood140, hood158"),
        (lambda: settlement.geographic_scale("hood140", 1, 0), "Levels must be a list of cd, csd, hood140, hood158"),
        (lambda: settlement.geographic_scale(["cd"], -1, 5), "5 whole census divisions of -1 touched cannot be"),
        (lambda: settlement.geographic_scale(["cd"], 1, 2), "2 whole census divisions of 1 touched cannot be"),
        (lambda: settlement.settlement_type(1, 1, toronto_at_least=math.nan), "A threshold must be 0 to 100 per cent"),
        (lambda: settlement.settlement_type(1, 1, urban_at_least=-1), "A threshold must be 0 to 100 per cent"),
        (lambda: settlement.field_study_group(1, 1, 0.1, remote_from=2), "A threshold must be 0 to 100 per cent"),
    ],
)
def test_impossible_places_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


# -- tables, registry, errors, wording --------------------------------------------------------------


@pytest.mark.parametrize("value", [1e-25, 1.2345678901234567e-05, 5e-324, -1e-25, 1e22])
def test_numbers_come_back_exactly(value: float) -> None:
    assert float(tables.format_number(value)) == value
    assert "e" not in tables.format_number(value)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match=r"is no number to write; a missing value is written as its reason"):
        tables.format_number(value)


def test_a_number_too_small_to_hold_is_not_zero() -> None:
    assert tables.parse_number("1e-400") is None
    assert tables.parse_number("0e5") == 0


def test_tables_that_could_not_be_read_back_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"t.csv: a row has 1 cells, the header 2"):
        tables.write_table(tmp_path / "t.csv", ["a", "b"], [["1"]])
    with pytest.raises(ValueError, match=r"t.csv: a cell holds a carriage return"):
        tables.write_table(tmp_path / "t.csv", ["a", "b"], [["1", "x\ry"]])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cell", ["a\u200b", "\u2060a", "a\tb", "a\x07"])
def test_an_id_holds_no_invisible_letters(tmp_path: Path, cell: str) -> None:
    (tmp_path / "t.csv").write_text(f"a\n{cell}\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"expected an id without invisible characters"):
        tables.read_table(tmp_path / "t.csv", tables.Schema((tables.Column("a", "id"),), ("a",)))


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"t.csv cannot be read: Is a directory"):
        tables.read_text(tmp_path, "t.csv")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",2,", ",²,", "registry.csv is damaged"),
        (",2,", ",999999,", "expected 999999 bytes\n    found    2 bytes"),
        ("a.csv,2,", "a.csv,2," + "0" * 64 + "\ndata/raw/x/a.csv,2,", "registry.csv is damaged"),
    ],
)
def test_a_forged_registry_is_noticed(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "data/raw/x").mkdir(parents=True)
    (tmp_path / "data/raw/x/a.csv").write_text("1\n", encoding="utf-8")
    registry.write_registry(tmp_path)
    listed = tmp_path / registry.REGISTRY
    listed.write_text(listed.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(DataChangedError, match=message):
        registry.verify_raw(tmp_path)


def test_an_error_can_be_copied() -> None:
    error = TableError([Problem("a", 1, "b", "c", "d")])
    assert str(copy.copy(error)) == str(error)


def test_wording_at_the_edges() -> None:
    assert [wording.percent(share) for share in (-0.0, -0.0001, 1 - 1e-16, 0.5)] == ["0 %", "0.0 %", "100 %", "50.0 %"]
    assert wording.span(math.nan, 0.5) == "–"
    assert wording.measured(5, math.nan, math.nan, "", 0) == "5"
