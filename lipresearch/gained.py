"""What downloaded census profiles improve: which measures rise to grade A, and for how many sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from lipresearch.evidence import (
    PROFILE,
    PROFILE_2016,
    Evidence,
    first_generation,
    mother_tongues,
    population_2021_profile,
    read_measures,
    recent_immigrants,
)
from lipresearch.further_evidence import common_tongues, median_ages, neither_language_2016, origins
from lipresearch.growth import immigrant_growth, language_growth
from lipresearch.more_evidence import ages, income_and_work, industries, visible_minorities

#: What computes the measures that each of them can give.
STEPS: Mapping[str, tuple[Callable[[Evidence], dict[str, pd.DataFrame]], ...]] = {
    PROFILE: (
        population_2021_profile,
        recent_immigrants,
        mother_tongues,
        ages,
        industries,
        income_and_work,
        visible_minorities,
        median_ages,
        immigrant_growth,
    ),
    PROFILE_2016: (
        mother_tongues,
        income_and_work,
        first_generation,
        common_tongues,
        origins,
        neither_language_2016,
        immigrant_growth,
        language_growth,
    ),
}


def grades_gained(root: Path) -> pd.DataFrame:
    """Return the measures for which a census profile in ``data/raw`` is used.

    Parameters
    ----------
    root : Path
        Project folder. Nothing is written; ``lipresearch build`` makes the measures.

    Returns
    -------
    DataFrame
        Index: measure, in the order of ``measures.csv``. Columns: label; ``before`` and ``now``: sites of all rosters
        with a value of grade A, without and with the profiles; ``rose``: sites that have grade A only now. Empty where
        none is there.
    """
    rows: dict[str, tuple[str, int, int, int]] = {}
    with_it = Evidence(root)
    present = {dataset for dataset in STEPS if with_it.has(dataset)}
    if present:
        labels = read_measures(root)["label"]
        without = Evidence(root, frozenset(present))
        for step in dict.fromkeys(step for dataset in STEPS if dataset in present for step in STEPS[dataset]):
            old, new = step(without), step(with_it)
            for measure, frame in new.items():
                if not frame["sources"].str.split(";").map(lambda names: bool(present & set(names))).any():
                    continue
                best = (frame["grade"] == "A") & frame["value"].notna()
                earlier = old[measure].reindex(frame.index)
                had = (earlier["grade"] == "A") & earlier["value"].notna()
                rows[measure] = (str(labels[measure]), int(had.sum()), int(best.sum()), int((best & ~had).sum()))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["label", "before", "now", "rose"])
    order = [measure for measure in read_measures(root).index if measure in table.index]
    return table.loc[order].rename_axis("measure")


def sites_that_keep(root: Path) -> dict[str, str]:
    """Return the sites whose areas of 2016 were others than today's, by name, and which of their areas were.

    Their measures of 2016 keep the sources that they had where the census profile of 2016 does not cover the rest.
    """
    evidence = Evidence(root)
    return {str(evidence.sites.loc[site, "name"]): words for site, words in evidence.moved.items()}
