"""Converts Arrow arrays of labels, predictions and probabilities to numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.numbers import number_in
from driftkit.errors import InputError, SettingsError
from driftkit.native.arrays import values_of, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from driftkit.native.arrays import Floats

# The bits of 1.0: those of doubles from 0 to 1 ascend as these do, -0.0 aside.
HIGHEST = int(np.float64(1.0).view(np.uint64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probabilities:
    """What a model said of each row's labels.

    Attributes:
        table: a probability for each row and label, shape (rows, labels); a single column is
            that of the positive label. NaN where it cannot be read.
        names: the labels, where they were given.
        column: that of the positive label.
    """

    table: Floats
    names: tuple[str, ...] = ()
    column: int = 0

    @property
    def positive(self) -> Floats:
        """The probability of the positive label."""
        return self.table[:, self.column]

    @property
    def all_good(self) -> bool:
        """Whether all numbers are probabilities, without a look at each."""
        if not self.table.size:
            return False
        # The bits of numbers below 0, and of what is no number, are greater.
        most = int(self.table.view(np.uint64).max())
        return most <= HIGHEST or bool(self.table.min() >= 0.0 and self.table.max() <= 1.0)

    @property
    def good(self) -> NDArray[np.bool_]:
        """Whether the row's numbers are probabilities."""
        # NaN fails both comparisons.
        inside = (self.table >= 0.0) & (self.table <= 1.0)
        return inside[:, 0] if inside.shape[1] == 1 else np.asarray(inside.all(axis=1), np.bool_)

    def likeliest(self) -> NDArray[np.int64]:
        """Index of each row's likeliest label, the first of equals.

        Raises:
            SettingsError: the labels were not given.
        """
        if not self.names:
            raise SettingsError(
                "probabilities of several labels need their names",
                where="probability_labels",
                expected="the labels in the order of the probabilities",
                todo="Give --probability-labels A,B,C",
            )
        indices: NDArray[np.int64] = np.nan_to_num(self.table, nan=-1.0).argmax(axis=1)
        return indices


def joined(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array of all chunks, plain where it was encoded by a dictionary."""
    array = whole(values) if isinstance(values, pa.ChunkedArray) else values
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def numbers(values: pa.ChunkedArray) -> Floats:
    """The values as doubles, NaN where there is none."""
    array = joined(values)
    if (
        pa.types.is_integer(array.type) or pa.types.is_floating(array.type)
    ) and not array.null_count:
        # Sooner than by way of Arrow's casts.
        return values_of(array).astype(np.float64, copy=False)
    if not _is_text(array.type):
        if pa.types.is_decimal(array.type) or pa.types.is_boolean(array.type):
            array = array.cast(pa.float64())
        doubles: Floats = pc.cast(array, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return doubles
    try:
        parsed: Floats = pc.cast(array, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return np.array([_number(text) for text in array.to_pylist()], dtype=np.float64)
    return parsed


def probabilities(
    values: pa.ChunkedArray, names: tuple[str, ...], positive: str | None
) -> Probabilities:
    """Probabilities of a column: numbers, or lists of one for each label.

    Args:
        values: numbers, lists, or text of either.
        names: the labels that lists are about.
        positive: the positive label; the last one of a list of two where it is not named.

    Raises:
        InputError: lists differ in length from the labels, or from one another.
    """
    array = joined(values)
    if _is_text(array.type) and _holds_lists(array):
        array = pa.array([_parsed(text) for text in array.to_pylist()], pa.list_(pa.float64()))
    if not _is_list(array.type):
        return Probabilities(table=numbers(values)[:, None])
    table = _table(array, len(names))
    return Probabilities(table=table, names=names, column=_column(table, names, positive))


def _column(table: Floats, names: tuple[str, ...], positive: str | None) -> int:
    if positive is not None and positive in names:
        return names.index(positive)
    return min(1, int(table.shape[1]) - 1)


def _table(array: pa.Array, width: int) -> Floats:
    lengths = pc.list_value_length(array)
    found = {length for length in lengths.unique().to_pylist() if length is not None}
    if len(found) > 1 or (width and found and found != {width}):
        raise InputError(
            "lists of probabilities differ in length",
            expected=f"{width} numbers, one for each label" if width else "one length",
            found=", ".join(map(str, sorted(found))),
            todo="Name all labels in --probability-labels, in the order of the list",
        )
    size = found.pop() if found else max(width, 1)
    table = np.full((len(array), size), np.nan)
    present = array.is_valid().to_numpy(zero_copy_only=False)
    flat = pc.cast(array.flatten(), pa.float64()).to_numpy(zero_copy_only=False)
    table[present] = flat.reshape(-1, size)
    return table


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _holds_lists(array: pa.Array) -> bool:
    first = array.drop_null().slice(0, 1).to_pylist()
    return bool(first) and str(first[0]).lstrip().startswith("[")


def _parsed(text: Any) -> Sequence[float] | None:
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, TypeError):
        return None
    return [_number(item) for item in value] if isinstance(value, list) else None


def _number(value: Any) -> float:
    if isinstance(value, str):
        number = number_in(value)
        return float("nan") if number is None else number
    try:
        return float(value)
    except TypeError:
        return float("nan")
