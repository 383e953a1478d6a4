"""The settings of `simulate`: the truth, how many requests there are, and how often it is tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from driftkit.monitors.deployment import said
from driftkit.monitors.deployment.settings import DeploymentSettings, RollBackOn
from driftkit.settings import checks
from driftkit.settings.checks import SHARE, Whole
from driftkit.settings.declaring import Option, from_keywords, same, setting

TRUTH = "What is true"
TRIED = "How it is tried"
_NAMED = said.Named(parse=said.number, expected="ARM=RATE, for example old=0.10,new=0.12")


def _rates(name: str, value: Any) -> said.Pairs[float]:
    """Rates by arm: a mapping, or texts in which commas stand between them."""
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list | tuple) and all(isinstance(each, str) for each in texts):
        value = [part.strip() for each in texts for part in each.split(",")]
    pairs = _NAMED(name, value)
    for arm, rate in pairs:
        SHARE(f"{name} of {arm}", rate)
    return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSettings:
    """What is simulated of a plan."""

    rates: said.Pairs[float] = setting(
        (), _rates, "The true rate of each arm.", Option(TRUTH, "ARM=RATE[,ARM=RATE]")
    )
    metric: str | None = setting(
        None,
        checks.text,
        "The metric that the rates are of (default: the plan's first goal).",
        Option(TRUTH, "METRIC"),
    )
    users: int | None = setting(
        None,
        Whole(least=2),
        "How many users come back, where the plan's unit is a user (default: none does).",
        Option(TRUTH),
    )
    concentration: float = setting(
        5.0,
        said.ABOVE_ZERO,
        "How alike users are: a + b of the Beta distribution of their rates.",
        Option(TRUTH),
    )
    requests: int = setting(20_000, Whole(least=1), "Of a run, of all arms.", Option(TRIED))
    days: float | None = setting(
        None,
        said.ABOVE_ZERO,
        "That they take (default: the plan's maximum).",
        Option(TRIED, "DAYS"),
    )
    looks: int = setting(
        100, Whole(least=1), "How often it is decided, and a bandit changes weights.", Option(TRIED)
    )
    runs: int = setting(500, Whole(least=1), "With the seeds 0, 1, 2 and so on.", Option(TRIED))
    accept_observational: bool = same(DeploymentSettings, "accept_observational")
    roll_back_on: RollBackOn = same(DeploymentSettings, "roll_back_on")

    @classmethod
    def from_keywords(cls, **values: Unpack[SimulationKeywords]) -> SimulationSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class SimulationKeywords(TypedDict, total=False):
    """What users may write for `SimulationSettings`."""

    rates: Mapping[str, float] | Sequence[str] | str
    metric: str | None
    users: int | None
    concentration: float
    requests: int
    days: float | None
    looks: int
    runs: int
    accept_observational: bool
    roll_back_on: RollBackOn
