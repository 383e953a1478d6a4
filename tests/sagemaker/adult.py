"""The adult data of Clarify's golden runs as a job's files: rows, model, configuration."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.sagemaker.box import Box

MODEL = "/opt/ml/processing/input/model/model.py"
CONFIG = "/opt/ml/processing/input/config/analysis_config.json"
DATA = "/opt/ml/processing/input/data/validation.jsonl"
_SCRIPT = """import numpy as np

def predict(table):
    return 1 / (1 + np.exp(-(np.asarray(table, dtype=float) @ np.array({weights}) + {bias})))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adult:
    """What is known of the runs.

    Attributes:
        known: the golden file.
    """

    known: dict[str, Any]

    @property
    def rows(self) -> list[list[float]]:
        """Features of the validation set."""
        return [row["features"] for row in self.known["validation"]]

    def config(self, **methods: Any) -> dict[str, Any]:
        """A processing job's configuration for the validation set."""
        return {
            "version": "1.0",
            "dataset_type": "application/jsonlines",
            "headers": [*self.known["headers"], "Target"],
            "features": "features",
            "label": "label",
            "methods": methods,
        }

    def shap(self, **more: Any) -> dict[str, Any]:
        """Clarify's settings in these runs."""
        return {
            "baseline": [self.known["shap_baseline"]],
            "num_samples": 100,
            "agg_method": "mean_abs",
            **more,
        }

    def put(self, box: Box, config: dict[str, Any], weights: Iterable[float] | None = None) -> None:
        """Writes a job's files: configuration, rows, and the model, which may be another."""
        model = self.known["model"]
        given = model["weights"] if weights is None else list(weights)
        box.put(MODEL, _SCRIPT.format(weights=given, bias=model["bias"]))
        box.put(CONFIG, json.dumps(config))
        box.put_lines(DATA, self.known["validation"])

    def printed(self, run: str) -> dict[str, Any]:
        """The only label's explanation in a run of AWS."""
        found = self.known["aws_shap_analysis"][run]["explanations"]["kernel_shap"]
        (label,) = found.values()
        return dict(label)

    def score(self, row: list[float]) -> float:
        """What the model answers."""
        model = self.known["model"]
        total = sum(map(float.__mul__, map(float, row), model["weights"])) + model["bias"]
        return 1 / (1 + math.exp(-total))

    def answer_lines(self, body: bytes) -> bytes:
        """The model behind an endpoint of JSON Lines."""
        rows = [json.loads(line)["features"] for line in body.splitlines()]
        lines = [json.dumps({"score": self.score(row)}) for row in rows]
        return "\n".join(lines).encode()
