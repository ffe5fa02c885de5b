"""The public face: what it names, where it looks for the project, and what has no module of its own."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from scipy import stats

import lipresearch as lip
from lipresearch import public
from lipresearch.errors import InputError, NotFoundError


def functions() -> dict[str, object]:
    return {name: value for name in lip.__all__ if inspect.isfunction(value := getattr(lip, name))}


def test_the_public_face_holds_every_public_function_once() -> None:
    assert list(lip.__all__) == sorted(set(lip.__all__))
    theirs = {
        name
        for name, value in vars(public).items()
        if inspect.isfunction(value) and value.__module__ == public.__name__ and not name.startswith("_")
    }
    assert theirs <= set(functions()) | {"check_memo", "find_download", "memo_name", "save_design"}


@pytest.mark.parametrize("name", functions())
def test_every_public_function_says_what_it_takes_and_gives(name: str) -> None:
    function = functions()[name]
    text = inspect.getdoc(function) or ""
    assert text.split("\n")[0].endswith((".", ":")), "one sentence first"
    hints = inspect.signature(function).parameters  # type: ignore[arg-type]
    for parameter in hints.values():
        assert parameter.annotation is not inspect.Parameter.empty


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        lip.load_sites(root=tmp_path)


def test_every_site_that_shares_an_area_is_listed_from_both_sides() -> None:
    table = lip.site_overlaps()
    one = {tuple(row) for row in table.iloc[:, :2].to_numpy().tolist()}
    assert one, "no overlaps"
    assert all(first != second for first, second in one)


def test_the_agreement_of_two_measures_is_spearmans() -> None:
    measures = lip.load_measures()
    wanted = ["population_2021", "population_density_2021", "hospitals_per_10000"]
    table = lip.rank_agreement(measures, wanted)
    wide = measures[measures["measure"].isin(wanted)].pivot(index="site", columns="measure", values="value")
    assert table[["first", "second"]].to_numpy().tolist() == [
        [wanted[0], wanted[1]],
        [wanted[0], wanted[2]],
        wanted[1:],
    ]
    for row in table.itertuples():
        both = wide[[row.first, row.second]].dropna()
        assert row.correlation == pytest.approx(stats.spearmanr(both[row.first], both[row.second]).statistic)


def test_a_design_is_varied_and_not_changed() -> None:
    design = lip.load_design("six-sites")
    other = lip.vary_design(design, sites=5)
    assert (design.sites, other.sites) == (6, 5)
    assert lip.load_design("six-sites") == design
    with pytest.raises(InputError):
        lip.vary_design(design, sites=0)


def test_the_catchment_of_a_site_is_its_declared_areas() -> None:
    table = lip.site_catchment("grand-erie")
    assert len(table) == 2
    assert "Brant" in table.to_string()
    with pytest.raises(InputError, match="There is no site 'atlantis'"):
        lip.site_catchment("atlantis")
