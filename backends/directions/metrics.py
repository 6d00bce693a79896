"""Metrics of association between four sets of terms: one function each, one table of them.

All take cosines, so lengths of vectors do not matter, unless a metric says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backends.directions.permutation import (
    Permutation,
    bootstrap_interval,
    effect_size,
    permutation_test,
    smallest_effect,
)
from backends.directions.terms import Terms
from backends.errors import BackendError
from backends.registry import Spec
from backends.reporting import Report
from backends.wording import counted

Floats = NDArray[np.float64]
ROUNDING = 1e-12  # cosines that differ by less are equal
FOLDS = 5  # of the cross-validation of RNSB's classifier


@dataclass(frozen=True, slots=True)
class AssociationParams:
    """How tests are made."""

    ddof: int = 1  # of the deviation that an effect size is divided by: 1 as published, 0 as WEFE
    runs: int = 100_000  # sampled partitions where there are too many to try all
    resamples: int = 2_000  # of the bootstrap
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Sets:
    """The four sets as vectors, as the embeddings have them."""

    x: Terms
    y: Terms
    a: Terms
    b: Terms

    @property
    def all(self) -> tuple[Terms, Terms, Terms, Terms]:
        """In the order of PARTS."""
        return self.x, self.y, self.a, self.b


@dataclass(frozen=True)
class Figures:
    """What a metric computes."""

    statistic: float
    effect_size: float | None = None
    permutation: Permutation | None = None
    interval: tuple[float, float] | None = None
    smallest_effect: float | None = None
    items: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    beside: Mapping[str, float] = field(default_factory=dict)


Measure = Callable[[Sets, AssociationParams, Report], Figures]


@dataclass(frozen=True)
class MetricSpec(Spec):
    """A metric; `load()` returns `measure(sets, params, report) -> Figures`."""

    ideal: float = 0.0  # value of no association
    paired: bool = False  # whether X and Y are pairs, the first with the first
    per_item: str = ""  # what the figure of each term is


def _association(targets: Terms, sets: Sets) -> Floats:
    """s(w, A, B) of each target: mean cosine with A less mean cosine with B, (t,)."""
    units = targets.units.astype(np.float64)
    a = sets.a.units.astype(np.float64).mean(axis=0)
    b = sets.b.units.astype(np.float64).mean(axis=0)
    return np.asarray(units @ (a - b), dtype=np.float64)


def _named(targets: Terms, values: Floats) -> tuple[tuple[str, float], ...]:
    return tuple(zip(targets.asked, values.tolist(), strict=True))


def weat(sets: Sets, params: AssociationParams, report: Report) -> Figures:
    """Statistic S, effect size d and one-sided p of a test of equal association.

    Reference: Caliskan, Bryson and Narayanan 2017, equations of the supplement; with terms encoded
    in sentences it is SEAT, May et al. 2019.
    """
    x, y = _association(sets.x, sets), _association(sets.y, sets)
    permutation = permutation_test(x, y, params.runs, params.seed, report)
    return Figures(
        float(x.sum() - y.sum()),
        effect_size(x, y, params.ddof),
        permutation,
        bootstrap_interval(x, y, params.ddof, params.resamples, params.seed),
        smallest_effect(x, y, permutation, params.ddof),
        {"X": _named(sets.x, x), "Y": _named(sets.y, y)},
    )


def rnd(sets: Sets, _params: AssociationParams, _report: Report) -> Figures:
    """Relative norm distance: whether attributes are nearer to the mean of X or to that of Y.

    The mean over the terms c of A of |c - mean X| - |c - mean Y|, with vectors of unit length;
    negative where they are nearer to X. The same of B stands beside it.

    Reference: Garg et al. 2018, Word embeddings quantify 100 years of gender and ethnic
    stereotypes.
    """
    x, y = (np.mean(one.units.astype(np.float64), axis=0) for one in (sets.x, sets.y))
    values = {}
    for part, terms in (("A", sets.a), ("B", sets.b)):
        units = terms.units.astype(np.float64)
        near = np.linalg.norm(units - x, axis=1) - np.linalg.norm(units - y, axis=1)
        values[part] = near
    return _of_a(sets, values)


def mac(sets: Sets, _params: AssociationParams, _report: Report) -> Figures:
    """Mean average cosine distance of all targets to each attribute set; 1 is no association.

    Reference: Manzini et al. 2019, Black is to criminal as Caucasian is to police.
    """
    values = {}
    for part, terms in (("X", sets.x), ("Y", sets.y)):
        units = terms.units.astype(np.float64)
        distances = [
            1.0 - (units @ other.units.astype(np.float64).T).mean(axis=1)
            for other in (sets.a, sets.b)
        ]
        values[part] = np.mean(distances, axis=0)
    everything = np.concatenate([values["X"], values["Y"]])
    return Figures(
        float(everything.mean()),
        items={"X": _named(sets.x, values["X"]), "Y": _named(sets.y, values["Y"])},
    )


def ect(sets: Sets, _params: AssociationParams, _report: Report) -> Figures:
    """Embedding coherence: do X and Y rank the attributes A alike? 1 is no difference.

    Spearman's correlation of the attributes' cosines with the means of X and of Y; the same of B,
    and of A and B together, stand beside it.

    Reference: Dev and Phillips 2019, Attenuating bias in word vectors.
    """
    sides = [_cosines_with_mean(terms, sets) for terms in (sets.x, sets.y)]
    a = len(sets.a)
    if a < 3:
        raise BackendError(
            f"ECT compares two rankings of A, but A has {counted(a, 'term')} with a vector.",
            hint="Take a first attribute set of three terms or more.",
        )
    names = (*sets.a.asked, *sets.b.asked)
    statistic = _rank_correlation(sides[0][:a], sides[1][:a])
    if statistic is None:
        raise BackendError(
            "ECT compares two rankings of A, but all terms of A are equally near to X or to Y.",
            hint="Take another first attribute set.",
        )
    others = {"A and B": _rank_correlation(sides[0], sides[1])}
    if len(sets.b) >= 3:
        others["B"] = _rank_correlation(sides[0][a:], sides[1][a:])
    beside = {name: value for name, value in others.items() if value is not None}
    return Figures(
        statistic,
        items={
            part: tuple(zip(names, side.tolist(), strict=True))
            for part, side in zip(("X", "Y"), sides, strict=True)
        },
        beside=beside,
    )


def _cosines_with_mean(targets: Terms, sets: Sets) -> Floats:
    """Cosine of each attribute, A then B, with the mean of the targets' unit vectors."""
    attributes = np.concatenate([sets.a.units, sets.b.units]).astype(np.float64)
    mean = targets.units.astype(np.float64).mean(axis=0)
    return np.asarray(attributes @ (mean / max(np.linalg.norm(mean), 1e-12)), dtype=np.float64)


def _rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's; None where one side is constant."""
    from scipy.stats import spearmanr

    if np.ptp(one) < ROUNDING or np.ptp(other) < ROUNDING:
        return None
    return float(spearmanr(one, other).statistic)


def rnsb(sets: Sets, params: AssociationParams, _report: Report) -> Figures:
    """Relative negative sentiment bias: how unequally a classifier of A against B judges targets.

    A logistic regression learns A against B; the probabilities of B of all targets, brought to sum
    1, are compared with equal ones by the Kullback-Leibler divergence (natural logarithm, ideal 0).
    Its accuracy on held-out attributes stands beside it: near .5 the result means nothing.

    Reference: Sweeney and Najafian 2019, A transparent framework for evaluating unintended
    demographic bias in word embeddings.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    a, b = sets.a.units.astype(np.float64), sets.b.units.astype(np.float64)
    known, side = np.concatenate([a, b]), np.repeat([0, 1], (len(a), len(b)))
    model = LogisticRegression(solver="liblinear", random_state=params.seed, max_iter=1000)
    beside = {}
    if (folds := min(FOLDS, len(a), len(b))) > 1:
        beside["held-out accuracy"] = float(cross_val_score(model, known, side, cv=folds).mean())
    model.fit(known, side)
    odds = {
        part: model.predict_proba(terms.units.astype(np.float64))[:, 1]
        for part, terms in (("X", sets.x), ("Y", sets.y))
    }
    shares = np.concatenate([odds["X"], odds["Y"]])
    shares = shares / shares.sum()
    return Figures(
        float((shares * np.log(shares * len(shares))).sum()),
        items={"X": _named(sets.x, odds["X"]), "Y": _named(sets.y, odds["Y"])},
        beside=beside,
    )


def ripa(sets: Sets, _params: AssociationParams, _report: Report) -> Figures:
    """Relational inner product: attributes along the difference of each pair of targets.

    X and Y are pairs in their order; the mean over pairs and the terms c of A of
    c . (x - y) / |x - y|. The attributes keep their lengths, so it depends on them. The same of B
    stands beside it.

    Reference: Ethayarajh et al. 2019, Understanding undesirable word embedding associations.
    """
    x = sets.x.vectors.astype(np.float64)
    difference = x - sets.y.vectors.astype(np.float64)  # (pairs, d)
    lengths = np.linalg.norm(difference, axis=1)
    if not (lengths > 0).all():
        at = int(np.argmin(lengths))
        raise BackendError(
            f"“{sets.x.asked[at]}” and “{sets.y.asked[at]}” have the same vector: the pair has no "
            "direction.",
            hint="Leave the pair out.",
        )
    axes = difference / lengths[:, None]
    values = {}
    for part, terms in (("A", sets.a), ("B", sets.b)):
        values[part] = (terms.vectors.astype(np.float64) @ axes.T).mean(axis=1)
    return _of_a(sets, values)


def _of_a(sets: Sets, values: Mapping[str, Floats]) -> Figures:
    """The mean over A as the statistic, that over B beside it."""
    return Figures(
        float(values["A"].mean()),
        items={"A": _named(sets.a, values["A"]), "B": _named(sets.b, values["B"])},
        beside={"B": float(values["B"].mean())},
    )


METRICS: dict[str, MetricSpec] = {
    spec.id: spec
    for spec in (
        MetricSpec(
            "weat",
            "WEAT",
            lambda: weat,
            about="Do X and Y differ in how much nearer they are to A than to B? Effect size, p.",
            per_item="s(w, A, B): mean cosine with A less mean cosine with B",
        ),
        MetricSpec(
            "rnd",
            "RND",
            lambda: rnd,
            about="Are the terms of A nearer to the mean of X (below 0) or to that of Y?",
            per_item="distance to the mean of X less distance to the mean of Y",
        ),
        MetricSpec(
            "rnsb",
            "RNSB",
            lambda: rnsb,
            about="How unequally does a classifier of A against B judge the targets? 0 is equally.",
            needs=(("sklearn", "scikit-learn"),),
            per_item="probability of B that the classifier gives",
        ),
        MetricSpec(
            "mac",
            "MAC",
            lambda: mac,
            about="Mean cosine distance of all targets to the attribute sets; 1 is none.",
            ideal=1.0,
            per_item="mean cosine distance to A and to B",
        ),
        MetricSpec(
            "ect",
            "ECT",
            lambda: ect,
            about="Do X and Y rank the terms of A alike? 1 is no difference.",
            ideal=1.0,
            needs=(("scipy", "scipy"),),
            per_item="cosine of each attribute with the mean of the targets",
        ),
        MetricSpec(
            "ripa",
            "RIPA",
            lambda: ripa,
            about="How far do attributes lie along the difference of each pair of targets?",
            paired=True,
            per_item="mean inner product with the unit differences of the pairs",
        ),
    )
}
