"""Catchments: which published areas make up a site, and how area figures become site figures.

Every catchment and every published area is a set of *atoms*: census subdivisions, and inside the
City of Toronto the 140 neighbourhoods. An area counts for a site when all its atoms are the site's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lipresearch.errors import InputError, Problem, TableError
from lipresearch.sites import line_of, load_sites, read_design, unknown_ids
from lipresearch.sources import read_areas, read_raw
from lipresearch.tables import Column, Schema

#: The census subdivision that is split into neighbourhoods.
TORONTO = "3520005"

#: A figure must cover this share of a catchment's residents to stand for it (see ``to_sites``).
MINIMUM_COVERED = 0.8

CATCHMENTS = Schema(
    (
        Column("site", "id"),
        Column("level", "choice", choices=("cd", "csd", "hood140")),
        Column("area", "id"),
        Column("name"),
        Column("status", "choice", choices=("sourced", "inferred")),
        Column("source"),
        Column("note", required=False),
    ),
    ("site", "level", "area"),
)
OVERLAPS = Schema(
    (
        Column("site", "id"),
        Column("other", "id"),
        Column("relation", "choice", choices=("within", "partly")),
        Column("note", required=False),
    ),
    ("site", "other"),
)


@dataclass(frozen=True)
class Geography:
    """How published areas nest.

    Attributes
    ----------
    atoms : DataFrame
        Index: atom (``csd:3521005``, ``hood140:76``). Columns: name, csd, cd, er, cma, sactype,
        population (2021, residents), latitude, longitude (degrees).
    areas : dict
        ``{level: {area: frozenset of atoms}}`` for the levels cd, csd, cma, er, hood140, hood158, fed2013.
    """

    atoms: pd.DataFrame
    areas: Mapping[str, Mapping[str, frozenset[str]]]


def _nest(links: pd.DataFrame, area: str) -> dict[str, frozenset[str]]:
    grouped = links.groupby(area)["atom"]
    return {str(code): frozenset(group) for code, group in grouped if code != ""}


def load_geography(root: Path) -> Geography:
    """Return the atoms and the areas they make up, from the compiled GeoSuite, neighbourhood and riding tables."""
    csds = read_areas(root, "geography_2021", "csd").values
    csds = csds.assign(csd=csds.index, atom="csd:" + csds.index)
    hoods = read_areas(root, "toronto_hood_link", "hood140").values
    link = read_raw(root, "toronto_hood_link", "link").values
    # A 2021 neighbourhood belongs to the 2016 neighbourhood that holds most of it.
    main = link.sort_values(["hood158", "share_of_158", "hood140"], ascending=[True, False, True])
    main = main.drop_duplicates("hood158").set_index("hood158")["hood140"]
    counted = read_areas(root, "toronto_neighbourhoods_2021", "profile").values["population_households_2021"]
    residents = counted.groupby(main.reindex(counted.index)).sum()
    city = csds.loc[TORONTO]
    inside = pd.DataFrame(
        {
            "name": hoods["name"],
            "csd": TORONTO,
            "cd": city["cd"],
            "er": city["er"],
            "cma": city["cma"],
            "sactype": city["sactype"],
            "population": residents.reindex(hoods.index),
            "latitude": hoods["latitude"],
            "longitude": hoods["longitude"],
            "atom": "hood140:" + hoods.index,
            "hood140": hoods.index,
        }
    )
    outside = csds.drop(index=TORONTO).rename(columns={"population_2021": "population"}).assign(hood140="")
    atoms = pd.concat([outside[inside.columns], inside], ignore_index=True).sort_values("atom", ignore_index=True)
    # A subdivision outside the geography stays in its riding, so that the riding lies inside no catchment.
    ridings = read_raw(root, "recent_immigrants_2021", "link").values.merge(
        atoms[["csd", "atom"]], on="csd", how="left", validate="many_to_many"
    )
    ridings["atom"] = ridings["atom"].fillna("csd:" + ridings["csd"])
    areas = {
        "cd": _nest(atoms, "cd"),
        "csd": _nest(atoms, "csd"),
        "cma": _nest(atoms, "cma"),
        "er": _nest(atoms, "er"),
        "hood140": _nest(atoms, "hood140"),
        "hood158": {hood: frozenset({f"hood140:{parent}"}) for hood, parent in main.items()},
        "fed2013": _nest(ridings, "fed2013"),
    }
    return Geography(atoms.set_index("atom").drop(columns="hood140"), areas)


@dataclass(frozen=True)
class Catchments:
    """The areas of each site.

    Attributes
    ----------
    geography : Geography
    atoms : dict
        ``{site: frozenset of atoms}``; empty where a site's areas are not known.
    declared : DataFrame
        The rows of ``catchments.csv``.
    """

    geography: Geography
    atoms: Mapping[str, frozenset[str]]
    declared: pd.DataFrame

    @property
    def sites(self) -> list[str]:
        """Site ids, sorted."""
        return sorted(self.atoms)

    def residents(self, atoms: frozenset[str]) -> float:
        """Return the residents (2021) of a set of atoms."""
        return float(self.geography.atoms["population"].reindex(sorted(atoms)).sum())

    def level_of(self, site: str) -> str:
        """Return ``hood140`` for a site made of neighbourhoods (part of the City of Toronto), else ``csd``."""
        atoms = self.atoms[site]
        whole = self.geography.areas["csd"][TORONTO]
        return "hood140" if atoms and atoms < whole else "csd"

    def inside(self, site: str, level: str) -> list[str]:
        """Return the areas of a level that lie wholly inside a site's catchment."""
        mine = self.atoms[site]
        return [area for area, atoms in self.geography.areas[level].items() if atoms and atoms <= mine]

    def touching(self, site: str, level: str) -> list[str]:
        """Return the areas of a level that share at least one atom with a site's catchment."""
        mine = self.atoms[site]
        return [area for area, atoms in self.geography.areas[level].items() if atoms & mine]


def load_catchments(root: Path) -> Catchments:
    """Return every site's catchment as atoms, checked against the published lists of areas.

    Raises
    ------
    TableError
        If a row names an unknown site or area, if a site lists an area twice (as itself and inside
        another), or if the declared status of ``sites.csv`` disagrees with the rows.
    """
    geography = load_geography(root)
    sites = load_sites(root)
    declared = read_design(root, "catchments", CATCHMENTS)
    shown = "data/design/catchments.csv"
    problems = unknown_ids(declared, "site", set(sites.index), shown, "Add the site to sites.csv.")
    atoms: dict[str, set[str]] = {site: set() for site in sites.index}
    for place, row in enumerate(declared.itertuples()):
        line = line_of(declared, place)
        found = geography.areas[row.level].get(row.area)
        if not found:
            expected = f"a code of level {row.level}"
            problems.append(
                Problem(
                    shown,
                    line_of(declared, place),
                    "area",
                    repr(row.area),
                    expected,
                    "Look it up in data/raw/geography_2021.",
                )
            )
        elif row.site in atoms:
            twice = found & atoms[row.site]
            if twice:
                again = f"{row.area}, whose {sorted(twice)[0]} the site already has"
                problems.append(Problem(shown, line, "area", again, "each area once", "Remove one row."))
            atoms[row.site] |= found
    for site, status in sites["catchment_status"].items():
        if (status == "unknown") != (not atoms[site]):
            found_text = f"{site} is {status} with {len(atoms[site])} areas"
            problems.append(
                Problem("data/design/sites.csv", 0, "catchment_status", found_text, "unknown only without areas", "")
            )
    if problems:
        raise TableError(problems)
    return Catchments(geography, {site: frozenset(found) for site, found in atoms.items()}, declared)


def find_overlaps(catchments: Catchments) -> pd.DataFrame:
    """Return every pair of sites that share an atom: site, other, relation.

    ``within``: all of the site lies in the other (the smaller is named first; of equals, the first by id).
    ``partly``: they share some of each (first by id).
    """
    rows: list[tuple[str, str, str]] = []
    names = [site for site in catchments.sites if catchments.atoms[site]]
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            one, two = catchments.atoms[first], catchments.atoms[second]
            if one & two:
                if one <= two:
                    rows.append((first, second, "within"))
                elif two < one:
                    rows.append((second, first, "within"))
                else:
                    rows.append((first, second, "partly"))
    return pd.DataFrame(sorted(rows), columns=["site", "other", "relation"])


def load_overlaps(root: Path, catchments: Catchments) -> pd.DataFrame:
    """Return the declared overlaps, checked in both directions against the catchments.

    Raises
    ------
    TableError
        If an overlap is declared that the areas do not show, or the other way round.
    """
    declared = read_design(root, "overlaps", OVERLAPS)
    says = {(row.site, row.other, row.relation) for row in declared.itertuples()}
    is_so = {(row.site, row.other, row.relation) for row in find_overlaps(catchments).itertuples()}
    shown = "data/design/overlaps.csv"
    problems = [
        Problem(shown, 0, "", f"no row {','.join(row)}", "every overlap of the catchments", "Add the row.")
        for row in sorted(is_so - says)
    ]
    problems += [
        Problem(shown, 0, "", f"{','.join(row)}", "only overlaps of the catchments", "Correct or remove the row.")
        for row in sorted(says - is_so)
    ]
    if problems:
        raise TableError(problems)
    return declared


@dataclass(frozen=True)
class SiteSums:
    """Sums of area figures over catchments.

    Attributes
    ----------
    sums : DataFrame
        Index: site. Columns: the characteristics asked for; NaN where no area can be counted.
    covered : Series
        Share of the catchment's residents (2021) that live in the areas counted, 0 to 1.
    reason : Series
        One of the reasons of ``tables.REASONS`` where nothing was counted, else "".
    detail : Series
        The same in words a reader understands, else "".
    """

    sums: pd.DataFrame
    covered: pd.Series
    reason: pd.Series
    detail: pd.Series


def to_sites(
    values: pd.DataFrame,
    reasons: pd.DataFrame,
    level: str,
    catchments: Catchments,
    characteristics: Sequence[str],
    sites: Sequence[str] | None = None,
) -> SiteSums:
    """Add area counts over catchments; never an average of rates.

    An area is counted when it lies wholly inside the catchment and has every one of the
    characteristics, so that a rate of two sums has one universe.

    Parameters
    ----------
    values, reasons : DataFrame
        Area figures and why they are missing, indexed by area code of ``level``.
    level : str
        cd, csd, cma, hood140, hood158, fed2013.
    catchments : Catchments
    characteristics : sequence of str
        Additive columns of ``values``.
    sites : sequence of str, optional
        Default all.

    Returns
    -------
    SiteSums
        Undefined (missing with a reason, never 0) for an empty catchment and where no area counts.

    Raises
    ------
    InputError
        If a characteristic or the level is unknown, or a count is negative.
    """
    if level not in catchments.geography.areas:
        raise InputError(f"Unknown level {level!r}. There are: {', '.join(sorted(catchments.geography.areas))}.")
    absent = [name for name in characteristics if name not in values.columns]
    if absent:
        raise InputError(f"No column {', '.join(absent)} among {', '.join(values.columns)}.")
    names = list(characteristics)
    if (values[names] < 0).any(axis=None):
        raise InputError(f"A count is negative in {', '.join(names)}.")
    if not values.index.is_unique:
        raise InputError("An area stands twice in the table of area figures.")
    chosen = list(sites) if sites is not None else catchments.sites
    complete = values.index[values[names].notna().all(axis=1)]
    usable = set(complete)
    areas = catchments.geography.areas[level]
    population = catchments.geography.atoms["population"]
    sums: dict[str, list[float]] = {name: [] for name in names}
    covered: list[float] = []
    reason: list[str] = []
    detail: list[str] = []
    for site in chosen:
        atoms = catchments.atoms[site]
        inside = sorted(catchments.inside(site, level)) if atoms else []
        counted = [area for area in inside if area in usable]
        if not counted:
            for name in names:
                sums[name].append(float("nan"))
            covered.append(0.0)
            why, words = _why_nothing(atoms, inside, level, site, catchments, reasons, names)
            reason.append(why)
            detail.append(words)
            continue
        table = values.loc[counted, names]
        for name in names:
            sums[name].append(float(table[name].sum()))
        reached = frozenset().union(*(areas[area] for area in counted))
        here = float(population.reindex(sorted(atoms)).sum())
        there = float(population.reindex(sorted(reached)).sum())
        missing_people = here - there
        covered.append(1.0 if here == 0 or missing_people == 0 else there / here)
        reason.append("")
        detail.append("")
    index = pd.Index(chosen, name="site")
    return SiteSums(
        pd.DataFrame(sums, index=index),
        pd.Series(covered, index=index),
        pd.Series(reason, index=index, dtype=object),
        pd.Series(detail, index=index, dtype=object),
    )


def to_sites_over_levels(
    tables: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]],
    catchments: Catchments,
    characteristics: Sequence[str],
    sites: Sequence[str] | None = None,
    left_out: Mapping[str, Collection[tuple[str, str]]] | None = None,
) -> SiteSums:
    """Add area counts of several levels over catchments: the figure of the larger area, else those of its parts.

    An area is counted as in ``to_sites``, and only if no area that holds it, or a part of it, was counted before.

    Parameters
    ----------
    tables : mapping
        ``{level: (values, reasons)}``, the larger level first; each as in ``to_sites``.
    catchments : Catchments
    characteristics : sequence of str
        Additive columns that every table has.
    sites : sequence of str, optional
        Default all.
    left_out : mapping, optional
        ``{site: (level, area) pairs}`` that are not counted for that site.

    Returns
    -------
    SiteSums
        As ``to_sites``.

    Raises
    ------
    InputError
        If a characteristic or a level is unknown, or a count is negative.
    """
    names = list(characteristics)
    chosen = list(sites) if sites is not None else catchments.sites
    # What is checked of one table, and why a site has nothing in it.
    singly = [
        to_sites(values, reasons, level, catchments, names, chosen) for level, (values, reasons) in tables.items()
    ]
    usable = {level: values.loc[values[names].notna().all(axis=1), names] for level, (values, _) in tables.items()}
    population = catchments.geography.atoms["population"]
    sums, covered = singly[0].sums.copy(), singly[0].covered.copy()
    reason, detail = singly[0].reason.copy(), singly[0].detail.copy()
    for site in chosen:
        counted: frozenset[str] = frozenset()
        total = pd.Series(0.0, index=names)
        passed = (left_out or {}).get(site, ())
        for level, table in usable.items():
            areas = catchments.geography.areas[level]
            for area in sorted(catchments.inside(site, level)) if catchments.atoms[site] else []:
                if area in table.index and (level, area) not in passed and not areas[area] & counted:
                    counted |= areas[area]
                    total += table.loc[area]
        if not counted:
            # Withheld says more than absent.
            said = next((each for each in singly if each.reason[site] == "suppressed"), singly[0])
            sums.loc[site], covered[site] = float("nan"), 0.0
            reason[site], detail[site] = said.reason[site], said.detail[site]
            if passed and reason[site] != "suppressed":
                reason[site], detail[site] = "not published", "not published for the same territory"
            continue
        here = float(population.reindex(sorted(catchments.atoms[site])).sum())
        there = float(population.reindex(sorted(counted)).sum())
        sums.loc[site] = total
        covered[site] = 1.0 if here == 0 or here - there == 0 else there / here
        reason[site], detail[site] = "", ""
    return SiteSums(sums, covered, reason, detail)


def _why_nothing(
    atoms: frozenset[str],
    inside: list[str],
    level: str,
    site: str,
    catchments: Catchments,
    reasons: pd.DataFrame,
    names: list[str],
) -> tuple[str, str]:
    if not atoms:
        return "not published", "the catchment's areas are not known"
    known = [area for area in inside if area in reasons.index]
    given = sorted({why for name in names for why in reasons.loc[known, name] if why}) if known else []
    if given:
        return given[0], f"{given[0]} for the areas of the catchment"
    larger = [area for area in catchments.touching(site, level) if area in reasons.index]
    if larger:
        return "not published", "published only for larger areas"
    return "not published", "the dataset has no figure for these areas"
