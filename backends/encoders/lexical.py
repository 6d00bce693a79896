"""Words instead of meaning: TF-IDF over words and word pairs, reduced by a truncated SVD.

It has no weights: it learns from the corpus, and its state lies as plain arrays beside the vectors,
so that a typed query works after a restart.

Reference: Deerwester et al. 1990 (latent semantic analysis); Halko, Martinsson, Tropp 2011.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backends import fingerprint
from backends.arrays import Matrix
from backends.encoders.base import Counts, Fitted, Kind, Pace, Precision
from backends.errors import BackendError
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

MOST_TERMS = 1 << 16
MOST_DIM = 256
SEED = 0
WORD = r"(?u)\b\w+\b"
PAIRS_FROM = 100  # texts; with fewer, a term of a single text is kept too
COMMON = 0.3  # a word of more texts than that says nothing about any, in whatever language
ROUNDS = 3  # of power iteration; the library's own 7 change nothing that a map shows
NOISE = 1e-5  # of the largest singular value; what is smaller is rounding
CHARACTERS_PER_WORD = 6
ROWS_PER_BATCH = 2048


class LexicalEncoder:
    """Learns the words of a corpus; `fit` gives the encoder proper."""

    id = "lexical"
    title = "Lexical (TF-IDF + SVD)"
    engine = "scikit-learn"
    packages = ("scikit-learn", "scipy")

    @property
    def fingerprint(self) -> str:
        """Of the settings; what it learns is decided by these and the corpus."""
        return fingerprint.of_json(
            [self.id, 1, MOST_TERMS, MOST_DIM, SEED, WORD, PAIRS_FROM, COMMON, ROUNDS]
        )

    def fit(self, texts: Sequence[str], report: Report = SILENT) -> Fitted:
        """Learn vocabulary, weights and directions. The decomposition cannot be stopped.

        Raises: BackendError if there is not a single word.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer

        report.step(0, 3, "Learning the words")
        vectorizer = TfidfVectorizer(
            token_pattern=WORD,
            ngram_range=(1, 2),
            sublinear_tf=True,
            min_df=2 if len(texts) >= PAIRS_FROM else 1,
            max_df=COMMON if len(texts) >= PAIRS_FROM else 1.0,
            max_features=MOST_TERMS,
            dtype=np.float32,
        )
        try:
            weights = vectorizer.fit_transform(texts)  # (n, terms) sparse
        except ValueError:
            # A hundred texts without a common word, or all alike.
            vectorizer.set_params(min_df=1, max_df=1.0)
            try:
                weights = vectorizer.fit_transform(texts)
            except ValueError as error:
                raise BackendError(
                    "The lexical encoder found no words in these texts.",
                    hint="Choose another column, or embed with a model.",
                ) from error
        report.step(1, 3, f"Decomposing {len(texts):,} texts by {weights.shape[1]:,} terms")
        components = _decompose(weights)  # (d, terms)
        report.step(3, 3, "Decomposed")
        terms = tuple(str(term) for term in vectorizer.get_feature_names_out())
        return FittedLexical(terms, vectorizer.idf_.astype(np.float32), components)

    def open(self, folder: Path) -> Fitted:
        """Read the state that lies beside vectors. Raises: BackendError."""
        try:
            terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
            with np.load(folder / "lexical.npz", allow_pickle=False) as arrays:
                idf, components = arrays["idf"], arrays["components"]
            if len(terms) != len(idf) or components.shape[1] != len(terms):
                raise ValueError("lengths differ")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackendError(
                "What the lexical encoder learnt from this corpus is no longer in the cache.",
                hint="Embed the corpus again.",
            ) from error
        return FittedLexical(tuple(terms), idf, components)


class FittedLexical:
    """A vocabulary with weights, and the directions that its rows are projected on."""

    id = LexicalEncoder.id
    title = LexicalEncoder.title
    engine = LexicalEncoder.engine
    packages = LexicalEncoder.packages

    def __init__(
        self, terms: tuple[str, ...], idf: NDArray[np.float32], components: Matrix
    ) -> None:
        self._terms = terms
        self._idf = idf
        self._components = components  # (d, terms)
        self._vectorizer: TfidfVectorizer | None = None

    @property
    def fingerprint(self) -> str:
        """Of what was learnt."""
        arrays = (fingerprint.of_array(self._idf), fingerprint.of_array(self._components))
        return fingerprint.of_json([list(self._terms), *arrays])

    @property
    def max_tokens(self) -> None:
        """Every text is read to its end."""

    @property
    def dim(self) -> int:
        """Number of dimensions d."""
        return len(self._components)

    def known_pace(self) -> Pace:
        """Nothing to measure: it is fast, and works in single precision."""
        return Pace("fp32", ROWS_PER_BATCH * 16, 1)

    def measure_pace(self, sample: Sequence[str], report: Report = SILENT) -> Pace:
        """The same."""
        return self.known_pace()

    def count_tokens(self, texts: Sequence[str]) -> Counts:
        """About how many words each text has, (n,) int32; only for batches and time left."""
        guesses = [1 + len(text) // CHARACTERS_PER_WORD for text in texts]
        return np.array(guesses, dtype=np.int32)

    def warm(self, precision: Precision) -> None:
        """Import scikit-learn and build the vectorizer."""
        self._vectorizer = self._vectorizer or self._build()

    def encode(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch, (b, d) float32; zero for a text without a known word."""
        self.warm(precision)
        assert self._vectorizer is not None
        weights = self._vectorizer.transform(texts)  # (b, terms) sparse
        return np.ascontiguousarray(weights @ self._components.T, dtype=np.float32)  # (b, d)

    def save(self, folder: Path) -> None:
        """Write terms.json and lexical.npz. Raises: OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(list(self._terms), ensure_ascii=False)
        (folder / "terms.json").write_text(text, encoding="utf-8")
        np.savez(folder / "lexical.npz", idf=self._idf, components=self._components)

    def _build(self) -> TfidfVectorizer:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(
            token_pattern=WORD,
            ngram_range=(1, 2),
            sublinear_tf=True,
            vocabulary=list(self._terms),
            dtype=np.float32,
        )
        vectorizer.idf_ = self._idf
        return vectorizer


def _decompose(weights: Any) -> Matrix:
    """Orthonormal directions of most weight, (d, terms), d between 2 and 256, the largest first.

    A second direction of zeros is added where there is only one, so that a map can be drawn.
    """
    from sklearn.utils.extmath import randomized_svd

    most = min(MOST_DIM, *weights.shape)
    _, sizes, directions = randomized_svd(
        weights, most, n_iter=ROUNDS, random_state=SEED
    )  # (d,), (d, terms)
    kept = directions[sizes > NOISE * sizes[0]].astype(np.float32)
    missing = max(0, 2 - len(kept))
    return np.vstack((kept, np.zeros((missing, weights.shape[1]), dtype=np.float32)))
