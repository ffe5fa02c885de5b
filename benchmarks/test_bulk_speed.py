"""How fast an official file of 3 GB is read: run `python -m pytest benchmarks/test_bulk_speed.py -s`.

The file is made up in the layout of the Census Profile of 2021 (2,631 characteristics an area, accents, symbols) and
lies in a temporary folder while this runs. Each measurement is a process of its own, with two threads, so that the
peak of its memory is its own; the better of two runs counts. Set LIPRESEARCH_BULK_MB for another size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("pytest_benchmark")

ROOT = Path(__file__).resolve().parent.parent
MEGABYTES = int(os.environ.get("LIPRESEARCH_BULK_MB", "3000"))
FEW = (
    *("population", "population_density", "land_area", "median_age", "mother_tongue_total", "mother_tongue_english"),
    *("mother_tongue_non_official", "immigrants", "recent_immigrants", "non_permanent_residents"),
    *("median_household_income", "unemployment_rate"),
)
#: How many areas a study asks for, of all in the file.
STUDY = 90

PEAK = """
import json, sys, time
def peak():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
path, asked = sys.argv[1], json.loads(sys.argv[2])
"""
OURS = (
    PEAK
    + """
from pathlib import Path
import numpy, pandas
from lipresearch.official import read_profile
start, before = time.perf_counter(), time.process_time()
cache = Path(asked["cache"]) if asked["cache"] else None
found = read_profile(Path(path), asked["characteristics"], asked["areas"], cache=cache)
wide = found.wide()
seconds, worked = time.perf_counter() - start, time.process_time() - before
names = sorted(set(found.table["name"]))
print(json.dumps([seconds, worked, peak(), list(wide.shape), names]))
"""
)
ARROW = (
    PEAK
    + """
import csv
import pyarrow as pa, pyarrow.csv as pc
pa.set_cpu_count(2)
with open(path, encoding="cp1252", newline="") as stream:
    header = [f"{name} {place}" for place, name in enumerate(next(csv.reader(stream)))]
needed = [header[place] for place in (1, 3, 4, 7, 8, 9, 11, 12)]
start, before = time.perf_counter(), time.process_time()
reader = pc.open_csv(
    path,
    read_options=pc.ReadOptions(column_names=header, skip_rows=1, block_size=8 << 20, use_threads=True),
    convert_options=pc.ConvertOptions(column_types=dict.fromkeys(header, pa.binary()), include_columns=needed),
)
rows = sum(batch.num_rows for batch in reader)
print(json.dumps([time.perf_counter() - start, time.process_time() - before, peak(), [rows, 0], []]))
"""
)


class Run(NamedTuple):
    """Seconds on the clock, seconds of work over both cores, peak memory in MB, shape and names of the answer."""

    seconds: float
    worked: float
    peak: float
    shape: list[int]
    names: list[str]


def run(script: str, path: Path, asked: dict[str, Any]) -> Run:
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), json.dumps(asked)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return Run(*json.loads(done.stdout))


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    from tests.official_files import write_2021

    path = tmp_path_factory.mktemp("bulk") / "98-401-X2021005_English_CSV_data.csv"
    with open(path, "wb") as stream:
        count = write_2021(stream, 40_000, most=MEGABYTES * 1_000_000)
    try:
        yield path, count
    finally:
        path.unlink()


def test_a_bulk_file_is_read_at_the_speed_of_a_scan(bulk: tuple[Path, int], tmp_path: Path) -> None:
    from tests.official_files import areas_2021

    path, count = bulk
    megabytes = path.stat().st_size / 1e6
    areas = list(areas_2021(count))
    step = max(1, count // STUDY)
    questions: dict[str, tuple[dict[str, Any], int]] = {
        f"a study: 12 characteristics, {len(areas[::step])} areas": (
            {"characteristics": FEW, "areas": [area[0] for area in areas[::step]]},
            len(areas[::step]),
        ),
        f"the country: 12 characteristics, {count} areas": ({"characteristics": FEW, "areas": None}, count),
        f"all 424 declared characteristics, {count} areas": ({"characteristics": None, "areas": None}, count),
    }
    print(f"\n{megabytes:,.0f} MB, {count * 2631:,} rows; load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    run(OURS, path, {"characteristics": FEW[:1], "areas": [areas[0][0]], "cache": None})  # compiles, once a machine
    scans = [run(ARROW, path, {})]
    results: dict[str, list[Run]] = {}
    for _ in range(2):
        for name, (asked, _) in questions.items():
            results.setdefault(name, []).append(run(OURS, path, {**asked, "cache": None}))
        scans.append(run(ARROW, path, {}))
    scan = megabytes / min(each.seconds for each in scans)
    print(line("streamed pyarrow scan", scans, megabytes))
    failed = []
    for name, runs in results.items():
        asked, size = questions[name]
        folder = tmp_path / name.split(":")[0].replace(" ", "-")[:12]
        run(OURS, path, {**asked, "cache": str(folder)})
        second = run(OURS, path, {**asked, "cache": str(folder)})
        speed = megabytes / min(each.seconds for each in runs)
        print(f"{line(name, runs, megabytes)}, {speed / scan:.2f} of the scan, from the cache {second.seconds:.2f} s")
        for each in (*runs, second):
            assert each.shape[0] == size
            assert each.names == sorted({area[3] for area in areas[:: step if size < count else 1]}), (
                "a letter was lost"
            )
        if max(each.peak for each in runs) >= 900:
            failed.append(f"{name}: memory")
        if second.seconds >= 2:
            failed.append(f"{name}: second reading")
        if speed < 480 and speed < 0.9 * scan:
            failed.append(f"{name}: speed")
    print(f"load {os.getloadavg()[0]:.1f}")
    assert not failed


def line(name: str, runs: list[Run], megabytes: float) -> str:
    speed, work = (megabytes / min(getattr(each, kind) for each in runs) for kind in ("seconds", "worked"))
    peak = max(each.peak for each in runs)
    return f"{name:52} {speed:6,.0f} MB/s, {work:5,.0f} MB a second of work, peak {peak:4,.0f} MB"
