"""Files of finished vectors: numpy, numpy archives and safetensors. Nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import as_matrix, batches
from backends.corpora import formats
from backends.corpora.source import Source, from_table, unique_names
from backends.errors import BackendError, UnreadableFile, UnusableVectors
from backends.reporting import SILENT, Report
from backends.wording import counted

BLOCK_BYTES = 1 << 24


@dataclass(frozen=True)
class Blocks:
    """A matrix that is read piece by piece, so that it is never in memory as a whole."""

    shape: tuple[int, int]
    read: Callable[[], Iterator[NDArray[Any]]]  # (b, d) each, any real dtype


def blocks_of(matrix: NDArray[Any]) -> Blocks:
    """A matrix in memory as blocks. Raises: UnusableVectors if it is no table of numbers."""
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiub":
        as_matrix(matrix)
    n, d = matrix.shape
    rows = max(1, BLOCK_BYTES // max(1, 4 * d))
    return Blocks((n, d), lambda: (matrix[block] for block in batches(n, rows)))


def open_npy(path: Path) -> Source:
    """Look at a `.npy` of n rows and d columns.

    Raises: UnusableVectors, UnreadableFile if it is damaged or holds Python objects.
    """
    with formats.naming_unreadable(path), path.open("rb") as file:
        shape, order, dtype = _npy_head(path, file)
        start = file.tell()
    if dtype.hasobject:
        raise _pickled(path)
    if len(shape) != 2 or dtype.kind not in "fiub" or not all(shape):
        as_matrix(np.empty((1, 1), dtype))
        raise UnusableVectors(
            f"Vectors must be n rows of d numbers, but {path.name} has the shape {shape}.",
            hint="Save one vector a row, as a two-dimensional array.",
        )
    n, d = shape
    there = (formats.signature(path)[0] - start) // (d * dtype.itemsize)
    if there < n:
        raise UnreadableFile(
            f"{path.name} is cut off: it promises {counted(n, 'vector')} and has "
            f"{max(0, there):,}.",
            hint="Copy or download it again.",
        )
    if order:  # column by column: there is no row to read alone
        with formats.naming_unreadable(path):
            matrix = blocks_of(np.load(path, allow_pickle=False))
    else:
        matrix = Blocks((n, d), lambda: _npy_blocks(path, start, (n, d), dtype))
    return _alone(path, matrix)


def _npy_head(path: Path, file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            return np.lib.format.read_array_header_1_0(file)
        return np.lib.format.read_array_header_2_0(file)
    except (ValueError, SyntaxError, TypeError) as error:
        raise UnreadableFile(
            f"{path.name} is damaged: its first bytes do not describe an array.",
            hint="Save it again with numpy.save.",
        ) from error


def _npy_blocks(
    path: Path, start: int, shape: tuple[int, int], dtype: np.dtype[Any]
) -> Iterator[NDArray[Any]]:
    n, d = shape
    rows = max(1, BLOCK_BYTES // (d * dtype.itemsize))
    with formats.naming_unreadable(path), path.open("rb") as file:
        file.seek(start)
        for block in batches(n, rows):
            count = block.stop - block.start
            values = np.fromfile(file, dtype, count * d)
            if len(values) < count * d:
                raise UnreadableFile(
                    f"{path.name} was changed or cut off while it was read.",
                    hint="Open it again when it is complete.",
                )
            yield values.reshape(count, d)


def _pickled(path: Path) -> UnreadableFile:
    return UnreadableFile(
        f"{path.name} holds pickled Python objects, which can run programs and are never read.",
        hint="Save the vectors as numbers: numpy.save(path, array.astype('float32')).",
    )


def _alone(path: Path, matrix: Blocks, notes: list[str] | None = None) -> Source:
    """Vectors without a table: their items are called by their row."""
    import pyarrow as pa

    table = pa.table({"row": pa.array(np.arange(matrix.shape[0], dtype=np.int64))})
    return from_table(path.name, table, matrix=matrix, notes=notes or [])


def open_npz(path: Path, report: Report = SILENT) -> Source:
    """Look at a `.npz`: its largest matrix, and arrays of as many values as columns.

    Raises: UnusableVectors, UnreadableFile.
    """
    arrays: dict[str, NDArray[Any]] = {}
    pickled: list[str] = []
    with formats.naming_unreadable(path):
        try:
            with np.load(path, allow_pickle=False) as archive:
                for name in archive.files:
                    report.step(0, 0, f"Reading {path.name}")
                    try:
                        arrays[name] = archive[name]
                    except ValueError:
                        pickled.append(name)
        except (ValueError, EOFError, SyntaxError) as error:
            raise UnreadableFile(
                f"{path.name} is damaged: {str(error)[:200]}.", hint="Save it again."
            ) from error
    if not arrays and pickled:
        raise _pickled(path)
    notes = [_left_out(pickled, "they hold pickled objects")] if pickled else []
    return _from_arrays(path, arrays, notes)


def open_safetensors(path: Path, report: Report = SILENT) -> Source:
    """Look at a `.safetensors` file, as `open_npz`. Raises: UnusableVectors, UnreadableFile."""
    from backends.corpora import tensors

    with formats.naming_unreadable(path):
        formats.signature(path)
        arrays, strange = tensors.read_tensors(path, report)
    if not arrays and strange:
        raise UnusableVectors(
            f"{path.name} holds numbers of a type that numpy does not know.",
            hint="Save them as float32.",
        )
    notes = [_left_out(strange, "numpy does not know their type")] if strange else []
    return _from_arrays(path, arrays, notes)


def _left_out(names: list[str], why: str) -> str:
    return f"Left out, because {why}: {', '.join(names[:5])}{', ...' if len(names) > 5 else ''}."


def _from_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], notes: list[str]) -> Source:
    import pyarrow as pa

    matrices = {
        name: array
        for name, array in arrays.items()
        if array.ndim == 2 and array.size and array.dtype.kind in "fiub"
    }
    if not matrices:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in list(arrays.items())[:5])
        raise UnusableVectors(
            f"{path.name} has no table of n rows and d numbers ({shapes or 'it is empty'}).",
            hint="Save one vector a row, as a two-dimensional array.",
        )
    chosen = max(matrices, key=lambda name: matrices[name].size)
    if len(matrices) > 1:
        others = [name for name in matrices if name != chosen]
        notes = [*notes, f"The vectors are “{chosen}”, the largest of {len(matrices)} matrices."]
        notes.append(_left_out(others, "only one matrix can be shown"))
    matrix = blocks_of(matrices[chosen])
    n = matrix.shape[0]
    columns = {
        name: _plain_array(array)
        for name, array in arrays.items()
        if array.shape == (n,) and array.dtype.kind in "fiubUSM"
    }
    if not columns:
        return _alone(path, matrix, notes)
    names = unique_names(list(columns))[0]
    table = pa.table(dict(zip(names, columns.values(), strict=True)))
    return from_table(path.name, table, matrix=matrix, notes=notes)


def _plain_array(array: NDArray[Any]) -> Any:
    """A one-dimensional array as a plain column."""
    import pyarrow as pa

    kind = array.dtype.kind
    if kind in "US":
        cells = (
            item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
            for item in array.tolist()
        )
        return pa.array(
            [cell.encode("utf-8", "replace").decode("utf-8") for cell in cells], pa.large_string()
        )
    if kind == "M":
        return pa.array(array.astype("datetime64[us]"))
    if kind == "b":
        return pa.array(array)
    return pa.array(array.astype(np.float64 if kind == "f" else np.int64))


def attach(items: Source, matrix: Source) -> Source:
    """Vectors that came beside a table belong to its rows.

    Raises: BackendError if there are not as many vectors as items.
    """
    blocks = matrix.matrix
    assert blocks is not None
    if items.total is not None and items.total != blocks.shape[0]:
        raise unequal(items, items.total, matrix.title, blocks.shape[0])
    items.matrix = blocks
    items.notes += [f"The vectors are those of {matrix.title}.", *matrix.notes]
    return items


def unequal(items: Source, rows: int, title: str, vectors: int) -> BackendError:
    """The sentence for a table and vectors that do not belong together."""
    return BackendError(
        f"{items.title} has {counted(rows, 'item')}, but {title} has {counted(vectors, 'vector')}.",
        hint="Open them one at a time, or give one vector for each item, in the same order.",
    )
