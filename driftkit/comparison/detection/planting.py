"""Plants faults of a chosen size into counts of a feature, to see which rules would find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.probabilities import normal_quantile, normal_two_sided

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.comparison.detection.faults import Fault


def planted(
    counts: Integers, reference: Integers, fault: Fault, size: float, rng: np.random.Generator
) -> tuple[Integers, int]:
    """Counts of a window after a fault, and how many rows have lost their value.

    Args:
        counts: rows of each cell; the last cell is beyond all that the reference has.
        reference: the reference's rows of each cell, from which ranks are taken.
        fault: what happens: numbers are shifted by so many standard deviations, or spread by a
            factor; a share of the rows loses its value, gets a value that is new, or one that is
            far too large (a wrong unit); a share of all rows goes from the most frequent category
            to the next; all rows have one value, whatever the size is.
        size: in the unit of the fault.
        rng: which rows it happens to.
    """
    if fault == "nulls":
        lost = rng.binomial(counts, size)
        return counts - lost, int(lost.sum())
    if fault in {"new", "units"}:
        moved = rng.binomial(counts, size)
        found = counts - moved
        found[-1] += moved.sum()
        return found, 0
    if fault == "frozen":
        found = np.zeros_like(counts)
        found[int(reference.argmax())] = counts.sum()
        return found, 0
    if fault == "share":
        return _shared(counts, reference, size, rng), 0
    moves = _moves(reference, size if fault == "shift" else 0.0, size if fault == "spread" else 1.0)
    found = np.zeros_like(counts)
    for cell in np.flatnonzero(counts).tolist():
        found += rng.multinomial(counts[cell], moves[cell])
    return found, 0


def multiplied(counts: Integers, edges: Floats, factor: float) -> Integers:
    """Counts of a window all of whose numbers are multiplied, as if they were their cells' upper edges.

    Args:
        counts: rows of each cell; the last cell is above all edges.
        edges: of the cells, ascending.
        factor: 0 or more.
    """
    values = factor * np.append(edges, np.nextafter(edges[-1], np.inf))
    found = np.zeros_like(counts)
    np.add.at(found, np.searchsorted(edges, values), counts)
    return found


def _shared(
    counts: Integers, reference: Integers, size: float, rng: np.random.Generator
) -> Integers:
    """The most frequent category gives a share of all rows to the next one."""
    first, second = np.argsort(-reference, kind="stable")[:2].tolist()
    asked = rng.binomial(int(counts.sum()), size)
    moved = min(int(counts[first]), int(asked))
    found = counts.copy()
    found[first] -= moved
    found[second] += moved
    return found


def _moves(reference: Integers, shift: float, factor: float) -> Floats:
    """For each cell the share of its rows that comes into each, cells by cells.

    Normal scores are moved: within a cell rows lie as the normal law has them. Cells without rows
    in the reference keep theirs.
    """
    total = max(int(reference.sum()), 1)
    bounds = np.concatenate([[0.0], reference.cumsum() / total])
    inner = np.clip(bounds, 0.5 / total, 1 - 0.5 / total)
    # Who is above a bound afterwards was above this one before.
    z = (normal_quantile(inner) - shift) / factor
    beyond = normal_two_sided(z) / 2
    before = np.where(z > 0, 1 - beyond, beyond)
    before[bounds <= 0], before[bounds >= 1] = 0.0, 1.0
    low = np.maximum(bounds[:-1, None], before[None, :-1])
    high = np.minimum(bounds[1:, None], before[None, 1:])
    overlap = np.maximum(0.0, high - low)
    width = overlap.sum(axis=1, keepdims=True)
    stays = np.eye(len(reference))
    return np.where(width > 0, overlap / np.where(width > 0, width, 1.0), stays)
