"""What the tests of compilers share: the tables compiled from the small files, and copies of these with one change."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from compilers.small_files import FIXTURES, Edit
from lipresearch.compile import compile_sources


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose raw tables are compiled from the small files."""
    folder = tmp_path_factory.mktemp("project")
    compile_sources(FIXTURES, folder)
    return folder


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return a function that copies the small files, changes one text in one of them, and gives the folder."""

    def change(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "sources"
        if not folder.exists():
            shutil.copytree(FIXTURES, folder)
            shutil.copytree(FIXTURES.parent / "seeds", tmp_path / "seeds")
        raw = (folder / file).read_bytes()
        packed = file.endswith(".gz")
        text = gzip.decompress(raw) if packed else raw
        assert old.encode() in text
        text = text.replace(old.encode(), new.encode(), 1)
        (folder / file).write_bytes(gzip.compress(text, mtime=0) if packed else text)
        return folder

    return change
