"""Small rankings with known points, for the tests of robustness."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from lipresearch.design import Cluster
from lipresearch.ranking import Ranking, rank_sites

PUBLISHED = Path(__file__).resolve().parent / "published"

#: Points of a site under a criterion: None is missing, a pair is known only within bounds.
Points = float | tuple[float, float] | None


def small_cluster(
    weights: Sequence[float],
    factors: Sequence[str] | None = None,
    minimum: float = 0.0,
    perspective: str = "plain",
    goalposts: Sequence[tuple[float, float]] | None = None,
) -> Cluster:
    names = [f"c{place}" for place in range(len(weights))]
    ends = list(goalposts or [(0.0, 1.0)] * len(weights))
    mine = list(factors or names)
    criteria = pd.DataFrame(
        {
            "factor": mine,
            "label": [f"Criterion {place}" for place in range(len(names))],
            "label_fr": "",
            "measure": [f"m{place}" for place in range(len(names))],
            "direction": ["higher" if best > worst else "lower" for worst, best in ends],
            "worst": [worst for worst, _ in ends],
            "best": [best for _, best in ends],
            "scale": "linear",
            "weight": np.array(weights, dtype=float) / sum(weights),
            "rationale": "",
        },
        index=pd.Index(names, name="criterion"),
    )
    unique = list(dict.fromkeys(mine))
    listed = pd.DataFrame({"label": [f"Factor {name}" for name in unique]}, index=pd.Index(unique, name="factor"))
    return Cluster(
        cluster="test",
        number=9,
        title="Test",
        title_fr="Essai",
        question="Which?",
        perspective=perspective,
        perspective_label=perspective.capitalize(),
        stance="none",
        weight_basis="typed",
        perspectives=(perspective,),
        minimum_coverage=minimum,
        _criteria=criteria,
        _factors=listed,
        _quotas=pd.DataFrame(),
    )


def small_measures(points: Sequence[Sequence[Points]], sources: Sequence[Sequence[str]] | None = None) -> pd.DataFrame:
    rows = []
    for site, cells in enumerate(points):
        for place, cell in enumerate(cells):
            low, high = cell if isinstance(cell, tuple) else (cell, cell)
            known = cell is not None and not isinstance(cell, tuple)
            rows.append(
                {
                    "site": f"s{site:02d}",
                    "name": f"Site {site}",
                    "measure": f"m{place}",
                    "value": cell if known else np.nan,
                    "low": np.nan if low is None else low,
                    "high": np.nan if high is None else high,
                    "unit": "points",
                    "vintage": "2021",
                    "grade": "A" if known else "",
                    "reason": "" if known else "not published",
                    "detail": "",
                    "sources": "" if cell is None else sources[site][place] if sources else f"table_{place}",
                }
            )
    frame = pd.DataFrame(rows)
    return frame.astype({"value": float, "low": float, "high": float})


def small_ranking(
    points: Sequence[Sequence[Points]],
    weights: Sequence[float] | None = None,
    factors: Sequence[str] | None = None,
    minimum: float = 0.0,
    perspective: str = "plain",
    sources: Sequence[Sequence[str]] | None = None,
    goalposts: Sequence[tuple[float, float]] | None = None,
) -> Ranking:
    cluster = small_cluster(weights or [1.0] * len(points[0]), factors, minimum, perspective, goalposts)
    return rank_sites(small_measures(points, sources), cluster)


def reweighted(ranking: Ranking, weights: Sequence[float], measures: pd.DataFrame) -> Ranking:
    criteria = ranking.cluster.criteria.assign(weight=np.array(weights, dtype=float))
    return rank_sites(measures, dataclasses.replace(ranking.cluster, _criteria=criteria))


def published(name: str) -> list[dict[str, str]]:
    with open(PUBLISHED / name, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


tenths = st.integers(0, 10).map(lambda step: step / 10)
cells = st.one_of(tenths, tenths, tenths, st.none(), st.tuples(tenths, tenths).map(lambda pair: tuple(sorted(pair))))


@st.composite
def tables(
    draw: st.DrawFn, sites: tuple[int, int] = (2, 6), criteria: tuple[int, int] = (1, 4), full: bool = False
) -> tuple[list[list[Points]], list[int]]:
    count = draw(st.integers(*criteria))
    table = draw(
        st.lists(
            st.lists(tenths if full else cells, min_size=count, max_size=count), min_size=sites[0], max_size=sites[1]
        )
    )
    weights = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    return table, weights
