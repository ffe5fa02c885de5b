"""Hamilton and metropolitan areas of 2016, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, refused, rows
from lipresearch.compile import compile_sources
from lipresearch.compilers import statcan_2016
from lipresearch.errors import TableError


def test_hamilton_is_read_in_the_order_of_its_numbers(root: Path) -> None:
    row = rows(root, "hamilton_2016/csd.csv")["3525005"]
    assert (row["mother_tongue_total"], row["single_responses"], row["multiple_responses"]) == ("310", "295", "15")
    tongue = rows(root, "hamilton_2016/mother_tongue.csv")["3525005"]
    assert sum(int(cell) for name, cell in tongue.items() if name != "csd") == 295


def test_metropolitan_areas(root: Path) -> None:
    tongue = rows(root, "mother_tongue_cma_2016/mother_tongue.csv")
    assert len(tongue) == 21
    assert tongue["537"] == {"cma": "537", "cayuga": "0", "english": "1045", "french": "145", "ewe_n_o_s": "95"}
    assert rows(root, "mother_tongue_cma_2016/languages.csv")["ewe_n_o_s"]["label"] == "Éwé, n.o.s."
    assert rows(root, "mother_tongue_cma_2016/cma.csv")["537"]["population_2016"] == "5009"


def test_sums_of_dissemination_areas_of_2016(root: Path) -> None:
    row = rows(root, "csd_2016_da_sums/csd.csv")["3521005"]
    assert [int(row[name]) - int(row["non_immigrants"]) for name in ("immigrants", "non_permanent_residents")] == [1, 2]
    assert int(row["population_2016"]) > 5000


def test_populations_as_first_published(root: Path, edited: Edit, tmp_path: Path) -> None:
    table = rows(root, "population_2016/cd.csv")
    assert table["3501"]["name"] == "Stormont, Dundas and Glengarry"
    assert {code: (row["population_2016"], row["adjusted_2011"]) for code, row in table.items()} == {
        "3501": ("113429", "no"),
        "3520": ("2731571", "no"),
        "3521": ("1381739", "yes"),
        "3524": ("548435", "yes"),
    }
    folder = edited(statcan_2016.HIGHLIGHTS, "1296809,T,", "1296809,perhaps,")
    with pytest.raises(TableError, match="2011 adjusted population flag: found 'perhaps', expected T or F"):
        compile_sources(folder, tmp_path / "project", ["population_2016"])


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            statcan_2016.HAMILTON,
            "              Polish",
            "        Polish",
            r"Indo-European languages: found \d+ rows below",
        ),
        (statcan_2016.CANLANG, "Guelph,Official", "Gulph,Official", r"region: found 'Gulph', expected one of the 35"),
        (
            statcan_2016.CANLANG,
            "Aboriginal languages,Cayuga",
            "Other,Cayuga",
            r"category: found 'Other', expected a known",
        ),
        (statcan_2016.CANLANG_REGIONS, "Guelph,", "Gelph,", r"found no row of Guelph, expected a row for each"),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message)
