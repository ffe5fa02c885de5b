"""Runs the cases of ``catalogue.toml``: each spoils one thing in a copy of the project and says what must come of it.

``python tests/bad_input/catalogue.py`` runs them all and writes ``outcomes.md``; read the difference before it is
committed. Messages are compared whole; the folder of the copy reads ``.`` in them.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from lipresearch import catchments, cli

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUTCOMES = HERE / "outcomes.md"

#: A roster of one's own that has nothing wrong, and a participant's weights; cases spoil them.
OWN = {
    "my_sites.csv": (
        "site,name,province,latitude,longitude,overlaps\nalpha,Alpha,ON,43.5,-80.1,\nbeta,Beta,ON,,,alpha\n"
    ),
    "my_sites_measures.csv": (
        "site,measure,value,unit,vintage,grade,source,reason\n"
        "alpha,population_2021,61366,persons,2021,A,census,\n"
        "beta,immigrants_2021_share,12.5,per cent,2021,A,census,\n"
    ),
    "areas.csv": "level,area\ncd,3521\n",
    "data/design/weights/health/p1.csv": "factor,label,points\n2.1,Size,100\n2.2,State,50\n",
    "data/design/weights/health/p2.csv": "factor,label,weight\n2.1,Size,0.5\n2.2,State,0.5\n",
}


@dataclass(frozen=True)
class Case:
    """A case: what is spoiled, what is run, and the exit code.

    ``edit`` is a list of [verb, ...] (see ``_edit``) for the file that is attacked. ``says`` is a part of the message
    that the case must bring, whatever else it says. Exit code 0 stands for what is harmless: shown as it is.
    """

    case: str
    attacks: str
    done: str
    run: tuple[str, ...]
    exit: int
    says: str
    edit: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a case: exit code, message, and the files that are others than before the command."""

    exit: int | str
    message: str
    changed: tuple[str, ...]


def load_cases() -> list[Case]:
    """Return the cases of the catalogue."""
    content = tomllib.loads((HERE / "catalogue.toml").read_text(encoding="utf-8"))
    usual = {"exit": 1, "run": ["build"], "edit": []}
    return [
        Case(
            **{
                **usual,
                **row,
                "run": tuple(row.get("run", usual["run"])),
                "edit": tuple(map(tuple, row.get("edit", ()))),
            }
        )
        for row in content["case"]
    ]


def template(folder: Path) -> Path:
    """Return a copy of the project with tables of one's own, in which nothing is wrong."""
    shutil.copytree(ROOT / "data", folder / "data")
    for name, text in OWN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, tuple[int, ...]]:
    """Return of every file of a folder which one it is, how long, and when it or its content was last touched."""
    found: dict[str, tuple[int, ...]] = {}
    for path in folder.rglob("*"):
        stat = path.lstat()
        touched = () if path.is_dir() else (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        found[path.relative_to(folder).as_posix()] = (stat.st_ino, *touched)
    return found


def _edit(text: bytes, verb: str, *arguments: Any) -> bytes:
    """Return the content of a file after one edit."""
    if verb == "replace":
        old, new = (part.encode() for part in arguments)
        assert old in text, f"there is no {old!r}"
        return text.replace(old, new, 1)
    if verb == "every":
        old, new = (part.encode() for part in arguments)
        assert old in text, f"there is no {old!r}"
        return text.replace(old, new)
    if verb == "append":
        return text + arguments[0].encode()
    if verb == "write":
        return str(arguments[0]).encode()
    if verb == "repeat":
        return (arguments[0] * arguments[1] + arguments[2] * arguments[1]).encode()
    if verb == "encode":
        return text.decode().encode(arguments[0])
    if verb == "bytes":
        return text.replace(arguments[0].encode(), bytes(arguments[1]), 1)
    if verb == "lose":  # the rows that begin so
        kept = [line for line in text.split(b"\n") if not line.startswith(arguments[0].encode())]
        assert len(kept) < text.count(b"\n") + 1, "no row begins so"
        return b"\n".join(kept)
    if verb == "double":  # the row that begins so stands again, with a change
        line = next(line for line in text.split(b"\n") if line.startswith(arguments[0].encode()))
        return text + line.replace(arguments[1].encode(), arguments[2].encode(), 1) + b"\n"
    raise ValueError(f"there is no edit {verb!r}")


def _spoil(path: Path, edits: tuple[tuple[Any, ...], ...]) -> None:
    """Make the edits; those that do not change the content replace the file by something else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for verb, *arguments in edits:
        if verb == "delete":
            path.unlink()
        elif verb == "folder":
            path.unlink(missing_ok=True)
            path.mkdir()
        elif verb == "pipe":
            path.unlink(missing_ok=True)
            os.mkfifo(path)
        elif verb == "link":
            path.unlink(missing_ok=True)
            path.symlink_to(arguments[0])
        elif verb == "sparse":
            with open(path, "ab") as file:
                file.truncate(arguments[0])
        else:
            before = path.read_bytes() if path.exists() else b""
            after = _edit(before, verb, *arguments)
            assert after != before, f"{verb} changes nothing"
            path.write_bytes(after)


@contextlib.contextmanager
def spoiled(root: Path, case: Case) -> Iterator[None]:
    """Spoil a copy for a case, and set it right afterwards."""
    path = root / case.attacks
    kept = root.with_name("kept")
    was = path.exists()
    folder_there = path.parent.is_dir()
    if was and case.edit:
        shutil.copy2(path, kept)
    try:
        _spoil(path, case.edit)
        yield
    finally:
        if case.edit:
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
            if was:
                shutil.move(kept, path)
            elif not folder_there:
                path.parent.rmdir()


def run_command(root: Path, arguments: tuple[str, ...]) -> tuple[int | str, str, str]:
    """Run the command line in this process, in the folder of a copy; return exit code, output and errors."""
    out, err = io.StringIO(), io.StringIO()
    code: int | str = 0
    here = Path.cwd()
    os.chdir(root)
    before = {name: os.environ.get(name) for name in ("LIPRESEARCH_PROJECT", "COLUMNS", "XDG_CACHE_HOME")}
    os.environ |= {"LIPRESEARCH_PROJECT": str(root), "COLUMNS": "200", "XDG_CACHE_HOME": str(root.parent / "cache")}
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main(arguments)
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else 0
    except BaseException as error:
        code = f"{type(error).__name__}: {error}"
    finally:
        os.chdir(here)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
    return code, out.getvalue(), err.getvalue()


def run_case(root: Path, case: Case) -> Outcome:
    """Run one case and return what came of it."""
    with spoiled(root, case):
        before = contents(root)
        code, out, err = run_command(root, case.run)
        after = contents(root)
    changed = tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))
    if changed:  # so that no other case suffers from it
        shutil.copytree(ROOT / "data" / "derived", root / "data" / "derived", dirs_exist_ok=True)
    return Outcome(code, told(out if case.exit == 0 else err, root), changed)


def told(text: str, root: Path) -> str:
    """Return a message without the folder of the copy, the frame of wrong usage, and the steps of a build."""
    text = text.replace(str(root.resolve()), ".").replace(str(root), ".")
    text = re.sub(r"[╭╰][^\n]*\n?|│ ?| *│", "", text)
    lines = [line.rstrip() for line in text.splitlines()]
    begins = next((at for at, line in enumerate(lines) if line.startswith(("Error:", "Usage:"))), 0)
    lines = [re.sub(r"^Usage: \S+", "Usage: lipresearch", line) for line in lines[begins:]]
    return "\n".join(re.sub(r"^Try '\S+", "Try 'lipresearch", line) for line in lines if line)


@contextlib.contextmanager
def quicker() -> Iterator[None]:
    """Put the command line together once, and read how areas nest once: what comes so far has an unchanged data/raw."""
    app, command = cli.app, typer.main.get_command(cli.app)
    read = catchments.load_geography
    known: list[catchments.Geography] = []

    def once(root: Path) -> catchments.Geography:
        if not known:
            known.append(read(root))
        return known[0]

    cli.app, catchments.load_geography = command.main, once
    try:
        yield
    finally:
        cli.app, catchments.load_geography = app, read


def section(case: Case, outcome: Outcome) -> str:
    """Return a case and its outcome as the report holds them."""
    command = " ".join(part.replace("\n", "\\n") or "''" for part in case.run)
    told = f"{case.attacks}: {case.done}. `{command}` ends with {outcome.exit}."
    return f"### {case.case}\n\n{told}\n\n```text\n{outcome.message}\n```\n"


def stored_sections() -> dict[str, str]:
    """Return the stored report by case."""
    parts = OUTCOMES.read_text(encoding="utf-8").split("\n### ")[1:] if OUTCOMES.is_file() else []
    return {part.split("\n", 1)[0]: "### " + part.rstrip("\n") + "\n" for part in parts}


def verdict(case: Case, outcome: Outcome) -> str:
    """Return in one word what came of a case; ``refused`` and ``harmless`` are good."""
    if outcome.changed:
        return "lost file"
    if outcome.exit == 0 and case.exit != 0:
        return "wrong number"
    if outcome.exit != case.exit or case.says not in outcome.message or "Traceback" in outcome.message:
        return "other message"
    return "refused" if case.exit else "harmless"


HEAD = """# Bad input: what comes of it

Every case of `catalogue.toml`, with the exit code and the whole message. Written by
`python tests/bad_input/catalogue.py`; the tests compare it. After each, every other file is as it was.
"""


def main() -> int:
    """Run all cases and write the report; return how many did not come out as they should."""
    cases, sections, bad = load_cases(), [], 0
    with tempfile.TemporaryDirectory() as name, quicker():
        root = template(Path(name) / "project")
        for case in cases:
            outcome = run_case(root, case)
            sections.append(section(case, outcome))
            word = verdict(case, outcome)
            if word not in ("refused", "harmless"):
                bad += 1
                print(f"{case.case}: {word} (exit {outcome.exit}; {', '.join(outcome.changed)})\n{outcome.message}\n")
    OUTCOMES.write_text("\n".join([HEAD, *sections]), encoding="utf-8")
    print(f"{len(cases)} cases, {bad} not as they should be. Written: {OUTCOMES.relative_to(ROOT)}")
    return bad


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
