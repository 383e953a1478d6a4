"""What changed between the numbers of a baseline and those of a window: rules in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.all_rows import (
    mixture,
    rounding,
    rounding_to_one,
    shift_or_spread,
    units,
)
from driftkit.comparison.causes.cause import Kind
from driftkit.comparison.causes.hours import hours_of, time_zone
from driftkit.comparison.causes.nulls import nulls
from driftkit.comparison.causes.ordinary import Ordinary
from driftkit.comparison.causes.pair import Pair
from driftkit.comparison.causes.samples import is_frozen
from driftkit.comparison.causes.some_rows import (
    default_values,
    frozen,
    keeps_its_mode,
    new_default,
    share,
    share_of_codes,
    single_values,
    unit_errors,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.causes.cause import Cause
    from driftkit.comparison.causes.samples import Numbers

# In terms of what chance may do: a second change is claimed beyond it.
_ANOTHER = 1.5


def causes_of_numbers(
    before: Numbers, now: Numbers, ordinary: Ordinary | None = None
) -> tuple[Cause, ...]:
    """What changed, those of most rows first; it is asked of features that differ.

    Rows without a value are a change of their own. Of the values the first rule that holds names
    the kind; rows with a default value are then set aside, and the rules are asked of the others.

    Args:
        before: of the baseline.
        now: of the window.
        ordinary: how far ordinary windows are from the baseline, where that is known.
    """
    missing = nulls(before, now)
    if not before.present or not now.present:
        return missing
    pair = Pair(before=before, now=now, ordinary=ordinary or Ordinary())
    # What overflows explains nothing.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = _of_values(pair)
    if missing and _by_missing(pair, found[0], missing[0].rows):
        return missing
    return tuple(sorted((*missing, *found), key=lambda each: -each.rows))


def _by_missing(pair: Pair, cause: Cause, rows: float) -> bool:
    """Whether the others differ only by chance, or as values of some of their rows are gone."""
    if cause.kind is not Kind.MIXTURE and cause.rows < 1:
        return False
    gone = rows / max(1 - rows, 1e-12) + pair.chance
    return pair.gap <= max(gone, _ANOTHER * pair.chance)


def _of_values(pair: Pair) -> tuple[Cause, ...]:
    cause = _zone(pair) or rounding_to_one(pair) or _frozen(pair) or rounding(pair)
    if cause:
        return (cause,)
    defaults = list(default_values(pair))
    for cause, rest in defaults:
        if rest.gap <= max(rest.chance, pair.gap / 2) and keeps_its_mode(rest):
            second = _of_all_rows(rest) if rest.gap > _ANOTHER * rest.chance else ()
            return (*second, cause)
    if of_value := share(pair, min(pair.sampling, pair.gap / 2)):
        return (of_value,)
    found = _of_all_rows(pair)
    if found := _with_a_default(pair, found) or found:
        return found
    return (share(pair, pair.gap / 2) or share_of_codes(pair) or mixture(pair),)


def _with_a_default(pair: Pair, found: Sequence[Cause]) -> tuple[Cause, ...]:
    """A change of all rows but for those that have a default value now; nothing where there is none.

    Args:
        pair: of baseline and window.
        found: what is said of all rows, if something is. Without the default value nothing may be
            left of the difference beyond chance, and with it half as much as rows have it.
    """
    best: tuple[Cause, ...] = ()
    left = least = _left(pair, found)
    for value, rest in single_values(pair):
        others = _of_all_rows(rest)
        if not others or others[0].model is None:
            continue
        cause, more = new_default(pair, value, others[0].model), _left(rest, others)
        if cause is None or more > min(least, rest.chance):
            continue
        if not found or left - more >= cause.rows / 2:
            least, best = more, (*others, cause)
    return best


def _frozen(pair: Pair) -> Cause | None:
    """One value; of what was nearly so before, another unit makes another value of it."""
    cause = frozen(pair)
    if cause is None or is_frozen(pair.before.most_frequent, cause.rows):
        return cause
    return units(pair) or cause


def _of_all_rows(pair: Pair) -> tuple[Cause, ...]:
    """A change of all rows, and errors of units that are seen once it is undone."""
    of_units = units(pair)
    few = None if of_units else unit_errors(pair)
    if few:
        return (few,)
    found = of_units or shift_or_spread(pair)
    if found is None or found.model is None:
        return ()
    few = unit_errors(replace(pair, before=pair.before.changed(*found.model)))
    return (found, few) if few else (found,)


def _left(pair: Pair, found: Sequence[Cause]) -> float:
    """How far the distributions are apart once a change of all rows is undone."""
    models = [each.model for each in found if each.model is not None]
    return pair.apart(*models[0]) if models else pair.gap


def _zone(pair: Pair) -> Cause | None:
    before, now = hours_of(pair.before), hours_of(pair.now)
    return time_zone(before, now) if before is not None and now is not None else None
