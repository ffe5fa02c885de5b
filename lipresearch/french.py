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
    "northern": (
        "{}",
        "situation (dans le Nord de l'Ontario ou non)",
        "situation différente (dans le Nord de l'Ontario ou non)",
        "situations différentes (dans le Nord de l'Ontario ou non)",
    ),
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
        "situation de frontière provinciale",
        "situation différente de frontière provinciale",
        "situations différentes de frontière provinciale",
    ),
    "us_border": (
        "{}",
        "situation (sur la frontière des États-Unis ou non)",
        "situation différente (sur la frontière des États-Unis ou non)",
        "situations différentes (sur la frontière des États-Unis ou non)",
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

    Before a colon and a per cent sign, inside French quotes, and between thousands.

    >>> typeset("Données : 12 % de 10 000 habitants").replace(FIRM_SPACE, "~").replace(NARROW_SPACE, "_")
    'Données~: 12~% de 10_000 habitants'
    """
    text = re.sub(r" (?=[:%»])|(?<=«) ", FIRM_SPACE, text)
    return re.sub(r"(?<![\d,])\d{1,3}( \d{3})+(?!\d)", lambda hit: hit[0].replace(" ", NARROW_SPACE), text)


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


#: What the code says of a value (``detail``), in parts that it puts ; between: (pattern, French).
DETAILS: tuple[tuple[str, str], ...] = (
    (r"(\d+) of (\d+) schools suppressed", "données supprimées pour {} des {} écoles"),
    (
        r"(\d+) stands for (\d+): no \d+ figures by neighbourhood",
        "{0} tient lieu de {1} : aucun chiffre de {1} par quartier",
    ),
    (
        r"English, French and other only: bounds over all languages",
        "anglais, français et autre seulement : bornes pour l'ensemble des langues",
    ),
    (
        r"a median cannot be added over (\d+) census divisions",
        "une médiane ne peut être additionnée sur {} divisions de recensement",
    ),
    (
        r"a rate without its denominator cannot be added over (\d+) census divisions",
        "un taux sans son dénominateur ne peut être additionné sur {} divisions de recensement",
    ),
    (r"the middle of the residents lies between the bounds", "l'âge médian de la population se situe entre les bornes"),
    (
        r"a professor co-chairs the council, the university is not named",
        "le conseil est coprésidé par un membre du corps professoral, l'université n'est pas nommée",
    ),
    (r"covers ([\d.]+) % of residents", "couvre {} % de la population"),
    (r"([\d.]+) % needed", "au moins {} % exigés"),
    (r"only bounds are known", "seules des bornes sont connues"),
    (r"estimated from forward sortation areas", "estimation tirée des régions de tri d'acheminement"),
    (
        r"estimated from forward sortation areas, whose residents miss those of a division by more than a tenth",
        "estimation tirée des régions de tri d'acheminement, dont la population s'écarte de plus d'un dixième de celle "
        "d'une division",
    ),
    (
        r"figure of (.+) \(of whose residents (\d+) % live in the site\)",
        "chiffre de la division de recensement {} ({} % de sa population vit dans le site)",
    ),
    (
        r"published only for (.+) \(of whose residents (\d+) % live in the site\)",
        "publié seulement pour la division de recensement {} ({} % de sa population vit dans le site)",
    ),
    (r"published only for larger areas", "publié seulement pour des régions plus grandes"),
    (
        r"figure of the part of the (.+) metropolitan area in Ontario \(overlap (\d+) % of residents\)",
        "chiffre de la partie ontarienne de la région métropolitaine de recensement {} "
        "({} % de la population en commun)",
    ),
    (
        r"figure of the (.+) metropolitan area \(overlap (\d+) % of residents\)",
        "chiffre de la région métropolitaine de recensement {} ({} % de la population en commun)",
    ),
    (r"index of the City of Toronto as a whole", "indice de l'ensemble de la ville de Toronto"),
    (r"no dataset has a figure for these areas", "aucun jeu de données n'a de chiffre pour ces régions"),
    (r"the dataset has no figure for these areas", "le jeu de données n'a pas de chiffre pour ces régions"),
    (r"the dataset covers Ontario only", "le jeu de données ne couvre que l'Ontario"),
    (r"the catchment's areas are not known", "les régions du territoire ne sont pas connues"),
    (r"nobody is counted in the universe", "l'univers ne compte personne"),
    (
        r"(suppressed|not published|not applicable) for the areas of the catchment",
        "pour les régions du territoire : {}",
    ),
    (r"no text names a university partner", "aucun texte ne nomme d'université partenaire"),
    (r"no text says", "aucun texte ne le dit"),
    (
        r"(\d+) of (\d+) partnerships reported one, most of them unnamed",
        "{} partenariats sur {} en ont signalé un, la plupart sans être nommés",
    ),
    (
        r"not among the examples of the outcomes report",
        "ne figure pas parmi les exemples du rapport sur les résultats",
    ),
    (r"the texts were not searched for this site", "les textes n'ont pas été dépouillés pour ce site"),
    (
        r"not the core of a metropolitan area in the table",
        "n'est pas le cœur d'une région métropolitaine de recensement du tableau",
    ),
    (
        r"not the core of one metropolitan area",
        "n'est pas le cœur d'une seule région métropolitaine de recensement",
    ),
    (r"only the six case studies were asked", "seules les six études de cas ont été interrogées"),
    (r"no figures of (\d+) by neighbourhood", "aucun chiffre de {} par quartier"),
    (
        r"no figures of both (\d+) and (\d+) for these areas",
        "aucun chiffre à la fois de {} et de {} pour ces régions",
    ),
    (r"boundaries of (\d+) taken for those of (\d+)", "limites de {} tenues pour celles de {}"),
    (
        r"(\d+) % sample of (\d+), (\d+) % sample of private households of (\d+)",
        "données-échantillon ({} %) de {}, données-échantillon ({} %) des ménages privés de {}",
    ),
    (
        r"(\d+) % count of (\d+), (\d+) % sample of private households of (\d+), which shows rare languages as 0",
        "chiffres intégraux ({} %) de {}, données-échantillon ({} %) des ménages privés de {}, où les langues rares "
        "comptent pour 0",
    ),
    (
        r"languages of one list only \(([\d.]+) % of speakers at most\) count as one",
        "les langues d'une seule des deux listes ({} % des locuteurs au plus) comptent pour une",
    ),
    (
        r"([\d,]+) residents passed from (.+) to (.+) between (\d+) and (\d+)",
        "{} habitants sont passés de {} à {} entre {} et {} à la suite d'un changement de limites",
    ),
    (
        r"(.+): a boundary change of (\d+) to (\d+) is not declared",
        "{} : un changement de limites entre {} et {} n'est pas déclaré",
    ),
    (
        r"(.+): a boundary change of (\d+) to (\d+) is not declared \(([+-])([\d,]+) residents\)",
        "{} : un changement de limites entre {} et {} n'est pas déclaré ({}{} habitants)",
    ),
    (r"(\d+) of (\d+) schools suppressed in ([\d-]+)", "données supprimées pour {} des {} écoles en {}"),
    (r"placed by the first half of the postal code", "situé d'après la première moitié du code postal"),
    (
        r"population in private households, (\d+) % sample, each neighbourhood rounded",
        "population dans les ménages privés, données-échantillon ({} %), chiffres arrondis par quartier",
    ),
    (r"proposed besides: surveys", "en outre, sondages proposés"),
    (
        r"published for ridings, which cut across neighbourhoods",
        "publié par circonscription, dont les limites traversent les quartiers",
    ),
    (r"residents of (\d+)", "population de {}"),
    (r"shared ridings split by population", "circonscriptions partagées réparties selon la population"),
    (r"shares area with (.+), a case study", "partage une partie de son territoire avec une étude de cas : {}"),
    (r"stated for the whole catchment", "indiqué pour l'ensemble du territoire"),
    (r"stated in: (.+)", "indiqué dans : {}"),
    (r"the profile is not complete", "le profil n'est pas complet"),
    (r"weighted by pupils", "pondéré selon le nombre d'élèves"),
)

#: What a selection says of itself and of sites that could not be chosen: (pattern, French).
NOTES: tuple[tuple[str, str], ...] = (
    (
        r"([\d,]+) pairs of sites share evidence for too little of the weight to be compared; they are never chosen "
        r"together\.",
        "Paires de sites dont les données communes portent sur une trop petite part du poids pour être comparées : {}; "
        "elles ne sont jamais choisies ensemble.",
    ),
    (
        r"Not known, so it meets no minimum and counts against a maximum: (.+): (.+?)\.",
        "Inconnu, donc ne satisfait à aucun minimum et compte dans un maximum : {} : {}.",
    ),
    (
        r"Not compared with the roster, where it does not vary or is hardly known: (.+)\.",
        "Non comparé avec l'ensemble de la liste, faute de variation ou de données : {}.",
    ),
    (
        r"Not compared with the roster, for want of a value at some ranked site: (.+)\.",
        "Non comparé avec l'ensemble de la liste, faute d'une valeur pour un site classé : {}.",
    ),
    (r"Compared with the roster: (.+)\.", "Comparé avec l'ensemble de la liste : {}."),
    (
        r"not ranked: evidence for ([\d.]+) % of the weight, at least ([\d.]+) % needed",
        "non classé : données pour {} % du poids, au moins {} % exigés",
    ),
    (r"excluded by the design: (.+)", "exclu par le plan : {}"),
    (r"left out when choosing", "écarté au moment du choix"),
    (r"no value to compare with the roster: (.+)", "aucune valeur à comparer avec l'ensemble de la liste : {}"),
)


def _put(text: str, words: Mapping[str, str]) -> str:
    """Return a part of a sentence with numbers, reasons and known words in French."""
    if re.fullmatch(r"[\d,]*\.?\d+", text):
        return text.replace(",", " ").replace(".", ",")
    if text in wording.REASONS_FR:
        return wording.REASONS_FR[text]
    if " / " in text:  # published in both languages
        return text.partition(" / ")[2]
    text = re.sub(" +", " ", text)
    if not words:
        return text
    longest = sorted(words, key=lambda word: (-len(word), word))
    return re.sub("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in longest), lambda hit: words[hit[0]], text)


def _by_pattern(text: str, patterns: tuple[tuple[str, str], ...], words: Mapping[str, str]) -> str | None:
    for pattern, french in patterns:
        hit = re.fullmatch(pattern, text)
        if hit:
            return typeset(french.format(*(_put(group, words) for group in hit.groups())))
    return None


def detail(text: str, words: Mapping[str, str] | None = None) -> str:
    """Return what the tables say of a value (column ``detail``) in French.

    Parameters
    ----------
    text : str
        As the column holds it: parts with ; between.
    words : mapping of str, optional
        French of names that stand in it: sites, as ``{name: name_fr}``.

    Returns
    -------
    str
        A part that is not known (a supplied value's source) is marked as English; empty for an empty text.

    Examples
    --------
    >>> detail("the dataset covers Ontario only; asked the mayor")
    "le jeu de données ne couvre que l'Ontario; asked the mayor (en anglais)"
    >>> detail("Huron County; Peel Region", {"Huron County": "Comté de Huron", "Peel Region": "Région de Peel"})
    'Comté de Huron; Région de Peel'
    """
    words = words or {}
    if text.startswith("stated in: "):
        parts = [text]
    else:
        parts = text.replace(", estimated from forward", "; estimated from forward").split("; ")
    return "; ".join(_by_pattern(part, DETAILS, words) or words.get(part) or marked(part) for part in parts)


def note(text: str, words: Mapping[str, str] | None = None) -> str:
    """Return a note of a selection, or why a site could not be chosen, in French.

    Parameters
    ----------
    text : str
        An element of ``Selection.notes``, or of the column ``reason`` of ``Selection.excluded``.
    words : mapping of str, optional
        French of what stands in it: names of sites, labels of quotas and measures.

    Returns
    -------
    str
        A text that is not known is marked as English.

    Examples
    --------
    >>> note("left out when choosing"), note("it declined")
    ('écarté au moment du choix', 'it declined (en anglais)')
    """
    return _by_pattern(text, NOTES, words or {}) or marked(text)


def vintage(text: str) -> str:
    """Return the years of a figure in French.

    >>> vintage("2018 to 2022"), vintage("2018-19"), vintage("2016"), vintage("spring 2020")
    ('2018 à 2022', '2018-2019', '2016', 'spring 2020 (en anglais)')
    """
    short = re.fullmatch(r"(\d\d)(\d\d)-(\d\d)", text)
    if short:
        return f"{short[1]}{short[2]}-{short[1]}{short[3]}"
    text = re.sub(r"(?<=\d) to (?=\d)", " à ", text)
    return text if re.fullmatch(r"[\d –-]*( à [\d –-]+)?", text) else marked(text)
