"""Opens input data: paths, folders, globs, URLs, tables, data frames."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.errors import InputError
from driftkit.io.finding import find
from driftkit.readers.arrow import from_mapping, from_pandas, from_table
from driftkit.readers.conventions import as_meant, refuse_settings
from driftkit.readers.dataset import FileDataset, Source
from driftkit.readers.formats import (
    JSON,
    LOOKED_AT_BYTES,
    WINDOW,
    begins_as_json,
    format_of,
    loaded,
)
from driftkit.readers.lake import lake_table, read_table
from driftkit.readers.streams import from_stream, is_stream

if TYPE_CHECKING:
    from driftkit.io.finding import File
    from driftkit.readers.dataset import Dataset
    from driftkit.readers.lake import LakeTable
    from driftkit.settings import Read, Settings


# Loaded by name, as those who open formats are: it is above.
_ON_SPARK = "driftkit.compute.choice:frame_of"
_LOGGER = logging.getLogger(__name__)


def opened(data: Any, settings: Settings, known: Sequence[str] = ()) -> Dataset:
    """The dataset of what was handed in.

    Args:
        data: a path or paths, an opened dataset, a pandas or Spark DataFrame, an Arrow table, a
            mapping of columns, or whatever hands on its rows as an Arrow stream.
        settings: how files are read.
        known: the baseline's column names, given to captured CSV columns by their place.

    Raises:
        InputError: it cannot be read, or is nothing of these.
    """
    if isinstance(data, FileDataset):
        return data
    paths, lists = paths_in(data), settings.deriving.embedding_columns
    if paths:
        table = lake_table(paths)
        return open_dataset(paths, settings, known) if table is None else _of_lake(table, settings)
    if _is_frame(data, "pyspark"):
        refuse_settings("Spark data frame", "a data frame", settings, WINDOW)
        from driftkit.readers.spark import from_frame  # noqa: PLC0415  (needs Spark)

        return from_frame(data, lists)
    in_memory = _in_memory(data, lists)
    if in_memory is None:
        raise no_data(data)
    refuse_settings(in_memory.name, "data in memory", settings, WINDOW)
    return in_memory


def _of_lake(table: LakeTable, settings: Settings) -> Dataset:
    """The rows of a table, by Spark where the run is on Spark, else by this process."""
    refuse_settings(table.address, f"a {table.title}", settings, ())
    if settings.read.format != "auto":
        raise InputError(
            "a format is one of files, and this is none",
            where=table.address,
            found=f"a {table.title}",
            todo="Leave --format out",
        )
    lists = settings.deriving.embedding_columns
    frame = loaded(_ON_SPARK)(table, settings.compute)
    if frame is None:
        return read_table(table, lists)
    from driftkit.readers.spark import from_frame  # noqa: PLC0415  (needs Spark)

    return replace(from_frame(frame, lists), name=table.address)


def open_dataset(
    inputs: Sequence[str], settings: Settings, known: Sequence[str] = ()
) -> FileDataset:
    """The rows of all inputs as one dataset.

    Args:
        inputs: paths of files or folders, globs, URLs.
        settings: format, header and window.
        known: the baseline's column names, given to captured CSV columns by their place.

    Raises:
        InputError: an input is missing, empty, damaged, or of another format or other columns
            than the first.
    """
    if not inputs:
        raise InputError("no input is named", expected="a file, folder, glob or URL")
    files = find(inputs)
    name = inputs[0] if len(inputs) == 1 else f"{inputs[0]} and {len(inputs) - 1} more"
    filled = tuple(file for file in files if file.size)
    if not filled:
        raise InputError(
            "there is nothing in it",
            where=name if len(files) > 1 else files[0].path,
            expected="rows",
            found="0 bytes",
            todo="Check where it came from",
        )
    kind = format_of(filled, settings.read.format)
    size = sum(file.size for file in filled)
    _LOGGER.info("reading %s: %d files of %s, %d bytes", name, len(filled), kind.title, size)
    refuse_settings(name, kind.name, settings, kind.reads)
    source = Source(files=filled, name=name, settings=settings, known=tuple(known))
    return as_meant(kind.open(source), settings.read)


def json_files(data: Any, settings: Read) -> tuple[File, ...] | None:
    """The files that were named, if they may hold JSON by what the settings say; else None.

    Raises:
        InputError: an input is missing.
    """
    paths = paths_in(data)
    may_be = settings.format in {"auto", *JSON}
    return find(paths) if paths and may_be and lake_table(paths) is None else None


def record_files(data: Any, settings: Read) -> tuple[File, ...] | None:
    """The files that were named, if the first that has anything in it begins as JSON; else None.

    Raises:
        InputError: an input is missing.
    """
    files = json_files(data, settings)
    filled = [file for file in files or () if file.size]
    return files if filled and begins_as_json(filled[0].head(LOOKED_AT_BYTES)) else None


def paths_in(data: Any) -> list[str] | None:
    """The paths of a path or of a list of them; None of anything else."""
    listed = [data] if isinstance(data, str | PathLike) else data
    if isinstance(listed, Sequence) and all(isinstance(each, str | PathLike) for each in listed):
        return [fspath(path) for path in listed]
    return None


def paths_of(handed_in: Any, name: str) -> list[str]:
    """The paths of a path or a list of them.

    Args:
        handed_in: by the user.
        name: of the argument, for messages.

    Raises:
        InputError: it is something else.
    """
    paths = paths_in(handed_in)
    if paths is not None:
        return paths
    raise InputError(
        "these are no paths",
        where=name,
        expected="a path or a list of paths: files, folders, globs or URLs",
        found=_named(handed_in),
        todo="Write data that are in memory to files first",
    )


def is_table(data: Any) -> bool:
    """Whether these are data that somebody holds, rather than names of files."""
    held = isinstance(data, FileDataset | pa.Table | pa.RecordBatch | Mapping)
    framed = _is_frame(data, "pandas") or _is_frame(data, "pyspark")
    return held or framed or is_stream(data)


def refuse_results(data: Any) -> None:
    """Refuses what a monitor returned in place of data, before anything is computed.

    Raises:
        InputError: it is such a thing: the arguments may be swapped.
    """
    if type(data).__module__.startswith(_RESULTS):
        raise no_data(data)


def no_data(data: Any) -> InputError:
    """The error for what is no data, with what can be done about it."""
    kind = type(data)
    found = _named(data)
    if isinstance(data, list | tuple):
        odd = [x for x in data if not isinstance(x, str | PathLike)]
        found = f"a {kind.__name__} with {_named(odd[0])}" if odd else f"an empty {kind.__name__}"
    is_result = kind.__module__.startswith(_RESULTS)
    return InputError(
        "this is no data",
        where="data",
        expected="a path, a list of paths, a pandas, polars or Spark DataFrame, an Arrow table or "
        "stream, or a mapping of columns",
        found=found,
        todo=_SWAPPED if is_result else _INSTEAD.get(kind.__name__, "Hand in one of these"),
    )


def _named(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__name__}"


_RESULTS = "driftkit.monitors."
_SWAPPED = (
    "The data come first, then the baseline: monitor(data, baseline); of a result, hand in its "
    "states to data_quality"
)
_OF_ARRAY = "Name its columns, for example with pandas.DataFrame(array, columns=[...])"
_OF_ARROW = 'Name it, for example with pyarrow.table({"name": array})'
_INSTEAD = {
    "Series": "Make a table of it, for example with series.to_frame()",
    "Index": "Make a table of it, for example with index.to_frame(index=False)",
    "ndarray": _OF_ARRAY,
    "recarray": "Make a table of it, for example with pandas.DataFrame.from_records(array)",
    "ChunkedArray": _OF_ARROW,
    "DataFrame": "Convert it, for example with to_pandas() or to_spark()",
    "States": "Only data_quality takes states",
    "list": "Put tables together first, for example with pandas.concat",
    "tuple": "Put tables together first, for example with pandas.concat",
}


def _is_frame(data: Any, library: str) -> bool:
    """Whether it is a DataFrame of the library, or of a class that is made from it."""
    return any(
        each.__name__ == "DataFrame"
        and each.__module__.partition(".")[0] == library
        and not each.__module__.startswith("pyspark.pandas")
        for each in type(data).__mro__
    )


def _in_memory(data: Any, lists: Sequence[str]) -> Dataset | None:
    if isinstance(data, pa.Table):
        return from_table(data, lists=lists)
    if isinstance(data, pa.RecordBatch):
        return from_table(pa.Table.from_batches([data]), lists=lists)
    if isinstance(data, Mapping):
        return from_mapping(data, lists)
    if _is_frame(data, "pandas"):
        return from_pandas(data, lists)
    return from_stream(data, lists) if is_stream(data) else None
