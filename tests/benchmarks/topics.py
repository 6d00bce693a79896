"""Clusters of a map and their names: density beside scipy's blur, the rest against limits."""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np
import pyarrow as pa
from scipy.ndimage import gaussian_filter

from backends.arrays import Matrix
from backends.corpora.reading import read_corpus
from backends.curate.naming import NamingRequest, name_regions
from backends.curate.regions import find_regions
from backends.raster.contours import contours_of
from backends.raster.density import blurred, count_points
from backends.raster.placing import Label, place
from backends.types import Corpus, MadeBy, Roles
from tests.benchmarks.measure import Measure, arguments, in_turn, seconds_of, show

SIZES, QUICK = (400_000, 10_000_000), (400_000,)
SAMPLE = Path(__file__).parents[2] / "resources" / "samples" / "wordnet.csv"
TIMES = 5


def clouds(n: int, seed: int = 0) -> Matrix:
    """Four hundred clusters of unequal size."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(400, 2)) * 6
    widths = np.exp(rng.normal(size=400) / 2) / 4
    of = rng.integers(0, 400, n)
    return (middles[of] + rng.normal(size=(n, 2)) * widths[of, None]).astype(np.float32)


def median(call: object) -> float:
    """Seconds of a call, the median of several after one that compiles."""
    assert callable(call)
    call()
    return statistics.median(seconds_of(call) for _ in range(TIMES))


def measure_layout(n: int, *, as_json: bool) -> None:
    """Counting, blurring, contours and clusters of n points."""
    layout = clouds(n)
    density = count_points(layout)
    counting = median(lambda: count_points(layout))
    show(Measure("count by cell", counting, "<= 0.5", n), as_json=as_json)
    blurred(density.counts, 20)
    exact = density.counts.astype(np.float32)
    mine, theirs = in_turn(
        lambda: seconds_of(lambda: blurred(density.counts, 20)),
        lambda: seconds_of(lambda: gaussian_filter(exact, 20, mode="constant")),
        TIMES,
    )
    row = Measure("blur by 20 cells", mine, ">= 2", n, "s", "scipy gaussian_filter", theirs)
    show(row, as_json=as_json)
    show(Measure("contours", median(lambda: contours_of(layout)), "<= 1", n), as_json=as_json)
    show(Measure("clusters", median(lambda: find_regions(layout)), "<= 3", n), as_json=as_json)


def measure_names(corpus: Corpus, text: str, *, as_json: bool, limit: str) -> None:
    """Naming the clusters of a corpus whose rows lie anywhere."""
    layout = clouds(len(corpus), 1)
    regions = find_regions(layout)
    request = NamingRequest(corpus, regions, layout, text)
    seconds = median(lambda: name_regions(request))
    show(Measure("names from texts", seconds, limit, len(corpus)), as_json=as_json)


def main() -> None:
    """Measure everything, or the smaller half of it."""
    words = arguments(__doc__ or "")
    for n in QUICK if words.quick else SIZES:
        measure_layout(n, as_json=words.json)
    sample = read_corpus((SAMPLE,))
    measure_names(sample, "definition", as_json=words.json, limit="<= 1")
    texts = sample.table.column("definition").take(pa.array(np.arange(400_000) % len(sample)))
    many = Corpus(pa.table({"text": texts}), Roles("text"), "many", (), MadeBy("benchmark"))
    measure_names(many, "text", as_json=words.json, limit="<= 5")
    rng = np.random.default_rng(0)
    labels = [Label(float(x), float(y), 90, 28, 1, -1) for x, y in rng.normal(size=(500, 2))]
    show(
        Measure("placing labels", median(lambda: place(labels)), "<= 0.05", 500), as_json=words.json
    )


if __name__ == "__main__":
    main()
