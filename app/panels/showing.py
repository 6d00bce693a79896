"""What a map shows: a layout, and the vectors that it lays out.

The document is that of the first map; others have a choice of their own.
"""

from __future__ import annotations

from typing import Any, Protocol

from app.document import Document
from backends.types import Embeddings, Projection


class Showing(Protocol):
    """Says which layout is shown, and when that is another one."""

    projection_changed: Any  # a signal: Projection | None

    @property
    def projection(self) -> Projection | None:
        """The layout that is shown."""

    @property
    def active(self) -> Embeddings | None:
        """The vectors that it lays out."""


def job_key(key: str, showing: Showing) -> str:
    """The key of a job about the layout of one map: those of other maps go on beside it."""
    return key if isinstance(showing, Document) else f"{key} {id(showing)}"
