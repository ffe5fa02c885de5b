"""Compilers of birthplaces, landings, places of worship and safety, on small files as published."""

from __future__ import annotations

import csv
import gzip
import shutil
import tomllib
from pathlib import Path

import pytest

from lipresearch.compile import compile_sources
from lipresearch.compilers import newcomers, toronto
from lipresearch.compilers.base import Sources
from lipresearch.errors import TableError

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "compile"
NAMES = [dataset.name for family in (newcomers, toronto) for dataset in family.DATASETS]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    compile_sources(FIXTURES, folder, NAMES)
    return folder


def rows(root: Path, table: str) -> list[dict[str, str]]:
    with open(root / "data" / "raw" / table, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def defects(root: Path, dataset: str) -> str:
    with open(root / "data" / "raw" / dataset / "SOURCE.toml", "rb") as handle:
        return "\n".join(tomllib.load(handle)["defects"])


def test_birthplaces_are_countries_of_the_whole_period_only(root: Path) -> None:
    births = rows(root, "immigrants_cma_2016/birthplaces.csv")
    ottawa = {row["place"]: row["immigrants"] for row in births if row["cma"] == "505"}
    assert ottawa == {"GB": "255", "CN": "40"}
    table = {row["cma"]: row for row in rows(root, "immigrants_cma_2016/immigrants.csv")}
    assert len(table) == 21
    assert table["505"]["whole"] == "no"
    assert {row["whole"] for code, row in table.items() if code != "505"} == {"yes"}
    barrie = table["568"]
    assert [barrie[name] for name in ("immigrants", "before_1980", "from_2011_to_2016")] == ["100", "20", "30"]
    assert [barrie[name] for name in ("workers", "refugees", "other_categories", "category_not_asked")] == [
        "30",
        "10",
        "10",
        "20",
    ]


def test_landings_of_the_ontario_part_and_without_the_rest_of_a_province(root: Path) -> None:
    table = {row["cma"]: row for row in rows(root, "landings_2014/cma.csv")}
    assert sorted(table) == ["001", "205", "505", "537", "825"]
    assert (table["505"]["whole"], table["505"]["landings_2005"], table["505"]["landings_2014"]) == (
        "no",
        "1200",
        "1209",
    )
    assert "Other Nova Scotia, Other Ontario, Red Deer." in defects(root, "landings_2014")


def test_places_of_worship_are_counts_without_repeats(root: Path) -> None:
    table = {row["hood140"]: row for row in rows(root, "toronto_worship_2006/hood140.csv")}
    assert sorted(table) == ["1", "2", "3"]
    assert {name: cell for name, cell in table["2"].items() if cell != "0"} == {
        "hood140": "2",
        "catholic": "1",
        "christian": "1",
        "muslim": "1",
    }
    said = defects(root, "toronto_worship_2006")
    assert "4 places are counted; 1 repeats of a name at an address are left out; 1 could not be placed" in said
    text = (root / "data" / "raw" / "toronto_worship_2006" / "hood140.csv").read_text(encoding="utf-8")
    assert "Church" not in text
    assert "Secret" not in text


def test_safety_of_two_years(root: Path) -> None:
    table = {row["hood140"]: list(row.values())[1:] for row in rows(root, "toronto_safety/hood140.csv")}
    assert table["1"] == ["1", "2", "3", "4", "5", "6", "7", "8", "2", "2", "3", "4", "5", "6", "7", "8"]
    assert table["2"][8] == "9"
    assert "Assaults: 11 in 2008 and 11 in 2011" in defects(root, "toronto_safety")


@pytest.mark.parametrize(
    ("dataset", "file", "old", "new", "message"),
    [
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,TOTAL,100,",
            "total,568,,TOTAL,200,",
            "periods of 568 add to 100, expected 200, but for rounding",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,CN,40,",
            "total,568,,CN,90,",
            "birthplaces of 568 add to 145, expected 95, but for rounding",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,CN,40,",
            "total,568,,GB,40,",
            "column place_of_birth_code: found GB of 568 again, expected each once in an area",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "2006_2010,568,,TOTAL",
            "2006_2011,568,,TOTAL",
            "column period_of_immigration: found '2006_2011', expected total or one of before_1980",
        ),
        (
            "immigrants_cma_2016",
            newcomers.BIRTHPLACES,
            "total,568,,OUTSIDE,",
            "total,568,,OUTSIDES,",
            "no totals of 568, expected the total and every period of each metropolitan area",
        ),
        (
            "landings_2014",
            newcomers.LANDINGS,
            "Hamilton,40,",
            "Hamilton,41,",
            "found Ontario: .* expected the sum of its areas",
        ),
        (
            "landings_2014",
            newcomers.LANDINGS,
            "Urban Area,2005,",
            "Urban Area,2004,",
            "expected the years 2005 to 2014",
        ),
        (
            "landings_2014",
            newcomers.LANDINGS,
            "Total Alberta",
            "Sum Alberta",
            "found totals of Newfoundland and Labrador, Nova Scotia, Ontario, expected a total for each of",
        ),
        (
            "toronto_worship_2006",
            toronto.WORSHIP,
            ",Hindu,",
            ",Druid,",
            "column TYPE: found 'Druid', expected one of Bahai, Buddhist",
        ),
        (
            "toronto_safety",
            toronto.SAFETY["2011"],
            ",37,",
            ",38,",
            "column Total Major Crime Incidents: found 38, expected the sum of the eight kinds, 37",
        ),
        (
            "toronto_safety",
            toronto.SAFETY["2011"],
            "Beta,2",
            "Beta,3",
            "found other neighbourhoods than in 2008, expected the same ones in both years",
        ),
        (
            "toronto_safety",
            toronto.SAFETY["2008"],
            "Beta,2",
            "Beta,1",
            "column Neighbourhood Id: found '1', expected each once",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    tmp_path: Path, dataset: str, file: str, old: str, new: str, message: str
) -> None:
    folder = tmp_path / "sources"
    shutil.copytree(FIXTURES, folder)
    raw = (folder / file).read_bytes()
    packed = file.endswith(".gz")
    text = gzip.decompress(raw) if packed else raw
    assert old.encode() in text
    text = text.replace(old.encode(), new.encode(), 1)
    (folder / file).write_bytes(gzip.compress(text, mtime=0) if packed else text)
    with pytest.raises(TableError, match=message):
        compile_sources(folder, tmp_path / "project", [dataset])
    assert not (tmp_path / "project" / "data" / "raw" / dataset).exists()


def test_a_packed_file_that_is_broken_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n1,2\n", mtime=0)
    for name, raw in (
        ("plain.csv.gz", b"a,b\n1,2\n"),
        ("cut.csv.gz", whole[:-9]),
        ("bad.csv.gz", whole[:12] + b"x" * 20),
    ):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(TableError, match=rf"{name}: .*expected a file packed with gzip"):
            Sources(tmp_path).text(name)
    (tmp_path / "good.csv.gz").write_bytes(whole)
    assert Sources(tmp_path).text("good.csv.gz") == "a,b\n1,2\n"
