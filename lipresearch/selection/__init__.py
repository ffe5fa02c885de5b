"""The best set of sites under a design, proven, with alternates and what each quota costs."""

from lipresearch.selection.choose import ASKED, Assessment, Proof, Selection, assess_sites, choose_sites
from lipresearch.selection.core import CORE, OUT, CoreIndex, core_index

__all__ = [
    "ASKED",
    "CORE",
    "OUT",
    "Assessment",
    "CoreIndex",
    "Proof",
    "Selection",
    "assess_sites",
    "choose_sites",
    "core_index",
]
