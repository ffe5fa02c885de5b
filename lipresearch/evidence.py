"""From area figures to site measures: which figure stands for which site, and how good it is.

Every function here takes the compiled tables and the catchments and returns *findings*: a frame
indexed by site with the columns of ``FINDING``. Where several datasets can give a measure, they are
tried in a declared order and the first that covers the site is taken; a value never mixes two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from lipresearch.catchments import (
    MINIMUM_COVERED,
    TORONTO,
    Catchments,
    SiteSums,
    load_catchments,
    to_sites,
    to_sites_over_levels,
)
from lipresearch.compilers.census_profile import CENSUSES, LEVELS
from lipresearch.errors import InputError, Problem, TableError
from lipresearch.measures import access, health, language, rates, settlement
from lipresearch.sites import load_sites, read_design
from lipresearch.sources import AreaTable, list_datasets, read_areas, read_raw, read_source
from lipresearch.tables import Column, Schema, Table
from lipresearch.vintages import load_area_correspondence, not_the_same

#: Columns of a finding: the value with its bounds, and all that a reader needs to judge it.
FINDING = ["value", "low", "high", "vintage", "grade", "covered", "reason", "detail", "sources"]

GRADES = ("A", "B", "C")

#: A sum over part of a catchment stands for the whole count only if it covers this share of the residents.
MINIMUM_OF_COUNT = 0.99
#: A larger area stands for a site (grade C) only if this share of its residents live in the site.
MINIMUM_OF_LARGER = 0.7
#: A metropolitan area stands for a site (grade B) only if they share this part of the larger of the two.
MINIMUM_SHARED = 0.7
#: A single published figure stands for a site only if its area holds this share of the site's residents.
MINIMUM_OF_FACT = 0.99
#: Bounds are given only if at least this share of the residents is covered; below it they say nothing.
MINIMUM_FOR_BOUNDS = 0.5

#: How far a part may exceed its whole because the publisher rounds each figure to 5 at random.
ROUNDING = 10.0

#: Kinds of health facility, in the order in which they are shown: measure and kinds of the Ministry's list.
HEALTH_KINDS: dict[str, tuple[str, ...]] = {
    "hospitals_per_10000": ("hospital",),
    "health_centres_per_10000": ("community health centre",),
    "family_health_teams_per_10000": ("family health team",),
    "nurse_practitioner_clinics_per_10000": ("nurse practitioner led clinic",),
    "mental_health_per_10000": ("mental health and addiction",),
    "long_term_care_per_10000": ("long-term care home",),
    "pharmacies_per_10000": ("pharmacy",),
    "public_health_per_10000": ("public health unit office",),
}
PRIMARY_CARE = ("community health centre", "family health team", "nurse practitioner led clinic")

#: Zones of the floating catchments in kilometres as the crow flies, and their weights (Luo and Qi 2009).
ACCESS_ZONES_KM = (10.0, 20.0, 30.0)
ACCESS_WEIGHTS = (1.0, 0.68, 0.22)

MEASURES = Schema(
    (
        Column("measure", "id"),
        Column("group"),
        Column("label"),
        Column("label_fr"),
        Column("unit"),
        Column("unit_fr", required=False),
        Column("universe"),
        Column("universe_fr", required=False),
        Column("decimals", "count", high=8, whole=True),
        Column("formula"),
        Column("reading"),
    ),
    ("measure",),
)


def worst_grade(*grades: str) -> str:
    """Return the worst of some evidence grades.

    >>> worst_grade("A", "C", "B")
    'C'
    """
    return max(grades, key=GRADES.index)


@dataclass(frozen=True)
class Evidence:
    """The compiled tables of a project and its catchments; tables are read once.

    ``without`` names datasets that are left aside although they are there (see ``has``).
    """

    root: Path
    without: frozenset[str] = frozenset()

    def has(self, dataset: str) -> bool:
        """Whether an optional dataset is there, and is not left aside."""
        return dataset not in self.without and dataset in list_datasets(self.root)

    @cached_property
    def catchments(self) -> Catchments:
        """The areas of each site."""
        return load_catchments(self.root)

    @cached_property
    def sites(self) -> pd.DataFrame:
        """All sites of all rosters."""
        return load_sites(self.root)

    @cached_property
    def residents(self) -> SiteSums:
        """Residents 2021 and 2016 and land area of every site."""
        return count_residents(self)

    def profile_sums(self, columns: Sequence[str], dataset: str | None = None) -> SiteSums:
        """Add counts of a census profile (default ``PROFILE``) over the catchments, but for those of neighbourhoods.

        Of 2016 only what is of the territory of 2021 is added (see ``find_moved``).
        """
        dataset = dataset or PROFILE
        key = (dataset, *columns)
        if key not in self._sums:
            areas = {level: self.areas(dataset, level) for level in PROFILE_LEVELS}
            tables = {level: (area.values, area.reasons) for level, area in areas.items()}
            moved = find_moved(self, columns) if dataset == PROFILE_2016 else {}
            self._sums[key] = to_sites_over_levels(tables, self.catchments, columns, self.other_sites(), moved)
        return self._sums[key]

    @cached_property
    def _sums(self) -> dict[tuple[str, ...], SiteSums]:
        return {}

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Declared boundary changes."""
        return load_area_correspondence(self.root, self.catchments)

    @cached_property
    def moved(self) -> Mapping[str, str]:
        """Sites that the census profile of 2016 does not wholly cover because boundaries moved, and which areas did."""
        if not self.has(PROFILE_2016):
            return {}
        covered = self.profile_sums(["population"], PROFILE_2016).covered
        return {site: _told(areas) for site, areas in find_moved(self).items() if covered[site] < 1.0}

    @cached_property
    def _tables(self) -> dict[tuple[str, str, str], AreaTable | Table]:
        return {}

    def areas(self, dataset: str, table: str) -> AreaTable:
        """Return a table indexed by area."""
        key = ("areas", dataset, table)
        if key not in self._tables:
            self._tables[key] = read_areas(self.root, dataset, table)
        return cast(AreaTable, self._tables[key])

    def rows(self, dataset: str, table: str) -> Table:
        """Return a table as it stands."""
        key = ("rows", dataset, table)
        if key not in self._tables:
            self._tables[key] = read_raw(self.root, dataset, table)
        return cast(Table, self._tables[key])

    def vintage(self, dataset: str) -> str:
        """Return the vintage on the dataset's card."""
        return read_source(self.root, dataset).vintage

    def grade(self, dataset: str) -> str:
        """Return the best grade that the dataset can give."""
        return read_source(self.root, dataset).grade

    def neighbourhood_sites(self) -> list[str]:
        """Return the sites made of Toronto neighbourhoods."""
        return [site for site in self.catchments.sites if self.catchments.level_of(site) == "hood140"]

    def other_sites(self) -> list[str]:
        """Return the sites made of whole census subdivisions or divisions (or of no known area)."""
        return [site for site in self.catchments.sites if self.catchments.level_of(site) != "hood140"]


# -- findings ---------------------------------------------------------------------------------------


def finding(
    value: pd.Series,
    *,
    vintage: str,
    grade: str,
    sources: str,
    low: pd.Series | None = None,
    high: pd.Series | None = None,
    covered: pd.Series | float = 1.0,
    reason: pd.Series | str = "",
    detail: pd.Series | str = "",
) -> pd.DataFrame:
    """Return findings from values; where a value is missing without a reason it is ``not applicable``."""
    index = value.index
    frame = pd.DataFrame(index=index)
    frame["value"] = value.astype(float)
    frame["low"] = (value if low is None else low).astype(float)
    frame["high"] = (value if high is None else high).astype(float)
    frame["vintage"] = vintage
    frame["grade"] = grade
    frame["covered"] = covered
    frame["reason"] = reason
    frame["detail"] = detail
    frame["sources"] = sources
    silent = frame["value"].isna() & (frame["reason"] == "")
    frame.loc[silent, "reason"] = "not applicable"
    frame.loc[silent & (frame["detail"] == ""), "detail"] = "nobody is counted in the universe"
    frame.loc[frame["value"].isna(), ["grade", "vintage"]] = ""
    return frame[FINDING]


def from_sums(
    value: pd.Series,
    sums: SiteSums,
    *,
    vintage: str,
    grade: str,
    sources: str,
    low: pd.Series | None = None,
    high: pd.Series | None = None,
    minimum: float = MINIMUM_COVERED,
) -> pd.DataFrame:
    """Return findings from a rate of sums: grade B where only part of the residents is covered, missing where too few.

    Parameters
    ----------
    value : Series
        By site, computed from ``sums``.
    sums : SiteSums
        Says how much of each catchment was covered, and why not.
    low, high : Series, optional
        Bounds of the value for the whole catchment, used where only part of it is covered.
    minimum : float
        Share of residents that must be covered for a value.
    """
    frame = finding(
        value,
        vintage=vintage,
        grade=grade,
        sources=sources,
        covered=sums.covered,
        reason=sums.reason,
        detail=sums.detail,
    )
    part = (sums.covered < 1) & (sums.covered > 0)
    words = sums.covered.map(lambda share: f"covers {100 * min(share, 0.999):.1f} % of residents")
    frame.loc[part, "detail"] = words
    frame.loc[part & frame["value"].notna(), "grade"] = worst_grade(grade, "B")
    few = part & (sums.covered < minimum)
    frame.loc[few, ["value", "low", "high"]] = np.nan
    frame.loc[few, "grade"] = ""
    frame.loc[few, "reason"] = "not published"
    frame.loc[few, "detail"] = words + f"; {100 * minimum:.0f} % needed"
    if low is not None and high is not None:
        known = part & (sums.covered >= MINIMUM_FOR_BOUNDS)
        frame.loc[known, "low"] = low
        frame.loc[known, "high"] = high
        only = few & known
        frame.loc[only, "grade"] = worst_grade(grade, "B")
        frame.loc[only, "detail"] = words + "; only bounds are known"
    return frame


def missing(sites: Sequence[str], reason: str, detail: str, sources: str = "") -> pd.DataFrame:
    """Return findings without value for some sites."""
    empty = pd.Series(np.nan, index=pd.Index(sites, name="site"))
    return finding(empty, vintage="", grade="", sources=sources, covered=0.0, reason=reason, detail=detail)


def first_available(candidates: Sequence[pd.DataFrame], sites: Sequence[str]) -> pd.DataFrame:
    """Return for each site the first finding with a value, else the first with bounds, else the last one's reason."""
    index = pd.Index(sites, name="site")
    aligned = [frame.reindex(index) for frame in candidates]
    chosen = missing(list(index), "not published", "no dataset has a figure for these areas")
    given = aligned[-1]["reason"].notna()
    chosen.loc[given] = aligned[-1].loc[given]
    for test in ("low", "value"):
        for frame in reversed(aligned):
            take = frame[test].notna()
            chosen.loc[take] = frame.loc[take]
    return chosen


def merge_sums(parts: Sequence[SiteSums]) -> SiteSums:
    """Return for each site the first sums that cover the whole catchment, else the ones that cover most of it."""
    best = parts[0]
    sums, covered = best.sums.copy(), best.covered.copy()
    reason, detail = best.reason.copy(), best.detail.copy()
    for other in parts[1:]:
        better = other.covered.reindex(covered.index).fillna(0.0) > covered
        where = covered.index[better]
        sums.loc[where] = other.sums.loc[where]
        covered.loc[where] = other.covered.loc[where]
        reason.loc[where] = other.reason.loc[where]
        detail.loc[where] = other.detail.loc[where]
    return SiteSums(sums, covered, reason, detail)


def sum_areas(
    evidence: Evidence, tables: Iterable[tuple[str, str]], characteristics: Sequence[str], sites: Sequence[str]
) -> SiteSums:
    """Add counts over catchments from the first (dataset, table) that covers each site best."""
    parts = []
    for dataset, table in tables:
        area = evidence.areas(dataset, table)
        parts.append(to_sites(area.values, area.reasons, area.level, evidence.catchments, characteristics, sites))
    return merge_sums(parts)


# -- the census profile, where a user has downloaded it -----------------------------------------------

#: The optional datasets of official figures of 2021 and of 2016 (see ``docs/downloads.md``).
PROFILE, PROFILE_2016 = (CENSUSES[year].name for year in ("2021", "2016"))
PROFILE_LEVELS = tuple(LEVELS)


def find_moved(evidence: Evidence, columns: Sequence[str] = ()) -> dict[str, dict[tuple[str, str], str]]:
    """Return the areas of each site whose figures in the profile of 2016 are of another territory than today's.

    The population that the profile publishes is compared with the one restated on the boundaries of 2021, and with
    the declared boundary changes: see ``vintages.not_the_same``.

    Parameters
    ----------
    columns : sequence of str
        Counts that an area must have to stand for a part of what two areas are together.

    Returns
    -------
    dict
        ``{site: {(level, area): words}}``, only sites with such an area.
    """
    found: dict[str, dict[tuple[str, str], str]] = {}
    for level in PROFILE_LEVELS:
        table = evidence.areas(PROFILE_2016, level).values
        restated = evidence.areas("population_2021", level).values["population_2016"]
        names = evidence.areas("geography_2021", level).values["name"]
        moves = evidence.moves[(evidence.moves["level"] == level) & (evidence.moves["vintage"] == "2016")]
        usable = table.index[table[list(columns)].notna().all(axis=1)]
        for site in evidence.other_sites():
            inside = [area for area in evidence.catchments.inside(site, level) if area in usable]
            apart = not_the_same(inside, table["population"], restated, moves, ("2016", "2021"))
            for area, words in apart.items():
                found.setdefault(site, {})[level, area] = f"{place_name(names[area])}: {words}"
    return found


def _told(areas: Mapping[tuple[str, str], str]) -> str:
    """Return in words which areas were others: those of the first level that has any, three at most."""
    first = [words for (level, _), words in areas.items() if level == next(iter(areas))[0]]
    return "; ".join(first[:3]) + (f"; and {len(first) - 3} more" if len(first) > 3 else "")


def from_profile(
    evidence: Evidence,
    columns: Sequence[str],
    value: Callable[[pd.DataFrame], pd.Series],
    *,
    dataset: str = "",
    counted: bool = False,
    shared: bool = False,
    detail: str = "",
) -> pd.DataFrame | None:
    """Return findings from a census profile of a user's download, None where it is not there.

    Parameters
    ----------
    dataset : str
        Which profile, default ``PROFILE``.
    columns : sequence of str
        Counts that are added over each catchment: the figures of census divisions where they lie wholly inside, else
        those of census subdivisions.
    value : callable
        Makes the value from the sums, by site.
    counted : bool
        Whether the value is a count, which may leave out hardly anybody.
    shared : bool
        Whether the value is a part in per cent, so that it has bounds where not everybody is covered.
    detail : str
        What a reader must know of values for the whole catchment.
    """
    dataset = dataset or PROFILE
    if not evidence.has(dataset):
        return None
    sums = evidence.profile_sums(columns, dataset)
    made = value(sums.sums)
    low: pd.Series | None = None
    high: pd.Series | None = None
    if counted:
        people = evidence.residents.sums["population_2021"].reindex(made.index)
        low, high = made, made + people * (1.0 - sums.covered)
    elif shared:
        low = made * sums.covered
        high = low + 100.0 * (1.0 - sums.covered)
    frame = from_sums(
        made,
        sums,
        vintage=evidence.vintage(dataset),
        grade=evidence.grade(dataset),
        sources=dataset,
        low=low,
        high=high,
        minimum=MINIMUM_OF_COUNT if counted else MINIMUM_COVERED,
    )
    frame.loc[frame["value"].notna() & (frame["detail"] == ""), "detail"] = detail
    return frame


def of_one_area(evidence: Evidence, column: str, detail: str = "") -> pd.DataFrame | None:
    """Return a median from the census profile for the sites that are one census division or subdivision."""
    if not evidence.has(PROFILE):
        return None
    catchments = evidence.catchments
    parts = []
    for site in evidence.other_sites():
        mine = catchments.atoms[site]
        for level in PROFILE_LEVELS if mine else ():
            area = evidence.areas(PROFILE, level)
            same = [code for code in catchments.inside(site, level) if catchments.geography.areas[level][code] == mine]
            if same and same[0] in area.values.index:
                known = area.reasons.loc[same[0], column] == ""
                parts.append(
                    finding(
                        pd.Series([area.values.loc[same[0], column]], index=pd.Index([site], name="site"), dtype=float),
                        vintage=evidence.vintage(PROFILE),
                        grade=evidence.grade(PROFILE),
                        sources=PROFILE,
                        covered=float(known),
                        reason=area.reasons.loc[same[0], column],
                        detail=detail if known else "suppressed for the area of the catchment",
                    )
                )
                break
    return pd.concat(parts) if parts else None


def prefer_2016(
    evidence: Evidence,
    found: pd.DataFrame,
    columns: Sequence[str],
    value: Callable[[pd.DataFrame], pd.Series],
) -> pd.DataFrame:
    """Return findings of 2016, parts in per cent, in which the census profile of 2016 comes first (``prefer_profile``).

    A site that keeps what it had because a boundary moved says so in its detail.
    """
    official = from_profile(evidence, columns, value, dataset=PROFILE_2016, shared=True)
    return prefer_profile(found, official, evidence.moved)


def prefer_profile(
    found: pd.DataFrame, official: pd.DataFrame | None, moved: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return findings in which the census profile comes first where it covers the whole catchment.

    Where it covers a part only, it stands for a site that has no other value, or no other bounds; and its reason is
    told where nothing else is known. Nothing changes for sites that it says nothing about. ``moved`` says of which
    sites the profile has another territory, for the detail of those that it does not wholly cover.
    """
    if official is None:
        return found
    result = found.copy()
    theirs = official.reindex(found.index)
    valued, bounded = theirs["value"].notna(), theirs["low"].notna()
    whole = valued & (theirs["covered"] >= 1.0)
    empty = found["low"].isna()
    says_why = (theirs["covered"] > 0) | (theirs["reason"] == "suppressed")
    take = whole | (valued & found["value"].isna()) | ((bounded | says_why) & empty)
    result.loc[take] = theirs.loc[take]
    for site in sorted(set(moved or ()) & set(found.index[~whole])):
        said = [
            str(result.loc[site, "detail"]),
            f"not of today's territory in the profile of 2016: {(moved or {})[site]}",
        ]
        result.loc[site, "detail"] = "; ".join(words for words in said if words)
    return result


# -- frame and settlement ---------------------------------------------------------------------------

OFFICIAL = (("population_2021", "cd"), ("population_2021", "csd"))


def count_residents(evidence: Evidence) -> SiteSums:
    """Return residents 2021 and 2016 and land area of every site.

    Official full counts; for sites made of Toronto neighbourhoods the population in private households, which
    over the whole city is 1.2 % below the full count.
    """
    columns = ["population_2021", "population_2016", "land_area_km2"]
    official = sum_areas(evidence, OFFICIAL, columns, evidence.other_sites())
    hoods = evidence.neighbourhood_sites()
    now = evidence.areas("toronto_neighbourhoods_2021", "profile")
    then = evidence.areas("toronto_neighbourhoods_2016", "profile")
    new = to_sites(now.values, now.reasons, now.level, evidence.catchments, ["population_households_2021"], hoods)
    # Like with like: both are the population in private households from the 25 % sample.
    earlier = ["immigrant_status_total", "land_area_km2"]
    old = to_sites(then.values, then.reasons, then.level, evidence.catchments, earlier, hoods)
    sums = pd.DataFrame(
        {
            "population_2021": new.sums["population_households_2021"],
            "population_2016": old.sums["immigrant_status_total"],
            "land_area_km2": old.sums["land_area_km2"],
        }
    )
    return SiteSums(
        pd.concat([official.sums, sums]).sort_index(),
        pd.concat([official.covered, np.minimum(new.covered, old.covered)]).sort_index(),
        pd.concat([official.reason, new.reason]).sort_index(),
        pd.concat([official.detail, new.detail]).sort_index(),
    )


def frame_measures(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Count residents, their change, land area and density."""
    counted = evidence.residents
    hoods = evidence.neighbourhood_sites()
    sums = counted.sums
    values = {
        "population_2021": sums["population_2021"],
        "population_change_2021": rates.percent_change(sums["population_2021"], sums["population_2016"]),
        "land_area": sums["land_area_km2"],
        "population_density_2021": rates.rate(sums["population_2021"], sums["land_area_km2"]),
    }
    found = {}
    for measure, value in values.items():
        frame = from_sums(value, counted, vintage="2021", grade="A", sources="population_2021")
        frame.loc[hoods, "sources"] = "toronto_neighbourhoods_2021;toronto_neighbourhoods_2016"
        there = [site for site in hoods if pd.notna(frame.loc[site, "value"])]
        if measure == "land_area":
            frame.loc[there, "vintage"] = "2016"
        else:
            frame.loc[there, "grade"] = "B"
            frame.loc[there, "detail"] = "population in private households, 25 % sample, each neighbourhood rounded"
        found[measure] = frame
    return found


PLACE_KINDS = {
    "share_cma": ("1",),
    "share_ca": ("2", "3"),
    "share_miz_strong": ("4",),
    "share_miz_moderate": ("5",),
    "share_miz_weak": ("6",),
    "share_miz_none": ("7",),
}


def _over_atoms(evidence: Evidence, weight: pd.Series) -> pd.DataFrame:
    """Return sums over each site's atoms: ``part`` (residents x weight) and ``whole`` (residents with a weight)."""
    atoms = evidence.catchments.geography.atoms
    population = atoms["population"].fillna(0.0)
    part, whole = population * weight, population.where(weight.notna(), 0.0)
    rows = {}
    for site in evidence.catchments.sites:
        mine = sorted(evidence.catchments.atoms[site])
        total = float(population[mine].sum())
        known = float(whole[mine].sum())
        rows[site] = (
            float(part[mine].sum()) if mine else np.nan,
            known if mine else np.nan,
            known / total if total else float(bool(mine)),
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["part", "whole", "covered"]).rename_axis("site")


def _atom_sums(evidence: Evidence, weight: pd.Series) -> SiteSums:
    over = _over_atoms(evidence, weight)
    nobody = over["whole"].isna()
    return SiteSums(
        over[["part", "whole"]],
        over["covered"],
        nobody.map({True: "not published", False: ""}),
        nobody.map({True: "the catchment's areas are not known", False: ""}),
    )


def place_measures(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Residents by kind of place, and population-weighted remoteness."""
    atoms = evidence.catchments.geography.atoms
    found = {}
    for measure, kinds in PLACE_KINDS.items():
        sums = _atom_sums(evidence, atoms["sactype"].isin(kinds).astype(float))
        value = rates.share(sums.sums["part"], sums.sums["whole"])
        found[measure] = from_sums(value, sums, vintage="2021", grade="A", sources="geography_2021")
    index = evidence.areas("remoteness_2021", "csd").values["remoteness_index"]
    sums = _atom_sums(evidence, atoms["csd"].map(index))
    value = rates.rate(sums.sums["part"], sums.sums["whole"])
    frame = from_sums(value, sums, vintage="2021", grade="A", sources="remoteness_2021")
    inherited = [site for site in evidence.neighbourhood_sites() if pd.notna(frame.loc[site, "value"])]
    frame.loc[inherited, "grade"] = "B"
    frame.loc[inherited, "detail"] = "index of the City of Toronto as a whole"
    found["remoteness_2021"] = frame
    return found


# -- immigrant population ---------------------------------------------------------------------------


def immigrants_2006(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Immigrants and their share when the partnerships were founded."""
    columns = ["immigrants", "non_immigrants"]
    sums = sum_areas(evidence, (("immigrants_2006", "cd"), ("immigrants_2006", "csd")), columns, evidence.other_sites())
    hoods = evidence.areas("toronto_neighbourhoods_2016", "profile")
    inside = to_sites(
        hoods.values, hoods.reasons, hoods.level, evidence.catchments, columns, evidence.neighbourhood_sites()
    )
    found = {}
    for measure, minimum in (("immigrants_2006", MINIMUM_OF_COUNT), ("immigrants_2006_share", MINIMUM_COVERED)):
        parts = []
        for each, vintage, grade, source in (
            (sums, "2006", evidence.grade("immigrants_2006"), "immigrants_2006"),
            (inside, "2016", "C", "toronto_neighbourhoods_2016"),
        ):
            value = each.sums["immigrants"]
            if measure == "immigrants_2006_share":
                value = rates.share(value, each.sums.sum(axis=1, skipna=False))
            parts.append(from_sums(value, each, vintage=vintage, grade=grade, sources=source, minimum=minimum))
        there = parts[1]["value"].notna()
        parts[1].loc[there, "detail"] = "2016 stands for 2006: no 2006 figures by neighbourhood"
        found[measure] = pd.concat(parts).sort_index()
    return found


def first_generation(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Share of the first generation 2016: census where published, else the estimate from postal areas."""
    columns = ["generation_total", "first_generation"]
    exact = []
    for dataset, table in (("toronto_neighbourhoods_2016", "profile"), ("hamilton_2016", "csd")):
        area = evidence.areas(dataset, table)
        sums = to_sites(area.values, area.reasons, area.level, evidence.catchments, columns)
        value = rates.share(sums.sums["first_generation"], sums.sums["generation_total"], rounding=10)
        exact.append(from_sums(value, sums, vintage="2016", grade=evidence.grade(dataset), sources=dataset))
    estimate = evidence.areas("first_generation_2016", "cd")
    counts = pd.DataFrame(
        {
            "first": estimate.values["first_generation_percent"] * estimate.values["population_2016"] / 100.0,
            "all": estimate.values["population_2016"],
        }
    )
    modelled = larger_or_inside(evidence, counts, "cd", ["first", "all"])
    value = rates.share(modelled.sums["first"], modelled.sums["all"])
    frame = from_sums(value, modelled, vintage="2016", grade="C", sources="first_generation_2016")
    frame.loc[frame["value"].notna() & (frame["detail"] == ""), "detail"] = "estimated from forward sortation areas"
    best = first_available([*exact, frame], evidence.catchments.sites)
    return {
        "first_generation_2016_share": prefer_2016(
            evidence,
            best,
            columns,
            lambda sums: rates.share(sums["first_generation"], sums["generation_total"], rounding=ROUNDING),
        )
    }


def larger_or_inside(evidence: Evidence, counts: pd.DataFrame, level: str, columns: Sequence[str]) -> SiteSums:
    """Add counts over the areas inside a site, or take those of the one larger area that it mostly fills.

    The larger area stands for the site only if the site holds ``MINIMUM_OF_LARGER`` of its residents; the
    detail names it.
    """
    catchments = evidence.catchments
    none = pd.DataFrame("", index=counts.index, columns=counts.columns)
    inside = to_sites(counts, none, level, catchments, columns)
    names = evidence.areas("geography_2021", level).values["name"]
    for site in catchments.sites:
        if inside.covered[site] > 0 or not catchments.atoms[site]:
            continue
        around = [area for area in catchments.touching(site, level) if area in counts.index]
        if len(around) != 1 or not catchments.atoms[site] <= catchments.geography.areas[level][around[0]]:
            continue
        area = around[0]
        part = catchments.residents(catchments.atoms[site])
        share = part / catchments.residents(catchments.geography.areas[level][area])
        words = f"{names[area]} (of whose residents {100 * share:.0f} % live in the site)"
        if share >= MINIMUM_OF_LARGER:
            inside.sums.loc[site] = counts.loc[area, list(columns)]
            inside.covered[site] = 1.0
            inside.reason[site] = ""
            inside.detail[site] = f"figure of {words}"
        else:
            inside.detail[site] = f"published only for {words}; {100 * MINIMUM_OF_LARGER:.0f} % needed"
    return inside


def read_facts(evidence: Evidence, characteristic: str, year: str, unit: str) -> pd.DataFrame:
    """Return findings from single figures that a published page states for a site's whole catchment.

    A figure is taken only if its area lies in the catchment and holds ``MINIMUM_OF_FACT`` of its residents,
    and only if all pages that state it agree.
    """
    facts = evidence.rows("census_facts", "facts").values
    chosen = facts[
        (facts["characteristic"] == characteristic)
        & (facts["year"] == year)
        & (facts["unit"] == unit)
        & facts["level"].isin(["cd", "csd"])
    ]
    catchments = evidence.catchments
    parts = []
    for site in catchments.sites:
        mine = catchments.atoms[site]
        here = catchments.residents(mine)
        for row in chosen.itertuples():
            theirs = catchments.geography.areas[row.level].get(row.code, frozenset())
            if mine and theirs and theirs <= mine and catchments.residents(theirs) >= MINIMUM_OF_FACT * here:
                parts.append((site, row.value, catchments.residents(theirs) / here, row.source_title))
    table = pd.DataFrame(parts, columns=["site", "value", "covered", "title"]).drop_duplicates(["site", "value"])
    table = table[~table["site"].duplicated(keep=False)].set_index("site").sort_index()
    return finding(
        table["value"],
        vintage=year,
        grade="B",
        sources="census_facts",
        covered=table["covered"],
        detail="stated in: " + table["title"],
    )


#: Measures of 2021 that single published figures can fill: characteristic, year, unit of the figure.
STATED_2021 = {
    "immigrants_2021": ("immigrants", "2021", "persons"),
    "immigrants_2021_share": ("immigrants share", "2021", "per cent"),
}


def population_2021_profile(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Immigrants, non-permanent residents, and speakers of neither official language, 2021."""
    wanted = {
        "immigrants_2021": ("immigrants", "immigrant_status_total"),
        "immigrants_2021_share": ("immigrants", "immigrant_status_total"),
        "non_permanent_2021_share": ("non_permanent_residents", "immigrant_status_total"),
        "neither_official_2021_share": ("neither_english_nor_french", "official_languages_total"),
    }
    people = evidence.residents.sums["population_2021"]
    found = {}
    for measure, columns in wanted.items():
        candidates = []
        for dataset, table in (("toronto_neighbourhoods_2021", "profile"), ("csd_2021_da_sums", "csd")):
            area = evidence.areas(dataset, table)
            values, reasons = area.values, area.reasons
            if "immigrant_status_total" not in values:
                statuses = values[["immigrants", "non_immigrants", "non_permanent_residents"]]
                values = values.assign(immigrant_status_total=statuses.sum(axis=1, skipna=False))
                reasons = reasons.assign(immigrant_status_total=reasons["immigrants"])
            sums = to_sites(values, reasons, area.level, evidence.catchments, list(columns))
            part, whole = sums.sums[columns[0]], sums.sums[columns[1]]
            # Nobody, or everybody, of the residents that are not covered may belong to the part.
            if measure == "immigrants_2021":
                value, low = part, part
                high = part + people * (1.0 - sums.covered)
            else:
                value = rates.share(part, whole, rounding=10)
                low = value * sums.covered
                high = low + 100.0 * (1.0 - sums.covered)
            candidates.append(
                from_sums(
                    value,
                    sums,
                    vintage="2021",
                    grade=evidence.grade(dataset),
                    sources=dataset,
                    low=low,
                    high=high,
                    minimum=MINIMUM_OF_COUNT if measure == "immigrants_2021" else MINIMUM_COVERED,
                )
            )
        if measure in STATED_2021:
            candidates.append(read_facts(evidence, *STATED_2021[measure]))
        counted = measure == "immigrants_2021"
        official = from_profile(
            evidence,
            columns,
            lambda sums, columns=columns, counted=counted: (  # type: ignore[misc]
                sums[columns[0]] if counted else rates.share(sums[columns[0]], sums[columns[1]], rounding=ROUNDING)
            ),
            counted=counted,
            shared=not counted,
        )
        found[measure] = prefer_profile(first_available(candidates, evidence.catchments.sites), official)
    return found


def recent_immigrants(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Recent immigrants (2016-2021): neighbourhoods exactly, elsewhere from ridings with hard bounds."""
    catchments = evidence.catchments
    hoods = evidence.areas("toronto_neighbourhoods_2021", "profile")
    exact = to_sites(
        hoods.values,
        hoods.reasons,
        hoods.level,
        catchments,
        ["recent_immigrants_2016_2021"],
        evidence.neighbourhood_sites(),
    )
    inside = from_sums(
        exact.sums["recent_immigrants_2016_2021"],
        exact,
        vintage="2021",
        grade="A",
        sources="toronto_neighbourhoods_2021",
    )
    ridings = evidence.areas("recent_immigrants_2021", "fed2013").values["recent_immigrants"]
    weights = riding_weights(evidence)
    rows: dict[str, tuple[float, float, float]] = {}
    for site in evidence.other_sites():
        whole = [area for area in catchments.inside(site, "fed2013") if area in ridings.index]
        touched = [area for area in catchments.touching(site, "fed2013") if area in ridings.index]
        csds = {atom.split(":")[1] if atom.startswith("csd:") else TORONTO for atom in catchments.atoms[site]}
        mine = weights[weights["csd"].isin(csds)].groupby("fed2013")["weight"].sum()
        part = float((ridings.reindex(mine.index) * mine).sum()) if touched else np.nan
        low = float(ridings[whole].sum()) if touched else np.nan
        high = float(ridings[touched].sum()) if touched else np.nan
        rows[site] = (part, low, high)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"]).rename_axis("site")
    known = table["low"].notna()
    outside = finding(
        table["value"].round(0),
        low=table["low"],
        high=table["high"],
        vintage="2021",
        grade="C",
        sources="recent_immigrants_2021",
        covered=known.astype(float),
        reason=known.map({True: "", False: "not published"}),
        detail=known.map({True: "shared ridings split by population", False: "the catchment's areas are not known"}),
    )
    sure = known & (table["low"] == table["high"])
    outside.loc[sure, "grade"] = evidence.grade("recent_immigrants_2021")
    outside.loc[sure, "detail"] = ""
    stated = read_facts(evidence, "recent immigrants (2016-2021)", "2021", "persons")
    within = outside.loc[stated.index]
    contradicted = stated.index[(stated["value"] < within["low"]) | (stated["value"] > within["high"])]
    # A figure that the ridings rule out is not taken; the bounds stand.
    outside.loc[stated.index.difference(contradicted)] = stated.drop(index=contradicted)
    counts = pd.concat([outside, inside]).sort_index()
    column = "recent_immigrants"
    counts = prefer_profile(counts, from_profile(evidence, [column], lambda sums: sums[column], counted=True))
    people = evidence.residents.sums["population_2021"].reindex(counts.index)
    per_1000 = counts.copy()
    for column in ("value", "low", "high"):
        per_1000[column] = rates.rate(counts[column], people, per=1000.0)
    per_1000["sources"] = per_1000["sources"] + per_1000["sources"].map(
        lambda name: "" if name == "toronto_neighbourhoods_2021" else ";population_2021"
    )
    return {"recent_immigrants_2021": counts, "recent_immigrants_2021_per_1000": per_1000}


def riding_weights(evidence: Evidence) -> pd.DataFrame:
    """Return the share of each riding's residents in each census subdivision: fed2013, csd, weight.

    Modelled: a subdivision's residents are split over its ridings in proportion to dissemination blocks. Where
    a riding holds subdivisions whose residents are not in the geography, its own population is the whole.
    """
    link = evidence.rows("recent_immigrants_2021", "link").values
    population = evidence.areas("geography_2021", "csd").values["population_2021"].fillna(0.0)
    official = evidence.areas("recent_immigrants_2021", "fed2013").values["population_2021"]
    table = link.assign(people=link["csd"].map(population) * link["blocks_in_riding"] / link["blocks"])
    grouped = table.groupby("fed2013")["people"]
    counted, complete = grouped.sum(), grouped.apply(lambda people: bool(people.notna().all()))
    whole = counted.where(complete, np.maximum(counted, official.reindex(counted.index)))
    table["weight"] = table["people"] / table["fed2013"].map(whole.where(whole > 0))
    return table.loc[table["weight"].notna(), ["fed2013", "csd", "weight"]]


# -- language ---------------------------------------------------------------------------------------

DIVERSITY: dict[str, Callable[[np.ndarray], float]] = {
    "ldi": language.linguistic_diversity,
    "shannon": language.shannon,
    "hill0": lambda counts: language.hill_number(counts, 0),
    "hill1": lambda counts: language.hill_number(counts, 1),
    "hill2": lambda counts: language.hill_number(counts, 2),
}


def _diversity(groups: pd.Series) -> dict[str, Callable[[pd.DataFrame], pd.Series]]:
    """Return what is computed of a table of speakers, sites by languages; missing rows stay missing.

    Parameters
    ----------
    groups : Series
        By language: english, french, or another group.
    """

    def three(speakers: pd.DataFrame) -> pd.DataFrame:
        table = pd.DataFrame(
            {
                group: speakers.loc[:, groups.reindex(speakers.columns) == group].sum(axis=1, skipna=False)
                for group in ("english", "french")
            }
        )
        table["other"] = speakers.sum(axis=1, skipna=False) - table["english"] - table["french"]
        return table

    def each(function: Callable[[np.ndarray], float], table: pd.DataFrame) -> pd.Series:
        values = [np.nan if row.isna().any() else function(row.to_numpy()) for _, row in table.iterrows()]
        return pd.Series(values, index=table.index, dtype=float)

    def over(function: Callable[[np.ndarray], float]) -> Callable[[pd.DataFrame], pd.Series]:
        return lambda speakers: each(function, speakers)

    return {
        **{name: over(function) for name, function in DIVERSITY.items()},
        "three": lambda speakers: each(language.linguistic_diversity, three(speakers)),
        "french": lambda speakers: rates.share(three(speakers)["french"], speakers.sum(axis=1, skipna=False)),
    }


def _diversity_findings(
    speakers: pd.DataFrame, groups: pd.Series, sums: SiteSums, vintage: str, grade: str, sources: str
) -> dict[str, pd.DataFrame]:
    """Return the findings of a table of speakers, sites by languages; missing rows stay missing."""
    return {
        name: from_sums(value(speakers), sums, vintage=vintage, grade=grade, sources=sources)
        for name, value in _diversity(groups).items()
    }


def _area_diversity(evidence: Evidence, dataset: str, year: str) -> dict[str, pd.DataFrame]:
    """Diversity from a table of all languages by neighbourhood or subdivision, added over the catchments."""
    area = evidence.areas(dataset, "mother_tongue")
    groups = evidence.rows(dataset, "languages").values.set_index("language")["group"]
    sums = to_sites(area.values, area.reasons, area.level, evidence.catchments, list(area.values.columns))
    return _diversity_findings(sums.sums, groups, sums, year, evidence.grade(dataset), dataset)


def find_core_areas(evidence: Evidence, published: set[str]) -> dict[str, tuple[str, float]]:
    """Return the metropolitan area that each site is the core of: {site: (code, shared part of the residents)}.

    Shared part: residents in both, over those of the larger of the two; at least ``MINIMUM_SHARED``. An area
    stands for one site at most, the one that shares most. An area that reaches into another province is left
    out: its figures count people who are not in the geography here.
    """
    catchments = evidence.catchments
    cmas = evidence.areas("geography_2021", "cma").values
    whole = set(cmas.index[cmas["whole"] == "yes"]) & published
    shared: list[tuple[float, str, str]] = []
    for site in catchments.sites:
        mine = catchments.atoms[site]
        for cma in catchments.touching(site, "cma") if mine else []:
            theirs = catchments.geography.areas["cma"][cma]
            # The published population: an area may hold subdivisions that are not in the geography here.
            larger = max(catchments.residents(mine), float(cmas.loc[cma, "population_2021"]) if cma in whole else 0.0)
            if cma in whole and larger > 0:
                shared.append((catchments.residents(mine & theirs) / larger, site, cma))
    core: dict[str, tuple[str, float]] = {}
    used: set[str] = set()
    for part, site, cma in sorted(shared, key=lambda entry: (-entry[0], entry[1])):
        if part >= MINIMUM_SHARED and site not in core and cma not in used:
            core[site] = (cma, part)
            used.add(cma)
    return core


def _metropolitan_diversity(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Diversity of the census metropolitan area that a site is the core of."""
    dataset = "mother_tongue_cma_2016"
    wide = evidence.areas(dataset, "mother_tongue").values
    groups = evidence.rows(dataset, "languages").values.set_index("language")["group"]
    names = evidence.areas("geography_2021", "cma").values["name"]
    catchments = evidence.catchments
    core = find_core_areas(evidence, set(wide.index))
    sites = catchments.sites
    speakers = pd.DataFrame(
        [wide.loc[core[site][0]] if site in core else pd.Series(np.nan, index=wide.columns) for site in sites],
        index=pd.Index(sites, name="site"),
    )
    here = speakers.notna().all(axis=1)
    sums = SiteSums(
        speakers,
        here.astype(float),
        here.map({True: "", False: "not published"}),
        here.map({True: "", False: "not the core of one metropolitan area"}),
    )
    found = _diversity_findings(speakers, groups, sums, "2016", "B", dataset)
    for frame in found.values():
        for site, (cma, part) in core.items():
            frame.loc[site, "detail"] = (
                f"figure of the {names[cma]} metropolitan area (overlap {100 * part:.0f} % of residents)"
            )
    return found


def tongues_2016(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Return the diversity of mother tongues 2016 where all languages are published, each on its own.

    Neighbourhoods, the city of Hamilton, and else the metropolitan area that a site is the core of. Keys: those of
    ``DIVERSITY``, ``three`` (English, French, other) and ``french`` (share).
    """
    tables = [
        _area_diversity(evidence, "toronto_neighbourhoods_2016", "2016"),
        _area_diversity(evidence, "hamilton_2016", "2016"),
        _metropolitan_diversity(evidence),
    ]
    return {name: first_available([table[name] for table in tables], evidence.catchments.sites) for name in tables[0]}


def mother_tongues(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Diversity of mother tongues 2016, and 2021 (neighbourhoods only), where all languages are published."""
    then, before = tongues_2016(evidence), profile_diversity(evidence, PROFILE_2016)
    then = {name: prefer_profile(frame, before.get(name), evidence.moved) for name, frame in then.items()}
    found = {f"mother_tongue_{name}_2016": then[name] for name in DIVERSITY}
    found["french_mother_tongue_2016_share"] = then["french"]
    now = _area_diversity(evidence, "toronto_neighbourhoods_2021", "2021")
    official = profile_diversity(evidence, PROFILE)
    for name in (*DIVERSITY, "three"):
        found[f"mother_tongue_{name}_2021"] = prefer_profile(
            first_available([now[name]], evidence.catchments.sites), official.get(name)
        )
    return found


def profile_diversity(evidence: Evidence, dataset: str) -> dict[str, pd.DataFrame]:
    """Diversity of the single mother tongues in a census profile, by name as in ``tongues_2016``; empty without it."""
    if not evidence.has(dataset):
        return {}
    groups = evidence.rows(dataset, "languages").values.set_index("language")["group"]
    detail = "100 % count without residents of institutions" if dataset == PROFILE else ""
    return {
        name: frame
        for name, value in _diversity(groups).items()
        if (frame := from_profile(evidence, list(groups.index), value, dataset=dataset, detail=detail)) is not None
    }


# -- schools ----------------------------------------------------------------------------------------


def schools(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Pupils by first language, newcomers, French-language schools, in two school years."""
    found: dict[str, pd.DataFrame] = {}
    for year in ("2018", "2023"):
        table = evidence.rows(f"schools_{year}", "schools").values
        atom = facility_atoms(table)
        french = table["board_language"] == "French"
        other = table["first_language_not_english"].where(~french, table["first_language_not_french"])
        new = table["new_from_non_english"].where(~french, table["new_from_non_french"])
        everyone = pd.Series(100.0, index=table.index)
        in_french = french.astype(float) * 100.0
        for measure, percent in (
            (f"new_pupils_{year}_share", new),
            (f"pupils_other_language_{year}_share", other),
            (f"french_school_pupils_{year}_share", everyone.where(french, in_french)),
        ):
            pooled = rates.pooled_percent(percent, table["enrolment"], atom)
            found[measure] = school_finding(evidence, pooled, f"schools_{year}", year)
    return found


def school_finding(
    evidence: Evidence,
    pooled: pd.DataFrame,
    dataset: str,
    year: str,
    value: pd.Series | None = None,
) -> pd.DataFrame:
    """Return findings from figures of schools pooled by atom; schools whose figures are suppressed are named.

    Parameters
    ----------
    pooled : DataFrame
        By atom, as ``rates.pooled_percent`` returns it.
    dataset, year : str
        Dataset of schools, and 2018 or 2023.
    value : Series, optional
        By site; default the share of ``counted`` in ``weight``.
    """
    sums = sum_over_sites(evidence, pooled)
    units, lost = sums["units"], sums["units_missing"]
    covered = (units / (units + lost)).fillna(0.0)
    if value is None:
        value = rates.share(sums["counted"], sums["weight"])
    vintage = {"2018": "2018-19", "2023": "2023-24"}[year]
    grade = evidence.grade(dataset)
    frame = finding(value, vintage=vintage, grade=grade, sources=dataset, covered=covered)
    some = frame["value"].notna() & (lost > 0)
    frame.loc[some, "grade"] = worst_grade(grade, "B")
    frame.loc[some, "detail"] = [
        f"{int(lost[site])} of {int(units[site] + lost[site])} schools suppressed" for site in frame.index[some]
    ]
    outside = [site for site in frame.index if sums.loc[site, "scope"] == "none"]
    frame.loc[outside] = missing(outside, "not published", "the dataset covers Ontario only", dataset)
    unknown = [site for site in frame.index if sums.loc[site, "scope"] == "unknown"]
    frame.loc[unknown] = missing(unknown, "not published", "the catchment's areas are not known", dataset)
    return frame


def facility_atoms(table: pd.DataFrame) -> pd.Series:
    """Return the atom that each facility or school lies in; "" when its place is not known."""
    inside = "hood140:" + table["hood140"]
    outside = ("csd:" + table["csd"]).where(table["csd"] != "", "")
    atom = outside.where(table["csd"] != TORONTO, inside.where(table["hood140"] != "", ""))
    return atom


def sum_over_sites(evidence: Evidence, by_atom: pd.DataFrame) -> pd.DataFrame:
    """Add columns over each site's atoms; an Ontario atom without a row has none (the lists are complete).

    ``scope`` says whether the site can be counted: ``Ontario``, ``none`` (outside), ``unknown`` (no areas).
    """
    ontario = evidence.catchments.geography.atoms["cd"].str.startswith("35")
    rows = {}
    for site in evidence.catchments.sites:
        mine = sorted(evidence.catchments.atoms[site])
        inside = bool(mine) and bool(ontario[mine].all())
        total = by_atom.reindex(mine).sum() if inside else pd.Series(np.nan, index=by_atom.columns)
        rows[site] = [*total, "Ontario" if inside else ("none" if mine else "unknown")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*by_atom.columns, "scope"]).rename_axis("site")


# -- health -----------------------------------------------------------------------------------------


def _ontario_finding(value: pd.Series, scope: pd.Series, grade: str, dataset: str, vintage: str) -> pd.DataFrame:
    frame = finding(value, vintage=vintage, grade=grade, sources=f"{dataset};population_2021")
    for kind, words in (
        ("none", "the dataset covers Ontario only"),
        ("unknown", "the catchment's areas are not known"),
    ):
        where = list(scope.index[scope == kind])
        frame.loc[where] = missing(where, "not published", words, dataset)
    return frame


def health_infrastructure(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Facilities per 10,000 residents by kind, completeness, evenness, distance and access."""
    dataset = "health_services"
    vintage = evidence.vintage(dataset)
    table = evidence.rows(dataset, "facilities").values
    atom = facility_atoms(table)
    unknown = sorted({kind for kinds in HEALTH_KINDS.values() for kind in kinds} - set(table["kind"]))
    if unknown:
        # A kind that is spelled otherwise in the table would count as none of it everywhere.
        raise InputError(f"data/raw/{dataset}/facilities.csv has no facility of kind {', '.join(unknown)}.")
    counts = pd.crosstab(atom, table["kind"]).drop(index="", errors="ignore").astype(float)
    sums = sum_over_sites(evidence, counts)
    scope = sums.pop("scope")
    sums = sums.astype(float)
    people = evidence.residents.sums["population_2021"].reindex(sums.index)

    def per_10000(kinds: Sequence[str]) -> pd.Series:
        return rates.rate(sums[list(kinds)].sum(axis=1, skipna=False), people, per=10000.0)

    found = {
        measure: _ontario_finding(per_10000(kinds), scope, "A", dataset, vintage)
        for measure, kinds in HEALTH_KINDS.items()
    }
    found["primary_care_per_10000"] = _ontario_finding(per_10000(PRIMARY_CARE), scope, "A", dataset, vintage)
    by_kind = pd.DataFrame(
        {measure: sums[list(kinds)].sum(axis=1, skipna=False) for measure, kinds in HEALTH_KINDS.items()}
    )
    for measure, function in (("health_kinds_present", health.kinds_present), ("health_evenness", health.evenness)):
        value = by_kind.apply(lambda row, f=function: np.nan if row.isna().any() else f(row.to_numpy()), axis=1)
        found[measure] = _ontario_finding(value, scope, "A", dataset, vintage)
    found |= _reach(evidence, table, scope, vintage)
    recent = recent_immigrants(evidence)["recent_immigrants_2021"].reindex(sums.index)
    centres = sums["community health centre"]
    # Published counts are multiples of 5: a lower bound of 0 stands for fewer than that.
    low_people = np.minimum(recent["low"].clip(lower=5.0), recent["value"])
    high_people = recent["high"]
    value = rates.rate(centres, recent["value"], per=1000.0)
    fitting = _ontario_finding(value, scope, "C", dataset, vintage)
    known = fitting["value"].notna()
    fitting.loc[known, "low"] = rates.rate(centres, high_people, per=1000.0)
    fitting.loc[known, "high"] = rates.rate(centres, low_people, per=1000.0)
    fitting["sources"] = f"{dataset};" + recent["sources"].where(recent["sources"] == PROFILE, "recent_immigrants_2021")
    found["health_centres_per_1000_recent"] = fitting
    return found


def _reach(evidence: Evidence, table: pd.DataFrame, scope: pd.Series, vintage: str) -> dict[str, pd.DataFrame]:
    """Population-weighted distance to, and floating-catchment access to, hospitals and primary care."""
    atoms = evidence.catchments.geography.atoms
    places = atoms[atoms["cd"].str.startswith("35") & atoms["latitude"].notna()]
    people = places["population"].fillna(0.0).to_numpy()
    decay = access.stepped(ACCESS_ZONES_KM, ACCESS_WEIGHTS)
    located = table[table["latitude"].notna() & table["longitude"].notna()]
    found = {}
    for distance_measure, access_measure, kinds in (
        ("distance_to_hospital_km", "hospital_access", ("hospital",)),
        ("distance_to_health_centre_km", None, ("community health centre",)),
        (None, "primary_care_access", PRIMARY_CARE),
    ):
        chosen = located[located["kind"].isin(kinds)]
        matrix = access.great_circle_km(
            places["latitude"], places["longitude"], chosen["latitude"], chosen["longitude"]
        )
        made: list[tuple[str, np.ndarray]] = []
        if distance_measure:
            made.append((distance_measure, access.nearest(matrix)))
        if access_measure:
            ratio = access.floating_catchment(matrix, np.ones(len(chosen)), people, decay)
            made.append((access_measure, 10000.0 * ratio))
        for measure, each in made:
            sums = _atom_sums(evidence, pd.Series(each, index=places.index).reindex(atoms.index))
            value = rates.rate(sums.sums["part"], sums.sums["whole"])
            found[measure] = _ontario_finding(value, scope, "C", "health_services", vintage)
            found[measure]["sources"] = "health_services;geography_2021"
    return found


def hospitals_everywhere(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Hospitals per 10,000 residents from the open database that also covers Calgary, Halifax and St. John's."""
    dataset = "health_facilities_odhf"
    table = evidence.rows(dataset, "facilities").values
    hospitals = table[table["kind"] == "Hospitals"]
    counts = facility_atoms(hospitals).value_counts().astype(float)
    rows = {
        site: float(counts.reindex(sorted(atoms)).sum()) if atoms else np.nan
        for site, atoms in evidence.catchments.atoms.items()
    }
    found = pd.Series(rows).rename_axis("site").sort_index()
    people = evidence.residents.sums["population_2021"].reindex(found.index)
    frame = finding(
        rates.rate(found, people, per=10000.0),
        vintage=evidence.vintage(dataset),
        grade=evidence.grade(dataset),
        sources=f"{dataset};population_2021",
    )
    unknown = list(found.index[found.isna()])
    frame.loc[unknown] = missing(unknown, "not published", "the catchment's areas are not known", dataset)
    return {"odhf_hospitals_per_10000": frame}


# -- all together -----------------------------------------------------------------------------------

STEPS: tuple[Callable[[Evidence], dict[str, pd.DataFrame]], ...] = (
    frame_measures,
    place_measures,
    immigrants_2006,
    first_generation,
    population_2021_profile,
    recent_immigrants,
    mother_tongues,
    schools,
    health_infrastructure,
    hospitals_everywhere,
)


def read_measures(root: Path) -> pd.DataFrame:
    """Return the declared measures, indexed by id, in the order of the table."""
    return read_design(root, "measures", MEASURES).set_index("measure")


def compute_measures(
    evidence: Evidence,
    progress: Callable[[str], None] | None = None,
    steps: Sequence[Callable[[Evidence], dict[str, pd.DataFrame]]] = STEPS,
) -> pd.DataFrame:
    """Return every measure of every site.

    Parameters
    ----------
    evidence : Evidence
        The project's tables.
    progress : callable, optional
        Called with a short text before each step.
    steps : sequence of callable
        What computes the measures; all of them are ``steps.ALL_STEPS``.

    Returns
    -------
    DataFrame
        One row a site and measure: site, measure, label, value, low, high, decimals, unit, universe,
        vintage, grade, covered, reason, detail, sources. ``low`` and ``high`` equal ``value`` where it is
        certain; all three are NaN where only the reason is known.

    Raises
    ------
    TableError
        If the code and ``measures.csv`` do not list the same measures.
    """
    declared = read_measures(evidence.root)
    found: dict[str, pd.DataFrame] = {}
    for step in steps:
        if progress:
            progress((step.__doc__ or "").split("\n")[0].rstrip("."))
        found |= step(evidence)
    shown = "data/design/measures.csv"
    problems = [
        Problem(shown, 0, "measure", f"no row {name}", "every measure that is computed", "Add the row.")
        for name in sorted(set(found) - set(declared.index))
    ]
    problems += [
        Problem(shown, 0, "measure", name, "only measures that are computed", "Remove the row or compute it.")
        for name in sorted(set(declared.index) - set(found))
    ]
    if problems:
        raise TableError(problems)
    parts = []
    for measure in declared.index:
        frame = found[measure].reindex(evidence.catchments.sites)
        decimals = int(declared.loc[measure, "decimals"])
        for column in ("value", "low", "high"):
            frame[column] = frame[column].round(decimals)
        frame["covered"] = frame["covered"].round(4)
        frame.insert(0, "measure", measure)
        frame.insert(1, "label", declared.loc[measure, "label"])
        frame.insert(5, "decimals", decimals)
        frame.insert(6, "unit", declared.loc[measure, "unit"])
        frame.insert(7, "universe", declared.loc[measure, "universe"])
        parts.append(frame.rename_axis("site").reset_index())
    order = {name: place for place, name in enumerate(declared.index)}
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(
        ["site", "measure"],
        key=lambda column: column.map(order) if column.name == "measure" else column,
        ignore_index=True,
    )


def compute_site_types(evidence: Evidence) -> pd.DataFrame:
    """Return each site's categories: settlement type, field study group, region, northern, scale.

    ``region`` is the economic region where most residents live; ``regions`` lists all of them. Northern:
    Northeast or Northwest of Ontario. Missing categories are empty (catchment not known).
    """
    catchments = evidence.catchments
    atoms = catchments.geography.atoms
    er_names = evidence.areas("geography_2021", "er").values["name"]
    urban = place_measures(evidence)
    declared = catchments.declared
    rows = []
    for site in catchments.sites:
        mine = sorted(catchments.atoms[site])
        people = atoms.loc[mine, "population"].fillna(0.0)
        total = float(people.sum())

        def part(mask: pd.Series, people: pd.Series = people, total: float = total) -> float:
            return 100.0 * float(people[mask.to_numpy()].sum()) / total if total else np.nan

        regions = people.groupby(atoms.loc[mine, "er"]).sum().sort_values(ascending=False, kind="stable")
        in_urban = min(urban["share_cma"].loc[site, "value"] + urban["share_ca"].loc[site, "value"], 100.0)
        own = declared[declared["site"] == site]
        whole = catchments.inside(site, "cd") if mine else []
        rows.append(
            {
                "site": site,
                "settlement_type": settlement.settlement_type(part(atoms.loc[mine, "csd"] == TORONTO), in_urban) or "",
                "field_study_group": settlement.field_study_group(
                    part(atoms.loc[mine, "er"] == TORONTO_REGION),
                    in_urban,
                    float(urban["remoteness_2021"].loc[site, "value"]),
                )
                or "",
                "region": place_name(er_names[regions.index[0]]) if mine else "",
                "regions": "; ".join(place_name(er_names[code]) for code in regions.index),
                "northern": "" if not mine else ("yes" if regions.index[0] in NORTHERN_REGIONS else "no"),
                "scale": settlement.geographic_scale(
                    list(own["level"]), len(catchments.touching(site, "cd")) if mine else 0, len(whole)
                )
                or "",
            }
        )
    return pd.DataFrame(rows)


def place_name(published: str) -> str:
    """Return a published place name as it is printed: an en dash where the file has two hyphens.

    >>> place_name("Windsor--Sarnia")
    'Windsor–Sarnia'
    """
    return published.replace("--", "–")


#: Economic regions of Statistics Canada: Toronto; Northeast and Northwest.
TORONTO_REGION = "3530"
NORTHERN_REGIONS = ("3590", "3595")
