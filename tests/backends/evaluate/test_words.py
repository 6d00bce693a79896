"""One score a file: published values, gain over chance, and whole runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.corpora.reading import ReadOptions, read_corpus
from backends.directions.base import Space
from backends.directions.terms import term_source
from backends.errors import BackendError, UnreadableFile
from backends.evaluate.analogies import AnalogyScore
from backends.evaluate.files import SimilarityFile
from backends.evaluate.words import WordOptions, WordScore, word_scores
from backends.reporting import Report
from tests.backends.evaluate.spaces import random_space, space_of
from tests.google_news import VECTORS, path_of


@pytest.fixture(scope="module")
def news() -> Space:
    corpus = read_corpus((path_of(VECTORS),), ReadOptions())
    assert corpus.vectors is not None
    return Space(corpus, corpus.vectors, term_source(corpus, corpus.vectors))


# Lines with an unknown word are left out, and case does not count: the shares say so.
PUBLISHED = [
    ("MEN_dataset_natural_form_full.tsv", 0.782, 15.1),
    ("wordsim353.tsv", 0.688, 9.9),
    ("MTURK-771.tsv", 0.674, 1.6),
    ("SimLex-999.tsv", 0.444, 1.7),
    ("rw.tsv", 0.655, 77.4),
    ("TermRelatednessResults.tsv", 0.676, 89.7),
]


@pytest.mark.parametrize(("name", "rho", "unknown"), PUBLISHED)
def test_published_similarity(news: Space, name: str, rho: float, unknown: float) -> None:
    (found,) = word_scores(news, [path_of(f"benchmark/{name}")])
    assert found.kind == "similarity"
    assert found.score == pytest.approx(rho, abs=1e-3)
    assert 100 * found.lost_share == pytest.approx(unknown, abs=0.06)
    assert found.low < found.score < found.high
    assert abs(found.random) < 0.1


@pytest.mark.parametrize(
    ("name", "accuracy", "n"),
    [("questions-words.txt", 0.729, 8740), ("MSR-syntax.txt", 0.75, 5276)],
)
def test_published_analogies(news: Space, name: str, accuracy: float, n: int) -> None:
    (found,) = word_scores(news, [path_of(f"benchmark/{name}")])
    assert isinstance(found.detail, AnalogyScore)
    assert found.kind == "analogies"
    assert found.score == pytest.approx(accuracy, abs=1e-3)
    assert found.n == n
    assert found.random < 0.01
    # Nissim et al. 2020: left to themselves the vectors mostly give the question back.
    assert found.detail.total.add_free < 0.2
    assert found.detail.echoed > 0.8
    assert sum(section.n for section in found.detail.sections) == n


def test_random_vectors_gain_nothing_and_the_reference_everything() -> None:
    words = [f"w{i}" for i in range(400)]
    rng = np.random.default_rng(0)
    pairs = tuple((words[i], words[(7 * i + 3) % 400]) for i in range(400))
    space = random_space(words, 12, 1)
    units = space.embeddings.vectors / np.linalg.norm(space.embeddings.vectors, axis=1)[:, None]
    people = tuple(
        float(units[words.index(a)] @ units[words.index(b)] + rng.normal(scale=0.2))
        for a, b in pairs
    )
    file = SimilarityFile("planted", "", pairs, people)
    (good,), (chance,) = (word_scores(each, [file]) for each in (space, random_space(words, 12, 2)))
    assert good.score > 0.6
    assert good.gain_ratio(good) == pytest.approx(100)
    assert abs(chance.gain_ratio(good)) < 15
    assert np.isnan(good.gain_ratio(_like(good, good.random)))
    # (p - p_rand) / (p_ref - p_rand) by hand
    assert _like(good, 0.5).gain_ratio(good) == pytest.approx(
        100 * (0.5 - good.random) / (good.score - good.random)
    )


def _like(score: WordScore, value: float) -> WordScore:
    from dataclasses import replace

    return replace(score, score=value)


def test_several_files_in_their_order(tmp_path: Path) -> None:
    pairs, questions = tmp_path / "pairs.txt", tmp_path / "questions.txt"
    pairs.write_text("man\tking\t1\nman\twoman\t9\nking\tqueen\t8\nking\tunicorn\t3\n", "utf-8")
    questions.write_text(": royal\nman woman king queen\n", "utf-8")
    space = space_of(
        {"man": [1, 0, 0], "woman": [1, 0, 0.5], "king": [0, 1, 0], "queen": [0, 1, 0.5]}
    )
    shares: list[float] = []
    report = Report(lambda progress: shares.append(progress.share))
    one, two = word_scores(space, [questions, pairs], report)
    assert (one.title, one.kind, one.score, one.n) == ("questions.txt", "analogies", 1, 1)
    assert (two.title, two.kind, two.n, two.asked) == ("pairs.txt", "similarity", 3, 4)
    assert two.lost_share == 0.25
    assert "case are the same" in two.how
    assert "first 4 items may answer" in one.how
    known = [share for share in shares if share >= 0]
    assert known == sorted(known)
    (quick,) = word_scores(space, [pairs], options=WordOptions(chance=False))
    assert np.isnan(quick.random)
    assert quick.score == two.score


def test_what_cannot_be_judged_says_so(tmp_path: Path) -> None:
    space = random_space(["a", "b"])
    bad = tmp_path / "bad.txt"
    bad.write_text("a\tb\t1\na\tb\n", "utf-8")
    with pytest.raises(UnreadableFile, match="Line 2"):
        word_scores(space, [bad])
    with pytest.raises(BackendError, match="no way to treat case"):
        word_scores(space, [], options=WordOptions(case="loud"))  # type: ignore[arg-type]
    with pytest.raises(BackendError, match="No item may answer"):
        word_scores(space, [], options=WordOptions(restrict=0))
    assert word_scores(space, []) == ()
    unknown = SimilarityFile("strange", "", (("x", "y"),), (1.0,))
    (found,) = word_scores(space, [unknown])
    assert (found.n, found.lost_share) == (0, 1)
    assert np.isnan(found.score)
