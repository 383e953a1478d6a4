"""Joins the halves of a part: finds which two rows are a pair, and which ids are ambiguous."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from driftkit.native.arrays import take_indices, values_of, whole
from driftkit.states.deployment.halves import (
    ARM,
    BY_CONTENT,
    CHALLENGER,
    CHAMPION,
    EARLIER,
    HASH,
    KEY,
    TIME,
    WAY,
)

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from driftkit.native.arrays import Bytes, Hashes, Integers, Truths

    Indices = npt.NDArray[np.intp]

_HASH_BITS = 64
# By so many bits hashes are told apart at first.
_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The pairs of some halves, by the indices of their rows.

    Attributes:
        champion: rows of the champion, in an order that depends on the pairs alone.
        challenger: the challenger's rows of the same pairs.
        ways: in which each pair was found.
        ambiguous: rows whose id occurs more than once in an arm.
        ambiguous_ids: for each of these rows the number of its id, from 0.
    """

    champion: Indices
    challenger: Indices
    ways: Bytes
    ambiguous: Indices
    ambiguous_ids: Indices

    def of_window(self, earlier: Truths) -> Matches:
        """Those that count in a window: pairs with a row in it, and its ambiguous rows.

        Args:
            earlier: whether each row is before the window.
        """
        counts = ~(earlier[self.champion] & earlier[self.challenger])
        inside = ~earlier[self.ambiguous]
        return Matches(
            champion=self.champion[counts],
            challenger=self.challenger[counts],
            ways=self.ways[counts],
            ambiguous=self.ambiguous[inside],
            ambiguous_ids=self.ambiguous_ids[inside],
        )


def matched(table: pa.Table, seconds: float | None) -> Matches:
    """The pairs of a table of halves.

    An id that an arm has more than once pairs nothing, not even its first rows. Rows without an id are
    a pair if they have the same input, their times are at most `seconds` apart, and neither of them could
    be paired with another row.

    Args:
        table: of halves, all those of each hash in it.
        seconds: between two rows of the same input.
    """
    order, starts = _groups(table)
    ways = values_of(whole(table.column(WAY)))[order]
    arms = values_of(whole(table.column(ARM)))[order]
    sizes = np.diff(starts, append=len(order))
    challengers = np.add.reduceat(arms.astype(np.int64), starts) if len(starts) else sizes
    by_id = ways[starts] != BY_CONTENT
    single = by_id & (sizes == 2) & (challengers == 1)
    first, second = order[starts[single]], order[starts[single] + 1]
    swapped = arms[starts[single]] == CHALLENGER
    doubled = by_id & ((challengers > 1) | (sizes - challengers > 1))
    rows = np.repeat(doubled, sizes)
    content = np.repeat(~by_id, sizes)
    of_content = _by_content(
        table, order[content], np.repeat(np.arange(len(starts)), sizes)[content], seconds or 0.0
    )
    champion = np.concatenate([np.where(swapped, second, first), of_content[0]])
    challenger = np.concatenate([np.where(swapped, first, second), of_content[1]])
    contents = np.full(len(of_content[0]), BY_CONTENT, ways.dtype)
    matches = Matches(
        champion=champion,
        challenger=challenger,
        ways=np.concatenate([ways[starts[single]], contents]),
        ambiguous=order[rows],
        ambiguous_ids=np.repeat(np.cumsum(doubled) - 1, sizes)[rows],
    )
    if EARLIER not in table.column_names:
        return matches
    return matches.of_window(values_of(whole(table.column(EARLIER))) == 1)


def _groups(table: pa.Table) -> tuple[Indices, Indices]:
    """The rows in an order in which those of one key stand together, and where each key begins."""
    hashes = values_of(whole(table.column(HASH)))
    keys, ways = whole(table.column(KEY)), values_of(whole(table.column(WAY)))
    order, tied = _by_hash(hashes)
    same = _same(keys, ways, order[tied], order[tied + 1])
    if not same.all():
        order = np.argsort(hashes)
        tied = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
        same = _same(keys, ways, order[tied], order[tied + 1])
    if not same.all():
        order = np.lexsort((values_of(keys.dictionary_encode().indices), ways, hashes))
        tied = np.arange(len(order) - 1)
        same = _same(keys, ways, order[tied], order[tied + 1])
    begins = np.ones(len(order), np.bool_)
    begins[tied + 1] = ~same
    return order, np.flatnonzero(begins)


def _by_hash(hashes: Hashes) -> tuple[Indices, Indices]:
    """The rows ordered by their hashes, and the indices in it whose next row has the same, but for last bits."""
    if not len(hashes):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    # Those of a part have their first bits in common, and few of them the next ones. Integers of 16 bits
    # are sorted by their digits, in a fifth of the time that longer ones take.
    shared = _HASH_BITS - int(hashes.min() ^ hashes.max()).bit_length()
    digits = (hashes >> np.uint64(max(_HASH_BITS - shared - _DIGITS, 0))).astype(np.uint32)
    order = np.argsort(digits.astype(np.uint16), kind="stable")
    order = order[np.argsort((digits >> 16).astype(np.uint16)[order], kind="stable")]
    ordered = digits[order]
    return order, np.flatnonzero(ordered[1:] == ordered[:-1])


def _same(keys: pa.Array, ways: Bytes, rows: Indices, others: Indices) -> Truths:
    """Whether what rows have in common is their key, not only its hash."""
    equal = pc.equal(keys.take(take_indices(rows)), keys.take(take_indices(others)))
    same: Truths = np.asarray(equal, np.bool_) & (ways[rows] == ways[others])
    return same


def _by_content(
    table: pa.Table, rows: Indices, groups: Integers, seconds: float
) -> tuple[Indices, Indices]:
    """The pairs among rows of which those of a group have one input."""
    if not len(rows):
        return rows, rows
    arms = values_of(whole(table.column(ARM)))[rows]
    times = values_of(whole(table.column(TIME)))[rows]
    within = int(seconds)
    own = _Times.of(arms == CHAMPION, groups, times)
    other = _Times.of(arms == CHALLENGER, groups, times)
    firsts, counts = own.near(other, within)
    _, back = other.near(own, within)
    once = np.flatnonzero(counts == 1)
    once = once[back[firsts[once]] == 1]
    return rows[own.indices[once]], rows[other.indices[firsts[once]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """When an arm's rows of each input were, ascending within a group.

    Attributes:
        indices: of the rows.
        groups: of them, ascending.
        times: of them, in whole seconds.
    """

    indices: Indices
    groups: Integers
    times: Integers

    @classmethod
    def of(cls, chosen: Truths, groups: Integers, times: Integers) -> _Times:
        indices = np.flatnonzero(chosen)
        indices = indices[np.lexsort((times[indices], groups[indices]))]
        return cls(indices=indices, groups=groups[indices], times=times[indices])

    def near(self, others: _Times, within: int) -> tuple[Integers, Integers]:
        """For each row the first of the others that is near enough, and how many of them are."""
        firsts = others.before(self.groups, self.times - within, at=False)
        return firsts, others.before(self.groups, self.times + within, at=True) - firsts

    def before(self, groups: Integers, times: Integers, *, at: bool) -> Integers:
        """For each group and time how many rows are before it, or at it."""
        asked = np.repeat([not at, at], [len(self.times), len(times)])
        order = np.lexsort(
            (
                asked,
                np.concatenate([self.times, times]),
                np.concatenate([self.groups, groups]),
            )
        )
        mine = order < len(self.times)
        counts = np.empty(len(order), np.int64)
        counts[order] = np.cumsum(mine)
        return counts[len(self.times) :]
