"""Write the lists of data and results, and the picture of the README, from the project itself.

``python docs/lists.py`` writes them anew; ``tests/test_documents.py`` compares them.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

import lipresearch as lip
from lipresearch.compile import OPTIONAL
from lipresearch.report import notebooks_of
from lipresearch.sources import list_datasets, read_source

ROOT = Path(__file__).resolve().parent.parent
PICTURE = "docs/ranking.png"
#: How the picture is stored; the test that compares it needs the same.
SAVED = {"dpi": 90, "metadata": {"Software": None}}
#: Shown without a table or figure: text only.
SILENT = ("lip.notebook.attempt", "lip.notebook.say", "lip.notebook.setup", "print")


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    heads = list(columns)
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def between(text: str, name: str, content: str) -> str:
    """Return a text with what stands between the marks of a list replaced."""
    start, end = f"<!-- list: {name} -->", f"<!-- end: {name} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise ValueError(f"Not exactly one {start} with one {end} in the text.")
    before, rest = text.split(start)
    return f"{before}{start}\n\n{content}\n\n{end}{rest.split(end)[1]}"


def datasets(root: Path) -> str:
    """Return a table of the datasets under ``data/raw``; those that only a user's own download fills are left out."""
    cards = [read_source(root, name) for name in list_datasets(root) if name not in OPTIONAL]
    return table(
        ("dataset", "title", "publisher", "vintage", "licence", "grade"),
        (
            (
                f"[{card.short}](../data/raw/{card.dataset}/SOURCE.toml)",
                *(card.title, card.publisher, card.vintage, card.licence, card.grade),
            )
            for card in cards
        ),
    )


def title_of(notebook: Mapping[str, Any]) -> str:
    """Return the title of a notebook: the first line of its first cell."""
    return "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")


def notebooks(root: Path) -> str:
    """Return a table of the notebooks with their titles."""
    books = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in notebooks_of(root)]
    return table(
        ("notebook", "what it is about"),
        ((f"[{path.stem}](notebooks/{path.name})", title_of(book)) for path, book in books),
    )


def _outputs(cell: Mapping[str, Any]) -> list[str]:
    """Return what a cell shows, in order: F for a figure, T for a table."""
    data = [output.get("data", {}) for output in cell["outputs"]]
    found = ["F" if "image/png" in kinds else "T" for kinds in data if "image/png" in kinds or _is_table(kinds)]
    return found


def _is_table(kinds: Mapping[str, Any]) -> bool:
    return "<table" in "".join(kinds.get("text/html", ""))


def _shown(source: str) -> list[ast.expr]:
    """Return the expressions that a cell shows: those given to ``display``, and the last one."""
    body = ast.parse(source).body
    shown: list[ast.expr] = []
    for statement in body:
        calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
        displayed = [call for call in calls if ast.unparse(call.func) == "display"]
        shown += [argument for call in displayed for argument in call.args]
        if not displayed and isinstance(statement, ast.Expr) and statement is body[-1]:
            shown.append(statement.value)
    return [one for one in shown if not (isinstance(one, ast.Call) and ast.unparse(one.func) in SILENT)]


def _maker(shown: ast.expr, made: Mapping[str, ast.expr]) -> str:
    """Return the function of the library that a shown expression comes from, through the names that hold it."""
    for node in ast.walk(shown):
        if isinstance(node, ast.Call) and re.fullmatch(r"lip(\.\w+)+", ast.unparse(node.func)):
            function, first = ast.unparse(node.func), (node.args or [None])[0]
            named = isinstance(first, ast.Constant) and isinstance(first.value, str) and node is shown
            return f"{function}({ast.unparse(first)})".replace("'", '"') if named and first else function
    for node in ast.walk(shown):
        if isinstance(node, ast.Name) and node.id in made:
            return _maker(made[node.id], {name: value for name, value in made.items() if name != node.id})
    raise ValueError(f"No function of the library is behind {ast.unparse(shown)}.")


def _says(function: str) -> str:
    """Return the first sentence of what a function says of itself, as the name of what it returns."""
    found: Any = lip
    for part in function.split("(")[0].split(".")[1:]:
        found = getattr(found, part)
    line = (inspect.getdoc(found) or "").split("\n")[0].rstrip(".").removesuffix(", ..")
    line = (
        re.sub(r"^Return (an? (figure|map|table) of |the )?", "", line).replace(" for reading", "").split(". See :")[0]
    )
    return line[:1].upper() + line[1:]


def results_of(notebook: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield of every figure and table of a notebook: number, section, what it shows, the function behind it."""
    section, made = "", {}
    counts = {"F": 0, "T": 0}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            for heading in re.findall(r"^##+ (.+)$", source, re.MULTILINE):
                section = heading
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    names = target.elts if isinstance(target, ast.Tuple) else [target]
                    for name in names:
                        own = {inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name)}
                        if isinstance(name, ast.Name) and not (name.id in own and name.id in made):
                            made[name.id] = node.value  # one made from itself is still what it was
        kinds = _outputs(cell)
        if not kinds:
            continue
        shown = _shown(source)
        if len(shown) == 1:  # a panel, or a loop, shows several
            shown = shown * len(kinds)
        if len(shown) != len(kinds):
            raise ValueError(
                f"{len(kinds)} figures and tables come from {len(shown)} expressions in the cell:\n{source}"
            )
        for kind, expression in zip(kinds, shown, strict=True):
            counts[kind] += 1
            function = _maker(expression, made)
            yield f"{kind}{counts[kind]}", section, _says(function), f"`{function}`"


def results(root: Path) -> str:
    """Return lists of every figure and table of every notebook; notebooks with the same list share one."""
    found = []
    for path in notebooks_of(root):
        book = json.loads(path.read_text(encoding="utf-8"))
        found.append((list(results_of(book)), path.stem, f"[{title_of(book)}](../notebooks/{path.name})"))
    parts = []
    for rows, group in groupby(found, key=lambda entry: entry[0]):
        alike = list(group)
        parts.append("### " + ", ".join(stem for _, stem, _ in alike))
        parts.append("; ".join(title for _, _, title in alike) + ".")
        parts.append(table(("no.", "section", "what it shows", "made by"), rows))
    return "\n\n".join(parts)


def picture() -> Figure:
    """Return the figure at the head of the README."""
    return lip.map_ranking(
        lip.rank_sites(lip.load_measures(root=ROOT), lip.load_cluster("health", root=ROOT)), root=ROOT
    )


def documents(root: Path) -> dict[str, str]:
    """Return ``{file: text}`` of the documents that hold a list, as they should be."""
    lists = {
        "README.md": {"notebooks": notebooks(root)},
        "docs/data.md": {"datasets": datasets(root)},
        "docs/results.md": {"results": results(root)},
    }
    texts = {}
    for name, mine in lists.items():
        text = (root / name).read_text(encoding="utf-8")
        for mark, content in mine.items():
            text = between(text, mark, content)
        texts[name] = text
    return texts


def main() -> None:
    """Write them."""
    import matplotlib as mpl

    for name, text in documents(ROOT).items():
        (ROOT / name).write_text(text, encoding="utf-8")
        print(name)
    with mpl.rc_context(mpl.rcParamsDefault):
        picture().savefig(ROOT / PICTURE, **SAVED)
    print(PICTURE)


if __name__ == "__main__":
    main()
