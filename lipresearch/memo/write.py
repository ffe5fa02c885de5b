"""Writing a memo to a file: the ending says as what; the file is written whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lipresearch.errors import InputError, NotFoundError
from lipresearch.memo.content import Picture
from lipresearch.memo.html import to_html
from lipresearch.memo.model import Memo
from lipresearch.memo.pdf import to_pdf
from lipresearch.memo.word import to_docx
from lipresearch.tables import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS: Mapping[str, Callable[[Memo], bytes]] = {".html": to_html, ".docx": to_docx, ".pdf": to_pdf}
#: Dots per inch of the figures.
SHARPNESS = 200


def check_target(path: Path | str) -> Path:
    """Return the file that a memo is to be written to.

    Raises
    ------
    InputError
        If its ending is not one of ``ENDINGS``.
    """
    target = Path(path)
    if target.suffix.lower() not in ENDINGS:
        ending = f"ends in {target.suffix!r}" if target.suffix else "has no ending"
        *first, last = ENDINGS
        raise InputError(f"{target} {ending}; a memo is written as {', '.join(first)} or {last}.")
    return target


def save(memo: Memo, path: Path | str) -> Path:
    """Write a memo as its file's ending says, and return the path.

    Raises
    ------
    InputError
        For another ending than those of ``ENDINGS``.
    NotFoundError
        If the file cannot be written.
    """
    target = check_target(path)
    content = ENDINGS[target.suffix.lower()](memo)
    try:
        write_bytes(target, content)
    except OSError as error:
        raise NotFoundError(f"{target} cannot be written: {error.strerror}. Name another file.") from None
    return target


def picture(figure: Figure) -> Picture:
    """Return a figure as PNG, the same bytes whenever it is drawn."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=SHARPNESS, metadata={"Software": None})
    png = buffer.getvalue()
    # Width and height stand in the first chunk.
    return Picture(png, int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big"))
