"""Who made it, what it stands on, and where the sample comes from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from widgets.bind import named

STANDS_ON = (
    *("PySide6-Essentials", "pyqtgraph", "numpy", "numba", "torch", "sentence-transformers"),
    *("umap-learn", "faiss-cpu", "duckdb", "pyarrow"),
)
SAMPLE_SOURCE = (
    "The sample corpus is drawn from <b>WordNet 3.0</b>, © 2006 by Princeton University. "
    "All rights reserved. Its licence lies beside it in resources/samples."
)
MODEL_SOURCE = (
    "The encoder MiniLM is <b>all-MiniLM-L6-v2</b> by the sentence-transformers project, "
    "Apache License 2.0."
)


def installed(package: str) -> str:
    """Version of an installed package, or "not installed"."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def about_text(app_version: str) -> str:
    """The text of the About box, as rich text."""
    rows = "".join(
        f"<tr><td>{name}</td><td style='padding-left:14px'>{installed(name)}</td></tr>"
        for name in STANDS_ON
    )
    return (
        f"<h2 style='margin-bottom:2px'>Embedscope {app_version}</h2>"
        "<p style='margin-top:0'>A desktop microscope for embeddings. Everything is computed on "
        "this computer; nothing is uploaded.</p>"
        f"<p>{SAMPLE_SOURCE}</p><p>{MODEL_SOURCE}</p>"
        f"<p style='margin-bottom:2px'><b>It stands on</b></p><table>{rows}</table>"
    )


def show_about(parent: QWidget, app_version: str) -> QDialog:
    """Open the About box without blocking the window."""
    return show_text(parent, "About Embedscope", about_text(app_version), (460, 450))


def show_text(parent: QWidget, title: str, html: str, size: tuple[int, int]) -> QDialog:
    """Open a box with a text that can be scrolled, selected and copied."""
    box = QDialog(parent)
    box.setWindowTitle(title)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.resize(*size)
    said = named(QTextBrowser(), title)
    said.setStyleSheet("QTextBrowser { border: none; border-radius: 0; }")
    said.setTabChangesFocus(True)
    said.document().setDocumentMargin(14)
    said.setHtml(html)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(box.reject)
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 12)
    layout.addWidget(said, 1)
    across = QHBoxLayout()
    across.setContentsMargins(12, 0, 12, 0)
    across.addWidget(buttons)
    layout.addLayout(across)
    buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()
    box.open()
    return box
