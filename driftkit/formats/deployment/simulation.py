"""simulation.json: how a plan would decide if the truth were known, over many simulated runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.deployment.strict import (
    COUNT,
    COUNT_OR_NULL,
    MEASURED,
    NUMBER,
    NUMBER_BY_NAME,
    PROBABILITY,
    TEXTS,
    document_reader,
    nullable,
    part_of,
    parts_of,
    version_of,
)
from driftkit.formats.deployment.verdict import PlanName
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "simulation.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShare:
    """A share of the runs, and the 95 % interval of the probability that it estimates.

    Attributes:
        share: of the runs.
        low: lower end (Wilson).
        high: upper end.
    """

    share: float | None = field(metadata=PROBABILITY)
    low: float | None = field(metadata=PROBABILITY)
    high: float | None = field(metadata=PROBABILITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long runs take.

    Attributes:
        median: of the runs.
        tenth: what a tenth of them does not exceed.
        ninetieth: what nine tenths of them do not exceed.
    """

    median: float = field(metadata=NUMBER)
    tenth: float = field(metadata=NUMBER)
    ninetieth: float = field(metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedChallenger:
    """What becomes of a challenger.

    Attributes:
        challenger: its name.
        promote: runs that promote it.
        hold: runs that do neither.
        roll_back: runs that roll it back.
        requests: of all arms until it is promoted or rolled back; None where it never is.
        days: the same in days.
    """

    challenger: str
    promote: RunShare = field(metadata=part_of(RunShare))
    hold: RunShare = field(metadata=part_of(RunShare))
    roll_back: RunShare = field(metadata=part_of(RunShare))
    requests: Spread | None = field(default=None, metadata=nullable(Spread))
    days: Spread | None = field(default=None, metadata=nullable(Spread))


@dataclass(frozen=True, slots=True, kw_only=True)
class Regret:
    """Rewards missed to those expected of the best arm alone, over all requests of a run.

    Attributes:
        mean: of the runs, if the weights go on after the verdict.
        standard_error: of the mean; None of a single run.
        equal_shares: what equal shares of the arms would miss.
    """

    mean: float = field(metadata=NUMBER)
    standard_error: float | None = field(default=None, metadata=MEASURED)
    equal_shares: float = field(metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanWeights:
    """The weights of a bandit.

    Attributes:
        requests: of all arms before them.
        weights: arm -> its share of the requests after them, the mean of all runs.
    """

    requests: int = field(metadata=COUNT)
    weights: Mapping[str, float] = field(metadata=NUMBER_BY_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What a plan would do.

    Attributes:
        plan: that is simulated.
        metric: that decides.
        rates: arm -> its true rate.
        requests: of all arms, of a run.
        runs: with the seeds 0, 1, 2 and so on.
        looks: at which it is decided, one after each of so many equal parts of the requests.
        days: that a run takes.
        users: who come back; None where every request is of another one.
        challengers: in the plan's order.
        regret: rewards missed.
        weights: of a bandit, before each look; empty where weights do not change.
        notes: sentences for people.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    plan: PlanName = field(metadata=part_of(PlanName))
    metric: str
    rates: Mapping[str, float] = field(metadata=NUMBER_BY_NAME)
    requests: int = field(metadata=COUNT)
    runs: int = field(metadata=COUNT)
    looks: int = field(metadata=COUNT)
    days: float = field(metadata=NUMBER)
    users: int | None = field(default=None, metadata=COUNT_OR_NULL)
    challengers: tuple[SimulatedChallenger, ...] = field(metadata=parts_of(SimulatedChallenger))
    regret: Regret = field(metadata=part_of(Regret))
    weights: tuple[MeanWeights, ...] = field(default=(), metadata=parts_of(MeanWeights))
    notes: tuple[str, ...] = field(default=(), metadata=TEXTS)

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(Simulation, NAME)
read_file = file_reader(read, read_object)
