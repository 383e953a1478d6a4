"""How many captures of a window have a label by now, and how late labels come."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from driftkit.capture.window import is_inside
from driftkit.formats.merge_report import begin_of, read_file
from driftkit.monitors.merge_reports import report_beside
from driftkit.results.contract import Metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.settings import Window

_DELAYS = {"median": "median_delay_hours", "p95": "p95_delay_hours"}


def label_metrics(data: Any, window: Window) -> tuple[Metric, ...]:
    """Coverage and delays by the report of the merge; nothing where none lies beside the data.

    Args:
        data: whatever the monitor takes.
        window: the hours that are looked at.

    Raises:
        FormatError: the report is damaged.
    """
    handed_in = data if isinstance(data, list | tuple) else [data]
    paths = [fspath(each) for each in handed_in if isinstance(each, str | PathLike)]
    found = next(filter(None, map(report_beside, paths)), None)
    if found is None:
        return ()
    report = read_file(found)
    labelled, bare = (
        _within(each, window) for each in (report.labelled_hours, report.unlabelled_hours)
    )
    delays = [
        Metric(group="labels", name=name, value=float(report.delay[key] or 0))
        for key, name in _DELAYS.items()
        if report.delay.get(key) is not None
    ]
    captures = labelled + bare
    share = labelled / captures if captures else None
    known = [Metric(group="labels", name="coverage", value=share, rows=captures)]
    return (*(known if captures else ()), *delays)


def _within(hours: Mapping[str, int], window: Window) -> int:
    """Captures of the hours that the window has a part of."""
    return sum(
        count
        for hour, count in hours.items()
        if is_inside(begin_of(hour), window.start, window.end)
    )
