"""A program that measures the driver's memory while the input grows.

python -m tests.spark.on_driver FILE UNITS...

Prints the peak megabytes of the driver's Python after profiling the file as so many units, for
each of the numbers in turn.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from driftkit.readers.dataset import FileDataset
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from driftkit.states.profile.table import FoldOptions
from tests.benchmarks.peak import peak_megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator


def peaks(file: str, counts: list[int]) -> Iterator[tuple[int, float]]:
    """Rows and peak megabytes, after each number of units."""
    from driftkit.compute.engine import Scan  # noqa: PLC0415
    from driftkit.compute.session.spark import get_session  # noqa: PLC0415
    from driftkit.compute.spark import SparkRunner  # noqa: PLC0415

    session = get_session(master="local[2]")
    once = open_dataset([file], Settings())
    for count in counts:
        dataset = FileDataset(name="many", columns=once.columns, units=once.units * count)
        state = Scan(runner=SparkRunner()).profile(dataset, FoldOptions())
        yield state.rows, peak_megabytes()
    session.stop()


if __name__ == "__main__":
    for rows, megabytes in peaks(sys.argv[1], [int(count) for count in sys.argv[2:]]):
        sys.stdout.write(f"{rows} {megabytes}\n")
