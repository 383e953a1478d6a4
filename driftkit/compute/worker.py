"""Prepares a Spark worker for a task, and packs its result or error."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from typing import TYPE_CHECKING
from zipimport import zipimporter

from driftkit.errors import DriftkitError

if TYPE_CHECKING:
    from collections.abc import Callable

# Several threads of a library in each of several tasks hinder one another: moments took ten
# times longer.
SINGLE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


def packed(work: Callable[[], object]) -> bytes:
    """The packed result; an error of the input is a result too, for Spark would try again."""
    try:
        return pack(work())
    except DriftkitError as error:
        return pack(error)


def pack(result: object) -> bytes:
    """The pickled result."""
    return pickle.dumps(result, pickle.HIGHEST_PROTOCOL)


def unpacked(content: bytes) -> object:
    """What was packed.

    Raises:
        DriftkitError: that is what was packed.
    """
    result = pickle.loads(content)  # noqa: S301  (from our own worker)
    if isinstance(result, DriftkitError):
        raise result
    return result


def settle_worker() -> None:
    """Readies a worker of Spark for a task; works best before numpy is imported."""
    os.environ.update(SINGLE_THREAD)
    import pyarrow as pa  # noqa: PLC0415  (after the environment is set)

    pa.set_cpu_count(1)
    pa.set_io_thread_count(2)
    # Before each task a worker has every known importer look at its place again. Importers of zips
    # read the whole directory then, that of Spark's own jar among them, which takes a quarter of a
    # second; whatever is imported from one later makes it known again.
    for index, importer in list(sys.path_importer_cache.items()):
        if isinstance(importer, zipimporter):
            sys.path_importer_cache.pop(index, None)
    # After each task a worker looks through all of its objects for garbage, for a fifth of a
    # second. Half a million of them are those of the libraries loaded, which stay.
    gc.freeze()
