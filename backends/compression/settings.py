"""What to write into other systems so that they keep vectors as a measured codec does.

Only settings that those systems document are given. Where a system has another method of the same
kind, that is said and not passed off as the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backends.compression.results import Cell

RERANK = "rerank"  # how the last part of a chain begins that reads full vectors again
TIMES = (4, 8, 16, 32, 64)  # Qdrant's sizes of product quantisation
PREFIX = ("truncate", "truncate-plain")
MIXING = ("pca", "random-projection", "svd")  # make new dimensions of all the old ones


@dataclass(frozen=True, slots=True)
class Setting:
    """Settings for one system: text to copy, and how near it comes."""

    system: str  # "Qdrant"
    text: str  # empty where the system has nothing of the kind
    same: bool  # it keeps the same numbers; else a method of the same kind and size
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Facts:
    """A cell, taken apart."""

    first: tuple[str, ...]  # codecs that leave fewer dimensions
    core: str  # the codec that keeps what is left
    depth: int  # candidates that a second stage compares again; 0 for none
    again: int  # dimensions of the vectors that it compares them by
    dims: int  # that the core sees
    dim: int  # of the full vectors
    k: int  # neighbours that were asked for
    params: Mapping[str, Any]  # of the core
    bytes: float

    @property
    def oversampling(self) -> float:
        """Candidates for each neighbour."""
        return max(1.0, self.depth / self.k)

    @property
    def by_bits(self) -> bool:
        """Whether signs of queries were compared, as other systems do, not finer levels."""
        return self.params.get("scoring") in ("hamming", "symmetric")

    @property
    def bits(self) -> int:
        """Bits of a binary code, whole bytes."""
        return -(-int(self.params.get("bits", self.dims)) // 8) * 8


def settings_for(cell: Cell, dim: int) -> tuple[Setting, ...]:
    """Settings of faiss, Qdrant, Milvus and pgvector for vectors of `dim` dimensions."""
    facts = _taken_apart(cell, dim)
    systems: tuple[Callable[[_Facts], Setting], ...] = (_qdrant, _milvus, _pgvector)
    return (_faiss(cell, dim), *(system(facts) for system in systems))


def _taken_apart(cell: Cell, dim: int) -> _Facts:
    """Follow the parameters inwards: of a second stage its first, of a chain its second."""
    params, dims, depth, again = cell.params, dim, 0, dim
    while True:
        if "depth" in params:
            depth, again, params = int(params["depth"]), dims, params["first"]
        elif "then" in params:
            dims, params = int(params["dims"]), params["then"]
        else:
            break
    names = [name for name in cell.codec.split("+") if not name.startswith(RERANK)]
    core = "sign" if names[-1] == "two-stage" else names[-1]
    if core in (*PREFIX, *MIXING):
        dims = int(params["dims"])
    k = max(1, cell.found.shape[1])
    first = tuple(names[:-1])
    return _Facts(first, core, depth, again, dims, dim, k, params, cell.bytes_per_vector)


def _before(facts: _Facts) -> str:
    """What has to be done to the vectors before any system gets them."""
    names = (*facts.first, facts.core)
    if any(name in PREFIX for name in names):
        return f"Store the first {facts.dims} dimensions of each vector, brought to length 1. "
    if facts.first or facts.core in MIXING:
        said = f"Multiply each vector by the saved table first; that leaves {facts.dims} dimensions"
        if facts.core in MIXING:  # here they are compared with the whole query
            return f"{said}, compared by cosine among themselves. "
        return f"{said}. "
    return ""


def _faiss(cell: Cell, dim: int) -> Setting:
    if cell.factory is None:
        remark = "Its factory has no string for this; codes and tables can be saved as .npz."
        return Setting("faiss", "", same=False, remark=remark)
    if cell.factory == "BFlat":
        text = f'index = faiss.index_binary_factory({-(-dim // 8) * 8}, "BFlat")'
        return Setting("faiss", text, same=True, remark="Add the packed sign bits.")
    pulled = any(name in cell.factory for name in ("PQ", "RQ"))  # LSQ is one of them
    metric = "METRIC_L2" if pulled else "METRIC_INNER_PRODUCT"
    remark = "For vectors of length 1. Saved as .faiss, the trained index with its codes is there."
    if pulled:
        remark += (
            " Its centroids are drawn in a little, so that distances order as cosines do: "
            "trained by faiss itself it finds some points less, and rows added later are coded "
            "slightly off."
        )
    text = f'index = faiss.index_factory({dim}, "{cell.factory}", faiss.{metric})'
    if cell.factory.endswith("RFlat"):
        text += (
            f"\nindex.k_factor = {cell.params.get('depth', 400)} / {max(1, cell.found.shape[1])}"
        )
    return Setting("faiss", text, same=True, remark=remark)


def _qdrant(facts: _Facts) -> Setting:
    head: dict[str, Any] = {"vectors": {"size": facts.dims, "distance": "Cosine"}}
    same, remark = True, _before(facts)
    core = facts.core
    if core in ("float16", "bfloat16"):
        head["vectors"]["datatype"] = "float16"
        same = core == "float16"
    elif core in ("int8", "int8-row", "int8-stochastic", "scalar8"):
        scalar = {"type": "int8", "quantile": 0.99, "always_ram": True}
        head["quantization_config"] = {"scalar": scalar}
        same, remark = False, remark + "Its steps are those of all dimensions together. "
    elif core in ("sign", "itq", "rabitq", "residual-sign", "bebr", "semantic-hash"):
        head["quantization_config"] = {"binary": {"always_ram": True}}
        same = core == "sign" and facts.by_bits
        if core != "sign":
            remark += "One bit a dimension by sign: a method of the same kind. "
        remark += _finer(facts)
    elif core in ("pq", "opq", "pq-fastscan"):
        ratio = min(TIMES, key=lambda times: abs(times - 4 * facts.dims / facts.bytes))
        product = {"compression": f"x{ratio}", "always_ram": True}
        head["quantization_config"] = {"product": product}
        same, remark = False, remark + "Its product quantisation knows these sizes only. "
    elif core in MIXING:
        same = False
    elif core not in PREFIX:
        return Setting("Qdrant", "", same=False, remark="It has nothing of this kind.")
    text = f"PUT /collections/items\n{json.dumps(head, indent=2)}"
    if "quantization_config" in head:
        text += "\n\n" + _qdrant_search(facts)
        if facts.depth and facts.again != facts.dims:
            same = False
            remark += (
                f"It compares again by the {facts.dims} dimensions that it stores; measured here "
                f"were all {facts.again}. "
            )
    return Setting("Qdrant", text, same=same, remark=remark.strip())


def _finer(facts: _Facts) -> str:
    if facts.by_bits:
        return ""
    return "It compares signs with signs; measured here were queries in finer levels. "


def _qdrant_search(facts: _Facts) -> str:
    again: dict[str, Any] = {"rescore": facts.depth > 0}
    if facts.depth:
        again["oversampling"] = facts.oversampling
    asked = {"query": "...", "limit": facts.k, "params": {"quantization": again}}
    return f"POST /collections/items/points/query\n{json.dumps(asked, indent=2)}"


def _milvus(facts: _Facts) -> Setting:
    core = facts.core
    row = next((row for names, row in _MILVUS.items() if core in names), None)
    if row is None:
        return Setting("Milvus", "", same=False, remark="It has nothing of this kind.")
    kind, index, given, same, said = row
    remark, params = _before(facts) + said, dict(given)
    if index == "IVF_PQ":
        params["nbits"] = int(facts.params.get("bits", 8))
        params["m"] = int(facts.params.get("parts", facts.bytes))
    if core == "bfloat16":
        kind = "BFLOAT16_VECTOR"
    if index == "HNSW_SQ":
        params["sq_type"] = "SQ6" if core == "scalar6" else "SQ4U"
    if facts.depth and index == "IVF_RABITQ" and facts.again == facts.dims:
        params |= {"refine": True, "refine_type": "FP32"}
        remark += f"Search with refine_k {facts.oversampling:g}. "
    elif facts.depth:
        remark += f"Fetch {facts.depth:,} hits and re-rank them by the full vectors yourself. "
    binary = kind == "BINARY_VECTOR"
    if binary and not facts.by_bits:
        same = False
        remark += _finer(facts)
    metric = "HAMMING" if binary else "COSINE"
    width = facts.bits if binary else facts.dims
    field = f'schema.add_field("vector", DataType.{kind}, dim={width})'
    added = f'index.add_index("vector", index_type="{index}", metric_type="{metric}"'
    return Setting(
        "Milvus", f"{field}\n{added}, params={params})", same=same, remark=remark.strip()
    )


_Row = tuple[str, str, Mapping[str, Any], bool, str]  # type, index, params, whether same, remark
_MILVUS: Mapping[tuple[str, ...], _Row] = {
    ("float16", "bfloat16"): ("FLOAT16_VECTOR", "FLAT", {}, True, ""),
    PREFIX: ("FLOAT_VECTOR", "FLAT", {}, True, ""),
    MIXING: ("FLOAT_VECTOR", "FLAT", {}, False, ""),
    ("int8", "int8-row", "int8-stochastic", "scalar8"): (
        *("FLOAT_VECTOR", "IVF_SQ8", {"nlist": 1024}, False),
        "",
    ),
    ("int4", "scalar4", "scalar6"): (
        *("FLOAT_VECTOR", "HNSW_SQ", {"M": 16, "efConstruction": 200}, False),
        "A graph over codes of the same bits; SQ4U is there from Milvus 2.6.8. ",
    ),
    ("pq", "opq"): (
        *("FLOAT_VECTOR", "IVF_PQ", {"nlist": 1024}, False),
        "It codes what is left after its own clusters, without a rotation. ",
    ),
    ("rabitq",): (
        *("FLOAT_VECTOR", "IVF_RABITQ", {"nlist": 1024}, False),
        "One bit a dimension; more bits are its refinement. ",
    ),
    ("sign", "itq", "semantic-hash"): (
        *("BINARY_VECTOR", "BIN_FLAT", {}, True),
        "Store the packed codes; the metric is HAMMING. ",
    ),
}


def _pgvector(facts: _Facts) -> Setting:
    core, remark = facts.core, _before(facts)
    d, full = facts.dims, facts.dim
    if any(name in PREFIX for name in (*facts.first, core)):
        column = f"subvector(embedding, 1, {d})"
        remark = f"The first {d} dimensions; pgvector brings them to length 1 for cosine."
    else:
        column = "embedding"
    if core in ("sign",) and not any(name not in PREFIX for name in facts.first):
        bits = f"binary_quantize({column})::bit({d})"
        lines = [f"CREATE INDEX ON items USING hnsw (({bits}) bit_hamming_ops);"]
        asked = bits.replace("embedding", f"$1::vector({full})")
        inner = f"SELECT * FROM items ORDER BY {bits} <~> {asked} LIMIT"
        lines.append(
            f"SELECT * FROM ({inner} {facts.depth}) near ORDER BY embedding <=> $1 LIMIT {facts.k};"
            if facts.depth
            else f"{inner} {facts.k};"
        )
        remark = f"{remark} {_finer(facts)}".strip()
        return Setting("pgvector", "\n".join(lines), same=facts.by_bits, remark=remark)
    if core in ("float16", *PREFIX) and not any(name not in PREFIX for name in facts.first):
        half = core == "float16"
        kind, ops = ("halfvec", "halfvec_cosine_ops") if half else ("vector", "vector_cosine_ops")
        text = f"CREATE INDEX ON items USING hnsw (({column}::{kind}({d})) {ops});"
        return Setting("pgvector", text, same=True, remark=remark)
    if core in MIXING:
        text = f"CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector({d}));"
        return Setting("pgvector", text, same=False, remark=remark.strip())
    return Setting("pgvector", "", same=False, remark="It has nothing of this kind.")
