"""Making a direction: source, method, what the source asks for, and a button that says the rest."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.direction_draft import Draft, method_problem
from app.panels.direction_making import FindRequest, MakingModel
from app.panels.state import Failed, PanelState, Running
from backends.directions.registry import METHODS, SOURCES
from backends.errors import BackendError
from widgets.bind import PLAIN, named, quiet
from widgets.direction_sides import FORMS, ColumnForm, SelectionsForm
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import disable, text
from widgets.templates_box import TemplatesButton

MOST_COMPONENTS = 10
ENCODED = "in templates"


class DirectionForm(QWidget):
    """Shows a `MakingModel`."""

    def __init__(self, model: MakingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_words()
        self.show_draft(model.draft)
        self.show_state(model.state)

    def show_draft(self, draft: Draft) -> None:
        """Show what is chosen and written."""
        with quiet(self.source, self.method, self.components, self.title):
            self.source.setCurrentIndex(self.source.findData(draft.source))
            self.source.setToolTip(SOURCES[draft.source].about)
            self._fill_methods(draft)
            self.components.setValue(draft.components)
            if self.title.text() != draft.title:
                self.title.setText(draft.title)
        self.components.setVisible(draft.method == "components")
        form = self.forms[draft.source]
        form.show_draft(draft)  # type: ignore[attr-defined]  # every form has it
        self._stack.setCurrentWidget(form)
        needs_words = draft.source in ("pairs", "sets", "relation")
        for part in (self._words_label, self.words):
            part.setVisible(needs_words)
        by_template = needs_words and self._model.space.looked_up_in is None
        self.templates.setVisible(by_template and self._model.space.can_encode)

    def show_state(self, state: PanelState) -> None:
        """Show what the button would do, what is under way, or what went wrong."""
        running = isinstance(state, Running)
        planned = self._model.planned
        self.run.setText("Stop" if running else "Find the direction")
        self.run.setEnabled(running or isinstance(planned, FindRequest))
        self.progress.setVisible(running)
        words, is_wrong = "", False
        if isinstance(state, Running):
            share = state.progress.share
            self.progress.setRange(0, 100 if share >= 0 else 0)
            self.progress.setValue(round(100 * share))
            words = state.progress.text or "Finding the direction"
        elif isinstance(planned, Problem):
            words = f"{planned.text} {planned.hint}"
        elif isinstance(state, Failed) and isinstance(state.failure.error, BackendError):
            words, is_wrong = f"{state.failure.error.what} {state.failure.error.hint}", True
        elif isinstance(planned, FindRequest):
            words = planned.words
        self.status.setText(words)
        self.status.setProperty("danger", is_wrong)
        self.status.setProperty("muted", not is_wrong)
        self.status.style().polish(self.status)
        tip = "Stop looking for it" if running else "Find the direction and look at it"
        self.run.setToolTip(words if isinstance(planned, Problem) and not running else tip)
        selections = self.forms["selections"]
        assert isinstance(selections, SelectionsForm)
        selections.show_selection()

    def show_words(self) -> None:
        """Offer where words get their vectors from: templates, or a column of the items."""
        space = self._model.space
        with quiet(self.words):
            self.words.clear()
            if space.can_encode:
                self.words.addItem(ENCODED, None)
            for name in space.text_columns:
                self.words.addItem(f"items of {name}", name)
            shown = space.column or (None if space.can_encode else space.looked_up_in)
            self.words.setCurrentIndex(self.words.findData(shown))
        self.words.setEnabled(self.words.count() > 0)
        self.show_draft(self._model.draft)
        self.show_state(self._model.state)

    def _fill_methods(self, draft: Draft) -> None:
        self.method.clear()
        for name, spec in METHODS.items():
            self.method.addItem(spec.title, name)
            at = self.method.count() - 1
            problem = method_problem(draft.source, name)
            tip = spec.about
            if problem is not None:
                disable(self.method, at)
                tip = f"{problem.text} {problem.hint}"
            self.method.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
        self.method.setCurrentIndex(self.method.findData(draft.method))
        self.method.setToolTip(METHODS[draft.method].about)

    def _build(self) -> None:
        self.source = named(ElidedCombo(letters=12), "Direction from")
        for name, spec in SOURCES.items():
            self.source.addItem(spec.title, name)
            at = self.source.count() - 1
            self.source.setItemData(at, spec.about, Qt.ItemDataRole.ToolTipRole)
        self.method = named(ElidedCombo(letters=14), "Method")
        tip = "How many components: a subspace, of which the first is the direction"
        self.components = named(QSpinBox(), "Components", tip)
        self.components.setRange(1, MOST_COMPONENTS)
        self.components.setPrefix("k = ")
        self.words = named(
            ElidedCombo(letters=12), "Words are", "Where words get their vectors from"
        )
        self.templates = TemplatesButton(self._model.space.templates)
        self.title = named(QLineEdit(), "Title", "Empty: called after its ends")
        self.title.setPlaceholderText("title")
        self.title.setMinimumWidth(60)
        self.title.setMaximumWidth(150)
        self.forms: dict[str, QWidget] = {n: build(self._model) for n, build in FORMS.items()}
        self._stack = QStackedWidget()
        for form in self.forms.values():
            self._stack.addWidget(form)
        above = QWidget()
        flow = Flow(above, across=6, down=4)
        self._words_label = text("words", muted=True)
        for part in (
            text("From", muted=True),
            self.source,
            text("by", muted=True),
            self.method,
            self.components,
            self._words_label,
            self.words,
            self.templates,
        ):
            flow.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(above)
        layout.addWidget(self._stack, 1)
        layout.addLayout(self._build_below())

    def _build_below(self) -> QHBoxLayout:
        self.status = QLabel(textFormat=PLAIN, wordWrap=True)
        self.status.setAccessibleName("What would be found")
        self.status.setMinimumHeight(2 * self.fontMetrics().height())
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = named(QProgressBar(), "Progress of finding the direction")
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(80)
        self.run = named(QPushButton("Find the direction"), "Find the direction")
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.status, 1)
        row.addWidget(self.progress)
        row.addWidget(self.title)
        row.addWidget(self.run)
        return row

    def _connect(self) -> None:
        model, space = self._model, self._model.space
        model.draft_changed.connect(self.show_draft)
        model.state_changed.connect(self.show_state)
        space.changed.connect(self.show_words)
        for changed in (space.columns_changed, space.labels_changed):
            changed.connect(self._on_columns_changed)
        self.source.activated.connect(lambda at: model.change(source=self.source.itemData(at)))
        self.method.activated.connect(lambda at: model.choose_method(self.method.itemData(at)))
        self.components.valueChanged.connect(lambda value: model.change(components=value))
        self.words.activated.connect(lambda at: space.set_column(self.words.itemData(at)))
        self.title.textEdited.connect(lambda words: model.change(title=words))
        self.run.clicked.connect(self._on_run_clicked)

    def _on_columns_changed(self) -> None:
        form = self.forms["column"]
        assert isinstance(form, ColumnForm)
        form.show_draft(self._model.draft)

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self._model.run()
