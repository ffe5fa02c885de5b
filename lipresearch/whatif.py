"""What if, in a notebook: sliders for weights, quotas and excluded sites beside the ranking and set they lead to."""

from __future__ import annotations

import dataclasses
import difflib
import html
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lipresearch import designs, public, wording
from lipresearch.designs import StudyDesign
from lipresearch.errors import InputError
from lipresearch.notebook import demands_table, table_html
from lipresearch.paths import project_root
from lipresearch.ranking import Ranking
from lipresearch.selection import Selection
from lipresearch.selection import what_if as core

if TYPE_CHECKING:
    import ipywidgets
    from IPython.display import DisplayHandle

#: How many sites of the ranking a panel shows.
TOP = 15
#: What a notebook calls the data of a widget.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
#: Descriptions are wrapped, never cut.
STYLE = """<style>
.lip-what-if .widget-label, .lip-what-if .widget-html-content {
  white-space: normal; overflow: visible; text-overflow: clip; height: auto; line-height: 1.3; text-align: left; }
.lip-what-if .widget-inline-hbox { height: auto; align-items: center; }
</style>"""


@dataclass(frozen=True, eq=False)
class Controls:
    """The widgets of a panel.

    Attributes
    ----------
    weights : dict of factor to FloatSlider
        Points, 0 to 100.
    shares : dict of factor to Label
        The share of the weight that the points come to.
    minimum, maximum : dict of quota to BoundedIntText
        A minimum of 0, and a maximum as high as the number of sites, are no bound.
    sites : BoundedIntText
        Number of sites.
    excluded : SelectMultiple
        Sites to leave out, shown by name.
    reset : Button
    result : HTML
        The set in one line; it follows the controls even where the tables under them cannot, because the page was
        loaded again.
    box : VBox
        All of them.
    """

    weights: dict[str, ipywidgets.FloatSlider]
    shares: dict[str, ipywidgets.Label]
    minimum: dict[str, ipywidgets.BoundedIntText]
    maximum: dict[str, ipywidgets.BoundedIntText]
    sites: ipywidgets.BoundedIntText
    excluded: ipywidgets.SelectMultiple
    reset: ipywidgets.Button
    result: ipywidgets.HTML
    box: ipywidgets.VBox


class WhatIf:
    """A ranking and a set of sites that follow their weights, quotas, excluded sites and number of sites.

    In a notebook the panel shows its controls and, under them, what is changed, the set and the ranking; these are
    ordinary outputs that are replaced at every change, so a stored notebook reads without a kernel. The same can be
    set from code. Nothing is written unless ``save`` is called, and ranking and design that the panel started from
    stay as they are.

    Attributes
    ----------
    ranking : Ranking
        Under the present weights; its weight basis says that they were changed.
    selection : Selection
        The best set under the present demands.
    design : StudyDesign
        The present demands, with the weights where they were changed.
    changes : list of str
        What is changed from the start, in words.
    """

    def __init__(self, start: core.Start, root: Path, top: int | None = TOP):
        self._start, self._root, self._top = start, root, top
        self._outcome = self._first = core.outcome(start, start.state)
        self._quiet = False
        self._handles: dict[str, DisplayHandle] = {}

    # -- what it holds --------------------------------------------------------------------------------

    @property
    def ranking(self) -> Ranking:
        """The ranking under the present weights; raises ``InputError`` where all of them are 0."""
        if self._outcome.ranking is None:
            raise self._error()
        return self._outcome.ranking

    @property
    def selection(self) -> Selection:
        """The best set under the present demands; raises the reason, in words, where there is none."""
        if self._outcome.selection is None:
            raise self._error()
        return self._outcome.selection

    @property
    def design(self) -> StudyDesign:
        """The present demands as a design; raises ``InputError`` where they contradict each other."""
        if self._outcome.design is None:
            raise self._error()
        return self._outcome.design

    @property
    def state(self) -> core.State:
        """The present values of all controls."""
        return self._outcome.state

    @property
    def changes(self) -> list[str]:
        """What is changed from the start, in words; empty where nothing is."""
        return core.changes(self._start, self.state)

    def _error(self) -> Exception:
        return self._outcome.error or InputError("There is no result.")

    # -- the same from code ---------------------------------------------------------------------------

    def set_weight(self, factor: str, share: float) -> None:
        """Give a factor a share of the weight, 0 to 1; the others share the rest in their proportions.

        Raises
        ------
        InputError
            If the factor is not scored in the perspective, or the share is not from 0 to 1.
        """
        declared = self._start.ranking.cluster.criteria.groupby("factor")["weight"].sum().to_dict()
        self._move(self.state.with_share(factor, share, declared))

    def set_quota(self, quota: str, minimum: int | None = None, maximum: int | None = None) -> None:
        """Set both bounds of a quota by its id; without any the quota asks for nothing.

        Raises
        ------
        InputError
            If the design has no such quota, or a bound is not a whole number from 0 on.
        """
        for bound in (minimum, maximum):
            if bound is not None and (type(bound) is not int or bound < 0):
                raise InputError(f"A bound is a whole number, 0 or more, or None, not {bound!r}.")
        self._move(self.state.with_bounds(quota, minimum, maximum))

    def set_sites(self, sites: int) -> None:
        """Set the number of sites.

        Raises
        ------
        InputError
            If it is not a whole number from 1 to the number of sites on the roster.
        """
        most = len(self._start.names)
        if type(sites) is not int or not 1 <= sites <= most:
            raise InputError(f"The number of sites is a whole number from 1 to {most}, not {sites!r}.")
        self._move(dataclasses.replace(self.state, sites=sites))

    def exclude(self, site: str, reason: str = core.LEFT_OUT) -> None:
        """Leave a site out, by its id, with the reason that the set and a saved design will give.

        Raises
        ------
        InputError
            If the site is not on the roster, must be in the set, or the reason is empty.
        """
        self._check_site(site)
        if site in dict(self._start.design.include):
            raise InputError(f"{self._start.names[site]} must be in the set, by the design; it cannot be left out.")
        if not isinstance(reason, str) or not reason.strip():
            raise InputError("Give a reason in words; a site is not left out without one.")
        self._move(
            dataclasses.replace(self.state, exclude=tuple(sorted({**dict(self.state.exclude), site: reason}.items())))
        )

    def readmit(self, site: str) -> None:
        """Let a site that was left out be chosen again.

        Raises
        ------
        InputError
            If the site is not on the roster.
        """
        self._check_site(site)
        self._move(
            dataclasses.replace(self.state, exclude=tuple(pair for pair in self.state.exclude if pair[0] != site))
        )

    def reset(self) -> None:
        """Go back to where the panel started."""
        self._move(self._start.state)

    def save(self, name: str, label: str = "", label_fr: str = "", replace: bool = False) -> StudyDesign:
        """Write the present state as a design file and return the design.

        ``lipresearch select CLUSTER --design NAME`` then gives the ranking and the set of the panel, as do
        ``lip.load_cluster(CLUSTER, design=design)``, ``lip.rank_sites`` and ``lip.choose_sites``.

        Parameters
        ----------
        name : str
            Small letters, digits and hyphens: the file is ``data/design/designs/NAME.toml``.
        label, label_fr : str
            Names in English and French; default: those of the first design, marked as a what-if.
        replace : bool
            Whether a file of that name may be replaced.

        Raises
        ------
        InputError
            If the file is there already, the name cannot be used, all weights are 0, or demands contradict each
            other.
        """
        design = core.saved_design(self._start, self.state, name, label, label_fr)
        return public.save_design(design, overwrite=replace, root=self._root)

    def _check_site(self, site: str) -> None:
        names = self._start.names
        if site in names:
            return
        near = [key for key, name in names.items() if str(site).lower() in (key, name.lower())]
        near = near or difflib.get_close_matches(str(site), names, 3)
        hint = f" Did you mean {', '.join(near)}?" if near else " See `lipresearch sites`."
        raise InputError(f"{site!r} is not on the roster.{hint}")

    def _move(self, state: core.State) -> None:
        if state != self.state:
            self._outcome = core.outcome(self._start, state)
        if "controls" in self.__dict__:
            self._show_state()
        for part, handle in self._handles.items():
            handle.update(self._bundle(part), raw=True)

    # -- the controls ---------------------------------------------------------------------------------

    @cached_property
    def controls(self) -> Controls:
        """The widgets, made when they are first asked for."""
        import ipywidgets as widgets

        start, state = self._start, self._start.state
        cluster, design, names = start.ranking.cluster, start.design, start.names
        wide = widgets.Layout(width="auto", flex="1 1 auto", min_width="0")
        # Only a sum of scores is solved at once; other objectives compare every set, so they wait for the last value.
        at_once = design.objective == "suitability"
        weights, shares, minimum, maximum = {}, {}, {}, {}
        for factor, points in state.points:
            weights[factor] = widgets.FloatSlider(
                points,
                min=0,
                max=core.MOST_POINTS,
                step=1,
                description=f"{factor} {cluster.factors.loc[factor, 'label']}",
                readout_format=".0f",
                continuous_update=at_once,
                layout=wide,
                style={"description_width": "45%"},
                tooltip="Points of this factor, 0 to 100",
            )
            shares[factor] = widgets.Label(layout=widgets.Layout(flex="0 0 11em"))
        for quota in design.quotas:
            what = core.subject(quota, start.measures)
            what = f"{what[:1].upper()}{what[1:]}" + ("" if quota.kind == "quota" else " (a target, does not bind)")
            minimum[quota.quota] = widgets.BoundedIntText(
                0,
                min=0,
                max=len(names),
                description=f"{what}: at least",
                layout=wide,
                style={"description_width": "calc(100% - 6em)"},
                tooltip="At least so many; 0 is no demand",
            )
            maximum[quota.quota] = widgets.BoundedIntText(
                0,
                min=0,
                max=len(names),
                description="at most",
                layout=widgets.Layout(flex="0 0 11em"),
                style={"description_width": "5em"},
                tooltip=f"{what}: at most so many; as many as there are sites is no limit",
            )
        number = widgets.BoundedIntText(
            state.sites,
            min=1,
            max=max(len(names), state.sites),
            description="Number of sites",
            layout=widgets.Layout(width="16em"),
            style={"description_width": "60%"},
        )
        free = [(name, site) for site, name in names.items() if site not in dict(design.include)]
        excluded = widgets.SelectMultiple(
            options=free,
            rows=8,
            description="Sites to leave out (Ctrl or Cmd for several)",
            layout=widgets.Layout(width="auto", max_width="34em"),
            style={"description_width": "30%"},
        )
        reset = widgets.Button(description="Back to the start", layout=widgets.Layout(width="12em"))
        result = widgets.HTML()
        rows = [widgets.HBox([weights[factor], shares[factor]]) for factor in weights]
        asked = [widgets.HBox([minimum[quota], maximum[quota]]) for quota in minimum]
        box = widgets.VBox(
            [
                widgets.HTML(
                    f"{STYLE}<b>Weights of the factors</b>: points from 0 (left out) to 100; only proportions count."
                ),
                *rows,
                widgets.HTML(
                    "<b>What the set must hold</b>: at most as many as there are sites is no limit."
                    if asked
                    else "<b>The set</b>"
                ),
                *asked,
                number,
                excluded,
                reset,
                result,
            ],
            layout=widgets.Layout(max_width="1000px"),
        )
        box.add_class("lip-what-if")
        made = Controls(weights, shares, minimum, maximum, number, excluded, reset, result, box)
        self._listen(made)
        self._set_values(made)
        return made

    def _listen(self, made: Controls) -> None:
        for factor, slider in made.weights.items():
            slider.observe(
                lambda change, factor=factor: self._turned(self.state.with_points(factor, change["new"])), "value"
            )
        for quota in made.minimum:
            made.minimum[quota].observe(lambda change, quota=quota: self._bounded(quota, "low", change["new"]), "value")
            made.maximum[quota].observe(
                lambda change, quota=quota: self._bounded(quota, "high", change["new"]), "value"
            )
        made.sites.observe(lambda change: self._turned(dataclasses.replace(self.state, sites=change["new"])), "value")
        made.excluded.observe(
            lambda change: self._turned(self.state.with_excluded(dict.fromkeys(change["new"], core.LEFT_OUT))), "value"
        )
        made.reset.on_click(lambda _: self.reset())

    def _bounded(self, quota: str, end: str, value: int) -> None:
        low, high = next((low, high) for name, low, high in self.state.bounds if name == quota)
        if end == "low":
            low = value or None
        else:
            high = None if value >= self.state.sites else value
        self._turned(self.state.with_bounds(quota, low, high))

    def _turned(self, state: core.State) -> None:
        if not self._quiet:
            self._move(state)

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        """Set widgets without taking it for the reader's doing."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _show_state(self) -> None:
        self._set_values(self.controls)

    def _set_values(self, made: Controls) -> None:
        state = self.state
        with self._unheard():
            for factor, points in state.points:
                made.weights[factor].value = points
                share = state.shares[factor]
                made.shares[factor].value = (
                    "no weight at all" if math.isnan(share) else f"{wording.percent(share)} of the weight"
                )
            for quota, low, high in state.bounds:
                made.minimum[quota].value = low or 0
                made.maximum[quota].max = max(state.sites, high or 0)
                made.maximum[quota].value = state.sites if high is None else high
            made.sites.value = state.sites
            made.result.value = self._line()
            made.excluded.value = tuple(site for site, _ in state.exclude if site in dict(self._start.names))

    def _line(self) -> str:
        """Return the set, or that there is none, in one line of HTML."""
        found = self._outcome.selection
        text = "none; the reason stands below" if found is None else ", ".join(found.table["name"])
        follow = "Do the tables below not follow, after the page was loaded again? Run this cell again."
        return f"<b>The set now</b>: {html.escape(text)}.<br><small>{follow}</small>"

    # -- what is shown --------------------------------------------------------------------------------

    def _ipython_display_(self) -> None:
        from IPython.display import DisplayHandle, display

        first = self._bundle("start")
        first[WIDGET_VIEW] = self.controls.box._repr_mimebundle_()[WIDGET_VIEW]
        display(first, raw=True)
        for part in ("changes", "set", "ranking"):
            handle = self._handles.setdefault(part, DisplayHandle())
            handle.display(self._bundle(part), raw=True)

    def _bundle(self, part: str) -> dict[str, Any]:
        pieces: list[str | pd.DataFrame] = getattr(self, f"_{part}_shown")()
        plain = [piece if isinstance(piece, str) else piece.to_string() for piece in pieces]
        page = [_paragraph(piece) if isinstance(piece, str) else table_html(piece) for piece in pieces]
        return {"text/plain": "\n".join(plain), "text/html": "\n".join(page)}

    def _start_shown(self) -> list[str | pd.DataFrame]:
        """Return what a viewer without widgets shows in place of the controls."""
        rows = [*core.settings(self._start, self._start.state), *core.fixed(self._start)]
        table = pd.DataFrame(
            {"Set to": [value for _, value in rows]},
            index=pd.Index(
                [f"{what[:1].upper()}{what[1:]}" for what, _ in rows], name="What if: the panel starts from"
            ),
        )
        return [table, "The controls appear when this cell is run in Jupyter."]

    def _changes_shown(self) -> list[str | pd.DataFrame]:
        cluster, design = self._start.ranking.cluster, self._start.design
        lines = self.changes
        if not lines:
            return [
                f"Nothing is changed: the weights are those of the ranking ({cluster.perspective_label}), the demands "
                f"those of the design: {design.label}."
            ]
        listed = "\n".join(f"{line[:1].upper()}{line[1:]}." for line in lines)
        return [f"Changed from the design: {design.label}.\n{listed}"]

    def _set_shown(self) -> list[str | pd.DataFrame]:
        if self._outcome.selection is None:
            return [f"No set. {self._error()}"]
        found, before = self._outcome.selection, self._first.selection
        table = found.table
        shown = pd.DataFrame(
            {
                "Site": list(table["name"]),
                "Type": list(table["settlement_type"].replace("", "not known")),
                "Economic region": list(table["region"].replace("", "not known")),
                "Score": [wording.number(value, 2) for value in table["score"]],
            },
            index=pd.Index([str(rank) for rank in table["rank"]], name="Rank"),
        )
        pieces: list[str | pd.DataFrame] = [
            f"The recommended set: {str(found.proof)[:1].lower()}{str(found.proof)[1:]}",
            shown,
        ]
        if before is not None and self.changes:
            shown["At the start"] = ["in the set" if site in before.sites else "not in it" for site in table["site"]]
            names = self._start.names
            left = ", ".join(names[site] for site in before.sites if site not in found.sites)
            pieces.append(f"No longer in the set: {left or 'none of the sites at the start'}.")
        if len(found.quotas):
            pieces.append(demands_table(found.quotas))
        return [*pieces, *found.notes]

    def _ranking_shown(self) -> list[str | pd.DataFrame]:
        ranking = self._outcome.ranking
        if ranking is None:
            return [f"No ranking. {self._error()}"]
        table = ranking.ranked
        before = self._start.ranking.table.set_index("site")["rank"]
        chosen = self._outcome.selection.sites if self._outcome.selection else ()
        top = table if self._top is None else table.head(self._top)
        shown = pd.DataFrame(
            {
                "Site": list(top["name"]),
                "Rank at the start": [
                    "not ranked" if pd.isna(before[site]) else str(before[site]) for site in top["site"]
                ],
                "Rank could be": [wording.span(row.rank_best, row.rank_worst, 0) for row in top.itertuples()],
                "Score": [wording.number(value, 2) for value in top["score"]],
                "Score could be": [wording.span(row.score_lowest, row.score_highest) for row in top.itertuples()],
                "Coverage": [wording.percent(value) for value in top["coverage"]],
                "In the set": ["yes" if site in chosen else "–" for site in top["site"]],
            },
            index=pd.Index([str(rank) for rank in top["rank"]], name="Rank"),
        )
        which = (
            f"the first {len(top)} of {len(table)} ranked sites"
            if len(top) < len(table)
            else f"all {len(table)} ranked sites"
        )
        return [f"The ranking: {which}. Weights: {ranking.cluster.weight_basis}", shown]

    def __repr__(self) -> str:
        lines = self.changes
        found = f"{self._outcome.selection!r}" if self._outcome.selection else f"No set. {self._error()}"
        what = "nothing is changed" if not lines else "; ".join(lines)
        return f"What if, for {self._start.ranking.cluster.title}: {what}. {found}"


def _paragraph(text: str) -> str:
    return f'<p style="white-space: pre-line">{html.escape(text)}</p>'


def what_if(
    ranking: Ranking,
    design: StudyDesign,
    top: int | None = TOP,
    root: Path | str | None = None,
    roster: str | None = None,
) -> WhatIf:
    """Return a panel in which weights, quotas, excluded sites and number of sites can be changed.

    Shown in a notebook, it has a slider for each factor, two steppers for each quota, a list of sites to leave out,
    and under them the ranking and the set, made anew at every change. A slider holds points from 0 to 100, of which
    only the proportions count; within a factor the criteria keep theirs. After reloading the page in the browser, run
    the cell again.

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it, under declared weights, or under those of the design.
    design : StudyDesign
        As ``load_design`` returns it; of one cluster, or of any.
    top : int, optional
        How many sites of the ranking are shown, default 15; None: all.
    root : path, optional
        Project folder.
    roster : str, optional
        The table of sites (``my_sites.csv``) where a roster of one's own was ranked.

    Returns
    -------
    WhatIf

    Raises
    ------
    InputError
        If the sites are not those of the roster, ranking and design do not fit, or the ranking has weights that no
        design can hold.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> panel = lip.what_if(ranking, lip.load_design("health"))
    >>> panel.set_weight("2.2", 0.8)
    >>> panel.exclude("halton", "declined")
    >>> panel.changes[1]
    'weight of 2.2 State of the health infrastructure: 80.0 % instead of 50.0 %'
    >>> "halton" in panel.selection.sites
    False
    """
    where = project_root() if root is None else Path(root)
    around: Mapping[str, Any] = public._around(where, ranking, design, roster)
    start = core.start_from(ranking, design, around["types"], around["measures"], around["kilometres"])
    public._types_of(where, ranking, roster)
    mine = ranking.cluster
    usual = designs.cluster_for(design, public.load_cluster(mine.cluster, mine.perspective, where))
    if not usual.criteria.equals(mine.criteria):
        raise InputError(
            f"The ranking has weights or goalposts that a design cannot keep ({mine.weight_basis}). Start from "
            f'lip.rank_sites(measures, lip.load_cluster("{mine.cluster}", "{mine.perspective}", design=design)).'
        )
    return WhatIf(start, where, top)
