"""What an estimate of quality without labels returns: its file, metrics, findings and page."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import InputError
from driftkit.formats import violations as violations_file
from driftkit.formats.jackson import dumps
from driftkit.formats.model_quality import estimate as estimate_file
from driftkit.formats.model_quality.problems import Problem
from driftkit.formats.violations import MetricViolation, Violations
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.report import methods as page_methods
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.figures import Estimates, Line
from driftkit.results.findings import finding_of, graded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from driftkit.formats.model_quality.estimate import (
        Estimate,
        EstimatedMetric,
        EstimatedRows,
        Labels,
    )
    from driftkit.io.locations import PathOrUrl
    from driftkit.monitors.model_quality.results import ModelBaseline
    from driftkit.results.contract import Finding, Run, Skipped
    from driftkit.results.figures import Figure
    from driftkit.states.quality.expected_storage import ExpectedStates
    from driftkit.states.quality.scored_storage import ScoredStates

BELOW_CHECK = "estimated_quality_check"
LABELS_CHECK = "label_agreement_check"
GROUP, LABELS = "estimate", "label_agreement"
# Metrics that are drawn over the blocks of a window.
_DRAWN = ("accuracy", "f1", "auc", "mae", "rmse")
# The truth of fewer labels is anywhere.
_LABELS_DRAWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityEstimate:
    """A window's quality as far as its scores tell.

    Attributes:
        estimate: the numbers, as the file has them.
        baseline: what the window was compared with; None where it was read from files.
        skipped: what could not be estimated, with the reason.
        states: what it was read from, where they are kept; written beside the files.
        run: how the numbers came about.
    """

    estimate: Estimate
    baseline: ModelBaseline | None = field(default=None, compare=False, repr=False)
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)
    states: ScoredStates | ExpectedStates | None = field(default=None, compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)

    COLUMNS: ClassVar[Mapping[str, str]] = {
        "metric": "metric",
        "segment": "segment",
        "check": "check",
        "value": "value",
        "interval": "interval",
        "baseline": "baseline",
        "allowed": "allowed",
        "description": "message",
    }
    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "metric": "name",
        "segment": "segment",
        "source": "source",
        "value": "value",
        "low": "lower",
        "high": "upper",
        "baseline": "baseline",
        "allowed": "allowed",
        "violated": "violated",
    }
    _repr_html_ = page_methods.shown
    report = page_methods.report
    plot = page_methods.plot
    write = methods.written_as(dumps, methods.kept_states)
    statistics_table = metrics_table = methods.statistics_table
    violations_table = methods.violations_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {
            estimate_file.NAME: self.estimate.to_dict(),
            violations_file.NAME: Violations(violations=self.violations).to_dict(),
        }

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> QualityEstimate:
        """Reads what an earlier run wrote.

        Raises:
            FormatError: the file is missing or is not what it should be.
        """
        return cls(estimate=estimate_file.read_file(locate(directory) / estimate_file.NAME))

    def as_baseline(self) -> ModelBaseline:
        """What the window was compared with.

        Raises:
            InputError: it is not known; an estimate itself tells nothing of what is normal.
        """
        if self.baseline is None:
            raise InputError(
                "an estimate is no baseline",
                expected="labelled predictions, or what `baseline` made of them",
                todo="Hand in the baseline's folder",
            )
        return self.baseline

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return [*methods.notes(self), *self.estimate.remarks]

    @property
    def violations(self) -> tuple[MetricViolation, ...]:
        """Estimates beyond their limits, and labels that disagree with the estimate."""
        return (*_of_labels(self.estimate), *_beyond(self.estimate))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The violations in words, in the order of the file."""
        known = {(each.name, each.segment): each for each in self.metrics() if not each.dimensions}
        found = (_finding(each, known) for each in self.violations)
        return graded(found, self.run)

    def metrics(self) -> list[Metric]:
        """Every estimate with its 95 % interval and what is allowed, beside what labels say."""
        parts = (self.estimate.window, *self.estimate.segments)
        return [each for part in parts for each in _metrics(part)]

    def blocks_table(self) -> pd.DataFrame:
        """One row a block of time and metric: estimate, interval, limits and truth."""
        import pandas as pd  # noqa: PLC0415  (only tables need it, and it is slow to load)

        return pd.DataFrame(
            {
                "block": block.name,
                "rows": block.rows,
                "labelled": block.labelled,
                "metric": each.metric,
                "estimate": each.estimate,
                "low": each.lower,
                "high": each.upper,
                "realized": each.realized,
                "lower_limit": each.lower_limit,
                "upper_limit": each.upper_limit,
                "below": each.below,
                "above": each.above,
            }
            for block in self.estimate.blocks
            for each in block.metrics
        )

    def figures(self) -> list[Figure]:
        """Estimate and truth over the blocks of the window, where it has several."""
        blocks = self.estimate.blocks
        return [*_figures(blocks)] if len(blocks) > 1 else []


def _metrics(part: EstimatedRows) -> Iterator[Metric]:
    segment = part.name or None
    for each in part.metrics:
        allowed = _allowed(each)
        interval = None if each.lower is None or each.upper is None else (each.lower, each.upper)
        yield Metric(
            group=GROUP,
            name=each.metric,
            segment=segment,
            value=each.estimate,
            interval=interval,
            baseline=each.reference,
            allowed=allowed,
            violated=each.is_beyond,
            beyond_noise=_beyond_noise(each),
            rows=part.rows,
            reason="not defined on these rows" if each.estimate is None else None,
        )
        if each.realized is not None:
            yield Metric(
                group=GROUP,
                name=each.metric,
                dimensions={"source": "labels"},
                segment=segment,
                value=each.realized,
                baseline=each.reference,
                allowed=allowed,
                rows=part.labelled,
            )


def _allowed(each: EstimatedMetric) -> tuple[float, float] | None:
    """From the limit on in the better direction."""
    if each.is_error:
        return None if each.upper_limit is None else (-math.inf, each.upper_limit)
    return None if each.lower_limit is None else (each.lower_limit, math.inf)


def _beyond_noise(each: EstimatedMetric) -> bool | None:
    """Whether the whole interval is worse than what is allowed."""
    allowed = _allowed(each)
    if allowed is None or each.lower is None or each.upper is None:
        return None
    return each.upper < allowed[0] or each.lower > allowed[1]


def _of_labels(of: Estimate) -> Iterator[MetricViolation]:
    for each in of.labels:
        if each.disagree:
            yield MetricViolation(
                constraint_check_type=LABELS_CHECK,
                metric_name=LABELS,
                description=(
                    f"{each.rows} labels disagree with {_disagreement(each, of.problem_type)} "
                    f"(chi-square {each.statistic:.1f} of {each.groups} groups, p = "
                    f"{each.p_value:.2g}). Estimates cannot be used"
                ),
            )
            return


def _disagreement(each: Labels, problem_type: str) -> str:
    if problem_type == Problem.REGRESSION:
        return (
            "what their inputs let expect: predictions are off by "
            f"{each.observed:.4g} on the mean where {each.expected:.4g} were expected"
        )
    return (
        f"what their scores meant in the baseline: {each.observed:.4f} are positive where "
        f"{each.expected:.4f} were expected"
    )


def _beyond(of: Estimate) -> Iterator[MetricViolation]:
    for part in (of.window, *of.segments):
        for each in part.metrics:
            if each.is_beyond:
                yield MetricViolation(
                    constraint_check_type=BELOW_CHECK,
                    metric_name=each.metric,
                    description=_sentence(each, of.blocks),
                    extra={"segment": part.name} if part.name else {},
                )


def _sentence(each: EstimatedMetric, blocks: tuple[EstimatedRows, ...]) -> str:
    low = [
        block.name
        for block in blocks
        if any(one.is_beyond and one.metric == each.metric for one in block.metrics)
    ]
    over_time = f"; so are {len(low)} of {len(blocks)} blocks, the first {low[0]}" if low else ""
    if each.is_error:
        return (
            f"Estimated {each.metric} {each.estimate:.4g} is above {each.upper_limit:.4g}, over "
            f"which no ordinary window lies{over_time}"
        )
    return (
        f"Estimated {each.metric} {each.estimate:.4f} is below {each.lower_limit:.4f}, under which "
        f"no ordinary window lies{over_time}"
    )


def _limit(each: EstimatedMetric) -> float | None:
    return each.upper_limit if each.is_error else each.lower_limit


def _finding(violation: MetricViolation, known: Mapping[tuple[str, str | None], Metric]) -> Finding:
    segment = violation.extra.get("segment")
    if violation.constraint_check_type == LABELS_CHECK:
        # What scores mean concerns every row.
        return replace(finding_of(violation, None), severity=1.0)
    found = finding_of(violation, known.get((violation.metric_name, segment)))
    return found if segment is None else replace(found, segment=segment)


def _figures(blocks: tuple[EstimatedRows, ...]) -> Iterator[Estimates]:
    for name in _DRAWN:
        found = [next((x for x in of.metrics if x.metric == name), None) for of in blocks]
        if not any(each and each.estimate is not None for each in found):
            continue
        # Of a block that is cut off the limit is wider than of the others.
        largest = max(range(len(blocks)), key=lambda at: blocks[at].rows)
        of_usual = found[largest]
        yield Estimates(
            name=f"estimated {name}",
            blocks=tuple(each.name for each in blocks),
            line=Line(
                x=range(len(blocks)),
                y=[x.estimate if x else None for x in found],
                lower=[x.lower if x else None for x in found],
                upper=[x.upper if x else None for x in found],
            ),
            realized=tuple(
                x.realized if x and of.labelled >= _LABELS_DRAWN else None
                for x, of in zip(found, blocks, strict=True)
            ),
            limit=_limit(of_usual) if of_usual else None,
            better="lower" if of_usual and of_usual.is_error else "higher",
        )
