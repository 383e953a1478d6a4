"""Makes a plan of what was said, of the arms that were found and of the champion's metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats.deployment.metrics import RELATIVE_MARGIN
from driftkit.formats.deployment.plan import (
    Bandit,
    BurnIn,
    ErrorRates,
    Horizon,
    Pairing,
    Plan,
    PlannedMetric,
    Unit,
)
from driftkit.formats.deployment.plan_file import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.formats.deployment.asked_metrics import AskedMetric
    from driftkit.formats.deployment.plan import WeightsChange
    from driftkit.formats.deployment.plan_inputs import PlannedInput
    from driftkit.formats.deployment.selectors import Selector
    from driftkit.monitors.deployment.plan_settings import PlanSettings

_UNNAMED = "deployment"
_LEAST_TUNING_UNITS = 500
_MINIMUM_DAYS = {"ab": 7.0, "batch": 0.0}
_ONE_DAY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArms:
    """What the input, or a file with weights, tells of the arms.

    Attributes:
        selectors: arm -> how its rows are told from others, of each variant's folder.
        weights: arm -> weight; None where they are not known.
        history: the weights over time; None where it is not known.
    """

    selectors: Mapping[str, Selector] = field(default_factory=dict)
    weights: Mapping[str, float] | None = None
    history: Sequence[WeightsChange] | None = None


def planned(
    settings: PlanSettings,
    found: FoundArms,
    champion: Mapping[str, float | None],
    inputs: Sequence[PlannedInput] = (),
) -> Plan:
    """The plan, its defaults filled in.

    House choices: margins of 0.01 for shares and AUC and of 2 % of the champion's value otherwise;
    a minimum of 7 days for A/B tests and of 1 day for all but batches; intervals that are the
    tightest at half of the horizon, at least at 500 units.

    Args:
        settings: what was said.
        found: what the input tells of the arms; what was said comes first.
        champion: metric -> its value in the champion's data, for margins that are a share of it.
        inputs: the columns by which it is compared what the arms are asked.

    Raises:
        SettingsError: it is not said, and cannot be told, what the plan needs.
        FormatError: the plan would contradict itself; the message has the JSON path.
    """
    arms = _arms(settings, found)
    weights = _weights(settings, found, arms)
    endpoint = settings.endpoint or _endpoint(arms)
    name = settings.plan_name or endpoint or _UNNAMED
    first = _champion(settings, arms, weights)
    plan = Plan(
        name=name,
        endpoint=endpoint,
        strategy=settings.strategy,
        champion=first,
        challengers=tuple(each for each in arms if each != first),
        arms=arms,
        weights=weights,
        weights_history=None if found.history is None else tuple(found.history),
        routing=settings.routing,
        unit=_unit(settings, name),
        pairing=_pairing(settings),
        metrics=_metrics(settings, champion),
        error_rates=_error_rates(settings),
        method=settings.method,
        horizon=_horizon(settings),
        burn_in=BurnIn(units=settings.burn_in_units, events=settings.burn_in_events),
        segment_by=settings.segment_by,
        inputs=tuple(inputs) or None,
        bandit=_bandit(settings),
    )
    return read(plan.to_dict())


def provisional_plan(
    settings: PlanSettings, found: FoundArms, inputs: Sequence[PlannedInput] = ()
) -> Plan:
    """The plan before the champion's values are known, by which rows are read to learn them.

    Any values will do: margins are no part of what is read. Arguments, and what is raised, as of
    `planned`.
    """
    return planned(settings, found, {each.name: 1.0 for each in settings.metrics}, inputs)


def _arms(settings: PlanSettings, found: FoundArms) -> Mapping[str, Selector]:
    arms = dict(settings.arms) or dict(found.selectors)
    if len(arms) < len(("champion", "challenger")):
        raise SettingsError(
            "there is no second arm",
            where="arms",
            expected="a champion and at least one challenger",
            found=", ".join(arms) or "no arm",
            todo="Name each with --arm NAME=SELECTOR, or give the folders of two variants",
        )
    return arms


def _endpoint(arms: Mapping[str, Selector]) -> str | None:
    endpoints = {each.key for each in arms.values() if each.kind == "folder"}
    return endpoints.pop() if len(endpoints) == 1 else None


def _weights(
    settings: PlanSettings, found: FoundArms, arms: Mapping[str, Selector]
) -> Mapping[str, float] | None:
    if settings.weights:
        return dict(settings.weights)
    if found.weights is None:
        return None
    # An endpoint may have variants besides that the plan is not about.
    return {name: found.weights[name] for name in arms if name in found.weights}


def _champion(
    settings: PlanSettings, arms: Mapping[str, Selector], weights: Mapping[str, float] | None
) -> str:
    if settings.champion is not None:
        if settings.champion not in arms:
            raise _no_champion("the champion is no arm", arms, settings.champion)
        return settings.champion
    known = sorted((weights or {}).values())
    largest = [name for name, weight in (weights or {}).items() if weight == known[-1]]
    if len(largest) == 1 and largest[0] in arms:
        return largest[0]
    if settings.arms:
        return settings.arms[0][0]
    raise _no_champion("it is not said which arm is the champion", arms, None)


def _no_champion(what: str, arms: Mapping[str, Selector], found: str | None) -> SettingsError:
    return SettingsError(
        what,
        where="champion",
        expected=" | ".join(arms),
        found=found,
        todo="Name it with --champion",
    )


def _unit(settings: PlanSettings, name: str) -> Unit:
    return Unit(
        source=settings.unit,
        buckets=settings.buckets,
        salt=name if settings.salt is None else settings.salt,
    )


def _error_rates(settings: PlanSettings) -> ErrorRates:
    return ErrorRates(
        promote=settings.promote_error,
        roll_back=settings.roll_back_error,
        sample_ratio=settings.sample_ratio_error,
    )


def _pairing(settings: PlanSettings) -> Pairing | None:
    if settings.pair_by is None and settings.strategy != "shadow":
        return None
    return Pairing(
        by=settings.pair_by or "inferenceId",
        seconds=settings.pair_seconds,
        sampling_percentage=settings.sampling_percentage,
    )


def _horizon(settings: PlanSettings) -> Horizon:
    units, days = settings.horizon_units, settings.minimum_days
    return Horizon(
        units=units,
        tuning_units=settings.tuning_units or max(_LEAST_TUNING_UNITS, units // 2),
        minimum_days=_MINIMUM_DAYS.get(settings.strategy, _ONE_DAY) if days is None else days,
        maximum_days=settings.maximum_days,
        looks=settings.looks,
    )


def _bandit(settings: PlanSettings) -> Bandit | None:
    said: dict[str, Any] = {
        name: getattr(settings, name)
        for name in ("policy", "floor", "step")
        if getattr(settings, name) is not None
    }
    return Bandit(**said) if said or settings.strategy == "bandit" else None


def _metrics(
    settings: PlanSettings, champion: Mapping[str, float | None]
) -> tuple[PlannedMetric, ...]:
    asked = settings.metrics
    more = {option: dict(getattr(settings, option)) for option in _OF_METRICS}
    _require_asked(asked, more)
    return tuple(
        PlannedMetric(
            name=each.name,
            role=each.role,
            kind=each.known.kind,
            better=each.better,
            margin=_margin(each, champion.get(each.name)),
            superior=each.superior,
            operational=each.operational or None,
            column=each.known.column,
            numerator=each.known.numerator,
            denominator=each.known.denominator,
            limit=more["limits"].get(each.name),
            winsor=more["winsors"].get(each.name),
            range=more["ranges"].get(each.name, _own_range(each, settings)),
            covariate=more["covariates"].get(each.name),
        )
        for each in asked
    )


def _require_asked(asked: Sequence[AskedMetric], more: Mapping[str, Mapping[str, Any]]) -> None:
    names = [each.name for each in asked]
    for option, values in more.items():
        for name in values:
            if name not in names:
                raise SettingsError(
                    f"{option} speak of a metric that is not asked for",
                    where=option,
                    expected=" | ".join(names) or "metrics that are asked for",
                    found=repr(name),
                    todo="Correct it, or ask for it with --goal, --guardrail or --information",
                )


def _own_range(asked: AskedMetric, settings: PlanSettings) -> tuple[float, float] | None:
    """The range that a metric's name tells, where the method asks for one."""
    return asked.known.range if settings.method == "exact" else None


_OF_METRICS = ("limits", "winsors", "ranges", "covariates")


def _margin(asked: AskedMetric, champion: float | None) -> float:
    if asked.margin is not None:
        return asked.margin
    if asked.superior or asked.role == "information":
        return 0.0
    if asked.known.margin is not None:
        return asked.known.margin
    margin = RELATIVE_MARGIN * abs(champion) if champion is not None else 0.0
    if not isfinite(margin) or margin == 0.0:
        raise SettingsError(
            f"the margin of {asked.name} cannot be told from the champion's data",
            where=asked.role,
            expected=f"a value of which {RELATIVE_MARGIN:.0%} is a margin",
            found="no value" if champion is None else str(champion),
            todo=f"Give the margin, for example --{asked.role} {asked.name}:0.01",
        )
    return margin
