"""An embedding on disk while it is made: plan, vectors, and a log of finished batches.

The plan (order, batches, precision) is fixed and written before the first batch, and the space for
all vectors is reserved. A batch is written to the vectors first and to the log after that, with a
checksum; whoever starts again believes only batches whose rows still have their checksum. So a
process may be killed at any moment, and the next one goes on and ends with the same bits.

Vectors are written with `pwrite` and only ever mapped for reading: a full disk is then an error
that can be caught, where a write to a mapping would kill the process.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from backends.arrays import Mask, Matrix, Rows, batches, frozen, usable_rows
from backends.encoders.base import Precision
from backends.files import naming_failure, replacing
from backends.reporting import Report

SCHEMA = 1
LOOK_SECONDS = 0.1
BLOCK_ROWS = 8192
RECORD = np.dtype([("batch", "<u4"), ("checksum", "<u4")])


@dataclass(frozen=True)
class Plan:
    """What is to be encoded, in which batches. Arrays lie in the same folder."""

    rows: int  # of the corpus
    dim: int
    precision: Precision
    workers: int
    reuse_key: str  # embeddings with equal keys have interchangeable vectors; "" for none
    reused: int  # rows whose vectors came from earlier embeddings
    empty: int  # rows without text
    order: Rows  # (u,) first row of each text to encode, batch after batch
    bounds: Rows  # (batches + 1,) where each batch starts in `order`
    tokens: Rows  # (batches,) for the time left
    source: Rows  # (n,) first row with the same text; -1 for empty ones
    cut: Mask  # (n,) rows whose text is longer than the model reads

    def batch_rows(self, batch: int) -> Rows:
        """First rows of the texts of one batch."""
        return self.order[self.bounds[batch] : self.bounds[batch + 1]]

    def __len__(self) -> int:
        return len(self.tokens)


ARRAYS = ("order", "bounds", "tokens", "source", "cut")
ONLY_FOR_MAKING = ("order", "bounds", "tokens", "source")


@contextlib.contextmanager
def claimed(folder: Path, report: Report) -> Iterator[None]:
    """Be the only process that works on a folder; wait for another, looking ten times a second.

    The system gives the lock back when a process ends, in whatever way.

    Raises: UnwritableFile, Cancelled.
    """
    with naming_failure(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("ab")
    with file:
        while not _lock(file):
            report.step(0, 0, "Waiting for another window that embeds the same texts")
            time.sleep(LOOK_SECONDS)
        yield


def _lock(file: BinaryIO) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def write_plan(folder: Path, plan: Plan) -> None:
    """Fix the plan: its arrays first, the file that names them last.

    Raises: UnwritableFile.
    """
    for name in ARRAYS:
        save_array(folder / f"{name}.npy", getattr(plan, name))
    facts = {"schema": SCHEMA, **{k: v for k, v in _facts(plan).items() if k not in ARRAYS}}
    with replacing(folder / "plan.json") as draft:
        draft.write_text(json.dumps(facts), encoding="utf-8")


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write one array, complete or not at all. Raises: UnwritableFile."""
    with replacing(path) as draft, draft.open("wb") as file:
        np.save(file, array)


def _facts(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in Plan.__dataclass_fields__}


def read_plan(folder: Path) -> Plan | None:
    """The plan of a folder, or None if there is none or it is damaged."""
    facts = _read_json(folder / "plan.json")
    try:
        if facts.pop("schema") != SCHEMA:
            return None
        arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in ARRAYS}
        plan = Plan(**facts, **arrays)
        shape = open_vectors(folder).shape
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = len(plan.source) == plan.rows and len(plan.bounds) == len(plan.tokens) + 1
    whole = whole and shape == (plan.rows, plan.dim) and plan.bounds[-1] == len(plan.order)
    return plan if whole else None


def reserve(folder: Path, rows: int, dim: int) -> None:
    """Make the file for all vectors, zeros, with its space on the disk reserved.

    Raises: UnwritableFile; then nothing of it is left.
    """
    path = folder / "vectors.npy"
    for name in ("result.json", "plan.json", "finished.log", "vectors.npy"):
        (folder / name).unlink(missing_ok=True)
    with naming_failure(path):
        try:
            with path.open("wb") as file:
                head = {"descr": "<f4", "fortran_order": False, "shape": (rows, dim)}
                npy.write_array_header_1_0(file, head)
                file.flush()
                _fill(file, file.tell(), rows * dim * 4)
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _fill(file: BinaryIO, start: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        if size:
            os.posix_fallocate(file.fileno(), start, size)
        return
    block = bytes(1 << 20)
    for part in batches(size, len(block)):
        file.write(block[: part.stop - part.start])


def read_result(folder: Path) -> dict[str, Any] | None:
    """Facts of a finished embedding, or None if it is not finished."""
    facts = _read_json(folder / "result.json")
    return facts if facts.get("schema") == SCHEMA else None


def write_result(folder: Path, present: Mask, facts: Mapping[str, Any]) -> None:
    """Mark an embedding as finished; what only its making needed is dropped.

    Raises: UnwritableFile.
    """
    with naming_failure(folder / "vectors.npy"), (folder / "vectors.npy").open("rb") as file:
        os.fsync(file.fileno())
    save_array(folder / "present.npy", present)
    with replacing(folder / "result.json") as draft:
        draft.write_text(json.dumps({"schema": SCHEMA, **facts}), encoding="utf-8")
    for name in ("plan.json", "finished.log", *(f"{name}.npy" for name in ONLY_FOR_MAKING)):
        (folder / name).unlink(missing_ok=True)


def open_vectors(folder: Path) -> Matrix:
    """The vectors, mapped for reading. Raises: OSError, ValueError."""
    vectors: Matrix = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
    return vectors


def open_present(folder: Path) -> Mask:
    """Which rows have a vector. Raises: OSError, ValueError."""
    present: Mask = np.load(folder / "present.npy", allow_pickle=False)
    return frozen(present)


class Draft:
    """An embedding that is being made: takes finished batches, knows which there are."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self._twins = _Twins(plan.source)
        self.vectors = open_vectors(folder)  # (n, d)
        self.finished = self._read_log()
        self.present = self._find_present()
        self._row_bytes = plan.dim * 4
        with naming_failure(folder), (folder / "vectors.npy").open("rb") as file:
            npy.read_magic(file)
            npy.read_array_header_1_0(file)
            self._start = file.tell()

    def __enter__(self) -> Draft:
        with naming_failure(self.folder):
            self._file = (self.folder / "vectors.npy").open("r+b", buffering=0)
            self._log = (self.folder / "finished.log").open("ab", buffering=0)
            # Killed within a record: later ones must stay aligned.
            self._log.truncate(self._log.tell() // RECORD.itemsize * RECORD.itemsize)
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        self._log.close()

    def write(self, batch: int, vectors: Matrix) -> None:
        """Keep the vectors of a batch, (b, d); rows without a direction become zeros.

        Raises: UnwritableFile; then the batch counts as not finished.
        """
        usable = usable_rows(vectors)  # (b,)
        vectors = np.where(usable[:, None], vectors, np.float32(0))  # (b, d)
        rows, places = self._twins.rows_of(self.plan.batch_rows(batch))
        with naming_failure(self.folder / "vectors.npy"):
            for row, place in zip(rows.tolist(), places.tolist(), strict=True):
                _write_all(self._file, vectors[place].data, self._start + row * self._row_bytes)
            record = np.array([(batch, zlib.crc32(vectors.tobytes()))], dtype=RECORD)
            self._log.write(record.tobytes())
        self.present[rows] = usable[places]
        self.finished.add(batch)

    def copy_in(self, rows: Rows, vectors: Matrix) -> None:
        """Keep vectors from an earlier embedding at rows of this one, and at their twins.

        Raises: UnwritableFile.
        """
        rows, places = self._twins.rows_of(rows)
        with naming_failure(self.folder / "vectors.npy"):
            for row, place in zip(rows.tolist(), places.tolist(), strict=True):
                _write_all(self._file, vectors[place].data, self._start + row * self._row_bytes)
        self.present[rows] = usable_rows(vectors)[places]

    def _find_present(self) -> Mask:
        """Rows of finished batches, and reused ones, that have a direction."""
        present = np.zeros(self.plan.rows, dtype=np.bool_)  # (n,)
        if not self.finished and not self.plan.reused:
            return present
        for block in batches(self.plan.rows, BLOCK_ROWS):
            present[block] = usable_rows(self.vectors[block])
        for batch in set(range(len(self.plan))) - self.finished:
            present[self._twins.rows_of(self.plan.batch_rows(batch))[0]] = False
        return present

    def _read_log(self) -> set[int]:
        """Batches whose rows have the checksum that was logged for them."""
        try:
            content = (self.folder / "finished.log").read_bytes()
        except OSError:
            return set()
        whole = len(content) // RECORD.itemsize * RECORD.itemsize
        log = np.frombuffer(content[:whole], dtype=RECORD)
        finished = set()
        for batch, checksum in log.tolist():
            if batch < len(self.plan):
                rows = self.vectors[self.plan.batch_rows(batch)]
                if zlib.crc32(rows.tobytes()) == checksum:
                    finished.add(batch)
        return finished


class _Twins:
    """Rows with the same text: which rows get the vector of a first row."""

    def __init__(self, source: Rows) -> None:
        rows = np.flatnonzero((source >= 0) & (source != np.arange(len(source))))
        order = np.argsort(source[rows], kind="stable")
        self._rows = rows[order]
        self._sources = source[self._rows]  # ascending

    def rows_of(self, firsts: Rows) -> tuple[Rows, NDArray[np.int64]]:
        """All rows of some first rows, and for each its place in `firsts`."""
        low = np.searchsorted(self._sources, firsts, "left")
        counts = np.searchsorted(self._sources, firsts, "right") - low
        places = np.repeat(np.arange(len(firsts)), counts)
        starts = np.repeat(low - np.cumsum(counts) + counts, counts)
        twins = self._rows[starts + np.arange(len(places))]
        both = np.concatenate((firsts, twins)).astype(np.int64, copy=False)
        return both, np.concatenate((np.arange(len(firsts)), places))


def _write_all(file: Any, data: memoryview, offset: int) -> None:
    """A write may be cut short by a full disk before it fails."""
    view = data.cast("B")
    if not hasattr(os, "pwrite"):
        file.seek(offset)
        file.write(view)
        return
    while len(view):
        written = os.pwrite(file.fileno(), view, offset)
        view, offset = view[written:], offset + written


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
