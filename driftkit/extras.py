"""Loads libraries that are installed with an extra of driftkit, not by itself."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from driftkit.errors import SettingsError


def library(name: str, extra: str, whose: str) -> Any:
    """The module of a library.

    Args:
        name: of the module.
        extra: of driftkit with which it is installed.
        whose: what needs it, in words that begin the message.

    Raises:
        SettingsError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise _missing(name.partition(".")[0], extra, whose, str(error)) from error


def require(package: str, extra: str, whose: str) -> None:
    """Refuses to go on without a library that is loaded later, and only where it is needed.

    Raises:
        SettingsError: it is not installed.
    """
    if find_spec(package) is None:
        raise _missing(package, extra, whose, "none")


def _missing(package: str, extra: str, whose: str, found: str) -> SettingsError:
    return SettingsError(
        f"{whose} needs {package}",
        expected=f"{package} in this environment",
        found=found,
        todo=f"pip install 'driftkit-spark[{extra}]'",
    )
