"""Sampling noise of the metrics of a bias report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from driftkit.comparison.bias.metrics import FLIP_TEST, METRICS
from driftkit.comparison.bias.noise import ASINH, LINEAR, LOG, Noise, z_of
from driftkit.comparison.bias.sampling import metric_noise, resamples_for
from driftkit.formats.mapping import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.formats.analysis import Metric, Stage
    from driftkit.monitors.bias.analysis import BiasReport
    from driftkit.states.groups.tables import Group

# Stage, facet, which of its values, metric.
MetricKey = tuple[str, str, int, str]

NAME = "intervals.json"
_SCALES = {each.name: each for each in (LINEAR, LOG, ASINH)}
_NUMBERS = ("value", "lower", "upper", "standard_deviation", "detectable_difference")


def sampling_noise(found: BiasReport, *, seed: int) -> dict[MetricKey, Noise]:
    """The spread of every metric that is a function of counts.

    Args:
        found: the report.
        seed: of the random numbers.
    """
    cells = sum(
        group.table.counts.size
        for facets in found.groups.values()
        for values in facets.values()
        for group in values
    )
    resamples = resamples_for(cells)
    result: dict[MetricKey, Noise] = {}
    for stage, facets in found.groups.items():
        for index, (facet, values) in enumerate(facets.items()):
            names = _names(found, stage, facet)
            for number, group in enumerate(values):
                # Seeds of their own, so that a facet's numbers do not depend on the others.
                stream = seed + 1_000_003 * index + 10_007 * number
                known = metric_noise(
                    group.table, [METRICS[name] for name in names], seed=stream, resamples=resamples
                )
                if stage == "post_training" and (facet, number) in found.flips:
                    known[FLIP_TEST] = found.flips[facet, number].spread
                result.update({(stage, facet, number, name): each for name, each in known.items()})
    return result


def _names(found: BiasReport, stage: Stage, facet: str) -> list[str]:
    metrics = found.analysis.stage(stage)
    values = metrics.facets[facet] if metrics is not None else ()
    return [metric.name for metric in values[0].metrics if metric.name in METRICS] if values else []


def document(
    found: BiasReport, known: Mapping[MetricKey, Noise], *, confidence: float, small_group: int
) -> dict[str, Any]:
    """The content of intervals.json: for every metric its interval and detectable difference.

    Args:
        found: the report.
        known: the spreads.
        confidence: of each interval by itself.
        small_group: groups with fewer rows are marked.
    """
    stages = {}
    for stage, facets in found.groups.items():
        metrics = found.analysis.stage(stage)
        assert metrics is not None  # noqa: S101  (groups have the stages of the analysis)
        stages[f"{stage}_bias_metrics"] = {
            facet: [
                {
                    **_sizes(group, small_group),
                    "metrics": [
                        _interval(
                            metric, known.get((stage, facet, number, metric.name)), confidence
                        )
                        for metric in metrics.facets[facet][number].metrics
                    ],
                }
                for number, group in enumerate(values)
            ]
            for facet, values in facets.items()
        }
    return {"version": "1.0", "confidence": confidence, "facets": stages}


def _sizes(group: Group, small_group: int) -> dict[str, Any]:
    rest, facet = (int(size) for size in group.table.sizes())
    return {
        "value_or_threshold": group.value_or_threshold,
        "rows": facet,
        "rows_of_the_rest": rest,
        "small": min(rest, facet) < small_group,
    }


def _interval(metric: Metric, spread: Noise | None, confidence: float) -> dict[str, Any]:
    known: dict[str, Any] = {"name": metric.name, "value": metric.value}
    if spread is None or metric.value is None:
        return {**known, "lower": None, "upper": None, "standard_deviation": None}
    lower, upper = spread.interval(z_of(confidence))
    return {
        **known,
        "lower": lower,
        "upper": upper,
        "standard_deviation": spread.deviation,
        "scale": spread.scale.name,
        "detectable_difference": spread.detectable(confidence),
    }


def read(content: Mapping[str, Any], where: str = NAME) -> dict[str, Any]:
    """The content of an intervals.json, its numbers as numbers.

    Args:
        content: of the file.
        where: the file, for messages.

    Raises:
        FormatError: it is not what `document` gives; the message has the JSON path.
    """
    stages = Node(value=content, file=where).child("facets")
    found = {}
    for stage in stages.value:
        facets = stages.child(stage)
        found[stage] = {facet: _groups(facets, facet) for facet in facets.value}
    return {**content, "facets": found}


def _groups(facets: Node, facet: str) -> list[dict[str, Any]]:
    groups = []
    for group in facets.children(facet):
        known = {"value_or_threshold": group.text("value_or_threshold")}
        counts = {key: group.maybe(Node.count, key) for key in ("rows", "rows_of_the_rest")}
        metrics = [_metric(metric) for metric in group.children("metrics")]
        small = group.maybe(Node.truth, "small") or False
        groups.append({**group.value, **known, **counts, "small": small, "metrics": metrics})
    return groups


def _metric(metric: Node) -> dict[str, Any]:
    numbers = {key: metric.maybe(Node.number, key) for key in _NUMBERS}
    low, high, spread = (numbers[key] for key in ("lower", "upper", "standard_deviation"))
    if low is not None and high is not None and low > high:
        raise metric.wrong("lower", f"at most upper, {high:g}", low)
    if spread is not None and spread < 0:
        raise metric.wrong("standard_deviation", "a number, 0 or more", spread)
    # Keys that are not there stay away.
    known = {key: numbers[key] for key in numbers if key in metric.value}
    return {**metric.value, "name": metric.text("name"), **known}


def noise_of(content: Mapping[str, Any]) -> dict[MetricKey, Noise]:
    """The spreads in an intervals.json; those that are not known are left out."""
    found = {}
    for stage, facet, number, group in _groups_of(content):
        for metric in group["metrics"]:
            spread = _noise_of(metric)
            if spread is not None:
                found[stage, facet, number, metric["name"]] = spread
    return found


def _groups_of(content: Mapping[str, Any]) -> Iterator[tuple[str, str, int, dict[str, Any]]]:
    """Stage, facet, number of the value and what is said of it."""
    for name, facets in content.get("facets", {}).items():
        stage = str(name).removesuffix("_bias_metrics")
        for facet, values in facets.items():
            for number, value in enumerate(values):
                yield stage, facet, number, value


def _noise_of(metric: Mapping[str, Any]) -> Noise | None:
    value, deviation = metric.get("value"), metric.get("standard_deviation")
    scale = _SCALES.get(metric.get("scale", ""))
    if value is None or deviation is None or scale is None or not math.isfinite(value):
        return None
    if scale is LOG and value <= 0:
        return None
    return Noise(centre=value, deviation=deviation, scale=scale)


def deviations(content: Mapping[str, Any]) -> dict[tuple[str, str, str, str], float]:
    """The standard deviations in an intervals.json: stage, facet, value, metric -> deviation.

    Those that are no numbers say nothing and are left out.
    """
    found = {}
    for stage, facet, _, group in _groups_of(content):
        for metric in group["metrics"]:
            deviation = metric.get("standard_deviation")
            if deviation is not None and math.isfinite(deviation):
                key = (stage, facet, group["value_or_threshold"], metric["name"])
                found[key] = float(deviation)
    return found
