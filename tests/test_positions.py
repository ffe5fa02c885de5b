"""Where a site is, and how far sites are from each other."""

from __future__ import annotations

import numpy as np

from lipresearch.catchments import load_catchments
from lipresearch.paths import project_root
from lipresearch.positions import catchment_points, kilometres_between

ROOT = project_root()


def test_a_site_whose_place_is_not_known_is_never_far_enough() -> None:
    points = catchment_points(load_catchments(ROOT), ["bathurst-finch", "peel"])
    assert points.loc["bathurst-finch"].isna().all()
    assert np.isnan(kilometres_between(points).loc["bathurst-finch", "peel"])
