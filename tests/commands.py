"""What tests of commands share: a command must never open the window."""

from __future__ import annotations

from app.requests import WindowRequest


def never(_request: WindowRequest) -> int:
    """Stand in for the window."""
    raise AssertionError("a command opened the window")
