"""Taking pictures of the map out: which part, how large, on which ground, where to.

The model keeps the choices and runs the writing; what is written is drawn by the widgets, for
pictures need fonts and painters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.picture_facts import default_subtitle, default_title
from app.panels.saving import SavingModel
from app.panels.state import PanelState, state_of
from app.panels.targets import named_path
from app.settings import SettingsStore
from backends.errors import UnwritableFile
from backends.export import TargetExists
from backends.files import replacing
from backends.reporting import Report

Format = Literal["png", "svg", "pdf"]
View = Literal["view", "everything"]
Ground = Literal["light", "dark", "clear_light", "clear_dark"]
Dotting = Literal["auto", "image", "circles"]
Write = Callable[[Path, Report], None]  # writes the whole picture to a path

FORMATS: tuple[Format, ...] = get_args(Format)
KEY = "picture"
MOST_SIDE = 30_000  # pixels; painters count in 15 bits
LEAST_SIDE = 64
FEW_CIRCLES = 5_000  # so many points are drawn as circles without being asked
FONTS = (6, 72)  # smallest and largest
DPIS = (36, 1200)

NO_MAP = Problem("There is no map yet.", "Embed the items first.")
NO_TARGET = Problem("No file is named.", "Choose where to write to.")
TOO_LARGE = Problem(
    f"A picture can have {MOST_SIDE:,} pixels a side at most.", "Choose a smaller width or height."
)


@dataclass(frozen=True, slots=True)
class Preset:
    """A size with a name; the screen's is not known before there is one."""

    text: str
    size: tuple[int, int] | None
    dpi: int


PRESETS: dict[str, Preset] = {
    "screen": Preset("Screen × 2", None, 192),  # noqa: RUF001  multiplication sign
    "hd": Preset("1920 × 1080", (1920, 1080), 96),  # noqa: RUF001
    "square": Preset("Square 2000", (2000, 2000), 300),
    "a4": Preset("A4 at 300 dpi", (3508, 2480), 300),
    "a4_upright": Preset("A4 upright at 300 dpi", (2480, 3508), 300),
    "poster": Preset("Poster 8000 × 6000", (8000, 6000), 300),  # noqa: RUF001
    "own": Preset("Other", None, 300),
}


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """What the dialog chooses."""

    format: Format = "png"
    view: View = "view"
    preset: str = "screen"
    width: int = 1600  # pixels
    height: int = 1200
    dpi: int = 192  # pixels per inch of paper, and of the points in an SVG or PDF
    ground: Ground = "light"
    legend: bool = True
    layers: bool = True  # marks, labels, scale bar: whatever is shown over the points
    font: int = 13  # height in pixels of the screen
    dotting: Dotting = "auto"  # how SVG and PDF hold the points
    title: str = ""
    subtitle: str = ""
    target: str = ""

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than its ground."""
        return self.ground in ("dark", "clear_dark")

    @property
    def is_clear(self) -> bool:
        """Whether there is no ground."""
        return self.ground in ("clear_light", "clear_dark")


FORGOTTEN = ("title", "subtitle", "target")  # they belong to one corpus


def plan(document: Document, settings: PictureSettings) -> Path | Problem:
    """Where a picture would be written to, or why none can be."""
    if document.projection is None:
        return NO_MAP
    if max(settings.width, settings.height) > MOST_SIDE:
        return TOO_LARGE
    return named_path(settings.target, settings.format) or NO_TARGET


class PicturesModel(SavingModel):
    """Keeps the choices and has the picture written; `exported` carries its path."""

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, store: SettingsStore
    ) -> None:
        super().__init__(document, jobs, notices, store, KEY)
        self._settings = remembered(store.value.picture)
        self._screen = (1600, 1200)
        self._titled: str | None = None  # fingerprint of the corpus that the title is of
        self._subtitle = ""  # the one of our own making
        document.projection_changed.connect(lambda _p: self.state_changed.emit(self.state))

    @property
    def settings(self) -> PictureSettings:
        """What is chosen."""
        return self._settings

    @property
    def state(self) -> PanelState:
        """Whether it can run, and why not."""
        return state_of(self._job, plan(self.document, self._settings), self._failure)

    def prepare(self, screen: tuple[int, int]) -> None:
        """Get ready for a dialog: size of the map on the screen, title of a new corpus."""
        self._screen = screen
        self._failure = None
        document = self.document
        name = document.corpus.fingerprint if document.corpus is not None else None
        changes: dict[str, Any] = {}
        if name != self._titled:
            self._titled, self._named = name, False
            changes = {"title": default_title(document), "subtitle": default_subtitle(document)}
        elif self._settings.subtitle == self._subtitle:  # not one of the person's own
            changes = {"subtitle": default_subtitle(document)}
        self._subtitle = default_subtitle(document)
        if self._settings.preset == "screen":
            changes["preset"] = "screen"
        self.change(**changes)

    def change(self, **fields: Any) -> None:
        """Change settings, as `change(preset="a4")`; size and the target's name follow."""
        self._named = self._named or bool(fields.get("target"))
        if "preset" in fields:
            fields = {**self._sized(fields["preset"]), **fields}
        elif {"width", "height"} & set(fields):
            fields["preset"] = "own"
        new = replace(self._settings, **fields)
        if "target" not in fields:
            new = replace(new, target=self._target(new))
        self._failure = None
        if new != self._settings:
            self._settings = new
            kept = {key: value for key, value in asdict(new).items() if key not in FORGOTTEN}
            self._store.change(picture=kept)
            self.settings_changed.emit(new)
        self.state_changed.emit(self.state)

    def run(self, write: Write, *, overwrite: bool = False) -> None:
        """Have the picture written by `write`, in the background, to where the choices say."""
        planned = plan(self.document, self._settings)
        if isinstance(planned, Problem) or self._job is not None:
            return
        self._start("Export picture", partial(_write, planned, write, overwrite))

    def _sized(self, name: str) -> dict[str, Any]:
        preset = PRESETS[name]
        if name == "own":
            return {}
        width, height = preset.size or self._screen
        return {"width": width, "height": height, "dpi": preset.dpi}

    def _target(self, settings: PictureSettings) -> str:
        return self._target_for(settings.target, settings.format, FORMATS, "map")

    def _on_done(self, path: Path) -> None:
        self._store.change(last_folder=str(path.parent))
        self.notices.info(f"The picture is in {path}.")
        super()._on_done(path)


def _write(path: Path, write: Write, overwrite: bool, report: Report) -> Path:
    """Write a picture so that the file is the old one or the new one.

    Raises: TargetExists, UnwritableFile, BackendError, Cancelled.
    """
    if path.is_dir():
        raise UnwritableFile(
            f"Could not write {path}: there is a folder of that name.",
            hint="Choose another name; nothing was changed.",
        )
    if path.exists() and not overwrite:
        raise TargetExists((path,))
    with replacing(path) as draft:
        write(draft, report)
        report.check()
    return path


def remembered(kept: Mapping[str, Any]) -> PictureSettings:
    """Choices of last time, where they still mean something."""
    settings = PictureSettings()
    allowed: dict[str, tuple[Any, ...]] = {
        "format": FORMATS,
        "view": get_args(View),
        "preset": tuple(PRESETS),
        "ground": get_args(Ground),
        "dotting": get_args(Dotting),
        "legend": (True, False),
        "layers": (True, False),
    }
    ranges = {
        "width": (LEAST_SIDE, MOST_SIDE),
        "height": (LEAST_SIDE, MOST_SIDE),
        "dpi": DPIS,
        "font": FONTS,
    }
    good: dict[str, Any] = {}
    for name, value in kept.items():
        if name in allowed and isinstance(value, str | bool) and value in allowed[name]:
            good[name] = value
        elif name in ranges and type(value) is int:
            low, high = ranges[name]
            if low <= value <= high:
                good[name] = value
    return replace(settings, **good)
