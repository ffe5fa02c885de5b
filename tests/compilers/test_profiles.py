"""Census profiles that list one characteristic a row: found by label under heading, or a problem."""

from __future__ import annotations

import re

import pytest

from lipresearch.compilers.base import Sheet
from lipresearch.compilers.profiles import Profile, counted, with_sections

LABELLED = [
    (2, "Total - Age", ["60", "x"]),
    (3, "  0 to 14", ["10", "20"]),
    (4, "  15 and over", ["50", "many"]),
    (5, "Total - Status, 25% sample", ["55", "66"]),
    (6, "  Immigrants", ["5", "6"]),
    (7, "  0 to 14", ["1", "2"]),
]


def profile() -> Profile:
    sheet = Sheet("a.csv", ["Topic", "one", "two"], [], [])
    return Profile(sheet, ["one", "two"], with_sections(LABELLED))


def test_a_row_is_found_under_its_heading() -> None:
    found = profile()
    items = [counted("Total - Age", "0 to 14", "age_0_14", "aged 0 to 14", "everybody")]
    items += [counted("Total - Status", "0 to 14", "immigrants_0_14", "immigrants aged 0 to 14", "everybody")]
    assert found.take(items) == [["10", "1"], ["20", "2"]]
    assert found.sheet.problems == []
    assert [line.label for line in found.block("Total - Status")] == [
        "Total - Status, 25% sample", "  Immigrants", "  0 to 14",
    ]  # fmt: skip
    assert [(item.column.kind, item.column.additive, item.column.unit) for item in items] == [
        ("count", True, "persons")
    ] * 2


@pytest.mark.parametrize(
    ("section", "label", "cells", "problem"),
    [
        ("Total - Age", "Immigrants", ["not published"] * 2, "found 0 rows under 'Total - Age', expected one row of"),
        ("Total", "0 to 14", ["not published"] * 2, "found 2 rows under 'Total', expected one row of that label"),
        ("Total - Age", "15 and over", ["50", "not published"], "row 4, .*found 'many', expected a number or a known"),
    ],
)
def test_what_is_not_there_once_is_a_problem(section: str, label: str, cells: list[str], problem: str) -> None:
    found = profile()
    assert [row[0] for row in found.take([counted(section, label, "a", "a", "everybody")])] == cells
    assert len(found.sheet.problems) == 1
    message = str(found.sheet.problems[0])
    assert re.search(problem, message), message


def test_a_withheld_figure_keeps_its_reason() -> None:
    found = profile()
    line = found.find("Total - Age", "Total - Age")
    assert line is not None
    assert [found.figure(line, area) for area in (0, 1)] == ["60", "suppressed"]
