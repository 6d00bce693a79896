"""Words into directions: tiny corpora, queries after a restart, what cannot be learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.encoders.lexical import LexicalEncoder
from backends.errors import BackendError

TEXTS = [
    "red apples and green apples",
    "green pears and red apples",
    "fast cars on wet roads",
    "slow cars on dry roads",
]


def test_texts_that_share_words_are_near() -> None:
    fitted = LexicalEncoder().fit(TEXTS)
    vectors = unit_rows(fitted.encode(TEXTS, "passage", "fp32"))
    similarity = vectors @ vectors.T
    assert similarity[0, 1] > 0.3 > similarity[0, 2]
    assert similarity[2, 3] > 0.3 > similarity[1, 3]


def test_the_directions_are_those_of_the_exact_decomposition() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    fitted = LexicalEncoder().fit(TEXTS)
    ours = fitted.encode(TEXTS, "passage", "fp32")
    weights = TfidfVectorizer(
        token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2), sublinear_tf=True
    ).fit_transform(TEXTS)
    np.testing.assert_allclose(ours @ ours.T, (weights @ weights.T).toarray(), atol=1e-4)


@pytest.mark.parametrize(
    "texts",
    [["one"], ["one", "two"], ["same same"] * 5, ["the", "of the", "and of"], ["a"], ["日本"]],
)
def test_tiny_corpora_have_a_direction_a_text(texts: list[str]) -> None:
    fitted = LexicalEncoder().fit(texts)
    vectors = fitted.encode(texts, "passage", "fp32")
    assert vectors.shape == (len(texts), fitted.dim)
    assert fitted.dim >= 2
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("texts", [[], ["?!"], ["...", "-"]])
def test_no_words_is_said(texts: list[str]) -> None:
    with pytest.raises(BackendError, match="no words"):
        LexicalEncoder().fit(texts)


def test_what_was_learnt_is_read_back_the_same(tmp_path: Path) -> None:
    encoder = LexicalEncoder()
    fitted = encoder.fit(TEXTS)
    fitted.save(tmp_path)
    again = encoder.open(tmp_path)
    assert again.fingerprint == fitted.fingerprint
    queries = ["green apples", "unknown"]
    ours, theirs = (one.encode(queries, "query", "fp32") for one in (again, fitted))
    np.testing.assert_array_equal(ours, theirs)
    assert not ours[1].any()


def test_a_lost_state_says_what_to_do(tmp_path: Path) -> None:
    LexicalEncoder().fit(TEXTS).save(tmp_path)
    (tmp_path / "terms.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(BackendError, match="no longer") as caught:
        LexicalEncoder().open(tmp_path)
    assert "again" in caught.value.hint


def test_the_same_corpus_teaches_the_same() -> None:
    assert LexicalEncoder().fit(TEXTS).fingerprint == LexicalEncoder().fit(TEXTS).fingerprint


def test_words_of_almost_every_text_say_nothing() -> None:
    texts = [f"the word number {row % 7} of {row % 11}" for row in range(200)]
    fitted = LexicalEncoder().fit(texts)
    assert not fitted.encode(["the word number of"], "query", "fp32").any()
    assert fitted.encode(["number 3"], "query", "fp32").any()


def test_many_texts_that_are_all_alike_still_have_a_direction() -> None:
    fitted = LexicalEncoder().fit(["all the same"] * 150)
    assert fitted.encode(["the same"], "query", "fp32").any()
