"""Finds the report of a merge beside merged captures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.capture.truth_join.units import ABOUT
from driftkit.capture.variant import named_path
from driftkit.formats.merge_report import NAME
from driftkit.io.locations import locate

if TYPE_CHECKING:
    from driftkit.io.locations import Location

# Merged files are in <output>/<endpoint>/<variant>, and in the hours below it.
_LEVELS = 3


def report_beside(folder: str) -> Location | None:
    """The report of a folder of merged files, or of one above; None where there is none.

    Args:
        folder: its path or URL.
    """
    above = locate(named_path(folder))
    for _ in range(_LEVELS):
        report = above / ABOUT / NAME
        if report.exists():
            return report
        above = above.parent
    return None
