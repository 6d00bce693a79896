"""Fingerprints: the same content has the same name, other content another one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends import fingerprint
from backends.types import MadeBy

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_names_are_stable_between_versions() -> None:
    plain = {"b": 1, "a": [True, None, "ü"]}
    array = np.arange(6, dtype="<f4").reshape(2, 3)
    assert fingerprint.of_json(plain) == "671f2aa76c5ccba20bb115954dfb3a2b"
    assert fingerprint.of_array(array) == "307baed6bad1310f93e42e4f2ca961cc"
    assert fingerprint.of_texts(["tide"]).tolist() == [[2374389394366902102, 16648961309979550034]]


@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert fingerprint.of_json(value) == fingerprint.of_json(turned)


@pytest.mark.parametrize(
    ("one", "other"),
    [([1], [1.0]), ([1], [True]), ([1], ["1"]), ([None], [False]), ([[1], 2], [1, 2]), ([], {})],
)
def test_values_of_other_types_are_others(one: list[object], other: list[object]) -> None:
    assert fingerprint.of_json(one) != fingerprint.of_json(other)


@pytest.mark.parametrize("value", [b"bytes", {1}, np.int64(3), object()])
def test_only_plain_data_has_a_name(value: object) -> None:
    with pytest.raises(TypeError):
        fingerprint.of_json([value])


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_where_parts_end_matters(one: list[bytes], other: list[bytes]) -> None:
    assert (fingerprint.of_bytes(*one) == fingerprint.of_bytes(*other)) == (one == other)


def test_arrays_are_named_by_dtype_shape_and_content() -> None:
    base = np.arange(6, dtype=np.float32)
    others = [
        base.reshape(2, 3),
        base.reshape(3, 2),
        base.astype(np.float64),
        base.astype(">f4"),
        base + 1,
        base[:0],
        base[:0].reshape(0, 3),
        base.view(np.int32),
        np.float32(0).reshape(()),
    ]
    names = [fingerprint.of_array(array) for array in (base, *others)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("dtype", ["f2", "f8", "i8", "u1", "?", "c16", "U4", "M8[D]"])
def test_the_layout_in_memory_does_not_matter(dtype: str) -> None:
    array = np.arange(12).reshape(3, 4).astype(dtype)
    other_order, strided = np.asfortranarray(array), np.repeat(array, 2, axis=1)[:, ::2]
    assert not strided.flags.c_contiguous
    names = {fingerprint.of_array(each) for each in (array, other_order, strided)}
    assert len(names) == 1


def test_an_array_of_objects_has_no_name() -> None:
    with pytest.raises(TypeError, match="objects"):
        fingerprint.of_array(np.array([None, "a"]))


@pytest.mark.parametrize("size", [0, 1, (1 << 22) - 1, 1 << 22, (1 << 22) + 1])
def test_files_are_named_by_their_bytes(tmp_path: Path, size: int) -> None:
    import hashlib

    data = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "a").write_bytes(data[:size])
    expected = hashlib.blake2b(data[:size], digest_size=16).hexdigest()
    assert fingerprint.of_file(tmp_path / "a") == expected


def test_a_file_that_is_not_there_has_no_name(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        fingerprint.of_file(tmp_path / "none")


@given(st.lists(st.text(st.characters(codec=None))))
def test_texts_have_one_hash_each_and_only_equal_ones_share_it(texts: list[str]) -> None:
    hashes = fingerprint.of_texts(texts)
    assert hashes.shape == (len(texts), 2)
    assert hashes.dtype == np.uint64
    assert len({tuple(row) for row in hashes.tolist()}) == len(set(texts))
    for row, text in enumerate(texts):
        assert (fingerprint.of_texts([text]) == hashes[row]).all()


def test_a_result_is_what_its_making_says() -> None:
    one = MadeBy("embed", ("a",), {"k": (1, 2), "b": 1}, {"numpy": "2"})
    same = MadeBy.from_json(one.as_json() | {"params": {"b": 1, "k": [1, 2]}})
    other = MadeBy("embed", ("b",), one.params, one.versions)
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != "embed"
