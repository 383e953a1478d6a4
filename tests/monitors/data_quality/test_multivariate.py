"""Rows told apart by all columns together: against NannyML and scikit-learn, and by what they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import driftkit
from driftkit import InputError, SettingsError
from driftkit.comparison.multivariate import Rows, kernel_discrepancy, reconstruction_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Golden = Callable[[str], Path]

pytestmark = pytest.mark.usefixtures("no_session")
COLUMNS = [
    *("car_value", "salary_range", "debt_to_income_ratio", "loan_length"),
    *("repaid_loan_on_prev_car", "size_of_downpayment", "driver_tenure"),
]
# NannyML 0.13.1, DataReconstructionDriftCalculator(column_names=COLUMNS, chunk_size=5000), of the
# first and of the sixth chunk of its car loan data.
NANNYML = {0: 1.1415167360570921, 5: 1.2492052296390255}
SIMPLE = ["reconstruction", "mmd"]


def correlated(rows: int, correlation: float, seed: int = 0) -> pd.DataFrame:
    """Two numbers and a text with a law of their own that no correlation changes."""
    random = np.random.default_rng(seed)
    law = [[1.0, correlation], [correlation, 1.0]]
    numbers = random.multivariate_normal([0.0, 0.0], law, rows)
    return pd.DataFrame(
        {"a": numbers[:, 0], "b": numbers[:, 1], "c": random.choice(list("xy"), rows)}
    )


def told(*given: Any, **settings: Any) -> dict[str | None, Any]:
    found = driftkit.data_quality.multivariate(*given, **settings).found
    return {each.distance: each for each in found}


@pytest.mark.parametrize("chunk", NANNYML)
def test_the_reconstruction_error_is_nannymls(chunk: int, golden: Golden) -> None:
    reference, analysis = (
        pd.read_csv(golden(f"carloan/synthetic_car_loan_{kind}.csv.gz"), usecols=COLUMNS)
        for kind in ("reference", "analysis")
    )
    window = analysis.iloc[chunk * 5_000 : (chunk + 1) * 5_000]

    found = told(window, reference, tests=["reconstruction"])["reconstruction"]

    assert found.value == pytest.approx(NANNYML[chunk], rel=1e-9)
    assert found.beyond is (chunk == 5)


@pytest.mark.parametrize("columns", [1, 2, 5])
def test_the_components_are_those_of_scikit_learn(columns: int) -> None:
    random = np.random.default_rng(columns)
    before = random.normal(size=(300, columns)) @ random.normal(size=(columns, columns))
    now = random.normal(size=(40, columns))
    scaler = StandardScaler().fit(before)
    pca = PCA(0.65 if columns > 1 else 1).fit(scaler.transform(before))
    scaled = scaler.transform(now)

    found = reconstruction_error(Rows(now=now, before=before, texts=np.zeros(columns, dtype=bool)))

    expected = np.linalg.norm(scaled - pca.inverse_transform(pca.transform(scaled)), axis=1).mean()
    assert found.value == pytest.approx(expected, rel=1e-9, abs=1e-7)


def test_the_discrepancy_is_that_of_all_pairs() -> None:
    random = np.random.default_rng(3)
    now, before = random.normal(0.5, size=(9, 2)), random.normal(size=(12, 2))
    x, y = ((each - before.mean(axis=0)) / before.std(axis=0) for each in (now, before))
    both = np.concatenate([x, y])
    squares = [((p - q) ** 2).sum() for i, p in enumerate(both) for q in both[i + 1 :]]

    def mean(first: Any, second: Any) -> float:
        pairs = [(p, q) for p in first for q in second if p is not q]
        return float(
            np.mean([np.exp(-((p - q) ** 2).sum() / np.median(squares)) for p, q in pairs])
        )

    rows_of = (list(x), list(y))
    expected = mean(rows_of[0], rows_of[0]) + mean(rows_of[1], rows_of[1]) - 2 * mean(*rows_of)
    found = kernel_discrepancy(Rows(now=now, before=before, texts=np.zeros(2, dtype=bool)))
    assert found.value == pytest.approx(expected, rel=1e-9)


def test_columns_that_change_together_are_seen_where_none_alone_is() -> None:
    window, training = correlated(1_500, -0.6), correlated(3_000, 0.6, seed=1)

    alone = driftkit.data_quality.distances(window, training, names="KS").found
    found = told(window, training)

    assert [each.beyond for each in alone] == [False, False]
    assert {name: each.beyond for name, each in found.items()} == {
        "reconstruction": True,
        "mmd": True,
        "domain_classifier": True,
    }
    assert found["domain_classifier"].lower < found["domain_classifier"].value


def test_rows_of_one_law_are_not_told_apart() -> None:
    found = told(correlated(1_000, 0.6), correlated(2_000, 0.6, seed=1))

    assert [each.beyond for each in found.values()] == [False, False, False]
    assert found["domain_classifier"].value == pytest.approx(0.5, abs=0.05)
    assert found["mmd"].lower < 0 < found["mmd"].upper


def test_small_p_values_are_as_rare_as_they_say() -> None:
    texts = np.zeros(3, dtype=bool)
    random = np.random.default_rng(9)
    samples = [random.normal(size=(2, 60, 3)) for _ in range(60)]

    for test in (kernel_discrepancy, reconstruction_error):
        found = [test(Rows(now=a, before=b, texts=texts)).p_value or 0.0 for a, b in samples]
        assert np.mean(np.array(found) < 0.1) < 0.22


@pytest.mark.parametrize("form", ["csv", "arrow"])
def test_new_categories_and_missing_values_are_seen(form: str, tmp_path: Path) -> None:
    window, training = correlated(400, 0.6), correlated(800, 0.6, seed=1)
    window.loc[:150, "c"] = "z"
    window.loc[200:300, "a"] = None
    sides = []
    for name, table in (("window", window), ("training", training)):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        sides.append(tmp_path / f"{name}.csv" if form == "csv" else pa.Table.from_pandas(table))

    found = told(*sides, tests=["domain_classifier", "mmd"])

    assert all(each.beyond for each in found.values())


def test_a_category_of_one_row_is_no_trouble() -> None:
    training = correlated(100, 0.6)
    training.loc[99, "c"] = "rare"

    found = told(correlated(50, 0.6, seed=1), training, tests=SIMPLE)

    assert all(each.p_value > 0.01 for each in found.values())


def test_what_cannot_be_is_one_error() -> None:
    rows = correlated(50, 0.0)
    stream = pa.table(rows).to_reader()

    with pytest.raises(SettingsError, match=r"reconstruction \| mmd \| domain_classifier"):
        told(rows, rows, tests=["pca"])
    with pytest.raises(InputError, match="too few rows"):
        told(rows[:5], rows, tests=SIMPLE)
    with pytest.raises(InputError, match="no column in common"):
        told(rows[["a"]], rows[["b"]], tests=SIMPLE)
    with pytest.raises(InputError, match="cannot be read twice"):
        told(stream, rows, tests=SIMPLE)
