"""From a colouring, a selection and a filter to what the raster needs: a `Paint`."""

from __future__ import annotations

from app.document import Filter
from app.panels.map import ByClass, ByNumber, Colouring
from backends.raster.colour import (
    Codes,
    Paint,
    class_codes,
    plain_codes,
    plain_palette,
    scale_codes,
)
from backends.raster.palette import class_colours, rgb, scale_colours
from backends.selection import Selection
from widgets.theme import Theme


def build_paint(
    n: int, colouring: Colouring, selection: Selection, narrowed: Filter | None, theme: Theme
) -> Paint:
    """Colour n rows; without a selection all that pass the filter are in colour."""
    hidden: frozenset[int] = frozenset()
    codes: Codes
    if isinstance(colouring, ByClass):
        codes = class_codes(colouring.categories.codes, colouring.none)
        palette = class_colours(colouring.none, dark=theme.is_dark)
        hidden = colouring.hidden
    elif isinstance(colouring, ByNumber):
        codes = scale_codes(colouring.numbers.values, colouring.low, colouring.high)
        palette = scale_colours(dark=theme.is_dark)
    else:
        codes, palette = plain_codes(n), plain_palette([rgb(theme.map_plain)])
    selected = selection.rows if len(selection) else None
    kept = narrowed.rows if narrowed is not None else None
    return Paint(codes, palette, rgb(theme.map_context), hidden, selected, kept)
