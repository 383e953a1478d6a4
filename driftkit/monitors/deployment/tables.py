"""comparison.json: the differences between arms by segment and by epoch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.formats.deployment.comparison import (
    Comparison,
    Difference,
    EpochTable,
    SegmentTable,
)
from driftkit.formats.deployment.plan_inputs import OTHERS
from driftkit.formats.deployment.verdict import PlanName
from driftkit.monitors.deployment.bounds import bounds_of, turned
from driftkit.monitors.deployment.input_tables import input_drift
from driftkit.monitors.deployment.pair_tables import (
    agreement_of,
    disagreement_cells,
    disagreement_examples,
)
from driftkit.monitors.deployment.predictions import prediction_drift
from driftkit.monitors.deployment.timeline import known_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.formats.deployment.plan import Plan
    from driftkit.monitors.deployment.evidence import Looks
    from driftkit.monitors.deployment.timeline import Timeline
    from driftkit.states.deployment.pairs import PairState


def comparison_of(plan: Plan, time: Timeline, pairs: PairState | None = None) -> Comparison:
    """The tables behind the verdict."""
    arm = plan.challengers[0]
    tables = _Tables(plan=plan, time=time)
    return Comparison(
        plan=PlanName.of(plan),
        champion=plan.champion,
        segments=tuple(tables.segments()),
        epochs=tuple(tables.epochs()),
        inputs=input_drift(plan, time),
        predictions=prediction_drift(plan, time),
        agreements=() if pairs is None else (agreement_of(pairs, plan, arm),),
        disagreements=() if pairs is None else disagreement_cells(pairs, arm),
        examples=() if pairs is None else disagreement_examples(pairs, arm),
    )


@dataclass(frozen=True, eq=False)
class _Tables:
    plan: Plan
    time: Timeline

    def segments(self) -> Iterator[SegmentTable]:
        """Each value of each column, in the order of the states."""
        for column, parts in self.time.sums.segments.items():
            for value, part in parts.items():
                looks = {
                    arm: replace(of, sums=self.time.compared(part, of.arms))
                    for arm, of in self.time.looks.items()
                }
                yield SegmentTable(
                    column=column,
                    value=OTHERS if value is None else value,
                    differences=self._differences(looks),
                )

    def epochs(self) -> Iterator[EpochTable]:
        """Each run of constant weights, by itself."""
        time = self.time
        for begin, end in time.runs:
            yield EpochTable(
                start=known_moment(time.blocks[begin]),
                end=known_moment(time.ends[end]),
                weights=time.weights_at(begin),
                differences=self._differences(self._looks_of(slice(begin, end + 1))),
            )

    def _looks_of(self, some: slice) -> Mapping[str, Looks]:
        """The looks of some blocks, from rows of these blocks alone."""
        looks, blocks = self.time.looks, self.time.blocks[some]
        if len(blocks) == len(self.time.blocks):
            return looks
        return {
            arm: replace(
                of,
                sums=of.sums.chosen(np.isin(of.sums.keys[:, 0], blocks)),
                blocks=blocks,
                epochs=self.time.epochs[some],
            )
            for arm, of in looks.items()
        }

    def _differences(self, looks: Mapping[str, Looks]) -> tuple[Difference, ...]:
        return tuple(each for arm, of in looks.items() for each in self._of(arm, of))

    def _of(self, challenger: str, looks: Looks) -> Iterator[Difference]:
        scored = looks.sums.layout.scores
        for index, metric in enumerate(self.plan.metrics):
            if metric.name == "agreement" or (metric.kind == "auc" and not scored):
                continue
            seen = looks.evidence(index, metric)
            if metric.table and not seen.counted[-1].any():
                # Tables have no segments.
                continue
            bounds = bounds_of(seen, metric, self.plan)
            low, high = turned(*bounds.last, metric)
            old, new = seen.values[-1].tolist()
            units = zip((self.plan.champion, challenger), seen.counted[-1].tolist(), strict=True)
            yield Difference(
                arm=challenger,
                metric=metric.name,
                champion=old,
                challenger=new,
                difference=float(seen.difference[-1]),
                low=low,
                high=high,
                units={arm: int(count) for arm, count in units},
            )
