"""Further site measures: against figures computed by hand, plain recounts of the raw tables, and published totals."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from functools import lru_cache

import pandas as pd
import pytest

from lipresearch.build import load_site_measures
from lipresearch.design import load_design
from lipresearch.evidence import Evidence
from lipresearch.further_evidence import (
    COMPARABLE,
    PART_IN_ONTARIO,
    SPLIT,
    find_core_with_parts,
    find_peers,
    stated_groups,
)
from lipresearch.measures.ages import median_band
from lipresearch.measures.language import diversity_bounds, linguistic_diversity
from lipresearch.paths import project_root
from lipresearch.sites import load_rosters

ROOT = project_root()
OUTSIDE = ["calgary", "halifax", "st-johns"]


@lru_cache
def measures() -> pd.DataFrame:
    return pd.concat([load_site_measures(ROOT, roster) for roster in load_rosters(ROOT)]).set_index(["measure", "site"])


def found(measure: str, site: str) -> pd.Series:
    return measures().loc[(measure, site)]


def value(measure: str, site: str) -> float:
    return float(found(measure, site)["value"])


@lru_cache
def rows(dataset: str, table: str) -> list[dict[str, str]]:
    with open(ROOT / "data" / "raw" / dataset / f"{table}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@lru_cache
def places(site: str) -> tuple[set[str], set[str]]:
    """Return a site's census subdivisions and neighbourhoods, straight from the tables."""
    homes = {row["csd"]: row["cd"] for row in rows("geography_2021", "csd")}
    csds: set[str] = set()
    hoods: set[str] = set()
    with open(ROOT / "data" / "design" / "catchments.csv", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["site"] == site and row["level"] == "cd":
                csds |= {csd for csd, cd in homes.items() if cd == row["area"]}
            elif row["site"] == site:
                (csds if row["level"] == "csd" else hoods).add(row["area"])
    return csds, hoods


def schools_of(site: str, year: str) -> list[dict[str, str]]:
    csds, hoods = places(site)
    return [row for row in rows(f"schools_{year}", "schools") if row["csd"] in csds or row["hood140"] in hoods]


# -- median age ------------------------------------------------------------------------------------


def test_published_medians_lie_in_the_band_that_the_counts_give() -> None:
    edges = [*range(0, 90, 5), math.inf]
    for row in rows("labour_2021", "age"):
        counts = [float(cell) for name, cell in row.items() if name.startswith("age_")]
        low, high = median_band(counts, edges, 0.002 * sum(counts))
        assert low <= float(row["median_age"]) <= high, row["cd"]


def test_median_ages_are_published_or_bounded_and_never_averaged() -> None:
    quinte = found("median_age_2021", "quinte")
    bands: dict[str, float] = defaultdict(float)
    for row in rows("labour_2021", "age"):
        if row["cd"] in ("3512", "3513"):
            for name, cell in row.items():
                if name.startswith("age_"):
                    bands[name] += float(cell)
    counts = list(bands.values())
    assert sum(counts[:9]) < sum(counts) / 2 < sum(counts[:10])  # below 45, below 50
    assert math.isnan(quinte["value"])
    assert (quinte["low"], quinte["high"], quinte["grade"], quinte["reason"]) == (45, 50, "B", "not published")
    assert quinte["detail"].startswith("a median cannot be added over 2 census divisions; ")
    assert value("median_age_2021", "huron") == 46.8
    for side in ("north", "south", "east", "west"):
        row = found("median_age_2021", f"toronto-{side}")
        assert row["high"] - row["low"] == 5


# -- languages at one resolution --------------------------------------------------------------------


def test_halton_and_ottawa_from_the_stated_groups_by_hand() -> None:
    # Census 2016, mother tongue, single responses: English, French, non-official languages.
    for site, english, french, other in (
        ("halton", 385160, 8930, 134695),
        ("ottawa", 592895, 150260, 202330),
    ):
        everybody = english + french + other
        squares = (english**2 + french**2) / everybody**2
        assert value("mother_tongue_three_2016", site) == round(1 - squares - (other / everybody) ** 2, 4)
        row = found("mother_tongue_range_2016", site)
        assert math.isnan(row["value"])
        assert (row["low"], row["high"]) == (round(1 - squares - (other / everybody) ** 2, 4), round(1 - squares, 4))
        assert (row["grade"], row["reason"]) == ("B", "not published")
        assert row["detail"].startswith("English, French and other only: bounds over all languages; ")
        assert math.isnan(value("mother_tongue_ldi_2016", site))
    assert value("mother_tongue_three_2016", "halton") == 0.4043
    assert found("mother_tongue_three_2016", "halton")["detail"] == "stated for the whole catchment"
    assert found("mother_tongue_three_2016", "ottawa")["detail"] == (
        "figure of the part of the Ottawa - Gatineau metropolitan area in Ontario (overlap 90 % of residents)"
    )


def test_torontos_own_groups_agree_with_its_neighbourhoods() -> None:
    groups = stated_groups(Evidence(ROOT)).loc["toronto-city"]
    assert [groups[name] for name in ("english", "french", "other")] == [1375900, 35440, 1186885]
    counted: dict[str, int] = defaultdict(int)
    kind = {row["language"]: row["group"] for row in rows("toronto_neighbourhoods_2016", "languages")}
    for row in rows("toronto_neighbourhoods_2016", "mother_tongue"):
        for name, group in kind.items():
            counted[group] += int(row[name])
    # Every count of 140 neighbourhoods is rounded to 5 for itself; rare languages are rounded to 0.
    assert counted["english"] == pytest.approx(groups["english"], abs=5 * 140**0.5)
    assert counted["french"] == pytest.approx(groups["french"], abs=5 * 140**0.5)
    assert counted["non_official"] + counted["indigenous"] == pytest.approx(groups["other"], rel=0.0005)
    stated = linguistic_diversity([groups["english"], groups["french"], groups["other"]])
    assert value("mother_tongue_three_2016", "toronto-city") == pytest.approx(stated, abs=0.0002)


def test_hamilton_is_the_city_and_not_its_metropolitan_area() -> None:
    row = rows("hamilton_2016", "csd")[0]
    groups = [float(row[f"mother_tongue_{name}"]) for name in ("english", "french", "non_official")]
    assert value("mother_tongue_three_2016", "hamilton") == pytest.approx(linguistic_diversity(groups), abs=0.0002)
    counts = [float(cell) for name, cell in rows("hamilton_2016", "mother_tongue")[0].items() if name != "csd"]
    squares = sum((count / sum(counts)) ** 2 for count in counts)
    for measure in ("mother_tongue_ldi_2016", "mother_tongue_range_2016"):
        assert value(measure, "hamilton") == round(1 - squares, 4)
        assert (found(measure, "hamilton")["grade"], found(measure, "hamilton")["sources"]) == ("A", "hamilton_2016")


def test_exact_where_all_languages_are_published_bounds_where_only_groups_are() -> None:
    table = measures()
    full, spread, three = (
        table.loc[name] for name in ("mother_tongue_ldi_2016", "mother_tongue_range_2016", "mother_tongue_three_2016")
    )
    assert full["value"].notna().sum() == 25
    pd.testing.assert_series_equal(full["value"], spread["value"])
    only_groups = spread.index[spread["value"].isna() & spread["low"].notna()]
    assert sorted(only_groups) == ["halton", "ottawa"]
    assert sorted(three.index[three["value"].notna()]) == sorted(spread.index[spread["low"].notna()])
    assert {spread.loc["huron", "detail"], three.loc["huron", "detail"]} == {"not the core of one metropolitan area"}
    # Splitting the others can only raise diversity.
    assert (three["value"].dropna() <= spread["low"].dropna()).all()


def test_bounds_from_three_groups_enclose_the_index_over_all_languages() -> None:
    kind = {row["language"]: row["group"] for row in rows("mother_tongue_cma_2016", "languages")}
    for row in rows("mother_tongue_cma_2016", "mother_tongue"):
        counts = {name: float(cell) for name, cell in row.items() if name != "cma"}
        known = [sum(count for name, count in counts.items() if kind[name] == group) for group in ("english", "french")]
        low, high = diversity_bounds(known, sum(counts.values()) - sum(known))
        assert low < linguistic_diversity(list(counts.values())) < high, row["cma"]


@pytest.mark.parametrize("site", ["huron", "smiths-falls", "eastern-ontario", "peel", "toronto-east", "don-valley"])
@pytest.mark.parametrize("year", ["2018", "2023"])
def test_pupils_of_three_groups_from_the_schools_themselves(site: str, year: str) -> None:
    english = french = other = 0.0
    lost = 0
    listed = schools_of(site, year)
    for row in listed:
        if not row["enrolment"].isdigit():
            lost += 1
            continue
        pupils = float(row["enrolment"])
        speak_english = pupils * (100 - float(row["first_language_not_english"])) / 100
        speak_french = pupils * (100 - float(row["first_language_not_french"])) / 100
        english, french = english + speak_english, french + speak_french
        other += pupils - speak_english - speak_french
    everybody = english + french + other
    squares = (english**2 + french**2) / everybody**2
    three, spread = found(f"pupils_three_{year}", site), found(f"pupils_range_{year}", site)
    assert three["value"] == pytest.approx(1 - squares - (other / everybody) ** 2, abs=6e-5)
    assert math.isnan(spread["value"])
    assert (spread["low"], spread["high"]) == (three["value"], pytest.approx(1 - squares, abs=6e-5))
    assert three["covered"] == pytest.approx(1 - lost / len(listed), abs=1e-4)
    if lost:
        words = f"{lost} of {len(listed)} schools suppressed"
        assert (three["grade"], three["detail"]) == ("B", words)
        assert spread["detail"] == f"English, French and other only: bounds over all languages; {words}"


def test_pupils_cover_all_of_ontario_and_nothing_else() -> None:
    for year in ("2018", "2023"):
        table = measures().loc[f"pupils_three_{year}"]
        roster = load_site_measures(ROOT)["site"].unique()
        assert sorted(site for site in roster if math.isnan(table.loc[site, "value"])) == OUTSIDE
        for measure in (f"pupils_three_{year}", f"pupils_range_{year}", f"low_income_pupils_{year}_share"):
            assert {found(measure, site)["detail"] for site in OUTSIDE} == {"the dataset covers Ontario only"}
            assert {found(measure, site)["reason"] for site in OUTSIDE} == {"not published"}


def test_a_ranking_never_mixes_resolutions() -> None:
    design = load_design(ROOT)
    units = measures().reset_index().groupby("measure")["unit"].agg(set)
    assert (units.map(len) == 1).all()
    resolution = {
        "index from 0 to 2/3 (three groups)": {f"mother_tongue_three_{year}" for year in ("2016", "2021")}
        | {f"pupils_three_{year}" for year in ("2018", "2023")},
        "index from 0 to 1 (all languages)": {f"mother_tongue_ldi_{year}" for year in ("2016", "2021")}
        | {f"pupils_range_{year}" for year in ("2018", "2023")}
        | {"mother_tongue_range_2016"},
    }
    for unit, names in resolution.items():
        assert {name for name, each in units.items() if each == {unit}} == names
    # A value over all languages comes from a table of all languages, in every site that a criterion scores.
    whole = {"toronto_neighbourhoods_2016", "toronto_neighbourhoods_2021", "hamilton_2016", "mother_tongue_cma_2016"}
    for measure in resolution["index from 0 to 1 (all languages)"]:
        table = measures().loc[measure]
        assert set(table.loc[table["value"].notna(), "sources"]) <= whole, measure
    assert not set(design.criteria["measure"]) & resolution["index from 0 to 2/3 (three groups)"]


# -- comparable sites -------------------------------------------------------------------------------


def test_comparable_sites_by_a_slow_loop() -> None:
    profile = {site: [value(name, site) for name in COMPARABLE] for site in measures().loc["comparable_sites"].index}
    rosters = [set(roster.sites) for roster in load_rosters(ROOT).values()]
    areas = {site: places(site)[0] | {f"hood{hood}" for hood in places(site)[1]} for site in profile}
    areas["toronto-city"] = areas["toronto-city"] | {f"hood{row['hood140']}" for row in rows("toronto_211", "hood140")}
    for site, mine in profile.items():
        row = found("comparable_sites", site)
        if any(math.isnan(figure) for figure in mine):
            assert (row["reason"], row["detail"]) == ("not published", "the profile is not complete")
            assert math.isnan(row["value"])
            continue
        like = []
        for other, theirs in profile.items():
            allowed = any({site, other} <= roster for roster in rosters) and not areas[site] & areas[other]
            if other == site or not allowed or any(math.isnan(figure) for figure in theirs):
                continue
            if (
                max(mine[0], theirs[0]) <= 2 * min(mine[0], theirs[0])
                and abs(mine[1] - theirs[1]) <= 3 + 1e-9
                and abs(mine[2] - theirs[2]) <= 10 + 1e-9
                and abs(mine[3] - theirs[3]) <= 0.5 + 1e-9
            ):
                like.append(str(found("population_2021", other)["name"]))
        assert row["value"] == len(like), site
        assert row["detail"] == "; ".join(sorted(like))


def test_who_may_be_compared() -> None:
    peers = find_peers(Evidence(ROOT))
    assert not peers.loc["thunder-bay", "northwestern-ontario"]
    assert not peers.loc["toronto-east", "toronto-city"]
    assert not peers.loc["toronto-east", "don-valley"]
    assert peers.loc["toronto-east", "toronto-west"]
    assert peers.loc["huron", "sault-ste-marie"]
    assert found("comparable_sites", "huron")["detail"] == "Sault Ste. Marie"
    assert found("comparable_sites", "sault-ste-marie")["detail"] == "Huron County"


def test_comparable_sites_are_shown_and_never_scored() -> None:
    # The count depends on which other sites there are: as a criterion it would let a new site move a score.
    assert "comparable_sites" not in set(load_design(ROOT).criteria["measure"])


# -- origins and landings ---------------------------------------------------------------------------


def test_a_metropolitan_area_stands_for_one_site_at_most() -> None:
    table = rows("immigrants_cma_2016", "immigrants")
    whole = {row["cma"] for row in table if row["whole"] == "yes"}
    core = find_core_with_parts(Evidence(ROOT), whole, {SPLIT})
    codes = [cma for cma, _ in core.values()]
    assert len(set(codes)) == len(codes) == 12
    assert core["ottawa"][0] == SPLIT
    assert SPLIT not in [cma for cma, _ in find_core_with_parts(Evidence(ROOT), whole, set()).values()]
    shown = measures().loc["birthplaces_2016"]
    assert sorted(shown.index[shown["value"].notna()]) == sorted(core)
    assert set(shown.loc[sorted(core), "grade"]) == {"B"}
    for site in ("toronto-city", "peel", "durham", "guelph-wellington", "st-johns"):
        assert found("birthplaces_2016", site)["detail"] == "not the core of a metropolitan area in the table"


def test_birthplaces_by_a_slow_loop() -> None:
    for site, cma in (("kingston", "521"), ("calgary", "825"), ("ottawa", SPLIT)):
        counts = [int(row["immigrants"]) for row in rows("immigrants_cma_2016", "birthplaces") if row["cma"] == cma]
        everybody = sum(counts)
        entropy = -sum(count / everybody * math.log(count / everybody) for count in counts if count)
        assert value("birthplaces_2016", site) == round(math.exp(entropy), 1)
    # The published totals of Calgary: 404,700 immigrants, of whom 404,655 were born outside Canada.
    assert sum(int(row["immigrants"]) for row in rows("immigrants_cma_2016", "birthplaces") if row["cma"] == "825") == (
        pytest.approx(404655, abs=50)
    )


def test_periods_and_admission_by_hand() -> None:
    # Calgary, 2016: 62,845 before 1980, 47,780 in 1980-1990, 93,255 in 2011-2016, of 404,700.
    assert value("arrived_before_1991_share_2016", "calgary") == round(100 * (62845 + 47780) / 404700, 1) == 27.3
    assert value("arrived_2011_2016_share_2016", "calgary") == round(100 * 93255 / 404700, 1) == 23.0
    # 156,455 workers, 7,580 in business, 28,840 nominees, 98,055 sponsored, 48,125 refugees, 2,805 others.
    since_1980 = 156455 + 7580 + 28840 + 98055 + 48125 + 2805
    assert value("admitted_economic_share_2016", "calgary") == round(100 * (156455 + 7580 + 28840) / since_1980, 1)
    assert value("admitted_family_share_2016", "calgary") == round(100 * 98055 / since_1980, 1)
    assert value("admitted_refugees_share_2016", "calgary") == round(100 * 48125 / since_1980, 1) == 14.1
    # The City of Toronto: 475,110 economic, 320,965 family, 176,155 refugees of 988,320; 187,985 of 1,266,005 recent.
    assert value("admitted_economic_share_2016", "toronto-city") == round(100 * 475110 / 988320, 1) == 48.1
    assert value("admitted_refugees_share_2016", "toronto-city") == round(100 * 176155 / 988320, 1)
    assert value("arrived_2011_2016_share_2016", "toronto-city") == round(100 * 187985 / 1266005, 1)
    assert [found("admitted_economic_share_2016", site)["grade"] for site in ("toronto-city", "calgary")] == ["A", "B"]


def test_landings_by_hand() -> None:
    first, second = 4611 + 4036 + 3680 + 3805 + 3777, 4003 + 3295 + 4077 + 3214 + 3125
    assert value("landings_change_2014", "hamilton") == round(100 * (second - first) / first, 1) == -11.0
    assert value("landings_2014_per_1000", "hamilton") == round(1000 * (first + second) / 10 / 747545, 2) == 5.03
    # The part of Ottawa - Gatineau in Ontario: its residents of 2016 are those of its subdivisions.
    first, second = 6377 + 6279 + 5798 + 6286 + 6297, 7172 + 6412 + 6085 + 6015 + 5238
    assert value("landings_change_2014", "ottawa") == round(100 * (second - first) / first, 1)
    part = {row["csd"] for row in rows("geography_2021", "csd") if row["cma"] == SPLIT}
    people = sum(int(row["population_2016"]) for row in rows("population_2021", "csd") if row["csd"] in part)
    assert value("landings_2014_per_1000", "ottawa") == round(1000 * (first + second) / 10 / people, 2)
    # Thunder Bay has no row of its own in the table.
    assert math.isnan(value("landings_change_2014", "thunder-bay"))


# -- neither language, low income, worship, safety --------------------------------------------------


def test_neither_language_2016() -> None:
    # Hamilton: 9,815 of 530,635; Peel: 4.00 per cent, estimated.
    assert value("neither_official_2016_share", "hamilton") == round(100 * 9815 / 530635, 2) == 1.85
    assert (value("neither_official_2016_share", "peel"), found("neither_official_2016_share", "peel")["grade"]) == (
        4,
        "C",
    )
    part = sum(int(row["neither_english_nor_french"]) for row in rows("toronto_neighbourhoods_2016", "profile"))
    whole = sum(int(row["official_languages_total"]) for row in rows("toronto_neighbourhoods_2016", "profile"))
    assert value("neither_official_2016_share", "toronto-city") == round(100 * part / whole, 2) == 4.91
    estimate = {row["cd"]: row for row in rows("first_generation_2016", "cd")}
    both = [estimate[cd] for cd in ("3509", "3547")]
    people = sum(int(row["population_2016"]) for row in both)
    share = sum(float(row["neither_percent"]) * int(row["population_2016"]) for row in both) / people
    assert value("neither_official_2016_share", "renfrew-lanark") == round(share, 2)
    weak = "estimated from forward sortation areas, whose residents miss those of a division by more than a tenth"
    assert found("neither_official_2016_share", "renfrew-lanark")["detail"] == weak
    assert found("neither_official_2016_share", "peel")["detail"] == "estimated from forward sortation areas"


@pytest.mark.parametrize("site", ["huron", "toronto-east"])
def test_low_income_pupils_by_a_slow_loop(site: str) -> None:
    for year in ("2018", "2023"):
        counted = [row for row in schools_of(site, year) if row["enrolment"].isdigit()]
        poor = sum(float(row["low_income"]) * float(row["enrolment"]) for row in counted)
        share = poor / sum(float(row["enrolment"]) for row in counted)
        row = found(f"low_income_pupils_{year}_share", site)
        assert row["value"] == round(share, 1)
        assert row["grade"] == "C"
        assert row["detail"].startswith("weighted by pupils")


def test_worship_and_safety_of_the_city_by_hand() -> None:
    # 1,376 places; 49,158 incidents in 2011 by the City's own total; 2,615,060 residents in 2011.
    assert value("worship_places_per_10000", "toronto-city") == round(10000 * 1376 / 2615060, 2) == 5.26
    assert value("incidents_2011_per_1000", "toronto-city") == round(1000 * 49158 / 2615060, 1) == 18.8
    incidents = 16980 + 9066 + 9009 + 64 + 4011 + 1403 + 932 + 6345
    assert value("incidents_2008_per_1000", "toronto-city") == round(1000 * incidents / 2615060, 1)
    assert found("incidents_2008_per_1000", "toronto-city")["grade"] == "C"
    kinds: dict[str, int] = defaultdict(int)
    for row in rows("toronto_worship_2006", "hood140"):
        for name, cell in row.items():
            if name != "hood140":
                kinds["christian" if name in ("catholic", "orthodox") else name] += int(cell)
    everything = sum(kinds.values())
    entropy = -sum(count / everything * math.log(count / everything) for count in kinds.values() if count)
    assert value("worship_traditions_2006", "toronto-city") == round(math.exp(entropy), 2)
    for measure in ("worship_places_per_10000", "worship_traditions_2006", "incidents_2011_per_1000"):
        assert math.isnan(value(measure, "huron"))
        assert found(measure, "huron")["reason"] == "not published"


def test_quadrants_enclose_the_city() -> None:
    for measure in ("worship_places_per_10000", "incidents_2011_per_1000", "admitted_family_share_2016"):
        parts = [value(measure, f"toronto-{side}") for side in ("north", "south", "east", "west")]
        assert min(parts) < value(measure, "toronto-city") < max(parts), measure


def test_the_code_of_the_part_in_ontario_is_that_of_the_stated_figures() -> None:
    assert PART_IN_ONTARIO in {row["code"] for row in rows("census_facts", "facts") if row["level"] == "cma_part"}
