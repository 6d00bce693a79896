"""What a person can do to classes: each a function from one colouring to another."""

from __future__ import annotations

from dataclasses import replace

from app.panels.by_class import ByClass, Order
from backends.raster.palette import MOST_COLOURS, MOST_OWN


def toggled(colouring: ByClass, code: int) -> ByClass:
    """Hide a class or show it again; "other" is hidden if any of its classes is shown."""
    classes = colouring.classes_of(code)
    if classes <= colouring.hidden:
        return replace(colouring, hidden=colouring.hidden - classes)
    return replace(colouring, hidden=colouring.hidden | classes)


def soloed(colouring: ByClass, code: int) -> ByClass:
    """Hide every other class; if that is so already, show all."""
    others = frozenset(colouring.codes) - colouring.classes_of(code)
    return replace(colouring, hidden=frozenset() if colouring.hidden == others else others)


def all_shown(colouring: ByClass) -> ByClass:
    """Show every class."""
    return replace(colouring, hidden=frozenset())


def can_colour(colouring: ByClass, code: int) -> bool:
    """Whether the palette has room for a colour of this class's own."""
    beyond = MOST_COLOURS <= code < colouring.none and code not in colouring.look.colours
    return not beyond or len(colouring.own) < MOST_OWN


def coloured(colouring: ByClass, code: int, text: str | None) -> ByClass:
    """Give a class the colour "#RRGGBB"; None gives it back the automatic one."""
    colours = {key: value for key, value in colouring.look.colours.items() if key != code}
    if text is not None and can_colour(colouring, code):
        colours[code] = text.upper()
    return replace(colouring, look=replace(colouring.look, colours=colours))


def renamed(colouring: ByClass, code: int, name: str) -> ByClass:
    """Call a class something else; "" and its own name take that back."""
    names = {key: value for key, value in colouring.look.names.items() if key != code}
    name = " ".join(name.split())
    if name and name != colouring.given_label(code):
        names[code] = name
    return replace(colouring, look=replace(colouring.look, names=names))


def ordered(colouring: ByClass, order: Order) -> ByClass:
    """List classes in another order; by hand begins with the order that is shown."""
    hand = colouring.look.hand
    if order == "hand" and not hand:
        hand = colouring.named
    return replace(colouring, look=replace(colouring.look, order=order, hand=hand))


def moved(colouring: ByClass, code: int, place: int) -> ByClass:
    """Put a class with a colour of its own before the one at a place; the order is by hand then."""
    named = list(colouring.named)
    if code not in named:
        return colouring
    before = named.index(code)
    named.remove(code)
    named.insert(place - (place > before), code)
    return replace(colouring, look=replace(colouring.look, order="hand", hand=tuple(named)))


def plain(colouring: ByClass) -> ByClass:
    """Take all colours, names and the order back; what is hidden stays so."""
    return ByClass(colouring.column, colouring.categories, colouring.hidden)
