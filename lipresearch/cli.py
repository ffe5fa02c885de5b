"""The command line: ``lipresearch --help`` lists what it does."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from lipresearch import build as building
from lipresearch import coverage as covering
from lipresearch import design, notebook, people, precision, public, rosters, wording
from lipresearch import robustness_tables as reading
from lipresearch.compilers.health import FACILITIES_CANADA, HEALTH_FACILITIES_ODHF
from lipresearch.compilers.statcan_2021 import POPULATION_2021
from lipresearch.designs import StudyDesign
from lipresearch.errors import DataChangedError, InputError, LipresearchError, NotFoundError, TableError
from lipresearch.paths import project_root, relative
from lipresearch.ranking import Ranking, rank_sites
from lipresearch.registry import verify_raw
from lipresearch.rosters import find_roster
from lipresearch.selection import Selection
from lipresearch.sites import DEFAULT_ROSTER
from lipresearch.supplied import EVIDENCE, template_rows
from lipresearch.tables import harmless, write_text

#: Rows of a table on the screen; all of them are in the other formats.
MOST_ROWS = 200
#: Sites up to which a file holds the share of every rank, and up to which it is asked what moves the ranks.
MOST_RANKS = 300

#: Width of tables where the terminal's is not known, and the most that is used.
WIDTH = 100

app = typer.Typer(
    help="Choose study sites among Canadian communities from open data, with every number sourced.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How a result is written."""

    table = "table"
    csv = "csv"
    json = "json"
    markdown = "markdown"


def _spare_inputs(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """Refuse a file for the result that would take the place of something that people or the build made.

    Called for --output and --roster; whichever is read last sees both.
    """
    given = {**context.params, str(parameter.name): value}
    output, roster = given.get("output"), given.get("roster")
    if output is not None:
        target = output.resolve()
        data = project_root().resolve() / "data"
        if target.is_relative_to(data) and not (
            context.command.name in TEMPLATES and any(target.is_relative_to(data / "design" / name) for name in FILLED)
        ):
            raise InputError(
                f"{output} lies in data/, which holds what is published, what people decide and what the build makes. "
                "Name a file elsewhere, as outputs/result.csv."
            )
        own = [Path(roster), rosters.measures_path(Path(roster))] if roster and rosters.is_own(roster) else []
        if any(target == path.resolve() and path.exists() for path in own):
            raise InputError(f"{output} is a table of the roster, and was not touched. Name another file.")
    return value


#: Commands that write a table to be filled in, and the folders of data/design that such tables lie in.
TEMPLATES = ("evidence-template", "weights-template")
FILLED = ("evidence", "weights")

Roster = Annotated[
    str,
    typer.Option(
        "--roster",
        help="Which list of sites: its id, or a table of your own, as my_sites.csv.",
        callback=_spare_inputs,
    ),
]
Form = Annotated[Format, typer.Option("--format", help="How to write the result.")]
SiteName = Annotated[str, typer.Argument(help="A site's id, as `lipresearch sites` lists it.")]
ClusterName = Annotated[str, typer.Argument(help="education, health, labour, justice or inclusion.")]
Stance = Annotated[
    str | None, typer.Option("--perspective", help="A stance on the cluster; see `lipresearch clusters`.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write to this file instead of the screen.", callback=_spare_inputs),
]


def _console(stderr: bool = False) -> Console:
    plain: dict[str, Any] = {"stderr": stderr, "highlight": False, "markup": False, "emoji": False}
    console = Console(**plain)
    return Console(**plain, width=min(console.width, WIDTH) if console.is_terminal else WIDTH)


def _note(text: str) -> None:
    _console(stderr=True).print(text, style="dim", markup=False, soft_wrap=True)


# -- writing ----------------------------------------------------------------------------------------


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    import csv
    import io

    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()


#: The beginning of what a reader of Markdown takes for a tag of HTML.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return (
            "| " + " | ".join(_TAG.sub("\\\\<", cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
        )

    return "\n".join([line(header), line(["---"] * len(header)), *(line(row) for row in rows)]) + "\n"


def _emit(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        write_text(output, text)
    except OSError as error:
        raise NotFoundError(f"{output} cannot be written: {error.strerror}. Name another file with --output.") from None
    _note(f"Written: {output}")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows for JSON: missing is null, numbers are numbers."""

    def cell(value: Any) -> Any:
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            return None
        if isinstance(value, float):
            return int(value) if value == int(value) and abs(value) < 1e15 else round(value, 6)
        return value if isinstance(value, str | bool | int) else value.item()

    return [{str(name): cell(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _write(
    frame: pd.DataFrame, form: Format, output: Path | None, title: str, shown: pd.DataFrame | None = None
) -> None:
    """Write a frame: for reading (``shown``) as table or markdown, whole as CSV or JSON."""
    text = frame if shown is None else shown
    if form is Format.json:
        _emit(json.dumps(_records(frame), indent=2, ensure_ascii=False, allow_nan=False) + "\n", output)
    elif form is Format.csv:
        rows = [["" if value is None else str(value) for value in record.values()] for record in _records(frame)]
        _emit(_csv([str(name) for name in frame.columns], rows), output)
    elif form is Format.markdown or output is not None:
        _emit(_markdown([str(name) for name in text.columns], text.astype(str).to_numpy().tolist()), output)
    else:
        _print_table(text, title)


#: Columns of numbers, set to the right.
NUMBERS = (
    "Rank",
    "Usual ranks",
    "Mean rank",
    "First",
    "Could be",
    "Score",
    "Coverage",
    "A/B/C",
    "Value",
    "Place",
    "Distance",
    "Costs",
    "Sites before",
    "Sites now",
)


def _print_table(frame: pd.DataFrame, title: str) -> None:
    more = len(frame) - MOST_ROWS
    frame = frame.iloc[:MOST_ROWS]
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        pad_edge=False,
        box=SIMPLE_HEAD,
    )
    for name in frame.columns:
        number = name in NUMBERS
        whole = name in ("Id", "Cluster", "Rank", "Design") or (name == "Site" and len(frame.columns) < 8)
        table.add_column(str(name), justify="right" if number else "left", overflow="fold", no_wrap=whole)
    for record in frame.astype(str).itertuples(index=False):
        table.add_row(*record)
    _console().print(table)
    if more > 0:
        text = f"{wording.number(more)} more rows are not shown; --format csv --output FILE writes them all."
        _console().print(text, markup=False)


def _same_roster(roster: str) -> str:
    """Return the option that a next command needs to stay with a roster of one's own."""
    return f" {shlex.join(['--roster', roster])}" if rosters.is_own(roster) else ""


# -- commands ---------------------------------------------------------------------------------------


def _root() -> Path:
    """Return the project folder after the check of the published figures that every command begins with."""
    root = project_root()
    verify_raw(root)
    return root


@app.command()
def verify() -> None:
    """Check that every published figure's file is the recorded one."""
    root = project_root()
    done = verify_raw(root)
    print(f"{done.files} files of {done.datasets} datasets, {done.bytes / 1e6:.1f} MB: all as recorded.")
    print(f"Registry sha256 {done.registry_sha256}")
    if building.is_fresh(root):
        print("data/derived was made from these files. Next: lipresearch rank health")
    else:
        print("data/derived was not made from the present files. Next: lipresearch build")


@app.command()
def build(force: Annotated[bool, typer.Option(help="Build even if nothing changed.")] = False) -> None:
    """Make data/derived from data/raw and data/design, byte for byte the same every time."""
    root = project_root()
    console = _console(stderr=True)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("Checking data/raw", total=None)

        def say(text: str) -> None:
            if console.is_terminal:
                bar.update(task, description=text)
            else:
                console.print(f"  {text}", markup=False, soft_wrap=True)

        done = building.build(root, progress=say, force=force)
    if not done.fresh:
        print(f"Nothing changed: the {len(done.files)} files of data/derived are up to date.")
    else:
        print(f"Built {len(done.files)} files in data/derived; {len(done.changed)} differ from before.")
        for name in done.changed[:10]:
            print(f"  {name}")
        if len(done.changed) > 10:
            print(f"  ... and {len(done.changed) - 10} more")
    print("Next: lipresearch rank health")


def _ranking_shown(ranking: Ranking) -> pd.DataFrame:
    table = notebook.ranking_table(ranking).reset_index()
    return table.rename(columns={"Weight on A, B, C": "A/B/C"})


@app.command()
def rank(
    cluster: ClusterName,
    perspective: Stance = None,
    design_name: Annotated[str | None, typer.Option("--design", help="A design with weights of its own.")] = None,
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Rank the sites of a roster for a research cluster, each with what its rank could be."""
    root = _root()
    own = public.load_design(design_name, root) if design_name else None
    chosen = public.load_cluster(cluster, perspective, root, own)
    ranking = rank_sites(building.load_site_measures(root, roster), chosen)
    title = f"{chosen.number} {chosen.title}: {chosen.perspective_label}"
    if form is Format.table and output is None:
        _print_ranking(root, ranking, roster, title)
        return
    header, rows = building.ranking_rows(ranking)
    if form is Format.csv:
        _emit(_csv(header, rows), output)
    elif form is Format.json:
        _emit(_ranking_json(ranking, roster), output)
    else:
        shown = _ranking_shown(ranking)
        lost = notebook.unranked_table(ranking).reset_index()
        text = f"# {title}\n\n" + _markdown(list(shown.columns), shown.to_numpy().tolist())
        if len(lost):
            text += "\n## Not ranked\n\n" + _markdown(list(lost.columns), lost.to_numpy().tolist())
        _emit(text, output)


def _ranking_json(ranking: Ranking, roster: str) -> str:
    chosen = ranking.cluster
    table = ranking.table.merge(ranking.grades.reset_index().drop(columns="name"), on="site", validate="one_to_one")
    content = {
        "cluster": chosen.cluster,
        "perspective": chosen.perspective,
        "stance": chosen.stance,
        "weights": chosen.weight_basis,
        "minimum_coverage": chosen.minimum_coverage,
        "roster": roster,
        "criteria": _records(chosen.criteria.reset_index()),
        "sites": _records(table),
        "contributions": _records(ranking.contributions),
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _print_ranking(root: Path, ranking: Ranking, roster: str, title: str) -> None:
    chosen = ranking.cluster
    console = _console()
    label = find_roster(root, roster).label
    console.print(title, style="bold", markup=False)
    console.print(f"{chosen.question}\n{chosen.stance}\n{chosen.weight_basis}\nSites: {label}", markup=False)
    _print_table(_ranking_shown(ranking), "")
    console.print(
        "Rank could be, score could be: given what is missing or known only within bounds. Coverage: share of the "
        "weight that rests on a value. Weight on A, B, C in per cent: official for the whole catchment; official "
        "for part of it or re-published; modelled. A criterion without a value adds nothing to a score.",
        style="dim",
        markup=False,
    )
    lost = notebook.unranked_table(ranking)
    if len(lost):
        _print_table(
            lost.reset_index(),
            f"Not ranked: evidence for less than {wording.percent(chosen.minimum_coverage)} of the weight",
        )
    else:
        console.print(f"All {len(ranking.table)} sites are ranked.", markup=False)
    first = ranking.table["site"].iloc[0]
    others = [name for name in chosen.perspectives if name != chosen.perspective]
    console.print(f"Next: lipresearch measures {first}{_same_roster(roster)}", markup=False)
    if others:
        again = f"rank {chosen.cluster} --perspective {others[0]}{_same_roster(roster)}"
        console.print(f"      lipresearch {again}", markup=False)


@app.command()
def sites(roster: Roster = DEFAULT_ROSTER, form: Form = Format.table, output: Output = None) -> None:
    """List the sites of a roster with their type, region and lead."""
    root = _root()
    table = building.load_site_types(root, roster).reset_index()
    shown = table[["site", "name", "settlement_type", "field_study_group", "region"]]
    shown = shown.set_axis(["Id", "Site", "Type", "Field study group", "Region"], axis=1)
    _write(table, form, output, find_roster(root, roster).label, shown.replace("", "not known"))


@app.command()
def measures(
    site: SiteName,
    roster: Annotated[
        str | None,
        typer.Option(
            "--roster",
            help="A table of sites of your own; default: any list of the project.",
            callback=_spare_inputs,
        ),
    ] = None,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Show every measure of a site with its vintage, evidence grade and source, or why it is missing."""
    root = _root()
    if roster is not None and rosters.is_own(roster):
        public.site_profile(site, roster, root)  # an unknown site is told with those that are near
        table = building.load_site_measures(root, roster)
        table = table[table["site"] == site].reset_index(drop=True)
    else:
        table = building.site_measures_of(root, site)
    shown = notebook.measures_table(table, site).reset_index()
    _write(table, form, output, f"{table['name'].iloc[0]} ({site})", shown)


@app.command("evidence-template")
def evidence_template(
    cluster: ClusterName,
    roster: Roster = DEFAULT_ROSTER,
    output: Output = None,
) -> None:
    """Write a table with exactly the missing values of a cluster's criteria, to be filled in and put to use."""
    root = _root()
    own = rosters.is_own(roster)
    design.load_cluster(root, cluster)  # an unknown cluster is told before any file
    target = output or root / "data" / "design" / "evidence" / f"{cluster}.csv"
    if own and output is None:
        target = rosters.measures_path(Path(roster))
    if target.exists():
        raise NotFoundError(f"{target} is there already and was not touched. Name another file with --output.")
    table = design.load_design(root).criteria
    wanted = list(dict.fromkeys(table.loc[table["cluster"] == cluster, "measure"]))
    if own:  # how far a share may be off rests on the number of residents, which a roster of one's own must say
        bases = precision.load_precision(root)["base"].reindex(wanted)
        wanted = list(dict.fromkeys([*wanted, *bases[bases.fillna("") != ""]]))
    rows = template_rows(building.load_site_measures(root, roster), wanted)
    _emit(_csv(EVIDENCE.names, rows), target)
    print(f"{len(rows)} missing values of {len(wanted)} measures. Fill in value, vintage, grade and source;")
    if own:
        print(f"rows left empty are passed over. Next: lipresearch roster check {shlex.quote(roster)}")
        return
    print("rows left empty are passed over. In data/design/evidence the file is used by the next: lipresearch build")


@app.command()
def clusters(form: Form = Format.table, output: Output = None) -> None:
    """List the five research clusters, their questions and perspectives."""
    root = _root()
    table = design.list_clusters(root)
    shown = pd.DataFrame(
        {
            "Cluster": table["cluster"],
            "Title": [f"{row.number} {row.title}" for row in table.itertuples()],
            "Question": table["question"],
            "Perspectives": table["perspectives"],
            "Factors": [
                f"{row.factors}, {row.factors_without_evidence} without evidence yet" for row in table.itertuples()
            ],
        }
    )
    _write(table, form, output, "Research clusters", shown)


@app.command()
def site(
    site: SiteName,
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Show a site's profile: every measure with its rank in the roster, the median, evidence and source."""
    root = _root()
    profile = public.site_profile(site, roster, root)
    kinds = building.load_site_types(root, roster).loc[site]
    kind = ", ".join(text for text in (kinds["settlement_type"], kinds["field_study_group"], kinds["region"]) if text)
    shown = notebook.profile_table(profile).reset_index()
    _write(profile, form, output, f"{kinds['name']} ({site})" + (f": {kind}" if kind else ""), shown)
    if form is Format.table and output is None:
        _console().print(
            f"Sites: {find_roster(root, roster).label}. Rank 1 is the highest value, whatever a study prefers; equal "
            "values share a rank. Ranks and medians are over the sites that have a value, and those that overlap each "
            "count. A site without a value has no rank. Evidence: grade (A official for the whole catchment, B for "
            "part of it or re-published, C modelled) and vintage.",
            style="dim",
            markup=False,
        )
        _console().print(f"Next: lipresearch rank health{_same_roster(roster)}", markup=False)


@app.command()
def factors(form: Form = Format.table, output: Output = None) -> None:
    """List the 21 factors that the workshops named, each with its criteria, quotas or gap, and its source."""
    root = _root()
    table = public.list_factors(root)
    shown = notebook.factor_list(table).reset_index()
    _write(table, form, output, "Factors to consider when choosing study sites", shown)
    if form is Format.table and output is None:
        lacking = int((table["status"] == "no evidence yet").sum())
        partly = int((table["status"] == "partly").sum())
        _console().print(
            f"{len(table)} factors: {len(table) - partly - lacking} with evidence, {partly} in part, {lacking} not "
            "yet. A quota or spread is a property of the set of sites and carries no weight.",
            markup=False,
        )
        _console().print("Next: lipresearch coverage", markup=False)


@app.command()
def coverage(roster: Roster = DEFAULT_ROSTER, form: Form = Format.table, output: Output = None) -> None:
    """Show how much of each factor and cluster rests on which evidence; CSV and JSON hold every site."""
    root = _root()
    matrix = public.coverage_matrix(roster=roster, root=root)
    by_factor = notebook.coverage_table(covering.factor_coverage(matrix)).reset_index()
    _write(matrix, form, output, "Share of each factor's weight by kind of evidence, mean of the sites", by_factor)
    if form is Format.table and output is None:
        by_cluster = notebook.coverage_table(covering.cluster_coverage(matrix)).reset_index()
        _print_table(by_cluster, "Share of each cluster's weight by kind of evidence, mean of the sites")
        _console().print(
            f"Sites: {find_roster(root, roster).label}. Each cluster under its default perspective; the weight is the "
            "factor's share of it. Quota, spread: a property of the set of sites, without weight. Not scored: other "
            "perspectives score it. Open: no evidence yet, so no weight; `lipresearch factors` says how to supply it.",
            style="dim",
            markup=False,
        )
        again = f"coverage{_same_roster(roster)} --format csv --output coverage.csv"
        _console().print(f"Next: lipresearch {again}", markup=False)


class Weights(StrEnum):
    """Which weightings are admissible."""

    uniform = "uniform"
    stated = "stated"
    fixed = "fixed"


@app.command()
def robustness(
    cluster: ClusterName,
    perspective: Stance = None,
    weights: Annotated[
        Weights, typer.Option(help="All weightings, those around the stated ones, or only the stated ones.")
    ] = Weights.uniform,
    evidence: Annotated[bool, typer.Option(help="Let the evidence vary as far as it may be off.")] = True,
    draws: Annotated[int, typer.Option(help="How many weightings to draw.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same result.")] = 2010,
    top: Annotated[int, typer.Option(help="Also say how often a site is among the first so many.")] = 6,
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Say how sure a ranking is: how often each site takes each rank when weights and evidence vary."""
    from lipresearch.robustness import Weighting, explain_rank_variance, rank_acceptability

    root = _root()
    ranking = rank_sites(building.load_site_measures(root, roster), design.load_cluster(root, cluster, perspective))
    chosen = ranking.cluster
    unsure = public.data_uncertainty(ranking, roster=roster, root=root) if evidence else None
    space = Weighting(weights.value)
    result = rank_acceptability(ranking, space, unsure, draws=draws, seed=seed, top=top)
    title = f"{chosen.number} {chosen.title}: {chosen.perspective_label}"
    few = len(result.sites) <= MOST_RANKS
    full = result.table
    if few and form in (Format.csv, Format.json):
        full = full.join(result.acceptability.add_prefix("rank_"))
    if not few:
        _note(
            f"Left out for more than {MOST_RANKS} sites: the share of every rank, and what moves the ranks. In Python: "
            "lip.rank_acceptability(ranking).acceptability and lip.explain_rank_variance(ranking, "
            "lip.data_uncertainty(ranking, roster=roster))."
        )
    full = full.reset_index()
    shown = notebook.acceptability_table(result).reset_index()
    _write(full, form, output, title, shown)
    if form is Format.table and output is None:
        # What was never drawn may still happen: in fewer than so many of all cases, with 95 % confidence.
        unseen = wording.percent(max(1 - 0.05 ** (1 / draws), 0.001))
        lines = [
            f"{wording.number(draws)} draw{'' if draws == 1 else 's'}. Varied: {result.weighting}; {result.evidence}.",
            "Rank: under the stated weights. Usual ranks: in nine of ten draws. Confidence: how often first under the "
            "mean of the weights that put the site first. Largest standard error of a share: "
            f"{wording.percent(result.largest_error)}; a rank that a site has in no draw has a share below {unseen}.",
        ]
        _console().print("\n".join(lines), style="dim", markup=False)
        if unsure is not None and few:
            explained = explain_rank_variance(ranking, unsure, space, seed=seed)
            _print_table(notebook.rank_variance_table(explained).reset_index(), "What moves the ranks")
        _console().print(f"Next: lipresearch rank {chosen.cluster}{_same_roster(roster)}", markup=False)


Compared = Annotated[str, typer.Option(help="A list of data/design/matching_measures.csv to compare by.")]
Method = Annotated[str, typer.Option(help="weighted or mahalanobis distance.")]
Same = Annotated[str | None, typer.Option(help="A category in which they must agree, such as region.")]


def _explain_distance(use: str, method: str, root: Path, lost: int) -> None:
    labels = ", ".join(public.load_matching_measures(use, root)["label"])
    meaning = (
        "the typical difference in standard deviations of the roster"
        if method == "weighted"
        else "that of Mahalanobis, in which measures that say the same count once; it grows with their number"
    )
    text = f"Compared by: {labels}. A distance is {meaning}; 0: alike."
    if lost:
        text += f" {lost} pairs have too few measures in common and are left out."
    _console().print(text, style="dim", markup=False)


@app.command()
def compare(
    site: SiteName,
    use: Compared = "general",
    count: Annotated[int, typer.Option(help="How many comparators.")] = 5,
    same: Same = None,
    method: Method = "weighted",
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Find the sites most like one, never one that overlaps it."""
    root = _root()
    found = public.find_comparators(site, use=use, count=count, same=same, method=method, roster=roster, root=root)
    shown = notebook.comparators_table(found).reset_index(drop=True)
    name = building.load_site_types(root, roster).loc[site, "name"]
    _write(found.table, form, output, f"Sites most like {name} ({site})", shown)
    if form is Format.table and output is None:
        if shown.empty:
            _console().print(
                "No site can be compared with it: none of those that do not overlap it "
                + ("has too few measures in common." if same is None else f"is known to agree with it in {same}."),
                markup=False,
            )
        _explain_distance(use, method, root, len(found.undefined))
        _console().print(f"Next: lipresearch site {site}{_same_roster(roster)}", markup=False)


@app.command()
def pairs(
    first: Annotated[str, typer.Argument(help="A kind of site.")] = "rural",
    second: Annotated[str, typer.Argument(help="Another kind of site.")] = "urban",
    by: Annotated[str, typer.Option(help="The category that both are kinds of.")] = "settlement_type",
    use: Compared = "general",
    number: Annotated[int | None, typer.Option(help="How many pairs; default as many as possible.")] = None,
    same: Same = None,
    method: Method = "weighted",
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Pair sites of two kinds so that the distances add to the least possible."""
    root = _root()
    found = public.pair_sites(
        first, second, by=by, use=use, pairs=number, same=same, method=method, roster=roster, root=root
    )
    title = f"{first} and {second} sites, paired so that the distances add to the least possible"
    _write(found.table, form, output, title, notebook.pairs_table(found).reset_index())
    if form is Format.table and output is None:
        for group, kind in (("first", first), ("second", second)):
            alone = found.unpaired.loc[found.unpaired["group"] == group, "name"]
            if len(alone):
                names = ", ".join(alone) if len(alone) <= 5 else f"{len(alone)} sites"
                _console().print(f"Without a partner ({kind}): {names}.", markup=False)
        _explain_distance(use, method, root, 0)
        if found.tied:
            _console().print("Other pairs have the same total distance.", markup=False)
        following = f"compare {found.table['site'].iloc[0]}{_same_roster(roster)}"
        _console().print(f"Next: lipresearch {following}", markup=False)


@app.command()
def variants(
    cluster: ClusterName,
    perspective: Stance = None,
    missing: Annotated[str, typer.Option(help="What methods do about missing values: 'at worst' or 'left out'.")] = (
        "at worst"
    ),
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Set a ranking beside other methods and perspectives: each site's ranks, their range, how far they shift."""
    root = _root()
    found = public.compare_variants(building.load_site_measures(root, roster), cluster, perspective, missing, root)
    chosen = found.ranking.cluster
    title = f"{chosen.number} {chosen.title}: {chosen.perspective_label}, and other ways to rank"
    shown = reading.variants_table(found).reset_index()
    if form is not Format.table or output is not None:
        _write(found.table, form, output, title, shown)
        return
    _print_table(reading.variants_summary(found).reset_index(), title)
    _print_table(shown, "Ranks, numbered as above")
    console = _console()
    for note in reading.variants_notes(found):
        console.print(note, markup=False)
    console.print(
        "Mean shift: how many places a site moves from the ranking, over the sites that both rank; sites with equal "
        "scores share the mean of their places. Methods rank the sites that the ranking ranks; perspectives, their "
        "own. "
        + (
            "What is missing is taken at worst: the geometric and harmonic means and VIKOR judge a site by its "
            "weakest criterion, so by its gaps."
            if missing == "at worst"
            else "Sites without a value for some criterion are left out."
        ),
        style="dim",
        markup=False,
    )
    if missing == "at worst":
        console.print(f'Next: lipresearch variants {cluster} --missing "left out"{_same_roster(roster)}', markup=False)
    following = f"sensitivity {cluster}{_same_roster(roster)}"
    console.print(f"{'Next:' if missing != 'at worst' else '     '} lipresearch {following}", markup=False)


@app.command()
def sensitivity(
    cluster: ClusterName,
    perspective: Stance = None,
    top: Annotated[int, typer.Option(help="How many first sites to watch.")] = 10,
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Show what a ranking hangs on: one part left out at a time, and the smallest change of weights that matters."""
    root = _root()
    chosen = design.load_cluster(root, cluster, perspective)
    ranking = rank_sites(building.load_site_measures(root, roster), chosen)
    parts = public.leave_one_out(ranking, top, root=root)
    title = f"{chosen.number} {chosen.title}: {chosen.perspective_label}, with one part left out"
    if form is not Format.table or output is not None:
        kinds = ("criterion", "factor", "data set", "site")
        _write(parts.table, form, output, title, reading.leave_one_out_table(parts, kinds).reset_index())
        return
    _print_table(reading.leave_one_out_table(parts).reset_index(), title)
    _print_table(reading.leave_one_out_table(parts, ("data set",)).reset_index(), "The same for data sets")
    console = _console()
    console.print(reading.sites_left_out(parts), markup=False)
    relative_parts = public.leave_one_out(ranking, top, "min-max", root)
    console.print("With min-max instead of goalposts: " + reading.sites_left_out(relative_parts), markup=False)
    for number in dict.fromkeys((1, top)):
        _print_weight_change(ranking, number)
    console.print(
        "Weight of a data set: share of the weight that rests on it, mean of the sites. The weight of what is left "
        "out goes to the other criteria of its factor, or to all. Shifts are over the sites ranked with and without "
        "it. Weight to move: the least share of the weight that must go from some criteria to others for the site to "
        "draw level; or by how much each weight must change at most, if all may.",
        style="dim",
        markup=False,
    )
    console.print(f"Next: lipresearch variants {cluster}{_same_roster(roster)}", markup=False)


def _print_weight_change(ranking: Ranking, top: int) -> None:
    console = _console()
    which = "the first site" if top == 1 else f"the first {top} sites"
    try:
        change = public.smallest_weight_change(ranking, top)
    except InputError as error:
        console.print(f"\nSmallest change of weights that alters {which}: {error}", markup=False)
        return
    if change.smallest is None:
        console.print(f"\nNo weighting at all puts another site before {which}.", markup=False)
        return
    shown = reading.weight_change_table(change, 5).reset_index()
    _print_table(shown, f"Smallest change of weights that alters {which}")
    never = int((change.table["possible"] == "no").sum())
    if never:
        console.print(f"No weighting brings any of the other {never} sites there.", markup=False)
    nearest = change.smallest["name"] or change.smallest["reason"]
    _print_table(reading.moved_weights_table(change).reset_index(), f"The weights for the first row: {nearest}")


@app.command("weights-template")
def weights_template(
    cluster: ClusterName,
    participant: Annotated[str, typer.Option(help="Code of the participant, the file's name.")] = "participant-1",
    kind: Annotated[str, typer.Option(help="weights, swings, order or pairs.")] = "swings",
    level: Annotated[str, typer.Option(help="What is weighed: factor or criterion.")] = "factor",
    perspective: Stance = None,
    output: Output = None,
) -> None:
    """Write a table for one participant's weights of a cluster, to be filled in."""
    root = _root()
    chosen = design.load_cluster(root, cluster, perspective)
    if output is None:
        people.check_code(participant)
    target = output or people.weights_folder(root, cluster) / f"{participant}.csv"
    header, rows = people.template(chosen, kind, level)
    if target.exists():
        raise NotFoundError(f"{target} is there already and was not touched. Name another participant or --output.")
    _emit(_csv(header, rows), target)
    print(f"{len(rows)} rows, one for each {level}. {people.HOW[kind]}")
    print(f"When every participant has a file: lipresearch group {cluster}")


@app.command()
def group(
    cluster: ClusterName,
    perspective: Stance = None,
    folder: Annotated[Path | None, typer.Option(help="Where the participants' files are.")] = None,
    method: Annotated[str, typer.Option(help="How the group is made; see docs/method.md.")] = "mean of weights",
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Rank the sites with several people's weights, and show how far they agree and who differs about what."""
    root = _root()
    members = public.load_participants(cluster, perspective, folder, root=root)
    ranking = rank_sites(building.load_site_measures(root, roster), members.cluster)
    found = public.group_ranking(ranking, members, method)
    title = f"{members.cluster.number} {members.cluster.title}: {len(members.members)} participants, {method}"
    shown = reading.group_table(found).reset_index()
    _write(found.table, form, output, title, shown)
    if form is Format.table and output is None:
        _print_table(reading.members_table(found).reset_index(), "Who lies how far from the group")
        _print_table(reading.apart_table(found).reset_index(), "And on what, in points of weight (of 100)")
        _print_table(reading.spread_table(found).reset_index(), "What they differ about")
        console = _console()
        for sentence in reading.agreement_sentences(found):
            console.print(sentence, markup=False)
        console.print(f"Next: lipresearch variants {cluster}{_same_roster(roster)}", markup=False)


@app.command()
def designs(
    roster: Annotated[
        str | None,
        typer.Option(
            "--roster", help="A table of sites of your own whose places designs may name.", callback=_spare_inputs
        ),
    ] = None,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """List the designs: how many sites, for which clusters, and which text each is drawn from."""
    root = _root()
    table = public.list_designs(root, roster)
    shown = notebook.designs_table(table).reset_index()
    _write(table.reset_index(), form, output, "Designs in data/design/designs", shown)
    if form is Format.table and output is None:
        _console().print("Next: lipresearch select health --design six-sites", markup=False)


ClusterOrAll = Annotated[str, typer.Argument(help="education, health, labour, justice, inclusion, or all.")]
DesignName = Annotated[
    str | None,
    typer.Option("--design", help="A design; see `lipresearch designs`. Default: the cluster's own, else six-sites."),
]
Excluded = Annotated[list[str] | None, typer.Option(help="Leave this site out, by its id; may be repeated.")]


@app.command()
def select(
    cluster: ClusterOrAll,
    design_name: DesignName = None,
    exclude: Excluded = None,
    perspective: Stance = None,
    roster: Roster = DEFAULT_ROSTER,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Choose the best set of sites under a design, proven, with who replaces a site that declines."""
    root = _root()
    rankings, chosen = _asked(root, "select", cluster, design_name, perspective, roster)
    with _console(stderr=True).status("Looking for the best set, and for what replaces each of its sites"):
        selection = public.choose_sites(rankings, chosen, exclude or (), root, roster)
        if form is not Format.csv:  # made when first asked for
            _ = selection.alternates, selection.best_sets, selection.cost_of_quotas
    if form is Format.json:
        _emit(_selection_json(selection, roster), output)
    elif form is Format.csv:
        _write(selection.table, form, output, "")
    elif form is Format.markdown or output is not None:
        parts = [
            (chosen.label, notebook.selection_table(selection)),
            ("Proof", notebook.proof_table(selection)),
            ("Demands of the design", notebook.demands_table(selection.quotas, selection.cost_of_quotas)),
            ("If a site declines", notebook.alternates_table(selection)),
            ("The best sets", notebook.best_sets_table(selection)),
        ]
        text = "\n".join(
            f"{'##' if at else '#'} {title}\n\n" + _markdown(list(frame.columns), frame.to_numpy().tolist())
            for at, (title, table) in enumerate(parts)
            for frame in [table.reset_index()]
        )
        note = notebook.cost_note(selection)
        text += f"\n## What the demands cost\n\n{note}\n" if note else ""
        text += f"\n## Weights\n\n{rankings[0].cluster.weight_basis}\n" if chosen.weights else ""
        _emit(text, output)
    else:
        _print_selection(root, selection, roster, cluster, perspective, exclude or [])


def _asked(
    root: Path, command: str, cluster: str, design_name: str | None, perspective: str | None, roster: str
) -> tuple[list[Ranking], StudyDesign]:
    """Return the rankings and the design that a command names; ``all`` stands for the clusters of the design."""
    if cluster != "all":
        design.load_cluster(root, cluster, perspective)  # an unknown cluster is told before any design
    design_name = design_name or _own_design(root, cluster, roster)
    chosen = public.load_design(design_name, root, roster)
    names = [cluster] if cluster != "all" else list(chosen.clusters or public.list_clusters(root)["cluster"])
    if len(names) > 1 and perspective:
        raise InputError("A perspective is of one cluster; with `all` each is taken under its default one.")
    if chosen.clusters and cluster != "all" and len(chosen.clusters) > 1:
        raise InputError(
            f"The design {design_name} serves {', '.join(chosen.clusters)} together. "
            f"Run `lipresearch {command} all --design {design_name}`."
        )
    measures = building.load_site_measures(root, roster)
    return [rank_sites(measures, public.load_cluster(name, perspective, root, chosen)) for name in names], chosen


def _own_design(root: Path, cluster: str, roster: str) -> str:
    """Return the design for a cluster (or for all) alone: the one with its name, or the first that serves just it."""
    table = public.list_designs(root, roster)
    wanted = ", ".join(public.list_clusters(root)["cluster"]) if cluster == "all" else cluster
    own = sorted(table.index[table["clusters"] == wanted], key=lambda name: (name != cluster, name))
    return own[0] if own else "six-sites"


def _selection_json(selection: Selection, roster: str) -> str:
    proof = selection.proof
    content = {
        "design": selection.design.design,
        "source": selection.design.source,
        "roster": roster,
        "clusters": [ranking.cluster.cluster for ranking in selection.rankings],
        "perspectives": [ranking.cluster.perspective for ranking in selection.rankings],
        "weights": [ranking.cluster.weight_basis for ranking in selection.rankings],
        "proof": {name: getattr(proof, name) for name in proof.__dataclass_fields__},
        "notes": list(selection.notes),
        **{
            name: _records(getattr(selection, name))
            for name in ("table", "quotas", "alternates", "replacements", "best_sets", "cost_of_quotas", "excluded")
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _print_selection(
    root: Path, selection: Selection, roster: str, cluster: str, perspective: str | None, left_out: list[str]
) -> None:
    console, chosen = _console(), selection.design
    console.print(chosen.label, style="bold", markup=False)
    for ranking in selection.rankings:
        kind = ranking.cluster
        console.print(f"{kind.number} {kind.title}: {kind.perspective_label}", markup=False)
        if chosen.weights:
            console.print(f"Weights: {kind.weight_basis}", markup=False)
    console.print(f"Sites: {find_roster(root, roster).label}. Design drawn from: {chosen.source}", markup=False)
    shown = notebook.selection_table(selection).reset_index().drop(columns="Economic region")
    _print_table(shown, "")
    console.print(str(selection.proof), markup=False)
    if len(selection.quotas):
        demands = notebook.demands_table(selection.quotas, selection.cost_of_quotas).reset_index()
        _print_table(demands, "")
        note = notebook.cost_note(selection)
        if note:
            console.print(note, markup=False)
    best = selection.best_sets
    if len(best) > 1:
        always = ", ".join(selection.shared.loc[selection.shared["sets"] == len(best), "name"]) or "none"
        last = abs(float(best["change"].iloc[-1]))
        near = f"lie within {wording.number(last, 3)} of each other" if last else "are equally good"
        if last and last < 0.0005:
            near = "differ by less than 0.001"
        listed = "best sets" if last or not selection.proof.more else "best sets that are listed"
        console.print(f"The {len(best)} {listed} {near}; in all of them: {always}.", markup=False)
    for note in selection.notes:
        console.print(note, markup=False)
    if len(selection.excluded):
        _print_table(
            selection.excluded[["name", "reason"]].set_axis(["Not a candidate", "Why"], axis=1),
            "",
        )
    console.print(
        "Two sites that share an area are never chosen together. If it declines: the best replacement with the others "
        "kept. Costs: how much better the best set would be without the demand.",
        style="dim",
        markup=False,
    )
    same, others = (
        _options(chosen.design, perspective, roster),
        [f"--exclude {site}" for site in dict.fromkeys(left_out)],
    )
    again = [*same, *others, f"--exclude {selection.sites[0]}"]
    console.print(f"Next: lipresearch select {cluster} {' '.join(again)}", markup=False)
    console.print(f"      lipresearch memo {cluster} {' '.join([*same, *others])}", markup=False)


def _options(design_name: str, perspective: str | None, roster: str) -> list[str]:
    """Return the options that ask for the same again; what is the default is left out."""
    options = [f"--design {design_name}"]
    options += [f"--perspective {perspective}"] if perspective else []
    return options + ([shlex.join(["--roster", roster])] if roster != DEFAULT_ROSTER else [])


roster_app = typer.Typer(help="Check, begin or make a roster of your own.", no_args_is_help=True)
app.add_typer(roster_app, name="roster")
SitesFile = Annotated[Path, typer.Argument(help="Table of sites; its measures lie beside it, in NAME_measures.csv.")]


@roster_app.command("check")
def roster_check(sites: SitesFile, form: Form = Format.table, output: Output = None) -> None:
    """Check a table of sites and one of their measures, and say which clusters could rank them."""
    root = _root()
    if not rosters.is_own(sites):
        raise InputError(f"A table of sites ends in .csv, not {sites.name!r}. Lists of the project need no check.")
    try:
        table = public.check_roster(sites, root)
    except TableError as error:
        raise InputError(error.whole()) from None
    shown = pd.DataFrame(
        {
            "Cluster": table["cluster"],
            "Perspective": table["perspective"],
            "Ranked": [f"{wording.number(row.ranked)} of {wording.number(row.sites)}" for row in table.itertuples()],
            "Coverage": table["coverage"].map(wording.percent),
            "Criteria that all sites lack": [len(cell.split("; ")) if cell else 0 for cell in table["lacks"]],
            "Some sites lack": [len(cell.split("; ")) if cell else 0 for cell in table["partly"]],
        }
    )
    _write(table, form, output, f"What the measures of {sites.as_posix()} are enough for", shown)
    if form is Format.table and output is None:
        _print_checked(root, sites, table)


def _print_checked(root: Path, sites: Path, table: pd.DataFrame) -> None:
    own = rosters.load_own(root, sites)
    number, beside = len(own.types), rosters.measures_path(sites)
    given = own.measures[own.measures["supplied"] == "yes"]
    values = int(given["value"].notna().sum())
    console = _console()
    console.print(f"Nothing wrong: {wording.number(number)} site{'' if number == 1 else 's'}.", markup=False)
    console.print(
        f"{wording.number(values)} values of {given.loc[given['value'].notna(), 'measure'].nunique()} measures in "
        f"{beside.as_posix()}."
        if beside.is_file()
        else f"There are no measures yet: {beside.as_posix()} is not there.",
        markup=False,
    )
    console.print(
        "Ranked: sites whose values carry the least share of the weight that the cluster asks for. Coverage: share of "
        "the weight that rests on a value, mean of the sites.",
        style="dim",
        markup=False,
    )
    best = table.sort_values(["ranked", "coverage"], ascending=False, kind="stable").iloc[0]
    for what, column in (("No site has", "lacks"), ("Some sites lack", "partly")):
        if best[column]:
            where = f"{best['cluster']}, {best['perspective']}"
            console.print(f"{what}, for {where}: {best[column]}.", markup=False)
    name = shlex.quote(sites.as_posix())
    if best["ranked"]:
        following = f"rank {best['cluster']} --perspective {best['perspective']} --roster {name}"
    elif beside.is_file():
        following = f"evidence-template {best['cluster']} --roster {name} --output missing.csv"
    else:
        following = f"evidence-template {best['cluster']} --roster {name}"
    console.print(f"Next: lipresearch {following}", markup=False)


@roster_app.command("template")
def roster_template(sites: SitesFile) -> None:
    """Write an empty table of sites with every column that it may have."""
    project_root()
    rosters.check_target(sites)
    _emit(_csv(rosters.sites_header(), []), sites)
    name = shlex.quote(sites.as_posix())
    print("One row a site. site (a short id), name and province must be filled; the others may be left out.")
    print("Categories are those of `lipresearch sites --format csv`; overlaps: ids of sites that share an area, with ;")
    print(f"Next: lipresearch evidence-template health --roster {name}")


class Level(StrEnum):
    """Levels of area of which rosters of Canada can be made."""

    cd = "cd"
    csd = "csd"


@roster_app.command("make")
def roster_make(
    level: Annotated[Level, typer.Argument(help="cd (census divisions) or csd (census subdivisions).")],
    source: Annotated[Path, typer.Option("--from", help="Table 98-10-0002 of Statistics Canada as CSV.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Table of sites; default my-canada-cd.csv or -csd.csv.", callback=_spare_inputs
        ),
    ] = None,
) -> None:
    """Make a roster of all census divisions or subdivisions of Canada from the official list of areas."""
    target = output or Path(f"my-canada-{level.value}.csv")
    try:
        count, rows = rosters.make_national(project_root(), level.value, source, target)
    except OSError as error:
        raise NotFoundError(f"{target} cannot be written: {error.strerror}. Name another file.") from None
    print(f"Written: {target}, {wording.number(count)} sites")
    measures = f"{wording.number(rows)} values or reasons of {rows // count} measures"
    print(f"Written: {rosters.measures_path(target)}, {measures}")
    print(f"Cite: {POPULATION_2021.card.attribution}")
    if rows > count * len(rosters.GIVEN):
        print(f"Cite: {HEALTH_FACILITIES_ODHF.card.attribution}")
    print(f"Next: lipresearch roster check {shlex.quote(target.as_posix())}")


class Language(StrEnum):
    """Languages of a memo."""

    en = "en"
    fr = "fr"


@app.command()
def memo(
    cluster: ClusterOrAll,
    design_name: DesignName = None,
    exclude: Excluded = None,
    perspective: Stance = None,
    language: Annotated[Language, typer.Option(help="en or fr.")] = Language.en,
    date: Annotated[str, typer.Option(help="A day to stand under the title, as 2026-11-24.")] = "",
    draws: Annotated[int, typer.Option(help="How many weightings to draw.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same memo.")] = 2010,
    roster: Roster = DEFAULT_ROSTER,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Ends in .html, .docx or .pdf. Default: in outputs/, as a web page.",
            callback=_spare_inputs,
        ),
    ] = None,
) -> None:
    """Write a decision memo about the best set of sites, to hand to an ethics board or a funder."""
    root = _root()
    public.check_memo(output or "memo.html", language, date)  # before the long work
    rankings, chosen = _asked(root, "memo", cluster, design_name, perspective, roster)
    names = [ranking.cluster.cluster for ranking in rankings]
    target = output or root / "outputs" / public.memo_name(names, chosen.design, language, ".html")
    with _console(stderr=True).status("Choosing the sites, and trying other weights and evidence"):
        selection = public.choose_sites(rankings, chosen, exclude or (), root, roster)
        written = public.write_memo(
            selection, target, language, date=date, draws=draws, seed=seed, root=root, roster=roster
        )
    print(f"Written: {relative(written, root)}")
    other = Language.fr if language is Language.en else Language.en
    options = [*_options(chosen.design, perspective, roster), *(f"--exclude {site}" for site in exclude or [])]
    print(f"Next: lipresearch memo {cluster} {' '.join([*options, f'--language {other}'])}")


@app.command()
def report() -> None:
    """Execute the notebooks and write figures and ranking tables into outputs/."""
    from lipresearch.report import write_report

    root = _root()
    building.check_measures_fresh(root)
    done = write_report(root, progress=lambda text: print(f"  {text}", flush=True))
    for kind, folder in done.items():
        print(f"{kind}: {relative(folder, root)}")


@app.command("compile")
def compile_command(
    folder: Annotated[
        Path | None,
        typer.Argument(help="With --official: the folder of downloads; default: that of lipresearch fetch."),
    ] = None,
    sources: Annotated[
        Path | None, typer.Option(help="Folder with the copies that data/raw was compiled from.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Compile only this dataset; may be repeated.")] = None,
    official: Annotated[
        bool, typer.Option("--official", help="Compile the official files that you have downloaded.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove-official", help="Take what was compiled from downloads out of data/raw again.")
    ] = False,
) -> None:
    """Take the figures from the publishers' files into data/raw, values unchanged, and record their hashes."""
    root = project_root()
    if [sources is not None, official, remove].count(True) != 1:
        raise InputError(
            "Say what to compile: --sources FOLDER, --official (with or without FOLDER), --remove-official."
        )
    if (folder is not None and not official) or (only and sources is None):
        raise InputError("A folder without a name goes with --official only, --only with --sources only.")
    if official:
        _compile_official(root, folder)
    elif remove:
        from lipresearch.fetched import remove_official

        gone = remove_official(root)
        print(f"Removed from data/raw: {', '.join(gone)}. Next: lipresearch build" if gone else "There was none.")
    else:
        from lipresearch.compile import compile_sources

        assert sources is not None
        done = compile_sources(sources, root, tuple(only or ()), progress=lambda text: print(f"  {text}", flush=True))
        print(f"Compiled {len(done)} datasets into data/raw. Next: lipresearch build")


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _compile_official(root: Path, folder: Path | None) -> None:
    """Compile the downloaded files, and say which measures they improve."""
    from lipresearch.fetched import compile_official
    from lipresearch.gained import grades_gained, sites_that_keep

    done = compile_official(root, folder, progress=lambda text: print(f"  {text}", flush=True))
    if not done:
        print("Nothing was compiled: data/raw holds what these files hold.")
        return
    for made in done:
        print(f"Compiled {made.areas} {made.what} into data/raw/{made.dataset}.")
        if made.missing:
            print(f"Not in the files: {_few(made.missing)}. Their sites keep the sources that they had.")
    if any(made.dataset == FACILITIES_CANADA for made in done):
        print("Hospitals of every area go into a roster of Canada: lipresearch roster make csd --from FILE")
        if len(done) == 1:
            return
    if moved := sites_that_keep(root):
        print("Not of today's territory in the profile of 2016, so left out:")
        for site, words in moved.items():
            print(f"  {site}: {words}")
    with _console(stderr=True).status("Comparing what is known with and without it"):
        table = grades_gained(root)
    if table.empty:
        print("No measure of any site can be computed from them. Next: lipresearch build")
        return
    shown_table = pd.DataFrame(
        {"Measure": table["label"], "Sites before": table["before"], "Sites now": table["now"]}, index=table.index
    )
    _print_table(shown_table, "Sites with an official figure for the whole catchment (grade A)")
    rose = int((table["rose"] > 0).sum())
    sites = int(table["rose"].max())
    print(f"{rose} measures rise to grade A, for up to {sites} sites. Next: lipresearch build")


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="What to download, as --list shows it.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show what can be downloaded.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the folder of downloads against its records.")
    ] = False,
    roster: Annotated[
        str | None, typer.Option(help=f"Sites whose areas the web data service is asked for; default {DEFAULT_ROSTER}.")
    ] = None,
    areas: Annotated[
        Path | None, typer.Option(help="Instead of a roster: a table with the column dguid, or level and area.")
    ] = None,
    characteristics: Annotated[
        str | None,
        typer.Option(help='Numbers, or labels such as "Mother tongue > French"; several with ; (or numbers with ,).'),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Folder of downloads; default: in your cache folder.")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again, and accept changed content.")] = False,
    form: Form = Format.table,
    output: Output = None,
) -> None:
    """Download official files, or list them; no other command uses the network."""
    if verify:
        _verify_downloads(to, form, output)
    elif listed or not names:
        _list_downloads(form, output)
    else:
        wanted = list(dict.fromkeys(names))
        known = [public.find_download(name) for name in wanted]  # a wrong name is told before anything is downloaded
        service = [entry.name for entry in known if entry.kind == public.SERVICE]
        if (roster or areas or characteristics) and not service:
            raise InputError("--roster, --areas and --characteristics are for census-profile-2021 only.")
        numbers = (characteristics or "").replace(",", ";") if "," in (characteristics or "") else characteristics or ""
        if not all(part.strip().isdecimal() for part in numbers.split(";")):
            numbers = characteristics or ""  # a comma inside a label
        parts = [part.strip() for part in numbers.split(";") if part.strip()]
        for name in wanted:
            mine: dict[str, Any] = {}
            if name in service:
                mine = {"roster": roster, "areas": areas, "characteristics": parts}
            _print_fetched(public.fetch(name, to=to, refresh=refresh, **mine))


def _list_downloads(form: Format, output: Path | None) -> None:
    table = public.list_downloads()
    if form is not Format.table or output is not None:
        _write(table.reset_index(), form, output, "Official files")
        return
    console = _console()
    console.print("Official files that can be downloaded", style="bold", markup=False)
    for row in table.itertuples():
        size = "" if row.size == "not known" else f", {row.size}"
        console.print(f"\n{row.Index}", style="bold", markup=False)
        for line in (
            row.title,
            f"{row.publisher}, {row.vintage}{size}; {row.licence}; address {row.address}",
            f"Here: {row.improves}",
        ):
            console.print(Padding(Text(line), (0, 0, 0, 4)))
    meanings = "; ".join(f"{word}: {meaning}" for word, meaning in public.ADDRESSES.items())
    console.print(f"\nAddress. {meanings}.", style="dim", markup=False)
    console.print("Next: lipresearch fetch census-profile-2021", markup=False)


def _verify_downloads(to: Path | None, form: Format, output: Path | None) -> None:
    folder, table = public.check_downloads(to)
    shown = pd.DataFrame(
        {
            "File": table["file"],
            "State": table["state"],
            "Bytes": [wording.number(size) for size in table["bytes"]],
            "Date": [date[:10] for date in table["date"]],
        }
    )
    if len(table) or form is not Format.table:
        _write(table, form, output, f"Downloads in {folder}", shown)
    wrong = table[table["state"].isin(["changed", "missing"])]
    if len(wrong):
        raise DataChangedError(
            f"{len(wrong)} of the recorded files in {folder} are not as recorded: {', '.join(wrong['file'][:5])}. "
            "To take one anew: lipresearch fetch NAME --refresh"
        )
    if form is Format.table and output is None:
        whole = int((table["state"] == "as recorded").sum())
        print(f"{whole} files as recorded." if len(table) else f"Nothing was downloaded into {folder} yet.")


def _print_fetched(done: public.Fetched) -> None:
    total = int(done.table["bytes"].sum())
    ways = ", ".join(f"{count} {came}" for came, count in done.table["came"].value_counts(sort=False).items())
    files = "1 file" if len(done.files) == 1 else f"{len(done.files)} files"
    print(f"{done.name}: {files}, {total / 1e6:,.1f} MB ({ways})")
    for file in done.files:
        print(f"  {file}")
    for note in done.notes:
        print(f"Note: {note}")
    print(f"Cite: {done.attribution}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line: exit code 0, 1 for an error with a message, 2 for wrong usage."""
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="lipresearch")
    except LipresearchError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(1)
    except OSError as error:
        what = error.filename or "A file"
        sys.stderr.write(f"Error: {what} cannot be read or written: {error.strerror}. What was there is unchanged.\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
