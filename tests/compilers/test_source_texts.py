"""The coding of the source texts: valid by itself, found in the texts, and written as it is coded."""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.compile import compile_sources
from lipresearch.compilers import source_texts
from lipresearch.compilers.base import Sources, missing_message
from lipresearch.compilers.source_texts import (
    CODING,
    FACTS,
    LONGEST_ANCHOR,
    SEEDS,
    anchor_problems,
    compile_source_texts,
    count_names,
    holds,
    plain,
    read_coding,
    read_parts,
    split_sections,
)
from lipresearch.errors import NotFoundError, TableError

ROOT = Path(__file__).resolve().parent.parent.parent
RAW = ROOT / "data" / "raw" / "source_texts"
DESIGN = ROOT / "data" / "design"
FIXTURES = ROOT / "tests" / "fixtures"
NAMES = {seed: Path(file).name for seed, file in SEEDS.items()}
SIX = {"hamilton", "huron", "kingston", "peel", "thunder-bay", "west-downtown-toronto"}


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def raw(table: str) -> list[dict[str, str]]:
    return rows(RAW / f"{table}.csv")


def seeds_folder() -> Path | None:
    named = os.environ.get("LIPRESEARCH_SOURCES")
    sources = Path(named) if named else ROOT.parent / "shared" / "sources"
    folder = sources / ".." / "seeds"
    return folder if folder.is_dir() else None


needs_texts = pytest.mark.skipif(
    seeds_folder() is None,
    reason="no source texts: set LIPRESEARCH_SOURCES to the folder that has the folder seeds beside it",
)


def text(seed: str) -> str:
    folder = seeds_folder()
    assert folder is not None
    return (folder / NAMES[seed]).read_text(encoding="utf-8")


# -- pure functions ---------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["Huron", "Lake", "County", "Peel", "of", "LIP", "Peel's", "hurontario", "‘x’", "*Huron*", "12"]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "\t", " - ", ", "])), max_size=30).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)


@given(TEXTS)
def test_plain_text_stays_plain(words: str) -> None:
    once = plain(words)
    assert plain(once) == once
    assert once.split() == plain(words.replace(" ", " \n ")).split()


@given(TEXTS, st.data())
def test_an_anchor_cut_from_a_text_is_found_and_a_foreign_one_is_not(words: str, data: st.DataObject) -> None:
    pieces = plain(words).split()
    if pieces:
        start = data.draw(st.integers(0, len(pieces) - 1))
        end = data.draw(st.integers(start + 1, len(pieces)))
        anchor = " ".join(pieces[start:end])
        if re.match(r"\w", anchor) and re.search(r"\w$", anchor):
            assert holds(words, anchor)
            assert holds(words.upper(), anchor.lower())
    assert not holds(words, "Timbuktu")


def slow_count(words: str, names: dict[str, str]) -> dict[str, int]:
    """Count names by walking through the text letter by letter; at each place the longest name is taken."""
    words, found, at = plain(words), Counter[str](), 0
    while at < len(words):
        here = [
            name
            for name in names
            if words.startswith(name, at)
            and not (at and (words[at - 1].isalnum() or words[at - 1] == "_"))
            and not (words[at + len(name) : at + len(name) + 1].isalnum())
            and words[at + len(name) : at + len(name) + 1] != "_"
        ]
        if here:
            longest = max(here, key=len)
            found[names[longest]] += 1
            at += len(longest)
        else:
            at += 1
    found.pop("", None)
    return dict(found)


@given(
    TEXTS,
    st.dictionaries(
        st.sampled_from(["Huron", "Lake Huron", "Huron County", "Peel", "County of Huron", "LIP"]),
        st.sampled_from(["a", "b", ""]),
    ),
)
def test_names_against_a_slow_walk(words: str, names: dict[str, str]) -> None:
    assert count_names(words, names) == slow_count(words, names)
    assert count_names(words, dict(reversed(names.items()))) == slow_count(words, names)


@given(TEXTS)
def test_a_name_that_means_something_else_only_takes_away(words: str) -> None:
    with_lake = count_names(words, {"Huron": "huron", "Lake Huron": ""}).get("huron", 0)
    alone = count_names(words, {"Huron": "huron"}).get("huron", 0)
    assert alone - with_lake == count_names(words, {"Lake Huron": "lake"}).get("lake", 0)


def test_no_names_count_nothing() -> None:
    assert count_names("Huron", {}) == {}


@given(st.lists(st.sampled_from(["A", "B", "C", "a", "", "text"]), max_size=20))
def test_sections_are_cut_in_order_and_lose_no_line(lines: list[str]) -> None:
    parts, missing = split_sections("\n".join(lines), [("one", "A"), ("two", "B"), ("three", "C")])
    assert sorted([*parts, *missing]) == ["one", "three", "two"]
    kept = [line for part in parts.values() for line in part.split("\n")]
    assert kept == (lines[len(lines) - len(kept) :] if kept else [])
    for section, heading in (("one", "A"), ("two", "B"), ("three", "C")):
        assert section not in parts or parts[section].split("\n")[0] == heading


def test_a_table_of_contents_is_passed_over() -> None:
    book = "Contents\nIntroduction\nPeel\nIntroduction\nHuron"
    parts, _ = split_sections(book, [("contents", "Contents"), ("first", "Introduction")])
    assert parts["first"] == "Introduction\nPeel\nIntroduction\nHuron"
    parts, _ = split_sections(book, [("contents", "Contents"), ("toc", "Peel"), ("first", "Introduction")])
    assert parts["first"] == "Introduction\nHuron"


# -- the coding by itself ---------------------------------------------------------------------------

Change = Callable[[str, str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """Return a function that copies the coding, changes one text in one table, and gives the folder."""

    def change(table: str, old: str, new: str) -> Path:
        folder = tmp_path / "coding"
        if not folder.exists():
            shutil.copytree(CODING, folder)
        path = folder / f"{table}.csv"
        words = path.read_text(encoding="utf-8")
        assert old in words, old
        path.write_text(words.replace(old, new, 1), encoding="utf-8")
        return folder

    return change


def test_the_coding_is_valid() -> None:
    coding = read_coding()
    assert [len(coding.sections[seed]) for seed in SEEDS] == [18, 45, 13]
    for table in coding.facts.values():
        assert all(1 <= len(plain(anchor).split()) <= LONGEST_ANCHOR for anchor in table.values["anchor"])


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        (
            "leads",
            "\nhuron,004,",
            "\nhurn,004,",
            r"leads\.csv, row \d+, column site: found hurn, expected a site of names",
        ),
        ("leads", "\nhuron,004,", "\nhuron,005,", r"column seed: found 005, expected one of 000, 003, 004"),
        (
            "leads",
            "Annex: LIPs funded",
            "Annexe: LIPs funded",
            r"column section: found Annexe: .* a section of 004\. See",
        ),
        (
            "leads",
            ",lead,",
            ",leader,",
            r"column role: found leader, expected a value of role\. See values\.csv, or add",
        ),
        (
            "case_studies",
            ",one chair,",
            ",1 chair,",
            r"column value: found 1 chair, expected a value of chair_structure",
        ),
        (
            "case_studies",
            ",chair_structure,",
            ",chairs,",
            r"column attribute: found chairs, expected an attribute of val",
        ),
        ("case_studies", ",implied,", ",guessed,", r"column basis: found guessed, expected a value of basis"),
        (
            "achievements",
            "longer and in",
            "longer, and in",
            r"achievements\.csv, row \d+: found 7 cells, expected 6 cells",
        ),
        ("achievements", ",housing,", ",homes,", r"column domain: found homes, expected a value of domain"),
        ("achievements", "factor of 2.5", "a b c d e f", r"column anchor: found 6 words, expected at most 5\. Shorten"),
        ("achievements", "factor of 2.5", "", r"column anchor: found an empty cell, expected a text"),
        ("case_study_figures", ",504559,", ",504 559,", r"column value: found '504 559', expected a number"),
        ("case_study_figures", "not published", "", r"column value: found an empty cell, .*one of: suppressed"),
        ("aggregates", ",25,34,", ",25,-34,", r"column of: found -34, expected a number from 0 to 1e\+15"),
        ("municipal_commitment", ",yes,003", ",maybe,003", r"column formal: found 'maybe', expected yes or no"),
        (
            "names",
            "\nPeel,all,peel,",
            "\nPeel,all,peel,\nPeel,003,peel,",
            r"found Peel for 003 and for all, expected a na",
        ),
        (
            "names",
            "\nPeel,all,peel,",
            "\nPeel,006,peel,",
            r"column seed: found '006', expected one of all, 000, 003, 004",
        ),
        ("sections", ",no\n", ",non\n", r"column counted: found 'non', expected yes or no"),
        (
            "values",
            "achievements,domain,health,",
            "achievements,domain,wealth,",
            r"(?s)found health.*found wealth, expect",
        ),
        (
            "values",
            "university_links,link,gives",
            "university_links,lnk,gives",
            r"values\.csv, row \d+, column value: found gives expertise, expected a value that a fact has\. Remove it",
        ),
    ],
)
def test_what_is_wrong_in_the_coding_is_named(changed: Change, table: str, old: str, new: str, message: str) -> None:
    with pytest.raises(TableError, match=message) as caught:
        read_coding(changed(table, old, new))
    assert all(problem.file.startswith("lipresearch/compilers/coding/") for problem in caught.value.problems)


def test_problems_of_several_coding_tables_come_together(changed: Change) -> None:
    changed("leads", ",lead,", ",leader,")
    folder = changed("achievements", ",housing,", ",homes,")
    with pytest.raises(TableError, match="found leader") as caught:
        read_coding(folder)
    assert {problem.file.split("/")[-1] for problem in caught.value.problems} == {
        "leads.csv",
        "achievements.csv",
        "values.csv",
    }


def test_the_sites_of_the_coding_are_those_of_the_design() -> None:
    named = ("lips-2012", "toronto-neighbourhoods-2009")  # the rosters that the texts speak of
    listed = {row["site"] for row in rows(DESIGN / "roster_sites.csv") if row["roster"] in named}
    assert set(read_coding().sites) == listed
    clusters = {row["cluster"] for row in rows(DESIGN / "clusters.csv")}
    assert {row["cluster"] for row in raw("workshop_leads")} - {""} <= clusters


# -- against a text of headings and anchors ---------------------------------------------------------


def skeleton(seed: str) -> str:
    """Return the headings and anchors of a text, and nothing else of it."""
    coding = read_coding()
    anchors: dict[str, set[str]] = defaultdict(set)
    for table in coding.facts.values():
        for row in table.values.itertuples():
            if row.seed == seed:
                anchors[row.section].add(row.anchor)
    lines = ["Headings and anchors only."]
    for section, heading, _ in coding.sections[seed]:
        lines += [heading, *(f"- {anchor}" for anchor in sorted(anchors[section]))]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fixtures_are_headings_and_anchors(seed: str) -> None:
    stored = (FIXTURES / "seeds" / NAMES[seed]).read_text(encoding="utf-8")
    assert stored == skeleton(seed), f"write the fixtures anew: python {Path(__file__).relative_to(ROOT).as_posix()}"


def test_the_fixtures_compile_and_a_missing_anchor_is_named(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "seeds", tmp_path / "seeds")
    (tmp_path / "sources").mkdir()
    done = compile_source_texts(Sources(tmp_path / "sources"))
    assert {site for site, _, _, _, case in done.rows["mentions.csv"] if case == "yes"} == SIX
    path = tmp_path / "seeds" / NAMES["004"]
    path.write_text(path.read_text(encoding="utf-8").replace("- factor of 2.5\n", ""), encoding="utf-8")
    with pytest.raises(
        TableError,
        match=r"achievements\.csv, row \d+, column anchor: found 'factor of 2\.5', expected words that stand in 004, "
        r"Enhancing Capacity and Accessibility of Services\. Correct the anchor, the section or the fact\.",
    ):
        compile_source_texts(Sources(tmp_path / "sources"))
    path.write_text(path.read_text(encoding="utf-8").replace("Funding and Resources\n", "Funds\n"), encoding="utf-8")
    with pytest.raises(
        TableError,
        match=r"1 problem .*\n  \.\./seeds/004_16f594b441f65a30\.txt: found no line 'Funding and Resources', expected "
        r"the heading of Funding and Resources\. Correct sections\.csv\.",
    ):
        compile_source_texts(Sources(tmp_path / "sources"))


def test_every_single_anchor_is_looked_for() -> None:
    coding = read_coding()
    nothing = {seed: {section: "" for section, _, _ in coding.sections[seed]} for seed in SEEDS}
    assert len(anchor_problems(coding, nothing)) == sum(len(table.values) for table in coding.facts.values()) > 350


def test_without_the_source_texts_the_error_says_where_they_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    with pytest.raises(
        NotFoundError,
        match=r"(?s)3 published files are missing in .*\n  \.\./seeds/000_.*--sources FOLDER\n"
        r"The source texts are looked for in the folder seeds beside it\.$",
    ):
        compile_sources(tmp_path / "sources", tmp_path / "project", ["source_texts"])
    assert "seeds" not in missing_message(["facts/facts.csv"], tmp_path)
    assert not (tmp_path / "project").exists()


# -- what is written --------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", FACTS, ids=lambda spec: spec.file)
def test_the_committed_tables_are_the_coding_without_its_anchors(spec: source_texts.TableSpec) -> None:
    coded = rows(CODING / spec.file)
    for row in coded:
        del row["anchor"]
    columns = list(coded[0])
    assert columns == [column.name for column in spec.columns]
    assert rows(RAW / spec.file) == sorted(coded, key=lambda row: [row[name] for name in columns])
    assert "anchor" not in (RAW / spec.file).read_text(encoding="utf-8").splitlines()[0]


def test_the_closed_lists_are_written() -> None:
    listed = {(row["table"], row["attribute"], row["value"]) for row in raw("values")}
    for row in raw("case_studies"):
        assert ("case_studies", row["attribute"], row["value"]) in listed
    for table in (
        "achievements",
        "leads",
        "municipal_commitment",
        "stakeholders",
        "workshop_leads",
        "university_links",
    ):
        for name in {attribute for named, attribute, _ in listed if named == table}:
            assert {row[name] for row in raw(table)} <= {
                value for named, attribute, value in listed if (named, attribute) == (table, name)
            }


def test_the_six_case_studies_are_there_with_every_attribute_of_the_annex() -> None:
    coded: dict[str, set[str]] = defaultdict(set)
    for row in raw("case_studies"):
        coded[row["attribute"]].add(row["site"])
        assert row["seed"] == "003"
    for attribute in (
        "council_recruitment",
        "chair_structure",
        "chair_from",
        "pre_lip_collaboration",
        "founding_concern",
        "consultation_practice",
        "strategic_priority",
        "main_message",
        "immigrant_engagement",
    ):
        assert coded[attribute] == SIX, attribute
    assert set().union(*coded.values()) == SIX
    assert {row["site"] for row in raw("case_study_figures")} == SIX
    assert coded["orientation"] == {"west-downtown-toronto"}  # the only case of which the text says it
    prior = {row["site"]: row["value"] for row in raw("case_studies") if row["attribute"] == "pre_lip_collaboration"}
    assert Counter(prior.values()) == {"yes": 5, "no": 1}
    assert prior["hamilton"] == "no"
    assert {row["site"] for row in raw("mentions") if row["case_study"] == "yes"} == SIX


def test_every_partnership_of_the_annex_has_its_lead() -> None:
    annex = [row for row in raw("leads") if row["section"].startswith("Annex: LIPs funded")]
    roster = {row["site"] for row in rows(DESIGN / "roster_sites.csv") if row["roster"] == "lips-2012"}
    assert {row["site"] for row in annex} == roster
    assert len(annex) == len(roster) == 38
    assert Counter(row["pairing"] for row in annex) == {"by alphabetical order": 24, "stated": 14}
    declared = {row["site"]: row["lead"] for row in rows(DESIGN / "sites.csv")}
    for row in annex:
        assert row["organisation"].replace("Center", "Centre") == declared[row["site"]], row["site"]


def test_thirteen_workshops_with_their_leads() -> None:
    leads = raw("workshop_leads")
    per = Counter(row["workshop"] for row in leads)
    assert sorted(per) == [f"lip-{number}" for number in range(1, 9)] + [f"research-{number}" for number in range(1, 6)]
    assert set(per.values()) == {2}
    assert all(bool(row["site"]) == (row["role"] == "LIP") for row in leads)
    assert all(bool(row["cluster"]) == row["workshop"].startswith("research") for row in leads)
    roles = Counter(row["role"] for row in leads if row["workshop"].startswith("research"))
    assert roles == {"LIP": 5, "university": 5}


def test_the_figures_of_the_text_agree_with_the_census() -> None:
    people = {row["cd"]: row["population_2006"] for row in rows(RAW.parent / "immigrants_2006" / "population_2006.csv")}
    figures = {(row["site"], row["figure"]): row["value"] for row in raw("case_study_figures")}
    for site, cd in (("peel", "3521"), ("hamilton", "3525"), ("huron", "3540")):
        assert figures[site, "population 2006"] == people[cd]
    total = float(figures["west-downtown-toronto", "immigrants 2006"]) / 0.43
    assert 270_000 < total < 285_000


def test_most_commitments_are_counted_and_few_are_named() -> None:
    (row,) = (row for row in raw("aggregates") if "formal commitment" in row["figure"])
    assert (row["value"], row["of"], row["section"]) == ("25", "34", "Building Welcoming Communities")
    formal = {row["site"] for row in raw("municipal_commitment") if row["formal"] == "yes"}
    assert formal == {"durham", "hamilton", "kingston", "ottawa"}


def test_sections_and_mentions_fit_each_other() -> None:
    table = raw("mentions")
    assert {(row["site"], row["seed"]) for row in table} == {
        (site, seed) for site in read_coding().sites for seed in SEEDS
    }
    for row in table:
        assert (row["sections"] == "0") == (row["occurrences"] == "0")
        assert int(row["sections"]) <= int(row["occurrences"])


# -- against the texts ------------------------------------------------------------------------------


@needs_texts
def test_every_anchor_stands_in_its_section_of_its_text() -> None:
    folder = seeds_folder()
    assert folder is not None
    coding = read_coding()
    parts, missing = read_parts(coding, Sources(folder.parent / "sources").text)
    assert missing == []
    assert anchor_problems(coding, parts) == []


@needs_texts
def test_the_fixtures_hold_far_less_than_the_texts() -> None:
    for seed in SEEDS:
        assert len(skeleton(seed)) < len(text(seed)) / 4


def body(seed: str) -> str:
    """Return the counted part of a text, cut by hand."""
    words = text(seed)
    if seed == "000":
        return words[words.index("Introduction to the Special March") : words.rindex("Thank You")]
    if seed == "003":
        words = words[words.index("\nINTRODUCTION\n") :]
        return (
            words[: words.index("\nREFERENCES\n")] + words[words.index("\nOntario's Local Immigration Partnership C") :]
        )
    return words[words.index("\nIntroduction\n") : words.rindex("LIPs funded by CIC in 2012-13")]


@needs_texts
@pytest.mark.parametrize("seed", SEEDS)
def test_mentions_against_an_independent_count(seed: str) -> None:
    words = "\n".join(plain(line) for line in body(seed).split("\n"))
    names = {row["name"]: row["site"] for row in rows(CODING / "names.csv") if row["seed"] in ("all", seed)}
    found: Counter[str] = Counter()
    for name in sorted(names, key=len, reverse=True):
        pieces = re.split(rf"(?<![\w]){re.escape(name)}(?![\w])", words)
        found[names[name]] += len(pieces) - 1
        words = "\x00".join(pieces)
    counted = {row["site"]: int(row["occurrences"]) for row in raw("mentions") if row["seed"] == seed}
    assert counted == {site: found[site] for site in counted}


@needs_texts
@pytest.mark.parametrize(
    ("seed", "site", "pattern", "others"),
    [
        ("000", "timmins", r"Timmins", 0),
        ("000", "ottawa", r"Ottawa", 4),  # the conference, and the University of Ottawa three times
        ("003", "huron", r"Huron", 3),  # a college twice, the lake once
        ("003", "thunder-bay", r"Thunder Bay", 0),
        ("003", "west-downtown-toronto", r"West (Downtown )?Toronto|Toronto West|west Toronto", 0),
        ("003", "kingston", r"Kingston(?! Immigration Partnership \(KIP\))|\bKIP\b", 0),
        ("004", "york", r"York", 0),
        ("004", "peel", r"Peel", 0),
        ("004", "london-middlesex", r"London", 0),
    ],
)
def test_mentions_against_a_plain_search(seed: str, site: str, pattern: str, others: int) -> None:
    counted = {row["site"]: int(row["occurrences"]) for row in raw("mentions") if row["seed"] == seed}
    assert counted[site] == len(re.findall(pattern, body(seed))) - others > 0


@needs_texts
def test_places_that_no_name_covers_are_not_in_the_texts() -> None:
    searched = {row["site"] for row in raw("mentions") if row["occurrences"] != "0"}
    everything = " ".join(plain(body(seed)) for seed in SEEDS)
    for row in rows(DESIGN / "sites.csv"):
        if row["site"] not in searched:
            assert row["name"].split(" (")[0] not in everything or row["site"] == "toronto-east-woodgreen", row["site"]


CASES = {
    "Hamilton": "hamilton",
    "Kingston": "kingston",
    "Thunder Bay": "thunder-bay",
    "Huron County": "huron",
    "Peel": "peel",
    "West Toronto": "west-downtown-toronto",
}


def matrix(title: str, width: int) -> dict[str, list[str]]:
    """Return the cells of one of the annex's tables by site, read from the text itself."""
    lines = text("003").split("\n")
    start = next(at for at, line in enumerate(lines) if line.strip() == title)
    found = {}
    for line in lines[start : start + 14]:
        name, *cells = line.split("\t")
        if name in CASES and cells:
            found[CASES[name]] = [cell.strip() for cell in [*cells, *[""] * width][:width]]
    assert set(found) == SIX
    return found


@needs_texts
def test_ways_of_consultation_against_the_table_itself() -> None:
    ways = (
        "focus groups",
        "interviews",
        "surveys",
        "town hall or assembly",
        "working groups",
        "consultants",
        "local experts",
        "outside experts",
    )
    coded: dict[str, set[str]] = defaultdict(set)
    proposed: dict[str, set[str]] = defaultdict(set)
    for row in raw("case_studies"):
        if row["attribute"] == "consultation_practice":
            coded[row["site"]].add(row["value"])
        if row["attribute"] == "consultation_practice_proposed":
            proposed[row["site"]].add(row["value"])
    for site, cells in matrix("LIP Council Consultation Practices", 8).items():
        marked = {way for way, cell in zip(ways, cells, strict=True) if cell.startswith("X") and not cell.endswith("*")}
        starred = {way for way, cell in zip(ways, cells, strict=True) if cell.endswith("*")}
        assert (coded[site], proposed[site]) == (marked, starred), site


@needs_texts
def test_recruitment_and_size_against_the_table_itself() -> None:
    section = "Annex B 2: Council Members"
    figures = {(row["site"], row["figure"]): row["value"] for row in raw("case_study_figures")}
    coded = {
        (row["site"], row["value"])
        for row in raw("case_studies")
        if row["section"] == section and row["attribute"] == "council_recruitment"
    }
    for site, (size, *marks) in matrix("Number of LIP Council Members & Practices for Adding New Members", 4).items():
        (place,) = (number for number, mark in enumerate(marks) if mark)
        assert (site, ("interest", "invitation", "mixed")[place]) in coded
        low, _, high = size.partition("-") if re.fullmatch(r"\d+-\d+", size) else ("not published", "", "not published")
        assert (figures[site, "council size (low)"], figures[site, "council size (high)"]) == (low, high)


@needs_texts
def test_immigrant_engagement_against_the_table_itself() -> None:
    coded: dict[str, set[str]] = defaultdict(set)
    for row in raw("case_studies"):
        if row["attribute"] == "immigrant_engagement":
            coded[row["site"]].add(row["value"])
    words = {"X (many)": " (many)", "X (little)": " (little)", "X (pre-LIP)": " (before the LIP)", "X": ""}
    for site, (public, group, council) in matrix("Practices of Immigrant Engagement", 3).items():
        expected = {f"public consultation{words[public]}"}
        expected |= {"working groups"} if group else set()
        expected |= {"council"} if council else set()
        assert coded[site] == expected


@needs_texts
def test_the_annex_of_the_report_lists_the_same_organisations_in_the_same_order() -> None:
    lines = text("004").split("\n")
    start = next(at for at, line in enumerate(lines) if line.strip() == "Lead organization")
    first = [line.strip() for line in lines[start + 1 : start + 25]]
    later = [line.split("\t") for line in lines[start + 25 :] if "\t" in line and not line.startswith("Name of LIP")]
    annex = [row for row in rows(CODING / "leads.csv") if row["section"].startswith("Annex: LIPs funded")]
    assert [row["organisation"] for row in annex] == first + [lead for _, lead in later]
    inferred = [row["site"] for row in annex if row["pairing"] != "stated"]
    names = {row["site"]: row["lip_name"] for row in rows(DESIGN / "sites.csv")}
    for row, (lip, _) in zip(annex[24:], later, strict=True):
        assert len(set(re.findall(r"\w+", lip)) & set(re.findall(r"\w+", names[row["site"]]))) >= 3, row["site"]
    by_name = sorted(inferred, key=lambda site: "five eastern" if site == "eastern-ontario" else site)
    assert len(inferred) == len(by_name) == 24


@needs_texts
def test_no_person_and_no_sentence_gets_into_the_tables() -> None:
    written = " ".join(path.read_text(encoding="utf-8") for path in sorted(RAW.glob("*.csv")))
    leads = re.findall(r"(?:Workshop Leads:|^)\s*([A-Z][\w.]+(?: [A-Z][\w.]+)+),", text("000"), flags=re.MULTILINE)
    assert len(leads) > 20
    assert [name for name in leads if name in written] == []
    runs = set()
    for seed in SEEDS:
        words = re.findall(r"[\w']+", plain(text(seed)).casefold())
        runs |= {tuple(words[at : at + 6]) for at in range(len(words) - 5)}
    own = {
        "summary",
        "meaning",
        "value",
        "attribute",
        "figure",
        "form",
        "domain",
        "stakeholder",
        "role",
        "link",
        "unit",
    }
    for path in sorted(RAW.glob("*.csv")):
        if path.name == "columns.csv":
            continue
        for row in rows(path):
            for name in own & set(row):
                words = re.findall(r"[\w']+", row[name].casefold())
                copied = [words[at : at + 6] for at in range(len(words) - 5) if tuple(words[at : at + 6]) in runs]
                assert copied == [], (path.name, row)


if __name__ == "__main__":
    for each in SEEDS:
        (FIXTURES / "seeds" / NAMES[each]).write_text(skeleton(each), encoding="utf-8")
    sys.exit(0)
