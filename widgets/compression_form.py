"""What is measured: codecs, sizes, queries. Every change goes to the model at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.compression_detail import CompressionDetail
from app.panels.compression_settings import (
    FLOAT_BYTES,
    MOST_K,
    MOST_QUERIES,
    MOST_SEED,
    CompressionSettings,
    chosen_codecs,
    families,
)
from backends.compression.sweep import SHARES
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.parts import LABELS, text

LIST_ROWS, ROW = 9, 22
ID = Qt.ItemDataRole.UserRole
CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
NO_LABELS = "none"


class FileLine(QWidget):
    """A file that may be named or not."""

    def __init__(self, name: str, tip: str, empty: str) -> None:
        super().__init__()
        self._name = name
        self.field = named(QLineEdit(), name, tip)
        self.field.setPlaceholderText(empty)
        self.browse = named(QPushButton("…"), f"Browse for the {name.lower()}", tip)
        self.browse.setProperty("small", True)
        self.browse.setFixedWidth(28)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.field, 1)
        line.addWidget(self.browse)
        self.browse.clicked.connect(self._on_browse_clicked)

    def _on_browse_clicked(self) -> None:
        start = str(Path(self.field.text()).parent) if self.field.text() else ""
        path, _kind = QFileDialog.getOpenFileName(self, self._name, start)
        if path:
            self.field.setText(path)
            self.field.editingFinished.emit()


class CodecList(QTreeWidget):
    """Codecs by family, with a tick each; what is missing says how to get it."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "Codecs", "Which methods are measured; tick a family for all of it")
        self.setHeaderHidden(True)
        self.setRootIsDecorated(True)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._leaves: list[QTreeWidgetItem] = []
        for family, specs in families().items():
            head = QTreeWidgetItem(self, [family])
            head.setSizeHint(0, QSize(0, ROW))
            head.setFlags(head.flags() | Qt.ItemFlag.ItemIsAutoTristate)
            for spec in specs:
                item = QTreeWidgetItem(head, [spec.title])
                self._leaves.append(item)
                item.setSizeHint(0, QSize(0, ROW))
                item.setData(0, ID, spec.id)
                item.setCheckState(0, UNCHECKED)
                item.setToolTip(0, f"{spec.about} In a chain it is called “{spec.id}”.".strip())
                if spec.missing is not None:
                    item.setDisabled(True)
                    item.setToolTip(0, f"{spec.about} It needs: pip install {spec.missing}")
                    item.setText(0, f"{spec.title} (not installed)")
            head.setExpanded(True)
        rows = sum(1 + len(specs) for specs in families().values())
        self.setMinimumHeight(min(rows, LIST_ROWS) * ROW + 8)

    def show_ticked(self, names: tuple[str, ...]) -> None:
        """Tick these."""
        with quiet(self):
            for item in self._leaves:
                item.setCheckState(0, CHECKED if item.data(0, ID) in names else UNCHECKED)
        self.viewport().update()

    def ticked(self) -> tuple[str, ...]:
        """What is ticked, in the order of the list."""
        return tuple(i.data(0, ID) for i in self._leaves if i.checkState(0) == CHECKED)


class CompressionForm(QScrollArea):
    """Shows the settings of a CompressionModel."""

    def __init__(self, detail: CompressionDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        model = self._model = detail.model
        self._detail = detail
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._build()
        self._connect()
        self.show_settings(model.settings)
        self.setMinimumWidth(self._inside.minimumSizeHint().width() + 14)

    def show_settings(self, settings: CompressionSettings) -> None:
        """Show what is chosen."""
        self._codecs.show_ticked(settings.ticked)
        fields = ((self._chains, settings.chains), (self._bytes, settings.own_bytes))
        files = (
            (self._queries.field, settings.query_file),
            (self._relevance.field, settings.relevance_file),
        )
        for field, words in (*fields, *files):
            if field.text() != words and not field.hasFocus():
                field.setText(words)
        problem = chosen_codecs(settings)
        self._show_problem(self._chains, problem if settings.chains else None)
        for share, box in self._shares.items():
            with quiet(box):
                box.setChecked(share in settings.shares)
        with quiet(self._k, self._rows, self._seed):
            self._k.setValue(settings.k)
            self._rows.setValue(settings.query_rows)
            self._seed.setValue(settings.seed)
        self._rows.setEnabled(not settings.query_file)
        self.show_columns()
        self.show_sizes()

    def show_columns(self) -> None:
        """List the columns whose labels can be compared."""
        wanted = self._model.settings.labels
        with quiet(self._labels):
            self._labels.clear()
            self._labels.addItem(NO_LABELS, "")
            for name in self._detail.groups.columns:
                self._labels.addItem(name, name)
            self._labels.setCurrentIndex(max(0, self._labels.findData(wanted)))

    def show_sizes(self) -> None:
        """Say what the shares are in bytes, for the vectors that are shown."""
        active = self._model.document.active
        for share, box in self._shares.items():
            size = "" if active is None else f": {FLOAT_BYTES * active.dim / share:,.4g} bytes"
            box.setToolTip(f"A size of 1/{share} of float32{size}")

    def _build(self) -> None:
        self._codecs = CodecList()
        tip = "Codecs one behind the other, as in “pca+int8, sign+rerank”"
        self._chains = named(QLineEdit(), "Chains", tip)
        self._chains.setPlaceholderText("pca+int8, sign+rerank")
        self._bytes = named(
            QLineEdit(), "Bytes a vector", "More sizes, in bytes a vector, with blanks between"
        )
        self._bytes.setPlaceholderText("e.g. 96 48 12")
        self._shares = {share: QCheckBox(f"1/{share}") for share in SHARES}
        boxes = QGridLayout()
        boxes.setSpacing(4)
        for at, (share, box) in enumerate(self._shares.items()):
            named(box, f"1/{share} of float32")
            boxes.addWidget(box, at // 3, at % 3)
        self._k = _spin("Neighbours k", 1, MOST_K, "How many neighbours of a query count")
        self._rows = _spin(
            "Queries", 1, MOST_QUERIES, "Rows held out by chance: no codec learns from them"
        )
        self._seed = _spin("Seed", 0, min(MOST_SEED, 2**31 - 1), "Of all that chance decides")
        self._queries = FileLine(
            "Query file", "Vectors of queries, a row each (.npy, ...)", "rows held out"
        )
        self._relevance = FileLine(
            "Relevance file",
            "Lines of query, document and grade, for nDCG and MRR (TREC's format works)",
            "none",
        )
        self._labels = named(
            ElidedCombo(), "Label column", "Whether neighbours have the query's label: purity"
        )
        self._default = named(
            QPushButton("Default codecs"), "Default codecs", "Tick those of the default sweep"
        )
        self._default.setProperty("small", True)
        self._lay_out(boxes)

    def _lay_out(self, boxes: QGridLayout) -> None:
        inside = self._inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        heading = QHBoxLayout()
        heading.addWidget(text("Codecs", heading=True), 1)
        heading.addWidget(self._default)
        layout.addLayout(heading)
        layout.addWidget(self._codecs)
        layout.addWidget(text("Sizes, of float32", heading=True))
        layout.addLayout(boxes)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(LABELS)
        form.setVerticalSpacing(5)
        for words, field in (
            ("Bytes", self._bytes),
            ("Chains", self._chains),
            ("Neighbours", self._k),
            ("Queries", self._rows),
            ("Query file", self._queries),
            ("Relevance", self._relevance),
            ("Labels", self._labels),
            ("Seed", self._seed),
        ):
            form.addRow(words, field)
        layout.addLayout(form)
        layout.addStretch(1)
        self.setWidget(inside)

    def _connect(self) -> None:
        model = self._model
        self._codecs.itemChanged.connect(lambda _item: model.change(codecs=self._codecs.ticked()))
        self._default.clicked.connect(lambda: model.change(codecs=None))
        for box in self._shares.values():
            box.toggled.connect(lambda _on: model.change(shares=self._ticked_shares()))
        for field, name in (
            (self._chains, "chains"),
            (self._bytes, "own_bytes"),
            (self._queries.field, "query_file"),
            (self._relevance.field, "relevance_file"),
        ):
            field.editingFinished.connect(
                lambda field=field, name=name: model.change(**{name: field.text().strip()})
            )
        for spin, name in ((self._k, "k"), (self._rows, "query_rows"), (self._seed, "seed")):
            spin.valueChanged.connect(lambda value, name=name: model.change(**{name: value}))
        self._labels.activated.connect(lambda at: model.change(labels=self._labels.itemData(at)))
        model.settings_changed.connect(self.show_settings)
        model.document.active_changed.connect(lambda _active: self.show_sizes())
        self._detail.columns_changed.connect(self.show_columns)

    def _ticked_shares(self) -> tuple[int, ...]:
        return tuple(share for share, box in self._shares.items() if box.isChecked())

    def _show_problem(self, field: QLineEdit, problem: object) -> None:
        is_wrong = isinstance(problem, Problem)
        field.setToolTip(
            f"{problem.text} {problem.hint}"
            if isinstance(problem, Problem)
            else "Codecs one behind the other, as in “pca+int8, sign+rerank”"
        )
        if field.property("problem") != is_wrong:
            field.setProperty("problem", is_wrong)
            field.style().unpolish(field)
            field.style().polish(field)


def _spin(name: str, least: int, most: int, tip: str) -> QSpinBox:
    spin = named(QSpinBox(), name, tip)
    spin.setRange(least, most)
    spin.setGroupSeparatorShown(True)
    spin.setKeyboardTracking(False)
    return spin
