"""Rosters of one's own: read whole or not at all, ranked as the project's are, and of any place and size."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import os
import re
import shlex
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
from matplotlib.text import Text

import lipresearch as lip
from lipresearch import cli, fetching
from lipresearch.build import load_site_measures, load_site_types
from lipresearch.designs import ATTRIBUTES, Quota
from lipresearch.errors import InputError, NotFoundError, TableError
from lipresearch.fetching import Fetched
from lipresearch.paths import project_root
from lipresearch.registry import sha256_of
from lipresearch.rosters import NOT_SUPPLIED, load_own, make_national, measures_path, sites_header
from lipresearch.supplied import EVIDENCE
from lipresearch.tables import REASONS
from tests.official_files import zipped

ROOT = project_root()
SOURCES = Path(os.environ.get("LIPRESEARCH_SOURCES") or ROOT.parent / "shared" / "sources")
NATIONAL = SOURCES / "census" / "98100002.csv"


def put(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def made_up(folder: Path, sites: int = 6, cluster: str = "health", name: str = "my_sites.csv") -> Path:
    """Write a roster with a value of every criterion of a cluster; site 1 lies within site 0."""
    rng = np.random.default_rng(2010)
    units = lip.load_measures().drop_duplicates("measure").set_index("measure")["unit"]
    path = folder / name
    kinds = ("urban", "rural")
    put(
        path,
        ["site", "name", "province", "settlement_type", "overlaps"],
        [
            [f"s{n:04}", f"Bourg-Étienne {n}", "GE" if n % 3 else "ZH", kinds[n % 2], "s0000" if n == 1 else ""]
            for n in range(sites)
        ],
    )
    rows = []
    for rule in lip.load_cluster(cluster).criteria.itertuples():
        for n, share in enumerate(rng.uniform(0.05, 0.95, sites)):
            value = f"{rule.worst + share * (rule.best - rule.worst):.4f}"
            rows.append([f"s{n:04}", rule.measure, value, units[rule.measure], 2021, "B", "a register", ""])
    scored = set(lip.load_cluster(cluster).criteria["measure"]) | {"population_2021"}
    for measure in sorted(set(lip.load_matching_measures("general")["measure"]) - scored):
        for n, value in enumerate(rng.uniform(0.05, 0.6, sites)):
            rows.append([f"s{n:04}", measure, f"{value:.4f}", units[measure], 2021, "B", "a register", ""])
    rows += [[f"s{n:04}", "population_2021", 1000 + n, "persons", 2021, "A", "a census", ""] for n in range(sites)]
    put(measures_path(path), EVIDENCE.names, rows)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    shown = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0), shown.out, shown.err


# -- the same as the project's -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the project's own roster, written as a roster of one's own."""
    path = tmp_path_factory.mktemp("copied") / "copied.csv"
    types = lip.load_sites()
    columns = ["name", "province", *(name for name in ATTRIBUTES if name != "province"), "overlaps"]
    inside = types.assign(overlaps=[
        ";".join(other for other in cell.split(";") if other in types.index) for cell in types["overlaps"]
    ])  # fmt: skip
    put(path, ["site", *columns], inside[columns].reset_index().to_numpy().tolist())
    rows = []
    for row in lip.load_measures().itertuples():
        ends = ["", ""] if np.isnan(row.low) else [repr(row.low), repr(row.high)]
        if np.isnan(row.value):
            word = row.reason if row.reason in REASONS else "not published"
            texts = [word, row.unit, "", ""]
        else:
            texts = [repr(row.value), row.unit, row.vintage, row.grade]
        rows.append([row.site, row.measure, *texts, row.detail or "copied", "", *ends])
    put(measures_path(path), [*EVIDENCE.names, "low", "high"], rows)
    return str(path)


@pytest.mark.parametrize("cluster", ["education", "health", "labour", "justice", "inclusion"])
def test_the_same_figures_give_the_same_ranking_to_the_last_digit(copied: str, cluster: str) -> None:
    chosen = lip.load_cluster(cluster)
    mine, theirs = (lip.rank_sites(lip.load_measures(roster), chosen) for roster in (copied, "lips-2012"))
    pd.testing.assert_frame_equal(
        mine.table.drop(columns="lacks"), theirs.table.drop(columns="lacks"), check_exact=True
    )
    kinds = ["A", "B", "C", "bounds only", "missing"]
    pd.testing.assert_frame_equal(mine.grades[kinds], theirs.grades[kinds], check_exact=True)
    assert not mine.table["score"].isna().all()


def test_the_same_categories_give_the_same_selection_and_acceptability(copied: str) -> None:
    found = []
    for roster in (copied, "lips-2012"):
        ranking = lip.rank_sites(lip.load_measures(roster), lip.load_cluster("health"))
        design = lip.load_design("six-sites", roster=roster)
        selection = lip.choose_sites(ranking, design, roster=roster)
        unsure = lip.data_uncertainty(ranking, roster=roster)
        often = lip.rank_acceptability(ranking, uncertainty=unsure, draws=500)
        found.append((selection.table, selection.alternates, often.table))
    for one, other in zip(*found, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_comparators_and_pairs_are_the_same(copied: str) -> None:
    mine, theirs = (lip.find_comparators("huron", roster=roster).table for roster in (copied, "lips-2012"))
    pd.testing.assert_frame_equal(mine, theirs)
    mine, theirs = (lip.pair_sites(pairs=3, roster=roster).table for roster in (copied, "lips-2012"))
    pd.testing.assert_frame_equal(mine, theirs)
    assert len(lip.site_overlaps(copied)) == len(lip.site_overlaps("lips-2012")) > 0


# -- places elsewhere ----------------------------------------------------------------------------------


def test_places_elsewhere_are_ranked_and_chosen_with_their_own_levels(tmp_path: Path) -> None:
    roster = str(made_up(tmp_path))
    ranking = lip.rank_sites(lip.load_measures(roster), lip.load_cluster("health"))
    assert len(ranking.ranked) == 6
    assert set(ranking.table["name"]) == {f"Bourg-Étienne {n}" for n in range(6)}
    design = lip.vary_design(
        lip.load_design("six-sites"),
        sites=3,
        quotas=(Quota("zurich", attribute="province", level="ZH", minimum=1, maximum=1),),
    )
    selection = lip.choose_sites(ranking, design, roster=roster)
    assert (selection.table["province"] == "ZH").sum() == 1
    assert not {"s0000", "s0001"} <= set(selection.sites)  # one lies within the other
    assert lip.site_overlaps(roster)[["site", "other"]].to_numpy().tolist() == [["s0000", "s0001"]]


def test_what_is_not_supplied_is_missing_with_a_reason(tmp_path: Path) -> None:
    path = put(tmp_path / "one.csv", ["site", "name", "province"], [["zug", "Zug", "ZG"]])
    measures = load_site_measures(ROOT, str(path))
    assert set(measures["reason"]) == {NOT_SUPPLIED}
    assert set(measures["detail"]) == {f"no row in {measures_path(path).as_posix()}"}
    assert measures[["value", "low", "high"]].isna().all(axis=None)
    assert list(measures.columns) == list(load_site_measures(ROOT).columns)
    types = load_site_types(ROOT, str(path))
    assert list(types.columns) == list(load_site_types(ROOT).columns)
    assert types.loc["zug", ["name_fr", "settlement_type", "lead_kind"]].tolist() == ["Zug", "", "not known"]


def test_one_site_is_ranked_first(tmp_path: Path) -> None:
    measures = lip.load_measures(str(made_up(tmp_path, 1)))
    table = lip.rank_sites(measures, lip.load_cluster("health")).table
    assert table[["site", "rank", "rank_worst"]].to_numpy().tolist() == [["s0000", 1, 1]]


def test_a_distance_in_kilometres_comes_from_positions(tmp_path: Path) -> None:
    path = made_up(tmp_path)
    sites = pd.read_csv(path, dtype=str, keep_default_na=False)
    sites["latitude"], sites["longitude"] = ["46.2", "46.2", "46.3", "47.4", "47.4", "47.5"], "8"
    sites.to_csv(path, index=False)
    ranking = lip.rank_sites(lip.load_measures(str(path)), lip.load_cluster("health"))
    far = lip.vary_design(lip.load_design("six-sites"), sites=2, quotas=(), minimum_km=100)
    chosen = lip.choose_sites(ranking, far, roster=str(path)).sites
    latitude = sites.set_index("site")["latitude"].astype(float)
    assert abs(latitude[chosen[0]] - latitude[chosen[1]]) > 0.9


def test_nothing_of_the_project_or_the_files_changes(tmp_path: Path) -> None:
    path = made_up(tmp_path)
    before = {file: sha256_of(file) for file in (*tmp_path.iterdir(), *(ROOT / "data").rglob("*.csv"))}
    measures = lip.load_measures(str(path))
    measures["value"] = 0.0  # a copy
    types = lip.load_sites(str(path))
    types["name"] = "x"
    assert lip.load_measures(str(path))["value"].max() > 0
    assert lip.load_sites(str(path))["name"].iloc[0] == "Bourg-Étienne 0"
    assert {file: sha256_of(file) for file in before} == before


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = put(tmp_path / "one.csv", ["site", "name", "province"], [["zug", "Zug", "ZG"]])
    assert lip.load_sites(str(path)).loc["zug", "name"] == "Zug"
    put(path, ["name", "site", "province"], [["Zoug", "zug", "ZG"]])
    assert lip.load_sites(str(path)).loc["zug", "name"] == "Zoug"


def test_a_byte_order_mark_of_a_spreadsheet_is_passed_over(tmp_path: Path) -> None:
    path = made_up(tmp_path)
    for file in (path, measures_path(path)):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(lip.load_sites(str(path))) == 6


# -- what is wrong -------------------------------------------------------------------------------------

SITES = "site,name,province"
MEASURES = ",".join([*EVIDENCE.names, "low", "high"])


def wrong(folder: Path, sites: str, measures: str = "") -> str:
    (folder / "bad.csv").write_text(sites + "\n", encoding="utf-8")
    if measures:
        (folder / "bad_measures.csv").write_text(measures + "\n", encoding="utf-8")
    with pytest.raises(TableError) as raised:
        lip.check_roster(folder / "bad.csv")
    return raised.value.whole().replace(f"{folder.as_posix()}/", "")


@pytest.mark.parametrize(
    ("sites", "message"),
    [
        (SITES, "bad.csv: found no site, expected at least one row. Add a row for each site."),
        (
            "site,name\na,A",
            "bad.csv, row 1: found no column province, expected site, name, province and, where wanted,",
        ),
        (f"{SITES},type\na,A,B,c", "bad.csv, row 1: found unknown column 'type', expected site, name, province and,"),
        ("site;name;province\na;A;B", "bad.csv, row 1: found semicolons between the columns, expected commas."),
        (f"{SITES}\na,A,B\na,A,B", "row 3, column site: found again a, expected each only once (first in row 2)"),
        (f"{SITES}\n,A,B", "bad.csv, row 2, column site: found an empty cell, expected a id. Fill the cell."),
        (f"{SITES}\na b,A,B", "row 2, column site: found 'a b', expected an id without spaces, commas, semicolons"),
        (f"{SITES}\n-a,A,B", "row 2, column site: found '-a', expected an id without spaces, commas, semicolons"),
        (f"{SITES},northern\na,A,B,maybe", "column northern: found 'maybe', expected one of yes, no."),
        (f"{SITES},overlaps\na,A,B,z", "column overlaps: found 'z', expected ids of other sites of this table"),
        (f"{SITES},overlaps\na,A,B,a", "column overlaps: found 'a', expected ids of other sites of this table"),
        (f"{SITES},latitude,longitude\na,A,B,91,0", "column latitude: found 91, expected a number from -90 to 90."),
        (f"{SITES},latitude,longitude\na,A,B,9,", "latitude, longitude: found one of the two, expected both or none."),
        (f"{SITES}\na,A", "bad.csv, row 2: found 2 cells, expected 3 cells."),
    ],
)
def test_what_is_wrong_with_sites_is_told(sites: str, message: str, tmp_path: Path) -> None:
    assert message in wrong(tmp_path, sites)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("b,population_2021,5,persons,2021,A,s,,,", "column site: found 'b', expected a site of bad.csv. Add the site"),
        ("a,people,5,persons,2021,A,s,,,", "column measure: found 'people', expected a measure of measures.csv."),
        ("a,population_2021,5,people,2021,A,s,,,", "column unit: found 'people', expected 'persons'. Convert the val"),
        ("a,population_2021,-5,persons,2021,A,s,,,", "column value: found -5, expected 0 or more. Check the number"),
        ("a,population_2021,nan,persons,2021,A,s,,,", "column value: found 'nan', expected a number. A missing value"),
        ("a,population_2021,inf,persons,2021,A,s,,,", "column value: found 'inf', expected a number."),
        (
            "a,population_2021,lost,persons,2021,A,s,,,",
            "is written as one of: suppressed, not published, not applicabl",
        ),
        ("a,immigrants_2021_share,105,per cent,2021,A,s,,,", "found 105, expected a number from 0 to 100 per cent."),
        (
            "a,immigrants_2021_share,5,per cent,2021,A,s,,4,",
            "column low, high: found one bound, expected both or none.",
        ),
        (
            "a,immigrants_2021_share,5,per cent,2021,A,s,,6,7",
            "low, high: found 5 between 6 and 7, expected low <= value",
        ),
        (
            "a,immigrants_2021_share,5,per cent,2021,A,s,,4,170",
            "column high: found 170, expected a number from 0 to 10",
        ),
        (
            "a,population_2021,5,persons,2021,A,,,,",
            "column source: found an empty cell, expected a source. Name the do",
        ),
        ("a,population_2021,5,persons,,A,s,,,", "column vintage: found an empty cell, expected a vintage."),
        ("a,population_2021,5,persons,2021,D,s,,,", "column grade: found 'D', expected one of A, B, C."),
    ],
)
def test_what_is_wrong_with_measures_is_told(row: str, message: str, tmp_path: Path) -> None:
    told = wrong(tmp_path, f"{SITES}\na,A,B", f"{MEASURES}\n{row}")
    assert "bad_measures.csv, row 2, " in told
    assert message in told


def test_a_measure_that_changes_may_be_negative_and_a_row_left_empty_is_passed_over(tmp_path: Path) -> None:
    path = put(tmp_path / "my.csv", SITES.split(","), [["a", "A", "B"]])
    rows = [
        ["a", "population_change_2021", "-100", "per cent", 2021, "A", "s", ""],
        ["a", "land_area", "", "square kilometres", "", "", "", ""],
        ["a", "population_2021", "suppressed", "persons", "", "", "s", "a small place"],
    ]
    put(measures_path(path), EVIDENCE.names, rows)
    table = lip.load_measures(str(path)).set_index("measure")
    assert table.loc["population_change_2021", ["value", "low", "high", "grade"]].tolist() == [-100, -100, -100, "A"]
    assert table.loc["land_area", "reason"] == NOT_SUPPLIED
    assert table.loc["population_2021", ["reason", "detail"]].tolist() == ["suppressed", "s; a small place"]


def test_all_that_is_wrong_in_both_files_comes_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(ROOT))
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text(f"{SITES},northern\na b,A,B,maybe\nc,C,D,no\n", encoding="utf-8")
    lines = [
        "z,population_2021,-5,persons,2021,A,s,,,",
        "c,population_2021,lost,people,2021,A,,,,",
        "c,nonsense,5,persons,2021,A,s,,,",
    ]
    Path("bad_measures.csv").write_text("\n".join([MEASURES, *lines]) + "\n", encoding="utf-8")
    code, out, err = run(capsys, "roster", "check", "bad.csv")
    assert (code, out) == (1, "")
    assert err == (
        "Error: 8 problems in the tables. Nothing was changed.\n"
        "  bad.csv, row 2, column northern: found 'maybe', expected one of yes, no.\n"
        "  bad.csv, row 2, column site: found 'a b', expected an id without spaces, commas, semicolons and quotes, "
        "that begins with no dash. Shorten it: huron, 3540, zug-zh.\n"
        "  bad_measures.csv, row 2, column site: found 'z', expected a site of bad.csv. Add the site to bad.csv, or "
        "correct the id.\n"
        "  bad_measures.csv, row 2, column value: found -5, expected 0 or more. Check the number and its unit.\n"
        "  bad_measures.csv, row 3, column source: found an empty cell, expected a source. Name the document, its "
        "publisher and year.\n"
        "  bad_measures.csv, row 3, column unit: found 'people', expected 'persons'. Convert the value to this unit.\n"
        "  bad_measures.csv, row 3, column value: found 'lost', expected a number. A missing value is written as one "
        "of: suppressed, not published, not applicable.\n"
        "  bad_measures.csv, row 4, column measure: found 'nonsense', expected a measure of measures.csv. Copy it from "
        "a template.\n"
    )


# -- the command line ----------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_an_empty_table_to_a_check(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "roster", "template", "villes.csv")
    assert (code, Path("villes.csv").read_text(encoding="utf-8")) == (0, ",".join(sites_header()) + "\n")
    assert "Next: lipresearch evidence-template health --roster villes.csv" in out
    code, _, err = run(capsys, "roster", "template", "villes.csv")
    assert (code, err) == (1, "Error: villes.csv is there already and was not touched. Name another file.\n")
    put(Path("villes.csv"), SITES.split(","), [["genève", "Genève, ville", "GE"], ["uri", "Uri", "UR"]])
    code, out, _ = run(capsys, "roster", "check", "villes.csv")
    assert code == 0
    assert "There are no measures yet: villes_measures.csv is not there." in out
    code, out, _ = run(capsys, "evidence-template", "health", "--roster", "villes.csv")
    assert "Next: lipresearch roster check villes.csv" in out
    rows = list(csv.DictReader(io.StringIO(Path("villes_measures.csv").read_text(encoding="utf-8"))))
    assert {row["site"] for row in rows} == {"genève", "uri"}
    code, out, _ = run(capsys, "roster", "check", "villes.csv")
    assert (code, "Nothing wrong: 2 sites." in out) == (0, True)
    assert "0 values of 0 measures in villes_measures.csv." in out


def test_a_check_says_who_could_be_ranked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_up(here)
    code, out, _ = run(capsys, "roster", "check", "my_sites.csv", "--format", "json")
    rows = {(row["cluster"], row["perspective"]): row for row in json.loads(out)}
    assert (code, rows["health", "balanced"]["ranked"], rows["health", "balanced"]["coverage"]) == (0, 6, 1)
    assert rows["health", "balanced"]["lacks"] is None or rows["health", "balanced"]["lacks"] == ""
    assert rows["education", "balanced"]["ranked"] == 0
    measures = lip.load_measures("my_sites.csv")
    for (cluster, perspective), row in rows.items():
        ranking = lip.rank_sites(measures, lip.load_cluster(cluster, perspective))
        assert len(ranking.ranked) == row["ranked"], (cluster, perspective)
    _, out, _ = run(capsys, "roster", "check", "my_sites.csv")
    assert "Nothing wrong: 6 sites." in out
    assert "Next: lipresearch rank health --perspective balanced --roster my_sites.csv" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("rank", "health"),
        ("sites",),
        ("measures", "s0002"),
        ("site", "s0002"),
        ("coverage",),
        ("robustness", "health", "--draws", "200"),
        ("variants", "health"),
        ("sensitivity", "health", "--top", "2"),
        ("compare", "s0002", "--use", "general"),
        ("designs",),
        ("select", "health", "--design", "three"),
        ("pairs", "ZH", "GE", "--by", "province"),
    ],
)
def test_every_command_takes_a_roster_of_ones_own(
    arguments: tuple[str, ...],
    project_copy: Path,
    here: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
    (project_copy / "data" / "design" / "designs" / "three.toml").write_text(
        'label = "Three"\nlabel_fr = "Trois"\nsource = "mine"\nsites = 3\nobjective = "suitability"\n'
        'sites_rationale = "As many as can be visited."\n\n[[quota]]\nquota = "zurich"\nattribute = "province"\n'
        'level = "ZH"\nminimum = 1\nrationale = "It has a law of its own."\n',
        encoding="utf-8",
    )
    made_up(here)
    code, out, err = run(capsys, *arguments, "--roster", "my_sites.csv")
    assert (code, "Error" in err) == (0, False), err
    for line in (line for line in out.splitlines() if line.strip().startswith(("Next: ", "lipresearch "))):
        # A hint that names one of these sites must keep their roster.
        assert "s00" not in line or "--roster my_sites.csv" in line, line
    if arguments[0] not in ("coverage", "designs", "measures", "site"):
        assert "Bourg-Étienne" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("rank", "health", "--roster", "none.csv"),
            "There is no file none.csv. Check the name, or begin with an empty",
        ),
        (("roster", "check", "my_sites.xlsx"), "A table of sites ends in .csv, not 'my_sites.xlsx'."),
        (("measures", "s9", "--roster", "my_sites.csv"), "There is no site 's9'"),
        (("site", "peel", "--roster", "my_sites.csv"), "Peel Region (peel) is not on the roster my_sites.csv."),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: tuple[str, ...], message: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_up(here)
    code, _, err = run(capsys, *arguments)
    assert (code, err.startswith(f"Error: {message}")) == (1, True), err


def test_maps_say_that_there_are_no_outlines(tmp_path: Path) -> None:
    roster = str(made_up(tmp_path))
    with pytest.raises(InputError, match="holds no outlines of its sites, so no map of them can be drawn"):
        lip.map_types("settlement_type", roster=roster)
    ranking = lip.rank_sites(lip.load_measures(roster), lip.load_cluster("health"))
    with pytest.raises(InputError, match="A map needs the outlines of the project's sites, and there are none of s0"):
        lip.map_ranking(ranking)
    with pytest.raises(InputError, match=r"For a roster of your own name its table: roster='my_sites.csv'"):
        lip.choose_sites(ranking, lip.load_design("six-sites"))
    # Without its table the sites have no marks of their category.
    assert "ranks first" in str(lip.plot_ranking(ranking).get_gid())
    assert lip.plot_weight_sensitivity(ranking).get_gid()
    with pytest.raises(InputError, match=r" and others: not in .*my_sites\.csv\. Name the table of sites"):
        lip.plot_ranking(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")), roster=roster)


def test_figures_and_panels_of_a_roster_of_ones_own(tmp_path: Path) -> None:
    roster = str(made_up(tmp_path))
    ranking = lip.rank_sites(lip.load_measures(roster), lip.load_cluster("health"))
    for figure in (
        lip.plot_ranking(ranking, roster=roster),
        lip.plot_weight_sensitivity(ranking, roster=roster),
        lip.plot_acceptability(lip.rank_acceptability(ranking, draws=100)),
        lip.plot_contributions(ranking),
        lip.plot_coverage(ranking),
        lip.plot_coverage_matrix(lip.coverage_matrix(lip.load_measures(roster))),
    ):
        words = " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())
        assert "Bourg-Étienne" in words
        assert "Figures supplied by the user, who states their sources." in words
        assert "Statistics Canada" not in words
    design = lip.vary_design(lip.load_design("six-sites"), sites=2, quotas=())
    panel = lip.what_if(ranking, design, roster=roster)
    best = panel.selection.sites
    panel.exclude(best[0], "declined")
    assert len(panel.selection.sites) == 2
    assert best[0] not in panel.selection.sites
    with pytest.raises(InputError, match=r"Name the table of sites that was ranked"):
        lip.what_if(ranking, design)


@pytest.mark.parametrize(("language", "words"), [("en", "There is no map"), ("fr", "Il n'y a pas de carte")])
def test_a_memo_of_a_roster_of_ones_own(
    language: str, words: str, here: Path, project_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made_up(here)
    asked = ("memo", "health", "--design", "two", "--roster", "my_sites.csv", "--draws", "200", "--language", language)
    (project_copy / "data" / "design" / "designs" / "two.toml").write_text(
        'label = "Two"\nlabel_fr = "Deux"\nsource = "mine"\nsites = 2\nobjective = "suitability"\n'
        'sites_rationale = "As many as can be visited."\n',
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIPRESEARCH_PROJECT", str(project_copy))
        for ending in ("html", "docx", "pdf"):
            code, _, err = run(capsys, *asked, "--output", f"memo.{ending}")
            assert (code, err) == (0, ""), err
        page = html.unescape(re.sub(r"<[^>]+>", " ", Path("memo.html").read_text(encoding="utf-8"))).replace(
            "\u2019", "'"
        )
        assert words in page
        assert "a register" in page, "the source that the user states"
        assert ":</strong> </li>" not in Path("memo.html").read_text(encoding="utf-8"), "a colon before nothing"
        assert "Ontario only" not in page
        assert "ne couvre que l'Ontario" not in page
        assert hashlib.sha256(path.read_bytes()).hexdigest() in page
        command = next(line for line in page.splitlines() if "lipresearch memo health" in line).strip()
        assert "--roster my_sites.csv" in command
        again = Path("memo.html").read_bytes()
        assert run(capsys, *shlex.split(command)[1:], "--output", "memo.html")[0] == 0
        assert Path("memo.html").read_bytes() == again
    with zipfile.ZipFile("memo.docx") as word:
        assert words in word.read("word/document.xml").decode().replace("\u2019", "'")
        assert all(not name.startswith("word/media") or "png" in name for name in word.namelist())


def test_a_memo_names_the_roster_that_it_lacks(tmp_path: Path) -> None:
    roster = str(made_up(tmp_path))
    ranking = lip.rank_sites(lip.load_measures(roster), lip.load_cluster("health"))
    design = lip.vary_design(lip.load_design("six-sites"), sites=2, quotas=())
    selection = lip.choose_sites(ranking, design, roster=roster)
    with pytest.raises(InputError, match=r"not a site of the project\. Name the table of sites that was ranked: "):
        lip.write_memo(selection, tmp_path / "memo.html")
    assert not (tmp_path / "memo.html").exists()


def test_areas_of_a_roster_of_ones_own_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def fetched(root: Path, name: str, dguids: tuple[str, ...], *others: object) -> Fetched:
        asked.append(dguids)
        return Fetched(name, tmp_path, (), pd.DataFrame(), "", ())

    monkeypatch.setattr(fetching, "fetch", fetched)
    path = put(tmp_path / "areas.csv", ["site", "name", "province", "catchment"], [
        ["huron", "Huron", "ON", "3540"],
        ["two", "Two", "ON", "2021A00053521005; 3521010"],
        ["none", "None", "ON", ""],
    ])  # fmt: skip
    done = lip.fetch("census-profile-2021", roster=str(path))
    assert asked == [("2021A00033540", "2021A00053521005", "2021A00053521010")]
    assert done.notes == (f"Without areas in the column catchment of {path}: none.",)
    roster = str(made_up(tmp_path))
    with pytest.raises(InputError, match=r"does not say which areas its sites are\. Add the column catchment, with"):
        lip.fetch("census-profile-2021", roster=roster)
    put(path, ["site", "name", "province", "catchment"], [["huron", "Huron", "ON", "3540;Huron County"]])
    with pytest.raises(TableError, match=r"row 2, column catchment: found 'Huron County', expected a DGUID of 2021"):
        lip.check_roster(path)


def commands(group: Any = None, before: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return the options of every command by its name, those of groups too."""
    group = group or typer.main.get_command(cli.app)
    found: dict[str, list[str]] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, (*before, name))
        else:
            found[" ".join((*before, name))] = [option for one in command.params for option in one.opts]
    return found


def test_every_command_takes_a_roster_or_the_guide_says_why_not() -> None:
    guide = (ROOT / "docs" / "rosters.md").read_text(encoding="utf-8")
    told = guide.split("## Commands without a roster")[1].split("\n## ")[0]
    without = set(re.findall(r"`([a-z -]+)`", told))
    all_of_them = commands()
    assert {"rank", "memo", "roster check"} <= set(all_of_them)
    assert without == {name for name, options in all_of_them.items() if "--roster" not in options}


def test_robustness_of_very_many_sites_says_what_it_leaves_out(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(here)
    asked = ("robustness", "health", "--draws", "100", "--roster", "my_sites.csv", "--format", "csv")
    assert "Left out" not in run(capsys, *asked)[2]
    monkeypatch.setattr(cli, "MOST_RANKS", 2)
    _, out, err = run(capsys, *asked)
    assert "rank_1" not in out
    assert err.startswith(
        "Left out for more than 2 sites: the share of every rank, and what moves the ranks. In Python:"
    )
    assert err.count("\n") == 1


def test_the_template_asks_for_what_the_precision_rests_on(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "my_sites.csv", ["site", "name", "province"], [["a", "A", "HB"]])
    assert run(capsys, "evidence-template", "health", "--roster", "my_sites.csv")[0] == 0
    with measures_path(here / "my_sites.csv").open(encoding="utf-8", newline="") as stream:
        assert "population_2021" in [row["measure"] for row in csv.DictReader(stream)]


def test_a_long_table_is_cut_on_the_screen_and_whole_in_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_up(here, 203)
    _, out, _ = run(capsys, "sites", "--roster", "my_sites.csv")
    assert "3 more rows are not shown; --format csv --output FILE writes them all." in out
    _, out, _ = run(capsys, "sites", "--roster", "my_sites.csv", "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(out)))) == 203


# -- the whole country ---------------------------------------------------------------------------------

COUNTS = "Population and dwelling counts (13): "
HEADER = ["REF_DATE", "GEO", "DGUID", "Coordinate"] + [
    cell
    for column in (
        "Population, 2021 [1]",
        "Population percentage change, 2016 to 2021 [3]",
        "Land area in square kilometres, 2021 [10]",
        "Population density per square kilometre, 2021 [11]",
    )
    for cell in (COUNTS + column, "Symbols")
]


def official(path: Path, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    lines = [",".join(f'"{cell}"' if cell else "" for cell in row) for row in (header, *rows)]
    path.write_text("\ufeff" + "\r\n".join(lines) + "\r\n\r\n", encoding="utf-8")
    return path


SMALL = (
    ("2021", "Canada", "2021A000011124", "1", "36991981", "", "5.2", "", "8788702.80", "", "4.2", ""),
    ("2021", "Peel", "2021A00033521", "2", "1451022", "", "5.0", "", "1247.45", "", "1163.2", ""),
    ("2021", "Perth", "2021A00053531016", "3", "38066", "", "3.9", "", "1492.80", "", "25.5", ""),
    ("2021", "Perth", "2021A00051301012", "4", "1", "", "", "...", "3.10", "", "0.3", ""),
    ("2021", "Terres de l'Île", "2021A00052406804", "5", "", "..", "", "..", "44.23", "", "", ".."),
    ("2021", 'Limit "B"', "2021A00054803805", "6", "16", "", "-50.1", "", "30.11", "", "0.5", ""),
)


def test_a_roster_of_canada_holds_what_the_official_list_gives(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = official(here / "list.csv", *SMALL)
    code, out, _ = run(capsys, "roster", "make", "csd", "--from", str(source))
    assert code == 0
    assert "my-canada-csd.csv, 4 sites" in out
    assert "Cite: Source: Statistics Canada, Table 98-10-0002-02" in out
    assert Path("my-canada-csd.csv").read_text(encoding="utf-8") == (
        'site,name,province\n1301012,"Perth, NB",NB\n2406804,Terres de l\'Île,QC\n'
        '3531016,"Perth, ON",ON\n4803805,"Limit ""B""",AB\n'
    )
    rows = list(csv.DictReader(io.StringIO(Path("my-canada-csd_measures.csv").read_text(encoding="utf-8"))))
    cells = {(row["site"], row["measure"]): (row["value"], row["grade"]) for row in rows}
    assert cells["3531016", "land_area"] == ("1492.8", "A")
    assert cells["4803805", "population_change_2021"] == ("-50.1", "A")
    assert cells["1301012", "population_change_2021"] == ("not applicable", "")
    assert cells["2406804", "population_2021"] == ("suppressed", "")
    code, out, _ = run(capsys, "roster", "check", "my-canada-csd.csv")
    assert (code, "Nothing wrong: 4 sites." in out) == (0, True)
    code, _, err = run(capsys, "roster", "make", "csd", "--from", str(source))
    assert (code, err) == (1, "Error: my-canada-csd.csv is there already and was not touched. Name another file.\n")
    packed = zipped(here / "98100002-eng.zip", {"98100002.csv": source.read_bytes(), "98100002_MetaData.csv": b"a"})
    code, out, _ = run(capsys, "roster", "make", "cd", "--from", str(packed), "-o", "divisions.csv")
    assert load_own(ROOT, "divisions.csv").roster.sites == ("3521",)


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (SMALL, [*HEADER[:4], "Population", *HEADER[5:]], "list.csv, row 1: found the columns 'REF_DATE', 'GEO'"),
        (SMALL[:1], HEADER, "column DGUID: found no area whose DGUID begins with 2021A0005, expected the areas of"),
        (((*SMALL[2][:4], "many", *SMALL[2][5:]),), HEADER, "found 'many', expected a number or a known missing symb"),
        (
            ((*SMALL[2][:2], "2021A000535310", *SMALL[2][3:]),),
            HEADER,
            "found '2021A000535310', expected 2021A0005 and",
        ),
    ],
)
def test_a_list_of_another_layout_is_refused(
    rows: Sequence[Sequence[str]], header: Sequence[str], message: str, tmp_path: Path
) -> None:
    source = official(tmp_path / "list.csv", *rows, header=header)
    with pytest.raises(TableError) as raised:
        make_national(ROOT, "csd", source, tmp_path / "mine.csv")
    assert message in str(raised.value)
    assert "Take table 98-10-0002 as CSV or as the zip that it comes in: lipresearch fetch table-98-10-0002." in str(
        raised.value
    )
    assert not (tmp_path / "mine.csv").exists()


def test_a_roster_of_canada_needs_its_list_and_a_level(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"There is no file .*none\.csv\. Take table 98-10-0002 as CSV"):
        make_national(ROOT, "csd", tmp_path / "none.csv", tmp_path / "mine.csv")
    with pytest.raises(InputError, match=r"is of cd \(census divisions\) or csd \(subdivisions\), not 'er'"):
        make_national(ROOT, "er", tmp_path / "none.csv", tmp_path / "mine.csv")


@pytest.mark.skipif(not NATIONAL.is_file(), reason="the official list of areas is not here")
@pytest.mark.parametrize(("level", "count"), [("cd", 293), ("csd", 5161)])
def test_the_official_list_has_every_area_of_the_country(level: str, count: int, tmp_path: Path) -> None:
    path = tmp_path / "canada.csv"
    assert make_national(ROOT, level, NATIONAL, path) == (count, 4 * count)
    own = load_own(ROOT, path)
    assert len(own.types) == count
    assert own.types["name"].is_unique
    assert own.types["province"].nunique() == 13
    residents = own.measures[own.measures["measure"] == "population_2021"]["value"]
    assert int(residents.sum()) == 36_991_981  # the country's: incompletely enumerated reserves are in no total
    assert lip.check_roster(path)["sites"].tolist()[0] == count


def test_thousands_of_sites_are_ranked_and_chosen(tmp_path: Path) -> None:
    roster = str(made_up(tmp_path, 2000))
    ranking = lip.rank_sites(lip.load_measures(roster), lip.load_cluster("health"))
    design = lip.vary_design(lip.load_design("six-sites"), sites=20, quotas=(
        Quota("rural", attribute="settlement_type", level="rural", minimum=12),
        Quota("cantons", attribute="province", level="each", maximum=12),
    ))  # fmt: skip
    selection = lip.choose_sites(ranking, design, roster=roster)
    assert selection.proof.optimal
    assert (selection.table["settlement_type"] == "rural").sum() >= 12
    assert len(selection.alternates) == 20
    problem = selection._candidates.problem
    rest = list(selection._chosen[1:])
    one_by_one = [problem.meets(sorted([*rest, other])) for other in range(200)]
    assert problem.fits_with(rest)[:200].tolist() == one_by_one
    swaps = selection.replacements
    for _, mine in swaps.groupby("site"):
        better = (mine["objective"].to_numpy()[:, None] < mine["objective"].to_numpy()[None, :]).sum(axis=1)
        assert mine["order"].tolist() == (1 + better).tolist()
    often = lip.rank_acceptability(ranking, draws=100)
    assert often.table["first"].sum() == pytest.approx(1, abs=0.05)
