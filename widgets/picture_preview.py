"""A small picture of what would be exported, drawn in the background whenever choices change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.jobs import Failure, Jobs
from app.notices import Notices
from app.panels.pictures import MOST_SIDE, PictureSettings
from backends.errors import BackendError
from backends.png import PngWriter
from backends.reporting import Report
from widgets.picture_drawing import Sheet, bytes_of, draw_image, prepare
from widgets.picture_page import Page, Source, build_page
from widgets.picture_points import Stock
from widgets.theme import colour, current_theme

KEY = "picture preview"
WAIT_MS = 120  # after the last change
CHECK = 8  # side of a square of the pattern that stands for "no ground"
GROWTH = 1.45  # measured: a picture of twice the width takes 2 ** GROWTH times the bytes
CIRCLE_BYTES = {"svg": 43, "pdf": 105}


@dataclass(frozen=True, eq=False)
class Sample:
    """What a preview found out."""

    image: QImage
    bytes: float  # of the file, roughly
    circles: int | None  # points, where they become circles


class Preview(QWidget):
    """Shows a picture of the choices; never waits for it."""

    drawn = Signal(object)  # Sample

    def __init__(
        self, jobs: Jobs, notices: Notices, stock: Stock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._notices, self._stock = jobs, notices, stock
        self._asked: tuple[PictureSettings, Source] | None = None
        self._sample: Sample | None = None
        self._words = "Drawing…"
        self._soon = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._soon.timeout.connect(self._begin)
        self.setAccessibleName("Preview")
        self.setMinimumSize(300, 260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def sample(self) -> Sample | None:
        """The newest picture."""
        return self._sample

    @property
    def is_waiting(self) -> bool:
        """Whether a newer picture is on its way."""
        return self._soon.isActive() or any(job.key == KEY for job in self._jobs.live)

    def show_choice(self, choice: PictureSettings, source: Source) -> None:
        """Have a picture drawn of these choices, once the hand rests."""
        self._asked = (choice, source)
        self._soon.start()

    def close_down(self) -> None:
        """Draw nothing more."""
        self._soon.stop()
        self._jobs.cancel(KEY)

    def _begin(self) -> None:
        if self._asked is None:
            return
        choice, source = self._asked
        if max(choice.width, choice.height) > MOST_SIDE:
            return
        room = QSize(self.width() - 2, self.height() - 2) * self.devicePixelRatioF()
        shrink = min(room.width() / choice.width, room.height() / choice.height, 1.0)
        page = build_page(choice, source, self._stock, shrink=shrink)
        stock = self._stock

        def call(report: Report) -> Sample:
            return draw_sample(page, choice, stock, shrink, report)

        job = self._jobs.start("Drawing a preview", call, lane="io", key=KEY)
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)

    def _on_done(self, sample: Sample) -> None:
        self._sample, self._words = sample, ""
        self.drawn.emit(sample)
        self.update()

    def _on_failed(self, failure: Failure) -> None:
        self._sample = None
        self._words = "No preview could be drawn."
        if isinstance(failure.error, BackendError):
            self._words = f"{failure.error.what} {failure.error.hint}"
        else:
            self._notices.failure(failure.error, failure.trace)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw a picture of the new size."""
        super().resizeEvent(event)
        if self._asked is not None:
            self._soon.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture in the middle, with an edge."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._sample is None:
            painter.setPen(colour(theme.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self._words)
        else:
            image = self._sample.image
            room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            size = image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            box = QRectF(0, 0, size.width(), size.height())
            box.moveCenter(room.center())
            if image.hasAlphaChannel():
                _paint_check(painter, box)
            painter.drawImage(box, image)
            painter.setPen(QPen(colour(theme.border), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.end()


def draw_sample(
    page: Page, choice: PictureSettings, stock: Stock, shrink: float, report: Report
) -> Sample:
    """Draw a small page and guess the size of the file. Raises: BackendError, Cancelled."""
    report.step(0, 2, "Sorting the points")
    sheet = Sheet(page, prepare(page, stock), dotting=choice.dotting)
    report.step(1, 2, "Drawing")
    image = draw_image(sheet)
    report.check()
    grown = (1 / shrink) ** GROWTH
    if choice.format != "png" and sheet.as_circles():
        count = int(sheet.drawing.visible().sum())
        size = CIRCLE_BYTES[choice.format] * count + 12_000.0
        return Sample(_shown(image, page), size, count)
    if choice.format != "png":  # letters are not part of the image
        bare = replace(page, layers=None, heading=(), legend=None)
        size = _png_bytes(draw_image(replace(sheet, page=bare)), page) * grown
        return Sample(_shown(image, page), size * (4 / 3 if choice.format == "svg" else 1), None)
    return Sample(_shown(image, page), _png_bytes(image, page) * grown, None)


def _png_bytes(image: QImage, page: Page) -> int:
    channels = 4 if page.ground is None else 3
    file = BytesIO()
    writer = PngWriter(file, image.width(), image.height(), channels=channels)
    writer.write(bytes_of(image, channels))
    writer.close()
    return len(file.getvalue())


def _shown(image: QImage, page: Page) -> QImage:
    """The image, said to be opaque where there is a ground."""
    if page.ground is not None:
        image.reinterpretAsFormat(QImage.Format.Format_RGB32)
    return image


def _paint_check(painter: QPainter, box: QRectF) -> None:
    """Paint the pattern that stands for "no ground", in the greys of the theme."""
    dark = current_theme().is_dark
    light, deep = (QColor("#3A3F47"), QColor("#2C3037")) if dark else (
        QColor("#FFFFFF"), QColor("#E9ECF0"),
    )  # fmt: skip
    painter.fillRect(box, light)
    painter.save()
    painter.setClipRect(box)
    for line in range(int(box.height() // CHECK) + 1):
        for column in range(line % 2, int(box.width() // CHECK) + 1, 2):
            spot = QRectF(box.left() + column * CHECK, box.top() + line * CHECK, CHECK, CHECK)
            painter.fillRect(spot, deep)
    painter.restore()


def size_text(count: float) -> str:
    """Bytes as a person says them, with the precision of a guess: "about 3 MB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            number = count / size
            return f"about {number:.1f} {unit}" if number < 3 else f"about {number:,.0f} {unit}"
    return "about 1 kB"
