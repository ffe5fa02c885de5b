"""From an indented list to the languages that partition it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.compilers.languages import Node, gaps, languages, moved, slug, tree


@st.composite
def indented(draw: st.DrawFn) -> list[str]:
    depths = [0]
    for _ in range(draw(st.integers(0, 25))):
        depths.append(draw(st.integers(1, depths[-1] + 1)))
    return ["  " * depth + f"line {place}" for place, depth in enumerate(depths)]


def slow_parent(labels: list[str], place: int) -> int:
    """Walk upwards until a line is less indented."""
    depth = len(labels[place]) - len(labels[place].lstrip())
    for above in range(place - 1, -1, -1):
        if len(labels[above]) - len(labels[above].lstrip()) < depth:
            return above
    return -1


@given(indented())
def test_parents_agree_with_a_walk_upwards(labels: list[str]) -> None:
    nodes = tree(labels)
    assert [node.parent for node in nodes] == [slow_parent(labels, place) for place in range(len(labels))]
    assert [node.leaf for node in nodes] == [place not in {n.parent for n in nodes} for place in range(len(labels))]


@given(indented(), st.data())
def test_sums_of_leaves_leave_no_gap_and_one_wrong_figure_does(labels: list[str], data: st.DataObject) -> None:
    nodes = tree(labels)
    values = [data.draw(st.integers(0, 500)) if node.leaf else 0 for node in nodes]
    for place in range(len(nodes) - 1, 0, -1):
        values[nodes[place].parent] += values[place]
    assert all(gap == 0 for _, _, gap in gaps(nodes, [[value] for value in values]))
    if len(nodes) > 1:
        values[data.draw(st.integers(1, len(nodes) - 1))] += 7
        assert max(gap for _, _, gap in gaps(nodes, [[value] for value in values])) == 7


@given(indented())
def test_leaves_partition_the_whole(labels: list[str]) -> None:
    labels = ["Single responses", *("  " + label for label in labels)]
    nodes = tree(labels)
    found = languages(nodes)
    assert [one.place for one in found] == [place for place, node in enumerate(nodes) if node.leaf and place > 0]


def test_groups_families_and_parents() -> None:
    labels = [
        "Total",
        "  Single responses",
        "    Official languages",
        "      English",
        "      French",
        "    Non-official languages",
        "      Indigenous languages",
        "        Iroquoian languages",
        "          Mohawk",
        "      Non-Indigenous languages",
        "        Indo-European languages",
        "          Slavic languages",
        "            Czech",
        "        Korean",
        "  Multiple responses",
        "    English and French",
    ]
    assert [(one.slug, one.family, one.parent, one.group) for one in languages(tree(labels))] == [
        ("english", "English", "Official languages", "english"),
        ("french", "French", "Official languages", "french"),
        ("mohawk", "Indigenous languages", "Iroquoian languages", "indigenous"),
        ("czech", "Indo-European languages", "Slavic languages", "non_official"),
        ("korean", "Korean", "Non-Indigenous languages", "non_official"),
    ]


def test_a_misplaced_row_shows_as_a_gap() -> None:
    labels = ["All", "  a", "    a1", "  b", "    b1", "    b2"]
    values = {"All": [9], "a": [4], "a1": [4], "b": [5], "b1": [2], "b2": [3]}
    order = moved(labels, {"b1": "a1"})
    nodes = tree([labels[place] for place in order])
    found = {label: gap for label, _, gap in gaps(nodes, [values[labels[place].strip()] for place in order])}
    assert found == {"All": 0, "a": 2, "b": 2}


@given(st.permutations(["a", "b", "c", "d", "e"]), st.data())
def test_moving_keeps_every_line_once(labels: list[str], data: st.DataObject) -> None:
    line, before = data.draw(st.permutations(labels))[:2]
    order = moved(labels, {line: before})
    assert sorted(order) == list(range(5))
    assert labels[order[order.index(labels.index(before)) + 1]] == line
    rest = [label for label in labels if label != line]
    assert [labels[place] for place in order if labels[place] != line] == rest


def test_a_line_to_move_must_be_there_once() -> None:
    with pytest.raises(ValueError, match="'Norwegian' is there 0 times, not once"):
        moved(["Icelandic"], {"Norwegian": "Icelandic"})
    with pytest.raises(ValueError, match="'Icelandic' is there 2 times, not once"):
        moved(["Icelandic", "Norwegian", " Icelandic"], {"Norwegian": "Icelandic"})


def test_two_languages_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="several languages are called creole"):
        languages(tree(["Single responses", "  Creole", "  Créole"]))
    with pytest.raises(ValueError, match="'Single responses' is there 0 times, not once"):
        languages([Node("Total", 0, -1, True)])


@given(st.text(max_size=40))
def test_slugs_are_plain_and_stay(label: str) -> None:
    made = slug(label)
    assert made == slug(made)
    assert made.isascii()
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
    assert not made.startswith("_")
    assert not made.endswith("_")
