"""The door: look at what a person gave, read it into a corpus, keep what was pasted.

Reading goes once through the source into the cache; the corpus is mapped from there. A source that
has not changed since (size and time of every file) is not read again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backends import cache, fingerprint
from backends.arrays import frozen
from backends.corpora import at_rest, dialects, formats, importing
from backends.corpora.cells import cell_text, cells_of
from backends.corpora.documents import Split
from backends.corpora.gathering import list_files, open_paths
from backends.corpora.roles import (
    Guess,
    Question,
    choose_roles,
    guess_roles,
    matrix_name,
    unequal_notes,
)
from backends.corpora.source import Source
from backends.errors import BackendError, UnreadableFile
from backends.files import naming_failure, replacing
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings, MadeBy, Roles
from backends.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

PREVIEW_ROWS = 20
SCHEMA = 1  # of what is remembered about a source; a new number reads everything again
SETTLED_NS = 2_000_000_000  # a file changed within two seconds may change again unseen


@dataclass(frozen=True)
class ReadOptions:
    """What a person has chosen; None leaves it to a guess."""

    text: str | None = None
    vectors: str | None = None
    id: str | None = None
    split: Split | None = None  # of a text: an item a line, a paragraph or a file


@dataclass(frozen=True)
class Column:
    """A column as a preview shows it."""

    name: str
    type: str  # "text", "number", "date", "boolean", "vector (384)" or "other"
    role: str | None  # "text", "vectors", "id": a guess


@dataclass(frozen=True)
class Preview:
    """The first rows of a source and what it was taken for."""

    paths: tuple[Path, ...]
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]  # the first 20, as a table shows them
    guess: Roles
    question: Question | None  # what a person had better be asked
    total: int | None  # rows, where the head alone tells
    notes: tuple[str, ...]


def inspect(paths: Sequence[Path], report: Report = SILENT) -> Preview:
    """Look at the head of files or a folder. Excel, npz and safetensors are read whole.

    Raises: BackendError that says what is wrong with them, Cancelled.
    """
    report.step(0, 0, "Looking at the file")
    source = open_paths(paths, None, None, report, head_only=True)
    _refuse_empty(source, source.total)
    guess = guess_roles(source)
    source.notes += unequal_notes(source.head, guess.lengths)
    head = source.head.slice(0, PREVIEW_ROWS)
    shown = [[_shown(cell) for cell in cells_of(column)] for column in head.columns]
    if source.matrix is not None:
        shown.append([f"({counted(source.matrix.shape[1], 'number')})"] * len(head))
    return Preview(
        tuple(paths),
        source.title,
        _preview_columns(source, guess),
        tuple(zip(*shown, strict=True)),
        guess.roles,
        guess.question,
        source.total,
        tuple(source.notes),
    )


def _preview_columns(source: Source, guess: Guess) -> tuple[Column, ...]:
    # A column may be text and id at once, as words are; text is the one to show.
    roles = {name: role for role, name in reversed(asdict(guess.roles).items()) if name is not None}
    columns = [
        Column(
            field.name,
            _type_title(field.type, guess.lengths.get(field.name)),
            roles.get(field.name),
        )
        for field in source.head.schema
    ]
    if source.matrix is not None:
        title = f"vector ({source.matrix.shape[1]})"
        columns = [*columns, Column(matrix_name(source.head), title, "vectors")]
    return tuple(columns)


def _type_title(kind: pa.DataType, length: int | None) -> str:
    import pyarrow as pa

    if length is not None:
        return f"vector ({length})"
    if pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_temporal(kind):
        return "date"
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else "other"


def _shown(cell: object) -> str:
    if isinstance(cell, list):
        first = ", ".join("" if value is None else f"{value:.3g}" for value in cell[:4])
        return f"{first}, ... ({len(cell)} numbers)" if len(cell) > 4 else first
    return cell_text(cell)


def _refuse_empty(source: Source, rows: int | None) -> None:
    if rows == 0:
        names = source.head.column_names
        raise UnreadableFile(
            f"{source.title} has {'names of columns' if names else 'columns'} but no items."
            if names
            else f"{source.title} has no columns and no items.",
            hint="Choose a file that has at least one row.",
        )


def read_corpus(
    paths: Sequence[Path], options: ReadOptions = ReadOptions(), report: Report = SILENT
) -> Corpus:
    """Read files or a folder into a corpus that is mapped from the cache.

    Reports batch by batch; looking at the head, an Excel sheet and a numpy archive cannot be
    stopped in between.

    Raises: BackendError that says what is wrong with them, Cancelled.
    """
    paths = [Path(path).absolute() for path in paths]
    report.step(0, 0, "Looking at the file")
    before = _signatures(paths)
    key = fingerprint.of_json([SCHEMA, before, asdict(options)])
    started = time.time_ns()
    known = _remembered(key, paths)
    if known is not None:
        return known
    with at_rest.draft_folder() as folder:
        scratch = folder / "scratch"
        scratch.mkdir()
        source = open_paths(paths, options.split, scratch, report.span(0.0, 0.1))
        guess = guess_roles(source)
        source.notes += unequal_notes(source.head, guess.lengths)
        roles = choose_roles(
            guess,
            source,
            text=options.text,
            vectors=options.vectors,
            id_column=options.id,
        )
        kept_folder = folder / "kept"
        kept_folder.mkdir()
        column = roles.vectors if source.matrix is None else None
        kept = importing.write_source(source, column, kept_folder, report.span(0.1, 1.0))
        _refuse_empty(source, kept.rows)
        if _signatures(paths) != before:
            raise UnreadableFile(
                f"{source.title} was changed while it was read.",
                hint="Open it again when nothing writes to it any more.",
            )
        made_by = at_rest.made_by_items(kept.content)
        at_rest.keep(kept_folder, made_by.fingerprint)
    record = _record(source, roles, kept, made_by)
    if all(changed < started - SETTLED_NS for _, _, changed in before):
        _remember(key, record)
    return _corpus(record, paths)


def _signatures(paths: Sequence[Path]) -> list[list[Any]]:
    """Path, size and time of change of every file, sorted."""
    files, _ = list_files(paths)
    return [[str(path), *formats.signature(path)] for path in files]


def _record(source: Source, roles: Roles, kept: importing.Kept, made_by: MadeBy) -> dict[str, Any]:
    """Plain JSON from which the corpus is put together, now and after a restart."""
    entry = cache.entry("corpora", made_by.fingerprint)
    files = [at_rest.ITEMS]
    if kept.vectors is not None:
        files.append(importing.vectors_file(kept.vectors))
    return {
        "title": source.title,
        "roles": asdict(roles),
        "notes": list(dict.fromkeys(kept.notes)),
        "made_by": made_by.as_json(),
        "vectors": kept.vectors,
        "sizes": {name: (entry / name).stat().st_size for name in files},
    }


def _remember(key: str, record: dict[str, Any]) -> None:
    path = cache.entry("corpora", key) / "source.json"
    with replacing(path) as draft:
        draft.write_text(json.dumps(record), encoding="utf-8")


def _remembered(key: str, paths: Sequence[Path]) -> Corpus | None:
    """The corpus of an unchanged source, if everything of it is still in the cache."""
    path = cache.entry("corpora", key) / "source.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        entry = cache.entry("corpora", MadeBy.from_json(record["made_by"]).fingerprint)
        whole = all((entry / name).stat().st_size == size for name, size in record["sizes"].items())
        return _corpus(record, paths) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # gone, cut off or of another version: it is read again


def _corpus(record: dict[str, Any], paths: Sequence[Path]) -> Corpus:
    made_by = MadeBy.from_json(record["made_by"])
    entry = cache.entry("corpora", made_by.fingerprint)
    with formats.naming_unreadable(entry):
        table = at_rest.map_items(entry)
        vectors = _embeddings(record, made_by, entry) if record["vectors"] else None
    return Corpus(
        table,
        Roles(**record["roles"]),
        record["title"],
        tuple(paths),
        made_by,
        tuple(record["notes"]),
        vectors,
    )


def _embeddings(record: dict[str, Any], made_by: MadeBy, entry: Path) -> Embeddings:
    vectors = at_rest.map_vectors(entry / importing.vectors_file(record["vectors"]))
    present = np.empty(len(vectors), np.bool_)
    step = max(1, (1 << 22) // vectors.shape[1])
    for start in range(0, len(vectors), step):
        present[start : start + step] = vectors[start : start + step].any(axis=1)  # zeros: absent
    return Embeddings(
        vectors,
        frozen(present),
        "file",
        record["roles"]["vectors"],
        MadeBy("read vectors", (made_by.fingerprint, record["vectors"])),
    )


def save_pasted(text: str) -> Path:
    """Keep text from the clipboard as a file: a table if it is one, else a text.

    The same text gives the same file. It stays in the cache until that is trimmed.

    Raises: BackendError if there is nothing in it, UnwritableFile.
    """
    if not text.strip():
        raise BackendError("The clipboard has no text.", hint="Copy a table or some lines first.")
    content = text.encode("utf-8", "replace")
    lines = text.strip().split("\n")
    dialect = dialects.guess_dialect(text[: formats.HEAD_BYTES])
    prose = dialect.delimiter == "," and not _even(text, ",")
    table = len(lines) > 1 and dialect.fields > 1 and not prose
    start = text.lstrip()[:1]
    suffix = ".json" if start in ("{", "[") and _is_json(text) else ".txt"
    if suffix == ".txt" and table:
        suffix = ".tsv" if dialect.delimiter == "\t" else ".csv"
    path = cache.entry("corpora", fingerprint.of_bytes(content)) / f"{cache.PASTED}{suffix}"
    with naming_failure(path), replacing(path) as draft:
        draft.write_bytes(content)
    return path


def _even(text: str, delimiter: str) -> bool:
    """Whether all of the first rows have as many cells as the first: prose has commas, too."""
    rows = list(dialects.head_rows(text[: formats.HEAD_BYTES], delimiter, 50))
    return len({len(row) for row in rows}) == 1


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        return all(line.startswith("{") and line.rstrip().endswith("}") for line in lines)
    return True
