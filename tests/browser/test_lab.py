"""As a person would: JupyterLab from `make lab`, a notebook opened, all its cells run, the results looked at.

The stored outputs are cleared first, so that whatever is seen then was made by the kernel that the person started.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lab_server import ROOT, Lab, processes_with, running_lab, stop, wait_until
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

import lipresearch as lip
from lipresearch import cli, wording

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")

#: Opened and run: where people start, and a cluster in full.
OPENED = ("00_start_here.ipynb", "12_health.ipynb")
#: Longest time that all cells of one notebook may take here, in milliseconds.
LONGEST = 120_000

#: The status bar once the kernel answers; the mark beside the notebook is that of an idle kernel before there is one.
READY = "Python 3 (ipykernel) | Idle"

#: JupyterLab 4 asks its server for an extension that is not installed, and takes the 404 for an answer.
KNOWN_TO_BE_MISSING = ("/lsp/status",)

PROMPTS = "() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent)"
#: All cells have a number and the kernel rests; or one stopped with an error, and there is nothing to wait for.
ALL_HAVE_RUN = """() => {
    if (document.querySelector("[data-mime-type='application/vnd.jupyter.error']")) return true;
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent);
    const kernel = document.querySelector('.jp-Notebook-ExecutionIndicator');
    return prompts.length > 0 && prompts.every(prompt => /^\\[\\d+\\]:$/.test(prompt))
        && kernel !== null && kernel.dataset.status === 'idle';
}"""
#: Tables and cells of tables that do not show all that they hold, with the text of their first cells.
CLIPPED = """() => [...document.querySelectorAll('.jp-Notebook table')].flatMap(table => {
    const around = table.closest('.jp-OutputArea-output, .jp-MarkdownOutput');
    const cut = [...table.querySelectorAll('td, th')].filter(cell => cell.scrollWidth > cell.clientWidth + 1);
    const wide = around.scrollWidth > around.clientWidth + 1
        || table.getBoundingClientRect().right > around.getBoundingClientRect().right + 1;
    return wide || cut.length ? [`${table.textContent.slice(0, 60)}: ${cut.map(cell => cell.textContent)}`] : [];
})"""
#: Labels and texts within an element that are cut, or stick out of it.
CUT = """panel => [...panel.querySelectorAll('.widget-label, .widget-html-content, button, option')]
    .filter(part => part.scrollWidth > part.clientWidth + 1
        || part.getBoundingClientRect().right > panel.getBoundingClientRect().right + 1)
    .map(part => part.textContent)"""


@dataclass
class Visit:
    """A notebook that was opened and run, and what the browser noticed meanwhile."""

    page: Page
    name: str
    project: Path
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    @property
    def panels(self) -> int:
        """Return how many what-if panels the notebook holds."""
        cells = cells_of(ROOT / "notebooks" / self.name)
        return sum("lip.what_if(" in "".join(cell["source"]) for cell in cells)

    def outputs(self, selector: str) -> Locator:
        """Return parts of the outputs of code cells."""
        return self.page.locator(f".jp-Notebook .jp-OutputArea-output {selector}")


def fingerprint() -> str:
    """Return a hash of the notebooks and data of the clone."""
    digest = hashlib.sha256()
    for path in sorted(path for name in ("notebooks", "data") for path in (ROOT / name).rglob("*") if path.is_file()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def is_whole(notebook: Path) -> bool:
    """Whether a notebook has been written to its end."""
    try:
        return bool(json.loads(notebook.read_text(encoding="utf-8")))
    except ValueError:
        return False


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    """Return the code cells of a stored notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def stored(notebook: Path, kind: str) -> list[dict[str, Any]]:
    """Return the outputs of a stored notebook that are of a kind, such as image/png."""
    return [output for cell in cells_of(notebook) for output in cell["outputs"] if kind in output.get("data", {})]


def text_of(output: dict[str, Any], kind: str) -> str:
    text = output["data"][kind]
    return text if isinstance(text, str) else "".join(text)


@pytest.fixture(scope="module")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    before, started = fingerprint(), None
    try:
        with running_lab(tmp_path_factory.mktemp("lab")) as started:
            yield started
    finally:
        if started is not None:
            assert processes_with((started.token,)) == [], "JupyterLab or a kernel is still there"
        assert fingerprint() == before, "the tests changed notebooks or data of the clone"


def choose(page: Page, menu: str, entry: str) -> None:
    """Choose an entry of a menu with the mouse."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    label = page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True)
    page.get_by_role("menuitem").filter(has=label).click()


@pytest.fixture(scope="module", params=OPENED)
def visit(request: pytest.FixtureRequest, lab: Lab, browser: BrowserContext) -> Iterator[Visit]:
    """Return a notebook in JupyterLab whose outputs were cleared and all of whose cells were run."""
    found = Visit(browser.new_page(), request.param, lab.project)
    page = found.page

    def asked(sent: Request) -> None:
        if not sent.url.startswith((lab.url, "data:", "blob:")):
            found.outside.append(sent.url)

    page.on("request", asked)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on(
        "console",
        lambda said: found.errors.append(f"{said.text} ({said.location['url']})") if said.type == "error" else None,
    )
    try:
        page.goto(lab.address(found.name))
        expect(page.locator("#jp-main-statusbar").get_by_text(READY)).to_be_visible(timeout=LONGEST)
        choose(page, "Edit", "Clear Outputs of All Cells")
        expect(found.outputs("")).to_have_count(0)
        choose(page, "Run", "Run All Cells")
        try:
            page.wait_for_function(ALL_HAVE_RUN, timeout=LONGEST)
        except PlaywrightTimeoutError:
            said = (lab.project.parent / "lab.log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"cells {page.evaluate(PROMPTS)} after {LONGEST / 1000:.0f} s:\n{said}") from None
        yield found
    finally:
        page.close()


def test_every_cell_runs_in_order_and_none_with_an_error(visit: Visit) -> None:
    cells = cells_of(ROOT / "notebooks" / visit.name)
    assert visit.page.evaluate(PROMPTS) == [f"[{number}]:" for number in range(1, len(cells) + 1)]
    for kind in ("error", "stderr"):
        expect(visit.page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']")).to_have_count(0)


def test_every_figure_is_seen(visit: Visit) -> None:
    wanted = len(stored(ROOT / "notebooks" / visit.name, "image/png"))
    pictures = visit.outputs("img")
    expect(pictures).to_have_count(wanted)
    assert wanted >= 1
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("picture => picture.naturalWidth") >= 800
        shown = picture.bounding_box()
        assert shown is not None
        assert min(shown["width"], shown["height"]) >= 300


#: Stands under the table that is shown in place of the controls where there is no kernel.
IN_PLACE_OF_CONTROLS = "The controls appear when this cell is run"


def test_every_table_is_seen_whole(visit: Visit) -> None:
    pages = [text_of(output, "text/html") for output in stored(ROOT / "notebooks" / visit.name, "text/html")]
    wanted = sum(page.count("<table") for page in pages if IN_PLACE_OF_CONTROLS not in page)
    tables = visit.outputs("table")
    expect(tables).to_have_count(wanted)
    assert wanted >= 5
    for table in tables.all():
        table.scroll_into_view_if_needed()
        expect(table).to_be_visible()
    assert visit.page.evaluate(CLIPPED) == []


def rows_of(table: Locator) -> list[list[str]]:
    """Return the cells of a table as they read, head first."""
    found: list[list[str]] = table.evaluate(
        "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )
    return found


def test_the_ranking_is_that_of_the_command_line(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(visit.project)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["rank", "health", "--format", "json"])
    assert stopped.value.code in (0, None)
    sites = json.loads(capsys.readouterr().out)["sites"]
    expected = [
        [
            str(site["rank"]),
            site["name"],
            wording.span(site["rank_best"], site["rank_worst"], 0),
            wording.number(site["score"], 2),
        ]
        for site in sites
        if site["rank"] is not None
    ]
    tables = [rows_of(table) for table in visit.outputs("table").filter(has_text="Rank could be").all()]
    rankings = [rows for head, *rows in tables if head[:4] == ["Rank", "Site", "Rank could be", "Score"]]
    rows = max(rankings, key=len)
    assert rows[0][:4] == expected[0]
    assert [row[:4] for row in rows] == expected


def test_nothing_goes_wrong_in_the_browser_and_nothing_is_fetched_from_elsewhere(visit: Visit) -> None:
    assert [text for text in visit.errors if not any(known in text for known in KNOWN_TO_BE_MISSING)] == []
    assert visit.outside == []


def test_what_is_saved_is_what_the_clone_holds(visit: Visit) -> None:
    saved, kept = visit.project / "notebooks" / visit.name, ROOT / "notebooks" / visit.name
    before = saved.stat().st_mtime_ns
    choose(visit.page, "File", "Save Notebook")
    wait_until(lambda: saved.stat().st_mtime_ns > before and is_whole(saved), 30, "JupyterLab saves")
    assert [text_of(output, "text/html") for output in stored(saved, "text/html")] == [
        text_of(output, "text/html") for output in stored(kept, "text/html")
    ]
    # JupyterLab shows pictures without their alternative text, but keeps it for the pages made from the notebook.
    described = [output["metadata"]["image/png"]["alt"] for output in stored(saved, "image/png")]
    assert described == [output["metadata"]["image/png"]["alt"] for output in stored(kept, "image/png")]
    assert all(len(text) > 40 for text in described)


# ---- the what-if panel ----------------------------------------------------------------------------------


def test_the_controls_are_read_whole(visit: Visit) -> None:
    if not visit.panels:
        expect(visit.page.locator(".lip-what-if")).to_have_count(0)
        return
    panel = visit.page.locator(".lip-what-if")
    expect(panel).to_have_count(visit.panels)
    panel.scroll_into_view_if_needed()
    expect(panel).to_be_visible()
    assert panel.evaluate(CUT) == []


def test_set_and_ranking_follow_a_slider_moved_by_keyboard(visit: Visit) -> None:
    assert visit.panels == (visit.name == "12_health.ipynb")
    if not visit.panels:
        return
    cell = visit.page.locator(".jp-CodeCell", has=visit.page.locator(".lip-what-if"))
    ranking = cell.locator("table").filter(has_text="Rank at the start")
    chosen = cell.locator("table").filter(has_text="Economic region")
    before = rows_of(ranking)
    slider, other = cell.get_by_role("slider").all()
    slider.focus()
    start = slider.get_attribute("aria-valuenow")
    slider.press("End")
    expect(slider).not_to_have_attribute("aria-valuenow", str(start))
    points = [float(str(each.get_attribute("aria-valuenow"))) for each in (slider, other)]
    assert points == [100.0, 50.0]
    # What the library makes of these weights, without a panel.
    weights = tuple(zip(("2.1", "2.2"), points, strict=True))
    stance = lip.load_cluster("health", root=visit.project).perspective
    declared = lip.load_design("health", root=visit.project)
    design = dataclasses.replace(declared, weights=weights, perspective=stance)
    cluster = lip.load_cluster("health", design=design, root=visit.project)
    expected = lip.rank_sites(lip.load_measures(root=visit.project), cluster)
    wanted = [
        [str(row.rank), row.name, wording.span(row.rank_best, row.rank_worst, 0), wording.number(row.score, 2)]
        for row in expected.ranked.itertuples()
    ]
    expect(ranking).to_contain_text(wanted[0][3], timeout=10_000)  # the score of the first site, which is another now
    shown = [[row[0], row[1], row[3], row[4]] for row in rows_of(ranking)[1:]]
    assert shown == wanted[: len(shown)]
    assert len(shown) == len(before) - 1 >= 10
    assert rows_of(ranking) != before
    best = lip.choose_sites(expected, design, root=visit.project)
    assert [row[1] for row in rows_of(chosen)[1:]] == list(best.table["name"])
    expect(cell.locator(".lip-what-if")).to_contain_text("66.7 % of the weight")


# ---- the server goes, whatever happens ----------------------------------------------------------------

#: Does not end when it is asked to, and has started another in a session of its own, as a server does with a kernel.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[2:]:
    subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1]], start_new_session=True)
print("started", flush=True)
time.sleep(600)
"""


def test_a_server_that_does_not_want_to_end_is_ended_with_its_kernels(tmp_path: Path) -> None:
    mark = str(tmp_path / "runtime")
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, mark, STUBBORN], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert [said.readline(), said.readline()] == [b"started\n", b"started\n"]
        assert len(processes_with((mark,))) == 2
        stop(process, (mark,), patience=0.5)
    assert processes_with((mark,)) == []
