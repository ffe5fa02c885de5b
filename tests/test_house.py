"""The house: what may import what, what is declared, what notebooks may hold, and what `make` does.

Each rule is a function that returns what breaks it. It is tried on a small case that breaks it, and
then on the project, so that a rule which can no longer fail is noticed.
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from nbval.plugin import get_sanitize_patterns
from packaging.requirements import Requirement
from stored_outputs import order_problems, picture_problems, text_of

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lipresearch"
#: All of them, the template too: nbval collects it, and people copy what it holds.
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SANITIZER = ROOT / "tests" / "nbval_sanitize.cfg"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = ROOT / "requirements.lock"

# ---- imports: one way ---------------------------------------------------------------------------

#: A module imports only from the lines above its own, or from its own line without a circle.
LAYERS = (
    ("errors", "paths", "speed", "tables", "wording", "french"),
    ("registry", "sources"),
    ("compilers", "compile", "official"),
    ("sites", "catchments", "boundaries"),
    ("downloads", "fetching", "held", "fetched"),
    ("measures",),
    ("vintages", "evidence", "more_evidence", "further_evidence", "text_evidence", "growth", "steps", "gained"),
    ("supplied",),
    ("design",),
    ("context", "factors", "matching_tables", "precision", "designs", "positions"),
    ("rosters",),
    ("ranking",),
    ("profile", "coverage", "typology"),
    ("robustness", "selection", "comparison"),
    ("people",),
    ("plots", "maps", "memo"),
    ("build",),
    ("public", "report", "notebook", "robustness_tables", "site_tables", "sandbox", "whatif", "cli"),
    ("",),  # the package itself: the public face
)

#: Numbers in, numbers out: these neither look for files nor draw.
PURE = ("measures", "factors", "profile", "coverage", "typology", "robustness", "selection", "comparison")
FILES = {"glob", "io", "os", "pathlib", "shutil", "tempfile", "urllib", "csv"}

#: Who may import what, anywhere in the module.
RESERVED = {
    "matplotlib": ("plots", "maps", "memo"),
    "docx": ("memo",),
    "jinja2": ("memo",),
    "typst": ("memo",),
    "ipywidgets": ("whatif",),
    **dict.fromkeys(("pooch", "requests"), ("fetching",)),
}

#: Opens connections: only ``fetching`` may. ``from urllib import request`` shows as ``urllib``.
NETWORK = {"aiohttp", "ftplib", "http", "httpx", "requests", "pooch", "smtplib", "socket", "socketserver", "ssl"}
NETWORK |= {"telnetlib", "urllib", "urllib.request", "urllib3", "xmlrpc", "asyncio"}

#: Slow to import, or not needed by every caller: only inside functions.
NEVER_AT_IMPORT = {"statsmodels", "nbformat", "nbclient", "nbconvert", "nbval", "IPython", "ipykernel", "jupyterlab"}
NEVER_AT_IMPORT |= {"numba", "polars", "pymcdm", "docx", "ipywidgets", "jinja2", "typst", "pooch", "requests"}

#: Brought by a declared package, and used as part of it.
BROUGHT_BY = {
    **dict.fromkeys(("nbformat", "nbclient", "nbconvert", "IPython", "jinja2"), "jupyterlab"),
    "docx": "python-docx",
    "requests": "pooch",
    "PIL": "matplotlib",
}


def package_sources() -> dict[str, str]:
    """Return {module: text}; a module is named from the package on, the package itself is ""."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path.read_text(encoding="utf-8")
    return found


def imports(module: str, text: str, modules: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (dotted name, when it is imported: "at import", "when called" or "for types").

    Names of the package are resolved to its modules.
    """
    tree = ast.parse(text)
    when: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            when.update({id(inner): "when called" for inner in ast.walk(node)})
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            when.update({id(inner): "for types" for inner in ast.walk(node)})
    is_package = any(other.startswith(f"{module}.") for other in modules) or module == ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = ["lipresearch", *filter(None, module.split("."))]
                up = here[: len(here) - node.level + (1 if is_package else 0)]
                base = ".".join([*up, *filter(None, base.split("."))])
            inside = base.removeprefix("lipresearch").removeprefix(".") if base.startswith("lipresearch") else None
            names = [
                f"{base}.{alias.name}"
                if inside is not None and f"{inside}.{alias.name}".removeprefix(".") in modules
                else base
                for alias in node.names
            ]
        else:
            continue
        for name in names:
            yield name, when.get(id(node), "at import")


def layer_of(module: str) -> int | None:
    first = module.split(".")[0]
    return next((number for number, layer in enumerate(LAYERS) if first in layer), None)


def import_problems(sources: Mapping[str, str]) -> list[str]:
    """Return what breaks the order of LAYERS: unknown modules, imports from a later line, circles."""
    problems = []
    modules = set(sources)
    graph: dict[str, set[str]] = {module: set() for module in sources}
    for module, text in sources.items():
        own = layer_of(module)
        if own is None:
            problems.append(f"{module}: in no line of LAYERS")
            continue
        for name, _ in imports(module, text, modules):
            if name.split(".")[0] != "lipresearch":
                continue
            target = name.removeprefix("lipresearch").removeprefix(".")
            other = layer_of(target)
            if target == module:
                continue
            if other is None or other > own:
                problems.append(f"{module or 'lipresearch'}: imports {name}, which comes later")
            graph[module].add(target)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            problems.append("circle: " + " -> ".join((*path[path.index(module) :], module)))
        elif module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())
    return problems


def third_party_problems(sources: Mapping[str, str], declared: set[str]) -> list[str]:
    """Return imports that are reserved for other modules, too early, impure or not declared."""
    problems = []
    for module, text in sources.items():
        first = module.split(".")[0]
        for name, moment in imports(module, text, set(sources)):
            top = name.split(".")[0]
            if top in RESERVED and first not in RESERVED[top] and moment != "for types":
                problems.append(f"{module}: only {', '.join(RESERVED[top])} may import {top}")
            if (name in NETWORK or top in NETWORK - {"urllib"}) and first != "fetching" and top not in RESERVED:
                problems.append(f"{module}: only fetching may use a network, so it may not import {name}")
            if top in NEVER_AT_IMPORT and moment == "at import":
                problems.append(f"{module}: imports {top} at import; do it inside the function that needs it")
            if first in PURE and (top in FILES or name in ("lipresearch.paths", "lipresearch.registry")):
                problems.append(f"{module}: is pure, so it may not import {name}")
            if top not in sys.stdlib_module_names and top != "lipresearch" and BROUGHT_BY.get(top, top) not in declared:
                problems.append(f"{module}: imports {top}, which is not declared in pyproject.toml")
        if first in PURE:
            problems += [
                f"{module}, line {node.lineno}: is pure, so it may not open files"
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("open", "read_csv")
            ]
    return problems


def direct(group: str) -> dict[str, Requirement]:
    """Return the requirements of a group of pyproject.toml by name: run, test or install."""
    lines = {
        "run": PYPROJECT["project"]["dependencies"],
        "test": PYPROJECT["project"]["optional-dependencies"]["test"],
        "install": PYPROJECT["dependency-groups"]["install"],
    }[group]
    return {Requirement(line).name: Requirement(line) for line in lines}


ALL_DIRECT = {**direct("run"), **direct("test"), **direct("install")}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({"errors": "", "ranking": "from lipresearch.errors import InputError"}, []),
        ({"errors": "from lipresearch import ranking", "ranking": ""}, ["imports lipresearch.ranking, which comes"]),
        ({"errors": "", "tables": "def f():\n    import lipresearch.cli", "cli": ""}, ["which comes later"]),
        ({"measures": "", "measures.language": "from .. import ranking", "ranking": ""}, ["which comes later"]),
        ({"measures": "from . import rates", "measures.rates": ""}, []),
        ({"paths": "from lipresearch.tables import x", "tables": "import lipresearch.paths"}, ["circle: paths ->"]),
        ({"helpers": ""}, ["helpers: in no line of LAYERS"]),
        ({"ranking": "from lipresearch import __version__", "": ""}, ["imports lipresearch, which comes later"]),
    ],
)
def test_the_order_of_imports_can_be_broken(sources: dict[str, str], expected: list[str]) -> None:
    problems = import_problems(sources)
    assert len(problems) == len(expected), problems
    assert all(part in problem for part, problem in zip(expected, problems, strict=True)), problems


def test_imports_go_one_way() -> None:
    sources = package_sources()
    assert {"errors", "tables", "registry"} <= set(sources), "the package was not found"
    assert import_problems(sources) == []


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({"plots": "import matplotlib.pyplot as plt"}, []),
        ({"ranking": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import matplotlib"}, []),
        ({"ranking": "def f():\n    import matplotlib"}, ["only plots, maps, memo may import matplotlib"]),
        ({"comparison": "import statsmodels.api as sm"}, ["imports statsmodels at import"]),
        ({"comparison": "def f():\n    import statsmodels.api as sm"}, []),
        ({"measures.rates": "from pathlib import Path"}, ["is pure, so it may not import pathlib"]),
        ({"measures.rates": "import pandas as pd\npd.read_csv('x')"}, ["line 2: is pure, so it may not open files"]),
        (
            {"selection": "from lipresearch.paths import project_root", "paths": ""},
            ["may not import lipresearch.paths"],
        ),
        ({"report": "def f():\n    import httplib2"}, ["imports httplib2, which is not declared"]),
        ({"report": "def f():\n    import requests"}, ["only fetching may import requests"]),
        ({"cli": "def f():\n    from pooch import retrieve"}, ["only fetching may import pooch"]),
        ({"build": "def f():\n    import urllib.request"}, ["only fetching may use a network"]),
        ({"build": "def f():\n    from urllib import request"}, ["only fetching may use a network"]),
        ({"report": "from http.client import HTTPConnection"}, ["only fetching may use a network"]),
        ({"memo": "import socket"}, ["only fetching may use a network"]),
        ({"downloads": "from urllib.parse import urlsplit"}, []),
        ({"fetching": "import pooch"}, ["imports pooch at import"]),
        ({"fetching": "def f():\n    import pooch, requests, socket"}, []),
        ({"report": "def f():\n    import nbclient"}, []),
    ],
)
def test_the_rules_for_other_packages_can_be_broken(sources: dict[str, str], expected: list[str]) -> None:
    problems = third_party_problems(sources, set(direct("run")))
    assert len(problems) == len(expected), problems
    assert all(part in problem for part, problem in zip(expected, problems, strict=True)), problems


def test_other_packages_are_imported_where_they_may_be() -> None:
    assert third_party_problems(package_sources(), set(direct("run"))) == []


def run_python(code: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_importing_the_package_is_light_and_silent(tmp_path: Path) -> None:
    heavy = sorted({*NEVER_AT_IMPORT, "matplotlib", "jupyter_client", "skbio", "skcriteria"})
    done = run_python(
        "import sys, lipresearch\n"
        "bad = sorted(set(sys.argv[1:]) & set(sys.modules))\n"
        "sys.exit('imported: ' + ', '.join(bad) if bad else 0)",
        *heavy,
        cwd=tmp_path,  # no project here: nothing may be looked up at import
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


STATE = """
import importlib, json, locale, logging, os, random, sys, warnings
import numpy as np
import pandas as pd
others, own = (argument.split(",") for argument in sys.argv[1:3])
for name in others:
    importlib.import_module(name)

def state():
    found = {
        "numpy error state": str(np.geterr()),
        "numpy print options": str(np.get_printoptions()),
        "numpy random state": str(np.random.get_state()),
        "random state": str(random.getstate()),
        "warning filters": str(warnings.filters),
        "locale": locale.setlocale(locale.LC_ALL),
        "environment": str(sorted(os.environ.items())),
        "working folder": os.getcwd(),
        "search path": str(sys.path),
        "log handlers": str((logging.root.handlers, logging.root.level)),
        "exception hook": str(sys.excepthook),
        "displayed rows": str([pd.get_option("display." + name) for name in
                               ("max_rows", "max_columns", "width", "precision", "float_format", "max_colwidth")]),
    }
    if "matplotlib" in sys.modules:
        found["figure style"] = str(sorted(sys.modules["matplotlib"].rcParams.items(), key=str))
    return found

before = state()
for name in own:
    importlib.import_module(name)
after = state()
print(json.dumps([name for name in before if before[name] != after[name]]))
"""


def test_importing_changes_nothing_outside_the_package(tmp_path: Path) -> None:
    sources = package_sources()
    others = {"numpy", "pandas"}
    for module, text in sources.items():
        others |= {name for name, moment in imports(module, text, set(sources)) if moment == "at import"}
    others = {name for name in others if name.split(".")[0] != "lipresearch" and name != "__future__"}
    own = [f"lipresearch.{module}".rstrip(".") for module in sources]
    done = run_python(STATE, ",".join(sorted(others)), ",".join(own), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == []
    # The same check sees a module that does change something.
    (tmp_path / "rude.py").write_text("import numpy, os\nnumpy.seterr(divide='ignore')\nos.environ['A_RUDE'] = '1'\n")
    done = run_python("import sys; sys.path.insert(0, '.')\n" + STATE, "numpy", "rude", cwd=tmp_path)
    assert json.loads(done.stdout) == ["numpy error state", "environment"]


# ---- what is declared ---------------------------------------------------------------------------


def locked() -> dict[str, tuple[str, int]]:
    """Return {package: (version, number of hashes)} of requirements.lock; every entry must be exact."""
    found: dict[str, tuple[str, int]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", LOCK.read_text(encoding="utf-8"))[1:]:
        requirement = Requirement(
            re.split(r" \\?\n| --hash", entry.replace(" \\\n", "\n", 1))[0].split("\n")[0].strip()
        )
        pins = list(requirement.specifier)
        assert len(pins) == 1, f"not one exact version: {requirement}"
        assert pins[0].operator == "==", f"not one exact version: {requirement}"
        assert requirement.url is None
        assert requirement.name not in found, f"{requirement.name} has two versions"
        found[requirement.name] = (pins[0].version, len(set(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry))))
    return found


def test_the_lock_pins_every_package_with_hashes() -> None:
    pins = locked()
    assert len(pins) > 100
    assert [name for name, (_, hashes) in pins.items() if hashes == 0] == []
    assert sorted(set(ALL_DIRECT) - set(pins)) == []
    outside = [
        f"{name} {pins[name][0]}" for name, wanted in ALL_DIRECT.items() if pins[name][0] not in wanted.specifier
    ]
    assert outside == []


def test_the_lock_says_how_it_was_made_and_names_no_machine() -> None:
    text = LOCK.read_text(encoding="utf-8")
    command = text.splitlines()[1]
    for part in ("uv pip compile", "--universal", "--generate-hashes", "--extra test", "--group install"):
        assert part in command
    assert re.findall(r"https?:|file:|--index|--find-links|(?<![\w.])/\w+/", text) == []


def test_every_lower_bound_is_given_and_python_is_the_same_everywhere() -> None:
    assert [str(wanted) for wanted in ALL_DIRECT.values() if "~=" in str(wanted) or ">=" not in str(wanted)] == []
    python = PYPROJECT["project"]["requires-python"]
    assert python == ">=3.11"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py311"
    assert PYPROJECT["tool"]["mypy"]["python_version"] == "3.11"
    assert "--python-version 3.11 " in LOCK.read_text(encoding="utf-8")
    assert "(3, 11)" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"jupyterlab", "pandas", "statsmodels", "matplotlib", "nbval"} <= set(direct("run"))


def conda_packages(text: str) -> tuple[dict[str, str], str]:
    """Return {package: exact version} of an environment.yml, conda's and pip's together, and its Python."""
    found: dict[str, str] = {}
    python = ""
    for entry in yaml.safe_load(text)["dependencies"]:
        for line in entry["pip"] if isinstance(entry, dict) else [entry]:
            if line.startswith("python>"):
                python = line.removeprefix("python")
                continue
            name, _, version = line.partition("==")
            assert version, f"{line}: no exact version"
            assert name not in found, f"{name} stands twice"
            found[name] = version
    return found, python


def test_environment_yml_is_the_lock_for_conda_users() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    packages, python = conda_packages(text)
    pins = locked()
    assert packages == {name: pins[name][0] for name in ALL_DIRECT}
    assert python.startswith(PYPROJECT["project"]["requires-python"])
    with pytest.raises(AssertionError, match="no exact version"):
        conda_packages(text.replace(f"pandas=={packages['pandas']}", "pandas"))
    assert conda_packages(text.replace(f"pandas=={packages['pandas']}", "pandas==0.1"))[0] != packages


@pytest.mark.parametrize(("group", "title"), [("run", "run"), ("test", "test"), ("install", "install")])
def test_every_dependency_has_its_reason(group: str, title: str) -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    section = text.split(f"\n## Needed to {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]{8,}) \|$", section, flags=re.MULTILINE)
    assert [name for name, _, _ in rows] == sorted(direct(group))


def test_no_direct_dependency_is_gpl() -> None:
    for name in ALL_DIRECT:
        data = importlib.metadata.metadata(name)
        said = [data.get("License-Expression", ""), *(data.get_all("Classifier") or [])]
        said += [text for text in [data.get("License", "")] if len(text) < 80]
        licences = " ".join(part for part in said if part and ("License" in part or "::" not in part))
        assert not re.search(r"(?<!L)GPL|GNU General", licences), f"{name}: {licences}"


def test_the_version_is_the_same_everywhere() -> None:
    import lipresearch

    version = PYPROJECT["project"]["version"]
    assert lipresearch.__version__ == version
    assert str(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]) == version
    assert re.search(r"^## (\S+)", (ROOT / "CHANGES.md").read_text(encoding="utf-8"), re.MULTILINE)[1] == version


# ---- what lies at the root ----------------------------------------------------------------------

AT_THE_ROOT = {
    *(".ci", ".gitattributes", ".gitignore", "CHANGES.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile"),
    *("README.md", "benchmarks", "data", "docs", "environment.yml", "lipresearch", "notebooks", "noxfile.py"),
    *("pyproject.toml", "requirements.lock", "tests"),
}


def kept_files() -> list[str]:
    """Return the files that git keeps or would keep."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git clone, so there is no list of kept files")
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(name for name in done.stdout.split("\0") if name and (ROOT / name).exists())


def test_nothing_else_lies_at_the_root() -> None:
    names = {name.split("/")[0] for name in kept_files()}
    assert sorted(names - AT_THE_ROOT) == []
    assert {"README.md", "lipresearch", "requirements.lock"} <= names


def test_no_leftovers_and_no_large_files_are_kept() -> None:
    leftover = re.compile(
        r"(^|/)(\.DS_Store|\.ipynb_checkpoints|__pycache__|outputs|\.venv)(/|$)|\.(pyc|new|orig|swp)$"
    )
    assert [name for name in kept_files() if leftover.search(name)] == []
    assert [name for name in kept_files() if (ROOT / name).stat().st_size > 2_000_000] == []


def test_the_data_are_under_ten_megabytes() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "data").rglob("*") if path.is_file()) < 10_000_000


# ---- what a notebook may hold -------------------------------------------------------------------

CELLS, LINES = 25, 12
TABLE = "<table"


def lines_of(cell: Mapping[str, Any], part: str = "source") -> str:
    return text_of(cell[part])


def output_texts(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of every output of a cell; pictures with an empty text."""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            yield output["name"], lines_of(output, "text")
        for kind in output.get("data", {}):
            yield kind, "" if kind.startswith("image/") else str(lines_of(output["data"], kind))


def code_problems(source: str) -> list[str]:
    """Return what a cell of a notebook may not do."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ["is not plain Python (no magics, no shell lines)"]
    problems = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            problems.append("defines a function or a class; put it in the library")
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("read_csv", "open", "Path"):
            problems.append("opens a file; use a function of the library")
        if isinstance(node, ast.Constant) and re.fullmatch(r"[\w.~-]*(/[\w.~-]+)+/?", str(node.value)):
            problems.append(f"holds a path: {node.value}")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            problems += [f"imports {name}" for name in names if name in ("os", "pathlib", "glob", "warnings")]
    if source.rstrip().endswith(";"):
        problems.append("ends in a semicolon, which nbval cannot reproduce")
    if len(source.strip().splitlines()) > LINES:
        problems.append(f"has more than {LINES} lines")
    return problems


def notebook_problems(notebook: Mapping[str, Any]) -> list[str]:
    """Return everything in a stored notebook that the house does not allow."""
    problems = []
    cells = notebook["cells"]
    first = lines_of(cells[0]) if cells and cells[0]["cell_type"] == "markdown" else ""
    for word in ("# ", "question", "inputs", "outputs", "run time"):
        if word not in (first.lower() if word != "# " else first[:2]):
            problems.append(f"first cell: no {'title' if word == '# ' else word}")
    if "widgets" in notebook["metadata"]:
        problems.append("holds the state of widgets; store it with `make notebooks`")
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    if not 1 <= len(code) <= CELLS:
        problems.append(f"{len(code)} code cells, not 1 to {CELLS}")
    problems += order_problems(notebook)
    marks = [lines_of(cell) for cell in code]
    if sum("NBVAL_IGNORE_OUTPUT" in text for text in marks) > 1:
        problems.append("more than one cell with NBVAL_IGNORE_OUTPUT")
    for text in marks:
        problems += [f"uses {mark}" for mark in re.findall(r"NBVAL_(?!IGNORE_OUTPUT)\w+", text)]
    for number, cell in enumerate(code, start=1):
        source = lines_of(cell)
        if not source.strip():
            problems.append(f"cell {number}: empty")
        problems += [f"cell {number}: {problem}" for problem in code_problems(source)]
        tags = [tag for tag in cell.get("metadata", {}).get("tags", []) if "nbval" in tag or tag == "raises-exception"]
        problems += [f"cell {number}: hides the tag {tag}; write a comment" for tag in tags]
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            problems.append(f"cell {number}: holds an error")
        problems += [f"cell {number}: {problem}" for problem in picture_problems(cell)]
        ignored = "NBVAL_IGNORE_OUTPUT" in source
        outputs = list(output_texts(cell))
        if any("widget" in kind for kind, _ in outputs):
            problems.append(f"cell {number}: holds the data of a widget; store it with `make notebooks`")
        for kind, text in outputs:
            if kind == "stderr":
                problems.append(f"cell {number}: prints to stderr (a warning?)")
            if re.search(r"(?<![\w/])/(home|Users|root|tmp|private|mnt)/\w", text):
                problems.append(f"cell {number}: shows a folder of one machine")
            if kind in ("text/plain", "stdout") and not ignored and re.search(r"\d\.\d{7,}", text):
                problems.append(f"cell {number}: shows a number that is not rounded")
        if any(kind.startswith("image/") for kind, _ in outputs):
            after = [text for later in code[number - 1 : number + 1] for _, text in output_texts(later)]
            if not any(TABLE in text for text in after):
                problems.append(f"cell {number}: a figure that no table follows (nbval compares no pictures)")
    return problems


HEADER = "# A title\n\nQuestion: which? Inputs: none. Outputs: a table. Run time: one second."

GOOD_CELLS = (
    "import pandas as pd",
    "print(1451022, 0.3421, sep=' | ')",
    "pd.DataFrame({'site': ['Peel', 'Huron'], 'score': [0.71, 0.46]}).set_index('site')",
    "print('ranking took 0.4 s, 38 sites')",
)


def new_notebook(cells: tuple[str, ...] = GOOD_CELLS) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell(HEADER), *map(nbformat.v4.new_code_cell, cells)]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """Return a small notebook, executed for real."""
    notebook = new_notebook()
    folder = str(tmp_path_factory.mktemp("executed"))
    NotebookClient(notebook, resources={"metadata": {"path": folder}}, timeout=120).execute()
    return notebook


def copy_of(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return nbformat.reads(nbformat.writes(notebook), as_version=4)


#: The first bytes of any PNG, and their hash.
PNG = ("iVBORw0KGgo=", "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6")


def picture(cell: nbformat.NotebookNode, sha256: str = PNG[1]) -> None:
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data",
            data={"image/png": PNG[0], "text/plain": "<figure: A; drawn data 00000000>"},
            metadata={"image/png": {"sha256": sha256}},
        )
    ]


def widget(cell: nbformat.NotebookNode) -> None:
    data = {"application/vnd.jupyter.widget-view+json": {"model_id": "8f2c"}, "text/plain": "A table"}
    cell.outputs = [nbformat.v4.new_output("display_data", data=data)]


def without_picture(cell: nbformat.NotebookNode) -> None:
    picture(cell)
    del cell.outputs[0]["data"]["image/png"]


def stream(cell: nbformat.NotebookNode, text: str, name: str = "stdout") -> None:
    cell.outputs = [nbformat.v4.new_output("stream", name=name, text=text)]


DAMAGES = {
    "stripped": (lambda cells: cells[2].update(execution_count=None, outputs=[]), "not stored executed in order"),
    "out of order": (lambda cells: cells[2].update(execution_count=7), "not stored executed in order"),
    "not from 1": (lambda cells: [c.update(execution_count=c.execution_count + 1) for c in cells[1:]], "in order"),
    "error": (
        lambda cells: cells[2].update(outputs=[nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]),
        "cell 2: holds an error",
    ),
    "semicolon": (lambda cells: cells[2].update(source="print(1);"), "cell 2: ends in a semicolon"),
    "def": (lambda cells: cells[2].update(source="def f():\n    return 1"), "cell 2: defines a function"),
    "lambda": (lambda cells: cells[2].update(source="f = lambda x: x"), "cell 2: defines a function"),
    "magic": (lambda cells: cells[2].update(source="%matplotlib inline"), "cell 2: is not plain Python"),
    "shell": (lambda cells: cells[2].update(source="!ls"), "cell 2: is not plain Python"),
    "read_csv": (lambda cells: cells[2].update(source="pd.read_csv('a.csv')"), "cell 2: opens a file"),
    "path": (lambda cells: cells[2].update(source="f('data/raw/a.csv')"), "cell 2: holds a path: data/raw/a.csv"),
    "warnings off": (lambda cells: cells[2].update(source="import warnings"), "cell 2: imports warnings"),
    "long cell": (lambda cells: cells[2].update(source="x = 1\n" * 13), "cell 2: has more than 12 lines"),
    "empty cell": (lambda cells: cells[2].update(source=" "), "cell 2: empty"),
    "skip": (lambda cells: cells[2].update(source="# NBVAL_SKIP\nx = 1"), "uses NBVAL_SKIP"),
    "two ignored": (
        lambda cells: [cell.update(source="# NBVAL_IGNORE_OUTPUT\nx = 1") for cell in cells[1:3]],
        "more than one cell with NBVAL_IGNORE_OUTPUT",
    ),
    "tag": (lambda cells: cells[2].metadata.update(tags=["nbval-skip"]), "cell 2: hides the tag nbval-skip"),
    "stderr": (lambda cells: stream(cells[2], "a warning", "stderr"), "cell 2: prints to stderr"),
    "machine": (lambda cells: stream(cells[2], "wrote /home/ann/memo.html"), "cell 2: shows a folder of one machine"),
    "float": (lambda cells: stream(cells[2], "0.30000000000000004"), "cell 2: shows a number that is not rounded"),
    "widget": (lambda cells: widget(cells[2]), "cell 2: holds the data of a widget; store it with `make notebooks`"),
    "figure": (lambda cells: picture(cells[4]), "cell 4: a figure that no table follows"),
    "exchanged": (lambda cells: picture(cells[2], "0" * 64), "cell 2: a picture that is not the one recorded"),
    "not hashed": (lambda cells: picture(cells[2], ""), "cell 2: a picture without a recorded hash"),
    "no picture": (lambda cells: without_picture(cells[2]), "cell 2: a figure whose picture is missing"),
    "no title": (lambda cells: cells[0].update(source=HEADER[2:]), "first cell: no title"),
    "no run time": (lambda cells: cells[0].update(source=HEADER.split("Run")[0]), "first cell: no run time"),
    "too many": (lambda cells: cells.extend([cells[-1]] * 22), "26 code cells, not 1 to 25"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_notebook_is_noticed(damage: str, executed: nbformat.NotebookNode) -> None:
    assert notebook_problems(executed) == []
    notebook = copy_of(executed)
    change, expected = DAMAGES[damage]
    change(notebook.cells)
    assert any(expected in problem for problem in notebook_problems(notebook)), notebook_problems(notebook)


def test_the_state_of_widgets_is_noticed(executed: nbformat.NotebookNode) -> None:
    notebook = copy_of(executed)
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    assert notebook_problems(notebook) == ["holds the state of widgets; store it with `make notebooks`"]


def test_a_figure_followed_by_its_table_is_fine(executed: nbformat.NotebookNode) -> None:
    notebook = copy_of(executed)
    picture(notebook.cells[2])  # cell 2; cell 3 shows a table
    assert notebook_problems(notebook) == []


def test_the_notebooks_hold_only_what_they_may() -> None:
    assert NOTEBOOKS, "no notebook in notebooks/"
    found = {path.name: notebook_problems(json.loads(path.read_text(encoding="utf-8"))) for path in NOTEBOOKS}
    assert {name: problems for name, problems in found.items() if problems} == {}


#: What the notebook of every cluster goes through, in this order; so does the template for further ones.
HEADINGS = [
    "Question and factors",
    "Evidence",
    "Ranking",
    "How sure",
    "The design and the set",
    "Comparators",
    "Partners and baseline surveys",
    "What this does not show",
    "Attribution",
]


def headings(notebook: Mapping[str, Any]) -> list[str]:
    """Return the headings of a notebook's sections; parts of sections are not among them."""
    text = "\n".join(lines_of(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return re.findall(r"^## (.+)$", text, flags=re.MULTILINE)


def test_the_notebooks_of_the_clusters_and_the_template_have_the_same_headings() -> None:
    found = {
        path.name: headings(json.loads(path.read_text(encoding="utf-8")))
        for path in NOTEBOOKS
        if path.name.startswith(("1", "_"))
    }
    assert len(found) == 6
    assert {name: titles for name, titles in found.items() if titles != HEADINGS} == {}
    sample = new_notebook()
    sample.cells.append(nbformat.v4.new_markdown_cell("## One\n### A part\n\n## Two"))
    assert headings(sample) == ["One", "Two"]


def test_the_first_notebook_names_all_others() -> None:
    text = (ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8")
    assert [path.stem for path in NOTEBOOKS if path.stem != "00_start_here" and f"`{path.stem}`" not in text] == []


# ---- the sanitiser: narrow, and read by nbval ---------------------------------------------------

#: One for each rule, in order: what a notebook may show, and what is compared instead.
SANITIZED = (
    ("ranked, took 12.4 s in all", "ranked, took SECONDS in all"),
    ("wrote /home/ann lee/lip-1.0/outputs/figures/ranking.png", "wrote PROJECT/outputs/figures/ranking.png"),
    ("<lipresearch.ranking.Ranking object at 0x7f3a5c0b2d90>", "<lipresearch.ranking.Ranking object at ADDRESS>"),
)

#: Texts that look a little like the tokens, and must be compared as they are.
KEPT = (
    "took 12 sites", "12.4 s", "took 12.45 s", "score 0.71 (0.46 to 0.80)", "1,451,022 residents", "2016-2021", "38",
    "data/raw/population_2021/cd.csv", "outputs/figures/ranking.png", "https://example.org/data/raw", "and/or data/raw",
    "sha256 0xdeadbeefdeadbeef", "at 0.5", "<td>0.71</td>", "rank 3 of 38", "p = 0.031", "12.4 %", "km 3.2",
)  # fmt: skip


def sanitize(text: str) -> str:
    for pattern, replacement in get_sanitize_patterns(SANITIZER.read_text(encoding="utf-8")):
        text = re.sub(pattern, replacement, text)
    return text


def test_nbval_reads_every_rule_of_the_sanitiser() -> None:
    text = SANITIZER.read_text(encoding="utf-8")
    rules = get_sanitize_patterns(text)
    names = re.findall(r"^\[([a-z-]+)\]$", text, re.MULTILINE)
    assert len(rules) == len(SANITIZED) == len(names) == len(set(rules))
    assert len(rules) == text.count("\nregex:") == text.count("\nreplace:")
    assert all(replacement.strip() for _, replacement in rules)
    # An empty replacement is passed over in silence, which is why they are counted.
    assert len(get_sanitize_patterns(text.replace("replace: took SECONDS", "replace:"))) == len(rules) - 1


@pytest.mark.parametrize(("number", "shown"), list(enumerate(SANITIZED)))
def test_each_rule_of_the_sanitiser_is_used_and_alone(number: int, shown: tuple[str, str]) -> None:
    before, after = shown
    rules = get_sanitize_patterns(SANITIZER.read_text(encoding="utf-8"))
    changed = [index for index, (pattern, new) in enumerate(rules) if re.sub(pattern, new, before) != before]
    assert changed == [number]
    assert sanitize(before) == after


@pytest.mark.parametrize("text", KEPT)
def test_the_sanitiser_leaves_results_alone(text: str) -> None:
    assert sanitize(text) == text


@given(st.text("0123456789 .,-+%|<>/=()\nabest"))
def test_the_sanitiser_never_touches_a_table_of_numbers(text: str) -> None:
    assert sanitize(text) == text


def nbval_results(notebook: Path) -> list[str]:
    """Run nbval with the sanitiser over a notebook; return passed or failed for each code cell."""
    folder = notebook.parent
    report = folder / "report.xml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-q"),
            *("-p", "no:cacheprovider", "-p", "no:xdist", "--nbval", "--nbval-current-env"),
            *("--nbval-sanitize-with", str(SANITIZER), f"--junitxml={report}", str(notebook)),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert [case.attrib["name"] for case in cases] == [f"Cell {number}" for number in range(len(cases))]
    wrong = [case.find("failure") is not None or case.find("error") is not None for case in cases]
    return ["failed" if failed else "passed" for failed in wrong]


def test_one_wrong_digit_fails_under_the_sanitiser(executed: nbformat.NotebookNode, tmp_path: Path) -> None:
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    #: What is changed in the stored outputs of which cell, and what nbval then says of it.
    canaries = [
        (3, "took 0.4 s", "took 3.1 s", "passed"),
        (1, "1451022 | 0.3421", "1451022 | 0.3422", "failed"),
        (2, "<td>0.46</td>", "<td>0.47</td>", "failed"),
        (2, "Huron   0.46", "Huron   0.47", "failed"),
        (3, "took 0.4 s, 38 sites\\n", "took 0.4 s, 39 sites\\n", "failed"),
    ]
    notebook = copy_of(executed)
    expected = ["passed"] * len(code)
    for place, before, after, outcome in canaries:
        text = json.dumps(code[place]["outputs"])
        assert before in text, f"the canary {after} is the cell itself"
        cell = nbformat.v4.new_code_cell(code[place].source, execution_count=9)
        cell.outputs = [nbformat.from_dict(output) for output in json.loads(text.replace(before, after, 1))]
        notebook.cells.append(cell)
        expected.append(outcome)
    # nbval lets a stripped cell pass: the house's own check must not.
    notebook.cells.append(nbformat.v4.new_code_cell(code[1].source))
    file = tmp_path / "canaries.ipynb"
    file.write_text(nbformat.writes(notebook), encoding="utf-8")
    assert nbval_results(file) == [*expected, "passed"]
    stripped = copy_of(executed)
    stripped.cells[2].update(execution_count=None, outputs=[])
    assert notebook_problems(stripped) != []


#: Of a real notebook these cells, in its order: a short one with tables and a figure.
SMALL = "00_start_here.ipynb"
CELLS_OF_SMALL = (
    "lip.notebook.setup()",
    "ranking_table(ranking, top=10)",
    "lip.plot_ranking(",
    "ranking_table(ranking)",
)


def small_notebook() -> nbformat.NotebookNode:
    notebook = nbformat.read(ROOT / "notebooks" / SMALL, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    chosen = [cell for cell in code if any(words in cell.source for words in CELLS_OF_SMALL)]
    assert len(chosen) == len(CELLS_OF_SMALL)
    for count, cell in enumerate(chosen, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = count
    notebook.cells = [notebook.cells[0], *chosen]
    return notebook


def cell_with(notebook: nbformat.NotebookNode, words: str) -> nbformat.NotebookNode:
    return next(cell for cell in notebook.cells if cell.cell_type == "code" and words in cell.source)


def swap(notebook: nbformat.NotebookNode) -> None:
    """Exchange two code cells and number them anew, as one does who hides that they were run in another order."""
    places = [place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    one, other = places[1], places[-1]
    notebook.cells[one], notebook.cells[other] = notebook.cells[other], notebook.cells[one]
    for count, place in enumerate(places, start=1):
        notebook.cells[place].execution_count = count


def strip(cell: nbformat.NotebookNode) -> None:
    cell.update(execution_count=None, outputs=[])


def edit(cell: nbformat.NotebookNode, kind: str, pattern: str, change: str) -> None:
    output = cell.outputs[0]["data"]
    output[kind], times = re.subn(pattern, change, output[kind], count=1)
    assert times == 1, f"{kind} does not hold {pattern}"


FIGURE_CELL = "lip.plot_ranking(ranking)"
TABLE_CELL = "ranking_table(ranking, top=10)"
LAST_CELL = "ranking_table(ranking)"
OTHER_DATA = 'lip.plot_ranking(lip.rank_sites(measures[measures["site"] != "huron"], cluster))'
#: What is done to the notebook, and which of its tests must fail ("stored", or what stands in the cell).
CANARIES: dict[str, tuple[Callable[[nbformat.NotebookNode], object], set[str]]] = {
    "unchanged": (lambda book: None, set()),
    "digit_in_html": (
        lambda book: edit(cell_with(book, TABLE_CELL), "text/html", r"0\.9(\d)<", r"0.8\1<"),
        {TABLE_CELL},
    ),
    "digit_in_text": (
        lambda book: edit(cell_with(book, TABLE_CELL), "text/plain", r"0\.9(\d) ", r"0.8\1 "),
        {TABLE_CELL},
    ),
    "stripped": (lambda book: [strip(cell) for cell in book.cells if cell.cell_type == "code"], {"stored"}),
    "stripped_cell": (lambda book: strip(cell_with(book, TABLE_CELL)), {"stored"}),
    "emptied_cell": (lambda book: cell_with(book, TABLE_CELL).update(outputs=[]), {TABLE_CELL}),
    "ran_later": (lambda book: cell_with(book, TABLE_CELL).update(execution_count=40), {"stored"}),
    "figure_of_other_data": (lambda book: cell_with(book, FIGURE_CELL).update(source=OTHER_DATA), {OTHER_DATA}),
    "other_fingerprint": (
        lambda book: edit(cell_with(book, FIGURE_CELL), "text/plain", "data [0-9a-f]{7}", "data 0123456"),
        {FIGURE_CELL},
    ),
    "exchanged_picture": (
        lambda book: cell_with(book, FIGURE_CELL).outputs[0]["data"].update({"image/png": PNG[0]}),
        {"stored"},
    ),
    "no_picture": (lambda book: cell_with(book, FIGURE_CELL).outputs[0]["data"].pop("image/png"), {"stored"}),
    "changed_places": (swap, {LAST_CELL, FIGURE_CELL}),
    # A template need not be stored executed.
    "_template": (lambda book: [strip(cell) for cell in book.cells if cell.cell_type == "code"], set()),
}


def small_project(folder: Path) -> Path:
    """Return a folder with what `pytest --nbval notebooks` reads of the project, without notebooks."""
    for name in ("pyproject.toml", "tests/nbval_sanitize.cfg", "tests/stored_outputs.py", "notebooks/conftest.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


def reviewer(folder: Path, *options: str) -> tuple[set[str], str]:
    """Run the reviewer's command in a folder; return the tests that failed, and everything printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "notebooks", *options],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    failed = set(re.findall(r"^FAILED notebooks/(\S+::[^-\n]+?)(?: - .*)?$", done.stdout, re.MULTILINE))
    assert done.returncode == (1 if failed else 0), done.stdout + done.stderr
    return failed, done.stdout


#: Those that two processes are tried on as well.
FEW = ("unchanged", "digit_in_html", "stripped_cell", "figure_of_other_data", "exchanged_picture")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "options"),
    [(tuple(CANARIES), ()), (FEW, ("-n", "2", "--dist", "loadscope"))],
    ids=["alone", "in parallel"],
)
def test_the_reviewers_command_sees_every_canary(
    names: tuple[str, ...], options: tuple[str, ...], tmp_path: Path
) -> None:
    project = small_project(tmp_path)
    original = small_notebook()
    expected = set()
    for name in names:
        change, places = CANARIES[name]
        book = copy_of(original)
        change(book)
        assert name == "unchanged" or book != original, f"the canary {name} is the notebook itself"
        nbformat.write(book, project / "notebooks" / f"{name}.ipynb")
        code = [cell for cell in book.cells if cell.cell_type == "code"]
        for place in places:
            number = "stored outputs"
            if place != "stored":
                number = f"Cell {next(n for n, cell in enumerate(code) if place in cell.source)}"
            expected.add(f"{name}.ipynb::{number}")
    failed, printed = reviewer(project, *options)
    assert failed == expected
    assert "changed_places" not in names or "NameError" in printed
    assert "a picture that is not the one recorded (sha256" in printed
    assert "not stored executed in order (execution counts are not 1, 2, 3 ... but 1, none, 3, 4)" in printed


# ---- every module has its tests -------------------------------------------------------------------

#: Tests of several modules together, or of what is no module, and why.
ACROSS = {
    "bad_input/test_catalogue.py": "the catalogue of bad input to every table and command",
    "bad_input/test_fuzz.py": "readers of all tables, on files changed at random",
    "bad_input/test_system.py": "full disks, killed builds and files of gigabytes",
    "browser/test_find_chromium.py": "finding a browser is a part of the tests",
    "browser/test_lab.py": "the notebooks in JupyterLab",
    "browser/test_pages.py": "the pages in a browser",
    "compilers/test_layouts.py": "every compiler on the same small files",
    "figures/test_pictures.py": "the figures of all modules as pictures",
    "measures/test_hand_computed.py": "every measure, from the published cells to the stored value",
    "measures/test_mixture.py": "a second file of measures/rates",
    "quality/test_mutation.py": "what puts faults into the code",
    "quality/test_quality.py": "the records of the checks of quality",
    "robustness/test_weight_sensitivity.py": "a second file of robustness/sensitivity",
    "test_attacks.py": "hostile inputs to several modules",
    "test_attacks_robustness.py": "hostile inputs to several modules",
    "test_cli_comparison.py": "the commands of comparison",
    "test_cli_context.py": "the commands of context",
    "test_cli_robustness.py": "the commands of robustness",
    "test_cli_sensitivity.py": "the commands of sensitivity",
    "test_documents.py": "the documents, and the docstrings of the public face",
    "test_facility_counts.py": "counts of facilities from coordinates, by another way than the build",
    "test_contributing.py": "the recipes of CONTRIBUTING.md",
    "test_house.py": "the house itself",
    "test_notebooks_agree.py": "what notebooks say against the command line",
    "test_results.py": "results of several modules are frozen",
    "test_safety.py": "what nothing in the project may do",
    "test_tables_guarded.py": "tables against codebooks, code and each other",
}


def only_names(text: str) -> bool:
    """Whether a module only says what it is and which names of others it holds."""
    holds = [node for node in ast.parse(text).body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]
    return all(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("__") for node in holds)


def mirror_problems(modules: Mapping[str, str], tests: Mapping[str, str], across: Mapping[str, str]) -> list[str]:
    """Return modules without a test file of their name, test files of no module, and such without a test.

    Parameters
    ----------
    modules, tests : mapping
        Text of each file by its path below the package, and below the folder of tests.
    across : mapping
        Test files that mirror no module, and why.
    """
    problems = []
    mirrors = {}
    for path, text in modules.items():
        *folders, name = path.split("/")
        if name == "__init__.py":
            if only_names(text):
                continue
            name = f"{folders[-1]}.py"
        mirrors["/".join([*folders, f"test_{name}"])] = path
    for mirror, path in mirrors.items():
        if mirror not in tests:
            problems.append(f"{path}: there is no {mirror}")
    for path, text in tests.items():
        if path not in mirrors and path not in across:
            problems.append(f"{path}: is of no module, and not in ACROSS")
        if not re.search(r"^def test_", text, re.MULTILINE):
            problems.append(f"{path}: holds no test")
    return problems + [f"{path}: is in ACROSS, but is not needed there" for path in across if path not in tests]


@pytest.mark.parametrize(
    ("modules", "tests", "across", "problems"),
    [
        (
            {"a.py": "x = 1", "p/b.py": ""},
            {"test_a.py": "def test_x(): ...", "p/test_b.py": "def test_y(): ..."},
            {},
            [],
        ),
        (
            {"p/a.py": ""},
            {"test_a.py": "def test_x(): ..."},
            {},
            ["p/a.py: there is no p/test_a.py", "is of no module"],
        ),
        ({"a.py": ""}, {"test_a.py": "x = 1"}, {}, ["test_a.py: holds no test"]),
        ({"p/__init__.py": "from x import y\n__all__ = ['y']"}, {}, {}, []),
        ({"p/__init__.py": "def f(): ..."}, {}, {}, ["p/__init__.py: there is no p/test_p.py"]),
        ({}, {"test_all.py": "def test_x(): ..."}, {"test_all.py": "several"}, []),
        ({}, {}, {"test_gone.py": "several"}, ["test_gone.py: is in ACROSS, but is not needed there"]),
    ],
)
def test_a_module_without_tests_is_noticed(
    modules: dict[str, str], tests: dict[str, str], across: dict[str, str], problems: list[str]
) -> None:
    found = mirror_problems(modules, tests, across)
    assert len(found) == len(problems), found
    assert all(part in problem for part, problem in zip(problems, found, strict=True)), found


def test_every_module_has_a_test_file_of_its_name() -> None:
    modules, tests = (
        {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob(pattern))
        }
        for folder, pattern in ((PACKAGE, "*.py"), (ROOT / "tests", "test_*.py"))
    )
    assert len(modules) > 80
    assert mirror_problems(modules, tests, ACROSS) == []


# ---- make ---------------------------------------------------------------------------------------

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")

#: Stands in for python and lipresearch in a sandbox: writes down how it was called.
RECORDER = """#!/bin/sh
case "$1" in -c) exit 0 ;; esac
echo "$(basename "$0") $*" >> calls.txt
case "$1" in
    build) mkdir -p data/derived && echo derived > data/derived/measures.csv ;;
    report) mkdir -p outputs/figures && echo figure > outputs/figures/ranking.png ;;
esac
"""


class Sandbox:
    """A project folder with the real Makefile, and with commands that only write down how they were called."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in ("data/raw/a", "data/design", "data/derived", "lipresearch", "notebooks", ".venv/bin"):
            (folder / name).mkdir(parents=True)
        for name in ("Makefile", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, folder / name)
        for name in ("data/raw/a/cd.csv", "data/design/sites.csv", "lipresearch/a.py", "notebooks/00_a.ipynb"):
            (folder / name).write_text("x\n")
        for name in ("python", "lipresearch"):
            (folder / ".venv/bin" / name).write_text(RECORDER)
            (folder / ".venv/bin" / name).chmod(0o755)
        self.age()
        (folder / ".venv/ready").write_text(f"{os.path.realpath(folder)}\n")

    def age(self) -> None:
        """Make everything older, each file by the same, so that a later change is surely later."""
        for path in [self.folder, *self.folder.rglob("*")]:
            stat = path.stat()
            os.utime(path, (stat.st_atime - 100, stat.st_mtime - 100))

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def run(self) -> list[str]:
        """Return what `make run` called."""
        calls = self.folder / "calls.txt"
        calls.write_text("")
        done = self.make("run")
        assert (done.returncode, done.stderr) == (0, "")
        steps = re.findall(r"^\[(\d)/5\] (\w+): .*", done.stdout, re.MULTILINE)
        assert sorted({int(number) for number, _ in steps}) == [1, 2, 3, 4, 5]
        self.age()
        return calls.read_text().splitlines()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "a folder")


ALWAYS = ["lipresearch verify", "lipresearch rank health"]
EVERYTHING = ["lipresearch verify", "lipresearch build", "lipresearch rank health", "lipresearch report"]


@needs_make
def test_a_second_make_run_does_no_work_twice(sandbox: Sandbox) -> None:
    assert sandbox.run() == EVERYTHING
    assert sandbox.run() == ALWAYS  # looking at the data and showing the ranking make nothing


@needs_make
@pytest.mark.parametrize(
    ("change", "calls"),
    [
        (lambda folder: (folder / "data/design/sites.csv").write_text("y\n"), EVERYTHING),
        (lambda folder: (folder / "data/raw/a/csd.csv").write_text("new\n"), EVERYTHING),
        (lambda folder: (folder / "data/raw/a/cd.csv").unlink(), EVERYTHING),
        (lambda folder: (folder / "lipresearch/a.py").write_text("y\n"), EVERYTHING),
        (lambda folder: (folder / "data/derived/measures.csv").write_text("by hand\n"), EVERYTHING),
        (lambda folder: (folder / "data/derived/measures.csv").unlink(), EVERYTHING),
        (lambda folder: (folder / "notebooks/00_a.ipynb").write_text("y\n"), [*ALWAYS, "lipresearch report"]),
        (lambda folder: (folder / "outputs/figures/ranking.png").unlink(), [*ALWAYS, "lipresearch report"]),
        (lambda folder: shutil.rmtree(folder / "outputs"), [*ALWAYS, "lipresearch report"]),
        (lambda folder: (folder / "README.md").write_text("y\n"), ALWAYS),
    ],
)
def test_make_run_does_again_what_a_change_asks_for(sandbox: Sandbox, change: Any, calls: list[str]) -> None:
    sandbox.run()
    change(sandbox.folder)
    time.sleep(0.02)
    assert sandbox.run() == calls
    assert sandbox.run() == ALWAYS


@needs_make
def test_a_failing_step_stops_make_run_with_its_exit_code(sandbox: Sandbox) -> None:
    (sandbox.folder / ".venv/bin/lipresearch").write_text(RECORDER.replace("mkdir -p data/derived", "exit 3"))
    done = sandbox.make("run")
    assert done.returncode != 0
    assert "rank" not in (sandbox.folder / "calls.txt").read_text()
    assert not (sandbox.folder / ".venv/built").exists()


@needs_make
def test_make_test_keeps_the_exit_code_of_pytest(sandbox: Sandbox) -> None:
    assert sandbox.make("test").returncode == 0
    called = (sandbox.folder / "calls.txt").read_text()
    assert called == (
        "python -m pytest -n 2 --dist loadscope --nbval --nbval-current-env "
        "--nbval-sanitize-with tests/nbval_sanitize.cfg\n"
    )
    (sandbox.folder / ".venv/bin/python").write_text("#!/bin/sh\ncase $1 in -c) exit 0 ;; esac\nexit 1\n")
    assert sandbox.make("test").returncode != 0


@needs_make
def test_make_notebooks_stores_them_without_widgets(sandbox: Sandbox) -> None:
    """Through the library, which takes the widgets out, and with what goes wrong passed on."""
    done = sandbox.make("notebooks")
    assert (done.returncode, done.stderr) == (0, "")
    called = (sandbox.folder / "calls.txt").read_text().splitlines()
    assert called[-1] == "python -m lipresearch.report notebooks/00_a.ipynb"
    (sandbox.folder / ".venv/bin/python").write_text("#!/bin/sh\ncase $1 in -c) exit 0 ;; esac\nexit 1\n")
    assert sandbox.make("notebooks").returncode != 0


OLD = '#!/bin/sh\ncase "$2" in *platform*) echo 3.9.6 ;; *version_info*) exit 1 ;; esac\n'
NO_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\n'


@needs_make
@pytest.mark.parametrize(
    ("script", "message"),
    [
        (None, r"There is no .*fake here\. Install Python 3\.11 or newer"),
        (
            OLD,
            r"lipresearch needs Python 3\.11 or newer; .*fake is 3\.9\.6\. Name a newer one: make run",
        ),
        (NO_VENV, r"fake cannot make virtual environments\. .* sudo apt-get install python3-venv"),
    ],
)
def test_make_says_which_python_is_missing(sandbox: Sandbox, script: str | None, message: str) -> None:
    (sandbox.folder / ".venv/ready").unlink()
    fake = sandbox.folder / "fake"
    if script:
        fake.write_text(script)
        fake.chmod(0o755)
    done = sandbox.make("run", f"PYTHON={fake}")
    assert done.returncode != 0
    assert re.search(message, done.stderr), done.stderr
    assert not (sandbox.folder / "calls.txt").exists()


@needs_make
def test_an_environment_that_was_moved_is_made_again(sandbox: Sandbox) -> None:
    sandbox.run()
    moved = sandbox.folder.with_name("elsewhere")
    sandbox.folder.rename(moved)
    sandbox.folder = moved
    done = sandbox.make("verify", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "There is no no-such-python here" in done.stderr


@needs_make
def test_make_alone_lists_every_command(sandbox: Sandbox) -> None:
    done = sandbox.make()
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()) - {"always"}
    assert done.returncode == 0
    assert set(re.findall(r"^  make ([a-z]+) +\S", done.stdout, re.MULTILINE)) == phony
    wanted = {"help", "run", "test", "lab", "environment", "verify", "build", "notebooks", "figures", "lint", "clean"}
    assert wanted <= phony


def test_the_readme_and_ci_use_the_same_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\nmake run\nmake test\n" in readme
    assert re.findall(r'^"\$\{clean\[@\]\}" (make .*)$', ci, re.MULTILINE) == ["make run", "make test"]
    assert ci.endswith('\n"${clean[@]}" make test\n')  # its summary and exit code are the last
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    # What make does in two steps is written out for those who have no make.
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in re.findall(r"^\t@\$\(BIN\)/lipresearch (.*)$", makefile, re.MULTILINE):
        assert f"\nlipresearch {command}\n" in readme, f"the README does not say: lipresearch {command}"
    assert "--nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg" in readme
