"""The decision memo: one document model, filled from a selection, and written as a web page, for Word or as PDF."""

from lipresearch.memo.content import Material, Picture, Reproduction, alternates, make_memo, spoken_date
from lipresearch.memo.model import Memo
from lipresearch.memo.phrases import Phrases
from lipresearch.memo.write import ENDINGS, check_target, picture, save

__all__ = [
    "ENDINGS",
    "Material",
    "Memo",
    "Phrases",
    "Picture",
    "Reproduction",
    "alternates",
    "check_target",
    "make_memo",
    "picture",
    "save",
    "spoken_date",
]
