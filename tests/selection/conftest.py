"""The real data that tests of selections share."""

from __future__ import annotations

import pandas as pd
import pytest

import lipresearch as lip
from lipresearch.ranking import Ranking
from lipresearch.selection import Selection


@pytest.fixture(scope="module")
def measures() -> pd.DataFrame:
    return lip.load_measures()


@pytest.fixture(scope="module")
def types() -> pd.DataFrame:
    return lip.load_sites()


@pytest.fixture(scope="module")
def health(measures: pd.DataFrame) -> Ranking:
    return lip.rank_sites(measures, lip.load_cluster("health"))


@pytest.fixture(scope="module")
def selection(health: Ranking) -> Selection:
    return lip.choose_sites(health, lip.load_design("six-sites"))
