"""The functions that a notebook calls; each finds the project folder by itself."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import importlib.metadata
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from lipresearch import boundaries as _boundaries
from lipresearch import build as _build
from lipresearch import context as _context
from lipresearch import coverage as _coverage
from lipresearch import design as _design
from lipresearch import designs as _designs
from lipresearch import downloads as _downloads
from lipresearch import factors as _factors
from lipresearch import fetching as _fetching
from lipresearch import growth as _growth
from lipresearch import matching_tables as _matching_tables
from lipresearch import memo as _memo
from lipresearch import people as _people
from lipresearch import precision as _precision
from lipresearch import profile as _profile
from lipresearch import ranking as _ranking
from lipresearch import registry as _registry
from lipresearch import rosters as _rosters
from lipresearch import selection as _selection
from lipresearch import typology as _typology
from lipresearch import wording
from lipresearch.catchments import OVERLAPS, load_catchments, load_overlaps
from lipresearch.comparison import balanced as _balanced
from lipresearch.comparison import covariates as _covariates
from lipresearch.comparison import matching as _matching
from lipresearch.comparison import power as _power
from lipresearch.comparison import representativeness as _representativeness
from lipresearch.comparison import synthetic as _synthetic
from lipresearch.downloads import ADDRESSES as ADDRESSES
from lipresearch.downloads import SERVICE as SERVICE
from lipresearch.errors import InputError, LipresearchError, Problem, TableError
from lipresearch.evidence import read_measures
from lipresearch.fetching import Fetched as Fetched
from lipresearch.official.profile import Found
from lipresearch.paths import project_root, relative
from lipresearch.positions import catchment_points, kilometres_between
from lipresearch.robustness import ScoreDraws, sample_scores
from lipresearch.robustness import evidence as _evidence
from lipresearch.robustness import people as _groups
from lipresearch.robustness import rank_acceptability as _rank_acceptability
from lipresearch.robustness import sensitivity as _sensitivity
from lipresearch.robustness import variants as _variants
from lipresearch.sites import DEFAULT_ROSTER, load_rosters, load_site_notes, read_design
from lipresearch.sources import list_datasets, read_raw, read_source

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


def load_measures(
    roster: str = DEFAULT_ROSTER, root: Path | str | None = None, also: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row per site and measure, each with bounds, unit, universe, vintage, grade, reason and source.

    Parameters
    ----------
    roster : str
        Which list of sites, default the 38 partnerships funded in 2012-13; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder.
    also : sequence of str
        Sites of other rosters that stand beside those of this one.

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
    where = _root(root)
    table = _build.load_site_measures(where, roster)
    there = set(table["site"])
    extra = [site for site in dict.fromkeys(also) if site not in there]
    if not extra:
        return table
    parts = [table, *(_build.site_measures_of(where, site) for site in extra)]
    return pd.concat(parts).sort_values("site", kind="stable", ignore_index=True)


def load_sites(roster: str = DEFAULT_ROSTER, root: Path | str | None = None) -> pd.DataFrame:
    """Return the sites of a roster with their categories: settlement type, region, lead, borders, overlaps.

    Parameters
    ----------
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        Indexed by site: names, province, rosters, one column a category, and ``overlaps`` (ids with ; between).

    Raises
    ------
    NotFoundError
        If there is no such roster.
    StaleError
        If tables were changed since `lipresearch build`.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_sites().loc["huron", "settlement_type"]
    'rural'
    """
    return _build.load_site_types(_root(root), roster)


def check_roster(roster: str | Path, root: Path | str | None = None) -> pd.DataFrame:
    r"""Check a roster of one's own, and return which clusters could rank its sites under which perspective.

    A roster of one's own is a table of sites (``my_sites.csv``: site, name, province, and categories where wanted)
    with a table of their measures beside it (``my_sites_measures.csv``: site, measure, value or a reason, unit,
    vintage, grade, source, reason). Every function that takes a ``roster`` takes the path of the first.

    Parameters
    ----------
    roster : path
        The table of sites; that of their measures lies beside it.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a cluster and perspective that scores anything; see :func:`lipresearch.coverage.could_rank`.

    Raises
    ------
    NotFoundError
        If there is no such file.
    TableError
        With everything that is wrong in both tables: unknown columns, ids that stand twice, unknown categories,
        measures, units and reasons, values that are no numbers or out of range, overlaps with no site.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import lipresearch as lip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sites = Path(folder, "my_sites.csv")
    ...     _ = sites.write_text("site,name,province\nzug,Zug,ZG\n", encoding="utf-8")
    ...     int(lip.check_roster(sites)["ranked"].max())
    0
    """
    where = _root(root)
    design = _design.load_design(where)
    clusters = [
        _design.cluster_of(design, name, perspective)
        for name in design.clusters.sort_values("number")["cluster"]
        for perspective in design.perspectives.loc[design.perspectives["cluster"] == name, "perspective"]
    ]
    measures = _build.load_site_measures(where, str(roster))
    return _coverage.could_rank(measures, [cluster for cluster in clusters if not cluster.criteria.empty])


def load_notes(root: Path | str | None = None) -> pd.DataFrame:
    """Return what is disputed or inferred about sites: site, topic, note, source.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a note: ``site``, ``topic``, ``note``, ``source``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> sorted(lip.load_notes().columns)
    ['note', 'site', 'source', 'topic']
    """
    return load_site_notes(_root(root))


def build_data(
    root: Path | str | None = None, progress: Callable[[str], None] | None = None, force: bool = False
) -> _build.Built:
    """Make ``data/derived`` anew from ``data/raw`` and ``data/design``, as ``lipresearch build`` does.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.
    progress : callable, optional
        Called with a short text before each step.
    force : bool
        Build even if nothing changed.

    Returns
    -------
    Built
        ``files`` of ``data/derived``, those of them that ``changed``, and whether anything had to be made (``fresh``).

    Raises
    ------
    DataChangedError
        If ``data/raw`` is not the recorded one.
    TableError
        With all that is wrong in the tables; ``data/derived`` then stays as it was.

    Examples
    --------
    >>> import lipresearch as lip
    >>> copy = lip.notebook.sandbox()
    >>> lip.build_data(copy).fresh  # nothing to do: its data/derived is of these tables
    False
    """
    return _build.build(_root(root), progress, force)


# -- what kinds of places the sites are ---------------------------------------------------------------


def site_thresholds() -> pd.DataFrame:
    """Return the rules by which sites get their types, with the thresholds that the code uses.

    Returns
    -------
    DataFrame
        ``category``, ``level``, ``rule`` in words; the rules of a category are tried from the top.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.site_thresholds()["category"].drop_duplicates().tolist()
    ['settlement type', 'field study group', 'orientation', 'largest city of tier']
    """
    return _typology.thresholds()


def site_levels(roster: str = DEFAULT_ROSTER, root: Path | str | None = None) -> pd.DataFrame:
    """Return how many sites have each level of each category, and how many of them one set can hold.

    See :func:`lipresearch.typology.site_levels`.

    Parameters
    ----------
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a category and level: ``attribute``, ``level``, ``sites``, ``together`` (the most that can be chosen
        without two that overlap), ``names``.

    Raises
    ------
    NotFoundError
        If there is no such roster.

    Examples
    --------
    >>> import lipresearch as lip
    >>> levels = lip.site_levels()
    >>> int(levels[levels["attribute"] == "settlement_type"]["sites"].sum())
    38
    """
    return _typology.site_levels(load_sites(roster, root))


def site_combinations(
    first: str, second: str, roster: str = DEFAULT_ROSTER, root: Path | str | None = None
) -> pd.DataFrame:
    """Return how many sites have each combination of the levels of two categories.

    Parameters
    ----------
    first, second : str
        Categories as ``load_sites`` names them.
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        Rows: levels of the first; columns: levels of the second; whole numbers, 0 where no site has both.

    Examples
    --------
    >>> import lipresearch as lip
    >>> int(lip.site_combinations("settlement_type", "field_study_group").loc["Toronto", "Greater Toronto"])
    5
    """
    return _typology.combinations(load_sites(roster, root), first, second)


def site_catchment(site: str, root: Path | str | None = None) -> pd.DataFrame:
    """Return the areas that make up a site: level, code, name, how sure that is, source, note.

    Parameters
    ----------
    site : str
        Id of a site of any roster.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row an area; no rows for a site whose area is not known.

    Raises
    ------
    InputError
        If no roster has the site.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.site_catchment("huron")["level"].tolist()
    ['cd']
    """
    where = _root(root)
    catchments = load_catchments(where)
    if site not in catchments.atoms:
        _build.site_measures_of(where, site)  # raises, naming sites that are near
    mine = catchments.declared[catchments.declared["site"] == site]
    return mine.drop(columns="site").reset_index(drop=True)


def site_overlaps(roster: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the pairs of sites that share an area, by name: two of a pair are never chosen together.

    Parameters
    ----------
    roster : str, optional
        Only pairs of sites of this roster; default: of all rosters.
    root : path, optional
        Project folder.

    Returns
    -------
    DataFrame
        ``site``, ``other`` (ids), ``name``, ``other_name``, ``relation`` (within: the first lies in the second; ""
        in a roster of one's own), ``note``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> pairs = lip.site_overlaps("lips-2012")
    >>> pairs.loc[pairs["site"] == "smiths-falls", "other_name"].tolist()
    ['Renfrew and Lanark']
    """
    where = _root(root)
    if roster is not None and _rosters.is_own(roster):
        types = load_sites(roster, where)
        listed = _typology.overlapping_pairs(types)
        pairs = pd.DataFrame(listed, columns=["site", "other"]).assign(relation="", note="")
        names = types["name"]
    else:
        pairs = load_overlaps(where, load_catchments(where))
        names = _build.load_all_types(where)["name"]
    if roster is not None:
        mine = set(load_sites(roster, where).index)
        pairs = pairs[pairs["site"].isin(mine) & pairs["other"].isin(mine)]
    pairs = pairs.assign(name=pairs["site"].map(names), other_name=pairs["other"].map(names))
    return pairs[["site", "other", "name", "other_name", "relation", "note"]].reset_index(drop=True)


def check_field_study(root: Path | str | None = None) -> pd.DataFrame:
    """Return the six cases of the field study of 2010-11 with what its text says beside what the rules give.

    See :func:`lipresearch.typology.check_field_study`; what the text says of an orientation is a coded fact of
    ``data/raw/source_texts``.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        Indexed by site: ``name``, ``group_said``, ``group``, ``orientation_said`` ("" where the text is silent),
        ``orientation``, and ``agree``: whether everything that the text says comes out.

    Examples
    --------
    >>> import lipresearch as lip
    >>> bool(lip.check_field_study()["agree"].all())
    True
    """
    where = _root(root)
    coded = read_raw(where, "source_texts", "case_studies").values
    coded = coded[coded["attribute"] == "orientation"].set_index("site")["value"]
    return _typology.check_field_study(_build.load_all_types(where), coded.to_dict())


def rank_agreement(measures: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """Return how far measures put the same sites in the same order, two by two.

    See :func:`lipresearch.profile.rank_agreement`.

    Parameters
    ----------
    measures : DataFrame
        The sites of one roster, as ``load_measures`` returns it.
    wanted : sequence of str
        Two ids of measures or more; every pair of them is compared over the sites that have both values.

    Returns
    -------
    DataFrame
        One row a pair: ids and labels, ``sites`` (with both values), ``correlation`` (of the ranks; -1 opposite, 1 the
        same order), ``same_order`` (share of the pairs of sites, 0 to 1); NaN where undefined.

    Raises
    ------
    InputError
        If fewer than two measures are named, one is named twice, or one is not in the table.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.rank_agreement(lip.load_measures(), ["mother_tongue_hill1_2016", "mother_tongue_hill2_2016"])
    >>> found["correlation"].item() > 0.8
    True
    """
    return _profile.rank_agreement(measures, wanted)


def load_sources(root: Path | str | None = None) -> pd.DataFrame:
    """Return the published datasets: short name, title, publisher, vintage, universe, licence, grade, known defects.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a dataset of ``data/raw``, sorted by id.

    Raises
    ------
    TableError
        If a ``SOURCE.toml`` cannot be read or lacks an entry.

    Examples
    --------
    >>> import lipresearch as lip
    >>> sources = lip.load_sources().set_index("dataset")
    >>> sources.loc["population_2021", "publisher"]
    'Statistics Canada'
    """
    where = _root(root)
    cards = [read_source(where, name) for name in list_datasets(where)]
    return pd.DataFrame(
        {
            "dataset": [card.dataset for card in cards],
            "short": [card.short for card in cards],
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


def change_between(
    earlier: Found,
    later: Found,
    characteristic: str,
    level: str = "csd",
    correspondence: pd.DataFrame | None = None,
    areas: Mapping[str, Collection[str]] | None = None,
    root: Path | str | None = None,
) -> pd.DataFrame:
    r"""Return the change of a count between two official census files over common areas.

    .. math:: c_a = n_a - o_a, \qquad 100 \, c_a / o_a

    where :math:`o_a` and :math:`n_a` are the sums over all areas of the earlier and the later census that make up the
    common area :math:`a`. See ``docs/vintages.md`` and :func:`lipresearch.measures.common_areas.common_areas`.

    Parameters
    ----------
    earlier, later : Found
        Two files as ``lipresearch.official.read_profile`` returns them. Read ``population`` of the earlier and
        ``population_before`` of the later one too, and undeclared boundary changes are noticed.
    characteristic : str
        A count of ``data/design/census_characteristics.csv`` that both layouts have.
    level : str
        ``cd``, ``csd`` or another level of both files.
    correspondence : DataFrame, optional
        Pairs of areas that share territory: columns ``area`` (earlier), ``new_area`` (later) and, where known,
        ``residents`` who passed from one to the other. Default: ``data/design/area_correspondence.csv``. Areas of one
        code are always taken to share territory.
    areas : mapping, optional
        ``{site: codes of the later census}``: a row for each site instead of each common area.
    root : path, optional
        Project folder.

    Returns
    -------
    DataFrame
        Index ``area`` (common area or site). ``areas_then`` and ``areas_now`` (codes with ; between), ``then``,
        ``now``, ``change``, ``per_cent`` (NaN where there was nobody); ``reason`` and ``detail`` where they are
        missing: a figure is, an area stands in one file only, a boundary change is not declared, or a common area
        reaches beyond the site; ``checked`` (whether populations were compared), ``universe_then``, ``universe_now``.

    Raises
    ------
    InputError
        If the files are not of two censuses in order, or the characteristic is no count of both.
    """
    where = _root(root)
    return _growth.change_between(
        earlier, later, characteristic, root=where, level=level, correspondence=correspondence, areas=areas
    )


def list_downloads(root: Path | str | None = None) -> pd.DataFrame:
    """Return the official files that ``fetch`` can download, or says how to download, indexed by name.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        Columns title, publisher, vintage, licence, size (where known), improves, address (what its address rests
        on: documented, seen in use, by pattern, not known), page, url, file, attribution, note.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.list_downloads().loc["odhf", "publisher"]
    'Statistics Canada'
    """
    entries = _downloads.load_downloads(_root(root))
    columns = ["title", "publisher", "vintage", "licence", "size", "improves", "address", "page", "url", "file"]
    columns += ["attribution", "note"]
    return pd.DataFrame(
        {column: [getattr(entry, column) for entry in entries.values()] for column in columns},
        index=pd.Index(list(entries), name="name"),
    )


def find_download(name: str, root: Path | str | None = None) -> _downloads.Download:
    """Return what a name of ``data/design/downloads.csv`` stands for."""
    return _downloads.find_download(_root(root), name)


def check_downloads(to: Path | str | None = None) -> tuple[Path, pd.DataFrame]:
    """Return the folder of downloads and what has become of each file; see :func:`lipresearch.downloads.check_folder`.

    Parameters
    ----------
    to : path, optional
        Folder of downloads, default ``downloads`` in the user's cache folder.

    Returns
    -------
    folder : Path
        The folder of downloads.

    Examples
    --------
    >>> import tempfile
    >>> import lipresearch as lip
    >>> with tempfile.TemporaryDirectory() as empty:
    ...     _, files = lip.check_downloads(empty)
    >>> len(files)
    0
    """
    folder = _fetching.cache_folder(to)
    return folder, _downloads.check_folder(folder)


def fetch(
    name: str,
    roster: str | None = None,
    areas: Iterable[str] | Path | None = None,
    characteristics: Iterable[str | int] = (),
    to: Path | str | None = None,
    refresh: bool = False,
    base_url: str | None = None,
    manners: _fetching.Manners | None = None,
    progress: bool = True,
    root: Path | str | None = None,
) -> _fetching.Fetched:
    """Download an official file into a folder of downloads, or take it from there; the network is used nowhere else.

    A download that was cut off goes on where it stopped if the server can do that. A file is kept with its date, size
    and hash; one whose content is another than recorded is an error, unless ``refresh`` accepts it.

    Parameters
    ----------
    name : str
        As ``list_downloads`` shows it.
    roster : str, optional
        For ``census-profile-2021``: the sites whose census divisions and subdivisions are asked for, default the 38
        partnerships funded in 2012-13.
    areas : iterable of str, or path, optional
        Instead of a roster: identifiers (DGUID) of areas of 2021, or a table with the column ``dguid`` or with
        ``level`` (cd, csd, cma, ca, er, province) and ``area``.
    characteristics : iterable of int or str
        Numbers or labels of the census profile, such as ``"Mother tongue > French"``; default those that
        ``data/design/downloads.csv`` names.
    to : path, optional
        Folder of downloads, default ``downloads`` in the user's cache folder.
    refresh : bool
        Ask the publisher again, and accept a content that changed.
    base_url : str, optional
        Scheme and host that stand for the publisher's, for a mirror or for tests.
    manners : Manners, optional
        Pauses, attempts and waiting times.
    progress : bool
        Whether a bar appears after two seconds.
    root : path, optional
        Project folder.

    Returns
    -------
    Fetched
        The files, a table of them, the attribution that the publisher asks for, and notes.

    Raises
    ------
    NotFoundError
        If nothing is called so.
    InputError
        If areas or characteristics cannot be used.
    FetchError
        If the file could not be had; the message says what is in the folder and how to go on without it.
    DataChangedError
        If the content is not the recorded one.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.fetch("odfh")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    lipresearch.errors.NotFoundError: Nothing to download is called 'odfh'. Did you mean odhf? ...
    """
    where = _root(root)
    entry = _downloads.find_download(where, name)
    notes: tuple[str, ...] = ()
    dguids: tuple[str, ...] = ()
    if entry.kind != _downloads.SERVICE:
        if roster is not None or areas is not None:
            raise InputError(f"{name} is a whole file; rosters and areas are for census-profile-2021 only.")
    elif areas is not None:
        if roster is not None:
            raise InputError("Name a roster or areas, not both.")
        dguids = _downloads.read_areas_file(Path(areas)) if isinstance(areas, str | Path) else tuple(areas)
    elif roster is not None and _rosters.is_own(roster):
        catchments = _rosters.load_own(where, roster).catchments
        dguids = tuple(sorted({dguid for mine in catchments.values() for dguid in mine}))
        if not dguids:
            raise InputError(
                f"{roster} does not say which areas its sites are. Add the column catchment, with the DGUIDs or census "
                "codes of each site's areas and ; between, or name the areas in a table: --areas areas.csv."
            )
        without = tuple(site for site, mine in catchments.items() if not mine)
        if without:
            notes = (f"Without areas in the column catchment of {roster}: {_first(without)}.",)
    else:
        dguids, without = _downloads.roster_areas(where, roster or DEFAULT_ROSTER)
        if without:
            notes = (
                f"Not in the census profile, being made of Toronto neighbourhoods or without areas: {_first(without)}. "
                "For neighbourhoods: lipresearch fetch toronto-neighbourhoods-2021",
            )
    done = _fetching.fetch(where, name, dguids, characteristics, to, refresh, base_url, manners, progress)
    return dataclasses.replace(done, notes=(*notes, *done.notes))


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def list_clusters(root: Path | str | None = None) -> pd.DataFrame:
    """Return the five research clusters with their question, perspectives and state of evidence.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a cluster: ``cluster`` (id), ``number``, ``title``, ``question``, ``perspectives``, ``factors`` and how
        many of them have no evidence yet.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.list_clusters()["cluster"].tolist()
    ['education', 'health', 'labour', 'justice', 'inclusion']
    """
    return _design.list_clusters(_root(root))


def load_cluster(
    cluster: str,
    perspective: str | None = None,
    root: Path | str | None = None,
    design: _designs.StudyDesign | None = None,
) -> _design.Cluster:
    """Return a cluster's factors, criteria, goalposts, weights and quotas under a perspective.

    Parameters
    ----------
    cluster : str
        Id: education, health, labour, justice, inclusion.
    perspective : str, optional
        Default: that of the design, or else the cluster's default perspective.
    root : path, optional
        Project folder.
    design : StudyDesign, optional
        A design with weights of its own, as ``load_design`` returns it: the cluster comes with these weights, and
        its weight basis says so.

    Returns
    -------
    Cluster
        Its tables are ``factors``, ``criteria`` and ``quotas``.

    Raises
    ------
    NotFoundError
        Naming the clusters or perspectives there are.
    InputError
        If the design is of another cluster or perspective.

    Examples
    --------
    >>> import lipresearch as lip
    >>> health = lip.load_cluster("health")
    >>> round(float(health.criteria["weight"].sum()), 12)
    1.0
    """
    if design is None:
        return _design.load_cluster(_root(root), cluster, perspective)
    stance = perspective or design.perspective or None
    # An unknown cluster, or one of another design, is told before its perspectives.
    plain = _design.load_cluster(_root(root), cluster, stance if cluster in (design.clusters or (cluster,)) else None)
    return _designs.cluster_for(design, plain)


def rank_sites(measures: pd.DataFrame, cluster: _design.Cluster) -> _ranking.Ranking:
    """Rank sites for a cluster; nothing is filled in. See :func:`lipresearch.ranking.rank_sites`.

    Parameters
    ----------
    measures : DataFrame
        The sites of one roster, as ``load_measures`` returns it.
    cluster : Cluster
        As ``load_cluster`` returns it.

    Returns
    -------
    Ranking
        ``table``: rank, score, and how low and high each could be; ``contributions``: what made each score; ``grades``.

    Raises
    ------
    InputError
        If the cluster has no criterion, or a site lacks a row for one of its measures or has one that cannot be used.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> len(ranking.table), bool(ranking.ranked["score"].between(0, 1).all())
    (38, True)
    """
    return _ranking.rank_sites(measures, cluster)


def compare_perspectives(measures: pd.DataFrame, cluster: str, root: Path | str | None = None) -> pd.DataFrame:
    """Return each site's rank under every perspective of a cluster, the default first.

    Parameters
    ----------
    measures : DataFrame
        The sites of one roster, as ``load_measures`` returns it.
    cluster : str
        Id of a cluster.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        Indexed by site: ``name``, one rank a perspective (missing where the site is not ranked), and ``spread``, the
        distance between the best and the worst of them.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.

    Examples
    --------
    >>> import lipresearch as lip
    >>> list(lip.compare_perspectives(lip.load_measures(), "health").columns)[0]
    'name'
    """
    design = _design.load_design(_root(root))
    names = _design.cluster_of(design, cluster).perspectives
    return _ranking.compare_perspectives(measures, [_design.cluster_of(design, cluster, name) for name in names])


# -- the set of sites ---------------------------------------------------------------------------------


def list_designs(root: Path | str | None = None, roster: str | None = None) -> pd.DataFrame:
    """Return the designs of the project: sites, clusters served, what is sought, number of quotas, source.

    With ``roster``, a table of one's own, they may name its sites, provinces and regions too.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.
    roster : str, optional
        A table of one's own whose sites, provinces and regions designs may name.

    Returns
    -------
    DataFrame
        Indexed by design: ``label``, ``sites``, ``clusters``, ``objective``, ``quotas`` (how many bind), ``source``.

    Raises
    ------
    TableError
        With everything in a design that cannot be used.

    Examples
    --------
    >>> import lipresearch as lip
    >>> int(lip.list_designs().loc["six-sites", "sites"])
    6
    """
    where = _root(root)
    known = _known(where, roster)
    designs: list[_designs.StudyDesign] = []
    problems: list[Problem] = []
    for name in _designs.design_names(where):
        try:
            designs.append(_designs.load_design(where, name, **known))
        except TableError as error:
            problems += error.problems
    if problems:
        raise TableError(problems)
    return pd.DataFrame(
        {
            "label": [design.label for design in designs],
            "sites": [design.sites for design in designs],
            "clusters": [", ".join(design.clusters) or "any" for design in designs],
            "objective": [design.objective for design in designs],
            "quotas": [sum(quota.kind == "quota" for quota in design.quotas) for design in designs],
            "source": [design.source for design in designs],
        },
        index=pd.Index([design.design for design in designs], name="design"),
    )


def load_design(design: str, root: Path | str | None = None, roster: str | None = None) -> _designs.StudyDesign:
    """Return a design of ``data/design/designs``: number of sites, quotas, and what makes one set better.

    With ``roster``, a table of one's own, it may name the sites, provinces and regions of that table too.

    Parameters
    ----------
    design : str
        Name of a file in ``data/design/designs``, without ``.toml``.
    root : path, optional
        Project folder; default: found from the working folder.
    roster : str, optional
        A table of one's own whose sites, provinces and regions the design may name.

    Returns
    -------
    StudyDesign
        Its quotas and other demands are in ``table``.

    Raises
    ------
    NotFoundError
        Naming the designs there are.
    TableError
        With everything in the file that cannot be used.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_design("six-sites").table["quota"].tolist()[0]
    'exactly 2 with field study group Greater Toronto'
    """
    where = _root(root)
    return _designs.load_design(where, design, **_known(where, roster))


def save_design(
    design: _designs.StudyDesign, overwrite: bool = False, root: Path | str | None = None
) -> _designs.StudyDesign:
    """Write a design into ``data/design/designs`` under its id; return it as it is read from there.

    See :func:`lipresearch.designs.save_design`.
    """
    where = _root(root)
    return _designs.save_design(where, design, **_known(where), overwrite=overwrite)


def _known(root: Path, roster: str | None = None) -> dict[str, Any]:
    """Return what a design may name: clusters, factors, measures, sites, and the factors that perspectives score."""
    types = _build.load_all_types(root)
    if roster is not None and _rosters.is_own(roster):
        types = pd.concat([_build.load_site_types(root, roster), types])
    tables = _design.load_design(root)
    scored = tables.perspective_criteria.merge(tables.criteria[["cluster", "criterion", "factor"]], validate="m:1")
    return {
        "clusters": set(tables.clusters["cluster"]),
        "factors": set(tables.factors["factor"]),
        "measures": set(read_measures(root).index),
        "types": types,
        "scored": {
            cluster: {name: tuple(dict.fromkeys(mine["factor"])) for name, mine in rows.groupby("perspective")}
            for cluster, rows in scored.groupby("cluster")
        },
    }


def vary_design(design: _designs.StudyDesign, **changes: Any) -> _designs.StudyDesign:
    """Return a design like another but for what is named; the other stays as it is.

    Parameters
    ----------
    design : StudyDesign
        As ``load_design`` returns it.
    **changes
        Fields of :class:`lipresearch.designs.StudyDesign`: ``sites``, ``objective``, ``quotas``, ``minimum_km``, ...

    Returns
    -------
    StudyDesign
        Another one; no file is written.

    Raises
    ------
    InputError
        If a design has no such field, or the design would contradict itself.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.vary_design(lip.load_design("six-sites"), sites=8).sites
    8
    """
    names = [field.name for field in fields(design)]
    unknown = [name for name in changes if name not in names]
    if unknown:
        raise InputError(f"A design has no {unknown[0]!r}. It has: {', '.join(names)}.")
    return replace(design, **changes)


def choose_sites(
    ranking: _ranking.Ranking | Sequence[_ranking.Ranking],
    design: _designs.StudyDesign,
    exclude: Mapping[str, str] | Iterable[str] = (),
    root: Path | str | None = None,
    roster: str | None = None,
) -> _selection.Selection:
    """Return the set of sites that is best under a design, proven, with alternates and what each quota costs.

    See :func:`lipresearch.selection.choose.choose_sites`.

    Parameters
    ----------
    ranking : Ranking or sequence of Ranking
        One a cluster; several for a design that serves several clusters.
    design : StudyDesign
        As ``load_design`` returns it.
    exclude : mapping of site to reason, or sites
        Left out, for instance because they declined.
    root : path, optional
        Project folder.
    roster : str, optional
        The table of sites (``my_sites.csv``) where a roster of one's own was ranked.

    Returns
    -------
    Selection
        ``table`` and ``sites``, ``alternates``, ``cost_of_quotas``, the best sets, and ``proof`` that no better one
        exists.

    Raises
    ------
    ImpossibleDesignError
        Naming a smallest group of quotas that cannot be met together, with what the candidates offer.
    InputError
        If a ranking does not fit the design, or a site is unknown.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> selection = lip.choose_sites(ranking, lip.load_design("six-sites"))
    >>> len(selection.sites), selection.proof.optimal, selection.proof.gap
    (6, True, 0.0)
    """
    where = _root(root)
    return _selection.choose_sites(ranking, design, **_around(where, ranking, design, roster), exclude=exclude)


def assess_sites(
    ranking: _ranking.Ranking | Sequence[_ranking.Ranking],
    design: _designs.StudyDesign,
    sites: Iterable[str],
    root: Path | str | None = None,
    roster: str | None = None,
) -> _selection.Assessment:
    """Return how a set that others chose does under a design, beside the best one.

    See :func:`lipresearch.selection.choose.assess_sites`.

    Parameters
    ----------
    ranking : Ranking or sequence of Ranking
        One a cluster.
    design : StudyDesign
        As ``load_design`` returns it.
    sites : iterable of str
        As many ids as the design has sites.
    root : path, optional
        Project folder; default: found from the working folder.
    roster : str, optional
        The table of sites (``my_sites.csv``) where a roster of one's own was ranked.

    Returns
    -------
    Assessment
        Which quotas the set meets (``meets``: all of them), what it is worth, and the best set beside it.

    Raises
    ------
    InputError
        If a site is no candidate or stands twice, or the number is another than the design's.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> six = ["toronto-south", "peel", "hamilton", "kingston", "huron", "thunder-bay"]
    >>> lip.assess_sites(ranking, lip.load_design("six-sites"), six).meets
    True
    """
    where = _root(root)
    return _selection.assess_sites(ranking, design, sites, **_around(where, ranking, design, roster))


def core_index(
    selection: _selection.Selection,
    draws: ScoreDraws | Sequence[ScoreDraws],
    core: float = _selection.CORE,
    out: float = _selection.OUT,
    workers: int = 2,
) -> _selection.CoreIndex:
    """Return how often each site is in the best set when weights and data vary: core, borderline or out.

    See :func:`lipresearch.selection.core.core_index`.

    Parameters
    ----------
    selection : Selection
        Chosen for suitability.
    draws : ScoreDraws or sequence of ScoreDraws
        As ``sample_scores`` returns them: one for each of the selection's rankings, in their order, with as many
        draws. Their scores are added with the weights of the design; a site that is not ranked adds nothing.
    core, out : float
        A site is core from this share of the draws on, and out up to that.
    workers : int
        Threads; the result is the same for any number.

    Returns
    -------
    CoreIndex
        ``table``: the share of each site, 0 to 1, and its class; the shares add to the number of sites of the design.

    Raises
    ------
    InputError
        If the draws do not fit the rankings of the selection.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> selection = lip.choose_sites(ranking, lip.load_design("six-sites"))
    >>> index = lip.core_index(selection, lip.sample_scores(ranking, draws=100))
    >>> round(float(index.table["share"].sum()), 6)
    6.0
    """
    listed = [draws] if isinstance(draws, ScoreDraws) else list(draws)
    if len(listed) != len(selection.rankings):
        raise InputError(
            f"The selection is over {len(selection.rankings)} rankings, and draws were given for {len(listed)}."
        )
    for drawn, ranking in zip(listed, selection.rankings, strict=True):
        if set(drawn.sites) != set(ranking.ranked["site"]):
            raise InputError(f"The draws are of other sites than the ranking for {ranking.cluster.title}.")
    if len({len(drawn.scores) for drawn in listed}) > 1:
        raise InputError("Give as many draws for each ranking.")
    sites = sorted(set().union(*(drawn.sites for drawn in listed)))
    total = np.zeros((len(listed[0].scores), len(sites)))
    for drawn, weight in zip(listed, selection.design.cluster_weights or [1.0] * len(listed), strict=True):
        total[:, [sites.index(site) for site in drawn.sites]] += weight * drawn.scores
    return _selection.core_index(selection, sites, total, core=core, out=out, workers=workers)


def plot_core_index(index: _selection.CoreIndex) -> Figure:
    """Return a figure of how often each site is in the best set: core, borderline or out, recommended ones marked.

    Parameters
    ----------
    index : CoreIndex
        As ``core_index`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> selection = lip.choose_sites(ranking, lip.load_design("six-sites"))
    >>> figure = lip.plot_core_index(lip.core_index(selection, lip.sample_scores(ranking, draws=100)))
    >>> "recommended sites" in figure.get_gid()
    True
    """
    from lipresearch.plots import sureness

    return sureness.plot_core_index(index)


def _around(
    root: Path,
    ranking: _ranking.Ranking | Sequence[_ranking.Ranking],
    design: _designs.StudyDesign,
    roster: str | None = None,
) -> dict[str, Any]:
    """Return what a choice needs beside rankings and design; distances and measures only where the design asks."""
    if not isinstance(design, _designs.StudyDesign):
        raise InputError(f"A design is what load_design returns: lip.load_design({design!r}), not {design!r} itself.")
    first = ranking[0] if isinstance(ranking, Sequence) and ranking else ranking
    if roster is not None and _rosters.is_own(roster):
        own = _rosters.load_own(root, roster)
        return {
            "types": own.types.copy(),
            "measures": own.measures.copy(),
            "kilometres": kilometres_between(own.points) if design.minimum_km > 0 else None,
        }
    types = _build.load_all_types(root)
    if not isinstance(first, _ranking.Ranking):
        return {"types": types, "measures": None, "kilometres": None}
    sites = [site for site in first.table["site"] if site in types.index]
    measures = kilometres = None
    if design.measures or any(quota.measure for quota in design.quotas):
        listed = pd.concat([_build.load_site_measures(root, roster) for roster in load_rosters(root)])
        measures = listed[listed["site"].isin(sites)].drop_duplicates(["site", "measure"])
    if design.minimum_km > 0:
        kilometres = kilometres_between(catchment_points(load_catchments(root), sites))
    return {"types": types, "measures": measures, "kilometres": kilometres}


def plot_ranking(ranking: _ranking.Ranking, root: Path | str | None = None, roster: str | None = None) -> Figure:
    """Return a figure of the ranked sites: a dot for each score with the interval that the evidence allows.

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.
    root : path, optional
        Project folder; default: found from the working folder.
    roster : str, optional
        The table of sites (``my_sites.csv``) where a roster of one's own was ranked.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no site is ranked.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> "ranks first for health care" in lip.plot_ranking(ranking).get_gid()
    True
    """
    from lipresearch import plots

    return plots.plot_ranking(ranking, _types_of(_root(root), ranking, roster, needed=False))


def _types_of(root: Path, ranking: _ranking.Ranking, roster: str | None, needed: bool = True) -> pd.DataFrame:
    """Return the categories of the sites of a ranking: the project's, or those of a roster of one's own.

    Where they are not ``needed``, sites that are not the project's have none; a table that is named must hold all.
    """
    own = roster is not None and _rosters.is_own(roster)
    types = load_sites(str(roster), root) if own else _build.load_all_types(root)
    lacking = sorted(set(ranking.table["site"]) - set(types.index))
    if lacking and (needed or own):
        named = ", ".join(lacking[:5]) + (" and others" if len(lacking) > 5 else "")
        where = f"in {roster}" if own else "a site of the project"
        raise InputError(f'{named}: not {where}. Name the table of sites that was ranked: roster="my_sites.csv".')
    return types


def plot_contributions(ranking: _ranking.Ranking) -> Figure:
    """Return a figure of what each factor adds to each site's score, and how much weight has no evidence.

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no site is ranked.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> "Contribution of each factor" in lip.plot_contributions(ranking).get_gid()
    True
    """
    from lipresearch import plots

    return plots.plot_contributions(ranking)


def plot_coverage(ranking: _ranking.Ranking) -> Figure:
    """Return a figure of the evidence grade of every criterion at every site.

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> "Evidence for each criterion" in lip.plot_coverage(ranking).get_gid()
    True
    """
    from lipresearch import plots

    return plots.plot_coverage(ranking)


def site_profile(
    site: str, roster: str = DEFAULT_ROSTER, root: Path | str | None = None, measures: str | Sequence[str] | None = None
) -> pd.DataFrame:
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
    measures : sequence of str, or "criteria", optional
        Only these, in this order; ``"criteria"``: those that a cluster scores under its default perspective. Default:
        all.

    Returns
    -------
    DataFrame
        One row a measure: value with bounds and unit, ``rank``, ``sites_with_value``, ``sites``, ``median``, ``grade``,
        ``vintage``, ``universe``, ``reason`` and ``detail`` where the value is missing, ``sources``, ``supplied``.

    Raises
    ------
    InputError
        If the site is not on the roster, or there is no such measure.

    Examples
    --------
    >>> import lipresearch as lip
    >>> huron = lip.site_profile("huron").set_index("measure")
    >>> int(huron.loc["population_2021", "value"]), int(huron.loc["population_2021", "sites_with_value"])
    (61366, 38)
    """
    where = _root(root)
    table = _build.load_site_measures(where, roster)
    if site not in set(table["site"]):
        name = _build.site_measures_of(where, site)["name"].iloc[0]  # raises where no roster has it
        raise InputError(f"{name} ({site}) is not on the roster {roster}. Name another roster.")
    profile = _profile.site_profile(table, site)
    if measures is None:
        return profile
    wanted = _profiled(where) if isinstance(measures, str) and measures == "criteria" else _listed(measures)
    profile = profile.set_index("measure", drop=False)
    unknown = [measure for measure in wanted if measure not in profile.index]
    if unknown or not wanted:
        near = difflib.get_close_matches(unknown[0], list(profile.index), 3) if unknown else []
        raise InputError(
            (f"There is no measure {unknown[0]!r}. " if unknown else "Name at least one measure. ")
            + (f"Near: {', '.join(near)}." if near else "See the column measure of load_measures().")
        )
    return profile.loc[wanted].reset_index(drop=True)


def _listed(names: str | Sequence[str]) -> list[str]:
    return list(dict.fromkeys([names] if isinstance(names, str) else names))


def _profiled(root: Path) -> list[str]:
    """Return the measures that a cluster scores under its default perspective, in the order of the clusters."""
    used = [list(cluster.criteria["measure"]) for cluster in _default_clusters(root)]
    return list(dict.fromkeys(name for names in used for name in names))


def plot_profile(
    site: str,
    measures: str | Sequence[str] = "criteria",
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> Figure:
    """Return a figure of a site beside its roster: each measure on a strip from the lowest to the highest site.

    See :func:`lipresearch.plots.sites.plot_profile`. The table that it draws is ``site_profile(site,
    measures="criteria")``.

    Parameters
    ----------
    site : str
        Id of a site of the roster.
    measures : sequence of str, or "criteria"
        Ids of measures; default: those that a cluster scores under its default perspective.
    roster : str
        Which list of sites to compare with.
    root : path, optional
        Project folder.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If the site is not on the roster, there is no such measure, or no site has a value.

    Examples
    --------
    >>> import lipresearch as lip
    >>> figure = lip.plot_profile("huron", ["population_2021", "turnout_2015"])
    >>> print(figure.get_gid().split(":")[0])
    Huron County
    """
    from lipresearch.plots import sites

    where = _root(root)
    profile = site_profile(site, roster, where, measures)
    table = _build.load_site_measures(where, roster)
    about = _build.load_site_types(where, roster).loc[site]
    label = _rosters.find_roster(where, roster).label
    return sites.plot_profile(profile, table, about["name"], about["settlement_type"], label)


def list_factors(root: Path | str | None = None) -> pd.DataFrame:
    """Return the 21 factors of the workshops, each with its criteria, quotas or open gap, and its source.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a factor: names, ``treatment``, ``status``, ``criteria``, ``quotas``, ``spreads``, ``answers`` (these in
        words), ``measures``, ``gap`` ("" where the evidence is there), and where the source text names it.

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

    Parameters
    ----------
    measures : DataFrame, optional
        As ``load_measures`` returns it; default: those of the roster.
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a factor and site: ``weight`` of the factor, and the shares of it that rest on A, B, C, bounds only and
        nothing (0 to 1, adding to 1; NaN where the factor carries no weight), and on supplied evidence.

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

    Parameters
    ----------
    matrix : DataFrame, optional
        As ``coverage_matrix`` returns it; default: that of the default roster.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a cluster: factors named, scored and open, and the shares by kind of evidence, 0 to 1, adding to 1.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.cluster_coverage()["cluster"].tolist()
    ['education', 'health', 'labour', 'justice', 'inclusion']
    """
    return _coverage.cluster_coverage(coverage_matrix(root=root) if matrix is None else matrix)


def load_partners(cluster: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the partners and sources of support that the research workshops named.

    Parameters
    ----------
    cluster : str, optional
        Only those of this cluster; default: of all.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a cluster and organisation: names, ``kind``, ``named_for``, what each could give (yes, no or not said),
        note.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_partners("health")["organisation"].iloc[0]
    'Centre for Addiction and Mental Health'
    """
    return _context.load_partners(_root(root), cluster)


def load_priorities(cluster: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the research priorities that the workshops named, in other words than theirs.

    Parameters
    ----------
    cluster : str, optional
        Only those of this cluster; default: of all.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a priority: ``cluster``, ``priority``, ``label``, ``label_fr``, ``theme``, and where the source text
        names it.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.

    Examples
    --------
    >>> import lipresearch as lip
    >>> len(lip.load_priorities("health")), len(lip.load_priorities())
    (4, 25)
    """
    return _context.load_priorities(_root(root), cluster)


def load_surveys(cluster: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the baseline surveys that the workshops named, or those whose topics serve a cluster.

    Parameters
    ----------
    cluster : str, optional
        Only those whose topics serve this cluster; default: all.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a survey: names, publisher, universe, years, who named it, whom it serves, what it asks, how to get at
        it.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_surveys("health")["name"].tolist()
    ['Longitudinal Survey of Immigrants to Canada']
    """
    return _context.load_surveys(_root(root), cluster)


def load_characteristics(root: Path | str | None = None) -> pd.DataFrame:
    """Return the 17 characteristics of a welcoming community with the measures that speak to each.

    Parameters
    ----------
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        Indexed by number, 1 to 17: names, ``measures`` and their ``labels``, ``why``, ``status``, ``to_supply``,
        ``source``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.load_characteristics().loc[9, "name"]
    'Accessible and suitable health care'
    """
    return _context.load_characteristics(_root(root))


def plot_coverage_matrix(matrix: pd.DataFrame) -> Figure:
    """Return a figure of the evidence behind every factor at every site, all clusters side by side.

    Parameters
    ----------
    matrix : DataFrame
        As ``coverage_matrix`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If the table has no rows.

    Examples
    --------
    >>> import lipresearch as lip
    >>> "weight by kind of evidence" in lip.plot_coverage_matrix(lip.coverage_matrix()).get_gid()
    True
    """
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
        The list of sites that was ranked; other sites of the ranking are found whatever their roster.
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
    measures = load_measures(roster, where, also=list(ranking.table["site"]))
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

    Returns
    -------
    Variants
        ``table``: one row a site, one column a method or perspective; ``summary``: how far each moves the ranks.

    Raises
    ------
    NotFoundError
        Naming the clusters there are.
    InputError
        If no site is ranked, or there is no such way to treat missing values.

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

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.
    top : int
        How many first sites to watch.
    variant : str
        By which method: one of ``lipresearch.robustness.variants.VARIANTS``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    LeaveOneOut
        ``table``: one row a part that was left out, with how far ranks moved and who left the first ``top``.

    Raises
    ------
    InputError
        If ``top`` is no whole number of 1 or more, there is no such variant, or no site is ranked.

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

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.
    top : int
        1: the first site. At most the number of ranked sites.

    Returns
    -------
    WeightChange
        ``table``: one row a challenger; ``smallest``: the nearest of them; ``change()``: which weights move, and where
        to.

    Raises
    ------
    InputError
        If ``top`` is not 1 to the number of ranked sites, or sites share the last of the first ranks.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.smallest_weight_change(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")), top=10)
    >>> found.top, list(found.change().columns)
    (10, ['criterion', 'label', 'weight', 'moved_to', 'spread_to'])
    """
    return _sensitivity.smallest_weight_change(ranking, top)


def weight_sensitivity(ranking: _ranking.Ranking) -> _sensitivity.WeightSensitivity:
    """Return who is first at every weight of each criterion, and the exact weights at which that changes.

    See :func:`lipresearch.robustness.sensitivity.weight_sensitivity`.

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.

    Returns
    -------
    WeightSensitivity
        ``table``: one row a criterion, with the range of its weight in which the first site stays; ``stretches``: who
        is first between which weights.

    Raises
    ------
    InputError
        If no site is ranked, or only one criterion carries weight.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.weight_sensitivity(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")))
    >>> len(found.table), sorted(found.stretches["declared"].unique())
    (6, ['no', 'yes'])
    """
    return _sensitivity.weight_sensitivity(ranking)


def plot_weight_sensitivity(
    ranking: _ranking.Ranking,
    criterion: str | None = None,
    root: Path | str | None = None,
    roster: str | None = None,
) -> Figure:
    """Return a figure of how the scores move as the weight of one criterion goes from 0 to 1, and who is first.

    See :func:`lipresearch.plots.sureness.plot_weight_sensitivity`. The table that it draws is
    ``weight_sensitivity(ranking).table``.

    Parameters
    ----------
    ranking : Ranking
    criterion : str, optional
        Id of a criterion, for one large panel; default: a panel for each.
    root : path, optional
        Project folder.
    roster : str, optional
        The table of sites (``my_sites.csv``) where a roster of one's own was ranked.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no site is ranked, or there is no such criterion or no other weight to vary it against.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> print(lip.plot_weight_sensitivity(ranking).get_gid().split(" stays")[0])
    Toronto (city-wide)
    """
    from lipresearch.plots import sureness

    found = _sensitivity.weight_sensitivity(ranking)
    return sureness.plot_weight_sensitivity(found, _types_of(_root(root), ranking, roster, needed=False), criterion)


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

    Returns
    -------
    Participants
        ``members``, in the order of the files' names, and a ``table`` of how each was asked.

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

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.
    participants : Participants or sequence of Participant
        As ``load_participants`` returns them, all of this cluster and perspective.
    method : {"mean of weights", "geometric mean of judgements", "mean rank"}
        How one ranking is made of several people's.
    permutations : int
        Of a permutation test of their agreement; 0: none, chi-squared only.
    seed : int, optional
        Of the permutations.

    Returns
    -------
    GroupRanking
        The group's ranking, its agreement, and in ``members`` how far each person's weights and ranks lie from it.

    Raises
    ------
    InputError
        If there are no participants, two have the same name, one weighs other criteria, the method is unknown or needs
        judgements that were not given, or no site is left to rank.

    Examples
    --------
    >>> import lipresearch as lip
    >>> from lipresearch.robustness.people import participant
    >>> health = lip.load_cluster("health")
    >>> said = {"A": [2, 1], "B": [1, 2]}  # points for each factor
    >>> people = [participant(health, name, "swings", "factor", points) for name, points in said.items()]
    >>> lip.group_ranking(lip.rank_sites(lip.load_measures(), health), people).members["participant"].tolist()
    ['A', 'B']
    """
    members = participants.members if isinstance(participants, _people.Participants) else participants
    return _groups.group_ranking(ranking, members, method, permutations, seed)


def plot_acceptability(result: RankAcceptability, top: int | None = None) -> Figure:
    """Return a figure of how often each site takes each rank.

    Parameters
    ----------
    result : RankAcceptability
        As ``rank_acceptability`` returns it.
    top : int, optional
        Only the first sites; default: all that are ranked.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If none of the sites is ranked.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> often = lip.rank_acceptability(ranking, draws=100)
    >>> "Share of 100 draws" in lip.plot_acceptability(often, top=10).get_gid()
    True
    """
    from lipresearch import plots

    return plots.plot_acceptability(result, top)


def plot_rank_variance(result: RankVariance) -> Figure:
    """Return a figure of how much of the movement of the ranks each source of uncertainty explains.

    Parameters
    ----------
    result : RankVariance
        As ``explain_rank_variance`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> moved = lip.explain_rank_variance(ranking, lip.data_uncertainty(ranking), draws=64)
    >>> "Share of the variance" in lip.plot_rank_variance(moved).get_gid()
    True
    """
    from lipresearch import plots

    return plots.plot_rank_variance(result)


# -- comparing sites ----------------------------------------------------------------------------------

#: What sites are compared by: a list of ``data/design/matching_measures.csv``, measure ids, or a table of them.
Use: TypeAlias = str | Sequence[str] | pd.DataFrame


def load_matching_measures(profile: str | None = None, root: Path | str | None = None) -> pd.DataFrame:
    """Return the lists of measures that sites are compared by, each with its scale, weight and reason.

    Parameters
    ----------
    profile : str, optional
        Only this list; default: all.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        One row a list and measure: ``profile``, ``measure``, ``label``, ``unit``, ``scale``, ``weight``, ``rationale``.

    Raises
    ------
    NotFoundError
        If there is no such list, naming those there are.

    Examples
    --------
    >>> import lipresearch as lip
    >>> sorted(set(lip.load_matching_measures()["profile"]))
    ['general', 'wider']
    """
    return _matching_tables.load_matching_measures(_root(root), profile)


def load_covariates(
    use: Use = "general", roster: str = DEFAULT_ROSTER, root: Path | str | None = None
) -> _covariates.Covariates:
    """Return the sites of a roster with the measures that they are to be compared by; gaps stay gaps.

    Parameters
    ----------
    use : str, sequence of str or DataFrame
        Name of a list in ``data/design/matching_measures.csv``; or measure ids (each on its own scale and of equal
        weight); or a table with a column measure and, if wanted, scale (linear or log) and weight.
    roster : str
    root : path, optional

    Returns
    -------
    Covariates
        For the functions of ``lipresearch.comparison``.

    Raises
    ------
    InputError
        If there is no such measure, or one cannot be compared by.

    Examples
    --------
    >>> import lipresearch as lip
    >>> len(lip.load_covariates(["population_2021", "remoteness_2021"]).sites)
    38
    """
    where = _root(root)
    return _covariates.from_measures(_build.load_site_measures(where, roster), _use(use, where))


def _use(use: Use, root: Path) -> pd.DataFrame:
    if isinstance(use, str):
        return _matching_tables.load_matching_measures(root, use)
    if isinstance(use, pd.DataFrame):
        return use
    measures = list(use) if isinstance(use, Iterable) else [use]
    if not all(isinstance(measure, str) for measure in measures):
        raise InputError(f"Sites are compared by the name of a list, by ids of measures or by a table, not by {use!r}.")
    return pd.DataFrame({"measure": measures})


def _overlaps(root: Path, roster: str, sites: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of these sites that overlap."""
    there = set(sites)
    if _rosters.is_own(roster):
        types = _build.load_site_types(root, roster)
        return _typology.overlapping_pairs(types[types.index.isin(there)])
    table = read_design(root, "overlaps", OVERLAPS)
    return [(a, b) for a, b in zip(table["site"], table["other"], strict=True) if a in there and b in there]


def _category(root: Path, roster: str, name: str) -> pd.Series:
    types = _build.load_site_types(root, roster)
    if name not in types.columns:
        raise InputError(f"There is no category {name!r} of sites. There are: {', '.join(types.columns)}.")
    return types[name]


def find_comparators(
    sites: str | Iterable[str] | None = None,
    *,
    use: Use = "general",
    count: int = 5,
    method: str = "weighted",
    same: str | None = None,
    exclude: Iterable[str] = (),
    caliper: float | None = None,
    minimum_coverage: float = _matching.MINIMUM_COVERAGE,
    outside: Path | str | None = None,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _matching.Comparators:
    """Return the sites most like given ones, never one that overlaps them.

    See :func:`lipresearch.comparison.matching.find_comparators`. For ranked replacements of a chosen set, name it in
    both ``sites`` and ``exclude``. For cities that are not on the roster give ``outside``, a CSV table with site,
    name, measure, value, unit, vintage and source.

    Parameters
    ----------
    sites : str or iterable of str, optional
        One or several sites of the roster; not with ``outside``.
    use : str, sequence of str or DataFrame
        What to compare by; see :func:`load_covariates`.
    count : int
        Comparators for each site.
    method : {"weighted", "mahalanobis"}
    same : str, optional
        A category in which they must agree, as ``load_sites`` names it (``settlement_type``, ``region``); only
        without ``outside``.
    exclude : iterable of str
    caliper : float, optional
        Greatest distance, in standard deviations.
    minimum_coverage : float
    outside : path, optional
    roster : str
    root : path, optional

    Returns
    -------
    Comparators
        ``table``: one row a site and comparator, nearest first (equal distances share a place); ``distances``: of what
        each distance is made; ``undefined``: the pairs without one.

    Raises
    ------
    InputError
        If a site, measure or category is unknown, or what is asked for contradicts itself.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.find_comparators("huron", count=3)
    >>> found.table["place"].tolist()
    [1, 2, 3]
    """
    where = _root(root)
    covariates = load_covariates(use, roster, where)
    foreign = None
    if outside is not None:
        if same is not None:
            raise InputError("Sites outside the roster have no category; leave same out.")
        rows = _matching_tables.load_outside(where, Path(outside), covariates.measures)
        foreign = _covariates.from_measures(rows, covariates.use)
    return _matching.find_comparators(
        covariates,
        [sites] if isinstance(sites, str) else sites,
        count=count,
        method=method,
        minimum_coverage=minimum_coverage,
        same=None if same is None else _category(where, roster, same),
        exclude=exclude,
        apart=_overlaps(where, roster, covariates.sites),
        caliper=caliper,
        outside=foreign,
    )


def pair_sites(
    first: str | Iterable[str] = "rural",
    second: str | Iterable[str] = "urban",
    *,
    by: str = "settlement_type",
    use: Use = "general",
    pairs: int | None = None,
    method: str = "weighted",
    same: str | None = None,
    caliper: float | None = None,
    minimum_coverage: float = _matching.MINIMUM_COVERAGE,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _matching.Pairs:
    """Pair the sites of two groups so that the distances add to the least possible; pairs never overlap.

    See :func:`lipresearch.comparison.matching.pair_sites`.

    Parameters
    ----------
    first, second : str or iterable of str
        Two values of the category ``by`` (rural and urban), or two lists of sites.
    by : str
        A category of sites, as ``load_sites`` names it.
    use, pairs, method, same, caliper, minimum_coverage, roster, root
        As in :func:`find_comparators`.

    Returns
    -------
    Pairs
        ``table``: one row a pair with its distance; ``unpaired``: who found no partner; ``total``: the sum of the
        distances.

    Raises
    ------
    InputError
        If a group is empty or unknown, a site is in both, or so many pairs are not possible.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.pair_sites(pairs=2)
    >>> len(found.table)
    2
    """
    where = _root(root)
    covariates = load_covariates(use, roster, where)
    groups = []
    for group in (first, second):
        if isinstance(group, str):
            levels = _category(where, roster, by)
            if group not in set(levels):
                raise InputError(
                    f"No site of the roster has the {by} {group!r}. There are: {', '.join(sorted(set(levels) - {''}))}."
                )
            groups.append(list(levels.index[levels == group]))
        else:
            groups.append(list(group))
    return _matching.pair_sites(
        covariates,
        groups[0],
        groups[1],
        pairs=pairs,
        method=method,
        minimum_coverage=minimum_coverage,
        same=None if same is None else _category(where, roster, same),
        apart=_overlaps(where, roster, covariates.sites),
        caliper=caliper,
    )


def contrast_sites(
    alike: Use,
    unlike: Use,
    *,
    closest: float = 0.1,
    count: int = 10,
    method: str = "weighted",
    minimum_coverage: float = _matching.MINIMUM_COVERAGE,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _matching.Contrasts:
    """Return pairs of sites alike in some measures and unlike in others: most similar, or most different, systems.

    See :func:`lipresearch.comparison.matching.contrast_sites`.

    Parameters
    ----------
    alike, unlike : str, sequence of str or DataFrame
        What pairs are to agree and to differ in, without a common measure; see :func:`load_covariates`.
    closest : float
        Share of all comparable pairs that count as alike, above 0 to 1.
    count : int
        Pairs to list; more where the last ones are equal.
    method : {"weighted", "mahalanobis"}
        How far apart two sites are; see :func:`lipresearch.comparison.matching.distances`.
    minimum_coverage : float
        Share of the weight of the measures, 0 to 1, that both sites of a pair must have values for.
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    Contrasts
        ``table``: one row a pair with both distances, the most unlike first.

    Raises
    ------
    InputError
        If a measure is in both lists, or no pair can be compared in both respects.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.contrast_sites(["population_2021", "remoteness_2021"], ["recent_immigrants_2021_per_1000"], count=3)
    >>> found.table["place"].tolist()
    [1, 2, 3]
    """
    where = _root(root)
    first, second = load_covariates(alike, roster, where), load_covariates(unlike, roster, where)
    return _matching.contrast_sites(
        first,
        second,
        closest=closest,
        count=count,
        method=method,
        minimum_coverage=minimum_coverage,
        apart=_overlaps(where, roster, first.sites),
    )


def assess_representativeness(
    sites: Iterable[str],
    *,
    use: Use = "general",
    penalty: float = 0.0,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _representativeness.Representativeness:
    """Say how like the whole roster some sites are, measure by measure and in one index.

    See :func:`lipresearch.comparison.representativeness.assess_representativeness`.

    Parameters
    ----------
    sites : iterable of str
        At least one site of the roster and not all of them.
    use : str, sequence of str or DataFrame
        What to compare by; see :func:`load_covariates`.
    penalty : float
        Above 0 draws the propensities of the index together, so that it is defined more often, and higher: name it.
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    Representativeness
        ``table``: difference, variance ratio and range covered of each measure; the generalisability index from 0 to 1,
        or why it is undefined.

    Raises
    ------
    InputError
        If a site is unknown or stands twice, none or all are chosen, or the penalty is negative.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.assess_representativeness(["huron", "ottawa", "peel", "timmins"])
    >>> found.range_covered > 0.5
    True
    """
    return _representativeness.assess_representativeness(load_covariates(use, roster, root), sites, penalty=penalty)


def plot_balance(
    found: _representativeness.Representativeness | _matching.Pairs | _matching.Comparators,
) -> Figure:
    """Return a figure of how like the roster a set of sites is, or how like each other pairs of sites are.

    See :func:`lipresearch.plots.sites.plot_balance`.

    Parameters
    ----------
    found : Representativeness, Pairs or Comparators
        As ``assess_representativeness``, ``pair_sites`` or ``find_comparators`` returns it.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no difference is defined.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.assess_representativeness(["huron", "ottawa", "peel", "timmins"])
    >>> print(lip.plot_balance(found).get_gid().split(" like")[0])
    The 4 sites are
    """
    from lipresearch.plots import sites

    return sites.plot_balance(found)


def select_by_strata(
    n: int,
    *,
    use: Use = "general",
    strata: int = 3,
    exclude: Iterable[str] = (),
    seed: int = 2010,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _representativeness.StratifiedSample:
    """Divide the roster into strata of like sites and rank each stratum's sites for recruitment.

    See :func:`lipresearch.comparison.representativeness.select_by_strata`; sites that overlap are never both chosen.

    Parameters
    ----------
    n : int
        Sites to recruit.
    use : str, sequence of str or DataFrame
        What to compare by; see :func:`load_covariates`.
    strata : int
        How many; ``strata_shares`` shows what each number explains.
    exclude : iterable of str
        Sites that cannot be recruited; they still count in their stratum.
    seed : int
        Of the random draws; the same seed gives the same result.
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    StratifiedSample
        ``sites`` to recruit, and each stratum's sites in the order in which they replace one that declines.

    Raises
    ------
    InputError
        If a number is out of range, a site is unknown, or a stratum holds too few sites that can be recruited.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.select_by_strata(6)
    >>> len(found.sites), len(found.strata)
    (6, 3)
    """
    where = _root(root)
    covariates = load_covariates(use, roster, where)
    return _representativeness.select_by_strata(
        covariates, n, strata=strata, exclude=exclude, apart=_overlaps(where, roster, covariates.sites), seed=seed
    )


def strata_shares(
    most: int = 8,
    *,
    use: Use = "general",
    seed: int = 2010,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> pd.DataFrame:
    """Return how much of the variance lies between strata, for 1 to ``most`` of them.

    See :func:`lipresearch.comparison.representativeness.strata_shares`.

    Parameters
    ----------
    most : int
        The greatest number of strata to try.
    use : str, sequence of str or DataFrame
        What to compare by; see :func:`load_covariates`.
    seed : int
        Of the random draws; the same seed gives the same result.
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    DataFrame
        ``strata``, ``between_share`` (of the variance, 0 to 1), ``smallest`` (sites in the smallest stratum).

    Raises
    ------
    InputError
        If the number is out of range, or a measure does not differ between sites.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.strata_shares(3)["strata"].tolist()
    [1, 2, 3]
    """
    return _representativeness.strata_shares(load_covariates(use, roster, root), most, seed=seed)


def _count_rules(
    rules: Iterable[Mapping[str, Any] | _synthetic.CountRule],
    covariates: _covariates.Covariates,
    root: Path,
    roster: str,
) -> list[_synthetic.CountRule]:
    done = []
    for rule in [rules] if isinstance(rules, Mapping) else rules:
        if isinstance(rule, _synthetic.CountRule):
            done.append(rule)
            continue
        if not isinstance(rule, Mapping):
            raise InputError(
                f"A rule is a table such as {{'category': ..., 'level': ..., 'minimum': 1}}, not {rule!r}."
            )
        given = dict(rule)
        asked = {key: given[key] for key in ("minimum", "maximum") if key in given}
        if not asked or bool("measure" in given) == bool("category" in given):
            raise InputError(
                f"A rule names a measure (low, high) or a category (level), and minimum or maximum: not {given}."
            )
        if "measure" in given:
            unknown = sorted(set(given) - {"measure", "low", "high", "minimum", "maximum", "quantiles"})
            if unknown:
                raise InputError(
                    f"A rule on a measure has no {unknown[0]!r}: only low, high, minimum, maximum, quantiles."
                )
            done.append(_synthetic.count_rule(covariates, **given))
            continue
        unknown = sorted(set(given) - {"category", "level", "minimum", "maximum"})
        if unknown or "level" not in given:
            raise InputError(f"A rule on a category has category, level, and minimum or maximum: not {given}.")
        levels = _category(root, roster, str(given["category"]))
        members = tuple(site for site in covariates.sites if levels[site] == given["level"])
        if not members:
            raise InputError(f"No site has the {given['category']} {given['level']!r}.")
        done.append(_synthetic.CountRule(f"{given['category']} {given['level']}", members, **asked))
    return done


def synthetic_sample(
    n: int,
    *,
    use: Use = "general",
    rules: Iterable[Mapping[str, Any] | _synthetic.CountRule] = (),
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    sets: int = 10,
    starts: int = 10,
    max_fits: int = 2_000_000,
    seed: int = 2010,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _synthetic.SyntheticSample:
    """Choose the sites from which all others can be made up best as weighted means, and prove it.

    See :func:`lipresearch.comparison.synthetic.synthetic_sample`; sites that overlap are never both chosen.

    Parameters
    ----------
    n : int
        Number of sites to choose.
    use : str, sequence of str or DataFrame
        What to compare by; see :func:`load_covariates`.
    rules : iterable of dict
        ``{"measure": ..., "low": ..., "high": ..., "minimum": ..., "maximum": ..., "quantiles": True}`` (see
        :func:`lipresearch.comparison.synthetic.count_rule`) or ``{"category": "settlement_type", "level": "rural",
        "minimum": 2}``.
    include, exclude, sets, starts, max_fits, seed
        See there.
    roster : str
    root : path, optional

    Returns
    -------
    SyntheticSample
        ``sites``, the weights with which they stand for all others, the best sets, and whether the best one is
        ``proven``.

    Raises
    ------
    InputError
        If a number is out of range, a site or a rule is unknown, or no set keeps the rules (naming those that
        contradict).

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = lip.synthetic_sample(2, rules=[{"category": "settlement_type", "level": "rural", "minimum": 1}])
    >>> len(found.sites), found.proven
    (2, True)
    """
    where = _root(root)
    covariates, _ = load_covariates(use, roster, where).complete()
    apart = [
        _synthetic.CountRule(f"{covariates.names[a]} and {covariates.names[b]} overlap", (a, b), 0, 1)
        for a, b in _overlaps(where, roster, covariates.sites)
    ]
    return _synthetic.synthetic_sample(
        load_covariates(use, roster, where),
        n,
        rules=[*_count_rules(rules, covariates, where, roster), *apart],
        include=include,
        exclude=exclude,
        sets=sets,
        starts=starts,
        max_fits=max_fits,
        seed=seed,
    )


def average_effect(
    sample: _synthetic.SyntheticSample, effects: pd.DataFrame, decimals: int | None = 2
) -> _synthetic.AverageEffect:
    """Estimate the average effect over all sites from those of a synthetic sample.

    See :func:`lipresearch.comparison.synthetic.average_effect`.

    Parameters
    ----------
    sample : SyntheticSample
        As ``synthetic_sample`` returns it.
    effects : DataFrame
        Index: the chosen sites. Columns ``estimate`` and ``standard_error``, in one unit.
    decimals : int, optional
        Weights are rounded to this many decimals, as published; None: not at all.

    Returns
    -------
    AverageEffect
        ``estimate`` and its standard errors.

    Raises
    ------
    InputError
        If a chosen site is not in the table, a number cannot be used, or fewer than two sites were chosen.

    Examples
    --------
    >>> import pandas as pd
    >>> import lipresearch as lip
    >>> sample = lip.synthetic_sample(2)
    >>> effects = pd.DataFrame({"estimate": [1.0, 1.0], "standard_error": [0.1, 0.1]}, index=list(sample.sites))
    >>> round(lip.average_effect(sample, effects).estimate, 6)
    1.0
    """
    return _synthetic.average_effect(sample, effects, decimals)


def balanced_sample(
    n: int,
    *,
    use: Use = "general",
    chances: pd.Series | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    seed: int = 2010,
    roster: str = DEFAULT_ROSTER,
    root: Path | str | None = None,
) -> _balanced.BalancedSample:
    """Draw sites at random so that estimated means match the roster's as nearly as may be.

    See :func:`lipresearch.comparison.balanced.balanced_sample`. Sites that overlap would be drawn together by chance,
    so one of each such pair must be excluded first; the message names them.

    Parameters
    ----------
    n : int
        Size of the sample.
    use : str, sequence of str or DataFrame
        What to compare by; see :func:`load_covariates`.
    chances : Series, optional
        Relative chances (index: site, above 0); default: equal.
    include, exclude : iterable of str
        Sites that are drawn for sure; sites that are taken off the roster first.
    seed : int
        Of the random draws; the same seed gives the same result.
    roster : str
        Which list of sites; or a table of your own, as ``my_sites.csv``.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    BalancedSample
        ``sites`` with the chance of each, and in ``table`` how near the estimated means come to the roster's.

    Raises
    ------
    InputError
        If sites of the roster overlap, n is out of range, a site is unknown, or a chance is not above 0.

    Examples
    --------
    >>> import lipresearch as lip
    >>> wider = ["northwestern-ontario", "renfrew-lanark", "toronto-city"]
    >>> len(lip.balanced_sample(6, exclude=wider).sites)
    6
    """
    where = _root(root)
    covariates = load_covariates(use, roster, where)
    out = list(exclude)
    pairs = _overlaps(where, roster, [site for site in covariates.complete()[0].sites if site not in set(out)])
    if pairs:
        wider = sorted({other for _, other in pairs})
        raise InputError(
            f"{len(pairs)} pairs of sites overlap ({pairs[0][0]} and {pairs[0][1]}, for instance) and could be drawn "
            f"together. Exclude one of each; the wider ones are {', '.join(wider)}."
        )
    return _balanced.balanced_sample(covariates, n, chances=chances, include=include, exclude=out, seed=seed)


def power_table(
    sites: Iterable[int] = (4, 6, 8, 10, 12, 16, 20),
    participants_per_site: Iterable[int] = (20, 50, 100),
    intraclass_correlation: Iterable[float] = (0.01, 0.05, 0.1),
    effect: Iterable[float] = (0.2, 0.35, 0.5),
    *,
    design: str = "between sites",
    effect_variance: Iterable[float] = (0.0,),
    alpha: float = 0.05,
    target: float = 0.8,
) -> _power.PowerTable:
    """Return the power of every combination of sites, participants, correlation and effect.

    See :func:`lipresearch.comparison.power.power_table`.

    Parameters
    ----------
    sites, participants_per_site, intraclass_correlation, effect, effect_variance : iterable
        Values to combine; see :func:`lipresearch.comparison.power.site_power`.
    design : {"between sites", "within sites"}
        Whether whole sites get a treatment, or people within every site.
    alpha, target : float
        Level of the test, and the power looked for, above it and below 1.

    Returns
    -------
    PowerTable
        ``table``: one row a combination with its power and the smallest effect that is found with the target power.

    Raises
    ------
    InputError
        If a list is empty or holds a value twice, or a number is out of range.

    Examples
    --------
    >>> import lipresearch as lip
    >>> lip.power_table([6, 12], [50], [0.05], [0.5]).curve("sites")["power"].round(2).tolist()
    [0.43, 0.84]
    """
    return _power.power_table(
        sites,
        participants_per_site,
        intraclass_correlation,
        effect,
        design=design,
        effect_variance=effect_variance,
        alpha=alpha,
        target=target,
    )


def _map_sites(root: Path, roster: str) -> tuple[pd.DataFrame, _boundaries.Outlines]:
    if _rosters.is_own(roster):
        raise InputError(f"{roster} holds no outlines of its sites, so no map of them can be drawn. {WITHOUT_MAP}")
    return _build.load_site_types(root, roster), _map_outlines(root)


#: What there is instead of a map for a roster of one's own.
WITHOUT_MAP = "lipresearch rank, robustness and select give the tables: add --format markdown --output FILE."


def _check_known(sites: Iterable[str], types: pd.DataFrame) -> None:
    """Raise where sites are not the project's, whose outlines are known."""
    lacking = sorted(set(sites) - set(types.index))
    if lacking:
        raise InputError(
            "A map needs the outlines of the project's sites, and there are none of "
            f"{', '.join(lacking[:5])}{' and others' if len(lacking) > 5 else ''}. {WITHOUT_MAP}"
        )


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

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

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


def map_types(
    attribute: str = "settlement_type", roster: str = DEFAULT_ROSTER, root: Path | str | None = None
) -> Figure:
    """Return a map of a category of the sites: settlement type, orientation, city tier, ...

    See :func:`lipresearch.maps.map_types`.

    Parameters
    ----------
    attribute : str
        A category as ``load_sites`` names it, of at most six levels.
    roster : str
        Which sites are drawn; one without known areas is named under the map.
    root : path, optional
        Project folder.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If there is no such category, no site's level is known, or there are more levels than a map can tell apart.

    Examples
    --------
    >>> import lipresearch as lip
    >>> print(lip.map_types("orientation").get_gid().split(":")[0])
    Orientation of 38 sites
    """
    from lipresearch import maps

    return maps.map_types(*_map_sites(_root(root), roster), attribute)


def map_selection(
    selection: _selection.Selection | Sequence[str],
    alternates: Sequence[str] = (),
    roster: str = DEFAULT_ROSTER,
    title: str = "",
    root: Path | str | None = None,
) -> Figure:
    """Return a map of selected sites, their alternates and the other candidates.

    See :func:`lipresearch.maps.map_selection`.

    Parameters
    ----------
    selection : Selection or sequence of str
        As ``choose_sites`` returns it, or site ids.
    alternates : sequence of str
        Site ids; default: the alternates of the selection.
    roster : str
        The candidates.
    title : str
        The finding; default: how many sites of which types lie in how many economic regions.
    root : path, optional
        Project folder.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If nothing is selected, or a site is unknown or listed twice.

    Examples
    --------
    >>> import lipresearch as lip
    >>> figure = lip.map_selection(["huron", "peel"], alternates=["timmins"])
    >>> print(figure.get_gid().split(".")[0])
    2 sites, 1 urban and 1 rural, in 2 economic regions
    """
    from lipresearch import maps

    if isinstance(selection, _selection.Selection):
        others = [site for site in selection.alternates["replacement"] if site]
        alternates = alternates or list(dict.fromkeys(others))
        selection = selection.sites
    return maps.map_selection(*_map_sites(_root(root), roster), selection, alternates, title)


def map_ranking(ranking: _ranking.Ranking, top: int = 6, root: Path | str | None = None) -> Figure:
    """Return a map of a ranking: shades for the scores, labels with the rank of the first sites.

    See :func:`lipresearch.maps.map_ranking`.

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.
    top : int
        Ranks to label, from 1; sites that share the last one are all labelled.
    root : path, optional
        Project folder; default: found from the working folder.

    Returns
    -------
    Figure
        Not attached to pyplot; what it shows, in words, is ``figure.get_gid()``.

    Raises
    ------
    InputError
        If no site is ranked, ``top`` is not a whole number from 1, or the sites are not the project's.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> print(lip.map_ranking(ranking).get_gid().split(":")[0])
    The first 6 sites for health care, mental health and well-being
    """
    from lipresearch import maps

    where = _root(root)
    types = _build.load_all_types(where)
    _check_known(ranking.table["site"], types)
    return maps.map_ranking(ranking, types, _map_outlines(where), top)


# -- the memo -----------------------------------------------------------------------------------------

#: Datasets that the kinds of place are computed from, and those of the map.
KIND_DATA = ("geography_2021", "population_2021", "remoteness_2021")
MAP_DATA = ("boundaries_2021", "toronto_boundaries")
#: A page is narrower than the map, so its text is larger.
MAP_TEXT = 1.4


def write_memo(
    selection: _selection.Selection,
    path: Path | str,
    language: str = "en",
    *,
    date: str = "",
    draws: int = 20_000,
    seed: int = 2010,
    root: Path | str | None = None,
    roster: str | None = None,
) -> Path:
    """Write a decision memo about a set of sites, for an ethics board or a funder, and return its path.

    It holds the question and who asked it, the design with the rationale of each demand, the recommended sites with
    reasons in plain words, a map, alternates, how sure the recommendation is, evidence grades, what is missing,
    partners, what it does not show, attribution, and what is needed to make it again byte for byte.

    Parameters
    ----------
    selection : Selection
        As ``choose_sites`` returns it.
    path : path
        Its ending says as what: ``.html`` (one file that needs nothing else), ``.docx`` or ``.pdf``.
    language : {"en", "fr"}
        Texts of a user that exist in English only are marked as such in French.
    date : str, optional
        A day as ``2026-11-24`` to stand under the title; default: none.
    draws, seed : int
        Of weights and evidence, for rank acceptability and the core index.
    root : path, optional
        Project folder.
    roster : str, optional
        The table of sites (``my_sites.csv``) where a roster of one's own was ranked. Such a memo has no map, and its
        sources are those of the table of measures.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        For another ending, language or form of date, where ``selection`` is not a selection, or its sites are not
        those of the roster.
    NotFoundError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> selection = lip.choose_sites(ranking, lip.load_design("six-sites"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lip.write_memo(selection, f"{folder}/memo.html", draws=100).name
    'memo.html'
    """
    if not isinstance(selection, _selection.Selection):
        raise InputError(f"A selection is what choose_sites returns, not {type(selection).__name__}.")
    target = check_memo(path, language, date)
    material = _material(selection, language, target.suffix.lower(), draws, seed, _root(root), roster)
    return _memo.save(_memo.make_memo(material, language, date), target)


def check_memo(path: Path | str, language: str, date: str) -> Path:
    """Return the file that a memo is to be written to; raise ``InputError`` for an ending, language or date amiss."""
    _memo.spoken_date(date, _memo.Phrases(language))
    return _memo.check_target(path)


def _material(
    selection: _selection.Selection,
    language: str,
    ending: str,
    draws: int,
    seed: int,
    root: Path,
    own: str | None = None,
) -> _memo.Material:
    """Return what a memo is made from, read from the project and drawn."""
    from lipresearch import plots

    rankings = selection.rankings
    own = own if own is not None and _rosters.is_own(own) else None
    types = _types_of(root, rankings[0], own)
    listed = set(rankings[0].table["site"])
    roster = None if own else next((one for one in load_rosters(root).values() if set(one.sites) == listed), None)
    named = own or (roster.roster if roster else "")
    unsure = [data_uncertainty(ranking, roster=named or DEFAULT_ROSTER, root=root) for ranking in rankings]
    top = min(selection.design.sites, *(len(ranking.ranked) for ranking in rankings))
    often = tuple(
        _rank_acceptability(ranking, uncertainty=error, draws=draws, seed=seed, top=top)
        for ranking, error in zip(rankings, unsure, strict=True)
    )
    core = None
    if selection.design.objective == "suitability":
        drawn = [
            sample_scores(ranking, uncertainty=error, draws=draws, seed=seed)
            for ranking, error in zip(rankings, unsure, strict=True)
        ]
        core = core_index(selection, drawn)
    others = _memo.alternates(selection)
    chart = None
    shown = [site for site in (*selection.sites, *others) if site in often[0].table.index]
    if len(rankings) == 1 and shown:
        names = dict(types["name_fr"]) if language == "fr" else {}
        chart = _memo.picture(plots.plot_acceptability(often[0], sites=shown, language=language, names=names))
    tables = _design.load_design(root)
    datasets, supplied = _memo_data(selection, root, own)
    notes = load_notes(root)
    return _memo.Material(
        selection=selection,
        names=dict(types["name"]),
        names_fr=dict(types["name_fr"]),
        roster=roster.label if roster else "",
        roster_fr=roster.label_fr if roster else "",
        acceptability=often,
        core=core,
        map=None if own else _memo.picture(_memo_map(selection, others, types, language, root)),
        chart=chart,
        measures=read_measures(root),
        overlaps={site: tuple(filter(None, cell.split(";"))) for site, cell in types["overlaps"].items()},
        perspectives=tables.perspectives,
        notes=notes.iloc[:0] if own else notes,
        partners=load_partners(root=root),
        priorities=load_priorities(root=root),
        surveys=load_surveys(root=root),
        datasets=datasets,
        supplied=supplied,
        stated=() if own is None else _stated(selection, own, root),
        reproduction=_memo.Reproduction(
            version=importlib.metadata.version("lipresearch"),
            hashes=_memo_hashes(root, own),
            seed=seed,
            draws=draws,
            command=_memo_command(selection, named, language, ending, draws, seed, root),
        ),
    )


def _memo_map(
    selection: _selection.Selection, others: Sequence[str], types: pd.DataFrame, language: str, root: Path
) -> Figure:
    from lipresearch import maps

    mine = types.loc[list(selection.rankings[0].table["site"])]
    return maps.map_selection(mine, _map_outlines(root), selection.sites, others, language=language, size=MAP_TEXT)


def _stated(selection: _selection.Selection, own: str, root: Path) -> tuple[str, ...]:
    """Return the sources that a roster of one's own states for what the rankings and the design use, each once."""
    rows = _rosters.load_own(root, own).supplied
    used = {measure for ranking in selection.rankings for measure in ranking.cluster.criteria["measure"]}
    used |= {*selection.design.measures, *(quota.measure for quota in selection.design.quotas)}
    return tuple(sorted(set(rows.loc[rows["measure"].isin(used), "source"]) - {""}))


def _memo_data(
    selection: _selection.Selection, root: Path, own: str | None = None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the datasets that a memo rests on, with what each is used for, and the files of supplied evidence."""
    parts = pd.concat([ranking.contributions for ranking in selection.rankings])
    design = selection.design
    named = {*design.measures, *(quota.measure for quota in design.quotas if quota.measure)}
    cells = list(parts["sources"])
    if named:
        every = pd.concat([_build.load_site_measures(root, each) for each in ([own] if own else load_rosters(root))])
        cells += list(every.loc[every["measure"].isin(named), "sources"])
    sources = {name for cell in cells for name in str(cell).split(";") if name}
    cards = load_sources(root)
    used = [
        ";".join(
            word
            for word, names in (("scores", sources), *(() if own else (("kinds", KIND_DATA), ("map", MAP_DATA))))
            if dataset in names
        )
        for dataset in cards["dataset"]
    ]
    supplied = tuple(sorted(sources - set(cards["dataset"])))
    cards = cards.assign(used=used)
    return cards[cards["used"] != ""].reset_index(drop=True), supplied


def _memo_hashes(root: Path, own: str | None = None) -> tuple[tuple[str, str], ...]:
    designs = sorted((root / _designs.FOLDER).glob("*.toml"))
    files = _build.design_hashes(root) | {relative(path, root): _registry.sha256_of(path) for path in designs}
    digest = hashlib.sha256("".join(f"{name} {files[name]}\n" for name in sorted(files)).encode())
    beside = _rosters.files_of(Path(own)) if own else ()
    return (
        ("registry", _registry.sha256_of(root / _registry.REGISTRY)),
        ("design", digest.hexdigest()),
        ("manifest", _registry.sha256_of(root / _build.MANIFEST)),
        *((name, _registry.sha256_of(path)) for name, path in beside if path.is_file()),
    )


def memo_name(clusters: Sequence[str], design: str, language: str, ending: str) -> str:
    """Return the name of a memo's file where none is given.

    >>> memo_name(["health"], "six-sites", "fr", ".pdf")
    'memo_health_six-sites_fr.pdf'
    """
    which = clusters[0] if len(clusters) == 1 else "all"
    return f"memo_{which}_{design}{'' if language == 'en' else f'_{language}'}{ending}"


def _memo_command(
    selection: _selection.Selection, roster: str, language: str, ending: str, draws: int, seed: int, root: Path
) -> str:
    """Return the command that makes the same memo; empty where the project's tables do not give the selection."""
    clusters = [ranking.cluster for ranking in selection.rankings]
    names = [cluster.cluster for cluster in clusters]
    design = selection.design
    asked = {
        row.site: row.reason
        for row in selection.excluded.itertuples()
        if row.site not in dict(design.exclude) and not row.reason.startswith("not ranked: ")
    }
    try:
        same = bool(roster) and load_design(design.design, root, roster) == design
        measures = _build.load_site_measures(root, roster) if same else pd.DataFrame()
        for ranking in selection.rankings if same else ():
            again = _ranking.rank_sites(
                measures, load_cluster(ranking.cluster.cluster, ranking.cluster.perspective, root)
            )
            same &= again.contributions.equals(ranking.contributions)
    except LipresearchError:
        same = False
    default = [_design.load_cluster(root, name).perspective for name in names] if same else []
    stances = [cluster.perspective for cluster in clusters]
    same &= len(names) == 1 or default == stances
    if not same or set(asked.values()) - {_selection.ASKED}:
        return ""
    words = ["lipresearch", "memo", names[0] if len(names) == 1 else "all", "--design", design.design]
    words += ["--perspective", stances[0]] if default != stances else []
    words += ["--roster", roster] if roster != DEFAULT_ROSTER else []
    words += [word for site in asked for word in ("--exclude", site)]
    words += ["--language", language] if language != "en" else []
    words += ["--draws", str(draws)] if draws != 20_000 else []
    words += ["--seed", str(seed)] if seed != 2010 else []
    words += ["--output", memo_name(names, design.design, language, ending)] if ending != ".html" else []
    return shlex.join(words)
