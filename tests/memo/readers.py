"""What a memo says in each format, read back; and one whose every text is markup in some format."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docx import Document
from pypdf import PdfReader

from lipresearch import memo
from lipresearch.memo.model import Bullets, Column, Figure, Heading, Memo, Paragraph, Table

ROOT = Path(__file__).resolve().parents[2]

PACKAGE = ROOT / "lipresearch" / "memo"

DRAWS = 400

FORMS = memo.ENDINGS

LANGUAGES = ("en", "fr")

#: Texts that are markup in one of the formats.
HOSTILE = (
    "<script>alert(1)</script>",
    '#eval("x") $x$ \\ @x [y]',
    "& < > \" ' &amp;",
    "*bold* _low_ `code` {{ 7 * 7 }} {% raw %}",
    "a\x00b\x1bc",
)


class Page(HTMLParser):
    """Collects what a page holds."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def as_page(document: Memo) -> Page:
    return Page(memo.ENDINGS[".html"](document).decode("utf-8"))


def as_word(document: Memo) -> Any:
    return Document(io.BytesIO(memo.ENDINGS[".docx"](document)))


def as_pdf(document: Memo) -> PdfReader:
    return PdfReader(io.BytesIO(memo.ENDINGS[".pdf"](document)))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text.replace("\u2060", "").replace("\u00ad", ""))


def hostile_memo() -> Memo:
    """Return a memo in which every text is markup in some format."""
    words = HOSTILE
    blocks: list[Any] = [Heading(words[0]), Heading(words[1], 2), Heading(words[2], 3)]
    blocks += [Paragraph(word, word) for word in words]
    blocks += [Paragraph(words[1], words[0], "code"), Paragraph(words[3], words[0], "note")]
    blocks.append(Bullets(tuple(Paragraph(word, word) for word in words)))
    table = Table(words[0], (Column(words[1]), Column(words[3], number=True)), ((words[0], words[2]), words[3:]), words)
    blocks.append(table)
    drawn = memo.picture(picture_of_nothing())
    blocks.append(Figure(drawn.png, drawn.width, drawn.height, words[0], words[1]))
    document = Memo("en", words[0], words[1], words[2], tuple(blocks), words[3], words[1], words[3])
    return memo.model.cleaned(document)  # type: ignore[attr-defined, no-any-return]


def picture_of_nothing() -> Any:
    from matplotlib.figure import Figure as Canvas

    return Canvas(figsize=(1, 1))
