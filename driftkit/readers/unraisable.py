"""Silences errors in callbacks of Arrow's parsers that end in an error anyway."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Silence:
    """Python's hook for such exceptions, taken over while any callback is silent."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._silent: list[object] = []
        self._before = sys.unraisablehook

    def begin(self, callback: object) -> None:
        with self._lock:
            if not self._silent:
                self._before, sys.unraisablehook = sys.unraisablehook, self._told
            self._silent.append(callback)

    def end(self, callback: object) -> None:
        with self._lock:
            self._silent.remove(callback)
            if not self._silent:
                sys.unraisablehook = self._before

    def _told(self, unraisable: Any) -> None:
        if not any(each is unraisable.object for each in self._silent):
            self._before(unraisable)


_SILENCE = _Silence()


@contextmanager
def silent(callback: object) -> Iterator[None]:
    """While it lasts, exceptions in a callback that cannot be raised are not printed.

    Args:
        callback: that Arrow calls; it fails where a row is not UTF-8, for one, which the error at
            the end says better.
    """
    _SILENCE.begin(callback)
    try:
        yield
    finally:
        _SILENCE.end(callback)
