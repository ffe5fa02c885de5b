"""The memo as PDF."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

from lipresearch.memo.model import Memo
from memo.readers import squeezed


def test_the_pdf_holds_the_words_and_only_its_own_fonts(
    memos: dict[str, Memo], files: dict[tuple[str, str], bytes]
) -> None:
    for language, document in memos.items():
        pdf = PdfReader(io.BytesIO(files[language, ".pdf"]))
        pages = [page.extract_text() for page in pdf.pages]
        assert pdf.metadata is not None
        assert pdf.metadata.title == document.title
        assert pdf.metadata.creation_date is None
        assert str(pdf.root_object["/Lang"]).lower().startswith(language)
        text = squeezed("".join(pages))
        for part in (*document.sections, *(row[0] for table in document.tables[:4] for row in table.rows)):
            assert squeezed(part) in text, part
        fonts = {
            str(font.get_object()["/BaseFont"]).split("+")[-1]
            for page in pdf.pages
            for font in page["/Resources"].get("/Font", {}).values()
        }
        assert fonts
        assert all(re.match(r"/?(LibertinusSerif|DejaVuSans)", font) for font in fonts), fonts
        assert f"{document.page}1{document.of}{len(pdf.pages)}" in squeezed(pages[0])
