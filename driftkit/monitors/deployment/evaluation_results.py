"""What `evaluate` returns: the mean reward that each policy would have earned."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.formats.deployment import policy_values as values_file
from driftkit.formats.python_json import file_text
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.tables import baseline_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.deployment.policy_values import PolicyEstimate, PolicyValues
    from driftkit.io.locations import PathOrUrl
    from driftkit.results.contract import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentPolicyValues:
    """What policies over arms would have earned.

    Attributes:
        estimated: the estimates, and from what they come.
        run: how they came about.
    """

    estimated: PolicyValues
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "policy": "policy",
        "estimator": "name",
        "value": "value",
        "lower": "lower",
        "upper": "upper",
        "doubt": "reason",
    }
    _repr_html_ = baseline_html
    write = methods.written_as(file_text)
    statistics_table = methods.statistics_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {values_file.NAME: self.estimated.to_dict()}

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> DeploymentPolicyValues:
        """Reads policy_values.json of an earlier run."""
        return cls(estimated=values_file.read_file(locate(directory) / values_file.NAME))

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        doubts = (f"{each.name}: {each.doubt}" for each in self.estimated.policies if each.doubt)
        return [*methods.notes(self), *self.estimated.notes, *doubts]

    def metrics(self) -> list[Metric]:
        """The estimates of each policy, and what the requests earned as they were."""
        logged = _metric("as logged", self.estimated.logged, None)
        return [
            logged,
            *(
                _metric(policy.name, estimate, policy.doubt)
                for policy in self.estimated.policies
                for estimate in policy.estimates
            ),
        ]


def _metric(policy: str, estimate: PolicyEstimate, doubt: str | None) -> Metric:
    low, high = (
        (-inf if estimate.low is None else estimate.low),
        (inf if estimate.high is None else estimate.high),
    )
    known = estimate.standard_error is not None
    return Metric(
        group="deployment",
        name=estimate.estimator,
        value=estimate.value,
        dimensions={"policy": policy},
        interval=(low, high) if known else None,
        reason=doubt,
    )
