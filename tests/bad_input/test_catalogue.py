"""Each case of the catalogue of bad input ends with its message and its exit code, and nothing is lost.

What the readers and the robustness tables are attacked with from Python is in test_attacks.py and
test_attacks_robustness.py, hostile texts in a memo in memo/test_memo.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bad_input.catalogue import (
    HEAD,
    OUTCOMES,
    ROOT,
    Case,
    Outcome,
    contents,
    load_cases,
    quicker,
    run_case,
    section,
    stored_sections,
    template,
    verdict,
)
from lipresearch.cli import app

CASES = load_cases()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = template(tmp_path_factory.mktemp("bad input") / "project")
    before = contents(folder).keys()
    with quicker():
        yield folder
    assert contents(folder).keys() == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case)
def test_bad_input_is_refused_whole(case: Case, root: Path, record_property: Callable[[str, object], None]) -> None:
    outcome = run_case(root, case)
    word = verdict(case, outcome)
    record_property("bad input", word)
    assert word == ("refused" if case.exit else "harmless"), outcome
    stored = stored_sections()
    assert section(case, outcome) == stored[case.case], "if the message is better now: tests/bad_input/catalogue.py"


def test_every_design_file_and_every_command_is_attacked() -> None:
    design = ROOT / "data" / "design"
    files = {path.relative_to(ROOT).as_posix() for ending in ("csv", "toml") for path in design.rglob(f"*.{ending}")}
    assert len(files) > 30
    assert files <= {case.attacks for case in CASES if case.exit}
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    commands |= {
        f"{group.name} {command.name}"
        for group in app.registered_groups
        for command in group.typer_instance.registered_commands
    }
    run = {case.run[0] for case in CASES if case.exit} | {" ".join(case.run[:2]) for case in CASES if case.exit}
    assert len(commands) > 20
    assert commands <= run
    for folder in ("data/raw", "data/derived", "data/design/evidence", "data/design/weights"):
        assert any(case.attacks.startswith(f"{folder}/") for case in CASES), folder


def test_the_report_lists_the_catalogue_in_its_order() -> None:
    assert list(stored_sections()) == [case.case for case in CASES]
    assert len({case.case for case in CASES}) == len(CASES)
    assert OUTCOMES.read_text(encoding="utf-8").startswith(HEAD)


def test_a_catalogue_that_is_not_kept_is_noticed() -> None:
    case = Case("a", "b", "c", ("build",), 1, "found x")
    assert verdict(case, Outcome(1, "Error: found x", ())) == "refused"
    assert verdict(case, Outcome(0, "Built", ())) == "wrong number"
    assert verdict(case, Outcome(1, "Error: found x", ("data/design/sites.csv",))) == "lost file"
    assert verdict(case, Outcome(1, "Error: something", ())) == "other message"
    assert verdict(case, Outcome("OSError: found x", "found x", ())) == "other message"
