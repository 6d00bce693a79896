"""Layers times dimensions: what is left of a model's neighbours when it is made smaller.

A cell (l, k) is the model without the layers above l, of whose vector the first k dimensions are
kept and scaled to length 1. Layers decide the time of a text, dimensions the bytes of a vector.

Reference: Li et al. 2024, 2D Matryoshka sentence embeddings, arXiv 2402.14776; Zhuang et al. 2024,
Starbucks, arXiv 2410.13230 (the ladder of sizes).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen, unit_rows
from backends.codecs.scan import Best
from backends.compression.recall import estimate, recall_by_query
from backends.compression.results import Estimate
from backends.embedding_plan import Texts
from backends.encoders.base import Layered
from backends.encoders.hidden_states import hidden_states
from backends.encoders.registry import load_encoder
from backends.encoders.truncated import layered, short_title
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings, MadeBy
from backends.wording import counted

FEWEST_DIMS = 8  # of the default columns
MOST_STEPS = 6  # of the default ladder, as Starbucks has them
COSTS = (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32)  # of the lines of equal cost
SHARE_OF_READING = 0.8

Pair = tuple[int, int]  # layer, dimensions


@dataclass(frozen=True, eq=False)
class LayersRequest:
    """What is to be compared: the layers of an encoder, or the dimensions of finished vectors.

    With an encoder, its layers are compared on texts of the column; where it has none, the
    dimensions of `embeddings` are.
    """

    corpus: Corpus
    encoder: str | None = None
    column: str | None = None
    embeddings: Embeddings | None = None
    dims: tuple[int, ...] = ()  # none: `default_dims`
    k: int = 10
    sample: int = 2000  # rows among which neighbours are found
    queries: int = 500  # of these
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LayerCell:
    """One size of the model, measured."""

    layer: int
    dims: int
    recall: Estimate  # recall@k against the full model's neighbours, 0..1
    bytes_per_vector: int  # float32
    seconds: float  # for one text; NaN where no model runs
    relative_time: float  # of the full model's; 1 where no model runs

    @property
    def pair(self) -> Pair:
        """Layer and dimensions."""
        return self.layer, self.dims


@dataclass(frozen=True, slots=True)
class IsoLine:
    """Sizes of equal cost: share of the time times share of the bytes, of the full model's."""

    cost: float
    points: tuple[tuple[int, float], ...]  # (layer, dimensions), dimensions not whole


@dataclass(frozen=True, eq=False)
class LayerGrid:
    """Recall of every layer and number of dimensions against the full model."""

    title: str  # of the model or the vectors
    layers: int | None  # L; None where only dimensions can be cut
    dim: int  # D
    dims: tuple[int, ...]  # of the columns, ascending; D is the last
    cells: tuple[LayerCell, ...]  # layer after layer from 0, each in the order of `dims`
    k: int
    rows: int  # sample
    queries: int
    timing: str  # "measured", "estimated" or "none"
    request: LayersRequest
    made_by: MadeBy
    notes: tuple[str, ...] = ()

    def cell(self, layer: int, dims: int) -> LayerCell | None:
        """The cell of that size, or None if it is not in the grid."""
        return next((cell for cell in self.cells if cell.pair == (layer, dims)), None)

    @property
    def layer_numbers(self) -> tuple[int, ...]:
        """Layers of the rows; 0 alone where only dimensions can be cut."""
        return tuple(range(self.layers + 1)) if self.layers is not None else (0,)

    @property
    def full(self) -> LayerCell:
        """The model itself."""
        return self.cells[-1]


@dataclass(frozen=True, eq=False, slots=True)
class _Stack:
    """What cells are cut from."""

    vectors: NDArray[np.float32]  # (layers + 1, s, d)
    seconds: tuple[float, ...]  # (layers + 1,), empty where no model runs
    title: str
    layers: int | None
    timing: str
    name: str  # fingerprint
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class _Truth:
    """Exact neighbours by the full vectors within the sample."""

    asked: Rows  # (m,) positions of the queries
    similarities: NDArray[np.float64]  # (m, s), a query's own is -inf
    nearest: NDArray[np.float64]  # (m, k) descending


def default_dims(dim: int) -> tuple[int, ...]:
    """Powers of two from 8 up to d, half of d, and d itself."""
    powers = [1 << power for power in range(dim.bit_length()) if 1 << power < dim]
    few = [power for power in powers if power >= FEWEST_DIMS] or powers
    return tuple(sorted({*few, dim // 2 or 1, dim}))


def default_pairs(layers: int | None, dim: int) -> tuple[Pair, ...]:
    """The diagonal of the grid from small to full: half the layers, a power of two, and so on.

    For 12 layers and 768 dimensions these are Starbucks' own six sizes.
    """
    powers = [dims for dims in default_dims(dim) if dims == dim or not dims & (dims - 1)]
    if layers is None:
        return tuple((0, dims) for dims in powers[-MOST_STEPS:])
    steps = min(MOST_STEPS, max(1, layers), len(powers))
    return tuple(
        (round(layers * step / steps), powers[len(powers) - steps + step - 1])
        for step in range(1, steps + 1)
    )


def measure_layers(request: LayersRequest, report: Report = SILENT) -> LayerGrid:
    """Measure all cells. The hidden states are read once and kept in the cache.

    Neighbours are exact ones by cosine among a sample of rows; a row is not its own neighbour,
    and what is as near as the k-th counts as found.

    Raises: BackendError if there is too little to compare, or nothing to cut; Cancelled.
    """
    stack = _stack(request, report.span(0, SHARE_OF_READING))
    truth = _truth(stack, request)
    dim = stack.vectors.shape[2]
    dims = tuple(sorted({*(request.dims or default_dims(dim)), dim}))
    _check_dims(dims, dim, stack.title)
    layers = range(len(stack.vectors))
    pairs = [(layer, number) for layer in layers for number in dims]
    cells = tuple(_cells(stack, truth, pairs, report.span(SHARE_OF_READING, 1)))
    params = {"dims": list(dims), "k": request.k, "queries": request.queries, "seed": request.seed}
    return LayerGrid(
        title=stack.title,
        layers=stack.layers,
        dim=dim,
        dims=dims,
        cells=cells,
        k=truth.nearest.shape[1],
        rows=stack.vectors.shape[1],
        queries=len(truth.asked),
        timing=stack.timing,
        request=request,
        made_by=MadeBy("layers", (stack.name,), params),
        notes=stack.notes,
    )


def check_sizes(request: LayersRequest, pairs: Sequence[Pair] = ()) -> None:
    """Look whether there are such layers and dimensions; no text is read and no model is run.

    Raises: BackendError if there are not.
    """
    title, last, dim = "", 0, 0
    if request.encoder is not None:
        encoder = load_encoder(request.encoder)
        if isinstance(encoder, Layered) and encoder.layers > 0:
            title, last, dim = short_title(encoder.title), encoder.layers, encoder.dim
    if not dim and request.embeddings is not None:
        title, dim = request.embeddings.title, request.embeddings.dim
    if dim:
        _check_dims((*request.dims, *(dims for _, dims in pairs)), dim, title)
        _check_layers((layer for layer, _ in pairs), last, title)


def measure_pairs(
    request: LayersRequest, pairs: Sequence[Pair], report: Report = SILENT
) -> tuple[LayerCell, ...]:
    """Measure sizes of a ladder, in their order, as `measure_layers` does.

    Raises: BackendError if the model has no such layer or dimensions; Cancelled.
    """
    stack = _stack(request, report.span(0, SHARE_OF_READING))
    _check_dims([dims for _, dims in pairs], stack.vectors.shape[2], stack.title)
    _check_layers([layer for layer, _ in pairs], len(stack.vectors) - 1, stack.title)
    truth = _truth(stack, request)
    return tuple(_cells(stack, truth, pairs, report.span(SHARE_OF_READING, 1)))


def iso_costs(grid: LayerGrid) -> tuple[IsoLine, ...]:
    """Lines of equal cost through the grid, dearest first; none where only dimensions are cut.

    Cost is the product of both shares: half the time is worth as much as half the bytes.
    """
    if grid.layers is None:
        return ()
    shares = [grid.cell(layer, grid.dim) for layer in grid.layer_numbers]
    lines = []
    for cost in COSTS:
        points = [
            (cell.layer, grid.dim * cost / cell.relative_time)
            for cell in shares
            if cell is not None and cell.relative_time > 0
        ]
        within = tuple(p for p in points if grid.dims[0] <= p[1] <= grid.dim)
        if len(within) > 1:
            lines.append(IsoLine(cost, within))
    return tuple(lines)


def cheapest(grid: LayerGrid, least: float) -> LayerCell | None:
    """The cell of the least cost (time times bytes) whose recall is at least so much."""
    good = [cell for cell in grid.cells if cell.recall.mean >= least]
    return min(good, key=lambda c: (c.relative_time * c.dims, -c.recall.mean), default=None)


def _stack(request: LayersRequest, report: Report) -> _Stack:
    """All layers of an encoder that has some, else the finished vectors."""
    if request.encoder is None:
        return _stored(request, ())
    encoder = load_encoder(request.encoder, report)
    if isinstance(encoder, Layered) and encoder.layers > 0:
        return _run(request, encoder, report)
    if request.embeddings is None:
        layered(encoder)  # says that it has none
    note = f"{encoder.title} has no layers; its dimensions alone are measured."
    return _stored(request, (note,))


def _run(request: LayersRequest, encoder: Layered, report: Report) -> _Stack:
    texts = _texts(request)
    if len(texts) < 2:
        raise _too_few()
    states = hidden_states(encoder, texts, report)
    vectors = states.vectors
    known = (vectors[-1] != 0).any(axis=1)  # (n,) what the model knows nothing of is left out
    if known.sum() < 2:
        raise _too_few()
    return _Stack(
        vectors if known.all() else vectors[:, known],
        states.seconds,
        short_title(encoder.title),
        encoder.layers,
        "measured" if states.measured else "estimated",
        states.made_by.fingerprint,
    )


def _texts(request: LayersRequest) -> list[str]:
    """Texts of rows chosen by chance, those without text left out, in the order of the corpus."""
    column = request.column or request.corpus.roles.text
    if column is None:
        raise BackendError(
            f"{request.corpus.title} has no text column.", hint="Choose the column with the text."
        )
    texts = Texts(request.corpus, column)
    order = np.random.default_rng(request.seed).permutation(len(texts))
    found: dict[int, str] = {}
    for start in range(0, len(order), max(1, request.sample)):
        rows = np.sort(order[start : start + request.sample])
        for row, text in zip(rows.tolist(), texts.at(rows), strict=True):
            if text.strip() and len(found) < request.sample:
                found[row] = text
        if len(found) >= request.sample:
            break
    return [found[row] for row in sorted(found)]


def _stored(request: LayersRequest, notes: tuple[str, ...]) -> _Stack:
    embeddings = request.embeddings
    if embeddings is None or min(embeddings.count, request.sample) < 2:
        raise _too_few()
    rows = np.flatnonzero(embeddings.present)
    if len(rows) > request.sample:
        rng = np.random.default_rng(request.seed)
        rows = np.sort(rng.choice(rows, request.sample, replace=False))
    vectors = unit_rows(embeddings.vectors[rows])[None]  # (1, s, d)
    name = embeddings.fingerprint
    return _Stack(frozen(vectors), (), embeddings.title, None, "none", name, notes)


def _too_few() -> BackendError:
    return BackendError(
        "Layers are compared by neighbours, and there are fewer than two vectors.",
        hint="Take more rows into the sample, or load more.",
    )


def _check_dims(dims: Iterable[int], dim: int, title: str) -> None:
    for number in dims:
        if not 1 <= number <= dim:
            raise BackendError(
                f"{title} has {counted(dim, 'dimension')}, not {number:,}.",
                hint=f"Name numbers from 1 to {dim}.",
            )


def _check_layers(numbers: Iterable[int], last: int, title: str) -> None:
    for layer in numbers:
        if not 0 <= layer <= last:
            raise BackendError(f"{title} has no layer {layer}.", hint=f"Name one from 0 to {last}.")


def _truth(stack: _Stack, request: LayersRequest) -> _Truth:
    full = stack.vectors[-1].astype(np.float64)  # (s, d)
    number = len(full)
    rng = np.random.default_rng(request.seed)
    asked = np.sort(rng.choice(number, min(number, max(1, request.queries)), replace=False))
    similarities = full[asked] @ full.T  # (m, s)
    similarities[np.arange(len(asked)), asked] = -np.inf
    k = max(1, min(request.k, number - 1))
    nearest = -np.sort(np.partition(-similarities, k - 1, axis=1)[:, :k], axis=1)  # (m, k)
    return _Truth(asked.astype(np.int64), similarities, nearest)


def _cells(
    stack: _Stack, truth: _Truth, pairs: Sequence[Pair], report: Report
) -> Iterable[LayerCell]:
    for number, (layer, dims) in enumerate(pairs):
        report.step(number, len(pairs), f"Comparing layer {layer} with {dims:,} dimensions")
        found = _nearest(unit_rows(stack.vectors[layer][:, :dims]), truth)
        exact = np.take_along_axis(truth.similarities, found, axis=1)  # (m, k)
        recall = estimate(recall_by_query(exact, truth.nearest))
        seconds = stack.seconds[layer] if stack.seconds else float("nan")
        share = seconds / stack.seconds[-1] if stack.seconds else 1.0
        yield LayerCell(layer, dims, recall, 4 * dims, seconds, share)


def _nearest(vectors: Matrix, truth: _Truth) -> Rows:
    """The k nearest of each query by some vectors, (m, k) positions, ties in their order."""
    similarities = vectors[truth.asked] @ vectors.T  # (m, s)
    similarities[np.arange(len(truth.asked)), truth.asked] = -np.inf
    best = Best(len(truth.asked), truth.nearest.shape[1])
    best.offer(similarities, 0)
    return best.positions
