"""The settings of a bias run, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import Any

from driftkit.errors import SettingsError
from driftkit.settings import Settings, refuse_unknown, shown, text, truth

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasSettings:
    """How a bias run reads, computes and compares.

    Attributes:
        run: what all monitors have in common (format, dialect, runner, ...).
        features_attribute: JMESPath of the features in JSON; beats the configuration's `features`.
        inference_attribute: JMESPath, name or zero-based index of the predicted label.
        probability_attribute: JMESPath, name or index of the score, or of the scores of all
            labels.
        probability_threshold: scores above it are 1; beats the configuration's, default 0.5.
        intersections: groups of facets whose combinations are facets too.
        allowed: metric name -> (lowest, highest) value without violation, in place of the
            baseline's; textbook dialect only.
        confidence: with which all intervals of a comparison hold together.
        seed: of the resampling.
        small_group: groups with fewer rows are marked.
        flip_test_rows: more rows than these are not compared with their nearest neighbours.
        flip_test_sample: whether to take as many of them by chance, rather than give up.
        basic_statistics: whether to add size, labels and confusion matrix of each facet.
        performance_report: whether to add how often the model is right.
    """

    run: Settings = field(default_factory=Settings)
    features_attribute: str | None = None
    inference_attribute: str | None = None
    probability_attribute: str | None = None
    probability_threshold: float | None = None
    intersections: tuple[tuple[str, ...], ...] = ()
    allowed: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    confidence: float = 0.95
    seed: int = 0
    small_group: int = 30
    flip_test_rows: int = 50_000
    flip_test_sample: bool = False
    basic_statistics: bool = False
    performance_report: bool = False

    @classmethod
    def of(cls, **values: Any) -> BiasSettings:
        """Settings from keywords, those of all monitors and those of this one.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        own = {each.name for each in fields(cls)} - {"run"}
        refuse_unknown(values, own | {each.name for each in fields(Settings)})
        common = {name: value for name, value in values.items() if name not in own}
        mine = {name: values[name] for name in values if name in own and values[name] is not None}
        for name, (check, expected) in _CHECKS.items():
            if name in mine and not check(mine[name]):
                raise SettingsError(
                    f"{name} is not what it should be",
                    where=name,
                    expected=expected,
                    found=shown(mine[name]),
                    todo="Correct it",
                )
        mine |= {name: text(name, mine[name]) for name in _TEXTS if name in mine}
        mine |= {name: truth(name, mine[name]) for name in _TRUTHS if name in mine}
        if "intersections" in mine:
            mine["intersections"] = tuple(tuple(each) for each in mine["intersections"])
        return cls(run=Settings.of(**common), **mine)


def _is_share(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and 0 <= float(value) <= 1


def _is_inner_share(value: Any) -> bool:
    return _is_share(value) and 0 < value < 1


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= 0


def _is_ranges(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_range, value.values()))


def _is_range(bounds: Any) -> bool:
    pair = isinstance(bounds, list | tuple) and len(bounds) == 2
    return pair and all(isinstance(each, Real) for each in bounds) and bounds[0] <= bounds[1]


def _is_groups(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_group, value))


def _is_group(names: Any) -> bool:
    listed = isinstance(names, list | tuple) and len(names) > 1
    return listed and all(isinstance(name, str | int) for name in names)


_TEXTS = ("features_attribute", "inference_attribute", "probability_attribute")
_TRUTHS = ("flip_test_sample", "basic_statistics", "performance_report")

_CHECKS = {
    "probability_threshold": (_is_share, "a number from 0 to 1"),
    "confidence": (_is_inner_share, "a number between 0 and 1"),
    "seed": (_is_count, "a whole number, 0 or more"),
    "small_group": (_is_count, "a whole number, 0 or more"),
    "flip_test_rows": (_is_count, "a whole number, 0 or more"),
    "allowed": (_is_ranges, 'pairs like {"DPL": (-0.1, 0.1)}'),
    "intersections": (_is_groups, 'groups of facets like [("carrier", "origin")]'),
}
