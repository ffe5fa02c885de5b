"""What a downloaded census profile improves: which measures rise to grade A, and for how many sites."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from lipresearch.evidence import (
    PROFILE,
    Evidence,
    mother_tongues,
    population_2021_profile,
    read_measures,
    recent_immigrants,
)
from lipresearch.further_evidence import median_ages
from lipresearch.more_evidence import ages, income_and_work, industries, visible_minorities

#: What computes the measures that the profile can give.
STEPS: tuple[Callable[[Evidence], dict[str, pd.DataFrame]], ...] = (
    population_2021_profile,
    recent_immigrants,
    mother_tongues,
    ages,
    industries,
    income_and_work,
    visible_minorities,
    median_ages,
)


def grades_gained(root: Path) -> pd.DataFrame:
    """Return the measures for which the census profile in ``data/raw`` is used.

    Parameters
    ----------
    root : Path
        Project folder. Nothing is written; ``lipresearch build`` makes the measures.

    Returns
    -------
    DataFrame
        Index: measure, in the order of ``measures.csv``. Columns: label; ``before`` and ``now``: sites of all rosters
        with a value of grade A, without and with the profile; ``rose``: sites that have grade A only now. Empty where
        the profile is not there.
    """
    rows: dict[str, tuple[str, int, int, int]] = {}
    if Evidence(root).has(PROFILE):
        labels = read_measures(root)["label"]
        without, with_it = Evidence(root, frozenset({PROFILE})), Evidence(root)
        for step in STEPS:
            old, new = step(without), step(with_it)
            for measure, frame in new.items():
                if not (frame["sources"].str.split(";").map(lambda names: PROFILE in names)).any():
                    continue
                best = (frame["grade"] == "A") & frame["value"].notna()
                earlier = old[measure].reindex(frame.index)
                had = (earlier["grade"] == "A") & earlier["value"].notna()
                rows[measure] = (str(labels[measure]), int(had.sum()), int(best.sum()), int((best & ~had).sum()))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["label", "before", "now", "rose"])
    order = [measure for measure in read_measures(root).index if measure in table.index]
    return table.loc[order].rename_axis("measure")
