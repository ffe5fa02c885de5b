"""JupyterLab as `make lab` starts it, on a copy of the project that may be changed, and gone at the end."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

#: What JupyterLab asks a new user and fetches from the network; of no concern here.
QUIET = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs: where it answers, what lets one in, and the copy of the project that it shows."""

    url: str
    token: str
    project: Path

    def address(self, notebook: str) -> str:
        """Return where a notebook opens, with nothing remembered from before."""
        return f"{self.url}lab/tree/{notebook}?token={self.token}&reset"


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until a condition holds.

    Raises
    ------
    TimeoutError
        If it does not within so many seconds.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)


def processes_with(marks: Sequence[str]) -> list[int]:
    """Return the numbers of the processes whose command holds one of these texts, this process left out."""
    found = {}
    if Path("/proc/self/cmdline").exists():
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                found[int(path.parent.name)] = path.read_bytes().decode(errors="replace")
            except OSError:  # ended meanwhile
                continue
    else:
        listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            number, _, command = line.strip().partition(" ")
            found[int(number)] = command
    return sorted(
        number for number, command in found.items() if number != os.getpid() and any(mark in command for mark in marks)
    )


def stop(process: subprocess.Popen[bytes], marks: Sequence[str], patience: float = 15) -> None:
    """End a process that leads its group, and all others whose command holds a mark: asked first, then forced."""
    for request in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, request)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(patience)
    try:  # kernels end by themselves when their server has gone
        wait_until(lambda: not processes_with(marks), patience / 3, "the end of what the server started")
    except TimeoutError:
        for number in processes_with(marks):
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        wait_until(lambda: not processes_with(marks), patience, "the end of what was killed")


def copy_project(folder: Path) -> Path:
    """Copy what `make lab` needs into a folder, with an environment that is the interpreter which runs the tests.

    The code is that of the clone, which the server never writes; notebooks and data are copies.
    """
    project = folder / "project"
    project.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, project / name)
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    here, used = shlex.quote(str(ROOT)), shlex.quote(sys.executable)
    python.write_text(f'#!/bin/sh\nPYTHONPATH={here} exec {used} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (project / ".venv" / "ready").write_text(f"{project.resolve()}\n", encoding="utf-8")
    return project


def environment_for(home: Path) -> dict[str, str]:
    """Return an environment in which JupyterLab keeps everything in one folder and knows no settings of the user."""
    outside = ("JUPYTER", "IPYTHON", "MAKE", "MFLAGS", "PYTEST", "LIPRESEARCH", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
    for place, content in QUIET.items():
        file = home / "settings" / "@jupyterlab" / f"{place}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(content), encoding="utf-8")
    return {
        **kept,
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
    }


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """Start JupyterLab with `make lab` on a copy of the project, and end it and all that it started.

    Raises
    ------
    AssertionError
        If it does not start, with what it said.
    """
    project, home = copy_project(folder), folder / "home"
    environment = environment_for(home)
    token, runtime, said = secrets.token_hex(16), home / "runtime", folder / "lab.log"
    options = f"--no-browser --port=0 --ip=127.0.0.1 --allow-root --IdentityProvider.token={token}"
    with said.open("wb") as log:
        process = subprocess.Popen(
            ["make", "lab", f"LAB_OPTIONS={options}"],
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        answers: list[int] = []

        def answered() -> bool:
            assert process.poll() is None, f"`make lab` ended:\n{said.read_text(encoding='utf-8', errors='replace')}"
            for file in runtime.glob("jpserver-*.json"):
                try:
                    answers.append(json.loads(file.read_text(encoding="utf-8"))["port"])
                except ValueError:  # half written
                    continue
            return bool(answers)

        try:
            wait_until(answered, 90, "JupyterLab answers")
        except TimeoutError as error:
            raise AssertionError(f"{error}:\n{said.read_text(encoding='utf-8', errors='replace')}") from None
        yield Lab(f"http://127.0.0.1:{answers[-1]}/", token, project)
    finally:
        stop(process, (token, str(runtime)))
