"""Drawing weights: moments that are known in closed form, regions that must be met, messages."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.robustness import Weighting, weighting
from lipresearch.robustness.kernel import chunk_generator
from lipresearch.robustness.weighting import WeightSampler
from robustness.rankings import fresh

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


# ---- the same draws, one by one ---------------------------------------------------------------------


@pytest.mark.parametrize("stream", [0, 1000])
@pytest.mark.parametrize("chosen", [Weighting(), Weighting(over="criteria"), Weighting("stated", 3.5)])
def test_each_draw_is_made_of_its_random_numbers(chosen: Weighting, stream: int) -> None:
    sampler = WeightSampler(chosen, CRITERIA, FACTORS, STATED, 7)
    assert sampler.accepted == 1.0
    weights = sampler.draw(2, 30, stream)
    generator = chunk_generator(7, stream, 2)
    if chosen.kind == "stated":
        parts = generator.standard_gamma(np.repeat(np.multiply(STATED, 3.5)[:, None], 30, axis=1))
        expected = [[parts[c, d] / sum(parts[:, d]) for d in range(30)] for c in range(4)]
    elif chosen.over == "criteria":
        parts = generator.standard_exponential((4, 30))
        expected = [[parts[c, d] / sum(parts[:, d]) for d in range(30)] for c in range(4)]
    else:
        across, within = generator.standard_exponential((3, 30)), generator.standard_exponential((4, 30))
        expected = [[0.0] * 30 for _ in range(4)]
        for d in range(30):
            for c, factor in enumerate([0, 0, 1, 2]):
                share = within[c, d] / (within[0, d] + within[1, d] if factor == 0 else within[c, d])
                expected[c][d] = share * across[factor, d] / sum(across[:, d])
    assert weights == pytest.approx(np.array(expected), abs=1e-12)
    if stream == 0:
        assert (sampler.draw(2, 30) == weights).all()


def region(chosen: Weighting):
    found = WeightSampler(chosen, CRITERIA, FACTORS, STATED, 7)._region
    assert found is not None
    return found


def meets(chosen: Weighting, weights: np.ndarray, names: str) -> bool:
    """Whether one weighting meets all restrictions, read as they are written."""
    of = dict(zip(names, weights, strict=True))
    ordered = all(of[a] >= of[b] - 1e-9 for a, b in zip(chosen.order[:-1], chosen.order[1:], strict=True))
    bounded = all(low - 1e-9 <= of[name] <= high + 1e-9 for name, (low, high) in chosen.bounds.items())
    related = all(low * of[b] - 1e-9 <= of[a] <= high * of[b] + 1e-9 for (a, b), (low, high) in chosen.ratios.items())
    return ordered and bounded and related


WIDE = Weighting(order=("2", "1"), bounds={"3": (0.1, 0.6)}, ratios={("2", "3"): (0.5, 4)})
NARROW = Weighting(bounds={"1": (0.7, 0.72), "2": (0.1, 0.25)})


@pytest.mark.parametrize("chosen", [WIDE, RESTRICTED, NARROW])
def test_the_share_that_is_accepted_is_that_of_the_pilot_draws(chosen: Weighting) -> None:
    found = region(chosen)
    names = "123" if chosen.over == "factors" else CRITERIA
    parts = np.random.Generator(np.random.PCG64(0)).standard_exponential((len(names), 20_000))
    shares = parts / parts.sum(axis=0)
    places = [names.index(name) for name in chosen.order]
    if places:  # sorted: every weighting of an order stands for those of all its orders
        shares[places] = -np.sort(-shares[places], axis=0)
    accepted = np.mean([meets(chosen, column, names) for column in shares.T])
    assert found.share_accepted == pytest.approx(accepted, abs=1e-6)
    assert WeightSampler(chosen, CRITERIA, FACTORS, STATED, 7).accepted == found.share_accepted
    drawn = found.draw(np.random.default_rng(4), 300)
    assert drawn.shape == (len(names), 300)
    assert all(meets(chosen, column, names) for column in drawn.T)
    assert drawn.sum(axis=0) == pytest.approx(np.ones(300))


@pytest.mark.parametrize("chosen", [WIDE, RESTRICTED, NARROW])
def test_the_centre_of_a_region_and_the_ellipsoid_around_it(chosen: Weighting) -> None:
    found = region(chosen)
    slack = found.limits - found.rows @ found.centre
    assert (slack > 0).all()
    assert found.centre.sum() == pytest.approx(1)
    # The analytic centre: along the plane of weights the sum of the logarithms of the slacks does not rise.
    pull = found.rows.T @ (1 / slack)
    assert np.abs(pull - pull.mean()).max() < 1e-4 * np.abs(pull).max()
    # The shape turns a ball into the ellipsoid: in its measure every direction has the length 1.
    hessian = found.rows.T @ np.diag(1 / slack**2) @ found.rows
    assert found.shape.T @ hessian @ found.shape == pytest.approx(np.eye(found.count - 1), abs=1e-4)
    assert found.shape.sum(axis=0) == pytest.approx(np.zeros(found.count - 1), abs=1e-9)


def test_a_narrow_region_is_walked_through_and_a_wide_one_drawn_from() -> None:
    for chosen, walked in ((NARROW, True), (WIDE, False)):
        found = region(chosen)
        assert (found.share_accepted < 0.02) == walked
        same = found.draw(np.random.default_rng(3), 20) == found._walk(np.random.default_rng(3), 20)
        assert same.all() == walked


def test_a_walk_takes_its_steps_one_by_one() -> None:
    found, generator = region(WIDE), np.random.default_rng(9)
    walked = found._walk(np.random.default_rng(9), 5)
    weights = [found.centre.copy() for _ in range(5)]
    for _ in range(10 * found.count * found.count):
        normal, uniform = generator.standard_normal((found.count - 1, 5)), None
        reach = []
        for draw in range(5):
            direction = found.shape @ normal[:, draw]
            ahead, back = np.inf, -np.inf
            for row, limit in zip(found.rows, found.limits, strict=True):
                speed, room = row @ direction, max(limit - row @ weights[draw], 0.0)
                ahead = min(ahead, room / speed) if speed > 0 else ahead
                back = max(back, room / speed) if speed < 0 else back
            reach.append((direction, back, ahead))
        uniform = generator.random(5)
        for draw, (direction, back, ahead) in enumerate(reach):
            weights[draw] = weights[draw] + direction * (back + (ahead - back) * uniform[draw])
    expected = np.array([np.maximum(w, 0) / np.maximum(w, 0).sum() for w in weights]).T
    assert walked == pytest.approx(expected, abs=1e-7)


def test_a_draw_keeps_the_first_that_are_accepted() -> None:
    found = region(WIDE)
    drawn, generator = found.draw(np.random.default_rng(5), 40), np.random.default_rng(5)
    kept: list[np.ndarray] = []
    while len(kept) < 40:
        parts = generator.standard_exponential((3, int(40 / found.share_accepted) + 64))
        shares = parts / parts.sum(axis=0)
        shares[[1, 0]] = -np.sort(-shares[[1, 0]], axis=0)
        kept += [column for column in shares.T if meets(WIDE, column, "123")]
    assert drawn == pytest.approx(np.array(kept[:40]).T, abs=1e-12)


def test_restrictions_at_their_edges() -> None:
    for bounds in ((0, 1), (0.3, 0.3), (0.0, 0.0), (1, 1)):
        assert Weighting(bounds={"1": bounds}).restricted
    for bounds in ((-0.01, 1), (0, 1.01), (0.4, 0.3), (True, 1), (0,)):
        with pytest.raises(InputError, match=r"^Bounds of 1 must be shares with the least first, not "):
            Weighting(bounds={"1": bounds})
    for ends in ((0, 0), (2, 2), (0, 100)):
        assert Weighting(ratios={("1", "2"): ends}).restricted
    for names, ends, shown in ((("1", "2"), (-1, 2), "-1 and 2"), (("1", "2", "3"), (1, 2), "1 and 2")):
        message = f"^The ratio of {' to '.join(names)} needs two names and two numbers from 0 up, the least first, not"
        with pytest.raises(InputError, match=f"{message} {shown}\\.$"):
            Weighting(ratios={names: ends})
    for concentration in (-1, 0.0, np.inf, True, None):
        with pytest.raises(InputError, match=r"^A concentration is a number above 0, not "):
            Weighting("stated", concentration)
    assert Weighting("stated", np.float64(1e-3)).concentration == 1e-3
    assert not Weighting().restricted
    assert not Weighting("fixed").restricted
    assert Weighting(order=("1", "2")).restricted
    with pytest.raises(dataclasses.FrozenInstanceError):
        Weighting().kind = "fixed"  # type: ignore[misc]
    assert Weighting() != Weighting()
    given_ = {name: one.default for name, one in inspect.signature(Weighting).parameters.items()}
    assert (given_["kind"], given_["concentration"], given_["over"], given_["order"]) == (
        "uniform",
        20.0,
        "factors",
        (),
    )
    assert Weighting().bounds == Weighting().ratios == {}


def test_the_smallest_concentration_at_which_every_weight_can_be_drawn() -> None:
    stated = [0.2, 0.0, 0.3, 0.5]
    WeightSampler(Weighting("stated", 0.25), CRITERIA, FACTORS, stated, 1)
    message = r"^With a concentration of 0\.24 the smallest stated weight cannot be drawn; use 0\.25 or more\.$"
    with pytest.raises(InputError, match=message):
        WeightSampler(Weighting("stated", 0.24), CRITERIA, FACTORS, stated, 1)
    weights = WeightSampler(Weighting("stated", 1.0), CRITERIA, FACTORS, stated, 1).draw(0, 200)
    assert (weights[1] == 0).all()
    assert weights.sum(axis=0) == pytest.approx(np.ones(200))
    for wrong in ([0.2, 0.3, 0.5, 0.1], [0.5, 0.7, -0.2, 0.0]):
        with pytest.raises(InputError, match=r"^The stated weights must be 0 or more and add to 1\.$"):
            WeightSampler(Weighting(), CRITERIA, FACTORS, wrong, 1)


def test_every_weighting_in_words() -> None:
    assert Weighting(over="criteria").text == "every weighting over the criteria, all equally likely"
    assert Weighting("stated", 7.5).text == "weights around the stated ones (concentration 7.5)"
    assert RESTRICTED.text == (
        "every weighting over the criteria in which d counts at least as much as a, and b weighs 0.05 to 0.3, "
        "and c weighs 0.5 to 2 times as much as d"
    )
    three = Weighting(order=("3", "1", "2")).text
    assert three == (
        "every weighting over the factors in which 3 counts at least as much as 1 counts at least as much as 2"
    )


def test_regions_that_are_none_are_described() -> None:
    alone = r"^1 carries all the weight, so there is nothing to restrict\.$"
    with pytest.raises(InputError, match=alone):
        WeightSampler(Weighting(bounds={"1": (0, 1)}), "ab", "11", [0.5, 0.5], 1)
    with pytest.raises(InputError, match=r"^The cluster has no criterion z\. It has: a, b, c, d\.$"):
        draw(Weighting(over="criteria", ratios={("a", "z"): (1, 2)}))
    with pytest.raises(InputError, match=r"^No weighting meets all restrictions together: every weighting over the"):
        draw(Weighting(bounds={"1": (0.9, 1), "2": (0.2, 1)}))
    with pytest.raises(InputError, match=r"^The restrictions leave no room between the weightings they admit: every"):
        draw(Weighting(ratios={("1", "2"): (2, 2)}))
    # A thin region is one.
    assert draw(Weighting(ratios={("1", "2"): (2, 2.001)}), 10).shape == (4, 10)


@pytest.mark.parametrize("kind", ["uniform", "stated", "fixed"])
@pytest.mark.parametrize("over", ["factors", "criteria"])
def test_a_word_is_read_by_its_letters(kind: str, over: str) -> None:
    one, other = Weighting(kind, over=over), Weighting(fresh(kind), over=fresh(over))
    assert (draw(one, 20) == draw(other, 20)).all()
    assert one.text == other.text
    if kind == "uniform":
        unknown = "factor" if over == "factors" else "criterion"
        with pytest.raises(InputError, match=rf"^The cluster has no {unknown} none\. "):
            draw(Weighting(fresh(kind), over=fresh(over), bounds={"none": (0, 1)}))
        names = fresh("twice"), fresh("twice")
        with pytest.raises(InputError, match=r"^The ratio of twice to twice needs two names"):
            Weighting(ratios={names: (1, 2)})
