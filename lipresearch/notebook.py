"""What a notebook sets once, and tables as a reader wants them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd

from lipresearch import wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lipresearch.design import Cluster
    from lipresearch.ranking import Ranking


def setup() -> None:
    """Set how pandas shows tables in this notebook: no cut columns or cells, two decimals, words for missing.

    Nothing else is changed, and nothing is changed before this is called.
    """
    pd.set_option("display.max_columns", 30)
    pd.set_option("display.max_rows", 80)
    pd.set_option("display.max_colwidth", 90)
    pd.set_option("display.width", 160)
    pd.set_option("display.precision", 2)
    pd.set_option("display.float_format", lambda value: wording.number(value, 2))
    _show_figures()


def _show_figures() -> None:
    """Let the notebook show figures as pictures with their description as alternative text."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None and shell.display_formatter is not None:
        shell.display_formatter.formatters["image/png"].for_type_by_name("matplotlib.figure", "Figure", _picture)


def _picture(figure: Figure) -> tuple[bytes, dict[str, str]]:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue(), {"alt": figure.get_gid() or ""}


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
            "Evidence": [
                f"{row.grade or 'missing'}, {row.vintage}" if row.vintage else row.grade or "missing"
                for row in parts.itertuples()
            ],
            "Source or reason": [
                "; ".join(text for text in (row.sources, row.detail) if text) for row in parts.itertuples()
            ],
        },
        index=pd.Index(parts["label"], name="Criterion"),
    )


def measures_table(measures: pd.DataFrame, site: str) -> pd.DataFrame:
    """Return one site's measures for reading: value or reason, unit, evidence, source."""
    rows = measures[measures["site"] == site]
    return pd.DataFrame(
        {
            "Value": [wording.measured(row.value, row.low, row.high, row.reason, 2) for row in rows.itertuples()],
            "Unit": list(rows["unit"]),
            "Evidence": [
                " ".join(part for part in (row.grade or "–", row.vintage) if part) for row in rows.itertuples()
            ],
            "Source or reason": [
                "; ".join(part for part in (row.sources, row.detail) if part) for row in rows.itertuples()
            ],
        },
        index=pd.Index(rows["measure"], name="Measure"),
    )


def evidence_table(measures: pd.DataFrame) -> pd.DataFrame:
    """Return for how many sites each measure has evidence of grade A, B, C, bounds only, or none."""
    kind = measures["grade"].where(measures["value"].notna(), "none")
    kind = kind.where(measures["value"].notna() | measures["low"].isna(), "bounds only")
    counted = pd.crosstab(measures["measure"], kind)
    order = ["A", "B", "C", "bounds only", "none"]
    return counted.reindex(index=measures["measure"].drop_duplicates(), columns=order, fill_value=0).rename_axis(
        index="Measure", columns="Sites with evidence"
    )


def missing_table(measures: pd.DataFrame) -> pd.DataFrame:
    """Return why values are missing: reason, explanation, how many values, how many sites."""
    rows = measures[measures["value"].isna()]
    detail = rows["detail"].str.replace(r"covers [\d.]+ % of residents", "covers too few residents", regex=True)
    detail = detail.str.replace(r"published only for .*", "published only for a larger area", regex=True)
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


def quotas_table(cluster: Cluster) -> pd.DataFrame:
    """Return the quotas and spread targets that the factors ask of a set of sites."""
    quotas = cluster.quotas

    def bound(value: float) -> str:
        return "" if pd.isna(value) else f"{value:.0f}"

    return pd.DataFrame(
        {
            "Factor": list(quotas["factor"]),
            "Attribute": list(quotas["attribute"].str.replace("_", " ")),
            "Level": list(quotas["level"]),
            "At least": [bound(value) for value in quotas["minimum"]],
            "At most": [bound(value) for value in quotas["maximum"]],
            "Rationale": list(quotas["rationale"]),
        },
        index=pd.Index(quotas.index, name="Quota"),
    )
