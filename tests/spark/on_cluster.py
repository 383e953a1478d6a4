"""A driver for the cluster's tests: profiles a dataset on a Spark master and keeps the states.

python -m tests.spark.on_cluster MASTER INPUT OUTPUT [DOOMED LOG]
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftkit.readers.dataset import FileDataset, FileUnit
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.profile.table import FoldOptions
from driftkit.states.states import States
from driftkit.states.storage import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.columns.chunk import Chunk
    from driftkit.readers.dataset import Unit

ROOT = Path(__file__).resolve().parents[2]
# It only ends what hangs: on a busy machine a JVM takes minutes to start.
PATIENCE = 900
OPTIONS = FoldOptions(
    known={"texts": ("a", "not there")}, partitions=(PartitionOptions(by=("few ints",)),)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoomedUnit:
    """A unit that is not read to its end by the worker that is to be killed.

    Attributes:
        unit: what is read.
        doomed: the folder of the worker that is to be killed.
        log: where the folders are told in which units are begun.
    """

    unit: Unit
    doomed: Path
    log: Path

    @property
    def name(self) -> str:
        """Of the unit."""
        return self.unit.name

    @property
    def size(self) -> int:
        """Of the unit."""
        return self.unit.size

    def chunks(self) -> Iterator[Chunk]:
        """The chunks of the unit, once the doomed worker has one that it never ends."""
        with self.log.open("a") as file:
            # A worker's tasks run in its own folder.
            file.write(f"{Path.cwd()}\n")
        end = time.monotonic() + PATIENCE
        while (
            Path.cwd().is_relative_to(self.doomed) or str(self.doomed) not in self.log.read_text()
        ):
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.05)
        return self.unit.chunks()


def dataset_of(folder: Path, *doomed: Path) -> FileDataset:
    """The Parquet files of a folder, a unit for each row group; DoomedUnits of a worker and a log."""
    dataset = open_dataset([str(folder)], Settings())
    units: list[Unit] = []
    for unit in dataset.units:
        assert isinstance(unit, FileUnit)
        units += [replace(unit, pieces=(group,)) for group in unit.pieces]
    if doomed:
        worker, log = doomed
        units = [DoomedUnit(unit=unit, doomed=worker, log=log) for unit in units]
    return FileDataset(name=dataset.name, columns=dataset.columns, units=tuple(units))


def main(master: str, folder: str, output: str, *doomed: str) -> None:
    """Profiles the folder on the master and writes the states."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  (the parent process has none)

    from driftkit.compute.engine import Scan  # noqa: PLC0415  (imports pyspark)
    from driftkit.compute.spark import SparkRunner  # noqa: PLC0415  (imports pyspark)

    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.executorEnv.PYTHONPATH": str(ROOT),
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master(master).appName("driftkit-cluster")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    dataset = dataset_of(Path(folder), *map(Path, doomed))
    state = Scan(runner=SparkRunner()).profile(dataset, OPTIONS)
    Path(output).write_bytes(dumps(States.of(state)))
    session.stop()


if __name__ == "__main__":
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Workers import the units' class by its module's name, which is not __main__ there.
    from tests.spark import on_cluster

    on_cluster.main(*sys.argv[1:])
