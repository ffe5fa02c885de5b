"""A plugin of pytest that stores what was measured when the tests end: ``-p tests.quality.keep_coverage``.

pytest-xdist kills a worker that takes more than ten seconds to end; what it measured would be lost without a word.
"""

from __future__ import annotations

import coverage
import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Store what this worker measured so far; a process that is no worker ends by itself."""
    current = coverage.Coverage.current()
    if current is not None and hasattr(session.config, "workerinput"):
        current.save()
