"""Which type the texts of a column are written in, and the texts as values of that type.

A type is taken only if nothing is lost: "007" and numbers of more digits than a computer's integer
has stay text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

Written = Literal["int", "float", "bool", "date", "time", "comma", "text"]
ORDER: tuple[Written, ...] = ("int", "float", "bool", "date", "time")


class Unfit(Exception):
    """A text is not written as its column's type wants it."""


def written_as(values: pa.Array, *, comma: bool = False) -> Written:
    """The narrowest type that all texts are written in; text if all are empty.

    With `comma`, numbers may have a decimal comma.
    """
    if values.null_count == len(values):
        return "text"
    for kind in (*ORDER, "comma") if comma else ORDER:
        try:
            parse(values, kind)
        except Unfit:
            continue
        return kind
    return "text"


def parse(values: pa.Array, kind: Written) -> pa.Array:
    """Texts (large_string) as values; null stays null. Raises: Unfit if one does not fit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind == "text":
        return values
    try:
        if kind == "int":
            return _integers(values)
        if kind == "float":
            return _floats(values)
        if kind == "comma":
            _refuse(values, r"^[-+]?\d*,?\d*$", invert=True)
            return _floats(pc.replace_substring(values, ",", "."))
        if kind == "bool":
            lower = pc.utf8_lower(values)
            if not pc.all(
                pc.is_in(lower.drop_null(), pa.array(["true", "false"], lower.type))
            ).as_py():
                raise Unfit
            return pc.equal(lower, "true")
        if kind == "date":
            return pc.cast(values, pa.date32())
        return _times(values)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Unfit from error


def _integers(values: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.cast(values, pa.int64())
    # Written back it must be the same, or "007" and "+5" would lose something.
    if not pc.all(pc.equal(pc.cast(numbers, values.type), values), min_count=0).as_py():
        raise Unfit
    return numbers


def _floats(values: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.cast(values, pa.float64())
    _refuse(values, r"^[-+]?(0\d|\d{16,}$)")
    return numbers


def _refuse(values: pa.Array, pattern: str, *, invert: bool = False) -> None:
    """Raise `Unfit` if a text matches the pattern (or one does not, with `invert`)."""
    import pyarrow.compute as pc

    matches = pc.match_substring_regex(values, pattern)
    if pc.any(pc.invert(matches) if invert else matches, min_count=0).as_py():
        raise Unfit


def _times(values: pa.Array) -> pa.Array:
    """ISO 8601 with or without a zone; with one it is brought to UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return pc.cast(values, pa.timestamp("us"))
    except pa.ArrowInvalid:
        zoned = pc.cast(values, pa.timestamp("us", "UTC"))
        return pa.Array.from_buffers(
            pa.timestamp("us"), len(zoned), zoned.buffers(), zoned.null_count, zoned.offset
        )


def text_vector_length(values: pa.Array) -> int | None:
    """Length of vectors that are written as text, "[0.1, 0.2, ...]", or None if these are none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = values.drop_null()
    if not len(filled):
        return None
    framed = pc.match_substring_regex(filled, r"^\s*\[[-+\d.eEinfa,\s]+\]\s*$")
    if not pc.all(framed).as_py():
        return None
    try:
        lists = parse_text_vectors(filled)
    except (Unfit, pa.ArrowInvalid):
        return None
    lengths = np.asarray(pc.list_value_length(lists))
    return int(lengths[0]) if lengths[0] >= 4 else None


def parse_text_vectors(values: pa.Array) -> pa.Array:
    """Lists of float32 from texts like "[0.1, 0.2]" or numpy's "[0.1 0.2]"; null stays null.

    Raises: Unfit if a text is no list of numbers.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    inner = pc.utf8_trim(pc.cast(values, pa.large_string()), characters=" \t\r\n[]()")
    spaced = pc.replace_substring(inner, ",", " ")
    parts = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(spaced))
    parts = pc.cast(parts, pa.large_list(pa.large_string()))
    try:
        numbers = pc.cast(parts.flatten(), pa.float32())
    except pa.ArrowInvalid as error:
        raise Unfit from error
    lengths = np.asarray(pc.list_value_length(parts).fill_null(0)).astype(np.int64)  # (n,)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    mask = parts.is_null() if parts.null_count else None
    return pa.LargeListArray.from_arrays(pa.array(offsets), numbers, mask=mask)
