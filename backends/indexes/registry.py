"""Which indexes there are, and opening one for some embeddings."""

from __future__ import annotations

from typing import Any

from backends.errors import BackendError, MissingPackage
from backends.indexes import exact
from backends.indexes.base import Index
from backends.registry import Spec
from backends.types import Embeddings

INDEXES: dict[str, Spec] = {
    spec.id: spec
    for spec in (
        Spec(
            "exact",
            "Exact",
            load=exact.load,
            params=exact.ExactParams,
            about="Compares with every vector. Nothing to build, nothing missed.",
        ),
    )
}


def open_index(name: str, embeddings: Embeddings, params: Any = None) -> Index:
    """Return an index of the embeddings; None takes the index's default settings.

    Raises: BackendError for an index that does not exist; MissingPackage.
    """
    spec = INDEXES.get(name)
    if spec is None:
        raise BackendError(
            f"There is no index called “{name}”.", hint=f"Choose one of {', '.join(INDEXES)}."
        )
    if spec.missing:
        raise MissingPackage(f"The index {spec.title}", spec.missing)
    chosen = params if params is not None else (spec.params or dict)()
    index: Index = spec.load()(embeddings, chosen)
    return index
