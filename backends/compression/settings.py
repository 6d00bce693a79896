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

RERANK = "rerank"  # begins the last part of a chain that reads full vectors in a second stage
LIMIT = 10  # hits that are asked for
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
    rerank: int  # candidates that are compared by the full vectors, 0 for none
    dims: int  # that the core sees
    dim: int  # of the full vectors
    params: Mapping[str, Any]
    bytes: float


def settings_for(cell: Cell, dim: int) -> tuple[Setting, ...]:
    """Settings of faiss, Qdrant, Milvus and pgvector for vectors of `dim` dimensions."""
    parts = cell.codec.split("+")
    rerank = len(parts) > 1 and parts[-1].startswith(RERANK)  # maybe with a depth: "rerank50"
    names = parts[:-1] if rerank else parts
    if cell.codec == "two-stage":
        names, rerank = ["sign"], True
    params = cell.params["first"] if rerank else cell.params
    dims = int(params.get("dims", dim))
    depth = int(cell.params["depth"]) if rerank else 0
    own = params.get("then", params)
    facts = _Facts(
        tuple(names[:-1]),
        names[-1],
        depth,
        dims,
        dim,
        own,
        cell.bytes_per_vector,
    )
    systems: tuple[Callable[[_Facts], Setting], ...] = (_qdrant, _milvus, _pgvector)
    return (_faiss(cell, dim), *(system(facts) for system in systems))


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
        remark = (
            "It has no index that does the same. “Save codes” writes codes and tables to an .npz."
        )
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
            "an index that faiss trains itself has a recall some points lower, and rows that are "
            "added later are coded slightly off."
        )
    text = f'index = faiss.index_factory({dim}, "{cell.factory}", faiss.{metric})'
    if cell.factory.endswith("RFlat"):
        text += f"\nindex.k_factor = {cell.params.get('depth', 400)} / 10  # candidates over k"
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
        same = core == "sign"
        remark += "" if same else "One bit a dimension by sign: a method of the same kind. "
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
    return Setting("Qdrant", text, same=same, remark=remark.strip())


def _qdrant_search(facts: _Facts) -> str:
    depth: dict[str, Any] = {"rescore": bool(facts.rerank)}
    if facts.rerank:
        depth["oversampling"] = facts.rerank / LIMIT
    asked = {"query": "...", "limit": LIMIT, "params": {"quantization": depth}}
    return f"POST /collections/items/points/query\n{json.dumps(asked, indent=2)}"


def _milvus(facts: _Facts) -> Setting:
    core = facts.core
    row = next((row for names, row in _MILVUS.items() if core in names), None)
    if row is None:
        return Setting("Milvus", "", same=False, remark="It has nothing of this kind.")
    kind, index, given, same, said = row
    remark, params = _before(facts) + said, dict(given)
    if index == "IVF_PQ":
        params["m"] = int(facts.params.get("parts", facts.bytes))
        params["nbits"] = int(facts.params.get("bits", params["nbits"]))
    if core == "bfloat16":
        kind = "BFLOAT16_VECTOR"
    if index == "HNSW_SQ":
        params["sq_type"] = "SQ6" if core == "scalar6" else "SQ4U"
    if facts.rerank and index == "IVF_RABITQ":
        params |= {"refine": True, "refine_type": "FP32"}
    elif facts.rerank:
        remark += "Fetch more hits than wanted and re-rank them by the full vectors yourself. "
    metric = "HAMMING" if kind == "BINARY_VECTOR" else "COSINE"
    field = f'schema.add_field("vector", DataType.{kind}, dim={facts.dims})'
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
        *("FLOAT_VECTOR", "IVF_PQ", {"nlist": 1024, "nbits": 8}, False),
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
            f"SELECT * FROM ({inner} {facts.rerank}) near ORDER BY embedding <=> $1 LIMIT {LIMIT};"
            if facts.rerank
            else f"{inner} {LIMIT};"
        )
        return Setting("pgvector", "\n".join(lines), same=True, remark=remark)
    if core in ("float16", *PREFIX) and not any(name not in PREFIX for name in facts.first):
        half = core == "float16"
        kind, ops = ("halfvec", "halfvec_cosine_ops") if half else ("vector", "vector_cosine_ops")
        text = f"CREATE INDEX ON items USING hnsw (({column}::{kind}({d})) {ops});"
        return Setting("pgvector", text, same=True, remark=remark)
    if core in MIXING:
        text = f"CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector({d}));"
        return Setting("pgvector", text, same=False, remark=remark.strip())
    return Setting("pgvector", "", same=False, remark="It has nothing of this kind.")
