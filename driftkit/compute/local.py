"""The scan engine in this process: no Java, no Spark, a unit a thread."""

from __future__ import annotations

import gc
import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from driftkit.compute.folding import Folding, merged
from driftkit.compute.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from driftkit.compute.protocol import Progress
    from driftkit.readers.dataset import Dataset
    from driftkit.statistics.table import FoldOptions, TableState

# Each thread holds a unit. More would wait for Python's lock, which a fifth of the work needs, and
# most of it where there are no compiled loops.
MOST_THREADS = 4


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
        with _spared_collector(), closing(_states(dataset, folding)) as states:
            return merged(states, folding.state(()), len(dataset.units), progress)

    def suggestions(self, dataset: Dataset, state: TableState) -> Mapping[str, Any] | None:
        """Nothing: only Deequ suggests Deequ's constraints."""
        del dataset, state
        return None


@contextmanager
def _spared_collector() -> Iterator[None]:
    """Keeps the collector of garbage from what is loaded: half a million objects, that stay."""
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _states(dataset: Dataset, folding: Folding) -> Generator[TableState, None, None]:
    """The states of the units in their order."""
    at_once = min(os.cpu_count() or 1, MOST_THREADS, len(dataset.units))
    if at_once > 1 and not dataset.one_by_one and find_spec("numba"):
        yield from in_order(dataset.units, lambda unit: folding.state(unit.chunks()), at_once)
        return
    for unit in dataset.units:
        yield folding.state(unit.chunks())
