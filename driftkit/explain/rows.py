"""Rows of features as a model is asked about them: a matrix with names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows of features.

    Attributes:
        names: of the features, in the order in which the model takes them.
        values: shape (rows, features); float64, or objects where a feature is text.
    """

    names: tuple[str, ...]
    values: NDArray[Any]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def numeric(self) -> bool:
        """Whether all features are numbers."""
        return self.values.dtype != object

    def of(self, values: NDArray[Any]) -> Rows:
        """Other rows of the same features."""
        return replace(self, values=values)

    def frame(self) -> pd.DataFrame:
        """The rows as pandas has them, numbers as float64."""
        import pandas as pd  # noqa: PLC0415  (only models that want names need it)

        table = pd.DataFrame(self.values, columns=list(self.names))
        return table if self.numeric else table.infer_objects()


def rows_of(table: Sequence[Sequence[Any]], names: Sequence[str], where: str) -> Rows:
    """Rows from a list of lists; features of numbers only become numbers.

    Args:
        table: the values, a row each.
        names: of the features.
        where: they come from, for messages.

    Raises:
        InputError: a row has another width.
    """
    for number, row in enumerate(table):
        if len(row) != len(names):
            raise InputError(
                "a row has another number of features",
                where=f"{where}, row {number}",
                expected=f"{len(names)}: {', '.join(names[:5])}{', ...' if len(names) > 5 else ''}",
                found=str(len(row)),
                todo="Give each row a value of every feature",
            )
    numbers = all(isinstance(value, int | float) for row in table for value in row)
    kind = np.float64 if numbers else object
    return Rows(names=tuple(names), values=np.array(table, dtype=kind).reshape(-1, len(names)))


def rows_of_table(table: pa.Table, names: Sequence[str] | None = None) -> Rows:
    """Rows from an Arrow table; nulls are NaN among numbers and None among text.

    Args:
        table: with a column for each feature.
        names: of the features; None for all columns.

    Raises:
        InputError: the table has no column of a name.
    """
    wanted = tuple(table.column_names if names is None else names)
    missing = [name for name in wanted if name not in table.column_names]
    if missing:
        raise InputError(
            "features are missing",
            where="data",
            expected=", ".join(wanted[:10]),
            found=f"no {', '.join(missing[:10])} among {', '.join(table.column_names[:10])}",
            todo="Correct the headers, or give data with these columns",
        )
    columns = [_column(table.column(name)) for name in wanted]
    numeric = all(column.dtype != object for column in columns)
    values = np.empty((table.num_rows, len(wanted)), dtype=np.float64 if numeric else object)
    for place, column in enumerate(columns):
        values[:, place] = column
    return Rows(names=wanted, values=values)


def _column(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column as float64, or as objects with None for nulls."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    found = column.to_pandas().to_numpy()
    if found.dtype.kind in "iuf":
        return np.asarray(found, dtype=np.float64)
    plain = np.array(found, dtype=object)
    plain[column.is_null().to_numpy()] = None
    return plain
