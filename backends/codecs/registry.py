"""Which codecs there are, and putting them one behind the other."""

from __future__ import annotations

from collections.abc import Callable

from backends.codecs import (
    binary,
    faiss_pq,
    mixed_fit,
    reduction,
    rounding,
)
from backends.codecs.base import CodecSpec
from backends.codecs.chain import chain
from backends.errors import BackendError

CODECS: dict[str, CodecSpec] = {
    spec.id: spec
    for spec in (
        *rounding.SPECS,
        *binary.SPECS,
        *reduction.SPECS,
        *mixed_fit.SPECS,
        *faiss_pq.SPECS,
    )
}

# What is no codec by itself, but makes another one of all that stands before it: "sign+rerank".
STAGES: dict[str, Callable[[CodecSpec], CodecSpec]] = {}


def codec(name: str) -> CodecSpec:
    """Return a codec by its id, or a chain by its elements: "pca+int8", left to right.

    Raises: BackendError if there is none, or if one cannot stand where it does.
    """
    first, *rest = name.split("+")
    spec = _row(first)
    for element in rest:
        stage = STAGES.get(element)
        spec = stage(spec) if stage is not None else chain(spec, _row(element))
    return spec


def _row(name: str) -> CodecSpec:
    spec = CODECS.get(name)
    if spec is None:
        raise BackendError(
            f"There is no codec called “{name}”.", hint=f"Choose from: {', '.join(CODECS)}."
        )
    return spec
