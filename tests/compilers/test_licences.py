"""Licences: every card names the publisher's licence with the sentence that it asks for."""

from __future__ import annotations

import tomllib

import pytest

from lipresearch.compilers import licences
from lipresearch.paths import project_root

CARDS = {
    path.parent.name: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((project_root() / "data" / "raw").glob("*/SOURCE.toml"))
}


@pytest.mark.parametrize("dataset", CARDS)
def test_a_card_has_the_sentence_that_its_licence_asks_for(dataset: str) -> None:
    licence, attribution = CARDS[dataset]["licence"], CARDS[dataset]["attribution"]
    if licence == licences.STATCAN:
        begun = licences.statcan("X").split("X")[0], licences.adapted("X").split("X")[0]
        ended = licences.statcan("X").split("X")[1], licences.adapted("X").split("X")[1]
        assert any(
            attribution.startswith(first) and attribution.endswith(last)
            for first, last in zip(begun, ended, strict=True)
        )
    elif licence == licences.ONTARIO:
        assert licences.ontario() in attribution
    elif licence == licences.TORONTO:
        assert licences.toronto() in attribution
    else:
        assert len(attribution) > 20


def test_a_reproduction_and_an_adaptation_say_different_things() -> None:
    assert licences.statcan("98-10") == (
        "Source: Statistics Canada, 98-10. Reproduced and distributed on an 'as is' basis with the permission of "
        "Statistics Canada."
    )
    assert licences.adapted("98-10") == (
        "Adapted from Statistics Canada, 98-10. This does not constitute an endorsement by Statistics Canada of this "
        "product."
    )
    assert {licences.STATCAN, licences.ONTARIO, licences.TORONTO} <= {card["licence"] for card in CARDS.values()}
