"""The census profiles of 2021 and 2016 as their publisher gives them: only a user's own download can fill them.

They are optional: a fresh clone does not hold them, and everything works without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.official.profile import Found
from lipresearch.official.tree import UNDER


@dataclass(frozen=True)
class Census:
    """A census whose profile is compiled from downloads: all that depends on which one it is.

    Attributes
    ----------
    year : str
    downloads : tuple of str
        Names in ``downloads.csv``, in the order in which areas are taken from them: whole files before answers of the
        web data service, and the largest file last, which is read only if areas are still missing.
    layouts : tuple of str
        Layouts of ``census_characteristics.csv`` that these files have.
    catalogue : str
        For the card.
    advised : str
        The download to name where none of the areas was found.
    dguid : bool
        Whether the files name an area by its identifier (DGUID); else by its plain code.
    indigenous : str
        What the publisher calls the languages of Indigenous peoples.
    needs : tuple of str
        Characteristics without which the others cannot be used.
    defects : tuple of str
        What a user must know beside what holds of every census.
    """

    year: str
    downloads: tuple[str, ...]
    layouts: tuple[str, ...]
    catalogue: str
    advised: str
    dguid: bool
    indigenous: str
    needs: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The dataset in ``data/raw``."""
        return f"census_profile_{self.year}"

    @property
    def short(self) -> str:
        """What people call it."""
        return f"Census Profile {self.year}"


#: Every census whose profile can be compiled, by year.
CENSUSES: Mapping[str, Census] = {
    census.year: census
    for census in (
        Census(
            year="2021",
            downloads=(
                "census-profile-2021-csd-bulk",
                "census-profile-2021-cd-bulk",
                "census-profile-2021-ontario-csd-bulk",
                "census-profile-2021",
                "census-profile-2021-ontario-bulk",
            ),
            layouts=("profile-2021", "web-2021"),
            catalogue="98-401-X2021",
            advised="census-profile-2021",
            dguid=True,
            indigenous="Indigenous languages",
        ),
        Census(
            year="2016",
            downloads=("census-profile-2016-csd-bulk", "census-profile-2016-cd-bulk"),
            layouts=("profile-2016",),
            catalogue="98-401-X2016",
            advised="census-profile-2016-csd-bulk",
            dguid=False,
            indigenous="Aboriginal languages",
            needs=("population",),
            defects=(
                "On the boundaries of 2016: an area that has the code of one of 2021 may be of another territory; what "
                "is computed compares both populations of 2016.",
            ),
        ),
    )
}

#: Levels of area that are kept, each in a table of its own.
LEVELS: Mapping[str, str] = {"cd": "census division", "csd": "census subdivision"}

#: What mother tongues are called in ``data/design/census_characteristics.csv``.
TONGUE = "mother_tongue_"
TONGUES_TOTAL = TONGUE + "total"


@dataclass(frozen=True)
class Part:
    """What was taken from the files of one download.

    Attributes
    ----------
    found : Found
        As ``read_profile`` hands it back.
    origins : mapping
        ``{file, from the folder of downloads: (bytes, sha256)}``.
    """

    found: Found
    origins: Mapping[str, tuple[int, str]]


def languages(declared: pd.DataFrame, indigenous: str) -> dict[str, tuple[str, str]]:
    """Return the single languages among the declared characteristics: {characteristic: (label, group)}.

    A language is a mother tongue that nothing else stands under. Groups: english, french, indigenous, non_official.

    Parameters
    ----------
    declared : DataFrame
        Rows of one layout, as ``load_characteristics`` returns them.
    indigenous : str
        The label under which the languages of Indigenous peoples stand.
    """
    rows = declared[declared["characteristic"].str.startswith(TONGUE) & (declared["characteristic"] != TONGUES_TOTAL)]
    above = dict(zip(rows["label"], (parent.split(UNDER)[-1] for parent in rows["parent"]), strict=True))
    families = set(above.values())
    found = {}
    for row in rows.itertuples():
        if row.label in families:
            continue
        name = row.characteristic.removeprefix(TONGUE)
        line = [row.label]
        while above.get(line[-1], "") not in ("", *line):
            line.append(above[line[-1]])
        group = "indigenous" if indigenous in line else "non_official"
        found[row.characteristic] = (row.label, name if name in ("english", "french") else group)
    return found


def figure_column(row: pd.Series) -> Col:
    """Return the column of a characteristic, as its codebook describes it."""
    under = f"{row['parent']}{UNDER}{row['label']}" if row["parent"] else str(row["label"])
    return Col(
        str(row["characteristic"]),
        "count" if row["unit"] == "persons" else "number",
        str(row["label"]),
        f"the publisher's {under}",
        unit=str(row["unit"]),
        universe=str(row["universe"]),
        missing=True,
        additive=row["additive"] == "yes",
    )


def area_table(level: str, declared: pd.DataFrame, census: Census) -> TableSpec:
    """Return the table of one level: code, name, flag of data quality, and a column for each characteristic."""
    about = (
        Col(
            level,
            "id",
            f"{LEVELS[level]}, {census.year}",
            "DGUID behind the level" if census.dguid else "GEO_CODE (POR)",
        ),
        Col("name", "text", "name", "GEO_NAME or GEO_DESC", missing=True),
        Col("quality", "text", "flag of data quality, five digits", "DATA_QUALITY_FLAG", missing=True),
    )
    return TableSpec(f"{level}.csv", level, (level,), (*about, *(figure_column(row) for _, row in declared.iterrows())))


LANGUAGES = TableSpec(
    "languages.csv",
    "link",
    ("language",),
    (
        Col("language", "id", "column of the tables of areas", "data/design/census_characteristics.csv"),
        Col("label", "text", "language", "the publisher's label"),
        Col("group", "text", "english, french, indigenous or non_official", "what the language stands under"),
    ),
)


def dataset(
    census: Census,
    declared: pd.DataFrame,
    files: Sequence[str],
    card: Mapping[str, str],
    read: Callable[[], Sequence[Part]],
) -> Dataset:
    """Return the dataset that some downloaded files make.

    Parameters
    ----------
    census : Census
    declared : DataFrame
        The characteristics of that census, one row each.
    files : sequence of str
        The files that ``read`` will have read, from the folder of downloads.
    card : mapping
        What depends on the download: accessed, url, licence, attribution.
    read : callable
        Returns what was taken from the files, in the order in which areas are taken: the first that has an area
        gives all of its figures.
    """

    def compiler(reader: Sources) -> Compiled:
        parts = read()
        for part in parts:
            reader.origins.update(part.origins)
        return compiled(declared, parts, census)

    tables = (area_table("cd", declared, census), area_table("csd", declared, census), LANGUAGES)
    about = Card(
        short=census.short,
        title=f"Census Profile, {census.year} Census, areas of the sites",
        publisher="Statistics Canada",
        catalogue=census.catalogue,
        published=f"{census.year} Census of Population",
        universe="as the codebook says of each column",
        vintage=census.year,
        grade="A",
        defects=(
            "The publisher rounds every figure to 5 at random, so that parts and wholes differ by a little.",
            "Areas that refused to be counted, or were counted in part, are not in the figures; the flag of data "
            "quality says so.",
            *census.defects,
        ),
        **card,
    )
    return Dataset(census.name, about, tables, tuple(files), compiler)


def compiled(declared: pd.DataFrame, parts: Sequence[Part], census: Census) -> Compiled:
    """Return the rows of the tables; the first part that has an area gives all of its figures."""
    names = list(declared["characteristic"])
    rows: dict[str, dict[str, tuple[str, ...]]] = {level: {} for level in LEVELS}
    cautions = 0
    for part in parts:
        table = part.found.table
        for level in LEVELS:
            here = table[(table["level"] == level) & ~table["code"].isin(list(rows[level]))]
            if here.empty:
                continue
            cautions += int(here["caution"].sum())
            about = here.drop_duplicates("code").set_index("code")[["name", "quality"]]
            cells = part.found.cells(level).reindex(columns=names, fill_value="not published")
            for code in about.index:
                said = (about.loc[code, "name"], about.loc[code, "quality"])
                rows[level][str(code)] = (str(code), *map(str, said), *cells.loc[code])
    tongues = languages(declared, census.indigenous)
    return Compiled(
        {
            **{f"{level}.csv": list(found.values()) for level, found in rows.items()},
            "languages.csv": [(name, label, group) for name, (label, group) in tongues.items()],
        },
        (f"Figures that the publisher marks to be used with caution: {cautions}.", *_absent(names, rows)),
    )


def _absent(names: Sequence[str], rows: Mapping[str, Mapping[str, tuple[str, ...]]]) -> list[str]:
    """Return a sentence on the characteristics that no area has."""
    every = [cells[3:] for found in rows.values() for cells in found.values()]
    absent = [name for place, name in enumerate(names) if all(cells[place] == "not published" for cells in every)]
    if not absent:
        return []
    more = f" and {len(absent) - 10} more" if len(absent) > 10 else ""
    return [f"The files hold no figure of: {', '.join(absent[:10])}{more}."]
