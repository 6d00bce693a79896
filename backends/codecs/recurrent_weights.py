"""Recurrent binarisation: the untrained start, its codes, and the same with gradients (torch)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.codecs.learning import Tensor, passed_sign, unit

Scoring = Literal["symmetric", "asymmetric"]
Bits = NDArray[np.bool_]

_RIDGE = 1e-3  # of the squares, towards the transposed projection
_LEARN_ROWS = 8192  # that a rotation is learned from
_ROTATION_WORK = 1e9  # multiplications of its singular value decompositions, in all


@dataclass(frozen=True, eq=False, slots=True)
class RecurrentWeights:
    """Matrices of u loops, m code dimensions and d vector dimensions.

    b = sign(W(x - c) + w); then u times  x' = s unit(B b),  r = sign(R(x - c - x') + r0),
    b = b + 2^-i r.  Reference: BEBR (Gan et al. 2023, arXiv 2302.08714), where s is 1 and c is 0.
    """

    centre: Matrix  # (d,) c
    project: Matrix  # (m, d) W
    bias: Matrix  # (m,) w
    back: Matrix  # (u, d, m) B
    length: Matrix  # (u,) s
    residual: Matrix  # (u, m, d) R
    residual_bias: Matrix  # (u, m) r0
    decode: Matrix  # (d, m): a vector is c + decode b

    @property
    def loops(self) -> int:
        """How often the residual is binarised, u."""
        return len(self.back)

    def tables(self) -> Mapping[str, NDArray[Any]]:
        """Arrays by name; those of no size are left out."""
        tables = {name: getattr(self, name) for name in self.__slots__}
        return {name: table for name, table in tables.items() if table.size}


def bits_of(weights: RecurrentWeights, vectors: Matrix) -> Bits:
    """Sub-codes of rows (b, d): (b, u + 1, m), the coarsest first."""
    vectors = vectors - weights.centre
    bits = np.empty((len(vectors), weights.loops + 1, len(weights.project)), dtype=np.bool_)
    bits[:, 0] = vectors @ weights.project.T + weights.bias > 0
    codes = np.where(bits[:, 0], np.float32(1), np.float32(-1))  # (b, m)
    for loop in range(weights.loops):
        rest = vectors - weights.length[loop] * _unit(codes @ weights.back[loop].T)  # (b, d)
        bits[:, loop + 1] = rest @ weights.residual[loop].T + weights.residual_bias[loop] > 0
        codes += np.where(bits[:, loop + 1], 1, -1) * np.float32(2.0 ** -(loop + 1))
    return bits


def values_of(bits: Bits) -> Matrix:
    """Numbers b (n, m) that sub-codes (n, u + 1, m) stand for: odd multiples of 2^-u."""
    steps = (2.0 ** -np.arange(bits.shape[1])).astype(np.float32)  # (u + 1,)
    values = np.full((len(bits), bits.shape[2]), -steps.sum(), dtype=np.float32)
    for loop, step in enumerate(steps):
        values += 2 * step * bits[:, loop]
    return values


def identity_start(dim: int, loops: int) -> RecurrentWeights:
    """No rotation at all: the first sub-code is the sign of each dimension."""
    return _start(np.eye(dim, dtype=np.float32), np.zeros(dim, dtype=np.float32), loops)


def rotated_start(
    vectors: Matrix, size: int, loops: int, seed: int, *, centred: bool
) -> RecurrentWeights:
    """Principal axes turned so that signs lose least; more code than dimensions adds random turns.

    Reference: iterative quantisation (Gong and Lazebnik 2011, CVPR).
    """
    dim = vectors.shape[1]
    centre = np.zeros(dim, dtype=np.float32)
    if centred and len(vectors):
        centre = vectors.mean(axis=0)
    rng = np.random.default_rng(seed)
    some = _some(vectors) - centre
    axes = np.linalg.eigh((some.T @ some).astype(np.float64))[1][:, ::-1]  # (d, d)
    first = min(size, dim)
    turn = _turn(some @ axes[:, :first].astype(np.float32), rng)
    parts = [(axes[:, :first] @ turn).T]
    while sum(map(len, parts)) < size:
        parts.append(_random_turn(dim, rng)[: size - sum(map(len, parts))])
    project = np.ascontiguousarray(np.concatenate(parts), dtype=np.float32)  # (m, d)
    return fitted_decode(_start(project, centre, loops), vectors)


def _turn(projected: Matrix, rng: np.random.Generator) -> NDArray[np.float64]:
    """Orthogonal matrix (m, m) that brings rows (t, m) near to signs."""
    size = projected.shape[1]
    turn = _random_turn(size, rng)
    for _ in range(int(np.clip(_ROTATION_WORK / size**3, 4, 30))):
        signs = np.where(projected @ turn.astype(np.float32) > 0, np.float32(1), np.float32(-1))
        left, _, right = np.linalg.svd((projected.T @ signs).astype(np.float64))
        turn = left @ right
    return turn


def _random_turn(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return np.linalg.qr(rng.standard_normal((size, size)))[0]


def _start(project: Matrix, centre: Matrix, loops: int) -> RecurrentWeights:
    size, dim = project.shape
    across = np.ascontiguousarray(project.T)  # (d, m): orthonormal where m <= d
    return RecurrentWeights(
        centre=centre,
        project=project,
        bias=np.zeros(size, dtype=np.float32),
        back=np.repeat(across[None], loops, axis=0),
        length=np.ones(loops, dtype=np.float32),
        residual=np.repeat(project[None], loops, axis=0),
        residual_bias=np.zeros((loops, size), dtype=np.float32),
        decode=across / np.float32(np.sqrt(size) * max(1.0, size / dim)),
    )


def fitted_decode(weights: RecurrentWeights, vectors: Matrix) -> RecurrentWeights:
    """The same with lengths, one after the other, and decoding that leave the least squares."""
    if not len(vectors):
        return weights
    vectors = _some(vectors)
    centred = vectors - weights.centre
    lengths = weights.length.copy()
    for loop in range(weights.loops):
        partial = replace(weights, length=lengths)
        codes = values_of(bits_of(partial, vectors)[:, : loop + 1])
        lengths[loop] = (_unit(codes @ weights.back[loop].T) * centred).sum(axis=1).mean()
    weights = replace(weights, length=lengths)
    return with_least_squares(weights, vectors)


def with_least_squares(weights: RecurrentWeights, vectors: Matrix) -> RecurrentWeights:
    """The same with the linear decoding of least squared error on some rows (t, d)."""
    vectors = _some(vectors)
    codes = values_of(bits_of(weights, vectors)).astype(np.float64)
    centred = (vectors - weights.centre).astype(np.float64)
    ridge = _RIDGE * max(1.0, float((codes**2).mean())) * max(1, len(codes))
    gram = codes.T @ codes + ridge * np.eye(codes.shape[1])  # (m, m)
    right = codes.T @ centred + ridge * weights.decode.T  # (m, d)
    decode = np.linalg.solve(gram, right).T
    return replace(weights, decode=np.ascontiguousarray(decode, dtype=np.float32))


def _some(vectors: Matrix) -> Matrix:
    """Rows from all parts of the table, no more than are needed to learn from."""
    return vectors[:: max(1, -(-len(vectors) // _LEARN_ROWS))]


def _unit(matrix: Matrix) -> Matrix:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(lengths, 1e-12), dtype=np.float32)


class RecurrentModel:
    """The weights as tensors. Symmetric: codes with codes; asymmetric: vectors with decoded ones.

    Projections are scaled until their outputs are of the size 1, where gradients pass.
    """

    def __init__(self, weights: RecurrentWeights, scoring: Scoring, vectors: Matrix) -> None:
        import torch

        self._start = weights
        self._scoring = scoring
        gain = _gain((vectors - weights.centre) @ weights.project.T)
        # Entries of all matrices get the size of 1, so that one rate of learning fits them.
        self._fine = np.float32(1.0 / _gain(weights.decode))
        tables = {
            "project": weights.project * gain,
            "bias": weights.bias * gain,
            "back": weights.back * gain,
            "length": weights.length,
            "residual": weights.residual * gain,
            "residual_bias": weights.residual_bias * gain,
        }
        if scoring == "asymmetric":
            tables["decode"] = weights.decode / self._fine
        self._centre = torch.from_numpy(weights.centre)
        self._tensors = {
            name: torch.tensor(table, requires_grad=True)
            for name, table in tables.items()
            if table.size
        }
        self.parameters: list[Tensor] = list(self._tensors.values())

    def values(self, vectors: Tensor) -> Tensor:
        """Codes b (b, m) of rows (b, d), with gradients."""
        tensors = self._tensors
        vectors = vectors - self._centre
        codes = passed_sign(vectors @ tensors["project"].T + tensors["bias"])
        for loop in range(self._start.loops):
            about = tensors["length"][loop] * unit(codes @ tensors["back"][loop].T)  # (b, d)
            rest = (vectors - about) @ tensors["residual"][loop].T
            codes = codes + 2.0 ** -(loop + 1) * passed_sign(rest + tensors["residual_bias"][loop])
        return codes

    def rows(self, vectors: Tensor) -> Tensor:
        """Codes, or what they decode to, of unit length."""
        values = self.values(vectors)
        if self._scoring == "symmetric":
            return unit(values)
        return unit(float(self._fine) * (values @ self._tensors["decode"].T) + self._centre)

    def queries(self, vectors: Tensor) -> Tensor:
        """Codes of queries, or queries as they are."""
        return self.rows(vectors) if self._scoring == "symmetric" else vectors

    def both(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Both, encoded once."""
        rows = self.rows(vectors)
        return (rows if self._scoring == "symmetric" else vectors), rows

    def weights(self) -> RecurrentWeights:
        """The weights as arrays again; decoding is the start's if it was not trained."""
        tables = {name: value.detach().numpy().copy() for name, value in self._tensors.items()}
        if "decode" in tables:
            tables["decode"] *= self._fine
        return replace(self._start, **tables)


def _gain(outputs: NDArray[Any]) -> np.float32:
    size = float(np.sqrt((outputs**2).mean())) if outputs.size else 0.0
    return np.float32(1.0 / size if size > 0 else 1.0)
