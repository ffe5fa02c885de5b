"""All steps together compute every declared measure, each once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lipresearch.errors import TableError
from lipresearch.evidence import (
    Evidence,
    compute_measures,
    read_measures,
)
from lipresearch.paths import project_root
from lipresearch.steps import ALL_STEPS

ROOT = project_root()


@pytest.fixture(scope="module")
def found() -> list[dict[str, pd.DataFrame]]:
    """Return what every step finds."""
    evidence = Evidence(ROOT)
    return [step(evidence) for step in ALL_STEPS]


def test_every_declared_measure_is_computed_once_and_the_other_way_round(found: list[dict[str, pd.DataFrame]]) -> None:
    names = [measure for step in found for measure in step]
    assert len(names) == len(set(names))
    assert set(names) == set(read_measures(ROOT).index)


def test_a_measure_declared_but_not_computed_is_named(project_copy: Path, found: list[dict[str, pd.DataFrame]]) -> None:
    path = project_copy / "data" / "design" / "measures.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nland_area,", "\nwater_area,"), encoding="utf-8")
    steps = [lambda evidence, finds=finds: finds for finds in found]  # what they find does not depend on that table
    with pytest.raises(TableError, match=r"no row land_area(.|\n)*found water_area, expected only measures"):
        compute_measures(Evidence(project_copy), steps=steps)
