"""The contradictions that the metrics of a deployment plan may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.formats.deployment.metrics import FORMS, KNOWN, KnownMetric, known_metric
from driftkit.formats.deployment.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftkit.formats.deployment.plan import Plan, PlannedMetric


def metric_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the metrics of a plan."""
    if not plan.decisive:
        yield Problem(
            "metrics",
            "no metric decides",
            "at least one goal or guardrail",
            f"{len(plan.metrics)} metrics for information" if plan.metrics else "none",
            "Name a goal, for example accuracy, or a guardrail",
        )
    first: dict[str, int] = {}
    for i, metric in enumerate(plan.metrics):
        path = f"metrics[{i}]"
        earlier = first.setdefault(metric.name, i)
        if earlier != i:
            yield _named_twice(metric, path, plan.metrics[earlier], earlier)
        for check in _CHECKS:
            yield from check(metric, path)


def _named_twice(metric: PlannedMetric, path: str, other: PlannedMetric, earlier: int) -> Problem:
    roles = f"{other.role} and {metric.role}" if other.role != metric.role else "twice"
    return Problem(
        f"{path}.name",
        f"{metric.name!r} is named {roles}" if roles == "twice" else f"{metric.name!r} is {roles}",
        "each metric once, in one role",
        f"it again, already at metrics[{earlier}]",
        "Keep one of the two",
    )


def _of_known_name(metric: PlannedMetric, path: str) -> Iterator[Problem]:
    known = known_metric(metric.name)
    if known is not None:
        yield from _as_named(metric, path, known)
    elif not metric.columns:
        yield Problem(
            f"{path}.name",
            f"the metric {metric.name!r} is not known, and names no column",
            " | ".join(FORMS),
            repr(metric.name),
            "Take one of these, or give it a column, or a numerator and a denominator",
        )


def _as_named(metric: PlannedMetric, path: str, known: KnownMetric) -> Iterator[Problem]:
    if metric.kind != known.kind:
        yield Problem(
            f"{path}.kind",
            f"{metric.name} is of another kind",
            known.kind,
            metric.kind,
            "Correct the kind, or give the metric a name of its own",
        )
    if known.better is not None and metric.better != known.better:
        yield Problem(
            f"{path}.better",
            f"{metric.name} is better in the other direction",
            known.better,
            metric.better,
            "Correct the direction",
        )
    if metric.decisive and not known.decisive:
        yield Problem(
            f"{path}.role",
            f"{metric.name} {known.only_shown}",
            "information",
            metric.role,
            "Take it for information",
        )


def _columns(metric: PlannedMetric, path: str) -> Iterator[Problem]:
    ratio = metric.kind == "ratio" and metric.name not in KNOWN
    if ratio and not (metric.numerator and metric.denominator):
        missing = "numerator" if not metric.numerator else "denominator"
        yield Problem(
            f"{path}.{missing}",
            f"a ratio has no {missing}",
            "two columns, numerator and denominator",
            "one" if metric.numerator or metric.denominator else "none",
            "Name both, for example ratio:clicks/views",
        )
    if not ratio and (metric.numerator or metric.denominator):
        yield Problem(
            f"{path}.kind",
            "a metric with a numerator or a denominator is no ratio",
            "ratio",
            metric.kind,
            "Correct the kind, or name a column instead",
        )


def _limit(metric: PlannedMetric, path: str) -> Iterator[Problem]:
    if metric.kind == "slo" and metric.limit is None:
        yield Problem(
            f"{path}.limit",
            f"{metric.name} is the share of rows above a limit, and has none",
            "a number in the column's unit",
            "null",
            f"Give it, for example --limit {metric.name}=250",
        )
    if metric.kind != "slo" and metric.limit is not None:
        yield Problem(
            f"{path}.limit",
            f"a {metric.kind} has a limit",
            "null; a share above a limit is of kind slo",
            str(metric.limit),
            "Remove it, or take a metric such as latency_slo",
        )


def _margin(metric: PlannedMetric, path: str) -> Iterator[Problem]:
    if metric.margin < 0.0:
        yield Problem(
            f"{path}.margin",
            "a margin is negative",
            "by how much the challenger may be worse, 0 or more",
            str(metric.margin),
            "Write it without the sign",
        )
    if metric.decisive and metric.margin == 0.0 and not metric.superior:
        yield Problem(
            f"{path}.margin",
            "without a margin nothing can be shown to be no worse",
            "a number above 0, or superior true",
            "0",
            "Give a margin, or ask for more: the challenger must be better (superior)",
        )
    if metric.kind in _SHARES and metric.margin >= 1.0:
        yield Problem(
            f"{path}.margin",
            f"the margin lets any {metric.kind} pass",
            "a number below 1",
            str(metric.margin),
            "Write it as a share, 0.01 for one point in a hundred",
        )


def _cuts(metric: PlannedMetric, path: str) -> Iterator[Problem]:
    for key in ("winsor", "range"):
        if getattr(metric, key) is not None and metric.kind not in _OF_NUMBERS:
            yield Problem(
                f"{path}.{key}",
                f"a {metric.kind} has a {key}",
                "null; means and ratios have one",
                str(getattr(metric, key)),
                "Remove it",
            )


def _operational(metric: PlannedMetric, path: str) -> Iterator[Problem]:
    if not metric.operational or (metric.is_operational and not metric.needs):
        return
    yield Problem(
        f"{path}.operational",
        f"{metric.name} is said to be operational, of how requests are answered rather than of what",
        "a guardrail that is made of neither labels nor predictions",
        f"a {metric.role} of {', '.join(metric.needs) or ', '.join(metric.columns)}",
        "Leave it out, or take it for a guardrail of latency or errors",
    )


def _groups(metric: PlannedMetric, path: str) -> Iterator[Problem]:
    bias = metric.bias
    if bias is None:
        if metric.kind == "bias":
            yield Problem(
                f"{path}.name",
                "the name of a bias metric does not say of which group it is",
                next(each for each in FORMS if each.startswith("bias:")),
                repr(metric.name),
                "Take one of these names",
            )
        return
    if metric.column != bias.column:
        yield Problem(
            f"{path}.column",
            f"{metric.name} is of another facet",
            bias.column,
            str(metric.column),
            "Correct the column, or leave it out",
        )
    if metric.covariate is not None:
        yield Problem(
            f"{path}.covariate",
            "a bias has a covariate",
            "null; means, rates and ratios have one",
            metric.covariate,
            "Remove it",
        )


_SHARES = frozenset({"rate", "auc", "slo", "bias"})
_OF_NUMBERS = frozenset({"mean", "ratio"})
_CHECKS: tuple[Callable[[PlannedMetric, str], Iterator[Problem]], ...] = (
    _of_known_name,
    _columns,
    _limit,
    _margin,
    _cuts,
    _operational,
    _groups,
)
