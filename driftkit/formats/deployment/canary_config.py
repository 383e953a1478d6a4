"""A canary configuration of Kayenta: its metrics, how they are classified, and what they weigh.

The keys are those of github.com/spinnaker/kayenta (docs/canary-config.md). Keys that the judge does
not need, such as queries of metric stores, are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from driftkit.comparison.deployment.kayenta import Direction, Measure, Rule, Thresholds
from driftkit.formats.deployment.strict import finite, not_negative
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node
from driftkit.formats.nesting import require_shallow
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "canary_config.json"
JUDGE = "NetflixACAJudge-v1.0"
PASS, MARGINAL = 95.0, 75.0

_WHOLE = 100.0
# Weights such as 33.33 are rounded.
_SLACK = 0.5
_DIRECTIONS = {each: each for each in ("increase", "decrease", "either")}
_MEASURES = {"meanratio": "meanRatio", "cles": "cles"}
# Kayenta takes the word none for remove.
_OF_NAN = {"remove": "remove", "replace": "replace", "none": "remove"}
_OF_OUTLIERS = {"keep": "keep", "remove": "remove"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryMetric:
    """A metric of the configuration.

    Attributes:
        name: of the metric, and of its column.
        groups: in which it counts, at least one.
        rule: how it is classified.
        muted: whether it is classified but does not count.
    """

    name: str
    groups: tuple[str, ...]
    rule: Rule
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryConfig:
    """What a canary is judged by.

    Attributes:
        name: of the configuration; empty where it has none.
        metrics: at least one that is not muted.
        weights: group -> percent of the score.
        pass_score: from which on a canary passes.
        marginal_score: from which on it does not fail.
    """

    name: str
    metrics: tuple[CanaryMetric, ...]
    weights: Mapping[str, float]
    pass_score: float = PASS
    marginal_score: float = MARGINAL


def read(document: Mapping[str, Any], where: str = NAME) -> CanaryConfig:
    """The configuration of a file's content.

    Args:
        document: the JSON object.
        where: name of the file, for messages.

    Raises:
        FormatError: a key is missing or wrong, or nothing could pass by it: there are no metrics,
            or the groups' weights do not sum to 100; the message has the JSON path.
    """
    require_shallow(document, where)
    node = Node(value=document, file=where)
    if node.has("judge"):
        node.child("judge").unlabelled().choice("name", {JUDGE.lower(): JUDGE})
    metrics = _read_metrics(node)
    classifier = _part(node, "classifier")
    pass_score, marginal_score = _read_scores(classifier)
    return CanaryConfig(
        name=node.defaulted(Node.text, "name", ""),
        metrics=metrics,
        weights=_read_weights(classifier, metrics),
        pass_score=pass_score,
        marginal_score=marginal_score,
    )


read_file = file_reader(read, read_object)


def _read_metrics(node: Node) -> tuple[CanaryMetric, ...]:
    metrics: dict[str, CanaryMetric] = {}
    for each in map(Node.unlabelled, node.children("metrics")):
        metric = _read_metric(each)
        if metric.name in metrics:
            raise each.wrong("name", "another name than the metrics before", metric.name)
        metrics[metric.name] = metric
    if all(each.muted for each in metrics.values()):
        raise node.error(
            "metrics",
            "the configuration has nothing to judge by",
            expected="a metric that is not muted",
            found=f"{len(metrics)} muted metrics" if metrics else "no metrics",
            todo="Add one",
        )
    return tuple(metrics.values())


def _read_metric(node: Node) -> CanaryMetric:
    groups = node.texts("groups")
    if not groups:
        raise node.wrong("groups", "at least one group, or the metric would not count", groups)
    analysis = _part(_part(node, "analysisConfigurations"), "canary")
    return CanaryMetric(
        name=node.text("name"),
        groups=tuple(dict.fromkeys(groups)),
        rule=_read_rule(analysis),
        muted=analysis.defaulted(Node.truth, "muted", default=False),
    )


def _part(node: Node, key: str) -> Node:
    """The object of a key, an empty one where there is none."""
    empty = Node(value={}, file=node.file, path=node.path_of(key))
    return node.child(key) if node.has(key) else empty


def _read_rule(node: Node) -> Rule:
    effect, outliers = _part(node, "effectSize"), _part(node, "outliers")
    measure = _word(effect, "measure", _MEASURES, "meanRatio")
    usual = Thresholds() if measure == "meanRatio" else Thresholds(increase=0.5, decrease=0.5)
    return Rule(
        direction=cast("Direction", _word(node, "direction", _DIRECTIONS, "either")),
        replaces_nan=_word(node, "nanStrategy", _OF_NAN, "remove") == "replace",
        removes_outliers=_word(outliers, "strategy", _OF_OUTLIERS, "keep") == "remove",
        outlier_factor=outliers.defaulted(not_negative, "outlierFactor", 3.0),
        critical=node.defaulted(Node.truth, "critical", default=False),
        must_have_data=node.defaulted(Node.truth, "mustHaveData", default=False),
        measure=cast("Measure", measure),
        allowed=_read_thresholds(effect, "allowed", usual),
        critical_effect=_read_thresholds(effect, "critical", usual),
    )


def _word(node: Node, key: str, spellings: Mapping[str, str], default: str) -> str:
    return node.defaulted(lambda at, name: at.choice(name, spellings), key, default)


def _read_thresholds(node: Node, kind: str, usual: Thresholds) -> Thresholds:
    return Thresholds(
        increase=node.defaulted(finite, f"{kind}Increase", usual.increase),
        decrease=node.defaulted(finite, f"{kind}Decrease", usual.decrease),
    )


def _percent(node: Node, key: str) -> float:
    number = finite(node, key)
    if not 0 <= number <= _WHOLE:
        raise node.wrong(key, "a number from 0 to 100", number)
    return number


def _read_scores(classifier: Node) -> tuple[float, float]:
    node = _part(classifier, "scoreThresholds")
    pass_score = node.defaulted(_percent, "pass", PASS)
    marginal_score = node.defaulted(_percent, "marginal", min(MARGINAL, pass_score))
    if marginal_score > pass_score:
        raise node.wrong("marginal", f"at most what passes, {pass_score:g}", marginal_score)
    return pass_score, marginal_score


def _read_weights(classifier: Node, metrics: tuple[CanaryMetric, ...]) -> dict[str, float]:
    node = _part(classifier, "groupWeights")
    weights = {group: _percent(node, group) for group in node.value}
    counted = {group for metric in metrics if not metric.muted for group in metric.groups}
    for group in weights:
        if group not in counted:
            raise node.error(
                group,
                "a group has a weight, but no metric that counts",
                expected=" | ".join(sorted(counted)),
                found=repr(group),
                todo="Correct its name, or remove it",
            )
    total = sum(weights.values())
    short = counted <= set(weights) and total < _WHOLE - _SLACK
    if short or total > _WHOLE + _SLACK:
        raise classifier.error(
            "groupWeights",
            "the weights of groups are wrong",
            expected="weights that sum to 100, or to less if other groups share the rest",
            found=f"a sum of {total:g}",
            todo="Correct the weights",
        )
    return weights
