"""Reading an official census file: declared characteristics of some areas, as one tidy table with reasons."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import math
from array import array
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from lipresearch.errors import InputError, Problem, TableError
from lipresearch.official.cache import keep, kept, key_of, known_hash, note_hash
from lipresearch.official.characteristics import FILE, declared, load_characteristics
from lipresearch.official.coded import Coded, Parts, parts_of
from lipresearch.official.codes import read_codes
from lipresearch.official.files import DOWNLOAD_AGAIN, Member, members
from lipresearch.official.layouts import ENCODINGS, TITLES, Plan, recognise
from lipresearch.official.scan import BLOCK, Batch, Piece, Wanted, batches
from lipresearch.official.symbols import FLAG_DIGITS, figure
from lipresearch.official.tree import Line, alike, belongs, candidates, tree
from lipresearch.registry import sha256_of
from lipresearch.tables import format_number

#: Bytes read to learn header and characteristics of a file: the first area's rows lie within.
HEAD = 4 << 20
#: Changes with what the kept tables hold, so that older ones are not taken.
EDITION = 1

COLUMNS = ("area", "level", "code", "name", "characteristic", "value", "reason", "symbol", "caution", "quality")
LIMITS = ("low", "high")


@dataclass(frozen=True)
class Found:
    """What an official file says of the characteristics and areas asked for.

    Attributes
    ----------
    table : DataFrame
        One row an area and characteristic, in the order of the file. ``area`` (DGUID, or code where it has none),
        ``level`` (``cd``, ``csd``, ``cma`` ...), ``code`` (the area's code within its level) and ``name``;
        ``characteristic`` (ours); ``value`` (NaN where missing) and ``reason`` (why it is; "" where it is not);
        ``symbol`` as published; ``caution`` (True where the publisher says E: use with caution); ``quality`` (the data
        quality flag, text); ``low`` and ``high`` (confidence limits, NaN where not published). A name is for
        reading only: names repeat.
    missing : DataFrame
        ``area``, ``characteristic`` and ``why``: what the file does not hold of what was asked; empty means all.
    layout : str
        The layout that was recognised.
    origins : mapping
        ``{file: (bytes, sha256)}``.
    labels_checked : bool
        Whether the file (or the code list given with it) named each characteristic, and the names were as declared.
    """

    table: pd.DataFrame
    missing: pd.DataFrame
    layout: str
    origins: Mapping[str, tuple[int, str]]
    labels_checked: bool

    def wide(self) -> pd.DataFrame:
        """Return the values as one row an area (in the order of the file) and one column a characteristic."""
        return _pivot(self.table, "area", self.table["value"].to_numpy(), math.nan)

    def cells(self, level: str) -> pd.DataFrame:
        """Return the areas of one level as the project's tables hold them: text, a number or its reason.

        Parameters
        ----------
        level : str
            As in ``table``, for instance ``cd``.

        Returns
        -------
        DataFrame
            Indexed by ``code``; one column a characteristic. A characteristic that the file has not for an area reads
            ``not published``.

        Raises
        ------
        InputError
            If the table has no area of that level.
        """
        part = self.table[self.table["level"] == level]
        if part.empty:
            levels = ", ".join(sorted(set(self.table["level"]))) or "none"
            raise InputError(f"No area of the level {level!r} was read. Levels in the table: {levels}.")
        texts = [reason or format_number(value) for value, reason in zip(part["value"], part["reason"], strict=True)]
        return _pivot(part, "code", np.array(texts, dtype=object), "not published")


def _pivot(table: pd.DataFrame, index: str, values: npt.NDArray[Any], empty: object) -> pd.DataFrame:
    """Return one row an area and one column a characteristic, in the order in which they come."""
    rows, areas = pd.factorize(table[index])
    columns, names = pd.factorize(table["characteristic"])
    cells = np.full((len(areas), len(names)), empty, dtype=values.dtype)
    cells[rows, columns] = values
    return pd.DataFrame(cells, index=pd.Index(areas, name=index, dtype=object), columns=list(names))


def read_profile(
    paths: Path | Sequence[Path],
    characteristics: Sequence[str] | None = None,
    areas: Collection[str] | None = None,
    *,
    layout: str = "",
    encoding: str = "",
    codes: Path | None = None,
    cache: Path | None = None,
    root: Path | None = None,
    fast: bool | None = None,
) -> Found:
    """Read characteristics of areas from official census files, whatever their layout and size.

    The layout is recognised by the header. Characteristics are those that ``data/design/census_characteristics.csv``
    declares: by their id in the file, whose label must be the declared one, or by their label under its parents.
    Everything is read as text; the file is passed over once, in blocks, and only wanted rows are kept.

    Parameters
    ----------
    paths : Path or sequence of Path
        A file (CSV, ``.gz``, or ``.zip`` read in place), or the files that a profile was split into.
    characteristics : sequence of str, optional
        Names in ``census_characteristics.csv``; default all that are declared for the layout.
    areas : collection of str, optional
        DGUIDs (2021) or codes (2016, 2011), as the file has them; default all.
    layout : str
        A name of ``lipresearch.official.TITLES``, where the header alone should not decide.
    encoding : str
        How the file is written, where it is not as its layout usually is.
    codes : Path, optional
        For files of the web data service: the structure with its code lists, by which labels are checked.
    cache : Path, optional
        A folder to keep the answer in (Parquet). The same question to the same file, or to one of the same content,
        is then answered from there; a file of the same size and date as before counts as the same.
    root : Path, optional
        Project folder, whose table of characteristics is used.
    fast : bool, optional
        Whether to search with compiled code; default where numba is installed.

    Returns
    -------
    Found

    Raises
    ------
    NotFoundError
        If a file does not exist.
    InputError
        If a characteristic or a layout is not known, or the file is one that this reader does not read.
    TableError
        If the layout is not known or has changed (naming expected and found columns), a declared id has another label,
        a cell is neither a number nor a known symbol, a row is broken, or two rows of an area disagree.
    """
    if layout and layout not in TITLES:
        raise InputError(f"No layout is called {layout}. Layouts: {', '.join(TITLES)}.")
    if isinstance(areas, str):
        raise InputError(f"areas is the text {areas!r}; it takes a list of areas. Write [{areas!r}].")
    chosen = members(paths)
    heads = [_Head(member, layout, encoding) for member in chosen]
    kinds = sorted({head.plan.layout for head in heads})
    if len(kinds) > 1:
        raise InputError(f"The files have several layouts ({', '.join(kinds)}). Read them one layout at a time.")
    rows, undeclared = declared(load_characteristics(root), kinds[0], characteristics)
    listed = read_codes(codes) if codes and kinds[0] == "web-2021" else None
    asked = {
        "edition": EDITION,
        "layout": kinds[0],
        "encodings": [head.encoding for head in heads],
        "rows": rows.to_numpy().tolist(),
        "undeclared": undeclared,
        "areas": None if areas is None else sorted(set(areas)),
        "codes": sha256_of(codes) if listed is not None and codes else "",
    }
    files = sorted({head.member.path for head in heads})
    before = {path: path.stat() for path in files}
    hashes = {path: known_hash(cache, path) if cache else "" for path in files}
    hashes.update(
        {path: sha256_of(path) for path in files if not hashes[path] and path.suffix.lower() in (".zip", ".gz")}
    )
    if cache and all(hashes.values()):
        answer = kept(cache, key_of([hashes[path] for path in files], asked))
        if answer is not None:
            return _found(answer[0], answer[1], files, hashes, before)
    gathered = _Gathered(rows, None if areas is None else frozenset(area.strip() for area in areas), listed)
    for head in heads:
        digest = hashlib.sha256()
        plain = not hashes[head.member.path]
        gathered.read(head, fast, digest.update if plain else lambda block: None)
        if plain:
            hashes[head.member.path] = digest.hexdigest()
    table, rest = gathered.table(), gathered.rest(undeclared, kinds[0])
    if cache:
        for path in files:
            note_hash(cache, path, before[path], hashes[path])
        keep(cache, key_of([hashes[path] for path in files], asked), table, rest)
    return _found(table, rest, files, hashes, before)


def _found(
    table: pd.DataFrame,
    rest: dict[str, Any],
    files: Sequence[Path],
    hashes: Mapping[Path, str],
    before: Mapping[Path, Any],
) -> Found:
    missing = pd.DataFrame(rest["missing"], columns=["area", "characteristic", "why"], dtype=object)
    unique = len({path.name for path in files}) == len(files)
    shown = {path: path.name if unique else path.as_posix() for path in files}
    origins = {shown[path]: (before[path].st_size, hashes[path]) for path in files}
    return Found(table, missing, rest["layout"], origins, rest["labels_checked"])


class _Head:
    """The beginning of a table: encoding, layout, and the characteristics in the order of the first area."""

    def __init__(self, member: Member, layout: str, encoding: str):
        self.member = member
        try:
            with member.open() as stream:
                raw = _read(stream, HEAD)
        except OSError as error:
            raise _unreadable(member.shown, error) from None
        mark = raw.startswith(codecs.BOM_UTF8)
        loose = raw.decode("utf-8-sig" if mark else "latin-1", errors="replace")
        self.plan = recognise(self._records(loose, 3), member.shown, layout)
        self.encoding = encoding or ("utf-8" if mark else ENCODINGS[self.plan.layout])
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise InputError(f"No encoding is called {encoding}. Those of census files are cp1252 and utf-8.") from None
        self.begin = self._begin(raw)
        self.text = raw[len(codecs.BOM_UTF8) if mark else 0 :].decode(self.encoding, errors="replace")

    @staticmethod
    def _records(text: str, most: int) -> list[list[str]]:
        found: list[list[str]] = []
        try:
            for record in csv.reader(io.StringIO(text, newline="")):
                if record:
                    found.append(record)
                if len(found) == most:
                    break
        except csv.Error:
            pass
        return found

    def _begin(self, raw: bytes) -> int:
        """Return where the first row of figures begins."""
        reader = csv.reader(io.StringIO(raw.decode("latin-1"), newline=""))
        records = 0
        while records < self.plan.rows:
            records += bool(next(reader))
        place = 0
        for _ in range(reader.line_num):
            place = raw.index(b"\n", place) + 1 if b"\n" in raw[place:] else len(raw)
        return place

    def lines(self) -> list[Line]:
        """Return the characteristics of the first area, in order, with what each belongs to."""
        plan = self.plan
        if plan.label < 0:
            return []
        labelled: list[tuple[str, str, tuple[str, ...]]] = []
        first = ""
        reader = csv.reader(io.StringIO(self.text, newline=""))
        for number, record in enumerate(record for record in reader if record):
            if number < plan.rows:
                continue
            if len(record) != plan.width or (first and record[plan.area] != first):
                break
            first = record[plan.area]
            outer = (record[plan.topic].strip(),) if plan.topic >= 0 else ()
            labelled.append((record[plan.key].strip(" \t"), record[plan.label], outer))
        return tree(labelled)


def _read(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


@dataclass(frozen=True)
class _Item:
    """A characteristic as one file holds it: our place for it, its line, its figure, and labels seen to be right."""

    place: int
    line: Line
    figure: str
    nth: int
    right: set[str]


class _Gathered:
    """The figures read so far."""

    def __init__(self, rows: pd.DataFrame, areas: frozenset[str] | None, listed: list[Line] | None):
        self.rows = list(rows.itertuples(index=False))
        self.areas, self.listed = areas, listed
        self.problems: list[Problem] = []
        #: Place of each area, and what is said of it: DGUID or code, level, code, name, quality.
        self.places: dict[str, int] = {}
        self.about: list[tuple[str, str, str, str, str]] = []
        #: Place of each pair of a cell and its symbol, and what it means; figures repeat, so they are few.
        self.pairs: dict[tuple[str, str], int] = {}
        self.meanings: list[tuple[float, str, str, bool]] = []
        #: One entry a row of the table: places in the lists above.
        self.area, self.what, self.pair = array("i"), array("i"), array("i")
        self.limits: dict[int, tuple[float, float]] = {}
        self.resolved: set[int] = set()
        self.unchecked = False

    # -- which rows of the file are whose -----------------------------------------------------------

    def _resolve(self, lines: Sequence[Line], shown: str) -> dict[int, Line]:
        """Return the line of each declared row; an id with another label, or several lines, are problems."""
        found: dict[int, Line] = {}
        by_key: dict[str, list[Line]] = {}
        for line in lines:
            by_key.setdefault(line.key, []).append(line)
        for place, row in enumerate(self.rows):
            if row.id:
                if row.id not in by_key:
                    continue
                line = by_key[row.id][0]
                if not belongs(line, row.label, row.parent):
                    self.problems.append(_other_label(shown, row, line, candidates(lines, row.label, row.parent)))
                    continue
                found[place] = line
                continue
            fitting = candidates(lines, row.label, row.parent)
            if len(fitting) > 1:
                paths = "; ".join(line.path for line in fitting[:3])
                self.problems.append(
                    Problem(
                        shown,
                        0,
                        row.characteristic,
                        f"{len(fitting)} rows {row.label!r} ({paths})",
                        "one row of that label under its parents",
                        f"Say in the column parent of {FILE} which one is meant.",
                    )
                )
            elif fitting:
                found[place] = fitting[0]
        return found

    def _stop_at_problems(self) -> None:
        if self.problems:
            raise TableError(self.problems)

    # -- reading ------------------------------------------------------------------------------------

    def read(self, head: _Head, fast: bool | None, heard: Any) -> None:
        """Read one table; ``heard`` is called with all of its bytes."""
        plan, shown = head.plan, head.member.shown
        if plan.measured:
            take = self._wide_rows(plan, shown)
            wanted = Wanted(plan.width, plan.area, -1, plan.width, self.areas)
        else:
            items = self._items(head)
            self._stop_at_problems()
            used = sorted({item.figure for kinds in items.values() for item in kinds})
            parts = parts_of(plan, used)
            marks = parts.marks if parts else ()
            wanted = Wanted(plan.width, plan.area, plan.key, plan.last(used), self.areas, frozenset(items), marks)
            take = self._long_rows(plan, shown, items, self._coded(plan, head.encoding, items, parts))
        next(take)
        try:
            with head.member.open() as stream:
                heard(_read(stream, head.begin))
                first = plan.rows + 1
                for batch in batches(stream, wanted, head.encoding, shown, first, heard, fast, BLOCK):
                    take.send(batch)
                    if len(self.problems) > 20:
                        break
        except OSError as error:
            raise _unreadable(shown, error) from None
        take.close()
        self._stop_at_problems()

    def _items(self, head: _Head) -> dict[str, list[_Item]]:
        """Return the wanted characteristics by the text of the column that rows are chosen by."""
        plan = head.plan
        lines = self.listed if self.listed is not None else head.lines()
        if plan.layout == "web-2021" and self.listed is None:
            lines = [Line(row.id, alike(row.label), tuple(row.parent.split(" > "))) for row in self.rows if row.id]
            self.unchecked = True
        found = self._resolve(lines, head.member.shown)
        found = {place: line for place, line in found.items() if self.rows[place].figure in plan.figures}
        self.resolved |= set(found)
        # Where labels are the key, a label may stand several times under one topic: count them.
        twins: dict[tuple[str, tuple[str, ...]], list[Line]] = {}
        for line in lines:
            twins.setdefault((line.key, line.ancestors[:1]), []).append(line)
        items: dict[str, list[_Item]] = {}
        for place, line in found.items():
            which = [other is line for other in twins[line.key, line.ancestors[:1]]].index(True)
            items.setdefault(line.key, []).append(_Item(place, line, self.rows[place].figure, which, set()))
        return items

    def _area(self, plan: Plan, row: Sequence[str]) -> int:
        """Return the place of a row's area, -1 if it is not asked for."""
        area = row[plan.area].strip(" \t")
        if self.areas is not None and area not in self.areas:
            return -1
        known = self.places.get(area)
        if known is None:
            level, code = plan.place(area, row[plan.level] if plan.level >= 0 else "")
            name = row[plan.name].strip() if plan.name >= 0 else ""
            quality = row[plan.quality].strip() if plan.quality >= 0 else ""
            self.about.append((area, level, code, name, quality))
            known = self.places[area] = len(self.places)
        return known

    def _known(self, cell: str, symbol: str, digits: bool = False) -> int | None:
        """Return the place of a cell and its symbol among those met, None if they are neither figure nor symbol."""
        if (cell, symbol) in self.pairs:
            return self.pairs[cell, symbol]
        found = figure(cell, FLAG_DIGITS.get(symbol.strip(), symbol) if digits else symbol)
        if found is None:
            return None
        self.meanings.append(found)
        self.pairs[cell, symbol] = len(self.pairs)
        return self.pairs[cell, symbol]

    def _pair(self, cell: str, symbol: str, digits: bool, where: tuple[str, int, int]) -> int:
        """Return the place of a cell and its symbol among those met; -1, and a problem, if they are neither."""
        known = self._known(cell, symbol, digits)
        if known is None:
            shown, number, place = where
            text = repr(cell) + (f" with the symbol {symbol.strip()!r}" if symbol.strip() else "")
            expected = "a number or a symbol of Statistics Canada (x, F, .., ..., r, E)"
            remedy = "Look the symbol up in the product's notes, and teach it to lipresearch/official/symbols.py."
            column = self.rows[place].characteristic
            self.problems.append(Problem(shown, number, column, text, expected, remedy))
            return -1
        return known

    def _coded(self, plan: Plan, encoding: str, items: Mapping[str, list[_Item]], parts: Parts | None) -> Coded | None:
        """Return what takes whole pieces of a file, None where its rows must be looked at one by one."""
        if parts is None:
            return None
        begin = parts.marks[0]

        def wanted(cells: list[str]) -> Sequence[tuple[int, str]] | None:
            kinds = items.get(cells[plan.key - begin]) or items.get(cells[plan.key - begin].strip(" \t")) or []
            if any(alike(cells[plan.label - begin]) != item.line.label for item in kinds):
                return None
            return [(item.place, item.figure) for item in kinds]

        return Coded(parts, encoding, lambda cells: self._area(plan, cells), wanted, self._known)

    def _long_rows(
        self, plan: Plan, shown: str, items: Mapping[str, list[_Item]], coded: Coded | None
    ) -> Generator[None, Batch, None]:
        digits = plan.layout == "web-2021"
        times: dict[tuple[int, str, str], int] = {}
        areas: dict[str, int] = {}
        while True:
            batch = yield
            if coded and isinstance(batch, Piece) and (whole := coded.take(batch)):
                for column, places in zip((self.area, self.what, self.pair), whole, strict=True):
                    column.frombytes(places.astype(np.intc, copy=False).tobytes())
                continue
            for number, row in zip(*batch, strict=True):
                kinds = items.get(row[plan.key]) or items.get(row[plan.key].strip(" \t"))
                if kinds is None:
                    continue
                if plan.fixed and any(row[place].strip() != text for place, text in plan.fixed.items()):
                    continue
                area = areas.get(row[plan.area], -2)
                if area == -2:
                    area = areas[row[plan.area]] = self._area(plan, row)
                if area < 0:
                    continue
                if plan.topic >= 0:
                    topic = alike(row[plan.topic])
                    nth = (area, topic, kinds[0].line.key)
                    times[nth] = times.get(nth, -1) + 1
                    kinds = [item for item in kinds if item.line.ancestors[0] == topic and item.nth == times[nth]]
                for item in kinds:
                    if plan.statistic >= 0 and row[plan.statistic].strip() != ("4" if item.figure == "rate" else "1"):
                        continue
                    if plan.label >= 0 and row[plan.label] not in item.right:
                        if alike(row[plan.label]) != item.line.label:
                            self.problems.append(_label_moved(shown, number, plan, row, item))
                            continue
                        item.right.add(row[plan.label])
                    at, flag = plan.figures[item.figure]
                    cell, symbol = row[at], row[flag] if flag >= 0 else ""
                    pair = self.pairs.get((cell, symbol), -1)
                    if pair < 0:
                        pair = self._pair(cell, symbol, digits, (shown, number, item.place))
                        if pair < 0:
                            continue
                    if plan.low >= 0 and plan.high >= 0:
                        ends = [figure(row[place], "") for place in (plan.low, plan.high)]
                        low, high = (math.nan if end is None else end[0] for end in ends)
                        self.limits[len(self.area)] = (low, high)
                    self.area.append(area)
                    self.what.append(item.place)
                    self.pair.append(pair)

    def _wide_rows(self, plan: Plan, shown: str) -> Generator[None, Batch, None]:
        known: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
        while True:
            batch = yield
            for number, row in zip(*batch, strict=True):
                area = self._area(plan, row)
                if area < 0:
                    continue
                outer = tuple(alike(row[place]) for place in plan.dimensions)
                if outer not in known:
                    lines = [
                        Line(column.id, alike(column.label), (*outer, alike(column.dimension)))
                        for column in plan.measured
                    ]
                    # Of a table with more dimensions, other rows are of other characteristics.
                    found = self._fitting(lines) if outer else self._resolve(lines, shown)
                    self._stop_at_problems()
                    self.resolved |= set(found)
                    at = dict(zip(lines, plan.measured, strict=True))
                    known[outer] = [(place, at[line].value, at[line].symbol) for place, line in found.items()]
                for place, value, flag in known[outer]:
                    pair = self.pairs.get((row[value], row[flag]), -1)
                    if pair < 0:
                        pair = self._pair(row[value], row[flag], False, (shown, number, place))
                        if pair < 0:
                            continue
                    self.area.append(area)
                    self.what.append(place)
                    self.pair.append(pair)

    def _fitting(self, lines: Sequence[Line]) -> dict[int, Line]:
        """Return the lines that have a declared row's label under its parents."""
        found = {}
        for place, row in enumerate(self.rows):
            fitting = [line for line in lines if belongs(line, row.label, row.parent)]
            if len(fitting) == 1 and fitting[0].key == (row.id or fitting[0].key):
                found[place] = fitting[0]
        return found

    # -- handing over -------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """Return the figures as one table; an area that several files repeat must be the same in each."""
        area, what, pair = (np.asarray(codes, dtype=np.int32) for codes in (self.area, self.what, self.pair))
        # The row in which each area and characteristic stands first.
        first = np.zeros((len(self.about), len(self.rows)), dtype=np.int32)
        first[area[::-1], what[::-1]] = np.arange(len(area) - 1, -1, -1, dtype=np.int32)
        meanings = list(zip(*self.meanings, strict=True)) if self.meanings else [()] * 4
        values = np.array(meanings[0], dtype=np.float64)[pair]
        marks = np.array(meanings[2], dtype=object)[pair]
        before = first[area, what]
        differ = ~((values == values[before]) | (np.isnan(values) & np.isnan(values[before]))) | (
            marks != marks[before]
        )
        for row in np.flatnonzero(differ)[:20].tolist():
            place = self.about[area[row]]
            found = f"{_shown(values[before[row]])} and {_shown(values[row])} for {place[0]} ({place[3]})"
            remedy = "Read only one edition of the file; or say in the column parent which of the rows is meant."
            column = self.rows[what[row]].characteristic
            self.problems.append(Problem("the files", 0, column, found, "one figure an area", remedy))
        self._stop_at_problems()
        rows = np.flatnonzero(before == np.arange(len(area)))
        del first, before, differ, marks
        area, what, pair = area[rows], what[rows], pair[rows]
        limits = np.array([self.limits.get(row, (math.nan, math.nan)) for row in rows.tolist()] if self.limits else [])
        limits = limits.reshape(-1, 2) if len(limits) else np.full((len(rows), 2), math.nan)
        about = list(zip(*self.about, strict=True)) if self.about else [()] * 5
        columns: dict[str, Any] = {
            **{name: _taken(about[place], area) for place, name in enumerate(("area", "level", "code", "name"))},
            "characteristic": _taken([row.characteristic for row in self.rows], what),
            "value": values[rows],
            "reason": _taken(meanings[1], pair),
            "symbol": _taken(meanings[2], pair),
            "caution": np.array(meanings[3], dtype=bool)[pair],
            "quality": _taken(about[4], area),
            "low": limits[:, 0],
            "high": limits[:, 1],
        }
        return pd.DataFrame({name: columns[name] for name in (*COLUMNS, *LIMITS)}, copy=False)

    def rest(self, undeclared: Sequence[str], layout: str) -> dict[str, Any]:
        """Return what belongs to the table: what is missing, and how the labels were checked."""
        missing: list[tuple[str, str, str]] = []
        for area in sorted((self.areas or frozenset()) - set(self.places)):
            missing.append((area, "", "the file has no row of this area"))
        for name in undeclared:
            missing.append(("", name, f"{FILE} has no row of it for the layout {layout}"))
        for place, row in enumerate(self.rows):
            if place in self.resolved:
                continue
            if row.id:
                why = f"the file has no characteristic {row.id} ({row.label})"
            elif self.unchecked:
                why = "its id is not known: give the code list of the web data service (codes=)"
            else:
                under = f" under {row.parent}" if row.parent else ""
                why = f"the file has no characteristic labelled {row.label}{under}"
            missing.append(("", row.characteristic, why))
        there = np.zeros((len(self.about), len(self.rows)), dtype=bool)
        there[np.asarray(self.area, dtype=np.int64), np.asarray(self.what, dtype=np.int64)] = True
        why = "the file has no row of this characteristic for this area"
        resolved = sorted(self.resolved)
        for at, gap in np.argwhere(~there[:, resolved]).tolist():
            missing.append((self.about[at][0], self.rows[resolved[gap]].characteristic, why))
        return {"missing": missing, "layout": layout, "labels_checked": not self.unchecked}


def _taken(words: Sequence[str], places: npt.NDArray[np.integer[Any]]) -> pd.Series:
    values = np.array(words, dtype=object)[places] if len(places) else np.array([], dtype=object)
    return pd.Series(values, dtype=object, copy=False)


def _unreadable(shown: str, error: OSError) -> TableError:
    return TableError([Problem(shown, 0, "", error.strerror or str(error), "a readable file", DOWNLOAD_AGAIN)])


def _shown(value: float) -> str:
    return "no figure" if math.isnan(value) else format_number(value)


def _other_label(shown: str, row: Any, line: Line, fitting: Sequence[Line]) -> Problem:
    under = f" under {row.parent}" if row.parent else ""
    hint = f"That label is id {fitting[0].key} in this file. " if len(fitting) == 1 else ""
    remedy = f"{hint}Correct the row of {row.characteristic} in {FILE}, or leave its id empty to find it by its label."
    return Problem(shown, 0, f"id {row.id}", repr(line.path), f"{row.label!r}{under}", remedy)


def _label_moved(shown: str, number: int, plan: Plan, row: Sequence[str], item: _Item) -> Problem:
    found = f"{alike(row[plan.label])!r} as {row[plan.key].strip()} of {row[plan.area]}"
    expected = f"{item.line.label!r}, as for the first area of the file"
    return Problem(shown, number, "", found, expected, "Download the file again; if it stays so, report its edition.")
