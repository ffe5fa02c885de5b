"""More site measures: against plain recounts of the raw tables, published totals, and rules on small cases."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

from lipresearch.build import load_all_types, load_site_measures
from lipresearch.design import load_design
from lipresearch.evidence import STEPS as FIRST_STEPS
from lipresearch.evidence import Evidence
from lipresearch.measures.orientation import ATTRACTION, CAPACITY, COORDINATION
from lipresearch.more_evidence import SECTORS, STEPS, city_of, of_one_division
from lipresearch.paths import project_root
from lipresearch.sites import load_rosters
from lipresearch.steps import ALL_STEPS

ROOT = project_root()
QUADRANTS = [f"toronto-{side}" for side in ("north", "south", "east", "west")]


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
def declared() -> dict[str, list[tuple[str, str]]]:
    areas: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with open(ROOT / "data" / "design" / "catchments.csv", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            areas[row["site"]].append((row["level"], row["area"]))
    return areas


@lru_cache
def subdivisions(site: str) -> set[str]:
    homes = {row["csd"]: row["cd"] for row in rows("geography_2021", "csd")}
    whole = {area for level, area in declared()[site] if level == "cd"}
    return {csd for csd, cd in homes.items() if cd in whole} | {
        area for level, area in declared()[site] if level == "csd"
    }


def hoods(site: str) -> set[str]:
    return {area for level, area in declared()[site] if level == "hood140"}


def test_the_steps_are_all_there_and_make_different_measures() -> None:
    assert {*FIRST_STEPS, *STEPS} <= set(ALL_STEPS)
    assert len(set(ALL_STEPS)) == len(ALL_STEPS)


# -- ages and industries ----------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["peel", "quinte", "huron", "toronto-city"])
def test_ages_from_the_divisions_themselves(site: str) -> None:
    divisions = {area for level, area in declared()[site] if level == "cd"} or {"3520"}
    bands: dict[str, float] = defaultdict(float)
    for row in rows("labour_2021", "age"):
        if row["cd"] in divisions:
            for name, cell in row.items():
                if name.startswith("age_"):
                    bands[name] += float(cell)
    everybody = sum(bands.values())
    young = bands["age_0_4"] + bands["age_5_9"] + bands["age_10_14"]
    old = sum(count for name, count in bands.items() if int(name.split("_")[1]) >= 65)
    assert value("share_under_15_2021", site) == round(100 * young / everybody, 1)
    assert value("share_65_over_2021", site) == round(100 * old / everybody, 1)
    assert value("share_15_64_2021", site) == round(100 * (everybody - young - old) / everybody, 1)
    enter = bands["age_15_19"] + bands["age_20_24"]
    leave = bands["age_55_59"] + bands["age_60_64"]
    assert value("replacement_ratio_2021", site) == round(100 * enter / leave, 1)


def test_the_three_ages_make_everybody() -> None:
    names = ["share_under_15_2021", "share_15_64_2021", "share_65_over_2021"]
    total = measures().loc[names, "value"].unstack("measure").dropna().sum(axis=1)
    assert len(total) > 40
    assert ((total - 100).abs() <= 0.16).all()


@pytest.mark.parametrize("site", ["windsor-essex", "grand-erie", "durham"])
def test_industries_from_the_divisions_themselves(site: str) -> None:
    divisions = {area for level, area in declared()[site] if level == "cd"}
    workers: dict[str, float] = defaultdict(float)
    for row in rows("labour_2021", "industry"):
        if row["cd"] in divisions:
            for name in ("all_industries", *SECTORS):
                workers[name] += float(row[name])
    counts = [workers[name] for name in SECTORS]
    parts = [count / sum(counts) for count in counts]
    assert len(counts) == 20
    entropy = -sum(part * math.log(part) for part in parts)
    assert value("industry_evenness_2021", site) == pytest.approx(entropy / math.log(20), abs=6e-5)
    assert value("largest_industry_share_2021", site) == round(100 * max(parts), 1)
    made = 100 * workers["manufacturing"] / workers["all_industries"]
    assert value("manufacturing_share_2021", site) == round(made, 1)
    ontario = [row for row in rows("labour_2021", "industry") if row["cd"].startswith("35")]
    around = sum(float(row["manufacturing"]) for row in ontario) / sum(float(row["all_industries"]) for row in ontario)
    assert len(ontario) == 49
    assert value("manufacturing_quotient_2021", site) == round(made / 100 / around, 2)


def test_torontos_industries_agree_between_the_division_and_its_neighbourhoods() -> None:
    city = next(row for row in rows("labour_2021", "industry") if row["cd"] == "3520")
    for name in ("all_industries", *SECTORS):
        inside = sum(float(row[name]) for row in rows("toronto_labour", "hood158"))
        # 158 counts, each rounded to 5 for itself.
        assert inside == pytest.approx(float(city[name]), abs=5 * 158**0.5 * 3), name


def test_quadrants_enclose_the_city() -> None:
    for measure in ("manufacturing_share_2021", "share_under_15_2021", "unemployment_2016", "bachelor_2016"):
        parts = [value(measure, site) for site in QUADRANTS]
        assert min(parts) < value(measure, "toronto-city") < max(parts), measure
        assert [found(measure, site)["grade"] for site in QUADRANTS] == ["A"] * 4


def test_a_missing_sector_leaves_its_division_out_and_says_so() -> None:
    row = found("industry_evenness_2021", "northwestern-ontario")
    people = {each["cd"]: float(each["population_2021"]) for each in rows("geography_2021", "cd")}
    part = (people["3558"] + people["3560"]) / (people["3558"] + people["3559"] + people["3560"])
    assert row["covered"] == pytest.approx(part, abs=1e-4)
    assert (row["grade"], row["detail"]) == ("B", f"covers {100 * part:.1f} % of residents")
    assert found("manufacturing_share_2021", "northwestern-ontario")["covered"] == 1


def test_a_city_takes_the_figure_of_its_division_only_if_it_is_most_of_it() -> None:
    kingston, timmins = (found("manufacturing_share_2021", site) for site in ("kingston", "timmins"))
    assert kingston["grade"] == "C"
    assert kingston["detail"] == "figure of Frontenac (of whose residents 82 % live in the site)"
    assert math.isnan(timmins["value"])
    assert timmins["detail"] == "published only for Cochrane (of whose residents 53 % live in the site); 70 % needed"


def test_medians_and_bare_rates_are_never_averaged() -> None:
    for measure, what in (
        ("median_household_income_2020", "a median"),
        ("median_age_2021", "a median"),
        ("unemployment_2016", "a rate without its denominator"),
        ("bachelor_2016", "a rate without its denominator"),
    ):
        for site in declared():
            if len({area for level, area in declared()[site] if level == "cd"}) > 1:
                row = found(measure, site)
                assert math.isnan(row["value"])
                assert row["detail"].startswith(f"{what} cannot be added over ")
    published = {row["cd"]: row for row in rows("labour_2021", "age")}
    assert value("median_household_income_2020", "huron") == float(published["3540"]["median_household_income_2020"])
    assert found("median_household_income_2020", "huron")["grade"] == "B"
    assert found("median_household_income_2020", "kingston")["grade"] == "C"
    assert math.isnan(value("median_household_income_2020", "toronto-east"))
    assert value("unemployment_2016", "peel") == 8.2


def test_a_division_that_the_table_lacks_is_not_published() -> None:
    frame = of_one_division(Evidence(ROOT), "labour_2016", "cd", "unemployment_rate", "a rate")
    assert frame.loc["calgary", ["reason", "detail"]].tolist() == [
        "not published",
        "the dataset has no figure for these areas",
    ]
    assert sorted(frame.index) == sorted(Evidence(ROOT).catchments.sites)


# -- services ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["peel", "huron", "northwestern-ontario", "toronto-east", "calgary", "st-johns"])
def test_services_and_culture_against_a_plain_count(site: str) -> None:
    level, mine = ("hood140", hoods(site)) if hoods(site) else ("csd", subdivisions(site))

    def count(dataset: str, *columns: str) -> int:
        return sum(int(row[name]) for row in rows(dataset, level) if row[level] in mine for name in columns)

    people = value("population_2021", site)
    assert value("settlement_points_2022", site) == count("settlement_services_2022", "points")
    assert value("language_training_points_2022", site) == count("settlement_services_2022", "language_training")
    assert value("francophone_points_2022", site) == count("settlement_services_2022", "francophone")
    museums = count("cultural_facilities", "museums")
    assert value("museums_per_10000", site) == pytest.approx(10_000 * museums / people, abs=6e-4)
    kinds = ("museums", "galleries", "theatres", "cultural_centres", "heritage_sites", "festival_sites")
    everything = count("cultural_facilities", *kinds)
    assert value("cultural_facilities_per_10000", site) == pytest.approx(10_000 * everything / people, abs=6e-4)


def test_services_per_newcomer_carry_the_bounds_of_the_newcomers() -> None:
    for site in declared():
        points, recent = found("settlement_points_2022", site), found("recent_immigrants_2021", site)
        row = found("settlement_points_per_1000_recent", site)
        assert row["low"] == pytest.approx(1000 * points["value"] / recent["high"], abs=0.006)
        fewest = min(max(recent["low"], 5), recent["value"])
        assert row["high"] == pytest.approx(1000 * points["value"] / fewest, abs=0.006)
        assert row["value"] == pytest.approx(1000 * points["value"] / recent["value"], abs=0.006)
        assert row["grade"] == max("B", recent["grade"]), site


def test_every_point_in_toronto_is_in_one_quadrant() -> None:
    for measure in ("settlement_points_2022", "language_training_points_2022", "universities", "colleges"):
        assert sum(value(measure, site) for site in QUADRANTS) == value(measure, "toronto-city"), measure
    assert value("settlement_points_2022", "toronto-city") == 400


def test_torontos_own_list_is_for_toronto_only() -> None:
    table = measures().loc["toronto_services_2018_per_1000_recent"]
    assert set(table.index[table["value"].notna()]) == {site for site in declared() if hoods(site)} | {"toronto-city"}
    listed = sum(int(row["services"]) for row in rows("toronto_211", "hood140"))
    assert listed == 234
    recent = value("recent_immigrants_2021", "toronto-city")
    assert value("toronto_services_2018_per_1000_recent", "toronto-city") == round(1000 * listed / recent, 2)


def test_universities_and_colleges_by_name() -> None:
    assert (value("universities", "thunder-bay"), value("colleges", "thunder-bay")) == (2, 1)
    assert (value("universities", "kingston"), value("universities", "hamilton")) == (2, 1)
    assert (value("universities", "huron"), value("colleges", "huron")) == (0, 0)
    assert found("universities", "toronto-south")["grade"] == "C"
    assert found("universities", "toronto-city")["grade"] == "B"
    ontario = [row for row in rows("postsecondary", "institutions") if row["csd"].startswith("35")]
    assert sum(row["kind"] == "university" for row in ontario) == 23


# -- voters, police, crime --------------------------------------------------------------------------


def test_turnout_where_no_riding_is_shared() -> None:
    inside: dict[str, set[str]] = defaultdict(set)
    for row in rows("recent_immigrants_2021", "link"):
        inside[row["fed2013"]].add(row["csd"])
    votes = {row["fed2013"]: (float(row["ballots"]), float(row["electors"])) for row in rows("turnout_2015", "fed2013")}
    exact = 0
    for site in declared():
        mine = subdivisions(site)
        if not mine:
            continue
        touched = {fed for fed, csds in inside.items() if csds & mine and fed in votes}
        row = found("turnout_2015", site)
        percents = [100 * votes[fed][0] / votes[fed][1] for fed in touched]
        assert min(percents) - 0.06 <= row["low"] <= row["value"] <= row["high"] <= max(percents) + 0.06, site
        if all(inside[fed] <= mine for fed in touched):
            exact += 1
            ballots, electors = (sum(votes[fed][place] for fed in touched) for place in (0, 1))
            assert row["value"] == row["low"] == row["high"] == round(100 * ballots / electors, 1), site
            assert row["grade"] == "B"
        else:
            assert row["grade"] == "C"
            assert row["detail"] == "shared ridings split by population"
    assert exact >= 4


def test_ontario_voted_as_published() -> None:
    ontario = [row for row in rows("turnout_2015", "fed2013") if row["fed2013"].startswith("35")]
    assert len(ontario) == 121
    assert sum(int(row["ballots"]) for row in ontario) == 6_572_378
    assert sum(int(row["electors"]) for row in ontario) == 9_691_517


def test_turnout_says_nothing_of_parts_of_toronto() -> None:
    row = found("turnout_2015", "toronto-east")
    assert math.isnan(row["value"])
    assert row["detail"] == "published for ridings, which cut across neighbourhoods"


def test_police_figures_stand_for_the_core_of_their_metropolitan_area_only() -> None:
    table = measures().loc["police_per_100000_2012"]
    given = table[table["value"].notna()]
    names = {row["cma"]: row["name"] for row in rows("police_2012", "cma")}
    assert len(given) == given["detail"].nunique() == 9
    assert given["detail"].str.match(r"figure of the .* metropolitan area \(overlap \d+ % of residents\)").all()
    assert (value("police_per_100000_2012", "thunder-bay"), value("crime_severity_2011", "thunder-bay")) == (190, 107.3)
    assert len(names) == 14
    assert found("police_per_100000_2012", "peel")["detail"] == "not the core of a metropolitan area in the table"


def test_crimes_in_a_quadrant_against_a_plain_count() -> None:
    kinds = ("assault", "auto_theft", "break_and_enter", "homicide", "robbery", "theft_over")
    mine = [row for row in rows("toronto_crime_2019", "hood140") if row["hood140"] in hoods("toronto-west")]
    crimes = sum(int(row[kind]) for row in mine for kind in kinds)
    people = sum(int(row["population_2016"]) for row in mine)
    assert value("crimes_2019_per_1000", "toronto-west") == round(1000 * crimes / people, 1)
    assert math.isnan(value("crimes_2019_per_1000", "peel"))


def test_visible_minorities_of_the_city_and_of_a_part() -> None:
    assert value("visible_minority_2021_share", "toronto-city") == pytest.approx(55.7, abs=0.1)
    row = found("visible_minority_2021_share", "peel")
    assert row["covered"] < 1
    assert row["low"] <= row["value"] <= row["high"]
    assert row["grade"] == "B"


# -- kinds of place ---------------------------------------------------------------------------------


def test_orientations_fit_what_the_field_study_says() -> None:
    """003: Toronto West has many agencies and services; Huron's and Thunder Bay's immigrants are few."""
    kinds = load_all_types(ROOT)["orientation"]
    assert kinds["toronto-west"] == kinds["west-downtown-toronto"] == COORDINATION
    assert kinds["huron"] == kinds["thunder-bay"] == ATTRACTION
    assert set(kinds) == {ATTRACTION, CAPACITY, COORDINATION, ""}
    assert (kinds == "").sum() == sum(not areas for areas in map(declared().get, kinds.index))


def test_tiers_of_cities() -> None:
    tiers = load_all_types(ROOT)["city_tier"]
    assert (tiers[QUADRANTS] == "first").all()
    assert tiers["toronto-city"] == "first"
    # Hamilton and Niagara by their metropolitan areas, Peel by Mississauga, which lies in that of Toronto.
    assert (tiers[["hamilton", "niagara", "ottawa", "peel"]] == "second").all()
    assert (tiers[["timmins", "sarnia-lambton", "thunder-bay", "kingston"]] == "third").all()
    assert (tiers[["huron", "smiths-falls"]] == "none").all()


def test_a_city_counts_with_its_metropolitan_area_or_by_itself() -> None:
    evidence = Evidence(ROOT)
    people = {
        row["csd"]: float(row["population_2021"])
        for row in rows("population_2021", "csd")
        if row["csd"] in ("3521005", "3509004")
    }
    around = {row["cma"]: float(row["population_2021"]) for row in rows("geography_2021", "cma")}
    assert city_of(evidence, "peel") == people["3521005"]
    assert city_of(evidence, "hamilton") == around["537"]
    assert city_of(evidence, "smiths-falls") == 0


# -- what rests on them -----------------------------------------------------------------------------


def test_at_least_34_of_38_sites_are_ranked_under_every_perspective() -> None:
    for path in sorted((ROOT / "data" / "derived" / "rankings" / "lips-2012").glob("*.csv")):
        table = pd.read_csv(path)
        assert len(table) == 38
        assert table["rank"].notna().sum() >= 34, path.name


def test_factors_name_the_measures_of_their_criteria() -> None:
    design = load_design(ROOT)
    named = design.factors.set_index("factor")["measures"].str.split(";")
    for row in design.criteria.itertuples():
        assert row.measure in named[row.factor], (row.cluster, row.criterion)
    used = set(design.perspective_criteria["criterion"])
    assert {"universities", "colleges", "largest-industry", "replacement", "turnout"} <= used


def test_quotas_on_the_tier_can_be_met() -> None:
    tiers = load_all_types(ROOT)["city_tier"]
    quotas = load_design(ROOT).quotas
    mine = quotas[quotas["attribute"] == "city_tier"]
    assert set(mine["level"]) == {"first", "second", "third"}
    assert set(mine["level"]) <= set(tiers)


def test_raw_lists_of_unconfirmed_licence_are_counts_only() -> None:
    for dataset in ("settlement_services_2022", "toronto_211"):
        for path in (Path(ROOT) / "data" / "raw" / dataset).glob("*.csv"):
            if path.name != "columns.csv":
                for row in rows(dataset, path.stem):
                    assert all(cell.isdigit() for cell in row.values())
