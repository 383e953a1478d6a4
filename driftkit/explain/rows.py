"""Rows of features as models take them: a matrix with names and types."""

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

# Types of features, beside numpy's names of integers.
NUMBER, BOOLEAN, TEXT, CATEGORY = "number", "bool", "text", "category"
# Truth values that the data write as text, `true` and `false`.
TRUTH = "truth"
INTEGER = "int64"
_TRUTHS = {"true": True, "false": False, 1: True, 0: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows of features.

    Attributes:
        names: of the features, in the order in which the model takes them.
        values: shape (rows, features); float64, or objects where a feature is text.
        kinds: of the features in the data, one of those above or numpy's name of an integer;
            empty where they are not known.
    """

    names: tuple[str, ...]
    values: NDArray[Any]
    kinds: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def numeric(self) -> bool:
        """Whether all features are numbers."""
        return self.values.dtype != object

    def with_values(self, values: NDArray[Any]) -> Rows:
        """Other rows of the same features."""
        return replace(self, values=values)

    def taken(self, indices: NDArray[np.intp], names: tuple[str, ...]) -> Rows:
        """Some of the features, under other names."""
        kinds = tuple(self.kinds[index] for index in indices) if self.kinds else ()
        return Rows(names=names, values=self.values[:, indices], kinds=kinds)

    def rounded(self) -> Rows:
        """The rows with whole numbers, and truth values, in all features that have them."""
        values = self.values.copy()
        for index, kind in enumerate(self.kinds):
            if kind not in {NUMBER, TEXT, CATEGORY} and not isinstance(values[0, index], str):
                values[:, index] = np.round(np.array(values[:, index], dtype=np.float64))
        return self.with_values(values)

    def frame(self) -> pd.DataFrame:
        """The rows as pandas has them, each column of the type that it has in the data.

        Whole numbers and truth values are such where all rows asked about have them; beside
        fractions, as of cluster centres, and missing values they are float64.
        """
        import pandas as pd  # noqa: PLC0415  (only models that want names need it)

        if all(kind == NUMBER for kind in self.kinds):
            table = pd.DataFrame(self.values, columns=list(self.names))
            return table if self.numeric else table.infer_objects()
        columns = {at: self.column(at) for at in range(len(self.names))}
        table = pd.DataFrame(columns).infer_objects()
        categories = [at for at, kind in enumerate(self.kinds) if kind == CATEGORY]
        table = table.astype(dict.fromkeys(categories, "category"))
        table.columns = pd.Index(self.names)
        return table

    def matrix(self) -> NDArray[Any]:
        """The rows as numpy has them: of integers or truth values only where all features are."""
        if not self.kinds or len({*self.kinds}) > 1 or self.kinds[0] == NUMBER:
            return self.values
        columns = [self.column(at) for at in range(len(self.names))]
        same_sized = len({column.dtype for column in columns}) == 1
        return np.column_stack(columns) if same_sized else self.values

    def column(self, index: int) -> NDArray[Any]:
        """The values of a feature, of the type that it has in the data where they fit it."""
        values, kind = self.values[:, index], self.kinds[index] if self.kinds else ""
        if kind in {BOOLEAN, TRUTH}:
            return _truths(values)
        if kind == CATEGORY and not any(isinstance(value, str) for value in values.tolist()):
            kind = INTEGER
        if kind in {"", TEXT, CATEGORY}:
            return values
        numbers = np.array(values, dtype=np.float64)
        return numbers if kind == NUMBER else _integers(numbers, np.dtype(kind))


def _truths(values: NDArray[Any]) -> NDArray[Any]:
    """Truth values; beside missing ones objects, beside others what they are."""
    if values.dtype != object:
        return values.astype(bool) if np.isin(values, (0.0, 1.0)).all() else values
    known = [value for value in values.tolist() if value is not None]
    if not all(value in _TRUTHS for value in known):
        return values
    found = np.array([_TRUTHS.get(value) for value in values.tolist()], dtype=object)
    return found.astype(bool) if len(known) == len(values) else found


def _integers(numbers: NDArray[np.float64], kind: np.dtype[Any]) -> NDArray[Any]:
    """Integers; numbers of which one is missing, broken or too large as they are."""
    with np.errstate(invalid="ignore"):
        whole = numbers == np.floor(numbers)
    inside = np.iinfo(kind)
    # The greatest 64-bit integers have no double; the next above them has one.
    fits = (numbers >= inside.min) & (numbers < float(inside.max) + 1)
    return numbers.astype(kind) if (whole & fits & np.isfinite(numbers)).all() else numbers


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
    values = np.array(table, dtype=kind).reshape(-1, len(names))
    kinds = tuple(_kind(column) for column in zip(*table, strict=True))
    return Rows(names=tuple(names), values=values, kinds=kinds)


def _kind(column: Sequence[Any]) -> str:
    """The type of values as they stand in JSON, or in CSV, which writes 4.0 for 4."""
    if not all(isinstance(value, int | float) for value in column):
        return TEXT
    if all(isinstance(value, bool) for value in column):
        return BOOLEAN
    whole = all(float(value).is_integer() for value in column)
    return INTEGER if whole and not any(isinstance(value, bool) for value in column) else NUMBER


def kind_of(kind: pa.DataType) -> str:
    """The type of a feature whose column has an Arrow type."""
    if pa.types.is_boolean(kind):
        return BOOLEAN
    if pa.types.is_integer(kind):
        return str(np.dtype(kind.to_pandas_dtype()).name)
    if pa.types.is_dictionary(kind):
        return CATEGORY
    return NUMBER if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else TEXT
