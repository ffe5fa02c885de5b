"""The committed tables of published figures: complete, described, and equal to what is compiled from the copies."""

from __future__ import annotations

import csv
import os
import re
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from lipresearch.compile import CODEBOOK, DATASETS, OPTIONAL, chosen, codebook, compile_sources, quoted
from lipresearch.compilers.base import LEVELS, Sources
from lipresearch.compilers.health import ODHF
from lipresearch.compilers.places import PLACED, point_of, read_hoods, read_subdivisions, subdivision_of
from lipresearch.registry import verify_raw
from lipresearch.sources import short_names
from lipresearch.tables import KINDS, NUMERIC, REASONS, Column, Schema, Table, read_table

ROOT = Path(__file__).resolve().parent.parent
RAW = ROOT / "data" / "raw"
#: Without what a user may have added from her own download.
FOLDERS = sorted(path.name for path in RAW.iterdir() if path.is_dir() and path.name not in OPTIONAL)
ADDED = [name for name in OPTIONAL if (RAW / name).is_dir()]
CARD_KEYS = {
    "dataset",
    "short",
    "title",
    "publisher",
    "catalogue",
    "published",
    "accessed",
    "url",
    "licence",
    "attribution",
    "universe",
    "vintage",
    "grade",
    "defects",
    "origin",
    "table",
}
DIGITS = {
    "province": 2,
    "cd": 4,
    "csd": 7,
    "cma": 3,
    "er": 4,
    "fed2013": 5,
}


def card(dataset: str) -> dict[str, Any]:
    with open(RAW / dataset / "SOURCE.toml", "rb") as handle:
        return tomllib.load(handle)


def described(dataset: str) -> dict[str, list[dict[str, str]]]:
    with open(RAW / dataset / "columns.csv", encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        assert tuple(reader.fieldnames or ()) == CODEBOOK
        tables: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in reader:
            tables[row["table"]].append(row)
    return tables


def read(dataset: str, table: str) -> Table:
    """Read a table by nothing but its codebook, as any user of the folder could."""
    keys = {entry["file"]: tuple(entry["key"]) for entry in card(dataset)["table"]}
    columns = tuple(
        Column(
            row["column"],
            row["kind"],
            required=row["kind"] in NUMERIC or row["missing"] == "no",
            reasons=row["kind"] in NUMERIC and row["missing"] == "yes",
        )
        for row in described(dataset)[table]
    )
    return read_table(RAW / dataset / table, Schema(columns, keys[table]), f"{dataset}/{table}")


def total(dataset: str, table: str, column: str) -> int:
    return int(read(dataset, table).values[column].sum())


def cell(dataset: str, table: str, code: str, column: str) -> float:
    values = read(dataset, table).values
    return float(values.loc[values.iloc[:, 0] == code, column].item())


def sources_folder() -> Path | None:
    named = os.environ.get("LIPRESEARCH_SOURCES")
    folder = Path(named) if named else ROOT.parent / "shared" / "sources"
    return folder if folder.is_dir() else None


needs_sources = pytest.mark.skipif(
    sources_folder() is None,
    reason="no folder of published copies: set LIPRESEARCH_SOURCES to it",
)


def test_every_declared_dataset_is_there_and_no_other() -> None:
    assert sorted(DATASETS) == FOLDERS
    assert list(DATASETS) == chosen([])


def test_the_registry_fits() -> None:
    verified = verify_raw(ROOT)
    assert verified.datasets == len(DATASETS) + len(ADDED)
    assert verified.bytes < 6_000_000 or ADDED


#: Datasets that no measure names as its source, and what they are for.
NO_MEASURES = {
    "boundaries_2021": "maps",
    "toronto_boundaries": "maps",
    "toronto_hood_link": "from neighbourhoods of 2016 to those of 2021",
}


def test_every_dataset_is_in_use() -> None:
    """What nothing rests on is not kept."""
    with open(ROOT / "data" / "derived" / "site_measures.csv", encoding="utf-8", newline="") as handle:
        used = {name for row in csv.DictReader(handle) for name in row["sources"].split(";")}
    idle = sorted(set(FOLDERS) - used - set(NO_MEASURES))
    assert not idle, f"No measure of data/derived/site_measures.csv names as its source: {', '.join(idle)}"
    assert sorted(used & set(NO_MEASURES)) == []


@pytest.mark.parametrize("dataset", FOLDERS)
def test_the_card_is_complete(dataset: str) -> None:
    found = card(dataset)
    assert set(found) == CARD_KEYS
    assert found["dataset"] == dataset
    assert found["grade"] in ("A", "B", "C")
    assert found["url"].startswith("https://")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", found["accessed"])
    for key in CARD_KEYS - {"defects", "origin", "table"}:
        assert found[key].strip() == found[key] != "", key
    assert found["defects"]
    assert all(sentence.endswith(".") for sentence in found["defects"])
    assert [entry["file"] for entry in found["origin"]] == list(DATASETS[dataset].inputs)
    for entry in found["origin"]:
        assert set(entry) == {"file", "bytes", "sha256"}
        assert entry["bytes"] > 0
        assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])
    for entry in found["table"]:
        assert set(entry) == {"file", "level", "rows", "key"}
        assert entry["level"] in LEVELS


def test_short_names_are_short_and_each_names_one_dataset() -> None:
    names = {dataset: str(card(dataset)["short"]) for dataset in FOLDERS}
    assert {name: short for name, short in short_names(ROOT).items() if name not in ADDED} == names
    assert len(set(names.values())) == len(names)
    assert {name: len(name) for name in names.values() if len(name) > 44} == {}
    assert [name for name in names.values() if "_" in name] == []


@pytest.mark.parametrize("dataset", FOLDERS)
def test_tables_card_and_codebook_name_the_same(dataset: str) -> None:
    files = {path.name for path in (RAW / dataset).iterdir()} - {"SOURCE.toml", "columns.csv"}
    assert files == {entry["file"] for entry in card(dataset)["table"]} == set(described(dataset))


@pytest.mark.parametrize("dataset", FOLDERS)
def test_every_table_reads_by_its_codebook_alone(dataset: str) -> None:
    for entry in card(dataset)["table"]:
        table = read(dataset, entry["file"])
        assert len(table.values) == entry["rows"] > 0
        keys = [tuple(row) for row in table.values[entry["key"]].itertuples(index=False)]
        assert keys == sorted(keys)
        for row in described(dataset)[entry["file"]]:
            numeric = row["kind"] in NUMERIC
            assert row["kind"] in KINDS
            assert all(row[key] for key in ("label", "source_column")), row
            assert row["missing"] in ("yes", "no")
            assert row["additive"] in (("yes", "no") if numeric else ("",)), row
            assert bool(row["unit"]) == bool(row["universe"]) == numeric, row
            if row["column"] in DIGITS and row["kind"] == "id":
                codes = [code for code in table.values[row["column"]] if code]
                assert all(len(code) == DIGITS[row["column"]] and code.isdigit() for code in codes)
            if row["column"].startswith("hood1"):
                assert all(code == "" or str(int(code)) == code for code in table.values[row["column"]])
            if numeric:
                used = set(table.reasons[row["column"]]) - {""}
                assert used <= set(REASONS)


def test_declared_columns_stand_in_the_codebooks() -> None:
    for name, dataset in DATASETS.items():
        with open(RAW / name / "columns.csv", encoding="utf-8", newline="") as handle:
            found = {tuple(row) for row in csv.reader(handle)}
        assert set(codebook(dataset, dataset.tables)) <= found


@pytest.mark.parametrize("dataset", FOLDERS)
def test_files_are_plain(dataset: str) -> None:
    for path in (RAW / dataset).iterdir():
        raw = path.read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf"), path
        assert b"\r" not in raw, path
        assert raw.endswith(b"\n"), path
        assert "\ufffd" not in raw.decode("utf-8"), path


# --- figures that are known from elsewhere ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "code", "people"),
    [
        ("cd.csv", "3521", 1451022),
        ("cd.csv", "3520", 2794356),
        ("csd.csv", "3556027", 41145),
        ("cd.csv", "3507", 104070),
    ],
)
def test_population_of_2021(table: str, code: str, people: int) -> None:
    assert cell("population_2021", table, code, "population_2021") == people


def test_ontario_is_complete() -> None:
    values = read("population_2021", "cd.csv").values
    ontario = values[values["cd"].str.startswith("35")]
    assert len(ontario) == 49
    assert (
        ontario["population_2021"].sum() == cell("population_2021", "province.csv", "35", "population_2021") == 14223942
    )
    assert cell("population_2021", "province.csv", "01", "population_2021") == 36991981


def test_subdivisions_add_to_their_divisions() -> None:
    csd = read("population_2021", "csd.csv").values
    cd = read("population_2021", "cd.csv").values.set_index("cd")["population_2021"]
    ontario = csd[csd["csd"].str.startswith("35")]
    sums = ontario.groupby(ontario["csd"].str[:4])["population_2021"].sum()
    assert len(sums) == 49
    assert (sums == cd[sums.index]).all()


def test_geography_agrees_with_the_population_table() -> None:
    geography = read("geography_2021", "csd.csv").values.set_index("csd")
    population = read("population_2021", "csd.csv").values.set_index("csd")
    both = population.index.intersection(geography.index)
    assert len(both) == len(population) == 580
    assert (
        geography.loc[both, "population_2021"].fillna(-1) == population.loc[both, "population_2021"].fillna(-1)
    ).all()
    cd = read("geography_2021", "cd.csv").values
    assert set(geography["cd"]) == set(cd["cd"])
    assert set(cd["er"]) | set(geography["er"]) <= set(read("geography_2021", "er.csv").values["er"])
    assert set(geography["cma"]) - {""} <= set(read("geography_2021", "cma.csv").values["cma"])
    assert set(geography["sactype"]) <= set(read("geography_2021", "sactype.csv").values["sactype"])
    assert ((geography["cma"] != "") == geography["sactype"].isin(["1", "2", "3"])).all()


def test_remoteness_covers_ontario() -> None:
    table = read("remoteness_2021", "csd.csv")
    assert sum(table.values["csd"].str.startswith("35")) == 577
    assert (table.reasons["remoteness_index"] == "not published").sum() == 3
    assert cell("remoteness_2021", "csd.csv", "3520005", "remoteness_index") < 0.05
    assert cell("remoteness_2021", "csd.csv", "3558004", "remoteness_index") > 0.2


@pytest.mark.parametrize(("cd", "people"), [("3521", 1159405), ("3525", 504559), ("3540", 59325)])
def test_population_of_2006(cd: str, people: int) -> None:
    assert cell("immigrants_2006", "population_2006.csv", cd, "population_2006") == people


def test_immigrants_of_2006() -> None:
    assert total("immigrants_2006", "cd.csv", "immigrants") == 3398720
    assert total("immigrants_2006", "cd.csv", "non_immigrants") == 8512030
    assert len(read("immigrants_2006", "cd.csv").values) == 49
    assert cell("immigrants_2006", "csd.csv", "3509004", "immigrants") == 435
    assert cell("immigrants_2006", "csd.csv", "4806016", "immigrants") == 242750
    table = read("immigrants_2006", "csd.csv")
    assert (table.reasons["immigrants"] == "suppressed").sum() == 3
    assert set(table.values["csd"]) <= set(read("geography_2021", "csd.csv").values["csd"])
    population = read("immigrants_2006", "population_2006.csv").values
    ontario = population[population["cd"].str.startswith("35")]
    assert ontario["population_2006"].sum() == 12160282


def test_the_two_tables_of_2006_agree() -> None:
    """SOURCES: shares within 0.3 points for 45 of 49 divisions, 0.3 to 1.1 points for the other four."""
    counts = read("immigrants_2006", "cd.csv").values.set_index("cd")
    published = read("immigrants_2006", "population_2006.csv").values.set_index("cd")["immigrants_percent"]
    shares = 100 * counts["immigrants"] / (counts["immigrants"] + counts["non_immigrants"])
    gaps = (shares - published[shares.index]).abs()
    assert (gaps <= 0.3).sum() == 45
    assert gaps.max() <= 1.15


def test_first_generation_estimates() -> None:
    assert cell("first_generation_2016", "cd.csv", "3520", "first_generation_percent") == pytest.approx(51.1, abs=0.05)
    assert cell("first_generation_2016", "cd.csv", "3525", "first_generation_percent") == pytest.approx(25.9, abs=0.05)
    published = 100 * cell("hamilton_2016", "csd.csv", "3525005", "first_generation") / 527930
    assert published == pytest.approx(26.2, abs=0.05)
    ratios = read("first_generation_2016", "cd.csv").values["pop_ratio"]
    assert len(ratios) == 49
    assert ((ratios < 0.9) | (ratios > 1.1)).sum() == 9


def test_immigrants_of_toronto() -> None:
    assert total("toronto_neighbourhoods_2021", "profile.csv", "immigrants") == 1286145
    assert total("toronto_neighbourhoods_2016", "profile.csv", "immigrants") == 1266005
    assert len(read("toronto_neighbourhoods_2021", "profile.csv").values) == 158
    assert len(read("toronto_neighbourhoods_2016", "profile.csv").values) == 140
    assert total("toronto_neighbourhoods_2016", "profile.csv", "population_2016") == pytest.approx(2731571, abs=50)
    assert total("toronto_neighbourhoods_2021", "profile.csv", "recent_immigrants_2016_2021") == 198030


@pytest.mark.parametrize(
    ("dataset", "totals", "area", "most"),
    [
        ("toronto_neighbourhoods_2016", "profile.csv", "hood140", 0.01),
        ("toronto_neighbourhoods_2021", "profile.csv", "hood158", 0.03),
        ("hamilton_2016", "csd.csv", "csd", 0.0001),
    ],
)
def test_languages_add_to_the_single_responses(dataset: str, totals: str, area: str, most: float) -> None:
    tongues = read(dataset, "mother_tongue.csv").values.set_index(area)
    profile = read(dataset, totals).values.set_index(area)
    languages = read(dataset, "languages.csv").values
    assert set(tongues.columns) == set(languages["language"])
    gap = (tongues.sum(axis=1) - profile["single_responses"]).abs() / profile["single_responses"]
    assert gap.max() < most
    for group in ("english", "french"):
        assert (tongues[group] == profile[f"mother_tongue_{group}"]).all()
    assert set(languages["group"]) == {"english", "french", "indigenous", "non_official"}


def test_known_counts_of_languages() -> None:
    assert total("toronto_neighbourhoods_2016", "mother_tongue.csv", "norwegian") == pytest.approx(225, abs=100)
    assert total("toronto_neighbourhoods_2016", "mother_tongue.csv", "japanese") == pytest.approx(7015, abs=200)
    assert total("toronto_neighbourhoods_2016", "mother_tongue.csv", "cantonese") == pytest.approx(114670, abs=300)
    assert total("toronto_neighbourhoods_2021", "mother_tongue.csv", "mandarin") == 112455
    families = read("toronto_neighbourhoods_2016", "languages.csv").values.set_index("language")["parent"]
    assert families["norwegian"] == families["swedish"] == "Germanic languages"
    assert families["polish"] == "Slavic languages"
    assert families["spanish"] == "Italic (Romance) languages"


def test_metropolitan_areas_of_2016() -> None:
    tongues = read("mother_tongue_cma_2016", "mother_tongue.csv").values.set_index("cma")
    assert tongues.shape == (21, 214)
    people = read("mother_tongue_cma_2016", "cma.csv").values.set_index("cma")["population_2016"]
    share = tongues.sum(axis=1) / people[tongues.index]
    assert share.between(0.93, 1.0).all()
    known = read("geography_2021", "cma.csv").values.set_index("cma")
    assert set(tongues.index) <= set(known.index)
    named = read("mother_tongue_cma_2016", "cma.csv").values.set_index("cma")["name"]
    for code, name in named.items():
        assert known.loc[code, "name"].split(" / ")[0].startswith(name), (code, name)


def test_recent_immigrants_of_areas_that_ridings_fill() -> None:
    """The published figures that come out exactly: every riding that touches the area lies wholly inside it."""
    ridings = read("recent_immigrants_2021", "fed2013.csv").values.set_index("fed2013")
    link = read("recent_immigrants_2021", "link.csv").values
    link["cd"] = link["csd"].str[:4]
    divisions = link.groupby("fed2013")["cd"].agg(set)
    for cd, expected in (("3520", 198040), ("3525", 20145), ("3526", 8720), ("3507", 470)):
        touching = divisions[divisions.map(lambda found, cd=cd: cd in found)]
        assert all(found == {cd} for found in touching)
        assert ridings.loc[touching.index, "recent_immigrants"].sum() == expected
        assert ridings.loc[touching.index, "population_2021"].sum() == cell(
            "population_2021", "cd.csv", cd, "population_2021"
        )
    assert ridings[ridings.index.str.startswith("35")]["population_2021"].sum() == 14223942
    assert ridings[ridings.index.str.startswith("35")]["recent_immigrants"].sum() == 584675


def test_sums_of_dissemination_areas() -> None:
    sums = read("csd_2021_da_sums", "csd.csv").values.set_index("csd")
    official = read("population_2021", "csd.csv").values.set_index("csd")["population_2021"]
    assert len(sums) == 25
    assert (sums["population_2021"] == official[sums.index]).all()
    assert sums.loc["3520005", "immigrants"] == 1286110
    assert sums.loc["3520005", "non_permanent_residents"] == 139310
    parts = sums[["english_only", "french_only", "english_and_french", "neither_english_nor_french"]].sum(axis=1)
    assert ((parts / sums["official_languages_total"] - 1).abs() < 0.01).all()


def test_populations_of_2016_as_first_published() -> None:
    cds = read("population_2016", "cd.csv").values.set_index("cd")
    assert len(cds) == 52
    assert cds.loc[cds.index.str.startswith("35"), "population_2016"].sum() == 13448494
    sums = read("csd_2016_da_sums", "csd.csv").values.set_index("csd")
    assert len(sums) == 24
    assert sums.loc["3520005", "immigrants"] == 1265870
    assert sums.loc["3520005", "population_2016"] == cds.loc["3520", "population_2016"]


@pytest.mark.parametrize(("dataset", "schools"), [("schools_2018", 4919), ("schools_2023", 4930)])
def test_schools(dataset: str, schools: int) -> None:
    table = read(dataset, "schools.csv")
    values = table.values
    assert len(values) == schools
    assert set(values["board_language"]) == {"English", "French"}
    assert (values.loc[values["csd"] == "", "enrolment"].isna()).all()
    assert (values.loc[values["csd"] == "3520005", "hood140"] != "").all()
    assert (values.loc[values["csd"] != "3520005", "hood140"] == "").all()
    # Hamilton is a city of 570,000 and a township of 11,000.
    assert (values["csd"] == "3525005").sum() > 150
    assert (values["csd"] == "3514019").sum() < 10
    assert (table.reasons["enrolment"] == "suppressed").sum() in (154, 158)


def test_health_services() -> None:
    values = read("health_services", "facilities.csv").values
    assert (values["csd"] != "").all()
    counts = values["kind"].value_counts()
    assert counts["community health centre"] == 72
    assert counts["hospital"] == 231
    assert counts["long-term care home"] == 626
    later = read("health_services", "facilities_2020.csv").values
    assert later["kind"].value_counts()["nursing station"] == 18
    hoods = values.loc[values["csd"] == "3520005", "hood140"]
    assert (hoods != "").all()
    assert (values.loc[values["csd"] != "3520005", "hood140"] == "").all()


def test_open_database_of_health_facilities() -> None:
    values = read("health_facilities_odhf", "facilities.csv").values
    assert values["province"].value_counts().to_dict() == {"ON": 2695, "NS": 40, "AB": 7, "NL": 5}
    assert (values["csd"] == "").sum() == 13


def test_codes_of_places_are_published_ones() -> None:
    known = set(read("geography_2021", "csd.csv").values["csd"]) | {""}
    hoods = set(read("toronto_hood_link", "hood140.csv").values["hood140"]) | {""}
    assert hoods - {""} == {str(number) for number in range(1, 141)}
    assert set(read("toronto_neighbourhoods_2016", "profile.csv").values["hood140"]) == hoods - {""}
    for dataset, table in (
        ("schools_2018", "schools.csv"),
        ("schools_2023", "schools.csv"),
        ("health_services", "facilities.csv"),
        ("health_services", "facilities_2020.csv"),
        ("health_facilities_odhf", "facilities.csv"),
    ):
        values = read(dataset, table).values
        assert set(values["csd"]) <= known
        assert set(values["hood140"]) <= hoods
    link = read("toronto_hood_link", "link.csv").values
    assert set(link["hood158"]) == set(read("toronto_neighbourhoods_2021", "profile.csv").values["hood158"])
    assert set(link["hood140"]) == hoods - {""}


def test_facts_have_known_codes() -> None:
    values = read("census_facts", "facts.csv").values
    known = {
        "csd": set(read("geography_2021", "csd.csv").values["csd"]),
        "cd": set(read("geography_2021", "cd.csv").values["cd"]),
        "province": set(read("population_2021", "province.csv").values["province"]),
    }
    for level, codes in known.items():
        assert set(values.loc[values["level"] == level, "code"]) <= codes
    assert values["source_url"].str.startswith("http").all()
    assert not values["source_title"].str.contains("irror|scraped").any()


# --- nothing that must not be there -----------------------------------------------------------------------------


def test_no_addresses_telephone_numbers_or_quotations() -> None:
    postal = re.compile(r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b")
    phone = re.compile(r"(?<![\d.,-])\(?\d{3}\)?[ -]\d{3}-\d{4}\b")
    mail = re.compile(r"[\w.]+@[\w-]+\.\w+")
    for path in sorted(RAW.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for pattern in (postal, phone, mail):
                assert not pattern.search(text), (path, pattern.pattern)
    for dataset in FOLDERS:
        names = {row["column"] for table in described(dataset).values() for row in table}
        assert not names & {"address", "street", "postal_code", "phone", "email", "quoted_text", "principal"}
    for dataset in ("schools_2018", "schools_2023", "health_services", "health_facilities_odhf"):
        assert not {row["column"] for table in described(dataset).values() for row in table} & {"name", "facility_name"}


def test_toml_text_is_quoted_and_control_characters_refused() -> None:
    text = 'a "b" \\ é'
    assert tomllib.loads("key = " + quoted(text))["key"] == text
    with pytest.raises(ValueError, match="control character in 'a\\\\nb'"):
        quoted("a\nb")


# --- against the published copies -------------------------------------------------------------------------------


@needs_sources
def test_compiling_the_copies_gives_the_committed_bytes(tmp_path: Path) -> None:
    folder = sources_folder()
    assert folder is not None
    compile_sources(folder, tmp_path)
    fresh = tmp_path / "data" / "raw"
    assert {path.relative_to(fresh) for path in fresh.rglob("*.*")} == {
        path.relative_to(RAW) for path in RAW.rglob("*.*")
    }
    for path in sorted(fresh.rglob("*.*")):
        assert path.read_bytes() == (RAW / path.relative_to(fresh)).read_bytes(), path.relative_to(fresh)


@needs_sources
def test_places_are_put_into_the_publishers_own_areas_as_often_as_the_cards_say() -> None:
    folder = sources_folder()
    assert folder is not None
    sources = Sources(folder)
    areas, hoods = read_subdivisions(sources), read_hoods(sources)
    sheet = sources.table(ODHF, ("city", "CSDuid", "latitude", "longitude"))
    pairs = [
        (row["CSDuid"], subdivision_of(areas, hoods, point_of(row["longitude"], row["latitude"]), [row["city"]])[0])
        for row in sheet.rows
        if row["CSDuid"]
    ]
    same_csd = 100 * sum(given == found for given, found in pairs) / len(pairs)
    same_cd = 100 * sum(given[:4] == found[:4] for given, found in pairs) / len(pairs)
    assert f"Tried on {len(pairs):,} facilities" in PLACED
    assert (
        f"{same_csd:.1f} per cent of subdivisions and {same_cd:.1f} per cent of census divisions agree"
        in PLACED.replace("  ", " ")
    )
