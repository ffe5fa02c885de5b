"""From published copies to ``data/raw``: every dataset whole or not at all, byte for byte the same each time."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lipresearch.compilers import (
    boundaries,
    census_profile,
    civic,
    economy,
    facts,
    health,
    neighbourhoods,
    newcomers,
    schools,
    services,
    source_texts,
    statcan_2016,
    statcan_2021,
    statcan_earlier,
    toronto,
)
from lipresearch.compilers.base import Col, Compiled, Dataset, Sources, TableSpec, missing_message, text_key
from lipresearch.errors import InputError, NotFoundError, Problem, TableError
from lipresearch.registry import write_registry
from lipresearch.tables import read_table, write_table, write_text

#: Header of every codebook.
CODEBOOK = (
    "table",
    "column",
    "kind",
    "unit",
    "universe",
    "label",
    "source_column",
    "missing",
    "additive",
    "note",
)

#: Every dataset that this package compiles, by name.
DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset
    for family in (
        statcan_2021.DATASETS,
        statcan_earlier.DATASETS,
        statcan_2016.DATASETS,
        neighbourhoods.DATASETS,
        schools.DATASETS,
        health.DATASETS,
        facts.DATASETS,
        source_texts.DATASETS,
        economy.DATASETS,
        services.DATASETS,
        civic.DATASETS,
        newcomers.DATASETS,
        toronto.DATASETS,
        boundaries.DATASETS,
    )
    for dataset in family
}

#: Datasets that only a user's own download can fill (see ``fetched``); a fresh clone does not hold them.
OPTIONAL = (*(census.name for census in census_profile.CENSUSES.values()), health.FACILITIES_CANADA)


def compile_sources(
    sources: Path,
    root: Path,
    only: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> list[str]:
    """Compile published copies into ``data/raw`` and record their hashes.

    Everything is read and checked first; nothing under ``data/raw`` changes unless all of it
    could be read. Compiling the same copies again gives identical bytes.

    Parameters
    ----------
    sources : Path
        Folder of published copies (with ``census/``, ``places/``, ``facts/``); the source texts lie in ``seeds/``
        beside it.
    root : Path
        Project folder.
    only : sequence of str
        Names of datasets, default all of ``DATASETS``.
    progress : callable, optional
        Called with one line of text for each step.

    Returns
    -------
    list of str
        Names of the datasets written, in order.

    Raises
    ------
    InputError
        If ``only`` names an unknown dataset.
    NotFoundError
        Naming every published file that is missing.
    TableError
        With everything that is not laid out as expected, over all files.
    """
    names = chosen(only)
    say = progress or (lambda line: None)
    absent = {file for name in names for file in DATASETS[name].inputs if not (sources / file).is_file()}
    if absent:
        raise NotFoundError(missing_message(absent, sources))
    (root / "data" / "raw").mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".compile-", dir=root / "data"))
    try:
        problems: list[Problem] = []
        for place, name in enumerate(names, start=1):
            say(f"[{place}/{len(names)}] {name}")
            try:
                write_dataset(DATASETS[name], sources, workshop / name)
            except TableError as error:
                problems += error.problems
        if problems:
            raise TableError(problems)
        move_all(names, workshop, root / "data" / "raw")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    write_registry(root)
    say(f"recorded in data/raw/registry.csv: {len(names)} dataset{'' if len(names) == 1 else 's'}")
    return names


def chosen(only: Sequence[str]) -> list[str]:
    """Return the names to compile in the declared order; an unknown name is an error."""
    unknown = sorted(set(only) - set(DATASETS))
    if unknown:
        raise InputError(f"No dataset is called {', '.join(unknown)}. Datasets: {', '.join(DATASETS)}")
    return [name for name in DATASETS if not only or name in only]


def write_dataset(dataset: Dataset, sources: Path, folder: Path) -> None:
    """Compile one dataset into a folder and read it back with its own codebook."""
    reader = Sources(sources)
    compiled = dataset.compiler(reader)
    if reader.problems:
        raise TableError(reader.problems)
    undeclared = sorted(set(reader.origins) ^ set(dataset.inputs))
    if undeclared or set(compiled.rows) != {table.file for table in dataset.tables}:
        raise ValueError(f"{dataset.name}: files or tables differ from those declared: {undeclared}")
    tables = [table.extended(compiled.more.get(table.file, ())) for table in dataset.tables]
    for table in tables:
        rows = sorted((tuple(row) for row in compiled.rows[table.file]), key=text_key)
        write_table(folder / table.file, [column.name for column in table.columns], rows)
        read_table(folder / table.file, table.schema, f"{dataset.name}/{table.file}")
    write_table(folder / "columns.csv", CODEBOOK, codebook(dataset, tables))
    write_text(folder / "SOURCE.toml", source_card(dataset, compiled, reader))


def codebook(dataset: Dataset, tables: Sequence[TableSpec]) -> list[tuple[str, ...]]:
    """Return the rows of ``columns.csv``, in the order of the tables and columns."""
    return [codebook_row(dataset, table, column) for table in tables for column in table.columns]


def codebook_row(dataset: Dataset, table: TableSpec, column: Col) -> tuple[str, ...]:
    """Return one row of ``columns.csv``."""
    additive = "" if column.additive is None else ("yes" if column.additive else "no")
    universe = column.universe or (dataset.card.universe if column.additive is not None else "")
    return (
        table.file,
        column.name,
        column.kind,
        column.unit,
        universe,
        column.label,
        column.source,
        "yes" if column.missing else "no",
        additive,
        column.note,
    )


def source_card(dataset: Dataset, compiled: Compiled, reader: Sources) -> str:
    """Return the text of ``SOURCE.toml``."""
    card = dataset.card
    lines = [f"dataset = {quoted(dataset.name)}"]
    for key in (
        "short",
        "title",
        "publisher",
        "catalogue",
        "published",
        "accessed",
        "url",
        "licence",
        "attribution",
        "universe",
        "vintage",
        "grade",
    ):
        lines.append(f"{key} = {quoted(getattr(card, key))}")
    lines.append("defects = [")
    lines += [f"    {quoted(sentence)}," for sentence in (*card.defects, *compiled.defects)]
    lines.append("]")
    for file in dataset.inputs:
        size, digest = reader.origins[file]
        lines += ["", "[[origin]]", f"file = {quoted(file)}", f"bytes = {size}", f"sha256 = {quoted(digest)}"]
    for table in dataset.tables:
        lines += ["", "[[table]]", f"file = {quoted(table.file)}", f"level = {quoted(table.level)}"]
        lines += [f"rows = {len(compiled.rows[table.file])}"]
        lines += [f"key = [{', '.join(quoted(name) for name in table.key)}]"]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    r"""Return a text as a TOML basic string.

    >>> print(quoted('a "b" \\ c'))
    "a \"b\" \\ c"
    """
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError(f"control character in {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def move_all(names: Sequence[str], workshop: Path, raw: Path) -> None:
    """Put the compiled folders in their places; if one cannot be moved, put the old ones back."""
    old = workshop / "replaced"
    old.mkdir()
    moved: list[str] = []
    try:
        for name in names:
            if (raw / name).exists():
                os.replace(raw / name, old / name)
            moved.append(name)
            os.replace(workshop / name, raw / name)
    except OSError:
        for name in moved:
            if (raw / name).exists():
                shutil.rmtree(raw / name)
            if (old / name).exists():
                os.replace(old / name, raw / name)
        raise
