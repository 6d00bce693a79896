"""The erasers that there are."""

from __future__ import annotations

from collections.abc import Callable

from backends.directions.erasing.axis import NoParams, SoftParams
from backends.directions.erasing.base import EraserSpec, Fit
from backends.directions.erasing.learnt import InlpParams, LeaceParams


def _axis(name: str) -> Callable[[], Fit]:
    def load() -> Fit:
        from backends.directions.erasing import axis

        return getattr(axis, name)  # type: ignore[no-any-return]  # by its name

    return load


def _learnt(name: str) -> Callable[[], Fit]:
    def load() -> Fit:
        from backends.directions.erasing import learnt

        return getattr(learnt, name)  # type: ignore[no-any-return]  # by its name

    return load


ERASERS: dict[str, EraserSpec] = {
    spec.id: spec
    for spec in (
        EraserSpec(
            "neutralise",
            "Neutralise",
            _axis("neutralise"),
            NoParams,
            about="Takes the axis out of every item but those kept.",
            limits="What goes along with the axis stays: neighbours still tell the sides apart.",
            keeps=True,
        ),
        EraserSpec(
            "equalise",
            "Equalise",
            _axis("equalise"),
            NoParams,
            about="Puts the words of each pair at the same distance from all neutral words.",
            limits="Changes the pairs only; what the other words carry stays.",
            takes_pairs=True,
            needs_pairs=True,
        ),
        EraserSpec(
            "hard",
            "Hard debias",
            _axis("hard"),
            NoParams,
            about="Neutralises every item but those kept, then equalises the pairs.",
            limits="What goes along with the axis stays: neighbours still tell the sides apart.",
            keeps=True,
            takes_pairs=True,
        ),
        EraserSpec(
            "soft",
            "Soft debias",
            _axis("soft"),
            SoftParams,
            needs=(("torch", "torch"),),
            about="A linear map that weighs losing the axis against keeping all similarities.",
            limits="Leaves a part of the axis, by its weight, and what goes along with it.",
        ),
        EraserSpec(
            "inlp",
            "INLP",
            _learnt("inlp"),
            InlpParams,
            needs=(("sklearn", "scikit-learn"),),
            about="Takes out the axis of one linear classifier after the other until none works.",
            limits="Costs many dimensions; a classifier that is not linear may still work.",
            needs_labels=True,
        ),
        EraserSpec(
            "leace",
            "LEACE",
            _learnt("leace"),
            LeaceParams,
            about="The smallest change after which no linear classifier tells the groups apart.",
            limits="A classifier that is not linear may still work; so may a linear one on vectors "
            "brought to length 1 again.",
            needs_labels=True,
        ),
    )
}
