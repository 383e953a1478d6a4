"""How the values of a facet's column fall into groups: given ones, or each against all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.states.groups.columns import VALUES_KEPT, ColumnFacts, Key, Scalar
from driftkit.states.groups.types import (
    Scale,
    TypedColumn,
    in_interval,
    interval_of,
    matching,
    typed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.dialects import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the keys of a facet's column fall into groups.

    Attributes:
        texts: the groups, as in the report.
        group_of: a key's group; keys that belong to the rest are absent.
        fixed: whether the groups are given rather than seen.
    """

    texts: tuple[str, ...]
    group_of: Mapping[Key, int]
    fixed: bool


def split(facts: ColumnFacts, given: tuple[Scalar, ...] | None, rules: Dialect) -> Split:
    """Splits a facet's column.

    Args:
        facts: what was seen of it.
        given: values or threshold of the configuration.
        rules: of the dialect.

    Raises:
        SettingsError: it is a scale without a threshold, or has too many values.
    """
    column = typed(facts, given, rules)
    if column.scale is Scale.CONTINUOUS:
        interval = interval_of(column)
        keys = in_interval(column, interval, cut=False)
        return _one_group("" if interval is None else str(interval), keys)
    if column.given:
        return _one_group(",".join(map(str, column.given)), matching(column))
    return _one_against_all(column, rules)


def _one_against_all(column: TypedColumn, rules: Dialect) -> Split:
    if column.facts.collapsed:
        raise SettingsError(
            "a facet has too many values to compare each with all others",
            where=f"facet {column.name!r}",
            expected=f"at most {VALUES_KEPT:,} values",
            found=f"more than {VALUES_KEPT:,}",
            todo="Give value_or_threshold",
        )
    keys = [key for key in column.seen() if key is not None]
    group_of: dict[Key, int] = {key: place for place, key in enumerate(keys)}
    texts = [str(key) for key in keys]
    if rules.missing_facet_is_value and column.facts.missing:
        texts.insert(column.seen().index(None), "nan")
        group_of = {key: texts.index(str(key)) for key in keys}
    return Split(texts=tuple(texts), group_of=group_of, fixed=False)


def _one_group(text: str, keys: set[Key]) -> Split:
    return Split(texts=(text,), group_of=dict.fromkeys(keys, 0), fixed=True)
