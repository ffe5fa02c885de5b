"""Compilers of industries, services, culture, colleges, voters, police and crime, on small files as published."""

from __future__ import annotations

import csv
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from lipresearch.compile import compile_sources
from lipresearch.compilers import civic, economy, services
from lipresearch.errors import TableError

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "compile"
NAMES = [dataset.name for family in (economy, services, civic) for dataset in family.DATASETS]
Edit = Callable[[str, str, str], Path]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    compile_sources(FIXTURES, folder, NAMES)
    return folder


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return a function that copies the fixtures, changes one text in one file, and gives the folder."""

    def change(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "sources"
        shutil.copytree(FIXTURES, folder)
        raw = (folder / file).read_bytes()
        assert old.encode() in raw
        (folder / file).write_bytes(raw.replace(old.encode(), new.encode(), 1))
        return folder

    return change


def rows(root: Path, table: str) -> dict[str, dict[str, str]]:
    with open(root / "data" / "raw" / table, encoding="utf-8", newline="") as handle:
        found = list(csv.reader(handle))
    return {row[0]: dict(zip(found[0], row, strict=True)) for row in found[1:]}


def defects(root: Path, dataset: str) -> str:
    with open(root / "data" / "raw" / dataset / "SOURCE.toml", "rb") as handle:
        return "\n".join(tomllib.load(handle)["defects"])


def test_the_fixtures_have_the_encodings_of_the_published_files() -> None:
    for file in (services.ODCAF, services.DESIGNATED):
        with pytest.raises(UnicodeDecodeError, match="can't decode byte"):
            (FIXTURES / file).read_text(encoding="utf-8")


def test_industries_and_ages_of_divisions(root: Path) -> None:
    found = rows(root, "labour_2021/industry.csv")
    assert list(found) == ["3520", "3557"]
    assert (found["3520"]["all_industries"], found["3520"]["agriculture"], found["3520"]["public_administration"]) == (
        "2100",
        "55",
        "150",
    )
    # Sectors stand in another order in the file than their codes would sort.
    assert (found["3520"]["manufacturing"], found["3520"]["wholesale_trade"]) == ("75", "80")
    assert found["3557"]["mining"] == "not published"
    assert "1 census divisions (Algoma): not published" in defects(root, "labour_2021")
    ages = rows(root, "labour_2021/age.csv")
    assert (ages["3520"]["age_0_4"], ages["3520"]["age_85_over"], ages["3520"]["median_age"]) == ("500", "500", "39.6")
    assert ages["3557"]["median_household_income_2020"] == "not published"
    assert not any("77" in row.values() or "35" in row.values() for row in ages.values())


def test_rates_of_2016(root: Path) -> None:
    found = rows(root, "labour_2016/cd.csv")
    assert list(found["3520"].values()) == ["3520", "Toronto", "2731571", "8.2", "44.14", "65829"]
    assert list(found["3557"].values()) == ["3557", "Algoma", "114094", "10.1", "16.2", "59000"]


def test_neighbourhoods_by_age_industry_work_and_degree(root: Path) -> None:
    now = rows(root, "toronto_labour/hood158.csv")
    assert (now["2"]["age_0_4"], now["3"]["age_15_19"], now["174"]["age_85_over"]) == ("10", "80", "540")
    assert (now["2"]["all_industries"], now["174"]["agriculture"], now["174"]["public_administration"]) == (
        "210",
        "30",
        "49",
    )
    then = rows(root, "toronto_labour/hood140.csv")
    # The first column of the file is the city; those of 25 to 64 come behind all adults under the same labels.
    assert list(then["2"].values()) == ["2", "500", "40", "700", "90"]
    assert list(then["1"].values()) == ["1", "1500", "160", "1700", "280"]


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


def test_voters_police_and_crime(root: Path) -> None:
    assert rows(root, "turnout_2015/fed2013.csv")["35001"] == {
        "fed2013": "35001",
        "name": "Alpha--Beta",
        "electors": "6000",
        "ballots": "4002",
    }
    assert list(rows(root, "turnout_2015/fed2013.csv")) == ["35001", "35002"]
    assert list(rows(root, "police_2012/cma.csv")["535"].values()) == [
        "535",
        "Toronto",
        "10023",
        "173",
        "54.9",
        "5783398",
    ]
    assert "1 metropolitan areas of the edition of 2012; 1 rows of single police" in defects(root, "police_2012")
    assert list(rows(root, "toronto_crime_2019/hood140.csv")["2"].values()) == [
        "2",
        "2000",
        "21",
        "23",
        "25",
        "27",
        "29",
        "31",
    ]


def test_nothing_personal_is_carried(root: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "data" / "raw").rglob("*.csv")))
    for word in ("Secret", "secret", "http://x", "M1M1M1", "L8L8L8"):
        assert word not in text


@pytest.mark.parametrize(
    ("dataset", "file", "old", "new", "message"),
    [
        (
            "labour_2021",
            economy.INDUSTRY,
            ",2100,",
            ",2400,",
            "row 2, column working_population: found 2400, expected about 2050, the sum of its sectors",
        ),
        (
            "labour_2021",
            economy.AGES,
            ",9000,",
            ",9200,",
            "row 2, column population: found 9200, expected about 9000, the sum of its ages",
        ),
        (
            "labour_2016",
            economy.RATES,
            "Algoma",
            "Algona",
            "row 2, column place: found 'Algona', expected the name of one census division",
        ),
        (
            "labour_2016",
            economy.RATES,
            "Toronto,1,2,Population",
            "Algoma,1,2,Population",
            "column indicator: found Population of Algoma again, expected each once",
        ),
        (
            "toronto_labour",
            economy.PROFILE_2016,
            "population aged 25 to 64 years in",
            "population aged 25 to 65 years in",
            "found 0 headings of those aged 25 to 64 with a row .* below, expected one",
        ),
        (
            "toronto_labour",
            economy.PROFILE_2021,
            "Neighbourhood Number,2,3,174",
            "Neighbourhood Number,2,2,174",
            "Neighbourhood Number: found 2, 2, 174, expected one number an area",
        ),
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
        (
            "turnout_2015",
            civic.VOTES,
            ",66.7",
            ",66.8",
            "column turnout_pct: found 66.8, expected ballots over electors, within rounding",
        ),
        (
            "turnout_2015",
            civic.VOTES,
            ",55.0",
            ",..",
            "column turnout_pct: found suppressed, expected ballots over electors, within rounding",
        ),
        (
            "police_2012",
            civic.POLICE,
            "cma,Toronto",
            "cma,Torono",
            "column geo: found 'Torono', expected the name of a metropolitan area",
        ),
        (
            "toronto_crime_2019",
            civic.CRIME,
            "Beta,2,2000",
            "Beta,2,many",
            "column Population: found 'many', expected a number or a known missing symbol",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, dataset: str, file: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(TableError, match=message):
        compile_sources(edited(file, old, new), tmp_path / "project", [dataset])
    assert not (tmp_path / "project" / "data" / "raw" / dataset).exists()
