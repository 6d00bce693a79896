"""Which codecs there are, and putting them one behind the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from backends.codecs import (
    binary,
    dedup,
    faiss_additive,
    faiss_pq,
    faiss_rabitq,
    faiss_scalar,
    hashed,
    mixed_fit,
    recurrent,
    reduction,
    rounding,
    semantic_hash,
    sparse,
    tensor_train,
    two_stage,
    weights,
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
        *faiss_rabitq.SPECS,
        *faiss_scalar.SPECS,
        *faiss_additive.SPECS,
        *two_stage.specs(binary.SPECS),
        *tensor_train.SPECS,
        *sparse.SPECS,
        *dedup.SPECS,
        *hashed.SPECS,
        *recurrent.SPECS,
        *semantic_hash.SPECS,
        *weights.SPECS,
    )
}

# What is no codec by itself, but makes another one of all that stands before it: "sign+rerank".
STAGES: dict[str, Callable[[CodecSpec], CodecSpec]] = {"rerank": two_stage.reranked}
_RERANK = re.compile(r"rerank(\d+)")  # with how many candidates are compared again


def codec(name: str) -> CodecSpec:
    """Return a codec by its id, or a chain by its elements: "pca+int8", left to right.

    Raises: BackendError if there is none, or if one cannot stand where it does.
    """
    first, *rest = name.split("+")
    spec = _row(first)
    for element in rest:
        stage = _stage(element)
        spec = stage(spec) if stage is not None else chain(spec, _row(element))
    return spec


def _stage(element: str) -> Callable[[CodecSpec], CodecSpec] | None:
    match = _RERANK.fullmatch(element)
    if match is None:
        return STAGES.get(element)
    return partial(two_stage.reranked, depth=int(match[1]))


def _row(name: str) -> CodecSpec:
    spec = CODECS.get(name)
    if spec is None:
        raise BackendError(
            f"There is no codec called “{name}”.", hint=f"Choose from: {', '.join(CODECS)}."
        )
    return spec
