"""Profiles of Toronto's neighbourhoods, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import FIXTURES, Edit, refused, rows
from lipresearch.compile import compile_sources
from lipresearch.compilers import neighbourhoods
from lipresearch.errors import TableError


def test_neighbourhoods_of_2016(root: Path) -> None:
    profile = rows(root, "toronto_neighbourhoods_2016/profile.csv")
    assert [row["name"] for row in profile.values()] == ["Alpha-Ville", "Beta Park", "Gamma Hill"]
    assert [row["population_2016"] for row in profile.values()] == ["3000", "1000", "2000"]
    assert [row["land_area_km2"] for row in profile.values()] == ["5.25", "1.25", "3.10"]
    assert [row["single_responses"] for row in profile.values()] == ["460", "295", "355"]
    tongue = rows(root, "toronto_neighbourhoods_2016/mother_tongue.csv")
    for code, row in tongue.items():
        assert sum(int(cell) for name, cell in row.items() if name != "hood140") == int(
            profile[code]["single_responses"]
        )
    assert (tongue["3"]["norwegian"], tongue["3"]["swedish"], tongue["3"]["japanese"]) == ("10", "5", "20")
    languages = rows(root, "toronto_neighbourhoods_2016/languages.csv")
    assert set(languages) == set(tongue["1"]) - {"hood140"}
    assert [languages[one]["parent"] for one in ("norwegian", "swedish", "polish", "italian")] == [
        "Germanic languages",
        "Germanic languages",
        "Slavic languages",
        "Italic (Romance) languages",
    ]
    assert languages["cree_n_o_s"]["group"] == "indigenous"


def test_neighbourhoods_of_2021(root: Path) -> None:
    profile = rows(root, "toronto_neighbourhoods_2021/profile.csv")
    assert {code: row["name"] for code, row in profile.items()} == {
        "174": "Alpha-Ville",
        "2": "Beta Park",
        "3": "O`Gamma Hill",
    }
    assert profile["2"]["average_age"] == "40.5"
    assert profile["174"]["mother_tongue_english"] == "300"
    tongue = rows(root, "toronto_neighbourhoods_2021/mother_tongue.csv")
    assert tongue["2"]["english"] == "100"
    assert "english_and_french" not in tongue["2"]


def test_the_link_of_neighbourhoods(root: Path) -> None:
    assert rows(root, "toronto_hood_link/link.csv")["174"] == {
        "hood158": "174",
        "hood140": "1",
        "share_of_158": "0.9997",
    }
    assert rows(root, "toronto_hood_link/hood140.csv")["1"]["latitude"] == "43.7"
    assert rows(root, "toronto_hood_link/hood140.csv")["1"]["longitude"] == "-79.45"


def test_without_the_moves_the_sums_of_languages_do_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhoods, "MOVES_2016", {})
    message = r"(?s)column Slavic languages: found 1 rows below it that miss it by \d+, expected at most 10.*Norwegian"
    with pytest.raises(TableError, match=message):
        compile_sources(FIXTURES, tmp_path, ["toronto_neighbourhoods_2016"])


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (neighbourhoods.PROFILE_2016, ",2,3,1", ",2,3,2", r"Neighbourhood Number: found 2, 3, 2, expected each number"),
        (neighbourhoods.PROFILE_2016, "Icelandic", "Faroese", r"found 'Icelandic' is there 0 times, not once"),
        (
            neighbourhoods.PROFILE_2016,
            "  Non-immigrants",
            "  Others",
            r"Non-immigrants: found 0 rows under 'Immigrant st",
        ),
        (
            neighbourhoods.PROFILE_2021,
            "Neighbourhood Number,2,",
            "Neighbourhood Number,3,",
            r"expected one number an area",
        ),
        (neighbourhoods.PROFILE_2021, "            Italian", "          Italian", r"rows below it that miss it by 85"),
        (
            neighbourhoods.PROFILE_2021,
            "  Multiple responses",
            "  Multiple answers",
            r"Multiple responses: found 0 rows",
        ),
        (
            neighbourhoods.HOOD_LINK,
            "174,Alpha-Ville,1,",
            "174,Alpha-Ville,9,",
            r"hood_id_140: found '9', expected one of",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message)
