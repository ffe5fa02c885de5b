"""Errors say what is wrong, where, what was expected and what to do next."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import (
    SHOWN,
    DataChangedError,
    InputError,
    LipresearchError,
    NotFoundError,
    Problem,
    StaleError,
    TableError,
)

words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
problems = st.builds(Problem, words, st.integers(0, 99), words, words, words, words)


@pytest.mark.parametrize("kind", [DataChangedError, InputError, NotFoundError, StaleError, TableError])
def test_every_error_can_be_caught_as_one(kind: type[Exception]) -> None:
    assert issubclass(kind, LipresearchError)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.csv", 0, "", "nothing", "rows"), "a.csv: found nothing, expected rows."),
        (Problem("a.csv", 3, "", "2 cells", "3 cells"), "a.csv, row 3: found 2 cells, expected 3 cells."),
        (Problem("a.csv", 0, "x", "two", "one"), "a.csv, column x: found two, expected one."),
        (
            Problem("a.csv", 3, "x", "'q'", "a number", "Write one."),
            "a.csv, row 3, column x: found 'q', expected a number. Write one.",
        ),
    ],
)
def test_a_problem_reads_as_a_sentence(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_a_problem_is_frozen() -> None:
    problem = Problem("a.csv", 1, "x", "q", "r")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'row'"):
        problem.row = 2  # type: ignore[misc]


def test_problems_sort_by_file_and_then_by_row() -> None:
    first, second, third = (Problem(file, row, "", "", "") for file, row in (("a", 9), ("a", 10), ("b", 2)))
    assert sorted([third, second, first]) == [first, second, third]


def test_an_error_without_a_problem_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"^a TableError needs at least one problem$"):
        TableError([])


def test_one_problem_is_singular_and_two_are_plural() -> None:
    problem = Problem("a.csv", 2, "value", "'x'", "a number")
    with pytest.raises(TableError, match=r"^1 problem in the tables\. Nothing was changed\.\n  a\.csv, row 2, column"):
        raise TableError([problem])
    with pytest.raises(TableError, match=r"^2 problems in the tables\. Nothing was changed\.\n"):
        raise TableError([problem, problem])


@given(st.lists(problems, min_size=1, max_size=3 * SHOWN))
def test_the_first_five_are_spelled_out_and_the_rest_are_counted(given_problems: list[Problem]) -> None:
    error = TableError(problem for problem in given_problems)  # any iterable will do
    assert SHOWN == 5
    lines = str(error).split("\n")
    assert error.problems == tuple(given_problems)
    assert lines[1 : 1 + SHOWN] == [f"  {problem}" for problem in given_problems[:SHOWN]]
    rest = len(given_problems) - SHOWN
    if rest > 0:
        assert re.fullmatch(rf"  \.\.\. and {rest} more of the same kind or later in the files\.", lines[-1])
    assert len(lines) == 1 + min(len(given_problems), SHOWN) + (rest > 0)
