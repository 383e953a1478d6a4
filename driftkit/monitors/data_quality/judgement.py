"""Puts thresholds and methods of a run in place of those that the baseline's constraints have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.columns.types import InferredType
from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.errors import SettingsError
from driftkit.settings.patterns import is_pattern, meanings, refuse_unmatched

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import TypeVar

    from driftkit.comparison.distance import Distance
    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import Constraints
    from driftkit.monitors.data_quality.results import Baseline
    from driftkit.settings import Judgement

    Value = TypeVar("Value")

_NUMERIC = {str(each) for each in InferredType if each.is_numeric}


def judged(
    baseline: Baseline, judgement: Judgement, dialect: Dialect, left_out: Collection[str] = ()
) -> Baseline:
    """The baseline with the thresholds and methods of a run; its files stay as they are.

    A name goes before a pattern, and a later one before an earlier one. A method has its own usual
    threshold, unless one is given.

    Args:
        baseline: of the columns that take part.
        judgement: what is said of them.
        dialect: whose methods there are.
        left_out: columns that do not take part.

    Raises:
        SettingsError: a column or method is not known, or the method is none for its column.
    """
    if not judgement.thresholds and not judgement.methods:
        return baseline
    kinds = {each.name: each.inferred_type in _NUMERIC for each in baseline.constraints.features}
    refuse_unmatched("thresholds", judgement.thresholds, kinds, left_out=left_out)
    refuse_unmatched("methods", judgement.methods, kinds, left_out=left_out)
    methods = _methods(judgement.methods, kinds, dialect)
    changes = _changes(_by_name(judgement.thresholds, kinds), methods, kinds)
    return constrained(baseline, lambda each: _overridden(each, changes))


def constrained(baseline: Baseline, change: Callable[[Constraints], Constraints]) -> Baseline:
    """The baseline with other constraints, of segments too; its files stay as they are."""
    return replace(
        baseline,
        constraints=change(baseline.constraints),
        segment_constraints={
            key: change(each) for key, each in baseline.segment_constraints.items()
        },
    )


def _by_name(values: Mapping[str, Value], names: Collection[str]) -> dict[str, Value]:
    return {name: values[text] for text, meant in meanings(values, names) for name in meant}


def _methods(
    asked: Mapping[str, str], kinds: Mapping[str, bool], dialect: Dialect
) -> dict[str, Distance]:
    """The method of each column that has one; a pattern means those that it is made for."""
    found: dict[str, Distance] = {}
    for text, names in meanings(asked, kinds):
        tables = {
            name: _known(NUMERICAL if kinds[name] else CATEGORICAL, dialect) for name in names
        }
        spelled = asked[text].lower()
        fitting = {name: table[spelled] for name, table in tables.items() if spelled in table}
        if not fitting or (len(fitting) < len(names) and not is_pattern(text)):
            raise _no_method(text, asked[text], tables, dialect)
        found |= fitting
    return found


def _known(table: Mapping[str, Distance], dialect: Dialect) -> dict[str, Distance]:
    """By their names, and what else they are called, in small letters."""
    known = [each for each in table.values() if dialect.name in each.dialects]
    return {word.lower(): each for each in known for word in (each.name, *each.spellings)}


def _no_method(
    text: str, asked: str, tables: Mapping[str, Mapping[str, Distance]], dialect: Dialect
) -> SettingsError:
    names = dict.fromkeys(each.name for table in tables.values() for each in table.values())
    return SettingsError(
        f"the column is not compared so in dialect {dialect.name}",
        where=f"methods[{text!r}]",
        expected=" | ".join(names),
        found=repr(asked),
        todo="Choose one of them",
    )


def _changes(
    thresholds: Mapping[str, float], methods: Mapping[str, Distance], kinds: Mapping[str, bool]
) -> dict[str, dict[str, float | str]]:
    """Column -> the keys of distribution_constraints that are other than in the baseline."""
    found: dict[str, dict[str, float | str]] = {}
    for name in {**methods, **thresholds}:
        method = methods.get(name)
        threshold = thresholds.get(name, method.threshold if method else 0.0)
        at, how = _KEYS[kinds[name]]
        found[name] = {at: threshold, **({how: method.name} if method else {})}
    return found


# Of numbers, and of categories.
_KEYS = {
    True: ("comparison_threshold", "comparison_method"),
    False: ("categorical_comparison_threshold", "categorical_drift_method"),
}


def _overridden(constraints: Constraints, changes: Mapping[str, Mapping[str, Any]]) -> Constraints:
    features = (
        each.overridden(changes[each.name]) if each.name in changes else each
        for each in constraints.features
    )
    return replace(constraints, features=tuple(features))
