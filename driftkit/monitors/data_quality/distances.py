"""All distances of all columns from a baseline, with their intervals, in one table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from driftkit.comparison.distance import measured
from driftkit.comparison.distances import DISTANCES, OWN
from driftkit.comparison.distributions import Distribution
from driftkit.errors import SettingsError
from driftkit.monitors.data_quality.checks.categories import listed_categories
from driftkit.results.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from driftkit.comparison.distance import Distance, OfCategories, OfNumbers
    from driftkit.formats.statistics import FeatureStatistics, Statistics

    Names = Sequence[str] | str | None

Sample: TypeAlias = "Distribution | Mapping[str, int] | None"
"""Numbers, counts of text, or None of text with too many values to list them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDistance:
    """How far a column is from its baseline, by one definition.

    Attributes:
        feature: the column.
        distance: name of the definition; None where none applies.
        value: the number; None where it could not be measured.
        lower: lower end of its interval of 95 %; None where it has none.
        upper: upper end.
        p_value: of the test that belongs to it.
        threshold: the usual one.
        beyond: whether the value is beyond it.
        reason: why there is no value.
    """

    feature: str
    distance: str | None = None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    threshold: float | None = None
    beyond: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """The distances of a window from its baseline, column by column.

    Attributes:
        found: one a column and definition.
    """

    found: tuple[FeatureDistance, ...]

    def rows(self) -> list[dict[str, Any]]:
        """A row each, as a mapping."""
        names = FeatureDistance.__dataclass_fields__
        return [{name: getattr(each, name) for name in names} for each in self.found]

    def table(self) -> pd.DataFrame:
        """A row each."""
        return table(self.rows(), FeatureDistance.__dataclass_fields__)


def between(
    current: Mapping[str, Sample], baseline: Mapping[str, Sample], names: Names = None
) -> Distances:
    """The distances of samples of columns.

    Args:
        current: column -> the window's values.
        baseline: column -> the baseline's.
        names: of distances, or patterns such as nannyml:*; None for all that are no other tool's.

    Raises:
        SettingsError: no distance is called so.
    """
    asked = _asked(names)
    return Distances(
        found=tuple(
            each
            for feature, before in baseline.items()
            for each in _of_feature(feature, current, before, asked)
        )
    )


class Compared(Protocol):
    """A window that was compared with its baseline."""

    @property
    def statistics(self) -> Statistics:
        """Of the window."""

    @property
    def baseline(self) -> Normal | None:
        """What it was compared with."""


class Normal(Protocol):
    """A baseline."""

    @property
    def statistics(self) -> Statistics | None:
        """Of its data, where they are known."""


def distances_of_result(result: Compared, names: Sequence[str] | str | None = None) -> pd.DataFrame:
    """Every distance of every column from the baseline, with its interval.

    Args:
        result: of a window against its baseline.
        names: of distances, or patterns such as "nannyml:*"; None for all but other tools'.

    Raises:
        SettingsError: no distance is called so.
    """
    before = result.baseline.statistics if result.baseline else None
    normal = {} if before is None else samples(before)
    return between(samples(result.statistics), normal, names).table()


def samples(statistics: Statistics) -> dict[str, Sample]:
    """The values of columns as statistics.json keeps them; those without any are left out."""
    found = {each.name: _sample(each) for each in statistics.features}
    return {name: each for name, each in found.items() if each != {}}


def _sample(feature: FeatureStatistics) -> Sample:
    if feature.numerical is not None:
        return feature.sketched() or {}
    texts = feature.string
    return listed_categories(feature) if texts and texts.num_present else {}


def _asked(names: Names) -> list[Distance]:
    if names is None:
        return list(OWN)
    found: dict[str, Distance] = {}
    for text in [names] if isinstance(names, str) else names:
        matching = {
            each.name: each
            for each in DISTANCES
            for word in (each.name, *each.spellings)
            if fnmatchcase(word.lower(), text.lower())
        }
        if not matching:
            raise SettingsError(
                "no distance is called so",
                where="names",
                expected=" | ".join(each.name for each in DISTANCES),
                found=repr(text),
                todo="Choose one of them, or a pattern such as nannyml:*",
            )
        found |= matching
    return list(found.values())


def _of_feature(
    feature: str, current: Mapping[str, Sample], before: Sample, asked: Sequence[Distance]
) -> Iterator[FeatureDistance]:
    now = current.get(feature, {})
    reason = _why_not(now, before)
    if reason:
        yield FeatureDistance(feature=feature, reason=reason)
        return
    of_numbers = isinstance(now, Distribution)
    for each in asked:
        measure = each.numbers if of_numbers else each.categories
        if measure is not None:
            yield _measured(feature, each, measure, now, before)


def _why_not(now: Sample, before: Sample) -> str | None:
    """Why the two cannot be compared; None where they can."""
    if now == {}:
        return "the window has no value of it"
    if now is None or before is None:
        return "it has too many values to list the shares of each"
    if isinstance(now, Distribution) is not isinstance(before, Distribution):
        return "it has numbers on one side and text on the other"
    return None


def _measured(
    feature: str, of: Distance, measure: OfNumbers | OfCategories, now: Any, before: Any
) -> FeatureDistance:
    found = measured(measure, now, before)
    if not math.isfinite(found.value):
        reason = "its numbers are too large" if of.numbers else "it has too few rows"
        return FeatureDistance(feature=feature, distance=of.name, reason=reason)
    lower, upper = found.interval or (None, None)
    small = of.is_p_value
    return FeatureDistance(
        feature=feature,
        distance=of.name,
        value=found.value,
        lower=lower,
        upper=upper,
        p_value=found.p_value,
        threshold=of.threshold,
        beyond=found.value < of.threshold if small else found.value > of.threshold,
    )
