"""The scan engine in this process: no Java, no Spark, one unit after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.engines.folding import Folding, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.engines.protocol import Progress
    from driftkit.records.dataset import Dataset
    from driftkit.statistics.table import FoldOptions, TableState


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalScan:
    """Folds the units in this process, for inputs that are read sooner than Spark starts."""

    name: str = "scan in this process"
    note: str | None = None

    def profile(
        self, dataset: Dataset, options: FoldOptions, progress: Progress | None = None
    ) -> TableState:
        """The states of all columns of the dataset.

        Raises:
            InputError: a unit cannot be read.
        """
        folding = Folding(dataset.columns, options)
        states = (folding.state(unit.chunks()) for unit in dataset.units)
        return merged(states, folding.state(()), len(dataset.units), progress)

    def suggestions(self, dataset: Dataset, state: TableState) -> Mapping[str, Any] | None:
        """Nothing: only Deequ suggests Deequ's constraints."""
        del dataset, state
        return None
