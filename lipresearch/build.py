"""From ``data/raw`` and ``data/design`` to ``data/derived``, byte for byte the same every time."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lipresearch.catchments import load_catchments, load_overlaps
from lipresearch.context import check_context
from lipresearch.design import cluster_of, load_design
from lipresearch.downloads import load_downloads
from lipresearch.errors import InputError, NotFoundError, Problem, StaleError, TableError
from lipresearch.evidence import Evidence, compute_measures, compute_site_types, read_measures
from lipresearch.factors import factor_table
from lipresearch.growth import LANGUAGE_CORRESPONDENCE
from lipresearch.matching_tables import load_matching_measures
from lipresearch.more_evidence import city_tiers, orientations
from lipresearch.official.characteristics import load_characteristics
from lipresearch.paths import relative
from lipresearch.precision import load_precision
from lipresearch.ranking import Ranking, rank_sites
from lipresearch.registry import REGISTRY, sha256_of, verify_raw
from lipresearch.rosters import is_own, load_own
from lipresearch.sites import (
    DEFAULT_ROSTER,
    load_roster,
    load_rosters,
    load_site_notes,
    load_sites,
    read_design,
)
from lipresearch.steps import ALL_STEPS
from lipresearch.supplied import apply_supplied, evidence_files, load_supplied
from lipresearch.tables import UNFINISHED, Column, Schema, format_number, read_table, write_table, write_text
from lipresearch.vintages import load_area_correspondence

#: How the folder of a build that is not finished is called.
WORK = ".building-"
MANIFEST = "data/derived/manifest.json"
MEASURES_FILE = "data/derived/site_measures.csv"
SITES_FILE = "data/derived/sites.csv"

#: Design tables that site measures and site types are made from.
MEASURE_INPUTS = (
    "area_correspondence",
    "borders",
    "catchments",
    "french_designation",
    "language_correspondence",
    "measures",
    "roster_sites",
    "rosters",
    "sites",
)

BORDERS = Schema(
    (
        Column("site", "id"),
        Column("provincial_boundary", "choice", choices=("Quebec", "Manitoba", "none")),
        Column("us_border", "flag"),
        Column("crossing"),
        Column("source"),
    ),
    ("site",),
)
FRENCH = Schema(
    (
        Column("site", "id"),
        Column("designation", "choice", choices=("whole", "part", "none", "not applicable")),
        Column("areas", required=False),
        Column("source"),
    ),
    ("site",),
)
SITE_MEASURES = Schema(
    (
        Column("site", "id"),
        Column("name"),
        Column("measure", "id"),
        Column("label"),
        Column("value", "number", reasons=True),
        Column("low", "number", reasons=True),
        Column("high", "number", reasons=True),
        Column("decimals", "count", whole=True),
        Column("unit"),
        Column("universe"),
        Column("vintage", required=False),
        Column("grade", required=False),
        Column("covered", "share"),
        Column("reason", required=False),
        Column("detail", required=False),
        Column("sources", required=False),
        Column("supplied", "flag"),
    ),
    ("site", "measure"),
)
SITE_TYPES = Schema(
    tuple(
        Column(name, required=name in ("site", "name", "name_fr", "province", "lead_kind", "rosters"))
        for name in (
            "site",
            "name",
            "name_fr",
            "province",
            "rosters",
            "settlement_type",
            "field_study_group",
            "region",
            "regions",
            "northern",
            "scale",
            "city_tier",
            "orientation",
            "lead_kind",
            "provincial_boundary",
            "us_border",
            "french_designation",
            "overlaps",
        )
    ),
    ("site",),
)


@dataclass(frozen=True)
class Built:
    """What a build did: the files of ``data/derived``, and whether they had to be made."""

    files: tuple[str, ...]
    changed: tuple[str, ...]
    fresh: bool


def design_hashes(root: Path, names: Iterable[str] | None = None) -> dict[str, str]:
    """Return ``{file: sha256}`` of design tables (default all but participants' weights, which nothing here reads)."""
    folder = root / "data" / "design"
    present = [path for path in sorted(folder.rglob("*.csv")) if folder / "weights" not in path.parents]
    files = present if names is None else [folder / f"{name}.csv" for name in names]
    return {relative(path, root): sha256_of(path) for path in files if path.is_file()}


def code_hash() -> str:
    """Return one SHA-256 over the package's sources that compute ``data/derived`` (line ends do not matter)."""
    package = Path(__file__).resolve().parent
    names = ["build", "catchments", "design", "evidence", "further_evidence", "growth", "more_evidence", "ranking"]
    names += ["sites", "steps", "supplied", "tables", "text_evidence", "vintages"]
    files = [package / f"{name}.py" for name in names]
    files += sorted((package / "measures").glob("*.py")) + sorted((package / "sources").glob("*.py"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(relative(path, package).encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def _inputs(root: Path) -> dict[str, Any]:
    return {"registry": sha256_of(root / REGISTRY), "design": design_hashes(root), "code": code_hash()}


def read_manifest(root: Path) -> dict[str, Any] | None:
    """Return the manifest of ``data/derived``, or None where there is none or it cannot be read."""
    try:
        content = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return None
    parts = (content.get("inputs"), content.get("outputs")) if isinstance(content, dict) else ()
    tables = [*parts, parts[0].get("design", {})] if parts and isinstance(parts[0], dict) else [None]
    return content if all(isinstance(part, dict) for part in tables) else None


def is_fresh(root: Path) -> bool:
    """Whether ``data/derived`` was made from exactly the present inputs and has not been touched since."""
    manifest = read_manifest(root)
    if manifest is None or manifest["inputs"] != _inputs(root):
        return False
    outputs: dict[str, str] = manifest["outputs"]
    present = {relative(path, root) for path in (root / "data" / "derived").rglob("*.csv")}
    return present == set(outputs) and all(sha256_of(root / name) == digest for name, digest in outputs.items())


# -- making -----------------------------------------------------------------------------------------


def _site_rows(root: Path, sites: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return borders and French designation indexed by site: each table holds one row for every site."""
    borders = read_design(root, "borders", BORDERS).set_index("site")
    french = read_design(root, "french_designation", FRENCH).set_index("site")
    problems = []
    for name, frame in (("borders", borders), ("french_designation", french)):
        file = f"data/design/{name}.csv"
        problems += [
            Problem(file, 0, "site", f"no row {site}", "one row a site", "Add the row.")
            for site in sorted(set(sites.index) - set(frame.index))
        ]
        problems += [
            Problem(file, 0, "site", site, "a site of sites.csv", "Remove the row.")
            for site in sorted(set(frame.index) - set(sites.index))
        ]
    if problems:
        raise TableError(problems)
    return borders, french


def check_tables(root: Path) -> None:
    """Check every table of ``data/design`` before anything is measured (designs: ``lipresearch designs``).

    Raises
    ------
    TableError
        With all failures of all tables at once.
    """

    def supplied() -> None:
        load_supplied(root, set(load_sites(root).index), read_measures(root))

    problems: list[Problem] = []
    for check in (
        lambda: _site_rows(root, load_sites(root)),
        lambda: load_rosters(root),
        lambda: load_site_notes(root),
        lambda: load_overlaps(root, load_catchments(root)),
        lambda: factor_table(load_design(root)),
        lambda: load_precision(root),
        lambda: load_area_correspondence(root, load_catchments(root)),
        lambda: read_design(root, "language_correspondence", LANGUAGE_CORRESPONDENCE),
        lambda: load_matching_measures(root),
        lambda: check_context(root),
        lambda: load_characteristics(root),
        lambda: load_downloads(root),
        supplied,
    ):
        try:
            check()
        except TableError as error:
            problems += error.problems
    if problems:
        raise TableError(dict.fromkeys(problems))


def site_types(evidence: Evidence) -> pd.DataFrame:
    """Return every site's categories, computed and declared, as ``data/derived/sites.csv`` holds them."""
    root, sites = evidence.root, evidence.sites
    overlaps = load_overlaps(root, evidence.catchments)
    computed = compute_site_types(evidence).set_index("site")
    borders, french = _site_rows(root, sites)
    listed: dict[str, list[str]] = {site: [] for site in sites.index}
    for roster in load_rosters(root).values():
        for site in roster.sites:
            listed[site].append(roster.roster)
    others: dict[str, list[str]] = {site: [] for site in sites.index}
    for row in overlaps.itertuples():
        others[row.site].append(row.other)
        others[row.other].append(row.site)
    table = sites[["name", "name_fr", "province"]].copy()
    table["rosters"] = [";".join(sorted(listed[site])) for site in table.index]
    table = table.join(computed, validate="one_to_one")
    table["city_tier"] = city_tiers(evidence)
    table["orientation"] = orientations(evidence)
    table["lead_kind"] = sites["lead_kind"]
    table["provincial_boundary"] = borders["provincial_boundary"]
    table["us_border"] = borders["us_border"]
    table["french_designation"] = french["designation"]
    table["overlaps"] = [";".join(sorted(others[site])) for site in table.index]
    return table.rename_axis("site").reset_index()[SITE_TYPES.names]


def _measure_rows(evidence: Evidence, progress: Callable[[str], None] | None) -> list[list[str]]:
    supplied = load_supplied(evidence.root, set(evidence.sites.index), read_measures(evidence.root))
    table = apply_supplied(compute_measures(evidence, progress, ALL_STEPS), supplied)
    names = evidence.sites["name"]
    rows = []
    for row in table.itertuples():
        places = int(row.decimals)
        numbers = [
            row.reason if pd.isna(cell) else format_number(cell, places) for cell in (row.value, row.low, row.high)
        ]
        texts = [str(places), row.unit, row.universe, row.vintage, row.grade, format_number(row.covered, 4)]
        ends = [row.reason, row.detail, row.sources, row.supplied]
        rows.append([row.site, names[row.site], row.measure, row.label, *numbers, *texts, *ends])
    return rows


def ranking_rows(ranking: Ranking) -> tuple[list[str], list[list[str]]]:
    """Return the header and rows of a ranking as files hold them: scores and shares with four decimals."""
    table = ranking.table.merge(ranking.grades.reset_index().drop(columns="name"), on="site", validate="one_to_one")
    header = list(table.columns)
    rows = []
    for record in table.itertuples(index=False):
        cells = []
        for cell in record:
            if cell is None or pd.isna(cell):
                cells.append("")
            elif isinstance(cell, float):
                cells.append(format_number(cell, 4))
            else:
                cells.append(str(cell))
        rows.append(cells)
    return header, rows


def build(root: Path, progress: Callable[[str], None] | None = None, force: bool = False) -> Built:
    """Make ``data/derived`` anew, or do nothing if it is already made from these inputs.

    All tables of ``data/design`` are checked first. Measures are computed only if something that they are made from was
    changed; a criterion, a perspective or a cluster asks for new rankings alone.

    Everything is written into a temporary folder first and moved at the end: a build that fails or is
    killed leaves the old files as they were.

    Parameters
    ----------
    root : Path
        Project folder.
    progress : callable, optional
        Called with a short text before each step.
    force : bool
        Build all of it even if nothing changed.

    Returns
    -------
    Built

    Raises
    ------
    DataChangedError
        If ``data/raw`` is not the recorded one.
    TableError
        If a table breaks its rules.
    """
    verify_raw(root)
    check_tables(root)
    derived = root / "data" / "derived"
    if not force and is_fresh(root):
        manifest = read_manifest(root) or {"outputs": {}}
        return Built(tuple(sorted(manifest["outputs"])), (), fresh=False)
    say = progress or (lambda text: None)
    inputs = _inputs(root)
    derived.mkdir(parents=True, exist_ok=True)
    _sweep(derived)
    work = Path(tempfile.mkdtemp(prefix=WORK, dir=derived.parent))
    try:
        _make(root, work, say, force)
        outputs = {f"data/derived/{relative(path, work)}": sha256_of(path) for path in sorted(work.rglob("*.csv"))}
        changed = _install(root, work, outputs)
        manifest = {"inputs": inputs, "outputs": dict(sorted(outputs.items()))}
        write_text(root / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Built(tuple(sorted(outputs)), tuple(changed), fresh=True)


def _sweep(derived: Path) -> None:
    """Remove what builds left that were killed; one that began within the hour may still be running."""
    for path in [*derived.parent.glob(f"{WORK}*"), *derived.glob(f"{UNFINISHED}*")]:
        if time.time() - path.stat().st_mtime > 3600:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _make(root: Path, work: Path, say: Callable[[str], None], force: bool) -> None:
    if force or _measures_stale(root):
        say("Site types")
        evidence = Evidence(root)
        types = site_types(evidence)
        write_table(work / "sites.csv", SITE_TYPES.names, types.astype(str).to_numpy().tolist())
        rows = _measure_rows(evidence, say)
        write_table(work / "site_measures.csv", SITE_MEASURES.names, rows)
    else:
        say("Measures: as stored, nothing that they are made from was changed")
        for name in (SITES_FILE, MEASURES_FILE):
            shutil.copy(root / name, work / Path(name).name)
    design = load_design(root)
    measures = read_table(work / "site_measures.csv", SITE_MEASURES, MEASURES_FILE).values
    for roster in load_rosters(root).values():
        chosen = measures[measures["site"].isin(roster.sites)]
        for row in design.perspectives.sort_values(["cluster", "perspective"]).itertuples():
            cluster = cluster_of(design, row.cluster, row.perspective)
            if cluster.criteria.empty:
                continue
            say(f"Ranking {roster.roster}: {row.cluster}, {row.perspective}")
            header, cells = ranking_rows(rank_sites(chosen, cluster))
            write_table(work / "rankings" / roster.roster / f"{row.cluster}_{row.perspective}.csv", header, cells)


def _install(root: Path, work: Path, outputs: dict[str, str]) -> list[str]:
    """Move the made files into place; return the names of those that differ from before."""
    changed = []
    for name, digest in outputs.items():
        target = root / name
        if target.is_file() and sha256_of(target) == digest:
            continue
        changed.append(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(work / Path(name).relative_to("data/derived"), target)
    for path in (root / "data" / "derived").rglob("*.csv"):
        if relative(path, root) not in outputs:
            changed.append(relative(path, root))
            path.unlink()
    return changed


# -- reading ----------------------------------------------------------------------------------------


def check_measures_fresh(root: Path) -> None:
    """Raise ``StaleError`` unless the stored site measures were made from the present tables and code."""
    if read_manifest(root) is None:
        raise NotFoundError("data/derived has not been made yet. Run `lipresearch build`, then repeat.")
    why = _measures_stale(root)
    if why:
        raise StaleError(
            "The stored site measures do not belong to the present inputs: "
            + "; ".join(why)
            + ".\nRun `lipresearch build`, then repeat."
        )


def _measures_stale(root: Path) -> list[str]:
    """Return why the stored site measures are not those of the present tables and code; nothing if they are."""
    manifest = read_manifest(root)
    if manifest is None:
        return ["there are none"]
    recorded = manifest["inputs"]
    now = {"registry": sha256_of(root / REGISTRY), "code": code_hash()}
    why = []
    if recorded.get("registry") != now["registry"]:
        why.append("data/raw was compiled anew")
    evidence = "data/design/evidence/"
    before: dict[str, str] = recorded.get("design", {})
    present = design_hashes(root, [*MEASURE_INPUTS, *(f"evidence/{path.stem}" for path in evidence_files(root))])
    why += [f"{name} was changed" for name, digest in present.items() if before.get(name) != digest]
    why += [f"{name} is gone" for name in before if name.startswith(evidence) and name not in present]
    if recorded.get("code") != now["code"]:
        why.append("the code that computes them was changed")
    for name in (MEASURES_FILE, SITES_FILE):
        if not (root / name).is_file() or manifest["outputs"].get(name) != sha256_of(root / name):
            why.append(f"{name} is not the file that was made")
    return why


def load_site_measures(root: Path, roster: str = DEFAULT_ROSTER) -> pd.DataFrame:
    """Return the stored measures of a roster's sites, one row a site and measure.

    Those of a roster of one's own are read from its tables, and nothing else is.

    Raises
    ------
    DataChangedError, NotFoundError, StaleError
        If ``data/raw`` or ``data/derived`` is not what was recorded.
    """
    if is_own(roster):
        return load_own(root, roster).measures.copy()
    verify_raw(root)
    check_measures_fresh(root)
    table = read_table(root / MEASURES_FILE, SITE_MEASURES, MEASURES_FILE).values
    return table[table["site"].isin(load_roster(root, roster).sites)].reset_index(drop=True)


def load_site_types(root: Path, roster: str = DEFAULT_ROSTER) -> pd.DataFrame:
    """Return the stored categories of a roster's sites, indexed by site."""
    if is_own(roster):
        return load_own(root, roster).types.copy()
    return load_all_types(root).loc[list(load_roster(root, roster).sites)]


def site_measures_of(root: Path, site: str) -> pd.DataFrame:
    """Return the stored measures of one site of any roster.

    Raises
    ------
    InputError
        Naming sites whose id or name is near.
    """
    verify_raw(root)
    check_measures_fresh(root)
    table = read_table(root / MEASURES_FILE, SITE_MEASURES, MEASURES_FILE).values
    if site not in set(table["site"]):
        near = near_sites(site, table.drop_duplicates("site").set_index("site")["name"].to_dict())
        raise InputError(
            f"There is no site {site!r}."
            + (f" Did you mean {', '.join(near[:5])}?" if near else " See `lipresearch sites`.")
        )
    return table[table["site"] == site].reset_index(drop=True)


def near_sites(wanted: str, names: Mapping[str, str]) -> list[str]:
    """Return the ids of sites whose id or name holds a word, or else is spelled much like it.

    >>> near_sites("Peell", {"peel": "Peel", "york": "York"}), near_sites("york", {"new-york": "New York"})
    (['peel'], ['new-york'])
    """
    low = wanted.lower()
    inside = [site for site, name in names.items() if low and (low in site.lower() or low in name.lower())]
    return inside or difflib.get_close_matches(low, list(names), 3)


def load_all_types(root: Path) -> pd.DataFrame:
    """Return the stored categories of all sites of all rosters, indexed by site."""
    verify_raw(root)
    check_measures_fresh(root)
    return read_table(root / SITES_FILE, SITE_TYPES, SITES_FILE).values.set_index("site")
