"""Reads a dataset whole, so that tests can look at its rows."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from driftkit.columns.chunk import Rejections
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.readers.dataset import Dataset

Row = tuple[Any, ...]


def opened(*paths: Path, known: tuple[str, ...] = (), **settings: Any) -> Dataset:
    """The dataset of some paths, after a journey to a worker and back."""
    dataset = open_dataset([str(path) for path in paths], Settings.from_keywords(**settings), known)
    travelled: Dataset = pickle.loads(pickle.dumps(dataset))  # noqa: S301
    return travelled


def names(dataset: Dataset) -> list[str]:
    """The names of the columns."""
    return [column.name for column in dataset.columns]


def rows(dataset: Dataset) -> list[Row]:
    """All rows, those set aside left out."""
    found: list[Row] = []
    for unit in dataset.units:
        for chunk in unit.chunks():
            columns = [chunk.column(place).to_pylist() for place in range(len(dataset.columns))]
            assert all(len(column) == chunk.num_rows for column in columns)
            found += zip(*columns, strict=True)
    return found


def rejected(dataset: Dataset) -> Rejections:
    """What was set aside."""
    total = Rejections()
    for unit in dataset.units:
        for chunk in unit.chunks():
            total += chunk.rejected
    return total
