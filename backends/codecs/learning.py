"""Training codecs on neighbours (torch): what to learn from, one loop, and an honest verdict.

Half of the held-out queries say when to stop, the other half alone says whether training helped
beyond chance; where it did not, the untrained start is kept. Nothing global is left changed, and
all chance comes from numpy generators with a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from backends.arrays import Matrix, Rows, batches, frozen
from backends.codecs.base import LossCurve
from backends.codecs.lessons import TIE, Exam, Lessons
from backends.reporting import SILENT, Report

_BLOCK = 1024
_WORK = 2e11  # multiplications of one training, of the order of ten seconds
_LEAST_STEPS = 60

Tensor = Any  # torch is untyped here, and imported inside functions


class Model(Protocol):
    """Something with weights that compares queries with rows by dot products."""

    parameters: list[Tensor]

    def queries(self, vectors: Tensor) -> Tensor:
        """What is compared of queries (b, d): (b, r) of unit length."""

    def rows(self, vectors: Tensor) -> Tensor:
        """What is compared of rows (b, d): (b, r) of unit length."""

    def both(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """The same vectors (b, d) as queries and as rows; cheaper than one after the other."""


@dataclass(frozen=True)
class Plan:
    """How to train."""

    steps: int = 300
    rate: float = 1e-3  # of Adam
    anchors: int = 128  # rows a step that look for their neighbours
    positives: int = 2  # of the neighbours of each anchor
    mined: int = 5  # rows that each anchor is confused with
    temperature: float = 0.05
    hardest: int = 5  # negatives of an anchor that count, of all in the batch
    every: int = 20  # steps from one look at held-out rows to the next
    patience: int = 6  # looks without a better one
    seed: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What training was worth; the model holds the better of start and end."""

    curve: LossCurve
    before: float  # recall@10 of the judged queries, untrained
    after: float  # trained
    error: float  # standard error of the difference, query by query
    steps: int  # that were taken

    @property
    def helped(self) -> bool:
        """Whether the trained weights were kept: found more, by more than a standard error."""
        return self.after - self.before > self.error


@contextmanager
def torch_threads() -> Iterator[None]:
    """Let torch use one core, and put back what was set before.

    Steps are small: on two busy cores, threads that wait for each other take five times as long.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.set_num_threads(before)


def recall_of(model: Model, exam: Exam, held: Matrix) -> Matrix:
    """recall@10 of each query among the held-out rows, as the model compares them, (h,)."""
    return exam.recall(_similarities(model, exam, held).numpy())


def _similarities(model: Model, exam: Exam, held: Matrix) -> Tensor:
    import torch

    with torch.no_grad():
        queries = model.queries(torch.from_numpy(exam.queries))
        parts = [
            queries @ model.rows(torch.from_numpy(held[block])).T  # (h, b)
            for block in batches(len(held), 4 * _BLOCK)
        ]
        return torch.cat(parts, dim=1)


def steps_for(work: float) -> int:
    """Steps that training may take where one row forwards takes `work` multiplications."""
    rows = Plan.anchors * (1 + Plan.positives + Plan.mined)
    return int(np.clip(_WORK / (3 * rows * max(work, 1.0)), _LEAST_STEPS, Plan.steps))


def info_nce(similarities: Tensor, near: Tensor, apart: Tensor, plan: Plan) -> Tensor:
    """Mean over all near pairs of -log(e^s / (e^s + e^n1 + e^n2 + ..)), a number.

    `near` and `apart` (b, c) tell which columns are neighbours of a row and which are certainly
    not; n1, n2, .. are the most similar of the latter, `plan.hardest` of them. Reference: BEBR
    (Gan et al. 2023, KDD), where they are five.
    """
    import torch

    logits = similarities / plan.temperature
    count = min(plan.hardest, logits.shape[1])
    negatives = logits.masked_fill(~apart, -1e9).topk(count, dim=1).values  # (b, 5)
    # A row without negatives must not make numbers infinite; its loss is then 0.
    against = torch.logsumexp(negatives, dim=1, keepdim=True).clamp(min=-1e4)  # (b, 1)
    losses = torch.nn.functional.softplus(against - logits)  # (b, c)
    return (losses * near).sum() / near.sum().clamp(min=1)


class _Batches:
    """Anchors with some of their neighbours and with what the model confuses with them.

    Rows are confused where the model, as it was at its last look, finds them more similar than
    all but a few others among everything that is fitted: BEBR's queue, as long as the rows.
    """

    def __init__(self, lessons: Lessons, plan: Plan) -> None:
        self._lessons = lessons
        self._plan = plan
        self._rng = np.random.default_rng(plan.seed)
        self._bank: Tensor = None

    def remember(self, model: Model) -> None:
        """Keep what the model makes of all fitted rows now, (f, r)."""
        import torch

        fit = self._lessons.fit
        with torch.no_grad():
            parts = [model.rows(torch.from_numpy(fit[b])) for b in batches(len(fit), 4 * _BLOCK)]
            self._bank = torch.cat(parts)

    def next(self, model: Model) -> tuple[Rows, Rows]:
        """Anchors (a,) and further rows (c,), positions in `fit`; no row is in both."""
        import torch

        plan, lessons = self._plan, self._lessons
        total, k = lessons.neighbours.shape
        anchors = self._rng.choice(total, min(plan.anchors, total), replace=False)
        some = self._rng.permutation(k)[: plan.positives]
        with torch.no_grad():
            seen = model.queries(torch.from_numpy(lessons.fit[anchors])) @ self._bank.T  # (a, f)
        near = torch.from_numpy(lessons.neighbours[anchors])
        seen.scatter_(1, near, -np.inf)
        seen.scatter_(1, torch.from_numpy(anchors)[:, None], -np.inf)
        confused = seen.topk(min(plan.mined, total), dim=1).indices.numpy()
        others = np.concatenate([lessons.neighbours[anchors][:, some].ravel(), confused.ravel()])
        return anchors, np.setdiff1d(others, anchors)


def _batch_loss(model: Model, lessons: Lessons, chosen: tuple[Rows, Rows], plan: Plan) -> Tensor:
    import torch

    anchors = chosen[0]
    rows = np.concatenate(chosen)
    vectors = torch.from_numpy(lessons.fit[rows])  # (a + c, d)
    guide = torch.from_numpy(lessons.guide[rows])
    cosines = guide[: len(anchors)] @ guide.T  # (a, a + c)
    own = torch.eye(len(anchors), len(vectors), dtype=torch.bool)
    near = (cosines >= torch.from_numpy(lessons.reach[anchors])[:, None] - TIE) & ~own
    queries, encoded = model.both(vectors)
    return info_nce(queries[: len(anchors)] @ encoded.T, near, ~near & ~own, plan)


def _look(model: Model, lessons: Lessons, plan: Plan) -> tuple[float, float]:
    """Loss and recall of the checked queries among all held-out rows."""
    import torch

    exam = lessons.checked
    similarities = _similarities(model, exam, lessons.held)
    near = torch.from_numpy(exam.cosines >= exam.reach - TIE)
    others = torch.from_numpy(np.isfinite(exam.cosines))
    with torch.no_grad():
        loss = float(info_nce(similarities, near & others, ~near & others, plan))
    return loss, float(exam.recall(similarities.numpy()).mean())


def train(
    model: Model,
    lessons: Lessons,
    plan: Plan,
    report: Report = SILENT,
    penalty: Callable[[], Tensor] | None = None,
) -> Outcome:
    """Train a model in place by Adam, and leave it at its start unless held-out recall rose.

    `penalty` is added to the loss of each step (not to the curve). Stops early when the checked
    queries find no more. Reports every step with the loss. Raises: Cancelled.
    """
    start = _copies(model)
    before = recall_of(model, lessons.judged, lessons.held)
    best, curve = _descend(model, lessons, plan, report, penalty)
    _put(model, best)
    outcome = _judge(before, recall_of(model, lessons.judged, lessons.held), curve)
    if not outcome.helped:
        _put(model, start)
    return outcome


def _descend(
    model: Model,
    lessons: Lessons,
    plan: Plan,
    report: Report,
    penalty: Callable[[], Tensor] | None,
) -> tuple[list[Tensor], LossCurve]:
    """Take the steps; the weights by which the checked queries found most, and the curve."""
    import torch

    chooser = _Batches(lessons, plan)
    chooser.remember(model)
    best = _copies(model)
    loss, recall = _look(model, lessons, plan)
    # Of equally good ones the one with the smaller loss, which still tells where recall is full.
    best_so_far = (recall, -loss)
    held, losses, stale = [loss], list[float](), 0
    adam = torch.optim.Adam(model.parameters, lr=plan.rate)
    for step in range(plan.steps):
        # Towards the end in small steps (half a cosine), so that codes settle.
        share = step / plan.steps
        adam.param_groups[0]["lr"] = plan.rate * (0.5 + 0.5 * float(np.cos(np.pi * share)))
        value = _batch_loss(model, lessons, chooser.next(model), plan)
        losses.append(float(value.detach()))
        report.step(step, plan.steps, f"Training, loss {losses[-1]:.3f}")
        adam.zero_grad(set_to_none=True)
        (value if penalty is None else value + penalty()).backward()
        adam.step()
        if (step + 1) % plan.every and step + 1 < plan.steps:
            continue
        loss, recall = _look(model, lessons, plan)
        chooser.remember(model)
        held.append(loss)
        stale = 0 if (recall, -loss) > best_so_far else stale + 1
        if not stale:
            best, best_so_far = _copies(model), (recall, -loss)
        if stale >= plan.patience:
            break
    return best, LossCurve(_kept(losses), _kept(held), "InfoNCE on held-out rows")


def _judge(before: Matrix, after: Matrix, curve: LossCurve) -> Outcome:
    """Compare recalls (h,) of the same queries."""
    gain = (after - before).astype(np.float64)
    return Outcome(
        curve,
        before=float(before.mean()),
        after=float(after.mean()),
        error=float(gain.std() / np.sqrt(max(1, len(gain)))),
        steps=len(curve.training),
    )


def _copies(model: Model) -> list[Tensor]:
    return [value.detach().clone() for value in model.parameters]


def _put(model: Model, values: list[Tensor]) -> None:
    import torch

    with torch.no_grad():
        for parameter, value in zip(model.parameters, values, strict=True):
            parameter.copy_(value)


def _kept(values: list[float]) -> Matrix:
    return frozen(np.array(values, dtype=np.float32))


def unit(tensor: Tensor) -> Tensor:
    """Rows of length 1; a zero row stays zero."""
    return tensor / tensor.norm(dim=1, keepdim=True).clamp(min=1e-12)


def passed_sign(tensor: Tensor) -> Tensor:
    """1 where positive, else -1; the gradient is that of tanh(2x).

    A straight-through estimator, softer than BEBR's, whose gradient passes unchanged within -1..1
    and not at all beyond; their difference was within chance where it was tried. As in
    sentence-transformers' packed codes, zero is no 1; `torch.sign` would give 0.
    """
    soft = (2 * tensor).tanh()
    return soft + ((tensor > 0).to(tensor.dtype) * 2 - 1 - soft).detach()
