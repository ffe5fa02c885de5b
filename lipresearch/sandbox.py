"""A copy of the project's tables to practise on: what is changed there, the project never sees.

In the project itself people edit the tables of ``data/design`` in a text editor or a spreadsheet. The functions here
do the same edits from a notebook, and refuse any folder but a practice copy.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lipresearch.errors import InputError, LipresearchError, NotFoundError
from lipresearch.paths import project_root, relative
from lipresearch.supplied import EVIDENCE
from lipresearch.tables import read_records, write_table, write_text

#: A file that only practice copies hold.
MARK = "practice-copy.txt"


def sandbox(root: Path | str | None = None) -> Path:
    """Return a practice copy of the project's data in a temporary folder, which goes when the session ends.

    Give it as ``root`` to any function that takes one.

    Parameters
    ----------
    root : path, optional
        Project folder to copy; default: found from the working folder.

    Returns
    -------
    Path
        A project folder with ``data/raw``, ``data/design`` and ``data/derived``, and nothing else.

    Examples
    --------
    >>> import lipresearch as lip
    >>> copy = lip.notebook.sandbox()
    >>> len(lip.load_sites(root=copy))
    38
    """
    source = project_root() if root is None else Path(root)
    folder = Path(tempfile.mkdtemp(prefix="lipresearch-practice-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("raw", "design", "derived"):
        if (source / "data" / name).is_dir():
            shutil.copytree(source / "data" / name, folder / "data" / name)
    write_text(folder / MARK, "A copy to practise on. It is removed when the session that made it ends.\n")
    return folder


def attempt(function: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Call a function that is expected to refuse, and print what it says, in lines that fit a page.

    Other errors than the library's own are raised.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.notebook.attempt(lip.load_cluster, "sport")
    There is no cluster 'sport'. There are: education, health, labour, justice, inclusion.
    """
    try:
        function(*arguments, **named)
    except LipresearchError as error:
        for line in str(error).splitlines():
            indent = " " * (len(line) - len(line.lstrip()))
            print(textwrap.fill(line, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False))
    else:
        print("Nothing was refused.")


def _copy(root: Path | str) -> Path:
    folder = Path(root)
    if not (folder / MARK).is_file():
        raise InputError(
            "This folder is no practice copy, so nothing was changed. Make one with lip.notebook.sandbox(); the tables "
            "of the project itself are edited in a text editor or a spreadsheet."
        )
    return folder


def _design_table(root: Path | str, table: str) -> tuple[Path, list[str], list[tuple[int, list[str]]]]:
    folder = _copy(root)
    path = folder / "data" / "design" / f"{table}.csv"
    if not path.is_file() or path.parent != folder / "data" / "design":
        there = sorted(file.stem for file in (folder / "data" / "design").glob("*.csv"))
        raise NotFoundError(f"There is no table {table!r} in data/design. There are: {', '.join(there)}.")
    return path, *read_records(path, relative(path, folder))


def _named(cells: Mapping[str, object], header: list[str], table: str) -> None:
    unknown = [name for name in cells if name not in header]
    if unknown:
        raise InputError(f"The table {table} has no column {unknown[0]!r}. It has: {', '.join(header)}.")


def add_rows(root: Path | str, table: str, *rows: Mapping[str, object]) -> pd.DataFrame:
    """Add rows to a table of ``data/design`` of a practice copy; nothing is checked until the table is read.

    Parameters
    ----------
    root : path
        A practice copy.
    table : str
        Name of the table without ``.csv``.
    *rows : mapping
        ``{column: cell}``; a column that is not named stays empty.

    Returns
    -------
    DataFrame
        The new rows as they stand in the file, for reading: indexed by column, one column a row.

    Raises
    ------
    InputError
        If the folder is no practice copy, no row is given, or a column does not exist.
    NotFoundError
        If there is no such table.
    """
    path, header, records = _design_table(root, table)
    if not rows:
        raise InputError("Give at least one row: {column: cell, ...}.")
    added = []
    for row in rows:
        _named(row, header, table)
        added.append([str(row.get(name, "")) for name in header])
    write_table(path, header, [*(record for _, record in records), *added])
    last = records[-1][0] if records else 1
    return _rows_table(path.name, header, {last + place: cells for place, cells in enumerate(added, start=1)})


def change_rows(root: Path | str, table: str, where: Mapping[str, object], **cells: object) -> pd.DataFrame:
    """Write other cells into the rows of a table of a practice copy that hold what is named.

    Parameters
    ----------
    root : path
        A practice copy.
    table : str
        Name of the table without ``.csv``.
    where : mapping
        ``{column: cell}`` that a row must hold to be changed.
    **cells
        ``column=cell``.

    Returns
    -------
    DataFrame
        The changed rows as they stand now, for reading.

    Raises
    ------
    InputError
        If the folder is no practice copy, a column does not exist, or no row holds what is named.
    """
    path, header, records = _design_table(root, table)
    _named({**where, **cells}, header, table)
    changed = {}
    for line, record in records:
        if all(record[header.index(name)] == str(cell) for name, cell in where.items()):
            for name, cell in cells.items():
                record[header.index(name)] = str(cell)
            changed[line] = record
    if not changed:
        raise InputError(f"No row of {table} has {', '.join(f'{name} {cell}' for name, cell in where.items())}.")
    write_table(path, header, [record for _, record in records])
    return _rows_table(path.name, header, changed)


def add_evidence(root: Path | str, *rows: Mapping[str, object]) -> pd.DataFrame:
    """Write a table of one's own evidence (``data/design/evidence/own.csv``) into a practice copy.

    An older table of that name is replaced.

    Parameters
    ----------
    root : path
        A practice copy.
    *rows : mapping
        Site, measure, value, unit, vintage, grade, source and, if it replaces a published figure, reason.

    Returns
    -------
    DataFrame
        The rows as they stand in the file, for reading.
    """
    folder = _copy(root)
    header = EVIDENCE.names
    for row in rows:
        _named(row, header, "evidence/own")
    cells = [[str(row.get(name, "")) for name in header] for row in rows]
    write_table(folder / "data" / "design" / "evidence" / "own.csv", header, cells)
    return _rows_table("evidence/own.csv", header, dict(enumerate(cells, start=2)))


def add_design(root: Path | str, design: str, text: str) -> None:
    """Write a design (``data/design/designs/<design>.toml``) into a practice copy, in place of an older one.

    Parameters
    ----------
    root : path
        A practice copy.
    design : str
        Id: small letters, digits and hyphens.
    text : str
        The file.
    """
    folder = _copy(root)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", design):
        raise InputError(f"A design is named in small letters, digits and hyphens, not {design!r}.")
    write_text(folder / "data" / "design" / "designs" / f"{design}.toml", text.strip("\n") + "\n")


def _rows_table(name: str, header: list[str], rows: Mapping[int, list[str]]) -> pd.DataFrame:
    columns = {f"Row {line}": [cell or "–" for cell in cells] for line, cells in rows.items()}
    return pd.DataFrame(columns, index=pd.Index(header, name=name))
