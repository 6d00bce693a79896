"""What the settings keep of colours: each corpus's last column, colours and names of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.panels.by_class import ByClass
from app.panels.kept_look import fits, kept_names
from app.settings import SettingsStore
from backends.fingerprint import of_json
from backends.types import Corpus

CHOICES_KEPT, LOOKS_KEPT = 100, 50


class LookMemory:
    """Reads and writes the settings; remembers nothing without them."""

    def __init__(self, settings: SettingsStore | None) -> None:
        self._store = settings

    def choice(self, corpus: Corpus | None) -> str | None:
        """The column that coloured this corpus last, "" for one colour, None if nobody chose."""
        if self._store is None or corpus is None:
            return None
        return self._store.value.colour_by.get(_name(corpus))

    def choose(self, corpus: Corpus | None, column: str | None) -> None:
        """Remember the column that a person chose."""
        if self._store is None or corpus is None:
            return
        name = _name(corpus)
        others = {key: value for key, value in self._store.value.colour_by.items() if key != name}
        last = dict(list(others.items())[1 - CHOICES_KEPT :])
        self._store.change(colour_by={**last, name: column or ""})

    def looks(self, column: str) -> tuple[Mapping[str, Any], ...]:
        """Colours and names that columns of this name were given, the newest first."""
        known = self._store.value.looks if self._store is not None else ()
        return tuple(look for look in reversed(known) if look.get("column") == column)

    def remember(self, colouring: ByClass) -> None:
        """Keep colours and names of classes, in place of those they were given before."""
        if self._store is None:
            return
        look, labels = kept_names(colouring), colouring.categories.labels
        known = self._store.value.looks
        others = [
            old for old in known if old.get("column") != colouring.column or not fits(labels, old)
        ]
        if look:
            others.append({"column": colouring.column, **look})
        if tuple(others) != known:
            self._store.change(looks=others[-LOOKS_KEPT:])


def _name(corpus: Corpus) -> str:
    """Stands for a corpus, also after its file has changed."""
    return of_json([str(path) for path in corpus.sources] or sorted(corpus.columns))
