"""Rows of two arms for tests of pairs, and the pairs that a dictionary finds."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.halves import (
    ArmChunk,
    Halves,
    halves_of,
    parts_of,
)
from driftkit.states.deployment.keyed_sums import KeyedSums
from driftkit.states.deployment.pair_sums import counted, paired
from driftkit.states.deployment.pairing import Pairing, PairMetric
from driftkit.states.deployment.pairs import (
    BINS,
    Answers,
    Cells,
    Count,
    Example,
    PairState,
    kept_examples,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECONDS = 5
PAIRING = Pairing(
    champion="old",
    challenger="new",
    seconds=SECONDS,
    metrics=(
        PairMetric(name="accuracy"),
        PairMetric(name="cost"),
        PairMetric(name="f1", ratio=True),
    ),
    right="accuracy",
    scores=True,
    features=("size",),
    examples=4,
)


class Row(NamedTuple):
    """A row of an arm; what is None is not known."""

    arm: str
    block: int
    id: str | None
    input: str | None
    time: int | None
    right: float | None
    cost: float | None
    ratio: tuple[float, float]
    positive: float | None
    score: float | None
    answer: str | None
    cell: str | None
    named: str | None = None

    @property
    def key(self) -> tuple[int, str | None]:
        """The id by which it is paired, and of which kind; none where it has none."""
        return (Count.PAIRS_BY_ID, self.id) if self.id else (Count.PAIRS_BY_NAMED, self.named)


def chunk_of(rows: Sequence[Row]) -> ArmChunk:
    """The rows as they are taken in."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(Row._fields)
    values = dict(zip(Row._fields, columns, strict=True))
    right, cost = values["right"], values["cost"]
    ratios = np.array(values["ratio"], np.float64).reshape(-1, 2).T
    return ArmChunk(
        arms=pa.array(values["arm"], pa.string()),
        blocks=np.array(values["block"], np.int64),
        ids=pa.chunked_array([pa.array(values["id"], pa.string())]),
        named=pa.array(values["named"], pa.string()),
        inputs=pa.array(values["input"], pa.string()),
        times=np.array([UNKNOWN if t is None else t for t in values["time"]], np.int64),
        numerators=[_zeros(right), _zeros(cost), ratios[0]],
        denominators=[_told(right), _told(cost), ratios[1]],
        positive=_numbers(values["positive"]),
        scores=_numbers(values["score"]),
        answers=pa.array(values["answer"], pa.string()).dictionary_encode(),
        cells=(pa.array(values["cell"], pa.string()),),
    )


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array(values, np.float64)


def _zeros(values: Sequence[float | None]) -> np.ndarray:
    return np.where(np.isnan(_numbers(values)), 0.0, _numbers(values))


def _told(values: Sequence[float | None]) -> np.ndarray:
    return np.where(np.isnan(_numbers(values)), 0.0, 1.0)


def state_of(
    parts: Sequence[Sequence[Row]], bits: int = 0, pairing: Pairing = PAIRING
) -> PairState:
    """The state of rows that are read in parts and paired in 2**bits parts."""
    halves = [halves_of([chunk_of(rows)], pairing) for rows in parts]
    return state_of_halves(halves, bits, pairing)


def state_of_halves(halves: Sequence[Halves], bits: int, pairing: Pairing) -> PairState:
    """The state of halves that are paired in 2**bits parts."""
    counts = KeyedSums.together(each.counts for each in halves)
    found = [paired(pairing, tables) for tables in parts_of(halves, bits)]
    return PairState.together([counted(counts, pairing), *found])


@dataclass
class Expected:
    """What a dictionary finds, one pair after the other."""

    rows: Sequence[Row]

    def __post_init__(self) -> None:
        """Pairs the rows."""
        ours = [row for row in self.rows if row.arm in {PAIRING.champion, PAIRING.challenger}]
        self.arms = {
            arm: [row for row in ours if row.arm == arm]
            for arm in (PAIRING.champion, PAIRING.challenger)
        }
        self.by_id: list[tuple[Row, Row]] = []
        self.ambiguous: list[list[Row]] = []
        ids: defaultdict[tuple[int, str | None], list[Row]] = defaultdict(list)
        for row in ours:
            if row.key[1]:
                ids[row.key].append(row)
        for found in ids.values():
            arms = Counter(row.arm for row in found)
            if max(arms.values()) > 1:
                self.ambiguous.append(found)
            elif len(arms) == 2:
                self.by_id.append(self._ordered(found))
        self.by_content = list(self._content())

    @staticmethod
    def _ordered(found: list[Row]) -> tuple[Row, Row]:
        first, second = sorted(found, key=lambda row: row.arm == PAIRING.challenger)
        return first, second

    def _content(self) -> Iterator[tuple[Row, Row]]:
        old, new = (
            [row for row in rows if not row.key[1] and row.input and row.time is not None]
            for rows in self.arms.values()
        )

        def near(one: Row, others: list[Row]) -> list[Row]:
            return [each for each in others if each.input == one.input and _near(one, each)]

        for row in old:
            found = near(row, new)
            if len(found) == 1 and len(near(found[0], old)) == 1:
                yield row, found[0]

    @property
    def pairs(self) -> list[tuple[Row, Row]]:
        """All pairs."""
        return self.by_id + self.by_content

    def counts(self) -> dict[tuple[int, int], int]:
        """What is counted by block."""
        found: Counter[tuple[int, int]] = Counter()
        for arm, rows in enumerate(self.arms.values()):
            found.update((row.block, Count.CHAMPION_ROWS + arm) for row in rows)
            found.update(
                (row.block, Count.CHAMPION_UNPAIRABLE + arm)
                for row in rows
                if not row.key[1] and not (row.input and row.time is not None)
            )
        for rows in self.ambiguous:
            found[max(row.block for row in rows), Count.AMBIGUOUS_IDS] += 1
            for row in rows:
                arm = row.arm == PAIRING.challenger
                found[row.block, Count.CHAMPION_AMBIGUOUS + arm] += 1
        found.update((_block(pair), pair[0].key[0]) for pair in self.by_id)
        found.update((_block(pair), Count.PAIRS_BY_CONTENT) for pair in self.by_content)
        for one, other in self.pairs:
            block = _block((one, other))
            if (one.input or "") != (other.input or ""):
                found[block, Count.OTHER_INPUTS] += 1
            if one.answer is not None and other.answer is not None:
                found[block, Count.ANSWERED] += 1
                found[block, Count.AGREED] += one.answer == other.answer
        return {key: count for key, count in found.items() if count}

    def moments(self, metric: int, name: str) -> dict[int, list[float]]:
        """Sums of a metric that is compared value by value."""
        found: defaultdict[int, list[float]] = defaultdict(lambda: [0.0] * 6)
        for pair in self.pairs:
            a, b = (getattr(row, name) for row in pair)
            if a is None or b is None:
                continue
            values = (1, a, b, b - a, (b - a) ** 2, a * b)
            sums = found[_block(pair)]
            found[_block(pair)] = [one + other for one, other in zip(sums, values, strict=True)]
        assert metric >= 0
        return dict(found)

    def ratios(self) -> dict[int, tuple[int, np.ndarray, np.ndarray]]:
        """Pairs, sums and products of the ratio."""
        found: dict[int, tuple[int, np.ndarray, np.ndarray]] = {}
        for pair in self.pairs:
            four = np.array([*pair[0].ratio, *pair[1].ratio])
            n, sums, products = found.get(_block(pair), (0, np.zeros(4), np.zeros((4, 4))))
            found[_block(pair)] = (n + 1, sums + four, products + np.outer(four, four))
        return found

    def scores(self) -> dict[tuple[int, bool, int, int], int]:
        """Labelled pairs by block, class and bins."""
        found: Counter[tuple[int, bool, int, int]] = Counter()
        for one, other in self.pairs:
            label = other.positive if one.positive is None else one.positive
            if label is not None and one.score is not None and other.score is not None:
                found[_block((one, other)), label == 1.0, _bin(one.score), _bin(other.score)] += 1
        return dict(found)

    def margins(self) -> dict[tuple[int, int], int]:
        """Pairs by the bin of either score."""
        found: Counter[tuple[int, int]] = Counter()
        for one, other in self.pairs:
            if one.score is not None and other.score is not None:
                found.update([(0, _bin(one.score)), (1, _bin(other.score))])
        return dict(found)

    def answers(self) -> Answers:
        """Pairs by their labels."""
        found: Counter[tuple[str, str]] = Counter()
        for one, other in self.pairs:
            if one.answer is not None and other.answer is not None:
                found[one.answer, other.answer] += 1
        return Answers.of(found)

    def cells(self) -> Cells:
        """Pairs, other answers, pairs that are judged, and who alone is right, by cell."""
        found: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 5)
        for one, other in self.pairs:
            if one.cell is None:
                continue
            sums = found["size", one.cell]
            sums[0] += 1
            if one.answer is not None and other.answer is not None:
                sums[1] += one.answer != other.answer
            if one.right is not None and other.right is not None:
                sums[2] += 1
                sums[3] += other.right > one.right
                sums[4] += other.right < one.right
        return Cells.of({cell: tuple(counts) for cell, counts in found.items()})

    def examples(self) -> tuple[Example, ...]:
        """Ids to look at."""
        found = [Example(kind="ambiguous", id=str(rows[0].key[1])) for rows in self.ambiguous]
        for one, other in self.by_id:
            if (one.input or "") != (other.input or ""):
                found.append(Example(kind="input", id=str(one.key[1])))
            if one.score is not None and other.score is not None and one.score != other.score:
                gap = abs(other.score - one.score)
                found.append(Example(kind="score", id=str(one.key[1]), weight=gap))
        return kept_examples(found, PAIRING.examples)


def _near(one: Row, other: Row) -> bool:
    return one.time is not None and other.time is not None and abs(one.time - other.time) <= SECONDS


def _block(pair: tuple[Row, Row]) -> int:
    return max(row.block for row in pair)


def _bin(score: float) -> int:
    return min(int(score * BINS), BINS - 1)


def by_key(sums: KeyedSums) -> dict[Any, Any]:
    """Sums as a dictionary."""
    keys = (tuple(key) if len(key) > 1 else key[0] for key in sums.keys.tolist())
    values = (value if len(value) > 1 else value[0] for value in sums.values.tolist())
    return dict(zip(keys, values, strict=True))
