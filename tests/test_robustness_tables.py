"""Variants, sensitivity and several people's weights as tables for reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_rankings import small_ranking

import lipresearch as lip
from lipresearch import robustness_tables
from lipresearch.robustness.people import group_ranking, participant


@pytest.fixture
def people(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    for name, text in {
        "p1": "factor,label,points\n2.1,,100\n2.2,,50\n",
        "p2": "factor,2.1,2.2\n2.1,1,1/5\n2.2,5,1\n",
        "p3": "criterion,order\nimmigrants,1\nrecent,2\nnon-permanent,3\nlanguages,4\nkinds,5\nhospital-distance,5\n",
    }.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_reading_tables_have_at_most_eight_columns_and_no_ids(people: Path) -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    found = lip.group_ranking(ranking, lip.load_participants("health", folder=people), permutations=50, seed=1)
    change = lip.smallest_weight_change(ranking)
    tables = [
        robustness_tables.variants_summary(lip.compare_variants(lip.load_measures(), "health")),
        robustness_tables.leave_one_out_table(lip.leave_one_out(ranking), ("criterion", "data set", "site")),
        robustness_tables.weight_change_table(change),
        robustness_tables.moved_weights_table(change),
        robustness_tables.group_table(found),
        robustness_tables.members_table(found),
        robustness_tables.apart_table(found),
        robustness_tables.spread_table(found, "criterion"),
    ]
    ids = {"hospital-distance", "toronto-city", "recent_immigrants_2021", "at worst"}
    for table in tables:
        assert len(table.columns) <= 7
        shown = {str(cell) for cell in table.reset_index().to_numpy().ravel()}
        assert not ids & shown
        assert "nan" not in {cell.lower() for cell in shown}
    assert all("by permutation " in text for text in robustness_tables.agreement_sentences(found))


def test_the_weights_read_as_a_table() -> None:
    table = lip.notebook.weight_sensitivity_table(
        lip.weight_sensitivity(small_ranking([[0.8, 0.4], [0.2, 0.6]], [1, 1]))
    )
    assert table.loc["Criterion 0"].tolist() == ["50.0 %", "25.0 % to 100 %", "Site 1", "–", "1"]
    whole = lip.notebook.weight_sensitivity_table(
        lip.weight_sensitivity(small_ranking([[0.6, 0.4], [0.4, 0.6]], [1, 0]))
    )
    assert whole.loc["Criterion 0"].tolist()[1:] == [
        "no other criterion carries weight that could be in proportion", "–", "–", "–",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("", "–"),
        ("Peel", "Peel"),
        ("Peel; Huron", "Peel, Huron"),
        ("Peel; Huron; Ottawa", "Peel, Huron and 1 more"),
        ("St. John's; ; Huron", "St. John's, Huron"),
    ],
)
def test_long_lists_of_names_are_cut(names: str, shown: str) -> None:
    assert robustness_tables.some_names(names) == shown


def test_what_leaving_out_a_part_does_is_told_in_words() -> None:
    ranking = small_ranking([[0.9, 0.1], [0.2, 0.7], [0.5, 0.3]], [1, 1])
    table = robustness_tables.leave_one_out_table(lip.leave_one_out(ranking), ("criterion",))
    # Without the second criterion site 0 leads by 0.9; without the first one site 1 by 0.7.
    assert table["Weight"].tolist() == ["50.0 %", "50.0 %"]
    changes = table.iloc[:, -1]
    assert changes["Criterion 0"].startswith("first: Site 1")
    assert changes["Criterion 1"] == "no change"
    assert robustness_tables.sites_left_out(lip.leave_one_out(ranking)) == (
        "Leaving out any one site changes the order of no two others."
    )


def test_a_group_of_one_has_nothing_to_agree_with() -> None:
    ranking = small_ranking([[0.9, 0.1], [0.2, 0.8]], [1, 1])
    alone = participant(ranking.cluster, "Ann", "swings", "criterion", [3, 1])
    found = group_ranking(ranking, [alone])
    said = robustness_tables.agreement_sentences(found)
    assert said[0] == "Agreement on the ranking of sites: undefined, one ranking alone has nothing to agree with."
    assert robustness_tables.group_table(found)["Site"].tolist() == ["Site 0", "Site 1"]
    members = robustness_tables.members_table(found)
    assert members.loc["Ann", ["Asked for", "Consistency ratio", "Weight apart"]].tolist() == [
        "swing points, by criterion", "–", "0 %",
    ]  # fmt: skip
    assert robustness_tables.apart_table(found).loc["Ann"].tolist() == ["as the group", "as the group"]
