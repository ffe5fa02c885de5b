"""CONTRIBUTING.md: every recipe is performed in a copy of the project, from the page itself.

What a block is shows in its language: ``csv`` rows of a table (its header first), ``toml`` and ``python`` new files,
``diff`` a change, ``sh`` a command, ``text`` what the command before it prints. The paragraph before a block names the
file. A command is expected to fail where the paragraph before its output says that it is red.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lipresearch import cli
from lipresearch.paths import PROJECT_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEPS = ("Declare", "Check", "Done")
RECIPES = ("A criterion", "A site", "A cluster", "A design", "A translation", "A data set")
#: How processes of the copy are started: pytest without plugins that these tests do not need, and no files beside.
OF_ITS_OWN = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTEST_ADDOPTS": "-p no:cacheprovider",
}
#: Recipes that go on where another one ends.
AFTER = {"A translation": "A design"}


@dataclass(frozen=True)
class Block:
    """One fenced block: its language and text, the paragraph before it, and in which step it stands."""

    language: str
    text: str
    before: str
    step: str

    @property
    def file(self) -> str:
        """The file that the paragraph before names, if it says that something goes there."""
        named = re.match(r"In `([^`]+)`", self.before)
        return named[1] if named else ""

    @property
    def red(self) -> bool:
        """Whether the command whose output this is must fail."""
        return self.before.startswith("It is red")


def sections(page: str) -> dict[str, str]:
    """Return ``{title: text}`` of the page's sections."""
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(text: str) -> list[Block]:
    """Return the blocks of a section in order; one that follows another directly takes its paragraph."""
    found: list[Block] = []
    before, step, language = "", "", ""
    for part in re.split(r"^(```.*)$\n", text, flags=re.MULTILINE):
        if part.startswith("```"):
            language = "" if language else part.removeprefix("```")
        elif language:
            found.append(Block(language, part, before, step))
        else:
            paragraphs = [paragraph.strip() for paragraph in part.split("\n\n") if paragraph.strip()]
            steps = re.findall(r"^\*\*\d\. (\w+)", part, flags=re.MULTILINE)
            step = steps[-1] if steps else step
            before = paragraphs[-1] if paragraphs else before
    return found


def changed(text: str, diff: str) -> str:
    """Return a text with a change: the lines that stay or go must stand there exactly once, together."""
    lines = [(line[:1], line[1:]) for line in diff.splitlines()]
    assert {sign for sign, _ in lines} <= {" ", "+", "-"}, diff
    old = "".join(f"{line}\n" for sign, line in lines if sign != "+")
    new = "".join(f"{line}\n" for sign, line in lines if sign != "-")
    assert ("\n" + text).count("\n" + old) == 1, f"not there once:\n{old}"
    return ("\n" + text).replace("\n" + old, "\n" + new)[1:]


def apply(root: Path, block: Block) -> None:
    """Put a block into the copy as its paragraph says."""
    path = root / block.file
    if block.language == "diff":
        path.write_text(changed(path.read_text(encoding="utf-8"), block.text), encoding="utf-8")
    elif block.language == "csv" and path.is_file():
        header, _, rows = block.text.partition("\n")
        text = path.read_text(encoding="utf-8")
        assert text.split("\n")[0] == header, f"not the header of {block.file}: {header}"
        assert {len(row) for row in csv.reader(rows.splitlines())} == {header.count(",") + 1}, rows
        path.write_text(text + rows, encoding="utf-8")
    else:
        assert block.before.endswith("a new file:"), block.before
        assert not path.exists(), path
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")


@dataclass(frozen=True)
class Walk:
    """A copy of the project in which commands are run as on the command line."""

    root: Path
    capture: pytest.CaptureFixture[str]

    def run(self, command: str) -> tuple[int, str]:
        """Return the exit code and all that a command prints; in a process of its own where it must read other code."""
        words = shlex.split(command)
        if words[0] == "lipresearch" and not self.other_code():
            return self.run_here(words[1:])
        programs = {"python": [sys.executable], "lipresearch": [sys.executable, "-m", "lipresearch.cli"]}
        done = subprocess.run(
            [*programs.get(words[0], words[:1]), *words[1:]],
            cwd=self.root,
            env={**os.environ, **OF_ITS_OWN, "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def run_here(self, arguments: list[str]) -> tuple[int, str]:
        """Run the command line in this process, which is quicker."""
        self.capture.readouterr()
        code: object = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            patch.setenv(PROJECT_VARIABLE, str(self.root))
            try:
                cli.main(arguments)
            except SystemExit as end:
                code = end.code or 0
        said = self.capture.readouterr()
        return int(str(code)), said.out + said.err

    def other_code(self) -> bool:
        """Whether the copy's code is no longer the project's."""
        mine, project = (
            {path.relative_to(root): path.read_bytes() for path in (root / "lipresearch").rglob("*.py")}
            for root in (self.root, ROOT)
        )
        return mine != project

    def follow(self, steps: list[Block]) -> None:
        """Do what the blocks say, and hold every output that they quote."""
        code, said, command = 0, "", ""
        for block in steps:
            if block.language == "sh":
                for command in block.text.splitlines():
                    assert code == 0, f"{command}: the one before failed\n{said}"
                    code, said = self.run(command)
            elif block.language == "text":
                assert (code != 0) == block.red, f"{command}: exit code {code}\n{said}"
                hold(said, block.text, command, whole=block.red and command.startswith("lipresearch"))
                code = 0
            else:
                apply(self.root, block)
        assert code == 0, f"{command}\n{said}"


def hold(said: str, quoted: str, command: str, whole: bool) -> None:
    """Check that a command printed what is quoted: all of it, or the lines before and after ``...``, in order."""
    text = "".join(f"{line.rstrip()}\n" for line in said.splitlines())
    if whole:
        assert text.strip() == quoted.strip(), f"{command} printed:\n{said}"
        return
    place = 0
    for part in re.split(r"^\.\.\.\n", quoted, flags=re.MULTILINE):
        pattern = "^" + re.escape(part).replace(re.escape(" ...") + "\\\n", " .*\n")
        found = re.compile(pattern, flags=re.MULTILINE).search(text, place)
        assert found, f"{command} did not print:\n{part}but:\n{text[place:]}"
        place = found.end()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the project: data, code and tests."""
    root = tmp_path / "project"
    leave = shutil.ignore_patterns("__pycache__", "browser", "figures", "fixtures", "published")
    for folder in ("data", "lipresearch", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=leave)
    return root


def recipe(title: str, page: str = PAGE) -> list[Block]:
    """Return the blocks of a recipe, and before them the edits of the one that it goes on from."""
    first = [block for block in blocks(sections(page)[AFTER[title]]) if block.file] if title in AFTER else []
    return [*first, *blocks(sections(page)[title])]


# -- the page ------------------------------------------------------------------------------------------


def test_every_recipe_has_its_three_steps_and_no_other_section_has_any() -> None:
    found = {
        title: re.findall(r"^\*\*(\d)\. (\w+)", text, flags=re.MULTILINE) for title, text in sections(PAGE).items()
    }
    assert tuple(title for title, steps in found.items() if steps) == RECIPES
    three = [(str(number), step) for number, step in enumerate(STEPS, start=1)]
    assert {title: steps for title, steps in found.items() if steps and steps != three} == {}


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_is_red_in_its_second_step_and_green_in_its_third(title: str) -> None:
    mine = blocks(sections(PAGE)[title])
    (red,) = [place for place, block in enumerate(mine) if block.language == "text" and block.red]
    command = mine[red - 1].text
    assert mine[red].step == "Check"
    assert [block.step for block in mine[red:] if block.file] != []  # what makes it green
    assert command in [block.text for block in mine if block.step == "Done"]
    assert f"`{command.split(' -k')[0].replace(' -q', '').strip()}" in PAGE.split("\n## A criterion")[0]


def test_every_command_on_the_page_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    known = set(re.findall(r"^│ ([a-z-]+) ", capsys.readouterr().out, flags=re.MULTILINE))
    named = set(re.findall(r"(?:^|`)lipresearch ([a-z-]+)", PAGE, flags=re.MULTILINE))
    assert {"build", "rank", "memo", "compile"} <= named <= known
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert targets is not None
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", PAGE, flags=re.MULTILINE)) <= set(targets[1].split())
    for path in re.findall(r"`((?:data|docs|lipresearch|notebooks|tests)/[\w./]+\.(?:md|py|csv|ipynb))`", PAGE):
        made = any(block.file == path and "a new file" in block.before for block in blocks(PAGE))
        assert made or (ROOT / path).is_file(), path


# -- the recipes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", RECIPES)
def test_the_recipe_works(title: str, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Walk(copy, capsys).follow(recipe(title))


def without(page: str, piece: str) -> str:
    """Return the page without the block that begins with a piece, or with that piece garbled in a quotation."""
    found = re.search(rf"^```\w+\n(?:[^`]*\n)?{re.escape(piece)}[^`]*```\n", page, flags=re.MULTILINE)
    assert found, piece
    return page.replace(found[0], "")


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (without(PAGE, "+label_fr"), r"lipresearch designs: exit code 1"),
        (PAGE.replace('\nsites_rationale = "Three', '\nsites_reason = "Three'), r"lipresearch designs printed:"),
        (PAGE.replace("found nothing, expected a value.", "found nothing."), r"lipresearch designs printed:"),
        (PAGE.replace("Timmins ", "Oshawa ", 1), r"lipresearch select health --design north did not print:"),
        (PAGE.replace('\n label = "Health care', '\n label = "Health'), r"not there once"),
        (
            PAGE.replace(
                "`data/design/designs/north.toml`, a new file", "`data/design/designs/health.toml`, a new file"
            ),
            r"health\.toml",
        ),
    ],
)
def test_a_step_left_out_or_a_word_changed_is_noticed(
    page: str, message: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tried on the recipe that asks for no build."""
    assert page != PAGE
    with pytest.raises(AssertionError, match=message):
        Walk(copy, capsys).follow(recipe("A design", page))
