"""Columns computed here, beside those of the file: put in, taken out, renamed, said in words.

Each is one more Arrow column in a new `Corpus` value of the same content and fingerprint; nothing
of the rest is copied. `Corpus.computed` says which columns these are and how each was made.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import frozen
from backends.corpora.columns import carry_kinds
from backends.types import Corpus, MadeBy

if TYPE_CHECKING:
    import pyarrow as pa

HOW = "how"  # the parameter of a `MadeBy` that says it in a sentence, for tooltips


@dataclass(frozen=True, eq=False)
class Classes:
    """Values that are classes: one code a row, one label a code."""

    codes: NDArray[np.int32]  # (n,) index into labels, -1 for no value
    labels: tuple[str, ...]


Values = NDArray[Any] | Classes
"""float (n,) with NaN for no value; counts, int (n,); classes; or datetime64 (n,), NaT for none."""


def with_column(
    corpus: Corpus,
    name: str,
    values: Values | pa.ChunkedArray,
    made_by: MadeBy,
    *,
    replaces: str | None = None,
    at: int | None = None,
) -> tuple[Corpus, str]:
    """Put a column behind the others; return the new corpus and the name that it got.

    A name that is taken gets a number. What `replaces` names, or a column that was made in just
    the same way, gives up its place to it. `at` is a place among the computed columns.
    Numbers are kept as float32, counts as int64, and not copied if they are that already.

    Raises: ValueError if the values are not one a row, or of a kind that no column holds.
    """
    column = as_column(values, len(corpus))
    same = next((old for old, how in corpus.computed.items() if how == made_by), None)
    replaces = replaces if replaces in corpus.computed else same
    if same not in (None, replaces):
        corpus = without_column(corpus, str(same))
    places = list(corpus.computed)
    if replaces is not None:
        at = places.index(replaces)
        places.remove(replaces)
    name = free_name(name, (*corpus.source_columns, *places))
    places.insert(len(places) if at is None else at, name)
    columns = {old: corpus.table.column(old) for old in corpus.columns} | {name: column}
    made = {**corpus.computed, name: made_by}
    return _arranged(corpus, columns, {place: made[place] for place in places}), name


def without_column(corpus: Corpus, name: str) -> Corpus:
    """Take a computed column out. Raises: KeyError if none of that name was computed."""
    made = dict(corpus.computed)
    del made[name]
    return _arranged(corpus, {old: corpus.table.column(old) for old in corpus.columns}, made)


def renamed_column(corpus: Corpus, old: str, new: str) -> tuple[Corpus, str]:
    """Call a computed column by another name, with a number if that is taken.

    Raises: KeyError if none of that name was computed.
    """
    how = corpus.computed[old]
    new = free_name(new, (name for name in corpus.columns if name != old))
    names = {name: (new if name == old else name) for name in corpus.columns}
    columns = {names[name]: corpus.table.column(name) for name in corpus.columns}
    made = {names[name]: (how if name == old else other) for name, other in corpus.computed.items()}
    return _arranged(corpus, columns, made), new


def _arranged(
    corpus: Corpus, columns: Mapping[str, pa.ChunkedArray], made: Mapping[str, MadeBy]
) -> Corpus:
    """The file's columns, then these computed ones in their order; what is known of kinds stays."""
    table = corpus.source_table
    for name in made:
        table = table.append_column(name, columns[name])
    new = replace(corpus, table=table, computed=dict(made))
    carry_kinds(corpus, new)
    return new


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """The name on one line, with a number if another has it; letters' case does not count."""
    name = " ".join(wanted.replace("\0", "").split()) or "computed"
    known = {other.lower() for other in taken}
    if name.lower() not in known:
        return name
    options = (f"{name} {number}" for number in itertools.count(2))
    return next(option for option in options if option.lower() not in known)


def as_column(values: Values | pa.ChunkedArray, n: int) -> pa.ChunkedArray:
    """Make an Arrow column of n values. Raises: ValueError, as `with_column`."""
    import pyarrow as pa

    if isinstance(values, pa.ChunkedArray):
        column = values
    elif isinstance(values, Classes):
        column = pa.chunked_array([_class_array(values)])
    else:
        column = pa.chunked_array([pa.array(_plain_array(values), from_pandas=True)])
    if len(column) != n:
        raise ValueError(f"{len(column)} values for a corpus of {n} rows")
    return column


def _class_array(values: Classes) -> pa.DictionaryArray:
    import pyarrow as pa

    codes = np.ascontiguousarray(values.codes, dtype=np.int32)
    low, high = (codes.min(), codes.max()) if codes.size else (-1, -1)
    if codes.ndim != 1 or low < -1 or high >= len(values.labels):
        raise ValueError("a code stands for no label")
    indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(values.labels, pa.large_string()))


def _plain_array(values: NDArray[Any]) -> NDArray[Any]:
    if values.ndim != 1:
        raise ValueError(f"a column has one dimension, not {values.ndim}")
    if values.dtype.kind == "f":
        # Frozen, for Arrow goes on reading this very memory.
        return frozen(np.ascontiguousarray(values, dtype=np.float32))
    if values.dtype.kind in "iu":
        return frozen(np.ascontiguousarray(values, dtype=np.int64))
    if values.dtype.kind == "M":
        days = np.datetime_data(values.dtype)[0] in ("Y", "M", "W", "D")
        return frozen(values.astype("M8[D]" if days else "M8[us]"))
    raise ValueError(f"a column holds numbers, classes or dates, not {values.dtype}")


def how_made(made_by: MadeBy) -> str:
    """How a column came about, in a sentence without its full stop."""
    told = made_by.params.get(HOW)
    if isinstance(told, str) and told:
        return told.rstrip(". ")
    params = ", ".join(f"{key} {value}" for key, value in made_by.params.items())
    return f"{made_by.operation} ({params})" if params else made_by.operation
