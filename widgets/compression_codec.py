"""The codec that is looked at: what it solved, what it takes, how far off it is, taking it up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.compression_costs import planned_words
from app.panels.compression_detail import CompressionDetail
from app.panels.compression_points import (
    bytes_words,
    estimate_words,
    exact_bytes,
    percent,
    seconds_words,
    settings_words,
    short,
)
from backends.codecs.base import LossCurve
from backends.compression.apply import FAISS
from backends.compression.results import Cell, Sweep
from backends.export import TargetExists
from widgets.bind import PLAIN, named
from widgets.chart_small import SmallChart, histogram
from widgets.parts import LABELS, text

INDEX_KIND = f"faiss index (*{FAISS})"


class CodecTab(QWidget):
    """Shows the cell of a CompressionDetail."""

    def __init__(self, model: CompressionDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._asked = Path()
        self._build()
        self._connect()
        self.show_cell(model.cell)

    def show_cell(self, cell: Cell | None) -> None:
        """Show another codec."""
        sweep = self._model.model.sweep
        self._curve.hide()
        self._trained.hide()
        while self._form.rowCount():
            self._form.removeRow(0)
        self._notes.setText("")
        self._notes.hide()
        if cell is None or sweep is None:
            return
        costs = self._model.model.costs
        planned = [("Planned", planned_words(cell, costs))] if costs.shown else []
        for name, words in (*_facts(cell, sweep), *planned):
            said = QLabel(words, textFormat=PLAIN, wordWrap=True)
            self._form.addRow(text(name, muted=True), said)
        self._notes.setText("\n".join(cell.notes))
        self._notes.setVisible(bool(cell.notes))
        counts, edges = histogram(cell.errors)
        self._errors.show_bars(
            counts,
            edges,
            titles=("squared error of a row", "rows"),
            words=f"Distortion of {len(cell.errors):,} rows: on average {cell.mse:.3g}, "
            f"half of them below {float(np.median(cell.errors)):.3g}.",
        )
        if cell.curve is not None:
            self._show_curve(cell.curve)

    def show_busy(self) -> None:
        """Do one thing at a time."""
        for button in (self._use, self._save):
            button.setEnabled(not self._model.is_busy)

    def _show_curve(self, curve: LossCurve) -> None:
        steps = len(curve.training)
        checks = np.linspace(0, steps, len(curve.held_out))
        better = "better than" if curve.improved else "no better than"
        self._trained.setText(f"Trained; on rows it did not see it ended {better} it began.")
        self._curve.show_curves(
            (
                ("training", np.arange(1, steps + 1), curve.training),
                ("held out", checks, curve.held_out),
            ),
            titles=("step", curve.what),
            words=f"{curve.what}: from {float(curve.held_out[0]):.4g} to "
            f"{float(curve.held_out[-1]):.4g} on held-out rows.",
        )
        self._trained.show()
        self._curve.show()

    def _build(self) -> None:
        self._form = QFormLayout()
        self._form.setLabelAlignment(LABELS)
        self._form.setVerticalSpacing(3)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._notes = QLabel(textFormat=PLAIN, wordWrap=True)
        self._notes.setAccessibleName("Notes")
        self._errors = SmallChart("Distortion of rows")
        self._curve = SmallChart("Loss while it was trained")
        self._trained = QLabel(textFormat=PLAIN, wordWrap=True)
        self._use = named(
            QPushButton("Use these vectors"),
            "Use these vectors",
            "Take what the codec keeps as an embedding of its own, for the map and every panel",
        )
        self._save = named(
            QPushButton("Save codes…"),
            "Save codes",
            "Write codes and tables to an .npz file or a faiss index, with the recipe beside it",
        )
        across = QHBoxLayout()
        across.addWidget(self._use)
        across.addWidget(self._save)
        across.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        layout.addLayout(self._form)
        layout.addWidget(self._notes)
        layout.addLayout(across)
        layout.addWidget(self._errors)
        layout.addWidget(self._trained)
        layout.addWidget(self._curve)
        layout.addStretch(1)

    def _connect(self) -> None:
        model = self._model
        model.model.cell_changed.connect(self.show_cell)
        model.model.shown_changed.connect(lambda _quantity: self.show_cell(model.cell))
        model.busy_changed.connect(self.show_busy)
        model.target_exists.connect(self._on_target_exists)
        self._use.clicked.connect(model.use_vectors)
        self._save.clicked.connect(self._on_save_clicked)

    def _on_save_clicked(self) -> None:
        cell = self._model.cell
        index = f";;{INDEX_KIND}" if cell is not None and cell.factory is not None else ""
        path, kind = QFileDialog.getSaveFileName(
            self,
            "Save codes",
            "codes.npz",
            f"npz (*.npz){index}",
            options=QFileDialog.Option.DontConfirmOverwrite,  # asked here, once
        )
        if path:
            chosen = Path(path)
            is_index = chosen.suffix == FAISS or (kind == INDEX_KIND and chosen.suffix != ".npz")
            self._asked = chosen.with_suffix(FAISS if is_index else ".npz")
            self._model.export(self._asked)

    def _on_target_exists(self, error: TargetExists) -> None:
        buttons = QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Cancel
        words = f"{error.what} Replace?"
        box = QMessageBox(QMessageBox.Icon.Question, "Save codes", words, buttons, self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.accepted.connect(lambda: self._model.export(self._asked, overwrite=True))
        box.open()


def _facts(cell: Cell, sweep: Sweep) -> list[tuple[str, str]]:
    """What is known of a cell, in words."""
    k, memory = cell.found.shape[1], cell.memory
    ratio = exact_bytes(sweep) / max(cell.bytes_per_vector, 1e-9)
    facts = [
        ("Settings", settings_words(cell)),
        ("Size", f"{cell.bytes_per_vector:,.4g} bytes a vector, 1/{ratio:,.3g} of float32"),
        ("Corpus", f"{bytes_words(memory.codes)} of codes for {memory.rows:,} rows"),
    ]
    if memory.side:
        facts.append(("Tables", bytes_words(memory.side)))
    if memory.ids or memory.links:
        facts.append(("Index", f"{bytes_words(memory.ids + memory.links)} of ids and links"))
    if memory.refine:
        where = "on disk" if memory.refine_on_disk else "in memory"
        facts.append(("Second stage", f"{bytes_words(memory.refine)} in full precision {where}"))
    facts += [
        (f"recall@{k}", estimate_words(cell.recall)),
        (f"1-recall@{k}", estimate_words(cell.recall_1)),
    ]
    truth = sweep.truth
    for name, value, exact in (
        ("nDCG@10", cell.ndcg, truth.ndcg),
        ("MRR@10", cell.mrr, truth.mrr),
        ("Purity", cell.purity, truth.purity),
    ):
        if value is not None:
            beside = f"; exact search {percent(exact.mean)}" if exact is not None else ""
            facts.append((name, f"{estimate_words(value)}{beside}"))
    facts += [
        (
            "Speed",
            f"{short(cell.queries_per_second)} queries a second, {short(cell.milliseconds)} ms "
            f"alone, with {cell.threads} threads",
        ),
        (
            "Time",
            f"learnt in {seconds_words(cell.fit_seconds)}, "
            f"encoded in {seconds_words(cell.encode_seconds)}",
        ),
        ("Error", f"{cell.mse:.3g}: mean squared distance from the vector, of length 1"),
    ]
    return [(name, words) for name, words in facts if words]
