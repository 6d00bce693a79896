"""Vectors of words and phrases: looked up among the items, or encoded inside templates.

Nothing is dropped in silence: what has no vector is `Lost` with the reason, and what was found in
another spelling says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from backends.arrays import Matrix, Rows, frozen, unit_rows
from backends.corpora.columns import values_of
from backends.embed import encode_queries
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

SLOT = "{w}"  # stands for the term in a template
BARE = (SLOT,)
SENTENCES = (
    "This is {w}.",
    "That is {w}.",
    "There is {w}.",
    "Here is {w}.",
    "They are {w}.",
)
"""Semantically bleached templates, after May et al. 2019, On measuring social biases in sentence
encoders (SEAT)."""
UNKNOWN = "not among the items"
NO_VECTOR = "among the items, but without a vector"
TWICE = "given twice"
UNKNOWN_WORDS = "the encoder knows none of its words"


@dataclass(frozen=True, slots=True)
class Lost:
    """A term that was left out, and why in a few words."""

    term: str
    why: str


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms that have vectors, in the order asked for, and those that have none."""

    asked: tuple[str, ...]  # those found, as they were asked for
    vectors: Matrix  # (t, d) float32, as the embeddings have them (mean over templates)
    rows: Rows  # (t,) of the corpus; -1 where a term was encoded
    spelled: Mapping[str, str]  # asked -> found, where these differ
    lost: tuple[Lost, ...]

    @property
    def units(self) -> Matrix:
        """The vectors at length 1, (t, d)."""
        return unit_rows(self.vectors)

    def __len__(self) -> int:
        return len(self.asked)


def once(terms: Terms) -> Terms:
    """The same with each item once: a term that another spelling had found already is lost.

    Where terms are averaged or counted, "he" and "He" of vectors in lower case are one word.
    """
    first: dict[int, str] = {}
    kept: list[int] = []
    again: list[Lost] = []
    for at, (term, row) in enumerate(zip(terms.asked, terms.rows.tolist(), strict=True)):
        if row >= 0 and row in first:
            again.append(Lost(term, f"the same item as “{first[row]}”"))
            continue
        first[row] = term
        kept.append(at)
    if not again:
        return terms
    asked = tuple(terms.asked[at] for at in kept)
    spelled = {term: name for term, name in terms.spelled.items() if term in set(asked)}
    vectors, rows = frozen(terms.vectors[kept]), frozen(terms.rows[kept])
    return Terms(asked, vectors, rows, spelled, (*terms.lost, *again))


class TermSource(Protocol):
    """What gives terms their vectors in one space."""

    @property
    def how(self) -> str:
        """A few words for a recipe or a report: where vectors of terms come from."""

    def as_json(self) -> dict[str, Any]:
        """The same as plain data, for a recipe."""

    def look_up(self, terms: Sequence[str], report: Report = SILENT) -> Terms:
        """Vectors of terms; a term given twice counts once. Raises: BackendError, Cancelled."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Looks terms up in a column of the corpus, in the spellings that word vectors use."""

    corpus: Corpus
    embeddings: Embeddings
    column: str

    @property
    def how(self) -> str:
        """Which column."""
        return f"items whose {self.column} is the term"

    def as_json(self) -> dict[str, Any]:
        """Which column."""
        return {"column": self.column}

    def look_up(self, terms: Sequence[str], report: Report = SILENT) -> Terms:
        """See `TermSource`; of items of the same name the first with a vector counts.

        Raises: BackendError if there is no such column, Cancelled.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted, lost = _distinct(terms)
        tries = {term: spellings(term) for term in wanted}
        report.step(0, 1, "Looking up the words")
        candidates = pa.array(
            list(dict.fromkeys(one for each in tries.values() for one in each)), pa.large_string()
        )
        column = values_of(self.corpus, self.column).cast(pa.large_string())
        at = pc.index_in(column, value_set=candidates)  # (n,) null where it is none of them
        rows = np.flatnonzero(pc.is_valid(at).to_numpy()).astype(np.int64)
        which = at.drop_null().to_numpy()
        where: dict[str, int] = {}
        for row, code in zip(rows.tolist(), which.tolist(), strict=True):
            name = candidates[code].as_py()
            if name not in where or not self.embeddings.present[where[name]]:
                where[name] = row
        found: list[tuple[str, str, int]] = []
        for term in wanted:
            there = [name for name in tries[term] if name in where]
            usable = [name for name in there if self.embeddings.present[where[name]]]
            if usable:
                found.append((term, usable[0], where[usable[0]]))
            else:
                lost.append(Lost(term, NO_VECTOR if there else UNKNOWN))
        taken = np.array([row for _, _, row in found], dtype=np.int64)
        return Terms(
            tuple(term for term, _, _ in found),
            frozen(np.asarray(self.embeddings.vectors[taken], np.float32).reshape(len(taken), -1))
            if len(taken)
            else np.empty((0, self.embeddings.dim), np.float32),
            frozen(taken),
            {term: name for term, name, _ in found if name != term},
            tuple(lost),
        )


@dataclass(frozen=True, eq=False)
class Encoded:
    """Encodes terms inside templates with the encoder of the embeddings, and averages.

    The mean is of unit vectors, one a template.
    """

    corpus: Corpus
    embeddings: Embeddings
    templates: tuple[str, ...] = SENTENCES

    @property
    def how(self) -> str:
        """In which templates."""
        return "encoded in " + ", ".join(f"“{template}”" for template in self.templates)

    def as_json(self) -> dict[str, Any]:
        """In which templates."""
        return {"templates": list(self.templates)}

    def look_up(self, terms: Sequence[str], report: Report = SILENT) -> Terms:
        """See `TermSource`. Raises: BackendError for a template without a slot, Cancelled."""
        check_templates(self.templates)
        wanted, lost = _distinct(terms)
        t = len(self.templates)
        # Empty templates go along: a term that changes nothing in them is not known to the encoder.
        texts = [filled(each, term) for term in (*wanted, "") for each in self.templates]
        vectors = encode_queries(self.corpus, self.embeddings, texts, report)
        cubes = vectors.reshape(len(wanted) + 1, t, -1)  # (terms + 1, t, d)
        known = [
            bool(each.any(axis=1).all() and not np.allclose(each, cubes[-1], atol=1e-6))
            for each in cubes[:-1]
        ]
        found = [term for term, is_known in zip(wanted, known, strict=True) if is_known]
        lost += [Lost(term, UNKNOWN_WORDS) for term in wanted if term not in set(found)]
        means = cubes[:-1][np.array(known, dtype=np.bool_)].mean(axis=1)  # (found, d)
        return Terms(
            tuple(found), frozen(means), np.full(len(found), -1, np.int64), {}, tuple(lost)
        )


@dataclass(frozen=True, eq=False)
class NoTerms:
    """Where terms have no vectors; whoever asks for one learns why."""

    problem: BackendError

    @property
    def how(self) -> str:
        """Not at all."""
        return "without words"

    def as_json(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def look_up(self, terms: Sequence[str], report: Report = SILENT) -> Terms:
        """Raises: BackendError, always."""
        raise BackendError(self.problem.what, self.problem.hint)


def term_source(
    corpus: Corpus,
    embeddings: Embeddings,
    templates: tuple[str, ...] = SENTENCES,
    column: str | None = None,
) -> TermSource:
    """How terms get vectors here.

    From a column that is named, by the encoder if it is known, else from the column with the text
    or the id.

    Raises: BackendError if there is no way.
    """
    if column is None and embeddings.made_by.origin.operation == "embed":
        check_templates(templates)
        return Encoded(corpus, embeddings, templates)
    name = column or corpus.roles.text or corpus.roles.id
    if name is None:
        raise BackendError(
            "Words cannot be looked up: these vectors came from a file, and no column names them.",
            hint="Choose the column with the words, or take selections instead of words.",
        )
    return Vocabulary(corpus, embeddings, name)


def spellings(term: str) -> tuple[str, ...]:
    """How a term may be written in word vectors, the likeliest first.

    As it is, with underscores for spaces, in lower case, with a capital, in capitals.
    """
    plain = " ".join(term.split())
    joined = plain.replace(" ", "_")
    forms: Iterable[str] = (
        form
        for base in (plain, joined, plain.replace(" ", "-"))
        for form in (base, base.lower(), base[:1].upper() + base[1:], base.title(), base.upper())
    )
    return tuple(dict.fromkeys(forms))


def filled(template: str, term: str) -> str:
    """A template with the term in its slots."""
    return template.replace(SLOT, term)


def check_templates(templates: Sequence[str]) -> None:
    """Raises: BackendError if there is none, or one has no slot for the term."""
    if not templates:
        raise BackendError("There is no template.", hint=f"Write one, such as This is {SLOT}.")
    for template in templates:
        if SLOT not in template:
            raise BackendError(
                f"The template “{template}” has no place for the word.",
                hint=f"Put {SLOT} where the word should stand.",
            )


def _distinct(terms: Sequence[str]) -> tuple[list[str], list[Lost]]:
    wanted: dict[str, None] = {}
    lost: list[Lost] = []
    for term in terms:
        name = " ".join(term.split())
        if not name:
            continue
        if name in wanted:
            lost.append(Lost(name, TWICE))
        wanted[name] = None
    return list(wanted), lost
