"""Executed notebooks: what is stored, what is taken out, and what is left as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import lipresearch as lip
from lipresearch import report, whatif
from lipresearch.errors import LipresearchError
from lipresearch.paths import project_root

ROOT = project_root()

CELLS = (
    "import lipresearch as lip\nlip.notebook.setup()",
    'ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))\n'
    'panel = lip.what_if(ranking, lip.load_design("health"))\npanel',
    'panel.controls.weights["2.2"].value = 80',
)


def notebook_of(cells: tuple[str, ...]) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{at}") for at, source in enumerate(cells)]
    return notebook


def test_a_notebook_keeps_the_tables_and_loses_the_widgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(ROOT))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    live = notebook_of(CELLS)
    NotebookClient(live, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = live.cells[1].outputs
    assert whatif.WIDGET_VIEW in outputs[0]["data"]
    assert "widgets" in live.metadata
    # The cell after it moved a slider: the tables of the first cell were replaced, and none was added.
    assert len(outputs) == 4
    assert "61.5 % instead of 50.0 %" in outputs[1]["data"]["text/html"]
    assert "61.5 % instead" not in outputs[0]["data"]["text/plain"]
    assert live.cells[2].outputs == []

    report.strip_widgets(live)
    assert "widgets" not in live.metadata
    assert len(live.cells[1].outputs) == 4
    assert all(set(output["data"]) == {"text/plain", "text/html"} for output in live.cells[1].outputs)
    assert "model_id" not in nbformat.writes(live)

    path = tmp_path / "panel.ipynb"
    path.write_text(nbformat.writes(notebook_of(CELLS[:2])), encoding="utf-8")
    report.store([path], ROOT)
    once = path.read_bytes()
    report.store([path], ROOT)
    assert path.read_bytes() == once
    assert b"widget" not in once
    assert b"The recommended set" in once


def test_an_output_that_is_only_a_widget_is_taken_out() -> None:
    notebook = notebook_of(("x", "y"))
    only = nbformat.v4.new_output("display_data", data={whatif.WIDGET_VIEW: {"model_id": "1"}})
    beside = nbformat.v4.new_output("display_data", data={whatif.WIDGET_VIEW: {"model_id": "2"}, "text/plain": "text"})
    plain = nbformat.v4.new_output("stream", name="stdout", text="printed")
    notebook.cells[0].outputs = [only, beside, plain]
    report.strip_widgets(notebook)
    assert notebook.cells[0].outputs == [
        nbformat.v4.new_output("display_data", data={"text/plain": "text"}),
        plain,
    ]


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text(nbformat.writes(notebook_of(("1 / 0",))), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(LipresearchError, match=r"broken\.ipynb stopped: ZeroDivisionError: division by zero"):
        report.store([path], ROOT)
    assert path.read_bytes() == before
    assert capsys.readouterr().out == "notebook 1 of 1: broken.ipynb\n"


def test_templates_are_no_notebooks_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    for name in ("10_b.ipynb", "_template.ipynb", "01_a.ipynb", "notes.md"):
        (tmp_path / "notebooks" / name).write_text("{}", encoding="utf-8")
    assert [path.name for path in report.notebooks_of(tmp_path)] == ["01_a.ipynb", "10_b.ipynb"]


def test_nothing_is_written_where_nothing_changed(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stamp names what was written and from what; it is believed only while all of it is there."""
    stamp = project_copy / report.STAMP
    figure = project_copy / "outputs" / "figures" / "a.png"
    figure.parent.mkdir(parents=True)
    figure.write_bytes(b"a picture")
    stamp.write_text(
        json.dumps({"fingerprint": report._fingerprint(project_copy), "files": ["outputs/figures/a.png"]}),
        encoding="utf-8",
    )
    said: list[str] = []
    where = report.write_report(project_copy, said.append)
    assert said == ["nothing changed: notebooks and figures are up to date"]
    assert where["Figures (.png)"] == figure.parent

    monkeypatch.setattr(report, "load_site_measures", lambda root: pytest.fail("the work began"))
    figure.unlink()
    with pytest.raises(pytest.fail.Exception, match="the work began"):
        report.write_report(project_copy)
    figure.write_bytes(b"a picture")
    assert report.write_report(project_copy) == where
    (project_copy / "notebooks").mkdir()
    (project_copy / "notebooks" / "01_new.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(pytest.fail.Exception, match="the work began"):
        report.write_report(project_copy)


def test_the_report_is_made_once_and_again_when_something_is_gone(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    clusters = lip.list_clusters()
    monkeypatch.setattr(report.public, "list_clusters", lambda root: clusters[clusters["cluster"] == "health"])
    monkeypatch.setattr(report, "CORE_DRAWS", 20)
    folder = project_copy / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("00_one.ipynb", "_template.ipynb"):
        folder.joinpath(name).write_text(nbformat.writes(notebook_of(("print(6 * 7)",))), encoding="utf-8")
    said: list[str] = []
    where = report.write_report(project_copy, said.append)
    assert said[0] == "figures of health"
    assert said[-2:] == ["figure of the evidence for all clusters", "notebook 1 of 1: 00_one.ipynb"]
    figures, books = project_copy / "outputs" / "figures", project_copy / "outputs" / "notebooks"
    assert list(where.values()) == [books, figures, project_copy / "data" / "derived" / "rankings"]
    kinds = ("ranking", "contributions", "coverage", "acceptability", "rank_variance", "weight_sensitivity")
    drawn = {path.stem for path in figures.glob("*.png")}
    assert drawn >= {"coverage_all_clusters", *(f"{kind}_health" for kind in kinds)}
    designs = lip.list_designs()
    mine = {f"core_index_health_{design}" for design in designs.index[designs["clusters"] == "health"]}
    left = {line.split(" under ")[1].split(":")[0] for line in said if line.startswith("core index of health")}
    assert {name for name in drawn if name.startswith("core_index")} == mine - {f"core_index_health_{x}" for x in left}
    assert "42" in (books / "00_one.html").read_text(encoding="utf-8")
    assert [path.name for path in sorted(books.iterdir())] == ["00_one.html", "00_one.ipynb"]

    again: list[str] = []
    assert report.write_report(project_copy, again.append) == where
    assert again == ["nothing changed: notebooks and figures are up to date"]

    (figures / "ranking_health.png").unlink()
    monkeypatch.setattr(report.public, "list_clusters", lambda root: clusters.iloc[:0])
    report.write_report(project_copy, again.append)
    assert again[1:] == said[-2:]
    stamp = project_copy / report.STAMP
    assert "outputs/figures/ranking_health.png" not in json.loads(stamp.read_text(encoding="utf-8"))["files"]
