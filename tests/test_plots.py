"""Figures: what they plot is what the tables hold, nothing leaves the page, and no text touches other text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import lipresearch as lip
from lipresearch import plots
from lipresearch.errors import InputError
from lipresearch.ranking import Ranking

CLUSTERS = ["education", "health", "labour", "justice", "inclusion"]


@lru_cache
def ranking(cluster: str) -> Ranking:
    return lip.rank_sites(lip.load_measures(), lip.load_cluster(cluster))


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("draw", [lip.plot_ranking, lip.plot_contributions, lip.plot_coverage])
def test_no_text_is_cut_or_touches_other_text(draw: Callable[[Ranking], Figure], cluster: str) -> None:
    figure = draw(ranking(cluster))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    axes = figure.axes[0]
    legend = axes.get_legend()
    boxes = [text.get_window_extent() for text in figure.texts if text.get_text()]
    boxes += [
        label.get_window_extent() for label in axes.get_yticklabels() + axes.get_xticklabels() if label.get_text()
    ]
    if legend:
        boxes.append(legend.get_window_extent())
    if axes.get_xlabel():
        boxes.append(axes.xaxis.label.get_window_extent())
    width, height = canvas.get_width_height()
    for box in boxes:
        assert min(box.x0, box.y0) >= 0
        assert box.x1 <= width
        assert box.y1 <= height
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 + 1 or other.y1 <= one.y0 + 1
            assert apart, (cluster, one, other)


def test_the_marks_of_a_ranking_are_its_scores() -> None:
    table = ranking("health").ranked
    figure = lip.plot_ranking(ranking("health"))
    lines = [line for line in figure.axes[0].get_lines() if isinstance(line, Line2D)]
    marks = [float(line.get_xdata()[0]) for line in lines if line.get_linestyle() == "None"]
    spans = [tuple(map(float, line.get_xdata())) for line in lines if line.get_linestyle() == "-"]
    assert marks == table["score"].tolist()
    assert spans == list(zip(table["score_lowest"], table["score_highest"], strict=True))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [f"{row.rank}  {row.name}" for row in table.itertuples(index=False)]


def test_the_bars_of_a_site_add_to_its_score_and_its_highest_score() -> None:
    chosen = ranking("health")
    table = chosen.ranked
    figure = lip.plot_contributions(chosen)
    widths = [[bar.get_width() for bar in container] for container in figure.axes[0].containers]
    for place, row in enumerate(table.itertuples(index=False)):
        assert sum(bars[place] for bars in widths[:-1]) == pytest.approx(row.score)
        lost = chosen.contributions[(chosen.contributions["site"] == row.site) & chosen.contributions["value"].isna()]
        assert widths[-1][place] == pytest.approx(
            (lost["weight"] * (lost["points_highest"] - lost["points_lowest"])).sum()
        )


def test_a_figure_has_a_description_and_leaves_matplotlib_as_it_was() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    figure = lip.plot_ranking(ranking("health"))
    assert dict(matplotlib.rcParams) == before
    first = ranking("health").ranked.iloc[0]
    assert first["name"] in (figure.get_gid() or "")


def test_nothing_to_draw_is_said() -> None:
    chosen = ranking("health")
    empty = Ranking(
        chosen.cluster, chosen.table[chosen.table["status"] != "ranked"], chosen.contributions, chosen.grades
    )
    for draw in (lip.plot_ranking, lip.plot_contributions):
        with pytest.raises(InputError, match=r"No site is ranked: there is nothing to draw. See ranking.unranked"):
            draw(empty)


def test_settlement_types_differ_in_colour_and_in_shape() -> None:
    colours, shapes = zip(*plots.TYPES.values(), strict=True)
    assert len(set(colours)) == len(set(shapes)) == len(plots.TYPES)
