"""What official files print beside or instead of a figure."""

from __future__ import annotations

import math


def test_a_missing_value_is_never_a_number() -> None:
    from lipresearch.official.symbols import GONE, KEPT, figure

    for symbol in GONE:
        value, reason, shown, _ = figure("5", symbol) or (0.0, "", "", False)
        assert math.isnan(value)
        assert reason
        assert shown == symbol
    assert {symbol for symbol, caution in KEPT.items() if caution} == {"E", "rE", "Er"}
