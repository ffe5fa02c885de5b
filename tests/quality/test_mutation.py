"""Mutation testing itself: what counts as a fault, how faults are drawn, put in and counted, and what was recorded."""

from __future__ import annotations

import csv
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from quality import mutation
from quality.mutation import EQUIVALENT, RECORD, ROOT, Mutant

TEXT = '''"""A module."""

LIMIT = 3


class Half:
    """Half of something."""

    part: int | None = None

    @property
    def value(self) -> int | None:
        """The half."""
        return None if self.part is None else self.part // 2


def larger(one: int, *, other: int) -> bool:
    def plain(number: int) -> int:
        return number * 1

    return (
        plain(one)
        > other
    )
'''


@pytest.fixture
def cosmic_ray() -> None:
    pytest.importorskip("cosmic_ray", reason="tests/quality/requirements.txt is not installed")


@pytest.mark.usefixtures("cosmic_ray")
def test_faults_are_where_something_is_evaluated() -> None:
    mutants = mutation.mutants_of("m.py", TEXT)
    usable = [one for one in mutants if mutation.mutated(TEXT, one) is not None]
    lines = {TEXT.splitlines()[one.line - 1].strip() for one in usable}
    assert "LIMIT = 3" in lines
    assert "return number * 1" in lines
    assert not any(line.startswith(("part:", "def ")) for line in lines)
    assert len({(one.line, one.operator, mutation.mutated(TEXT, one)) for one in usable}) == len(usable)
    for one in usable:
        assert sum(
            a != b for a, b in zip(TEXT.split("\n"), (mutation.mutated(TEXT, one) or "").split("\n"), strict=False)
        )


@pytest.mark.usefixtures("cosmic_ray")
def test_a_larger_sample_adds_to_a_smaller_one_and_takes_one_fault_a_place() -> None:
    mutants = mutation.mutants_of("m.py", TEXT)

    def usable(one: Mutant) -> bool:
        return mutation.mutated(TEXT, one) is not None

    few, many, other = (mutation.drawn(mutants, *how, usable) for how in ((2, 1), (5, 1), (5, 2)))
    assert many[:2] == few
    assert many == mutation.drawn(mutants, 5, 1, usable)
    assert many != other
    assert len({(one.line, one.column) for one in many}) == 5
    assert mutation.drawn(mutants, None, 1, usable) == [one for one in mutants if usable(one)]


def test_lines_know_their_function_and_their_statement() -> None:
    line = {text.strip(): number for number, text in enumerate(TEXT.splitlines(), start=1)}
    assert mutation.function_at(TEXT, line["LIMIT = 3"]) == ""
    assert mutation.function_at(TEXT, line["@property"]) == "Half.value"
    assert mutation.function_at(TEXT, line["return number * 1"]) == "larger.plain"
    assert mutation.function_at(TEXT, line["> other"]) == "larger"
    statements = mutation.statement_lines(TEXT)
    assert statements[line["> other"]] == range(line["return ("], line["return ("] + 4)
    assert statements[line["return number * 1"]] == range(line["return number * 1"], line["return number * 1"] + 1)
    assert len(mutation.annotations(TEXT)) == 7


def test_a_fault_is_put_into_the_function_that_it_is_in(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(TEXT, encoding="utf-8")
    spec: Any = importlib.util.spec_from_file_location("m", path)
    holder: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(holder)
    before = compile(TEXT, str(path), "exec", dont_inherit=True)
    for old, new, name in (("// 2", "// 1", "Half.value"), ("number * 1", "number * 9", "larger")):
        ((found, one, other),) = mutation.differing(
            before, compile(TEXT.replace(old, new), str(path), "exec", dont_inherit=True)
        )
        assert found == name
        function = mutation.function_with(holder, name, one)
        function.__code__ = other
    half = holder.Half()
    half.part = 8
    assert half.value == 8
    assert holder.larger(1, other=5)
    for old, new in (("LIMIT = 3", "LIMIT = 4"), ("part: int | None = None", "part: int | None = 1")):
        ((found, *_),) = mutation.differing(
            before, compile(TEXT.replace(old, new), str(path), "exec", dont_inherit=True)
        )
        assert found == ""  # it runs at import, so it cannot be put in afterwards
    assert list(mutation.differing(before, before)) == []


def test_a_quick_test_is_not_left_out() -> None:
    assert mutation.taken(5.0, 5.0, True) > 0
    assert mutation.taken(5.0, 7.5, True) == 2.5
    assert mutation.taken(5.0, 7.5, False) == 0


def forever() -> int:
    while True:
        pass


@pytest.mark.parametrize(
    ("run", "expected"),
    [(lambda: 0, 0), (lambda: 1, 1), (lambda: 1 // 0, 1), (lambda: time.sleep(60), None), (forever, None)],
)
def test_a_fork_passes_fails_or_takes_too_long(run: Callable[[], int], expected: int | None) -> None:
    assert mutation.in_fork(run, 0.2) == expected


@pytest.mark.parametrize(("killed", "tried"), [(0, 5), (5, 5), (45, 50), (170, 200)])
def test_the_interval_is_wilsons(killed: int, tried: int) -> None:
    expected = stats.binomtest(killed, tried).proportion_ci(method="wilson")
    assert mutation.interval(killed, tried) == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert mutation.interval(0, 0) == (0, 1)


def test_a_group_weighs_its_modules_by_their_places() -> None:
    def row(places: int, killed: int, survived: int, equivalent: int = 0) -> dict[str, int]:
        tried = killed + survived + equivalent
        counts = {"killed": killed, "timed_out": 0, "survived": survived, "equivalent": equivalent, "tried": tried}
        return {"mutants": 9 * places, "places": places, **counts}

    total = mutation.summed([row(300, 9, 1), row(100, 5, 5, 2)])
    assert total["score"] == pytest.approx(0.75 * 0.9 + 0.25 * 0.5)
    assert (total["tried"], total["survived"], total["equivalent"]) == (22, 6, 2)
    assert total["interval"][0] < total["score"] < total["interval"][1]
    whole = mutation.summed([row(10, 9, 1)])
    assert whole["interval"] == [whole["score"]] * 2  # every place was tried


def test_each_fault_that_cannot_be_noticed_has_a_line_and_a_reason() -> None:
    known = mutation.read_equivalent()
    with open(EQUIVALENT, encoding="utf-8", newline="") as handle:
        assert len(list(csv.DictReader(handle))) == len(known), "a fault stands twice"
    for (module, function, before, nth, after), reason in known.items():
        text = (ROOT / module).read_text(encoding="utf-8")
        same = [
            line
            for line in range(1, len(text.splitlines()) + 1)
            if mutation.plain_line(text, line) == before and mutation.function_at(text, line) == function
        ]
        assert len(same) >= nth, f"{module}: {function} has no such line: {before}"
        assert after != before
        assert len(reason) > 20


def test_the_record_adds_up() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    for row in record["modules"]:
        assert row["tried"] == sum(row[kind] for kind in mutation.COUNTED[1:])
        judged = row["tried"] - row["equivalent"]
        assert row["score"] == round((row["killed"] + row["timed_out"]) / judged, 4)
    modules = mutation.modules()
    for group, total in record["groups"].items():
        assert mutation.summed(row for row in record["modules"] if modules.get(row["module"]) == group) == total
    assert mutation.summed(record["modules"]) == record["total"]
    assert len(record["survivors"]) == record["total"]["survived"]
