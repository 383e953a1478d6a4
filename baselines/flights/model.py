"""The model that the demo watches: how likely is a flight to leave late, or not at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from baselines.flights.data import CATEGORIES, FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

PREDICTION = "late_probability"


def train(table: pd.DataFrame, features: Sequence[str] = FEATURES) -> Pipeline:
    """A gradient-boosted classifier of `late`; categories it has not seen count as missing.

    Args:
        table: the flights that it learns from.
        features: that it goes by, CATEGORIES the first of them.
    """
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    encoder = make_column_transformer(
        (codes, list(CATEGORIES)), remainder="passthrough", verbose_feature_names_out=False
    )
    trees = HistGradientBoostingClassifier(
        categorical_features=list(range(len(CATEGORIES))),
        max_iter=40,
        min_samples_leaf=200,
        early_stopping=False,
        random_state=0,
    )
    # One thread adds up in the same order on every machine.
    with threadpool_limits(1):
        return make_pipeline(encoder, trees).fit(_inputs(table, features), table["late"])


def predict(
    model: Pipeline, table: pd.DataFrame, features: Sequence[str] = FEATURES
) -> NDArray[np.float64]:
    """The probability of each flight's being late, to four decimals."""
    with threadpool_limits(1):
        probabilities: NDArray[np.float64] = model.predict_proba(_inputs(table, features))[:, 1]
    return probabilities.round(4)


def _inputs(table: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    numbers = dict.fromkeys(features[len(CATEGORIES) :], np.float64)
    return table[list(features)].astype(numbers)
