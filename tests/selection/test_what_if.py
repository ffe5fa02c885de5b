"""What if, without widgets: a changed state gives what ranking and choosing anew give."""

from __future__ import annotations

import dataclasses
import functools
import math
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch import public
from lipresearch.design import weigh_factors
from lipresearch.designs import OBJECTIVES, Quota, StudyDesign
from lipresearch.errors import ImpossibleDesignError, InputError
from lipresearch.paths import project_root
from lipresearch.ranking import Ranking, rank_sites
from lipresearch.selection import choose_sites
from lipresearch.selection import what_if as core
from selection.obvious import frozen

ROOT = project_root()


def same_ranking(one: Ranking, other: Ranking) -> None:
    for part in ("table", "contributions", "grades"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part), check_exact=True)


def starting(ranking: Ranking, design: StudyDesign) -> core.Start:
    around = public._around(ROOT, ranking, design)
    return core.start_from(ranking, design, around["types"], around["measures"], around["kilometres"])


def test_a_state_that_nobody_changed_gives_the_ranking_and_design_it_started_from(health: Ranking) -> None:
    design = lip.load_design("health")
    start = starting(health, design)
    found = core.outcome(start, start.state)
    assert found.ranking is health
    assert found.design is design
    assert found.error is None
    assert found.selection is not None
    assert found.selection.sites == lip.choose_sites(health, design).sites
    assert start.state.points == (("2.1", 50.0), ("2.2", 50.0))
    assert core.changes(start, start.state) == []


@settings(max_examples=25)
@given(
    st.floats(0, 100),
    st.floats(0, 100),
    st.integers(0, 3),
    st.integers(1, 6),
    st.sets(st.sampled_from(["peel", "huron", "ottawa"])),
)
def test_a_changed_state_gives_what_rank_sites_and_choose_sites_give(
    first: float, second: float, rural: int, sites: int, out: set[str]
) -> None:
    measures, start = _start()
    state = dataclasses.replace(
        start.state.with_points("2.1", first).with_points("2.2", second).with_bounds("rural", rural, None),
        sites=sites,
        exclude=tuple((site, "declined") for site in sorted(out)),
    )
    found = core.outcome(start, state)
    if not first and not second:
        assert str(found.error) == ALL_ZERO
        assert (found.ranking, found.selection) == (None, None)
        return
    assert found.ranking is not None
    cluster = weigh_factors(start.ranking.cluster, {"2.1": first, "2.2": second}, "")
    same_ranking(found.ranking, rank_sites(measures, cluster))
    assert found.design is not None
    assert found.design.sites == sites
    assert dict(found.design.exclude) == dict.fromkeys(out, "declined")
    assert [quota.minimum for quota in found.design.quotas] == [rural, 1]
    around = {"types": start.types, "measures": start.measures, "kilometres": start.kilometres}
    if found.selection is None:
        with pytest.raises(ImpossibleDesignError, match=re.escape(str(found.error))):
            choose_sites(found.ranking, found.design, **around)
    else:
        assert found.selection.sites == choose_sites(found.ranking, found.design, **around).sites
        assert not set(found.selection.sites) & out


ALL_ZERO = "All weights are 0, so no site can be ranked. Give at least one factor a weight above 0."


@functools.cache
def _start() -> tuple[pd.DataFrame, core.Start]:
    measures = lip.load_measures()
    return measures, starting(lip.rank_sites(measures, lip.load_cluster("health")), lip.load_design("health"))


def test_others_keep_their_proportions() -> None:
    state = core.State((("a", 10.0), ("b", 30.0), ("c", 60.0)), 1, (), ())
    assert state.with_share("c", 0.2, {}).shares == pytest.approx({"a": 0.2, "b": 0.6, "c": 0.2})
    none = core.State((("a", 0.0), ("b", 0.0), ("c", 5.0)), 1, (), ())
    assert none.with_share("c", 0.4, {"a": 0.1, "b": 0.3, "c": 0.6}).shares == pytest.approx(
        {"a": 0.15, "b": 0.45, "c": 0.4}
    )
    assert none.with_share("c", 0.4, {"a": 0.0, "b": 0.0, "c": 1.0}).shares == pytest.approx(
        {"a": 0.3, "b": 0.3, "c": 0.4}
    )
    with pytest.raises(InputError, match="Factor a is the only one that is scored, so it has all of the weight"):
        core.State((("a", 1.0),), 1, (), ()).with_share("a", 0.5, {})
    assert core.State((("a", 1.0),), 1, (), ()).with_share("a", 1, {}).points == (("a", 100.0),)


THREE = core.State((("a", 10.0), ("b", 30.0), ("c", 60.0)), 4, (("q", 1, None), ("r", 0, 2)), (("x", "far"),))


def test_a_share_at_either_end_leaves_the_others_nothing_or_all() -> None:
    assert THREE.with_share("b", 1, {}).points == (("a", 0.0), ("b", 100.0), ("c", 0.0))
    assert THREE.with_share("c", 0, {}).points == (("a", 25.0), ("b", 75.0), ("c", 0.0))
    # The order of the factors, and everything but the points, stays.
    assert dataclasses.replace(THREE.with_share("a", 0.5, {}), points=THREE.points) == THREE
    # One other factor with points is enough: what is declared is then not looked at.
    some = THREE.with_points("a", 0.0)
    assert some.with_share("c", 0.4, {"a": 9.0, "b": 1.0}).points == (("a", 0.0), ("b", 60.0), ("c", 40.0))


@pytest.mark.parametrize("share", [-0.001, 1.001, 2, -1, math.nan, True, False, "0.4", None])
def test_what_is_no_share_is_refused(share: object) -> None:
    message = re.escape(f"A weight is a share from 0 to 1 (0.4 is 40 %), not {share!r}.")
    with pytest.raises(InputError, match=f"^{message}$"):
        THREE.with_share("a", share, {})  # type: ignore[arg-type]


def test_a_factor_that_is_not_scored_has_no_share() -> None:
    message = (
        "weights, z: found a factor without criteria here, expected one of the factors that the perspective scores: "
        "a, b, c."
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        THREE.with_share("z", 0.5, {})


def test_points_and_shares_of_a_state() -> None:
    assert THREE.with_points("b", 5.0).points == (("a", 10.0), ("b", 5.0), ("c", 60.0))
    assert THREE.with_points("z", 5.0) == THREE
    assert THREE.shares == pytest.approx({"a": 0.1, "b": 0.3, "c": 0.6})
    none = dataclasses.replace(THREE, points=(("a", 0.0), ("b", 0.0))).shares
    assert list(none) == ["a", "b"]
    assert all(math.isnan(share) for share in none.values())


def test_bounds_of_a_state() -> None:
    assert THREE.with_bounds("q", 2, 3).bounds == (("q", 2, 3), ("r", 0, 2))
    assert THREE.with_bounds("r", None, 1).bounds == (("q", 1, None), ("r", None, 1))
    assert THREE.with_bounds("r", 1, None).bounds == (("q", 1, None), ("r", 1, None))
    assert THREE.with_bounds("q", None, None).bounds == (("q", 0, None), ("r", 0, 2))
    with pytest.raises(InputError, match=r"^The design has no quota 'z'\. It has: q, r\.$"):
        THREE.with_bounds("z", 1, None)
    with pytest.raises(InputError, match=r"^The design has no quota 'q'\. It has: none\.$"):
        dataclasses.replace(THREE, bounds=()).with_bounds("q", 1, None)


def test_sites_that_are_left_out_keep_their_first_reason_and_stand_in_order() -> None:
    assert THREE.with_excluded({"y": "new", "x": "new", "b": "now"}).exclude == (
        ("b", "now"),
        ("x", "far"),
        ("y", "new"),
    )
    assert THREE.with_excluded({}).exclude == ()


def test_a_minimum_may_equal_its_maximum_and_not_be_above_it() -> None:
    _, start = _start()
    equal = start.state.with_bounds("rural", 2, 2)
    design = core.changed_design(start, equal)
    assert (design.quotas[0].minimum, design.quotas[0].maximum) == (2, 2)
    assert design.quotas[1] is start.design.quotas[1]
    assert design.quotas[0].rationale == f"Changed in the what-if panel: exactly 2 instead of at least 1. {RURAL}"
    message = (
        "Sites with settlement type rural: at least 3 and at most 2 contradict each other. Lower the first or raise "
        "the second."
    )
    for call in (core.changed_design, core.outcome):
        state = start.state.with_bounds("rural", 3, 2)
        if call is core.outcome:
            found = core.outcome(start, state)
            assert str(found.error) == message
            assert found.ranking is start.ranking
            assert (found.design, found.selection) == (None, None)
        else:
            with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
                call(start, state)


RURAL = "The workshop asks for both rural and urban sites: at least one rural."


def test_a_changed_design_says_what_was_changed_and_leaves_the_rest() -> None:
    _, start = _start()
    before = start.design
    out = core.changed_design(start, start.state.with_excluded({"peel": "declined"}))
    assert out == dataclasses.replace(
        before,
        label="Health care: six sites (what-if)",
        label_fr="Soins de santé : six sites (scénario)",
        exclude=(("peel", "declined"),),
    )
    assert out.file == ""
    fewer = core.changed_design(start, dataclasses.replace(start.state, sites=5))
    assert fewer.sites_rationale == f"Changed in the what-if panel: 5 instead of 6. {before.sites_rationale}"
    assert fewer.sites_rationale_fr.startswith("Modifié dans le panneau de scénarios\xa0: 5 au lieu de 6. L")
    assert (fewer.weights, fewer.clusters, fewer.perspective) == ((), ("health",), "")
    moved = core.changed_design(start, start.state.with_points("2.1", 20.0))
    assert moved.weights == (("2.1", 20.0), ("2.2", 50.0))
    assert moved.clusters == ("health",)
    assert moved.perspective == start.ranking.cluster.perspective != ""
    assert moved.sites_rationale == before.sites_rationale


def test_a_saved_state_is_named_and_bound_to_its_cluster() -> None:
    _, start = _start()
    saved = core.saved_design(start, start.state, "mine")
    assert (saved.design, saved.label) == ("mine", "Health care: six sites (what-if)")
    assert saved.label_fr == "Soins de santé : six sites (scénario)"
    assert saved.source == "saved from a what-if panel of health"
    assert (saved.clusters, saved.perspective) == (("health",), start.ranking.cluster.perspective)
    changed = core.saved_design(start, dataclasses.replace(start.state, sites=5), "mine")
    assert changed.label == "Health care: six sites (what-if)"
    assert changed.label_fr == "Soins de santé : six sites (scénario)"
    named = core.saved_design(start, start.state, "mine", "Mine", "Le mien")
    assert (named.label, named.label_fr, named.file) == ("Mine", "Le mien", "")
    with pytest.raises(InputError, match=f"^{re.escape(ALL_ZERO)}$"):
        core.saved_design(start, start.state.with_points("2.1", 0.0).with_points("2.2", 0.0), "mine")


def test_settings_and_changes_in_words() -> None:
    measures, first = _start()
    quotas = (
        *first.design.quotas,
        Quota("few", attribute="region", level="distinct", minimum=2, maximum=4, kind="spread"),
        Quota("every", attribute="settlement_type", level="each", maximum=3),
        Quota("third", measure="population_2021", level="lowest third", minimum=1, maximum=1),
    )
    start = dataclasses.replace(first, measures=measures, design=dataclasses.replace(first.design, quotas=quotas))
    state = start.state
    assert core.settings(start, state)[2:] == [
        ("number of sites", "6"),
        ("sites with settlement type rural", "at least 1"),
        ("sites with settlement type urban", "at least 1"),
        ("different values of economic region (a target, which does not bind)", "2 to 4"),
        ("sites of every settlement type there is", "at most 3"),
        ("sites in the lowest third of: Population 2021", "exactly 1"),
        ("sites left out", "none"),
    ]
    assert [how for _, how in core.settings(start, state)[:2]] == ["50.0 %", "50.0 %"]
    assert core.subject(quotas[-1]) == "sites in the lowest third of: population_2021"
    assert core.subject(quotas[-1], measures.iloc[:0]) == "sites in the lowest third of: population_2021"
    changed = dataclasses.replace(
        state.with_points("2.1", 0.0).with_bounds("urban", None, None).with_bounds("few", None, 4),
        exclude=(("peel", "declined"), ("nowhere", "gone")),
    )
    weights = [f"weight of {factor} {first.ranking.cluster.factors.loc[factor, 'label']}" for factor in ("2.1", "2.2")]
    assert core.changes(start, changed) == [
        f"{weights[0]}: 0 % instead of 50.0 %",
        f"{weights[1]}: 100 % instead of 50.0 %",
        "sites with settlement type urban: at least 0 instead of at least 1",
        "different values of economic region (a target, which does not bind): at most 4 instead of 2 to 4",
        "sites left out: Peel Region (declined); nowhere (gone) instead of none",
    ]
    none = state.with_points("2.1", 0.0).with_points("2.2", 0.0)
    assert core.changes(start, none) == [f"{weight}: none instead of 50.0 %" for weight in weights]
    doubled = dataclasses.replace(state.with_points("2.1", 100.0).with_points("2.2", 100.0), sites=4)
    halved = state.with_points("2.1", 25.0).with_points("2.2", 25.0)
    assert core.changes(start, halved) == ["points of the factors, in the same proportions or nearly so"]
    assert core.changes(start, doubled) == [
        "points of the factors, in the same proportions or nearly so",
        "number of sites: 4 instead of 6",
    ]


def test_what_a_panel_leaves_as_it_is_in_words() -> None:
    _, start = _start()
    assert core.fixed(start) == [("sought", OBJECTIVES["suitability"])]
    design = dataclasses.replace(start.design, include=(("peel", "agreed"),), minimum_km=0.5)
    assert core.fixed(dataclasses.replace(start, design=design))[1:] == [
        ("sites that must be in the set", "Peel Region (agreed)"),
        ("between any two sites", "at least 0.5 km"),
    ]


def test_a_start_needs_a_ranking_and_a_design_that_fit() -> None:
    _, start = _start()
    around = (start.types, start.measures, start.kilometres)
    with pytest.raises(
        InputError, match=r"^A design is what load_design returns: lip\.load_design\('health'\), not 'h"
    ):
        core.start_from(start.ranking, "health", *around)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^A ranking is what rank_sites returns, not str\.$"):
        core.start_from("health", start.design, *around)  # type: ignore[arg-type]
    for served in (("labour",), ("health", "labour")):
        design = dataclasses.replace(start.design, clusters=served, cluster_weights=(1.0,) * len(served))
        message = f"The design health serves {', '.join(served)}, and a what-if panel is of one cluster, here health."
        with pytest.raises(InputError, match=f"^{re.escape(message)}"):
            core.start_from(start.ranking, design, *around)
    free = dataclasses.replace(start.design, clusters=())
    made = core.start_from(start.ranking, free, *around)
    assert (made.ranking, made.design, made.types) == (start.ranking, free, start.types)
    assert made.measures is start.measures
    assert made.kilometres is start.kilometres
    assert list(made.names.values()) == sorted(made.names.values())


def test_sliders_stand_at_the_declared_weights_with_the_heaviest_at_fifty() -> None:
    for name in lip.list_clusters()["cluster"]:
        cluster = lip.load_cluster(name)
        points = dict(core.declared_points(cluster))
        shares = cluster.criteria.groupby("factor")["weight"].sum()
        assert max(points.values()) == pytest.approx(50)
        for factor, value in points.items():
            assert value / 50.0 == pytest.approx(shares[factor] / shares.max())


def test_states_starts_and_outcomes_are_frozen() -> None:
    _, start = _start()
    assert frozen(THREE, by_identity=False)
    assert frozen(start, by_identity=True)
    assert frozen(core.Outcome(THREE, None, None, None), by_identity=True)
    bare = core.start_from(start.ranking, start.design, start.types)
    assert (bare.measures, bare.kilometres) == (None, None)
    assert core.Outcome(THREE, None, None, None).error is None


def test_a_state_holds_what_its_design_says() -> None:
    _, start = _start()
    design = dataclasses.replace(
        start.design,
        perspective=start.ranking.cluster.perspective,
        weights=(("2.1", 3.0), ("2.2", 1.0)),
        exclude=(("peel", "declined"),),
    )
    state = core.State.of(start.ranking.cluster, design)
    assert state == core.State(
        (("2.1", 3.0), ("2.2", 1.0)), 6, (("rural", 1, None), ("urban", 1, None)), (("peel", "declined"),)
    )
    assert core.State.of(start.ranking.cluster, start.design).points == core.declared_points(start.ranking.cluster)
    assert start.state is start.state
    assert start.names is start.names
    assert start.names["peel"] == "Peel Region"


def test_what_is_changed_is_said_in_french_and_without_a_blank_where_nothing_follows() -> None:
    _, start = _start()
    rural = dataclasses.replace(start.design.quotas[0], rationale="", rationale_fr="")
    design = dataclasses.replace(
        start.design, quotas=(rural, start.design.quotas[1]), sites_rationale="", sites_rationale_fr=""
    )
    bare = dataclasses.replace(start, design=design)
    changed = core.changed_design(bare, dataclasses.replace(bare.state.with_bounds("rural", 2, 4), sites=5))
    quota = changed.quotas[0]
    assert (quota.quota, quota.minimum, quota.maximum) == ("rural", 2, 4)
    assert quota.rationale == "Changed in the what-if panel: 2 to 4 instead of at least 1."
    assert quota.rationale_fr.replace("\xa0", " ") == (
        "Modifié dans le panneau de scénarios : de 2 à 4 (avant : au moins 1)."
    )
    assert changed.sites_rationale == "Changed in the what-if panel: 5 instead of 6."
    assert changed.sites_rationale_fr.replace("\xa0", " ") == ("Modifié dans le panneau de scénarios : 5 au lieu de 6.")
    full = core.changed_design(start, start.state.with_bounds("rural", 2, 4)).quotas[0]
    expected = f"{quota.rationale_fr} {start.design.quotas[0].rationale_fr}"
    assert full.rationale_fr.replace("\xa0", " ") == expected.replace("\xa0", " ")
    # Only one of the two bounds need be another.
    for low, high in ((1, 6), (2, None), (None, 1)):
        one = core.changed_design(start, start.state.with_bounds("rural", low, high)).quotas
        assert (one[0].minimum, one[0].maximum) == (low, high)
        assert one[0].rationale.startswith("Changed in the what-if panel: ")
        assert one[1] is start.design.quotas[1]


def test_a_changed_ranking_says_on_what_its_weights_rest() -> None:
    _, start = _start()
    assert core.changed_ranking(start, dataclasses.replace(start.state, sites=2)) is start.ranking
    changed = core.changed_ranking(start, start.state.with_points("2.1", 150.0)).cluster
    assert changed.weight_basis.startswith("Changed in the what-if panel: ")
    assert changed.weight_basis.endswith(".")
    assert changed.weight_basis_fr.startswith("Modifié dans le panneau de scénarios\xa0: ")
    assert changed.weight_basis_fr.endswith(".")
    assert changed.criteria.groupby("factor")["weight"].sum().tolist() == pytest.approx([0.75, 0.25])
    one = core.changed_ranking(start, start.state.with_points("2.1", 0.0)).cluster
    assert one.criteria.groupby("factor")["weight"].sum().to_dict()["2.2"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (2, 2, "exactly 2"),
        (0, 0, "exactly 0"),
        (1, 2, "1 to 2"),
        (3, 2, "3 to 2"),
        (2, None, "at least 2"),
        (0, None, "at least 0"),
        (None, None, "at least 0"),
        (None, 0, "at most 0"),
        (None, 3, "at most 3"),
    ],
)
def test_bounds_in_words(low: int | None, high: int | None, words: str) -> None:
    assert core._bounds(low, high) == words


def test_what_a_quota_counts_in_words() -> None:
    measures = pd.DataFrame({"measure": ["x", "m", "m"], "label": ["X", "First", "Second"]})
    third = Quota("q", measure="m", level="highest third", maximum=2)
    assert core.subject(third, measures) == "sites in the highest third of: First"
    assert core.subject(third) == "sites in the highest third of: m"
    every = Quota("q", attribute="region", level="each", minimum=1, maximum=1)
    assert core.subject(every) == "sites of every economic region there is"
    northern = Quota("q", attribute="northern", level="yes", minimum=1, maximum=3)
    assert core.subject(northern) == "sites in northern Ontario"


@pytest.mark.parametrize("state", [{"sites": 5}, {"exclude": (("peel", "declined"),)}])
def test_a_saved_state_keeps_labels_that_are_given(state: dict[str, object]) -> None:
    _, start = _start()
    changed = dataclasses.replace(start.state, **state)  # type: ignore[arg-type]
    saved = core.saved_design(start, changed, "mine", label="Mine")
    assert (saved.label, saved.label_fr) == ("Mine", "Soins de santé : six sites (scénario)")
    assert saved.quotas == start.design.quotas
    assert (saved.sites, saved.exclude) == (changed.sites, changed.exclude)
    other = core.saved_design(start, changed, "mine", label_fr="Le mien")
    assert (other.label, other.label_fr) == ("Health care: six sites (what-if)", "Le mien")


def test_a_state_of_another_design_is_not_taken_in_part() -> None:
    _, start = _start()
    for bounds in (start.state.bounds[:1], (*start.state.bounds, ("more", 1, None))):
        other = dataclasses.replace(start.state, bounds=bounds)
        for call in (core.changed_design, core.settings, core.changes):
            with pytest.raises(ValueError, match="zip"):
                call(start, other)
    fewer = dataclasses.replace(start.state, points=start.state.points[:1])
    with pytest.raises(ValueError, match="zip"):
        core.changes(start, fewer)
