"""Measured cells and truths in the cache, by recipe: a stopped sweep goes on from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends import cache
from backends.arrays import frozen
from backends.codecs.base import LossCurve
from backends.compression.results import Cell, Estimate, Memory, QuerySet, Truth
from backends.files import replacing_folder
from backends.types import MadeBy

KIND = "sweeps"
SCHEMA = 2  # a cell of another number is measured again
ESTIMATES = ("recall", "recall_1", "ndcg", "mrr", "purity")
BEYOND = -1e300  # stands for minus infinity


def keep_cell(cell: Cell) -> None:
    """Write a cell; a cache that cannot be written costs its being measured again."""
    facts = {
        "schema": SCHEMA,
        "codec": cell.codec,
        "title": cell.title,
        "params": dict(cell.params),
        "budget": cell.budget,
        "memory": asdict(cell.memory),
        **{name: _estimate_json(getattr(cell, name)) for name in ESTIMATES},
        "mse": cell.mse,
        "fit_seconds": cell.fit_seconds,
        "encode_seconds": cell.encode_seconds,
        "queries_per_second": cell.queries_per_second,
        "milliseconds": cell.milliseconds,
        "threads": cell.threads,
        "made_by": cell.made_by.as_json(),
        "factory": cell.factory,
        "notes": list(cell.notes),
        "curve": cell.curve.what if cell.curve else None,
    }
    arrays: dict[str, NDArray[Any]] = {
        "found": cell.found,
        "kept": cell.kept,
        "errors": cell.errors,
    }
    if cell.curve is not None:
        arrays |= {"training": cell.curve.training, "held_out": cell.curve.held_out}
    _write(cell.fingerprint, facts, arrays)


def kept_cell(made_by: MadeBy) -> Cell | None:
    """The cell of that recipe, or None."""
    facts = _facts(made_by.fingerprint)
    if facts is None:
        return None
    try:
        arrays: dict[str, Any] = _arrays(made_by.fingerprint, ("found", "kept", "errors"))
        curve = None
        if facts["curve"] is not None:
            losses = _arrays(made_by.fingerprint, ("training", "held_out"))
            curve = LossCurve(losses["training"], losses["held_out"], facts["curve"])
        plain = ("codec", "title", "params", "budget", "mse", "fit_seconds", "encode_seconds")
        estimates: dict[str, Any] = {name: _estimate(facts[name]) for name in ESTIMATES}
        speed = ("queries_per_second", "milliseconds", "threads", "factory")
        return Cell(
            **{name: facts[name] for name in (*plain, *speed)},
            **estimates,
            **arrays,
            memory=Memory(**facts["memory"]),
            made_by=MadeBy.from_json(facts["made_by"]),
            notes=tuple(facts["notes"]),
            curve=curve,
        )
    except (KeyError, TypeError, ValueError, OSError, EOFError):
        return None  # written by another version, or cut short: measured again


def truth_made_by(queries: QuerySet, embeddings: str, k: int) -> MadeBy:
    """Recipe of the exact neighbours of queries among the embeddings of that fingerprint."""
    return MadeBy("truth", (embeddings, queries.made_by.fingerprint), {"k": k})


def keep_truth(made_by: MadeBy, truth: Truth) -> None:
    """Write the exact neighbours; queries and judgements are not part of it."""
    facts = {"schema": SCHEMA, "seconds": truth.seconds, "milliseconds": truth.milliseconds}
    arrays = {"rows": truth.rows, "similarities": truth.similarities}
    _write(made_by.fingerprint, facts, arrays)


def kept_truth(made_by: MadeBy, queries: QuerySet) -> Truth | None:
    """The exact neighbours of these queries, or None."""
    facts = _facts(made_by.fingerprint)
    if facts is None:
        return None
    try:
        arrays: dict[str, Any] = _arrays(made_by.fingerprint, ("rows", "similarities"))
        if len(arrays["rows"]) != len(queries.vectors):
            return None
        return Truth(
            queries, **arrays, seconds=facts["seconds"], milliseconds=facts["milliseconds"]
        )
    except (KeyError, TypeError, ValueError, OSError, EOFError):
        return None


def _estimate_json(value: Estimate | None) -> list[float | None] | None:
    if value is None:
        return None
    return [None if number != number else number for number in asdict(value).values()]


def _estimate(value: list[float | None] | None) -> Estimate | None:
    if value is None:
        return None
    mean, low, high = (float("nan") if number is None else float(number) for number in value)
    return Estimate(mean, low, high)


def _write(name: str, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    from backends.errors import UnwritableFile

    with suppress(UnwritableFile), replacing_folder(cache.entry(KIND, name)) as draft:
        for part, array in arrays.items():
            np.save(draft / f"{part}.npy", array, allow_pickle=False)
        (draft / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def _facts(name: str) -> dict[str, Any] | None:
    path = cache.entry(KIND, name) / "facts.json"
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and facts.get("schema") == SCHEMA else None


def _arrays(name: str, parts: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    folder: Path = cache.entry(KIND, name)
    return {part: frozen(np.load(folder / f"{part}.npy", allow_pickle=False)) for part in parts}
