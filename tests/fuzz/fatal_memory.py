"""A target that takes too much memory, for a test of the fuzzer itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.fuzz.cases import RESULT, Case, Target
from tests.fuzz.fatal import make

if TYPE_CHECKING:
    from pathlib import Path

_FILL_BYTES = 2_000_000_000


def fill(case: Case, _folder: Path) -> str:
    """Takes memory, and keeps it."""
    if case.options["fatal"]:
        held = b"x" * _FILL_BYTES
        time.sleep(1000)
        del held
    return RESULT


TARGETS = (Target(name="fills memory", share=1, make=make, run=fill),)
