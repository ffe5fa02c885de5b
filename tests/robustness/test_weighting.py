"""Drawing weights: moments that are known in closed form, regions that must be met, messages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.robustness import Weighting, weighting
from lipresearch.robustness.weighting import WeightSampler

CRITERIA, FACTORS = "abcd", "1123"
STATED = [0.1, 0.2, 0.3, 0.4]


def draw(chosen: Weighting, draws: int = 40_000, seed: int = 7) -> np.ndarray:
    return WeightSampler(chosen, CRITERIA, FACTORS, STATED, seed).draw(0, draws)


@settings(max_examples=25)
@given(
    st.sampled_from(
        [
            Weighting(),
            Weighting(over="criteria"),
            Weighting("stated", 5),
            Weighting("fixed"),
            Weighting(order=("3", "1"), bounds={"2": (0.1, 0.5)}, ratios={("3", "1"): (1, 4)}),
        ]
    ),
    st.integers(0, 2**40),
)
def test_weights_add_to_one_and_are_not_negative(chosen: Weighting, seed: int) -> None:
    weights = WeightSampler(chosen, CRITERIA, FACTORS, STATED, seed).draw(3, 50)
    assert weights.shape == (4, 50)
    assert (weights >= 0).all()
    assert np.allclose(weights.sum(axis=0), 1, atol=1e-12)


def test_uniform_weights_have_the_moments_of_a_dirichlet_distribution() -> None:
    weights = draw(Weighting(over="criteria"))
    # Mean 1/m and variance (m - 1) / (m^2 (m + 1)); four standard errors.
    assert np.allclose(weights.mean(axis=1), 0.25, atol=4 * 0.194 / 200)
    assert np.allclose(weights.var(axis=1), 3 / 80, atol=0.001)


def test_weights_over_factors_do_not_favour_a_factor_with_more_criteria() -> None:
    weights = draw(Weighting())
    assert np.allclose(weights.mean(axis=1), [1 / 6, 1 / 6, 1 / 3, 1 / 3], atol=0.005)
    # The weight of a factor is uniform on the simplex; within the first, a's share is uniform and independent of it.
    share = weights[0] / (weights[0] + weights[1])
    assert np.allclose([share.mean(), share.var()], [1 / 2, 1 / 12], atol=0.005)
    assert abs(np.corrcoef(share, weights[2])[0, 1]) < 0.02


def test_weights_around_the_stated_ones() -> None:
    weights = draw(Weighting("stated", concentration=20))
    assert np.allclose(weights.mean(axis=1), STATED, atol=0.003)
    assert np.allclose(weights.std(axis=1), np.sqrt(np.multiply(STATED, np.subtract(1, STATED)) / 21), atol=0.003)
    assert (draw(Weighting("fixed"), 5).T == STATED).all()


def test_the_mean_of_ordered_weights_is_the_centroid() -> None:
    # Barron and Barrett (1996), rank order centroid weights of three: 11/18, 5/18, 2/18.
    weights = draw(Weighting(order=("2", "1", "3")))
    factors = np.array([weights[2], weights[0] + weights[1], weights[3]])
    assert (np.diff(factors, axis=0) <= 1e-12).all()
    assert np.allclose(factors.mean(axis=1), [11 / 18, 5 / 18, 2 / 18], atol=0.004)


RESTRICTED = Weighting(over="criteria", order=("d", "a"), bounds={"b": (0.05, 0.3)}, ratios={("c", "d"): (0.5, 2)})


def test_restrictions_are_met_and_drawn_uniformly() -> None:
    weights = draw(RESTRICTED)
    assert (weights[3] >= weights[0]).all()
    assert ((weights[1] >= 0.05 - 1e-9) & (weights[1] <= 0.3 + 1e-9)).all()
    ratio = weights[2] / weights[3]
    assert ((ratio >= 0.5 - 1e-9) & (ratio <= 2 + 1e-9)).all()
    plain = draw(Weighting(over="criteria"), 400_000)
    kept = plain[
        :,
        (plain[3] >= plain[0])
        & (plain[1] >= 0.05)
        & (plain[1] <= 0.3)
        & (plain[2] >= 0.5 * plain[3])
        & (plain[2] <= 2 * plain[3]),
    ]
    assert np.allclose(weights.mean(axis=1), kept.mean(axis=1), atol=0.004)
    assert np.allclose(np.cov(weights), np.cov(kept), atol=0.002)


def test_a_walk_draws_the_same_weights_as_trying_and_rejecting(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = draw(RESTRICTED, 10_000)
    monkeypatch.setattr(weighting, "LEAST_ACCEPTED", 1.1)
    walked = draw(RESTRICTED, 10_000)
    assert not np.array_equal(tried, walked)
    assert np.allclose(tried.mean(axis=1), walked.mean(axis=1), atol=0.008)
    assert np.allclose(np.cov(tried), np.cov(walked), atol=0.004)
    assert np.allclose(np.quantile(tried, [0.1, 0.9], axis=1), np.quantile(walked, [0.1, 0.9], axis=1), atol=0.015)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Weighting("normal"), r"A kind of weighting is uniform, stated, fixed, not 'normal'\."),
        (lambda: Weighting(over="sites"), r"Weights are drawn over factors or criteria, not 'sites'\."),
        (lambda: Weighting("stated", 0), r"A concentration is a number above 0, not 0\."),
        (lambda: Weighting("stated", float("nan")), "A concentration is a number above 0, not nan"),
        (lambda: Weighting("stated", "20"), r"A concentration is a number above 0, not '20'\."),
        (
            lambda: Weighting(bounds="0.1 to 0.5"),
            r"Bounds are given as \{a factor: \(least, greatest\)\}, not '0\.1 to 0\.5'",
        ),
        (lambda: Weighting(bounds={"1": "0.1"}), r"Bounds of 1 must be shares with the least first, not '0\.1'\."),
        (lambda: Weighting(bounds={"1": ("0.1", "0.5")}), r"Bounds of 1 must be shares .* not 0\.1 and 0\.5\."),
        (lambda: Weighting(bounds={"1": (0.1, 0.2, 0.3)}), r"Bounds of 1 must be shares .* not \(0\.1, 0\.2, 0\.3\)"),
        (lambda: Weighting(ratios=[1]), r"Ratios are given as \{\(one, other\): \(least, greatest\)\}, not \[1\]"),
        (lambda: Weighting(ratios={"12": (1, 2)}), r"The ratio of 12 needs two names and two numbers from 0 up"),
        (lambda: Weighting(ratios={("1", "2"): "4"}), r"The ratio of 1 to 2 needs two .* the least first, not '4'\."),
        (lambda: Weighting(order="12"), "An order of importance is a list of names, not one text"),
        (lambda: Weighting(order=("1", "1")), "An order of importance names two or more, each once"),
        (lambda: Weighting(order=("1",)), "An order of importance names two or more, each once"),
        (lambda: Weighting("stated", order=("1", "2")), "An order, bounds or ratios restrict uniform weights"),
        (
            lambda: Weighting(bounds={"1": (0.5, 0.1)}),
            "Bounds of 1 must be shares with the least first",
        ),
        (lambda: Weighting(bounds={"1": (0, float("nan"))}), "Bounds of 1 must be shares"),
        (lambda: Weighting(ratios={("1", "1"): (1, 2)}), "The ratio of 1 to 1 needs two names"),
        (lambda: Weighting(ratios={("1", "2"): (2, 1)}), "the least first, not 2 and 1"),
        (lambda: draw(Weighting(order=("1", "9"))), r"The cluster has no factor 9\. It has: 1, 2, 3\."),
        (
            lambda: draw(Weighting(over="criteria", bounds={"z": (0, 1)})),
            "The cluster has no criterion z",
        ),
        (
            lambda: draw(Weighting(bounds={"1": (0.8, 1), "2": (0.5, 1)})),
            "No weighting meets all restrictions",
        ),
        (lambda: draw(Weighting(bounds={"1": (0.5, 0.5)})), "The restrictions leave no room between the weightings"),
        (lambda: draw(Weighting("stated", 0.1)), r"smallest stated weight cannot be drawn; use 0\.5 or more\."),
        (
            lambda: WeightSampler(Weighting(), CRITERIA, FACTORS, [0.5] * 4, 1),
            r"The stated weights must be 0 or more and add to 1\.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(make, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_the_weighting_in_words() -> None:
    assert (
        Weighting().text == "every weighting over the factors, then within each over its criteria, all equally likely"
    )
    assert Weighting("fixed").text == "the stated weights only"
    assert Weighting("stated", 20).text == "weights around the stated ones (concentration 20)"
    assert Weighting(bounds={"1": (0.1, 0.5)}, ratios={("1", "2"): (1, 3)}).text == (
        "every weighting over the factors in which 1 weighs 0.1 to 0.5, and 1 weighs 1 to 3 times as much as 2"
    )
