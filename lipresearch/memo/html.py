"""A memo as one web page that needs nothing else: no script, no network, figures and style inside."""

from __future__ import annotations

import base64
from pathlib import Path

from lipresearch.memo.model import Memo

TEMPLATE = Path(__file__).with_name("memo.html.j2")


def to_html(memo: Memo) -> bytes:
    """Return a memo as UTF-8; every text is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    blocks = [(type(block).__name__, block) for block in memo.blocks]
    text = template.render(memo=memo, blocks=blocks, encode=lambda png: base64.b64encode(png).decode("ascii"))
    return text.encode("utf-8")
