"""numba's compiler, as the compiled kernels use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

    F = TypeVar("F", bound="Callable[..., object]")

# The kernels allocate nothing, so arrays need no reference counts, which cost more than reading
# a short text does. Division follows IEEE 754 without a test for zero.
_OPTIONS: dict[str, Any] = {"_nrt": False, "error_model": "numpy"}


def jit(function: F) -> F:
    """Compiles a function when it is first called, and keeps the machine code on disk."""
    try:
        return cast("F", numba.njit(cache=True, nogil=True, **_OPTIONS)(function))
    except RuntimeError:  # no folder to keep it in, as in a zip on PYTHONPATH
        return cast("F", numba.njit(nogil=True, **_OPTIONS)(function))


def inlined(function: F) -> F:
    """Compiles a function into those that call it."""
    return cast("F", numba.njit(inline="always", **_OPTIONS)(function))
