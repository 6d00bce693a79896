"""Word checks in a report: the same numbers, doubts marked, nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backends.audit.parts import Bars, Sentence, Table
from backends.evaluate.files import AnalogyFile, Section, SimilarityFile
from backends.evaluate.section import HEAD, word_section
from backends.evaluate.words import word_scores
from tests.backends.evaluate.spaces import space_of

ITEMS = {"man": [1, 0, 0], "woman": [1, 0, 0.5], "king": [0, 1, 0], "queen": [0, 1, 0.5]}


def test_a_chapter_of_both_kinds() -> None:
    pairs = SimilarityFile(
        "pairs", "", (("man", "woman"), ("king", "queen"), ("man", "king")), (9.0, 8.0, 1.0)
    )
    royal = Section("royal", (("man", "woman", "king", "queen"), ("man", "woman", "king", "ox")))
    scores = word_scores(space_of(ITEMS), [pairs, AnalogyFile("asked", "", (royal,))])
    chapter = word_section(scores)
    tables = [part for part in chapter.parts if isinstance(part, Table)]
    assert [len(row) for row in tables[0].rows] == [len(HEAD)] * 2
    assert tables[0].rows[1][:3] == ("asked", "3CosAdd", 1.0)
    assert tables[0].rows[0][HEAD.index("unrestricted")] is None
    assert tables[1].rows == (("royal", 1.0, 1.0, scores[1].detail.total.add_free, 1, 2),)
    (bars,) = (part for part in chapter.parts if isinstance(part, Bars))
    assert [bar.value for bar in bars.bars] == [score.gain for score in scores]
    assert any(part.doubt for part in chapter.parts if isinstance(part, Sentence))  # half is lost
    blank = word_section([replace(scores[0], score=np.nan, low=np.nan, high=np.nan)])
    assert not any(isinstance(part, Bars) for part in blank.parts)
    assert word_section([]).parts == ()
