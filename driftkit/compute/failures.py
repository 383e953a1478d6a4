"""Converts errors of Spark to one sentence with the reason."""

from __future__ import annotations

import re

from driftkit.errors import EngineError

_TRACEBACK = "Traceback (most recent call last):"
_CRASHED = "Python worker exited unexpectedly"
_MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
_EXCEPTION = re.compile(r"(?:[a-z]\w*\.)+([A-Z]\w*(?:Exception|Error))(?:: (.*))?")


def engine_error(error: BaseException, *, where: str | None = None) -> EngineError:
    """The error that ends the run.

    Args:
        error: what pyspark or py4j raised.
        where: the unit or the columns that were being computed.
    """
    text = str(error)
    if _CRASHED in text:
        return EngineError(
            "a Python worker of Spark died without a message",
            where=where,
            todo="Give it more memory, or look for a crash of native code in the worker's log",
        )
    missing = _MISSING_MODULE.search(text)
    if missing:
        return EngineError(
            f"Spark's workers cannot import {missing.group(1)}",
            where=where,
            todo="Ship it with --py-files or --archives, or point PYSPARK_PYTHON to a Python "
            "that has it",
        )
    return EngineError(
        "a Spark job failed", where=where, found=reason(text), todo="Mend that and run again"
    )


def reason(text: str) -> str:
    r"""The line of an error text that says what happened.

    >>> reason("Job aborted: Traceback (most recent call last):\n  File x\nValueError: boom\n\tat")
    'ValueError: boom'
    >>> reason("An error occurred while calling o1.x.\n: java.io.IOException: No space left")
    'IOException: No space left'
    """
    if _TRACEBACK in text:
        lines = text.rpartition(_TRACEBACK)[2].splitlines()
        own = (line for line in lines if line.strip() and not line[0].isspace())
        return next(own, "an exception in a Python worker")
    exceptions = [match.groups() for match in _EXCEPTION.finditer(text)]
    said = [f"{kind}: {message}" for kind, message in exceptions if message]
    # The innermost cause comes last in Java's stack traces.
    return said[-1] if said else next((line for line in text.splitlines() if line.strip()), "")
