"""What an engine is: it fills the states of a dataset's columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from driftkit.readers.dataset import Dataset
    from driftkit.statistics.table import FoldOptions, TableState

Progress = Callable[[int, int, int], None]
"""Called with the units done, the units in all and the rows so far."""


class Engine(Protocol):
    """Who computes the statistics. All engines give the same states for the same rows."""

    @property
    def name(self) -> str:
        """The engine and where it runs, for people."""

    @property
    def note(self) -> str | None:
        """What the user should know of the choice of this engine; None if nothing."""

    def profile(
        self, dataset: Dataset, options: FoldOptions, progress: Progress | None = None
    ) -> TableState:
        """The states of all columns of the dataset.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark, Deequ or a worker failed.
        """

    def suggestions(self, dataset: Dataset, state: TableState) -> Mapping[str, Any] | None:
        """The content of deequ_suggestions.json; None where the engine suggests nothing."""
