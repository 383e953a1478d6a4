"""What the deployment monitor returns: the plan, and the report with its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import InputError
from driftkit.formats.deployment import comparison as comparison_file
from driftkit.formats.deployment import looks as looks_file
from driftkit.formats.deployment import plan as plan_format
from driftkit.formats.deployment import plan_file
from driftkit.formats.deployment import planning as planning_file
from driftkit.formats.deployment import verdict as verdict_file
from driftkit.formats.deployment.looks import Looks
from driftkit.formats.deployment.request_bodies import (
    ALARM_NAME,
    guardrail_alarm,
    guardrail_alarm_name,
    guardrail_dimensions,
)
from driftkit.formats.python_json import file_text
from driftkit.formats.violations import MetricViolation
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.deployment import attributions
from driftkit.monitors.deployment.decided import decision_of
from driftkit.monitors.deployment.sample_sizes import sentences
from driftkit.monitors.deployment.trajectories import trajectories_of
from driftkit.report import methods as page_methods
from driftkit.results import methods
from driftkit.results.contract import Metric, Skipped
from driftkit.results.findings import finding_of, graded
from driftkit.results.tables import baseline_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.formats.deployment.comparison import AttributionTable, Comparison
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.formats.deployment.planning import Planning
    from driftkit.formats.deployment.verdict import MetricVerdict, Verdict
    from driftkit.io.locations import PathOrUrl
    from driftkit.results.contract import Finding, Run
    from driftkit.results.decisions import Decision
    from driftkit.results.figures import Figure
    from driftkit.states.deployment.storage import DeploymentStates

CHECK = "deployment_check"
GUARDED = frozenset({"canary", "blue_green"})
"""Strategies of deployments that SageMaker rolls back by an alarm."""
_METRIC_COLUMNS = {
    "challenger": "challenger",
    "metric": "name",
    "role": "role",
    "better": "better",
    "difference": "value",
    "lower": "lower",
    "upper": "upper",
    "allowed": "allowed",
    "harmed": "violated",
    "reason": "reason",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentPlan:
    """What was decided before the first request: the baseline of a deployment.

    Attributes:
        plan: arms, metrics, margins, error rates and horizon.
        champion: metric -> its value in the champion's rows, from which margins were made.
        planning: how many units it needs; None where only the plan was read.
        run: how they came about.
    """

    plan: Plan
    champion: Mapping[str, float | None] = field(default_factory=dict, compare=False)
    planning: Planning | None = field(default=None, compare=False)
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "metric": "name",
        "role": "role",
        "better": "better",
        "champion": "value",
        "allowed": "allowed",
        "detectable": "detectable",
    }
    _repr_html_ = baseline_html
    write = methods.written_as(file_text)
    statistics_table = methods.statistics_table

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        needs = () if self.planning is None else sentences(self.planning)
        return [*methods.notes(self), *needs]

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content; the alarm is for deployments that SageMaker rolls back by one."""
        plan = self.plan
        files = {plan_format.NAME: plan.to_dict()}
        if self.planning is not None:
            files[planning_file.NAME] = self.planning.to_dict()
        if plan.endpoint is not None and plan.strategy in GUARDED:
            dimensions = guardrail_dimensions(plan.endpoint, plan.name)
            files[ALARM_NAME] = guardrail_alarm(guardrail_alarm_name(plan.endpoint), dimensions)
        return files

    @classmethod
    @of_a_run
    def read(cls, where: PathOrUrl) -> DeploymentPlan:
        """Reads a folder, or a deployment_plan.json by its name."""
        path = locate(where)
        file = path / plan_format.NAME if path.is_dir() else path
        return cls(plan=plan_file.read_file(file))

    def metrics(self) -> list[Metric]:
        """The champion's value of each metric, and what a challenger's may be."""
        return [self._metric(each) for each in self.plan.metrics]

    def _metric(self, each: PlannedMetric) -> Metric:
        value = self.champion.get(each.name)
        return Metric(
            group="deployment",
            name=each.name,
            value=value,
            dimensions={"role": each.role, "better": each.better},
            allowed=None if value is None else _allowed(each, value),
            detectable=self._detectable.get(each.name),
        )

    @property
    def _detectable(self) -> dict[str, float | None]:
        metrics = () if self.planning is None else self.planning.metrics
        return {each.name: each.detectable for each in metrics}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentReport:
    """Whether a challenger may take the traffic.

    Attributes:
        verdict: promote, hold or roll back, with the numbers behind it.
        comparison: the differences by segment and epoch, and where arms disagree.
        plan: by which it was decided; None where only the files were read.
        looks: the difference of each metric at each look; older files have none.
        states: what it was decided from; None where only the files were read.
        run: how it came about.
    """

    verdict: Verdict
    comparison: Comparison
    plan: Plan | None = None
    looks: Looks = field(default=Looks(), compare=False, repr=False)
    states: DeploymentStates | None = field(default=None, compare=False)
    run: Run | None = field(default=None, compare=False)

    COLUMNS: ClassVar[Mapping[str, str]] = {
        "challenger": "challenger",
        "check": "check",
        "metric": "metric",
        "difference": "value",
        "allowed": "allowed",
        "description": "message",
    }
    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = _METRIC_COLUMNS
    _repr_html_ = page_methods.shown
    report = page_methods.report
    plot = page_methods.plot
    write = methods.written_as(file_text, methods.kept_states)
    statistics_table = methods.statistics_table
    violations_table = methods.violations_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {
            verdict_file.NAME: self.verdict.to_dict(),
            comparison_file.NAME: self.comparison.to_dict(),
            looks_file.NAME: self.looks.to_dict(),
        }

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> DeploymentReport:
        """Reads what an earlier run wrote."""
        folder = locate(directory)
        looks = folder / looks_file.NAME
        return cls(
            verdict=verdict_file.read_file(folder / verdict_file.NAME),
            comparison=comparison_file.read_file(folder / comparison_file.NAME),
            looks=looks_file.read_file(looks) if looks.exists() else Looks(),
        )

    def figures(self) -> list[Figure]:
        """The difference of each metric over time."""
        return [*trajectories_of(self.looks)]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One a challenger."""
        return self.verdict.verdicts or (self.verdict,)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What shall be done with each challenger, in words."""
        return tuple(map(decision_of, self.verdicts))

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the answers whose attributions the notes compare."""
        return tuple(dict.fromkeys(each.label for each in self.comparison.attributions))

    def with_attributions(self, tables: Sequence[AttributionTable]) -> DeploymentReport:
        """The report with tables of attributions, and with notes where other features decide."""
        others = [each for each in tables if attributions.is_other(each)]
        return replace(
            self,
            comparison=replace(self.comparison, attributions=tuple(tables)),
            verdict=_noted(self.verdict, others),
        )

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        usual = [each for each in self.comparison.attributions if not attributions.is_other(each)]
        scores = attributions.sentences(usual, self.verdict.champion)
        return [*methods.notes(self), *self.verdict.notes, *scores]

    def as_baseline(self) -> DeploymentPlan:
        """The plan, for the windows after it.

        Raises:
            InputError: the report was read from its files, which have the plan's hash only.
        """
        if self.plan is None:
            raise InputError(
                "a report that was read from its files has no plan",
                where="baseline",
                expected="the plan by which it was decided",
                found=f"the plan's hash, {self.verdict.plan.sha256[:12]}",
                todo=f"Hand in the folder of {plan_format.NAME}",
            )
        return DeploymentPlan(plan=self.plan)

    def metrics(self) -> list[Metric]:
        """The difference of each metric of each challenger, beside what is allowed."""
        return [self._metric(each, of) for of in self.verdicts for each in of.metrics]

    @property
    def violations(self) -> tuple[MetricViolation, ...]:
        """What rolls a challenger back."""
        return tuple(violation for violation, _ in self._harms())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The violations, with their numbers."""
        found = (
            finding_of(violation, metric, challenger=violation.extra["challenger"])
            for violation, metric in self._harms()
        )
        return graded(found, self.run)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Why arms cannot be compared, and metrics that could not be measured."""
        checks = [
            Skipped(check=each.name, reason=each.detail, feature=of.challenger)
            for of in self.verdicts
            for each in of.checks
            if not each.passed
        ]
        return (
            *checks,
            *(
                Skipped(check=each.name, reason=each.reason or "no values", feature=of.challenger)
                for of in self.verdicts
                for each in of.metrics
                if each.state == "not_measured"
            ),
        )

    def _harms(self) -> Iterator[tuple[MetricViolation, Metric]]:
        for of in self.verdicts:
            for each in of.metrics:
                decides = each.role != "information"
                if of.verdict == "roll_back" and each.state == "harmed" and decides:
                    violation = MetricViolation(
                        constraint_check_type=CHECK,
                        metric_name=each.name,
                        description=f"{of.challenger} is to be rolled back: {of.reason}",
                        extra={"challenger": of.challenger},
                    )
                    yield violation, self._metric(each, of)

    def _metric(self, each: MetricVerdict, of: Verdict) -> Metric:
        planned = {metric.name: metric for metric in self.plan.metrics} if self.plan else {}
        low, high = -inf if each.low is None else each.low, inf if each.high is None else each.high
        return Metric(
            group="deployment",
            name=each.name,
            value=each.difference,
            dimensions={
                "challenger": of.challenger,
                "role": each.role,
                **({"better": each.better} if each.better else {}),
            },
            baseline=each.champion,
            allowed=_allowed(planned[each.name]) if each.name in planned else _margin(each),
            interval=(low, high) if isfinite(low) or isfinite(high) else None,
            violated={"harmed": True, "passes": False}.get(each.state),
            beyond_noise=True if each.state == "harmed" else None,
            reason=each.reason or each.state.replace("_", " "),
        )


def _margin(metric: MetricVerdict) -> tuple[float, float] | None:
    """What a difference may be, by the report alone; older files do not say what is better."""
    if metric.margin is None or metric.better is None or metric.role == "information":
        return None
    return (-metric.margin, inf) if metric.better == "higher" else (-inf, metric.margin)


def _noted(verdict: Verdict, tables: Sequence[AttributionTable]) -> Verdict:
    """A verdict, and those in it, with a note of each challenger's own attributions."""
    own = [each for each in tables if each.arm == verdict.challenger]
    several = verdict.verdicts
    return replace(
        verdict,
        notes=(*verdict.notes, *attributions.sentences(own, verdict.champion)),
        verdicts=several and tuple(_noted(each, tables) for each in several),
    )


def _allowed(metric: PlannedMetric, champion: float | None = None) -> tuple[float, float] | None:
    """What a challenger's value may be beside the champion's; None where all may be.

    Without the champion's value it is what the difference may be.
    """
    if not metric.decisive:
        return None
    if metric.better == "higher":
        return (champion or 0.0) - metric.margin, inf
    if metric.bias is not None and champion is not None:
        # It has a sign, which does not matter.
        return -abs(champion) - metric.margin, abs(champion) + metric.margin
    return -inf, (champion or 0.0) + metric.margin
