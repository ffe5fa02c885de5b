"""Linguistic diversity: what must hold for any population, slow second calculations, published values, peers."""

from __future__ import annotations

import csv
import itertools
import math
import random as random_module
import warnings
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.health import evenness
from lipresearch.measures.language import (
    diversity_bounds,
    hill_number,
    linguistic_diversity,
    shannon,
    weighted_linguistic_diversity,
)

PUBLISHED = Path(__file__).resolve().parent.parent / "published"
NAN = math.nan
CLOSE = {"rel": 1e-11, "abs": 1e-11}
#: Not nearer to 1 than the arithmetic can tell apart.
ORDERS = (0, 0.01, 0.5, 0.99, 1, 1.01, 1.5, 2, 3, 7.5, 50, 1000, math.inf)

people = st.integers(0, 10**7)
populations = st.lists(people, min_size=1, max_size=12).filter(any)
small = st.lists(st.integers(0, 6), min_size=1, max_size=5).filter(any)


def published(name: str) -> list[dict[str, str]]:
    with open(PUBLISHED / name, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# ---- slow second calculations -------------------------------------------------------------------


def two_people_differ(counts: list[int], replacement: bool) -> Fraction:
    """Draw every pair of people, and count the pairs with different mother tongues."""
    tongues = [language for language, speakers in enumerate(counts) for _ in range(speakers)]
    places = range(len(tongues))
    pairs = itertools.product(places, places) if replacement else itertools.permutations(places, 2)
    drawn = [tongues[a] != tongues[b] for a, b in pairs]
    return Fraction(sum(drawn), len(drawn))


def exact_diversity(counts: list[int]) -> Fraction:
    total = sum(counts)
    return 1 - sum(Fraction(speakers, total) ** 2 for speakers in counts)


def slow_hill(counts: list[int], order: float) -> float:
    shares = [speakers / sum(counts) for speakers in counts if speakers]
    if order == 0:
        return len(shares)
    if order == 1:
        return math.exp(-math.fsum(p * math.log(p) for p in shares))
    if math.isinf(order):
        return 1 / max(shares)
    if order > 100:  # sum of p**q underflows; its logarithm does not
        top = max(shares)
        inside = order * math.log(top) + math.log(math.fsum((p / top) ** order for p in shares))
        return math.exp(inside / (1 - order))
    return math.fsum(p**order for p in shares) ** (1 / (1 - order))


@given(small)
def test_greenbergs_index_is_the_chance_that_two_people_differ(counts: list[int]) -> None:
    assert linguistic_diversity(counts) == pytest.approx(float(two_people_differ(counts, True)), **CLOSE)
    if sum(counts) > 1:
        expected = float(two_people_differ(counts, False))
        assert linguistic_diversity(counts, unbiased=True) == pytest.approx(expected, **CLOSE)


@given(populations)
def test_greenbergs_index_is_exact_for_large_populations(counts: list[int]) -> None:
    assert linguistic_diversity(counts) == pytest.approx(float(exact_diversity(counts)), abs=1e-14)


@given(populations, st.sampled_from(ORDERS))
def test_hill_numbers_are_the_obvious_loop(counts: list[int], order: float) -> None:
    assert hill_number(counts, order) == pytest.approx(slow_hill(counts, order), rel=1e-9)


@given(populations)
def test_shannon_is_the_obvious_loop(counts: list[int]) -> None:
    total = sum(counts)
    expected = -math.fsum(n / total * math.log(n / total) for n in counts if n)
    assert shannon(counts) == pytest.approx(expected, **CLOSE)


@given(small, st.data())
def test_measure_b_is_the_obvious_double_loop(counts: list[int], data: st.DataObject) -> None:
    size = len(counts)
    matrix = np.eye(size)
    for a, b in itertools.combinations(range(size), 2):
        matrix[a, b] = matrix[b, a] = data.draw(st.floats(0, 1))
    total = sum(counts)
    expected = 1 - math.fsum(counts[a] * counts[b] * matrix[a, b] / total**2 for a in range(size) for b in range(size))
    found = weighted_linguistic_diversity(counts, matrix)
    assert found == pytest.approx(expected, **CLOSE)
    assert -1e-12 <= found <= linguistic_diversity(counts) + 1e-12


# ---- what must hold for any population ----------------------------------------------------------

INDICES = {
    "Greenberg": linguistic_diversity,
    "Shannon": shannon,
    "Hill 0": lambda counts: hill_number(counts, 0),
    "Hill 0.5": lambda counts: hill_number(counts, 0.5),
    "Hill 1": lambda counts: hill_number(counts, 1),
    "Hill 2": lambda counts: hill_number(counts, 2),
    "Hill inf": lambda counts: hill_number(counts, math.inf),
}
every_index = pytest.mark.parametrize("name", INDICES)
fewer = settings(max_examples=25)


@every_index
@fewer
@given(populations, st.integers(0, 11), st.floats(0, 1))
def test_splitting_a_language_never_lowers_diversity(name: str, counts: list[int], which: int, share: float) -> None:
    which %= len(counts)
    first = round(counts[which] * share)
    split = [*counts[:which], first, counts[which] - first, *counts[which + 1 :]]
    before, after = INDICES[name](counts), INDICES[name](split)
    assert after >= before * (1 - 1e-12)
    if name == "Greenberg":
        assert linguistic_diversity(split, unbiased=True) >= linguistic_diversity(counts, unbiased=True) - 1e-12 or (
            sum(counts) == 1
        )


@every_index
@fewer
@given(populations, st.integers(1, 11), st.integers(0, 2))
def test_a_true_split_raises_diversity(name: str, counts: list[int], which: int, order: int) -> None:
    which %= len(counts)
    assume(10 * counts[which] > sum(counts))  # so that the difference is larger than rounding
    half = counts[which] // 2
    assume(half > 0)
    split = [*counts[:which], half, counts[which] - half, *counts[which + 1 :]]
    if name == "Hill inf":  # looks at the commonest language only
        assert INDICES[name](split) >= INDICES[name](counts) * (1 - 1e-12)
    else:
        assert INDICES[name](split) > INDICES[name](counts)


@every_index
@fewer
@given(populations, st.randoms(use_true_random=False))
def test_the_order_of_languages_is_irrelevant(name: str, counts: list[int], random: random_module.Random) -> None:
    shuffled = list(counts)
    random.shuffle(shuffled)
    assert INDICES[name](shuffled) == pytest.approx(INDICES[name](counts), **CLOSE)


@every_index
@fewer
@given(populations, st.lists(st.sampled_from([0, 0.0, -0.0]), max_size=4), st.integers(0, 12))
def test_languages_that_nobody_speaks_are_irrelevant(
    name: str, counts: list[int], nobody: list[float], place: int
) -> None:
    padded = [*counts[:place], *nobody, *counts[place:]]
    assert INDICES[name](padded) == pytest.approx(INDICES[name](counts), **CLOSE)


@every_index
@fewer
@given(populations, st.one_of(st.integers(2, 1000).map(float), st.floats(1e-3, 1e3)))
def test_a_population_of_the_same_mix_is_as_diverse(name: str, counts: list[int], times: float) -> None:
    scaled = [speakers * times for speakers in counts]
    assert INDICES[name](scaled) == pytest.approx(INDICES[name](counts), **CLOSE)


@given(populations)
def test_drawing_without_replacement_differs_by_the_finite_population(counts: list[int]) -> None:
    total = sum(counts)
    unbiased = linguistic_diversity(counts, unbiased=True)
    if total == 1:
        assert math.isnan(unbiased)
    else:
        assert unbiased == pytest.approx(linguistic_diversity(counts) * total / (total - 1), **CLOSE)
        assert 0 <= unbiased <= 1


@given(populations)
def test_hill_numbers_fall_with_their_order_within_one_and_the_languages(counts: list[int]) -> None:
    values = [hill_number(counts, order) for order in ORDERS]
    spoken = sum(1 for speakers in counts if speakers)
    assert values[0] == spoken
    for larger, smaller in itertools.pairwise(values):
        assert smaller <= larger * (1 + 1e-9)
    assert all(1 - 1e-9 <= value <= spoken * (1 + 1e-9) for value in values)


@given(populations)
def test_the_indices_are_one_family(counts: list[int]) -> None:
    assert linguistic_diversity(counts) == pytest.approx(1 - 1 / hill_number(counts, 2), **CLOSE)
    assert shannon(counts) == pytest.approx(math.log(hill_number(counts, 1)), **CLOSE)
    assert hill_number(counts, math.inf) == pytest.approx(sum(counts) / max(counts), rel=1e-12)
    assert 0 <= shannon(counts) <= math.log(hill_number(counts, 0)) + 1e-12


@given(st.integers(1, 300), st.integers(1, 10**6), st.sampled_from(ORDERS))
def test_equally_spoken_languages_count_fully(languages: int, speakers: int, order: float) -> None:
    counts = [speakers] * languages
    assert hill_number(counts, order) == pytest.approx(languages, rel=1e-9)
    assert linguistic_diversity(counts) == pytest.approx(1 - 1 / languages, abs=1e-12)
    assert shannon(counts) == pytest.approx(math.log(languages), abs=1e-12)


@given(st.integers(1, 10**9), st.integers(0, 5))
def test_one_language_is_no_diversity(speakers: int, silent: int) -> None:
    counts = [speakers] + [0] * silent
    assert linguistic_diversity(counts) == 0.0
    assert shannon(counts) == 0.0
    assert [hill_number(counts, order) for order in ORDERS] == [1.0] * len(ORDERS)


@given(small)
def test_unrelated_languages_give_measure_a_and_one_language_in_many_names_gives_nothing(counts: list[int]) -> None:
    size = len(counts)
    assert weighted_linguistic_diversity(counts, np.eye(size)) == pytest.approx(linguistic_diversity(counts), **CLOSE)
    assert weighted_linguistic_diversity(counts, np.ones((size, size))) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("counts", [[], [0], [0, 0, 0], np.array([]), np.zeros(3)])
def test_nobody_has_no_diversity_not_zero(counts: object) -> None:
    assert math.isnan(linguistic_diversity(counts))
    assert math.isnan(linguistic_diversity(counts, unbiased=True))
    assert math.isnan(shannon(counts))
    assert all(math.isnan(hill_number(counts, order)) for order in ORDERS)
    if len(counts):  # type: ignore[arg-type]
        assert math.isnan(weighted_linguistic_diversity(counts, np.eye(len(counts))))  # type: ignore[arg-type]
    assert all(math.isnan(end) for end in diversity_bounds(list(counts), 0))  # type: ignore[call-overload]


def test_a_single_person_cannot_be_drawn_twice() -> None:
    assert math.isnan(linguistic_diversity([1], unbiased=True))
    assert linguistic_diversity([1]) == 0.0
    assert linguistic_diversity([1, 1], unbiased=True) == 1.0


def test_arguments_are_not_changed() -> None:
    counts = np.array([3.0, 0.0, 5.0])
    matrix = np.eye(3)
    for index in INDICES.values():
        index(counts)
    weighted_linguistic_diversity(counts, matrix)
    assert counts.tolist() == [3.0, 0.0, 5.0]
    assert matrix.tolist() == np.eye(3).tolist()


# ---- bounds where part of the speakers are only known as "other" --------------------------------

known_counts = st.lists(people, max_size=4)


@given(known_counts, people, st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_every_split_of_the_others_lies_within_the_bounds(known: list[int], lumped: int, parts: list[int]) -> None:
    assume(sum(known) + lumped > 0)
    low, high = diversity_bounds(known, lumped)
    split = [lumped * part / sum(parts) for part in parts]
    value = linguistic_diversity([*known, *split])
    assert 0 <= low <= high <= 1
    assert low - 1e-12 <= value <= high + 1e-12


@given(known_counts, people)
def test_the_lower_bound_is_the_merged_other(known: list[int], lumped: int) -> None:
    assume(sum(known) + lumped > 0)
    low, high = diversity_bounds(known, lumped)
    total = sum(known) + lumped
    assert low == linguistic_diversity([*known, lumped])
    assert high == pytest.approx(float(1 - sum(Fraction(n, total) ** 2 for n in known)), abs=1e-12)
    if lumped == 0:
        assert low == high


@given(known_counts, st.integers(1, 300))
def test_the_upper_bound_is_approached_when_no_two_of_the_others_agree(known: list[int], lumped: int) -> None:
    _, high = diversity_bounds(known, lumped)
    value = linguistic_diversity([*known, *[1] * lumped])
    total = sum(known) + lumped
    assert value == pytest.approx(high - lumped / total**2, abs=1e-12)


@given(known_counts, st.integers(0, 10**6), st.integers(0, 10**6))
def test_naming_one_more_language_narrows_the_bounds(known: list[int], named: int, rest: int) -> None:
    assume(sum(known) + named + rest > 0)
    wide, narrow = diversity_bounds(known, named + rest), diversity_bounds([*known, named], rest)
    assert wide[0] - 1e-12 <= narrow[0]
    assert narrow[1] <= wide[1] + 1e-12


# ---- what cannot be used ------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [NAN, math.inf, -math.inf, None])
@every_index
def test_a_missing_or_infinite_count_is_refused(name: str, bad: float | None) -> None:
    message = r"^A number of speakers is missing or infinite; leave the area out or give bounds\.$"
    with pytest.raises(InputError, match=message):
        INDICES[name]([5, bad])
    with pytest.raises(InputError, match=message):
        weighted_linguistic_diversity([5, bad], np.eye(2))
    with pytest.raises(InputError, match=message):
        diversity_bounds([5], NAN)


@every_index
def test_a_negative_count_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"^A number of speakers is negative\.$"):
        INDICES[name]([5, -1])
    with pytest.raises(InputError, match=r"^A number of speakers is negative\.$"):
        diversity_bounds([5], -1)
    with pytest.raises(InputError, match=r"^A number of speakers is negative\.$"):
        weighted_linguistic_diversity([5, -1], np.eye(2))


@pytest.mark.parametrize(("counts", "shape"), [([[1, 2], [3, 4]], r"\(2, 2\)"), (5, r"\(\)"), ([[]], r"\(1, 0\)")])
def test_a_table_of_counts_is_refused(counts: object, shape: str) -> None:
    with pytest.raises(
        InputError, match=rf"^Speakers per language must be one row of numbers, not .* shape {shape}\.$"
    ):
        linguistic_diversity(counts)


@pytest.mark.parametrize("order", [-1, -1e-9, NAN, -math.inf])
def test_a_negative_order_is_refused(order: float) -> None:
    with pytest.raises(InputError, match=rf"^The order of a Hill number must be 0 or more, not {order}\.$"):
        hill_number([1, 2], order)
    with pytest.raises(InputError, match=r"^The order of a Hill number"):
        hill_number([], order)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(3), r"^The resemblances must be 2 x 2, not \(3, 3\)\.$"),
        (np.ones((2, 1)), r"^The resemblances must be 2 x 2, not \(2, 1\)\.$"),
        ([1, 1], r"^The resemblances must be 2 x 2, not \(2,\)\.$"),
        ([[1, 1.1], [1.1, 1]], r"^A resemblance is not between 0 and 1\.$"),
        ([[1, -0.1], [-0.1, 1]], r"^A resemblance is not between 0 and 1\.$"),
        ([[1, NAN], [NAN, 1]], r"^A resemblance is not between 0 and 1\.$"),
        ([[1, 0.2], [0.3, 1]], r"^Resemblances must be symmetric, with 1 on the diagonal\.$"),
        ([[0.9, 0.2], [0.2, 1]], r"^Resemblances must be symmetric, with 1 on the diagonal\.$"),
    ],
)
def test_a_table_of_resemblances_that_cannot_be_used(matrix: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        weighted_linguistic_diversity([1, 2], matrix)


# ---- published values ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", published("greenberg.csv"), ids=lambda case: f"{case['case']}, {case['index']}")
def test_greenbergs_cases(case: dict[str, str]) -> None:
    counts = [float(speakers) for speakers in case["speakers"].split()]
    if case["index"] == "B":
        matrix = np.array([float(part) for part in case["resemblance"].split()]).reshape(len(counts), len(counts))
        found = weighted_linguistic_diversity(counts, matrix)
    else:
        found = linguistic_diversity(counts, unbiased=case["index"] == "A unbiased")
    if case["expected"] == "undefined":
        assert math.isnan(found)
    else:
        assert found == pytest.approx(float(Fraction(case["expected"])), abs=1e-12)


def test_fifty_plots_of_trees_as_vegan_has_them() -> None:
    plots = published("bci.csv")
    assert len(plots) == 50
    for plot in plots:
        counts = [int(trees) for trees in plot["counts"].split()]
        assert (len(counts), sum(counts)) == (int(plot["species"]), int(plot["individuals"]))
        found = {
            "shannon": shannon(counts),
            "simpson": linguistic_diversity(counts),
            "invsimpson": hill_number(counts, 2),
            "pielou": evenness(counts),
            "simpson_unbiased": linguistic_diversity(counts, unbiased=True),
            "hill0": hill_number(counts, 0),
            "hill1": hill_number(counts, 1),
            "hill2": hill_number(counts, 2),
            "hillInf": hill_number(counts, math.inf),
        }
        for name, value in found.items():
            assert value == pytest.approx(float(plot[name]), rel=1e-10), (plot["plot"], name)


# ---- a peer -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a peer says while it is imported is not ours
        return pytest.importorskip("skbio.diversity.alpha", reason="scikit-bio is not installed")


@pytest.mark.parametrize("seed", range(20))
def test_the_peer_for_diversity_agrees(peer: ModuleType, seed: int) -> None:
    random = np.random.default_rng(seed)
    counts = random.negative_binomial(0.5, 0.01, size=40)
    counts[0] += 1
    assert linguistic_diversity(counts) == pytest.approx(peer.simpson(counts), rel=1e-10)
    assert shannon(counts) == pytest.approx(peer.shannon(counts, base=math.e), rel=1e-10)
    assert hill_number(counts, 2) == pytest.approx(peer.enspie(counts), rel=1e-10)
    assert hill_number(counts, 0) == peer.sobs(counts)
    for order in (0, 0.5, 1, 2, 3, 10):
        assert hill_number(counts, order) == pytest.approx(peer.hill(counts, order=order), rel=1e-10)
    assert hill_number(counts, math.inf) == pytest.approx(1 / peer.berger_parker_d(counts), rel=1e-10)
    assert evenness(counts[counts > 0]) == pytest.approx(peer.pielou_e(counts), rel=1e-10)
