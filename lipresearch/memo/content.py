"""What a memo says: a selection and what is known around it, as a document."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from lipresearch import french, wording
from lipresearch.design import Cluster
from lipresearch.designs import ATTRIBUTES, DISTINCT, EACH, INCLUDED, Quota
from lipresearch.errors import InputError
from lipresearch.memo.model import Block, Bullets, Column, Figure, Heading, Memo, Paragraph, Table, cleaned
from lipresearch.memo.phrases import Phrases
from lipresearch.ranking import Ranking
from lipresearch.robustness import RankAcceptability
from lipresearch.selection import CoreIndex, Selection

#: Names in the title, and reasons for and against a site, at most.
TITLE_NAMES, PROS, CONS = 8, 3, 2
#: For several clusters the reasons are shorter.
PROS_OF_MANY, CONS_OF_MANY = 2, 1
#: Ranks that are shown together, by their last one.
BANDS = (1, 3, 6, 10, 20)
#: Parts of the source texts as the tables name them, with the phrase that says it in French.
SECTIONS = (
    (r", Research Cluster (?P<number>\d+)(?:: .*)?", "section.cluster"),
    (r", Research Clusters (?P<first>\d+) to (?P<last>\d+)", "section.clusters"),
    (r", Part (?P<number>\d+)", "section.part"),
)
#: A difference of contributions below this is rounding.
NOTHING = 1e-9


@dataclass(frozen=True)
class Reproduction:
    """With what a memo was made: version, hashes by name (``registry``, ``design``, ``manifest``), draws, command.

    ``command`` is empty where no command makes the same memo.
    """

    version: str
    hashes: tuple[tuple[str, str], ...]
    seed: int
    draws: int
    command: str


@dataclass(frozen=True)
class Picture:
    """A drawn figure: PNG and its size in pixels."""

    png: bytes
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Material:
    """What a memo is made from: a selection, and plain tables of what is known around it.

    Attributes
    ----------
    selection : Selection
    names, names_fr : mapping
        ``{site: name}`` of the sites of all rosters.
    roster, roster_fr : str
        The list of candidates; empty where it is the user's own.
    acceptability : tuple of RankAcceptability
        One a ranking, in their order.
    core : CoreIndex or None
        None where the selection was not by suitability.
    draws : int
    map : Picture or None
        None where there are no outlines of the sites.
    chart : Picture or None
    measures : DataFrame
        Declared measures, indexed by id: label, label_fr, unit, unit_fr, decimals.
    overlaps : mapping
        ``{site: sites that share an area with it}``.
    perspectives : DataFrame
        Of all clusters: cluster, perspective, label, label_fr.
    notes, partners, priorities, surveys : DataFrame
        As the functions of these names return them; of all sites and clusters.
    datasets : DataFrame
        The datasets that the memo rests on: dataset, title, publisher, vintage, licence, attribution, ``used``.
    supplied : tuple of str
        Files of supplied evidence that the values rest on.
    stated : tuple of str or None
        The sources that a roster of the user's own states for its figures; None for the project's sites.
    reproduction : Reproduction
    """

    selection: Selection
    names: Mapping[str, str]
    names_fr: Mapping[str, str]
    roster: str
    roster_fr: str
    acceptability: tuple[RankAcceptability, ...]
    core: CoreIndex | None
    map: Picture | None
    chart: Picture | None
    measures: pd.DataFrame
    overlaps: Mapping[str, tuple[str, ...]]
    perspectives: pd.DataFrame
    notes: pd.DataFrame
    partners: pd.DataFrame
    priorities: pd.DataFrame
    surveys: pd.DataFrame
    datasets: pd.DataFrame
    supplied: tuple[str, ...]
    stated: tuple[str, ...] | None
    reproduction: Reproduction


def alternates(selection: Selection) -> list[str]:
    """Return the ids of the sites that replace a chosen one, each once, in the order of the chosen ones."""
    return list(dict.fromkeys(site for site in selection.alternates["replacement"] if site))


def make_memo(material: Material, language: str = "en", date: str = "") -> Memo:
    """Return the memo about a selection.

    Parameters
    ----------
    material : Material
    language : {"en", "fr"}
        Texts that a user wrote in English only are marked in French.
    date : str, optional
        A day as ``2026-11-24``; default: the memo bears no date, so that it can be made again byte for byte.

    Raises
    ------
    InputError
        For another language, or a date of another form.
    """
    return _Writer(material, Phrases(language)).memo(date)


def spoken_date(date: str, say: Phrases) -> str:
    """Return a date in words; empty for none.

    >>> spoken_date("2026-11-24", Phrases("en")), spoken_date("2026-12-01", Phrases("fr"))
    ('24 November 2026', '1er décembre 2026')
    """
    if not date:
        return ""
    try:
        day = datetime.date.fromisoformat(date)
    except (TypeError, ValueError):
        raise InputError(f"A date is written as 2026-11-24, not {date!r}.") from None
    return say.date(day.year, day.month, day.day)


def sources_in_words(source: str, say: Phrases) -> str:
    """Return where a text is from: ``000, ...`` names a source text by its number.

    >>> sources_in_words("000, Research Cluster 4: Justice", Phrases("en"))
    'source text 000, Research Cluster 4: Justice'
    >>> sources_in_words("000, Research Cluster 4: Justice", Phrases("fr")), sources_in_words("my plan", Phrases("fr"))
    ('texte source 000, groupe de recherche 4', 'my plan (en anglais)')
    """
    found = re.match(r"(\d{3})(?=[,:;]|$)", source)
    rest = source[found.end() :] if found else source
    if say.language == "fr":
        for pattern, key in SECTIONS:
            match = re.fullmatch(pattern, rest)
            if match:
                rest = ", " + say(key, **match.groupdict())
                break
        else:
            rest = say.foreign(rest)
    return (say("source.text", name=found[1]) if found else "") + rest


class _Writer:
    """Makes the blocks of one memo; the language is that of ``say``."""

    def __init__(self, material: Material, say: Phrases):
        self.material, self.say = material, say
        self.selection = material.selection
        self.rankings = self.selection.rankings
        self.design = self.selection.design
        self.many = len(self.rankings) > 1
        #: Whether the sites and all figures are the user's: then nothing said of the project's data holds.
        self.own = material.stated is not None
        self.table = self.selection.table
        roster = pd.concat([ranking.table[["site", "name"]] for ranking in self.rankings]).drop_duplicates("site")
        self.names = dict(zip(roster["site"], roster["name"], strict=True))
        self.french = {name: material.names_fr.get(site) or name for site, name in self.names.items()}

    # -- small things -----------------------------------------------------------------------------

    def both(self, thing: object, name: str) -> str:
        """Return a text that stands beside its French (``label`` beside ``label_fr``); nothing stays nothing."""
        return self.say.either(str(getattr(thing, name)), getattr(thing, f"{name}_fr", ""))

    def name(self, site: str) -> str:
        name = str(self.names[site])
        return name if self.say.language == "en" else self.french[name]

    def listed_names(self, text: str) -> str:
        """Return a list of English names, as the selection's tables hold it, in the language."""
        if self.say.language == "en" or not text:
            return text
        longest = sorted(self.french, key=lambda name: (-len(name), name))
        return re.sub("|".join(map(re.escape, longest)), lambda match: self.french[match[0]], text)

    def cluster_title(self, cluster: Cluster) -> str:
        return self.both(cluster, "title")

    def of_cluster(self, key: str, caption: str, cluster: Cluster) -> str:
        """Return a caption, with the cluster's name where there are several."""
        return self.say(key, caption=caption, cluster=self.cluster_title(cluster)) if self.many else caption

    def goal(self) -> str:
        return self.say(f"goal.{self.design.objective}")

    def sites_here(self) -> list[str]:
        return list(self.selection.sites)

    # -- the whole --------------------------------------------------------------------------------

    def memo(self, date: str) -> Memo:
        say = self.say
        when = spoken_date(date, say)
        parts: tuple[tuple[str, Iterable[Block]], ...] = (
            ("short", self.in_short()),
            ("question", self.question()),
            ("design", self.demands()),
            ("sites", self.recommended()),
            ("map", self.where()),
            ("alternates", self.replacements()),
            ("sure", self.certainty()),
            ("grades", self.grades()),
            ("missing", self.missing()),
            ("partners", self.partners()),
            ("limits", self.limits()),
            ("data", self.data()),
            ("again", self.again()),
        )
        blocks: list[Block] = []
        for key, made in parts:
            blocks += [Heading(say(key)), *made]
        memo = Memo(
            say.language,
            self.title(),
            self.subtitle(),
            when,
            tuple(self.numbered(blocks)),
            say("page"),
            say("page.of"),
            say("contents"),
        )
        done = cleaned(memo)
        assert isinstance(done, Memo)
        return done

    def numbered(self, blocks: Iterable[Block]) -> list[Block]:
        """Return the blocks with tables and figures numbered."""
        tables = figures = 0
        done: list[Block] = []
        for block in blocks:
            if isinstance(block, Table):
                tables += 1
                block = replace(block, caption=self.say("table", n=tables, caption=block.caption))
            elif isinstance(block, Figure):
                figures += 1
                block = replace(block, caption=self.say("figure", n=figures, caption=block.caption))
            done.append(block)
        return done

    def title(self) -> str:
        say = self.say
        sites = say.count("title.sites", len(self.table))
        first = self.rankings[0].cluster
        title = self.cluster_title(first)
        one = say("title.topic", topic=say.lower(title) if say.language == "en" else title)
        topic = say.count("title.clusters", len(self.rankings)) if self.many else one
        names = [self.name(site) for site in self.sites_here()]
        if len(names) > TITLE_NAMES:
            names = [*names[: TITLE_NAMES - 1], "…"]
            return say("title", sites=sites, topic=topic, names=", ".join(names))
        return say("title", sites=sites, topic=topic, names=say.listed(names))

    def subtitle(self) -> str:
        say, first = self.say, self.rankings[0].cluster
        stance = (
            say("subtitle.many")
            if self.many
            else say("subtitle.one", perspective=self.both(first, "perspective_label"))
        )
        return say("subtitle", design=self.both(self.design, "label"), stance=stance)

    # -- sections ---------------------------------------------------------------------------------

    def in_short(self) -> list[Block]:
        say, selection, proof = self.say, self.selection, self.selection.proof
        candidates = say.count("short.candidates", len(selection.candidates))
        names = say.listed(self.name(site) for site in self.sites_here())
        items = [Paragraph(say("short.set.text", names=names, candidates=candidates), say("short.set"))]
        n = len(self.table)
        if proof.optimal:
            text = say("short.proof.yes", n=n, goal=self.goal())
        else:
            text = say("short.proof.no", gap=say.difference(proof.gap), goal=self.goal())
        items.append(Paragraph(text, say("short.proof")))
        items.append(Paragraph(self.flatness(), say("short.flat")))
        if self.material.core is not None:
            share, draws = self.material.core.recommended, self.material.core.draws
            text = say("short.sure.text", draws=say.number(draws), share=say.percent(share))
            items.append(Paragraph(text, say("short.sure")))
        lost = sum(len(self.gaps(ranking)) for ranking in self.rankings)
        text = say.count("short.missing", lost) if lost else say("short.missing.zero")
        items.append(Paragraph(text, say("short.missing")))
        return [Bullets(tuple(items))]

    def flatness(self) -> str:
        say, best = self.say, self.selection.best_sets
        if len(best) < 2:
            return say("short.flat.only")
        shared = self.selection.shared
        always = [self.name(site) for site in shared.loc[shared["sets"] == len(best), "site"]]
        held = say.listed(always) or say("none")
        last = abs(float(best["change"].iloc[-1]))
        if not last:
            return say("short.flat.equal", n=len(best), always=held)
        return say("short.flat.text", n=len(best), change=say.difference(last), always=held)

    def question(self) -> list[Block]:
        say = self.say
        blocks: list[Block] = []
        for ranking in self.rankings:
            cluster = ranking.cluster
            if self.many:
                blocks.append(Heading(f"{cluster.number} {self.cluster_title(cluster)}", 2))
            blocks.append(Paragraph(self.both(cluster, "question")))
            source = sources_in_words(", ".join(dict.fromkeys(self.workshop(cluster))), say)
            asked = say("question.asked.text", number=cluster.number, source=source)
            label = self.both(cluster, "perspective_label")
            stance = f"{label}. {self.both(cluster, 'stance')}"
            items = [Paragraph(asked, say("question.asked")), Paragraph(stance, say("question.perspective"))]
            if not self.many:
                title = f"{cluster.number} {self.cluster_title(cluster)}"
                items.insert(0, Paragraph(title, say("question.cluster")))
            weights = self.both(cluster, "weight_basis")
            items.append(Paragraph(weights, say("question.weights")))
            blocks.append(Bullets(tuple(items)))
        n = say.number(len(self.names))
        label = self.both(self.material, "roster")
        text = say("question.roster.text", label=label, n=n) if label else say("question.roster.own", n=n)
        blocks += [Paragraph(text, say("question.roster")), Paragraph(say("question.score"), kind="note")]
        return blocks

    def workshop(self, cluster: Cluster) -> list[str]:
        """Return the source texts of a cluster's factors, with their sections."""
        return [f"{row.seed}, {str(row.section).split(', Factors')[0]}" for row in cluster.factors.itertuples()][:1]

    def demands(self) -> list[Block]:
        say, design, selection = self.say, self.design, self.selection
        items = [
            Paragraph(sources_in_words(design.source, say), say("design.drawn")),
            Paragraph(
                say(
                    "design.sites.text",
                    n=say.number(design.sites),
                    why=self.both(design, "sites_rationale"),
                ),
                say("design.sites"),
            ),
            Paragraph(say("design.sought.text", goal=self.goal()), say("design.sought")),
        ]
        if design.note:
            items.append(Paragraph(self.both(design, "note"), say("design.note")))
        blocks: list[Block] = [Bullets(tuple(items))]
        quotas = selection.quotas
        if quotas.empty:
            return [*blocks, Paragraph(say("design.nothing")), Paragraph(say("design.overlap"), kind="note")]
        costs = selection.cost_of_quotas.set_index("quota")
        rows = []
        for row in quotas.itertuples(index=False):
            target = row.kind == "spread"
            met = (
                say("design.target.met" if row.met else "design.target") if target else say("yes" if row.met else "no")
            )
            cost = say.difference(float(costs.loc[row.quota, "cost"])) if row.quota in costs.index else "–"
            rows.append((self.demand(row.quota), self.rationale(row.quota), self.has(row), met, cost))
        columns = (
            Column(say("design.demand"), width=2.2),
            Column(say("design.why"), width=3.6),
            Column(say("design.has"), width=1.3),
            Column(say("design.met"), width=1.4),
            Column(say("design.cost"), number=True, width=1.0),
        )
        notes = [say("design.cost.note")]
        if "all" in costs.index:
            row = costs.loc["all"]
            notes.append(
                say(
                    "design.all.note",
                    cost=say.difference(float(row["cost"])),
                    enters=self.listed_names(row["enters"]),
                    leaves=self.listed_names(row["leaves"]),
                )
                if row["cost"]
                else say("design.free.note")
            )
        notes.append(say("design.overlap"))
        labels = dict(zip(quotas["label"], map(self.demand, quotas["quota"]), strict=True))
        criteria = pd.concat([ranking.cluster.criteria for ranking in self.rankings])
        words = self.french | dict(zip(criteria["label"], criteria["label_fr"], strict=True)) | labels
        notes += [note if say.language == "en" else french.note(note, words) for note in selection.notes]
        return [*blocks, Table(say("design.caption"), columns, tuple(rows), tuple(notes))]

    def quota(self, name: str) -> Quota | None:
        return next((quota for quota in self.design.quotas if quota.quota == name), None)

    def demand(self, name: str) -> str:
        """Return a demand of the design in words."""
        say, quota = self.say, self.quota(name)
        english = str(self.selection.quotas.set_index("quota").loc[name, "label"])
        if say.language == "en":
            return english
        if quota is not None:
            measures = self.material.measures
            named = quota.measure in measures.index
            return quota.label_in("fr", self.both(measures.loc[quota.measure], "label") if named else "")
        if name.startswith(INCLUDED):
            site = name.removeprefix(INCLUDED)
            return say("demand.include", site=self.name(site), why=self.said_of(site, "include"))
        return say("demand.apart", km=say.number(self.design.minimum_km, 0 if self.design.minimum_km % 1 == 0 else 1))

    def said_of(self, site: str, what: str) -> str:
        """Return why a design includes or excludes a site."""
        design = self.design
        pairs = {"include": (design.include, design.include_fr), "exclude": (design.exclude, design.exclude_fr)}
        said, translated = (dict(part) for part in pairs[what])
        return self.say.either(said[site], translated.get(site, ""))

    def rationale(self, name: str) -> str:
        quota = self.quota(name)
        if quota is None:
            design = self.design
            return self.both(design, "minimum_km_rationale") if name == "minimum_km" else ""
        text = self.both(quota, "rationale")
        return f"{text} ({quota.factor})" if quota.factor else text

    def has(self, row: Any) -> str:
        """Return what the set has of a demand."""
        say, quota = self.say, self.quota(row.quota)
        if quota is not None and quota.attribute and quota.level == EACH:
            levels = ATTRIBUTES[quota.attribute][1] or sorted(set(self.table[quota.attribute]))
            counts = [(level, int((self.table[quota.attribute] == level).sum())) for level in levels]
            shown = [f"{n} {say.level(level, quota.attribute)}" for level, n in counts if n and level]
            return ", ".join(shown) or say("none")
        if quota is not None:
            return str(row.has)
        if row.quota.startswith(INCLUDED):
            return say("yes" if row.met else "no")
        return say("demand.all pairs" if row.met else "demand.near")

    def recommended(self) -> list[Block]:
        say = self.say
        ends = (
            (("sum", 1.2), ("sum.range", 1.6))
            if self.many
            else (("rank.range", 1.3), ("score", 1.1), ("score.range", 1.5))
        )
        columns = (
            Column(say("sites.site"), width=2.4),
            Column(say("sites.type"), width=1.2),
            Column(say("sites.region"), width=2.2),
            Column(say("sites.rank"), True, 1.0),
            *(Column(say(f"sites.{head}"), True, width) for head, width in ends),
        )
        first = self.rankings[0].table.set_index("site")
        weights = self.design.cluster_weights or (1.0,) * len(self.rankings)
        rows = []
        for row in self.table.itertuples(index=False):
            cells = [self.name(row.site), say.level(row.settlement_type, "settlement_type")]
            cells += [say.level(row.region, "region"), str(row.rank)]
            if self.many:
                low = high = 0.0
                for ranking, weight in zip(self.rankings, weights, strict=True):
                    mine = ranking.ranked.set_index("site")
                    if row.site in mine.index:
                        low += weight * float(mine.loc[row.site, "score_lowest"])
                        high += weight * float(mine.loc[row.site, "score_highest"])
                cells += [say.number(row.score, 2), say.span(low, high)]
            else:
                mine = first.loc[row.site]
                cells += [say.ranks(mine["rank_best"], mine["rank_worst"]), say.number(row.score, 2)]
                cells += [say.span(mine["score_lowest"], mine["score_highest"])]
            rows.append(tuple(cells))
        note = say("sites.sum.note" if self.many else "sites.note", n=len(self.selection.candidates))
        blocks: list[Block] = [Table(say("sites.caption"), columns, tuple(rows), (note,))]
        if self.many:
            blocks.append(self.scores_by_cluster())
        blocks += self.passed_over()
        blocks += [Heading(say("reasons"), 2), Paragraph(say("reasons.note"), kind="note")]
        if self.design.objective != "suitability":
            blocks.append(Paragraph(say("reasons.other", goal=self.goal()), kind="note"))
        for site in self.sites_here():
            blocks += [Heading(self.name(site), 3), *self.reasons(site)]
        return blocks

    def passed_over(self) -> list[Block]:
        """Return which sites with a higher score give way to a recommended one that shares an area with them."""
        say, chosen = self.say, self.table.set_index("site")["score"]
        found = []
        for row in self.selection.candidates.itertuples(index=False):
            shared = [site for site in self.material.overlaps.get(row.site, ()) if site in chosen.index]
            if row.site not in chosen.index and shared and row.score > min(chosen[site] for site in shared):
                others = say.listed(self.name(site) for site in shared)
                found.append(say("sites.passed.item", site=self.name(row.site), rank=row.rank, others=others))
        return [Paragraph("; ".join(found) + ".", say("sites.passed"))] if found else []

    def scores_by_cluster(self) -> Table:
        say = self.say
        columns = (
            Column(say("sites.site"), width=1.6),
            *(Column(self.cluster_title(ranking.cluster), True, 1.5) for ranking in self.rankings),
        )
        rows = []
        for site in self.sites_here():
            cells = [self.name(site)]
            for ranking in self.rankings:
                mine = ranking.ranked.set_index("site")
                cells.append(
                    say("sites.parts.cell", score=say.number(mine.loc[site, "score"], 2), rank=mine.loc[site, "rank"])
                    if site in mine.index
                    else say("sites.not ranked")
                )
            rows.append(tuple(cells))
        return Table(say("sites.parts.caption"), columns, tuple(rows))

    def reasons(self, site: str) -> list[Block]:
        say = self.say
        fills = self.selection.fills
        served = []
        for row in fills[fills["site"] == site].itertuples(index=False):
            quota = self.quota(row.quota)
            if row.needed:
                served.append(say("reasons.fills.needed", demand=self.demand(row.quota)))
            elif quota is None or quota.level not in (EACH, DISTINCT):  # to these every site adds something
                served.append(self.demand(row.quota))
        last = [Paragraph("; ".join(served) + ".", say("reasons.fills"))] if served else []
        if not self.many:
            return [Bullets((*self.arguments(self.rankings[0], site, PROS, CONS), *last))]
        items = []
        for ranking in self.rankings:
            mine, title = ranking.ranked.set_index("site"), self.cluster_title(ranking.cluster)
            if site in mine.index:
                rank, score = mine.loc[site, "rank"], say.number(mine.loc[site, "score"], 2)
                lead = say("reasons.cluster", cluster=title, rank=rank, score=score)
            else:
                lead = say("reasons.cluster.none", cluster=title)
            said = self.arguments(ranking, site, PROS_OF_MANY, CONS_OF_MANY)
            runs = [say("reasons.run", lead=part.lead, text=part.text) for part in said]
            items.append(Paragraph(" ".join(runs), lead))
        return [Bullets((*items, *last))]

    def arguments(self, ranking: Ranking, site: str, pros: int, cons: int) -> list[Paragraph]:
        """Return what speaks for a site, against it, and what is missing, from the parts of its score."""
        say = self.say
        parts = ranking.contributions
        ranked = parts[parts["site"].isin(set(ranking.ranked["site"])) & parts["value"].notna()]
        points = ranked.groupby("criterion")["points"].median()
        medians = ranked.groupby("criterion")["value"].median()
        mine = parts[(parts["site"] == site) & parts["weight"].gt(0)]
        known = mine[mine["value"].notna()].copy()
        known["lead"] = known["weight"] * (known["points"] - known["criterion"].map(points).fillna(0.0))
        known = known.sort_values("lead", ascending=False, kind="stable")
        ahead = known[known["lead"] > NOTHING].head(pros)
        behind = known[known["lead"] < -NOTHING].iloc[::-1].head(cons)

        def told(rows: pd.DataFrame) -> str:
            items = (
                self.argument(ranking, row, float(medians.get(row.criterion, math.nan))) for row in rows.itertuples()
            )
            return "; ".join(items) + "."

        said = []
        even = known[known["lead"] >= -NOTHING].sort_values("contribution", ascending=False, kind="stable").head(CONS)
        if len(ahead):
            said.append(Paragraph(told(ahead), say("reasons.pro")))
        elif len(even):
            said.append(Paragraph(told(even), say("reasons.even")))
        elif len(known) and not self.many:
            said.append(Paragraph(say("reasons.nothing.pro"), say("reasons.pro")))
        if len(behind):
            said.append(Paragraph(told(behind), say("reasons.con")))
        elif len(known) and not self.many:
            said.append(Paragraph(say("reasons.nothing.con"), say("reasons.con")))
        lost = mine[mine["value"].isna()]
        if len(lost):
            items = [
                say("reasons.gap.item", label=self.label(ranking, row.criterion), why=self.known(row))
                for row in lost.itertuples()
            ]
            said.append(Paragraph("; ".join(items) + ".", say("reasons.gap")))
        return said

    def label(self, ranking: Ranking, criterion: str) -> str:
        return self.both(ranking.cluster.criteria.loc[criterion], "label")

    def unit(self, row: Any) -> str:
        """Return the unit of a value, also where it is not that of the declared measure."""
        measures = self.material.measures
        known = row.measure in measures.index and measures.loc[row.measure, "unit"] == row.unit
        return self.both(measures.loc[row.measure], "unit") if known else self.say.foreign(row.unit)

    def vintage(self, years: str) -> str:
        """Return the years that a figure is of."""
        return years if self.say.language == "en" else french.vintage(years)

    def places(self, measure: str) -> int:
        """Return how many decimals a measure has."""
        measures = self.material.measures
        return int(measures.loc[measure, "decimals"]) if measure in measures.index else 1

    def argument(self, ranking: Ranking, row: Any, median: float) -> str:
        say, places = self.say, self.places(row.measure)
        value = wording.measured(row.value, row.low, row.high, row.reason, places, say.language)
        grade = say("reasons.grade", grade=row.grade)
        vintage = self.vintage(row.vintage)
        evidence = say("reasons.evidence", vintage=vintage, grade=row.grade) if vintage else grade
        if row.supplied == "yes":
            evidence = say("reasons.supplied", evidence=evidence)
        return say(
            "reasons.item",
            label=self.label(ranking, row.criterion),
            value=value,
            unit=self.unit(row),
            evidence=evidence,
            median=say.number(median, places),
        )

    def known(self, row: Any) -> str:
        """Return what is known where a value is missing: its bounds, or the reason."""
        places = self.places(row.measure)
        text = wording.measured(row.value, row.low, row.high, row.reason, places, self.say.language)
        return f"{text} {self.unit(row)}" if not pd.isna(row.low) else text

    def where(self) -> list[Block]:
        say, drawn = self.say, self.material.map
        others = [self.name(site) for site in alternates(self.selection)]
        names = say.listed(self.name(site) for site in self.sites_here())
        alt = say("map.alt", names=names, others=say.listed(others) or say("none"))
        if drawn is None:
            return [Paragraph(say("map.none"))]
        return [Figure(drawn.png, drawn.width, drawn.height, alt, say("map.caption"))]

    def replacements(self) -> list[Block]:
        say = self.say
        columns = (
            Column(say("alternates.site"), width=1.7),
            Column(say("alternates.replacement"), width=1.7),
            Column(say("alternates.change"), True, 1.5),
            Column(say("alternates.enters"), width=2.6),
            Column(say("alternates.leaves"), width=2.0),
            Column(say("alternates.change"), True, 1.5),
        )
        rows = []
        for row in self.selection.alternates.itertuples(index=False):
            lost = math.isnan(row.best_without)
            rows.append(
                (
                    self.name(row.site),
                    self.name(row.replacement) if row.replacement else say("alternates.none"),
                    say.difference(row.change),
                    say("alternates.no set") if lost else self.listed_names(row.enters) or "–",
                    self.listed_names(row.leaves_too) or "–",
                    say.difference(row.best_without_change),
                )
            )
        return [Table(say("alternates.caption"), columns, tuple(rows), (say("alternates.note", goal=self.goal()),))]

    def certainty(self) -> list[Block]:
        say, selection, proof, core = self.say, self.selection, self.selection.proof, self.material.core
        solver = say("sure.solver.programme")
        if proof.compared is not None:
            solver = say("sure.solver.compared", n=say.number(proof.compared))
        said = {"value": say.number(proof.objective, 4), "goal": self.goal(), "solver": solver}
        if proof.optimal:
            text = say("sure.proof.yes", **said)
        else:
            text = say("sure.proof.no", bound=say.number(proof.bound, 4), gap=say.difference(proof.gap), **said)
        items = [Paragraph(text, say("sure.proof"))]
        if proof.equally_good > 1:
            text = say("sure.equal.more" if proof.more else "sure.equal.sets", n=say.number(proof.equally_good))
        else:
            text = say("sure.equal.open" if proof.more else "sure.equal.none")
        items.append(Paragraph(text, say("sure.equal")))
        items.append(Paragraph(self.flatness(), say("short.flat")))
        if core is not None:
            text = say(
                "sure.draws.text",
                draws=say.number(core.draws),
                share=say.percent(core.recommended),
                sets=say.number(core.sets),
            )
            items.append(Paragraph(text, say("sure.draws")))
        blocks: list[Block] = [Bullets(tuple(items))]
        best = selection.best_sets
        columns = (
            Column(say("sure.best.place"), True, 0.9),
            Column(say("sure.best.objective"), True, 1.3),
            Column(say("sure.best.change"), True, 1.2),
            Column(say("sure.best.leaves"), width=3.0),
            Column(say("sure.best.enters"), width=3.0),
        )
        rows = tuple(
            (
                str(row.place),
                say.number(row.objective, 3),
                say.difference(row.change),
                self.listed_names(row.leaves) or "–",
                self.listed_names(row.enters) or "–",
            )
            for row in best.itertuples(index=False)
        )
        blocks.append(Table(say("sure.best.caption"), columns, rows, (say("sure.best.note"),)))
        blocks.append(self.core_table(core) if core is not None else Paragraph(say("sure.core.not")))
        if self.material.chart is not None:
            drawn = self.material.chart
            draws = say.number(self.material.acceptability[0].draws)
            caption = say("sure.chart.caption", draws=draws)
            alt = f"{caption}. " + "; ".join(self.usual(self.material.acceptability[0]))
            blocks.append(Figure(drawn.png, drawn.width, drawn.height, alt, caption))
        for ranking, often in zip(self.rankings, self.material.acceptability, strict=True):
            blocks += self.rank_shares(ranking, often)
        return blocks

    def usual(self, often: RankAcceptability) -> list[str]:
        table, say = often.table, self.say
        return [
            f"{self.name(site)}: {say.ranks(table.loc[site, 'rank_low'], table.loc[site, 'rank_high'])}"
            for site in self.shown(often)
        ]

    def shown(self, often: RankAcceptability) -> list[str]:
        """Return the recommended sites and their alternates, those that are ranked."""
        both = [*self.sites_here(), *alternates(self.selection)]
        return [site for site in both if site in often.table.index]

    def core_table(self, core: CoreIndex) -> Table:
        say = self.say
        table = core.table
        table = table[(table["class"] != "out") | table["chosen"]]
        columns = (
            Column(say("sites.site"), width=2.4),
            Column(say("sure.core.share"), True),
            Column(say("sure.core.class")),
            Column(say("sure.core.chosen")),
        )
        rows = tuple(
            (
                self.name(row.site),
                say.percent(row.share),
                say(f"class.{row[4]}"),
                say("yes" if row.chosen else "no"),
            )
            for row in table[["site", "name", "share", "chosen", "class"]].itertuples(index=False)
        )
        note = say("sure.core.note", core=say.percent(core.core), out=say.percent(core.out))
        return Table(say("sure.core.caption"), columns, rows, (note,))

    def rank_shares(self, ranking: Ranking, often: RankAcceptability) -> list[Block]:
        say, shares, table = self.say, often.acceptability, often.table
        sites = self.shown(often)
        if not sites:
            return []
        ends = [*(end for end in BANDS if end < shares.shape[1]), shares.shape[1]]
        starts = [1, *(end + 1 for end in ends[:-1])]
        columns = [Column(say("sites.site"), width=2.4), Column(say("sure.ranks.rank"), True, 1.0)]
        columns.append(Column(say("sure.ranks.usual"), True, 1.3))
        for start, end in zip(starts, ends, strict=True):
            head = say("sure.ranks.first") if end == 1 else say.span(start, end, 0)
            columns.append(Column(head, True, 1.1))
        rows = []
        for site in sites:
            cells = [self.name(site), str(table.loc[site, "rank"])]
            cells.append(say.ranks(table.loc[site, "rank_low"], table.loc[site, "rank_high"]))
            for start, end in zip(starts, ends, strict=True):
                cells.append(say.percent(min(1.0, float(shares.loc[site, start:end].sum()))))
            rows.append(tuple(cells))
        caption = self.of_cluster("sure.ranks.cluster", say("sure.ranks.caption"), ranking.cluster)
        return [Table(caption, tuple(columns), tuple(rows), (say("sure.ranks.note"),))]

    def grades(self) -> list[Block]:
        say = self.say
        kinds = {"A": "A", "B": "B", "C": "C", "bounds only": say("grades.bounds"), "missing": say("grades.missing")}
        letters = {letter.lower(): wording.grade(letter, say.language) for letter in "ABC"}
        blocks: list[Block] = []
        for ranking in self.rankings:
            grades = ranking.grades
            shown = dict(kinds)
            notes = [say("grades.note", **letters)]
            if (grades.loc[self.sites_here(), "of it supplied"] > 0).any():
                shown["of it supplied"] = say("grades.supplied")
                notes.append(say("grades.supplied.note"))
            columns = (Column(say("sites.site"), width=2.4), *(Column(head, True) for head in shown.values()))
            rows = tuple(
                (self.name(site), *(say.percent(float(grades.loc[site, kind])) for kind in shown))
                for site in self.sites_here()
            )
            caption = self.of_cluster("grades.cluster", say("grades.caption"), ranking.cluster)
            last = ranking is self.rankings[-1]
            blocks.append(Table(caption, columns, rows, tuple(notes if last else notes[1:])))
        return blocks

    def gaps(self, ranking: Ranking) -> pd.DataFrame:
        """Return the parts of the recommended sites' scores that have no value."""
        parts = ranking.contributions
        return parts[parts["site"].isin(self.sites_here()) & parts["value"].isna() & parts["weight"].gt(0)]

    def missing(self) -> list[Block]:
        say = self.say
        blocks: list[Block] = []
        for ranking in self.rankings:
            blocks += self.missing_values(ranking)
        if not blocks:
            blocks.append(Paragraph(say("missing.none")))
        blocks += self.open_factors()
        blocks += self.not_candidates()
        notes = self.material.notes
        notes = notes[notes["site"].isin(self.sites_here())]
        if len(notes):
            items = [
                Paragraph(
                    self.noted(self.both(row, "note")),
                    say("missing.site.note", site=self.name(row.site), topic=say.word("topic", row.topic)),
                )
                for site in self.sites_here()
                for row in notes[notes["site"] == site].itertuples(index=False)
            ]
            blocks += [Heading(say("missing.notes"), 2), Bullets(tuple(items))]
        return blocks

    def missing_values(self, ranking: Ranking) -> list[Block]:
        say, gaps = self.say, self.gaps(ranking)
        if gaps.empty:
            return []
        columns = (
            Column(say("sites.site"), width=1.6),
            Column(say("missing.criterion"), width=2.0),
            Column(say("missing.known"), width=2.0),
            Column(say("missing.why"), width=3.0),
        )
        rows = tuple(
            (self.name(site), self.label(ranking, row.criterion), self.known(row), self.detail(row.detail))
            for site in self.sites_here()
            for row in gaps[gaps["site"] == site].itertuples()
        )
        caption = self.of_cluster("missing.cluster", say("missing.caption"), ranking.cluster)
        return [Table(caption, columns, rows, (self.supply(ranking.cluster),))]

    def supply(self, cluster: Cluster) -> str:
        """Return what a missing value does, and where one can be supplied."""
        return self.say("missing.note.own" if self.own else "missing.note", cluster=cluster.cluster)

    def detail(self, text: str) -> str:
        """Return why a value is missing, in detail."""
        return (text if self.say.language == "en" else french.detail(text, self.french)) or "–"

    def noted(self, text: str) -> str:
        """Return a note on a site with the ids of other sites replaced by their names."""
        names = self.material.names
        ids = sorted((site for site in names if "-" in site), key=lambda site: (-len(site), site))
        known = "|".join(map(re.escape, ids))
        return re.sub(rf"(?<![\w-])(?:{known})(?![\w-])", lambda match: names[match[0]], text) if ids else text

    def open_factors(self) -> list[Block]:
        say = self.say
        items = []
        for ranking in self.rankings:
            factors = ranking.cluster.factors
            for row in factors[factors["status"] != "evidence"].itertuples():
                label = self.both(row, "label")
                status = say.word("status", row.status)
                lead = say("missing.factor", number=row.Index, label=label, status=status)
                items.append(Paragraph("", lead) if self.own else Paragraph(self.both(row, "note"), lead))
        heading = Heading(say("missing.factors"), 2)
        return [heading, Bullets(tuple(items)) if items else Paragraph(say("missing.factors.none"))]

    def not_candidates(self) -> list[Block]:
        say, table = self.say, self.selection.excluded
        if table.empty:
            return []
        rows = tuple((self.name(row.site), self.excluded(row)) for row in table.itertuples(index=False))
        columns = (Column(say("sites.site"), width=1.2), Column(say("missing.sites.reason"), width=3.0))
        return [Table(say("missing.sites.caption"), columns, rows)]

    def excluded(self, row: Any) -> str:
        """Return why a site was no candidate."""
        say, designed = self.say, dict(self.design.exclude)
        if row.site in designed:
            return say("missing.designed", why=self.said_of(row.site, "exclude"))
        if row.reason.startswith("not ranked: "):
            found = [ranking.table.set_index("site").loc[row.site, "coverage"] for ranking in self.rankings]
            least = min(ranking.cluster.minimum_coverage for ranking in self.rankings)
            return say("missing.unranked", known=say.percent(float(max(found))), least=say.percent(least))
        return str(row.reason) if say.language == "en" else french.note(row.reason, self.french)

    def partners(self) -> list[Block]:
        say = self.say
        blocks: list[Block] = []
        for ranking in self.rankings:
            cluster = ranking.cluster
            if self.many:
                blocks.append(Heading(f"{cluster.number} {self.cluster_title(cluster)}", 2))
            wanted = self.material.priorities
            wanted = wanted[wanted["cluster"] == cluster.cluster]
            if len(wanted):
                items = tuple(Paragraph(self.both(row, "label")) for row in wanted.itertuples(index=False))
                blocks += [Paragraph("", say("partners.priorities")), Bullets(items)]
            blocks += self.partner_table(cluster)
            blocks += self.survey_table(cluster)
        return blocks

    def partner_table(self, cluster: Cluster) -> list[Block]:
        say, table = self.say, self.material.partners
        table = table[table["cluster"] == cluster.cluster]
        if table.empty:
            return []
        rows = []
        for row in table.itertuples(index=False):
            gives = [
                say(f"partners.gives.{what}")
                for what in ("funding", "data", "training", "access")
                if getattr(row, f"gives_{what}") == "yes"
            ]
            cells = [self.both(row, "organisation"), say.word("kind", row.kind), say.word("named", row.named_for)]
            rows.append((*cells, ", ".join(gives) or say("partners.not said"), self.both(row, "note") or "–"))
        widths = {
            "partners.organisation": 2.4,
            "partners.kind": 1.2,
            "partners.named": 1.2,
            "partners.gives": 1.1,
            "partners.note": 2.4,
        }
        return [self.words_table("partners.caption", cluster, widths, rows, (say("partners.foot"),))]

    def survey_table(self, cluster: Cluster) -> list[Block]:
        say, table = self.say, self.material.surveys
        table = table[[cluster.cluster in str(names).split(";") for names in table["clusters"]]]
        if table.empty:
            return [Paragraph(say("surveys.none"), kind="note")]
        rows = [
            tuple(self.both(row, key) for key in ("name", "publisher", "years", "universe", "access"))
            for row in table.itertuples(index=False)
        ]
        widths = {
            "surveys.name": 1.6,
            "surveys.publisher": 1.3,
            "surveys.years": 1.4,
            "surveys.who": 1.9,
            "surveys.access": 2.4,
        }
        return [self.words_table("surveys.caption", cluster, widths, rows)]

    def words_table(
        self,
        caption: str,
        cluster: Cluster,
        widths: Mapping[str, float],
        rows: Sequence[tuple[str, ...]],
        foot: tuple[str, ...] = (),
    ) -> Table:
        """Return a table of words about a cluster; the caption and the heads of the columns are phrases."""
        columns = tuple(Column(self.say(phrase), width=width) for phrase, width in widths.items())
        return Table(self.of_cluster("partners.cluster", self.say(caption), cluster), columns, tuple(rows), foot)

    def limits(self) -> list[Block]:
        say = self.say
        said = [say("limits.ready"), say("limits.quality"), say("limits.dates")]
        for ranking in self.rankings:
            cluster = ranking.cluster
            others = self.material.perspectives
            others = others[(others["cluster"] == cluster.cluster) & (others["perspective"] != cluster.perspective)]
            if len(others):
                names = "; ".join(self.both(row, "label") for row in others.itertuples(index=False))
                said.append(say("limits.perspective", cluster=self.cluster_title(cluster), others=names))
        if self.many:
            said.append(say("limits.sum"))
        measures = dict.fromkeys(m for ranking in self.rankings for m in ranking.cluster.criteria["measure"])
        if self.own:
            said.append(say("limits.own"))
        else:
            said += [say(f"limits.measure.{name}") for name in measures if say.known(f"limits.measure.{name}")]
        return [Bullets(tuple(Paragraph(text) for text in said))]

    def data(self) -> list[Block]:
        say, table = self.say, self.material.datasets
        blocks: list[Block] = []
        if len(table):
            columns = (
                Column(say("data.title"), width=3.2),
                Column(say("data.publisher"), width=2.0),
                Column(say("data.vintage"), width=1.0),
                Column(say("data.licence"), width=2.0),
                Column(say("data.used"), width=1.1),
            )
            rows = tuple(
                (
                    row.title,
                    row.publisher,
                    self.vintage(row.vintage),
                    row.licence,
                    ", ".join(say(f"data.used.{word}") for word in str(row.used).split(";")),
                )
                for row in table.itertuples(index=False)
            )
            notes = [say("data.note")] + ([say("data.language")] if say.language != "en" else [])
            blocks.append(Table(say("data.caption"), columns, rows, tuple(notes)))
        if self.material.supplied:
            blocks.append(Paragraph(", ".join(self.material.supplied), say("data.supplied")))
        if self.material.stated:
            stated = tuple(Paragraph(text) for text in self.material.stated)
            blocks += [Heading(say("data.stated"), 2), Bullets(stated)]
        sentences = list(dict.fromkeys(text for text in table["attribution"] if text))
        if sentences:
            blocks += [
                Heading(say("data.attribution"), 2),
                Bullets(tuple(Paragraph(say.foreign(text)) for text in sentences)),
            ]
        texts = [Paragraph(say(f"text.{name}"), name) for name in ("000", "003", "004")]
        return [*blocks, Heading(say("data.texts"), 2), Bullets(tuple(texts))]

    def again(self) -> list[Block]:
        say, made = self.say, self.material.reproduction
        blocks: list[Block] = []
        if made.command:
            blocks += [Paragraph(say("again.text")), Paragraph(made.command, say("again.command"), "code")]
        else:
            blocks.append(Paragraph(say("again.none")))
        rows = [(say("again.version"), made.version), (say("again.seed"), str(made.seed))]
        rows.append((say("again.draws"), say.number(made.draws)))
        rows += [(say(f"again.{name}"), digest) for name, digest in made.hashes]
        columns = (Column(say("again.what"), width=1.3), Column(say("again.value"), width=3.0))
        return [*blocks, Table(say("again.caption"), columns, tuple(rows))]
