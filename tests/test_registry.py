"""One changed digit in a published figure's file stops everything, and the message says which."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import DataChangedError, NotFoundError, TableError
from lipresearch.registry import (
    HEADER,
    REGISTRY,
    Verified,
    raw_files,
    read_registry,
    sha256_of,
    verify_raw,
    write_registry,
)

FILES = {
    "data/raw/people/cd.csv": b"cd,people\n3521,1451022\n",
    "data/raw/people/SOURCE.toml": b'title = "People"\n',
    "data/raw/health/facilities.csv": b"facility,kind\nf1,hospital\n",
    "data/raw/health/registry.csv": b"a file of this name inside a dataset is an ordinary one\n",
}
RESTORE = (
    r"\nEither a file was edited \(restore it: git checkout -- data/raw\),"
    r"\nor the published data were compiled anew \(record them: lipresearch compile --sources FOLDER\)\.$"
)


def make(root: Path) -> Path:
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_registry(root)
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make(tmp_path)


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (b"a" * 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ],
    ids=["nothing", "abc", "a million letters"],
)
def test_hashes_are_those_of_the_standard(tmp_path: Path, content: bytes, digest: str) -> None:
    # NIST, FIPS 180-2 appendix B and its test vectors.
    (tmp_path / "f").write_bytes(content)
    assert sha256_of(tmp_path / "f") == digest


def test_what_was_recorded_verifies(project: Path) -> None:
    assert verify_raw(project) == Verified(
        files=4,
        datasets=2,
        bytes=sum(len(content) for content in FILES.values()),
        registry_sha256=sha256_of(project / REGISTRY),
    )


def test_the_registry_lists_every_file_but_itself_in_order(project: Path) -> None:
    lines = (project / REGISTRY).read_bytes().decode().split("\n")
    assert lines[0] == ",".join(HEADER)
    assert [line.split(",")[0] for line in lines[1:-1]] == sorted(FILES)
    assert lines[-1] == ""
    assert read_registry(project) == {
        name: (len(content), sha256_of(project / name)) for name, content in FILES.items()
    }
    assert project / REGISTRY not in raw_files(project)


def test_recording_twice_gives_the_same_bytes_wherever_it_is_called(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (project / REGISTRY).read_bytes()
    write_registry(project)
    assert (project / REGISTRY).read_bytes() == first
    elsewhere = make(tmp_path_factory.mktemp("other"))
    assert (elsewhere / REGISTRY).read_bytes() == first
    monkeypatch.chdir(project)
    write_registry(Path("."))
    assert (project / REGISTRY).read_bytes() == first
    assert verify_raw(Path(".")) == verify_raw(project)


@settings(max_examples=40)
@given(st.data())
def test_any_changed_byte_is_noticed_and_named(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    project = make(tmp_path_factory.mktemp("p"))
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = bytearray(FILES[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    expected = sha256_of(project / name)
    (project / name).write_bytes(content)
    message = (
        rf"^data/raw is not what was recorded; nothing was computed\.\n  {re.escape(name)}\n"
        rf"    expected sha256 {expected}\n    found    sha256 {sha256_of(project / name)}{RESTORE}"
    )
    with pytest.raises(DataChangedError, match=message):
        verify_raw(project)
    (project / name).write_bytes(FILES[name])
    assert verify_raw(project).files == len(FILES)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"1451022", b"1451023"),
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content + b"\n",
        lambda content: content[:-1],
        lambda content: b"",
    ],
    ids=["one digit", "line ends", "mark at the start", "one line more", "last line end", "emptied"],
)
def test_what_an_editor_does_is_noticed(project: Path, change: object) -> None:
    path = project / "data/raw/people/cd.csv"
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DataChangedError, match=r"\n  data/raw/people/cd\.csv\n    expected sha256 [0-9a-f]{64}\n"):
        verify_raw(project)


def test_a_missing_file_is_named_with_its_hash(project: Path) -> None:
    path = project / "data/raw/people/cd.csv"
    expected = sha256_of(path)
    path.unlink()
    with pytest.raises(
        DataChangedError, match=rf"\n  data/raw/people/cd\.csv\n    missing; expected sha256 {expected}\n"
    ):
        verify_raw(project)


@pytest.mark.parametrize("name", ["data/raw/people/extra.csv", "data/raw/loose.csv", "data/raw/people/cd.csv.bak"])
def test_a_file_too_many_is_named(project: Path, name: str) -> None:
    (project / name).write_text("x\n")
    message = rf"\n  {re.escape(name)}\n    is not recorded in data/raw/registry\.csv{RESTORE}"
    with pytest.raises(DataChangedError, match=message):
        verify_raw(project)


def test_a_renamed_file_is_both_missing_and_too_many(project: Path) -> None:
    (project / "data/raw/people/cd.csv").rename(project / "data/raw/people/CD_2021.csv")
    with pytest.raises(DataChangedError, match=r"people/cd\.csv\n    missing;.*\n.*CD_2021\.csv\n    is not recorded"):
        verify_raw(project)


def test_two_files_that_swapped_their_contents_are_both_named(project: Path) -> None:
    one, two = project / "data/raw/people/cd.csv", project / "data/raw/health/facilities.csv"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with pytest.raises(DataChangedError, match=r"(?s)health/facilities\.csv\n.*people/cd\.csv\n"):
        verify_raw(project)


def test_a_link_to_another_recorded_file_does_not_pass_for_it(project: Path) -> None:
    path = project / "data/raw/people/cd.csv"
    path.unlink()
    path.symlink_to(project / "data/raw/health/facilities.csv")
    with pytest.raises(DataChangedError, match=r"\n  data/raw/people/cd\.csv\n    missing; expected sha256 "):
        verify_raw(project)


def test_what_a_file_browser_leaves_is_passed_over(project: Path) -> None:
    (project / "data/raw/people/.DS_Store").write_bytes(b"\x00")
    assert verify_raw(project).files == len(FILES)
    first = (project / REGISTRY).read_bytes()
    write_registry(project)
    assert (project / REGISTRY).read_bytes() == first


def test_a_changed_hash_in_the_registry_is_noticed(project: Path) -> None:
    digest = sha256_of(project / "data/raw/people/cd.csv")
    changed = ("0" if digest[0] != "0" else "1") + digest[1:]
    path = project / REGISTRY
    path.write_text(path.read_text().replace(digest, changed))
    with pytest.raises(DataChangedError, match=rf"expected sha256 {changed}\n    found    sha256 {digest}"):
        verify_raw(project)


def test_a_line_taken_out_of_the_registry_is_noticed(project: Path) -> None:
    path = project / REGISTRY
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2] + lines[3:]))
    with pytest.raises(DataChangedError, match=re.escape(f"  {sorted(FILES)[1]}\n    is not recorded in {REGISTRY}")):
        verify_raw(project)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("file,bytes,sha256", "file,size,sha256"),
        lambda text: text.replace("file,bytes,sha256\n", ""),
        lambda text: text.replace(",", ";"),
        lambda text: text + "data/raw/x.csv,12\n",
        lambda text: text + "data/raw/x.csv,12,abc,more\n",
        lambda text: text + "data/raw/x.csv,many,abc\n",
        lambda text: text + "data/raw/x.csv,-1,abc\n",
        lambda text: text + "data/raw/x.csv,,abc\n",
    ],
    ids=["header", "no header", "semicolons", "short row", "long row", "no number", "negative", "no size"],
)
def test_a_damaged_registry_is_refused(project: Path, damage: object) -> None:
    path = project / REGISTRY
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    message = r"^data/raw/registry\.csv is damaged\. Restore it: git checkout -- data/raw/registry\.csv$"
    with pytest.raises(DataChangedError, match=message):
        verify_raw(project)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"data/raw/registry\.csv: found an empty file, expected a header line and rows\."),
        (b"file,bytes,sha256\n\xff", r"data/raw/registry\.csv, row 2: found byte 0xff, expected UTF-8 text\."),
        (b'file,bytes,sha256\n"x', r"data/raw/registry\.csv, row 2: found unexpected end of data, expected CSV with"),
    ],
)
def test_a_registry_that_is_no_table_is_refused(project: Path, content: bytes, message: str) -> None:
    (project / REGISTRY).write_bytes(content)
    with pytest.raises(TableError, match=message):
        verify_raw(project)


def test_without_a_registry_nothing_is_trusted(project: Path) -> None:
    (project / REGISTRY).unlink()
    message = r"^data/raw/registry\.csv is missing\. Restore it: git checkout -- data/raw$"
    with pytest.raises(NotFoundError, match=message):
        verify_raw(project)


def test_the_registry_of_this_project_holds() -> None:
    root = Path(__file__).resolve().parent.parent
    if not (root / REGISTRY).is_file():
        pytest.skip("data/raw is not here (the tests were copied without the project)")
    assert verify_raw(root).files == len(raw_files(root)) > 0
