"""A selection together with the nearest neighbours of its items: in the vectors, not on a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, frozen, unit_rows
from backends.device import core_count
from backends.errors import BackendError
from backends.graph import kept_graph, neighbour_graph
from backends.reporting import SILENT, Report
from backends.selection import Selection, select, shortened
from backends.types import Embeddings

MOST_PRODUCTS = 1e12  # multiply-adds of an exact search; above, the graph of all rows is made
_VECTORS = 1 << 14  # of a block: their products with all queries of a block are some tens of MiB
_QUERIES = 1 << 10


@dataclass(frozen=True, slots=True)
class Grown:
    """Rows of a selection and of its neighbours, ascending, and how sure the neighbours are."""

    rows: Rows  # (g,)
    recall: float  # share of true neighbours found; 1 if the search was exact


def grow(embeddings: Embeddings, rows: Rows, k: int, report: Report = SILENT) -> Grown:
    """Add the k nearest other rows of each row that has a vector, by cosine.

    A graph that was made before and is exact is taken. Otherwise the rows are compared with all
    vectors, and if there are too many of them the graph of all rows is made: above its limit that
    one is approximate, and its recall is said. Reports every block.

    Raises: BackendError if k is not positive or none of the rows has a vector; Cancelled.
    """
    if k < 1:
        raise BackendError(
            f"The number of neighbours must be positive, not {k}.", hint="Ask for 1."
        )
    asked = rows[embeddings.present[rows]]
    if not len(asked):
        raise BackendError(
            "None of these items has a vector, so they have no neighbours.",
            hint="Embed them first.",
        )
    k = min(k, embeddings.count - 1)
    graph, recall = kept_graph(embeddings, k), 1.0
    if graph is None or graph.recall < 1.0:
        products = float(len(asked)) * embeddings.count * embeddings.dim
        if products <= MOST_PRODUCTS:
            return Grown(_union(rows, _nearest(embeddings, asked, k, report)), recall)
        graph = neighbour_graph(embeddings, k, report)
    found = graph.neighbours[np.searchsorted(graph.rows, asked), :k]  # (q, k) positions
    return Grown(_union(rows, graph.rows[found]), graph.recall)


def grown_selection(old: Selection, grown: Grown, k: int, embeddings: str) -> Selection:
    """Describe the rows that a selection has grown to."""
    inner = shortened(old)
    words = f"{inner.words} grown by {k} neighbour{'s' * (k != 1)}"
    more = {} if grown.recall == 1.0 else {"recall": round(grown.recall, 3)}
    return select(
        grown.rows, words, kind="grow", k=k, embeddings=embeddings, of=inner.description, **more
    )


def _union(rows: Rows, found: NDArray[np.integer]) -> Rows:
    return frozen(np.union1d(rows, found).astype(np.int64))


def _nearest(embeddings: Embeddings, asked: Rows, k: int, report: Report) -> Rows:
    """The k nearest other rows of each row asked for, (q, k), in no order.

    Vectors are read block by block, so that a large file is never in memory as a whole.
    """
    import faiss

    faiss.omp_set_num_threads(core_count())
    present = np.flatnonzero(embeddings.present)
    found = np.empty((len(asked), k), np.int64)
    done, all_blocks = 0, -(-len(asked) // _QUERIES) * -(-len(present) // _VECTORS)
    for part in batches(len(asked), _QUERIES):
        queries = unit_rows(embeddings.vectors[asked[part]])  # (b, d)
        best = np.empty((len(queries), 0), np.float32)
        names = np.empty((len(queries), 0), np.int64)
        for block in batches(len(present), _VECTORS):
            report.step(done, all_blocks, "Finding neighbours")
            done += 1
            rows = present[block]
            vectors = np.ascontiguousarray(unit_rows(embeddings.vectors[rows]))  # (v, d)
            near, at = faiss.knn(
                queries, vectors, min(k + 1, len(rows)), metric=faiss.METRIC_INNER_PRODUCT
            )
            names, best = _merged(
                np.hstack((names, rows[at])), np.hstack((best, near)), asked[part], k
            )
        found[part] = names
    return found


def _merged(names: Rows, best: Matrix, asked: Rows, k: int) -> tuple[Rows, Matrix]:
    """Keep the k best of each line that are not the row asked about."""
    best = np.where(names == asked[:, None], np.float32(-np.inf), best)
    kept = min(k, best.shape[1])
    top = np.argpartition(-best, kept - 1, axis=1)[:, :kept]  # (b, k)
    return np.take_along_axis(names, top, axis=1), np.take_along_axis(best, top, axis=1)
