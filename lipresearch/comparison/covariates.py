"""The numbers that sites are compared by: one row a site, one column a measure, gaps left as gaps."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch.errors import InputError

#: Columns of the table that says how measures are used.
USE = ("measure", "label", "unit", "scale", "weight")
SCALES = ("linear", "log")


@dataclass(frozen=True, eq=False)
class Covariates:
    """Sites and the measures that they are compared by. Made by :func:`from_measures` or :func:`from_frame`.

    Attributes
    ----------
    sites : tuple of str
        Ids, sorted.
    names : dict
        Name of each site.
    measures : tuple of str
        Ids, in the order declared.
    """

    sites: tuple[str, ...]
    names: dict[str, str]
    measures: tuple[str, ...]
    _values: pd.DataFrame
    _use: pd.DataFrame
    _missing: pd.DataFrame

    @property
    def values(self) -> pd.DataFrame:
        """Values in the measures' units, one row a site; NaN where missing."""
        return self._values.copy()

    @property
    def use(self) -> pd.DataFrame:
        """One row a measure: label, unit, scale (linear or log) and weight."""
        return self._use.copy()

    @property
    def missing(self) -> pd.DataFrame:
        """One row a missing value: site, name, measure, label, reason."""
        return self._missing.copy()

    @property
    def labels(self) -> dict[str, str]:
        """Label of each measure."""
        return dict(zip(self._use["measure"], self._use["label"], strict=True))

    @property
    def transformed(self) -> pd.DataFrame:
        """Values with logarithms (base 10) where the scale says so."""
        table = self._values.copy()
        for measure, scale in zip(self._use["measure"], self._use["scale"], strict=True):
            if scale == "log":
                table[measure] = np.log10(table[measure])
        return table

    def complete(self) -> tuple[Covariates, pd.DataFrame]:
        """Return the sites with every value, and a table of the others with what each lacks (site, name, lacks)."""
        whole = self._values.notna().all(axis=1)
        kept = tuple(site for site in self.sites if whole[site])
        others = [site for site in self.sites if not whole[site]]
        lacks = [
            "; ".join(
                f"{row.label} ({row.reason})" for row in self._missing[self._missing["site"] == site].itertuples()
            )
            for site in others
        ]
        table = pd.DataFrame({"site": others, "name": [self.names[site] for site in others], "lacks": lacks}, dtype=str)
        return self.only(kept), table

    def only(self, sites: Sequence[str]) -> Covariates:
        """Return these sites alone."""
        chosen = tuple(sorted(sites))
        missing = self._missing[self._missing["site"].isin(chosen)].reset_index(drop=True)
        names = {site: self.names[site] for site in chosen}
        return Covariates(chosen, names, self.measures, self._values.loc[list(chosen)], self._use, missing)

    def __repr__(self) -> str:
        return (
            f"{len(self.sites)} sites compared by {len(self.measures)} measures, {len(self._missing)} values missing. "
            "See .values, .use, .missing."
        )


def check_use(use: pd.DataFrame) -> pd.DataFrame:
    """Return the table that says how measures are used, complete; raise ``InputError`` if it cannot be used."""
    if "measure" not in use.columns or not len(use):
        raise InputError("Name at least one measure to compare sites by, in a column measure.")
    table = use.reset_index(drop=True).copy()
    if table["measure"].duplicated().any():
        twice = table.loc[table["measure"].duplicated(), "measure"].iloc[0]
        raise InputError(f"The measure {twice} stands twice among those to compare by. Remove one row.")
    for column, otherwise in (("label", None), ("unit", ""), ("scale", "linear"), ("weight", 1.0)):
        if column not in table.columns:
            table[column] = table["measure"] if otherwise is None else otherwise
    wrong = table[~table["scale"].isin(SCALES)]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(f"Measure {row['measure']}: a scale is linear or log, not {row['scale']!r}.")
    weights = pd.to_numeric(table["weight"], errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(weights).all() or (weights <= 0).any():
        place = int(np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))[0])
        raise InputError(
            f"Measure {table['measure'].iloc[place]}: a weight is a number above 0, not {table['weight'].iloc[place]}. "
            "Remove the row of a measure that should not count."
        )
    table["weight"] = weights
    return table[list(USE)]


def _made(
    values: pd.DataFrame, names: dict[str, str], use: pd.DataFrame, reasons: dict[tuple[str, str], str]
) -> Covariates:
    numbers = values.to_numpy(dtype=float)
    if np.isinf(numbers).any():
        row, column = (int(found[0]) for found in np.nonzero(np.isinf(numbers)))
        raise InputError(f"Site {values.index[row]}, measure {values.columns[column]}: the value is infinite.")
    labels = dict(zip(use["measure"], use["label"], strict=True))
    for measure, scale in zip(use["measure"], use["scale"], strict=True):
        low = values[measure] <= 0
        if scale == "log" and low.any():
            raise InputError(
                f"Site {values.index[low][0]}: {labels[measure]} is {values.loc[low, measure].iloc[0]:g}, which has "
                "no logarithm. Declare its scale as linear."
            )
    gaps = [
        (site, names[site], measure, labels[measure], reasons.get((site, measure)) or "not published")
        for site in values.index
        for measure in values.columns
        if np.isnan(values.loc[site, measure])
    ]
    missing = pd.DataFrame(gaps, columns=["site", "name", "measure", "label", "reason"], dtype=str)
    return Covariates(tuple(values.index), names, tuple(values.columns), values, use, missing)


def from_frame(
    values: pd.DataFrame, use: pd.DataFrame | None = None, names: dict[str, str] | None = None
) -> Covariates:
    """Return covariates from a table with one row a site and one numeric column a measure.

    Parameters
    ----------
    values : DataFrame
        Index: site ids (text, each once). Columns: measures, in their units; NaN where missing.
    use : DataFrame, optional
        One row a measure: measure, and optionally label, unit, scale (linear or log), weight. Default: all columns,
        linear, of equal weight.
    names : dict, optional
        Name of each site; default its id.

    Raises
    ------
    InputError
        If a site or measure stands twice, an id is not text, a column is not numeric, a value is infinite or has no
        logarithm on a log scale, or a measure of ``use`` is no column.

    Examples
    --------
    >>> from_frame(pd.DataFrame({"size": [2.0, 1.0]}, index=["b", "a"])).sites
    ('a', 'b')
    """
    use = check_use(pd.DataFrame({"measure": list(values.columns)}) if use is None else use)
    absent = [measure for measure in use["measure"] if measure not in values.columns]
    if absent:
        raise InputError(f"The table has no column {absent[0]}, which the sites are to be compared by.")
    if not all(isinstance(site, str) and site for site in values.index):
        raise InputError("The ids of sites must be text; set them as the index of the table.")
    if values.index.has_duplicates:
        raise InputError(
            f"Site {values.index[values.index.duplicated()][0]} stands twice in the table. Remove one row."
        )
    if not len(values):
        raise InputError("The table holds no site.")
    table = values[list(use["measure"])].sort_index()
    for measure in table.columns:
        if not pd.api.types.is_numeric_dtype(table[measure]):
            raise InputError(f"Column {measure} must hold numbers, with an empty cell where a value is missing.")
    table = table.astype(float)
    known = dict.fromkeys(table.index, "") if names is None else names
    return _made(table, {site: known.get(site) or site for site in table.index}, use, {})


def from_measures(measures: pd.DataFrame, use: pd.DataFrame) -> Covariates:
    """Return covariates from site measures as ``load_measures`` returns them.

    A value that is missing, or known only within bounds, stays missing, with its reason.

    Parameters
    ----------
    measures : DataFrame
        One row a site and measure: site, name, measure, label, unit, value, reason.
    use : DataFrame
        One row a measure to compare by: measure, and optionally scale (linear or log) and weight.

    Raises
    ------
    InputError
        As :func:`from_frame`; if a measure is not in the table, or a site has it twice.
    """
    known = measures.drop_duplicates("measure").set_index("measure")
    use = check_use(use.drop(columns=["label", "unit"], errors="ignore"))
    absent = [measure for measure in use["measure"] if measure not in known.index]
    if absent:
        raise InputError(f"There is no measure {absent[0]!r}. lip.load_measures() lists them in its column measure.")
    use = use.assign(
        label=known.loc[use["measure"], "label"].to_numpy(), unit=known.loc[use["measure"], "unit"].to_numpy()
    )
    rows = measures[measures["measure"].isin(set(use["measure"]))]
    if rows.duplicated(["site", "measure"]).any():
        row = rows[rows.duplicated(["site", "measure"])].iloc[0]
        raise InputError(f"Site {row['site']} has the measure {row['measure']} twice.")
    values = rows.pivot(index="site", columns="measure", values="value").reindex(columns=list(use["measure"]))
    values = values.sort_index().astype(float).rename_axis(index=None, columns=None)
    names = dict(zip(rows["site"], rows["name"], strict=True))
    reasons = {
        (row.site, row.measure): row.reason or "known only within bounds"
        for row in rows[rows["value"].isna()].itertuples()
    }
    return _made(values, names, use, reasons)


def standardised(table: pd.DataFrame, labels: dict[str, str], columns: Iterable[str] | None = None) -> pd.DataFrame:
    """Return a table whose columns have mean 0 and standard deviation 1 (divisor n - 1) over the values present.

    Raises
    ------
    InputError
        If a column has fewer than two values, or all are equal: it tells no site from another.
    """
    result = table.copy()
    for measure in table.columns if columns is None else columns:
        if measure not in table.columns:
            raise InputError(f"There is no measure {measure!r} to standardise among {', '.join(table.columns)}.")
        spread = float(table[measure].std(ddof=1))
        scale = float(np.nanmax(np.abs(table[measure]))) if table[measure].notna().any() else 0.0
        if not spread > 1e-12 * scale:
            raise InputError(
                f"{labels.get(measure, measure)} does not differ between the sites (or only one has a value), so they "
                "cannot be compared by it. Leave it out."
            )
        result[measure] = (table[measure] - table[measure].mean()) / spread
    return result


def quantile(values: Sequence[float] | NDArray[np.float64], share: float) -> float:
    """Return a quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan, R's default).

    >>> quantile([1, 2, 3, 4], 0.2)
    1.6
    """
    array = np.asarray(values, dtype=float)
    array = array[~np.isnan(array)]
    if not len(array) or not 0 <= share <= 1:
        raise InputError(f"A quantile needs values and a share from 0 to 1, not {share:g} of {len(array)} values.")
    return float(np.quantile(array, share, method="linear"))


def check_sites(sites: Iterable[str], known: Iterable[str], what: str) -> tuple[str, ...]:
    """Return site ids sorted; raise ``InputError`` if one is unknown or stands twice."""
    if isinstance(sites, str):
        raise InputError(f"{what}: give a list of site ids, not the text {sites!r}.")
    if not isinstance(sites, Iterable):
        raise InputError(f"{what}: give a list of site ids, not {sites!r}.")
    chosen = list(sites)
    there = set(known)
    unknown = sorted({str(site) for site in chosen if site not in there})
    if unknown:
        near = difflib.get_close_matches(unknown[0].lower(), list(there), 3)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise InputError(f"{what}: there is no site {unknown[0]!r} among these {len(there)} sites.{hint}")
    if len(set(chosen)) != len(chosen):
        twice = next(site for site in chosen if chosen.count(site) > 1)
        raise InputError(f"{what}: {twice} stands twice.")
    return tuple(sorted(chosen))


def check_complete(sites: Iterable[str], covariates: Covariates, what: str) -> tuple[str, ...]:
    """Return site ids sorted; raise ``InputError`` if one is unknown, stands twice or lacks a value."""
    chosen = check_sites(sites, covariates.sites, what)
    _, others = covariates.complete()
    lacking = others[others["site"].isin(chosen)]
    if len(lacking):
        row = lacking.iloc[0]
        raise InputError(f"{what}: {row['site']} lacks a value, so it cannot take part: {row['lacks']}.")
    return chosen


def check_number(value: float, what: str, low: float, high: float = np.inf, whole: bool = False) -> float:
    """Return a number within limits; raise ``InputError`` otherwise."""
    kind = "a whole number" if whole else "a number"
    wrong = isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating)
    if wrong or not low <= value <= high or (whole and value != int(value)):
        limits = f"from {low:g} to {high:g}" if np.isfinite(high) else f"of {low:g} or more"
        raise InputError(f"{what} must be {kind} {limits}, not {value!r}.")
    return value


def check_seed(seed: int) -> int:
    """Return a seed; raise ``InputError`` if it is none, so that no result depends on the moment."""
    return int(check_number(seed, "The seed", 0, 2**63 - 1, whole=True))
