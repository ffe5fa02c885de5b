"""The stored notebooks and the memo as pages: nothing sticks out, nothing is cut, every picture is described."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import BrowserContext, Page, expect

from lipresearch import cli

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: What a reader of the page would miss: a page wider than its window, what is cut or has to be pushed aside to be
#: read, pictures that did not load, and pictures without a description.
PROBLEMS = """() => {
    const found = [], root = document.scrollingElement;
    const over = root.scrollWidth - root.clientWidth;
    if (over > 0) found.push(`the page is ${over} px too wide`);
    for (const part of document.querySelectorAll('body *')) {
        if (part.scrollWidth <= part.clientWidth + 1 || part.clientWidth === 0) continue;
        if (!['TD', 'TH'].includes(part.tagName) && getComputedStyle(part).overflowX === 'visible') continue;
        found.push(`cut: ${part.tagName} ${part.className}: ${part.textContent.trim().slice(0, 60)}`);
    }
    for (const picture of document.images) {
        if (!picture.complete || !picture.naturalWidth) found.push(`not loaded: ${picture.src.slice(0, 40)}`);
        if (!picture.alt.trim()) found.push(`not described: ${picture.src.slice(0, 40)}`);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def page(browser: BrowserContext) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def problems(page: Page, file: Path) -> list[str]:
    """Open a file and return what a reader would miss."""
    page.goto(file.as_uri(), wait_until="load")
    found: list[str] = page.evaluate(PROBLEMS)
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_stored_notebook_reads_as_a_page(notebook: Path, page: Page, tmp_path: Path) -> None:
    stored = nbformat.read(notebook, as_version=4)
    text, _ = HTMLExporter().from_notebook_node(stored)
    file = tmp_path / f"{notebook.stem}.html"
    file.write_text(text, encoding="utf-8")
    assert problems(page, file) == []
    outputs = [output for cell in stored.cells if cell.cell_type == "code" for output in cell.outputs]
    pictures = sum("image/png" in output.get("data", {}) for output in outputs)
    tables = sum(
        output["data"]["text/html"].count("<table") for output in outputs if "text/html" in output.get("data", {})
    )
    assert page.locator(".jp-OutputArea-output img").count() == pictures
    assert page.locator(".jp-OutputArea-output table").count() == tables


# ---- the memo -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def memos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the memo on the health cluster in both languages, as the command writes it."""
    folder = tmp_path_factory.mktemp("memos")
    written = {language: folder / f"{language}.html" for language in ("en", "fr")}
    for language, file in written.items():
        answer = run("memo", "health", "--language", language, "--draws", "500", "--output", str(file))
        assert answer.startswith("Written: ")
    return written


def run(*arguments: str) -> str:
    """Run a command and return what it printed."""
    printed = io.StringIO()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(io.StringIO()),
        pytest.raises(SystemExit) as end,
    ):
        cli.main(arguments)
    assert end.value.code in (0, None), arguments
    return printed.getvalue()


@pytest.mark.parametrize(
    ("language", "lang", "caption", "column", "point"),
    [("en", "en-CA", "Table 2.", "name", "."), ("fr", "fr-CA", "Tableau 2.", "name_fr", ",")],
)
def test_a_memo_opens_by_itself(
    language: str, lang: str, caption: str, column: str, point: str, memos: dict[str, Path], browser: BrowserContext
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text))
    assert problems(page, memos[language]) == []
    assert [url for url in asked if not url.startswith("data:")] == [memos[language].as_uri()]
    assert errors == []
    assert page.locator("html").get_attribute("lang") == lang
    # The set is that of the command line: in the title, in the heading and in the table, in the language of the memo.
    chosen = json.loads(run("select", "health", "--design", "health", "--format", "json"))["table"]
    with (ROOT / "data" / "design" / "sites.csv").open(encoding="utf-8", newline="") as file:
        names = {row["site"]: row[column] for row in csv.DictReader(file)}
    heading = page.locator("h1").inner_text()
    assert page.title() == heading
    assert all(names[site["site"]] in heading for site in chosen)
    table = page.locator("table", has=page.locator("caption").get_by_text(caption))
    rows: list[list[str]] = table.evaluate(
        "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText))"
    )
    assert [[row[0], row[3], row[5]] for row in rows] == [
        [names[site["site"]], str(site["rank"]), f"{site['score']:.2f}".replace(".", point)] for site in chosen
    ]
    for each in page.locator("table").all():
        expect(each).to_be_visible()
        expect(each.locator("caption")).not_to_be_empty()
    pictures = page.locator("main img")
    assert pictures.count() >= 2
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_be_visible()
        assert picture.evaluate("picture => picture.naturalWidth") >= 800
    assert all(names[site["site"]] in str(pictures.first.get_attribute("alt")) for site in chosen)  # the map
    page.close()


#: One pixel.
PNG = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<p>fine</p><img src='{PNG}' alt='a dot'><table><tr><td>fine</td></tr></table>", []),
        ("<p style='width: 1500px'>wide</p>", ["px too wide"]),
        ("<div style='overflow: auto; width: 300px'><p style='width: 400px'>Huron</p></div>", ["cut: DIV : Huron"]),
        ("<table style='table-layout: fixed; width: 40px'><tr><td style='overflow: hidden'>Haldimand-Norfolk</td></tr>"
         "</table>", ["cut: TD : Haldimand-Norfolk"]),
        ("<img src='no-such-file.png' alt='a map'>", ["not loaded: file:"]),
        (f"<img src='{PNG}' alt=' '>", ["not described: data:image/png"]),
        (f"<img src='{PNG}'>", ["not described: data:image/png"]),
    ],
)  # fmt: skip
def test_what_a_reader_would_miss_is_noticed(body: str, expected: list[str], page: Page, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><html lang='en'><title>A page</title><body>{body}</body></html>", encoding="utf-8")
    found = problems(page, file)
    assert len(found) == len(expected), found
    assert all(part in problem for part, problem in zip(expected, found, strict=True)), found
