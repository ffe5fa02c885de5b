"""Figures of sites beside their roster: one site's profile, and how like the roster a set is."""

from __future__ import annotations

import math
import re
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lipresearch import wording
from lipresearch.errors import InputError
from lipresearch.plots import ATTRIBUTION, GRADES, TYPES, _legend, _new, _styled

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lipresearch.comparison.matching import Comparators, Pairs
    from lipresearch.comparison.representativeness import Representativeness

#: A standardised difference up to this is small (Stuart 2010, Statistical Science 25, p. 11).
SMALL = 0.25
#: Variance ratios are drawn between these; beyond them an arrow.
RATIOS = (0.25, 4.0)


# -- one site ---------------------------------------------------------------------------------------


def plot_profile(
    profile: pd.DataFrame, measures: pd.DataFrame, name: str, kind: str = "", roster: str = "the roster"
) -> Figure:
    """Return a figure of one site's measures, each on a strip from the lowest to the highest value of the roster.

    A tick is a site, the box holds the middle half of them and its line is the median. The mark is the site, filled
    by its evidence grade; a line is between bounds. Where the site has no value the strip says why.

    Parameters
    ----------
    profile : DataFrame
        The measures to show, as ``lip.site_profile`` returns them.
    measures : DataFrame
        Those of all sites of the roster, as ``lip.load_measures`` returns them.
    name, kind : str
        The site's name and settlement type.
    roster : str
        What the roster is called.

    Returns
    -------
    Figure
        Not attached to pyplot; description in ``figure.get_gid()``.

    Raises
    ------
    InputError
        If there is no measure to show, or none for which any site has a value.
    """
    if profile.empty or not (profile["sites_with_value"] > 0).any():
        raise InputError("No site has a value of these measures: there is nothing to draw.")
    # Where the site stands, the highest first; what is missing last.
    place = (profile["rank"].astype(float) - 1) / (profile["sites_with_value"] - 1).clip(lower=1)
    table = profile.assign(place=place).sort_values("place", kind="stable", na_position="last", ignore_index=True)
    sites = int(table["sites"].iloc[0])
    known = table[table["rank"].notna()]
    high, low = _extremes(known, measures)
    title = (
        f"{name}: among the highest quarter of the sites in {high} and among the lowest quarter in {low} of "
        f"{len(known)} measure{'' if len(known) == 1 else 's'}"
    )
    if len(known) < len(table):
        title += f"; {len(table) - len(known)} {'has' if len(table) - len(known) == 1 else 'have'} no value"
    subtitle = (
        f"Each measure from the lowest to the highest of the {sites} sites: tick = a site, box = the middle half with "
        f"the median, mark = {name}{f' ({kind})' if kind else ''}. High is not good, it is high. Roster: {roster}"
    )
    values = {measure: frame["value"].dropna() for measure, frame in measures.groupby("measure")}
    with _styled():
        figure, axes = _new(len(table), title, subtitle, ATTRIBUTION, row_height=0.46, legend_rows=3, head=0.22)
        box = axes.get_position()
        axes.set_position((0.36, box.y0, 0.32, box.height))
        for row, entry in enumerate(table.itertuples()):
            _strip(axes, row, entry, values.get(entry.measure, pd.Series(dtype=float)), kind)
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.set_xlim(-0.03, 1.03)
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks(range(len(table)), [_measure_name(entry) for entry in table.itertuples()])
        head = axes.get_xaxis_transform()
        raised = 1 + 0.10 / figure.get_figheight() / box.height
        for x, text, side in ((0.0, "lowest", "left"), (1.0, "highest", "right"), (1.09, "value", "left"),
                              (1.98, "rank", "right")):  # fmt: skip
            axes.text(x, raised, text, transform=head, ha=side, va="bottom", fontsize=8.5, color="#444444")
        _legend(figure, axes, _profile_handles(table, kind), 2)
        legend = axes.get_legend()
        assert legend is not None
        legend.set_bbox_to_anchor((-1.06, -0.28 / figure.get_figheight() / box.height))
        figure.set_gid(
            f"{title}. {subtitle}. "
            + "; ".join(f"{entry.label}: {_value(entry)}, rank {_rank(entry)}" for entry in table.itertuples())
        )
    return figure


def _extremes(known: pd.DataFrame, measures: pd.DataFrame) -> tuple[int, int]:
    """Return in how many measures at most a quarter of the sites have as much, and in how many as little."""
    values = {measure: frame.dropna() for measure, frame in measures.groupby("measure")["value"]}
    high = low = 0
    for row in known.itertuples():
        others = values[row.measure]
        quarter = math.ceil(len(others) / 4)
        high += int((others >= row.value).sum()) <= quarter
        low += int((others <= row.value).sum()) <= quarter
    return high, low


def _measure_name(entry: Any) -> str:
    year = f" ({entry.vintage})" if entry.vintage and not re.search(r"\b\d{4}\b", entry.label) else ""
    return "\n".join(textwrap.wrap(f"{entry.label}{year}", 46))


def _value(entry: Any, between: str = " ") -> str:
    words = str(wording.measured(entry.value, entry.low, entry.high, entry.reason, int(entry.decimals)))
    known = not math.isnan(entry.value) or not math.isnan(entry.low)
    unit = entry.unit if between == " " else "\n".join(textwrap.wrap(entry.unit, 26))
    return f"{words}{between}{unit}" if known else words


def _rank(entry: Any) -> str:
    if not entry.sites_with_value:
        return "no site has a value"
    return f"{'–' if pd.isna(entry.rank) else entry.rank} of {entry.sites_with_value}"


def _strip(axes: Axes, row: int, entry: Any, values: pd.Series, kind: str) -> None:
    """Draw one measure: the roster's ticks and box, the site's mark, its value and rank as text."""
    from matplotlib.patches import Rectangle

    axes.text(1.98, row, _rank(entry) if len(values) else "–", va="center", ha="right", fontsize=8.5)
    axes.text(1.09, row, _value(entry, "\n"), va="center", ha="left", fontsize=8, linespacing=1.05)
    if values.empty:
        fill, edge, hatch = GRADES["missing"]
        axes.add_patch(Rectangle((0, row - 0.14), 1, 0.28, fc=fill, ec=edge, hatch=hatch, ls="--", lw=0.7))
        return
    low, high = float(values.min()), float(values.max())
    width = high - low

    def at(value: float) -> float:
        return (value - low) / width if width > 0 else 0.5

    axes.plot([0, 1], [row, row], color="#cccccc", lw=0.8, zorder=1)
    first, middle, last = (at(float(x)) for x in np.percentile(values, [25, 50, 75]))
    axes.add_patch(Rectangle((first, row - 0.17), last - first, 0.34, fc="#e2e6ea", ec="#9aa5b1", lw=0.6, zorder=1.5))
    axes.plot([middle, middle], [row - 0.17, row + 0.17], color="#4d5761", lw=1.2, zorder=2)
    axes.vlines([at(float(x)) for x in values], row - 0.09, row + 0.09, color="#6b7580", lw=0.7, zorder=2)
    for x, value, side in ((0.0, low, "left"), (1.0, high, "right")):
        axes.text(x, row + 0.42, wording.number(value, int(entry.decimals)), ha=side, va="center", fontsize=6.5,
                  color="#666666")  # fmt: skip
    if not (math.isnan(entry.low) or math.isnan(entry.high)) and entry.high > entry.low:
        ends = [at(entry.low), at(entry.high)]
        drawn = [min(max(end, -0.02), 1.02) for end in ends]
        axes.plot(drawn, [row, row], color="#1b3a57", lw=2.2, solid_capstyle="butt", zorder=4)
        for end, shown, marker in zip(ends, drawn, ("<", ">"), strict=True):  # bounds beyond the roster's values
            if end != shown:
                axes.plot([shown], [row], marker=marker, ms=5, color="#1b3a57", ls="none", zorder=4, clip_on=False)
    if math.isnan(entry.value):
        return
    fill, edge, _ = GRADES[entry.grade if entry.grade in GRADES else "C"]
    marker = TYPES[kind if kind in TYPES else ""][1]
    axes.plot([at(entry.value)], [row], marker=marker, ms=8, mfc=fill, mec=edge, mew=1.2, ls="none", zorder=5)
    if entry.supplied == "yes":
        from lipresearch.plots import FLAG

        axes.plot([at(entry.value) + 0.025], [row - 0.25], **FLAG, zorder=6)


def _profile_handles(table: pd.DataFrame, kind: str) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from lipresearch.plots import FLAG

    marker = TYPES[kind if kind in TYPES else ""][1]
    known = table[table["value"].notna()]
    handles: list[Artist] = []
    for grade in ("A", "B", "C"):
        if (known["grade"] == grade).any():
            fill, edge, _ = GRADES[grade]
            handles.append(
                Line2D(
                    [],
                    [],
                    marker=marker,
                    ms=8,
                    mfc=fill,
                    mec=edge,
                    mew=1.2,
                    ls="none",
                    label=f"{grade}: {wording.GRADES[grade]}",
                )
            )
    if ((table["high"] > table["low"]) & (table["sites_with_value"] > 0)).any():
        handles.append(Line2D([], [], color="#1b3a57", lw=2.2, label="between bounds"))
    if (table["supplied"] == "yes").any():
        handles.append(Line2D([], [], **FLAG, label="supplied"))
    handles.append(Patch(fc="#e2e6ea", ec="#9aa5b1", lw=0.6, label="middle half of the sites"))
    return handles


# -- a set of sites, or pairs -------------------------------------------------------------------------


def plot_balance(found: Representativeness | Pairs | Comparators) -> Figure:
    """Return a figure of how like each other two groups of sites are, measure by measure.

    For a set of sites beside its roster: standardised difference of the means, variance ratio, share of the range
    covered. For pairs and comparators: the standardised differences of each pair, and their mean.

    Parameters
    ----------
    found : Representativeness, Pairs or Comparators
        As ``lip.assess_representativeness``, ``lip.pair_sites`` or ``lip.find_comparators`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; description in ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no difference is defined.
    """
    from lipresearch.comparison.representativeness import Representativeness

    return _set_balance(found) if isinstance(found, Representativeness) else _pair_balance(found)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{wording.number(abs(value), 2)}"


def _zone(axes: Axes, reach: float) -> None:
    axes.axvspan(-SMALL, SMALL, color="#eef1f4", lw=0, zorder=0)
    axes.axvline(0.0, color="#666666", lw=0.9, zorder=1)
    axes.set_xlim(-reach, reach)
    axes.grid(axis="y", visible=False)


def _set_balance(found: Representativeness) -> Figure:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    table = found.table
    if table["difference"].isna().all():
        raise InputError("No difference from the roster is defined: no chosen site has a value, or all are equal.")
    order = table["difference"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    table = table.loc[order].reset_index(drop=True)
    worst = table.iloc[0]
    near = int((table["difference"].abs() <= SMALL).sum())
    count = len(found.sites)
    title = (
        f"The {count} sites are like the roster in {near} of {len(table)} measures; they differ most in "
        f"“{worst['label']}” ({_signed(worst['difference'])} standard deviations)"
    )
    if near == len(table):
        title = f"The {count} sites are like the roster in all {near} measures: no mean differs by more than 0.25"
    names = ", ".join(found.covariates.names[site] for site in found.sites)
    subtitle = (
        f"{names} beside the {len(found.covariates.sites)} sites of the roster. Like: means at most {SMALL} standard "
        "deviations apart (shaded). Variance ratio 1: as spread out as the roster. Range covered: how much of the "
        "roster's range lies between the lowest and the highest chosen site"
    )
    with _styled():
        figure, axes = _new(len(table), title, subtitle, ATTRIBUTION, row_height=0.38, head=0.36)
        box = axes.get_position()
        others = [figure.add_axes((x, box.y0, 0.17, box.height)) for x in (0.60, 0.80)]
        axes.set_position((0.32, box.y0, 0.25, box.height))
        ratio, covered = others
        places = list(range(len(table), 0, -1))
        reach = max(1.0, math.ceil(float(table["difference"].abs().max()) * 2) / 2) * 1.04
        _zone(axes, reach)
        for place, row in zip(places, table.itertuples(), strict=True):
            if row.reason:
                axes.text(0, place, row.reason, ha="center", va="center", fontsize=7.5, color="#555555",
                          bbox={"fc": "white", "ec": "none", "pad": 0.8})  # fmt: skip
                continue
            axes.plot([0, row.difference], [place, place], color="#8fb0cc", lw=1.6, zorder=2)
            axes.plot([row.difference], [place], marker="o", ms=7, mfc="#1b3a57", mec="#1b3a57", ls="none", zorder=3)
            covered.barh([place], [row.range_covered], height=0.5, color="#8fb0cc", ec="#1b3a57", lw=0.6)
            covered.text(0.03, place, wording.percent(row.range_covered), va="center", fontsize=7.5,
                         bbox={"fc": "white", "ec": "none", "pad": 0.8, "alpha": 0.85})  # fmt: skip
            if math.isnan(row.variance_ratio):
                ratio.text(0.0, place, "one value", ha="center", va="center", fontsize=7.5, color="#555555")
                continue
            at = min(max(row.variance_ratio, RATIOS[0]), RATIOS[1])
            marker: Any = "D" if at == row.variance_ratio else "<" if at == RATIOS[0] else ">"
            ratio.plot([math.log2(at)], [place], marker=marker, ms=6.5, mfc="white", mec="#1b3a57", mew=1.3, ls="none",
                       clip_on=False, zorder=3)  # fmt: skip
        ratio.axvline(0.0, color="#666666", lw=0.9, zorder=1)
        ratio.set_xlim(-2.12, 2.12)
        ratio.set_xticks([-2, -1, 0, 1, 2], ["¼", "½", "1", "2", "4"], fontsize=8)
        covered.set_xlim(0, 1.02)
        covered.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"], fontsize=8)
        axes.tick_params(axis="x", labelsize=8)
        heads = ("difference of means\n(standard deviations)", "variance ratio", "range covered")
        for panel, head in zip((axes, ratio, covered), heads, strict=True):
            panel.set_ylim(0.4, len(table) + 0.6)
            panel.grid(axis="y", visible=False)
            panel.set_title(head, fontsize=8.5, pad=5, color="#333333")
        for panel in others:
            panel.set_yticks([])
        axes.set_yticks(places, ["\n".join(textwrap.wrap(str(label), 38)) for label in table["label"]], fontsize=8.5)
        handles: list[Artist] = [
            Line2D([], [], marker="o", ms=7, mfc="#1b3a57", mec="#1b3a57", ls="none", label="chosen less roster"),
            Patch(fc="#eef1f4", ec="#cccccc", lw=0.5, label=f"at most {SMALL} apart"),
            Line2D([], [], marker="D", ms=6.5, mfc="white", mec="#1b3a57", mew=1.3, ls="none",
                   label="variance ratio (< >: beyond the scale)"),
        ]  # fmt: skip
        _legend(figure, axes, handles, 3)
        legend = axes.get_legend()
        assert legend is not None
        legend.set_bbox_to_anchor((-1.2, -0.48 / figure.get_figheight() / box.height))
        told = "; ".join(f"{row.label} {row.reason or _signed(row.difference)}" for row in table.itertuples())
        figure.set_gid(f"{title}. {subtitle}. Differences: {told}.")
    return figure


def _pair_balance(found: Pairs | Comparators) -> Figure:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from lipresearch.comparison.matching import Pairs, pair_differences

    paired = isinstance(found, Pairs)
    differences = pair_differences(found)
    if differences.isna().all(axis=None):
        raise InputError("No difference is defined: there is no pair of sites with values of the same measure.")
    means = differences.mean(axis=1)
    order = means.abs().sort_values(ascending=False, kind="stable", na_position="last").index
    differences, means = differences.loc[order], means.loc[order]
    near = int((means.abs() <= SMALL).sum())
    table = found.table
    first = list(dict.fromkeys(table["name"]))
    pairs = f"{len(table)} pair{'' if len(table) == 1 else 's'}"
    who = f"{len(first)} sites" if len(first) > 1 else first[0]
    title = (
        f"{pairs}: " if paired else f"{who} and {len(table)} comparators: "
    ) + f"on average alike in {near} of {len(means)} measures"
    if near < len(means):
        title += f"; furthest apart in “{order[0]}” ({_signed(float(means.iloc[0]))} standard deviations)"
    other = "partner" if paired else "comparator"
    subtitle = (
        f"Ring = the difference of one site from its {other}, mark = the mean of all. Alike: at most {SMALL} apart"
    )
    if len(table) <= 8:
        listed = [f"{row.name} – {getattr(row, other + '_name')}" for row in table.itertuples(index=False)]
        if len(first) == 1:
            listed = [f"{first[0]} beside {', '.join(table[f'{other}_name'])}"]
        subtitle = f"{'; '.join(listed)}. {subtitle}"
    with _styled():
        figure, axes = _new(len(means), title, subtitle, ATTRIBUTION, row_height=0.38)
        reach = max(1.0, math.ceil(float(differences.abs().max(axis=None)) * 2) / 2) * 1.04
        _zone(axes, reach)
        places = list(range(len(means), 0, -1))
        for place, label in zip(places, means.index, strict=True):
            known = differences.loc[label].dropna()
            if known.empty:
                axes.text(0, place, "no pair has both values", ha="center", va="center", fontsize=7.5, color="#555555",
                          bbox={"fc": "white", "ec": "none", "pad": 0.8})  # fmt: skip
                continue
            axes.plot(known, [place] * len(known), marker="o", ms=5.5, mfc="none", mec="#5b86ad", mew=1.0, ls="none")
            axes.plot([means[label]], [place], marker="D", ms=7, mfc="#1b3a57", mec="white", mew=0.8, ls="none",
                      zorder=4)  # fmt: skip
        axes.set_ylim(0.4, len(means) + 0.6)
        axes.set_yticks(places, ["\n".join(textwrap.wrap(str(label), 36)) for label in means.index], fontsize=8.5)
        axes.set_xlabel("difference in standard deviations of the roster")
        axes.xaxis.set_label_coords(0.5, -0.29 / figure.get_figheight() / axes.get_position().height)
        handles: list[Artist] = [
            Line2D([], [], marker="o", ms=5.5, mfc="none", mec="#5b86ad", mew=1.0, ls="none", label=f"one {other}"),
            Line2D([], [], marker="D", ms=7, mfc="#1b3a57", mec="white", mew=0.8, ls="none", label="mean"),
            Patch(fc="#eef1f4", ec="#cccccc", lw=0.5, label=f"at most {SMALL} apart"),
        ]
        _legend(figure, axes, handles, 3)
        told = "; ".join(
            f"{label} {'no value' if math.isnan(mean) else _signed(float(mean))}" for label, mean in means.items()
        )
        figure.set_gid(f"{title}. {subtitle}. Means: {told}.")
    return figure
