"""A project's arrays: files named by the fingerprint of their own bytes, written once.

A project may lie where a person can truncate it, which kills whoever has it mapped. So large arrays
are copied into the cache while they are checked, and mapped from there; small ones are read.
"""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from backends import cache, fingerprint
from backends.arrays import frozen
from backends.errors import UnwritableFile
from backends.files import naming_failure, replacing
from backends.reporting import Report

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "arrays"
BLOCK_BYTES = 1 << 22
OURS = re.compile(r"[0-9a-f]{32}\.(npy|arrow)")
STRAY = re.compile(rf"{OURS.pattern}|\..*\.tmp")  # the drafts of a process that was killed too

Stored = dict[str, Any]  # {"file": "<fingerprint>.npy", "shape": [n, d], "dtype": "<f4"}


class Damaged(Exception):
    """A file of the project is missing, or does not hold what the project says; why, in words."""


class _Sink(Protocol):
    """Something that bytes can be written to."""

    def write(self, block: Any, /) -> object:
        """Take some bytes."""


Write = Callable[[_Sink], None]


_names: weakref.WeakKeyDictionary[object, dict[str, str]] = weakref.WeakKeyDictionary()
_whole: dict[Path, tuple[int, int]] = {}  # by path: size and time of files known to be whole


class ArrayFolder:
    """Puts arrays into one project and takes them out again; used by one thread at a time.

    What was written or checked by this process is trusted to be whole as long as its size and time
    stay; anything else is written afresh when the same content is saved again.
    """

    def __init__(self, project: Path) -> None:
        self.path = project / FOLDER
        self.used: set[str] = set()
        self._written: list[Path] = []

    def put_array(self, array: NDArray[Any], report: Report, owner: object, part: str) -> Stored:
        """Save an array; its name is remembered for as long as its owner lives.

        Raises: UnwritableFile, Cancelled.
        """
        described = {
            "descr": np.lib.format.dtype_to_descr(array.dtype),
            "fortran_order": False,
            "shape": array.shape,
        }

        def write(sink: _Sink) -> None:
            head = io.BytesIO()
            np.lib.format.write_array_header_1_0(head, described)
            sink.write(head.getvalue())
            rows = max(1, BLOCK_BYTES // max(1, array[:1].nbytes))
            for start in range(0, len(array), rows):
                report.step(start, len(array), "Saving vectors")
                sink.write(np.ascontiguousarray(array[start : start + rows]).data.cast("B"))

        name = self._put(owner, part, ".npy", write)
        return {"file": name, "shape": list(array.shape), "dtype": array.dtype.str}

    def put_table(
        self, table: pa.Table, report: Report, owner: object, part: str = "table"
    ) -> Stored:
        """Save a table as Arrow IPC. Raises: UnwritableFile, Cancelled."""
        import pyarrow as pa

        def write(sink: _Sink) -> None:
            with pa.ipc.new_file(pa.PythonFile(sink, mode="w"), table.schema) as writer:
                for done, batch in enumerate(table.to_batches(max_chunksize=1 << 16)):
                    report.step(done << 16, table.num_rows, "Saving the table")
                    writer.write_batch(batch)

        return {"file": self._put(owner, part, ".arrow", write), "rows": table.num_rows}

    def _put(self, owner: object, part: str, suffix: str, write: Write) -> str:
        name = _names.get(owner, {}).get(part, "")
        if not name or not self._is_whole(name):
            name = self._write(suffix, write)
            self.remember(owner, part, name)
        self.used.add(name)
        return name

    def _write(self, suffix: str, write: Write) -> str:
        """Write a file, name it by its bytes, and return the name."""
        draft = self.path / f".{uuid.uuid4().hex}.tmp"
        try:
            with naming_failure(self.path.parent):
                self.path.mkdir(parents=True, exist_ok=True)
                with draft.open("wb") as file:
                    sink = _Hashing(file)
                    write(sink)
                path = self.path / (sink.digest.hexdigest() + suffix)
                if self._is_whole(path.name):
                    return path.name
                is_new = not path.exists()
                with replacing(path) as place:
                    draft.replace(place)
        finally:
            with suppress(OSError):
                draft.unlink()
        if is_new:
            self._written.append(path)
        self._trust(path)
        return path.name

    def _is_whole(self, name: str) -> bool:
        """Whether a file is there, in this project, as this process wrote or checked it."""
        found = _stamp(self.path / name)
        return found is not None and _whole.get(self.path / name) == found

    def remember(self, owner: object, part: str, name: str) -> None:
        """Note which file holds a part of a result, for as long as the result lives."""
        _names.setdefault(owner, {})[part] = name

    def take_back(self) -> None:
        """Remove what was added, so that a failed save leaves no more on the disk than before."""
        for path in self._written:
            with suppress(OSError):
                path.unlink()
        with suppress(OSError):
            self.path.rmdir()  # only if it is empty

    def sweep(self) -> None:
        """Remove arrays that nothing refers to any more."""
        with suppress(OSError):
            for path in self.path.iterdir():
                if STRAY.fullmatch(path.name) and path.name not in self.used:
                    with suppress(OSError):
                        path.unlink()

    def read(self, stored: Any, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
        """Read a small array. Raises: Damaged."""
        path = self._named(stored, ".npy")
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Damaged(_reason(error)) from error
        if _digest_of(data) != path.stem:
            raise Damaged("the file is damaged")
        self._trust(path)
        return _checked(io.BytesIO(data), dtype, shape)

    def map(self, stored: Any, dtype: str, shape: tuple[int, ...], report: Report) -> NDArray[Any]:
        """Map a large array from the cache. Raises: Damaged, Cancelled."""
        path = self._cached(self._named(stored, ".npy"), "embeddings", report)
        if path is None:
            return self.read(stored, dtype, shape)
        return _checked(path, dtype, shape)

    def map_table(self, stored: Any, report: Report) -> pa.Table:
        """Map the table from the cache. Raises: Damaged, Cancelled."""
        import pyarrow as pa

        source = self._named(stored, ".arrow")
        path = self._cached(source, "corpora", report)
        try:
            if path is None:
                table = pa.ipc.open_file(pa.BufferReader(source.read_bytes())).read_all()
            else:
                with pa.memory_map(str(path)) as file:
                    table = pa.ipc.open_file(file).read_all()
        except (OSError, pa.ArrowInvalid) as error:
            raise Damaged("the table cannot be read") from error
        if table.num_rows != stored.get("rows"):
            raise Damaged("the table has another number of rows")
        return table

    def _named(self, stored: Any, suffix: str) -> Path:
        name = stored.get("file") if isinstance(stored, dict) else None
        if not isinstance(name, str) or not OURS.fullmatch(name) or not name.endswith(suffix):
            raise Damaged("the project does not name its file")
        self.used.add(name)
        return self.path / name

    def _cached(self, source: Path, kind: str, report: Report) -> Path | None:
        """Copy to the cache while checking; None if it is whole but the cache takes no more."""
        target = cache.entry(kind, source.stem) / source.name
        if target.exists():
            with suppress(Damaged):
                _copy(source, None, report)
                self._trust(source)
            return target  # it was checked when it got there: it even replaces a damaged source
        try:
            with replacing(target) as draft:
                _copy(source, draft, report)
        except UnwritableFile:
            _copy(source, None, report)
            return None
        finally:
            with suppress(OSError):
                target.parent.rmdir()  # only if it stayed empty
        self._trust(source)
        return target

    def _trust(self, path: Path) -> None:
        stamp = _stamp(path)
        if stamp is not None:
            _whole[path] = stamp


class _Hashing:
    """Hashes what it writes, as far as pyarrow's idea of a file."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.digest = hashlib.blake2b(digest_size=fingerprint.DIGEST_BYTES)
        self._file = file

    def write(self, block: Any) -> int:
        self.digest.update(block)
        return self._file.write(block)

    def flush(self) -> None:
        self._file.flush()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _copy(source: Path, target: Path | None, report: Report) -> None:
    """Copy a file and compare it with its name. Raises: Damaged, UnwritableFile, Cancelled."""
    digest = hashlib.blake2b(digest_size=fingerprint.DIGEST_BYTES)
    try:
        file = source.open("rb")
    except OSError as error:
        raise Damaged(_reason(error)) from error
    with file:
        total = source.stat().st_size
        out = target.open("wb") if target is not None else None
        try:
            while block := _read(file):
                report.step(file.tell(), total, f"Reading {source.parent.parent.stem}")
                digest.update(block)
                if out is not None:
                    out.write(block)
        finally:
            if out is not None:
                out.close()
    if digest.hexdigest() != source.stem:
        raise Damaged("the file is damaged")


def _read(file: BinaryIO) -> bytes:
    try:
        return file.read(BLOCK_BYTES)
    except OSError as error:  # not a failure of what is being written
        raise Damaged(_reason(error)) from error


def _digest_of(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=fingerprint.DIGEST_BYTES).hexdigest()


def _checked(file: Path | io.BytesIO, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Load an array if it is what was expected; -1 stands for any length. Raises: Damaged."""
    try:
        mode: Any = "r" if isinstance(file, Path) else None
        array: NDArray[Any] = np.load(file, mmap_mode=mode, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise Damaged("the file holds no array") from error
    fits = len(array.shape) == len(shape) and all(
        wanted in (-1, found) for wanted, found in zip(shape, array.shape, strict=True)
    )
    if array.dtype.str != dtype or not fits:
        raise Damaged(f"it holds {array.dtype} {array.shape} where {dtype} {shape} belongs")
    return frozen(array)


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file is missing"
    return f"the file cannot be read: {error.strerror or error}"
