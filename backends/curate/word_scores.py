"""Which words set a class apart: c-TF-IDF of nested classes, over words as numbers.

Reference: Grootendorst 2022, "BERTopic", arXiv 2203.05794, section 3.3: the share of a word in the
class times log(1 + A / f), with A words in a class on average and f the word's count in all.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

CANDIDATES = 24
FEWEST_TEXTS = 2  # of a class that say a word, or it is no word of the class


def score_words(
    words: NDArray[np.int32],
    starts: NDArray[np.int64],
    outer: NDArray[np.int64],
    inner: NDArray[np.int64],
    usable: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Best words of the classes `inner` (c, 2) within `outer` (2,), all ranges of texts.

    Texts are given in an order in which each class is a range of them. Returns (c, CANDIDATES)
    words, -1 where there are no more, and their scores, best first. `usable` (V,) leaves words out.
    """
    return _score(words, starts, outer, inner, usable, CANDIDATES)  # type: ignore[no-any-return]


def score_parts(
    words: NDArray[np.int32],
    starts: NDArray[np.int64],
    outer: NDArray[np.int64],
    inner: NDArray[np.int64],
    usable: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """As `score_words`, for the parts of a class: only what is said more often than in the rest.

    Instead of a word's share counts by how much it exceeds that in the rest of the class: what all
    of it speaks of does not set a part apart.
    """
    return _score(words, starts, outer, inner, usable, -CANDIDATES)  # type: ignore[no-any-return]


def text_shares(
    words: NDArray[np.int32],
    starts: NDArray[np.int64],
    classes: NDArray[np.int64],
    size: int,
) -> NDArray[np.float32]:
    """Share of the texts of each class (c, 2) that say each of `size` words, (c, size)."""
    return _shares(words, starts, classes, size)  # type: ignore[no-any-return]


@njit(nogil=True, cache=True)
def _shares(words, starts, classes, size):  # type: ignore[no-untyped-def]
    out = np.zeros((len(classes), size), np.float32)
    last = np.full(size, -1, np.int64)
    for c in range(len(classes)):
        first, stop = classes[c, 0], classes[c, 1]
        for text in range(first, stop):
            for at in range(starts[text], starts[text + 1]):
                word = words[at]
                if last[word] != text:
                    last[word] = text
                    out[c, word] += 1
        out[c] /= max(1, stop - first)
    return out


@njit(nogil=True, cache=True)
def _score(words, starts, outer, inner, usable, most):  # type: ignore[no-untyped-def]  # noqa: C901  a kernel
    """A negative `most` asks for the excess over the rest instead of the share."""
    excess, most = most < 0, abs(most)
    size = len(usable)
    whole = np.zeros(size, np.int64)
    for at in range(starts[outer[0]], starts[outer[1]]):
        whole[words[at]] += 1
    total = starts[outer[1]] - starts[outer[0]]
    average = total / max(1, len(inner))
    part, texts = np.zeros(size, np.int64), np.zeros(size, np.int64)
    last = np.full(size, -1, np.int64)
    best = np.full((len(inner), most), -1, np.int32)
    scores = np.zeros((len(inner), most))
    for c in range(len(inner)):
        first, stop = starts[inner[c, 0]], starts[inner[c, 1]]
        count = stop - first
        for text in range(inner[c, 0], inner[c, 1]):
            for at in range(starts[text], starts[text + 1]):
                word = words[at]
                part[word] += 1
                if last[word] != text:
                    last[word] = text
                    texts[word] += 1
        for at in range(first, stop):
            word = words[at]
            if part[word] == 0:  # was seen in an earlier place
                continue
            share = part[word] / count
            if excess and total > count:
                share -= (whole[word] - part[word]) / (total - count)
            if usable[word] and texts[word] >= FEWEST_TEXTS and share > 0:
                score = share * np.log(1.0 + average / whole[word])
                place = most
                while place > 0 and score > scores[c, place - 1]:
                    place -= 1
                if place < most:
                    for k in range(most - 1, place, -1):
                        scores[c, k], best[c, k] = scores[c, k - 1], best[c, k - 1]
                    scores[c, place], best[c, place] = score, word
            part[word] = texts[word] = 0
    return best, scores
