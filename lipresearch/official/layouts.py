"""The layouts in which Statistics Canada publishes census figures, and how each is recognised by its header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lipresearch.errors import Problem, TableError

#: Levels of area by what stands in a DGUID behind the year.
LEVELS: Mapping[str, str] = {
    "A0000": "country",
    "A0002": "province",
    "A0003": "cd",
    "A0004": "federal riding",
    "A0005": "csd",
    "A0007": "health region",
    "A0011": "forward sortation area",
    "S0500": "er",
    "S0503": "cma",
    "S0504": "ca",
    "S0507": "census tract",
    "S0510": "population centre",
    "S0512": "dissemination area",
    "S0516": "aggregate dissemination area",
}

_DGUID = re.compile(r"(\d{4})([A-Z]\d{4})(.+)")
_DIM_2016 = re.compile(r"DIM: (Profile of .+)")
_MEMBER = re.compile(r"(?P<dim>.+?)(?: \(\w+\))?: (?P<label>.+) \[(?P<id>\d+)\]")
#: Products of 2016 whose areas lie within each other; in others four digits are a health region or a population centre.
_NESTED = ("Census Divisions", "Census Subdivisions", "Dissemination Areas")
_CODES_2016 = {4: "cd", 7: "csd", 8: "dissemination area"}

CHANGED = (
    "Name the layout (layout=) if the file is one of these, or download the product anew; if Statistics Canada "
    "changed the layout, lipresearch/official/layouts.py must be taught it."
)

#: Each layout's name, what it is, and the columns without which it is not that layout.
TITLES: Mapping[str, str] = {
    "profile-2021": "Census Profile 2021, bulk file (98-401-X2021...)",
    "profile-2016": "Census Profile 2016, bulk file (98-401-X2016...)",
    "profile-2011": "Census Profile 2011 (98-316-XWE2011001)",
    "nhs-2011": "National Household Survey Profile 2011 (99-004-XWE2011001)",
    "table-98-10": "Census table of 2021 (98-10-...)",
    "web-2021": "Census Profile 2021 from the web data service (SDMX-CSV)",
}
_SEX_2016 = "Dim: Sex (3): Member ID: [1]: Total - Sex"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "profile-2021": (
        *("DGUID", "ALT_GEO_CODE", "GEO_LEVEL", "GEO_NAME", "DATA_QUALITY_FLAG", "CHARACTERISTIC_ID"),
        *("CHARACTERISTIC_NAME", "C1_COUNT_TOTAL", "C10_RATE_TOTAL"),
    ),
    "profile-2016": (
        *("GEO_CODE (POR)", "GEO_LEVEL", "GEO_NAME", "DATA_QUALITY_FLAG", "DIM: Profile of ..."),
        *("Member ID: Profile of ...", _SEX_2016),
    ),
    "profile-2011": ("Geo_Code", "Topic", "Characteristic", "Total", "Flag_Total"),
    "nhs-2011": ("Geo_Code", "Topic", "Characteristic", "Total", "Flag_Total"),
    "table-98-10": ("GEO", "DGUID", "... [1]", "Symbols"),
    "web-2021": ("REF_AREA", "GENDER", "CHARACTERISTIC", "STATISTIC", "OBS_VALUE", "FLAG"),
}
#: The columns that tell one layout from the others.
_TELLING: Mapping[str, tuple[str, ...]] = {
    "profile-2021": ("DGUID", "CHARACTERISTIC_ID"),
    "profile-2016": ("GEO_CODE (POR)",),
    "profile-2011": ("Geo_Code", "Topic"),
    "nhs-2011": ("Geo_Code", "Topic"),
    "table-98-10": ("GEO", "DGUID"),
    "web-2021": ("REF_AREA", "OBS_VALUE"),
}
#: Encodings where there is no byte-order mark.
ENCODINGS: Mapping[str, str] = {
    "profile-2021": "cp1252",
    "profile-2016": "utf-8",
    "profile-2011": "cp1252",
    "nhs-2011": "cp1252",
    "table-98-10": "utf-8",
    "web-2021": "utf-8",
}


@dataclass(frozen=True)
class Measured:
    """A column of figures of a 98-10 table: its place, that of its symbols, and what its header says."""

    value: int
    symbol: int
    id: str
    label: str
    dimension: str


@dataclass(frozen=True)
class Plan:
    """Where things stand in one file.

    Attributes
    ----------
    layout : str
        A name of ``TITLES``.
    width : int
        Number of columns.
    rows : int
        Records before the first row of figures.
    area, label, name, level, quality, topic, low, high : int
        Columns, -1 where the layout has none.
    key : int
        The column that the rows are chosen by: the characteristic's id, or its label where it has no id.
    figures : mapping
        ``count`` and ``rate``: column of the figure and of its symbol (-1: the symbol stands in the figure's column).
    product : str
        What the file calls its areas (2016).
    dimensions : tuple of int
        Further columns that a row of a 98-10 table is chosen by.
    measured : tuple of Measured
        Columns of figures of a 98-10 table.
    fixed : mapping
        Columns that must hold one value, others are passed over (web data service: total of the genders).
    statistic : int
        Column that tells counts (1) from rates (4), -1 where there is none.
    """

    layout: str
    width: int
    rows: int
    area: int
    key: int = -1
    label: int = -1
    name: int = -1
    level: int = -1
    quality: int = -1
    topic: int = -1
    low: int = -1
    high: int = -1
    figures: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    product: str = ""
    dimensions: tuple[int, ...] = ()
    measured: tuple[Measured, ...] = ()
    fixed: Mapping[int, str] = field(default_factory=dict)
    statistic: int = -1

    def last(self, used: Iterable[str]) -> int:
        """Return the last column that is read of a row, if these figures are used."""
        figures = [place for name in used for place in self.figures[name]]
        others = [self.area, self.key, self.label, self.name, self.level, self.quality, self.topic, self.low, self.high]
        return max([*figures, *others, *self.fixed, self.statistic])

    def place(self, area: str, level: str) -> tuple[str, str]:
        """Return an area's level and its code within that level."""
        if match := _DGUID.fullmatch(area):
            return LEVELS.get(match[2], level.strip().lower()), match[3]
        if self.layout == "profile-2016" and area.isdigit():
            if len(area) == 2:
                return "country" if area == "01" else "province", area
            if any(words in self.product for words in _NESTED) and "Aggregate" not in self.product:
                return _CODES_2016.get(len(area), level.strip()), area
        return level.strip().lower(), area


def recognise(records: Sequence[Sequence[str]], shown: str, named: str = "") -> Plan:
    """Return where things stand in a file, from its first records.

    Parameters
    ----------
    records : sequence of records
        The first three of the file are enough.
    shown : str
        The file's name in messages.
    named : str
        The layout to take, default the one that the header shows.

    Raises
    ------
    TableError
        If the header is of no known layout, or lacks a column of its layout; it names the columns expected and found.
    """
    for rows, record in enumerate(records[:3], start=1):
        header = [cell.strip().removeprefix("\ufeff").strip('"') for cell in record]
        title = " ".join(cell for before in records[: rows - 1] for cell in before)
        for layout in [named] if named else list(TITLES):
            if all(column in header for column in _TELLING[layout]):
                if layout == "profile-2011" and not named and _is_survey(title, header):
                    layout = "nhs-2011"
                return _plan(layout, header, rows, shown)
    header = [cell.strip() for cell in (max(records[:3], key=len) if records else [])]
    nearest = [named] if named else sorted(TITLES, key=lambda layout: -len(set(COLUMNS[layout]) & set(header)))
    if not named and not set(COLUMNS[nearest[0]]) & set(header):
        expected = "the header of a census file: " + "; ".join(f"{name} ({TITLES[name]})" for name in TITLES)
    else:
        expected = f"the columns of {nearest[0]} ({TITLES[nearest[0]]}): " + _few(COLUMNS[nearest[0]])
    raise TableError([Problem(shown, 1, "", f"the columns {_few(header)}", expected, CHANGED)])


def _is_survey(title: str, header: Sequence[str]) -> bool:
    return "National Household Survey" in title or "NHS" in title.split() or "GNR" in header


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:14])
    return shown + (f" and {len(names) - 14} more" if len(names) > 14 else "")


class _Header:
    """A header line that remembers which columns were asked for in vain."""

    def __init__(self, names: Sequence[str]):
        self.names = list(names)
        self.missing: list[str] = []

    def at(self, *names: str, needed: bool = True) -> int:
        """Return the place of the first of these names that is there once."""
        for name in names:
            if self.names.count(name) == 1:
                return self.names.index(name)
        if needed:
            self.missing.append(names[0])
        return -1

    def after(self, place: int, *names: str) -> int:
        """Return the next place if it has one of these names; such names repeat in a header."""
        if place < 0:
            return -1
        if self.names[place + 1 : place + 2] and self.names[place + 1] in names:
            return place + 1
        self.missing.append(f"{names[0]} after {self.names[place]}")
        return -1


def _plan(layout: str, names: Sequence[str], rows: int, shown: str) -> Plan:
    header = _Header(names)
    make = {
        "profile-2021": _profile_2021,
        "profile-2016": _profile_2016,
        "profile-2011": _profile_2011,
        "nhs-2011": _profile_2011,
        "table-98-10": _table_98_10,
        "web-2021": _web_2021,
    }[layout]
    plan = make(layout, header, rows)
    if header.missing:
        found = f"the columns {_few(header.names)}"
        expected = f"each once {_few(header.missing)} ({TITLES[layout]})"
        raise TableError([Problem(shown, rows, "", found, expected, CHANGED)])
    return plan


def _profile_2021(layout: str, header: _Header, rows: int) -> Plan:
    count, rate = header.at("C1_COUNT_TOTAL"), header.at("C10_RATE_TOTAL")
    return Plan(
        layout,
        len(header.names),
        rows,
        area=header.at("DGUID"),
        key=header.at("CHARACTERISTIC_ID"),
        label=header.at("CHARACTERISTIC_NAME"),
        name=header.at("GEO_NAME"),
        level=header.at("GEO_LEVEL"),
        quality=header.at("DATA_QUALITY_FLAG"),
        figures={
            "count": (count, header.after(count, "SYMBOL")),
            "rate": (rate, header.after(rate, "SYMBOL")),
        },
    )


def _profile_2016(layout: str, header: _Header, rows: int) -> Plan:
    product = next((match[1] for name in header.names if (match := _DIM_2016.fullmatch(name))), "Profile of ...")
    return Plan(
        layout,
        len(header.names),
        rows,
        area=header.at("GEO_CODE (POR)"),
        key=header.at(f"Member ID: {product}"),
        label=header.at(f"DIM: {product}"),
        name=header.at("GEO_NAME"),
        level=header.at("GEO_LEVEL"),
        quality=header.at("DATA_QUALITY_FLAG"),
        figures={"count": (header.at(_SEX_2016), -1)},
        product=product,
    )


def _profile_2011(layout: str, header: _Header, rows: int) -> Plan:
    total = header.at("Total")
    label = header.at("Characteristic", "Characteristics")
    names = (
        "Geo_nom",
        "Geo_Nom",
        "Geo_Name",
        "CSD_Name",
        "CD_Name",
        "CMA_CA_Name",
        "CMA_Name",
        "FED_Name",
        "Prov_Name",
    )
    return Plan(
        layout,
        len(header.names),
        rows,
        area=header.at("Geo_Code"),
        key=label,
        label=label,
        topic=header.at("Topic"),
        name=header.at(*names, "Prov_name", needed=False),
        quality=header.at("GNR", needed=False),
        figures={"count": (total, header.after(total, "Flag_Total"))},
    )


def _table_98_10(layout: str, header: _Header, rows: int) -> Plan:
    area, name = header.at("DGUID"), header.at("GEO")
    measured, symbols = [], set()
    for place, text in enumerate(header.names):
        if match := _MEMBER.fullmatch(text):
            symbol = header.after(place, "Symbols", "Symbol")
            measured.append(Measured(place, symbol, match["id"], match["label"], match["dim"]))
            symbols.add(symbol)
    if not measured:
        header.missing.append("... [1]")
    figures = {column.value for column in measured} | symbols
    known = {area, name, *(header.at(other, needed=False) for other in ("REF_DATE", "Coordinate"))}
    rest = tuple(place for place in range(len(header.names)) if place not in figures | known)
    return Plan(layout, len(header.names), rows, area=area, name=name, dimensions=rest, measured=tuple(measured))


def _web_2021(layout: str, header: _Header, rows: int) -> Plan:
    value = (header.at("OBS_VALUE"), header.at("FLAG"))
    return Plan(
        layout,
        len(header.names),
        rows,
        area=header.at("REF_AREA"),
        key=header.at("CHARACTERISTIC"),
        name=header.at("GEO_DESC", needed=False),
        level=header.at("GEO_LEVEL", needed=False),
        quality=header.at("DATA_QUALITY_FLAG", needed=False),
        low=header.at("CI_LOW", needed=False),
        high=header.at("CI_HIGH", needed=False),
        figures={"count": value, "rate": value},
        fixed={header.at("GENDER"): "1"},
        statistic=header.at("STATISTIC"),
    )
