"""The design tables: checked against each other, and every rule broken once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lipresearch.design import equal_weights, list_clusters, load_cluster, load_design
from lipresearch.errors import NotFoundError, TableError
from lipresearch.evidence import read_measures
from lipresearch.paths import project_root
from lipresearch.sites import load_roster

ROOT = project_root()

#: The factors of the five workshops: how many each named (source text 000, research workshops).
NAMED = {"education": 6, "health": 3, "labour": 5, "justice": 3, "inclusion": 4}


def change(root: Path, table: str, old: str, new: str) -> None:
    path = root / "data" / "design" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {table}.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# -- what must be there -----------------------------------------------------------------------------


def test_all_21_factors_are_listed_with_their_source() -> None:
    factors = load_design(ROOT).factors
    factors = factors[factors["cluster"].isin(list(NAMED))]  # a cluster of one's own may stand beside them
    assert factors.groupby("cluster").size().to_dict() == NAMED
    assert list(factors["factor"]) == [
        f"{n}.{k}" for n, count in enumerate(NAMED.values(), 1) for k in range(1, count + 1)
    ]
    assert (factors["seed"] == "000").all()
    assert factors["section"].str.contains("Factors to Consider in Site Selection").all()
    every = load_design(ROOT).factors
    assert (every.loc[every["status"] == "no evidence yet", "note"] != "").all()


def test_a_factor_that_asks_for_variation_is_a_quota_and_has_no_weight() -> None:
    design = load_design(ROOT)
    treated = design.factors.set_index("factor")["treatment"]
    assert not set(design.criteria["factor"]) & set(treated.index[treated.isin(["quota", "spread"])])
    asked = treated.index[treated.isin(["quota", "spread"])]
    waiting = design.factors.set_index("factor")["status"] == "no evidence yet"
    assert {factor for factor in asked if not waiting[factor]} <= set(design.quotas["factor"])


def test_every_cluster_has_perspectives_that_say_who_weighted() -> None:
    for cluster in NAMED:
        perspectives = load_cluster(ROOT, cluster).perspectives
        assert len(perspectives) >= 2
        for name in perspectives:
            loaded = load_cluster(ROOT, cluster, name)
            assert loaded.stance
            assert "nobody in the sources weighted" in loaded.weight_basis
            assert loaded.criteria["weight"].sum() == pytest.approx(1.0)
            assert (loaded.criteria["rationale"].str.len() > 20).all()


def test_weights_are_equal_across_factors_and_then_within() -> None:
    criteria = load_cluster(ROOT, "health").criteria
    by_factor = criteria.groupby("factor")["weight"]
    assert by_factor.sum().max() - by_factor.sum().min() < 1e-12
    assert (by_factor.max() - by_factor.min()).abs().max() < 1e-12
    assert equal_weights(pd.Series(["a", "b", "b", "c"])).tolist() == pytest.approx([1 / 3, 1 / 6, 1 / 6, 1 / 3])


def test_criteria_use_declared_measures_and_goalposts_in_the_preferred_order() -> None:
    design = load_design(ROOT)
    assert set(design.criteria["measure"]) <= set(read_measures(ROOT).index)
    for row in design.criteria.itertuples():
        assert (row.best > row.worst) == (row.direction == "higher")


def test_goalposts_reach_the_observed_values_and_are_not_taken_from_them() -> None:
    measures = pd.read_csv(ROOT / "data" / "derived" / "site_measures.csv", dtype=str)
    measures = measures[measures["site"].isin(load_roster(ROOT).sites)]
    for row in load_design(ROOT).criteria.itertuples():
        values = pd.to_numeric(measures.loc[measures["measure"] == row.measure, "value"], errors="coerce").dropna()
        low, high = min(row.worst, row.best), max(row.worst, row.best)
        inside = values.between(low, high).mean()
        assert inside >= 0.8, f"{row.cluster} {row.criterion}: only {inside:.0%} of the sites lie between the goalposts"
        assert not {low, high} & ({values.min(), values.max()} - {0.0, 8.0, 100.0}), (
            f"{row.criterion}: the sample's own ends"
        )


def test_a_perspective_that_turns_a_criterion_round_swaps_its_goalposts() -> None:
    need, services = load_cluster(ROOT, "health", "need").criteria, load_cluster(ROOT, "health", "services").criteria
    turned = [
        name
        for name in need.index.intersection(services.index)
        if need.loc[name, "direction"] != services.loc[name, "direction"]
    ]
    assert turned
    for name in turned:
        assert need.loc[name, ["worst", "best"]].tolist() == services.loc[name, ["best", "worst"]].tolist()
        assert need.loc[name, "worst"] != need.loc[name, "best"]


def test_clusters_are_listed_in_the_order_of_their_numbers() -> None:
    clusters = list_clusters(ROOT)
    assert list(clusters["cluster"])[: len(NAMED)] == list(NAMED)
    assert list(clusters["number"]) == list(range(1, len(clusters) + 1))


def test_the_design_cannot_be_changed_through_a_cluster() -> None:
    cluster = load_cluster(ROOT, "health")
    criteria = cluster.criteria
    criteria.loc[:, "weight"] = 0.0
    assert cluster.criteria["weight"].sum() == pytest.approx(1.0)
    with pytest.raises(AttributeError):
        cluster.minimum_coverage = 0.1  # type: ignore[misc]


# -- every rule broken once -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        (
            "criteria",
            "immigrants_2006_share,higher,0,50",
            "immigrants_2006_share,higher,50,0",
            "best 0 is not above worst 50, but higher is preferred",
        ),
        (
            "criteria",
            "immigrants_2006_share,higher",
            "immigrants_2066_share,higher",
            "found 'immigrants_2066_share', expected a known id",
        ),
        (
            "criteria",
            "health,immigrants,2.1",
            "health,immigrants,1.6",
            "1.6, a factor of education, expected a factor of health",
        ),
        (
            "criteria",
            "health,immigrants,2.1",
            "health,immigrants,9.9",
            "column factor: found '9.9', expected a known id",
        ),
        ("factors", "2.3,health", "2.3,wealth", "column cluster: found 'wealth', expected a known id"),
        (
            "perspectives",
            "health,balanced",
            "health,ballanced",
            "perspective: found balanced, expected a row of data/design/perspectives.csv",
        ),
        (
            "perspective_criteria",
            "health,balanced,recent,higher,equal",
            "health,balanced,recent,higher,0.5",
            "health, balanced: some weights equal, some typed",
        ),
        (
            "perspective_criteria",
            "health,balanced,recent,higher,equal",
            "health,balanced,recent,higher,much",
            "found 'much', expected equal, or a number >= 0",
        ),
        (
            "perspective_criteria",
            "health,balanced,recent",
            "health,balanced,decent",
            "column criterion: found decent, expected a criterion of the cluster",
        ),
        ("clusters", ",balanced,", ",need,", "expected only need, as clusters.csv says"),
    ],
)
def test_a_broken_table_is_named(project_copy: Path, table: str, old: str, new: str, message: str) -> None:
    if table == "clusters":
        path = project_copy / "data" / "design" / "clusters.csv"
        lines = path.read_text(encoding="utf-8").split("\n")
        lines = [line.replace(old, new) if line.startswith("health,") else line for line in lines]
        path.write_text("\n".join(lines), encoding="utf-8")
    else:
        change(project_copy, table, old, new)
    with pytest.raises(TableError) as caught:
        load_design(project_copy)
    assert message in str(caught.value)


def test_typed_weights_must_add_to_one(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "perspective_criteria.csv"
    text = path.read_text(encoding="utf-8")
    rows = [line for line in text.split("\n") if line.startswith("health,balanced,")]
    for line in rows:
        text = text.replace(line, line.replace(",equal", ",0.5"))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=rf"health, balanced: weights that add to {len(rows) * 0.5:g}"):
        load_design(project_copy)


def test_typed_weights_are_used(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "perspective_criteria.csv"
    text = path.read_text(encoding="utf-8")
    rows = [line for line in text.split("\n") if line.startswith("health,balanced,")]
    for place, line in enumerate(rows):
        text = text.replace(line, line.replace(",equal", ",1" if place == 0 else ",0"))
    path.write_text(text, encoding="utf-8")
    weights = load_cluster(project_copy, "health").criteria["weight"]
    assert weights.sum() == 1
    assert weights[rows[0].split(",")[2]] == 1


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match=r"no cluster 'fame'. There are: education, health, "):
        load_cluster(ROOT, "fame")
    with pytest.raises(
        NotFoundError, match=r"Cluster health has no perspective 'fame'. It has: balanced, need, services"
    ):
        load_cluster(ROOT, "health", "fame")
