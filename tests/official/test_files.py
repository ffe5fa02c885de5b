"""Official files plain, packed and as members of a zip."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from lipresearch.errors import InputError, TableError
from lipresearch.official import load_characteristics, read_profile
from lipresearch.official.files import unpacked
from tests.official_files import profile_2021, zipped


def test_plain_packed_and_zipped_files_give_the_same(tmp_path: Path) -> None:
    path = profile_2021(tmp_path / "a.csv", count=3)
    raw = path.read_bytes()
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(raw))
    archive = zipped(
        tmp_path / "98-401-X2021004_eng_CSV.zip",
        {
            "98-401-X2021004_English_CSV_data.csv": raw,
            "98-401-X2021004_English_meta.txt": b"notes",
            "98-401-X2021004_Geo_starting_row.CSV": b"Geo Code,Geo Name,Line Number\r\n",
            "README_meta.txt": b"notes",
        },
    )
    plain = read_profile(path)
    assert len(plain.table) == 3 * (load_characteristics()["layout"] == "profile-2021").sum()
    assert plain.missing.empty
    for other in (packed, archive):
        pd.testing.assert_frame_equal(read_profile(other).table, plain.table)
    assert {"Montréal 0", "Kahnawà:ke 1", "Trois-Rivières 2"} == set(plain.table["name"])
    pd.testing.assert_frame_equal(read_profile(path, fast=False).table, plain.table)


def test_the_profile_of_2006_is_refused_with_what_to_do(tmp_path: Path) -> None:
    message = r"is a profile of the 2006 Census \(94-581-XCB2006\): XML .* is not read\. Take the figures of 2006"
    for name in ("94-581-XCB2006001.zip", "Generic_94-581-XCB2006001.xml", "94-581-XCB2006001.csv"):
        path = tmp_path / name
        if name.endswith(".zip"):
            zipped(path, {"Generic_94-581-XCB2006001.xml": b"<a/>", "Structure_94-581-XCB2006001.xml": b"<a/>"})
        else:
            path.write_text("<a/>")
        with pytest.raises(InputError, match=message):
            read_profile(path)


def test_the_one_table_of_a_zip_is_unpacked_for_a_while(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "a.zip", {"in/98100002.csv": b"a,b\n", "in/98100002_MetaData.csv": b"notes"})
    with unpacked(packed) as table:
        assert (table.name, table.read_bytes()) == ("98100002.csv", b"a,b\n")
    assert not table.exists()
    with unpacked(tmp_path / "plain.csv") as same:
        assert same == tmp_path / "plain.csv"
    zipped(tmp_path / "two.zip", {"a.csv": b"", "b.csv": b""})
    with (
        pytest.raises(
            TableError, match=r"two\.zip: found a\.csv, b\.csv, expected one CSV table in the zip\. Download"
        ),
        unpacked(tmp_path / "two.zip"),
    ):
        pass
