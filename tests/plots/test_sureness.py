"""Figures of how far a choice holds: what they draw is what was found."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_rankings import small_ranking

import lipresearch as lip
from lipresearch.errors import InputError
from lipresearch.plots.sureness import spread
from lipresearch.selection import CoreIndex
from plots.test_plots import core_of


def test_the_lines_of_a_weight_are_its_scores_and_end_where_the_evidence_does() -> None:
    chosen = small_ranking([[0.9, 0.2, 0.7], [0.2, 0.8, 0.5], [0.7, 0.1, None]], [2, 1, 1], minimum=0.5)
    found = lip.weight_sensitivity(chosen)
    figure = lip.plot_weight_sensitivity(chosen, "c2")
    axes = figure.axes[0]
    drawn = {(*map(float, line.get_xdata()), *map(float, line.get_ydata())) for line in axes.get_lines()}
    for line in found.lines("c2").itertuples():
        assert (line.start, line.end, line.score_start, line.score_end) in drawn
    assert found.lines("c2").set_index("site")["end"].to_dict() == {"s00": 1.0, "s01": 1.0, "s02": 0.5}
    row = found.table.set_index("criterion").loc["c2"]
    assert any(line.get_xdata()[0] == line.get_xdata()[-1] == row["weight"] for line in axes.get_lines())
    bar = next(line for line in axes.get_lines() if line.get_color() == "#56B4E9")
    assert list(bar.get_xdata()) == [row["stays_from"], row["stays_to"]]
    dots = [float(line.get_xdata()[0]) for line in axes.get_lines() if line.get_marker() == "o"]
    mine = found.stretches[found.stretches["criterion"] == "c2"]
    assert dots == mine["start"].iloc[1:].tolist()


def test_the_title_of_the_weights_is_the_nearest_change() -> None:
    chosen = small_ranking([[0.8, 0.4], [0.2, 0.6]], [1, 1])
    title = lip.plot_weight_sensitivity(chosen).get_gid()
    assert title.startswith(
        "Site 0 stays first until “Criterion 0” weighs less than 25.0 % instead of 50.0 %; then Site 1 is"
    )
    firm = lip.plot_weight_sensitivity(small_ranking([[0.8, 0.7], [0.2, 0.6]], [1, 1])).get_gid()
    assert firm.startswith("Site 0 stays first whatever any one criterion weighs.")
    lost = lip.plot_weight_sensitivity(small_ranking([[0.9, None], [0.1, None]], [3, 1], minimum=0.5)).get_gid()
    assert lost.startswith(
        "Site 0 stays first until “Criterion 0” weighs less than 50.0 % instead of 75.0 %; then no site is"
    )


def test_weights_that_cannot_be_drawn() -> None:
    whole = small_ranking([[0.6, 0.4], [0.4, 0.6]], [1, 0])
    with pytest.raises(InputError, match="The weight of c0 cannot be varied"):
        lip.plot_weight_sensitivity(whole, "c0")
    with pytest.raises(InputError, match="There is no criterion 'x'"):
        lip.plot_weight_sensitivity(whole, "x")
    assert len(lip.plot_weight_sensitivity(whole).axes) == 1


@given(st.lists(st.floats(-0.2, 1.2), min_size=1, max_size=8))
def test_labels_are_spread_in_their_order(wanted: list[float]) -> None:
    found = spread(wanted, 0.1, -0.05, 1.0)
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    placed = [found[place] for place in order]
    assert all(later - earlier >= 0.1 - 1e-6 for earlier, later in itertools.pairwise(placed))
    assert placed[-1] <= 1.0 + 1e-9
    apart = all(abs(a - b) > 0.1 for a, b in itertools.combinations(wanted, 2))
    if apart and all(-0.05 <= place <= 1.0 for place in wanted):
        assert found == pytest.approx(wanted, abs=1e-8)


def test_the_bars_of_a_core_index_are_its_shares() -> None:
    index = core_of("health")
    table = index.table
    table = table[(table["share"] > 0) | table["chosen"]]
    axes = lip.plot_core_index(index).axes[0]
    assert [bar.get_width() for bar in axes.patches] == table["share"].tolist()
    assert [label.get_text() for label in axes.get_yticklabels()] == table["name"].tolist()
    starred = {len(table) - round(line.get_ydata()[0]) for line in axes.get_lines() if line.get_marker() == "*"}
    assert starred == {place for place, chosen in enumerate(table["chosen"]) if chosen}
    assert index.about == "Six sites in the pattern of the field study; Health care, mental health and well-being"


@pytest.mark.parametrize(
    ("classes", "title"),
    [
        (["core", "core"], "All 2 recommended sites are core: they stay in the best set in nearly every draw"),
        (["core", "out"], "1 of the 2 recommended sites is core; the other one depends on the draw"),
        (["out", "borderline"], "None of the 2 recommended sites is core: the best set changes from draw to draw"),
    ],
)
def test_the_title_of_a_core_index_says_what_holds(classes: list[str], title: str) -> None:
    table = pd.DataFrame(
        {"site": ["a", "b"], "name": ["A", "B"], "share": [0.5, 0.5], "class": classes, "chosen": [True, True]}
    )
    figure = lip.plot_core_index(CoreIndex(10, 0.95, 0.05, 0, 1, 0.5, "Two; Test", table))
    assert (figure.get_gid() or "").startswith(title)
