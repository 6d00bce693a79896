"""Finished vectors: in a column, in a file of their own, beside a table, as words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save_file

from backends.corpora.reading import ReadOptions, inspect, read_corpus
from backends.errors import BackendError, UnreadableFile, UnusableVectors
from backends.types import Corpus, Embeddings

VECTORS = np.random.default_rng(3).normal(size=(6, 5)).astype(np.float32)
TEXTS = [f"words of item {i}" for i in range(6)]


def vectors_of(corpus: Corpus) -> Embeddings:
    assert corpus.vectors is not None
    assert len(corpus.vectors) == len(corpus)
    return corpus.vectors


def write_column(path: Path, vectors: list[object]) -> Path:
    rows = [{"text": text, "emb": v} for text, v in zip(TEXTS, vectors, strict=False)]
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    elif path.suffix == ".csv":
        lines = [f'{row["text"]},"{row["emb"]}"' for row in rows]
        path.write_text("text,emb\n" + "\n".join(lines) + "\n")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl", "a.csv"])
def test_a_column_of_vectors_leaves_the_table(tmp_path: Path, name: str) -> None:
    path = write_column(tmp_path / name, [row.tolist() for row in VECTORS])
    preview, corpus = inspect([path]), read_corpus([path])
    assert preview.columns[1].type == "vector (5)"
    assert preview.guess.vectors == "emb"
    assert preview.question is None
    assert corpus.columns == ("text",)
    found = vectors_of(corpus)
    np.testing.assert_allclose(found.vectors, VECTORS, rtol=1e-6)
    assert found.encoder == "file"
    assert found.count == 6
    assert not found.vectors.flags.writeable


def test_numpys_own_way_of_writing_a_vector_is_read(tmp_path: Path) -> None:
    path = write_column(tmp_path / "a.csv", [str(row) for row in VECTORS])
    np.testing.assert_allclose(vectors_of(read_corpus([path])).vectors, VECTORS, atol=1e-6)


def test_fixed_size_lists_and_a_table_of_vectors_alone(tmp_path: Path) -> None:
    column = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), 5)
    pq.write_table(pa.table({"vector": column}), tmp_path / "a.parquet")
    corpus = read_corpus([tmp_path / "a.parquet"])
    assert corpus.columns == ("row",)
    np.testing.assert_array_equal(vectors_of(corpus).vectors, VECTORS)


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl"])
def test_unequal_vectors_name_the_first_row(tmp_path: Path, name: str) -> None:
    vectors: list[object] = [row.tolist() for row in VECTORS]
    vectors[3] = [1.0, 2.0]
    path = write_column(tmp_path / name, vectors)
    with pytest.raises(UnusableVectors, match=r"“emb”.*row 4 has 2 numbers.*5") as error:
        read_corpus([path])
    assert error.value.hint


def test_rows_without_a_usable_vector_are_absent_and_counted(tmp_path: Path) -> None:
    vectors: list[object] = [row.tolist() for row in VECTORS]
    vectors[0], vectors[1], vectors[2] = None, [0.0] * 5, [float("nan")] + [1.0] * 4
    vectors[4] = [float("inf")] * 5
    corpus = read_corpus([write_column(tmp_path / "a.parquet", vectors)])
    found = vectors_of(corpus)
    assert found.present.tolist() == [False, False, False, True, False, True]
    assert not found.vectors[~found.present].any()
    assert any(
        note.startswith("1 row has no vector; it is not on the map.") for note in corpus.notes
    )
    assert any(note.startswith("3 vectors are all zeros") for note in corpus.notes)


def test_no_usable_vector_at_all_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((3, 4)))
    with pytest.raises(UnusableVectors, match=r"a\.npy has no usable vector"):
        read_corpus([tmp_path / "a.npy"])


def test_two_columns_of_vectors_are_asked_about(tmp_path: Path) -> None:
    rows = [{"text": "some words", "left": [1.0] * 8, "right": [2.0] * 8}] * 3
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert inspect([tmp_path / "a.parquet"]).question == "roles"
    corpus = read_corpus([tmp_path / "a.parquet"], ReadOptions(vectors="right"))
    assert corpus.columns == ("text", "left")
    assert vectors_of(corpus).vectors[0, 0] == 2
    with pytest.raises(UnusableVectors, match="“text” does not hold vectors"):
        read_corpus([tmp_path / "a.parquet"], ReadOptions(vectors="text"))


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2", ">f4", "i1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_any_number_type(tmp_path: Path, dtype: str, order: str) -> None:
    given = np.asarray(VECTORS * 40, dtype=dtype, order=order)  # type: ignore[call-overload]
    np.save(tmp_path / "a.npy", given)
    preview, corpus = inspect([tmp_path / "a.npy"]), read_corpus([tmp_path / "a.npy"])
    np.testing.assert_array_equal(vectors_of(corpus).vectors, given.astype(np.float32))
    assert corpus.columns == ("row",)
    assert [column.role for column in preview.columns] == [None, "vectors"]
    assert preview.columns[-1].type == "vector (5)"
    assert preview.rows[1] == ("1", "(5 numbers)")
    assert preview.guess == corpus.roles
    assert len(read_corpus([tmp_path / "a.npy"], ReadOptions(vectors="vectors"))) == 6
    assert (preview.total, preview.question) == (6, None)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([{"a": 1}], dtype=object), "pickled"),
        (np.ones(4), r"shape \(4,\)"),
        (np.ones((2, 3, 4)), "shape"),
        (np.ones((2, 3), complex), "complex"),
        (np.array([["a", "b"]]), "real numbers"),
        (np.ones((0, 3)), r"shape \(0, 3\)"),
    ],
)
def test_an_npy_that_holds_no_vectors(tmp_path: Path, array: np.ndarray, words: str) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(BackendError, match=words):
        read_corpus([tmp_path / "a.npy"])


def test_an_npy_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, VECTORS)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableFile, match="promises 6 vectors and has 4"):
        read_corpus([path])


def save_npz(path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(path, **arrays)


def save_tensors(path: Path, arrays: dict[str, np.ndarray]) -> None:
    save_file(arrays, path)


@pytest.mark.parametrize(("suffix", "save"), [(".npz", save_npz), (".safetensors", save_tensors)])
def test_archives_give_the_largest_matrix_and_columns(
    tmp_path: Path, suffix: str, save: Callable[[Path, dict[str, np.ndarray]], None]
) -> None:
    path = tmp_path / f"a{suffix}"
    small = np.ones((2, 2), np.float32)
    save(path, {"small": small, "vectors": VECTORS, "label": np.arange(6), "odd": np.ones(5)})
    corpus = read_corpus([path])
    np.testing.assert_array_equal(vectors_of(corpus).vectors, VECTORS)
    assert corpus.table.to_pydict() == {"label": list(range(6))}
    assert any("“vectors”" in note for note in corpus.notes)


def test_an_archive_keeps_texts_and_leaves_pickles_out(tmp_path: Path) -> None:
    odd = np.array([{1}] * 6, dtype=object)
    np.savez(tmp_path / "a.npz", v=VECTORS, text=np.array(TEXTS), odd=odd)
    corpus = read_corpus([tmp_path / "a.npz"])
    assert corpus.table.to_pydict() == {"text": TEXTS}
    assert corpus.roles.text == "text"
    assert any("pickled" in note and "odd" in note for note in corpus.notes)


def test_a_table_and_vectors_together(tmp_path: Path) -> None:
    write_column(tmp_path / "items.parquet", [None] * 6)
    np.save(tmp_path / "vectors.npy", VECTORS)
    (tmp_path / "recipe.json").write_text('{"made": "by hand"}')
    for paths in ([tmp_path], [tmp_path / "vectors.npy", tmp_path / "items.parquet"]):
        corpus = read_corpus(paths)
        np.testing.assert_array_equal(vectors_of(corpus).vectors, VECTORS)
        assert corpus.table.column("text").to_pylist() == TEXTS
        assert any("vectors.npy" in note for note in corpus.notes)
    assert any("recipe.json" in note for note in read_corpus([tmp_path]).notes)


@pytest.mark.parametrize("name", ["items.parquet", "items.csv"])
def test_unequal_counts_of_items_and_vectors(tmp_path: Path, name: str) -> None:
    write_column(tmp_path / name, ["x"] * 6)
    np.save(tmp_path / "vectors.npy", VECTORS[:4])
    with pytest.raises(BackendError, match=r"6 items.*4 vectors"):
        read_corpus([tmp_path])


WORDS = ["the", "of", "New York", "naïve", "the", "\u00a0x"]


def lines_of_words(words: list[str] = WORDS, end: str = "") -> str:
    rows = zip(words, VECTORS, strict=True)
    return "".join(f"{word} {' '.join(map(str, row))}{end}\n" for word, row in rows)


@pytest.mark.parametrize(
    ("name", "head", "end"),
    [
        ("glove.txt", "", ""),
        ("wiki.vec", "6 5\n", " "),
        ("model.w2v", "6 5\n", ""),
        ("other.txt", "6 5\n", ""),
    ],
)
def test_word_vectors_in_text(tmp_path: Path, name: str, head: str, end: str) -> None:
    path = tmp_path / name
    path.write_text(head + lines_of_words(end=end), encoding="utf-8")
    corpus = read_corpus([path])
    assert corpus.table.column("word").to_pylist() == WORDS
    assert corpus.roles.text == "word"
    np.testing.assert_allclose(vectors_of(corpus).vectors, VECTORS, rtol=1e-6)
    assert [note for note in corpus.notes if "more than once" in note]
    assert inspect([path]).question is None


def test_word_vectors_without_spaces_in_words_take_the_quick_way(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    words = [f"w{i}" for i in range(6)]
    path.write_text(lines_of_words(words).replace(" ", "\t"))
    corpus = read_corpus([path])
    assert corpus.table.column("word").to_pylist() == words
    np.testing.assert_allclose(vectors_of(corpus).vectors, VECTORS, rtol=1e-6)
    assert corpus.notes == ()


def test_damaged_word_vectors_are_spoken_of(tmp_path: Path) -> None:
    lines = lines_of_words().splitlines()
    lines[2] = "short 0.5 0.25"
    lines[3] = "odd " + "x " * 5
    path = tmp_path / "a.vec"
    path.write_text("9 5\n" + "\n".join(lines)[:-12])
    corpus = read_corpus([path])
    assert corpus.table.column("word").to_pylist() == ["the", "of", "the"]
    notes = " ".join(corpus.notes)
    assert "2 lines do not have 5 numbers" in notes
    assert "first is line 4" in notes
    assert "cut off" in notes
    assert "promises 9 vectors; there are 3" in notes


@pytest.mark.parametrize("line_end", [b"", b"\n"])
def test_word2vec_binary(tmp_path: Path, line_end: bytes) -> None:
    path = tmp_path / "a.bin"
    parts = [
        word.encode() + b" " + row.tobytes() + line_end
        for word, row in zip(["a", "naïve", "c", "d", "e", "f"], VECTORS, strict=True)
    ]
    path.write_bytes(b"6 5\n" + b"".join(parts))
    corpus = read_corpus([path])
    assert corpus.table.column("word").to_pylist() == ["a", "naïve", "c", "d", "e", "f"]
    np.testing.assert_array_equal(vectors_of(corpus).vectors, VECTORS)
    assert corpus.notes == ()
    path.write_bytes(path.read_bytes()[:-9])
    cut = read_corpus([path])
    assert len(cut) == 5
    assert any("cut off" in note for note in cut.notes)
    assert any("promises 6" in note for note in cut.notes)
