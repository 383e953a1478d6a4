"""Thresholds and exceptions of a configuration, put into a baseline's constraints in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StrictBool,
    WithJsonSchema,
)

from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.configuration.section import Amount, Section, Share, refused
from driftkit.errors import SettingsError
from driftkit.formats.model_quality.problems import LESS
from driftkit.settings.patterns import meanings, refuse_unmatched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.constraints import Constraints, FeatureConstraints
    from driftkit.formats.model_quality.constraints import MetricConstraint, ModelConstraints

NumericMethod: Any = Literal[tuple(NUMERICAL)]
CategoricalMethod: Any = Literal[tuple(CATEGORICAL)]
# Names in the file -> attributes of monitoring_config and of its distribution_constraints.
_VALUES = {
    "datatype_check": "datatype_check_threshold",
    "domain_content": "domain_content_threshold",
}
_DISTRIBUTION = {
    "distance": "comparison_threshold",
    "method": "comparison_method",
    "categorical_distance": "categorical_comparison_threshold",
    "categorical_method": "categorical_drift_method",
}
_BOUND = re.compile(r"(>=|<=)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)")


class Thresholds(Section):
    """What still counts as normal in all features; what is not said is as in the baseline."""

    distance: Amount | None = Field(
        default=None,
        description="Distance to the baseline's distribution, of numbers and of categories.",
    )
    method: NumericMethod | None = Field(default=None, description="Which distance of numbers.")
    categorical_distance: Amount | None = Field(
        default=None, description="The distance of categories, where it is another."
    )
    categorical_method: CategoricalMethod | None = Field(
        default=None, description="Which distance of categories."
    )
    completeness: Share | None = Field(
        default=None, description="Least share of rows with a value."
    )
    datatype_check: Share | None = Field(
        default=None, description="Least share of values of the expected type."
    )
    domain_content: Share | None = Field(
        default=None, description="Least share of values that the baseline knows."
    )


class FeatureThresholds(Thresholds):
    """What is different for one feature, or for those that a pattern such as tmp_* matches."""

    ignore: StrictBool = Field(default=False, description="Leave it out of the run.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A bound of a metric of model quality.

    Attributes:
        operator: ">=" or "<="; None for that of the baseline.
        value: the bound; None where it follows from the baseline's value.
        change: how much worse than in the baseline the metric may be.
        beyond_noise: whether only what chance hardly explains is a violation.
    """

    operator: str | None = None
    value: float | None = None
    change: float | None = None
    beyond_noise: bool = False

    def __str__(self) -> str:
        said = [] if self.value is None else [f"{self.operator or ''} {self.value:g}".strip()]
        if self.change is not None:
            said.append(f"{_WAYS_OF[self.operator]} {self.change:g}")
        return ", ".join([*said, *(["beyond_noise"] if self.beyond_noise else [])])


def bound_of(text: Any) -> Bound:
    """A bound of a number, a text such as ">= 0.8", or {worse_by: 0.02}.

    >>> str(bound_of(">= 0.80"))
    '>= 0.8'
    """
    if isinstance(text, Bound):
        return text
    if isinstance(text, int | float) and not isinstance(text, bool):
        return Bound(value=float(text))
    made = _of_keys(text) if isinstance(text, dict) else None
    if made is not None:
        return made
    found = _BOUND.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        expected = 'a number, a text such as ">= 0.8", or {worse_by: 0.02, beyond_noise: true}'
        raise refused("this is no bound", expected, repr(text))
    return Bound(operator=found[1], value=float(found[2]))


# By how much a metric may be worse than in the baseline -> the side on which it is bounded then.
_WAYS = {"worse_by": None, "below_baseline_by": ">=", "above_baseline_by": "<="}
_WAYS_OF = {operator: way for way, operator in _WAYS.items()}


def _of_keys(keys: dict[str, Any]) -> Bound | None:
    """The bound of keys; None where they are none."""
    beyond = keys.get("beyond_noise", False)
    ways = [each for each in keys if each in _WAYS]
    known = {*ways, "beyond_noise"}
    if not keys or not keys.keys() <= known or len(ways) > 1 or not isinstance(beyond, bool):
        return None
    if not ways:
        return Bound(beyond_noise=beyond)
    change = keys[ways[0]]
    if isinstance(change, bool) or not isinstance(change, int | float) or not change >= 0:
        return None
    return Bound(operator=_WAYS[ways[0]], change=float(change), beyond_noise=beyond)


_CHANGE = {"type": "number", "minimum": 0}
MetricBound = Annotated[
    Any,
    BeforeValidator(bound_of),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                {"type": "string", "pattern": "^\\s*(>=|<=)\\s*[-+0-9.eE]+\\s*$"},
                {
                    "type": "object",
                    "properties": {
                        **dict.fromkeys(_WAYS, _CHANGE),
                        "beyond_noise": {"type": "boolean"},
                    },
                    "minProperties": 1,
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def _least(bound: Bound) -> Bound:
    if bound.operator == "<=" or bound.value is None or not 0 <= bound.value <= 1:
        raise refused("this is no bound of NDCG", 'a share such as ">= 0.90"', repr(str(bound)))
    return bound


class NdcgThreshold(Section):
    """What still counts as the same ranking of features."""

    ndcg: Annotated[MetricBound, AfterValidator(_least)] | None = Field(
        default=None, description='The least NDCG of a label, such as ">= 0.90".'
    )


def with_thresholds(
    constraints: Constraints, common: Thresholds, features: Mapping[str, FeatureThresholds]
) -> Constraints:
    """Constraints with what a configuration says of them; the baseline's file stays as it is.

    Args:
        constraints: of the baseline.
        common: for all features.
        features: names or patterns -> what is different for them; a name goes before a pattern.

    Raises:
        SettingsError: a name or pattern is of no feature.
    """
    names = {each.name: [common] for each in constraints.features}
    own = {text: each for text, each in features.items() if _says_more(each)}
    refuse_unmatched("monitors.data_quality.features", own, names)
    for text, meant in meanings(own, names):
        for name in meant:
            names[name].append(own[text])
    config = constraints.monitoring_config
    values, distribution = _settings(common)
    return replace(
        constraints,
        monitoring_config=replace(
            config, **values, distribution=replace(config.distribution, **distribution)
        ),
        features=tuple(_edited(each, names[each.name]) for each in constraints.features),
    )


def _says_more(feature: FeatureThresholds) -> bool:
    """Whether it says more than that the feature is ignored, which the run does."""
    return any(value is not None for name, value in feature if name != "ignore")


def _edited(
    feature: FeatureConstraints, said: list[Thresholds | FeatureThresholds]
) -> FeatureConstraints:
    for each in said:
        if each.completeness is not None:
            feature = replace(feature, completeness=each.completeness)
        values, distribution = _settings(each)
        if isinstance(each, FeatureThresholds) and (values or distribution):
            feature = feature.overridden(distribution, values)
    return feature


def _settings(said: Thresholds) -> tuple[dict[str, Any], dict[str, Any]]:
    values, distribution = (
        {
            attribute: value
            for name, attribute in names.items()
            if (value := getattr(said, name)) is not None
        }
        for names in (_VALUES, _DISTRIBUTION)
    )
    if said.distance is not None and said.categorical_distance is None:
        distribution["categorical_comparison_threshold"] = said.distance
    # As in the file, a method without a threshold has its usual one.
    if said.method is not None and said.distance is None:
        distribution["comparison_threshold"] = NUMERICAL[said.method].threshold
    if said.categorical_method is not None:
        usual = CATEGORICAL[said.categorical_method].threshold
        distribution.setdefault("categorical_comparison_threshold", usual)
    return values, distribution


def with_bounds(constraints: ModelConstraints, bounds: Mapping[str, Bound]) -> ModelConstraints:
    """Constraints of model quality with bounds in place of the baseline's.

    Raises:
        SettingsError: there is no such metric, or it is bounded on the other side.
    """
    strange = [name for name in bounds if name not in constraints.metrics]
    if strange:
        raise SettingsError(
            "the baseline has no such metric",
            where="monitors.model_quality.thresholds",
            expected=", ".join(constraints.metrics),
            found=", ".join(map(repr, strange)),
            todo="Correct the name",
        )
    edited = {name: _bounded(name, constraints.metrics[name], b) for name, b in bounds.items()}
    return replace(constraints, metrics={**constraints.metrics, **edited})


def _bounded(name: str, before: MetricConstraint, bound: Bound) -> MetricConstraint:
    falls = before.comparison_operator == LESS
    usual = ">=" if falls else "<="
    if bound.operator not in {None, usual}:
        raise SettingsError(
            f"{name} is bounded on the other side",
            where=f"monitors.model_quality.thresholds.{name}",
            expected=f"a bound with {usual}",
            found=str(bound),
            todo="Turn the sign around",
        )
    if bound.change is not None:
        change = -bound.change if falls else bound.change
        return replace(before, threshold=before.threshold + change)
    return before if bound.value is None else replace(before, threshold=bound.value)
