"""Writing a memo: the same bytes everywhere, markup as text, and one message where it cannot be written."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lipresearch import memo
from lipresearch.errors import NotFoundError
from lipresearch.memo.model import Memo, printable
from memo.readers import FORMS, HOSTILE, ROOT, as_page, as_pdf, as_word, hostile_memo, squeezed

SCRIPT = """
import hashlib, pickle, sys
from pathlib import Path
from lipresearch import memo
document = pickle.loads(Path(sys.argv[1]).read_bytes())
for ending in memo.ENDINGS:
    print(hashlib.sha256(memo.save(document, Path(sys.argv[2]) / f"memo{ending}").read_bytes()).hexdigest())
"""


def test_the_bytes_depend_on_neither_hash_seed_nor_locale_nor_time_zone(
    memos: dict[str, Memo], files: dict[tuple[str, str], bytes], tmp_path: Path
) -> None:
    (tmp_path / "memo.pickle").write_bytes(pickle.dumps(memos["fr"]))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "memo.pickle"), str(tmp_path)],
        env={
            **os.environ,
            "PYTHONHASHSEED": "7",
            "LC_ALL": "fr_CA.UTF-8",
            "TZ": "America/St_Johns",
            "PYTHONPATH": str(ROOT),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    here = [hashlib.sha256(files["fr", ending]).hexdigest() for ending in FORMS]
    assert done.stdout.split() == here
    assert len(set(here)) == 3


SHOWN: dict[str, Callable[[Memo], str]] = {
    "html": lambda document: "".join(as_page(document).words),
    "docx": lambda document: "\n".join(
        [p.text for p in as_word(document).paragraphs]
        + [cell.text for table in as_word(document).tables for row in table.rows for cell in row.cells]
    ),
    "pdf": lambda document: "".join(page.extract_text() for page in as_pdf(document).pages),
}


@pytest.mark.parametrize("form", SHOWN)
def test_markup_in_a_text_is_shown_as_that_text(form: str) -> None:
    document = hostile_memo()
    text = squeezed(SHOWN[form](document))
    # Typographic quotes are the page's own: compare what is left.
    for word in HOSTILE:
        plain = squeezed(printable(word))
        for quote in "\"'“”‘’":
            plain, text = plain.replace(quote, ""), text.replace(quote, "")
        assert text.count(plain) >= 3, word
    if form == "html":
        assert not as_page(document).named("script")
    assert "49" not in text


def test_a_folder_that_cannot_be_written_gives_one_message(memos: dict[str, Memo], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(NotFoundError, match=r"memo\.html cannot be written: .*\. Name another file\.$"):
        memo.save(memos["en"], tmp_path / "file" / "memo.html")
    (tmp_path / "memo.html").mkdir()
    with pytest.raises(NotFoundError, match=r"memo\.html cannot be written: "):
        memo.save(memos["en"], tmp_path / "memo.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "memo.html"]
