"""A sweep: measured once, resumed, shared settings, what cannot be measured."""

from __future__ import annotations

import json
from pathlib import Path

import faiss
import numpy as np
import pytest

from backends import cache
from backends.codecs.source import Source
from backends.compression.apply import as_embeddings, export_codes
from backends.compression.opened import open_cell
from backends.compression.pays import by_category, losers, recall_column
from backends.compression.queries import held_out
from backends.compression.results import Sweep, pareto
from backends.compression.sweep import SweepRequest, default_budgets, sweep, training_positions
from backends.errors import BackendError
from backends.export import TargetExists
from backends.reporting import Cancelled, Report
from backends.types import Embeddings, MadeBy


def clusters(rows: int = 300, dim: int = 12, seed: int = 0) -> Embeddings:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((rows // 5, dim), dtype=np.float32).repeat(5, axis=0)
    vectors = centres + 0.3 * rng.standard_normal(centres.shape, dtype=np.float32)
    vectors[7] = 0
    present = (vectors != 0).any(axis=1)
    made_by = MadeBy("read", (), {"rows": rows, "dim": dim, "seed": seed})
    return Embeddings(vectors, present, "file", "clusters", made_by)


def test_the_first_sweep_measures_and_the_second_remembers() -> None:
    request = SweepRequest(clusters(), ("float16",), k=4)
    first = sweep(request)
    (cell,) = first.cells
    assert first.finished
    assert (first.rows, first.dim, first.truth.k) == (299, 12, 4)
    assert cell.memory.codes == 299 * 24
    assert cell.bytes_per_vector == 24
    assert cell.recall.mean > 0.98
    assert len(list((cache.cache_root() / "sweeps").iterdir())) == 2
    (again,) = sweep(request).cells
    assert again.queries_per_second == cell.queries_per_second  # a figure of the first run
    assert np.array_equal(again.found, cell.found)
    assert again.made_by == cell.made_by


def test_what_is_said_of_one_budget_is_not_said_of_another() -> None:
    embeddings = clusters()
    said = []
    for budget in (3.7, 4.0, 3.7, 48.0, 100.0, 48.0):
        (cell,) = sweep(SweepRequest(embeddings, ("truncate",), (budget,))).cells
        assert cell.budget == budget
        said.append(bool(cell.notes))
    assert said == [True, False, True, False, True, False]
    both = sweep(SweepRequest(embeddings, ("truncate",), (4.0, 3.7)))
    assert [(cell.budget, cell.notes) for cell in both.cells] == [(4.0, ())]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\x93NUMPY"])
def test_damaged_entries_are_measured_again(content: bytes) -> None:
    request = SweepRequest(clusters(), ("float16",), k=4)
    (cell,) = sweep(request).cells
    for path in sorted((cache.cache_root() / "sweeps").glob("*/*")):
        whole = path.read_bytes()
        path.write_bytes(content)
        (again,) = sweep(request).cells
        assert np.array_equal(again.found, cell.found)
        path.write_bytes(whole)


def test_the_sweep_so_far_is_offered_after_each_cell_and_can_be_stopped() -> None:
    seen: list[Sweep] = []
    sweep(SweepRequest(clusters(), ("float16",)), Report(on_partial=seen.append))
    assert [len(now.cells) for now in seen] == [0, 1]

    def stop(value: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        sweep(SweepRequest(clusters(seed=1), ("float16",)), Report(on_partial=stop))


def test_no_query_is_learnt_from() -> None:
    embeddings = clusters()
    queries = held_out(embeddings, 40, 3)
    source = Source.of(embeddings)
    positions = training_positions(source, queries, 3)
    assert queries.rows is not None
    assert not np.isin(source.corpus_rows[positions], queries.rows).any()
    assert len(positions) == 299 - 40


def test_queries_are_at_most_a_fifth_and_some() -> None:
    assert len(held_out(clusters(), 1000).vectors) == 59
    nothing = np.zeros((3, 2), dtype=np.float32)
    none = Embeddings(nothing, np.zeros(3, dtype=np.bool_), "file", "none", MadeBy("read"))
    with pytest.raises(BackendError, match="fewer than two vectors"):
        held_out(none)


def test_default_budgets_are_shares_of_float32() -> None:
    assert default_budgets(384) == (768, 384, 192, 96, 48, 24)


def test_labels_give_purity_and_categories_the_worst_first() -> None:
    embeddings = clusters()
    labels = (np.arange(300) // 150).astype(np.int64)
    found = sweep(SweepRequest(embeddings, ("float16",), k=4, labels=("half", labels)))
    (cell,) = found.cells
    assert cell.purity is not None
    assert found.truth.purity is not None
    assert cell.purity.mean == pytest.approx(found.truth.purity.mean, abs=0.02)
    recall = np.array([1.0, 0.5, 0.0, np.nan, 1.0], dtype=np.float32)
    rows = by_category(recall, np.array([0, 0, 1, 1, -1]), ("a", "b", "c"))
    assert [(row.name, row.queries, row.recall.mean) for row in rows] == [
        ("b", 1, 0.0),
        ("a", 2, 0.75),
    ]
    assert all(row.uncertain for row in rows)


def test_an_opened_codec_answers_for_any_row_and_for_all() -> None:
    embeddings = clusters()
    found = sweep(SweepRequest(embeddings, ("float16",), k=4))
    (cell,) = found.cells
    queries = found.truth.queries
    opened = open_cell(embeddings, cell, queries)
    near = opened.neighbours(12, 4)
    assert near.exact.tolist() == near.found.tolist()
    assert not near.lost.any()
    assert not near.gained.any()
    assert near.found_similarities == pytest.approx(near.exact_similarities)
    with pytest.raises(BackendError, match="has no vector"):
        opened.neighbours(7, 4)
    measured = recall_column(embeddings, cell, queries, 4)
    values = measured.call(Report()).values
    assert np.flatnonzero(np.isnan(values)).tolist() == [7]
    assert queries.rows is not None
    assert values[queries.rows] == pytest.approx(cell.kept)
    rows, kept = losers(cell, found.truth)
    assert (kept < 1).all()
    assert np.isin(rows, queries.rows).all()


def test_the_compressed_space_is_an_embedding_like_any_other() -> None:
    embeddings = clusters()
    found = sweep(SweepRequest(embeddings, ("float16",), k=4))
    opened = open_cell(embeddings, found.cells[0], found.truth.queries)
    applied = as_embeddings(opened)
    assert applied.vectors.shape == embeddings.vectors.shape
    assert applied.present.tolist() == embeddings.present.tolist()
    assert applied.title == "clusters, float16 at 24 bytes"
    assert applied.fingerprint != embeddings.fingerprint
    assert applied.made_by.origin == embeddings.made_by
    assert applied.vectors[:5] == pytest.approx(
        embeddings.vectors[:5] / np.linalg.norm(embeddings.vectors[:5], axis=1)[:, None], abs=1e-3
    )


def test_codes_are_exported_whole_and_replace_nothing(tmp_path: Path) -> None:
    embeddings = clusters()
    found = sweep(SweepRequest(embeddings, ("float16",), k=4))
    opened = open_cell(embeddings, found.cells[0], found.truth.queries)
    paths = export_codes(opened, tmp_path / "codes.npz")
    assert [path.name for path in paths] == ["codes.npz", "codes.recipe.json"]
    with np.load(paths[0], allow_pickle=False) as file:
        assert file["codes.codes"].nbytes == found.cells[0].memory.codes
        assert file["rows"].tolist() == [row for row in range(300) if row != 7]
    with pytest.raises(TargetExists):
        export_codes(opened, tmp_path / "codes.npz")


def test_an_index_of_faiss_finds_what_the_codec_finds(tmp_path: Path) -> None:
    embeddings = clusters()
    found = sweep(SweepRequest(embeddings, ("float16", "pq", "truncate"), (6,), k=4))
    cells = {cell.codec: cell for cell in found.cells}
    for name in ("float16", "pq"):
        opened = open_cell(embeddings, cells[name], found.truth.queries)
        path, recipe = export_codes(opened, tmp_path / f"{name}.faiss")
        index = faiss.read_index(str(path))
        assert (
            json.loads(recipe.read_text(encoding="utf-8"))["faiss_factory"] == cells[name].factory
        )
        queries = found.truth.queries.vectors
        ours, _ = opened.search(queries, 5)
        theirs = index.search(queries, 5)[1]
        assert np.mean(ours == theirs) > 0.99  # nearly equal ones may change places
        assert np.sort(ours, axis=1)[:, 0].tolist() == np.sort(theirs, axis=1)[:, 0].tolist()
    assert cells["truncate"].factory is None
    opened = open_cell(embeddings, cells["truncate"], found.truth.queries)
    with pytest.raises(BackendError, match="faiss has no index"):
        export_codes(opened, tmp_path / "cut.faiss")
    assert not (tmp_path / "cut.faiss").exists()


def test_the_front_has_no_cell_that_another_beats() -> None:
    found = sweep(SweepRequest(clusters(), ("float16", "pca", "two-stage"), (24, 8), k=4))
    cells = {(cell.codec, cell.bytes_per_vector): cell for cell in found.cells}
    small, half, pca = (cells[key] for key in (("two-stage", 2), ("float16", 24), ("pca", 24)))
    assert small.recall.mean == 1.0
    assert half.recall.mean > pca.recall.mean
    front = pareto(found.cells)
    assert front[0] == small
    assert half in front  # smaller codes with full vectors on disk do not beat it
    assert pca not in front
