"""What was read once is not read again, unless something changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from lipresearch.official import profile, read_profile
from lipresearch.official.files import Member
from tests.official_files import profile_2021


def test_the_same_question_is_answered_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = profile_2021(tmp_path / "a.csv", count=3)
    cache = tmp_path / "cache"
    first = read_profile(path, areas=["2021A00033501", "2021A00059999999"], cache=cache)
    scanned = 0
    batches = profile.batches

    def counted(*arguments: object, **more: object) -> object:
        nonlocal scanned
        scanned += 1
        return batches(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(profile, "batches", counted)
    again = read_profile(path, areas=["2021A00059999999", "2021A00033501"], cache=cache)
    assert scanned == 0
    pd.testing.assert_frame_equal(again.table, first.table)
    pd.testing.assert_frame_equal(again.missing, first.missing)
    assert (again.layout, again.origins, again.labels_checked) == (first.layout, first.origins, first.labels_checked)
    assert first.origins["a.csv"] == (path.stat().st_size, profile.sha256_of(path))
    # Another question, another content, a damaged answer: read anew.
    read_profile(path, ["population"], cache=cache)
    assert scanned == 1
    path.write_bytes(path.read_bytes().replace(b'"Population, 2021",1,', b'"Population, 2021",2,'))
    read_profile(path, ["population"], cache=cache)
    assert scanned == 2
    for kept in cache.glob("*.parquet"):
        kept.write_bytes(kept.read_bytes()[:-20])
    third = read_profile(path, ["population"], cache=cache)
    assert scanned == 3
    pd.testing.assert_frame_equal(read_profile(path, ["population"], cache=cache).table, third.table)
    assert scanned == 3
    # The same content under another name, once its hash is known, is the same question.
    shutil.copy(path, tmp_path / "b.csv")
    read_profile(tmp_path / "b.csv", ["median_age"], cache=cache)
    assert scanned == 4
    read_profile(tmp_path / "b.csv", ["population"], cache=cache)
    assert scanned == 4


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = profile_2021(tmp_path / "a.csv", count=1, most=3)
    opened = Member.open

    def open_and_touch(member: Member) -> object:
        os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000))
        return opened(member)

    monkeypatch.setattr(Member, "open", open_and_touch)
    read_profile(path, ["population"], cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("read/*.json"))


def test_an_empty_answer_is_kept_too(tmp_path: Path) -> None:
    path = profile_2021(tmp_path / "a.csv", count=1, most=3)
    first, second = (read_profile(path, areas=["2021A00030000"], cache=tmp_path / "cache") for _ in range(2))
    assert first.table.empty
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.missing["why"].iloc[0] == "the file has no row of this area"
