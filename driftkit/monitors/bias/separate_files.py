"""Joins facet and prediction datasets of separate files to the data by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.columns.chunk import Column
from driftkit.errors import InputError, SettingsError
from driftkit.readers.arrow import TableUnit
from driftkit.readers.dataset import FileDataset, unique
from driftkit.readers.opening import opened as opened_table
from driftkit.settings.declaring import changed
from driftkit.states.groups.storage import Roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.analysis_config import AnalysisConfig, NameOrIndex
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Settings


def beside(dataset: Dataset, config: AnalysisConfig, settings: Settings) -> tuple[Dataset, Roles]:
    """The dataset as if all columns stood in one file, and which of them are in the other files.

    Such files are read into memory, as in Clarify.

    Raises:
        InputError: a file has another number of rows.
        SettingsError: a column is not there.
    """
    prediction, facets = None, None
    if config.predicted_label_dataset_uri is not None:
        uri, headers = config.predicted_label_dataset_uri, config.predicted_label_headers
        side = _opened(uri, headers, settings)
        dataset = _joined(dataset, side)
        prediction = _name(side, 0 if config.predicted_label is None else config.predicted_label)
    if config.facet_dataset_uri is not None:
        side = _opened(config.facet_dataset_uri, config.facet_headers, settings)
        dataset = _joined(dataset, side)
        facets = tuple(_name(side, facet.name_or_index) for facet in config.facet)
    return dataset, Roles(prediction=prediction, facets=facets)


def _opened(uri: str, headers: Sequence[str] | None, settings: Settings) -> Dataset:
    side = opened_table(uri, changed(settings, header=headers is None))
    if headers is None:
        return side
    if len(headers) != len(side.columns):
        raise SettingsError(
            "there are not as many headers as columns",
            where=uri,
            expected=f"{len(side.columns)} headers",
            found=str(len(headers)),
            todo="Correct facet_headers or predicted_label_headers",
        )
    pairs = zip(headers, side.columns, strict=True)
    columns = tuple(Column(name=name, declared=column.declared) for name, column in pairs)
    return FileDataset(name=side.name, columns=columns, units=side.units)


def _name(side: Dataset, wanted: NameOrIndex) -> str:
    names = [column.name for column in side.columns]
    if isinstance(wanted, int) and 0 <= wanted < len(names):
        return names[wanted]
    if wanted in names:
        return str(wanted)
    raise SettingsError(
        f"column {wanted} is not present in the dataset",
        where=side.name,
        expected=f"one of {', '.join(names)}",
        found=repr(wanted),
        todo="Correct the name, or give headers",
    )


def _joined(dataset: Dataset, side: Dataset) -> FileDataset:
    first, second = _table(dataset), _table(side)
    if first.num_rows != second.num_rows:
        raise InputError(
            "files that stand beside each other have different numbers of rows",
            where=f"{dataset.name} and {side.name}",
            expected=f"{first.num_rows:,} rows",
            found=f"{second.num_rows:,}",
            todo="Write a row for each row of the dataset, in the same order",
        )
    columns = (*dataset.columns, *side.columns)
    unique([column.name for column in columns], f"{dataset.name} and {side.name}")
    table = pa.table(
        [*first.columns, *second.columns], names=[str(index) for index in range(len(columns))]
    )
    unit = TableUnit(name=dataset.name, table=table)
    return FileDataset(
        name=dataset.name, columns=columns, units=(unit,), set_aside=dataset.set_aside
    )


def _table(dataset: Dataset) -> pa.Table:
    """All rows, in memory."""
    parts = [
        pa.table(
            [chunk.column(index) for index in range(len(dataset.columns))],
            names=[str(index) for index in range(len(dataset.columns))],
        )
        for unit in dataset.units
        for chunk in unit.chunks()
    ]
    return pa.concat_tables(parts)
