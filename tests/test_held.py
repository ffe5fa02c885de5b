"""Downloads that bring nothing more than ``data/raw`` holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lipresearch.cli import main
from lipresearch.compilers.statcan_2021 import _POPULATION_COLUMNS
from lipresearch.downloads import load_downloads
from lipresearch.errors import TableError
from lipresearch.fetched import compile_official
from lipresearch.held import HELD, held_files, look_at_held
from lipresearch.sources import list_datasets
from tests import profiles
from tests.official_files import table_text, zipped

ROOT = Path(__file__).resolve().parent.parent
SOURCES = Path(os.environ.get("LIPRESEARCH_SOURCES") or ROOT.parent / "shared" / "sources")
NATIONAL = SOURCES / "census" / "98100002.csv"
ZIP = "98100002-eng.zip"
DGUIDS = {"province": "2021A0002", "cd": "2021A0003", "csd": "2021A0005"}


def official_table(root: Path, changed: dict[str, str] | None = None) -> bytes:
    """Return table 98-10-0002 as it would hold what data/raw holds, and an area of another province."""
    columns = list(_POPULATION_COLUMNS.values())
    rows = [["REF_DATE", "GEO", "DGUID", *(cell for column in columns for cell in (column, "Symbols"))]]
    for level, begins in DGUIDS.items():
        for row in profiles.table(root / f"data/raw/population_2021/{level}.csv"):
            code, name, *cells = row.values()
            dguid = "2021A000011124" if code == "01" else begins + code
            cells[0] = (changed or {}).get(code, cells[0])
            shown = [("", "..") if cell == "suppressed" else (cell, "") for cell in cells]
            rows.append(["2021", name, dguid, *(part for pair in shown for part in pair)])
    rows.append(["2021", "Terres de l'Île", "2021A00052406804", *("5", "") * len(columns)])
    return ("\ufeff" + table_text(rows)).encode("utf-8")


def put(folder: Path, table: bytes) -> None:
    folder.mkdir(exist_ok=True)
    zipped(folder / ZIP, {"98100002.csv": table, "98100002_MetaData.csv": b"Cube Title"})


def said(folder: Path) -> list[str]:
    lines: list[str] = []
    look_at_held(ROOT, folder, lines.append)
    return lines


def test_every_download_that_is_held_is_known_and_has_its_dataset() -> None:
    assert set(HELD) <= set(load_downloads(ROOT))
    assert set(HELD.values()) <= set(list_datasets(ROOT))


def test_the_same_populations_are_told(tmp_path: Path) -> None:
    put(tmp_path, official_table(ROOT))
    areas = sum(len(profiles.table(ROOT / f"data/raw/population_2021/{level}.csv")) for level in DGUIDS)
    assert said(tmp_path) == [
        f"table-98-10-0002: every figure of the {areas:,} areas of data/raw/population_2021 is the same in it, at "
        "grade A; nothing to gain."
    ]
    assert compile_official(ROOT, tmp_path) == ()


def test_other_populations_are_told_and_change_nothing(tmp_path: Path) -> None:
    put(tmp_path, official_table(ROOT, {"3521": "1451023", "3520005": "5"}))
    (line,) = said(tmp_path)
    assert line.startswith(
        "table-98-10-0002: 2 areas differ from data/raw/population_2021: cd 3521 (population_2021), csd 3520005 "
        "(population_2021). data/raw/population_2021 was not changed; to take the newer figures, put the table in the"
    )
    text = official_table(ROOT).decode("utf-8-sig")
    whole = "".join(line for line in text.splitlines(keepends=True) if "2021A00033540" not in line)
    put(tmp_path, whole.encode("utf-8"))
    assert "1 areas differ from data/raw/population_2021: cd 3540 (not in the file)." in said(tmp_path)[0]


def test_a_table_of_another_layout_stops_everything(project_copy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "down"
    put(folder, official_table(ROOT).replace(b"Population, 2021 [1]", b"People [1]"))
    profiles.put_bulk(folder, {"2021A00033521": profiles.figures(1)})
    with pytest.raises(TableError, match=r"98100002\.csv, row 1: found the columns 'REF_DATE'"):
        compile_official(project_copy, folder)
    assert not (project_copy / "data/raw/census_profile_2021").exists()
    put(folder, official_table(ROOT, {"3521": "many"}))
    with pytest.raises(TableError, match="found 'many', expected a number"):
        compile_official(project_copy, folder)


def test_files_that_were_compiled_or_are_another_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = load_downloads(ROOT)
    for name in ("toronto-neighbourhoods-2021", "ontario-health-locations"):
        (tmp_path / known[name].file).write_bytes(b"made up")
    assert set(held_files(ROOT, tmp_path)) == {"toronto-neighbourhoods-2021", "ontario-health-locations"}
    assert said(tmp_path)[1] == (
        "toronto-neighbourhoods-2021: already in data/raw/toronto_neighbourhoods_2021 at grade A, vintage 2021; "
        "nothing to gain. This file is another edition than the copy that was compiled, and was not read."
    )
    monkeypatch.setattr("lipresearch.held.sha256_of", lambda path: known["toronto-neighbourhoods-2016"].sha256)
    (tmp_path / known["toronto-neighbourhoods-2016"].file).write_bytes(b"as if it were the very file")
    assert said(tmp_path)[2] == (
        "toronto-neighbourhoods-2016: the very file that data/raw/toronto_neighbourhoods_2016 was compiled from, at "
        "grade A; nothing to gain."
    )
    with pytest.raises(SystemExit) as stopped:
        main(["compile", "--official", str(tmp_path)])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.endswith("Nothing was compiled: data/raw holds what these files hold.\n")


@pytest.mark.skipif(not NATIONAL.is_file(), reason="the official list of areas is not here")
def test_the_publishers_own_table_holds_what_data_raw_holds(tmp_path: Path) -> None:
    put(tmp_path, NATIONAL.read_bytes())
    assert "is the same in it, at grade A; nothing to gain." in said(tmp_path)[0]
