"""What nbval does not look at in a stored notebook: whether it was executed in order, and whether pictures are its own.

``notebooks/conftest.py`` runs this as the first test of every notebook, tests/test_house.py as one of the house rules.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

PICTURES = ("image/png", "image/jpeg")
#: How ``lip.notebook.setup`` lets a figure read as text.
FIGURE = "<figure: "
REMEDY = "Execute the notebook again from top to bottom (make notebooks) and read the difference."


def text_of(value: str | list[str]) -> str:
    """Return a text that a notebook may hold as lines."""
    return value if isinstance(value, str) else "".join(value)


def order_problems(notebook: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the order in which the code cells were executed."""
    counts = [cell.get("execution_count") for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if counts != list(range(1, len(counts) + 1)):
        told = ", ".join("none" if count is None else str(count) for count in counts)
        yield f"not stored executed in order (execution counts are not 1, 2, 3 ... but {told})"


def picture_problems(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the stored pictures of a cell."""
    for output in cell.get("outputs", ()):
        data, about = output.get("data", {}), output.get("metadata", {})
        if text_of(data.get("text/plain", "")).startswith(FIGURE) and not any(kind in data for kind in PICTURES):
            yield "a figure whose picture is missing"
        for kind in PICTURES:
            if kind not in data:
                continue
            recorded = about.get(kind, {}).get("sha256", "")
            if not recorded:
                yield "a picture without a recorded hash (call lip.notebook.setup() first)"
                continue
            try:
                found = hashlib.sha256(
                    base64.b64decode(text_of(data[kind]).replace("\n", ""), validate=True)
                ).hexdigest()
            except binascii.Error:
                found = "no picture at all"
            if found != recorded:
                yield f"a picture that is not the one recorded (sha256 {found[:12]}, recorded {recorded[:12]})"


def stored_problems(notebook: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the stored outputs of a notebook, as far as it shows without running it."""
    problems = list(order_problems(notebook))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, start=1):
        problems += [f"cell {number}: {problem}" for problem in picture_problems(cell)]
    return problems
