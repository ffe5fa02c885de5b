"""The numbers of a ranking, and how far each of them may be off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch.errors import InputError
from lipresearch.ranking import Ranking, normalise
from lipresearch.robustness.grid import Grid, ranked_grid
from lipresearch.robustness.kernel import chunk_generator

Floats = NDArray[np.float64]

#: What may be uncertain about the evidence, in the order of their random streams.
SOURCES = ("rounding", "sampling", "model", "missing")
SOURCE_LABELS = {
    "rounding": "Rounding of census counts",
    "sampling": "Sampling error of the long form",
    "model": "Modelled values (grade C)",
    "missing": "Missing values and bounds",
}
#: Standard deviation of a count rounded at random to a multiple of 5: the mean of r (5 - r) over r = 0..4 is 4.
ROUNDING_ERROR = 2.0
#: Persons of a household are in the sample together; as many times larger is the variance if all are alike.
DESIGN_EFFECT = 2.5


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """How far each number of a ranking may be off, by source.

    Attributes
    ----------
    grid : Grid
    sources : tuple of str
        Those switched on.
    table : DataFrame
        One row for each uncertain number: site, criterion, value, ``rounding``, ``sampling``, ``model`` (standard
        deviations in the measure's unit), ``low`` and ``high`` (bounds of the points drawn), ``shape`` (normal;
        triangular between the bounds, most likely at the value; uniform between them).
    """

    grid: Grid
    sources: tuple[str, ...]
    _table: pd.DataFrame
    _goalposts: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row for each uncertain number."""
        return self._table.copy()

    def __len__(self) -> int:
        return len(self._table)

    def only(self, sources: Iterable[str]) -> Uncertainty:
        """Return the same with only some sources switched on."""
        return Uncertainty(self.grid, _checked(sources), self._table, self._goalposts)

    def cells(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return place of site and of criterion of each row of the table, sorted by site."""
        return self._table["place"].to_numpy(), self._table["column"].to_numpy()

    def fixed_points(self) -> Floats:
        """Return the points with 0 where they are drawn."""
        points = self.grid.points.copy()
        points[self.cells()] = 0.0
        return points

    def draw(self, seed: int, chunk: int, size: int, streams: dict[str, int] | None = None) -> Floats:
        """Return points (rows of the table, draws) of a chunk, between 0 and 1.

        Each source has random numbers of its own, so that switching one off leaves the others as they are.
        ``streams`` names other random streams than the usual ones, for the analysis of variance.
        """
        table = self._table
        use = {source: place + 1 for place, source in enumerate(SOURCES)} | (streams or {})
        values = np.repeat(table["value"].to_numpy(dtype=float)[:, None], size, axis=1)
        for source in ("rounding", "sampling", "model"):
            error = table[source].to_numpy(dtype=float)
            if source in self.sources and (error > 0).any():
                normal = chunk_generator(seed, use[source], chunk).standard_normal((len(table), size))
                values += error[:, None] * normal
        points = np.empty((len(table), size))
        for criterion, rows in table.groupby("column", sort=True).indices.items():
            rule = self._goalposts.iloc[int(criterion)]
            known = rows[~np.isnan(table["value"].to_numpy(dtype=float)[rows])]
            points[known] = normalise(values[known], float(rule["worst"]), float(rule["best"]), str(rule["scale"]))
        shapes = table["shape"].to_numpy()
        low, high = table["low"].to_numpy(dtype=float), table["high"].to_numpy(dtype=float)
        counted = self.grid.points[self.cells()]
        for shape, source in (("triangular", "model"), ("uniform", "missing")):
            rows = np.flatnonzero(shapes == shape)
            if not len(rows):
                continue
            if source not in self.sources:
                points[rows] = np.where(shape == "uniform", counted[rows, None], points[rows])
                continue
            drawn = chunk_generator(seed, use[source] + 100, chunk).random((len(rows), size))
            if shape == "uniform":
                points[rows] = low[rows, None] + (high - low)[rows, None] * drawn
            else:
                # The bounds hold around the published figure, whose own error comes on top.
                error = points[rows] - counted[rows, None]
                points[rows] = _triangular(low[rows], counted[rows], high[rows], drawn) + error
        return np.asarray(np.clip(points, 0.0, 1.0), dtype=float)


def _triangular(low: Floats, mode: Floats, high: Floats, drawn: Floats) -> Floats:
    """Return the triangular distribution's quantiles of numbers between 0 and 1."""
    width, left = (high - low)[:, None], (mode - low)[:, None]
    below = drawn * width < left
    rising = low[:, None] + np.sqrt(drawn * width * left)
    falling = high[:, None] - np.sqrt((1 - drawn) * width * (width - left))
    return np.asarray(np.where(below, rising, falling), dtype=float)


def _checked(sources: Iterable[str]) -> tuple[str, ...]:
    asked = list(sources)
    unknown = [source for source in asked if source not in SOURCES]
    if unknown or len(set(asked)) != len(asked):
        raise InputError(f"Sources of uncertainty are {', '.join(SOURCES)}, each once, not {', '.join(asked)}.")
    return tuple(source for source in SOURCES if source in asked)


def data_uncertainty(
    ranking: Ranking,
    precision: pd.DataFrame,
    measures: pd.DataFrame,
    sources: Sequence[str] = SOURCES,
) -> Uncertainty:
    r"""Return how far each number of a ranking may be off.

    *Rounding*: census counts are rounded at random to a multiple of 5; the error of one has variance 4. *Sampling*:
    for a share p of N persons of whom one in 1/f was asked,

    .. math:: \mathrm{sd}(p) = \sqrt{d \, \frac{1 - f}{f} \, \frac{p (1 - p)}{N}}

    with the design effect d = 2.5, since the persons of a household are asked together. *Model*: a value of grade C
    is off by the declared percentage of itself, or lies anywhere between its bounds, most likely at its value.
    *Missing*: a value known only within bounds lies anywhere between them, one not known at all anywhere between the
    goalposts.

    Parameters
    ----------
    ranking : Ranking
    precision : DataFrame
        How each measure was got, indexed by measure: kind, fraction, base, part, per, model_error.
    measures : DataFrame
        As ``load_measures`` returns it; bases are taken from it.
    sources : sequence of str
        Which of rounding, sampling, model, missing to switch on.

    Raises
    ------
    InputError
        If a measure's precision is not declared or cannot be used, its base is missing for a site, a measure stands
        twice, or a source is not known.

    References
    ----------
    Statistics Canada (2009), 2006 Census Technical Report: Sampling and Weighting, catalogue 92-568 (sampling variance
    of a simple random sample, times an adjustment). Random rounding to base 5: the same publisher, Guide to the Census
    of Population, 2021, catalogue 98-304-X.
    """
    grid = ranked_grid(ranking)
    criteria = ranking.cluster.criteria
    undeclared = sorted(set(criteria["measure"]) - set(precision.index))
    if undeclared:
        raise InputError(
            f"How precise {', '.join(undeclared)} is was not declared: add a row to data/design/precision.csv."
        )
    twice = measures[measures.duplicated(["site", "measure"])]
    if not twice.empty:
        raise InputError(f"Site {twice['site'].iloc[0]} has the measure {twice['measure'].iloc[0]} twice.")
    bases = {
        base: measures[measures["measure"] == base].set_index("site")["value"] for base in set(precision["base"]) - {""}
    }
    rows = ranking.contributions
    rows = rows[rows["site"].isin(grid.sites)]
    place = {site: number for number, site in enumerate(grid.sites)}
    column = {criterion: number for number, criterion in enumerate(grid.criteria)}
    found = []
    rules = {measure: precision.loc[measure] for measure in set(criteria["measure"])}
    for row in rows.itertuples():
        rule = rules[row.measure]
        cell: dict[str, Any] = {
            "site": row.site,
            "criterion": row.criterion,
            "place": place[row.site],
            "column": column[row.criterion],
            "value": row.value,
            "rounding": 0.0,
            "sampling": 0.0,
            "model": 0.0,
            "low": row.points_lowest,
            "high": row.points_highest,
            "shape": "normal",
        }
        if math.isnan(row.value):
            cell["shape"] = "uniform"
            if row.points_lowest == row.points_highest:
                continue
        else:
            if rule["base"]:
                cell |= _sampling(row, rule, bases)
            if row.low < row.high:
                cell["shape"] = "triangular"
                if row.points_lowest == row.points_highest:
                    cell["shape"] = "normal"
            elif row.grade == "C":
                cell["model"] = abs(row.value) * float(rule["model_error"]) / 100
            if cell["shape"] == "normal" and not (cell["rounding"] or cell["sampling"] or cell["model"]):
                continue
        found.append(cell)
    columns = ["site", "criterion", "place", "column", "value", *SOURCES[:3], "low", "high", "shape"]
    table = pd.DataFrame(found, columns=columns).astype({"place": np.int64, "column": np.int64})
    table = table.sort_values(["place", "column"], ignore_index=True)
    return Uncertainty(grid, _checked(sources), table, criteria[["worst", "best", "scale"]])


def _sampling(row: Any, rule: pd.Series, bases: dict[str, pd.Series]) -> dict[str, float]:
    """Return the standard deviations from sampling and from rounding, in the measure's unit."""
    base = bases[rule["base"]].get(row.site, math.nan)
    if not base > 0:
        raise InputError(
            f"Site {row.site} has no {rule['base']}, on which the precision of {row.measure} rests. Supply it, or vary "
            "the weights alone (--no-evidence on the command line)."
        )
    persons, per, fraction = base * float(rule["part"]), float(rule["per"]), float(rule["fraction"])
    if not (persons > 0 and per > 0 and 0 < fraction <= 1):
        raise InputError(
            f"The precision of {row.measure} needs a fraction and a part above 0 and up to 1 and a per above 0, not "
            f"{fraction:g}, {float(rule['part']):g} and {per:g}."
        )
    share = min(max(row.value / per, 0.0), 1.0)
    variance = DESIGN_EFFECT * (1 - fraction) / fraction * share * (1 - share) / persons
    return {"sampling": per * math.sqrt(variance), "rounding": per * ROUNDING_ERROR / persons}
