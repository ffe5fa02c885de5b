"""Inputs by which robustness gave a wrong number, said something false or broke: each stays mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lipresearch as lip
from lipresearch import people as files
from lipresearch.cli import main
from lipresearch.errors import InputError, TableError
from lipresearch.robustness import Weighting, acceptability_of_samples, explain_rank_variance, rank_acceptability
from lipresearch.robustness import ranking_entropy as entropy
from lipresearch.robustness.elicitation import ahp_weights, rank_order_weights, swing_weights
from lipresearch.robustness.evidence import data_uncertainty
from lipresearch.robustness.grid import grid_of
from lipresearch.robustness.people import group_ranking, participant
from lipresearch.robustness.sensitivity import leave_one_out, smallest_weight_change
from lipresearch.robustness.variance import METHODS
from lipresearch.robustness.variants import aggregate, normalised, promethee, vikor
from lipresearch.robustness.voting import kemeny, kemeny_score, kendalls_w, outranking, pairwise_wins
from lipresearch.robustness.weighting import WeightSampler
from tests.robustness.rankings import precision_of, ranking_of
from tests.small_rankings import small_cluster, small_ranking

THREE = [[0.1, 0.9], [0.5, 0.5], [0.8, 0.3]]
NO_BASES = pd.DataFrame({"site": [], "measure": [], "value": []})
VOTES = np.array([[0, 1 / 3, 2 / 3], [2 / 3, 0, 1 / 7], [1 / 3, 6 / 7, 0]])


# ---- weights ----------------------------------------------------------------------------------------


def drawn(count: int, size: int, **restrictions: object) -> np.ndarray:
    names = [f"f{place}" for place in range(count)]
    sampler = WeightSampler(Weighting(**restrictions), names, names, np.full(count, 1 / count), 1)  # type: ignore[arg-type]
    return sampler.draw(0, size)


@pytest.mark.parametrize("width", [1e-2, 1e-3, 1e-4])
@pytest.mark.parametrize("count", [3, 6])
def test_a_narrow_ratio_leaves_the_other_weights_free(count: int, width: float) -> None:
    # f0 and f1 nearly equal: their sum is a beta variable with 2 and count - 2, whatever the width.
    weights = drawn(count, 4000, ratios={("f0", "f1"): (1, 1 + width)})
    pair = weights[0] + weights[1]
    spread = np.sqrt(2 * (count - 2) / (count**2 * (count + 1)))
    assert pair.mean() == pytest.approx(2 / count, abs=5 * spread / np.sqrt(4000))
    assert pair.std() == pytest.approx(spread, rel=0.06)


def test_narrow_bounds_leave_the_other_weights_free() -> None:
    weights = drawn(6, 4000, bounds={"f0": (0.3, 0.3005), "f1": (0.1, 0.101)})
    assert weights[2:].mean(axis=1) == pytest.approx(np.full(4, 0.5992 / 4), abs=0.01)
    assert weights[2:].std(axis=1) == pytest.approx(np.full(4, 0.5992 * np.sqrt(3 / 80)), rel=0.08)
    assert ((weights[0] >= 0.3 - 1e-9) & (weights[0] <= 0.3005 + 1e-9)).all()


def test_a_chain_of_narrow_ratios_is_drawn_evenly() -> None:
    weights = drawn(8, 2000, ratios={(f"f{place}", f"f{place + 1}"): (1, 1.002) for place in range(7)})
    within = (weights[:-1] / weights[1:] - 1) / 0.002
    assert within.mean(axis=1) == pytest.approx(np.full(7, 0.5), abs=0.04)
    assert within.std(axis=1) == pytest.approx(np.full(7, np.sqrt(1 / 12)), abs=0.02)


# ---- what moves the ranks -----------------------------------------------------------------------------


def still(sites: int, draws: int) -> object:
    ranking = ranking_of(np.random.default_rng(0).random((sites, 3)))
    unsure = data_uncertainty(ranking, precision_of(ranking), NO_BASES)
    return explain_rank_variance(ranking, unsure, Weighting("fixed"), methods=("geometric",), draws=draws)


@pytest.mark.parametrize(("sites", "draws"), [(3, 1000), (7, 1000), (7, 8192), (11, 100)])
def test_where_nothing_moves_no_source_explains_anything(sites: int, draws: int) -> None:
    found = still(sites, draws)
    assert found.variance == 0  # type: ignore[attr-defined]
    assert found.table[["first_order", "total"]].isna().all().all()  # type: ignore[attr-defined]


def test_a_source_that_does_not_vary_moves_nobody_under_any_first_method() -> None:
    assert still(7, 1000).table["alone"].tolist() == [0.0] * 6  # type: ignore[attr-defined]


def test_equal_points_count_half_and_noise_tells_nobody_apart() -> None:
    points, weights = np.array([[0.1 + 0.2], [0.3], [0.0]])[:, :, None], np.ones((1, 1))
    assert METHODS["rank"](points, weights)[:, 0].tolist() == [0.75, 0.75, 0.0]
    assert METHODS["min-max"](points[:2], weights)[:, 0].tolist() == [0.0, 0.0]


# ---- votes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1e-20, 1e-9, 1.0, 1e9, 1e200])
def test_the_unit_of_support_changes_no_order(unit: float) -> None:
    found = kemeny(VOTES * unit)
    assert found.orders == ((0, 2, 1), (2, 1, 0))
    assert found.score == pytest.approx((2 / 3 + 1 / 3 + 6 / 7) * unit)
    assert pairwise_wins(VOTES * unit).tolist() == [1.0, 1.0, 1.0]
    assert pairwise_wins(np.array([[0, 2.0, 2.0], [1.0, 0, 2.0], [1.0, 1.0, 0]]) * unit).tolist() == [2.0, 1.0, 0.0]


# ---- people -----------------------------------------------------------------------------------------

PLAIN = small_cluster([1.0, 1.0])


@pytest.mark.parametrize("name", ["group", "the group", "label", "factor", "", " ", None, 3])
def test_a_participant_has_a_name_of_its_own(name: object) -> None:
    with pytest.raises(InputError, match="A participant is called by a text other than group, the group, label, fact"):
        participant(PLAIN, name, "swings", "criterion", [1, 2])  # type: ignore[arg-type]


def put(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def test_a_file_is_a_person_however_its_ending_is_written(tmp_path: Path) -> None:
    text = "factor,points\nc0,1\nc1,2\n"
    found = files.read_participants(tmp_path, PLAIN, put(tmp_path, a_csv=text, b_CSV=text, c_Csv=text))
    assert [person.name for person in found.members] == ["a", "b", "c"]


def test_a_spreadsheet_is_not_passed_over_but_its_copy_is(tmp_path: Path) -> None:
    put(tmp_path, a_csv="factor,points\nc0,1\nc1,2\n", a_xlsx="", b_ods="")
    with pytest.raises(TableError, match=r"  b\.ods: found a spreadsheet, expected a CSV file\. Save it as CSV UTF-8"):
        files.read_participants(tmp_path, PLAIN, tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("group", "factor,points\nc0,1\nc1,2\n", "found the name 'group', expected a participant's code other than gr"),
        ("a", "factor;points\nc0;1\nc1;2\n", "Save it with commas between the columns, not semicolons, and decimal p"),
        ("a", f"factor,c0,c1\nc0,1,{'9' * 400}/1\nc1,1,1\n", "row 2, column c1: .* expected a number"),
        ("a", "factor,c0,c1\nc0,1,٣/1\nc1,1/3,1\n", "row 2, column c1: .* expected a number"),
    ],
)
def test_files_that_cannot_be_used(name: str, text: str, message: str, tmp_path: Path) -> None:
    put(tmp_path, **{f"{name}_csv": text})
    with pytest.raises(TableError, match=message):
        files.read_participants(tmp_path, PLAIN, tmp_path)


@pytest.mark.parametrize("code", ["../p1", "a/b", "a\\b", "", ".p", "group", "c:p"])
def test_a_template_is_written_nowhere_else(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["weights-template", "health", "--participant", code])
    assert ended.value.code == 1
    assert "A participant's code is the name of a file, such as p1" in " ".join(capsys.readouterr().err.split())


def test_huge_and_tiny_swings_are_weights_too() -> None:
    assert swing_weights([1e308, 1e308]).tolist() == [0.5, 0.5]
    assert swing_weights([1e-320, 3e-320]) == pytest.approx([0.25, 0.75], rel=1e-3)


# ---- evidence ---------------------------------------------------------------------------------------


def test_a_site_of_another_roster_has_its_own_precision() -> None:
    health = lip.load_cluster("health")
    ranking = lip.rank_sites(lip.load_measures("toronto-neighbourhoods-2009"), health)
    assert lip.data_uncertainty(ranking).table.equals(
        lip.data_uncertainty(ranking, roster="toronto-neighbourhoods-2009").table
    )


@pytest.mark.parametrize(
    "changes", [{"part": 0.0}, {"fraction": 0.0}, {"fraction": np.nan}, {"fraction": 1.5}, {"per": -1.0}]
)
def test_a_precision_that_cannot_be_used_is_refused(changes: dict[str, float]) -> None:
    ranking = ranking_of(THREE)
    bases = pd.DataFrame({"site": list(ranking.table["site"]), "measure": "people", "value": 100.0})
    rule = {"kind": "sample", "fraction": 0.25, "base": "people", "part": 1.0, "per": 1.0} | changes
    with pytest.raises(InputError, match="The precision of m0 needs a fraction and a part above 0 and up to 1"):
        data_uncertainty(ranking, precision_of(ranking, **rule), bases)
    with pytest.raises(InputError, match="Site s02 has the measure people twice"):
        data_uncertainty(ranking, precision_of(ranking), pd.concat([bases, bases]))


def test_very_small_values_are_compared_too() -> None:
    assert normalised([1e-300, 2e-300, 3e-300], "min-max") == pytest.approx([0.0, 0.5, 1.0])


# ---- what cannot be done is said ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: drawn(1, 5, bounds={"f0": (0, 1)}), "f0 carries all the weight, so there is nothing to restrict"),
        (lambda: normalised([-1.0, -2.0], "ratio to best"), "undefined for values below 0: they would turn the order"),
        (lambda: normalised([-1.0, -2.0], "difference to mean"), "undefined for values below 0"),
        (lambda: normalised(["a"], "rank"), "The values of a criterion must be numbers"),
        (lambda: aggregate([["x", 0.5]], [0.5, 0.5]), "Points must be numbers"),
        (lambda: aggregate([[0.5, 0.5]], ["a", "b"]), "Weights must be numbers"),
        (lambda: vikor(grid_of(small_ranking(THREE)), 2), r"lies between 0 and 1, not 2\."),
        (lambda: vikor(grid_of(small_ranking(THREE)), float("nan")), "lies between 0 and 1, not nan"),
        (lambda: promethee(grid_of(small_ranking(THREE)), float("inf")), "must be above 0, not inf"),
        (lambda: kemeny(VOTES, 0), "The number of orders to list is a whole number from 1 up, not 0"),
        (lambda: kemeny_score(VOTES, [0, 1.0, 2]), "An order names each of the 3 candidates once"),
        (lambda: outranking([["a"]], [1.0]), "Values must be numbers"),
        (lambda: kendalls_w([[1, 2], [1]]), "Ranks must be numbers, in rows of equal length"),
        (lambda: kendalls_w([[1, 2], [1, 2]], 10, -1), "a seed goes with them: whole numbers from 0 up"),
        (lambda: kendalls_w([[1, 2], [1, 2]], 2.5, 1), "The number of permutations is 0 or more"),
        (lambda: swing_weights(["a", 1]), "Swings must be numbers"),
        (lambda: ahp_weights([["a"]]), "Judgements must be numbers"),
        (lambda: rank_order_weights(["first"]), "Places must be numbers"),
        (lambda: participant(PLAIN, "A", "swings", "criterion", ["a", "b"]), "A: answers must be numbers"),
        (lambda: rank_acceptability(ranking_of(THREE), draws=9, top=1.5), "choose top from 1 to 3"),
        (lambda: rank_acceptability(ranking_of(THREE), draws=9, top="1"), "choose top from 1 to 3"),
        (
            lambda: acceptability_of_samples(np.zeros((2, 2, 2)), 5, ["a", "b"], ["x", "y"]),
            r"need the shape \(draws, 2, 2\)",
        ),
        (lambda: entropy([[1, np.nan]]), "Rankings need one row a draw, and at least one, without a gap"),
        (lambda: leave_one_out(small_ranking(THREE), float("nan")), "must be 1 or more, not nan"),
        (lambda: leave_one_out(small_ranking(THREE), "3"), "must be 1 or more, not 3"),
        (lambda: smallest_weight_change(small_ranking(THREE), 1.5), "must be 1 to 3, the sites that are ranked, not 1"),
        (
            lambda: smallest_weight_change(small_ranking([[None], [None]], minimum=0.5)),
            "No site is ranked, so there is no first one to alter",
        ),
    ],
)
def test_what_cannot_be_done_is_said(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_a_group_without_a_whole_seed_is_refused() -> None:
    people = [participant(PLAIN, name, "swings", "criterion", [1, 2]) for name in ("A", "B")]
    with pytest.raises(InputError, match="a seed goes with them"):
        group_ranking(small_ranking(THREE), people, permutations=5, seed=-3)


def test_one_is_not_called_several() -> None:
    alone = rank_acceptability(ranking_of([[0.5, 0.5]]), draws=1, top=1)
    assert repr(alone).startswith("Rank acceptability of 1 site over 1 draw: ")
    assert repr(smallest_weight_change(small_ranking([[0.5], [0.4]]))) == (
        "No weighting puts another site first. See .table."
    )


def test_few_draws_do_not_pass_for_certainty(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["robustness", "health", "--draws", "1", "--no-evidence"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 draw. Varied" in shown
    assert "a rank that a site has in no draw has a share below 95.0 %." in shown


def test_all_criteria_on_which_a_person_is_farthest_from_the_group_are_named() -> None:
    cluster = small_cluster([1.0, 1.0, 1.0], ["a", "a", "b"])
    people = [participant(cluster, name, "swings", "factor", said) for name, said in (("A", [3, 1]), ("B", [1, 3]))]
    ranking = small_ranking([[0.1, 0.9, 0.3], [0.5, 0.5, 0.2]], factors=["a", "a", "b"])
    members = group_ranking(ranking, people).members.set_index("participant")
    assert members.loc["A", "most_above"] == "Criterion 0; Criterion 1"
    assert members.loc["A", "most_below"] == "Criterion 2"
    assert members.loc["B", "most_below"] == "Criterion 0; Criterion 1"
