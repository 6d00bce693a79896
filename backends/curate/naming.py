"""What regions are called: the words that set their texts apart, or their most central items.

Where texts are long enough to share words, a region is named by c-TF-IDF; where items are single
words or have no text, by the items nearest to its middle. A region inside another is named by what
sets it apart from that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen, unit_rows
from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    read_cells,
)
from backends.curate.regions import Regions
from backends.curate.stopwords import ENGLISH
from backends.curate.words import Tokens, read_tokens
from backends.reporting import SILENT, Report
from backends.types import Corpus

MOST_TEXTS = 300_000  # of which the words are read
LEAST_PER_REGION = 200  # texts of a region that are read at least, if it has so many
MOST_WORDS = 3
WEAKEST = 0.3  # score of a further word against the first
SHORT = 1.7  # words of a text, on average, below which texts are taken for names
EVERYWHERE = 0.04  # share of the texts of every class that say a word: it tells nothing
FLAT = 1.5  # times its overall share that a common word is said in the class that says it most
COMMON = 0.005  # share of all texts from which on a word is common
SAME_PART = 0.8  # share of a region from which on its only part is the same thing
CENTRAL = 256  # items of a region among which the most central ones are looked for
ITEM_LETTERS = 28
MOST_ENDING = 4  # letters that forms of a word may differ in


@dataclass(frozen=True, eq=False)
class Names:
    """What each region is called, by its number; `()` where nothing sets it apart."""

    parts: tuple[tuple[str, ...], ...]
    made_of: Literal["words", "items", "nothing"]
    column: str | None
    notes: tuple[str, ...] = ()
    weights: tuple[tuple[float, ...], ...] = field(default=())  # scores of the parts, best first

    def text(self, number: int) -> str:
        """The name in one line; a region without one is called by its number."""
        return ", ".join(self.parts[number]) or f"Cluster {number + 1}"


@dataclass(frozen=True, eq=False)
class NamingRequest:
    """Regions of a corpus's layout and what may name them."""

    corpus: Corpus
    regions: Regions
    layout: Matrix  # (n, 2)
    text: str | None = None  # column with the texts
    label: str | None = None  # column that says what an item is called
    vectors: Matrix | None = None  # (n, d): the most central items are found among these
    most_texts: int = MOST_TEXTS


def name_regions(request: NamingRequest, report: Report = SILENT) -> Names:
    """Name all regions; more than 300,000 texts are sampled fairly by region, and `notes` say so.

    Raises: BackendError if there is no such column, Cancelled.
    """
    regions = request.regions
    if not len(regions) or (request.text is None and request.label is None):
        return Names(((),) * len(regions), "nothing", None)
    order = _by_region(regions)
    if request.text is not None:
        rows, ranges = _sampled(order, request.most_texts)
        tokens = read_tokens(request.corpus, request.text, np.sort(rows), report.span(0, 0.7))
        if tokens.per_text > SHORT:
            notes: tuple[str, ...] = ()
            if len(rows) < len(request.layout):
                notes = (
                    f"Names are from {len(rows):,} of {len(request.layout):,} texts, "
                    "taken evenly from every cluster.",
                )
            words = _Words(tokens, rows, regions, ranges)
            parts, weights = words.named(report.span(0.7, 1))
            return Names(parts, "words", request.text, notes, weights)
    column = request.label or request.text
    assert column is not None
    central = central_items(request, order, report.span(0.7, 0.95))
    return Names(_item_names(request.corpus, column, regions, central), "items", column)


# -- rows in the order of regions ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Order:
    """Rows so ordered that each region with all inside it is one range of them."""

    rows: Rows  # (n,) those without a region last
    ranges: NDArray[np.int64]  # (regions, 2)
    own: NDArray[np.int64]  # (regions + 1, 2) rows that lie in no finer region; the last: in none
    walk: tuple[int, ...]  # regions, parents before what is inside them


def _by_region(regions: Regions) -> Order:
    walk: list[int] = []
    stack = [i for i in reversed(range(len(regions))) if regions.all[i].parent < 0]
    while stack:
        number = stack.pop()
        walk.append(number)
        stack.extend(reversed(regions.children[number]))
    rank = np.full(len(regions) + 1, len(regions), np.int64)  # the last entry: no region
    rank[walk] = np.arange(len(walk))
    counts = np.bincount(rank[regions.deepest], minlength=len(regions) + 1)
    ends = np.cumsum(counts)
    own = np.stack([ends - counts, ends], axis=1)  # by rank
    order = np.argsort(rank[regions.deepest], kind="stable").astype(np.int64)  # (n,)
    ranges = np.empty((len(regions), 2), np.int64)
    for number in reversed(walk):
        last = [ranges[child, 1] for child in regions.children[number]]
        ranges[number] = own[rank[number], 0], max([own[rank[number], 1], *last])
    by_number = own[np.append(rank[:-1], len(regions))]
    return Order(order, ranges, by_number, tuple(walk))


def _sampled(order: Order, most: int) -> tuple[Rows, Order]:
    """At most about `most` rows, evenly spread over each region's own ones, in the same order."""
    if len(order.rows) <= most:
        return order.rows, order
    counts = order.own[:, 1] - order.own[:, 0]  # (regions + 1,)
    rate = most / len(order.rows)
    wanted = np.minimum(counts, np.maximum(LEAST_PER_REGION, np.ceil(counts * rate)))
    wanted = wanted.astype(np.int64)
    sequence = [*order.walk, len(counts) - 1]
    picked, own, at = [], np.zeros_like(order.own), 0
    for number in sequence:
        first, count, size = order.own[number, 0], counts[number], int(wanted[number])
        picked.append(first + (np.arange(size) * count) // max(size, 1))
        own[number] = at, at + size
        at += size
    places = np.concatenate(picked)
    ranges = np.searchsorted(places, order.ranges)
    rows = order.rows[places]
    return rows, Order(rows, ranges, own, order.walk)


# -- words --------------------------------------------------------------------------------------


class _Words:
    """Chooses words for nested regions from the scores of each among its siblings."""

    def __init__(self, tokens: Tokens, rows: Rows, regions: Regions, order: Order) -> None:
        self._regions = regions
        self._order = order
        self._vocabulary, merged = _without_plurals(tokens)
        self._words, self._starts = _reordered(merged, tokens.starts, rows)
        self._usable = np.array(
            [len(word) > 1 and not word.isdigit() for word in self._vocabulary], np.bool_
        )
        self._usable &= ~np.array([word in ENGLISH for word in self._vocabulary], np.bool_)
        self._usable &= ~self._said_everywhere()

    def named(
        self, report: Report
    ) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[float, ...], ...]]:
        """Words of each region and their scores."""
        from backends.curate.word_scores import score_parts, score_words

        regions = self._regions
        names: list[tuple[str, ...]] = [()] * len(regions)
        weights: list[tuple[float, ...]] = [()] * len(regions)
        roots = tuple(i for i, region in enumerate(regions.all) if region.parent < 0)
        everything = np.array([0, len(self._starts) - 1])
        families = [(-1, roots)]
        families += [(i, regions.children[i]) for i in self._order.walk if regions.children[i]]
        for done, (parent, members) in enumerate(families):
            report.step(done, len(families), "Naming clusters")
            outer = everything if parent < 0 else self._order.ranges[parent]
            score = score_words if parent < 0 else score_parts
            inner = self._order.ranges[list(members)]
            best, scores = score(self._words, self._starts, outer, inner, self._usable)
            said = self._said_above(parent, names)
            for member, found, values in zip(members, best, scores, strict=True):
                if parent >= 0 and len(members) == 1 and self._is_same(member, parent):
                    names[member], weights[member] = names[parent], weights[parent]
                    continue
                words = [self._vocabulary[i] for i in found if i >= 0]
                # A part that has no word of its own left shares one with its whole.
                chosen = _distinct(words, values.tolist(), said) or _distinct(
                    words, values.tolist(), ()
                )
                names[member] = tuple(word for word, _ in chosen)
                weights[member] = tuple(value for _, value in chosen)
        return tuple(names), tuple(weights)

    def _is_same(self, part: int, whole: int) -> bool:
        return self._regions.all[part].count >= SAME_PART * self._regions.all[whole].count

    def _said_above(self, number: int, names: Sequence[tuple[str, ...]]) -> list[str]:
        said: list[str] = []
        while number >= 0:
            said += names[number]
            number = self._regions.all[number].parent
        return said

    def _said_everywhere(self) -> NDArray[np.bool_]:
        """Words of any language that no class says much more often than the others, (V,)."""
        from backends.curate.word_scores import text_shares

        classes = self._classes()
        if len(classes) < 3:
            whole = np.array([[0, len(self._starts) - 1]])
            shares = text_shares(self._words, self._starts, whole, len(self._vocabulary))
            return np.asarray(shares[0] > 0.3)
        shares = text_shares(self._words, self._starts, classes, len(self._vocabulary))
        sizes = classes[:, 1] - classes[:, 0]
        overall = sizes @ shares / sizes.sum()  # (V,)
        flat = (overall >= COMMON) & (shares.max(axis=0) < FLAT * overall)
        return np.asarray((shares.min(axis=0) >= EVERYWHERE) | flat)

    def _classes(self) -> NDArray[np.int64]:
        """Ranges of the regions of the coarsest level that has three or more."""
        by_level = [
            [i for i, region in enumerate(self._regions.all) if region.level == level]
            for level in range(self._regions.levels)
        ]
        chosen = next((found for found in by_level if len(found) >= 3), max(by_level, key=len))
        return self._order.ranges[chosen]


def _without_plurals(tokens: Tokens) -> tuple[list[str], NDArray[np.int32]]:
    """Count a word and its form with an s as one, called by the commoner of the two.

    Returns the vocabulary and each token's word. Stop words keep to themselves: new is no news.
    """
    place = {word: i for i, word in enumerate(tokens.vocabulary)}
    counts = np.bincount(tokens.words, minlength=len(place))
    target = np.arange(len(place), dtype=np.int32)
    names = list(tokens.vocabulary)
    for word, i in place.items():
        if len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
            continue
        single = word[:-3] + "y" if word.endswith("ies") else word[:-1]
        other = place.get(single)
        if other is not None and single not in ENGLISH:
            target[i] = other
            if counts[i] > counts[other]:
                names[other] = word
    return names, target[tokens.words]


def _reordered(
    words: NDArray[np.int32], starts: NDArray[np.int64], rows: Rows
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Tokens of texts that were read in ascending order of their row, in the order of `rows`."""
    at = np.empty(len(rows), np.int64)  # which of the texts read stands at each place
    at[np.arange(len(rows))] = np.argsort(np.argsort(rows, kind="stable"), kind="stable")
    lengths = (starts[1:] - starts[:-1])[at]
    moved = np.concatenate([[0], np.cumsum(lengths)])
    source = np.repeat(starts[at] - moved[:-1], lengths) + np.arange(moved[-1])
    return np.ascontiguousarray(words[source]), moved


def _distinct(
    words: Sequence[str], scores: Sequence[float], said: Iterable[str]
) -> list[tuple[str, float]]:
    """The best words that are not forms of each other, nor of what was said before."""
    chosen: list[tuple[str, float]] = []
    known = list(said)
    for word, score in zip(words, scores, strict=False):
        if chosen and score < WEAKEST * chosen[0][1]:
            break
        if not any(is_same_word(word, other) for other in known):
            chosen.append((word, score))
            known.append(word)
        if len(chosen) == MOST_WORDS:
            break
    return chosen


def is_same_word(one: str, other: str) -> bool:
    """Whether two words are forms of one: a stem of four letters or more and a short ending."""
    if one == other:
        return True
    stem = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    stem = min(len(one), len(other)) if stem is None else stem
    ends = max(len(one), len(other)) - stem
    return stem >= 4 and ends <= stem // 2 + 1 and ends <= MOST_ENDING


# -- items --------------------------------------------------------------------------------------


def central_items(request: NamingRequest, order: Order, report: Report = SILENT) -> list[Rows]:
    """Rows of each region, the most central first: nearest to its mean vector, else to its peak."""
    found: list[Rows] = []
    for number, region in enumerate(request.regions.all):
        report.step(number, len(request.regions), "Finding central items")
        first, stop = order.ranges[number].tolist()
        size = min(CENTRAL, stop - first)
        rows = np.sort(order.rows[first + (np.arange(size) * (stop - first)) // max(size, 1)])
        if request.vectors is not None and size:
            vectors = unit_rows(np.asarray(request.vectors[rows], np.float32))  # (k, d)
            nearness = vectors @ vectors.mean(axis=0)  # (k,)
        else:
            away = request.layout[rows] - np.asarray(region.peak, np.float32)
            nearness = -np.linalg.norm(away, axis=1)
        found.append(frozen(rows[np.argsort(-nearness, kind="stable")]))
    return found


def _item_names(
    corpus: Corpus, column: str, regions: Regions, central: Sequence[Rows]
) -> tuple[tuple[str, ...], ...]:
    names: list[tuple[str, ...]] = []
    for number, rows in enumerate(central):
        parent = regions.all[number].parent
        siblings = regions.children[parent] if parent >= 0 else ()
        same = len(siblings) == 1 and (
            regions.all[number].count >= SAME_PART * regions.all[parent].count
        )
        if same:
            names.append(names[parent])
            continue
        said = {word.casefold() for word in (names[parent] if parent >= 0 else ())}
        chosen: list[str] = []
        for (value,) in read_cells(corpus, rows[: 4 * MOST_WORDS], [column]):
            word = _shortened(" ".join(cell_text(value).split()))
            if word and word.casefold() not in said:
                said.add(word.casefold())
                chosen.append(word)
            if len(chosen) == MOST_WORDS:
                break
        names.append(tuple(chosen))
    return tuple(names)


def _shortened(text: str) -> str:
    return text if len(text) <= ITEM_LETTERS else text[: ITEM_LETTERS - 1].rstrip() + "…"
