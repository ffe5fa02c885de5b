"""Write ``docs/quality.md`` from the records in ``docs/quality``: what ``nox -s quality`` runs.

Records that checks have left in ``outputs/quality`` are taken first. A test compares the page with the records.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .records import FRESH, KEPT, ROOT, read

PAGE = "docs/quality.md"
#: The records, and the session that makes each.
RECORDS = {
    "tests-default.json": "tests",
    "coverage.json": "coverage",
    "mutation.json": "mutation",
    "determinism.json": "determinism",
    "lint.json": "lint",
    "bad_input.json": "bad_input",
    "audit.json": "audit",
}
HEAD = """# Quality

Made by `nox -s quality` from the records in `docs/quality/`, each written by the session that is named with it; nothing
here is typed. `nox` runs the checks that a fresh clone must pass; `nox --list` names all.
"""


def table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a table."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def tests(record: Mapping[str, Any]) -> str:
    """Return what is said of the tests."""
    counts = ", ".join(f"{record[kind]:,} {words}" for kind, words in OUTCOMES)
    reasons = "".join(f"\n- {number} skipped: {reason}" for reason, number in record["reasons"].items())
    return f"Python {record['python']}: {counts}.\n{reasons}".rstrip()


OUTCOMES = (("passed", "passed"), ("failure", "failed"), ("error", "broken"), ("skipped", "skipped"))


def coverage(record: Mapping[str, Any]) -> str:
    """Return what is said of coverage: in all, by layer, and the ten modules with least."""
    layers = table(("layer, lowest first", "%"), [(one["modules"], one["covered"]) for one in record["layers"]])
    least = sorted(record["modules"].items(), key=lambda pair: (pair[1], pair[0]))[:10]
    return (
        f"**{record['covered']} %** of {record['lines']:,} lines and {record['branches']:,} branches, in all "
        f"processes that the tests start (coverage.py {record['version']}; target 95 %). "
        f"{record['excluded']} lines are left out: declarations for types.\n\n{layers}\n\n"
        "The ten modules with least:\n\n" + table(("module", "%"), [(f"`{name}`", share) for name, share in least])
    )


def mutation(record: Mapping[str, Any]) -> str:
    """Return what is said of mutants: how they were drawn, in all, by group and by module."""
    columns = [name for name in record["total"] if name != "module"]
    named = [("all", record["total"]), *sorted(record["groups"].items())]
    named += [(f"`{one['module']}`", one) for one in record["modules"]]

    def shown(value: object) -> str:
        return " to ".join(map(str, value)) if isinstance(value, list) else str(value)

    drawn = f"{record['tool']}; {record['sampling']}, seed {record['seed']}; sources `{record['sources_sha256'][:12]}`."
    return f"{drawn}\n\n" + table(
        ("part", *(name.replace("_", " ") for name in columns)),
        [(name, *(shown(one.get(column, "")) for column in columns)) for name, one in named],
    )


def determinism(record: Mapping[str, Any]) -> str:
    """Return what is said of determinism: which environments ran, under what, and what differed."""
    rows = [
        (
            one["name"],
            one["python"],
            ", ".join(f"{name} {version}" for name, version in one["versions"].items()),
            one["files"],
            len(one["problems"]),
        )
        for one in record["environments"]
    ]
    varied = {
        variation["name"]: (
            variation["locale"],
            variation["timezone"],
            variation["hash_seed"],
            variation["threads"],
            "with" if variation["numba"] else "without",
            variation["umask"],
            ", ".join(f"{name}={value}" for name, value in variation["python"].items()),
        )
        for one in record["environments"]
        for variation in one["variations"]
    }
    absent = ", ".join(record["not_run"]) or "none"
    problems = "".join(f"\n- {problem}" for problem in record["problems"])
    return (
        f"`data/derived` (SHA-256 `{record['derived'][:12]}`), rankings, sets and memos were made anew in each "
        "environment under each variation and compared byte for byte: "
        f"{len(record['problems'])} differences in all. Pictures in memos are compared where the same matplotlib and "
        f"Pillow drew them. Environments that did not run: {absent}.{problems}\n\n"
        + table(("environment", "Python", "versions", "files", "differences"), rows)
        + "\n\nThe variations; each runs in another folder, some with blanks, accents and other letters:\n\n"
        + table(
            ("variation", "locale", "time zone", "hash seed", "threads", "numba", "umask", "Python's own"),
            [(name, *settings) for name, settings in sorted(varied.items())],
        )
    )


def lint(record: Mapping[str, Any]) -> str:
    """Return what is said of rules, layout, types and unused code."""
    tools = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return (
        f"{tools}. Rules: {record['rules']}; layout of {record['files']} files: {record['layout']}; types of "
        f"the {record['typed']} files of the package (mypy, strict): {record['types']}; "
        f"unused names: {len(record['unused'])}."
    )


def bad_input(record: Mapping[str, Any]) -> str:
    """Return what is said of bad input."""
    return f"{record['summary']}\n\n{tests(record)}"


def audit(record: Mapping[str, Any]) -> str:
    """Return what is said of known weaknesses."""
    if not record["reached"]:
        return f"**Not done**: {record['reason']}. `nox -s audit` repeats it where pip-audit's service can be reached."
    weaknesses = "".join(f"\n- {weakness}" for weakness in record["weaknesses"])
    return (
        f"{record['looked_up']} of {record['packages']} locked packages were looked up: "
        f"{len(record['weaknesses'])} with known weaknesses.{weaknesses}"
    )


SECTIONS = (
    ("Tests", "tests-default.json", tests),
    ("Coverage", "coverage.json", coverage),
    ("Mutation", "mutation.json", mutation),
    ("Determinism", "determinism.json", determinism),
    ("Rules, layout, types, unused code", "lint.json", lint),
    ("Bad input", "bad_input.json", bad_input),
    ("Known weaknesses of packages", "audit.json", audit),
)
TAIL = """
## Licences

`docs/licences.md`, compared with what is installed by `nox -s licences`.

## Speed

`make benchmark` times the heavy parts beside other packages; `benchmarks/README.md` says what was measured.
"""


def page(records: Mapping[str, Mapping[str, Any] | None]) -> str:
    """Return the page; a record that is missing is said to be."""
    parts = [HEAD]
    for title, file, words in SECTIONS:
        record = records.get(file)
        session = RECORDS[file]
        text = words(record) if record else f"Not recorded yet: run `nox -s {session}`, then `nox -s quality`."
        kept = f", `docs/quality/{file}`" if record else ""
        parts.append(f"\n## {title}\n\n`nox -s {session}`{kept}\n\n{text}\n")
    return "".join(parts) + TAIL


def main(fresh: Path = FRESH, kept: Path = KEPT, root: Path = ROOT) -> None:
    """Take the new records and write the page."""
    kept.mkdir(parents=True, exist_ok=True)
    taken = [name for name in RECORDS if (fresh / name).is_file()]
    for name in taken:
        json.loads((fresh / name).read_text(encoding="utf-8"))
        shutil.copyfile(fresh / name, kept / name)
    text = page({name: read(name, kept) for name in RECORDS})
    (root / PAGE).write_text(text, encoding="utf-8", newline="\n")
    print(f"{PAGE}: {', '.join(taken) or 'no new record'}")


if __name__ == "__main__":
    main()
