"""Industries, ages, work and degrees, on small files as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from compilers.small_files import Edit, defects, refused, rows
from lipresearch.compilers import economy


def test_industries_and_ages_of_divisions(root: Path) -> None:
    found = rows(root, "labour_2021/industry.csv")
    assert list(found) == ["3520", "3557"]
    assert (found["3520"]["all_industries"], found["3520"]["agriculture"], found["3520"]["public_administration"]) == (
        "2100",
        "55",
        "150",
    )
    # Sectors stand in another order in the file than their codes would sort.
    assert (found["3520"]["manufacturing"], found["3520"]["wholesale_trade"]) == ("75", "80")
    assert found["3557"]["mining"] == "not published"
    assert "1 census divisions (Algoma): not published" in defects(root, "labour_2021")
    ages = rows(root, "labour_2021/age.csv")
    assert (ages["3520"]["age_0_4"], ages["3520"]["age_85_over"], ages["3520"]["median_age"]) == ("500", "500", "39.6")
    assert ages["3557"]["median_household_income_2020"] == "not published"
    assert not any("77" in row.values() or "35" in row.values() for row in ages.values())


def test_rates_of_2016(root: Path) -> None:
    found = rows(root, "labour_2016/cd.csv")
    assert list(found["3520"].values()) == ["3520", "Toronto", "2731571", "8.2", "44.14", "65829"]
    assert list(found["3557"].values()) == ["3557", "Algoma", "114094", "10.1", "16.2", "59000"]


def test_neighbourhoods_by_age_industry_work_and_degree(root: Path) -> None:
    now = rows(root, "toronto_labour/hood158.csv")
    assert (now["2"]["age_0_4"], now["3"]["age_15_19"], now["174"]["age_85_over"]) == ("10", "80", "540")
    assert (now["2"]["all_industries"], now["174"]["agriculture"], now["174"]["public_administration"]) == (
        "210",
        "30",
        "49",
    )
    then = rows(root, "toronto_labour/hood140.csv")
    # The first column of the file is the city; those of 25 to 64 come behind all adults under the same labels.
    assert list(then["2"].values()) == ["2", "500", "40", "700", "90"]
    assert list(then["1"].values()) == ["1", "1500", "160", "1700", "280"]


@pytest.mark.parametrize(
    ("dataset", "file", "old", "new", "message"),
    [
        (
            "labour_2021",
            economy.INDUSTRY,
            ",2100,",
            ",2400,",
            "row 2, column working_population: found 2400, expected about 2050, the sum of its sectors",
        ),
        (
            "labour_2021",
            economy.AGES,
            ",9000,",
            ",9200,",
            "row 2, column population: found 9200, expected about 9000, the sum of its ages",
        ),
        (
            "labour_2016",
            economy.RATES,
            "Algoma",
            "Algona",
            "row 2, column place: found 'Algona', expected the name of one census division",
        ),
        (
            "labour_2016",
            economy.RATES,
            "Toronto,1,2,Population",
            "Algoma,1,2,Population",
            "column indicator: found Population of Algoma again, expected each once",
        ),
        (
            "toronto_labour",
            economy.PROFILE_2016,
            "population aged 25 to 64 years in",
            "population aged 25 to 65 years in",
            "found 0 headings of those aged 25 to 64 with a row .* below, expected one",
        ),
        (
            "toronto_labour",
            economy.PROFILE_2021,
            "Neighbourhood Number,2,3,174",
            "Neighbourhood Number,2,2,174",
            "Neighbourhood Number: found 2, 2, 174, expected one number an area",
        ),
    ],
)
def test_what_is_not_as_expected_is_named(
    edited: Edit, tmp_path: Path, dataset: str, file: str, old: str, new: str, message: str
) -> None:
    refused(edited(file, old, new), tmp_path / "project", file, message, [dataset])
