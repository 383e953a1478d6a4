"""The settings of a replay of scaling policies, and of the requests that it is made on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from driftkit.errors import SettingsError
from driftkit.monitors.deployment import said
from driftkit.monitors.deployment.settings import DeploymentSettings, OpenKeywords
from driftkit.settings import Settings, checks
from driftkit.settings.checks import SHARE, Whole
from driftkit.settings.declaring import Option, from_keywords, part, same, setting
from driftkit.settings.panels import READING

REPLAYED = "What is replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingSettings:
    """How requests are counted, and what is asked of the replay."""

    resource: str | None = setting(
        None,
        checks.text,
        "The scalable target that is meant, of a policy file with several: "
        "endpoint/NAME/variant/NAME.",
        Option(REPLAYED, "ID"),
    )
    instances: int | None = setting(
        None,
        Whole(least=0),
        "Instances at the first minute (default: the fewest).",
        Option(REPLAYED),
    )
    arrive_minutes: int | None = setting(
        None,
        Whole(least=0),
        "Minutes from a decision until the added instances serve (default: 4).",
        Option(REPLAYED),
    )
    max_rps: float | None = setting(
        None,
        said.POSITIVE,
        "The greatest rate a second that an instance can take, of a load test.",
        Option(REPLAYED, "RATE"),
    )
    price: float | None = setting(
        None, said.POSITIVE, "What an instance costs an hour.", Option(REPLAYED, "PRICE")
    )
    most_over_capacity: float | None = setting(
        None,
        SHARE,
        "Look for the cheapest target and minimum for which at most this share of requests is "
        "over capacity; with --max-rps.",
        Option(REPLAYED, "SHARE"),
    )
    sampling_percentage: float | None = setting(
        None,
        said.PERCENTAGE,
        "Of the requests that were captured (default: that of --endpoint-file, or 100).",
        Option(READING, "PERCENT"),
    )
    endpoint_file: str | None = setting(
        None,
        checks.text,
        "What describe-endpoint or describe-endpoint-config wrote: how many of the requests are "
        "captured.",
        Option(READING, "FILE"),
    )
    metric: str = setting(
        "Invocations",
        checks.text,
        "The metric with the requests, of a table of CloudWatch's metrics.",
        Option(READING, "NAME"),
    )
    time_column: str | None = same(DeploymentSettings, "time_column")
    run: Settings = part(Settings, "read", "window", "compute")

    def __post_init__(self) -> None:
        if self.most_over_capacity is not None and self.max_rps is None:
            raise SettingsError(
                "it is not known which requests are over capacity",
                where="most_over_capacity",
                expected="max_rps, the greatest rate a second that an instance can take",
                todo="Give it with --max-rps",
            )

    @classmethod
    def from_keywords(cls, **values: Unpack[ScalingKeywords]) -> ScalingSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class ScalingKeywords(OpenKeywords, total=False):
    """What users may write for `ScalingSettings`."""

    resource: str | None
    instances: int | None
    arrive_minutes: int | None
    max_rps: float | None
    price: float | None
    most_over_capacity: float | None
    sampling_percentage: float | None
    endpoint_file: str | None
    metric: str
    time_column: str | None
