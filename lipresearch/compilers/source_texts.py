"""What three source texts record about the partnerships: coded facts, checked against the texts, and namings.

People code the facts in the tables of ``coding/`` beside this module (see its README). The compiler reads the
texts, checks that the anchor of every fact stands in the section that it cites, leaves the anchors out, and
counts how often each text names each site. No sentence of a text gets into ``data/raw``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lipresearch.compilers.base import SEEDS_FOLDER, Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED
from lipresearch.errors import Problem, TableError
from lipresearch.tables import Column, Schema, Table, read_records, read_table

#: The texts as they are cited, and where they lie: in the folder ``seeds`` beside the folder of published copies.
SEEDS: Mapping[str, str] = {
    "000": f"{SEEDS_FOLDER}000_80da0bb0703b5a87.txt",
    "003": f"{SEEDS_FOLDER}003_acca9ae47b5ce534.txt",
    "004": f"{SEEDS_FOLDER}004_16f594b441f65a30.txt",
}

CODING = Path(__file__).resolve().parent / "coding"
#: The folder as messages show it.
SHOWN = "lipresearch/compilers/coding"
#: An anchor shows where a fact stands; it is too short to be a quotation.
LONGEST_ANCHOR = 5

SECTIONS = Schema(
    (
        Column("seed", "choice", choices=tuple(SEEDS)),
        Column("section"),
        Column("heading"),
        Column("counted", "flag"),
    ),
    ("seed", "section"),
)
NAMES = Schema(
    (
        Column("name"),
        Column("seed", "choice", choices=("all", *SEEDS)),
        Column("site", "id", required=False),
        Column("note", required=False),
    ),
    ("name", "seed"),
)

_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "*": None})


# -- texts ------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    r"""Return a text with straight quotes, without asterisks, and with one space for any run of white space.

    >>> plain("**The ‘LIP’**\n of\tPeel ")
    "The 'LIP' of Peel"
    """
    return " ".join(text.translate(_PLAIN).split())


def holds(text: str, anchor: str) -> bool:
    r"""Whether the words of an anchor stand in a text one after the other, whatever their capitals.

    A word is matched whole; ``text`` and ``anchor`` may have any white space and quotes.

    >>> holds("The **County** of\n Huron leads", "county of huron"), holds("Hurontario", "Huron")
    (True, False)
    """
    words = plain(anchor).casefold()
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", plain(text).casefold()) is not None


def split_sections(text: str, headings: Sequence[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    r"""Cut a text at its headings.

    Each heading is looked for, as a line of its own, after the one before it: so a table of contents is passed
    over when its own heading is in the list.

    Parameters
    ----------
    text : str
        The whole text.
    headings : sequence of (section, heading)
        In the order of the text.

    Returns
    -------
    parts : dict
        Each heading and what follows it, up to the next; what precedes the first heading belongs to no section.
    missing : list of str
        Sections whose heading was not found; they have no part.

    Examples
    --------
    >>> split_sections("x\nA\n1\nB\n2", [("a", "A"), ("b", "B"), ("c", "C")])
    ({'a': 'A\n1', 'b': 'B\n2'}, ['c'])
    """
    lines = text.split("\n")
    places: list[tuple[str, int]] = []
    missing = []
    start = 0
    for section, heading in headings:
        found = next((at for at in range(start, len(lines)) if plain(lines[at]) == heading), None)
        if found is None:
            missing.append(section)
        else:
            places.append((section, found))
            start = found + 1
    ends = [at for _, at in [*places, ("", len(lines))]][1:]
    return {section: "\n".join(lines[at:end]) for (section, at), end in zip(places, ends, strict=True)}, missing


def count_names(text: str, names: Mapping[str, str]) -> dict[str, int]:
    """Count how often a text names each site.

    Names are matched as whole words with their capitals, the longest first, and never overlap: a name that lies
    inside a longer declared one is not counted again. Names that stand for no site are passed over.

    Parameters
    ----------
    text : str
        The text.
    names : mapping
        Name to site; to ``""`` for a name that means something else.

    Returns
    -------
    dict
        Site to count, only sites that are named.

    Examples
    --------
    >>> count_names("Huron, Lake Huron and Hurontario", {"Huron": "huron", "Lake Huron": ""})
    {'huron': 1}
    """
    if not names:
        return {}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(re.escape(name) for name in longest_first) + r")(?!\w)")
    counts: dict[str, int] = {}
    for match in pattern.finditer(plain(text)):
        site = names[match.group()]
        if site:
            counts[site] = counts.get(site, 0) + 1
    return counts


# -- coding -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coding:
    """The tables that people code, as read.

    Attributes
    ----------
    sections : dict
        For each text its (section, heading, counted) in order.
    names : dict
        For each text its names and the sites that they stand for, ``""`` for none.
    sites : tuple of str
        Every site that a name stands for, sorted.
    facts : dict
        The table of each file of ``FACTS``, with the column ``anchor``.
    values : Table
        The closed lists.
    """

    sections: Mapping[str, Sequence[tuple[str, str, bool]]]
    names: Mapping[str, Mapping[str, str]]
    sites: tuple[str, ...]
    facts: Mapping[str, Table]
    values: Table


def coded_columns(spec: TableSpec) -> Schema:
    """Return what a coding table holds: the columns of the compiled one, and the anchor."""
    return Schema((*(column.column for column in spec.columns), Column("anchor")), spec.key)


def read_coding(folder: Path = CODING) -> Coding:
    """Read and check the coding tables; all that is wrong comes in one exception.

    Raises
    ------
    TableError
        If a cell is not of its kind, a value is not in its closed list, or a site, text or section is unknown.
    """
    problems: list[Problem] = []

    def read(name: str, schema: Schema) -> Table:
        try:
            return read_table(folder / f"{name}.csv", schema, f"{SHOWN}/{name}.csv")
        except TableError as error:
            problems.extend(error.problems)
            return Table(pd.DataFrame(columns=schema.names), pd.DataFrame(), [])

    sections, names, values = read("sections", SECTIONS), read("names", NAMES), read("values", VALUES.schema)
    facts = {spec.file: read(spec.file.removesuffix(".csv"), coded_columns(spec)) for spec in FACTS}
    if problems:
        raise TableError(problems)
    listed = {seed: _sections_of(sections, seed) for seed in SEEDS}
    named = {seed: _names_of(names, seed) for seed in SEEDS}
    sites = sorted(set(names.values["site"]) - {""})
    problems += _double_names(names)
    for file, table in facts.items():
        problems += _fact_problems(file, table, listed, set(sites), values)
    problems += _unused_values(facts, values)
    if problems:
        raise TableError(problems)
    return Coding(listed, named, tuple(sites), facts, values)


def _sections_of(table: Table, seed: str) -> list[tuple[str, str, bool]]:
    rows = table.values[table.values["seed"] == seed]
    return [(row.section, row.heading, row.counted == "yes") for row in rows.itertuples()]


def _names_of(table: Table, seed: str) -> dict[str, str]:
    rows = table.values[table.values["seed"].isin(["all", seed])]
    return dict(zip(rows["name"], rows["site"], strict=True))


def _double_names(table: Table) -> list[Problem]:
    """Return a problem for each name that is given for all texts and for one of them."""
    everywhere = set(table.values["name"][table.values["seed"] == "all"])
    return [
        Problem(
            f"{SHOWN}/names.csv",
            line,
            "seed",
            f"{row.name_} for {row.seed} and for all",
            "a name for all texts, or for each one by itself",
            "Remove one of the rows.",
        )
        for line, row in zip(table.lines, table.values.rename(columns={"name": "name_"}).itertuples(), strict=True)
        if row.seed != "all" and row.name_ in everywhere
    ]


def lists_of(values: pd.DataFrame, table: str) -> dict[str, list[str]]:
    """Return the closed lists of a table by attribute."""
    mine = values[values["table"] == table]
    return {str(name): list(rows["value"]) for name, rows in mine.groupby("attribute", sort=False)}


def cells_to_check(file: str, row: Mapping[str, str], lists: Mapping[str, list[str]]) -> list[tuple[str, str, str]]:
    """Return (column, cell, attribute) of the cells of a row that must be in a closed list.

    In the table of case studies the list depends on the row's attribute; elsewhere it is that of the column.
    """
    if file == CASE_STUDIES.file:
        return [("basis", row["basis"], "basis"), ("value", row["value"], row["attribute"])]
    return [(name, row[name], name) for name in lists if name in row]


def _fact_problems(
    file: str,
    table: Table,
    sections: Mapping[str, Sequence[tuple[str, str, bool]]],
    sites: set[str],
    values: Table,
) -> list[Problem]:
    shown = f"{SHOWN}/{file}"
    lists = lists_of(values.values, file.removesuffix(".csv"))
    problems: list[Problem] = []
    for line, row in zip(table.lines, table.values.to_dict("records"), strict=True):
        known = [section for section, _, _ in sections.get(row["seed"], ())]
        if row["seed"] not in SEEDS:
            problems.append(Problem(shown, line, "seed", row["seed"], "one of " + ", ".join(SEEDS)))
        elif row["section"] not in known:
            problems.append(
                Problem(shown, line, "section", row["section"], f"a section of {row['seed']}", "See sections.csv.")
            )
        if row.get("site") and row["site"] not in sites:
            problems.append(Problem(shown, line, "site", row["site"], "a site of names.csv", "Correct the id."))
        for column, cell, attribute in cells_to_check(file, row, lists):
            if attribute not in lists:
                problems.append(
                    Problem(shown, line, "attribute", attribute, "an attribute of values.csv", "Declare its values.")
                )
            elif cell not in lists[attribute]:
                problems.append(
                    Problem(shown, line, column, cell, f"a value of {attribute}", "See values.csv, or add it there.")
                )
        words = len(plain(row["anchor"]).split())
        if words > LONGEST_ANCHOR:
            problems.append(
                Problem(shown, line, "anchor", f"{words} words", f"at most {LONGEST_ANCHOR}", "Shorten the anchor.")
            )
    return problems


#: Values that are declared although no text uses them: the text names the category without a site.
UNUSED = (
    ("case_studies", "orientation", "attraction and retention"),
    ("case_studies", "orientation", "capacity building"),
)


def _unused_values(facts: Mapping[str, Table], values: Table) -> list[Problem]:
    """Return a problem for each value of a closed list that no fact uses, and for lists of unknown columns."""
    used = set(UNUSED)
    for file, table in facts.items():
        name = file.removesuffix(".csv")
        lists = lists_of(values.values, name)
        for row in table.values.to_dict("records"):
            used |= {(name, attribute, cell) for _, cell, attribute in cells_to_check(file, row, lists) if cell}
    return [
        Problem(f"{SHOWN}/values.csv", line, "value", row.value, "a value that a fact has", "Remove it, or correct it.")
        for line, row in zip(values.lines, values.values.itertuples(), strict=True)
        if (row.table, row.attribute, row.value) not in used
    ]


def anchor_problems(coding: Coding, parts: Mapping[str, Mapping[str, str]]) -> list[Problem]:
    """Return a problem for each fact whose anchor does not stand in the section that it cites."""
    problems = []
    for file, table in coding.facts.items():
        for line, row in zip(table.lines, table.values.itertuples(), strict=True):
            if not holds(parts[row.seed].get(row.section, ""), row.anchor):
                problems.append(
                    Problem(
                        f"{SHOWN}/{file}",
                        line,
                        "anchor",
                        repr(row.anchor),
                        f"words that stand in {row.seed}, {row.section}",
                        "Correct the anchor, the section or the fact.",
                    )
                )
    return problems


def read_parts(coding: Coding, text_of: Callable[[str], str]) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    """Return the sections of each text and a problem for each heading that was not found."""
    parts: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for seed, file in SEEDS.items():
        headings = [(section, heading) for section, heading, _ in coding.sections[seed]]
        parts[seed], missing = split_sections(text_of(file), headings)
        problems += [
            Problem(
                file,
                0,
                "",
                f"no line {dict(headings)[section]!r}",
                f"the heading of {section}",
                "Correct sections.csv.",
            )
            for section in missing
        ]
    return parts, problems


def mentions(coding: Coding, parts: Mapping[str, Mapping[str, str]], cases: Iterable[str]) -> list[tuple[str, ...]]:
    """Return a row for every site and text: how often it is named, in how many sections, whether it is a case study."""
    studied = set(cases)
    rows: list[tuple[str, ...]] = []
    for seed in SEEDS:
        counted = [section for section, _, count in coding.sections[seed] if count]
        found = [count_names(parts[seed].get(section, ""), coding.names[seed]) for section in counted]
        for site in coding.sites:
            each = [counts.get(site, 0) for counts in found]
            case = "yes" if site in studied else "no"
            rows.append((site, seed, str(sum(each)), str(sum(count > 0 for count in each)), case))
    return rows


def compile_source_texts(sources: Sources) -> Compiled:
    """Return the tables of dataset ``source_texts``."""
    coding = read_coding()
    parts, problems = read_parts(coding, sources.text)
    problems += anchor_problems(coding, parts) if not problems else []
    if problems:
        raise TableError(problems)
    rows: dict[str, Sequence[Sequence[str]]] = {file: coded_rows(file) for file in coding.facts}
    rows[VALUES.file] = coded_rows(VALUES.file)
    rows[MENTIONS.file] = mentions(coding, parts, coding.facts[CASE_STUDIES.file].values["site"])
    return Compiled(rows)


def coded_rows(file: str, folder: Path = CODING) -> list[list[str]]:
    """Return the rows of a coding table as they are written, without their anchors."""
    header, records = read_records(folder / file, f"{SHOWN}/{file}")
    return [record[: len(header) - (header[-1] == "anchor")] for _, record in records]


# -- tables -----------------------------------------------------------------------------------------

_SITE = Col("site", "id", "site, as in data/design/sites.csv", "name in the text")
_SEED = Col("seed", "id", "source text: 000, 003 or 004", "source text")
_SECTION = Col("section", "text", "section of the source text", "heading")


def _coded(name: str, label: str, note: str = "") -> Col:
    return Col(name, "text", label, "coded from the text", note=note)


def _number(name: str, kind: str, label: str, unit: str, missing: bool = True) -> Col:
    return Col(name, kind, label, "the text", unit, "see the row", missing, False)


LEADS = TableSpec(
    "leads.csv",
    "facts",
    ("site", "seed", "section", "organisation"),
    (
        _SITE,
        _SEED,
        _SECTION,
        _coded("organisation", "organisation, as the text names it"),
        _coded("role", "its part in the partnership: see values.csv"),
        _coded("pairing", "how site and organisation belong together: see values.csv"),
    ),
)
CASE_STUDIES = TableSpec(
    "case_studies.csv",
    "facts",
    ("site", "attribute", "value", "basis", "seed", "section"),
    (
        _SITE,
        _coded("attribute", "what is coded: see values.csv"),
        _coded("value", "one of the attribute's values: see values.csv", "an attribute may have several rows a site"),
        _coded("basis", "stated or implied: see values.csv"),
        _SEED,
        _SECTION,
    ),
)
FIGURES = TableSpec(
    "case_study_figures.csv",
    "facts",
    ("site", "figure", "seed", "section"),
    (
        _SITE,
        _coded("figure", "what is counted: see values.csv"),
        _SEED,
        _SECTION,
        _number("value", "number", "figure, as the text gives it", "see column unit"),
        _coded("unit", "unit of the figure"),
        _coded("qualifier", "how exactly the text puts it: see values.csv"),
    ),
)
STAKEHOLDERS = TableSpec(
    "stakeholders.csv",
    "facts",
    ("stakeholder", "role", "site", "seed", "section"),
    (
        _coded("stakeholder", "kind of organisation or person: see values.csv"),
        _coded("role", "what the text says of it: see values.csv"),
        Col(
            "site", "id", "site, as in data/design/sites.csv", "name in the text", missing=True, note="empty: all LIPs"
        ),
        _SEED,
        _SECTION,
        _number("count", "count", "how many, where the text says", "LIPs, or organisations or sectors of one LIP"),
        _number("of", "count", "out of how many LIPs, where the text says", "LIPs"),
    ),
)
COMMITMENT = TableSpec(
    "municipal_commitment.csv",
    "facts",
    ("site", "form", "formal", "seed", "section"),
    (
        _SITE,
        _coded("form", "what the municipality did: see values.csv"),
        Col("formal", "flag", "whether the text makes it a formal commitment: see values.csv", "coded from the text"),
        _SEED,
        _SECTION,
    ),
)
ACHIEVEMENTS = TableSpec(
    "achievements.csv",
    "facts",
    ("site", "domain", "seed", "section"),
    (
        _SITE,
        _coded("domain", "domain of the achievement: see values.csv"),
        _SEED,
        _SECTION,
        _coded("summary", "what was achieved, in a few words of our own"),
    ),
)
WORKSHOP_LEADS = TableSpec(
    "workshop_leads.csv",
    "facts",
    ("workshop", "organisation"),
    (
        Col("workshop", "id", "research or lip, and the number of the workshop", "heading"),
        _coded("organisation", "organisation of a workshop lead", "no names of persons"),
        _coded("role", "kind of organisation: see values.csv"),
        Col("site", "id", "site, as in data/design/sites.csv", "name in the text", missing=True, note="empty: no LIP"),
        Col(
            "cluster",
            "id",
            "research cluster, as in data/design/clusters.csv",
            "heading",
            missing=True,
            note="empty: not a research workshop",
        ),
        _SEED,
        _SECTION,
    ),
)
UNIVERSITY_LINKS = TableSpec(
    "university_links.csv",
    "facts",
    ("site", "organisation", "link", "seed", "section"),
    (
        _SITE,
        _coded("organisation", "university, or not named"),
        _coded("link", "what ties it to the partnership: see values.csv"),
        _SEED,
        _SECTION,
    ),
)
AGGREGATES = TableSpec(
    "aggregates.csv",
    "facts",
    ("figure", "seed", "section"),
    (
        _coded("figure", "what is counted"),
        _SEED,
        _SECTION,
        _number("value", "count", "figure, as the text gives it", "see column unit", missing=False),
        _number("of", "count", "out of how many", "see column unit"),
        _coded("unit", "unit of the figure"),
        _coded("qualifier", "how exactly the text puts it: see values.csv"),
    ),
)
VALUES = TableSpec(
    "values.csv",
    "facts",
    ("table", "attribute", "value"),
    (
        Col("table", "id", "table without .csv", "coding"),
        Col("attribute", "text", "column, or attribute of a case study", "coding"),
        Col("value", "text", "value that it may have", "coding"),
        Col("meaning", "text", "what the value means", "coding", missing=True, note="empty: as the word says"),
    ),
)
MENTIONS = TableSpec(
    "mentions.csv",
    "facts",
    ("site", "seed"),
    (
        _SITE,
        _SEED,
        Col(
            "occurrences",
            "count",
            "how often the text names the place or its partnership",
            "counted by the compiler",
            "namings",
            "the text without title pages, contents, references and lists of partnerships",
            False,
            False,
        ),
        Col(
            "sections",
            "count",
            "in how many sections",
            "counted by the compiler",
            "sections",
            "the text without title pages, contents, references and lists of partnerships",
            False,
            False,
        ),
        Col("case_study", "flag", "whether the site is one of the six case studies of 003", "003, Part 2"),
    ),
)

#: The tables that people code; each has an anchor a row.
FACTS = (
    ACHIEVEMENTS,
    AGGREGATES,
    CASE_STUDIES,
    FIGURES,
    LEADS,
    COMMITMENT,
    STAKEHOLDERS,
    UNIVERSITY_LINKS,
    WORKSHOP_LEADS,
)

SOURCE_TEXTS = Dataset(
    name="source_texts",
    card=Card(
        short="Source texts 2010-2013",
        title="What three source texts record about Local Immigration Partnerships: coded facts and namings",
        publisher="Welcoming Communities Initiative (000); N. Bradford and C. Andrew (003); Citizenship and "
        "Immigration Canada (004)",
        catalogue="000: e-bulletin, special issue; 003: LIPs Gathering Momentum; 004: Outcomes 2008-2013",
        published="2011 to 2013",
        accessed=ACCESSED,
        url="https://p2pcanada.ca/",
        licence="facts with citation; no text is reproduced",
        attribution="Facts from: Welcoming Communities Initiative, e-bulletin, special issue, March 2011; N. Bradford "
        "and C. Andrew, LIPs Gathering Momentum, 2011; Citizenship and Immigration Canada, Local Immigration "
        "Partnerships: Outcomes 2008-2013.",
        universe="Local Immigration Partnerships that the texts name",
        vintage="2008-2013",
        grade="B",
        defects=(
            "Coded by hand from the texts: each row cites text and section. What a text does not say is not coded, and "
            "silence is no statement: a site without a row is not known, except in mentions.csv, for which the texts "
            "were searched whole.",
            "In the annex of 004 the column of names is lost for the first 24 partnerships outside Toronto: leads are "
            "paired with sites by alphabetical order.",
            "The West Toronto of 003 is the neighbourhood partnership West Downtown Toronto of 2009-12, not the "
            "Toronto West of 2012-13.",
            "003 contradicts itself in places (recruitment in Huron and West Toronto, number of strategies in West "
            "Toronto): both statements are kept, each with its section.",
            "004 reports examples that its authors chose from annual reports: a partnership that is not among them may "
            "have achieved as much.",
            "25 of 34 partnerships reported a formal commitment of their municipality; 004 names only a few of them. "
            "The figure with the number of partnerships by kind of stakeholder is lost from the text.",
            "A naming counts the place or the partnership, not a judgement of it: London is counted where agencies of "
            "London advise Huron. Toronto alone is not counted. Names and what is passed over are declared in "
            "lipresearch/compilers/coding/names.csv.",
            "Values of attributes are words of the coders; their meanings are in values.csv.",
        ),
    ),
    tables=(*FACTS, MENTIONS, VALUES),
    inputs=tuple(SEEDS.values()),
    compiler=compile_source_texts,
)

DATASETS = (SOURCE_TEXTS,)
