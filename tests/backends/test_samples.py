"""Samples that come as packages: offered where they are installed, read like any file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.corpora.reading import inspect, read_corpus
from backends.query import row_query
from backends.samples import SAMPLES, Sample
from backends.search import search

GLOVE = SAMPLES["glove"]


def test_a_package_that_is_not_there_has_no_files() -> None:
    missing = Sample("x", "X", "", "no-such-thing", "no_such_thing", ("a.npy",))
    assert missing.paths == ()
    assert missing.command == "pip install no-such-thing"


def test_a_package_without_the_file_has_none() -> None:
    assert Sample("x", "X", "", "backends", "backends", ("types.py", "no.npy")).paths == ()
    (path,) = Sample("x", "X", "", "backends", "backends", ("types.py",)).paths
    assert path == Path(__file__).parents[2] / "backends" / "types.py"


@pytest.mark.skipif(not GLOVE.paths, reason=f"{GLOVE.package} is not installed: {GLOVE.command}")
def test_glove_opens_as_words_with_vectors() -> None:
    preview = inspect(GLOVE.paths)
    assert (preview.question, preview.total) == (None, 400_000)  # nobody is asked anything
    corpus = read_corpus(GLOVE.paths)
    assert len(corpus) == 400_000
    assert corpus.vectors is not None
    assert (corpus.vectors.dim, corpus.vectors.count) == (50, 400_000)
    words = corpus.table.column(corpus.roles.text)
    rows = {word: row for row, word in enumerate(words.slice(0, 20_000).to_pylist())}
    assert words[0].as_py() == "the"
    np.testing.assert_allclose(corpus.vectors.vectors[0, :3], [0.418, 0.24968, -0.41242])
    hits = search(corpus.vectors, row_query(corpus.vectors, rows["dog"]), 5)
    assert "cat" in [words[int(row)].as_py() for row in hits.rows]
