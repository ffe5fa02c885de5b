"""From downloaded files to grade A: made-up census profiles in the official layouts, compiled and built."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

from lipresearch.build import build
from lipresearch.catchments import load_catchments
from lipresearch.cli import main
from lipresearch.compile import OPTIONAL
from lipresearch.compilers.census_profile import CENSUSES
from lipresearch.compilers.health import FACILITIES_CANADA
from lipresearch.downloads import CODES, Record, load_downloads, write_download_records
from lipresearch.errors import DataChangedError, NotFoundError, TableError
from lipresearch.evidence import PROFILE as NAME
from lipresearch.evidence import (
    PROFILE_2016,
    Evidence,
    finding,
    first_generation,
    population_2021_profile,
    prefer_profile,
)
from lipresearch.fetched import ODHF, Obtained, areas_of_sites, compile_official, remove_official
from lipresearch.further_evidence import neither_language_2016
from lipresearch.gained import STEPS, sites_that_keep
from lipresearch.held import HELD
from lipresearch.more_evidence import SECTORS
from lipresearch.registry import sha256_of, verify_raw, write_registry
from lipresearch.rosters import load_own, make_national
from lipresearch.sources import read_source
from tests import profiles
from tests.official_files import table_text, zipped

ROOT = Path(__file__).resolve().parent.parent
DAY = "2026-11-24T13:52:00Z"
Areas = dict[str, dict[str, str]]


def made_up(root: Path) -> Areas:
    """Return figures for the areas that the catchments declare, as the web data service is asked for them."""
    rows = load_catchments(root).declared
    dguids = sorted(
        {f"2021A000{3 if row.level == 'cd' else 5}{row.area}" for row in rows.itertuples() if row.level != "hood140"}
    )
    return {dguid: profiles.figures(place) for place, dguid in enumerate(dguids)}


def raw_bytes(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "data").rglob("*"))
        if path.is_file() and "design" not in path.parts
    }


def measured(root: Path, without: bool = False) -> Mapping[str, pd.DataFrame]:
    evidence = Evidence(root, frozenset({NAME} if without else ()))
    return {name: frame for step in STEPS[NAME] for name, frame in step(evidence).items()}


def test_the_way_from_a_bulk_file_to_rankings_and_back(project_copy: Path, tmp_path: Path) -> None:
    root, folder = project_copy, tmp_path / "downloads"
    build(root)
    before = raw_bytes(root)
    areas = made_up(root)
    profiles.put_bulk(folder, areas)
    profiles.put_2016(folder, made_up_2016(root))
    steps: list[str] = []
    made, _ = compile_official(root, folder, progress=steps.append)
    assert (made.dataset, made.files, made.areas, made.missing) == (NAME, (profiles.BULK,), len(areas), ())
    assert steps == [
        "Census Profile 2021, Canada to census subdivisions, all characteristics: 1 file",
        "Census Profile 2016, Canada to census subdivisions: 1 file",
    ]
    verify_raw(root)
    rows = {row["cd"]: row for row in profiles.table(root / "data" / "raw" / NAME / "cd.csv")}
    assert {name: rows["3501"][name] for name in areas["2021A00033501"]} == areas["2021A00033501"]

    build(root)
    stored = pd.read_csv(root / "data/derived/site_measures.csv", dtype=str, keep_default_na=False)
    stored = stored.set_index(["site", "measure"])

    def shown(site: str, measure: str) -> tuple[str, str, str, str]:
        row = stored.loc[(site, measure)]
        assert row["low"] == row["high"] == row["value"]
        return row["value"], row["grade"], row["vintage"], row["sources"]

    # One division, and two of them added by hand from what was made up.
    one = areas["2021A00033521"]
    two = [areas["2021A00033501"], areas["2021A00033502"]]

    def of_both(*names: str) -> int:
        return sum(int(area[name]) for area in two for name in names)

    official = ("A", "2021", NAME)
    assert shown("peel", "immigrants_2021") == (one["immigrants"], *official)
    assert shown("eastern-ontario", "immigrants_2021") == (str(of_both("immigrants")), *official)
    share = round(100 * of_both("non_permanent_residents") / of_both("immigrant_status_total"), 2)
    assert shown("eastern-ontario", "non_permanent_2021_share") == (f"{share:g}", *official)
    assert shown("eastern-ontario", "recent_immigrants_2021") == (str(of_both("recent_immigrants")), *official)
    assert shown("peel", "recent_immigrants_2021") == (one["recent_immigrants"], *official)
    people = float(stored.loc[("peel", "population_2021"), "value"])
    per_1000 = round(1000 * int(one["recent_immigrants"]) / people, 2)
    assert shown("peel", "recent_immigrants_2021_per_1000") == (f"{per_1000:g}", "A", "2021", f"{NAME};population_2021")
    tongues = [of_both(name) for name in profiles.single_languages()]
    diversity = round(1 - sum((each / sum(tongues)) ** 2 for each in tongues), 4)
    assert shown("eastern-ontario", "mother_tongue_ldi_2021") == (f"{diversity:g}", *official)
    entropy = -sum(each / sum(tongues) * math.log(each / sum(tongues)) for each in tongues if each)
    assert shown("eastern-ontario", "mother_tongue_hill1_2021")[0] == f"{round(math.exp(entropy), 2):g}"
    assert shown("eastern-ontario", "mother_tongue_hill0_2021")[0] == str(sum(each > 0 for each in tongues))
    english, french = of_both("mother_tongue_english"), of_both("mother_tongue_french")
    three = [english, french, sum(tongues) - english - french]
    assert shown("eastern-ontario", "mother_tongue_three_2021")[0] == (
        f"{round(1 - sum((each / sum(tongues)) ** 2 for each in three), 4):g}"
    )
    ages = [name for name in one if name.startswith("age_") and name.removeprefix("age_").split("_")[0].isdecimal()]
    young = [name for name in ages if name in ("age_0_4", "age_5_9", "age_10_14")]
    residents = sum(int(one[f"age_{low}_{low + 4}"]) for low in range(0, 85, 5)) + int(one["age_85_over"])
    share = round(100 * sum(int(one[name]) for name in young) / residents, 1)
    assert shown("peel", "share_under_15_2021") == (f"{share:g}", *official)
    share = round(100 * of_both("visible_minority") / of_both("visible_minority_total"), 1)
    assert shown("eastern-ontario", "visible_minority_2021_share") == (f"{share:g}", *official)
    sectors = [of_both(name) for name in SECTORS]
    evenness = -sum(each / sum(sectors) * math.log(each / sum(sectors)) for each in sectors) / math.log(20)
    assert shown("eastern-ontario", "industry_evenness_2021") == (f"{round(evenness, 4):g}", *official)
    share = round(100 * max(sectors) / sum(sectors), 1)
    assert shown("eastern-ontario", "largest_industry_share_2021") == (f"{share:g}", *official)
    share = round(100 * int(one["agriculture"]) / int(one["all_industries"]), 1)
    assert shown("peel", "agriculture_share_2021") == (f"{share:g}", *official)
    assert shown("peel", "median_age_2021") == (one["median_age"], *official)
    assert shown("kingston", "median_household_income_2020") == (
        areas["2021A00053510010"]["median_household_income_after_tax"],
        *official,
    )
    assert stored.loc[("peel", "health_centres_per_1000_recent"), "sources"] == f"health_services;{NAME}"
    assert stored.loc[("peel", "settlement_points_per_1000_recent"), "sources"] == f"settlement_services_2022;{NAME}"
    # A median is never added; the counts say between which ages the middle lies.
    middle = stored.loc[("eastern-ontario", "median_age_2021")]
    assert (middle["value"], middle["low"], middle["high"], middle["grade"]) == ("not published", "45", "50", "B")
    assert middle["sources"] == NAME
    assert stored.loc[("eastern-ontario", "median_household_income_2020"), "value"] == "not published"
    # Rates of 2016 stay of 2016; sites of neighbourhoods keep their sources.
    assert shown("peel", "unemployment_2016")[1:] == ("A", "2016", PROFILE_2016)
    assert shown("peel", "immigrants_change_2016_2021")[1:] == ("A", "2016 to 2021", f"{PROFILE_2016};{NAME}")
    assert NAME not in stored.loc[("toronto-north", "immigrants_2021"), "sources"]
    changed = {name for name, content in raw_bytes(root).items() if before.get(name) != content}
    assert any(name.startswith("data/derived/rankings/lips-2012/health_need") for name in changed)

    assert remove_official(root) == (NAME, PROFILE_2016)
    build(root)
    assert raw_bytes(root) == before
    assert remove_official(root) == ()


# -- what is withheld, absent, or changed -------------------------------------------------------------


def test_a_withheld_or_absent_area_is_not_grade_a(project_copy: Path, tmp_path: Path) -> None:
    root, folder = project_copy, tmp_path / "downloads"
    areas = made_up(root)
    areas["2021A00033540"]["mother_tongue_tamil"] = "x"  # Huron, one division
    areas["2021A00033540"]["immigrants"] = "F"
    areas["2021A00033540"]["median_household_income_after_tax"] = "x"
    areas["2021A00033536"]["recent_immigrants"] = "x"  # Chatham-Kent, one division
    areas["2021A00033513"]["immigrants"] = "x"  # Prince Edward, the smaller division of Quinte
    del areas["2021A00033529"]  # Brant, the larger division of Grand Erie
    profiles.put_bulk(folder, areas)
    assert compile_official(root, folder)[0].missing == ("Brant (3529)",)
    row = next(row for row in profiles.table(root / "data/raw" / NAME / "cd.csv") if row["cd"] == "3540")
    assert (row["mother_tongue_tamil"], row["immigrants"], row["non_immigrants"]) == (
        "suppressed",
        "suppressed",
        areas["2021A00033540"]["non_immigrants"],
    )
    found, before = measured(root), measured(root, without=True)

    # Nothing else has Huron's languages: the reason is told. What other sources know of Huron stays.
    tongues = found["mother_tongue_ldi_2021"].loc["huron"]
    assert (tongues["reason"], tongues["detail"], tongues["sources"]) == (
        "suppressed",
        "suppressed for the areas of the catchment",
        NAME,
    )
    assert pd.isna(tongues["value"])
    assert found["immigrants_2021"].loc["huron", ["reason", "sources"]].tolist() == ["suppressed", NAME]
    income = found["median_household_income_2020"].loc["huron"]
    assert income.equals(before["median_household_income_2020"].loc["huron"])
    assert pd.notna(income["value"])
    assert (
        found["recent_immigrants_2021"].loc["chatham-kent"].equals(before["recent_immigrants_2021"].loc["chatham-kent"])
    )
    # What is not withheld is used.
    assert found["non_permanent_2021_share"].loc["chatham-kent", "grade"] == "A"

    # Of Quinte only Hastings is known, 85 in 100 residents; of Grand Erie only the smaller half: never grade A.
    catchments = load_catchments(root)
    covered = catchments.residents(catchments.geography.areas["cd"]["3512"]) / catchments.residents(
        catchments.atoms["quinte"]
    )
    hastings = areas["2021A00033512"]
    share = 100 * int(hastings["immigrants"]) / int(hastings["immigrant_status_total"])
    quinte = found["immigrants_2021_share"].loc["quinte"]
    assert quinte[["value", "low", "high", "covered"]].tolist() == pytest.approx(
        [share, share * covered, share * covered + 100 * (1 - covered), covered]
    )
    assert quinte[["grade", "detail", "sources"]].tolist() == ["B", "covers 85.0 % of residents", NAME]
    number = found["immigrants_2021"].loc["quinte"]
    assert pd.isna(number["value"])
    assert number["low"] == int(hastings["immigrants"])
    assert number["detail"] == "covers 85.0 % of residents; only bounds are known"
    half = found["mother_tongue_ldi_2021"].loc["grand-erie"]
    assert half[["grade", "reason", "detail", "sources"]].tolist() == [
        "",
        "not published",
        "covers 44.7 % of residents; 80 % needed",
        NAME,
    ]
    assert found["recent_immigrants_2021"].loc["grand-erie"].equals(before["recent_immigrants_2021"].loc["grand-erie"])


def test_what_comes_first() -> None:
    """Whole before anything, a part only where nothing better is known; a site that is not in it stays."""
    one = pd.Index(["a", "b", "c", "d"], name="site")
    official = finding(
        pd.Series([10.0, 20.0, None, None], index=one),
        low=pd.Series([10.0, 15.0, 30.0, None], index=one),
        high=pd.Series([10.0, 40.0, 60.0, None], index=one),
        vintage="2021",
        grade="A",
        sources="official",
        covered=pd.Series([1.0, 0.9, 0.6, 0.0], index=one),
        reason=pd.Series(["", "", "not published", "suppressed"], index=one),
    )
    other = finding(pd.Series([1.0] * 4, index=one), vintage="2016", grade="C", sources="other")
    nothing = finding(pd.Series([None] * 4, index=one), vintage="", grade="", sources="other", reason="not published")
    assert prefer_profile(other, official)["sources"].tolist() == ["official", "other", "other", "other"]
    assert prefer_profile(nothing, official)["sources"].tolist() == ["official"] * 4
    assert prefer_profile(nothing, official)["reason"].tolist() == ["", "", "not published", "suppressed"]
    assert prefer_profile(other, None) is other
    # Where the profile does not cover the whole, the site says which of its areas were others.
    told = prefer_profile(other, official, {"a": "A: it moved", "b": "B: it moved"})["detail"].tolist()
    assert told == ["", "not of today's territory in the profile of 2016: B: it moved", "", ""]
    assert other["detail"].tolist() == [""] * 4
    beyond = prefer_profile(other, official.loc[["a"]])
    assert beyond["sources"].tolist() == ["official", "other", "other", "other"]


def test_subdivisions_stand_for_a_division_that_is_not_there(project_copy: Path, tmp_path: Path) -> None:
    root, folder = project_copy, tmp_path / "downloads"
    inner = sorted(dguid for dguid in areas_of_sites(load_catchments(root), CENSUSES["2021"]) if dguid[9:13] == "3540")
    assert inner[0] == "2021A00033540"
    areas = {dguid: profiles.figures(place) for place, dguid in enumerate(inner[1:])}
    profiles.put_bulk(folder, areas, "98-401-X2021021_eng_CSV.zip")
    assert compile_official(root, folder)[0].areas == len(inner) - 1
    huron = population_2021_profile(Evidence(root))["immigrants_2021"].loc["huron"]
    assert huron["value"] == sum(int(area["immigrants"]) for area in areas.values())
    assert huron["grade"] == "A"

    # With the division too, its own figure is taken and nothing counted twice.
    profiles.put_bulk(folder, {**areas, inner[0]: profiles.figures(40)})
    compile_official(root, folder)
    again = population_2021_profile(Evidence(root))["immigrants_2021"]
    assert again.loc["huron", "value"] == int(profiles.figures(40)["immigrants"])


def test_answers_of_the_web_data_service_give_the_same_tables(project_copy: Path, tmp_path: Path) -> None:
    root, areas = project_copy, made_up(project_copy)
    areas["2021A00033540"]["mother_tongue_tamil"] = "x"
    profiles.put_bulk(tmp_path / "bulk", areas)
    compile_official(root, tmp_path / "bulk")
    raw = root / "data" / "raw" / NAME
    tables = {path.name: path.read_bytes() for path in raw.glob("*.csv")}
    card = (raw / "SOURCE.toml").read_bytes()
    profiles.put_answers(tmp_path / "served", areas)
    (made,) = compile_official(root, tmp_path / "served")
    assert {path.name: path.read_bytes() for path in raw.glob("*.csv")} == tables
    # 40 characteristics at most in an answer, divisions and subdivisions apart, and the code lists.
    assert len(made.files) == 2 * math.ceil(len(profiles.declared("web-2021")) / 40) + 1
    assert made.files[-1] == profiles.CODES
    verify_raw(root)
    # Again the bulk file: the same bytes as the first time.
    compile_official(root, tmp_path / "bulk")
    assert (raw / "SOURCE.toml").read_bytes() == card

    (tmp_path / "served" / profiles.CODES).unlink()
    with pytest.raises(
        NotFoundError, match=r"have no names; nothing was changed\.\nDownload it: lipresearch fetch census"
    ):
        compile_official(root, tmp_path / "served")


def test_areas_come_from_the_next_file_where_the_first_lacks_them(project_copy: Path, tmp_path: Path) -> None:
    root, folder, areas = project_copy, tmp_path / "downloads", made_up(project_copy)
    divisions = {dguid: row for dguid, row in areas.items() if dguid[4:9] == "A0003"}
    profiles.put_bulk(folder, divisions, "98-401-X2021004_eng_CSV.zip")
    other = {dguid: profiles.figures(99) for dguid in areas}
    profiles.put_answers(folder, other)
    (made,) = compile_official(root, folder)
    assert made.missing == ()
    found = population_2021_profile(Evidence(root))["immigrants_2021"]
    assert found.loc["peel", "value"] == int(areas["2021A00033521"]["immigrants"])
    assert found.loc["kingston", "value"] == int(profiles.figures(99)["immigrants"])


def test_a_changed_layout_leaves_everything_as_it_was(project_copy: Path, tmp_path: Path) -> None:
    root, folder, areas = project_copy, tmp_path / "downloads", made_up(project_copy)
    profiles.put_bulk(folder, areas)
    compile_official(root, folder)
    before = raw_bytes(root)
    header = profiles.HEADER_2021.replace("C1_COUNT_TOTAL", "COUNT")
    profiles.put_bulk(folder, areas, header=header)
    with pytest.raises(TableError) as caught:
        compile_official(root, folder)
    assert len(caught.value.problems) == 1
    message = str(caught.value)
    assert f"{profiles.BULK}: 98-401-X2021005_English_CSV_data.csv" in message
    assert "'COUNT'" in message
    assert "each once 'C1_COUNT_TOTAL'" in message
    assert raw_bytes(root) == before
    assert sorted(path.name for path in (root / "data").iterdir()) == ["derived", "design", "raw"]


def test_a_label_that_moved_is_told(project_copy: Path, tmp_path: Path) -> None:
    root, folder, areas = project_copy, tmp_path / "downloads", made_up(project_copy)
    before = raw_bytes(root)
    profiles.put_bulk(folder, areas)
    whole = profiles.bulk(areas).replace(b',1529,"', b',1530,"', 1)
    (folder / profiles.BULK).unlink()
    zipped(folder / profiles.BULK, {"98-401-X2021005_English_CSV_data.csv": whole})
    with pytest.raises(TableError, match="id 1530"):
        compile_official(root, folder)
    assert raw_bytes(root) == before


def test_no_files_and_other_areas(project_copy: Path, tmp_path: Path) -> None:
    with pytest.raises(
        NotFoundError,
        match=r"Nothing to compile lies in .*, no census profile of 2021 or 2016 .*changed\.\nDownload one fir",
    ):
        compile_official(project_copy, tmp_path / "nothing")
    profiles.put_bulk(tmp_path, {"2021A00035999": profiles.figures(1)})
    with pytest.raises(
        NotFoundError, match=r"None of the \d+ areas of the sites is in what was downloaded \(census-prof"
    ):
        compile_official(project_copy, tmp_path)
    assert not (project_copy / "data" / "raw" / NAME).exists()


def test_a_file_that_is_not_the_recorded_one(project_copy: Path, tmp_path: Path) -> None:
    profiles.put_bulk(tmp_path, made_up(project_copy))
    record = Record(profiles.BULK, "census-profile-2021-csd-bulk", "https://example.org/a", "fetched", DAY, 5, "0" * 64)
    write_download_records(tmp_path, [record])
    with pytest.raises(
        DataChangedError, match=r"does not hold the files that were recorded; nothing was changed\.\n  98-4"
    ):
        compile_official(project_copy, tmp_path)
    right = sha256_of(tmp_path / profiles.BULK)
    write_download_records(tmp_path, [replace(record, sha256=right)])
    compile_official(project_copy, tmp_path)
    card = read_source(project_copy, NAME)
    assert card.accessed == DAY[:10]
    assert card.origins == (
        {"file": profiles.BULK, "bytes": (tmp_path / profiles.BULK).stat().st_size, "sha256": right},
    )


def test_a_changed_table_of_another_dataset_is_not_recorded_anew(project_copy: Path, tmp_path: Path) -> None:
    profiles.put_bulk(tmp_path, made_up(project_copy))
    other = project_copy / "data" / "raw" / "census_facts" / "facts.csv"
    other.write_bytes(other.read_bytes() + b"\n")
    compile_official(project_copy, tmp_path)
    with pytest.raises(DataChangedError, match=r"census_facts/facts\.csv"):
        verify_raw(project_copy)


def test_the_download_stays_when_the_copies_are_compiled(project_copy: Path, tmp_path: Path) -> None:
    """``write_registry`` is what compiling the copies ends with."""
    profiles.put_bulk(tmp_path, made_up(project_copy))
    compile_official(project_copy, tmp_path)
    before = raw_bytes(project_copy)
    write_registry(project_copy)
    assert raw_bytes(project_copy) == before


def test_the_command_line(
    project_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(project_copy))

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["compile", *arguments])
        shown = capsys.readouterr()
        return (stopped.value.code if isinstance(stopped.value.code, int) else 0), shown.out, shown.err

    profiles.put_bulk(tmp_path, {dguid: row for dguid, row in made_up(project_copy).items() if dguid[9:] != "3540"})
    code, out, _ = run("--official", str(tmp_path))
    assert code == 0
    assert "Not in the files: Huron (3540). Their sites keep the sources that they had." in out
    assert "Recent immigrants (2016-2021)" in out
    assert "measures rise to grade A, for up to" in out
    assert run("--remove-official")[1] == f"Removed from data/raw: {NAME}. Next: lipresearch build\n"
    assert run("--remove-official")[1] == "There was none.\n"
    assert run()[2].startswith("Error: Say what to compile: --sources FOLDER, --official (with or without FOLDER), ")
    assert run(str(tmp_path))[0] == 1
    assert run("--official", "--sources", str(tmp_path))[0] == 1
    code, _, err = run("--official", "--only", "facts")
    assert (code, err) == (
        1,
        "Error: A folder without a name goes with --official only, --only with --sources only.\n",
    )


# -- the profile of 2016 ------------------------------------------------------------------------------

#: The single languages of the profile of 2016: those that Hamilton's own has.
ALL_TONGUES = [
    f"mother_tongue_{row['language']}" for row in profiles.table(ROOT / "data/raw/hamilton_2016/languages.csv")
]
#: Simcoe's border of 2016: fifteen residents of Severn have lived in Muskoka since.
SEVERN, BRAMPTON = "3543015", "3521010"


def published_2016(root: Path) -> dict[str, int]:
    """Return residents of 2016 as first published, by code; where only the restated count is known, that one."""
    found = {}
    for level in ("cd", "csd"):
        for row in profiles.table(root / f"data/raw/population_2021/{level}.csv"):
            if row["population_2016"].isdecimal():
                found[row[level]] = int(row["population_2016"])
    for dataset, level in (("csd_2016_da_sums", "csd"), ("population_2016", "cd")):
        for row in profiles.table(root / f"data/raw/{dataset}/{level}.csv"):
            found[row[level]] = int(row["population_2016"])
    # What moved between Brampton and its neighbours stayed in Peel.
    return found | {SEVERN: found[SEVERN] + 15, "3529005": 36_707, BRAMPTON: found[BRAMPTON] - 9}


def made_up_2016(root: Path) -> Areas:
    """Return figures of 2016 for the declared areas, Simcoe's subdivisions, Brantford and Brant."""
    people = published_2016(root)
    codes = {dguid[9:] for dguid in made_up(root)} | {code for code in people if len(code) == 7 and code[:4] == "3543"}
    return {
        code: profiles.figures_2016(place, people[code])
        for place, code in enumerate(sorted(codes | {"3529005", "3529006", BRAMPTON}))
    }


@dataclass(frozen=True)
class Then:
    """A project with both profiles: what was made up of each census, and the measures of 2016 and of change."""

    root: Path
    areas: Areas
    now: Areas
    made: tuple[Obtained, ...]
    found: Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def then(tmp_path_factory: pytest.TempPathFactory) -> Then:
    root = tmp_path_factory.mktemp("both") / "project"
    shutil.copytree(ROOT / "data", root / "data")
    areas, now = made_up_2016(root), made_up(root)
    profiles.put_2016(root / "downloads", areas)
    profiles.put_bulk(root / "downloads", now)
    made = compile_official(root, root / "downloads")
    evidence = Evidence(root)
    return Then(
        root, areas, now, made, {name: each for step in STEPS[PROFILE_2016] for name, each in step(evidence).items()}
    )


def test_whichever_files_lie_there_are_compiled_together(then: Then) -> None:
    assert [(made.dataset, made.files, made.missing) for made in then.made] == [
        (NAME, (profiles.BULK,), ()),
        (PROFILE_2016, (profiles.BULK_2016,), ()),
    ]
    assert then.made[1].areas == len(then.areas)
    verify_raw(then.root)
    card = read_source(then.root, PROFILE_2016)
    assert (card.short, card.vintage, card.catalogue) == ("Census Profile 2016", "2016", "98-401-X2016")
    rows = {row["cd"]: row for row in profiles.table(then.root / "data/raw" / PROFILE_2016 / "cd.csv")}
    assert {name: rows["3521"][name] for name in then.areas["3521"]} == then.areas["3521"]


def test_measures_of_2016_come_from_its_profile(then: Then) -> None:
    peel = {name: int(cell) for name, cell in then.areas["3521"].items()}

    def share(part: str, *whole: str) -> float:
        return 100 * peel[part] / sum(peel[name] for name in whole)

    old = peel["immigrants_before_1981"] + peel["immigrants_1981_1990"]
    tongues = [peel[name] for name in peel if name in ALL_TONGUES]
    english, french = peel["mother_tongue_english"], peel["mother_tongue_french"]
    three = [english, french, sum(tongues) - english - french]
    expected = {
        "first_generation_2016_share": share("first_generation", "generation_total"),
        "neither_official_2016_share": share("neither_english_nor_french", "official_languages_total"),
        "unemployment_2016": share("unemployed", "labour_force"),
        "bachelor_2016": share("bachelor", "adults_25_64"),
        "arrived_before_1991_share_2016": 100 * old / peel["immigrants"],
        "arrived_2011_2016_share_2016": share("recent_immigrants", "immigrants"),
        "admitted_economic_share_2016": share("admission_economic", "admission_total"),
        "admitted_family_share_2016": share("admission_family", "admission_total"),
        "admitted_refugees_share_2016": share("admission_refugees", "admission_total"),
        "mother_tongue_ldi_2016": 1 - sum((each / sum(tongues)) ** 2 for each in tongues),
        "mother_tongue_range_2016": 1 - sum((each / sum(tongues)) ** 2 for each in tongues),
        "mother_tongue_three_2016": 1 - sum((each / sum(tongues)) ** 2 for each in three),
        "mother_tongue_hill0_2016": sum(each > 0 for each in tongues),
        "french_mother_tongue_2016_share": 100 * french / sum(tongues),
    }
    for measure, value in expected.items():
        row = then.found[measure].loc["peel"]
        assert row["value"] == pytest.approx(value), measure
        assert row[["grade", "vintage", "sources", "detail"]].tolist() == ["A", "2016", PROFILE_2016, ""], measure


def test_counts_of_2016_are_added_over_divisions(then: Then) -> None:
    one, two = then.areas["3528"], then.areas["3529"]
    part, whole = (int(one[name]) + int(two[name]) for name in ("bachelor", "adults_25_64"))
    row = then.found["bachelor_2016"].loc["grand-erie"]
    assert row["value"] == pytest.approx(100 * part / whole)
    assert row["grade"] == "A"


def test_a_site_whose_border_moved_keeps_what_it_had_and_says_why(then: Then) -> None:
    moved = "Simcoe: 15 residents went with a boundary between 2016 and 2021"
    words = f"not of today's territory in the profile of 2016: {moved}"
    had = first_generation(Evidence(then.root, frozenset({PROFILE_2016})))["first_generation_2016_share"].loc["simcoe"]
    kept = then.found["first_generation_2016_share"].loc["simcoe"]
    assert kept.drop("detail").equals(had.drop("detail"))
    assert kept["detail"] == f"estimated from forward sortation areas; {words}"
    # Where it had nothing, the subdivisions that kept their residents stand for it, never as the whole.
    people = load_catchments(then.root)
    inside = [code for code in then.areas if len(code) == 7 and code[:4] == "3543" and code != SEVERN]
    share = 1 - people.residents(frozenset({f"csd:{SEVERN}"})) / people.residents(people.atoms["simcoe"])
    row = then.found["french_mother_tongue_2016_share"].loc["simcoe"]
    french, everyone = (
        sum(int(then.areas[code][name]) for code in inside for name in names)
        for names in (["mother_tongue_french"], ALL_TONGUES)
    )
    assert row["value"] == pytest.approx(100 * french / everyone)
    assert row[["grade", "sources"]].tolist() == ["B", PROFILE_2016]
    assert row["covered"] == pytest.approx(share)
    assert row["detail"] == f"covers {100 * share:.1f} % of residents; {words}"
    kept_sites = sites_that_keep(then.root)
    assert kept_sites["Simcoe County"] == moved
    assert "Peel Region" not in kept_sites


def test_areas_that_exchanged_residents_are_taken_together_only(then: Then) -> None:
    evidence = Evidence(then.root)
    areas = evidence.catchments.geography.areas["csd"]
    atoms = {"city": areas["3529006"], "both": areas["3529005"] | areas["3529006"]}
    evidence.__dict__["catchments"] = replace(evidence.catchments, atoms=atoms)
    sums = evidence.profile_sums(["immigrants"], PROFILE_2016)
    assert sums.sums.loc["both", "immigrants"] == sum(
        int(then.areas[code]["immigrants"]) for code in ("3529005", "3529006")
    )
    assert sums.covered.tolist() == [1.0, 0.0]
    assert sums.detail["city"] == "not published for the same territory"
    assert evidence.moved == {"city": "Brantford: 1,067 residents came with a boundary between 2016 and 2021"}


def test_change_is_official_where_both_profiles_are(then: Then) -> None:
    old, new = then.areas["3521"], then.now["2021A00033521"]
    row = then.found["immigrants_change_2016_2021"].loc["peel"]
    assert row["value"] == pytest.approx(100 * (int(new["immigrants"]) / int(old["immigrants"]) - 1))
    assert row[["grade", "sources", "detail"]].tolist() == ["A", f"{PROFILE_2016};{NAME}", ""]
    # Fifteen residents of Simcoe are told with its change, which has bounds.
    simcoe = then.found["immigrants_change_2016_2021"].loc["simcoe"]
    old, new = then.areas["3543"], then.now["2021A00033543"]
    assert simcoe["value"] == pytest.approx(100 * (int(new["immigrants"]) / int(old["immigrants"]) - 1))
    assert simcoe["high"] == pytest.approx(100 * (int(new["immigrants"]) / (int(old["immigrants"]) - 15) - 1))
    assert simcoe["grade"] == "C"
    assert simcoe["detail"] == "15 residents passed from Simcoe to Muskoka between 2016 and 2021"


def test_change_of_languages_is_counted_over_the_common_ones(then: Then) -> None:
    groups = [
        {name: int(cells[f"mother_tongue_{name}"]) for name in ("english", "french", "arabic", "tamil", third)}
        for cells, third in ((then.areas["3521"], "ojibway"), (then.now["2021A00033521"], "oji_cree"))
    ]
    numbers = []
    for group in groups:
        parts = [count / sum(group.values()) for count in group.values() if count]
        numbers.append(math.exp(-sum(part * math.log(part) for part in parts)))
    row = then.found["mother_tongue_hill1_change_2021"].loc["peel"]
    assert row["value"] == pytest.approx(numbers[1] - numbers[0])
    assert row[["grade", "sources"]].tolist() == ["A", f"{PROFILE_2016};{NAME}"]
    assert pd.isna(then.found["mother_tongue_hill1_change_2021"].loc["simcoe", "value"])


def test_divisions_alone_are_enough_and_an_undeclared_change_is_told(project_copy: Path, tmp_path: Path) -> None:
    root, areas = project_copy, made_up_2016(project_copy)
    divisions = {code: row for code, row in areas.items() if len(code) == 4}
    divisions["3540"] = divisions["3540"] | {"population": str(int(divisions["3540"]["population"]) - 7)}
    name = "98-401-X2016060_eng_CSV.zip"
    profiles.put_2016(tmp_path, divisions, name, "Profile of Census Divisions (2247)")
    (made,) = compile_official(root, tmp_path)
    assert (made.dataset, made.files) == (PROFILE_2016, (name,))
    assert "Kingston (3510010)" in made.missing
    found = neither_language_2016(Evidence(root))["neither_official_2016_share"]
    peel = divisions["3521"]
    assert found.loc["peel", "value"] == pytest.approx(
        100 * int(peel["neither_english_nor_french"]) / int(peel["official_languages_total"])
    )
    assert found.loc["huron", ["grade", "sources"]].tolist() == ["C", "first_generation_2016"]
    assert found.loc["huron", "detail"].endswith(
        "; not of today's territory in the profile of 2016: Huron: a boundary change of 2016 to 2021 is not declared "
        "(+7 residents)"
    )
    assert PROFILE_2016 not in set(found.loc[["kingston", "simcoe"], "sources"])


def test_a_bad_file_of_one_census_leaves_both_as_they_were(project_copy: Path, tmp_path: Path) -> None:
    root, areas = project_copy, made_up_2016(project_copy)
    profiles.put_2016(tmp_path, areas)
    profiles.put_bulk(tmp_path, made_up(root))
    compile_official(root, tmp_path)
    before = raw_bytes(root)
    whole = profiles.bulk_2016(areas, "Profile of Census Divisions/Census Subdivisions (2247)")
    broken = whole.replace(b'"  First generation",1279,', b'"  First generation",1280,', 1)
    assert broken != whole
    (tmp_path / profiles.BULK_2016).unlink()
    zipped(tmp_path / profiles.BULK_2016, {"98-401-X2016055_English_CSV_data.csv": broken})
    profiles.put_bulk(tmp_path, {dguid: profiles.figures(50) for dguid in made_up(root)})
    with pytest.raises(TableError, match="1280"):
        compile_official(root, tmp_path)
    assert raw_bytes(root) == before
    assert remove_official(root) == (NAME, PROFILE_2016)
    assert not [name for name in raw_bytes(root) if "census_profile" in name]


def test_the_population_of_2016_must_be_declared(project_copy: Path, tmp_path: Path) -> None:
    profiles.put_2016(tmp_path, {code: row for code, row in made_up_2016(project_copy).items() if code == "3521"})
    path = project_copy / "data/design/census_characteristics.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(row for row in rows if not row.startswith("population,2016,profile-2016,")), encoding="utf-8"
    )
    with pytest.raises(
        TableError, match=r"found no row population of profile-2016, expected that row\. It shows which"
    ):
        compile_official(project_copy, tmp_path)


def test_the_command_line_tells_moved_boundaries_and_facilities(
    then: Then, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(then.root))
    monkeypatch.setattr("lipresearch.gained.grades_gained", lambda root: pd.DataFrame())
    put_odhf(tmp_path, facilities(then.root))

    def run() -> str:
        with pytest.raises(SystemExit) as stopped:
            main(["compile", "--official", str(tmp_path)])
        assert stopped.value.code == 0
        return capsys.readouterr().out

    number = len({row[8].removesuffix(".0") for row in facilities(then.root) if row[8]})
    assert run().endswith(
        f"Compiled {number} census subdivisions into data/raw/health_facilities_canada.\n"
        "Hospitals of every area go into a roster of Canada: lipresearch roster make csd --from FILE\n"
    )
    profiles.put_2016(tmp_path, then.areas)
    out = run()
    assert "Not of today's territory in the profile of 2016, so left out:\n" in out
    assert "  Simcoe County: Simcoe: 15 residents went with a boundary between 2016 and 2021\n" in out
    assert out.endswith("No measure of any site can be computed from them. Next: lipresearch build\n")
    assert f"Compiled {len(then.areas)} census divisions and subdivisions into data/raw/{PROFILE_2016}.\n" in out


# -- what becomes of each download ---------------------------------------------------------------------


def test_the_table_says_what_becomes_of_each_download() -> None:
    compiled = {name: census.name for census in CENSUSES.values() for name in census.downloads}
    compiled[ODHF] = FACILITIES_CANADA
    assert set(compiled.values()) == set(OPTIONAL)
    known = load_downloads(ROOT)
    assert {*compiled, *HELD, CODES} <= set(known)
    for name, entry in known.items():
        begins = (
            f"compiled into {compiled[name]}: "
            if name in compiled
            else f"already in data/raw/{HELD[name]} at grade A"
            if name in HELD
            else "compiled with census-profile-2021, "
            if name == CODES
            else "to read with "
        )
        assert entry.improves.startswith(begins), name
    document = (ROOT / "docs/downloads.md").read_text(encoding="utf-8")
    for name in known:
        assert f"`{name}`" in document, name


# -- the open database of health facilities -----------------------------------------------------------

ZIP = "ODHF_v1.1.zip"
COLUMNS = "index,facility_name,source_facility_type,odhf_facility_type,provider,city,province,CSDname,CSDuid,latitude"


def facilities(root: Path) -> list[list[str]]:
    """Return rows of the open database: those that data/raw has, and four of other provinces."""
    rows = [
        [row["facility"], "A", "", row["kind"], "", "", row["province"].lower(), "Place", row["csd"], ""]
        for row in profiles.table(root / "data/raw/health_facilities_odhf/facilities.csv")
    ]
    ours = [row for row in rows if row[8]]
    return [
        *ours,
        ["90001", "Hôpital", "", "Hospitals", "", "montréal", "qc", "Montréal", "2466023", "45.5"],
        ["90002", "Hôpital", "", "hospitals", "", "montréal", "qc", "Montréal", "2466023.0", "45.5"],
        ["90003", "Clinic", "", "Ambulatory health care services", "", "laval", "qc", "Laval", "2465005", ""],
        ["90004", "Hospital", "", "Hospitals", "", "moncton", "nb", "", "", ""],
        ["90005", "Hospital", "", "Hospitals", "", "halifax", "ns", "Elsewhere", "4806016", ""],
    ]


def put_odhf(folder: Path, rows: Sequence[Sequence[str]], header: str = COLUMNS) -> None:
    folder.mkdir(exist_ok=True)
    text = table_text([header.split(","), *rows])
    zipped(folder / ZIP, {"ODHF_v1.1/odhf_v1.1.csv": text.encode("cp1252"), "ODHF_v1.1/ODHF_Metadata.csv": b"a"})


def test_the_open_database_gives_hospitals_to_a_roster_of_canada(project_copy: Path, tmp_path: Path) -> None:
    root, said = project_copy, list[str]()
    before = raw_bytes(root)
    rows = facilities(root)
    put_odhf(tmp_path / "down", rows)
    (made,) = compile_official(root, tmp_path / "down", said.append)
    held = len(profiles.table(root / "data/raw/health_facilities_odhf/facilities.csv"))
    lost = held - (len(rows) - 5)
    assert made.dataset == FACILITIES_CANADA
    assert said[0].startswith(
        f"Open Database of Healthcare Facilities, version 1.1: {len(rows):,} facilities. {lost} of the {held:,} in "
        "data/raw/health_facilities_odhf are others in it (number "
    )
    table = {row["csd"]: row for row in profiles.table(root / "data/raw" / FACILITIES_CANADA / "csd.csv")}
    assert list(table["2466023"].values()) == ["2466023", "Montréal", "QC", "0", "2", "0"]
    unplaced = {row["province"]: row for row in profiles.table(root / "data/raw" / FACILITIES_CANADA / "province.csv")}
    assert (unplaced["NB"]["hospitals"], unplaced["NS"]["hospitals"], unplaced["QC"]["hospitals"]) == ("1", "1", "0")
    verify_raw(root)

    places = {
        "2466023": "100000",
        "2465005": "50000",
        "1307022": "80000",
        "2499999": "0",
        "2499998": "",
        "5915022": "9",
    }
    counts = [f"Population and dwelling counts (13): {text}" for text in (
        "Population, 2021 [1]", "Population percentage change, 2016 to 2021 [3]",
        "Land area in square kilometres, 2021 [10]", "Population density per square kilometre, 2021 [11]",
    )]  # fmt: skip
    header = ["GEO", "DGUID", *(cell for name in counts for cell in (name, "Symbols"))]
    lines = [
        [f"Place {code}", f"2021A0005{code}", people, "" if people else "..", *("1", "") * 3]
        for code, people in places.items()
    ]
    (tmp_path / "list.csv").write_text(table_text([header, *lines]), encoding="utf-8")
    assert make_national(root, "csd", tmp_path / "list.csv", tmp_path / "canada.csv") == (6, 30)
    found = {
        row["site"]: (row["value"], row["grade"])
        for row in profiles.table(tmp_path / "canada_measures.csv")
        if row["measure"] == "odhf_hospitals_per_10000"
    }
    assert found == {
        "2466023": ("0.2", "A"),
        "2465005": ("0", "A"),
        "1307022": ("0", "B"),
        "2499999": ("not applicable", ""),
        "2499998": ("suppressed", ""),
        "5915022": ("not published", ""),  # no facility of British Columbia is in the file
    }
    sources = [row["source"] for row in profiles.table(tmp_path / "canada_measures.csv") if row["site"] == "1307022"]
    assert sources[-1].endswith("and table 98-10-0002-02; 1 of the province's hospitals have no area")
    own = load_own(root, str(tmp_path / "canada.csv"))
    assert own.measures["measure"].nunique() >= 5
    assert remove_official(root) == (FACILITIES_CANADA,)
    assert raw_bytes(root) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[0].__setitem__(3, "Spa"), "odhf_facility_type: found 'Spa', expected one of ambulatory"),
        (lambda rows: rows[0].__setitem__(6, "uk"), "province: found 'uk', expected a province of Canada, two letters"),
        (lambda rows: rows[0].__setitem__(8, "35"), "CSDuid: found '35', expected the code of a census subdivision"),
        (lambda rows: rows.append(rows[0]), "column index: found '90001', expected each number once"),
    ],
)
def test_an_open_database_that_is_another_changes_nothing(
    project_copy: Path, tmp_path: Path, change: Callable[[list[list[str]]], None], message: str
) -> None:
    rows = facilities(project_copy)[-5:]
    change(rows)
    put_odhf(tmp_path, rows)
    before = raw_bytes(project_copy)
    with pytest.raises(TableError, match=message):
        compile_official(project_copy, tmp_path)
    assert raw_bytes(project_copy) == before


def test_an_open_database_of_another_layout_or_record_changes_nothing(project_copy: Path, tmp_path: Path) -> None:
    put_odhf(tmp_path, facilities(project_copy)[-5:], COLUMNS.replace("CSDuid", "CSD"))
    with pytest.raises(TableError, match=r"odhf_v1\.1\.csv, row 1: found the columns 'index', .*each once 'CSDuid'"):
        compile_official(project_copy, tmp_path)
    put_odhf(tmp_path, facilities(project_copy)[-5:])
    write_download_records(tmp_path, [Record(ZIP, ODHF, "https://example.org/a", "fetched", DAY, 5, "0" * 64)])
    with pytest.raises(DataChangedError, match="does not hold the files that were recorded; nothing was changed"):
        compile_official(project_copy, tmp_path)
    assert not (project_copy / "data/raw" / FACILITIES_CANADA).exists()
