"""Distances by other tools' names are these tools' own numbers on the car loan data."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import driftkit
from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.comparison.distributions import Distribution, distribution
from driftkit.comparison.equal_width import doane_edges, sturges_edges

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Golden = Callable[[str], Path]

EVIDENTLY = Path(__file__).with_name("evidently_carloan.csv")
OURS = {"ed": "energy"}
NUMBERS = ("car_value", "debt_to_income_ratio", "driver_tenure", "loan_length", "y_pred_proba")
TEXTS = ("salary_range", "repaid_loan_on_prev_car", "size_of_downpayment", "y_pred")
CHUNK = 5_000
# Evidently adds its series up until terms are below 1e-7.
LOOSE = {"cramer_von_mises": 1e-6}


@cache
def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)


@pytest.fixture
def car_loan(golden: Golden) -> dict[str, pd.DataFrame]:
    named = {
        kind: f"carloan/synthetic_car_loan_{kind}.csv.gz" for kind in ("reference", "analysis")
    }
    return {kind: table(golden(name)) for kind, name in named.items()}


def chunk(rows: pd.DataFrame, index: int) -> pd.DataFrame:
    return rows.iloc[index * CHUNK : (index + 1) * CHUNK]


def numbers(values: Any) -> Distribution:
    found, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    return Distribution(values=found, ranks=counts.cumsum())


def texts(values: pd.Series[Any]) -> dict[str, int]:
    return {str(key): int(count) for key, count in values.value_counts().items()}


def sample(column: pd.Series[Any]) -> Any:
    return numbers(column) if column.name in NUMBERS else texts(column)


def samples(rows: pd.DataFrame) -> dict[str, Any]:
    return {name: sample(rows[name]) for name in (*NUMBERS, *TEXTS)}


def apart(name: str, now: Any, before: Any) -> float:
    of_numbers = isinstance(before, Distribution)
    measure: Any = NUMERICAL[name].numbers if of_numbers else CATEGORICAL[name].categories
    return float(measure(now, before))


def test_every_number_of_nannyml(golden: Golden, car_loan: Mapping[str, pd.DataFrame]) -> None:
    told = table(golden("carloan/nannyml_carloan_univariate_chunk5000.csv"))
    reference = samples(car_loan["reference"])

    for period, rows in told.groupby("chunk__chunk__period"):
        for index, row in enumerate(rows.to_dict("records")):
            now = samples(chunk(car_loan[str(period)], index))
            asked = {each: row[each] for each in row if str(each).endswith("__value")}
            for key, value in asked.items():
                column, method, _ = str(key).split("__")
                found = apart(f"nannyml:{method}", now[column], reference[column])
                assert found == pytest.approx(value, rel=1e-9, abs=1e-12), (period, index, key)


def test_every_number_of_evidently(car_loan: Mapping[str, pd.DataFrame]) -> None:
    with EVIDENTLY.open(encoding="utf-8") as lines:
        told = list(csv.DictReader(lines))
    reference = samples(car_loan["reference"])
    chunks = {
        at: samples(chunk(car_loan["analysis"], int(at))) for at in {r["chunk"] for r in told}
    }

    assert len(told) == 220
    for each in told:
        column, method = each["column"], each["method"]
        name = f"evidently:{OURS.get(method, method)}"
        found = apart(name, chunks[each["chunk"]][column], reference[column])
        expected = pytest.approx(float(each["value"]), rel=1e-9, abs=LOOSE.get(method, 1e-9))
        assert found == expected, each


@pytest.mark.parametrize("index", [0, 9])
def test_public_calls_count_every_number_of_data(
    index: int, golden: Golden, car_loan: Mapping[str, pd.DataFrame]
) -> None:
    columns = ["car_value", "salary_range"]
    now = chunk(car_loan["analysis"], index)[columns]
    told = table(golden("carloan/nannyml_carloan_univariate_chunk5000.csv"))
    row = told[told["chunk__chunk__period"] == "analysis"].iloc[index]

    found = driftkit.data_quality.distances(
        now, car_loan["reference"][columns], names=["NannyML:*"]
    ).found

    assert len(found) == 8
    for each in found:
        expected = row[f"{each.feature}__{str(each.distance).partition(':')[2]}__value"]
        assert each.value == pytest.approx(expected, rel=1e-9)


# How far a sketch of 50,000 rows is off at most, as the page says: of values up to 1, and of greater ones.
OFF = {
    "evidently:psi": 0.011,
    "evidently:kl_div": 0.011,
    "evidently:jensenshannon": 0.003,
    "evidently:hellinger": 0.009,
    "evidently:wasserstein": 0.0015,
    "nannyml:jensen_shannon": 0.0095,
    "nannyml:hellinger": 0.009,
    "nannyml:kolmogorov_smirnov": 0.001,
    "azure:psi": 0.005,
    "azure:jensen_shannon": 0.004,
    "azure:wasserstein": 0.0015,
    "databricks:ks_test": 0.001,
}


def test_sketches_are_off_by_no_more_than_the_page_says(
    car_loan: Mapping[str, pd.DataFrame],
) -> None:
    columns = ["car_value", "debt_to_income_ratio", "loan_length", "y_pred_proba"]
    reference = car_loan["reference"][columns]
    sketched = driftkit.data_quality.baseline(reference)
    page = (Path(__file__).resolve().parents[3] / "docs" / "distances.md").read_text("utf-8")

    for index in (2, 5):
        now = chunk(car_loan["analysis"], index)[columns]
        result = driftkit.data_quality.monitor(now, sketched)
        for row in result.distances_table([*OFF]).to_dict("records"):
            name = row["distance"]
            exact = apart(name, *(numbers(each[row["feature"]]) for each in (now, reference)))
            assert row["value"] == pytest.approx(exact, abs=OFF[name]), row
    for name, most in OFF.items():
        assert f"| {name} | {most:g} |" in page


@pytest.mark.parametrize("kind", ["sturges", "doane"])
@pytest.mark.parametrize(
    "values", [[1.0, 2.0, 2.5, 9.0], [3.0], [3.0, 4.0], [7.0] * 9, [*range(40)]]
)
def test_edges_are_numpys(kind: str, values: list[float]) -> None:
    whole = kind == "sturges" and all(float(each).is_integer() for each in values)
    expected = np.histogram_bin_edges(np.array(values, dtype=np.int64 if whole else float), kind)

    sample = numbers(values)
    found = doane_edges(sample) if kind == "doane" else sturges_edges(sample.values, len(values))

    assert found == pytest.approx(expected, rel=1e-12)


def test_small_samples_have_the_exact_p_value_of_scipy() -> None:
    random = np.random.default_rng(2)
    now, before = random.normal(0.4, size=80), random.normal(size=120)

    found = NUMERICAL["evidently:ks"].numbers
    assert found
    assert found(numbers(now), numbers(before)) == stats.ks_2samp(before, now).pvalue


def test_azures_index_counts_a_row_more_in_every_bin() -> None:
    now, before = numbers([0.0] * 2 + [10.0] * 6), numbers([0.0] * 8 + [10.0] * 8)

    found = NUMERICAL["azure:psi"].numbers

    # Of 8 rows 4 bins.
    q, p = np.array([3, 1, 1, 7]) / 12, np.array([9, 1, 1, 9]) / 20
    assert found
    assert found(now, before) == pytest.approx(((q - p) * np.log(q / p)).sum(), rel=1e-12)


def test_a_value_that_evidently_never_saw_is_certain_drift() -> None:
    found = CATEGORICAL["evidently:chisquare"].categories

    assert found
    assert found({"a": 50, "b": 1}, {"a": 100}) == 0.0


def test_numbers_of_few_rows_are_compared_as_they_are() -> None:
    """Below 10,000 rows of the reference NannyML has no bins."""
    random = np.random.default_rng(4)
    now, before = random.gamma(2.0, size=200), random.gamma(2.5, size=900)
    sketches = [distribution([each.tolist()], distinct_ranks=False) for each in (now, before)]

    area, gap = (
        NUMERICAL[f"nannyml:{name}"].numbers for name in ("wasserstein", "kolmogorov_smirnov")
    )

    assert area
    assert gap
    assert area(*sketches) == pytest.approx(stats.wasserstein_distance(now, before), rel=1e-12)
    assert gap(*sketches) == pytest.approx(stats.ks_2samp(now, before).statistic, rel=1e-12)
