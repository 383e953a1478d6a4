"""Targets that end their process, for the tests of the fuzzer itself."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tests.fuzz.cases import LIMITS, RESULT, Case, Target

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random


def make(random: Random) -> Case:
    """A case that is fatal, once in eight times."""
    return Case(files={"input": b"x"}, options={"fatal": random.random() < 0.125})


def crash(case: Case, _folder: Path) -> str:
    """Ends the interpreter."""
    if case.options["fatal"]:
        os.abort()
    return RESULT


def end_as_known(case: Case, _folder: Path) -> str:
    """Ends the interpreter as a library does whose fault is known."""
    if case.options["fatal"]:
        os.write(2, LIMITS[-1])
        os.abort()
    return RESULT


def hang(case: Case, _folder: Path) -> str:
    """Does not end."""
    if case.options["fatal"]:
        time.sleep(1000)
    return RESULT


TARGETS = (
    Target(name="crashes", share=1, make=make, run=crash),
    Target(name="crashes as known", share=1, make=make, run=end_as_known),
    Target(name="hangs", share=1, make=make, run=hang),
)
