"""How Sphinx builds the reference: ``make docs`` calls it; nothing here is needed to use the package."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

import lipresearch

ROOT = Path(__file__).resolve().parent.parent

project = "lipresearch"
author = "the lipresearch contributors"
project_copyright = f"{author}; MIT licence"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["requirements.txt", "lists.py"]
html_theme = "furo"
html_title = f"lipresearch {release}"
html_copy_source = False
html_show_sphinx = False

autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

myst_heading_anchors = 3
# Only where a connection is there: python -m sphinx -b linkcheck docs outputs/docs/links
linkcheck_timeout = 20
linkcheck_retries = 2


def _complete(app: Sphinx, docname: str, source: list[str]) -> None:
    """Complete a page: under the list of functions each of them in full, and the help of every command."""
    if docname.startswith("api/"):
        for name in re.findall(r"^   (\w+)$", source[0], re.MULTILINE):
            what = "autoclass" if isinstance(getattr(lipresearch, name), type) else "autofunction"
            source[0] += f"\n```{{eval-rst}}\n.. {what}:: lipresearch.{name}\n```\n"
    if docname == "commands":
        command = [sys.executable, "-m", "typer", "lipresearch.cli", "utils", "docs", "--name", "lipresearch"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        source[0] += "\n## " + done.stdout.split("\n## ", 1)[1]


def _inline(translator: nodes.NodeVisitor, node: nodes.math) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _block(translator: nodes.NodeVisitor, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Connect the commands, and formulas that a browser shows without a connection."""
    app.connect("source-read", _complete)
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


html_math_renderer = "mathml"
