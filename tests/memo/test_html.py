"""The memo as a web page."""

from __future__ import annotations

import base64

from lipresearch.memo.model import Memo
from memo.readers import Page


def test_the_page_needs_nothing_else(memos: dict[str, Memo], files: dict[tuple[str, str], bytes]) -> None:
    for language, document in memos.items():
        text = files[language, ".html"].decode("utf-8")
        page = Page(text)
        assert page.named("html") == [{"lang": f"{language}-CA"}]
        for wrong in ("script", "link", "iframe", "object"):
            assert not page.named(wrong)
        style = text.split("<style>")[1].split("</style>")[0]
        assert "url(" not in style
        assert "@import" not in style
        links = [attributes["href"] for attributes in page.named("a")]
        assert links
        assert all(str(link).startswith("#section-") for link in links)
        assert {f"#{attributes.get('id')}" for attributes in page.named("h2")} == set(links)
        pictures = page.named("img")
        assert len(pictures) == 2
        for picture, figure in zip(pictures, document.figures, strict=True):
            kind, _, data = str(picture["src"]).partition(",")
            assert kind == "data:image/png;base64"
            assert base64.b64decode(data) == figure.png
            assert picture["alt"] == figure.alt
            assert len(figure.alt) > 40
        assert len(page.named("caption")) == len(page.named("table")) == len(document.tables)
        assert {attributes["scope"] for attributes in page.named("th")} == {"col", "row"}
        assert len(page.named("figcaption")) == len(page.named("figure")) == 2
