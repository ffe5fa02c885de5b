"""Designs: how many sites a study takes, and what the set of them must hold (``data/design/designs/*.toml``)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from lipresearch import french
from lipresearch.design import (
    Cluster,
    shares_in_words,
    unknown_factor_problems,
    weigh_factors,
    weight_problems,
)
from lipresearch.errors import InputError, NotFoundError, Problem, TableError
from lipresearch.sites import LEAD_KINDS
from lipresearch.tables import MOST, parse_toml, read_text, text_problem, write_text
from lipresearch.wording import check_language

FOLDER = "data/design/designs"

#: Categories of a site that a quota may ask for: how each reads, and its levels (none listed: those of the sites).
ATTRIBUTES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "settlement_type": ("settlement type", ("Toronto", "urban", "rural")),
    "field_study_group": ("field study group", ("Greater Toronto", "other urban", "rural and remote")),
    "region": ("economic region", ()),
    "province": ("province", ()),
    "northern": ("northern Ontario", ("yes", "no")),
    "scale": (
        "geographic scale",
        ("neighbourhoods", "city or town", "county or region", "several counties or districts"),
    ),
    "city_tier": ("largest city of tier", ("first", "second", "third", "none")),
    "orientation": ("orientation", ("attraction and retention", "capacity building", "coordination")),
    "lead_kind": ("kind of lead organisation", tuple(kind for kind in LEAD_KINDS if kind != "not known")),
    "provincial_boundary": ("provincial boundary", ("Quebec", "Manitoba", "none")),
    "us_border": ("United States border", ("yes", "no")),
    "french_designation": ("French designation", ("whole", "part", "none", "not applicable")),
}
#: How a level of yes or no reads.
YES_NO: Mapping[tuple[str, str], str] = {
    ("northern", "yes"): "in northern Ontario",
    ("northern", "no"): "outside northern Ontario",
    ("us_border", "yes"): "on the United States border",
    ("us_border", "no"): "away from the United States border",
}
#: A site with one of these has an unknown value: it meets no minimum, and counts against every maximum.
UNKNOWN = ("", "not known")
#: Levels with a meaning of their own: every value, or how many different values.
EACH, DISTINCT = "each", "distinct"
TERCILES = ("lowest third", "middle third", "highest third")
#: Ids of other demands, which no quota may take, and how those of included sites begin.
RESERVED, INCLUDED = ("minimum_km", "all"), "include:"
#: The most sites of a design, and the least and greatest weight of a cluster: beyond, sums lose their digits.
MOST_SITES = 1000
CLUSTER_WEIGHTS = (0.001, 1000.0)

#: What a design can ask for beside its quotas, and how it reads.
OBJECTIVES: Mapping[str, str] = {
    "suitability": "highest sum of scores",
    "least distance": "largest distance between the two sites that are most alike",
    "variety": "largest sum of distances between sites",
    "representativeness": "smallest difference from the mean of the roster",
    "mix": "a stated mix of suitability, variety and representativeness",
}
MIXED = ("suitability", "variety", "representativeness")
#: Weights of the criteria in a distance between sites.
DISTANCE_WEIGHTS = ("criterion", "equal")


@dataclass(frozen=True)
class Quota:
    """What a set of sites must hold of one level of an attribute, or of one third of a measure.

    Attributes
    ----------
    quota : str
        Id within the design.
    attribute : str
        A category of ``ATTRIBUTES``; empty where the quota is on a measure.
    measure : str
        A measure whose thirds over the roster are the levels; empty where the quota is on an attribute.
    level : str
        A value of the attribute, ``each`` (the bounds hold for every value), ``distinct`` (they hold for the
        number of different values), or a third of the measure.
    minimum, maximum : int or None
        Bounds on the number of sites; at least one of them is given.
    kind : {"quota", "spread"}
        A quota binds; a spread is a target that is reported and does not bind.
    rationale : str
    factor : str
        The workshop's factor that it answers, if one.
    rationale_fr : str
        The same in French; empty where the design holds none (``french.either`` then gives the English, marked).
    """

    quota: str
    attribute: str = ""
    measure: str = ""
    level: str = ""
    minimum: int | None = None
    maximum: int | None = None
    kind: str = "quota"
    rationale: str = ""
    factor: str = ""
    rationale_fr: str = ""

    @property
    def bounds(self) -> str:
        """The bounds in words."""
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return f"exactly {low}" if low == high else f"{low} to {high}"
        return f"at least {low}" if low is not None else f"at most {high}"

    @property
    def label(self) -> str:
        """The quota in words.

        >>> Quota("a", attribute="settlement_type", level="rural", minimum=2).label
        'at least 2 with settlement type rural'
        >>> Quota("b", attribute="region", level="each", maximum=1).label
        'at most 1 of every economic region'
        """
        if self.measure:
            return f"{self.bounds} in the {self.level} of {self.measure}"
        name = ATTRIBUTES[self.attribute][0]
        if self.level == EACH:
            return f"{self.bounds} of every {name}"
        if self.level == DISTINCT:
            return f"{self.bounds} different values of {name}"
        return f"{self.bounds} {YES_NO.get((self.attribute, self.level), f'with {name} {self.level}')}"

    def label_in(self, language: str, measure: str = "") -> str:
        """Return the quota in words of a language.

        Parameters
        ----------
        language : {"en", "fr"}
        measure : str, optional
            How the measure of a quota on thirds is called in that language; default its id.

        Raises
        ------
        InputError
            If there is no such language.

        Examples
        --------
        >>> Quota("a", attribute="settlement_type", level="rural", minimum=2).label_in("fr")
        'au moins 2 de type rural'
        >>> Quota("b", attribute="region", level="distinct", minimum=3).label_in("fr")
        'au moins 3 régions économiques différentes'
        """
        if check_language(language) == "en":
            return f"{self.bounds} in the {self.level} of {measure}" if self.measure and measure else self.label
        return french.quota(self.minimum, self.maximum, self.attribute, self.level, measure or self.measure)


@dataclass(frozen=True)
class StudyDesign:
    """How many sites a study takes, what the set must hold, and what makes one set better than another.

    Attributes
    ----------
    design, label, label_fr, source : str
        Id, names, and where the design comes from (source text and section).
    sites : int
        Number of sites.
    clusters : tuple of str
        The clusters that the design serves; empty: any single one.
    perspective : str
        The perspective under which its one cluster is ranked; empty: any.
    weights : tuple of (factor, float)
        Weights of the factors that the perspective scores, of which only the proportions count; empty: those that the
        perspective declares.
    cluster_weights : tuple of float
        Weight of each cluster's score in the sum.
    objective : str
        One of ``OBJECTIVES``.
    mix : tuple of (str, float)
        Weights of a mix, adding to 1.
    distance_weights : str or tuple of (str, float)
        ``criterion`` (those of the ranking), ``equal``, or declared by criterion.
    measures : tuple of str
        Measures that representativeness compares; empty: those of the rankings' criteria.
    quotas : tuple of Quota
    include, exclude : tuple of (site, reason)
    minimum_km : float
        Least distance between any two sites; 0: none is asked for.
    minimum_km_rationale, sites_rationale, note : str
    minimum_km_rationale_fr, sites_rationale_fr, note_fr : str
        The same in French; empty where the design holds none (``french.either`` then gives the English, marked).
    include_fr, exclude_fr : tuple of (site, reason)
        The reasons in French, of the sites that have one.
    """

    design: str
    label: str
    label_fr: str
    source: str
    sites: int
    clusters: tuple[str, ...] = ()
    cluster_weights: tuple[float, ...] = ()
    objective: str = "suitability"
    mix: tuple[tuple[str, float], ...] = ()
    distance_weights: str | tuple[tuple[str, float], ...] = "criterion"
    measures: tuple[str, ...] = ()
    quotas: tuple[Quota, ...] = ()
    include: tuple[tuple[str, str], ...] = ()
    exclude: tuple[tuple[str, str], ...] = ()
    minimum_km: float = 0.0
    minimum_km_rationale: str = ""
    sites_rationale: str = ""
    note: str = ""
    minimum_km_rationale_fr: str = ""
    sites_rationale_fr: str = ""
    note_fr: str = ""
    include_fr: tuple[tuple[str, str], ...] = ()
    exclude_fr: tuple[tuple[str, str], ...] = ()
    perspective: str = ""
    weights: tuple[tuple[str, float], ...] = ()
    file: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        problems = [(place, found, expected) for place, found, expected in _design_problems(self)]
        if problems:
            place, found, expected = problems[0]
            raise InputError(f"Design {self.design}: {place} is {found}, expected {expected}.")

    @property
    def table(self) -> pd.DataFrame:
        """The quotas for reading: one row a quota, with its bounds and rationale."""
        return pd.DataFrame(
            {
                "quota": [quota.label for quota in self.quotas],
                "kind": [quota.kind for quota in self.quotas],
                "factor": [quota.factor for quota in self.quotas],
                "rationale": [quota.rationale for quota in self.quotas],
            },
            index=pd.Index([quota.quota for quota in self.quotas], name="id"),
        )


def _design_problems(design: StudyDesign) -> list[tuple[str, str, str]]:
    """Return (place, found, expected) for everything in a design that contradicts itself."""
    wrong: list[tuple[str, str, str]] = []
    if type(design.sites) is not int or not 1 <= design.sites <= MOST_SITES:
        wrong.append(("sites", f"{design.sites!r:.20}", f"a whole number from 1 to {MOST_SITES:,}"))
    if design.objective not in OBJECTIVES:
        wrong.append(("objective", repr(design.objective), "one of " + ", ".join(OBJECTIVES)))
    names = [name for name, _ in design.mix]
    if design.objective == "mix":
        weights = [weight for _, weight in design.mix]
        if not names or set(names) - set(MIXED) or len(set(names)) < len(names):
            wrong.append(("mix", ", ".join(names) or "nothing", "weights for some of " + ", ".join(MIXED)))
        elif not all(math.isfinite(w) and w > 0 for w in weights) or abs(sum(weights) - 1) > 1e-9:
            wrong.append(("mix", ", ".join(f"{w:g}" for w in weights), "weights above 0 that add to 1"))
        elif any(abs(w * 1000 - round(w * 1000)) > 1e-6 for w in weights):
            wrong.append(("mix", ", ".join(f"{w:g}" for w in weights), "weights with at most three decimals"))
    elif names:
        wrong.append(("mix", ", ".join(names), "no mix unless the objective is mix"))
    far = design.objective in ("least distance", "variety") or "variety" in names
    if far and design.sites == 1:
        wrong.append(("objective", design.objective, "another objective for one site: it has no distance"))
    if design.cluster_weights and len(design.cluster_weights) != len(design.clusters):
        wrong.append(
            ("cluster_weights", f"{len(design.cluster_weights)} weights", f"one for each of {len(design.clusters)}")
        )
    least, most = CLUSTER_WEIGHTS
    if not all(least <= weight <= most for weight in design.cluster_weights):
        found = ", ".join(f"{w:g}" for w in design.cluster_weights)
        wrong.append(("cluster_weights", found, f"numbers from {least:g} to {most:,.0f}"))
    if len(set(design.clusters)) < len(design.clusters):
        wrong.append(("clusters", ", ".join(design.clusters), "each cluster once"))
    factors = [factor for factor, _ in design.weights]
    if len(set(factors)) < len(factors):
        wrong.append(("weights", "a factor twice", "each factor once"))
    wrong += weight_problems(dict(design.weights))
    for what in ("perspective", "weights"):
        if getattr(design, what) and len(design.clusters) != 1:
            found = f"given, with {len(design.clusters) or 'no'} clusters"
            wrong.append((what, found, "exactly one cluster that it is of, in clusters"))
    if design.weights and not design.perspective:
        wrong.append(("perspective", "nothing", "the perspective whose factors are weighted"))
    number = isinstance(design.minimum_km, int | float)
    if not number or not 0 <= design.minimum_km < math.inf:
        found = f"{design.minimum_km:g}" if number else repr(design.minimum_km)
        wrong.append(("minimum_km", found, "kilometres, 0 or more"))
    if isinstance(design.distance_weights, str):
        if design.distance_weights not in DISTANCE_WEIGHTS:
            wrong.append(("distance_weights", repr(design.distance_weights), "criterion, equal, or a table of numbers"))
    elif not all(math.isfinite(w) and w >= 0 for _, w in design.distance_weights) or not any(
        w > 0 for _, w in design.distance_weights
    ):
        wrong.append(("distance_weights", "numbers below 0 or all 0", "numbers of 0 or more, one above 0"))
    ids = [quota.quota for quota in design.quotas]
    wrong += [
        (
            f"quota {name}",
            "an id that stands for another demand",
            f"an id other than {', '.join(RESERVED)} and {INCLUDED}...",
        )
        for name in ids
        if name in RESERVED or name.startswith(INCLUDED)
    ]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        wrong.append((f"quota {name}", "there twice", "each id once"))
    for quota in design.quotas:
        wrong += [(f"quota {quota.quota}, {place}", found, expected) for place, found, expected in _wrong(quota)]
    both = sorted({site for site, _ in design.include} & {site for site, _ in design.exclude})
    if both:
        wrong.append(("include", f"{both[0]}, which is excluded too", "one of the two"))
    for what in ("include", "exclude"):
        sites = [site for site, _ in getattr(design, what)]
        if len(set(sites)) < len(sites):
            wrong.append((what, "a site twice", "each site once"))
        if any(not reason for _, reason in getattr(design, what)):
            wrong.append((what, "a site without a reason", "a reason for each site"))
    if type(design.sites) is int and len(design.include) > design.sites:
        wrong.append(("include", f"{len(design.include)} sites", f"at most the {design.sites} sites of the design"))
    return wrong


def _wrong(quota: Quota) -> list[tuple[str, str, str]]:
    wrong = []
    if bool(quota.attribute) == bool(quota.measure):
        wrong.append(("attribute", "both or none of attribute and measure", "one of the two"))
    elif quota.measure:
        if quota.level not in TERCILES:
            wrong.append(("level", repr(quota.level), "one of " + ", ".join(TERCILES)))
    elif quota.attribute not in ATTRIBUTES:
        wrong.append(("attribute", repr(quota.attribute), "one of " + ", ".join(ATTRIBUTES)))
    else:
        levels = ATTRIBUTES[quota.attribute][1]
        if levels and quota.level not in (*levels, EACH, DISTINCT):
            wrong.append(("level", repr(quota.level), "one of " + ", ".join((*levels, EACH, DISTINCT))))
        elif quota.level in UNKNOWN:
            wrong.append(
                ("level", repr(quota.level), f"a value of {ATTRIBUTES[quota.attribute][0]}, {EACH} or {DISTINCT}")
            )
    for name in ("minimum", "maximum"):
        bound = getattr(quota, name)
        if bound is not None and (type(bound) is not int or bound < 0):
            wrong.append((name, repr(bound), "a whole number, 0 or more"))
            return wrong
    if quota.minimum is None and quota.maximum is None:
        wrong.append(("minimum, maximum", "nothing", "at least one of the two"))
    elif quota.minimum is not None and quota.maximum is not None and quota.minimum > quota.maximum:
        wrong.append(("minimum, maximum", f"{quota.minimum} and {quota.maximum}", "the minimum not above the maximum"))
    if quota.kind not in ("quota", "spread"):
        wrong.append(("kind", repr(quota.kind), "quota or spread"))
    return wrong


def quota_problems(quotas: pd.DataFrame) -> list[tuple[int, str, str, str]]:
    """Return (row counted from 0, column, found, expected) for the rows of ``quotas.csv`` that cannot be used."""
    found = []
    for place, row in enumerate(quotas.itertuples()):
        low, high = (None if pd.isna(bound) else int(bound) for bound in (row.minimum, row.maximum))
        quota = Quota(row.quota, attribute=row.attribute, level=row.level, minimum=low, maximum=high, kind=row.kind)
        found += [(place, *problem) for problem in _wrong(quota)]
    return found


# -- reading -----------------------------------------------------------------------------------------

_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "label": str,
    "label_fr": str,
    "source": str,
    "sites": int,
    "sites_rationale": str,
    "sites_rationale_fr": str,
    "clusters": list,
    "cluster_weights": list,
    "perspective": str,
    "weights": dict,
    "objective": str,
    "mix": dict,
    "distance_weights": (str, dict),
    "measures": list,
    "minimum_km": (int, float),
    "minimum_km_rationale": str,
    "minimum_km_rationale_fr": str,
    "note": str,
    "note_fr": str,
    "quota": list,
    "include": list,
    "exclude": list,
}
_REQUIRED = ("label", "label_fr", "source", "sites", "sites_rationale")
_QUOTA_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "quota": str,
    "attribute": str,
    "measure": str,
    "level": str,
    "minimum": int,
    "maximum": int,
    "kind": str,
    "rationale": str,
    "rationale_fr": str,
    "factor": str,
}
_SITE_KEYS: Mapping[str, type] = {"site": str, "reason": str, "reason_fr": str}
_WORDS: Mapping[type, str] = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "a table"}


def design_names(root: Path) -> list[str]:
    """Return the ids of the designs of a project, sorted."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.toml"))


def load_design(
    root: Path,
    name: str,
    clusters: set[str],
    factors: set[str],
    measures: set[str],
    types: pd.DataFrame,
    scored: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> StudyDesign:
    """Return one design, checked against clusters, factors, measures and the categories of the sites.

    Parameters
    ----------
    root : Path
        Project folder.
    name : str
        The file's name without ``.toml``.
    clusters, factors, measures : set of str
        The ids there are.
    types : DataFrame
        Categories of all sites, indexed by site.
    scored : mapping
        For each cluster, for each of its perspectives, the factors that have criteria.

    Raises
    ------
    NotFoundError
        Naming the designs there are.
    TableError
        With everything in the file that cannot be used.
    """
    names = design_names(root)
    if name not in names:
        raise NotFoundError(f"There is no design {name!r}. There are: {', '.join(names) or 'none'}.")
    shown = f"{FOLDER}/{name}.toml"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        expected = "a name of letters, digits, hyphens and underscores"
        raise TableError([Problem(shown, 0, "", f"the name {name!r}", expected, "Rename the file.")])
    text = read_text(root / FOLDER / f"{name}.toml", shown)
    return read_design_text(name, text, clusters, factors, measures, types, scored)


def read_design_text(
    name: str,
    text: str,
    clusters: set[str],
    factors: set[str],
    measures: set[str],
    types: pd.DataFrame,
    scored: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> StudyDesign:
    """Return the design that a file of this name and text holds; see ``load_design``."""
    shown = f"{FOLDER}/{name}.toml"
    content = parse_toml(text, shown, "Check the quotes and brackets.")
    problems = [
        Problem(shown, 0, place, found, expected, "") for place, found, expected in _shape(content, _KEYS, _REQUIRED)
    ]
    for what, keys, needed in (
        ("quota", _QUOTA_KEYS, ("quota", "rationale", "level")),
        ("include", _SITE_KEYS, ("site", "reason")),
        ("exclude", _SITE_KEYS, ("site", "reason")),
    ):
        rows = content.get(what, [])
        for place, row in enumerate(rows if isinstance(rows, list) else [], start=1):
            where = f"{what} {row.get('quota') or row.get('site') or place}" if isinstance(row, dict) else what
            if not isinstance(row, dict):
                problems.append(Problem(shown, 0, where, repr(row), f"a table [[{what}]]", ""))
                continue
            problems += [
                Problem(shown, 0, f"{where}, {key}", found, expected, "")
                for key, found, expected in _shape(row, keys, needed)
            ]
    for key in ("clusters", "measures"):
        if any(not isinstance(item, str) for item in _list(content, key)):
            problems.append(Problem(shown, 0, key, "something that is not text", "a list of ids", ""))
    tables = [content.get("mix"), content.get("distance_weights"), content.get("weights")]
    numbers = [*_list(content, "cluster_weights"), *(v for t in tables if isinstance(t, dict) for v in t.values())]
    if any(type(item) not in (int, float) for item in numbers):
        problems.append(Problem(shown, 0, "weights", "something that is not a number", "numbers", ""))
    elif any(abs(item) > MOST for item in [*numbers, content.get("minimum_km", 0)] if type(item) in (int, float)):
        problems.append(Problem(shown, 0, "", "a number beyond all use", f"numbers up to {MOST:g}", ""))
    if problems:
        raise TableError(problems)
    found = [
        *_unknown(content, "clusters", clusters, "a cluster of clusters.csv"),
        *_unknown(content, "measures", measures, "a measure of measures.csv"),
    ]
    for row in content.get("quota", []):
        where = f"quota {row['quota']}"
        attribute = row.get("attribute", "")
        if row.get("measure") and row["measure"] not in measures:
            found.append((f"{where}, measure", repr(row["measure"]), "a measure of measures.csv"))
        if row.get("factor") and row["factor"] not in factors:
            found.append((f"{where}, factor", repr(row["factor"]), "a factor of factors.csv"))
        if attribute in ATTRIBUTES and not ATTRIBUTES[attribute][1]:
            levels = sorted(set(types[attribute]) - set(UNKNOWN))
            if row["level"] not in (*levels, EACH, DISTINCT):
                found.append((f"{where}, level", repr(row["level"]), "one of " + ", ".join((*levels, EACH, DISTINCT))))
    for what in ("include", "exclude"):
        for row in content.get(what, []):
            if row["site"] not in types.index:
                found.append((what, repr(row["site"]), "a site of sites.csv"))
    made = _make(name, content, shown)
    found += [*_design_problems(made), *_perspective_problems(made, scored)]
    if found:
        raise TableError([Problem(shown, 0, place, wrong, expected, "") for place, wrong, expected in found])
    return made


def _perspective_problems(
    design: StudyDesign, scored: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> list[tuple[str, str, str]]:
    """Return what a design asks for that its cluster does not have: the perspective, or factors to weigh."""
    mine = scored.get(design.clusters[0], {}) if len(design.clusters) == 1 else {}
    if not design.perspective or not mine:
        return []
    if design.perspective not in mine:
        expected = f"a perspective of {design.clusters[0]}: " + ", ".join(mine)
        return [("perspective", repr(design.perspective), expected)]
    return unknown_factor_problems(dict(design.weights), mine[design.perspective]) if design.weights else []


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    value = content.get(key, [])
    return value if isinstance(value, list) else []


def _shape(
    content: Mapping[str, Any], keys: Mapping[str, type | tuple[type, ...]], required: tuple[str, ...]
) -> list[tuple[str, str, str]]:
    wrong = [(key, "nothing", "a value") for key in required if content.get(key) in (None, "")]
    for key, value in content.items():
        if key not in keys:
            wrong.append((key, "an unknown key", "one of " + ", ".join(keys)))
            continue
        declared = keys[key]
        kinds: tuple[type, ...] = declared if isinstance(declared, tuple) else (declared,)
        if type(value) not in kinds:
            wrong.append((key, f"{value!r:.80}", " or ".join(_WORDS[kind] for kind in kinds)))
        elif isinstance(value, str) and (problem := text_problem(value)):
            wrong.append((key, problem[0], problem[1]))
    return wrong


def _unknown(content: Mapping[str, Any], key: str, known: set[str], expected: str) -> list[tuple[str, str, str]]:
    return [(key, repr(value), expected) for value in content.get(key, []) if value not in known]


def _make(name: str, content: Mapping[str, Any], shown: str) -> StudyDesign:
    """Return the design without its self-checks, so that all that is wrong can be told at once."""
    weights = content.get("distance_weights", "criterion")
    values = {
        "design": name,
        **{key: content[key] for key in ("label", "label_fr", "source", "sites", "sites_rationale")},
        "clusters": tuple(content.get("clusters", ())),
        "cluster_weights": tuple(float(weight) for weight in content.get("cluster_weights", ())),
        "objective": content.get("objective", "suitability"),
        "mix": tuple((key, float(weight)) for key, weight in content.get("mix", {}).items()),
        "distance_weights": weights
        if isinstance(weights, str)
        else tuple((key, float(value)) for key, value in weights.items()),
        "measures": tuple(content.get("measures", ())),
        "quotas": tuple(Quota(**row) for row in content.get("quota", [])),
        "include": tuple((row["site"], row["reason"]) for row in content.get("include", [])),
        "exclude": tuple((row["site"], row["reason"]) for row in content.get("exclude", [])),
        "minimum_km": float(content.get("minimum_km", 0)),
        "minimum_km_rationale": content.get("minimum_km_rationale", ""),
        "note": content.get("note", ""),
        **{key: content.get(key, "") for key in ("minimum_km_rationale_fr", "sites_rationale_fr", "note_fr")},
        **{
            f"{what}_fr": tuple(
                (row["site"], row["reason_fr"]) for row in content.get(what, []) if row.get("reason_fr")
            )
            for what in ("include", "exclude")
        },
        "perspective": content.get("perspective", ""),
        "weights": tuple((factor, float(weight)) for factor, weight in content.get("weights", {}).items()),
        "file": shown,
    }
    made = object.__new__(StudyDesign)
    for key, value in values.items():
        object.__setattr__(made, key, value)
    return made


# -- the weights of a design ---------------------------------------------------------------------------


def cluster_for(design: StudyDesign, cluster: Cluster) -> Cluster:
    """Return a cluster with the weights of a design; the cluster itself where the design has none.

    Parameters
    ----------
    design : StudyDesign
    cluster : Cluster
        Under the perspective of the design, if it names one.

    Raises
    ------
    InputError
        If the design is of another cluster or perspective.
    """
    if design.clusters and cluster.cluster not in design.clusters:
        raise InputError(f"The design {design.design} serves {', '.join(design.clusters)}, not {cluster.cluster}.")
    if design.perspective and design.perspective != cluster.perspective:
        raise InputError(
            f"The design {design.design} is for the perspective {design.perspective} of {cluster.cluster}, not for "
            f"{cluster.perspective}. Leave the perspective out, or take another design."
        )
    if not design.weights:
        return cluster
    weights = dict(design.weights)
    basis = f"Those of the design {design.design} ({design.source}): {shares_in_words(weights)}."
    basis_fr = french.typeset(f"Ceux du plan {design.design} : {shares_in_words(weights, 'fr')}.")
    return weigh_factors(cluster, weights, basis, basis_fr)


def check_weights(design: StudyDesign, cluster: Cluster) -> None:
    """Raise ``InputError`` where a ranking has other weights, or another perspective, than a design asks for."""
    if not design.perspective:
        return
    how = (
        f'Load the cluster with the design: lip.load_cluster("{cluster.cluster}", design=design), and rank the sites '
        f"anew; or run `lipresearch select {cluster.cluster} --design {design.design}`."
    )
    if design.perspective != cluster.perspective:
        raise InputError(
            f"The design {design.design} is for the perspective {design.perspective}, and the ranking is under "
            f"{cluster.perspective}. {how}"
        )
    asked = cluster_for(design, cluster).criteria["weight"] if design.weights else cluster.declared_weights
    if (asked - cluster.criteria["weight"]).abs().max() > 1e-12:
        words = shares_in_words(dict(design.weights)) if design.weights else "those that the perspective declares"
        mine = shares_in_words(cluster.criteria.groupby("factor", sort=False)["weight"].sum().to_dict())
        raise InputError(
            f"The weights of the design {design.design} ({words}) are not those of the ranking ({mine}). {how}"
        )


# -- writing -------------------------------------------------------------------------------------------

#: What a design may be called: it is the name of a file.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def _toml(value: object) -> str:
    """Return a text, number, list or table as TOML writes it.

    >>> print(_toml("Peel"), _toml(80.0), _toml([0.5, 2]), _toml({"2.1": 3}))
    "Peel" 80 [0.5, 2] {"2.1" = 3}
    """
    if isinstance(value, str):
        signs = (
            _ESCAPES.get(sign) or (f"\\u{ord(sign):04x}" if sign < " " or sign == "\x7f" else sign) for sign in value
        )
        return '"' + "".join(signs) + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    number = value if isinstance(value, int | float) else math.nan
    return f"{number:.0f}" if number == round(number) and abs(number) < 1e15 else repr(number)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def design_text(design: StudyDesign) -> str:
    """Return a design as its file holds it; what is not given, or is as always, is left out."""
    weights = design.distance_weights
    values: dict[str, object] = {
        "label": design.label,
        "label_fr": design.label_fr,
        "source": design.source,
        "sites": design.sites,
        "sites_rationale": design.sites_rationale,
        "sites_rationale_fr": design.sites_rationale_fr,
        "clusters": design.clusters,
        "cluster_weights": design.cluster_weights,
        "perspective": design.perspective,
        "objective": design.objective,
        "mix": dict(design.mix),
        "distance_weights": "" if weights == "criterion" else weights if isinstance(weights, str) else dict(weights),
        "measures": design.measures,
        "minimum_km": design.minimum_km or "",
        "minimum_km_rationale": design.minimum_km_rationale,
        "minimum_km_rationale_fr": design.minimum_km_rationale_fr,
        "note": design.note,
        "note_fr": design.note_fr,
    }
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value not in ("", (), {})]
    if design.weights:
        lines += ["", "[weights]", *(f"{_key(factor)} = {_toml(weight)}" for factor, weight in design.weights)]
    for quota in design.quotas:
        lines += ["", "[[quota]]"]
        for key in (
            "quota",
            "attribute",
            "measure",
            "level",
            "minimum",
            "maximum",
            "kind",
            "factor",
            "rationale",
            "rationale_fr",
        ):
            value = getattr(quota, key)
            if value not in ("", None) and (key, value) != ("kind", "quota"):
                lines.append(f"{key} = {_toml(value)}")
    for what in ("include", "exclude"):
        french_reasons = dict(getattr(design, f"{what}_fr"))
        for site, reason in getattr(design, what):
            lines += ["", f"[[{what}]]", f"site = {_toml(site)}", f"reason = {_toml(reason)}"]
            lines += [f"reason_fr = {_toml(french_reasons[site])}"] if site in french_reasons else []
    return "\n".join(lines) + "\n"


def save_design(
    root: Path,
    design: StudyDesign,
    clusters: set[str],
    factors: set[str],
    measures: set[str],
    types: pd.DataFrame,
    scored: Mapping[str, Mapping[str, tuple[str, ...]]],
    overwrite: bool = False,
) -> StudyDesign:
    """Write a design into ``data/design/designs`` and return it as it is read from there.

    The text is read again before it is written, so that no file is left that cannot be used.

    Parameters
    ----------
    root : Path
    design : StudyDesign
        Its id becomes the name of the file.
    clusters, factors, measures, types, scored
        As for ``load_design``.
    overwrite : bool
        Whether a file of the same name may be replaced.

    Raises
    ------
    InputError
        If the id cannot be a name, or the file is there already.
    TableError
        With everything in the design that a file cannot hold: a text that is empty, an unknown site, ...
    """
    name = design.design
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(
            "A design's name is the name of a file: up to 60 small letters, digits and hyphens, such as my-what-if, "
            f"not {name!r}."
        )
    shown = f"{FOLDER}/{name}.toml"
    path = root / FOLDER / f"{name}.toml"
    if path.exists() and not overwrite:
        raise InputError(f"{shown} is there already and was not touched. Take another name, or add replace=True.")
    text = design_text(design)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(
            f"The design {name} holds a sign that is no text (half of a pair), so it was not written."
        ) from None
    read = read_design_text(name, text, clusters, factors, measures, types, scored)
    if read != replace(design, file=shown):  # what was read is what was meant
        raise InputError(f"The design {name} would not read as it is, so it was not written. Please report this.")
    try:
        write_text(path, text)
    except OSError as error:
        raise NotFoundError(f"{shown} cannot be written: {error.strerror}. See who may write to {FOLDER}.") from None
    return read
