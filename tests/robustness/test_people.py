"""The group and its members: whose weights are theirs, who differs about what, groups that cannot be ranked."""

from __future__ import annotations

import dataclasses
import inspect
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_rankings import small_cluster, small_measures, small_ranking, tables

from lipresearch.design import Cluster
from lipresearch.errors import InputError
from lipresearch.ranking import rank_sites
from lipresearch.robustness.people import GROUP_METHODS, Participant, group_ranking, participant
from lipresearch.robustness.voting import kendalls_w
from robustness.rankings import fresh

few = settings(max_examples=12)

PLAIN = small_cluster([1, 1, 2], ["a", "a", "b"])


def test_factors_share_their_weight_as_the_perspective_does() -> None:
    assert participant(PLAIN, "A", "swings", "factor", [100, 25]).weights.tolist() == pytest.approx([0.4, 0.4, 0.2])
    typed = small_cluster([1, 3, 4], ["a", "a", "b"])
    assert participant(typed, "A", "weights", "factor", [0.8, 0.2]).weights.tolist() == pytest.approx([0.2, 0.6, 0.2])
    without = small_cluster([0, 0, 1], ["a", "a", "b"])
    assert participant(without, "A", "order", "factor", [1, 2]).weights.tolist() == pytest.approx([0.375, 0.375, 0.25])
    person = participant(PLAIN, "A", "pairs", "criterion", np.ones((3, 3)))
    assert person.weights.tolist() == pytest.approx([1 / 3] * 3)
    assert person.answers.loc["c0", "c2"] == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        person.name = "B"


def people(cluster: Cluster, *said: tuple[str, list[float]]) -> list[Participant]:
    return [participant(cluster, name, "swings", "criterion", points) for name, points in said]


TABLE = [[0.9, 0.1, 0.3], [0.2, 0.8, 0.4], [0.5, 0.5, 0.5], [0.9, 0.1, 0.3]]


def test_a_group_of_one_and_of_equals_is_that_person() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2])
    one = people(ranking.cluster, ("A", [3, 1, 1]))
    for members in (one, [*one, *people(ranking.cluster, ("B", [3, 1, 1]))]):
        for method in ("mean of weights", "mean rank"):
            found = group_ranking(ranking, members, method)
            assert (found.members["weight_moved"].abs() < 1e-12).all()
            assert (found.members["average_shift"] == 0).all()
            assert (found.table["spread"] == 0).all()
            assert found.table["rank"].tolist() == found.ranks["A"].tolist()
            assert (found.members[["most_above", "most_below"]] == "").all(axis=None)
    assert found.agreement["w"].tolist() == pytest.approx([1, 1, 1])
    alone = group_ranking(ranking, one)
    assert set(alone.agreement["reason"]) == {"one ranking alone has nothing to agree with"}


def test_the_table_of_a_group_has_its_columns_and_no_others() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2])
    members = people(ranking.cluster, ("A", [3, 1, 1]), ("B", [1, 3, 1]))
    for method in ("mean of weights", "mean rank"):
        table = group_ranking(ranking, members, method).table
        assert " ".join(table.columns) == ("rank rank_best rank_worst spread site name score mean_rank declared status")
        assert table.index.tolist() == list(range(len(TABLE)))
        assert table["score"].isna().all() == (method == "mean rank")
        assert table.sort_values(["rank", "name", "site"])["site"].tolist() == table["site"].tolist()


@few
@given(tables(criteria=(3, 3)), st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_group_and_its_members_are_rankings_with_their_weights(world, said: list[list[int]]) -> None:
    table, weights = world
    cluster = small_cluster(weights)
    measures = small_measures(table)
    ranking = rank_sites(measures, cluster)
    members = people(cluster, *((f"P{place}", points) for place, points in enumerate(said)))
    found = group_ranking(ranking, members)

    def anew(share: pd.Series) -> pd.Series:
        criteria = cluster.criteria.assign(weight=np.asarray(share, dtype=float))
        table = rank_sites(measures, dataclasses.replace(cluster, _criteria=criteria)).table
        return table.set_index("site")["rank"].sort_index()

    mean = np.mean([np.array(points) / sum(points) for points in said], axis=0)
    listed = found.table.set_index("site").sort_index()
    pd.testing.assert_series_equal(listed["rank"], anew(mean), check_names=False)
    assert found.weights["group"].to_numpy() == pytest.approx(mean, abs=1e-12)
    assert listed["declared"].tolist() == anew(np.array(weights) / sum(weights)).tolist()
    for person in members:
        ranks = found.ranks[person.name].sort_index()
        pd.testing.assert_series_equal(ranks, anew(person.weights), check_names=False)
        assert (listed["rank_best"] <= ranks).all()
        assert (listed["rank_worst"] >= ranks).all()
    moved = found.members["weight_moved"]
    assert ((moved >= 0) & (moved <= 1)).all()
    for row in found.spread.itertuples():
        assert row.lowest - 1e-12 <= row.group <= row.highest + 1e-12


def test_equal_sites_share_every_rank() -> None:
    ranking = small_ranking(TABLE)
    members = people(ranking.cluster, ("A", [3, 1, 1]), ("B", [1, 3, 1]))
    for method in ("mean of weights", "mean rank"):
        found = group_ranking(ranking, members, method)
        assert (found.ranks.loc["s00"] == found.ranks.loc["s03"]).all()
        ranks = found.table.set_index("site")
        assert ranks.loc["s00", "rank"] == ranks.loc["s03", "rank"]


def test_the_mean_rank_is_bordas_order() -> None:
    ranking = small_ranking([[0.9, 0.1], [0.2, 0.8], [0.5, 0.55]])
    members = people(ranking.cluster, ("A", [4, 1]), ("B", [1, 4]), ("C", [1, 9]))
    found = group_ranking(ranking, members, "mean rank")
    listed = found.table.set_index("site")
    # A: s0 s2 s1; B and C: s1 s2 s0.
    assert listed["mean_rank"].to_dict() == pytest.approx({"s00": 7 / 3, "s01": 5 / 3, "s02": 2})
    assert listed["rank"].to_dict() == {"s01": 1, "s02": 2, "s00": 3}
    assert listed["score"].isna().all()
    assert listed["spread"].to_dict() == {"s00": 2, "s01": 2, "s02": 0}


def test_who_differs_about_what() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    members = people(ranking.cluster, ("A", [6, 2, 2]), ("B", [2, 2, 6]))
    found = group_ranking(ranking, members)
    rows = found.members.set_index("participant")
    assert rows.loc["A", ["most_above", "most_below"]].tolist() == ["Criterion 0", "Criterion 2"]
    assert rows.loc["A", ["by_above", "by_below"]].tolist() == pytest.approx([0.2, -0.2])
    assert rows["weight_moved"].tolist() == pytest.approx([0.2, 0.2])
    spread = found.spread.set_index(["level", "id"])
    assert spread.loc[("factor", "b"), ["group", "lowest", "highest"]].tolist() == pytest.approx([0.4, 0.2, 0.6])
    assert spread.loc[("factor", "b"), ["lowest_by", "highest_by", "label"]].tolist() == ["A", "B", "b Factor b"]
    assert spread.loc[("criterion", "c1"), ["lowest_by", "highest_by"]].tolist() == ["", ""]
    assert spread.loc[("factor", "b"), "deviation"] == pytest.approx(0.2 * math.sqrt(2))


def test_the_group_of_judgements_takes_their_geometric_mean() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    members = [
        participant(ranking.cluster, name, "pairs", "factor", table)
        for name, table in (("A", [[1, 8], [1 / 8, 1]]), ("B", [[1, 1 / 2], [2, 1]]))
    ]
    found = group_ranking(ranking, members, "geometric mean of judgements")
    assert found.weights["group"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    mean = group_ranking(ranking, members)
    assert mean.weights["group"].tolist() == pytest.approx([11 / 36, 11 / 36, 7 / 18])


def test_judgements_that_contradict_each_other_are_pointed_out() -> None:
    cluster = small_cluster([1, 1, 1])
    person = participant(cluster, "A", "pairs", "criterion", [[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]])
    found = group_ranking(rank_sites(small_measures(TABLE), cluster), [person])
    assert found.members["note"].tolist() == ["judgements contradict each other (ratio above 0.1)"]
    assert found.members["consistency"].item() > 1


def test_sites_without_enough_evidence_for_somebody_are_listed_with_the_reason() -> None:
    ranking = small_ranking([[0.9, None], [0.2, 0.8], [0.5, 0.5]], minimum=0.5)
    members = people(ranking.cluster, ("A", [4, 1]), ("B", [2, 3]))
    found = group_ranking(ranking, members).table.set_index("site")
    assert found.loc["s00", "status"] == "unranked: below the minimum coverage under the weights of B"
    assert found.loc["s00", ["rank", "rank_best", "score", "mean_rank", "declared"]].isna().all()
    # Under the mean of the weights, 0.6 and 0.4, site 2 has 0.5 and site 1 has 0.44.
    assert found.loc[["s01", "s02"], "rank"].tolist() == [2, 1]
    with pytest.raises(InputError, match="No site has the minimum coverage under everybody's weights"):
        group_ranking(small_ranking([[0.9, None]] * 2, minimum=0.5), people(small_cluster([1, 1]), ("B", [1, 9])))


@pytest.mark.parametrize(
    ("members", "method", "message"),
    [
        ([], "mean of weights", "one participant or more, each with a name of its own"),
        (people(PLAIN, ("A", [1, 1, 1])) * 2, "mean rank", "one participant or more, each with a name of its own"),
        (people(small_cluster([1]), ("A", [1])), "mean rank", "A weighs other criteria than the ranking has: c0"),
        (people(PLAIN, ("A", [1, 1, 1])), "vote", "There is no method 'vote'. There are: mean of weights, geometric"),
        (people(PLAIN, ("A", [1, 1, 1])), GROUP_METHODS[1], "needs pairwise judgements on the same level from every"),
    ],
)
def test_groups_that_cannot_be_ranked(members: list[Participant], method: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        group_ranking(small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"]), members, method)


def test_who_agrees_with_the_group_lies_apart_on_nothing() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    rows = group_ranking(ranking, people(ranking.cluster, ("A", [2, 2, 6]), ("B", [2, 2, 6]))).members
    assert rows[["most_above", "most_below"]].to_numpy().tolist() == [["", ""]] * 2
    assert rows[["by_above", "by_below", "weight_moved", "average_shift"]].to_numpy().tolist() == [[0, 0, 0, 0]] * 2


# ---- a group again, person by person ----------------------------------------------------------------


def places(scores: list[float]) -> list[float]:
    """Places of the highest first, equal ones the mean of theirs (to nine decimals)."""
    near = [round(score, 9) for score in scores]
    return [1 + sum(y > x for y in near) + (near.count(x) - 1) / 2 for x in near]


@settings(max_examples=15)
@given(
    tables(criteria=(3, 3), full=True),
    st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3).filter(any), min_size=1, max_size=4),
    st.sampled_from(["mean of weights", "mean rank"]),
)
def test_every_table_of_a_group_is_the_slow_one(world, said: list[list[int]], method: str) -> None:
    table, weights = world
    ranking = small_ranking(table, weights, ["a", "b", "a"])
    codes = [f"P{place}" for place in range(len(said))]
    found = group_ranking(ranking, people(ranking.cluster, *zip(codes, said, strict=True)), method)
    shares = {code: [x / sum(points) for x in points] for code, points in zip(codes, said, strict=True)}
    group = [sum(share[c] for share in shares.values()) / len(said) for c in range(3)]
    assert found.method == method
    scores = {
        code: [sum(w * x for w, x in zip(share, row, strict=True)) for row in table] for code, share in shares.items()
    }
    orders = {code: places(mine) for code, mine in scores.items()}
    means = [sum(order[s] for order in orders.values()) / len(said) for s in range(len(table))]
    joint = [-x for x in means]
    if method == "mean of weights":
        joint = [sum(w * x for w, x in zip(group, row, strict=True)) for row in table]
    listed = found.table.set_index("site")
    for s in range(len(table)):
        row = listed.loc[f"s{s:02d}"]
        ranks = [1 + sum(round(y, 9) > round(mine[s], 9) for y in mine) for mine in scores.values()]
        assert found.ranks.loc[f"s{s:02d}"].tolist() == ranks
        assert row[["rank_best", "rank_worst", "spread"]].tolist() == [min(ranks), max(ranks), max(ranks) - min(ranks)]
        assert row["mean_rank"] == pytest.approx(means[s])
        assert row["rank"] == 1 + sum(round(y, 9) > round(joint[s], 9) for y in joint)
        assert row["status"] == "ranked"
        if method == "mean of weights":
            assert row["score"] == pytest.approx(joint[s], abs=1e-9)
    assert list(found.ranks.index) == list(found.table["site"])
    assert list(found.weights.columns) == ["label", "factor", *codes, "group"]
    assert found.weights["factor"].tolist() == ["a", "b", "a"]
    assert found.weights["label"].tolist() == ["Criterion 0", "Criterion 1", "Criterion 2"]
    assert found.weights["group"].tolist() == pytest.approx(group)
    for row in found.members.itertuples():
        apart = [round(x - y, 12) for x, y in zip(shares[row.participant], group, strict=True)]
        own = [round(x, 9) for x in scores[row.participant]]
        assert row.first == "; ".join(f"Site {s}" for s, x in enumerate(own) if x == max(own))
        assert (row.kind, row.level, row.note) == ("swings", "criterion", "")
        assert math.isnan(row.consistency)
        assert row.weight_moved == pytest.approx(sum(map(abs, apart)) / 2)
        shift = [abs(x - y) for x, y in zip(orders[row.participant], places(joint), strict=True)]
        assert row.average_shift == pytest.approx(sum(shift) / len(shift))
        for most, criteria, by in (
            (max(apart), row.most_above, row.by_above),
            (min(apart), row.most_below, row.by_below),
        ):
            alike = max(map(abs, apart)) < 1e-12
            assert criteria == ("" if alike else "; ".join(f"Criterion {c}" for c in range(3) if apart[c] == most))
            assert by == pytest.approx(0 if alike else most)
    kinds = {("factor", "a"): [0, 2], ("factor", "b"): [1], **{("criterion", f"c{c}"): [c] for c in range(3)}}
    assert list(zip(found.spread["level"], found.spread["id"], strict=True)) == list(kinds)
    for row, mine in zip(found.spread.itertuples(), kinds.values(), strict=True):
        each = {code: round(sum(share[c] for c in mine), 12) for code, share in shares.items()}
        low, high = min(each.values()), max(each.values())
        assert (row.group, row.lowest, row.highest) == pytest.approx((sum(group[c] for c in mine), low, high))
        assert row.lowest_by == ("; ".join(c for c, x in each.items() if x == low) if low < high else "")
        assert row.highest_by == ("; ".join(c for c, x in each.items() if x == high) if low < high else "")
        if len(said) > 1:
            assert row.deviation == pytest.approx(np.std(list(each.values()), ddof=1), abs=1e-9)
        else:
            assert math.isnan(row.deviation)
    about = {
        "ranking of sites": list(orders.values()),
        "criteria": [places(share) for share in shares.values()],
        "factors": [places([share[0] + share[2], share[1]]) for share in shares.values()],
    }
    assert found.agreement["about"].tolist() == list(about)
    for row, mine in zip(found.agreement.itertuples(), about.values(), strict=True):
        expected = kendalls_w(mine)
        assert (row.participants, row.things, row.degrees, row.reason) == (
            len(said),
            len(mine[0]),
            expected.degrees,
            expected.reason,
        )
        assert (row.w, row.chi_squared, row.p_value) == pytest.approx(
            (expected.w, expected.chi_squared, expected.p_value), abs=1e-9, nan_ok=True
        )
        assert math.isnan(row.p_permuted)


def test_the_permutation_test_of_a_group_takes_its_seed() -> None:
    ranking = small_ranking(TABLE)
    members = people(ranking.cluster, ("A", [3, 1, 1]), ("B", [1, 3, 1]))
    found = group_ranking(ranking, members, permutations=50, seed=4).agreement.set_index("about")
    expected = kendalls_w([[1, 2.5, 2.5], [2.5, 1, 2.5]], 50, 4)
    assert found.loc["criteria", "p_permuted"] == expected.p_permuted
    # Factors stand in the order of the criteria, not of their names: with the same draws another p.
    by_factor = small_ranking(TABLE, factors=["b", "a", "c"])
    three = people(by_factor.cluster, ("A", [5, 3, 1]), ("B", [5, 2, 2]), ("C", [4, 1, 3]))
    found = group_ranking(by_factor, three, permutations=40, seed=1).agreement.set_index("about")
    expected, turned = (
        kendalls_w([places([said[c] for c in order]) for said in ([5, 3, 1], [5, 2, 2], [4, 1, 3])], 40, 1)
        for order in ((0, 1, 2), (1, 0, 2))
    )
    assert found.loc["factors", "p_permuted"] == expected.p_permuted != turned.p_permuted
    given_ = {name: one.default for name, one in inspect.signature(group_ranking).parameters.items()}
    assert (given_["method"], given_["permutations"], given_["seed"]) == ("mean of weights", 0, None)
    assert inspect.signature(participant).parameters["order_method"].default == "centroid"


@pytest.mark.parametrize(
    ("ratio", "noted"),
    [([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], False), ([[1, 3, 3], [1 / 3, 1, 3], [1 / 3, 1 / 3, 1]], True)],
)
def test_a_ratio_above_a_tenth_is_pointed_out(ratio: list[list[float]], noted: bool) -> None:
    cluster = small_cluster([1, 1, 1])
    person = participant(cluster, "A", "pairs", "criterion", ratio)
    found = group_ranking(rank_sites(small_measures(TABLE), cluster), [person])
    consistency = found.members["consistency"].item()
    assert (0.1 < consistency < 0.2) if noted else (0.02 < consistency < 0.1)
    assert (found.members["note"].item() != "") == noted


def test_sites_are_held_to_the_coverage_of_everybody_and_of_the_group() -> None:
    ranking = small_ranking([[0.9, None, 0.5], [0.2, 0.8, 0.1], [0.5, 0.5, 0.4]], minimum=0.6)
    members = people(ranking.cluster, ("A", [5, 4, 1]), ("B", [1, 8, 1]))
    found = group_ranking(ranking, members).table.set_index("site")
    assert found.loc["s00", "status"] == "unranked: below the minimum coverage under the weights of the group"
    own = group_ranking(ranking, members, "mean rank").table.set_index("site")
    assert own.loc["s00", "status"] == "unranked: below the minimum coverage under the weights of B"
    assert own.index.tolist()[-1] == "s00"
    kept = group_ranking(ranking, people(ranking.cluster, ("A", [5, 4, 1]))).table
    assert kept["status"].tolist() == ["ranked"] * 3  # 0.6 is enough


def test_results_are_copies() -> None:
    ranking = small_ranking(TABLE)
    found = group_ranking(ranking, people(ranking.cluster, ("A", [3, 1, 1]), ("B", [1, 3, 1])))
    for name in ("table", "ranks", "weights", "members", "spread", "agreement"):
        mine = getattr(found, name)
        mine["further"] = 1
        assert "further" not in getattr(found, name)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.method = "mean rank"  # type: ignore[misc]
    assert repr(found) == (
        "Ranking by 2 participants (mean of weights). See .table, .members, .spread, .agreement, .weights, .ranks."
    )
    person = participant(PLAIN, "A", "order", "criterion", [1, 2, 3])
    for mine in (person.weights, person.answers):
        mine["c0"] = 9.0
    assert person.weights["c0"] == pytest.approx(11 / 18)
    assert person.answers.tolist() == [1, 2, 3]
    assert (person.weights.name, person.weights.index.tolist()) == ("weight", ["c0", "c1", "c2"])
    assert person != dataclasses.replace(person)
    assert found != dataclasses.replace(found)


@pytest.mark.parametrize("name", ["group", "the group", "label", "factor", "", "  ", 3])
def test_words_of_the_tables_are_no_names(name: object) -> None:
    message = r"^A participant is called by a text other than group, the group, label, factor, which are words of the"
    with pytest.raises(InputError, match=message):
        participant(PLAIN, name, "swings", "factor", [1, 1])  # type: ignore[arg-type]


def test_judgements_of_a_group_must_be_about_the_same() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    by_factor = participant(ranking.cluster, "A", "pairs", "factor", [[1, 2], [0.5, 1]])
    by_criterion = participant(ranking.cluster, "B", "pairs", "criterion", np.ones((3, 3)))
    swings = participant(ranking.cluster, "C", "swings", "criterion", [1, 1, 1])
    for members in ([by_factor, by_criterion], [by_criterion, swings], [swings]):
        with pytest.raises(
            InputError, match=r"^The geometric mean of judgements needs pairwise judgements on the same"
        ):
            group_ranking(ranking, members, GROUP_METHODS[1])
    for member in (by_factor, by_criterion):
        alone = group_ranking(ranking, [member], GROUP_METHODS[1])
        assert alone.weights["group"].tolist() == pytest.approx(member.weights.tolist())


def test_words_are_read_by_their_letters() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    pairs = [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]]
    answers = {"weights": [0.5, 0.3, 0.2], "swings": [5, 3, 2], "order": [1, 2, 3], "pairs": pairs}
    for kind, said in answers.items():
        one = participant(ranking.cluster, "A", kind, "criterion", said)
        other = participant(ranking.cluster, "A", fresh(kind), fresh("criterion"), said)
        assert one.weights.tolist() == other.weights.tolist()
        assert np.asarray(one.answers).tolist() == np.asarray(other.answers).tolist() == said
        assert (one.judgements is None) == (other.judgements is None) == (kind != "pairs")
    members = [participant(ranking.cluster, name, "pairs", fresh("criterion"), pairs) for name in "AB"]
    for method in GROUP_METHODS:
        one, other = group_ranking(ranking, members, method), group_ranking(ranking, members, fresh(method))
        pd.testing.assert_frame_equal(one.table, other.table)
        pd.testing.assert_frame_equal(one.weights, other.weights)
    thin = small_ranking([[0.9, None], [0.2, 0.8]], minimum=0.5)
    two = people(thin.cluster, ("A", [4, 1]), ("B", [1, 8]))
    own = group_ranking(thin, two, fresh("mean rank")).table.set_index("site")
    assert own.loc["s00", "status"] == "unranked: below the minimum coverage under the weights of B"


def test_as_many_answers_as_there_are_things_to_weigh() -> None:
    for level, things in (("criterion", "c0, c1, c2"), ("factor", "a, b")):
        count = len(things.split(", "))
        for answers in ([1.0] * (count - 1), [1.0] * (count + 1), np.ones((1, count)), np.ones((count, 1)), 1.0):
            with pytest.raises(InputError, match=rf"^A: there must be one answer for each {level}: {things}\.$"):
                participant(PLAIN, "A", "swings", level, answers)
        for size in (count - 1, count + 1):
            with pytest.raises(InputError, match=rf"^A: there must be one answer for each {level}: {things}\.$"):
                participant(PLAIN, "A", "pairs", level, np.ones((size, size)))
    with pytest.raises(InputError, match=r"^A: answers must be numbers, in rows of equal length, not text\.$"):
        participant(PLAIN, "A", "swings", "factor", ["a", "b"])
    with pytest.raises(InputError, match=r"^Weights are asked for each criterion or each factor, not 'site'\.$"):
        participant(PLAIN, "A", "swings", "site", [1.0, 1.0])
    with pytest.raises(InputError, match=r"^A participant's answers are weights, swings, order, pairs, not 'votes'\.$"):
        participant(PLAIN, "A", "votes", "factor", [1.0, 1.0])
