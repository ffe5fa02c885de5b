"""Sites, their categories and their measures side by side as tables for reading: text, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lipresearch import wording
from lipresearch.designs import ATTRIBUTES
from lipresearch.errors import InputError

if TYPE_CHECKING:
    from lipresearch.ranking import Ranking
    from lipresearch.selection import Selection

#: How a level of an area is called.
AREAS = {
    "cd": "census division",
    "csd": "census subdivision",
    "hood140": "Toronto neighbourhood (of 140)",
    "hood158": "Toronto neighbourhood (of 158)",
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _known(values: pd.Series) -> list[str]:
    return list(values.replace("", "not known"))


def _rank(value: object) -> str:
    return "–" if value is None or value is pd.NA or pd.isna(value) else str(value)


# -- what kinds of places ------------------------------------------------------------------------------


def thresholds_table(thresholds: pd.DataFrame) -> pd.DataFrame:
    """Return the rules of the categories for reading; the rules of a category are tried from the top."""
    return pd.DataFrame(
        {"Level": list(thresholds["level"]), "Rule": list(thresholds["rule"])},
        index=pd.Index([_capital(name) for name in thresholds["category"]], name="Category"),
    )


def kinds_table(sites: pd.DataFrame) -> pd.DataFrame:
    """Return what follows from rules for every site: type, group, orientation, tier, scale, economic region."""
    return pd.DataFrame(
        {
            "Type": _known(sites["settlement_type"]),
            "Field study group": _known(sites["field_study_group"]),
            "Orientation": _known(sites["orientation"]),
            "City tier": _known(sites["city_tier"]),
            "Scale": _known(sites["scale"]),
            "Economic region": _known(sites["region"]),
        },
        index=pd.Index(sites["name"], name="Site"),
    )


def declared_table(sites: pd.DataFrame) -> pd.DataFrame:
    """Return what is declared for every site, with a source each: lead, borders, French designation, northern."""
    return pd.DataFrame(
        {
            "Lead organisation": _known(sites["lead_kind"]),
            "Province": list(sites["province"]),
            "Northern Ontario": _known(sites["northern"]),
            "Touches": _known(sites["provincial_boundary"].replace("none", "–")),
            "United States border": _known(sites["us_border"]),
            "French designation": _known(sites["french_designation"]),
        },
        index=pd.Index(sites["name"], name="Site"),
    )


def levels_table(levels: pd.DataFrame) -> pd.DataFrame:
    """Return how many sites each level has, and the highest minimum that a quota on it can have."""
    names = [_capital(ATTRIBUTES[attribute][0]) for attribute in levels["attribute"]]
    return pd.DataFrame(
        {
            "Level": _known(levels["level"]),
            "Sites": list(levels["sites"]),
            "Most in one set": list(levels["together"]),
            "Which": [
                names if count <= 6 else f"{', '.join(names.split(', ')[:5])} and {count - 5} more"
                for names, count in zip(levels["names"], levels["sites"], strict=True)
            ],
        },
        index=pd.Index(names, name="Category"),
    )


def combinations_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Return how many sites have each combination of two categories; an en dash where there is none."""
    first, second = (_capital(ATTRIBUTES[str(name)][0]) for name in (counts.index.name, counts.columns.name))
    shown = counts.assign(total=counts.sum(axis=1)).astype(int)
    cells = {
        str(column or "not known") if column != "total" else "Sites": [str(n) if n else "–" for n in shown[column]]
        for column in shown.columns
    }
    index = pd.Index([level or "not known" for level in counts.index], name=f"{first} / {second}")
    return pd.DataFrame(cells, index=index)


def field_study_table(checked: pd.DataFrame) -> pd.DataFrame:
    """Return the six cases of the field study for reading: what its text says, what the rules give."""
    return pd.DataFrame(
        {
            "Group, by its authors": list(checked["group_said"]),
            "Group, by rule": list(checked["group"]),
            "Orientation, by its authors": list(checked["orientation_said"].replace("", "not said")),
            "Orientation, by rule": list(checked["orientation"]),
            "Agree": ["yes" if agree else "no" for agree in checked["agree"]],
        },
        index=pd.Index(checked["name"], name="Case"),
    )


def catchment_table(catchment: pd.DataFrame) -> pd.DataFrame:
    """Return the areas of a site for reading: kind, code, how sure it is that they belong to it, source, note."""
    return pd.DataFrame(
        {
            "Kind of area": [AREAS[level] for level in catchment["level"]],
            "Code": list(catchment["area"]),
            "Status": list(catchment["status"]),
            "Source": list(catchment["source"]),
            "Note": list(catchment["note"].replace("", "–")),
        },
        index=pd.Index(catchment["name"], name="Area"),
    )


def overlaps_table(overlaps: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of sites that share an area for reading."""
    words = {"within": "lies inside", "partly": "shares a part with"}
    return pd.DataFrame(
        {
            "How": [words[relation] for relation in overlaps["relation"]],
            "Other site": list(overlaps["other_name"]),
            "Note": list(overlaps["note"]),
        },
        index=pd.Index(overlaps["name"], name="Site"),
    )


def notes_table(notes: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Return what is disputed or inferred about some sites for reading; sites in their order."""
    mine = notes[notes["site"].isin(sites.index)]
    return pd.DataFrame(
        {"Topic": list(mine["topic"]), "Note": list(mine["note"]), "Source": list(mine["source"])},
        index=pd.Index(mine["site"].map(sites["name"]), name="Site"),
    )


# -- measures side by side -----------------------------------------------------------------------------


def known_table(measures: pd.DataFrame) -> pd.DataFrame:
    """Return for each site how many of the measures have a value, bounds only, or neither; most first."""
    value = measures["value"].notna()
    bounds = ~value & measures["low"].notna()
    counted = pd.DataFrame({"name": measures["name"], "value": value, "bounds": bounds, "all": True})
    table = counted.groupby("name").sum().sort_values(["value", "bounds"], ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "With a value": [f"{row.value} of {row.all}" for row in table.itertuples()],
            "Share": [wording.percent(share) for share in table["value"] / table["all"]],
            "Bounds only": table["bounds"].astype(int),
            "Neither": (table["all"] - table["value"] - table["bounds"]).astype(int),
        }
    ).rename_axis("Site")


def values_table(
    measures: pd.DataFrame, wanted: Sequence[str] | Mapping[str, str], known_only: bool = False
) -> pd.DataFrame:
    """Return measures side by side, one row a site: value with its bounds, bounds alone, or why there is none.

    Parameters
    ----------
    measures : DataFrame
        As ``load_measures`` returns it.
    wanted : sequence of str, or mapping of str to str
        Measure ids in the order of the columns; a mapping gives each a shorter heading than its label.
    known_only : bool
        Leave out the sites that have neither a value nor bounds for any of them.

    Returns
    -------
    DataFrame
        Indexed by the site's name, highest value of the first measure first, sites without one last; all text. The
        heading is the label (or the given one) and the unit.

    Raises
    ------
    InputError
        If a measure is not in the table.
    """
    heads = dict(wanted) if isinstance(wanted, Mapping) else dict.fromkeys(wanted, "")
    there = measures.drop_duplicates("measure").set_index("measure")
    unknown = [name for name in heads if name not in there.index]
    if unknown or not heads:
        found = f"no measure {unknown[0]!r}" if unknown else "no measure to show"
        raise InputError(f"There is {found}. See the column measure of load_measures().")
    mine = measures[measures["measure"].isin(list(heads))]
    if known_only:
        some = mine["value"].notna() | mine["low"].notna()
        mine = mine[mine["site"].isin(mine.loc[some, "site"])]
    sites = mine.drop_duplicates("site").set_index("site")["name"]
    columns = {}
    for name, head in heads.items():
        rows = mine[mine["measure"] == name].set_index("site").reindex(sites.index)
        shown = head or str(there.loc[name, "label"])
        unit = str(there.loc[name, "unit"])
        columns[shown if unit in shown else f"{shown}, {unit}"] = [_value(row) for row in rows.itertuples()]
    first = mine[mine["measure"] == next(iter(heads))].set_index("site")["value"].reindex(sites.index)
    order = np.argsort(-first.to_numpy(), kind="stable")  # NaN sorts last
    return pd.DataFrame(columns, index=pd.Index(sites, name="Site")).iloc[order]


def _value(row: Any) -> str:
    """Return a value with its bounds or its reason; nothing at all is 0, without decimals."""
    if row.value == row.low == row.high == 0:
        return "0"
    return wording.measured(row.value, row.low, row.high, row.reason, int(row.decimals))


def agreement_table(agreement: pd.DataFrame) -> pd.DataFrame:
    """Return how far measures order the sites alike for reading."""
    return pd.DataFrame(
        {
            "Other measure": list(agreement["second_label"]),
            "Sites with both": list(agreement["sites"]),
            "Correlation of ranks": [wording.number(value, 2) for value in agreement["correlation"]],
            "Pairs of sites in the same order": [wording.percent(value) for value in agreement["same_order"]],
        },
        index=pd.Index(agreement["first_label"], name="Measure"),
    )


# -- rankings ------------------------------------------------------------------------------------------


def grades_table(ranking: Ranking) -> pd.DataFrame:
    """Return the share of each site's weight that rests on which evidence, in the order of the ranking.

    Sites that are not ranked stand last; a kind of evidence that no site has is left out.
    """
    grades = ranking.grades.loc[list(ranking.table["site"])]
    heads = {"A": "A", "B": "B", "C": "C", "bounds only": "Bounds only", "missing": "Missing"}
    heads["of it supplied"] = "Of it supplied"
    shown = {
        head: [wording.percent(value) for value in grades[name]]
        for name, head in heads.items()
        if (grades[name] > 0).any()
    }
    return pd.DataFrame(shown, index=pd.Index(grades["name"], name="Site"))


def contributions_table(ranking: Ranking) -> pd.DataFrame:
    """Return what each factor adds to the score of every ranked site, best first."""
    parts = ranking.contributions
    labels = ranking.cluster.factors["label"]
    adds = parts.pivot_table(index="site", columns="factor", values="contribution", aggfunc="sum")
    table = ranking.ranked
    cells = {
        f"{factor} {labels[factor]}": [wording.number(value, 2) for value in adds.loc[table["site"], factor]]
        for factor in adds.columns
    }
    scores = [wording.number(value, 2) for value in table["score"]]
    return pd.DataFrame({**cells, "Score": scores}, index=pd.Index(table["name"], name="Site"))


def perspectives_table(compared: pd.DataFrame, labels: Mapping[str, str], top: int | None = None) -> pd.DataFrame:
    """Return each site's rank under every perspective, and how far apart they are.

    Parameters
    ----------
    compared : DataFrame
        As ``lip.compare_perspectives`` returns it.
    labels : mapping
        ``{perspective: its label}``.
    top : int, optional
        Only the sites that are among so many first under at least one perspective.
    """
    ranks = compared[list(labels)]
    if top is not None:
        compared = compared[(ranks <= top).fillna(False).any(axis=1)]
    shown = {label: [_rank(rank) for rank in compared[name]] for name, label in labels.items()}
    return pd.DataFrame(
        {**shown, "Ranks apart": [_rank(value) for value in compared["spread"]]},
        index=pd.Index(compared["name"], name="Site"),
    )


def ranks_table(rankings: Sequence[Ranking], sites: Sequence[str]) -> pd.DataFrame:
    """Return the ranks of some sites in several clusters; an en dash where a site is not ranked.

    Raises
    ------
    InputError
        If a site is in none of the rankings.
    """
    tables = [ranking.table.set_index("site") for ranking in rankings]
    names = {site: name for table in tables for site, name in table["name"].items()}
    unknown = [site for site in sites if site not in names]
    if unknown:
        raise InputError(f"{unknown[0]} is in none of the rankings. Load its measures with load_measures(also=[...]).")
    cells = {
        _capital(ranking.cluster.cluster): [_rank(rank) for rank in table["rank"].reindex(list(sites))]
        for ranking, table in zip(rankings, tables, strict=True)
    }
    return pd.DataFrame(cells, index=pd.Index([names[site] for site in sites], name="Site"))


def rank_changes_table(before: Ranking, after: Ranking, all_sites: bool = False) -> pd.DataFrame:
    """Return the sites whose rank or score differs between two rankings, in the order of the second.

    Parameters
    ----------
    before, after : Ranking
    all_sites : bool
        Show those that did not change too.
    """
    old, new = (ranking.table.set_index("site") for ranking in (before, after))
    rows = {}
    for site, row in new.iterrows():
        then = old.loc[site] if site in old.index else None
        cells = {
            "Rank before": "not there" if then is None else _rank(then["rank"]),
            "Rank now": _rank(row["rank"]),
            "Score before": "–" if then is None else wording.number(then["score"], 2),
            "Score now": wording.number(row["score"], 2),
        }
        if all_sites or cells["Rank before"] != cells["Rank now"] or cells["Score before"] != cells["Score now"]:
            rows[str(row["name"])] = cells
    return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="Site"))


# -- sets for several clusters -------------------------------------------------------------------------


def scores_table(selection: Selection) -> pd.DataFrame:
    """Return the scores of the chosen sites in each of the selection's clusters; an en dash where not ranked."""
    cells = {}
    for ranking in selection.rankings:
        scores = ranking.table.set_index("site")["score"].reindex(list(selection.sites))
        cells[ranking.cluster.title] = [wording.number(value, 2) for value in scores]
    return pd.DataFrame(cells, index=pd.Index(selection.table["name"], name="Site"))


def sharing_table(shared: Selection, own: Sequence[Selection]) -> pd.DataFrame:
    """Return what a shared set is worth in each cluster, beside the cluster's own best set.

    Parameters
    ----------
    shared : Selection
        Chosen for several clusters.
    own : sequence of Selection
        One for each of its clusters, in their order, each chosen for its suitability.

    Raises
    ------
    InputError
        If they are not one for each cluster.
    """
    clusters = [ranking.cluster.cluster for ranking in shared.rankings]
    if [selection.rankings[0].cluster.cluster for selection in own] != clusters:
        raise InputError(f"Give one selection for each of the shared set's clusters, in their order: {clusters}.")
    rows = []
    for ranking, selection in zip(shared.rankings, own, strict=True):
        scores = ranking.table.set_index("site")["score"]
        rows.append(
            {
                "Shared set": wording.number(float(scores.reindex(list(shared.sites)).sum()), 2),
                "Own set": wording.number(float(scores.reindex(list(selection.sites)).sum()), 2),
                "Sites in both": f"{len(set(shared.sites) & set(selection.sites))} of {len(shared.sites)}",
            }
        )
    return pd.DataFrame(rows, index=pd.Index([ranking.cluster.title for ranking in shared.rankings], name="Cluster"))
