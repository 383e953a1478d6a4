"""Loads the library of a store, which is not installed with driftkit by itself."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from driftkit.errors import SettingsError


def library(name: str, extra: str) -> Any:
    """The library.

    Args:
        name: of the library.
        extra: of driftkit with which it is installed.

    Raises:
        SettingsError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise SettingsError(
            f"a store of this kind needs {name}",
            expected=f"{name} in this environment",
            found=str(error),
            todo=f"pip install 'driftkit-spark[{extra}]'",
        ) from error
