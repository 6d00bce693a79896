"""Learned hashes: a code of b bits, trained so that neighbours differ in few of them.

Reference: semantic hashing (Salakhutdinov and Hinton 2009); a binary layer with a straight-through
gradient as in Binary Paragraph Vector (Grzegorczyk and Kurdziel 2016, arXiv 1611.01116).
"""

from __future__ import annotations

from backends.codecs.base import Ask, CodecSpec, Coder, Fit, Params, Solved, Training
from backends.codecs.recurrent import SubCodes, learn
from backends.reporting import Report

MOST_BITS = 2048


def solve(ask: Ask) -> Solved:
    """Eight bits a byte of the budget; no more than four a dimension."""
    most = max(8, min(MOST_BITS, 8 * ((4 * ask.dim + 7) // 8)))
    if ask.budget is None:
        return Solved({"bits": min(256, most)})
    bits = min(most, 8 * max(1, int(ask.budget)))
    if bits == 8 * ask.budget:
        return Solved({"bits": bits})
    return Solved({"bits": bits}, f"The hash has {bits // 8} bytes instead of {ask.budget:,.4g}.")


def load() -> Fit:
    """Return the fit of learned hashes."""

    def fit(training: Training, params: Params, report: Report) -> Coder:
        bits = int(params["bits"])
        trained = learn(training, bits, 0, ("symmetric",), params, report)
        coder = SubCodes(trained.weights, "symmetric", {"bits": bits, **trained.facts})
        coder.curve, coder.notes = trained.curve, trained.notes
        return coder

    return fit


SPECS = (
    CodecSpec(
        "semantic-hash",
        "Learned hash",
        load=load,
        needs=(("torch", "torch"),),
        about="Trained here: one bit a number, compared by counting bits that differ.",
        family="Trained",
        cost=91,
        solve=solve,
    ),
)
