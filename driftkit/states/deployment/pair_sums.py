"""Pairs halves and sums up what is compared: one part of the hashes after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.arrays import values_of, whole
from driftkit.states.deployment.halves import (
    ANSWER,
    ARM,
    BLOCK,
    BY_CONTENT,
    BY_ID,
    BY_NAMED,
    EARLIER,
    INPUT,
    KEY,
    POSITIVE,
    SCORE,
    SORTED_BITS,
    cell_column,
    one_table,
)
from driftkit.states.deployment.keyed_sums import KeyedSums, ranked
from driftkit.states.deployment.matching import matched
from driftkit.states.deployment.pair_examples import first_ids, furthest
from driftkit.states.deployment.pairs import (
    BINS,
    PAIRS,
    PRODUCTS,
    Answers,
    Cells,
    Count,
    Example,
    PairState,
    kept_examples,
    score_codes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from driftkit.native.arrays import Floats, Integers, Truths, Values
    from driftkit.states.deployment.matching import Matches
    from driftkit.states.deployment.pairing import Pairing

# Halves of a part: they stay in the processor's cache.
PART_ROWS = 1 << 16
# Of who is right.
_UNKNOWN = -2


def bits_of(rows: int) -> int:
    """By how many bits of their hashes so many halves are parted.

    A function of the input alone: sums of the parts have the same bits wherever they are made.
    """
    return min(max(-(-rows // PART_ROWS) - 1, 0).bit_length(), SORTED_BITS)


def counted(counts: KeyedSums, pairing: Pairing) -> PairState:
    """The state of rows before any is paired.

    Args:
        counts: of halves; see `Halves.counts`.
        pairing: what is compared.
    """
    blocks, arms, what = counts.keys.reshape(-1, 3).T
    names = np.array([Count.CHAMPION_ROWS, Count.CHAMPION_UNPAIRABLE, Count.CHAMPION_AMBIGUOUS])
    # The challenger's follows the champion's of each.
    keys = np.column_stack([blocks, names[what] + arms])
    return PairState(
        counts=KeyedSums.of(keys, counts.values.reshape(-1, 1)), shown=pairing.examples
    )


def paired(pairing: Pairing, parts: Sequence[pa.Table]) -> PairState:
    """The state of the pairs among some halves, which are all those of their hashes.

    Args:
        pairing: what is compared.
        parts: tables of halves; see `parts_of`.
    """
    if not parts:
        return PairState(shown=pairing.examples)
    table = one_table(parts)
    pairs = _Pairs(table, matched(table, pairing.seconds), pairing)
    moments, ratios = pairs.moments()
    return PairState(
        counts=KeyedSums.together(pairs.counts()),
        moments=moments,
        ratios=ratios,
        scores=pairs.scores(),
        margins=pairs.margins(),
        gaps=pairs.gaps(),
        answers=pairs.answers(),
        cells=pairs.cells(),
        examples=kept_examples(pairs.examples(), pairing.examples),
        shown=pairing.examples,
    )


@dataclass(frozen=True, kw_only=False)
class _Pairs:
    """The pairs of a table of halves."""

    table: pa.Table
    matches: Matches
    pairing: Pairing

    def of(self, name: str) -> tuple[Values, Values]:
        """A column's values of the champion's and of the challenger's rows."""
        values = values_of(whole(self.table.column(name)))
        return values[self.matches.champion], values[self.matches.challenger]

    @cached_property
    def blocks(self) -> Integers:
        """A pair is of the later block of its two rows."""
        return np.maximum(*self.of(BLOCK))

    @cached_property
    def _ranked(self) -> tuple[Integers, Integers]:
        """The different blocks, and which of them each pair has."""
        return ranked(self.blocks)

    @property
    def _indices(self) -> Integers:
        return self._ranked[1]

    def counts(self) -> Iterator[KeyedSums]:
        """Pairs, ambiguous rows and ids, inputs and answers by block."""
        for count, way in zip(PAIRS, (BY_ID, BY_NAMED, BY_CONTENT), strict=True):
            yield self._counted(count, self.matches.ways == way)
        if self.has(INPUT):
            yield self._counted(Count.OTHER_INPUTS, np.not_equal(*self.of(INPUT)))
        yield self._counted(Count.ANSWERED, self.differ >= 0)
        yield self._counted(Count.AGREED, self.differ == 0)
        yield from self._ambiguous()
        if self.has(EARLIER):
            yield from self._earlier()

    def _counted(self, count: Count, chosen: Truths) -> KeyedSums:
        return self._by_block(count, self._indices[chosen], (), np.int64)

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.table.column_names

    def _ambiguous(self) -> Iterator[KeyedSums]:
        rows, ids = self.matches.ambiguous, self.matches.ambiguous_ids
        arms = values_of(whole(self.table.column(ARM)))[rows]
        blocks = values_of(whole(self.table.column(BLOCK)))[rows]
        yield _each(blocks, Count.CHAMPION_AMBIGUOUS + arms)
        firsts = np.flatnonzero(np.diff(ids, prepend=-1))
        latest = np.maximum.reduceat(blocks, firsts) if len(firsts) else blocks
        yield _each(latest, Count.AMBIGUOUS_IDS)

    def _earlier(self) -> Iterator[KeyedSums]:
        marks = zip(self.of(EARLIER), self.of(BLOCK), strict=True)
        for arm, (earlier, blocks) in enumerate(marks):
            yield _each(blocks[earlier == 1], Count.CHAMPION_EARLIER + arm)

    def moments(self) -> tuple[KeyedSums, KeyedSums]:
        """Sums of all metrics: of those that are compared value by value, and of ratios."""
        plain, ratios = [], []
        for index, metric in enumerate(self.pairing.metrics):
            if metric.ratio:
                ratios.append(self._ratio(index, metric.columns))
            else:
                plain.append(self._differences(index, metric.columns[0]))
        return KeyedSums.together(plain), KeyedSums.together(ratios)

    def _differences(self, metric: int, column: str) -> KeyedSums:
        if not self.has(column):
            return KeyedSums()
        champion, challenger = self.of(column)
        d = challenger - champion
        known = ~np.isnan(d)
        indices = self._indices
        if not known.all():
            champion, challenger, d, indices = (
                each[known] for each in (champion, challenger, d, indices)
            )
        return self._by_block(
            metric, indices, (champion, challenger, d, d * d, champion * challenger)
        )

    def _ratio(self, metric: int, columns: tuple[str, ...]) -> KeyedSums:
        (s0, s1), (n0, n1) = map(self.of, columns)
        four = (s0, n0, s1, n1)
        products = (four[one] * four[other] for one, other in PRODUCTS)
        return self._by_block(metric, self._indices, (*four, *products))

    def _by_block(
        self, code: int | None, indices: Integers, values: Sequence[Floats], kind: type = np.float64
    ) -> KeyedSums:
        """Pairs and the sums of some numbers, by block and the code that all of them have, if any.

        Args:
            code: of a metric or of what is counted.
            indices: of the pairs' blocks.
            values: of the pairs.
            kind: of the sums.
        """
        codes, _ = self._ranked
        pairs = np.bincount(indices, minlength=len(codes))
        there = np.flatnonzero(pairs)
        sums = [pairs, *(np.bincount(indices, each, len(codes)) for each in values)]
        keys = [codes[there], *([] if code is None else [np.full(len(there), code)])]
        return KeyedSums(
            keys=np.column_stack(keys).astype(np.int64),
            values=np.column_stack(sums).astype(kind)[there],
        )

    @cached_property
    def _scored(self) -> tuple[Integers, Floats, Floats]:
        """The pairs in which both rows have a score, and the scores."""
        if not self.has(SCORE):
            return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
        champion, challenger = self.of(SCORE)
        known = np.flatnonzero(~np.isnan(challenger - champion))
        return known, champion[known], challenger[known]

    @cached_property
    def _bins(self) -> tuple[Integers, Integers]:
        return _bins(self._scored[1], self.pairing), _bins(self._scored[2], self.pairing)

    def scores(self) -> KeyedSums:
        """Labelled pairs by class and bins; the label is the champion's, or else the challenger's."""
        if not self.pairing.scores or not self.has(POSITIVE):
            return KeyedSums()
        rows, _, _ = self._scored
        labels, others = self.of(POSITIVE)
        positive = np.where(np.isnan(labels), others, labels)[rows]
        known = np.flatnonzero(~np.isnan(positive))
        champion, challenger = self._bins
        codes = score_codes(positive[known] == 1.0, champion[known], challenger[known])
        return _each(self.blocks[rows[known]], codes)

    def margins(self) -> KeyedSums:
        """Pairs by the bin of either arm's score."""
        found = []
        for arm, bins in enumerate(self._bins):
            pairs = np.bincount(bins)
            there = np.flatnonzero(pairs)
            keys = np.column_stack([np.full(len(there), arm), there])
            found.append(KeyedSums(keys=keys, values=pairs[there, np.newaxis]))
        return KeyedSums.together(found)

    def gaps(self) -> KeyedSums:
        """Distances between scores by block."""
        rows, champion, challenger = self._scored
        return self._by_block(None, self._indices[rows], (np.abs(challenger - champion),))

    @cached_property
    def _answer_codes(self) -> tuple[Integers, Integers, list[str]]:
        """The labels predicted by both."""
        if self.has(ANSWER):
            return self._codes(ANSWER)
        none = np.full(len(self.matches.champion), -1)
        return none, none, []

    def _codes(self, name: str) -> tuple[Integers, Integers, list[str]]:
        """The texts of both rows by their indices in a list; -1 where there is none."""
        encoded = whole(self.table.column(name)).dictionary_encode()
        codes = values_of(encoded.indices.fill_null(-1))
        champion, challenger = codes[self.matches.champion], codes[self.matches.challenger]
        return champion, challenger, encoded.dictionary.to_pylist()

    @cached_property
    def differ(self) -> Integers:
        """1 where the two answers differ, 0 where they agree, -1 where there are not two."""
        champion, challenger, _ = self._answer_codes
        return np.where(np.minimum(champion, challenger) < 0, -1, champion != challenger)

    def answers(self) -> Answers:
        """Pairs by their two labels."""
        champion, challenger, names = self._answer_codes
        known = self.differ >= 0
        keys = champion[known].astype(np.int64) * len(names) + challenger[known]
        cells, pairs = np.unique(keys, return_counts=True)
        ones, others = (each.tolist() for each in np.divmod(cells, max(len(names), 1)))
        found = zip(ones, others, pairs.tolist(), strict=True)
        return Answers.of({(names[one], names[other]): count for one, other, count in found})

    def cells(self) -> Cells:
        """Where answers differ and who is right, by the champion's value of each feature."""
        right = self._right_alone()
        told = (self.differ == 1, right > _UNKNOWN, right == 1, right == -1)
        found: dict[tuple[str, str], tuple[int, ...]] = {}
        for feature in self.pairing.features:
            codes, _, names = self._codes(cell_column(feature))
            # The first number is that of pairs without a value.
            sums = [np.bincount(codes[each] + 1, minlength=len(names) + 1)[1:] for each in told]
            every = np.bincount(codes + 1, minlength=len(names) + 1)[1:]
            numbers = np.column_stack([every, *sums]).tolist()
            values = zip(names, numbers, strict=True)
            found |= {(feature, name): tuple(each) for name, each in values if each[0]}
        return Cells.of(found)

    def _right_alone(self) -> Integers:
        """1 where the challenger alone is right, -1 where the champion is, 0 where both or none are."""
        unknown = np.full(len(self.differ), _UNKNOWN)
        named = [each for each in self.pairing.metrics if each.name == self.pairing.right]
        if not named:
            return unknown
        champion, challenger = self.of(named[0].columns[0])
        known = ~np.isnan(challenger - champion)
        return np.where(known, np.sign(np.nan_to_num(challenger - champion)), unknown).astype(int)

    def examples(self) -> Iterator[Example]:
        """More than enough ids of each kind for the examples that are kept."""
        keys = whole(self.table.column(KEY))
        if not self.pairing.examples:
            return
        rows, champion, challenger = self._scored
        gaps = np.abs(challenger - champion)
        by_id = np.flatnonzero((self.matches.ways[rows] != BY_CONTENT) & (gaps > 0.0))
        yield from furthest(
            keys, self.matches.champion[rows[by_id]], gaps[by_id], self.pairing.examples
        )
        if self.has(INPUT):
            one, other = self.of(INPUT)
            yield from first_ids(keys, self.matches.champion[one != other], "input")
        yield from first_ids(keys, self.matches.ambiguous, "ambiguous")


def _each(blocks: Integers, codes: Integers | int) -> KeyedSums:
    """How often each block and code occur together."""
    keys = np.column_stack([blocks, np.broadcast_to(codes, blocks.shape)]).astype(np.int64)
    return KeyedSums.counted(keys)


def _bins(scores: Floats, pairing: Pairing) -> Integers:
    if pairing.edges:
        return np.searchsorted(np.array(pairing.edges), scores, side="right")
    return np.clip((scores * BINS).astype(np.int64), 0, BINS - 1)
