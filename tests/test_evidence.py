"""Site measures: against slow recounts of the raw tables, published totals, and rules on small cases."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from functools import lru_cache

import pandas as pd
import pytest

from lipresearch.build import load_site_measures
from lipresearch.catchments import SiteSums
from lipresearch.evidence import (
    Evidence,
    compute_site_types,
    find_core_areas,
    finding,
    first_available,
    from_sums,
    missing,
    worst_grade,
)
from lipresearch.paths import project_root
from lipresearch.sites import load_rosters

ROOT = project_root()


@lru_cache
def measures() -> pd.DataFrame:
    return pd.concat([load_site_measures(ROOT, roster) for roster in load_rosters(ROOT)]).set_index(["measure", "site"])


def value(measure: str, site: str) -> float:
    return float(measures().loc[(measure, site), "value"])


def rows(dataset: str, table: str) -> list[dict[str, str]]:
    with open(ROOT / "data" / "raw" / dataset / f"{table}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@lru_cache
def subdivisions_of() -> dict[str, set[str]]:
    """Return each site's census subdivisions and neighbourhoods, straight from the two tables."""
    home = {row["csd"]: row["cd"] for row in rows("geography_2021", "csd")}
    found: dict[str, set[str]] = defaultdict(set)
    with open(ROOT / "data" / "design" / "catchments.csv", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["level"] == "cd":
                found[row["site"]] |= {csd for csd, cd in home.items() if cd == row["area"]}
            elif row["level"] == "csd":
                found[row["site"]].add(row["area"])
            else:
                found[row["site"]].add("hood " + row["area"])
    return found


def is_in(site: str, row: dict[str, str]) -> bool:
    mine = subdivisions_of()[site]
    return row["csd"] in mine or ("hood " + row["hood140"] in mine and row["hood140"] != "")


# -- published totals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "site", "published"),
    [
        ("population_2021", "peel", 1_451_022),
        ("population_2021", "toronto-city", 2_794_356),
        ("population_2021", "timmins", 41_145),
        ("immigrants_2006", "smiths-falls", 435),
        ("immigrants_2021", "toronto-city", 1_286_145),
        ("recent_immigrants_2021", "toronto-city", 198_040),
        ("recent_immigrants_2021", "hamilton", 20_145),
        ("recent_immigrants_2021", "niagara", 8_720),
        ("recent_immigrants_2021", "leeds-grenville", 470),
    ],
)
def test_published_figures_come_out(measure: str, site: str, published: int) -> None:
    assert value(measure, site) == published


def test_the_immigrants_of_the_four_quadrants_add_to_the_city() -> None:
    quadrants = [value("immigrants_2021", f"toronto-{side}") for side in ("north", "south", "east", "west")]
    assert sum(quadrants) == 1_286_145


def test_the_change_of_a_quadrant_compares_like_with_like() -> None:
    hoods = {name.removeprefix("hood ") for name in subdivisions_of()["toronto-east"]}
    then = sum(
        float(row["immigrant_status_total"])
        for row in rows("toronto_neighbourhoods_2016", "profile")
        if row["hood140"] in hoods
    )
    now = value("population_2021", "toronto-east")
    assert value("population_change_2021", "toronto-east") == pytest.approx(100 * (now / then - 1), abs=0.06)


def test_peel_was_half_immigrant_in_2006_and_huron_less_than_a_tenth() -> None:
    # Source text 003 says almost 50 % and only 10 % (part 2); the census without non-permanent residents:
    assert value("immigrants_2006_share", "peel") == pytest.approx(49.1, abs=0.05)
    assert value("immigrants_2006_share", "huron") == pytest.approx(8.0, abs=0.05)


# -- settlement -------------------------------------------------------------------------------------


def test_the_field_study_grouping_comes_out_of_the_rule() -> None:
    types = compute_site_types(Evidence(ROOT)).set_index("site")["field_study_group"]
    assert types["toronto-west"] == types["west-downtown-toronto"] == types["peel"] == "Greater Toronto"
    assert types["hamilton"] == types["kingston"] == "other urban"
    assert types["huron"] == types["thunder-bay"] == "rural and remote"


def test_settlement_types_from_the_rows_themselves() -> None:
    areas = {row["csd"]: row for row in rows("geography_2021", "csd")}
    types = compute_site_types(Evidence(ROOT)).set_index("site")["settlement_type"]
    for site, mine in subdivisions_of().items():
        if any(area.startswith("hood") for area in mine) or mine == {"3520005"}:
            assert types[site] == "Toronto"
            continue
        people = {csd: float(areas[csd]["population_2021"]) for csd in mine if areas[csd]["population_2021"].isdigit()}
        urban = sum(count for csd, count in people.items() if areas[csd]["sactype"] in "123")
        assert types[site] == ("urban" if urban >= sum(people.values()) / 2 else "rural"), site


def test_remoteness_is_weighted_by_residents() -> None:
    index = {row["csd"]: row for row in rows("remoteness_2021", "csd")}
    people = {row["csd"]: row["population_2021"] for row in rows("geography_2021", "csd")}
    total = weighted = 0.0
    for csd in subdivisions_of()["huron"]:
        weighted += float(people[csd]) * float(index[csd]["remoteness_index"])
        total += float(people[csd])
    assert value("remoteness_2021", "huron") == round(weighted / total, 4)


# -- recounts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "site", ["peel", "huron", "northwestern-ontario", "toronto-east", "smiths-falls", "toronto-city"]
)
def test_health_facilities_against_a_plain_count(site: str) -> None:
    listed = [row for row in rows("health_services", "facilities") if is_in(site, row)]
    people = value("population_2021", site)
    for measure, kinds in {
        "hospitals_per_10000": {"hospital"},
        "pharmacies_per_10000": {"pharmacy"},
        "primary_care_per_10000": {"community health centre", "family health team", "nurse practitioner led clinic"},
        "mental_health_per_10000": {"mental health and addiction"},
    }.items():
        count = sum(row["kind"] in kinds for row in listed)
        assert value(measure, site) == pytest.approx(10_000 * count / people, abs=6e-4)
    kinds_here = {row["kind"] for row in listed}
    wanted = {
        "hospital",
        "community health centre",
        "family health team",
        "nurse practitioner led clinic",
        "mental health and addiction",
        "long-term care home",
        "pharmacy",
        "public health unit office",
    }
    assert value("health_kinds_present", site) == len(kinds_here & wanted)


def test_no_facility_is_lost_between_the_sites_of_the_city() -> None:
    quadrants = [f"toronto-{side}" for side in ("north", "south", "east", "west")]
    for measure in ("hospitals_per_10000", "pharmacies_per_10000"):
        parts = sum(value(measure, site) * value("population_2021", site) / 10_000 for site in quadrants)
        whole = value(measure, "toronto-city") * value("population_2021", "toronto-city") / 10_000
        assert parts == pytest.approx(whole, abs=0.3)


@pytest.mark.parametrize("year", ["2018", "2023"])
@pytest.mark.parametrize("site", ["peel", "timmins", "eastern-ontario", "toronto-north"])
def test_pupils_against_a_plain_loop(site: str, year: str) -> None:
    pupils = other = new = french = everybody = 0.0
    new_pupils = 0.0
    for row in rows(f"schools_{year}", "schools"):
        if not is_in(site, row) or not row["enrolment"][0].isdigit():
            continue
        enrolled = float(row["enrolment"])
        everybody += enrolled
        language = "french" if row["board_language"] == "French" else "english"
        french += enrolled * (language == "french")
        if row[f"first_language_not_{language}"][0].isdigit():
            pupils += enrolled
            other += enrolled * float(row[f"first_language_not_{language}"]) / 100
        if row[f"new_from_non_{language}"][0].isdigit():
            new_pupils += enrolled
            new += enrolled * float(row[f"new_from_non_{language}"]) / 100
    assert value(f"pupils_other_language_{year}_share", site) == pytest.approx(100 * other / pupils, abs=0.006)
    assert value(f"new_pupils_{year}_share", site) == pytest.approx(100 * new / new_pupils, abs=0.006)
    assert value(f"french_school_pupils_{year}_share", site) == pytest.approx(100 * french / everybody, abs=0.006)


@pytest.mark.parametrize(("year", "area"), [("2016", "hood140"), ("2021", "hood158")])
def test_diversity_of_a_quadrant_from_its_neighbourhoods(year: str, area: str) -> None:
    hoods = {name.removeprefix("hood ") for name in subdivisions_of()["toronto-east"]}
    if year == "2021":
        shares: dict[str, tuple[float, str]] = {}
        for row in rows("toronto_hood_link", "link"):
            shares[row["hood158"]] = max(
                shares.get(row["hood158"], (0, "")), (float(row["share_of_158"]), row["hood140"])
            )
        hoods = {hood for hood, (_, parent) in shares.items() if parent in hoods}
    speakers: dict[str, float] = defaultdict(float)
    for row in rows(f"toronto_neighbourhoods_{year}", "mother_tongue"):
        if row[area] in hoods:
            for language, count in row.items():
                if language != area:
                    speakers[language] += float(count)
    total = sum(speakers.values())
    parts = [count / total for count in speakers.values() if count]
    assert value(f"mother_tongue_ldi_{year}", "toronto-east") == pytest.approx(1 - sum(p * p for p in parts), abs=6e-5)
    entropy = -sum(p * math.log(p) for p in parts)
    assert value(f"mother_tongue_shannon_{year}", "toronto-east") == pytest.approx(entropy, abs=6e-5)
    assert value(f"mother_tongue_hill0_{year}", "toronto-east") == len(parts)


def test_recent_immigrants_lie_within_bounds_that_ridings_set() -> None:
    inside: dict[str, set[str]] = defaultdict(set)
    for row in rows("recent_immigrants_2021", "link"):
        inside[row["fed2013"]].add(row["csd"])
    counts = {row["fed2013"]: float(row["recent_immigrants"]) for row in rows("recent_immigrants_2021", "fed2013")}
    for site, mine in subdivisions_of().items():
        if any(area.startswith("hood") for area in mine):
            continue
        low = sum(counts[fed] for fed, csds in inside.items() if fed in counts and csds <= mine)
        high = sum(counts[fed] for fed, csds in inside.items() if fed in counts and csds & mine)
        row = measures().loc[("recent_immigrants_2021", site)]
        assert low <= row["low"] <= row["value"] <= row["high"] <= high, site
        if "census_facts" not in row["sources"]:
            assert (row["low"], row["high"]) == (low, high), site


def test_ottawa_does_not_take_the_figure_of_an_area_that_reaches_into_quebec() -> None:
    row = measures().loc[("mother_tongue_ldi_2016", "ottawa")]
    assert math.isnan(row["value"])
    assert row["detail"] == "not the core of one metropolitan area"


def test_a_metropolitan_area_stands_for_one_site_only() -> None:
    evidence = Evidence(ROOT)
    used = [
        cma for cma, _ in find_core_areas(evidence, set(evidence.areas("geography_2021", "cma").values.index)).values()
    ]
    assert len(used) == len(set(used)) > 5


# -- every value ------------------------------------------------------------------------------------


def test_every_row_is_complete_and_ordered() -> None:
    table = measures().reset_index()
    has = table["value"].notna()
    assert (table.loc[has, "low"] <= table.loc[has, "value"]).all()
    assert (table.loc[has, "value"] <= table.loc[has, "high"]).all()
    assert table.loc[has, "grade"].isin(["A", "B", "C"]).all()
    assert (table.loc[has, "vintage"] != "").all()
    assert (table.loc[has, "sources"] != "").all()
    assert (table.loc[has, "reason"] == "").all()
    assert table.loc[~has, "reason"].isin(["suppressed", "not published", "not applicable"]).all()
    assert (table.loc[~has, "detail"] != "").all()
    assert (table["covered"].between(0, 1)).all()


def test_shares_and_indices_stay_in_their_range() -> None:
    table = measures().reset_index()
    for unit, high in (
        ("per cent", 100),
        ("per cent of pupils", 100),
        ("per cent of immigrants", 100),
        ("per cent of immigrants admitted since 1980", 100),
        ("index from 0 to 1", 1),
        ("index from 0 to 1 (all languages)", 1),
        ("index from 0 to 2/3 (three groups)", 2 / 3),
    ):
        chosen = table[
            (table["unit"] == unit) & ~table["measure"].isin(["population_change_2021", "landings_change_2014"])
        ]
        assert len(chosen) > 0
        for column in ("value", "low", "high"):
            known = chosen[column].dropna()
            assert known.between(0, high).all(), (unit, column)


def test_sites_without_known_areas_have_no_measure_of_their_areas_at_all() -> None:
    table = measures().reset_index()
    table = table[table["sources"] != "source_texts"]  # what texts say of a partnership needs no areas
    nowhere = {site for site in table["site"] if not subdivisions_of().get(site)}
    assert len(nowhere) == 5
    assert table.loc[table["site"].isin(nowhere), "value"].isna().all()


# -- the rules on small cases -----------------------------------------------------------------------


def sums(covered: list[float]) -> SiteSums:
    index = pd.Index([f"s{place}" for place in range(len(covered))], name="site")
    known = pd.Series(covered, index=index)
    return SiteSums(
        pd.DataFrame({"n": [10.0 if share else math.nan for share in covered]}, index=index),
        known,
        known.map(lambda share: "" if share else "not published"),
        known.map(lambda share: "" if share else "the dataset has no figure for these areas"),
    )


def test_a_figure_for_part_of_the_catchment_is_grade_b_and_too_small_a_part_is_none() -> None:
    part = sums([1.0, 0.9, 0.7, 0.3, 0.0])
    low, high = part.sums["n"] - 1, part.sums["n"] + 1
    frame = from_sums(part.sums["n"], part, vintage="2021", grade="A", sources="x", low=low, high=high)
    assert frame["grade"].tolist() == ["A", "B", "B", "", ""]
    assert frame["value"].notna().tolist() == [True, True, False, False, False]
    assert frame["low"].tolist()[:3] == [10.0, 9.0, 9.0]
    assert frame["low"].isna().tolist() == [False, False, False, True, True]
    assert frame["detail"].tolist() == [
        "",
        "covers 90.0 % of residents",
        "covers 70.0 % of residents; only bounds are known",
        "covers 30.0 % of residents; 80 % needed",
        "the dataset has no figure for these areas",
    ]


def test_the_first_finding_with_a_value_is_taken_and_never_two_mixed() -> None:
    index = pd.Index(["a", "b", "c"], name="site")
    one = finding(
        pd.Series([1.0, math.nan, math.nan], index=index), vintage="1", grade="A", sources="one", reason="not published"
    )
    two = finding(
        pd.Series([2.0, 2.0, math.nan], index=index),
        vintage="2",
        grade="C",
        sources="two",
        reason="suppressed",
        detail="d",
    )
    best = first_available([one, two], ["a", "b", "c", "d"])
    assert best["value"].tolist()[:2] == [1.0, 2.0]
    assert best["sources"].tolist()[:2] == ["one", "two"]
    assert best.loc["c", ["reason", "detail"]].tolist() == ["suppressed", "d"]
    assert best.loc["d", "detail"] == "no dataset has a figure for these areas"


def test_grades_and_silent_gaps() -> None:
    assert worst_grade("A", "B", "A") == "B"
    silent = finding(pd.Series([math.nan], index=["a"]), vintage="", grade="A", sources="")
    assert silent.loc["a", ["grade", "reason", "detail"]].tolist() == [
        "",
        "not applicable",
        "nobody is counted in the universe",
    ]
    assert missing(["a"], "suppressed", "why").loc["a", "reason"] == "suppressed"
