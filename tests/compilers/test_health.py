"""Health services and facilities, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import health


def test_health_services(root: Path) -> None:
    found = rows(root, "health_services/facilities.csv")
    assert {code: (row["kind"], row["csd"], row["hood140"]) for code, row in found.items()} == {
        "096": ("family health team", "3520005", "2"),
        "097": ("community health centre", "3521005", ""),
        "099": ("mental health and addiction", "3521010", ""),
        "100": ("mental health and addiction", "3521010", ""),
        "102": ("pharmacy", "3521005", ""),
        "104": ("hospital", "3520005", "2"),
        "105": ("hospital", "3520005", "1"),
    }
    assert (found["105"]["latitude"], found["105"]["longitude"]) == ("43.7000", "-79.450001")
    said = defects(root, "health_services")
    assert "2019: 2 repeats of the same name, type and postal code are removed" in said
    assert "2020: 2 facilities have no coordinates." in said
    later = rows(root, "health_services/facilities_2020.csv")
    assert (later["204"]["csd"], later["204"]["latitude"]) == ("3521005", "not published")
    assert (later["205"]["csd"], later["203"]["csd"]) == ("", "")


def test_health_facilities(root: Path) -> None:
    found = rows(root, "health_facilities_odhf/facilities.csv")
    assert {code: (row["csd"], row["hood140"]) for code, row in found.items()} == {
        "10": ("3525005", ""),
        "11": ("", ""),
        "7": ("3520005", "2"),
        "8": ("3521005", ""),
        "9": ("", ""),
    }
    assert found["7"]["longitude"] == "-79.34999999999999"
    assert found["9"]["latitude"] == "not published"
    assert "3 facilities have no coordinates; 1 of them because" in defects(root, "health_facilities_odhf")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            health.LOCATIONS_2019,
            "Retirement Home",
            "Retired Home",
            r"SERVICE_TYPE: found 'Retired Home', expected a known",
        ),
        (health.ODHF, "Ambulatory health", "Ambulant health", r"odhf_facility_type: found 'Ambulant health care"),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message)
