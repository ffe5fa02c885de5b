"""Figures: what they plot is what the tables hold, nothing leaves the page, and no text touches other text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import lipresearch as lip
from lipresearch import plots
from lipresearch.errors import InputError
from lipresearch.ranking import Ranking
from lipresearch.robustness import Uncertainty
from lipresearch.selection import CoreIndex

CLUSTERS = ["education", "health", "labour", "justice", "inclusion"]


@lru_cache
def ranking(cluster: str) -> Ranking:
    return lip.rank_sites(lip.load_measures(), lip.load_cluster(cluster))


@lru_cache
def uncertainty(cluster: str) -> Uncertainty:
    return lip.data_uncertainty(ranking(cluster))


def draw_acceptability(chosen: Ranking) -> Figure:
    unsure = uncertainty(chosen.cluster.cluster)
    return lip.plot_acceptability(lip.rank_acceptability(chosen, uncertainty=unsure, draws=1000))


def draw_variance(chosen: Ranking) -> Figure:
    return lip.plot_rank_variance(lip.explain_rank_variance(chosen, uncertainty(chosen.cluster.cluster), draws=128))


@lru_cache
def core_of(cluster: str) -> CoreIndex:
    chosen = lip.choose_sites(ranking(cluster), lip.load_design("six-sites"))
    return lip.core_index(chosen, lip.sample_scores(ranking(cluster), draws=100))


def draw_core(chosen: Ranking) -> Figure:
    return lip.plot_core_index(core_of(chosen.cluster.cluster))


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize(
    "draw",
    [lip.plot_ranking, lip.plot_contributions, lip.plot_coverage, draw_acceptability, draw_variance, draw_core],
)
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


def every_text(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that a reader sees, with the space that it takes."""
    FigureCanvasAgg(figure).draw()
    found = [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip()
    ]
    shown = []
    for axes in figure.axes:  # labels of ticks beyond the ends are not drawn
        for axis, ends in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            for tick in axis.get_major_ticks():
                if not min(ends) <= tick.get_loc() <= max(ends):
                    shown += [tick.label1.get_text(), tick.label2.get_text()]
    return [(words, box) for words, box in found if words not in shown and box.width > 0]


PROFILED = ["huron", "peel", "northwestern-ontario", "toronto-west", "st-johns"]
SETS = (["huron", "ottawa", "peel", "timmins"], ["toronto-south", "peel", "hamilton", "kingston", "huron"])
NEW_FIGURES: dict[str, Callable[[], Figure]] = {
    **{
        f"weights of {name}": partial(lambda name: lip.plot_weight_sensitivity(ranking(name)), name)
        for name in CLUSTERS
    },
    "one weight": lambda: lip.plot_weight_sensitivity(ranking("health"), "kinds"),
    **{f"profile of {site}": partial(lip.plot_profile, site) for site in PROFILED},
    "all languages": lambda: lip.plot_profile("ottawa", ["pupils_range_2018", "pupils_three_2018"]),
    "balance 1": lambda: lip.plot_balance(lip.assess_representativeness(SETS[0])),
    "balance 2": lambda: lip.plot_balance(lip.assess_representativeness(SETS[1], use="wider")),
    "pairs": lambda: lip.plot_balance(lip.pair_sites()),
    "comparators": lambda: lip.plot_balance(lip.find_comparators(["huron"])),
    "comparators of two": lambda: lip.plot_balance(lip.find_comparators(["huron", "peel"])),
}


@pytest.mark.parametrize("name", NEW_FIGURES)
def test_every_text_of_a_figure_has_its_place(name: str) -> None:
    figure = NEW_FIGURES[name]()
    texts = every_text(figure)
    width, height = figure.canvas.get_width_height()
    for words, box in texts:
        assert min(box.x0, box.y0) >= 0, words
        assert box.x1 <= width, words
        assert box.y1 <= height, words
    for place, (words, one) in enumerate(texts):
        for other_words, other in texts[place + 1 :]:
            apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 + 2 or other.y1 <= one.y0 + 2
            assert apart, (words, other_words)
    assert (figure.get_gid() or "").startswith(" ".join(figure.texts[0].get_text().split()))


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


def test_the_shades_of_a_heat_map_are_the_acceptabilities() -> None:
    result = lip.rank_acceptability(ranking("health"), draws=500)
    figure = lip.plot_acceptability(result, top=10)
    mesh = figure.axes[0].collections[0]
    assert mesh.get_array().ravel().tolist() == result.acceptability.iloc[:10].to_numpy().ravel().tolist()
    frames = [(patch.get_x() + 0.5, patch.get_y()) for patch in figure.axes[0].patches]
    assert frames == [(rank, row) for row, rank in enumerate(result.table["rank"].head(10))]


def test_the_bars_of_the_sources_are_their_total_indices() -> None:
    result = lip.explain_rank_variance(ranking("health"), uncertainty("health"), draws=128)
    figure = lip.plot_rank_variance(result)
    table = result.table.sort_values("total", kind="stable")
    assert [bar.get_width() for bar in figure.axes[0].containers[0]] == table["total"].clip(lower=0).tolist()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == table["label"].tolist()


def test_no_movement_is_not_drawn() -> None:
    chosen = ranking("health")
    still = lip.explain_rank_variance(
        chosen, uncertainty("health").only([]), lip.Weighting("fixed"), methods=["arithmetic"], draws=64
    )
    with pytest.raises(InputError, match="No rank moves in any draw, so there is nothing to explain"):
        lip.plot_rank_variance(still)


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


@pytest.mark.parametrize("dpi", [72, 100, 110, 120, 150, 200])
def test_no_text_runs_off_the_page_at_any_resolution(dpi: int) -> None:
    """Fonts are fitted to pixels, so the same words are up to a twelfth wider at some resolutions than at others."""
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("labour"))
    selection = lip.choose_sites(ranking, lip.load_design("labour"))
    for figure in (lip.plot_ranking(ranking), lip.plot_contributions(ranking), lip.map_selection(selection)):
        figure.set_dpi(dpi)
        renderer = FigureCanvasAgg(figure).get_renderer()
        over = [text.get_text() for text in figure.texts if text.get_window_extent(renderer).x1 > figure.bbox.width]
        assert over == []


@given(st.text("abc é\u00a0", max_size=200), st.sampled_from([7.5, 13.0]), st.floats(0.5, 9))
def test_wrapped_lines_hold_all_words_and_fit(text: str, size: float, width: float) -> None:
    lines = plots.wrap_text(text, size, width)
    assert " ".join(lines) == " ".join(word for word in text.split(" ") if word)
    assert all(plots._inches(line, size, "normal") <= width or " " not in line for line in lines)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_figure_says_whose_figures_it_shows(language: str) -> None:
    measures = lip.load_measures()
    whole = lip.rank_sites(measures, lip.load_cluster("health"))
    mine = measures["measure"] == whole.cluster.criteria["measure"].iloc[0]
    some = lip.rank_sites(measures.assign(supplied=mine.map({True: "yes", False: "no"})), lip.load_cluster("health"))
    parts = some.contributions[some.contributions["value"].notna()]
    assert whole.supplied == 0.0
    assert some.supplied == pytest.approx((parts["criterion"] == parts["criterion"].iloc[0]).mean())
    assert lip.rank_sites(measures.assign(supplied="yes"), lip.load_cluster("health")).supplied == 1.0
    published = {"en": plots.ATTRIBUTION, "fr": plots.ATTRIBUTION_FR}[language]
    every, few = plots.SUPPLIED[language]
    assert [plots.attribution(share, language) for share in (0.0, 0.5, 1.0)] == [published, f"{published} {few}", every]
    if language == "en":
        (note,) = [text.get_text() for text in lip.plot_contributions(some).texts if "Weights:" in text.get_text()]
        assert " ".join(note.split()).endswith(few)
