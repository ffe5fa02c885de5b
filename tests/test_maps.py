"""Maps: what they draw is what the tables hold, every site is on them or named under them, and no text touches text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import lipresearch as lip
from lipresearch import maps
from lipresearch.boundaries import Outlines, load_site_outlines
from lipresearch.catchments import load_catchments
from lipresearch.errors import InputError, LipresearchError
from lipresearch.paths import project_root
from lipresearch.plots import TYPES
from lipresearch.ranking import Ranking

CLUSTERS = ["education", "health", "labour", "justice", "inclusion"]
HOODS = "toronto-neighbourhoods-2009"
UNKNOWN = [
    "Bathurst-Finch",
    "East Downtown Toronto",
    "Lawrence Heights",
    "South Scarborough",
    "Toronto East (WoodGreen)",
]
SELECTION = ["halifax", "huron", "peel", "smiths-falls", "timmins", "toronto-east"]
ALTERNATES = ["kingston", "london-middlesex"]


@lru_cache
def ranking(cluster: str) -> Ranking:
    return lip.rank_sites(lip.load_measures(), lip.load_cluster(cluster))


@lru_cache
def outlines() -> Outlines:
    return load_site_outlines(project_root(), load_catchments(project_root()))


@lru_cache
def drawn(name: str) -> Figure:
    """Return one of the maps that the tests share."""
    if name in CLUSTERS:
        return lip.map_ranking(ranking(name))
    return {
        "marks": lambda: lip.map_measure("population_2021"),
        "shades": lambda: lip.map_measure("median_age_2021"),
        "few": lambda: lip.map_measure("crime_severity_2011"),
        "neighbourhoods": lambda: lip.map_measure("population_change_2021", roster=HOODS),
        "neighbourhood marks": lambda: lip.map_measure("population_2021", roster=HOODS),
        "selection": lambda: lip.map_selection(SELECTION, ALTERNATES),
        "all selected": lambda: lip.map_selection(list(lip.load_sites().index)),
        "types": lambda: lip.map_types(),
        "orientations": lambda: lip.map_types("orientation"),
        "neighbourhood types": lambda: lip.map_types("orientation", roster=HOODS),
    }[name]()


EVERY = [*CLUSTERS, "marks", "shades", "few", "neighbourhoods", "neighbourhood marks", "selection", "all selected"]
EVERY += ["types", "orientations", "neighbourhood types"]


def by_id(figure: Figure, kind: str) -> dict[str, list]:
    """Return {site: artists} of the areas, marks, labels or leaders of a map."""
    found: dict[str, list] = {}
    for axes in figure.axes:
        for artist in [*axes.patches, *axes.collections, *axes.texts, *axes.lines]:
            if (artist.get_gid() or "").startswith(f"{kind}:"):
                found.setdefault(artist.get_gid().removeprefix(f"{kind}:"), []).append(artist)
    return found


def labels(figure: Figure) -> dict[str, str]:
    return {site: texts[0].get_text() for site, texts in by_id(figure, "label").items()}


def notes(figure: Figure) -> str:
    return " ".join(text.get_text().replace("\n", " ") for text in figure.texts)


def inside(box: Bbox, frame: Sequence[float]) -> bool:
    return frame[0] <= box.x0 <= box.x1 <= frame[2] and frame[1] <= box.y0 <= box.y1 <= frame[3]


# ---- the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_no_text_is_cut_or_touches_other_text(name: str) -> None:
    figure = drawn(name)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes: list[tuple[str, Bbox]] = [(text.get_text(), text.get_window_extent()) for text in figure.texts]
    boxes += [("legend", legend.get_window_extent()) for legend in figure.legends]
    for axes in figure.axes:
        frame = axes.get_window_extent()
        texts = [text for text in axes.texts if text.get_text()]
        for text in texts:
            # The text itself, without a leader: annotations count their arrow.
            box = Text.get_window_extent(text)
            assert inside(box, frame.extents), text.get_text()
            boxes.append((text.get_text(), box))
    width, height = canvas.get_width_height()
    for said, box in boxes:
        assert inside(box, (0, 0, width, height)), said
    for (said, one), (other_said, other) in combinations(boxes, 2):
        apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0
        assert apart, (said, other_said)
    for legend in figure.legends:
        for axes in figure.axes:
            assert not legend.get_window_extent().overlaps(axes.get_window_extent())


@pytest.mark.parametrize("name", ["marks", "few", "all selected", "types", "orientations"])
def test_no_label_covers_a_mark_and_no_leader_crosses_a_label_or_a_leader(name: str) -> None:
    figure = drawn(name)
    FigureCanvasAgg(figure).draw()
    for axes in figure.axes:
        boxes, lines, points = {}, {}, {}
        for text in axes.texts:
            if (text.get_gid() or "").startswith("label:"):
                boxes[text.get_gid()[6:]] = shapely.box(*Text.get_window_extent(text).extents)
        for line in axes.lines:
            lines[line.get_gid()[7:]] = shapely.LineString(axes.transData.transform(line.get_xydata()))
        for mark in axes.collections:
            if (mark.get_gid() or "").startswith("mark:"):
                centre = shapely.Point(axes.transData.transform(mark.get_offsets())[0])
                points[mark.get_gid()[5:]] = centre.buffer(math.sqrt(mark.get_sizes()[0]) / 2 * 100 / 72)
        assert not [(a, b) for a in boxes for b in points if boxes[a].intersects(points[b])]
        assert not [(a, b) for a in lines for b in points if a != b and lines[a].intersects(points[b])]
        assert not [(a, b) for a in lines for b in boxes if a != b and lines[a].intersects(boxes[b])]
        assert not [(a, b) for a, b in combinations(lines, 2) if lines[a].crosses(lines[b])]


@pytest.mark.parametrize("name", ["marks", "shades", "few", "all selected", "types", "orientations"])
def test_every_site_of_the_default_roster_is_labelled_once(name: str) -> None:
    figure = drawn(name)
    sites = lip.load_sites()
    found = by_id(figure, "label")
    assert sorted(found) == list(sites.index)
    assert all(len(texts) == 1 for texts in found.values())
    assert {site: text.split("\n")[0] for site, text in labels(figure).items()} == sites["name"].to_dict()
    assert set(by_id(figure, "area")) == set(sites.index)
    assert "Not labelled" not in notes(figure)
    assert "Not on the map" not in notes(figure)


@pytest.mark.parametrize("name", ["neighbourhoods", "neighbourhood marks", "neighbourhood types"])
def test_every_neighbourhood_site_is_labelled_or_named_under_the_map(name: str) -> None:
    figure = drawn(name)
    sites = lip.load_sites(HOODS)["name"]
    shown = {text.split("\n")[0] for text in labels(figure).values()}
    assert shown | set(UNKNOWN) == set(sites)
    assert len(shown) + len(UNKNOWN) == len(sites) == 14
    assert f"Not on the map, because their areas or outlines are not known: {', '.join(UNKNOWN)}." in notes(figure)


def test_sites_are_labelled_in_the_panel_that_people_look_in() -> None:
    where = {
        text.get_gid()[6:]: axes.get_label()
        for axes in drawn("marks").axes
        for text in axes.texts
        if (text.get_gid() or "").startswith("label:")
    }
    expected = {
        "huron": "Southern Ontario",
        "toronto-city": "Golden Horseshoe",
        "niagara": "Golden Horseshoe",
        "toronto-east": "Parts of Toronto",
        "timmins": "Northern Ontario",
        "northwestern-ontario": "Northern Ontario",
        "calgary": "Calgary",
        "halifax": "Halifax",
        "st-johns": "St. John's",
    }
    assert {site: where[site] for site in expected} == expected


def test_a_map_has_a_description_its_sources_and_leaves_matplotlib_as_it_was() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    figure = lip.map_selection(["huron"])
    assert dict(matplotlib.rcParams) == before
    assert "Selected: Huron County" in (figure.get_gid() or "")
    for words in ("Statistics Canada", "City of Toronto", "not where its residents live", "is not drawn"):
        assert words in notes(figure)


# ---- what is drawn ------------------------------------------------------------------------------


def colour_class(figure: Figure) -> dict[str, int]:
    """Return the class that each site's area is shaded as; -1 where it is hatched."""
    found = {}
    for site, areas in by_id(figure, "area").items():
        looks = {(to_hex(area.get_facecolor()), area.get_hatch()) for area in areas}
        assert len(looks) == 1, site
        shade, hatch = looks.pop()
        found[site] = -1 if hatch else maps.SHADES.index(shade)
        assert hatch is None or shade == "#ffffff"
    return found


@pytest.mark.parametrize(("name", "measure"), [("shades", "median_age_2021"), ("few", "crime_severity_2011")])
def test_shades_and_labels_are_the_measure(name: str, measure: str) -> None:
    table = lip.load_measures()
    mine = table[table["measure"] == measure].set_index("site")
    shades = colour_class(drawn(name))
    known = mine["value"].dropna()
    assert {site for site, shade in shades.items() if shade == -1} == set(mine.index[mine["value"].isna()]) != set()
    for one, other in combinations(known.index, 2):
        if known[one] == known[other]:
            assert shades[one] == shades[other]
        if known[one] < known[other]:
            assert shades[one] <= shades[other]
    assert set(shades.values()) == {-1, 0, 1, 2, 3, 4}
    written = labels(drawn(name))
    for site, value in known.items():
        assert written[site].split("\n")[1] == f"{value:,.1f}"
    for site in mine.index[mine["value"].isna()]:
        row = mine.loc[site]
        bounds = f"between {row['low']:.1f} and {row['high']:.1f}"
        assert written[site].split("\n")[1] == (bounds if not math.isnan(row["low"]) else row["reason"])


@pytest.mark.parametrize("name", ["marks", "neighbourhood marks"])
def test_areas_of_marks_are_in_proportion_and_shapes_are_the_types(name: str) -> None:
    roster = HOODS if "hood" in name else "lips-2012"
    table = lip.load_measures(roster)
    values = table[table["measure"] == "population_2021"].set_index("site")["value"].dropna()
    kinds = lip.load_sites(roster)["settlement_type"]
    marks = {site: found[0] for site, found in by_id(drawn(name), "mark").items()}
    assert set(marks) == set(values.index)
    for site, mark in marks.items():
        assert mark.get_sizes()[0] == pytest.approx(maps.LARGEST * values[site] / values.max())
        assert to_hex(mark.get_facecolor()[0]) == TYPES[kinds[site]][0].lower()
        assert labels(drawn(name))[site].split("\n")[1] == f"{values[site]:,.0f}"


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_ranking_is_shaded_by_score_and_its_first_six_are_labelled(cluster: str) -> None:
    table = ranking(cluster).table.set_index("site")
    figure = drawn(cluster)
    first = table[table["rank"] <= 6]
    assert labels(figure) == {site: f"{row['rank']}  {row['name']}" for site, row in first.iterrows()}
    shades = pd.Series(colour_class(figure))
    unranked = table.index[table["status"] != "ranked"]
    assert set(shades.index[shades == -1]) == set(unranked)
    scores = table.loc[table["status"] == "ranked", "score"].sort_values()
    assert shades[scores.index].is_monotonic_increasing
    assert f"The first {len(first)} sites for" in notes(figure)


def test_a_mark_shows_the_shade_too_for_sites_that_are_too_small_to_see() -> None:
    shades = colour_class(drawn("few"))
    kinds = lip.load_sites()["settlement_type"]
    for site, (mark,) in by_id(drawn("few"), "mark").items():
        expected = "#ffffff" if shades[site] == -1 else maps.SHADES[shades[site]]
        assert to_hex(mark.get_facecolor()[0]) == expected
        assert to_hex(mark.get_edgecolor()[0]) == TYPES[kinds[site]][0].lower()


def test_a_selection_is_full_alternates_are_dotted_and_the_rest_is_grey() -> None:
    figure = drawn("selection")
    kinds = lip.load_sites()["settlement_type"]
    for site, areas in by_id(figure, "area").items():
        for area in areas:
            fill, hatch = to_hex(area.get_facecolor()), area.get_hatch()
            if site in SELECTION:
                assert (fill, hatch) == (TYPES[kinds[site]][0].lower(), None)
            elif site in ALTERNATES:
                assert (fill, hatch) == ("#ffffff", "....")
            else:
                assert (fill, hatch) == (maps.OTHER["fc"], None)
    assert set(by_id(figure, "mark")) == {*SELECTION, *ALTERNATES} == set(labels(figure))
    assert labels(figure)["kingston"] == "Kingston\n(alternate)"
    assert figure.texts[0].get_text() == "6 sites, 1 in Toronto, 3 urban and 2 rural, in 5 economic regions"
    # A selected part of Toronto lies over the city, which is a candidate, in every panel.
    for axes in figure.axes:
        order = {patch.get_gid(): patch.get_zorder() for patch in axes.patches}
        if "area:toronto-east" in order and "area:toronto-city" in order:
            assert order["area:toronto-east"] > order["area:toronto-city"]


def look_of(figure: Figure) -> dict[str, tuple[str, str | None]]:
    """Return the fill and hatch of each site's area; every panel draws a site alike."""
    found = {}
    for site, areas in by_id(figure, "area").items():
        looks = {(to_hex(area.get_facecolor()), area.get_hatch()) for area in areas}
        assert len(looks) == 1, site
        found[site] = looks.pop()
    return found


def legend_of(figure: Figure) -> dict[str, str]:
    """Return {text: fill of its mark} of the legend of a map."""
    legend = figure.legends[0]
    return {
        text.get_text(): to_hex(handle.get_markerfacecolor())
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }


def test_settlement_types_have_their_fixed_colours_and_shapes() -> None:
    kinds = lip.load_sites()["settlement_type"]
    assert look_of(drawn("types")) == {site: (TYPES[kind][0].lower(), None) for site, kind in kinds.items()}
    counts = kinds.value_counts()
    assert legend_of(drawn("types")) == {
        f"{kind} ({count} sites)": TYPES[kind][0].lower() for kind, count in counts.items()
    }
    assert labels(drawn("types")) == lip.load_sites()["name"].to_dict()
    title = f"{counts['Toronto']} Toronto, {counts['urban']} urban and {counts['rural']} rural"
    assert f"Settlement type of 38 sites: {title}" in notes(drawn("types"))


@pytest.mark.parametrize("attribute", ["orientation", "scale", "city_tier", "lead_kind", "french_designation"])
def test_each_level_of_another_category_has_a_colour_and_a_shape_of_its_own(attribute: str) -> None:
    levels = lip.load_sites()[attribute]
    figure = drawn("orientations") if attribute == "orientation" else lip.map_types(attribute)
    found = look_of(figure)
    looks = {level: {found[site] for site in levels.index[levels == level]} for level in set(levels)}
    assert all(len(fills) == 1 for fills in looks.values())
    shapes = {
        level: {
            mark[0].get_paths()[0].vertices.round(6).tobytes()
            for site, mark in by_id(figure, "mark").items()
            if levels[site] == level
        }
        for level in set(levels)
    }
    assert all(len(shape) == 1 for shape in shapes.values())
    assert len(set().union(*shapes.values())) == len(shapes)
    grey = {"none", "not applicable"}
    assert len({look for level, fills in looks.items() if level not in grey for look in fills}) == len(
        set(levels) - grey
    )
    # None of these colours says that a site is of a settlement type.
    assert not {fill for fills in looks.values() for fill, _ in fills} & {
        colour.lower() for colour, _ in TYPES.values()
    }
    assert {text.rsplit(" (", 1)[0] for text in legend_of(figure)} == set(levels)


def test_a_category_that_is_not_known_is_hatched_and_said() -> None:
    sites = lip.load_sites()
    sites.loc["huron", "orientation"] = ""
    sites.loc["peel", "lead_kind"] = "not known"
    for attribute, site in (("orientation", "huron"), ("lead_kind", "peel")):
        figure = maps.map_types(sites, outlines(), attribute)
        assert look_of(figure)[site] == ("#ffffff", "/////")
        assert legend_of(figure)["not known (one site)"] == "#ffffff"
        assert "1 not known" in notes(figure)


def test_the_whole_city_hides_its_parts_except_in_their_panel() -> None:
    for axes in drawn("few").axes:
        order = {patch.get_gid(): patch.get_zorder() for patch in axes.patches}
        if "area:toronto-city" in order:
            over = order["area:toronto-west"] > order["area:toronto-city"]
            assert over == (axes.get_label() == "Parts of Toronto")


def test_a_series_is_drawn_as_it_is_and_left_alone() -> None:
    values = pd.Series({"huron": 1.0, "peel": 3.0, "ottawa": math.nan}, name="visits")
    before = values.copy()
    figure = lip.map_measure(values, decimals=0)
    pd.testing.assert_series_equal(values, before)
    shades = colour_class(figure)
    assert (shades["huron"], shades["peel"], shades["ottawa"], shades["york"]) == (0, 4, -1, -1)
    assert labels(figure)["peel"] == "Peel Region\n3"
    assert labels(figure)["york"] == "York Region\nnot published"
    assert "visits: highest in Peel Region (3), lowest in Huron County (1)" in notes(figure)
    assert "36 sites without a value" in notes(figure)


def test_one_value_everywhere_and_a_measure_of_one_site() -> None:
    figure = lip.map_measure(pd.Series({"huron": 2.0}, name="visits"))
    assert "visits: highest in Huron County (2.0), as everywhere" in notes(figure)


def test_classes_are_told_apart_in_grey() -> None:
    light = [float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114))) for colour in maps.SHADES]
    assert all(one - other > 0.12 for one, other in pairwise(light))


# ---- classes, projection and labels -------------------------------------------------------------


@given(st.lists(st.integers(0, 30) | st.none(), min_size=1, max_size=60), st.integers(1, 6))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_classes_keep_order_and_ties(numbers: list[int | None], number: int) -> None:
    values = pd.Series([math.nan if value is None else float(value) for value in numbers])
    found = maps.classes(values, number)
    assert (found.isna() == values.isna()).all()
    known = found.dropna()
    assert set(known) == set(range(len(set(known))))
    assert len(set(known)) <= number
    for one, other in combinations(known.index, 2):
        if values[one] == values[other]:
            assert found[one] == found[other]
        elif values[one] < values[other]:
            assert found[one] <= found[other]


def test_distinct_values_fill_the_classes_evenly() -> None:
    assert maps.classes(pd.Series(np.arange(40.0)), 5).value_counts().tolist() == [8] * 5


def test_the_projection_keeps_angles_and_puts_north_up_in_the_middle() -> None:
    for panel in maps.PANELS:
        west, south, east, north = panel.extent
        middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
        step = 1e-4
        x, y = panel.project(*middle)
        up = panel.project(middle[0], middle[1] + step)
        right = panel.project(middle[0] + step, middle[1])
        assert up[0] == pytest.approx(x)
        tall = float((up[1] - y)[0]) / math.radians(step)
        wide = float((right[0] - x)[0]) / (math.radians(step) * math.cos(math.radians(middle[1][0])))
        assert wide == pytest.approx(tall, rel=1e-4)
        assert 0.98 < tall <= 1.0001


def obvious_problems(places: list, sizes: np.ndarray, box: tuple) -> list[str]:
    boxes = [shapely.box(*place, *(np.array(place) + size)) for place, size in zip(places, sizes, strict=True) if place]
    page = shapely.box(*box)
    found = [f"{one.bounds} leaves the page" for one in boxes if not page.covers(one)]
    return found + [f"{a.bounds} on {b.bounds}" for a, b in combinations(boxes, 2) if a.intersection(b).area > 0]


@given(st.lists(st.tuples(st.integers(5, 295), st.integers(5, 195)), min_size=1, max_size=12, unique=True))
@settings(derandomize=True, deadline=None, max_examples=30)
def test_labels_never_touch_and_never_leave_the_page(points: list[tuple[int, int]]) -> None:
    where, box = np.array(points, dtype=float), (0.0, 0.0, 300.0, 200.0)
    sizes = np.tile([60.0, 20.0], (len(points), 1))
    marks = np.column_stack([where, np.full(len(points), 3.0)])
    land = np.zeros((40, 60), dtype=bool)
    placed = maps.place_labels(where, sizes, box, np.zeros((0, 4)), marks, land)
    assert obvious_problems(placed, sizes, box) == []
    assert placed == maps.place_labels(where, sizes, box, np.zeros((0, 4)), marks, land)
    assert placed[0] is not None or len(points) > 1


def test_a_label_without_room_is_said() -> None:
    box = (0.0, 0.0, 50.0, 50.0)
    placed = maps.place_labels(
        np.array([[25.0, 25.0]]),
        np.array([[60.0, 10.0]]),
        box,
        np.zeros((0, 4)),
        np.zeros((0, 3)),
        np.zeros((10, 10), bool),
    )
    assert placed == [None]


def test_sites_without_room_for_a_label_are_named_under_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "place_labels", lambda points, *rest: [None] * len(points))
    figure = lip.map_selection(["huron", "peel"])
    assert "Not labelled for want of room: Huron County, Peel Region." in notes(figure)
    assert labels(figure) == {}


# ---- refusals -----------------------------------------------------------------------------------


@lru_cache
def sites_of(roster: str = "lips-2012") -> pd.DataFrame:
    return lip.load_sites(roster)


def measure(values: pd.Series, roster: str = "lips-2012", how: str | None = None) -> Figure:
    return maps.map_measure(sites_of(roster), outlines(), values, str(values.name), how=how)


def selection(*chosen: object) -> Figure:
    return maps.map_selection(sites_of(), outlines(), *chosen)  # type: ignore[arg-type]


def first(top: int) -> Figure:
    return maps.map_ranking(ranking("health"), sites_of(), outlines(), top)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lip.map_measure("population_2012"), r"There is no measure 'population_2012'. Near: population_2021"),
        (lambda: lip.map_measure("zzz"), r"There is no measure 'zzz'. See the column measure of load_measures\(\)"),
        (
            lambda: measure(pd.Series({"atlantis": 1.0})),
            r"Not a site of this roster: atlantis. See load_sites\(\) for the ids",
        ),
        (
            lambda: measure(pd.Series([1.0, 2.0], index=["huron", "huron"], name="visits")),
            r"visits has two values for huron. Give one for each site",
        ),
        (
            lambda: measure(pd.Series({"huron": math.inf, "peel": 1.0}, name="visits")),
            r"visits is not a finite number for huron. Leave it missing instead",
        ),
        (
            lambda: measure(pd.Series({"huron": "many", "peel": 1.0}, name="visits")),
            r"visits is not a finite number for huron",
        ),
        (
            lambda: measure(pd.Series({"huron": math.nan}, name="visits")),
            r"No site has a value of visits: there is nothing to map",
        ),
        (
            lambda: measure(pd.Series({"huron": 1.0}), how="dots"),
            r"how is 'dots'; it must be 'areas' \(shades\) or 'marks' \(sizes\)",
        ),
        (
            lambda: measure(pd.Series({"huron": -1.0, "peel": 2.0}, name="change"), how="marks"),
            r"change is negative for Huron County: use how='areas'",
        ),
        (
            lambda: measure(pd.Series({"huron": 0.0}, name="visits"), how="marks"),
            r"visits is 0 for every site: marks of that size cannot be seen. Use how='areas'",
        ),
        (lambda: selection([]), r"No site is selected: there is nothing to map. Give at least one site id"),
        (lambda: selection("huron"), r"selection is the text 'huron'; give a list of site ids: \['huron'\]"),
        (lambda: selection(["huron"], "peel"), r"alternates is the text 'peel'"),
        (lambda: selection(["atlantis"]), r"Not a site of this roster: atlantis"),
        (
            lambda: selection(["huron", "peel"], ["peel"]),
            r"Listed twice: peel. A site is selected or an alternate, once",
        ),
        (
            lambda: lip.map_selection(["huron"], roster="no-such"),
            r"There is no roster 'no-such'",
        ),
        (
            lambda: lip.map_types("settlement"),
            r"There is no category 'settlement' of sites. There are: settlement_type, field_study_group",
        ),
        (
            lambda: lip.map_types("region"),
            r"The sites have \d+ different values of economic region, more than the 6 that a map can tell apart. "
            r"Read them in a table: load_sites\(\)",
        ),
        (
            lambda: maps.map_types(sites_of().assign(orientation=""), outlines(), "orientation"),
            r"The orientation of none of these sites is known: there is nothing to map",
        ),
        (lambda: first(0), r"top is 0; it must be a whole number from 1"),
        (lambda: first(True), r"top is True; it must be a whole number from 1"),
        (
            lambda: measure(pd.Series({"bathurst-finch": 1.0}, name="visits"), HOODS),
            r"visits has no value for any site whose areas are known: there is nothing to map",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(call: Callable[[], Figure], message: str) -> None:
    with pytest.raises(LipresearchError, match=message):
        call()


def test_no_ranked_site_is_said() -> None:
    chosen = ranking("health")
    empty = Ranking(
        chosen.cluster, chosen.table[chosen.table["status"] != "ranked"], chosen.contributions, chosen.grades
    )
    with pytest.raises(InputError, match=r"No site is ranked: there is nothing to draw. See ranking.unranked"):
        lip.map_ranking(empty)


def test_sites_without_any_known_area_cannot_be_drawn() -> None:
    sites = lip.load_sites(HOODS).loc[["bathurst-finch"]]
    with pytest.raises(
        InputError, match=r"The areas or outlines of none of these sites are known: there is nothing to map"
    ):
        maps.map_selection(sites, outlines(), ["bathurst-finch"])


# ---- outlines -----------------------------------------------------------------------------------


def test_a_selection_is_drawn_with_its_alternates() -> None:
    chosen = lip.choose_sites(
        lip.rank_sites(lip.load_measures(), lip.load_cluster("health")), lip.load_design("one-of-each-type")
    )
    named = list(dict.fromkeys(chosen.alternates["replacement"]))
    one, other = lip.map_selection(chosen), lip.map_selection(list(chosen.sites), alternates=named)
    assert one.get_gid() == other.get_gid()
