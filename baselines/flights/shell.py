"""Runs driftkit's command line as a user would."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from baselines.flights import page

if TYPE_CHECKING:
    from pathlib import Path


def driftkit(*arguments: str | Path, show: bool = False) -> None:
    """Shows a command and runs it; its output is shown too if asked for.

    Raises:
        SystemExit: it failed, and with it the demo.
    """
    words = [*map(str, arguments)]
    page.command(f"driftkit {shlex.join(words)}")
    done = subprocess.run(  # noqa: S603  (this very Python, on words made by the demo)
        [sys.executable, "-m", "driftkit", *words], capture_output=not show, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout or ''}{done.stderr or ''}\ndriftkit failed; see above.")
