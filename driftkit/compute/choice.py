"""Chooses the engine and the runner of a run."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from driftkit.compute import runtime
from driftkit.compute.engine import Scan
from driftkit.compute.local import LocalRunner
from driftkit.errors import EngineError, SettingsError
from driftkit.readers.dataset import FileDataset
from driftkit.readers.spark import FrameDataset

if TYPE_CHECKING:
    from driftkit.compute.engine import Engine
    from driftkit.compute.job import Runner
    from driftkit.readers.dataset import Dataset
    from driftkit.readers.lake import LakeTable
    from driftkit.settings import Compute

_LOGGER = logging.getLogger(__name__)
Purpose = Literal["baseline", "monitor"]

# Two threads of this process read so much in about the time in which Spark starts.
LOCAL_BYTES = 512 * 1024 * 1024
_SPARK = {"runner spark", "engine deequ"}
# Deequ takes minutes for so much.
_DEEQU_BYTES = 256 * 1024 * 1024
_FASTER = (
    "Deequ computes this baseline, because it runs on Spark; --engine scan gives the same files "
    "many times faster, without deequ_suggestions.json"
)
_ONLY_DEEQU = "--engine deequ adds deequ_suggestions.json, which takes much longer on so much data"


def choose(dataset: Dataset, settings: Compute, purpose: Purpose) -> Engine:
    """The engine for a dataset.

    "auto" runs in this process unless the input is large, a Spark session is there already or
    Spark holds the rows; on Spark, Deequ computes baselines that are not large, where it is
    there, and scan the rest.

    Raises:
        SettingsError: engine and runner contradict each other or the dataset.
        EngineError: what was asked for is not installed.
    """
    if not _on_spark(dataset, settings):
        _LOGGER.debug("%s is read in this process", dataset.name)
        return Scan(runner=LocalRunner())
    _LOGGER.debug("%s is read on Spark", dataset.name)
    require_spark()
    from driftkit.compute.spark import SparkRunner  # noqa: PLC0415  (imports pyspark)

    scan = Scan(runner=SparkRunner())
    if settings.engine == "scan" or (settings.engine == "auto" and purpose == "monitor"):
        return scan
    if settings.engine == "auto" and _size(dataset) >= _DEEQU_BYTES:
        return replace(scan, note=_ONLY_DEEQU)
    return _deequ(dataset, asked=settings.engine == "deequ") or scan


def frame_of(table: LakeTable, settings: Compute) -> Any:
    """The rows of a table as a data frame of Spark; None where this process reads them.

    It does unless Spark is asked for, or a session is there already that knows the format.

    Raises:
        EngineError: Spark is asked for, and cannot read such a table.
        InputError: Spark cannot read this one.
    """
    asked = settings.runner == "spark" or settings.engine == "deequ"
    if settings.runner == "local" or not (asked or spark_is_there()):
        return None
    require_spark()
    from driftkit.compute.session.spark import table_frame  # noqa: PLC0415  (imports pyspark)

    frame = table_frame(table)
    if frame is None and asked:
        raise EngineError(
            f"this Spark session cannot read {table.title}s",
            where=table.address,
            expected=f"the library of {table.kind} among its packages",
            found="none",
            todo="Name it with --packages of spark-submit, or use --runner local with "
            f"driftkit-spark[{table.kind}]",
        )
    return frame


def runner_of(dataset: Dataset, settings: Compute) -> Runner:
    """Where the jobs of a dataset run.

    Raises:
        SettingsError: engine and runner contradict each other or the dataset.
        EngineError: what was asked for is not installed.
    """
    return choose(dataset, settings, purpose="monitor").runner


def _on_spark(dataset: Dataset, settings: Compute) -> bool:
    if settings.runner == "local":
        _refuse_local(dataset, settings)
        return False
    if isinstance(dataset, FileDataset) and dataset.streamed:
        _refuse_spark(dataset, settings)
        return False
    asked = settings.runner == "spark" or settings.engine == "deequ"
    if asked or isinstance(dataset, FrameDataset) or spark_is_there():
        return True
    # One thread, as where numba is not installed, reads half as much.
    least = LOCAL_BYTES if find_spec("numba") else LOCAL_BYTES // 2
    if _size(dataset) < least:
        return False
    return find_spec("pyspark") is not None and runtime.java_home() is not None


def _refuse_local(dataset: Dataset, settings: Compute) -> None:
    if settings.engine == "deequ":
        raise SettingsError(
            "engine deequ and runner local contradict each other",
            expected="runner spark with engine deequ",
            todo="Leave one of the two out",
        )
    if isinstance(dataset, FrameDataset):
        raise SettingsError(
            "the rows are in a Spark DataFrame",
            expected="runner spark",
            found="runner local",
            todo="Leave the runner out, or pass frame.toPandas()",
        )


def _refuse_spark(dataset: FileDataset, settings: Compute) -> None:
    """Refuses to send workers to a stream, which is in this process."""
    asked = [
        text
        for text in (f"runner {settings.runner}", f"engine {settings.engine}")
        if text in _SPARK
    ]
    if asked:
        raise SettingsError(
            "a stream of rows is read in this process",
            where=dataset.name,
            expected="runner local, engine scan",
            found=", ".join(asked),
            todo="Leave them out, or write the rows to Parquet files first",
        )


def _size(dataset: Dataset) -> int:
    return sum(unit.size for unit in dataset.units)


def spark_is_there() -> bool:
    """Whether spark-submit started this process or a session is active; starts nothing."""
    if os.environ.get("PYSPARK_GATEWAY_PORT"):
        return True
    if "pyspark.sql" not in sys.modules:
        return False
    from driftkit.compute.session.spark import active_session  # noqa: PLC0415  (pyspark is there)

    return active_session() is not None


def require_spark() -> None:
    """Refuses to go on without Spark.

    Raises:
        EngineError: pyspark is not installed.
    """
    if find_spec("pyspark") is None:
        raise EngineError(
            "Spark cannot run, for pyspark is not installed",
            todo="Install pyspark 3.5 or 4.1, or use --runner local",
        )


def _deequ(dataset: Dataset, *, asked: bool) -> Engine | None:
    from driftkit.compute.deequ import Deequ, missing  # noqa: PLC0415  (imports pyspark)
    from driftkit.compute.session.spark import session_of  # noqa: PLC0415  (imports pyspark)

    lacking = missing(session_of(dataset))
    if lacking and asked:
        raise lacking
    return None if lacking else Deequ(note=None if asked else _FASTER)
