"""The code list of the web data service: labels with their parents, whatever else the message holds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from local_server import CODE_LIST

from lipresearch.errors import NotFoundError, TableError
from lipresearch.official.codes import read_codes


def test_codes_stand_under_their_parents(tmp_path: Path) -> None:
    (tmp_path / "codes.xml").write_text(CODE_LIST, encoding="utf-8")
    lines = {line.key: line for line in read_codes(tmp_path / "codes.xml")}
    assert list(lines) == ["379", "380", "383", "704", "705"]  # not those of other lists
    assert lines["383"].label == "French"
    assert lines["383"].ancestors[-1] == lines["380"].label
    assert lines["379"].ancestors == ()
    (tmp_path / "codes.xml.gz").write_bytes(gzip.compress(CODE_LIST.encode("utf-8")))
    assert read_codes(tmp_path / "codes.xml.gz") == list(lines.values())


def test_a_parent_that_is_its_own_child_does_not_loop(tmp_path: Path) -> None:
    path = tmp_path / "codes.xml"
    path.write_text(
        '<a><Codelist id="CL_CHARACTERISTIC">'
        '<Code id="1"><Name>One</Name><Parent><Ref id="2"/></Parent></Code>'
        '<Code id="2"><Name>Two</Name><Parent><Ref id="1"/></Parent></Code></Codelist></a>',
        encoding="utf-8",
    )
    assert [line.ancestors for line in read_codes(path)] == [("Two",), ("One",)]


def test_what_is_no_code_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.xml"
    with pytest.raises(NotFoundError, match=r"codes\.xml was not found in .*\. Check the name, or download it first\."):
        read_codes(path)
    path.write_text(CODE_LIST[:900], encoding="utf-8")
    with pytest.raises(TableError, match=r"codes\.xml: found .*, expected XML\. Download the structure .* again"):
        read_codes(path)
    path.write_text("<a/>", encoding="utf-8")
    with pytest.raises(TableError, match=r"found no list of characteristics, expected a Codelist of them\. Download"):
        read_codes(path)
