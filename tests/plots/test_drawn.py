"""A figure as a notebook keeps it: a small picture, and a fingerprint of what is drawn."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import lipresearch as lip
from lipresearch.plots.drawn import STEP, described, fingerprint, rounded, small_png
from lipresearch.ranking import Ranking


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))


def test_a_stored_picture_is_small_and_shows_the_same(ranking: Ranking) -> None:
    figure = lip.plot_ranking(ranking)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    whole = np.asarray(Image.open(buffer).convert("RGB")).astype(int)
    stored = small_png(figure)
    assert len(stored) < len(buffer.getvalue()) / 2
    assert np.abs(np.asarray(Image.open(io.BytesIO(stored)).convert("RGB")).astype(int) - whole).max() <= STEP // 2
    assert small_png(figure) == stored


def test_a_picture_of_many_colours_needs_no_palette(ranking: Ranking) -> None:
    figure = lip.map_ranking(ranking)
    stored = Image.open(io.BytesIO(small_png(figure)))
    assert stored.mode == "RGB"
    assert stored.size == tuple(round(side * figure.dpi) for side in figure.get_size_inches())


def test_the_last_digits_of_a_number_do_not_change_a_fingerprint() -> None:
    def drawn(noise: float) -> str:
        figure = Figure()
        axes = figure.add_subplot()
        axes.plot([0.0, 1.0, 2.0], [0.1234565 + noise, -noise, 0.3 + noise])
        axes.barh([1, 2], [0.5 - noise, noise])
        axes.set_xlim(0, 3)
        axes.set_ylim(0, 3)
        return fingerprint(figure)

    assert drawn(0.0) == drawn(1e-16) == drawn(-1e-16)
    assert drawn(0.0) != drawn(1e-5)


def test_numbers_of_another_size_are_other_numbers() -> None:
    assert rounded([1.0, 2.0]) != rounded([10.0, 20.0])
    assert rounded([np.nan, np.inf]) == [0, None, None]


def test_a_figure_without_a_title_says_so() -> None:
    assert described(Figure()).startswith("<figure: no title; drawn data ")
