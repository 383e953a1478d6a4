"""Rejects positive labels and facet values that occur in no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.formats.analysis import STAGES
from driftkit.states.groups.columns import Rest
from driftkit.states.groups.outcomes import sort_key
from driftkit.states.groups.types import Scale, same, typed, wanted_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.dialects import Dialect
    from driftkit.formats.analysis import Analysis
    from driftkit.states.groups.columns import ColumnFacts, Scalar
    from driftkit.states.groups.tables import GroupReader

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


def unseen_remarks(reader: GroupReader, known: Analysis | None) -> tuple[str, ...]:
    """What the configuration names and no row has, a line each.

    A window of an hour may lack a value that the baseline had. What neither has is an error.

    Args:
        reader: of the counts of all rows.
        known: the baseline of a window; None where a baseline is measured.

    Raises:
        SettingsError: a value occurs neither here nor in the baseline.
    """
    if reader.rules.unseen_value_is_empty:
        return ()
    remarks = []
    for key, facts, given in _asked(reader):
        lacking = unseen_values(facts, given, reader.rules)
        if not lacking:
            continue
        names, name = ", ".join(map(repr, lacking)), facts.column.name
        if known is None or not _knows(known, name, ",".join(map(str, given))):
            raise SettingsError(
                f"no row of column {name!r} has the value {names}",
                where=f"analysis_config.json: {key}",
                expected=f"values that occur: {seen_text(facts)}",
                found=names,
                todo="Correct the spelling, or leave the value out",
            )
        remarks.append(f"no row of column {name} has the value {names} that the baseline had")
    return tuple(remarks)


def _asked(reader: GroupReader) -> Iterator[tuple[str, ColumnFacts, tuple[Scalar, ...]]]:
    """Where the configuration gives values, for which column, and which."""
    columns, asked = reader.counts.columns, reader.counts.plan
    yield "label_values_or_threshold", columns[asked.label], reader.outcomes.positives
    for number, (indices, facet) in enumerate(zip(asked.facets, reader.facets, strict=True)):
        # Intersections follow, of columns that are facets by themselves.
        if len(indices) == 1 and facet.values[0]:
            yield f"facet[{number}].value_or_threshold", columns[indices[0]], facet.values[0]


def _knows(known: Analysis, name: str, text: str) -> bool:
    """Whether a baseline has measured the label or the facet with these values."""
    for stage in filter(None, map(known.stage, STAGES)):
        if (stage.label, stage.label_value_or_threshold) == (name, text):
            return True
        for group in stage.facets.get(name, ()):
            if group.value_or_threshold == text:
                return any(metric.value is not None for metric in group.metrics)
    return False
