"""Figures: what they plot is what the tables hold, nothing leaves the page, and no text touches other text."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import lru_cache, partial

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from small_rankings import small_ranking

import lipresearch as lip
from lipresearch import plots
from lipresearch.comparison.covariates import from_frame
from lipresearch.comparison.matching import find_comparators
from lipresearch.comparison.representativeness import assess_representativeness
from lipresearch.errors import InputError
from lipresearch.plots.sites import plot_profile
from lipresearch.plots.sureness import spread
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


def test_the_weights_read_as_a_table() -> None:
    table = lip.notebook.weight_sensitivity_table(
        lip.weight_sensitivity(small_ranking([[0.8, 0.4], [0.2, 0.6]], [1, 1]))
    )
    assert table.loc["Criterion 0"].tolist() == ["50.0 %", "25.0 % to 100 %", "Site 1", "–", "1"]
    whole = lip.notebook.weight_sensitivity_table(
        lip.weight_sensitivity(small_ranking([[0.6, 0.4], [0.4, 0.6]], [1, 0]))
    )
    assert whole.loc["Criterion 0"].tolist()[1:] == [
        "no other criterion carries weight that could be in proportion", "–", "–", "–",
    ]  # fmt: skip


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
