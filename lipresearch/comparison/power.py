"""How many sites and participants a study needs: power of designs with several sites."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from lipresearch.comparison.covariates import check_number
from lipresearch.errors import InputError

DESIGNS = ("between sites", "within sites")
POWER = [
    "design",
    "sites",
    "participants_per_site",
    "participants",
    "intraclass_correlation",
    "effect_variance",
    "effect",
    "design_effect",
    "power",
    "smallest_effect",
]


def design_effect(participants_per_site: int, intraclass_correlation: float) -> float:
    r"""Return by how much clustering inflates the variance of a mean.

    .. math:: 1 + (m - 1) \rho

    1: no inflation (one participant a site, or no correlation); m: every site counts as one participant.

    References
    ----------
    Kish (1965), Survey Sampling, p. 162.

    Examples
    --------
    >>> round(design_effect(20, 0.05), 2)
    1.95
    """
    size = check_number(participants_per_site, "The number of participants per site", 1, whole=True)
    share = check_number(intraclass_correlation, "The intraclass correlation", 0.0, 1.0)
    return 1.0 + (size - 1.0) * share


def _spread(design: str, size: float, share: float, variance: float) -> float:
    """Return the standard deviation of a site's contribution to the contrast, in those of the outcome."""
    if design == "between sites":
        return math.sqrt(share + (1.0 - share) / size)
    return math.sqrt(variance + 4.0 * (1.0 - share) / size)


def site_power(
    effect: float,
    sites: int,
    participants_per_site: int,
    intraclass_correlation: float,
    *,
    design: str = "between sites",
    effect_variance: float = 0.0,
    alpha: float = 0.05,
) -> float:
    r"""Return the chance that a study finds an effect of this size (two-sided t test).

    Between sites: two groups of equally many sites are compared, or treated and not treated,

    .. math:: \lambda^2 = \frac{J \delta^2}{4 (\rho + (1 - \rho)/m)}, \qquad J - 2 \text{ degrees of freedom}

    Within sites: half of the participants of each site are treated,

    .. math:: \lambda^2 = \frac{J \delta^2}{\sigma_\delta^2 + 4 (1 - \rho)/m}, \qquad J - 1

    0 to 1: power is ``alpha`` where there is no effect, and 1 where it cannot be missed. More participants per site
    help between sites only up to :math:`\rho`: then only more sites do.

    Parameters
    ----------
    effect : float
        :math:`\delta`, in standard deviations of the outcome over all participants.
    sites : int
        J; even and at least 4 between sites, at least 2 within.
    participants_per_site : int
        m; even within sites.
    intraclass_correlation : float
        :math:`\rho`: share of the outcome's variance that lies between sites, 0 to 1.
    design : {"between sites", "within sites"}
    effect_variance : float
        :math:`\sigma_\delta^2`: variance of the effect between sites, in squared standard deviations of the outcome;
        only within sites.
    alpha : float
        Level of the test, between 0 and 1.

    Raises
    ------
    InputError
        If a number is out of range, or the contrast has no variance (nothing to test).

    References
    ----------
    Raudenbush and Liu (2000), Psychological Methods 5, 199-213 (within sites). Raudenbush (1997), Psychological
    Methods 2, 173-185; Donner and Klar (2000), Design and Analysis of Cluster Randomization Trials (between sites).

    Examples
    --------
    >>> round(site_power(0.5, 128, 1, 0.0), 3)
    0.801
    """
    _check(effect, sites, participants_per_site, intraclass_correlation, design, effect_variance, alpha)
    spread = _spread(design, participants_per_site, intraclass_correlation, effect_variance)
    if spread == 0.0:
        raise InputError("Every site would give the same answer: without variance there is nothing to test.")
    return _power(abs(effect) * _root(sites, design) / spread, sites - (2 if design == "between sites" else 1), alpha)


def _root(sites: int, design: str) -> float:
    """Return by what an effect in standard deviations of a site's contribution is multiplied: the shift of t."""
    return math.sqrt(sites) / (2.0 if design == "between sites" else 1.0)


def _power(shift: float, freedom: int, alpha: float) -> float:
    """Return the power of a two-sided t test whose statistic is shifted from 0.

    The two tails are asked for one by one: together, statsmodels has no number where the far one is too small.
    """
    from statsmodels.stats.power import ttest_power

    size = shift / math.sqrt(freedom + 1)
    tails = [
        float(ttest_power(side * size, freedom + 1, alpha / 2.0, df=freedom, alternative="larger")) for side in (1, -1)
    ]
    if not all(math.isfinite(tail) for tail in tails):
        return _power_by_integral(shift, freedom, alpha)
    return min(1.0, tails[0] + tails[1])


def _power_by_integral(shift: float, freedom: int, alpha: float) -> float:
    """Return the same, as the mean over the estimated standard deviation of the power of a normal test."""
    from scipy.integrate import quad
    from scipy.stats import chi, norm, t

    critical, root = t.isf(alpha / 2.0, freedom), math.sqrt(freedom)

    def part(s: float) -> float:
        either = norm.sf(critical * s - shift) + norm.cdf(-critical * s - shift)
        return float(either * chi.pdf(s * root, freedom) * root)

    middle = quad(part, 0.0, 1.0, limit=200, epsabs=1e-11)[0]
    return min(1.0, float(middle + quad(part, 1.0, 8.0, limit=200, epsabs=1e-11)[0]))


def _check(effect: float, sites: float, size: float, share: float, design: str, variance: float, alpha: float) -> None:
    if design not in DESIGNS:
        raise InputError(f"A design is {' or '.join(DESIGNS)}, not {design!r}.")
    check_number(effect, "The effect", -100.0, 100.0)
    check_number(sites, "The number of sites", 4 if design == "between sites" else 2, 1e6, whole=True)
    check_number(size, "The number of participants per site", 1 if design == "between sites" else 2, 1e9, whole=True)
    check_number(share, "The intraclass correlation", 0.0, 1.0)
    check_number(variance, "The variance of the effect", 0.0, 1e6)
    check_number(alpha, "The level of the test", 1e-12, 1.0 - 1e-12)
    if design == "between sites":
        if sites % 2:
            raise InputError(f"Two groups of equally many sites are compared: {sites} sites cannot be halved.")
        if variance:
            raise InputError("The variance of the effect has a meaning within sites only. Leave it at 0.")
    elif size % 2:
        raise InputError(f"Half of a site's participants are treated: {size} cannot be halved.")


@dataclass(frozen=True, eq=False)
class PowerTable:
    """Power of every combination of sites, participants, correlation and effect.

    Attributes
    ----------
    design : str
    alpha : float
    target : float
        The power that ``smallest_effect`` reaches.
    """

    design: str
    alpha: float
    target: float
    _table: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a combination: power (0 to 1), design effect, and the smallest effect found with the target power."""
        return self._table.copy()

    def curve(self, across: str = "sites") -> pd.DataFrame:
        """Return power along one column, one column a combination of the others: what a curve is drawn from."""
        if across not in ("sites", "participants_per_site", "intraclass_correlation", "effect", "effect_variance"):
            raise InputError(f"A curve runs along sites, participants per site or another input, not {across!r}.")
        others = [
            name
            for name in ("sites", "participants_per_site", "intraclass_correlation", "effect_variance", "effect")
            if name != across and len(set(self._table[name])) > 1
        ]
        if not others:
            return self._table[[across, "power"]].set_index(across).sort_index()
        return self._table.pivot(index=across, columns=others, values="power").sort_index()

    def __repr__(self) -> str:
        combinations = f"{len(self._table)} combinations ({self.design}, level {self.alpha:g})"
        return f"Power of {combinations}. See .table, .curve(across)."


def power_table(
    sites: Iterable[int] = (4, 6, 8, 10, 12, 16, 20),
    participants_per_site: Iterable[int] = (20, 50, 100),
    intraclass_correlation: Iterable[float] = (0.01, 0.05, 0.1),
    effect: Iterable[float] = (0.2, 0.35, 0.5),
    *,
    design: str = "between sites",
    effect_variance: Iterable[float] = (0.0,),
    alpha: float = 0.05,
    target: float = 0.8,
) -> PowerTable:
    """Return the power of every combination, and the smallest effect each would find with the target power.

    Parameters
    ----------
    sites, participants_per_site, intraclass_correlation, effect, effect_variance
        Values to combine; see :func:`site_power`.
    design : {"between sites", "within sites"}
    alpha : float
    target : float
        Above ``alpha`` and below 1.

    Raises
    ------
    InputError
        As :func:`site_power`; if a list is empty or holds a value twice, or the target is not above ``alpha``.

    Examples
    --------
    >>> found = power_table([6, 12], [50], [0.05], [0.5])
    >>> [round(value, 2) for value in found.table["power"]]
    [0.43, 0.84]
    """
    lists: dict[str, list[float]] = {
        "sites": _listed(sites, "sites"),
        "participants_per_site": _listed(participants_per_site, "participants per site"),
        "intraclass_correlation": _listed(intraclass_correlation, "intraclass correlation"),
        "effect_variance": _listed(effect_variance, "effect variance"),
        "effect": _listed(effect, "effect"),
    }
    for name, given in lists.items():
        if not given or len(set(given)) != len(given):
            raise InputError(f"Give at least one value of {name.replace('_', ' ')}, and each only once.")
    for count, size in itertools.product(lists["sites"], lists["participants_per_site"]):
        _check(0.0, count, size, 0.0, design, 0.0, alpha)
    if not alpha < check_number(target, "The target power", 0.0, 1.0) < 1:
        raise InputError(f"The target power must lie above the level {alpha:g} and below 1, not {target:g}.")
    rows = []
    for values in itertools.product(*lists.values()):
        count, size = int(values[0]), int(values[1])
        share, variance, delta = values[2:]
        power = site_power(delta, count, size, share, design=design, effect_variance=variance, alpha=alpha)
        smallest = _smallest_effect(count, design, alpha, target) * _spread(design, size, share, variance)
        inflation = design_effect(size, share) if design == "between sites" else math.nan
        rows.append((design, count, size, count * size, share, variance, delta, inflation, power, smallest))
    table = pd.DataFrame(rows, columns=POWER)
    keys = ["sites", "participants_per_site", "intraclass_correlation", "effect_variance", "effect"]
    return PowerTable(design, alpha, target, table.sort_values(keys, ignore_index=True))


def _listed(values: object, name: str) -> list[float]:
    """Return the values as a list; raise ``InputError`` for a single number."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError(f"Give the values of {name} as a list, such as [{values}], not as {values!r}.")
    return list(values)


def _smallest_effect(sites: int, design: str, alpha: float, target: float) -> float:
    """Return the smallest effect found with the target power, in standard deviations of a site's contribution."""
    from scipy.optimize import brentq

    freedom = sites - (2 if design == "between sites" else 1)
    top = 1.0
    while _power(top, freedom, alpha) < target:
        top *= 2.0
    shift = brentq(lambda value: _power(value, freedom, alpha) - target, 0.0, top, xtol=1e-12)
    return float(shift) / _root(sites, design)
