"""The tree of characteristics: labels repeat, so a row is found under its parents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.official.tree import Line, alike, belongs, candidates, tree

LISTED = [
    ("1", "Total - Mother tongue", ()),
    ("2", "  Single responses", ()),
    ("3", "    English", ()),
    ("4", "    Non-official languages", ()),
    ("5", "      Côte d’Ivoire  Creole", ()),
    ("6", "  Multiple responses", ()),
    ("7", "Total - Home language", ()),
    ("8", "  English", ()),
]


def test_indentation_says_what_belongs_to_what() -> None:
    lines = {line.key: line for line in tree(LISTED)}
    assert lines["5"].ancestors == ("Total - Mother tongue", "Single responses", "Non-official languages")
    assert lines["6"].ancestors == ("Total - Mother tongue",)
    assert lines["5"].path.endswith("Non-official languages > Côte d'Ivoire Creole")


def test_a_new_topic_closes_what_was_open() -> None:
    lines = tree([("1", "Total", ("A",)), ("2", "  Part", ("A",)), ("3", "  Part", ("B",))])
    assert [line.ancestors for line in lines] == [("A",), ("A", "Total"), ("B",)]


@pytest.mark.parametrize(
    ("label", "parent", "keys"),
    [
        ("English", "Total - Mother tongue", ["3"]),
        ("English", "Total - Home language", ["8"]),
        ("English", "", ["3", "8"]),  # nowhere at the top, so that all are told
        ("Total - Home language", "", ["7"]),
        ("English", "Single responses > Total - Mother tongue", []),  # in the wrong order
        ("Côte d'Ivoire Creole", "Total - Mother tongue > Non-official languages", ["5"]),
    ],
)
def test_a_label_is_looked_for_under_its_parents(label: str, parent: str, keys: list[str]) -> None:
    assert [line.key for line in candidates(tree(LISTED), label, parent)] == keys


def test_at_the_top_goes_before_below() -> None:
    lines = tree([("1", "Total", ()), ("2", "  English", ()), ("3", "English", ())])
    assert [line.key for line in candidates(lines, "English", "")] == ["3"]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_the_parents_are_those_of_a_slow_look_upwards(depths: list[int]) -> None:
    labelled = [(str(at), " " * depth + f"label {at}", ()) for at, depth in enumerate(depths)]
    for at, line in enumerate(tree(labelled)):
        above: list[str] = []
        least = depths[at]
        for before in range(at - 1, -1, -1):
            if depths[before] < least:
                above.insert(0, f"label {before}")
                least = depths[before]
        assert line == Line(str(at), f"label {at}", tuple(above))
        assert belongs(line, line.label, " > ".join(above))


def test_apostrophes_and_spaces_are_made_alike() -> None:
    assert alike("  Mi’kmaq   languages ") == "Mi'kmaq languages"
