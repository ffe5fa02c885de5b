"""Makes `pytest --nbval notebooks` look at what nbval lets pass, as a test of its own for every notebook.

nbval takes a cell that was never executed as one without outputs to compare, and compares no pictures. So a stripped
notebook, cells executed out of order and an exchanged picture would all pass. tests/stored_outputs.py says what is
looked at. Templates (names that begin with an underscore) need not be stored executed.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

TESTS = Path(__file__).resolve().parent.parent / "tests"


def _stored_outputs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stored_outputs", TESTS / "stored_outputs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_configure(config: pytest.Config) -> None:
    """Find the sanitiser from whatever folder the tests are started in."""
    given = getattr(config.option, "nbval_sanitize_with", None)
    if given and not Path(given).is_file() and (config.rootpath / given).is_file():
        config.option.nbval_sanitize_with = str(config.rootpath / given)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Add a test of what is stored to those that nbval makes of a notebook's cells."""
    options = parent.config.option
    compared = getattr(options, "nbval", False) or getattr(options, "nbval_lax", False)
    if not compared or file_path.suffix != ".ipynb" or file_path.name.startswith("_"):
        return None
    return StoredNotebook.from_parent(parent, path=file_path)


class StoredNotebook(pytest.File):
    """A notebook as it lies there."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield its one test."""
        yield StoredOutputs.from_parent(self, name="stored outputs")


class StoredOutputs(pytest.Item):
    """Whether a notebook is stored executed in order, with pictures of its own."""

    def runtest(self) -> None:
        """Fail with everything that is wrong."""
        rules = _stored_outputs()
        problems = rules.stored_problems(json.loads(self.path.read_text(encoding="utf-8")))
        if problems:
            lines = "\n".join(f"- {problem}" for problem in problems)
            raise AssertionError(f"{self.path.name}:\n{lines}\n{rules.REMEDY}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Return the problems alone; where in this file they were raised helps nobody."""
        return str(excinfo.value) if isinstance(excinfo.value, AssertionError) else str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test stands."""
        return self.path, 0, f"{self.path.name}: stored outputs"
