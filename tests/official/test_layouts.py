"""Layouts are told by their headers, and a changed one says what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipresearch.errors import TableError
from lipresearch.official import read_profile
from tests.official_files import profile_2021


def test_a_changed_layout_names_what_is_expected_and_found(tmp_path: Path) -> None:
    path = profile_2021(tmp_path / "a.csv", count=1, most=3)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"C1_COUNT_TOTAL,SYMBOL", b"COUNT_TOTAL,SYMBOL"))
    with pytest.raises(
        TableError,
        match=r"a\.csv, row 1: found the columns 'CENSUS_YEAR', 'DGUID'.* expected each once 'C1_COUNT_TOTAL' \(Census "
        r"Profile 2021, bulk file .*\)\. Name the layout \(layout=\) if",
    ):
        read_profile(path)
    path.write_bytes(raw.replace(b"C1_COUNT_TOTAL,SYMBOL", b"C1_COUNT_TOTAL,MARK"))
    with pytest.raises(TableError, match=r"expected each once 'SYMBOL after C1_COUNT_TOTAL'"):
        read_profile(path)
    path.write_text("site,name\npeel,Peel\n")
    with pytest.raises(
        TableError, match=r"found the columns 'site', 'name', expected the header of a census file: profile-2021"
    ):
        read_profile(path)
    with pytest.raises(TableError, match=r"expected the columns of web-2021 \(.*\): 'REF_AREA', 'GENDER'"):
        read_profile(path, layout="web-2021")
    path.write_text("")
    with pytest.raises(TableError, match=r"a\.csv, row 1: found the columns , expected the header of a census file"):
        read_profile(path)
