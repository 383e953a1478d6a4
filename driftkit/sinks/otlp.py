"""Sends the gauges of a run over OTLP, the protocol of OpenTelemetry; needs its SDK."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import visible
from driftkit.extras import library
from driftkit.results.version import __version__
from driftkit.sinks.gauges import MAX_SERIES, common_labels, series_of
from driftkit.sinks.posting import (
    ANSWER_SECONDS,
    Outcome,
    at_path,
    host_of,
    may_be_taken_later,
    silent,
)
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import named

if TYPE_CHECKING:
    from driftkit.results.facts import Facts
    from driftkit.sinks.gauges import Quantity
    from driftkit.sinks.posting import Attempts

_PATH = "/v1/metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Otlp:
    """A collector, or whatever else takes OTLP over HTTP.

    Attributes:
        url: its address, or a reference to it; empty for what OTEL_EXPORTER_OTLP_ENDPOINT says.
            Headers, certificates and compression are those of OTEL_EXPORTER_OTLP_*.
        max_series: how many series at most.
    """

    dated: ClassVar[bool] = True
    url: str = ""
    max_series: int = MAX_SERIES

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return named("otlp", self.url) if self.url else "otlp"

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:  # noqa: ARG002  (tries by itself)
        """Exports the gauges; the exporter tries again by itself, for ten seconds.

        Raises:
            SettingsError: the SDK is not installed, or what a reference names is not there.
        """
        answers = _Answers()
        exporter = _exporter(look_up(self.url), answers)
        data = _gauges(facts, self.max_series)
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
            return Outcome(status="dead", error="OTEL_SDK_DISABLED is set")
        # Reports of the exporter's own would stand between those of the run.
        with silent("opentelemetry"):
            # What flushing a provider says is not whether anything arrived.
            taken = exporter.export(data).name == "SUCCESS"
            exporter.shutdown()
        if taken:
            return Outcome(status="sent", http_status=answers.last)
        said = "cannot be reached" if answers.last is None else f"answered {answers.last}"
        host = host_of(exporter._endpoint)  # noqa: SLF001  (which variables may have said)
        again = answers.last is None or may_be_taken_later(answers.last)
        return Outcome(
            status="retry" if again else "dead",
            http_status=answers.last,
            error=visible(f"{host} {said}"),
        )


@dataclass(slots=True)
class _Answers:
    last: int | None = field(default=None)

    def __call__(self, answer: Any, **_: Any) -> None:
        self.last = answer.status_code


def _exporter(url: str, answers: _Answers) -> Any:
    otlp = library("opentelemetry.exporter.otlp.proto.http.metric_exporter", "otel", "OTLP")
    import requests  # noqa: PLC0415  (of the extra)

    session = requests.Session()
    session.hooks["response"].append(answers)
    # What is sent is meant for one receiver.
    session.max_redirects = 0
    whole = at_path(url, _PATH) if url else None
    return otlp.OTLPMetricExporter(endpoint=whole, timeout=ANSWER_SECONDS, session=session)


def _gauges(facts: Facts, max_series: int) -> Any:
    """The gauges as the exporter takes them, at the time at which the window was judged.

    The SDK's instruments would give them the time of sending.
    """
    from opentelemetry.sdk.metrics import export as sdk  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope  # noqa: PLC0415

    when = int(facts.evaluated_at.timestamp() * 1_000_000) * 1000
    common = common_labels(facts)
    points: dict[Quantity, list[Any]] = {}
    for each in series_of(facts, max_series):
        labels = {**common, "segment": each.segment, **each.labels}
        attributes = {f"driftkit.{name}": visible(text) for name, text in labels.items()}
        point = sdk.NumberDataPoint(attributes, when, when, float(each.value))
        points.setdefault(each.quantity, []).append(point)
    told = [
        sdk.Metric(of.dotted, of.about, of.unit, sdk.Gauge(found)) for of, found in points.items()
    ]
    about = {"service.name": "driftkit", "service.version": __version__}
    scope = sdk.ScopeMetrics(InstrumentationScope("driftkit"), told, "")
    return sdk.MetricsData([sdk.ResourceMetrics(Resource.create(about), [scope], "")])
