"""A memo for Word and LibreOffice, the same bytes whenever it is written."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import TYPE_CHECKING, Any

from lipresearch.memo.model import Bullets, Column, Figure, Heading, Memo, Paragraph, Table

if TYPE_CHECKING:
    from docx.document import Document

#: What the file says of when it was made: nothing, so that it can be made again byte for byte.
EPOCH = datetime.datetime(2010, 10, 1)
#: Width of the text on letter paper with margins of one inch, and height left for a figure, in inches.
TEXT_WIDTH, FIGURE_HEIGHT = 6.5, 7.8
DEEP = "1B3A57"


def to_docx(memo: Memo) -> bytes:
    """Return a memo as a Word document: real headings, tables whose heads repeat, alternative texts, page numbers."""
    import docx
    from docx.shared import Inches, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Inches(1)
    _style(document, memo.locale)
    properties = document.core_properties
    properties.title, properties.author, properties.language = memo.title, "lipresearch", memo.locale
    properties.last_modified_by, properties.comments, properties.revision = "lipresearch", "", 1
    properties.created = properties.modified = EPOCH
    document.add_paragraph(memo.title, style="Title")
    document.add_paragraph(memo.subtitle, style="Subtitle")
    if memo.date:
        document.add_paragraph(memo.date, style="Subtitle")
    for number, block in enumerate(memo.blocks):
        if isinstance(block, Heading):
            document.add_heading(block.text, block.level)
        elif isinstance(block, Paragraph):
            _paragraph(document, block, memo.colon)
        elif isinstance(block, Bullets):
            for item in block.items:
                _runs(document.add_paragraph(style="List Bullet"), item, memo.colon)
        elif isinstance(block, Table):
            _table(document, block)
        else:
            _figure(document, block, number)
    _page_numbers(section.footer.paragraphs[0], memo)
    document.styles["Normal"].paragraph_format.space_after = Pt(5)
    buffer = io.BytesIO()
    document.save(buffer)
    return _repeatable(buffer.getvalue())


def _style(document: Document, locale: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    sizes = {"Normal": 10.5, "Title": 20, "Subtitle": 11, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11}
    for name in (*sizes, "List Bullet", "Caption"):
        style: Any = document.styles[name]
        style.font.name = "Calibri"
        properties = style.element.get_or_add_rPr()
        fonts = properties.find(qn("w:rFonts"))
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        if name in sizes:
            style.font.size = Pt(sizes[name])
        for unwanted in properties.findall(qn("w:spacing")):
            properties.remove(unwanted)
        if name not in ("Normal", "List Bullet"):
            style.font.color.rgb = RGBColor.from_string("555555" if name == "Subtitle" else DEEP)
    subtitle: Any = document.styles["Subtitle"]
    subtitle.font.italic = False
    caption: Any = document.styles["Caption"]
    caption.font.size, caption.font.italic = Pt(9.5), False
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(8), Pt(3)
    bullets: Any = document.styles["List Bullet"]
    bullets.paragraph_format.space_after = Pt(3)
    normal = document.styles["Normal"].element.get_or_add_rPr()
    language = OxmlElement("w:lang")
    for attribute in ("val", "eastAsia", "bidi"):
        language.set(qn(f"w:{attribute}"), locale)
    normal.append(language)
    for old in document.styles.element.iter(qn("w:lang")):
        old.set(qn("w:val"), locale)


def _runs(paragraph: Any, block: Paragraph, colon: str) -> None:
    if block.lead:
        paragraph.add_run(f"{block.lead}{colon if block.text else ''}").bold = True
        if block.text:
            paragraph.add_run(" ")
    paragraph.add_run(block.text)


def _paragraph(document: Document, block: Paragraph, colon: str) -> None:
    from docx.shared import Pt, RGBColor

    if block.kind == "code":
        if block.lead:
            lead = document.add_paragraph()
            lead.add_run(f"{block.lead}{colon}").bold = True
            lead.paragraph_format.keep_with_next = True
        run = document.add_paragraph().add_run(block.text)
        run.font.name, run.font.size = "Consolas", Pt(9)
        return
    paragraph = document.add_paragraph()
    _runs(paragraph, block, colon)
    if not block.text:
        paragraph.paragraph_format.keep_with_next = True
    if block.kind == "note":
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(9), RGBColor.from_string("555555")


def _table(document: Document, block: Table) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Inches, Pt, RGBColor

    document.add_paragraph(block.caption, style="Caption")
    table = document.add_table(rows=1 + len(block.rows), cols=len(block.columns))
    table.style = "Table Grid"
    table.autofit = False
    _describe(table, block.caption)
    total = sum(column.width for column in block.columns)
    widths = [Inches(TEXT_WIDTH * column.width / total) for column in block.columns]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    head = table.rows[0]._tr.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader"):
        head.append(OxmlElement(name))
    heads = tuple(column.head for column in block.columns)
    # Cells are asked for by row, because asking the table for each takes time with the square of its size.
    for place, (row, texts) in enumerate(zip(table.rows, (heads, *block.rows), strict=True)):
        if place:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = widths[at]
            _cell(cell, text, block.columns[at], place == 0, at == 0)
            together = place == 0 or (place < len(block.rows) and not block.long)
            cell.paragraphs[0].paragraph_format.keep_with_next = together
            if place == 0:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), "E8EDF2")
                cell._tc.get_or_add_tcPr().append(shade)
    for note in block.notes:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(2), Pt(2)
        run = paragraph.add_run(note)
        run.font.size, run.font.color.rgb = Pt(8.5), RGBColor.from_string("555555")
    after = document.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
    after.paragraph_format.line_spacing = Pt(6)


def _cell(cell: Any, text: str, column: Column, head: bool, first: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    if column.number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(8), head or first


def _describe(table: Any, caption: str) -> None:
    """Give a table its description, which screen readers say."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    said = OxmlElement("w:tblCaption")
    said.set(qn("w:val"), caption)
    table._tbl.tblPr.append(said)


def _figure(document: Document, block: Figure, number: int) -> None:
    from docx.shared import Inches

    document.add_paragraph(block.caption, style="Caption")
    width = min(TEXT_WIDTH, FIGURE_HEIGHT * block.width / block.height)
    shape = document.add_picture(io.BytesIO(block.png), width=Inches(width))
    properties = shape._inline.docPr
    properties.set("descr", block.alt)
    properties.set("title", block.caption)
    properties.set("id", str(1000 + number))


def _page_numbers(paragraph: Any, memo: Memo) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for word, field in ((f"{memo.page} ", "PAGE"), (f" {memo.of} ", "NUMPAGES")):
        paragraph.add_run(word)
        for kind in ("begin", "instruction", "separate", "shown", "end"):
            run = paragraph.add_run("1" if kind == "shown" else "")
            if kind == "instruction":
                instruction = OxmlElement("w:instrText")
                instruction.text = field
                run._r.append(instruction)
            elif kind != "shown":
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
                run._r.append(mark)


def _repeatable(content: bytes) -> bytes:
    """Return the same document with its parts in one order and without the time of writing."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    first = "[Content_Types].xml"
    names = sorted(source.namelist(), key=lambda name: (name != first, name))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as done:
        for name in names:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            done.writestr(entry, source.read(name))
    return target.getvalue()
