"""Halves of pairs: rows of two arms with what is compared, sorted by a hash of what pairs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.native.arrays import short_take_indices, take_indices, values_of, whole
from driftkit.native.text_mixing import mixed_texts
from driftkit.readers.dataset import runs_of
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.keyed_sums import KeyedSums, ranked
from driftkit.states.deployment.repeated_ids import repeated
from driftkit.states.kernels.texts import buffers
from driftkit.states.quality.values import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from driftkit.native.arrays import Floats, Hashes, Integers, Truths, Values
    from driftkit.states.deployment.pairing import Pairing

BY_ID, BY_CONTENT, BY_NAMED = range(3)
CHAMPION, CHALLENGER = 0, 1
HASH, WAY, ARM, BLOCK, KEY = "hash", "way", "arm", "block", "key"
EARLIER = "earlier"
TIME, INPUT, POSITIVE, SCORE, ANSWER = "time", "input", "positive", "score", "answer"
# What is counted of rows before they are paired: all of them, those that nothing pairs, and those that
# are left out because their arm has others with their id.
ROWS, UNPAIRABLE, REPEATED = range(3)
_HASH_BITS = 64
# By so many bits of their hashes halves are sorted.
SORTED_BITS = 12
# Ids of either kind are told apart by their ways, not by their hashes, by whose order sums are made.
_OF_WAYS = np.array([0, 0x9E3779B97F4A7C15, 0], np.uint64)
# Rows of a table, at least, where there are more.
TABLE_ROWS = 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmChunk:
    """What is known of the rows of a chunk, of whatever arm.

    Attributes:
        arms: name of each row's arm.
        blocks: epoch seconds of each row's block; -1 where its time is not known.
        ids: by which rows are paired; null or empty where a row has none.
        named: other ids, of rows that have none of these.
        earlier: whether each row is before the window, and is only here for others in it; None where
            none is.
        inputs: digests of encoding and input.
        times: seconds since 1970; `UNKNOWN` where they are not known.
        numerators: of each metric of the pairing a number for each row, NaN where it has none; None
            where no row ever has one.
        denominators: the same, 0 where a row does not count; None where all numerators count.
        positive: 1 where the label is the positive one, 0 where it is another, else NaN.
        scores: NaN where there is none.
        answers: the predicted labels; null where there is none.
        cells: of each feature of the pairing the value of each row as text; null where there is none.
    """

    arms: pa.Array | pa.ChunkedArray
    blocks: Integers
    ids: pa.Array | pa.ChunkedArray | None = None
    named: pa.Array | pa.ChunkedArray | None = None
    earlier: Truths | None = None
    inputs: pa.Array | pa.ChunkedArray | None = None
    times: Integers | None = None
    numerators: Sequence[Floats | None] = ()
    denominators: Sequence[Floats | None] = ()
    positive: Floats | None = None
    scores: Floats | None = None
    answers: pa.Array | pa.ChunkedArray | None = None
    cells: tuple[pa.Array | pa.ChunkedArray, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """Rows of two arms that wait for their other halves.

    Attributes:
        tables: of those that have something by which they can be paired; each sorted by the first
            bits of the hash of it.
        counts: (block, arm, what is counted) -> rows; see `ROWS`.
    """

    tables: tuple[pa.Table, ...] = ()
    counts: KeyedSums = field(default_factory=KeyedSums)

    def __add__(self, other: Halves) -> Halves:
        return Halves(tables=self.tables + other.tables, counts=self.counts + other.counts)

    @property
    def rows(self) -> int:
        """Those that can be paired."""
        return sum(table.num_rows for table in self.tables)

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        return sum(table.nbytes for table in self.tables)


def halves_of(chunks: Iterable[ArmChunk], pairing: Pairing) -> Halves:
    """The halves of some chunks.

    Rows of other arms are left out.
    """
    counts: list[KeyedSums] = []

    def tables() -> Iterator[pa.Table]:
        for chunk in chunks:
            table, found = _of_chunk(chunk, pairing)
            counts.append(found)
            if table is not None:
                yield table

    kept = []
    for run in runs_of(tables(), lambda table: int(table.num_rows), TABLE_ROWS):
        table, found = _without_repeated(one_table(run))
        kept.append(_sorted(table))
        counts.append(found)
    return Halves(tables=tuple(kept), counts=KeyedSums.together(counts))


def parts_of(halves: Sequence[Halves], bits: int) -> Iterator[list[pa.Table]]:
    """The halves by so many first bits of their hashes, at most `SORTED_BITS`.

    Those of a pair are in one part, whatever rows they were read with.
    """
    tables = [table for each in halves for table in each.tables]
    bounds = np.arange(1, 1 << bits) << SORTED_BITS - bits
    cuts = [np.searchsorted(_first_bits(table), bounds) for table in tables]
    ends = [[0, *cut.tolist(), table.num_rows] for cut, table in zip(cuts, tables, strict=True)]
    for part in range(1 << bits):
        yield [
            table.slice(end[part], end[part + 1] - end[part])
            for table, end in zip(tables, ends, strict=True)
            if end[part + 1] > end[part]
        ]


def one_table(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows of some tables, each column in one array."""
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def cell_column(feature: str) -> str:
    """The column of a feature's cells."""
    return f"cell:{feature}"


def _first_bits(table: pa.Table) -> npt.NDArray[np.uint16]:
    hashes = values_of(whole(table.column(HASH)))
    return (hashes >> np.uint64(_HASH_BITS - SORTED_BITS)).astype(np.uint16)


def _sorted(table: pa.Table) -> pa.Table:
    # Few bits are sorted in a tenth of the time that all take.
    order = short_take_indices(np.argsort(_first_bits(table), kind="stable"))
    columns = [_taken(whole(column), order) for column in table.columns]
    return pa.table(columns, names=table.column_names)


def _taken(values: pa.Array, order: pa.Array) -> pa.Array:
    """The values in another order."""
    if not pa.types.is_large_string(values.type) or values.null_count or not len(values):
        return values.take(order)
    offsets, content = buffers(values)
    lengths = np.diff(offsets)
    if not lengths[0] or (lengths != lengths[0]).any():
        return values.take(order)
    # Ids of one kind have one length; as such they are taken in half of the time.
    size = int(lengths[0])
    data = pa.py_buffer(content[int(offsets[0]) : int(offsets[-1])])
    fixed = pa.Array.from_buffers(pa.binary(size), len(values), [None, data])
    texts = fixed.take(order).buffers()[1]
    starts = pa.py_buffer(np.arange(0, (len(values) + 1) * size, size))
    return pa.Array.from_buffers(values.type, len(values), [None, starts, texts])


def _without_repeated(table: pa.Table) -> tuple[pa.Table, KeyedSums]:
    """The table without rows that only say once more that their id is ambiguous, and counts of these."""
    arms, blocks, ways = (values_of(whole(table.column(name))) for name in (ARM, BLOCK, WAY))
    keys = whole(table.column(KEY))
    if (ways == BY_CONTENT).any():
        keys = pc.if_else(pa.array(ways != BY_CONTENT), keys, pa.scalar(None, keys.type))
    rows = repeated(keys, _first_bits(table), arms + 2 * (ways == BY_NAMED), blocks)
    if not len(rows):
        return table, KeyedSums()
    left = np.delete(np.arange(table.num_rows), rows)
    if EARLIER in table.column_names:
        rows = rows[values_of(whole(table.column(EARLIER)))[rows] == 0]
    return table.take(take_indices(left)), _counts(blocks[rows], arms[rows], REPEATED)


def _of_chunk(chunk: ArmChunk, pairing: Pairing) -> tuple[pa.Table | None, KeyedSums]:
    """The rows that can be paired, and counts of all."""
    arms = _arms(chunk.arms, pairing)
    keys, ways = _keys(chunk, pairing)
    counts = arms >= 0 if chunk.earlier is None else (arms >= 0) & ~chunk.earlier
    ours, loose = np.flatnonzero(counts), np.flatnonzero(counts & (ways < 0))
    found = KeyedSums.together(
        _counts(chunk.blocks[rows], arms[rows], what)
        for rows, what in ((ours, ROWS), (loose, UNPAIRABLE))
    )
    chosen = _Chosen(rows=np.flatnonzero((arms >= 0) & (ways >= 0)), every=len(arms))
    if not len(chosen.rows):
        return None, found
    keys, ways = chosen.of_arrow(keys), chosen.of(ways)
    columns = {
        HASH: pa.array(_hashes(keys, ways)),
        WAY: pa.array(ways),
        ARM: pa.array(chosen.of(arms)),
        BLOCK: pa.array(chosen.of(chunk.blocks)),
        KEY: keys,
        **_compared(chunk, pairing, chosen),
    }
    return pa.table(columns), found


def _counts(blocks: Integers, arms: npt.NDArray[np.int8], what: int) -> KeyedSums:
    """How many rows there are by block, arm and what is counted."""
    codes, indices = ranked(blocks * 2 + arms)
    keys = [*np.divmod(codes, 2), np.full(len(codes), what)]
    rows = np.bincount(indices, minlength=len(codes))
    return KeyedSums(keys=np.column_stack(keys).astype(np.int64), values=rows[:, np.newaxis])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Rows that are chosen of a chunk; where all are, nothing is copied."""

    rows: npt.NDArray[np.intp]
    every: int

    def of(self, values: Values) -> Values:
        return values if len(self.rows) == self.every else values[self.rows]

    def of_arrow(self, values: pa.Array) -> pa.Array:
        return values if len(self.rows) == self.every else values.take(take_indices(self.rows))


def _arms(names: pa.Array | pa.ChunkedArray, pairing: Pairing) -> npt.NDArray[np.int8]:
    """0 for rows of the champion, 1 for those of the challenger, -1 for others."""
    encoded = _whole(names).dictionary_encode()
    codes = {pairing.champion: CHAMPION, pairing.challenger: CHALLENGER}
    arms = [codes.get(name, -1) for name in encoded.dictionary.to_pylist()]
    return np.array([*arms, -1], np.int8)[values_of(encoded.indices.fill_null(-1))]


def _whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return whole(values) if isinstance(values, pa.ChunkedArray) else values


def _texts(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts in one array with offsets of 64 bits, so that any number of them can be taken together."""
    return joined(values).cast(pa.large_string())


def _keys(chunk: ArmChunk, pairing: Pairing) -> tuple[pa.Array, npt.NDArray[np.int8]]:
    """By what each row is paired, and in which way; -1 where there is nothing."""
    rows = len(chunk.blocks)
    ways = np.full(rows, -1, np.int8)
    keys = pa.nulls(rows, pa.large_string())
    if chunk.inputs is not None and chunk.times is not None and pairing.seconds is not None:
        keys = _texts(chunk.inputs)
        ways[_told(keys) & (chunk.times != UNKNOWN)] = BY_CONTENT
    for texts, way in ((chunk.named, BY_NAMED), (chunk.ids, BY_ID)):
        if texts is not None:
            ids = _texts(texts)
            told = _told(ids)
            ways[told] = way
            keys = ids if told.all() else pc.if_else(pa.array(told), ids, keys)
    return keys, ways


def _told(texts: pa.Array) -> Truths:
    lengths = pc.binary_length(texts)
    return values_of(lengths.fill_null(0) if lengths.null_count else lengths) > 0


def _hashes(keys: pa.Array, ways: npt.NDArray[np.int8]) -> Hashes:
    # An id may read as a digest does.
    return mixed_texts(*buffers(keys)) ^ _OF_WAYS[ways]


def _compared(chunk: ArmChunk, pairing: Pairing, chosen: _Chosen) -> dict[str, pa.Array]:
    """What is compared, of the chosen rows."""
    columns = {name: pa.array(chosen.of(told)) for name, told in _metric_values(chunk, pairing)}
    for name, numbers in ((TIME, chunk.times), (POSITIVE, chunk.positive), (SCORE, chunk.scores)):
        if numbers is not None:
            columns[name] = pa.array(chosen.of(numbers))
    if chunk.inputs is not None:
        inputs = _texts(chunk.inputs).fill_null("")
        columns[INPUT] = pa.array(chosen.of(mixed_texts(*buffers(inputs))))
    if chunk.earlier is not None:
        columns[EARLIER] = pa.array(chosen.of(chunk.earlier).astype(np.uint8))
    if chunk.answers is not None and pairing.labels:
        columns[ANSWER] = chosen.of_arrow(_labels(chunk.answers))
    for name, values in zip(pairing.features, chunk.cells, strict=True):
        columns[cell_column(name)] = chosen.of_arrow(_labels(values))
    return columns


def _metric_values(chunk: ArmChunk, pairing: Pairing) -> Iterator[tuple[str, Floats]]:
    """The names and numbers of the columns of all metrics."""
    values = zip(pairing.metrics, chunk.numerators, chunk.denominators, strict=True)
    for metric, numerators, denominators in values:
        if numerators is None:
            continue
        if metric.ratio and denominators is not None:
            yield from zip(metric.columns, (numerators, denominators), strict=True)
        else:
            yield metric.columns[0], _finite(numerators, denominators)


def _finite(numerators: Floats, denominators: Floats | None) -> Floats:
    """The numerators of rows that count, NaN of others."""
    if denominators is not None:
        numerators = np.where(denominators > 0.0, numerators, np.nan)
    infinite = np.isinf(numerators)
    return np.where(infinite, np.nan, numerators) if infinite.any() else numerators


def _labels(texts: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    encoded = _whole(texts).dictionary_encode()
    return encoded.cast(pa.dictionary(pa.int32(), pa.string()))
