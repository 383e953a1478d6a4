"""Differences of arms over epochs: runs of blocks of time in which the arms' weights are constant.

While weights change, time and arm are mixed: where the level of a metric and the share of an arm
both rise, the pooled difference shows the level (Simpson 1951). Arms are therefore compared within
each epoch, and the epochs' differences are added up. The first axis of every array is the blocks in
the order of their times; the end of each block is a look, and what is returned holds as of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftkit.comparison.deployment.ratios import Bucketed, ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

Epochs = NDArray[np.int64]
# Of one block in a million with the epoch's shares, an epoch is begun by mistake.
SIGNIFICANCE = 1e-6
# An arm's units in an epoch, without which it has no variance.
LEAST_UNITS = 2
# Numbers of a block, from which on a step in Python for each block pays.
_MANY = 128
# Blocks that are held against their epoch together.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """The difference of arms within the epoch of each look, from its first block to the look.

    Attributes:
        difference: challenger less champion, shape (looks,).
        variance: of the difference.
        champion_units: how many of them; requests, or users where those are the units.
        challenger_units: the same.
    """

    difference: Floats
    variance: Floats
    champion_units: Floats
    challenger_units: Floats

    @property
    def weights(self) -> Floats:
        """n0 n1 / (n0 + n1); 0 with fewer than two units in an arm, or without a difference."""
        measured = np.isfinite(self.difference) & np.isfinite(self.variance)
        return np.where(measured, epoch_weights(self.champion_units, self.challenger_units), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """The difference of arms over all epochs up to each look.

    Attributes:
        difference: shape (looks,); NaN before any epoch has a weight.
        variance: of the difference; epochs are taken for independent.
        units: of both arms, in the epochs that have a weight.
    """

    difference: Floats
    variance: Floats
    units: Floats


def runs_of(rows: ArrayLike) -> Epochs:
    """The number of each row's run of equal rows, from 0: of the arms' weights, the epochs.

    Args:
        rows: shape (blocks, ...).

    >>> runs_of([[0.9, 0.1], [0.9, 0.1], [0.5, 0.5]])
    array([0, 0, 1])
    """
    values = np.asarray(rows)
    begins = np.any(values[1:] != values[:-1], axis=tuple(range(1, values.ndim)))
    return np.concatenate([np.zeros(min(len(values), 1), np.int64), np.cumsum(begins)])


def found_epochs(counts: ArrayLike, significance: float = SIGNIFICANCE) -> Epochs:
    """The number of each block's epoch where no weights are known: found from the arms' requests.

    A block begins an epoch if its shares differ from those of the epoch so far by the
    likelihood-ratio chi-square of two rows of counts (Wilks 1938). Pearson's would begin epochs by
    mistake where an arm gets a few requests an hour. How blocks are put together depends on counts
    alone, never on metrics, so that differences within the epochs stay unbiased. Requests of users
    that keep to an arm are not independent: count users then.

    Args:
        counts: requests, shape (blocks, arms).
        significance: below which p-value an epoch begins.

    >>> found_epochs([[90, 10], [88, 12], [0, 0], [52, 48], [49, 51]])
    array([0, 0, 0, 1, 1])
    """
    rows = np.asarray(counts, dtype=np.float64)
    found = np.zeros(len(rows), np.int64)
    look, so_far = 0, np.zeros(rows.shape[1:])
    while look < len(rows):
        some = rows[look : look + _AT_ONCE]
        before = np.cumsum(np.concatenate([so_far[None], some]), axis=0)
        others = np.flatnonzero(_homogeneity(before[:-1], some) < significance).tolist()
        # With nothing before it, a block is like its epoch.
        look, so_far = (
            (look + others[0], so_far * 0.0) if others else (look + len(some), before[-1])
        )
        found[look:] += bool(others)
    return found


def _homogeneity(so_far: Floats, rows: Floats) -> Floats:
    """The p-values of two rows of counts each having the same shares."""
    # SciPy is slow to load and few runs have to find their epochs.
    from scipy.special import chdtrc, xlogy  # noqa: PLC0415

    columns = so_far + rows
    arms = np.count_nonzero(columns, axis=1)
    one, other = so_far.sum(axis=1), rows.sum(axis=1)
    cells = xlogy(so_far, so_far).sum(axis=1) + xlogy(rows, rows).sum(axis=1)
    edges = xlogy(columns, columns).sum(axis=1) + xlogy(one, one) + xlogy(other, other)
    statistic = 2 * (cells - edges + xlogy(one + other, one + other))
    known = (arms > 1) & (one > 0) & (other > 0)
    p_values = chdtrc(np.maximum(arms - 1, 1), np.maximum(statistic, 0.0))
    return np.where(known, p_values, 1.0)


def accumulated(blocks: ArrayLike, epochs: Epochs) -> Floats:
    """The sums of blocks from the first block of each look's epoch up to the look.

    Args:
        blocks: shape (blocks, ...).
        epochs: the epoch of each block, not falling.

    >>> accumulated([1, 2, 3, 4], np.array([0, 0, 1, 1]))
    array([1., 3., 3., 7.])
    """
    values = np.asarray(blocks, dtype=np.float64)
    found = np.empty_like(values)
    first = 0
    for last in last_looks(epochs):
        _cumulate(values[first : last + 1], found[first : last + 1])
        first = last + 1
    return found


def accumulated_parts(parts: Iterable[Floats], epochs: Epochs) -> Iterator[Floats]:
    """The same of blocks that come some at a time, so that their sums stay in the processor's cache.

    Args:
        parts: neighbouring blocks of all of them; the first of each is changed.
        epochs: of all blocks.

    >>> parts = np.split(np.array([1.0, 2.0, 3.0, 4.0]), [1])
    >>> [each.tolist() for each in accumulated_parts(parts, np.array([0, 0, 1, 1]))]
    [[1.0], [3.0, 3.0, 7.0]]
    """
    first, found = 0, np.empty(0)
    for part in parts:
        if first and epochs[first] == epochs[first - 1]:
            part[0] += found[-1]
        found = accumulated(part, epochs[first : first + len(part)])
        first += len(part)
        yield found


def _cumulate(blocks: Floats, sums: Floats) -> None:
    if blocks[0].size < _MANY:
        np.cumsum(blocks, axis=0, out=sums)
        return
    # The same sums, but numpy's go through memory number by number rather than block by block.
    sums[0] = blocks[0]
    for look in range(1, len(blocks)):
        np.add(sums[look - 1], blocks[look], out=sums[look])


def last_looks(epochs: Epochs) -> Epochs:
    """The index of the last look of each epoch: of the table of epochs as of the last look.

    >>> last_looks(np.array([0, 0, 1, 2, 2]))
    array([1, 2, 4])
    """
    ends = np.concatenate([epochs[1:] != epochs[:-1], np.ones(min(len(epochs), 1), np.bool_)])
    return np.flatnonzero(ends)


def over_epochs(values: Floats, epochs: Epochs) -> Floats:
    """What the epochs before each look's came to, and the look's own epoch up to it, added up.

    Args:
        values: as of each look, from the first block of its epoch; shape (looks, ...). What is
            NaN at the end of an epoch is NaN in all later ones.
        epochs: the epoch of each look, not falling.

    >>> over_epochs(np.array([1.0, 3.0, 3.0, 7.0]), np.array([0, 0, 1, 1]))
    array([ 1.,  3.,  6., 10.])
    """
    return _after(_ended(values, epochs, np.zeros_like(values[:1])), values, epochs)


def _ended(values: Floats, epochs: Epochs, before: Floats) -> Floats:
    """What the epochs before each of some came to, and behind it all of them."""
    return np.asarray(np.cumsum(np.concatenate([before, values[last_looks(epochs)]]), axis=0))


def _after(ended: Floats, values: Floats, epochs: Epochs) -> Floats:
    found = ended[runs_of(epochs)]
    found += values
    return np.asarray(found, dtype=np.float64)


def epoch_weights(champion_units: ArrayLike, challenger_units: ArrayLike) -> Floats:
    """n0 n1 / (n0 + n1), which makes the sum of equally noisy epochs most certain.

    Weights are functions of the arms' units, which do not depend on outcomes if requests are routed
    by weights. An epoch in which an arm has fewer than two units has the weight 0.

    >>> epoch_weights([9000, 5000, 800], [1000, 5000, 1])
    array([ 900., 2500.,    0.])
    """
    old = np.asarray(champion_units, dtype=np.float64)
    new = np.asarray(challenger_units, dtype=np.float64)
    enough = np.minimum(old, new) >= LEAST_UNITS
    return np.where(enough, old * new / np.maximum(old + new, 1.0), 0.0)


def combined(within: Within, epochs: Epochs) -> Combined:
    """The difference over all epochs as of each look: d = sum w d / sum w, each within its epoch.

    An epoch counts as soon as it has a weight; at its first looks the weight is small, so that the
    difference has no jumps. Derived here from the textbook rule for strata; the published numbers
    are our own (no independent oracle). Where units come back in later epochs these are not
    independent: use `combined_buckets`.

    Args:
        within: as of each look.
        epochs: the epoch of each look, not falling.
    """
    weights = within.weights
    used = weights > 0
    all_weights = over_epochs(weights, epochs)
    shifts = over_epochs(np.where(used, weights * within.difference, 0.0), epochs)
    spread = over_epochs(np.where(used, weights**2 * within.variance, 0.0), epochs)
    units = np.where(used, within.champion_units + within.challenger_units, 0.0)
    return Combined(
        difference=ratio(shifts, all_weights),
        variance=ratio(spread, all_weights**2),
        units=over_epochs(units, epochs),
    )


def combined_buckets(
    parts: Sequence[Bucketed], weights: Floats, epochs: Epochs
) -> tuple[Floats, Floats]:
    """The difference over all epochs as of each look, of units that come back.

    Values and residuals are added up with the weights of their epochs, bucket by bucket, before
    the variance is taken: what a user adds in one epoch and in the next is not independent. Derived
    here; no independent oracle.

    Args:
        parts: the difference of arms within each look's epoch, looks and looks by buckets; some
            looks at a time, so that they stay in the processor's cache.
        weights: `epoch_weights`, shape (looks,).
        epochs: the epoch of each look, not falling.

    Returns:
        Difference and variance as of each look; NaN before any epoch has a weight.
    """
    values = np.concatenate([part.value for part in parts])
    used = np.where(np.isfinite(values), weights, 0.0)
    all_weights = over_epochs(used, epochs)
    shifts = over_epochs(np.where(used > 0, used * values, 0.0), epochs)
    value, scale = ratio(shifts, all_weights), ratio(1.0, all_weights)
    variances, first, before = [], 0, np.zeros_like(parts[0].residuals[:1])
    for part in parts:
        looks = slice(first, first + len(part.value))
        by_bucket = used[looks, None] * part.residuals
        by_bucket[used[looks] == 0] = 0.0
        ended = _ended(by_bucket, epochs[looks], before)
        residuals = _after(ended, by_bucket, epochs[looks])
        residuals *= scale[looks, None]
        variances.append(Bucketed(value=value[looks], residuals=residuals).variance)
        first = looks.stop
        goes_on = first < len(epochs) and epochs[first] == epochs[first - 1]
        before = ended[-2:-1] if goes_on else ended[-1:]
    return value, np.concatenate(variances)
