"""safetensors files are read as the library writes them, and never mapped."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file, save_file

from backends.corpora import tensors
from backends.corpora.reading import read_corpus
from backends.errors import UnreadableFile
from backends.reporting import SILENT, Report


def test_tensors_of_all_types_are_what_the_library_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    types = ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?")
    given = {kind: np.arange(12).reshape(3, 4).astype(kind) for kind in types}
    given["empty"] = np.zeros((0, 4), np.float32)
    given["one"] = np.array(5.0, np.float32)
    save_file(given, path, metadata={"made": "here"})
    found, strange = tensors.read_tensors(path, SILENT)
    expected = load_file(path)
    assert not strange
    assert set(found) == set(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_a_file_that_is_cut_off_while_it_is_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"a": np.ones((4_000, 64), np.float32)}, path)
    monkeypatch.setattr(tensors, "BLOCK_BYTES", 1 << 12)
    seen = []

    class Cutting(Report):
        def step(self, done: float, total: float, text: str) -> None:
            seen.append(text)
            if len(seen) == 3:
                os.truncate(path, 20_000)

    with pytest.raises(UnreadableFile, match="cut off while"):
        tensors.read_tensors(path, Cutting())


def test_a_given_file_is_not_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("only Linux lists what is mapped")
    path = tmp_path / "mapped_or_not.safetensors"
    save_file({"a": np.ones((4_000, 64), np.float32)}, path)

    def mapping(*_: object, **__: object) -> None:
        raise AssertionError("the library maps the file")

    monkeypatch.setattr(safetensors, "safe_open", mapping)
    seen: list[bool] = []
    report = Report(lambda progress: seen.append(path.name in maps.read_text()))
    corpus = read_corpus([path], report=report)
    assert corpus.vectors is not None
    assert len(corpus) == 4_000
    assert len(seen) > 2
    assert not any(seen)


def written(head: object, data: bytes) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(**changes: object) -> dict[str, object]:
    whole = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    return {"a": {**whole, **changes}}


@pytest.mark.parametrize(
    "content",
    [
        lambda: b"\x10",
        lambda: (1 << 60).to_bytes(8, "little") + b"{}",
        lambda: written(b'{"a', bytes(16)),
        lambda: written([1, 2], bytes(16)),
        lambda: written({"a": 5}, bytes(16)),
        lambda: written(entry(), bytes(15)),
        lambda: written(entry(data_offsets=[0, 12]), bytes(16)),
        lambda: written(entry(data_offsets=[-16, 0]), bytes(16)),
        lambda: written(entry(shape=[1 << 40, 1 << 40]), bytes(16)),
        lambda: written(entry(shape="22"), bytes(16)),
        lambda: written(entry(dtype=["F32"]), bytes(16)),
    ],
)
def test_damage_is_one_sentence(tmp_path: Path, content: Callable[[], bytes]) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content())
    with pytest.raises(UnreadableFile, match="damaged"):
        tensors.read_tensors(path, SILENT)
