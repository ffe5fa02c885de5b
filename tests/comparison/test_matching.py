"""Distances, comparators, pairs and contrasts: published replacements, slow loops, and what is undefined."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch.comparison.covariates import Covariates, from_frame
from lipresearch.comparison.matching import contrast_sites, distances, find_comparators, pair_sites
from lipresearch.errors import InputError, NotFoundError, TableError

PUBLISHED = Path(__file__).resolve().parent.parent / "published"


def sites(**columns: list[float]) -> Covariates:
    count = len(next(iter(columns.values())))
    return from_frame(pd.DataFrame(columns, index=[f"s{i}" for i in range(count)]))


LINE = sites(size=[0.0, 1.0, 2.0, 4.0])


# ---- published ----------------------------------------------------------------------------------------


def test_the_published_replacements() -> None:
    districts = pd.read_csv(PUBLISHED / "replacement_districts.csv", dtype={"LEAID": str}).set_index("LEAID")
    expected = pd.read_csv(PUBLISHED / "replacement_expected.csv", dtype=str).set_index("selected")
    chosen = districts.index[districts["selected"] == 1].tolist()
    found = find_comparators(
        from_frame(districts[[name for name in districts.columns if name.startswith("w.")]]),
        chosen,
        count=5,
        method="mahalanobis",
        same=districts["distr.type"],
        exclude=chosen,
    ).table
    assert len(expected) == 8
    for site, row in expected.iterrows():
        assert found.loc[found["site"] == site, "comparator"].tolist() == row.tolist()


# ---- distances ----------------------------------------------------------------------------------------


def slow_weighted(table: pd.DataFrame, weights: list[float], i: str, j: str, minimum: float) -> float:
    top, held = 0.0, 0.0
    for measure, weight in zip(table.columns, weights, strict=True):
        column = [value for value in table[measure] if not math.isnan(value)]
        mean = sum(column) / len(column)
        spread = math.sqrt(sum((value - mean) ** 2 for value in column) / (len(column) - 1))
        a, b = table.loc[i, measure], table.loc[j, measure]
        if not (math.isnan(a) or math.isnan(b)):
            top += weight * ((a - b) / spread) ** 2
            held += weight
    return math.sqrt(top / held) if held > 0 and held / sum(weights) >= minimum - 1e-12 else math.nan


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 0.6, 1.0]))
def test_weighted_distances_against_a_slow_loop(seed: int, minimum: float) -> None:
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(rng.normal(size=(6, 3)), index=[f"s{i}" for i in range(6)], columns=list("abc"))
    holes = values.mask(rng.random(values.shape) < 0.25)
    holes.iloc[0], holes.iloc[1] = values.iloc[0], values.iloc[1]  # every measure differs between two sites
    weights = [1.0, 2.0, 0.5]
    use = pd.DataFrame({"measure": list("abc"), "weight": weights})
    found = distances(from_frame(holes, use), minimum_coverage=minimum)
    for i, j in itertools.product(holes.index, holes.index):
        expected = slow_weighted(holes, weights, i, j, minimum)
        assert found.table.loc[i, j] == pytest.approx(expected, abs=1e-12, nan_ok=True)
    table = found.table
    pd.testing.assert_frame_equal(table, table.T)
    # Another unit changes nothing.
    other = distances(from_frame(holes * [1000.0, 0.01, -3.0] + [5.0, 0.0, 7.0], use), minimum_coverage=minimum)
    pd.testing.assert_frame_equal(other.table, table)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_mahalanobis_distances_do_not_depend_on_how_measures_are_mixed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(8, 3))
    mixed = values @ (np.eye(3) + 0.4 * rng.normal(size=(3, 3)))
    index = [f"s{i}" for i in range(8)]
    first = distances(from_frame(pd.DataFrame(values, index=index, columns=list("abc"))), method="mahalanobis").table
    second = distances(from_frame(pd.DataFrame(mixed, index=index, columns=list("abc"))), method="mahalanobis").table
    pd.testing.assert_frame_equal(first, second, rtol=1e-6)
    inverse = np.linalg.inv(np.cov(values, rowvar=False))
    gap = values[0] - values[5]
    assert first.loc["s0", "s5"] == pytest.approx(math.sqrt(gap @ inverse @ gap))


def test_what_is_missing_makes_a_distance_undefined_never_small() -> None:
    gap = math.nan
    table = sites(a=[0.0, 1.0, 2.0, 5.0], b=[0.0, 5.0, gap, gap], c=[0.0, gap, gap, 1.0])
    found = distances(table, minimum_coverage=0.6)
    assert found.coverage.loc["s0"].tolist() == pytest.approx([1.0, 2 / 3, 1 / 3, 2 / 3])
    assert math.isnan(found.table.loc["s0", "s2"])
    assert not math.isnan(distances(table, minimum_coverage=0.3).table.loc["s0", "s2"])
    nothing = sites(a=[0.0, 1.0, math.nan], b=[0.0, 1.0, math.nan])
    assert math.isnan(distances(nothing, minimum_coverage=0.0).table.loc["s0", "s2"])
    comparators = find_comparators(table, ["s0"], minimum_coverage=0.6)
    assert sorted(comparators.table["comparator"]) == ["s1", "s3"]
    assert comparators.undefined["reason"].tolist() == ["both have values for 33 % of the weight, 60 % are needed"]
    whole = sites(a=[0.0, 1.0, 2.0, 4.0], b=[0.0, 2.0, 1.0, math.nan])
    lost = find_comparators(whole, ["s0"], method="mahalanobis").undefined
    assert lost["reason"].tolist() == ["a measure is missing for one of the two, and a Mahalanobis distance needs all"]
    assert "1 pairs cannot be compared" in repr(find_comparators(whole, ["s0"], method="mahalanobis"))


def test_a_pair_measure_by_measure() -> None:
    found = distances(LINE)
    parts = found.parts("s0", "s3")
    assert parts[["value", "other_value"]].to_numpy().tolist() == [[0.0, 4.0]]
    assert abs(parts["difference"].item()) == pytest.approx(found.table.loc["s0", "s3"])
    with pytest.raises(InputError, match=r"The site to compare: there is no site 'q' among these 4 sites."):
        found.parts("q", "s0")
    assert repr(found) == (
        "Distances (weighted) of 4 sites to 4: 0 undefined. See .table, .coverage, .parts(site, other)."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "road"}, "A distance is weighted or mahalanobis, not 'road'."),
        ({"minimum_coverage": 2}, "The minimum coverage must be a number from 0 to 1, not 2."),
        ({"others": sites(other=[1.0, 2.0])}, "The sites are not described by the same measures on the same scales"),
    ],
)
def test_distances_that_cannot_be_taken(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        distances(LINE, **arguments)


def test_mahalanobis_distances_that_cannot_be_taken() -> None:
    with pytest.raises(InputError, match=r"Only 2 sites have all 2 measures: too few for a Mahalanobis distance."):
        distances(sites(a=[0.0, 1.0], b=[0.0, 1.0]), method="mahalanobis")
    with pytest.raises(
        InputError, match=r"A measure follows from the others \(all shares of one total, for instance\)"
    ):
        distances(sites(a=[0.0, 1.0, 3.0, 4.0], b=[0.0, -2.0, -6.0, -8.0]), method="mahalanobis")
    with pytest.raises(InputError, match=r"b does not differ between the sites"):
        distances(sites(a=[0.0, 1.0, 3.0, 4.0], b=[1.0, 1.0, 1.0, 1.0]))


# ---- comparators --------------------------------------------------------------------------------------


def test_comparators_equally_near_share_a_place() -> None:
    table = sites(size=[0.0, 1.0, -1.0, 3.0])
    found = find_comparators(table, ["s0"], count=1).table
    assert found[["place", "comparator"]].to_numpy().tolist() == [[1, "s1"], [1, "s2"]]
    found = find_comparators(table, ["s0"], count=3).table
    assert found["place"].tolist() == [1, 1, 3]


def test_calipers_categories_exclusions_and_overlaps() -> None:
    def names(**arguments: Any) -> list[str]:
        return find_comparators(LINE, ["s0"], count=9, **arguments).table["comparator"].tolist()

    assert names() == ["s1", "s2", "s3"]
    spread = float(np.std([0.0, 1.0, 2.0, 4.0], ddof=1))
    assert names(caliper=2.0 / spread) == ["s1", "s2"]
    assert names(exclude=["s1"]) == ["s2", "s3"]
    assert names(apart=[("s2", "s0")]) == ["s1", "s3"]
    kinds = pd.Series({"s0": "x", "s1": "y", "s2": "x", "s3": ""})
    assert names(same=kinds) == ["s2"]
    assert find_comparators(LINE, ["s3"], same=kinds).table.empty


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Name the sites to find comparators for, or give a table of sites outside the roster: one of them."),
        ({"sites": []}, "Name at least one site to find comparators for."),
        ({"sites": ["q"]}, "Sites to compare: there is no site 'q' among these 4 sites."),
        ({"sites": ["s0"], "count": 0}, "The number of comparators must be a whole number of 1 or more, not 0."),
        ({"sites": ["s0"], "caliper": -1}, "The caliper must be a number of 0 or more, not -1."),
        ({"sites": ["s0"], "same": pd.Series({"s0": "x"})}, "Same category: site s1 has no category in the table."),
        (
            {"sites": ["s0"], "same": pd.Series(["x"] * 5, index=["s0", "s1", "s2", "s3", "s3"])},
            "Same category: site s3 stands twice in the table.",
        ),
    ],
)
def test_comparators_that_cannot_be_found(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        find_comparators(LINE, **arguments)


def test_a_site_outside_the_roster_does_not_move_its_spread() -> None:
    far = from_frame(pd.DataFrame({"size": [100.0, 1.5]}, index=["mars", "venus"]))
    found = find_comparators(LINE, outside=far, count=1).table
    assert found[["site", "comparator"]].to_numpy().tolist() == [["mars", "s3"], ["venus", "s1"], ["venus", "s2"]]
    spread = float(np.std([0.0, 1.0, 2.0, 4.0], ddof=1))
    assert found["distance"].tolist() == pytest.approx([96 / spread, 0.5 / spread, 0.5 / spread])


# ---- pairs --------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 4), st.data())
def test_pairs_against_all_assignments(seed: int, left: int, right: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    count = left + right
    values = pd.DataFrame(rng.integers(0, 6, (count + 2, 2)).astype(float), columns=["a", "b"])
    values.iloc[-2:] = [[0.0, 9.0], [9.0, 0.0]]  # both measures differ between sites
    values.index = [f"s{i}" for i in range(count + 2)]
    table = from_frame(values)
    first, second = list(values.index[:left]), list(values.index[left:count])
    caliper = data.draw(st.sampled_from([None, 0.5, 1.0]))
    wanted = data.draw(st.sampled_from([None, 1, 2]))
    cost = distances(table).table
    options: dict[int, list[float]] = {}
    for size in range(1, min(left, right) + 1):
        for some in itertools.combinations(first, size):
            for others in itertools.permutations(second, size):
                parts = [cost.loc[i, j] for i, j in zip(some, others, strict=True)]
                if caliper is None or max(parts) <= caliper:
                    options.setdefault(size, []).append(sum(parts))
    size = (max(options, default=0)) if wanted is None else wanted
    if size not in options:
        with pytest.raises(InputError, match=r"Only \d pairs of these sites can be made, not \d"):
            pair_sites(table, first, second, caliper=caliper, pairs=wanted)
        return
    found = pair_sites(table, first, second, caliper=caliper, pairs=wanted)
    assert len(found.table) == size
    assert found.total == pytest.approx(min(options[size]), abs=1e-9)
    ties = sum(total <= found.total + 1e-9 for total in options[size])
    assert found.tied == (ties > 1)
    assert len(found.unpaired) == count - 2 * size
    assert found.total == pytest.approx(found.table["distance"].sum())


def test_pairs_keep_to_categories_and_overlaps() -> None:
    table = sites(size=[0.0, 1.0, 0.1, 5.0])
    first, second = ["s0", "s1"], ["s2", "s3"]
    assert pair_sites(table, first, second, pairs=1).table["partner"].tolist() == ["s2"]
    free = pair_sites(table, first, second, apart=[("s0", "s2")]).table
    assert free[["site", "partner"]].to_numpy().tolist() == [["s1", "s2"], ["s0", "s3"]]
    kinds = pd.Series({"s0": "x", "s1": "x", "s2": "x", "s3": "y"})
    found = pair_sites(table, first, second, same=kinds)
    assert len(found.table) == 1
    assert found.unpaired[["site", "reason"]].to_numpy().tolist() == [
        ["s1", "its possible partners are better used"],
        ["s3", "no possible partner"],
    ]
    assert "1 pairs (weighted distance)" in repr(found)


@pytest.mark.parametrize(
    ("first", "second", "arguments", "message"),
    [
        (["s0"], ["s0", "s1"], {}, "Site s0 is in both groups. A pair has one site of each."),
        ([], ["s1"], {}, "Each of the two groups needs at least one site."),
        (["s0"], ["s1"], {"pairs": 2}, "Only 1 pairs of these sites can be made, not 2. Ask for fewer, widen"),
        (["s0"], ["s1"], {"caliper": 0.0}, "Only 0 pairs of these sites can be made, not 1."),
        (["s0"], ["s1"], {"pairs": 0}, "The number of pairs must be a whole number of 1 or more, not 0."),
    ],
)
def test_pairs_that_cannot_be_made(
    first: list[str], second: list[str], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        pair_sites(LINE, first, second, **arguments)


# ---- contrasts ----------------------------------------------------------------------------------------


def test_contrasts_against_a_slow_loop() -> None:
    rng = np.random.default_rng(4)
    values = pd.DataFrame(rng.normal(size=(9, 4)), index=[f"s{i}" for i in range(9)], columns=list("abcd"))
    near, far = from_frame(values[["a", "b"]]), from_frame(values[["c", "d"]])
    found = contrast_sites(near, far, closest=0.25, count=100)
    d1, d2 = distances(near).table, distances(far).table
    pairs = list(itertools.combinations(values.index, 2))
    limit = float(np.quantile([d1.loc[pair] for pair in pairs], 0.25))
    kept = sorted((pair for pair in pairs if d1.loc[pair] <= limit), key=lambda pair: -d2.loc[pair])
    assert found.table[["site", "partner"]].to_numpy().tolist() == [list(pair) for pair in kept]
    assert found.pairs == len(pairs)
    for row in found.table.itertuples():
        better = [p for p in pairs if d1.loc[p] < row.alike and d2.loc[p] > row.unlike]
        assert row.efficient == (not better)
    assert "9 of 36 pairs, alike within" in repr(found)


def test_contrasts_that_cannot_be_drawn() -> None:
    near, far = sites(a=[0.0, 1.0, 2.0]), sites(b=[0.0, 1.0, 2.0])
    with pytest.raises(InputError, match=r"Both lists of measures must describe the same sites."):
        contrast_sites(near, LINE)
    with pytest.raises(InputError, match=r"The measure a cannot be both alike and unlike. Leave it out of one list."):
        contrast_sites(near, near)
    with pytest.raises(InputError, match=r"The share of pairs that count as alike must be a number from 1e-09 to 1"):
        contrast_sites(near, far, closest=0.0)
    with pytest.raises(InputError, match=r"No two sites can be compared in both lists of measures."):
        contrast_sites(near, far, apart=itertools.combinations(near.sites, 2))


# ---- the roster ---------------------------------------------------------------------------------------


def test_comparators_on_the_roster_never_overlap() -> None:
    found = lip.find_comparators(["toronto-city", "smiths-falls"], count=37).table
    overlaps = lip.load_sites()["overlaps"]
    for row in found.itertuples():
        assert row.comparator not in overlaps[row.site].split(";")
    regional = lip.find_comparators("huron", same="settlement_type", count=40).table
    types = lip.load_sites()["settlement_type"]
    assert set(types[regional["comparator"]]) == {"rural"}


def test_pairs_of_rural_and_urban_sites() -> None:
    found = lip.pair_sites()
    types = lip.load_sites()["settlement_type"]
    assert set(types[found.table["site"]]) == {"rural"}
    assert set(types[found.table["partner"]]) == {"urban"}
    with pytest.raises(
        InputError, match=r"No site of the roster has the settlement_type 'polar'. There are: Toronto, "
    ):
        lip.pair_sites("polar")
    with pytest.raises(InputError, match=r"There is no category 'colour' of sites. There are: name, "):
        lip.pair_sites(by="colour")


GOOD = """site,name,measure,value,unit,vintage,source
malmo,Malmö,population_2021,351749,persons,2021,Statistics Sweden
malmo,Malmö,remoteness_2021,not published,index from 0 to 1,,Statistics Sweden
"""


def test_a_city_outside_the_roster(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    path.write_text(GOOD, encoding="utf-8")
    found = lip.find_comparators(
        outside=path, use=["population_2021", "remoteness_2021"], minimum_coverage=0.5, count=2
    )
    assert found.table["name"].tolist() == ["Malmö", "Malmö"]
    assert found.table["coverage"].tolist() == [0.5, 0.5]
    nearest = lip.load_covariates(["population_2021"]).values["population_2021"].sub(351749).abs().idxmin()
    assert found.table["comparator"].iloc[0] == nearest
    with pytest.raises(InputError, match=r"Sites outside the roster have no category; leave same out."):
        lip.find_comparators(outside=path, same="region")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("351749", "-1", "cities.csv, row 2, column value: found -1, expected 0 or more."),
        ("persons", "thousands", "cities.csv, row 2, column unit: found 'thousands', expected 'persons'."),
        ("population_2021", "people", "cities.csv, row 2, column measure: found 'people', expected a measure of"),
        ("351749,persons,2021", "351749,persons,", "cities.csv, row 2, column vintage: found an empty cell"),
        (
            "malmo,Malmö,remoteness",
            "malmo,Malmo,remoteness",
            "row 3, column name: found 'Malmo', expected one name for",
        ),
        ("malmo,", "peel,", "row 2, column site: found 'peel', expected a site that is on no roster."),
        (
            "remoteness_2021,not published,index from 0 to 1",
            "population_2021,5,persons",
            "again malmo, population_2021",
        ),
        ("351749", "", "row 2, column value: found an empty cell, expected a number."),
        ("malmo,Malmö,population", "malmo;Malmö;population", "row 2: found 5 cells, expected 7 cells."),
    ],
)
def test_a_table_of_cities_that_cannot_be_used(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "cities.csv"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=re.escape(message)):
        lip.find_comparators(outside=path, use=["population_2021", "remoteness_2021"])


def test_a_table_of_no_city(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    path.write_text(GOOD.splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(TableError, match=re.escape("cities.csv: found no row, expected at least one site.")):
        lip.find_comparators(outside=path)


def test_arguments_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape("Sites to compare: give a list of site ids, not 5.")):
        lip.find_comparators(5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=re.escape("Sites are compared by the name of a list, by ids of measures or")):
        lip.find_comparators("huron", use=5)  # type: ignore[arg-type]
    with pytest.raises(
        NotFoundError, match=r"There is no file .*nowhere\.csv\. Give the table of sites with its folder"
    ):
        lip.find_comparators(outside=tmp_path / "nowhere.csv")
