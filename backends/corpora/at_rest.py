"""A corpus at rest: an Arrow file in the cache, written once, memory-mapped from then on.

Its name is its content: the same items give the same fingerprint, wherever and in whatever pieces
they were read.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backends import cache, fingerprint
from backends.corpora.side_by_side import Beside
from backends.files import naming_failure
from backends.types import MadeBy

if TYPE_CHECKING:
    import pyarrow as pa

ITEMS = "items.arrow"
NPY_HEAD_BYTES = 128
OLD_SECONDS = 86_400
_drafts = itertools.count()


@contextmanager
def draft_folder() -> Iterator[Path]:
    """A folder in the cache for what is being read; gone afterwards. Raises: UnwritableFile."""
    parent = cache.cache_root() / "corpora"
    folder = parent / f".reading.{os.getpid()}.{next(_drafts)}.tmp"
    with naming_failure(parent):
        folder.mkdir(parents=True)
    _drop_old_drafts(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drop_old_drafts(parent: Path) -> None:
    """Remove what killed processes left a day ago; nobody reads for that long."""
    for draft in parent.glob(".reading.*.tmp"):
        with suppress(OSError):
            if draft.stat().st_mtime < time.time() - OLD_SECONDS:
                shutil.rmtree(draft, ignore_errors=True)


class ItemsWriter:
    """Writes record batches of plain columns to a draft, and hashes what is in them.

    Both are done beside the caller, who makes the next batch meanwhile. Numbers under empty cells
    are whatever a library left there; they are not hashed.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        import pyarrow as pa

        self.rows = 0
        self._path = folder / ITEMS
        self._schema = schema
        with naming_failure(cache.cache_root()):
            self._file = pa.OSFile(str(self._path), "wb")
            self._writer = pa.ipc.new_file(self._file, schema)
        self._digests = [hashlib.blake2b(digest_size=16) for _ in schema]
        self._nulls = [hashlib.blake2b(digest_size=16) for _ in schema]
        self._lengths = [hashlib.blake2b(digest_size=16) for _ in schema]
        self._beside = Beside(2)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows. Raises: UnwritableFile, as when the disk is full, perhaps a batch later."""
        start = self.rows
        self.rows += batch.num_rows
        self._beside.start(lambda: self._put(batch), lambda: self._hash_all(batch, start))

    def _put(self, batch: pa.RecordBatch) -> None:
        with naming_failure(cache.cache_root()):
            self._writer.write_batch(batch)

    def _hash_all(self, batch: pa.RecordBatch, start: int) -> None:
        for place, values in enumerate(batch.columns):
            self._hash(place, values, start)

    def _hash(self, place: int, values: pa.Array, start: int) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if values.null_count:
            nulls = np.flatnonzero(np.asarray(values.is_null())) + start
            self._nulls[place].update(nulls.astype("<i8").data)
        digest = self._digests[place]
        if pa.types.is_large_string(values.type):
            lengths = np.asarray(pc.binary_length(values).fill_null(0)).astype("<i8")
            _, offsets, data = values.buffers()
            if data is not None and len(values):
                ends = np.frombuffer(offsets, np.int64)[
                    values.offset : values.offset + len(values) + 1
                ]
                digest.update(memoryview(data)[int(ends[0]) : int(ends[-1])])
            self._lengths[place].update(lengths.data)
        else:
            plain = pc.fill_null(values, _zero(values.type)) if values.null_count else values
            if pa.types.is_boolean(values.type):
                plain = plain.cast(pa.int8())
            elif pa.types.is_temporal(values.type):
                plain = plain.cast(pa.int32() if values.type.bit_width == 32 else pa.int64())
            digest.update(np.ascontiguousarray(plain.to_numpy(zero_copy_only=False)).data)

    def close(self) -> str:
        """Finish the file and return the fingerprint of the rows. Raises: UnwritableFile."""
        with naming_failure(cache.cache_root()), self._beside:
            self._beside.finish()
            self._writer.close()
            self._file.close()
        fields = [
            [field.name, str(field.type), *(digest.hexdigest() for digest in digests)]
            for field, *digests in zip(
                self._schema, self._digests, self._nulls, self._lengths, strict=True
            )
        ]
        return fingerprint.of_json([self.rows, *fields])

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        self._beside.close()
        self._file.close()


def _zero(kind: pa.DataType) -> Any:
    import pyarrow as pa

    return (
        pa.scalar(0).cast(pa.int32() if kind == pa.date32() else pa.int64()).cast(kind)
        if (pa.types.is_temporal(kind))
        else pa.scalar(0).cast(kind)
    )


class VectorsWriter:
    """Writes rows of float32 to a `.npy` of as many rows as come."""

    def __init__(self, path: Path, dim: int) -> None:
        self.path = path
        self.rows = 0
        self._dim = dim
        self._digest = hashlib.blake2b(digest_size=16)
        self._beside = Beside(2)
        with naming_failure(path.parent):
            self._file = path.open("wb")
            self._file.write(npy_head(0, dim))

    def write(self, vectors: NDArray[np.float32]) -> None:
        """Append (b, d), which must not change afterwards. Raises: UnwritableFile."""
        block = np.ascontiguousarray(vectors, dtype="<f4")
        self._beside.start(lambda: self._put(block), lambda: self._digest.update(block.data))
        self.rows += len(block)

    def _put(self, block: NDArray[np.float32]) -> None:
        with naming_failure(self.path.parent):
            self._file.write(block.data)

    def close(self) -> str:
        """Finish the file and return the fingerprint of the vectors. Raises: UnwritableFile."""
        with naming_failure(self.path.parent), self._file, self._beside:
            self._beside.finish()
            self._file.seek(0)
            self._file.write(npy_head(self.rows, self._dim))
        return fingerprint.of_json([self.rows, self._dim, self._digest.hexdigest()])

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        self._beside.close()
        with suppress(OSError):  # what could not be written cannot be written now
            self._file.close()


def npy_head(n: int, d: int) -> bytes:
    """The first 128 bytes of a `.npy` of (n, d) float32; the same length for any n."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {d}), }}".encode()
    body = text.ljust(NPY_HEAD_BYTES - 11) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


def made_by_items(content: str) -> MadeBy:
    """How a corpus came about: by its rows alone, not by where they were read."""
    return MadeBy("read", (content,))


def keep(folder: Path, name: str) -> Path:
    """Move the files of a draft folder to the entry `name` and return its folder.

    Files that lie there already with the same size stay: they may be mapped.

    Raises: UnwritableFile.
    """
    target = cache.entry("corpora", name)
    with naming_failure(target):
        target.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            kept = target / file.name
            if not kept.exists() or kept.stat().st_size != file.stat().st_size:
                file.replace(kept)
    return target


def map_items(folder: Path) -> pa.Table:
    """The table of an entry, mapped. Raises: OSError, pyarrow.ArrowInvalid."""
    import pyarrow as pa

    with pa.memory_map(str(folder / ITEMS)) as source:
        return pa.ipc.open_file(source).read_all()


def map_vectors(path: Path) -> NDArray[np.float32]:
    """Vectors of an entry, mapped and read-only. Raises: OSError, ValueError."""
    vectors: NDArray[np.float32] = np.load(path, mmap_mode="r", allow_pickle=False)
    return vectors
