"""What a column of a corpus holds: its kind, its categories or numbers, and single cells as text.

Whole columns are read vectorised in Arrow; single cells come straight out of the mapped file.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Rows, batches, frozen
from backends.corpora.cells import cell_text, cells_of
from backends.device import core_count
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Corpus

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["categories", "numbers", "dates", "text"]
MOST_CATEGORIES = 100_000
FEW_CATEGORIES = 1_000  # so many may be of any length; more of them must be short
SHORT_LETTERS = 120  # of a cell on average, where there are many categories
JUDGED_ROWS = 4_096  # spread over a column, that tell texts and ids from classes
MOST_INTEGER_CATEGORIES = 20  # ratings and class numbers, but not years
SLICE_ROWS = 1 << 16
ROWS_A_CORE = 1 << 18  # fewer are not worth a thread
LARGEST, SMALLEST = 1e38, 1e-37  # that single precision holds, with room for a difference

_kinds: WeakKeyDictionary[Corpus, dict[str, tuple[Kind, int]]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Categories:
    """A column as classes, the commonest first; equal counts in the order of their labels."""

    codes: NDArray[np.int32]  # (n,) index into labels, -1 where the cell is empty
    labels: tuple[str, ...]
    counts: NDArray[np.int64]  # (labels,)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column as numbers; dates are seconds since 1970 (UTC), booleans 0 and 1.

    `low` and `high` are of the finite values in full precision, both 0 where there is none. Beyond
    `LARGEST` values are brought down to it; where all are below `SMALLEST` they are 0.
    """

    values: NDArray[np.float32]  # (n,) NaN where the cell is empty
    low: float
    high: float
    is_date: bool


def missing_column(name: str, columns: Sequence[str]) -> BackendError:
    """The sentence for a column that is not there, with those that are."""
    shown = ", ".join(columns[:20]) + (", ..." if len(columns) > 20 else "")
    return BackendError(
        f"There is no column “{name}”.", hint=f"The columns are: {shown or 'none'}."
    )


def values_of(corpus: Corpus, name: str) -> pa.ChunkedArray:
    """The column as it lies in the cache. Raises: BackendError if there is none of that name."""
    place = corpus.table.schema.get_field_index(name)  # -1 also for a name that comes twice
    if place < 0:
        raise missing_column(name, corpus.columns)
    return corpus.table.column(place)


def column_kind(corpus: Corpus, name: str) -> Kind:
    """How a column is best shown: classes, a scale, a time, or words. Remembered per corpus.

    Strings, booleans and dictionaries are categories if each value comes twice on average and
    there are at most 100,000 of them (short ones, beyond 1,000); integers if there are at most 20.

    Raises: BackendError if there is no such column.
    """
    return _judged(corpus, name)[0]


def category_count(corpus: Corpus, name: str) -> int:
    """How many values a column of categories has, 0 for another one. Remembered per corpus.

    Raises: BackendError if there is no such column.
    """
    return _judged(corpus, name)[1]


def _judged(corpus: Corpus, name: str) -> tuple[Kind, int]:
    known = _kinds.setdefault(corpus, {})
    if name not in known:
        values = values_of(corpus, name)
        known[name] = _computed_kind(values) if name in corpus.computed else _kind(values)
    return known[name]


def carry_kinds(old: Corpus, new: Corpus) -> None:
    """Let a corpus of the same content know the kinds of the columns that it shares with another.

    Otherwise each computed column would have all the others looked at again.
    """
    known = _kinds.get(old, {})
    shared = {
        name: kind
        for name, kind in known.items()
        if name in new.columns and old.computed.get(name) == new.computed.get(name)
    }
    _kinds.setdefault(new, {}).update(shared)


def _computed_kind(values: pa.ChunkedArray) -> tuple[Kind, int]:
    """By type alone, at once: whoever computed it has said what it is."""
    import pyarrow as pa

    if pa.types.is_temporal(values.type):
        return "dates", 0
    if pa.types.is_dictionary(values.type):
        labels = len(values.chunk(0).dictionary) if values.num_chunks else 0
        return ("categories", labels) if labels <= MOST_CATEGORIES else ("text", 0)
    return "numbers", 0


def _kind(values: pa.ChunkedArray) -> tuple[Kind, int]:
    import pyarrow as pa

    kind = values.type
    if pa.types.is_temporal(kind) and not pa.types.is_time(kind) and not pa.types.is_duration(kind):
        return "dates", 0
    if pa.types.is_integer(kind):
        count = _count_repeated(values, MOST_INTEGER_CATEGORIES)
        return ("categories", count) if count else ("numbers", 0)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "numbers", 0
    count = _count_repeated(values, MOST_CATEGORIES)
    if pa.types.is_boolean(kind):
        return "categories", count or 2
    return ("categories", count) if count else ("text", 0)


def _count_repeated(values: pa.ChunkedArray, most: int) -> int:
    """How many values there are, or 0 if they are more than `most` or do not come twice on average.

    Looks at slices that grow, so a column of texts is given up after a few thousand rows.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    seen: pa.Array | None = None
    start, size = 0, SLICE_ROWS // 4
    filled = len(values) - values.null_count
    try:
        if most > FEW_CATEGORIES and _is_wordy(values):
            most = FEW_CATEGORIES
        while start < len(values):
            found = [pc.unique(values.slice(start, size)).drop_null()]
            chunks = [seen, *found] if seen is not None else found
            seen = pc.unique(pa.chunked_array(chunks)) if len(chunks) > 1 else found[0]
            if len(seen) > most or len(seen) * 2 > filled:
                return 0
            start, size = start + size, min(size * 2, SLICE_ROWS * 16)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return 0  # nested values are no categories
    return len(seen) if seen is not None else 0


def _is_wordy(values: pa.ChunkedArray) -> bool:
    """Whether cells look like texts or ids: long, or hardly ever alike among a few thousand."""
    if len(values) < JUDGED_ROWS * 2:
        return False
    # By chance, not evenly: of a sorted column, even places would show each class once.
    rows = np.unique(np.random.default_rng(0).integers(0, len(values), JUDGED_ROWS))
    cells = [cell for cell in _pick(values, rows) if cell is not None]
    if not cells or not isinstance(cells[0], str):
        return False
    length = sum(map(len, map(str, cells))) / len(cells)
    alike = len(cells) - len(set(cells))
    return length > SHORT_LETTERS or alike * 400 < len(cells)


def read_categories(corpus: Corpus, name: str, report: Report = SILENT) -> Categories:
    """Read a column as classes; empty cells and empty texts belong to none (-1).

    Raises: BackendError if there is no such column, Cancelled.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = values_of(corpus, name)
    report.step(0, 0, f"Counting the values of {name}")
    if pa.types.is_null(values.type):
        values = values.cast(pa.large_string())
    elif pa.types.is_nested(values.type):
        values = pa.chunked_array([pa.array([cell_text(v) for v in cells_of(values)])])
    encoded = _encoded(values).unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no chunk, or too many bytes for one
        encoded = encoded.chunk(0) if encoded.num_chunks else pc.dictionary_encode(pa.array([]))
    report.check()
    single = pa.types.is_float32(encoded.type.value_type)
    indices = encoded.indices
    found = (indices.fill_null(-1) if indices.null_count else indices).to_numpy()  # (n,)
    labels = [
        cell_text(_plain(value) if single else value) for value in cells_of(encoded.dictionary)
    ]
    return _by_count(found, labels)


def _encoded(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as indices into its values; large ones are looked through side by side."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(values.type):
        return values
    parts = [values.slice(part.start, part.stop - part.start) for part in _parts(len(values))]
    if len(parts) < 2:
        return pc.dictionary_encode(values)
    with ThreadPoolExecutor(len(parts), thread_name_prefix="column") as pool:
        chunks = [chunk for part in pool.map(pc.dictionary_encode, parts) for chunk in part.chunks]
    return pa.chunked_array(chunks)


def _parts(n: int) -> list[slice]:
    """About equal parts of n rows, one for each core if there is enough to do."""
    parts = max(1, min(core_count(), n // ROWS_A_CORE))
    return list(batches(n, -(-n // parts))) if n else []


def _by_count(found: NDArray[np.integer[Any]], labels: list[str]) -> Categories:
    """Number the classes anew, commonest first; equal labels become one, empty ones none.

    Works in blocks: numpy widens indices to 64 bits, and a block of them stays in the cache.
    """
    names = sorted({label for label in labels if label})
    place = {name: i for i, name in enumerate(names)}
    # The last entry stands for -1, a cell without a value.
    merged = np.array([*(place.get(label, -1) for label in labels), -1], dtype=np.int64)
    held = np.zeros(len(labels) + 1, np.int64)  # cells by label, the first those without a value
    for block in batches(len(found), SLICE_ROWS):
        held += np.bincount(found[block].astype(np.int64) + 1, minlength=len(held))
    counts = np.zeros(len(names) + 1, np.int64)  # (classes,), the last for none
    np.add.at(counts, merged, np.roll(held, -1))
    counts = counts[:-1]
    order = np.lexsort((np.arange(len(names)), -counts))
    order = order[counts[order] > 0]
    rank = np.full(len(names) + 1, -1, dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    table = rank[merged]  # (labels + 1,)
    codes = np.empty(len(found), np.int32)
    for block in batches(len(found), SLICE_ROWS):
        codes[block] = table[found[block]]
    return Categories(frozen(codes), tuple(names[i] for i in order), frozen(counts[order]))


def read_numbers(corpus: Corpus, name: str, report: Report = SILENT) -> Numbers:
    """Read a column of numbers, dates or booleans.

    Raises: BackendError if there is no such column or it holds neither, Cancelled.
    """
    report.step(0, 0, f"Reading {name}")
    exact, is_date = exact_numbers(corpus, name)
    known = np.isfinite(exact)
    low = float(exact.min(where=known, initial=np.inf)) if known.any() else 0.0
    high = float(exact.max(where=known, initial=-np.inf)) if known.any() else 0.0
    if max(-low, high) > LARGEST or max(-low, high) < SMALLEST:
        most = LARGEST if max(-low, high) > LARGEST else 0.0
        exact = np.where(known, exact.clip(-most, most), exact)
        low, high = (min(max(end, -most), most) for end in (low, high))
    return Numbers(frozen(exact.astype(np.float32)), low, high, is_date)


def exact_numbers(corpus: Corpus, name: str) -> tuple[NDArray[np.float64], bool]:
    """A column in full precision, (n,) with NaN where a cell is empty, and whether it holds dates.

    Raises: BackendError if there is no such column or it holds neither numbers nor dates.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = values_of(corpus, name)
    kind = values.type
    is_date = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
    try:
        if is_date:
            stamps = pc.cast(values, pa.timestamp("us", getattr(kind, "tz", None)))
            return _floats(pc.cast(stamps, pa.int64())) / 1e6, is_date  # (n,)
        return _floats(values), is_date
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BackendError(
            f"The column “{name}” holds text, not numbers.", hint="Choose a column of numbers."
        ) from error


def _floats(values: pa.ChunkedArray) -> NDArray[np.float64]:
    """(n,) float64 with NaN for null; integers beyond 2**53 are rounded."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # A date or a boolean has no direct cast to float.
    if pa.types.is_boolean(values.type):
        values = pc.cast(values, pa.int8())
    floats = pc.cast(values, pa.float64(), safe=False)
    return np.asarray(floats.fill_null(math.nan).to_numpy(), dtype=np.float64)


def read_cells(
    corpus: Corpus, rows: NDArray[Any], columns: Sequence[str]
) -> list[tuple[object, ...]]:
    """Values of a few items, one tuple an item in the order of `rows`; a missing cell is None.

    Raises: BackendError if there is no such column.
    """
    wanted = [_pick(values_of(corpus, name), rows) for name in columns]
    return list(zip(*wanted, strict=True)) if wanted else [() for _ in rows]


def _pick(values: pa.ChunkedArray, rows: NDArray[Any]) -> list[object]:
    """Single cells out of their chunks: `take` would first bring the chunks together."""
    import pyarrow as pa

    single = pa.types.is_float32(values.type)
    starts = [0, *itertools.accumulate(len(chunk) for chunk in values.chunks)]
    picked: list[object] = []
    for row in np.asarray(rows).tolist():
        place = bisect.bisect_right(starts, row) - 1
        value = cells_of(values.chunk(place).slice(row - starts[place], 1))[0]
        picked.append(_plain(value) if single else value)
    return picked


def _plain(value: float | None) -> float | None:
    """0.1 in single precision is shown as 0.1, not as 0.10000000149011612."""
    return None if value is None else float(str(np.float32(value)))


def texts(corpus: Corpus, column: str, rows: slice) -> list[str]:
    """Cells of consecutive rows as text, "" for empty ones.

    Raises: BackendError if there is no such column.
    """
    import pyarrow as pa

    values = values_of(corpus, column)
    start, stop, _ = rows.indices(len(values))
    part = values.slice(start, max(0, stop - start))
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return [value or "" for value in part.to_pylist()]
    return [cell_text(value) for value in _pick(part, np.arange(len(part)))]


def rows_of_ids(corpus: Corpus, column: str, ids: Sequence[object]) -> Rows:
    """Rows whose cell is one of `ids`, ascending; compared as text, so that 7 finds "7".

    Ids that are no longer there are left out; an id that stands in several rows gives them all.

    Raises: BackendError if there is no such column.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = values_of(corpus, column)
    wanted = {cell_text(item) for item in ids} - {""}
    if pa.types.is_integer(values.type):
        values = pc.cast(values, pa.large_string())
    elif not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        shown = [cell_text(value) for value in cells_of(values)]
        values = pa.chunked_array([pa.array(shown, pa.large_string())])
    member = pc.is_in(values, value_set=pa.array(sorted(wanted), values.type))
    found = np.flatnonzero(member.to_numpy()).astype(np.int64, copy=False)  # (k,)
    return frozen(found)
