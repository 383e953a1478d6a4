"""The demo's model is worth watching: it knows something, and says the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import roc_auc_score

from baselines.flights.data import training_rows
from baselines.flights.model import predict, train

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


def test_the_model_ranks_flights_it_has_not_seen(october: pd.DataFrame, model: Pipeline) -> None:
    assert roc_auc_score(october["late"], predict(model, october)) > 0.65


def test_training_again_gives_the_same_answers(
    table: pd.DataFrame, october: pd.DataFrame, model: Pipeline
) -> None:
    again = train(training_rows(table))

    np.testing.assert_array_equal(predict(again, october), predict(model, october))
