"""The values and protocols that baselines and reports of all monitors share."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from driftkit.columns.chunk import Rejections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.readers.dataset import Dataset
    from driftkit.results.figures import Figure, Shown
    from driftkit.settings import Settings, Severity

Range = tuple[float, float]
_NAMES_SHOWN = 10
# Dimensions that are the same for all metrics of their group, or follow from a metric's name.
_CONTEXT = {"better", "method", "role", "stage", "target", "target_value"}


class Counted(Protocol):
    """A state of rows."""

    @property
    def rows(self) -> int:
        """Rows that it is of."""

    @property
    def rejected(self) -> Rejections:
        """Records that were set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What ran, and on what.

    Attributes:
        rows: that entered the numbers.
        seconds: wall time from opening the data to the result.
        engine: the engine and its runner, for people.
        rejected: records that were set aside, by reason.
        set_aside: columns that were not monitored, with the reason.
        note: what the user should know of the engine's choice.
        remarks: and of the data, a line each.
        monitor: data_quality, model_quality, estimated_quality, bias, attribution or deployment.
        dialect: "aws" or "textbook".
        inputs: names of what was read.
        start: beginning of the window that was asked for, included.
        end: end of the window, excluded.
        severities: check or metric, or a pattern of them -> how serious its violations are.
    """

    rows: int = 0
    seconds: float = 0.0
    engine: str = ""
    rejected: Rejections = field(default_factory=Rejections)
    set_aside: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    remarks: tuple[str, ...] = ()
    monitor: str = ""
    dialect: str = ""
    inputs: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    severities: Mapping[str, Severity] = field(default_factory=dict)

    @classmethod
    def on(cls, monitor: str, name: str, settings: Settings, engine: str) -> Run:
        """What is known of a run before anything is read.

        Args:
            monitor: whose it is.
            name: of what is read.
            settings: how it is read and computed.
            engine: the engine and its runner, for people.
        """
        return cls(
            monitor=monitor,
            dialect=settings.compute.dialect,
            engine=engine,
            inputs=(name,),
            start=settings.window.start,
            end=settings.window.end,
            severities=settings.grading.severity,
        )

    @classmethod
    def about(cls, monitor: str, dataset: Dataset, settings: Settings, engine: str) -> Run:
        """What is known of a run before anything is counted.

        Args:
            monitor: whose it is.
            dataset: the rows.
            settings: how they are read and computed.
            engine: the engine and its runner, for people.
        """
        return replace(
            cls.on(monitor, dataset.name, settings, engine),
            set_aside=dataset.set_aside,
            remarks=tuple(f"column {name}: {said}" for name, said in dataset.remarks.items()),
        )

    def ended(self, state: Counted, began: float) -> Run:
        """What is known once all is counted.

        Args:
            state: of all rows.
            began: when the run did, by `time.perf_counter`.
        """
        return replace(
            self,
            rows=state.rows,
            seconds=time.perf_counter() - began,
            rejected=state.rejected,
        )

    def lines(self) -> list[str]:
        """What a person should know of how the numbers came about."""
        lines = [f"{self.rows:,} rows in {self.seconds:.1f} s by {self.engine}"]
        lines += [self.note] if self.note else []
        if self.rejected.total:
            counts = self.rejected.counts.items()
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts)
            lines.append(f"set aside {self.rejected.total:,} records: {reasons}")
        return [*lines, *self._not_monitored(), *self.remarks]

    def _not_monitored(self) -> Iterator[str]:
        """A line for the columns of one reason: a pattern may leave out thousands."""
        by_reason: dict[str, list[str]] = {}
        for name, why in self.set_aside.items():
            by_reason.setdefault(why, []).append(name)
        for why, names in by_reason.items():
            more = len(names) - _NAMES_SHOWN
            listed = [*names[:_NAMES_SHOWN], *([f"{more:,} more"] if more > 0 else [])]
            yield f"column{'s' if len(names) > 1 else ''} {', '.join(listed)} not monitored: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that was measured, beside what is normal for it.

    Attributes:
        group: the kind of metric: profile, drift, detection, quality, labels, bias, attribution; of
            deployments deployment, pipeline, scaling or traffic.
        name: within its group.
        value: the number; None or NaN where it could not be measured.
        feature: the column it is about; None for metrics of all columns together.
        dimensions: what else tells metrics of one name apart: stage, facet, label, method.
        segment: the rows it is about, in words; None for all rows.
        baseline: the baseline's value.
        allowed: the range in which the value is no violation; infinite where one side is open.
        violated: whether the value is reported as a violation; None where it was not compared.
        interval: the confidence interval of the value.
        standard_deviation: of the value.
        beyond_noise: whether chance alone would hardly explain that it is worse than allowed; None
            where that is not known.
        detectable: the smallest difference that so many rows can tell from noise.
        rows: that the value is about.
        reason: why there is no value, or why it says little.
    """

    group: str
    name: str
    value: float | None
    feature: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    segment: str | None = None
    baseline: float | None = None
    allowed: Range | None = None
    violated: bool | None = None
    interval: Range | None = None
    standard_deviation: float | None = None
    beyond_noise: bool | None = None
    detectable: float | None = None
    rows: int | None = None
    reason: str | None = None

    @property
    def known(self) -> float | None:
        """The value; None where it could not be measured, never NaN."""
        return None if self.value is None or math.isnan(self.value) else self.value

    @property
    def threshold(self) -> float | None:
        """The bound of what is allowed; None where there is none, or one to either side."""
        bounds = [each for each in self.allowed or () if math.isfinite(each)]
        return bounds[0] if len(bounds) == 1 else None

    @property
    def lower(self) -> float | None:
        """Lower end of the confidence interval."""
        return self.interval[0] if self.interval else None

    @property
    def upper(self) -> float | None:
        """Upper end of the confidence interval."""
        return self.interval[1] if self.interval else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A violation in words for people, and the numbers behind it.

    Attributes:
        check: the constraint_check_type.
        message: the description in the monitor's file.
        feature: the column it is about; None for violations of all columns together.
        metric: name of the metric that is violated; None for checks of no single number.
        dimensions: as a metric's.
        segment: the rows it is about, in words; None for all rows.
        severity: share of the rows that are affected, 0 to 1, so that findings of different
            checks can be ranked; None where rows cannot be told apart.
        level: how serious the user says that violations of its check or metric are.
        expected: what the baseline demands.
        observed: what the window has instead.
        cause: a sentence that helps to find out why.
        value: of the metric.
        baseline: the baseline's value.
        allowed: the range in which the value would be no violation.
        interval: the confidence interval of the value.
        together: the features that changed alike, its own among them; they are told as one.
        also: violations that say the same of the feature, and are told with it.
    """

    check: str
    message: str
    feature: str | None = None
    metric: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    segment: str | None = None
    severity: float | None = None
    level: Severity | None = None
    expected: str = ""
    observed: str = ""
    cause: str = ""
    value: float | None = None
    baseline: float | None = None
    allowed: Range | None = None
    interval: Range | None = None
    together: tuple[str, ...] = ()
    also: tuple[Finding, ...] = ()


def about(value: Metric | Finding) -> str:
    """What a metric or finding is about, in words; empty where it is about all rows and columns."""
    named = [text for name, text in value.dimensions.items() if name not in _CONTEXT]
    return " ".join([value.feature, *named] if value.feature else named)


def in_words(allowed: Range) -> str:
    """What is allowed.

    >>> in_words((0.9, math.inf)), in_words((-math.inf, 0.1)), in_words((-0.25, 0.25))
    ('at least 0.9', 'at most 0.1', '-0.25 to 0.25')
    """
    low, high = allowed
    if math.isinf(high):
        return f"at least {low:.4g}"
    return f"at most {high:.4g}" if math.isinf(low) else f"{low:.4g} to {high:.4g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What could not be measured or compared.

    Attributes:
        check: the constraint_check_type, or what was not compared.
        reason: why and, where there is one, the way out.
        feature: the column, metric or group it is about; None where it concerns all of them.
    """

    check: str
    reason: str
    feature: str | None = None

    def __str__(self) -> str:
        about = f" of {self.feature}" if self.feature else ""
        return f"{self.check}{about}: {self.reason}"


class Result(Protocol):
    """What baselines and reports have in common."""

    @property
    def run(self) -> Run | None:
        """What ran; None for what was read, or made of files alone."""

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """Name -> content of the JSON files that `write` writes."""

    def write(self, directory: PathOrUrl) -> tuple[Location, ...]:
        """Writes all files or none."""

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""

    def metrics(self) -> list[Metric]:
        """Every number that was measured."""

    def statistics_table(self) -> pd.DataFrame:
        """One row a column, metric or group, those that pass included."""


class Baseline(Result, Protocol):
    """What is normal; every monitor's baseline is one, and its `read` gives one."""


class Report(Result, Protocol):
    """A window beside its baseline; every monitor's result is one, and its `read` gives one."""

    @property
    def violations(self) -> Sequence[Any]:
        """Those of the monitor's file, in its order."""

    @property
    def findings(self) -> Sequence[Finding]:
        """The violations, in the order of the monitor's file."""

    @property
    def skipped(self) -> Sequence[Skipped]:
        """What could not be measured or compared."""

    def violations_table(self) -> pd.DataFrame:
        """One row a finding."""

    def figures(self) -> list[Figure]:
        """What can be drawn."""

    def report(
        self,
        past: Sequence[Any] = (),
        title: str = "",
        ownership: Any = None,
        *,
        hide_values: bool = False,
    ) -> Shown:
        """The page of the window, after those before it (`results.history.Window`)."""

    def as_baseline(self) -> Baseline:
        """The window as what is normal for those after it."""
