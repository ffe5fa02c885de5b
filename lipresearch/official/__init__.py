"""Readers of official census files in the layouts of Statistics Canada: a path in, a tidy table out."""

from __future__ import annotations

from lipresearch.official.characteristics import load_characteristics
from lipresearch.official.layouts import TITLES
from lipresearch.official.profile import Found, read_profile

__all__ = ["TITLES", "Found", "load_characteristics", "read_profile"]
