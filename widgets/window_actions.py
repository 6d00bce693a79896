"""What each action of the window does: one call of a model or a dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog

from app.actions import Action, Actions, always
from app.application import VERSION
from app.notices import Problem
from app.panels.measures import MEASURES, MeasureRow
from app.panels.shows import SHOWS, Show
from app.panels.state import Blocked, PanelState
from backends.corpora.registry import suffixes
from backends.samples import SAMPLES, Sample
from backends.selection import NOTHING, invert, select
from widgets.about import show_about
from widgets.card_chooser import show_card_chooser
from widgets.dropping import paths_of
from widgets.export_dialog import ExportDialog
from widgets.map_actions import map_actions
from widgets.menus import ON_THE_MAP
from widgets.picture_actions import picture_actions
from widgets.shortcuts import show_shortcuts
from widgets.theme import Choice, apply_theme
from widgets.unsaved import save_project

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

THEMES: tuple[Choice, ...] = ("system", "light", "dark")
NO_CORPUS = Problem("No corpus is loaded.", "Open a file or the sample.")
NO_SOURCE = Problem("The corpus comes from no file.")
NO_SELECTION = Problem("Nothing is selected.", "Draw a lasso on the map or choose rows.")
NO_MAP = Problem("There is no map yet.", "Embed the corpus first.")
NOTHING_TO_UNDO = Problem("There is nothing to undo.")
NOTHING_TO_REDO = Problem("There is nothing to do again.")
NOTHING_RUNS = Problem("Nothing is being computed.")
OPENED = (
    f"All that can be opened ({' '.join(f'*{end}' for end in (*suffixes(), '.gz'))});;All files (*)"
)
_ROWS = (
    ("open", "Open…", "File", "Ctrl+O", "Open a table, texts or vectors"),
    ("open_folder", "Open folder…", "File", "Ctrl+Shift+O", "Open a folder of texts"),
    ("paste", "Paste", "File", "Ctrl+V", "Open the text, table or files on the clipboard"),
    ("sample", "Open the sample", "File", "", "10,000 WordNet definitions, to try things out"),
    ("open_project", "|Open project…", "File", "", "Open a saved project"),
    ("reload", "Read the file again", "File", "F5", "Take over what has changed in the file"),
    ("save", "Save project", "File", "Ctrl+S", "Save everything into its project"),
    ("save_as", "Save project as…", "File", "Ctrl+Shift+S", "Save as a new project"),
    ("export", "|Export…", "File", "Ctrl+Shift+E", "Take items away as a file, with a recipe"),
    ("close", "|Close", "File", "Ctrl+W", "Let go of the corpus and go back to the start"),
    ("quit", "Quit", "File", "Ctrl+Q", "Leave Embedscope"),
    ("undo", "Undo", "Edit", "Ctrl+Z", "Take the last selection or filter back"),
    ("redo", "Redo", "Edit", "Ctrl+Shift+Z; Ctrl+Y", "Do it again"),
    ("find", "|Search by meaning…", "Edit", "Ctrl+F", "Find items by what they mean"),
    ("filter", "Filter rows…", "Edit", "Ctrl+Shift+F", "Narrow the table by text or SQL"),
    ("select_all", "Select all", "Selection", "Ctrl+A", "Select every item"),
    ("invert", "Invert selection", "Selection", "Ctrl+I", "Select the other items"),
    ("clear", "Clear selection", "Selection", "Ctrl+Shift+A", "Select nothing"),
    ("fit", "Fit the map", "View", "Ctrl+0", "Show all points"),
    ("play", "|Play a column…", ON_THE_MAP, "Ctrl+T", "Let a range of dates or numbers run"),
    ("card", "Card shows…", ON_THE_MAP, "", "Choose what the card under the cursor says"),
    ("theme_system", "As the system", "View/Theme", "", "Follow the desktop"),
    ("theme_light", "Light", "View/Theme", "", "Dark text on a light ground"),
    ("theme_dark", "Dark", "View/Theme", "", "Light text on a dark ground"),
    ("embed", "Embed", "Compute", "Ctrl+Return", "Turn the texts into vectors"),
    ("project", "Lay out", "Compute", "Ctrl+Shift+Return", "Lay the vectors out as a map"),
    ("compression", "|Compression…", "Compute", "", "How small the vectors may be, and who pays"),
    ("stop", "|Stop", "Compute", "Ctrl+.", "Stop what runs and keep what there is"),
    ("shortcuts", "Keyboard and mouse", "Help", "F1", "What keys and buttons do"),
    ("about", "About Embedscope", "Help", "", "Version, licences and sources"),
)
"""Id, text (after a bar, a line stands above it), menu, shortcut, tip."""
_TEXTS = {row[0]: row for row in _ROWS}


def build_actions(window: MainWindow) -> Actions:
    """Make the table of everything that a person can do in the window."""
    app = window.application
    table = Actions(app.document, app.jobs, app.history, window)
    groups = (_file, _edit, _view, map_actions, _compute)
    for action in (action for group in groups for action in group(window)):
        table.add(action)
    for signal in (app.map.tool_changed, app.map.turning.changed, app.maps.changed):
        signal.connect(table.refresh_soon)
    return table


def _bound(
    name: str,
    run: Callable[[], object],
    when: Callable[[], Problem | None] = always,
    *,
    words: Callable[[], str] | None = None,
    checked: Callable[[], bool] | None = None,
) -> Action:
    """Bind a row of the table to what it does."""
    _, text, menu, shortcut, tip = _TEXTS[name]
    return Action(
        name,
        text.lstrip("|"),
        menu,
        shortcut,
        tip,
        when=when,
        run=run,
        words=words,
        checked=checked,
        separated=text.startswith("|"),
    )


def _file(window: MainWindow) -> tuple[Action, ...]:
    app = window.application

    def has_corpus() -> Problem | None:
        return None if app.document.corpus is not None else NO_CORPUS

    def close() -> None:
        app.document.set_corpus(None)

    def has_source() -> Problem | None:
        corpus = app.document.corpus
        return None if corpus is not None and corpus.sources else NO_SOURCE

    return (
        _bound("open", lambda: _open_files(window)),
        _bound("open_folder", lambda: _open_folder(window)),
        _bound("paste", lambda: _paste(window)),
        _bound("sample", lambda: window.leave_document(app.corpus.open_sample)),
        *(_sample(window, sample) for sample in SAMPLES.values()),
        _bound("open_project", lambda: _open_project(window)),
        _bound("reload", app.session.reload, has_source),
        _bound("save", lambda: save_project(window, app.session), has_corpus),
        _bound("save_as", lambda: save_project(window, app.session, as_new=True), has_corpus),
        _bound("export", lambda: ExportDialog(app.subset, window).open(), has_corpus),
        *picture_actions(window),
        _bound("close", lambda: window.leave_document(close), has_corpus),
        _bound("quit", window.close),
    )


def _sample(window: MainWindow, sample: Sample) -> Action:
    """Open a sample that comes as a package."""
    missing = Problem(f"The package {sample.package} is not installed:", sample.command)
    return Action(
        f"sample_{sample.id}",
        sample.title,
        "File",
        tip=sample.about,
        when=lambda: None if sample.paths else missing,
        run=lambda: window.open_paths(sample.paths),
    )


def _edit(window: MainWindow) -> tuple[Action, ...]:
    app = window.application
    document, history = app.document, app.history

    def has_corpus() -> Problem | None:
        return None if document.corpus is not None else NO_CORPUS

    def has_selection() -> Problem | None:
        return None if len(document.selection) else NO_SELECTION

    def rows() -> int:
        return len(document.corpus) if document.corpus is not None else 0

    def select_all() -> None:
        history.select(select(range(rows()), "all items", kind="all"))

    return (
        _bound(
            "undo",
            history.undo,
            lambda: None if history.undo_text else NOTHING_TO_UNDO,
            words=lambda: f"Undo {history.undo_text}" if history.undo_text else "Undo",
        ),
        _bound(
            "redo",
            history.redo,
            lambda: None if history.redo_text else NOTHING_TO_REDO,
            words=lambda: f"Redo {history.redo_text}" if history.redo_text else "Redo",
        ),
        _bound("find", lambda: window.show_panel("neighbours"), has_corpus),
        _bound("filter", lambda: window.show_panel("items"), has_corpus),
        _bound("select_all", select_all, has_corpus),
        _bound("invert", lambda: history.select(invert(document.selection, rows())), has_corpus),
        _bound("clear", lambda: history.select(NOTHING), has_selection),
    )


def _view(window: MainWindow) -> tuple[Action, ...]:
    app = window.application

    def has_map() -> Problem | None:
        return None if app.document.projection is not None else NO_MAP

    def has_corpus() -> Problem | None:
        return None if app.document.corpus is not None else NO_CORPUS

    def can_play() -> Problem | None:
        return has_map() or app.map.playing.problem

    def theme(name: Choice) -> Action:
        return _bound(
            f"theme_{name}",
            lambda: _choose_theme(window, name),
            checked=lambda: app.settings.value.theme == name,
        )

    return (
        _bound("fit", lambda: window.map.fit(), has_map),
        *(_toggle(window, row) for row in SHOWS.values()),
        _bound("play", window.map.reading.play_bar.open, can_play),
        _bound("card", lambda: show_card_chooser(app.map.cards, window), has_corpus),
        *(theme(name) for name in THEMES),
        _bound("shortcuts", lambda: show_shortcuts(window, window.actions_table)),
        _bound("about", lambda: _show_about(window)),
    )


def _toggle(window: MainWindow, row: Show) -> Action:
    """Show or hide what lies over the points."""
    shows = window.application.map.shows
    return Action(
        f"show_{row.id}",
        row.text,
        ON_THE_MAP,
        tip=row.tip,
        when=lambda: window.application.map.turning.flat_problem if row.is_flat else None,
        run=lambda: shows.toggle(row.id),
        checked=lambda: shows.is_on(row.id),
        toggles=True,
    )


def _compute(window: MainWindow) -> tuple[Action, ...]:
    app = window.application

    def problem(state: PanelState) -> Problem | None:
        return state.problem if isinstance(state, Blocked) else None

    def has_corpus() -> Problem | None:
        return None if app.document.corpus is not None else NO_CORPUS

    return (
        _bound("embed", app.embedding.run, lambda: problem(app.embedding.state)),
        _bound("project", app.projection.run, lambda: problem(app.projection.state)),
        *(_measure(window, row) for row in MEASURES.values()),
        _bound("compression", app.compression.ask, has_corpus),
        _bound("stop", lambda: _stop(window), lambda: None if app.jobs.live else NOTHING_RUNS),
    )


def _measure(window: MainWindow, row: MeasureRow) -> Action:
    """Compute a column."""
    measures = window.application.measures
    return Action(
        f"column_{row.id}",
        row.text,
        "Compute/Column from",
        tip=row.tip,
        when=lambda: measures.problem(row.id),
        run=lambda: measures.run(row.id),
    )


def _open_files(window: MainWindow) -> None:
    settings = window.application.settings
    names, _kind = QFileDialog.getOpenFileNames(window, "Open", settings.value.last_folder, OPENED)
    if names:
        settings.change(last_folder=str(Path(names[0]).parent))
        window.open_paths(tuple(Path(name) for name in names))


def _open_folder(window: MainWindow) -> None:
    settings = window.application.settings
    name = QFileDialog.getExistingDirectory(window, "Open folder", settings.value.last_folder)
    if name:
        settings.change(last_folder=name)
        window.open_paths((Path(name),))


def _open_project(window: MainWindow) -> None:
    folder = window.application.settings.value.last_folder
    name = QFileDialog.getExistingDirectory(window, "Open project (a .embedscope folder)", folder)
    if name:
        window.open_paths((Path(name),))


def _paste(window: MainWindow) -> None:
    mime = QGuiApplication.clipboard().mimeData()
    paths, text = paths_of(mime), mime.text()
    if paths:
        window.open_paths(paths)
    else:
        window.leave_document(lambda: window.application.corpus.paste(text))


def _stop(window: MainWindow) -> None:
    app = window.application
    window.job_bar.stop_shown()  # first: another job, an export perhaps, is shown afterwards
    app.embedding.stop()
    app.projection.stop()


def _show_about(window: MainWindow) -> None:
    show_about(window, VERSION)


def _choose_theme(window: MainWindow, name: Choice) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    window.application.settings.change(theme=name)
    apply_theme(application, name)
