"""Puts metrics of runs into CloudWatch, by the names of AWS's monitors; needs boto3."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import EngineError, visible
from driftkit.extras import library
from driftkit.sinks import cloudwatch_metrics as names
from driftkit.sinks.posting import ANSWER_SECONDS, CONNECT_SECONDS, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts
    from driftkit.sinks.posting import Attempts

# What PutMetricData takes: so many at a time, in one MB, with names and values so long, numbers
# so large and times so old. Requests are written in forms, which takes about twice the JSON.
AT_ONCE = 1000
_BYTES = 400_000
_NAME, _VALUE = 255, 1024
_LARGEST = 2.0**360
_OLDEST = timedelta(days=14)
Lines = Callable[[list["Metric"], names.Context], tuple[names.Line, ...]]
_LINES: Mapping[str, Lines] = MappingProxyType(
    {
        "data_quality": names.of_data,
        "model_quality": names.of_model,
        "bias": names.of_bias,
        "attribution": names.of_explanations,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudWatch:
    """CloudWatch of the account whose credentials boto3 finds.

    Attributes:
        namespace: of all metrics; empty for those of AWS's monitors.
        endpoint: the dimension Endpoint; empty for the model's name.
        schedule: the dimension MonitoringSchedule; empty for none.
        region: of AWS; empty for boto3's own.
    """

    dated: ClassVar[bool] = True
    namespace: str = ""
    endpoint: str = ""
    schedule: str = ""
    region: str = ""

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return f"cloudwatch {self.namespace}".strip()

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:
        """Puts the metrics of all rows at the time of the window's start, as AWS's monitors do.

        Raises:
            SettingsError: boto3 is not installed.
            EngineError: CloudWatch refuses them.
        """
        refused = refusal(facts, attempts.now())
        if refused is not None:
            return refused
        namespace, data = data_of(facts, self.namespace, self.endpoint, self.schedule)
        if data:
            put(client(self.name, self.region or None), namespace, data)
        return Outcome(status="sent")


def refusal(facts: Facts, now: datetime) -> Outcome | None:
    """Why CloudWatch has no room for a run; None where it has."""
    why = None
    if facts.monitor not in _LINES:
        why = f"AWS has no metrics of the monitor {facts.monitor}"
    elif now - _time(facts) > _OLDEST:
        why = "CloudWatch takes no metrics that are older than two weeks"
    return None if why is None else Outcome(status="dead", error=visible(why))


def _time(facts: Facts) -> datetime:
    return facts.subject.start or facts.evaluated_at


def data_of(
    facts: Facts, namespace: str, endpoint: str, schedule: str
) -> tuple[str, list[dict[str, Any]]]:
    """The namespace of a run's metrics, and those of all rows, at the time of the window's start.

    Args:
        facts: what the run found.
        namespace: empty for that of AWS's monitor.
        endpoint: empty for the model's name.
        schedule: empty for none.
    """
    context = names.Context(
        time=_time(facts), endpoint=endpoint or facts.subject.model, schedule=schedule or None
    )
    measured = [each for each in facts.metrics if each.segment is None]
    lines = _LINES[facts.monitor](measured, context)
    data = [
        {**accepted(each.datum(), facts.subject.variant), "Timestamp": each.time} for each in lines
    ]
    return namespace or (lines[0].namespace if lines else ""), data


def accepted(datum: Mapping[str, Any], variant: str = "") -> dict[str, Any]:
    r"""A metric whose names and numbers CloudWatch does not refuse: one would refuse all of them.

    Args:
        datum: of `Line.datum`.
        variant: of the endpoint, which becomes a dimension where there are several.

    >>> accepted({"MetricName": "feature_data_größe", "Dimensions": [], "Value": 2.4e108})
    {'MetricName': 'feature_data_gr\\xf6\\xdfe', 'Dimensions': [], 'Value': 2.3485425827738332e+108}
    """
    told = [*datum["Dimensions"], {"Name": "Variant", "Value": variant}]
    made = {
        **datum,
        "MetricName": _short(_ascii(datum["MetricName"])),
        "Dimensions": [
            {"Name": each["Name"], "Value": text[:_VALUE]}
            for each in told
            if (text := _ascii(each["Value"]).strip())
        ],
    }
    if "Value" in made:
        made["Value"] = _within(made["Value"])
    if "StatisticValues" in made:
        numbers = made["StatisticValues"].items()
        made["StatisticValues"] = {name: _within(value) for name, value in numbers}
    return made


def _short(name: str) -> str:
    """The name, ended by a digest where it is cut: columns must not run into one metric."""
    if len(name) <= _NAME:
        return name
    return f"{name[: _NAME - 7]}.{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _ascii(text: str) -> str:
    return (
        visible(text)
        .replace("\n", " ")
        .replace("\t", " ")
        .encode("ascii", "backslashreplace")
        .decode()
    )


def _within(value: float) -> float:
    return math.copysign(min(abs(value), _LARGEST), value)


def client(where: str, region: str | None = None) -> Any:
    """A client of CloudWatch.

    Args:
        where: what asks for it.
        region: of AWS; None for boto3's own.

    Raises:
        SettingsError: boto3 is not installed.
        EngineError: no region is known.
    """
    boto3 = library("boto3", "aws", f"{where}: CloudWatch")
    how = import_module("botocore.config").Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"total_max_attempts": 3},
    )
    with _refusals(where):
        return boto3.client("cloudwatch", region_name=region, config=how)


def put(cloudwatch: Any, namespace: str, data: Iterable[Mapping[str, Any]]) -> None:
    """Puts metrics into a namespace, in as many requests as it takes.

    Raises:
        EngineError: CloudWatch refuses them.
    """
    for batch in _batches(data):
        with _refusals(namespace):
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=batch)


def _batches(data: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    size = 0
    for each in data:
        more = len(json.dumps(each, default=str))
        if batch and (len(batch) == AT_ONCE or size + more > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += more
    if batch:
        yield batch


@contextmanager
def _refusals(where: str) -> Iterator[None]:
    failures = import_module("botocore.exceptions")
    try:
        yield
    except (failures.BotoCoreError, failures.ClientError) as error:
        raise EngineError(
            "CloudWatch does not take the metrics",
            where=where,
            found=str(error).splitlines()[0],
            todo="Check the role's permission cloudwatch:PutMetricData and the region",
        ) from error
