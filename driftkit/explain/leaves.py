"""Path-dependent TreeSHAP by the leaves of the trees.

A leaf gives its value to the rows that meet all conditions on the way to it, which are one for
each feature: an interval, and whether a missing value goes along. Where a feature is not known, the
share of the training rows that went along takes the place of its condition. So each leaf is a game
whose gains are products, with at most as many players as there are features on the way; its Shapley
values depend on nothing but which conditions a row meets. They are computed once for each of these
sets (Shapley's formula itself), and looked up for every row (the idea is that of Yang, "Fast
TreeSHAP", 2021). The values are those of Lundberg et al., "From local explanations to global
understanding with explainable AI for trees", Nature Machine Intelligence 2 (2020), algorithm 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate
from math import factorial, prod
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

# A leaf with so many features has a table of 4096 sets; all tables together have so many numbers.
MOST_FEATURES, MOST_NUMBERS = 12, 16_000_000
# Numbers that are made at a time while tables are filled.
_AT_ONCE = 2_000_000
# Rows that stay in a core's cache with their values.
_ROWS = 1024
# LightGBM takes smaller numbers for zero.
_ZERO = float(np.float32(1e-35))


Rounding = Literal["none", "single", "zero"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a feature must be to reach a leaf.

    Attributes:
        feature: its place.
        above: the number that it is greater than; NaN for none.
        most: the largest number.
        missing: whether a missing value goes along.
        share: of the training rows that went along, where this feature decided.
    """

    feature: int
    above: float = np.nan
    most: float = np.inf
    missing: bool = True
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf and the way to it.

    Attributes:
        output: the number of the ensemble's answer to which it adds.
        value: what it adds.
        conditions: one a feature.
    """

    output: int
    value: float
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree as arrays, a place a node; the first is the root.

    Attributes:
        left: the node for numbers up to the threshold; -1 for leaves.
        right: the node for greater ones.
        features: that decide.
        thresholds: the largest number that goes to the left.
        missing_left: whether a missing value does.
        weights: of the training rows that came to a node.
        values: what a leaf adds to each output, shape (nodes, outputs).
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    features: NDArray[np.int64]
    thresholds: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    weights: NDArray[np.float64]
    values: NDArray[np.float64]

    def leaves(self) -> Iterator[Leaf]:
        """The leaves that add something and the ways to them, from left to right."""
        ways: list[tuple[int, dict[int, Condition]]] = [(0, {})]
        while ways:
            node, way = ways.pop()
            if self.left[node] >= 0:
                ways += [(child, self._along(way, node, child)) for child in self._children(node)]
                continue
            for output in np.flatnonzero(self.values[node]).tolist():
                value = float(self.values[node, output])
                yield Leaf(output=output, value=value, conditions=tuple(way.values()))

    def _children(self, node: int) -> tuple[int, int]:
        return int(self.right[node]), int(self.left[node])

    def _along(self, way: dict[int, Condition], node: int, child: int) -> dict[int, Condition]:
        feature, threshold = int(self.features[node]), float(self.thresholds[node])
        before = way.get(feature, Condition(feature=feature))
        left = child == self.left[node]
        after = replace(
            before,
            above=before.above if left else float(np.fmax(before.above, threshold)),
            most=min(before.most, threshold) if left else before.most,
            missing=before.missing and bool(self.missing_left[node]) == left,
            share=before.share * float(self.weights[child] / self.weights[node]),
        )
        return {**way, feature: after}


class Leaves:
    """An ensemble's leaves with the Shapley values of every set of conditions met.

    Args:
        leaves: in the order of the trees.
        features: of the ensemble.
        outputs: numbers that it answers with.
        rounding: of a row's numbers before they are compared: "single" precision, or "zero" for
            those that are next to it.
    """

    def __init__(
        self, leaves: Sequence[Leaf], features: int, outputs: int, rounding: Rounding = "none"
    ) -> None:
        self._features, self._outputs, self._rounding = features, outputs, rounding
        found = [each for leaf in leaves for each in leaf.conditions]
        counts = [len(leaf.conditions) for leaf in leaves]
        self._leaves = np.array([leaf.output for leaf in leaves], np.int64), _starts(counts)
        self._conditions = (
            np.array([each.feature for each in found], np.int64),
            np.array([each.above for each in found], np.float64),
            np.array([each.most for each in found], np.float64),
            np.array([each.missing for each in found], np.bool_),
        )
        self._tables = _tables(leaves, counts)
        self._expected = np.zeros(outputs)
        for leaf in leaves:
            self._expected[leaf.output] += leaf.value * prod(each.share for each in leaf.conditions)

    @property
    def expected(self) -> NDArray[np.float64]:
        """The sum of the trees when no feature is known, without any base, shape (outputs,)."""
        return self._expected

    def explain(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shapley values, shape (rows, features, outputs), of rows of shape (rows, features)."""
        add = _adder()
        values = np.empty((len(rows), self._features, self._outputs))
        for first in range(0, len(rows), _ROWS):
            columns = self._columns(rows[first : first + _ROWS])
            found = np.zeros((self._outputs, *columns.shape))
            sets = np.empty(columns.shape[1], np.uint16)
            add((columns, sets), self._leaves, self._conditions, self._tables, found)
            values[first : first + _ROWS] = found.transpose(2, 1, 0)
        return values

    def _columns(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = np.array(rows.T, np.float64, order="C")
        if self._rounding == "zero":
            columns[np.abs(columns) <= _ZERO] = 0.0
        elif self._rounding == "single":
            with np.errstate(over="ignore"):
                columns = columns.astype(np.float32).astype(np.float64)
        return columns


def leaves_of(
    trees: Iterable[Tree], features: int, outputs: int, rounding: Rounding = "none"
) -> Leaves | None:
    """The leaves of an ensemble; None where the trees are so deep that tables do not pay.

    Args:
        trees: whose sum the ensemble is.
        features: of the ensemble.
        outputs: numbers that it answers with.
        rounding: of a row's numbers; see `Leaves`.
    """
    leaves: list[Leaf] = []
    numbers = 0
    for tree in trees:
        for leaf in tree.leaves():
            count = len(leaf.conditions)
            numbers += count << count
            if count > MOST_FEATURES or numbers > MOST_NUMBERS:
                return None
            leaves.append(leaf)
    return Leaves(leaves, features, outputs, rounding)


def _adder() -> Callable[..., None]:
    if find_spec("numba") is None:
        return add_leaves
    compiled: Callable[..., None] = import_module("driftkit.native.compiled_leaves").add_leaves
    return compiled


def add_leaves(
    rows: tuple[NDArray[np.float64], NDArray[np.uint16]],
    leaves: tuple[NDArray[np.int64], NDArray[np.int64]],
    conditions: tuple[NDArray[Any], ...],
    tables: tuple[NDArray[np.float64], NDArray[np.int64]],
    values: NDArray[np.float64],
) -> None:
    """Adds the Shapley values of all leaves; the same bits as `compiled_leaves`, in numpy."""
    columns, sets = rows
    outputs, starts = leaves
    features, above, most, missing = conditions
    numbers, indices = tables
    for leaf, output in enumerate(outputs.tolist()):
        mine = range(starts[leaf], starts[leaf + 1])
        sets[:] = 0
        for player, condition in enumerate(mine):
            column = columns[features[condition]]
            met = (column <= most[condition]) & ~(column <= above[condition])
            if missing[condition]:
                met |= np.isnan(column)
            sets |= met.astype(np.uint16) << np.uint16(player)
        table = numbers[indices[leaf] : indices[leaf + 1]].reshape(len(mine), -1)
        for player, condition in enumerate(mine):
            values[output, features[condition]] += table[player][sets]


def _starts(counts: Sequence[int]) -> NDArray[np.int64]:
    return np.array([0, *accumulate(counts)], np.int64)


def _tables(
    leaves: Sequence[Leaf], counts: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For each leaf, condition and set of conditions met, a Shapley value; where leaves begin."""
    starts = _starts([count << count for count in counts])
    tables = np.empty(int(starts[-1]))
    for count in sorted(set(counts)):
        same_sized = [number for number, each in enumerate(counts) if each == count]
        step = max(_AT_ONCE // (count * count << count), 1)
        for first in range(0, len(same_sized), step):
            some = same_sized[first : first + step]
            shares = np.array([[each.share for each in leaves[leaf].conditions] for leaf in some])
            values = np.array([leaves[leaf].value for leaf in some])
            for leaf, table in zip(some, _games(shares, values), strict=True):
                tables[starts[leaf] : starts[leaf + 1]] = table.ravel()
    return tables, starts


def _games(shares: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shapley values of leaves with as many conditions; shape (leaves, conditions, sets).

    Known features that are met leave a value as it is, those that are not make it zero, and
    unknown ones make it their share. A feature's value is the weighted mean, over the coalitions of
    the others, of what it changes.
    """
    leaves, count = shares.shape
    met = (np.arange(1 << count)[:, None] >> np.arange(count)) & 1
    found = np.empty((leaves, count, 1 << count))
    weights = [
        factorial(size) * factorial(count - 1 - size) / factorial(count) for size in range(count)
    ]
    for player in range(count):
        # By the size of a coalition: the sum of the products over all coalitions of that size.
        sums = np.ones((1, leaves, 1 << count))
        for other in range(count):
            if other != player:
                grown = np.zeros((len(sums) + 1, leaves, 1 << count))
                grown[:-1] += sums * shares[None, :, other, None]
                grown[1:] += sums * met[None, None, :, other]
                sums = grown
        mean = sum(weight * each for weight, each in zip(weights, sums, strict=True))
        found[:, player] = values[:, None] * (met[None, :, player] - shares[:, player, None]) * mean
    return found
