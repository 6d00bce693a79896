"""The layouts of each embeddings: all that are kept, and the one of them that is shown.

Part of the document, which says aloud what changes here.
"""

from __future__ import annotations

from collections.abc import Container

from backends.types import Projection


class Layouts:
    """Layouts by the fingerprint of the embeddings that they belong to, oldest first."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Projection]] = {}
        self._shown: dict[str, str] = {}  # fingerprints; without one, the newest is shown
        self._heirs: dict[str, str] = {}  # fingerprint of a replaced partial -> what replaced it

    def of(self, embeddings: str) -> tuple[Projection, ...]:
        """The layouts of some embeddings, oldest first."""
        return tuple(self._kept.get(embeddings, ()))

    def shown(self, embeddings: str) -> Projection | None:
        """The one that is shown while these embeddings are: the chosen one, else the newest."""
        kept = self.of(embeddings)
        chosen = self._shown.get(embeddings)
        return next((p for p in kept if p.fingerprint == chosen), kept[-1] if kept else None)

    def show(self, embeddings: str, fingerprint: str) -> bool:
        """Choose the one to show; return whether that is another one.

        Raises: KeyError if there is none of that name.
        """
        if not any(p.fingerprint == fingerprint for p in self.of(embeddings)):
            raise KeyError(fingerprint)
        before = self.shown(embeddings)
        self._shown[embeddings] = fingerprint
        return before is None or before.fingerprint != fingerprint

    def add(
        self, projection: Projection, known: Container[str], *, show: bool = True
    ) -> str | None:
        """Keep a layout; return under which embeddings, or None if it came too late."""
        of = projection.embeddings
        while of in self._heirs:
            of = self._heirs[of]
        kept = self._kept.get(of, [])
        own = [old for old in kept if old.embeddings == of]
        late = projection.embeddings != of
        if of not in known or (late and own):
            return None
        before = self.shown(of)
        others = [old for old in (kept if late else own) if not _outdone(old, projection)]
        self._kept[of] = [*others, projection]
        chosen = projection if show or before not in others else before
        self._shown[of] = chosen.fingerprint if chosen is not None else ""
        return of

    def drop(self, embeddings: str, fingerprint: str) -> bool:
        """Forget a layout; return whether it was there."""
        kept = self._kept.get(embeddings, [])
        rest = [p for p in kept if p.fingerprint != fingerprint]
        self._kept[embeddings] = rest
        return len(rest) < len(kept)

    def inherit(self, old: str, new: str) -> None:
        """Let grown embeddings keep the layouts of the part that they grew from."""
        layouts = self._kept.pop(old, [])
        self._kept.setdefault(new, layouts)
        if old in self._shown:
            self._shown.setdefault(new, self._shown.pop(old))
        self._heirs[old] = new
        self._heirs.pop(new, None)  # the way back, should a run ever be repeated

    def forget(self, embeddings: str) -> None:
        """Forget the layouts of embeddings that are gone."""
        self._kept.pop(embeddings, None)
        self._shown.pop(embeddings, None)

    def clear(self) -> None:
        """Forget everything."""
        for each in (self._kept, self._shown, self._heirs):
            each.clear()


def _outdone(old: Projection, new: Projection) -> bool:
    """Whether a layout need not be kept beside a newer one."""
    return old.made_by == new.made_by or (old.method == new.method and not old.finished)
