"""Change between censuses: from the rows themselves, with every boundary change declared or told."""

from __future__ import annotations

import csv
import doctest
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from lipresearch import change_between
from lipresearch.errors import InputError, TableError
from lipresearch.evidence import Evidence
from lipresearch.growth import (
    Boundaries,
    _immigrant_change,
    _percent_of_immigrants,
    common_languages,
    find_boundaries,
    immigrant_growth,
    immigrant_tables,
    language_growth,
    load_area_correspondence,
)
from lipresearch.measures.common_areas import match_areas
from lipresearch.measures.language import hill_number
from lipresearch.official import read_profile
from lipresearch.official.profile import Found
from lipresearch.supplied import value_range
from tests import profiles
from tests.official_files import table_text

ROOT = Path(__file__).resolve().parent.parent
DECLARED = "data/design/area_correspondence.csv"


def rows(dataset: str, table: str) -> list[dict[str, str]]:
    with open(ROOT / "data" / "raw" / dataset / f"{table}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cell(dataset: str, table: str, key: str, code: str, column: str) -> float:
    return float(next(row[column] for row in rows(dataset, table) if row[key] == code))


@cache
def stored() -> dict[tuple[str, str], dict[str, str]]:
    with open(ROOT / "data/derived/site_measures.csv", encoding="utf-8", newline="") as stream:
        return {(row["measure"], row["site"]): row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(ROOT)


def without(root: Path, *words: str) -> Path:
    """Drop the rows of the declared boundary changes that hold all of some words."""
    path = root / DECLARED
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [line for line in lines if not all(word in line for word in words)]
    assert len(left) < len(lines)
    path.write_text("".join(left), encoding="utf-8")
    return root


def test_the_examples_of_the_document_run() -> None:
    failed, tried = doctest.testfile(str(ROOT / "docs/vintages.md"), module_relative=False)
    assert (failed, tried) == (0, 12)


# -- published totals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "site", "then", "now"),
    [
        ("immigrants_change_2016_2021", "toronto-city", 1_266_005, 1_286_145),
        ("immigrants_change_2006_2021", "simcoe", None, 82_290),
        ("immigrants_change_2006_2021", "north-bay", None, 2_615),
        ("immigrants_change_2006_2021", "calgary", 242_750, 430_530),
    ],
)
def test_published_totals_come_out(measure: str, site: str, then: float | None, now: float) -> None:
    if then is None:
        level, code = {"simcoe": ("cd", "3543"), "north-bay": ("csd", "3548044")}[site]
        then = cell("immigrants_2006", level, level, code, "immigrants")
    row = stored()[measure, site]
    assert float(row["value"]) == pytest.approx(100 * (now / then - 1), abs=0.051)


@pytest.mark.parametrize("site", ["toronto-west", "toronto-east", "black-creek", "west-downtown-toronto"])
def test_neighbourhoods_split_since_2016_are_compared_whole(site: str) -> None:
    with open(ROOT / "data/design/catchments.csv", encoding="utf-8", newline="") as stream:
        hoods = {row["area"] for row in csv.DictReader(stream) if row["site"] == site}
    parent = {row["hood158"]: row["hood140"] for row in rows("toronto_hood_link", "link")}
    then = [row for row in rows("toronto_neighbourhoods_2016", "profile") if row["hood140"] in hoods]
    now = [row for row in rows("toronto_neighbourhoods_2021", "profile") if parent[row["hood158"]] in hoods]
    sums = [
        {name: sum(float(row[name]) for row in part) for name in part[0] if "immigrants" in name}
        for part in (then, now)
    ]
    change = 100 * (sums[1]["immigrants"] / sums[0]["immigrants"] - 1)
    points = [100 * each["immigrants"] / (each["immigrants"] + each["non_immigrants"]) for each in sums]
    assert float(stored()["immigrants_change_2016_2021", site]["value"]) == pytest.approx(change, abs=0.051)
    assert float(stored()["immigrants_share_change_2016_2021", site]["value"]) == pytest.approx(
        points[1] - points[0], abs=0.051
    )
    assert stored()["immigrants_change_2016_2021", site]["grade"] == "A"
    assert stored()["immigrants_change_2006_2021", site]["detail"] == "no figures of 2006 by neighbourhood"


def test_every_value_says_what_its_censuses_asked() -> None:
    for (measure, site), row in stored().items():
        if measure.endswith("change_2006_2021") and row["grade"]:
            assert row["detail"].endswith("20 % sample of 2006, 25 % sample of private households of 2021"), site
            assert row["grade"] == "C"
            assert row["vintage"] == "2006 to 2021"
            assert "boundaries of 2006 taken for those of 2021" in row["detail"]


def test_growth_is_not_scored() -> None:
    with open(ROOT / "data/design/criteria.csv", encoding="utf-8", newline="") as stream:
        assert not [
            row
            for row in csv.DictReader(stream)
            if "_change_20" in row["measure"] and "population" not in row["measure"]
        ]


def test_a_change_may_be_negative_when_it_is_supplied() -> None:
    units = {row["measure"]: row["unit"] for row in stored().values()}
    growth = [measure for measure in units if "_change_20" in measure and measure != "landings_change_2014"]
    assert len(growth) == 7
    for measure in growth:
        low, high = value_range(measure, units[measure])
        assert low <= -100
        assert high >= 100


# -- boundaries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["cd", "csd"])
def test_every_boundary_change_that_shows_is_declared(evidence: Evidence, level: str) -> None:
    assert find_boundaries(evidence, level, "2011", "2021").undeclared == {}


def test_the_moves_of_2016_balance_the_published_populations(evidence: Evidence) -> None:
    moves = load_area_correspondence(ROOT, evidence.catchments)
    mine = moves[(moves["level"] == "cd") & (moves["vintage"] == "2016")]
    restated = {row["cd"]: float(row["population_2016"]) for row in rows("population_2021", "cd")}
    for row in rows("population_2016", "cd"):
        code = row["cd"]
        moved = mine["residents"][mine["new_area"] == code].sum() - mine["residents"][mine["area"] == code].sum()
        assert float(row["population_2016"]) + moved == restated[code], row["name"]


def test_brantford_and_brant_are_one_common_area(evidence: Evidence) -> None:
    """97,496 + 36,707 as first published is 98,563 + 35,640 as restated: 1,067 people live in the annexed part."""
    boundaries = find_boundaries(evidence, "csd", "2016", "2021")
    assert match_areas(boundaries.common, "2021", ["3529006"], "2016").crossing == (
        ("3529005", ("3529005",)),
        ("3529006", ("3529005",)),
    )
    assert match_areas(boundaries.common, "2021", ["3529005", "3529006"], "2016").exact
    first = cell("csd_2016_da_sums", "csd", "csd", "3529006", "population_2016")
    restated = [cell("population_2021", "csd", "csd", code, "population_2016") for code in ("3529006", "3529005")]
    assert (first, *restated) == (97_496, 98_563, 35_640)
    assert first + 36_707 == sum(restated)


@pytest.mark.parametrize(
    ("words", "level", "area", "told"),
    [
        (("3543,2021",), "cd", "3543", "a boundary change of 2016 to 2021 is not declared (-15 residents)"),
        (("3529005",), "csd", "3529006", "a boundary change of 2016 to 2021 is not declared (+1,067 residents)"),
        (("3521,2016",), "cd", "3524", "a boundary change of 2011 to 2016 is not declared"),
    ],
)
def test_a_change_that_is_not_declared_is_noticed(
    project_copy: Path, words: tuple[str, ...], level: str, area: str, told: str
) -> None:
    found = find_boundaries(Evidence(without(project_copy, *words)), level, "2011", "2021")
    assert found.undeclared[area] == told


def test_an_undeclared_change_makes_the_growth_missing(project_copy: Path) -> None:
    found = immigrant_growth(Evidence(without(project_copy, "3543,2021")))["immigrants_change_2006_2021"].loc["simcoe"]
    assert math.isnan(found["value"])
    assert math.isnan(found["low"])
    assert found["reason"] == "not published"
    assert found["detail"] == "Simcoe: a boundary change of 2016 to 2021 is not declared (-15 residents)"


def as_sites(evidence: Evidence, sites: dict[str, list[str]], level: str = "csd") -> Evidence:
    """Return the evidence with other sites, each of some areas."""
    other = Evidence(ROOT)
    areas = evidence.catchments.geography.areas[level]
    atoms = {site: frozenset().union(*(areas[code] for code in codes)) for site, codes in sites.items()}
    other.__dict__["catchments"] = replace(evidence.catchments, atoms=atoms)
    return other


def change(evidence: Evidence, old: str) -> pd.DataFrame:
    known: dict[str, Boundaries] = {level: find_boundaries(evidence, level, old, "2021") for level in ("cd", "csd")}
    censuses = immigrant_tables(evidence, old), immigrant_tables(evidence, "2021")
    return _immigrant_change(evidence, *censuses, known, ["immigrants"], _percent_of_immigrants)


def test_a_site_whose_border_moved_has_bounds_and_no_value(evidence: Evidence) -> None:
    found = change(as_sites(evidence, {"brantford": ["3529006"], "both": ["3529005", "3529006"]}), "2016")
    then = cell("csd_2016_da_sums", "csd", "csd", "3529006", "immigrants")
    now = cell("csd_2021_da_sums", "csd", "csd", "3529006", "immigrants")
    alone = found.loc["brantford"]
    assert math.isnan(alone["value"])
    assert alone["low"] == pytest.approx(100 * (now / (then + 1067) - 1))
    assert alone["high"] == pytest.approx(100 * (now / then - 1))
    assert alone["reason"] == "not published"
    assert alone["detail"] == "1,067 residents passed from Brant to Brantford between 2016 and 2021"
    # Brant has no figures of immigrants here, so that their common area has none either.
    assert found.loc["both", "detail"] == "no figures of both 2016 and 2021 for these areas"


def test_a_few_residents_who_moved_lower_the_grade_and_are_told(evidence: Evidence) -> None:
    found = change(as_sites(evidence, {"simcoe": ["3543"]}, "cd"), "2006").loc["simcoe"]
    assert found["grade"] == "C"
    assert "15 residents passed from Simcoe to Muskoka between 2016 and 2021" in found["detail"]
    # Without 2006 counts of those who moved there are no bounds, so the value stands alone.
    assert found["low"] == found["high"] == found["value"]


# -- languages and pupils ---------------------------------------------------------------------------


def test_diversity_is_compared_over_languages_that_both_lists_hold() -> None:
    with open(ROOT / "data/design/language_correspondence.csv", encoding="utf-8", newline="") as stream:
        declared = list(csv.DictReader(stream))
    hoods = {row["hood140"]: row for row in rows("toronto_neighbourhoods_2016", "mother_tongue")}
    with open(ROOT / "data/design/catchments.csv", encoding="utf-8", newline="") as stream:
        mine = {row["area"] for row in csv.DictReader(stream) if row["site"] == "toronto-west"}
    parent = {row["hood158"]: row["hood140"] for row in rows("toronto_hood_link", "link")}
    now = [row for row in rows("toronto_neighbourhoods_2021", "mother_tongue") if parent[row["hood158"]] in mine]
    then = [row for code, row in hoods.items() if code in mine]
    old, new = (set(part[0]) - {"hood140", "hood158"} for part in (then, now))
    names = {row["language"]: row["language"] for row in declared} | {
        row["new_language"]: row["language"] for row in declared
    }
    numbers = []
    for part, other in ((then, new), (now, old)):
        groups: dict[str, float] = {}
        for row in part:
            for language in set(row) - {"hood140", "hood158"}:
                group = names.get(language, language if language in other else "others")
                groups[group] = groups.get(group, 0.0) + float(row[language])
        numbers.append(hill_number(list(groups.values()), 1))
    row = stored()["mother_tongue_hill1_change_2021", "toronto-west"]
    assert float(row["value"]) == pytest.approx(numbers[1] - numbers[0], abs=0.0051)
    assert row["grade"] == "C"
    assert "languages of one list only (0.2 % of speakers at most) count as one" in row["detail"]


def test_a_list_that_tells_more_languages_apart_is_no_growth(evidence: Evidence) -> None:
    """Persian alone in 2016 is Persian, Dari and Persian n.o.s. since: one common language."""
    tables = [evidence.areas(f"toronto_neighbourhoods_{year}", "mother_tongue").values for year in ("2016", "2021")]
    common = common_languages(evidence, tables[0].columns, tables[1].columns)
    together = common[common["common"] == "2016:persian_farsi"]["area"].tolist()
    assert together == ["persian_farsi", "dari", "iranian_persian", "persian_farsi_n_o_s"]
    assert common[common["area"].isin(["yue_cantonese", "cantonese"])]["common"].unique().tolist() == ["2016:cantonese"]


def test_a_language_that_is_in_no_list_is_refused(project_copy: Path) -> None:
    path = project_copy / "data/design/language_correspondence.csv"
    path.write_text(path.read_text().replace("2021,dari", "2021,darri"), encoding="utf-8")
    message = (
        r"column new_language: found 'darri', expected a language of data/raw/toronto_neighbourhoods_2021/languages"
    )
    with pytest.raises(TableError, match=message):
        language_growth(Evidence(project_copy))


def test_newcomer_pupils_are_compared_in_points() -> None:
    for (measure, site), row in stored().items():
        if measure == "new_pupils_change_2023" and row["grade"]:
            new, old = (float(stored()[f"new_pupils_{year}_share", site]["value"]) for year in ("2023", "2018"))
            assert float(row["value"]) == pytest.approx(new - old, abs=0.0151)
    assert stored()["new_pupils_change_2023", "calgary"]["detail"] == "the dataset covers Ontario only"


# -- official files of a user's own -----------------------------------------------------------------

THEN: dict[str, tuple[float, float]] = {
    "3529005": (36707, 2510),
    "3529006": (97496, 12100),
    "3520005": (2731571, 1266005),
    "3599001": (500, 20),
}
NOW: dict[str, tuple[float, float]] = {
    "3529005": (35640, 3000),
    "3529006": (98563, 14000),
    "3520005": (2731571, 1286145),
    "3599002": (480, 30),
}


def found(
    layout: str, areas: dict[str, tuple[float, float]], population: str, reasons: dict[str, str] | None = None
) -> Found:
    table = pd.DataFrame(
        [
            ("csd", code, name, math.nan if (reasons or {}).get(code) and name == "immigrants" else value)
            for code, values in areas.items()
            for name, value in zip((population, "immigrants"), values, strict=True)
        ],
        columns=["level", "code", "characteristic", "value"],
    )
    table["reason"] = [
        (reasons or {}).get(code, "") if name == "immigrants" else ""
        for code, name in zip(table["code"], table["characteristic"], strict=True)
    ]
    return Found(table, pd.DataFrame(), layout, {}, True)


def both(**reasons: str) -> tuple[Found, Found]:
    later = {code.removeprefix("c"): reason for code, reason in reasons.items()}
    return found("profile-2016", THEN, "population"), found("profile-2021", NOW, "population_before", later)


def test_official_files_are_compared_over_common_areas() -> None:
    table = change_between(*both(), "immigrants", root=ROOT)
    joined = table.loc["2016:3529005+3529006"]
    assert joined[["then", "now", "change"]].tolist() == [14610, 17000, 2390]
    assert joined["per_cent"] == pytest.approx(100 * 2390 / 14610)
    assert (joined["areas_then"], joined["areas_now"], joined["reason"]) == ("3529005;3529006", "3529005;3529006", "")
    assert table.loc["2016:3520005", "change"] == 20140
    assert table.loc["2016:3599001", "detail"] == "only in the file of 2016: no area of 2021 is declared for it"
    assert table.loc["2021:3599002", "detail"] == "only in the file of 2021: no area of 2016 is declared for it"
    assert set(table["checked"]) == {"yes"}
    assert table["universe_now"].unique().tolist() == ["population in private households, 25 % sample"]


def test_a_site_gets_its_change_if_it_is_a_union_of_common_areas() -> None:
    areas = {"both": ["3529005", "3529006"], "city": ["3529006"], "nowhere": ["3511111"]}
    table = change_between(*both(), "immigrants", areas=areas, root=ROOT)
    assert table.loc["both", "change"] == 2390
    assert math.isnan(table.loc["city", "change"])
    assert table.loc["city", "detail"] == (
        "3529005 of 2016 shares a common area with 3529005, beyond the border; "
        "3529006 of 2016 shares a common area with 3529005, beyond the border"
    )
    assert table.loc["nowhere", "detail"] == "3511111: in no area of both 2016 and 2021"
    assert set(table["reason"]) == {"", "not published"}


def test_an_own_correspondence_joins_what_has_new_codes() -> None:
    pairs = pd.DataFrame({"area": ["3599001", "3529005"], "new_area": ["3599002", "3529006"]})
    table = change_between(*both(), "immigrants", correspondence=pairs, root=ROOT)
    assert table.loc["2016:3599001", ["then", "now", "per_cent", "detail"]].tolist() == [20, 30, 50, ""]
    assert table.loc["2016:3529005+3529006", "change"] == 2390


def test_an_undeclared_change_of_official_files_is_told() -> None:
    nothing = pd.DataFrame({"area": [], "new_area": [], "residents": []})
    table = change_between(*both(), "immigrants", correspondence=nothing, root=ROOT)
    assert table.loc["2016:3529006", "detail"] == (
        "3529006: the population of 2016 was 97,496, on the boundaries of 2021 it is 98,563; "
        "declare the boundary change"
    )
    assert math.isnan(table.loc["2016:3529006", "change"])
    assert table.loc["2016:3520005", "change"] == 20140


def test_a_withheld_figure_and_an_unchecked_boundary_are_told() -> None:
    table = change_between(*both(c3529006="suppressed"), "immigrants", root=ROOT)
    assert table.loc["2016:3529005+3529006", "reason"] == "suppressed"
    assert math.isnan(table.loc["2016:3529005+3529006", "then"])
    earlier, later = both()
    bare = replace(later, table=later.table[later.table["characteristic"] == "immigrants"])
    assert set(change_between(earlier, bare, "immigrants", root=ROOT)["checked"]) == {"no"}


def test_files_as_the_publisher_packs_them_are_compared(tmp_path: Path) -> None:
    head = "CENSUS_YEAR,GEO_CODE (POR),GEO_LEVEL,GEO_NAME,GNR,GNR_LF,DATA_QUALITY_FLAG,ALT_GEO_CODE,"
    head += "DIM: Profile of Census Subdivisions (2247),Member ID: Profile of Census Subdivisions (2247),Notes,"
    head += ",".join(
        f"Dim: Sex (3): Member ID: [{n}]: {sex}" for n, sex in enumerate(("Total - Sex", "Male", "Female"), 1)
    )
    lines = [head.split(",")]
    for code, (people, immigrants) in THEN.items():
        area = ["2016", code, "3", f"Place {code}", "4.0", "5.1", "00000", code]
        lines.append([*area, "Population, 2016", "1", "", str(people), "...", "..."])
        total = "Total - Immigrant status and period of immigration for the population in private households"
        total += " - 25% sample data"
        lines.append([*area, total, "1140", "", "1", "...", "..."])
        lines.append([*area, "  Immigrants", "1142", "", str(immigrants), "...", "..."])
    earlier = tmp_path / "98-401-X2016055_English_CSV_data.csv"
    earlier.write_bytes(table_text(lines).encode("utf-8-sig"))
    figures = {
        f"2021A0005{code}": {
            **profiles.figures(0),
            "population_before": str(people),
            "immigrants": "x" if code == "3520005" else str(immigrants),
        }
        for code, (people, immigrants) in NOW.items()
    }
    profiles.put_bulk(tmp_path, figures)
    table = change_between(
        read_profile(earlier, ["population", "immigrants"]),
        read_profile(tmp_path / profiles.BULK, ["population_before", "immigrants"]),
        "immigrants",
        root=ROOT,
    )
    assert table.loc["2016:3529005+3529006", ["then", "now", "checked"]].tolist() == [14610, 17000, "yes"]
    assert table.loc["2016:3520005", "reason"] == "suppressed"


@pytest.mark.parametrize(
    ("order", "characteristic", "more", "message"),
    [
        ((1, 0), "immigrants", {}, "The first file is of 2021, the second of 2016; give the earlier census first"),
        ((0, 1), "median_age", {}, "'median_age' is no count: it cannot be added over areas"),
        ((0, 1), "happiness", {}, "'happiness' is not declared for profile-2016 in data/design/census_characteristics"),
        (
            (0, 1),
            "non_immigrants",
            {},
            "The profile-2016 file has no 'non_immigrants' at the level 'csd'. Read it with",
        ),
        (
            (0, 1),
            "immigrants",
            {"correspondence": pd.DataFrame({"area": ["a"]})},
            "A correspondence needs the columns area and new_area; new_area is not there",
        ),
    ],
)
def test_files_that_cannot_be_compared_are_refused(
    order: tuple[int, int], characteristic: str, more: dict[str, pd.DataFrame], message: str
) -> None:
    files = both()
    with pytest.raises(InputError, match=message):
        change_between(files[order[0]], files[order[1]], characteristic, root=ROOT, **more)
    with pytest.raises(
        InputError, match="The layout 'table-98-10' names no census; give files that are profiles of one"
    ):
        change_between(replace(files[0], layout="table-98-10"), files[1], "immigrants", root=ROOT)
