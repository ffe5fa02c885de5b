"""The table of numbers that sites are compared by: gaps stay gaps, and what cannot be used is refused."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

import lipresearch as lip
from lipresearch.comparison.covariates import (
    check_number,
    check_seed,
    check_sites,
    check_use,
    from_frame,
    from_measures,
    quantile,
    standardised,
)
from lipresearch.errors import InputError


def frame(**columns: list[float]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=[f"s{i}" for i in range(count)])


def test_sites_are_sorted_and_nothing_is_filled_in() -> None:
    table = pd.DataFrame({"a": [3.0, math.nan, 1.0], "b": [1.0, 2.0, 3.0]}, index=["z", "y", "x"])
    before = table.copy()
    found = from_frame(table, names={"z": "Zed"})
    assert found.sites == ("x", "y", "z")
    assert found.names == {"x": "x", "y": "y", "z": "Zed"}
    assert found.missing.to_numpy().tolist() == [["y", "y", "a", "a", "not published"]]
    whole, lost = found.complete()
    assert whole.sites == ("x", "z")
    assert lost.to_numpy().tolist() == [["y", "y", "a (not published)"]]
    pd.testing.assert_frame_equal(table, before)
    copy = found.values
    copy["a"] = 0.0
    assert found.values["a"].isna().sum() == 1
    assert repr(found) == "3 sites compared by 2 measures, 1 values missing. See .values, .use, .missing."


def test_logarithms_are_taken_where_declared() -> None:
    use = pd.DataFrame({"measure": ["a", "b"], "scale": ["log", "linear"]})
    found = from_frame(frame(a=[1.0, 100.0], b=[1.0, 100.0]), use)
    assert found.transformed.to_numpy().tolist() == [[0.0, 1.0], [2.0, 100.0]]
    assert found.values.to_numpy().tolist() == [[1.0, 1.0], [100.0, 100.0]]


def test_measures_of_the_roster_keep_their_reasons() -> None:
    covariates = lip.load_covariates(["median_household_income_2020", "population_2021"])
    measures = lip.load_measures()
    gaps = measures[(measures["measure"] == "median_household_income_2020") & measures["value"].isna()]
    assert set(covariates.missing["site"]) == set(gaps["site"])
    assert (covariates.missing["reason"] != "").all()
    assert covariates.labels["population_2021"] == "Population 2021"
    for site in covariates.sites:
        row = measures[(measures["site"] == site) & (measures["measure"] == "population_2021")]
        assert covariates.values.loc[site, "population_2021"] == row["value"].item()


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (pd.DataFrame({"measure": []}), "Name at least one measure to compare sites by, in a column measure."),
        (pd.DataFrame({"label": ["a"]}), "Name at least one measure to compare sites by, in a column measure."),
        (pd.DataFrame({"measure": ["a", "a"]}), "The measure a stands twice among those to compare by."),
        (pd.DataFrame({"measure": ["a"], "scale": ["root"]}), "Measure a: a scale is linear or log, not 'root'."),
        (pd.DataFrame({"measure": ["a"], "weight": [0.0]}), "Measure a: a weight is a number above 0, not 0.0."),
        (pd.DataFrame({"measure": ["a"], "weight": ["x"]}), "Measure a: a weight is a number above 0, not x."),
    ],
)
def test_a_use_that_cannot_be_used(use: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        check_use(use)


@pytest.mark.parametrize(
    ("values", "use", "message"),
    [
        (frame(a=[1.0]), ["b"], "The table has no column b, which the sites are to be compared by."),
        (pd.DataFrame({"a": [1.0]}), ["a"], "The ids of sites must be text; set them as the index of the table."),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=["x", "x"]), ["a"], "Site x stands twice in the table."),
        (pd.DataFrame({"a": []}, dtype=float), ["a"], "The table holds no site."),
        (frame(a=["1"]), ["a"], "Column a must hold numbers, with an empty cell where a value is missing."),
        (frame(a=[1.0, math.inf]), ["a"], "Site s1, measure a: the value is infinite."),
    ],
)
def test_a_table_that_cannot_be_used(values: pd.DataFrame, use: list[str], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        from_frame(values, pd.DataFrame({"measure": use}))


def test_no_logarithm_of_zero() -> None:
    use = pd.DataFrame({"measure": ["a"], "scale": ["log"]})
    with pytest.raises(InputError, match=r"Site s0: a is 0, which has no logarithm. Declare its scale as linear."):
        from_frame(frame(a=[0.0, 1.0]), use)


def test_measures_that_cannot_be_used() -> None:
    measures = lip.load_measures()
    with pytest.raises(InputError, match=r"There is no measure 'rain'. lip.load_measures\(\) lists them"):
        from_measures(measures, pd.DataFrame({"measure": ["rain"]}))
    with pytest.raises(InputError, match=r"Site calgary has the measure population_2021 twice."):
        from_measures(pd.concat([measures, measures]), pd.DataFrame({"measure": ["population_2021"]}))


def test_standardising() -> None:
    table = standardised(frame(a=[1.0, 2.0, 3.0, math.nan]), {})
    assert table["a"].tolist()[:3] == [-1.0, 0.0, 1.0]
    with pytest.raises(InputError, match=r"Size does not differ between the sites"):
        standardised(frame(a=[0.1 + 0.2, 0.3]), {"a": "Size"})
    with pytest.raises(InputError, match=r"There is no measure 'b' to standardise among a."):
        standardised(frame(a=[1.0, 2.0]), {}, ["b"])


def test_quantiles_are_those_of_r() -> None:
    # R 4.3: quantile(c(2, 3, 5, 7, 11, 13), c(.2, .4, .6, .8), type = 7)
    assert [quantile([13, 2, 11, 3, 7, 5], share) for share in (0.2, 0.4, 0.6, 0.8)] == [3.0, 5.0, 7.0, 11.0]
    assert quantile([1.0, math.nan, 2.0], 0.5) == 1.5
    with pytest.raises(InputError, match=r"A quantile needs values and a share from 0 to 1, not 2 of 1 values."):
        quantile([1.0], 2.0)


def test_sites_and_numbers_are_checked() -> None:
    assert check_sites(["b", "a"], ["a", "b", "c"], "Sites") == ("a", "b")
    with pytest.raises(InputError, match=r"Sites: give a list of site ids, not the text 'ab'."):
        check_sites("ab", ["a", "b"], "Sites")
    with pytest.raises(InputError, match=r"Sites: there is no site 'd' among these 2 sites."):
        check_sites(["d"], ["a", "b"], "Sites")
    with pytest.raises(InputError, match=r"Sites: a stands twice."):
        check_sites(["a", "a"], ["a", "b"], "Sites")
    for value in (True, "3", None, math.nan, 0.5):
        with pytest.raises(InputError, match=r"It must be a whole number from 1 to 3, not "):
            check_number(value, "It", 1, 3, whole=True)  # type: ignore[arg-type]
    assert check_number(np.int64(2), "It", 1, 3, whole=True) == 2
    with pytest.raises(InputError, match=r"The seed must be a whole number from 0 to 9.22337e\+18, not None."):
        check_seed(None)  # type: ignore[arg-type]
