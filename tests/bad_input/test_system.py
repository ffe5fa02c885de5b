"""What the machine does to a user: no room, no rights, a killed build, devices for files, little memory."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import lipresearch as lip
from bad_input.catalogue import OWN, ROOT, contents, run_command
from lipresearch import build, tables
from lipresearch.notebook import table_html

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system like Linux or macOS")


def started(root: Path, *arguments: str, prepare: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from lipresearch.cli import main; main()", *arguments],
        cwd=root,
        env={**os.environ, "LIPRESEARCH_PROJECT": str(root), "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def derived(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "data" / "derived").rglob("*.*")}


@pytest.mark.usefixtures("measured_before")
def test_a_killed_build_leaves_the_old_results_and_the_next_build_works(project_copy: Path) -> None:
    before = derived(project_copy)
    for moment in ("  Site types", "  Count residents"):
        process = started(project_copy, "build", "--force")
        assert process.stderr is not None
        while not (line := process.stderr.readline()).startswith(moment):
            assert line, "the build ended before it was killed"
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert derived(project_copy) == before
        assert build.is_fresh(project_copy)
    left = list((project_copy / "data").glob(f"{build.WORK}*"))
    assert len(left) == 2
    os.utime(left[0], (time.time() - 7200, time.time() - 7200))
    build.build(project_copy, force=True)
    assert list((project_copy / "data").glob(f"{build.WORK}*")) == left[1:], "the other may still be running"
    assert derived(project_copy) == before


@pytest.mark.usefixtures("measured_before")
def test_a_build_that_dies_while_it_moves_files_is_noticed(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some files may then be new and some old; every command that reads them says so, and the next build mends it."""
    after = derived(project_copy)
    for path in (project_copy / "data" / "derived").rglob("*.csv"):
        path.write_bytes(path.read_bytes() + b"\n")
    replace, done = os.replace, []

    def dies(source: Path, target: Path) -> None:
        if "derived" in str(target) and len(done) >= 2:
            raise KeyboardInterrupt
        done.extend([target] if "derived" in str(target) else [])
        replace(source, target)

    monkeypatch.setattr(build.os, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        build.build(project_copy)
    monkeypatch.setattr(build.os, "replace", replace)
    assert not build.is_fresh(project_copy)
    code, _, err = run_command(project_copy, ("rank", "health"))
    assert code == 1
    assert "is not the file that was made" in err
    build.build(project_copy)
    assert derived(project_copy) == after


@pytest.mark.usefixtures("measured_before")
def test_a_disk_without_room_keeps_the_old_results(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(project_copy)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.os, "fsync", full)
    code, out, err = run_command(project_copy, ("build", "--force"))
    told = err[err.index("Error:") :].replace(str(project_copy), ".")
    assert (code, out) == (1, "")
    assert told.startswith("Error: ./data/.building-")
    assert told.endswith(
        "/sites.csv cannot be read or written: No space left on device. What was there is unchanged.\n"
    )
    assert contents(project_copy).keys() == before.keys()
    assert {name: found for name, found in contents(project_copy).items() if before[name] != found} == {}


def test_a_file_that_grows_over_its_limit_is_not_left_half(project_copy: Path) -> None:
    target = project_copy / "ranking.csv"
    target.write_text("old\n")

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    command = ("rank", "health", "--format", "csv", "-o", "ranking.csv")
    process = started(project_copy, *command, prepare=small_files)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "Error: ranking.csv cannot be written: File too large. Name another file with --output.\n" in err
    assert target.read_text() == "old\n"
    assert [path.name for path in project_copy.iterdir() if path.name != "data"] == ["ranking.csv"]


#: Becomes another user when all is imported: the environment may lie in a folder that only this one may read.
AS_NOBODY = """
import contextlib
import os
from lipresearch.cli import main
with contextlib.suppress(SystemExit):
    main(["sites"])
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
main(["build", "--force"])
"""


def test_a_folder_without_the_right_to_write() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        shutil.copytree(ROOT / "data", root / "data")
        before = derived(root)
        for path in (root / "data", root / "data" / "derived"):
            path.chmod(0o555)
        # Who may write nothing cannot store what was measured of the tests either.
        mine = {key: text for key, text in os.environ.items() if not key.startswith("COVERAGE_")}
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY],
            cwd=root,
            env={**mine, "LIPRESEARCH_PROJECT": name, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        for path in (root / "data", root / "data" / "derived"):
            path.chmod(0o755)
        if ".building-" not in done.stderr and "Permission denied" in done.stderr:
            pytest.skip("another user may not read the code here")
        assert done.returncode == 1
        told = done.stderr[done.stderr.index("Error:") :].replace(name, ".")
        assert told.startswith("Error: ./data/.building-")
        assert told.endswith(" cannot be read or written: Permission denied. What was there is unchanged.\n")
        assert derived(root) == before


def test_two_gigabytes_are_refused_in_little_memory(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    (tmp_path / "my_sites.csv").write_text(OWN["my_sites.csv"])
    with open(tmp_path / "my_sites_measures.csv", "wb") as file:
        file.truncate(2**31)

    def little_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))

    process = started(tmp_path, "rank", "health", "--roster", "my_sites.csv", prepare=little_memory)
    _, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (
        1,
        "Error: my_sites_measures.csv was not read: it has 2,147 MB, and a table of this kind at most 200 MB.\n",
    )


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    tables.write_text(Path("/dev/null"), "a\n")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    tables.write_text(pipe, "a\n")
    assert os.read(reader, 10) == b"a\n"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_lies_beside_a_result_is_kept(tmp_path: Path) -> None:
    (tmp_path / "t.csv.new").write_text("mine\n")
    (tmp_path / "real.csv").write_text("old\n")
    (tmp_path / "real.csv").chmod(0o640)
    (tmp_path / "t.csv").symlink_to("real.csv")
    tables.write_text(tmp_path / "t.csv", "new\n")
    assert (tmp_path / "t.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new\n"
    assert stat.S_IMODE((tmp_path / "real.csv").stat().st_mode) == 0o640
    assert (tmp_path / "t.csv.new").read_text() == "mine\n"
    assert len(list(tmp_path.iterdir())) == 3
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        tables.write_text(tmp_path / "loop", "x")


NAMES = ("A $x_$ \\frac{", "<script>alert(1)</script>", "[red]A[/b]", "5 $ and 6 $", "{{ 7 }} %s &amp;")


def test_no_name_is_markup_in_a_figure_or_a_table_of_a_notebook() -> None:
    measures = lip.load_measures()
    sites = list(lip.rank_sites(measures, lip.load_cluster("health")).table["site"][: len(NAMES)])
    renamed = dict(zip(sites, NAMES, strict=True))
    measures["name"] = measures["site"].map(renamed).fillna(measures["name"])
    ranking = lip.rank_sites(measures, lip.load_cluster("health"))
    figure = lip.plot_ranking(ranking)
    figure.canvas.draw()
    written = "\n".join(text.get_text() for axes in figure.axes for text in axes.get_yticklabels())
    page = table_html(pd.DataFrame({"Site": NAMES}))
    for name in NAMES:
        assert name in written
    assert "<script" not in page
    assert "&lt;script&gt;" in page
