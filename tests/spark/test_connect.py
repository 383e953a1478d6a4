"""On Spark Connect the monitors say what they say in this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

pytest.importorskip("pyspark")
pytest.importorskip("grpc", reason="Spark Connect needs grpcio")

import pyspark

import driftkit
from driftkit.compute import runtime
from tests.spark.on_connect import BIAS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(
        pyspark.__version__.startswith("3."), reason="Spark 3.5's server is a jar of its own"
    ),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process with a session of Spark Connect found out."""
    if runtime.java_home() is None:
        pytest.skip("there is no Java")
    folder = tmp_path_factory.mktemp("connect")
    said = ended(folder)
    assert (folder / "answers.json").exists(), said[-3000:]
    found: dict[str, Any] = json.loads((folder / "answers.json").read_text())
    return found


def ended(folder: Path) -> str:
    # Spark's own switch for a free port: another run of the tests on this machine has a server, too.
    added = {"PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_TESTING": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.spark.on_connect", str(folder)],
        cwd=ROOT,
        env={**os.environ, **runtime.session_environment(), **added},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def table() -> pa.Table:
    numbers = range(600)
    return pa.table(
        {
            "id": numbers,
            "text": [str(n % 7) for n in numbers],
            "number": [None if n % 5 == 0 else n * 0.25 for n in numbers],
        }
    )


def test_a_frame_has_the_baseline_of_its_rows(answers: dict[str, Any], table: pa.Table) -> None:
    at_once = driftkit.data_quality.baseline(table, runner="local")

    assert not answers["classic"]
    assert answers["engines"] == ["scan on Spark"] * 2
    assert answers["rows"] == 600
    assert as_json(answers["constraints.json"][0]) == as_json(at_once.files["constraints.json"])


def test_files_have_the_constraints_of_the_frame(answers: dict[str, Any]) -> None:
    of_frame, of_files = answers["constraints.json"]

    assert of_files == of_frame


def test_a_window_has_the_violations_of_its_rows(answers: dict[str, Any], table: pa.Table) -> None:
    normal = driftkit.data_quality.baseline(table, runner="local")
    later = [None if n is None else n + 500 for n in table["number"].to_pylist()]
    window = table.set_column(2, "number", pa.array(later))

    result = driftkit.data_quality.monitor(window, normal, runner="local")

    expected = [[each.feature_name, each.constraint_check_type] for each in result.violations]
    assert answers["violations"] == expected
    assert ["number", "baseline_drift_check"] in expected


def test_bias_is_that_of_the_rows(answers: dict[str, Any], table: pa.Table) -> None:
    here = driftkit.bias.baseline(table, analysis_config=BIAS, runner="local")

    assert answers["analysis.json"] == as_json(here.files["analysis.json"])


def test_steps_of_pipelines_are_compared_by_rows(answers: dict[str, Any]) -> None:
    assert answers["steps"] == [[0.25, None]]


def test_failures_are_one_sentence(answers: dict[str, Any]) -> None:
    assert "no such row" in answers["failure"]
    assert "--runner local" in answers["model quality"]


def as_json(content: Any) -> Any:
    return json.loads(json.dumps(content))
