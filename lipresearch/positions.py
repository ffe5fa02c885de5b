"""Where a site is: one point a catchment, and how far sites are from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lipresearch.catchments import Catchments
from lipresearch.measures.access import great_circle_km


def catchment_points(catchments: Catchments, sites: Sequence[str]) -> pd.DataFrame:
    """Return one point a site: the mean position of its residents.

    The mean latitude and longitude of the representative points of the census subdivisions and Toronto
    neighbourhoods of the catchment, weighted by their residents of 2021. Within Ontario the mean of degrees lies
    where the mean on the sphere does, to a few kilometres.

    Parameters
    ----------
    catchments : Catchments
    sites : sequence of str

    Returns
    -------
    DataFrame
        Index: site. ``latitude``, ``longitude`` in degrees; NaN for a catchment whose areas are not known.
    """
    atoms = catchments.geography.atoms
    rows = []
    for site in sites:
        mine = atoms.loc[sorted(catchments.atoms[site]), ["population", "latitude", "longitude"]].dropna()
        people = mine["population"].sum()
        rows.append(
            tuple(float((mine["population"] * mine[axis]).sum() / people) for axis in ("latitude", "longitude"))
            if people > 0
            else (np.nan, np.nan)
        )
    return pd.DataFrame(rows, columns=["latitude", "longitude"], index=pd.Index(sites, name="site"))


def kilometres_between(points: pd.DataFrame) -> pd.DataFrame:
    """Return great-circle distances between points, in kilometres: as the crow flies, from point to point.

    Parameters
    ----------
    points : DataFrame
        As ``catchment_points`` returns it.

    Returns
    -------
    DataFrame
        Sites x sites, 0 on the diagonal; NaN where a point is not known.

    Examples
    --------
    >>> towns = pd.DataFrame({"latitude": [43.65, 45.42], "longitude": [-79.38, -75.70]}, index=["toronto", "ottawa"])
    >>> round(float(kilometres_between(towns).loc["toronto", "ottawa"]))
    352
    """
    known = points.dropna()
    table = pd.DataFrame(
        great_circle_km(known["latitude"], known["longitude"], known["latitude"], known["longitude"]),
        index=known.index,
        columns=known.index,
    )
    return table.reindex(index=points.index, columns=points.index)
