"""Reading what the words of a command name: a corpus with its roles, or finished vectors."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.cli.output import clip
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Corpus, Embeddings

if TYPE_CHECKING:
    from backends.embed import EmbedStats

DEFAULT_ENCODER = "minilm"
Say = Callable[[str], None]  # writes one line on stderr


def read(words: Namespace, report: Report, say: Say) -> Corpus:
    """Read the files, with the columns that the words name or that are safe to guess.

    Raises: BackendError.
    """
    from backends.corpora.reading import ReadOptions, inspect, read_corpus

    preview = inspect(words.files, report)
    options = ReadOptions(
        text=getattr(words, "text", None),
        vectors=getattr(words, "vectors", None),
        split=words.split,
    )
    if preview.question == "split" and options.split is None:
        say("note: Each line is taken as one item; --split paragraph or file takes more.")
        options = replace(options, split="line")
    corpus = read_corpus(words.files, options, report)
    say_notes(corpus.notes, say)
    return corpus


def needs_column(words: Namespace, report: Report) -> None:
    """Refuse to guess the text or the vectors where a guess is unsafe.

    Raises: BackendError if the files do not say which column is meant and the words do not either.
    """
    from backends.corpora.reading import inspect

    if getattr(words, "text", None) or getattr(words, "vectors", None):
        return
    preview = inspect(words.files, report)
    if preview.question == "roles":
        names = ", ".join(column.name for column in preview.columns)
        raise BackendError(
            f"{preview.title} does not say which column holds the text.",
            hint=f"Name it with --text: {clip(names, 300)}.",
        )


def finished_vectors(corpus: Corpus) -> Embeddings:
    """Vectors that came with the source.

    Raises: BackendError if there are none.
    """
    if corpus.vectors is None:
        raise BackendError(
            f"{corpus.title} has no vectors.",
            hint="Make them with `embedscope embed`, or name their column with --vectors.",
        )
    return corpus.vectors


def vectors_of(
    corpus: Corpus, words: Namespace, report: Report, say: Say
) -> tuple[Embeddings, EmbedStats | None]:
    """Vectors of a corpus: finished ones, unless a text column or an encoder is named; else made.

    Raises: BackendError.
    """
    from backends.embed import EmbedRequest, embed, last_stats

    wants_text = bool(getattr(words, "text", None) or words.encoder)
    if corpus.vectors is not None and not wants_text:
        return corpus.vectors, None
    if corpus.roles.text is None:
        raise BackendError(
            f"{corpus.title} has no column that looks like text.",
            hint=f"Name one with --text: {clip(', '.join(corpus.columns), 300)}.",
        )
    request = EmbedRequest(corpus, words.encoder or DEFAULT_ENCODER, corpus.roles.text)
    embeddings = embed(request, report)
    say_notes(embeddings.notes, say)
    return embeddings, last_stats(embeddings.fingerprint)


def say_notes(notes: tuple[str, ...], say: Say) -> None:
    """Say what was left out or changed on the way."""
    for note in notes:
        say(f"note: {note}")
