"""Folds the units of a dataset and merges their states in order, whoever runs it.

Every runner folds a unit from its first row to its last and adds the units' states from left to
right, so that the bits of the result depend on the input alone.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from typing import TYPE_CHECKING
from zipimport import zipimporter

from driftkit.errors import DriftkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftkit.columns.chunk import Chunk, Column
    from driftkit.compute.protocol import Progress
    from driftkit.readers.dataset import Unit
    from driftkit.statistics.table import FoldOptions, TableState

# Several threads of a library in each of several tasks hinder one another: moments took ten
# times longer.
SINGLE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


class Folding:
    """The work of a task: picklable, imported by the workers."""

    def __init__(self, columns: Sequence[Column], options: FoldOptions) -> None:
        self.columns = tuple(columns)
        self.options = options

    def units(self, units: Iterable[Unit]) -> Iterator[bytes]:
        """One packed state for each unit."""
        settle_worker()
        for unit in units:
            yield self.chunks(unit.chunks)

    def chunks(self, chunks: Callable[[], Iterable[Chunk]]) -> bytes:
        """The packed state of some chunks, or the packed error of the input."""
        return packed(lambda: self.state(chunks()))

    def state(self, chunks: Iterable[Chunk]) -> TableState:
        """The state of some chunks."""
        from driftkit.statistics.table import fold  # noqa: PLC0415  (imports numpy)

        return fold(self.columns, chunks, self.options)


def packed(work: Callable[[], object]) -> bytes:
    """The pickled result; an error of the input is a result too, for Spark would try again."""
    try:
        result = work()
    except DriftkitError as error:
        result = error
    return pickle.dumps(result, pickle.HIGHEST_PROTOCOL)


def unpacked(content: bytes) -> object:
    """What `packed` packed.

    Raises:
        DriftkitError: that is what was packed.
    """
    result = pickle.loads(content)  # noqa: S301  (from our own worker)
    if isinstance(result, DriftkitError):
        raise result
    return result


def merged(
    states: Iterable[TableState], empty: TableState, count: int, progress: Progress | None
) -> TableState:
    """The sum of the states in their order."""
    total = empty
    for done, state in enumerate(states, start=1):
        total = total + state
        if progress is not None:
            progress(done, max(count, done), total.rows)
    return total


def settle_worker() -> None:
    """Readies a worker of Spark for a task; works best before numpy is imported."""
    _single_threaded()
    _forget_zips()
    _spare_the_collector()


def _single_threaded() -> None:
    os.environ.update(SINGLE_THREAD)
    import pyarrow as pa  # noqa: PLC0415  (after the environment is set)

    pa.set_cpu_count(1)
    pa.set_io_thread_count(2)


def _forget_zips() -> None:
    """Spares the next task a quarter of a second.

    Before each task a worker has every known importer look at its place again. Importers of zips
    read the whole directory then, that of Spark's own jar among them; whatever is imported from
    one later makes it known again.
    """
    for place, importer in list(sys.path_importer_cache.items()):
        if isinstance(importer, zipimporter):
            sys.path_importer_cache.pop(place, None)


def _spare_the_collector() -> None:
    """Spares the next task a fifth of a second.

    After each task a worker looks through all of its objects for garbage. Half a million of them
    are those of the libraries loaded, which stay.
    """
    gc.freeze()
