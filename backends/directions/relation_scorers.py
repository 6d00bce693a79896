"""Ways to guess the tail of a relation from a head, and the head from a tail.

Each is fitted on pairs and turns an item into a query; all items are then ranked by their cosine
with it, or by their distance from it. New ways are rows of `SCORERS`.

Reference: Daza, Cochez, Groth 2021, Inductive entity representations from text via link prediction
(section 19 of TransE and DistMult on given vectors); Yang et al. 2015, Embedding entities and
relations for learning and inference in knowledge bases (DistMult).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, batches, unit_rows
from backends.decompositions import eigh, one_blas_thread
from backends.directions.relations import Relation, units_of
from backends.errors import BackendError, MissingPackage
from backends.registry import Spec
from backends.reporting import SILENT, Report
from backends.types import Embeddings

Side = Literal["tails", "heads"]
Measure = Literal["cosine", "city-block"]
Vector = NDArray[np.float64]
MOST_FITTED = 10_000  # pairs; of more some are chosen by chance
MOST_CLASSIFIED = 4_000  # the same for DistMult, which adds negatives to each
NEGATIVES = 10  # items by chance for each true tail
STRENGTHS = 10.0 ** np.arange(-4, 5)  # of the ridge, relative to the mean variance
SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)  # of the identity that the map is drawn to
NOTHING = BackendError("There is no pair to learn the relation from.", hint="Give more pairs.")


@dataclass(frozen=True, eq=False)
class Scorer:
    """A relation learnt: items to queries, in both directions."""

    measure: Measure
    towards: Callable[[Matrix, Side], Matrix]  # unit vectors (m, d) -> queries (m, d)
    note: str = ""

    def queries(self, vectors: Matrix, side: Side) -> Matrix:
        """What to look for from items: of length 1 where the cosine ranks, (m, d)."""
        found = np.asarray(self.towards(vectors, side), np.float32)
        return unit_rows(found) if self.measure == "cosine" else np.ascontiguousarray(found)


Fit = Callable[[Embeddings, Relation, int, Report], Scorer]


def fit_scorer(
    name: str, embeddings: Embeddings, relation: Relation, seed: int = 0, report: Report = SILENT
) -> Scorer:
    """Learn a relation from its pairs. Raises: BackendError, Cancelled."""
    if name not in SCORERS:
        raise BackendError(
            f"There is no scorer “{name}”.", hint=f"Choose one of {', '.join(SCORERS)}."
        )
    spec = SCORERS[name]
    if spec.missing:
        raise MissingPackage(spec.title, spec.missing)
    if not len(relation):
        raise NOTHING
    report.step(0, 1, f"Learning “{relation.name}”")
    fit: Fit = spec.load()
    return fit(embeddings, relation, seed, report)


def fit_nearest(
    _embeddings: Embeddings, _relation: Relation, _seed: int, _report: Report
) -> Scorer:
    """No relation at all: whatever is similar. What a relation has to beat."""
    return Scorer("cosine", lambda vectors, _side: vectors)


def fit_offset(embeddings: Embeddings, relation: Relation, _seed: int, _report: Report) -> Scorer:
    """TransE on given vectors: look where head + r points.

    All items have length 1, so that the nearest by Euclidean distance are the most similar.
    """
    offset = _mean_offset(embeddings, relation)
    return Scorer("cosine", lambda vectors, side: vectors + _signed(offset, side))


def fit_city_block(
    embeddings: Embeddings, relation: Relation, _seed: int, _report: Report
) -> Scorer:
    """The same with the distance of BLP, |h + r - t|_1."""
    offset = _mean_offset(embeddings, relation)
    return Scorer("city-block", lambda vectors, side: vectors + _signed(offset, side))


def fit_map(embeddings: Embeddings, relation: Relation, seed: int, report: Report) -> Scorer:
    """A linear map t = M h + b by ridge regression, and another one back.

    The ridge draws M to a share of the identity (so that few pairs give an offset rather than the
    mean tail); share and strength are those of least error when each pair is left out in turn.
    """
    heads, tails, note = _pairs(embeddings, relation, MOST_FITTED, seed)
    report.step(1, 4, "Fitting the map to tails")
    there = _ridge(heads, tails)
    report.step(2, 4, "Fitting the map to heads")
    back = _ridge(tails, heads)

    def towards(vectors: Matrix, side: Side) -> Matrix:
        matrix, shift = there if side == "tails" else back
        found: Matrix = (vectors @ matrix + shift).astype(np.float32)
        return found

    return Scorer("cosine", towards, note)


def fit_distmult(embeddings: Embeddings, relation: Relation, seed: int, report: Report) -> Scorer:
    """Weights w of sum(h w t), by logistic regression of true tails against items by chance.

    The same from both ends: it cannot tell a head from a tail.
    """
    from sklearn.linear_model import LogisticRegression

    heads, tails, note = _pairs(embeddings, relation, MOST_CLASSIFIED, seed)
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(embeddings.present)
    drawn = known[rng.integers(len(known), size=NEGATIVES * len(heads))]
    report.step(1, 3, "Telling tails from other items")
    # Unit vectors have products of about 1/d: scaled, so that the penalty is of a fair size.
    scale = heads.shape[1]
    wrong = np.repeat(heads, NEGATIVES, axis=0) * units_of(embeddings, drawn)
    features = scale * np.concatenate((heads * tails, wrong))
    labels = np.repeat((1, 0), (len(heads), len(wrong)))
    with one_blas_thread():
        model = LogisticRegression(max_iter=300, class_weight="balanced")
        weights = model.fit(features, labels).coef_[0].astype(np.float32)  # (d,)
    return Scorer("cosine", lambda vectors, _side: vectors * weights, note)


def _load(fit: Fit) -> Callable[[], Fit]:
    return lambda: fit


SCORERS: dict[str, Spec] = {
    spec.id: spec
    for spec in (
        Spec(
            "offset",
            "Offset",
            load=_load(fit_offset),
            about="Go from the head along the mean offset and take the most similar item.",
        ),
        Spec(
            "offset-l1",
            "Offset, city-block",
            load=_load(fit_city_block),
            needs=(("scipy", "scipy"),),
            about="The same by the sum of absolute differences, as TransE does. Slower.",
        ),
        Spec(
            "map",
            "Linear map",
            load=_load(fit_map),
            about="Turn heads into tails by a matrix (ridge regression). Needs many pairs.",
        ),
        Spec(
            "distmult",
            "DistMult",
            load=_load(fit_distmult),
            needs=(("sklearn", "scikit-learn"),),
            about="Weigh what head and tail have in common. Cannot tell one from the other.",
        ),
        Spec(
            "nearest",
            "Nearest item",
            load=_load(fit_nearest),
            about="No relation at all: the item most similar to the head. What others must beat.",
        ),
    )
}
DEFAULT, BASELINE = "offset", "nearest"


def _signed(offset: Matrix, side: Side) -> Matrix:
    return offset if side == "tails" else -offset


def _mean_offset(embeddings: Embeddings, relation: Relation) -> Matrix:
    total = np.zeros(embeddings.dim)
    for block in batches(len(relation), 8_192):
        total += units_of(embeddings, relation.tails[block]).sum(axis=0, dtype=np.float64)
        total -= units_of(embeddings, relation.heads[block]).sum(axis=0, dtype=np.float64)
    return (total / len(relation)).astype(np.float32)


def _pairs(
    embeddings: Embeddings, relation: Relation, most: int, seed: int
) -> tuple[Matrix, Matrix, str]:
    """Unit vectors of heads and tails; of too many pairs some are chosen by chance."""
    note = ""
    if len(relation) > most:
        note = f"Learnt from {most:,} of {len(relation):,} pairs, chosen by chance."
        chosen = np.random.default_rng(seed).choice(len(relation), most, replace=False)
        relation = relation.at(np.sort(chosen))
    heads = units_of(embeddings, relation.heads)
    return heads, units_of(embeddings, relation.tails), note


def _ridge(given: Matrix, wanted: Matrix) -> tuple[Matrix, Matrix]:
    """M (d, d) and b (d,) of wanted = given @ M + b, by the least leave-one-out error."""
    x, y = given.astype(np.float64), wanted.astype(np.float64)
    n, dim = x.shape
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x, y = x - x_mean, y - y_mean
    values, axes = eigh(x.T @ x)  # (d,), (d, d)
    kept = values > 1e-9 * max(float(values.max()), 1e-30)
    values, axes = values[kept], axes[:, kept]
    rotated = x @ axes  # (n, k)
    least, best = np.inf, (1.0, values, axes.T)
    for drawn_to in SHARES:  # the identity first: equal errors leave the offset
        rest = y - drawn_to * x
        projected = rotated.T @ rest  # (k, d)
        for strength in STRENGTHS * (values.mean() if len(values) else 1.0):
            shrunk = 1.0 / (values + strength)  # (k,)
            misses = rest - rotated @ (shrunk[:, None] * projected)  # (n, d)
            leverage = (rotated**2 * shrunk).sum(axis=1) + 1.0 / n
            error = float(((misses / np.maximum(1e-6, 1.0 - leverage)[:, None]) ** 2).sum())
            if error < least * (1 - 1e-12):
                least, best = error, (drawn_to, shrunk, projected)
    drawn_to, shrunk, projected = best
    matrix = drawn_to * np.eye(dim) + axes @ (shrunk[:, None] * projected)
    return matrix.astype(np.float32), (y_mean - x_mean @ matrix).astype(np.float32)
