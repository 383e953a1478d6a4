"""Reads tables of CloudWatch's metrics: latencies, errors and requests of variants by minute.

A table has the columns metric, timestamp, variant, statistic, value and, if known, count. Names and
units of metrics are those of the export; none are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.errors import InputError
from driftkit.formats.deployment.metric_rows import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import pyarrow as pa

    from driftkit.comparison.arrays import Floats, Integers, Truths

SUM, AVERAGE, SAMPLES = "Sum", "Average", "SampleCount"
MINIMUM, MAXIMUM = "Minimum", "Maximum"
AT = "@"
"""What stands between a metric and its statistic."""
_TODO_COUNTS = "Export SampleCount with it, as the column count or as a statistic of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A metric of a variant, minute by minute.

    Attributes:
        minutes: since 1970, rising, shape (minutes,); those without a value are left out.
        measured: the statistic, in the unit of the export.
        counts: samples behind each value, NaN where not known.
    """

    minutes: Integers
    measured: Floats
    counts: Floats

    def chosen(self, minutes: Truths) -> Series:
        """Some of the minutes."""
        return Series(
            minutes=self.minutes[minutes],
            measured=self.measured[minutes],
            counts=self.counts[minutes],
        )

    def at(self, minutes: Integers, absent: float = np.nan) -> Floats:
        """The values at some minutes, shape (minutes,).

        Args:
            minutes: since 1970, in any order.
            absent: what stands where there is none.
        """
        values = np.full(len(minutes), absent)
        if len(self.minutes):
            indices = np.minimum(np.searchsorted(self.minutes, minutes), len(self.minutes) - 1)
            there = self.minutes[indices] == minutes
            values[there] = self.measured[indices[there]]
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of a variant that add up over minutes, for tests.

    Attributes:
        minutes: since 1970, rising, shape (minutes,).
        sums: of the metric, or of the events counted.
        counts: of what they are out of.
    """

    minutes: Integers
    sums: Floats
    counts: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationalMetrics:
    """All metrics of a table.

    Attributes:
        where: its name, for messages.
        series: by metric, statistic and variant.
    """

    where: str
    series: Mapping[tuple[str, str, str], Series] = field(repr=False)

    @property
    def variants(self) -> tuple[str, ...]:
        """Variants of all metrics, in alphabetical order."""
        return tuple(sorted({variant for _, _, variant in self.series}))

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Metrics and their statistics, in alphabetical order."""
        return tuple(sorted({(metric, statistic) for metric, statistic, _ in self.series}))

    def between(self, start: datetime | None, end: datetime | None) -> OperationalMetrics:
        """The minutes that begin in a time; metrics without any are left out.

        Args:
            start: its beginning, included; None where it is open.
            end: its end, excluded; likewise.
        """
        first = -np.inf if start is None else start.timestamp() / 60
        last = np.inf if end is None else end.timestamp() / 60
        kept = {
            key: each.chosen((each.minutes >= first) & (each.minutes < last))
            for key, each in self.series.items()
        }
        return replace(self, series={key: each for key, each in kept.items() if len(each.minutes)})

    def named(self, name: str) -> dict[str, Series]:
        """A metric of each variant that has it, by METRIC or METRIC@STATISTIC.

        Raises:
            InputError: the metric has several statistics, and none is named.
        """
        metric, _, statistic = name.partition(AT)
        kinds = [kind for each, kind in self.names if each == metric]
        told = [kind for kind in kinds if kind != SAMPLES] if len(kinds) > 1 else kinds
        if not statistic and len(told) > 1:
            raise InputError(
                f"the metric {metric!r} has several statistics",
                where=self.where,
                expected=" | ".join(f"{metric}{AT}{kind}" for kind in told),
                found=name,
                todo="Name the metric with its statistic, or export one only",
            )
        wanted = statistic or (told[0] if told else "")
        return self.of(metric, wanted) if (metric, wanted) in self.names else {}

    def of(self, metric: str, statistic: str) -> dict[str, Series]:
        """A metric of each variant that has it, as it was exported.

        Raises:
            InputError: no variant has it.
        """
        found = {
            variant: each
            for (name, kind, variant), each in self.series.items()
            if (name, kind) == (metric, statistic)
        }
        if not found:
            raise self._absent(metric, statistic)
        return found

    def rates(self, events: str, requests: str) -> dict[str, Totals]:
        """How many of a variant's requests were events, for example errors.

        Minutes with requests and without the other metric had no such event.

        Args:
            events: metric with the statistic Sum, or METRIC@STATISTIC, where another counts.
            requests: likewise, for example Invocations.

        Raises:
            InputError: a metric is missing, or a minute has more events than requests.
        """
        parts, wholes = (self.of(*_counted(each)) for each in (events, requests))
        for variant in parts.keys() - wholes.keys():
            raise self._absent(*_counted(requests), variant)
        return {
            variant: self._rate(f"{events} of {variant}", parts.get(variant), whole)
            for variant, whole in wholes.items()
        }

    def means(self, metric: str) -> dict[str, Totals]:
        """Sum and samples of a metric of each variant, from which means can be pooled.

        They are taken from Average and its counts, or from Sum and SampleCount.

        Raises:
            InputError: the metric is missing, or has averages without counts.
        """
        statistic = AVERAGE if (metric, AVERAGE) in self.names else SUM
        found = self.of(metric, statistic).items()
        totals = {name: self._with_samples(metric, name, each) for name, each in found}
        if statistic == SUM:
            return totals
        return {name: replace(each, sums=each.sums * each.counts) for name, each in totals.items()}

    def _with_samples(self, metric: str, variant: str, series: Series) -> Totals:
        counts = series.counts
        samples = self.series.get((metric, SAMPLES, variant))
        if samples is not None:
            counts = np.where(np.isnan(counts), samples.at(series.minutes), counts)
        if np.isnan(counts).any():
            raise InputError(
                "averages without counts cannot be pooled or tested",
                where=f"{self.where}: {metric} of {variant}",
                expected="the number of samples of each minute",
                found=f"{int(np.isnan(counts).sum())} of {len(counts)} minutes without",
                todo=_TODO_COUNTS,
            )
        return Totals(minutes=series.minutes, sums=series.measured, counts=counts)

    def _rate(self, name: str, part: Series | None, whole: Series) -> Totals:
        sums = np.zeros(len(whole.minutes)) if part is None else part.at(whole.minutes, 0.0)
        outside = 0 if part is None else int((part.measured != 0).sum() - (sums != 0).sum())
        wrong = np.flatnonzero((sums < 0) | (sums > whole.measured))
        if outside or len(wrong):
            raise InputError(
                "there are more events than requests",
                where=f"{self.where}: {name}",
                expected="from 0 to the requests of the minute",
                found=f"{outside} minutes with events and without requests, "
                f"{len(wrong)} with more events than requests",
                todo="Check that both metrics are of the same variant and minutes",
            )
        return Totals(minutes=whole.minutes, sums=sums, counts=whole.measured)

    def _absent(self, metric: str, statistic: str, variant: str | None = None) -> InputError:
        of = f" of {variant}" if variant else ""
        return InputError(
            f"the metric {metric!r}{of} is not in the table",
            where=self.where,
            expected=f"the statistic {statistic} of it",
            found=", ".join(f"{name} ({kind})" for name, kind in self.names) or "no metrics",
            todo="Add it to the export, or name another one",
        )


def operational_metrics(table: pa.Table, where: str) -> OperationalMetrics:
    """The metrics of a table.

    Args:
        table: columns metric, timestamp, variant, statistic, value and perhaps count; times are
            timestamps, texts in ISO 8601 or seconds since 1970.
        where: its name, for messages.

    Raises:
        InputError: a column is missing, a value is wrong, or two rows are about the same time.
    """
    rows = rows_of(table, where)
    series: dict[tuple[str, str, str], Series] = {}
    for key, indices in rows.groups.items():
        series[key] = _by_minute(rows, key, indices)
    return OperationalMetrics(where=where, series=series)


def _by_minute(rows: Rows, key: tuple[str, str, str], indices: Integers) -> Series:
    """Puts what was measured within the same minute together, as the statistic allows."""
    seconds, values, counts = rows.seconds[indices], rows.values[indices], rows.counts[indices]
    minutes, starts = np.unique(seconds // 60, return_index=True)
    if len(minutes) == len(seconds):
        return Series(minutes=minutes, measured=values, counts=counts)
    totals = np.add.reduceat(counts, starts)
    if key[1] == AVERAGE and (totals > 0).all():
        means = np.add.reduceat(values * counts, starts) / totals
        return Series(minutes=minutes, measured=means, counts=totals)
    if key[1] not in _TOGETHER:
        raise InputError(
            f"{key[1]} of several times within a minute cannot be put together",
            where=f"{rows.where}: {key[0]} of {key[2]}",
            expected="one row a minute, or averages with their counts",
            found=f"{len(seconds)} rows in {len(minutes)} minutes",
            todo="Export it with a period of 60 seconds",
        )
    return Series(minutes=minutes, measured=_TOGETHER[key[1]](values, starts), counts=totals)


_TOGETHER: Mapping[str, Callable[[Floats, Integers], Floats]] = {
    SUM: np.add.reduceat,
    SAMPLES: np.add.reduceat,
    MINIMUM: np.minimum.reduceat,
    MAXIMUM: np.maximum.reduceat,
}


def _counted(name: str) -> tuple[str, str]:
    """Metric and statistic of a name of events or requests."""
    metric, _, statistic = name.partition(AT)
    return metric, statistic or SUM
