"""Executed notebooks, figures and ranking tables for reading, in ``outputs/``."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipresearch import public
from lipresearch.build import MANIFEST, load_site_measures
from lipresearch.errors import InputError, LipresearchError
from lipresearch.paths import PROJECT_VARIABLE, project_root, relative
from lipresearch.ranking import Ranking, rank_sites
from lipresearch.registry import sha256_of
from lipresearch.robustness import Uncertainty, explain_rank_variance, rank_acceptability, sample_scores
from lipresearch.tables import write_text
from lipresearch.whatif import WIDGET_VIEW

if TYPE_CHECKING:
    from nbformat import NotebookNode

STAMP = "outputs/report.json"
#: Longest time a cell of a notebook may take, in seconds.
CELL_SECONDS = 120
#: Draws behind a core index; each is a search for the best set.
CORE_DRAWS = 2000


def notebooks_of(root: Path) -> list[Path]:
    """Return the project's notebooks, without templates (names that begin with an underscore)."""
    return sorted(path for path in (root / "notebooks").glob("*.ipynb") if not path.name.startswith("_"))


def _fingerprint(root: Path) -> str:
    digest = hashlib.sha256()
    files = [root / MANIFEST, *notebooks_of(root), *sorted(Path(__file__).resolve().parent.rglob("*.py"))]
    for path in files:
        digest.update(path.name.encode() + sha256_of(path).encode())
    return digest.hexdigest()


def strip_widgets(notebook: NotebookNode) -> None:
    """Take the data of widgets out of an executed notebook, in place; the text beside them stays.

    A widget is drawn by a running kernel, under an id that is new in every run: without its data a stored notebook is
    the same every time and reads in every viewer. An output that held nothing else is taken out too.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            if output.get("data", {}).pop(WIDGET_VIEW, None) is None or output["data"]:
                kept.append(output)
        if "outputs" in cell:
            cell["outputs"] = kept


def run_notebook(notebook: Path, root: Path) -> NotebookNode:
    """Return a notebook run from top to bottom, without the data of widgets.

    Raises
    ------
    LipresearchError
        Naming the notebook and the error of the cell that failed.
    """
    import nbformat
    from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor

    content: NotebookNode = nbformat.read(notebook, as_version=4)
    before = os.environ.get(PROJECT_VARIABLE)
    os.environ[PROJECT_VARIABLE] = str(root)
    try:
        runner = ExecutePreprocessor(
            timeout=CELL_SECONDS,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            record_timing=False,
            store_widget_state=False,
        )
        runner.preprocess(content, {"metadata": {"path": str(notebook.parent)}})
    except CellExecutionError as error:
        raise LipresearchError(f"{relative(notebook, root)} stopped: {error.ename}: {error.evalue}") from None
    finally:
        if before is None:
            del os.environ[PROJECT_VARIABLE]
        else:
            os.environ[PROJECT_VARIABLE] = before
    strip_widgets(content)
    return content


def execute(notebook: Path, target: Path, root: Path) -> None:
    """Run a notebook and store it executed, as a notebook and as a page; see ``run_notebook``."""
    import nbformat
    from nbconvert import HTMLExporter

    content = run_notebook(notebook, root)
    write_text(target.with_suffix(".ipynb"), nbformat.writes(content) + "\n")
    page, _ = HTMLExporter().from_notebook_node(content)
    write_text(target.with_suffix(".html"), page)


def _draw_core_indices(ranking: Ranking, unsure: Uncertainty, root: Path, say: Callable[[str], None]) -> None:
    """Draw how often each site is in the best set, for every design that serves this cluster alone."""
    name = ranking.cluster.cluster
    listed = public.list_designs(root)
    drawn = sample_scores(ranking, uncertainty=unsure, draws=CORE_DRAWS)
    for design in listed.index[listed["clusters"] == name]:
        try:
            chosen = public.choose_sites(ranking, public.load_design(design, root), root=root)
            figure = public.plot_core_index(public.core_index(chosen, drawn))
        except InputError as error:
            say(f"core index of {name} under {design}: none. {error}")
            continue
        figure.savefig(root / "outputs" / "figures" / f"core_index_{name}_{design}.png", dpi=150)


def write_report(root: Path, progress: Callable[[str], None] | None = None) -> dict[str, Path]:
    """Execute every notebook and draw every cluster's figures, or do nothing if nothing changed since.

    Returns
    -------
    dict
        What was written, and the folder it is in.
    """
    say = progress or (lambda text: None)
    outputs = root / "outputs"
    where = {
        "Executed notebooks (.ipynb and .html)": outputs / "notebooks",
        "Figures (.png)": outputs / "figures",
        "Ranking tables (.csv)": root / "data" / "derived" / "rankings",
    }
    fingerprint = _fingerprint(root)
    try:
        stamp = json.loads((root / STAMP).read_text(encoding="utf-8"))
        if stamp["fingerprint"] == fingerprint and all((root / name).is_file() for name in stamp["files"]):
            say("nothing changed: notebooks and figures are up to date")
            return where
    except (OSError, ValueError, KeyError, TypeError):
        pass
    (outputs / "figures").mkdir(parents=True, exist_ok=True)
    measures = load_site_measures(root)
    for name in public.list_clusters(root)["cluster"]:
        cluster = public.load_cluster(name, root=root)
        ranking = rank_sites(measures, cluster) if not cluster.criteria.empty else None
        if ranking is None or ranking.ranked.empty:
            say(f"figures of {name}: none, no site is ranked yet")
            continue
        say(f"figures of {name}")
        public.plot_ranking(ranking, root).savefig(outputs / "figures" / f"ranking_{name}.png", dpi=150)
        public.plot_contributions(ranking).savefig(outputs / "figures" / f"contributions_{name}.png", dpi=150)
        public.plot_coverage(ranking).savefig(outputs / "figures" / f"coverage_{name}.png", dpi=150)
        unsure = public.data_uncertainty(ranking, root=root)
        often = rank_acceptability(ranking, uncertainty=unsure, draws=20_000)
        public.plot_acceptability(often).savefig(outputs / "figures" / f"acceptability_{name}.png", dpi=150)
        moved = explain_rank_variance(ranking, unsure)
        public.plot_rank_variance(moved).savefig(outputs / "figures" / f"rank_variance_{name}.png", dpi=150)
        if len(cluster.criteria) > 1:
            weights = public.plot_weight_sensitivity(ranking, root=root)
            weights.savefig(outputs / "figures" / f"weight_sensitivity_{name}.png", dpi=150)
        _draw_core_indices(ranking, unsure, root, say)
    say("figure of the evidence for all clusters")
    matrix = public.coverage_matrix(measures, root=root)
    public.plot_coverage_matrix(matrix).savefig(outputs / "figures" / "coverage_all_clusters.png", dpi=150)
    books = notebooks_of(root)
    for place, notebook in enumerate(books, start=1):
        say(f"notebook {place} of {len(books)}: {notebook.name}")
        execute(notebook, outputs / "notebooks" / notebook.stem, root)
    made = [relative(path, root) for path in sorted(outputs.rglob("*")) if path.is_file() and path != root / STAMP]
    write_text(root / STAMP, json.dumps({"fingerprint": fingerprint, "files": made}, indent=2) + "\n")
    return where


def store(notebooks: Sequence[Path], root: Path) -> None:
    """Run notebooks where they lie and store their outputs, each whole or not at all.

    ``python -m lipresearch.report NOTEBOOK ...`` does this; ``make notebooks`` calls it.

    Raises
    ------
    LipresearchError
        Naming the first notebook that failed; those before it are stored.
    """
    import nbformat

    for place, notebook in enumerate(notebooks, start=1):
        print(f"notebook {place} of {len(notebooks)}: {notebook.name}", flush=True)
        content = run_notebook(notebook, root)
        write_text(notebook, nbformat.writes(content) + "\n")


if __name__ == "__main__":
    try:
        store([Path(name) for name in sys.argv[1:]], project_root())
    except LipresearchError as error:
        sys.exit(f"Error: {error}")
