"""The verb `traffic`: how requests spread over the models of an endpoint."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

import numpy as np

from driftkit.comparison.deployment.traffic import cold, gini, hit_rates, stack_distances
from driftkit.errors import InputError
from driftkit.formats.deployment import traffic as traffic_file
from driftkit.formats.deployment.metric_files import read_metrics
from driftkit.formats.deployment.traffic import CacheHits, LoadMetric, ModelTraffic, Traffic
from driftkit.formats.python_json import file_text
from driftkit.io.reading import of_data
from driftkit.monitors.deployment.arrivals import ALL, sampling_percentage
from driftkit.monitors.deployment.inputs import capture_files
from driftkit.monitors.deployment.requests import RequestColumns, counted, opened_requests
from driftkit.monitors.deployment.timeline import moment
from driftkit.monitors.deployment.traffic_settings import TrafficSettings
from driftkit.readers.opening import refuse_results
from driftkit.results import methods
from driftkit.results.contract import Metric, Run
from driftkit.results.tables import baseline_html
from driftkit.settings.declaring import spelt_out
from driftkit.states.deployment.requests import RequestCounts
from driftkit.states.deployment.storage import MONITOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.compute.job import Progress
    from driftkit.monitors.deployment.traffic_settings import TrafficKeywords

# As SageMaker calls them.
LOADING = (
    "ModelCacheHit",
    "ModelLoadingWaitTime",
    "ModelDownloadingTime",
    "ModelLoadingTime",
    "ModelUnloadingTime",
    "LoadedModelCount",
)
_BY_SIZE = "A cache's models count as equally large; SageMaker's is limited by memory."
_BY_SECOND = (
    "Times are in seconds: of one second, all requests of a model are taken one after the other."
)
_SAMPLED = "{:g} % of the requests were captured; the others made hits and loads of their own."


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTraffic:
    """How requests spread over models.

    Attributes:
        traffic: by model.
        run: how the requests were counted.
    """

    traffic: Traffic
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "model": "model",
        "metric": "name",
        "value": "value",
        "rows": "rows",
        "reason": "reason",
    }
    _repr_html_ = baseline_html
    write = methods.written_as(file_text)
    statistics_table = methods.statistics_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {traffic_file.NAME: self.traffic.to_dict()}

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return [*methods.notes(self), *self.traffic.notes]

    def metrics(self) -> list[Metric]:
        """How unequal the models are, what caches would have had, and the share of each model."""
        found = self.traffic
        hits = [
            Metric(
                group="traffic",
                name="hit_rate",
                value=each.share,
                dimensions={"models": f"a cache of {each.models}"},
            )
            for each in found.hit_rates
        ]
        shares = [
            Metric(
                group="traffic",
                name="share",
                value=each.share,
                dimensions={"model": each.model},
                rows=each.requests,
                reason="cold" if each.cold else None,
            )
            for each in found.models
        ]
        loading = [
            Metric(group="traffic", name=each.name, value=each.mean) for each in found.loading
        ]
        told = [each.unanswered for each in found.models if each.unanswered is not None]
        lacking = sum(told) / found.requests if told else None
        overall = {"gini": found.gini, "unanswered_share": lacking}
        return [
            *(Metric(group="traffic", name=name, value=value) for name, value in overall.items()),
            *hits,
            *loading,
            *shares,
        ]


@spelt_out(TrafficSettings)
@of_data
def traffic(
    data: Any, *, progress: Progress | None = None, **settings: Unpack[TrafficKeywords]
) -> EndpointTraffic:
    """Tells how the requests to a multi-model endpoint spread over its models.

    Whether each model's data drift is asked of data_quality, with segment_by.

    Args:
        data: captured records, or rows with a time and a model each: a path or paths, a pandas or
            Spark DataFrame, an Arrow table, or a mapping of columns to values.
        progress: called with units done, units in all and rows so far.
        **settings: where the model's name is, for example model_by="attribute:model".

    Returns:
        Requests and share of each model, which are cold, and the share of requests whose model a
        cache would have had; `write` makes traffic.json.

    Raises:
        InputError: the data cannot be read, or have no times or models.
        SettingsError: a setting is unknown.
        EngineError: Spark failed.
    """
    chosen = TrafficSettings.from_keywords(**settings)
    refuse_results(data)
    began = time.perf_counter()
    columns = RequestColumns(time=chosen.time_column, model=chosen.model_by, seconds=1)
    found = opened_requests(data, columns, chosen.run, capture_files(data, chosen.run.read))
    counts, where = counted(found, chosen.run, progress)
    run = Run.about(MONITOR, found.dataset, chosen.run, f"one pass {where}").ended(counts, began)
    return EndpointTraffic(traffic=_traffic(counts, chosen, captured=found.captured), run=run)


def _traffic(counts: RequestCounts, settings: TrafficSettings, *, captured: bool) -> Traffic:
    counts = counts + RequestCounts(models=settings.models)
    seconds, models = counts.keys[:, 0], counts.keys[:, 1]
    requests = np.bincount(models, counts.counts, len(counts.models))
    lacking = None
    if captured and counts.unanswered.sum() < counts.rows:
        lacking = np.bincount(models, counts.unanswered, len(counts.models))
    last = np.full(len(counts.models), np.nan)
    last[models] = seconds
    end = settings.run.window.end or moment(seconds[-1] + 1)
    are_cold = cold(last, end.timestamp(), settings.cold_seconds)
    order = np.lexsort((np.arange(len(requests)), -requests))
    percentage = sampling_percentage(settings)
    return Traffic(
        start=moment(seconds[0]),
        end=end,
        requests=counts.rows,
        sampling_percentage=percentage,
        cold_seconds=settings.cold_seconds,
        gini=gini(requests.astype(np.float64)),
        models=tuple(
            ModelTraffic(
                model=counts.models[index],
                requests=int(requests[index]),
                share=float(requests[index] / counts.rows),
                last_request=None if np.isnan(last[index]) else moment(int(last[index])),
                cold=bool(are_cold[index]),
                unanswered=int(lacking[index]) if lacking is not None else None,
            )
            for index in order.tolist()
        ),
        hit_rates=_hit_rates(counts),
        loading=_loading(settings.metrics_file),
        notes=tuple(_notes(percentage)),
    )


def _hit_rates(counts: RequestCounts) -> tuple[CacheHits, ...]:
    """Of caches of 1, 2, 4, 8 models and so on, the last of which has all."""
    most = len(np.unique(counts.keys[:, 1]))
    sizes = sorted({most, *(2**power for power in range(most.bit_length()))})
    distances = stack_distances(counts.keys[:, 1])
    # Behind the first request of a second, the same model is asked for again.
    again = counts.rows - len(distances)
    hits = hit_rates(distances, np.array(sizes)) * len(distances) + again
    return tuple(
        CacheHits(models=size, share=hit / counts.rows)
        for size, hit in zip(sizes, hits.tolist(), strict=True)
    )


def _loading(file: str | None) -> tuple[LoadMetric, ...]:
    """The means of what CloudWatch measured of loading models, of those that the file has.

    Raises:
        InputError: it has none of them, or averages without their samples.
    """
    if file is None:
        return ()
    metrics = read_metrics(file)
    there = {name for name, _ in metrics.names}
    found = []
    for name in (each for each in LOADING if each in there):
        totals = metrics.means(name).values()
        samples = sum(float(each.counts.sum()) for each in totals)
        total = sum(float(each.sums.sum()) for each in totals)
        found.append(LoadMetric(name=name, mean=total / samples, samples=samples))
    if not found:
        raise InputError(
            "there are no metrics of loading models",
            where=file,
            expected=" or ".join(LOADING),
            found=", ".join(sorted(there)),
            todo="Export them, or leave the file out",
        )
    return tuple(found)


def _notes(percentage: float) -> Iterator[str]:
    yield _BY_SIZE
    yield _BY_SECOND
    if percentage < ALL:
        yield _SAMPLED.format(percentage)
