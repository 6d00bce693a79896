"""What association tests say in words: never more than was found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backends.directions.association import Association, associate
from backends.directions.association_many import corrected
from backends.directions.association_words import number, p_number, verdict
from backends.directions.metrics import AssociationParams
from tests.backends.directions.spaces import space_of
from tests.backends.directions.test_association import WORDS, planned, random_space, words


def leaning(by: float) -> Association:
    """X lies towards A and Y towards B by so much, beside chance."""
    vectors = np.random.default_rng(2).normal(size=(16, 5)) * 0.3
    vectors[8:12, 0] += 1
    vectors[12:, 0] -= 1
    vectors[:4, 0] += by
    vectors[4:8, 0] -= by
    return associate(space_of(WORDS, vectors), planned())


def test_what_is_beyond_chance_is_said_with_its_numbers() -> None:
    found = leaning(1.0)
    said = verdict(found)
    assert said[0].startswith("“X” leans more to “A”, and “Y” more to “B”, than parting")
    assert "d = 1.8" in said[0]
    assert "(ddof 1); p = 0.014, exact over 70 partitions." in said[0]
    assert any("a smaller association would not be seen" in one for one in said)


def test_what_chance_does_too_is_no_finding() -> None:
    assert "“X” and “Y” do not differ: d = 0.00" in verdict(leaning(0.03))[0]
    found = leaning(0.1)
    assert found.p is not None
    assert found.p > 0.05
    assert "too often to tell" in verdict(found)[0]
    other = leaning(-0.5)
    assert "If anything it is “Y” that leans to “A”" in verdict(other)[0]
    assert "one side only" in verdict(other)[0]


def test_a_correction_can_take_a_finding_back() -> None:
    found = leaning(1.0)
    many = corrected([found, *[replace(found, p=0.9)] * 5])
    first = many[0]
    assert isinstance(first, Association)
    assert "too often to tell" in verdict(first)[0]
    assert "p = 0.086 among all tests made" in verdict(first)[0]


def test_too_few_words_are_told() -> None:
    test = planned(X=words("X", "x0"), Y=words("Y", "y0"))
    said = verdict(associate(random_space(), test))
    assert "Among 1 and 1 words no association could reach a p of 0.05." in said


def test_published_values_stand_beside() -> None:
    test = replace(planned(X=words("X", "x0", "x1", "zz")), published={"d, GloVe": -0.5})
    said = verdict(associate(random_space(), test))
    assert said[-1].startswith("Published for this test: d, GloVe: −0.50. ")  # noqa: RUF001
    assert "partly lost here" in said[-1]
    without = associate(random_space(), test, params=AssociationParams(ddof=0))
    assert "They were computed with ddof 1." in verdict(without)[-1]
    assert not any("Published" in one for one in verdict(associate(random_space(), test, "mac")))


@pytest.mark.parametrize(
    ("metric", "part"),
    [
        ("rnd", "“A” lies nearer to “"),
        ("ripa", "“A” lies towards “"),
        ("mac", "mean cosine distance of "),
        ("ect", "rank correlation of "),
        ("rnsb", "On words held out it is right in "),
    ],
)
def test_every_metric_has_its_sentence(metric: str, part: str) -> None:
    said = verdict(associate(random_space(), planned(), metric))
    assert part in said[0]
    assert "no p-value" in said[1]
    assert ("Of “B” it is " in said[0]) == (metric in ("rnd", "ripa", "ect"))


@pytest.mark.parametrize(("metric", "sign"), [("rnd", 1), ("ripa", -1)])
def test_the_side_is_that_of_the_sign(metric: str, sign: int) -> None:
    vectors = np.random.default_rng(2).normal(size=(16, 5)) * 0.1
    vectors[:4, 0] += 1  # X
    vectors[4:8, 1] += 1  # Y
    vectors[8:12, 1] += 1  # A lies where Y lies
    found = associate(space_of(WORDS, vectors), planned(), metric)
    assert found.statistic * sign > 0
    assert "“Y”" in verdict(found)[0]


def test_numbers() -> None:
    assert number(-0.004) == "0.00"
    assert number(-0.5) == "−0.50"  # noqa: RUF001
    assert p_number(0.0234) == "0.023"
    assert p_number(1e-5) == "1.0e-05"
