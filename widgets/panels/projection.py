"""How the vectors are laid out, and how far the picture can be trusted."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.panels.projection import ProjectionModel, Trust
from app.panels.state import Blocked, PanelState, Running
from backends.projections.registry import PROJECTIONS
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.panels.layouts import LayoutList
from widgets.parts import LABELS, disable, text

DIMENSIONS = (
    (2, "2 – a map", "Flat: best to read, and labels and contours are at hand"),  # noqa: RUF001  en dash
    (3, "3 – a space", "Deep: keeps more neighbours together; turn it to see them"),  # noqa: RUF001  en dash
)


class ProjectionPanel(QWidget):
    """Shows a ProjectionModel: method and its settings, a button, and the trust in the picture."""

    def __init__(self, model: ProjectionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_settings()
        self.show_state(model.state)
        self.show_trust(model.trust)

    def show_settings(self) -> None:
        """Show what is chosen; UMAP's settings only where they count."""
        settings = self._model.settings
        with quiet(self._method, self._dimensions, self._neighbours, self._distance, self._seed):
            self._method.setCurrentIndex(self._method.findData(settings.method))
            self._dimensions.setCurrentIndex(self._dimensions.findData(settings.dimensions))
            self._neighbours.setValue(settings.neighbours)
            self._distance.setValue(settings.min_distance)
            self._seed.setValue(settings.seed)
        for control in (self._neighbours, self._distance, self._seed):
            self._form.setRowVisible(control, settings.is_tunable)

    def show_state(self, state: PanelState) -> None:
        """Show whether it can run, runs, or failed."""
        running = isinstance(state, Running)
        self._run.setText("Stop" if running else "Lay out")
        self._run.setEnabled(not isinstance(state, Blocked))
        if isinstance(state, Blocked):
            self._run.setToolTip(f"{state.problem.text} {state.problem.hint}")
        elif running:
            self._run.setToolTip("Stop; the last picture is kept")
        else:
            self._run.setToolTip("Compute the layout with these settings (Ctrl+Shift+Return)")

    def show_trust(self, trust: Trust | None) -> None:
        """Show how far the picture can be trusted, against PCA's picture of the same vectors."""
        self._trust.setVisible(trust is not None)
        if trust is None:
            return
        shown, pca = trust.shown, trust.pca
        stopped = "" if trust.finished else " (stopped early)"
        lines = [
            f"<b>How far to trust this {trust.title} map</b>{stopped}",
            f"Map neighbours that are real: <b>{shown.trustworthiness:.3f}</b>"
            + (f" (PCA {pca.trustworthiness:.3f})" if pca and pca != shown else ""),
            f"True neighbours near on the map: <b>{shown.neighbour_recall:.0%}</b>"
            + (f" (PCA {pca.neighbour_recall:.0%})" if pca and pca != shown else ""),
        ]
        self._trust.setText("<br>".join(lines))
        self._trust.setToolTip(
            "Trustworthiness (1 is best) and the share of each item's "
            f"{shown.k} nearest vectors that are among its {shown.k} nearest on the map, "
            f"measured on {shown.sample:,} items. Distances between far clusters mean little."
        )

    def _build(self) -> None:
        self._method = named(ElidedCombo(), "Layout method")
        for spec in PROJECTIONS.values():
            self._method.addItem(spec.title, spec.id)
            index = self._method.count() - 1
            tip = f"pip install {spec.missing}" if spec.missing else spec.about
            self._method.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
            if spec.missing:
                disable(self._method, index)
        self._dimensions = named(ElidedCombo(), "Dimensions")
        for count, words, tip in DIMENSIONS:
            self._dimensions.addItem(words, count)
            index = self._dimensions.count() - 1
            self._dimensions.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
        self._dimensions.setToolTip("A flat map, or a space that can be turned")
        self._neighbours = named(QSpinBox(), "Neighbours")
        self._neighbours.setRange(2, 200)
        self._neighbours.setToolTip("Few: fine detail. Many: the large shape.")
        self._distance = named(QDoubleSpinBox(), "Minimum distance")
        self._distance.setRange(0.0, 1.0)
        self._distance.setSingleStep(0.05)
        self._distance.setToolTip("How closely points may be packed on the map")
        self._seed = named(QSpinBox(), "Seed")
        self._seed.setRange(0, 999_999)
        self._seed.setToolTip("The same seed gives the same map again")
        self._run = named(QPushButton("Lay out"), "Lay out")
        self.layouts = LayoutList(self._model.layouts)
        self._trust = text(wrap=True)
        self._trust.hide()
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.addRow("Method", self._method)
        self._form.addRow("Dimensions", self._dimensions)
        self._form.addRow("Neighbours", self._neighbours)
        self._form.addRow("Min. distance", self._distance)
        self._form.addRow("Seed", self._seed)
        self._form.setLabelAlignment(LABELS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(text("Map layout", heading=True))
        layout.addLayout(self._form)
        layout.addWidget(self._run, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.layouts)
        layout.addWidget(self._trust)

    def _connect(self) -> None:
        self._method.activated.connect(
            lambda index: self._model.change(method=self._method.itemData(index))
        )
        self._dimensions.activated.connect(
            lambda index: self._model.change(dimensions=self._dimensions.itemData(index))
        )
        self._neighbours.valueChanged.connect(lambda value: self._model.change(neighbours=value))
        self._distance.valueChanged.connect(lambda value: self._model.change(min_distance=value))
        self._seed.valueChanged.connect(lambda value: self._model.change(seed=value))
        self._run.clicked.connect(self._on_run_clicked)
        self._model.settings_changed.connect(lambda _settings: self.show_settings())
        self._model.state_changed.connect(self.show_state)
        self._model.trust_changed.connect(self.show_trust)

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self._model.run()


def badge(trust: Trust | None) -> tuple[str, str]:
    """What stands on the map about how far to trust it, and the tooltip that explains it."""
    if trust is None:
        return "", ""
    shown, pca = trust.shown, trust.pca
    beside = pca is not None and pca != shown
    stopped = "" if trust.finished else "stopped early · "
    near = f"{shown.neighbour_recall:.0%} of neighbours near"
    text = f"{stopped}trust {shown.trustworthiness:.2f} · {near}"
    if pca is not None and beside:
        text += f" (PCA {pca.trustworthiness:.2f} · {pca.neighbour_recall:.0%})"
    tip = (
        f"Trustworthiness {shown.trustworthiness:.3f}: 1 if no neighbour on the map is a stranger. "
        f"{shown.neighbour_recall:.0%} of the {shown.k} nearest vectors of an item are among its "
        f"{shown.k} nearest on the map. Measured on {shown.sample:,} items."
    )
    return text, tip
