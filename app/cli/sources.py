"""Reading what the words of a command name: a corpus with its roles, or finished vectors."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.output import clip
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Corpus, Embeddings

if TYPE_CHECKING:
    from backends.corpora.reading import Preview
    from backends.directions.base import Space
    from backends.directions.terms import Lost
    from backends.embed import EmbedStats

DEFAULT_ENCODER = "minilm"
LOST_NAMED = 5  # terms that a note names
Say = Callable[[str], None]  # writes one line on stderr


@dataclass(frozen=True)
class Opened:
    """A corpus and what a look at its head said, which knows the types of the columns."""

    corpus: Corpus
    preview: Preview


def read(words: Namespace, report: Report, say: Say, *, guess: bool = False) -> Opened:
    """Read the files, with the columns that the words name or that are safe to guess.

    With `guess` an unsafe guess will do, because nothing is made from it.

    Raises: BackendError, also if the files do not say which column is meant and nobody else does.
    """
    from backends.corpora.reading import ReadOptions, inspect, read_corpus

    text, vectors = getattr(words, "text", None), getattr(words, "vectors", None)
    preview = inspect(words.files, report)
    if preview.question == "roles" and not (guess or text or vectors):
        names = ", ".join(column.name for column in preview.columns)
        raise BackendError(
            f"{preview.title} does not say which column is meant.",
            hint=f"Name the text with --text, or vectors with --vectors: {clip(names, 300)}.",
        )
    split = words.split
    if preview.question == "split" and split is None:
        say("note: Each line is taken as one item; --split paragraph or file takes more.")
        split = "line"
    corpus = read_corpus(words.files, ReadOptions(text, vectors, None, split), report)
    say_notes(corpus.notes, say)
    return Opened(corpus, preview)


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


def say_lost(lost: Sequence[Lost], say: Say) -> None:
    """Say in one line how many terms were left out, and name the first few; --json has all."""
    if not lost:
        return
    named = ", ".join(f"{clip(one.term, 70)} ({one.why})" for one in lost[:LOST_NAMED])
    if len(lost) == 1:
        say(f"note: Left out: {named}.")
        return
    more = f" and {len(lost) - LOST_NAMED:,} more" if len(lost) > LOST_NAMED else ""
    say(f"note: Left out, {len(lost):,}: {named}{more}.")


def say_unused(templates: Sequence[str] | None, space: Space, say: Say) -> None:
    """Say if templates were named where words are looked up."""
    from backends.directions.terms import Encoded

    if templates and not isinstance(space.terms, Encoded):
        say("note: Templates need the encoder, and here words are looked up; they are not used.")


def say_notes(notes: tuple[str, ...], say: Say) -> None:
    """Say what was left out or changed on the way."""
    for note in notes:
        say(f"note: {note}")
