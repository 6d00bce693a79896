"""Looking along a direction, testing associations and hard debiasing, on 400,000 GloVe vectors.

Peers are plain numpy, written as the published code does it; limits are those of the application.
"""

from __future__ import annotations

import statistics

import numpy as np

from backends.arrays import unit_rows
from backends.corpora.reading import ReadOptions, read_corpus
from backends.directions.association import associate
from backends.directions.base import Direction, Space
from backends.directions.erasing.making import erase
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.looking import projections, ranked
from backends.directions.registry import PairsGiven, find_direction, space_of
from backends.directions.shipped import shipped
from backends.samples import SAMPLES
from tests.benchmarks.measure import Measure, arguments, in_turn, seconds_of, show

TIMES = 9


def main() -> None:
    """Print every measure."""
    words = arguments(__doc__ or "")
    paths = SAMPLES["glove"].paths
    if not paths:
        print(f"needs the sample: {SAMPLES['glove'].command}")
        return
    corpus = read_corpus(paths, ReadOptions())
    assert corpus.vectors is not None
    space = space_of(corpus, corpus.vectors)
    pairs = shipped().named("Gender pairs").pairs
    direction = find_direction(space, "pairs", PairsGiven(pairs), "components")
    for measure in (*_look(space, direction), _test(space), *_debias(space, direction)):
        show(measure, as_json=words.json)


def _look(space: Space, direction: Direction) -> tuple[Measure, ...]:
    vectors = np.asarray(space.embeddings.vectors)

    def ours() -> float:
        return seconds_of(lambda: ranked(projections(space.embeddings, direction)))

    def theirs() -> float:
        def sort() -> None:
            lengths = np.linalg.norm(vectors, axis=1)
            np.argsort(-(vectors @ direction.vector) / lengths, kind="stable")

        return seconds_of(sort)

    mine, peer = in_turn(ours, theirs, TIMES)
    n = len(vectors)
    return (
        Measure("project and rank", mine, "<= 0.05", n),
        Measure("project and rank, beside numpy", mine, ">= 2", n, "s", "numpy argsort", peer),
    )


def _test(space: Space) -> Measure:
    tests = shipped().tests

    def ours() -> float:
        return seconds_of(lambda: [associate(space, test) for test in tests])

    mine = statistics.median(ours() for _ in range(3))
    return Measure("ten WEAT tests, exact or 100,000 samples", mine, "<= 5", len(tests))


def _debias(space: Space, direction: Direction) -> tuple[Measure, ...]:
    named = shipped().named
    kept = named("Gender-specific words (learnt)").terms
    pairs = named("Gender equalise pairs").pairs

    def ours() -> float:
        request = EraseRequest(space, direction, "hard", kept=kept, pairs=pairs)
        return seconds_of(lambda: erase(request))

    def theirs() -> float:
        def neutralise() -> None:
            units = unit_rows(np.asarray(space.embeddings.vectors))
            unit_rows(units - np.outer(units @ direction.vector, direction.vector))

        return seconds_of(neutralise)

    mine, peer = in_turn(ours, theirs, 3)
    n = len(space.embeddings)
    beside = "neutralising alone, in memory"
    return (
        Measure("hard debias, vectors written", mine, "<= 2", n),
        Measure("hard debias, beside numpy", mine, ">= 0.3", n, "s", beside, peer),
    )


if __name__ == "__main__":
    main()
