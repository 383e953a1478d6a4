"""What each monitor finds in merged records, and in a table of the same rows, as plain numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

import driftkit
from tests.monitors.record_kinds import ANSWERED, SENT, TRUTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.monitors.record_kinds import Kind, Row

THRESHOLD = 0.5
BIAS: dict[str, Any] = {
    "label": "label",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "z", "value_or_threshold": [1]}],
    "probability_threshold": THRESHOLD,
}
MODEL = "def predict(table):\n    return 4 * table['x'] + table['z']\n"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a monitor found.

    Attributes:
        rows: that it counted.
        numbers: that it computed of them.
        rejected: reasons for which it set records aside, with their numbers.
    """

    rows: int
    numbers: dict[str, Any]
    rejected: dict[str, int]


class Monitor(Protocol):
    """A monitor, as the contract sees it."""

    @property
    def reads(self) -> frozenset[str]:
        """The parts of a record that it reads."""

    def of_records(self, source: Path, kind: Kind, **settings: Any) -> Found:
        """What it finds in records of a kind."""

    def of_table(self, rows: Sequence[Row]) -> Found:
        """What it finds in a table of rows."""


def _found(result: Any, numbers: dict[str, Any]) -> Found:
    return Found(rows=result.run.rows, numbers=numbers, rejected=dict(result.run.rejected.counts))


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a data frame."""
    return pd.DataFrame(rows, columns=["x", "z", "score", "label"])


class DataQuality:
    """Statistics of what was sent and answered."""

    reads = frozenset({SENT, ANSWERED})

    def of_records(self, source: Path, kind: Kind, **settings: Any) -> Found:
        """What it finds in records of a kind."""
        result = driftkit.data_quality.baseline(source, engine="scan", **settings)
        return _found(result, self._numbers(result, kind.columns))

    def of_table(self, rows: Sequence[Row]) -> Found:
        """What it finds in a table of rows."""
        result = driftkit.data_quality.baseline(frame(rows), engine="scan", runner="local")
        return _found(result, self._numbers(result, ("x", "z", "score")))

    @staticmethod
    def _numbers(result: Any, names: tuple[str, str, str]) -> dict[str, Any]:
        features = {each["name"]: each for each in result.files["statistics.json"]["features"]}
        return {
            f"{field} {number}": features[name]["numerical_statistics"][number]
            for field, name in zip(("x", "z", "score"), names, strict=True)
            for number in ("mean", "sum", "std_dev", "min", "max")
        }


class ModelQuality:
    """How far answers are from the truth."""

    reads = frozenset({ANSWERED, TRUTH})

    def of_records(self, source: Path, kind: Kind, **settings: Any) -> Found:
        """What it finds in records of a kind."""
        place = "0" if kind.joined is None else "2"
        return self._judged(
            source,
            inference_attribute=kind.score or place,
            ground_truth_attribute=kind.label,
            **settings,
        )

    def of_table(self, rows: Sequence[Row]) -> Found:
        """What it finds in a table of rows."""
        return self._judged(frame(rows), inference_attribute="score", runner="local")

    @staticmethod
    def _judged(data: Any, **settings: Any) -> Found:
        result = driftkit.model_quality.baseline(data, problem_type="Regression", **settings)
        metrics = result.files["statistics.json"]["regression_metrics"]
        return _found(result, {name: each["value"] for name, each in metrics.items()})


class Bias:
    """How groups are treated, by the truth and by what was answered."""

    reads = frozenset({SENT, ANSWERED, TRUTH})

    def of_records(self, source: Path, kind: Kind, **settings: Any) -> Found:
        """What it finds in records of a kind."""
        config = {**BIAS, "headers": ["x", "z", "label"], "label": kind.label or "label"}
        return self._measured(
            source,
            config,
            features_attribute=kind.features,
            probability_attribute=kind.score,
            **settings,
        )

    def of_table(self, rows: Sequence[Row]) -> Found:
        """What it finds in a table of rows."""
        table = frame(rows).drop(columns="score")
        table["predicted"] = [int(row.score > THRESHOLD) for row in rows]
        return self._measured(table, {**BIAS, "predicted_label": "predicted"})

    @staticmethod
    def _measured(data: Any, config: dict[str, Any], **settings: Any) -> Found:
        result = driftkit.bias.baseline(data, analysis_config=config, **settings)
        table = result.metrics_table()
        names = table["stage"] + " " + table["metric"]
        return _found(result, dict(zip(names, table["current"], strict=True)))


@dataclass(frozen=True)
class Attribution:
    """Which features decide.

    Attributes:
        folder: for the model's file.
    """

    folder: Path

    reads = frozenset({SENT, ANSWERED})

    def of_records(self, source: Path, kind: Kind, **settings: Any) -> Found:
        """What it finds in records of a kind."""
        more = {} if kind.features is None else {"features": kind.features}
        return self._explained(source, more, **settings)

    def of_table(self, rows: Sequence[Row]) -> Found:
        """What it finds in a table of rows."""
        return self._explained(frame(rows)[["x", "z"]], {})

    def _explained(self, data: Any, more: dict[str, Any], **settings: Any) -> Found:
        model = self.folder / "model.py"
        model.write_text(MODEL, encoding="utf-8")
        shap = {"baseline": [[0, 0]], "agg_method": "mean_abs", "seed": 1}
        config = {"version": "1.0", "headers": ["x", "z"], "methods": {"shap": shap}, **more}
        result = driftkit.attribution.baseline(data, str(model), analysis_config=config, **settings)
        return _found(result, dict(result.explanations.labels["label0"].global_shap_values))


NAMES = ("data quality", "model quality", "bias", "attribution")


def monitor(name: str, folder: Path) -> Monitor:
    """The monitor of a name."""
    found: dict[str, Monitor] = {
        "data quality": DataQuality(),
        "model quality": ModelQuality(),
        "bias": Bias(),
        "attribution": Attribution(folder),
    }
    return found[name]


def write(path: Path, records: Sequence[Any], *, alike: bool = True) -> Path:
    """Records as lines: all laid out alike, or every other one in another order and with spaces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(each, separators=(",", ":"))
        if alike or number % 2
        else json.dumps(dict(reversed(each.items())))
        for number, each in enumerate(records)
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
