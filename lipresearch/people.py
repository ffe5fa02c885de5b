"""Reading several people's weights: one file a participant in ``data/design/weights/<cluster>/``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lipresearch.design import WEIGHT_TOLERANCE, Cluster
from lipresearch.errors import InputError, NotFoundError, Problem, TableError
from lipresearch.paths import relative
from lipresearch.robustness.elicitation import judgement_problems
from lipresearch.robustness.people import LEVELS, RESERVED, Participant, participant, things_to_weigh
from lipresearch.tables import MOST, alike, parse_number, read_records, text_problem

#: The column with the answers says how the participant was asked.
ANSWERS = {"weight": "weights", "points": "swings", "order": "order"}
FOLDER = "data/design/weights"
SPREADSHEETS = (".xlsx", ".xls", ".ods")

#: What to fill into each kind of template.
HOW = {
    "weights": "Fill in weights that add to 1.",
    "swings": "Give 100 points to the step from worst to best that matters most, and others in proportion.",
    "order": "Number them: 1 is the most important; equal numbers where equally important.",
    "pairs": "Row against column: 3 if the row is three times as important, 1/3 if a third as important.",
}


@dataclass(frozen=True, eq=False)
class Participants:
    """The people whose weights lie in a folder.

    Attributes
    ----------
    cluster : Cluster
        The perspective that they weighed.
    members : tuple of Participant
        In the order of the files' names.
    table : DataFrame
        One row a participant: how asked, about what, largest eigenvalue and consistency ratio of pairwise judgements
        (NaN for others), file.
    """

    cluster: Cluster
    members: tuple[Participant, ...]
    _files: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a participant."""
        rows = []
        for person, file in zip(self.members, self._files, strict=True):
            judged = person.judgements
            rows.append(
                {
                    "participant": person.name,
                    "kind": person.kind,
                    "level": person.level,
                    "lambda_max": judged.lambda_max if judged else math.nan,
                    "consistency": judged.consistency_ratio if judged else math.nan,
                    "file": file,
                }
            )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return f"{len(self.members)} participants for {self.cluster.title}. See .table, .members."


def weights_folder(root: Path, cluster: str) -> Path:
    """Return the folder where the participants' files of a cluster lie."""
    return root.joinpath(*FOLDER.split("/"), cluster)


def check_code(code: str) -> None:
    """Raise ``InputError`` unless a participant's code can be the name of a file and a word in the tables.

    >>> check_code("p-7")
    """
    if not usable_code(code):
        raise InputError(
            f"A participant's code is the name of a file, such as p1, other than {', '.join(RESERVED)}, not {code!r}."
        )


def usable_code(code: str) -> bool:
    """Whether a participant's code can be the name of a file and a word in the tables.

    >>> [usable_code(code) for code in ("p-7", "../p", "group", "=1+1", "a b", " a")]
    [True, False, False, False, True, False]
    """
    plain = code == code.strip() != "" and code.isprintable() and text_problem(code) is None
    return (
        plain and not code.startswith(".") and not any(sign in code for sign in '/\\:*?"<>|') and code not in RESERVED
    )


def read_participants(
    root: Path, cluster: Cluster, folder: Path | None = None, order_method: str = "centroid"
) -> Participants:
    """Return all participants of a folder, every file checked whole.

    Parameters
    ----------
    root : Path
        Project folder.
    cluster : Cluster
        The perspective that is weighed.
    folder : Path, optional
        Default ``data/design/weights/<cluster>/``.
    order_method : {"centroid", "sum", "reciprocal"}
        How an order of importance becomes weights.

    Raises
    ------
    NotFoundError
        If there is no file.
    TableError
        With every failure of every file: a name that is a word of the tables, a spreadsheet, an unknown header, an
        unknown, missing or repeated criterion, an empty cell, text in a number, weights that do not add to 1,
        judgements that are not reciprocal.
    """
    where = folder or weights_folder(root, cluster.cluster)
    found = sorted(where.iterdir(), key=lambda path: path.name) if where.is_dir() else []
    # However the ending is written: a file that is passed over would be a person left out.
    files = [path for path in found if path.suffix.lower() == ".csv"]
    read = {path.stem for path in files}
    lost = [path for path in found if path.suffix.lower() in SPREADSHEETS and path.stem not in read]
    if not files and not lost:
        raise NotFoundError(
            f"There is no table of weights in {relative(where, root)}. "
            f"Make one with `lipresearch weights-template {cluster.cluster}` and fill it in."
        )
    problems = [
        Problem(relative(path, root), 0, "", "a spreadsheet", "a CSV file", "Save it as CSV UTF-8, or remove it.")
        for path in lost
    ]
    members: list[Participant] = []
    known: dict[tuple[str, ...], Path] = {}
    for path in files:
        first = known.setdefault(alike((path.stem,)), path)
        if first != path:
            found_name = f"the participant {path.stem} again"
            expected = f"each only once (also in {first.name})"
            problems.append(Problem(relative(path, root), 0, "", found_name, expected, "Rename or remove one."))
    for path in files:
        try:
            members.append(_read(path, relative(path, root), cluster, order_method))
        except TableError as error:
            problems += error.problems
    if problems:
        raise TableError(problems)
    return Participants(cluster, tuple(members), tuple(relative(path, root) for path in files))


def _read(path: Path, shown: str, cluster: Cluster, order_method: str) -> Participant:
    header, records = read_records(path, shown)
    if not usable_code(path.stem):
        expected = f"a participant's code other than {', '.join(RESERVED)}"
        raise TableError([Problem(shown, 0, "", f"the name {path.stem!r}", expected, "Rename the file.")])
    level = header[0] if header else ""
    things = things_to_weigh(cluster, level) if level in LEVELS else []
    pairs = header[1:] == things and bool(things)
    columns = [name for name in header[1:] if name != "label"]
    if not things or not (pairs or (len(columns) == 1 and columns[0] in ANSWERS)):
        expected = "criterion or factor, then weight, points or order, or for pairs the ids in their order"
        if things:
            expected += f": {','.join([level, *things])}"
        remedy = f"Copy it from a template: lipresearch weights-template {cluster.cluster}."
        if len(header) == 1 and ";" in level:
            remedy = "Save it with commas between the columns, not semicolons, and decimal points."
        raise TableError([Problem(shown, 1, "", f"the header {','.join(header)}", expected, remedy)])
    problems: list[Problem] = []
    rows: dict[str, tuple[int, list[str]]] = {}
    for line, record in records:
        if len(record) != len(header):
            problems.append(Problem(shown, line, "", f"{len(record)} cells", f"{len(header)} cells", ""))
        elif record[0] not in things:
            expected = f"a {level} with weight in {cluster.perspective}: {', '.join(things)}"
            problems.append(Problem(shown, line, level, repr(record[0]), expected, "Copy it from a template."))
        elif record[0] in rows:
            found = f"again {record[0]}"
            problems.append(Problem(shown, line, level, found, f"once (first in row {rows[record[0]][0]})", ""))
        else:
            rows[record[0]] = (line, record)
    missing = [name for name in things if name not in rows]
    if missing:
        problems.append(Problem(shown, 0, level, f"no row {', '.join(missing)}", f"one row for each {level}", ""))
    if problems:
        raise TableError(problems)
    lines = [rows[name][0] for name in things]
    if pairs:
        table = _numbers(shown, lines, [rows[name][1][1:] for name in things], things)
        wrong = judgement_problems(table)
        if wrong:
            raise TableError(
                [
                    Problem(shown, lines[row], things[column], found, expected, "Correct one of the two.")
                    for row, column, found, expected in wrong
                ]
            )
        return participant(cluster, path.stem, "pairs", level, table)
    kind, place = ANSWERS[columns[0]], header.index(columns[0])
    answers = [row[0] for row in _numbers(shown, lines, [[rows[name][1][place]] for name in things], columns)]
    wrong_answers = _answer_problems(shown, lines, columns[0], answers)
    if wrong_answers:
        raise TableError(wrong_answers)
    return participant(cluster, path.stem, kind, level, answers, order_method)


def _numbers(shown: str, lines: list[int], cells: list[list[str]], columns: Sequence[str]) -> list[list[float]]:
    """Return cells as numbers; a judgement may be written as a fraction of whole numbers, such as 1/3."""
    problems: list[Problem] = []
    found: list[list[float]] = []
    for line, row in zip(lines, cells, strict=True):
        numbers = []
        for cell, column in zip(row, columns, strict=True):
            parts = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", cell) if len(columns) > 1 else None
            number = parse_number(cell)
            if number is not None and abs(number) > MOST:
                number = None
            if parts and int(parts[2]):
                number = int(parts[1]) / int(parts[2])
            if number is None:
                what = repr(cell) if cell else "an empty cell"
                remedy = (
                    "Fill it, or remove the file." if not cell else "Write a decimal point, no thousands separator."
                )
                problems.append(Problem(shown, line, column, what, "a number", remedy))
            numbers.append(math.nan if number is None else number)
        found.append(numbers)
    if problems:
        raise TableError(problems)
    return found


def _answer_problems(shown: str, lines: list[int], column: str, answers: list[float]) -> list[Problem]:
    problems = []
    for line, answer in zip(lines, answers, strict=True):
        if column == "order" and not (answer >= 1 and answer == int(answer)):
            problems.append(Problem(shown, line, column, f"{answer:g}", "a place: 1, 2, 3, ...", ""))
        elif answer < 0:
            problems.append(Problem(shown, line, column, f"{answer:g}", "a number of 0 or more", ""))
    total = sum(answers)
    if not problems and column == "points" and total == 0:
        problems.append(Problem(shown, 0, column, "only zeros", "points above 0 for one at least", ""))
    if not problems and column == "weight" and abs(total - 1) > WEIGHT_TOLERANCE:
        remedy = "Correct them, or write points instead of weight in the header: points may add to anything."
        problems.append(Problem(shown, 0, column, f"weights that add to {total:.6g}", "weights that add to 1", remedy))
    return problems


def template(cluster: Cluster, kind: str, level: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a participant's file, to be filled in.

    Parameters
    ----------
    cluster : Cluster
    kind : {"weights", "swings", "order", "pairs"}
    level : {"criterion", "factor"}

    Examples
    --------
    >>> import lipresearch as lip
    >>> template(lip.load_cluster("health"), "swings", "factor")[0]
    ['factor', 'label', 'points']
    """
    if kind not in HOW:
        raise InputError(f"A template is for {', '.join(HOW)}, not {kind!r}.")
    things = things_to_weigh(cluster, level)
    if kind == "pairs":
        return [level, *things], [[one, *("1" if one == other else "" for other in things)] for one in things]
    labels = cluster.criteria["label"] if level == "criterion" else cluster.factors["label"]
    column = next(name for name, asked in ANSWERS.items() if asked == kind)
    return [level, "label", column], [[one, labels[one], ""] for one in things]
