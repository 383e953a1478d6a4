"""Whatever is wrong in what a job was told ends in a message with its place, or does no harm."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.sagemaker import dataset_format
from driftkit.sagemaker.environment import Environment
from driftkit.sagemaker.paths import ContainerPaths
from tests.capture.captures import record
from tests.formats.damage import damaged, ours, text_of
from tests.sagemaker.adult import CONFIG, MODEL
from tests.sagemaker.box import CAPTURE, CSV, HOUR, MERGED, SCHEDULED

if TYPE_CHECKING:
    from tests.sagemaker.box import Box

pytest.importorskip("sklearn", reason="the flip test needs scikit-learn")

FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DATA = "/opt/ml/processing/input/data/rows.csv"
SOURCE = "/opt/ml/processing/input/endpoint"
KEPT = "/opt/ml/processing/baseline/analysis.json"
SCRIPT = (
    "import numpy as np\n\ndef predict(table):\n    return np.asarray(table, float)[:, 1] % 2\n"
)
# What a fault of ours looks like in a message.
PYTHON = re.compile(r"^(AlgorithmError|Error: [A-Z]\w*(Error|Exception)): ")

NUMBERS = np.random.default_rng(1).integers(0, 50, (60, 2)).tolist()
ROWS = [[number % 2, *pair, sum(pair) % 2] for number, pair in enumerate(NUMBERS)]
PROCESSING: dict[str, Any] = {
    "version": "1.0",
    "dataset_type": "text/csv",
    "dataset_uri": "/opt/ml/processing/input/data",
    "headers": ["sex", "age", "hours", "truth"],
    "label": "truth",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [0]}],
    "excluded_columns": [2],
    "probability_threshold": 0.5,
    "methods": {
        "pre_training_bias": {"methods": ["CI", "DPL"]},
        "post_training_bias": {"methods": ["AD", "FT"]},
        "shap": {"baseline": "/opt/ml/processing/input/baseline/b.csv", "num_samples": 8},
        "pdp": {"features": ["age"], "grid_resolution": 2},
        "report": {"name": "report"},
    },
    "predictor": {
        "endpoint_name": "e",
        "initial_instance_count": 1,
        "content_type": "text/csv",
        "label": 0,
        "probability": 1,
        "label_headers": ["1"],
        "driftkit_model": MODEL,
    },
}


def _tell(box: Box, config: dict[str, Any]) -> None:
    box.put(CONFIG, text_of(config))
    box.put(MODEL, SCRIPT)
    box.put(DATA, "".join(f"{','.join(map(str, row))}\n" for row in ROWS))
    box.put("/opt/ml/processing/input/baseline/b.csv", "sex,age\n0,20\n")


def _ended_well(box: Box, code: int) -> None:
    assert code in {0, 255}
    assert not PYTHON.search(box.message), box.message
    if code:
        assert box.outputs == set()
    shutil.rmtree(box.root / "opt/ml/processing/output", ignore_errors=True)


@FEW
@given(config=damaged(PROCESSING))
def test_the_configuration_of_a_processing_job(box: Box, config: dict[str, Any]) -> None:
    _tell(box, config)

    _ended_well(box, box.run({"DRIFTKIT_MODEL": MODEL}))


BIAS: dict[str, Any] = {
    key: PROCESSING[key]
    for key in ("version", "headers", "label", "label_values_or_threshold", "facet", "predictor")
}
SHAP: dict[str, Any] = {
    "headers": ["sex", "age", "hours"],
    "methods": {"shap": {"baseline": [[0, 20, 20]], "num_samples": 8}},
    "predictor": PROCESSING["predictor"],
}
JOBS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "MODEL_BIAS": (
        BIAS,
        {
            "version": "1.0",
            "pre_training_bias_metrics": {
                "label": "truth",
                "label_value_or_threshold": "1",
                "facets": {"sex": [{"value_or_threshold": "0", "metrics": []}]},
            },
        },
    ),
    "MODEL_EXPLAINABILITY": (
        SHAP,
        {
            "version": "1.0",
            "explanations": {
                "kernel_shap": {
                    "label0": {
                        "global_shap_values": {"sex": 0.1, "age": 0.2, "hours": 0.3},
                        "expected_value": 0.5,
                    }
                }
            },
        },
    ),
}


def _scheduled(box: Box, kind: str, config: Any, baseline: Any) -> int:
    _tell(box, config)
    box.put(KEPT, text_of(baseline))
    records = [
        record(",".join(map(str, row[:3])), f"{row[3]},0.5\n")
        | {"groundTruthData": {"data": str(row[3]), "encoding": "CSV"}}
        for row in ROWS
    ]
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", records)
    told = {
        **SCHEDULED,
        "DRIFTKIT_MODEL": MODEL,
        "analysis_type": kind,
        "dataset_source": SOURCE,
        "dataset_format": MERGED if kind == "MODEL_BIAS" else CAPTURE,
        "baseline_constraints": KEPT,
    }
    return box.run(told)


@FEW
@given(data=st.data())
@pytest.mark.parametrize("kind", JOBS)
def test_the_configuration_of_a_schedule(box: Box, kind: str, data: st.DataObject) -> None:
    config, baseline = JOBS[kind]
    if data.draw(st.booleans()):
        config = data.draw(damaged(config))
    else:
        baseline = data.draw(damaged(baseline))

    _ended_well(box, _scheduled(box, kind, config, baseline))


def test_without_damage_all_is_well(box: Box) -> None:
    _tell(box, PROCESSING)
    assert box.run({"DRIFTKIT_MODEL": MODEL}) == 0, box.message

    for kind, (config, baseline) in JOBS.items():
        assert _scheduled(box, kind, config, baseline) == 0, box.message


QUALITY = {
    "evaluate_constraints": "Enabled",
    "emit_metrics": "Enabled",
    "datatype_check_threshold": 1.0,
    "domain_content_threshold": 1.0,
    "distribution_constraints": {
        "perform_comparison": "Enabled",
        "comparison_threshold": 0.1,
        "comparison_method": "Robust",
        "categorical_comparison_threshold": 0.1,
        "categorical_drift_method": "LInfinity",
    },
}


@FEW
@given(config=damaged(QUALITY))
@pytest.mark.parametrize("method", ["", "ChiSquared"])
def test_the_configuration_of_data_quality(box: Box, method: str, config: dict[str, Any]) -> None:
    box.put(DATA, "x,y\n1,a\n2,b\n")
    told = {
        "dataset_source": DATA.rpartition("/")[0],
        "dataset_format": CSV,
        "categorical_drift_method": method,
        "data_quality_monitoring_config": text_of(config),
    }

    _ended_well(box, box.run(told))


@pytest.mark.parametrize("text", [CAPTURE, MERGED, CSV, '{"json": {"lines": true}}'])
@FEW
@given(data=st.data())
def test_the_format_of_the_data(text: str, data: st.DataObject) -> None:
    described = text_of(data.draw(damaged(json.loads(text))))

    with ours():
        dataset_format.read(described)


FILES: dict[str, dict[str, Any]] = {
    "/opt/ml/config/processingjobconfig.json": {
        "ProcessingJobName": "j",
        "Environment": {"dataset_source": "/a", "dataset_format": "{}"},
    },
    "/opt/ml/config/resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1", "b"]},
}


@pytest.mark.parametrize("name", FILES)
@FEW
@given(data=st.data())
def test_the_files_of_the_platform(box: Box, name: str, data: st.DataObject) -> None:
    box.put(name, text_of(data.draw(damaged(FILES[name]))))

    with ours():
        environment = Environment.read({}, ContainerPaths(root=box.root))
        assert environment.hosts[0] in environment.hosts[1]
        assert environment.text("dataset_source") != ""


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"methods": ["shap"]}, "analysis_config.json: methods"),
        ({"methods": {"shap": []}}, "analysis_config.json: methods.shap"),
        ({"predictor": "endpoint"}, "analysis_config.json: predictor"),
        ({"predictor": {"model_name": 3}}, "analysis_config.json: predictor.model_name"),
        ({"predictor": {"label_headers": [[]]}}, "predictor.label_headers[0]"),
        ({"dataset_type": {}}, "analysis_config.json: dataset_type"),
        ({"dataset_uri": 7}, "analysis_config.json: dataset_uri"),
        ({"probability_threshold": "high"}, "analysis_config.json: probability_threshold"),
        ({"label": True}, "analysis_config.json: label"),
        ({"facet": {"name_or_index": []}}, "analysis_config.json: facet[0].name_or_index"),
        ({"excluded_columns": [-1]}, "analysis_config.json: excluded_columns[0]"),
        ({"label_values_or_threshold": [float("inf")]}, "label_values_or_threshold[0]"),
    ],
)
def test_a_value_of_another_type_has_its_place(box: Box, config: dict[str, Any], said: str) -> None:
    _tell(box, PROCESSING | config)

    assert box.run({}) == 255
    assert box.message.startswith("ClientError: ")
    assert said in box.message


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("dataset_format", '{"csv": ' + "[" * 100_000),
        ("data_quality_monitoring_config", '{"a":' * 100_000),
    ],
)
def test_a_variable_that_is_nested_too_deep(box: Box, variable: str, text: str) -> None:
    box.put(DATA, "x,y\n1,a\n2,b\n")
    told = {"dataset_source": DATA.rpartition("/")[0], "dataset_format": CSV}

    assert box.run(told | {variable: text}) == 255
    assert not PYTHON.search(box.message)
    assert variable in box.message


def test_a_configuration_that_is_nested_too_deep(box: Box) -> None:
    _tell(box, PROCESSING)
    box.put(CONFIG, '{"methods": ' + "[" * 100_000)

    assert box.run({}) == 255
    assert "analysis_config.json: the JSON is nested too deep" in box.message
