"""Runs in a database of MLflow, read back by its client."""

from __future__ import annotations

import csv
import io
import math
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.results.contract import Metric
from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_facts
from tests.sinks.windows import finding, measured, window

if TYPE_CHECKING:
    from pathlib import Path

mlflow = pytest.importorskip("mlflow", reason="needs MLflow")
# Those that MLflow refuses, and one too long.
NAMES = ('a"b', "a[0]", "a=b", "a/../b", "/a", "", "größe", "x" * 400, "x" * 401)
FACTS = window(
    1,
    finding(),
    metrics=(
        replace(measured(0.4), dimensions={"method": "Robust"}),
        *(measured(0.2, feature=each) for each in NAMES),
        Metric(group="quality", name="recall", value=0.8),
        Metric(group="quality", name="auc", value=math.nan),
        Metric(
            group="bias",
            name="DI",
            value=0.9,
            dimensions={"stage": "pre_training", "facet": "sex", "facet_value": "f"},
        ),
        Metric(group="bias", name="TE", value=math.inf, dimensions={"facet": "sex"}),
        replace(measured(0.3), segment="country=DE"),
    ),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without runs, which takes MLflow seconds to make."""
    folder = tmp_path_factory.mktemp("mlflow")
    mlflow.MlflowClient(f"sqlite:///{folder}/empty.db").search_experiments()
    return folder / "empty.db"


@pytest.fixture
def database(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    # Artifacts of a database are beside whoever writes them.
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow.db"


def sent(facts: Any, spec: str) -> list[str]:
    return send_facts(facts, [facts_sink_of_spec(spec)])


def runs(database: str, experiment: str = "driftkit/churn") -> list[Any]:
    client = mlflow.MlflowClient(database)
    found: list[Any] = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    return found


def test_a_run_has_numbers_tags_and_files(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    for name in ("statistics.json", "report.html", "states.arrow"):
        (tmp_path / "out" / name).write_text("{}")

    assert sent(replace(FACTS, output_uri=f"{tmp_path}/out"), f"mlflow:{database}") == []
    assert capfd.readouterr().err == ""

    (run,) = runs(database)
    end = int(FACTS.evaluated_at.timestamp() * 1000)
    assert (run.info.start_time, run.info.end_time) == (end - 3_600_000, end)
    assert run.info.status == "FINISHED"
    assert run.data.tags["driftkit.status"] == "violated"
    assert run.data.tags["driftkit.window_end"] == "2026-11-01T02:00:00+00:00"
    short = {key: value for key, value in run.data.metrics.items() if "distance" not in key}
    assert short == {
        "violations": 1,
        "rows": 100,
        "drift.Robust.age": 0.4,
        "quality.recall": 0.8,
        "bias.DI.sex f": 0.9,
    }
    assert len(run.data.metrics) - len(short) == len(NAMES)
    client = mlflow.MlflowClient(database)
    files = {each.path for each in client.list_artifacts(run.info.run_id)}
    assert files == {"statistics.json", "report.html", "metrics.csv"}
    (point,) = client.get_metric_history(run.info.run_id, "drift.Robust.age")
    assert (point.timestamp, point.step) == (end, end // 60_000)
    table = csv.DictReader(
        io.StringIO(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/metrics.csv"))
    )
    assert {row["feature"] for row in table} == {"age", *NAMES}


def test_the_same_run_is_recorded_once(database: str) -> None:
    for _ in range(2):
        assert sent(FACTS, f"mlflow:{database} experiment=drift") == []

    (run,) = runs(database, "drift")
    assert len(mlflow.MlflowClient(database).get_metric_history(run.info.run_id, "rows")) == 1


def test_thousands_of_columns_are_recorded(database: str) -> None:
    facts = window(0, metrics=tuple(measured(0.1, feature=f"f{index}") for index in range(2500)))

    assert sent(facts, f"mlflow:{database}") == []

    assert len(runs(database)[0].data.metrics) == 2502


def test_a_registered_version_is_tagged(database: str) -> None:
    client = mlflow.MlflowClient(database)
    client.create_registered_model("churn")
    client.create_model_version("churn", "somewhere")

    assert sent(FACTS, f"mlflow:{database} model_version=churn/1") == []

    assert client.get_model_version("churn", "1").tags == {"driftkit.status": "violated"}


def test_what_is_not_recorded_is_said(
    free_port: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACKING", f"http://user:canary@127.0.0.1:{free_port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    (line,) = sent(FACTS, "mlflow:${env:TRACKING}")

    assert line == (
        "not sent to mlflow ${env:TRACKING}: MLflow does not take the run (found: INTERNAL_ERROR)."
    )
    assert capfd.readouterr().err == ""
