"""Residual sign codes: how many bits along how many directions a number of bytes is best spent."""

from __future__ import annotations

import numpy as np

from backends.arrays import Matrix
from backends.codecs.base import Coder, Params, Training
from backends.codecs.rotation import principal_axes, random_rotation, some_rows
from backends.codecs.turned import TurnedSigns, residual_scales
from backends.reporting import SILENT, Report

MOST_PLANES = 8  # int8 does better from there on
_TRIAL_ROWS = 4096


def fit_residual_sign(training: Training, params: Params, report: Report = SILENT) -> Coder:
    """Spend `bytes` on t planes along m leading principal axes, so that least is lost.

    Axes are turned at random among themselves, so that their spreads are alike. `planes` and
    `dims` in `params` decide t and m; else the t that loses least on training rows is taken: a
    second bit along the leading half often keeps more than a first bit along the other half.

    Reference: the training-free baseline of recurrent binarisation: r_0 = x - mean,
    b_t = sign(r_t), a_t = mean |r_t|, r_(t+1) = r_t - a_t b_t, here with an a_t a dimension.
    """
    size, dim = int(params["bytes"]), training.vectors.shape[1]
    mean, axes = principal_axes(training.vectors, dim)
    rows = some_rows(training.vectors, _TRIAL_ROWS)
    along = (rows - mean) @ axes  # (t, d)
    best: tuple[float, TurnedSigns] | None = None
    choices = _choices(size, dim, params)
    for index, (planes, dims) in enumerate(choices):
        report.step(index, len(choices), "Choosing bits and directions")
        rotation = random_rotation(dims, training.seed)  # (dims, dims)
        values: Matrix = np.matmul(along[:, :dims], rotation)  # (t, dims)
        scales = residual_scales(values, planes)
        chosen = {"bytes": planes * -(-dims // 8), "planes": planes, "dims": dims}
        coder = TurnedSigns(
            {**chosen, "rotation": "pca+random"}, mean, axes[:, :dims] @ rotation, scales
        )
        loss = _loss(coder, rows)
        if best is None or loss < best[0]:
            best = (loss, coder)
    assert best is not None  # there is always a choice
    coder = best[1]
    if coder.params["bytes"] < size:
        coder.notes = (
            f"{coder.params['bytes']} bytes instead of {size}: "
            f"{coder.params['planes']} bits along each of {coder.params['dims']} directions.",
        )
    return coder


def _choices(size: int, dim: int, params: Params) -> list[tuple[int, int]]:
    """Planes t and dimensions m with t * ceil(m / 8) bytes at most `size`."""
    counts = [int(params["planes"])] if "planes" in params else range(1, MOST_PLANES + 1)
    choices = []
    for planes in counts:
        dims = min(dim, 8 * (size // planes))
        if "dims" in params:
            dims = min(dims, int(params["dims"]))
        if dims:
            choices.append((planes, dims))
    return choices or [(1, min(dim, 8 * max(1, size)))]


def _loss(coder: TurnedSigns, rows: Matrix) -> float:
    """Squared error of decoding, summed over rows and dimensions."""
    from backends.codecs.base import Codes

    codes = Codes(dict(coder.encode_block(rows, 0)), len(rows))
    error = rows - coder.decode(codes, slice(0, len(rows)))
    return float(np.vdot(error, error))
