"""Freezes what a plan takes from the champion's data: quantiles as limits, and cells of inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.distances import decile_edges, quantile
from driftkit.comparison.deployment.quantiles import order_statistic_ranks
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.errors import InputError, SettingsError
from driftkit.formats.deployment.plan_inputs import PlannedInput
from driftkit.monitors.deployment.inputs import opened_arms
from driftkit.monitors.deployment.measuring import judging_of
from driftkit.monitors.deployment.planning import provisional_plan
from driftkit.monitors.deployment.row_columns import RowAttributes
from driftkit.monitors.deployment.said import Quantile
from driftkit.settings.declaring import changed
from driftkit.states.deployment.arm_values import MOST_TEXTS, Values, ValuesFold
from driftkit.states.deployment.metrics import MetricSource, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.arrays import Floats
    from driftkit.compute.job import Progress
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.monitors.deployment.inputs import ArmData
    from driftkit.monitors.deployment.planning import FoundArms
    from driftkit.monitors.deployment.settings import DeploymentSettings
    from driftkit.states.deployment.arm_values import ArmValues

_ALL = 100.0
# How often the interval of a quantile may miss.
_ALPHA = 0.05
# Texts of a column that have a cell of their own.
_MOST_VALUES = 20
_WORDS = {"limits": "counts rows above", "winsors": "is cut at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What a plan takes from the champion's data.

    Attributes:
        settings: whose limits and winsors are numbers.
        inputs: the columns by which it is compared what the arms are asked.
        notes: which numbers were frozen, for people.
    """

    settings: DeploymentSettings
    inputs: tuple[PlannedInput, ...] = ()
    notes: tuple[str, ...] = ()


def frozen(
    given: ArmData, chosen: DeploymentSettings, found: FoundArms, progress: Progress | None
) -> Frozen:
    """What is asked for of the champion's rows; nothing is read where nothing is.

    Of data with several arms these are the rows of the champion, else all.

    Args:
        given: that the plan is made of.
        chosen: with quantiles among limits and winsors, and columns of inputs.
        found: what is known of the arms.
        progress: called with units done, units in all and rows so far.

    Raises:
        InputError: the data cannot be read, lack a column, or have no values of it.
        SettingsError: the plan is of tables of metrics only.
    """
    quantiles = {option: _quantiles(chosen, option) for option in _WORDS}
    columns = chosen.planning.input_columns
    if not any(quantiles.values()) and not columns:
        return Frozen(settings=chosen)
    plan = _provisional(chosen, found)
    if plan.is_of_tables:
        raise SettingsError(
            "tables of metrics have no rows of requests",
            where=", ".join([name for name in quantiles if quantiles[name]] or ["input_columns"]),
            expected="a metric of rows",
            found=", ".join(metric.name for metric in plan.metrics),
            todo="Give numbers, or leave it out",
        )
    names = {name for asked in quantiles.values() for name in asked}
    values = _values(given, plan, chosen, names, progress)
    arm = _arm(values, plan)
    rows = f"{values.requests[arm]:,} rows of {list(plan.arms)[arm]}"
    settings, notes = chosen, []
    for option, asked in quantiles.items():
        said = dict(getattr(chosen.planning, option))
        for name, each in asked.items():
            numbers = _numbers(values, (arm, name), each, option)
            share = each.percent / _ALL
            said[name] = quantile(numbers, share)
            between = _between(numbers, share)
            notes.append(f"{name} {_WORDS[option]} {said[name]:.6g}, {each} of {rows}{between}")
        settings = changed(settings, **{option: tuple(said.items())})
    inputs = tuple(_input(values, (arm, column)) for column in columns)
    shown = ", ".join(f"{each.column} in {len(each.cells)} cells" for each in inputs)
    notes += [f"inputs are compared by {shown}, of {rows}"] if inputs else []
    return Frozen(settings=settings, inputs=inputs, notes=tuple(notes))


def _quantiles(chosen: DeploymentSettings, option: str) -> dict[str, Quantile]:
    pairs = getattr(chosen.planning, option)
    return {name: each for name, each in pairs if isinstance(each, Quantile)}


def _provisional(chosen: DeploymentSettings, found: FoundArms) -> Plan:
    """A plan with any number for each quantile, and without cells, by which rows can be read."""
    usual = {
        option: tuple(
            (name, 1.0 if isinstance(each, Quantile) else each)
            for name, each in getattr(chosen.planning, option)
        )
        for option in _WORDS
    }
    asked = changed(chosen, **usual).planning
    plan = provisional_plan(asked, found)
    inputs = tuple(PlannedInput(column=column) for column in asked.input_columns)
    return replace(plan, inputs=inputs or None)


def _values(
    given: ArmData,
    plan: Plan,
    chosen: DeploymentSettings,
    names: set[str],
    progress: Progress | None,
) -> ArmValues:
    rows = opened_arms(given, plan, RowAttributes.of(chosen), chosen.run)
    fold = ValuesFold(
        names=rows.names,
        arms=tuple(plan.arms),
        judging=judging_of(chosen),
        metrics={each.name: _uncut(each) for each in plan.metrics if each.name in names},
        columns=chosen.planning.input_columns,
    )
    values = runner_of(rows.dataset, chosen.run.compute).run(rows.dataset, Job(fold=fold), progress)
    rows.judge(values.rows, values.rejected)
    return values


def _uncut(metric: PlannedMetric) -> MetricSource:
    """What the values of a metric are computed from before any is cut or counted."""
    if metric.kind == "slo":
        return MetricSource(of="column", column=metric.column)
    return source_of(replace(metric, winsor=None, range=None))


def _arm(values: ArmValues, plan: Plan) -> int:
    """The arm whose rows are the champion's."""
    champion = list(plan.arms).index(plan.champion)
    filled = [arm for arm, rows in enumerate(values.requests) if rows]
    if len(filled) == 1:
        return filled[0]
    if champion not in filled:
        raise InputError(
            "the champion has no rows",
            where=f"{plan.champion} ({plan.arms[plan.champion]})",
            expected="rows of the champion, of which limits and inputs are frozen",
            found=", ".join(
                f"{values.requests[arm]:,} rows of {list(plan.arms)[arm]}" for arm in filled
            ),
            todo="Hand in the champion's rows, or rows of one arm only",
        )
    return champion


def _numbers(values: ArmValues, key: tuple[int, str], asked: Quantile, option: str) -> Floats:
    numbers = values.metrics.get(key, Values()).together
    if not len(numbers):
        raise InputError(
            f"{key[1]} has no finite value in the champion's rows",
            where=option,
            expected=f"values of which {asked} is a quantile",
            found=f"{values.requests[key[0]]:,} rows without",
            todo=f"Hand in data with the column, or give a number, for example {key[1]}=250",
        )
    return numbers


def _between(numbers: Floats, share: float) -> str:
    """In which interval the quantile of all such rows is, in words; none of too few rows."""
    low, high = (int(rank) for rank in order_statistic_ranks(len(numbers), share, _ALPHA))
    if low < 1 or high > len(numbers):
        return ""
    ends = np.partition(numbers, [low - 1, high - 1])[[low - 1, high - 1]]
    return f", with {100 * (1 - _ALPHA):g} % confidence from {ends[0]:.6g} to {ends[1]:.6g}"


def _input(values: ArmValues, key: tuple[int, str]) -> PlannedInput:
    """The cells of a column: deciles where most of its values are numbers, else its most frequent texts."""
    found, column = values.columns.get(key, Values()), key[1]
    numbers = found.together
    if len(numbers) > found.others:
        return PlannedInput(column=column, edges=decile_edges(numbers))
    if found.collapsed or not found.texts:
        raise InputError(
            f"{column} has too many values to be compared by"
            if found.collapsed
            else f"{column} has no value in the champion's rows",
            where="input_columns",
            expected=f"numbers, or at most {MOST_TEXTS:,} different texts",
            found=f"more, in {values.requests[key[0]]:,} rows"
            if found.collapsed
            else f"{values.requests[key[0]]:,} rows without",
            todo="Name another column, or leave it out",
        )
    return PlannedInput(column=column, values=_frequent(found.texts))


def _frequent(texts: Mapping[str, int]) -> tuple[str, ...]:
    ranked = sorted(texts, key=lambda text: (-texts[text], text))
    return tuple(ranked[:_MOST_VALUES])
