"""Readers: which function opens which format. A new format is a new row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from backends.corpora.formats import SUFFIXES
from backends.registry import Spec


def _delimited() -> Callable[..., Any]:
    from backends.corpora.delimited import open_delimited

    return open_delimited


def _json() -> Callable[..., Any]:
    from backends.corpora.tables import open_json

    return open_json


def _parquet() -> Callable[..., Any]:
    from backends.corpora.tables import open_parquet

    return open_parquet


def _arrow() -> Callable[..., Any]:
    from backends.corpora.tables import open_arrow

    return open_arrow


def _xlsx() -> Callable[..., Any]:
    from backends.corpora.excel import open_xlsx

    return open_xlsx


def _npy() -> Callable[..., Any]:
    from backends.corpora.vectors import open_npy

    return open_npy


def _npz() -> Callable[..., Any]:
    from backends.corpora.vectors import open_npz

    return open_npz


def _safetensors() -> Callable[..., Any]:
    from backends.corpora.vectors import open_safetensors

    return open_safetensors


def _words() -> Callable[..., Any]:
    from backends.corpora.words import open_words

    return open_words


def _word2vec() -> Callable[..., Any]:
    from backends.corpora.words import open_word2vec

    return open_word2vec


def _documents() -> Callable[..., Any]:
    from backends.corpora.documents import open_documents

    return open_documents


READERS = {
    spec.id: spec
    for spec in (
        Spec("csv", "Text tables", load=_delimited, about="csv, tsv and others with a separator"),
        Spec("json", "JSON", load=_json, about="jsonl, or json: objects or columns"),
        Spec("parquet", "Parquet", load=_parquet),
        Spec("arrow", "Arrow", load=_arrow, about="arrow, feather, ipc"),
        Spec("xlsx", "Excel", load=_xlsx, needs=(("openpyxl", "openpyxl"),)),
        Spec("text", "Texts", load=_documents, about="txt, md and folders of them"),
        Spec("npy", "numpy arrays", load=_npy),
        Spec("npz", "numpy archives", load=_npz),
        Spec("safetensors", "safetensors", load=_safetensors),
        Spec("words", "Word vectors", load=_words, about="GloVe, word2vec text, fastText .vec"),
        Spec("word2vec", "word2vec binary", load=_word2vec),
    )
}
MATRICES = ("npy", "npz", "safetensors")
STREAMS = ("words", "word2vec")  # read whole, so a look at them stops early


def suffixes() -> tuple[str, ...]:
    """Endings of the files that can be read, for a file dialog."""
    return tuple(SUFFIXES)


def format_of_name(path: Path) -> str | None:
    """The format that a file's name claims, or None."""
    return SUFFIXES.get(path.suffix.lower())
