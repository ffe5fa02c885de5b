"""Wordings of licences and attributions, as the publishers ask for them."""

from __future__ import annotations

STATCAN = "Statistics Canada Open Licence"
ONTARIO = "Open Government Licence - Ontario"
TORONTO = "Open Government Licence - Toronto"

ACCESSED = "2026-11-22"


def statcan(product: str) -> str:
    """Return the attribution of figures that were reproduced unchanged."""
    return (
        f"Source: Statistics Canada, {product}. Reproduced and distributed on an 'as is' basis "
        "with the permission of Statistics Canada."
    )


def adapted(product: str) -> str:
    """Return the attribution of figures that were computed from Statistics Canada's."""
    return (
        f"Adapted from Statistics Canada, {product}. This does not constitute an endorsement "
        "by Statistics Canada of this product."
    )


def ontario() -> str:
    """Return the attribution that Ontario's licence asks for."""
    return "Contains information licensed under the Open Government Licence - Ontario."


def toronto() -> str:
    """Return the attribution that Toronto's licence asks for."""
    return "Contains information licensed under the Open Government Licence - Toronto."
