"""The table of association tests: a line each, the effect size drawn with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.panels.association_rows import (
    EFFECT,
    HEAD,
    ONLY_WEAT,
    SIGN,
    TIPS,
    VALUE,
    AssociationRow,
    N,
    value_title,
)
from widgets.bind import named, quiet
from widgets.icons import icon
from widgets.theme import colour, current_theme, theme_signal

ROW = Qt.ItemDataRole.UserRole
HEIGHT = 22  # logical pixels of a line
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NAME_LEAST, EFFECT_WIDE, SIGN_WIDE = 110, 118, 26
MOST = 2.0  # |d| of equal groups with ddof 0


class AssociationTable(QTreeWidget):
    """Shows `AssociationRow`s; which of them is looked at is told by its name."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[AssociationRow, ...] = ()
        self._metric = "weat"
        named(self, "Association tests that are chosen", "")
        self.setAccessibleDescription("What each test found; Ctrl+C copies the selected rows")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setIndentation(0)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegateForColumn(EFFECT, _EffectPainter(self))
        self.setHeaderLabels(list(HEAD))
        head = self.header()
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(SIGN_WIDE)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (0, SIGN, EFFECT):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        for column in range(len(HEAD)):
            if column > EFFECT:
                self.headerItem().setTextAlignment(column, RIGHT)
            self.headerItem().setToolTip(column, TIPS[column])
        self.currentItemChanged.connect(self._on_current_changed)
        theme_signal().changed.connect(self._on_theme_changed)

    def show_rows(self, rows: Sequence[AssociationRow], metric: str) -> None:
        """Show other rows; the one that is looked at stays so."""
        if (tuple(rows), metric) == (self._rows, self._metric):
            return
        self._rows, self._metric = tuple(rows), metric
        title, tip = value_title(metric)
        self.headerItem().setText(VALUE, title)
        self.headerItem().setToolTip(VALUE, tip)
        for column in ONLY_WEAT:
            self.setColumnHidden(column, metric != "weat")
        self._fill()
        self._arrange()

    def choose(self, name: str | None) -> None:
        """Mark the row of a test."""
        for at, row in enumerate(self._rows):
            item = self.topLevelItem(at)
            if row.name == name and item is not None and item is not self.currentItem():
                with quiet(self):
                    self.setCurrentItem(item)
                self.scrollToItem(item)

    def text(self) -> str:
        """The selected rows, or all, as spreadsheets paste them."""
        shown = [c for c in range(len(HEAD)) if not self.isColumnHidden(c) and c != SIGN]
        every = [self.topLevelItem(at) for at in range(self.topLevelItemCount())]
        chosen = [item for item in every if item is not None and item.isSelected()]
        items = chosen if len(chosen) > 1 else [item for item in every if item is not None]
        head = [self.headerItem().text(column) for column in shown]
        lines = [head, *([item.text(column) for column in shown] for item in items)]
        return "\n".join("\t".join(line) for line in lines) + "\n"

    def _fill(self) -> None:
        item = self.currentItem()
        before = item.text(0) if item is not None else None
        with quiet(self):
            self.clear()
            for row in self._rows:
                self.addTopLevelItem(self._item(row))
        self.choose(before)

    def _item(self, row: AssociationRow) -> QTreeWidgetItem:
        theme = current_theme()
        item = QTreeWidgetItem(list(row.cells))
        item.setSizeHint(0, QSize(0, HEIGHT))
        item.setData(0, ROW, row)
        for column in range(len(HEAD)):
            item.setToolTip(column, row.tip)
            if column > EFFECT:
                item.setTextAlignment(column, RIGHT)
        for number, is_lost in enumerate(row.lost):
            if is_lost:
                item.setForeground(N + number, QColor(theme.warning))
        said = row.warnings or ((row.problem,) if row.problem else ())
        if said:
            item.setIcon(SIGN, icon("warning"))
            item.setToolTip(SIGN, "\n".join(said))
            item.setData(SIGN, Qt.ItemDataRole.AccessibleTextRole, " ".join(said))
        if row.problem:
            item.setForeground(0, QColor(theme.danger))
        return item

    def _arrange(self) -> None:
        """Give names what the numbers leave."""
        self.setColumnWidth(SIGN, SIGN_WIDE)
        self.setColumnWidth(EFFECT, EFFECT_WIDE)
        shown = [c for c in range(1, len(HEAD)) if not self.isColumnHidden(c)]
        taken = sum(self.columnWidth(column) for column in shown)
        self.setColumnWidth(0, max(NAME_LEAST, self.viewport().width() - taken))

    def _on_current_changed(self, item: QTreeWidgetItem | None, _before: object) -> None:
        if item is not None:
            self.chosen.emit(item.text(0))

    def _on_theme_changed(self, _theme: object) -> None:
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names take the room that is left."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hear Copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text())
        else:
            super().keyPressEvent(event)


class _EffectPainter(QStyledItemDelegate):
    """An effect size: its number, and on a line from -2 to 2 a dot with its interval."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the cell."""
        row = index.sibling(index.row(), 0).data(ROW)
        if not isinstance(row, AssociationRow) or row.effect is None:
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        words, option.text = option.text, ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        theme = current_theme()
        area = QRectF(option.rect).adjusted(4, 0, -6, 0)
        wide = painter.fontMetrics().horizontalAdvance("−0.00") + 4  # noqa: RUF001
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(area.left(), area.top(), wide, area.height()), RIGHT, words)
        scale = area.adjusted(wide + 8, 0, 0, 0)
        self._paint_scale(painter, scale, row)
        painter.restore()

    def _paint_scale(self, painter: QPainter, area: QRectF, row: AssociationRow) -> None:
        theme, middle = current_theme(), area.center().y()

        def x(value: float) -> float:
            inside = min(max(value, -MOST), MOST)
            return area.left() + (inside + MOST) / (2 * MOST) * area.width()

        painter.setPen(colour(theme.muted, 90))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        painter.drawLine(QPointF(x(0), middle - 5), QPointF(x(0), middle + 5))
        ink = QColor(theme.accent)
        if row.interval is not None:
            low, high = row.interval
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.accent, 110))
            painter.drawRoundedRect(QRectF(x(low), middle - 2.5, x(high) - x(low), 5), 2, 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        assert row.effect is not None
        painter.drawEllipse(QPointF(x(row.effect), middle), 4, 4)
