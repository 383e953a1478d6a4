"""What the days of a feature are compared by: means of scores and shares, each with its variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.shapes import shapes
from driftkit.comparison.probabilities import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Integers, Truths
    from driftkit.comparison.detection.cells import Cells

_TAIL = 0.005
_FREQUENT = 0.01
_VALUES = 3
_TENTHS = 10
_HALF = 0.5
# The largest of 256 deviations by sampling, about; with fewer rows a day is not compared.
_LARGEST, _FEWEST = 3.0, 20
# Features whose counts are numbers with a fraction at a time.
_CHUNK = 32


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a score sees.

    Attributes:
        weight: its part of the feature's error rate, before those of a feature are made to sum to 1.
        least: the smallest effect that matters.
        novel: whether rows are a fault by themselves where no day had any.
        rises: whether only more of it is a change.
    """

    weight: float
    least: float
    novel: bool = False
    rises: bool = False


_JOINT = "shape"
_KINDS = {
    "nulls": _Kind(0.2, 0.005, novel=True),
    "shift": _Kind(0.25, 0.05),
    "spread": _Kind(0.15, 0.025),
    "skewness": _Kind(0.075, 0.025),
    "kurtosis": _Kind(0.075, 0.025),
    "high values": _Kind(0.07, 0.005),
    "low values": _Kind(0.07, 0.005),
    "frequent value": _Kind(0.1, 0.01),
    "share of a category": _Kind(0.5, 0.01),
    "rare categories": _Kind(0.1, 0.01),
    "new categories": _Kind(0.2, 0.002, novel=True),
    _JOINT: _Kind(0.3, 0.05),
    "one value": _Kind(0.15, 0.02, rises=True),
    "far values": _Kind(0.1, 0.002, novel=True),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayScores:
    """Scores of features on days, stacked; a feature that lacks a score has weight 0 for it.

    Attributes:
        kinds: what each score sees.
        values: features by days by scores, on a scale on which sampling variance is constant.
        variances: of sampling, in the same shape.
        effects: what is told of a score, such as a share or a mean in deviations, the same shape.
        weights: features by scores; they sum to 1.
        rows: of which a score is made, in the same shape.
        least: by score, the smallest effect that matters.
        novel: by score, whether rows are a fault by themselves where no day had any.
        share: by score, whether it is a share of the rows.
        rises: by score, whether only more of it is a change.
        once: features by scores, how many of the things that a score counts one day alone had.
    """

    kinds: tuple[str, ...]
    values: Floats
    variances: Floats
    effects: Floats
    weights: Floats
    rows: Integers
    least: Floats
    novel: Truths
    share: Truths
    rises: Truths
    once: Floats

    @property
    def together(self) -> slice:
        """The scores that are judged as one, by the first of them; empty where there are none."""
        start = self.kinds.index(_JOINT) if _JOINT in self.kinds else 0
        return slice(start, start + self.kinds.count(_JOINT))

    @property
    def known(self) -> Truths:
        """Whether there are enough rows to tell, features by days by scores."""
        return self.rows >= _FEWEST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Score:
    """One score: features by days; its part of the weight of its kind, by feature."""

    kind: str
    value: Floats
    variance: Floats
    effect: Floats
    part: Floats
    rows: Integers
    share: bool = False
    once: Floats | None = None


def numeric_scores(
    days: Cells, reference: Truths, atoms: Truths, *, far: Truths | None = None
) -> DayScores:
    """Scores of numbers: shift, spread, skewness, tails, frequent values, nulls, one value.

    Args:
        days: one window a day.
        reference: features by days, which days are ordinary.
        atoms: features by cells, whether a cell is of a single value.
        far: features by cells, whether a cell is so far beyond the numbers of the baseline that
            rows in it are a fault where no day had any.
    """
    counts = _reference_counts(days, reference)
    m = np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    middle = (counts.cumsum(axis=1) - counts / 2) / m
    u = np.clip(2 * middle - 1, -1.0, 1.0)
    # Legendre's polynomials of ranks are bounded, so that their means are normal.
    means = {
        "shift": normal_quantile(np.clip(middle, 0.5 / m, 1 - 0.5 / m)),
        "spread": (3 * u**2 - 1) / 2,
        "skewness": (5 * u**3 - 3 * u) / 2,
        "kurtosis": (35 * u**4 - 30 * u**2 + 3) / 8,
    }
    shares = {"high values": 1 - middle < _TAIL, "low values": middle < _TAIL}
    shares |= {} if far is None else {"far values": far}
    tenth = np.clip((middle * _TENTHS).astype(np.int64), 0, _TENTHS - 1)
    tenths = [tenth == index for index in range(_TENTHS)]
    every = _sums(days, [*tenths, *means.values(), *shares.values()])
    sums = iter(np.moveaxis(every[..., _TENTHS:], 2, 0))
    # What is beyond the numbers of the reference, or of the baseline, is no value of its own.
    inner = (counts.cumsum(axis=1) > 0) & (counts.cumsum(axis=1) - counts < m)
    if far is not None:
        inner &= ~(far | np.roll(far, 1, axis=1) | np.roll(far, -1, axis=1))
    often = atoms & (counts / m >= _FREQUENT)
    return _stacked(
        [
            _nulls(days),
            *(_mean(kind, days, counts, score, next(sums)) for kind, score in means.items()),
            *(_share(kind, days, cells, next(sums)) for kind, cells in shares.items()),
            *_slots("frequent value", days, np.where(often, counts, -1.0), _VALUES),
            *_distribution(days, every[..., :_TENTHS], reference, counts.max(axis=1) / m[:, 0]),
            _one_value(days, counts / m, inner),
        ]
    )


def categorical_scores(days: Cells, reference: Truths, *, all_known: bool = False) -> DayScores:
    """Scores of categories: shares of the frequent, of the rare, of the new, nulls, one value.

    Args:
        days: one window a day.
        reference: features by days, which days are ordinary.
        all_known: whether cells that the reference has no rows of are rare ones, and not new.
    """
    counts = _reference_counts(days, reference)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    frequent = shares >= _FREQUENT
    new = (counts == 0) & (not all_known)
    rare = ~(frequent | new)
    sums = _sums(days, [rare, new])
    return _stacked(
        [
            _nulls(days),
            *_each_category(days, shares, frequent),
            _share("rare categories", days, rare, sums[..., 0]),
            _new_categories(days, reference, new, sums[..., 1]),
            _one_value(days, shares, np.ones_like(frequent)),
        ]
    )


def _stacked(scores: Sequence[_Score]) -> DayScores:
    kinds = [_KINDS[each.kind] for each in scores]
    weights = np.stack([each.part for each in scores], axis=1) * [each.weight for each in kinds]
    return DayScores(
        kinds=tuple(each.kind for each in scores),
        values=np.stack([each.value for each in scores], axis=2),
        variances=np.stack([each.variance for each in scores], axis=2),
        effects=np.stack([each.effect for each in scores], axis=2),
        weights=weights / weights.sum(axis=1, keepdims=True),
        rows=np.stack([each.rows for each in scores], axis=2),
        least=np.array([each.least for each in kinds]),
        novel=np.array([each.novel for each in kinds]),
        share=np.array([each.share for each in scores]),
        rises=np.array([each.rises for each in kinds]),
        once=np.stack(
            [np.zeros(len(weights)) if each.once is None else each.once for each in scores], axis=1
        ),
    )


def _reference_counts(days: Cells, reference: Truths) -> Floats:
    kept = reference[:, None].astype(days.counts.dtype)
    return np.asarray((kept @ days.counts)[:, 0], dtype=np.float64)


def _arcsine(hits: ArrayLike, rows: ArrayLike) -> Floats:
    """A share on the scale where its variance is 1 / (rows + 3/4) (Anscombe 1948)."""
    return np.asarray(2 * np.arcsin(np.sqrt(np.add(hits, 0.375) / np.add(rows, 0.75))))


def _of_shares(kind: str, hits: ArrayLike, rows: Integers, part: Floats) -> _Score:
    return _Score(
        kind=kind,
        value=_arcsine(hits, rows),
        variance=1 / (rows + 0.75),
        effect=np.asarray(hits / np.maximum(rows, 1)),
        part=part,
        rows=rows,
        share=True,
    )


def _nulls(days: Cells) -> _Score:
    asked = (days.missing.sum(axis=1) > 0).astype(np.float64)
    return _of_shares("nulls", days.missing, days.rows, asked)


def _share(kind: str, days: Cells, cells: Truths, hits: Floats) -> _Score:
    asked = np.asarray(cells.any(axis=1), dtype=np.float64)
    return _of_shares(kind, hits, days.present, asked)


def _new_categories(days: Cells, reference: Truths, cells: Truths, hits: Floats) -> _Score:
    days_with = ((days.counts > 0) & reference[..., None]).sum(axis=1)
    once = np.asarray((days_with == 1).sum(axis=1), dtype=np.float64)
    return replace(_share("new categories", days, cells, hits), once=once)


def _mean(kind: str, days: Cells, counts: Floats, score: Floats, sums: Floats) -> _Score:
    n, m = np.maximum(days.present, 1), np.maximum(counts.sum(axis=1), 1.0)
    value = sums / n
    mean = (counts * score).sum(axis=1) / m
    variance = np.maximum((counts * score**2).sum(axis=1) / m - mean**2, 1e-9)[:, None]
    effect = value - mean[:, None]
    if kind == "shift":
        effect = effect / np.sqrt(variance)
    return _Score(
        kind=kind,
        value=value,
        variance=variance / n,
        effect=effect,
        part=(counts.max(axis=1) < m) * 1.0,  # Ranks of one value alone are surer than they can be.
        rows=days.present,
    )


def _sums(days: Cells, scores: Sequence[Floats | Truths]) -> Floats:
    """Sums of scores over the rows of each day, features by days by scores."""
    table = np.stack(scores, axis=2).astype(np.float64)
    found = [days.counts[part].astype(np.float64) @ table[part] for part in _parts(days)]
    return np.concatenate(found)


def _parts(days: Cells) -> list[slice]:
    """A few features at a time, since arrays of features by days by cells are large."""
    every = range(0, max(len(days.counts), 1), _CHUNK)
    return [slice(start, start + _CHUNK) for start in every]


def _each_category(days: Cells, shares: Floats, frequent: Truths) -> list[_Score]:
    """Shares of the categories of 1 % and more, a slot each."""
    slots = int(frequent.sum(axis=1).max(initial=0))
    return _slots("share of a category", days, np.where(frequent, shares, -1.0), slots)


def _slots(kind: str, days: Cells, sizes: Floats, slots: int) -> list[_Score]:
    """The share of the largest cell, of the second, and so on; cells of size -1 are not asked."""
    order = np.argsort(-sizes, axis=1, kind="stable")[:, :slots]
    asked = np.take_along_axis(sizes, order, axis=1) >= 0
    parts = asked / np.maximum(asked.sum(axis=1, keepdims=True), 1)
    hits = np.take_along_axis(days.counts, order[:, None], axis=2)
    return [
        _of_shares(kind, hits[..., slot], days.present, parts[:, slot])
        for slot in range(order.shape[1])
    ]


def _distribution(days: Cells, tenths: Floats, reference: Truths, largest: Floats) -> list[_Score]:
    """Tenths of the reference, judged together; one cell of half of the rows, as of rain, is its own."""
    found, asked = shapes(tenths, days.present, reference), largest <= _HALF
    return [
        _Score(
            kind=_JOINT,
            value=found.coordinates[..., index],
            variance=found.variances,
            effect=found.distance,
            part=np.asarray(asked * (index == 0), dtype=np.float64),
            rows=days.present,
        )
        for index in range(_TENTHS)
    ]


def _one_value(days: Cells, shares: Floats, asked: Truths) -> _Score:
    """The largest excess of a single cell: default values, frozen columns.

    Less what the largest of so many cells has by sampling, which is more on days of few rows.
    """
    found = [
        _largest_excess(days.counts[part], days.present[part], shares[part], asked[part])
        for part in _parts(days)
    ]
    value, effect = (np.concatenate(each) for each in zip(*found, strict=True))
    rows = days.present + 0.75
    return _Score(
        kind="one value",
        value=value - _LARGEST / np.sqrt(rows),
        variance=1 / rows,
        effect=effect,
        part=np.ones(len(shares)),
        rows=days.present,
    )


def _largest_excess(
    counts: Integers, rows: Integers, shares: Floats, asked: Truths
) -> tuple[Floats, Floats]:
    n = rows[..., None]
    expected = shares[:, None] * n
    # Of counts the root has a constant variance too, and takes a tenth of the arcsine's time.
    more = np.where(asked[:, None], np.sqrt(counts + 0.375) - np.sqrt(expected + 0.375), 0.0)
    most = more.argmax(axis=2)[..., None]
    own, usual = (np.take_along_axis(each, most, axis=2) for each in (counts, expected))
    excess = np.maximum(0.0, _arcsine(own, n) - _arcsine(usual, n))
    effect = np.where(excess > 0, own - usual, 0.0) / np.maximum(n, 1)
    return excess[..., 0], effect[..., 0]
