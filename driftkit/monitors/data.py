"""Opens whatever a user hands in as data: paths, tables, data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.errors import InputError
from driftkit.records.conventions import refuse_for
from driftkit.records.dataset import FileDataset
from driftkit.records.opening import open_dataset
from driftkit.records.typed import from_mapping, from_pandas, from_table

if TYPE_CHECKING:
    from driftkit.records.dataset import Dataset
    from driftkit.settings import Settings


def opened(data: Any, settings: Settings, known: Sequence[str] = ()) -> Dataset:
    """The dataset of what was handed in.

    Args:
        data: a path or paths, an opened dataset, a pandas or Spark DataFrame, an Arrow table, a mapping of columns.
        settings: how files are read.
        known: the baseline's column names, given to captured CSV columns by their place.

    Raises:
        InputError: it cannot be read, or is nothing of these.
    """
    if isinstance(data, FileDataset):
        return data
    if isinstance(data, str | PathLike):
        return open_dataset([fspath(data)], settings, known)
    in_memory = _in_memory(data)
    if in_memory is not None:
        refuse_for(in_memory.name, "data in memory", settings, text=False)
        return in_memory
    module = type(data).__module__
    if module.startswith("pyspark."):
        refuse_for("Spark data frame", "a data frame", settings, text=False)
        from driftkit.records.spark import from_frame  # noqa: PLC0415  (needs Spark)

        return from_frame(data)
    if isinstance(data, Sequence) and data and all(isinstance(x, str | PathLike) for x in data):
        return open_dataset([fspath(path) for path in data], settings, known)
    raise InputError(
        "this is no data",
        expected="a path, a list of paths, a pandas or Spark DataFrame, an Arrow table or a mapping",
        found=f"{module}.{type(data).__name__}",
        todo="Hand in one of these",
    )


def _in_memory(data: Any) -> Dataset | None:
    if isinstance(data, pa.Table):
        return from_table(data)
    if isinstance(data, Mapping):
        return from_mapping(data)
    return from_pandas(data) if type(data).__module__.startswith("pandas") else None
