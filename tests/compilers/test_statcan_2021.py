"""Population, geography, remoteness, sums of small areas and ridings of 2021, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import statcan_2021


def test_population(root: Path) -> None:
    assert list(rows(root, "population_2021/province.csv")) == ["01", "24", "35"]
    assert list(rows(root, "population_2021/cd.csv")) == ["3520"]
    csd = rows(root, "population_2021/csd.csv")
    assert list(csd) == ["3520005", "3521005", "3557075"]
    assert csd["3521005"] == {
        "csd": "3521005",
        "name": "Westville",
        "population_2021": "5000",
        "population_2016": "4800",
        "private_dwellings_occupied_2021": "1500",
        "land_area_km2": "40.00",
    }
    assert csd["3557075"]["population_2021"] == csd["3557075"]["population_2016"] == "suppressed"
    assert csd["3557075"]["land_area_km2"] == "6.71"
    assert rows(root, "population_2021/province.csv")["24"]["name"] == "Québec"
    assert "1 census subdivisions, all of them reserves" in defects(root, "population_2021")


def test_geography(root: Path) -> None:
    csd = rows(root, "geography_2021/csd.csv")
    assert csd["3557075"]["name"] == "Réserve 15"
    assert csd["3557075"]["population_2021"] == "not published"
    assert csd["3557075"]["incomplete_2021"] == "yes"
    assert (csd["3557075"]["cma"], csd["3520005"]["cma"], csd["1001519"]["cma"]) == ("", "535", "001")
    cma = rows(root, "geography_2021/cma.csv")
    assert {code: (row["kind"], row["whole"]) for code, row in cma.items()} == {
        "505": ("CMA", "no"),
        "535": ("CMA", "yes"),
        "575": ("CA", "yes"),
        "598": ("CA", "yes"),
    }
    assert rows(root, "geography_2021/sactype.csv")["1"]["label_fr"] == "Dans une région métropolitaine"
    assert "Of Ottawa - Gatineau only the part inside the province" in defects(root, "geography_2021")


def test_remoteness(root: Path) -> None:
    csd = rows(root, "remoteness_2021/csd.csv")
    assert [row["remoteness_index"] for row in csd.values()] == ["0", "0.12345678901234567", "not published"]
    assert [row["population_2021"] for row in csd.values()] == ["9000", "5000", "not published"]


def test_sums_of_dissemination_areas(root: Path) -> None:
    row = rows(root, "csd_2021_da_sums/csd.csv")["3521005"]
    assert (row["population_2021"], row["das"], row["population_in_das_missing"]) == ("5000", "7", "12")
    assert (row["neither_english_nor_french"], row["non_immigrants"], row["immigrants"]) == ("1020", "1025", "1030")
    assert (row["non_permanent_residents"], row["age_0_4"], row["age_85_over"]) == ("1035", "200", "285")


def test_ridings(root: Path) -> None:
    ridings = rows(root, "recent_immigrants_2021/fed2013.csv")
    assert {code: row["recent_immigrants"] for code, row in ridings.items()} == {"35001": "640", "35002": "15"}
    link = (root / "data/raw/recent_immigrants_2021/link.csv").read_text(encoding="utf-8").splitlines()
    assert link[1:] == ["35001,3520005,30,30,no", "35001,3521005,10,4,yes", "35002,3521005,10,6,yes"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            statcan_2021.POPULATION,
            "2021A00033520,",
            "2021A00093520,",
            r"DGUID: found '2021A00093520', expected an area",
        ),
        (statcan_2021.GEO_CSD, "1,,,46.5", "2,,,46.5", r"CSDir_2021: found '2', expected 0 or 1"),
        (statcan_2021.GEO_CMA, "535,B", "535,Q", r"CMAtype: found Q, part 0, expected B, D or K; part 0 or 1"),
        (statcan_2021.RIDING_LINK, "10,6,T", "10,5,T", r"found blocks of 3521005 that do not add up"),
        (statcan_2021.RIDING_LINK, "10,6,T", "10,six,T", r"n_DB_in_CSD_FED: found 'six', expected a number"),
        (statcan_2021.RIDING_LINK, "10,6,T", "10,x,T", r"n_DB_in_CSD_FED: found 'x', expected a whole number"),
        (statcan_2021.RIDING_LINK, "10,6,T", "10,6,?", r"partial: found '\?', expected T or F"),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message)
