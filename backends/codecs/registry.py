"""Which codecs there are, and putting them one behind the other."""

from __future__ import annotations

from backends.codecs import rounding
from backends.codecs.base import CodecSpec
from backends.errors import BackendError

CODECS: dict[str, CodecSpec] = {spec.id: spec for spec in (*rounding.SPECS,)}


def codec(name: str) -> CodecSpec:
    """Return a codec by its id. Raises: BackendError if there is none."""
    spec = CODECS.get(name)
    if spec is None:
        raise BackendError(
            f"There is no codec called “{name}”.", hint=f"Choose from: {', '.join(CODECS)}."
        )
    return spec
