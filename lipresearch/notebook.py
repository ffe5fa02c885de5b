"""What a notebook sets once, and tables as a reader wants them."""

from __future__ import annotations

import hashlib
import html
import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from lipresearch import wording
from lipresearch.paths import project_root
from lipresearch.robustness_tables import (
    agreement_sentences,
    apart_table,
    group_table,
    leave_one_out_table,
    members_table,
    moved_weights_table,
    sites_left_out,
    spread_table,
    variants_notes,
    variants_summary,
    variants_table,
    weight_change_table,
    weight_sensitivity_table,
)
from lipresearch.sandbox import add_design, add_evidence, add_rows, attempt, change_rows, sandbox
from lipresearch.site_tables import (
    agreement_table,
    catchment_table,
    combinations_table,
    contributions_table,
    declared_table,
    field_study_table,
    grades_table,
    kinds_table,
    known_table,
    levels_table,
    notes_table,
    overlaps_table,
    perspectives_table,
    rank_changes_table,
    ranks_table,
    scores_table,
    sharing_table,
    thresholds_table,
    values_table,
)
from lipresearch.sources import short_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lipresearch.comparison.matching import Comparators, Distances, Pairs
    from lipresearch.comparison.representativeness import Representativeness
    from lipresearch.design import Cluster
    from lipresearch.ranking import Ranking
    from lipresearch.robustness import RankAcceptability, RankVariance
    from lipresearch.selection import Assessment, CoreIndex, Selection

#: Tables of robustness results and of sites, and the practice copy, at hand as ``lip.notebook....`` too.
__all__ = [
    "add_design",
    "add_evidence",
    "add_rows",
    "agreement_sentences",
    "agreement_table",
    "apart_table",
    "attempt",
    "catchment_table",
    "change_rows",
    "combinations_table",
    "contributions_table",
    "declared_table",
    "field_study_table",
    "grades_table",
    "group_table",
    "kinds_table",
    "known_table",
    "leave_one_out_table",
    "levels_table",
    "members_table",
    "moved_weights_table",
    "notes_table",
    "overlaps_table",
    "perspectives_table",
    "rank_changes_table",
    "ranks_table",
    "sandbox",
    "scores_table",
    "sharing_table",
    "sites_left_out",
    "spread_table",
    "thresholds_table",
    "values_table",
    "variants_notes",
    "variants_summary",
    "variants_table",
    "weight_change_table",
    "weight_sensitivity_table",
]


#: Characters in a printed line: as many as a page of a notebook shows without breaking it.
LINE = 110


def setup() -> None:
    """Set how this notebook shows tables and figures; nothing is changed before this is called.

    Tables: no cut columns or cells, text to the left and numbers to the right, two decimals, an en dash for
    missing. Figures: pictures with their description as alternative text and the hash of the picture beside it; as
    text their title and a fingerprint of what they draw, which changes when the data do (nbval compares texts, not
    pictures).
    """
    pd.set_option("display.max_columns", 30)
    pd.set_option("display.max_rows", 80)
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.width", 160)
    pd.set_option("display.float_format", lambda value: wording.number(value, 2))
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None and shell.display_formatter is not None:
        formatters = shell.display_formatter.formatters
        formatters["text/html"].for_type(pd.DataFrame, table_html)
        formatters["image/png"].for_type_by_name("matplotlib.figure", "Figure", _picture)
        formatters["text/plain"].for_type_by_name("matplotlib.figure", "Figure", _figure_text)


def say(*paragraphs: str) -> None:
    """Print paragraphs, their lines broken between words so that no page cuts one.

    Parameters
    ----------
    *paragraphs : str

    Examples
    --------
    >>> say("One.", "Two.")
    One.
    Two.
    """
    for paragraph in paragraphs:
        print(textwrap.fill(paragraph, LINE, break_long_words=False, break_on_hyphens=False))


def _picture(figure: Figure) -> tuple[bytes, dict[str, str]]:
    from lipresearch.plots.drawn import small_png

    picture = small_png(figure)
    return picture, {"alt": figure.get_gid() or "", "sha256": hashlib.sha256(picture).hexdigest()}


def _figure_text(figure: Figure, printer: Any, cycle: bool) -> None:
    from lipresearch.plots.drawn import described

    printer.text(described(figure))


def _cell_text(value: object) -> str:
    if isinstance(value, float):
        return wording.number(value, 2)
    if isinstance(value, int) and not isinstance(value, bool):
        return wording.number(value)
    return "–" if value is None or value is pd.NA else str(value)


def table_html(frame: pd.DataFrame) -> str:
    """Return a table as HTML: escaped, whole, text to the left and numbers to the right.

    >>> print(table_html(pd.DataFrame({"Score": [0.5]}, index=["A & B"])).split("<tbody>")[1].split("</tr>")[0])
    <tr><th style="text-align:left">A &amp; B</th><td style="text-align:right">0.50</td>
    """
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    sides = ["right" if is_number else "left" for is_number in numeric]
    names = [str(name or "") for name in frame.index.names]
    heads = [f'<th style="text-align:left">{html.escape(name)}</th>' for name in names]
    heads += [
        f'<th style="text-align:{side}">{html.escape(str(name))}</th>'
        for side, name in zip(sides, frame.columns, strict=True)
    ]
    rows = []
    for key, record in zip(frame.index, frame.itertuples(index=False), strict=True):
        labels = key if isinstance(key, tuple) else (key,)
        cells = [f'<th style="text-align:left">{html.escape(_cell_text(label))}</th>' for label in labels]
        cells += [
            f'<td style="text-align:{side}">{html.escape(_cell_text(value))}</td>'
            for side, value in zip(sides, record, strict=True)
        ]
        rows.append("<tr>" + "".join(cells) + "</tr>")
    body = "\n".join(rows)
    return f'<table class="dataframe"><thead><tr>{"".join(heads)}</tr></thead><tbody>{body}</tbody></table>'


def sites_table(sites: pd.DataFrame) -> pd.DataFrame:
    """Return sites for reading: name, type, field study group, region, kind of lead."""
    shown = sites[["name", "settlement_type", "field_study_group", "region", "lead_kind"]].replace("", "not known")
    return shown.set_axis(["Site", "Type", "Field study group", "Region", "Lead"], axis=1).set_index("Site")


def stance_table(cluster: Cluster) -> pd.DataFrame:
    """Return a perspective for reading: what it prefers and who weighted it."""
    return pd.DataFrame(
        {"": [cluster.perspective_label, cluster.stance, cluster.weight_basis]},
        index=pd.Index(["Perspective", "Stance", "Weights"], name=cluster.title),
    )


def ranking_table(ranking: Ranking, top: int | None = None) -> pd.DataFrame:
    """Return a ranking as text for reading: rank with its range, score with its interval, coverage, grades.

    Parameters
    ----------
    ranking : Ranking
    top : int, optional
        How many ranked sites; default all.

    Returns
    -------
    DataFrame
        Indexed by rank; at most eight columns, all text.
    """
    table = ranking.ranked
    grades = ranking.grades
    if top is not None:
        table = table.head(top)
    shares = {row.site: grades.loc[row.site] for row in table.itertuples()}
    return pd.DataFrame(
        {
            "Site": list(table["name"]),
            "Rank could be": [wording.span(row.rank_best, row.rank_worst, 0) for row in table.itertuples()],
            "Score": [wording.number(value, 2) for value in table["score"]],
            "Score could be": [wording.span(row.score_lowest, row.score_highest) for row in table.itertuples()],
            "Coverage": [wording.percent(value) for value in table["coverage"]],
            "Weight on A, B, C": [
                " / ".join(f"{100 * shares[site][grade]:.0f}" for grade in "ABC") for site in table["site"]
            ],
        },
        index=pd.Index([str(rank) for rank in table["rank"]], name="Rank"),
    )


def sources_table(sources: pd.DataFrame) -> pd.DataFrame:
    """Return the published datasets for reading: their names in tables, titles, publishers and folders in data/raw."""
    columns = {name: name.capitalize() for name in ("title", "publisher", "vintage", "grade")} | {"dataset": "Folder"}
    return sources.set_index("short")[list(columns)].rename(columns=columns).rename_axis(index="Named in tables")


def rationales_table(cluster: Cluster) -> pd.DataFrame:
    """Return why each criterion has its goalposts."""
    criteria = cluster.criteria
    return pd.DataFrame({"Rationale": list(criteria["rationale"])}, index=pd.Index(criteria["label"], name="Criterion"))


def unranked_table(ranking: Ranking) -> pd.DataFrame:
    """Return the sites that are not ranked, with what they lack."""
    table = ranking.unranked
    return pd.DataFrame(
        {"Coverage": [wording.percent(value) for value in table["coverage"]], "Lacks": list(table["lacks"])},
        index=pd.Index(table["name"], name="Site"),
    )


def criteria_table(cluster: Cluster) -> pd.DataFrame:
    """Return a cluster's criteria for reading: factor, preferred end, goalposts, weight."""
    criteria = cluster.criteria
    return pd.DataFrame(
        {
            "Factor": [f"{row.factor} {cluster.factors.loc[row.factor, 'label']}" for row in criteria.itertuples()],
            "Preferred": list(criteria["direction"]),
            "Worst goalpost": [f"{value:,g}" for value in criteria["worst"]],
            "Best goalpost": [f"{value:,g}" for value in criteria["best"]],
            "Scale": list(criteria["scale"]),
            "Weight": [wording.percent(value) for value in criteria["weight"]],
        },
        index=pd.Index(criteria["label"], name="Criterion"),
    )


def site_table(ranking: Ranking, site: str) -> pd.DataFrame:
    """Return every part of one site's score: value, points, weight, contribution, evidence and source."""
    parts = ranking.contributions
    parts = parts[parts["site"] == site]
    return pd.DataFrame(
        {
            "Value": [wording.measured(row.value, row.low, row.high, row.reason, 2) for row in parts.itertuples()],
            "Unit": list(parts["unit"]),
            "Points": [wording.number(value, 2) for value in parts["points"]],
            "Weight": [wording.percent(value) for value in parts["weight"]],
            "Adds": [wording.number(value, 3) for value in parts["contribution"]],
            "Evidence": [_evidence(row) for row in parts.itertuples()],
            "Source or reason": [_origin(row) for row in parts.itertuples()],
        },
        index=pd.Index(parts["label"], name="Criterion"),
    )


def _evidence(row: Any) -> str:
    """Return a value's grade and vintage; an en dash where there is no value."""
    words = f"{row.grade}, {row.vintage}" if row.grade and row.vintage else row.grade or "–"
    return f"{words}, supplied" if row.supplied == "yes" else words


def _origin(row: Any) -> str:
    names = short_names(project_root())
    listed = [names.get(source, source) for source in row.sources.split(";")]
    return "; ".join(part for part in (*listed, row.detail) if part)


def measures_table(measures: pd.DataFrame, site: str) -> pd.DataFrame:
    """Return one site's measures for reading: value or reason, unit, evidence, source."""
    rows = measures[measures["site"] == site]
    return pd.DataFrame(
        {
            "Value": [
                wording.measured(row.value, row.low, row.high, row.reason, int(row.decimals))
                for row in rows.itertuples()
            ],
            "Unit": list(rows["unit"]),
            "Evidence": [_evidence(row) for row in rows.itertuples()],
            "Source or reason": [_origin(row) for row in rows.itertuples()],
        },
        index=pd.Index(rows["label"], name="Measure"),
    )


def evidence_table(measures: pd.DataFrame) -> pd.DataFrame:
    """Return for how many sites each measure has evidence of grade A, B, C, bounds only, or none."""
    kind = measures["grade"].where(measures["value"].notna(), "none")
    kind = kind.where(measures["value"].notna() | measures["low"].isna(), "bounds only")
    counted = pd.crosstab(measures["label"], kind)
    order = ["A", "B", "C", "bounds only", "none"]
    return counted.reindex(index=measures["label"].drop_duplicates(), columns=order, fill_value=0).rename_axis(
        index="Measure", columns="Sites with evidence"
    )


def missing_table(measures: pd.DataFrame) -> pd.DataFrame:
    """Return why values are missing: reason, explanation without its numbers, how many values, how many sites."""
    rows = measures[measures["value"].isna()]
    detail = rows["detail"]
    for numbers, words in (
        (r"covers [\d.]+ % of residents", "covers too few residents"),
        (r"published only for .*", "published only for a larger area"),
        (r"\d+ of \d+ schools suppressed", "some schools suppressed"),
        (r"over \d+ census divisions", "over several census divisions"),
    ):
        detail = detail.str.replace(numbers, words, regex=True)
    grouped = rows.assign(detail=detail).groupby(["reason", "detail"])
    return pd.DataFrame({"Values": grouped.size(), "Sites": grouped["site"].nunique()}).rename_axis(
        index=["Reason", "Explanation"]
    )


def factors_table(cluster: Cluster) -> pd.DataFrame:
    """Return the workshop's factors for reading: how each is treated, with what evidence, from which text."""
    factors = cluster.factors
    return pd.DataFrame(
        {
            "Factor": list(factors["label"]),
            "Treated as": list(factors["treatment"]),
            "Evidence": list(factors["status"]),
            "Named in": [f"{row.seed}, {row.section}" for row in factors.itertuples()],
            "Note": list(factors["note"]),
        },
        index=pd.Index(factors.index, name="No."),
    )


def profile_table(profile: pd.DataFrame) -> pd.DataFrame:
    """Return a site's profile for reading: value or reason, unit, rank, median, evidence, source.

    Parameters
    ----------
    profile : DataFrame
        As ``lip.site_profile`` returns it.

    Returns
    -------
    DataFrame
        Indexed by the measure's name, six columns, all text. Rank 1 is the highest value; *of* counts the sites
        that have a value, and the median is theirs.
    """
    rows = list(profile.itertuples())
    return pd.DataFrame(
        {
            "Value": [wording.measured(row.value, row.low, row.high, row.reason, int(row.decimals)) for row in rows],
            "Unit": list(profile["unit"]),
            "Rank": [f"{'–' if pd.isna(row.rank) else row.rank} of {row.sites_with_value}" for row in rows],
            "Median": [wording.number(row.median, int(row.decimals)) for row in rows],
            "Evidence": [_evidence(row) for row in rows],
            "Source or reason": [_origin(row) for row in rows],
        },
        index=pd.Index(profile["label"], name="Measure"),
    )


def coverage_table(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return a coverage of clusters or factors for reading: per cent of the weight by kind of evidence.

    A factor without weight says why instead: it is a quota or a spread target, it is not scored in this
    perspective, or there is no evidence yet.

    Parameters
    ----------
    coverage : DataFrame
        As ``lip.cluster_coverage`` or ``lipresearch.coverage.factor_coverage`` returns it.
    """
    columns = {"A": "A", "B": "B", "C": "C", "bounds only": "Bounds only", "missing": "Missing"}
    if (coverage["of it supplied"] > 0).any():
        columns["of it supplied"] = "Of it supplied"
    shares = {shown: [wording.percent(value) for value in coverage[kind]] for kind, shown in columns.items()}
    if "factor" not in coverage:
        counted = coverage[["factors", "factors_scored", "factors_open"]].itertuples(index=False)
        factors = [" / ".join(str(number) for number in row) for row in counted]
        return pd.DataFrame(
            {"Factors: named, scored, open": factors, **shares}, index=pd.Index(coverage["cluster"], name="Cluster")
        )
    weight = [_weight(row.weight, row.treatment, row.status) for row in coverage.itertuples()]
    names = coverage["factor"] + " " + coverage["label"]
    return pd.DataFrame({"Weight": weight, **shares}, index=pd.Index(names, name="Factor"))


def _weight(weight: float, treatment: str, status: str) -> str:
    if weight > 0:
        return wording.percent(weight)
    if status == "no evidence yet":
        return "open"
    return treatment if treatment in ("quota", "spread") else "not scored"


def factor_list(factors: pd.DataFrame) -> pd.DataFrame:
    """Return the factors of all clusters for reading: treatment, criteria or quotas, what is missing, where named."""
    return pd.DataFrame(
        {
            "Treated as": list(factors["treatment"]),
            "Answered by": list(factors["answers"].replace("", "nothing yet")),
            "Missing, and how to supply it": list(factors["gap"].replace("", "–")),
            "Named in": [f"{row.seed}, {row.section.split(':')[0]}" for row in factors.itertuples()],
        },
        index=pd.Index(factors["factor"] + " " + factors["label"], name="Factor"),
    )


def partners_table(partners: pd.DataFrame) -> pd.DataFrame:
    """Return partners for reading: kind, what the list that names them is for, what they could give."""
    given = ("funding", "data", "training", "access")
    return pd.DataFrame(
        {
            "Kind": list(partners["kind"]),
            "Named for": list(partners["named_for"]),
            "Could give": [
                ", ".join(what for what in given if row[f"gives_{what}"] == "yes") or "not said"
                for row in partners.to_dict("records")
            ],
            "Note": list(partners["note"]),
        },
        index=pd.Index(partners["organisation"], name="Partner"),
    )


def priorities_table(priorities: pd.DataFrame) -> pd.DataFrame:
    """Return research priorities for reading, with their theme."""
    return pd.DataFrame(
        {"Theme": list(priorities["theme"]), "Cluster": list(priorities["cluster"])},
        index=pd.Index(priorities["label"], name="Priority"),
    )


def surveys_table(surveys: pd.DataFrame) -> pd.DataFrame:
    """Return baseline surveys for reading: publisher, years, whom they ask, what, and how to get at them."""
    columns = {"publisher": "Publisher", "years": "Years", "universe": "Who", "what": "What", "access": "Access"}
    return surveys.set_index("name")[list(columns)].rename(columns=columns).rename_axis(index="Survey")


def characteristics_table(characteristics: pd.DataFrame) -> pd.DataFrame:
    """Return the characteristics of a welcoming community for reading: linked measures, what is still missing."""
    return pd.DataFrame(
        {
            "Measures": list(characteristics["labels"].replace("", "none")),
            "Evidence": list(characteristics["status"]),
            "To supply": list(characteristics["to_supply"]),
        },
        index=pd.Index([f"{n} {name}" for n, name in characteristics["name"].items()], name="Characteristic"),
    )


def acceptability_table(result: RankAcceptability, top: int | None = None) -> pd.DataFrame:
    """Return rank acceptability for reading: the ranks in nine of ten draws, how often first and among the first."""
    table = result.table.head(top or len(result.sites))
    errors = result.table_errors.loc[table.index]
    return pd.DataFrame(
        {
            "Site": list(table["name"]),
            "Usual ranks": [wording.span(row.rank_low, row.rank_high, 0) for row in table.itertuples(index=False)],
            "Mean rank": [wording.number(value, 1) for value in table["expected_rank"]],
            "First": [wording.share(value) for value in table["first"]],
            f"First {result.top}": [wording.share(value) for value in table["top"]],
            "Confidence": ["never first" if pd.isna(value) else wording.share(value) for value in table["confidence"]],
            "Error of first": ["–" if value == 0 else wording.share(value) for value in errors["first"]],
        },
        index=pd.Index([str(rank) for rank in table["rank"]], name="Rank"),
    )


#: Ranks that are shown together, by their last one.
BANDS = (1, 3, 6, 10, 20)


def rank_shares_table(result: RankAcceptability, top: int | None = None) -> pd.DataFrame:
    """Return how often each site has which ranks, neighbouring ranks together."""
    shares = result.acceptability
    names = result.table["name"]
    ends = [*(end for end in BANDS if end < shares.shape[1]), shares.shape[1]]
    columns = {}
    for first, last in zip([1, *(end + 1 for end in ends)], ends, strict=False):
        label = f"Rank {first}" if first == last else f"{first}–{last}"
        columns[label] = [wording.share(min(value, 1.0)) for value in shares.loc[:, first:last].sum(axis=1)]
    return pd.DataFrame(columns, index=pd.Index(names, name="Site")).head(top or len(names))


def rank_variance_table(result: RankVariance) -> pd.DataFrame:
    """Return the sources of uncertainty for reading: what each explains, with others and on its own."""
    table = result.table
    return pd.DataFrame(
        {
            "Explains with others": [_explained(value) for value in table["total"]],
            "Error": [_explained(value) for value in table["total_error"]],
            "Explains on its own": [_explained(value) for value in table["first_order"]],
            "Error of that": [_explained(value) for value in table["first_order_error"]],
            "Moves a site by, if alone": [f"{wording.number(value, 1)} ranks" for value in table["alone"]],
        },
        index=pd.Index(table["label"], name="Source"),
    )


def _explained(value: float) -> str:
    # An estimate a little below nothing is nothing.
    return "no rank moves" if pd.isna(value) else wording.share(max(value, 0.0))


def comparators_table(found: Comparators) -> pd.DataFrame:
    """Return comparators for reading: place, distance, share of the measures compared, likest and least alike measure.

    Parameters
    ----------
    found : Comparators
        As ``lip.find_comparators`` returns it.
    """
    rows = list(found.table.itertuples())
    return pd.DataFrame(
        {
            "Place": [str(row.place) for row in rows],
            "Comparator": [row.comparator_name for row in rows],
            "Distance": [wording.number(row.distance, 2) for row in rows],
            "Compared on": [wording.percent(row.coverage) for row in rows],
            "Least alike in": [_least_alike(found.distances, row.site, row.comparator) for row in rows],
        },
        index=pd.Index([row.name for row in rows], name="Site"),
    )


def pairs_table(found: Pairs) -> pd.DataFrame:
    """Return pairs for reading: partner, distance, share of the measures compared, least alike measure.

    Parameters
    ----------
    found : Pairs
        As ``lip.pair_sites`` returns it.
    """
    rows = list(found.table.itertuples())
    return pd.DataFrame(
        {
            "Partner": [row.partner_name for row in rows],
            "Distance": [wording.number(row.distance, 2) for row in rows],
            "Compared on": [wording.percent(row.coverage) for row in rows],
            "Least alike in": [_least_alike(found.distances, row.site, row.partner) for row in rows],
        },
        index=pd.Index([row.name for row in rows], name="Site"),
    )


def _least_alike(distances: Distances, site: str, other: str) -> str:
    parts = distances.parts(site, other).dropna(subset="difference")
    if not len(parts) or parts["difference"].abs().max() == 0:
        return "nothing"
    row = parts.loc[parts["difference"].abs().idxmax()]
    return f"{row['label']}: {wording.short(row['value'])} and {wording.short(row['other_value'])}"


def pair_differences_table(found: Pairs | Comparators) -> pd.DataFrame:
    """Return how far pairs, or sites and comparators, are apart for reading: mean and extremes of each measure.

    In standard deviations of the roster; above 0: the first site has more. The measures stand in their declared order.
    """
    from lipresearch.comparison.matching import pair_differences

    table = pair_differences(found)
    columns = {"Mean difference": table.mean(axis=1), "Lowest": table.min(axis=1), "Highest": table.max(axis=1)}
    shown = {name: [wording.number(value, 2) for value in values] for name, values in columns.items()}
    shown["Pairs with both values"] = [f"{count} of {table.shape[1]}" for count in table.notna().sum(axis=1)]
    return pd.DataFrame(shown, index=pd.Index(table.index, name="Measure"))


def representativeness_table(found: Representativeness) -> pd.DataFrame:
    """Return how like the roster the chosen sites are, for reading, measure by measure.

    Parameters
    ----------
    found : Representativeness
        As ``lip.assess_representativeness`` returns it.
    """
    rows = list(found.table.itertuples())
    return pd.DataFrame(
        {
            "Unit": [row.unit for row in rows],
            "Chosen": [wording.short(row.mean_chosen) for row in rows],
            "All sites": [wording.short(row.mean_all) for row in rows],
            "Difference": [row.reason or wording.number(row.difference, 2) for row in rows],
            "Variance ratio": [wording.number(row.variance_ratio, 2) for row in rows],
            "Range covered": [wording.percent(row.range_covered) for row in rows],
            "Sites with value": [f"{row.chosen_with_value} of {row.sites_with_value}" for row in rows],
        },
        index=pd.Index([row.label for row in rows], name="Measure"),
    )


# -- the set of sites ---------------------------------------------------------------------------------


def designs_table(designs: pd.DataFrame) -> pd.DataFrame:
    """Return designs for reading: how many sites, for which clusters, how many quotas, from which text."""
    shown = designs[["label", "sites", "clusters", "quotas", "source"]]
    shown = shown.assign(sites=shown["sites"].astype(str), quotas=shown["quotas"].astype(str))
    return shown.set_axis(["Name", "Sites", "Clusters", "Quotas", "Drawn from"], axis=1).rename_axis("Design")


def _kinds(table: pd.DataFrame) -> dict[str, list[str]]:
    return {
        "Type": list(table["settlement_type"].replace("", "not known")),
        "Field study group": list(table["field_study_group"].replace("", "not known")),
        "Economic region": list(table["region"].replace("", "not known")),
    }


def _rank(value: Any) -> str:
    return "–" if pd.isna(value) else str(value)


def selection_table(selection: Selection) -> pd.DataFrame:
    """Return the chosen sites for reading: rank, kinds of place, score, and who replaces each if it declines."""
    table, others = selection.table, selection.alternates
    return pd.DataFrame(
        {
            "Site": list(table["name"]),
            **_kinds(table),
            "Score": [wording.number(value, 2) for value in table["score"]],
            "If it declines": list(others["replacement_name"]),
        },
        index=pd.Index([_rank(rank) for rank in table["rank"]], name="Rank"),
    )


def proof_table(selection: Selection) -> pd.DataFrame:
    """Return what is known about the best set: what was sought, its worth, the bound, whether it is proven."""
    proof = selection.proof
    sets = f"{'at least ' if proof.more else ''}{proof.equally_good}"
    rows = {
        "Sought": proof.goal,
        "Objective": wording.number(proof.objective, 4),
        "Bound": wording.number(proof.bound, 4),
        "Gap": "none" if proof.gap == 0 else wording.number(proof.gap, 4) if proof.gap >= 0.00005 else "below 0.0001",
        "Proven best": "yes" if proof.optimal else "no",
        "Sets as good as this one, itself among them": sets,
        "Solved by": proof.solver,
    }
    if proof.compared is not None:
        rows["Sets that meet the design"] = wording.number(proof.compared)
    return pd.DataFrame({"": list(rows.values())}, index=pd.Index(list(rows), name=selection.design.label))


def demands_table(quotas: pd.DataFrame, costs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a design's demands for reading: what the set has, whether it meets them, what each costs.

    Parameters
    ----------
    quotas : DataFrame
        ``selection.quotas`` or ``assessment.quotas``.
    costs : DataFrame, optional
        ``selection.cost_of_quotas``.
    """
    shown = pd.DataFrame(
        {
            "Has": list(quotas["has"]),
            "Met": ["yes" if met else "no" for met in quotas["met"]],
            "Binds": ["yes" if kind == "quota" else "no, a target" for kind in quotas["kind"]],
        },
        index=pd.Index(quotas["label"], name="Demand"),
    )
    if costs is not None:
        cost = costs.set_index("quota")["cost"]
        shown["Costs"] = [_cost(cost[name]) if name in cost.index else "–" for name in quotas["quota"]]
    return shown


def cost_note(selection: Selection) -> str:
    """Return why a demand that costs 0 need not be free, where there is one; "" where there is none."""
    costs = selection.cost_of_quotas.set_index("quota")
    if "all" not in costs.index or not (costs["cost"].drop("all") == 0).any():
        return ""
    together = costs.loc["all"]
    if not together["cost"]:
        return "The demands cost nothing: the best set of all meets them anyway."
    note = (
        "Each cost is that of giving up one demand and keeping all others. A cost of 0.000 does not say that a demand "
        f"is free: the others may bring about what it asks. With all of them given up the best set would be "
        f"{wording.number(together['cost'], 3)} better"
    )
    return f"{note}: {together['enters']} instead of {together['leaves']}."


def cost_table(selection: Selection) -> pd.DataFrame:
    """Return what each demand costs for reading: the objective without it, and how the best set would change."""
    table = selection.cost_of_quotas
    return pd.DataFrame(
        {
            "Objective without it": [wording.number(value, 3) for value in table["without_it"]],
            "Costs": [_cost(value) for value in table["cost"]],
            "Would leave": list(table["leaves"].replace("", "–")),
            "Would enter": list(table["enters"].replace("", "–")),
        },
        index=pd.Index(table["label"], name="Demand"),
    )


def _cost(value: float) -> str:
    """Return a cost for reading; one that is not 0 never reads as 0."""
    return "below 0.001" if 0 < value < 0.0005 else wording.number(value, 3)


def _change(value: float) -> str:
    return wording.number(value, 3)


def alternates_table(selection: Selection) -> pd.DataFrame:
    """Return who replaces each site if it declines: with the others kept, and in the best whole set without it."""
    table = selection.alternates
    return pd.DataFrame(
        {
            "Replacement": list(table["replacement_name"]),
            "Objective changes by": [_change(value) for value in table["change"]],
            "Best whole set without it: enters": list(table["enters"].replace("", "–")),
            "Leaves too": list(table["leaves_too"].replace("", "–")),
            "Changes by": [_change(value) for value in table["best_without_change"]],
        },
        index=pd.Index(table["name"], name="If this site declines"),
    )


def best_sets_table(selection: Selection) -> pd.DataFrame:
    """Return the best sets for reading: objective, distance from the best, and what each exchanges."""
    table = selection.best_sets
    return pd.DataFrame(
        {
            "Objective": [wording.number(value, 3) for value in table["objective"]],
            "From the best": [_change(value) for value in table["change"]],
            "Leaves": list(table["leaves"].replace("", "–")),
            "Enters": list(table["enters"].replace("", "–")),
        },
        index=pd.Index([str(place) for place in table["place"]], name="Place"),
    )


def assessment_table(assessment: Assessment) -> pd.DataFrame:
    """Return the sites of a given set and of the best one for reading, with which of the two each is in."""
    table = assessment.table
    words = {"both": "both sets", "given": "given set only", "best": "best set only"}
    return pd.DataFrame(
        {
            "In": [words[kind] for kind in table["in"]],
            "Rank": [_rank(rank) for rank in table["rank"]],
            **_kinds(table),
            "Score": [wording.number(value, 2) for value in table["score"]],
        },
        index=pd.Index(table["name"], name="Site"),
    ).sort_values("In", key=lambda column: column.map(list(words.values()).index), kind="stable")


def assessments_table(assessments: Sequence[Assessment]) -> pd.DataFrame:
    """Return how a given set does in several clusters: beside the best set, and among all sets of the design.

    *From the roster*: the mean difference of the set from the roster, in standard deviations of the sites.
    """
    rows = []
    for found in assessments:
        off = found.merits.loc["mean difference from the roster"]
        rows.append(
            {
                "Given set": wording.number(found.objective, 2),
                "Best set": wording.number(found.best.proof.objective, 2),
                "Sets that are better": wording.number(math.nan if found.better is None else found.better),
                "Of all that meet the design": wording.number(math.nan if found.compared is None else found.compared),
                "Given set from the roster": wording.number(off["given"], 2),
                "Best set from the roster": wording.number(off["best"], 2),
            }
        )
    titles = ["; ".join(ranking.cluster.title for ranking in found.best.rankings) for found in assessments]
    return pd.DataFrame(rows, index=pd.Index(titles, name="Cluster"))


def recommended_table(selections: Sequence[Selection]) -> pd.DataFrame:
    """Return several selections for reading: their sites, whether each is proven best, and how many are as good."""
    rows = [
        {
            "Best set": ", ".join(chosen.table["name"]),
            "Objective": wording.number(chosen.proof.objective, 2),
            "Proven best": "yes" if chosen.proof.optimal else "no",
            "Sets as good": f"{'at least ' if chosen.proof.more else ''}{chosen.proof.equally_good}",
        }
        for chosen in selections
    ]
    titles = ["; ".join(ranking.cluster.title for ranking in chosen.rankings) for chosen in selections]
    return pd.DataFrame(rows, index=pd.Index(titles, name="Cluster"))


def merits_table(assessment: Assessment) -> pd.DataFrame:
    """Return what can be said of a given set and of the best one, whatever was sought."""
    words = {
        "sum of scores": "Sum of scores",
        "mean score": "Mean score (0 to 1)",
        "least distance": "Distance of the two most alike (0 to 1)",
        "mean distance": "Mean distance between sites (0 to 1)",
        "mean difference from the roster": "Mean difference from the roster (standard deviations)",
    }
    merits = assessment.merits.loc[list(words)]
    columns = {"given": "Given set", "best": "Best set"}
    shown = pd.DataFrame({columns[name]: [wording.number(x, 3) for x in merits[name]] for name in columns})
    return shown.set_axis(pd.Index(list(words.values()), name="Of the set"), axis=0)


def core_table(index: CoreIndex) -> pd.DataFrame:
    """Return the core index for reading: in what share of the draws' best sets each site is; those in none left out."""
    table = index.table
    table = table[(table["share"] > 0) | table["chosen"]]
    return pd.DataFrame(
        {
            "In the best set": [wording.share(share) for share in table["share"]],
            "Class": list(table["class"]),
            "Recommended": ["yes" if chosen else "no" for chosen in table["chosen"]],
        },
        index=pd.Index(table["name"], name="Site"),
    )
