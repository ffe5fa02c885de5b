"""All steps that compute measures, in order: every family adds its tuple here."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lipresearch import evidence, further_evidence, growth, more_evidence, text_evidence

#: A step takes the compiled tables and returns findings by measure.
Step = Callable[[evidence.Evidence], dict[str, pd.DataFrame]]

ALL_STEPS: tuple[Step, ...] = (
    *evidence.STEPS,
    *text_evidence.STEPS,
    *more_evidence.STEPS,
    *further_evidence.STEPS,
    *growth.STEPS,
)
