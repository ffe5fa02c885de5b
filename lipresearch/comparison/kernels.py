"""The loops of synthetic purposive sampling, compiled by numba where it is installed, plain Python elsewhere.

Import this module inside functions only: numba takes about a second. Sums run in one order and no fast arithmetic is
used, so both ways give the same digits.

Notation: ``gram`` holds inner products of the sites' centred profiles divided by the number of measures, ``gap`` the
penalised mean squared differences of pairs. The cost of standing for site k by weights q on the chosen sites is
q'G q + gap_k'q with G_ij = (x_i - x_k)'(x_j - x_k) / L, which needs no more than ``gram``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

try:
    from numba import njit
except ImportError:  # no wheel for this machine

    def njit(  # type: ignore[no-redef]
        *_: Any, **__: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Leave functions as they are."""
        return lambda function: function


#: Added to the diagonal, as a share of its mean, so that sites with equal profiles do no harm.
RIDGE = 1e-12
#: How far below the best weight's price a site's price must lie to enter.
ENTER = 1e-13


@njit(cache=True, nogil=True)
def simplex_weights(inner: Floats, price: Floats, size: int, weights: Floats, ridge: float) -> None:
    """Write the weights (0 or more, adding to 1) that minimise w'Gw + p'w; ``weights`` holds a start, or zeros."""
    active = np.zeros(size, dtype=np.int64)
    count = 0
    for i in range(size):
        if weights[i] > 0.0:
            active[count] = i
            count += 1
    if count == 0:
        best = 0
        for i in range(1, size):
            if inner[i, i] + price[i] < inner[best, best] + price[best]:
                best = i
        weights[best] = 1.0
        active[0] = best
        count = 1
    trace = 0.0
    for i in range(size):
        trace += inner[i, i]
    small = ridge * (trace / size) + 1e-300
    factor = np.empty((size, size))
    ones = np.empty(size)
    shifted = np.empty(size)
    fresh = True  # the start need not be the best on its own sites
    for _ in range(50 * size + 50):
        entered = -1
        if not fresh:
            lowest, mean = 0.0, 0.0
            for i in range(size):
                slope = price[i]
                for a in range(count):
                    slope += 2.0 * inner[i, active[a]] * weights[active[a]]
                mean += weights[i] * slope
                if entered < 0 or slope < lowest:
                    lowest = slope
                    entered = i
            if lowest >= mean - ENTER * (1.0 + abs(mean)):
                return
            for a in range(count):
                if active[a] == entered:
                    return
            active[count] = entered
            count += 1
        fresh = False
        while True:
            # Least on the plane of the active sites: (2G + ridge) w = level - price, the weights adding to 1.
            for a in range(count):
                for b in range(a + 1):
                    total = 2.0 * inner[active[a], active[b]]
                    if a == b:
                        total += small
                    for c in range(b):
                        total -= factor[a, c] * factor[b, c]
                    if a == b:
                        factor[a, a] = np.sqrt(max(total, small))
                    else:
                        factor[a, b] = total / factor[b, b]
            for a in range(count):
                one, shift = 1.0, price[active[a]]
                for c in range(a):
                    one -= factor[a, c] * ones[c]
                    shift -= factor[a, c] * shifted[c]
                ones[a] = one / factor[a, a]
                shifted[a] = shift / factor[a, a]
            for back in range(count):
                a = count - 1 - back
                one, shift = ones[a], shifted[a]
                for c in range(a + 1, count):
                    one -= factor[c, a] * ones[c]
                    shift -= factor[c, a] * shifted[c]
                ones[a] = one / factor[a, a]
                shifted[a] = shift / factor[a, a]
            sum_one, sum_shift = 0.0, 0.0
            for a in range(count):
                sum_one += ones[a]
                sum_shift += shifted[a]
            level = (1.0 + sum_shift) / sum_one
            step, blocking = 1.0, -1
            for a in range(count):
                target = level * ones[a] - shifted[a]
                if target <= 0.0:
                    now = weights[active[a]]
                    share = now / (now - target) if now > target else 0.0
                    if blocking < 0 or share < step:
                        step = share
                        blocking = a
            total = 0.0
            for a in range(count):
                i = active[a]
                target = level * ones[a] - shifted[a]
                weights[i] = weights[i] + step * (target - weights[i])
                if a == blocking or weights[i] < 0.0:
                    weights[i] = 0.0
                total += weights[i]
            for a in range(count):
                weights[active[a]] /= total
            if blocking < 0:
                break
            left = active[blocking]
            for a in range(blocking, count - 1):
                active[a] = active[a + 1]
            count -= 1
            if left == entered:
                return  # rounding: it cannot improve any more
            if count == 1:
                weights[active[0]] = 1.0
                break


@njit(cache=True, nogil=True)
def fit_site(
    gram: Floats, gap: Floats, chosen: Ints, size: int, k: int, weights: Floats, out: Floats, ridge: float
) -> None:
    """Fit one site's weights on the chosen ones; ``out``: cost, a lower bound of it, and its squared part."""
    inner = np.empty((size, size))
    price = np.empty(size)
    for a in range(size):
        i = chosen[a]
        price[a] = gap[k, i]
        for b in range(a + 1):
            j = chosen[b]
            inner[a, b] = gram[i, j] - gram[i, k] - gram[j, k] + gram[k, k]
            inner[b, a] = inner[a, b]
    simplex_weights(inner, price, size, weights, ridge)
    square, linear, lowest = 0.0, 0.0, np.inf
    for a in range(size):
        slope = 0.0
        for b in range(size):
            slope += inner[a, b] * weights[b]
        square += weights[a] * slope
        linear += weights[a] * price[a]
        lowest = min(lowest, 2.0 * slope + price[a])
    out[0] = max(square + linear, 0.0)
    out[1] = min(max(lowest - square, 0.0), out[0])
    out[2] = square


@njit(cache=True, nogil=True)
def fit_set(gram: Floats, gap: Floats, chosen: Ints, size: int, weights: Floats, costs: Floats, ridge: float) -> float:
    """Fit every site on the chosen ones from scratch; return the total cost. ``costs``: one row of three a site."""
    sites = gram.shape[0]
    total = 0.0
    inside = np.zeros(sites, dtype=np.bool_)
    for a in range(size):
        inside[chosen[a]] = True
    for k in range(sites):
        for a in range(size):
            weights[k, a] = 0.0
        if inside[k]:
            costs[k, 0] = 0.0
            costs[k, 1] = 0.0
            costs[k, 2] = 0.0
            for a in range(size):
                if chosen[a] == k:
                    weights[k, a] = 1.0
        else:
            fit_site(gram, gap, chosen, size, k, weights[k], costs[k], ridge)
        total += costs[k, 0]
    return total


@njit(cache=True, nogil=True)
def bound_with(
    gram: Floats, gap: Floats, chosen: Ints, size: int, weights: Floats, costs: Floats, k: int, c: int
) -> float:
    """Return a lower bound of site k's cost through the new site c alone: the tangent at its present weights."""
    if c == k:
        return 0.0
    slope = gap[k, c] - costs[k, 2]
    for a in range(size):
        if weights[k, a] > 0.0:
            j = chosen[a]
            slope += 2.0 * weights[k, a] * (gram[j, c] - gram[j, k] - gram[c, k] + gram[k, k])
    return max(float(slope), 0.0)


@njit(cache=True, nogil=True)
def gains(
    gram: Floats,
    gap: Floats,
    chosen: Ints,
    size: int,
    weights: Floats,
    costs: Floats,
    candidates: Ints,
    count: int,
    found: Floats,
) -> None:
    """Write for every candidate the most that adding it could take off the total cost."""
    for place in range(count):
        c = candidates[place]
        total = 0.0
        for k in range(gram.shape[0]):
            if costs[k, 1] > 0.0:
                low = bound_with(gram, gap, chosen, size, weights, costs, k, c)
                if low < costs[k, 1]:
                    total += costs[k, 1] - low
        found[place] = total


@njit(cache=True, nogil=True)
def extend(
    gram: Floats,
    gap: Floats,
    chosen: Ints,
    size: int,
    weights: Floats,
    costs: Floats,
    new_weights: Floats,
    new_costs: Floats,
    ridge: float,
) -> float:
    """Fit every site on ``chosen`` whose last member is new, from the fit without it; return the total cost."""
    c = chosen[size]
    total = 0.0
    for k in range(gram.shape[0]):
        for a in range(size):
            new_weights[k, a] = weights[k, a]
        new_weights[k, size] = 0.0
        if k == c:
            for a in range(size):
                new_weights[k, a] = 0.0
            new_weights[k, size] = 1.0
            new_costs[k, 0] = 0.0
            new_costs[k, 1] = 0.0
            new_costs[k, 2] = 0.0
        elif bound_with(gram, gap, chosen, size, weights, costs, k, c) >= costs[k, 1]:
            for part in range(3):
                new_costs[k, part] = costs[k, part]
        else:
            fit_site(gram, gap, chosen, size + 1, k, new_weights[k], new_costs[k], ridge)
        total += new_costs[k, 0]
    return total


@njit(cache=True, nogil=True)
def keep(values: Floats, sets: Ints, value: float, chosen: Ints, n: int) -> None:
    """Put a set into the list of the best ones (ascending), unless it is there already or worse than all."""
    best = values.shape[0]
    if value >= values[best - 1]:
        return
    ordered = np.zeros(n, dtype=np.int64)
    for a in range(n):
        at = a
        while at > 0 and ordered[at - 1] > chosen[a]:
            ordered[at] = ordered[at - 1]
            at -= 1
        ordered[at] = chosen[a]
    for place in range(best):
        if values[place] < np.inf:
            same = True
            for a in range(n):
                if sets[place, a] != ordered[a]:
                    same = False
                    break
            if same:
                return
    place = best - 1
    while place > 0 and values[place - 1] > value:
        values[place] = values[place - 1]
        for a in range(n):
            sets[place, a] = sets[place - 1, a]
        place -= 1
    values[place] = value
    for a in range(n):
        sets[place, a] = ordered[a]


@njit(cache=True, nogil=True)
def cheapest(price: Floats, candidates: Ints, first: int, count: int, wanted: int, found: Floats) -> int:
    """Write the lowest ``wanted`` prices of the candidates from ``first`` on, ascending; return how many there are."""
    used = 0
    for m in range(first, count):
        cost = price[candidates[m]]
        if used < wanted:
            at = used
            used += 1
        elif wanted > 0 and cost < found[used - 1]:
            at = used - 1
        else:
            continue
        while at > 0 and found[at - 1] > cost:
            found[at] = found[at - 1]
            at -= 1
        found[at] = cost
    return used


@njit(cache=True, nogil=True)
def search(
    gram: Floats,
    gap: Floats,
    n: int,
    start: Ints,
    free: Ints,
    members: Ints,
    least: Ints,
    most: Ints,
    base: float,
    price: Floats,
    values: Floats,
    sets: Ints,
    tolerance: float,
    max_nodes: int,
    ridge: float,
) -> tuple[int, float]:
    """Look through all sets of n sites that hold ``start`` and n - len(start) of ``free``, except what cannot win.

    ``members`` (rules x sites) with ``least`` and ``most``: how many of a rule's sites a set holds. ``base`` plus the
    prices of a set's sites never exceeds its cost. ``values`` and ``sets`` hold the best sets so far and are updated.
    Returns the number of fits and a lower bound of the cost of every set that was not looked through (infinite if
    none was left out, the prices of what the list of best sets cuts off apart).
    """
    sites = gram.shape[0]
    rules = members.shape[0]
    last = values.shape[0] - 1
    fixed = start.shape[0]
    chosen = np.zeros(n, dtype=np.int64)
    weights = np.zeros((n + 1, sites, n))
    costs = np.zeros((n + 1, sites, 3))
    candidates = np.zeros((n + 1, sites), dtype=np.int64)
    gain = np.zeros((n + 1, sites))
    counts = np.zeros(n + 1, dtype=np.int64)
    place = np.zeros(n + 1, dtype=np.int64)
    paid = np.zeros(n + 1)
    total = np.zeros(n + 1)
    held = np.zeros((n + 1, rules), dtype=np.int64)
    nodes = 0
    for a in range(fixed):
        chosen[a] = start[a]
        paid[fixed] += price[start[a]]
        for rule in range(rules):
            held[fixed, rule] += members[rule, start[a]]
    if fixed > 0:
        fit_set(gram, gap, chosen, fixed, weights[fixed], costs[fixed], ridge)
    if fixed == n:
        value = 0.0
        for k in range(sites):
            value += costs[n, k, 0]
        keep(values, sets, value, chosen, n)
        return 1, np.inf
    depth = fixed
    found = np.zeros(sites)
    counts[depth] = free.shape[0]
    for i in range(free.shape[0]):
        candidates[depth, i] = free[i]
    opening = True
    smallest = np.zeros(n + 1)
    while depth >= fixed:
        if opening:
            opening = False
            place[depth] = 0
            count = int(counts[depth])
            if depth == 0:
                for i in range(count):
                    found[i] = -price[candidates[0, i]]
            else:
                gains(gram, gap, chosen, depth, weights[depth], costs[depth], candidates[depth], count, found)
                value = 0.0
                for k in range(sites):
                    value += costs[depth, k, 1]
                total[depth] = value
            # The most promising first; equal ones stay in their order.
            for i in range(count):
                c = candidates[depth, i]
                value = found[i]
                at = i
                while at > 0 and gain[depth, at - 1] < value:
                    gain[depth, at] = gain[depth, at - 1]
                    candidates[depth, at] = candidates[depth, at - 1]
                    at -= 1
                gain[depth, at] = value
                candidates[depth, at] = c
        missing = n - depth
        i = int(place[depth])
        count = int(counts[depth])
        if i + missing > count:
            depth -= 1
            continue
        limit = values[last] - tolerance * (1.0 + abs(values[last])) if values[last] < np.inf else np.inf
        if depth > 0:
            bound = total[depth]
            for m in range(i, i + missing):
                bound -= gain[depth, m]
            if bound >= limit:
                depth -= 1
                continue
        place[depth] = i + 1
        c = candidates[depth, i]
        # Prices: this site's, and the cheapest of those that may still follow.
        bound = base + paid[depth] + price[c]
        if missing > 1:
            used = cheapest(price, candidates[depth], i + 1, count, missing - 1, smallest)
            for m in range(used):
                bound += smallest[m]
        if bound >= limit:
            continue
        possible = True
        for rule in range(rules):
            have = held[depth, rule] + members[rule, c]
            more = 0
            for m in range(i + 1, count):
                more += members[rule, candidates[depth, m]]
            others = count - i - 1 - more
            lowest = have + max(0, missing - 1 - others)
            if have + min(more, missing - 1) < least[rule] or lowest > most[rule]:
                possible = False
                break
        if not possible:
            continue
        if nodes >= max_nodes:
            # What is left: this branch, and every branch still open above it.
            rest = np.inf
            for level in range(fixed, depth + 1):
                first = i if level == depth else place[level]
                if first + n - level > counts[level]:
                    continue
                low = -np.inf
                if level > 0:
                    low = total[level]
                    for m in range(first, first + n - level):
                        low -= gain[level, m]
                used = cheapest(price, candidates[level], first, counts[level], n - level, smallest)
                by_price = base + paid[level]
                for m in range(used):
                    by_price += smallest[m]
                rest = min(rest, max(low, by_price))
            return nodes, rest
        nodes += 1
        chosen[depth] = c
        if depth == 0:
            value = fit_set(gram, gap, chosen, 1, weights[1], costs[1], ridge)
        else:
            value = extend(
                gram, gap, chosen, depth, weights[depth], costs[depth], weights[depth + 1], costs[depth + 1], ridge
            )
        if depth + 1 == n:
            keep(values, sets, value, chosen, n)
            continue
        for rule in range(rules):
            held[depth + 1, rule] = held[depth, rule] + members[rule, c]
        paid[depth + 1] = paid[depth] + price[c]
        counts[depth + 1] = count - i - 1
        for m in range(i + 1, count):
            candidates[depth + 1, m - i - 1] = candidates[depth, m]
        depth += 1
        opening = True
    return nodes, np.inf
