"""What crosses a boundary: frozen, indexed by row, and able to say how it was made."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from backends.registry import Spec
from backends.types import Hits
from tests import builders


def test_a_corpus_is_its_rows_and_columns() -> None:
    items = builders.corpus(3)
    assert (len(items), items.columns) == (3, ("id", "text", "year"))
    assert items.fingerprint == items.made_by.fingerprint == builders.corpus(3).fingerprint
    assert items.fingerprint != builders.corpus(4).fingerprint


def test_other_roles_leave_the_items_alone() -> None:
    items = builders.corpus(3)
    other = items.with_roles(text="id")
    assert (other.roles.text, other.roles.id) == ("id", "id")
    assert (other.table is items.table, other.fingerprint) == (True, items.fingerprint)
    assert items.roles.text == "text"


def test_embeddings_say_how_many_rows_have_a_vector() -> None:
    vectors = builders.embeddings(builders.corpus(5), 4, present=3)
    assert (len(vectors), vectors.dim, vectors.count) == (5, 4, 3)
    layout = builders.projection(vectors)
    assert (len(layout), layout.embeddings) == (5, vectors.fingerprint)
    assert layout.fingerprint != vectors.fingerprint


def test_hits_count() -> None:
    assert len(Hits(np.array([1, 2]), np.array([0.5, 0.25], dtype=np.float32), "q", "e")) == 2


@pytest.mark.parametrize(
    "value", [builders.corpus(2), builders.embeddings(builders.corpus(2)), builders.corpus(2).roles]
)
def test_nothing_can_be_changed_afterwards(value: object) -> None:
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)


@pytest.mark.parametrize(
    ("needs", "missing"),
    [
        ((), None),
        ((("json", "json"),), None),
        ((("json.decoder", "json"), ("no_such_thing", "no-such-thing")), "no-such-thing"),
        ((("no_such_thing.inside", "no-such-thing"),), "no-such-thing"),
    ],
)
def test_a_missing_package_is_named_by_what_pip_calls_it(
    needs: tuple[tuple[str, str], ...], missing: str | None
) -> None:
    assert Spec("a", "A", load=dict, needs=needs).missing == missing
