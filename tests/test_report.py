"""Executed notebooks: what is stored, what is taken out, and what is left as it was."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

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
