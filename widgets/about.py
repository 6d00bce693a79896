"""Who made it, what it stands on, and where the sample comes from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

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
    libraries = ", ".join(f"{name} {installed(name)}" for name in STANDS_ON)
    return (
        f"<h3>Embedscope {app_version}</h3><p>A desktop microscope for embeddings. Everything is "
        "computed on this computer; nothing is uploaded.</p>"
        f"<p>{SAMPLE_SOURCE}</p><p>{MODEL_SOURCE}</p><p>Stands on {libraries}.</p>"
    )


def show_about(parent: QWidget, app_version: str) -> QMessageBox:
    """Open the About box without blocking the window."""
    box = QMessageBox(parent)
    box.setWindowTitle("About Embedscope")
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setText(about_text(app_version))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box
