"""The chapter of association tests puts sizes, ways of counting and doubts beside their numbers."""

from __future__ import annotations

from backends.audit import directions as chapters
from backends.audit.parts import Audit, Bars, Table, Worded, shown
from backends.audit.relations import relations_section
from backends.audit.writing import as_html
from backends.directions.association import associate
from backends.directions.relation_study import StudyParams, study
from backends.directions.relations import Relation, Relations
from backends.directions.wordsets import AssociationTest, WordSet
from tests.backends.directions.spaces import named
from tests.backends.directions.test_relations import planted

WORDS = {
    **{f"x{i}": (1.0, 0.1 * i, 0.2) for i in range(4)},
    **{f"y{i}": (0.2, 1.0, 0.1 * i) for i in range(4)},
    "a": (1.0, 0.0, 0.1),
    "a2": (0.9, 0.1, 0.0),
    "b": (0.0, 1.0, 0.1),
    "b2": (0.1, 0.9, 0.0),
}


def made() -> Table:
    space = named(WORDS)
    sets = (
        WordSet("X", "terms", terms=("x0", "x1", "x2", "x3", "gone", "lost")),
        WordSet("Y", "terms", terms=("y0", "y1", "y2", "y3")),
        WordSet("A", "terms", terms=("a", "a2")),
        WordSet("B", "terms", terms=("b", "b2")),
    )
    test = AssociationTest("Mine", (sets[0], sets[1]), (sets[2], sets[3]))
    section = chapters.tests_section([associate(space, test)], "Holm")
    return next(part for part in section.parts if isinstance(part, Table))


def test_a_test_says_how_its_p_was_counted_and_how_many_terms_it_had() -> None:
    row = dict(zip(made().head, made().rows[0], strict=True))
    p = row["p (partitions)"]
    assert isinstance(p, Worded)
    assert shown(p) == f"{p.number:.3g} (all 70)"
    assert p.number == 1 / 70
    assert row["terms found"] == "X 4/6, Y 4/4, A 2/2, B 2/2"


def test_what_was_left_out_stands_beneath_its_test() -> None:
    (doubts,) = made().doubts
    assert any("33%" in said for said in doubts)
    assert doubts[-1] == "2 terms left out, not among the items: gone, lost."


def test_relations_are_numbers_beside_their_baselines() -> None:
    space, relations = planted()
    done = study(relations, space.embeddings, StudyParams())
    section = relations_section(done)
    table = next(part for part in section.parts if isinstance(part, Table))
    for row, one in zip(table.rows, done.results, strict=True):
        told = dict(zip(table.head, row, strict=True))
        assert one.held is not None
        assert told["pairs"] == len(one.relation.heads)
        assert told["MRR of tails"] == float((1 / one.held.tails.filtered).mean())
        assert told["Hits@10"] == float((one.held.tails.filtered <= 10).mean())
        assert told["tested"] == len(one.held.tails.filtered)
    bars = next(part for part in section.parts if isinstance(part, Bars))
    assert [bar.value for bar in bars.bars] == [one.offset.consistency for one in done.results]
    assert list(bars.beside) == [one.offset.baseline for one in done.results]


def test_a_relation_of_one_pair_has_dashes_and_its_doubt() -> None:
    space, relations = planted()
    first = relations.relations[0]
    one = Relations((Relation(first.name, first.heads[:1], first.tails[:1]),), "word")
    done = study(one, space.embeddings, StudyParams())
    page = as_html(Audit("a", "2026", (relations_section(done),)))
    assert "nan" not in page
    assert "Doubt:" in page
