"""Every figure and map of the public face beside its stored picture, and canaries: what must not pass as the same.

To renew the pictures after a change that is meant, then look at each of them and at the difference:

    python -m pytest tests/figures --mpl-generate-path tests/figures/baseline

What failed is left in .pytest_cache/pictures: the stored picture, the new one, and their difference.

The data are small and made up, except for maps and profiles, which need the project's boundaries and measures. Letters
are drawn by the FreeType that Matplotlib brings along; another one (some conda builds) draws them otherwise, so there
the pictures are not compared; the other tests of figures are run all the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import ft2font
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import imread
from small_rankings import small_ranking

import lipresearch as lip
from lipresearch.comparison.covariates import from_frame
from lipresearch.comparison.matching import find_comparators, pair_sites
from lipresearch.comparison.representativeness import assess_representativeness
from lipresearch.maps import SHADES
from lipresearch.plots.drawn import described, fingerprint
from lipresearch.ranking import Ranking
from lipresearch.selection import CoreIndex

BASELINE = Path(__file__).parent / "baseline"
DPI = 50
#: Root mean square of the differences of all pixels (0 to 255). Another machine rounds the edge of a line otherwise
#: here and there; the canaries below show that a mark, a colour and one letter are more than this.
TOLERANCE = 0.2
#: The FreeType with which the pictures were made.
FREETYPE = "2.14.3"

POINTS: list[list[float | tuple[float, float] | None]] = [
    [0.9, 0.2, 0.7],
    [0.4, (0.3, 0.8), 0.5],
    [0.7, 0.9, None],
    [0.2, 0.4, 0.3],
    [0.55, None, 0.1],
]


@lru_cache
def ranking() -> Ranking:
    return small_ranking(POINTS, [2.0, 1.0, 1.0], ["a", "a", "b"], minimum=0.5)


@lru_cache
def roster() -> object:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.normal(size=(9, 4)), index=list("abcdefghi"), columns=["one", "two", "three", "four"])
    frame.loc["c", "two"] = np.nan
    return from_frame(frame.round(3))


def core_index(share: float = 0.62) -> CoreIndex:
    table = pd.DataFrame(
        {
            "site": list("abcde"),
            "name": ["Site 0", "Site 2", "Site 1", "Site 4", "Site 3"],
            "share": [1.0, share, 0.33, 0.04, 0.0],
            "class": ["core", "borderline", "borderline", "out", "out"],
            "chosen": [True, False, True, False, False],
        }
    )
    return CoreIndex(1000, 0.95, 0.05, 0, 4, 0.5, "Two sites; Test", table)


def matrix() -> pd.DataFrame:
    rows = [
        ("Test", "9.1", "s00", "Site 0", 0.5, "criterion", 0.5, 0.5, 0.0, 0.0, 0.0, 0.0),
        ("Test", "9.1", "s01", "Site 1", 0.5, "criterion", 0.0, 0.2, 0.3, 0.0, 0.5, 0.5),
        ("Test", "9.2", "s00", "Site 0", 0.5, "criterion", 1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        ("Test", "9.2", "s01", "Site 1", 0.5, "criterion", 0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
        ("Essay", "8.1", "s00", "Site 0", 0.0, "no evidence yet", *[np.nan] * 5, 0.0),
        ("Essay", "8.1", "s01", "Site 1", 0.0, "quota", *[np.nan] * 5, 0.0),
    ]
    kinds = ["A", "B", "C", "bounds only", "missing", "of it supplied"]
    return pd.DataFrame(rows, columns=["cluster", "factor", "site", "name", "weight", "status", *kinds])


def variance() -> Figure:
    unsure = lip.data_uncertainty(health())
    return lip.plot_rank_variance(lip.explain_rank_variance(health(), unsure, draws=64))


@lru_cache
def health() -> Ranking:
    return lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))


def comparators() -> Figure:
    return lip.plot_balance(find_comparators(roster(), ["a"], count=3))  # type: ignore[arg-type]


#: A figure of each kind; named after the public function, and after a dash what is special.
FIGURES: dict[str, Callable[[], Figure]] = {
    "plot_ranking": lambda: lip.plot_ranking(ranking()),
    "plot_contributions": lambda: lip.plot_contributions(ranking()),
    "plot_coverage": lambda: lip.plot_coverage(ranking()),
    "plot_coverage_matrix": lambda: lip.plot_coverage_matrix(matrix()),
    "plot_acceptability": lambda: lip.plot_acceptability(lip.rank_acceptability(ranking(), draws=200, top=2)),
    "plot_rank_variance": variance,
    "plot_weight_sensitivity": lambda: lip.plot_weight_sensitivity(ranking()),
    "plot_weight_sensitivity-one": lambda: lip.plot_weight_sensitivity(ranking(), "c1"),
    "plot_core_index": lambda: lip.plot_core_index(core_index()),
    "plot_profile": lambda: lip.plot_profile("huron", ["population_2021", "turnout_2015", "non_permanent_2021_share"]),
    "plot_balance": lambda: lip.plot_balance(assess_representativeness(roster(), ["a", "c"])),  # type: ignore[arg-type]
    "plot_balance-pairs": lambda: lip.plot_balance(pair_sites(roster(), list("abc"), list("defg"))),  # type: ignore[arg-type]
    "plot_balance-comparators": comparators,
    "map_measure": lambda: lip.map_measure("turnout_2015"),
    "map_measure-marks": lambda: lip.map_measure("population_2021"),
    "map_selection": lambda: lip.map_selection(["huron", "peel", "toronto-west"], alternates=["timmins"]),
    "map_ranking": lambda: lip.map_ranking(health()),
    "map_types": lambda: lip.map_types("settlement_type"),
}


def test_every_figure_of_the_public_face_has_its_picture() -> None:
    public = {name for name in lip.__all__ if name.startswith(("plot_", "map_"))}
    assert {name.split("-")[0] for name in FIGURES} == public
    stored = {path.stem: path.stat().st_size for path in BASELINE.glob("*.png")}
    assert set(stored) == set(FIGURES)
    assert sum(stored.values()) < 1_500_000


def compared(name: str) -> Callable[[], Figure]:
    @pytest.mark.mpl_image_compare(
        baseline_dir=str(BASELINE),
        filename=f"{name}.png",
        tolerance=TOLERANCE,
        savefig_kwargs={"dpi": DPI, "metadata": {"Software": None}},
        style="default",
    )
    @pytest.mark.skipif(ft2font.__freetype_version__ != FREETYPE, reason="another FreeType draws letters otherwise")
    def test() -> Figure:
        return FIGURES[name]()

    return test


for _name in FIGURES:
    globals()[f"test_picture_of_{_name.replace('-', '_')}"] = compared(_name)


# ---- canaries: what the comparison must not let pass ------------------------------------------------


def pixels(figure: Figure) -> np.ndarray:
    buffer = io.BytesIO()
    with mpl.rc_context(mpl.rcParamsDefault):
        figure.savefig(buffer, format="png", dpi=DPI)
    buffer.seek(0)
    return imread(buffer)[..., :3] * 255.0


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return what pytest-mpl compares with the tolerance; infinite where the sizes differ."""
    return float(np.sqrt(((one - other) ** 2).mean())) if one.shape == other.shape else np.inf


def other_score() -> Figure:
    return lip.plot_ranking(
        small_ranking([[0.9, 0.25, 0.7], *POINTS[1:]], [2.0, 1.0, 1.0], ["a", "a", "b"], minimum=0.5)
    )


def other_label(name: str, old: str, new: str) -> Figure:
    figure = FIGURES[name]()
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert any(old in label for label in labels)
    axes.set_yticks(axes.get_yticks(), [label.replace(old, new) for label in labels])
    return figure


def other_colour(name: str) -> Figure:
    figure = FIGURES[name]()
    mark = next(line for line in figure.axes[0].get_lines() if line.get_linestyle() == "None")
    mark.set_color("#E69F00")
    return figure


def other_place() -> Figure:
    figure = FIGURES["map_measure-marks"]()
    mark = next(one for axes in figure.axes for one in axes.collections if str(one.get_gid()).startswith("mark:peel"))
    mark.set_offsets(np.asarray(mark.get_offsets()) + 0.002)
    return figure


def other_shade() -> Figure:
    """The opposite class in the widest area that a panel shows whole (a class further in a small area is too close)."""
    figure = FIGURES["map_measure"]()
    shades = {to_rgba(shade): place for place, shade in enumerate(SHADES)}
    areas = []
    for axes in figure.axes:
        frame = axes.get_window_extent()
        for patch in axes.patches:
            box = patch.get_window_extent()
            if patch.get_facecolor() in shades and frame.x0 < box.x0 < box.x1 < frame.x1 and frame.y0 < box.y0:
                areas.append((box.width, patch))
    widest = max(areas, key=lambda area: area[0])[1]
    widest.set_facecolor(SHADES[0 if shades[widest.get_facecolor()] > 1 else -1])
    return figure


CANARIES: dict[str, tuple[str, Callable[[], Figure]]] = {
    "a score that moved by 0.0125": ("plot_ranking", other_score),
    "a mark of another colour": ("plot_ranking", lambda: other_colour("plot_ranking")),
    "one letter of a name": ("plot_ranking", lambda: other_label("plot_ranking", "Site 4", "Site 1")),
    "a share that moved by one per cent": ("plot_core_index", lambda: lip.plot_core_index(core_index(0.63))),
    "another recommended site": ("plot_core_index", lambda: other_label("plot_core_index", "Site 2", "Site 5")),
    "a mark that moved on the map": ("map_measure-marks", other_place),
    "an area of another class": ("map_measure", other_shade),
}


@pytest.mark.parametrize("canary", CANARIES)
def test_something_else_has_another_picture_and_another_fingerprint(canary: str) -> None:
    name, changed = CANARIES[canary]
    one, again, other = FIGURES[name](), FIGURES[name](), changed()
    assert fingerprint(one) == fingerprint(again)
    assert fingerprint(one) != fingerprint(other)
    same = pixels(one)
    assert distance(same, pixels(again)) == 0
    assert distance(same, pixels(other)) > 2 * TOLERANCE


# ---- the fingerprint, which nbval compares ----------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_drawing_a_figure_does_not_change_its_fingerprint(name: str) -> None:
    figure = FIGURES[name]()
    before = described(figure)
    assert re.fullmatch(r"<figure: .+; drawn data [0-9a-f]{8}>", before)
    figure.savefig(io.BytesIO(), format="png", dpi=73)
    assert described(figure) == before
    assert " 0x" not in before
