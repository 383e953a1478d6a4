"""What a count of rows returns: its files, checks and findings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from driftkit.dialects import IN_BOTH
from driftkit.formats import violations as violations_file
from driftkit.formats.mapping import Node
from driftkit.formats.python_json import dumps, read_object
from driftkit.formats.violations import MetricViolation, Violations
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.check import Check, of_dialect
from driftkit.report import methods as page_methods
from driftkit.results import methods
from driftkit.results.contract import Metric, in_words
from driftkit.results.findings import finding_of
from driftkit.results.tables import baseline_html, report_html
from tests.monitors.volume.counts import RowCounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.dialects import Dialect
    from driftkit.io.locations import PathOrUrl
    from driftkit.results.contract import Finding, Run, Skipped
    from tests.monitors.volume.settings import VolumeSettings

VOLUME = "volume.json"
_FORM = {"day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeBaseline:
    """How many rows are normal.

    Attributes:
        states: rows of each day or hour that has some.
        run: how the numbers came about.
    """

    states: RowCounts
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {"time": "time", "rows": "value"}
    _repr_html_ = baseline_html
    notes = methods.notes
    write = methods.written_as(dumps, methods.kept_states)
    statistics_table = methods.statistics_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {VOLUME: {"unit": self.states.unit, "rows": self.states.known}}

    @classmethod
    @of_a_run
    def read(cls, where: PathOrUrl) -> VolumeBaseline:
        """Reads a folder, or a volume.json by its name."""
        path = locate(where)
        file = path / VOLUME if path.is_dir() else path
        node = Node(value=read_object(file), file=str(file))
        rows = node.child("rows")
        unit: Any = node.choice("unit", {name: name for name in _FORM})
        blocks: dict[str | None, int] = {time: rows.count(time) for time in rows.value}
        return cls(states=RowCounts(unit=unit, blocks=blocks))

    def metrics(self) -> list[Metric]:
        """The rows of each day or hour."""
        return [
            Metric(group="volume", name="rows", value=rows, dimensions={"time": time})
            for time, rows in self.states.known.items()
        ]

    def gaps(self, until: str | None = None) -> dict[str, int]:
        """Days or hours without a row before each that has some, and before the end."""
        times = np.array(sorted({*self.states.known, *([until] if until else [])}), "datetime64")
        return {str(two): int((two - one).astype(int)) - 1 for one, two in pairwise(times)}


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeReport:
    """A window's rows beside the baseline's.

    Attributes:
        window: the rows of the window.
        compared: every number that was compared.
        violations: of the checks.
        skipped: what could not be compared.
    """

    window: VolumeBaseline
    compared: tuple[Metric, ...] = field(default=(), compare=False)
    violations: tuple[MetricViolation, ...]
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)

    COLUMNS: ClassVar[Mapping[str, str]] = {
        "time": "time",
        "check": "check",
        "value": "value",
        "allowed": "allowed",
        "description": "message",
    }
    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "time": "time",
        "metric": "name",
        "value": "value",
        "allowed": "allowed",
        "violated": "violated",
    }
    _repr_html_ = report_html
    report = page_methods.report
    notes = methods.notes
    write = methods.written_as(dumps, methods.kept_states)
    statistics_table = methods.statistics_table
    violations_table = methods.violations_table
    figures = methods.no_figures

    @property
    def run(self) -> Run | None:
        """How the numbers came about."""
        return self.window.run

    @property
    def states(self) -> RowCounts:
        """What they were read from."""
        return self.window.states

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        listed = Violations(violations=self.violations).to_dict()
        return {**self.window.files, violations_file.NAME: listed}

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> VolumeReport:
        """Reads what an earlier run wrote."""
        listed = violations_file.read_file(
            locate(directory) / violations_file.NAME, MetricViolation
        )
        return cls(window=VolumeBaseline.read(directory), violations=listed.violations)

    def as_baseline(self) -> VolumeBaseline:
        """The window as what is normal for those after it."""
        return self.window

    def metrics(self) -> list[Metric]:
        """The rows of each day or hour, and those without a row, beside what is allowed."""
        return list(self.compared) or self.window.metrics()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The violations, in the order of the file."""
        known = {(each.name, each.dimensions["time"]): each for each in self.compared}
        return tuple(
            finding_of(each, known.get((each.metric_name, each.extra["time"])), **each.extra)
            for each in self.violations
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What checks are made of."""

    window: VolumeBaseline
    normal: VolumeBaseline
    settings: VolumeSettings

    @property
    def until(self) -> str | None:
        """The day or hour that is not over yet."""
        end = self.settings.until
        return end.strftime(_FORM[self.window.states.unit]) if end else None


def _volume_check(asked: Comparison) -> Iterator[Metric]:
    usual, slack = [*asked.normal.states.known.values()] or [0], asked.settings.slack
    allowed = min(usual) * (1 - slack), max(usual) * (1 + slack)
    for metric in asked.window.metrics():
        if metric.dimensions["time"] != asked.until:
            yield replace(metric, allowed=allowed)


def _gap_check(asked: Comparison) -> Iterator[Metric]:
    allowed = -inf, max([0, *asked.normal.gaps().values()])
    for time, missing in asked.window.gaps(asked.until).items():
        about = {"time": time}
        yield Metric(group="volume", name="gap", value=missing, dimensions=about, allowed=allowed)


CHECKS = (
    Check(name="row_volume_check", dialects=IN_BOTH, run=_volume_check),
    Check(name="gap_check", dialects=IN_BOTH, run=_gap_check),
)


def report(asked: Comparison, dialect: Dialect) -> VolumeReport:
    """The checks of a dialect, made."""
    metrics: list[Metric] = []
    violations = []
    for check in of_dialect(CHECKS, dialect):
        for metric in check.run(asked):
            low, high = metric.allowed or (-inf, inf)
            violated = not low <= (metric.value or 0) <= high
            metrics.append(replace(metric, violated=violated))
            if violated:
                time, words = metric.dimensions["time"], in_words((low, high))
                said = f"{metric.name} of {time}: {metric.value}, where {words} is normal"
                violations.append(
                    MetricViolation(
                        constraint_check_type=check.name,
                        metric_name=metric.name,
                        description=said,
                        extra={"time": time},
                    )
                )
    return VolumeReport(window=asked.window, compared=tuple(metrics), violations=tuple(violations))
