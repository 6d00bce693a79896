"""From names to rows: which items the heads and tails of triples are.

Nothing is dropped in silence: each pair that cannot be used is `Lost` with the reason, and what
was found under another spelling, or stands for several items, is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backends.arrays import Mask, Rows, frozen
from backends.corpora.columns import values_of
from backends.directions.relation_files import FORMAT, LINE, clipped, parse_triples, read_triples
from backends.directions.relations import BY_ROW, Relation, Relations, Triples, TripleSource
from backends.directions.terms import NO_VECTOR, TWICE, UNKNOWN, Lost, Vocabulary
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings
from backends.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

SELF = "head and tail are the same item"
NO_ROW = "no number of a row"
TRIED = 2_000  # names by which the column is found that they refer to
SAID = 5  # spellings that a note tells
DIGITS = 18  # of the number of a row at most

__all__ = ["name_columns", "read_relations", "resolve", "row_of"]


def read_relations(
    source: TripleSource, corpus: Corpus, embeddings: Embeddings, report: Report = SILENT
) -> Relations:
    """Relations of a source between the items that have a vector.

    Raises: BackendError if there is nothing to read, or none of the pairs is found; Cancelled.
    """
    if source.origin == "column":
        found = _column_relations(source, corpus, embeddings, report)
    else:
        reading = report.span(0.0, 0.3)
        if source.origin == "file":
            triples = read_triples(Path(source.path), source.name, reading)
        else:
            triples = parse_triples(source.text, source.name, reading)
        found = resolve(triples, corpus, embeddings, source.by, report.span(0.3, 1.0))
    if not found.pairs:
        raise _nothing(found)
    return found


def resolve(
    triples: Triples,
    corpus: Corpus,
    embeddings: Embeddings,
    by: str = "",
    report: Report = SILENT,
) -> Relations:
    """Look the names up; without a column, where most of them are found.

    Raises: BackendError if there is no such column, Cancelled.
    """
    names = list(dict.fromkeys((*triples.heads, *triples.tails)))
    column = by or _best_column(names, corpus, report.span(0.0, 0.4))
    places = _places(names, column, corpus, embeddings, report.span(0.4, 0.9))
    pairs: dict[str, dict[tuple[int, int], None]] = {}
    lost = list(triples.lost)
    for head, name, tail in zip(triples.heads, triples.names, triples.tails, strict=True):
        shown = f"{clipped(head)} → {clipped(tail)} ({clipped(name)})"
        missing = next((one for one in (head, tail) if one not in places.rows), None)
        kept = pairs.setdefault(name, {})
        if missing is not None:
            lost.append(
                Lost(shown, f"“{clipped(missing)}” is {places.missing.get(missing, UNKNOWN)}")
            )
            continue
        pair = places.rows[head], places.rows[tail]
        if pair[0] == pair[1] or pair in kept:
            lost.append(Lost(shown, SELF if pair[0] == pair[1] else TWICE))
            continue
        kept[pair] = None
    relations = tuple(_relation(name, kept) for name, kept in pairs.items() if kept)
    empty = [name for name, kept in pairs.items() if not kept]
    notes = [*triples.notes, *places.notes]
    if empty:
        notes.append(f"No pair is left of {', '.join(f'“{name}”' for name in empty[:SAID])}.")
    return Relations(relations, column, tuple(lost), tuple(notes))


def row_of(
    name: str, corpus: Corpus, embeddings: Embeddings, by: str, report: Report = SILENT
) -> int | None:
    """The item of one name with a vector, as names of triples are looked up; None for none.

    Raises: BackendError if there is no such column, Cancelled.
    """
    name = " ".join(name.split())
    return _places([name], by, corpus, embeddings, report).rows.get(name)


def name_columns(corpus: Corpus) -> tuple[str, ...]:
    """Columns that may hold names of items: the id, the text, then all others of text."""
    import pyarrow as pa

    first = [name for name in (corpus.roles.id, corpus.roles.text) if name in corpus.columns]
    others = [
        field.name
        for field in corpus.table.schema
        if pa.types.is_string(field.type)
        or pa.types.is_large_string(field.type)
        or pa.types.is_dictionary(field.type)
    ]
    return tuple(dict.fromkeys(name for name in (*first, *others) if name is not None))


@dataclass(frozen=True)
class _Places:
    rows: Mapping[str, int]
    missing: Mapping[str, str]  # name -> why
    notes: tuple[str, ...]


def _places(
    names: Sequence[str], column: str, corpus: Corpus, embeddings: Embeddings, report: Report
) -> _Places:
    if column == BY_ROW:
        return _numbered(names, embeddings)
    found = Vocabulary(corpus, embeddings, column).look_up(names, report)
    rows = dict(zip(found.asked, found.rows.tolist(), strict=True))
    notes = []
    if found.spelled:
        told = ", ".join(f"{a} as {b}" for a, b in list(found.spelled.items())[:SAID])
        more = ", …" if len(found.spelled) > SAID else ""
        notes.append(f"Found in another spelling ({len(found.spelled):,}): {told}{more}.")
    several = _several([found.spelled.get(name, name) for name in found.asked], corpus, column)
    if several:
        notes.append(
            f"{several:,} names stand for several items; the first with a vector is taken."
        )
    return _Places(rows, {one.term: one.why for one in found.lost}, tuple(notes))


def _numbered(names: Iterable[str], embeddings: Embeddings) -> _Places:
    rows: dict[str, int] = {}
    missing: dict[str, str] = {}
    for name in names:
        row = int(name) if _is_number(name) else -1
        if not 0 <= row < len(embeddings):
            missing[name] = NO_ROW
        elif not embeddings.present[row]:
            missing[name] = NO_VECTOR
        else:
            rows[name] = row
    return _Places(rows, missing, ())


def _is_number(name: str) -> bool:
    """Whether a name may be that of a row; Python refuses to read numbers of 5,000 digits."""
    return len(name) <= DIGITS and name.isascii() and name.isdigit()


def _several(names: Sequence[str], corpus: Corpus, column: str) -> int:
    """How many of these names several rows have."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(names, pa.large_string())
    at = pc.index_in(values_of(corpus, column).cast(pa.large_string()), value_set=wanted)
    counts = np.bincount(at.drop_null().to_numpy(), minlength=len(names))
    return int((counts > 1).sum())


def _best_column(
    names: Sequence[str], corpus: Corpus, report: Report, without: str | None = None
) -> str:
    """Where most of the names are found; of equals the first. Row numbers count last."""
    import pyarrow as pa
    import pyarrow.compute as pc

    step = max(1, len(names) // TRIED)
    tried = [name for name in names[::step] if name.strip()]
    wanted = pa.array(tried, pa.large_string())
    best, most = "", 0
    columns = [name for name in name_columns(corpus) if name != without]
    for number, column in enumerate(columns):
        report.step(number, len(columns), f"Looking for the names in “{column}”")
        cells = values_of(corpus, column).cast(pa.large_string())
        found = int(pc.sum(pc.is_in(wanted, value_set=_chunk(cells))).as_py() or 0)
        if found > most:
            best, most = column, found
    numbers = sum(_is_number(name) and int(name) < len(corpus) for name in tried)
    if numbers > most:
        return BY_ROW
    return best or (columns[0] if columns else BY_ROW)


def _column_relations(
    source: TripleSource, corpus: Corpus, embeddings: Embeddings, report: Report
) -> Relations:
    """Each item with the one that its cell names, at any number of rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = _chunk(values_of(corpus, source.column).cast(pa.large_string()))
    full = pc.and_kleene(pc.is_valid(cells), pc.not_equal(pc.utf8_trim_whitespace(cells), ""))
    heads = np.flatnonzero(pc.fill_null(full, False).to_numpy(zero_copy_only=False))
    named = cells.take(pa.array(heads))
    distinct = pc.unique(named)
    by = source.by or _best_column(
        distinct.to_pylist(), corpus, report.span(0.0, 0.4), source.column
    )
    report.step(5, 10, "Looking up the items that are named")
    tails, notes = _rows_named(named, distinct, by, corpus, embeddings)
    heads = heads.astype(np.int64)
    name = " ".join(source.name.split()) or source.column
    keep = (tails >= 0) & (tails != heads)
    keep[keep] = embeddings.present[heads[keep]] & embeddings.present[tails[keep]]
    lost = _lost_cells(heads, tails, keep, named, name)
    relation = Relation(name, frozen(heads[keep]), frozen(tails[keep]))
    return Relations((relation,) if len(relation) else (), by, lost, notes)


def _rows_named(
    named: pa.Array, distinct: pa.Array, by: str, corpus: Corpus, embeddings: Embeddings
) -> tuple[Rows, tuple[str, ...]]:
    """Row of each name, (p,), -1 where there is none; of several the first with a vector."""
    import pyarrow as pa
    import pyarrow.compute as pc

    notes: tuple[str, ...] = ()
    places = np.full(len(distinct), -1, np.int64)
    if by == BY_ROW:
        found = _numbered(distinct.to_pylist(), embeddings).rows
        for at, text in enumerate(distinct.to_pylist()):
            places[at] = found.get(text, -1)
    else:
        cells = values_of(corpus, by).cast(pa.large_string())
        which = pc.index_in(cells, value_set=distinct)
        rows = np.flatnonzero(pc.is_valid(which).to_numpy())
        codes = which.drop_null().to_numpy()
        for usable in (
            False,
            True,
        ):  # what has a vector is written last, the first of it at the end
            chosen = embeddings.present[rows] == usable
            places[codes[chosen][::-1]] = rows[chosen][::-1]
        several = int((np.bincount(codes, minlength=len(distinct)) > 1).sum())
        if several:
            notes = (
                f"{several:,} names stand for several items; the first with a vector is taken.",
            )
    codes = pc.index_in(named, value_set=distinct).to_numpy(zero_copy_only=False)
    tails: Rows = places[codes.astype(np.int64)]
    return tails, notes


def _lost_cells(
    heads: Rows, tails: Rows, keep: Mask, named: pa.Array, name: str
) -> tuple[Lost, ...]:
    """One for each name that is not found, and one for each other reason: rows may be millions."""
    import pyarrow as pa
    import pyarrow.compute as pc

    unknown = pc.value_counts(named.take(pa.array(np.flatnonzero(tails < 0))))
    counted = sorted(unknown.to_pylist(), key=lambda each: -each["counts"])
    lost = [
        Lost(f"{one['values']} ({name}, in rows: {one['counts']:,})", UNKNOWN) for one in counted
    ]
    own = int(((tails == heads) & (tails >= 0)).sum())
    without = int(((tails >= 0) & (tails != heads) & ~keep).sum())
    if own:
        lost.append(Lost(f"{own:,} pairs ({name})", SELF))
    if without:
        lost.append(Lost(f"{without:,} pairs ({name})", NO_VECTOR))
    return tuple(lost)


def _relation(name: str, pairs: Iterable[tuple[int, int]]) -> Relation:
    both = np.array(list(pairs), dtype=np.int64)  # (p, 2)
    return Relation(name, frozen(both[:, 0].copy()), frozen(both[:, 1].copy()))


def _chunk(values: pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks()
    import pyarrow as pa

    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _nothing(found: Relations) -> BackendError:
    if not found.lost:
        return BackendError("There are no triples.", hint=FORMAT)
    first = found.lost[0]
    told = f"{first.term}: {first.why}."
    first_of = f"the first of {len(found.lost):,}: " if len(found.lost) > 1 else ""
    if all(one.why.startswith(f"{LINE} ") for one in found.lost):
        lines = counted(len(found.lost), "line")
        return BackendError(f"There is no triple in {lines}; the first: {told}", hint=FORMAT)
    if all(one.why == SELF for one in found.lost):
        return BackendError(
            f"No pair can be used; {first_of}{told}", hint="Give pairs of two different items."
        )
    return BackendError(
        f"No pair is found here; {first_of}{told}",
        hint=f"Here {found.how}. Choose another column for the names, or check how they are "
        "written.",
    )
