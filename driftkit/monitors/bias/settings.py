"""The settings of a bias run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Unpack

from driftkit.settings import CommonKeywords, SelectionKeywords, Settings, checks
from driftkit.settings.checks import Meets, Whole
from driftkit.settings.declaring import Option, from_keywords, part, setting
from driftkit.settings.panels import COMPUTING

DEFAULT_THRESHOLD = 0.5
LOCATING = "Where labels and predictions are"


def _is_inner_share(value: Any) -> bool:
    return checks.is_share(value) and 0 < value < 1


def _is_ranges(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_range, value.values()))


def _is_range(bounds: Any) -> bool:
    pair = isinstance(bounds, list | tuple) and len(bounds) == 2
    return pair and all(isinstance(each, Real) for each in bounds) and bounds[0] <= bounds[1]


def _groups(name: str, value: Any) -> tuple[tuple[str, ...], ...]:
    """Groups of names; a group may be one text with commas between them."""
    if isinstance(value, list | tuple):
        value = [_named(name, each) if isinstance(each, str) else each for each in value]
    groups = Meets(test=_is_groups, expected='groups of facets like [("carrier", "origin")]')
    return tuple(tuple(each) for each in groups(name, value))


def _named(name: str, group: str) -> tuple[str, ...]:
    names = checks.names(name, group)
    if len(names) < 2:
        raise checks.wrong(
            "an intersection is of several facets",
            name,
            "names with commas between, for example carrier,origin",
            group,
            "Name at least two",
        )
    return names


def _is_groups(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_group, value))


def _is_group(names: Any) -> bool:
    listed = isinstance(names, list | tuple) and len(names) > 1
    return listed and all(isinstance(name, str | int) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasSettings:
    """How a bias run reads, computes and compares; attributes beat those of the configuration.

    Columns that are monitored or left out are facets.
    """

    features_attribute: str | None = setting(
        None, checks.text, "JMESPath of the features in JSON.", Option(LOCATING)
    )
    inference_attribute: str | None = setting(
        None, checks.text, "JMESPath, name or index of the predicted label.", Option(LOCATING)
    )
    probability_attribute: str | None = setting(
        None, checks.text, "JMESPath, name or index of the score.", Option(LOCATING)
    )
    probability_threshold: float | None = setting(
        None,
        checks.SHARE,
        "Scores above it are predicted positive.",
        Option(LOCATING, default=str(DEFAULT_THRESHOLD)),
    )
    intersections: tuple[tuple[str, ...], ...] = setting(
        (),
        _groups,
        "Also compare the combinations of these facets; may be given several times.",
        Option(COMPUTING, "FACET,FACET", name="--intersection"),
    )
    allowed: Mapping[str, tuple[float, float]] = setting(
        {},
        Meets(test=_is_ranges, expected='pairs like {"DPL": (-0.1, 0.1)}'),
        "Metric -> (lowest, highest) value without violation, in place of the baseline's; in "
        "dialect textbook.",
    )
    confidence: float = setting(
        0.95,
        Meets(test=_is_inner_share, expected="a number between 0 and 1"),
        "With which all intervals of a comparison hold together.",
    )
    small_group: int = setting(30, Whole(least=0), "Groups with fewer rows are marked.")
    flip_test_rows: int = setting(
        50_000,
        Whole(least=0),
        "The flip test is left out of inputs with more rows.",
        Option(COMPUTING),
    )
    flip_test_sample: bool = setting(
        False,
        checks.truth,
        "Rather than leave it out, test as many rows taken by chance.",
        Option(COMPUTING),
    )
    basic_statistics: bool = setting(
        False, checks.truth, "Add size, labels and confusion matrix of each facet."
    )
    performance_report: bool = setting(False, checks.truth, "Add how often the model is right.")
    seed: int = setting(0, Whole(least=0), "Of the resampling behind intervals.", Option(COMPUTING))
    run: Settings = part(Settings, "selection", "read", "window", "compute", "grading")

    @classmethod
    def from_keywords(cls, **values: Unpack[BiasKeywords]) -> BiasSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class BiasKeywords(CommonKeywords, SelectionKeywords, total=False):
    """What users may write for `BiasSettings`."""

    features_attribute: str | None
    inference_attribute: str | int | None
    probability_attribute: str | int | None
    probability_threshold: float | None
    intersections: Sequence[Sequence[str]]
    allowed: Mapping[str, tuple[float, float]]
    confidence: float
    small_group: int
    flip_test_rows: int
    flip_test_sample: bool
    basic_statistics: bool
    performance_report: bool
    seed: int | None
