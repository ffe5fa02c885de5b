"""The code list of the web data service: which number stands for which characteristic under which parent."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from lipresearch.errors import NotFoundError, Problem, TableError
from lipresearch.official.files import Member
from lipresearch.official.tree import Line, alike

_REMEDY = "Download the structure of the dataflow again (references=all&detail=full)."
_LANG = "http://www.w3.org/XML/1998/namespace|lang"
#: No label is longer; what is stays cut off.
_LONGEST = 10_000
#: What is said of a document type or an entity: they can blow a small file up to any size.
DECLARES = "declares a document type or entities, which the code lists do not"


def codes_in(stream: BinaryIO) -> list[dict[str, str]]:
    """Return the characteristics in a structure message (SDMX-ML 2.1), in its order: id, parent, label, label_fr.

    The stream is read once from front to back and never held as a whole: expat itself, not iterparse, which would keep
    a tree of tens of megabytes and could not refuse a document type.

    Parameters
    ----------
    stream : file
        XML with a ``Codelist`` whose id names characteristics, in it ``Code`` with ``Name`` in ``en`` and ``fr`` and
        ``Parent/Ref``. ``parent`` is "" at the top.

    Raises
    ------
    ExpatError
        If it is no XML.
    ValueError
        If it declares a document type or an entity.
    """
    from xml.parsers import expat

    rows: list[dict[str, str]] = []
    state = {"list": False, "name": "", "parent": False}
    code: dict[str, str] = {}
    text: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("|")[2]
        if name == "Codelist":
            state["list"] = not rows and "CHARACTERISTIC" in attributes.get("id", "").upper()
        elif state["list"] and name == "Code":
            code.clear()
            code.update(id=attributes.get("id", ""), parent="", label="", label_fr="")
        elif code and name == "Name":
            state["name"] = {"en": "label", "fr": "label_fr"}.get(attributes.get(_LANG, "en"), "")
            text.clear()
        elif code and name == "Parent":
            state["parent"] = True
        elif code and state["parent"] and name == "Ref":
            code["parent"] = attributes.get("id", "")

    def end(tag: str) -> None:
        name = tag.rpartition("|")[2]
        if name == "Codelist":
            state["list"] = False
        elif name == "Name" and code and state["name"]:
            code[str(state["name"])] = " ".join("".join(text).split())
            state["name"] = ""
        elif name == "Parent":
            state["parent"] = False
        elif name == "Code" and code:
            rows.append(dict(code))
            code.clear()

    def data(part: str) -> None:
        if state["name"] and len(text) < _LONGEST:
            text.append(part)

    def refuse(*_: object) -> None:
        raise ValueError(DECLARES)

    parser = expat.ParserCreate(namespace_separator="|")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ParseFile(stream)
    return rows


def read_codes(path: Path) -> list[Line]:
    """Return the characteristics of a structure message, in its order, with their parents.

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
    from xml.parsers.expat import ExpatError

    if not path.is_file():
        raise NotFoundError(
            f"{path.name} was not found in {path.parent.as_posix()}. Check the name, or download it first."
        )
    try:
        with Member(path).open() as stream:
            found = {code["id"]: code for code in codes_in(stream)}
    except (ExpatError, ValueError) as error:
        raise TableError([Problem(path.name, 0, "", str(error), "XML", _REMEDY)]) from None
    if not found:
        raise TableError([Problem(path.name, 0, "", "no list of characteristics", "a Codelist of them", _REMEDY)])
    labels = {name: alike(code["label"] or code["label_fr"]) for name, code in found.items()}
    parents = {name: code["parent"] for name, code in found.items()}
    return [Line(name, label, _ancestors(name, parents, labels)) for name, label in labels.items()]


def _ancestors(code: str, parents: dict[str, str], labels: dict[str, str]) -> tuple[str, ...]:
    above: list[str] = []
    seen = {code}
    parent = parents[code]
    while parent in labels and parent not in seen:
        seen.add(parent)
        above.append(labels[parent])
        parent = parents[parent]
    return tuple(reversed(above))
