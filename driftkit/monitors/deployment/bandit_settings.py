"""The settings of `weights`: by which policy and within which limits weights follow rewards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack, get_args

from driftkit.formats.deployment.plan_choices import Policy
from driftkit.monitors.deployment.said import ABOVE_ZERO, NUMBER
from driftkit.settings import checks
from driftkit.settings.checks import SHARE, Meets, Whole
from driftkit.settings.declaring import Option, from_keywords, setting

POLICY = "How weights follow rewards"
LIMITS = "How far weights may go"
REWARDS = "Which rewards count"


_NOT_NEGATIVE = Meets(
    test=lambda value: NUMBER.test(value) and value >= 0, expected="a number, 0 or more"
)
_FACTOR = Meets(
    test=lambda value: ABOVE_ZERO.test(value) and value <= 1,
    expected="a number above 0, at most 1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsSettings:
    """How rewards become weights. None stands for what the plan, or AWS's sample, says."""

    policy: Policy | None = setting(
        None,
        checks.one_of(Policy),
        "By which weights follow rewards (default: the plan's, or thompson-beta).",
        Option(POLICY, " | ".join(get_args(Policy))),
    )
    epsilon: float | None = setting(
        None,
        SHARE,
        "The share of requests that epsilon-greedy spends on all arms equally (default: 0.1).",
        Option(POLICY, "SHARE"),
    )
    alpha: float = setting(
        1.0,
        _NOT_NEGATIVE,
        "How much ucb1 favours arms of which little is known.",
        Option(POLICY),
    )
    temperature: float = setting(
        0.1,
        ABOVE_ZERO,
        "Of softmax, in units of the reward: the lower, the greedier.",
        Option(POLICY),
    )
    gamma: float = setting(
        0.1,
        _FACTOR,
        "The share of requests that exp3 spends on all arms equally, and its speed.",
        Option(POLICY, "SHARE"),
    )
    floor: float | None = setting(
        None, SHARE, "The least share of an arm (default: the plan's, or 0.05).", Option(LIMITS)
    )
    step: float | None = setting(
        None,
        _FACTOR,
        "By how much a share may change in a run (default: the plan's, or 0.2).",
        Option(LIMITS),
    )
    minimum_units: int | None = setting(
        None,
        Whole(least=0),
        "Units with a matured reward that each arm must have before weights change (default: 100, "
        "or the warm-up of AWS's sample if that is more).",
        Option(LIMITS),
    )
    weights_file: str | None = setting(
        None,
        checks.text,
        "The weights so far: the desired_weights.json that was sent, or what describe-endpoint of "
        "the AWS command line writes (default: the plan's).",
        Option(LIMITS, "FILE"),
    )
    endpoint: str | None = setting(
        None,
        checks.text,
        "The endpoint whose variants get the weights (default: the plan's).",
        Option(LIMITS, "NAME"),
    )
    reward: str | None = setting(
        None,
        checks.text,
        "The metric of the plan that is the reward (default: its first goal).",
        Option(REWARDS, "METRIC"),
    )
    attribution_window: float = setting(
        0.0,
        _NOT_NEGATIVE,
        "Hours in which rewards arrive: later requests than that before the last are left out, so "
        "that the newest arm is not punished for rewards that are still to come.",
        Option(REWARDS, "HOURS"),
    )
    discount: float = setting(
        1.0,
        _FACTOR,
        "How much of its weight an earlier hour keeps at each new one; 1 forgets nothing.",
        Option(REWARDS, "FACTOR"),
    )
    window: int | None = setting(
        None, Whole(least=1), "How many of the latest hours count (default: all).", Option(REWARDS)
    )
    segment_by: str | None = setting(
        None,
        checks.text,
        "Give weights for each value of this column too, one by which the plan has segments.",
        Option(REWARDS, "COLUMN"),
    )

    @classmethod
    def from_keywords(cls, **values: Unpack[WeightsKeywords]) -> WeightsSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class WeightsKeywords(TypedDict, total=False):
    """What users may write for `WeightsSettings`."""

    policy: Policy | None
    epsilon: float | None
    alpha: float
    temperature: float
    gamma: float
    floor: float | None
    step: float | None
    minimum_units: int | None
    weights_file: str | None
    endpoint: str | None
    reward: str | None
    attribution_window: float
    discount: float
    window: int | None
    segment_by: str | None
