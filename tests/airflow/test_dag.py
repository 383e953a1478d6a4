"""The DAG of docs/examples under Apache Airflow: it imports, and its commands are driftkit's."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

pytest.importorskip("airflow", reason="Airflow has an environment of its own: make airflow")

import typer.main
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import TimeRestriction

from driftkit.cli import app
from driftkit.cli.monitors import VIOLATIONS_FOUND
from driftkit.formats.deployment.verdict import Answer

pytestmark = pytest.mark.airflow

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
RENDERED = {
    "data_interval_start | ts": "2026-11-22T13:00:00+00:00",
    "data_interval_end | ts": "2026-11-22T14:00:00+00:00",
    "ts_nodash": "20261122T130000",
    "ds_nodash": "20261122",
}

RENDERED_WINDOW = "2026-11-22T13:00:00+00:00/2026-11-22T14:00:00+00:00"


@pytest.fixture(scope="module")
def bag() -> Any:
    return DagBag(EXAMPLES)


def test_the_file_imports(bag: Any) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == [
        "driftkit_data_quality",
        "driftkit_deployment",
        "driftkit_model_quality",
        "driftkit_run",
    ]


def test_a_verdict_is_the_name_of_a_task_behind_the_branch(bag: Any) -> None:
    dag = bag.dags["driftkit_deployment"]

    assert dag.get_task("branch").downstream_task_ids == set(get_args(Answer))


def test_predictions_are_judged_after_they_were_merged(bag: Any) -> None:
    dag = bag.dags["driftkit_model_quality"]

    assert dag.get_task("monitor").upstream_task_ids == {"merge"}


def test_violations_skip_what_is_behind_them(bag: Any) -> None:
    monitors = bag.dags["driftkit_run"].get_task("monitors")

    assert monitors.skip_on_exit_code == [VIOLATIONS_FOUND]
    assert monitors.downstream_task_ids == {"publish"}
    assert parsed(monitors)[1]["window"] == RENDERED_WINDOW


@pytest.mark.parametrize(
    ("dag", "window"),
    [
        ("driftkit_data_quality", timedelta(hours=1)),
        ("driftkit_model_quality", timedelta(days=1)),
    ],
)
def test_windows_follow_each_other(bag: Any, dag: str, window: timedelta) -> None:
    timetable = coerce_to_core_timetable(bag.dags[dag].timetable)
    since = TimeRestriction(bag.dags[dag].start_date, None, catchup=True)

    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=since)
    assert first is not None
    second = timetable.next_dagrun_info(
        last_automated_data_interval=first.data_interval, restriction=since
    )

    assert second is not None
    assert first.data_interval.end - first.data_interval.start == window
    assert second.data_interval.start == first.data_interval.end


@pytest.mark.parametrize(
    ("dag", "task", "command"),
    [
        ("driftkit_data_quality", "monitor", ["data-quality", "monitor"]),
        ("driftkit_model_quality", "merge", ["merge"]),
        ("driftkit_model_quality", "monitor", ["model-quality", "monitor"]),
    ],
)
def test_its_commands_are_understood(bag: Any, dag: str, task: str, command: list[str]) -> None:
    path, options = parsed(bag.dags[dag].get_task(task))

    assert path == command
    assert options["start"] == "2026-11-22T13:00:00+00:00"


def parsed(task: Any) -> tuple[list[str], dict[str, Any]]:
    """The command of driftkit's that a task runs, and its parameters."""
    words = shlex.split(
        re.sub(r"\{\{ (.+?) \}\}", lambda found: RENDERED[found[1]], task.bash_command)
    )
    assert words[0] == "driftkit"
    return _parsed(words[1:])


def _parsed(words: list[str]) -> tuple[list[str], dict[str, Any]]:
    """The command and its parameters; leaves with 2 if an option is unknown."""
    group: Any = typer.main.get_command(app)
    path: list[str] = []
    while hasattr(group, "commands"):
        path.append(words[0])
        group, words = group.commands[words[0]], words[1:]
    return path, group.make_context(path[-1], words).params


def test_the_dag_of_a_configuration_imports(tmp_path: Path) -> None:
    from driftkit.configuration.opening import opened  # noqa: PLC0415
    from driftkit.configuration.schedules import printed  # noqa: PLC0415

    schedule = opened(EXAMPLES / "driftkit.yml", environment={}).configuration.schedule
    text = printed("airflow", "churn", schedule, "/opt/{{ 1 }}/driftkit.yml")
    (tmp_path / "dag.py").write_text(text)

    found = DagBag(tmp_path)

    assert found.import_errors == {}
    (task,) = found.dags["driftkit_churn"].tasks
    assert task.skip_on_exit_code == [VIOLATIONS_FOUND]
    assert "driftkit run '/opt/{{ 1 }}/driftkit.yml' --fail-on-violations" in task.bash_command
