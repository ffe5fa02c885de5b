"""Variants, sensitivity and several people's weights as tables for reading: text, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from lipresearch import wording

if TYPE_CHECKING:
    from lipresearch.robustness.people import GroupRanking
    from lipresearch.robustness.sensitivity import LeaveOneOut, WeightChange, WeightSensitivity
    from lipresearch.robustness.variants import Variants

#: How many names of a list are spelled out.
NAMES = 2
#: How a kind of answers reads.
ASKED = {"weights": "weights", "swings": "swing points", "order": "order of importance", "pairs": "pairs"}


def some_names(names: str) -> str:
    """Return a list of names, the first of a long one and how many more.

    >>> some_names("Peel; Huron; Ottawa; Quinte"), some_names("Peel"), some_names("")
    ('Peel, Huron and 2 more', 'Peel', '–')
    """
    parts = [name for name in names.split("; ") if name]
    more = f" and {len(parts) - NAMES} more" if len(parts) > NAMES else ""
    return (", ".join(parts[:NAMES]) + more) or "–"


def _rank(value: object) -> str:
    return "–" if value is None or value is pd.NA or pd.isna(value) else str(int(str(value)))


def variants_summary(variants: Variants) -> pd.DataFrame:
    """Return one row a variant: how far it shifts ranks, who comes first, and what is to be said of it."""
    table = variants.summary
    return pd.DataFrame(
        {
            "Method or perspective": list(table["label"]),
            "Mean shift": [wording.number(value, 1) for value in table["average_shift"]],
            "Largest": [wording.number(value, 1).removesuffix(".0") for value in table["largest_shift"]],
            "Moved most": [some_names(names) for names in table["moved_most"]],
            "First": [some_names(names) for names in table["first"]],
            "Of first ten": [_rank(value) for value in table["of_first_ten"]],
        },
        index=pd.Index([str(number) for number in range(1, len(table) + 1)], name="No."),
    )


def variants_table(variants: Variants) -> pd.DataFrame:
    """Return one row a site: its rank under every variant, numbered as in the summary, and their range."""
    table = variants.table
    names = list(variants.summary["variant"])
    shown = {
        "Ranks": [
            wording.span(float(row.rank_best), float(row.rank_worst), 0) if pd.notna(row.rank_best) else "–"
            for row in table.itertuples()
        ]
    }
    shown |= {str(number): [_rank(value) for value in table[name]] for number, name in enumerate(names, start=1)}
    return pd.DataFrame(shown, index=pd.Index(table["name"], name="Site"))


def variants_notes(variants: Variants) -> list[str]:
    """Return one sentence for every variant of which something is to be said."""
    return [f"{row.label}: {row.note}." for row in variants.summary.itertuples() if row.note]


def leave_one_out_table(parts: LeaveOneOut, kinds: tuple[str, ...] = ("criterion", "factor")) -> pd.DataFrame:
    """Return one row a part left out: its weight, and what happens to the ranks."""
    table = parts.table
    table = table[table["kind"].isin(kinds)]
    return pd.DataFrame(
        {
            "Weight": [wording.percent(value) for value in table["weight"]],
            "Mean shift": [wording.number(value, 1) for value in table["average_shift"]],
            "Largest": [wording.number(value, 1).removesuffix(".0") for value in table["largest_shift"]],
            f"First, and first {parts.top}": [_changes(row) for row in table.itertuples()],
        },
        index=pd.Index(table["label"], name="Left out"),
    )


def _changes(row: Any) -> str:
    """Return what changes at the top, and who is no longer or newly ranked."""
    told = [row.note] if row.note else []
    told += [f"first: {some_names(row.first)}"] if row.first_changes == "yes" else []
    for word, names in (
        ("in", row.enter_top),
        ("out", row.leave_top),
        ("no longer ranked", row.no_longer_ranked),
        ("now ranked", row.newly_ranked),
    ):
        told += [f"{word}: {some_names(names)}"] if names else []
    return "; ".join(told) or "no change"


def sites_left_out(parts: LeaveOneOut) -> str:
    """Return one sentence on what happens to the other sites when one is left out."""
    table = parts.table
    table = table[table["kind"] == "site"]
    moved = table[table["largest_shift"] > 0]
    if moved.empty:
        return "Leaving out any one site changes the order of no two others."
    worst = moved.loc[moved["largest_shift"].idxmax()]
    shift = wording.number(worst["largest_shift"], 1).removesuffix(".0")
    return (
        f"Leaving out one site moves others in {len(moved)} of {len(table)} cases, most without {worst['label']}: "
        f"{some_names(worst['moved_most'])} by {shift} rank{'' if shift == '1' else 's'}."
    )


def weight_change_table(change: WeightChange, rows: int | None = None) -> pd.DataFrame:
    """Return one row a challenger that some weighting puts among the first: how little the weights must change."""
    table = change.table
    table = table[table["possible"] == "yes"].head(rows if rows is not None else len(table))
    return pd.DataFrame(
        {
            "Comes before": list(table["instead_of_name"]),
            "Weight to move": [wording.percent(value) for value in table["moved"]],
            "Or each weight by": [wording.percent(value) for value in table["largest_change"]],
        },
        index=pd.Index([row.name or "(" + row.reason + ")" for row in table.itertuples(index=False)], name="Site"),
    )


def moved_weights_table(change: WeightChange, row: int = 0) -> pd.DataFrame:
    """Return the weights that move, from and to, at which the nearest challenger draws level."""
    table = change.change(row)
    far = table[["moved_to", "spread_to"]].sub(table["weight"], axis=0).abs().max(axis=1)
    table = table[far > 1e-9]
    return pd.DataFrame(
        {
            "Weight now": [wording.percent(value) for value in table["weight"]],
            "Least moved": [wording.percent(value) for value in table["moved_to"]],
            "Spread evenly": [wording.percent(value) for value in table["spread_to"]],
        },
        index=pd.Index(table["label"], name="Criterion"),
    )


def weight_sensitivity_table(found: WeightSensitivity) -> pd.DataFrame:
    """Return one row a criterion: between which of its weights the first site stays first, and who is first beyond."""
    table = found.table
    ranges = [
        row.reason or f"{wording.percent(round(row.stays_from, 9))} to {wording.percent(round(row.stays_to, 9))}"
        for row in table.itertuples()
    ]
    return pd.DataFrame(
        {
            "Weight now": [wording.percent(value) for value in table["weight"]],
            "First stays first from … to": ranges,
            "First below that": [some_names(names) for names in table["below"]],
            "First above that": [some_names(names) for names in table["above"]],
            "Changes of the first": [_rank(value) for value in table["changes"]],
        },
        index=pd.Index(table["label"], name="Criterion"),
    )


def group_table(found: GroupRanking) -> pd.DataFrame:
    """Return one row a site: rank of the group, its range over the participants, and the declared weights' rank."""
    table = found.table
    ranked = table[table["status"] == "ranked"]
    return pd.DataFrame(
        {
            "Site": list(ranked["name"]),
            "Over participants": [
                wording.span(float(row.rank_best), float(row.rank_worst), 0) for row in ranked.itertuples()
            ],
            "Mean rank": [wording.number(value, 1) for value in ranked["mean_rank"]],
            "Score": [wording.number(value, 2) for value in ranked["score"]],
            "Declared weights": [_rank(value) for value in ranked["declared"]],
        },
        index=pd.Index([_rank(value) for value in ranked["rank"]], name="Rank"),
    )


def members_table(found: GroupRanking) -> pd.DataFrame:
    """Return one row a participant: how asked, consistency, and how far the person lies from the group."""
    table = found.members
    ratios = ["–" if math.isnan(value) else wording.number(value, 2) for value in table["consistency"]]
    return pd.DataFrame(
        {
            "Asked for": [f"{ASKED[row.kind]}, by {row.level}" for row in table.itertuples()],
            "Consistency ratio": [
                f"{ratio} (high)" if note else ratio for ratio, note in zip(ratios, table["note"], strict=True)
            ],
            "Weight apart": [wording.percent(value) for value in table["weight_moved"]],
            "Mean shift": [wording.number(value, 1) for value in table["average_shift"]],
            "Puts first": [some_names(names) for names in table["first"]],
        },
        index=pd.Index(table["participant"], name="Participant"),
    )


def apart_table(found: GroupRanking) -> pd.DataFrame:
    """Return one row a participant: the criteria to which the person gives most more, and most less, than the group."""
    table = found.members

    def told(labels: pd.Series, by: pd.Series, sign: str) -> list[str]:
        return [
            f"{some_names(label)} ({sign}{wording.number(100 * abs(share), 1)})" if label else "as the group"
            for label, share in zip(labels, by, strict=True)
        ]

    return pd.DataFrame(
        {
            "Most more for": told(table["most_above"], table["by_above"], "+"),
            "Most less for": told(table["most_below"], table["by_below"], "-"),
        },
        index=pd.Index(table["participant"], name="Participant"),
    )


def spread_table(found: GroupRanking, level: str = "factor") -> pd.DataFrame:
    """Return one row a factor (or criterion): its weight in the group, and who gives it least and most."""
    table = found.spread
    table = table[table["level"] == level]
    return pd.DataFrame(
        {
            "Group": [wording.percent(value) for value in table["group"]],
            "Lowest": [wording.percent(value) for value in table["lowest"]],
            "By": [some_names(names) for names in table["lowest_by"]],
            "Highest": [wording.percent(value) for value in table["highest"]],
            "By whom": [some_names(names) for names in table["highest_by"]],
        },
        index=pd.Index(table["label"], name=level.capitalize()),
    )


def agreement_sentences(found: GroupRanking) -> list[str]:
    """Return one sentence each on the agreement about sites, criteria and factors."""
    told = []
    for row in found.agreement.itertuples():
        about = f"the {row.about}" if row.about == "ranking of sites" else f"the importance of {row.about}"
        if row.reason:
            told.append(f"Agreement on {about}: undefined, {row.reason}.")
            continue
        p_value = "below 0.001" if row.p_value < 0.001 else wording.number(row.p_value, 3)
        permuted = "" if math.isnan(row.p_permuted) else f"; by permutation {wording.number(row.p_permuted, 3)}"
        told.append(
            f"Agreement on {about}: Kendall's W {wording.number(row.w, 2)} (0 none, 1 the same order) of "
            f"{row.participants} participants over {row.things}; chi-squared {wording.number(row.chi_squared, 1)}, "
            f"{row.degrees} degrees of freedom, p {p_value}{permuted}"
            + (" (chi-squared is rough for so few)." if row.things <= 7 else ".")
            + (" All rank by the same evidence, so they agree in part whatever they think." if "sites" in about else "")
        )
    return told
