"""From what the source texts record to site measures: how studied, how engaged and how connected a partnership is."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lipresearch.catchments import load_overlaps
from lipresearch.errors import Problem, TableError
from lipresearch.evidence import Evidence, finding
from lipresearch.measures import texts

DATASET = "source_texts"


def _facts(evidence: Evidence, table: str) -> pd.DataFrame:
    """Return a table of coded facts; a row that names an unknown site is an error."""
    rows = evidence.rows(DATASET, table).values
    unknown = sorted(set(rows["site"]) - {""} - set(evidence.catchments.sites)) if "site" in rows else []
    if unknown:
        raise TableError(
            Problem(
                f"data/raw/{DATASET}/{table}.csv",
                0,
                "site",
                site,
                "a site of data/design/sites.csv",
                "Add the site there, or correct lipresearch/compilers/coding.",
            )
            for site in unknown
        )
    return rows


def _silent(value: pd.Series, vintage: str, grade: str, detail: str) -> pd.DataFrame:
    """Return findings in which a missing value means that the texts do not say."""
    missing = value.isna()
    return finding(
        value,
        vintage=vintage,
        grade=grade,
        sources=DATASET,
        covered=(~missing).astype(float),
        reason=missing.map({True: "not published", False: ""}),
        detail=missing.map({True: detail, False: ""}),
    )


def text_measures(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Case studies, consultation, commitment, achievements, namings, universities and workshops in the source texts."""
    sites = evidence.catchments.sites
    grade = evidence.grade(DATASET)
    cases, figures = _facts(evidence, "case_studies"), _facts(evidence, "mentions")
    used = cases[cases["attribute"] == "consultation_practice"]
    proposed = cases[cases["attribute"] == "consultation_practice_proposed"]
    commitment, reported = _facts(evidence, "municipal_commitment"), _facts(evidence, "achievements")
    formal = commitment[commitment["formal"] == "yes"]
    links, leads = _facts(evidence, "university_links"), _facts(evidence, "workshop_leads")
    named = links[links["organisation"] != "not named"]
    studied = figures.drop_duplicates("site").set_index("site")["case_study"].reindex(sites)
    case_study = studied.map({"yes": 1.0, "no": 0.0}).rename_axis("site")
    mentions = texts.total_mentions(figures["site"], figures["occurrences"], sites)
    found = {
        "case_study": _silent(case_study, "2010-2011", grade, "the texts were not searched for this site"),
        "consultation_practices": _silent(
            texts.distinct_facts(used["site"], used["value"], sites),
            "2010-2011",
            grade,
            "only the six case studies were asked",
        ),
        "municipal_commitment": _silent(
            texts.said_of(formal["site"], sites),
            "2010-2013",
            grade,
            "no text says; 25 of 34 partnerships reported one, most of them unnamed",
        ),
        "achievements_reported": _silent(
            texts.distinct_facts(reported["site"], reported["domain"], sites),
            "2008-2013",
            "C",
            "not among the examples of the outcomes report",
        ),
        "mentions_in_texts": _silent(mentions, "2011-2013", "C", "the texts were not searched for this site"),
        "university_partner": _silent(
            texts.said_of(named["site"], sites), "2010-2011", grade, "no text names a university partner"
        ),
        "workshops_led": finding(
            texts.on_complete_list(leads["site"][leads["site"] != ""], sites),
            vintage="2010",
            grade=grade,
            sources=DATASET,
        ),
    }
    for site, values in proposed.groupby("site")["value"]:
        found["consultation_practices"].loc[site, "detail"] = "proposed besides: " + ", ".join(sorted(set(values)))
    for site in sorted(set(links["site"]) - set(named["site"])):
        found["university_partner"].loc[site, "detail"] = (
            "a professor co-chairs the council, the university is not named"
        )
    for site, others in _sharing_with(evidence, case_study).items():
        found["case_study"].loc[site, "detail"] = f"shares area with {', '.join(others)}, a case study"
    return found


def _sharing_with(evidence: Evidence, case_study: pd.Series) -> dict[str, list[str]]:
    """Return the names of the case studies that a site which is none shares area with."""
    cases = set(case_study.index[case_study == 1])
    shared: dict[str, list[str]] = {}
    for row in load_overlaps(evidence.root, evidence.catchments).itertuples():
        for site, other in ((row.site, row.other), (row.other, row.site)):
            if other in cases and site not in cases:
                shared.setdefault(site, []).append(str(evidence.sites.loc[other, "name"]))
    return {site: sorted(names) for site, names in sorted(shared.items())}


#: What this module adds to the steps of ``evidence``.
STEPS: tuple[Callable[[Evidence], dict[str, pd.DataFrame]], ...] = (text_measures,)
