"""Safety: nothing read is run, nothing leaves this machine, stored notebooks hold no program, licences agree.

Each rule is a function that returns what breaks it. It is tried on small cases that break it, and then on the project.
"""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from no_network import ADDRESS_AT, NetworkUsedError, leaves, refuse
from quality import licences
from stored_outputs import text_of

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# ---- nothing that is read is run ----------------------------------------------------------------

#: Their files run code when they are read.
PROGRAMS = {"pickle", "cPickle", "marshal", "shelve", "joblib", "dill", "cloudpickle", "jsonpickle", "code", "pty"}
#: The end of a call's name, and why it is not used.
CALLS = {
    "os.system": "starts a shell",
    "os.popen": "starts a shell",
    "subprocess.getoutput": "starts a shell",
    "subprocess.getstatusoutput": "starts a shell",
    "asyncio.create_subprocess_shell": "starts a shell",
    "yaml.unsafe_load": "runs what it reads",
    "yaml.full_load": "runs what it reads",
    "read_pickle": "runs what it reads",
    "to_pickle": "is read by running it",
    "tempfile.mktemp": "names a file that another may make first",
    "ssl._create_unverified_context": "trusts any server",
}
BUILTINS = {"eval", "exec", "compile", "__import__"}


def option(call: ast.Call, name: str) -> str:
    """Return an option of a call as it is written, or an empty text."""
    return next((ast.unparse(each.value) for each in call.keywords if each.arg == name), "")


def dotted(node: ast.expr) -> str:
    """Return the name of what is called, as ``np.load``; ``?`` for what has no name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "?", *reversed(parts)])


def call_dangers(call: ast.Call) -> Iterator[str]:
    """Yield what is dangerous in a call."""
    name = dotted(call.func)
    if name in BUILTINS:
        yield f"{name} runs text"
    for ending, why in CALLS.items():
        if name == ending or name.endswith(f".{ending}"):
            yield f"{ending} {why}"
    if option(call, "shell") not in ("", "False"):
        yield "shell=True starts a shell"
    if option(call, "allow_pickle") not in ("", "False"):
        yield "allow_pickle runs what it reads"
    if option(call, "verify") == "False":
        yield "verify=False trusts any server"
    if name.endswith("yaml.load") and "Safe" not in option(call, "Loader"):
        yield "yaml.load without a safe loader runs what it reads"
    last = name.split(".")[-1]
    runs_text = last in ("query", "eval") and "." in name and call.args and not option(call, "predicate")
    if runs_text and not isinstance(call.args[0], ast.Constant):
        yield f"{last} with a text that is put together runs it"
    if last == "Environment" and option(call, "autoescape") != "True":
        yield "Environment without autoescape=True lets text become markup"


def dangers(text: str) -> list[str]:
    """Return everything in a source that runs what it reads, starts a shell or trusts any server."""
    found = []
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        problems = [f"imports {name}" for name in names[:1] if name.split(".")[0] in PROGRAMS]
        problems += [f"imports {name}, which {CALLS[name]}" for name in names if name in CALLS]
        if isinstance(node, ast.Call):
            problems += call_dangers(node)
        found += [f"line {node.lineno}: {problem}" for problem in problems]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import pickle", "imports pickle"),
        ("from joblib import load", "imports joblib"),
        ("def f():\n    import marshal", "line 2: imports marshal"),
        ("import shelve as s", "imports shelve"),
        ("eval(x)", "eval runs text"),
        ("exec('x = 1')", "exec runs text"),
        ("compile(x, '', 'exec')", "compile runs text"),
        ("__import__(name)", "__import__ runs text"),
        ("os.system('ls')", "os.system starts a shell"),
        ("from os import system", "imports os.system, which starts a shell"),
        ("os.popen('ls')", "os.popen starts a shell"),
        ("subprocess.run('ls', shell=True)", "shell=True"),
        ("subprocess.run('ls', shell=other)", "shell=True"),
        ("subprocess.getoutput('ls')", "subprocess.getoutput starts a shell"),
        ("yaml.load(text)", "yaml.load without a safe loader"),
        ("yaml.load(text, Loader=yaml.Loader)", "yaml.load without a safe loader"),
        ("yaml.unsafe_load(text)", "yaml.unsafe_load runs"),
        ("np.load(path, allow_pickle=True)", "allow_pickle runs what it reads"),
        ("pd.read_pickle(path)", "read_pickle runs what it reads"),
        ("pd.eval(text)", "eval with a text that is put together"),
        ("frame.query(f'site == {name!r}')", "query with a text that is put together"),
        ("frame.eval(text)", "eval with a text that is put together"),
        ("requests.get(url, verify=False)", "verify=False trusts any server"),
        ("Environment()", "Environment without autoescape=True"),
        ("jinja2.Environment(autoescape=False)", "Environment without autoescape=True"),
        ("tempfile.mktemp()", "tempfile.mktemp names a file"),
    ],
)
def test_a_danger_is_seen(text: str, expected: str) -> None:
    assert len(dangers(text)) == 1
    assert expected in dangers(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "subprocess.run(['ls'], shell=False)",
        "yaml.safe_load(text)",
        "yaml.load(text, Loader=yaml.SafeLoader)",
        "np.load(path, allow_pickle=False)",
        "frame.query('value > 1')",
        "tree.query(Point(1, 2), predicate='intersects')",
        "re.compile('a')",
        "ast.literal_eval('1')",
        "loader.exec_module(module)",
        "Environment(autoescape=True)",
        "import codecs",
    ],
)
def test_what_is_harmless_is_left_alone(text: str) -> None:
    assert dangers(text) == []


#: What a test may do, with the reason.
ALLOWED = {
    "tests/memo/test_write.py": "imports pickle",  # hands a memo that it made to a process that it starts
    "tests/quality/mutation.py": "compile runs text",  # puts a fault into a module of the package, to see a test fail
    "tests/quality/test_mutation.py": "compile runs text",  # the same with a text of its own
}


def sources() -> dict[str, str]:
    """Return all code of the project by file; of a notebook its code cells, one after the other."""
    folders = ("lipresearch", "tests", "benchmarks", "notebooks", "docs")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}
    found["noxfile.py"] = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [text_of(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        found[path.relative_to(ROOT).as_posix()] = "\n".join(code)
    return found


def test_nothing_in_the_project_runs_what_it_reads() -> None:
    every = sources()
    assert {"lipresearch/cli.py", "tests/test_safety.py", "notebooks/00_start_here.ipynb"} <= set(every)
    found = {name: dangers(text) for name, text in every.items()}
    allowed = {name: [line for line in lines if ALLOWED.get(name, "-") in line] for name, lines in found.items()}
    assert {name: lines for name, lines in found.items() if lines != allowed[name]} == {}
    assert [name for name in ALLOWED if not allowed[name]] == []


def test_the_package_starts_no_other_program() -> None:
    started = [
        name
        for name, text in sources().items()
        if name.startswith("lipresearch/") and re.search(r"\b(subprocess|pexpect|os\.(exec|spawn|fork)\w*)\b", text)
    ]
    assert started == []


# ---- no network ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        (("127.0.0.1", 80), False),
        (("127.8.8.8", 80), False),
        (("::1", 80, 0, 0), False),
        (("localhost", 80), False),
        ("localhost", False),
        ("/tmp/a.sock", False),
        (b"\0abstract", False),
        (("10.0.0.1", 80), True),
        (("0.0.0.0", 80), True),
        (("2001:db8::1", 80, 0, 0), True),
        (("www150.statcan.gc.ca", 443), True),
        ("pypi.org", True),
        (("localhost.example.org", 80), True),
    ],
)
def test_which_addresses_leave_this_machine(address: Any, outside: bool) -> None:
    assert leaves(address) is outside


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as client, pytest.raises(NetworkUsedError, match=r"socket.connect \('192.0.2.1', 80\): tests"):
        client.connect(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(NetworkUsedError, match=r"socket\.sendto"):
        client.sendto(b"", ("192.0.2.1", 53))
    with pytest.raises(NetworkUsedError, match=r"socket\.getaddrinfo 'example\.org'"):
        socket.create_connection(("example.org", 80), timeout=1)
    with pytest.raises(NetworkUsedError, match=r"socket\.gethostbyname"):
        socket.gethostbyname("example.org")
    refuse("socket.sendmsg", (None, None))
    refuse("open", ("a file", "r", 0))


def test_a_test_can_reach_a_server_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname(), timeout=5)
        assert client.getpeername() == server.getsockname()
        client.close()


IMPORTS = """
import importlib, sys
used = []
sys.addaudithook(lambda event, arguments: used.append(event) if event in EVENTS else None)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*used)
"""


def imported(*names: str, folder: Path) -> list[str]:
    """Return what a new Python did with the network while it imported modules."""
    events = sorted({*ADDRESS_AT, "socket.bind", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"})
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS.replace("EVENTS", repr(events)), *names],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.split()


def test_importing_uses_no_network_and_starts_nothing(tmp_path: Path) -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "lipresearch").rglob("*.py"))
        if path.name != "__main__.py"
    ]
    assert len(modules) > 100
    assert imported(*modules, folder=tmp_path) == []
    (tmp_path / "rude.py").write_text(
        "import socket\nsocket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', 9))\n"
    )
    assert imported("rude", folder=tmp_path) == ["socket.connect"]


# ---- notebooks: what is stored is no program ----------------------------------------------------

#: What a stored output may be. A page of them is shown without being run only if nothing in it can run.
KINDS = {"text/plain", "text/html", "image/png"}
ACTIVE = re.compile(
    r"<\s*(script|iframe|object|embed|form|link|meta|base|svg|img)\b|\son\w+\s*=|javascript:|data:text|@import|url\(|expression\(",
    re.IGNORECASE,
)


def stored_dangers(notebook: Mapping[str, Any]) -> list[str]:
    """Return what in a stored notebook claims trust or could run before the notebook was run."""
    found = [f"holds {name}" for name in ("signature", "trusted") if name in notebook["metadata"]]
    for number, cell in enumerate(notebook["cells"], start=1):
        if "trusted" in cell["metadata"]:
            found.append(f"cell {number}: claims to be trusted")
        texts = [text_of(cell["source"])] if cell["cell_type"] == "markdown" else []
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                if kind not in KINDS:
                    found.append(f"cell {number}: holds {kind}")
                elif kind == "text/html":
                    texts.append(text_of(content))
        found += [f"cell {number}: holds {match[0].strip()}" for text in texts for match in ACTIVE.finditer(text)]
    return found


def page_of(html: str, kind: str = "text/html") -> nbformat.NotebookNode:
    output = nbformat.v4.new_output("display_data", data={kind: html})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])


@pytest.mark.parametrize(
    ("notebook", "expected"),
    [
        (page_of("<script>x</script>"), ["cell 1: holds <script"]),
        (page_of("<SCRIPT src='x'>"), ["cell 1: holds <SCRIPT"]),
        (page_of("<td onclick='x'>"), ["cell 1: holds onclick="]),
        (page_of("<a href='javascript:x'>"), ["cell 1: holds javascript:"]),
        (page_of("<iframe>"), ["cell 1: holds <iframe"]),
        (page_of("<style>td {background: url(x)}</style>"), ["cell 1: holds url("]),
        (page_of("x", "application/javascript"), ["cell 1: holds application/javascript"]),
        (page_of("<svg>", "image/svg+xml"), ["cell 1: holds image/svg+xml"]),
        (nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("<img src=x>")]), ["cell 1: holds <img"]),
        (nbformat.v4.new_notebook(metadata={"signature": "sha256:0"}), ["holds signature"]),
        (
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", metadata={"trusted": True})]),
            ["cell 1: claims to be trusted"],
        ),
        (page_of("<table><td>on site = 3</td></table>"), []),
    ],
)
def test_an_output_that_could_run_is_seen(notebook: nbformat.NotebookNode, expected: list[str]) -> None:
    assert stored_dangers(notebook) == expected


def test_the_stored_notebooks_hold_nothing_that_runs_before_they_were_run() -> None:
    assert NOTEBOOKS
    found = {path.name: stored_dangers(json.loads(path.read_text(encoding="utf-8"))) for path in NOTEBOOKS}
    assert {name: problems for name, problems in found.items() if problems} == {}


# ---- licences -----------------------------------------------------------------------------------

#: Words for one licence: those of a package's classifier, and those of docs/dependencies.md.
FAMILIES = ("MIT", "BSD", "Apache", "Mozilla|MPL", "PSF|Python Software Foundation")


def families(text: str) -> set[str]:
    """Return which families of licences a text names."""
    return {family for family in FAMILIES if re.search(family, text)}


def copyleft(text: str) -> bool:
    """Return whether a licence asks that what imports the package be under it too; the LGPL does not."""
    without = re.sub(r"LGPL|GNU (Lesser|Library) General Public License", "", text)
    return re.search(r"GPL|GNU (Affero )?General Public|GNU General", without) is not None


def test_words_for_licences() -> None:
    assert copyleft("GPL-3.0-or-later")
    assert copyleft("AGPL-3.0")
    assert copyleft("GNU General Public License v2 (GPLv2)")
    assert not copyleft("LGPL-2.1")
    assert not copyleft("GNU Lesser General Public License v3 (LGPLv3)")
    assert families("BSD License") == families("BSD-3-Clause") == {"BSD"}
    assert families("MIT OR Apache-2.0") == {"MIT", "Apache"}


def test_the_list_of_licences_is_that_of_the_lock_and_holds_no_gpl() -> None:
    text = (ROOT / licences.PAGE).read_text(encoding="utf-8")
    rows = licences.listed(text)
    assert {name: version for name, (version, _) in rows.items()} == licences.pins()
    assert len(rows) > 100
    assert [name for name, (_, licence) in rows.items() if copyleft(licence)] == []
    assert [name for name, (_, licence) in rows.items() if licence == "UNKNOWN"] == []
    elsewhere = [name for name, (_, licence) in rows.items() if licence == licences.ELSEWHERE]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [name for name in elsewhere if not re.search(rf"^{name}==\S+ ; ", lock, re.MULTILINE)] == []
    # Writing it again with these licences gives the page: the datasets are those of data/raw, too.
    assert licences.page({name: licence for name, (_, licence) in rows.items()}, {}) == text
    changed = {name: licence for name, (_, licence) in rows.items()} | {"pandas": "another"}
    assert licences.page(changed, {}) != text


def test_the_reasons_for_dependencies_name_the_licences_of_the_packages() -> None:
    rows = licences.listed((ROOT / licences.PAGE).read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", text, re.MULTILINE))
    wrong = {
        name: (licence, rows[name][1])
        for name, licence in said.items()
        if name in rows and not families(licence) & families(rows[name][1])
    }
    assert wrong == {}
    assert len(set(said) & set(rows)) > 25
