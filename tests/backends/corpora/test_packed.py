"""What was packed with gzip is read like what it holds, and named by that."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from backends import cache
from backends.corpora import packed
from backends.corpora.reading import inspect, read_corpus
from backends.reporting import Cancelled, Report

ROWS = [(i, f"text number {i}, with a comma") for i in range(3_000)]
WORDS = [f"word{i} " + " ".join(f"{x:.3f}" for x in np.arange(8) + i) for i in range(1, 2_000)]
CONTENTS = {
    "a.csv": "id,text\n" + "".join(f'{i},"{text}"\n' for i, text in ROWS),
    "a.tsv": "id\ttext\n" + "".join(f"{i}\t{text}\n" for i, text in ROWS),
    "a.jsonl": "".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in ROWS),
    "a.json": json.dumps([{"id": i, "text": text} for i, text in ROWS]),
    "a.txt": "\n".join(WORDS) + "\n",
    "a.vec": f"{len(WORDS)} 8\n" + "\n".join(WORDS) + "\n",
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("head_bytes", [1 << 14, 1 << 22])
def test_packed_files_are_read_as_what_they_hold(
    tmp_path: Path, name: str, head_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "HEAD_BYTES", head_bytes)
    monkeypatch.setattr(packed, "BLOCK_BYTES", 1 << 13)
    plain, path = tmp_path / name, tmp_path / f"{name}.gz"
    plain.write_text(CONTENTS[name])
    path.write_bytes(gzip.compress(CONTENTS[name].encode()))
    look, expected = inspect([path]), inspect([plain])
    assert (look.columns, look.rows, look.notes) == (
        expected.columns, expected.rows, expected.notes,
    )  # fmt: skip
    assert look.title == f"{name}.gz"
    assert look.total in (None, expected.total)
    corpus, same = read_corpus([path]), read_corpus([plain])
    assert corpus.made_by.fingerprint == same.made_by.fingerprint
    assert corpus.title == f"{name}.gz"
    assert (corpus.vectors is None) == (same.vectors is None)
    left = list((cache.cache_root() / "corpora").glob(".reading.*"))
    assert not left  # nothing unpacked stays


def test_packed_tables_in_a_folder_are_one_table(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        (tmp_path / name).write_bytes(gzip.compress(CONTENTS["a.csv"].encode()))
    (tmp_path / "notes.txt.gz").write_bytes(gzip.compress(b"left out\n"))
    corpus = read_corpus([tmp_path])
    assert len(corpus) == 2 * len(ROWS)
    assert "notes.txt.gz" in " ".join(corpus.notes)


def test_unpacking_can_be_stopped(tmp_path: Path) -> None:
    class Weary(Report):
        def step(self, done: float, total: float, text: str) -> None:
            if text.startswith("Unpacking"):
                raise Cancelled

    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(CONTENTS["a.csv"].encode()))
    with pytest.raises(Cancelled):
        packed.unpack(path, tmp_path, Weary())
