"""What `weights` returns: the weights of arms, what they come from, and the request that sets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.formats.deployment import bandit as bandit_file
from driftkit.formats.deployment.request_bodies import (
    WEIGHTS_NAME,
    desired_weights,
    desired_weights_text,
)
from driftkit.formats.python_json import file_text
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.io.writing import write_outputs
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.tables import baseline_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.formats.deployment.bandit import Bandit, BanditArm, BanditWeights
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.results.contract import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentWeights:
    """The weights that the arms should have.

    Attributes:
        bandit: what was decided, and from what.
        endpoint: whose variants get the weights; None where it is not known.
        variants: arm -> the production variant that it is.
        run: none: nothing but sums is read.
    """

    bandit: Bandit
    endpoint: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "segment": "segment",
        "arm": "arm",
        "weight": "value",
        "before": "baseline",
        "reason": "reason",
    }
    _repr_html_ = baseline_html
    statistics_table = methods.statistics_table

    @property
    def weights(self) -> dict[str, float]:
        """Arm -> its share of all requests from now on."""
        return {arm.name: arm.weight for arm in self.bandit.weights[0].arms}

    @property
    def desired(self) -> dict[str, Any] | None:
        """The body of UpdateEndpointWeightsAndCapacities; None where no endpoint is known."""
        if self.endpoint is None:
            return None
        named = {self.variants[arm]: weight for arm, weight in self.weights.items()}
        return desired_weights(self.endpoint, named)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        desired = self.desired
        known = {} if desired is None else {WEIGHTS_NAME: desired}
        return {**known, bandit_file.NAME: self.bandit.to_dict()}

    def write(self, directory: PathOrUrl) -> tuple[Location, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        desired = self.desired
        known = {} if desired is None else {WEIGHTS_NAME: desired_weights_text(desired)}
        files = {**known, bandit_file.NAME: file_text(self.bandit.to_dict())}
        # Weights that an earlier run wanted would be sent by mistake.
        return write_outputs(directory, files, obsolete=[] if known else [WEIGHTS_NAME])

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> DeploymentWeights:
        """Reads bandit.json of an earlier run."""
        return cls(bandit=bandit_file.read_file(locate(directory) / bandit_file.NAME))

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return [*self.bandit.notes, *filter(None, map(_outcome, self.bandit.weights))]

    def metrics(self) -> list[Metric]:
        """The weight of each arm, beside the one so far."""
        return [_metric(weights, arm) for weights in self.bandit.weights for arm in weights.arms]


def _outcome(weights: BanditWeights) -> str | None:
    where = "" if weights.segment is None else f"{weights.segment}: "
    if weights.stop:
        return f"{where}stop: nothing is left to learn, {weights.winner} is the best"
    return None if weights.changed else f"{where}weights stay: {weights.reason}"


def _metric(weights: BanditWeights, arm: BanditArm) -> Metric:
    return Metric(
        group="deployment",
        name="weight",
        value=arm.weight,
        dimensions={"arm": arm.name},
        segment=weights.segment,
        baseline=arm.before,
        reason=", ".join(_reasons(arm)),
    )


def _reasons(arm: BanditArm) -> Iterator[str]:
    yield f"{arm.units:,.0f} units"
    if arm.probability_best is not None:
        yield f"best with probability {arm.probability_best:.4g}"
