"""Coverage of sites and factors by grade: against slow loops, by property, and as a figure."""

from __future__ import annotations

import math
from functools import lru_cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

import lipresearch as lip
from lipresearch import notebook
from lipresearch.coverage import KINDS, MATRIX, SUPPLIED, cluster_coverage, coverage_matrix, factor_coverage
from lipresearch.design import Cluster
from lipresearch.errors import InputError

CLUSTERS = ["education", "health", "labour", "justice", "inclusion"]


@lru_cache
def real(roster: str = "lips-2012") -> tuple[pd.DataFrame, tuple[Cluster, ...], pd.DataFrame]:
    measures = lip.load_measures(roster)
    clusters = tuple(lip.load_cluster(name) for name in CLUSTERS)
    return measures, clusters, coverage_matrix(measures, clusters)


def slow(measures: pd.DataFrame, cluster: Cluster) -> dict[tuple[str, str], dict[str, float]]:
    """Return {(factor, site): {kind: share}} in plain Python; an empty dict where the factor has no weight."""
    values = {(row["site"], row["measure"]): row for row in measures.to_dict("records")}
    sites = {row["site"] for row in measures.to_dict("records")}
    result: dict[tuple[str, str], dict[str, float]] = {}
    criteria = list(cluster.criteria.itertuples())
    for factor in cluster.factors.index:
        mine = [one for one in criteria if one.factor == factor]
        total = sum(one.weight for one in mine)
        for site in sites:
            shares = dict.fromkeys(KINDS, 0.0) if total else {}
            for one in mine:
                row = values[(site, one.measure)]
                if not math.isnan(row["value"]):
                    kind = row["grade"]
                else:
                    kind = "missing" if math.isnan(row["low"]) else "bounds only"
                shares[kind] += one.weight / total
            result[(factor, site)] = shares
    return result


@pytest.mark.parametrize("roster", ["lips-2012", "toronto-neighbourhoods-2009"])
def test_the_matrix_against_a_slow_loop(roster: str) -> None:
    measures, clusters, matrix = real(roster)
    assert list(matrix.columns) == MATRIX
    assert len(matrix) == sum(len(cluster.factors) for cluster in clusters) * measures["site"].nunique()
    for cluster in clusters:
        expected = slow(measures, cluster)
        rows = matrix[matrix["cluster"] == cluster.cluster]
        assert len(rows) == len(expected)
        for row in rows.to_dict("records"):
            shares = expected[(row["factor"], row["site"])]
            for kind in KINDS:
                assert row[kind] == pytest.approx(shares.get(kind, math.nan), abs=1e-12, nan_ok=True)


def test_shares_add_to_one_where_there_is_weight_and_are_undefined_elsewhere() -> None:
    _, clusters, matrix = real()
    weighted = matrix["weight"] > 0
    assert matrix.loc[weighted, KINDS].sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert matrix.loc[~weighted, KINDS].isna().all(axis=None)
    assert not weighted[matrix["status"] == "no evidence yet"].any()
    assert not weighted[matrix["treatment"].isin(["quota", "spread"])].any()
    for cluster in clusters:
        once = matrix[matrix["cluster"] == cluster.cluster].drop_duplicates("factor")
        assert once["weight"].sum() == pytest.approx(1.0)
        assert list(once["factor"]) == list(cluster.factors.index)


def test_a_cluster_is_the_mean_of_what_its_ranking_says() -> None:
    measures, clusters, matrix = real()
    table = cluster_coverage(matrix).set_index("cluster")
    for cluster in clusters:
        grades = lip.rank_sites(measures, cluster).grades
        for kind in KINDS:
            assert table.loc[cluster.cluster, kind] == pytest.approx(grades[kind].mean(), abs=1e-12)
        assert table.loc[cluster.cluster, "sites"] == len(grades) == 38
        assert table.loc[cluster.cluster, "factors_open"] == len(cluster.open_factors)
    assert table["factors"].to_dict() == {cluster.cluster: len(cluster.factors) for cluster in clusters}


def test_a_factor_is_the_mean_over_sites() -> None:
    _, clusters, matrix = real()
    table = factor_coverage(matrix).set_index("factor")
    assert list(table.index) == [factor for cluster in clusters for factor in cluster.factors.index]
    for factor, rows in matrix.groupby("factor"):
        for kind in KINDS:
            values = [value for value in rows[kind] if not math.isnan(value)]
            mean = sum(values) / len(values) if values else math.nan
            assert table.loc[factor, kind] == pytest.approx(mean, abs=1e-12, nan_ok=True)


def test_the_public_functions_use_the_default_perspectives() -> None:
    measures = lip.load_measures()
    clusters = [lip.load_cluster(name) for name in lip.list_clusters()["cluster"]]
    matrix = coverage_matrix(measures, clusters)
    pd.testing.assert_frame_equal(lip.coverage_matrix(), matrix)
    pd.testing.assert_frame_equal(lip.coverage_matrix(measures), matrix)
    pd.testing.assert_frame_equal(lip.cluster_coverage(), cluster_coverage(matrix))
    assert list(cluster_coverage(matrix)["perspective"]) == [cluster.perspective for cluster in clusters]


# -- properties -------------------------------------------------------------------------------------

SITES = ["calgary", "guelph-wellington", "huron", "peel", "toronto-east"]


@lru_cache
def few() -> pd.DataFrame:
    measures = real()[0]
    return measures[measures["site"].isin(SITES)].reset_index(drop=True)


def health() -> Cluster:
    return real()[1][1]


@given(st.sets(st.sampled_from(SITES[1:])))
@settings(max_examples=8)
def test_other_sites_change_nothing_for_a_site(others: set[str]) -> None:
    assert set(few()["site"]) == set(SITES)
    whole = coverage_matrix(few(), [health()])
    some = coverage_matrix(few()[few()["site"].isin([SITES[0], *others])], [health()])
    kept = whole[whole["site"].isin([SITES[0], *others])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, kept)


@given(st.sampled_from(SITES), st.data())
@settings(max_examples=15)
def test_blanking_a_value_moves_its_weight_to_missing(site: str, data: st.DataObject) -> None:
    cluster = health()
    criterion = data.draw(st.sampled_from(list(cluster.criteria.index)))
    rule = cluster.criteria.loc[criterion]
    measures = few().copy()
    cell = (measures["site"] == site) & (measures["measure"] == rule["measure"])
    measures.loc[cell, ["value", "low", "high"]] = math.nan
    measures.loc[cell, "grade"] = ""
    measures.loc[cell, "reason"] = "suppressed"
    before = coverage_matrix(few(), [cluster]).set_index(["factor", "site"])
    after = coverage_matrix(measures, [cluster]).set_index(["factor", "site"])
    place = (rule["factor"], site)
    old = few()[cell.to_numpy()].iloc[0]
    gone = math.isnan(old["value"]) and math.isnan(old["low"])
    moved = 0.0 if gone else rule["weight"] / before.loc[place, "weight"]
    assert after.loc[place, "missing"] == pytest.approx(before.loc[place, "missing"] + moved)
    assert float(after.loc[place, KINDS].sum()) == pytest.approx(1.0)
    pd.testing.assert_frame_equal(after.drop(place), before.drop(place))


def test_the_order_of_rows_changes_nothing_and_the_callers_table_is_kept() -> None:
    measures = few()
    kept = measures.copy()
    turned = coverage_matrix(measures.iloc[::-1], [health()])
    pd.testing.assert_frame_equal(turned, coverage_matrix(measures, [health()]))
    pd.testing.assert_frame_equal(measures, kept)


def supplied() -> pd.DataFrame:
    """Return measures where Huron's share of immigrants was supplied by a user."""
    measures = few().copy()
    cell = (measures["site"] == "huron") & (measures["measure"] == "immigrants_2006_share")
    assert cell.sum() == 1
    measures.loc[cell, "supplied"] = "yes"
    return measures


def test_supplied_evidence_is_marked_in_every_table_and_in_the_figure() -> None:
    cluster = health()
    weights = cluster.criteria["weight"]
    matrix = coverage_matrix(supplied(), [cluster])
    cell = (matrix["site"] == "huron") & (matrix["factor"] == "2.1")
    share = weights["immigrants"] / weights[cluster.criteria["factor"] == "2.1"].sum()
    assert matrix.loc[cell, SUPPLIED].item() == pytest.approx(share)
    assert (matrix.loc[~cell & (matrix["weight"] > 0), SUPPLIED] == 0).all()
    pd.testing.assert_frame_equal(matrix[MATRIX[:-1]], coverage_matrix(few(), [cluster])[MATRIX[:-1]])
    whole = cluster_coverage(matrix)
    assert whole[SUPPLIED].item() == pytest.approx(weights["immigrants"] / len(SITES))
    assert "Of it supplied" in notebook.coverage_table(whole)
    assert "Of it supplied" in notebook.coverage_table(factor_coverage(matrix))
    assert "Of it supplied" not in notebook.coverage_table(cluster_coverage(coverage_matrix(few(), [cluster])))
    flags = lip.plot_coverage_matrix(matrix).axes[0].get_lines()
    assert [(float(flag.get_xdata()[0]) // 1, float(flag.get_ydata()[0]) // 1) for flag in flags] == [(0.0, 2.0)]


def test_a_cluster_without_criteria_has_no_shares() -> None:
    empty = lip.load_cluster("health")
    empty = Cluster(**{**vars(empty), "_criteria": empty.criteria.iloc[:0]})
    matrix = coverage_matrix(few(), [empty])
    assert (matrix["weight"] == 0).all()
    assert matrix[KINDS].isna().all(axis=None)
    assert cluster_coverage(matrix)[KINDS].isna().all(axis=None)
    assert cluster_coverage(matrix)["factors_scored"].item() == 0


def test_a_weight_of_zero_is_no_weight() -> None:
    cluster = lip.load_cluster("health")
    criteria = cluster.criteria
    criteria["weight"] = criteria["weight"].where(criteria["factor"] == "2.1", 0.0) * 2
    matrix = coverage_matrix(few(), [Cluster(**{**vars(cluster), "_criteria": criteria})])
    assert matrix.loc[matrix["factor"] == "2.2", KINDS].isna().all(axis=None)
    assert cluster_coverage(matrix)["factors_scored"].item() == 1


def test_a_cluster_twice_is_said() -> None:
    with pytest.raises(InputError, match=r"^Cluster health stands twice; name each cluster once\.$"):
        coverage_matrix(few(), [health(), lip.load_cluster("health", "need")])
    assert coverage_matrix(few(), []).empty


# -- for reading ------------------------------------------------------------------------------------


def test_the_tables_for_reading() -> None:
    _, _, matrix = real()
    factors = notebook.coverage_table(factor_coverage(matrix))
    assert len(factors) == matrix["factor"].nunique()
    assert factors.loc["2.3 Both rural and urban sites"].tolist() == ["quota", "–", "–", "–", "–", "–"]
    assert factors.loc["1.4 Regional variation", "Weight"] == "spread"
    assert factors.loc["5.3 Both French and English centres", "Weight"] == "not scored"
    assert factors.loc["3.5 Needs of large corporations and of small and medium enterprises", "Weight"] == "open"
    clusters = notebook.coverage_table(cluster_coverage(matrix))
    assert list(clusters.index) == CLUSTERS
    assert clusters.loc["health", "Factors: named, scored, open"] == "3 / 2 / 0"


@pytest.mark.parametrize("roster", ["lips-2012", "toronto-neighbourhoods-2009"])
def test_the_figure_shows_the_shares(roster: str) -> None:
    _, _, matrix = real(roster)
    figure = lip.plot_coverage_matrix(matrix)
    axes = figure.axes[0]
    widths: dict[int, float] = {}
    for patch in axes.patches:
        assert isinstance(patch, Rectangle)
        row = int(patch.get_y())
        widths[row] = widths.get(row, 0.0) + patch.get_width()
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == sorted(set(matrix["name"]))
    drawn = matrix[(matrix["weight"] > 0) | (matrix["status"] == "no evidence yet")].groupby("name").size()
    assert [widths[row] / 0.84 for row in range(len(names))] == pytest.approx([drawn[name] for name in names])
    filled = sum(
        patch.get_width() for patch in axes.patches if patch.get_facecolor()[:3] == (27 / 255, 58 / 255, 87 / 255)
    )
    assert filled / 0.84 == pytest.approx(matrix["A"].sum())
    dashes = [text for text in axes.texts if text.get_text() == "–"]
    assert len(dashes) + int(drawn.sum()) == len(matrix)


@pytest.mark.parametrize("clusters", [CLUSTERS, ["health"], ["labour", "inclusion"]])
def test_no_text_of_the_figure_is_cut_or_touches_other_text(clusters: list[str]) -> None:
    _, _, matrix = real()
    figure = lip.plot_coverage_matrix(matrix[matrix["cluster"].isin(clusters)])
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    axes = figure.axes[0]
    texts = [*figure.texts, *(text for text in axes.texts if text.get_text() != "–")]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    boxes += [label.get_window_extent() for label in axes.get_yticklabels() + axes.get_xticklabels()]
    legend = axes.get_legend()
    assert legend is not None
    boxes.append(legend.get_window_extent())
    width, height = canvas.get_width_height()
    for place, one in enumerate(boxes):
        assert min(one.x0, one.y0) >= 0
        assert one.x1 <= width
        assert one.y1 <= height
        for other in boxes[place + 1 :]:
            apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 + 1 or other.y1 <= one.y0 + 1
            assert apart, (one, other)


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(InputError, match=r"^The coverage matrix has no rows: there is nothing to draw\.$"):
        lip.plot_coverage_matrix(real()[2].iloc[:0])
