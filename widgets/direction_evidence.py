"""How far a direction can be trusted: sentences, the scree, and how each pair agrees."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.panels.direction_look import LookModel
from app.panels.direction_tables import Table, evidence_table
from backends.directions.base import Direction, Evidence
from backends.directions.evidence_words import facts_of, how_found, lost_words
from widgets.bind import PLAIN, named
from widgets.direction_bars import Bar, PairBars, Scree
from widgets.direction_take import TakeButton

NO_SCREE = "Only pairs have a scree."
NO_PAIRS = "Only pairs can agree or disagree."


class EvidenceView(QWidget):
    """Shows the evidence of the direction that is looked at."""

    def __init__(self, model: LookModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        model.direction_changed.connect(self.show_direction)
        self.show_direction(model.direction)

    def show_direction(self, direction: Direction | None) -> None:
        """Show another one."""
        evidence = direction.evidence if direction is not None else Evidence()
        facts, details = ("", "")
        if direction is not None:
            lost = lost_words(evidence.lost, len(evidence.lost))
            facts = "\n".join(filter(None, (*facts_of(direction), lost)))
            details = "\n".join((how_found(direction), *evidence.notes))
        self.facts.setText(facts)
        self.details.setText(details)
        first = f"{evidence.explained[0]:.1%}" if evidence.explained else ""
        self.scree.show_shares(
            evidence.explained,
            evidence.baseline,
            f"Scree of {len(evidence.explained)} components, the first {first}.",
        )
        pairs = sorted(evidence.pairs, key=lambda pair: -pair.cosine)
        self.pairs.show_bars(
            [Bar(f"{pair.negative} → {pair.positive}", pair.cosine) for pair in pairs],
            f"{len(pairs)} pairs by how well they agree with the direction, best first.",
        )
        for part in (self.scree, self._pairs_box):
            part.setVisible(bool(evidence.pairs))

    def _build(self) -> None:
        self.facts = QLabel(textFormat=PLAIN, wordWrap=True)
        named(self.facts, "Evidence of the direction", "Can be selected and copied")
        self.facts.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details = QLabel(textFormat=PLAIN, wordWrap=True)
        named(self.details, "How it was found", "Can be selected and copied")
        self.details.setTextInteractionFlags(self.facts.textInteractionFlags())
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details.setProperty("muted", True)
        words = QWidget()
        box = QVBoxLayout(words)
        box.setContentsMargins(0, 0, 6, 0)
        box.setSpacing(8)
        box.addWidget(self.facts)
        box.addWidget(self.details, 1)
        self.scree = Scree("Scree", NO_SCREE)
        self.pairs = PairBars("Agreement of pairs", NO_PAIRS)
        charts = (self.scree, self.pairs)
        self.take = TakeButton("Evidence", self._table, self._model, charts)
        self._pairs_box = scrolled(self.pairs)
        left = QVBoxLayout()
        left.addWidget(scrolled(words), 1)
        row = QHBoxLayout()
        row.addWidget(self.take)
        row.addStretch(1)
        left.addLayout(row)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(8)
        layout.addLayout(left, 3)
        layout.addWidget(self.scree, 2)
        layout.addWidget(self._pairs_box, 3)

    def _table(self) -> Table | None:
        direction = self._model.direction
        return evidence_table(direction) if direction is not None else None


def scrolled(widget: QWidget) -> QScrollArea:
    """A frame in which a widget is scrolled where there is no room for it."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    return area
