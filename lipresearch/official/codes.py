"""The code list of the web data service: which number stands for which characteristic under which parent."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from lipresearch.errors import NotFoundError, Problem, TableError
from lipresearch.official.files import Member
from lipresearch.official.tree import Line, alike

_REMEDY = "Download the structure of the dataflow again (references=all&detail=full)."
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_codes(path: Path) -> list[Line]:
    """Return the characteristics of a structure message (SDMX-ML 2.1), in its order, with their parents.

    Parameters
    ----------
    path : Path
        The answer of ``.../dataflow/STC_CP/DF_CD?references=all&detail=full``: XML, or XML packed with gzip.

    Raises
    ------
    NotFoundError
        If there is no such file.
    TableError
        If it is no XML, or holds no code list of characteristics.
    """
    if not path.is_file():
        raise NotFoundError(
            f"{path.name} was not found in {path.parent.as_posix()}. Check the name, or download it first."
        )
    found: dict[str, tuple[str, str]] = {}
    try:
        with Member(path).open() as stream:
            for _, node in ElementTree.iterparse(stream):
                if _tag(node) == "Codelist":
                    if not found and "CHARACTERISTIC" in node.get("id", "").upper():
                        found = {code.get("id", ""): _named(code) for code in node if _tag(code) == "Code"}
                    node.clear()
    except ElementTree.ParseError as error:
        raise TableError([Problem(path.name, 0, "", str(error), "XML", _REMEDY)]) from None
    if not found:
        raise TableError([Problem(path.name, 0, "", "no list of characteristics", "a Codelist of them", _REMEDY)])
    return [Line(code, label, _ancestors(code, found)) for code, (label, _) in found.items()]


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rsplit("}", 1)[-1]


def _named(code: ElementTree.Element) -> tuple[str, str]:
    """Return a code's English label and its parent's id."""
    names = [node for node in code if _tag(node) == "Name"]
    english = [node for node in names if node.get(_LANG, "en") == "en"] or names
    parents = [ref.get("id", "") for node in code if _tag(node) == "Parent" for ref in node]
    return alike((english[0].text or "") if english else ""), parents[0] if parents else ""


def _ancestors(code: str, found: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    labels: list[str] = []
    seen = {code}
    parent = found[code][1]
    while parent in found and parent not in seen:
        seen.add(parent)
        labels.append(found[parent][0])
        parent = found[parent][1]
    return tuple(reversed(labels))
