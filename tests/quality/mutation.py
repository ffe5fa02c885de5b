"""Small faults put into the code one at a time: how many of them do the tests notice?

    python -m pip install -r tests/quality/requirements.txt
    python -m tests.quality.mutation --sample 40 --seed 2010
    python -m tests.quality.mutation --all

The faults (mutants) are those of cosmic-ray: another operator, another comparison, a number one larger or smaller,
a condition turned round, a loop that never runs, and so on. Its own way of running tests starts Python anew for each
of them, which takes seconds; here the tests are collected once, in a copy of the project, and each mutant runs in a
fork of that process, with the tests that pass through its line, those of its
module first and the fastest of them first, until one fails.

Places where a mutant can be are drawn at random, a module at a time, and at each place one of its mutants. Type
annotations are no places, since nothing evaluates them. A mutant that no test notices has survived, unless
``equivalent_mutants.csv`` says why it cannot be noticed. What was found so far is kept in ``outputs/mutation``: a
second start goes on from there.
"""

from __future__ import annotations

import argparse
import ast
import collections
import csv
import functools
import hashlib
import importlib.util
import inspect
import itertools
import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "outputs" / "mutation"
RECORD = ROOT / "docs" / "quality" / "mutation.json"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.csv")

#: What is mutated, in the groups for which a score is given.
GROUPS = {
    "measures": ("lipresearch/measures/*.py",),
    "ranking": ("lipresearch/ranking.py", "lipresearch/positions.py"),
    "robustness": ("lipresearch/robustness/*.py",),
    "selection": ("lipresearch/selection/*.py",),
}
#: The tests that are run, beside the examples in the docstrings of what is mutated.
TESTS = (
    *("tests/measures", "tests/robustness", "tests/selection", "tests/test_ranking.py", "tests/test_positions.py"),
    *("tests/test_people.py", "tests/test_whatif.py", "tests/test_attacks.py", "tests/test_attacks_robustness.py"),
    "tests/test_results.py",
)
#: The score that each group should reach.
WANTED = 0.85
#: Seconds of the processor after which a test is left out.
SLOW = 20
#: Seconds of the processor, without a mutant, of the tests that one mutant is tried with.
ENOUGH = 40.0

# A process that forks has one thread, and compiled loops have no lines in which to put a fault.
ENVIRONMENT = {"NUMBA_DISABLE_JIT": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}


@dataclass(frozen=True)
class Mutant:
    """One fault: where it is, which operator of cosmic-ray makes it, and what its line becomes."""

    module: str
    line: int
    column: int
    operator: str
    occurrence: int

    @property
    def name(self) -> str:
        return f"{self.module}:{self.line}:{self.column}:{self.operator}:{self.occurrence}"


# ---- mutants ------------------------------------------------------------------------------------


def modules() -> dict[str, str]:
    """Return {module: group} of what is mutated; modules are named by their paths."""
    found = {}
    for group, patterns in GROUPS.items():
        for pattern in patterns:
            found.update({path.relative_to(ROOT).as_posix(): group for path in sorted(ROOT.glob(pattern))})
    return found


def annotations(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where type annotations begin and end: (line, column) from 1 and 0."""
    spans = []
    for node in ast.walk(ast.parse(text)):
        for field in ("annotation", "returns"):
            inner = getattr(node, field, None)
            if isinstance(inner, ast.expr):
                spans.append(((inner.lineno, inner.col_offset), (inner.end_lineno or 0, inner.end_col_offset or 0)))
    return spans


def mutants_of(module: str, text: str) -> list[Mutant]:
    """Return all mutants of a module that Python can compile, in the order of their places."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast(text)))
    hidden = annotations(text)
    found = []
    for name in sorted(operator_names()):
        if name.endswith(("/VariableReplacer", "/VariableInserter")):  # these want to be told names of variables
            continue
        operator = get_operator(name)()
        occurrence = 0
        for node in nodes:
            for start, _ in operator.mutation_positions(node):
                if not any(begin <= start < end for begin, end in hidden):
                    found.append(Mutant(module, *start, name.removeprefix("core/"), occurrence))
                occurrence += 1
    return sorted(found, key=lambda one: (one.line, one.column, one.operator, one.occurrence))


def mutated(text: str, mutant: Mutant) -> str | None:
    """Return the text with the fault in it; nothing if that is no Python, or if a star was taken for an operator.

    (The star before arguments that must be named is none.)
    """
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    changed: str | None = mutate_code(text, get_operator(f"core/{mutant.operator}")(), mutant.occurrence)
    try:
        with warnings.catch_warnings(action="ignore"):  # of a number compared with `is`
            trees = [ast.parse(text), ast.parse(changed or "(")]
            compile(trees[1], mutant.module, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    if mutant.operator.startswith("ReplaceBinaryOperator"):
        kinds = [
            [type(node.op) for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.AugAssign)] for tree in trees
        ]
        if kinds[0] == kinds[1]:
            return None
    return changed


def drawn(mutants: Sequence[Mutant], count: int | None, seed: int, usable: Callable[[Mutant], bool]) -> list[Mutant]:
    """Return mutants at so many places, drawn at random, one at each; all of them where no number is given.

    A larger number adds to those of a smaller one, in the order in which they were drawn.
    """
    if count is None:
        return [one for one in mutants if usable(one)]
    places: dict[tuple[int, int], list[Mutant]] = {}
    for one in mutants:
        places.setdefault((one.line, one.column), []).append(one)
    module = mutants[0].module if mutants else ""
    chance = random.Random(f"{seed} {module}")
    chosen: list[Mutant] = []
    for place in chance.sample(sorted(places), len(places)):
        if len(chosen) == count:
            break
        here = places[place]
        chosen += next(([one] for one in chance.sample(here, len(here)) if usable(one)), [])
    return chosen


def plain_line(text: str, line: int) -> str:
    """Return a line without the blanks that mean nothing."""
    return " ".join(text.splitlines()[line - 1].split())


def described(text: str, mutant: Mutant) -> dict[str, Any]:
    """Return what names a mutant even when lines move: its function, its line before and after, which of these."""
    before, function = plain_line(text, mutant.line), function_at(text, mutant.line)
    same = [line for line in range(1, mutant.line + 1) if plain_line(text, line) == before]
    nth = sum(function_at(text, line) == function for line in same)
    after = plain_line(mutated(text, mutant) or text, mutant.line)
    return {"function": function, "before": before, "nth": nth, "after": after}


def function_at(text: str, line: int) -> str:
    """Return the name of the function or class that a line is in, "" at the level of the module."""
    name, smallest = "", math.inf

    def visit(node: ast.AST, outer: str) -> None:
        nonlocal name, smallest
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{outer}.{child.name}".removeprefix(".")
                first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                if first <= line <= (child.end_lineno or 0) and (child.end_lineno or 0) - first < smallest:
                    name, smallest = inner, (child.end_lineno or 0) - first
                visit(child, inner)
            else:
                visit(child, outer)

    visit(ast.parse(text), "")
    return name


def read_equivalent(path: Path = EQUIVALENT) -> dict[tuple[str, str, str, int, str], str]:
    """Return {(module, function, line before, which of these in the function, line after): reason}."""
    with open(path, encoding="utf-8", newline="") as handle:
        return {
            (row["module"], row["function"], row["before"], int(row["nth"]), row["after"]): row["reason"]
            for row in csv.DictReader(handle)
        }


def statement_lines(text: str) -> dict[int, range]:
    """Return for each line the lines of the statement that it belongs to; of compound ones those of the head."""
    lines: dict[int, range] = {}
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        body = getattr(node, "body", None)
        first = getattr(node, "lineno", None) or node.pattern.lineno  # type: ignore[union-attr]
        last = body[0].lineno - 1 if isinstance(body, list) else node.end_lineno  # type: ignore[union-attr]
        mine = range(first, max(first, last or first) + 1)
        for line in mine:
            if line not in lines or len(mine) < len(lines[line]):
                lines[line] = mine
    return lines


# ---- scores -------------------------------------------------------------------------------------


def interval(killed: int, tried: int, z: float = 1.959964) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share.

    >>> [round(end, 3) for end in interval(45, 50)]
    [0.786, 0.957]
    """
    if tried == 0:
        return 0.0, 1.0
    share, spread = killed / tried, z * z / tried
    middle = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / tried + spread / tried / 4)
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def summed(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the counts of several modules, with a score that weighs each module by its places.

    The interval is that of a stratified sample: every module's share has the variance of a share with one more of each
    kind, so that a module in which all were noticed is not taken to be sure.
    """
    rows = list(rows)
    total = {key: sum(row[key] for row in rows) for key in (*COUNTED, "mutants", "places")}
    judged = [(row["places"], row["killed"] + row["timed_out"], row["tried"] - row["equivalent"]) for row in rows]
    judged = [row for row in judged if row[2]]
    weight = sum(places for places, _, _ in judged)
    score = sum(places * noticed / tried for places, noticed, tried in judged) / weight if weight else 0.0
    variance = 0.0
    for places, noticed, tried in judged:
        share = (noticed + 1) / (tried + 2)
        left = max(0.0, 1 - tried / places)  # nothing is unsure where every place was tried
        variance += (places / weight) ** 2 * share * (1 - share) / tried * left
    half = 1.959964 * math.sqrt(variance)
    ends = [max(0.0, score - half), min(1.0, score + half)]
    return {**total, "score": round(score, 4), "interval": [round(end, 4) for end in ends]}


COUNTED = ("tried", "killed", "timed_out", "survived", "equivalent")


def counted(module: str, mutants: Sequence[Mutant], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the row of a module in the record."""
    kinds = collections.Counter(result["outcome"] for result in results)
    row: dict[str, Any] = {
        "module": module,
        "mutants": len(mutants),
        "places": len({(one.line, one.column) for one in mutants}),
        "tried": len(results),
        **{kind: kinds[kind] for kind in COUNTED[1:]},
    }
    noticed, judged = row["killed"] + row["timed_out"], row["tried"] - row["equivalent"]
    row["score"] = round(noticed / judged, 4) if judged else None
    row["interval"] = [round(end, 4) for end in interval(noticed, judged)]
    return row


# ---- running ------------------------------------------------------------------------------------


def differing(before: CodeType, after: CodeType, outer: str = "") -> Iterator[tuple[str, CodeType, CodeType]]:
    """Yield (name, code before, code after) of the outermost functions that differ; "" if it is not within functions.

    The bodies of the module and of classes run at import: what differs there cannot be put in afterwards.
    """

    def own(code: CodeType) -> tuple[object, ...]:
        plain = tuple((type(x), x) for x in code.co_consts if not isinstance(x, CodeType))
        return code.co_code, code.co_names, code.co_varnames, plain, code.co_freevars

    inner = [[x for x in code.co_consts if isinstance(x, CodeType)] for code in (before, after)]
    if own(before) != own(after) or [x.co_qualname for x in inner[0]] != [x.co_qualname for x in inner[1]]:
        yield "", before, after
        return
    for one, other in zip(*inner, strict=True):
        if one.co_flags & 2:  # new locals: a function, not the body of a class
            if one != other:
                yield one.co_qualname, one, other
        else:
            yield from differing(one, other)


def function_with(module: Any, name: str, code: CodeType) -> Any:
    """Return the function of a module that has this code, under whatever wraps it; None if it is not found."""
    thing = module
    for part in name.split("."):
        thing = vars(thing).get(part) if hasattr(thing, "__dict__") else None
        for inside in ("fget", "__func__", "__wrapped__"):
            thing = getattr(thing, inside, thing)
    return thing if getattr(thing, "__code__", None) == code else None


class Session:
    """A plug-in of pytest that runs the collected tests over and over, each time in a fork."""

    def __init__(self, work: Path, todo: Sequence[Mutant], record: Callable[[Mutant, str, str], None]) -> None:
        self.work, self.todo, self.record = work, todo, record

    def pytest_runtestloop(self, session: Any) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        basis = self.work / "basis.json"
        known = json.loads(basis.read_text()) if basis.exists() else {}
        if known.get("sources") != sources_hash():
            known = {"tests": {}}
        hashes = {name: source_of(item) for name, item in self.items.items()}
        tests = {name: row for name, row in known["tests"].items() if row["hash"] == hashes.get(name)}
        new = [name for name in self.items if name not in tests]
        if new and in_fork(functools.partial(self.measure, new, self.work / "measured.json"), 7200) != 0:
            raise SystemExit("The tests could not be measured.")
        if new:
            measured = json.loads(self.work.joinpath("measured.json").read_text())
            tests |= {name: {**row, "hash": hashes[name]} for name, row in measured.items()}
            basis.write_text(json.dumps({"sources": sources_hash(), "tests": tests}))
        self.seconds: dict[str, float] = {name: row["seconds"] for name, row in tests.items() if row["seconds"]}
        self.lines: dict[str, dict[int, list[str]]] = {module: {} for module in modules()}
        for name in self.seconds:
            for module, lines in tests[name]["lines"].items():
                for line in lines:
                    self.lines[module].setdefault(line, []).append(name)
        self.files: dict[str, float] = collections.defaultdict(float)  # seconds of one test, on average
        for name, seconds in self.seconds.items():
            file = name.split("::")[0]
            self.files[file] += seconds / sum(other.startswith(f"{file}::") for other in self.seconds)
        left_out = sorted(set(tests) - set(self.seconds))
        print(f"{len(self.items)} tests; left out: {', '.join(left_out) or 'none'}", flush=True)
        for number, mutant in enumerate(self.todo, start=1):
            begun = time.monotonic()
            outcome, test = self.tried(mutant)
            self.record(mutant, outcome, test)
            print(f"{number}/{len(self.todo)} {mutant.name} {outcome} {time.monotonic() - begun:.1f} s", flush=True)
        return True

    def measure(self, names: Sequence[str], output: Path) -> int:
        """Note how long each test takes and through which lines it passes; one that fails or is slow takes no time."""
        import coverage

        seen = coverage.Coverage(data_file=None, source=[str(ROOT / "lipresearch")], config_file=False)
        tests: dict[str, dict[str, Any]] = {}
        seen.start()
        for name in names:
            seen.switch_context(name)
            begun = time.process_time()
            passed = passes(self.items[name], SLOW)
            tests[name] = {"seconds": taken(begun, time.process_time(), passed), "lines": {}}
        seen.stop()
        for module in modules():
            for line, those in seen.get_data().contexts_by_lineno(str(ROOT / module)).items():
                for name in those:
                    if name in tests:
                        tests[name]["lines"].setdefault(module, []).append(line)
        output.write_text(json.dumps(tests))
        return 0

    def tests_of(self, mutant: Mutant, text: str, at_import: bool) -> list[str]:
        lines = self.lines[mutant.module]
        wanted = lines if at_import else statement_lines(text).get(mutant.line, ())
        names = {name for line in wanted for name in lines.get(line, ())}
        folder = f"tests/{'/'.join(Path(mutant.module).parts[1:-1])}"
        own = f"{folder}/test_{Path(mutant.module).stem}.py".replace("//", "/")
        if at_import:  # a constant is used without passing through its line
            names |= {name for name in self.seconds if name.startswith((f"{own}::", f"{mutant.module}::"))}

        def order(name: str) -> tuple[object, ...]:
            # The tests of the module, those beside it, then the others; what shares fixtures together.
            file = name.split("::")[0]
            return (
                file not in (own, mutant.module),
                not file.startswith(folder),
                self.files[file],
                file,
                self.seconds[name],
            )

        chosen, total = [], 0.0
        for name in sorted(names, key=order):
            total += self.seconds[name]
            if chosen and total > ENOUGH:
                break
            chosen.append(name)
        return chosen

    def tried(self, mutant: Mutant) -> tuple[str, str]:
        text = (ROOT / mutant.module).read_text(encoding="utf-8")
        after = mutated(text, mutant)
        assert after is not None
        path = str(ROOT / mutant.module)
        with warnings.catch_warnings(action="ignore"):
            codes = [compile(source, path, "exec", dont_inherit=True) for source in (text, after)]
        module = importlib.import_module(mutant.module.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        changes = [(function_with(module, name, one), other) for name, one, other in differing(*codes)]
        at_import = not changes or any(function is None for function, _ in changes)
        names = self.tests_of(mutant, text, at_import)
        limit = 10 + 5 * sum(self.seconds[name] for name in names)
        if not names:
            return "survived", "no test passes here"
        failed = self.work / "failed.txt"
        failed.unlink(missing_ok=True)
        if at_import:
            return anew(mutant, names, limit + 20)

        def run() -> int:
            for function, code in changes:
                function.__code__ = code
            for name, after in zip(names, [*names[1:], None], strict=True):
                if not passes(self.items[name], following=self.items.get(after)):
                    failed.write_text(name)
                    return 1
            return 0

        code = in_fork(run, limit)
        if code is None:
            return "timed_out", ""
        return ("survived", "") if code == 0 else ("killed", failed.read_text() if failed.exists() else "")


def taken(begun: float, ended: float, passed: bool) -> float:
    """Return the seconds that a test took; 0, which leaves it out, only if it did not pass.

    While a timer runs, the clock of the processor goes in steps, and a quick test begins and ends at one of them.

    >>> taken(5.0, 5.0, True), taken(5.0, 7.5, True), taken(5.0, 7.5, False)
    (0.001, 2.5, 0.0)
    """
    return max(ended - begun, 0.001) if passed else 0.0


def source_of(item: Any) -> str:
    """Return a hash of a test as it stands in its file."""
    try:
        return hashlib.sha256(inspect.getsource(item.function).encode()).hexdigest()
    except AttributeError:  # an example in a docstring
        return hashlib.sha256(item.path.read_bytes()).hexdigest()


def passes(item: Any, seconds: int = 0, following: Any = None) -> bool:
    """Return whether a collected test passes (or is skipped), within so many seconds; keep what the next one shares."""
    from _pytest.runner import runtestprotocol

    def late(*_: object) -> None:
        raise TimeoutError("slow")

    signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        reports = runtestprotocol(item, log=False, nextitem=following)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return not any(report.failed for report in reports)


def in_fork(run: Callable[[], int], limit: float) -> int | None:
    """Return what a function returns in a copy of this process; None if it took longer.

    The limit is of seconds of the processor, so that a busy machine turns no mutant into one that never ends; what
    waits for ever is ended after ten times as long.
    """
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of threads, from Python 3.12 on
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setpgid(0, 0)
            seconds = math.ceil(sum(os.times()[:2]) + limit)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
            code = run()
        finally:
            os._exit(code)
    end = time.monotonic() + 10 * limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return None if code in (-signal.SIGXCPU, -signal.SIGKILL) else code
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def anew(mutant: Mutant, names: Sequence[str], limit: float) -> tuple[str, str]:
    """Try a mutant whose line runs at import: in a process of its own, with its file changed while it runs."""
    path = ROOT / mutant.module
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutated(text, mutant) or "", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", *options(ROOT), *names],
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=10 * limit,
        )
    except subprocess.TimeoutExpired:
        return "timed_out", ""
    finally:
        path.write_text(text, encoding="utf-8")
    return ("survived", "") if done.returncode == 0 else ("killed", "")


def options(root: Path) -> list[str]:
    """Return the options of pytest: nothing is kept, no pictures are compared, notebooks are left alone."""
    return [
        *("-q", "-o", "addopts=", "--doctest-modules", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:nbval"),
        *("-p", "tests.quality.mutation", f"--rootdir={root}"),
        f"--basetemp={root.parent / 'temporary'}",
    ]


def pytest_configure() -> None:
    """Let property tests try the examples that they always try, and not look for the smallest one that fails."""
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", derandomize=True, deadline=None, database=None, phases=phases)
    settings.load_profile("mutation")


# ---- the command --------------------------------------------------------------------------------


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of files, their names included."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def test_files() -> list[Path]:
    return [path for name in TESTS for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))]


def sources_hash() -> str:
    """Return the SHA-256 of what is mutated."""
    return digest(ROOT / module for module in modules())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.quality.mutation", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--sample", type=int, default=40, metavar="N", help="places tried in each module (40)")
    parser.add_argument("--seed", type=int, default=2010, help="which places (2010)")
    parser.add_argument("--all", action="store_true", help="every mutant: many hours")
    parser.add_argument("--module", action="append", metavar="PART", help="only modules whose path contains this")
    parser.add_argument("--output", type=Path, default=RECORD, help="the record (docs/quality/mutation.json)")
    parser.add_argument("--work", type=Path, default=WORK, help="where the copy and what was found are kept")
    parser.add_argument("--again", action="store_true", help="try again what survived, although only tests changed")
    parser.add_argument("--in-copy", action="store_true", help=argparse.SUPPRESS)
    options_ = parser.parse_args(arguments)
    missing = [name for name in ("cosmic_ray", "coverage") if importlib.util.find_spec(name) is None]
    if missing:
        print("Install what this needs: python -m pip install -r tests/quality/requirements.txt", file=sys.stderr)
        return 2
    return inside(options_) if options_.in_copy else outside(options_)


def outside(given: argparse.Namespace) -> int:
    """Copy the project, run there, and write the record."""
    work = given.work.resolve()
    copy, found = work / "copy", work / "found.jsonl"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("lipresearch", "tests", "data", "notebooks", "docs", "pyproject.toml", "README.md"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        elif source.exists():
            shutil.copy2(source, copy / name)
    state = {"sources": sources_hash(), "tests": digest(path for path in test_files() if path.exists())}
    kept = json.loads((work / "state.json").read_text()) if (work / "state.json").exists() else {}
    if kept.get("sources") != state["sources"] or (kept != state and not given.again):
        found.unlink(missing_ok=True)
    if kept != state and found.exists():  # only tests changed, and a test more cannot bring a mutant back to life
        lines = [line for line in found.read_text().splitlines() if json.loads(line)["outcome"] != "survived"]
        found.write_text("".join(f"{line}\n" for line in lines))
    (work / "state.json").write_text(json.dumps(state))
    begun = time.monotonic()
    command = [sys.executable, "-m", "tests.quality.mutation", "--in-copy", "--work", str(work)]
    command += ["--sample", str(given.sample), "--seed", str(given.seed), *(["--all"] if given.all else [])]
    command += [part for name in given.module or () for part in ("--module", name)]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=copy, env=environment, check=False)
    if done.returncode:
        return done.returncode
    record = recorded(given, found, state["sources"], time.monotonic() - begun)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, row in record["groups"].items():
        low, high = row["interval"]
        print(f"{name:12} {row['tried']:5} tried, {row['survived']:4} survived, score {row['score']:.1%}", end="")
        print(f" ({low:.1%} to {high:.1%})")
    return 0


def chosen_mutants(given: argparse.Namespace) -> dict[str, tuple[list[Mutant], list[Mutant]]]:
    """Return {module: (all mutants, those to be tried)}."""
    found = {}
    for module in modules():
        if given.module and not any(part in module for part in given.module):
            continue
        text = (ROOT / module).read_text(encoding="utf-8")
        mutants = mutants_of(module, text)
        usable = functools.partial(lambda text, one: mutated(text, one) is not None, text)
        if mutants:
            found[module] = mutants, drawn(mutants, None if given.all else given.sample, given.seed, usable)
    return found


def inside(given: argparse.Namespace) -> int:
    """Run the mutants that are not done yet; this is the copy."""
    import pytest

    found = given.work / "found.jsonl"
    done = {json.loads(line)["name"] for line in found.read_text().splitlines()} if found.exists() else set()
    chosen = chosen_mutants(given)
    rounds = itertools.zip_longest(*(sample for _, sample in chosen.values()))  # so that one may stop at any time
    todo = [one for ones in rounds for one in ones if one is not None and one.name not in done]
    texts = {module: (ROOT / module).read_text(encoding="utf-8") for module in chosen}

    def record(mutant: Mutant, outcome: str, test: str) -> None:
        text = texts[mutant.module]
        row = {**asdict(mutant), "name": mutant.name, "outcome": outcome, "test": test, **described(text, mutant)}
        with open(found, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")

    print(f"{sum(len(sample) for _, sample in chosen.values())} mutants, {len(todo)} to do")
    if not todo:
        return 0
    for name in ("scipy.optimize", "scipy.stats", "numba"):  # once, instead of in every fork
        if importlib.util.find_spec(name.split(".")[0]):
            importlib.import_module(name)
    names = [name for name in (*TESTS, *modules()) if (ROOT / name).exists()]
    return int(pytest.main([*options(ROOT), *names], plugins=[Session(given.work, todo, record)]))


def recorded(given: argparse.Namespace, found: Path, sources: str, seconds: float) -> dict[str, Any]:
    """Return the record: the tool, how the mutants were drawn, and the counts of every module and group."""
    from importlib.metadata import version

    results = {row["name"]: row for row in map(json.loads, found.read_text(encoding="utf-8").splitlines())}
    equivalent = read_equivalent()
    groups: dict[str, list[dict[str, Any]]] = {}
    survivors = []
    for module, (mutants, sample) in chosen_mutants(given).items():
        rows = [results[one.name] for one in sample]
        for row in rows:
            if (module, row["function"], row["before"], row["nth"], row["after"]) in equivalent:
                row["outcome"] = "equivalent"
            if row["outcome"] == "survived":
                survivors.append({key: row[key] for key in ("module", "function", "line", "before", "nth", "after")})
        groups.setdefault(modules()[module], []).append(counted(module, mutants, rows))
    everything = [row for rows in groups.values() for row in rows]
    return {
        "tool": f"cosmic-ray {version('cosmic-ray')}",
        "sampling": "every mutant" if given.all else f"one mutant at each of {given.sample} places of a module at most",
        "seed": None if given.all else given.seed,
        "sources_sha256": sources,
        "minutes": round(seconds / 60, 1),
        "wanted": WANTED,
        "total": summed(everything),
        "groups": {group: summed(rows) for group, rows in groups.items()},
        "modules": everything,
        "survivors": survivors,
    }


if __name__ == "__main__":
    raise SystemExit(main())
