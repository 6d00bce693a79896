"""What was dropped together: one file, several, or a folder, as one source."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from backends.corpora import formats
from backends.corpora.documents import Split, open_documents
from backends.corpora.packed import is_packed, unpack
from backends.corpora.registry import MATRICES, READERS, STREAMS, format_of_name
from backends.corpora.source import Source, join_sources
from backends.corpora.vectors import attach
from backends.errors import BackendError, UnreadableFile
from backends.reporting import Report
from backends.wording import counted

MOST_TABLES = 1_000


def open_paths(
    paths: Sequence[Path],
    split: Split | None,
    folder: Path | None,
    report: Report,
    *,
    head_only: bool = False,
) -> Source:
    """Look at everything that was given; tables come before vectors, vectors before texts.

    Raises: BackendError.
    """
    if not paths:
        raise BackendError("No file was given.", hint="Choose a file or a folder.")
    files, root = list_files(paths)
    title = paths[0].name or str(paths[0])
    if len(paths) > 1:
        title = f"{paths[0].name} and {len(paths) - 1} more"
    if len(files) == 1 and (root is None or format_of_name(files[0]) != "text"):
        return _open_file(files[0], split, folder, report, head_only=head_only)
    return _open_several(files, title, root, split, folder, report, head_only=head_only)


def list_files(paths: Sequence[Path]) -> tuple[list[Path], Path | None]:
    """The files that paths stand for, and the folder if they are one. Hidden files are skipped.

    Raises: UnreadableFile if a folder may not be listed or has nothing in it.
    """
    for path in paths:
        with formats.naming_unreadable(path):
            path.stat()  # gone, or in a folder that may not be entered
    if len(paths) == 1 and paths[0].is_dir():
        files = _walk(paths[0])
        if not files:
            raise UnreadableFile(
                f"The folder {paths[0]} has no file that can be read.", hint="Choose another one."
            )
        return files, paths[0]
    files = []
    for path in paths:
        files += _walk(path) if path.is_dir() else [path]
    return files, None


def _walk(folder: Path) -> list[Path]:
    """Files below a folder by name, without hidden ones and links to folders."""

    def fail(error: OSError) -> None:
        with formats.naming_unreadable(Path(error.filename or folder)):
            raise error

    found = []
    with formats.naming_unreadable(folder):
        for parent, folders, names in os.walk(folder, onerror=fail):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            found += [Path(parent, name) for name in sorted(names) if not name.startswith(".")]
    return [path for path in found if path.is_file()]


def _open_file(
    path: Path, split: Split | None, folder: Path | None, report: Report, *, head_only: bool
) -> Source:
    if not is_packed(path):
        return _open_plain(path, split, folder, report, head_only=head_only)
    if folder is not None:
        inner, _ = unpack(path, folder, report)
        source = _open_plain(inner, split, folder, report, head_only=head_only)
    else:  # nobody reads on
        with tempfile.TemporaryDirectory(prefix="embedscope-") as passing:
            inner, whole = unpack(path, Path(passing), report, head_only=head_only)
            source = _open_plain(inner, split, None, report, head_only=True)
        if not whole:  # nothing can be said of the rest, nor of how many vectors there are
            source.total = None
            source.notes = source.notes if source.matrix is None else []
    source.title = path.name
    return source


def _open_plain(
    path: Path, split: Split | None, folder: Path | None, report: Report, *, head_only: bool
) -> Source:
    kind, note = formats.recognise(path)
    opener = READERS[kind].load()
    if kind == "text":
        source: Source = opener([path], path.name, split)
    elif kind == "csv":
        source = opener(path, folder)
    elif kind == "json" or kind in STREAMS:
        source = opener(path, report, head_only=head_only)
    elif kind == "npy":
        source = opener(path)
    else:
        source = opener(path, report)
    if note:
        source.notes.insert(0, note)
    return source


def _open_several(
    files: list[Path],
    title: str,
    root: Path | None,
    split: Split | None,
    folder: Path | None,
    report: Report,
    *,
    head_only: bool,
) -> Source:
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        kinds[_kind(path)].append(path)
    tables = _largest({k: v for k, v in kinds.items() if k in ("csv", "json", *_TYPED)})
    matrices = sorted((p for k in MATRICES for p in kinds.get(k, [])), key=_size, reverse=True)
    streams = [path for kind in STREAMS for path in kinds.get(kind, [])]
    used: list[Path]
    if tables:
        source = _open_tables(tables, title, folder, report)
        used = [*tables, *matrices[:1]]
        if matrices:
            source = attach(source, _open_file(matrices[0], None, None, report, head_only=True))
    elif matrices or streams:
        used = (matrices or streams)[:1]
        source = _open_file(used[0], None, folder, report, head_only=head_only)
    elif kinds.get("text"):
        used = kinds["text"]
        source = open_documents(used, title, split or "file", root)
    else:
        raise UnreadableFile(f"{title} has no file that can be read here.", hint=formats.KNOWN)
    taken = set(used)
    left = [path.name for path in files if path not in taken]
    if left:
        shown = ", ".join(left[:3]) + (", ..." if len(left) > 3 else "")
        others = counted(len(left), "other file was", "other files were")
        source.notes.append(f"{others} left out: {shown}.")
    return source


_TYPED = ("parquet", "arrow", "xlsx")


def _kind(path: Path) -> str:
    """By name, and by content where the name says nothing; "other" for what cannot be read."""
    claimed = format_of_name(path)
    if claimed is None and path.suffix.lower() == ".gz":
        inner = format_of_name(Path(path.stem))
        return inner if inner in ("csv", "json", "words") else "other"
    if claimed is not None and claimed != "word2vec":
        return claimed
    try:
        return formats.recognise(path)[0]
    except UnreadableFile:
        return "other"


def _size(path: Path) -> int:
    return formats.signature(path)[0]


def _largest(kinds: dict[str, list[Path]]) -> list[Path]:
    """The tables of the format that has the most bytes: a recipe.json beside a csv is no table."""
    return max(kinds.values(), key=lambda paths: sum(map(_size, paths)), default=[])


def _open_tables(paths: list[Path], title: str, folder: Path | None, report: Report) -> Source:
    if len(paths) > MOST_TABLES:
        raise BackendError(
            f"{title} has {len(paths):,} tables; at most {MOST_TABLES:,} can be opened together.",
            hint="Bring them together in one file first.",
        )
    sources = []
    for place, path in enumerate(paths):
        report.step(place, len(paths), f"Looking at {path.name}")
        own = folder / str(place) if folder else None
        if own:
            own.mkdir(exist_ok=True)
        sources.append(_open_file(path, None, own, report, head_only=False))
    return sources[0] if len(sources) == 1 else join_sources(paths, sources, title)
