"""The monitors as an evaluator of MLflow."""
