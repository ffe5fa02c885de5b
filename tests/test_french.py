"""French: every word that the shipped tables use has its French, and what has none is marked as English."""

from __future__ import annotations

import csv
import itertools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch import french, wording
from lipresearch.context import BASELINE_SURVEYS, PARTNERS
from lipresearch.design import CLUSTERS, DIRECTIONS, FACTORS, PERSPECTIVES, QUOTAS, STATUSES, TREATMENTS, load_cluster
from lipresearch.designs import ATTRIBUTES, DISTINCT, EACH, TERCILES, Quota, StudyDesign, load_design
from lipresearch.errors import InputError, TableError
from lipresearch.evidence import MEASURES
from lipresearch.paths import project_root
from lipresearch.sites import LEAD_KINDS, ROSTERS, load_roster, load_rosters
from lipresearch.tables import REASONS

ROOT = project_root()
TABLES = ROOT / "data" / "design"
DESIGNS = sorted((TABLES / "designs").glob("*.toml"))
FIRM, NARROW = "\u00a0", "\u202f"


def records(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def pairs() -> Iterator[tuple[str, str, str]]:
    """Yield (place, English, French) for every text of the design tables and designs that has a French one."""
    for path in sorted(TABLES.glob("*.csv")):
        for line, row in enumerate(records(path), start=2):
            for column in row:
                if column.endswith("_fr"):
                    yield f"{path.name}, row {line}, {column}", row[column.removesuffix("_fr")], row[column]
    for path in DESIGNS:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = [content, *(row for what in ("quota", "include", "exclude") for row in content.get(what, []))]
        for table in tables:
            for key, text in table.items():
                if key in ("label", "note", "reason") or key.endswith("rationale"):
                    part = "" if table is content else f"{table.get('quota', table.get('site'))}, "
                    yield f"{path.name}, {part}{key}", text, table.get(f"{key}_fr", "")


PAIRS = list(pairs())
ENGLISH_NAMES = pd.read_csv(ROOT / "data" / "derived" / "sites.csv", dtype=str, keep_default_na=False)
NAMES = dict(zip(ENGLISH_NAMES["name"], ENGLISH_NAMES["name_fr"], strict=True))


# -- what the tables hold ------------------------------------------------------------------------------


def test_every_table_that_has_french_is_seen() -> None:
    files = {place.partition(",")[0] for place, _, _ in PAIRS}
    assert {f"{name}.csv" for name in ("clusters", "factors", "perspectives", "quotas", "measures", "rosters")} < files
    assert {path.name for path in DESIGNS} < files
    assert len(PAIRS) > 700


def test_every_shipped_text_has_its_french() -> None:
    lacking = [place for place, english, text in PAIRS if bool(english) != bool(text)]
    assert not lacking, "In one language only:\n" + "\n".join(lacking)


def test_french_texts_are_typed_in_one_way() -> None:
    wrong = {
        "a curly apostrophe": r"’",
        "oe in two letters": r"\b\w*oeu",
        "no space before a colon": r"[^ /\d]:(?!//|\d)",
        "a space before another sign": r" [;?!,.]",
        "two spaces": r"  ",
        "a space of another kind": "[\u00a0\u202f]",
        "a decimal point": r"\d\.\d+ %",
        "a comma between thousands": r"\d,\d{3}\b",
        "years cut short": r"\b(19|20)\d\d-\d\d\b",
        "English quotes": r"“|”",
    }
    found = [
        f"{place}: {what}: {text}"
        for place, _, text in PAIRS
        for what, pattern in wrong.items()
        if re.search(pattern, text)
    ]
    assert found == []


def numbers(text: str, thousands: str) -> list[str]:
    """Return the numbers of a text, sorted; years of a range in full, without separators."""
    text = text.replace("100 % count", "")  # "chiffres intégraux"
    text = re.sub(rf"(?<=\d){thousands}(?=\d{{3}}\b)", "", text)
    text = re.sub(r"\b((?:19|20)\d\d)-(\d\d)\b", lambda hit: f"{hit[1]}-{hit[1][:2]}{hit[2]}", text)
    return sorted(re.findall(r"\d+", text))


def test_a_number_is_the_same_in_both_languages() -> None:
    wrong = [(place, english, text) for place, english, text in PAIRS if numbers(english, ",") != numbers(text, " ")]
    assert wrong == []


def test_new_columns_may_be_empty_in_a_user_s_table_and_the_old_ones_not() -> None:
    new = {"question", "note", "stance", "weight_basis", "rationale", "unit", "universe", "description"}
    new |= {"publisher", "years", "what", "access"}
    schemas = (CLUSTERS, FACTORS, PERSPECTIVES, QUOTAS, MEASURES, ROSTERS, PARTNERS, BASELINE_SURVEYS)
    columns = [column for schema in schemas for column in schema.columns if column.name.endswith("_fr")]
    optional = {column.name.removesuffix("_fr") for column in columns if not column.required}
    assert optional == new | {"label"}  # label_fr of a roster is new
    assert {column.name for column in columns if column.required} == {
        "title_fr",
        "label_fr",
        "organisation_fr",
        "name_fr",
    }


def test_a_cluster_says_in_french_what_its_tables_say() -> None:
    cluster = load_cluster(ROOT, "health", "need")
    assert (
        cluster.question_fr
        == "Où étudier l'accès des immigrants aux soins de santé, y compris aux soins de santé mentale?"
    )
    assert cluster.perspective_label_fr == "Là où les besoins sont les plus grands"
    assert cluster.stance_fr.startswith("De nombreux nouveaux arrivants, dont beaucoup ne parlent aucune")
    assert cluster.weight_basis_fr.startswith("Poids égaux entre les facteurs")
    assert cluster.factors.loc["2.3", "note_fr"].endswith("un quota sur le type de milieu.")
    assert cluster.quotas.loc["rural", "rationale_fr"].endswith("au moins un site rural.")
    assert load_roster(ROOT).label_fr == "PLI financés en 2012-2013"
    assert all("partenariats" in roster.description_fr for roster in load_rosters(ROOT).values())


def test_open_factors_say_in_french_what_is_missing_and_how_to_supply_it() -> None:
    for row in records(TABLES / "factors.csv"):
        assert ("Missing:" in row["note"]) == ("Il manque :" in row["note_fr"]), row["factor"]
        assert ("To supply:" in row["note"]) == ("À fournir :" in row["note_fr"]), row["factor"]


def test_where_a_user_s_table_has_no_french_the_english_is_marked(project_copy: Path) -> None:
    path = project_copy / "data" / "design" / "clusters.csv"
    text = path.read_text(encoding="utf-8")
    asked = load_cluster(ROOT, "inclusion").question_fr
    assert asked in text
    path.write_text(text.replace(f'"{asked}"', ""), encoding="utf-8")
    cluster = load_cluster(project_copy, "inclusion")
    assert cluster.question_fr == ""
    assert french.either(cluster.question, cluster.question_fr, "fr") == f"{cluster.question} (en anglais)"
    assert french.either(cluster.question, cluster.question_fr, "en") == cluster.question


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_design_says_why_in_french(path: Path) -> None:
    design = lip.load_design(path.stem)
    assert len(design.sites_rationale_fr) > 20
    assert bool(design.note) == bool(design.note_fr)
    assert all(len(quota.rationale_fr) > 20 for quota in design.quotas)


DESIGN = """
label = "A test"
label_fr = "Un essai"
source = "003, Part 2"
sites = 2
sites_rationale = "two"
sites_rationale_fr = "deux"
note = "a note"
note_fr = "une remarque"
minimum_km = 10
minimum_km_rationale = "apart"
minimum_km_rationale_fr = "à distance"

[[include]]
site = "peel"
reason = "asked"
reason_fr = "demandé"

[[exclude]]
site = "huron"
reason = "declined"

[[exclude]]
site = "york"
reason = "declined"
reason_fr = "refus"

[[quota]]
quota = "rural"
attribute = "settlement_type"
level = "rural"
minimum = 1
rationale = "one"
rationale_fr = "un"
"""


def read(root: Path, text: str) -> StudyDesign:
    (root / "data" / "design" / "designs").mkdir(parents=True)
    (root / "data" / "design" / "designs" / "mine.toml").write_text(text, encoding="utf-8")
    types = pd.DataFrame({"settlement_type": ["urban", "rural", "urban"]}, index=["peel", "huron", "york"])
    return load_design(root, "mine", set(), set(), set(), types, {})


def test_a_design_holds_its_french(tmp_path: Path) -> None:
    design = read(tmp_path, DESIGN)
    assert (design.sites_rationale_fr, design.note_fr) == ("deux", "une remarque")
    assert design.minimum_km_rationale_fr == "à distance"
    assert (design.include_fr, design.exclude_fr) == ((("peel", "demandé"),), (("york", "refus"),))
    assert design.exclude == (("huron", "declined"), ("york", "declined"))
    assert design.quotas[0].rationale_fr == "un"


def test_a_design_needs_no_french(tmp_path: Path) -> None:
    bare = re.sub(r"(?m)^(?!label)\w+_fr = .*\n", "", DESIGN)
    design = read(tmp_path, bare)
    assert (design.sites_rationale_fr, design.note_fr, design.minimum_km_rationale_fr) == ("", "", "")
    assert (design.include_fr, design.exclude_fr, design.quotas[0].rationale_fr) == ((), (), "")
    assert design.note == "a note"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('_fr = "deux"', "_fr = 2", "column sites_rationale_fr: found 2, expected text."),
        ('note_fr = "une', 'note_de = "une', "column note_de: found an unknown key, expected one of label, label_fr, "),
        ('_fr = "un"', "_fr = 1", "column quota rural, rationale_fr: found 1, expected text."),
        ('_fr = "refus"', "_fr = true", "column exclude york, reason_fr: found True, expected text."),
        (
            'reason_fr = "dem',
            'reason_de = "dem',
            "reason_de: found an unknown key, expected one of site, reason, reason_fr.",
        ),
    ],
)
def test_a_design_with_broken_french_says_what_is_wrong(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert DESIGN.count(old) == 1
    with pytest.raises(TableError, match=re.escape(message)):
        read(tmp_path, DESIGN.replace(old, new))


# -- words ---------------------------------------------------------------------------------------------


def test_every_level_of_every_attribute_has_french() -> None:
    assert set(french.QUOTAS) == set(ATTRIBUTES)
    for attribute, (_, levels) in ATTRIBUTES.items():
        shipped = {part for cell in ENGLISH_NAMES[attribute] for part in cell.split("; ")}
        for word in (*levels, *sorted(shipped - {""})):
            assert french.MARK not in french.level(word, attribute), f"{attribute}: {word}"


def test_categories_that_differ_read_differently() -> None:
    for kind, words in french.LEVELS.items():
        assert len(set(words.values())) == len(words), kind


def test_closed_lists_have_french() -> None:
    assert tuple(french.LEVELS["lead_kind"]) == LEAD_KINDS
    assert tuple(french.LEVELS["treatment"]) == TREATMENTS
    assert tuple(french.LEVELS["status"]) == STATUSES
    assert tuple(french.LEVELS["direction"]) == DIRECTIONS
    assert tuple(french.LEVELS["tercile"]) == TERCILES
    assert set(wording.REASONS_FR) == set(REASONS)


def test_every_economic_region_of_the_geography_has_french() -> None:
    published = [row["name"].replace("--", "–") for row in records(ROOT / "data/raw/geography_2021/er.csv")]
    assert set(french.REGIONS) == set(published)
    shipped = {cell for column in ("region", "regions") for cell in ENGLISH_NAMES[column] if cell}
    assert [cell for cell in shipped if french.MARK in french.region(cell)] == []
    assert french.level("Hamilton–Niagara Peninsula", "region") == "Hamilton–Péninsule du Niagara"
    assert french.region("Atlantis") == "Atlantis (en anglais)"
    assert french.region("") == ""


def test_a_word_means_what_its_attribute_says() -> None:
    none = {name: french.level("none", name) for name in ("city_tier", "provincial_boundary", "french_designation")}
    assert none == {"city_tier": "aucune ville", "provincial_boundary": "aucune", "french_designation": "aucune"}
    assert french.level("yes", "us_border") == "sur la frontière des États-Unis"
    assert french.level("yes", "northern") == "dans le Nord de l'Ontario"
    assert french.level("urban", "scale") == "urban (en anglais)"
    assert french.level("", "scale") == french.level("") == ""
    assert french.level("suburban") == "suburban (en anglais)"


def test_every_reason_reads_in_french() -> None:
    assert {french.reason(word) for word in REASONS} == set(wording.REASONS_FR.values())
    assert french.reason("") == "non publié"
    assert french.reason("lost in the post") == "lost in the post (en anglais)"


def test_every_vintage_of_the_shipped_measures_has_french() -> None:
    found = {row["vintage"] for row in records(ROOT / "data/derived/site_measures.csv")}
    assert len(found) > 15
    assert [text for text in found if french.MARK in french.vintage(text)] == []
    assert french.vintage("2008-2013") == "2008-2013"
    assert french.vintage("") == ""


# -- spaces --------------------------------------------------------------------------------------------


def slowly_typeset(text: str) -> str:
    """Set the spaces word by word."""
    words = text.split(" ")
    out = words[0]
    open_number = ends_with_group(words[0])
    for before, word in itertools.pairwise(words):
        joins = open_number and starts_with_group(word)
        if word[:1] in (":", "%", "»") or before.endswith("«"):
            out += FIRM + word
        else:
            out += (NARROW if joins else " ") + word
        open_number = ends_with_group(word) or (joins and len(word) == 3)
    return out


def starts_with_group(word: str) -> bool:
    """Whether a word begins with three digits and no more."""
    return len(word) >= 3 and word[:3].isdecimal() and not word[3:4].isdecimal()


def ends_with_group(word: str) -> bool:
    """Whether a word ends with one to three digits that follow neither a digit nor a decimal comma."""
    digits = 0
    while digits < len(word) and word[len(word) - 1 - digits].isdecimal():
        digits += 1
    return 1 <= digits <= 3 and word[: len(word) - digits][-1:] != ","


@given(
    st.lists(st.sampled_from(["a", "1", "12", "123", "1234", ":", "%", "«", "»", ",", ";", " ", " ", " "])).map("".join)
)
def test_spaces_are_set_as_one_would_by_hand(text: str) -> None:
    assert french.typeset(text) == slowly_typeset(text)


def test_setting_spaces_changes_nothing_else() -> None:
    for _, _, text in PAIRS:
        assert re.sub("[\u00a0\u202f]", " ", french.typeset(text)) == text
        assert french.typeset(french.typeset(text)) == french.typeset(text)
    assert french.typeset("en 2016 100 personnes") == "en 2016 100 personnes"


# -- quotas --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attribute", list(ATTRIBUTES))
def test_every_quota_that_can_be_asked_reads_in_french(attribute: str) -> None:
    levels = ATTRIBUTES[attribute][1] or tuple(sorted(set(ENGLISH_NAMES[attribute]) - {""}))
    labels = []
    for level in (*levels, EACH, DISTINCT):
        quota = Quota("a", attribute=attribute, level=level, minimum=2)
        assert quota.label_in("en") == quota.label
        text = quota.label_in("fr")
        assert text.startswith("au moins 2 ")
        assert french.MARK not in text
        assert not re.search(r"[{}]| [:»%]|« ", text)
        labels.append(text)
    assert len(set(labels)) == len(levels) + 2


@pytest.mark.parametrize(
    ("attribute", "level", "text"),
    [
        ("settlement_type", "rural", "de type rural"),
        ("field_study_group", "rural and remote", f"du groupe «{FIRM}milieu rural et éloigné{FIRM}»"),
        ("region", "Northeast", "dans la région économique Nord-est"),
        ("province", "NS", "dans la province Nouvelle-Écosse"),
        ("northern", "yes", "dans le Nord de l'Ontario"),
        ("scale", "several counties or districts", f"à l'échelle «{FIRM}plusieurs comtés ou districts{FIRM}»"),
        ("city_tier", "second", "dont la plus grande ville est de deuxième rang"),
        ("city_tier", "none", "sans ville dans le territoire"),
        ("orientation", "capacity building", f"d'orientation «{FIRM}renforcement des capacités{FIRM}»"),
        ("lead_kind", "college", f"avec un organisme responsable de type «{FIRM}collège{FIRM}»"),
        ("provincial_boundary", "Quebec", "sur la frontière du Québec"),
        ("provincial_boundary", "none", "à l'écart de toute frontière provinciale"),
        ("us_border", "no", "à l'écart de la frontière des États-Unis"),
        ("french_designation", "whole", "avec désignation entière pour les services en français"),
        ("french_designation", "none", "sans désignation pour les services en français"),
        ("settlement_type", "each", "de chaque type de milieu"),
        ("lead_kind", "distinct", "types différents d'organisme responsable"),
    ],
)
def test_quotas_read_as_french(attribute: str, level: str, text: str) -> None:
    assert Quota("a", attribute=attribute, level=level, minimum=2).label_in("fr") == f"au moins 2 {text}"


@given(st.integers(0, 40), st.integers(0, 40))
def test_bounds_read_in_both_languages(first: int, second: int) -> None:
    low, high = sorted((first, second))
    both = Quota("a", attribute="region", level="distinct", minimum=low, maximum=high)
    assert numbers(both.label_in("fr"), " ") == numbers(both.label_in("en"), ",")
    assert both.label_in("fr").startswith("exactement " if low == high else "de ")
    assert ("régions économiques différentes" in both.label_in("fr")) == (high > 1)
    assert french.bounds(low, None) == f"au moins {low}"
    assert french.bounds(None, high) == f"au plus {high}"


def test_a_quota_on_thirds_names_its_measure() -> None:
    quota = Quota("a", measure="population_2021", level="lowest third", minimum=1)
    assert quota.label_in("fr", "Population 2021") == f"au moins 1 dans le tiers inférieur de{FIRM}: Population 2021"
    assert quota.label_in("fr") == f"au moins 1 dans le tiers inférieur de{FIRM}: population_2021"
    assert quota.label_in("en", "Population 2021") == "at least 1 in the lowest third of Population 2021"
    assert quota.label_in("en") == quota.label == "at least 1 in the lowest third of population_2021"


def test_a_quota_in_an_unknown_language_is_refused() -> None:
    quota = Quota("a", attribute="region", level="each", maximum=1)
    with pytest.raises(InputError, match=r"^There is no language 'de'\. There are: en, fr\.$"):
        quota.label_in("de")
    with pytest.raises(InputError, match=r"^There is no language 'de'\. There are: en, fr\.$"):
        french.either("a", "b", "de")


# -- what the code says of values and selections -------------------------------------------------------

#: What the code can say of a value though no shipped one has it, with its French.
RARE = {
    "Peel: a boundary change of 2011 to 2016 is not declared": f"Peel{FIRM}: un changement de limites entre 2011 et "
    "2016 n'est pas déclaré",
    "Simcoe: a boundary change of 2016 to 2021 is not declared (-15 residents)": f"Simcoe{FIRM}: un changement de "
    "limites entre 2016 et 2021 n'est pas déclaré (-15 habitants)",
    "nobody is counted in the universe": "l'univers ne compte personne",
    "published only for larger areas": "publié seulement pour des régions plus grandes",
    "the texts were not searched for this site": "les textes n'ont pas été dépouillés pour ce site",
    "suppressed for the areas of the catchment": f"pour les régions du territoire{FIRM}: supprimé pour confidentialité "
    "ou fiabilité",
}


def shipped_details() -> list[str]:
    return sorted({row["detail"] for row in records(ROOT / "data/derived/site_measures.csv") if row["detail"]})


def test_everything_said_of_a_shipped_value_has_french() -> None:
    details = shipped_details()
    assert len(details) > 300
    for text in details:
        told = french.detail(text, NAMES)
        assert french.MARK not in told, text
        if not text.startswith("stated in: ") and not set(text.split("; ")) <= set(NAMES):
            assert told != text
            assert not re.search(r"\b(the|of|only|residents|metropolitan|areas)\b", told), told
            words = re.sub(r"Division No\.", "", told)
            assert {n.replace(",", ".") for n in re.findall(r"\d+(?:,\d+)?", words)} == set(
                re.findall(r"\d+(?:\.\d+)?", text)
            )


def test_every_pattern_is_of_use() -> None:
    parts = [part for text in shipped_details() for part in (text, *text.split("; "), *re.split("(?<=[)s]), ", text))]
    unused = [pattern for pattern, _ in french.DETAILS if not any(re.fullmatch(pattern, part) for part in parts)]
    assert sorted(unused) == sorted(
        pattern for pattern, _ in french.DETAILS if any(re.fullmatch(pattern, text) for text in RARE)
    )
    assert {text: french.detail(text) for text in RARE} == RARE


def test_details_read_as_french() -> None:
    assert french.detail("covers 99.7 % of residents") == f"couvre 99,7{FIRM}% de la population"
    assert french.detail(
        "figure of the Greater Sudbury / Grand Sudbury metropolitan area (overlap 97 % of residents)"
    ) == (f"chiffre de la région métropolitaine de recensement Grand Sudbury (97{FIRM}% de la population en commun)")
    assert french.detail("figure of Division No.  6 (of whose residents 82 % live in the site)").startswith(
        "chiffre de la division de recensement Division No. 6 (82"
    )
    assert french.detail("shares area with Peel Region, Toronto West, a case study", NAMES) == (
        f"partage une partie de son territoire avec une étude de cas{FIRM}: Région de Peel, Toronto Ouest"
    )
    assert french.detail("") == ""


def test_what_a_user_wrote_is_marked_as_english() -> None:
    assert french.detail("Annual report, p. 3") == "Annual report, p. 3 (en anglais)"
    assert french.detail("weighted by pupils; asked the board") == (
        "pondéré selon le nombre d'élèves; asked the board (en anglais)"
    )


def test_the_notes_of_a_selection_have_french() -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("education"))
    design = StudyDesign(
        "mine",
        "Mine",
        "Le mien",
        "me",
        3,
        objective="representativeness",
        exclude=(("peel", "it declined"),),
    )
    selection = lip.choose_sites(ranking, design)
    labels = dict(zip(ranking.cluster.criteria["label"], ranking.cluster.criteria["label_fr"], strict=True))
    told = [french.note(text, NAMES | labels) for text in selection.notes]
    assert told
    assert not any(french.MARK in text for text in told)
    assert any(
        text.startswith(f"Comparé avec l'ensemble de la liste{FIRM}: Élèves nouveaux au Canada") for text in told
    )
    reasons = dict(zip(selection.excluded["site"], selection.excluded["reason"], strict=True))
    assert french.note(reasons["calgary"]).startswith("non classé")
    assert french.note(reasons["peel"]) == f"exclu par le plan{FIRM}: it declined"


NOTES = {
    "1,024 pairs of sites share evidence for too little of the weight to be compared; they are never chosen "
    "together.": (
        "Paires de sites dont les données communes portent sur une trop petite part du poids pour être comparées"
        f"{FIRM}: 1{NARROW}024; elles ne sont jamais choisies ensemble."
    ),
    "Not known, so it meets no minimum and counts against a maximum: at most 1 of every region: Peel Region.": (
        f"Inconnu, donc ne satisfait à aucun minimum et compte dans un maximum{FIRM}: au plus 1 de chaque région"
        f"{FIRM}: Région de Peel."
    ),
    "Not compared with the roster, where it does not vary or is hardly known: Hospitals.": (
        f"Non comparé avec l'ensemble de la liste, faute de variation ou de données{FIRM}: Hôpitaux."
    ),
    "Not compared with the roster, for want of a value at some ranked site: Hospitals.": (
        f"Non comparé avec l'ensemble de la liste, faute d'une valeur pour un site classé{FIRM}: Hôpitaux."
    ),
    "Compared with the roster: Hospitals.": f"Comparé avec l'ensemble de la liste{FIRM}: Hôpitaux.",
    "not ranked: evidence for 38.5 % of the weight, at least 60 % needed": (
        f"non classé{FIRM}: données pour 38,5{FIRM}% du poids, au moins 60{FIRM}% exigés"
    ),
    "excluded by the design: Hospitals": f"exclu par le plan{FIRM}: Hôpitaux",
    "left out when choosing": "écarté au moment du choix",
    "no value to compare with the roster: Hospitals": (
        f"aucune valeur à comparer avec l'ensemble de la liste{FIRM}: Hôpitaux"
    ),
    "it declined": "it declined (en anglais)",
}


@pytest.mark.parametrize("text", list(NOTES))
def test_a_note_reads_as_french(text: str) -> None:
    words = NAMES | {"Hospitals": "Hôpitaux", "at most 1 of every region": "au plus 1 de chaque région"}
    assert french.note(text, words) == NOTES[text]


def test_every_pattern_of_a_note_is_tried() -> None:
    assert all(any(re.fullmatch(pattern, text) for text in NOTES) for pattern, _ in french.NOTES)


def test_a_name_within_another_is_not_torn_apart() -> None:
    words = {"Toronto": "Toronto (ville)", "Toronto West": "Toronto Ouest", "York": "York (ville)"}
    told = french.note("excluded by the design: Toronto West, Toronto and Yorkville", words)
    assert told == f"exclu par le plan{FIRM}: Toronto Ouest, Toronto (ville) and Yorkville"
