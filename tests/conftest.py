"""Settings that all tests share."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings
from no_network import stay_here

# The same examples on every machine and no stopwatch, so that a reviewer's run does not fail by chance.
# To look for new counterexamples: pytest --hypothesis-profile=explore
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse all connections to other machines, and hand modules to the workers in the order of their names.

    Left to itself pytest-xdist begins with those that hold most tests. The longest hold few: they would come last and
    leave one worker without work. Notebooks take some seconds each, so that the workers end together.
    """
    stay_here()
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what came of the catalogue of bad input, also where other processes ran it."""
    reports = (report for found in terminalreporter.stats.values() for report in found)
    words = [
        str(word)
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, word in getattr(report, "user_properties", ())
        if name == "bad input"
    ]
    if words:
        refused, shown = words.count("refused"), words.count("harmless")
        terminalreporter.write_line(
            f"bad input: {len(words)} cases, {refused} refused with their message, {shown} read or shown as they are, "
            f"{words.count('wrong number')} wrong numbers, {words.count('lost file')} lost files, "
            f"{words.count('other message')} other messages"
        )


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """Return a writable copy of the project's data folder, as a project of its own."""
    root = tmp_path / "project"
    shutil.copytree(Path(__file__).resolve().parent.parent / "data", root / "data")
    return root


@pytest.fixture
def measured_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a build take the stored measures, if what they are computed from are the project's own tables.

    That computing them makes just these is shown in test_build.py, without this.
    """
    from lipresearch import build
    from lipresearch.registry import REGISTRY, sha256_of
    from lipresearch.tables import read_table

    project = Path(__file__).resolve().parent.parent
    computed = build.compute_measures

    def inputs(root: Path) -> tuple[object, ...]:
        return build.design_hashes(root, build.MEASURE_INPUTS), sha256_of(root / REGISTRY)

    def taken(evidence: build.Evidence, *arguments: Any) -> pd.DataFrame:
        if inputs(evidence.root) != inputs(project) or build.evidence_files(project):  # not as computed
            return computed(evidence, *arguments)
        stored = read_table(project / build.MEASURES_FILE, build.SITE_MEASURES, build.MEASURES_FILE).values
        return stored.drop(columns=["name", "supplied"])

    assert build.is_fresh(project)
    monkeypatch.setattr(build, "compute_measures", taken)
