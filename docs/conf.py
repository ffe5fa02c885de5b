"""How Sphinx builds the reference: ``make docs`` calls it; nothing here is needed to use the package."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from numpydoc.xref import DEFAULT_LINKS
from sphinx.application import Sphinx

import lipresearch

ROOT = Path(__file__).resolve().parent.parent

#: The modules that have a page.
DOCUMENTED = re.findall(
    r"^\.\. automodule:: (\S+)$",
    "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "modules").glob("*.md")),
    re.MULTILINE,
)

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
# A type leads to the class if that is one of the package: to look up others needs a connection.
DEFAULT_LINKS.clear()
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {
    name: f"{found.__module__}.{name}"
    for module in sys.modules.copy().values()
    for name, found in vars(module).items()
    if isinstance(found, type) and getattr(found, "__module__", "") in DOCUMENTED
}

myst_heading_anchors = 3
# Only where a connection is there: python -m sphinx -b linkcheck docs outputs/links
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


def _public(app: Sphinx, what: str, name: str, thing: object, options: object, signature: str, returns: str) -> object:
    """Show the fields of a class that are public."""
    return (
        (re.sub(r", _\w+(?=[,)])|(?<=\()_\w+(, )?", "", signature), returns) if what == "class" and signature else None
    )


def setup(app: Sphinx) -> None:
    """Connect the commands, and formulas that a browser shows without a connection."""
    app.connect("source-read", _complete)
    app.connect("autodoc-process-signature", _public)
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


html_math_renderer = "mathml"
