"""What a ranking hangs on: leaving out one part at a time, one weight at a time, the smallest change of weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lipresearch.errors import InputError, LipresearchError
from lipresearch.ranking import TIE, TIE_DECIMALS, Ranking, competition_ranks
from lipresearch.robustness.grid import Flags, Floats, Grid, factor_titles, grid_of, is_whole, weighted_sum
from lipresearch.robustness.variants import REFERENCE, VARIANTS, UndefinedError, rank_shifts

CHANGES = [
    "challenger",
    "name",
    "instead_of",
    "instead_of_name",
    "possible",
    "moved",
    "largest_change",
    "reason",
]


# ---- leave one out ------------------------------------------------------------------------------


def weights_without(weights: Floats, factors: tuple[str, ...], gone: Flags) -> Floats | None:
    r"""Return the weights when some criteria are left out, or None where nothing is left to rank by.

    The weight of a criterion goes to the others of its factor, in proportion to theirs; that of a factor of which
    nothing is left, to all that remains. So the weights are those that equal weighting would have given without it.

    Parameters
    ----------
    weights : ndarray, shape (m,)
        They add to 1.
    factors : tuple of str, length m
        The factor of each criterion.
    gone : ndarray of bool, shape (m,)
        Criteria that are left out.

    Returns
    -------
    ndarray, shape (m,), or None
        0 for those left out; adds to 1.

    Examples
    --------
    >>> weights_without(np.array([0.25, 0.25, 0.5]), ("a", "a", "b"), np.array([True, False, False])).tolist()
    [0.0, 0.5, 0.5]
    >>> weights_without(np.array([0.25, 0.25, 0.5]), ("a", "a", "b"), np.array([False, False, True])).tolist()
    [0.5, 0.5, 0.0]
    """
    found = np.where(gone, 0.0, weights)
    for factor in dict.fromkeys(factors):
        mine = np.array([name == factor for name in factors], dtype=bool)
        left = float(found[mine].sum())
        if left > 0:
            found[mine] *= float(weights[mine].sum()) / left
    total = float(found.sum())
    return found / total if total > 0 else None


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """What happens to a ranking when one criterion, factor, data set or site is left out.

    Attributes
    ----------
    ranking : Ranking
        The reference.
    variant : str
        By which method the sites are ranked, as ``VARIANTS`` names them.
    top : int
        How many first sites are watched.
    table : DataFrame
        One row a part left out: ``kind``, ``left_out`` (id), ``label``, ``weight`` (share of the weight that goes to
        others), ``average_shift``, ``largest_shift`` (of ranks, over the sites ranked with and without it),
        ``moved_most``, ``first`` (names), ``first_changes`` (yes or no), ``enter_top``, ``leave_top``,
        ``no_longer_ranked`` and ``newly_ranked`` (names), ``note`` (why nothing can be said, else empty).
    ranks : DataFrame
        Indexed by site in the order of the ranking: the rank without each part (missing where unranked).
    """

    ranking: Ranking
    variant: str
    top: int
    _table: pd.DataFrame
    _ranks: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a part left out."""
        return self._table.copy()

    @property
    def ranks(self) -> pd.DataFrame:
        """One row a site, one column a part left out: (kind, id)."""
        return self._ranks.copy()

    def __repr__(self) -> str:
        return f"{len(self._table)} parts of the ranking left out one at a time. See .table, .ranks."


def _scores(grid: Grid, variant: str) -> pd.Series:
    """Return scores of the sites of a grid that are covered; the others have none."""
    chosen = grid.only_sites(grid.covered)
    found = pd.Series(np.nan, index=list(grid.sites))
    if chosen.sites:
        found[list(chosen.sites)] = VARIANTS[variant].score(chosen)
    return found


def _parts(ranking: Ranking, grid: Grid, titles: Mapping[str, str]) -> Iterator[tuple[str, str, str, Flags]]:
    """Yield (kind, id, label, marks over sites x criteria) of all that can be left out."""
    shape = grid.points.shape
    criteria, factors = np.array(grid.criteria), np.array(grid.factors)
    for name, label in zip(grid.criteria, grid.labels, strict=True):
        yield "criterion", name, label, np.broadcast_to(criteria == name, shape)
    for name, label in factor_titles(ranking).items():
        yield "factor", name, label, np.broadcast_to(factors == name, shape)
    sources = [set(cell.split(";")) - {""} for cell in ranking.contributions["sources"]]
    for name in sorted(set().union(*sources)):
        rests = np.array([name in cell for cell in sources], dtype=bool).reshape(shape)
        yield "data set", name, titles.get(name, name), rests
    for place, (name, label) in enumerate(zip(grid.sites, grid.names, strict=True)):
        if grid.covered[place]:
            yield "site", name, label, np.broadcast_to((np.arange(shape[0]) == place)[:, None], shape)


def _without(grid: Grid, kind: str, marks: Flags) -> Grid | None:
    """Return the grid without a part, or None where nothing is left to rank by."""
    if kind == "site":
        rest = grid.only_sites(~marks.all(axis=1))
        return rest if rest.covered.any() else None
    reduced = replace(
        grid,
        points=np.where(marks, 0.0, grid.points),
        values=np.where(marks, np.nan, grid.values),
        known=grid.known & ~marks,
    )
    gone = marks.all(axis=0)
    if kind == "data set":  # a criterion goes with the last of its values
        gone = ~np.isnan(grid.values).all(axis=0) & np.isnan(reduced.values).all(axis=0)
    weights = weights_without(grid.weights, grid.factors, np.asarray(gone))
    return None if weights is None else replace(reduced, weights=weights)


def leave_one_out(
    ranking: Ranking, top: int = 10, variant: str = REFERENCE, titles: Mapping[str, str] | None = None
) -> LeaveOneOut:
    """Return what happens to the ranks without each criterion, factor, data set and site.

    *Criterion, factor*: see ``weights_without`` for where the weight goes. *Data set*: every value (and bound) that
    rests on it is missing, also where other data sets contribute; a criterion that loses all its values is left out,
    one that keeps some adds nothing at the sites that lost theirs. *Site*: it is no candidate. The minimum coverage
    holds as in the ranking, so a site may drop out for want of evidence, or come in.

    Shifts are over the sites ranked both with and without the part, ranked anew among themselves; so leaving out a
    site shifts nobody where points come from goalposts (the known null), and may do so for a relative variant.

    Parameters
    ----------
    ranking : Ranking
    top : int
        How many first sites to watch, 1 or more.
    variant : str
        One of ``VARIANTS``.
    titles : mapping, optional
        Titles of data sets by id, for the labels.

    Returns
    -------
    LeaveOneOut

    Raises
    ------
    InputError
        If ``top`` is no whole number of 1 or more, there is no such variant, or no site is ranked.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, pp. 117-121 (inclusion and exclusion of indicators).

    Examples
    --------
    >>> import lipresearch as lip
    >>> parts = lip.leave_one_out(lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))).table
    >>> float(parts.loc[parts["kind"] == "site", "largest_shift"].max())
    0.0
    """
    if not is_whole(top, 1):
        raise InputError(f"The number of first sites to watch must be 1 or more, not {top}.")
    if variant not in VARIANTS:
        raise InputError(f"There is no variant {variant!r}. There are: {', '.join(VARIANTS)}.")
    grid = grid_of(ranking)
    if not grid.covered.any():
        raise InputError("No site is ranked, so nothing can be left out.")
    names = dict(zip(grid.sites, grid.names, strict=True))
    order = list(ranking.table["site"])
    before = _scores(grid, variant).reindex(order)
    rows, columns = [], {}
    for kind, part, label, marks in _parts(ranking, grid, titles or {}):
        reduced = _without(grid, kind, marks)
        after, note = pd.Series(np.nan, index=order), ""
        if reduced is None:
            note = "nothing is left to rank by"
        else:
            try:
                after = _scores(reduced, variant).reindex(order)
                note = "" if after.notna().any() else "no site has enough evidence left"
            except UndefinedError as error:
                note = f"undefined: {error}"
        weight = math.nan
        if kind != "site":
            weight = float(grid.weights[marks.all(axis=0)].sum()) if kind != "data set" else _resting(grid, marks)
        row = {"kind": kind, "left_out": part, "label": label, "weight": weight}
        rows.append({**row, **_effect(before, after, names, top, part if kind == "site" else ""), "note": note})
        known = after.dropna()
        columns[kind, part] = pd.Series(competition_ranks(known), index=known.index).reindex(order).astype("Int64")
    ranks = pd.DataFrame(columns, index=pd.Index(order, name="site"))
    return LeaveOneOut(ranking, variant, top, pd.DataFrame(rows), ranks)


def _resting(grid: Grid, marks: Flags) -> float:
    """Return the share of the weight that rests on the marked values, mean of the ranked sites."""
    rests = weighted_sum((marks & ~np.isnan(grid.values)).astype(float), grid.weights)
    return float(rests[grid.covered].mean())


def _effect(before: pd.Series, after: pd.Series, names: dict[str, str], top: int, left_out: str) -> dict[str, object]:
    """Return the cells of a row of ``LeaveOneOut.table`` that compare two sets of scores."""

    def listed(sites: pd.Index) -> str:
        return "; ".join(names[site] for site in sites)

    def upto(scores: pd.Series, last: int) -> pd.Index:
        known = scores.dropna()
        return known.index[competition_ranks(known) <= last] if len(known) else known.index

    shifts = rank_shifts(before, after)
    was, now = before.dropna().index, after.dropna().index
    largest = float(shifts.max()) if len(shifts) else math.nan
    first, then = upto(before, 1), upto(after, 1)
    enter, leave = upto(after, top).difference(upto(before, top), sort=False), upto(before, top)
    leave = leave.difference(upto(after, top), sort=False)
    return {
        "average_shift": float(shifts.mean()) if len(shifts) else math.nan,
        "largest_shift": largest,
        "moved_most": listed(shifts.index[shifts == largest]) if largest > 0 else "",
        "first": listed(then),
        "first_changes": "yes" if len(then) and set(first) != set(then) else "no",
        "enter_top": listed(enter) if len(now) else "",
        "leave_top": listed(leave.difference([left_out], sort=False)) if len(now) else "",
        "no_longer_ranked": listed(was.difference(now, sort=False).difference([left_out], sort=False)),
        "newly_ranked": listed(now.difference(was, sort=False)),
    }


# ---- the smallest change of weights ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class WeightChange:
    """How little the weights must change for a site to enter the first ``top``.

    Attributes
    ----------
    ranking : Ranking
        The reference.
    top : int
        The first so many sites.
    table : DataFrame
        One row a challenger (any site that is not among the first, ranked or not), the nearest first: ``challenger``,
        ``name``; ``instead_of``, ``instead_of_name`` (the one of the first that it overtakes at the least change);
        ``possible`` (yes or no); ``moved``: share of the weight that must move from some criteria to others;
        ``largest_change``: how far, for the same two, at least one weight must change when the change is spread as
        evenly as can be; ``reason`` where it is not possible. Then, with an empty ``challenger``, one row for each of
        the first that falls below the minimum coverage at some weighting.
    smallest : Series or None
        The row of ``table`` with the least weight moved; None where no weighting alters the first ``top``.
    weights : DataFrame
        One row a possible row of the table and criterion: ``weight``, ``moved_to`` (the weights at which the two draw
        level, with the least weight moved), ``spread_to`` (the same with the smallest largest change).
    """

    ranking: Ranking
    top: int
    _table: pd.DataFrame
    _weights: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a challenger, the nearest first."""
        return self._table.copy()

    @property
    def weights(self) -> pd.DataFrame:
        """One row a challenger and criterion: the weight, and the nearest ones at which they draw level."""
        return self._weights.copy()

    @property
    def smallest(self) -> pd.Series | None:
        """The least change that alters the first sites, or None where no weighting does."""
        rows = self._table[self._table["possible"] == "yes"]
        return None if rows.empty else rows.iloc[0].copy()

    def change(self, row: int = 0) -> pd.DataFrame:
        """Return the weights of a row of ``table``: criterion, label, weight, moved_to, spread_to."""
        rows = self._weights[self._weights["row"] == row]
        if rows.empty:
            raise InputError(f"Row {row} of the table has no weights: no weighting does it, or there is no such row.")
        return rows.drop(columns="row").reset_index(drop=True)

    def __repr__(self) -> str:
        found = self.smallest
        if found is None:
            first = "first" if self.top == 1 else f"among the first {self.top}"
            return f"No weighting puts another site {first}. See .table."
        first = "the first site" if self.top == 1 else f"the first {self.top} sites"
        return f"{100 * found['moved']:.1f} % of the weight must move to alter {first}. See .table, .change()."


@dataclass(frozen=True, eq=False)
class _Nearest:
    """The nearest weights that meet conditions, by both distances."""

    moved: float
    largest: float
    moved_to: Floats
    spread_to: Floats


def nearest_weights(weights: Floats, conditions: Floats, bounds: Floats) -> tuple[Floats, Floats] | None:
    r"""Return the nearest weights that meet linear conditions, by the total and by the largest change.

    .. math:: \min_w \lVert w - w^0 \rVert \quad \text{with} \quad A w \ge b, \; \sum_c w_c = 1, \; w \ge 0

    for the norms L1 (half of it is the weight moved) and L-infinity, each as a linear programme. Where several weights
    are equally near, one of them is given.

    Parameters
    ----------
    weights : ndarray, shape (m,)
        :math:`w^0`, on the simplex.
    conditions : ndarray, shape (k, m)
        A.
    bounds : ndarray, shape (k,)
        b.

    Returns
    -------
    tuple of ndarray, or None
        Weights by L1 and by L-infinity; None where no weights on the simplex meet the conditions.

    Examples
    --------
    >>> near = nearest_weights(np.array([0.8, 0.2]), np.array([[-1.0, 1.0]]), np.array([0.0]))
    >>> [part.round(6).tolist() for part in near]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    count = len(weights)
    by_total = _programme(weights, conditions, bounds, np.eye(count))
    if by_total is None:
        return None
    by_largest = _programme(weights, conditions, bounds, np.ones((count, 1)))
    if by_largest is None:  # the same conditions were met a moment ago
        raise LipresearchError("The linear programme for the largest change failed; please report the ranking.")
    return by_total, by_largest


def _programme(weights: Floats, conditions: Floats, bounds: Floats, slack: Floats) -> Floats | None:
    """Return w that minimises the sum of t with |w - w0| <= slack @ t, or None where the conditions cannot be met."""
    from scipy.optimize import linprog

    count, extra = slack.shape
    identity = np.eye(count)
    done = linprog(
        np.concatenate([np.zeros(count), np.ones(extra)]),
        A_ub=np.block(
            [[identity, -slack], [-identity, -slack], [-conditions, np.zeros((len(conditions), extra))]],
        ),
        b_ub=np.concatenate([weights, -weights, -bounds]),
        A_eq=np.concatenate([np.ones(count), np.zeros(extra)])[None, :],
        b_eq=[1.0],
        bounds=(0, None),
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if done.status == 2:
        return None
    if done.status != 0:
        raise LipresearchError(f"The linear programme for the weights ended without a result: {done.message}")
    found = np.maximum(done.x[:count], 0.0)
    found /= found.sum()
    # The solver's word is not taken for it.
    if (conditions @ found < bounds - TIE).any():
        raise LipresearchError("The linear programme for the weights gave weights that miss its own conditions.")
    return np.asarray(found)


def _most(direction: Floats, conditions: Floats, bounds: Floats) -> float:
    """Return the largest value of direction @ w on the simplex under conditions; -inf where none are met."""
    from scipy.optimize import linprog

    if not len(conditions):
        return float(direction.max())
    done = linprog(
        -direction, A_ub=-conditions, b_ub=-bounds, A_eq=np.ones((1, len(direction))), b_eq=[1.0], method="highs"
    )
    if done.status == 2:
        return -math.inf
    if done.status != 0:
        raise LipresearchError(f"The linear programme for the weights ended without a result: {done.message}")
    return float(-done.fun)


def _nearest(weights: Floats, conditions: Floats, bounds: Floats) -> _Nearest | None:
    pair = nearest_weights(weights, conditions, bounds)
    if pair is None:
        return None
    moved_to, spread_to = pair
    return _Nearest(
        float(np.abs(moved_to - weights).sum() / 2), float(np.abs(spread_to - weights).max()), moved_to, spread_to
    )


def _overtaking(grid: Grid, challenger: int, holder: int) -> _Nearest | str:
    """Return the nearest weights at which a challenger draws level with a holder, or why none lets it come before."""
    ahead = grid.points[challenger] - grid.points[holder]
    known = grid.known[challenger]
    conditions, bounds = np.empty((0, len(ahead))), np.empty(0)
    if not known.all() and grid.minimum_coverage > 0:
        conditions, bounds = known.astype(float)[None, :], np.array([grid.minimum_coverage])
    never = 0.5 * 10**-TIE_DECIMALS
    if ahead.max() <= never:
        return f"{grid.names[holder]} has at least as many points on every criterion"
    best = _most(ahead, conditions, bounds)
    if best == -math.inf:
        return "no weighting gives it the minimum coverage"
    if best <= never:
        return f"{grid.names[holder]} stays before it wherever it has the minimum coverage"
    found = _nearest(grid.weights, np.vstack([ahead, conditions]), np.concatenate([[0.0], bounds]))
    if found is None:
        raise LipresearchError("The linear programme for the weights contradicts itself; please report the ranking.")
    return found


def smallest_weight_change(ranking: Ranking, top: int = 1) -> WeightChange:
    r"""Return the smallest change of weights that alters the first ``top`` sites, for every challenger, exactly.

    A set of first sites changes as soon as a site outside passes one inside, or one inside loses its rank for want of
    evidence. So for every pair of challenger j and holder i the nearest weights are found with

    .. math:: \sum_c w_c (u_{jc} - u_{ic}) \ge 0, \qquad \sum_c w_c k_{jc} \ge \text{minimum coverage}

    (k = 1 where there is a value) on the simplex, by linear programming. At these weights the two draw level (or the
    challenger is ahead and just reaches the coverage); anything beyond puts it before. Points are those that the score
    counts: a missing criterion adds nothing, one known within bounds counts with the worse bound. All weights may
    change, also those of criteria that carry none.

    ``moved`` 0: the smallest change will do; 1: all the weight must move. A challenger that is nowhere ahead can at
    best draw level, where the weight is on criteria that tell the two not apart; to share a rank is not to pass, and
    such a challenger is listed as not possible.

    Parameters
    ----------
    ranking : Ranking
    top : int
        1: the first site. At most the number of ranked sites.

    Returns
    -------
    WeightChange

    Raises
    ------
    InputError
        If ``top`` is not 1 to the number of ranked sites, or sites share the last of the first ranks, so that there is
        no set of so many.

    References
    ----------
    Triantaphyllou, E. and Sánchez, A. (1997), A sensitivity analysis approach for some deterministic multi-criteria
    decision-making methods, Decision Sciences 28(1), 151-194 (one weight at a time; here all move together).

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.smallest_weight_change(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")))
    >>> bool(0 < found.smallest["moved"] < 1)
    True
    """
    grid = grid_of(ranking)
    names = dict(zip(grid.sites, grid.names, strict=True))
    ranked = ranking.ranked
    if ranked.empty:
        raise InputError("No site is ranked, so there is no first one to alter.")
    if not is_whole(top, 1) or top > len(ranked):
        raise InputError(f"The number of first sites must be 1 to {len(ranked)}, the sites that are ranked, not {top}.")
    holders = list(ranked.loc[ranked["rank"] <= top, "site"])
    if len(holders) != top:
        last = ranked.loc[ranked["rank"] == ranked["rank"].iloc[top - 1], "site"]
        raise InputError(
            f"{', '.join(names[site] for site in last)} share rank {ranked['rank'].iloc[top - 1]}, so there is no set "
            f"of the first {top}: any change of weights that parts them alters it. Choose another number."
        )
    place = {site: number for number, site in enumerate(grid.sites)}
    found: list[tuple[str, str, _Nearest | str]] = []
    for challenger in grid.sites:
        if challenger not in holders:
            pairs = [(holder, _overtaking(grid, place[challenger], place[holder])) for holder in holders]
            # Equal but for rounding: the better of the holders.
            best = min(pairs, key=lambda pair: round(pair[1].moved, 12) if isinstance(pair[1], _Nearest) else math.inf)
            found.append((challenger, *best))
    for holder in holders:
        lost = _losing(grid, place[holder])
        if lost is not None:
            found.append(("", holder, lost))
    order = {site: number for number, site in enumerate(ranking.table["site"])}
    found.sort(
        key=lambda row: (round(row[2].moved, 12) if isinstance(row[2], _Nearest) else 2.0, order.get(row[0], -1))
    )
    rows, weights = [], []
    for number, (challenger, holder, result) in enumerate(found):
        possible = isinstance(result, _Nearest)
        several = top > 1 and not possible
        rows.append(
            {
                "challenger": challenger,
                "name": names.get(challenger, ""),
                "instead_of": "" if several else holder,
                "instead_of_name": "" if several else names[holder],
                "possible": "yes" if possible else "no",
                "moved": result.moved if isinstance(result, _Nearest) else math.nan,
                "largest_change": result.largest if isinstance(result, _Nearest) else math.nan,
                "reason": _reason(challenger, holder, result, top, names),
            }
        )
        if isinstance(result, _Nearest):
            for criterion, label, *numbers in zip(
                grid.criteria, grid.labels, grid.weights, result.moved_to, result.spread_to, strict=True
            ):
                weights.append((number, criterion, label, *numbers))
    columns = ["row", "criterion", "label", "weight", "moved_to", "spread_to"]
    return WeightChange(ranking, top, pd.DataFrame(rows, columns=CHANGES), pd.DataFrame(weights, columns=columns))


def _losing(grid: Grid, holder: int) -> _Nearest | None:
    """Return the nearest weights at which a site's evidence just carries the minimum coverage, if they can fall."""
    lacks = 1.0 - grid.known[holder]
    if not lacks.any() or grid.minimum_coverage <= 0:
        return None
    return _nearest(grid.weights, lacks[None, :], np.array([1 - grid.minimum_coverage]))


def _reason(challenger: str, holder: str, result: _Nearest | str, top: int, names: dict[str, str]) -> str:
    if isinstance(result, str):
        return result if top == 1 else "no weighting puts it before any of the first"
    return "" if challenger else f"{names[holder]} falls below the minimum coverage"


# ---- one weight from nothing to everything ------------------------------------------------------------

#: Weights nearer to each other than this are one weight, and scores nearer than that are equal.
SAME_WEIGHT, SAME_SCORE = 1e-9, 1e-13
STRETCHES = ["criterion", "label", "weight", "start", "end", "first", "name", "declared"]
STAYS = ["criterion", "label", "weight", "stays_from", "stays_to", "below", "above", "changes", "reason"]


@dataclass(frozen=True, eq=False)
class WeightSensitivity:
    """Who is first as the weight of one criterion goes from 0 to 1, the others keeping their proportions.

    Attributes
    ----------
    ranking : Ranking
        The reference.
    table : DataFrame
        One row a criterion, in the order of the cluster: ``criterion``, ``label``, ``weight`` (as declared),
        ``stays_from`` and ``stays_to`` (the weights between which the first sites of the ranking stay first), ``below``
        and ``above`` (names of those that are first just beyond these weights; empty where they are 0 and 1),
        ``changes`` (at how many weights the first site changes), ``reason`` (why its weight cannot be varied).
    stretches : DataFrame
        One row a criterion and stretch of its weight with the same first sites: ``criterion``, ``label``, ``weight``,
        ``start``, ``end``, ``first`` (ids, separated by ``; ``), ``name`` (names; both empty where no site has the
        minimum coverage), ``declared`` (yes where the declared weight lies in it). At ``start`` and ``end`` those of
        both sides are level, or one of them gains or loses the minimum coverage.
    """

    ranking: Ranking
    _table: pd.DataFrame
    _stretches: pd.DataFrame
    _grid: Grid

    @property
    def table(self) -> pd.DataFrame:
        """One row a criterion: between which of its weights the first sites stay first, and who takes over."""
        return self._table.copy()

    @property
    def stretches(self) -> pd.DataFrame:
        """One row a criterion and stretch of its weight with the same first sites."""
        return self._stretches.copy()

    def scores(self, criterion: str, weight: float) -> pd.DataFrame:
        """Return the sites' scores and ranks at a weight of one criterion: site, name, rank, score, the best first.

        A site without the minimum coverage at that weight has neither (NaN, <NA>), and comes last.

        Raises
        ------
        InputError
            If there is no such criterion, its weight cannot be varied, or the weight is not 0 to 1.
        """
        lines = self._of(criterion)
        if not 0 <= weight <= 1:
            raise InputError(f"A weight is 0 to 1, not {weight:g}.")
        covered = lines.at(weight, lines.known) >= self._grid.minimum_coverage - TIE
        found = pd.DataFrame(
            {
                "site": self._grid.sites,
                "name": self._grid.names,
                "rank": pd.array([pd.NA] * len(covered), dtype="Int64"),
                "score": np.where(covered, lines.at(weight, lines.points), np.nan),
            }
        )
        if covered.any():
            found.loc[covered, "rank"] = competition_ranks(found.loc[covered, "score"])
        return found.sort_values(["rank", "name", "site"], ignore_index=True, na_position="last")

    def lines(self, criterion: str) -> pd.DataFrame:
        """Return the scores as straight lines over the weight of a criterion, one row a site that is ranked somewhere.

        Columns site, name, ``start`` and ``end`` (the weights between which it has the minimum coverage),
        ``score_start`` and ``score_end`` (its scores there).
        """
        lines = self._of(criterion)
        minimum = self._grid.minimum_coverage
        rows = []
        for place, (site, name) in enumerate(zip(self._grid.sites, self._grid.names, strict=True)):
            low, high = lines.known[:, place]
            start, end = 0.0, 1.0
            if max(low, high) < minimum - TIE:
                continue
            if low < minimum - TIE:
                start = (minimum - low) / (high - low)
            elif high < minimum - TIE:
                end = (minimum - low) / (high - low)
            scores = [float(lines.at(weight, lines.points)[place]) for weight in (start, end)]
            rows.append((site, name, float(start), float(end), *scores))
        return pd.DataFrame(rows, columns=["site", "name", "start", "end", "score_start", "score_end"])

    def _of(self, criterion: str) -> _Lines:
        if criterion not in self._grid.criteria:
            raise InputError(f"There is no criterion {criterion!r}. There are: {', '.join(self._grid.criteria)}.")
        lines = _lines(self._grid, self._grid.criteria.index(criterion))
        if lines is None:
            raise InputError(f"The weight of {criterion} cannot be varied: {ONLY_ONE}.")
        return lines

    def __repr__(self) -> str:
        firm = int((self._table["changes"] == 0).sum())
        return (
            f"Of {len(self._table)} criteria, {firm} leave the first site first whatever they alone weigh. "
            "See .table, .stretches, .scores(criterion, weight)."
        )


ONLY_ONE = "no other criterion carries weight that could be in proportion"


@dataclass(frozen=True, eq=False)
class _Lines:
    """Scores and coverages at weight 0 and at weight 1 of a criterion, shape (2, n); between them they are linear."""

    points: Floats
    known: Floats

    def at(self, weight: float, ends: Floats) -> Floats:
        """Return scores or coverages at a weight, shape (n,)."""
        return np.asarray((1.0 - weight) * ends[0] + weight * ends[1])


def _lines(grid: Grid, place: int) -> _Lines | None:
    """Return how scores and coverages run over the weight of a criterion; None where no other has any weight."""
    rest = grid.weights.copy()
    rest[place] = 0.0
    total = float(rest.sum())
    if total <= SAME_WEIGHT:
        return None
    rest /= total
    known = grid.known.astype(float)
    return _Lines(
        np.array([weighted_sum(grid.points, rest), grid.points[:, place]]),
        np.array([weighted_sum(known, rest), known[:, place]]),
    )


def _corners(lines: _Lines, minimum: float) -> Floats:
    """Return the weights, 0 and 1 among them, between which neither the order nor the coverage of sites changes."""
    low, high = lines.points
    found: list[Floats] = [np.array([0.0, 1.0])]
    start, end = low[:, None] - low[None, :], high[:, None] - high[None, :]
    crosses = (start > SAME_SCORE) & (end < -SAME_SCORE)
    found.append(start[crosses] / (start[crosses] - end[crosses]))
    first, last = lines.known - (minimum - TIE)
    turns = (first < 0) != (last < 0)
    found.append((minimum - lines.known[0][turns]) / (lines.known[1][turns] - lines.known[0][turns]))
    corners = np.sort(np.clip(np.concatenate(found), 0.0, 1.0))
    kept = corners[np.concatenate([[True], np.diff(corners) > SAME_WEIGHT])]
    kept[-1] = 1.0
    return np.asarray(kept)


def weight_sensitivity(ranking: Ranking) -> WeightSensitivity:
    r"""Return who is first at every weight of each criterion, and the exact weights at which that changes.

    The weight of criterion c is t, and the others share the rest as declared:

    .. math:: w_c(t) = t, \qquad w_k(t) = (1 - t) \, \frac{w_k}{1 - w_c} \quad (k \ne c), \qquad 0 \le t \le 1

    so a score is a straight line in t, and the coverage is another:

    .. math:: s_i(t) = (1 - t) \sum_{k \ne c} \frac{w_k u_{ik}}{1 - w_c} + t \, u_{ic}

    The first site changes where two lines cross, at :math:`t = d_0 / (d_0 - d_1)` for differences d of the two scores
    at t = 0 and t = 1, or where a site gains or loses the minimum coverage. All such weights are found; none is
    searched for in steps. Points are those that the score counts: a missing criterion adds nothing, one known within
    bounds counts with the worse bound.

    A range from 0 to 1: the first site does not hang on what this criterion weighs. A range that ends close to the
    declared weight: it does, and the weight needs a reason. One weight moves here; ``smallest_weight_change`` lets all
    move together.

    Parameters
    ----------
    ranking : Ranking

    Returns
    -------
    WeightSensitivity
        With NaN and a reason for a criterion that carries all the weight.

    Raises
    ------
    InputError
        If no site is ranked, or only one criterion carries weight and there is no other.

    References
    ----------
    Triantaphyllou, E. and Sánchez, A. (1997), A sensitivity analysis approach for some deterministic multi-criteria
    decision-making methods, Decision Sciences 28(1), 151-194.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.weight_sensitivity(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")))
    >>> bool((found.table["stays_from"] <= found.table["weight"]).all())
    True
    """
    if ranking.ranked.empty:
        raise InputError("No site is ranked, so there is no first one to follow.")
    grid = grid_of(ranking)
    if len(grid.criteria) == 1:
        raise InputError(f"{grid.labels[0]} is the only criterion: there is no other weight to vary it against.")
    held = set(ranking.ranked.loc[ranking.ranked["rank"] == 1, "site"])
    rows: list[dict[str, object]] = []
    stretches: list[dict[str, object]] = []
    for place, (criterion, label, weight) in enumerate(zip(grid.criteria, grid.labels, grid.weights, strict=True)):
        start = {"criterion": criterion, "label": label, "weight": float(weight)}
        lines = _lines(grid, place)
        if lines is None:
            nothing = dict.fromkeys(("stays_from", "stays_to"), math.nan)
            rows.append({**start, **nothing, "below": "", "above": "", "changes": pd.NA, "reason": ONLY_ONE})
            continue
        mine = _stretches(grid, lines)
        stretches += [
            {
                **start,
                "start": low,
                "end": high,
                "first": "; ".join(grid.sites[site] for site in first),
                "name": "; ".join(grid.names[site] for site in first),
                "declared": "yes" if low - SAME_WEIGHT <= weight <= high + SAME_WEIGHT else "no",
            }
            for low, high, first in mine
        ]
        rows.append({**start, **_stays(grid, mine, float(weight), held), "changes": len(mine) - 1, "reason": ""})
    table = pd.DataFrame(rows, columns=STAYS).astype({"changes": "Int64"})
    return WeightSensitivity(ranking, table, pd.DataFrame(stretches, columns=STRETCHES), grid)


Stretch = tuple[float, float, tuple[int, ...]]


def _stretches(grid: Grid, lines: _Lines) -> list[Stretch]:
    """Return (start, end, first sites by place in the grid, by name) over the weight of a criterion."""
    corners = _corners(lines, grid.minimum_coverage)
    order = sorted(range(len(grid.sites)), key=lambda site: (grid.names[site], grid.sites[site]))
    found: list[Stretch] = []
    for low, high in zip(corners[:-1].tolist(), corners[1:].tolist(), strict=True):
        middle = (low + high) / 2
        covered = lines.at(middle, lines.known) >= grid.minimum_coverage - TIE
        scores = np.where(covered, lines.at(middle, lines.points), -1.0)
        top = float(scores.max())
        first = tuple(site for site in order if covered[site] and scores[site] >= top - SAME_SCORE)
        if found and found[-1][2] == first:
            found[-1] = (found[-1][0], high, first)
        else:
            found.append((low, high, first))
    return found


def _stays(grid: Grid, stretches: list[Stretch], weight: float, held: set[str]) -> dict[str, object]:
    """Return from and up to which weight all of the first sites stay first, and who is first beyond."""

    def holds(first: tuple[int, ...]) -> bool:
        return held <= {grid.sites[site] for site in first}

    def names(place: int) -> str:
        others = [grid.names[site] for site in stretches[place][2] if grid.sites[site] not in held]
        return "; ".join(others) or "; ".join(grid.names[site] for site in stretches[place][2])

    here = [
        place
        for place, (low, high, first) in enumerate(stretches)
        if low - SAME_WEIGHT <= weight <= high + SAME_WEIGHT and holds(first)
    ]
    if not here:  # level at the declared weight alone
        below = next(place for place, stretch in enumerate(stretches) if stretch[1] >= weight - SAME_WEIGHT)
        above = min(below + 1, len(stretches) - 1)
        return {
            "stays_from": weight,
            "stays_to": weight,
            "below": names(below) if weight > SAME_WEIGHT else "",
            "above": names(above),
        }
    first, last = here[0], here[-1]
    while first > 0 and holds(stretches[first - 1][2]):
        first -= 1
    while last < len(stretches) - 1 and holds(stretches[last + 1][2]):
        last += 1
    return {
        "stays_from": stretches[first][0],
        "stays_to": stretches[last][1],
        "below": names(first - 1) or "no site ranked" if first > 0 else "",
        "above": names(last + 1) or "no site ranked" if last < len(stretches) - 1 else "",
    }
