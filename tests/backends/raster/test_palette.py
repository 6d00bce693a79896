"""The palette of classes fits into a byte, whatever is recoloured and hidden."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backends.raster.colour import class_codes
from backends.raster.palette import (
    ENTRIES,
    GONE,
    MOST_COLOURS,
    MOST_OWN,
    NONE,
    OTHER,
    OWN,
    class_entries,
    class_palette,
    rgb,
)


def slowly(code: int, count: int, own: list[int], hidden: set[int]) -> int:
    """The entry of one item's class."""
    code = count if code < 0 else code
    if code in hidden:
        return GONE
    if code == count:
        return NONE
    if code in own:
        return OWN + own.index(code)
    return code if code < MOST_COLOURS else OTHER


@given(st.data(), st.integers(0, 300))
def test_entries_are_looked_up_as_one_by_one(data: st.DataObject, count: int) -> None:
    beyond = range(MOST_COLOURS, max(MOST_COLOURS, count))
    own = sorted(data.draw(st.sets(st.sampled_from(beyond), max_size=20))) if beyond else []
    hidden = data.draw(st.sets(st.integers(0, count), max_size=20))
    codes = data.draw(st.lists(st.integers(-1, count - 1), max_size=30))
    entries = class_entries(count, own, hidden)
    found = class_codes(np.array(codes, np.int32), entries)
    assert found.dtype == np.uint8
    assert found.tolist() == [slowly(code, count, own, hidden) for code in codes]


def test_all_that_can_be_chosen_has_an_entry_of_its_own() -> None:
    assert OWN + MOST_OWN <= GONE < ENTRIES <= 254
    own = range(100, 100 + MOST_OWN)
    entries = class_entries(1000, own, {999})
    assert len(set(entries[list(own)].tolist())) == MOST_OWN
    assert entries.max() == GONE


def test_chosen_colours_stand_at_their_entries() -> None:
    table = class_palette({3: "#010203", OTHER: "#0A0B0C", OWN: "#FFFFFF"}, dark=True)
    plain = class_palette(dark=True)
    assert [tuple(table[at]) for at in (3, OTHER, OWN)] == [
        rgb("#010203"),
        rgb("#0A0B0C"),
        rgb("#FFFFFF"),
    ]
    changed = (table != plain).any(axis=1)
    assert np.flatnonzero(changed).tolist() == [3, OTHER, OWN]


def test_more_rows_than_a_block_are_coded() -> None:
    codes = np.arange(-1, 200_000, dtype=np.int32) % 30 - 1
    entries = class_entries(29)
    assert class_codes(codes, entries).tolist() == entries[codes].tolist()
