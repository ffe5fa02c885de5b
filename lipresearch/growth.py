"""Change between censuses: the same territory in both, boundary changes declared, and told with the value.

Areas of one code are taken for the same area unless ``area_correspondence.csv`` declares a boundary change; the
populations that the publisher restates on later boundaries show which changes are not declared. Findings are as in
``evidence``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from lipresearch.catchments import MINIMUM_COVERED, TORONTO, load_catchments
from lipresearch.compilers.census_profile import TONGUE
from lipresearch.errors import InputError, Problem, TableError
from lipresearch.evidence import (
    PROFILE,
    PROFILE_2016,
    PROFILE_LEVELS,
    Evidence,
    finding,
    missing,
    place_name,
    prefer_profile,
    schools,
    worst_grade,
)
from lipresearch.measures import common_areas, language, rates
from lipresearch.official.characteristics import load_characteristics
from lipresearch.official.profile import Found
from lipresearch.sites import read_design
from lipresearch.tables import Column, Schema
from lipresearch.vintages import VINTAGES, load_area_correspondence, order_problem

#: Residents who changed sides with a boundary, as a share of the site's: up to it the change is given (grade C) and the
#: boundary told; above it the change is missing.
MOST_MOVED = 0.001
#: The census whose moves are declared with its own residents, so that they bound its counts; those of 2006 are not.
BOUNDED_FROM = "2016"

LANGUAGE_CORRESPONDENCE = Schema(
    (
        Column("vintage", "choice", choices=VINTAGES),
        Column("language", "id"),
        Column("new_vintage", "choice", choices=VINTAGES),
        Column("new_language", "id"),
        Column("note", required=False),
    ),
    ("vintage", "language", "new_vintage", "new_language"),
)
LANGUAGES_FILE = "data/design/language_correspondence.csv"


# -- boundaries -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Boundaries:
    """What is known of the areas of one level between two censuses.

    Attributes
    ----------
    common : DataFrame
        As ``measures.common_areas.common_areas``.
    moves : DataFrame
        The declared rows between the two censuses: vintage, area, new_vintage, new_area, residents.
    undeclared : dict
        ``{area: words}``: areas whose published figures show a boundary change that is not declared.
    checked : frozenset of str
        Areas for which every step was checked against restated populations.
    """

    common: pd.DataFrame
    moves: pd.DataFrame
    undeclared: Mapping[str, str]
    checked: frozenset[str]


def _published(evidence: Evidence, level: str, old: str, new: str) -> tuple[pd.Series, pd.Series] | None:
    """Return the residents of 2016 as first published and on the boundaries of 2021; None for other steps."""
    if (old, new) != ("2016", "2021"):
        return None
    dataset = {"cd": "population_2016", "csd": "csd_2016_da_sums"}[level]
    published = evidence.areas(dataset, level).values["population_2016"]
    if evidence.has(PROFILE_2016):
        published = evidence.areas(PROFILE_2016, level).values["population"].astype(float).combine_first(published)
    return published, evidence.areas("population_2021", level).values["population_2016"]


def find_boundaries(evidence: Evidence, level: str, old: str, new: str) -> Boundaries:
    """Return the common areas of a level over two censuses, and which boundary changes are declared, missed or unknown.

    Between 2016 and 2021 the populations of 2016 as first published and as restated in 2021 are compared; between 2011
    and 2016 the publisher marks census divisions whose population of 2011 was adjusted. No table at hand restates
    2006.

    Parameters
    ----------
    level : str
        ``cd`` or ``csd``.
    old, new : str
        Two of ``VINTAGES``.
    """
    declared = load_area_correspondence(evidence.root, evidence.catchments)
    years = VINTAGES[VINTAGES.index(old) : VINTAGES.index(new) + 1]
    steps = list(pairwise(years))
    moves = declared[(declared["level"] == level) & declared["vintage"].isin(years[:-1])]
    codes = evidence.catchments.geography.areas[level]
    links = moves.rename(columns={"new_vintage": "other_vintage", "new_area": "other_area"})
    same = common_areas.same_codes(codes, years)
    common = common_areas.common_areas(pd.concat([same, links[list(common_areas.LINKS)]], ignore_index=True))
    common = common[common["vintage"].isin((old, new))]
    undeclared: dict[str, str] = {}
    checked = frozenset(codes)
    for before, after in steps:
        mine = moves[moves["vintage"] == before]
        counted = _published(evidence, level, before, after)
        if counted is not None:
            rest = common_areas.unexplained_change(*counted, mine)
            checked &= frozenset(rest.index[rest.notna()])
            for area in rest.index[rest.notna() & (rest != 0)]:
                undeclared[area] = (
                    f"a boundary change of {before} to {after} is not declared ({rest[area]:+,.0f} residents)"
                )
        elif (level, before, after) == ("cd", "2011", "2016"):
            adjusted = evidence.areas("population_2016", "cd").values["adjusted_2011"] == "yes"
            known = {*mine["area"], *mine["new_area"]}
            checked &= frozenset(adjusted.index)
            for area in adjusted.index[adjusted]:
                if area not in known:
                    undeclared[area] = f"a boundary change of {before} to {after} is not declared"
        else:
            checked = frozenset()
    columns = ["vintage", "area", "new_vintage", "new_area", "residents"]
    return Boundaries(common, moves[columns].reset_index(drop=True), undeclared, checked)


@dataclass(frozen=True)
class Border:
    """What happened to the border of some areas: undeclared changes in words, declared ones with their residents."""

    undeclared: str
    came: float
    went: float
    words: str
    checked: bool


def _border(evidence: Evidence, boundaries: Boundaries, level: str, inside: set[str]) -> Border:
    """Return what is known of the outer border of areas of one level."""
    names = evidence.areas("geography_2021", level).values["name"]
    missed = [
        f"{place_name(names[area])}: {boundaries.undeclared[area]}"
        for area in sorted(inside & set(boundaries.undeclared))
    ]
    came = went = 0.0
    words = []
    for row in boundaries.moves.itertuples():
        if (row.area in inside) == (row.new_area in inside):
            continue
        came, went = (came, went + row.residents) if row.area in inside else (came + row.residents, went)
        there = f"{place_name(names[row.area])} to {place_name(names[row.new_area])}"
        words.append(f"{row.residents:,.0f} residents passed from {there} between {row.vintage} and {row.new_vintage}")
    return Border("; ".join(missed), came, went, "; ".join(words), inside <= boundaries.checked)


# -- sums of both censuses --------------------------------------------------------------------------


@dataclass(frozen=True)
class Census:
    """Counts of one census by area: one table a level, with the dataset and grade of each row.

    The columns of ``tables[level]`` are counts, and ``source`` and ``grade``.
    """

    vintage: str
    tables: Mapping[str, pd.DataFrame]


def by_vintage(common: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """Return ``{area: common area}`` of the first and of the last vintage of a table of common areas."""
    first, last = (
        common[common["vintage"] == vintage].set_index("area")["common"].to_dict()
        for vintage in (min(common["vintage"]), max(common["vintage"]))
    )
    return first, last


def sums_of_both(
    commons: Sequence[Mapping[str, str]], tables: Sequence[pd.DataFrame], inside: Sequence[Iterable[str]]
) -> tuple[list[pd.Series], list[list[str]]]:
    """Return the sums of two censuses over the common areas of a site that have every figure in both.

    A common area that reaches beyond the site is cut at the site's border: whether it may be is decided by the caller.

    Parameters
    ----------
    commons : sequence of mapping
        ``{area: common area}`` of the earlier and of the later census.
    tables : sequence of DataFrame
        Counts by area of both, the same columns; all of them are added. Rows without every figure are left out before.
    inside : sequence of iterable of str
        The site's areas in both.

    Returns
    -------
    tuple
        The sums of the earlier and of the later census, and the areas that were added in each; no areas where none of
        the common areas has every figure.
    """
    found: list[dict[str, list[str]]] = []
    lacking: set[str] = set()
    for common, table, mine in zip(commons, tables, inside, strict=True):
        lists: dict[str, list[str]] = {}
        for area in mine:
            lists.setdefault(common[area], []).append(area)
            if area not in table.index:
                lacking.add(common[area])
        found.append(lists)
    taken = (set(found[0]) & set(found[1])) - lacking
    areas = [sorted(area for name in taken for area in lists[name]) for lists in found]
    return [table.loc[chosen].sum() for table, chosen in zip(tables, areas, strict=True)], areas


def immigrant_tables(evidence: Evidence, year: str) -> Census:
    """Return immigrants and non-immigrants of one census by census division and subdivision, best source first."""
    columns = ["immigrants", "non_immigrants"]
    parts: dict[str, list[pd.DataFrame]] = {"cd": [], "csd": []}

    def take(level: str, dataset: str, table: pd.DataFrame) -> None:
        given = table.reindex(columns=columns).assign(source=dataset, grade=evidence.grade(dataset))
        parts[level].append(given[given["immigrants"].notna()])

    if year == "2006":
        for level in parts:
            take(level, "immigrants_2006", evidence.areas("immigrants_2006", level).values)
    else:
        profile = {"2016": PROFILE_2016, "2021": PROFILE}[year]
        for level in PROFILE_LEVELS if evidence.has(profile) else ():
            take(level, profile, evidence.areas(profile, level).values)
        hoods = evidence.areas(f"toronto_neighbourhoods_{year}", "profile").values[columns].sum(skipna=False)
        take("csd", f"toronto_neighbourhoods_{year}", hoods.to_frame(TORONTO).T)
        if year == "2016":
            take("csd", "hamilton_2016", evidence.areas("hamilton_2016", "csd").values)
        take("csd", f"csd_{year}_da_sums", evidence.areas(f"csd_{year}_da_sums", "csd").values)
        facts = evidence.rows("census_facts", "facts").values
        stated = facts[
            (facts["characteristic"] == "immigrants") & (facts["year"] == year) & (facts["unit"] == "persons")
        ]
        for level in parts:
            mine = stated[stated["level"] == level].drop_duplicates(["code", "value"])
            alone = mine[~mine["code"].duplicated(keep=False)].set_index("code")["value"]
            take(level, "census_facts", alone.to_frame("immigrants"))
    tables = {}
    for level, found in parts.items():
        table = pd.concat([each for each in found if not each.empty])
        tables[level] = table[~table.index.duplicated()].sort_index()
    return Census(year, tables)


#: What a reader must know of two censuses that did not ask the same people.
UNIVERSES = {
    ("2006", "2021"): "20 % sample of 2006, 25 % sample of private households of 2021",
    ("2016", "2021"): "",
}


def _immigrant_change(
    evidence: Evidence,
    old: Census,
    new: Census,
    known: Mapping[str, Boundaries],
    columns: Sequence[str],
    value: Callable[[pd.Series, pd.Series], float],
) -> pd.DataFrame:
    """Return findings of the sites that are not made of neighbourhoods: from the level that covers most of each."""
    catchments = evidence.catchments
    counted = {level: [each.tables[level][list(columns)].dropna() for each in (old, new)] for level in known}
    commons = {level: by_vintage(boundaries.common) for level, boundaries in known.items()}
    rows: dict[str, _Row] = {}
    for site in evidence.other_sites():
        mine = catchments.atoms[site]
        if not mine:
            rows[site] = _Row(reason="not published", detail="the catchment's areas are not known")
            continue
        options = []
        for level in known:
            inside = catchments.inside(site, level)
            sums, areas = sums_of_both(commons[level], counted[level], (inside, inside))
            atoms = frozenset().union(*(catchments.geography.areas[level][area] for area in areas[1]))
            options.append((catchments.residents(atoms) / catchments.residents(mine), level, sums, areas))
        covered, level, sums, areas = max(options, key=lambda option: option[0])
        if covered == 0:
            words = f"no figures of both {old.vintage} and {new.vintage} for these areas"
            rows[site] = _Row(reason="not published", detail=words)
            continue
        border = _border(evidence, known[level], level, set(areas[1]))
        divisions = set(catchments.inside(site, "cd"))
        if level == "csd" and divisions and not border.words and not border.undeclared:
            # The border of whole divisions is known better than that of their subdivisions.
            around = _border(evidence, known["cd"], "cd", divisions)
            same = frozenset().union(*(catchments.geography.areas["cd"][area] for area in divisions)) == mine
            border = replace(around, checked=border.checked or (covered == 1 and same and around.checked))
        used = [each.tables[level].loc[chosen] for each, chosen in zip((old, new), areas, strict=True)]
        years = old.vintage, new.vintage
        rows[site] = _one_site(years, used, covered, border, value(sums[1], sums[0]), sums, catchments.residents(mine))
    return _findings(rows, f"{old.vintage} to {new.vintage}")


@dataclass(frozen=True)
class _Row:
    """One finding before it stands in a table."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    grade: str = ""
    covered: float = 0.0
    reason: str = ""
    detail: str = ""
    sources: str = ""


def _findings(rows: Mapping[str, _Row], vintage: str) -> pd.DataFrame:
    table = pd.DataFrame([vars(row) for row in rows.values()], index=pd.Index(list(rows), name="site"))
    frame = finding(
        table["value"],
        low=table["low"],
        high=table["high"],
        vintage=vintage,
        grade="",
        sources="",
        covered=table["covered"],
        reason=table["reason"],
        detail=table["detail"],
    )
    frame["grade"], frame["sources"] = table["grade"].where(table["low"].notna(), ""), table["sources"]
    return frame


def _one_site(
    years: tuple[str, str],
    used: Sequence[pd.DataFrame],
    covered: float,
    border: Border,
    made: float,
    sums: Sequence[pd.Series],
    residents: float,
) -> _Row:
    """Return the finding of one site whose areas ``used`` have figures in both censuses."""
    sources = ";".join(sorted({name for table in used for name in table["source"]}))
    if border.undeclared:
        return _Row(reason="not published", detail=border.undeclared, sources=sources)
    words = [f"covers {100 * min(covered, 0.999):.1f} % of residents" if covered < 1 else ""]
    if covered < MINIMUM_COVERED:
        words.append(f"{100 * MINIMUM_COVERED:.0f} % needed")
        return _Row(reason="not published", detail="; ".join(words), covered=covered, sources=sources)
    words += [border.words, "" if border.checked else f"boundaries of {years[0]} taken for those of {years[1]}"]
    words += [UNIVERSES[years]]
    grade = worst_grade("A" if covered == 1 else "B", *(each for table in used for each in table["grade"]))
    few = border.came + border.went <= MOST_MOVED * residents
    low, high = (made, made) if few else (np.nan, np.nan)
    if border.words and len(sums[0]) == 1 and years[0] == BOUNDED_FROM:
        ends = common_areas.change_bounds(float(sums[1].iloc[0]), float(sums[0].iloc[0]), border.came, border.went)
        low, high = ends if np.isfinite(ends[1]) else (low, high)
    return _Row(
        made if few else np.nan,
        low,
        high,
        worst_grade(grade, "C") if border.words or not border.checked else grade,
        covered,
        "" if few else "not published",
        "; ".join(part for part in words if part),
        sources,
    )


def _hoods(evidence: Evidence) -> pd.DataFrame:
    """Return the common areas of Toronto's 140 neighbourhoods of 2016 and 158 of 2021."""
    link = evidence.rows("toronto_hood_link", "link").values
    return common_areas.common_areas(
        pd.DataFrame(
            {"vintage": "2016", "area": link["hood140"], "other_vintage": "2021", "other_area": link["hood158"]}
        )
    )


def _hood_change(
    evidence: Evidence,
    old: pd.DataFrame,
    new: pd.DataFrame,
    value: Callable[[pd.Series, pd.Series], float],
    grade: str,
    detail: str,
    sites: Sequence[str],
) -> pd.DataFrame:
    """Return findings of sites in Toronto from counts of the neighbourhoods of 2016 and 2021 (same columns)."""
    commons, catchments = by_vintage(_hoods(evidence)), evidence.catchments
    made: dict[str, float] = {}
    share: dict[str, float] = {}
    for site in sites:
        inside = [catchments.inside(site, level) for level in ("hood140", "hood158")]
        (then, now), (areas, _) = sums_of_both(commons, (old.dropna(), new.dropna()), inside)
        atoms = frozenset(f"hood140:{area}" for area in areas)
        share[site] = catchments.residents(atoms) / catchments.residents(catchments.atoms[site]) if areas else 0.0
        made[site] = value(now, then) if areas else np.nan
    values, covered = pd.Series(made).rename_axis("site"), pd.Series(share)
    frame = finding(
        values.where(covered >= MINIMUM_COVERED),
        vintage="2016 to 2021",
        grade=grade,
        sources="toronto_neighbourhoods_2016;toronto_neighbourhoods_2021",
        covered=covered,
        detail=detail,
    )
    part = frame["value"].notna() & (covered < 1)
    frame.loc[part, "grade"] = worst_grade(grade, "B")
    few = frame["value"].isna()
    frame.loc[few, "reason"], frame.loc[few, "detail"] = "not published", "the dataset has no figure for these areas"
    return frame


def _percent_of_immigrants(now: pd.Series, then: pd.Series) -> float:
    return float(rates.percent_change(now[["immigrants"]], then[["immigrants"]]).iloc[0])


def _points_of_immigrants(now: pd.Series, then: pd.Series) -> float:
    shares = [100.0 * each["immigrants"] / each.sum() if each.sum() > 0 else np.nan for each in (now, then)]
    return float(shares[0] - shares[1])


def immigrant_growth(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Change of the immigrant population since 2006 and since 2016, on the same territory."""
    hoods, both = evidence.neighbourhood_sites(), ["immigrants", "non_immigrants"]
    inside = [evidence.areas(f"toronto_neighbourhoods_{year}", "profile").values[both] for year in ("2016", "2021")]
    found = {}
    for old_year in ("2006", "2016"):
        old, new = immigrant_tables(evidence, old_year), immigrant_tables(evidence, "2021")
        known = {level: find_boundaries(evidence, level, old_year, "2021") for level in ("cd", "csd")}
        for measure, columns, value in (
            (f"immigrants_change_{old_year}_2021", both[:1], _percent_of_immigrants),
            (f"immigrants_share_change_{old_year}_2021", both, _points_of_immigrants),
        ):
            outside = _immigrant_change(evidence, old, new, known, columns, value)
            if old_year == "2006":
                there = missing(hoods, "not published", "no figures of 2006 by neighbourhood")
            else:
                there = _hood_change(evidence, inside[0][columns], inside[1][columns], value, "A", "", hoods)
            found[measure] = pd.concat([outside, there]).sort_index()
    return found


# -- diversity --------------------------------------------------------------------------------------


def common_languages(evidence: Evidence, old: pd.Index, new: pd.Index) -> pd.DataFrame:
    """Return the common languages of the lists of 2016 and 2021: vintage, area (the language), common.

    Languages of one name are one; ``language_correspondence.csv`` declares those that were renamed or told apart.

    Raises
    ------
    TableError
        If a row names a language that the list of its census does not hold.
    """
    declared = read_design(evidence.root, "language_correspondence", LANGUAGE_CORRESPONDENCE)
    problems = []
    for place, row in enumerate(declared.itertuples()):
        problems += order_problem(LANGUAGES_FILE, place + 2, row.vintage, row.new_vintage)
        for column, listed, year in (("language", old, "2016"), ("new_language", new, "2021")):
            if getattr(row, column) not in listed:
                where = f"a language of data/raw/toronto_neighbourhoods_{year}/languages.csv"
                remedy = "Copy it from the column language there."
                problems.append(Problem(LANGUAGES_FILE, place + 2, column, repr(getattr(row, column)), where, remedy))
    if problems:
        raise TableError(problems)
    names = {"language": "area", "new_vintage": "other_vintage", "new_language": "other_area"}
    links = declared.rename(columns=names)[list(common_areas.LINKS)]
    same = common_areas.same_codes(old.intersection(new), ["2016", "2021"])
    return common_areas.common_areas(pd.concat([same, links], ignore_index=True))


def _pooled(tables: Sequence[pd.DataFrame], common: pd.DataFrame) -> tuple[list[pd.DataFrame], float]:
    """Return speakers of 2016 and of 2021 by common language, and the largest part in per cent that has none."""
    pooled, left = [], []
    for table, year in zip(tables, ("2016", "2021"), strict=True):
        mine = common[common["vintage"] == year].set_index("area")["common"]
        group = mine.reindex(table.columns).fillna("other languages")
        pooled.append(table.T.groupby(group).sum(min_count=1).T)
        left.append(100.0 * float(table.loc[:, group == "other languages"].sum().sum() / table.sum().sum()))
    languages = sorted(set(pooled[0].columns) | {"other languages"})
    return [table.reindex(columns=languages, fill_value=0.0) for table in pooled], max(left)


def _profile_language_change(
    evidence: Evidence, change: Callable[[pd.Series, pd.Series], float]
) -> pd.DataFrame | None:
    """Return findings of the sites that the profiles of both censuses wholly cover; None where one is not there."""
    if not (evidence.has(PROFILE_2016) and evidence.has(PROFILE)):
        return None
    sums = []
    for dataset in (PROFILE_2016, PROFILE):
        sums.append(evidence.profile_sums(list(evidence.rows(dataset, "languages").values["language"]), dataset))
    whole = [site for site in evidence.other_sites() if min(each.covered[site] for each in sums) >= 1.0]
    if not whole:
        return None
    tables = [each.sums.loc[whole].rename(columns=lambda name: str(name).removeprefix(TONGUE)) for each in sums]
    (old, new), left = _pooled(tables, common_languages(evidence, tables[0].columns, tables[1].columns))
    values = pd.Series({site: change(new.loc[site], old.loc[site]) for site in whole}).rename_axis("site")
    return finding(
        values,
        vintage="2016 to 2021",
        grade=worst_grade(evidence.grade(PROFILE_2016), evidence.grade(PROFILE)),
        sources=f"{PROFILE_2016};{PROFILE}",
        detail="100 % counts without residents of institutions; languages of one list only "
        f"({left:.1f} % of speakers at most) count as one",
    )


def language_growth(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Change of the diversity of mother tongues 2016-2021, over the languages that both lists tell apart."""
    tables = [evidence.areas(f"toronto_neighbourhoods_{year}", "mother_tongue").values for year in ("2016", "2021")]
    (old, new), left = _pooled(tables, common_languages(evidence, tables[0].columns, tables[1].columns))

    def change(now: pd.Series, then: pd.Series) -> float:
        return language.hill_number(now.to_numpy(), 1) - language.hill_number(then.to_numpy(), 1)

    sites = [site for site in evidence.catchments.sites if set(evidence.catchments.inside(site, "hood140"))]
    words = (
        "100 % count of 2016, 25 % sample of private households of 2021, which shows rare languages as 0; "
        f"languages of one list only ({left:.1f} % of speakers at most) count as one"
    )
    inside = _hood_change(evidence, old, new, change, "C", words, sites)
    others = [site for site in evidence.catchments.sites if site not in set(sites)]
    known = [site for site in others if evidence.catchments.atoms[site]]
    parts = [inside, missing(known, "not published", "no figures of both 2016 and 2021 for these areas")]
    parts += [missing([s for s in others if s not in known], "not published", "the catchment's areas are not known")]
    official = _profile_language_change(evidence, change)
    moved = evidence.moved if official is not None else {}
    return {"mother_tongue_hill1_change_2021": prefer_profile(pd.concat(parts).sort_index(), official, moved)}


# -- pupils -----------------------------------------------------------------------------------------


def pupil_growth(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Change of the share of pupils new to Canada, 2018-19 to 2023-24; schools are counted where they stand."""
    shares = schools(evidence)
    old, new = (shares[f"new_pupils_{year}_share"] for year in ("2018", "2023"))
    gone = new["value"].isna() | old["value"].isna()
    words = pd.Series("", index=new.index)
    for each in (old, new):
        told = each["detail"].str.replace("suppressed", "suppressed in ", regex=False) + each["vintage"]
        told = told.where(each["detail"] != "", "")
        words = (words + "; " + told).str.strip("; ")
    why = {column: new[column].where(new["value"].isna(), old[column]) for column in ("reason", "detail")}
    frame = finding(
        new["value"] - old["value"],
        vintage="2018 to 2023",
        grade=worst_grade(*(evidence.grade(f"schools_{year}") for year in ("2018", "2023"))),
        sources="schools_2018;schools_2023",
        covered=np.minimum(old["covered"], new["covered"]),
        reason=why["reason"].where(gone, ""),
        detail=words.where(~gone, why["detail"]),
    )
    part = ~gone & ((old["grade"] != "A") | (new["grade"] != "A"))
    frame.loc[part, "grade"] = worst_grade("B", *frame.loc[part, "grade"].unique())
    return {"new_pupils_change_2023": frame}


STEPS = (immigrant_growth, language_growth, pupil_growth)


# -- official files of a user's own -----------------------------------------------------------------


def change_between(
    earlier: Found,
    later: Found,
    characteristic: str,
    *,
    root: Path,
    level: str = "csd",
    correspondence: pd.DataFrame | None = None,
    areas: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """Return the change of a count between two official census files; see ``lipresearch.change_between``."""
    years = _year(earlier), _year(later)
    if years[0] >= years[1]:
        raise InputError(f"The first file is of {years[0]}, the second of {years[1]}; give the earlier census first.")
    universes = [_universe(root, found, characteristic) for found in (earlier, later)]
    counts = [_counts(found, level, characteristic) for found in (earlier, later)]
    if correspondence is None:
        moves = load_area_correspondence(root, load_catchments(root))
        moves = moves[(moves["level"] == level) & (moves["vintage"] >= years[0]) & (moves["new_vintage"] <= years[1])]
    else:
        absent = [name for name in ("area", "new_area") if name not in correspondence.columns]
        if absent:
            raise InputError(f"A correspondence needs the columns area and new_area; {', '.join(absent)} is not there.")
        moves = correspondence
    pairs = moves[["area", "new_area"]].drop_duplicates()
    named = set(pairs["area"]), set(pairs["new_area"])
    shared = set(counts[0].index) & set(counts[1].index)
    listed = pd.DataFrame({"vintage": years[0], "area": pairs["area"], "other_vintage": years[1]})
    listed["other_area"] = pairs["new_area"]
    same = common_areas.same_codes(shared, years)
    common = common_areas.common_areas(pd.concat([same, listed], ignore_index=True))
    strangers = [set(counts[place].index) - shared - named[place] for place in (0, 1)]
    problems = _population_problems(earlier, later, level, years, moves)
    sums = []
    for year, table in zip(years, counts, strict=True):
        mine = common[common["vintage"] == year].set_index("area")["common"]
        sums.append(common_areas.add_counts(table, mine))
    groups = {year: common[common["vintage"] == year].groupby("common")["area"].agg(tuple) for year in years}
    rows: list[tuple[str, tuple[str, ...], str]] = []
    if areas is None:
        for name in sorted(set(sums[0].index) | set(sums[1].index)):
            rows.append((name, (name,), ""))
        for place, only in enumerate(strangers):
            words = f"only in the file of {years[place]}: no area of {years[1 - place]} is declared for it"
            rows += [(f"{years[place]}:{area}", (), words) for area in sorted(only)]
    else:
        for name, codes in areas.items():
            matched = common_areas.match_areas(common, years[1], codes, years[0])
            touched = set(common["common"][(common["vintage"] == years[1]) & common["area"].isin(set(codes))])
            rows.append((name, tuple(sorted(touched)), _why_not(matched, years)))
    made = []
    for name, groups_of, why in rows:
        parts = [table.reindex(list(groups_of)) for table in sums]
        lost = [str(reason) for part in parts for reason in part["reason"].fillna("not published") if reason]
        members = [tuple(a for group in groups_of for a in groups[year].get(group, ())) for year in years]
        wrong = "; ".join(problems[area] for area in dict.fromkeys(members[0] + members[1]) if area in problems)
        why = why or wrong
        then, now = (float(part["value"].sum(skipna=False)) if groups_of else np.nan for part in parts)
        reason = "not published" if why else ("suppressed" if "suppressed" in lost else (lost[0] if lost else ""))
        known = not reason
        made.append(
            {
                "area": name,
                "areas_then": ";".join(members[0]),
                "areas_now": ";".join(members[1]),
                "then": then if known else np.nan,
                "now": now if known else np.nan,
                "change": now - then if known else np.nan,
                "per_cent": 100.0 * (now - then) / then if known and then > 0 else np.nan,
                "reason": reason,
                "detail": why,
            }
        )
    table = pd.DataFrame(made).set_index("area")
    table["checked"] = "yes" if problems.checked else "no"
    table["universe_then"], table["universe_now"] = universes
    return table


class _Problems(dict[str, str]):
    """``{area: words}`` of undeclared boundary changes; ``checked``: whether populations were there to compare."""

    checked = False


def _population_problems(
    earlier: Found, later: Found, level: str, years: tuple[str, str], moves: pd.DataFrame
) -> _Problems:
    """Compare the population first published with the one that the later file restates, where both were read."""
    found = _Problems()
    read = [set(each.table["characteristic"]) for each in (earlier, later)]
    if int(years[1]) - int(years[0]) != 5 or "population" not in read[0] or "population_before" not in read[1]:
        return found
    published = _counts(earlier, level, "population")["value"]
    restated = _counts(later, level, "population_before")["value"]
    found.checked = True
    if "residents" in moves:
        rest = common_areas.unexplained_change(published, restated, moves)
    else:
        rest = restated.reindex(published.index) - published
        rest = rest[~rest.index.isin({*moves["area"], *moves["new_area"]})]
    for area in rest.index[rest.notna() & (rest != 0)]:
        found[area] = (
            f"{area}: the population of {years[0]} was {published[area]:,.0f}, on the boundaries of {years[1]} it is "
            f"{restated[area]:,.0f}; declare the boundary change"
        )
    return found


def _why_not(matched: common_areas.Matched, years: tuple[str, str]) -> str:
    if matched.unknown:
        return f"{', '.join(matched.unknown[:5])}: in no area of both {years[0]} and {years[1]}"
    return "; ".join(
        f"{area} of {years[0]} shares a common area with {', '.join(beyond)}, beyond the border"
        for area, beyond in matched.crossing
    )


def _year(found: Found) -> str:
    match = re.search(r"20\d\d", found.layout)
    if match is None:
        raise InputError(f"The layout {found.layout!r} names no census; give files that are profiles of one census.")
    return match[0]


def _universe(root: Path, found: Found, characteristic: str) -> str:
    """Return the universe that is declared for a characteristic in a file's layout; refuse what cannot be added."""
    table = load_characteristics(root)
    row = table[(table["characteristic"] == characteristic) & (table["layout"] == found.layout)]
    if row.empty:
        raise InputError(
            f"{characteristic!r} is not declared for {found.layout} in data/design/census_characteristics.csv."
        )
    if row["additive"].iloc[0] != "yes":
        raise InputError(f"{characteristic!r} is no count: it cannot be added over areas. Compare areas one by one.")
    return str(row["universe"].iloc[0])


def _counts(found: Found, level: str, characteristic: str) -> pd.DataFrame:
    """Return one characteristic of a level of an official file as ``add_counts`` takes it."""
    table = found.table[(found.table["level"] == level) & (found.table["characteristic"] == characteristic)]
    if table.empty:
        raise InputError(
            f"The {found.layout} file has no {characteristic!r} at the level {level!r}. Read it with both."
        )
    table = table.set_index("code")
    return pd.DataFrame(
        {"value": table["value"], "low": table["value"], "high": table["value"], "reason": table["reason"]}
    )
