"""A relation as one offset: r = mean(t - h) of unit vectors, and how far its pairs agree with it.

Reference: Daza, Cochez, Groth 2021, Inductive entity representations from text via link prediction
(TransE on given vectors); Fournier, Dupoux, Dunbar 2020, Analogies minus analogy test, for the
comparison with tails in another order; Albert and Zhang 2010, A novel definition of the
multivariate coefficient of variation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, batches, frozen
from backends.directions.relations import Relation, units_of
from backends.reporting import SILENT, Report
from backends.types import Embeddings

BLOCK = 8_192  # pairs at a time
MOST_SHUFFLED = 5_000  # pairs that are compared with shuffled ones
SHUFFLES = 20
FLIPS = 199  # times the ends of pairs are exchanged by chance
FEW = 6  # pairs below which chance cannot be told from a relation
TINY = 1e-6  # a length that rounding alone may have left
CHANCE = 0.05
WEAK = 0.1  # how much more consistent than shuffled tails is worth calling more

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Offset:
    """What all pairs of a relation have in common, as a translation."""

    vector: Matrix  # (d,) float32: mean of tail less head, not of unit length
    length: float  # of it, 0..2
    agreement: Matrix  # (p,) cosine of each pair's own difference with it, -1..1
    consistency: float  # mean of these
    baseline: float  # the same with tails in another order, mean over `SHUFFLES`
    resultant: float  # length of the mean of the differences at length 1, 0..1
    variation: float  # Albert and Zhang's coefficient along it; 0: all pairs alike; inf: no offset
    chance: float  # how often an offset as long comes of exchanging heads and tails by chance
    mutual: int  # pairs that are also there the other way round
    compared: int  # pairs that baseline and chance were found from

    @property
    def is_compared(self) -> bool:
        """Whether there were tails to shuffle: `baseline` and `chance` mean nothing otherwise."""
        return self.compared > 1

    @property
    def disagreeing(self) -> NDArray[np.int64]:
        """Positions of the pairs that point the other way, worst first."""
        against = np.flatnonzero(self.agreement < 0)
        return against[np.argsort(self.agreement[against], kind="stable")]

    @property
    def is_symmetric(self) -> bool:
        """Whether head and tail cannot be told apart by the offset."""
        pairs = len(self.agreement)
        mutual = pairs > 0 and 2 * self.mutual >= pairs
        return mutual or self.length <= TINY or (pairs >= FEW and self.chance > CHANCE)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before trusting it, a sentence each."""
        pairs, said = len(self.agreement), []
        if pairs == 1:
            said.append("A single pair: its offset agrees with itself, which says nothing.")
        elif pairs < FEW:
            said.append(f"Only {pairs} pairs: far too few to tell a relation from chance.")
        if pairs and 2 * self.mutual >= pairs:
            said.append(
                f"{self.mutual:,} of {pairs:,} pairs are given both ways: the relation is "
                "symmetric, so its offset cancels out and points nowhere."
            )
        elif self.is_symmetric:
            said.append(
                "The offset is no longer than one of heads and tails exchanged by chance "
                f"(p = {self.chance:.2f}): the relation looks symmetric or is no translation."
            )
        if pairs > 1 and not self.is_symmetric and self.consistency - self.baseline < WEAK:
            said.append(
                "Shuffled tails agree nearly as well: the offset leads to the kind of item that "
                "tails are, not from a head to its own tail."
            )
        return tuple(said)


def find_offset(
    embeddings: Embeddings, relation: Relation, seed: int = 0, report: Report = SILENT
) -> Offset:
    """The offset of a relation, at any number of pairs. Raises: Cancelled."""
    pairs, dim = len(relation), embeddings.dim
    mean, direction_sum = np.zeros(dim), np.zeros(dim)
    for block in batches(pairs, BLOCK):
        report.step(block.start, 2 * pairs, "Finding the offset")
        ways = differences(embeddings, relation, block)
        mean += ways.sum(axis=0)
        direction_sum += at_length_one(ways).sum(axis=0)
    mean /= max(1, pairs)
    length = float(np.linalg.norm(mean))
    agreement = np.zeros(pairs, np.float32)
    along_sum, along_squares = 0.0, 0.0
    for block in batches(pairs, BLOCK):
        report.step(pairs + block.start, 2 * pairs, "Comparing the pairs")
        ways = differences(embeddings, relation, block)
        agreement[block] = cosines(ways, mean)
        along = ways @ mean
        along_sum, along_squares = along_sum + along.sum(), along_squares + (along**2).sum()
    spread = max(0.0, along_squares / max(1, pairs) - (along_sum / max(1, pairs)) ** 2)
    baseline, chance, compared = _by_chance(embeddings, relation, mean, seed)
    return Offset(
        frozen(mean.astype(np.float32)),
        length,
        frozen(agreement),
        float(agreement.mean()) if pairs else 0.0,
        baseline,
        float(np.linalg.norm(direction_sum)) / max(1, pairs),
        float(np.sqrt(spread)) / length**2 if length > TINY else float("inf"),
        chance,
        relation.mutual,
        compared,
    )


def differences(embeddings: Embeddings, relation: Relation, block: slice = slice(None)) -> Vector:
    """Tail less head of some pairs, of unit vectors, (p, d) float64."""
    heads = units_of(embeddings, relation.heads[block])
    tails = units_of(embeddings, relation.tails[block])
    return tails.astype(np.float64) - heads


def cosines(ways: Vector, offset: Vector) -> Vector:
    """Cosine of each difference with an offset, (p,); 0 where either has no length."""
    lengths = np.linalg.norm(ways, axis=1) * np.linalg.norm(offset)
    along = ways @ offset
    usable = lengths > TINY**2
    found: Vector = np.divide(along, lengths, out=np.zeros_like(along), where=usable)
    return found.clip(-1.0, 1.0)


def _by_chance(
    embeddings: Embeddings, relation: Relation, mean: Vector, seed: int
) -> tuple[float, float, int]:
    """Consistency of shuffled tails, and how often exchanged ends give an offset as long.

    Shuffling leaves the offset as it is: means do not see the order.
    """
    rng = np.random.default_rng(seed)
    pairs = len(relation)
    chosen = np.arange(pairs)
    if pairs > MOST_SHUFFLED:
        chosen = np.sort(rng.choice(pairs, MOST_SHUFFLED, replace=False))
    if len(chosen) < 2:
        return 0.0, 1.0, len(chosen)
    part = relation.at(chosen)
    heads = units_of(embeddings, part.heads).astype(np.float64)
    tails = units_of(embeddings, part.tails).astype(np.float64)
    shuffled = [
        cosines(tails[_deranged(len(chosen), rng)] - heads, mean).mean() for _ in range(SHUFFLES)
    ]
    ways = tails - heads
    own = np.linalg.norm(ways.mean(axis=0))
    signs = rng.choice((-1.0, 1.0), (FLIPS, len(chosen)))
    lengths = np.linalg.norm(signs @ ways, axis=1) / len(chosen)  # (FLIPS,)
    longer = int((lengths >= own - TINY).sum())
    return float(np.mean(shuffled)), (1 + longer) / (1 + FLIPS), len(chosen)


def _deranged(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """An order by chance in which nothing stays in its place: a random cycle (Sattolo 1986)."""
    cycle = rng.permutation(n)
    order = np.empty(n, np.int64)
    order[cycle] = np.roll(cycle, 1)
    return order


def at_length_one(ways: Vector) -> Vector:
    """Rows at length 1, (p, d); those without a length stay 0."""
    lengths = np.linalg.norm(ways, axis=1, keepdims=True)
    found: Vector = np.divide(ways, lengths, out=np.zeros_like(ways), where=lengths > TINY)
    return found
