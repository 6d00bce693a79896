"""Which codec to take, in sentences: found in the background while somebody reads them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.jobs import Failure
from app.panels.compression_detail import CompressionDetail
from app.panels.compression_groups import Reader
from backends.compression.advice import Advice, recommend
from backends.compression.results import Sweep
from backends.reporting import SILENT, Report
from backends.types import Corpus

KEY = "compression advice"


class AdviceModel(QObject):
    """Follows what is measured, the recall that is wanted and the column of categories."""

    changed = Signal(object)  # Advice | None

    def __init__(self, detail: CompressionDetail) -> None:
        super().__init__(detail)
        self._detail = detail
        self._model = detail.model
        self._is_wanted = False
        self._advice: Advice | None = None
        self._asked: object = None  # what the advice, or the job that finds it, is about
        self._model.sweep_changed.connect(lambda _sweep: self._renew())
        self._model.shown_changed.connect(lambda _quantity: self._renew())
        detail.columns_changed.connect(self._renew)
        detail.payers_changed.connect(lambda _payers: self._renew())

    @property
    def advice(self) -> Advice | None:
        """The sentences, once they are found."""
        return self._advice

    def want(self, on: bool) -> None:
        """Have it found for somebody who reads it."""
        self._is_wanted = on
        self._renew()

    def _renew(self) -> None:
        sweep, corpus = self._model.sweep, self._model.document.corpus
        if sweep is None or corpus is None or not sweep.cells:
            self._model.jobs.cancel(KEY)
            self._asked = None
            self._show(None)
            return
        groups, wanted = self._detail.groups, self._model.costs.wanted
        shown = groups.shown
        version = groups.version if shown is not None and shown.is_regions else 0
        asked = (corpus.fingerprint, sweep, shown, version, wanted)
        if not self._is_wanted or asked == self._asked:
            return
        self._asked = asked
        read = groups.reader(shown) if shown is not None else None
        call = partial(find_advice, sweep, corpus, read, wanted)
        job = self._model.jobs.start("Advice", call, lane="io", key=KEY)
        job.done.connect(self._show)
        job.failed.connect(self._on_failed)

    def _show(self, advice: Advice | None) -> None:
        if advice is not self._advice:
            self._advice = advice
            self.changed.emit(advice)

    def _on_failed(self, failure: Failure) -> None:
        self._model.notices.failure(failure.error, failure.trace)


def find_advice(
    sweep: Sweep, corpus: Corpus, read: Reader | None, wanted: float, report: Report = SILENT
) -> Advice:
    """Recommend a cell; groups of the items add who pays. Raises: BackendError, Cancelled."""
    categories = read(corpus, report) if read is not None else None
    report.check()
    return recommend(sweep, wanted, categories)
