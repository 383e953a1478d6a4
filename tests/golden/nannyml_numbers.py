"""Writes what NannyML estimates of its car-loan data in chunks of 5,000 rows, to compare with.

Made with nannyml 0.13.1, pandas 3.1.1, scikit-learn 1.9.1 and Python 3.11, in an environment of its
own: python tests/golden/nannyml_numbers.py FOLDER-OF-CARLOAN nannyml_carloan_cbpe.csv
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

METRICS = ("roc_auc", "f1", "precision", "recall", "specificity", "accuracy", "average_precision")


def main(folder: Path, written: Path) -> None:
    """Estimates reference and analysis, fitted on the reference."""
    # The tests collect this file in environments that do not have it.
    import nannyml  # type: ignore[import-not-found] # noqa: PLC0415

    estimator = nannyml.CBPE(
        problem_type="classification_binary",
        y_pred_proba="y_pred_proba",
        y_pred="y_pred",
        y_true="repaid",
        metrics=[*METRICS],
        chunk_size=5_000,
    )
    reference, analysis = (
        pd.read_csv(folder / f"synthetic_car_loan_{name}.csv.gz")
        for name in ("reference", "analysis")
    )
    estimator.fit(reference)
    found = estimator.estimate(analysis).to_df()
    columns = {
        f"{metric}__{what}": found[(metric, what)].tolist()
        for metric in METRICS
        for what in ("value", "sampling_error")
    }
    pd.DataFrame(columns).to_csv(written, index=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
