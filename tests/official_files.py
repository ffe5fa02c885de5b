"""Files in the official layouts, made up: seeded, written as a stream, as large as asked."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from lipresearch.official.characteristics import FILE, SCHEMA

HEADER_2021 = (
    "CENSUS_YEAR,DGUID,ALT_GEO_CODE,GEO_LEVEL,GEO_NAME,TNR_SF,TNR_LF,DATA_QUALITY_FLAG,CHARACTERISTIC_ID,"
    "CHARACTERISTIC_NAME,CHARACTERISTIC_NOTE,C1_COUNT_TOTAL,SYMBOL,C2_COUNT_MEN+,SYMBOL,C3_COUNT_WOMEN+,SYMBOL,"
    "C10_RATE_TOTAL,SYMBOL,C11_RATE_MEN+,SYMBOL,C12_RATE_WOMEN+,SYMBOL"
)
#: As many as the file of 2021 has.
ALL_2021 = 2631
NAMES = (
    "Montréal",
    "Kahnawà:ke",
    "Trois-Rivières",
    "Hay River Dene 1",
    "L’Ange-Gardien",
    "Peel",
    "Huron",
    "Sault Ste. Marie",
)

DECLARED = Path(__file__).resolve().parent.parent / "data" / "design" / "census_characteristics.csv"


def labels_2021(most: int = ALL_2021, layout: str = "profile-2021") -> list[tuple[int, str]]:
    """Return ids and indented labels: the declared ones in their places, filling between them that belongs to them."""
    with open(DECLARED, encoding="utf-8", newline="") as stream:
        declared = {int(row["id"]): row for row in csv.DictReader(stream) if row["layout"] == layout}
    known: dict[int, tuple[int, str]] = {}
    depths: dict[str, int] = {}
    for number, row in sorted(declared.items()):
        parent = row["parent"].split(" > ")[-1]
        if parent and parent not in depths:
            known[number - 1], depths[parent] = (0, parent), 0
        depths[row["label"]] = depths[parent] + 2 if parent else 0
        known[number] = (depths[row["label"]], row["label"])
    found = []
    depth = 0
    for number in range(1, most + 1):
        if number in known:
            depth, label = known[number]
            found.append((number, " " * depth + label))
        else:
            found.append((number, " " * (depth + 2) + f"Filling n\u00b0 {number} (déjà vue) - 25% sample data"))
    return found


def areas_2021(count: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield (DGUID, code, level, name) of made-up areas: a division, then its subdivisions, and so on."""
    for place in range(count):
        division, within = 3500 + place // 40 + 1, place % 40
        name = f"{NAMES[place % len(NAMES)]} {place}"
        if within == 0:
            yield f"2021A0003{division}", str(division), "Census division", name
        else:
            code = f"{division}{within:03}"
            yield f"2021A0005{code}", code, "Census subdivision", name


def write_2021(
    stream: IO[bytes],
    count: int,
    *,
    seed: int = 2021,
    labels: Sequence[tuple[int, str]] | None = None,
    most: int | None = None,
    areas: Sequence[tuple[str, str, str, str]] | None = None,
    end: str = "\r\n",
) -> int:
    """Write a bulk profile of 2021 with so many areas (or until ``most`` bytes) and return how many it has."""
    rng = np.random.default_rng(seed)
    lines = list(labels if labels is not None else labels_2021())
    stream.write((HEADER_2021 + end).encode("cp1252"))
    written = 0
    done = 0
    middles = []
    for number, label in lines:
        quoted = label.replace('"', '""')
        middles.append(f'{number},"{quoted}",{number % 97 if number % 9 == 0 else ""},')
    for dguid, code, level, name in areas if areas is not None else areas_2021(count):
        before = f'2021,"{dguid}","{code}","{level}","{name}",3.1,4.6,"00000",'
        counts = (rng.integers(0, 20_000, len(lines)) * 5).tolist()
        kinds = rng.integers(0, 60, len(lines)).tolist()
        rows = []
        for middle, value, kind in zip(middles, counts, kinds, strict=True):
            if kind == 0:
                cells = ',"x",,"x",,"x",,"x",,"x",,"x"'
            elif kind == 1:
                cells = f'{value}," r",{value // 2},"",{value // 2},"",51.5,"",50.1,"",52.9,""'
            elif kind == 2:
                cells = f'{value},"E",{value // 2},"",{value // 2},"",,"...",,"...",,"..."'
            else:
                cells = f'{value},"",{value // 2},"",{value // 2},"",51.5,"",50.1,"",52.9,""'
            rows.append(f"{before}{middle}{cells}{end}")
        raw = "".join(rows).encode("cp1252")
        stream.write(raw)
        written += len(raw)
        done += 1
        if most is not None and written >= most:
            break
    return done


def profile_2021(path: Path, count: int = 3, most: int = ALL_2021, **more: object) -> Path:
    with open(path, "wb") as stream:
        write_2021(stream, count, labels=labels_2021(most), **more)  # type: ignore[arg-type]
    return path


def table_text(rows: Sequence[Sequence[str]], end: str = "\r\n") -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=end).writerows(rows)
    return buffer.getvalue()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return path


def project(folder: Path, *rows: tuple[str, str, str, str, str]) -> Path:
    """Return a project whose table of characteristics has only these: (characteristic, layout, id, label, parent)."""
    (folder / "data" / "design").mkdir(parents=True, exist_ok=True)
    full = [
        [
            *(name, layout[-4:] if layout[-4:].isdigit() else "2021", layout, number, label, parent),
            *("count", "residents", "persons", "yes", "for a test"),
        ]
        for name, layout, number, label, parent in rows
    ]
    (folder / FILE).write_text(table_text([SCHEMA.names, *full], "\n"), encoding="utf-8")
    return folder
