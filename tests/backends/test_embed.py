"""Embedding a corpus: what it gives, what it keeps, what it says."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.cache import cache_root
from backends.embed import EmbedRequest, embed, encode_queries, encode_query, last_stats
from backends.encoders.registry import load_encoder
from backends.errors import BackendError
from backends.reporting import Cancelled, Progress, Report
from backends.types import Corpus, Embeddings
from tests.backends.encoders.tiny import LIMIT, WIDTH, WORDS, build_model, corpus_of, set_pace


def many_texts(count: int, seed: int = 0) -> list[str | None]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(1, 9))) + f" {row}" for row in range(count)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prompts = {"query": "find: ", "passage": ""}
    return build_model(tmp_path_factory.mktemp("models") / "tiny", prompts=prompts)


@pytest.fixture(autouse=True)
def pace(model: Path) -> None:
    set_pace(model)


def run(corpus: Corpus, model: Path, report: Report | None = None) -> Embeddings:
    return embed(EmbedRequest(corpus, str(model)), report or Report())


def stopping_after(batches: int) -> Report:
    """A report whose reader loses interest after so many batches."""
    stop = threading.Event()
    seen: list[Progress] = []

    def look(progress: Progress) -> None:
        if progress.text.startswith("Embedding"):
            seen.append(progress)
        if len(seen) > batches:
            stop.set()

    return Report(look, None, stop)


def test_every_text_gets_its_vector(model: Path) -> None:
    texts = many_texts(300)
    made = run(corpus_of(texts), model)
    plain = load_encoder(str(model)).encode(texts, "passage", "fp32")
    assert made.vectors.shape == (300, WIDTH)
    assert made.vectors.dtype == np.float32
    assert made.present.all()
    np.testing.assert_allclose(made.vectors, plain, atol=1e-5)
    assert not made.vectors.flags.writeable
    assert not made.present.flags.writeable
    assert (made.notes, made.encoder) == ((), str(model))


def test_equal_texts_are_encoded_once_and_empty_ones_not_at_all(model: Path) -> None:
    texts = ["the cat", None, "dog", "the cat", "", " \n", "dog", "the cat"]
    made = run(corpus_of(texts), model)
    assert made.present.tolist() == [True, False, True, True, False, False, True, True]
    for row in (3, 7):
        np.testing.assert_array_equal(made.vectors[row], made.vectors[0])
    np.testing.assert_array_equal(made.vectors[6], made.vectors[2])
    assert not made.vectors[~made.present].any()
    assert made.notes == ("3 of 8 rows have no text and so no vector.",)


def test_texts_that_are_cut_are_counted_and_said(model: Path) -> None:
    long = "the " * (LIMIT + 5)
    made = run(corpus_of(["cat", long, long, "dog"]), model)
    assert made.notes == (
        f"2 of 4 texts are longer than {LIMIT} tokens; their ends were not read.",
    )
    stats = last_stats(made.fingerprint)
    assert stats is not None
    assert (stats.rows, stats.truncated, stats.empty, stats.reused) == (4, 2, 0, 0)


def test_numbers_are_embedded_as_they_are_shown(model: Path) -> None:
    corpus = corpus_of(["cat", "7"])
    corpus = Corpus(
        corpus.table.append_column("n", [[7, 8]]), corpus.roles, "n", (), corpus.made_by
    )
    made = embed(EmbedRequest(corpus, str(model), "n"))
    expected = load_encoder(str(model)).encode(["7", "8"], "passage", "fp32")
    np.testing.assert_allclose(made.vectors, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("texts", "column", "words"),
    [
        ([], None, "no text in any row"),
        ([None, "", "  "], None, "no text in any row"),
        (["cat"], "missing", "missing"),
    ],
)
def test_nothing_to_embed_is_said(
    model: Path, texts: list[str | None], column: str | None, words: str
) -> None:
    with pytest.raises(BackendError, match=words):
        embed(EmbedRequest(corpus_of(texts), str(model), column))


def test_a_corpus_without_a_text_column_says_so(model: Path) -> None:
    with pytest.raises(BackendError, match="no text column"):
        run(corpus_of(["cat"]).with_roles(text=None), model)


def test_a_second_run_reads_the_cache_and_loads_no_model(model: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.backends.test_embed import *\n"
        f"made = run(corpus_of(many_texts(50)), Path({str(model)!r}))\n"
        "print(made.count, last_stats(made.fingerprint).reused, 'torch' in sys.modules)"
    )
    first = run(corpus_of(many_texts(50)), model)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["50", "50", "False"]
    again = run(corpus_of(many_texts(50)), model)
    assert again.fingerprint == first.fingerprint
    np.testing.assert_array_equal(again.vectors, first.vectors)


def test_a_grown_table_costs_only_what_is_new(model: Path) -> None:
    texts = many_texts(80)
    old = run(corpus_of([*texts, "the " * 50]), model)
    grown = run(corpus_of(["new one", *reversed(texts), "the " * 50, "new two", texts[3]]), model)
    stats = last_stats(grown.fingerprint)
    assert stats is not None
    assert (stats.rows, stats.reused, stats.truncated) == (84, 82, 1)
    np.testing.assert_array_equal(grown.vectors[1:81], old.vectors[:80][::-1])
    np.testing.assert_array_equal(grown.vectors[83], old.vectors[3])
    assert "1 of 84 texts is longer" in grown.notes[0]


def test_another_model_s_vectors_are_not_taken(model: Path, tmp_path: Path) -> None:
    other = build_model(tmp_path / "other", pooling="cls")
    set_pace(other)
    run(corpus_of(many_texts(20)), model)
    made = run(corpus_of(many_texts(20)), other)
    stats = last_stats(made.fingerprint)
    assert stats is not None
    assert stats.reused == 0


def test_partials_are_final_where_they_are_present(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backends.embedding_run.PARTIAL_SECONDS", 0.0)
    partials: list[Embeddings] = []
    copies: list[np.ndarray] = []

    def keep(value: object) -> None:
        assert isinstance(value, Embeddings)
        partials.append(value)
        copies.append(value.vectors[value.present].copy())

    made = run(corpus_of(many_texts(200)), model, Report(on_partial=keep))
    assert len(partials) > 5
    assert len({part.fingerprint for part in (*partials, made)}) == len(partials) + 1
    for part, copy in zip(partials, copies, strict=True):
        assert 0 < part.count <= 200
        assert not part.vectors.flags.writeable
        np.testing.assert_array_equal(made.vectors[part.present], copy)
    # A fair sample, not the longest texts first: the batches are shuffled.
    lengths = np.array([len(str(text)) for text in many_texts(200)])
    half = next(part for part in partials if part.count >= 100)
    assert abs(lengths[half.present].mean() - lengths.mean()) < 8


def test_progress_goes_by_tokens_and_ends_at_one(model: Path) -> None:
    steps: list[Progress] = []
    run(corpus_of(["the cat"] * 3 + many_texts(60)), model, Report(steps.append))
    embedding = [step for step in steps if step.text.startswith("Embedding")]
    assert embedding[-1] == Progress(1.0, "Embedding 63 of 63")
    shares = [step.share for step in steps if step.share >= 0]  # negative while it loads
    assert shares == sorted(shares)


@pytest.mark.parametrize("batches", [1, 7])
def test_a_stopped_run_goes_on_where_it_was(
    model: Path, batches: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    corpus = corpus_of(many_texts(200))
    with pytest.raises(Cancelled):
        run(corpus, model, stopping_after(batches))
    steps: list[Progress] = []
    made = run(corpus, model, Report(steps.append))
    first = next(step for step in steps if step.text.startswith("Embedding"))
    assert int(first.text.split()[1]) > batches  # each batch has at least one text
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "fresh"))
    set_pace(model)
    np.testing.assert_array_equal(made.vectors, run(corpus, model).vectors)


def test_the_number_of_threads_changes_no_bit(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    corpus = corpus_of(many_texts(150))
    made = run(corpus, model)
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "fresh"))
    set_pace(model, workers=1)
    np.testing.assert_array_equal(made.vectors, run(corpus, model).vectors)


def test_a_query_is_answered_while_an_embedding_runs(model: Path) -> None:
    done = run(corpus_of(["the cat", "a dog"]), model)
    started, answered = threading.Event(), threading.Event()
    order: list[str] = []

    def ask() -> None:
        started.wait()
        encode_query(corpus_of([]), done, "a cat")
        order.append("answer")
        answered.set()

    def hold(progress: Progress) -> None:
        if progress.text.startswith("Embedding") and not started.is_set():
            started.set()
            assert answered.wait(60)  # batches are under way; the answer must not need their end

    asking = threading.Thread(target=ask)
    asking.start()
    run(corpus_of(many_texts(300)), model, Report(hold))
    order.append("embedding")
    asking.join()
    assert order == ["answer", "embedding"]


def test_a_query_finds_its_text_with_the_query_prompt(model: Path) -> None:
    corpus = corpus_of(["the cat", "a dog", "road road road"])
    made = run(corpus, model)
    query = encode_query(corpus, made, "the cat")
    encoder = load_encoder(str(model))
    expected = unit_rows(encoder.encode(["find: the cat"], "passage", "fp32"))[0]
    np.testing.assert_allclose(query, expected, atol=1e-5)
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-5)


def test_many_queries_are_encoded_together_in_their_own_order(model: Path) -> None:
    corpus = corpus_of(["the cat", "a dog", "road road road"])
    made = run(corpus, model)
    texts = [" ".join(WORDS[: 1 + i % 7]) for i in range(150)]  # several batches, sorted by length
    found = encode_queries(corpus, made, texts)
    for text, vector in zip(texts[:7], found[:7], strict=True):
        np.testing.assert_allclose(vector, encode_query(corpus, made, text), atol=1e-5)
    np.testing.assert_allclose(found[140:147], found[:7], atol=1e-5)
    assert encode_queries(corpus, made, []).shape == (0, made.dim)
    lexical = embed(EmbedRequest(corpus, "lexical"))
    assert encode_queries(corpus, lexical, ["cat", "zebra"]).any(axis=1).tolist() == [True, False]


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_query_is_said(model: Path, text: str) -> None:
    made = run(corpus_of(["cat"]), model)
    with pytest.raises(BackendError, match="nothing to search"):
        encode_query(corpus_of(["cat"]), made, text)


def test_a_query_needs_the_model_that_made_the_vectors(tmp_path: Path) -> None:
    folder = build_model(tmp_path / "model")
    set_pace(folder)
    made = run(corpus_of(["cat"]), folder)
    (folder / "config_sentence_transformers.json").write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(BackendError, match="has changed"):
        encode_query(corpus_of(["cat"]), made, "cat")


def test_lexical_answers_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str | None] = ["red apples", "green pears", "red cars", "?", "blue cars drive"]
    corpus = corpus_of(texts)
    made = embed(EmbedRequest(corpus, "lexical"))
    assert made.present.tolist() == [True, True, True, False, True]
    assert made.notes == ("1 of 5 texts gave no vector: nothing in it is known.",)
    before = encode_query(corpus, made, "red")
    monkeypatch.setattr("backends.embedding_run._fitted", {})
    np.testing.assert_array_equal(encode_query(corpus, made, "red"), before)
    similarity = unit_rows(made.vectors) @ before
    assert set(np.argsort(-similarity)[:2].tolist()) == {0, 2}
    with pytest.raises(BackendError, match="knows none of the words"):
        encode_query(corpus, made, "zebra")


@pytest.mark.parametrize("texts", [["one"], ["one", "two"], ["same"] * 4, ["the", "of", "and"]])
def test_lexical_bears_tiny_corpora(texts: list[str | None]) -> None:
    made = embed(EmbedRequest(corpus_of(texts), "lexical"))
    assert made.present.all()


def test_a_damaged_cache_is_made_again(model: Path) -> None:
    corpus = corpus_of(many_texts(40))
    made = run(corpus, model)
    kept = np.array(made.vectors)
    folder = cache_root() / "embeddings" / made.fingerprint
    (folder / "vectors.npy").unlink()
    np.testing.assert_array_equal(run(corpus, model).vectors, kept)
    (folder / "result.json").write_text("{", encoding="utf-8")
    np.testing.assert_array_equal(run(corpus, model).vectors, kept)
