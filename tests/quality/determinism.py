"""The same bytes everywhere: make everything in this environment under other settings, and compare.

``python -m tests.quality.determinism run NAME [--few]`` makes ``data/derived``, rankings, sets and memos in copies of
the project and compares them with the stored ``data/derived`` and with one another. ``... agree`` compares the
environments that ran. ``nox -s determinism`` does both for every Python and set of dependencies.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .records import FRESH, ROOT, derived_hash, sources_hash, write

PRODUCE = Path(__file__).with_name("produce.py")
RECORDS = FRESH / "determinism"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA")


@dataclass(frozen=True)
class Variation:
    """Settings that must make no difference."""

    name: str
    locale: str
    timezone: str
    hash_seed: str
    threads: int
    folder: str
    numba: bool = True
    umask: int = 0o022
    python: tuple[tuple[str, str], ...] = ()


#: Several settings at once; where one of them matters, ``differences`` names the files.
VARIATIONS = (
    Variation("plain", "C.UTF-8", "UTC", "0", 1, "project"),
    Variation(
        *("ASCII", "C", "America/St_Johns", "1", 2, "another/folder"),
        umask=0o077,
        python=(("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONOPTIMIZE", "1")),
    ),
    Variation("French, no numba", "fr_CA.UTF-8", "Asia/Kathmandu", "random", 4, "dossier à côté/É t é", numba=False),
    Variation(
        *("Turkish", "tr_TR.UTF-8", "Pacific/Kiritimati", "4294967295", 2, "İstanbul ığ"),
        python=(("PYTHONOPTIMIZE", "2"),),
    ),
)
#: Those of an environment that is one among several.
FEW = ("ASCII", "French, no numba")


def make_locale(name: str, folder: Path) -> bool:
    """Make a locale that this machine lacks, without installing it; return whether that could be done."""
    tool = shutil.which("localedef")
    if tool is None:
        return False
    language, _, charset = name.partition(".")
    target = folder / name
    done = subprocess.run([tool, "-i", language, "-f", charset, str(target)], capture_output=True, check=False)
    return done.returncode in (0, 1) and target.is_dir()  # 1: made, with warnings


def environment(variation: Variation, work: Path) -> dict[str, str]:
    """Return the variables of the variation, and of this process only those that find programs and processors."""
    keep = ("PATH", "HOME", "SYSTEMROOT", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH")
    found = {name: os.environ[name] for name in keep if name in os.environ}
    found |= {f"{name}_NUM_THREADS": str(variation.threads) for name in THREADS}
    found |= {
        "POLARS_MAX_THREADS": str(variation.threads),
        "LC_ALL": variation.locale,
        "LOCPATH": str(work / "locales"),
        "TZ": variation.timezone,
        "PYTHONHASHSEED": variation.hash_seed,
        "NUMBA_CACHE_DIR": str(work / "numba"),
        "MPLCONFIGDIR": str(work / "matplotlib"),
    }
    if variation.locale in ("C", "C.UTF-8") or not make_locale(variation.locale, work / "locales"):
        del found["LOCPATH"]
    return found | dict(variation.python)


def produce(variation: Variation, root: Path) -> dict[str, Any]:
    """Make everything in a copy of the project; return what ``produce.py`` says, or raise RuntimeError."""
    with tempfile.TemporaryDirectory(prefix="lipresearch-") as temporary:
        work = Path(temporary)
        project = work / variation.folder
        for part in ("raw", "design"):
            shutil.copytree(root / "data" / part, project / "data" / part)
        (work / "locales").mkdir()
        variables = environment(variation, work)
        options = [] if variation.numba else ["--without-numba"]
        locale_found = variation.locale in ("C", "C.UTF-8") or "LOCPATH" in variables or has_locale(variables)
        if locale_found:
            options.append("--locale")
        else:
            variables["LC_ALL"] = "C.UTF-8"
        done = subprocess.run(
            [sys.executable, str(PRODUCE), *options],
            cwd=project,
            env=variables,
            umask=variation.umask,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{variation.name}: {done.stderr}")
    said: dict[str, Any] = json.loads(done.stdout)
    if not locale_found:
        said["locale"] += f" ({variation.locale} is not on this machine)"
    return said


def has_locale(variables: Mapping[str, str]) -> bool:
    """Return whether the machine itself knows the locale of these variables."""
    script = "import locale; locale.setlocale(locale.LC_ALL, '')"
    return not subprocess.run(
        [sys.executable, "-c", script], env=variables, capture_output=True, check=False
    ).returncode


def differences(runs: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return one line for each file that is not the same, or not there, in all runs."""
    problems = []
    for file in sorted({file for hashes in runs.values() for file in hashes}):
        kinds: dict[str, list[str]] = {}
        for name, hashes in runs.items():
            kinds.setdefault(hashes.get(file, "missing"), []).append(name)
        if len(kinds) > 1:
            groups = "; ".join(f"{digest[:8]} in {', '.join(names)}" for digest, names in kinds.items())
            problems.append(f"{file}: {groups}")
    return problems


def stored(root: Path) -> dict[str, str]:
    """Return the hashes of the stored ``data/derived``."""
    from .produce import sha256

    files = sorted(path for path in (root / "data" / "derived").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256(path.read_bytes()) for path in files}


def run(name: str, few: bool, root: Path = ROOT) -> list[str]:
    """Make everything under the variations, write the record of this environment, return what differs."""
    chosen = [variation for variation in VARIATIONS if not few or variation.name in FEW]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        made = dict(
            zip([variation.name for variation in chosen], pool.map(lambda one: produce(one, root), chosen), strict=True)
        )
    hashes = {variation: said["hashes"] for variation, said in made.items()}
    problems = differences(hashes)
    first = made[chosen[0].name]
    derived = {file: digest for file, digest in first["hashes"].items() if file.startswith("data/derived/")}
    problems += differences({"stored": stored(root), "made here": derived})
    record = {
        "name": name,
        "python": first["python"],
        "versions": first["versions"],
        "sources": sources_hash(root),
        "derived": derived_hash(root),
        "variations": [
            {
                "name": variation.name,
                "locale": made[variation.name]["locale"],
                "timezone": variation.timezone,
                "hash_seed": variation.hash_seed,
                "threads": variation.threads,
                "numba": variation.numba and first["versions"]["numba"] != "none",
                "umask": f"{variation.umask:03o}",
                "python": dict(variation.python),
            }
            for variation in chosen
        ],
        "files": len(first["hashes"]),
        "problems": problems,
        "hashes": first["hashes"],
    }
    write(f"{name.replace(' ', '-')}.json", record, RECORDS)
    print(f"determinism, {name}: Python {record['python']}, {_shown(record['versions'])}")
    for variation in record["variations"]:
        print(f"  {variation['name']}: {variation['locale']}, {variation['timezone']}, {variation['threads']} threads")
    print(f"  {record['files']} files under {len(chosen)} variations: {len(problems)} differences")
    return problems


def _shown(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def comparable(record: Mapping[str, Any], first: Mapping[str, Any]) -> dict[str, str]:
    """Return the hashes of a record that must be those of the first one.

    Pictures only where the same matplotlib and Pillow drew them: other versions draw the same data with other bytes.
    """
    drawn = [(one["versions"]["matplotlib"], one["versions"]["pillow"]) for one in (record, first)]
    alike = drawn[0] == drawn[1]
    return {file: digest for file, digest in record["hashes"].items() if alike or "(pictures)" not in file}


def agree(folder: Path = RECORDS, expected: Sequence[str] = (), root: Path = ROOT) -> tuple[dict[str, Any], list[str]]:
    """Compare the environments that ran on the present sources; return the record of all, and what differs."""
    sources = sources_hash(root)
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    now = [record for record in records if record["sources"] == sources]
    problems = [f"{record['name']}: {problem}" for record in now for problem in record["problems"]]
    for record in now[1:]:
        pair = {one["name"]: comparable(one, now[0]) for one in (now[0], record)}
        shared = set.intersection(*(set(hashes) for hashes in pair.values()))
        shared |= {file for hashes in pair.values() for file in hashes if "(pictures)" not in file}
        problems += differences(
            {name: {f: h for f, h in hashes.items() if f in shared} for name, hashes in pair.items()}
        )
    absent = [name for name in expected if name not in [record["name"] for record in now]]
    whole = {
        "sources": sources,
        "derived": derived_hash(root),
        "environments": [{key: value for key, value in one.items() if key != "hashes"} for one in now],
        "not_run": absent,
        "problems": problems,
    }
    return whole, problems


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one environment, or compare those that ran."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("run", "agree"))
    parser.add_argument("name", nargs="*", help="of this environment; with agree: those that should have run")
    parser.add_argument("--few", action="store_true", help="two of the four variations")
    asked = parser.parse_args(arguments)
    if asked.what == "run":
        problems = run(" ".join(asked.name), asked.few)
    else:
        whole, problems = agree(expected=asked.name)
        write("determinism.json", whole)
        names = [f"{one['name']} ({one['python']})" for one in whole["environments"]]
        print(f"compared: {', '.join(names) or 'nothing'}; did not run here: {', '.join(whole['not_run']) or 'none'}")
        if not names:
            problems = ["no environment ran on the present sources: run `nox -s determinism`"]
        print(
            f"determinism: {len(names)} environments, data/derived {whole['derived'][:12]}, {len(problems)} differences"
        )
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
