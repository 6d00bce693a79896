"""What can go wrong in a way that a person can mend: what happened, to what, and what to do next.

Anything that is not a `BackendError` is a bug and keeps its traceback.
"""


class BackendError(Exception):
    """Something the person can act on: `what` happened in one sentence, `hint` what to do next."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class UnreadableFile(BackendError):
    """A file could not be read as what it claims to be."""


class UnwritableFile(BackendError):
    """A file could not be written: no permission, no space, a parent that is no folder."""


class UnusableVectors(BackendError):
    """Vectors of unequal length, with no finite row, or of a type that is no number."""


class TooFewRows(BackendError):
    """A method needs more rows than there are."""


class MissingPackage(BackendError):
    """A library that this feature needs is not installed."""

    def __init__(self, feature: str, package: str) -> None:
        super().__init__(f"{feature} needs the package {package}.", hint=f"pip install {package}")
