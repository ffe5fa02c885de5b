"""Figures of how far a choice holds: the weight of one criterion from 0 to 1, and the core index."""

from __future__ import annotations

import itertools
import math
import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from lipresearch import wording
from lipresearch.errors import InputError
from lipresearch.plots import ATTRIBUTION, TYPES, _legend, _new, _styled, attribution

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lipresearch.robustness.sensitivity import WeightSensitivity
    from lipresearch.selection import CoreIndex

#: How many sites are drawn in a strong line and named, beside those that are first somewhere.
NAMED = 3
#: Line styles of the named sites, in their order.
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1, 1)),
    (0, (5, 1, 1, 1)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (8, 2)),
    (0, (8, 1.5, 3, 1.5)),
    (0, (2, 2)),
)
#: Classes of the core index: fill, edge and hatch of their bars.
CLASSES = {
    "core": ("#1b3a57", "#1b3a57", ""),
    "borderline": ("#8fb0cc", "#1b3a57", ""),
    "out": ("#ffffff", "#1b3a57", "...."),
}


def _weight(value: float) -> str:
    return wording.percent(round(value, 9))


def _all_of(names: str) -> str:
    parts = names.split("; ")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _nearest_change(table: pd.DataFrame) -> tuple[float, str, float, str] | None:
    """Return (how far, label, weight, who takes over) of the change nearest to a declared weight."""
    found = [
        (abs(end - row.weight), row.label, end, taker)
        for row in table.itertuples()
        for end, taker in ((row.stays_from, row.below), (row.stays_to, row.above))
        if taker
    ]
    return min(found, default=None, key=lambda change: round(change[0], 9))


def _headline(found: WeightSensitivity, table: pd.DataFrame) -> str:
    ranked = found.ranking.ranked
    first = ranked.loc[ranked["rank"] == 1, "name"]
    leader, stays = _all_of("; ".join(first)), "stays" if len(first) == 1 else "stay"
    nearest = _nearest_change(table)
    if nearest is None:
        return f"{leader} {stays} first whatever any one criterion weighs"
    _, label, end, taker = nearest
    weight = float(table.loc[table["label"] == label, "weight"].iloc[0])
    side = "more" if end >= weight else "less"
    then = "no site is ranked" if taker == "no site ranked" else f"{_all_of(taker)} {_are(taker)} first"
    return (
        f"{leader} {stays} first until “{label}” weighs {side} than {_weight(end)} instead of {_weight(weight)}; "
        f"then {then}"
    )


def _are(names: str) -> str:
    return "are" if "; " in names else "is"


def plot_weight_sensitivity(found: WeightSensitivity, types: pd.DataFrame, criterion: str | None = None) -> Figure:
    """Return a figure of how the scores move as the weight of one criterion goes from 0 to 1.

    One panel a criterion, or one large panel for a given one. The sites that are first somewhere, and the first of
    the ranking, are named at their lines; all others are thin. A bar under the lines shows where the first site of the
    ranking stays first, an upright line the declared weight.

    Parameters
    ----------
    found : WeightSensitivity
    types : DataFrame
        Indexed by site, with ``settlement_type``.
    criterion : str, optional
        Only this one.

    Returns
    -------
    Figure
        Not attached to pyplot; description in ``figure.get_gid()``.

    Raises
    ------
    InputError
        If there is no such criterion, or its weight cannot be varied.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    table = found.table
    if criterion is not None:
        found.scores(criterion, 0.0)  # raises where it cannot be drawn
        table = table[table["criterion"] == criterion]
    table = table[table["reason"] == ""]
    if table.empty:
        raise InputError("No criterion's weight can be varied: one carries all of it.")
    cluster = found.ranking.cluster
    title = _headline(found, table)
    subtitle = (
        f"Score of {len(found.ranking.table)} sites for {cluster.title[0].lower()}{cluster.title[1:]}, "
        f"perspective “{cluster.perspective_label}”, as the weight of one criterion goes from 0 to 100 % and the "
        "others share the rest in their proportions"
    )
    columns = 1 if len(table) == 1 else 2
    rows = math.ceil(len(table) / columns)
    tall, gap = (4.2, 0.0) if columns == 1 else (2.0, 0.72)
    height = rows * tall + (rows - 1) * gap + 0.35
    source = attribution(found.ranking.supplied)
    with _styled():
        figure, whole = _new(round(height / 0.27), title, subtitle, f"Weights: {cluster.weight_basis} {source}")
        box, inches = whole.get_position(), figure.get_figheight()
        whole.remove()
        left, wide, between = 0.045, (0.76 if columns == 1 else 0.30), 0.49
        leading = [site for first in found.stretches["first"] for site in first.split("; ") if site]
        ranked = found.ranking.ranked
        followed = list(
            dict.fromkeys([*ranked.loc[ranked["rank"] == 1, "site"], *ranked["site"].head(NAMED), *leading])
        )
        for place, row in enumerate(table.itertuples()):
            down, across = divmod(place, columns)
            top = box.y1 - (0.35 + down * (tall + gap)) / inches
            axes = figure.add_axes((left + across * between, top - tall / inches, wide, tall / inches))
            _panel(axes, found, row, followed, types, tall)
            if place >= len(table) - columns:
                axes.set_xlabel("weight of the criterion", fontsize=8)
        handles: list[Artist] = [
            Line2D([], [], color="#D55E00", lw=1.4, ls=(0, (3, 2)), label="declared weight"),
            Patch(fc="#56B4E9", label="the first site of the ranking stays first"),
            Line2D([], [], color="black", marker="o", ms=5, mfc="white", ls="none", label="another site becomes first"),
            Line2D([], [], color="#bbbbbb", lw=0.6, label="other sites"),
        ]
        figure.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.02, box.y0 - 0.66 / inches), ncols=4, frameon=False,
            fontsize=8.5, handletextpad=0.4, columnspacing=1.4, borderaxespad=0.0,
        )  # fmt: skip
        told = "; ".join(
            f"{row.label}: from {_weight(row.stays_from)} to {_weight(row.stays_to)}" for row in table.itertuples()
        )
        figure.set_gid(f"{title}. {subtitle}. First site unchanged for {told}.")
    return figure


def _panel(
    axes: Axes, found: WeightSensitivity, row: Any, followed: list[str], types: pd.DataFrame, tall: float
) -> None:
    """Draw the lines of one criterion, and name those that matter at their ends."""
    mine = found.stretches
    mine = mine[mine["criterion"] == row.criterion]
    ranked = found.ranking.ranked
    here = {site for first in mine["first"] for site in first.split("; ")} | set(ranked["site"].head(NAMED))
    here |= set(ranked.loc[ranked["rank"] == 1, "site"])
    ends: list[tuple[float, float, str, str]] = []
    for line in found.lines(row.criterion).itertuples():
        scores = [line.score_start, line.score_end]
        if line.site not in here:
            axes.plot([line.start, line.end], scores, color="#bbbbbb", lw=0.6)
            continue
        kind = types["settlement_type"].get(line.site, "")
        colour = TYPES[kind if kind in TYPES else ""][0]
        dashes = DASHES[followed.index(line.site) % len(DASHES)]
        axes.plot([line.start, line.end], scores, color=colour, lw=1.8, ls=dashes, zorder=3)
        ends.append((line.end, line.score_end, line.name, colour))
    for start in mine["start"].iloc[1:]:
        score = found.scores(row.criterion, float(start))["score"].max()
        if not math.isnan(score):
            axes.plot([start], [score], marker="o", ms=5, mfc="white", mec="black", ls="none", zorder=5, clip_on=False)
    axes.axvline(row.weight, color="#D55E00", lw=1.4, ls=(0, (3, 2)), zorder=1)
    axes.plot([row.stays_from, row.stays_to], [-0.035, -0.035], color="#56B4E9", lw=5, solid_capstyle="butt", zorder=4)
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.07, 1.03)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"], fontsize=8)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "0.5", "1"], fontsize=8)
    axes.set_title(
        "\n".join(textwrap.wrap(f"{row.label} (weight\u00a0{_weight(row.weight)})".replace(" %", "\u00a0%"), 46)),
        fontsize=9, fontweight="bold", loc="left", pad=4,
    )  # fmt: skip
    # Labels stand at the ends of the lines, moved apart where they would touch.
    places = spread([score for _, score, _, _ in ends], 0.17 / tall, -0.05, 1.0)
    for (end, score, name, colour), place in zip(ends, places, strict=True):
        axes.plot([end, 1.03], [score, place], color=colour, lw=0.7, clip_on=False, zorder=2)
        axes.text(1.04, place, name, fontsize=7.8, va="center", ha="left", color="#222222")


def spread(wanted: list[float], step: float, low: float, high: float) -> list[float]:
    """Return places at least ``step`` apart, in the order of those wanted and near to them, within two ends.

    >>> spread([0.5, 0.5, 0.1], 0.1, 0.0, 1.0)
    [0.45, 0.55, 0.1]
    """
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    # Runs of labels that would touch share their middle; joined until none touch.
    runs: list[list[float]] = []  # [sum of wanted middles, number]
    for place in order:
        runs.append([wanted[place], 1.0])
        while len(runs) > 1 and _end(runs[-2], step, 1) + step > _end(runs[-1], step, -1) + 1e-9:
            total, number = runs.pop()
            runs[-1] = [runs[-1][0] + total, runs[-1][1] + number]
    found = list(
        itertools.chain.from_iterable(
            [_end(run, step, -1) + step * place for place in range(int(run[1]))] for run in runs
        )
    )
    for place in range(len(found)):  # from below, then from above
        found[place] = max(found[place], low + step * place)
    for place in range(len(found)):
        found[-1 - place] = min(found[-1 - place], high - step * place)
    answer = [0.0] * len(wanted)
    for place, value in zip(order, found, strict=True):
        answer[place] = round(value, 9)
    return answer


def _end(run: list[float], step: float, side: int) -> float:
    """Return the first (-1) or last (1) place of a run of labels around the mean of those wanted."""
    total, number = run
    return total / number + side * step * (number - 1) / 2


def plot_core_index(index: CoreIndex) -> Figure:
    """Return a figure of how often each site is in the best set: core, borderline or out, recommended ones marked.

    Parameters
    ----------
    index : CoreIndex
        As ``lip.core_index`` returns it. Sites that are in no draw's best set are counted in the subtitle.

    Returns
    -------
    Figure
        Not attached to pyplot; description in ``figure.get_gid()``.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    whole = index.table
    table = whole[(whole["share"] > 0) | whole["chosen"]].reset_index(drop=True)
    chosen = table[table["chosen"]]
    firm, rest = int((chosen["class"] == "core").sum()), int((chosen["class"] != "core").sum())
    title = (
        f"{firm} of the {len(chosen)} recommended sites {'is' if firm == 1 else 'are'} core; "
        f"the other {f'{rest} depend' if rest > 1 else 'one depends'} on the draw"
    )
    if not rest:
        title = f"All {len(chosen)} recommended sites are core: they stay in the best set in nearly every draw"
    elif not firm:
        title = f"None of the {len(chosen)} recommended sites is core: the best set changes from draw to draw"
    never = len(whole) - len(table)
    subtitle = (
        f"{index.about}: share of {wording.number(index.draws)} draws in whose best set each site is. "
        f"Core: {100 * index.core:g} % or more; out: {100 * index.out:g} % or less. The recommended set is best "
        f"in {wording.share(index.recommended)} of the draws"
        + (f"; {never} candidates are in no best set" if never else "")
    )
    with _styled():
        figure, axes = _new(len(table), title, subtitle, ATTRIBUTION, legend_rows=2)
        places = list(range(len(table), 0, -1))
        for place, row, kind in zip(places, table.itertuples(), table["class"], strict=True):
            fill, edge, hatch = CLASSES[kind]
            axes.barh([place], [row.share], height=0.62, color=fill, ec=edge, hatch=hatch, lw=0.7)
            axes.text(
                row.share + 0.012, place, wording.share(row.share), va="center", fontsize=8, color="#333333",
                bbox={"fc": "white", "ec": "none", "pad": 0.8}, zorder=4,
            )  # fmt: skip
            if row.chosen:
                axes.plot([-0.022], [place], marker="*", ms=9, mfc="#D55E00", mec="black", mew=0.5, ls="none",
                          clip_on=False)  # fmt: skip
        for threshold in (index.out, index.core):
            axes.axvline(threshold, color="#666666", lw=0.9, ls=(0, (4, 2)), zorder=1)
        axes.set_yticks(places, list(table["name"]))
        axes.tick_params(axis="y", pad=14)
        axes.set_ylim(0.3, len(table) + 0.7)
        axes.set_xlim(0, 1.11)
        axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.grid(axis="y", visible=False)
        words = {
            "core": f"core ({100 * index.core:g} % or more)",
            "borderline": "borderline",
            "out": f"out ({100 * index.out:g} % or less)",
        }
        handles: list[Artist] = [
            Patch(fc=fill, ec=edge, hatch=hatch, label=words[name]) for name, (fill, edge, hatch) in CLASSES.items()
        ]
        handles.append(
            Line2D([], [], marker="*", ms=9, mfc="#D55E00", mec="black", mew=0.5, ls="none", label="recommended")
        )
        _legend(figure, axes, handles, 4)
        figure.set_gid(
            f"{title}. {subtitle}. "
            + ", ".join(f"{row.name} {wording.share(row.share)}" for row in table.head(10).itertuples())
        )
    return figure
