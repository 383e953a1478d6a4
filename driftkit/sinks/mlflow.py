"""Records runs in MLflow: numbers, tags and files, one run of MLflow's for each of driftkit's."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import EngineError, visible
from driftkit.extras import library
from driftkit.results.contract import about
from driftkit.sinks.posting import Outcome, silent
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts
    from driftkit.sinks.posting import Attempts

_RUN_ID, _STATUS = "driftkit.run_id", "driftkit.status"
_AT_ONCE, KEY = 1000, 250
_REFUSED = re.compile(r"[^\w.\- :]")
_FILES = ("*.json", "report.html", "features.csv")
# Of whoever runs driftkit, not of MLflow: short waits, and nothing sent to anyone else.
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ALLOW_HTTP_REDIRECTS": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MLflow:
    """A tracking server or database of MLflow.

    Attributes:
        tracking_uri: its address, or a reference to it; empty for what MLFLOW_TRACKING_URI says.
        experiment: its name; empty for driftkit/ and the model's name.
        model_version: NAME/VERSION of a registered model that is tagged with the status; empty
            for none.
    """

    dated: ClassVar[bool] = True
    tracking_uri: str = ""
    experiment: str = ""
    model_version: str = ""

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return named("mlflow", self.tracking_uri) if self.tracking_uri else "mlflow"

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:  # noqa: ARG002  (tries by itself)
        """Records the run; a run that is recorded already is brought up to date.

        Raises:
            SettingsError: MLflow is not installed.
            EngineError: it does not take what it is given.
        """
        with _quiet():
            mlflow = library("mlflow", "mlflow", "a sink of this kind")
            try:
                client = mlflow.MlflowClient(look_up(self.tracking_uri) or None)
                experiment = _experiment(
                    client, self.experiment or f"driftkit/{facts.subject.model}"
                )
                _record(client, experiment, facts)
                name, _, version = self.model_version.rpartition("/")
                if name:
                    client.set_model_version_tag(name, version, _STATUS, facts.status)
            except mlflow.exceptions.MlflowException as error:
                # Not its words, which may repeat what it was given.
                raise EngineError("MLflow does not take the run", found=error.error_code) from error
        return Outcome(status="sent")


def _experiment(client: Any, name: str) -> str:
    found = client.get_experiment_by_name(visible(name))
    if found is None:
        try:
            return str(client.create_experiment(visible(name)))
        except Exception:
            # Another run may have made it meanwhile.
            found = client.get_experiment_by_name(visible(name))
            if found is None:
                raise
    return str(found.experiment_id)


def _record(client: Any, experiment: str, facts: Facts) -> None:
    start, end = (_milliseconds(facts, each) for each in (facts.subject.start, facts.subject.end))
    known = client.search_runs([experiment], f"tags.`{_RUN_ID}` = '{facts.run_id}'", max_results=1)
    tags = _tags(facts)
    if known:
        run = known[0].info.run_id
    else:
        made = client.create_run(experiment, start, {_RUN_ID: tags[_RUN_ID]}, _run_name(facts))
        run = made.info.run_id
    rows = keys_of(facts)
    _log(client, run, rows, tags, end)
    client.log_text(run, _table(rows), "metrics.csv")
    for file in _files(facts):
        client.log_artifact(run, str(file))
    client.set_terminated(run, "FINISHED", end)


def _log(
    client: Any, run: str, rows: dict[str, Metric | float], tags: dict[str, str], end: int
) -> None:
    from mlflow.entities import Metric as Logged  # noqa: PLC0415
    from mlflow.entities import RunTag  # noqa: PLC0415

    values = {key: each if isinstance(each, float) else each.value for key, each in rows.items()}
    logged = [Logged(key, value, end, end // 60_000) for key, value in values.items()]
    log_metrics(client, run, logged)
    client.log_batch(run, tags=[RunTag(name, text) for name, text in tags.items()])


def log_metrics(client: Any, run: str, logged: Sequence[Any]) -> None:
    """Logs metrics, as many at a time as MLflow takes.

    Args:
        client: of MLflow.
        run: its id there.
        logged: MLflow's own metrics.
    """
    for first in range(0, len(logged), _AT_ONCE):
        client.log_batch(run, logged[first : first + _AT_ONCE])


def keys_of(facts: Facts) -> dict[str, Metric | float]:
    """The numbers of a run by the keys that MLflow takes, those of all rows alone.

    Args:
        facts: what the run found.
    """
    rows: dict[str, Metric | float] = {"violations": float(len(facts.findings))}
    rows |= {} if facts.rows is None else {"rows": float(facts.rows)}
    return {**keys_of_metrics(facts.metrics), **rows}


def keys_of_metrics(metrics: Iterable[Metric]) -> dict[str, Metric]:
    """The metrics of all rows that have a value, by the keys that MLflow takes.

    Args:
        metrics: of a run.
    """
    rows: dict[str, Metric] = {}
    for each in metrics:
        known = each.value is not None and math.isfinite(each.value)
        if known and each.segment is None and each.group != "profile":
            rows.setdefault(_key(each), each)
    return rows


def _key(metric: Metric) -> str:
    """The metric's key, ended by a digest where not all of its name can be part of it.

    >>> from driftkit.results.contract import Metric
    >>> _key(Metric(group="quality", name="auc", value=0.9))
    'quality.auc'
    >>> _key(Metric(group="drift", name="distance", feature="a[0]", value=0.1))
    'drift.distance.a_0_.1f442c'
    """
    of_drift = metric.group == "drift"
    name = metric.dimensions.get("method", metric.name) if of_drift else metric.name
    parts = [metric.group, name, (metric.feature or "") if of_drift else about(metric)]
    text = ".".join(each for each in parts if each)
    plain = _REFUSED.sub("_", text)
    if plain == text and len(text) <= KEY:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:6]
    return f"{plain[: KEY - 7]}.{digest}"


def _tags(facts: Facts) -> dict[str, str]:
    of = facts.subject
    tags = {
        _RUN_ID: facts.run_id,
        _STATUS: facts.status,
        "driftkit.monitor": facts.monitor,
        "driftkit.variant": of.variant,
        "driftkit.window_start": of.start.isoformat() if of.start else "",
        "driftkit.window_end": of.end.isoformat() if of.end else "",
        "driftkit.report": facts.report_uri or "",
        "mlflow.source.name": "driftkit",
    }
    return {name: visible(text) for name, text in tags.items() if text}


def _run_name(facts: Facts) -> str:
    when = facts.subject.start or facts.evaluated_at
    return f"{facts.monitor} {when:%Y-%m-%d %H:%M}"


def _milliseconds(facts: Facts, time: Any) -> int:
    return int((time or facts.evaluated_at).timestamp() * 1000)


def _table(rows: dict[str, Metric | float]) -> str:
    """The key of every metric with the names that it is made of."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(
        ["key", "group", "metric", "feature", "about", "value", "threshold", "violated"]
    )
    for key, each in rows.items():
        if not isinstance(each, float):
            texts = (each.group, each.name, each.feature or "", about(each))
            named = [visible(text) for text in texts]
            writer.writerow([key, *named, each.value, each.threshold, each.violated])
    return written.getvalue()


def _files(facts: Facts) -> list[Path]:
    """The files of the run that are on this machine."""
    if facts.output_uri is None or "://" in facts.output_uri:
        return []
    folder = Path(facts.output_uri)
    return sorted(file for each in _FILES for file in folder.glob(each))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps MLflow from waiting long, from telling others, and from talking between our lines."""
    added = _ENVIRONMENT.keys() - os.environ.keys()
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        with silent("mlflow", "alembic", "urllib3"):
            yield
    finally:
        for name in added:
            os.environ.pop(name, None)
