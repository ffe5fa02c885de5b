"""Facilities per site against counts made another way: from coordinates and polygons, and from the copy's own codes."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from shapely import Point, STRtree
from shapely.geometry import shape

from lipresearch.evidence import Evidence
from lipresearch.paths import project_root

ROOT = project_root()
SOURCES = Path(os.environ.get("LIPRESEARCH_SOURCES") or ROOT.parent / "shared" / "sources")
LISTED = SOURCES / "places" / "on_moh_service_provider_locations_2019.csv"
HOODS = SOURCES / "places" / "toronto_neighbourhoods_140.geojson"

pytestmark = pytest.mark.skipif(
    not (LISTED.is_file() and HOODS.is_file()), reason="the publishers' files are not here (LIPRESEARCH_SOURCES)"
)


def ours(evidence: Evidence) -> Counter[str]:
    """Return how many of the kept facilities each atom has."""
    table = evidence.rows("health_services", "facilities").values
    inside = table["hood140"] != ""
    return Counter(("hood140:" + table["hood140"]).where(inside, "csd:" + table["csd"]))


def test_neighbourhood_sites_from_coordinates_and_polygons() -> None:
    evidence = Evidence(ROOT)
    table = evidence.rows("health_services", "facilities").values
    points = STRtree([Point(x, y) for x, y in zip(table["longitude"], table["latitude"], strict=True)])
    features = json.loads(HOODS.read_text(encoding="utf-8"))["features"]
    polygons = {str(int(f["properties"]["hood_id"])): shape(f["geometry"]).buffer(0) for f in features}
    assert len(polygons) == 140
    counted = ours(evidence)
    for site in evidence.neighbourhood_sites():
        mine = sorted(evidence.catchments.atoms[site])
        found: set[int] = set()
        for atom in mine:
            found |= set(points.query(polygons[atom.removeprefix("hood140:")], predicate="intersects").tolist())
        total = sum(counted[atom] for atom in mine)
        # A point on the shore lies just outside its simplified polygon.
        assert abs(total - len(found)) <= max(2, 0.01 * total), site


def test_sites_of_whole_divisions_from_the_codes_of_the_copy() -> None:
    evidence = Evidence(ROOT)
    kept = {
        "Hospital - Corporation",
        "Hospital - Site",
        "Community Health Centre",
        "Pharmacy",
        "Long-Term Care Home",
        "Family Health Team - Contract",
        "Nurse Practitioner Led Clinic",
        "Public Health Unit Office",
    }
    with open(LISTED, encoding="utf-8-sig", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["SERVICE_TYPE"] in kept]
    once = {(row["ENGLISH_NAME"], row["SERVICE_TYPE"], row["POSTAL_CODE"], row["CDUID_2021_best"]) for row in rows}
    theirs = Counter(division for _, _, _, division in once)
    table = evidence.rows("health_services", "facilities").values
    mine = Counter(table.loc[table["service_type"].isin(kept), "csd"].str[:4])
    declared = evidence.catchments.declared
    whole = declared[declared["level"] == "cd"]
    for site, divisions in whole.groupby("site")["area"]:
        one, other = (sum(counts[code] for code in divisions) for counts in (mine, theirs))
        # The copy gives no code to places on the Niagara river, which lie outside its simplified polygons.
        without_code = theirs[""] if "3526" in set(divisions) else 0
        slack = max(3, 0.03 * other)
        assert other - slack <= one <= other + without_code + slack, (site, one, other)
