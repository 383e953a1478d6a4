"""Whatever is wrong in a configuration or a baseline ends in an error of ours, or does no harm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import driftkit
from driftkit.errors import FormatError
from driftkit.formats import jackson
from driftkit.monitors.attribution import monitor as attribution
from driftkit.monitors.bias import monitor as bias
from tests.formats.damage import damaged, ours, text_of
from tests.monitors.attribution.data import NAMES
from tests.monitors.attribution.data import rows as attribution_rows
from tests.monitors.bias.tables import configuration, flights_table

if TYPE_CHECKING:
    from pathlib import Path

FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TABLE = {name: column.tolist() for name, column in flights_table(60).items()}
BIAS = configuration(
    version="1.0",
    headers=[str(name) for name in TABLE],
    excluded_columns=["origin"],
    probability_threshold=0.5,
    methods={"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": ["AD"]}},
    predictor={"label": "l", "probability": 0, "label_headers": ["1"]},
)
ROWS = attribution_rows(20)
SHAP: dict[str, Any] = {
    "version": "1.0",
    "headers": [*NAMES],
    "excluded_columns": [],
    "features": "x",
    "methods": {
        "shap": {
            "baseline": [[0, 0, 0.5]],
            "num_clusters": 1,
            "num_samples": 8,
            "agg_method": "median",
            "use_logit": False,
            "save_local_shap_values": True,
            "seed": 1,
            "features_to_explain": ["a", 1, "c"],
        },
        "pdp": {"grid_resolution": 2, "features": ["a"], "top_k_features": 1},
    },
    "predictor": {"label_headers": ["late"], "content_type": "text/csv", "probability": 0},
}


def _model(table: Any) -> Any:
    return np.asarray(table, dtype=float).sum(axis=1)


@FEW
@given(config=damaged(BIAS))
def test_a_configuration_of_bias(config: dict[str, Any]) -> None:
    with ours():
        bias.baseline(TABLE, analysis_config=config, runner="local")


@FEW
@given(config=damaged(SHAP))
def test_a_configuration_of_attributions(config: dict[str, Any]) -> None:
    with ours():
        attribution.baseline(ROWS, _model, analysis_config=config, runner="local")


@pytest.fixture(scope="module")
def learned() -> bias.BiasBaseline:
    return bias.baseline(TABLE, analysis_config=BIAS, runner="local")


@FEW
@given(data=st.data())
@pytest.mark.parametrize("name", ["analysis.json", "intervals.json"])
def test_a_baseline_of_bias(
    learned: bias.BiasBaseline, tmp_path: Path, name: str, data: st.DataObject
) -> None:
    learned.write(tmp_path)
    document = json.loads((tmp_path / name).read_text())
    (tmp_path / name).write_text(text_of(data.draw(damaged(document))))

    with ours():
        normal = bias.BiasBaseline.read(tmp_path)
        normal.metrics_table()
        result = bias.monitor(TABLE, normal, analysis_config=BIAS, runner="local")
        result.violations_table()
        normal.write(tmp_path)


@FEW
@given(data=st.data())
def test_a_baseline_of_attributions(tmp_path: Path, data: st.DataObject) -> None:
    attribution.baseline(ROWS, _model, analysis_config=SHAP, runner="local").write(tmp_path)
    file = tmp_path / "analysis.json"
    file.write_text(text_of(data.draw(damaged(json.loads(file.read_text())))))

    with ours():
        normal = attribution.AttributionBaseline.read(tmp_path)
        normal.values_table()
        result = attribution.monitor(ROWS, normal, _model, analysis_config=SHAP, runner="local")
        result.moved_table()
        normal.write(tmp_path)


@FEW
@given(data=st.data())
@pytest.mark.parametrize("name", ["constraints.json", "statistics.json"])
def test_a_baseline_of_data_quality(tmp_path: Path, name: str, data: st.DataObject) -> None:
    table = {name: TABLE[name] for name in ("carrier", "distance")}
    driftkit.data_quality.baseline(table, runner="local").write(tmp_path)
    document = jackson.loads((tmp_path / name).read_text(), name)
    (tmp_path / name).write_text(text_of(data.draw(damaged(document))))

    with ours():
        files = {each: tmp_path / f"{each}.json" for each in ("constraints", "statistics")}
        normal = driftkit.data_quality.Baseline.read(**files)
        driftkit.data_quality.monitor(table, normal, runner="local")
        normal.write(tmp_path)


@FEW
@given(data=st.data())
@pytest.mark.parametrize("name", ["constraints.json", "statistics.json"])
def test_a_baseline_of_model_quality(tmp_path: Path, name: str, data: st.DataObject) -> None:
    table = {"late": TABLE["late"], "predicted": TABLE["predicted"]}
    told: dict[str, Any] = {
        "problem_type": "BinaryClassification",
        "ground_truth_attribute": "late",
        "inference_attribute": "predicted",
        "runner": "local",
    }
    driftkit.model_quality.baseline(table, **told).write(tmp_path)
    document = jackson.loads((tmp_path / name).read_text(), name)
    (tmp_path / name).write_text(text_of(data.draw(damaged(document))))

    with ours():
        files = {each: tmp_path / f"{each}.json" for each in ("constraints", "statistics")}
        normal = driftkit.model_quality.ModelBaseline.read(**files)
        driftkit.model_quality.monitor(table, normal, **told)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("facets",), [], "intervals.json: facets"),
        (("facets", "pre_training_bias_metrics", "carrier"), {}, "metrics.carrier"),
        ((0, "metrics"), None, "carrier[0].metrics"),
        ((0, "value_or_threshold"), 3, "carrier[0].value_or_threshold"),
        ((0, "metrics", 0, "lower"), "low", "carrier[0].metrics[0].lower"),
        ((0, "metrics", 1, "lower"), 1e9, "carrier[0].metrics[1].lower"),
        ((0, "metrics", 1, "standard_deviation"), -1.0, "standard_deviation"),
        ((0, "metrics", 0, "name"), ..., "carrier[0].metrics[0].name"),
    ],
)
def test_edited_intervals_are_named(
    learned: bias.BiasBaseline, tmp_path: Path, path: tuple[Any, ...], value: Any, said: str
) -> None:
    learned.write(tmp_path)
    file = tmp_path / "intervals.json"
    document = json.loads(file.read_text())
    inner = document if path[0] == "facets" else document["facets"]
    way = path if path[0] == "facets" else ("pre_training_bias_metrics", "carrier", *path)
    for step in way[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    file.write_text(text_of(document))

    with pytest.raises(FormatError) as caught:
        bias.BiasBaseline.read(tmp_path)

    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"facets": ' + '{"a":' * 100_000])
@pytest.mark.parametrize("name", ["analysis.json", "intervals.json", "analysis_config.json"])
def test_files_that_are_nested_too_deep(
    learned: bias.BiasBaseline, tmp_path: Path, name: str, text: str
) -> None:
    learned.write(tmp_path)
    (tmp_path / "analysis_config.json").write_text(text_of(BIAS))
    (tmp_path / name).write_text(text)

    with pytest.raises(FormatError, match=f"{name}: the JSON is nested too deep"):
        bias.monitor(
            TABLE, tmp_path, analysis_config=tmp_path / "analysis_config.json", runner="local"
        )
