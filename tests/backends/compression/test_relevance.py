"""Files of judgements in every shape that people write them, and what is counted by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.codecs.source import Source
from backends.compression.queries import held_out, judged_rows, with_relevance
from backends.compression.recall import ndcg_by_query
from backends.compression.results import QuerySet
from backends.compression.sweep import SweepRequest, sweep
from backends.compression.truth import find_truth, with_judgements
from backends.errors import BackendError
from backends.types import Corpus, Embeddings, MadeBy
from tests import builders

IDS = ["first", "the second", "3", "4\u00e9", "5"]


def corpus(ids: list[str] | None = None) -> Corpus:
    return builders.corpus(columns={"id": ids or IDS, "text": ["a"] * len(ids or IDS)})


def asked(count: int = 2) -> QuerySet:
    vectors = np.eye(max(count, 2), dtype=np.float32)[:count]
    return QuerySet(vectors, None, "q", MadeBy("query file"))


def read(
    path: Path, content: str | bytes, queries: QuerySet | None = None
) -> list[dict[int, float]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = with_relevance(queries or asked(), path, corpus()).relevant
    assert found is not None
    return [dict(rows) for rows in found]


@pytest.mark.parametrize(
    "content",
    [
        "0 3 1\n1 5 2\n",
        "0 0 3 1\n1 0 5 2\n",
        "0\t3\t1\n1\t5\t2",
        "0 Q0 3 1\n\n  \n1 Q0 5 2\n",
        "query-id\tcorpus-id\tscore\n0\t3\t1\n1\t5\t2\n",
        "query iter doc grade\n0 0 3 1\n1 0 5 2\n",
        "0 3 1\r\n1 5 2\r\n",
        "\ufeff0 3 1\n1 5 2\n",
        "0 3 0\n0 3 1\n1 5 2\n",  # of lines about the same pair, the last
        "0 3 1\n1 5 2\n1 nobody 3\nnobody 3 1\n",
        "0 3 1.0\n1 5 2.0\n",
    ],
)
def test_judgements_are_read_in_every_usual_shape(tmp_path: Path, content: str) -> None:
    assert read(tmp_path / "q.txt", content) == [{2: 1.0}, {4: 2.0}]


def test_ids_with_blanks_stand_between_tabs(tmp_path: Path) -> None:
    lines = "0\tthe second\t1\n0\t4\u00e9\t-2\n1\t0\tthe second\t3\n"
    assert read(tmp_path / "q.tsv", lines) == [{1: 1.0, 3: -2.0}, {1: 3.0}]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("0 3 1\n0 3\n", 2),
        ("0 3 1\n0 5 nan\n", 2),
        ("0 3 1\n0 5 inf\n", 2),
        ("0 3 1\n0 5 many\n", 2),
        ("0 the second 3 1 1\n", 1),
    ],
)
def test_a_line_without_a_grade_is_named(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(BackendError, match=f"Line {line} of q.txt is no judgement"):
        read(tmp_path / "q.txt", content)


@pytest.mark.parametrize("content", ["0 3 0\n1 5 -1\n", "0 3 0"])
def test_grades_of_which_none_is_above_zero_say_nothing(tmp_path: Path, content: str) -> None:
    with pytest.raises(BackendError, match="grade above 0"):
        read(tmp_path / "q.txt", content)


def test_a_folder_is_no_file_of_judgements() -> None:
    with pytest.raises(BackendError, match=r"Could not read \."):
        with_relevance(asked(), Path(), corpus())


def test_a_number_of_any_length_names_no_row(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text(f"0 {'9' * 5000} 1\n0 1 1\n", encoding="utf-8")
    plain = builders.corpus(columns={"text": ["a", "b"]})
    assert with_relevance(asked(), path, plain).relevant == ({1: 1.0}, {})


def test_a_row_is_not_relevant_to_itself(tmp_path: Path) -> None:
    rows = np.array([0, 2])
    queries = replace(asked(), rows=rows)
    lines = "first first 3\nfirst 5 1\n3 5 1\n"
    assert read(tmp_path / "q.txt", lines, queries) == [{4: 1.0}, {4: 1.0}]


def test_other_ids_are_another_question(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text("0 first 1\n", encoding="utf-8")
    one, other = (with_relevance(asked(), path, corpus(ids)) for ids in (IDS, IDS[::-1]))
    assert one.relevant != other.relevant
    assert one.made_by != other.made_by


@given(st.integers(0, 10_000))
def test_ndcg_is_that_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import ndcg_score

    rng = np.random.default_rng(seed)
    rows = int(rng.integers(2, 40))
    grades = rng.integers(0, 4, rows).astype(float)
    grades[0] = 1.0
    order = rng.permutation(rows)
    scores = np.empty(rows)
    scores[order] = np.arange(rows, 0, -1)
    relevant = {row: float(grade) for row, grade in enumerate(grades)}
    found = ndcg_by_query(order[None, :10], [relevant])
    assert found[0] == pytest.approx(ndcg_score(grades[None], scores[None], k=10), abs=1e-6)


def test_ten_are_looked_at_for_relevance_where_fewer_neighbours_are_asked_for() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((200, 8), dtype=np.float32)
    made_by = MadeBy("read", (), {"seed": 0})
    embeddings = Embeddings(vectors, np.ones(200, dtype=np.bool_), "file", "v", made_by)
    queries = held_out(embeddings, 20)
    deep = find_truth(queries, Source(vectors), 10)
    # The only relevant row is the eighth true neighbour.
    relevant = tuple({int(rows[7]): 1.0} for rows in deep.rows)
    queries = replace(queries, relevant=relevant, made_by=MadeBy("relevance"))
    found = sweep(SweepRequest(embeddings, ("float16",), k=3, queries=queries))
    (cell,) = found.cells
    for judged in (found.truth, cell):
        assert judged.mrr is not None
        assert judged.ndcg is not None
        assert judged.mrr.mean == pytest.approx(1 / 8, abs=0.01)
        assert judged.ndcg.mean == pytest.approx(1 / np.log2(9), abs=0.01)
    assert cell.found.shape == found.truth.rows.shape == (20, 3)
    again = with_judgements(find_truth(queries, Source(vectors), 10), Source(vectors), None)
    assert again.mrr == found.truth.mrr


def test_rows_that_were_judged_are_among_those_held_out(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text("item-7 item-8 1\nitem-90 item-3 1\nnobody item-3 1\n", encoding="utf-8")
    items = builders.corpus(rows=100)
    vectors = builders.embeddings(items, present=90)
    judged = judged_rows(path, items)
    assert judged.tolist() == [7, 90]
    assert judged_rows(path, builders.corpus(columns={"text": ["a"] * 9})).tolist() == []
    plain, wanted = held_out(vectors, 5, 1), held_out(vectors, 5, 1, judged)
    assert plain.rows is not None
    assert wanted.rows is not None
    assert 7 not in plain.rows
    assert 7 in wanted.rows
    assert 90 not in wanted.rows  # it has no vector
    assert len(np.unique(wanted.rows)) == 5
    assert len(np.intersect1d(plain.rows, wanted.rows)) == 4
    assert wanted.title == "5 rows held out, 1 of them judged"
    assert plain.made_by != wanted.made_by
    assert with_relevance(wanted, path, items).relevant is not None
