"""The stored notebooks as pages: nothing sticks out, nothing is cut, every picture is there and described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import BrowserContext, Page

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
