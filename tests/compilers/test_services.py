"""Settlement services, culture and colleges, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import services


def test_settlement_services_are_counts_only(root: Path) -> None:
    csd = rows(root, "settlement_services_2022/csd.csv")
    assert {code: list(row.values())[1:] for code, row in csd.items() if row["points"] != "0"} == {
        "3520005": ["2", "1", "1", "1", "1"],
        "3521005": ["2", "1", "0", "1", "0"],
    }
    assert set(csd) == {"3520005", "3521005", "3521010", "3514019", "3525005"}
    hood = rows(root, "settlement_services_2022/hood140.csv")
    assert {code: row["points"] for code, row in hood.items()} == {"1": "1", "2": "1", "3": "0"}
    said = defects(root, "settlement_services_2022")
    assert "4 points are counted; 1 repeats" in said
    assert "1 lie outside Ontario" in said
    assert "1 points do not say which services" in said


def test_torontos_own_list(root: Path) -> None:
    assert {code: row["services"] for code, row in rows(root, "toronto_211/hood140.csv").items()} == {
        "1": "0",
        "2": "2",
        "3": "0",
    }
    assert "3 services are listed; 1 of them could not be placed" in defects(root, "toronto_211")


def test_culture(root: Path) -> None:
    csd = rows(root, "cultural_facilities/csd.csv")
    assert (csd["3520005"]["museums"], csd["3520005"]["galleries"], csd["3525005"]["theatres"]) == ("1", "1", "1")
    assert csd["3521005"]["libraries_archives"] == "1"
    hood = rows(root, "cultural_facilities/hood140.csv")
    assert (hood["2"]["museums"], hood["2"]["galleries"]) == ("1", "0")
    said = defects(root, "cultural_facilities")
    assert "4 facilities are counted; 1 repeats of the same name, type and place are removed; 2 have no known" in said
    assert "2 of the libraries are library boards" in said
    assert "1 facilities in Toronto have no coordinates" in said


def test_universities_and_colleges(root: Path) -> None:
    found = rows(root, "postsecondary/institutions.csv")
    assert {code: list(row.values())[1:] for code, row in found.items()} == {
        "EUAA": ["Université Alpha", "university", "3520005", "1"],
        "EUAB": ["Beta University", "university", "3525005", ""],
        "EVAA": ["Gamma College", "college", "3520005", ""],
        "EVAB": ["Delta College", "college", "3521005", ""],
    }
    said = defects(root, "postsecondary")
    assert "2 universities and 2 colleges are kept; 1 in other towns" in said
    assert "1 institutions in Toronto could not be placed in a neighbourhood." in said


@pytest.mark.parametrize(
    ("dataset", "file", "old", "new", "message"),
    [
        (
            "settlement_services_2022",
            services.SETTLEMENT,
            ",no,yes,no,",
            ",maybe,yes,no,",
            "column svc_lang_assess: found 'maybe', expected yes, no or nothing",
        ),
        ("toronto_211", services.LIST_211, "MET2", "MET1", "column ID: found 'MET1', expected each once"),
        (
            "cultural_facilities",
            services.ODCAF,
            ",gallery,",
            ",arcade,",
            "column ODCAF_Facility_Type: found 'arcade', expected one of library or archives, museum",
        ),
        (
            "postsecondary",
            services.DESIGNATED,
            "Technical and Vocational",
            "Flying School",
            "column Institution Type: found 'Flying School', expected a known type of institution",
        ),
        (
            "postsecondary",
            services.DESIGNATED,
            "Westville",
            "Twin",
            "column City: found 'Twin', expected a municipality of Ontario, or a town listed in TOWNS",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, dataset: str, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message, [dataset])
