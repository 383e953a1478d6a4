"""The plan that a user hands in: itself, a report that has it, or where its file is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError
from driftkit.monitors.baselines import baseline_of
from driftkit.monitors.deployment.results import DeploymentPlan, DeploymentReport

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import Plan


def plan_of(baseline: Any) -> Plan:
    """The plan that was handed in.

    Args:
        baseline: a DeploymentPlan, the path or URL of its folder or file, or a report.

    Raises:
        InputError: it is nothing of these.
        FormatError: no plan is there, or it contradicts itself.
    """
    return baseline_of(baseline, DeploymentPlan, DeploymentReport, _no_table).plan


def _no_table(_: Any) -> DeploymentPlan:
    raise InputError(
        "a plan cannot be made of a table alone",
        where="baseline",
        expected="a plan: what is compared, by which metrics and margins",
        todo="Make it first, with deployment.baseline(data, goals=...)",
    )
