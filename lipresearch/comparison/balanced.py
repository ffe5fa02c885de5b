"""Balanced sampling by the cube method: chance decides, but the sample's totals match those of the roster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch.comparison.covariates import Covariates, check_complete, check_number, check_seed, check_sites
from lipresearch.errors import InputError

Floats = NDArray[np.float64]
#: A chance this near to 0 or 1 has been decided.
DECIDED = 1e-9


@dataclass(frozen=True, eq=False)
class BalancedSample:
    """A random sample whose weighted totals come close to those of the roster.

    Attributes
    ----------
    sites : tuple of str
        The sample.
    seed : int
        What it was drawn with.
    """

    sites: tuple[str, ...]
    seed: int
    covariates: Covariates
    _chances: pd.Series
    _table: pd.DataFrame
    _left_out: pd.DataFrame

    @property
    def chances(self) -> pd.Series:
        """The chance of each site to be drawn, 0 to 1 (inclusion probability)."""
        return self._chances.copy()

    @property
    def table(self) -> pd.DataFrame:
        """One row a measure: mean of all (geometric on a log scale), its estimate, the standardised difference."""
        return self._table.copy()

    @property
    def left_out(self) -> pd.DataFrame:
        """Sites that lack a value and could not be drawn: site, name, lacks."""
        return self._left_out.copy()

    def __repr__(self) -> str:
        worst = self._table["difference"].abs().max()
        text = (
            f"{len(self.sites)} of {len(self.covariates.sites)} sites drawn with seed {self.seed}; estimated means "
            f"within {worst:.2f} standard deviations of the roster's."
        )
        if len(self._left_out):
            text += f" {len(self._left_out)} sites lack a value and could not be drawn (.left_out)."
        return text + " See .table, .chances."


def balanced_sample(
    covariates: Covariates,
    n: int,
    *,
    chances: pd.Series | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    seed: int = 2010,
) -> BalancedSample:
    r"""Draw n sites at random so that estimated totals match the roster's as nearly as n whole sites can.

    .. math:: \sum_{k \in S} \frac{x_k}{\pi_k} \approx \sum_{k} x_k, \qquad |S| = n

    The cube method: chances move at random along directions that keep all balancing equations until each is 0 or 1
    (flight); when no direction is left the equations are given up one by one, the last measure first and the number
    of sites never (landing). Every site keeps its chance :math:`\pi_k`. Unlike purposive methods this gives a
    probability sample, from which totals are estimated without bias.

    Parameters
    ----------
    covariates : Covariates
        Measures in the order of their importance: the last is given up first. Sites that lack a value cannot be
        drawn and are listed (``left_out``).
    n : int
        Size of the sample.
    chances : Series, optional
        Relative chances (index: site, above 0); default equal. Scaled to add to n; those above 1 are set to 1.
    include : iterable of str
        Sites that are drawn for sure (chance 1).
    exclude : iterable of str
        Sites that are taken off the roster first: neither drawn nor counted in its means.
    seed : int

    Raises
    ------
    InputError
        If n is out of range, a site unknown, a chance missing or not above 0, or more are to be included than drawn.

    References
    ----------
    Deville and Tille (2004), Biometrika 91, 893-912. Chauvet and Tille (2006), Computational Statistics 21, 53-62 (the
    fast flight).

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> kinds = from_frame(pd.DataFrame({"rural": [0.0, 0.0, 1.0, 1.0]}, index=list("abcd")))
    >>> sorted({balanced_sample(kinds, 2, seed=seed).sites for seed in range(50)})
    [('a', 'c'), ('a', 'd'), ('b', 'c'), ('b', 'd')]
    """
    whole, left_out = covariates.complete()
    out = set(check_sites(exclude, covariates.sites, "Sites to exclude"))
    whole = whole.only([site for site in whole.sites if site not in out])
    count = len(whole.sites)
    check_number(n, "The size of the sample", 1, max(count, 1), whole=True)
    kept = set(check_complete(include, covariates, "Sites to include"))
    if kept & out:
        raise InputError(f"{min(kept & out)} is both to be included and excluded. Decide on one.")
    if len(kept) > n:
        raise InputError(f"{len(kept)} sites are to be included, more than the {n} to draw.")
    if not count:
        raise InputError("No site is left to draw from: exclude fewer, or compare by fewer measures.")
    relative = np.ones(count)
    if chances is not None:
        if not isinstance(chances, pd.Series):
            raise InputError("Chances must be a pandas Series of numbers whose index holds the ids of the sites.")
        lacking = sorted(set(whole.sites) - set(chances.index))
        if lacking or chances.index.has_duplicates:
            raise InputError(
                f"Site {lacking[0]} has no chance in the table." if lacking else "A site has two chances in the table."
            )
        relative = pd.to_numeric(chances.loc[list(whole.sites)], errors="coerce").to_numpy(dtype=float)
        if not (np.isfinite(relative).all() and (relative > 0).all()):
            raise InputError("Chances must be numbers above 0; name sites that cannot be drawn in exclude.")
        relative = relative / relative.max()  # only their proportions count
    sure = np.array([site in kept for site in whole.sites])
    pi = inclusion_chances(relative, n, sure)
    table = whole.transformed
    values = table.to_numpy(dtype=float)
    spread = values.std(axis=0, ddof=1) if count > 1 else np.ones(values.shape[1])
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    rng = np.random.default_rng(check_seed(seed))
    drawn = cube(pi, scaled, rng)
    sites = tuple(site for site, inside in zip(whole.sites, drawn, strict=True) if inside)
    estimate = (values[drawn] / pi[drawn, None]).sum(axis=0) / (1.0 / pi[drawn]).sum()
    balance = pd.DataFrame(
        {
            "measure": whole.measures,
            "label": whole.use["label"],
            "unit": whole.use["unit"],
            "scale": whole.use["scale"],
            "mean_all": values.mean(axis=0),
            "mean_estimated": estimate,
            "difference": np.where(
                spread > 0, (estimate - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0), 0.0
            ),
        }
    )
    for column in ("mean_all", "mean_estimated"):
        balance[column] = np.where(balance["scale"] == "log", 10.0 ** balance[column], balance[column])
    return BalancedSample(
        sites,
        seed,
        whole,
        pd.Series(pi, index=list(whole.sites), name="chance"),
        balance.drop(columns="scale"),
        left_out,
    )


def inclusion_chances(relative: Floats, n: int, sure: NDArray[np.bool_] | None = None) -> Floats:
    """Return chances in proportion to ``relative`` that add to n; what would exceed 1 is 1, and the rest share.

    >>> inclusion_chances(np.array([8.0, 1.0, 1.0]), 2).tolist()
    [1.0, 0.5, 0.5]
    """
    one = np.zeros(len(relative), dtype=bool) if sure is None else sure.copy()
    free = ~one
    result = one.astype(float)
    while free.any():
        left = n - int(one.sum())
        share = left * relative / relative[free].sum()
        over = free & (share >= 1.0)
        if not over.any():
            result[free] = share[free]
            break
        one |= over
        free &= ~over
        result[over] = 1.0
    return result


def cube(chances: Floats, values: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which sites are drawn: flight and landing of the cube method.

    Parameters
    ----------
    chances : ndarray, shape (n_sites,)
        0 to 1, adding to a whole number, which is the size of every sample.
    values : ndarray, shape (n_sites, n_measures)
        To be balanced, in the order of their importance.
    rng : Generator
    """
    pi = chances.astype(float).copy()
    open_sites = np.flatnonzero((pi > DECIDED) & (pi < 1 - DECIDED))
    rng.shuffle(open_sites)
    # Rows of A: the number of sites first (it is never given up), then the measures over their chances.
    start = np.where(pi > 0, pi, 1.0)
    rows = np.vstack([np.ones(len(pi)), (values / start[:, None]).T])
    kept = rows.shape[0]
    while len(open_sites):
        # Directions of the first sites that leave all equations as they are; with one site more than equations
        # there always is one. When too few are left an equation is given up.
        some = open_sites[: kept + 1]
        direction = _kernel(rows[:kept, some])
        if direction is None:
            if kept == 1:  # one site left, and its chance is whole up to rounding
                pi[open_sites] = np.round(pi[open_sites])
                break
            kept -= 1
            continue
        now = pi[some]
        with np.errstate(divide="ignore", invalid="ignore"):
            up = np.where(
                direction > 0, (1.0 - now) / direction, np.where(direction < 0, -now / direction, np.inf)
            ).min()
            down = np.where(
                direction > 0, now / direction, np.where(direction < 0, (now - 1.0) / direction, np.inf)
            ).min()
        move = up if rng.random() < down / (up + down) else -down
        pi[some] = np.clip(now + move * direction, 0.0, 1.0)
        pi[some] = np.where(pi[some] < DECIDED, 0.0, np.where(pi[some] > 1 - DECIDED, 1.0, pi[some]))
        open_sites = open_sites[(pi[open_sites] > 0.0) & (pi[open_sites] < 1.0)]
    return np.asarray(pi > 0.5)


def _kernel(matrix: Floats) -> Floats | None:
    """Return a vector that the matrix takes to 0, or None where only 0 is.

    By elimination, so that every machine finds the same one: the first column that depends on those before it.
    """
    reduced = matrix.copy()
    rows, columns = reduced.shape
    small = 1e-10 * max(1e-300, float(np.abs(reduced).max(initial=0.0)))
    pivots: list[int] = []
    for column in range(columns):
        row = len(pivots)
        best = row + int(np.abs(reduced[row:, column]).argmax()) if row < rows else -1
        if best < 0 or abs(reduced[best, column]) <= small:
            vector = np.zeros(columns)
            vector[column] = 1.0
            vector[pivots] = -reduced[: len(pivots), column]
            return vector
        reduced[[row, best]] = reduced[[best, row]]
        reduced[row] /= reduced[row, column]
        for other in range(rows):
            if other != row:
                reduced[other] -= reduced[other, column] * reduced[row]
        pivots.append(column)
    return None
