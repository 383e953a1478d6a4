"""Runs driftkit's command line as a user would."""

from __future__ import annotations

import shlex
import subprocess
import sys

from baselines.flights import page


def driftkit(*arguments: object, show: bool = False, told: bool = True) -> None:
    """Runs a command.

    Args:
        *arguments: its words, paths among them.
        show: whether its output is shown.
        told: whether the command itself is.

    Raises:
        SystemExit: it failed, and with it the demo.
    """
    words = [*map(str, arguments)]
    if told:
        page.command(f"driftkit {shlex.join(words)}")
    done = subprocess.run(  # noqa: S603  (this very Python, on words made by the demo)
        [sys.executable, "-m", "driftkit", *words], capture_output=not show, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout or ''}{done.stderr or ''}\ndriftkit failed; see above.")
