"""Which weights are admissible, and drawing them: uniform, around the stated ones, or restricted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipresearch.design import WEIGHT_TOLERANCE
from lipresearch.errors import InputError
from lipresearch.robustness.kernel import chunk_generator

Floats = NDArray[np.float64]

KINDS = ("uniform", "stated", "fixed")
LEVELS = ("factors", "criteria")
#: Below this share of accepted draws, restricted weights are drawn by walking through the region instead.
LEAST_ACCEPTED = 0.02
#: Steps of such a walk, times the square of the number of weights.
STEPS = 10
#: Newton steps to the analytic centre of a region; a few tens do.
NEWTON = 1000


@dataclass(frozen=True, eq=False)
class Weighting:
    """A set of admissible weightings and how they are drawn.

    Parameters
    ----------
    kind : {"uniform", "stated", "fixed"}
        ``uniform``: every weighting is as likely as any other (a Dirichlet distribution with all parameters 1).
        ``stated``: around the cluster's weights w, Dirichlet with parameters ``concentration * w``, so that the
        mean is w and a weight's standard deviation is sqrt(w (1 - w) / (concentration + 1)). ``fixed``: the
        cluster's weights in every draw (only the evidence varies).
    concentration : float
        For ``stated``: higher is closer to the stated weights; with 20, a weight of one half varies by 11 points.
    over : {"factors", "criteria"}
        ``factors``: weights are drawn over the factors, then within each factor over its criteria, so that a
        factor does not weigh more because it has more criteria. ``criteria``: over all criteria at once.
    order : sequence of str
        For ``uniform``: names of factors (or criteria, as ``over`` says) from the most to the least important; those
        not named are free.
    bounds : mapping of str to (float, float)
        For ``uniform``: least and greatest weight of a factor (or criterion).
    ratios : mapping of (str, str) to (float, float)
        For ``uniform``: least and greatest ratio of the first one's weight to the second one's.

    Raises
    ------
    InputError
        If the kind is not known, the concentration is not above 0, or restrictions are put on another kind than
        ``uniform``. Names are checked when the weighting meets a cluster.

    References
    ----------
    Lahdelma, Hokkanen and Salminen (1998), SMAA: stochastic multiobjective acceptability analysis, European Journal
    of Operational Research 106, pp. 137-143. Tervonen and Lahdelma (2007), Implementing stochastic multicriteria
    acceptability analysis, the same 178, pp. 500-513 (ordinal and interval constraints by rejection). Smith (1984),
    Efficient Monte Carlo procedures for generating points uniformly distributed over bounded regions, Operations
    Research 32, pp. 1296-1308 (hit and run). Boyd and Vandenberghe (2004), Convex Optimization, pp. 418-421 (the
    ellipsoid around the analytic centre, which the walks follow).

    Examples
    --------
    >>> Weighting(order=("2.2", "2.1")).text
    'every weighting over the factors in which 2.2 counts at least as much as 2.1'
    """

    kind: str = "uniform"
    concentration: float = 20.0
    over: str = "factors"
    order: Sequence[str] = ()
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    ratios: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"A kind of weighting is {', '.join(KINDS)}, not {self.kind!r}.")
        if self.over not in LEVELS:
            raise InputError(f"Weights are drawn over factors or criteria, not {self.over!r}.")
        if not (_is_number(self.concentration) and self.concentration > 0):
            raise InputError(f"A concentration is a number above 0, not {self.concentration!r}.")
        if isinstance(self.order, str):
            raise InputError("An order of importance is a list of names, not one text.")
        if self.restricted and self.kind != "uniform":
            raise InputError("An order, bounds or ratios restrict uniform weights; leave the kind as it is.")
        if len(set(self.order)) != len(self.order) or len(self.order) == 1:
            raise InputError("An order of importance names two or more, each once.")
        for name, ends in _items(self.bounds, "Bounds", "a factor: (least, greatest)"):
            if not (_is_pair(ends) and 0 <= ends[0] <= ends[1] <= 1):
                raise InputError(f"Bounds of {name} must be shares with the least first, not {_shown(ends)}.")
        for names, ends in _items(self.ratios, "Ratios", "(one, other): (least, greatest)"):
            two = isinstance(names, tuple) and len(names) == 2 and names[0] != names[1]
            if not (two and _is_pair(ends) and 0 <= ends[0] <= ends[1]):
                raise InputError(
                    f"The ratio of {' to '.join(map(str, names)) if isinstance(names, tuple) else names} needs two "
                    f"names and two numbers from 0 up, the least first, not {_shown(ends)}."
                )

    @property
    def restricted(self) -> bool:
        """Whether an order, bounds or ratios were given."""
        return bool(self.order or self.bounds or self.ratios)

    @property
    def text(self) -> str:
        """The weighting in words."""
        level = "the factors, then within each over its criteria" if self.over == "factors" else "the criteria"
        if self.kind == "fixed":
            return "the stated weights only"
        if self.kind == "stated":
            return f"weights around the stated ones (concentration {self.concentration:g})"
        if not self.restricted:
            return f"every weighting over {level}, all equally likely"
        parts = []
        if self.order:
            parts.append(" counts at least as much as ".join(self.order))
        parts += [f"{name} weighs {low:g} to {high:g}" for name, (low, high) in self.bounds.items()]
        parts += [
            f"{one} weighs {low:g} to {high:g} times as much as {other}"
            for (one, other), (low, high) in self.ratios.items()
        ]
        return f"every weighting over the {self.over} in which {', and '.join(parts)}"


def _is_number(value: object) -> bool:
    """Whether a value is a finite number (text and True are none)."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))


def _is_pair(ends: object) -> bool:
    return isinstance(ends, tuple | list) and len(ends) == 2 and all(map(_is_number, ends))


def _shown(ends: object) -> str:
    return " and ".join(map(str, ends)) if isinstance(ends, tuple | list) and len(ends) == 2 else repr(ends)


def _items(given: object, what: str, form: str) -> list[tuple[Any, Any]]:
    """Return the entries of a mapping; raise ``InputError`` for anything else."""
    if not isinstance(given, Mapping):
        raise InputError(f"{what} are given as {{{form}}}, not {given!r}.")
    return list(given.items())


class WeightSampler:
    """Draws weights of a cluster's criteria, chunk by chunk.

    Parameters
    ----------
    weighting : Weighting
    criteria, factors : sequence of str
        The criteria, and the factor of each.
    stated : array_like
        The cluster's weights, in the same order; they add to 1.
    seed : int

    Raises
    ------
    InputError
        If a restriction names no factor (criterion) of the cluster, no weighting meets them all, or they leave no
        room; if the concentration is so low that a weight cannot be drawn.
    """

    def __init__(
        self, weighting: Weighting, criteria: Sequence[str], factors: Sequence[str], stated: Any, seed: int
    ) -> None:
        self.weighting, self.seed = weighting, seed
        self.stated = np.asarray(stated, dtype=float)
        if abs(self.stated.sum() - 1) > WEIGHT_TOLERANCE or (self.stated < 0).any():
            raise InputError("The stated weights must be 0 or more and add to 1.")
        self.names = list(dict.fromkeys(factors)) if weighting.over == "factors" else list(criteria)
        self.group = np.array([self.names.index(name) for name in factors]) if weighting.over == "factors" else None
        if weighting.kind == "stated":
            weakest = self.stated[self.stated > 0].min() * weighting.concentration
            if weakest < 0.05:
                raise InputError(
                    f"With a concentration of {weighting.concentration:g} the smallest stated weight cannot be drawn; "
                    f"use {0.05 / self.stated[self.stated > 0].min():.3g} or more."
                )
        self.accepted = 1.0
        self._region = _Region(self.names, weighting) if weighting.restricted else None
        if self._region is not None:
            self.accepted = self._region.share_accepted

    def draw(self, chunk: int, size: int, stream: int = 0) -> Floats:
        """Return weights (criteria, draws) of a chunk; each column adds to 1."""
        generator = chunk_generator(self.seed, stream, chunk)
        kind, group = self.weighting.kind, self.group
        if kind == "fixed":
            return np.repeat(self.stated[:, None], size, axis=1)
        if kind == "stated":
            # The shares of gamma variables: within a factor, and of the factors, they are independent Dirichlet.
            shapes = self.weighting.concentration * self.stated[:, None]
            return _shares(generator.standard_gamma(shapes, (len(self.stated), size)))
        across = (
            _shares(generator.standard_exponential((len(self.names), size)))
            if self._region is None
            else self._region.draw(generator, size)
        )
        if group is None:
            return across
        within = generator.standard_exponential((len(group), size))
        totals = np.zeros((len(self.names), size))
        for criterion, factor in enumerate(group):
            totals[factor] += within[criterion]
        return np.asarray(within / totals[group] * across[group], dtype=float)


def _shares(parts: Floats) -> Floats:
    total = np.zeros(parts.shape[1])
    for part in parts:
        total += part
    return parts / total


def _times(rows: Floats, columns: Floats) -> Floats:
    """Return the matrix product, added in the order of the weights so that every machine rounds alike."""
    total = np.zeros((len(rows), columns.shape[1]))
    for place in range(rows.shape[1]):
        total += rows[:, place, None] * columns[place]
    return total


class _Region:
    """The weights that meet an order, bounds and ratios: a polytope, drawn from uniformly."""

    def __init__(self, names: list[str], weighting: Weighting) -> None:
        asked = [*weighting.order, *weighting.bounds, *(name for pair in weighting.ratios for name in pair)]
        unknown = [name for name in asked if name not in names]
        if unknown:
            what = "factor" if weighting.over == "factors" else "criterion"
            raise InputError(f"The cluster has no {what} {unknown[0]}. It has: {', '.join(names)}.")
        self.count = len(names)
        if self.count == 1:
            raise InputError(f"{names[0]} carries all the weight, so there is nothing to restrict.")
        rows: list[Floats] = []
        limits: list[float] = []

        def add(limit: float, parts: dict[str, float]) -> None:
            row = np.zeros(self.count)
            for name, part in parts.items():
                row[names.index(name)] += part
            rows.append(row)
            limits.append(limit)

        for high, low in zip(weighting.order[:-1], weighting.order[1:], strict=True):
            add(0.0, {high: -1.0, low: 1.0})
        for name, (least, greatest) in weighting.bounds.items():
            add(-least, {name: -1.0})
            add(greatest, {name: 1.0})
        for (one, other), (least, greatest) in weighting.ratios.items():
            add(0.0, {one: -1.0, other: least})
            add(0.0, {one: 1.0, other: -greatest})
        # No weight is below 0; so the first rows always hold for a draw from the simplex.
        self.rows = np.vstack([-np.eye(self.count), *rows])
        self.limits = np.array([0.0] * self.count + limits)
        self.places = [names.index(name) for name in weighting.order]
        self.centre, self.shape = self._rounded(self._find_centre(weighting))
        pilot = self._candidates(np.random.Generator(np.random.PCG64(0)), 20_000)
        self.share_accepted = float(self._inside(pilot).mean())

    def _find_centre(self, weighting: Weighting) -> Floats:
        """Return the point farthest from every limit; raise if there is none or no room around it."""
        from scipy.optimize import linprog

        plane = np.eye(self.count) - 1 / self.count
        reach = np.linalg.norm(self.rows @ plane, axis=1)
        found = linprog(
            np.r_[np.zeros(self.count), -1.0],
            A_ub=np.c_[self.rows, reach],
            b_ub=self.limits,
            A_eq=np.r_[np.ones(self.count), 0.0][None],
            b_eq=[1.0],
            bounds=[(0, 1)] * self.count + [(0, None)],
        )
        if not found.success:
            raise InputError(f"No weighting meets all restrictions together: {weighting.text}.")
        if found.x[-1] < 1e-6:
            raise InputError(f"The restrictions leave no room between the weightings they admit: {weighting.text}.")
        return np.asarray(found.x[:-1], dtype=float)

    def _rounded(self, inner: Floats) -> tuple[Floats, Floats]:
        """Return the analytic centre, and the matrix that makes a ball the ellipsoid of the region around it.

        The ellipsoid lies in the region, and as many times larger as there are limits, around it. So directions drawn
        with its shape reach far along a region that is long and thin, where a walk would otherwise stay at its start.
        """
        base = np.linalg.qr(np.column_stack([np.ones(self.count), np.eye(self.count)[:, 1:]]))[0][:, 1:]
        rows, point = self.rows @ base, inner
        for _ in range(NEWTON):
            scaled = rows / (self.limits - self.rows @ point)[:, None]
            root = np.linalg.cholesky(scaled.T @ scaled)
            slope = np.linalg.solve(root, scaled.sum(axis=0))
            decrement = float(np.sqrt(slope @ slope))
            # A damped step stays within the limits.
            point = point - base @ np.linalg.solve(root.T, slope) / (1 + decrement)
            if decrement < 1e-6:
                break
        return point, np.asarray(base @ np.linalg.inv(root).T, dtype=float)

    def _candidates(self, generator: np.random.Generator, size: int) -> Floats:
        """Return uniform weights, those of an order of importance sorted: uniform over all that meet it."""
        weights = _shares(generator.standard_exponential((self.count, size)))
        if self.places:
            weights[self.places] = -np.sort(-weights[self.places], axis=0)
        return weights

    def _inside(self, weights: Floats) -> NDArray[np.bool_]:
        return np.asarray((_times(self.rows, weights) <= self.limits[:, None] + 1e-12).all(axis=0))

    def draw(self, generator: np.random.Generator, size: int) -> Floats:
        if self.share_accepted < LEAST_ACCEPTED:
            return self._walk(generator, size)
        kept: list[Floats] = []
        while sum(part.shape[1] for part in kept) < size:
            candidates = self._candidates(generator, int(size / self.share_accepted) + 64)
            kept.append(candidates[:, self._inside(candidates)])
        return np.ascontiguousarray(np.hstack(kept)[:, :size])

    def _walk(self, generator: np.random.Generator, size: int) -> Floats:
        """Return the ends of as many independent hit-and-run walks from the centre."""
        weights = np.repeat(self.centre[:, None], size, axis=1)
        for _ in range(STEPS * self.count**2):
            direction = _times(self.shape, generator.standard_normal((self.count - 1, size)))
            speed = _times(self.rows, direction)
            room = np.maximum(self.limits[:, None] - _times(self.rows, weights), 0.0)
            with np.errstate(divide="ignore", invalid="ignore"):
                steps = room / speed
            forward = np.where(speed > 0, steps, np.inf).min(axis=0)
            backward = np.where(speed < 0, steps, -np.inf).max(axis=0)
            weights += direction * (backward + (forward - backward) * generator.random(size))
        # Rounding may leave a weight a hair below 0.
        return _shares(np.maximum(weights, 0.0))
