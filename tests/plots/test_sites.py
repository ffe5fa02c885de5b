"""Figures of sites beside their roster: what they draw is what was found."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import lipresearch as lip
from lipresearch.comparison.covariates import from_frame
from lipresearch.comparison.matching import find_comparators
from lipresearch.comparison.representativeness import assess_representativeness
from lipresearch.errors import InputError
from lipresearch.plots.sites import plot_profile
from plots.test_plots import CLUSTERS, SETS, ranking


def test_a_profile_shows_where_the_site_stands() -> None:
    wanted = ["population_2021", "turnout_2015", "non_permanent_2021_share"]
    profile = lip.site_profile("huron", measures=wanted)
    assert profile["measure"].tolist() == wanted
    figure = lip.plot_profile("huron", wanted)
    axes = figure.axes[0]
    marks = {line.get_ydata()[0]: line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "^"}
    labels = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    texts = {(text.get_position()[1], text.get_text()) for text in axes.texts}
    measures = lip.load_measures()
    ordered = profile.set_index("measure").loc[["turnout_2015", "population_2021", "non_permanent_2021_share"]]
    for row, (measure, entry) in enumerate(ordered.iterrows()):
        assert labels[row].startswith(entry["label"])
        values = measures.loc[measures["measure"] == measure, "value"].dropna()
        if pd.isna(entry["value"]):
            assert row not in marks
            assert (row, "not published") in texts
            assert (row, f"– of {len(values)}") in texts
            continue
        assert marks[row] == pytest.approx((entry["value"] - values.min()) / (values.max() - values.min()))
        assert (row, f"{1 + int((values > entry['value']).sum())} of {len(values)}") in texts
    ticks = [line.get_segments() for line in axes.collections]
    assert sorted(segment[0][0] for segment in ticks[1])[0] == 0.0
    assert len(ticks[1]) == 38


def test_a_value_shared_by_most_sites_is_neither_high_nor_low() -> None:
    measures = lip.load_measures()
    none = measures[(measures["measure"] == "workshops_led") & (measures["value"] == 0)]
    assert len(none) > 10
    title = lip.plot_profile(none["site"].iloc[0], ["workshops_led"]).get_gid()
    assert "highest quarter of the sites in 0 and among the lowest quarter in 0 of 1 measure." in title


def test_what_cannot_be_profiled() -> None:
    with pytest.raises(InputError, match=r"There is no measure 'population_2012'\. Near: population_2021"):
        lip.plot_profile("huron", ["population_2012"])
    with pytest.raises(InputError, match=r"Name at least one measure\. See the column measure of load_measures"):
        lip.plot_profile("huron", [])
    profile = lip.site_profile("huron", measures=["population_2021"]).assign(sites_with_value=0)
    with pytest.raises(InputError, match="No site has a value of these measures: there is nothing to draw"):
        plot_profile(profile, lip.load_measures(), "Huron County")


def test_the_default_profile_is_of_what_the_clusters_score() -> None:
    scored = {name for cluster in CLUSTERS for name in ranking(cluster).cluster.criteria["measure"]}
    found = lip.site_profile("peel", measures="criteria")
    assert set(found["measure"]) == scored
    assert found["measure"].is_unique
    assert len(lip.notebook.profile_table(found)) == len(scored)


def test_the_marks_of_a_balance_are_its_differences() -> None:
    found = lip.assess_representativeness(SETS[0])
    table = found.table.sort_values("difference", key=lambda column: -column.abs(), kind="stable")
    axes, ratio, covered = lip.plot_balance(found).axes
    marks = [float(line.get_xdata()[0]) for line in axes.get_lines() if line.get_marker() == "o"]
    assert marks == table["difference"].tolist()
    ratios = [2 ** float(line.get_xdata()[0]) for line in ratio.get_lines() if line.get_marker() in ("D", "<", ">")]
    assert ratios == pytest.approx(table["variance_ratio"].clip(0.25, 4).tolist())
    assert [bar.get_width() for bar in covered.patches] == table["range_covered"].tolist()


def test_the_marks_of_pairs_are_the_differences_of_the_two() -> None:
    found = lip.pair_sites()
    values, sizes = found.distances.rows.transformed, found.distances.rows.transformed.std(ddof=1)
    labels = found.distances.rows.labels
    by_hand = {
        label: [
            (values.loc[row.site, measure] - values.loc[row.partner, measure]) / sizes[measure]
            for row in found.table.itertuples()
        ]
        for measure, label in labels.items()
    }
    axes = lip.plot_balance(found).axes[0]
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    rings = [line for line in axes.get_lines() if line.get_marker() == "o"]
    means = [line for line in axes.get_lines() if line.get_marker() == "D"]
    for name, ring, mean in zip(names, rings, means, strict=True):
        known = [value for value in by_hand[name] if not math.isnan(value)]
        assert list(ring.get_xdata()) == pytest.approx(known)
        assert mean.get_xdata()[0] == pytest.approx(sum(known) / len(known))
    table = lip.notebook.pair_differences_table(found)
    assert list(table.columns) == ["Mean difference", "Lowest", "Highest", "Pairs with both values"]
    assert set(table.index) == set(by_hand)


def test_a_balance_that_is_undefined_is_not_drawn() -> None:
    sites = from_frame(pd.DataFrame({"size": [1.0, 1.0, 1.0]}, index=list("abc")))
    with pytest.raises(InputError, match="No difference from the roster is defined"):
        lip.plot_balance(assess_representativeness(sites, ["a"]))
    apart = from_frame(pd.DataFrame({"size": [1.0, 2.0, 9.0]}, index=list("abc")))
    with pytest.raises(InputError, match="No difference is defined: there is no pair of sites with values"):
        lip.plot_balance(find_comparators(apart, ["c"], caliper=0.01))
