"""Joins what goes into a step of a pipeline with what comes out of it, by the ids of requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.capture.arm_rows import INFERENCE_ID
from driftkit.capture.record_ids import ID, IdsOfRecords, id_dataset
from driftkit.capture.window import select
from driftkit.columns.chunk import Column
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.formats.deployment.pipeline import StepIds
from driftkit.monitors.deployment.inputs import capture_files
from driftkit.monitors.model_quality.inputs import index_of
from driftkit.readers.dataset import FileDataset, TableChunk
from driftkit.readers.mapped import mapped
from driftkit.readers.opening import opened
from driftkit.readers.spark import FrameDataset
from driftkit.states.deployment.id_fold import AFTER, BEFORE, BY_ID, IdFold
from driftkit.states.deployment.pairs import Count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.columns.chunk import Chunk
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Settings
    from driftkit.states.deployment.pairs import PairState

_SIDE = Column(name="side")


@dataclass(frozen=True, slots=True, kw_only=True)
class _SideIds:
    """Makes ids and the side of a step of other chunks; pickled and sent to the workers."""

    index: int
    side: str

    def __call__(self, chunks: Iterable[Chunk], path: str) -> Iterator[TableChunk]:  # noqa: ARG002  (any file's)
        for chunk in chunks:
            sides = pa.repeat(pa.scalar(self.side), chunk.num_rows)
            table = pa.table({ID: chunk.column(self.index), _SIDE.name: sides})
            yield TableChunk(table=table, rejected=chunk.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageIds:
    """The ids of the requests at a point of a pipeline.

    Attributes:
        dataset: that holds them.
        index: of their column.
    """

    dataset: Dataset
    index: int

    def on(self, side: str) -> Dataset:
        """The ids, and for each the side of a step."""
        if isinstance(self.dataset, FrameDataset):
            ids = self.dataset.only([self.index])
            frame = ids.frame.selectExpr("CAST(c0 AS STRING) AS c0", f"'{side}' AS c1")
            return replace(ids, frame=frame, columns=(Column(name=ID), _SIDE))
        return mapped(self.dataset, (Column(name=ID), _SIDE), _SideIds(index=self.index, side=side))


def stage_ids(
    data: Any, sides: tuple[str, ...], column: str | None, run: Settings
) -> StageIds | None:
    """The ids at a point of a pipeline; None of a table without a column of them.

    Args:
        data: that are there.
        sides: of captures that are meant.
        column: of tables, with the ids; None for inferenceId, where there is one.
        run: how data are read, and which window.

    Raises:
        InputError: data cannot be read, or a table lacks the column that is named.
    """
    files = capture_files(data, run.read)
    if files is not None:
        kept, window = select(files, run.window)
        return StageIds(dataset=id_dataset(kept, IdsOfRecords(window=window, sides=sides)), index=0)
    table = opened(data, run)
    names = [each.name for each in table.columns]
    if column is None and INFERENCE_ID not in names:
        return None
    return StageIds(dataset=table, index=index_of(column or INFERENCE_ID, names, "id_column"))


def joined(before: StageIds | None, after: StageIds | None, run: Settings) -> StepIds | None:
    """Which ids pass a step; None where a side has none, or they cannot be joined.

    That is so where Spark holds one of the two only, and in a session of Spark Connect.

    Raises:
        InputError: data cannot be read.
        EngineError: Spark failed.
    """
    if before is None or after is None:
        return None
    dataset = _together(before.on(BEFORE), after.on(AFTER))
    if dataset is None:
        return None
    runner = runner_of(dataset, run.compute)
    if not runner.can_pair(dataset):
        return None
    _, pairs = runner.run_paired(dataset, Job(fold=IdFold()), BY_ID)
    return _ids(pairs)


def _together(one: Dataset, other: Dataset) -> Dataset | None:
    """The rows of both."""
    if isinstance(one, FrameDataset) and isinstance(other, FrameDataset):
        return replace(one, frame=one.frame.union(other.frame))
    if isinstance(one, FileDataset) and isinstance(other, FileDataset):
        alone = one.one_by_one or other.one_by_one
        return replace(one, units=(*one.units, *other.units), one_by_one=alone)
    return None


def _ids(pairs: PairState) -> StepIds | None:
    without = [
        pairs.total(each) for each in (Count.CHAMPION_UNPAIRABLE, Count.CHALLENGER_UNPAIRABLE)
    ]
    ambiguous = [
        pairs.total(each) for each in (Count.CHAMPION_AMBIGUOUS, Count.CHALLENGER_AMBIGUOUS)
    ]
    lost, appeared = (rows - none for rows, none in zip(pairs.unmatched, without, strict=True))
    found = StepIds(
        joined=pairs.pairs,
        lost=lost,
        appeared=appeared,
        repeated=pairs.total(Count.AMBIGUOUS_IDS),
        repeated_before=ambiguous[0],
        repeated_after=ambiguous[1],
        without_id_before=without[0],
        without_id_after=without[1],
        examples=tuple(each.id for each in pairs.examples if each.kind == "ambiguous"),
    )
    return found if found.are_known else None
