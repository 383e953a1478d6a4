"""The bias report from group counts: every metric, or why it has no value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.comparison.bias.metrics import FLIP_TEST, METRICS, description_of, names_of
from driftkit.comparison.bias.performance import Quadrants, group_statistics, performance
from driftkit.comparison.bias.table import UndefinedMetricError
from driftkit.errors import SettingsError
from driftkit.formats.analysis import STAGES, Analysis, FacetMetrics, Metric, Stage, StageMetrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.bias.flip import Flips
    from driftkit.states.groups.flip import FlipTest
    from driftkit.states.groups.tables import Group, GroupReader


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasReport:
    """What a run found.

    Attributes:
        analysis: the content of analysis.json.
        groups: the counts behind it: stage -> facet -> its values or intervals.
        flips: what the flip test counted: facet, which of its values -> flips.
    """

    analysis: Analysis
    groups: Mapping[Stage, Mapping[str, tuple[Group, ...]]] = field(repr=False)
    flips: Mapping[tuple[str, int], Flips] = field(default_factory=dict, repr=False)


def report(
    reader: GroupReader, names: Mapping[Stage, tuple[str, ...]], flip: FlipTest
) -> BiasReport:
    """The bias report.

    Args:
        reader: of the counts.
        names: for each stage that is asked for, the names of its metrics.
        flip: computes the flip test.

    Raises:
        InputError: nothing is predicted positive, or labels and predictions differ in type.
        SettingsError: a facet is a scale and has no threshold.
    """
    writer = _Writer(reader=reader, flip=flip)
    groups: dict[Stage, dict[str, tuple[Group, ...]]] = {}
    for stage in STAGES:
        if stage in names:
            predicted = stage == "post_training"
            groups[stage] = {
                facet.name: reader.groups(index, predicted=predicted)
                for index, facet in enumerate(reader.facets)
            }
    stages = {stage: writer.stage(groups[stage], names[stage]) for stage in groups}
    analysis = Analysis(
        post_training=stages.get("post_training"), pre_training=stages.get("pre_training")
    )
    return BiasReport(analysis=analysis, groups=groups, flips=writer.flips)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Writes the stages of a report, and remembers the flips."""

    reader: GroupReader
    flip: FlipTest
    flips: dict[tuple[str, int], Flips] = field(default_factory=dict)

    def stage(
        self, groups: Mapping[str, tuple[Group, ...]], names: tuple[str, ...]
    ) -> StageMetrics:
        outcomes = self.reader.outcomes
        return StageMetrics(
            label=outcomes.label.name,
            label_value_or_threshold=outcomes.label_text,
            facets={
                facet: tuple(
                    FacetMetrics(
                        value_or_threshold=group.value_or_threshold,
                        metrics=tuple(self._metric(name, index, number, group) for name in names),
                    )
                    for number, group in enumerate(values)
                )
                for index, (facet, values) in enumerate(groups.items())
            },
        )

    def _metric(self, name: str, facet: int, number: int, group: Group) -> Metric:
        value, error = None, None
        try:
            if name == FLIP_TEST:
                flips = self.flip.flips(self.reader, facet, number)
                self.flips[self.reader.facets[facet].name, number] = flips
                value = flips.value
            else:
                value = METRICS[name].value(group.table)
        except UndefinedMetricError as undefined:
            error = str(undefined)
        return Metric(name=name, description=description_of(name), value=value, error=error)


def asked(stage: Stage, wanted: str | tuple[str, ...]) -> tuple[str, ...]:
    """The metrics' names that are asked for, in the order of the report.

    Raises:
        SettingsError: one of them is not known.
    """
    known = names_of(stage)
    if isinstance(wanted, str):
        return known
    for name in wanted:
        if name not in known:
            raise SettingsError(
                f"there is no metric {name!r} in this stage",
                where=f"methods.{stage}_bias.methods",
                expected=", ".join(known),
                todo='Check the spelling, or write "all"',
            )
    return tuple(name for name in known if name in wanted)


def basic_statistics(groups: Mapping[str, tuple[Group, ...]], *, predicted: bool) -> dict[str, Any]:
    """Size, labels and confusion matrix of each facet, as smclarify's basic statistics."""
    return {
        name: [
            {
                "value_or_threshold": group.value_or_threshold,
                "metrics": group_statistics(group.table, predicted=predicted),
            }
            for group in values
        ]
        for name, values in groups.items()
    }


def performance_report(reader: GroupReader, group: Group) -> dict[str, Any]:
    """Performance on all rows, as smclarify's model performance report.

    Args:
        reader: of the counts.
        group: any group of any facet, counted with predictions.
    """
    quadrants = Quadrants.from_cells(group.table.cells().sum(axis=0), group.table.undefined)
    known = {
        "label": reader.outcomes.label.name,
        "model_performance_metrics": performance(quadrants),
        "binary_confusion_matrix": quadrants.shares(),
    }
    matrix = reader.outcomes.confusion()
    return known if matrix is None else {**known, "confusion_matrix": matrix}
