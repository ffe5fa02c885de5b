"""Mother tongues: from an indented list of languages to the leaves that partition the single responses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lipresearch.compilers.base import Col, TableSpec

#: Labels of the branch that holds the languages of Indigenous peoples, in the words of each census.
INDIGENOUS = ("Aboriginal languages", "Indigenous languages")


@dataclass(frozen=True)
class Node:
    """One line of an indented list.

    Attributes
    ----------
    label : str
        Without indentation.
    depth : int
        Number of spaces before it.
    parent : int
        Place of the line that it belongs to, -1 at the top.
    leaf : bool
        Whether no line belongs to it.
    """

    label: str
    depth: int
    parent: int
    leaf: bool


@dataclass(frozen=True)
class Language:
    """A language that is counted on its own: its slug, label, family, parent and group."""

    slug: str
    label: str
    family: str
    parent: str
    group: str
    place: int


def slug(label: str) -> str:
    """Return a label as a column name: lower-case ASCII letters, digits and underscores.

    >>> slug("Min Nan (Chaochow, Teochow)"), slug("Mòoré"), slug("Languages, n.i.e.")
    ('min_nan_chaochow_teochow', 'moore', 'languages_n_i_e')
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def tree(labels: Sequence[str]) -> list[Node]:
    """Return the lines of an indented list with their parents; the deeper line belongs to the one above it.

    >>> [(node.label, node.parent, node.leaf) for node in tree(["All", "  a", "    b", "  c"])]
    [('All', -1, False), ('a', 0, False), ('b', 1, True), ('c', 0, True)]
    """
    depths = [len(label) - len(label.lstrip(" ")) for label in labels]
    parents: list[int] = []
    above: list[int] = []
    for place, depth in enumerate(depths):
        while above and depths[above[-1]] >= depth:
            above.pop()
        parents.append(above[-1] if above else -1)
        above.append(place)
    return [
        Node(label.strip(), depth, parent, place not in parents)
        for place, (label, depth, parent) in enumerate(zip(labels, depths, parents, strict=True))
    ]


def moved(labels: Sequence[str], moves: Mapping[str, str]) -> list[int]:
    """Return the order of lines after some were put behind the line where they belong.

    Parameters
    ----------
    labels : sequence of str
        Lines, indented.
    moves : mapping
        Label of a line to move, and label of the line that it follows; both without indentation.

    Raises
    ------
    ValueError
        If a label is not there exactly once.

    Examples
    --------
    >>> moved(["  Norwegian", "  Slavic", "  Icelandic"], {"Norwegian": "Icelandic"})
    [1, 2, 0]
    """
    plain = [label.strip() for label in labels]
    for label in (*moves, *moves.values()):
        if plain.count(label) != 1:
            raise ValueError(f"{label!r} is there {plain.count(label)} times, not once")
    order = [place for place, label in enumerate(plain) if label not in moves]
    for label, before in moves.items():
        order.insert(order.index(plain.index(before)) + 1, plain.index(label))
    return order


def line_of(nodes: Sequence[Node], place: int) -> list[int]:
    """Return the places of a line and of all lines above it, the line itself first."""
    found = [place]
    while nodes[found[-1]].parent >= 0:
        found.append(nodes[found[-1]].parent)
    return found


def languages(nodes: Sequence[Node], top: str = "Single responses") -> list[Language]:
    """Return the leaves below a line: the languages that partition the single responses.

    Raises
    ------
    ValueError
        If two leaves would have the same slug, or the line is not there once.
    """
    tops = [place for place, node in enumerate(nodes) if node.label == top]
    if len(tops) != 1:
        raise ValueError(f"{top!r} is there {len(tops)} times, not once")
    found = []
    for place, node in enumerate(nodes):
        line = line_of(nodes, place)
        if not node.leaf or tops[0] not in line[1:]:
            continue
        labels = [nodes[at].label for at in line]
        group = slug(node.label) if node.label in ("English", "French") else "non_official"
        group = "indigenous" if any(label in INDIGENOUS for label in labels) else group
        families = [
            label
            for label in labels[: labels.index(top)]
            if label not in ("Official languages", "Non-official languages")
            and not label.startswith(("Non-Aboriginal", "Non-Indigenous"))
        ]
        parent = labels[1]
        found.append(Language(slug(node.label), node.label, families[-1], parent, group, place))
    slugs = [language.slug for language in found]
    twice = sorted({one for one in slugs if slugs.count(one) > 1})
    if twice:
        raise ValueError(f"several languages are called {', '.join(twice)}")
    return found


def gaps(nodes: Sequence[Node], values: Sequence[Sequence[int]]) -> list[tuple[str, int, int]]:
    """Return for each line that has lines below it: label, number of these, and the largest gap of their sum.

    Parameters
    ----------
    nodes : sequence of Node
        Lines.
    values : sequence of sequence of int
        One row a line, one number an area.

    Returns
    -------
    list of tuple
        The gap is over the areas; 0 where the lines below add up exactly.
    """
    found = []
    for place, node in enumerate(nodes):
        below = [at for at, other in enumerate(nodes) if other.parent == place]
        if below:
            sums = [sum(values[at][area] for at in below) for area in range(len(values[place]))]
            gap = max(abs(whole - part) for whole, part in zip(values[place], sums, strict=True))
            found.append((node.label, len(below), gap))
    return found


LANGUAGE_COLUMNS = (
    Col("language", "id", "name of the language's column in mother_tongue.csv", "made from the label"),
    Col("label", "text", "language, in the publisher's words", "label of the row"),
    Col("family", "text", "family that it belongs to, the language itself if none", "indentation of the rows"),
    Col("parent", "text", "line right above it in the publisher's list", "indentation of the rows"),
    Col("group", "text", "english, french, indigenous or non_official", "indentation of the rows"),
)
LANGUAGES = TableSpec("languages.csv", "link", ("language",), LANGUAGE_COLUMNS)


def language_rows(found: Sequence[Language]) -> list[tuple[str, ...]]:
    """Return the rows of ``languages.csv``."""
    return [(one.slug, one.label, one.family, one.parent, one.group) for one in found]
