"""The document's facts about columns: which play a part, and which were computed here.

Neither changes what the items are: embeddings, layouts, selection and undo stay, as the corpus
keeps its fingerprint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.facts import Facts
from backends.corpora.computed import Values, renamed_column, with_column, without_column
from backends.types import Corpus, MadeBy

if TYPE_CHECKING:
    import pyarrow as pa


class ColumnFacts(Facts):
    """The part of a `Document` that is about columns; it alone is never built."""

    roles_changed = Signal(object)  # Corpus
    columns_changed = Signal(object)  # Corpus with another set of computed columns
    column_renamed = Signal(object)  # (old name, new name), before `columns_changed`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._corpus: Corpus | None = None

    def set_roles(self, **changes: str | None) -> None:
        """Choose which column is the text or names the rows; computed things stay.

        Raises: ValueError for a computed column: what is made from a text is found again by the
        names of file and column, which say nothing of how a computed one was made.
        """
        if self._corpus is None:
            return
        if any(name in self._corpus.computed for name in changes.values()):
            raise ValueError("a computed column is neither the text nor the id of the items")
        corpus = self._corpus.with_roles(**changes)
        if corpus.roles != self._corpus.roles:
            self._corpus = corpus
            self._emit("roles_changed", corpus)

    def put_column(
        self,
        name: str,
        values: Values | pa.ChunkedArray,
        made_by: MadeBy,
        *,
        replaces: str | None = None,
        at: int | None = None,
    ) -> str:
        """Put a computed column beside those of the file; return the name that it got.

        See `backends.corpora.computed.with_column` for the values and for names that are taken.
        A parameter "how" of `made_by` is the sentence that says to a person what the values are.

        Raises: ValueError if no corpus is loaded or the values do not fit it.
        """
        if self._corpus is None:
            raise ValueError("a column of no corpus")
        corpus, name = with_column(self._corpus, name, values, made_by, replaces=replaces, at=at)
        self._set_columns(corpus)
        return name

    def drop_column(self, name: str) -> None:
        """Forget a computed column; a column of the file, or none, is left as it is."""
        if self._corpus is not None and name in self._corpus.computed:
            self._set_columns(without_column(self._corpus, name))

    def rename_column(self, old: str, new: str) -> str:
        """Call a computed column by another name; return the one that it has then."""
        if self._corpus is None or old not in self._corpus.computed or not new.strip():
            return old
        corpus, new = renamed_column(self._corpus, old, new)
        if new != old:
            self._corpus = corpus
            self._emit("column_renamed", (old, new))
            self._emit("columns_changed", corpus)
        return new

    def _set_columns(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._emit("columns_changed", corpus)
