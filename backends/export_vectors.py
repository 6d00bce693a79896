"""All vectors of a corpus to one file, in the form that they came in, with a recipe beside it.

`NAME.bin` and `NAME.txt` are word vectors as word2vec and GloVe write them, `NAME.npy` and
`NAME.npz` arrays, `NAME.parquet` (.csv, .jsonl) the table with a column of vectors. Beside it lies
`NAME.recipe.json`. Both appear together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from backends.arrays import Matrix, Rows, batches, usable_rows
from backends.errors import BackendError, UnwritableFile
from backends.export import ExportRequest, TargetExists, export, write_vectors
from backends.files import replacing_together
from backends.recipe import build_recipe
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

if TYPE_CHECKING:
    import pyarrow as pa

    from backends.export_tables import Format

BLOCK_ROWS = 1 << 12
PRECISE = 9  # digits that tell every float32 from its neighbours
HEAD_BYTES = 1 << 10
PACKED = ".gz"


@dataclass(frozen=True, slots=True)
class VectorForm:
    """A form of file."""

    id: str
    title: str
    suffix: str  # of the files, with the dot
    about: str
    words: bool = False  # whether every vector is called by a word without blanks
    header: bool = False  # of text: whether the first line says "n d"


FORMS: dict[str, VectorForm] = {
    form.id: form
    for form in (
        VectorForm("word2vec", "word2vec binary", ".bin", "Words and float32", words=True),
        VectorForm(
            "word2vec-text", "word2vec text", ".vec", "“n d”, then a word a line", True, True
        ),
        VectorForm("glove", "GloVe text", ".txt", "A word and its numbers a line", words=True),
        VectorForm("npy", "numpy array", ".npy", "The vectors alone, in the order of the items"),
        VectorForm("npz", "numpy archive", ".npz", "The vectors, and the column that names them"),
        VectorForm("parquet", "Parquet table", ".parquet", "All columns and the vectors"),
        VectorForm("csv", "CSV table", ".csv", "All columns and the vectors, as text"),
        VectorForm("jsonl", "JSON lines", ".jsonl", "All columns and the vectors, an item a line"),
    )
}
TABLES = ("parquet", "csv", "jsonl")


def form_of_source(corpus: Corpus) -> VectorForm:
    """The form that the vectors of a corpus came in; an array where they came in none of these."""
    for path in corpus.sources:
        found = _format_of(path)
        if found == "text" and corpus.vectors is not None:
            found = "words"  # of a packed file, whose name alone is looked at
        if found == "words":
            return FORMS["word2vec-text" if _has_header(path) else "glove"]
        if found == "word2vec":
            return FORMS["word2vec"]
        if found in ("npy", "npz", "safetensors"):
            return FORMS["npz" if found == "npz" else "npy"]
        if corpus.roles.vectors is not None:
            known = {"csv": "csv", "json": "jsonl"}
            return FORMS[known.get(found, "parquet")]
    return FORMS["npy"]


def _format_of(path: Path) -> str:
    """What a file is; of one that is packed or gone, what its name says."""
    from backends.corpora import formats

    if path.suffix.lower() == PACKED:
        return formats.suffix_format(path.with_suffix("")) or ""
    try:
        return formats.recognise(path)[0]
    except BackendError:
        return formats.suffix_format(path) or ""


def form_of_name(path: Path, corpus: Corpus) -> VectorForm:
    """The form that a file's ending asks for; of text and word vectors, the one they came in.

    Raises: UnwritableFile for an ending that stands for none.
    """
    own, suffix = form_of_source(corpus), path.suffix.lower()
    if suffix == own.suffix:
        return own
    if suffix in (".txt", ".glove"):
        return FORMS["word2vec-text" if own.id == "word2vec-text" else "glove"]
    for form in FORMS.values():
        if suffix == form.suffix:
            return form
    endings = ", ".join(form.suffix for form in FORMS.values())
    raise UnwritableFile(
        f"{path.name} does not say in which form the vectors should be written.",
        hint=f"End the name with one of {endings}.",
    )


def paths_of(path: Path) -> tuple[Path, Path]:
    """The file and the recipe beside it."""
    return path, path.with_name(f"{path.stem}.recipe.json")


def export_vectors(
    corpus: Corpus,
    embeddings: Embeddings,
    path: Path,
    form: VectorForm,
    report: Report = SILENT,
    *,
    column: str | None = None,
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write the vectors of all items and the recipe; return the files.

    `column` names the words; the text or the id if None. Word vectors have no line for an item
    without a vector (the recipe says how many are left out); arrays have zeros there.

    Raises: TargetExists; UnwritableFile, also if the target is a source of the corpus; BackendError
    if words are missing or hold blanks that the form cannot keep; Cancelled.
    """
    _refuse_sources(corpus, paths_of(path))
    if form.id in TABLES:
        rows = np.arange(len(corpus), dtype=np.int64)
        kind = cast("Format", form.id)
        request = ExportRequest(corpus, rows, path, kind, "column", embeddings, overwrite=overwrite)
        return export(request, report).paths
    there = tuple(file for file in paths_of(path) if file.exists())
    if there and not overwrite:
        raise TargetExists(there)
    write = _writer(corpus, embeddings, form, column)
    with replacing_together(paths_of(path)) as (draft, beside):
        with draft.open("wb") as file:
            write(file, report)
        beside.write_text(_recipe(corpus, embeddings, path, form), encoding="utf-8")
        report.check()
    return paths_of(path)


def write_word2vec(
    file: BinaryIO, words: pa.ChunkedArray, vectors: Matrix, rows: Rows, report: Report = SILENT
) -> None:
    """word2vec's binary form: "n d", then each word, a space, d float32, a line end.

    The words are those of `rows`, in their order. Raises: BackendError, OSError, Cancelled.
    """
    file.write(f"{len(rows)} {vectors.shape[1]}\n".encode())
    for texts, block in _named_blocks(words, vectors, rows, report, blanks=False):
        numbers = np.ascontiguousarray(block, "<f4")
        file.write(
            b"".join(
                text + b" " + row.tobytes() + b"\n"
                for text, row in zip(texts, numbers, strict=True)
            )
        )


def write_word_lines(
    file: BinaryIO,
    words: pa.ChunkedArray,
    vectors: Matrix,
    rows: Rows,
    report: Report = SILENT,
    *,
    header: bool,
) -> None:
    """A word and its numbers a line, under "n d" if `header`; numbers keep all their digits.

    Raises: BackendError, OSError, Cancelled.
    """
    if header:
        file.write(f"{len(rows)} {vectors.shape[1]}\n".encode())
    line = " ".join([f"%.{PRECISE}g"] * vectors.shape[1])
    for texts, block in _named_blocks(words, vectors, rows, report, blanks=True):
        for text, numbers in zip(texts, block.tolist(), strict=True):
            file.write(text + b" " + (line % tuple(numbers)).encode() + b"\n")


def _named_blocks(
    words: pa.ChunkedArray, vectors: Matrix, rows: Rows, report: Report, *, blanks: bool
) -> Iterator[tuple[list[bytes], Matrix]]:
    """Words and vectors of ascending rows, block by block."""
    for block in batches(len(rows), BLOCK_ROWS):
        report.step(block.start, len(rows), f"Writing {block.stop:,} of {len(rows):,} vectors")
        some = rows[block]
        first = int(some[0])
        there = words.slice(first, int(some[-1]) - first + 1).to_pylist()
        texts = [_word(there[row - first], row, blanks=blanks) for row in some.tolist()]
        yield texts, np.asarray(vectors[some], dtype=np.float32)


def _word(value: str | None, row: int, *, blanks: bool) -> bytes:
    """A word as these forms can hold it: text allows single blanks within. Raises: BackendError."""
    word = (value or "").encode("utf-8")
    parts = word.split()
    if not parts or b" ".join(parts) != word or (len(parts) > 1 and not blanks):
        shown = " ".join((value or "").split())[:60]
        raise BackendError(
            f"Item {row:,} is called “{shown}”, which this form cannot hold as a word.",
            hint="Write an array or a table instead, or choose a column of single words.",
        )
    return word


def _writer(
    corpus: Corpus, embeddings: Embeddings, form: VectorForm, column: str | None
) -> Callable[[BinaryIO, Report], None]:
    vectors = embeddings.vectors
    if form.id == "npy":
        everything = np.arange(len(corpus), dtype=np.int64)
        return lambda file, report: write_vectors(file, vectors, everything, report)
    name = column or corpus.roles.text or corpus.roles.id
    if form.id == "npz":
        return lambda file, report: _write_npz(file, corpus, embeddings, name, report)
    if name is None:
        raise BackendError(
            "No column names the vectors, so they cannot be written as word vectors.",
            hint="Choose the column with the words, or write an array.",
        )
    words, rows = _words(corpus, name), np.flatnonzero(embeddings.present & usable_rows(vectors))
    if form.id == "word2vec":
        return lambda file, report: write_word2vec(file, words, vectors, rows, report)
    return lambda file, report: write_word_lines(
        file, words, vectors, rows, report, header=form.header
    )


def _words(corpus: Corpus, name: str) -> pa.ChunkedArray:
    import pyarrow as pa

    from backends.corpora.columns import values_of

    found: pa.ChunkedArray = values_of(corpus, name)
    return found.cast(pa.large_string())


def _write_npz(
    file: BinaryIO, corpus: Corpus, embeddings: Embeddings, name: str | None, report: Report
) -> None:
    """Arrays `vectors` (n, d) and, where a column names them, that column as text."""
    report.step(0, 1, "Writing the archive")
    arrays: dict[str, Any] = {"vectors": embeddings.vectors}
    if name is not None:
        column = "words" if name == "vectors" else name
        arrays[column] = np.array([text or "" for text in _words(corpus, name).to_pylist()])
    np.savez(file, allow_pickle=False, **arrays)


def _recipe(corpus: Corpus, embeddings: Embeddings, path: Path, form: VectorForm) -> str:
    rows = np.arange(len(corpus), dtype=np.int64)
    left_out = len(corpus) - embeddings.count if form.words else 0
    extra = {"export": {"files": [path.name], "format": form.id, "left_out": left_out}}
    recipe = build_recipe(corpus, rows, embeddings=embeddings, extra=extra)
    return json.dumps(recipe, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _refuse_sources(corpus: Corpus, paths: tuple[Path, ...]) -> None:
    """Never write over the file that the items come from."""
    sources = {source.resolve() for source in corpus.sources}
    for path in paths:
        if path.resolve() in sources:
            raise UnwritableFile(
                f"{path} is the file that the items were read from.",
                hint="Choose another name, so that the original stays as it is.",
            )


def _has_header(path: Path) -> bool:
    """Whether a file of word vectors begins with "n d"."""
    import gzip
    import zlib

    packed = path.suffix.lower() == PACKED
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            first = file.readline(HEAD_BYTES).split()
    except (OSError, EOFError, zlib.error):
        return False
    return len(first) == 2 and all(part.isdigit() for part in first)
