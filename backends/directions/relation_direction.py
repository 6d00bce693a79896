"""A relation as a direction: from heads to tails, by the items' own vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backends.arrays import Rows, frozen
from backends.corpora.columns import values_of
from backends.directions.base import Direction, Space
from backends.directions.relations import BY_ROW, Relation
from backends.directions.terms import TWICE, UNKNOWN, Lost, Terms
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

MOST = 2_000  # pairs that a direction's recipe keeps by name


@dataclass(frozen=True, eq=False)
class ItemTerms:
    """Terms that stand for items, which may share their names with others."""

    embeddings: Embeddings
    rows: Mapping[str, int]  # by name

    @property
    def how(self) -> str:
        """In a few words."""
        return "the vectors of the items"

    def as_json(self) -> dict[str, Any]:
        """The rows by name."""
        return {"rows": dict(self.rows)}

    def look_up(self, terms: Sequence[str], report: Report = SILENT) -> Terms:
        """See `TermSource`."""
        report.check()
        found: dict[str, int] = {}
        lost: list[Lost] = []
        for term in terms:
            if term in found:
                lost.append(Lost(term, TWICE))
            elif term in self.rows:
                found[term] = self.rows[term]
            else:
                lost.append(Lost(term, UNKNOWN))
        rows = np.array(list(found.values()), dtype=np.int64)
        vectors = np.asarray(self.embeddings.vectors[rows], np.float32)
        return Terms(tuple(found), frozen(vectors), frozen(rows), {}, tuple(lost))


def relation_direction(
    corpus: Corpus,
    embeddings: Embeddings,
    relation: Relation,
    named_by: str = BY_ROW,
    seed: int = 0,
    report: Report = SILENT,
) -> Direction:
    """The offset of a relation at length 1, as any other direction.

    Raises: BackendError if it has no length, Cancelled.
    """
    from backends.directions.given import RelationGiven
    from backends.directions.registry import find_direction

    pairs, note = relation, ""
    if len(relation) > MOST:
        chosen = np.random.default_rng(seed).choice(len(relation), MOST, replace=False)
        pairs = relation.at(np.sort(chosen))
        note = f"From {MOST:,} of {len(relation):,} pairs, chosen by chance (seed {seed})."
    rows = np.unique(np.concatenate((pairs.heads, pairs.tails)))
    names = dict(zip(rows.tolist(), item_names(corpus, named_by, rows), strict=True))
    given = RelationGiven(
        relation.name,
        tuple(
            (names[head], names[tail])
            for head, tail in zip(pairs.heads.tolist(), pairs.tails.tolist(), strict=True)
        ),
    )
    terms = ItemTerms(embeddings, {name: row for row, name in names.items()})
    found = find_direction(
        Space(corpus, embeddings, terms), "relation", given, "difference", report=report
    )
    if not note:
        return found
    return replace(found, evidence=replace(found.evidence, notes=(note, *found.evidence.notes)))


def item_names(corpus: Corpus, column: str, rows: Rows) -> list[str]:
    """What items are called, each in its own way: rows of the same name get their number."""
    if column == BY_ROW or column not in corpus.columns:
        return [f"row {row}" for row in rows.tolist()]
    cells = values_of(corpus, column).take(rows).to_pylist()
    names = [" ".join(str(cell).split()) if cell is not None else "" for cell in cells]
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return [
        name if name and counts[name] == 1 else f"{name} (row {row})".strip()
        for name, row in zip(names, rows.tolist(), strict=True)
    ]
