"""Reads a baseline again for its predictions and losses by the cells of its features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.types import InferredType
from driftkit.compute.job import Job
from driftkit.errors import InputError
from driftkit.monitors.data_quality.drift.windows import baseline_counts
from driftkit.monitors.data_quality.measuring import read_again
from driftkit.native.hashing import buckets_of, hash_texts_in_order
from driftkit.readers.some_columns import without
from driftkit.readers.vectors import doubles
from driftkit.states.cells.outcomes import SUMS, CellOutcomes, shape_of
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.compute.job import Progress, Runner
    from driftkit.formats.statistics import FeatureStatistics, Statistics
    from driftkit.monitors.data_quality.measuring import Request
    from driftkit.monitors.data_quality.results import Baseline
    from driftkit.native.arrays import Floats, Integers
    from driftkit.readers.dataset import Dataset
    from driftkit.settings.detection import Outcomes
    from driftkit.states.cells.grids import Grid
    from driftkit.states.cells.outcomes import Outcome

_NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How chunks are read; pickled and sent to the workers.

    Attributes:
        nothing: the sums of no rows.
        features: the columns of its grids, by their indices in the dataset.
        prediction: index of the column of predictions.
        label: index of that of labels; None where there is none.
        numbers: whether both are numbers.
    """

    nothing: CellOutcomes
    features: tuple[int, ...]
    prediction: int
    label: int | None
    numbers: bool

    def fold(self, chunks: Iterable[Chunk]) -> CellOutcomes:
        """The sums of some chunks."""
        rows, totals = 0, self.nothing.totals.copy()
        sums = [each.copy() for each in self.nothing.sums]
        for chunk in chunks:
            rows += chunk.num_rows
            answers = self._answers(chunk)
            everywhere = np.zeros(chunk.num_rows, np.int64)
            for index, answer in enumerate(answers):
                totals[index] += _added(answer, everywhere, 1)[:, 0]
            for grid, at, found in zip(self.nothing.grids, self.features, sums, strict=True):
                codes = cells_of(grid, chunk.column(at))
                for index, answer in enumerate(answers):
                    found[index] += _added(answer, codes, grid.cells + 1)
        return replace(self.nothing, rows=rows, totals=totals, sums=tuple(sums))

    def _answers(self, chunk: Chunk) -> list[Floats]:
        """Of each row every outcome, NaN where it has none."""
        predicted = chunk.column(self.prediction)
        true = None if self.label is None else chunk.column(self.label)
        if not self.numbers:
            # There are labels, or there would be nothing to add up.
            wrong = pc.not_equal(_texts(predicted), _texts(true)).cast(pa.int8())
            return [wrong.cast(pa.float64()).to_numpy(zero_copy_only=False)]
        numbers = doubles(predicted)
        found = [numbers - self.nothing.center]
        return found if true is None else [*found, (numbers - doubles(true)) ** 2]


def _added(answer: Floats, codes: Integers, cells: int) -> Floats:
    """Rows, sums and squares by cell."""
    squares = answer * answer
    kept = np.isfinite(squares) & (codes != _NOWHERE)
    where = codes[kept]
    return np.stack(
        [
            np.bincount(where, minlength=cells).astype(np.float64),
            np.bincount(where, answer[kept], cells),
            np.bincount(where, squares[kept], cells),
        ]
    )


def cells_of(grid: Grid, values: pa.ChunkedArray) -> Integers:
    """The cell of each value, one more of those that are missing, and -1 of numbers that are in none."""
    missing = values.is_null().to_numpy()
    if grid.is_numeric:
        numbers = doubles(values)
        codes = np.searchsorted(grid.edges, numbers, side="left")
        codes = np.where(np.isfinite(numbers), codes, _NOWHERE)
    elif grid.hashed:
        offsets, data = buffers(_texts(values).fill_null(""))
        codes = buckets_of(hash_texts_in_order(offsets, data))
    else:
        found = pc.index_in(_texts(values), value_set=pa.array(grid.values, pa.large_string()))
        numbered = found.fill_null(len(grid.values)).to_numpy(zero_copy_only=False)
        # All but the most frequent share a cell; the last one is of values that are not known.
        shared = np.minimum(numbered, grid.cells - 2)
        codes = np.where(numbered == len(grid.values), grid.cells - 1, shared)
    return np.where(missing, grid.cells, codes).astype(np.int64)


def _texts(values: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    return values.cast(pa.large_string()).combine_chunks()


def with_outcomes(found: Baseline, data: Any, request: Request) -> Baseline:
    """A baseline with what the model predicted, for which its rows are read a second time.

    Args:
        found: the baseline.
        data: that it was learnt from.
        request: how they were read, with the columns of predictions and labels.

    Raises:
        InputError: there are no rows among the data, or their predictions cannot be added up.
    """
    cells = baseline_counts(found.statistics, found.cells)
    again = read_again(data, replace(request, derivation=found.derivation))
    if found.statistics is None or cells is None or again is None:
        raise InputError(
            "kept states have no rows",
            where="prediction_column",
            expected="the rows of the baseline",
            found="states alone",
            todo="Make the baseline of its rows, or leave prediction_column out",
        )
    dataset, runner = again
    asked, known = request.settings.outcomes, (found.statistics, cells.grids)
    outcomes, run = _learnt(dataset, asked, known, runner, request.progress), found.run
    if run is not None and outcomes.rows != run.rows:
        said = (
            f"predictions are of the {outcomes.rows:,} rows that were read: kept states have none"
        )
        run = replace(run, remarks=(*run.remarks, said))
    return replace(found, outcomes=outcomes, run=run)


def _learnt(
    dataset: Dataset,
    asked: Outcomes,
    known: tuple[Statistics, Sequence[Grid]],
    runner: Runner,
    progress: Progress | None = None,
) -> CellOutcomes:
    """The sums of a baseline's rows, which are read for them a second time.

    Args:
        dataset: the rows.
        asked: the columns of predictions and labels.
        known: of the rows' statistics, and the cells of the features.
        runner: where it is counted.
        progress: called with units done, units in all and rows so far.

    Raises:
        InputError: predictions, or predictions and labels, cannot be added up.
    """
    statistics, cells = known
    label, named = asked.label_column, {asked.prediction_column, asked.label_column}
    numbers, center = _kind(statistics, asked)
    needed = {*named, *(grid.name for grid in cells)}
    others = {each.name: "" for each in dataset.columns if each.name not in needed}
    dataset = without(dataset, others)
    indices = {column.name: index for index, column in enumerate(dataset.columns)}
    grids = tuple(each for each in cells if each.name in indices and each.name not in named)
    outcomes: tuple[Outcome, ...] = ("prediction", "loss") if numbers else ("loss",)
    outcomes = outcomes if label else outcomes[:1]
    nothing = CellOutcomes(
        prediction=asked.prediction_column or "",
        label=label,
        outcomes=outcomes,
        center=center,
        grids=grids,
        totals=np.zeros((len(outcomes), SUMS)),
        sums=tuple(np.zeros(shape_of(each, outcomes)) for each in grids),
    )
    reading = _Reading(
        nothing=nothing,
        features=tuple(indices[each.name] for each in grids),
        prediction=indices[nothing.prediction],
        label=indices[label] if label else None,
        numbers=numbers,
    )
    found = _known(runner.run(dataset, Job(fold=reading.fold), progress))
    if not found.totals[-1, 0]:
        raise _not_added(asked, "none that could be")
    return found


def _known(found: CellOutcomes) -> CellOutcomes:
    """Without categories that are written otherwise in statistics, so that they are in no cell."""
    pairs = zip(found.grids, found.sums, strict=True)
    kept = [each for each in pairs if each[0].is_numeric or not each[1][:, 0, -2].any()]
    return replace(
        found, grids=tuple(grid for grid, _ in kept), sums=tuple(sums for _, sums in kept)
    )


def _kind(statistics: Statistics, asked: Outcomes) -> tuple[bool, float]:
    """Whether predictions are numbers, as labels are, and what they are near to."""
    features = {each.name: each for each in statistics.features}
    predicted = features[asked.prediction_column or ""]
    # Labels need not be monitored; they are then taken to be of the same kind.
    true = features.get(asked.label_column or "", predicted)
    numbers = _is_number(predicted)
    if (not numbers and not asked.label_column) or _is_number(true) != numbers:
        kinds = dict.fromkeys(str(each.inferred_type) for each in (predicted, true))
        raise _not_added(asked, " and ".join(kinds))
    mean = predicted.numerical.mean if predicted.numerical else None
    return numbers, mean or 0.0


def _not_added(asked: Outcomes, found: str) -> InputError:
    return InputError(
        "these predictions cannot be added up",
        where=", ".join(filter(None, (asked.prediction_column, asked.label_column))),
        expected="predictions that are numbers, as labels are; or classes in text, and labels in text",
        found=found,
        todo="Name the column of scores, or of labels that are written as predictions are",
    )


def _is_number(feature: FeatureStatistics) -> bool:
    return feature.numerical is not None or feature.inferred_type == InferredType.BOOLEAN
