"""A figure as a notebook keeps it: a small picture, and what is drawn as a few characters.

These change when the drawing does, and are the same on every machine.

nbval compares the text of a notebook's outputs and no pictures, so a notebook shows a figure as its title and this.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Digits of the largest number of a drawn thing that are compared; finer differences cannot be seen.
DIGITS = 6
#: What lies before such an id of an artist is placed by the size of letters, which differs between machines.
PLACED = ("label:", "leader:")


def rounded(values: ArrayLike | None) -> list[int | None]:
    """Return numbers as whole multiples of a step, the same whatever their last digits; None where there is none.

    The step is that of the last of six digits of the largest number, whose power of ten comes first. Numbers are
    rounded to nine digits first, so that one that lies on the edge between two steps falls to the same side on every
    machine. There is no negative zero.

    >>> rounded([0.1 + 0.2, 1e-17, -0.0, float("nan")]), rounded([0.3, 0.0, 0.0, float("nan")])
    ([-1, 300000, 0, 0, None], [-1, 300000, 0, 0, None])
    >>> rounded([2.5000005, -1.0]) == rounded([2.5000005 + 4e-16, -1.0])
    True
    >>> rounded([25.0]), rounded([2.5])
    ([1, 250000], [0, 250000])
    """
    masked: Any = np.ma.asarray(() if values is None else values, dtype=float)
    array: NDArray[np.float64] = np.ma.filled(masked, np.nan).ravel()
    known = np.isfinite(array)
    largest = float(np.abs(array[known]).max()) if known.any() else 0.0
    # The text of a number says its power of ten without the noise that a logarithm has.
    power = int(f"{largest:.8e}".split("e")[1])
    fine = np.rint(np.where(known, array, 0.0) / 10.0**power * 1e8)
    steps = np.rint(fine / 10.0 ** (9 - DIGITS))
    return [power, *(int(step) if there else None for step, there in zip(steps.tolist(), known.tolist(), strict=True))]


def _colours(value: Any) -> list[int | None]:
    from matplotlib.colors import to_rgba_array

    return [None] if value is None else rounded(np.round(to_rgba_array(value), 3))


def _path(path: Any) -> list[Any]:
    return [rounded(path.vertices), None if path.codes is None else path.codes.tolist()]


def _parts(artist: Artist, placed: bool) -> list[Any]:
    """Return what one artist draws, in its own coordinates; empty for one that only holds others.

    ``placed``: it stands where letters leave room, so its place is not counted.
    """
    from matplotlib.collections import Collection
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    where: list[Any]
    look: list[Any]
    if isinstance(artist, Text):
        where = [] if placed else rounded(artist.get_position())
        return ["text", artist.get_text(), where, _colours(artist.get_color()), str(artist.get_fontweight())]
    if isinstance(artist, Line2D):
        where = [] if placed else [rounded(part) for part in np.ma.asarray(artist.get_xydata(), dtype=float).T]
        look = [str(artist.get_linestyle()), str(artist.get_marker()), rounded([artist.get_linewidth()])]
        mark = [rounded([artist.get_markersize()]), _colours(artist.get_markerfacecolor())]
        return ["line", where, _colours(artist.get_color()), *look, *mark]
    if isinstance(artist, Patch):
        shape = [] if placed else _path(artist.get_patch_transform().transform_path(artist.get_path()))
        look = [str(artist.get_hatch()), str(artist.get_linestyle()), bool(artist.get_fill())]
        return ["patch", shape, _colours(artist.get_facecolor()), _colours(artist.get_edgecolor()), *look]
    if isinstance(artist, Collection):
        found: list[Any] = ["collection", [_path(path) for path in artist.get_paths()]]
        found.append([] if placed else rounded(np.asarray(artist.get_offsets(), dtype=float)))
        sizes = getattr(artist, "get_sizes", None)
        found.append(None if sizes is None else rounded(sizes()))
        shaded = artist.get_array()
        if shaded is not None:  # its colours follow when it is drawn
            norm: Any = artist.norm
            shades = artist.get_cmap()(np.linspace(0.0, 1.0, 9))
            return [*found, rounded(shaded), type(norm).__name__, rounded([norm.vmin, norm.vmax]), rounded(shades)]
        return [*found, _colours(artist.get_facecolor()), _colours(artist.get_edgecolor())]
    if isinstance(artist, AxesImage):
        return ["image", rounded(artist.get_array()), rounded(list(artist.get_extent()))]
    return []


def _scale(axes: Axes) -> list[Any]:
    found: list[Any] = ["axes"]
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        found.append([axis.get_scale(), rounded(limits), labels, axis.get_label_text()])
    return [*found, [axes.get_title(loc=side) for side in ("left", "center", "right")]]


def _drawn(artist: Artist, placed: bool = False) -> Iterator[list[Any]]:
    """Yield what an artist and those inside it draw, in the order in which they were added."""
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.legend import Legend
    from matplotlib.spines import Spine

    if not artist.get_visible() or isinstance(artist, Axis):
        return
    placed = placed or isinstance(artist, Legend | Spine) or str(artist.get_gid() or "").startswith(PLACED)
    inside = list(artist.get_children())
    if isinstance(artist, Axes):
        yield _scale(artist)
        # Its titles stand in the scale; where they come to lie follows from their letters.
        titles = [artist.title, artist._left_title, artist._right_title]  # type: ignore[attr-defined]
        inside = [one for one in inside if not any(one is title for title in titles)]
    parts = _parts(artist, placed)
    if parts:
        yield parts
    for inner in inside:
        yield from _drawn(inner, placed)


def fingerprint(figure: Figure) -> str:
    """Return eight characters that change when a mark, a colour, a label or a scale of the figure does.

    They depend on what is drawn, not on pixels, fonts, memory or the order of a set, so they are the same on another
    machine and under another Python. Places that follow from the size of letters (labels of maps) are left out.
    """
    text = repr([list(_drawn(artist)) for artist in figure.get_children()])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


def described(figure: Figure) -> str:
    """Return a figure as text: its title and the fingerprint of what it draws."""
    texts = [text.get_text() for text in figure.texts if text.get_text().strip()]
    titles = texts or [axes.get_title() for axes in figure.axes if axes.get_title()]
    title = " ".join(titles[0].split()) if titles else "no title"
    return f"<figure: {title}; drawn data {fingerprint(figure)}>"


#: Colours are rounded to steps of this, of 255: nobody sees it, and few enough are left for a palette.
STEP = 4


def small_png(figure: Figure) -> bytes:
    """Return a figure as a PNG of a third of the usual size, at its own resolution.

    The colours are rounded (see ``STEP``); where at most 256 are left, as in all figures but maps, the picture has a
    palette of exactly these.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    bytes
    """
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    pixels = np.asarray(Image.open(buffer).convert("RGB")).astype(np.int32)
    pixels = np.minimum((pixels + STEP // 2) // STEP * STEP, 255)
    keys, places = np.unique(pixels @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    if len(keys) <= 256:
        small = Image.fromarray(places.reshape(pixels.shape[:2]).astype(np.uint8), "P")
        small.putpalette(np.stack([keys >> 16, keys >> 8 & 255, keys & 255], axis=1).astype(np.uint8).tobytes())
    else:
        small = Image.fromarray(pixels.astype(np.uint8))
    made = io.BytesIO()
    small.save(made, "png", optimize=True)
    return made.getvalue()
