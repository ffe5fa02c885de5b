"""More site measures: ages and industries, settlement services, voters, culture, colleges, police and crime.

Every function takes the compiled tables and the catchments and returns findings, as in ``evidence``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from lipresearch.catchments import TORONTO, SiteSums, to_sites
from lipresearch.evidence import (
    MINIMUM_OF_COUNT,
    MINIMUM_OF_LARGER,
    ROUNDING,
    Evidence,
    find_core_areas,
    finding,
    first_available,
    from_profile,
    from_sums,
    larger_or_inside,
    missing,
    of_one_area,
    prefer_2016,
    prefer_profile,
    recent_immigrants,
    riding_weights,
    worst_grade,
)
from lipresearch.measures import industry, orientation, rates

#: A metropolitan area belongs to the site in which at least this part of its residents live.
MINIMUM_OF_METROPOLIS = 0.5

#: Sectors of the industry tables, in the order of the classification.
SECTORS = (
    "agriculture",
    "mining",
    "utilities",
    "construction",
    "manufacturing",
    "wholesale_trade",
    "retail_trade",
    "transportation",
    "information_culture",
    "finance_insurance",
    "real_estate",
    "professional_services",
    "management_companies",
    "administrative_support",
    "education",
    "health_social",
    "arts_recreation",
    "accommodation_food",
    "other_services",
    "public_administration",
)
AGES = (*(f"age_{low}_{low + 4}" for low in range(0, 85, 5)), "age_85_over")


def _sums_of(evidence: Evidence, dataset: str, table: str, columns: Sequence[str], sites: Sequence[str]) -> SiteSums:
    area = evidence.areas(dataset, table)
    return to_sites(area.values, area.reasons, area.level, evidence.catchments, columns, sites)


def _from_divisions(
    evidence: Evidence, table: str, columns: Sequence[str], value: Callable[[pd.DataFrame], pd.Series]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return findings from whole census divisions (grade B), and from the one that a site mostly fills (C)."""
    dataset = "labour_2021"
    inside = _sums_of(evidence, dataset, table, columns, evidence.catchments.sites)
    grade = evidence.grade(dataset)
    exact = from_sums(value(inside.sums), inside, vintage="2021", grade=grade, sources=dataset)
    counts = evidence.areas(dataset, table).values[list(columns)].dropna()
    larger = larger_or_inside(evidence, counts, "cd", columns)
    return exact, from_sums(value(larger.sums), larger, vintage="2021", grade="C", sources=dataset)


# -- ages and industries ----------------------------------------------------------------------------


def _between(ages: pd.DataFrame, first: str, last: str) -> pd.Series:
    return ages.loc[:, first:last].sum(axis=1, skipna=False)


AGE_MEASURES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "share_under_15_2021": lambda ages: rates.share(_between(ages, "age_0_4", "age_10_14"), ages.sum(axis=1)),
    "share_15_64_2021": lambda ages: rates.share(_between(ages, "age_15_19", "age_60_64"), ages.sum(axis=1)),
    "share_65_over_2021": lambda ages: rates.share(_between(ages, "age_65_69", "age_85_over"), ages.sum(axis=1)),
    "replacement_ratio_2021": lambda ages: rates.rate(
        _between(ages, "age_15_19", "age_20_24"), _between(ages, "age_55_59", "age_60_64"), per=100.0
    ),
}


def ages(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Shares of the young, of working ages and of the old, and those who enter working age for those who leave it."""
    sites = evidence.catchments.sites
    hoods = _sums_of(evidence, "toronto_labour", "hood158", AGES, evidence.neighbourhood_sites())
    blocks = _sums_of(evidence, "csd_2021_da_sums", "csd", AGES, sites)
    found = {}
    for measure, value in AGE_MEASURES.items():
        inside = from_sums(
            value(hoods.sums),
            hoods,
            vintage="2021",
            grade=evidence.grade("toronto_labour"),
            sources="toronto_labour",
        )
        summed = from_sums(
            value(blocks.sums),
            blocks,
            vintage="2021",
            grade=evidence.grade("csd_2021_da_sums"),
            sources="csd_2021_da_sums",
        )
        exact, larger = _from_divisions(evidence, "age", AGES, value)
        best = first_available([inside, exact, summed, larger], sites)
        found[measure] = prefer_profile(best, from_profile(evidence, AGES, value))
    return found


def _each(function: Callable[[np.ndarray], float]) -> Callable[[pd.DataFrame], pd.Series]:
    def over(table: pd.DataFrame) -> pd.Series:
        values = [np.nan if row.isna().any() else function(row.to_numpy()) for _, row in table.iterrows()]
        return pd.Series(values, index=table.index, dtype=float)

    return over


def industries(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Evenness of industries, the largest one, shares of single ones, manufacturing against Ontario."""
    divisions = evidence.areas("labour_2021", "industry").values
    ontario = divisions[divisions.index.str.startswith("35")].sum(numeric_only=True)

    def part(sector: str) -> Callable[[pd.DataFrame], pd.Series]:
        return lambda table: rates.share(table[sector], table["all_industries"], rounding=100)

    def quotient(table: pd.DataFrame) -> pd.Series:
        around = (float(ontario["manufacturing"]), float(ontario["all_industries"]))
        return industry.location_quotient(table["manufacturing"], table["all_industries"], *around)

    wanted: dict[str, tuple[Sequence[str], Callable[[pd.DataFrame], pd.Series]]] = {
        "industry_evenness_2021": (SECTORS, _each(industry.industry_evenness)),
        "largest_industry_share_2021": (SECTORS, _each(industry.largest_share)),
        "agriculture_share_2021": (("agriculture", "all_industries"), part("agriculture")),
        "manufacturing_share_2021": (("manufacturing", "all_industries"), part("manufacturing")),
        "health_social_share_2021": (("health_social", "all_industries"), part("health_social")),
        "manufacturing_quotient_2021": (("manufacturing", "all_industries"), quotient),
    }
    found = {}
    for measure, (columns, value) in wanted.items():
        sums = _sums_of(evidence, "toronto_labour", "hood158", columns, evidence.neighbourhood_sites())
        inside = from_sums(
            value(sums.sums), sums, vintage="2021", grade=evidence.grade("toronto_labour"), sources="toronto_labour"
        )
        exact, larger = _from_divisions(evidence, "industry", columns, value)
        best = first_available([inside, exact, larger], evidence.catchments.sites)
        found[measure] = prefer_profile(best, from_profile(evidence, columns, value))
    return found


def of_one_division(evidence: Evidence, dataset: str, table: str, column: str, what: str) -> pd.DataFrame:
    """Return a median or a rate without denominator where one census division makes the site, or stands for it.

    Parameters
    ----------
    dataset, table, column : str
        A table of census divisions and a column that may not be added.
    what : str
        What the figure is, for the reader: ``a median``, ``a rate without its denominator``.

    Returns
    -------
    DataFrame
        Findings. The dataset's grade where the division is the catchment; C where the site holds
        ``MINIMUM_OF_LARGER`` of the division's residents; else missing, and the detail says why. Never averaged.
    """
    catchments = evidence.catchments
    area = evidence.areas(dataset, table)
    divisions = catchments.geography.areas["cd"]
    names = evidence.areas("geography_2021", "cd").values["name"]
    grade, vintage = evidence.grade(dataset), evidence.vintage(dataset)
    parts = []
    for site in catchments.sites:
        mine = catchments.atoms[site]
        around = catchments.touching(site, "cd") if mine else []
        index = pd.Index([site], name="site")
        if not mine:
            parts.append(missing([site], "not published", "the catchment's areas are not known", dataset))
        elif len(around) > 1:
            words = f"{what} cannot be added over {len(around)} census divisions"
            parts.append(missing([site], "not published", words, dataset))
        elif around[0] not in area.values.index:
            parts.append(missing([site], "not published", "the dataset has no figure for these areas", dataset))
        else:
            code = around[0]
            share = catchments.residents(mine) / catchments.residents(divisions[code])
            words = f"{names[code]} (of whose residents {100 * share:.0f} % live in the site)"
            value = pd.Series([area.values.loc[code, column]], index=index, dtype=float)
            if mine != divisions[code] and share < MINIMUM_OF_LARGER:
                words = f"published only for {words}; {100 * MINIMUM_OF_LARGER:.0f} % needed"
                parts.append(missing([site], "not published", words, dataset))
            else:
                parts.append(
                    finding(
                        value,
                        vintage=vintage,
                        grade=grade if mine == divisions[code] else "C",
                        sources=dataset,
                        reason=area.reasons.loc[code, column],
                        detail="" if mine == divisions[code] else f"figure of {words}",
                    )
                )
    return pd.concat(parts)


def income_and_work(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Median income of sites of one census division; unemployment and degrees 2016."""
    sites = evidence.catchments.sites
    rate = "a rate without its denominator"
    income = of_one_division(evidence, "labour_2021", "age", "median_household_income_2020", "a median")
    official = of_one_area(evidence, "median_household_income_after_tax", "100 % data")
    found = {"median_household_income_2020": prefer_profile(income, official)}
    hoods = evidence.neighbourhood_sites()
    for measure, column, part, whole in (
        ("unemployment_2016", "unemployment_rate", "unemployed", "labour_force"),
        ("bachelor_2016", "bachelor_percent", "bachelor", "adults_25_64"),
    ):
        sums = _sums_of(evidence, "toronto_labour", "hood140", [part, whole], hoods)
        value = rates.share(sums.sums[part], sums.sums[whole])
        grade = evidence.grade("toronto_labour")
        inside = from_sums(value, sums, vintage="2016", grade=grade, sources="toronto_labour")
        one = of_one_division(evidence, "labour_2016", "cd", column, rate)
        found[measure] = prefer_2016(
            evidence,
            first_available([inside, one], sites),
            [part, whole],
            lambda sums, part=part, whole=whole: rates.share(sums[part], sums[whole], rounding=ROUNDING),  # type: ignore[misc]
        )
    return found


def visible_minorities(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Share of the visible minority population 2021: neighbourhoods, and subdivisions summed from small areas."""
    sites = evidence.catchments.sites
    candidates = []
    for dataset, table in (("toronto_neighbourhoods_2021", "profile"), ("csd_2021_da_sums", "csd")):
        area = evidence.areas(dataset, table)
        values, reasons = area.values, area.reasons
        if "visible_minority_total" not in values:
            statuses = values[["immigrants", "non_immigrants", "non_permanent_residents"]]
            values = values.assign(visible_minority_total=statuses.sum(axis=1, skipna=False))
            reasons = reasons.assign(visible_minority_total=reasons["immigrants"])
        columns = ["visible_minority", "visible_minority_total"]
        sums = to_sites(values, reasons, area.level, evidence.catchments, columns, sites)
        value = rates.share(sums.sums["visible_minority"], sums.sums["visible_minority_total"])
        low = value * sums.covered
        candidates.append(
            from_sums(
                value,
                sums,
                vintage="2021",
                grade=evidence.grade(dataset),
                sources=dataset,
                low=low,
                high=low + 100.0 * (1.0 - sums.covered),
            )
        )
    part, whole = "visible_minority", "visible_minority_total"
    official = from_profile(
        evidence, [part, whole], lambda sums: rates.share(sums[part], sums[whole], rounding=ROUNDING), shared=True
    )
    return {"visible_minority_2021_share": prefer_profile(first_available(candidates, sites), official)}


# -- services ---------------------------------------------------------------------------------------


def _counted(evidence: Evidence, dataset: str, columns: Sequence[str]) -> SiteSums:
    """Add counts of places over subdivisions, or over neighbourhoods inside Toronto: no row is missing in either."""
    outside = _sums_of(evidence, dataset, "csd", columns, evidence.other_sites())
    inside = _sums_of(evidence, dataset, "hood140", columns, evidence.neighbourhood_sites())
    return SiteSums(
        pd.concat([outside.sums, inside.sums]).sort_index(),
        pd.concat([outside.covered, inside.covered]).sort_index(),
        pd.concat([outside.reason, inside.reason]).sort_index(),
        pd.concat([outside.detail, inside.detail]).sort_index(),
    )


def settlement_services(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Points of settlement service and of language training, by themselves and per 1,000 recent immigrants."""
    dataset = "settlement_services_2022"
    counts = _counted(evidence, dataset, ["points", "language_training", "francophone"])
    vintage, grade = evidence.vintage(dataset), evidence.grade(dataset)
    recent = recent_immigrants(evidence)["recent_immigrants_2021"].reindex(counts.sums.index)
    found = {}
    for column, measure in (
        ("points", "settlement_points_2022"),
        ("language_training", "language_training_points_2022"),
        ("francophone", "francophone_points_2022"),
    ):
        number = counts.sums[column]
        found[measure] = from_sums(
            number, counts, vintage=vintage, grade=grade, sources=dataset, minimum=MINIMUM_OF_COUNT
        )
        if column == "francophone":
            continue
        per_1000 = from_sums(
            rates.rate(number, recent["value"], per=1000.0), counts, vintage=vintage, grade="C", sources=dataset
        )
        known = per_1000["value"].notna()
        # Published counts are multiples of 5: a lower bound of 0 stands for fewer than that.
        fewest = np.minimum(recent["low"].clip(lower=5.0), recent["value"])
        per_1000.loc[known, "low"] = rates.rate(number, recent["high"], per=1000.0)
        per_1000.loc[known, "high"] = rates.rate(number, fewest, per=1000.0)
        exact = known & (recent["grade"] != "C")
        per_1000.loc[exact, "grade"] = [worst_grade(grade, each) for each in recent.loc[exact, "grade"]]
        per_1000["sources"] = dataset + ";" + recent["sources"]
        found[measure.replace("_2022", "_per_1000_recent")] = per_1000
    return found


def newcomer_services_in_toronto(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Services for refugees and newcomers on Toronto's own list, per 1,000 recent immigrants."""
    dataset, sites = "toronto_211", evidence.catchments.sites
    sums = _sums_of(evidence, dataset, "hood140", ["services"], sites)
    recent = recent_immigrants(evidence)["recent_immigrants_2021"].reindex(sums.sums.index)
    value = rates.rate(sums.sums["services"], recent["value"], per=1000.0)
    sources = f"{dataset};toronto_neighbourhoods_2021"
    frame = from_sums(value, sums, vintage=evidence.vintage(dataset), grade=evidence.grade(dataset), sources=sources)
    return {"toronto_services_2018_per_1000_recent": frame}


def culture(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Museums, and all cultural facilities that people go to but libraries, per 10,000 residents."""
    dataset = "cultural_facilities"
    kinds = ("museums", "galleries", "theatres", "cultural_centres", "heritage_sites", "festival_sites")
    counts = _counted(evidence, dataset, kinds)
    people = evidence.residents.sums["population_2021"].reindex(counts.sums.index)
    found = {}
    for measure, number, grade in (
        ("museums_per_10000", counts.sums["museums"], evidence.grade(dataset)),
        # Which places publish lists of the other kinds differs from one to the next.
        ("cultural_facilities_per_10000", counts.sums.sum(axis=1, skipna=False), "C"),
    ):
        found[measure] = from_sums(
            rates.rate(number, people, per=10000.0),
            counts,
            vintage=evidence.vintage(dataset),
            grade=grade,
            sources=f"{dataset};population_2021",
        )
    return found


def postsecondary(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Universities and colleges in the catchment; inside Toronto placed by their postal codes."""
    dataset = "postsecondary"
    listed = evidence.rows(dataset, "institutions").values
    inside_toronto = evidence.neighbourhood_sites()
    found = {}
    for kind, measure in (("university", "universities"), ("college", "colleges")):
        chosen = listed[listed["kind"] == kind]
        parts = []
        for level, sites, grade in (
            ("csd", evidence.other_sites(), evidence.grade(dataset)),
            ("hood140", inside_toronto, "C"),
        ):
            # The list is complete: an area without an institution has none.
            areas = evidence.areas("settlement_services_2022", level).values.index
            numbers = chosen[level].value_counts().reindex(areas).fillna(0.0).astype(float).rename("number").to_frame()
            none = pd.DataFrame("", index=areas, columns=["number"])
            sums = to_sites(numbers, none, level, evidence.catchments, ["number"], sites)
            frame = from_sums(
                sums.sums["number"],
                sums,
                vintage=evidence.vintage(dataset),
                grade=grade,
                sources=dataset,
                minimum=MINIMUM_OF_COUNT,
            )
            if level == "hood140":
                frame.loc[frame["value"].notna(), "detail"] = "placed by the first half of the postal code"
            parts.append(frame)
        found[measure] = pd.concat(parts).sort_index()
    return found


# -- voters, police, crime --------------------------------------------------------------------------


def turnout(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Turnout at the federal election of 2015: ballots and electors added over ridings, shared ones split."""
    dataset = "turnout_2015"
    catchments = evidence.catchments
    votes = evidence.areas(dataset, "fed2013").values[["electors", "ballots"]]
    weights = riding_weights(evidence)
    rows: dict[str, tuple[float, float, float, bool]] = {}
    for site in evidence.other_sites():
        inside = set(catchments.inside(site, "fed2013")) & set(votes.index)
        touched = set(catchments.touching(site, "fed2013")) & set(votes.index)
        csds = {atom.split(":")[1] if atom.startswith("csd:") else TORONTO for atom in catchments.atoms[site]}
        mine = (
            weights[weights["csd"].isin(csds)].groupby("fed2013")["weight"].sum().reindex(sorted(touched)).fillna(0.0)
        )
        mine = mine.where(~mine.index.isin(inside), 1.0)
        used = votes.loc[mine.index].mul(mine, axis=0).sum()
        shared, whole = votes.loc[sorted(touched - inside)], votes.loc[sorted(inside)]
        low, high = rates.mixture_bounds(
            shared["ballots"], shared["electors"], float(whole["ballots"].sum()), float(whole["electors"].sum())
        )
        value = 100.0 * float(used["ballots"]) / float(used["electors"]) if used["electors"] > 0 else np.nan
        rows[site] = (value, low, high, touched == inside)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "sure"]).rename_axis("site")
    known = table["value"].notna()
    frame = finding(
        table["value"],
        low=table["low"],
        high=table["high"],
        vintage=evidence.vintage(dataset),
        grade="C",
        sources=f"{dataset};recent_immigrants_2021",
        covered=known.astype(float),
        reason=known.map({True: "", False: "not published"}),
        detail=known.map({True: "shared ridings split by population", False: "the catchment's areas are not known"}),
    )
    sure = known & table["sure"].astype(bool)
    frame.loc[sure, ["grade", "detail", "sources"]] = [evidence.grade(dataset), "", dataset]
    inside_toronto = missing(
        evidence.neighbourhood_sites(),
        "not published",
        "published for ridings, which cut across neighbourhoods",
        dataset,
    )
    return {"turnout_2015": pd.concat([frame, inside_toronto]).sort_index()}


def police(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Police officers and crime severity of the metropolitan area that a site is the core of."""
    dataset = "police_2012"
    table = evidence.areas(dataset, "cma").values
    names = evidence.areas("geography_2021", "cma").values["name"]
    sites = evidence.catchments.sites
    core = find_core_areas(evidence, set(table.index))
    found = {}
    for column, measure, vintage in (
        ("officers_per_100000", "police_per_100000_2012", "2012"),
        ("crime_severity_2011", "crime_severity_2011", "2011"),
    ):
        frame = missing(sites, "not published", "not the core of a metropolitan area in the table", dataset)
        for site, (cma, part) in core.items():
            words = f"figure of the {names[cma]} metropolitan area (overlap {100 * part:.0f} % of residents)"
            value = pd.Series([table.loc[cma, column]], index=pd.Index([site], name="site"), dtype=float)
            frame.loc[[site]] = finding(
                value, vintage=vintage, grade=evidence.grade(dataset), sources=dataset, detail=words
            )
        unknown = [site for site in sites if not evidence.catchments.atoms[site]]
        frame.loc[unknown, "detail"] = "the catchment's areas are not known"
        found[measure] = frame
    return found


def crime_in_toronto(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Crimes of six kinds reported in Toronto's neighbourhoods in 2019, per 1,000 residents."""
    dataset = "toronto_crime_2019"
    kinds = ["assault", "auto_theft", "break_and_enter", "homicide", "robbery", "theft_over"]
    sums = _sums_of(evidence, dataset, "hood140", [*kinds, "population_2016"], evidence.catchments.sites)
    value = rates.rate(sums.sums[kinds].sum(axis=1, skipna=False), sums.sums["population_2016"], per=1000.0)
    frame = from_sums(value, sums, vintage=evidence.vintage(dataset), grade=evidence.grade(dataset), sources=dataset)
    return {"crimes_2019_per_1000": frame}


#: Read after ``evidence.STEPS``, in this order.
STEPS: tuple[Callable[[Evidence], dict[str, pd.DataFrame]], ...] = (
    ages,
    industries,
    income_and_work,
    visible_minorities,
    settlement_services,
    newcomer_services_in_toronto,
    culture,
    postsecondary,
    turnout,
    police,
    crime_in_toronto,
)


# -- kinds of place ---------------------------------------------------------------------------------


def orientations(evidence: Evidence) -> pd.Series:
    """Return each site's expected orientation by the default thresholds; "" where it cannot be told."""
    newcomers = recent_immigrants(evidence)["recent_immigrants_2021_per_1000"]["value"]
    services = settlement_services(evidence)["settlement_points_per_1000_recent"]["value"]
    kinds = {
        site: orientation.orientation(float(newcomers[site]), float(services[site])) or ""
        for site in evidence.catchments.sites
    }
    return pd.Series(kinds, name="orientation").rename_axis("site")


def city_of(evidence: Evidence, site: str) -> float:
    """Return the residents of the city that a site holds, by the larger of two counts; 0 where it holds none.

    The largest metropolitan area or agglomeration of which the site holds the better part
    (``MINIMUM_OF_METROPOLIS`` of the residents); and the largest census subdivision in it that belongs to any such
    area, so that a large city at the edge of another one's metropolitan area counts by its own size.
    """
    catchments = evidence.catchments
    atoms = catchments.geography.atoms
    areas = evidence.areas("geography_2021", "cma").values["population_2021"]
    mine = catchments.atoms[site]
    around = catchments.touching(site, "cma") if mine else []
    held = [
        float(areas[cma])
        for cma in around
        if cma in areas.index
        and catchments.residents(mine & catchments.geography.areas["cma"][cma]) >= MINIMUM_OF_METROPOLIS * areas[cma]
    ]
    inside = atoms.loc[sorted(mine)]
    cities = inside.loc[inside["sactype"].isin(["1", "2", "3"]), "population"].fillna(0.0)
    return max([0.0, *held, *(float(people) for people in cities)])


def city_tiers(evidence: Evidence) -> pd.Series:
    """Return the tier of the city that each site holds (first, second, third, none); "" without known areas."""
    atoms = evidence.catchments.geography.atoms
    tiers = {}
    for site in evidence.catchments.sites:
        mine = sorted(evidence.catchments.atoms[site])
        people = atoms.loc[mine, "population"].fillna(0.0)
        inside = float(people[(atoms.loc[mine, "csd"] == TORONTO).to_numpy()].sum()) if mine else 0.0
        in_toronto = bool(mine) and inside >= 0.5 * float(people.sum())
        tiers[site] = orientation.city_tier(in_toronto, city_of(evidence, site)) if mine else ""
    return pd.Series(tiers, name="city_tier").rename_axis("site")
