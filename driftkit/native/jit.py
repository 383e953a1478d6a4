"""numba's compiler with the options of all compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

    F = TypeVar("F", bound="Callable[..., object]")


def _options() -> dict[str, Any]:
    """Division follows IEEE 754 without a test for zero, and arrays need no reference counts.

    The kernels allocate nothing, and counting costs more than reading a short text does. The
    option is numba's own affair: a version without it compiles slower code with the same bits.
    """
    options: dict[str, Any] = {"error_model": "numpy"}
    uncounted: dict[str, Any] = {**options, "_nrt": False}
    try:
        numba.njit(**uncounted)(_options)
    except (KeyError, TypeError, ValueError, NameError):
        return options
    return uncounted


_OPTIONS = _options()


def jit(function: F) -> F:
    """Compiles a function when it is first called, and keeps the machine code on disk."""
    try:
        return cast("F", numba.njit(cache=True, nogil=True, **_OPTIONS)(function))
    except RuntimeError:  # no folder to keep it in, as in a zip on PYTHONPATH
        return cast("F", numba.njit(nogil=True, **_OPTIONS)(function))


def inlined(function: F) -> F:
    """Compiles a function into those that call it."""
    return cast("F", numba.njit(inline="always", **_OPTIONS)(function))
