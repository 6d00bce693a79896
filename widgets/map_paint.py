"""From a colouring, a selection and a filter to what the raster needs: a `Paint`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.document import Filter
from app.panels.map import ByClass, ByNumber, Colouring
from backends.arrays import Mask
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


def narrowed_to(paint: Paint, inside: Mask | None, *, hides: bool) -> Paint:
    """Let only items of a mask be in colour; the others stand back in grey, or are not drawn.

    What stood back already does so in the mask as well. None changes nothing.
    """
    if inside is None or len(inside) != len(paint.codes):
        return paint
    if hides:
        return _without(paint, inside)
    if paint.selected is not None:
        return replace(paint, selected=paint.selected[inside[paint.selected]])
    kept = paint.kept[inside[paint.kept]] if paint.kept is not None else np.flatnonzero(inside)
    return replace(paint, kept=kept)


def _without(paint: Paint, inside: Mask) -> Paint:
    """Give what lies outside a code of its own, beyond all others, that is hidden."""
    gone = max([len(paint.palette), *(code + 1 for code in paint.hidden)])
    filler = np.repeat(paint.palette[:1], gone + 1 - len(paint.palette), axis=0)
    palette = np.concatenate([paint.palette, filler])  # (gone + 1, 3)
    wide = np.promote_types(paint.codes.dtype, np.min_scalar_type(gone))
    codes = np.where(inside, paint.codes, wide.type(gone))
    return replace(paint, codes=codes, palette=palette, hidden=paint.hidden | {gone})
