"""What a downloaded census profile improves."""

from __future__ import annotations

from pathlib import Path

from lipresearch.catchments import load_catchments
from lipresearch.evidence import Evidence
from lipresearch.fetched import compile_official
from lipresearch.gained import grades_gained
from tests import profiles

ROOT = Path(__file__).resolve().parent.parent

Areas = dict[str, dict[str, str]]


def made_up(root: Path) -> Areas:
    """Return figures for the areas that the catchments declare, as the web data service is asked for them."""
    rows = load_catchments(root).declared
    dguids = sorted(
        {f"2021A000{3 if row.level == 'cd' else 5}{row.area}" for row in rows.itertuples() if row.level != "hood140"}
    )
    return {dguid: profiles.figures(place) for place, dguid in enumerate(dguids)}


def test_what_rose(project_copy: Path, tmp_path: Path) -> None:
    root, areas = project_copy, made_up(project_copy)
    assert grades_gained(root).empty
    profiles.put_bulk(tmp_path, areas)
    compile_official(root, tmp_path)
    table = grades_gained(root)
    catchments = load_catchments(root)
    hoods = Evidence(root).neighbourhood_sites()
    # Toronto as a whole was known from its neighbourhoods.
    had = {*hoods, "toronto-city"}
    rose = {site for site, atoms in catchments.atoms.items() if atoms} - had
    assert table.loc["mother_tongue_ldi_2021"].tolist() == [
        "Linguistic diversity (Greenberg's index) 2021",
        len(had),
        len(had) + len(rose),
        len(rose),
    ]
    assert (table["now"] == table["before"] + table["rose"]).all()
    several = {"eastern-ontario", "grand-erie", "northwestern-ontario", "quinte", "renfrew-lanark"}
    assert table.loc["median_age_2021", "now"] == len(rose - several) + 1
    assert table.loc["median_household_income_2020", "now"] == len(rose - several) + 1
