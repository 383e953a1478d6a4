"""What the commands of several monitors do alike: settings, baselines, lines for people."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

VIOLATIONS_FOUND = 3
_command: ContextVar[ExitStack] = ContextVar("_command")


@contextmanager
def command() -> Iterator[None]:
    """Ends what a command has taken, however it ends."""
    with ExitStack() as stack:
        token = _command.set(stack)
        try:
            yield
        finally:
            _command.reset(token)


def hold(output: str, wait: float) -> None:
    """Keeps other runs from writing into the output folder until the command has ended.

    Raises:
        OutputError: it cannot be written, or another run is writing there for longer than `wait`.
    """
    # Not for the help, which writes nothing.
    from driftkit.io.writing import holding, prepare

    stack = _command.get(None)
    if stack is None:
        # Not by `main`: nobody would give the folder back.
        prepare(output)
    else:
        stack.enter_context(holding(output, wait=wait))


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
