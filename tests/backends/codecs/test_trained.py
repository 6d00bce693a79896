"""What is trained must beat its start on rows it did not see, or the start is kept."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from backends.arrays import unit_rows
from backends.codecs.base import Ask, Coder, Training
from backends.codecs.learning import Plan, recall_of, torch_threads, train
from backends.codecs.lessons import Exam, lessons_of, nearest
from backends.codecs.recurrent import SubCodes, SymmetricScan
from backends.codecs.recurrent_weights import RecurrentModel, bits_of, rotated_start, values_of
from backends.codecs.registry import codec
from backends.codecs.source import Source
from backends.codecs.weights import Weighted, label_guide, learn_selection
from backends.reporting import SILENT, Cancelled, Report

NAMES = ("bebr", "semantic-hash", "semantic-hash-ball", "weights")


def clustered(n: int, dim: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((20, dim))
    vectors = centres[rng.integers(0, 20, n)] + 0.5 * rng.standard_normal((n, dim))
    return unit_rows(vectors.astype(np.float32))


def trained_on(vectors: np.ndarray, rows: int | None = None) -> Training:
    source = Source(vectors)
    count = len(vectors) if rows is None else rows
    return Training(source.take(slice(0, count)), np.arange(count), source)


def fit(name: str, training: Training, **params: object) -> Coder:
    coder = codec(name).load()(training, params, SILENT)
    assert isinstance(coder, Coder)
    return coder


def solved(name: str, training: Training, budget: float | None) -> dict[str, object]:
    rows, dim = training.source.rows, training.source.dim
    return dict(codec(name).solve(Ask(dim, rows, len(training.vectors), budget)).params)


@pytest.fixture(scope="module")
def training() -> Training:
    return trained_on(clustered(900, 24), 700)


# -- what training is


def test_an_exam_counts_the_share_of_true_neighbours_and_ties_are_right() -> None:
    cosines = np.tile(np.linspace(1.0, 0.0, 22, dtype=np.float32), (2, 1))
    cosines[:, 10] = cosines[:, 9]
    cosines[:, 21] = -np.inf  # the query itself
    exam = Exam(np.zeros((2, 3), np.float32), cosines, cosines[:, 9:10])
    itself = np.where(np.isfinite(cosines), cosines, 9)
    assert exam.recall(itself).tolist() == [1.0, 1.0]
    swapped = cosines.copy()
    swapped[0, 9] = -1  # the one that ties with it takes its place
    swapped[1, 0] = -1  # here one is lost, and a row that ties with the last comes in
    assert exam.recall(swapped).tolist() == [1.0, 1.0]
    swapped[1, 1] = -1
    assert exam.recall(swapped) == pytest.approx([1.0, 0.9])


def test_neighbours_of_rows_are_those_of_a_full_sort() -> None:
    vectors = clustered(60, 5)
    positions, cosines = nearest(vectors, 4)
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -2)
    assert positions.tolist() == np.argsort(-similarities, axis=1, kind="stable")[:, :4].tolist()
    assert cosines == pytest.approx(-np.sort(-similarities, axis=1)[:, :4], abs=1e-6)


def test_rows_held_out_are_not_among_the_fitted(training: Training) -> None:
    lessons = lessons_of(training)
    assert lessons is not None
    fitted = {row.tobytes() for row in lessons.fit}
    checked = {row.tobytes() for row in lessons.checked.queries}
    judged = {row.tobytes() for row in lessons.judged.queries}
    assert len(fitted) + len(checked) + len(judged) == 700
    assert not fitted & (checked | judged)
    assert not checked & judged
    assert {row.tobytes() for row in lessons.held} == checked | judged
    for exam, start in ((lessons.checked, 0), (lessons.judged, len(checked))):
        similarities = exam.queries @ lessons.held.T
        own = start + np.arange(len(exam.queries))
        similarities[np.arange(len(own)), own] = -2
        assert exam.reach[:, 0] == pytest.approx(-np.sort(-similarities, axis=1)[:, 9], abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_training_is_kept_only_if_it_beat_its_start_and_says_so(
    name: str, training: Training
) -> None:
    coder = fit(name, training, **solved(name, training, 4), steps=40)
    curve, params = coder.curve, coder.params
    assert curve is not None
    assert len(curve.training) == params["steps"] <= 40
    assert len(curve.held_out) >= 2  # before any step, and after some
    assert not params["trained"] or params["recall_after"] > params["recall_before"]
    assert bool(coder.notes) == (not params["trained"])


@pytest.mark.parametrize("rate", [5.0, 1e-3])
def test_a_model_ends_with_the_better_of_start_and_end(rate: float, training: Training) -> None:
    lessons = lessons_of(training)
    assert lessons is not None
    start = rotated_start(lessons.fit, 16, 1, 0, centred=False)
    with torch_threads():
        model = RecurrentModel(start, "symmetric", lessons.fit)
        before = [value.detach().clone() for value in model.parameters]
        recall = recall_of(model, lessons.judged, lessons.held).mean()
        outcome = train(model, lessons, Plan(rate=rate, steps=40))
        assert outcome.before == recall
        unchanged = all(map(torch.equal, before, model.parameters))
        assert unchanged == (not outcome.helped)
        kept = recall_of(model, lessons.judged, lessons.held).mean()
    assert kept == (outcome.after if outcome.helped else outcome.before)
    assert outcome.curve.held_out[0] > 0
    assert rate < 1 or not outcome.helped  # such steps only destroy


def _same(left: object, right: object) -> bool:
    assert isinstance(left, dict)
    assert isinstance(right, dict)
    return left.keys() == right.keys() and all(
        np.array_equal(left[name], right[name]) for name in left
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_codes_and_leaves_torch_as_it_was(
    name: str, training: Training
) -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    one, two = (
        fit(name, training, **solved(name, training, 3), steps=10).encode(training.source)
        for _ in range(2)
    )
    assert _same(one.parts, two.parts)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", NAMES)
def test_training_stops_when_nobody_wants_it(name: str, training: Training) -> None:
    stop = threading.Event()
    seen = []

    def look(progress: object) -> None:
        seen.append(progress)
        if "loss" in str(progress):
            stop.set()

    with pytest.raises(Cancelled):
        codec(name).load()(training, solved(name, training, 3), Report(look, stop=stop))
    assert sum("loss" in str(progress) for progress in seen) == 1


# -- sizes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("budget", [0.4, 1, 2.5, 3, 5, 7, 11, 24, 48, 96, 1000, None])
def test_codes_take_the_bytes_that_were_solved(
    name: str, budget: float | None, training: Training
) -> None:
    answer = codec(name).solve(Ask(24, 900, 700, budget))
    codes = fit(name, training, **answer.params, steps=0).encode(training.source)
    taken = codes.nbytes / 900
    assert (taken == budget) == (not answer.note) or budget is None
    assert budget is None or taken <= max(budget, 1)
    if budget is not None and answer.note:
        words = answer.note.replace(" 1 byte ", " 1 bytes ")
        assert f"{taken:.0f} bytes instead of {budget:,.4g}" in words


def test_two_bits_a_dimension_and_a_length_fill_a_budget() -> None:
    for budget, size, loops in ((24, 88, 1), (48, 184, 1), (96, 376, 1), (192, 376, 3)):
        params = codec("bebr").solve(Ask(384, 10_000, 9_000, budget)).params
        assert (params["size"], params["loops"]) == (size, loops)


# -- recurrent binarisation and hashes


@pytest.fixture(scope="module", params=[0, 1, 3])
def coder(request: pytest.FixtureRequest, training: Training) -> SubCodes:
    made = fit("bebr", training, loops=request.param, size=19, scoring="symmetric", steps=20)
    assert isinstance(made, SubCodes)
    return made


def test_the_symmetric_distance_is_the_dot_of_codes_exactly(
    coder: SubCodes, training: Training
) -> None:
    codes = coder.encode(training.source)
    values = values_of(coder.bits(codes, slice(0, 900))).astype(np.float64)
    assert len(np.unique(values)) <= 2 ** (coder.weights.loops + 1)
    packed = codes.parts["codes"]
    dots = SymmetricScan(coder, codes).dots(packed[:50], packed)
    assert np.array_equal(dots.astype(np.float64), values[:50] @ values.T)
    lengths = np.linalg.norm(values, axis=1)
    assert ("lengths" in codes.parts) == (coder.weights.loops > 0)
    if coder.weights.loops:
        assert codes.parts["lengths"] == pytest.approx(lengths, rel=1e-3)
    found, similarities = coder.open(codes, training.source).search(training.vectors[:50], 7)
    cosines = values[:50] @ values.T / lengths[:50, None] / lengths
    assert similarities == pytest.approx(-np.sort(-cosines, axis=1)[:, :7], abs=2e-3)
    assert np.take_along_axis(cosines, found, axis=1) == pytest.approx(similarities, abs=2e-3)


def test_codes_follow_the_recurrence_row_by_row(coder: SubCodes, training: Training) -> None:
    weights = coder.weights
    for vector in training.vectors[:5]:
        x = vector - weights.centre
        b = np.where(weights.project @ x + weights.bias > 0, 1.0, -1.0)
        for loop in range(weights.loops):
            back = weights.back[loop] @ b
            rest = x - weights.length[loop] * back / np.linalg.norm(back)
            signs = weights.residual[loop] @ rest + weights.residual_bias[loop] > 0
            b = b + 2.0 ** -(loop + 1) * np.where(signs, 1.0, -1.0)
        assert values_of(bits_of(weights, vector[None]))[0] == pytest.approx(b)


def test_what_is_trained_is_what_is_encoded(coder: SubCodes, training: Training) -> None:
    model = RecurrentModel(coder.weights, "symmetric", training.vectors)
    values = model.values(torch.from_numpy(training.vectors)).detach().numpy()
    own = values_of(bits_of(coder.weights, training.vectors))
    assert (np.abs(values - own) > 1e-5).mean() < 1e-3  # a sum near zero may round either way
    again = values_of(bits_of(model.weights(), training.vectors))
    assert (again != own).mean() < 1e-3


def test_asymmetric_search_is_the_cosine_with_decoded_rows(training: Training) -> None:
    coder = fit("bebr", training, loops=1, size=16, scoring="asymmetric", steps=20)
    codes = coder.encode(training.source)
    decoded = unit_rows(coder.decode(codes, slice(0, 900)))
    found, similarities = coder.open(codes, training.source).search(training.vectors[:30], 5)
    cosines = training.vectors[:30] @ decoded.T
    assert similarities == pytest.approx(-np.sort(-cosines, axis=1)[:, :5], abs=1e-3)
    assert np.take_along_axis(cosines, found, axis=1) == pytest.approx(similarities, abs=1e-3)


@pytest.mark.parametrize("name", ["bebr", "semantic-hash"])
def test_without_loops_rotation_and_training_codes_are_packed_signs(
    name: str, training: Training
) -> None:
    plain = {"loops": 0, "size": 24, "bits": 24, "start": "identity", "steps": 0}
    codes = fit(name, training, **plain).encode(training.source).parts["codes"]
    vectors = training.source.take(slice(0, 900))
    assert np.array_equal(codes[:, 0], np.packbits(vectors > 0, axis=1))


def test_hamming_results_are_those_of_faiss(training: Training) -> None:
    import faiss

    coder = fit("semantic-hash", training, bits=64, steps=10)  # more bits than dimensions
    codes = coder.encode(training.source)
    packed = np.ascontiguousarray(codes.parts["codes"][:, 0])
    index = faiss.IndexBinaryFlat(64)
    index.add(packed)
    apart, _ = index.search(packed[:40], 12)
    found, similarities = coder.open(codes, training.source).search(
        training.source.take(slice(0, 40)), 12
    )
    assert np.array_equal(np.rint((1 - similarities) * 32).astype(int), apart)
    own = np.bitwise_count(packed[:40, None] ^ packed[found]).sum(axis=2)
    assert np.array_equal(own, apart)


def test_a_ball_of_all_bits_holds_everything_and_a_smaller_one_what_is_near_in_bits(
    training: Training,
) -> None:
    queries, rows = training.vectors[:30], training.source.take(slice(0, 900))
    exact = np.argsort(-(queries @ rows.T), axis=1)[:, :10]
    plain = {"bits": 32, "ball": True, "steps": 10}
    coder = fit("semantic-hash-ball", training, **plain, radius=32)
    codes = coder.encode(training.source)
    found, _ = coder.open(codes, training.source).search(queries, 10)
    assert found.tolist() == exact.tolist()
    assert coder.refine_bytes == 900 * 24 * 4
    small = fit("semantic-hash-ball", training, **plain, radius=3)
    found, _ = small.open(codes, training.source).search(queries, 10)
    packed = codes.parts["codes"][:, 0]
    apart = np.bitwise_count(packed[:30, None] ^ packed[None]).sum(axis=2)  # (30, 900)
    for row in range(30):
        inside = np.flatnonzero(apart[row] <= 3)
        best = inside[np.argsort(-(rows[inside] @ queries[row]), kind="stable")][:10]
        assert found[row].tolist() == [*best, *[-1] * (10 - len(best))]


def test_a_hash_tells_how_large_the_ball_is_that_holds_most_neighbours(training: Training) -> None:
    coder = fit("semantic-hash", training, bits=32, steps=20)
    lessons = lessons_of(training)
    assert lessons is not None
    assert isinstance(coder, SubCodes)
    hashes = [
        np.packbits(bits_of(coder.weights, part)[:, 0], axis=1)
        for part in (lessons.judged.queries, lessons.held)
    ]
    apart = np.bitwise_count(hashes[0][:, None] ^ hashes[1][None]).sum(axis=2)
    order = np.argsort(-lessons.judged.cosines, axis=1)[:, :10]
    near = np.take_along_axis(apart, order, axis=1)
    radius = coder.params["radius"]
    assert (near <= radius).mean() >= 0.9 > (near <= radius - 1).mean()
    others = np.isfinite(lessons.judged.cosines)
    assert coder.params["rows_inside"] == pytest.approx((apart <= radius)[others].mean(), abs=1e-4)


# -- weights


def test_weights_of_one_change_nothing(training: Training) -> None:
    coder = fit("weights", training, dims=24, stored="float32", groups=1, steps=0)
    codes = coder.encode(training.source)
    assert np.array_equal(coder.decode(codes, slice(0, 900)), training.source.take(slice(0, 900)))
    found, _ = coder.open(codes, training.source).search(training.vectors, 10)
    order = np.argsort(-(training.vectors @ training.source.take(slice(0, 900)).T), axis=1)
    assert found.tolist() == order[:, :10].tolist()


@pytest.mark.parametrize("by", ["labels", "neighbours of the signal"])
def test_noise_dimensions_lose_their_weight_and_labels_are_found(by: str) -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 8, 1500)
    signal = 0.6 * rng.standard_normal((8, 32))[labels] + rng.standard_normal((1500, 32))
    vectors = np.concatenate([signal, 1.3 * rng.standard_normal((1500, 96))], axis=1)
    vectors, signal = (unit_rows(part.astype(np.float32)) for part in (vectors, signal))
    guide = label_guide(labels) if by == "labels" else signal
    selection, outcome = learn_selection(trained_on(vectors), 128, guide=guide, steps=200)
    assert outcome is not None
    assert outcome.helped
    weights = selection.weights[0]
    assert weights[32:].mean() < 0.1 * weights[:32].mean()
    before, after, best = (_accuracy(v, labels) for v in (vectors, vectors * weights, signal))
    assert before < best - 0.1
    assert after > best - 0.02


def _accuracy(vectors: np.ndarray, labels: np.ndarray) -> float:
    near = nearest(unit_rows(vectors), 5)[0]
    votes = np.array([np.bincount(row, minlength=8).argmax() for row in labels[near]])
    return float((votes == labels).mean())


def test_groups_keep_dimensions_of_their_own() -> None:
    rng = np.random.default_rng(0)
    vectors = np.zeros((600, 12), dtype=np.float32)
    vectors[:300, :6] = 1 + 0.3 * rng.standard_normal((300, 6))
    vectors[300:, 6:] = 1 + 0.3 * rng.standard_normal((300, 6))
    training = trained_on(unit_rows(vectors))
    coder = fit("weights", training, dims=6, stored="int8", groups=2, steps=20)
    assert isinstance(coder, Weighted)
    codes = coder.encode(training.source)
    assert codes.nbytes == 600 * (6 + 1)
    assert sorted(coder.selection.kept.tolist()) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    found, _ = coder.open(codes, training.source).search(training.vectors[[0, 400]], 20)
    assert (found[0] < 300).all()
    assert (found[1] >= 300).all()


# -- whatever comes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((2, 3), np.float32),
        np.array([[1.0], [-1.0], [2.0]], np.float32),
        np.ones((400, 5), np.float32),  # duplicates only
        np.pad(clustered(300, 2), ((0, 0), (0, 7))),  # constant dimensions
        clustered(230, 3),
    ],
    ids=["two rows", "one dimension", "duplicates", "constant", "three dimensions"],
)
@pytest.mark.parametrize("budget", [0.5, 6, None])
def test_odd_vectors_give_finite_answers(
    name: str, vectors: np.ndarray, budget: float | None
) -> None:
    training = trained_on(vectors)
    coder = fit(name, training, **solved(name, training, budget), **_few_steps(training))
    codes = coder.encode(training.source)
    assert np.isfinite(coder.decode(codes, slice(0, len(vectors)))).all()
    found, similarities = coder.open(codes, training.source).search(training.vectors[:2], 2)
    if name == "semantic-hash-ball":  # nothing may lie in the ball
        similarities = similarities[found >= 0]
        found = found[found >= 0]
    assert ((found >= 0) & (found < len(vectors))).all()
    assert np.isfinite(similarities).all()
    assert len(coder.notes) <= 1


def _few_steps(training: Training) -> dict[str, object]:
    return {"steps": 5} if len(training.vectors) >= 200 else {}
