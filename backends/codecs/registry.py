"""Which codecs there are, and putting them one behind the other."""

from __future__ import annotations

from collections.abc import Callable

from backends.codecs import (
    binary,
    faiss_additive,
    faiss_pq,
    faiss_rabitq,
    faiss_scalar,
    mixed_fit,
    reduction,
    rounding,
    two_stage,
)
from backends.codecs.base import CodecSpec
from backends.codecs.chain import chain
from backends.errors import BackendError

DIGITS = "0123456789"

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
    )
}

# What is no codec by itself, but makes another one of all that stands before it: "sign+rerank".
# Digits behind it are how many candidates are compared again: "sign+rerank200".
STAGES: dict[str, Callable[[CodecSpec, int | None], CodecSpec]] = {"rerank": two_stage.reranked}


def codec(name: str) -> CodecSpec:
    """Return a codec by its id, or a chain by its elements: "pca+int8", left to right.

    Raises: BackendError if there is none, or if one cannot stand where it does.
    """
    first, *rest = name.split("+")
    spec = _row(first)
    for element in rest:
        stage = STAGES.get(element.rstrip(DIGITS))
        if stage is None:
            spec = chain(spec, _row(element))
        else:
            number = element[len(element.rstrip(DIGITS)) :]
            spec = stage(spec, int(number) if number else None)
    return spec


def _row(name: str) -> CodecSpec:
    spec = CODECS.get(name)
    if spec is None:
        raise BackendError(
            f"There is no codec called “{name}”.", hint=f"Choose from: {', '.join(CODECS)}."
        )
    return spec
