"""What `simulate` returns: how often the plan promotes, holds and rolls back, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.formats.deployment import simulation as simulation_file
from driftkit.formats.python_json import file_text
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.tables import baseline_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.formats.deployment.simulation import SimulatedChallenger, Simulation
    from driftkit.io.locations import PathOrUrl
    from driftkit.results.contract import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSimulation:
    """How a plan would decide.

    Attributes:
        simulation: what was found.
        run: none: no rows are read.
    """

    simulation: Simulation
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "challenger": "challenger",
        "found": "name",
        "value": "value",
        "lower": "lower",
        "upper": "upper",
    }
    _repr_html_ = baseline_html
    write = methods.written_as(file_text)
    statistics_table = methods.statistics_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {simulation_file.NAME: self.simulation.to_dict()}

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> DeploymentSimulation:
        """Reads simulation.json of an earlier run."""
        return cls(simulation=simulation_file.read_file(locate(directory) / simulation_file.NAME))

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        found = self.simulation
        return [f"{found.runs:,} runs of {found.requests:,} requests", *found.notes]

    def metrics(self) -> list[Metric]:
        """Shares of runs, times until the verdict, and the regret."""
        regret = self.simulation.regret
        return [
            *(each for of in self.simulation.challengers for each in _metrics(of)),
            Metric(group="deployment", name="regret", value=regret.mean),
            Metric(group="deployment", name="regret of equal shares", value=regret.equal_shares),
        ]


def _metrics(of: SimulatedChallenger) -> Iterator[Metric]:
    about = {"challenger": of.challenger}
    for name in ("promote", "hold", "roll_back"):
        found = getattr(of, name)
        yield Metric(
            group="deployment",
            name=name,
            value=found.share,
            dimensions=about,
            interval=(found.low, found.high),
        )
    for name, spread in (("requests", of.requests), ("days", of.days)):
        if spread is not None:
            yield Metric(
                group="deployment",
                name=f"{name} until the verdict, median",
                value=spread.median,
                dimensions=about,
                interval=(spread.tenth, spread.ninetieth),
            )
