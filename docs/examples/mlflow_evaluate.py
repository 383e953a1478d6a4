"""MLflow: a new model is judged by driftkit, and refused where its quality may be below what is asked."""

from __future__ import annotations

import mlflow
import pandas as pd

LABELLED = "labelled.csv"
"""Features, the label, and what the new model predicted."""
BASELINE = "baseline"
"""Of the features, as `driftkit data-quality baseline` wrote it."""


def judged() -> mlflow.models.EvaluationResult:
    """The metrics with their intervals; MLflow keeps them, and the files, in the run."""
    with mlflow.start_run(run_name="candidate"):
        return mlflow.models.evaluate(
            data=pd.read_csv(LABELLED),
            targets="label",
            predictions="predicted",
            model_type="classifier",
            evaluators="driftkit",
            evaluator_config={"data_quality": {"baseline": BASELINE}},
        )


def accept(result: mlflow.models.EvaluationResult) -> None:
    """Raises MLflow's error where the lower end of the accuracy's interval is below 0.8."""
    least = mlflow.models.MetricThreshold(threshold=0.8, greater_is_better=True)
    mlflow.validate_evaluation_results(
        validation_thresholds={"quality.accuracy.lower": least}, candidate_result=result
    )


if __name__ == "__main__":
    accept(judged())
