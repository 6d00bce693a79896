"""Many tests at once: what is looked up, corrected, refused, and reported on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.audit import directions as chapters
from backends.audit.parts import Sentence, Table
from backends.directions.association import Association, associate
from backends.directions.association_many import Refused, associate_all, corrected
from backends.directions.association_words import LIMITS
from backends.directions.base import Space
from backends.directions.metrics import AssociationParams
from backends.directions.remembered import Remembered
from backends.directions.shipped import shipped
from backends.directions.terms import Terms
from backends.directions.wordsets import AssociationTest
from backends.errors import BackendError
from backends.reporting import SILENT, Cancelled, Progress, Report
from backends.types import Roles
from tests import builders
from tests.backends.directions.spaces import google_news, space
from tests.backends.directions.test_association import planned, random_space, words

FEW = AssociationParams(resamples=20)


def p_of(outcomes: Sequence[object]) -> list[float | None]:
    return [one.p_corrected for one in outcomes if isinstance(one, Association)]


def test_corrections_against_values_worked_by_hand() -> None:
    found = associate(random_space(), planned())
    many = [replace(found, p=p) for p in (0.01, 0.04, 0.03, None)]
    assert p_of(corrected(many, "holm")) == [*map(pytest.approx, (0.03, 0.06, 0.06)), None]
    assert p_of(corrected(many, "bh")) == [*map(pytest.approx, (0.03, 0.04, 0.04)), None]
    assert p_of(corrected(many, "none")) == [0.01, 0.04, 0.03, None]
    with pytest.raises(KeyError):
        corrected(many, "bonferroni")


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=12))
def test_corrected_values_keep_their_order_and_never_fall(values: list[float]) -> None:
    found = associate(random_space(), planned(), params=FEW)
    many = [replace(found, p=p) for p in values]
    order = np.argsort(values, kind="stable")
    holm, bh = (np.array(p_of(corrected(many, how)), dtype=float) for how in ("holm", "bh"))
    for adjusted in (holm, bh):
        assert (adjusted >= np.array(values) - 1e-12).all()
        assert (adjusted <= 1).all()
        assert (np.diff(adjusted[order]) >= 0).all()
    assert (holm >= bh - 1e-12).all(), "a bound on any false finding is the stricter one"


def test_a_test_that_cannot_be_made_keeps_no_other_from_it() -> None:
    bad = replace(planned(X=words("gone", "never")), name="bad")
    found = associate_all(random_space(), [bad, planned()], params=FEW)
    assert found[0] == Refused(
        "bad",
        "None of the 1 term of “gone” has a vector here.",
        "The test “bad” needs at least one; take other terms or vectors.",
    )
    assert isinstance(found[1], Association)
    assert found[1].p_corrected == found[1].p, "one that was not made does not count"


def test_all_together_are_what_each_is_alone() -> None:
    other = replace(planned(X=words("X", "X0", "x1", "x1", "x3", "zz")), name="other")
    found = associate_all(random_space(), [planned(), other], params=FEW, correction="none")
    for test, one in zip((planned(), other), found, strict=True):
        alone = associate(random_space(), test, params=FEW)
        assert one == replace(alone, p_corrected=alone.p)


def test_outcomes_arrive_one_by_one_and_it_can_be_stopped() -> None:
    partials: list[object] = []
    shares: list[Progress] = []
    tests = [replace(planned(), name=name) for name in "abc"]
    report = Report(on_progress=shares.append, on_partial=partials.append)
    found = associate_all(random_space(), tests, params=FEW, report=report)
    assert [len(one) for one in partials if isinstance(one, tuple)] == [1, 2, 3]
    assert partials[-1] == found
    assert [one.share for one in shares] == sorted(one.share for one in shares)

    def stop(_value: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        associate_all(random_space(), tests, params=FEW, report=Report(on_partial=stop))


class Counting:
    """A source of terms that counts what it is asked for."""

    how = "counted"

    def __init__(self, space: Space) -> None:
        self.asked: list[str] = []
        self._space = space

    def as_json(self) -> dict[str, object]:
        return {}

    def look_up(self, terms: Sequence[str], report: Report = SILENT) -> Terms:
        self.asked += terms
        return self._space.terms.look_up(terms, report)


def test_no_word_is_looked_up_twice() -> None:
    plain = random_space()
    source = Counting(plain)
    counted = Space(plain.corpus, plain.embeddings, source)
    tests = [planned(), replace(planned(X=words("X", "x0", "zz", " x1 ")), name="other")]
    found = associate_all(counted, tests, params=FEW)
    assert len(found) == 2
    assert sorted(source.asked) == sorted(set(source.asked)), "each word once"


def test_what_is_remembered_is_what_the_source_says() -> None:
    source = random_space().terms
    remembered = Remembered(source)
    for terms in (("x0", "X1", "x0", "zz", ""), ("zz", "x3"), ("x3", "X1"), ("zz",)):
        ours, theirs = remembered.look_up(terms), source.look_up(terms)
        assert ours.asked == theirs.asked
        assert ours.spelled == theirs.spelled
        assert set(ours.lost) == set(theirs.lost)
        assert ours.rows.tolist() == theirs.rows.tolist()
        if len(theirs):
            assert (ours.vectors == theirs.vectors).all()


def test_where_no_word_can_have_a_vector_it_is_said_once() -> None:
    from backends.directions.registry import space_of
    from tests.backends.clouds import cloud

    corpus = builders.corpus(columns={"number": [1, 2, 3]}, roles=Roles())
    embeddings = cloud(np.eye(3, dtype=np.float32))
    with pytest.raises(BackendError, match="Words cannot be looked up"):
        associate_all(space_of(corpus, embeddings), [planned()])


def test_the_ten_tests_on_google_news_are_near_the_published_ones() -> None:
    """A part of the vectors that the paper used: most flowers, instruments and names are lost."""
    found = associate_all(google_news(), shipped().tests, params=AssociationParams(runs=2_000))
    by_name = {one.name.partition(":")[0]: one for one in found}
    assert isinstance(by_name["WEAT 10"], Refused)
    assert "None of the 8 terms of “Old people's names”" in by_name["WEAT 10"].what
    whole = []
    for name, one in by_name.items():
        if isinstance(one, Association):
            few = any(size.after < 0.8 * size.before for size in one.n.values())
            assert few == any("have no vector here" in warning for warning in one.warnings)
            if not few:
                whole.append(name)
                published = one.published["d, word2vec Google News"]
                assert one.effect_size == pytest.approx(published, abs=0.12)
    assert whole == ["WEAT 4", "WEAT 5", "WEAT 7"]


def test_a_phrase_is_looked_up_with_underscores() -> None:
    names = ["new_york", "x1", "y0", "y1", "a0", "a1", "b0", "b1"]
    there = space(np.random.default_rng(0).normal(size=(8, 4)), names)
    test = AssociationTest(
        "phrases",
        (words("X", "new york", "x1"), words("Y", "y0", "y1")),
        (words("A", "a0", "a1"), words("B", "b0", "b1")),
    )
    (found,) = associate_all(there, [test], params=FEW)
    assert isinstance(found, Association)
    assert found.spelled == {"new york": "new_york"}


def test_a_report_tells_what_was_made_lost_and_refused() -> None:
    lossy = replace(planned(X=words("X", "x0", "x1", "zz")), name="lossy")
    bad = replace(planned(Y=words("gone", "never")), name="bad")
    found = associate_all(random_space(), [lossy, bad], params=FEW)
    section = chapters.tests_section(found, "Holm")
    said = [part.text for part in section.parts if isinstance(part, Sentence)]
    assert said[0] == "Correction for 1 p-value: Holm."
    assert any(words.startswith("bad was not made. None of the 1 term") for words in said)
    assert said[-1] == LIMITS
    (table,) = (part for part in section.parts if isinstance(part, Table))
    assert [row[:2] for row in table.rows] == [("lossy", "WEAT")]
    (doubts,) = table.doubts
    assert any(words.startswith("33% of “X”") for words in doubts)
    assert "zz" in doubts[-1]
    assert not chapters.tests_section((), "Holm").parts
