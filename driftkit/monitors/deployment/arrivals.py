"""Requests of each minute: of captured records, of a table with times, or of CloudWatch's metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.comparison.deployment.traffic import dense_minutes
from driftkit.errors import InputError, SettingsError
from driftkit.formats.deployment import endpoint
from driftkit.formats.deployment.metric_files import read_metrics
from driftkit.formats.deployment.metric_rows import COUNT, NAMES
from driftkit.formats.deployment.moments import moment_text
from driftkit.formats.deployment.operational_metrics import SUM, operational_metrics
from driftkit.monitors.deployment.inputs import capture_files
from driftkit.monitors.deployment.requests import RequestColumns, counted, opened_requests
from driftkit.monitors.deployment.timeline import moment
from driftkit.native.arrays import whole
from driftkit.readers.dataset import FileDataset
from driftkit.readers.opening import opened, paths_in
from driftkit.results.contract import Run
from driftkit.settings.declaring import changed
from driftkit.states.deployment.storage import MONITOR

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from driftkit.compute.job import Progress
    from driftkit.formats.deployment.operational_metrics import OperationalMetrics, Series
    from driftkit.monitors.deployment.scaling_settings import ScalingSettings
    from driftkit.monitors.deployment.traffic_settings import TrafficSettings
    from driftkit.settings import Settings

MINUTE = 60
# Of five years; a table whose times are farther apart has wrong ones among them.
MOST_MINUTES = 5 * 366 * 24 * 60
ALL = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """The requests of a variant, minute by minute.

    Attributes:
        first_minute: since 1970.
        requests: of each minute from then on, divided by the share that was captured.
        sampling_percentage: of the requests that were captured.
        run: how they were counted.
        captured: whether they were captured, rather than logged or counted by CloudWatch.
    """

    first_minute: int
    requests: NDArray[np.float64]
    sampling_percentage: float
    run: Run
    captured: bool = False


def arrivals_of(
    data: Any,
    settings: ScalingSettings,
    variant: tuple[str, str] | None,
    progress: Progress | None = None,
) -> Arrivals:
    """The requests of each minute from the first to the last that has any.

    Args:
        data: captured records, rows with a time each, or CloudWatch's metrics by minute: paths,
            tables or data frames.
        settings: how they are read.
        variant: the endpoint and variant that the policy scales; None where it does not say.
        progress: called with units done, units in all and rows so far.

    Raises:
        InputError: they cannot be read, have no times, are of several variants, or none is left.
        FormatError: the description of the endpoint is not what it should be.
        SettingsError: a sampling percentage is said of metrics, which count every request.
    """
    files = capture_files(data, settings.run.read)
    if files is None:
        metrics = _metrics(data, settings.run)
        if metrics is not None:
            return _of_metrics(metrics, settings, variant)
    began = time.perf_counter()
    found = opened_requests(
        data,
        RequestColumns(time=settings.time_column, seconds=MINUTE),
        settings.run,
        files,
        None if variant is None else "/".join(variant),
    )
    counts, where = counted(found, settings.run, progress)
    percentage = sampling_percentage(settings)
    run = Run.about(MONITOR, found.dataset, settings.run, f"one pass {where}")
    arrivals = _dense(
        counts.keys[:, 0] // MINUTE,
        counts.counts.astype(np.float64),
        percentage,
        run.ended(counts, began),
    )
    return replace(arrivals, captured=found.captured)


def _dense(
    minutes: NDArray[np.int64], counts: NDArray[np.float64], percentage: float, run: Run
) -> Arrivals:
    length = int(minutes.max() - minutes.min()) + 1
    if length > MOST_MINUTES:
        raise InputError(
            "the times are years apart",
            where=", ".join(run.inputs),
            expected=f"at most {MOST_MINUTES:,} minutes from the first to the last",
            found=f"{length:,}",
            todo="Leave out the rows with wrong times, or look at one part after the other",
        )
    first, requests = dense_minutes(minutes, counts, percentage)
    return Arrivals(first_minute=first, requests=requests, sampling_percentage=percentage, run=run)


def sampling_percentage(settings: ScalingSettings | TrafficSettings) -> float:
    """How many of the requests were captured: as is said, or as the endpoint's description has it.

    Raises:
        FormatError: the description is missing, or not what it should be.
    """
    if settings.sampling_percentage is not None:
        return settings.sampling_percentage
    if settings.endpoint_file is None:
        return ALL
    return endpoint.read_file(settings.endpoint_file).capture_percentage or ALL


def _metrics(data: Any, run: Settings) -> OperationalMetrics | None:
    """The metrics, if the data are a table of such; None of everything else."""
    # The window, which other tables have not, is that of the metrics' minutes.
    dataset = opened(data, changed(run, start=None, end=None))
    names = [column.name for column in dataset.columns]
    if not set(NAMES).issubset(names) or not isinstance(dataset, FileDataset):
        return None
    paths = paths_in(data)
    if paths:
        return read_metrics(paths)
    chunks = [chunk for unit in dataset.units for chunk in unit.chunks()]
    kept = [name for name in (*NAMES, COUNT) if name in names]
    columns = {
        name: pa.concat_arrays([whole(chunk.column(names.index(name))) for chunk in chunks])
        for name in kept
    }
    return operational_metrics(pa.table(columns), dataset.name)


def _of_metrics(
    metrics: OperationalMetrics, settings: ScalingSettings, variant: tuple[str, str] | None
) -> Arrivals:
    if settings.sampling_percentage not in {None, ALL}:
        raise SettingsError(
            "CloudWatch counts every request, captured or not",
            where="sampling_percentage",
            expected="no percentage beside a table of metrics",
            found=str(settings.sampling_percentage),
            todo="Leave it out",
        )
    window = settings.run.window
    found = metrics.between(window.start, window.end)
    if metrics.series and not found.series:
        raise InputError(
            "no metric in the window",
            where=metrics.where,
            expected=f"minutes {_span(window.start, window.end)}",
            found=_span(*_ends(metrics)),
            todo="Export that time, or choose another --start and --end",
        )
    series = _chosen(found.of(settings.metric, SUM), metrics.where, variant)
    run = Run(
        monitor=MONITOR,
        dialect=settings.run.compute.dialect,
        engine=f"the sums of {settings.metric}",
        inputs=(metrics.where,),
        rows=len(series.minutes),
    )
    return _dense(series.minutes, series.measured, ALL, run)


def _ends(metrics: OperationalMetrics) -> tuple[datetime, datetime]:
    """The first minute of any metric, and the last."""
    minutes = np.concatenate([each.minutes for each in metrics.series.values()])
    first, last = (moment(int(each) * MINUTE) for each in (minutes.min(), minutes.max()))
    return first, last


def _span(start: datetime | None, end: datetime | None) -> str:
    ends = (("from", start), ("to", end))
    return " ".join(f"{word} {moment_text(time)}" for word, time in ends if time is not None)


def _chosen(found: dict[str, Series], where: str, variant: tuple[str, str] | None) -> Series:
    name = variant[1] if variant and variant[1] in found else next(iter(found))
    if len(found) > 1 and (variant is None or name != variant[1]):
        raise InputError(
            "the metrics are of several variants",
            where=where,
            expected="that which the policy scales" if variant is None else variant[1],
            found=", ".join(sorted(found)),
            todo="Give a policy with its ResourceId, or --resource endpoint/NAME/variant/NAME",
        )
    return found[name]
