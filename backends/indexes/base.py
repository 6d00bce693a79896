"""What an index is to those who search."""

from __future__ import annotations

from typing import Protocol

from backends.arrays import Matrix, Rows
from backends.reporting import SILENT, Report


class Index(Protocol):
    """Finds the nearest vectors by cosine among those of one `Embeddings`."""

    @property
    def bytes_per_vector(self) -> float:
        """What a vector takes in memory beside the embeddings themselves."""

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest rows of each query (m, d) of unit length.

        Returns corpus rows (m, k') and cosines (m, k'), nearest first, equal ones in the order of
        rows, where k' is k or the number of rows that have a vector, whichever is less. A row of
        -1 stands where an approximate index found nothing.
        """
