"""The checks of quality, each in an environment of its own: ``make nox``, or ``.venv/bin/nox``.

``nox`` runs those that a fresh clone must pass; ``nox --list`` names all. What they find lies in ``outputs/quality``;
``nox -s quality`` takes it into ``docs/quality`` and writes ``docs/quality.md``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
#: A Python that is not on this machine is passed over; the record of determinism names those that ran.
nox.options.error_on_missing_interpreters = False

#: Pythons that lie where pyenv keeps them are found without being switched on.
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
os.environ["PATH"] = os.pathsep.join(
    [*(str(path) for path in sorted(PYENV.glob("3.1[1-3].*/bin"), reverse=True)), os.environ.get("PATH", "")]
)
# What somebody has set for another project.
for name in ("PYTHONPATH", "PYTHONHOME", "UV_PYTHON", "UV_RESOLUTION"):
    os.environ.pop(name, None)

PYTHONS = ("3.11", "3.12", "3.13")
#: The versions of the lock, the lower bounds of pyproject.toml, and whatever is newest today.
ENVIRONMENTS = (*((python, "locked") for python in PYTHONS), ("3.11", "oldest"), ("3.13", "newest"))


def install(session: nox.Session) -> None:
    """Install the lock and the package."""
    # Constraints of pyproject.toml are in the lock already, and uv takes none beside hashes.
    session.install("--require-hashes", "-r", "requirements.lock", env={"UV_NO_CONFIG": "1"})
    session.install("--no-build-isolation", "--no-deps", "-e", ".")


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and layout (ruff), types (mypy), and code that nothing uses (vulture)."""
    install(session)
    session.run("python", "-m", "tests.quality.lint")


@nox.session
@nox.parametrize(("python", "dependencies"), [nox.param(*one, id="-".join(one)) for one in ENVIRONMENTS])
def determinism(session: nox.Session, dependencies: str) -> None:
    """Make the same bytes on every Python, with oldest and newest dependencies, in any locale, time zone and folder.

    After ``--``: ``--few`` for two of the four variations.
    """
    if dependencies == "locked":
        session.install("-e", ".", "-c", "requirements.lock")
    elif dependencies == "oldest":
        session.install("--resolution", "lowest-direct", "-e", ".")
    else:
        session.install("--upgrade", "-e", ".")
    session.notify("agreement")
    session.run("python", "-m", "tests.quality.determinism", "run", str(session.python), dependencies, *session.posargs)


@nox.session(default=False, venv_backend="none")
def agreement(session: nox.Session) -> None:
    """Compare the environments in which ``determinism`` ran, and name those in which it did not."""
    names = [f"{python} {dependencies}" for python, dependencies in ENVIRONMENTS]
    session.run(sys.executable, "-m", "tests.quality.determinism", "agree", *names)


@nox.session
def licences(session: nox.Session) -> None:
    """Compare docs/licences.md with the licences of all packages of the lock and of all datasets.

    After ``--``: ``--write`` to write the file anew.
    """
    install(session)
    session.run("python", "-m", "tests.quality.licences", *session.posargs)


@nox.session
def audit(session: nox.Session) -> None:
    """Known weaknesses of the locked packages (pip-audit); skipped where its service is out of reach."""
    session.install("pip-audit>=2.9")
    session.run("python", "-m", "tests.quality.audit", success_codes=[0, 75])
    record = json.loads(Path("outputs/quality/audit.json").read_text(encoding="utf-8"))
    if not record["reached"]:
        session.skip(record["reason"])


@nox.session
def docs(session: nox.Session) -> None:
    """Make the reference as web pages, in outputs/docs; a warning is an error."""
    session.install("-r", "docs/requirements.txt", "-c", "requirements.lock")
    session.install("-e", ".", "-c", "requirements.lock")
    session.run("sphinx-build", "-W", "-b", "html", "docs", "outputs/docs")


@nox.session
def bad_input(session: nox.Session) -> None:
    """Run the catalogue of bad input, which ends with its summary line."""
    install(session)
    session.run("python", "-m", "tests.quality.tally", "bad_input", "tests/bad_input")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests on this Python, as `make test` runs them."""
    install(session)
    session.run(
        "python", "-m", "tests.quality.tally", f"tests-{session.python or 'default'}", "--nbval", *session.posargs
    )


@nox.session(python=list(PYTHONS), default=False)
def pythons(session: nox.Session) -> None:
    """All tests on every Python (about ten minutes each)."""
    install(session)
    session.run("python", "-m", "tests.quality.tally", f"tests-{session.python}", "--nbval", *session.posargs)


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Lines and branches of the package that the tests run (about twenty minutes)."""
    install(session)
    session.run("python", "-m", "tests.quality.covered", *session.posargs)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Whether the tests notice small faults put into the code (long; see tests/quality/mutation.py)."""
    install(session)
    session.install("-r", "tests/quality/requirements.txt")
    session.run("python", "-m", "tests.quality.mutation", *(session.posargs or ("--sample", "40", "--seed", "2010")))


@nox.session(default=False, venv_backend="none")
def quality(session: nox.Session) -> None:
    """Take the records of outputs/quality into docs/quality, and write docs/quality.md from them."""
    session.run(sys.executable, "-m", "tests.quality.report")
