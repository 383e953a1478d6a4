"""Loads libraries that are not installed with driftkit by itself."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftkit.errors import DriftkitError


def library(
    name: str, extra: str, *, needed_by: str, error: type[DriftkitError], where: str | None = None
) -> Any:
    """The library.

    Args:
        name: of the module.
        extra: of driftkit with which it is installed.
        needed_by: what needs it, in the plural.
        error: that is raised where it is not installed.
        where: it is needed.

    Raises:
        DriftkitError: of the kind that was given.
    """
    try:
        return import_module(name)
    except ImportError as found:
        package = name.partition(".")[0]
        raise error(
            f"{needed_by} need the library {package}, and it is not installed",
            where=where,
            expected=f"{package} in this environment",
            found=str(found),
            todo=f"pip install 'driftkit-spark[{extra}]'",
        ) from found
