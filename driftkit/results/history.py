"""Windows of the past in the form in which a page draws them over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from driftkit.results.contract import Finding, Metric, Run, Skipped
    from driftkit.results.figures import Figure

Status = Literal["ok", "violated", "not_measured", "no_data"]
WORST_FIRST: tuple[Status, ...] = ("violated", "no_data", "not_measured", "ok")
"""Of several windows or monitors; without rows not even what was skipped is known."""


class Outcome(Protocol):
    """What a page is made of: a report, or what a metrics store knows of one."""

    @property
    def run(self) -> Run | None:
        """What ran; None for what was read, or made of files alone."""

    @property
    def findings(self) -> Sequence[Finding]:
        """The violations, in the order of the monitor's file."""

    @property
    def skipped(self) -> Sequence[Skipped]:
        """What could not be measured or compared."""

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""

    def metrics(self) -> list[Metric]:
        """Every number that was measured."""

    def figures(self) -> list[Figure]:
        """What can be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What became of a window.

    Attributes:
        name: how people tell it from others: its time, or the name of its folder.
        status: what it was found to be.
        metrics: that were measured.
        violations: how many there are.
        rows: that the numbers are of; None where it is not known.
        start: its beginning; None where it is not known.
        link: where its own page is.
    """

    name: str
    status: Status
    metrics: tuple[Metric, ...] = ()
    violations: int = 0
    rows: int | None = None
    start: datetime | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The windows of a monitor of a model.

    Attributes:
        model: its name.
        variant: of the model; empty where it has none.
        monitor: whose windows they are, such as data_quality.
        windows: at least one, the oldest first.
    """

    model: str
    variant: str
    monitor: str
    windows: tuple[Window, ...]


def rows_of(report: Outcome, metrics: Sequence[Metric]) -> int | None:
    """Rows that a report is of; None where neither its run nor its metrics tell them."""
    if report.run is not None:
        return report.run.rows
    counted = [each.value for each in metrics if each.name == "rows" and each.feature is None]
    if counted and counted[0] is not None:
        return int(counted[0])
    return next((each.rows for each in metrics if each.group == "quality" and each.rows), None)


def status_of(report: Outcome, metrics: Sequence[Metric]) -> Status:
    """Whether a report found violations, or whether there was anything to find them in."""
    if report.findings:
        return "violated"
    if rows_of(report, metrics) == 0:
        return "no_data"
    return "not_measured" if report.skipped and not any(map(_compared, metrics)) else "ok"


def lasting_notes(report: Outcome) -> list[str]:
    """A line each, but for how long a report took: the same run gives the same page."""
    took = report.run.lines()[:1] if report.run else []
    return [line for line in report.notes() if line not in took]


def _compared(metric: Metric) -> bool:
    return metric.known is not None and metric.violated is not None


def in_a_row(past: Sequence[Window], status: Status) -> list[Window]:
    """The windows with this status that are the last ones without a break, oldest first."""
    last: list[Window] = []
    for each in reversed(past):
        if each.status != status:
            break
        last.append(each)
    return last[::-1]
