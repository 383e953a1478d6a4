"""Which of the values that a configuration gives for a column occur in none of its rows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.states.groups.columns import Rest
from driftkit.states.groups.outcomes import sort_key
from driftkit.states.groups.types import Scale, same, typed, wanted_values

if TYPE_CHECKING:
    from driftkit.dialects import Dialect
    from driftkit.states.groups.columns import ColumnFacts, Scalar

_SHOWN = 10


def unseen_values(
    facts: ColumnFacts, given: tuple[Scalar, ...] | None, rules: Dialect
) -> tuple[Scalar, ...]:
    """The given values that no row has; none for a scale, whose values are bounds.

    Args:
        facts: what was seen of the column.
        given: values of the configuration; None compares each with all others.
        rules: of the dialect.
    """
    if not given or not facts.present:
        return ()
    column = typed(facts, given, rules)
    if column.scale is Scale.CONTINUOUS:
        return ()
    keys = [key for key in column.seen() if key is not None and not isinstance(key, Rest)]
    try:
        wanted = wanted_values(column, keys)
    except SettingsError:
        # They are not even of the column's type.
        return tuple(given)
    pairs = zip(given, wanted, strict=True)
    return tuple(value for value, each in pairs if not any(same(key, each) for key in keys))


def seen_text(facts: ColumnFacts) -> str:
    """The values of a column for people: the first ones, and how many there are."""
    keys = sorted((key for key in facts.values if not isinstance(key, Rest | None)), key=sort_key)
    shown = ", ".join(repr(key) for key in keys[:_SHOWN])
    left = round(facts.distinct) - len(keys[:_SHOWN])
    return f"{shown} and {left:,} more" if left > 0 else shown
