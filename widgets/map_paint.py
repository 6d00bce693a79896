"""From a colouring, a selection and a filter to what the raster needs: a `Paint`."""

from __future__ import annotations

from app.document import Filter
from app.panels.map import ByClass, ByNumber, Colouring
from backends.raster.colour import Paint, plain_codes, plain_palette
from backends.raster.palette import GONE, rgb
from backends.selection import Selection
from widgets.theme import Theme


def build_paint(
    n: int, colouring: Colouring, selection: Selection, narrowed: Filter | None, theme: Theme
) -> Paint:
    """Colour n rows; without a selection all that pass the filter are in colour."""
    hidden: frozenset[int] = frozenset()
    if isinstance(colouring, ByClass):
        codes, palette = colouring.entries(), colouring.palette(dark=theme.is_dark)
        hidden = frozenset({GONE}) if colouring.hidden else hidden
    elif isinstance(colouring, ByNumber):
        codes, palette = colouring.entries(), colouring.colours(dark=theme.is_dark)
    else:
        codes, palette = plain_codes(n), plain_palette([rgb(theme.map_plain)])
    selected = selection.rows if len(selection) else None
    kept = narrowed.rows if narrowed is not None else None
    return Paint(codes, palette, rgb(theme.map_context), hidden, selected, kept)
