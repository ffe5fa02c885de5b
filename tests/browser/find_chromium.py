"""Find a browser of the Chromium family, or install one where that can be done without asking."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

#: Names a browser to use, by its path.
VARIABLE = "LIPRESEARCH_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
#: Where macOS keeps them, for everybody or for one user.
APPLICATIONS = tuple(
    Path(folder).expanduser() / f"{name}.app/Contents/MacOS/{name}"
    for folder in ("/Applications", "~/Applications")
    for name in ("Chromium", "Google Chrome", "Microsoft Edge")
)
INSTALL = (
    ("apt-get", "update", "-q"),
    ("apt-get", "install", "-qy", "--no-install-recommends", "chromium"),
)
HOW_TO_GET_ONE = (
    "Install one (Debian: sudo apt-get install chromium; Ubuntu: the package from google.com/chrome, because a snap "
    "cannot read the folders of these tests; macOS: brew install --cask chromium), or name one that you have: "
    f"{VARIABLE}=/path/to/chrome make test"
)


class NoBrowserError(Exception):
    """There is no browser of the Chromium family here, and none could be installed."""


def runs(path: str) -> bool:
    """Whether a file is a browser that starts and can read temporary folders, which Ubuntu's snaps cannot."""
    if path.startswith("/snap/"):
        return False
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout) is not None


def find_chromium(environment: Mapping[str, str], applications: Sequence[Path] = APPLICATIONS) -> str | None:
    """Return the path of the first browser that starts: named by the variable, on the PATH, an application of macOS.

    Raises
    ------
    NoBrowserError
        If the variable names something that is not a browser: no other is taken in its place.
    """
    named = environment.get(VARIABLE)
    if named:
        if runs(named):
            return named
        raise NoBrowserError(f"{VARIABLE} names {named}, which does not start as a browser. {HOW_TO_GET_ONE}")
    found = [shutil.which(name, path=environment.get("PATH", "")) for name in NAMES]
    return next((path for path in [*found, *map(str, applications)] if path and runs(path)), None)


def get_chromium(
    environment: Mapping[str, str], applications: Sequence[Path] = APPLICATIONS, root: bool | None = None
) -> str:
    """Return the path of a browser, installing Debian's where there is none and the user may.

    Raises
    ------
    NoBrowserError
        Saying why there is none, and how to get one.
    """
    found = find_chromium(environment, applications)
    if found:
        return found
    may = (hasattr(os, "geteuid") and os.geteuid() == 0) if root is None else root
    if not may or not shutil.which("apt-get", path=environment.get("PATH", "")):
        raise NoBrowserError(f"There is no Chromium, Chrome or Edge here. {HOW_TO_GET_ONE}")
    import fcntl  # where there is apt-get there is Linux

    said = ""
    with (Path(tempfile.gettempdir()) / "lipresearch-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two workers of pytest, one installation
        for command in () if find_chromium(environment, applications) else INSTALL:
            done = subprocess.run(
                command,
                env={**environment, "DEBIAN_FRONTEND": "noninteractive"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=600,
                check=False,
            )
            if done.returncode != 0:
                said = f"`{' '.join(command)}` failed: {(done.stdout.strip() or 'it said nothing').splitlines()[-1]}. "
                break
    found = find_chromium(environment, applications)
    if not found:
        raise NoBrowserError(
            f"There is no Chromium, Chrome or Edge here, and installing did not help. {said}{HOW_TO_GET_ONE}"
        )
    return found


def chromium_or_skip(environment: Mapping[str, str], applications: Sequence[Path] = APPLICATIONS) -> str:
    """Return the path of a browser; without one skip the test, but fail it where CI is set: there it has to run."""
    try:
        return get_chromium(environment, applications)
    except NoBrowserError as error:
        if environment.get("CI"):
            pytest.fail(f"{error} (CI is set, so this test may not be skipped.)", pytrace=False)
        pytest.skip(str(error))
