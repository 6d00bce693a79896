"""Which column plays which part: a guess from names, types and the first rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from backends.corpora import literals
from backends.corpora.columns import missing_column
from backends.corpora.source import Source, is_numbers_list
from backends.errors import BackendError, UnusableVectors
from backends.types import Roles
from backends.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

Question = Literal["roles", "split"]
TEXT_NAMES = (
    *("text", "body", "content", "contents", "abstract", "definition", "review", "message"),
    *("description", "sentence", "document", "comment", "question", "summary", "title", "word"),
)
VECTOR_NAMES = ("vector", "vectors", "embedding", "embeddings", "emb", "features")
ID_NAMES = ("id", "uuid", "key", "guid", "isbn", "doi", "identifier", "index")


@dataclass(frozen=True)
class Guess:
    """Roles, the length of each column of vectors, and whether a person had better look."""

    roles: Roles
    lengths: dict[str, int]  # vector columns
    question: Question | None


def guess_roles(source: Source) -> Guess:
    """Guess text, vectors and id from the head of a source."""
    head = source.head
    lengths = vector_columns(head)
    if source.matrix is not None:  # its vectors are none of the columns
        lengths = {matrix_name(head): source.matrix.shape[1]}
    vectors = _named(list(lengths), VECTOR_NAMES) or next(iter(lengths), None)
    texts = {
        name: merit
        for name in head.column_names
        if name not in lengths and (merit := _text_merit(head.column(name), name))
    }
    text: str | None = max(texts, key=lambda name: texts[name], default=None)
    roles = Roles(text, vectors, _id_column(head, text))
    return Guess(roles, lengths, _question(source, texts, lengths, text))


def _question(
    source: Source, texts: dict[str, float], lengths: dict[str, int], text: str | None
) -> Question | None:
    if source.split_matters:
        return "split"
    if len(lengths) > 1:
        return "roles"
    if text is None:
        return None if lengths else "roles"
    best = texts[text]
    rivals = [name for name, merit in texts.items() if name != text and merit > 0.6 * best]
    return "roles" if rivals and _stem(text) not in TEXT_NAMES else None


def _stem(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _named(names: list[str], wanted: tuple[str, ...]) -> str | None:
    """The name that is one of the wanted, or has one as a part."""
    for tell in wanted:
        for name in names:
            if _stem(name) == tell:
                return name
    for name in names:
        if set(_stem(name).split("_")) & set(wanted):
            return name
    return None


def _text_merit(values: pa.ChunkedArray, name: str) -> float:
    """How much a column looks like the text: long, various, and called so. 0 if it is no text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = values.drop_null()
    if not pa.types.is_large_string(values.type) or len(filled) == 0:
        return 0.0
    length = pc.mean(pc.utf8_length(filled)).as_py()
    various = pc.count_distinct(filled).as_py() / len(filled)
    merit = length * various * (len(filled) / len(values))
    if _stem(name) in TEXT_NAMES:
        # A title is a name for a text, too, but seldom the text where there is a longer one.
        return float(20 + 10 * merit if _stem(name) != "title" else 20 + 2 * merit)
    if _stem(name) in (*ID_NAMES, "url", "link", "path", "file", "filename"):
        return float(merit * 0.01)
    return float(merit * 0.1) if _looks_like_code(filled) else float(merit)


def _looks_like_code(values: pa.ChunkedArray) -> bool:
    """Cells of one word that hold digits or a slash: addresses, keys, names of files."""
    import pyarrow.compute as pc

    share = pc.mean(pc.match_substring_regex(values, r"^\S*[\d/_:]\S*$")).as_py()
    return bool(share > 0.8)


def _id_column(head: pa.Table, text: str | None) -> str | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    able = [
        field.name
        for field in head.schema
        if field.name != text
        and (pa.types.is_integer(field.type) or pa.types.is_large_string(field.type))
    ]
    for tell in ID_NAMES:
        for name in able:
            stem = _stem(name)
            if stem == tell or stem.endswith(f"_{tell}"):
                values = head.column(name)
                distinct = pc.count_distinct(values, mode="all").as_py()
                if values.null_count == 0 and distinct == len(values) > 0:
                    return str(name)
    return None


def vector_columns(head: pa.Table) -> dict[str, int]:
    """Columns of equally long lists of numbers, or of texts that hold such, and their lengths."""
    import pyarrow as pa

    found = {}
    for field in head.schema:
        values = head.column(field.name)
        length = None
        if is_numbers_list(field.type):
            length = _list_length(values, field.name)
        elif pa.types.is_large_string(field.type):
            length = literals.text_vector_length(values.slice(0, 20).combine_chunks())
        if length:
            found[field.name] = length
    return found


def unequal_notes(head: pa.Table, lengths: dict[str, int]) -> list[str]:
    """A sentence about each column of lists of numbers that are no vectors: they differ."""
    import pyarrow.compute as pc

    notes = []
    for field in head.schema:
        if not is_numbers_list(field.type) or field.name in lengths:
            continue
        sizes = np.asarray(pc.list_value_length(head.column(field.name)).fill_null(-1))
        given = np.flatnonzero(sizes >= 0)
        other = given[sizes[given] != sizes[given[0]]] if len(given) else given
        if len(other):
            first, second = int(given[0]), int(other[0])
            notes.append(
                f"The lists of numbers in “{field.name}” were kept as text, because they differ "
                f"in length: row {first + 1:,} has {counted(int(sizes[first]), 'number')}, "
                f"row {second + 1:,} has {int(sizes[second]):,}. "
                "Make all rows equally long to use them as vectors."
            )
    return notes


def matrix_name(head: pa.Table) -> str:
    """What the vectors of a file of their own are called; no column has that name."""
    names = {name.lower() for name in head.column_names}
    return "vectors" if "vectors" not in names else "vectors of the file"


def _list_length(values: pa.ChunkedArray, name: str) -> int | None:
    """The commonest length, if nearly all rows or a telling name speak for vectors."""
    import pyarrow.compute as pc

    lengths = np.asarray(pc.list_value_length(values).drop_null())
    if not len(lengths):
        return None
    every, counts = np.unique(lengths, return_counts=True)
    common, share = int(every[counts.argmax()]), counts.max() / len(lengths)
    told = _named([name], VECTOR_NAMES) is not None
    sure = len(every) == 1 and (common >= 4 or told)
    return common if common > 1 and (sure or told or (share >= 0.8 and common >= 8)) else None


def choose_roles(
    guess: Guess, source: Source, *, text: str | None, vectors: str | None, id_column: str | None
) -> Roles:
    """The guess with what a person has named. Raises: BackendError if there is no such column."""
    for name in (text, vectors, id_column):
        if name is not None and name not in (*source.head.column_names, *guess.lengths):
            raise missing_column(name, source.head.column_names)
    if vectors is not None and vectors not in guess.lengths:
        raise UnusableVectors(
            f"The column “{vectors}” does not hold vectors of equal length.",
            hint="Choose a column of lists of numbers, or none.",
        )
    guessed = guess.roles.vectors if guess.roles.vectors != text else None
    roles = Roles(text or guess.roles.text, vectors or guessed, id_column or guess.roles.id)
    if roles.text is not None and roles.text == roles.vectors:
        raise BackendError(
            f"The column “{text}” cannot be text and vectors at once.",
            hint="Choose another column for one of them.",
        )
    return roles
