"""The flights and the model of the demo, made once for all of its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("sklearn", reason="the demo's model needs scikit-learn")

from baselines.flights.data import flights, served_rows, training_rows
from baselines.flights.model import train

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    """All flights; the tests are skipped where the package with the data is absent."""
    try:
        return flights()
    except SystemExit as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="session")
def model(table: pd.DataFrame) -> Pipeline:
    return train(training_rows(table))


@pytest.fixture(scope="session")
def october(table: pd.DataFrame) -> pd.DataFrame:
    served = served_rows(table)
    rows: pd.DataFrame = served[served["requested"].dt.month == 10]
    return rows
