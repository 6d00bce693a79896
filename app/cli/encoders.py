"""`encoders`: what can turn texts into vectors here."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from app.cli.output import Answer, clip, table
from app.cli.sources import Say
from backends.reporting import Report


def answer(_words: Namespace, _report: Report, _say: Say) -> Answer:
    """List the registry and the models in the local hub cache."""
    from backends.encoders.registry import list_encoders

    encoders = list_encoders()
    lines = [
        [
            *(encoder.id, str(encoder.dim or ""), "yes" if encoder.available else "no"),
            clip(encoder.about if encoder.available else encoder.hint, 90),
        ]
        for encoder in encoders
    ]
    return Answer(
        {"encoders": [asdict(encoder) for encoder in encoders]},
        table(("id", "dim", "here", "about"), lines, numbers="dim"),
    )
