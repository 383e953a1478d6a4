"""Tells of errors that driftkit does not know, which may be its own."""

from __future__ import annotations

import traceback

from driftkit.report.speech import speech
from driftkit.report.terminal import complain

# EX_SOFTWARE of sysexits.h.
UNKNOWN_ERROR = 70
_UNKNOWN = (
    "driftkit does not know this error, so it may be a fault of its own: please report it with the "
    "lines below"
)


def complain_of_unknown(error: Exception) -> None:
    """The error on stderr, with the lines that led to it."""
    said = " ".join(str(error).split()) or "no message"
    complain(f"{type(error).__name__}: {said}. {_UNKNOWN}")
    # A schedule's run cannot be repeated at will, so its log has the place at once.
    if speech().logs_json:
        speech().log("error", "the lines that led to it", error)
    else:
        traceback.print_exception(error)
