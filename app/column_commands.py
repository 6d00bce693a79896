"""Changes of computed columns that can be taken back: removing one, renaming one.

Each holds the values of one column, shared with the corpus that it was taken from. A column is
known by how it was made, for another may have taken its name in the meantime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.document import Document
from backends.types import MadeBy

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class RemoveColumn:
    """Take a computed column out of the corpus."""

    name: str
    made_by: MadeBy
    values: pa.ChunkedArray
    place: int  # among the computed columns

    @classmethod
    def of(cls, document: Document, name: str) -> RemoveColumn | None:
        """Remove that column, or None if it is not a computed one."""
        corpus = document.corpus
        if corpus is None or name not in corpus.computed:
            return None
        place = list(corpus.computed).index(name)
        return cls(name, corpus.computed[name], corpus.table.column(name), place)

    @property
    def text(self) -> str:
        """What it does."""
        return f"remove column “{self.name}”"

    def do(self, document: Document) -> None:
        """Take it out."""
        document.drop_column(_name_of(document, self.made_by, self.name))

    def undo(self, document: Document) -> None:
        """Put it back in its place."""
        document.put_column(self.name, self.values, self.made_by, at=self.place)


@dataclass(frozen=True, eq=False)
class RenameColumn:
    """Call a computed column by another name."""

    old: str
    new: str
    made_by: MadeBy

    @property
    def text(self) -> str:
        """What it does."""
        return f"rename column “{self.old}”"

    def do(self, document: Document) -> None:
        """Give it the new name."""
        document.rename_column(_name_of(document, self.made_by, self.old), self.new)

    def undo(self, document: Document) -> None:
        """Give it the old name."""
        document.rename_column(_name_of(document, self.made_by, self.new), self.old)


def _name_of(document: Document, made_by: MadeBy, before: str) -> str:
    """What the column that was made in this way is called now; "" if it is gone.

    One of the same kind under the name that it had `before` stands for it: its values may be
    brought up to date, as those of clusters are when one of them is renamed.
    """
    computed = document.corpus.computed if document.corpus is not None else {}
    alike = before if before in computed else ""
    if alike and computed[alike].operation != made_by.operation:
        alike = ""
    return next((name for name, how in computed.items() if how == made_by), alike)
