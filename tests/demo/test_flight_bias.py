"""The demo's bias part: one airline treated otherwise is the airline that is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import driftkit
from baselines.flights.bias import CONFIG, judged, months, sentence
from baselines.flights.data import served_rows, training_rows
from baselines.flights.model import PREDICTION

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


def test_an_airline_treated_otherwise_is_named(
    model: Pipeline, october: pd.DataFrame, table: pd.DataFrame
) -> None:
    normal = driftkit.bias.baseline(
        judged(model, training_rows(table)), analysis_config=CONFIG, runner="local"
    )
    window = judged(model, october)
    hidden = window.assign(**{PREDICTION: window[PREDICTION] & (window["carrier"] != "EV")})

    as_flown = driftkit.bias.monitor(window, normal, analysis_config=CONFIG, runner="local")
    result = driftkit.bias.monitor(hidden, normal, analysis_config=CONFIG, runner="local")

    def recall(found: driftkit.bias.BiasResult) -> list[str]:
        rows = found.violation_rows()
        return [row["facet_value"] for row in rows if row["metric"] == "RD"]

    assert "EV" in recall(result)
    assert "EV" not in recall(as_flown)
    assert f"{len(result.violations)} of {len(result.compared)} metrics are worse" in sentence(
        result
    )
    assert "often than the others" in sentence(result)


def test_months_are_those_that_the_endpoint_serves(table: pd.DataFrame) -> None:
    assert list(months(served_rows(table))) == [f"2013-{month:02d}" for month in range(7, 13)]
