"""The memos that these tests read: about one cluster and about all, in both languages, made once."""

from __future__ import annotations

from typing import Any

import pytest

import lipresearch as lip
from lipresearch import memo, public
from lipresearch.memo.model import Memo
from memo.readers import DRAWS, FORMS, LANGUAGES, ROOT


@pytest.fixture(scope="session")
def selection() -> Any:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    return lip.choose_sites(ranking, lip.load_design("health"))


@pytest.fixture(scope="session")
def material(selection: Any) -> memo.Material:
    return public._material(selection, "en", ".html", DRAWS, 2010, ROOT)


@pytest.fixture(scope="session")
def memos(material: memo.Material) -> dict[str, Memo]:
    return {language: memo.make_memo(material, language) for language in LANGUAGES}


@pytest.fixture(scope="session")
def shared_material() -> memo.Material:
    """What a memo about the set for all clusters is made from; pictures are not looked at, so none is drawn."""
    measures = lip.load_measures()
    rankings = [lip.rank_sites(measures, lip.load_cluster(name)) for name in lip.list_clusters()["cluster"]]
    chosen = lip.choose_sites(rankings, lip.load_design("all-clusters"))
    return public._material(chosen, "en", ".html", 60, 2010, ROOT)


@pytest.fixture(scope="session")
def shared_memos(shared_material: memo.Material) -> dict[str, Memo]:
    return {language: memo.make_memo(shared_material, language) for language in LANGUAGES}


@pytest.fixture(scope="session")
def files(memos: dict[str, Memo]) -> dict[tuple[str, str], bytes]:
    """Return each memo in each format, written once."""
    return {(language, ending): write(memos[language]) for language in LANGUAGES for ending, write in FORMS.items()}
