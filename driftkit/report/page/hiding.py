"""A report without values of its data: categories, groups and segments by rank, quantiles for extremes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from driftkit.formats.deployment.metrics import known_metric
from driftkit.report.page.svg import number
from driftkit.results.figures import Categories, Confusion, Histogram, Ranking, Trajectory
from driftkit.results.history import lasting_notes
from driftkit.results.known_run import KnownRun
from driftkit.results.verdicts import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from driftkit.formats.drift import Drift
    from driftkit.results.contract import Finding, Metric, Skipped
    from driftkit.results.figures import Figure
    from driftkit.results.history import Outcome, Window

# Names of users and of driftkit; whatever else a number is about may be a value of the data.
_NAMES = frozenset({"facet", "stage", "method", "role", "better", "challenger", "arm", "target"})
# Their causes count rows and name columns.
_COUNTS = frozenset({"completeness_check", "missing_column_check", "extra_column_check"})
# Ids of rows, at the end of a note.
_EXAMPLES = re.compile(", for example .*$", re.DOTALL)
# No part of a word or number; what ends a sentence is none.
_BEFORE, _AFTER = r"(?<!\w)(?<!\w\.)(?<!\d,)", r"(?!\w|[.,]\w)"
_EXTREMES: Mapping[str, tuple[float, str]] = {
    "min": (0.01, "1 % quantile"),
    "max": (0.99, "99 % quantile"),
}


def hidden(report: Outcome, past: Sequence[Window]) -> tuple[KnownRun, list[Window]]:
    """A report and the windows before it, without values.

    Args:
        report: of any monitor.
        past: the windows before, oldest first.
    """
    ranks, known = Ranks(), KnownRun.of(report)
    of_columns = {each.feature: each for each in known.drawn if isinstance(each, Histogram)}
    means = {each.feature: each for each in known.measured if each.name == "mean"}
    found = replace(
        known,
        drawn=tuple(_figure(each, ranks) for each in known.drawn),
        measured=tuple(_metrics(known.measured, of_columns, ranks)),
        findings=tuple(_finding(each, means, ranks) for each in known.findings),
        said=tuple(lasting_notes(report)),
        labels=tuple(ranks.of("label", each) for each in known.labels),
    )
    before = [replace(each, metrics=tuple(_metrics(each.metrics, {}, ranks))) for each in past]
    # Texts come last, when all values are known that could be in them.
    return _in_words(found, ranks.remover()), before


def _in_words(run: KnownRun, without: Callable[[str], str]) -> KnownRun:
    """A run without values in its texts."""
    return replace(
        run,
        findings=tuple(
            replace(
                each,
                message=without(each.message),
                observed=without(each.observed) if each.check in CHECKS else each.observed,
                cause=without(each.cause),
            )
            for each in run.findings
        ),
        skipped=tuple(_skipped(each, without) for each in run.skipped),
        measured=tuple(
            replace(each, reason=without(each.reason)) if each.reason else each
            for each in run.measured
        ),
        drawn=tuple(
            replace(each, name=without(each.name)) if isinstance(each, Trajectory) else each
            for each in run.drawn
        ),
        said=tuple(without(_EXAMPLES.sub("", each)) for each in run.said),
        decisions=tuple(replace(each, reason=without(each.reason)) for each in run.decisions),
        drift=run.drift and _verdicts(run.drift, without),
    )


@dataclass(slots=True)
class Ranks:
    """A number for each value of a column or dimension, in the order in which they are met."""

    _known: dict[str, dict[str, str]] = field(default_factory=dict)
    _groups: dict[str, dict[str, str]] = field(default_factory=dict)
    _instead: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, value: str) -> str:
        """What stands for a value, such as #3."""
        known = self._known.setdefault(name, {})
        return known.setdefault(value, f"#{len(known) + 1}")

    def of_segment(self, segment: str | None) -> str | None:
        """What stands for a segment; the name of its column stays."""
        if segment is None:
            return None
        column, equals, _ = segment.partition("=")
        return f"{column if equals else 'segment'} {self.of('segment', segment)}"

    def of_dimensions(self, dimensions: Mapping[str, str]) -> dict[str, str]:
        """The dimensions with what stands for their values; names of users and of driftkit stay."""
        return {
            name: value if name in _NAMES else self.of(name, value)
            for name, value in dimensions.items()
        }

    def of_metric(self, name: str) -> str:
        """A metric's name; where a group of rows is part of it, with what stands for the group."""
        known = known_metric(name)
        if known is None or known.bias is None:
            return name
        of = known.bias
        groups = self._groups.setdefault(of.column, {})
        group = groups.setdefault(of.group, f"{of.column} #{len(groups) + 1}")
        instead = f"bias:{of.name}:{group}"
        self._instead |= {name: instead, of.group: group}
        return instead

    def remover(self) -> Callable[[str], str]:
        """What leaves each known value that stands by itself out of a text."""
        values = {value for known in self._known.values() for value in known if value}
        values |= {each for value in values for each in re.split("[=,]", value) if each}
        instead = {**dict.fromkeys(values, "..."), **self._instead}
        longest = "|".join(map(re.escape, sorted(instead, key=lambda each: -len(each))))
        pattern = re.compile(rf"{_BEFORE}(?:{longest}){_AFTER}" if longest else r"(?!)")
        return partial(pattern.sub, lambda found: instead[found[0]])


def _figure(figure: Figure, ranks: Ranks) -> Figure:
    if isinstance(figure, Categories):
        values = tuple(ranks.of(figure.feature, each) for each in figure.values)
        return replace(figure, values=values)
    if isinstance(figure, Confusion):
        return replace(figure, labels=tuple(ranks.of("label", each) for each in figure.labels))
    if isinstance(figure, Ranking):
        return replace(figure, name=ranks.of("label", figure.name))
    return _within(figure) if isinstance(figure, Histogram) else figure


def _within(figure: Histogram) -> Histogram:
    """The histogram between the 1 % and the 99 % quantiles of both sides, of which others know."""
    sides = [each for each in (figure.window, figure.baseline) if each is not None]
    low, high = (
        choose(_quantile(figure.edges, each, share) for each in sides)
        for choose, share in ((min, 0.01), (max, 0.99))
    )
    edges = [min(max(each, low), high) for each in figure.edges]
    wide = [at for at, (left, right) in enumerate(pairwise(edges)) if left < right]
    if not wide:
        return figure
    # What lies beyond is within the first and the last interval, as before.
    first, last = wide[0], wide[-1]

    def gathered(shares: Sequence[float]) -> tuple[float, ...]:
        if first == last:
            return (sum(shares),)
        return (sum(shares[: first + 1]), *shares[first + 1 : last], sum(shares[last:]))

    return replace(
        figure,
        edges=tuple(edges[first : last + 2]),
        window=gathered(figure.window),
        baseline=None if figure.baseline is None else gathered(figure.baseline),
    )


def _quantile(edges: Sequence[float], shares: Sequence[float], share: float) -> float:
    """Where so much lies below, as if values were spread evenly within each interval."""
    below = 0.0
    for (left, right), each in zip(pairwise(edges), shares, strict=True):
        if each > 0 and below + each >= share:
            return left + (right - left) * (share - below) / each
        below += each
    return edges[-1]


def _metrics(
    metrics: Iterable[Metric], figures: Mapping[str, Histogram], ranks: Ranks
) -> Iterator[Metric]:
    for each in metrics:
        named = ranks.of_dimensions(each.dimensions)
        found = replace(
            each,
            name=ranks.of_metric(each.name),
            dimensions=named,
            segment=ranks.of_segment(each.segment),
        )
        if each.group != "profile" or each.name not in _EXTREMES:
            yield found
        elif (figure := figures.get(each.feature or "")) is not None:
            yield _inner(found, figure)


def _inner(metric: Metric, figure: Histogram) -> Metric:
    """A quantile in place of the least or the greatest value."""
    share, name = _EXTREMES[metric.name]
    value = _quantile(figure.edges, figure.window, share)
    before = figure.baseline
    baseline = None if before is None else _quantile(figure.edges, before, share)
    return replace(metric, name=name, value=value, baseline=baseline)


def _finding(finding: Finding, means: Mapping[str | None, Metric], ranks: Ranks) -> Finding:
    return replace(
        finding,
        metric=finding.metric and ranks.of_metric(finding.metric),
        dimensions=ranks.of_dimensions(finding.dimensions),
        segment=ranks.of_segment(finding.segment),
        cause=_cause(finding, means.get(finding.feature)),
    )


def _verdicts(drift: Drift, without: Callable[[str], str]) -> Drift:
    """The verdicts without what changed, which names values."""
    features = tuple(
        replace(each, causes=(), message=without(each.message) if each.fault else each.message)
        for each in drift.features
    )
    return replace(drift, features=features)


def _skipped(skipped: Skipped, without: Callable[[str], str]) -> Skipped:
    """What could not be checked; segments and groups without rows are known by this alone."""
    if skipped.check.isidentifier() or known_metric(skipped.check):
        return replace(skipped, check=without(skipped.check), reason=without(skipped.reason))
    return replace(skipped, check="a segment or group", reason="the files of the run say more")


def _cause(finding: Finding, mean: Metric | None) -> str:
    """The cause where it names no value; of distances of numbers how the mean changed."""
    if finding.feature is None or finding.check in _COUNTS:
        return finding.cause
    if finding.metric is None or mean is None or mean.baseline is None or finding.segment:
        return ""
    return f"The mean went from {number(mean.baseline)} to {number(mean.value)}."
