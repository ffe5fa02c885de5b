"""The 21 factors: each is answered by a criterion or a quota, or is openly missing with the way to supply it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import lipresearch as lip
from lipresearch import notebook
from lipresearch.design import Design, load_design
from lipresearch.errors import TableError
from lipresearch.factors import FACTORS, factor_table
from lipresearch.paths import project_root
from lipresearch.sites import load_sites

ROOT = project_root()
#: The clusters of the workshops (source text 000); others may stand beside them.
WORKSHOPS = ["education", "health", "labour", "justice", "inclusion"]


def with_factor(design: Design, factor: str, **cells: str) -> Design:
    table = design.factors.copy()
    for column, text in cells.items():
        table.loc[table["factor"] == factor, column] = text
    return replace(design, factors=table)


def test_no_factor_is_left_out_silently() -> None:
    table = lip.list_factors()
    assert list(table.columns) == FACTORS
    assert list(table["factor"]) == list(load_design(ROOT).factors["factor"])
    for row in table.itertuples():
        answered = bool(row.perspectives or row.quotas or row.spreads)
        assert answered or "To supply:" in row.gap, row.factor
        assert (row.gap == "") == (row.status == "evidence"), row.factor
        assert row.seed
        assert row.section
        if row.cluster in WORKSHOPS:
            assert (row.seed, row.section.split(" ")[:2]) == ("000", ["Research", "Cluster"])


def test_against_a_slow_loop_over_the_tables() -> None:
    design = load_design(ROOT)
    table = factor_table(design).set_index("factor")
    for factor, row in table.iterrows():
        criteria = [one.criterion for one in design.criteria.itertuples() if one.factor == factor]
        cluster = design.factors.set_index("factor").loc[factor, "cluster"]
        scored = [
            one.perspective
            for one in design.perspective_criteria.itertuples()
            if one.cluster == cluster and one.criterion in criteria
        ]
        assert row["criteria"].split(";") == (criteria or [""])
        assert set(row["perspectives"].split(";")) == (set(scored) or {""})
        for kind, column in (("quota", "quotas"), ("spread", "spreads")):
            asked = [one.quota for one in design.quotas.itertuples() if one.factor == factor and one.kind == kind]
            assert row[column].split(";") == (asked or [""])


def test_a_criterion_of_the_same_name_in_another_cluster_is_not_counted() -> None:
    table = lip.list_factors().set_index("factor")
    assert "recent" in table.loc["2.1", "criteria"].split(";")
    assert set(table.loc["2.1", "perspectives"].split(";")) == {"balanced", "need", "services"}


@pytest.mark.parametrize(
    ("factor", "drop", "message"),
    [
        ("1.2", "criteria", "factors.csv, row 3, column treatment: found 1.2, a criterion that nothing answers, "),
        ("1.2", "perspective_criteria", "expected a criterion that a perspective scores. Add it, or set the status"),
        (
            "2.3",
            "quotas",
            "row 10, column treatment: found 2.3, a quota that nothing answers, expected a quota in quot",
        ),
        ("1.4", "quotas", "row 5, column treatment: found 1.4, a spread that nothing answers, expected a spread targ"),
    ],
)
def test_a_factor_that_loses_its_answer_is_an_error(factor: str, drop: str, message: str) -> None:
    design = load_design(ROOT)
    frame = getattr(design, drop)
    if drop == "perspective_criteria":
        mine = design.criteria.loc[design.criteria["factor"] == factor, ["cluster", "criterion"]]
        keys = set(mine.itertuples(index=False, name=None))
        lost = [(row.cluster, row.criterion) in keys for row in frame.itertuples()]
    else:
        lost = list(frame["factor"] == factor)
    assert any(lost)
    kept = frame[[not gone for gone in lost]]
    with pytest.raises(TableError, match=re.escape(message)):
        factor_table(replace(design, **{drop: kept}))


@pytest.mark.parametrize(
    ("factor", "cells", "message"),
    [
        ("3.5", {"note": ""}, "column note: found 3.5, no evidence yet without a note, expected what is missing and h"),
        (
            "3.5",
            {"note": "Missing: everything."},
            "column note: found 3.5, a gap without a way to fill it, expected a note with: To supply: ...",
        ),
        ("1.2", {"note": ""}, "column note: found 1.2, partly without a note, expected what is missing and how to sup"),
        ("3.5", {"status": "partly"}, "column treatment: found 3.5, a quota that nothing answers, expected"),
    ],
)
def test_a_gap_that_does_not_say_how_to_fill_it_is_an_error(factor: str, cells: dict[str, str], message: str) -> None:
    with pytest.raises(TableError, match=re.escape(message)):
        factor_table(with_factor(load_design(ROOT), factor, **cells))


def test_a_factor_of_perspectives_may_have_a_quota_instead_of_a_criterion() -> None:
    design = load_design(ROOT)
    without = replace(design, criteria=design.criteria[design.criteria["factor"] != "5.2"])
    row = factor_table(without).set_index("factor").loc["5.2"]
    assert (row["criteria"], row["quotas"], row["spreads"]) == ("", "north", "boundary")
    neither = replace(without, quotas=design.quotas[design.quotas["factor"] != "5.2"])
    message = (
        "a perspective that nothing answers, expected a criterion that a perspective scores, or a row of quotas.csv."
    )
    with pytest.raises(TableError, match=re.escape(message)):
        factor_table(neither)


def test_all_factors_that_are_left_out_are_named_at_once() -> None:
    design = load_design(ROOT)
    asked = factor_table(design)
    quotas = asked[(asked["treatment"].isin(["quota", "spread"])) & (asked["status"] != "no evidence yet")]
    with pytest.raises(TableError) as caught:
        factor_table(replace(design, quotas=design.quotas.iloc[:0]))
    assert [problem.found.split(",")[0] for problem in caught.value.problems] == list(quotas["factor"])


def test_a_criterion_that_nothing_uses_and_a_perspective_without_criteria_are_named() -> None:
    design = load_design(ROOT)
    uses = design.perspective_criteria
    kept = uses[(uses["criterion"] != "languages") & ~((uses["cluster"] == "health") & (uses["perspective"] == "need"))]
    with pytest.raises(TableError) as caught:
        factor_table(replace(design, perspective_criteria=kept))
    whole = caught.value.whole()
    line = {(row.cluster, row.criterion): place for place, row in enumerate(design.criteria.itertuples(), start=2)}
    assert (
        f"data/design/criteria.csv, row {line['health', 'languages']}, column criterion: found languages, which no "
        "perspective uses, expected a row in data/design/perspective_criteria.csv for at least one perspective. Add it."
    ) in whole
    place = list(zip(design.perspectives["cluster"], design.perspectives["perspective"], strict=True))
    assert (
        f"data/design/perspectives.csv, row {place.index(('health', 'need')) + 2}, column perspective: found health, "
        "need, which scores nothing, expected a row in data/design/perspective_criteria.csv for each of its criteria. "
        "Add it."
    ) in whole


def test_the_list_for_reading() -> None:
    table = lip.list_factors()
    shown = notebook.factor_list(table)
    assert len(shown) == len(table)
    assert shown.loc["2.3 Both rural and urban sites", "Answered by"] == (
        "quota: at least 1 with settlement type rural, at least 1 with settlement type urban"
    )
    assert shown.loc["1.1 Research capacity and support networks in the site", "Answered by"] == (
        "criteria: Universities in the site, Colleges in the site"
    )
    open_ones = shown[(table["status"] == "no evidence yet").to_numpy()]
    assert open_ones["Missing, and how to supply it"].str.contains("To supply:").all()
    assert set(shown["Named in"]) >= {f"000, Research Cluster {number}" for number in range(1, 6)}


def test_notes_name_things_in_words() -> None:
    """A note is read by people: no id of a column, a file or a site stands in it."""
    factors = load_design(ROOT).factors
    for column in ("note", "note_fr"):
        ids = factors[column].str.extractall(r"(\b[a-z]+_[a-z_]+|\b[a-z]+\.csv)")[0]
        assert list(ids) == []
        named = [site for site in load_sites(ROOT).index if factors[column].str.contains(rf"\b{site}\b").any()]
        assert named == []
