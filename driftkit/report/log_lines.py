"""Writes driftkit's log to stderr, a line a record, for people or as JSON."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING

from driftkit.errors import visible

if TYPE_CHECKING:
    from contextlib import ExitStack


LOGGER = logging.getLogger("driftkit")


def start_log(log_format: str, level: str, ends: ExitStack) -> None:
    """Writes the log until a command ends.

    Args:
        log_format: of the lines.
        level: the least that is written.
        ends: of the command.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(log_format))
    ends.callback(LOGGER.setLevel, LOGGER.level)
    ends.callback(LOGGER.removeHandler, handler)
    LOGGER.addHandler(handler)
    LOGGER.setLevel(level.upper())


class _Lines(logging.Formatter):
    """Makes lines of records; nothing in them has an effect on a terminal."""

    def __init__(self, log_format: str) -> None:
        super().__init__()
        self.log_format = log_format

    def format(self, record: logging.LogRecord) -> str:
        """The line, its time in UTC."""
        text = visible(record.getMessage()).replace("\n", " ")
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        at = f"{seconds}.{int(record.msecs):03d}Z"
        trace = visible(self.formatException(record.exc_info)) if record.exc_info else ""
        if self.log_format == "text":
            return f"{at} {record.levelname} {record.name}: {text}{trace and chr(10)}{trace}"
        said = {"time": at, "level": record.levelname.lower(), "logger": record.name}
        return json.dumps({**said, "message": text, **({"traceback": trace} if trace else {})})
