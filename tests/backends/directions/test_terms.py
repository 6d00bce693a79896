"""Terms get vectors, in the spellings that word vectors use; what has none is named."""

from __future__ import annotations

import numpy as np
import pytest

from backends.directions.terms import (
    NO_VECTOR,
    TWICE,
    UNKNOWN,
    UNKNOWN_WORDS,
    Encoded,
    Lost,
    Vocabulary,
    once,
    spellings,
    term_source,
)
from backends.embed import EmbedRequest, embed, encode_query
from backends.errors import BackendError
from backends.types import Corpus, Embeddings, Roles
from tests import builders

WORDS = ["the", "he", "new_york", "Mary", "USA", "vice-president", "empty", "he"]


def words_of(words: list[str], dim: int = 3) -> tuple[Corpus, Embeddings]:
    corpus = builders.corpus(columns={"word": words}, roles=Roles(text="word"))
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(len(words), dim)).astype(np.float32)
    vectors[words.index("empty")] = 0
    made = builders.embeddings(corpus, dim)
    present = vectors.any(axis=1)
    return corpus, Embeddings(vectors, present, "file", "words", made.made_by)


def test_terms_are_found_in_other_spellings_and_nothing_is_dropped_in_silence() -> None:
    corpus, embeddings = words_of(WORDS)
    asked = ["He", "New York", "mary", "usa", "Vice President", "he", "He", "empty", "xyz", " "]
    found = Vocabulary(corpus, embeddings, "word").look_up(asked)
    assert found.asked == ("He", "New York", "mary", "usa", "Vice President", "he")
    assert found.rows.tolist() == [1, 2, 3, 4, 5, 1]
    assert found.spelled == {
        "He": "he",
        "New York": "new_york",
        "mary": "Mary",
        "usa": "USA",
        "Vice President": "vice-president",
    }
    assert set(found.lost) == {Lost("He", TWICE), Lost("empty", NO_VECTOR), Lost("xyz", UNKNOWN)}
    assert np.array_equal(found.vectors, embeddings.vectors[found.rows])
    assert np.linalg.norm(found.units, axis=1) == pytest.approx(np.ones(6))


def test_the_spelling_as_given_comes_first() -> None:
    assert spellings("new york")[:2] == ("new york", "New york")
    corpus, embeddings = words_of(["US", "us", "empty"])
    source = Vocabulary(corpus, embeddings, "word")
    assert source.look_up(["us", "US"]).rows.tolist() == [1, 0]
    assert source.look_up(["Us"]).spelled == {"Us": "us"}


def test_no_terms_are_no_vectors() -> None:
    corpus, embeddings = words_of(WORDS)
    found = Vocabulary(corpus, embeddings, "word").look_up([])
    assert found.vectors.shape == (0, 3)
    assert len(found) == 0


def test_an_encoder_takes_the_mean_over_the_templates() -> None:
    corpus = builders.corpus(30)
    embeddings = embed(EmbedRequest(corpus, "lexical"))
    source = term_source(corpus, embeddings, ("{w}", "the {w} and rope"))
    assert isinstance(source, Encoded)
    found = source.look_up(["tide", "zzzz"])
    each = [encode_query(corpus, embeddings, text) for text in ("tide", "the tide and rope")]
    assert found.vectors[0] == pytest.approx(np.mean(each, axis=0), abs=1e-6)
    assert found.rows.tolist() == [-1] * len(found)


def test_a_word_that_changes_nothing_in_its_templates_is_not_known() -> None:
    corpus = builders.corpus(30)
    embeddings = embed(EmbedRequest(corpus, "lexical"))
    found = Encoded(corpus, embeddings, ("tide and {w}",)).look_up(["salt", "zzzz"])
    assert found.asked == ("salt",)
    assert found.lost == (Lost("zzzz", UNKNOWN_WORDS),)
    assert Encoded(corpus, embeddings, ("{w}",)).look_up([]).vectors.shape == (0, embeddings.dim)


def test_templates_need_a_place_for_the_word() -> None:
    corpus = builders.corpus(30)
    embeddings = embed(EmbedRequest(corpus, "lexical"))
    with pytest.raises(BackendError, match="no place for the word"):
        term_source(corpus, embeddings, ("This is a word.",))
    with pytest.raises(BackendError, match="no template"):
        term_source(corpus, embeddings, ())


def test_a_named_column_comes_before_the_encoder_and_no_column_is_said() -> None:
    corpus = builders.corpus(30)
    embeddings = embed(EmbedRequest(corpus, "lexical"))
    assert isinstance(term_source(corpus, embeddings, column="text"), Vocabulary)
    nameless = builders.corpus(30, columns={"year": list(range(30))}, roles=Roles())
    with pytest.raises(BackendError, match="no column names them"):
        term_source(
            nameless,
            builders.embeddings(nameless).__class__(
                embeddings.vectors, embeddings.present, "file", "t", nameless.made_by
            ),
        )


def test_once_keeps_an_item_once_and_says_which_spelling_it_left_out() -> None:
    corpus, embeddings = words_of(WORDS)
    found = once(Vocabulary(corpus, embeddings, "word").look_up(["He", "the", "he", "HE", "xyz"]))
    assert found.asked == ("He", "the")
    assert found.rows.tolist() == [1, 0]
    assert found.vectors.tolist() == embeddings.vectors[[1, 0]].tolist()
    assert found.spelled == {"He": "he"}
    assert found.lost == (
        Lost("xyz", UNKNOWN),
        Lost("he", "the same item as “He”"),
        Lost("HE", "the same item as “He”"),
    )
