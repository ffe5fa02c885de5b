"""A memo as PDF, set by Typst with fonts that come with it and with Matplotlib: the same bytes on every machine."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lipresearch.memo.model import Figure, Memo, Table

TEMPLATE = Path(__file__).with_name("memo.typ")


def to_pdf(memo: Memo) -> bytes:
    """Return a memo as a tagged PDF. The template reads it as data, so that no text is taken for markup."""
    import matplotlib
    import typst

    with tempfile.TemporaryDirectory(prefix="lipresearch-") as name:
        folder = Path(name)
        blocks: list[dict[str, Any]] = []
        for block in memo.blocks:
            content: dict[str, Any]
            if isinstance(block, Figure):
                file = f"figure-{len(blocks)}.png"
                (folder / file).write_bytes(block.png)
                content = {"file": file, "alt": block.alt, "caption": block.caption}
                content |= {"width": block.width, "height": block.height}
            else:
                content = asdict(block)
            if isinstance(block, Table):
                content["long"] = block.long
            blocks.append({"is": type(block).__name__.lower(), **content})
        document = {
            "title": memo.title,
            "subtitle": memo.subtitle,
            "date": memo.date,
            "language": memo.language,
            "page": memo.page,
            "of": memo.of,
            "contents": memo.contents,
            "colon": memo.colon,
            "blocks": blocks,
        }
        (folder / "memo.typ").write_bytes(TEMPLATE.read_bytes())
        made = typst.compile(
            str(folder / "memo.typ"),
            root=name,
            font_paths=[str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")],
            ignore_system_fonts=True,
            sys_inputs={"memo": json.dumps(document, ensure_ascii=False)},
        )
    assert isinstance(made, bytes)
    return made
