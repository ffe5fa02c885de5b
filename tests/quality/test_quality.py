"""The checks of quality see what they are for, and docs/quality.md is what the records say."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from quality import audit, covered, determinism, licences, lint, records, report, tally

ROOT = records.ROOT
NOXFILE = (ROOT / "noxfile.py").read_text(encoding="utf-8")

# ---- determinism --------------------------------------------------------------------------------


def test_a_file_that_differs_or_is_missing_is_named() -> None:
    runs = {"one": {"a": "11111111x", "b": "2"}, "two": {"a": "11111111x", "b": "3"}, "three": {"a": "11111111x"}}
    assert determinism.differences(runs) == ["b: 2 in one; 3 in two; missing in three"]
    assert determinism.differences({"one": {"a": "1"}, "two": {"a": "1"}}) == []


def environment(name: str, folder: Path, sources: str, matplotlib: str = "3.11", **hashes: str) -> None:
    """Write the record of an environment."""
    record = {
        "name": name,
        "python": "3.11.7",
        "versions": {"matplotlib": matplotlib, "pillow": "13"},
        "sources": sources,
        "problems": [],
        "hashes": {"sites.csv": "1", "memo.html (pictures)": "2", **hashes},
    }
    records.write(f"{name}.json", record, folder)


def test_environments_that_agree_differ_or_did_not_run(tmp_path: Path) -> None:
    sources = records.sources_hash()
    environment("a", tmp_path, sources)
    environment("b", tmp_path, sources)
    whole, problems = determinism.agree(tmp_path, ["a", "b", "c"])
    assert (problems, whole["not_run"]) == ([], ["c"])
    assert [one["name"] for one in whole["environments"]] == ["a", "b"]
    environment("c", tmp_path, "of other sources", **{"sites.csv": "9"})  # of another day: not compared
    assert determinism.agree(tmp_path, ["a", "b", "c"])[0]["not_run"] == ["c"]
    environment("b", tmp_path, sources, **{"sites.csv": "9"})
    assert determinism.agree(tmp_path)[1] == ["sites.csv: 1 in a; 9 in b"]
    environment("b", tmp_path, sources, **{"another.csv": "9"})
    assert determinism.agree(tmp_path)[1] == ["another.csv: missing in a; 9 in b"]


def test_pictures_are_compared_where_the_same_matplotlib_drew_them(tmp_path: Path) -> None:
    sources = records.sources_hash()
    environment("a", tmp_path, sources)
    environment("b", tmp_path, sources, **{"memo.html (pictures)": "9"})
    assert determinism.agree(tmp_path)[1] == ["memo.html (pictures): 2 in a; 9 in b"]
    environment("b", tmp_path, sources, "3.10", **{"memo.html (pictures)": "9"})
    assert determinism.agree(tmp_path)[1] == []


def test_a_variation_sets_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "locales").mkdir()
    variation = next(one for one in determinism.VARIATIONS if one.name == "ASCII")
    found = determinism.environment(variation, tmp_path)
    wanted = {"LC_ALL": "C", "TZ": "America/St_Johns", "PYTHONUTF8": "0", "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "1"}
    assert wanted.items() <= found.items()
    assert "PYTHONPATH" not in found
    assert {one.threads for one in determinism.VARIATIONS} == {1, 2, 4}
    assert {one.hash_seed for one in determinism.VARIATIONS} == {"0", "1", "random", "4294967295"}
    assert set(determinism.FEW) < {one.name for one in determinism.VARIATIONS}
    assert {one.numba for one in determinism.VARIATIONS if one.name in determinism.FEW} == {True, False}


def test_what_is_stored_is_hashed_as_the_manifest_says() -> None:
    manifest = json.loads((ROOT / "data" / "derived" / "manifest.json").read_text(encoding="utf-8"))
    stored = determinism.stored(ROOT)
    assert {name: digest for name, digest in stored.items() if name in manifest["outputs"]} == manifest["outputs"]


# ---- sessions -----------------------------------------------------------------------------------


def value_of(name: str) -> Any:
    """Return what the noxfile declares under a name, without running it."""
    for node in ast.parse(NOXFILE).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise LookupError(name)


def test_nox_runs_on_every_python_that_is_declared() -> None:
    declared = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert list(value_of("PYTHONS")) == declared
    for session in report.RECORDS.values():
        assert re.search(rf"^def {session}\(session", NOXFILE, re.MULTILINE), session


def test_ci_compares_the_oldest_and_the_newest_before_the_tests() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    asked = re.findall(r'"determinism\(([^)]+)\)"', ci)
    assert asked == ["3.11-oldest", "3.12-locked", "3.13-newest"]
    assert {name.split("-")[0] for name in asked} == set(value_of("PYTHONS"))
    assert ci.index("determinism") < ci.index('"${clean[@]}" make test')


# ---- the other checks ---------------------------------------------------------------------------


def test_unused_code_is_seen_and_what_a_notebook_uses_is_used(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("def left_over():\n    return 1\n\n\ndef setup():\n    return 2\n")
    found = lint.unused([str(tmp_path / "module.py")], tmp_path)
    assert len(found) == 1
    assert "unused function 'left_over'" in found[0]


PACKAGE = {"name": "pandas", "version": "3.1.1", "vulns": []}
SKIPPED = {"name": "numpy", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        ([PACKAGE, SKIPPED], (True, 1, [])),
        ([SKIPPED], (False, 0, [])),  # of which pip-audit says that it found nothing
        ([{**PACKAGE, "vulns": [{"id": "B"}, {"id": "A"}]}], (True, 1, ["pandas 3.1.1: A, B"])),
    ],
)
def test_an_audit_that_looked_nothing_up_is_none(packages: list[Any], expected: tuple[bool, int, list[str]]) -> None:
    record = audit.judged(0, json.dumps({"dependencies": packages}), "")
    assert (record["reached"], record["looked_up"], record["weaknesses"]) == expected
    assert bool(record["reason"]) is not record["reached"]


def test_an_audit_without_a_connection_says_so() -> None:
    record = audit.judged(1, "", "Traceback\nConnectionError: no name resolved\n")
    assert record["reason"] == "pip-audit gave no answer: ConnectionError: no name resolved"
    assert not record["reached"]


JUNIT = """<testsuites><testsuite><testcase/><testcase/><testcase><skipped message="no browser"/></testcase>
<testcase><failure/></testcase><testcase><error/></testcase></testsuite></testsuites>"""


def test_outcomes_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(JUNIT)
    wanted = {"passed": 2, "failure": 1, "error": 1, "skipped": 1, "reasons": {"no browser": 1}}
    assert tally.counted(tmp_path / "a.xml") == wanted


def summary(lines: int, covered: int, branches: int, taken: int) -> dict[str, int]:
    return {
        "num_statements": lines,
        "covered_lines": covered,
        "num_branches": branches,
        "covered_branches": taken,
        "excluded_lines": 0,
    }


def test_coverage_is_added_by_lines_and_branches_not_averaged() -> None:
    files = {
        "lipresearch/errors.py": {"summary": summary(10, 10, 0, 0)},
        "lipresearch/measures/rates.py": {"summary": summary(60, 30, 30, 15)},
        "lipresearch/measures/__init__.py": {"summary": summary(0, 0, 0, 0)},
        "lipresearch/__init__.py": {"summary": summary(4, 3, 0, 0)},
    }
    made = {"files": files, "totals": summary(74, 43, 30, 15), "meta": {"version": "7"}}
    record = covered.record_of(made, [("errors",), ("measures",), ("sites",), ("",)])
    assert record["modules"] == {
        "__init__.py": 75.0,
        "errors.py": 100.0,
        "measures/__init__.py": 100.0,
        "measures/rates.py": 50.0,
    }
    assert record["layers"] == [
        {"modules": "errors", "covered": 100.0},
        {"modules": "measures", "covered": 50.0},
        {"modules": "lipresearch", "covered": 75.0},
    ]
    assert record["covered"] == pytest.approx(55.77)
    assert covered.layers()[0][0] == "errors"


def test_a_licence_is_the_expression_else_the_classifier_else_the_packages_own_words() -> None:
    def stated(expression: str, classifier: str, own: str) -> str:
        return licences.stated(
            {"License-Expression": expression, "License-Classifier": classifier, "License-Metadata": own}
        )

    unknown = "UNKNOWN"
    assert stated("MIT", "MIT License", "x") == "MIT"
    assert stated(unknown, "BSD License", "x") == "BSD License"
    assert stated(unknown, unknown, "ISC") == "ISC"
    assert stated(unknown, unknown, "A text.\nOf lines.") == unknown
    text = "Redistribution and use in source and binary forms\n1. 2."
    assert stated(unknown, unknown, text) == "BSD-2-Clause"
    assert stated(unknown, unknown, text + " 3. Neither the name") == "BSD-3-Clause"


# ---- the page -----------------------------------------------------------------------------------


def test_the_page_of_quality_is_what_the_records_say() -> None:
    found = {name: records.read(name) for name in report.RECORDS}
    assert any(found.values())
    text = report.page(found)
    assert (ROOT / report.PAGE).read_text(encoding="utf-8") == text
    for name, record in found.items():
        if record:  # without it the page is another
            assert report.page({**found, name: None}) != text


def test_a_record_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    text = report.page({})
    assert text.count("Not recorded yet: run `nox -s ") == len(report.RECORDS)
    (tmp_path / "docs").mkdir()
    records.write("audit.json", audit.judged(1, "", "no name resolved"), tmp_path / "fresh")
    report.main(tmp_path / "fresh", tmp_path / "docs" / "quality", tmp_path)
    written = (tmp_path / "docs" / "quality.md").read_text(encoding="utf-8")
    assert "**Not done**: pip-audit gave no answer: no name resolved." in written
    assert (tmp_path / "docs" / "quality" / "audit.json").is_file()


def test_a_record_knows_its_sources(tmp_path: Path) -> None:
    for part in ("lipresearch", "data/raw", "data/design"):
        (tmp_path / part).mkdir(parents=True)
    (tmp_path / "lipresearch" / "a.py").write_text("x = 1\n", newline="\n")
    before = records.sources_hash(tmp_path)
    (tmp_path / "lipresearch" / "a.py").write_text("x = 1\n", newline="\r\n")
    assert records.sources_hash(tmp_path) == before
    (tmp_path / "data" / "raw" / "a.csv").write_text("1\n")
    assert records.sources_hash(tmp_path) != before
