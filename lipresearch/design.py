"""What the researchers decided: clusters, factors, criteria, goalposts, perspectives, quotas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from lipresearch import wording
from lipresearch.errors import InputError, NotFoundError, Problem, TableError
from lipresearch.evidence import read_measures
from lipresearch.sites import line_of, read_design, unknown_ids
from lipresearch.tables import Column, Schema, parse_number

TREATMENTS = ("criterion", "quota", "spread", "perspective")
STATUSES = ("evidence", "partly", "no evidence yet")
DIRECTIONS = ("higher", "lower")
#: The source texts; a spreadsheet may have taken away the zeros.
SEEDS = ("000", "001", "002", "003", "004", "own")

CLUSTERS = Schema(
    (
        Column("cluster", "id"),
        Column("number", "count", low=1, whole=True),
        Column("title"),
        Column("title_fr"),
        Column("question"),
        Column("question_fr", required=False),
        Column("minimum_coverage", "share"),
        Column("default_perspective", "id"),
        Column("source"),
    ),
    ("cluster",),
)
FACTORS = Schema(
    (
        Column("factor", "id"),
        Column("cluster", "id"),
        Column("label"),
        Column("label_fr"),
        Column("treatment", "choice", choices=TREATMENTS),
        Column("status", "choice", choices=STATUSES),
        Column("measures", required=False),
        Column("seed", "choice", choices=SEEDS),
        Column("section"),
        Column("note", required=False),
        Column("note_fr", required=False),
    ),
    ("factor",),
)
CRITERIA = Schema(
    (
        Column("cluster", "id"),
        Column("criterion", "id"),
        Column("factor", "id"),
        Column("label"),
        Column("label_fr"),
        Column("measure", "id"),
        Column("direction", "choice", choices=DIRECTIONS),
        Column("worst", "number"),
        Column("best", "number"),
        Column("scale", "choice", choices=("linear", "log")),
        Column("rationale"),
    ),
    ("cluster", "criterion"),
)
PERSPECTIVES = Schema(
    (
        Column("cluster", "id"),
        Column("perspective", "id"),
        Column("label"),
        Column("label_fr"),
        Column("stance"),
        Column("stance_fr", required=False),
        Column("default", "flag"),
        Column("weight_basis"),
        Column("weight_basis_fr", required=False),
    ),
    ("cluster", "perspective"),
)
PERSPECTIVE_CRITERIA = Schema(
    (
        Column("cluster", "id"),
        Column("perspective", "id"),
        Column("criterion", "id"),
        Column("direction", "choice", choices=DIRECTIONS),
        Column("weight"),
    ),
    ("cluster", "perspective", "criterion"),
)
QUOTAS = Schema(
    (
        Column("cluster", "id"),
        Column("quota", "id"),
        Column("factor", "id"),
        Column("attribute", "id"),
        Column("level"),
        Column("minimum", "count", required=False, whole=True),
        Column("maximum", "count", required=False, whole=True),
        Column("kind", "choice", choices=("quota", "spread")),
        Column("rationale"),
        Column("rationale_fr", required=False),
    ),
    ("cluster", "quota"),
)

#: Weights that are typed in must add to 1 within this tolerance.
WEIGHT_TOLERANCE = 1e-6
#: The greatest weight of a factor; only proportions count.
MOST_WEIGHT = 1_000_000


@dataclass(frozen=True, eq=False)
class Cluster:
    """A research cluster under one perspective, ready to rank sites.

    Attributes
    ----------
    cluster, number, title, title_fr, question : str, int
        Id, the workshop's number, names, and the question in one sentence.
    perspective, perspective_label, stance, weight_basis : str
        The stance taken, and where its weights come from.
    perspectives : tuple of str
        All perspectives of the cluster, the default first.
    minimum_coverage : float
        Share of weight (0 to 1) that must rest on evidence for a site to be ranked.
    question_fr, perspective_label_fr, stance_fr, weight_basis_fr : str
        The same in French; empty where the tables hold none (``french.either`` then gives the English, marked).
    """

    cluster: str
    number: int
    title: str
    title_fr: str
    question: str
    perspective: str
    perspective_label: str
    stance: str
    weight_basis: str
    perspectives: tuple[str, ...]
    minimum_coverage: float
    _criteria: pd.DataFrame
    _factors: pd.DataFrame
    _quotas: pd.DataFrame
    question_fr: str = ""
    perspective_label_fr: str = ""
    stance_fr: str = ""
    weight_basis_fr: str = ""
    _declared: pd.Series | None = None

    @property
    def declared_weights(self) -> pd.Series:
        """The weights of the criteria that the perspective declares, whatever weights are in use."""
        return (self._criteria["weight"] if self._declared is None else self._declared).copy()

    @property
    def criteria(self) -> pd.DataFrame:
        """Criteria of the perspective, indexed by criterion.

        Columns: factor, label, label_fr, measure, direction, worst, best, scale, weight, rationale.
        """
        return self._criteria.copy()

    @property
    def factors(self) -> pd.DataFrame:
        """The workshop's factors, indexed by factor: labels, treatment, status, measures, seed, section, notes."""
        return self._factors.copy()

    @property
    def quotas(self) -> pd.DataFrame:
        """Quotas and spread targets for the factors that ask for variation across the set."""
        return self._quotas.copy()

    @property
    def open_factors(self) -> pd.DataFrame:
        """Factors for which there is no evidence yet, with the note on how to supply it."""
        return self.factors[self._factors["status"] == "no evidence yet"]


@dataclass(frozen=True, eq=False)
class Design:
    """All design tables of a project, checked against each other."""

    clusters: pd.DataFrame
    factors: pd.DataFrame
    criteria: pd.DataFrame
    perspectives: pd.DataFrame
    perspective_criteria: pd.DataFrame
    quotas: pd.DataFrame


def goalpost_problem(direction: str, worst: float, best: float, scale: str) -> str | None:
    """Return what is wrong with two goalposts, or None.

    >>> goalpost_problem("higher", 5, 1, "linear")
    'best 1 is not above worst 5, but higher is preferred'
    >>> goalpost_problem("lower", 5, 1, "linear") is None
    True
    """
    if direction == "higher" and not best > worst:
        return f"best {best:g} is not above worst {worst:g}, but higher is preferred"
    if direction == "lower" and not best < worst:
        return f"best {best:g} is not below worst {worst:g}, but lower is preferred"
    if scale == "log" and min(worst, best) <= 0:
        return f"a logarithmic scale needs goalposts above 0, not {min(worst, best):g}"
    return None


def load_design(root: Path) -> Design:
    """Return the design tables.

    Raises
    ------
    TableError
        With all failures: unknown ids, inverted goalposts, weights that do not add to 1, a cluster without
        default perspective, a perspective that turns a criterion round without goalposts for it, ...
    """
    design = Design(
        read_design(root, "clusters", CLUSTERS).set_index("cluster", drop=False),
        read_design(root, "factors", FACTORS),
        read_design(root, "criteria", CRITERIA),
        read_design(root, "perspectives", PERSPECTIVES),
        read_design(root, "perspective_criteria", PERSPECTIVE_CRITERIA),
        read_design(root, "quotas", QUOTAS),
    )
    problems = _check(design, set(read_measures(root).index))
    if problems:
        raise TableError(problems)
    return design


def _check(design: Design, measures: set[str]) -> list[Problem]:
    folder = "data/design/"
    clusters, factors = set(design.clusters["cluster"]), set(design.factors["factor"])
    problems: list[Problem] = []
    for name in ("factors", "criteria", "perspectives", "perspective_criteria", "quotas"):
        frame = getattr(design, name)
        problems += unknown_ids(frame, "cluster", clusters, f"{folder}{name}.csv", "Add the cluster to clusters.csv.")
    for name in ("criteria", "quotas"):
        frame = getattr(design, name)
        problems += unknown_ids(frame, "factor", factors, f"{folder}{name}.csv", "Add the factor to factors.csv.")
        home = design.factors.set_index("factor")["cluster"]
        for place, row in enumerate(frame.itertuples()):
            line = line_of(frame, place)
            if row.factor in factors and home[row.factor] != row.cluster:
                found = f"{row.factor}, a factor of {home[row.factor]}"
                problems.append(Problem(f"{folder}{name}.csv", line, "factor", found, f"a factor of {row.cluster}", ""))
    criteria_file = f"{folder}criteria.csv"
    problems += unknown_ids(design.criteria, "measure", measures, criteria_file, "Declare the measure in measures.csv.")
    for place, row in enumerate(design.criteria.itertuples()):
        line = line_of(design.criteria, place)
        wrong = goalpost_problem(row.direction, row.worst, row.best, row.scale)
        if wrong:
            problems.append(
                Problem(criteria_file, line, "worst, best", wrong, "goalposts in the preferred order", "Swap them.")
            )
    for place, row in enumerate(design.factors.itertuples()):
        line = line_of(design.factors, place)
        named = [name for name in row.measures.split(";") if name]
        unknown = [name for name in named if name not in measures]
        file = f"{folder}factors.csv"
        if unknown:
            problems.append(
                Problem(file, line, "measures", ", ".join(unknown), "measures of measures.csv, with ; between", "")
            )
        if (row.status == "no evidence yet") == bool(named):
            found = f"status {row.status} with {len(named)} measures"
            problems.append(Problem(file, line, "status", found, "measures unless there is no evidence yet", ""))
    numbers = design.clusters["number"]
    for place in [place for place, again in enumerate(numbers.duplicated()) if again]:
        found = f"{numbers.iloc[place]:g} again"
        problems.append(
            Problem(f"{folder}clusters.csv", line_of(design.clusters, place), "number", found, "each number once", "")
        )
    problems += _check_perspectives(design)
    return problems


def _check_perspectives(design: Design) -> list[Problem]:
    file, parts = "data/design/perspectives.csv", "data/design/perspective_criteria.csv"
    problems: list[Problem] = []
    known = {(row.cluster, row.perspective) for row in design.perspectives.itertuples()}
    criteria = {(row.cluster, row.criterion) for row in design.criteria.itertuples()}
    for place, row in enumerate(design.perspective_criteria.itertuples()):
        line = line_of(design.perspective_criteria, place)
        if (row.cluster, row.perspective) not in known:
            problems.append(Problem(parts, line, "perspective", row.perspective, f"a row of {file}", ""))
        if (row.cluster, row.criterion) not in criteria:
            problems.append(Problem(parts, line, "criterion", row.criterion, "a criterion of the cluster", ""))
        weight = parse_number(row.weight)
        if row.weight != "equal" and (weight is None or weight < 0):
            problems.append(Problem(parts, line, "weight", repr(row.weight), "equal, or a number >= 0", ""))
    for cluster in design.clusters.itertuples():
        mine = design.perspectives[design.perspectives["cluster"] == cluster.cluster]
        defaults = list(mine["perspective"][mine["default"] == "yes"])
        if defaults != [cluster.default_perspective]:
            found = f"{cluster.cluster}: default {', '.join(defaults) or 'none'}"
            expected = f"only {cluster.default_perspective}, as clusters.csv says"
            problems.append(Problem(file, 0, "default", found, expected, "Correct one of the two."))
    used = set(zip(design.perspective_criteria["cluster"], design.perspective_criteria["perspective"], strict=True))
    for place, row in enumerate(design.perspectives.itertuples()):
        line = line_of(design.perspectives, place)
        if (row.cluster, row.perspective) not in used and any(home == row.cluster for home, _ in criteria):
            expected = "at least one criterion in perspective_criteria.csv"
            found = f"{row.perspective} without criteria"
            problems.append(Problem(file, line, "perspective", found, expected, ""))
    for (cluster_id, perspective), rows in design.perspective_criteria.groupby(["cluster", "perspective"]):
        weights = list(rows["weight"])
        line = line_of(design.perspective_criteria, int(rows.index[0]))
        where = f"{cluster_id}, {perspective}"
        if "equal" in weights and len(set(weights)) > 1:
            found = f"{where}: some weights equal, some typed"
            problems.append(Problem(parts, line, "weight", found, "equal in every row, or a number in every row", ""))
        elif "equal" not in weights:
            numbers = [parse_number(weight) for weight in weights]
            total = sum(number for number in numbers if number is not None)
            if None not in numbers and abs(total - 1) > WEIGHT_TOLERANCE:
                found = f"{where}: weights that add to {total:.6g}"
                problems.append(Problem(parts, line, "weight", found, "weights that add to 1", "Correct them."))
    return problems


def equal_weights(factors: pd.Series) -> pd.Series:
    r"""Return weights equal across factors, then equal within each factor.

    .. math:: w_c = \frac{1}{F} \cdot \frac{1}{n_{f(c)}}

    Parameters
    ----------
    factors : Series
        The factor of each criterion.

    Returns
    -------
    Series
        The same index; adds to 1.

    Examples
    --------
    >>> equal_weights(pd.Series(["2.1", "2.1", "2.2"])).tolist()
    [0.25, 0.25, 0.5]
    """
    within = factors.map(factors.value_counts())
    return 1.0 / (factors.nunique() * within.astype(float))


def scored_factors(cluster: Cluster) -> tuple[str, ...]:
    """Return the factors that have criteria in the perspective, in the order of the criteria."""
    return tuple(dict.fromkeys(cluster.criteria["factor"]))


def factor_shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights of factors divided by their sum, so that only their proportions count.

    >>> factor_shares({"2.1": 30, "2.2": 10})
    {'2.1': 0.75, '2.2': 0.25}
    """
    most = max(weights.values())
    scaled = {factor: weight / most for factor, weight in weights.items()}  # the sum of large numbers is not finite
    total = math.fsum(scaled.values())
    return {factor: weight / total for factor, weight in scaled.items()}


def weight_problems(weights: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Return (place, found, expected) for weights of factors that cannot be used, whatever the factors are."""
    wrong = [
        (f"weights, {factor}", f"{weight!r:.30}", f"a number from 0 to {MOST_WEIGHT:,}")
        for factor, weight in weights.items()
        if type(weight) not in (int, float) or not 0 <= weight <= MOST_WEIGHT  # type: ignore[operator]
    ]
    if weights and not wrong and not any(weights.values()):
        wrong.append(("weights", "0 for every factor", "at least one weight above 0"))
    return wrong


def unknown_factor_problems(weights: Mapping[str, object], factors: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (place, found, expected) for weights of factors that are not scored, and for factors without one."""
    scored = list(factors)
    expected = "one of the factors that the perspective scores: " + ", ".join(scored)
    wrong = [
        (f"weights, {factor}", "a factor without criteria here", expected) for factor in weights if factor not in scored
    ]
    wrong += [
        (f"weights, {factor}", "nothing", "a weight (0 leaves the factor out)")
        for factor in scored
        if factor not in weights
    ]
    return wrong


def weigh_factors(cluster: Cluster, weights: Mapping[str, float], basis: str, basis_fr: str = "") -> Cluster:
    r"""Return a cluster with other weights of its factors; within a factor the criteria keep their proportions.

    .. math:: w_c = \frac{W_{f(c)}}{\sum_g W_g} \cdot \frac{d_c}{\sum_{k \in f(c)} d_k}

    where W are the weights of the factors and d those of the criteria that the perspective declares (equal ones, where
    all of a factor are declared as 0).

    Parameters
    ----------
    cluster : Cluster
        As ``load_cluster`` returns it.
    weights : mapping of factor to float
        One for every factor that has criteria in the perspective, 0 or more; only their proportions count.
    basis, basis_fr : str
        Where the weights come from, as a reader is told it in English and in French.

    Returns
    -------
    Cluster
        The same criteria and goalposts, weights that add to 1, and the basis.

    Raises
    ------
    InputError
        If a factor is not scored in the perspective or lacks a weight, a weight is below 0 or no number, or all are 0.

    Examples
    --------
    >>> from lipresearch.paths import project_root
    >>> health = load_cluster(project_root(), "health")
    >>> other = weigh_factors(health, {"2.1": 30, "2.2": 10}, "an example")
    >>> other.criteria.groupby("factor")["weight"].sum().to_dict()
    {'2.1': 0.75, '2.2': 0.25}
    """
    problems = [*unknown_factor_problems(weights, scored_factors(cluster)), *weight_problems(weights)]
    if problems:
        place, found, expected = problems[0]
        raise InputError(f"Cluster {cluster.cluster}, {place}: found {found}, expected {expected}.")
    shares = factor_shares(weights)
    declared, factors = cluster.declared_weights, cluster.criteria["factor"]
    sums = declared.groupby(factors).transform("sum")
    within = (declared / sums.where(sums > 0)).fillna(1.0 / factors.map(factors.value_counts()))
    criteria = cluster.criteria.assign(weight=factors.map(shares).astype(float) * within)
    return replace(cluster, weight_basis=basis, weight_basis_fr=basis_fr, _criteria=criteria, _declared=declared)


def shares_in_words(weights: Mapping[str, float], language: str = "en") -> str:
    r"""Return the shares of factors as a reader is told them.

    >>> shares_in_words({"2.1": 30, "2.2": 10})
    'factor 2.1 75.0 %, 2.2 25.0 %'
    >>> shares_in_words({"2.1": 30, "2.2": 10}, "fr")
    'facteur 2.1 75,0\xa0%, 2.2 25,0\xa0%'
    """
    given = (f"{factor} {wording.percent(share, language)}" for factor, share in factor_shares(weights).items())
    return ("facteur " if language == "fr" else "factor ") + ", ".join(given)


def list_clusters(root: Path) -> pd.DataFrame:
    """Return the clusters: number, title, question, perspectives, how many factors have evidence."""
    design = load_design(root)
    rows = []
    for row in design.clusters.sort_values("number").itertuples():
        factors = design.factors[design.factors["cluster"] == row.cluster]
        names = design.perspectives["perspective"][design.perspectives["cluster"] == row.cluster]
        rows.append(
            {
                "cluster": row.cluster,
                "number": int(row.number),
                "title": row.title,
                "question": row.question,
                "perspectives": ", ".join(names),
                "factors": len(factors),
                "factors_without_evidence": int((factors["status"] == "no evidence yet").sum()),
            }
        )
    return pd.DataFrame(rows)


def load_cluster(root: Path, cluster: str, perspective: str | None = None) -> Cluster:
    """Return a cluster of a project under a perspective; see ``cluster_of``."""
    return cluster_of(load_design(root), cluster, perspective)


def cluster_of(design: Design, cluster: str, perspective: str | None = None) -> Cluster:
    """Return a cluster under a perspective.

    Parameters
    ----------
    design : Design
        As ``load_design`` returns it.
    cluster : str
        Id: education, health, labour, justice, inclusion.
    perspective : str, optional
        Default: the cluster's default perspective.

    Raises
    ------
    NotFoundError
        Naming the clusters or perspectives there are.
    """
    if cluster not in design.clusters.index:
        raise NotFoundError(f"There is no cluster {cluster!r}. There are: {', '.join(design.clusters['cluster'])}.")
    row = design.clusters.loc[cluster]
    mine = design.perspectives[design.perspectives["cluster"] == cluster].set_index("perspective")
    chosen = perspective or row["default_perspective"]
    if chosen not in mine.index:
        raise NotFoundError(
            f"Cluster {cluster} has no perspective {chosen!r}. It has: {', '.join(sorted(mine.index))}."
        )
    parts = design.perspective_criteria
    parts = parts[(parts["cluster"] == cluster) & (parts["perspective"] == chosen)].set_index("criterion")
    criteria = design.criteria[design.criteria["cluster"] == cluster].set_index("criterion")
    criteria = criteria[criteria.index.isin(parts.index)].drop(columns="cluster")
    turned = criteria["direction"] != parts["direction"].reindex(criteria.index)
    worst, best = criteria["worst"], criteria["best"]
    criteria = criteria.assign(worst=worst.where(~turned, best), best=best.where(~turned, worst))
    criteria["direction"] = parts["direction"].reindex(criteria.index)
    typed = parts["weight"].reindex(criteria.index)
    if (typed == "equal").all():
        criteria["weight"] = equal_weights(criteria["factor"])
    else:
        criteria["weight"] = typed.astype(float)
    order = ["factor", "label", "label_fr", "measure", "direction", "worst", "best", "scale", "weight", "rationale"]
    if not criteria.empty and abs(float(criteria["weight"].sum()) - 1) > WEIGHT_TOLERANCE:
        raise InputError(f"The weights of {cluster}, {chosen} do not add to 1.")
    factors = design.factors[design.factors["cluster"] == cluster].set_index("factor").drop(columns="cluster")
    quotas = design.quotas[design.quotas["cluster"] == cluster].set_index("quota").drop(columns="cluster")
    return Cluster(
        cluster=cluster,
        number=int(row["number"]),
        title=row["title"],
        title_fr=row["title_fr"],
        question=row["question"],
        perspective=chosen,
        perspective_label=mine.loc[chosen, "label"],
        stance=mine.loc[chosen, "stance"],
        weight_basis=mine.loc[chosen, "weight_basis"],
        perspectives=(row["default_perspective"], *(n for n in mine.index if n != row["default_perspective"])),
        minimum_coverage=float(row["minimum_coverage"]),
        _criteria=criteria[order].copy(),
        _factors=factors.copy(),
        _quotas=quotas.copy(),
        question_fr=row["question_fr"],
        perspective_label_fr=mine.loc[chosen, "label_fr"],
        stance_fr=mine.loc[chosen, "stance_fr"],
        weight_basis_fr=mine.loc[chosen, "weight_basis_fr"],
    )
