"""Sound documents of every kind, made by driftkit itself once, for the mutations to begin with."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from driftkit import bias, data_quality, model_quality
from tests.conftest import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DATA: dict[str, list[Any]] = {
    "a": [1, 2, 3, None, 5, 8],
    "b": ["x", "y", "x", "x", None, "y"],
    "c": ["1.5", "2", "3e1", "4", "5", "6"],
}
_FEW = 40
_MOST_BYTES = 60_000
BIAS_CONFIG: dict[str, Any] = {
    "version": "1.0",
    "label": "late",
    "label_values_or_threshold": ["yes"],
    "predicted_label": "said",
    "facet": [{"name_or_index": "carrier", "value_or_threshold": ["B"]}],
    "group_variable": "origin",
    "methods": {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": ["DI"]}},
}
SHAP_CONFIG: dict[str, Any] = {
    "version": "1.0",
    "headers": ["a", "b"],
    "label": "late",
    "predictor": {"content_type": "text/csv", "label": 0, "label_headers": ["x", "y"]},
    "methods": {
        "shap": {
            "baseline": [[0, 0.5]],
            "num_samples": 4,
            "agg_method": "mean_abs",
            "seed": 1,
            "features_to_explain": ["a"],
        },
        "pdp": {"grid_resolution": 3, "features": ["a"], "top_k_features": 1},
    },
}


def bias_rows() -> dict[str, list[str]]:
    """Flights with a facet, a group, a label and a prediction."""
    return {
        "carrier": [*"ABABABCB"] * 5,
        "origin": ["E", "J", "J", "E", "E"] * 8,
        "late": (["yes", "no", "no", "yes", "yes", "no", "no", "no"] * 5),
        "said": ["yes", "yes", "no", "no", "yes"] * 8,
    }


@cache
def documents(kind: str) -> tuple[Any, ...]:
    """Sound documents of a kind; real ones among them, where they are."""
    return tuple(_made()[kind]) + tuple(_golden().get(kind, ()))


@lru_cache(maxsize=1)
def _made() -> Mapping[str, list[Any]]:
    data = data_quality.baseline(_DATA, runner="local", segment_by="b")
    window: dict[str, list[Any]] = {**_DATA, "a": ["x", 2, 3, 4, None, -1], "d": [1] * 6}
    window["a"] = [str(value) for value in window["a"]]
    found = data_quality.monitor(window, data, runner="local")
    model = _model()
    worse = model_quality.monitor(
        {"label": ["1", "0"], "p": ["0", "1"]}, model, runner="local", inference_attribute="p"
    )
    fair = bias.baseline(bias_rows(), analysis_config=BIAS_CONFIG, runner="local")
    unfair = bias.monitor(
        bias_rows(), fair, analysis_config=BIAS_CONFIG, runner="local", dialect="aws"
    )
    of_data, of_model, of_bias = map(_written, (data, model, fair))
    return {
        "constraints": [of_data["constraints.json"]],
        "statistics": [of_data["statistics.json"]],
        "violations": [_written(found)["constraint_violations.json"]],
        "segments": [of_data["segment_constraints.json"]],
        "data baseline": [
            {name: of_data[name] for name in ("constraints.json", "statistics.json")}
        ],
        "model constraints": [of_model["constraints.json"]],
        "model statistics": [of_model["statistics.json"]],
        "model violations": [_written(worse)["constraint_violations.json"]],
        "model baseline": [of_model],
        "analysis": [of_bias["analysis.json"]],
        "bias baseline": [of_bias],
        "bias violations": [_written(unfair)["constraint_violations.json"]],
        "bias run": [BIAS_CONFIG],
        "bias rows": [bias_rows()],
        "bias configuration": [BIAS_CONFIG],
        "attribution configuration": [SHAP_CONFIG],
        **_EXPLAINED,
    }


def _written(found: Any) -> dict[str, Any]:
    """The files of a result, as they are read again."""
    with TemporaryDirectory() as folder:
        found.write(folder)
        return {path.name: json.loads(path.read_bytes()) for path in Path(folder).glob("*.json")}


def _model() -> model_quality.ModelBaseline:
    rows = {"label": ["1", "0", "1", "1"], "p": ["1", "0", "0", "1"], "s": [0.9, 0.2, 0.4, 0.8]}
    return model_quality.baseline(
        rows,
        runner="local",
        problem_type="BinaryClassification",
        inference_attribute="p",
        probability_attribute="s",
    )


_SHAP_VALUES = {"label0": {"global_shap_values": {"a": 0.5, "b": 0.25}, "expected_value": 0.1}}
_EXPLAINED: dict[str, list[Any]] = {
    "explanations": [
        {
            "version": "1.0",
            "explanations": {
                "kernel_shap": _SHAP_VALUES,
                "pdp": [{"feature_name": "a", "label0": {"data_type": "numerical"}}],
            },
        }
    ],
    "attribution violations": [
        {
            "version": "1.0",
            "violations": [
                {
                    "label": "label0",
                    "metric_name": "shap",
                    "constraint_check_type": "feature_attribution_drift_check",
                    "description": "drift",
                }
            ],
        }
    ],
}


@lru_cache(maxsize=1)
def _golden() -> Mapping[str, list[Any]]:
    """Documents that the real containers wrote, by kind; nothing where they are not here."""
    found: dict[str, list[Any]] = {}
    for path in sorted(GOLDEN.rglob("*.json"))[:_FEW]:
        for kind, document in _inside(json.loads(path.read_bytes())):
            if len(json.dumps(document)) < _MOST_BYTES:
                found.setdefault(kind, []).append(document)
    return {kind: some[:4] for kind, some in found.items()}


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """The documents in a file, that may hold several."""
    if isinstance(value, dict):
        kind = _kind(value)
        if kind:
            yield kind, value
            return
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _inside(inner)


def _kind(document: Mapping[str, Any]) -> str | None:
    features = document.get("features")
    if isinstance(features, list) and "monitoring_config" in document:
        return "constraints"
    if isinstance(features, list) and "dataset" in document:
        return "statistics"
    if "pre_training_bias_metrics" in document:
        return "analysis"
    return "explanations" if isinstance(document.get("explanations"), dict) else None


def written_states(folder: Path) -> tuple[bytes, ...]:
    """Kept states: of a table, of segments, and of blocks of time."""
    asked: tuple[dict[str, Any], ...] = ({}, {"segment_by": "b"}, {"time_column": "t"})
    rows = {**_DATA, "t": [f"2024-03-1{day}T10:00:00Z" for day in range(6)]}
    contents = []
    for number, settings in enumerate(asked):
        place = folder / str(number)
        data_quality.baseline(rows, runner="local", **settings).write(place, keep_states=True)
        contents.append((place / "states.arrow").read_bytes())
    return tuple(contents)
