"""Maps of sites, in the style of the figures: southern Ontario, insets, and the sites outside Ontario as tiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lipresearch import french, wording
from lipresearch.boundaries import Outlines
from lipresearch.designs import ATTRIBUTES, UNKNOWN
from lipresearch.errors import InputError
from lipresearch.plots import ATTRIBUTION, ATTRIBUTION_FR, STYLE, TYPES, wrap_text
from lipresearch.ranking import Ranking

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path
    from shapely.geometry.base import BaseGeometry

    Array = np.ndarray[Any, np.dtype[Any]]

#: One hue from low to high, told apart in grey print as well.
SHADES = ("#dbe9f6", "#a6cbe3", "#64a7d0", "#2a71ae", "#08306b")
LAND: Any = {"fc": "#f4f3f0", "ec": "#c9c9c4", "lw": 0.4}
MISSING: Any = {"fc": "#ffffff", "ec": "#8c8c8c", "hatch": "/////", "lw": 0.5}
OTHER: Any = {"fc": "#e4e3df", "ec": "#8c8c8c", "lw": 0.5}
#: Looks of the levels of a category other than the settlement type: colour (Okabe-Ito, and a brown) and marker. The
#: field study's groups have those of the types that they are made of.
LEVELS = (
    ("#56B4E9", "P"), ("#D55E00", "v"), ("#CC79A7", "X"), ("#F0E442", "d"), ("#7A4B1E", "p"), ("#B8A0D9", "*"),
)  # fmt: skip
#: Levels that say that there is nothing of the kind: grey, and the marker of each.
ABSENT = {"no": ".", "none": ".", "not applicable": "H"}
WIDTH = 11.0
DPI = 100
#: Units that count something, so that a larger place has more of it: drawn as marks, not as shades.
COUNTED = ("persons", "places", "institutions", "campuses", "sites", "square kilometres")
#: Area of the largest mark in points squared.
LARGEST = 620.0

BOUNDARY_NOTE = (
    "Boundaries: Statistics Canada 2021 and City of Toronto, simplified: for orientation, shores and cities are rough. "
    "Land outside Ontario's and the three tiles' census divisions is not drawn. A small mark stands in the middle of "
    "a site's area, not where its residents live."
)

BOUNDARY_NOTE_FR = (
    "Limites : Statistique Canada 2021 et Ville de Toronto, simplifiées : pour s'orienter, rives et villes sont "
    "approximatives. Les terres hors des divisions de recensement de l'Ontario et des trois vignettes ne sont pas "
    "dessinées. Une petite marque est au milieu de l'aire d'un site, non là où vivent ses habitants."
)
#: The fixed words of a map of a selection in French.
FRENCH: Mapping[str, str] = {
    "Parts of Toronto": "Secteurs de Toronto",
    "Golden Horseshoe": "Région du Golden Horseshoe",
    "Southern Ontario": "Sud de l'Ontario",
    "Northern Ontario": "Nord de l'Ontario",
    "Not on the map, because their areas or outlines are not known": (
        "Absents de la carte, faute d'aires ou de contours connus"
    ),
    "Not labelled for want of room": "Sans étiquette, faute de place",
    "alternate": "remplaçant",
    "another candidate": "autre candidat",
    "selected (in the colour of its type)": "choisi (couleur de son type)",
    "type not known": "type inconnu",
}


@dataclass(frozen=True)
class Panel:
    """A frame of the page: its title, what it shows (degrees: west, south, east, north) and its place (inches).

    ``parts`` says whether parts of Toronto lie on top of the city and are labelled here.
    """

    title: str
    extent: tuple[float, float, float, float]
    place: tuple[float, float, float, float]
    parts: bool = False

    def project(self, longitude: Array, latitude: Array) -> tuple[Array, Array]:
        """Return x and y of Lambert's conformal conic projection (sphere of radius 1), true at two parallels."""
        west, south, east, north = (math.radians(edge) for edge in self.extent)
        rise = math.log(math.tan(math.pi / 4 + north / 2) / math.tan(math.pi / 4 + south / 2))
        cone = math.log(math.cos(south) / math.cos(north)) / rise
        scale = math.cos(south) * math.tan(math.pi / 4 + south / 2) ** cone / cone
        radius = scale / np.tan(math.pi / 4 + np.radians(latitude) / 2) ** cone
        angle = cone * (np.radians(longitude) - (west + east) / 2)
        return radius * np.sin(angle), -radius * np.cos(angle)

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether a point lies in what the panel shows."""
        west, south, east, north = self.extent
        return west <= longitude <= east and south <= latitude <= north

    def near(self, shape: BaseGeometry) -> bool:
        """Whether a shape may reach into the frame, which shows somewhat more than the extent."""
        west, south, east, north = self.extent
        left, low, right, high = shape.bounds
        wide, tall = east - west, north - south
        return bool(left < east + wide and right > west - wide and low < north + tall and high > south - tall)


CITY = (-79.645, 43.575, -79.11, 43.86)
#: The first panel that holds a site's middle labels it; parts of Toronto only where ``parts`` is set.
PANELS = (
    Panel("Parts of Toronto", CITY, (7.35, 2.6, 3.45, 2.5), parts=True),
    Panel("Golden Horseshoe", (-80.3, 42.85, -78.5, 44.4), (7.35, 0.0, 3.45, 2.5)),
    Panel("Calgary", (-114.45, 50.78, -113.7, 51.28), (4.65, 5.2, 1.98, 2.0)),
    Panel("Halifax", (-64.4, 44.2, -62.0, 45.4), (6.735, 5.2, 1.98, 2.0)),
    Panel("St. John's", (-53.25, 47.2, -52.5, 47.8), (8.82, 5.2, 1.98, 2.0)),
    Panel("Southern Ontario", (-83.25, 41.7, -74.2, 45.95), (0.2, 0.0, 7.05, 5.1)),
    Panel("Northern Ontario", (-95.2, 45.3, -76.4, 56.9), (0.2, 5.2, 4.35, 3.45)),
)
BODY = 8.65
LEGEND_AT = (4.65, 7.32)
CITY_PANELS = (Panel("Parts of Toronto", CITY, (0.2, 0.0, 10.6, 6.6), parts=True),)
CITY_BODY = 7.3
CITY_LEGEND_AT = (0.2, 6.7)


@dataclass(frozen=True)
class Look:
    """How one site is drawn: its area, the mark in its middle, and its label (none if empty)."""

    area: Mapping[str, Any]
    mark: Mapping[str, Any] | None = None
    label: str = ""
    bold: bool = False
    #: Sites of a higher level are drawn over others.
    level: int = 0


@dataclass(frozen=True)
class Words:
    """The texts of a map."""

    title: str
    subtitle: str
    notes: tuple[str, ...] = ()
    more: str = ""
    language: str = "en"
    #: Size of the text, 1 as a rule; more where the map will be shown smaller than it is drawn.
    size: float = 1.0

    def say(self, english: str) -> str:
        """Return fixed words in the language."""
        return french.typeset(FRENCH.get(english, english)) if self.language == "fr" else english


# -- what the maps show ---------------------------------------------------------------------------


def map_measure(
    sites: pd.DataFrame,
    outlines: Outlines,
    values: pd.Series,
    label: str,
    unit: str = "",
    decimals: int = 1,
    vintage: str = "",
    how: str | None = None,
    absent: Mapping[str, str] | None = None,
) -> Figure:
    """Return a map of one number for every site, as shades of its area or as marks of that size.

    Shades are five classes with as many sites in each as ties allow; the area of a mark is in proportion to its
    value, and 0 has no mark. A site without a value is hatched, never pale.

    Parameters
    ----------
    sites : DataFrame
        Indexed by site, with ``name`` and ``settlement_type``; every one of them is on the map or named under it.
    outlines : Outlines
    values : Series
        Indexed by site; NaN where missing. Sites of ``sites`` that are not in it count as missing.
    label, unit, vintage : str
        What the number is, in what, and for when or whom.
    decimals : int
        Decimals in the labels.
    how : {"areas", "marks"}, optional
        Default: marks for counts (persons, places, ...), shades of the areas for everything else.
    absent : mapping, optional
        ``{site: what to write in place of the value}``; default "not published".

    Returns
    -------
    Figure
        Not attached to pyplot; description in ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no site has a value, a value is not a finite number, a site is unknown or stands twice, or marks are asked
        for negative numbers.
    """
    values = _checked(values, sites, label)
    known = values.dropna().sort_index()
    if how is None:
        how = "marks" if unit in COUNTED and (known >= 0).all() and known.max() > 0 else "areas"
    if how not in ("areas", "marks"):
        raise InputError(f"how is {how!r}; it must be 'areas' (shades) or 'marks' (sizes).")
    if how == "marks" and not known.max() > 0:
        raise InputError(f"{label} is 0 for every site: marks of that size cannot be seen. Use how='areas'.")
    if how == "marks" and (known < 0).any():
        raise InputError(f"{label} is negative for {_and(sites.loc[known.index[known < 0], 'name'])}: use how='areas'.")
    written = {
        site: wording.number(value, decimals) if not math.isnan(value) else (absent or {}).get(site, "not published")
        for site, value in values.items()
    }
    names = sites["name"]
    drawn = sites[sites.index.isin(list(outlines.sites))]
    if values.loc[drawn.index].isna().all():
        raise InputError(f"{label} has no value for any site whose areas are known: there is nothing to map.")
    looks, handles = (_shaded if how == "areas" else _sized)(drawn, values.loc[drawn.index], decimals)
    for site in looks:
        looks[site] = replace(looks[site], label=f"{names[site]}\n{written[site]}")
    amount = f" {unit}" if unit and len(unit) < 26 else ""
    top, low = known.index[known == known.max()], known.index[known == known.min()]
    title = f"{label}: highest in {_and(names[top])} ({written[top[0]]}{amount})"
    title += f", lowest in {_and(names[low])} ({written[low[0]]})" if known.max() > known.min() else ", as everywhere"
    lacking = len(values) - len(known)
    subtitle = f"{label}{f', {unit}' if unit else ''}{f' ({vintage})' if vintage else ''}, {_sites(len(known))}; "
    subtitle += "darker is more" if how == "areas" else "the area of a mark is in proportion to the number"
    subtitle += f"; {_sites(lacking)} without a value" if lacking else ""
    more = ", ".join(f"{names[site]} {written[site]}" for site in known.sort_values(ascending=False).index[:5])
    return _draw(outlines, sites, looks, Words(title, subtitle, more=f"Highest: {more}"), handles)


def map_selection(
    sites: pd.DataFrame,
    outlines: Outlines,
    selection: Sequence[str],
    alternates: Sequence[str] = (),
    title: str = "",
    language: str = "en",
    size: float = 1.0,
) -> Figure:
    """Return a map of a selection of sites: chosen ones full, alternates hollow, other candidates grey.

    Parameters
    ----------
    sites : DataFrame
        All candidates, indexed by site, with ``name``, ``settlement_type`` and ``regions``; in French ``name_fr`` too.
    outlines : Outlines
    selection, alternates : sequence of str
        Site ids.
    title : str
        The finding; default: how many sites of which types lie in how many economic regions.
    language : {"en", "fr"}
    size : float
        Of the text: 1 as a rule, more where the map will be shown smaller than it is drawn.

    Raises
    ------
    InputError
        If nothing is selected, a site is unknown or listed twice, or there is no such language.
    """
    if wording.check_language(language) == "fr":
        sites = sites.assign(name=sites["name_fr"])
    say = Words("", "", language=language).say
    chosen, spare = _ids(selection, "selection"), _ids(alternates, "alternates")
    _known_sites([*chosen, *spare], sites)
    if not chosen:
        raise InputError("No site is selected: there is nothing to map. Give at least one site id.")
    twice = sorted({site for site in [*chosen, *spare] if [*chosen, *spare].count(site) > 1})
    if twice:
        raise InputError(f"Listed twice: {', '.join(twice)}. A site is selected or an alternate, once.")
    looks: dict[str, Look] = {}
    for site in sites.index:
        colour, marker = TYPES[sites.loc[site, "settlement_type"]]
        name = sites.loc[site, "name"]
        if site in chosen:
            mark = {"marker": marker, "s": 62, "fc": colour, "ec": "black", "lw": 0.9}
            looks[site] = Look({"fc": colour, "ec": "#222222", "lw": 0.9}, mark, name, bold=True, level=2)
        elif site in spare:
            mark = {"marker": marker, "s": 48, "fc": "white", "ec": "black", "lw": 1.1}
            area = {"fc": "#ffffff", "ec": colour, "hatch": "....", "lw": 1.0}
            looks[site] = Look(area, mark, f"{name}\n({say('alternate')})", level=1)
        else:
            looks[site] = Look(OTHER)
    kinds = sites.loc[chosen, "settlement_type"]
    regions = {
        region
        for cell in sites.loc[chosen, "regions"]
        for region in str(cell).split("; ")
        if region and region != "nan"
    }
    told = (_selection_in_french if language == "fr" else _selection_in_english)(
        sites, chosen, spare, kinds, len(regions)
    )
    words = replace(told, title=title or told.title, language=language, size=size)
    handles = [_patch_handle({"fc": "#777777", "ec": "#222222"}, say("selected (in the colour of its type)"))]
    handles += [_patch_handle({"fc": "#ffffff", "ec": "#777777", "hatch": "...."}, say("alternate"))] if spare else []
    handles += [_patch_handle(OTHER, say("another candidate"))] if len(sites) > len(chosen) + len(spare) else []
    handles += _type_handles(sites.loc[[*chosen, *spare]], language=language)
    return _draw(outlines, sites, looks, words, handles)


def _selection_in_english(
    sites: pd.DataFrame, chosen: list[str], spare: list[str], kinds: pd.Series, regions: int
) -> Words:
    title = f"{_sites(len(chosen)).capitalize()}, {_kinds(kinds)}, in {regions} economic "
    title += f"region{'' if regions == 1 else 's'}"
    subtitle = f"{_sites(len(chosen))} selected (full colour, bold)"
    subtitle += f", {len(spare)} alternate{'' if len(spare) == 1 else 's'} (dotted, hollow mark)" if spare else ""
    subtitle += f", of {len(sites)} candidates (grey)"
    more = f"Selected: {_and(sites.loc[chosen, 'name'])}"
    more += f". Alternates: {_and(sites.loc[spare, 'name'])}" if spare else ""
    return Words(title, subtitle, more=more)


def _selection_in_french(
    sites: pd.DataFrame, chosen: list[str], spare: list[str], kinds: pd.Series, regions: int
) -> Words:
    def counted(number: int, noun: str) -> str:
        return f"{number} {noun}{'s' if number > 1 else ''}"

    words = {"Toronto": "à Toronto", "urban": ("urbain", "urbains"), "rural": ("rural", "ruraux")}
    parts = []
    for kind, word in words.items():
        number = int((kinds == kind).sum())
        if number:
            parts.append(f"{number} {word if isinstance(word, str) else word[number > 1]}")
    listed = " et ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]])) or "de type inconnu"
    title = f"{counted(len(chosen), 'site')}, {listed}, dans "
    title += f"{counted(regions, 'région')} économique{'s' if regions > 1 else ''}"
    subtitle = f"{counted(len(chosen), 'site')} choisi{'s' if len(chosen) > 1 else ''} (pleine couleur, gras)"
    subtitle += f", {counted(len(spare), 'remplaçant')} (pointillé, marque creuse)" if spare else ""
    subtitle += f", parmi {len(sites)} candidats (gris)"
    more = f"Choisis : {', '.join(sites.loc[chosen, 'name'])}"
    more += f". Remplaçants : {', '.join(sites.loc[spare, 'name'])}" if spare else ""
    return Words(title, french.typeset(subtitle), more=french.typeset(more))


def map_ranking(ranking: Ranking, sites: pd.DataFrame, outlines: Outlines, top: int = 6) -> Figure:
    """Return a map of a ranking: shades for the scores, labels with the rank of the first sites.

    Parameters
    ----------
    ranking : Ranking
    sites : DataFrame
        Indexed by site, with ``name`` and ``settlement_type``; only those of the ranking are drawn.
    outlines : Outlines
    top : int
        Ranks to label, from 1; sites that share the last one are all labelled.

    Raises
    ------
    InputError
        If no site is ranked or ``top`` is not a whole number from 1.
    """
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise InputError(f"top is {top!r}; it must be a whole number from 1.")
    table = ranking.ranked.set_index("site")
    if table.empty:
        raise InputError("No site is ranked: there is nothing to draw. See ranking.unranked.")
    candidates = list(ranking.table["site"])
    _known_sites(candidates, sites)
    mine = sites.loc[candidates]
    first = table[table["rank"] <= top]
    looks, handles = _shaded(mine, table["score"].reindex(candidates), 2, "not ranked")
    for site, row in first.iterrows():
        # The rank stands first, so that a label reads as a line of the table of ranks does.
        looks[str(site)] = replace(looks[str(site)], label=f"{row['rank']}  {row['name']}", bold=True)
    cluster = ranking.cluster
    topic = f"{cluster.title[0].lower()}{cluster.title[1:]}"
    leads = "The first site" if len(first) == 1 else f"The first {len(first)} sites"
    title = f"{leads} for {topic}: {_kinds(mine.loc[first.index, 'settlement_type'])}"
    unranked = len(candidates) - len(table)
    subtitle = f"Score from 0 to 1 of {_sites(len(table))} ({cluster.perspective_label}); darker is higher; the rank "
    subtitle += "before a name can differ as far as missing evidence allows"
    subtitle += f"; {_sites(unranked)} not ranked" if unranked else ""
    more = ", ".join(f"{row['rank']} {row['name']} {wording.number(row['score'], 2)}" for _, row in first.iterrows())
    notes = (f"Weights: {cluster.weight_basis}",)
    return _draw(outlines, mine, looks, Words(title, subtitle, notes, f"First: {more}"), handles)


def map_types(sites: pd.DataFrame, outlines: Outlines, attribute: str = "settlement_type") -> Figure:
    """Return a map of a category of the sites: a colour and a shape for each of its levels, every site labelled.

    Settlement types and the field study's groups have their fixed colours and shapes; levels that say that there is
    nothing of the kind (no, none, not applicable) are grey, and a level that is not known is hatched.

    Parameters
    ----------
    sites : DataFrame
        Indexed by site, with ``name``, ``settlement_type`` and the attribute.
    outlines : Outlines
    attribute : str
        A category of ``lipresearch.designs.ATTRIBUTES``: settlement_type, orientation, city_tier, ...

    Raises
    ------
    InputError
        If there is no such category, no site's level is known, or there are more levels than a map can tell apart.
    """
    if attribute not in ATTRIBUTES:
        raise InputError(f"There is no category {attribute!r} of sites. There are: {', '.join(ATTRIBUTES)}.")
    name, declared = ATTRIBUTES[attribute]
    values = sites[attribute].where(~sites[attribute].isin(UNKNOWN), "")
    there = set(values) - {""}
    levels = [level for level in declared if level in there] + sorted(there - set(declared))
    if not levels:
        raise InputError(f"The {name} of none of these sites is known: there is nothing to map.")
    coloured = [level for level in levels if level not in ABSENT]
    if len(coloured) > len(LEVELS):
        raise InputError(
            f"The sites have {len(coloured)} different values of {name}, more than the {len(LEVELS)} that a map can "
            "tell apart. Read them in a table: load_sites()."
        )
    fixed = {
        "settlement_type": {kind: look for kind, look in TYPES.items() if kind},
        "field_study_group": dict(zip(declared, TYPES.values(), strict=False)),
    }
    palette = fixed.get(attribute) or dict(zip(coloured, LEVELS, strict=False))
    areas = {level: {"fc": palette[level][0], "ec": "#222222", "lw": 0.6} for level in coloured}
    marks = {
        level: {"marker": palette[level][1], "s": 48, "fc": palette[level][0], "ec": "black", "lw": 0.8}
        for level in coloured
    }
    for level in set(levels) & set(ABSENT):
        areas[level], marks[level] = (
            OTHER,
            {"marker": ABSENT[level], "s": 40, "fc": "white", "ec": "#444444", "lw": 1.1},
        )
    areas[""], marks[""] = MISSING, {"marker": TYPES[""][1], "s": 30, "fc": "#ffffff", "ec": "#666666", "lw": 1.2}
    looks = {site: Look(areas[level], marks[level], sites.loc[site, "name"]) for site, level in values.items()}
    counts = values.value_counts()
    found = [f"{counts[level]} {level}" for level in levels]
    found += [f"{counts['']} not known"] if "" in counts else []
    subtitle = "Rules and thresholds: docs/method.md; a shape stands for the same thing as its colour"
    more = "; ".join(f"{level}: {', '.join(sites.loc[values.index[values == level], 'name'])}" for level in levels)
    title = f"{name[0].upper()}{name[1:]} of {_sites(len(values))}: {_and(found)}"
    located = values[values.index.isin(list(outlines.sites))]
    handles = [
        _mark_handle(marks[level], f"{level or 'not known'} ({_sites(int((located == level).sum()))})")
        for level in [*levels, ""]
        if (located == level).any()
    ]
    return _draw(outlines, sites, looks, Words(title, subtitle, more=more), handles)


def _mark_handle(mark: Mapping[str, Any], label: str) -> Artist:
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], ls="none", marker=mark["marker"], ms=math.sqrt(mark["s"]), mfc=mark["fc"], mec=mark["ec"],
        mew=mark["lw"], label=label,
    )  # fmt: skip


def _checked(values: pd.Series, sites: pd.DataFrame, label: str) -> pd.Series:
    if not values.index.is_unique:
        twice = sorted(set(values.index[values.index.duplicated()]))
        raise InputError(f"{label} has two values for {', '.join(map(str, twice))}. Give one for each site.")
    _known_sites(list(values.index), sites)
    found = pd.to_numeric(values, errors="coerce").astype(float)
    wrong = [str(site) for site in values.index if (pd.isna(found[site]) and not pd.isna(values[site]))]
    wrong += [str(site) for site in found.index[np.isinf(found)]]
    if wrong:
        raise InputError(
            f"{label} is not a finite number for {', '.join(sorted(wrong)[:5])}. Leave it missing instead."
        )
    if found.notna().sum() == 0:
        raise InputError(f"No site has a value of {label}: there is nothing to map.")
    return found.reindex(sites.index)


def _ids(given: Sequence[str], what: str) -> list[str]:
    if isinstance(given, str):
        raise InputError(f"{what} is the text {given!r}; give a list of site ids: [{given!r}].")
    return [str(site) for site in given]


def _known_sites(given: Sequence[Any], sites: pd.DataFrame) -> None:
    unknown = sorted({str(site) for site in given if site not in sites.index})
    if unknown:
        raise InputError(f"Not a site of this roster: {', '.join(unknown[:5])}. See load_sites() for the ids.")


def _sites(number: int) -> str:
    return "one site" if number == 1 else f"{number} sites"


def _and(names: Iterable[str]) -> str:
    """Return names as a list in words; of more than three, how many there are.

    >>> _and(["a", "b", "c"]), _and(["a"]), _and("abcd")
    ('a, b and c', 'a', '4 sites')
    """
    found = list(names)
    if len(found) > 3 and all(len(name) < 2 for name in found):
        return f"{len(found)} sites"
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _kinds(kinds: pd.Series) -> str:
    counts = [(int((kinds == kind).sum()), kind) for kind in TYPES if kind]
    words = [f"{number} {'in Toronto' if kind == 'Toronto' else kind}" for number, kind in counts if number]
    return _and(words) if words else "of unknown type"


# -- shades, marks and legends --------------------------------------------------------------------


def classes(values: pd.Series, number: int = len(SHADES)) -> pd.Series:
    """Return the class of each value, from 0: as many values in each as ties allow, equal values in one class.

    >>> classes(pd.Series([1.0, 2.0, 3.0, 4.0, 5.0, float("nan")]), 5).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, nan]
    >>> classes(pd.Series([0.0, 0.0, 0.0, 7.0]), 2).tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    known = values.dropna()
    distinct = sorted(set(known))
    if len(distinct) <= number:
        place = {value: float(at) for at, value in enumerate(distinct)}
        return values.map(place)
    share = known.rank(method="average") / len(known)
    found = np.ceil(share * number - 1e-9) - 1
    order = {value: float(at) for at, value in enumerate(sorted(set(found)))}
    return found.map(order).reindex(values.index)


def _shaded(
    sites: pd.DataFrame, values: pd.Series, decimals: int, lacking: str = "no value"
) -> tuple[dict[str, Look], list[Artist]]:
    found = classes(values)
    used = int(found.max()) + 1
    # Few classes still reach from pale to dark.
    shades = [SHADES[round(at * (len(SHADES) - 1) / max(used - 1, 1))] if used > 1 else SHADES[2] for at in range(used)]
    # A border must be seen between neighbours of one class, and against paper.
    areas = [{"fc": shade, "ec": "#ffffff" if shade in SHADES[3:] else "#4d4d4d", "lw": 0.6} for shade in shades]
    looks = {
        site: Look(area, _type_mark(sites.loc[site, "settlement_type"], str(area["fc"])))
        for site, area in ((site, MISSING if math.isnan(at) else areas[int(at)]) for site, at in found.items())
    }
    handles: list[Artist] = []
    for at in reversed(range(used)):
        inside = values[found == at]
        text = f"{_range(inside, decimals)} ({_sites(len(inside))})"
        handles.append(_patch_handle({**areas[at], "ec": "#4d4d4d"}, text))
    if values.isna().any():
        handles.append(_patch_handle(MISSING, f"{lacking} ({_sites(int(values.isna().sum()))})"))
    return looks, handles + _type_handles(sites, hollow=True)


def _range(values: pd.Series, decimals: int) -> str:
    low, high = wording.number(values.min(), decimals), wording.number(values.max(), decimals)
    return low if low == high else f"{low} to {high}"


def _sized(sites: pd.DataFrame, values: pd.Series, decimals: int) -> tuple[dict[str, Look], list[Artist]]:
    from matplotlib.lines import Line2D

    largest = float(values.max()) or 1.0
    looks = {}
    for site in sites.index:
        colour, marker = TYPES[sites.loc[site, "settlement_type"]]
        value = values[site]
        if math.isnan(value):
            looks[site] = Look(MISSING, _type_mark(sites.loc[site, "settlement_type"]))
            continue
        mark = {"marker": marker, "s": LARGEST * value / largest, "fc": colour, "ec": "black", "lw": 0.6, "alpha": 0.85}
        looks[site] = Look(OTHER, mark)
    handles: list[Artist] = []
    for amount in _round_numbers(largest):
        size = math.sqrt(LARGEST * amount / largest)
        text = wording.number(amount, decimals if amount < 10 else 0)
        handles.append(Line2D([], [], ls="none", marker="o", ms=size, mfc="white", mec="black", label=text))
    if values.isna().any():
        handles.append(_patch_handle(MISSING, f"no value ({_sites(int(values.isna().sum()))})"))
    return looks, handles + _type_handles(sites)


def _round_numbers(largest: float) -> list[float]:
    """Return three round numbers up to the largest value, for the legend of marks.

    >>> _round_numbers(2794356.0)
    [2000000.0, 500000.0, 100000.0]
    """
    power = 10.0 ** math.floor(math.log10(largest))
    first = max(step for step in (1, 2, 5) if step * power <= largest)
    return [first * power, first * power / 4, first * power / 20]


def _type_mark(kind: str, fill: str = "#ffffff") -> dict[str, Any]:
    """Return a mark whose shape and edge tell the type; its fill shows the shade where the area is too small to."""
    colour, marker = TYPES[kind]
    return {"marker": marker, "s": 30, "fc": fill, "ec": colour, "lw": 1.7}


def _type_handles(sites: pd.DataFrame, hollow: bool = False, language: str = "en") -> list[Artist]:
    from matplotlib.lines import Line2D

    def named(kind: str) -> str:
        if not kind:
            return Words("", "", language=language).say("type not known")
        return french.level(kind, "settlement_type") if language == "fr" else kind

    look: Any = {"ls": "none", "ms": 6.5, "mew": 1.7 if hollow else 0.6}
    return [
        Line2D(
            [], [], marker=marker, label=named(kind), **look,
            mfc="white" if hollow else colour, mec=colour if hollow else "black",
        )
        for kind, (colour, marker) in TYPES.items()
        if (sites["settlement_type"] == kind).any()
    ]  # fmt: skip


def _patch_handle(area: Mapping[str, Any], label: str) -> Artist:
    from matplotlib.patches import Patch

    return Patch(**area, label=label)


# -- the page -------------------------------------------------------------------------------------


def _draw(
    outlines: Outlines, sites: pd.DataFrame, looks: Mapping[str, Look], words: Words, handles: list[Artist]
) -> Figure:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas
    from matplotlib.lines import Line2D

    located = [site for site in sites.index if site in outlines.sites]
    lost = [sites.loc[site, "name"] for site in sites.index if site not in outlines.sites]
    if not located:
        raise InputError("The areas or outlines of none of these sites are known: there is nothing to map.")
    middles = {site: _middle(outlines.sites[site]) for site in located}
    only_city = all(site in outlines.parts for site in located)
    panels, body, legend_at = (CITY_PANELS, CITY_BODY, CITY_LEGEND_AT) if only_city else (PANELS, BODY, LEGEND_AT)
    home = {site: _home(panels, *middles[site], site in outlines.parts) for site in located}
    lost += [sites.loc[site, "name"] for site in located if home[site] is None]
    notes = (
        [f"{words.say('Not on the map, because their areas or outlines are not known')}: {', '.join(sorted(lost))}."]
        if lost
        else []
    )
    size = words.size
    last = (
        [french.typeset(BOUNDARY_NOTE_FR), ATTRIBUTION_FR] if words.language == "fr" else [BOUNDARY_NOTE, ATTRIBUTION]
    )

    def wrapped(texts: Iterable[str], points: float, weight: str = "normal") -> list[str]:
        return [line for text in texts for line in wrap_text(text, points * size, 0.964 * WIDTH, weight)]

    with matplotlib.rc_context(STYLE):
        heading = wrapped([words.title], 13, "bold")
        under = wrapped([words.subtitle], 9.5)
        head = 0.02 + size * (0.24 + 0.24 * len(heading) + 0.17 * len(under))
        # Which labels found no room is known only after the panels; the page leaves a line for them.
        foot_lines = len(wrapped([*notes, *words.notes, *last], 7.5))
        height = head + body + 0.25 + 0.15 * size * (foot_lines + 1)
        figure = Canvas(figsize=(WIDTH, height), dpi=DPI)
        FigureCanvasAgg(figure)
        at = 1 - 0.14 / height
        figure.text(0.018, at, "\n".join(heading), va="top", fontsize=13 * size, fontweight="bold", linespacing=1.2)
        at -= (0.24 * size * len(heading) + 0.02) / height
        figure.text(0.018, at, "\n".join(under), va="top", fontsize=9.5 * size, color="#444444", linespacing=1.25)
        unlabelled = []
        for panel in panels:
            left, top, wide, high = panel.place
            axes = figure.add_axes((left / WIDTH, 1 - (head + top + high) / height, wide / WIDTH, high / height))
            _frame(axes, panel)
            _areas(axes, panel, outlines, located, looks)
            mine = [site for site in located if home[site] is panel]
            unlabelled += _marks_and_labels(
                axes, panel, outlines, {site: (middles[site], looks[site]) for site in mine}, words
            )
        if unlabelled:
            notes.append(
                f"{words.say('Not labelled for want of room')}: {', '.join(sites.loc[sorted(unlabelled), 'name'])}."
            )
        # The largest mark of a legend must not reach into the next row.
        tallest = max((item.get_markersize() for item in handles if isinstance(item, Line2D)), default=0.0)
        spacing = 0.8 + max(0.0, tallest - 10) / 8.5
        figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(legend_at[0] / WIDTH, 1 - (head + legend_at[1]) / height),
            ncols=3 if not only_city else 5,
            frameon=False,
            fontsize=8.5 * min(size, 1.2),
            handletextpad=0.6,
            columnspacing=1.6,
            labelspacing=spacing,
            borderaxespad=0.0,
        )
        foot = wrapped([*notes, *words.notes, *last], 7.5)
        figure.text(
            0.018, 0.08 / height, "\n".join(foot), va="bottom", fontsize=7.5 * size, color="#555555", linespacing=1.25
        )
        figure.set_gid(
            ". ".join([words.title, words.subtitle, words.more, *(note.rstrip(".") for note in notes)]) + "."
        )
    return figure


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    """Return the centre of the largest circle that fits into an outline (degrees)."""
    import shapely

    squeeze = math.cos(math.radians(shape.centroid.y))
    flat = shapely.transform(shape, lambda points: points * [squeeze, 1.0])
    centre = shapely.get_point(shapely.maximum_inscribed_circle(flat, tolerance=0.001), 0)
    return float(centre.x) / squeeze, float(centre.y)


def _home(panels: Sequence[Panel], longitude: float, latitude: float, part: bool) -> Panel | None:
    for panel in panels:
        if panel.parts == part and panel.holds(longitude, latitude):
            return panel
    return None


def _frame(axes: Axes, panel: Panel) -> None:
    """Set the limits so that the panel's extent fits, and north is up in its middle."""
    west, south, east, north = panel.extent
    edges = np.linspace(0, 1, 21)
    across, up = west + edges * (east - west), south + edges * (north - south)
    x, y = panel.project(
        np.concatenate([across, across, np.full(21, west), np.full(21, east)]),
        np.concatenate([np.full(21, south), np.full(21, north), up, up]),
    )
    wide, high = panel.place[2:]
    scale = max((x.max() - x.min()) / wide, (y.max() - y.min()) / high)
    middle = (x.max() + x.min()) / 2, (y.max() + y.min()) / 2
    axes.set_xlim(middle[0] - scale * wide / 2, middle[0] + scale * wide / 2)
    axes.set_ylim(middle[1] - scale * high / 2, middle[1] + scale * high / 2)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set(visible=True, color="#999999", linewidth=0.6)
    axes.set_label(panel.title)


def _areas(axes: Axes, panel: Panel, outlines: Outlines, located: list[str], looks: Mapping[str, Look]) -> None:
    _ground(axes, panel, outlines.divisions)
    if panel.parts:
        _ground(axes, panel, outlines.hoods)

    from matplotlib.patches import PathPatch

    def order(site: str) -> tuple[int, bool, float, str]:
        # Elsewhere the whole city hides its parts; in the panel of the parts the smaller lies on the larger.
        hidden_last = not panel.parts and site not in outlines.parts
        return looks[site].level, hidden_last, -float(outlines.sites[site].area), site

    for place, site in enumerate(sorted(located, key=order)):
        if not panel.near(outlines.sites[site]):
            continue
        path = _path(outlines.sites[site], panel)
        patch = PathPatch(path, **looks[site].area, zorder=2 + place / 1000)
        patch.set_gid(f"area:{site}")
        axes.add_artist(patch)


def _ground(axes: Axes, panel: Panel, areas: Mapping[str, BaseGeometry]) -> None:
    from matplotlib.collections import PathCollection

    paths = [_path(area, panel) for area in areas.values() if panel.near(area)]
    axes.add_collection(PathCollection(paths, **LAND, zorder=1), autolim=False)


def _path(shape: BaseGeometry, panel: Panel) -> Path:
    import shapely
    from matplotlib.path import Path
    from shapely.geometry.polygon import orient

    paths = []
    for part in shapely.get_parts(shape):
        outward = orient(part)
        for ring in (outward.exterior, *outward.interiors):
            points = np.asarray(ring.coords)
            paths.append(Path(np.column_stack(panel.project(points[:, 0], points[:, 1])), closed=True))
    return Path.make_compound_path(*paths)


# -- labels ---------------------------------------------------------------------------------------


def _marks_and_labels(
    axes: Axes, panel: Panel, outlines: Outlines, mine: Mapping[str, tuple[tuple[float, float], Look]], words: Words
) -> list[str]:
    """Draw the marks and labels of a panel's own sites; return the sites whose label found no room."""
    from matplotlib.patheffects import Normal, withStroke

    figure = axes.get_figure()
    renderer = figure.canvas.get_renderer()  # type: ignore[union-attr]
    glow = [withStroke(linewidth=2.6, foreground="white")]
    paper = {"fc": "white", "ec": "none", "alpha": 0.88, "pad": 1.2}
    heading = axes.annotate(
        words.say(panel.title), (0, 1), xytext=(3, -3), xycoords="axes fraction", textcoords="offset points", va="top",
        fontsize=9 * words.size, fontweight="bold", color="#333333", bbox=paper, zorder=9,
    )  # fmt: skip
    frame = axes.get_window_extent()
    box = (frame.x0 + 3.0, frame.y0 + 3.0, frame.x1 - 3.0, frame.y1 - 3.0)
    points, radii = {}, {}
    for site, (middle, look) in sorted(mine.items(), key=lambda item: -(item[1][1].mark or {"s": 0})["s"]):
        x, y = panel.project(np.array([middle[0]]), np.array([middle[1]]))
        points[site] = axes.transData.transform((float(x[0]), float(y[0])))
        radii[site] = 0.0
        if look.mark is not None and look.mark["s"] > 0:
            scatter = axes.scatter(x, y, **look.mark, zorder=6, path_effects=[*glow, Normal()])
            scatter.set_gid(f"mark:{site}")
            radii[site] = math.sqrt(look.mark["s"]) / 2 * DPI / 72 + 1.5
    named = [site for site in mine if mine[site][1].label]
    if not named:
        return []
    texts = {}
    for site in named:
        look = mine[site][1]
        texts[site] = axes.text(
            0, 0, look.label, fontsize=7.6 * words.size, fontweight="bold" if look.bold else "normal",
            linespacing=1.05, ha="left", va="bottom", bbox=paper, zorder=8, gid=f"label:{site}",
        )  # fmt: skip
    sizes = {site: texts[site].get_window_extent(renderer) for site in named}
    shared = heading.get_window_extent(renderer)
    found = place_labels(
        np.array([points[site] for site in named]),
        np.array([[sizes[site].width + 4, sizes[site].height + 3] for site in named]),
        box,
        np.array([[shared.x0, shared.y0, shared.x1, shared.y1]]),
        np.array([[*points[site], radii[site]] for site in mine]),
        _land(axes, panel, outlines, box),
    )
    back = axes.transData.inverted()
    without = []
    for site, place in zip(named, found, strict=True):
        if place is None:
            texts[site].remove()
            without.append(site)
            continue
        texts[site].set_position(tuple(back.transform((place[0] + 2, place[1] + 1.5))))
        end = _nearest(
            np.array([[*place, place[0] + sizes[site].width + 4, place[1] + sizes[site].height + 3]]), points[site]
        )
        length = math.dist(points[site], end[0])
        if length > radii[site] + 3:
            start = points[site] + (end[0] - points[site]) * radii[site] / length
            ends = back.transform(np.vstack([start, end]))
            axes.plot(
                ends[:, 0], ends[:, 1], color="#222222", lw=0.7, zorder=5, gid=f"leader:{site}", path_effects=glow
            )
    return without


#: Pixels between the places that are tried for a label.
STEP = 5


def _land(axes: Axes, panel: Panel, outlines: Outlines, box: tuple[float, float, float, float]) -> Array:
    """Return which points of the grid of places lie on drawn land: rows from below, columns from the left."""
    import shapely

    land = shapely.union_all(list((outlines.hoods if panel.parts else outlines.divisions).values()))

    def on_page(degrees: Array) -> Array:
        return np.asarray(axes.transData.transform(np.column_stack(panel.project(degrees[:, 0], degrees[:, 1]))))

    flat = shapely.buffer(shapely.transform(land, on_page), 0)
    shapely.prepare(flat)
    x, y = np.meshgrid(np.arange(box[0], box[2], STEP), np.arange(box[1], box[3], STEP))
    return np.asarray(shapely.contains_xy(flat, x, y))


def place_labels(
    points: Array,
    sizes: Array,
    box: tuple[float, float, float, float],
    taken: Array,
    marks: Array,
    land: Array,
) -> list[tuple[float, float] | None]:
    """Return the lower left corner for each label: near its point, off the land, touching and crossing nothing.

    Labels are placed one after the other, the most crowded first, then each again while the others stay, so that the
    result hangs on nothing but the input. All lengths are in pixels.

    Parameters
    ----------
    points : array (n, 2)
        What each label names.
    sizes : array (n, 2)
        Width and height of each label.
    box : tuple
        Left, lower, right and upper edge that no label may leave.
    taken : array (m, 4)
        Boxes that no label may touch.
    marks : array (k, 3)
        Centres and radii of marks that no label may touch.
    land : array (rows, columns) of bool
        Where labels are better not placed, every ``STEP`` pixels from the lower left corner of the box.

    Returns
    -------
    list
        None for a label that found no place.
    """
    apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    crowd = np.sort(apart, axis=1)[:, :3].sum(axis=1) if len(points) > 3 else np.zeros(len(points))
    order = sorted(range(len(points)), key=lambda number: (crowd[number], number))
    places: dict[int, Array] = {}
    for turn in range(4):
        if 0 < turn < 3 and len(places) < len(order):
            # What found no room begins; the others make way.
            order = sorted(order, key=lambda number: number in places)
            places = {}
        for number in order:
            before = places.pop(number, None)
            others = np.array([places[other] for other in sorted(places)]).reshape(-1, 4)
            origins = np.array([points[other] for other in sorted(places)]).reshape(-1, 2)
            found = _best(points[number], sizes[number], box, taken, marks, land, others, origins)
            if found is not None:
                places[number] = found
            elif before is not None:
                places[number] = before
    return [(float(places[n][0]), float(places[n][1])) if n in places else None for n in range(len(points))]


def _best(
    point: Array, size: Array, box: tuple[float, float, float, float], taken: Array, marks: Array, land: Array,
    others: Array, origins: Array,
) -> Array | None:  # fmt: skip
    """Return the best box for one label given the others' boxes and points, or None."""
    x, y = np.meshgrid(np.arange(box[0], box[2] - size[0], STEP), np.arange(box[1], box[3] - size[1], STEP))
    low = np.column_stack([x.ravel(), y.ravel()])
    tries = np.hstack([low, low + size])
    for one in np.vstack([taken, others]):
        clear = (tries[:, 0] > one[2] + 1) | (tries[:, 2] < one[0] - 1)
        tries = tries[clear | (tries[:, 1] > one[3] + 1) | (tries[:, 3] < one[1] - 1)]
    for mark in marks:
        tries = tries[np.hypot(*(_nearest(tries, mark[:2]) - mark[:2]).T) > mark[2] + 1.5]
    if not len(tries):
        return None
    ends = _nearest(tries, point)
    columns = np.clip(((tries[:, [0, 2]] - box[0]) / STEP).astype(int), 0, land.shape[1] - 1)
    rows = np.clip(((tries[:, [1, 3]] - box[1]) / STEP).astype(int), 0, land.shape[0] - 1)
    covered = sum(land[rows[:, one], columns[:, two]].astype(float) for one in (0, 1) for two in (0, 1)) / 4
    cost = np.hypot(*(ends - point).T) + 32.0 * covered
    for mark in marks:
        # A label beside another site's mark would be read as that site's.
        if (mark[:2] != point).any():
            cost += 40.0 * (np.hypot(*(_nearest(tries, mark[:2]) - mark[:2]).T) < mark[2] + 9.0)
    best = np.argsort(cost, kind="stable")
    tries, ends = tries[best], ends[best]
    start = np.broadcast_to(point, ends.shape)
    free = np.ones(len(tries), dtype=bool)
    frames = np.column_stack([marks[:, :2] - marks[:, 2:], marks[:, :2] + marks[:, 2:]])
    away = (np.abs(marks[:, :2] - point) > marks[:, 2:] + 1).any(axis=1)
    for one in np.vstack([taken, others, frames[away]]):
        free &= ~_enters(start, ends, one)
    other_ends = _nearest(others, origins) if len(others) else others[:, :2]
    for origin, end in zip(origins, other_ends, strict=True):
        free &= ~_enters(np.broadcast_to(origin, ends.shape), np.broadcast_to(end, ends.shape), tries)
        free &= ~_cross(start, ends, origin, end)
    at = np.flatnonzero(free)
    return np.asarray(tries[at[0]]) if len(at) else None


def _nearest(boxes: Array, points: Array) -> Array:
    """Return the point of each box that is nearest to its point."""
    return np.column_stack([np.clip(points[..., axis], boxes[:, axis], boxes[:, axis + 2]) for axis in (0, 1)])


def _enters(starts: Array, ends: Array, boxes: Array) -> Array:
    """Whether each line from start to end meets its box (or the one box)."""
    first, last = np.zeros(len(starts)), np.ones(len(starts))
    for axis in (0, 1):
        way = ends[:, axis] - starts[:, axis]
        safe = np.where(way == 0, 1.0, way)
        one = (boxes[..., axis] - 1 - starts[:, axis]) / safe
        two = (boxes[..., axis + 2] + 1 - starts[:, axis]) / safe
        inside = (starts[:, axis] >= boxes[..., axis] - 1) & (starts[:, axis] <= boxes[..., axis + 2] + 1)
        near = np.where(way == 0, np.where(inside, -np.inf, np.inf), np.minimum(one, two))
        far = np.where(way == 0, np.where(inside, np.inf, -np.inf), np.maximum(one, two))
        first, last = np.maximum(first, near), np.minimum(last, far)
    return np.asarray(first <= last)


def _cross(starts: Array, ends: Array, start: Array, end: Array) -> Array:
    """Whether each line crosses the one given line."""

    def side(a: Array, b: Array, c: Array) -> Array:
        turn = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
        return np.asarray(np.sign(turn))

    return np.asarray(
        (side(starts, ends, start) * side(starts, ends, end) < 0)
        & (side(start, end, starts) * side(start, end, ends) < 0)
    )
