"""Records runs as OpenLineage does: an event with the checks that were made on a dataset."""

from __future__ import annotations

import json
import math
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from driftkit.errors import SettingsError, visible
from driftkit.results.contract import about, in_words
from driftkit.results.version import __version__
from driftkit.sinks.posting import Request, at_path
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import named, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from driftkit.results.contract import Finding, Metric
    from driftkit.results.facts import Facts, Subject
    from driftkit.sinks.posting import Attempts, Outcome
    from driftkit.sinks.sink import AboutRun

_PATH = "/api/v1/lineage"
_SPEC = "https://openlineage.io/spec"
# One name space for all of driftkit's runs, so that a run has the same id wherever it is told.
_RUNS = uuid.uuid5(uuid.NAMESPACE_OID, "driftkit.run")
# OpenLineage's name of a number -> the profile's, and whether it is a whole one.
_COLUMN = {
    "nullCount": ("num_missing", True),
    "distinctCount": ("distinct", True),
    "count": ("num_present", True),
    "sum": ("sum", False),
    "min": ("min", False),
    "max": ("max", False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A run that came to no result.

    Attributes:
        subject: what it was about.
        monitor: whose run it was.
        at: when it failed.
        reason: in words that hold no data, for others than the run's own log.
        inputs: names of what was to be read; empty where they are not known.
    """

    subject: Subject
    monitor: str
    at: datetime
    reason: str
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLineage:
    """A server of OpenLineage's events, such as Marquez, or a file.

    Attributes:
        url: its address, or a reference to it; empty for what OPENLINEAGE_URL says.
        file: where the event of the last run is written in place of a server; {model},
            {variant} and {monitor} in its name stand for the run's own.
        api_key: reference to the key; empty for OPENLINEAGE_API_KEY, if there is one.
        namespace: of the job.
    """

    dated: ClassVar[bool] = True
    url: str = ""
    file: str = ""
    api_key: str = field(default="", repr=False)
    namespace: str = "driftkit"

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return named("openlineage", self.url) if self.url else f"openlineage {self.file}".strip()

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:
        """Posts the event that the run is complete, or writes it.

        Raises:
            SettingsError: neither address nor file is known.
            OutputError: the file cannot be written.
        """
        return self._posted(event(facts, self.namespace), facts, attempts)

    def send_failure(self, failure: Failure, attempts: Attempts) -> Outcome:
        """Posts the event that a run failed, or writes it.

        Raises:
            SettingsError: neither address nor file is known.
            OutputError: the file cannot be written.
        """
        return self._posted(event_of_failure(failure, self.namespace), failure, attempts)

    def _posted(self, made: dict[str, Any], of: AboutRun, attempts: Attempts) -> Outcome:
        body = json.dumps(made, allow_nan=False).encode()
        if self.file:
            return write_file(self.file, of, body + b"\n")
        url = look_up(self.url) or os.environ.get("OPENLINEAGE_URL", "")
        if not url:
            raise SettingsError(
                "there is no address of OpenLineage",
                expected="openlineage:URL, openlineage: file=FILE, or OPENLINEAGE_URL",
            )
        key = look_up(self.api_key) or os.environ.get("OPENLINEAGE_API_KEY", "")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return attempts.post(Request(url=at_path(url, _PATH), body=body, headers=headers))


def event(facts: Facts, namespace: str = "driftkit") -> dict[str, Any]:
    """The event that a run is complete.

    Args:
        facts: what it found.
        namespace: of the job.
    """
    quality = {
        "dataQualityMetrics": _facet("1-0-3", "DataQualityMetricsInputDataset", **_profile(facts)),
        "dataQualityAssertions": _facet(
            "1-1-0", "DataQualityAssertionsDataset", assertions=[*_assertions(facts)]
        ),
    }
    return {
        **_event("COMPLETE", facts, namespace, facts.run_id),
        "eventTime": facts.evaluated_at.isoformat(),
        "inputs": [
            {**_dataset(each), "inputFacets": quality} for each in facts.inputs or ("unknown",)
        ],
        "outputs": [_dataset(facts.output_uri)] if facts.output_uri else [],
    }


def event_of_failure(failure: Failure, namespace: str = "driftkit") -> dict[str, Any]:
    """The event that a run failed; its id is its own, for that of a run is made of its result.

    Args:
        failure: what is known of it.
        namespace: of the job.
    """
    of, at = failure.subject, failure.at.isoformat()
    known = (of.model, of.variant, failure.monitor, str(of.start), str(of.end), at)
    made = _event("FAIL", failure, namespace, json.dumps(known))
    why = _facet(
        "1-0-1", "ErrorMessageRun", message=visible(failure.reason), programmingLanguage="PYTHON"
    )
    made["run"]["facets"]["errorMessage"] = why
    inputs = [_dataset(each) for each in failure.inputs]
    return {**made, "eventTime": at, "inputs": inputs, "outputs": []}


def _event(kind: str, of: AboutRun, namespace: str, run: str) -> dict[str, Any]:
    """What events of all kinds have."""
    names = (of.subject.model, of.subject.variant, of.monitor)
    job = ".".join(each for each in names if each)
    return {
        "eventType": kind,
        "producer": _producer(),
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(uuid.uuid5(_RUNS, run)), "facets": _when(of)},
        "job": {"namespace": namespace, "name": visible(job), "facets": {}},
    }


def _producer() -> str:
    return f"urn:driftkit:{__version__}"


def _facet(version: str, kind: str, **content: Any) -> dict[str, Any]:
    name = f"{kind}Facet"
    url = f"{_SPEC}/facets/{version}/{name}.json#/$defs/{name}"
    return {"_producer": _producer(), "_schemaURL": url, **content}


def _when(of: AboutRun) -> dict[str, Any]:
    start, end = of.subject.start, of.subject.end
    if start is None:
        return {}
    times = {"nominalStartTime": start.isoformat()}
    times |= {} if end is None else {"nominalEndTime": end.isoformat()}
    return {"nominalTime": _facet("1-0-1", "NominalTimeRun", **times)}


def _dataset(name: str) -> dict[str, str]:
    """A dataset as OpenLineage names it: where it is kept, and its name there.

    >>> _dataset("s3://bucket/captured/churn")
    {'namespace': 's3://bucket', 'name': 'captured/churn'}
    >>> _dataset("data frame")
    {'namespace': 'driftkit', 'name': 'data frame'}
    """
    text = visible(name)
    parts = urlsplit(text)
    if parts.scheme and parts.netloc:
        where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return {"namespace": where, "name": parts.path.lstrip("/") or "/"}
    if Path(text).is_absolute():
        return {"namespace": "file", "name": text}
    return {"namespace": "driftkit", "name": text}


def _profile(facts: Facts) -> dict[str, Any]:
    columns: dict[str, dict[str, float]] = {}
    for each in facts.metrics:
        if each.group == "profile" and each.feature is not None and each.segment is None:
            number = _number(each.value)
            if number is not None:
                columns.setdefault(visible(each.feature), {})[each.name] = number
    told = {
        column: {
            name: round(numbers[known]) if whole else numbers[known]
            for name, (known, whole) in _COLUMN.items()
            if known in numbers
        }
        for column, numbers in columns.items()
    }
    rows = {} if facts.rows is None else {"rowCount": facts.rows}
    return {**rows, "columnMetrics": told}


def _assertions(facts: Facts) -> Iterator[dict[str, Any]]:
    """The violations, and the comparisons that found none."""
    for finding in facts.findings:
        yield _assertion(
            finding,
            assertion=finding.check,
            success=False,
            description=finding.message,
            expected=finding.expected,
            actual=finding.observed,
        )
    for metric in facts.metrics:
        if metric.violated is False:
            yield _assertion(
                metric,
                assertion=f"{metric.group}.{metric.name}",
                success=True,
                expected=in_words(metric.allowed) if metric.allowed else "",
                actual="" if _number(metric.value) is None else repr(metric.value),
            )


def _assertion(of: Metric | Finding, **told: Any) -> dict[str, Any]:
    column = {} if of.feature is None else {"column": visible(of.feature)}
    segment = {} if of.segment is None else {"params": {"segment": visible(of.segment)}}
    named = {"name": visible(f"{told['assertion']} {about(of)}".strip())}
    texts = {name: visible(text) for name, text in told.items() if isinstance(text, str) and text}
    return {**told, **texts, **named, **column, **segment}


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
