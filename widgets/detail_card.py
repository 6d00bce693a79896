"""The item that is looked at: its whole text and its columns, to be read and copied."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QTextBrowser, QWidget

from app.panels.hit_texts import Detail
from widgets.bind import named
from widgets.theme import current_theme, theme_signal


class DetailCard(QTextBrowser):
    """Shows one item; nothing in it is a link."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "Item looked at")
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        self._detail: Detail | None = None
        self.show_detail(None)
        theme_signal().changed.connect(self._on_theme_changed)

    def show_detail(self, detail: Detail | None) -> None:
        """Show an item, or what to do to see one."""
        self._detail = detail
        muted = current_theme().muted
        if detail is None:
            self.setHtml(f"<p style='color:{muted}'>Click an item to read it here.</p>")
            return
        empty = f"<span style='color:{muted}'>This item has no text.</span>"
        text = _paragraphs(detail.text) or empty
        if detail.label:
            text = f"<b style='font-size:large'>{_paragraphs(detail.label)}</b><br>{text}"
        rows = "".join(
            f"<tr><td style='color:{muted}; padding-right:10px'>{escape(name)}</td>"
            f"<td>{_paragraphs(cell)}</td></tr>"
            for name, cell in (("row", str(detail.row)), *detail.fields)
        )
        gap = "<p style='margin:0; font-size:3pt'>&nbsp;</p>"  # margins before a table are ignored
        self.setHtml(f"<p>{text}</p>{gap}<table cellspacing='0' cellpadding='1'>{rows}</table>")

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_detail(self._detail)


def _paragraphs(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>")
