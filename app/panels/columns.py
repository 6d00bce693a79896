"""The columns of the table of items: what they are for, which are shown, and how wide they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.column_commands import RemoveColumn, RenameColumn
from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.cells import TableColumn, describe_columns
from app.settings import SettingsStore
from backends.fingerprint import of_json
from backends.ids import check_ids
from backends.types import Corpus

IDS = "ids"
TABLES_KEPT = 50  # of which it is remembered what they hide


class ColumnsModel(QObject):
    """Columns of the corpus; their roles are the document's, their looks are kept here."""

    changed = Signal(object)  # tuple[TableColumn, ...]: other columns, or other roles
    hidden_changed = Signal(object)  # frozenset[str]

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        settings: SettingsStore | None = None,
    ) -> None:
        super().__init__(document)
        self._store = settings
        self._history = history
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._hidden: frozenset[str] = frozenset()
        self.widths: dict[str, int] = {}  # pixels by column, where the person chose them
        document.corpus_changed.connect(self._on_corpus_changed)
        document.roles_changed.connect(lambda _corpus: self.changed.emit(self.all))
        document.column_renamed.connect(self._on_column_renamed)
        document.columns_changed.connect(self._on_columns_changed)

    @property
    def all(self) -> tuple[TableColumn, ...]:
        """All columns, hidden ones too: the source's in its order, then computed ones."""
        corpus = self._document.corpus
        return describe_columns(corpus) if corpus is not None else ()

    @property
    def names(self) -> frozenset[str]:
        """Names of all columns."""
        return frozenset(column.name for column in self.all)

    @property
    def hidden(self) -> frozenset[str]:
        """Names of columns that are not shown."""
        return self._hidden

    def hide(self, column: str, *, hidden: bool = True) -> None:
        """Hide a column or show it again; one always stays."""
        self._set_hidden(self._hidden | {column} if hidden else self._hidden - {column})

    def show_all(self) -> None:
        """Hide no column."""
        self._set_hidden(frozenset())

    def remember_width(self, column: str, width_px: int) -> None:
        """Keep the width that the person gave a column."""
        self.widths[column] = width_px

    def use_as_text(self, column: str) -> None:
        """Make a column the text of the items."""
        self._document.set_roles(text=column)

    def use_as_id(self, column: str | None) -> None:
        """Let a column name the rows, if each of its values stands once; None takes it back."""
        self._jobs.cancel(IDS)
        corpus = self._document.corpus
        if corpus is None or column is None:
            self._document.set_roles(id=None)
            return
        check = partial(check_ids, corpus, column)
        job = self._jobs.start(f"Check {column}", check, lane="io", key=IDS)
        job.done.connect(lambda _none: self._document.set_roles(id=column))
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def remove(self, column: str) -> None:
        """Take a computed column out; can be undone."""
        command = RemoveColumn.of(self._document, column)
        if command is not None:
            self._history.do(command)

    def rename(self, column: str, name: str) -> None:
        """Call a computed column by another name; can be undone."""
        corpus, name = self._document.corpus, " ".join(name.split())
        if corpus is not None and column in corpus.computed and name not in ("", column):
            self._history.do(RenameColumn(column, name, corpus.computed[column]))

    def state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {"hidden": sorted(self._hidden), "widths": dict(self.widths)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave; what does not fit this corpus is left out."""
        names, widths, hidden = self.names, state.get("widths"), state.get("hidden")
        known = widths.items() if isinstance(widths, Mapping) else ()
        self.widths = {
            name: width for name, width in known if name in names and isinstance(width, int)
        }
        if isinstance(hidden, list | tuple):
            self._set_hidden(names.intersection(hidden))

    def _set_hidden(self, hidden: frozenset[str]) -> None:
        if hidden != self._hidden and (not hidden or len(hidden) < len(self.all)):
            self._hidden = hidden
            self._remember()
            self.hidden_changed.emit(hidden)

    def _remember(self) -> None:
        """Keep what is hidden for tables with the same columns."""
        if self._store is not None:
            name = self._table_name()
            known = self._store.value.hidden_columns
            others = {key: value for key, value in known.items() if key != name}
            kept = dict(list(others.items())[1 - TABLES_KEPT :])
            if self._hidden:
                kept[name] = tuple(sorted(self._hidden))
            self._store.change(hidden_columns=kept)

    def _table_name(self) -> str:
        """Stands for all tables that have these columns, whatever was computed beside them."""
        return of_json(sorted(column.name for column in self.all if not column.made))

    def _on_column_renamed(self, names: tuple[str, str]) -> None:
        """Keep the looks of a column that is called by another name now."""
        old, new = names
        if old in self._hidden:
            self._hidden = self._hidden - {old} | {new}
        if old in self.widths:
            self.widths[new] = self.widths.pop(old)

    def _on_columns_changed(self, _corpus: Corpus) -> None:
        names = self.names
        self.widths = {name: width for name, width in self.widths.items() if name in names}
        self._hidden = frozenset() if self._hidden >= names else self._hidden & names
        self.changed.emit(self.all)

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self._jobs.cancel(IDS)
        names = self.names  # a newer version of the same table keeps its looks
        self.widths = {name: width for name, width in self.widths.items() if name in names}
        self._hidden = frozenset() if self._hidden >= names else self._hidden & names
        if self._store is not None:
            known = names.intersection(self._store.value.hidden_columns.get(self._table_name(), ()))
            self._hidden = frozenset() if known >= names else known
        self.changed.emit(self.all)
