"""Engines fill the states of a dataset's columns: driftkit's own scan, or Deequ's analyzers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from driftkit.compute.job import Job
from driftkit.states.profile.table import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.columns.chunk import Column
    from driftkit.compute.job import Progress, Runner
    from driftkit.readers.dataset import Dataset
    from driftkit.states.partitions.partition import TableState
    from driftkit.states.profile.table import FoldOptions

# Each thread holds a unit. More would wait for Python's lock, which a fifth of the work needs, and
# most of it where there are no compiled loops.
MOST_THREADS = 4


class Engine(Protocol):
    """Who computes the statistics. All engines give the same states for the same rows."""

    @property
    def name(self) -> str:
        """The engine and where it runs, for people."""

    @property
    def note(self) -> str | None:
        """What the user should know of the choice of this engine; None if nothing."""

    @property
    def runner(self) -> Runner:
        """Where it runs."""

    def profile(
        self, dataset: Dataset, options: FoldOptions, progress: Progress | None = None
    ) -> TableState:
        """The states of all columns of the dataset.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark, Deequ or a worker failed, or Deequ is not there.
        """

    def suggestions(self, dataset: Dataset, state: TableState) -> Mapping[str, Any] | None:
        """The content of deequ_suggestions.json; None where the engine suggests nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Profiles by a job, which folds the columns of each unit."""

    runner: Runner
    note: str | None = None

    @property
    def name(self) -> str:
        """The scan and where it runs."""
        return f"scan {self.runner.where}"

    def profile(
        self, dataset: Dataset, options: FoldOptions, progress: Progress | None = None
    ) -> TableState:
        """The states of all columns; partitions of a Spark DataFrame are units as they are."""
        return self.runner.run(dataset, profile_job(dataset.columns, options), progress)

    def suggestions(self, dataset: Dataset, state: TableState) -> Mapping[str, Any] | None:
        """Nothing: only Deequ suggests Deequ's constraints."""
        del dataset, state
        return None


def profile_job(columns: Sequence[Column], options: FoldOptions) -> Job[TableState]:
    """The job of data quality: the states of all columns."""
    threads = MOST_THREADS if find_spec("numba") else 1
    return Job(fold=partial(fold, tuple(columns), options=options), threads=threads)
