"""What the stored notebooks show is what the command line says: rankings, sets, and the tables behind the figures.

No cell is run. The outputs that git keeps are read as a reader sees them, and each number is compared with the JSON of
the command, to the digits that are shown.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lipresearch import cli

ROOT = Path(__file__).resolve().parent.parent
CLUSTERS = {
    "education": "11_education",
    "health": "12_health",
    "labour": "13_labour_market",
    "justice": "14_justice",
    "inclusion": "15_inclusion",
}
DASH = "–"


# ---- reading ------------------------------------------------------------------------------------


class Tables(HTMLParser):
    """Every table of a page as rows of texts, head first."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[list[str]]] = []
        self.cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.found.append([])
        elif tag == "tr":
            self.found[-1].append([])
        elif tag in ("td", "th"):
            self.cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.cell is not None:
            self.found[-1][-1].append("".join(self.cell).strip())
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)


@dataclass(frozen=True)
class Shown:
    """What a stored notebook shows: its tables and the descriptions of its figures, in order."""

    tables: tuple[list[list[str]], ...]
    figures: tuple[str, ...]

    def table(self, *head: str) -> list[list[str]]:
        """Return the rows of the first table whose head begins so."""
        rows = next((table for table in self.tables if table[0][: len(head)] == list(head)), None)
        assert rows is not None, f"no table with the head {head}"
        return rows[1:]

    def figure(self, words: str) -> str:
        """Return the description of the one figure that says so."""
        found = [text for text in self.figures if words in text]
        assert len(found) == 1, f"{len(found)} figures say {words!r}"
        return found[0]


@functools.cache
def shown(name: str) -> Shown:
    tables, figures = Tables(), []
    for cell in json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", ()):
                figures.append(output["metadata"]["image/png"]["alt"])
            tables.feed("".join(output.get("data", {}).get("text/html", ())))
    return Shown(tuple(tables.found), tuple(figures))


@functools.cache
def command(*arguments: str) -> Any:
    """Return what a command writes with --format json."""
    written = io.StringIO()
    with (
        contextlib.redirect_stdout(written),
        contextlib.redirect_stderr(io.StringIO()),
        pytest.raises(SystemExit) as end,
    ):
        cli.main([*arguments, "--format", "json"])
    assert end.value.code in (0, None), arguments
    return json.loads(written.getvalue())


def reads(text: str, value: float | None, decimals: int) -> bool:
    """Whether a text is how a number reads with so many decimals; missing is a dash."""
    if value is None:
        return text == DASH
    plain = text.replace(",", "")
    digits = rf"\.\d{{{decimals}}}" if decimals else ""
    if not re.fullmatch(rf"-?\d+{digits}", plain):
        return False
    return abs(float(plain) - value) <= 0.5 * 10**-decimals + 1e-6


def spans(text: str, low: float | None, high: float | None, decimals: int) -> bool:
    """Whether a text is how an interval reads: both ends, or one number where they read the same."""
    if low is None or high is None:
        return text == DASH
    ends = text.split(DASH)
    return len(ends) <= 2 and reads(ends[0], low, decimals) and reads(ends[-1], high, decimals)


def shares(text: str, value: float) -> bool:
    """Whether a text is how a share (0 to 1) reads in per cent; a little is not nothing, nearly all is not all."""
    number, unit = text[:-2], text[-2:]
    if unit != " %":
        return False
    if number == "<0.1":
        return 0 < value < 0.0005 + 1e-6
    if number == ">99.9":
        return 0.9995 - 1e-6 <= value < 1
    if number in ("0", "100"):
        return abs(100 * value - float(number)) < 1e-3
    return reads(number, 100 * value, 1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reads("0.94", 0.943209, 2), True),
        (reads("0.95", 0.943209, 2), False),
        (reads("0.9", 0.943209, 2), False),
        (reads("1,451,022", 1451022, 0), True),
        (reads("0", None, 0), False),
        (reads(DASH, None, 2), True),
        (reads(DASH, 0.0, 2), False),
        (spans("3–7", 3, 7, 0), True),
        (spans("3", 3, 7, 0), False),
        (spans("3–7–9", 3, 9, 0), False),
        (spans("0.94", 0.943, 0.944, 2), True),
        (shares("54.5 %", 0.5452), True),
        (shares("54.6 %", 0.5452), False),
        (shares("0 %", 0.0004), False),
        (shares("<0.1 %", 0.0), False),
        (shares("100 %", 0.9996), False),
        (shares(">99.9 %", 0.9996), True),
        (shares("54.5", 0.5452), False),
    ],
)
def test_a_wrong_digit_is_noticed(answer: bool, expected: bool) -> None:
    assert answer is expected


def differ(rows: Sequence[Sequence[str]], wanted: Sequence[object]) -> list[Sequence[str]]:
    """Return the rows whose counterpart says that they do not read as it; both must be equally many."""
    assert len(rows) == len(wanted)
    return [row for row, fine in zip(rows, wanted, strict=True) if not fine]


# ---- one cluster each: rankings and the tables behind the figures ---------------------------------


@pytest.fixture(params=CLUSTERS)
def cluster(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def ranked(sites: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [site for site in sites if site["rank"] is not None]


def test_the_ranking_is_that_of_the_command_line(cluster: str) -> None:
    sites = command("rank", cluster)["sites"]
    rows = shown(CLUSTERS[cluster]).table("Rank", "Site", "Rank could be", "Score", "Score could be", "Coverage")
    fine = [
        row[:2] == [str(site["rank"]), site["name"]]
        and spans(row[2], site["rank_best"], site["rank_worst"], 0)
        and reads(row[3], site["score"], 2)
        and spans(row[4], site["score_lowest"], site["score_highest"], 2)
        and shares(row[5], site["coverage"])
        and row[6] == " / ".join(f"{100 * site[grade]:.0f}" for grade in "ABC")
        for row, site in zip(rows, ranked(sites), strict=True)
    ]
    assert differ(rows, fine) == []
    lost = [site for site in sites if site["rank"] is None]
    if lost:
        rows = shown(CLUSTERS[cluster]).table("Site", "Coverage", "Lacks")
        assert [[row[0], row[2]] for row in rows] == [[site["name"], site["lacks"]] for site in lost]
        assert all(shares(row[1], site["coverage"]) for row, site in zip(rows, lost, strict=True))
    assert len(sites) == 38


def test_the_figures_of_the_ranking_say_the_same(cluster: str) -> None:
    first = ranked(command("rank", cluster)["sites"])[:5]
    text = shown(CLUSTERS[cluster]).figure("First five: ")
    said = re.findall(r"(\D+?) (\d\.\d\d)(?:, |$)", text.split("First five: ")[1])
    assert [name for name, _ in said] == [site["name"] for site in first]
    assert all(reads(score, site["score"], 2) for (_, score), site in zip(said, first, strict=True))


def test_the_table_of_what_the_scores_are_made_of_is_that_of_the_command_line(cluster: str) -> None:
    content = command("rank", cluster)
    adds: dict[tuple[str, str], float] = defaultdict(float)
    for part in content["contributions"]:
        adds[part["name"], part["factor"]] += part["contribution"] or 0.0
    head = next(table[0] for table in shown(CLUSTERS[cluster]).tables if re.match(r"\d\.\d ", table[0][1]))
    assert (head[0], head[-1]) == ("Site", "Score")
    factors = [label.split(" ")[0] for label in head[1:-1]]
    assert set(factors) == {part["factor"] for part in content["contributions"]}
    rows = shown(CLUSTERS[cluster]).table(*head)
    sites = ranked(content["sites"])
    assert [row[0] for row in rows] == [site["name"] for site in sites]
    wrong = [
        (row[0], factor, text)
        for row in rows
        for factor, text in zip(factors, row[1:-1], strict=True)
        if not reads(text, adds[row[0], factor], 2)
    ]
    assert wrong == []
    assert all(reads(row[-1], site["score"], 2) for row, site in zip(rows, sites, strict=True))
    # Factors add up to the score, so the table is that of the figure and of the ranking at once.
    for site in sites:
        assert sum(adds[site["name"], factor] for factor in factors) == pytest.approx(site["score"], abs=1e-5)


def test_the_table_of_the_evidence_is_that_of_the_command_line(cluster: str) -> None:
    every = {"A": "A", "B": "B", "C": "C", "Bounds only": "bounds only", "Missing": "missing"}
    every["Of it supplied"] = "of it supplied"
    sites = {site["name"]: site for site in command("rank", cluster)["sites"]}
    head = next(table[0] for table in shown(CLUSTERS[cluster]).tables if table[0][0] == "Site" and table[0][1] in "AB")
    rows, kinds = shown(CLUSTERS[cluster]).table(*head), head[1:]
    unshown = set(every) - set(kinds)
    assert not any(site[every[kind]] for site in sites.values() for kind in unshown), (
        "only columns of zeros are left out"
    )
    assert sorted(row[0] for row in rows) == sorted(sites)
    wrong = [
        (row[0], kind, text)
        for row in rows
        for kind, text in zip(kinds, row[1:], strict=True)
        if not shares(text, sites[row[0]][every[kind]])
    ]
    assert wrong == []


def test_rank_acceptability_is_that_of_the_command_line(cluster: str) -> None:
    often = command("robustness", cluster)
    rows = shown(CLUSTERS[cluster]).table("Rank", "Site", "Usual ranks", "Mean rank", "First", "First 6")
    fine = [
        row[:2] == [str(site["rank"]), site["name"]]
        and spans(row[2], site["rank_low"], site["rank_high"], 0)
        and reads(row[3], site["expected_rank"], 1)
        and shares(row[4], site["first"])
        and shares(row[5], site["top"])
        for row, site in zip(rows, often, strict=True)
    ]
    assert differ(rows, fine) == []
    head = next(table[0] for table in shown(CLUSTERS[cluster]).tables if table[0][1] == "Rank 1")
    bands = [[int(end) for end in label.removeprefix("Rank ").split(DASH)] for label in head[1:]]
    assert [rank for band in bands for rank in range(band[0], band[-1] + 1)] == list(range(1, len(often) + 1))
    rows = shown(CLUSTERS[cluster]).table(*head)
    assert [row[0] for row in rows] == [site["name"] for site in often]
    wrong = [
        (row[0], label, text)
        for row, site in zip(rows, often, strict=True)
        for label, band, text in zip(head[1:], bands, row[1:], strict=True)
        if not shares(text, min(sum(site[f"rank_{rank}"] for rank in range(band[0], band[-1] + 1)), 1.0))
    ]
    assert wrong == []


# ---- the sets -----------------------------------------------------------------------------------


def check_set(found: Shown, chosen: dict[str, Any]) -> None:
    """Compare a recommended set, who replaces each site, the demands and the next best sets."""
    others = {row["site"]: row["replacement_name"] for row in chosen["alternates"]}
    rows = found.table("Rank", "Site", "Type", "Field study group", "Economic region", "Score", "If it declines")
    fine = [
        row[:5]
        == [str(s["rank"]), s["name"], *(s[kind] for kind in ("settlement_type", "field_study_group", "region"))]
        and reads(row[5], s["score"], 2)
        and row[6] == others[s["site"]]
        for row, s in zip(rows, chosen["table"], strict=True)
    ]
    assert differ(rows, fine) == []
    rows = found.table("Place", "Objective", "From the best", "Leaves", "Enters")
    fine = [
        row[0] == str(best["place"])
        and reads(row[1], best["objective"], 3)
        and reads(row[2], best["change"], 3)
        and row[3:] == [best["leaves"] or DASH, best["enters"] or DASH]
        for row, best in zip(rows, chosen["best_sets"], strict=True)
    ]
    assert differ(rows, fine) == []


def costs(text: str, value: float) -> bool:
    return 0 < value < 0.0005 + 1e-6 if text == "below 0.001" else reads(text, value, 3)


def test_the_set_of_a_cluster_is_that_of_the_command_line(cluster: str) -> None:
    found, chosen = shown(CLUSTERS[cluster]), command("select", cluster, "--design", cluster)
    check_set(found, chosen)
    cost = {row["quota"]: row["cost"] for row in chosen["cost_of_quotas"]}
    rows = found.table("Demand", "Has", "Met", "Binds", "Costs")
    fine = [
        row[:3] == [quota["label"], quota["has"], "yes" if quota["met"] else "no"]
        and (costs(row[4], cost[quota["quota"]]) if quota["quota"] in cost else row[4] == DASH)
        for row, quota in zip(rows, chosen["quotas"], strict=True)
    ]
    assert differ(rows, fine) == []


def test_the_map_of_a_set_names_the_sites_of_the_command_line(cluster: str) -> None:
    chosen = command("select", cluster, "--design", cluster)
    *names, last = [site["name"] for site in chosen["table"]]
    said = f"Selected: {', '.join(names)} and {last}."
    assert said in shown(CLUSTERS[cluster]).figure("Selected: ")


def test_the_one_set_for_all_clusters_is_that_of_the_command_line() -> None:
    found, chosen = shown("20_one_set_for_all_clusters"), command("select", "all", "--design", "all-clusters")
    check_set(found, chosen)
    proof = {row[0]: row[1] for table in found.tables for row in table if len(row) == 2}
    assert reads(proof["Objective"], chosen["proof"]["objective"], 4)
    assert proof["Proven best"] == "yes"
    assert chosen["proof"]["optimal"]
    rows = found.table("Demand", "Objective without it", "Costs", "Would leave", "Would enter")
    fine = [
        row[0] == cost["label"]
        and reads(row[1], cost["without_it"], 3)
        and costs(row[2], cost["cost"])
        and row[3:] == [cost["leaves"] or DASH, cost["enters"] or DASH]
        for row, cost in zip(rows, chosen["cost_of_quotas"], strict=True)
    ]
    assert differ(rows, fine) == []
    rows = found.table("If this site declines", "Replacement", "Objective changes by")
    fine = [
        row[:2] == [other["name"], other["replacement_name"]]
        and reads(row[2], other["change"], 3)
        and row[3:5] == [other["enters"] or DASH, other["leaves_too"] or DASH]
        and reads(row[5], other["best_without_change"], 3)
        for row, other in zip(rows, chosen["alternates"], strict=True)
    ]
    assert differ(rows, fine) == []
    # Each site's score in each cluster; and, in every cluster, the sum beside that of the cluster's own best set.
    scores = {name: {s["name"]: s["score"] for s in command("rank", name)["sites"]} for name in CLUSTERS}
    own = {name: command("select", name, "--design", name) for name in CLUSTERS}
    titles = next(table[0] for table in found.tables if table[0][0] == "Site" and len(table[0]) == 6)
    rows = found.table(*titles)
    assert [row[0] for row in rows] == [site["name"] for site in chosen["table"]]
    assert all(
        reads(text, scores[name][row[0]], 2) for row in rows for name, text in zip(CLUSTERS, row[1:], strict=True)
    )
    names = {site["name"] for site in chosen["table"]}
    rows = found.table("Cluster", "Shared set", "Own set", "Sites in both")
    fine = [
        row[0] == title
        and reads(row[1], sum(scores[name][site] for site in names), 2)
        and reads(row[2], own[name]["proof"]["objective"], 2)
        and row[3] == f"{len(names & {site['name'] for site in own[name]['table']})} of {len(names)}"
        for row, title, name in zip(rows, titles[1:], CLUSTERS, strict=True)
    ]
    assert differ(rows, fine) == []


#: The field study's West Toronto is a partnership of 2009-12, so it is ranked with the neighbourhoods of that time.
OF_2009 = "West Downtown Toronto"
SIX = (OF_2009, "Peel Region", "Hamilton", "Kingston", "Huron County", "Thunder Bay")


def test_the_six_sites_of_2010_have_the_scores_of_the_command_line() -> None:
    found = shown("30_look_back_at_2010")
    rows = found.table("Cluster", "Given set", "Best set")
    for name, row in zip(CLUSTERS, rows, strict=True):
        scores = {site["name"]: site["score"] for site in command("rank", name)["sites"]}
        earlier = command("rank", name, "--roster", "toronto-neighbourhoods-2009")["sites"]
        scores |= {site["name"]: site["score"] for site in earlier if site["name"] == OF_2009}
        assert reads(row[1], sum(scores[site] for site in SIX), 2), name
        # Scores do not depend on who else is compared, so ranks among the 39 follow from those of the 38.
        before = {site["name"]: site["rank"] for site in command("rank", name)["sites"]}
        place = 1 + sum(score > scores[OF_2009] for site, score in scores.items() if score is not None)
        ranks = {row[0]: row[1 + list(CLUSTERS).index(name)] for row in found.table("Site", "Education", "Health")}
        expected = {site: before[site] + (scores[site] < scores[OF_2009]) for site in SIX if site != OF_2009}
        assert ranks == {site: str(rank) for site, rank in {OF_2009: place, **expected}.items()}, name


def test_the_best_sets_in_the_pattern_of_2010_are_those_of_the_command_line() -> None:
    rows = shown("30_look_back_at_2010").table("Cluster", "Best set", "Objective", "Proven best", "Sets as good")
    compared = 0
    for name, row in zip(CLUSTERS, rows, strict=True):
        chosen = command("select", name, "--design", "six-sites")
        if OF_2009 in row[1]:  # not on the list of the command: its best set can only be less good
            assert float(row[2]) >= chosen["proof"]["objective"] - 0.005
            continue
        compared += 1
        assert reads(row[2], chosen["proof"]["objective"], 2), name
        assert row[3] == ("yes" if chosen["proof"]["optimal"] else "no")
        if row[4] == "1":
            assert row[1] == ", ".join(site["name"] for site in chosen["table"])
    assert compared >= 3
    demands = shown("30_look_back_at_2010").table("Demand", "Has", "Met")
    assert [row[0] for row in demands] == [
        quota["label"] for quota in command("select", "health", "--design", "six-sites")["quotas"]
    ]
