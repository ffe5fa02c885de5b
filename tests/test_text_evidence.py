"""Measures from the source texts: recounted, and missing where the texts are silent."""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

from lipresearch.errors import TableError
from lipresearch.evidence import FINDING, STEPS, Evidence
from lipresearch.paths import project_root
from lipresearch.steps import ALL_STEPS
from lipresearch.text_evidence import text_measures

ROOT = project_root()
SIX = ["hamilton", "huron", "kingston", "peel", "thunder-bay", "west-downtown-toronto"]
#: Measures for which the texts are silent on most sites; silence is no zero.
SILENT = ("consultation_practices", "municipal_commitment", "achievements_reported", "university_partner")


@lru_cache
def found() -> dict[str, pd.DataFrame]:
    return text_measures(Evidence(ROOT))


def rows(table: str, root: Path = ROOT) -> list[dict[str, str]]:
    with open(root / "data" / "raw" / "source_texts" / f"{table}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def values(measure: str) -> dict[str, float]:
    """Return the sites that have a value."""
    return {str(site): float(value) for site, value in found()[measure]["value"].dropna().items()}


def test_every_site_has_a_finding_in_every_measure() -> None:
    sites = list(Evidence(ROOT).catchments.sites)
    for measure, frame in found().items():
        assert list(frame.index) == sites, measure
        assert list(frame.columns) == FINDING
        missing = frame["value"].isna()
        assert (frame.loc[missing, "reason"] == "not published").all()
        assert (frame.loc[missing, "detail"] != "").all()
        assert (frame.loc[missing, ["grade"]] == "").all().all()
        assert (frame.loc[~missing, "reason"] == "").all()
        assert set(frame["covered"]) <= {0.0, 1.0}
        assert (frame["sources"] == "source_texts").all()


@pytest.mark.parametrize("measure", SILENT)
def test_sites_that_are_not_coded_are_missing_and_never_zero(measure: str) -> None:
    frame = found()[measure]
    assert 0 < frame["value"].notna().sum() < len(frame)
    assert (frame["value"].dropna() >= 1).all()
    for column in ("low", "high"):
        assert frame[column].isna().equals(frame["value"].isna())


def test_the_six_case_studies() -> None:
    assert [site for site, value in values("case_study").items() if value == 1] == SIX
    assert len(values("case_study")) == 52
    detail = found()["case_study"]["detail"]
    assert detail["toronto-south"] == detail["toronto-city"] == "shares area with West Downtown Toronto, a case study"
    assert detail["northwestern-ontario"] == "shares area with Thunder Bay, a case study"
    assert detail["toronto-west"] == detail["peel"] == ""


def test_ways_of_consultation() -> None:
    expected: dict[str, set[str]] = defaultdict(set)
    for row in rows("case_studies"):
        if row["attribute"] == "consultation_practice":
            expected[row["site"]].add(row["value"])
    assert values("consultation_practices") == {site: len(ways) for site, ways in expected.items()}
    # From the table of the text: seven marks in the row of West Toronto, one of Huron's is only proposed.
    assert values("consultation_practices") == {
        "hamilton": 5,
        "huron": 4,
        "kingston": 5,
        "peel": 3,
        "thunder-bay": 3,
        "west-downtown-toronto": 7,
    }
    assert found()["consultation_practices"].loc["huron", "detail"] == "proposed besides: surveys"
    assert found()["consultation_practices"].loc["york", "detail"] == "only the six case studies were asked"


def test_commitment_only_where_a_text_makes_it_formal() -> None:
    assert values("municipal_commitment") == dict.fromkeys(["durham", "hamilton", "kingston", "ottawa"], 1.0)
    support = {row["site"] for row in rows("municipal_commitment") if row["formal"] == "no"}
    assert support - set(values("municipal_commitment")) == {"huron", "peel", "york"}


def test_achievements_are_domains_and_graded_as_a_proxy() -> None:
    domains: dict[str, set[str]] = defaultdict(set)
    for row in rows("achievements"):
        domains[row["site"]].add(row["domain"])
    assert values("achievements_reported") == {site: len(names) for site, names in domains.items()}
    frame = found()["achievements_reported"]
    assert set(frame.loc[frame["value"].notna(), "grade"]) == {"C"}
    # The two pilot projects are named, but had only begun.
    assert set(frame.index[frame["value"].isna()]) & {"halifax", "st-johns", "calgary"} == {"halifax", "st-johns"}
    listed = {row["value"] for row in rows("values") if (row["table"], row["attribute"]) == ("achievements", "domain")}
    assert len(listed) == 21  # as the unit of the measure says


def test_namings_are_added_and_zero_is_a_true_zero() -> None:
    total: Counter[str] = Counter()
    for row in rows("mentions"):
        total[row["site"]] += int(row["occurrences"])
    assert values("mentions_in_texts") == dict(total)
    assert len(total) == 52
    assert total["don-valley"] == 0
    assert found()["mentions_in_texts"].loc["don-valley", ["value", "reason", "detail"]].tolist() == [0, "", ""]
    others = [count for site, count in total.items() if site not in SIX]
    assert min(total[site] for site in SIX) > max(others)


def test_universities_that_a_text_names() -> None:
    assert values("university_partner") == dict.fromkeys(["huron", "kingston", "london-middlesex", "ottawa"], 1.0)
    assert "university is not named" in found()["university_partner"].loc["hamilton", "detail"]


def test_workshops_led() -> None:
    led = {site: value for site, value in values("workshops_led").items() if value}
    assert led.pop("ottawa") == led.pop("windsor-essex") == 2
    assert set(led.values()) == {1}
    assert len(values("workshops_led")) == 52
    # Each of the thirteen workshops was led by one partnership, one of them by two.
    assert sum(values("workshops_led").values()) == sum(row["role"] == "LIP" for row in rows("workshop_leads")) == 14


def test_the_step_is_one_of_all() -> None:
    assert text_measures in ALL_STEPS
    assert set(STEPS) < set(ALL_STEPS)


def test_a_fact_of_an_unknown_site_is_named(project_copy: Path) -> None:
    path = project_copy / "data" / "raw" / "source_texts" / "achievements.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nhuron,", "\nhurn,"), encoding="utf-8")
    with pytest.raises(
        TableError,
        match=r"data/raw/source_texts/achievements\.csv, column site: found hurn, expected a site of "
        r"data/design/sites\.csv\. Add the site there, or correct lipresearch/compilers/coding\.",
    ):
        text_measures(Evidence(project_copy))


def test_a_site_that_was_not_searched_for_is_missing(project_copy: Path) -> None:
    path = project_copy / "data" / "raw" / "source_texts" / "mentions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("don-valley,")), encoding="utf-8")
    made = text_measures(Evidence(project_copy))
    for measure in ("mentions_in_texts", "case_study"):
        assert math.isnan(made[measure].loc["don-valley", "value"])
        assert made[measure].loc["don-valley", "detail"] == "the texts were not searched for this site"
