"""Official census files in each layout, read from small made-up files."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError, NotFoundError, TableError
from lipresearch.official import profile, read_profile
from lipresearch.speed import has_numba
from tests.official_files import (
    HEADER_2021,
    areas_2021,
    labels_2021,
    profile_2021,
    project,
    table_text,
    write_2021,
    zipped,
)

ROOT = Path(__file__).resolve().parents[2]
ENGINES = [False, pytest.param(True, marks=pytest.mark.skipif(not has_numba(), reason="needs numba"))]

MOTHER = "Total - Mother tongue for the total population excluding institutional residents - 100% data"
STATUS = "Total - Immigrant status and period of immigration for the population in private households - 25% sample data"


def small_2021(path: Path, rows: list[list[str]]) -> Path:
    """Write a bulk profile of 2021 from (DGUID, level, name, id, label, value, symbol)."""
    full = [HEADER_2021.split(",")]
    for dguid, level, name, number, label, value, symbol in rows:
        rest = ["", "..."] * 5
        full.append(
            ["2021", dguid, dguid[9:], level, name, "3.1", "4.6", "00000", number, label, "", value, symbol, *rest]
        )
    path.write_bytes(table_text(full).encode("cp1252"))
    return path


# -- 2021, bulk -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fast", ENGINES)
def test_a_bulk_profile_of_2021(tmp_path: Path, fast: bool) -> None:
    path = small_2021(
        tmp_path / "98-401-X2021004_English_CSV_data.csv",
        [
            ["2021A000011124", "Country", "Canada", "1", "Population, 2021", "36991981", ""],
            ["2021A000011124", "Country", "Canada", "6", "Population density per square kilometre", "4.2", ""],
            ["2021A000011124", "Country", "Canada", "40", "Median age of the population", "41.6", " r"],
            ["2021A00052467802", "Census subdivision", "Kahnawà:ke", "1", "Population, 2021", "", "..."],
            [
                "2021A00052467802",
                "Census subdivision",
                "Kahnawà:ke",
                "6",
                "Population density per square kilometre",
                "",
                "x",
            ],
            ["2021A00052467802", "Census subdivision", "Kahnawà:ke", "40", "Median age of the population", "0", "F"],
            ["2021A00052481017", "Census subdivision", 'L’Ange, "Gardien"', "1", "Population, 2021", "120", "E"],
            [
                "2021A00052481017",
                "Census subdivision",
                'L’Ange, "Gardien"',
                "6",
                "Population density per square kilometre",
                "",
                "",
            ],
        ],
    )
    found = read_profile(path, ["population", "population_density", "median_age"], fast=fast)
    table = found.table
    assert found.layout == "profile-2021"
    assert found.labels_checked
    assert table["area"].tolist() == ["2021A000011124"] * 3 + ["2021A00052467802"] * 3 + ["2021A00052481017"] * 2
    assert table["characteristic"].tolist() == ["population", "population_density", "median_age"] * 2 + [
        "population",
        "population_density",
    ]
    assert table["value"].fillna(-1).tolist() == [36991981.0, 4.2, 41.6, -1, -1, -1, 120.0, -1]
    assert table["reason"].tolist() == ["", "", "", "not applicable", "suppressed", "suppressed", "", "not published"]
    assert table["symbol"].tolist() == ["", "", "r", "...", "x", "F", "E", ""]
    assert table["caution"].tolist() == [False] * 6 + [True, False]
    assert sorted(set(zip(table["level"], table["code"], table["name"], strict=True))) == [
        ("country", "11124", "Canada"),
        ("csd", "2467802", "Kahnawà:ke"),
        ("csd", "2481017", 'L’Ange, "Gardien"'),
    ]
    assert set(table["quality"]) == {"00000"}
    assert found.missing.to_numpy().tolist() == [
        ["2021A00052481017", "median_age", "the file has no row of this characteristic for this area"]
    ]
    cells = found.cells("csd")
    assert cells.loc["2467802"].tolist() == ["not applicable", "suppressed", "suppressed"]
    assert cells.loc["2481017"].tolist() == ["120", "not published", "not published"]
    assert found.wide().loc["2021A000011124"].tolist() == [36991981.0, 4.2, 41.6]
    with pytest.raises(InputError, match=r"No area of the level 'cd' was read\. Levels in the table: country, csd\."):
        found.cells("cd")


def test_a_profile_split_by_province_is_read_as_one(tmp_path: Path) -> None:
    areas = list(areas_2021(4))
    for name, part in (("Atlantic", areas[:2]), ("Ontario", [areas[0], *areas[2:]])):
        with open(tmp_path / f"98-401-X2021006_English_CSV_data_{name}.csv", "wb") as stream:
            write_2021(stream, 0, labels=labels_2021(40), areas=part, seed=1)
    files = sorted(tmp_path.glob("*.csv"))
    found = read_profile(files, ["population", "median_age"])
    assert found.table["area"].tolist() == [area[0] for area in areas for _ in range(2)]
    assert sorted(found.origins) == [path.name for path in files]
    with open(files[1], "wb") as stream:
        write_2021(stream, 0, labels=labels_2021(40), areas=[areas[0]], seed=2)
    with pytest.raises(
        TableError, match=r"the files, column population: found [\d]+ and [\d]+ for 2021A00033501 \(Montr"
    ):
        read_profile(files, ["population"])


def test_only_the_areas_asked_for(tmp_path: Path) -> None:
    path = profile_2021(tmp_path / "a.csv", count=5, most=40)
    asked = ["2021A00053501003", "2021A00053599999", " 2021A00033501 "]
    found = read_profile(path, ["median_age", "population", "immigrants"], asked)
    assert list(zip(found.table["area"], found.table["characteristic"], strict=True)) == [
        (area, name) for area in ("2021A00033501", "2021A00053501003") for name in ("population", "median_age")
    ]
    assert found.missing.to_numpy().tolist() == [
        ["2021A00053599999", "", "the file has no row of this area"],
        ["", "immigrants", "the file has no characteristic 1529 (Immigrants)"],
    ]
    with pytest.raises(InputError, match=r"areas is the text '3520'; it takes a list of areas\. Write \['3520'\]\."):
        read_profile(path, areas="3520")


def test_an_id_with_another_label_is_refused(tmp_path: Path) -> None:
    path = profile_2021(tmp_path / "a.csv", count=1)
    # The number of the web data service, which is another characteristic in the bulk file.
    root = project(
        tmp_path, ("median_household_income", "profile-2021", "229", "Median total income of household in 2020 ($)", "")
    )
    with pytest.raises(
        TableError,
        match=r"a\.csv, column id 229: found '.*Filling n° 229 .*', expected 'Median total income of household in 2020 "
        r"\(\$\)'\. That label is id 243 in this file\. Correct the row of median_household_income in",
    ):
        read_profile(path, root=root)


def test_a_label_is_found_under_its_parent(tmp_path: Path) -> None:
    path = small_2021(
        tmp_path / "a.csv",
        [
            ["2021A00033520", "Census division", "Toronto", str(number), label, str(number * 10), ""]
            for number, label in enumerate(
                (MOTHER, "  Single responses", "    English", "Total - Home", "  Single responses", "    English"), 1
            )
        ],
    )
    home = ("home_english", "profile-2021", "", "English", "Total - Home > Single responses")
    root = project(tmp_path, ("english", "profile-2021", "", "English", MOTHER), home)
    assert read_profile(path, root=root).wide().loc["2021A00033520"].to_dict() == {
        "english": 30.0,
        "home_english": 60.0,
    }
    project(tmp_path, ("english", "profile-2021", "", "English", ""))
    with pytest.raises(
        TableError,
        match=r"column english: found 2 rows 'English' \(Total - Mother.*; Total - Home > Single responses > En",
    ):
        read_profile(path, root=root)
    project(tmp_path, ("welsh", "profile-2021", "", "Welsh", MOTHER))
    assert read_profile(path, root=root).missing.to_numpy().tolist() == [
        ["", "welsh", f"the file has no characteristic labelled Welsh under {MOTHER}"]
    ]


def test_a_label_that_changes_within_the_file_is_refused(tmp_path: Path) -> None:
    rows = [
        ["2021A00033520", "Census division", "Toronto", "1", "Population, 2021", "10", ""],
        ["2021A00033521", "Census division", "Peel", "1", "Population, 2022", "10", ""],
    ]
    with pytest.raises(
        TableError,
        match=r"a\.csv, row 3: found 'Population, 2022' as 1 of 2021A00033521, expected 'Population, 2021', as for the",
    ):
        read_profile(small_2021(tmp_path / "a.csv", rows), ["population"])


def test_a_cell_that_is_neither_figure_nor_symbol_is_refused(tmp_path: Path) -> None:
    rows = [["2021A00033520", "Census division", "Toronto", "1", "Population, 2021", "12", "q"]]
    with pytest.raises(
        TableError,
        match=r"a\.csv, row 2, column population: found '12' with the symbol 'q', expected a number or a symbol",
    ):
        read_profile(small_2021(tmp_path / "a.csv", rows), ["population"])


HOSTILE = st.text(alphabet='aé’à, "\n\r:()', min_size=1, max_size=10)


@settings(max_examples=40)
@given(
    names=st.lists(HOSTILE, min_size=1, max_size=5),
    fast=st.sampled_from([False, has_numba()]),
    block=st.integers(20, 400),
)
def test_names_of_any_kind_come_out_whole(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], fast: bool, block: int
) -> None:
    path = tmp_path_factory.mktemp("hostile") / "a.csv"
    kinds = [("1", "Population, 2021"), ("2", "Population, 2016"), ("3", "Population percentage change, 2016 to 2021")]
    rows = [
        [f"2021A0005350100{place}", "Census subdivision", name, number, label, str(place), ""]
        for place, name in enumerate(names)
        for number, label in kinds
    ]
    full = [HEADER_2021.split(",")]
    full += [
        ["2021", r[0], "", r[1], r[2], "", "", "00000", r[3], r[4], "", r[5], r[6], *["", "..."] * 5] for r in rows
    ]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(full)
    path.write_bytes(buffer.getvalue().encode("cp1252"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile, "BLOCK", block)
        found = read_profile(path, ["population", "population_change"], fast=fast).table
    with open(path, encoding="cp1252", newline="") as stream:
        slow = [row for row in csv.reader(stream) if row[8] in ("1", "3")]
    assert found["name"].tolist() == [row[4].strip() for row in slow]
    assert found["area"].tolist() == [row[1] for row in slow]
    assert found["value"].tolist() == [float(row[11]) for row in slow]


# -- 2016 -------------------------------------------------------------------------------------------


def profile_2016(path: Path, product: str, rows: list[list[str]], mark: bool = True) -> Path:
    header = [
        "CENSUS_YEAR",
        "GEO_CODE (POR)",
        "GEO_LEVEL",
        "GEO_NAME",
        "GNR",
        "GNR_LF",
        "DATA_QUALITY_FLAG",
        "ALT_GEO_CODE",
    ]
    header += [
        f"DIM: {product}",
        f"Member ID: {product}",
        f"Notes: {product}",
        "Dim: Sex (3): Member ID: [1]: Total - Sex",
    ]
    header += ["Dim: Sex (3): Member ID: [2]: Male", "Dim: Sex (3): Member ID: [3]: Female"]
    full = [
        ["2016", code, level, name, "4.0", "5.1", "00010", code, label, number, "", value, "...", "..."]
        for code, level, name, number, label, value in rows
    ]
    path.write_bytes(table_text([header, *full]).encode("utf-8-sig" if mark else "utf-8"))
    return path


@pytest.mark.parametrize("fast", ENGINES)
def test_a_bulk_profile_of_2016(tmp_path: Path, fast: bool) -> None:
    product = "Profile of Census Divisions/Census Subdivisions (2247)"
    path = profile_2016(
        tmp_path / "98-401-X2016060_English_CSV_data.csv",
        product,
        [
            ["3520", "2", "Toronto", "1", "Population, 2016", "2731571"],
            ["3520", "2", "Toronto", "40", "Median age of the population", "39.3"],
            ["2467802", "3", "Kahnawà:ke", "1", "Population, 2016", "..."],
            ["2467802", "3", "Kahnawà:ke", "40", "Median age of the population", "F"],
            ["01", "0", "Canada", "1", "Population, 2016", "35151728"],
            ["01", "0", "Canada", "40", "Median age of the population", "x"],
        ],
    )
    found = read_profile(path, ["population", "median_age"], fast=fast)
    assert found.layout == "profile-2016"
    assert found.table[["level", "code", "name", "quality"]].drop_duplicates().to_numpy().tolist() == [
        ["cd", "3520", "Toronto", "00010"],
        ["csd", "2467802", "Kahnawà:ke", "00010"],
        ["country", "01", "Canada", "00010"],
    ]
    assert found.table["reason"].tolist() == ["", "", "not applicable", "suppressed", "", "suppressed"]
    assert found.table["value"].dropna().tolist() == [2731571.0, 39.3, 35151728.0]
    assert found.cells("cd").loc["3520"].tolist() == ["2731571", "39.3"]


def test_a_health_region_is_not_taken_for_a_census_division(tmp_path: Path) -> None:
    rows = [["1011", "2", "Eastern Regional Health Authority", "1", "Population, 2016", "5"]]
    path = profile_2016(tmp_path / "a.csv", "Profile of Health Regions (2247)", rows, mark=False)
    assert read_profile(path, ["population"]).table["level"].tolist() == ["2"]
    for product in ("Profile of Population Centres (2247)", "Profile of Aggregate Dissemination Areas (2247)"):
        other = profile_2016(tmp_path / "b.csv", product, [*rows, ["35", "1", "Ontario", "1", "Population, 2016", "5"]])
        assert read_profile(other, ["population"]).table["level"].tolist() == ["2", "province"]
    path.write_bytes(path.read_bytes().replace(b"Eastern", b"\xc9astern"))
    with pytest.raises(
        TableError, match=r"a\.csv, row 2: found byte 0xc9, expected text in utf-8\. Name the encoding of"
    ):
        read_profile(path, ["population"])
    assert read_profile(path, ["population"], encoding="cp1252").table["name"].tolist() == [
        "Éastern Regional Health Authority"
    ]
    with pytest.raises(
        InputError, match=r"No encoding is called latin-99\. Those of census files are cp1252 and utf-8\."
    ):
        read_profile(path, encoding="latin-99")


# -- 2011 -------------------------------------------------------------------------------------------


def profile_2011(path: Path, title: str, rows: list[list[str]]) -> Path:
    header = ["Geo_Code", "Prov_name", "Geo_nom", "Topic", "Characteristic", "Note", "Total", "Flag_Total"]
    header += ["Male", "Flag_Male", "Female", "Flag_Female"]
    full = [
        [code, "Ontario", name, topic, label, "", value, flag, "", "...", "", "..."]
        for code, name, topic, label, value, flag in rows
    ]
    path.write_bytes(table_text([[title], header, *full], "\n").encode("cp1252"))
    return path


@pytest.mark.parametrize("fast", ENGINES)
def test_a_profile_of_2011_is_keyed_by_topic_and_place(tmp_path: Path, fast: bool) -> None:
    tongue, home = "Detailed mother tongue", "Detailed language spoken most often at home"
    labels = [
        ("Population and dwelling counts", "Population in 2011"),
        (tongue, "Detailed mother tongue - Total population excluding institutional residents"),
        (tongue, "  Single responses"),
        (tongue, "    English"),
        (tongue, "  Multiple responses"),
        (tongue, "    English"),
        (home, "Detailed language - Total population excluding institutional residents"),
        (home, "  Single responses"),
        (home, "    English"),
    ]
    rows = [
        [code, name, topic, label, str(base + place), "A" if place == 0 else ""]
        for base, code, name in ((100, "3520005", "Toronto"), (200, "3558", "Québec\u00a0Nord"))
        for place, (topic, label) in enumerate(labels)
    ]
    rows[-6] = [*rows[-6][:4], "0", "x"]
    path = profile_2011(tmp_path / "98-316-XWE2011001-1501.csv", "Census Profile - Dissemination Areas (DAs)", rows)
    under = f"{tongue} > Single responses"
    root = project(
        tmp_path,
        ("population", "profile-2011", "", "Population in 2011", "Population and dwelling counts"),
        ("mother_tongue_english", "profile-2011", "", "English", under),
        ("multiple_english", "profile-2011", "", "English", f"{tongue} > Multiple responses"),
    )
    found = read_profile(path, root=root, fast=fast)
    assert found.layout == "profile-2011"
    assert found.wide().fillna(-1).to_numpy().tolist() == [[100.0, 103.0, 105.0], [200.0, -1.0, 205.0]]
    assert found.table["symbol"].tolist() == ["A", "", "", "A", "x", ""]
    assert found.table["reason"].tolist() == ["", "", "", "", "suppressed", ""]
    assert found.table["name"].unique().tolist() == ["Toronto", "Québec\u00a0Nord"]
    only = read_profile(path, ["multiple_english"], ["3558"], root=root, fast=fast)
    assert only.table["value"].tolist() == [205.0]


def test_the_survey_of_2011_is_told_by_its_title(tmp_path: Path) -> None:
    topic = "Immigrant status and period of immigration"
    rows = [["3520", "Toronto", topic, "  Immigrants", "1252210", ""]]
    path = profile_2011(tmp_path / "a.csv", "National Household Survey (NHS) Profile, 2011", rows)
    found = read_profile(path, ["immigrants", "population"])
    assert (found.layout, found.table["value"].tolist()) == ("nhs-2011", [1252210.0])
    assert found.missing.to_numpy().tolist() == [
        ["", "population", "data/design/census_characteristics.csv has no row of it for the layout nhs-2011"]
    ]


# -- 98-10 tables -----------------------------------------------------------------------------------

COUNTS = "Population and dwelling counts (13): "


def table_98(path: Path, rows: list[list[str]], dimensions: tuple[str, ...] = ()) -> Path:
    header = ["REF_DATE", "GEO", "DGUID", *dimensions, "Coordinate"]
    header += [f"{COUNTS}Population, 2021 [1]", "Symbols", f"{COUNTS}Population, 2016 [2]", "Symbols"]
    path.write_bytes(table_text([header, *rows], "\n").encode("utf-8-sig"))
    return path


@pytest.mark.parametrize("fast", ENGINES)
def test_a_table_of_the_98_10_family(tmp_path: Path, fast: bool) -> None:
    path = table_98(
        tmp_path / "98100002.csv",
        [
            ["2021", "Peel (RM), Ontario", "2021A00033521", "1", "1451022", "", "1381739", "r"],
            ["2021", "Kahnawà:ke (IRI)", "2021A00052467802", "2", "", "...", "", "x"],
        ],
    )
    found = read_profile(path, ["population", "population_before", "land_area"], fast=fast)
    assert found.layout == "table-98-10"
    assert found.table["value"].fillna(-1).tolist() == [1451022.0, 1381739.0, -1, -1]
    assert found.table["symbol"].tolist() == ["", "r", "...", "x"]
    assert found.table["level"].tolist() == ["cd", "cd", "csd", "csd"]
    assert found.missing.to_numpy().tolist() == [
        ["", "land_area", "the file has no characteristic 10 (Land area in square kilometres, 2021)"]
    ]


def test_further_dimensions_of_a_table_are_chosen_by_the_parent(tmp_path: Path) -> None:
    rows = [
        ["2021", "Peel", "2021A00033521", gender, "1", str(value), "", "5", ""]
        for gender, value in (("Total - Gender", 100), ("Men+", 49), ("Women+", 51))
    ]
    path = table_98(tmp_path / "a.csv", rows, ("Gender (3)",))
    root = project(tmp_path, ("women", "table-98-10", "1", "Population, 2021", "Women+"))
    assert read_profile(path, root=root).table["value"].tolist() == [51.0]
    project(tmp_path, ("women", "table-98-10", "1", "Population, 2021", ""))
    with pytest.raises(
        TableError, match=r"column women: found 100 and 49 for 2021A00033521 \(Peel\), expected one figure"
    ):
        read_profile(path, root=root)


# -- web data service -------------------------------------------------------------------------------

WEB = [
    "DATAFLOW",
    "FREQ",
    "TIME_PERIOD",
    "REF_AREA",
    "GENDER",
    "CHARACTERISTIC",
    "STATISTIC",
    "OBS_VALUE",
    "DECIMALS",
    "FLAG",
]
WEB += [
    "TOPIC",
    "NOTE",
    "RELEASE_DATE",
    "GEO_LEVEL",
    "ALT_GEO_CODE",
    "GEO_DESC",
    "PROV_TERR",
    "DATA_QUALITY_FLAG",
    "TNR_LF",
]
WEB += ["TNR_SF", "CI_LOW", "CI_HIGH"]


def web(path: Path, rows: list[list[str]]) -> Path:
    full = [
        [
            *("STC_CP:DF_CD(1.3)", "A5", "2021", area, gender, code, statistic, value, "0", flag),
            *("", "", "", "CD", area[9:], "Montréal", "24", "00000", "4.1", "3.2", low, high),
        ]
        for area, gender, code, statistic, value, flag, low, high in rows
    ]
    path.write_bytes(table_text([WEB, *full], "\n").encode("utf-8"))
    return path


CODES = """<?xml version="1.0" encoding="UTF-8"?>
<m:Structure xmlns:m="http://message" xmlns:s="http://structure" xmlns:c="http://common">
<s:Codelist id="CL_GENDER"><s:Code id="1"><c:Name xml:lang="en">Total</c:Name></s:Code></s:Codelist>
<s:Codelist id="CL_CHARACTERISTIC">
<s:Code id="1"><c:Name xml:lang="fr">Population (fr)</c:Name>
<c:Name xml:lang="en">Population, 2021</c:Name></s:Code>
<s:Code id="1513"><c:Name xml:lang="en">{status}</c:Name></s:Code>
<s:Code id="1515"><c:Name xml:lang="en">Immigrants</c:Name><s:Parent><Ref id="1513"/></s:Parent></s:Code>
<s:Code id="40"><c:Name xml:lang="en">Median age of the population</c:Name></s:Code>
</s:Codelist></m:Structure>"""


@pytest.mark.parametrize("fast", ENGINES)
def test_an_answer_of_the_web_data_service(tmp_path: Path, fast: bool) -> None:
    area, other = "2021A00032466", "2021A00033520"
    path = web(
        tmp_path / "cd.csv",
        [
            [area, "1", "1", "1", "2004265", "", "", ""],
            [area, "2", "1", "1", "980000", "", "", ""],
            [area, "1", "1", "4", "100", "", "", ""],
            [area, "1", "40", "1", "39.2", "5", "39.0", "39.4"],
            [other, "1", "1", "1", "", "6", "", ""],
            [other, "1", "40", "1", "40", "3", "", ""],
            [area, "1", "1515", "1", "684410", "7", "", ""],
        ],
    )
    names = ["population", "median_age", "immigrants"]
    found = read_profile(path, names, fast=fast)
    assert not found.labels_checked
    assert found.table["value"].fillna(-1).tolist() == [2004265.0, 39.2, -1, 40.0]
    assert found.table["symbol"].tolist() == ["", "r", "x", "E"]
    assert found.table["caution"].tolist() == [False, False, False, True]
    assert found.table[["low", "high"]].fillna(-1).to_numpy().tolist() == [[-1, -1], [39.0, 39.4], [-1, -1], [-1, -1]]
    assert found.missing["why"].tolist() == ["its id is not known: give the code list of the web data service (codes=)"]
    codes = tmp_path / "structure.xml"
    codes.write_text(CODES.format(status=STATUS))
    named = read_profile(path, names, codes=codes, fast=fast)
    assert named.labels_checked
    assert named.wide().loc[area].to_dict() == {"population": 2004265.0, "median_age": 39.2, "immigrants": 684410.0}
    codes.write_text(CODES.format(status=STATUS).replace("Median age", "Average age"))
    with pytest.raises(TableError, match=r"column id 40: found 'Average age of the population', expected 'Median age"):
        read_profile(path, names, codes=codes)
    codes.write_text("<a><b/></a>")
    with pytest.raises(
        TableError, match=r"structure\.xml: found no list of characteristics, expected a Codelist of them"
    ):
        read_profile(path, names, codes=codes)
    codes.write_text("<a>")
    with pytest.raises(
        TableError, match=r"structure\.xml: found no element found|structure\.xml: found .*, expected XML"
    ):
        read_profile(path, names, codes=codes)
    with pytest.raises(NotFoundError, match=r"nowhere\.xml was not found"):
        read_profile(path, names, codes=tmp_path / "nowhere.xml")


# -- files that are not read ------------------------------------------------------------------------


def test_files_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"a\.csv was not found in .*\. Check the name, or download it first\."):
        read_profile(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"No file was named\."):
        read_profile([])
    raw = profile_2021(tmp_path / "a.csv", count=2, most=400).read_bytes()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(raw)[:-2000])
    with pytest.raises(
        TableError, match=r"a\.csv\.gz: found Compressed file ended .*, expected a whole file\. Download the file"
    ):
        read_profile(tmp_path / "a.csv.gz")
    (tmp_path / "b.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(TableError, match=r"b\.csv\.gz: found Not a gzipped file .*, expected a"):
        read_profile(tmp_path / "b.csv.gz")
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(TableError, match=r"a\.zip: found File is not a zip file, expected a whole zip file\."):
        read_profile(tmp_path / "a.zip")
    zipped(tmp_path / "a.zip", {"README_meta.txt": b"", "x_meta.csv": b""})
    with pytest.raises(
        TableError, match=r"a\.zip: found README_meta\.txt, x_meta\.csv, expected a CSV table in the zip"
    ):
        read_profile(tmp_path / "a.zip")
    with pytest.raises(InputError, match=r"No layout is called profile-1996\. Layouts: profile-2021, "):
        read_profile(tmp_path / "a.csv", layout="profile-1996")
    web(tmp_path / "web.csv", [["2021A00033520", "1", "1", "1", "5", "", "", ""]])
    with pytest.raises(InputError, match=r"The files have several layouts \(profile-2021, web-2021\)\. Read them one"):
        read_profile([tmp_path / "a.csv", tmp_path / "web.csv"])
    with pytest.raises(InputError, match=r"No characteristic is called populaton in data/.*\. Did you mean population"):
        read_profile(tmp_path / "a.csv", ["populaton"])


# -- what is kept -----------------------------------------------------------------------------------


# -- the table of characteristics -------------------------------------------------------------------
