"""What surrounds a study: partners, research priorities, baseline surveys, and what makes a community welcoming."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from lipresearch.design import CLUSTERS, SEEDS
from lipresearch.errors import NotFoundError, Problem, TableError
from lipresearch.evidence import read_measures
from lipresearch.sites import line_of, read_design, unknown_ids
from lipresearch.tables import Column, Schema

PARTNER_KINDS = (
    "federal",
    "provincial",
    "municipal association",
    "foundation",
    "university or research",
    "business",
    "community agency",
    "health organisation",
    "justice organisation",
    "labour union",
    "media",
    "think tank",
    "data initiative",
    "other",
)
#: What the list that names a partner is a list of.
NAMED_FOR = (
    "funding",
    "funding and partnering",
    "financial and in-kind support",
    "partnership",
    "relationship",
    "purpose not said",
)
SAID = ("yes", "no", "not said")
THEMES = (
    "access and barriers",
    "data and methods",
    "institutions and practice",
    "language",
    "needs and readiness",
    "outcomes",
    "perceptions and voice",
    "programs and services",
    "relations and trust",
)
#: How many characteristics of a welcoming community the report of 2010 names.
CHARACTERISTICS_NAMED = 17

PARTNERS = Schema(
    (
        Column("cluster", "id"),
        Column("organisation"),
        Column("organisation_fr"),
        Column("kind", "choice", choices=PARTNER_KINDS),
        Column("named_for", "choice", choices=NAMED_FOR),
        Column("gives_funding", "choice", choices=SAID),
        Column("gives_data", "choice", choices=SAID),
        Column("gives_training", "choice", choices=SAID),
        Column("gives_access", "choice", choices=SAID),
        Column("note", required=False),
        Column("note_fr", required=False),
        Column("seed", "choice", choices=SEEDS),
        Column("section"),
    ),
    ("cluster", "organisation"),
)
PRIORITIES = Schema(
    (
        Column("cluster", "id"),
        Column("priority", "id"),
        Column("label"),
        Column("label_fr"),
        Column("theme", "choice", choices=THEMES),
        Column("seed", "choice", choices=SEEDS),
        Column("section"),
    ),
    ("priority",),
)
BASELINE_SURVEYS = Schema(
    (
        Column("survey", "id"),
        Column("name"),
        Column("name_fr"),
        Column("publisher"),
        Column("publisher_fr", required=False),
        Column("universe"),
        Column("universe_fr", required=False),
        Column("years"),
        Column("years_fr", required=False),
        Column("named_by"),
        Column("clusters"),
        Column("what"),
        Column("what_fr", required=False),
        Column("access"),
        Column("access_fr", required=False),
        Column("seed", "choice", choices=SEEDS),
        Column("section"),
        Column("source"),
    ),
    ("survey",),
)
CHARACTERISTICS = Schema(
    (
        Column("number", "id"),
        Column("name"),
        Column("name_fr"),
        Column("to_supply"),
        Column("source"),
    ),
    ("number",),
)
CHARACTERISTIC_MEASURES = Schema(
    (Column("number", "id"), Column("measure", "id"), Column("why")),
    ("number", "measure"),
)

FOLDER = "data/design/"
ADD_CLUSTER = "Use an id of clusters.csv."


def _clusters(root: Path) -> list[str]:
    table = read_design(root, "clusters", CLUSTERS)
    return list(table.sort_values("number")["cluster"])


def _without_row(known: Iterable[str], found: Iterable[str], file: str, what: str) -> list[Problem]:
    """Return a problem for each known id that a table holds no row of."""
    present = set(found)
    return [
        Problem(FOLDER + file, 0, "cluster", f"no row for {name}", f"at least one {what} for every cluster", "")
        for name in known
        if name not in present
    ]


def _read_by_cluster(root: Path, name: str, schema: Schema, what: str) -> tuple[pd.DataFrame, list[Problem]]:
    table = read_design(root, name, schema)
    known = _clusters(root)
    problems = unknown_ids(table, "cluster", set(known), f"{FOLDER}{name}.csv", ADD_CLUSTER)
    return table, problems + _without_row(known, table["cluster"], f"{name}.csv", what)


def _read_surveys(root: Path) -> tuple[pd.DataFrame, list[Problem]]:
    table = read_design(root, "baseline_surveys", BASELINE_SURVEYS)
    known = set(_clusters(root))
    file = f"{FOLDER}baseline_surveys.csv"
    problems: list[Problem] = []
    for place, row in enumerate(table.itertuples()):
        lists = {column: str(getattr(row, column)).split(";") for column in ("named_by", "clusters")}
        for column, names in lists.items():
            unknown = [name for name in names if name not in known]
            if unknown:
                found = ", ".join(repr(name) for name in unknown)
                expected = "ids of clusters.csv, with ; between"
                problems.append(Problem(file, line_of(table, place), column, found, expected, ADD_CLUSTER))
        lost = [name for name in lists["named_by"] if name in known and name not in lists["clusters"]]
        if lost:
            found = f"{row.survey} without {', '.join(lost)}"
            expected = "every cluster that named_by lists"
            problems.append(Problem(file, line_of(table, place), "clusters", found, expected, "Add it."))
    return table, problems


def _read_characteristics(root: Path) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem]]:
    table = read_design(root, "characteristics", CHARACTERISTICS)
    links = read_design(root, "characteristic_measures", CHARACTERISTIC_MEASURES)
    file, links_file = f"{FOLDER}characteristics.csv", f"{FOLDER}characteristic_measures.csv"
    expected = [str(number) for number in range(1, CHARACTERISTICS_NAMED + 1)]
    problems = []
    if list(table["number"]) != expected:
        found = ", ".join(table["number"]) or "no rows"
        problems.append(Problem(file, 0, "number", found, f"1 to {CHARACTERISTICS_NAMED} in order", ""))
    remedy = "Use a number of characteristics.csv."
    problems += unknown_ids(links, "number", set(table["number"]), links_file, remedy)
    known = set(read_measures(root).index)
    problems += unknown_ids(links, "measure", known, links_file, "Declare the measure in measures.csv.")
    return table, links, problems


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise TableError(problems)


def _known_cluster(root: Path, cluster: str | None) -> None:
    known = _clusters(root)
    if cluster is not None and cluster not in known:
        raise NotFoundError(f"There is no cluster {cluster!r}. There are: {', '.join(known)}.")


def _of_cluster(table: pd.DataFrame, cluster: str | None) -> pd.DataFrame:
    chosen = table if cluster is None else table[table["cluster"] == cluster]
    return chosen.reset_index(drop=True)


def check_context(root: Path) -> None:
    """Check partners, priorities, baseline surveys and characteristics against clusters and measures.

    Raises
    ------
    TableError
        With all failures of all five tables at once.
    """
    problems: list[Problem] = []
    for load in (load_partners, load_priorities, load_surveys, load_characteristics):
        try:
            load(root)
        except TableError as error:
            problems += error.problems
    _raise(problems)


def load_partners(root: Path, cluster: str | None = None) -> pd.DataFrame:
    """Return the partners and sources of support that the research workshops named.

    Parameters
    ----------
    root : Path
        Project folder.
    cluster : str, optional
        Only those of one cluster.

    Returns
    -------
    DataFrame
        One row a cluster and organisation, in the order of the text: names, ``kind``, ``named_for`` (what the
        list that names it is a list of), ``gives_funding``, ``gives_data``, ``gives_training``,
        ``gives_access`` (yes, no or not said), note, seed, section.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.
    TableError
        If the table breaks its rules, or a cluster has no partner.
    """
    _known_cluster(root, cluster)
    table, problems = _read_by_cluster(root, "partners", PARTNERS, "partner")
    _raise(problems)
    return _of_cluster(table, cluster)


def load_priorities(root: Path, cluster: str | None = None) -> pd.DataFrame:
    """Return the research priorities that the workshops named, in the order of the text.

    Parameters
    ----------
    root : Path
        Project folder.
    cluster : str, optional
        Only those of one cluster.

    Returns
    -------
    DataFrame
        One row a priority: cluster, priority, label, label_fr, theme, seed, section.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.
    TableError
        If the table breaks its rules, or a cluster has no priority.
    """
    _known_cluster(root, cluster)
    table, problems = _read_by_cluster(root, "priorities", PRIORITIES, "priority")
    _raise(problems)
    return _of_cluster(table, cluster)


def load_surveys(root: Path, cluster: str | None = None) -> pd.DataFrame:
    """Return the baseline surveys that the workshops named.

    Parameters
    ----------
    root : Path
        Project folder.
    cluster : str, optional
        Only those whose topics serve this cluster, whichever workshop named them.

    Returns
    -------
    DataFrame
        One row a survey: names, publisher, universe, years, ``named_by`` and ``clusters`` (ids with ; between),
        what it asks, how to get at it, seed, section, source.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.
    TableError
        If the table breaks its rules.
    """
    _known_cluster(root, cluster)
    table, problems = _read_surveys(root)
    _raise(problems)
    if cluster is not None:
        table = table[[cluster in names.split(";") for names in table["clusters"]]]
    return table.reset_index(drop=True)


def load_characteristics(root: Path) -> pd.DataFrame:
    """Return the 17 characteristics of a welcoming community with the measures that speak to each.

    Parameters
    ----------
    root : Path
        Project folder.

    Returns
    -------
    DataFrame
        Indexed by number, 1 to 17: name, name_fr, ``measures`` (ids with ; between), ``labels`` of these, ``why``
        (how each speaks to it, with ; between), ``status`` (``partly`` where a measure is linked, else ``no
        evidence yet``: no characteristic is settled by area statistics alone), ``to_supply`` (what is missing and
        where it could come from), source.

    Raises
    ------
    TableError
        If a link names an unknown characteristic or measure, or the numbers are not 1 to 17.
    """
    table, links, problems = _read_characteristics(root)
    _raise(problems)
    measures = [";".join(links["measure"][links["number"] == number]) for number in table["number"]]
    why = [
        "; ".join(text.rstrip(".") for text in links["why"][links["number"] == number]) for number in table["number"]
    ]
    status = ["partly" if names else "no evidence yet" for names in measures]
    titles = read_measures(root)["label"]
    labels = ["; ".join(titles[name] for name in names.split(";") if name) for names in measures]
    frame = table.assign(measures=measures, labels=labels, why=why, status=status)
    frame["number"] = frame["number"].astype(int)
    return frame.set_index("number")[["name", "name_fr", "measures", "labels", "why", "status", "to_supply", "source"]]
