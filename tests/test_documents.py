"""The documents: lists made from the project, links, commands, citation, errata, docstrings of the public face."""

from __future__ import annotations

import ast
import datetime
import importlib.util
import inspect
import json
import re
import shlex
import textwrap
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer.main
import yaml
from matplotlib import ft2font
from matplotlib.figure import Figure
from matplotlib.image import imread

import lipresearch as lip
from lipresearch import errors
from lipresearch.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: The FreeType with which the picture was made; see tests/figures/test_pictures.py.
FREETYPE = "2.14.3"


def _lists() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("lists", ROOT / "docs" / "lists.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LISTS = _lists()

# ---- lists and the picture ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return LISTS.documents(ROOT)


@pytest.mark.parametrize("name", ["README.md", "docs/data.md", "docs/results.md"])
def test_the_lists_are_those_of_the_project(name: str, written: dict[str, str]) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == written[name], f"{name} is old: python docs/lists.py"


def test_every_dataset_and_every_output_of_a_notebook_is_in_the_lists(written: dict[str, str]) -> None:
    for card in (ROOT / "data" / "raw").glob("*/SOURCE.toml"):
        linked = f"(../data/raw/{card.parent.name}/SOURCE.toml)" in written["docs/data.md"]
        assert linked == (card.parent.name not in LISTS.OPTIONAL)
    for path in LISTS.notebooks_of(ROOT):
        book = json.loads(path.read_text(encoding="utf-8"))
        shown = [output.get("data", {}) for cell in book["cells"] for output in cell.get("outputs", [])]
        numbers = [number for number, *_ in LISTS.results_of(book)]
        figures = sum("image/png" in data for data in shown)
        assert sum(number.startswith("F") for number in numbers) == figures
        tables = sum("<table" in "".join(data.get("text/html", "")) and "image/png" not in data for data in shown)
        assert sum(number.startswith("T") for number in numbers) == tables
        assert f"(../notebooks/{path.name})" in written["docs/results.md"]
        assert f"(notebooks/{path.name})" in written["README.md"]


def cell(kind: str, source: str, *outputs: dict[str, str]) -> dict[str, Any]:
    return {"cell_type": kind, "source": [source], "outputs": [{"data": data} for data in outputs]}


TABLE, FIGURE = {"text/html": "<table>"}, {"image/png": "iVBORw0KGgo="}


def test_results_are_told_from_what_a_cell_shows() -> None:
    book = {
        "cells": [
            cell("markdown", "# A title\n\nText"),
            cell("markdown", "## Ranking"),
            cell("code", "ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster('health'))"),
            cell("code", "display(lip.plot_ranking(ranking), lip.notebook.ranking_table(ranking))", FIGURE, TABLE),
            cell(
                "code",
                "notes = lip.load_notes()\nnotes = notes[notes['site'].isin(ranking.sites)]\nnotes.head()",
                TABLE,
            ),
            cell("code", "for name in ('a', 'b'):\n    display(lip.map_types(name))", FIGURE, FIGURE),
            cell("code", "lip.notebook.say('nothing to list')"),
        ]
    }
    found = list(LISTS.results_of(book))
    assert LISTS.title_of(book) == "A title"
    assert [(number, section, function) for number, section, _, function in found] == [
        ("F1", "Ranking", "`lip.plot_ranking`"),
        ("T1", "Ranking", "`lip.notebook.ranking_table`"),
        ("T2", "Ranking", "`lip.load_notes`"),
        ("F2", "Ranking", "`lip.map_types`"),
        ("F3", "Ranking", "`lip.map_types`"),
    ]
    assert found[0][2] == "The ranked sites: a dot for each score with the interval that the evidence allows"
    book["cells"][3]["outputs"].pop()
    with pytest.raises(ValueError, match="1 figures and tables come from 2 expressions"):
        list(LISTS.results_of(book))
    book["cells"][3] = cell("code", "5 + 5", TABLE)
    with pytest.raises(ValueError, match="No function of the library is behind 5"):
        list(LISTS.results_of(book))


def test_a_document_without_its_marks_is_refused() -> None:
    marked = "a <!-- list: x -->old<!-- end: x --> b"
    assert LISTS.between(marked, "x", "new") == "a <!-- list: x -->\n\nnew\n\n<!-- end: x --> b"
    with pytest.raises(ValueError, match="Not exactly one <!-- list: y -->"):
        LISTS.between(marked, "y", "new")


def test_every_file_that_commands_make_is_listed() -> None:
    table = re.findall(r"^\| `(\S+)` \| .+ \| `(lipresearch \w+)` \|$", read("docs/results.md"), re.MULTILINE)
    assert {command for _, command in table} == {"lipresearch build", "lipresearch report"}
    derived = [name for name, command in table if command == "lipresearch build"]
    patterns = [re.sub(r"[A-Z]+", "[a-z0-9-]+", re.escape(name)) for name in derived]
    kept = [path for path in (ROOT / "data/derived").rglob("*") if path.is_file() and path.name != ".DS_Store"]
    files = [path.relative_to(ROOT).as_posix() for path in kept]
    assert [name for name in files if not any(re.fullmatch(pattern, name) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, name) for name in files)] == []
    report = ast.parse((ROOT / "lipresearch" / "report.py").read_text(encoding="utf-8"))
    drawn = {
        ast.unparse(node).removeprefix("f").strip("'")
        for node in ast.walk(report)
        if isinstance(node, ast.JoinedStr | ast.Constant)
    }
    drawn = {
        name.replace("{name}", "CLUSTER").replace("{design}", "DESIGN")
        for name in drawn
        if re.search(r"[\w}]\.png$", name)
    }
    assert {name for name, command in table if command == "lipresearch report"} == {
        f"outputs/figures/{name}" for name in drawn
    }


@pytest.mark.mpl_image_compare(
    baseline_dir=str(ROOT / "docs"),
    filename="ranking.png",
    tolerance=0.2,
    savefig_kwargs=LISTS.SAVED,
    style="default",
)
@pytest.mark.skipif(ft2font.__freetype_version__ != FREETYPE, reason="another FreeType draws letters otherwise")
def test_the_picture_of_the_readme() -> Figure:
    return LISTS.picture()


def test_the_picture_has_a_description_and_is_small() -> None:
    [(described, name)] = re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", README)
    assert name == LISTS.PICTURE
    assert len(described) > 80
    assert (ROOT / name).stat().st_size < 400_000
    assert imread(ROOT / name).shape[1] > 900


# ---- links and commands -------------------------------------------------------------------------


def read(name: str) -> str:
    """Return a document; of a notebook, its text between the cells of code."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if not name.endswith(".ipynb"):
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "markdown")


DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "data/design/**/*.md", "benchmarks/*.md", "notebooks/*.ipynb")
    for path in ROOT.glob(pattern)
)
#: Folders in which a name in code type is a file; other names are examples.
FOLDERS = ("data/raw/", "data/design/", "docs/", "notebooks/", "tests/", "lipresearch/", "benchmarks/")
#: Files that only a user makes, or whoever follows a recipe of CONTRIBUTING.md.
USERS_OWN = {
    "data/design/designs/north.toml",
    "lipresearch/compilers/libraries.py",
    "data/design/evidence/own.csv",
    "data/design/weights/health/p1.csv",
    "data/raw/census_profile_2016",
    "data/raw/census_profile_2021",
    "data/raw/health_facilities_canada",
}


def blocks(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a text without its fenced blocks, and the blocks as (language, content)."""
    fence = re.compile(r"^(`{3,})(.*?)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
    return fence.sub("", text), [(language.strip(), content) for _, language, content in fence.findall(text)]


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a text, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", blocks(text)[0], re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def link_problems(name: str, text: str) -> list[str]:
    """Return the links and the names of files of a document that lead nowhere."""
    problems = []
    prose = blocks(text)[0]
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)):
        parts = urlsplit(target)
        if parts.scheme or target.startswith("//"):
            if parts.scheme not in ("http", "https", "mailto") or not (parts.netloc or parts.path):
                problems.append(f"{target}: no address")
            continue
        path = (ROOT / name).parent / unquote(parts.path) if parts.path else ROOT / name
        if not path.exists():
            problems.append(f"{target}: no such file")
        elif ROOT not in path.resolve().parents:
            problems.append(f"{target}: outside the project")
        elif parts.fragment and parts.fragment not in anchors(path.read_text(encoding="utf-8") if parts.path else text):
            problems.append(f"{target}: no such heading")
    for quoted in re.findall(r"`([\w./-]+)`", prose):
        if quoted.startswith(FOLDERS) and quoted not in USERS_OWN and not (ROOT / quoted).exists():
            problems.append(f"{quoted}: no such file")
    return problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a](docs/method.md#scores-and-ranks), [b](https://example.org/x), ![c](docs/ranking.png)", None),
        ("`[a](nowhere.md)` and\n```\n[a](nowhere.md)\n```\n", None),
        ("[a](nowhere.md)", "nowhere.md: no such file"),
        ("[a](docs/method.md#no-such)", "docs/method.md#no-such: no such heading"),
        ("[a](#here)\n\n## Here", None),
        ("[a](#there)\n\n## Here", "#there: no such heading"),
        ("[a](../elsewhere.md)", "../elsewhere.md: no such file"),
        ("[a](https:///x)", None),
        ("[a](htp://example.org)", "htp://example.org: no address"),
        ("see `docs/nowhere.md`", "docs/nowhere.md: no such file"),
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(text: str, problem: str | None) -> None:
    assert link_problems("README.md", text) == ([problem] if problem else [])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    assert link_problems(name, read(name)) == []


def quoted_commands(text: str) -> list[tuple[str, bool]]:
    """Return the lines of a text that begin with ``lipresearch``, each with whether it is to be typed as it stands."""
    prose, fenced = blocks(text)
    typed = [line for language, content in fenced if language in ("", "sh", "bash") for line in content.splitlines()]
    typed = [line.removeprefix("$ ") for line in typed]
    named = re.findall(r"`(lipresearch [^`]+)`", prose)
    return [(line, True) for line in typed if line.startswith("lipresearch ")] + [(line, False) for line in named]


def command_problem(line: str, typed: bool) -> str:
    """Return what is wrong with a command; one that is not typed may leave arguments out or name them in capitals."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(line.replace("...", ""), comments=True)[1:]
    context = None
    while hasattr(command, "commands") and words:
        if words[0] in ("--help", "-h", "COMMAND"):
            return ""
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        context = typer.Context(command, parent=context)
        command, words = command.commands[words[0]], words[1:]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in words if word.startswith("-") and word.split("=")[0] not in {*known, "--help", "-h"}]
    if unknown:
        return f"no option {unknown[0]}"
    if typed and not hasattr(command, "commands"):
        try:
            command.make_context(line, list(words))
        except Exception as error:  # whatever the parser finds
            return str(getattr(error, "format_message", error.__str__)())
    return ""


@pytest.mark.parametrize(
    ("line", "typed", "problem"),
    [
        ("lipresearch rank health --format csv", True, ""),
        ("lipresearch rank CLUSTER", False, ""),
        ("lipresearch roster check my_sites.csv", True, ""),
        ("lipresearch rang health", True, "no command rang"),
        ("lipresearch roster chek my_sites.csv", True, "no command chek"),
        ("lipresearch rank health --formt csv", False, "no option --formt"),
        ("lipresearch rank health --format xls", True, "'xls' is not one of"),
        ("lipresearch rank", True, "Missing"),
        ("lipresearch rank health inclusion", True, "unexpected extra argument"),
    ],
)
def test_a_command_that_cannot_be_typed_is_noticed(line: str, typed: bool, problem: str) -> None:
    found = command_problem(line, typed)
    assert problem in found
    assert bool(found) == bool(problem)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_can_be_typed(name: str) -> None:
    found = {line: command_problem(line, typed) for line, typed in quoted_commands(read(name))}
    assert {line: problem for line, problem in found.items() if problem} == {}


def test_the_readme_names_every_command() -> None:
    named = {line.split()[1] for line, _ in quoted_commands(README)}
    assert set(typer.main.get_command(app).commands) <= named  # type: ignore[attr-defined]
    rules = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name in DOCUMENTS:
        assert set(re.findall(r"`make ([a-z]+)`", read(name))) <= rules, name


# ---- citation, errata, packages -----------------------------------------------------------------


def test_the_citation_is_that_of_citation_cff() -> None:
    card = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    [author] = card["authors"]
    version, title, who = str(card["version"]), card["title"], author["name"]
    citing = README.split("\n## Citing\n")[1]
    [(text)] = re.findall(r"^> (.+)$", citing, re.MULTILINE)
    assert text == f"{who[0].upper()}{who[1:]}. {title}. Version {version}."
    [(language, entry)] = blocks(citing)[1]
    assert language == "bibtex"
    assert re.match(r"@software\{lipresearch,\n", entry)
    fields = dict(re.findall(r"^  (\w+) = \{(.+?)\},?$", entry, re.MULTILINE))
    assert fields == {"author": f"{{{who}}}", "title": title, "version": version}
    assert card["license"] == "MIT"


ERRATA = ["date", "version", "where it was shown", "wrong", "right", "what was wrong", "how it was found"]


def errata_problems(text: str, versions: set[str]) -> list[str]:
    """Return what is wrong with the table of errata."""
    rows = [[part.strip() for part in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    if not rows or rows[0] != ERRATA:
        return ["the columns are not " + ", ".join(ERRATA)]
    problems, dates = [], []
    for row in rows[2:]:
        if len(row) != len(ERRATA) or not all(row):
            problems.append(f"{row[0]}: a cell is empty or one too many")
            continue
        try:
            dates.append(datetime.date.fromisoformat(row[0]))
        except ValueError:
            problems.append(f"{row[0]}: no date")
        if not {part.removeprefix("before ") for part in re.split(r", | to ", row[1])} <= versions:
            problems.append(f"{row[0]}: no version {row[1]}")
        if row[3] == row[4] or not (re.search(r"\d", row[3]) and re.search(r"\d", row[4])):
            problems.append(f"{row[0]}: not two numbers that differ")
        if not re.search(r"`[\w./-]+`", row[2]):
            problems.append(f"{row[0]}: no file")
    if dates != sorted(dates, reverse=True):
        problems.append("not the newest first")
    return problems


def test_errata_have_their_form() -> None:
    versions = set(re.findall(r"^## (\S+)", read("CHANGES.md"), re.MULTILINE))
    text = read("docs/errata.md")
    assert errata_problems(text, versions) == []
    line = next(row for row in text.splitlines() if row.startswith("| 20"))
    damages: dict[str, Callable[[str], str]] = {
        "a cell is empty": lambda row: row.rsplit("|", 2)[0] + "|  |",
        "no date": lambda row: row.replace("-11-", "-13-", 1),
        "no version": lambda row: row.replace("0.1.0", "9.9", 1),
        "not two numbers": lambda row: row.replace("4.9 per cent", "more"),
        "no file": lambda row: row.replace("`", ""),
        "not the newest first": lambda row: row.replace("2026", "2025", 1),
    }
    for problem, damage in damages.items():
        assert damage(line) != line, problem
        found = errata_problems(text.replace(line, damage(line)), versions)
        assert any(problem in one for one in found), problem
    assert errata_problems(text.replace("| wrong |", "| false |"), versions) == [
        "the columns are not " + ", ".join(ERRATA)
    ]
    # As long as nothing is released the page says so.
    released = "(not yet released)" not in read("CHANGES.md")
    assert ("No version has been released yet" in text) is not released


def test_every_package_of_the_reference_is_pinned_and_has_its_reason() -> None:
    lines = [line for line in read("docs/requirements.txt").splitlines() if not line.startswith("#")]
    pins = dict(line.split("==") for line in lines)
    assert all(re.fullmatch(r"\d+(\.\d+)+", version) for version in pins.values())
    section = read("docs/dependencies.md").split("\n## Only for the pages of the reference\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]{8,}) \|$", section, re.MULTILINE)
    assert [name for name, _, _ in rows] == sorted(pins)


# ---- the public face ----------------------------------------------------------------------------

#: Why these have no example.
WITHOUT_EXAMPLE = {
    "__version__": "a text",
    "change_between": "it needs two official files that a user downloads; docs/vintages.md shows how it is called",
    "notebook": "a module: its functions have theirs, and every notebook calls them",
}
NAMES = [name for name in lip.__all__ if callable(getattr(lip, name))]
ERRORS = {name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, Exception)}


def sections(text: str) -> dict[str, str]:
    """Return the sections of a docstring by title, and what stands before them under ""."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def docstring_problems(thing: Any) -> list[str]:
    """Return what the docstring of a public function or class lacks."""
    parts = sections(inspect.getdoc(thing) or "")
    problems = []
    summary = parts[""].split("\n")[0]
    if not re.fullmatch(r"[A-Z].{20,}[.]|[A-Z].{20,}\.( .*)", summary):
        problems.append("no summary of one line that ends in a full stop")
    signature = inspect.signature(thing)
    entries = re.findall(r"^(\**\w+(?:, \**\w+)*)(?: : .+)?$", parts.get("Parameters", ""), re.MULTILINE)
    told = [name.strip(" *") for entry in entries for name in entry.split(",")]
    missing = [name for name in signature.parameters if name not in told]
    unknown = [name for name in told if name not in signature.parameters]
    problems += [f"no parameter {name}" for name in missing] + [f"{name} is no parameter" for name in unknown]
    if not isinstance(thing, type) and signature.return_annotation != "None" and "Returns" not in parts:
        problems.append("no Returns")
    source = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    raised = {
        ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc).split(".")[-1]
        for node in ast.walk(source)
        if isinstance(node, ast.Raise) and node.exc is not None
    }
    listed = set(re.findall(r"^(\w+)$", parts.get("Raises", ""), re.MULTILINE))
    problems += [f"raises {name} and does not say so" for name in sorted((raised & ERRORS) - listed)]
    problems += [f"there is no error {name}" for name in sorted(listed - ERRORS)]
    if ">>> " not in parts.get("Examples", ""):
        problems.append("no example")
    return problems


@pytest.mark.parametrize("name", NAMES)
def test_every_public_function_says_what_it_takes_returns_and_refuses(name: str) -> None:
    assert docstring_problems(getattr(lip, name)) == (["no example"] if name in WITHOUT_EXAMPLE else [])


def test_a_docstring_that_lacks_something_is_noticed() -> None:
    assert docstring_problems(undocumented) == [
        "no summary of one line that ends in a full stop",
        "no parameter measures",
        "sites is no parameter",
        "no Returns",
        "raises InputError and does not say so",
        "there is no error ValueError",
        "no example",
    ]
    assert set(lip.__all__) - set(NAMES) <= set(WITHOUT_EXAMPLE) <= set(lip.__all__)
    assert isinstance(lip.notebook, types.ModuleType)
    assert (inspect.getdoc(lip.notebook) or "").endswith(".")


def undocumented(measures: object, root: object = None) -> int:
    """Do

    Parameters
    ----------
    sites : str
    root : path, optional

    Raises
    ------
    ValueError
        Never.
    """
    raise errors.InputError("no")


#: Compiled loops, which nobody calls by name.
INNER = {"robustness.kernel", "comparison.kernels"}


def test_the_reference_has_every_public_function_and_every_pure_module_once() -> None:
    pages = sorted((ROOT / "docs" / "api").glob("*.md"))
    listed = [name for page in pages for name in re.findall(r"^   (\w+)$", read(f"docs/api/{page.name}"), re.MULTILINE)]
    assert sorted(listed) == sorted(NAMES)
    pages = sorted((ROOT / "docs" / "modules").glob("*.md"))
    texts = [read(f"docs/modules/{page.name}") for page in pages]
    shown = [
        name for text in texts for name in re.findall(r"^\.\. automodule:: lipresearch\.(\S+)$", text, re.MULTILINE)
    ]
    assert len(shown) == len(set(shown))
    pure = {
        f"{package}.{path.stem}"
        for package in ("measures", "robustness", "selection", "comparison")
        for path in (ROOT / "lipresearch" / package).glob("*.py")
        if path.stem != "__init__"
    }
    assert pure - set(shown) == INNER
    index = blocks(read("docs/index.md"))[1]
    entries = {line for _, content in index for line in content.splitlines()}
    documents = {path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert "*" in entries, "the other pages of the folder itself"
    assert {name for name in documents if "/" in name} - entries == set(), "pages that docs/index.md does not list"
