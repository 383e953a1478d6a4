"""Ctrl-C ends a run with one line and leaves nothing half written."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# What the console script does, which says that rows are to be read, and waits.
COMMAND = """
import signal
import sys
from driftkit.cli import main
from driftkit.compute import engine
# A shell's jobs in the background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
fold = engine.fold
def told(*arguments, **options):
    print("ready", flush=True)
    sys.stdin.read()
    return fold(*arguments, **options)
engine.fold = told
main(sys.argv[1:])
"""


def test_an_interrupted_run_writes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a,b\n" + "1.5,some words\n2.5,other words\n")
    output = tmp_path / "out"
    arguments = [
        "data-quality",
        "baseline",
        str(data),
        "--output",
        str(output),
        "--runner",
        "local",
    ]

    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=900)

    assert run.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not output.exists()
