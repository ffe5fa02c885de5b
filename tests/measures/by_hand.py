"""Reads the published cells that ``hand_computed.csv`` names and does its arithmetic, without the package."""

from __future__ import annotations

import ast
import csv
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("hand_computed.csv")
#: The words that stand for a missing figure.
REASONS = ("suppressed", "not published", "not applicable")
#: How many numbers are written out; of more their number and sum are.
WRITTEN = 14

Row = Mapping[str, str]


@lru_cache
def rows_of(path: str) -> tuple[Row, ...]:
    with open(ROOT / path, encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def fits(row: Row, conditions: str) -> bool:
    """Whether a row meets ``column=one|other, column!=word, column=begins*``, all of them."""
    for condition in filter(None, conditions.split(", ")):
        column, sign, wanted = re.fullmatch(r"(\w+)(!?=)(.*)", condition).groups()  # type: ignore[union-attr]
        cell = row[column]
        met = any(cell.startswith(one[:-1]) if one.endswith("*") else cell == one for one in wanted.split("|"))
        if met != (sign == "="):
            return False
    return True


def columns_of(row: Row, wanted: str) -> list[str]:
    """Return the columns named: one, several with ``|``, ``first..last``, or ``*`` for all but the first."""
    names = list(row)
    if wanted == "*":
        return names[1:]
    if ".." in wanted:
        first, last = wanted.split("..")
        return names[names.index(first) : names.index(last) + 1]
    return wanted.split("|")


def number(cell: str) -> Any:
    if cell in REASONS:
        raise AssertionError(f"{cell}: a missing figure cannot be computed with")
    try:
        return float(cell)
    except ValueError:
        return cell


def look_up(place: str) -> Any:
    """Return the figures at a place: ``dataset/table [conditions] columns``.

    One figure where one row and one column fit; a list where several rows or several columns do; a list of rows where
    both do. The column ``rows`` is the number of rows that fit.
    """
    table, conditions, wanted = re.fullmatch(r"(\S+) \[(.*)\] (\S+)", place).groups()  # type: ignore[union-attr]
    found = [row for row in rows_of(f"data/raw/{table}.csv") if fits(row, conditions)]
    if wanted == "rows":
        return float(len(found))
    assert found, f"{place}: no such row"
    figures = [[number(row[name]) for name in columns_of(row, wanted)] for row in found]
    if len(figures[0]) > 1:
        return figures[0] if len(figures) == 1 else figures
    return figures[0][0] if len(figures) == 1 else [row[0] for row in figures]


def plain(figure: Any) -> str:
    return f"{figure:.12g}" if isinstance(figure, float) else str(figure)


def written(figures: Any) -> str:
    """Return figures as they stand in the table."""
    if not isinstance(figures, list):
        return plain(figures)
    flat = [cell for row in figures for cell in (row if isinstance(row, list) else [row])]
    if len(flat) <= WRITTEN:
        return " | ".join(map(plain, flat))
    if all(isinstance(cell, float) for cell in flat):
        return f"{len(flat)} figures that add to {plain(round(math.fsum(flat), 6))}"
    return f"{len(flat)} cells"


def parts_of(figures: str) -> list[tuple[str, str, str]]:
    """Return (name, place, figures as written) of the cells that go into a value."""
    return [
        re.fullmatch(r"(\w+): (.*?) = (.*)", part).groups()  # type: ignore[union-attr, misc]
        for part in filter(None, figures.split("; "))
    ]


#: The signs of the arithmetic.
SIGNS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def worked_out(node: ast.AST, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    """Return what a part of a line of arithmetic gives; whatever is not listed here is refused."""

    def inner(part: ast.AST) -> Any:
        return worked_out(part, names, functions)

    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.List(elts=parts):
            return [inner(part) for part in parts]
        case ast.Subscript(value=figures, slice=ast.Constant(value=int() as place)):
            return inner(figures)[place]
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return -inner(part)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in SIGNS:
            return SIGNS[type(sign)](inner(left), inner(right))
        case ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
            return inner(left) > inner(right)
        case ast.IfExp(test=test, body=body, orelse=other):
            return inner(body if inner(test) else other)
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if name in functions:
            return functions[name](*map(inner, parts))
        case ast.ListComp(elt=part, generators=loops) | ast.GeneratorExp(elt=part, generators=loops):
            return [worked_out(part, each, functions) for each in turns(loops, names, functions)]
    raise AssertionError(f"{ast.unparse(node)}: not a part of the arithmetic")


def turns(
    loops: Sequence[ast.comprehension], names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> Iterator[Mapping[str, Any]]:
    """Yield the names of each turn of ``for .. in .. if ..``, one loop inside the other."""
    if not loops:
        yield names
        return
    loop, *rest = loops
    several = isinstance(loop.target, ast.Tuple)
    targets = [ast.unparse(one) for one in (loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target])]
    for figure in worked_out(loop.iter, names, functions):
        mine = {**names, **dict(zip(targets, figure if several else [figure], strict=True))}
        if all(worked_out(test, mine, functions) for test in loop.ifs):
            yield from turns(rest, mine, functions)


def computed(arithmetic: str, names: Mapping[str, Any]) -> float:
    """Return what a line of arithmetic gives; it may use sums, logarithms and the loops of this module only."""
    functions = {"sum": sum, "min": min, "max": max, "len": len, "set": set, "zip": zip, "log": math.log}
    functions |= {"exp": math.exp, "nearest_km": nearest_km, "reached": reached, "like": like, "shared": shared}
    return float(worked_out(ast.parse(arithmetic, mode="eval").body, names, functions))


# ---- what cannot be written in one line -------------------------------------------------------------


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great circle between two points on a sphere of 6,371.0088 km, by the haversine."""
    north, east, north2, east2 = map(math.radians, (*one, *other))
    chord = math.sin((north2 - north) / 2) ** 2
    chord += math.cos(north) * math.cos(north2) * math.sin((east2 - east) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(chord))


def point(row: Row) -> tuple[float, float]:
    return float(row["latitude"]), float(row["longitude"])


@lru_cache
def subdivisions() -> dict[str, tuple[tuple[float, float], float]]:
    """Return {subdivision of Ontario outside Toronto: (its point, its residents)}."""
    return {
        row["csd"]: (point(row), 0.0 if row["population_2021"] in REASONS else float(row["population_2021"]))
        for row in rows_of("data/raw/geography_2021/csd.csv")
        if row["cd"].startswith("35") and row["csd"] != "3520005" and row["latitude"] not in REASONS
    }


@lru_cache
def facilities(kinds: str) -> tuple[tuple[float, float], ...]:
    return tuple(
        point(row)
        for row in rows_of("data/raw/health_services/facilities.csv")
        if row["kind"] in kinds.split("|") and row["latitude"] not in REASONS
    )


def nearest_km(csd: str, kinds: str) -> float:
    """Return how far the nearest facility of some kinds is from the point of a subdivision."""
    return min(kilometres(subdivisions()[csd][0], place) for place in facilities(kinds))


def weight(distance: float) -> float:
    return 1.0 if distance <= 10 else 0.68 if distance <= 20 else 0.22 if distance <= 30 else 0.0


def reached(csd: str, kinds: str) -> float:
    """Return facilities per resident within reach of a subdivision far from Toronto (enhanced two steps).

    First each facility is shared by the residents around it, then what is around the subdivision is added.
    """
    total = 0.0
    for place in facilities(kinds):
        mine = weight(kilometres(subdivisions()[csd][0], place))
        if mine:
            shared = sum(people * weight(kilometres(where, place)) for where, people in subdivisions().values())
            total += mine / shared
    return total


def like(site: str) -> float:
    """Return how many sites of the same roster, without a common area, are like a site in the four measures."""
    limits = {
        "new_pupils_2018_share": 3.0,
        "pupils_other_language_2018_share": 10.0,
        "language_training_points_per_1000_recent": 0.5,
    }
    values: dict[str, dict[str, float]] = {}
    for row in rows_of("data/derived/site_measures.csv"):
        if row["measure"] in (*limits, "population_2021") and row["value"] not in REASONS:
            values.setdefault(row["site"], {})[row["measure"]] = float(row["value"])
    lists: dict[str, set[str]] = {}
    for row in rows_of("data/design/roster_sites.csv"):
        lists.setdefault(row["site"], set()).add(row["roster"])
    apart = {frozenset((row["site"], row["other"])) for row in rows_of("data/design/overlaps.csv")}
    mine = values[site]
    count = 0
    for other, theirs in values.items():
        if other == site or len(theirs) < 4 or not lists[site] & lists[other] or frozenset((site, other)) in apart:
            continue
        people = sorted((mine["population_2021"], theirs["population_2021"]))
        # To nine decimals: 10.1 - 0.1 is 10 and not a little less.
        near = all(round(abs(mine[name] - theirs[name]), 9) <= most for name, most in limits.items())
        count += people[1] <= 2 * people[0] and near
    return float(count)


@lru_cache
def languages_of_both() -> tuple[frozenset[str], ...]:
    """Return the languages that the lists of 2016 and 2021 share, each as ``2016 name`` and ``2021 name`` together."""
    listed = {
        year: list(rows_of(f"data/raw/toronto_neighbourhoods_{year}/mother_tongue.csv")[0])[1:]
        for year in ("2016", "2021")
    }
    pairs = [(f"2016 {name}", f"2021 {name}") for name in listed["2016"] if name in listed["2021"]]
    for row in rows_of("data/design/language_correspondence.csv"):
        pairs.append((f"{row['vintage']} {row['language']}", f"{row['new_vintage']} {row['new_language']}"))
    groups: list[frozenset[str]] = []
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touched] + [frozenset(pair).union(*touched)]
    return tuple(groups)


def shared(rows: Sequence[Sequence[float]], year: str) -> list[float]:
    """Return the speakers of each language that both lists hold, and last those of all others, over some areas."""
    names = list(rows_of(f"data/raw/toronto_neighbourhoods_{year}/mother_tongue.csv")[0])[1:]
    speakers = {f"{year} {name}": sum(row[place] for row in rows) for place, name in enumerate(names)}
    found = [sum(speakers[name] for name in group if name in speakers) for group in languages_of_both()]
    return [*found, sum(speakers.values()) - sum(found)]
