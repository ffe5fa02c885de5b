"""What if: the core without widgets, the panel driven as a reader would, and designs saved from it."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selection.test_what_if import ALL_ZERO, _start, same_ranking

import lipresearch as lip
from lipresearch import cli, designs, public, whatif
from lipresearch.design import factor_shares, scored_factors, weigh_factors
from lipresearch.designs import Quota, StudyDesign, design_names, design_text, read_design_text
from lipresearch.errors import ImpossibleDesignError, InputError, NotFoundError, TableError
from lipresearch.paths import project_root
from lipresearch.ranking import Ranking, rank_sites, reweigh
from lipresearch.selection import what_if as core
from lipresearch.tables import text_problem
from tests.small_rankings import cells, small_cluster, small_measures, small_ranking

ROOT = project_root()


@pytest.fixture(scope="module")
def measures() -> pd.DataFrame:
    return lip.load_measures()


@pytest.fixture(scope="module")
def ranking(measures: pd.DataFrame) -> Ranking:
    return lip.rank_sites(measures, lip.load_cluster("health"))


@pytest.fixture
def panel(ranking: Ranking) -> whatif.WhatIf:
    return lip.what_if(ranking, lip.load_design("health"))


# ---- other weights ------------------------------------------------------------------------------


@st.composite
def weighted_tables(draw: st.DrawFn) -> tuple[list[list[Any]], list[str], list[float], list[float], float]:
    """Return points with gaps and bounds, factors, declared and other weights of criteria, minimum coverage."""
    count = draw(st.integers(1, 5))
    table = draw(st.lists(st.lists(cells, min_size=count, max_size=count), min_size=1, max_size=6))
    factors = draw(st.lists(st.sampled_from(["f1", "f2", "f3"]), min_size=count, max_size=count))
    weights = st.lists(st.integers(0, 9).map(float), min_size=count, max_size=count).filter(any)
    return table, factors, draw(weights), draw(weights), draw(st.sampled_from([0.0, 0.6, 1.0]))


@settings(max_examples=60)
@given(weighted_tables())
def test_a_ranking_with_other_weights_is_that_of_rank_sites_to_the_last_digit(case: Any) -> None:
    table, factors, first, other, minimum = case
    frame = small_measures(table)
    before = rank_sites(frame, small_cluster(first, factors, minimum))
    cluster = small_cluster(other, factors, minimum)
    same_ranking(reweigh(before, cluster), rank_sites(frame, cluster))


def test_only_the_weights_may_differ() -> None:
    ranking = small_ranking([[0.5, 0.2], [0.1, 0.9]])
    with pytest.raises(InputError, match=r"Only the weights may differ from those of the ranking; rank the sites anew"):
        reweigh(ranking, small_cluster([1, 1], goalposts=[(0, 1), (0, 2)]))
    wrong = dataclasses.replace(ranking.cluster, _criteria=ranking.cluster.criteria.assign(weight=[0.5, 0.6]))
    with pytest.raises(InputError, match=r"Weights must be 0 or more and add to 1, not 0\.5, 0\.6"):
        reweigh(ranking, wrong)


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6),
    st.data(),
)
def test_factors_get_their_shares_and_criteria_keep_their_proportions(factors: list[str], data: st.DataObject) -> None:
    declared = data.draw(
        st.lists(st.integers(0, 5).map(float), min_size=len(factors), max_size=len(factors)).filter(any)
    )
    cluster = small_cluster(declared, factors)
    names = scored_factors(cluster)
    drawn = data.draw(st.lists(st.floats(0, 100), min_size=len(names), max_size=len(names)).filter(any))
    weights = dict(zip(names, drawn, strict=True))
    made = weigh_factors(cluster, weights, "a test")
    assert made.weight_basis == "a test"
    new, old = made.criteria["weight"], cluster.criteria["weight"]
    assert new.sum() == pytest.approx(1)
    assert (new >= 0).all()
    for factor, share in factor_shares(weights).items():
        mine = cluster.criteria["factor"] == factor
        assert new[mine].sum() == pytest.approx(share)
        within = old[mine] / old[mine].sum() if old[mine].sum() else 1 / mine.sum()
        assert new[mine].to_numpy() == pytest.approx(np.broadcast_to(share * within, mine.sum()))
    # Once more, from the weights that are declared and not from those in use.
    again = weigh_factors(made, dict.fromkeys(names, 1.0), "equal")
    direct = weigh_factors(cluster, dict.fromkeys(names, 1.0), "equal")
    assert again.criteria["weight"].tolist() == direct.criteria["weight"].tolist()


WRONG_WEIGHTS = {
    r"weights, 9\.9: found a factor without criteria here, expected one of the factors that the perspective scores": {
        "2.1": 1.0,
        "2.2": 1.0,
        "9.9": 1.0,
    },
    r"weights, 2\.2: found nothing, expected a weight \(0 leaves the factor out\)": {"2.1": 1.0},
    r"weights, 2\.2: found -1\.0, expected a number from 0 to 1,000,000": {"2.1": 1.0, "2.2": -1.0},
    r"weights, 2\.1: found nan, expected a number from 0": {"2.1": float("nan"), "2.2": 1.0},
    r"weights, 2\.1: found inf, expected a number from 0": {"2.1": float("inf"), "2.2": 1.0},
    r"weights: found 0 for every factor, expected at least one weight above 0": {"2.1": 0.0, "2.2": 0.0},
}


@pytest.mark.parametrize("expected", WRONG_WEIGHTS)
def test_weights_that_cannot_be_used_say_why(expected: str) -> None:
    with pytest.raises(InputError, match=f"Cluster health, {expected}"):
        weigh_factors(lip.load_cluster("health"), WRONG_WEIGHTS[expected], "a test")


# ---- the core -----------------------------------------------------------------------------------


def test_the_start_is_left_as_it_was(panel: whatif.WhatIf, ranking: Ranking) -> None:
    before, design = ranking.table, lip.load_design("health")
    panel.set_weight("2.1", 0.9)
    panel.exclude("peel", "declined")
    panel.set_quota("rural", 2, 3)
    pd.testing.assert_frame_equal(ranking.table, before)
    assert lip.load_design("health") == design
    assert panel.ranking is not ranking
    assert panel.design.exclude == (("peel", "declined"),)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_weight_is_the_share_that_the_factor_has_afterwards(panel: whatif.WhatIf, share: float) -> None:
    panel.set_weight("2.2", share)
    weights = panel.ranking.cluster.criteria.groupby("factor")["weight"].sum()
    assert weights["2.2"] == pytest.approx(share)
    assert weights["2.1"] == pytest.approx(1 - share)
    panel.set_weight("2.1", 0.5)  # also from a state in which all others have none
    assert panel.ranking.cluster.criteria.groupby("factor")["weight"].sum().tolist() == pytest.approx([0.5, 0.5])


MISTAKES = {
    r"weights, 9\.9: found a factor without criteria here, expected one of .*: 2\.1, 2\.2": lambda p: p.set_weight(
        "9.9", 0.5
    ),
    r"A weight is a share from 0 to 1 \(0\.4 is 40 %\), not 40": lambda p: p.set_weight("2.1", 40),
    r"The design has no quota 'north'\. It has: rural, urban": lambda p: p.set_quota("north", 1),
    r"A bound is a whole number, 0 or more, or None, not -1": lambda p: p.set_quota("rural", -1),
    r"A bound is a whole number, 0 or more, or None, not 1\.5": lambda p: p.set_quota("rural", None, 1.5),
    r"The number of sites is a whole number from 1 to 38, not 0": lambda p: p.set_sites(0),
    r"'hurn' is not on the roster\. Did you mean huron\?": lambda p: p.exclude("hurn"),
    r"'Huron County' is not on the roster\. Did you mean huron\?": lambda p: p.exclude("Huron County"),
    r"'zzz' is not on the roster\. See `lipresearch sites`": lambda p: p.readmit("zzz"),
    r"Give a reason in words; a site is not left out without one": lambda p: p.exclude("huron", " "),
}


@pytest.mark.parametrize("expected", MISTAKES)
def test_a_mistake_in_code_is_refused_and_changes_nothing(expected: str, panel: whatif.WhatIf) -> None:
    before = panel.state
    with pytest.raises(InputError, match=expected):
        MISTAKES[expected](panel)
    assert panel.state == before


def test_a_site_that_must_be_in_cannot_be_left_out(ranking: Ranking) -> None:
    design = dataclasses.replace(lip.load_design("health"), include=(("huron", "agreed in 2024"),))
    panel = lip.what_if(ranking, design)
    assert "huron" not in dict(panel.controls.excluded.options).values()
    with pytest.raises(InputError, match="Huron County must be in the set, by the design; it cannot be left out"):
        panel.exclude("huron", "declined")
    assert "Huron County (agreed in 2024)" in panel._bundle("start")["text/plain"]


def test_a_panel_is_of_one_cluster_and_of_weights_that_a_design_can_hold(
    ranking: Ranking, measures: pd.DataFrame
) -> None:
    with pytest.raises(
        InputError, match=r"The design all-clusters serves education, health.*and a what-if panel is of one"
    ):
        lip.what_if(ranking, lip.load_design("all-clusters"))
    with pytest.raises(
        InputError, match="The design labour serves labour, and a what-if panel is of one cluster, here h"
    ):
        lip.what_if(ranking, lip.load_design("labour"))
    with pytest.raises(InputError, match=r"A design is what load_design returns: lip.load_design\('health'\)"):
        lip.what_if(ranking, "health")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="A ranking is what rank_sites returns, not DataFrame"):
        lip.what_if(measures, lip.load_design("health"))  # type: ignore[arg-type]
    cluster = weigh_factors(lip.load_cluster("health"), {"2.1": 3, "2.2": 1}, "made by hand")
    with pytest.raises(
        InputError, match=r"weights or goalposts that a design cannot keep \(made by hand\)\. Start from"
    ):
        lip.what_if(lip.rank_sites(measures, cluster), lip.load_design("health"))


def test_changed_weights_say_so_wherever_their_basis_is_shown(panel: whatif.WhatIf) -> None:
    panel.set_weight("2.1", 0.75)
    basis = "Changed in the what-if panel: factor 2.1 75.0 %, 2.2 25.0 %."
    assert panel.ranking.cluster.weight_basis == basis
    assert basis in panel._bundle("ranking")["text/html"]
    assert basis in lip.notebook.stance_table(panel.ranking.cluster).to_string()
    figure = lip.plot_ranking(panel.ranking)
    shown = " ".join(
        " ".join(text.get_text() for text in figure.findobj(match=lambda a: hasattr(a, "get_text"))).split()
    )
    assert basis in shown
    panel.reset()
    assert panel.ranking.cluster.weight_basis == lip.load_cluster("health").weight_basis


# ---- the widgets, without a browser -------------------------------------------------------------


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Collect what is sent to a notebook: each message's data, whether it is an update, and of which display."""
    sent: list[dict[str, Any]] = []

    def publish(
        data: dict[str, Any], metadata: Any = None, *, transient: Any = None, update: bool = False, **_: Any
    ) -> None:
        sent.append({"data": data, "update": update, "display": (transient or {}).get("display_id")})

    monkeypatch.setattr("IPython.core.display_functions.publish_display_data", publish)
    monkeypatch.setattr("IPython.core.interactiveshell.InteractiveShell.initialized", lambda: True)
    return sent


def test_moving_a_slider_replaces_the_shown_tables(panel: whatif.WhatIf, updates: list[Any]) -> None:
    panel._ipython_display_()
    assert [message["update"] for message in updates] == [False] * 4
    assert set(updates[0]["data"]) == {"text/plain", "text/html", whatif.WIDGET_VIEW}
    ids = [message["display"] for message in updates]
    assert ids[0] is None
    assert len(set(ids[1:])) == 3
    before = panel.ranking.table["score"].tolist()
    updates.clear()
    panel.controls.weights["2.2"].value = 80
    assert [message["update"] for message in updates] == [True] * 3
    assert [message["display"] for message in updates] == ids[1:]
    assert panel.ranking.table["score"].tolist() != before
    changes, chosen, ranked = (message["data"] for message in updates)
    assert "Weight of 2.2 State of the health infrastructure: 61.5 % instead of 50.0 %." in changes["text/html"]
    for name in panel.selection.table["name"]:
        assert name in chosen["text/html"]
        assert name in panel.controls.result.value
    first = panel.ranking.table.iloc[0]
    assert f'<td style="text-align:left">{first["name"]}</td>' in ranked["text/html"]
    assert panel.controls.shares["2.2"].value == "61.5 % of the weight"
    # Nothing but the last value counts, and no message is sent for a value that is there already.
    updates.clear()
    panel.controls.weights["2.2"].value = 80
    assert updates == []


def test_a_panel_that_is_not_shown_sends_nothing(panel: whatif.WhatIf, updates: list[Any]) -> None:
    panel.set_weight("2.2", 0.8)
    panel.controls.weights["2.2"].value = 10
    assert updates == []
    assert panel.state.points[1] == ("2.2", 10.0)


def test_code_and_widgets_show_the_same_state(panel: whatif.WhatIf, updates: list[Any]) -> None:
    panel._ipython_display_()
    controls = panel.controls
    panel.set_weight("2.1", 0.25)
    panel.exclude("huron", "declined")
    panel.set_quota("rural", 2, 4)
    panel.set_sites(5)
    assert [slider.value for slider in controls.weights.values()] == [25.0, 75.0]
    assert controls.excluded.value == ("huron",)
    assert (controls.minimum["rural"].value, controls.maximum["rural"].value) == (2, 4)
    assert controls.maximum["urban"].value == controls.maximum["urban"].max == 5  # no limit
    assert controls.sites.value == 5
    # A site that is left out by hand besides keeps the first one's reason.
    controls.excluded.value = ("huron", "peel")
    assert dict(panel.state.exclude) == {"huron": "declined", "peel": "left out in the what-if panel"}
    controls.excluded.value = ("peel",)
    assert dict(panel.state.exclude) == {"peel": "left out in the what-if panel"}
    panel.readmit("peel")
    assert controls.excluded.value == ()
    controls.maximum["rural"].value = 5
    assert panel.state.bounds[0] == ("rural", 2, None)
    controls.minimum["rural"].value = 0
    assert panel.state.bounds[0] == ("rural", 0, None)
    controls.sites.value = 3
    assert len(panel.selection.sites) == 3
    updates.clear()
    controls.reset.click()
    assert len(updates) == 3  # once for all controls that went back
    assert panel.changes == []
    assert [slider.value for slider in controls.weights.values()] == [50.0, 50.0]
    assert controls.sites.value == 6


def test_what_cannot_be_is_said_in_words_in_place_of_the_set(panel: whatif.WhatIf, updates: list[Any]) -> None:
    panel._ipython_display_()
    panel.controls.minimum["rural"].value = 4
    text = panel._bundle("set")["text/plain"]
    assert text.startswith(
        "No set. No set of 6 sites meets the design health. This demand cannot be met:\n"
        "  at least 4 with settlement type rural (the candidates offer 3)\n"
        "Relax one of them in the design, or exclude fewer sites."
    )
    assert "none; the reason stands below" in panel.controls.result.value
    assert panel.ranking.table["rank"].notna().any()
    with pytest.raises(ImpossibleDesignError, match="No set of 6 sites meets the design health"):
        _ = panel.selection
    panel.controls.maximum["rural"].value = 3
    contradiction = (
        "Sites with settlement type rural: at least 4 and at most 3 contradict each other. Lower the first or raise "
        "the second."
    )
    assert panel._bundle("set")["text/plain"] == f"No set. {contradiction}"
    with pytest.raises(InputError, match="at least 4 and at most 3 contradict each other"):
        _ = panel.design
    panel.reset()
    for slider in panel.controls.weights.values():
        slider.value = 0
    assert panel._bundle("ranking")["text/plain"] == f"No ranking. {ALL_ZERO}"
    assert panel._bundle("set")["text/plain"] == f"No set. {ALL_ZERO}"
    assert panel.controls.shares["2.1"].value == "no weight at all"
    assert "none instead of 50.0 %" in panel._bundle("changes")["text/plain"]
    with pytest.raises(InputError, match="All weights are 0"):
        _ = panel.ranking
    with pytest.raises(InputError, match="All weights are 0"):
        panel.save("nothing")
    assert panel.state == core.State.of(panel._start.ranking.cluster, panel._start.design).with_points(
        "2.1", 0.0
    ).with_points("2.2", 0.0)


def test_every_control_is_described_in_words(panel: whatif.WhatIf) -> None:
    controls = panel.controls
    labels = lip.load_cluster("health").factors["label"]
    assert {f: w.description for f, w in controls.weights.items()} == {f: f"{f} {labels[f]}" for f in ("2.1", "2.2")}
    assert controls.minimum["rural"].description == "Sites with settlement type rural: at least"
    assert controls.maximum["rural"].tooltip.startswith("Sites with settlement type rural: at most so many")
    assert controls.sites.description == "Number of sites"
    assert controls.excluded.description.startswith("Sites to leave out")
    names = dict(controls.excluded.options)
    assert names["Huron County"] == "huron"
    assert list(names) == sorted(names)
    assert "white-space: normal" in whatif.STYLE


def test_a_slow_objective_waits_for_the_last_value(ranking: Ranking) -> None:
    design = lip.load_design("health")
    assert lip.what_if(ranking, design).controls.weights["2.1"].continuous_update
    apart = dataclasses.replace(design, objective="least distance")
    assert not lip.what_if(ranking, apart).controls.weights["2.1"].continuous_update


def test_a_quota_on_a_third_of_a_measure_is_named_by_its_label(ranking: Ranking) -> None:
    quota = Quota("small", measure="population_2021", level="lowest third", minimum=1, rationale="small places")
    panel = lip.what_if(ranking, dataclasses.replace(lip.load_design("health"), quotas=(quota,)))
    shown = panel._bundle("start")["text/plain"] + panel._bundle("set")["text/plain"]
    assert "Sites in the lowest third of: Population" in shown
    assert "population_2021" not in shown


def test_site_names_and_reasons_are_escaped(panel: whatif.WhatIf) -> None:
    panel.exclude("huron", "<b>no</b> & never")
    assert "&lt;b&gt;no&lt;/b&gt; &amp; never" in panel._bundle("changes")["text/html"]


# ---- in a notebook ------------------------------------------------------------------------------


# ---- designs: written and read ------------------------------------------------------------------


@pytest.mark.parametrize("name", design_names(ROOT))
def test_every_shipped_design_is_written_as_it_lies_there(name: str) -> None:
    shipped = (ROOT / designs.FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    assert design_text(lip.load_design(name)) == shipped


texts = st.text(min_size=1, max_size=30)
#: What a table may hold: no signs that steer a screen, and nothing that a spreadsheet would compute.
plain_texts = texts.filter(lambda text: text_problem(text) is None)


@given(texts)
def test_any_text_survives_in_toml(text: str) -> None:
    written = designs._toml(text)
    assert tomllib.loads(f"x = {written}\n") == {"x": text}
    assert "\n" not in written
    assert tomllib.loads(f"{designs._key(text)} = 1\n") == {text: 1}


@given(st.floats(0, 1e6) | st.integers(0, 10**6))
def test_any_number_survives_in_toml(number: float) -> None:
    assert tomllib.loads(f"x = {designs._toml(number)}\n")["x"] == number


@functools.cache
def _known() -> dict[str, Any]:
    return public._known(ROOT)


@given(
    points=st.tuples(st.floats(0, 100), st.floats(0, 100)).filter(any),
    bounds=st.tuples(st.integers(0, 3), st.none() | st.integers(3, 6)),
    sites=st.integers(1, 38),
    out=st.dictionaries(st.sampled_from(["peel", "huron", "ottawa"]), plain_texts),
    label=plain_texts,
)
def test_a_saved_state_is_read_as_it_was(points: Any, bounds: Any, sites: int, out: dict[str, str], label: str) -> None:
    _, start = _start()
    state = dataclasses.replace(
        start.state.with_points("2.1", points[0]).with_points("2.2", points[1]).with_bounds("rural", *bounds),
        sites=sites,
        exclude=tuple(sorted(out.items())),
    )
    saved = core.saved_design(start, state, "mine", label, label)
    read = read_design_text("mine", design_text(saved), **_known())
    assert read == saved
    assert read.label == label
    assert core.State.of(start.ranking.cluster, read) == state


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        cli.main(list(arguments))
    assert stopped.value.code == 0
    return capsys.readouterr().out


@pytest.fixture
def project(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
    return project_copy


def test_a_saved_what_if_is_repeated_exactly_by_the_command_line(
    project: Path, measures: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under a perspective that is not the default one, so that this is kept too."""
    ranking = lip.rank_sites(measures, lip.load_cluster("health", "need"))
    panel = lip.what_if(ranking, lip.load_design("health"), root=project)
    panel.controls.weights["2.1"].value = 37
    panel.exclude("huron", 'said "not now" \\ in 2024')
    panel.set_quota("rural", 2)
    panel.set_sites(5)
    design = panel.save("my-what-if")
    assert design.source == "saved from a what-if panel of health"
    assert (design.label, design.label_fr) == (
        "Health care: six sites (what-if)",
        "Soins de santé : six sites (scénario)",
    )
    assert design.sites_rationale.startswith("Changed in the what-if panel: 5 instead of 6. The workshop gives no")
    assert design.quotas[0].rationale.startswith(
        "Changed in the what-if panel: at least 2 instead of at least 1. The w"
    )
    assert design.sites_rationale_fr.startswith("Modifié dans le panneau de scénarios\u00a0: 5 au lieu de 6. L'atelier")
    assert design.quotas[0].rationale_fr.startswith(
        "Modifié dans le panneau de scénarios\u00a0: au moins 2 (avant\u00a0: au moins 1). L'atelier demande"
    )
    assert panel.ranking.cluster.weight_basis_fr == (
        "Modifié dans le panneau de scénarios\u00a0: facteur 2.1 42,5\u00a0%, 2.2 57,5\u00a0%."
    )

    ranked = json.loads(run(capsys, "rank", "health", "--design", "my-what-if", "--format", "json"))
    shown = json.loads(run(capsys, "select", "health", "--design", "my-what-if", "--format", "json"))
    expected = cli._records(panel.ranking.table)
    assert [{key: row[key] for key in expected[0]} for row in ranked["sites"]] == expected
    assert shown["table"] == cli._records(panel.selection.table)
    assert shown["perspectives"] == ["need"]
    basis = "Those of the design my-what-if (saved from a what-if panel of health): factor 2.1 42.5 %, 2.2 57.5 %."
    assert shown["weights"] == [basis]
    assert ranked["weights"] == basis
    assert f"Weights: {basis}" in " ".join(run(capsys, "select", "health", "--design", "my-what-if").split())
    assert basis in run(capsys, "select", "health", "--design", "my-what-if", "--format", "markdown")

    french = lip.load_cluster("health", design=lip.load_design("my-what-if")).weight_basis_fr
    assert french == "Ceux du plan my-what-if\u00a0: facteur 2.1 42,5\u00a0%, 2.2 57,5\u00a0%."

    # The same in Python, to the last digit, and on from there in another panel.
    loaded = lip.load_design("my-what-if")
    again = lip.rank_sites(measures, lip.load_cluster("health", design=loaded))
    same_ranking(again, panel.ranking)
    assert lip.choose_sites(again, loaded).sites == panel.selection.sites
    second = lip.what_if(again, loaded)
    assert second.state == panel.state
    assert second.changes == []
    second.set_weight("2.1", 0.9)
    third = second.save("another", label="Need first", label_fr="Les besoins d'abord")
    assert (third.source, third.label) == ("saved from a what-if panel of my-what-if", "Need first")
    assert {"my-what-if", "another"} <= set(lip.list_designs().index)


def test_a_state_that_was_not_changed_can_be_saved_too(project: Path, measures: pd.DataFrame) -> None:
    ranking = lip.rank_sites(measures, lip.load_cluster("health", "need"))
    panel = lip.what_if(ranking, lip.load_design("six-sites"))
    panel.save("plain")
    loaded = lip.load_design("plain")
    assert (loaded.clusters, loaded.perspective, loaded.weights) == (("health",), "need", ())
    again = lip.rank_sites(measures, lip.load_cluster("health", design=loaded))
    same_ranking(again, ranking)
    assert lip.choose_sites(again, loaded).sites == panel.selection.sites


def test_a_ranking_with_other_weights_than_the_design_is_refused(project: Path, measures: pd.DataFrame) -> None:
    plain = lip.rank_sites(measures, lip.load_cluster("health"))
    panel = lip.what_if(plain, lip.load_design("health"))
    panel.set_weight("2.1", 0.8)
    design = panel.save("mine")
    how = (
        r'Load the cluster with the design: lip\.load_cluster\("health", design=design\), and rank the sites anew; or '
        r"run `lipresearch select health --design mine`\."
    )
    with pytest.raises(
        InputError,
        match=r"The weights of the design mine \(factor 2\.1 80\.0 %, 2\.2 20\.0 %\) are not those of the ranking "
        r"\(factor 2\.1 50\.0 %, 2\.2 50\.0 %\)\. " + how,
    ):
        lip.choose_sites(plain, design)
    need = lip.rank_sites(measures, lip.load_cluster("health", "need"))
    with pytest.raises(
        InputError, match="The design mine is for the perspective balanced, and the ranking is under need. " + how
    ):
        lip.choose_sites(need, design)
    with pytest.raises(
        InputError,
        match=r"The design mine is for the perspective balanced of health, not for need\. Leave the perspective",
    ):
        lip.load_cluster("health", "need", design=design)
    with pytest.raises(InputError, match="The design mine serves health, not labour"):
        lip.load_cluster("labour", design=design)
    declared = dataclasses.replace(design, weights=())
    with pytest.raises(
        InputError, match=r"\(those that the perspective declares\) are not those of the ranking \(factor"
    ):
        lip.choose_sites(panel.ranking, declared)
    lip.choose_sites(panel.ranking, lip.load_design("health"))  # a design that says nothing of weights takes any


def test_nothing_is_written_over_and_no_name_leads_elsewhere(project: Path, measures: pd.DataFrame) -> None:
    panel = lip.what_if(lip.rank_sites(measures, lip.load_cluster("health")), lip.load_design("health"))
    folder = project / designs.FOLDER
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    taken = (
        r"data/design/designs/health\.toml is there already and was not touched\. Take another name, or add replace=T"
    )
    with pytest.raises(InputError, match=taken):
        panel.save("health")
    for name in ("../x", "a/b", "", "Mine", "my what if", ".x", "-x", "x.toml", "x" * 61, "é", "x\n", None):
        with pytest.raises(
            InputError, match=r"A design's name is the name of a file: up to 60 small letters, digits and"
        ):
            panel.save(name)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="holds a sign that is no text"):
        panel.save("mine", label="\ud800")
    for label, found in (
        ("\x1f", r"an invisible sign \(U\+001F\)"),
        ("=1+1", "which a spreadsheet takes for a formula"),
    ):
        with pytest.raises(TableError, match=f"column label: found .*{found}"):
            panel.save("mine", label=label)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    panel.exclude("peel", "declined")
    panel.save("mine")
    first = (folder / "mine.toml").read_bytes()
    panel.readmit("peel")
    panel.save("mine", replace=True)
    assert (folder / "mine.toml").read_bytes() != first
    panel.set_quota("rural", 5, 2)
    with pytest.raises(InputError, match="at least 5 and at most 2 contradict each other"):
        panel.save("impossible")
    unknown = dataclasses.replace(lip.load_design("health"), design="unknown", exclude=(("atlantis", "sunk"),))
    with pytest.raises(TableError, match=r"column exclude: found 'atlantis', expected a site of sites\.csv"):
        public.save_design(unknown)
    assert {path.name for path in folder.iterdir()} == {*before, "mine.toml"}


def test_a_folder_that_cannot_be_written_to_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(designs, "write_text", refuse)
    design = dataclasses.replace(lip.load_design("health"), design="mine")
    with pytest.raises(
        NotFoundError, match=r"mine\.toml cannot be written: Permission denied\. See who may write to da"
    ):
        public.save_design(design)


WITH_WEIGHTS = """
label = "A test"
label_fr = "Un essai"
source = "003, Part 2"
sites = 6
sites_rationale = "six"
clusters = ["health"]
perspective = "balanced"

[weights]
"2.1" = 80
"2.2" = 20.5
"""

BROKEN = {
    "perspective": (
        ('"balanced"', '"calm"'),
        "column perspective: found 'calm', expected a perspective of health: balanced, need, services",
    ),
    "no perspective": (
        ('perspective = "balanced"', ""),
        "column perspective: found nothing, expected the perspective whose factors are weighted",
    ),
    "number as perspective": (('"balanced"', "3"), "column perspective: found 3, expected text"),
    "factor": (
        ('"2.2"', '"1.1"'),
        r"column weights, 1\.1: found a factor without criteria here, expected one of the factors that the perspective "
        r"scores: 2\.1, 2\.2",
    ),
    "lacking": (
        ('"2.2" = 20.5', ""),
        r"column weights, 2\.2: found nothing, expected a weight \(0 leaves the factor out",
    ),
    "negative": (("80", "-1"), r"column weights, 2\.1: found -1\.0, expected a number from 0 to 1,000,000"),
    "not finite": (("80", "inf"), "found a number beyond all use, expected numbers up to"),
    "text": (("80", '"many"'), "column weights: found something that is not a number, expected numbers"),
    "no table": (('[weights]\n"2.1" = 80\n"2.2" = 20.5', "weights = 3"), "column weights: found 3, expected a table"),
    "all 0": (
        ('80\n"2.2" = 20.5', '0\n"2.2" = 0'),
        "column weights: found 0 for every factor, expected at least one weight above 0",
    ),
    "two clusters": (
        ('["health"]', '["health", "labour"]'),
        "column weights: found given, with 2 clusters, expected exactly one cluster that it is of, in clusters",
    ),
    "no cluster": (
        ('clusters = ["health"]', ""),
        "column perspective: found given, with no clusters, expected exactly",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_weights_in_a_design_that_cannot_be_used_say_why(case: str) -> None:
    assert read_design_text("mine", WITH_WEIGHTS, **_known()).weights == (("2.1", 80.0), ("2.2", 20.5))
    (old, new), expected = BROKEN[case]
    assert old in WITH_WEIGHTS
    with pytest.raises(TableError, match=expected) as caught:
        read_design_text("mine", WITH_WEIGHTS.replace(old, new), **_known())
    assert "data/design/designs/mine.toml" in str(caught.value)


def test_everything_wrong_with_weights_comes_at_once() -> None:
    text = WITH_WEIGHTS.replace("sites = 6", "sites = 0").replace("80", "-1").replace('"2.2"', '"1.1"')
    with pytest.raises(TableError) as caught:
        read_design_text("mine", text, **_known())
    assert sorted(problem.column for problem in caught.value.problems) == [
        "sites",
        "weights, 1.1",
        "weights, 2.1",
        "weights, 2.2",
    ]


def test_a_factor_stands_once_in_a_design_made_in_python() -> None:
    with pytest.raises(InputError, match="weights is a factor twice, expected each factor once"):
        StudyDesign(
            "mine",
            "Mine",
            "Le mien",
            "me",
            2,
            ("health",),
            perspective="balanced",
            weights=(("2.1", 1.0), ("2.1", 2.0)),
        )


def test_what_is_shown_holds_no_ids_and_no_loose_digits(panel: whatif.WhatIf) -> None:
    panel.set_weight("2.1", 1 / 3)
    panel.exclude("thunder-bay", "declined")
    for part in ("start", "changes", "set", "ranking"):
        text = panel._bundle(part)["text/plain"]
        assert not re.search(r"\d\.\d{5,}|nan|NaN|<NA>|thunder-bay|settlement_type", text), part
    assert "Thunder Bay (declined)" in panel._bundle("changes")["text/plain"]
    assert "weight of 2.1" in repr(panel)
