"""Days of a table as counts on the cells of a reference, as a baseline makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.cells import Cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.comparison.arrays import Floats, Integers, Truths
    from tests.detection.tables import Table

_QUANTILES = 256
_DISTINCT = 300
_FREQUENT = 0.01
_CATEGORIES = 119


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """Features of a table on the same days.

    Attributes:
        names: of the features, numeric ones first.
        dates: days since 1970-01-01, or other blocks.
        unit: of the dates.
        numbers: counts of the numeric features.
        atoms: their cells of a single value.
        far: their cells beyond the numbers of the reference by the width of these.
        categories: counts of the others, or nothing where there are none.
    """

    names: list[str]
    dates: Integers
    unit: str
    numbers: Cells
    atoms: Truths
    far: Truths
    categories: Cells | None


def counted(
    table: Table,
    base: slice,
    days: slice,
    change: Callable[[str, Floats, Integers], Floats] | None = None,
) -> Counted:
    """Counts of days on the cells of others.

    Args:
        table: the rows.
        base: of which days the cells are made.
        days: which days are counted.
        change: what is done to the values of a numeric feature; it is given the name, the values
            and the day of each row among those that are counted.
    """
    rows = slice(table.starts[days.start], table.starts[days.stop])
    own = slice(table.starts[base.start], table.starts[base.stop])
    lengths = np.diff(table.starts[days.start : days.stop + 1])
    day, count = np.repeat(np.arange(len(lengths)), lengths), len(lengths)
    numbers, atoms, far, nulls = [], [], [], []
    for name, values in table.numbers.items():
        edges, single = edges_of(values[own])
        seen = values[rows] if change is None else change(name, values[rows], day)
        cells, missing = _by_day(
            np.searchsorted(edges, seen, side="left"), np.isnan(seen), day, count
        )
        numbers.append(_padded(cells, len(edges) + 1))
        nulls.append(missing)
        atoms.append(single)
        far.append(np.isin(np.arange(len(edges) + 1), (0, len(edges))))
    shares, absent = [], []
    for codes in table.categories.values():
        known = codes[rows]
        cells, missing = _by_day(_known(codes[own], known), known < 0, day, count)
        shares.append(_padded(cells, _CATEGORIES + 2))
        absent.append(missing)
    return Counted(
        names=[*table.numbers, *table.categories],
        dates=table.dates[days],
        unit=table.unit,
        numbers=Cells.of(_stacked(numbers), np.array(nulls)),
        atoms=_truths(atoms),
        far=_truths(far),
        categories=Cells.of(_stacked(shares), np.array(absent)) if shares else None,
    )


def edges_of(values: Floats) -> tuple[Floats, Truths]:
    """Edges of cells, and which cells are of one frequent value."""
    distinct, often = np.unique(values[~np.isnan(values)], return_counts=True)
    frequent = distinct[often >= _FREQUENT * often.sum()]
    edges = distinct
    if len(distinct) > _DISTINCT:
        ranks = np.linspace(0, often.sum() - 1, _QUANTILES).astype(np.int64)
        inner = distinct[np.searchsorted(often.cumsum(), ranks, side="right")]
        below = distinct[np.maximum(np.searchsorted(distinct, frequent) - 1, 0)]
        edges = np.unique(np.concatenate([inner, distinct[:3], distinct[-3:], frequent, below]))
    low, high = distinct[0], distinct[-1]
    beyond = [low - (high - low) - 1e-9, np.nextafter(low, -np.inf), high + (high - low) + 1e-9]
    edges = np.unique(np.concatenate([beyond, edges]))
    single = np.zeros(len(edges) + 1, dtype=bool)
    single[np.searchsorted(edges, frequent, side="left")] = True
    return edges, single


def _known(base: Integers, codes: Integers) -> Integers:
    """The cell of each code: the frequent of the reference, its others, and the unknown."""
    often = np.bincount(base[base >= 0], minlength=int(codes.max(initial=0)) + 1)
    cell = np.where(often > 0, _CATEGORIES, _CATEGORIES + 1)
    order = np.argsort(-often, kind="stable")[:_CATEGORIES]
    cell[order] = np.where(often[order] > 0, np.arange(len(order)), _CATEGORIES + 1)
    return cell[codes]


def _by_day(
    cells: Integers, missing: Truths, day: Integers, days: int
) -> tuple[Integers, Integers]:
    wide = int(cells.max(initial=0)) + 1
    counts = np.bincount(day[~missing] * wide + cells[~missing], minlength=days * wide)
    return counts.reshape(days, wide), np.bincount(day[missing], minlength=days)


def _padded(counts: Integers, width: int) -> Integers:
    return np.pad(counts, ((0, 0), (0, max(0, width - counts.shape[1]))))[:, :width]


def _stacked(tables: list[Integers]) -> Integers:
    width = max(each.shape[1] for each in tables)
    return np.stack([_padded(each, width) for each in tables])


def _truths(rows: list[Truths]) -> Truths:
    return np.asarray(_stacked([each[None].astype(np.int64) for each in rows])[:, 0] > 0)
