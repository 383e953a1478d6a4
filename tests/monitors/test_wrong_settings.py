"""Settings of any value are taken for what they mean, or refused with what was expected."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from driftkit import attribution, bias, data_quality, model_quality
from driftkit.errors import DriftkitError, SettingsError
from driftkit.monitors.attribution.settings import AttributionSettings
from driftkit.monitors.bias.settings import BiasSettings
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.settings import Settings
from tests.monitors.attribution.data import CONFIG, rows
from tests.monitors.bias.tables import configuration
from tests.monitors.calls import BINARY, flights, model, normal

if TYPE_CHECKING:
    from collections.abc import Callable

EAST = timezone(timedelta(hours=5))
VALUES: list[Any] = [
    *(None, 3, -1, 1.5, float("nan"), True, "", "x", b"x", [], [1], [None], {}, {"a": 1}),
    *(np.arange(2), np.int64(3), np.float64(0.3), pd.NA, pd.NaT, pd.Timestamp("2024-01-01")),
    *(object(), date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=EAST)),
]
SETTINGS: dict[type, Callable[..., Any]] = {
    Settings: lambda **given: data_quality.baseline(flights(), **given),
    QualitySettings: lambda **given: model_quality.baseline(flights(), **{**BINARY, **given}),
    BiasSettings: lambda **given: bias.baseline(
        flights(), analysis_config=configuration(), **given
    ),
    AttributionSettings: lambda **given: attribution.baseline(
        rows(50), model, analysis_config=CONFIG, **given
    ),
}


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_settings_of_any_value_are_taken_or_refused(kind: type[Any]) -> None:
    strange = []
    for setting in fields(kind):
        for value in (*VALUES, flights(), flights()["late"]):
            try:
                SETTINGS[kind](**{setting.name: value})
            except DriftkitError as error:
                strange += [str(error)] if len(str(error)) > 3000 else []
            except Exception as error:  # noqa: BLE001  (what the test is about)
                strange.append(f"{setting.name}={type(value).__name__}: {error!r}")

    assert strange == []


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Settings, {"segment_by": [None]}),
        (Settings, {"capture_sides": pd.DataFrame({"a": [1]})}),
        (Settings, {"time_column": ["a"]}),
        (Settings, {"start": pd.NaT}),
        (QualitySettings, {"together": "perhaps"}),
        (QualitySettings, {"positive_label": [1]}),
        (QualitySettings, {"probability_labels": {"a": 1}}),
        (QualitySettings, {"probability_threshold_attribute": True}),
        (QualitySettings, {"variant": 1.5j}),
        (BiasSettings, {"flip_test_sample": "perhaps"}),
        (BiasSettings, {"seed": True}),
        (BiasSettings, {"allowed": {"DPL": 1}}),
        (BiasSettings, {"intersections": ["carrier"]}),
        (BiasSettings, {"features_attribute": ["a"]}),
        (AttributionSettings, {"sample": True}),
        (AttributionSettings, {"explainer": np.arange(2)}),
        (AttributionSettings, {"features_attribute": 1.5j}),
    ],
)
def test_values_of_another_kind_are_refused_not_taken_as_something(
    kind: type[Any], given: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match=next(iter(given))):
        SETTINGS[kind](**given)


@pytest.mark.parametrize(
    ("kind", "given", "hint"),
    [
        (Settings, "dialekt", "dialect"),
        (Settings, "segments_by", "segment_by"),
        (QualitySettings, "inference_atribute", "inference_attribute"),
        (QualitySettings, "positive_labels", "positive_label"),
        (BiasSettings, "intersection", "intersections"),
        (BiasSettings, "runer", "runner"),
        (AttributionSettings, "samples", "sample"),
    ],
)
def test_a_misspelt_setting_is_met_with_the_right_one(
    kind: type[Any], given: str, hint: str
) -> None:
    with pytest.raises(SettingsError, match=f"no setting '{given}'") as caught:
        SETTINGS[kind](**{given: None})

    assert hint in (caught.value.expected or "")


def test_ranges_for_metrics_that_there_are_not_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"allowed.*'DLP'"):
        bias.monitor(
            flights(),
            normal("bias"),
            analysis_config=configuration(),
            allowed={"DLP": (-1, 1)},
        )
