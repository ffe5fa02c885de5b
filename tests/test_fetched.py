"""From downloaded files to grade A: made-up census profiles in the official layouts, compiled and built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lipresearch.build import build
from lipresearch.catchments import load_catchments
from lipresearch.cli import main
from lipresearch.compilers.census_profile import CENSUSES
from lipresearch.downloads import Record, write_download_records
from lipresearch.errors import DataChangedError, NotFoundError, TableError
from lipresearch.evidence import PROFILE as NAME
from lipresearch.evidence import Evidence, finding, prefer_profile
from lipresearch.fetched import areas_of_sites, compile_official, remove_official
from lipresearch.gained import PROFILES, STEPS
from lipresearch.more_evidence import SECTORS
from lipresearch.registry import sha256_of, verify_raw, write_registry
from lipresearch.sources import read_source
from tests import profiles
from tests.official_files import zipped

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
    evidence = Evidence(root, PROFILES if without else frozenset())
    found: dict[str, pd.DataFrame] = {}
    for step in STEPS:
        found |= step(evidence)
    return found


def test_the_way_from_a_bulk_file_to_rankings_and_back(project_copy: Path, tmp_path: Path) -> None:
    root, folder = project_copy, tmp_path / "downloads"
    build(root)
    before = raw_bytes(root)
    areas = made_up(root)
    profiles.put_bulk(folder, areas)
    steps: list[str] = []
    (made,) = compile_official(root, folder, progress=steps.append)
    assert (made.dataset, made.files, made.areas, made.missing) == (NAME, (profiles.BULK,), len(areas), ())
    assert steps == ["Census Profile 2021, Canada to census subdivisions, all characteristics: 1 file"]
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
    assert stored.loc[("peel", "unemployment_2016"), "sources"] == "labour_2016"
    assert NAME not in stored.loc[("toronto-north", "immigrants_2021"), "sources"]
    changed = {name for name, content in raw_bytes(root).items() if before.get(name) != content}
    assert any(name.startswith("data/derived/rankings/lips-2012/health_need") for name in changed)

    assert remove_official(root) == (NAME,)
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
    beyond = prefer_profile(other, official.loc[["a"]])
    assert beyond["sources"].tolist() == ["official", "other", "other", "other"]


def test_subdivisions_stand_for_a_division_that_is_not_there(project_copy: Path, tmp_path: Path) -> None:
    root, folder = project_copy, tmp_path / "downloads"
    inner = sorted(dguid for dguid in areas_of_sites(load_catchments(root), CENSUSES["2021"]) if dguid[9:13] == "3540")
    assert inner[0] == "2021A00033540"
    areas = {dguid: profiles.figures(place) for place, dguid in enumerate(inner[1:])}
    profiles.put_bulk(folder, areas, "98-401-X2021021_eng_CSV.zip")
    assert compile_official(root, folder)[0].areas == len(inner) - 1
    huron = measured(root)["immigrants_2021"].loc["huron"]
    assert huron["value"] == sum(int(area["immigrants"]) for area in areas.values())
    assert huron["grade"] == "A"

    # With the division too, its own figure is taken and nothing counted twice.
    profiles.put_bulk(folder, {**areas, inner[0]: profiles.figures(40)})
    compile_official(root, folder)
    assert measured(root)["immigrants_2021"].loc["huron", "value"] == int(profiles.figures(40)["immigrants"])


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
    found = measured(root)["immigrants_2021"]
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
        NotFoundError, match=r"No census profile of 2021 or 2016 lies in .*; nothing was changed\.\nDownload one fir"
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
