"""The state of attributions: sums for global values and their sampling errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from driftkit.columns.chunk import Rejections
from driftkit.states.profile.kll import KllSketch

if TYPE_CHECKING:
    from numpy.typing import NDArray

AggMethod = Literal["mean_abs", "mean_sq", "median"]

# Rows fall into so many groups by their content; whole groups are resampled.
GROUPS = 64
UNANSWERED = "that the model could not answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionState:
    """What is kept of attributions; states add up.

    Attributes:
        rows: rows that the model was asked about.
        seen: rows before any sampling.
        explained: rows that the model answered, in each group, shape (groups,).
        absolute: sums of absolute values, shape (groups, features, outputs).
        squares: sums of squares, of the same shape.
        fourths: sums of fourth powers, shape (features, outputs).
        sketches: a sketch of the values for each feature and output; empty unless a median is
            asked for.
        local: attributions of the rows themselves, where they are asked for.
        rejected: records set aside.
    """

    rows: int
    seen: int
    explained: NDArray[np.int64]
    absolute: NDArray[np.float64]
    squares: NDArray[np.float64]
    fourths: NDArray[np.float64]
    sketches: tuple[KllSketch, ...] = ()
    local: tuple[NDArray[np.float64], ...] = ()
    rejected: Rejections

    def __add__(self, other: AttributionState) -> AttributionState:
        return AttributionState(
            rows=self.rows + other.rows,
            seen=self.seen + other.seen,
            explained=self.explained + other.explained,
            absolute=self.absolute + other.absolute,
            squares=self.squares + other.squares,
            fourths=self.fourths + other.fourths,
            sketches=tuple(a + b for a, b in zip(self.sketches, other.sketches, strict=True)),
            local=self.local + other.local,
            rejected=self.rejected + other.rejected,
        )

    @property
    def count(self) -> int:
        """Rows that the model answered."""
        return int(self.explained.sum())

    def values(self, method: AggMethod) -> NDArray[np.float64]:
        """Global values, shape (features, outputs); NaN without rows."""
        if method == "median":
            shape = self.fourths.shape
            return np.array([_median(each) for each in self.sketches]).reshape(shape)
        sums = self.absolute if method == "mean_abs" else self.squares
        return _mean(sums.sum(axis=0), self.count)

    def errors(self, method: AggMethod) -> NDArray[np.float64]:
        """Standard errors of the global values, as of independent rows; NaN for medians."""
        if method == "median" or self.count < 2:
            return np.full(self.fourths.shape, np.nan)
        mean = self.values(method)
        seconds = self.squares.sum(axis=0) if method == "mean_abs" else self.fourths
        spread = np.maximum(seconds / self.count - mean**2, 0.0)
        return np.asarray(np.sqrt(spread / (self.count - 1)))

    def resampled(self, method: AggMethod, samples: int, seed: int) -> NDArray[np.float64] | None:
        """Global values of resampled groups, shape (samples, features, outputs).

        Groups are drawn with replacement, as many as hold rows (Efron, Tibshirani, "An
        Introduction to the Bootstrap", 1993, chapter 8). None for medians and for fewer than
        two groups.
        """
        filled = self.explained > 0
        if method == "median" or filled.sum() < 2:
            return None
        sums = (self.absolute if method == "mean_abs" else self.squares)[filled]
        counts = self.explained[filled]
        random = np.random.default_rng(seed)
        drawn = random.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), samples)
        totals = np.tensordot(drawn, sums, axes=1)
        return np.asarray(totals / (drawn @ counts)[:, None, None])


def no_attributions(features: int, outputs: int, *, median: bool) -> AttributionState:
    """The identity of `+`."""
    shape = (GROUPS, features, outputs)
    return AttributionState(
        rows=0,
        seen=0,
        explained=np.zeros(GROUPS, dtype=np.int64),
        absolute=np.zeros(shape),
        squares=np.zeros(shape),
        fourths=np.zeros(shape[1:]),
        sketches=(KllSketch(),) * (features * outputs if median else 0),
        rejected=Rejections(),
    )


def of_rows(
    attributions: NDArray[np.float64],
    groups: NDArray[np.integer],
    *,
    median: bool,
    local: bool,
    rejected: Rejections,
) -> AttributionState:
    """The state of some rows.

    Args:
        attributions: shape (rows, features, outputs); NaN in rows that the model did not answer.
        groups: the group of each row, 0 to GROUPS - 1.
        median: whether a median will be asked for.
        local: whether the rows themselves are kept.
        rejected: records set aside before.
    """
    rows, features, outputs = attributions.shape
    answered = np.isfinite(attributions).all(axis=(1, 2))
    found, group = attributions[answered], groups[answered]
    unanswered = int(rows - answered.sum())
    absolute, squares = (np.zeros((GROUPS, features, outputs)) for _ in range(2))
    np.add.at(absolute, group, np.abs(found))
    np.add.at(squares, group, found**2)
    return AttributionState(
        rows=rows,
        seen=rows,
        explained=np.bincount(group, minlength=GROUPS).astype(np.int64),
        absolute=absolute,
        squares=squares,
        fourths=(found**4).sum(axis=0),
        sketches=tuple(_sketch(found[:, f, o]) for f in range(features) for o in range(outputs))
        if median
        else (),
        local=(attributions,) if local else (),
        rejected=rejected + Rejections(counts={UNANSWERED: unanswered} if unanswered else {}),
    )


def _sketch(values: NDArray[np.float64]) -> KllSketch:
    return KllSketch().extended(np.ascontiguousarray(values))


def _median(sketch: KllSketch) -> float:
    """The middle value, or the mean of the two in the middle."""
    if not sketch.count:
        return float("nan")
    values = np.concatenate(sketch.levels)
    weights = np.repeat(1 << np.arange(len(sketch.levels)), [*map(len, sketch.levels)])
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(weights[order])
    low, high = (sketch.count + 1) // 2, sketch.count // 2 + 1
    indices = np.searchsorted(ends, [low, high])
    return float(values[order][indices].mean())


def _mean(sums: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return sums / count if count else np.full(sums.shape, np.nan)
