"""What the commands of several monitors do alike: settings, baselines, lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.report import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

VIOLATIONS_FOUND = 3


def chosen(options: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The options of a command that are settings of its monitor."""
    return {name: options[name] for name in names}


def require_baseline(folder: str | None, constraints: str | None, monitor: str) -> None:
    """Refuses to compare with nothing.

    Raises:
        SettingsError: neither a folder nor constraints are named.
    """
    if folder is None and constraints is None:
        raise SettingsError(
            "there is no baseline to compare with",
            expected="--baseline DIR, or --baseline-constraints FILE",
            todo=f"Make one with `driftkit {monitor} baseline`",
        )


def say(lines: Iterable[str]) -> None:
    """Lines for people, on stderr."""
    for line in lines:
        terminal.say(line)
