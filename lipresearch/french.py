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
    "Northeast": "Nord-Est",
    "Northwest": "Nord-Ouest",
    "Avalon Peninsula": "Presqu'île Avalon",
    "Calgary": "Calgary",
    "Halifax": "Halifax",
    "Kingston–Pembroke": "Kingston–Pembroke",
    "Kitchener–Waterloo–Barrie": "Kitchener–Waterloo–Barrie",
    "London": "London",
    "Muskoka–Kawarthas": "Muskoka–Kawarthas",
    "Ottawa": "Ottawa",
    "Toronto": "Toronto",
    "Windsor–Sarnia": "Windsor–Sarnia",
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
    ('rural', 'aucune ville', 'Nord-Est', 'suburban (en anglais)')
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
