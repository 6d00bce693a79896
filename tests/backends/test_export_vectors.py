"""Vectors to files in the form that they came in, and back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backends.arrays import frozen, usable_rows
from backends.corpora.reading import ReadOptions, read_corpus
from backends.errors import BackendError, UnwritableFile
from backends.export import TargetExists
from backends.export_vectors import FORMS, export_vectors, form_of_name, form_of_source
from backends.types import Corpus, Embeddings, MadeBy, Roles
from tests import builders

WORDS = ["she", "naïve", "New_York", "ß", "数", "gap"]


def made(words: list[str] | None = None) -> tuple[Corpus, Embeddings]:
    """Words of some alphabets; the last has no vector."""
    names = words or WORDS
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(len(names), 7)) * 10.0 ** rng.integers(-9, 9, 7)).astype(np.float32)
    vectors[-1] = 0
    corpus = builders.corpus(columns={"word": names}, roles=Roles(text="word"))
    made_by = MadeBy("debias", ("x",), {"how": "a test"})
    return corpus, Embeddings(frozen(vectors), usable_rows(vectors), "file", "v", made_by)


@pytest.mark.parametrize("form", ["word2vec", "word2vec-text", "glove"])
def test_word_vectors_come_back_bit_for_bit(form: str, tmp_path: Path) -> None:
    corpus, vectors = made()
    path = tmp_path / f"out{FORMS[form].suffix}"
    files = export_vectors(corpus, vectors, path, FORMS[form])
    assert files == (path, tmp_path / "out.recipe.json")
    back = read_corpus((path,), ReadOptions())
    assert back.table.column("word").to_pylist() == WORDS[:-1]
    assert back.vectors is not None
    assert back.vectors.vectors.tobytes() == vectors.vectors[:-1].tobytes()
    assert form_of_source(back).id == form
    recipe = json.loads(files[1].read_text("utf-8"))
    assert recipe["embeddings"]["made_by"]["operation"] == "debias"
    assert recipe["export"] == {"files": [path.name], "format": form, "left_out": 1}


@pytest.mark.parametrize("form", ["npy", "npz"])
def test_arrays_come_back_with_zeros_where_there_is_no_vector(form: str, tmp_path: Path) -> None:
    corpus, vectors = made()
    path = tmp_path / f"out.{form}"
    export_vectors(corpus, vectors, path, FORMS[form])
    stored = np.load(path, allow_pickle=False)
    array = stored["vectors"] if form == "npz" else stored
    assert array.tobytes() == vectors.vectors.tobytes()
    if form == "npz":
        assert stored["word"].tolist() == WORDS
    back = read_corpus((path,), ReadOptions())
    assert form_of_source(back).id == form
    assert back.vectors is not None
    assert back.vectors.present.tolist() == vectors.present.tolist()


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_tables_keep_columns_and_vectors(form: str, tmp_path: Path) -> None:
    corpus, vectors = made()
    path = tmp_path / f"out.{form}"
    export_vectors(corpus, vectors, path, FORMS[form])
    back = read_corpus((path,), ReadOptions(vectors="vector"))
    assert back.table.column("word").to_pylist() == WORDS
    assert back.vectors is not None
    assert back.vectors.vectors == pytest.approx(vectors.vectors, rel=1e-6)
    assert form_of_source(back).id == form


def test_nothing_is_replaced_without_consent_and_never_the_source(tmp_path: Path) -> None:
    corpus, vectors = made()
    path = tmp_path / "out.bin"
    (tmp_path / "out.recipe.json").write_text("mine")
    with pytest.raises(TargetExists):
        export_vectors(corpus, vectors, path, FORMS["word2vec"])
    assert not path.exists()
    export_vectors(corpus, vectors, path, FORMS["word2vec"], overwrite=True)
    opened = read_corpus((path,), ReadOptions())
    assert opened.vectors is not None
    before = path.read_bytes()
    with pytest.raises(UnwritableFile, match="read from"):
        export_vectors(opened, opened.vectors, path, FORMS["word2vec"], overwrite=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("word", ["", "two words", "tab\there", " edge"])
def test_a_word_that_the_form_cannot_hold_is_named_and_nothing_is_left(
    word: str, tmp_path: Path
) -> None:
    corpus, vectors = made(["fine", word, "gap"])
    with pytest.raises(BackendError, match="Item 1"):
        export_vectors(corpus, vectors, tmp_path / "out.bin", FORMS["word2vec"])
    assert list(tmp_path.iterdir()) == []


def test_text_allows_blanks_within_words(tmp_path: Path) -> None:
    corpus, vectors = made(["fine", "New York", ". . .", "gap"])
    path = tmp_path / "out.vec"
    export_vectors(corpus, vectors, path, FORMS["word2vec-text"])
    back = read_corpus((path,), ReadOptions())
    assert back.table.column("word").to_pylist() == ["fine", "New York", ". . ."]


def test_the_ending_says_the_form_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    corpus, vectors = made()
    text = tmp_path / "with.txt"
    export_vectors(corpus, vectors, text, FORMS["word2vec-text"])
    opened = read_corpus((text,), ReadOptions())
    names = {"a.bin": "word2vec", "a.vec": "word2vec-text", "a.npy": "npy", "a.parquet": "parquet"}
    for name, form in {**names, "a.txt": "word2vec-text"}.items():
        assert form_of_name(Path(name), opened).id == form
    assert form_of_name(Path("a.txt"), corpus).id == "glove"
    with pytest.raises(UnwritableFile, match="in which form"):
        form_of_name(Path("a.doc"), corpus)
