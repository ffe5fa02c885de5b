"""The decision memo: what it says, in two languages and three formats, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from docx import Document

import lipresearch as lip
from lipresearch import cli, maps, memo, plots, public
from lipresearch.errors import InputError
from lipresearch.memo.content import SECTIONS, sources_in_words
from lipresearch.memo.model import Heading, Memo
from lipresearch.memo.phrases import Phrases, phrases
from lipresearch.ranking import rank_sites
from lipresearch.selection import choose_sites
from memo.readers import DRAWS, ROOT, as_page, as_pdf, as_word


def table_of(document: Memo, caption: str) -> pd.DataFrame:
    """Return the table whose caption holds a text, indexed by its first column."""
    found = next(table for table in document.tables if caption in table.caption)
    frame = pd.DataFrame(found.rows, columns=[f"{column.head}" for column in found.columns])
    return frame.set_index(frame.columns[0])


def after(document: Memo, heading: str) -> list[Any]:
    """Return the blocks between a heading and the next one."""
    blocks = list(document.blocks)
    start = next(at for at, block in enumerate(blocks) if isinstance(block, Heading) and block.text == heading)
    rest = blocks[start + 1 :]
    end = next((at for at, block in enumerate(rest) if isinstance(block, Heading)), len(rest))
    return rest[:end]


# ---- what it says -------------------------------------------------------------------------------


def test_the_recommended_sites_are_those_of_the_selection(selection: Any, memos: dict[str, Memo]) -> None:
    shown = table_of(memos["en"], "Recommended sites")
    assert list(shown.index) == list(selection.table["name"])
    assert list(shown["Rank"]) == [str(rank) for rank in selection.table["rank"]]
    assert list(shown["Score"]) == [f"{score:.2f}" for score in selection.table["score"]]
    ranked = selection.rankings[0].table.set_index("name")
    low, high = ranked.loc["Smiths Falls", ["rank_best", "rank_worst"]]
    assert shown.loc["Smiths Falls", "Rank could be"] == f"{low}–{high}"
    assert memos["en"].title == (
        "6 study sites for health care, mental health and well-being: " + ", ".join(shown.index[:5])
        + f" and {shown.index[5]}"
    )  # fmt: skip


def test_each_site_has_reasons_with_its_own_figures(selection: Any, memos: dict[str, Memo]) -> None:
    parts = selection.rankings[0].contributions.set_index(["name", "criterion"])
    for name in selection.table["name"]:
        (bullets,) = after(memos["en"], name)
        said = {item.lead: item.text for item in bullets.items}
        assert "For it" in said, name
        for lead, text in said.items():
            if lead not in ("For it", "Against it") or text.startswith("nothing"):
                continue
            for item in text.rstrip(".").split("; Immigrants")[0].split(");")[:1]:
                label = item.split(",")[0]
                row = parts.loc[name].reset_index().set_index("label").loc[label]
                assert f"{row['value']:g}"[:4] in item.replace(",", ""), (name, item)
                assert f"{row['vintage']}, grade {row['grade']}" in item
    (bullets,) = after(memos["en"], "Smiths Falls")
    said = {item.lead: item.text for item in bullets.items}
    assert said["In the set"] == "at least 1 with settlement type rural (without this site the set would not meet it)."
    assert said["Missing"] == "Non-permanent residents (not published)."


def test_what_speaks_for_a_site_earns_it_more_points_than_the_median(selection: Any, memos: dict[str, Memo]) -> None:
    ranking = selection.rankings[0]
    parts = ranking.contributions
    ranked = parts[parts["site"].isin(ranking.ranked["site"]) & parts["value"].notna()]
    medians = ranked.groupby("label")["points"].median()
    for name in selection.table["name"]:
        mine = parts[parts["name"] == name].set_index("label")["points"]
        (bullets,) = after(memos["en"], name)
        for item in bullets.items:
            for label in medians.index:
                if item.lead == "For it" and f"{label}, " in item.text:
                    assert mine[label] > medians[label]
                if item.lead == "Against it" and f"{label}, " in item.text:
                    assert mine[label] < medians[label]


def test_alternates_costs_and_best_sets_are_those_of_the_selection(selection: Any, memos: dict[str, Memo]) -> None:
    shown = table_of(memos["en"], "Who replaces whom")
    assert list(shown["Its replacement"]) == list(selection.alternates["replacement_name"])
    change = selection.alternates.set_index("name").loc["Smiths Falls", "change"]
    assert shown.iloc[:, 1]["Smiths Falls"] == f"−{abs(change):.3f}"
    demands = table_of(memos["en"], "What the design demands")
    assert demands["Costs"].iloc[0] == f"{selection.cost_of_quotas['cost'].iloc[0]:.3f}"
    assert demands["Costs"].iloc[1] == "0"
    best = table_of(memos["en"], "The best sets")
    assert list(best["Enters"].replace("–", "")) == list(selection.best_sets["enters"])
    assert f"a better objective than {selection.proof.objective:.4f}" in memos["en"].text


def test_how_sure_is_what_the_draws_say(selection: Any, memos: dict[str, Memo]) -> None:
    ranking = selection.rankings[0]
    unsure = lip.data_uncertainty(ranking)
    often = lip.rank_acceptability(ranking, uncertainty=unsure, draws=DRAWS, seed=2010)
    index = lip.core_index(selection, lip.sample_scores(ranking, uncertainty=unsure, draws=DRAWS, seed=2010))
    shown = table_of(memos["en"], "How often each site is in the best set")
    shares = index.table.set_index("name")["share"]
    for name in shown.index:
        assert shown.loc[name, "In the best set"] == f"{100 * shares[name]:.1f} %"
    assert set(selection.table["name"]) <= set(shown.index)
    ranks = table_of(memos["en"], "Rank acceptability")
    peel = often.acceptability.loc["peel"]
    assert ranks.loc["Peel Region", "4–6"] == f"{100 * peel.loc[4:6].sum():.1f} %"
    assert f"In {100 * index.recommended:.1f} % of the draws" in memos["en"].text


def test_grades_and_gaps_are_those_of_the_ranking(selection: Any, memos: dict[str, Memo]) -> None:
    grades = selection.rankings[0].grades.set_index("name")
    shown = table_of(memos["en"], "Share of the weight")
    assert shown.loc["Peel Region", "A"] == f"{100 * grades.loc['Peel Region', 'A']:.1f} %"
    gaps = table_of(memos["en"], "Values that are missing")
    assert list(gaps.index) == ["Smiths Falls"]
    assert gaps.loc["Smiths Falls", "Why"] == "the dataset has no figure for these areas"
    lost = table_of(memos["en"], "Sites that could not be chosen")
    assert list(lost.index) == list(selection.excluded["name"])
    assert "evidence for 37.5 % of the weight, at least 60.0 % needed" in lost.loc["Calgary"].iloc[0]


def test_every_dataset_behind_a_score_is_named_with_its_attribution(selection: Any, memos: dict[str, Memo]) -> None:
    cards = lip.load_sources().set_index("dataset")
    used = {name for cell in selection.rankings[0].contributions["sources"] for name in cell.split(";") if name}
    shown = table_of(memos["en"], "Published data")
    for name in used:
        assert "scores" in shown.loc[cards.loc[name, "title"], "Used for"]
        assert cards.loc[name, "attribution"] in memos["en"].text
    assert shown.loc[cards.loc["boundaries_2021", "title"], "Used for"] == "map"


def test_partners_priorities_and_surveys_are_those_of_the_cluster(memos: dict[str, Memo]) -> None:
    partners = table_of(memos["en"], "Potential partners")
    assert list(partners.index) == list(lip.load_partners("health")["organisation"])
    for label in lip.load_priorities("health")["label"]:
        assert label in memos["en"].text
    surveys = table_of(memos["en"], "Baseline surveys")
    assert list(surveys.index) == ["Longitudinal Survey of Immigrants to Canada"]


def test_a_set_for_all_clusters_repeats_what_is_per_cluster(
    shared_material: memo.Material, shared_memos: dict[str, Memo]
) -> None:
    document = shared_memos["en"]
    assert document.title.startswith("6 study sites for 5 research clusters together: Toronto North")
    scores = table_of(document, "Score and rank of the recommended sites in each cluster")
    assert scores.shape == (6, 5)
    ranking = shared_material.selection.rankings[1].table.set_index("name")
    assert (
        scores.loc["Ottawa"].iloc[1] == f"{ranking.loc['Ottawa', 'score']:.2f} (rank {ranking.loc['Ottawa', 'rank']})"
    )
    for caption, number in (("Rank acceptability", 5), ("Share of the weight", 5), ("Potential partners", 5)):
        assert sum(caption in table.caption for table in document.tables) == number
    assert document.blocks[-1].rows[0][0] == "lipresearch"
    assert "lipresearch memo all --design all-clusters --draws 60" in document.text
    french = shared_memos["fr"]
    assert french.title.startswith("6 terrains d'étude, 5 groupes de recherche réunis\u00a0: Toronto Nord")
    assert [len(table.rows) for table in french.tables] == [len(table.rows) for table in document.tables]


def test_no_table_is_too_wide_and_nothing_internal_is_shown(
    memos: dict[str, Memo], shared_memos: dict[str, Memo]
) -> None:
    sites = [site for site in lip.load_sites().index if "-" in site]
    for document in (*memos.values(), *shared_memos.values()):
        assert all(len(table.columns) <= 9 for table in document.tables)
        prose = "\n".join(line for line in document.text.splitlines() if "lipresearch " not in line)
        for wrong in ("NaN", "nan", "None", "0.000000", "e-0", "settlement_type", *sites):
            assert not re.search(rf"(?<![\w-]){re.escape(wrong)}(?![\w-])", prose), wrong
        assert "/root" not in document.text
        assert "/tmp" not in document.text
        assert str(ROOT) not in document.text


# ---- making it again ----------------------------------------------------------------------------


def test_the_command_makes_the_same_memo(
    selection: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = lip.write_memo(selection, tmp_path / "one.docx", draws=50)
    assert written == tmp_path / "one.docx"
    text = "\n".join(paragraph.text for paragraph in Document(str(written)).paragraphs)
    command = re.search(r"^lipresearch (memo .*)$", text, re.MULTILINE)
    assert command is not None
    assert command[1] == "memo health --design health --draws 50 --output memo_health_health.docx"
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(ROOT))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        cli.main(command[1].split())
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith("memo_health_health.docx")
    assert said.splitlines()[1] == "Next: lipresearch memo health --design health --language fr"
    assert (tmp_path / "memo_health_health.docx").read_bytes() == written.read_bytes()


def command_of(selection: Any, language: str = "en", ending: str = ".html") -> str:
    roster = "lips-2012"
    return public._memo_command(selection, roster, language, ending, 20_000, 2010, ROOT)


def test_the_command_names_what_is_not_the_default(selection: Any) -> None:
    assert command_of(selection) == "lipresearch memo health --design health"
    measures = lip.load_measures()
    need = lip.rank_sites(measures, lip.load_cluster("health", "need"))
    chosen = lip.choose_sites(need, lip.load_design("six-sites"), exclude=["peel"])
    assert command_of(chosen, "fr", ".pdf") == (
        "lipresearch memo health --design six-sites --perspective need --exclude peel --language fr "
        "--output memo_health_six-sites_fr.pdf"
    )


def test_no_command_is_given_for_what_the_tables_do_not_hold(selection: Any, material: memo.Material) -> None:
    ranking, design = selection.rankings[0], selection.design
    types = public._build.load_all_types(ROOT)
    other = choose_sites(ranking, replace(design, sites=5), types)
    assert command_of(other) == ""
    reasoned = choose_sites(ranking, design, types, exclude={"peel": "declined by letter"})
    assert command_of(reasoned) == ""
    assert public._memo_command(selection, "", "en", ".html", 20_000, 2010, ROOT) == ""
    measures = lip.load_measures()
    rows = (measures["measure"] == "health_kinds_present") & measures["value"].notna()
    measures.loc[rows, ["value", "low", "high"]] = 8.0
    changed = choose_sites(rank_sites(measures, ranking.cluster), design, types)
    assert command_of(changed) == ""
    made = replace(material, reproduction=replace(material.reproduction, command=""))
    assert "no command makes it again" in memo.make_memo(made).text


def test_the_hashes_are_those_of_the_files(material: memo.Material, project_copy: Path) -> None:
    hashes = dict(material.reproduction.hashes)
    assert hashes["registry"] == lip.verify_data().registry_sha256
    assert dict(public._memo_hashes(project_copy)) == hashes
    path = project_copy / "data" / "design" / "designs" / "health.toml"
    path.write_text(path.read_text(encoding="utf-8") + "# a note\n", encoding="utf-8")
    changed = dict(public._memo_hashes(project_copy))
    assert {name for name in hashes if hashes[name] != changed[name]} == {"design"}


# ---- the formats --------------------------------------------------------------------------------


def test_a_hostile_site_name_is_shown_as_it_is(tmp_path: Path, selection: Any, material: memo.Material) -> None:
    ranking = selection.rankings[0]
    measures = lip.load_measures()
    measures.loc[measures["site"] == "peel", "name"] = "<script>alert(1)</script>"
    renamed = rank_sites(measures, ranking.cluster)
    chosen = choose_sites(renamed, selection.design, public._build.load_all_types(ROOT))
    document = memo.make_memo(replace(material, selection=chosen))
    assert "<script>alert(1)</script>" in document.title
    memo.save(document, tmp_path / "memo.html")
    page = (tmp_path / "memo.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


# ---- languages ----------------------------------------------------------------------------------


#: English that the French memo holds on purpose: what is marked, titles and attributions of publishers, names.
def unmarked(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "(en anglais)" not in line)


def test_no_english_phrase_is_left_in_french(memos: dict[str, Memo], shared_memos: dict[str, Memo]) -> None:
    for document in (memos["fr"], shared_memos["fr"]):
        text = unmarked(document.text)
        for key, both in phrases().items():
            for part in re.split(r"\{\w+\}", both["en"]):
                if len(part.split()) > 3:
                    assert part.strip(" .:;,") not in text, key
        assert not re.search(r"\d\.\d+ ?%", text), "a decimal point"
        assert not re.search(r"\d %", text), "a per cent sign after a space that may break"
        assert not re.search(r"\d,\d{3},\d{3}", text)


def test_what_has_no_french_is_marked(selection: Any, material: memo.Material) -> None:
    design = replace(selection.design, note="my own note", note_fr="", quotas=())
    chosen = choose_sites(selection.rankings[0], design, public._build.load_all_types(ROOT))
    assert "my own note (en anglais)" in memo.make_memo(replace(material, selection=chosen), "fr").text
    assert "my own note\n" in memo.make_memo(replace(material, selection=chosen)).text


def test_notes_of_a_selection_name_criteria_in_french(selection: Any, material: memo.Material) -> None:
    design = replace(selection.design, objective="representativeness")
    chosen = choose_sites(selection.rankings[0], design, public._build.load_all_types(ROOT), exclude=["peel"])
    text = memo.make_memo(replace(material, selection=chosen, core=None), "fr").text
    assert "Comparé avec l'ensemble de la liste" in text
    assert "Recent immigrants" not in text
    assert "le plus petit écart à la moyenne de tous les candidats, et non les scores les plus élevés" in text
    assert "écarté au moment du choix" in text


def test_the_same_is_said_in_both_languages(memos: dict[str, Memo]) -> None:
    english, french = memos["en"], memos["fr"]
    assert [type(block) for block in english.blocks] == [type(block) for block in french.blocks]
    for one, other in zip(english.tables, french.tables, strict=True):
        assert len(one.columns) == len(other.columns)
        numbers = [
            [cell.replace("\u00a0", " ").replace(",", ".") for cell in row if re.fullmatch(r"[−\d.,]+", cell)]
            for row in other.rows
        ]
        plain = [[cell for cell in row if re.fullmatch(r"[−\d.,]+", cell)] for row in one.rows]
        assert [[x.replace(",", ".") for x in row] for row in plain] == numbers
    assert "Toronto Ouest" in french.text
    assert table_of(french, "Sites recommandés").loc["Smiths Falls", "Score"].startswith("0,")


def test_sources_of_every_design_have_french() -> None:
    for name in lip.list_designs().index:
        source = lip.load_design(name).source
        assert "anglais" not in sources_in_words(source, Phrases("fr"))
        assert sources_in_words(source, Phrases("en")) == f"source text {source}"
    assert len({key for _, key in SECTIONS}) == 3


def test_the_figures_speak_french(selection: Any) -> None:
    types = public._build.load_all_types(ROOT)
    drawn = public._memo_map(selection, ["york"], types, "fr", ROOT)
    words = " ".join(text.get_text() for text in drawn.findobj(lambda artist: hasattr(artist, "get_text")))
    expected = ["6 sites, 4 à Toronto, 1 urbain et 1 rural, dans 2 régions économiques", "Sud de l'Ontario"]
    expected += ["remplaçant", "Région de York", "Limites\u00a0: Statistique Canada 2021"]
    for said in expected:
        assert said in words
    for wrong in ("Southern", "alternate", "candidates", "Boundaries", "Adapted from", "selected"):
        assert wrong not in words
    often = lip.rank_acceptability(selection.rankings[0], draws=50, seed=1)
    shown = plots.plot_acceptability(often, sites=["peel", "york"], language="fr", names=dict(types["name_fr"]))
    words = " ".join(text.get_text() for text in shown.findobj(lambda artist: hasattr(artist, "get_text")))
    assert "Région de Peel" in words
    assert "premier rang dans" in words
    assert "tirages" in words
    assert "Share of" not in words
    with pytest.raises(InputError, match="None of these sites is ranked"):
        plots.plot_acceptability(often, sites=["calgary"])
    with pytest.raises(InputError, match="There is no language 'de'"):
        maps.map_selection(types, public._map_outlines(ROOT), ["peel"], language="de")


def test_sets_of_one_type_read_well_in_french() -> None:
    types = public._build.load_all_types(ROOT)
    outlines = public._map_outlines(ROOT)
    drawn = maps.map_selection(types, outlines, ["peel"], language="fr")
    assert drawn.get_gid().startswith(
        "1 site, 1 urbain, dans 1 région économique. 1 site choisi (pleine couleur, gras), "
    )


# ---- what is refused ----------------------------------------------------------------------------


def test_what_cannot_be_written_is_refused_before_any_work(
    selection: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "_material", lambda *_: pytest.fail("the work began"))
    with pytest.raises(
        InputError, match=r"^memo\.odt ends in '\.odt'; a memo is written as \.html, \.docx or \.pdf\.$"
    ):
        lip.write_memo(selection, "memo.odt")
    with pytest.raises(InputError, match=r"^memo has no ending; a memo is written as"):
        lip.write_memo(selection, "memo")
    with pytest.raises(InputError, match=r"^There is no language 'de'\. There are: en, fr\.$"):
        lip.write_memo(selection, "memo.html", language="de")
    with pytest.raises(InputError, match=r"^A date is written as 2026-11-24, not '24/11'\.$"):
        lip.write_memo(selection, "memo.html", date="24/11")
    with pytest.raises(InputError, match=r"^A selection is what choose_sites returns, not str\.$"):
        lip.write_memo("health", "memo.html")  # type: ignore[arg-type]


def test_a_date_stands_under_the_title(material: memo.Material) -> None:
    assert memo.make_memo(material, "fr", "2026-12-01").date == "1er décembre 2026"
    document = memo.make_memo(material, "en", "2026-11-24")
    assert document.date == "24 November 2026"
    assert "24 November 2026" in "".join(as_page(document).words)
    assert "24 November 2026" in as_pdf(document).pages[0].extract_text()
    assert as_word(document).paragraphs[2].text == "24 November 2026"


def test_which_site_fills_which_demand(selection: Any) -> None:
    fills = selection.fills
    assert fills.loc[fills["quota"] == "rural", ["site", "needed"]].to_numpy().tolist() == [["smiths-falls", True]]
    types = public._build.load_all_types(ROOT)
    for row in fills.itertuples():
        assert types.loc[row.site, "settlement_type"] == row.quota


def test_the_command_line_refuses_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIPRESEARCH_PROJECT", str(ROOT))
    for arguments, message in (
        (
            ["memo", "health", "--output", "a.odt"],
            "Error: a.odt ends in '.odt'; a memo is written as .html, .docx or .pdf.",
        ),
        (["memo", "health", "--design", "all-clusters"], "Run `lipresearch memo all --design all-clusters`"),
        (["memo", "heath"], "There is no cluster 'heath'"),
    ):
        with pytest.raises(SystemExit) as stop:
            cli.main(arguments)
        assert stop.value.code == 1
        assert message in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        cli.main(["memo", "health", "--language", "de"])
    assert stop.value.code == 2
