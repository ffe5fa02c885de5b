"""Several people's weights: published judgements, slow second formulas, files that cannot be used, what must hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from small_rankings import small_cluster

import lipresearch as lip
from lipresearch.errors import InputError, NotFoundError, TableError
from lipresearch.people import HOW, read_participants, template

several = settings(max_examples=40)
PLAIN = small_cluster([1, 1, 2], ["a", "a", "b"])


# ---- judgements -----------------------------------------------------------------------------------


# ---- swings and orders ------------------------------------------------------------------------------


# ---- the group --------------------------------------------------------------------------------------


# ---- files ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_all_kinds_of_files_are_read(folder: Path) -> None:
    write(
        folder,
        ann="factor,label,points\nb,Second,25\na,First,100\n",
        bob="criterion,weight\nc0,0.5\nc1,0.25\nc2,0.25\n",
        cat="criterion,label,order\nc0,,2\nc1,,1\nc2,,2\n",
        dan="factor,a,b\na,1,1/3\nb,3,1\n",
    )
    found = read_participants(folder, PLAIN, folder)
    weights = {person.name: person.weights.tolist() for person in found.members}
    assert weights == {
        "ann": pytest.approx([0.4, 0.4, 0.2]),
        "bob": pytest.approx([0.5, 0.25, 0.25]),
        "cat": pytest.approx([7 / 36, 11 / 18, 7 / 36]),
        "dan": pytest.approx([0.125, 0.125, 0.75]),
    }
    table = found.table
    assert table["kind"].tolist() == ["swings", "weights", "order", "pairs"]
    assert table["consistency"].isna().tolist() == [True, True, True, False]
    assert table["file"].tolist() == ["ann.csv", "bob.csv", "cat.csv", "dan.csv"]
    assert repr(found) == "4 participants for Test. See .table, .members."
    summed = read_participants(folder, PLAIN, folder, "sum").members[2].weights
    assert summed.tolist() == pytest.approx([0.25, 0.5, 0.25])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site,weight\nc0,1\n", "row 1: found the header site,weight, expected criterion or factor, then weight"),
        ("factor,weight,points\na,1,1\n", "row 1: found the header factor,weight,points, expected .*: factor,a,b"),
        ("factor,b,a\na,1,1\nb,1,1\n", "row 1: found the header factor,b,a"),
        ("factor,weight\na,0.5\n", "column factor: found no row b, expected one row for each factor"),
        ("factor,weight\na,0.5\nb,0.5\nz,0\n", "row 4, column factor: found 'z', expected a factor with weight in pla"),
        (
            "factor,weight\na,0.5\nb,0.5\na,0\n",
            r"row 4, column factor: found again a, expected once \(first in row 2\)",
        ),
        ("factor,weight\na,0.5\nb\n", "row 3: found 1 cells, expected 2 cells"),
        ("factor,weight\na,0.5\nb,0.4\n", "column weight: found weights that add to 0.9, expected weights that add to"),
        ("factor,weight\na,1.5\nb,-0.5\n", "row 3, column weight: found -0.5, expected a number of 0 or more"),
        ("factor,weight\na,\nb,1\n", "row 2, column weight: found an empty cell, expected a number. Fill it, or remov"),
        ('factor,weight\na,"0,5"\nb,0.5\n', "row 2, column weight: found '0,5', expected a number. Write a decimal po"),
        ("factor,weight\na,1/2\nb,0.5\n", "row 2, column weight: found '1/2', expected a number"),
        ("factor,weight\na,nan\nb,0.5\n", "row 2, column weight: found 'nan', expected a number"),
        ("factor,points\na,0\nb,0\n", "column points: found only zeros, expected points above 0 for one at least"),
        ("factor,order\na,0\nb,1.5\n", r"row 2, column order: found 0, expected a place: 1, 2, 3, \.\.\."),
        ("factor,a,b\na,1,3\nb,3,1\n", "row 3, column a: found 3, expected 0.333333, the reciprocal of 3. Correct one"),
        ("factor,a,b\na,1,3\nb,,1\n", "row 3, column a: found an empty cell, expected a number"),
        ("factor,a,b\na,2,3\nb,1/3,1\n", "row 2, column a: found 2, expected 1: each is as important as itself"),
        ("factor,a,b\na,1,-3\nb,1/3,1\n", "row 2, column b: found -3, expected a judgement above 0, such as 3 or 1/3"),
        ("factor,a,b\na,1,1/0\nb,1/3,1\n", "row 2, column b: found '1/0', expected a number"),
        ("", "found an empty file"),
        ("factor;weight\na;1\n", "found the header factor;weight"),
    ],
)
def test_files_that_cannot_be_used(text: str, message: str, folder: Path) -> None:
    with pytest.raises(TableError, match=message):
        read_participants(folder, PLAIN, write(folder, ann=text))


def test_all_failures_of_all_files_come_at_once(folder: Path) -> None:
    write(folder, ann="factor,weight\na,x\nb,y\n", bob="factor,points\na,1\n", cat="factor,points\na,1\nb,1\n")
    with pytest.raises(TableError) as caught:
        read_participants(folder, PLAIN, folder)
    assert [problem.file for problem in caught.value.problems] == ["ann.csv", "ann.csv", "bob.csv"]


def test_an_empty_folder_says_how_to_make_a_file(folder: Path) -> None:
    with pytest.raises(
        NotFoundError, match=r"no table of weights in .* Make one with `lipresearch weights-template test"
    ):
        read_participants(folder, PLAIN, folder)


@pytest.mark.parametrize("kind", HOW)
@pytest.mark.parametrize("level", ["factor", "criterion"])
def test_a_template_that_is_filled_in_can_be_read(kind: str, level: str, folder: Path) -> None:
    cluster = lip.load_cluster("health")
    header, rows = template(cluster, kind, level)
    count = len(rows)
    filled = [
        [cell or {"weights": str(1 / count), "swings": "10", "order": "1", "pairs": "1"}[kind] for cell in row]
        for row in rows
    ]
    lines = [header, *filled]
    write(folder, ann="\n".join(",".join(cells) for cells in lines) + "\n")
    found = read_participants(folder, cluster, folder).members[0]
    assert (found.kind, found.level) == (kind, level)
    shares = found.weights.groupby(cluster.criteria["factor"]).sum() if level == "factor" else found.weights
    assert shares.tolist() == pytest.approx([1 / count] * count)


def test_templates_that_do_not_exist() -> None:
    with pytest.raises(InputError, match="A template is for weights, swings, order, pairs, not 'votes'"):
        template(PLAIN, "votes", "factor")


# ---- the public face -------------------------------------------------------------------------------


def test_people_weigh_the_health_cluster(tmp_path: Path) -> None:
    write(
        tmp_path,
        ann="factor,points\n2.1,100\n2.2,50\n",
        bob="factor,points\n2.1,50\n2.2,100\n",
        cat="factor,2.1,2.2\n2.1,1,3\n2.2,1/3,1\n",
    )
    members = lip.load_participants("health", folder=tmp_path)
    ranking = lip.rank_sites(lip.load_measures(), members.cluster)
    found = lip.group_ranking(ranking, members)
    assert found.weights.groupby("factor")["group"].sum().tolist() == pytest.approx([7 / 12, 5 / 12])
    assert found.table["rank"].notna().sum() == 35
    assert found.table["rank"].iloc[0] == 1
    assert len(lip.group_ranking(ranking, members.members, "mean rank").members) == 3
