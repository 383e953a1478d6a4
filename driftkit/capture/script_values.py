"""Converts the values that a preprocessor returns to text fields."""

from __future__ import annotations

import math
import numbers
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftkit.readers.json_values import JsonRow

EXPECTED = (
    "numbers, truth values, text, times, missing values (None, NaN, NA, NaT), and lists, arrays "
    "and dicts of these"
)
_PANDAS = "pandas"


class MeaninglessError(ValueError):
    """A value is neither a number nor text nor missing; the text says which and where."""


def row_of(value: Any) -> JsonRow:
    """A dict that a script gives as named fields: inner dicts by dots, arrays by place.

    >>> row_of({"a": np.float32(0.1), "b": {"c": Decimal("1.50")}, "d": np.array([1, np.nan])})
    {'a': '0.1', 'b.c': '1.50', 'd.0': '1.0', 'd.1': None}

    Raises:
        MeaninglessError: a value or a name means nothing, or stands within itself.
    """
    fields: JsonRow = {}
    try:
        for name, inner in value.items():
            _add(fields, _name(name), inner)
    except RecursionError as error:
        raise MeaninglessError("a value that holds itself, or is nested too deep") from error
    return fields


def _add(fields: JsonRow, name: str, value: Any) -> None:
    plain = _PLAIN.get(type(value))
    if plain is not None:
        fields[name] = plain(value)
        return
    for key, inner in _inner(value, name) or ():
        if inner is value:
            fields[name] = _text(value, name)
        else:
            _add(fields, key, inner)


def _inner(value: Any, name: str) -> Iterable[tuple[str, Any]]:
    """What stands in a dict or a list, with its name; a value by itself holds itself."""
    if isinstance(value, Enum):
        return [(name, value.value)]
    if is_of_pandas(value, "Series"):
        value = value.to_dict() if _is_named(value) else value.tolist()
    if hasattr(value, "items") and not isinstance(value, type):
        return ((f"{name}.{_name(key)}", inner) for key, inner in value.items())
    listed = value if isinstance(value, list | tuple) else _unwrapped(value)
    if isinstance(listed, list | tuple):
        return ((f"{name}.{index}", inner) for index, inner in enumerate(listed))
    return [(name, listed)]


def _unwrapped(value: Any) -> Any:
    """Lists of arrays, and plain values of the scalars of Arrow and of tensors."""
    if isinstance(value, np.generic):
        return value
    if isinstance(value, np.ndarray):
        # Its own tolist makes plain integers of nanoseconds.
        return [*value] if value.ndim else value[()]
    for method in ("as_py", "tolist"):
        unwrap = getattr(value, method, None)
        if callable(unwrap) and not isinstance(value, type | memoryview):
            return unwrap()
    return value


def _is_named(series: Any) -> bool:
    return all(isinstance(key, str) for key in series.index)


def _name(key: Any) -> str:
    text = key if isinstance(key, str) else _text(key, "the name of a field")
    if text is None:
        raise MeaninglessError("a missing value as the name of a field")
    return str(text)


def _text(value: Any, name: str) -> str | None:
    """A single value as text."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain(value)
    for kind, make in _KINDS:
        if isinstance(value, kind):
            return make(value)
    if is_of_pandas(value, "NAType"):
        return None
    if is_of_pandas(value, "Period"):
        return str(value)
    raise MeaninglessError(f"{type(value).__module__}.{type(value).__qualname__} in {name!r}")


def is_of_pandas(value: Any, name: str) -> bool:
    """Whether a value is of a class of pandas, which is not loaded for the question."""
    kind = type(value)
    return kind.__name__ == name and kind.__module__.partition(".")[0] == _PANDAS


def _of_float(value: float) -> str | None:
    if math.isfinite(value):
        return repr(value)
    return None if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def _of_int(value: int) -> str:
    try:
        return repr(value)
    except ValueError as error:  # Python does not write integers of thousands of digits.
        raise MeaninglessError("an integer of too many digits") from error


def _of_decimal(value: Decimal) -> str | None:
    return (
        str(value) if value.is_finite() else _of_float(math.nan if value.is_nan() else float(value))
    )


def _of_bytes(value: bytes | bytearray | memoryview) -> str:
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise MeaninglessError("bytes that are no text in UTF-8") from error


def _of_moment(value: datetime | date | time) -> str | None:
    # pandas's NaT is a datetime that differs from itself.
    return value.isoformat() if value == value else None  # noqa: PLR0124


def _of_duration(value: timedelta) -> str | None:
    return _of_float(value.total_seconds())


def _of_numpy_number(value: np.floating[Any]) -> str | None:
    # The shortest text of a number in single precision is not that of the double.
    return str(value) if np.isfinite(value) and value.itemsize < 8 else _of_float(float(value))


def _of_numpy_moment(value: np.datetime64) -> str | None:
    return None if np.isnat(value) else str(value)


def _of_numpy_duration(value: np.timedelta64) -> str | None:
    if np.isnat(value):
        return None
    try:
        return _of_float(float(value / np.timedelta64(1, "s")))
    except TypeError as error:
        raise MeaninglessError("a duration in months or years, which differ in length") from error


_PLAIN: dict[type, Callable[[Any], str | None]] = {
    str: str,
    float: _of_float,
    int: _of_int,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: None,
}
# In this order: a Timestamp is a datetime, and that a date; numpy's double is a float.
_KINDS: tuple[tuple[Any, Callable[[Any], str | None]], ...] = (
    (np.bool_, lambda value: "true" if value else "false"),
    (np.datetime64, _of_numpy_moment),
    (np.timedelta64, _of_numpy_duration),
    (np.floating, _of_numpy_number),
    (np.integer, lambda value: _of_int(int(value))),
    (str, str.__str__),
    (bytes | bytearray | memoryview, _of_bytes),
    (datetime | date | time, _of_moment),
    (timedelta, _of_duration),
    (Decimal, _of_decimal),
    (UUID | PurePath, str),
    (numbers.Integral, lambda value: _of_int(int(value))),
    (numbers.Real, lambda value: _of_float(float(value))),
)
