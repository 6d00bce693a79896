"""The window: docks around the map, menus from the table of actions, drops, geometry. No logic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.application import Application
from app.palette import PaletteModel
from app.panels.projection import Trust
from backends.corpora.reading import Preview
from backends.samples import SAMPLES
from widgets.arrangement import Arrangement
from widgets.command_palette import CommandPalette
from widgets.docks import build_docks
from widgets.dropping import accepts, is_project, paths_of, project_folder
from widgets.import_dialog import ImportDialog
from widgets.job_bar import JobBar
from widgets.map_docks import MapDocks
from widgets.map_view import MapView
from widgets.map_voice import MapVoice
from widgets.map_walk import Walker
from widgets.menus import ON_THE_MAP, add_list, build_menus
from widgets.notice_bar import NoticeBar
from widgets.panels.items import ItemsPanel
from widgets.panels.neighbours import NeighboursPanel
from widgets.panels.projection import badge
from widgets.start_page import StartPage
from widgets.summary import Summary
from widgets.topic_view import TopicView
from widgets.unsaved import ask_overwrite, ask_unsaved
from widgets.window_actions import build_actions

SIZE = (1280, 840)  # of the window at first, where the screen has so much


class MainWindow(QMainWindow):
    """Builds and places the parts; they speak with each other through the document."""

    def __init__(self, application: Application, *, remembered: bool = True) -> None:
        super().__init__()
        self.application = application
        self._unasked = False
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.resize(_first_size(self))
        self._build_centre()
        self._docks = build_docks(self, application)
        self.map_docks = MapDocks(self, application, self._map, self._docks["neighbours"])
        self.actions_table = build_actions(self)
        commands = PaletteModel(self.actions_table, application.map, application.settings, self)
        self._commands = CommandPalette(commands, self)
        menus = build_menus(self, self.actions_table)
        recent = application.session
        add_list(
            menus["File"],
            "Open recent",
            lambda: recent.recent,
            lambda path: self.open_paths((Path(path),)),
        )
        menus["View"].addSeparator()
        menus["View"].addActions([dock.toggleViewAction() for dock in self._docks.values()])
        self._map.bar.show_menu(menus[ON_THE_MAP])
        self._fill_start_page()
        self.statusBar().addWidget(Summary(application.document), 1)
        self._job_bar = JobBar(application.jobs)
        self.statusBar().addPermanentWidget(self._job_bar)
        self._connect()
        self._arrangement = Arrangement(
            self, self._docks.values(), application.settings, remembered=remembered
        )
        self._show_corpus()
        self._show_title()

    @property
    def map(self) -> MapView:
        """The map."""
        return self._map

    @property
    def job_bar(self) -> JobBar:
        """The jobs in the status bar."""
        return self._job_bar

    def panel(self, name: str) -> QWidget:
        """The panel in a dock: "space", "neighbours", "items", "compression", ..."""
        return self._docks[name].widget()

    def show_panel(self, name: str) -> None:
        """Bring a dock to the front and put the keyboard's focus into it."""
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        dock.widget().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_palette(self) -> None:
        """Let a command be found by typing."""
        self._commands.open()

    def open_paths(self, paths: tuple[Path, ...]) -> None:
        """Open files, a folder or a project, after asking about unsaved changes."""
        app = self.application
        if len(paths) == 1 and is_project(paths[0]):
            self.leave_document(lambda: app.session.open(project_folder(paths[0])))
        elif paths:
            self.leave_document(lambda: app.corpus.open(paths))

    def leave_document(self, then: Callable[[], object]) -> None:
        """Go on with `then` once the person has said what becomes of unsaved changes."""
        if self._unasked:
            then()
        else:
            ask_unsaved(self, self.application.session, then)

    def run_named(self, _corpus: object) -> None:
        """Embed what was named on the command line, however long it takes."""
        app = self.application
        if app.document.active is None and not app.embedding.is_running:
            app.embedding.run()

    def close_unasked(self) -> None:
        """Close without a question: it was answered, or the program only makes a picture."""
        self._unasked = True
        self.close()
        QApplication.quit()

    def _build_centre(self) -> None:
        self._start = StartPage()
        app = self.application
        self._map = MapView(app.map)
        self.walker = Walker(self._map.canvas, app.walk, MapVoice(self._map.canvas, app.map))
        self._topics = TopicView(self._map.canvas, app)
        self._centre = QStackedWidget()
        self._centre.setObjectName("centre")
        self._centre.addWidget(self._start)
        self._centre.addWidget(self._map)
        notices = NoticeBar(self.application.notices)
        self.application.document.corpus_changed.connect(lambda _corpus: notices.forget_news())
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(notices)
        layout.addWidget(self._centre, 1)
        self.setCentralWidget(centre)

    def _fill_start_page(self) -> None:
        for name, main in (("open", True), ("open_folder", False), ("paste", False)):
            self._add_way(name, main=main)
        for name in ("sample", *(f"sample_{name}" for name in SAMPLES)):
            self._add_way(name)
        self._start.recent_activated.connect(lambda path: self.open_paths((Path(path),)))

    def _add_way(self, name: str, *, main: bool = False) -> None:
        action = self.actions_table[name]
        problem = action.when()
        tip = action.tip if problem is None else f"{problem.text} {problem.hint}"
        self._start.add_way(action.text, tip, action.run, main=main, enabled=problem is None)

    def _connect(self) -> None:
        app = self.application
        app.document.corpus_changed.connect(lambda _corpus: self._show_corpus())
        app.corpus.asked.connect(self._on_asked)
        app.projection.partial.connect(lambda projection: self._map.show_layout(projection.layout))
        app.projection.trust_changed.connect(self._show_trust)
        app.session.changed.connect(self._show_title)
        app.session.conflict.connect(lambda path: ask_overwrite(self, app.session, path))
        self._connect_colours()
        app.compression.asked.connect(lambda: self.show_panel("compression"))
        for name in ("neighbours", "items", "compression", "directions"):
            panel = self.panel(name)
            panel.row_activated.connect(self._map.go_to)  # type: ignore[attr-defined]

    def _connect_colours(self) -> None:
        """The panels speak of the map's colours, and the table's header chooses them."""
        colours, items, hits = self.application.map, self.panel("items"), self.panel("neighbours")
        assert isinstance(items, ItemsPanel)
        assert isinstance(hits, NeighboursPanel)
        colours.colouring_changed.connect(hits.show_colouring)
        colours.columns_changed.connect(items.show_colourable)
        items.colour_asked.connect(colours.set_colour_by)

    def _show_corpus(self) -> None:
        """Show the map and the docks once there is a corpus, and the start page before."""
        loaded = self.application.document.corpus is not None
        self._centre.setCurrentWidget(self._map if loaded else self._start)
        self._arrangement.show(loaded)
        if not loaded:
            self._start.show_recent(self.application.session.recent)
        elif self.application.trace is not None:
            # Updates that were asked for are painted before a timer of nought goes off.
            QTimer.singleShot(0, self._say_shown)

    def _show_trust(self, trust: Trust | None) -> None:
        self._map.set_badge(*badge(trust))

    def _show_title(self) -> None:
        session = self.application.session
        star = "[*]"
        self.setWindowTitle(
            f"{session.title}{star} — Embedscope" if session.title else "Embedscope"
        )
        self.setWindowModified(bool(session.title) and session.dirty)

    def _say_shown(self) -> None:
        corpus, trace = self.application.document.corpus, self.application.trace
        if corpus is not None and trace is not None:
            trace.say("shown", rows=len(corpus))

    @Slot(object)
    def _on_asked(self, preview: Preview) -> None:
        dialog = ImportDialog(preview, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        read = self.application.corpus.read
        dialog.accepted.connect(lambda: read(preview.paths, dialog.options))
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say that it can be dropped here."""
        if accepts(event.mimeData()):
            event.acceptProposedAction()
            self._start.show_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Say that it is gone."""
        self._start.show_drop(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped; the source is let go first, for a dialog may follow."""
        self._start.show_drop(False)
        event.acceptProposedAction()
        paths, text = paths_of(event.mimeData()), event.mimeData().text()
        if paths:
            self.open_paths(paths)
        else:
            self.leave_document(lambda: self.application.corpus.paste(text))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, then remember how the window was arranged."""
        if self.application.session.dirty and not self._unasked:
            event.ignore()
            self.leave_document(self.close_unasked)
            return
        self._arrangement.remember()
        event.accept()


def _first_size(window: QMainWindow) -> QSize:
    """As large as the parts want to be, or as the screen allows, if there is one."""
    wanted = QSize(*SIZE)
    if QApplication.platformName() == "offscreen":
        return wanted
    return wanted.boundedTo(window.screen().availableSize())
