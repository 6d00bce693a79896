"""A colouring's look as plain data, for projects and settings, and back.

Classes are kept by their names, so that other counts do no harm; "" stands for "no value", which
no class can be called, and `GROUP` for the group of others. Reading trusts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from app.panels.by_class import ORDERS, ByClass, ClassLook
from app.panels.by_number import ByNumber, ScaleLook
from backends.corpora.columns import LARGEST
from backends.raster.palette import MOST_COLOURS, MOST_OWN
from backends.raster.scales import DEFAULT, SCALES

GROUP = "\0"
LONGEST_NAME = 200
FEW_HIDDEN = 1000  # of more hidden classes the shown ones are kept, if they are fewer
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
Known = TypeVar("Known", ByClass, ByNumber, ByClass | ByNumber)


def kept(colouring: ByClass | ByNumber) -> dict[str, Any]:
    """What a person chose of a colouring, as plain data; {} if nothing."""
    return _kept_classes(colouring) if isinstance(colouring, ByClass) else _kept_scale(colouring)


def kept_names(colouring: ByClass) -> dict[str, Any]:
    """Colours and names alone, which another file with the same classes may use."""
    look = colouring.look
    state: dict[str, Any] = {}
    if look.colours:
        state["colours"] = {_key(colouring, c): text for c, text in look.colours.items()}
    if look.names:
        state["names"] = {_key(colouring, c): name for c, name in look.names.items()}
    return state


def restored(colouring: Known, state: Mapping[str, Any]) -> Known:
    """Apply what was kept; what does not fit is left out."""
    if isinstance(colouring, ByClass):
        return _restored_classes(colouring, state)
    return _restored_scale(colouring, state)


def as_read(colouring: Known) -> Known:
    """The same column as nobody has touched it."""
    if isinstance(colouring, ByClass):
        return ByClass(colouring.column, colouring.categories)
    numbers = colouring.numbers
    return ByNumber(colouring.column, numbers, numbers.low, numbers.high)


def fits(labels: Iterable[str], state: Mapping[str, Any]) -> bool:
    """Whether all classes that colours and names were given are among these."""
    known = {*labels, "", GROUP}
    given = [state.get(part) for part in ("colours", "names")]
    return all(known >= set(part) for part in given if isinstance(part, Mapping))


def _key(colouring: ByClass, code: int) -> str:
    if code == colouring.other:
        return GROUP
    return "" if code == colouring.none else colouring.categories.labels[code]


def _kept_classes(colouring: ByClass) -> dict[str, Any]:
    look, hidden = colouring.look, colouring.hidden
    state = kept_names(colouring)
    if look.order != "count":
        state["order"] = look.order
    if look.hand:
        state["hand"] = [_key(colouring, code) for code in look.hand]
    shown = len(colouring.codes) - len(hidden)
    if len(hidden) > FEW_HIDDEN and shown < len(hidden):
        rest = [code for code in colouring.codes if code not in hidden]
        state["shown"] = [colouring.given_label(code) for code in rest]
    elif hidden:
        state["hidden"] = [colouring.given_label(code) for code in sorted(hidden)]
    return state


def _kept_scale(colouring: ByNumber) -> dict[str, Any]:
    look, numbers = colouring.look, colouring.numbers
    state: dict[str, Any] = {}
    if (colouring.low, colouring.high) != (numbers.low, numbers.high):
        state["range"] = [colouring.low, colouring.high]
    if look.scale != DEFAULT:
        state["scale"] = look.scale
    for name, value in (("reversed", look.is_reversed), ("even", look.is_even)):
        if value:
            state[name] = True
    if look.centre is not None:
        state["centre"] = look.centre
    return state


def _restored_classes(colouring: ByClass, state: Mapping[str, Any]) -> ByClass:
    if not state:
        return colouring
    codes = {label: code for code, label in enumerate(colouring.categories.labels)}
    codes.update({"": colouring.none, GROUP: colouring.other})
    order = state.get("order")
    look = ClassLook(
        _some_colours(_by_code(state.get("colours"), codes, _is_colour), colouring),
        _by_code(state.get("names"), codes, _is_name),
        order if order in ORDERS else "count",
        tuple(c for c in _codes_of(state.get("hand"), codes) if c < colouring.none),
    )
    codes.setdefault("no value", colouring.none)  # as the legend calls it
    del codes[GROUP]
    if colouring.missing == 0:
        codes = {label: code for label, code in codes.items() if code != colouring.none}
    hidden = frozenset(_codes_of(state.get("hidden"), codes))
    if isinstance(state.get("shown"), list):
        hidden = frozenset(colouring.codes) - frozenset(_codes_of(state["shown"], codes))
    return replace(colouring, hidden=hidden, look=look)


def _restored_scale(colouring: ByNumber, state: Mapping[str, Any]) -> ByNumber:
    low, high = colouring.low, colouring.high
    limits = state.get("range")
    if isinstance(limits, list) and len(limits) == 2 and all(map(_is_number, limits)):
        first, last = float(limits[0]), float(limits[1])
        low, high = (first, last) if first <= last else (low, high)
    scale, centre = state.get("scale"), state.get("centre")
    look = ScaleLook(
        scale if isinstance(scale, str) and scale in SCALES else DEFAULT,
        state.get("reversed") is True,
        state.get("even") is True,
        float(centre) if centre is not None and _is_number(centre) else None,
    )
    return replace(colouring, low=low, high=high, look=look)


def _codes_of(labels: Any, codes: Mapping[str, int]) -> list[int]:
    known = labels if isinstance(labels, list) else []
    return [codes[label] for label in known if isinstance(label, str) and label in codes]


def _by_code(value: Any, codes: Mapping[str, int], check: Any) -> dict[int, str]:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {codes[label]: text for label, text in pairs if label in codes and check(text)}


def _some_colours(colours: dict[int, str], colouring: ByClass) -> dict[int, str]:
    """No more colours than the palette has entries."""
    beyond = [code for code in colours if MOST_COLOURS <= code < colouring.none]
    for code in beyond[MOST_OWN:]:
        del colours[code]
    return colours


def _is_colour(text: object) -> bool:
    return isinstance(text, str) and _COLOUR.match(text) is not None


def _is_name(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST_NAME


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(cast("float", value)) <= LARGEST
