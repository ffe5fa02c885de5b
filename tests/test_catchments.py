"""Catchments: how area figures become site figures, on small made-up maps and on the real one."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.catchments import (
    TORONTO,
    Catchments,
    Geography,
    find_overlaps,
    load_catchments,
    load_overlaps,
    to_sites,
    to_sites_over_levels,
)
from lipresearch.errors import InputError, TableError
from lipresearch.paths import project_root

ROOT = project_root()
CODES = ["1", "2", "3", "4", "5"]


def small_map(sites: dict[str, list[str]], population: list[float]) -> Catchments:
    """Return catchments over five subdivisions, the first three of which make up division A, the others B."""
    atoms = pd.DataFrame({"population": population, "csd": CODES}, index=[f"csd:{code}" for code in CODES])
    areas = {
        "csd": {code: frozenset({f"csd:{code}"}) for code in CODES} | {TORONTO: frozenset({"hood140:1"})},
        "cd": {"A": frozenset(f"csd:{code}" for code in "123"), "B": frozenset(f"csd:{code}" for code in "45")},
    }
    return Catchments(
        Geography(atoms, areas),
        {site: frozenset(f"csd:{code}" for code in codes) for site, codes in sites.items()},
        pd.DataFrame(),
    )


def table(values: dict[str, list[float]], index: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = pd.DataFrame(values, index=index, dtype=float)
    return frame, frame.isna().replace({True: "suppressed", False: ""})


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 1000)), min_size=5, max_size=5),
    st.lists(st.integers(1, 1000), min_size=5, max_size=5),
    st.lists(st.sampled_from(CODES), unique=True),
)
def test_sums_equal_the_obvious_loop(counts: list[int | None], population: list[int], mine: list[str]) -> None:
    catchments = small_map({"here": mine}, [float(people) for people in population])
    values, reasons = table({"n": [math.nan if count is None else float(count) for count in counts]}, CODES)
    got = to_sites(values, reasons, "csd", catchments, ["n"])
    total, people, all_people, any_counted = 0.0, 0, 0, False
    for code, count, residents in zip(CODES, counts, population, strict=True):
        if code in mine:
            all_people += residents
            if count is not None:
                any_counted, total, people = True, total + count, people + residents
    if not any_counted:
        assert math.isnan(got.sums.loc["here", "n"])
        assert got.reason["here"] != ""
        assert got.covered["here"] == 0
    else:
        assert got.sums.loc["here", "n"] == total
        assert got.covered["here"] == pytest.approx(people / all_people)
        assert got.reason["here"] == ""


def test_an_empty_catchment_is_missing_with_a_reason_and_not_zero() -> None:
    values, reasons = table({"n": [1, 2, 3, 4, 5]}, CODES)
    got = to_sites(values, reasons, "csd", small_map({"nowhere": []}, [1.0] * 5), ["n"])
    assert math.isnan(got.sums.loc["nowhere", "n"])
    assert (got.reason["nowhere"], got.detail["nowhere"]) == ("not published", "the catchment's areas are not known")


def test_a_larger_area_is_not_counted_for_a_part_of_it() -> None:
    values, reasons = table({"n": [10, 20]}, ["A", "B"])
    got = to_sites(values, reasons, "cd", small_map({"part": ["1"], "whole": ["4", "5"]}, [1.0] * 5), ["n"])
    assert math.isnan(got.sums.loc["part", "n"])
    assert got.detail["part"] == "published only for larger areas"
    assert got.sums.loc["whole", "n"] == 20


def test_a_rate_has_one_universe_areas_without_either_count_are_left_out_of_both() -> None:
    values, reasons = table({"part": [1, math.nan, 3, 0, 0], "all": [10, 20, 30, 0, 0]}, CODES)
    got = to_sites(
        values, reasons, "csd", small_map({"a": ["1", "2", "3"]}, [1.0, 1.0, 2.0, 1.0, 1.0]), ["part", "all"]
    )
    assert got.sums.loc["a"].tolist() == [4, 40]
    assert got.covered["a"] == 0.75


def test_suppressed_areas_give_their_reason() -> None:
    values, reasons = table({"n": [math.nan] * 5}, CODES)
    got = to_sites(values, reasons, "csd", small_map({"a": ["1", "2"]}, [1.0] * 5), ["n"])
    assert (got.reason["a"], got.detail["a"]) == ("suppressed", "suppressed for the areas of the catchment")


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 1000)), min_size=7, max_size=7),
    st.lists(st.integers(1, 1000), min_size=5, max_size=5),
    st.sets(st.sampled_from([("cd", "A"), ("cd", "B"), *(("csd", code) for code in CODES)])),
    st.sampled_from([CODES, ["1", "2", "3"], ["2", "4", "5"], []]),
)
def test_sums_over_levels_equal_the_obvious_loop(
    counts: list[int | None], population: list[int], left_out: set[tuple[str, str]], mine: list[str]
) -> None:
    places = small_map({"a": mine}, [float(people) for people in population])
    figures = [math.nan if count is None else float(count) for count in counts]
    tables = {"cd": table({"n": figures[:2]}, ["A", "B"]), "csd": table({"n": figures[2:]}, CODES)}
    got = to_sites_over_levels(tables, places, ["n"], left_out={"a": left_out})
    known = dict(zip([("cd", "A"), ("cd", "B"), *(("csd", code) for code in CODES)], counts, strict=True))
    total, people, any_counted = 0, 0, False
    for division, codes in (("A", "123"), ("B", "45")):
        here = [code for code in codes if code in mine]
        whole = here == list(codes) and known["cd", division] is not None and ("cd", division) not in left_out
        single = [code for code in here if known["csd", code] is not None and ("csd", code) not in left_out]
        parts = here if whole else single
        total += (known["cd", division] or 0) if whole else sum(known["csd", code] or 0 for code in single)
        people += sum(population[CODES.index(code)] for code in parts)
        any_counted |= bool(parts)
    if not any_counted:
        assert math.isnan(got.sums.loc["a", "n"])
        assert got.covered["a"] == 0
        assert got.reason["a"] in ("suppressed", "not published")
        return
    assert got.sums.loc["a", "n"] == total
    assert got.covered["a"] == pytest.approx(people / sum(population[CODES.index(code)] for code in mine))
    assert got.reason["a"] == ""


def test_areas_that_the_dataset_does_not_list() -> None:
    values, reasons = table({"n": [1.0]}, ["5"])
    got = to_sites(values, reasons, "csd", small_map({"a": ["1", "2"]}, [1.0] * 5), ["n"])
    assert got.detail["a"] == "the dataset has no figure for these areas"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": "parish"}, "Unknown level 'parish'. There are: cd, csd."),
        ({"characteristics": ["m"]}, "No column m among n."),
    ],
)
def test_wrong_calls_say_what_there_is(change: dict[str, object], message: str) -> None:
    values, reasons = table({"n": [1, 2, 3, 4, 5]}, CODES)
    call = {"level": "csd", "characteristics": ["n"], **change}
    with pytest.raises(InputError, match=message):
        to_sites(values, reasons, catchments=small_map({"a": ["1"]}, [1.0] * 5), **call)  # type: ignore[arg-type]


def test_a_negative_count_and_a_doubled_area_stop() -> None:
    catchments = small_map({"a": ["1"]}, [1.0] * 5)
    values, reasons = table({"n": [-1, 2, 3, 4, 5]}, CODES)
    with pytest.raises(InputError, match=r"A count is negative in n"):
        to_sites(values, reasons, "csd", catchments, ["n"])
    values, reasons = table({"n": [1, 2]}, ["1", "1"])
    with pytest.raises(InputError, match=r"An area stands twice"):
        to_sites(values, reasons, "csd", catchments, ["n"])


def test_overlaps_are_found_in_both_forms() -> None:
    catchments = small_map({"big": ["1", "2"], "inner": ["1"], "side": ["2", "3"], "far": ["5"]}, [1.0] * 5)
    assert find_overlaps(catchments).to_numpy().tolist() == [["big", "side", "partly"], ["inner", "big", "within"]]


# -- the real map -----------------------------------------------------------------------------------


def test_the_four_quadrants_partition_the_city() -> None:
    catchments = load_catchments(ROOT)
    quadrants = [catchments.atoms[f"toronto-{side}"] for side in ("north", "south", "east", "west")]
    assert sum(len(atoms) for atoms in quadrants) == 140
    assert frozenset().union(*quadrants) == catchments.atoms["toronto-city"]


def test_declared_overlaps_are_those_of_the_areas() -> None:
    overlaps = load_overlaps(ROOT, load_catchments(ROOT))
    pairs = {(row.site, row.other, row.relation) for row in overlaps.itertuples()}
    for side in ("north", "south", "east", "west"):
        assert (f"toronto-{side}", "toronto-city", "within") in pairs
    assert ("thunder-bay", "northwestern-ontario", "within") in pairs
    assert ("smiths-falls", "renfrew-lanark", "within") in pairs


def test_residents_of_the_atoms_add_to_the_official_counts() -> None:
    catchments = load_catchments(ROOT)
    assert catchments.residents(catchments.atoms["peel"]) == 1_451_022
    assert catchments.residents(catchments.atoms["timmins"]) == 41_145


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "catchments.csv",
            "peel,cd,3521",
            "peel,cd,9999",
            r"row \d+, column area: found '9999', expected a code of level cd",
        ),
        ("catchments.csv", "peel,cd,3521", "pele,cd,3521", r"column site: found 'pele', expected a known id"),
        (
            "overlaps.csv",
            "thunder-bay,northwestern-ontario,within",
            "thunder-bay,northwestern-ontario,partly",
            "no row",
        ),
    ],
)
def test_a_wrong_row_is_named(project_copy: Path, file: str, old: str, new: str, message: str) -> None:
    path = project_copy / "data" / "design" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=message):
        load_overlaps(project_copy, load_catchments(project_copy))


def test_an_area_listed_twice_is_named(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "catchments.csv"
    with path.open("a", encoding="utf-8") as handle:
        handle.write("peel,csd,3521005,Mississauga,sourced,nowhere,\n")
    with pytest.raises(TableError, match=r"3521005, whose csd:3521005 the site already has"):
        load_catchments(project_copy)
