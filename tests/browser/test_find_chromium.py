"""A browser is found where people have one, installed where that can be done, and otherwise asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from find_chromium import APPLICATIONS, NAMES, VARIABLE, NoBrowserError, chromium_or_skip, find_chromium, get_chromium

BROWSER = "#!/bin/sh\necho 'Chromium 156.0.8078.79 built on Debian'\n"
#: What Ubuntu puts in its place as long as the snap is not there.
STUB = "#!/bin/sh\necho 'Command requires the chromium snap to be installed.'\nexit 1\n"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the browsers of these tests are shell scripts")


def script(path: Path, text: str = BROWSER) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("name", NAMES)
def test_each_name_on_the_path_is_found(name: str, tmp_path: Path) -> None:
    there = script(tmp_path / name)
    assert find_chromium({"PATH": str(tmp_path)}, ()) == there


def test_the_variable_goes_first_and_an_application_of_macos_last(tmp_path: Path) -> None:
    named, application = script(tmp_path / "mine"), Path(script(tmp_path / "Chromium.app/Contents/MacOS/Chromium"))
    on_path = script(tmp_path / "bin/chromium")
    path = str(tmp_path / "bin")
    assert find_chromium({"PATH": path, VARIABLE: named}, [application]) == named
    assert find_chromium({"PATH": path}, [application]) == on_path
    assert find_chromium({"PATH": str(tmp_path)}, [tmp_path / "none", application]) == str(application)
    assert find_chromium({"PATH": str(tmp_path)}, ()) is None
    assert all(re.search(r"Applications/[\w ]+\.app/Contents/MacOS/[\w ]+$", str(each)) for each in APPLICATIONS)


def test_a_name_without_a_browser_behind_it_is_passed_over(tmp_path: Path) -> None:
    script(tmp_path / "chromium-browser", STUB)
    script(tmp_path / "chromium", "#!/bin/sh\necho hello\n")
    assert find_chromium({"PATH": str(tmp_path)}, ()) is None
    chrome = script(tmp_path / "google-chrome")
    assert find_chromium({"PATH": str(tmp_path)}, ()) == chrome


def test_a_snap_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: f"/snap/bin/{name}")
    monkeypatch.setattr("subprocess.run", lambda *arguments, **options: pytest.fail("a snap was started"))
    assert find_chromium({"PATH": "/snap/bin"}, ()) is None


def test_a_variable_that_names_no_browser_is_an_error_and_not_overlooked(tmp_path: Path) -> None:
    script(tmp_path / "chromium")
    with pytest.raises(NoBrowserError, match=rf"{VARIABLE} names .*/nothing, which does not start as a browser"):
        find_chromium({"PATH": str(tmp_path), VARIABLE: str(tmp_path / "nothing")}, ())


def test_a_browser_that_is_there_is_not_installed_again(tmp_path: Path) -> None:
    there = script(tmp_path / "chromium")
    script(tmp_path / "apt-get", f"#!/bin/sh\ntouch '{tmp_path}/called'\n")
    assert get_chromium({"PATH": str(tmp_path)}, (), root=True) == there
    assert not (tmp_path / "called").exists()


def test_root_on_debian_gets_one_installed(tmp_path: Path) -> None:
    prepared = script(tmp_path / "prepared")
    script(
        tmp_path / "apt-get",
        f"#!/bin/sh\necho \"$DEBIAN_FRONTEND $*\" >> '{tmp_path}/calls'\n"
        f"if [ $1 = install ]; then /bin/mv '{prepared}' '{tmp_path}/chromium'; fi\n",
    )
    assert get_chromium({"PATH": str(tmp_path)}, (), root=True) == str(tmp_path / "chromium")
    assert (tmp_path / "calls").read_text().splitlines() == [
        "noninteractive update -q",
        "noninteractive install -qy --no-install-recommends chromium",
    ]


def test_who_may_not_install_is_told_how_to_get_one(tmp_path: Path) -> None:
    script(tmp_path / "apt-get", f"#!/bin/sh\ntouch '{tmp_path}/called'\n")
    with pytest.raises(NoBrowserError, match=r"^There is no Chromium, Chrome or Edge here\. Install one \("):
        get_chromium({"PATH": str(tmp_path)}, (), root=False)
    assert not (tmp_path / "called").exists()
    with pytest.raises(NoBrowserError, match=r"brew install --cask chromium"):
        get_chromium({"PATH": str(tmp_path / "empty")}, (), root=True)


def test_an_installation_that_fails_says_what_apt_said(tmp_path: Path) -> None:
    script(tmp_path / "apt-get", "#!/bin/sh\necho 'E: Could not resolve deb.debian.org' >&2\nexit 100\n")
    message = (
        r"installing did not help\. `apt-get update -q` failed: E: Could not resolve deb\.debian\.org\. Install one"
    )
    with pytest.raises(NoBrowserError, match=message):
        get_chromium({"PATH": str(tmp_path)}, (), root=True)
    script(tmp_path / "apt-get", "#!/bin/sh\nexit 0\n")  # a chromium that brings no browser, as on Ubuntu
    with pytest.raises(NoBrowserError, match=r"installing did not help\. Install one"):
        get_chromium({"PATH": str(tmp_path)}, (), root=True)


def test_without_a_browser_tests_are_skipped_but_fail_where_ci_is_set(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    with pytest.raises(pytest.skip.Exception, match=r"There is no Chromium, Chrome or Edge here"):
        chromium_or_skip(nothing, ())
    with pytest.raises(pytest.fail.Exception, match=r"CI is set, so this test may not be skipped"):
        chromium_or_skip({**nothing, "CI": "true"}, ())
    there = script(tmp_path / "chromium")
    assert chromium_or_skip({**nothing, "CI": "true"}, ()) == there
