"""Writes what Evidently says of the car loan data into the file beside this one.

Run by hand in an environment of its own, which has evidently 0.7.23 and pandas 2.3 (it does not
load with pandas 3): `python make_evidently_carloan.py REFERENCE.csv.gz ANALYSIS.csv.gz >
evidently_carloan.csv`, with the two tables of the NannyML package.
"""

from __future__ import annotations

import csv
import sys
from importlib import import_module
from typing import Any

import pandas as pd

CHUNK = 5_000
CHUNKS = (0, 4, 5, 9)
NUMBERS = dict.fromkeys(
    ("car_value", "debt_to_income_ratio", "driver_tenure", "loan_length", "y_pred_proba"),
    ("psi", "kl_div", "jensenshannon", "hellinger", "wasserstein", "ed", "ks", "cramer_von_mises"),
)
TEXTS = dict.fromkeys(
    ("salary_range", "repaid_loan_on_prev_car", "size_of_downpayment"),
    ("psi", "kl_div", "jensenshannon", "hellinger", "chisquare"),
)


def told(reference: pd.DataFrame, analysis: pd.DataFrame) -> list[dict[str, Any]]:
    """One row a chunk, column and method."""
    registry = import_module("evidently.legacy.calculations.stattests")
    kinds = import_module("evidently.legacy.core").ColumnType

    rows = []
    for index in CHUNKS:
        chunk = analysis.iloc[index * CHUNK : (index + 1) * CHUNK]
        for kind, columns in ((kinds.Numerical, NUMBERS), (kinds.Categorical, TEXTS)):
            for column, methods in columns.items():
                for method in methods:
                    before, now = (each[column].dropna().copy() for each in (reference, chunk))
                    test = registry.registry.get_stattest(before, now, kind, method)
                    value = float(test(before, now, kind, None).drift_score)
                    rows.append(
                        {
                            "chunk": index,
                            "column": column,
                            "method": method,
                            "value": f"{value:.12g}",
                        }
                    )
    return rows


if __name__ == "__main__":
    table = csv.DictWriter(sys.stdout, ("chunk", "column", "method", "value"), lineterminator="\n")
    table.writeheader()
    table.writerows(told(*map(pd.read_csv, sys.argv[1:])))
