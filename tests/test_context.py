"""Partners, priorities, baseline surveys, characteristics: what must be there, and every rule broken once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import lipresearch as lip
from lipresearch import context, notebook
from lipresearch.build import build
from lipresearch.context import (
    check_context,
    load_characteristics,
    load_partners,
    load_priorities,
    load_surveys,
)
from lipresearch.design import list_clusters
from lipresearch.errors import NotFoundError, TableError
from lipresearch.evidence import read_measures
from lipresearch.paths import project_root

ROOT = project_root()
CLUSTERS = ["education", "health", "labour", "justice", "inclusion"]

#: How many of each the five research workshops named (source text 000).
PARTNERS = {"education": 11, "health": 8, "labour": 14, "justice": 10, "inclusion": 10}
PRIORITIES = {"education": 7, "health": 4, "labour": 4, "justice": 5, "inclusion": 5}


def change(root: Path, table: str, old: str, new: str) -> None:
    path = root / "data" / "design" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {table}.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def drop_rows(root: Path, table: str, beginning: str) -> None:
    path = root / "data" / "design" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(beginning)]
    assert len(kept) < len(lines)
    path.write_text("".join(kept), encoding="utf-8")


# -- what must be there -----------------------------------------------------------------------------


def test_every_partner_and_priority_of_every_workshop_is_listed_with_its_source() -> None:
    for table, counts, section in (
        (load_partners(ROOT), PARTNERS, "Potential Partners and Support"),
        (load_priorities(ROOT), PRIORITIES, "Research Priorities"),
    ):
        named = table[table["cluster"].isin(CLUSTERS)]  # a cluster of one's own may stand beside them
        assert named.groupby("cluster", sort=False).size().to_dict() == counts
        assert (named["seed"] == "000").all()
        for number, cluster in enumerate(CLUSTERS, 1):
            sections = table.loc[table["cluster"] == cluster, "section"]
            assert sections.str.fullmatch(rf"Research Cluster {number}: .*, {section}").all()


def test_priorities_are_numbered_by_workshop_in_order() -> None:
    expected = [f"p{n}.{k}" for n, count in enumerate(PRIORITIES.values(), 1) for k in range(1, count + 1)]
    assert list(load_priorities(ROOT)["priority"])[: len(expected)] == expected


def test_only_what_the_text_says_is_said_to_be_given() -> None:
    table = load_partners(ROOT)
    sources = table["named_for"].isin(["funding", "funding and partnering", "financial and in-kind support"])
    assert (sources == (table["gives_funding"] == "yes")).all()
    assert set(table.loc[table["cluster"] == "health", "gives_funding"]) == {"not said"}
    data = table[table["gives_data"] == "yes"]
    assert list(data["organisation"]) == ["Toronto Immigrant Employment Data Initiative"]
    assert (data["note"] != "").all()
    for column in ("gives_training", "gives_access"):
        assert set(table[column]) == {"not said"}


def test_an_organisation_reads_the_same_in_every_cluster() -> None:
    table = load_partners(ROOT)
    for _, rows in table.groupby("organisation"):
        assert len(rows[["organisation_fr", "kind"]].drop_duplicates()) == 1
    assert set(table["organisation"][table["organisation"].duplicated()]) >= {
        "Laidlaw Foundation",
        "Ministry of Training, Colleges and Universities",
        "Ontario Trillium Foundation",
        "Sector councils",
        "Social Sciences and Humanities Research Council",
    }


def test_the_five_surveys_that_were_named_have_a_public_page() -> None:
    table = load_surveys(ROOT)
    assert list(table["survey"]) == ["ces", "eds", "gss", "lsic", "nsgvp"]
    assert (table["named_by"] == "inclusion").all()
    assert table["source"].str.startswith("http").all()
    assert list(load_surveys(ROOT, "justice")["survey"]) == ["gss"]


def test_a_cluster_gets_its_own_rows() -> None:
    for load in (load_partners, load_priorities):
        together = pd.concat([load(ROOT, cluster) for cluster in list_clusters(ROOT)["cluster"]], ignore_index=True)
        pd.testing.assert_frame_equal(together, load(ROOT))
    for cluster in CLUSTERS:
        listed = load_surveys(ROOT, cluster)["clusters"]
        assert all(cluster in names.split(";") for names in listed)


def test_17_characteristics_each_with_measures_or_an_open_gap() -> None:
    table = load_characteristics(ROOT)
    assert list(table.index) == list(range(1, 18))
    assert table["name"].is_unique
    assert (table["to_supply"].str.len() > 20).all()
    linked = table["measures"] != ""
    assert (table["status"].map({"partly": True, "no evidence yet": False}) == linked).all()
    assert (table.loc[linked, "why"] != "").all()
    known = set(read_measures(ROOT).index)
    for names in table.loc[linked, "measures"]:
        assert set(names.split(";")) <= known
    assert table.loc[9, "status"] == "partly"
    assert table.loc[4, "status"] == "no evidence yet"


def test_the_public_functions_read_the_same_tables() -> None:
    pd.testing.assert_frame_equal(lip.load_partners("health"), load_partners(ROOT, "health"))
    pd.testing.assert_frame_equal(lip.load_priorities("labour", root=ROOT), load_priorities(ROOT, "labour"))
    pd.testing.assert_frame_equal(lip.load_surveys(), load_surveys(ROOT))
    pd.testing.assert_frame_equal(lip.load_characteristics(), load_characteristics(ROOT))


def test_no_telephone_number_or_mail_address_is_kept() -> None:
    for name in ("partners", "priorities", "baseline_surveys", "characteristics", "characteristic_measures"):
        text = (ROOT / "data" / "design" / f"{name}.csv").read_text(encoding="utf-8")
        assert not re.search(r"\S@\S", text)
        assert not re.search(r"\(?\d{3}\)?[ -.]\d{3}[ -.]\d{4}", text)


def test_tables_for_reading_hold_every_row_and_no_internal_word() -> None:
    partners = notebook.partners_table(lip.load_partners("education"))
    assert len(partners) == PARTNERS["education"]
    assert partners.loc["Toronto Immigrant Employment Data Initiative", "Could give"] == "funding, data"
    assert partners.loc["Laidlaw Foundation", "Could give"] == "funding"
    assert set(notebook.partners_table(lip.load_partners("health"))["Could give"]) == {"not said"}
    assert list(notebook.priorities_table(lip.load_priorities("health")).index) == list(
        lip.load_priorities("health")["label"]
    )
    assert list(notebook.surveys_table(lip.load_surveys()).columns) == ["Publisher", "Years", "Who", "What", "Access"]
    shown = notebook.characteristics_table(lip.load_characteristics())
    assert shown.index[8] == "9 Accessible and suitable health care"
    assert (shown["Measures"] == "none").sum() == (shown["Evidence"] == "no evidence yet").sum()
    assert not shown["Measures"].str.contains("_").any()


# -- every rule broken once -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "table", "old", "new", "message"),
    [
        (
            load_partners,
            "partners",
            "health,Health Canada",
            "wealth,Health Canada",
            "partners.csv, row 19, column cluster: found 'wealth', expected a known id. Use an id of clusters.csv.",
        ),
        (
            load_partners,
            "partners",
            "Health Canada,Santé Canada,federal",
            "Health Canada,Santé Canada,national",
            "partners.csv, row 19, column kind: found 'national', expected one of federal, provincial, municipal",
        ),
        (
            load_partners,
            "partners",
            "Santé Canada,federal,purpose not said,not said",
            "Santé Canada,federal,purpose not said,perhaps",
            "row 19, column gives_funding: found 'perhaps', expected one of yes, no, not said.",
        ),
        (
            load_partners,
            "partners",
            "Santé Canada,federal,purpose not said",
            "Santé Canada,federal,love",
            "row 19, column named_for: found 'love', expected one of funding, funding and partnering, financial",
        ),
        (
            load_partners,
            "partners",
            "health,Health Canada,Santé Canada",
            "health,Health Canada,",
            "row 19, column organisation_fr: found an empty cell, expected a text. Fill the cell.",
        ),
        (
            load_partners,
            "partners",
            "health,Health Canada",
            "health,Canadian Mental Health Association",
            "row 19, column cluster, organisation: found again health, Canadian Mental Health Association, expected",
        ),
        (
            load_priorities,
            "priorities",
            "health,p2.1",
            "wealth,p2.1",
            "priorities.csv, row 9, column cluster: found 'wealth', expected a known id. Use an id of clusters.csv.",
        ),
        (
            load_priorities,
            "priorities",
            "health,p2.2",
            "health,p2.1",
            "priorities.csv, row 10, column priority: found again p2.1, expected each only once (first in row 9).",
        ),
        (
            load_priorities,
            "priorities",
            ",outcomes,",
            ",success,",
            "column theme: found 'success', expected one of access and barriers, data and methods, ",
        ),
        (
            load_surveys,
            "baseline_surveys",
            "inclusion,inclusion;justice",
            "inclusion,inclusion;police",
            "baseline_surveys.csv, row 4, column clusters: found 'police', expected ids of clusters.csv, with ; ",
        ),
        (
            load_surveys,
            "baseline_surveys",
            "inclusion,inclusion;justice",
            "faith;inclusion,inclusion;justice",
            "row 4, column named_by: found 'faith', expected ids of clusters.csv, with ; between.",
        ),
        (
            load_surveys,
            "baseline_surveys",
            "inclusion,inclusion;justice",
            "inclusion,justice",
            "row 4, column clusters: found gss without inclusion, expected every cluster that named_by lists. Add it.",
        ),
        (
            load_surveys,
            "baseline_surveys",
            "\ngss,",
            "\nces,",
            "row 4, column survey: found again ces, expected each only once (first in row 2).",
        ),
        (
            load_characteristics,
            "characteristics",
            "\n2,Fostering",
            "\n20,Fostering",
            "characteristics.csv, column number: found 1, 20, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, "
            "expected 1 to 17 in order.",
        ),
        (
            load_characteristics,
            "characteristic_measures",
            "\n9,health_kinds_present",
            "\n19,health_kinds_present",
            "row 13, column number: found '19', expected a known id. Use a number of characteristics.csv.",
        ),
        (
            load_characteristics,
            "characteristic_measures",
            "9,health_kinds_present",
            "9,health_minds_present",
            "row 13, column measure: found 'health_minds_present', expected a known id. Declare the measure in meas",
        ),
        (
            load_characteristics,
            "characteristic_measures",
            "9,primary_care_per_10000",
            "9,health_kinds_present",
            "row 14, column number, measure: found again 9, health_kinds_present, expected each only once",
        ),
    ],
)
def test_a_broken_table_is_named(
    project_copy: Path, load: Callable[[Path], pd.DataFrame], table: str, old: str, new: str, message: str
) -> None:
    change(project_copy, table, old, new)
    with pytest.raises(TableError, match=re.escape(message)):
        load(project_copy)
    with pytest.raises(TableError, match=re.escape(message)):
        check_context(project_copy)


@pytest.mark.parametrize(
    ("load", "table", "what"), [(load_partners, "partners", "partner"), (load_priorities, "priorities", "priority")]
)
def test_a_cluster_left_out_is_named(
    project_copy: Path, load: Callable[[Path], pd.DataFrame], table: str, what: str
) -> None:
    drop_rows(project_copy, table, "justice,")
    message = f"{table}.csv, column cluster: found no row for justice, expected at least one {what} for every cluster."
    with pytest.raises(TableError, match=re.escape(message)):
        load(project_copy)


def test_a_cluster_that_is_added_must_have_partners_and_priorities(project_copy: Path) -> None:
    change(project_copy, "clusters", "justice,4,", "policing,4,")
    with pytest.raises(TableError) as caught:
        load_partners(project_copy)
    rows = [problem for problem in caught.value.problems if problem.found == "'justice'"]
    assert len(rows) == PARTNERS["justice"]
    assert caught.value.problems[-1].found == "no row for policing"


def test_a_measure_that_is_gone_is_noticed_by_the_characteristics(project_copy: Path) -> None:
    change(project_copy, "measures", "\nhealth_kinds_present,", "\nhealth_kinds_there,")
    with pytest.raises(
        TableError, match=r"characteristic_measures\.csv, row 13, column measure: found 'health_kinds_pr"
    ):
        load_characteristics(project_copy)


def test_all_failures_of_all_tables_come_at_once(project_copy: Path) -> None:
    change(project_copy, "partners", ",foundation,", ",charity,")
    change(project_copy, "priorities", ",outcomes,", ",success,")
    change(project_copy, "baseline_surveys", "inclusion,inclusion;justice", "inclusion,justice")
    change(project_copy, "characteristic_measures", "9,health_kinds_present", "9,health_minds_present")
    with pytest.raises(TableError, match=r"^4 problems in the tables\. Nothing was changed\.") as caught:
        check_context(project_copy)
    assert [problem.file.removeprefix("data/design/") for problem in caught.value.problems] == [
        "partners.csv",
        "priorities.csv",
        "baseline_surveys.csv",
        "characteristic_measures.csv",
    ]


def test_a_build_stops_at_a_broken_table_and_changes_nothing(project_copy: Path) -> None:
    derived = project_copy / "data" / "derived"
    before = {path: path.read_bytes() for path in derived.rglob("*") if path.is_file()}
    change(project_copy, "partners", ",foundation,", ",charity,")
    with pytest.raises(TableError, match="column kind: found 'charity'"):
        build(project_copy)
    assert {path: path.read_bytes() for path in derived.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("load", [lip.load_partners, lip.load_priorities, lip.load_surveys])
def test_an_unknown_cluster_lists_the_known_ones(load: Callable[[str], pd.DataFrame]) -> None:
    with pytest.raises(
        NotFoundError,
        match=r"There is no cluster 'fame'\. There are: education, health, labour, justice, inclusion\b",
    ):
        load("fame")


def test_every_word_of_a_closed_list_is_used_or_meant_for_later() -> None:
    assert set(load_partners(ROOT)["kind"]) == set(context.PARTNER_KINDS)
    assert set(load_partners(ROOT)["named_for"]) == set(context.NAMED_FOR)
    assert set(load_priorities(ROOT)["theme"]) == set(context.THEMES)
