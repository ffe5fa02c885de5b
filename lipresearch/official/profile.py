"""Reading an official census file: declared characteristics of some areas, as one tidy table with reasons."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import math
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from lipresearch.errors import InputError, Problem, TableError
from lipresearch.official.cache import keep, kept, key_of, known_hash, note_hash
from lipresearch.official.characteristics import FILE, declared, load_characteristics
from lipresearch.official.codes import read_codes
from lipresearch.official.files import DAMAGED, DOWNLOAD_AGAIN, Member, members
from lipresearch.official.layouts import ENCODINGS, TITLES, Plan, recognise
from lipresearch.official.scan import BLOCK, Batch, Wanted, batches
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
        One row an area and characteristic, in the order of the file. ``area`` (DGUID, or code where the file has no
        DGUID), ``level`` (``cd``, ``csd``, ``cma`` ...), ``code`` (the area's code within its level) and ``name``;
        ``characteristic`` (ours); ``value`` (NaN where missing) and ``reason`` (why it is; "" where it is not);
        ``symbol`` as published; ``caution`` (True where the publisher says E: use with caution); ``quality`` (the file's
        data quality flag, text); ``low`` and ``high`` (confidence limits, NaN where not published). A name is for
        reading only: names repeat.
    missing : DataFrame
        ``area``, ``characteristic`` and ``why``: what was asked for and the file does not hold; an empty cell means all.
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
        return _pivot(self.table, self.table["value"])

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
        texts = [
            reason or format_number(value) for value, reason in zip(part["value"], part["reason"], strict=True)
        ]
        wide = _pivot(part.assign(area=part["code"]), pd.Series(texts, index=part.index, dtype=object))
        return wide.fillna("not published").rename_axis("code")


def _pivot(table: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    frame = table[["area", "characteristic"]].assign(value=values)
    wide = frame.pivot(index="area", columns="characteristic", values="value")
    order = [list(dict.fromkeys(frame[name])) for name in ("area", "characteristic")]
    return wide.reindex(index=order[0], columns=order[1]).rename_axis(index="area", columns=None)


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
        is then answered from there.
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
    hashes.update({path: sha256_of(path) for path in files if not hashes[path] and path.suffix.lower() in (".zip", ".gz")})
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
    origins = {path.name: (before[path].st_size, hashes[path]) for path in files}
    return Found(table, missing, rest["layout"], origins, rest["labels_checked"])


class _Head:
    """The beginning of a table: encoding, layout, and the characteristics in the order of the first area."""

    def __init__(self, member: Member, layout: str, encoding: str):
        self.member = member
        try:
            with member.open() as stream:
                raw = _read(stream, HEAD)
        except OSError as error:
            raise TableError(
                [Problem(member.shown, 0, "", error.strerror or str(error), "a readable file", DOWNLOAD_AGAIN)]
            ) from None
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
    """A characteristic as one file holds it: place among ours, line in the file, figure, and labels seen to be right."""

    place: int
    line: Line
    figure: str
    occurrence: int
    right: set[str]


@dataclass(frozen=True)
class _Area:
    place: int
    quality: int


class _Gathered:
    """The figures read so far."""

    def __init__(self, rows: pd.DataFrame, areas: frozenset[str] | None, listed: list[Line] | None):
        self.rows = list(rows.itertuples(index=False))
        self.areas, self.listed = areas, listed
        self.problems: list[Problem] = []
        self.places: dict[str, _Area] = {}
        self.about: list[tuple[str, str, str, str]] = []
        self.words: dict[str, dict[str, int]] = {name: {"": 0} for name in ("reason", "symbol", "quality")}
        self.codes = {name: array("i") for name in ("area", "characteristic", "reason", "symbol", "quality")}
        self.caution = array("b")
        self.numbers = {name: array("d") for name in ("value", *LIMITS)}
        self.resolved: set[int] = set()
        self.unchecked = False
        self.seen_cells: dict[tuple[str, str], tuple[float, str, str, bool] | None] = {}

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
            take: Any = self._wide_rows(plan, shown)
            wanted = Wanted(plan.width, plan.area, -1, self.areas)
        else:
            items = self._items(head)
            self._stop_at_problems()
            take = self._long_rows(plan, shown, items)
            wanted = Wanted(plan.width, plan.area, plan.key, self.areas, frozenset(items))
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
            raise TableError(
                [Problem(shown, 0, "", error.strerror or str(error), "a readable file", DOWNLOAD_AGAIN)]
            ) from None
        except DAMAGED as error:
            raise TableError([Problem(shown, 0, "", str(error), "a whole file", DOWNLOAD_AGAIN)]) from None
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
        self.resolved |= set(found)
        items: dict[str, list[_Item]] = {}
        for place, line in found.items():
            # Where labels are the key, a label may stand several times under one topic: count them.
            twins = [other for other in lines if other.key == line.key and other.ancestors[:1] == line.ancestors[:1]]
            which = [other is line for other in twins].index(True)
            items.setdefault(line.key, []).append(_Item(place, line, self.rows[place].figure, which, set()))
        return items

    def _area(self, plan: Plan, row: Sequence[str]) -> _Area:
        area = row[plan.area].strip(" \t")
        quality = row[plan.quality].strip() if plan.quality >= 0 else ""
        known = self.places.get(area)
        if known is None:
            level, code = plan.place(area, row[plan.level] if plan.level >= 0 else "")
            name = row[plan.name].strip() if plan.name >= 0 else ""
            self.about.append((area, level, code, name))
            known = self.places[area] = _Area(len(self.places), self._word("quality", quality))
        return known

    def _word(self, kind: str, text: str) -> int:
        words = self.words[kind]
        return words.setdefault(text, len(words))

    def _add(self, area: _Area, place: int, cell: str, symbol: str, where: tuple[str, int, str]) -> None:
        pair = (cell, symbol)
        if pair in self.seen_cells:
            found = self.seen_cells[pair]
        else:
            found = figure(cell, symbol)
            if len(self.seen_cells) < 100_000:
                self.seen_cells[pair] = found
        if found is None:
            shown, number, column = where
            expected = "a number or a symbol of Statistics Canada (x, F, .., ..., r, E)"
            text = repr(cell) + (f" with the symbol {symbol!r}" if symbol else "")
            remedy = "Look the symbol up in the product's notes, and teach it to lipresearch/official/symbols.py."
            self.problems.append(Problem(shown, number, column, text, expected, remedy))
            return
        value, reason, mark, caution = found
        self.codes["area"].append(area.place)
        self.codes["characteristic"].append(place)
        self.codes["reason"].append(self._word("reason", reason))
        self.codes["symbol"].append(self._word("symbol", mark))
        self.codes["quality"].append(area.quality)
        self.caution.append(caution)
        self.numbers["value"].append(value)

    def _limits(self, plan: Plan, row: Sequence[str]) -> None:
        for name, place in zip(LIMITS, (plan.low, plan.high), strict=True):
            found = figure(row[place], "") if place >= 0 else None
            self.numbers[name].append(math.nan if found is None else found[0])

    def _long_rows(self, plan: Plan, shown: str, items: Mapping[str, list[_Item]]) -> Iterator[None]:
        digits = plan.layout == "web-2021"
        times: dict[tuple[str, str, str], int] = {}
        while True:
            batch: Batch = yield  # type: ignore[misc]
            for number, row in zip(*batch, strict=True):
                kinds = items.get(row[plan.key].strip(" \t"))
                if kinds is None or (self.areas is not None and row[plan.area].strip(" \t") not in self.areas):
                    continue
                if plan.fixed and any(row[place].strip() != text for place, text in plan.fixed.items()):
                    continue
                if plan.topic >= 0:
                    name = (row[plan.area].strip(" \t"), alike(row[plan.topic]), kinds[0].line.key)
                    times[name] = times.get(name, -1) + 1
                for item in kinds:
                    if plan.topic >= 0 and (item.line.ancestors[0] != name[1] or item.occurrence != times[name]):
                        continue
                    if plan.statistic >= 0 and row[plan.statistic].strip() != ("4" if item.figure == "rate" else "1"):
                        continue
                    if plan.label >= 0 and row[plan.label] not in item.right:
                        if alike(row[plan.label]) != item.line.label:
                            self.problems.append(_label_moved(shown, number, plan, row, item))
                            continue
                        item.right.add(row[plan.label])
                    at, flag = plan.figures.get(item.figure, (-1, -1))
                    if at < 0:
                        continue
                    symbol = row[flag].strip() if flag >= 0 else ""
                    symbol = FLAG_DIGITS.get(symbol, symbol) if digits else symbol
                    rows = len(self.caution)
                    where = (shown, number, self.rows[item.place].characteristic)
                    self._add(self._area(plan, row), item.place, row[at], symbol, where)
                    if len(self.caution) > rows:
                        self._limits(plan, row)

    def _wide_rows(self, plan: Plan, shown: str) -> Iterator[None]:
        known: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
        while True:
            batch: Batch = yield  # type: ignore[misc]
            for number, row in zip(*batch, strict=True):
                if self.areas is not None and row[plan.area].strip(" \t") not in self.areas:
                    continue
                outer = tuple(alike(row[place]) for place in plan.dimensions)
                if outer not in known:
                    lines = [
                        Line(column.id, alike(column.label), (*outer, alike(column.dimension)))
                        for column in plan.measured
                    ]
                    # Of a table with more dimensions, other rows are of other characteristics.
                    found = self._resolve(lines, shown) if not outer else self._fitting(lines)
                    self._stop_at_problems()
                    self.resolved |= set(found)
                    at = {line: column for line, column in zip(lines, plan.measured, strict=True)}
                    known[outer] = [(place, at[line].value, at[line].symbol) for place, line in found.items()]
                for place, value, symbol in known[outer]:
                    rows = len(self.caution)
                    where = (shown, number, self.rows[place].characteristic)
                    self._add(self._area(plan, row), place, row[value], row[symbol], where)
                    if len(self.caution) > rows:
                        self._limits(plan, row)

    def _fitting(self, lines: Sequence[Line]) -> dict[int, Line]:
        """Return the lines that have a declared row's label under its parents."""
        found = {}
        for place, row in enumerate(self.rows):
            fitting = [line for line in lines if belongs(line, row.label, row.parent)]
            if len(fitting) == 1 and fitting[0].key == (row.id or fitting[0].key):
                found[place] = fitting[0]
        return found

    # -- handing over -------------------------------------------------------------------------------

    def _kept_rows(self) -> npt.NDArray[np.int64]:
        """Return the rows to keep: an area that several files repeat is kept once, and must be the same in each."""
        area, what = np.asarray(self.codes["area"]), np.asarray(self.codes["characteristic"])
        name = area.astype(np.int64) * max(1, len(self.rows)) + what
        _, first, inverse = np.unique(name, return_index=True, return_inverse=True)
        value, symbol = np.asarray(self.numbers["value"]), np.asarray(self.codes["symbol"])
        original = first[inverse]
        same = (value == value[original]) | (np.isnan(value) & np.isnan(value[original]))
        for row in np.flatnonzero(~same | (symbol != symbol[original]))[:20].tolist():
            place = self.about[area[row]]
            characteristic = self.rows[what[row]].characteristic
            found = f"{_shown(value[original[row]])} and {_shown(value[row])} for {place[0]} ({place[3]})"
            remedy = "Read only one edition of the file; or say in the column parent which of the rows is meant."
            self.problems.append(Problem("the files", 0, characteristic, found, "one figure an area", remedy))
        self._stop_at_problems()
        return np.sort(first)

    def table(self) -> pd.DataFrame:
        """Return the figures as one table."""
        rows = self._kept_rows()
        area = np.asarray(self.codes["area"])[rows]
        columns: dict[str, Any] = {}
        for place, name in enumerate(("area", "level", "code", "name")):
            columns[name] = _taken([about[place] for about in self.about], area)
        ours = [row.characteristic for row in self.rows]
        columns["characteristic"] = _taken(ours, np.asarray(self.codes["characteristic"])[rows])
        columns["value"] = np.asarray(self.numbers["value"])[rows]
        for name in ("reason", "symbol", "quality"):
            columns[name] = _taken(list(self.words[name]), np.asarray(self.codes[name])[rows])
        columns["caution"] = np.asarray(self.caution)[rows].astype(bool)
        for name in LIMITS:
            columns[name] = np.asarray(self.numbers[name])[rows]
        return pd.DataFrame({name: columns[name] for name in (*COLUMNS, *LIMITS)})

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
        there = set(zip(self.codes["area"], self.codes["characteristic"], strict=True))
        for about, area in zip(self.about, self.places.values(), strict=True):
            for place in sorted(self.resolved):
                if (area.place, place) not in there:
                    why = "the file has no row of this characteristic for this area"
                    missing.append((about[0], self.rows[place].characteristic, why))
        return {"missing": missing, "layout": layout, "labels_checked": not self.unchecked}


def _taken(words: Sequence[str], places: npt.NDArray[np.int64]) -> pd.Series:
    values = np.array(words, dtype=object)[places] if len(places) else np.array([], dtype=object)
    return pd.Series(values, dtype=object)


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
