"""Computed columns of a file that was read again: kept for rows that are still what they were."""

from __future__ import annotations

import numpy as np

from backends.arrays import Mask, Rows, batches
from backends.corpora.columns import values_of
from backends.corpora.computed import HOW, how_made, with_column
from backends.types import Corpus, MadeBy
from backends.wording import counted, either

BLOCK_ROWS = 1 << 16


def carried(old: Corpus, new: Corpus, found: Rows, notes: list[str], *, same: bool) -> Corpus:
    """Put the computed columns of `old` beside the new file's; what is lost is said in `notes`.

    `found` gives for each old row its new one, or -1; (n,). A row counts as what it was if its text
    and the vector that came with it, where the corpus has them, have not changed. All others have
    no value, and a column of which nothing is left is dropped.
    """
    if same:
        for name, how in old.computed.items():
            new, _ = with_column(new, name, old.table.column(name), how)
        return new
    if not old.computed:
        return new
    kept = np.flatnonzero(_unchanged(old, new, found)).astype(np.int64)  # (k,) old rows
    source = np.full(len(new), -1, dtype=np.int64)
    source[found[kept]] = kept
    count = int((source >= 0).sum())
    for name, how in old.computed.items():
        if count:
            new = _with_kept(old, new, name, how, source)
    names = ", ".join(f"“{name}”" for name in old.computed)
    what = f"computed column{'s' if len(old.computed) > 1 else ''} {names}"
    notes.append(f"The {what} {_fate(count, len(new))}")
    return new


def _with_kept(old: Corpus, new: Corpus, name: str, how: MadeBy, source: Rows) -> Corpus:
    """Put the values of some old rows in their new places; (n,) old row or -1 for none."""
    import pyarrow as pa

    column = old.table.column(name).take(pa.array(source, mask=source < 0))
    told = f"{how_made(how)}; values of an earlier version of the file"
    made_by = MadeBy(
        "carry over", (how.fingerprint, new.fingerprint), {HOW: told, "of": dict(how.as_json())}
    )
    return with_column(new, name, column, made_by)[0]


def _unchanged(old: Corpus, new: Corpus, found: Rows) -> Mask:
    """Old rows that are in the new file with the same text and the same vector; (n,)."""
    same = found >= 0
    text = old.roles.text
    if text is not None:
        if text not in new.source_columns:
            return np.zeros(len(old), dtype=np.bool_)
        same &= _same_texts(old, new, found, text)
    if old.vectors is not None:
        if new.vectors is None or new.vectors.dim != old.vectors.dim:
            return np.zeros(len(old), dtype=np.bool_)
        for block in batches(len(old), BLOCK_ROWS):
            there = np.maximum(found[block], 0)
            before, after = old.vectors.vectors[block], new.vectors.vectors[there]  # (b, d)
            same[block] &= (before == after).all(axis=1)
    return same


def _same_texts(old: Corpus, new: Corpus, found: Rows, column: str) -> Mask:
    """Whether each old row's text is the one of its new row; (n,). Copies the new texts once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    before = pc.cast(values_of(old, column), pa.large_string()).fill_null("")
    after = pc.cast(values_of(new, column), pa.large_string()).fill_null("")
    after = after.take(pa.array(found, mask=found < 0))
    same = pc.fill_null(pc.equal(before, after), False)  # null where there is no new row
    return np.asarray(same.to_numpy(zero_copy_only=False) if len(same) else [], dtype=np.bool_)


def _fate(kept: int, n: int) -> str:
    """What became of computed columns of which so many of n rows kept their values."""
    if not kept:
        return "could not be kept, for no row is as it was before. Compute again."
    verb = either(kept, "is", "are")
    rest = f"; {counted(n - kept, 'row has', 'rows have')} none" if n > kept else ""
    return f"kept the values of {counted(kept, 'row')} that {verb} as before{rest}."
