"""A headless browser that reaches nothing but this machine, and what it noticed while a page was open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from find_chromium import chromium_or_skip
from playwright.sync_api import BrowserContext, sync_playwright

#: Nothing remembered, nothing fetched but what a page asks for, and no name resolved but this machine's.
OPTIONS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a browser; installed where that can be done, otherwise the test is skipped."""
    return chromium_or_skip(os.environ)


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Return a browser without a past, its window as wide as that of a laptop."""
    profile: Path = tmp_path_factory.mktemp("browser")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=chromium,
            headless=True,
            chromium_sandbox=False,  # which root may not have
            args=list(OPTIONS),
            viewport={"width": 1300, "height": 900},
        )
        context.set_default_timeout(30_000)
        try:
            yield context
        finally:
            context.close()
