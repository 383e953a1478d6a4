"""The demo's attribution part: a model that goes by another feature is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import driftkit
from baselines.flights.attribution import asked, config, findings, typical
from baselines.flights.data import CATEGORIES, FEATURES, training_rows

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

SAMPLE = 60


@pytest.fixture(scope="module")
def normal(model: Pipeline, table: pd.DataFrame) -> driftkit.attribution.AttributionBaseline:
    trained = training_rows(table)
    return driftkit.attribution.baseline(
        asked(trained), model, analysis_config=config(trained), sample=SAMPLE, runner="local"
    )


def test_reasons_that_changed_are_named(
    model: Pipeline,
    october: pd.DataFrame,
    table: pd.DataFrame,
    normal: driftkit.attribution.AttributionBaseline,
) -> None:
    settings: dict[str, Any] = {
        "analysis_config": config(training_rows(table)),
        "sample": SAMPLE,
        "runner": "local",
    }
    # Everybody flies at the typical hour, in a gale.
    hour = typical(training_rows(table))[FEATURES.index("hour")]
    windy = october.assign(hour=int(hour), wind_speed=45.0)

    as_flown = driftkit.attribution.monitor(asked(october), normal, model, **settings)
    result = driftkit.attribution.monitor(asked(windy), normal, model, **settings)

    assert not as_flown.violations
    score, interval, moved = findings(result)
    assert {row["feature"] for row in result.moved()[:2]} == {"hour", "wind_speed"}
    assert score.endswith("(violation)")
    assert float(interval.split(" to ")[1]) < as_flown.compared[0].score
    assert "wind_speed +" in moved
    assert "hour -" in moved


def test_values_add_up_to_what_the_model_answers(model: Pipeline, table: pd.DataFrame) -> None:
    trained = training_rows(table)
    few = asked(trained).head(20)
    wanted = config(trained)
    wanted["methods"]["shap"]["save_local_shap_values"] = True

    found = driftkit.attribution.baseline(few, model, analysis_config=wanted, runner="local")

    assert found.explained is not None
    assert found.explained.local is not None
    expected = found.explanations.labels["late_probability"].expected_value
    sums = found.explained.local[:, :, 0].sum(axis=1) + expected
    answers = model.predict_proba(few.astype(dict.fromkeys(FEATURES[len(CATEGORIES) :], float)))
    np.testing.assert_allclose(np.sort(sums), np.sort(answers[:, 1]), atol=1e-12)
