"""The loops of synthetic purposive sampling, compiled by numba where it is installed, plain Python elsewhere.

Import this module inside functions only: numba takes about a second. Sums run in one order and no fast arithmetic is
used, so both ways give the same digits.

Notation: ``gram`` holds inner products of the sites' centred profiles divided by the number of measures, ``gap`` the
penalised mean squared differences of pairs. The cost of standing for site k by weights q on the chosen sites is
q'G q + gap_k'q with G_ij = (x_i - x_k)'(x_j - x_k) / L, which needs no more than ``gram``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipresearch.speed import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


#: Added to the diagonal, as a share of its mean, so that sites with equal profiles do no harm.
RIDGE = 1e-12
#: How far below the best weight's price a site's price must lie to enter.
ENTER = 1e-13


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
def arrange(candidates: Ints, count: int, found: Floats, gain: Floats) -> None:
    """Put the candidates in the order of what they could gain, the most promising first; equal ones stay in order."""
    for i in range(count):
        c = candidates[i]
        value = found[i]
        at = i
        while at > 0 and gain[at - 1] < value:
            gain[at] = gain[at - 1]
            candidates[at] = candidates[at - 1]
            at -= 1
        gain[at] = value
        candidates[at] = c


@compiled
def possible(
    members: Ints, least: Ints, most: Ints, held: Ints, candidates: Ints, i: int, count: int, missing: int, new: Ints
) -> bool:
    """Return whether the rules can still be kept once candidate i is taken; ``new``: what is then held of each."""
    c = candidates[i]
    for rule in range(members.shape[0]):
        have = held[rule] + members[rule, c]
        more = 0
        for m in range(i + 1, count):
            more += members[rule, candidates[m]]
        others = count - i - 1 - more
        if have + min(more, missing - 1) < least[rule] or have + max(0, missing - 1 - others) > most[rule]:
            return False
        new[rule] = have
    return True


@compiled
def least_cost(
    level: int,
    first: int,
    count: int,
    missing: int,
    total: float,
    gain: Floats,
    candidates: Ints,
    paid: float,
    price: Floats,
    space: Floats,
) -> float:
    """Return a lower bound of the cost of every set that takes ``missing`` of the candidates from ``first`` on."""
    if first + missing > count:
        return np.inf
    by_gain = -np.inf
    if level > 0:
        by_gain = total
        for m in range(first, first + missing):
            by_gain -= gain[m]
    by_price = paid
    for m in range(cheapest(price, candidates, first, count, missing, space)):
        by_price += space[m]
    return max(by_gain, by_price)


@compiled
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
    Returns the number of fits and a lower bound of the cost of every set that the limit on fits left out (infinite if
    none). At each depth the candidates still open follow ``place`` in their order; those before it are out.
    """
    sites = gram.shape[0]
    fixed = start.shape[0]
    chosen = np.zeros(n, dtype=np.int64)
    weights = np.zeros((n + 1, sites, n))
    costs = np.zeros((n + 1, sites, 3))
    candidates = np.zeros((n + 1, sites), dtype=np.int64)
    gain = np.zeros((n + 1, sites))
    held = np.zeros((n + 1, members.shape[0]), dtype=np.int64)
    counts = np.zeros(n + 1, dtype=np.int64)
    place = np.zeros(n + 1, dtype=np.int64)
    paid = np.zeros(n + 1)
    total = np.zeros(n + 1)
    found = np.zeros(sites)
    space = np.zeros(n + 1)
    paid[fixed] = base
    for a in range(fixed):
        chosen[a] = start[a]
        paid[fixed] += price[start[a]]
        for rule in range(members.shape[0]):
            held[fixed, rule] += members[rule, start[a]]
    if fixed > 0:
        value = fit_set(gram, gap, chosen, fixed, weights[fixed], costs[fixed], ridge)
        if fixed == n:
            keep(values, sets, value, chosen, n)
            return 1, np.inf
    depth, nodes, opening = fixed, 0, True
    counts[depth] = free.shape[0]
    for i in range(free.shape[0]):
        candidates[depth, i] = free[i]
    while depth >= fixed:
        count = int(counts[depth])
        options = candidates[depth]
        profit = gain[depth]
        if opening:
            opening = False
            place[depth] = 0
            if depth == 0:
                for i in range(count):
                    found[i] = -price[options[i]]
            else:
                gains(gram, gap, chosen, depth, weights[depth], costs[depth], options, count, found)
                total[depth] = 0.0
                for k in range(sites):
                    total[depth] += costs[depth, k, 1]
            arrange(options, count, found, profit)
        missing = n - depth
        i = int(place[depth])
        limit = values[-1]
        if limit < np.inf:
            limit -= tolerance * (1.0 + abs(limit))
        left, spent = float(total[depth]), float(paid[depth])
        if least_cost(depth, i, count, missing, left, profit, options, spent, price, space) >= limit:
            depth -= 1  # neither this candidate nor any after it
            continue
        c = options[i]
        by_price = spent + price[c]
        for m in range(cheapest(price, options, i + 1, count, missing - 1, space)):
            by_price += space[m]
        if by_price >= limit or not possible(
            members, least, most, held[depth], options, i, count, missing, held[depth + 1]
        ):
            place[depth] += 1
            continue
        if nodes >= max_nodes:
            # What is left: the sets from this candidate on, and those still open above.
            rest = np.inf
            for level in range(fixed, depth + 1):
                rest = min(
                    rest,
                    least_cost(
                        level,
                        int(place[level]),
                        int(counts[level]),
                        n - level,
                        float(total[level]),
                        gain[level],
                        candidates[level],
                        float(paid[level]),
                        price,
                        space,
                    ),
                )
            return nodes, rest
        place[depth] += 1
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
        paid[depth + 1] = paid[depth] + price[c]
        counts[depth + 1] = count - i - 1
        for m in range(i + 1, count):
            candidates[depth + 1, m - i - 1] = options[m]
        depth += 1
        opening = True
    return nodes, np.inf
