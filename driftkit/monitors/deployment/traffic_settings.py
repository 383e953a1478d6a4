"""The settings of how the requests of a multi-model endpoint are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from driftkit.monitors.deployment.scaling_settings import ScalingSettings
from driftkit.monitors.deployment.settings import OpenKeywords
from driftkit.settings import Settings, checks
from driftkit.settings.checks import Whole
from driftkit.settings.declaring import Option, from_keywords, part, same, setting

MODELS = "Which models there are"
COLD_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSettings:
    """How models are told apart."""

    model_by: str = setting(
        "model",
        checks.text,
        "Where a request's model is: a column; attribute:KEY of what callers gave; field:JMESPATH "
        "of the payload; folder for the variant's. A plain name is an attribute, else a field.",
        Option(MODELS, "SOURCE"),
    )
    models: tuple[str, ...] = setting(
        (),
        checks.different,
        "All models of the endpoint, so that those without a request are counted too.",
        Option(MODELS, "NAME[,NAME]"),
    )
    cold_seconds: int = setting(
        COLD_SECONDS,
        Whole(least=1),
        "Without a request in the last so many seconds a model is cold.",
        Option(MODELS, "SECONDS"),
    )
    metrics_file: str | None = setting(
        None,
        checks.text,
        "CloudWatch's metrics by minute: how often models were there, and how long they loaded.",
        Option(MODELS, "FILE"),
    )
    sampling_percentage: float | None = same(ScalingSettings, "sampling_percentage")
    endpoint_file: str | None = same(ScalingSettings, "endpoint_file")
    time_column: str | None = same(ScalingSettings, "time_column")
    run: Settings = part(Settings, "read", "window", "compute")

    @classmethod
    def from_keywords(cls, **values: Unpack[TrafficKeywords]) -> TrafficSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class TrafficKeywords(OpenKeywords, total=False):
    """What users may write for `TrafficSettings`."""

    model_by: str
    models: str | Sequence[str] | None
    cold_seconds: int
    metrics_file: str | None
    sampling_percentage: float | None
    endpoint_file: str | None
    time_column: str | None
