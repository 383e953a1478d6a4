"""The state of pairs of two arms: matches, paired differences, scores, and where answers differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from driftkit.states.deployment.keyed_sums import KeyedSums

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.native.arrays import Floats, Integers, Truths

BINS = 1_024
_BIN_BITS = 10
# Two classes, and two bins.
SCORE_CODES = 2 * BINS * BINS
# Answers are told apart by name while they are labels, not numbers.
MOST_ANSWERS = 100
MOST_CELLS = 1_000
IDS_SHOWN = 3


class Count(IntEnum):
    """What is counted by block."""

    CHAMPION_ROWS = 0
    CHALLENGER_ROWS = 1
    CHAMPION_UNPAIRABLE = 2
    CHALLENGER_UNPAIRABLE = 3
    CHAMPION_AMBIGUOUS = 4
    CHALLENGER_AMBIGUOUS = 5
    AMBIGUOUS_IDS = 6
    PAIRS_BY_ID = 7
    PAIRS_BY_CONTENT = 8
    OTHER_INPUTS = 9
    ANSWERED = 10
    AGREED = 11
    # Pairs by the block of the one of their rows that is before the window.
    CHAMPION_EARLIER = 12
    CHALLENGER_EARLIER = 13
    PAIRS_BY_NAMED = 14


PAIRS = (Count.PAIRS_BY_ID, Count.PAIRS_BY_NAMED, Count.PAIRS_BY_CONTENT)
"""What is counted of pairs, in the order in which ways are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An id for people to look at.

    Attributes:
        kind: "score" of a pair whose scores differ much, "ambiguous" of an id that an arm has more than
            once, "input" of a pair whose inputs differ.
        id: of the rows.
        weight: how far scores differ; 0 of other kinds.
    """

    kind: str
    id: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Pairs by the two labels that the arms predicted; they add up.

    Attributes:
        cells: (the champion's, the challenger's) -> pairs; nothing where there are too many labels.
        collapsed: whether there are more than `MOST_ANSWERS` different labels.
    """

    cells: Mapping[tuple[str, str], int] = field(default_factory=dict)
    collapsed: bool = False

    @classmethod
    def of(cls, cells: Mapping[tuple[str, str], int]) -> Answers:
        """The pairs of some labels."""
        if len({label for labels in cells for label in labels}) > MOST_ANSWERS:
            return cls(collapsed=True)
        return cls(cells=cells)

    def __add__(self, other: Answers) -> Answers:
        if self.collapsed or other.collapsed:
            return Answers(collapsed=True)
        cells = Counter(self.cells)
        cells.update(other.cells)
        return Answers.of(dict(cells))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Pairs by a feature's value; they add up.

    Attributes:
        pairs: (feature, the champion's value) -> pairs, pairs whose answers differ, pairs of which it
            is known who is right, those in which the challenger alone is, and those in which the
            champion alone is.
        collapsed: features that have more than `MOST_CELLS` different values; of these none are kept.
    """

    pairs: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    collapsed: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        pairs: Mapping[tuple[str, str], tuple[int, ...]],
        collapsed: frozenset[str] = frozenset(),
    ) -> Cells:
        """The pairs of some values, those of features with too many left out."""
        sizes = Counter(feature for feature, _ in pairs)
        many = collapsed | {feature for feature, size in sizes.items() if size > MOST_CELLS}
        return cls(
            pairs={key: counts for key, counts in pairs.items() if key[0] not in many},
            collapsed=many,
        )

    def __add__(self, other: Cells) -> Cells:
        pairs = dict(self.pairs)
        for key, counts in other.pairs.items():
            before = pairs.get(key)
            pairs[key] = counts if before is None else tuple(map(add, before, counts))
        return Cells.of(pairs, self.collapsed | other.collapsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMoments:
    """Sums of one metric over pairs in which both rows have a value; a number for each block.

    Attributes:
        blocks: epoch seconds, ascending.
        n: pairs.
        champion: sum of the champion's values.
        challenger: sum of the challenger's.
        d: sum of the differences, challenger less champion.
        dd: sum of their squares.
        both: sum of the products of the two values.
    """

    blocks: Integers
    n: Floats
    champion: Floats
    challenger: Floats
    d: Floats
    dd: Floats
    both: Floats

    @property
    def table(self) -> tuple[Floats, Floats, Floats, Floats]:
        """n11, n10, n01 and n00 of a metric that is 0 or 1: both, the champion alone, the challenger alone, none."""
        n10, n01 = self.champion - self.both, self.challenger - self.both
        return self.both, n10, n01, self.n - self.both - n10 - n01


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioMoments:
    """Sums of one metric's numerators S and denominators N over all pairs.

    Attributes:
        blocks: epoch seconds, ascending.
        n: pairs in each block.
        sums: of S and N of the champion, then of S and N of the challenger; shape (blocks, 4).
        products: sums of the products of each two of these four; shape (blocks, 4, 4).
    """

    blocks: Integers
    n: Floats
    sums: Floats
    products: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts:
    """Labelled pairs by block, class and the bins of both scores; arrays of one length.

    Attributes:
        blocks: epoch seconds.
        positive: whether the label is the positive one.
        champion: bin of the champion's score, from 0.
        challenger: bin of the challenger's.
        pairs: how many there are.
    """

    blocks: Integers
    positive: Truths
    champion: Integers
    challenger: Integers
    pairs: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class PairState:
    """What all numbers of a paired comparison are read from; states add up.

    Attributes:
        counts: (block, `Count`) -> rows, ids or pairs.
        moments: (block, metric) -> n, sum of the champion's values, of the challenger's, of the differences
            challenger less champion, of their squares, and of the products of the two values; of pairs in
            which both rows have a value.
        ratios: (block, metric) -> n, sums of S0, N0, S1, N1 of the champion (0) and the challenger (1), and
            of their ten products S0S0, S0N0, S0S1, S0N1, N0N0, N0S1, N0N1, S1S1, S1N1, N1N1; of all pairs.
        scores: (block, class * 2^20 + the champion's bin * 2^10 + the challenger's bin) -> pairs.
        margins: (arm, bin) -> pairs in which both rows have a score, labelled or not.
        gaps: (block) -> such pairs, and the sum of the distances between their scores.
        answers: pairs by their two predicted labels.
        cells: pairs by values of features.
        examples: ids, at most some of each kind; sorted.
        shown: how many of the kind "score" there may be.
    """

    counts: KeyedSums = field(default_factory=KeyedSums)
    moments: KeyedSums = field(default_factory=KeyedSums)
    ratios: KeyedSums = field(default_factory=KeyedSums)
    scores: KeyedSums = field(default_factory=KeyedSums)
    margins: KeyedSums = field(default_factory=KeyedSums)
    gaps: KeyedSums = field(default_factory=KeyedSums)
    answers: Answers = field(default_factory=Answers)
    cells: Cells = field(default_factory=Cells)
    examples: tuple[Example, ...] = ()
    shown: int = 0

    @classmethod
    def together(cls, parts: Iterable[PairState]) -> PairState:
        """The sum of many states, with the bits of adding them from left to right."""
        states = list(parts)
        sums = {name: KeyedSums.together(getattr(state, name) for state in states) for name in SUMS}
        shown = max((state.shown for state in states), default=0)
        return cls(
            **sums,
            answers=sum((state.answers for state in states), Answers()),
            cells=sum((state.cells for state in states), Cells()),
            examples=kept_examples((each for state in states for each in state.examples), shown),
            shown=shown,
        )

    def __add__(self, other: PairState) -> PairState:
        return self.together((self, other))

    @property
    def rows(self) -> int:
        """Rows of both arms."""
        return self.total(Count.CHAMPION_ROWS) + self.total(Count.CHALLENGER_ROWS)

    @property
    def pairs(self) -> int:
        """Pairs found, in whatever way."""
        return sum(map(self.total, PAIRS))

    @property
    def unmatched(self) -> tuple[int, int]:
        """Rows of the champion and of the challenger that are in no pair, the ambiguous ones left out."""
        return self._unmatched(Count.CHAMPION_ROWS), self._unmatched(Count.CHALLENGER_ROWS)

    def _unmatched(self, rows: Count) -> int:
        arm = rows - Count.CHAMPION_ROWS
        blocks, _ = self.by_block(rows)
        earlier, pairs = self.by_block(Count(Count.CHAMPION_EARLIER + arm))
        # Where the earlier window is not in the state, its rows are not among those counted.
        elsewhere = int(pairs[~np.isin(earlier, blocks)].sum())
        own = self.total(rows) - self.total(Count(Count.CHAMPION_AMBIGUOUS + arm))
        return max(own - self.pairs + elsewhere, 0)

    @property
    def found_in_lookback(self) -> int:
        """Pairs of which one row is before the window in which the other is."""
        return self.total(Count.CHAMPION_EARLIER) + self.total(Count.CHALLENGER_EARLIER)

    def total(self, count: Count) -> int:
        """One of the counts, of all blocks."""
        return int(self.counts.where(1, count).values.sum())

    def by_block(self, count: Count) -> tuple[Integers, Integers]:
        """One of the counts: blocks ascending, and what each has."""
        found = self.counts.where(1, count)
        return found.keys.reshape(-1), found.values.reshape(-1)

    def moments_of(self, metric: int) -> PairMoments:
        """The sums of a metric, by its index among the pairing's."""
        found = self.moments.where(1, metric)
        n, champion, challenger, d, dd, both = found.values.reshape(-1, 6).T
        return PairMoments(
            blocks=found.keys.reshape(-1),
            n=n,
            champion=champion,
            challenger=challenger,
            d=d,
            dd=dd,
            both=both,
        )

    def ratios_of(self, metric: int) -> RatioMoments:
        """The sums of a ratio, by its index among the pairing's metrics."""
        found = self.ratios.where(1, metric)
        values = found.values.reshape(-1, len(PRODUCTS) + 5)
        products = np.empty((len(values), 4, 4))
        for index, (one, other) in enumerate(PRODUCTS, start=5):
            products[:, one, other] = products[:, other, one] = values[:, index]
        return RatioMoments(
            blocks=found.keys.reshape(-1), n=values[:, 0], sums=values[:, 1:5], products=products
        )

    @property
    def score_counts(self) -> ScoreCounts:
        """Labelled pairs by the bins of their scores."""
        blocks, codes = self.scores.keys.reshape(-1, 2).T
        return ScoreCounts(
            blocks=blocks,
            positive=codes >> 2 * _BIN_BITS == 1,
            champion=codes >> _BIN_BITS & BINS - 1,
            challenger=codes & BINS - 1,
            pairs=self.scores.values.reshape(-1),
        )


def score_codes(positive: Truths, champion: Integers, challenger: Integers) -> Integers:
    """Class and bins of pairs as one integer, as `PairState.scores` has them."""
    return ((positive.astype(np.int64) << _BIN_BITS) + champion << _BIN_BITS) + challenger


PRODUCTS = tuple((one, other) for one in range(4) for other in range(one, 4))
"""Which two of S0, N0, S1 and N1 are multiplied, in the order of `PairState.ratios`."""
SUMS = ("counts", "moments", "ratios", "scores", "margins", "gaps")


def kept_examples(examples: Iterable[Example], shown: int) -> tuple[Example, ...]:
    """The examples that are kept: a choice that depends on the set of pairs alone."""
    ordered = sorted(set(examples), key=lambda each: (each.kind, -each.weight, each.id))
    kept: list[Example] = []
    seen: Counter[str] = Counter()
    for each in ordered:
        seen[each.kind] += 1
        if seen[each.kind] <= (shown if each.kind == "score" else min(shown, IDS_SHOWN)):
            kept.append(each)
    return tuple(kept)
