"""Designs: the shipped files, what they draw on, and every rule of a design file broken once."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest

import lipresearch as lip
from lipresearch.designs import ATTRIBUTES, DISTINCT, EACH, Quota, StudyDesign, design_names
from lipresearch.errors import ImpossibleDesignError, InputError, NotFoundError, TableError
from lipresearch.paths import project_root

ROOT = project_root()
CLUSTERS = ["education", "health", "labour", "justice", "inclusion"]

DESIGN = """
label = "A test"
label_fr = "Un essai"
source = "003, Part 2"
sites = 6
sites_rationale = "six"

[[quota]]
quota = "rural"
attribute = "settlement_type"
level = "rural"
minimum = 1
rationale = "one"
"""


def test_the_shipped_designs_are_there() -> None:
    shipped = [*CLUSTERS, "all-clusters", "one-of-each-type", "six-sites"]
    assert set(shipped) <= set(design_names(ROOT))
    table = lip.list_designs()
    assert list(table.index) == design_names(ROOT)
    assert table.loc[shipped, "source"].str.match(r"00[03], ").all()
    assert table.loc["all-clusters", "clusters"] == ", ".join(CLUSTERS)
    assert table.loc["six-sites", "clusters"] == "any"


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_s_design_holds_every_quota_of_its_workshop(name: str) -> None:
    design = lip.load_design(name)
    assert design.clusters == (name,)
    asked = lip.load_cluster(name).quotas
    mine = {quota.quota: quota for quota in design.quotas}
    assert set(mine) == set(asked.index)
    shared = {quota.quota: quota for quota in lip.load_design("all-clusters").quotas}
    for row in asked.itertuples():
        quota = mine[row.Index]
        assert (quota.attribute, quota.level, quota.factor) == (row.attribute, row.level, row.factor)
        assert (quota.minimum, quota.maximum) == (int(row.minimum), None)
        # A quota of the workshop binds; a target may be made to bind.
        assert quota.kind == "quota" or row.kind == "spread"
        if name != "health":  # its rural and urban sites follow from the three types
            assert shared[row.Index].minimum == quota.minimum


@pytest.mark.parametrize("name", design_names(ROOT))
def test_every_design_says_why(name: str) -> None:
    design = lip.load_design(name)
    assert design.label != design.label_fr
    assert len(design.sites_rationale) > 20
    assert all(len(quota.rationale) > 20 for quota in design.quotas)
    assert list(design.table.columns) == ["quota", "kind", "factor", "rationale"]


def test_the_six_sites_of_the_field_study_fit_its_pattern() -> None:
    types = lip.load_sites("toronto-neighbourhoods-2009").loc[["west-downtown-toronto"], "field_study_group"]
    others = lip.load_sites().loc[["peel", "hamilton", "kingston", "huron", "thunder-bay"], "field_study_group"]
    counts = {**types, **others}
    for quota in lip.load_design("six-sites").quotas:
        assert list(counts.values()).count(quota.level) == quota.minimum == quota.maximum == 2


def write(root: Path, text: str, name: str = "mine") -> Path:
    path = root / "data" / "design" / "designs" / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return root


def test_a_design_of_one_s_own_is_found(project_copy: Path) -> None:
    write(project_copy, DESIGN)
    design = lip.load_design("mine", project_copy)
    assert (design.sites, design.objective, design.quotas[0].label) == (
        6,
        "suitability",
        "at least 1 with settlement type rural",
    )
    assert "mine" in lip.list_designs(project_copy).index


def test_an_unknown_design_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"There is no design 'sixsites'\. There are: all-clusters, education, "):
        lip.load_design("sixsites")


BROKEN = {
    "no TOML": (DESIGN + "\n[[quota", "expected a TOML file"),
    "no label": (DESIGN.replace('label = "A test"', ""), "column label: found nothing, expected a value"),
    "empty source": (DESIGN.replace('"003, Part 2"', '""'), "column source: found nothing"),
    "sites as text": (
        DESIGN.replace("sites = 6", 'sites = "six"'),
        "column sites: found 'six', expected a whole number",
    ),
    "sites true": (DESIGN.replace("sites = 6", "sites = true"), "column sites: found True, expected a whole number"),
    "no sites": (
        DESIGN.replace("sites = 6", "sites = 0"),
        "column sites: found 0, expected a whole number from 1 to 1,000",
    ),
    "unknown key": ("colour = 1\n" + DESIGN, "column colour: found an unknown key, expected one of label"),
    "unknown quota key": (DESIGN + "colour = 1\n", "column quota rural, colour: found an unknown key"),
    "quota no table": (DESIGN.split("[[quota]]")[0] + "quota = [1]\n", r"column quota: found 1, expected a table \[\["),
    "attribute": (
        DESIGN.replace('"settlement_type"', '"size"'),
        "quota rural, attribute: found 'size', expected one of",
    ),
    "level": (
        DESIGN.replace('level = "rural"', 'level = "Rural"'),
        "quota rural, level: found 'Rural', expected one of",
    ),
    "region": (
        DESIGN.replace('"settlement_type"', '"region"').replace('level = "rural"', 'level = "Nowhere"'),
        "quota rural, level: found 'Nowhere', expected one of Avalon",
    ),
    "both": (DESIGN + 'measure = "population_2021"\n', "found both or none of attribute and measure"),
    "measure": (
        DESIGN.replace('attribute = "settlement_type"', 'measure = "x"').replace('"rural"\nmin', '"lowest third"\nmin'),
        "quota rural, measure: found 'x', expected a measure of measures.csv",
    ),
    "third": (
        DESIGN.replace('attribute = "settlement_type"', 'measure = "population_2021"'),
        "quota rural, level: found 'rural', expected one of lowest third, middle third, highest third",
    ),
    "factor": (DESIGN + 'factor = "9.9"\n', "quota rural, factor: found '9.9', expected a factor of factors.csv"),
    "minimum": (
        DESIGN.replace("minimum = 1", "minimum = -1"),
        "quota rural, minimum: found -1, expected a whole number",
    ),
    "no bound": (DESIGN.replace("minimum = 1", ""), "quota rural, minimum, maximum: found nothing"),
    "inverted": (DESIGN + "maximum = 0\n", "found 1 and 0, expected the minimum not above the maximum"),
    "kind": (DESIGN + 'kind = "wish"\n', "quota rural, kind: found 'wish', expected quota or spread"),
    "twice": (DESIGN + DESIGN[DESIGN.index("[[quota]]") :], "quota rural: found there twice, expected each id once"),
    "no rationale": (DESIGN.replace('rationale = "one"', ""), "quota rural, rationale: found nothing"),
    "objective": ('objective = "best"\n' + DESIGN, "column objective: found 'best', expected one of suitability"),
    "mix": ('objective = "mix"\nmix = {luck = 1}\n' + DESIGN, "column mix: found luck, expected weights for some of"),
    "mix sum": ('objective = "mix"\nmix = {variety = 0.5}\n' + DESIGN, "expected weights above 0 that add to 1"),
    "mix decimals": (
        'objective = "mix"\nmix = {variety = 0.3333, suitability = 0.6667}\n' + DESIGN,
        "expected weights with at most three decimals",
    ),
    "mix unasked": ("mix = {variety = 1}\n" + DESIGN, "expected no mix unless the objective is mix"),
    "one far": (
        'objective = "variety"\n' + DESIGN.replace("sites = 6", "sites = 1"),
        "expected another objective for one site: it has no distance",
    ),
    "cluster": ('clusters = ["art"]\n' + DESIGN, "column clusters: found 'art', expected a cluster of clusters.csv"),
    "cluster twice": (
        'clusters = ["health", "health"]\n' + DESIGN,
        "column clusters: found health, health, expected each",
    ),
    "cluster text": ("clusters = [1]\n" + DESIGN, "column clusters: found something that is not text"),
    "weights": (
        'clusters = ["health"]\ncluster_weights = [1, 2]\n' + DESIGN,
        "found 2 weights, expected one for each of 1",
    ),
    "weight": (
        'clusters = ["health"]\ncluster_weights = [0]\n' + DESIGN,
        "cluster_weights: found 0, expected numbers from 0.001 to 1,000",
    ),
    "weight text": (
        'clusters = ["health"]\ncluster_weights = ["a"]\n' + DESIGN,
        "column weights: found something that is not",
    ),
    "distance": ('distance_weights = "mine"\n' + DESIGN, "column distance_weights: found 'mine', expected criterion"),
    "distance table": ("distance_weights = {a = -1.0}\n" + DESIGN, "found numbers below 0 or all 0"),
    "measures": ('measures = ["x"]\n' + DESIGN, "column measures: found 'x', expected a measure of measures.csv"),
    "km": ("minimum_km = -1\n" + DESIGN, "column minimum_km: found -1, expected kilometres, 0 or more"),
    "include": (DESIGN + '[[include]]\nsite = "x"\nreason = "y"\n', "column include: found 'x', expected a site of"),
    "exclude": (DESIGN + '[[exclude]]\nsite = "peel"\n', "column exclude peel, reason: found nothing"),
    "in and out": (
        DESIGN + "".join(f'[[{what}]]\nsite = "peel"\nreason = "y"\n' for what in ("include", "exclude")),
        "column include: found peel, which is excluded too, expected one of the two",
    ),
    "site twice": (DESIGN + 2 * '[[exclude]]\nsite = "peel"\nreason = "y"\n', "exclude: found a site twice"),
    "too many": (
        DESIGN.replace("sites = 6", "sites = 1")
        + "".join(f'[[include]]\nsite = "{s}"\nreason = "y"\n' for s in ("peel", "huron")),
        "column include: found 2 sites, expected at most the 1 sites",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_design_says_what_is_wrong(case: str, project_copy: Path) -> None:
    text, expected = BROKEN[case]
    write(project_copy, text)
    with pytest.raises(TableError, match=expected) as caught:
        lip.load_design("mine", project_copy)
    assert "data/design/designs/mine.toml" in str(caught.value)


def test_everything_wrong_comes_at_once(project_copy: Path) -> None:
    text = DESIGN.replace('"settlement_type"', '"size"').replace("sites = 6", "sites = 0") + 'factor = "9.9"\n'
    with pytest.raises(TableError) as caught:
        lip.load_design("mine", write(project_copy, text))
    assert len(caught.value.problems) == 3


def test_a_design_made_in_python_is_checked_too() -> None:
    design = StudyDesign("mine", "Mine", "Le mien", "me", 2)
    with pytest.raises(InputError, match="Design mine: sites is 0, expected a whole number from 1 to 1,000"):
        replace(design, sites=0)
    with pytest.raises(InputError, match="quota a, level is 'flat', expected one of Toronto, urban, rural, each, dist"):
        replace(design, quotas=(Quota("a", attribute="settlement_type", level="flat", minimum=1),))
    with pytest.raises(InputError, match="include is a site without a reason"):
        replace(design, include=(("peel", ""),))
    with pytest.raises(InputError, match="minimum_km is '5', expected kilometres, 0 or more"):
        replace(design, minimum_km="5")  # type: ignore[arg-type]


def test_numbers_beyond_every_study_are_refused() -> None:
    design = StudyDesign("mine", "Mine", "Le mien", "me", 2, ("health", "labour"))
    with pytest.raises(InputError, match=r"sites is 10{19}, expected a whole number from 1 to 1,000"):
        replace(design, sites=10**400)
    for weight in (1e10, 1e-12, float("nan"), float("inf")):  # 1e10: sums overflow; 1e-12: every site would tie
        with pytest.raises(InputError, match=r"cluster_weights is .*, expected numbers from 0\.001 to 1,000"):
            replace(design, cluster_weights=(weight, 1.0))


@pytest.mark.parametrize("name", ["all", "minimum_km", "include:peel"])
def test_a_quota_takes_no_id_of_another_demand(name: str) -> None:
    quota = Quota(name, attribute="settlement_type", level="rural", minimum=1)
    with pytest.raises(InputError, match=f"quota {name} is an id that stands for another demand, expected an id other"):
        StudyDesign("mine", "Mine", "Le mien", "me", 2, quotas=(quota,))


@pytest.mark.parametrize("level", ["", "not known"])
def test_unknown_is_no_level(level: str) -> None:
    quota = Quota("a", attribute="region", level=level, minimum=1)
    with pytest.raises(InputError, match=r"level is .*, expected a value of economic region, each or distinct"):
        StudyDesign("mine", "Mine", "Le mien", "me", 2, quotas=(quota,))


def test_levels_are_those_of_the_sites() -> None:
    sites = lip.load_sites()
    for attribute, (label, levels) in ATTRIBUTES.items():
        assert label
        assert not set(levels) & {EACH, DISTINCT}
        if levels:
            assert set(sites[attribute]) - {"", "not known"} <= set(levels), attribute


def test_labels_read_as_english() -> None:
    labels = {
        Quota("a", attribute="northern", level="yes", minimum=1).label,
        Quota("a", attribute="region", level="distinct", minimum=3).label,
        Quota("a", attribute="city_tier", level="second", minimum=1, maximum=2).label,
        Quota("a", attribute="lead_kind", level="municipal", maximum=3).label,
    }
    assert labels == {
        "at least 1 in northern Ontario",
        "at least 3 different values of economic region",
        "1 to 2 whose largest city is of the second tier",
        "at most 3 with kind of lead organisation municipal",
    }


def test_an_impossible_design_travels_between_processes() -> None:
    error = ImpossibleDesignError("No set.", ("a", "b"), False)
    again = copy.copy(error)  # by the steps that pickle takes
    assert (str(again), again.conflict, again.smallest) == ("No set.", ("a", "b"), False)
    assert re.match("No set", str(error))
