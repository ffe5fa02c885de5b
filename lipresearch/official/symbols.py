"""What official files print beside or instead of a figure, and what it means here."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lipresearch.compilers.base import SYMBOLS
from lipresearch.tables import parse_number

#: Symbols that leave the figure standing, and whether it is to be used with caution.
KEPT: Mapping[str, bool] = {
    "": False,
    "r": False,  # revised
    "A": False,  # 2011: adjusted to the boundaries of that census
    "E": True,  # use with caution
    "rE": True,
    "Er": True,
}

#: The web data service writes a digit for each symbol.
FLAG_DIGITS: Mapping[str, str] = {"": "", "1": "..", "2": "...", "3": "E", "4": "F", "5": "r", "6": "x", "7": "rE"}

#: Symbols that stand for no figure, whatever number stands beside them.
GONE: Mapping[str, str] = {symbol: reason for symbol, reason in SYMBOLS.items() if symbol}


def figure(cell: str, symbol: str) -> tuple[float, str, str, bool] | None:
    """Return a published figure as (value, reason, symbol, to be used with caution), or None if it is neither.

    A symbol for a missing figure wins over a number beside it: the files of 2011 print 0 next to ``x``. A dash is a
    true zero, or one rounded to zero.

    Parameters
    ----------
    cell : str
        The cell of the figure, which in some layouts holds the symbol.
    symbol : str
        The cell of the symbol, "" where the layout has none.

    Returns
    -------
    tuple or None
        ``value`` is NaN exactly where ``reason`` is one of ``tables.REASONS``.

    Examples
    --------
    >>> figure("1451022", ""), figure("120", " r")
    ((1451022.0, '', '', False), (120.0, '', 'r', False))
    >>> figure("", "x"), figure("0", "x"), figure("F", "")
    ((nan, 'suppressed', 'x', False), (nan, 'suppressed', 'x', False), (nan, 'suppressed', 'F', False))
    >>> figure("", "..."), figure("", "")
    ((nan, 'not applicable', '...', False), (nan, 'not published', '', False))
    >>> figure("14.3", "E"), figure("-", "")
    ((14.3, '', 'E', True), (0.0, '', '-', False))
    >>> figure("twelve", "") is None, figure("12", "?") is None
    (True, True)
    """
    cell, symbol = cell.strip(), symbol.strip()
    if symbol in GONE:
        return math.nan, GONE[symbol], symbol, False
    if symbol not in KEPT:
        return None
    caution = KEPT[symbol]
    if cell in GONE and not symbol:
        return math.nan, GONE[cell], cell, False
    if cell == "":
        return math.nan, "not published", symbol, caution
    if cell == "-":
        return 0.0, "", symbol or "-", caution
    value = parse_number(cell)
    return None if value is None else (value, "", symbol, caution)
