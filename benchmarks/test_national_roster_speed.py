"""How long a national roster takes: run `python -m pytest -s benchmarks/test_national_roster_speed.py`.

A made-up roster of 5,161 sites, as many as Canada has census subdivisions, with a value of every criterion of the
health cluster under its default perspective: written to two files, then checked, ranked, given a rank acceptability
of 10,000 draws, and 20 of its sites chosen, each with its alternates. Reading and checking the files is part of it.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import lipresearch as lip
from lipresearch.designs import Quota, StudyDesign
from lipresearch.rosters import PROVINCES
from lipresearch.supplied import EVIDENCE, value_range

SITES, DRAWS, CHOSEN = 5161, 10_000, 20
SECONDS = 60


def write_roster(folder: Path, sites: int, cluster: str = "health", seed: int = 2010) -> Path:
    """Write a made-up roster with a value of every criterion of a cluster, and return its table of sites."""
    rng = np.random.default_rng(seed)
    rules = lip.load_cluster(cluster).criteria
    units = lip.load_measures().drop_duplicates("measure").set_index("measure")["unit"]
    path = folder / "my_sites.csv"
    provinces, kinds = list(PROVINCES.values()), ("Toronto", "urban", "rural")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["site", "name", "province", "settlement_type", "region", "overlaps"])
        for number in range(sites):
            # Every fiftieth site lies within the one before.
            within = f"s{number - 1:04}" if number % 50 == 49 else ""
            kind, region = kinds[rng.integers(3)], f"Région {rng.integers(76)}"
            writer.writerow([f"s{number:04}", f"Site {number}", provinces[rng.integers(13)], kind, region, within])
    with path.with_name("my_sites_measures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(EVIDENCE.names)
        for rule in rules.itertuples():
            low, high = value_range(rule.measure, units[rule.measure])
            values = np.clip(rng.uniform(min(rule.worst, rule.best), max(rule.worst, rule.best), sites), low, high)
            for number, value in enumerate(values):
                writer.writerow(
                    [f"s{number:04}", rule.measure, f"{value:.4f}", units[rule.measure], 2021, "A", "made up", ""]
                )
        for number, value in enumerate(rng.integers(50, 100_000, sites)):
            writer.writerow([f"s{number:04}", "population_2021", value, "persons", 2021, "A", "made up", ""])
    return path


def study() -> StudyDesign:
    """Return a design of 20 sites: of every kind, from 8 provinces at least, at most three of a province."""
    return StudyDesign(
        "national",
        "Twenty sites of the country",
        "",
        "made up",
        CHOSEN,
        quotas=(
            Quota("kinds", attribute="settlement_type", level="each", minimum=4),
            Quota("provinces", attribute="province", level="distinct", minimum=8),
            Quota("most", attribute="province", level="each", maximum=3),
        ),
    )


def test_a_national_roster_takes_less_than_a_minute(tmp_path: Path) -> None:
    roster = str(write_roster(tmp_path, SITES))
    steps: dict[str, float] = {}

    def timed(what: str, do: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        done = do()
        steps[what] = time.perf_counter() - began
        return done

    measures = timed("read and check the files", lambda: lip.load_measures(roster))
    ranking = timed("rank", lambda: lip.rank_sites(measures, lip.load_cluster("health")))
    unsure = timed("uncertainty of the evidence", lambda: lip.data_uncertainty(ranking, roster=roster))
    often = timed("acceptability", lambda: lip.rank_acceptability(ranking, uncertainty=unsure, draws=DRAWS))
    table = timed("its table", lambda: often.table)
    selection = timed("choose 20 sites", lambda: lip.choose_sites(ranking, study(), roster=roster))
    alternates = timed("alternates", lambda: selection.alternates)
    timed("best sets", lambda: selection.best_sets)
    timed("cost of quotas", lambda: selection.cost_of_quotas)
    timed("replacements", lambda: selection.replacements)
    total = sum(steps.values())
    print()
    for what, seconds in steps.items():
        print(f"{what:32} {seconds:8.2f} s")
    print(f"{'together':32} {total:8.2f} s")
    assert len(table) == len(ranking.ranked) == SITES
    assert selection.proof.optimal
    assert len(alternates) == CHOSEN
    assert total < SECONDS
