"""What a memo is made of: tables without rows or with ragged ones are refused."""

from __future__ import annotations

import pytest

from lipresearch.errors import InputError
from lipresearch.memo.model import Column, Table


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match="The table 'a' has no rows"):
        Table("a", (Column("b"),), ())
    with pytest.raises(InputError, match="another number of cells"):
        Table("a", (Column("b"),), (("c", "d"),))
