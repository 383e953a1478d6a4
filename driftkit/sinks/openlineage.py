"""Records runs as OpenLineage does: an event with the checks that were made on a dataset."""

from __future__ import annotations

import json
import math
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from driftkit.errors import SettingsError, visible
from driftkit.results.contract import about, in_words
from driftkit.results.version import __version__
from driftkit.sinks.posting import Request, at_path
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import named, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.results.contract import Finding, Metric
    from driftkit.results.facts import Facts
    from driftkit.sinks.posting import Attempts, Outcome

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
class OpenLineage:
    """A server of OpenLineage's events, such as Marquez, or a file.

    Attributes:
        url: its address, or a reference to it; empty for what OPENLINEAGE_URL says.
        file: where the event of the last run is written in place of a server; {model},
            {variant} and {monitor} in its name stand for the run's own.
        api_key: reference to the key; empty for OPENLINEAGE_API_KEY, if there is one.
        namespace: of the job.
    """

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
        body = json.dumps(event(facts, self.namespace), allow_nan=False).encode()
        if self.file:
            return write_file(self.file, facts, body + b"\n")
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
    of = facts.subject
    job = ".".join(each for each in (of.model, of.variant, facts.monitor) if each)
    quality = {
        "dataQualityMetrics": _facet("1-0-3", "DataQualityMetricsInputDataset", **_profile(facts)),
        "dataQualityAssertions": _facet(
            "1-1-0", "DataQualityAssertionsDataset", assertions=[*_assertions(facts)]
        ),
    }
    inputs = [{**_dataset(each), "inputFacets": quality} for each in facts.inputs or ("unknown",)]
    return {
        "eventType": "COMPLETE",
        "eventTime": facts.evaluated_at.isoformat(),
        "producer": _producer(),
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(uuid.uuid5(_RUNS, facts.run_id)), "facets": _when(facts)},
        "job": {"namespace": namespace, "name": visible(job), "facets": {}},
        "inputs": inputs,
        "outputs": [_dataset(facts.output_uri)] if facts.output_uri else [],
    }


def _producer() -> str:
    return f"urn:driftkit:{__version__}"


def _facet(version: str, kind: str, **content: Any) -> dict[str, Any]:
    name = f"{kind}Facet"
    url = f"{_SPEC}/facets/{version}/{name}.json#/$defs/{name}"
    return {"_producer": _producer(), "_schemaURL": url, **content}


def _when(facts: Facts) -> dict[str, Any]:
    start, end = facts.subject.start, facts.subject.end
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
