"""Where the project's folders are."""

from __future__ import annotations

import os
from pathlib import Path

from lipresearch.errors import NotFoundError

#: Environment variable that names the project folder, for unusual installations.
PROJECT_VARIABLE = "LIPRESEARCH_PROJECT"


def is_project(folder: Path) -> bool:
    """Whether a folder holds the tables of a lipresearch project."""
    return (folder / "data" / "raw").is_dir() and (folder / "data" / "design").is_dir()


def project_root(start: Path | None = None) -> Path:
    """Return the project folder.

    Looked for in this order: the environment variable ``LIPRESEARCH_PROJECT``; the
    working folder and the folders above it; the folder that the package lies in.

    Parameters
    ----------
    start : Path, optional
        Where to begin, default the working folder.

    Returns
    -------
    Path
        Absolute path of the folder that holds ``data/raw`` and ``data/design``.

    Raises
    ------
    NotFoundError
        If none of these folders is a project.
    """
    named = os.environ.get(PROJECT_VARIABLE)
    if named:
        folder = Path(named).expanduser().resolve()
        if is_project(folder):
            return folder
        raise NotFoundError(
            f"{PROJECT_VARIABLE} names {named}, which holds no data/raw and data/design. "
            "Set it to the folder of a lipresearch clone, or unset it."
        )
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parent.parent):
        if is_project(folder):
            return folder
    raise NotFoundError(
        f"No lipresearch project at {here} or above it (looked for data/raw and data/design). "
        f"Change into a clone of the project, or set {PROJECT_VARIABLE} to its folder."
    )


def relative(path: Path, root: Path) -> str:
    """Return a path as messages show it: from the project folder, with forward slashes."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.as_posix()
