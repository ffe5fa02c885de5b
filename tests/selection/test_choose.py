"""Choosing sites on the real data: the whole face of a selection, its messages, and what may not change it."""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch import cli, notebook
from lipresearch.catchments import load_catchments
from lipresearch.designs import ATTRIBUTES, OBJECTIVES, Quota, StudyDesign
from lipresearch.errors import ImpossibleDesignError, InputError
from lipresearch.paths import project_root
from lipresearch.positions import catchment_points, kilometres_between
from lipresearch.ranking import Ranking
from lipresearch.selection import Proof, Selection, choose, choose_sites, solve
from lipresearch.selection.problem import UNIT, Levels, Objective, Part, Problem, Rule
from selection.obvious import KINDS, frozen, obvious_meets, obvious_sets, obvious_value, plain, problems

ROOT = project_root()
SIX_OF_2010 = ["west-downtown-toronto", "peel", "hamilton", "kingston", "huron", "thunder-bay"]


def test_a_selection_is_proven_and_complete(selection: Selection, health: Ranking) -> None:
    proof = selection.proof
    assert proof.optimal
    assert proof.gap == 0
    assert proof.bound == proof.objective == pytest.approx(selection.table["score"].sum(), abs=1e-8)
    assert "HiGHS" in proof.solver
    assert len(selection.sites) == len(set(selection.sites)) == 6
    assert selection.table["field_study_group"].value_counts().to_dict() == {
        "Greater Toronto": 2,
        "other urban": 2,
        "rural and remote": 2,
    }
    assert selection.quotas["met"].all()
    ranks = health.table.set_index("site")["rank"]
    assert selection.table.set_index("site")["rank"].to_dict() == ranks.loc[list(selection.sites)].to_dict()
    assert set(selection.excluded["site"]) == set(health.unranked["site"])
    assert selection.excluded["reason"].str.startswith("not ranked: evidence for 37.5 % of the weight").all()
    assert set(selection.candidates["site"]) | set(selection.excluded["site"]) == set(health.table["site"])


def every_set(health: Ranking, types: pd.DataFrame) -> dict[frozenset[str], float]:
    """Return the score of every set in the pattern of the field study: 2, 2 and 2, none overlapping."""
    score = dict(zip(health.ranked["site"], health.ranked["score"], strict=True))
    kind = types["field_study_group"].to_dict()
    groups = [
        [site for site in score if kind[site] == group]
        for group in ("Greater Toronto", "other urban", "rural and remote")
    ]
    overlaps = {frozenset((site, other)) for site, text in types["overlaps"].items() for other in text.split(";")}
    overlaps = {pair for pair in overlaps if pair <= set(score)}
    found = {}
    halves = [
        [pair for pair in itertools.combinations(group, 2) if frozenset(pair) not in overlaps] for group in groups
    ]
    for parts in itertools.product(*halves):
        sites = frozenset(site for part in parts for site in part)
        if not any(overlap <= sites for overlap in overlaps):
            found[sites] = sum(score[site] for site in sites)
    return found


def test_looking_at_every_set_of_the_real_roster_agrees(
    selection: Selection, health: Ranking, types: pd.DataFrame
) -> None:
    sets = every_set(health, types)
    order = sorted(sets.items(), key=lambda item: -item[1])
    assert frozenset(selection.sites) == order[0][0]
    best = selection.best_sets
    assert [frozenset(text.split(";")) for text in best["sites"]] == [sites for sites, _ in order[:10]]
    assert best["objective"].tolist() == pytest.approx([value for _, value in order[:10]], abs=1e-8)
    names = health.table.set_index("site")["name"]
    for row in selection.alternates.itertuples():
        kept = set(selection.sites) - {row.site}
        swaps = {next(iter(s - kept)): value for s, value in sets.items() if kept < s and row.site not in s}
        assert row.replacement == max(swaps, key=lambda site: swaps[site])
        assert row.objective == pytest.approx(max(swaps.values()), abs=1e-8)
        without = max(value for s, value in sets.items() if row.site not in s)
        assert row.best_without == pytest.approx(without, abs=1e-8)
        best_set = max((s for s in sets if row.site not in s), key=lambda s: sets[s])
        for told, those in (("enters", best_set - kept), ("leaves_too", kept - best_set)):
            assert set(getattr(row, told).split(", ")) - {""} == {names[site] for site in those}
        listed = selection.replacements[selection.replacements["site"] == row.site]
        assert dict(zip(listed["replacement"], listed["objective"], strict=True)) == pytest.approx(swaps, abs=1e-8)
        assert listed["order"].tolist() == sorted(listed["order"])
        assert listed["objective"].is_monotonic_decreasing
    shared = selection.shared
    assert shared["sets"].sum() == 60
    assert shared["of"].unique().tolist() == [10]


def test_the_rows_of_the_inputs_may_stand_in_any_order(
    selection: Selection, measures: pd.DataFrame, types: pd.DataFrame
) -> None:
    mixed = lip.rank_sites(measures.sample(frac=1, random_state=3), lip.load_cluster("health"))
    again = choose_sites(mixed, selection.design, types.sample(frac=1, random_state=4))
    assert again.sites == selection.sites
    pd.testing.assert_frame_equal(again.alternates, selection.alternates)
    pd.testing.assert_frame_equal(again.best_sets, selection.best_sets)


def test_a_site_that_fits_no_quota_changes_nothing(
    selection: Selection, measures: pd.DataFrame, types: pd.DataFrame
) -> None:
    """A copy of the best site, abroad and of no known kind."""
    extra = measures[measures["site"] == selection.sites[0]].assign(site="elsewhere", name="Elsewhere")
    ranking = lip.rank_sites(pd.concat([measures, extra]), lip.load_cluster("health"))
    row = (
        types.loc[[selection.sites[0]]]
        .assign(field_study_group="", overlaps="")
        .rename(index={selection.sites[0]: "elsewhere"})
    )
    again = choose_sites(ranking, selection.design, pd.concat([types, row]))
    assert again.sites == selection.sites
    assert again.proof.objective == selection.proof.objective
    assert len(again.notes) == 3
    assert again.notes[0] == (
        "Not known, so it meets no minimum and counts against a maximum: "
        "exactly 2 with field study group Greater Toronto: Elsewhere."
    )


def test_giving_up_a_quota_never_costs(selection: Selection) -> None:
    costs = selection.cost_of_quotas
    assert (costs["without_it"] >= selection.proof.objective - 1e-12).all()
    assert (costs["cost"] >= 0).all()
    assert costs["quota"].tolist() == ["greater-toronto", "other-urban", "rural-and-remote", "all"]
    everyone = costs.set_index("quota").loc["all", "without_it"]
    assert everyone == pytest.approx(costs["without_it"].max())


def test_a_site_that_declines_is_left_out(selection: Selection, health: Ranking) -> None:
    row = selection.alternates.iloc[0]
    again = lip.choose_sites(health, selection.design, {row["site"]: "declined in May"})
    assert row["site"] not in again.sites
    assert again.proof.objective == pytest.approx(row["best_without"], abs=1e-9)
    excluded = again.excluded.set_index("site")
    assert excluded.loc[row["site"], "reason"] == "declined in May"


def test_tables_are_copies(selection: Selection) -> None:
    for name in ("table", "candidates", "excluded", "quotas", "alternates", "replacements", "best_sets", "shared"):
        frame = getattr(selection, name)
        before = frame.copy()
        frame["new"] = "changed"
        pd.testing.assert_frame_equal(getattr(selection, name), before)


@pytest.mark.parametrize("name", ["health", "labour", "justice", "inclusion", "education"])
def test_every_cluster_s_design_can_be_met(name: str, measures: pd.DataFrame) -> None:
    ranking = lip.rank_sites(measures, lip.load_cluster(name))
    found = lip.choose_sites(ranking, lip.load_design(name))
    assert found.proof.optimal
    assert found.quotas.loc[found.quotas["kind"] == "quota", "met"].all()


def test_one_set_serves_all_clusters(measures: pd.DataFrame) -> None:
    rankings = [lip.rank_sites(measures, lip.load_cluster(name)) for name in lip.list_clusters()["cluster"]]
    design = lip.load_design("all-clusters")
    found = lip.choose_sites(rankings, design)
    backwards = lip.choose_sites(rankings[::-1], design)
    assert found.sites == backwards.sites
    table = found.table
    parts = [column for column in table if column.startswith("score: ")]
    assert len(parts) == 5
    assert table["score"].tolist() == pytest.approx(table[parts].fillna(0).sum(axis=1).tolist(), abs=1e-12)
    # Sites that are ranked in some clusters only are candidates, with nothing added where they are not ranked.
    calgary = found.candidates.set_index("site").loc["calgary"]
    assert np.isnan(calgary["score: health"])
    assert calgary["score"] == pytest.approx(np.nansum([calgary[part] for part in parts]))
    weighted = lip.choose_sites(rankings, replace(design, cluster_weights=(5.0, 1.0, 1.0, 1.0, 1.0)))
    values = weighted.table.set_index("site")
    assert values["score"].iloc[0] == pytest.approx(
        5 * values["score: education"].iloc[0] + values[parts[1:]].fillna(0).iloc[0].sum()
    )


# ---- other objectives, against every set -------------------------------------------------------------

SMALL = StudyDesign(
    "small", "Small", "Petit", "test", 4, quotas=(Quota("r", attribute="settlement_type", level="rural", minimum=1),)
)


def all_small(selection: Selection) -> list[tuple[int, ...]]:
    problem = selection._candidates.problem
    sets = itertools.combinations(range(len(problem.sites)), problem.size)
    return [chosen for chosen in sets if problem.meets(chosen)]


@pytest.mark.parametrize("objective", ["least distance", "variety", "representativeness", "mix"])
def test_the_other_objectives_agree_with_their_definition(objective: str, health: Ranking) -> None:
    mix = (("suitability", 0.5), ("variety", 0.3), ("representativeness", 0.2)) if objective == "mix" else ()
    found = lip.choose_sites(health, replace(SMALL, objective=objective, mix=mix))
    merits = found._candidates.merits
    deviation = found._candidates.deviation
    whole = ~np.isnan(deviation).any(axis=0)

    def worth(chosen: tuple[int, ...]) -> float:
        parts = merits(chosen)
        off = float(np.abs(deviation[list(chosen)][:, whole].mean(axis=0)).mean())
        return {
            "least distance": parts["least distance"],
            "variety": parts["mean distance"] * 6,
            "representativeness": off,
            "mix": 0.5 * parts["mean score"] + 0.3 * parts["mean distance"] - 0.2 * off,
        }[objective]

    rng = np.random.default_rng(1)
    sets = all_small(found)
    some = [sets[i] for i in rng.choice(len(sets), 400, replace=False)]
    mine = worth(found._chosen)
    assert found.proof.objective == pytest.approx(mine, abs=1e-7)
    assert found.proof.optimal
    if objective == "representativeness":
        assert mine <= min(worth(chosen) for chosen in some) + 1e-9
        assert any(note.startswith("Not compared with the roster, for want of a value") for note in found.notes)
    else:
        assert mine >= max(worth(chosen) for chosen in some) - 1e-9
    if found.proof.compared is not None:
        assert found.proof.compared == len(sets)
    problem = found._candidates.problem
    values = {chosen: problem.value_of(chosen) for chosen in sets}
    order = sorted(sets, key=problem.key)[:10]
    assert [text.split(";") for text in found.best_sets["sites"]] == [[problem.sites[i] for i in s] for s in order]
    for place, row in zip(found._chosen, found.alternates.itertuples(), strict=True):
        rest = set(found._chosen) - {place}
        without = max(value for chosen, value in values.items() if place not in chosen)
        assert row.best_without == pytest.approx(problem.objective.read(without), abs=1e-12)
        swapped = max((v for s, v in values.items() if place not in s and rest < set(s)), default=None)
        assert (swapped is None) == (row.replacement == "")
        assert swapped is None or row.objective == pytest.approx(problem.objective.read(swapped), abs=1e-12)


def test_a_mix_without_representativeness_needs_no_measures(health: Ranking) -> None:
    mix = (("suitability", 0.6), ("variety", 0.4))
    found = lip.choose_sites(health, replace(SMALL, objective="mix", mix=mix))
    merits = found.merits
    assert found.proof.objective == pytest.approx(0.6 * merits["mean score"] + 0.4 * merits["mean distance"], abs=1e-8)


def test_what_does_not_vary_represents_nothing(health: Ranking, measures: pd.DataFrame, types: pd.DataFrame) -> None:
    flat = measures[measures["measure"] == "population_2021"].assign(value=1.0, measure="flat", label="Flat")
    both = pd.concat([measures, flat])
    design = replace(SMALL, objective="representativeness", measures=("flat",))
    with pytest.raises(InputError, match="No measure differs between the sites of the roster"):
        choose_sites(health, design, types, measures=both)
    two = choose_sites(health, replace(design, measures=("flat", "population_2021")), types, measures=both)
    assert two.notes == (
        "Not compared with the roster, where it does not vary or is hardly known: Flat.",
        "Compared with the roster: Population 2021.",
    )
    with pytest.raises(InputError, match="Design small compares measures with the roster; give the measures"):
        choose_sites(health, design, types)
    with pytest.raises(InputError, match="Design small: the measures hold no flat"):
        choose_sites(health, design, types, measures=measures)


def test_declared_measures_shut_out_sites_that_lack_one(health: Ranking) -> None:
    known = lip.load_measures()
    names = [
        m for m in ("population_2021", *known["measure"].unique()) if known[known["measure"] == m]["value"].isna().any()
    ]
    lacking = names[0]
    design = replace(SMALL, objective="representativeness", measures=("population_2021", lacking))
    found = lip.choose_sites(health, design)
    out = found.excluded.set_index("site")["reason"]
    gone = known[(known["measure"] == lacking) & known["value"].isna()]["site"]
    assert set(gone) <= set(out.index)
    assert out[out.str.startswith("no value to compare with the roster: ")].size > 0


def test_a_weight_that_is_declared_moves_the_distances(health: Ranking) -> None:
    criteria = list(health.cluster.criteria.index)
    equal = lip.choose_sites(health, replace(SMALL, objective="variety", distance_weights="equal"))
    declared = lip.choose_sites(
        health, replace(SMALL, objective="variety", distance_weights=tuple((name, 2.0) for name in criteria))
    )
    assert equal.proof.objective == pytest.approx(declared.proof.objective, abs=1e-8)
    with pytest.raises(InputError, match=r"Design small: no criterion luck to weight a distance with\. There are: "):
        lip.choose_sites(health, replace(SMALL, objective="variety", distance_weights=(("luck", 1.0),)))


def test_thirds_of_a_measure(health: Ranking, measures: pd.DataFrame) -> None:
    quota = Quota("small", measure="population_2021", level="lowest third", minimum=2, maximum=2)
    design = replace(SMALL, quotas=(quota,))
    found = lip.choose_sites(health, design)
    values = measures[measures["measure"] == "population_2021"].set_index("site")["value"]
    cut = values.quantile(1 / 3)
    assert (values[list(found.sites)] <= cut).sum() == 2
    assert found.quotas["label"].tolist() == ["exactly 2 in the lowest third of: Population 2021"]
    with pytest.raises(InputError, match="Quota small is on the measure population_2021; give the measures"):
        choose_sites(health, design, lip.load_sites())
    with pytest.raises(InputError, match="Quota small: population_2021 is known for fewer than three sites"):
        choose_sites(health, design, lip.load_sites(), measures=measures[measures["site"] == "peel"])
    with pytest.raises(InputError, match="Quota small: the measures hold no population_2021 for these sites"):
        choose_sites(health, design, lip.load_sites(), measures=measures.iloc[:0])


def test_a_minimum_distance_is_kept(health: Ranking) -> None:
    points = catchment_points(load_catchments(ROOT), sorted(health.table["site"]))
    table = kilometres_between(points)
    assert table.loc["toronto-city", "ottawa"] == pytest.approx(352, abs=30)  # city hall to city hall: 352
    assert table.loc["kingston", "thunder-bay"] == pytest.approx(1070, abs=30)
    assert (np.diag(table) == 0).all()
    found = lip.choose_sites(health, replace(SMALL, minimum_km=200.0))
    near = [table.loc[a, b] for a, b in itertools.combinations(found.sites, 2)]
    assert min(near) >= 200
    assert found.quotas.set_index("quota").loc["minimum_km", "has"] == "all pairs"
    free = lip.choose_sites(health, SMALL)
    cost = found.cost_of_quotas.set_index("quota").loc["minimum_km", "without_it"]
    assert cost == pytest.approx(free.proof.objective)
    far = [table.loc[a, b] >= 1100 for a, b in itertools.combinations(found.candidates["site"], 2)]
    assert 0 < sum(far) < len(far)
    with pytest.raises(
        ImpossibleDesignError, match=rf"1100 km between any two sites \({sum(far)} pairs of sites are that"
    ):
        lip.choose_sites(health, replace(SMALL, minimum_km=1100.0))
    with pytest.raises(InputError, match="asks for a minimum distance; give the distances in kilometres"):
        choose_sites(health, replace(SMALL, minimum_km=200.0), lip.load_sites())


# ---- what a design forces ----------------------------------------------------------------------------


def test_sites_that_must_be_in_are_in(health: Ranking) -> None:
    design = replace(SMALL, include=(("north-bay", "an agreement is signed"),), exclude=(("peel", "just studied"),))
    found = lip.choose_sites(health, design)
    assert "north-bay" in found.sites
    assert found.excluded.set_index("site").loc["peel", "reason"] == "excluded by the design: just studied"
    costs = found.cost_of_quotas.set_index("label")["cost"]
    assert costs["must include North Bay (an agreement is signed)"] > 0
    with pytest.raises(InputError, match="must include Calgary, which is no candidate: not ranked: evidence for 37"):
        lip.choose_sites(health, replace(SMALL, include=(("calgary", "x"),)))


def test_sites_that_overlap_are_never_together(health: Ranking) -> None:
    both = tuple((site, "x") for site in ("thunder-bay", "northwestern-ontario"))
    with pytest.raises(
        ImpossibleDesignError, match="These 2 demands conflict, and no smaller group of them does"
    ) as no:
        lip.choose_sites(health, replace(SMALL, include=both))
    assert no.value.conflict == ("must include Thunder Bay (x)", "must include Northwestern Ontario (x)")
    assert no.value.smallest


def test_an_impossible_design_names_what_conflicts(health: Ranking) -> None:
    many = Quota("many", attribute="settlement_type", level="rural", minimum=4)
    with pytest.raises(
        ImpossibleDesignError,
        match=r"No set of 4 sites meets the design small\. This demand cannot be met:\n"
        r"  at least 4 with settlement type rural \(the candidates offer 3\)\n"
        r"Relax one of them in the design, or exclude fewer sites\. 3 sites of the roster are no candidates: Calgary, ",
    ):
        lip.choose_sites(health, replace(SMALL, quotas=(*SMALL.quotas, many)))
    north = Quota("north", attribute="northern", level="yes", minimum=2)
    rural = Quota("rural", attribute="settlement_type", level="rural", minimum=3)
    with pytest.raises(ImpossibleDesignError, match="These 2 demands conflict") as no:
        lip.choose_sites(health, replace(SMALL, quotas=(*SMALL.quotas, north, rural)))
    assert no.value.conflict == (north.label, rural.label)
    with pytest.raises(ImpossibleDesignError, match="not even 35 can be chosen without two that share an area"):
        lip.choose_sites(health, replace(SMALL, sites=35, quotas=()))
    with pytest.raises(ImpossibleDesignError, match=r"There are only 35 candidates\. Ask for fewer sites"):
        lip.choose_sites(health, replace(SMALL, sites=36, quotas=()))


@pytest.mark.parametrize("objective", ["suitability", "variety"])
def test_bounds_beyond_every_set_are_read_as_they_stand(objective: str, health: Ranking) -> None:
    most = Quota("a", attribute="settlement_type", level="rural", maximum=10**400)
    free = replace(SMALL, quotas=(), objective=objective)
    assert lip.choose_sites(health, replace(free, quotas=(most,))).sites == lip.choose_sites(health, free).sites
    least = replace(most, minimum=40_000)
    with pytest.raises(ImpossibleDesignError, match="This demand cannot be met:\n  40000 to 10000"):
        lip.choose_sites(health, replace(free, quotas=(least,)))


def test_a_region_without_any_site_is_refused(health: Ranking) -> None:
    wrong = Quota("a", attribute="region", level="Nowhere", maximum=0)  # every set would keep it
    with pytest.raises(InputError, match=r"quota a: no site has the economic region 'Nowhere'\. There are: Avalon"):
        lip.choose_sites(health, replace(SMALL, quotas=(wrong,)))


def test_what_is_no_design_ranking_or_list_is_refused(health: Ranking) -> None:
    with pytest.raises(InputError, match=r"A design is what load_design returns: lip\.load_design\('six-sites'\), not"):
        lip.choose_sites(health, "six-sites")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="A ranking is what rank_sites returns, not NoneType"):
        lip.choose_sites(None, SMALL)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Give the sites to leave out as a list, not as None"):
        lip.choose_sites(health, SMALL, exclude=None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="A site stands twice: 1"):
        lip.assess_sites(health, SMALL, [1, "peel", 1])  # type: ignore[list-item]
    left_out = lip.choose_sites(health, SMALL, exclude={"peel": float("nan")}).excluded.set_index("site")  # type: ignore[dict-item]
    assert left_out.loc["peel", "reason"] == "left out when choosing"


def test_only_the_proportions_of_distance_weights_count(health: Ranking) -> None:
    first, second = list(health.cluster.criteria.index[:2])
    design = replace(SMALL, quotas=(), objective="variety")
    found = [
        lip.choose_sites(health, replace(design, distance_weights=((first, 2 * size), (second, size)))).merits
        for size in (1.0, 1e-12, 5e307)
    ]
    for other in found[1:]:
        pd.testing.assert_series_equal(other, found[0])


def test_a_target_does_not_bind(health: Ranking) -> None:
    target = Quota("many", attribute="region", level="distinct", minimum=4, kind="spread")
    free, aimed = (
        lip.choose_sites(health, SMALL),
        lip.choose_sites(health, replace(SMALL, quotas=(*SMALL.quotas, target))),
    )
    assert aimed.sites == free.sites
    row = aimed.quotas.set_index("quota").loc["many"]
    assert (row["kind"], row["met"]) == ("spread", bool(int(row["has"]) >= 4))
    assert "many" not in set(aimed.cost_of_quotas["quota"])


# ---- wrong inputs ------------------------------------------------------------------------------------


def test_wrong_inputs_are_refused(health: Ranking, measures: pd.DataFrame, types: pd.DataFrame) -> None:
    design = lip.load_design("six-sites")
    labour = lip.rank_sites(measures, lip.load_cluster("labour"))
    cases: list[tuple[Any, str]] = [
        (lambda: lip.choose_sites([], design), "No ranking was given"),
        (lambda: lip.choose_sites("health", design), "A ranking is what rank_sites returns, not str"),
        (lambda: lip.choose_sites([health, health], design), "Give one ranking a cluster; these are of health, health"),
        (lambda: lip.choose_sites([health, labour], design), "serves one cluster at a time"),
        (lambda: lip.choose_sites(labour, lip.load_design("health")), "serves health; the rankings are of labour"),
        (lambda: lip.choose_sites(health, design, "peel"), "as a list, not as the text 'peel'"),
        (lambda: lip.choose_sites(health, design, ["Toronto E"]), "Did you mean toronto-east"),
        (lambda: lip.choose_sites(health, design, ["nowhere"]), "not on the roster. See `lipresearch sites`"),
        (lambda: choose_sites(health, design, types.iloc[:-1]), "No categories are known of york"),
        (
            lambda: lip.choose_sites(health, SMALL, list(health.table["site"])),
            "No site is left to choose from: calgary:",
        ),
        (lambda: lip.assess_sites(health, design, ["peel"]), "is for 6 sites, and 1 were given"),
        (lambda: lip.assess_sites(health, design, ["peel"] * 6), "A site stands twice: peel"),
        (
            lambda: lip.assess_sites(health, design, [*SIX_OF_2010[1:], "calgary"]),
            "'calgary' is no candidate: not ranked: evidence for 37.5 % of the weight",
        ),
    ]
    for call, message in cases:
        with pytest.raises(InputError, match=message):
            call()
    few = lip.rank_sites(measures[measures["site"] != "york"], lip.load_cluster("labour"))
    shared = replace(design, clusters=("health", "labour"))
    with pytest.raises(InputError, match="The rankings are over different sites; rank the same roster"):
        lip.choose_sites([health, few], shared)


# ---- looking back, and the core index ----------------------------------------------------------------


def test_the_six_sites_of_2010_are_judged(types: pd.DataFrame) -> None:
    measures = lip.load_measures(also=["west-downtown-toronto", "peel"])
    assert measures["site"].nunique() == 39
    ranking = lip.rank_sites(measures, lip.load_cluster("health"))
    found = lip.assess_sites(ranking, lip.load_design("six-sites"), SIX_OF_2010)
    assert found.meets
    assert found.quotas["met"].all()
    assert found.overlapping == ()
    score = ranking.ranked.set_index("site")["score"]
    assert found.objective == pytest.approx(score[SIX_OF_2010].sum(), abs=1e-8)
    assert found.best.proof.objective > found.objective
    every = every_set(ranking, lip.load_sites("toronto-neighbourhoods-2009").combine_first(types))
    assert found.compared == len(every)
    assert found.better == sum(value > found.objective + 1e-9 for value in every.values())
    both = set(SIX_OF_2010) & set(found.best.sites)
    assert set(found.table.loc[found.table["in"] == "both", "site"]) == both
    assert found.merits.loc["sum of scores", "given"] == pytest.approx(found.objective)
    shown = notebook.assessment_table(found)
    assert shown["In"].tolist() == sorted(shown["In"], key=["both sets", "given set only", "best set only"].index)
    assert list(notebook.merits_table(found).columns) == ["Given set", "Best set"]


def test_a_set_that_breaks_the_design_is_told_so(health: Ranking) -> None:
    six = ["thunder-bay", "northwestern-ontario", "peel", "york", "durham", "halton"]
    found = lip.assess_sites(health, lip.load_design("six-sites"), six)
    assert not found.meets
    assert found.overlapping == (("thunder-bay", "northwestern-ontario"),) or found.overlapping == (
        ("northwestern-ontario", "thunder-bay"),
    )
    assert found.quotas["has"].tolist() == ["4", "0", "2"]
    assert found.quotas["met"].tolist() == [False, False, True]


# ---- the command -------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_the_command_chooses(capsys: pytest.CaptureFixture[str], selection: Selection) -> None:
    code, out, _ = run(capsys, "select", "health", "--design", "six-sites")
    assert code == 0
    assert all(len(line) <= 100 for line in out.splitlines())
    for name in selection.table["name"]:
        assert name in out
    assert "proven: no set that meets the design is better" in out
    assert f"Next: lipresearch select health --design six-sites --exclude {selection.sites[0]}" in out
    assert "nan" not in out.lower().replace("finance", "")


def test_the_command_writes_json_and_markdown(capsys: pytest.CaptureFixture[str], selection: Selection) -> None:
    code, out, _ = run(capsys, "select", "health", "--format", "json", "--exclude", selection.sites[0])
    content = json.loads(out)
    assert code == 0
    assert content["proof"]["optimal"] is True
    assert selection.sites[0] not in [row["site"] for row in content["table"]]
    assert len(content["best_sets"]) == 10
    code, out, _ = run(capsys, "select", "all", "--design", "all-clusters", "--format", "markdown")
    assert code == 0
    assert out.startswith("# Six sites that serve all five clusters\n")
    assert "## If a site declines" in out
    code, out, _ = run(capsys, "select", "health", "--format", "csv")
    assert out.splitlines()[0].startswith("site,name,rank,score,")
    assert len(out.splitlines()) == 7


def test_the_command_takes_the_cluster_s_own_design(capsys: pytest.CaptureFixture[str]) -> None:
    for cluster, label in (("health", "Health care: six sites"), ("all", "Six sites that serve all five clusters")):
        code, out, _ = run(capsys, "select", cluster)
        assert code == 0
        assert out.splitlines()[0] == label


def test_the_next_command_keeps_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "select", "health", "--perspective", "need", "--exclude", "peel", "--exclude", "peel")
    assert "--design health --perspective need --exclude peel --exclude toronto-east" in " ".join(out.split())


def test_a_cost_of_nothing_is_explained(capsys: pytest.CaptureFixture[str], health: Ranking) -> None:
    selection = lip.choose_sites(health, lip.load_design("six-sites"))
    costs = selection.cost_of_quotas.set_index("quota")["cost"]
    assert (costs.drop("all") == 0).all()  # any two of the demands imply the third
    assert costs["all"] > 0.8
    note = notebook.cost_note(selection)
    assert "does not say that a demand is free: the others may bring about what it asks" in note
    assert f"With all of them given up the best set would be {costs['all']:.3f} better: Peel Region, " in note
    for form in ("table", "markdown"):
        _, out, _ = run(capsys, "select", "health", "--design", "six-sites", "--format", form)
        assert note in " ".join(out.split())
    one = lip.choose_sites(health, replace(SMALL, quotas=SMALL.quotas[:1]))
    assert notebook.cost_note(one) == ""
    urban = tuple(Quota(name, attribute="settlement_type", level="Toronto", minimum=1) for name in ("a", "b"))
    free = lip.choose_sites(health, replace(SMALL, quotas=urban))
    assert notebook.cost_note(free) == "The demands cost nothing: the best set of all meets them anyway."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["health", "--design", "all-clusters"], "Run `lipresearch select all --design all-clusters`"),
        (["health", "--design", "nothing"], "There is no design 'nothing'. There are: all-clusters"),
        (["all", "--design", "all-clusters", "--perspective", "need"], "A perspective is of one cluster"),
        (["health", "--roster", "toronto-neighbourhoods-2009"], "This demand cannot be met"),
        (["health", "--exclude", "nobody"], "'nobody' cannot be left out: it is not on the roster"),
        (["art"], "There is no cluster 'art'"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "select", *arguments)
    assert (code, out) == (1, "")
    assert message in err


def test_the_command_lists_designs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "designs")
    assert code == 0
    assert all(len(line) <= 100 for line in out.splitlines())
    assert "one-of-each-type" in out
    assert "Next: lipresearch select health --design six-sites" in out


def test_a_proof_does_not_say_more_than_is_known() -> None:
    one = Proof("sought", 1.0, 1.0, 0.0, True, "solver", 1, True, None)  # ties were not looked for
    assert str(one).endswith("is better (solver). Whether others are equally good was not looked into.")
    near = replace(one, bound=1.00000001, gap=1e-8, optimal=False, more=False)
    assert str(near) == "Sought: 1.0000; not proven: the bound is 1.0000, the gap below 0.0001 (solver)."


@pytest.mark.parametrize(
    ("gap", "shown"), [(0.00005, "0.0001"), (0.0000499, "below 0.0001"), (0.25, "0.2500"), (1.5, "1.5000")]
)
def test_the_gap_of_a_proof_in_words(gap: float, shown: str) -> None:
    proof = Proof("sought", 1.0, 1.0 + gap, gap, False, "solver", 1, False, None)
    assert str(proof) == f"Sought: 1.0000; not proven: the bound is {1 + gap:.4f}, the gap {shown} (solver)."


@pytest.mark.parametrize(
    ("equally_good", "more", "said"),
    [
        (1, False, "."),
        (2, False, ". 2 sets are equally good."),
        (2, True, ". At least 2 sets are equally good."),
        (1, True, ". Whether others are equally good was not looked into."),
    ],
)
def test_a_proof_says_how_many_sets_are_equally_good(equally_good: int, more: bool, said: str) -> None:
    proof = Proof("sought", 2.0, 2.0, 0.0, True, "solver", equally_good, more, 1234)
    start = "Sought: 2.0000; proven: no set that meets the design is better (solver; 1,234 sets meet the design)"
    assert str(proof) == f"{start}{said}"
    assert "(solver; 0 sets meet the design)" in str(replace(proof, compared=0))


@pytest.mark.parametrize("objective", ["representativeness", "variety"])
def test_a_demand_costs_what_the_best_set_gains_without_it_whichever_way_is_better(
    objective: str, health: Ranking
) -> None:
    """The mean difference from the roster is the better the smaller it is, the sum of distances the larger."""
    quotas = tuple(
        Quota(level, attribute="settlement_type", level=level, minimum=least)
        for level, least in (("rural", 3), ("urban", 1))
    )
    found = lip.choose_sites(health, replace(SMALL, quotas=quotas, objective=objective))
    costs = found.cost_of_quotas.set_index("quota")
    base = found.proof.objective
    assert costs.index.tolist() == ["rural", "urban", "all"]
    free = lip.choose_sites(health, replace(SMALL, quotas=quotas[1:], objective=objective)).proof.objective
    assert costs.loc["rural", "without_it"] == free
    gain = base - free if objective == "representativeness" else free - base
    assert gain > 0.01
    assert costs.loc["rural", "cost"] == pytest.approx(gain, abs=1e-12)
    assert costs.loc["all", "cost"] >= costs.loc["rural", "cost"]
    assert costs.loc["rural", "leaves"]
    assert costs.loc["rural", "enters"]
    assert [found._better(*pair) for pair in ((1.0, 2.0), (2.0, 1.0), (1.0, 1.0))] == (
        [True, False, False] if objective == "representativeness" else [False, True, False]
    )


def test_merits_of_one_site_of_two_and_of_sites_that_cannot_be_compared(selection: Selection) -> None:
    candidates = selection._candidates
    score = candidates.frame["score"]
    alone = candidates.merits((3,))
    assert (alone["sum of scores"], alone["mean score"]) == (score[3], score[3])
    assert math.isnan(alone["least distance"])
    assert math.isnan(alone["mean distance"])
    apart = candidates.distance
    three = candidates.merits((0, 2, 5))
    pairs = [apart[0, 2], apart[0, 5], apart[2, 5]]
    assert three["least distance"] == min(pairs)
    assert three["mean distance"] == pytest.approx(sum(pairs) / 3)
    assert three["mean score"] == pytest.approx(score[[0, 2, 5]].mean())
    off = np.nanmean(candidates.deviation[[0, 2, 5]], axis=0)
    assert three["mean difference from the roster"] == pytest.approx(np.abs(off[~np.isnan(off)]).mean())
    holes = replace(candidates)
    holes.__dict__["distance"] = np.where(np.eye(len(apart)) == 1, 0.0, np.where(apart == apart[0, 2], np.nan, apart))
    assert math.isnan(holes.merits((0, 2, 5))["least distance"])
    assert math.isnan(holes.merits((0, 2, 5))["mean distance"])
    assert holes.merits((0, 5))["least distance"] == apart[0, 5]


def test_replacements_that_are_equally_good_share_a_place(health: Ranking) -> None:
    """Scores of two values: who replaces a high one with a low one, and who one of the low ones with another."""
    table = health.table
    ranked = table["status"] == "ranked"
    table.loc[ranked, "score"] = np.where(np.arange(int(ranked.sum())) < 6, 0.75, 0.5)
    found = lip.choose_sites(replace(health, _table=table), replace(SMALL, quotas=()))
    assert found.table["score"].tolist() == [0.75] * 4
    for _, mine in found.replacements.groupby("site"):
        values = mine["objective"].tolist()
        assert mine["order"].tolist() == [1 + sum(other > value for other in values) for value in values]
        assert set(mine["order"]) == {1, 1 + values.count(3.0)}
        assert mine["change"].tolist() == [value - 3.0 for value in values]
    problem = found._candidates.problem
    equal = sum(problem.meets(chosen) for chosen in itertools.combinations(range(6), 4))
    assert found.proof.equally_good == equal < 10
    assert found.best_sets["place"].tolist() == [1] * equal + [equal + 1] * (10 - equal)
    assert found.best_sets["change"].tolist() == [0.0] * equal + [-0.25] * (10 - equal)


def test_a_site_that_cannot_be_replaced_is_said_to_be_so(health: Ranking, types: pd.DataFrame) -> None:
    kind = types["settlement_type"]
    rural = [site for site in health.ranked["site"] if kind[site] == "rural"]
    assert len(rural) == 3
    quota = Quota("rural", attribute="settlement_type", level="rural", minimum=3)
    found = lip.choose_sites(health, replace(SMALL, quotas=(quota,)))
    table = found.alternates.set_index("site")
    for site in rural:
        row = table.loc[site]
        assert (row["replacement"], row["replacement_name"]) == ("", "none with the others kept")
        assert (row["enters"], row["leaves_too"]) == ("no set meets the design without it", "")
        assert row[["objective", "change", "best_without", "best_without_change"]].isna().all()
    free = table.drop(rural)
    assert len(free) == 1
    assert (free["change"] < 0).all()
    assert free["change"].tolist() == free["best_without_change"].tolist()
    assert set(found.replacements["site"]) == set(free.index)


def test_what_a_set_has_in_words(health: Ranking) -> None:
    """One pair nearer and several; a site that must be in and is not; a level that nobody has."""
    quotas = (
        Quota("every", attribute="settlement_type", level="each", maximum=4),
        Quota("rural", attribute="settlement_type", level="rural", maximum=3),
        Quota("regions", attribute="region", level="distinct", minimum=1),
    )
    design = replace(SMALL, quotas=quotas, minimum_km=60.0, include=(("north-bay", "agreed"),))
    known = {}
    for sites in (["york", "durham", "ottawa", "north-bay"], ["york", "durham", "peel", "ottawa"]):
        found = lip.assess_sites(health, design, sites)
        known[sites[-1]] = found.quotas.set_index("quota")
    kilometres = kilometres_between(catchment_points(load_catchments(ROOT), sorted(health.table["site"])))
    for last, sites in (("north-bay", ["york", "durham"]), ("ottawa", ["york", "durham", "peel"])):
        near = sum(float(kilometres.loc[a, b]) < 60 for a, b in itertools.combinations(sites, 2))
        assert (near == 1) is (last == "north-bay")
        assert known[last].loc["minimum_km", "has"] == f"{near} pair{'s' if near > 1 else ''} nearer, or not known"
        assert not known[last].loc["minimum_km", "met"]
    assert known["north-bay"].loc["include:north-bay", ["has", "met"]].tolist() == ["yes", True]
    assert known["ottawa"].loc["include:north-bay", ["has", "met"]].tolist() == ["no", False]
    assert known["ottawa"].loc["rural", "has"] == "0"
    assert "0 " not in known["ottawa"].loc["every", "has"]
    assert known["ottawa"]["kind"].tolist() == ["quota"] * 5


@pytest.mark.parametrize(("gap", "shown"), [(0.0, "none"), (0.00004, "below 0.0001"), (0.01, "0.0100")])
def test_the_gap_is_never_shown_as_zeros(selection: Selection, gap: float, shown: str) -> None:
    table = notebook.proof_table(replace(selection, proof=replace(selection.proof, gap=gap)))
    assert table.loc["Gap"].tolist() == [shown]


def test_a_selection_reads_well(selection: Selection) -> None:
    assert repr(selection).startswith("Selection of 6 sites (Six sites in the pattern of the field study): ")
    for table in (
        notebook.selection_table(selection),
        notebook.proof_table(selection),
        notebook.cost_table(selection),
        notebook.alternates_table(selection),
        notebook.best_sets_table(selection),
        notebook.demands_table(selection.quotas, selection.cost_of_quotas),
        notebook.designs_table(lip.list_designs()),
    ):
        assert len(table.columns) <= 7
        text = table.reset_index().astype(str).to_numpy().ravel()
        assert not any("nan" in cell.lower().split() or "e-" in cell.split()[-1:] for cell in text)
        assert "" not in set(text)


def test_what_each_site_fills_is_counted_anew(health: Ranking, types: pd.DataFrame) -> None:
    quotas = (
        Quota("rural", attribute="settlement_type", level="rural", minimum=2),
        Quota("few-urban", attribute="settlement_type", level="urban", maximum=3),
        Quota("regions", attribute="region", level="distinct", minimum=3),
        Quota("aim", kind="spread", attribute="settlement_type", level="urban", minimum=1),
    )
    found = lip.choose_sites(health, replace(SMALL, quotas=quotas, include=(("north-bay", "an agreement is signed"),)))
    kind, region = types["settlement_type"], types["region"]
    expected = []
    for site in found.sites:
        rest = [other for other in found.sites if other != site]
        if kind[site] == "rural":
            expected.append((site, "rural", sum(kind[other] == "rural" for other in rest) < 2))
        expected.append((site, "regions", len({region[other] for other in rest}) < 3))
        if site == "north-bay":
            expected.append((site, "include:north-bay", True))
    fills = list(found.fills.itertuples(index=False, name=None))
    assert sorted(fills) == sorted(expected)
    assert {needed for _, _, needed in fills} == {True, False}


def test_the_point_of_a_site_is_the_mean_of_its_residents() -> None:
    atoms = pd.DataFrame(
        {
            "population": [3.0, 1.0, 0.4, 0.0, math.nan, 5.0],
            "latitude": [44.0, 48.0, 50.0, 51.0, 52.0, math.nan],
            "longitude": [-80.0, -84.0, -85.0, -86.0, -87.0, -88.0],
        },
        index=list("abcdef"),
    )
    atoms_of = {"two": {"a", "b", "e", "f"}, "few": {"c"}, "nobody": {"d"}}
    catchments: Any = SimpleNamespace(geography=SimpleNamespace(atoms=atoms), atoms=atoms_of)
    points = catchment_points(catchments, list(atoms_of))
    assert points.loc["two"].tolist() == [45.0, -81.0]
    assert points.loc["few"].tolist() == [50.0, -85.0]
    assert points.loc["nobody"].isna().all()
    # One degree along a meridian.
    degree = kilometres_between(pd.DataFrame({"latitude": [45.0, 46.0], "longitude": -81.0}, index=["a", "b"]))
    assert degree.loc["a", "b"] == pytest.approx(6371.0088 * math.pi / 180)


# ---- small problems, against looking at every set ------------------------------------------------------

#: Not in the order of the sites, and two of them alike.
NAMES = ["Oak", "Elm", "Ash", "Yew", "Fir", "Elm", "Bay", "Lime", "Box"]


def laid_out(problem: Problem, **changed: Any) -> choose.Candidates:
    """Return a problem as if it had come from rankings."""
    frame = pd.DataFrame(
        {
            "site": list(problem.sites),
            "name": (NAMES * len(problem.sites))[: len(problem.sites)],
            "rank": range(1, 1 + len(problem.sites)),
            "score": problem.scores / UNIT,
        }
    )
    nobody = pd.DataFrame(columns=["site", "name", "reason"])
    design = replace(SMALL, sites=problem.size)
    given = choose.Candidates(design, (), problem, problem.sites, None, frame, nobody, (), {}, ())
    return replace(given, **changed)


def best_of(problem: Problem, **changed: Any) -> Selection:
    return choose._chosen(laid_out(problem, **changed), 60.0)


def called(chosen: Any) -> str:
    return ", ".join(sorted(NAMES[place] for place in chosen))


def read(problem: Problem, chosen: tuple[int, ...]) -> float:
    return float(obvious_value(problem, chosen)) / problem.objective.scale + 0.0


@settings(max_examples=25)
@given(problems(KINDS))
def test_what_a_selection_says_agrees_with_looking_at_every_set(problem: Problem) -> None:
    every = obvious_sets(problem)
    if not every:
        return
    found = best_of(problem)
    chosen, base = every[0], read(problem, every[0])
    assert found.sites == tuple(problem.sites[place] for place in chosen)
    kind = problem.objective.kind
    ties = sum(obvious_value(problem, other) == obvious_value(problem, chosen) for other in every)
    compared = kind not in ("suitability", "least distance")
    assert found.proof == Proof(
        OBJECTIVES[kind],
        base,
        base,
        0.0,
        True,
        "every set compared" if compared else "integer programming (HiGHS)",
        found.proof.equally_good if kind == "least distance" else ties,
        found.proof.more,
        len(every) if compared else None,
    )
    assert found.proof.equally_good == ties or (found.proof.more and found.proof.equally_good < ties)
    assert found.candidates["chosen"].tolist() == [place in chosen for place in range(len(problem.sites))]
    assert list(found.candidates) == ["site", "name", "rank", "chosen", "score"]
    assert list(found.table.itertuples(name=None)) == [
        (at, problem.sites[place], NAMES[place], place + 1, problem.scores[place] / UNIT)
        for at, place in enumerate(chosen)
    ]

    rows, alternates = [], []
    for out in chosen:
        swaps = []
        for other in range(len(problem.sites)):
            new = tuple(sorted({*chosen, other} - {out}))
            if other not in chosen and obvious_meets(problem, new):
                swaps.append((other, new))
        swaps.sort(key=lambda swap: every.index(swap[1]))
        for other, new in swaps:
            better = sum(obvious_value(problem, s) > obvious_value(problem, new) for _, s in swaps)
            worth = read(problem, new)
            rows.append(
                (problem.sites[out], NAMES[out], 1 + better, problem.sites[other], NAMES[other], worth, worth - base)
            )
        without = next((s for s in every if out not in s), None)
        alternates.append(
            (
                problem.sites[out],
                NAMES[out],
                problem.sites[swaps[0][0]] if swaps else "",
                NAMES[swaps[0][0]] if swaps else "none with the others kept",
                read(problem, swaps[0][1]) if swaps else math.nan,
                read(problem, swaps[0][1]) - base if swaps else math.nan,
                read(problem, without) if without else math.nan,
                read(problem, without) - base if without else math.nan,
                called(set(without) - set(chosen)) if without else "no set meets the design without it",
                called(set(chosen) - set(without) - {out}) if without else "",
            )
        )
    assert list(found.replacements.itertuples(index=False, name=None)) == rows
    expected = pd.DataFrame(alternates, columns=list(found.alternates))
    pd.testing.assert_frame_equal(found.alternates, expected, check_dtype=False, check_exact=True)

    values = [obvious_value(problem, other) for other in every[:10]]
    assert list(found.best_sets.itertuples(index=False, name=None)) == [
        (
            1 + sum(other > value for other in values),
            read(problem, s),
            read(problem, s) - base,
            ";".join(problem.sites[place] for place in s),
            called(s),
            called(set(chosen) - set(s)),
            called(set(s) - set(chosen)),
        )
        for value, s in zip(values, every[:10], strict=True)
    ]
    held = {place: sum(place in s for s in every[:10]) for place in range(len(problem.sites))}
    assert list(found.shared.itertuples(index=False, name=None)) == [
        (problem.sites[place], NAMES[place], held[place], len(values), place in chosen)
        for place in sorted(held, key=lambda p: (-held[p], NAMES[p], problem.sites[p]))
        if held[place]
    ]
    assert found.shared.index.tolist() == list(range(len(found.shared)))
    assert list(found.shared) == ["site", "name", "sets", "of", "chosen"]
    assert list(found.best_sets) == ["place", "objective", "change", "sites", "names", "leaves", "enters"]


@settings(max_examples=40)
@given(problems(("suitability", "representativeness")))
def test_what_demands_cost_and_who_fills_them_agrees_with_looking_at_every_set(problem: Problem) -> None:
    every = obvious_sets(problem)
    if not every:
        return
    found = best_of(problem)
    chosen, base = every[0], read(problem, every[0])
    trials = [(rule.rule, rule.label, problem.without_rule(rule.rule)) for rule in problem.rules]
    if len(trials) > 1:
        trials.append(("all", "all of these together", problem.only_rules(())))
    costs = []
    for rule, label, relaxed in trials:
        best = obvious_sets(relaxed)[0]
        value = read(problem, best)
        left, came = called(set(chosen) - set(best)), called(set(best) - set(chosen))
        costs.append((rule, label, value, abs(value - base), left, came))
    assert list(found.cost_of_quotas.itertuples(index=False, name=None)) == costs
    assert found.cost_of_quotas.columns.tolist() == ["quota", "label", "without_it", "cost", "leaves", "enters"]

    fills = []
    for place, rule in itertools.product(chosen, problem.rules):
        rest = [other for other in chosen if other != place]
        helps = rule.include == place
        for part in rule.parts:
            helps = helps or (part.minimum is not None and bool(part.sure[place]))
        if rule.levels is not None and rule.levels.minimum is not None:
            helps = helps or any(row[place] for row in rule.levels.member)
        if helps:
            alone = replace(problem, rules=(rule,), overlap=np.zeros_like(problem.overlap), banned=frozenset())
            fills.append((problem.sites[place], rule.rule, not obvious_meets(alone, tuple(rest))))
    assert list(found.fills.itertuples(index=False, name=None)) == fills
    assert found.fills.columns.tolist() == ["site", "quota", "needed"]


@settings(max_examples=40)
@given(problems(KINDS), st.data())
def test_a_given_set_is_judged_as_looking_at_every_set_judges_it(problem: Problem, data: Any) -> None:
    every = obvious_sets(problem)
    free = [place for place in range(len(problem.sites)) if place not in problem.banned]
    if not every or len(free) < problem.size:
        return
    places = data.draw(st.permutations(free))[: problem.size]
    mine = tuple(sorted(places))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "prepare", lambda *_, **__: laid_out(problem))
        design = replace(SMALL, sites=problem.size)
        found = lip.selection.assess_sites((), design, [problem.sites[p] for p in places], pd.DataFrame())
    assert found.sites == tuple(problem.sites[place] for place in mine)
    assert found.objective == read(problem, mine)
    assert found.meets is obvious_meets(problem, mine)
    assert found.better == sum(obvious_value(problem, s) > obvious_value(problem, mine) for s in every)
    assert found.compared == len(every)
    assert found.best.sites == tuple(problem.sites[place] for place in every[0])
    assert found.overlapping == tuple(
        (problem.sites[i], problem.sites[j]) for i, j in itertools.combinations(mine, 2) if problem.overlap[i, j]
    )
    either = sorted({*mine, *every[0]})
    assert found.table["site"].tolist() == [problem.sites[place] for place in either]
    assert found.table["in"].tolist() == [
        "both" if place in mine and place in every[0] else "given" if place in mine else "best" for place in either
    ]
    assert list(found.table) == ["site", "name", "rank", "in", "score"]
    assert found.table.index.tolist() == list(range(len(either)))
    assert repr(found) == (
        f"Assessment of {called(mine)}: objective {found.objective:.4f}, the best set has "
        f"{found.best.proof.objective:.4f}. See .table, .quotas, .merits, .best."
    )


def test_a_selection_shows_what_it_was_made_of() -> None:
    ranking: Any = SimpleNamespace()
    found = best_of(plain([9, 5, 5, 1], 2), rankings=(ranking,), notes=("a note",))
    assert found.rankings == (ranking,)
    assert found.notes == ("a note",)
    assert found.design.sites == 2
    assert repr(found) == (
        "Selection of 2 sites (Small): Elm, Oak. Highest sum of scores: 14.0000; proven: no set that meets the design "
        "is better (integer programming (HiGHS)). 2 sets are equally good. See .table, .quotas, .alternates, "
        ".replacements, .best_sets, .cost_of_quotas, .excluded."
    )
    assert found.cost_of_quotas.empty
    assert found.fills.empty
    for table in ("excluded", "cost_of_quotas", "fills"):
        frame = getattr(found, table)
        frame["new"] = "changed"
        assert "new" not in getattr(found, table)


def test_results_are_frozen() -> None:
    found = best_of(plain([9, 5, 5, 1], 2))
    assert frozen(found.proof, by_identity=False)
    assert frozen(found, by_identity=True)
    assert frozen(found._candidates, by_identity=True)
    judged = choose.Assessment(found, 1.0, True, 0, 6, found._candidates, (0, 1))
    assert frozen(judged, by_identity=True)


@pytest.mark.parametrize("scale", [float(UNIT), -float(UNIT)])
def test_what_is_not_proven_is_said_with_its_gap(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """And every set is compared where they are few enough, the last one among them."""
    deviation = np.array([[3], [-1], [0], [2]], dtype=np.int64) * UNIT
    goal = Objective("representativeness", scale, 0, 0, 1, deviation=deviation)
    problem = plain([4, 3, 2, 1], 2, goal)
    sets = solve.number_of_sets(problem)
    monkeypatch.setattr(solve, "ENUMERABLE", sets)
    assert best_of(problem).proof.compared == sets == 6
    monkeypatch.setattr(solve, "ENUMERABLE", sets - 1)
    found = solve.Found(((0, 1),), 3, True, -UNIT, False, "some solver", 7)
    asked = []

    def best_sets(*arguments: Any) -> solve.Found:
        asked.append(arguments)
        return found

    monkeypatch.setattr(solve, "best_sets", best_sets)
    candidates = laid_out(problem)
    sign = math.copysign(1.0, scale)
    assert choose._chosen(candidates, 12.5).proof == Proof(
        OBJECTIVES["representativeness"], -2.0 * sign, -1.0 * sign, 1.0, False, "some solver", 3, True, 7
    )
    assert asked == [(problem, 1, 12.5)]


def refused(problem: Problem, **changed: Any) -> ImpossibleDesignError:
    with pytest.raises(ImpossibleDesignError) as no:
        best_of(problem, **changed)
    return no.value


def members(label: str, places: list[int], low: int | None, high: int | None, n: int = 5, offers: str = "") -> Rule:
    marks = np.isin(np.arange(n), places)
    return Rule(label, f"rule {label}", "quota", (Part(label, marks, marks, low, high),), offers=offers)


def test_why_no_set_meets_a_design_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    five = plain([9, 8, 7, 6, 5], 3)
    few = refused(replace(five, size=6))
    assert str(few) == (
        "No set of 6 sites meets the design small. There are only 5 candidates. Ask for fewer sites, or exclude fewer."
    )
    assert (few.conflict, few.smallest) == (("number of sites",), True)
    near = np.zeros((5, 5), dtype=bool)
    near[0, 1] = near[1, 0] = True
    apart = refused(replace(five, size=5, overlap=near))
    assert str(apart) == (
        "No set of 5 sites meets the design small. Of 5 candidates not even 5 can be chosen without two that share an "
        "area (or cannot be compared). Ask for fewer sites, or exclude fewer."
    )
    assert apart.conflict == ("number of sites",)

    fine = members("fine", [0, 1, 2], 1, 2)
    alone = refused(replace(five, rules=(fine, members("alone", [0], 2, None, offers="the candidates offer 1"))))
    assert str(alone) == (
        "No set of 3 sites meets the design small. This demand cannot be met:\n"
        "  rule alone (the candidates offer 1)\n"
        "Relax one of them in the design, or exclude fewer sites."
    )
    assert (alone.conflict, alone.smallest) == (("rule alone",), True)

    two = (members("low", [0, 1], 2, None), fine, members("high", [2, 3, 4], 2, None, offers="3"))
    out = pd.DataFrame(
        [("x", "Xanadu", "declined"), ("z", "Zion", "far")],
        columns=["site", "name", "reason"],
    )
    named = replace(SMALL, sites=3, file="designs/small.toml")
    conflict = "  rule low\n  rule high (3)\n"
    end = (
        "Relax one of them in designs/small.toml, or exclude fewer sites. 2 sites of the roster are no candidates: "
        "Xanadu, Zion. Two sites that share an area (or cannot be compared) are never chosen together."
    )
    head = "No set of 3 sites meets the design small. These 2 demands conflict"
    both = refused(replace(five, rules=two, overlap=near), design=named, excluded=out)
    assert both.conflict == ("rule low",)  # the two of it overlap
    near[0, 1] = near[1, 0] = False
    near[3, 4] = near[4, 3] = True
    problem = replace(five, rules=two, overlap=near)
    both = refused(problem, design=named, excluded=out)
    assert str(both) == f"{head}, and no smaller group of them does:\n{conflict}{end}"
    assert (both.conflict, both.smallest) == (("rule low", "rule high"), True)
    monkeypatch.setattr(solve, "TRIES", 0)
    unsure = refused(problem, design=named, excluded=out)
    assert str(unsure) == f"{head}; without any one of them the others can be met:\n{conflict}{end}"
    assert not unsure.smallest


def test_what_a_set_has_of_every_kind_of_demand() -> None:
    level = np.array(["a", "a", "b", "", "c"])
    member = np.array([level == name for name in "abc"])
    near = np.zeros((5, 5), dtype=bool)
    for i, j in ((0, 1), (0, 2), (3, 4)):
        near[i, j] = near[j, i] = True
    parts = tuple(Part(name, row, row | (level == ""), None, 1) for name, row in zip("abc", member, strict=True))
    rules = (
        members("one", [0, 1, 4], 2, None),
        members("none", [3], None, 0),
        Rule("each", "every", "quota", parts),
        Rule("levels", "levels", "quota", levels=Levels(member, level == "", 2, None)),
        Rule("km", "far", "apart", apart=near),
        Rule("in", "in", "include", include=2),
    )
    aim = replace(members("aim", [4], 1, None), kind="spread")
    quota = Quota("one", attribute="region", level="x", minimum=2, rationale="because")
    candidates = laid_out(replace(plain([9, 8, 7, 6, 5], 3), rules=rules), targets=(aim,), quotas={"one": quota})

    def rows(chosen: tuple[int, ...]) -> list[tuple[Any, ...]]:
        table = choose.quota_table(candidates, chosen)
        assert table.columns.tolist() == ["quota", "label", "kind", "has", "met", "rationale"]
        assert table["rationale"].tolist() == ["because", *[""] * 6]
        assert table["kind"].tolist() == [*["quota"] * 6, "spread"]
        assert table["quota"].tolist() == ["one", "none", "each", "levels", "km", "in", "aim"]
        assert table["label"].tolist() == ["rule one", "rule none", "every", "levels", "far", "in", "rule aim"]
        return list(zip(table["has"], table["met"], strict=True))

    assert rows((0, 1, 2)) == [
        ("2", True),
        ("0", True),
        ("2 a, 1 b", False),
        ("2", True),
        ("2 pairs nearer, or not known", False),
        ("yes", True),
        ("0", False),
    ]
    assert rows((1, 3, 4)) == [
        ("2", True),
        ("1", False),
        ("1 a, 1 c", False),
        ("2", True),
        ("1 pair nearer, or not known", False),
        ("no", False),
        ("1", True),
    ]
    assert rows((3,))[2] == ("none", True)
    assert rows((2, 3))[4] == ("all pairs", True)


def test_places_names_and_merits_by_hand() -> None:
    out = pd.DataFrame([("x", "Xanadu", "it declined")], columns=["site", "name", "reason"])
    candidates = laid_out(plain([9 * UNIT, 7 * UNIT, 4 * UNIT, 1 * UNIT], 2), excluded=out)
    assert candidates.places(["s03", "s00", "s02"]) == (0, 2, 3)
    assert candidates.places([]) == ()
    for site, why in (("x", ": it declined"), ("y", "")):
        message = f"{site!r} is no candidate{why}. Candidates: s00, s01, s02, s03."
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            candidates.places(["s01", site])
    assert candidates.names([3, 2, 0]) == "Ash, Oak, Yew"
    distance = np.array([[9.0, 2.0, 3.0, 1.0], [2.0, 9.0, 7.0, 1.0], [3.0, 7.0, 9.0, 1.0], [1.0, 1.0, 1.0, 9.0]])
    deviation = np.array([[1.0, -4.0, math.nan], [2.0, 1.0, math.nan], [math.nan, 6.0, math.nan], [0.0, 0.0, 5.0]])
    candidates.__dict__.update(distance=distance, deviation=deviation)
    assert candidates.merits((0, 1, 2)) == {
        "sum of scores": 20.0,
        "mean score": pytest.approx(20 / 3),
        "least distance": 2.0,
        "mean distance": 4.0,
        "mean difference from the roster": (1.5 + 1.0) / 2,
    }
    two = candidates.merits((2, 3))
    assert (two["mean difference from the roster"], two["mean distance"]) == ((0 + 3 + 5) / 3, 1.0)
    candidates.__dict__.update(deviation=deviation[:, :0])
    assert math.isnan(candidates.merits((0, 1))["mean difference from the roster"])


# ---- from a design to whole numbers ----------------------------------------------------------------------


def fake(cluster: str, points: dict[str, dict[str, float]], weights: list[float], minimum: float = 0.5) -> Any:
    """Return what the functions below take of a ranking: {site: {criterion: points}}, weights, minimum coverage."""
    rows = [
        {"site": site, "criterion": name, "measure": f"m-{name}", "label": f"{name}!", "points": x, "value": 10 * x}
        for site, mine in points.items()
        for name, x in mine.items()
    ]
    criteria = pd.DataFrame({"weight": weights}, index=list(next(iter(points.values()))))
    return SimpleNamespace(
        contributions=pd.DataFrame(rows),
        cluster=SimpleNamespace(cluster=cluster, criteria=criteria, minimum_coverage=minimum),
        ranked=pd.DataFrame({"site": list(points), "score": [0.5] * len(points)}),
    )


FIRST = fake(
    "one", {"u": {"a": 0.0, "b": 0.2}, "v": {"a": 1.0, "b": 0.6}, "w": {"a": 0.5, "b": math.nan}}, [0.75, 0.25]
)
SECOND = fake("two", {"u": {"c": 1.0}, "v": {"c": 0.5}, "w": {"c": 0.0}}, [1.0], 0.7)


def test_distances_over_the_criteria_of_all_rankings() -> None:
    declared = (("c", 1.0), ("a", 2.0))
    expected = {
        "criterion": [(0.375 * 1 + 0.125 * 0.4 + 0.5 * 0.5), (0.375 * 0.5 + 0.5 * 1.0) / 0.875],
        "equal": [(1 + 0.4 + 0.5) / 3, (0.5 + 1.0) / 2],
        declared: [(2 * 1 + 0.5) / 3, (2 * 0.5 + 1.0) / 3],
    }
    for how, (near, far) in expected.items():
        design = replace(SMALL, distance_weights=how)
        found = choose._distances((FIRST, SECOND), design, ("w", "u", "v"))
        assert found[1, 2] == pytest.approx(near, abs=1e-12)
        assert found[1, 0] == pytest.approx(far, abs=1e-12)
        assert np.diag(found).tolist() == [0.0] * 3
    # What w has of the first is less than is needed; together with the second it is enough.
    strict = fake("one", {"u": {"a": 0.0, "b": 0.2}, "w": {"a": 0.5, "b": math.nan}}, [0.75, 0.25], 0.8)
    alone = choose._distances((strict,), SMALL, ("u", "w"))
    assert math.isnan(alone[0, 1])
    assert choose._distances((strict, SECOND), SMALL, ("u", "w"))[0, 1] == pytest.approx((0.375 * 0.5 + 0.5) / 0.875)
    message = "Design small: no criterion x, z to weight a distance with. There are: a, b, c."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        choose._distances((FIRST, SECOND), replace(SMALL, distance_weights=(("z", 1.0), ("x", 1.0))), ("u", "w"))


def test_what_is_compared_with_the_roster() -> None:
    again = fake("three", {"u": {"a": 0.9}, "v": {"a": 0.9}}, [1.0])
    rows = choose._compared((FIRST, again, SECOND), SMALL, None)
    assert rows["measure"].tolist() == ["m-a", "m-b"] * 3 + ["m-c"] * 3
    assert rows.loc[rows["measure"] == "m-a", "value"].tolist() == [0.0, 10.0, 5.0]
    measures = pd.DataFrame(
        {"site": ["u", "u", "v"], "measure": ["x", "y", "y"], "label": "L", "value": [1.0, 2.0, 3.0]}
    )
    both = choose._compared((FIRST,), replace(SMALL, measures=("y", "x")), measures)
    assert list(zip(both["measure"], both["site"], strict=True)) == [("y", "u"), ("y", "v"), ("x", "u")]
    message = "Design small: the measures hold no a, z."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        choose._compared((FIRST,), replace(SMALL, measures=("z", "y", "a")), measures)


def long(values: dict[str, list[float]], sites: str) -> pd.DataFrame:
    """Return a measure a column as rows (site, measure, label, value)."""
    return pd.DataFrame(
        [
            (site, name, name.upper(), value)
            for name, column in values.items()
            for site, value in zip(sites, column, strict=True)
        ],
        columns=["site", "measure", "label", "value"],
    )


def test_deviations_are_standardised_over_the_roster() -> None:
    nan = math.nan
    rows = long({"b": [1.0, 3.0, 5.0], "flat": [2.0, 2.0, 2.0], "lone": [nan, 7.0, nan], "two": [nan, 4.0, 8.0]}, "uvw")
    found, labels = choose._deviations(["v", "u", "w"], rows)
    assert labels == ["B", "TWO"]
    assert found[:, 0].tolist() == pytest.approx([0.0, -math.sqrt(1.5), math.sqrt(1.5)])
    assert found[:, 1].tolist() == pytest.approx([-1.0, nan, 1.0], nan_ok=True)
    none, nothing = choose._deviations(["v", "u", "w"], rows[rows["measure"] == "flat"])
    assert (none.shape, nothing) == ((3, 0), [])


def test_what_lacks_a_value_is_left_out_of_what_is_represented() -> None:
    nan = math.nan
    values = {"whole": [1.0, 3.0, 5.0, 9.0], "part": [1.0, nan, 5.0, 6.0], "flat": [2.0] * 4}
    roster = list("uvwx")
    measures = long(values, "uvwx")
    excluded = {"x": "declined"}
    notes: list[str] = []
    design = replace(SMALL, measures=("whole", "part", "flat"))
    found, labels = choose._representing((FIRST,), design, roster, measures, excluded, notes)
    assert labels == ["WHOLE", "PART"]
    assert found.shape == (4, 2)
    assert excluded == {"x": "declined", "v": "no value to compare with the roster: PART"}
    assert notes == [
        "Not compared with the roster, where it does not vary or is hardly known: FLAT.",
        "Compared with the roster: WHOLE, PART.",
    ]
    # Without declared measures those of the criteria: a gap at a ranked site leaves out the measure, not the site.
    excluded, notes = {}, []
    found, labels = choose._representing((FIRST, SECOND), SMALL, list("uvwx"), None, excluded, notes)
    assert labels == ["a!", "c!"]
    assert found[:, 0].tolist() == pytest.approx([-math.sqrt(1.5), math.sqrt(1.5), 0.0, nan], nan_ok=True)
    assert excluded == {}
    assert notes == [
        "Not compared with the roster, for want of a value at some ranked site: b!.",
        "Compared with the roster: a!, c!.",
    ]


def test_objectives_in_whole_numbers() -> None:
    distance = np.array([[0.0, 0.25, math.nan], [0.25, 0.0, 1.0], [math.nan, 1.0, 0.0]])
    deviation = np.array([[1.5, -1.0], [math.nan, 0.5], [0.0, 0.0]])
    whole = {"distance": [[0, 250_000_000, 0], [250_000_000, 0, UNIT], [0, UNIT, 0]]}
    whole["deviation"] = [[1_500_000_000, -UNIT], [0, 500_000_000], [0, 0]]

    def made(objective: str, sites: int = 4, **mix: float) -> tuple[Any, ...]:
        design = replace(SMALL, sites=sites, objective=objective, mix=tuple(mix.items()))
        known = np.nan_to_num(deviation) if objective == "representativeness" else deviation
        goal = choose._objective(design, None if objective == "suitability" else distance, known, ["m", "n"])
        for name in ("distance", "deviation"):
            table = getattr(goal, name)
            assert table is None or table.tolist() == whole[name]
        given = goal.distance is not None, goal.deviation is not None
        return goal.kind, goal.scale, goal.score, goal.pair, goal.spread, goal.least, given

    unit = float(UNIT)
    assert made("suitability") == ("suitability", unit, 1, 0, 0, False, (False, False))
    assert made("least distance") == ("least distance", unit, 1, 0, 0, True, (True, False))
    assert made("variety") == ("variety", unit, 0, 1, 0, False, (True, False))
    assert made("representativeness", 3) == ("representativeness", -unit * 6, 0, 0, 1, False, (False, True))
    # 0.5 / 4 sites, 0.3 / 6 pairs, 0.2 / (4 sites x 2 measures): of a common 40.
    mixed = made("mix", suitability=0.5, variety=0.3, representativeness=0.2)
    assert mixed == ("mix", unit * 40, 5, 2, 1, False, (True, True))
    assert made("mix", suitability=0.6, variety=0.4) == ("mix", unit * 60, 9, 4, 0, False, (True, False))
    assert made("mix", 1, suitability=0.125, representativeness=0.875) == (
        "mix",
        unit * 16,
        2,
        0,
        7,
        False,
        (True, True),
    )
    assert made("mix", 3, variety=0.001, representativeness=0.999)[1:5] == (unit * 6000, 0, 2, 999)
    message = "No measure differs between the sites of the roster, so nothing can be represented."
    for objective, mix in (("representativeness", ()), ("mix", (("suitability", 0.5), ("representativeness", 0.5)))):
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            choose._objective(replace(SMALL, objective=objective, mix=mix), None, np.zeros((3, 0)), [])
    free = replace(SMALL, objective="mix", mix=(("suitability", 0.5), ("variety", 0.5)))
    assert choose._objective(free, distance, np.zeros((3, 0)), []).spread == 0


KINDS_OF = pd.DataFrame(
    {
        "settlement_type": ["rural", "urban", "not known", "urban", ""],
        "region": ["North", "South", "South", "", "East"],
        "overlaps": ["v", "u;gone", "", "y", "x"],
    },
    index=list("uvwxy"),
)


def test_quotas_as_rules_over_the_candidates() -> None:
    sites = KINDS_OF.loc[list("vwxu")]
    roster = list("uvwxy")

    def rule_of(**given: Any) -> tuple[Rule, list[bool]]:
        quota = Quota("q", **given)
        rule, unknown = choose._quota_rule(quota, sites, KINDS_OF, roster, None)
        assert (rule.rule, rule.label, rule.kind) == ("q", quota.label, quota.kind)
        return rule, unknown.tolist()

    one, unknown = rule_of(attribute="settlement_type", level="urban", minimum=1, maximum=2)
    assert unknown == [False, True, False, False]
    (part,) = one.parts
    assert (part.label, part.sure.tolist(), part.possible.tolist(), part.minimum, part.maximum) == (
        *("urban", [True, False, True, False], [True, True, True, False]),
        *(1, 2),
    )
    assert (one.offers, one.levels) == ("the candidates offer 2", None)
    every, _ = rule_of(attribute="settlement_type", level="each", maximum=2000, kind="spread")
    assert [(part.label, part.minimum, part.maximum) for part in every.parts] == [
        ("Toronto", None, 1001),
        ("urban", None, 1001),
        ("rural", None, 1001),
    ]
    assert every.offers == "the candidates offer 0 Toronto, 2 urban, 1 rural"
    different, unknown = rule_of(attribute="region", level="distinct", minimum=2000)
    assert unknown == [False, False, True, False]
    assert different.parts == ()
    assert different.levels is not None
    assert (different.levels.minimum, different.levels.maximum) == (1001, None)
    # East has no candidate, and is a region of the roster all the same.
    assert different.levels.member.tolist() == [
        [False, False, False, False],
        [False, False, False, True],
        [True, True, False, False],
    ]
    assert different.levels.unknown.tolist() == unknown
    assert different.offers == "the candidates offer 2: North, South"
    nobody, _ = rule_of(attribute="region", level="West", maximum=1)
    assert nobody.offers == "the candidates offer 0"


def test_thirds_of_a_measure_by_hand() -> None:
    """Of 1 to 7 the thirds end at 3 and 5: a value at the end belongs to the lower third."""
    roster = list("abcdefghi")
    values = [3.0, 7.0, 1.0, 5.0, 2.0, 4.0, 6.0, math.nan]
    measures = pd.concat([long({"m": values, "other": values[::-1]}, "abcdefgh"), long({"m": [-50.0]}, "z")])
    quota = Quota("q", measure="m", level="middle third", minimum=2)
    third, label = choose._terciles(quota, roster, list("hgfedcbai"), measures)
    low, middle, high = "lowest third", "middle third", "highest third"
    assert third.tolist() == ["", high, middle, low, middle, low, high, low, ""]
    assert label == "at least 2 in the middle third of: M"
    frame = pd.DataFrame(index=list("hgfedcbai"))
    rule, unknown = choose._quota_rule(quota, frame, frame, roster, measures)
    assert rule.parts[0].sure.tolist() == [False, False, True, False, True, False, False, False, False]
    assert unknown.tolist() == [True, *[False] * 7, True]
    assert (rule.label, rule.offers) == (label, "the candidates offer 2")
    three = long({"m": [1.0, 2.0, 3.0]}, "abc")
    assert choose._terciles(quota, roster, list("abc"), three)[0].tolist() == [low, middle, high]
    with pytest.raises(InputError, match=r"^Quota q: m is known for fewer than three sites\.$"):
        choose._terciles(quota, roster, list("abc"), three.iloc[:2])
    with pytest.raises(InputError, match=r"^Quota q: the measures hold no m for these sites\.$"):
        choose._terciles(quota, list("xy"), [], three)


@pytest.mark.parametrize(
    ("cut", "following", "same"),
    [(2.0, 2 + 4e-10, True), (2.0, 2 + 4e-9, False), (2 + 6e-10, 2.5, False), (2 + 4e-9, 2.5, False)],
)
def test_thirds_end_at_nine_decimals(cut: float, following: float, same: bool) -> None:
    """The third of seven values ends the lowest third, the fifth the middle one."""
    quota = Quota("q", measure="m", level="lowest third", minimum=1)
    low, middle, high = "lowest third", "middle third", "highest third"
    rows = long({"m": [0.0, 1.0, cut, following, 5.0, 6.0, 7.0]}, "abcdefg")
    third = choose._terciles(quota, list("abcdefg"), list("abcdefg"), rows)[0].tolist()
    assert third == [low, low, low, low if same else middle, middle, high, high]
    rows = long({"m": [0.0, 0.5, 1.0, 1.5, cut, following, 7.0]}, "abcdefg")
    third = choose._terciles(quota, list("abcdefg"), list("abcdefg"), rows)[0].tolist()
    assert third == [low, low, low, middle, middle, middle if same else high, high]


def test_demands_of_a_design_as_rules() -> None:
    sites = ("v", "w", "x", "u")
    names = {"u": "Ulm", "v": "Vaux", "w": "Wem", "x": "Xanten", "y": "York"}
    kilometres = pd.DataFrame(
        [[0.0, 60.0, 59.9, 90.0], [60.0, 0.0, math.nan, 70.0], [59.9, math.nan, 0.0, 80.0], [90.0, 70.0, 80.0, 0.0]],
        index=list("uvwx"),
        columns=list("uvwx"),
    )
    design = replace(
        SMALL,
        quotas=(
            Quota("urban", attribute="settlement_type", level="urban", minimum=1),
            Quota("aim", attribute="region", level="distinct", minimum=2, kind="spread"),
            Quota("north", attribute="region", level="North", minimum=1),
        ),
        include=(("x", "agreed"), ("v", "asked")),
        minimum_km=60.0,
    )
    notes: list[str] = []
    shown = KINDS_OF.loc[list(sites)]
    rules, targets = choose._rules(design, sites, names, shown, KINDS_OF, list("uvwxy"), None, kilometres, notes)
    assert [(rule.rule, rule.label, rule.kind, rule.include) for rule in rules] == [
        ("urban", "at least 1 with settlement type urban", "quota", None),
        ("north", "at least 1 with economic region North", "quota", None),
        ("include:x", "must include Xanten (agreed)", "include", 2),
        ("include:v", "must include Vaux (asked)", "include", 0),
        ("minimum_km", "at least 60 km between any two sites", "apart", None),
    ]
    assert [rule.rule for rule in targets] == ["aim"]
    assert notes == [
        "Not known, so it meets no minimum and counts against a maximum: at least 1 with settlement type urban: Wem.",
        "Not known, so it meets no minimum and counts against a maximum: at least 2 different values of economic "
        "region: Xanten.",
        "Not known, so it meets no minimum and counts against a maximum: at least 1 with economic region North: "
        "Xanten.",
    ]
    apart = rules[-1].apart
    assert apart is not None
    # v-w is not known, u-w is nearer; 60 km are far enough, and nobody is too near to itself.
    assert [tuple(map(int, pair)) for pair in np.argwhere(apart)] == [(0, 1), (1, 0), (1, 3), (3, 1)]
    assert rules[-1].offers == "4 pairs of sites are that far apart"
    few, _ = choose._rules(replace(design, quotas=(), include=(), minimum_km=0.0), sites, names, shown, *[None] * 4, [])  # type: ignore[arg-type]
    assert few == []
    message = "Design small asks for a minimum distance; give the distances in kilometres."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        choose._rules(replace(design, minimum_km=0.5), sites, names, shown, KINDS_OF, list("uvwxy"), None, None, [])


def test_sites_that_share_an_area_are_marked_both_ways() -> None:
    found = choose._overlaps(("x", "v", "w", "u"), KINDS_OF)
    assert [tuple(map(int, pair)) for pair in np.argwhere(found)] == [(1, 3), (3, 1)]


def test_levels_that_no_site_has_are_refused() -> None:
    def check(**given: Any) -> None:
        choose._check_levels(replace(SMALL, quotas=(*SMALL.quotas, Quota("q", minimum=1, **given))), KINDS_OF)

    check(attribute="region", level="East")
    check(attribute="region", level="each")
    check(attribute="region", level="distinct")
    check(attribute="settlement_type", level="Toronto")  # a level that is listed may be one that nobody has
    check(measure="m", level="lowest third")
    message = "Design small, quota q: no site has the economic region 'West'. There are: East, North, South."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        check(attribute="region", level="West")


def test_who_is_no_candidate_and_why() -> None:
    def table(coverage: dict[str, float], minimum: float) -> Any:
        status = ["ranked" if share >= minimum else "unranked" for share in coverage.values()]
        frame = pd.DataFrame({"site": list(coverage), "coverage": coverage.values(), "status": status})
        return SimpleNamespace(table=frame, cluster=SimpleNamespace(minimum_coverage=minimum))

    one = table({"u": 0.9, "v": 0.4, "w": 0.4, "x": 0.5, "y": 0.1}, 0.5)
    two = table({"u": 0.1, "v": 0.7, "w": 0.3, "x": 0.2, "y": 0.2}, 0.6)
    roster = list("uvwxy")
    names = {site: f"Town {site.upper()}" for site in roster}

    def out(exclude: Any = (), *given: tuple[str, str]) -> dict[str, str]:
        return choose._excluded(roster, names, (one, two), replace(SMALL, exclude=given), exclude)

    unranked = {
        "w": "not ranked: evidence for 40.0 % of the weight, at least 50.0 % needed",
        "y": "not ranked: evidence for 20.0 % of the weight, at least 50.0 % needed",
    }
    assert out() == unranked
    assert out(["u"]) == {**unranked, "u": "left out when choosing"}
    assert out({"w": "declined", "u": "", "v": None}) == {
        **unranked,
        **{"w": "declined", "u": "left out when choosing", "v": "left out when choosing"},
    }
    assert out({"u": "declined"}, ("u", "studied"), ("elsewhere", "far"), ("x", "far")) == {
        **unranked,
        **{"u": "excluded by the design: studied", "x": "excluded by the design: far"},
    }
    for wrong, message in (
        ("peel", "Give the sites to leave out as a list, not as the text 'peel'."),
        (7, "Give the sites to leave out as a list, not as 7."),
        (["TOWN"], "'TOWN' cannot be left out: it is not on the roster. Did you mean u, v, w, x, y?"),
        (["Y"], "'Y' cannot be left out: it is not on the roster. Did you mean y?"),
        (["n V"], "'n V' cannot be left out: it is not on the roster. Did you mean v?"),
        (["q"], "'q' cannot be left out: it is not on the roster. See `lipresearch sites`."),
    ):
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            out(wrong)
    many = [f"s{k}" for k in range(7)]
    with pytest.raises(InputError, match=r"Did you mean s0, s1, s2, s3, s4\?$"):
        choose._excluded(many, {s: s for s in many}, (table(dict.fromkeys(many, 1.0), 0.5),), SMALL, ["S"])


def test_scores_of_several_clusters_are_added_by_their_weights() -> None:
    one: Any = SimpleNamespace(
        cluster=SimpleNamespace(cluster="one"), ranked=pd.DataFrame({"site": ["u", "v"], "score": [0.5, 0.25]})
    )
    two: Any = SimpleNamespace(
        cluster=SimpleNamespace(cluster="two"), ranked=pd.DataFrame({"site": ["v", "w"], "score": [1.0, 0.125]})
    )
    total, parts = choose._scores((one, two), (2.0, 3.0), list("uvwx"))
    assert total == {"u": 1.0, "v": 3.5, "w": 0.375, "x": 0.0}
    assert parts == {"one": {"u": 0.5, "v": 0.25}, "two": {"v": 1.0, "w": 0.125}}
    assert choose._places(["w", "u"], list("uvw")) == [2, 0]
    for weights in ((2.0,), (2.0, 3.0, 4.0)):  # a weight for each, or none is used
        with pytest.raises(ValueError, match="zip"):
            choose._scores((one, two), weights, list("uvwx"))


def test_a_design_laid_over_the_sites_of_a_ranking(
    health: Ranking, types: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    aim = Quota("aim", attribute="province", level="distinct", minimum=2, kind="spread")
    design = replace(SMALL, quotas=(*SMALL.quotas, aim))
    found = choose.prepare(health, design, types.drop(columns="scale"), exclude={"peel": "declined"})
    ranked = health.ranked[health.ranked["site"] != "peel"]
    order = ranked.sort_values(["score", "site"], ascending=[False, True])
    frame = found.frame
    assert list(frame) == ["site", "name", "rank", "score", *ATTRIBUTES, "score: health"]
    assert frame["site"].tolist() == order["site"].tolist() == list(found.problem.sites)
    assert frame["name"].tolist() == order["name"].tolist()
    assert frame["rank"].tolist() == order["rank"].tolist()  # peel keeps the place that it had
    assert frame["score"].tolist() == frame["score: health"].tolist() == pytest.approx(order["score"].tolist())
    assert frame["scale"].unique().tolist() == [""]
    assert frame["region"].tolist() == types.loc[order["site"], "region"].tolist()
    assert found.problem.scores.tolist() == [round(score * UNIT) for score in order["score"]]
    assert (found.problem.size, found.problem.banned) == (4, frozenset())
    assert found.roster == tuple(sorted(health.table["site"]))
    assert found.rankings == (health,)
    assert [rule.rule for rule in found.problem.rules] == ["r"]
    assert [rule.rule for rule in found.targets] == ["aim"]
    assert dict(found.quotas) == {"r": SMALL.quotas[0], "aim": aim}
    assert found.notes == ()
    out = found.excluded
    assert list(out) == ["site", "name", "reason"]
    assert out["site"].tolist() == sorted([*health.unranked["site"], "peel"])
    assert out.set_index("site").loc["peel"].tolist() == ["Peel Region", "declined"]

    # Pairs that cannot be compared are kept apart, once each.
    def apart(rankings: Any, design: Any, sites: tuple[str, ...]) -> Any:
        table = np.full((len(sites), len(sites)), 0.5)
        table[0, 1] = table[1, 0] = table[2, 5] = table[5, 2] = math.nan
        return table

    monkeypatch.setattr(choose, "_distances", apart)
    for objective, mix in (("least distance", ()), ("variety", ()), ("mix", (("suitability", 0.5), ("variety", 0.5)))):
        far = choose.prepare(health, replace(SMALL, objective=objective, mix=mix), types)
        assert far.notes == (
            "2 pairs of sites share evidence for too little of the weight to be compared; they are never chosen "
            "together.",
        )
        expected = choose._overlaps(far.problem.sites, types)
        assert not expected[2, 5]
        for i, j in ((0, 1), (1, 0), (2, 5), (5, 2)):
            expected[i, j] = True
        assert (far.problem.overlap == expected).all()
    free = choose.prepare(health, SMALL, types)
    assert free.notes == ()
    assert (free.problem.overlap == choose._overlaps(free.problem.sites, types)).all()


def test_what_cannot_be_laid_over_a_roster_is_refused(
    health: Ranking, measures: pd.DataFrame, types: pd.DataFrame
) -> None:
    labour = lip.rank_sites(measures, lip.load_cluster("labour"))
    both = replace(SMALL, clusters=("labour", "health"))
    assert choose.prepare([health, labour], both, types).rankings == (labour, health)
    known = sorted(types.index)
    few = types.drop(index=known[:7])
    sites: list[tuple[Any, StudyDesign, pd.DataFrame, str]] = [
        (
            health,
            SMALL,
            few,
            f"No categories are known of {', '.join(known[:5])}: add them to data/design/sites.csv. For a roster of "
            "your own name its table: roster='my_sites.csv'.",
        ),
        (
            health,
            replace(SMALL, include=(("nowhere", "x"),)),
            types,
            "Design small must include nowhere, which is no candidate: not on the roster. Take it out of the design, "
            "or choose from a roster where it is ranked.",
        ),
        (health, "small", types, "A design is what load_design returns, not 'small'."),  # type: ignore[list-item]
        ([], SMALL, types, "No ranking was given."),
        ([health, "labour"], SMALL, types, "A ranking is what rank_sites returns, not str."),
        ([labour, health, labour], both, types, "Give one ranking a cluster; these are of labour, health, labour."),
        (
            [health],
            both,
            types,
            "The design small serves labour, health; the rankings are of health. Give a ranking for each of its "
            "clusters, or take another design.",
        ),
        (
            [health, labour],
            SMALL,
            types,
            "The design small serves one cluster at a time; name several in its file to share sites.",
        ),
    ]
    for rankings, design, table, message in sites:
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            choose.prepare(rankings, design, table)
    reasons = {site: f"reason {k}" for k, site in enumerate(health.table["site"])}
    listed = "; ".join(f"{site}: {reasons[site]}" for site in sorted(health.unranked["site"]))
    with pytest.raises(InputError, match=f"^No site is left to choose from: {re.escape(listed)}; .*[^;]\\.$"):
        choose.prepare(health, SMALL, types, exclude=reasons)
    for given_, message in (
        ("peel", "The design small is for 4 sites, and 1 were given."),
        (["b", "a", "b", "c", "a"], "A site stands twice: a, b."),
        (["a", "b", "c", "d", "e"], "The design small is for 4 sites, and 5 were given."),
    ):
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            choose.assess_sites(health, SMALL, given_, types)
    with pytest.raises(InputError, match=r"^A design is what load_design returns, not 7\.$"):
        choose.assess_sites(health, 7, ["peel"], types)  # type: ignore[arg-type]


def test_the_time_for_a_programme_is_handed_on(
    health: Ranking, types: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    real = solve.best_sets

    def best_sets(problem: Problem, count: int = 1, time_limit: float = -1.0) -> solve.Found:
        asked.append(time_limit)
        return real(problem, count)

    monkeypatch.setattr(solve, "best_sets", best_sets)
    given_ = ["york", "durham", "ottawa", "north-bay"]
    choose_sites(health, SMALL, types)
    choose_sites(health, SMALL, types, time_limit=7.0)
    choose.assess_sites(health, SMALL, given_, types)
    found = choose.assess_sites(health, SMALL, given_, types, time_limit=8.0)
    assert asked == [60.0, 7.0, 60.0, 8.0]
    # Sets are counted while they are few enough to compare.
    assert found.compared is not None
    sets = solve.number_of_sets(found._candidates.problem)
    monkeypatch.setattr(solve, "ENUMERABLE", sets - 1)
    many = choose.assess_sites(health, SMALL, given_, types)
    assert (many.better, many.compared, many.objective) == (None, None, found.objective)
