"""Further site measures: languages at one resolution, comparable sites, origins, low income, worship, safety.

Every function takes the compiled tables and the catchments and returns findings, as in ``evidence``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from lipresearch.catchments import to_sites
from lipresearch.evidence import (
    MINIMUM_OF_COUNT,
    MINIMUM_OF_FACT,
    MINIMUM_SHARED,
    PROFILE,
    PROFILE_2016,
    ROUNDING,
    Evidence,
    facility_atoms,
    find_core_areas,
    finding,
    first_available,
    from_sums,
    larger_or_inside,
    missing,
    of_one_area,
    place_name,
    prefer_2016,
    prefer_profile,
    profile_diversity,
    read_measures,
    school_finding,
    schools,
    sum_over_sites,
    tongues_2016,
    worst_grade,
)
from lipresearch.measures import ages, comparability, language, rates
from lipresearch.more_evidence import AGES, of_one_division, settlement_services
from lipresearch.sites import load_rosters

#: Groups of mother tongues that every source can be brought to, as single figures of the census name them.
#: The languages of Indigenous peoples are among the non-official ones there.
STATED_GROUPS = {
    "english": "mother tongue English",
    "french": "mother tongue French",
    "other": "mother tongue non-official",
}
#: The metropolitan area that lies in two provinces, and the code that single figures give its part in Ontario.
SPLIT, PART_IN_ONTARIO = "505", "35505"


# -- metropolitan areas -----------------------------------------------------------------------------


def find_core_with_parts(evidence: Evidence, whole: set[str], parts: set[str]) -> dict[str, tuple[str, str]]:
    """Return the metropolitan area, or its part in Ontario, that each site is the core of: {site: (code, words)}.

    The rule is that of ``find_core_areas``: residents in both are at least ``MINIMUM_SHARED`` of those of the larger,
    and an area stands for one site at most.

    Parameters
    ----------
    whole : set of str
        Codes of the areas that the table has as a whole.
    parts : set of str
        Codes of the areas of which it has the part in Ontario only.
    """
    catchments = evidence.catchments
    names = evidence.areas("geography_2021", "cma").values["name"]
    shares = find_core_areas(evidence, whole)
    words = {cma: f"figure of the {place_name(names[cma])} metropolitan area" for cma in whole & set(names.index)}
    for cma in sorted(parts):
        # The geography holds no other subdivision of the area than those in Ontario.
        theirs = catchments.geography.areas["cma"][cma]
        words[cma] = f"figure of the part of the {place_name(names[cma])} metropolitan area in Ontario"
        offers = []
        for site in catchments.sites:
            mine = catchments.atoms[site]
            if mine & theirs:
                larger = max(catchments.residents(mine), catchments.residents(theirs))
                offers.append((catchments.residents(mine & theirs) / larger, site))
        part, site = max(offers, key=lambda offer: (offer[0], offer[1]), default=(0.0, ""))
        if part >= MINIMUM_SHARED and site not in shares:
            shares[site] = (cma, part)
    return {
        site: (cma, f"{words[cma]} (overlap {100 * part:.0f} % of residents)")
        for site, (cma, part) in sorted(shares.items())
    }


def of_core(
    evidence: Evidence, values: pd.Series, core: Mapping[str, tuple[str, str]], dataset: str, vintage: str
) -> pd.DataFrame:
    """Return findings from figures of metropolitan areas; every site that is the core of none is missing."""
    sites = evidence.catchments.sites
    frame = missing(sites, "not published", "not the core of a metropolitan area in the table", dataset)
    for site, (cma, words) in core.items():
        value = pd.Series([values[cma]], index=pd.Index([site], name="site"), dtype=float)
        grade = worst_grade(evidence.grade(dataset), "B")
        frame.loc[[site]] = finding(value, vintage=vintage, grade=grade, sources=dataset, detail=words)
    unknown = [site for site in sites if not evidence.catchments.atoms[site]]
    frame.loc[unknown, "detail"] = "the catchment's areas are not known"
    return frame


# -- median age ------------------------------------------------------------------------------------


def median_ages(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Median age as published for a site of one census division, else the five years that hold the middle resident."""
    sites = evidence.catchments.sites
    frame = of_one_division(evidence, "labour_2021", "age", "median_age", "a median").reindex(sites)
    frame = prefer_profile(frame, of_one_area(evidence, "median_age"))
    edges = [*range(0, 90, 5), np.inf]
    counted = []
    if evidence.has(PROFILE):
        counted.append((PROFILE, evidence.profile_sums(AGES)))
    for dataset, table in (("toronto_labour", "hood158"), ("labour_2021", "age"), ("csd_2021_da_sums", "csd")):
        area = evidence.areas(dataset, table)
        counted.append((dataset, to_sites(area.values, area.reasons, area.level, evidence.catchments, AGES)))
    for dataset, sums in counted:
        for site in sums.covered.index:
            if pd.notna(frame.loc[site, "low"]) or sums.covered[site] < MINIMUM_OF_COUNT:
                continue
            # People who are not covered, or lost in rounding, may all be young or all be old.
            people = float(sums.sums.loc[site].sum())
            slack = people * (1.0 / min(float(sums.covered[site]), 1.0) - 1.0) + ROUNDED_AWAY * people
            frame.loc[site, ["low", "high"]] = ages.median_band(sums.sums.loc[site].to_numpy(), edges, slack)
            frame.loc[site, ["grade", "covered", "sources"]] = ["B", min(float(sums.covered[site]), 1.0), dataset]
            words = str(frame.loc[site, "detail"])
            frame.loc[site, "detail"] = f"{words}; the middle of the residents lies between the bounds"
    return {"median_age_2021": frame}


#: Counts of ages are rounded to 5 at random in every area: sums are hardly ever off by this part of the residents.
ROUNDED_AWAY = 0.002


# -- languages at one resolution --------------------------------------------------------------------


def stated_groups(evidence: Evidence) -> pd.DataFrame:
    """Return speakers of English, French and all other languages together, 2016, as single figures state them.

    One row a site whose catchment a stated area makes (``MINIMUM_OF_FACT`` of its residents), or that is the core of
    the part of a metropolitan area in Ontario. Columns: the groups, covered, detail.
    """
    facts = evidence.rows("census_facts", "facts").values
    facts = facts[(facts["year"] == "2016") & (facts["unit"] == "persons")]
    by_area: dict[tuple[str, str], dict[str, float]] = {}
    for group, characteristic in STATED_GROUPS.items():
        for row in facts[facts["characteristic"] == characteristic].itertuples():
            by_area.setdefault((row.level, row.code), {})[group] = float(row.value)
    complete = {area: groups for area, groups in by_area.items() if set(groups) == set(STATED_GROUPS)}
    catchments = evidence.catchments
    rows: dict[str, dict[str, object]] = {}
    for site in catchments.sites:
        mine = catchments.atoms[site]
        here = catchments.residents(mine)
        for (level, code), groups in sorted(complete.items()):
            theirs = catchments.geography.areas.get(level, {}).get(code, frozenset()) if level in ("cd", "csd") else ()
            if mine and theirs and theirs <= mine and catchments.residents(theirs) >= MINIMUM_OF_FACT * here:
                covered = min(catchments.residents(theirs) / here, 1.0)
                rows[site] = {**groups, "covered": covered, "detail": "stated for the whole catchment"}
    if ("cma_part", PART_IN_ONTARIO) in complete:
        for site, (cma, words) in find_core_with_parts(evidence, set(), {SPLIT}).items():
            if cma == SPLIT and site not in rows:
                rows[site] = {**complete["cma_part", PART_IN_ONTARIO], "covered": 1.0, "detail": words}
    columns = [*STATED_GROUPS, "covered", "detail"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("site").sort_index()


def bounds_only(frame: pd.DataFrame, low: pd.Series, high: pd.Series, detail: pd.Series) -> pd.DataFrame:
    """Return findings with the values taken away and bounds in their place, where a value was known."""
    found = frame.copy()
    known = found["value"].notna()
    found["value"] = np.nan
    found.loc[known, "low"], found.loc[known, "high"] = low[known], high[known]
    found.loc[known, "reason"] = "not published"
    found.loc[known, "detail"] = detail[known]
    return found


def common_tongues(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Diversity of mother tongues 2016 over English, French and other, and within which bounds over all languages."""
    full = tongues_2016(evidence)
    sites = evidence.catchments.sites
    stated = stated_groups(evidence)
    groups = [[float(row.english), float(row.french), float(row.other)] for row in stated.itertuples()]
    grade = evidence.grade("census_facts")
    three = finding(
        pd.Series([language.linguistic_diversity(each) for each in groups], index=stated.index, dtype=float),
        vintage="2016",
        grade=grade,
        sources="census_facts",
        covered=stated["covered"].astype(float),
        detail=stated["detail"],
    )
    ends = [language.diversity_bounds(each[:2], each[2]) for each in groups]
    within = bounds_only(
        three,
        pd.Series([low for low, _ in ends], index=stated.index, dtype=float),
        pd.Series([high for _, high in ends], index=stated.index, dtype=float),
        "English, French and other only: bounds over all languages; " + stated["detail"].astype(str),
    )
    # A site that nothing is stated of keeps the reason that the tables of all languages give.
    official = profile_diversity(evidence, PROFILE_2016)
    found = {}
    for measure, name, stated_only in (
        ("mother_tongue_three_2016", "three", three),
        ("mother_tongue_range_2016", "ldi", within),
    ):
        others = full[name].drop(index=stated_only.index)
        best = first_available([full[name], pd.concat([stated_only, others])], sites)
        found[measure] = prefer_profile(best, official.get(name), evidence.moved)
    return found


def common_pupils(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Diversity of pupils' first languages over English, French and other, with bounds over all languages.

    Of each school both the pupils whose first language is not English and those whose first language is not French are
    published, so that English, French and other pupils follow. A pupil with two first languages is counted in both, at
    the cost of the others.
    """
    found = {}
    for year in ("2018", "2023"):
        dataset = f"schools_{year}"
        table = evidence.rows(dataset, "schools").values
        atom = facility_atoms(table)
        both = table["first_language_not_english"].notna() & table["first_language_not_french"].notna()
        pooled = rates.pooled_percent(table["first_language_not_english"].where(both), table["enrolment"], atom)
        other = rates.pooled_percent(table["first_language_not_french"].where(both), table["enrolment"], atom)
        sums = sum_over_sites(evidence, pooled.assign(not_french=other["counted"]))
        rows = {}
        for row in sums.itertuples():
            english, french = float(row.weight - row.counted), float(row.weight - row.not_french)
            # Per cents are published in steps of 5: what they leave to the others may be fewer than nobody.
            rest = max(float(row.weight) - english - french, 0.0)
            groups = [english, french, rest]
            known = not np.isnan(groups).any()
            three = language.linguistic_diversity(groups) if known else np.nan
            rows[row.Index] = (three, *(language.diversity_bounds(groups[:2], rest) if known else (np.nan, np.nan)))
        ends = pd.DataFrame.from_dict(rows, orient="index", columns=["three", "low", "high"]).rename_axis("site")
        three = school_finding(evidence, pooled, dataset, year, ends["three"])
        more = three["detail"].map(lambda words: f"; {words}" if words else "")
        found[f"pupils_three_{year}"] = three
        found[f"pupils_range_{year}"] = bounds_only(
            three, ends["low"], ends["high"], "English, French and other only: bounds over all languages" + more
        )
    return found


# -- comparable sites -------------------------------------------------------------------------------

#: The profile in which sites are compared: measure, and the largest difference between comparable sites.
#: Residents are compared by their ratio: up to twice as many.
COMPARABLE: Mapping[str, float] = {
    "population_2021": 2.0,
    "new_pupils_2018_share": 3.0,
    "pupils_other_language_2018_share": 10.0,
    "language_training_points_per_1000_recent": 0.5,
}
COMPARABLE_RATIOS = ("population_2021",)


def find_peers(evidence: Evidence) -> pd.DataFrame:
    """Return whether two sites may be compared: they stand on one roster and have no area in common."""
    sites = evidence.catchments.sites
    atoms = evidence.catchments.atoms
    rosters = load_rosters(evidence.root).values()
    listed = {site: {roster.roster for roster in rosters if site in roster.sites} for site in sites}
    rows = [[bool(listed[one] & listed[two]) and not atoms[one] & atoms[two] for two in sites] for one in sites]
    index = pd.Index(sites, name="site")
    return pd.DataFrame(rows, index=index, columns=index, dtype=bool)


def comparable(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Count the other sites with similar residents, newcomer pupils, languages and language training."""
    sites = evidence.catchments.sites
    frames = {
        "population_2021": finding(
            evidence.residents.sums["population_2021"], vintage="2021", grade="A", sources="population_2021"
        ),
        **schools(evidence),
        **settlement_services(evidence),
    }
    parts = {measure: frames[measure].reindex(sites) for measure in COMPARABLE}
    # The figures as they are shown, so that a reader who recounts from the tables gets the same.
    decimals = read_measures(evidence.root)["decimals"]
    profile = pd.DataFrame(
        {measure: part["value"].astype(float).round(int(decimals[measure])) for measure, part in parts.items()}
    )
    profile.index = pd.Index(sites, name="site")
    peers = find_peers(evidence)
    value = comparability.comparable_sites(profile, COMPARABLE, COMPARABLE_RATIOS, peers=peers)
    pairs = comparability.comparable_pairs(profile, COMPARABLE, COMPARABLE_RATIOS, peers=peers)
    names = evidence.sites["name"]
    details, grades, sources = [], [], []
    for site in sites:
        lacking = [measure for measure in COMPARABLE if np.isnan(profile.loc[site, measure])]
        others = [str(names[other]) for other in sites if pairs.loc[site, other]]
        details.append("the profile is not complete" if lacking else "; ".join(sorted(others)))
        grades.append("" if lacking else worst_grade(*(str(part.loc[site, "grade"]) for part in parts.values())))
        listed = ";".join(str(part.loc[site, "sources"]) for part in parts.values())
        sources.append(";".join(dict.fromkeys(listed.split(";"))))
    known = value.notna()
    frame = finding(
        value,
        vintage="2018 to 2022",
        grade="C",
        sources="",
        covered=known.astype(float),
        reason=known.map({True: "", False: "not published"}),
    )
    frame["detail"], frame["sources"], frame["grade"] = details, sources, grades
    return {"comparable_sites": frame}


# -- origins ----------------------------------------------------------------------------------------

#: Measures over immigrants: columns of the part and of the whole, of metropolitan areas and of neighbourhoods.
ADMITTED = ["workers", "business", "nominees", "sponsored_family", "refugees", "other_categories"]
ORIGINS: Mapping[str, tuple[list[str], list[str], list[str], list[str]]] = {
    "arrived_before_1991_share": (
        ["before_1980", "from_1980_to_1990"],
        ["immigrants"],
        ["immigrants_before_1981", "immigrants_1981_1990"],
        ["immigrants"],
    ),
    "arrived_2011_2016_share": (["from_2011_to_2016"], ["immigrants"], ["recent_immigrants_2011_2016"], ["immigrants"]),
    "admitted_economic_share": (
        ["workers", "business", "nominees"],
        ADMITTED,
        ["admission_economic"],
        ["admission_total"],
    ),
    "admitted_family_share": (["sponsored_family"], ADMITTED, ["admission_family"], ["admission_total"]),
    "admitted_refugees_share": (["refugees"], ADMITTED, ["admission_refugees"], ["admission_total"]),
}


#: What the census profile calls a column of neighbourhoods otherwise.
IN_PROFILE = {"recent_immigrants_2011_2016": "recent_immigrants"}


def _part_of(part: list[str], whole: list[str]) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda sums: rates.share(
        sums[part].sum(axis=1, skipna=False), sums[whole].sum(axis=1, skipna=False), rounding=30
    )


def origins(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Birthplaces, periods of arrival and admission categories of immigrants 2016."""
    dataset = "immigrants_cma_2016"
    sites = evidence.catchments.sites
    table = evidence.areas(dataset, "immigrants").values
    whole = set(table.index[table["whole"] == "yes"])
    core = find_core_with_parts(evidence, whole, set(table.index) - whole)
    births = evidence.rows(dataset, "birthplaces").values
    places = births.groupby("cma")["immigrants"].apply(lambda counts: language.hill_number(counts.to_numpy(), 1))
    found = {"birthplaces_2016": of_core(evidence, places, core, dataset, "2016")}
    hoods = evidence.areas("toronto_neighbourhoods_2016", "profile")
    for measure, (part, all_of, hood_part, hood_all) in ORIGINS.items():
        value = rates.share(table[part].sum(axis=1), table[all_of].sum(axis=1), rounding=30)
        metropolitan = of_core(evidence, value, core, dataset, "2016")
        columns = list(dict.fromkeys([*hood_part, *hood_all]))
        sums = to_sites(hoods.values, hoods.reasons, hoods.level, evidence.catchments, columns)
        inside = from_sums(
            _part_of(hood_part, hood_all)(sums.sums),
            sums,
            vintage="2016",
            grade=evidence.grade("toronto_neighbourhoods_2016"),
            sources="toronto_neighbourhoods_2016",
        )
        best = first_available([inside, metropolitan], sites)
        mine, all_of_mine = ([IN_PROFILE.get(name, name) for name in names] for names in (hood_part, hood_all))
        columns = list(dict.fromkeys([*mine, *all_of_mine]))
        found[f"{measure}_2016"] = prefer_2016(evidence, best, columns, _part_of(mine, all_of_mine))
    return found


def landings(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Landings of permanent residents 2005 to 2014 for 1,000 residents, and their change, in metropolitan areas."""
    dataset = "landings_2014"
    table = evidence.areas(dataset, "cma").values
    whole = set(table.index[table["whole"] == "yes"])
    people = evidence.areas("mother_tongue_cma_2016", "cma").values["population_2016"].reindex(table.index)
    residents = evidence.areas("population_2021", "csd").values["population_2016"]
    homes = evidence.catchments.geography.atoms["csd"]
    for cma in sorted(set(table.index) - whole):
        inside = sorted({str(homes[atom]) for atom in evidence.catchments.geography.areas["cma"][cma]})
        people[cma] = residents.reindex(inside).sum(skipna=False)
    first = table[[f"landings_{year}" for year in range(2005, 2010)]].sum(axis=1)
    second = table[[f"landings_{year}" for year in range(2010, 2015)]].sum(axis=1)
    core = find_core_with_parts(evidence, whole, set(table.index) - whole)
    yearly = of_core(evidence, rates.rate((first + second) / 10.0, people, per=1000.0), core, dataset, "2005 to 2014")
    yearly["sources"] = f"{dataset};mother_tongue_cma_2016;population_2021"
    change = of_core(evidence, rates.percent_change(second, first), core, dataset, "2005 to 2014")
    return {"landings_2014_per_1000": yearly, "landings_change_2014": change}


def neither_language_2016(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Share that knows neither English nor French 2016: census where published, else estimated from postal areas."""
    part, whole = "neither_english_nor_french", "official_languages_total"
    candidates = []
    for dataset, table in (("toronto_neighbourhoods_2016", "profile"), ("hamilton_2016", "csd")):
        area = evidence.areas(dataset, table)
        sums = to_sites(area.values, area.reasons, area.level, evidence.catchments, [part, whole])
        value = rates.share(sums.sums[part], sums.sums[whole])
        candidates.append(from_sums(value, sums, vintage="2016", grade=evidence.grade(dataset), sources=dataset))
    estimate = evidence.areas("first_generation_2016", "cd").values
    people = estimate["population_2016"]
    counts = pd.DataFrame({"neither": estimate["neither_percent"] * people / 100.0, "all": people})
    modelled = larger_or_inside(evidence, counts, "cd", ["neither", "all"])
    value = rates.share(modelled.sums["neither"], modelled.sums["all"])
    frame = from_sums(value, modelled, vintage="2016", grade="C", sources="first_generation_2016")
    weak = set(estimate.index[(estimate["pop_ratio"] - 1.0).abs() > WEAK_ESTIMATE])
    for site in frame.index[frame["value"].notna()]:
        words = [frame.loc[site, "detail"], "estimated from forward sortation areas"]
        if weak & set(evidence.catchments.touching(site, "cd")):
            words.append("whose residents miss those of a division by more than a tenth")
        frame.loc[site, "detail"] = ", ".join(word for word in words if word)
    best = first_available([*candidates, frame], evidence.catchments.sites)
    return {
        "neither_official_2016_share": prefer_2016(
            evidence, best, [part, whole], lambda sums: rates.share(sums[part], sums[whole], rounding=ROUNDING)
        )
    }


#: An estimate is called weak if its postal areas hold this part more or fewer residents than the division.
WEAK_ESTIMATE = 0.1


# -- schools, worship, safety -----------------------------------------------------------------------


def low_income_pupils(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Share of school-aged children in low-income households, the children of a school counted by its pupils."""
    found = {}
    for year in ("2018", "2023"):
        dataset = f"schools_{year}"
        table = evidence.rows(dataset, "schools").values
        pooled = rates.pooled_percent(table["low_income"], table["enrolment"], facility_atoms(table))
        frame = school_finding(evidence, pooled, dataset, year)
        known = frame["value"].notna()
        # The denominator, children around the school, is not published; pupils stand for it.
        frame.loc[known, "grade"] = "C"
        frame.loc[known, "detail"] = [
            "weighted by pupils" + (f"; {words}" if words else "") for words in frame.loc[known, "detail"]
        ]
        found[f"low_income_pupils_{year}_share"] = frame
    return found


#: Kinds of the list of places of worship that belong to one tradition; every other kind is one of its own.
CHRISTIAN = ("catholic", "christian", "orthodox")


def _in_neighbourhoods(
    evidence: Evidence,
    dataset: str,
    columns: list[str],
    value: Callable[[pd.DataFrame], pd.Series],
    vintage: str,
    grade: str,
    detail: str,
) -> pd.DataFrame:
    """Return findings from counts of Toronto's neighbourhoods beside their residents of 2011."""
    area = evidence.areas(dataset, "hood140")
    people = evidence.areas("toronto_neighbourhoods_2016", "profile").values["population_2011"]
    values = area.values[columns].assign(population_2011=people.reindex(area.values.index))
    reasons = area.reasons[columns].assign(population_2011="")
    names = [*columns, "population_2011"]
    sums = to_sites(values, reasons, area.level, evidence.catchments, names)
    sources = f"{dataset};toronto_neighbourhoods_2016"
    frame = from_sums(value(sums.sums), sums, vintage=vintage, grade=grade, sources=sources)
    frame.loc[frame["value"].notna() & (frame["detail"] == ""), "detail"] = detail
    return frame


def worship(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Places of worship in Toronto, for 10,000 residents, and how many traditions they belong to."""
    dataset = "toronto_worship_2006"
    kinds = list(evidence.areas(dataset, "hood140").values.columns)

    def traditions(sums: pd.DataFrame) -> pd.Series:
        table = sums[kinds].drop(columns=list(CHRISTIAN)).assign(christian=sums[list(CHRISTIAN)].sum(axis=1))
        values = [
            np.nan if np.isnan(sums.loc[site, kinds].to_numpy(dtype=float)).any() else language.hill_number(row, 1)
            for site, row in zip(table.index, table.to_numpy(dtype=float), strict=True)
        ]
        return pd.Series(values, index=table.index, dtype=float)

    def per_10000(sums: pd.DataFrame) -> pd.Series:
        return rates.rate(sums[kinds].sum(axis=1, skipna=False), sums["population_2011"], per=10000.0)

    found = _in_neighbourhoods(evidence, dataset, kinds, traditions, "2006", evidence.grade(dataset), "")
    found["sources"] = dataset
    return {
        "worship_traditions_2006": found,
        "worship_places_per_10000": _in_neighbourhoods(
            evidence, dataset, kinds, per_10000, "2006", "C", "residents of 2011"
        ),
    }


def safety(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Major crime incidents in Toronto's neighbourhoods in 2008 and 2011, per 1,000 residents."""
    dataset = "toronto_safety"
    columns = list(evidence.areas(dataset, "hood140").values.columns)
    found = {}
    for year, grade, detail in (("2008", "C", "residents of 2011"), ("2011", evidence.grade(dataset), "")):
        mine = [column for column in columns if column.endswith(year)]
        found[f"incidents_{year}_per_1000"] = _in_neighbourhoods(
            evidence,
            dataset,
            mine,
            lambda sums, mine=mine: rates.rate(  # type: ignore[misc]
                sums[mine].sum(axis=1, skipna=False), sums["population_2011"], per=1000.0
            ),
            year,
            grade,
            detail,
        )
    return found


#: Read after ``more_evidence.STEPS``, in this order.
STEPS: tuple[Callable[[Evidence], dict[str, pd.DataFrame]], ...] = (
    median_ages,
    common_tongues,
    common_pupils,
    comparable,
    origins,
    landings,
    neither_language_2016,
    low_income_pupils,
    worship,
    safety,
)
