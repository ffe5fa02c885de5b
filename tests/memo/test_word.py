"""The memo for Word."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader

from lipresearch.memo.model import Memo
from memo.readers import squeezed


def test_word_holds_real_headings_tables_and_descriptions(
    memos: dict[str, Memo], files: dict[tuple[str, str], bytes]
) -> None:
    for language, document in memos.items():
        word = Document(io.BytesIO(files[language, ".docx"]))
        headings = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
        assert headings == list(document.sections)
        assert len(word.tables) == len(document.tables)
        for table, shown in zip(word.tables, document.tables, strict=True):
            assert [cell.text for cell in table.rows[0].cells] == [column.head for column in shown.columns]
            assert [tuple(cell.text for cell in row.cells) for row in table.rows[1:]] == list(shown.rows)
            assert table.rows[0]._tr.xpath("w:trPr/w:tblHeader")
        said = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
        assert said == [figure.alt for figure in document.figures]
        properties = word.core_properties
        assert (properties.title, properties.author) == (document.title, "lipresearch")
        assert properties.language == f"{language}-CA"
        assert {lang.get(lang.keys()[0]) for lang in word.styles.element.xpath(".//w:lang")} == {f"{language}-CA"}
        footer = word.sections[0].footer.paragraphs[0]
        assert footer._p.xpath(".//w:instrText")[0].text == "PAGE"
        assert footer.text.startswith("Page 1 ")


def test_the_parts_of_the_word_file_bear_no_time(files: dict[tuple[str, str], bytes]) -> None:
    parts = zipfile.ZipFile(io.BytesIO(files["en", ".docx"]))
    assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert parts.namelist()[0] == "[Content_Types].xml"
    assert parts.namelist()[1:] == sorted(parts.namelist()[1:])
    core = parts.read("docProps/core.xml").decode("utf-8")
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", core)) == {"2010-10-01T"}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_opens_the_word_file(
    memos: dict[str, Memo], files: dict[tuple[str, str], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "memo.docx"
    path.write_bytes(files["fr", ".docx"])
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(path)],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    pdf = PdfReader(tmp_path / "memo.pdf")
    text = squeezed("".join(page.extract_text() for page in pdf.pages))
    for section in memos["fr"].sections:
        assert squeezed(section) in text
    assert len(pdf.pages) < 20
