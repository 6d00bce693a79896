"""What a person chooses for a sweep over codecs, and what of it is remembered."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from app.notices import Problem
from backends.codecs.base import CodecSpec
from backends.codecs.registry import CODECS, codec
from backends.compression.sweep import SHARES
from backends.errors import BackendError

FLOAT_BYTES = 4
MOST_K, MOST_QUERIES, MOST_SEED = 100, 1_000_000, 2**32 - 1
FORGOTTEN = ("query_file", "relevance_file", "labels")  # they belong to one corpus
NO_CODECS = Problem("No codec is chosen.", "Tick at least one, or type a chain.")
NO_BUDGETS = Problem("No size is chosen.", "Tick a share of float32, or type bytes a vector.")
_PARTS = re.compile(r"[;\s]+|,\s+")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")


@dataclass(frozen=True, slots=True)
class CompressionSettings:
    """What is measured, at which sizes, and by which queries."""

    codecs: tuple[str, ...] | None = None  # ids that are ticked; None: those of the default sweep
    chains: str = ""  # as they are typed: "pca+int8, sign+rerank"
    shares: tuple[int, ...] = SHARES  # float32 over these
    own_bytes: str = ""  # bytes a vector, as they are typed
    k: int = 10
    query_rows: int = 1000  # held out, where there is no query file
    query_file: str = ""
    relevance_file: str = ""
    labels: str = ""  # column that purity is about
    seed: int = 0

    @property
    def ticked(self) -> tuple[str, ...]:
        """Ids of the codecs that are ticked and can be had here."""
        wanted = [spec.id for spec in CODECS.values() if spec.default]
        if self.codecs is not None:
            wanted = [name for name in self.codecs if name in CODECS]
        return tuple(name for name in wanted if CODECS[name].missing is None)


def families() -> dict[str, tuple[CodecSpec, ...]]:
    """The codecs by family, both in the order of the registry."""
    found: dict[str, list[CodecSpec]] = {}
    for spec in CODECS.values():
        found.setdefault(spec.family or "Others", []).append(spec)
    return {name: tuple(specs) for name, specs in found.items()}


def family_of(name: str) -> str:
    """The family of a codec or a chain; "Others" for one that is not known here."""
    try:
        return codec(name).family or "Others"
    except BackendError:
        return "Others"


def chosen_codecs(settings: CompressionSettings) -> tuple[CodecSpec, ...] | Problem:
    """The codecs and chains that are to be measured, or what is wrong with a chain."""
    names = [*settings.ticked, *filter(None, re.split(r"[,;\s]+", settings.chains.strip()))]
    specs = []
    for name in dict.fromkeys(names):
        try:
            specs.append(codec(name))
        except BackendError as error:
            return Problem(error.what, error.hint)
    return tuple(specs) or NO_CODECS


def chosen_budgets(settings: CompressionSettings, dim: int) -> tuple[float, ...] | Problem:
    """Bytes a vector, the largest first; nothing where no size is chosen."""
    sizes = {FLOAT_BYTES * dim / share for share in settings.shares}
    for word in filter(None, _PARTS.split(settings.own_bytes.strip())):
        plain = word.replace(",", "") if _THOUSANDS.fullmatch(word) else word
        for part in filter(None, plain.split(",")):
            try:
                size = float(part)
            except ValueError:
                size = math.nan
            if not (math.isfinite(size) and size > 0):
                return Problem(
                    f"“{part}” is no number of bytes.", "Type bytes a vector, as in “96 48 12”."
                )
            sizes.add(size)
    return tuple(sorted(sizes, reverse=True))


def as_kept(settings: CompressionSettings) -> dict[str, Any]:
    """Plain data of what is remembered between runs."""
    return {key: value for key, value in asdict(settings).items() if key not in FORGOTTEN}


def remembered(kept: Mapping[str, Any]) -> CompressionSettings:
    """Choices of last time, where they still mean something."""
    settings = CompressionSettings()
    good: dict[str, Any] = {}
    for name, most in (("k", MOST_K), ("query_rows", MOST_QUERIES), ("seed", MOST_SEED)):
        value = kept.get(name)
        if type(value) is int and (0 if name == "seed" else 1) <= value <= most:
            good[name] = value
    for name in ("chains", "own_bytes"):
        if isinstance(kept.get(name), str):
            good[name] = kept[name]
    codecs, shares = kept.get("codecs"), kept.get("shares")
    if isinstance(codecs, list | tuple):
        good["codecs"] = tuple(str(name) for name in codecs)
    if isinstance(shares, list | tuple):
        good["shares"] = tuple(share for share in SHARES if share in shares)
    return replace(settings, **good)


def without_files(settings: CompressionSettings) -> CompressionSettings:
    """The same choices for another corpus."""
    return replace(settings, query_file="", relevance_file="", labels="")
