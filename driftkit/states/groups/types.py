"""Whether a column is categorical or continuous, and which of its values a configuration means.

The rules are those of the open library smclarify 0.5 (module bias.metrics.common): the type that
pandas would give the column, then how many of its values differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from driftkit.columns.numbers import number_in
from driftkit.columns.types import InferredType
from driftkit.errors import SettingsError
from driftkit.states.groups.columns import ColumnFacts, Key, Rest, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftkit.dialects import Dialect

UNIQUENESS = 0.05

Dtype = Literal["category", "bool", "int64", "float64", "object"]


class Scale(StrEnum):
    """What a column is to smclarify."""

    CATEGORICAL = "CATEGORICAL"
    CONTINUOUS = "CONTINUOUS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An interval, open on the left; it has no values where the threshold is the maximum."""

    low: float
    high: float
    whole: bool

    def __str__(self) -> str:
        if self.whole:
            return f"({int(self.low)}, {int(self.high)}]"
        return f"({float(self.low)!r}, {float(self.high)!r}]"

    def holds(self, number: float) -> bool:
        """Whether a number lies in it."""
        return self.low < number <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedColumn:
    """A column with its type.

    Attributes:
        facts: what was seen of it.
        dtype: the type that pandas would give it.
        scale: categories, or a scale.
        given: the values or the threshold of the configuration; numbers for a scale.
        rules: of the dialect.
    """

    facts: ColumnFacts
    dtype: Dtype
    scale: Scale
    given: tuple[Scalar, ...]
    rules: Dialect

    @property
    def name(self) -> str:
        """Its name."""
        return self.facts.column.name

    def typed(self, key: Key) -> Key:
        """A value as one of the column's type."""
        if key is None or isinstance(key, Rest):
            return key
        if self.dtype == "int64":
            return int(key)
        if self.dtype == "float64":
            return float(key)
        if self.dtype == "bool":
            return key if isinstance(key, bool) else str(key).lower() == "true"
        return key

    def seen(self) -> tuple[Key, ...]:
        """Its typed values, missing ones too, in order of appearance."""
        return tuple(dict.fromkeys(map(self.typed, self.facts.values)))


def typed(facts: ColumnFacts, given: Sequence[Scalar] | None, rules: Dialect) -> TypedColumn:
    """Decides about a column.

    Args:
        facts: what was seen of it.
        given: values or threshold of the configuration.
        rules: of the dialect.

    Raises:
        SettingsError: it is a scale, and what is given is no number.
    """
    values = tuple(given or ())
    dtype = dtype_of(facts, rules)
    scale = scale_of(facts, dtype, values, rules)
    if scale is Scale.CONTINUOUS and values:
        values = (_threshold(facts, values[0]), *values[1:])
    return TypedColumn(facts=facts, dtype=dtype, scale=scale, given=values, rules=rules)


def dtype_of(facts: ColumnFacts, rules: Dialect) -> Dtype:
    """The type that pandas would give the column."""
    declared = facts.column.declared
    holes = facts.missing > 0
    if facts.column.category:
        return "category"
    if declared is InferredType.STRING:
        return "object"
    if declared is InferredType.FRACTIONAL or "float" in facts.kinds <= {"int", "float"}:
        return "float64"
    if declared is InferredType.INTEGRAL or facts.kinds == {"int"}:
        return "float64" if holes and rules.missing_label_is_negative else "int64"
    if declared is InferredType.BOOLEAN or facts.kinds == {"bool"}:
        return "object" if holes and rules.missing_label_is_negative else "bool"
    return "float64" if not facts.kinds else "object"


def scale_of(facts: ColumnFacts, dtype: Dtype, given: tuple[Scalar, ...], rules: Dialect) -> Scale:
    """Categories or a scale: smclarify's rule of 5 % different values."""
    if dtype in {"category", "bool"} or len(given) > 1:
        return Scale.CATEGORICAL
    if dtype == "object" and (facts.kinds != {"int"} or facts.missing):
        return Scale.CATEGORICAL
    if not rules.scale_of_two_values and _two_values(facts, given):
        return Scale.CATEGORICAL
    share = facts.distinct / facts.present if facts.present else 0.0
    return Scale.CONTINUOUS if dtype == "float64" or share >= UNIQUENESS else Scale.CATEGORICAL


def _two_values(facts: ColumnFacts, given: tuple[Scalar, ...]) -> bool:
    """Whether there are at most two values, and what is given may be one of them."""
    if facts.distinct > 2:
        return False
    seen = {_number(key) for key in facts.values if key is not None}
    numbers = {_number(value) for value in given}
    return not numbers or numbers <= seen or ("float" not in facts.kinds and _whole(numbers))


def _number(value: Key) -> float | str:
    if isinstance(value, bool | int | float):
        return float(value)
    number = number_in(value) if isinstance(value, str) else None
    return str(value) if number is None else number


def _whole(numbers: set[float | str]) -> bool:
    return all(isinstance(each, float) and each.is_integer() for each in numbers)


def _threshold(facts: ColumnFacts, value: Scalar) -> Scalar:
    if isinstance(value, bool | int | float):
        return value
    try:
        return _to_float(value)
    except ValueError as error:
        raise SettingsError(
            "Facet/label value provided must be a single numeric threshold for continuous data",
            where=f"column {facts.column.name!r}",
            expected="a number",
            found=repr(value),
            todo="Correct value_or_threshold or label_values_or_threshold",
        ) from error


def interval_of(column: TypedColumn, maximum: float | None = None) -> Interval | None:
    """The interval above a scale's threshold; None where nothing lies in it.

    Args:
        column: the scale, with a threshold given.
        maximum: greatest value, if not the column's own.

    Raises:
        SettingsError: there is no threshold, or the column has no values.
    """
    if not column.given:
        raise SettingsError(
            "Threshold values must be provided for continuous features",
            where=f"column {column.name!r}",
            expected="value_or_threshold",
            found=f"{column.facts.distinct:,.0f} different numbers and no threshold",
            todo="Give one",
        )
    highest = column.facts.maximum if maximum is None else maximum
    if highest is None:
        raise _no_values(column)
    threshold = float(column.given[0])
    # smclarify compares the absolute value of the maximum.
    if abs(highest) == threshold:
        return None
    whole = isinstance(column.given[0], int) and column.dtype in {"int64", "object"}
    low, high = sorted((threshold, float(highest)))
    return Interval(low=low, high=high, whole=whole)


def _no_values(column: TypedColumn) -> SettingsError:
    return SettingsError(
        "a column has no values",
        where=f"column {column.name!r}",
        expected="numbers",
        found=f"{column.facts.missing:,} missing values",
        todo="Check the input",
    )


def in_interval(column: TypedColumn, interval: Interval | None, *, cut: bool) -> set[Key]:
    """The keys of a scale that lie in an interval.

    Args:
        column: the scale.
        interval: its interval.
        cut: whether fractions are cut off first.
    """
    if interval is None:
        return set()
    return {key for key in column.seen() if _lies(key, column, interval, cut=cut)}


def _lies(key: Key, column: TypedColumn, interval: Interval, *, cut: bool) -> bool:
    if key is None:
        return False
    if not isinstance(key, Rest):
        number = float(key)
        return interval.holds(int(number) if cut else number)
    points = column.facts.column.points
    bound = float(column.given[0])
    if bound != interval.low:
        return False
    if cut and bound >= 0:
        bound = float(bound // 1 + 1)
    return key.rank > points.index(bound)


def matching(column: TypedColumn) -> set[Key]:
    """The keys of categories that are given.

    Values are compared as they stand; if none occurs, they are first made values of the column's
    type, so that the number 1 finds the text "1".

    Raises:
        SettingsError: they cannot be.
    """
    keys = [key for key in column.seen() if key is not None and not isinstance(key, Rest)]
    wanted = wanted_values(column, keys)
    return {key for key in keys if any(same(key, value) for value in wanted)}


def wanted_values(column: TypedColumn, keys: Sequence[Scalar]) -> tuple[Scalar, ...]:
    """The given values as they are looked for among a column's keys.

    Raises:
        SettingsError: none of them is a key, and they cannot be made values of its type.
    """
    if not keys or any(same(key, value) for key in keys for value in column.given):
        return column.given
    return converted(column, keys[0])


def same(key: Scalar, value: Scalar) -> bool:
    """Whether a key is a given value; a text is never a number."""
    return isinstance(key, str) == isinstance(value, str) and key == value


def converted(column: TypedColumn, example: Scalar) -> tuple[Scalar, ...]:
    """The given values as values of the column's type.

    Raises:
        SettingsError: they cannot be.
    """
    convert: Callable[[Scalar], Scalar] = _CONVERSIONS[type(example)]
    if isinstance(example, bool) and column.rules.any_text_is_true:
        convert = bool
    try:
        return tuple(convert(value) for value in column.given)
    except ValueError as error:
        raise SettingsError(
            "'label' has not positive elements: none of the given values occurs",
            where=f"column {column.name!r}",
            expected=f"values like {example!r}",
            found=", ".join(map(repr, column.given)),
            todo="Double-check label_values_or_threshold and value_or_threshold",
        ) from error


def _to_int(value: Scalar) -> Scalar:
    number = _to_float(value)
    try:
        return int(value)
    except ValueError:
        return number


def _to_float(value: Scalar) -> float:
    number = number_in(value) if isinstance(value, str) else float(value)
    if number is None:
        raise ValueError(value)
    return number


def _to_bool(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1", "1.0"}
    return bool(value)


_CONVERSIONS: dict[type, Callable[[Scalar], Scalar]] = {
    bool: _to_bool,
    int: _to_int,
    float: _to_float,
    str: str,
}
