"""Kayenta's judge of a deployment: what its score of series of minutes says as a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.kayenta import classify
from driftkit.comparison.deployment.kayenta_scores import Scored, summarise
from driftkit.comparison.deployment.rates import Rate, fisher_test
from driftkit.errors import InputError, SettingsError
from driftkit.formats.deployment import canary_config
from driftkit.formats.deployment.operational_metrics import SUM
from driftkit.formats.deployment.verdict import (
    MetricVerdict,
    PlanName,
    StatedRates,
    TimeSpan,
    Verdict,
    of_several,
)
from driftkit.monitors.deployment.actions import actions_of
from driftkit.monitors.deployment.metric_tables import variants_of
from driftkit.monitors.deployment.timeline import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.deployment.kayenta import MetricResult
    from driftkit.comparison.deployment.kayenta_scores import Summary
    from driftkit.formats.deployment.canary_config import CanaryConfig, CanaryMetric
    from driftkit.formats.deployment.metrics import Better
    from driftkit.formats.deployment.operational_metrics import OperationalMetrics, Series
    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.deployment.verdict import Answer, State
    from driftkit.monitors.deployment.settings import DeploymentSettings
    from driftkit.native.arrays import Floats, Integers

METHOD = "kayenta"
NO_RATES = "Kayenta's judge has no rates of error: how often it is wrong depends on the data"
_REQUESTS = "Invocations"
_ANSWERS: Mapping[str, Answer] = {"Pass": "promote", "Marginal": "hold", "Fail": "roll_back"}
_STATES: Mapping[str, State] = {
    "Pass": "passes",
    "High": "harmed",
    "Low": "harmed",
    "Nodata": "not_measured",
    "NodataFailMetric": "not_measured",
}
# By the direction of the changes that are harm; where both are, neither is better.
_BETTER: Mapping[str, Better] = {"increase": "lower", "decrease": "higher"}


def asked_config(settings: DeploymentSettings) -> CanaryConfig | None:
    """The configuration of Kayenta's judge; None where driftkit judges.

    Raises:
        SettingsError: judge and configuration do not go together, or the tables are no input.
        FormatError: the file is missing, or is not what it should be.
    """
    if settings.judge == METHOD and settings.metrics_table is not None:
        raise SettingsError(
            "Kayenta's judge reads tables of metrics only, and they are its input",
            where="metrics_table",
            expected="the tables as INPUT",
            found=f"--metrics-table {settings.metrics_table} beside other input",
            todo="Name the tables in place of the captures, and leave --metrics-table out",
        )
    if (settings.judge == METHOD) == (settings.canary_config is not None):
        path = settings.canary_config
        return None if path is None else canary_config.read_file(path)
    raise SettingsError(
        "Kayenta's judge and a canary configuration need each other",
        where="canary_config",
        expected="both --judge kayenta and --canary-config FILE, or neither",
        found=f"--judge {settings.judge}, {settings.canary_config or 'no configuration'}",
        todo="Give both, or leave both out",
    )


def judged_by_kayenta(metrics: OperationalMetrics, plan: Plan, config: CanaryConfig) -> Verdict:
    """The verdict of Kayenta's judge: pass is promote, marginal is hold, fail is roll back.

    Args:
        metrics: minute by minute, of all arms.
        plan: that names the arms; its metrics and rates of error are not asked.
        config: the metrics that are judged.

    Raises:
        InputError: no metric of the configuration is there, one has several statistics, or its
            values cannot be classified.
    """
    canaries = [
        _Canary(metrics=metrics, plan=plan, config=config, challenger=each)
        for each in plan.challengers
    ]
    ranked = sorted(canaries, key=lambda each: -each.summary.score)
    return of_several([each.verdict() for each in canaries], ranked[0].challenger)


@dataclass(frozen=True, eq=False)
class _Canary:
    """One challenger's series against the champion's."""

    metrics: OperationalMetrics
    plan: Plan
    config: CanaryConfig
    challenger: str

    def verdict(self) -> Verdict:
        begin, end = self.minutes[0], self.minutes[-1] + 1
        found = Verdict(
            plan=PlanName.of(self.plan),
            verdict=_ANSWERS[self.summary.classification],
            # More minutes may turn it.
            final=False,
            reason=self._reason(),
            challenger=self.challenger,
            champion=self.plan.champion,
            window=TimeSpan(start=moment(60 * begin), end=moment(60 * end)),
            units=dict.fromkeys(self.arms, len(self.minutes)),
            requests=self._requests(),
            error_rates=StatedRates(promote=None, roll_back=None, guarantee="none"),
            metrics=tuple(self._said(metric, self.results[metric.name]) for metric in self._all),
            notes=(NO_RATES, *self._notes()),
        )
        return replace(found, actions=actions_of(self.plan, found))

    @property
    def _all(self) -> tuple[CanaryMetric, ...]:
        return self.config.metrics

    @cached_property
    def arms(self) -> dict[str, str]:
        """Champion and challenger, and the variants by which the table names them."""
        variants = variants_of(self.plan)
        return {arm: variants[arm] for arm in (self.plan.champion, self.challenger)}

    @cached_property
    def series(self) -> Mapping[str, Mapping[str, Series]]:
        """Metric of the configuration -> variant -> its values."""
        found = {each.name: self.metrics.named(each.name) for each in self._all}
        if not any(found.values()):
            raise InputError(
                "no metric of the canary configuration is in the table",
                where=self.metrics.where,
                expected=", ".join(found),
                found=", ".join(f"{metric} ({kind})" for metric, kind in self.metrics.names),
                todo="Name the metrics of the configuration as the table does",
            )
        return found

    @cached_property
    def minutes(self) -> Integers:
        """Those in which either arm has any value; a metric without one there lacks it."""
        of_two = [
            each.minutes
            for (_, _, variant), each in self.metrics.series.items()
            if variant in self.arms.values()
        ]
        found: Integers = np.unique(np.concatenate(of_two))
        return found

    def values(self, name: str) -> tuple[Floats, Floats]:
        """A metric of champion and challenger in each minute, NaN where it has no value."""
        series = self.series[name]
        nothing = np.full(len(self.minutes), np.nan)
        old, new = (
            series[variant].at(self.minutes) if variant in series else nothing
            for variant in self.arms.values()
        )
        return old, new

    @cached_property
    def results(self) -> dict[str, MetricResult]:
        """The classification of each metric."""
        return {
            each.name: classify(each.name, *self.values(each.name), each.rule) for each in self._all
        }

    @cached_property
    def summary(self) -> Summary:
        """The score."""
        return summarise(
            [
                Scored(name=each.name, groups=each.groups, result=self.results[each.name])
                for each in self._all
                if not each.muted
            ],
            self.config.weights,
            pass_score=self.config.pass_score,
            marginal_score=self.config.marginal_score,
        )

    def _reason(self) -> str:
        if self.summary.reason is not None:
            return self.summary.reason
        passes, marginal = self.config.pass_score, self.config.marginal_score
        score = f"Kayenta's score is {self.summary.score:g}"
        if self.summary.classification == "Pass":
            return f"{score}, where {passes:g} passes"
        found = (self.results[each.name] for each in self._all if not each.muted)
        why = "; ".join(each.reason or "" for each in found if each.classification != "Pass")
        needed = f"{marginal:g} is marginal and {passes:g} passes"
        return f"{score}, where {needed}: {why}"

    def _said(self, metric: CanaryMetric, result: MetricResult) -> MetricVerdict:
        old, new = (_mean(each) for each in self.values(metric.name))
        return MetricVerdict(
            name=metric.name,
            role="information" if metric.muted else "guardrail",
            better=_BETTER.get(metric.rule.direction),
            champion=old,
            challenger=new,
            difference=new - old,
            relative=(new - old) / abs(old) if old else None,
            low=result.low,
            high=result.high,
            state=_STATES[result.classification],
            method=METHOD,
            reason=result.reason,
        )

    def _requests(self) -> dict[str, int]:
        return {arm: int(n) for arm, n in (self._trials or {}).items()}

    @cached_property
    def _trials(self) -> dict[str, float] | None:
        """The requests of both arms, where the table tells them."""
        known = (_REQUESTS, SUM) in self.metrics.names
        found = self.metrics.of(_REQUESTS, SUM) if known else {}
        if not all(variant in found for variant in self.arms.values()):
            return None
        return {arm: float(found[variant].measured.sum()) for arm, variant in self.arms.items()}

    def _notes(self) -> list[str]:
        """What is not there, and what passes whatever the challenger does."""
        absent = [f"the table has no metric {name}" for name, of in self.series.items() if not of]
        return absent + [
            f"Kayenta passes {name} by construction, for {self.plan.champion} has none of it in any "
            f"minute and {self.challenger} has some: {self._exactly(name)}"
            for name, result in self.results.items()
            if result.blind and result.classification == "Pass"
        ]

    def _exactly(self, name: str) -> str:
        events = [float(np.nansum(each)) for each in self.values(name)]
        trials = [] if self._trials is None else list(self._trials.values())
        whole = all(each == round(each) for each in (*events, *trials))
        if not trials or not whole or any(k > n for k, n in zip(events, trials, strict=True)):
            return f"an exact test of rates needs counts of events, and the sums of {_REQUESTS}"
        old, new = (Rate(part=k, whole=n) for k, n in zip(events, trials, strict=True))
        return (
            f"{events[0]:.0f} of {trials[0]:.0f} against {events[1]:.0f} of {trials[1]:.0f}, of "
            f"which the exact test of rates says p = {float(fisher_test(old, new)):.2g}"
        )


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
