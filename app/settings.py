"""What the program remembers between runs: one JSON file, forgiving to read, safe to write.

A value that cannot be used becomes its default and a sentence; a file that cannot be parsed is put
aside, not overwritten. Two windows share the file: each writes only what it changed itself.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from app.migrations import SETTINGS_SCHEMA, SETTINGS_STEPS, UnknownSchema, migrate
from app.notices import Notices
from backends.errors import UnwritableFile
from backends.files import naming_failure, replacing

RECENT_KEPT = 10
WRITE_AFTER_MS = 1000
LOCK_MS = 200  # the file is written in a few; a lock that is held longer is somebody's corpse


@dataclass(frozen=True)
class Settings:
    """Everything that is remembered; each field is plain data with a default that works."""

    theme: str = "system"  # "system", "light", "dark"
    encoder: str = "minilm"
    method: str = "umap"
    neighbours: int = 15
    min_distance: float = 0.1
    seed: int = 42
    dimensions: int = 2  # of layouts
    k: int = 20  # neighbours listed
    split: str = ""  # how texts become items, once the person has said: "line" "paragraph" "file"
    recent: tuple[str, ...] = ()  # files and folders, newest first
    recent_projects: tuple[str, ...] = ()
    last_folder: str = ""  # where the file dialog starts
    geometry: str = ""  # of the window, base64
    layout: str = ""  # of the docks, base64
    export: Mapping[str, Any] = field(default_factory=dict)  # last choices: format, vectors
    picture: Mapping[str, Any] = field(default_factory=dict)  # last choices: size, ground, ...
    map: Mapping[str, Any] = field(default_factory=dict)  # last choices: point size, tool
    compression: Mapping[str, Any] = field(default_factory=dict)  # last choices: codecs, prices
    word_checks: Mapping[str, Any] = field(default_factory=dict)  # test sets, how case is treated
    hidden_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by columns' names
    used: tuple[str, ...] = ()  # what was chosen in the command palette, newest first
    colour_by: Mapping[str, str] = field(default_factory=dict)  # last column by corpus
    looks: tuple[Mapping[str, Any], ...] = ()  # colours and names of classes, newest last
    card_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by columns' names
    associations: Mapping[str, Any] = field(default_factory=dict)  # last choices: tests, metric
    templates: tuple[str, ...] = ()  # that words are encoded in; none: the usual ones


class SettingsStore(QObject):
    """Holds the settings of this window, and writes a second after the last change."""

    changed = Signal(object)  # Settings

    def __init__(
        self,
        path: Path | None = None,
        notices: Notices | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._path = path or config_root() / "settings.json"
        self._notices = notices
        self._changed: set[str] = set()  # fields that this window changed since it last wrote
        self._forgotten: set[str] = set()  # recent paths that this window let go
        self._timer = QTimer(self, singleShot=True, interval=WRITE_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self._said_unwritable = False
        found, self._problems, self._writable = _read(self._path)
        self._value = _settings(found, self._problems)
        if self._problems:  # once there is somebody who shows them
            QTimer.singleShot(0, self, self._say_problems)

    @property
    def value(self) -> Settings:
        """The settings as they are now."""
        return self._value

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, a sentence each, for a notice at the start."""
        return tuple(self._problems)

    def change(self, **changes: Any) -> None:
        """Change fields, as `change(theme="dark")`.

        Raises: TypeError for a field there is not, ValueError for a value that it cannot take.
        """
        checked = {}
        for name, value in changes.items():
            if name not in CHECKS:
                raise TypeError(f"there is no setting called {name}")
            checked[name] = CHECKS[name](value)
        new = replace(self._value, **checked)
        if new == self._value:
            return
        self._changed |= {name for name in checked if checked[name] != getattr(self._value, name)}
        self._value = new
        self._timer.start()
        self.changed.emit(new)

    def change_map(self, **changes: Any) -> None:
        """Change some of what is remembered of the map, as `change_map(size=2.0)`."""
        self.change(map={**self._value.map, **changes})

    def remember(self, path: Path, *, project: bool = False) -> None:
        """Put a file, a folder or a project at the head of the recent ones."""
        name = str(path.absolute())
        self._forgotten.discard(name)
        where = "recent_projects" if project else "recent"
        others = [old for old in getattr(self._value, where) if old != name]
        self.change(**{where: (name, *others)[:RECENT_KEPT]})

    def forget(self, path: str) -> None:
        """Take a path out of the recent ones, because it is gone or the person says so."""
        self._forgotten.add(path)
        for where in ("recent", "recent_projects"):
            kept = tuple(old for old in getattr(self._value, where) if old != path)
            self.change(**{where: kept})

    def recent(self, *, projects: bool = False) -> tuple[str, ...]:
        """Recent files or projects that are still there, newest first."""
        known = self._value.recent_projects if projects else self._value.recent
        return tuple(path for path in known if os.path.lexists(path))

    def flush(self) -> None:
        """Write what was changed, now. A failure is said once."""
        self._timer.stop()
        if not self._changed or not self._writable:
            return
        try:
            with naming_failure(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = QLockFile(f"{self._path}.lock")  # between reading and writing
            lock.tryLock(LOCK_MS)
            try:
                self._write()
            finally:
                lock.unlock()
        except UnwritableFile as error:
            self._say(error)

    def _write(self) -> None:
        """Bring what this window changed together with what others wrote, and replace the file."""
        found, _, self._writable = _read(self._path)
        if not self._writable:  # a newer version has been here in the meantime
            return
        mine, theirs = self._value, _settings(found, [])
        recents: dict[str, Any] = {
            name: self._both(getattr(mine, name), getattr(theirs, name))
            for name in ("recent", "recent_projects")
        }
        changes = {name: getattr(mine, name) for name in self._changed}
        with replacing(self._path) as draft:
            text = _as_text(replace(theirs, **{**changes, **recents}))
            draft.write_text(text, encoding="utf-8")
        self._changed.clear()
        self._forgotten.clear()
        self._value = replace(mine, **recents)
        if self._value != mine:
            self.changed.emit(self._value)

    def _both(self, mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
        others = (path for path in theirs if path not in mine and path not in self._forgotten)
        return (*mine, *others)[:RECENT_KEPT]

    def _say_problems(self) -> None:
        if self._notices is not None:
            for problem in self._problems:
                self._notices.warn(problem)

    def _say(self, error: UnwritableFile) -> None:
        if self._notices is not None and not self._said_unwritable:
            self._said_unwritable = True
            hint = "What you set now is forgotten when the window closes."
            self._notices.warn(error.what, hint)


def config_root() -> Path:
    """The folder of settings: `EMBEDSCOPE_CONFIG` if that is set, else the platform's own place."""
    chosen = os.environ.get("EMBEDSCOPE_CONFIG")
    if chosen:
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("embedscope", appauthor=False)


def _read(path: Path) -> tuple[dict[str, Any], list[str], bool]:
    """Return what the file holds, what is wrong with it, and whether it may be written."""
    try:
        data = json.loads(path.read_bytes())
        if not isinstance(data, dict):
            raise ValueError("not an object")
    except (FileNotFoundError, NotADirectoryError):
        return {}, [], True
    except OSError as error:
        reason = error.strerror or str(error)
        return {}, [f"The settings in {path} could not be read: {reason}."], False
    except (ValueError, RecursionError):
        bad = path.with_name(path.name + ".bad")
        with suppress(OSError):
            path.replace(bad)
        return {}, [f"The settings could not be understood. They were put aside as {bad}."], True
    try:
        return migrate(data, SETTINGS_SCHEMA, SETTINGS_STEPS), [], True
    except UnknownSchema as error:
        if not error.newer:
            return data, [], True
    sentence = (
        f"The settings in {path} were written by a newer version of Embedscope. "
        "What you change now is not kept."
    )
    return data, [sentence], False


def _settings(found: Mapping[str, Any], problems: list[str]) -> Settings:
    """Take what can be used; unknown keys are dropped, bad values are named in `problems`."""
    good = {}
    for name, check in CHECKS.items():
        if name in found:
            try:
                good[name] = check(found[name])
            except (ValueError, TypeError):
                shown = str(found[name])[:60]
                problems.append(f"The setting “{name}” cannot be “{shown}” and was set back.")
    return replace(Settings(), **good)


def _as_text(settings: Settings) -> str:
    data = {"schema": SETTINGS_SCHEMA, **asdict(settings)}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(value)
        return str(value)

    return check


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half a surrogate pair could not be written back
    return value


def _base64(value: Any) -> str:
    base64.b64decode(_text(value), validate=True)  # its Error is a ValueError
    return str(value)


def _number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(value)
        if not low <= value <= high or value != kind(value):  # NaN is in no range
            raise ValueError(value)
        return kind(value)

    return check


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return tuple(_text(item) for item in value)


def _recent(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_texts(value)))[:RECENT_KEPT]


def _plain(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    plain: dict[str, Any] = json.loads(json.dumps(dict(value), allow_nan=False))
    return plain


def _columns(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    return {_text(name): _texts(columns) for name, columns in value.items()}


def _names(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    return {_text(key): _text(name) for key, name in value.items()}


def _plains(value: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return tuple(_plain(item) for item in value)


CHECKS: dict[str, Callable[[Any], Any]] = {
    "theme": _one_of("system", "light", "dark"),
    "encoder": _text,
    "method": _text,
    "neighbours": _number(2, 1000, int),
    "min_distance": _number(0.0, 1.0, float),
    "seed": _number(0, 2**32 - 1, int),
    "dimensions": _number(2, 3, int),
    "k": _number(1, 1000, int),
    "split": _one_of("", "line", "paragraph", "file"),
    "recent": _recent,
    "recent_projects": _recent,
    "last_folder": _text,
    "geometry": _base64,
    "layout": _base64,
    "export": _plain,
    "picture": _plain,
    "map": _plain,
    "compression": _plain,
    "word_checks": _plain,
    "hidden_columns": _columns,
    "used": _texts,
    "colour_by": _names,
    "looks": _plains,
    "card_columns": _columns,
    "associations": _plain,
    "templates": _texts,
}
"""What each setting can be: a function that returns the value as it is kept, or raises."""
