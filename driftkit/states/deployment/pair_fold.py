"""Folds the rows of arms into their sums, beside halves of pairs of two of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.comparison.classification import BETAS
from driftkit.native.arrays import whole
from driftkit.states.deployment.arms_fold import ARM, ArmFold
from driftkit.states.deployment.halves import (
    TABLE_ROWS,
    ArmChunk,
    Halves,
    halves_of,
)
from driftkit.states.deployment.input_cells import cells_of
from driftkit.states.deployment.judging import COLUMN, PROBABILITY, TIME, JudgedRows
from driftkit.states.deployment.metrics import as_told, sources_of, values
from driftkit.states.deployment.pairing import Pairing, PairMetric
from driftkit.states.quality.values import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.columns.chunk import Chunk
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.native.arrays import Floats, Truths
    from driftkit.states.deployment.arms import ArmSums

PAIR, PAIR_BY, CONTENT, EARLIER = "pair", "pair_by", "input", "earlier"
ANSWER = "answer"
RIGHT = "accuracy"
# Metrics of labels, not of numbers, in whose plans it is asked how often two answers agree.
_OF_LABELS = frozenset(
    {
        *("accuracy", "error_rate", "precision", "recall", "weighted_recall", "specificity"),
        *("true_positive_rate", "true_negative_rate"),
        *("false_positive_rate", "false_negative_rate", *BETAS, "agreement"),
    }
)


def is_ratio_of_pairs(metric: PlannedMetric) -> bool:
    """Whether the two rows of a pair may count differently, so that only sums of all pairs compare.

    Precision counts rows that the arm itself predicts positive: where both rows do so, both are
    right or both are wrong. A group's rows are some of all.
    """
    return metric.kind in {"ratio", "bias"} or metric.name == "precision"


def pairing_of(plan: Plan, challenger: str, examples: int = 20) -> Pairing:
    """How a plan's rows are paired.

    Args:
        plan: which pairs rows.
        challenger: the arm that is compared with the champion.
        examples: how many ids are kept of pairs whose scores differ most; 0 for no ids at all.
    """
    names = {metric.name for metric in plan.metrics}
    ratios = {metric.name: is_ratio_of_pairs(metric) for metric in plan.metrics}
    content = plan.pairing is not None and plan.pairing.by_content
    inputs = (each.column for each in plan.inputs or ())
    return Pairing(
        champion=plan.champion,
        challenger=challenger,
        seconds=plan.pairing.seconds if plan.pairing is not None and content else None,
        metrics=tuple(
            # Those that are not metrics of the plan are the rest of a bias metric's group.
            PairMetric(name=name, ratio=ratios.get(name, True))
            for name in sources_of(plan.metrics)
        ),
        right=RIGHT if RIGHT in names else None,
        labels=not names.isdisjoint(_OF_LABELS) or any(each.bias for each in plan.metrics),
        scores=any(metric.kind == "auc" for metric in plan.metrics),
        features=tuple(dict.fromkeys((*plan.segment_by, *inputs))),
        examples=examples,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedSums:
    """The sums of arms, and the halves of pairs; see `driftkit.compute.job.WithHalves`.

    Attributes:
        sums: of all arms.
        halves: of two of them.
    """

    sums: ArmSums
    halves: Halves = field(default_factory=Halves)

    @property
    def rows(self) -> int:
        """Rows that it is of."""
        return self.sums.rows

    def without_halves(self) -> PairedSums:
        """The sums alone."""
        return replace(self, halves=Halves())

    def __add__(self, other: PairedSums) -> PairedSums:
        return PairedSums(sums=self.sums + other.sums, halves=self.halves + other.halves)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFold:
    """Sums the rows of chunks up and keeps halves of pairs; pickled and sent to the workers.

    Attributes:
        arms: sums up; of the same metrics as the pairing.
        pairing: how rows are paired.
    """

    arms: ArmFold
    pairing: Pairing

    def __call__(self, chunks: Iterable[Chunk]) -> PairedSums:
        """The sums and halves of some chunks; of none, the identity of `+`."""
        waiting: list[ArmChunk] = []
        found: list[Halves] = []

        def passed_on() -> Iterator[JudgedRows]:
            for rows in map(self.arms.judged, chunks):
                yield _counting(rows)
                if rows.rows:
                    waiting.append(self._arm_chunk(rows))
                if sum(len(each.blocks) for each in waiting) >= TABLE_ROWS:
                    found.append(halves_of(waiting, self.pairing))
                    waiting.clear()

        sums = self.arms.summed(passed_on())
        return PairedSums(
            sums=sums, halves=sum([*found, halves_of(waiting, self.pairing)], Halves())
        )

    def _arm_chunk(self, rows: JudgedRows) -> ArmChunk:
        compared = [*self._compared(rows)]
        scored = rows.has(PROBABILITY)
        return ArmChunk(
            arms=rows.values(ARM),
            blocks=self.arms.blocks(rows),
            ids=rows.values(PAIR) if rows.has(PAIR) else None,
            named=rows.values(PAIR_BY) if rows.has(PAIR_BY) else None,
            inputs=rows.values(CONTENT) if rows.has(CONTENT) else None,
            earlier=_earlier(rows),
            times=rows.seconds if rows.has(TIME) and rows.has(CONTENT) else None,
            numerators=[numerators for numerators, _ in compared],
            denominators=[denominators for _, denominators in compared],
            positive=rows.label_is_positive if scored and self.pairing.scores else None,
            scores=rows.probability if scored else None,
            answers=self._answers(rows),
            cells=tuple(self._cells(rows, name) for name in self.pairing.features),
        )

    def _answers(self, rows: JudgedRows) -> pa.Array | pa.ChunkedArray | None:
        """Predicted labels, or digests of answers that are no text."""
        if not self.pairing.labels:
            return None
        return rows.values(ANSWER) if rows.has(ANSWER) else rows.answers

    def _cells(self, rows: JudgedRows, name: str) -> pa.Array:
        """A feature's cell of each row: the plan's of a number, else its value."""
        planned = next((each for each in self.arms.inputs if each.column == name), None)
        if planned is not None and planned.edges is not None:
            return cells_of(planned, rows)
        return _texts(rows.values(f"{COLUMN}{name}"))

    def _compared(self, rows: JudgedRows) -> Iterator[tuple[Floats | None, Floats | None]]:
        """Numerators and denominators of each metric, as `ArmChunk` has them."""
        for metric, source in zip(self.pairing.metrics, self.arms.sources, strict=True):
            if metric.ratio:
                yield values(source, rows)
            else:
                yield (None, None) if source.of == "nothing" else as_told(source, rows)


def _counting(rows: JudgedRows) -> JudgedRows:
    """The rows in the window: those before it only wait for others, and were counted in theirs."""
    earlier = _earlier(rows)
    if earlier is None or not earlier.any():
        return rows
    return rows.chosen(pa.array(~earlier), rows.rejected)


def _earlier(rows: JudgedRows) -> Truths | None:
    return np.asarray(whole(rows.values(EARLIER)), np.bool_) if rows.has(EARLIER) else None


def _texts(column: pa.ChunkedArray) -> pa.Array:
    """The values of a column as texts."""
    array = whole(column)
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return array
    return joined(column).cast(pa.string())
