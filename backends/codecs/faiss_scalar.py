"""Scalar quantisers of faiss: each dimension's range in equal steps, 8, 6 or 4 bits a number."""

from __future__ import annotations

from typing import Any

from backends.codecs.base import CodecSpec, Coder, Fit, Params, Training
from backends.codecs.faiss_shared import NEEDS, FaissCoder, fill, metric_of, sampled
from backends.reporting import Report

TRAINING_ROWS = 65_536
KINDS = {8: "QT_8bit", 6: "QT_6bit", 4: "QT_4bit"}


class ScalarCoder(FaissCoder):
    """Steps between each dimension's least and largest value in training.

    Table: `ranges` (2 d,) float32, all lower ends and then all widths, as faiss keeps them.
    """

    @property
    def factory(self) -> str:  # type: ignore[override]  # an attribute elsewhere
        """How faiss names it."""
        return f"SQ{self.params['bits']}"

    def shell(self) -> Any:
        """An `IndexScalarQuantizer`."""
        index = _untrained(self.dim, int(self.params["bits"]))
        fill(index.sq.trained, self.side["ranges"])
        index.is_trained = True
        return index


def _untrained(dim: int, bits: int) -> Any:
    import faiss

    kind = getattr(faiss.ScalarQuantizer, KINDS[bits])
    return faiss.IndexScalarQuantizer(dim, kind, metric_of(True))


def _load(bits: int) -> Fit:
    def fit(training: Training, _params: Params, report: Report) -> Coder:
        import faiss

        report.step(0, 1, "Learning ranges")
        vectors = sampled(training.vectors, TRAINING_ROWS, training.seed)
        index = _untrained(vectors.shape[1], bits)
        index.train(vectors)
        ranges = faiss.vector_to_array(index.sq.trained)
        return ScalarCoder({"bits": bits}, {"ranges": ranges}, vectors.shape[1])

    return fit


def _spec(bits: int, cost: int) -> CodecSpec:
    return CodecSpec(
        f"scalar{bits}",
        f"Scalar quantiser, {bits} bits",
        load=lambda: _load(bits),
        needs=NEEDS,
        about=f"Each dimension's range in {1 << bits} equal steps, as faiss' SQ{bits} does it.",
        family="Quantisers",
        cost=cost,
        budgeted=False,
    )


SPECS = (_spec(8, 3), _spec(6, 4), _spec(4, 5))
