"""Every compiler on small files in the official layouts, with the quirks that the publishers' files have."""

from __future__ import annotations

import csv
import os
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from lipresearch.compile import DATASETS, compile_sources
from lipresearch.compilers import facts, health, neighbourhoods, schools, statcan_2016, statcan_2021, statcan_earlier
from lipresearch.errors import InputError, NotFoundError, TableError
from lipresearch.registry import verify_raw

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "compile"
Edit = Callable[[str, str, str], Path]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    compile_sources(FIXTURES, folder)
    return folder


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return a function that copies the fixtures, changes one text in one file, and gives the folder."""

    def change(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "sources"
        if not folder.exists():
            shutil.copytree(FIXTURES, folder)
            shutil.copytree(FIXTURES.parent / "seeds", tmp_path / "seeds")
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


def test_the_fixtures_have_the_quirks_of_the_official_files() -> None:
    bom = b"\xef\xbb\xbf"
    for file in (neighbourhoods.PROFILE_2021, statcan_2016.HAMILTON, health.LOCATIONS_2019, schools.SCHOOLS_2018):
        assert (FIXTURES / file).read_bytes().startswith(bom), file
    for file in (statcan_2021.GEO_CSD, statcan_2021.GEO_SAC, health.ODHF):
        with pytest.raises(UnicodeDecodeError, match="can't decode byte"):
            (FIXTURES / file).read_text(encoding="utf-8")
    header = (FIXTURES / statcan_2021.POPULATION).read_text(encoding="utf-8").splitlines()[0]
    assert header.count("Symbols") == 13
    assert b"\r\n" in (FIXTURES / statcan_2016.HAMILTON).read_bytes()


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


def test_sums_of_dissemination_areas_of_2016(root: Path) -> None:
    row = rows(root, "csd_2016_da_sums/csd.csv")["3521005"]
    assert [int(row[name]) - int(row["non_immigrants"]) for name in ("immigrants", "non_permanent_residents")] == [1, 2]
    assert int(row["population_2016"]) > 5000


def test_populations_as_first_published(root: Path, edited: Edit, tmp_path: Path) -> None:
    table = rows(root, "population_2016/cd.csv")
    assert table["3501"]["name"] == "Stormont, Dundas and Glengarry"
    assert {code: (row["population_2016"], row["adjusted_2011"]) for code, row in table.items()} == {
        "3501": ("113429", "no"),
        "3520": ("2731571", "no"),
        "3521": ("1381739", "yes"),
        "3524": ("548435", "yes"),
    }
    folder = edited(statcan_2016.HIGHLIGHTS, "1296809,T,", "1296809,perhaps,")
    with pytest.raises(TableError, match="2011 adjusted population flag: found 'perhaps', expected T or F"):
        compile_sources(folder, tmp_path / "project", ["population_2016"])


def test_ridings(root: Path) -> None:
    ridings = rows(root, "recent_immigrants_2021/fed2013.csv")
    assert {code: row["recent_immigrants"] for code, row in ridings.items()} == {"35001": "640", "35002": "15"}
    link = (root / "data/raw/recent_immigrants_2021/link.csv").read_text(encoding="utf-8").splitlines()
    assert link[1:] == ["35001,3520005,30,30,no", "35001,3521005,10,4,yes", "35002,3521005,10,6,yes"]


def test_immigrants_2006(root: Path) -> None:
    csd = rows(root, "immigrants_2006/csd.csv")
    figures = {code: (row["immigrants"], row["non_immigrants"]) for code, row in csd.items()}
    assert figures == {
        "1001519": ("40", "900"),
        "1209034": ("270", "3400"),
        "3520005": ("2500", "4000"),
        "3548019": ("0", "150"),
        "3560046": ("suppressed", "suppressed"),
        "4806016": ("2400", "7300"),
    }
    said = defects(root, "immigrants_2006")
    assert "2 of 5 census subdivisions of Ontario have no sure code" in said
    assert "1 of them are suppressed reserves, the other 1 (Uncoded (Township)) hold 10 immigrants" in said
    assert list(rows(root, "immigrants_2006/population_2006.csv")) == ["3520"]
    assert rows(root, "immigrants_2006/province.csv")["35"]["immigrants"] == "3000"


def test_first_generation(root: Path) -> None:
    row = rows(root, "first_generation_2016/cd.csv")["3520"]
    assert (row["population_2016_estimated"], row["pop_ratio"], row["first_generation_percent"]) == (
        "7950",
        "0.994",
        "51.1",
    )
    assert "outside 0.9 to 1.1: Lanark." in defects(root, "first_generation_2016")


def test_neighbourhoods_of_2016(root: Path) -> None:
    profile = rows(root, "toronto_neighbourhoods_2016/profile.csv")
    assert [row["name"] for row in profile.values()] == ["Alpha-Ville", "Beta Park", "Gamma Hill"]
    assert [row["population_2016"] for row in profile.values()] == ["3000", "1000", "2000"]
    assert [row["land_area_km2"] for row in profile.values()] == ["5.25", "1.25", "3.10"]
    assert [row["single_responses"] for row in profile.values()] == ["460", "295", "355"]
    tongue = rows(root, "toronto_neighbourhoods_2016/mother_tongue.csv")
    for code, row in tongue.items():
        assert sum(int(cell) for name, cell in row.items() if name != "hood140") == int(
            profile[code]["single_responses"]
        )
    assert (tongue["3"]["norwegian"], tongue["3"]["swedish"], tongue["3"]["japanese"]) == ("10", "5", "20")
    languages = rows(root, "toronto_neighbourhoods_2016/languages.csv")
    assert set(languages) == set(tongue["1"]) - {"hood140"}
    assert [languages[one]["parent"] for one in ("norwegian", "swedish", "polish", "italian")] == [
        "Germanic languages",
        "Germanic languages",
        "Slavic languages",
        "Italic (Romance) languages",
    ]
    assert languages["cree_n_o_s"]["group"] == "indigenous"


def test_neighbourhoods_of_2021(root: Path) -> None:
    profile = rows(root, "toronto_neighbourhoods_2021/profile.csv")
    assert {code: row["name"] for code, row in profile.items()} == {
        "174": "Alpha-Ville",
        "2": "Beta Park",
        "3": "O`Gamma Hill",
    }
    assert profile["2"]["average_age"] == "40.5"
    assert profile["174"]["mother_tongue_english"] == "300"
    tongue = rows(root, "toronto_neighbourhoods_2021/mother_tongue.csv")
    assert tongue["2"]["english"] == "100"
    assert "english_and_french" not in tongue["2"]


def test_the_link_of_neighbourhoods(root: Path) -> None:
    assert rows(root, "toronto_hood_link/link.csv")["174"] == {
        "hood158": "174",
        "hood140": "1",
        "share_of_158": "0.9997",
    }
    assert rows(root, "toronto_hood_link/hood140.csv")["1"]["latitude"] == "43.7"
    assert rows(root, "toronto_hood_link/hood140.csv")["1"]["longitude"] == "-79.45"


def test_hamilton_is_read_in_the_order_of_its_numbers(root: Path) -> None:
    row = rows(root, "hamilton_2016/csd.csv")["3525005"]
    assert (row["mother_tongue_total"], row["single_responses"], row["multiple_responses"]) == ("310", "295", "15")
    tongue = rows(root, "hamilton_2016/mother_tongue.csv")["3525005"]
    assert sum(int(cell) for name, cell in tongue.items() if name != "csd") == 295


def test_metropolitan_areas(root: Path) -> None:
    tongue = rows(root, "mother_tongue_cma_2016/mother_tongue.csv")
    assert len(tongue) == 21
    assert tongue["537"] == {"cma": "537", "cayuga": "0", "english": "1045", "french": "145", "ewe_n_o_s": "95"}
    assert rows(root, "mother_tongue_cma_2016/languages.csv")["ewe_n_o_s"]["label"] == "Éwé, n.o.s."
    assert rows(root, "mother_tongue_cma_2016/cma.csv")["537"]["population_2016"] == "5009"


def test_schools(root: Path) -> None:
    earlier, later = rows(root, "schools_2018/schools.csv"), rows(root, "schools_2023/schools.csv")
    assert {school: (row["csd"], row["hood140"]) for school, row in earlier.items()} == {
        "000001": ("3520005", "2"),
        "000002": ("3521005", ""),
        "000003": ("3525005", ""),
        "000005": ("3521010", ""),
        "SC0004": ("", ""),
    }
    # 3 stands under Twin, Township of, but lies in the city; 5 moved there; 6 names only its upper tier.
    assert {school: row["csd"] for school, row in later.items()} == {
        "000001": "3520005",
        "000002": "3521005",
        "000003": "3525005",
        "000005": "3525005",
        "000006": "3521010",
    }
    assert set(list(earlier["000002"].values())[5:]) == {"suppressed"}
    assert set(list(earlier["SC0004"].values())[5:]) == {"not published"}
    assert (later["000001"]["enrolment"], later["000001"]["new_from_non_english"]) == ("260", "20")
    assert "2 from the same school in 2018-19" in defects(root, "schools_2023")
    assert "Of the 1 schools without a code 0 publish an enrolment." in defects(root, "schools_2018")


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


def test_facts(root: Path) -> None:
    found = rows(root, "census_facts/facts.csv")
    assert {fact: (row["level"], row["code"], row["value"]) for fact, row in found.items()} == {
        "f0008": ("csd", "3521005", "1230"),
        "f0009": ("cma", "575", "27.5"),
        "f0010": ("cma_part", "35505", "150"),
    }
    said = defects(root, "census_facts")
    assert "7 in a dataset of their own; 1 met only on a copy of the page; 1 of joint or older areas; 1 without" in said


def test_nothing_personal_or_quoted_is_carried(root: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "data" / "raw").rglob("*.csv")))
    for word in ("QUOTED WORDS", "Secret", "Secrète", "secret street", "M1M1M1"):
        assert word not in text


def test_the_registry_is_written_last_and_fits(root: Path) -> None:
    assert verify_raw(root).datasets == len(DATASETS)
    assert not list((root / "data").glob(".compile-*"))


def test_compiling_again_changes_no_byte(root: Path, tmp_path: Path) -> None:
    compile_sources(FIXTURES, tmp_path)
    compile_sources(FIXTURES, tmp_path)
    for path in sorted((root / "data").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / path.relative_to(root)).read_bytes(), path


def test_only_some_and_progress(tmp_path: Path) -> None:
    said: list[str] = []
    names = compile_sources(FIXTURES, tmp_path, ["remoteness_2021", "population_2021"], said.append)
    assert names == ["population_2021", "remoteness_2021"]
    assert said == [
        "[1/2] population_2021",
        "[2/2] remoteness_2021",
        "recorded in data/raw/registry.csv: 2 datasets",
    ]
    assert verify_raw(tmp_path).datasets == 2


def test_an_unknown_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No dataset is called populations, zoo\. Datasets: population_2021, "):
        compile_sources(FIXTURES, tmp_path, ["zoo", "populations"])


def test_all_missing_files_are_named_and_nothing_changes(edited: Edit, tmp_path: Path) -> None:
    folder = edited(facts.FACTS, "Westville", "Westville")
    (folder / facts.FACTS).unlink()
    (folder / statcan_2021.GEO_ER).unlink()
    project = tmp_path / "project"
    with pytest.raises(
        NotFoundError, match=r"2 published files are missing.*\n  facts/facts\.csv\n  places/geosuite2021_er"
    ):
        compile_sources(folder, project)
    assert not (project / "data").exists()


def test_problems_of_several_files_come_together_and_nothing_changes(edited: Edit, tmp_path: Path) -> None:
    project = tmp_path / "project"
    compile_sources(FIXTURES, project)
    before = {path: path.read_bytes() for path in (project / "data").rglob("*.*")}
    edited(statcan_2021.REMOTENESS, "Index_of_remoteness", "Remoteness")
    folder = edited(statcan_earlier.ESTIMATE, "51.1", "51;1")
    with pytest.raises(
        TableError,
        match=r"(?s)2 problems.*17-26-0001.*each once 'Index_of_remoteness'.*first_generation_pct_est: found '51;1'",
    ):
        compile_sources(folder, project)
    assert {path: path.read_bytes() for path in (project / "data").rglob("*.*")} == before
    assert not list((project / "data").glob(".compile-*"))


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
        (statcan_earlier.ESTIMATE, "0.857", "odd", r"pop_ratio: found 'odd', expected a number"),
        (statcan_2021.RIDING_LINK, "10,6,T", "10,6,?", r"partial: found '\?', expected T or F"),
        (statcan_earlier.IMMIGRANTS, ",CD,", ",CT,", r"level: found 'CT', expected PR, CD or CSD"),
        (
            facts.FACTS,
            "4806016,2006,immigrants",
            "4806017,2006,immigrants",
            r"for 4806016 only name, non-immigrants, expected",
        ),
        (facts.FACTS, "CA,575", "CA,57", r"geo_code: found CA 57, expected a code that fits its level"),
        (facts.FACTS, "3521005,2011", "3521005,2001", r"census_year: found 2001 count, expected 2006, 2011"),
        (neighbourhoods.PROFILE_2016, ",2,3,1", ",2,3,2", r"Neighbourhood Number: found 2, 3, 2, expected each number"),
        (neighbourhoods.PROFILE_2016, "Icelandic", "Faroese", r"found 'Icelandic' is there 0 times, not once"),
        (
            neighbourhoods.PROFILE_2016,
            "  Non-immigrants",
            "  Others",
            r"Non-immigrants: found 0 rows under 'Immigrant st",
        ),
        (
            neighbourhoods.PROFILE_2021,
            "Neighbourhood Number,2,",
            "Neighbourhood Number,3,",
            r"expected one number an area",
        ),
        (neighbourhoods.PROFILE_2021, "            Italian", "          Italian", r"rows below it that miss it by 85"),
        (
            neighbourhoods.PROFILE_2021,
            "  Multiple responses",
            "  Multiple answers",
            r"Multiple responses: found 0 rows",
        ),
        (
            neighbourhoods.HOOD_LINK,
            "174,Alpha-Ville,1,",
            "174,Alpha-Ville,9,",
            r"hood_id_140: found '9', expected one of",
        ),
        (
            statcan_2016.HAMILTON,
            "              Polish",
            "        Polish",
            r"Indo-European languages: found \d+ rows below",
        ),
        (statcan_2016.CANLANG, "Guelph,Official", "Gulph,Official", r"region: found 'Gulph', expected one of the 35"),
        (
            statcan_2016.CANLANG,
            "Aboriginal languages,Cayuga",
            "Other,Cayuga",
            r"category: found 'Other', expected a known",
        ),
        (statcan_2016.CANLANG_REGIONS, "Guelph,", "Gelph,", r"found no row of Guelph, expected a row for each"),
        (
            schools.SCHOOLS_2018,
            "Secondary,French",
            "Secondary,Anglais",
            r"School Language: found 'Anglais', expected English or French",
        ),
        (schools.SCHOOLS_2018, "Secondary", "Tertiary", r"School Level: found 'Tertiary', expected Elementary or"),
        (schools.SCHOOLS_2018, ",250,", ",about 250,", r"Enrolment: found 'about 250', expected a number or a known"),
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
    with pytest.raises(TableError, match=message) as caught:
        compile_sources(edited(file, old, new), tmp_path / "project")
    assert {problem.file for problem in caught.value.problems} <= {file, *(f"{name}/" for name in DATASETS)}
    assert not (tmp_path / "project" / "data" / "raw" / "registry.csv").exists()


def test_without_the_moves_the_sums_of_languages_do_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhoods, "MOVES_2016", {})
    message = r"(?s)column Slavic languages: found 1 rows below it that miss it by \d+, expected at most 10.*Norwegian"
    with pytest.raises(TableError, match=message):
        compile_sources(FIXTURES, tmp_path, ["toronto_neighbourhoods_2016"])


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_if_a_folder_cannot_be_moved_the_old_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    names = ["population_2021", "remoteness_2021"]
    compile_sources(FIXTURES, tmp_path, names)
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.*")}
    replace = os.replace
    calls: list[Path] = []

    def failing(source: Path, target: Path) -> None:
        if Path(source).name in names:
            calls.append(Path(source))
            if len(calls) == at:
                raise PermissionError("the folder is open elsewhere")
        replace(source, target)

    monkeypatch.setattr("lipresearch.compile.os.replace", failing)
    with pytest.raises(PermissionError, match="the folder is open elsewhere"):
        compile_sources(FIXTURES, tmp_path, names)
    assert {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.*")} == before


def test_a_repeated_area_is_refused_by_the_tables_own_check(edited: Edit, tmp_path: Path) -> None:
    folder = edited(statcan_2021.REMOTENESS, "3521005,Westville", "3520005,Westville")
    with pytest.raises(TableError, match=r"remoteness_2021/csd\.csv, row 3, column csd: found again 3520005"):
        compile_sources(folder, tmp_path / "project", ["remoteness_2021"])
