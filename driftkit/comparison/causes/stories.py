"""Features that changed together are one story: what happened, where, since when, how much it matters."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from driftkit.comparison.causes.cause import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from driftkit.comparison.causes.cause import Cause

# A word of three letters or more, before a separator or a number.
_PREFIX = re.compile(r"[^\W\d_]{3,}(?=[_.\-\s\d])")
# Features whose names begin alike went as far if their effects differ by less than this part.
_NEAR = 0.3
# Factors of so many rows that one is not known as the other: as logarithms, and how large both are.
_FACTORS_NEAR, _FAR = 0.3, 3.0
# And as many rows are changed.
_AS_MANY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A feature that changed, with what is known of the change.

    Attributes:
        feature: its name.
        cause: what changed.
        p_value: how sure it is that the feature differs.
        segment: the rows in which it changed, in words; empty where in all.
        onset: when in the window it began, in words; empty where before it.
        windows: how many windows in a row it is found in, this one among them.
        importance: how much of the predictions hangs on the feature; None where not known.
        impact: how far the feature is expected to move the model's answers; None where not known.
    """

    feature: str
    cause: Cause
    p_value: float
    segment: str = ""
    onset: str = ""
    windows: int = 1
    importance: float | None = None
    impact: float | None = None

    @property
    def effect(self) -> float:
        """How far it went: standard deviations, at most 3, or the share of the rows."""
        return max(min(abs(self.cause.moved or 0.0), 3.0), self.cause.rows)

    @property
    def weight(self) -> float | None:
        """Importance times effect, else the impact; None where neither is known."""
        return self.impact if self.importance is None else self.importance * self.effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Changes that belong together.

    Attributes:
        changes: the strongest first.
        because: why they are taken together; empty of a single one.
        step: the only step upstream in whose features anything changed so; empty where there is none.
    """

    changes: tuple[Change, ...] = field(default=())
    because: str = ""
    step: str = ""

    @property
    def first(self) -> Change:
        """The strongest change."""
        return self.changes[0]

    @property
    def features(self) -> tuple[str, ...]:
        """The features, the strongest first."""
        return tuple(each.feature for each in self.changes)

    @property
    def importance(self) -> float | None:
        """The importance times the effect of all changes; None where none is known."""
        return self.weight if any(each.importance is not None for each in self.changes) else None

    @property
    def weight(self) -> float | None:
        """The importance times the effect of all changes, else the largest impact; None if not known.

        Impacts do not add up: each has a part of those of the features that go with its own.
        """
        known = [each.weight for each in self.changes if each.weight is not None]
        if not known:
            return None
        return max(known) if all(each.importance is None for each in self.changes) else sum(known)


def stories(
    changes: Iterable[Change], upstream: Mapping[str, str] | None = None
) -> tuple[Story, ...]:
    """Puts changes together that have one reason to all appearance; the weightiest story first.

    Changes of one kind, in the same rows and since the same hour belong together where one of
    these holds: as many rows are changed; the size is the same and is not one that features have by
    chance; they are of one part of the window; the features come from the same step upstream; or
    their names have the same prefix and they went as far.

    Args:
        changes: one a feature, or several.
        upstream: feature -> the step, table or system that it comes from, where that is known; of all
            features, those that did not change too.
    """
    told: list[Story] = []
    steps = upstream or {}
    for change in sorted(changes, key=_strength):
        for index, story in enumerate(told):
            because = _reason(story.first, change, steps)
            if because and story.because in {"", because}:
                told[index] = Story(changes=(*story.changes, change), because=because)
                break
        else:
            told.append(Story(changes=(change,)))
    named = (replace(each, step=_only_step(each, told, steps)) for each in told)
    return tuple(sorted(named, key=_order))


def _only_step(story: Story, told: Sequence[Story], upstream: Mapping[str, str]) -> str:
    """The step of all features of a story; a single one of several tells nothing of its step."""
    step = upstream.get(story.first.feature, "")
    own = sum(each == step for each in upstream.values())
    changed = {
        upstream.get(change.feature)
        for each in told
        for change in each.changes
        if change.cause.kind == story.first.cause.kind
    }
    return step if changed == {step} and (len(story.changes) > 1 or own == 1) else ""


def _reason(first: Change, other: Change, upstream: Mapping[str, str]) -> str:
    """Why two changes belong together; empty if they do not."""
    same = (first.segment, first.onset, first.windows)
    if same != (other.segment, other.onset, other.windows) or first.feature == other.feature:
        return ""
    if first.cause.kind != other.cause.kind:
        return _SAME_FACTOR if _same_factor(first, other) else ""
    because = next((said for said, holds in _REASONS if holds(first, other)), "")
    step = upstream.get(first.feature)
    if not because and step is not None and step == upstream.get(other.feature):
        return f"both come from {step}"
    return because or (_SAME_NAMES if _same_prefix(first, other) else "")


def _same_rows(first: Change, other: Change) -> bool:
    """About as many rows without a value, or with a default value."""
    told = {Kind.NULLS, Kind.DEFAULT_VALUE}
    near = math.isclose(first.cause.rows, other.cause.rows, rel_tol=_AS_MANY)
    return first.cause.kind in told and near


def _same_size(first: Change, other: Change) -> bool:
    """The same factor between units, or as many hours; a grid is common to many."""
    told = {Kind.UNITS, Kind.TIME_ZONE}
    if first.cause.kind in told:
        return first.cause.size == other.cause.size
    return _same_factor(first, other)


def _same_factor(first: Change, other: Change) -> bool:
    """About the same factor, whether or not each is known as one between units."""
    factors = [_factor(each) for each in (first, other)]
    if any(each is None or max(each, 1 / each) < _FAR for each in factors):
        return False
    one, two = (math.log(each or 1.0) for each in factors)
    return abs(one - two) <= _FACTORS_NEAR


def _factor(change: Change) -> float | None:
    """By what all values look multiplied; None where something else happened."""
    factor, offset = change.cause.model or (None, None)
    told = change.cause.kind in {Kind.UNITS, Kind.SPREAD} and offset == 0
    return factor if told and factor is not None and factor > 0 else None


def _same_part(first: Change, _: Change) -> bool:
    """In the same segment only, or since the same hour."""
    return bool(first.segment or first.onset)


def _same_prefix(first: Change, other: Change) -> bool:
    """Names that begin alike, and went about as far."""
    prefix = _PREFIX.match(first.feature)
    if prefix is None or not other.feature.startswith(prefix[0]):
        return False
    return math.isclose(first.effect, other.effect, rel_tol=_NEAR)


_SAME_FACTOR = "by the same factor"
_REASONS: Sequence[tuple[str, Callable[[Change, Change], bool]]] = (
    ("as many rows of each", _same_rows),
    (_SAME_FACTOR, _same_size),
    ("in the same part of the window", _same_part),
)
_SAME_NAMES = "names that begin alike"


def _strength(change: Change) -> tuple[float, float, float, str]:
    weight = change.weight
    return (
        -(weight if weight is not None else -1.0),
        change.p_value,
        -change.effect,
        change.feature,
    )


def _order(story: Story) -> tuple[float, float, float, str]:
    """By what hangs on it where that is known, then by evidence, then by how far it went."""
    weight, first = story.weight, story.first
    p_value = min(each.p_value for each in story.changes)
    effect = max(each.effect for each in story.changes)
    return (-(weight if weight is not None else -1.0), p_value, -effect, first.feature)
