"""The functions that a notebook calls; each finds the project folder by itself."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lipresearch import boundaries as _boundaries
from lipresearch import build as _build
from lipresearch import context as _context
from lipresearch import coverage as _coverage
from lipresearch import design as _design
from lipresearch import factors as _factors
from lipresearch import people as _people
from lipresearch import precision as _precision
from lipresearch import profile as _profile
from lipresearch import ranking as _ranking
from lipresearch import registry as _registry
from lipresearch import wording
from lipresearch.catchments import load_catchments
from lipresearch.errors import InputError
from lipresearch.paths import project_root
from lipresearch.robustness import evidence as _evidence
from lipresearch.robustness import people as _groups
from lipresearch.robustness import sensitivity as _sensitivity
from lipresearch.robustness import variants as _variants
from lipresearch.sites import DEFAULT_ROSTER, load_site_notes
from lipresearch.sources import list_datasets, read_source

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lipresearch.robustness import RankAcceptability, RankVariance


def _root(root: Path | str | None) -> Path:
    return project_root() if root is None else Path(root)


def verify_data(root: Path | str | None = None) -> _registry.Verified:
    """Check that every published figure's file is the recorded one, and say how many there are.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    Verified
        Number of files and datasets, bytes, and the hash of the registry.

    Raises
    ------
    DataChangedError
        Naming each file that changed, with the expected and the found hash.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.verify_data().datasets > 10
    True
    """
    return _registry.verify_raw(_root(root))


def load_measures(roster: str = DEFAULT_ROSTER, root: Path | str | None = None) -> pd.DataFrame:
    """Return one row per site and measure, each with bounds, unit, universe, vintage, grade, reason and source.

    Parameters
    ----------
    roster : str
        Which list of sites, default the 38 partnerships funded in 2012-13.
    root : path, optional
        Project folder.

    Returns
    -------
    DataFrame
        Columns site, name, measure, label, value, low, high, decimals, unit, universe, vintage, grade,
        covered, reason, detail, sources. ``value`` is NaN where missing; ``reason`` and ``detail`` then say why.

    Raises
    ------
    StaleError
        If tables were changed since `lipresearch build`.

    Examples
    --------
    >>> import lipresearch as lip
    >>> measures = lip.load_measures()
    >>> peel = measures[(measures["site"] == "peel") & (measures["measure"] == "population_2021")]
    >>> int(peel["value"].item()), peel["grade"].item()
    (1451022, 'A')
    """
    return _build.load_site_measures(_root(root), roster)


def load_sites(roster: str = DEFAULT_ROSTER, root: Path | str | None = None) -> pd.DataFrame:
    """Return the sites of a roster with their categories: settlement type, region, lead, borders, overlaps.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_sites().loc["huron", "settlement_type"]
    'rural'
    """
    return _build.load_site_types(_root(root), roster)


def load_notes(root: Path | str | None = None) -> pd.DataFrame:
    """Return what is disputed or inferred about sites: site, topic, note, source."""
    return load_site_notes(_root(root))


def load_sources(root: Path | str | None = None) -> pd.DataFrame:
    """Return the published datasets: title, publisher, vintage, universe, licence, grade, known defects."""
    where = _root(root)
    cards = [read_source(where, name) for name in list_datasets(where)]
    return pd.DataFrame(
        {
            "dataset": [card.dataset for card in cards],
            "title": [card.title for card in cards],
            "publisher": [card.publisher for card in cards],
            "vintage": [card.vintage for card in cards],
            "universe": [card.universe for card in cards],
            "licence": [card.licence for card in cards],
            "grade": [card.grade for card in cards],
            "attribution": [card.attribution for card in cards],
            "defects": [" ".join(card.defects) for card in cards],
        }
    )


def list_clusters(root: Path | str | None = None) -> pd.DataFrame:
    """Return the five research clusters with their question, perspectives and state of evidence."""
    return _design.list_clusters(_root(root))


def load_cluster(cluster: str, perspective: str | None = None, root: Path | str | None = None) -> _design.Cluster:
    """Return a cluster's factors, criteria, goalposts, weights and quotas under a perspective.

    Examples
    --------
    >>> import lipresearch as lip
    >>> health = lip.load_cluster("health")
    >>> round(float(health.criteria["weight"].sum()), 12)
    1.0
    """
    return _design.load_cluster(_root(root), cluster, perspective)


def rank_sites(measures: pd.DataFrame, cluster: _design.Cluster) -> _ranking.Ranking:
    """Rank sites for a cluster; nothing is filled in. See :func:`lipresearch.ranking.rank_sites`."""
    return _ranking.rank_sites(measures, cluster)


def compare_perspectives(measures: pd.DataFrame, cluster: str, root: Path | str | None = None) -> pd.DataFrame:
    """Return each site's rank under every perspective of a cluster, the default first.

    Examples
    --------
    >>> import lipresearch as lip
    >>> list(lip.compare_perspectives(lip.load_measures(), "health").columns)[0]
    'name'
    """
    design = _design.load_design(_root(root))
    names = _design.cluster_of(design, cluster).perspectives
    return _ranking.compare_perspectives(measures, [_design.cluster_of(design, cluster, name) for name in names])


def plot_ranking(ranking: _ranking.Ranking, root: Path | str | None = None) -> Figure:
    """Return a figure of the ranked sites: a dot for each score with the interval that the evidence allows."""
    from lipresearch import plots

    return plots.plot_ranking(ranking, _build.load_all_types(_root(root)))


def plot_contributions(ranking: _ranking.Ranking) -> Figure:
    """Return a figure of what each factor adds to each site's score, and how much weight has no evidence."""
    from lipresearch import plots

    return plots.plot_contributions(ranking)


def plot_coverage(ranking: _ranking.Ranking) -> Figure:
    """Return a figure of the evidence grade of every criterion at every site."""
    from lipresearch import plots

    return plots.plot_coverage(ranking)


def site_profile(site: str, roster: str = DEFAULT_ROSTER, root: Path | str | None = None) -> pd.DataFrame:
    """Return every measure of a site with its rank in the roster, the roster's median, evidence and source.

    Rank 1 is the highest value; equal values share a rank. Ranks and medians are over the sites that have a
    value. See :func:`lipresearch.profile.site_profile`.

    Parameters
    ----------
    site : str
        Id of a site of the roster, as ``load_sites`` lists it.
    roster : str
        Which list of sites to compare with.
    root : path, optional
        Project folder.

    Examples
    --------
    >>> import lipresearch as lip
    >>> huron = lip.site_profile("huron").set_index("measure")
    >>> int(huron.loc["population_2021", "value"]), int(huron.loc["population_2021", "sites_with_value"])
    (61366, 38)
    """
    where = _root(root)
    measures = _build.load_site_measures(where, roster)
    if site not in set(measures["site"]):
        name = _build.site_measures_of(where, site)["name"].iloc[0]  # raises where no roster has it
        raise InputError(f"{name} ({site}) is not on the roster {roster}. Name another roster.")
    return _profile.site_profile(measures, site)


def list_factors(root: Path | str | None = None) -> pd.DataFrame:
    """Return the 21 factors of the workshops, each with its criteria, quotas or open gap, and its source.

    Examples
    --------
    >>> import lipresearch as lip
    >>> factors = lip.list_factors().set_index("factor")
    >>> len(factors), factors.loc["2.3", "quotas"]
    (21, 'rural;urban')
    """
    return _factors.factor_table(_design.load_design(_root(root)))


def _default_clusters(root: Path) -> list[_design.Cluster]:
    design = _design.load_design(root)
    order = design.clusters.sort_values("number")["cluster"]
    return [_design.cluster_of(design, name) for name in order]


def coverage_matrix(
    measures: pd.DataFrame | None = None, roster: str = DEFAULT_ROSTER, root: Path | str | None = None
) -> pd.DataFrame:
    """Return sites x factors of all clusters, each under its default perspective, by evidence grade.

    See :func:`lipresearch.coverage.coverage_matrix`; ``measures`` default to those of the roster.

    Examples
    --------
    >>> import lipresearch as lip
    >>> matrix = lip.coverage_matrix()
    >>> peel = matrix[(matrix["factor"] == "4.2") & (matrix["site"] == "peel")]
    >>> float(peel[["A", "B", "C", "bounds only", "missing"]].sum(axis=1).item())
    1.0
    """
    where = _root(root)
    table = _build.load_site_measures(where, roster) if measures is None else measures
    return _coverage.coverage_matrix(table, _default_clusters(where))


def cluster_coverage(matrix: pd.DataFrame | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return how much of each cluster's weight rests on A, B, C, bounds and nothing, averaged over the roster.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.cluster_coverage()["cluster"].tolist()
    ['education', 'health', 'labour', 'justice', 'inclusion']
    """
    return _coverage.cluster_coverage(coverage_matrix(root=root) if matrix is None else matrix)


def load_partners(cluster: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the partners and sources of support that the research workshops named.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_partners("health")["organisation"].iloc[0]
    'Centre for Addiction and Mental Health'
    """
    return _context.load_partners(_root(root), cluster)


def load_priorities(cluster: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the research priorities that the workshops named, in other words than theirs.

    Examples
    --------
    >>> import lipresearch as lip
    >>> len(lip.load_priorities("health")), len(lip.load_priorities())
    (4, 25)
    """
    return _context.load_priorities(_root(root), cluster)


def load_surveys(cluster: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the baseline surveys that the workshops named, or those whose topics serve a cluster.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_surveys("health")["name"].tolist()
    ['Longitudinal Survey of Immigrants to Canada']
    """
    return _context.load_surveys(_root(root), cluster)


def load_characteristics(root: Path | str | None = None) -> pd.DataFrame:
    """Return the 17 characteristics of a welcoming community with the measures that speak to each.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_characteristics().loc[9, "name"]
    'Accessible and suitable health care'
    """
    return _context.load_characteristics(_root(root))


def plot_coverage_matrix(matrix: pd.DataFrame) -> Figure:
    """Return a figure of the evidence behind every factor at every site, all clusters side by side."""
    from lipresearch import plots

    return plots.plot_coverage_matrix(matrix)


def data_uncertainty(
    ranking: _ranking.Ranking,
    sources: Sequence[str] = _evidence.SOURCES,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _evidence.Uncertainty:
    """Return how far each number of a ranking may be off: rounding, sampling, modelled values, missing values.

    Parameters
    ----------
    ranking : Ranking
    sources : sequence of str
        Which of rounding, sampling, model, missing to switch on; default: all.
    roster : str
        The list of sites that was ranked.
    root : path, optional
        Project folder; the precision of each measure is declared in its data/design/precision.csv.

    Returns
    -------
    Uncertainty
        For ``rank_acceptability``, ``sample_scores`` and ``explain_rank_variance``; ``.table`` shows each error.

    Raises
    ------
    InputError
        If a measure's precision is not declared, its base is missing for a site, or a source is not known.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> lip.data_uncertainty(ranking, sources=["missing"]).sources
    ('missing',)
    """
    where = _root(root)
    measures = _build.load_site_measures(where, roster)
    return _evidence.data_uncertainty(ranking, _precision.load_precision(where), measures, sources)


def compare_variants(
    measures: pd.DataFrame,
    cluster: str,
    perspective: str | None = None,
    missing: str = "at worst",
    root: Path | str | None = None,
) -> _variants.Variants:
    """Return a cluster's ranking beside other methods and its other perspectives: ranks, their range, mean shifts.

    See :func:`lipresearch.robustness.variants.compare_variants`.

    Parameters
    ----------
    measures : DataFrame
        As ``load_measures`` returns it.
    cluster : str
        Id of a cluster.
    perspective : str, optional
        The reference; default: the cluster's default perspective.
    missing : {"at worst", "left out"}
        How methods treat sites that lack a value.
    root : path, optional
        Project folder.

    Examples
    --------
    >>> import lipresearch as lip
    >>> compared = lip.compare_variants(lip.load_measures(), "health")
    >>> list(compared.table.columns[:3]), len(compared.summary)
    (['site', 'name', 'goalposts'], 12)
    """
    design = _design.load_design(_root(root))
    chosen = _design.cluster_of(design, cluster, perspective)
    others = [_design.cluster_of(design, cluster, name) for name in chosen.perspectives if name != chosen.perspective]
    rankings = [_ranking.rank_sites(measures, other) for other in others if not other.criteria.empty]
    return _variants.compare_variants(_ranking.rank_sites(measures, chosen), rankings, missing=missing)


def leave_one_out(
    ranking: _ranking.Ranking, top: int = 10, variant: str = "goalposts", root: Path | str | None = None
) -> _sensitivity.LeaveOneOut:
    """Return what happens to the ranks without each criterion, factor, data set and site.

    See :func:`lipresearch.robustness.sensitivity.leave_one_out`; data sets are labelled with their titles.

    Examples
    --------
    >>> import lipresearch as lip
    >>> parts = lip.leave_one_out(lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))).table
    >>> list(parts["kind"].drop_duplicates())
    ['criterion', 'factor', 'data set', 'site']
    """
    where = _root(root)
    titles = {name: read_source(where, name).title for name in list_datasets(where)}
    return _sensitivity.leave_one_out(ranking, top, variant, titles)


def smallest_weight_change(ranking: _ranking.Ranking, top: int = 1) -> _sensitivity.WeightChange:
    """Return the smallest change of weights that alters the first ``top`` sites, for every challenger, exactly.

    See :func:`lipresearch.robustness.sensitivity.smallest_weight_change`.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.smallest_weight_change(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")), top=10)
    >>> found.top, list(found.change().columns)
    (10, ['criterion', 'label', 'weight', 'moved_to', 'spread_to'])
    """
    return _sensitivity.smallest_weight_change(ranking, top)


def load_participants(
    cluster: str,
    perspective: str | None = None,
    folder: Path | str | None = None,
    order_method: str = "centroid",
    root: Path | str | None = None,
) -> _people.Participants:
    """Return several people's weights of a cluster, one file a participant, all checked at once.

    Parameters
    ----------
    cluster : str
        Id of a cluster.
    perspective : str, optional
        Whose criteria are weighed; default: the cluster's default perspective.
    folder : path, optional
        Default ``data/design/weights/<cluster>/`` of the project; its README says what the files hold.
    order_method : {"centroid", "sum", "reciprocal"}
        How an order of importance becomes weights.
    root : path, optional
        Project folder.

    Raises
    ------
    NotFoundError
        If the folder holds no file.
    TableError
        With every failure of every file.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_participants("health")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    lipresearch.errors.NotFoundError: There is no table of weights in data/design/weights/health. ...
    """
    where = _root(root)
    chosen = _design.load_cluster(where, cluster, perspective)
    return _people.read_participants(where, chosen, None if folder is None else Path(folder), order_method)


def group_ranking(
    ranking: _ranking.Ranking,
    participants: _people.Participants | Sequence[_groups.Participant],
    method: str = "mean of weights",
    permutations: int = 0,
    seed: int | None = None,
) -> _groups.GroupRanking:
    """Return the ranking that several people's weights make together, their agreement, and who differs about what.

    See :func:`lipresearch.robustness.people.group_ranking`.
    """
    members = participants.members if isinstance(participants, _people.Participants) else participants
    return _groups.group_ranking(ranking, members, method, permutations, seed)


def plot_acceptability(result: RankAcceptability, top: int | None = None) -> Figure:
    """Return a figure of how often each site takes each rank."""
    from lipresearch import plots

    return plots.plot_acceptability(result, top)


def plot_rank_variance(result: RankVariance) -> Figure:
    """Return a figure of how much of the movement of the ranks each source of uncertainty explains."""
    from lipresearch import plots

    return plots.plot_rank_variance(result)


def _map_sites(root: Path, roster: str) -> tuple[pd.DataFrame, _boundaries.Outlines]:
    return _build.load_site_types(root, roster), _map_outlines(root)


def _map_outlines(root: Path) -> _boundaries.Outlines:
    return _boundaries.load_site_outlines(root, load_catchments(root))


def map_measure(
    measure: str | pd.Series,
    roster: str = DEFAULT_ROSTER,
    how: str | None = None,
    label: str = "",
    unit: str = "",
    decimals: int = 1,
    root: Path | str | None = None,
) -> Figure:
    """Return a map of a measure, or of any number for each site, as shades of areas or marks by size.

    See :func:`lipresearch.maps.map_measure`.

    Parameters
    ----------
    measure : str or Series
        Id of a measure (see ``load_measures``), or numbers indexed by site id.
    roster : str
        Which sites are drawn; one without a value is hatched, one without known areas is named under the map.
    how : {"areas", "marks"}, optional
        Default: marks for counts, shades for everything else.
    label, unit, decimals
        How a Series reads; a measure brings its own.
    root : path, optional
        Project folder.

    Raises
    ------
    InputError
        If there is no such measure or site, or nothing to draw.

    Examples
    --------
    >>> import lipresearch as lip
    >>> figure = lip.map_measure("population_2021")
    >>> print(figure.get_gid().split(":")[0])
    Population 2021
    """
    from lipresearch import maps

    where = _root(root)
    sites, outlines = _map_sites(where, roster)
    if isinstance(measure, pd.Series):
        name = label or str(measure.name or "value")
        return maps.map_measure(sites, outlines, measure, name, unit, decimals, how=how)
    table = _build.load_site_measures(where, roster)
    mine = table[table["measure"] == measure].set_index("site")
    if mine.empty:
        near = difflib.get_close_matches(str(measure), sorted(set(table["measure"])), 3)
        raise InputError(
            f"There is no measure {measure!r}. "
            + (f"Near: {', '.join(near)}." if near else "See the column measure of load_measures().")
        )
    first = mine.iloc[0]
    absent = {
        site: wording.measured(row["value"], row["low"], row["high"], row["reason"], int(row["decimals"]))
        for site, row in mine[mine["value"].isna()].iterrows()
    }
    vintages = sorted(set(mine["vintage"]) - {""})
    return maps.map_measure(
        sites, outlines, mine["value"], first["label"], first["unit"], int(first["decimals"]),
        vintages[0] if len(vintages) == 1 else "", how, absent,
    )  # fmt: skip


def map_selection(
    selection: Sequence[str],
    alternates: Sequence[str] = (),
    roster: str = DEFAULT_ROSTER,
    title: str = "",
    root: Path | str | None = None,
) -> Figure:
    """Return a map of selected sites, their alternates and the other candidates.

    See :func:`lipresearch.maps.map_selection`.

    Parameters
    ----------
    selection, alternates : sequence of str
        Site ids.
    roster : str
        The candidates.
    title : str
        The finding; default: how many sites of which types lie in how many economic regions.
    root : path, optional
        Project folder.

    Examples
    --------
    >>> import lipresearch as lip
    >>> figure = lip.map_selection(["huron", "peel"], alternates=["timmins"])
    >>> print(figure.get_gid().split(".")[0])
    2 sites, 1 urban and 1 rural, in 2 economic regions
    """
    from lipresearch import maps

    return maps.map_selection(*_map_sites(_root(root), roster), selection, alternates, title)


def map_ranking(ranking: _ranking.Ranking, top: int = 6, root: Path | str | None = None) -> Figure:
    """Return a map of a ranking: shades for the scores, labels with the rank of the first sites.

    See :func:`lipresearch.maps.map_ranking`.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> print(lip.map_ranking(ranking).get_gid().split(":")[0])
    The first 6 sites for health care, mental health and well-being
    """
    from lipresearch import maps

    where = _root(root)
    return maps.map_ranking(ranking, _build.load_all_types(where), _map_outlines(where), top)
