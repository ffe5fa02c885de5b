"""French for what no design table holds: categories of sites, regions, reasons, grades, and what the code composes.

Texts that people write stand in the design tables next to the English ones (``label_fr``, ``note_fr`` ...). Here is the
rest. A word that is not known, in a table that a user made, is returned as it is, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lipresearch import wording
from lipresearch.wording import FIRM_SPACE, NARROW_SPACE, check_language

#: What is put after a text that has no French.
MARK = "(en anglais)"

#: Categories of a site and other closed lists of words: {kind: {English: French}}.
LEVELS: Mapping[str, Mapping[str, str]] = {
    "settlement_type": {"Toronto": "Toronto", "urban": "urbain", "rural": "rural"},
    "field_study_group": {
        "Greater Toronto": "Grand Toronto",
        "other urban": "autre milieu urbain",
        "rural and remote": "milieu rural et éloigné",
    },
    "northern": {"yes": "dans le Nord de l'Ontario", "no": "hors du Nord de l'Ontario"},
    "scale": {
        "neighbourhoods": "quartiers",
        "city or town": "ville",
        "county or region": "comté ou région",
        "several counties or districts": "plusieurs comtés ou districts",
    },
    "city_tier": {
        "first": "premier rang",
        "second": "deuxième rang",
        "third": "troisième rang",
        "none": "aucune ville",
    },
    "orientation": {
        "attraction and retention": "attraction et rétention",
        "capacity building": "renforcement des capacités",
        "coordination": "coordination",
    },
    "lead_kind": {
        "municipal": "municipalité",
        "settlement agency": "organisme d'établissement",
        "workforce or economic development": "développement économique ou de la main-d'œuvre",
        "health centre": "centre de santé",
        "college": "collège",
        "other": "autre",
        "not known": "inconnu",
    },
    "provincial_boundary": {"Quebec": "Québec", "Manitoba": "Manitoba", "none": "aucune"},
    "us_border": {"yes": "sur la frontière des États-Unis", "no": "à l'écart de la frontière des États-Unis"},
    "french_designation": {
        "whole": "entière",
        "part": "partielle",
        "none": "aucune",
        "not applicable": "sans objet",
    },
    "province": {
        "NL": "Terre-Neuve-et-Labrador",
        "PE": "Île-du-Prince-Édouard",
        "NS": "Nouvelle-Écosse",
        "NB": "Nouveau-Brunswick",
        "QC": "Québec",
        "ON": "Ontario",
        "MB": "Manitoba",
        "SK": "Saskatchewan",
        "AB": "Alberta",
        "BC": "Colombie-Britannique",
        "YT": "Yukon",
        "NT": "Territoires du Nord-Ouest",
        "NU": "Nunavut",
    },
    "treatment": {
        "criterion": "critère",
        "quota": "quota",
        "spread": "cible de variation",
        "perspective": "perspective",
    },
    "status": {
        "evidence": "données disponibles",
        "partly": "données partielles",
        "no evidence yet": "pas encore de données",
    },
    "direction": {"higher": "plus élevé", "lower": "plus bas"},
    "tercile": {
        "lowest third": "tiers inférieur",
        "middle third": "tiers du milieu",
        "highest third": "tiers supérieur",
    },
}

#: Economic regions of Statistics Canada whose French names differ from the English ones.
REGIONS: Mapping[str, str] = {
    "Hamilton–Niagara Peninsula": "Hamilton–Péninsule du Niagara",
    "Stratford–Bruce Peninsula": "Stratford–Péninsule de Bruce",
    "Northeast": "Nord-est",
    "Northwest": "Nord-ouest",
    "Avalon Peninsula": "Péninsule d'Avalon",
    "Notre Dame–Central Bonavista Bay": "Notre Dame–Centre de la baie de Bonavista",
    "South Coast–Burin Peninsula": "Côte-sud–Péninsule de Burin",
    "West Coast–Northern Peninsula–Labrador": "Côte-ouest–Péninsule nord–Labrador",
    "Cape Breton": "Cap-Breton",
    "North Shore": "Côte-nord",
    "Annapolis Valley": "Vallée de l'Annapolis",
    "Southern": "Sud",
    **{
        name: name
        for name in (
            "Athabasca–Grande Prairie–Peace River",
            "Banff–Jasper–Rocky Mountain House",
            "Calgary",
            "Camrose–Drumheller",
            "Edmonton",
            "Halifax",
            "Kingston–Pembroke",
            "Kitchener–Waterloo–Barrie",
            "Lethbridge–Medicine Hat",
            "London",
            "Muskoka–Kawarthas",
            "Ottawa",
            "Red Deer",
            "Toronto",
            "Windsor–Sarnia",
            "Wood Buffalo–Cold Lake",
        )
    },
}

#: How a quota on an attribute reads: with a level of it, after "de chaque", and as different values (one, several).
QUOTAS: Mapping[str, tuple[str, str, str, str]] = {
    "settlement_type": ("de type {}", "type de milieu", "type de milieu différent", "types de milieu différents"),
    "field_study_group": (
        "du groupe « {} »",
        "groupe de l'étude de terrain",
        "groupe différent de l'étude de terrain",
        "groupes différents de l'étude de terrain",
    ),
    "region": (
        "dans la région économique {}",
        "région économique",
        "région économique différente",
        "régions économiques différentes",
    ),
    "province": ("dans la province {}", "province", "province différente", "provinces différentes"),
    "northern": ("{}", "valeur : Nord de l'Ontario", "valeur : Nord de l'Ontario", "valeurs : Nord de l'Ontario"),
    "scale": (
        "à l'échelle « {} »",
        "échelle géographique",
        "échelle géographique différente",
        "échelles géographiques différentes",
    ),
    "city_tier": (
        "dont la plus grande ville est de {}",
        "rang de ville",
        "rang de ville différent",
        "rangs de ville différents",
    ),
    "orientation": ("d'orientation « {} »", "orientation", "orientation différente", "orientations différentes"),
    "lead_kind": (
        "avec un organisme responsable de type « {} »",
        "type d'organisme responsable",
        "type différent d'organisme responsable",
        "types différents d'organisme responsable",
    ),
    "provincial_boundary": (
        "sur la frontière du {}",
        "valeur : frontière provinciale",
        "valeur : frontière provinciale",
        "valeurs différentes : frontière provinciale",
    ),
    "us_border": (
        "{}",
        "valeur : frontière des États-Unis",
        "valeur : frontière des États-Unis",
        "valeurs différentes : frontière des États-Unis",
    ),
    "french_designation": (
        "avec désignation {} pour les services en français",
        "degré de désignation pour les services en français",
        "degré différent de désignation pour les services en français",
        "degrés différents de désignation pour les services en français",
    ),
}
#: Levels that do not fit the pattern of their attribute.
QUOTA_LEVELS: Mapping[tuple[str, str], str] = {
    ("city_tier", "none"): "sans ville dans le territoire",
    ("provincial_boundary", "none"): "à l'écart de toute frontière provinciale",
    ("french_designation", "none"): "sans désignation pour les services en français",
    ("french_designation", "not applicable"): "où la désignation pour les services en français est sans objet",
}


def marked(english: str) -> str:
    """Return an English text marked as such; nothing stays nothing.

    >>> marked("my own category"), marked("")
    ('my own category (en anglais)', '')
    """
    return f"{english} {MARK}" if english else ""


def typeset(text: str) -> str:
    """Return a French text as it is typed, with spaces at which no line breaks where French sets them.

    >>> typeset("Données : 12 % de 10 000 habitants").replace(FIRM_SPACE, "~").replace(NARROW_SPACE, "_")
    'Données~: 12~% de 10_000 habitants'
    """
    text = re.sub(r" (?=[:%»])|(?<=«) ", FIRM_SPACE, text)
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", NARROW_SPACE, text)


def either(english: str, french: str, language: str) -> str:
    """Return a text in a language; where it has no French, the English one, marked.

    >>> either("Why", "Pourquoi", "fr"), either("Why", "", "fr"), either("Why", "Pourquoi", "en")
    ('Pourquoi', 'Why (en anglais)', 'Why')
    """
    if check_language(language) == "en":
        return english
    return typeset(french) if french else marked(english)


def level(word: str, attribute: str = "") -> str:
    """Return a category of a site, or another word of a closed list, in French.

    Parameters
    ----------
    word : str
        As the tables hold it.
    attribute : str, optional
        The list that it is of, a key of ``LEVELS`` or ``region``; needed where a word means different things (none,
        yes). Without it the first list that has the word is taken, then the regions.

    Returns
    -------
    str
        The word itself, marked as English, where it is not known; empty for an empty one.

    Examples
    --------
    >>> level("rural"), level("none", "city_tier"), level("Northeast"), level("suburban")
    ('rural', 'aucune ville', 'Nord-est', 'suburban (en anglais)')
    """
    if attribute == "region":
        return region(word)
    lists = [LEVELS.get(attribute, {})] if attribute else [*LEVELS.values(), REGIONS]
    return next((names[word] for names in lists if word in names), marked(word))


def region(name: str) -> str:
    """Return an economic region, or several with ; between, by Statistics Canada's French name.

    >>> region("Toronto; Hamilton–Niagara Peninsula"), region("")
    ('Toronto; Hamilton–Péninsule du Niagara', '')
    """
    return "; ".join(REGIONS.get(part, marked(part)) for part in name.split("; "))


def reason(word: str) -> str:
    """Return why a value is missing; an empty word reads as not published.

    >>> reason("suppressed"), reason("")
    ('supprimé pour confidentialité ou fiabilité', 'non publié')
    """
    return wording.REASONS_FR.get(word or "not published") or marked(word)


def bounds(minimum: int | None, maximum: int | None) -> str:
    """Return the bounds of a quota in words.

    >>> bounds(2, None), bounds(None, 1), bounds(2, 2), bounds(1, 3)
    ('au moins 2', 'au plus 1', 'exactement 2', 'de 1 à 3')
    """
    if minimum is not None and maximum is not None:
        return f"exactement {minimum}" if minimum == maximum else f"de {minimum} à {maximum}"
    return f"au moins {minimum}" if minimum is not None else f"au plus {maximum}"


def quota(minimum: int | None, maximum: int | None, attribute: str, level_: str, measure: str = "") -> str:
    r"""Return a quota of a design in words; see ``designs.Quota.label_in``.

    >>> quota(1, None, "city_tier", "second"), quota(None, 2, "region", "each")
    ('au moins 1 dont la plus grande ville est de deuxième rang', 'au plus 2 de chaque région économique')
    >>> quota(1, 1, "", "lowest third", "Population 2021")
    'exactement 1 dans le tiers inférieur de\xa0: Population 2021'
    """
    asked = bounds(minimum, maximum)
    if not attribute:
        return typeset(f"{asked} dans le {level(level_, 'tercile')} de : {measure}")
    pattern, each, one, several = QUOTAS[attribute]
    if level_ == "each":
        return typeset(f"{asked} de chaque {each}")
    if level_ == "distinct":
        return typeset(f"{asked} {several if max(minimum or 0, maximum or 0) > 1 else one}")
    phrase = QUOTA_LEVELS.get((attribute, level_)) or pattern.format(level(level_, attribute))
    return typeset(f"{asked} {phrase}")
