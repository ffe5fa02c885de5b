"""Figures, in one style: the title is the finding, the last line the source."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from lipresearch import french, wording
from lipresearch.errors import InputError
from lipresearch.ranking import Ranking

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lipresearch.robustness import RankAcceptability, RankVariance

#: Settlement types: colour (Okabe-Ito palette) and marker, the same in every figure.
TYPES: dict[str, tuple[str, str]] = {
    "Toronto": ("#0072B2", "s"),
    "urban": ("#E69F00", "o"),
    "rural": ("#009E73", "^"),
    "": ("#666666", "D"),
}
#: Evidence grades: fill and edge of their marks.
GRADES: dict[str, tuple[str, str, str]] = {
    "A": ("#1b3a57", "#1b3a57", ""),
    "B": ("#8fb0cc", "#1b3a57", ""),
    "C": ("#ffffff", "#1b3a57", ""),
    "bounds only": ("#ffffff", "#1b3a57", "...."),
    "missing": ("#ffffff", "#999999", "////"),
}
#: The mark of evidence that a user supplied.
FLAG: Any = {"marker": 9, "ms": 6, "mfc": "#D55E00", "mec": "white", "mew": 0.5, "ls": "none"}
#: Shades for the parts of a score: one hue, distinguished by hatching as well.
PARTS = ("#08306b", "#2f6fa7", "#6baed6", "#a8cfe6", "#d6e6f4", "#eef4fa")

STYLE: Any = {
    "text.parse_math": False,  # a name may hold a dollar sign
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "ytick.left": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "lipresearch",
    "hatch.linewidth": 0.6,
}
ATTRIBUTION = (
    "Adapted from Statistics Canada, Government of Ontario and City of Toronto open data (see the data notebook); "
    "this does not constitute an endorsement by them of this product."
)
ATTRIBUTION_FR = (
    "Adapté de données ouvertes de Statistique Canada, du gouvernement de l'Ontario et de la Ville de Toronto (voir la "
    "section sur les données); cela ne constitue pas une approbation de ce produit par ces organismes."
)
#: Whose the figures are, in place of that where all of them are the user's, or after it.
SUPPLIED = {
    "en": ("Figures supplied by the user, who states their sources.", "Some figures were supplied by the user."),
    "fr": (
        "Chiffres fournis par l'utilisateur, qui en indique les sources.",
        "Certains chiffres ont été fournis par l'utilisateur.",
    ),
}


def attribution(supplied: float, language: str = "en") -> str:
    """Return whose figures a drawing shows.

    Parameters
    ----------
    supplied : float
        Share of its figures that the user supplied: 0 (none) to 1 (all, none is published with this project).
    language : str
        ``en`` or ``fr``.

    Examples
    --------
    >>> attribution(1.0)
    'Figures supplied by the user, who states their sources.'
    >>> attribution(0.2) == f"{attribution(0.0)} Some figures were supplied by the user."
    True
    """
    published = ATTRIBUTION_FR if language == "fr" else ATTRIBUTION
    every, some = SUPPLIED[language]
    if supplied >= 1.0:
        return every
    return f"{published} {some}" if supplied > 0.0 else published


@contextmanager
def _styled() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context(STYLE):
        yield


#: How much wider than its outlines a text may be drawn: fonts are fitted to pixels, at some resolutions more than at
#: others.
FITTED = 1.08


@lru_cache(maxsize=4096)
def _inches(text: str, size: float, weight: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=STYLE["font.family"], size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, False)
    return float(width) / 72


def wrap_text(text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """Return the lines of a text that fit into a width at whatever resolution the figure is saved.

    Parameters
    ----------
    text : str
    size : float
        Of the letters, in points.
    width : float
        Room, in inches.
    weight : {"normal", "bold"}

    Examples
    --------
    >>> wrap_text("Official figures for the whole catchment", 9, 1.5)
    ['Official figures for the', 'whole catchment']
    """
    room, space = width / FITTED, _inches("x x", size, weight) - _inches("xx", size, weight)
    lines: list[str] = []
    used = 0.0
    for word in filter(None, text.split(" ")):  # not at a space that must not break
        wide = _inches(word, size, weight)
        if lines and used + space + wide <= room:
            lines[-1] += f" {word}"
            used += space + wide
        else:
            lines.append(word)
            used = wide
    return lines


def _new(
    rows: int, title: str, subtitle: str, note: str, row_height: float = 0.27, legend_rows: int = 1, head: float = 0.0
) -> tuple[Figure, Axes]:
    """Return a figure of rows whose title, subtitle, legend and note never touch each other or the axes."""
    from matplotlib.figure import Figure as Canvas

    room = 9.0 * 0.96
    # A number keeps its per cent sign on its line.
    heading = wrap_text(title.replace(" %", "\u00a0%"), 13, room, "bold")
    under = wrap_text(subtitle.replace(" %", "\u00a0%"), 9.5, room)
    foot = wrap_text(note, 7.5, room)
    top = 0.28 + 0.24 * len(heading) + 0.17 * len(under) + head
    bottom = 0.68 + 0.20 * legend_rows + 0.15 * len(foot)
    height = top + bottom + max(rows, 4) * row_height
    figure = Canvas(figsize=(9.0, height), dpi=100)
    axes = figure.add_axes((0.30, bottom / height, 0.66, 1 - (top + bottom) / height))
    at = 1 - 0.14 / height
    figure.text(0.02, at, "\n".join(heading), va="top", fontsize=13, fontweight="bold", linespacing=1.2)
    at -= (0.24 * len(heading) + 0.02) / height
    figure.text(0.02, at, "\n".join(under), va="top", fontsize=9.5, color="#444444", linespacing=1.25)
    figure.text(0.02, 0.08 / height, "\n".join(foot), va="bottom", fontsize=7.5, color="#555555", linespacing=1.25)
    return figure, axes


def _names(frame: pd.DataFrame) -> list[str]:
    return [f"{row.rank}  {row.name}" for row in frame.itertuples(index=False)]


def _chosen(ranking: Ranking) -> pd.DataFrame:
    table = ranking.ranked
    if table.empty:
        raise InputError("No site is ranked: there is nothing to draw. See ranking.unranked.")
    return table


def _legend(figure: Figure, axes: Axes, handles: Sequence[Artist], columns: int) -> None:
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.42, -0.48 / figure.get_figheight() / axes.get_position().height),
        ncols=columns,
        frameon=False,
        fontsize=8.5,
        handletextpad=0.4,
        columnspacing=1.4,
        borderaxespad=0.0,
    )


def _finding(table: pd.DataFrame, title: str) -> str:
    first = table[table["rank"] == 1]
    names = " and ".join(first["name"])
    verb = "ranks" if len(first) == 1 else "rank"
    rivals = int((table["rank_best"] == 1).sum())
    if rivals > len(first):
        return f"{names} {verb} first for {title}, but the evidence would let {rivals} sites be first"
    return f"{names} {verb} first for {title}, whatever the missing evidence turns out to be"


def plot_ranking(ranking: Ranking, types: pd.DataFrame) -> Figure:
    """Return a figure of the ranked sites: a mark for each score, a line for what the evidence allows.

    Parameters
    ----------
    ranking : Ranking
    types : DataFrame
        Indexed by site, with ``settlement_type``.

    Returns
    -------
    Figure
        Not attached to pyplot; alt text in ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no site is ranked.
    """
    from matplotlib.lines import Line2D

    table = _chosen(ranking)
    cluster = ranking.cluster
    title = _finding(table, f"{cluster.title[0].lower()}{cluster.title[1:]}")
    unranked = len(ranking.unranked)
    subtitle = (
        f"Score of {len(table)} sites, {cluster.perspective_label}: mark = score, line = lowest to highest score "
        f"given missing or bounded evidence" + (f"; {unranked} sites are not ranked" if unranked else "")
    )
    with _styled():
        figure, axes = _new(
            len(table), title, subtitle, f"Weights: {cluster.weight_basis} {attribution(ranking.supplied)}"
        )
        kinds = types["settlement_type"].reindex(table["site"]).fillna("")
        places = range(len(table), 0, -1)
        for place, row, kind in zip(places, table.itertuples(), kinds, strict=True):
            colour, marker = TYPES[kind]
            axes.plot(
                [row.score_lowest, row.score_highest], [place, place], color=colour, lw=2.2, solid_capstyle="butt"
            )
            axes.plot([row.score], [place], marker=marker, color=colour, ms=6.5, mec="black", mew=0.6, ls="none")
        axes.set_yticks(list(places), _names(table))
        axes.set_ylim(0.3, len(table) + 0.7)
        axes.set_xticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
        axes.set_xlim(-0.01, 1.01)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("score (0: worst goalpost of every criterion, 1: best of every one)")
        axes.xaxis.set_label_coords(0.5, -0.24 / figure.get_figheight() / axes.get_position().height)
        handles = [
            Line2D([], [], color=colour, marker=marker, ms=6.5, mec="black", mew=0.6, lw=2.2, label=kind)
            for kind, (colour, marker) in TYPES.items()
            if kind and (kinds == kind).any()
        ]
        _legend(figure, axes, handles, 4)
        alt = f"{title}. {subtitle}. First five: " + ", ".join(
            f"{row.name} {wording.number(row.score, 2)}" for row in table.head(5).itertuples(index=False)
        )
        figure.set_gid(alt)
    return figure


def plot_contributions(ranking: Ranking) -> Figure:
    """Return a figure of what each factor adds to each ranked site's score, and the weight without evidence.

    Raises
    ------
    InputError
        If no site is ranked.
    """
    table = _chosen(ranking)
    cluster = ranking.cluster
    parts = ranking.contributions
    adds = parts.pivot_table(index="site", columns="factor", values="contribution", aggfunc="sum").reindex(
        table["site"]
    )
    open_ends = (parts["weight"] * (parts["points_highest"] - parts["points_lowest"])).where(parts["value"].isna(), 0.0)
    lost = open_ends.groupby(parts["site"]).sum().reindex(table["site"])
    strongest = adds.mean().idxmax()
    labels = {factor: f"{factor} {cluster.factors.loc[factor, 'label']}" for factor in adds.columns}
    title = f"Most of the scores come from factor {strongest}: {cluster.factors.loc[strongest, 'label']}"
    if len(adds.columns) == 1:
        title = f"One factor makes these scores: {labels[strongest]}"
    subtitle = f"Contribution of each factor, {cluster.perspective_label}; hatched: what missing evidence could add"
    with _styled():
        figure, axes = _new(
            len(table),
            title,
            subtitle,
            f"Weights: {cluster.weight_basis} {attribution(ranking.supplied)}",
            legend_rows=len(adds.columns) // 2 + 1,
        )
        places = list(range(len(table), 0, -1))
        start = pd.Series(0.0, index=adds.index)
        for colour, factor in zip(PARTS, adds.columns, strict=False):
            axes.barh(
                places, adds[factor], left=start, height=0.68, color=colour, ec="white", lw=0.5, label=labels[factor]
            )
            start = start + adds[factor]
        axes.barh(
            places,
            lost,
            left=start,
            height=0.68,
            color="white",
            ec="#999999",
            hatch="////",
            lw=0.6,
            label="no value yet",
        )
        axes.set_yticks(places, _names(table))
        axes.set_ylim(0.3, len(table) + 0.7)
        axes.set_xticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
        axes.set_xlim(0, 1.01)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("score")
        axes.xaxis.set_label_coords(0.5, -0.24 / figure.get_figheight() / axes.get_position().height)
        _legend(figure, axes, axes.get_legend_handles_labels()[0], 2)
        figure.set_gid(f"{title}. {subtitle}.")
    return figure


def plot_coverage(ranking: Ranking) -> Figure:
    """Return a figure of the evidence behind every criterion at every site: A, B, C, bounds only, missing."""
    from matplotlib.patches import Patch, Rectangle

    cluster = ranking.cluster
    parts = ranking.contributions
    kind = parts["grade"].where(parts["value"].notna(), "missing")
    bounded = parts["value"].isna() & parts["low"].notna()
    parts["evidence"] = kind.where(~bounded, "bounds only")
    order = list(ranking.table["site"])
    grid = parts.pivot(index="site", columns="criterion", values="evidence").reindex(order)
    grid = grid[list(cluster.criteria.index)]
    whole = float((grid == "A").to_numpy().mean())
    none = float((grid == "missing").to_numpy().mean())
    title = (
        f"{wording.percent(whole)} of the cells rest on official figures for the whole site, "
        f"{wording.percent(none)} have no figure"
    )
    subtitle = f"Evidence for each criterion of {cluster.title}, {len(grid)} sites in the order of the ranking"
    with _styled():
        labels = ["\n".join(textwrap.wrap(cluster.criteria.loc[name, "label"], 12)) for name in grid.columns]
        head = 0.15 + 0.13 * max(label.count("\n") + 1 for label in labels)
        source = attribution(ranking.supplied)
        figure, axes = _new(len(grid), title, subtitle, source, row_height=0.24, legend_rows=2, head=head)
        for row, site in enumerate(grid.index):
            for column, criterion in enumerate(grid.columns):
                fill, edge, hatch = GRADES[grid.loc[site, criterion]]
                style = "--" if grid.loc[site, criterion] == "missing" else "-"
                axes.add_patch(
                    Rectangle((column + 0.08, row + 0.12), 0.84, 0.76, fc=fill, ec=edge, hatch=hatch, ls=style, lw=0.7)
                )
        axes.set_xlim(0, len(grid.columns))
        axes.set_ylim(len(grid), 0)
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        names = ranking.table.set_index("site")["name"]
        axes.set_yticks([place + 0.5 for place in range(len(grid))], [names[site] for site in grid.index])
        axes.set_xticks([place + 0.5 for place in range(len(grid.columns))], labels, fontsize=7.5)
        axes.tick_params(axis="x", bottom=False, top=False, labelbottom=False, labeltop=True)
        handles = [
            Patch(fc=fill, ec=edge, hatch=hatch, label=f"{name}: {wording.GRADES[name]}" if len(name) == 1 else name)
            for name, (fill, edge, hatch) in GRADES.items()
        ]
        _legend(figure, axes, handles, 3)
        figure.set_gid(f"{title}. {subtitle}.")
    return figure


def plot_coverage_matrix(matrix: pd.DataFrame) -> Figure:
    """Return a figure of the evidence behind every factor at every site, all clusters side by side.

    Each cell is filled from the left in proportion to the factor's weight on A, B, C, bounds only and missing. A
    factor without weight shows a dash where it is a property of the set of sites or not scored in this
    perspective, and the look of missing evidence where there is none yet.

    Parameters
    ----------
    matrix : DataFrame
        As ``lip.coverage_matrix`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; description in ``figure.get_gid()``.

    Raises
    ------
    InputError
        If the table has no rows.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch, Rectangle

    if matrix.empty:
        raise InputError("The coverage matrix has no rows: there is nothing to draw.")
    factors = matrix.drop_duplicates("factor").set_index("factor")
    names = matrix.drop_duplicates("site").set_index("site")["name"].sort_values()
    cells = matrix.set_index(["site", "factor"])
    weight = matrix["weight"] * matrix["A"].fillna(0.0)
    whole = float(weight.sum()) / float(matrix["weight"].sum())
    lacking = int((factors["status"] == "no evidence yet").sum())
    clusters = factors["cluster"].nunique()
    title = (
        f"{wording.percent(whole)} of the weight rests on official figures for the whole site; "
        f"{lacking} of {len(factors)} factors with no evidence yet"
    )
    subtitle = (
        f"Share of each factor's weight by kind of evidence, {len(names)} sites, {clusters} "
        f"cluster{'' if clusters == 1 else 's'} under the default perspective, factors by the workshops' numbers; "
        "–: no weight (a property of the set of sites, or not scored in this perspective)"
    )
    columns, titles = _columns(factors)
    supplied = float((matrix["of it supplied"] * matrix["weight"]).sum())
    held = float(((1.0 - matrix["missing"]) * matrix["weight"]).sum())
    source = attribution(round(supplied / held, 9) if held > 0 else 0.0)
    with _styled():
        figure, axes = _new(len(names), title, subtitle, source, row_height=0.24, legend_rows=2, head=0.42)
        for row, site in enumerate(names.index):
            for factor, left in columns.items():
                cell = cells.loc[(site, factor)]
                if not cell["weight"] > 0 and cell["status"] != "no evidence yet":
                    axes.text(left + 0.5, row + 0.5, "–", ha="center", va="center", fontsize=7, color="#999999")
                    continue
                shares = {name: float(cell[name]) for name in GRADES} if cell["weight"] > 0 else {"missing": 1.0}
                start = left + 0.08
                for name, share in shares.items():
                    if share <= 0:
                        continue
                    fill, edge, hatch = GRADES[name]
                    style = "--" if name == "missing" else "-"
                    width = 0.84 * share
                    axes.add_patch(
                        Rectangle((start, row + 0.12), width, 0.76, fc=fill, ec=edge, hatch=hatch, ls=style, lw=0.6)
                    )
                    start += width
                if cell["of it supplied"] > 0:
                    axes.plot([left + 0.84], [row + 0.2], **FLAG)
        axes.set_xlim(0, max(columns.values()) + 1)
        axes.set_ylim(len(names), 0)
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.set_yticks([place + 0.5 for place in range(len(names))], list(names))
        axes.set_xticks([left + 0.5 for left in columns.values()], list(columns), fontsize=7.5)
        axes.tick_params(axis="x", bottom=False, top=False, labelbottom=False, labeltop=True)
        raised = 0.30 / figure.get_figheight() / axes.get_position().height
        for cluster, middle in titles.items():
            axes.text(
                middle,
                1 + raised,
                cluster,
                ha="center",
                va="center",
                fontsize=8,
                fontweight="bold",
                transform=axes.get_xaxis_transform(),
            )
        handles: list[Artist] = [
            Patch(fc=fill, ec=edge, hatch=hatch, label=f"{name}: {wording.GRADES[name]}" if len(name) == 1 else name)
            for name, (fill, edge, hatch) in GRADES.items()
        ]
        if (matrix["of it supplied"] > 0).any():
            handles.append(Line2D([], [], **FLAG, label="with supplied evidence"))
        _legend(figure, axes, handles, 3)
        figure.set_gid(f"{title}. {subtitle}.")
    return figure


def _columns(factors: pd.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
    """Return where each factor's column begins, clusters set apart, and where each cluster's name stands."""
    columns: dict[str, float] = {}
    titles: dict[str, float] = {}
    at = 0.0
    for cluster, frame in factors.groupby("cluster", sort=False):
        columns.update({factor: at + place for place, factor in enumerate(frame.index)})
        titles[str(cluster)] = at + len(frame) / 2
        at += len(frame) + 0.5
    return columns, titles


def plot_acceptability(
    result: RankAcceptability,
    top: int | None = None,
    sites: Sequence[str] | None = None,
    language: str = "en",
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Return a figure of how often each site takes each rank: the darker, the oftener.

    Parameters
    ----------
    result : RankAcceptability
    top : int, optional
        Only the first rows of the table; default all.
    sites : sequence of str, optional
        Only these sites, in the order of the ranking.
    language : {"en", "fr"}
    names : mapping, optional
        ``{site: name}`` where sites are called otherwise than in the result, as in French.

    Returns
    -------
    Figure
        Not attached to pyplot; description in ``figure.get_gid()``.

    Raises
    ------
    InputError
        If none of the sites is ranked, or there is no such language.
    """
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, PowerNorm
    from matplotlib.patches import Rectangle

    table = result.table if sites is None else result.table[result.table.index.isin(list(sites))]
    if table.empty:
        raise InputError("None of these sites is ranked: there is nothing to draw.")
    table = table.head(top or len(result.sites))
    if names:
        table = table.assign(name=[names.get(site, name) for site, name in table["name"].items()])
    shares = result.acceptability.loc[table.index]
    leader = (
        (result.table if sites is None else table)
        .sort_values(["first", "expected_rank"], ascending=[False, True])
        .iloc[0]
    )
    ever = int((result.table["first"] > 0).sum())
    if wording.check_language(language) == "fr":
        leads = (names or {}).get(str(leader.name), leader["name"])
        title = f"{leads} : premier rang dans {wording.percent(leader['first'], 'fr')} des pondérations"
        subtitle = (
            f"Part de {wording.number(result.draws, language='fr')} tirages où chaque site occupe chaque rang; "
            + (f"{ever} sites sont parfois au premier rang" if ever > 1 else "aucun autre n'est jamais premier")
            + ". Cadre : rang avec les poids déclarés"
        )
        title, subtitle = french.typeset(title), french.typeset(subtitle)
        scale, note, axis = (
            ["blanc : jamais", "5 %", "20 %", "50 %", "toujours"],
            attribution(result.supplied, "fr"),
            "rang",
        )
        scale = [french.typeset(label) for label in scale]
    else:
        title = f"{leader['name']} is first in {wording.percent(leader['first'])} of the weightings"
        others = f"{ever} sites are first under some" if ever > 1 else "no other site is ever first"
        subtitle = (
            f"Share of {wording.number(result.draws)} draws in which each site has each rank; {others}. Varied: "
            f"{result.weighting}; {result.evidence}. Frame: rank under the stated weights"
        )
        scale, note, axis = ["white: never", "5 %", "20 %", "50 %", "always"], attribution(result.supplied), "rank"
    with _styled():
        figure, axes = _new(len(table), title, subtitle, note, row_height=0.24, legend_rows=2, head=0.3)
        hue = colormaps["Blues"]
        shades = ListedColormap([(1.0, 1.0, 1.0, 1.0), *(hue(step / 255) for step in range(20, 256))])
        norm = PowerNorm(0.5, 0.0, 1.0)
        mesh = axes.pcolormesh(
            [place + 0.5 for place in range(shares.shape[1] + 1)],
            list(range(len(table) + 1)),
            shares.to_numpy(),
            cmap=shades,
            norm=norm,
            edgecolors="#eeeeee",
            linewidth=0.3,
        )
        for row, rank in enumerate(table["rank"]):
            axes.add_patch(Rectangle((rank - 0.5, row), 1, 1, fill=False, ec="#D55E00", lw=1.2))
        axes.set_ylim(len(table), 0)
        axes.set_xlim(0.5, shares.shape[1] + 0.5)
        axes.set_yticks([row + 0.5 for row in range(len(table))], _names(table))
        steps = [1, *range(5, shares.shape[1] + 1, 5)]
        axes.set_xticks(steps, [str(step) for step in steps])
        axes.tick_params(axis="x", bottom=False, top=False, labelbottom=False, labeltop=True)
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.set_title(axis, fontsize=8.5, loc="left", pad=4)
        height = figure.get_figheight()
        box = axes.get_position()
        bar = figure.add_axes((0.30, box.y0 - 0.30 / height, 0.40, 0.12 / height))
        drawn = figure.colorbar(mesh, cax=bar, orientation="horizontal", ticks=[0, 0.05, 0.2, 0.5, 1])
        drawn.ax.set_xticklabels(scale, fontsize=8)
        drawn.outline.set_visible(False)
        figure.set_gid(f"{title}. {subtitle}.")
    return figure


def plot_rank_variance(result: RankVariance) -> Figure:
    """Return a figure of how much of the movement of the ranks each source of uncertainty explains."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    table = result.table.sort_values("total", ascending=True, kind="stable")
    if table["total"].isna().all():
        raise InputError("No rank moves in any draw, so there is nothing to explain.")
    strongest = table.iloc[-1]
    title = f"{strongest['label']}: the largest source of movement in the ranks"
    subtitle = (
        f"Share of the variance of the average rank shift ({wording.number(result.mean_shift, 1)} ranks over "
        f"{wording.number(result.draws)} draws): bar = with all that it does together with others, mark = on its own; "
        "line = two standard errors"
    )
    with _styled():
        figure, axes = _new(len(table), title, subtitle, ATTRIBUTION, row_height=0.36)
        places = list(range(len(table)))
        axes.barh(places, table["total"].clip(lower=0), height=0.6, color="#6baed6", ec="white")
        axes.errorbar(table["total"], places, xerr=2 * table["total_error"], fmt="none", ecolor="#08306b", elinewidth=1)
        axes.plot(
            table["first_order"].clip(lower=0), places, marker="D", color="#08306b", ms=6, ls="none", clip_on=False
        )
        axes.set_yticks(places, list(table["label"]))
        axes.set_ylim(-0.7, len(table) - 0.3)
        axes.set_xlim(0, max(1.0, float((table["total"] + 2 * table["total_error"]).max()) * 1.02))
        axes.set_xticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"])
        axes.grid(axis="y", visible=False)
        handles: list[Artist] = [
            Patch(fc="#6baed6", label="with others (total)"),
            Line2D([], [], marker="D", color="#08306b", ms=6, ls="none", label="on its own (first order)"),
        ]
        _legend(figure, axes, handles, 2)
        figure.set_gid(f"{title}. {subtitle}.")
    return figure
