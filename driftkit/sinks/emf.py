"""Writes metrics of runs as log lines in CloudWatch's embedded metric format."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import OutputError, visible
from driftkit.sinks.cloudwatch import data_of, refusal
from driftkit.sinks.posting import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftkit.results.facts import Facts
    from driftkit.sinks.posting import Attempts

# That one line may tell.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedMetrics:
    """Log lines from which CloudWatch makes metrics: of Lambda, ECS, EKS, or CloudWatch's agent.

    Attributes:
        log: a file to which lines are added; empty for standard output.
        namespace: of all metrics; empty for those of AWS's monitors.
        endpoint: the dimension Endpoint; empty for the model's name.
        schedule: the dimension MonitoringSchedule; empty for none.
    """

    dated: ClassVar[bool] = False
    log: str = ""
    namespace: str = ""
    endpoint: str = ""
    schedule: str = ""

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return f"emf {self.log}".strip()

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:
        """Writes the metrics of all rows, those of the same dimensions in one line.

        Raises:
            OutputError: the file cannot be written.
        """
        refused = refusal(facts, attempts.now())
        if refused is not None:
            return refused
        namespace, data = data_of(facts, self.namespace, self.endpoint, self.schedule)
        text = "".join(f"{json.dumps(each)}\n" for each in events(facts, namespace, data))
        if self.log:
            _add(Path(self.log), text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
        return Outcome(status="sent")


def _add(file: Path, text: str) -> None:
    try:
        with file.open("a", encoding="ascii") as log:
            log.write(text)
    except OSError as error:
        raise OutputError(
            "lines cannot be added to this file", where=str(file), found=error.strerror
        ) from error


def events(
    facts: Facts, namespace: str, data: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The lines of a run as JSON: at most 100 metrics of one set of dimensions each.

    Args:
        facts: what the run found.
        namespace: of its metrics.
        data: as `data_of` has them.
    """
    by_dimensions: dict[tuple[tuple[str, str], ...], dict[str, Mapping[str, Any]]] = {}
    for each in data:
        of = tuple((dimension["Name"], dimension["Value"]) for dimension in each["Dimensions"])
        by_dimensions.setdefault(of, {})[each["MetricName"]] = each
    for of, found in by_dimensions.items():
        listed = [*found.items()]
        for first in range(0, len(listed), _AT_ONCE):
            some = dict(listed[first : first + _AT_ONCE])
            values = {name: _value(each) for name, each in some.items()}
            about = _metadata(namespace, [name for name, _ in of], some)
            yield {"_aws": about, **values, **dict(of), "driftkit": _found(facts)}


def _metadata(
    namespace: str, dimensions: list[str], some: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    when = next(iter(some.values()))["Timestamp"]
    directive = {
        "Namespace": namespace,
        "Dimensions": [dimensions],
        "Metrics": [{"Name": name, "Unit": "None"} for name in some],
    }
    return {"Timestamp": round(when.timestamp() * 1000), "CloudWatchMetrics": [directive]}


def _value(datum: Mapping[str, Any]) -> float:
    """The metric's number; of a set of statistics, which the format has not, the mean."""
    if "Value" in datum:
        return float(datum["Value"])
    statistics = datum["StatisticValues"]
    return float(statistics["Sum"] / statistics["SampleCount"])


def _found(facts: Facts) -> dict[str, Any]:
    """What queries of the log may ask for."""
    return {
        "run_id": facts.run_id,
        "monitor": visible(facts.monitor),
        "status": facts.status,
        "rows": facts.rows,
        "violations": len(facts.findings),
    }
