"""Small rankings with given points, for the tests beside this file."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lipresearch.design import Cluster
from lipresearch.ranking import Ranking, rank_sites


def ranking_of(
    points: ArrayLike,
    weights: Sequence[float] | None = None,
    factors: Sequence[str] | None = None,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    grade: str = "A",
    minimum_coverage: float = 0.0,
) -> Ranking:
    """Return the ranking of sites s00, s01, ... with these points (sites, criteria); NaN is missing."""
    values = np.atleast_2d(np.asarray(points, dtype=float))
    lows = values if low is None else np.asarray(low, dtype=float)
    highs = values if high is None else np.asarray(high, dtype=float)
    count = values.shape[1]
    weight = np.full(count, 1 / count) if weights is None else np.asarray(weights, dtype=float)
    names = [f"c{place}" for place in range(count)]
    criteria = pd.DataFrame(
        {
            "factor": list(factors or names),
            "label": names,
            "label_fr": names,
            "measure": [f"m{place}" for place in range(count)],
            "direction": "higher",
            "worst": 0.0,
            "best": 1.0,
            "scale": "linear",
            "weight": weight,
            "rationale": "",
        },
        index=pd.Index(names, name="criterion"),
    )
    rows = [
        {
            "site": f"s{site:02d}",
            "name": f"Site {site:02d}",
            "measure": f"m{place}",
            "value": values[site, place],
            "low": lows[site, place],
            "high": highs[site, place],
            "unit": "points",
            "vintage": "2021",
            "grade": grade if not np.isnan(values[site, place]) else "",
            "reason": "" if not np.isnan(values[site, place]) else "not published",
            "detail": "",
            "sources": "",
        }
        for site, place in itertools.product(range(len(values)), range(count))
    ]
    cluster = Cluster(
        cluster="test",
        number=1,
        title="Test",
        title_fr="Test",
        question="",
        perspective="plain",
        perspective_label="Plain",
        stance="",
        weight_basis="",
        perspectives=("plain",),
        minimum_coverage=minimum_coverage,
        _criteria=criteria,
        _factors=pd.DataFrame(),
        _quotas=pd.DataFrame(),
    )
    return rank_sites(pd.DataFrame(rows), cluster)


def precision_of(ranking: Ranking, **changes: object) -> pd.DataFrame:
    """Return a precision table in which nothing is uncertain but what ``changes`` says of every measure."""
    row = {"kind": "count", "fraction": np.nan, "base": "", "part": np.nan, "per": np.nan, "model_error": 0.0}
    names = pd.Index(ranking.cluster.criteria["measure"], name="measure")
    return pd.DataFrame([row | changes] * len(names), index=names)


def fresh(text: str) -> str:
    """A text that is equal to another and not the same object."""
    return "".join(list(text))


def is_frozen_and_equal_to_itself_alone(result: object) -> bool:
    """Whether nothing can be put into a result, and another with the same content is another."""
    name = dataclasses.fields(result)[0].name  # type: ignore[arg-type]
    try:
        setattr(result, name, getattr(result, name))
    except dataclasses.FrozenInstanceError:
        return bool(result != dataclasses.replace(result) and result == result)  # type: ignore[type-var]
    return False
