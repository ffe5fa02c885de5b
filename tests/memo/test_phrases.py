"""The words of the memo: all of them in both languages, and all of them used."""

from __future__ import annotations

import re

from lipresearch.memo.phrases import phrases, placeholders
from memo.readers import PACKAGE


def test_every_phrase_is_in_both_languages_and_used() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.glob("*.py")))
    table = phrases()
    exact = set(re.findall(r'"([a-z][\w. -]*)"', source))
    counted = set(re.findall(r'\.count\(\s*"([\w.]+)"', source))
    begun = set(re.findall(r'f"([\w.]+\.)\{', source))
    begun |= {f"{group}." for group in re.findall(r'\.word\("(\w+)"', source)}
    for key, both in table.items():
        assert both["en"].strip()
        assert both["fr"].strip()
        assert placeholders(both["en"]) == placeholders(both["fr"]), key
        stem = key.rsplit(".", 1)[0]
        used = key in exact or stem in counted or any(key.startswith(start) for start in begun)
        assert used, f"{key} is used nowhere"


def test_the_check_of_placeholders_can_fail() -> None:
    assert placeholders("{n} of {all}") != placeholders("{n} de {tous}")
