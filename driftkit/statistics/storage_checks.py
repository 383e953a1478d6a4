"""Refuses states that no rows can have, so that a damaged or forged file never gives a number."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from struct import error as StructError
from struct import unpack_from
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.columns.types import InferredType
from driftkit.errors import FormatError
from driftkit.statistics.arrays import values_of
from driftkit.statistics.compactors import CAPACITIES
from driftkit.statistics.distinct import REGISTERS
from driftkit.statistics.frequencies import LIMIT
from driftkit.statistics.kernels.hashing import PRECISION
from driftkit.statistics.storage_columns import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from driftkit.statistics.arrays import Floats, Integers

    Wrong = npt.NDArray[np.bool_]
    Finding = tuple[str, str, Wrong]

_COUNTS = (
    *("present", "missing", "integral", "fractional", "boolean", "string"),
    *("finite", "non_finite", "counted"),
)
_TYPES = frozenset([None, *map(str, InferredType)])
# The field that stays where it is: most of a file's bytes.
_LARGE = "levels"
_FILLED = tuple(field.name for field in SCHEMA if not field.nullable)
# Offsets of joined lists end at 2 GB.
_MOST_BYTES = 2**30
# A hash of 64 bits has so many left for its leading zeros; a register holds one more.
_HIGHEST = 64 - PRECISION + 1
# A sketch of more levels stands for more rows than a table can have.
_MOST_LEVELS = 48
_ROUNDING = 2.0**-52
_TOLERANCE = 1e-9
_CAPACITIES = np.cumsum([0, *CAPACITIES])
# Of the tables by which Arrow's messages are described: where the first field's place stands.
_FIRST_FIELD = 4
_HEADER, _COMPRESSION = 2, 3


def is_packed(metadata: pa.Buffer) -> bool:
    """Whether a record batch is compressed, which no states are: a few bytes may unpack to all memory.

    Source: Arrow's Message.fbs; the fourth field of a RecordBatch says how its buffers are packed.
    """
    try:
        root = unpack_from("<I", metadata, 0)[0]
        header = root + _field(metadata, root, _HEADER)
        return bool(_field(metadata, header + unpack_from("<I", metadata, header)[0], _COMPRESSION))
    except StructError:
        return True


def _field(metadata: pa.Buffer, table: int, number: int) -> int:
    """Where a field of a flat table is, counted from the table; 0 where it is left out."""
    described = table - unpack_from("<i", metadata, table)[0]
    place = _FIRST_FIELD + 2 * number
    if place >= unpack_from("<H", metadata, described)[0]:
        return 0
    return int(unpack_from("<H", metadata, described + place)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A batch of states as it was read, its buffers validated.

    Attributes:
        batch: a row a column.
        rows: of the table that they are of.
        where: the file, for messages.
        size: bytes of the batch.
    """

    batch: pa.RecordBatch
    rows: int
    where: str
    size: int


def refuse_impossible(kept: Sequence[Kept]) -> None:
    """Refuses batches of states if no tables of so many rows have them.

    Raises:
        FormatError: so it is; the error names file, column and field.
    """
    filled = [each for each in kept if each.batch.num_rows]
    together = sum(each.size for each in filled) <= _MOST_BYTES
    for some in [filled] if together else [[each] for each in filled]:
        if some:
            _refuse(some)


def _refuse(filled: Sequence[Kept]) -> None:
    sheet = _Sheet(filled)
    for name in _FILLED:
        if sheet.has_gaps(name):
            _refuse_gaps(filled, name)
    for check in (_names, _counts, _extremes, _moments, _sketches, _registers, _frequencies):
        for field, expected, wrong in check(sheet):
            if wrong.any():
                raise _impossible(filled, int(np.argmax(wrong)), field, expected)


class _Sheet:
    """Several batches one after the other: to look through each by itself takes ten times as long."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        batches = [each.batch for each in kept]
        sizes = [batch.num_rows for batch in batches]
        small = pa.Table.from_batches(batches).drop_columns([_LARGE]).combine_chunks()
        self._columns = {name: small.column(name).chunk(0) for name in small.column_names}
        self.starts = np.cumsum([0, *sizes])
        self.rows = np.repeat([each.rows for each in kept], sizes)
        self.levels = [_Levels(batch.column(_LARGE)) for batch in batches]
        self.low, self.high = self._known("minimum"), self._known("maximum")

    def array(self, name: str) -> pa.Array:
        """A field."""
        return self._columns[name]

    def has_gaps(self, name: str) -> bool:
        """Whether there are nulls in a field, or in its lists."""
        if name == _LARGE:
            return any(each.has_gaps for each in self.levels)
        return _has_gaps(self._columns[name])

    def numbers(self, name: str) -> Any:
        """A field of numbers."""
        return values_of(self._columns[name])

    def lists(self, name: str) -> tuple[pa.Array, Integers]:
        """The items of a field of lists, and where each list begins in them, and the end."""
        array = self._columns[name]
        bounds = values_of(array.offsets).astype(np.int64)
        return array.values.slice(bounds[0], bounds[-1] - bounds[0]), bounds - bounds[0]

    def _known(self, name: str) -> Floats:
        """A field of numbers, NaN where they are null."""
        array = self._columns[name]
        values = values_of(array)
        return np.where(_is_null(array), np.nan, values) if array.null_count else values


class _Levels:
    """The sketches of a batch: how many levels each has, and how many values each level."""

    def __init__(self, array: pa.Array) -> None:
        outer, inner = values_of(array.offsets), values_of(array.values.offsets)
        self.heights = np.diff(outer)
        self.sizes = np.diff(inner[outer[0] : outer[-1] + 1])
        self.starts = inner[outer]
        self.has_gaps = _has_gaps(array)
        self._values = values_of(array.values.values)

    def outside(self, low: Floats, high: Floats) -> Wrong:
        """Which sketches have values below the minimum, above the maximum, or NaN."""
        wrong = np.zeros(len(low), np.bool_)
        filled = np.flatnonzero(np.diff(self.starts))
        if len(filled):
            inside, cuts = self._values[: self.starts[-1]], self.starts[filled]
            # Of NaN among the values, both are NaN.
            lowest, highest = np.minimum.reduceat(inside, cuts), np.maximum.reduceat(inside, cuts)
            wrong[filled] = ~((lowest >= low[filled]) & (highest <= high[filled]))
        return wrong


def _refuse_gaps(kept: Sequence[Kept], name: str) -> None:
    for each in kept:
        column = each.batch.column(name)
        if _has_gaps(column):
            wrong = [_lacks(value) for value in column.to_pylist()].index(True)
            raise _impossible([each], wrong, name, "a value in every place")


def _lacks(value: Any) -> bool:
    return value is None or (isinstance(value, list) and any(map(_lacks, value)))


def _has_gaps(array: pa.Array) -> bool:
    """Whether there are nulls, or lists have items that are."""
    is_list = isinstance(array, pa.ListArray)
    return bool(array.null_count) or (is_list and _has_gaps(array.values))


def _is_null(array: pa.Array) -> Wrong:
    return np.array(array.is_null().to_pylist(), np.bool_)


def _names(sheet: _Sheet) -> Iterator[Finding]:
    names = sheet.array("name").to_pylist()
    for start, stop in pairwise(sheet.starts.tolist()):
        own = names[start:stop]
        if len(set(own)) < len(own):
            wrong = np.array(
                [
                    place >= start and names.index(name, start) < place
                    for place, name in enumerate(names[:stop])
                ]
            )
            yield "name", "every column once", wrong
    declared = sheet.array("declared").to_pylist()
    if not _TYPES.issuperset(declared):
        wrong = np.array([each not in _TYPES for each in declared])
        yield "declared", f"null or one of {', '.join(map(str, InferredType))}", wrong


def _counts(sheet: _Sheet) -> Iterator[Finding]:
    counts = np.array([sheet.numbers(name) for name in _COUNTS])
    for name, wrong in zip(_COUNTS, (counts < 0) | (counts > sheet.rows), strict=True):
        yield name, "0 or more, and no more than the table's rows", wrong
    present, missing, *kinds, finite, non_finite, counted = counts
    yield "missing", "with those present the table's rows", present + missing != sheet.rows
    for name, some in (
        ("string", np.sum(kinds, axis=0)),
        ("finite", finite + non_finite),
        ("counted", counted),
    ):
        yield name, "no more values than are present", some > present


def _extremes(sheet: _Sheet) -> Iterator[Finding]:
    filled = sheet.numbers("finite") > 0
    for name, bound in (("minimum", sheet.low), ("maximum", sheet.high)):
        yield name, "a number where there are finite ones, else null", ~np.isnan(bound) != filled
        yield name, "a finite number", np.isinf(bound)
    yield "maximum", "no less than the minimum", sheet.high < sheet.low


def _moments(sheet: _Sheet) -> Iterator[Finding]:
    n, m2 = sheet.numbers("finite"), sheet.numbers("m2")
    with np.errstate(all="ignore"):
        furthest = np.maximum(np.abs(sheet.low), np.abs(sheet.high))
        slack = (n * _ROUNDING + _TOLERANCE) * furthest
        # What overflowed is infinite or no number, and says nothing.
        held = np.isfinite(n * furthest)
        for name, mean in (
            ("sum", sheet.numbers("sum") / n),
            ("average", sheet.numbers("average")),
        ):
            inside = (mean >= sheet.low - slack) & (mean <= sheet.high + slack)
            yield name, "a mean from minimum to maximum", (n > 0) & held & ~inside
        held = np.isfinite(4 * n * furthest * furthest)
    yield "m2", "0 or more", (m2 < 0) | (held & ~np.isfinite(m2))
    for name in ("sum", "average", "m2"):
        yield name, "0 where there are no finite values", (n == 0) & (sheet.numbers(name) != 0)


def _sketches(sheet: _Sheet) -> Iterator[Finding]:
    heights = np.concatenate([each.heights for each in sheet.levels])
    yield "levels", f"1 to {_MOST_LEVELS} levels", (heights < 1) | (heights > _MOST_LEVELS)
    compactions, often = sheet.lists("compactions")
    yield "compactions", "a count for each level", np.diff(often) != heights
    yield "compactions", "no negative counts", _any_of(values_of(compactions) < 0, often)
    held = np.concatenate([np.diff(each.starts) for each in sheet.levels])
    yield "levels", "no more values than a sketch holds", held > _CAPACITIES[heights]
    sizes = np.concatenate([each.sizes for each in sheet.levels]).astype(np.int64)
    level = np.arange(len(sizes)) - np.repeat(often[:-1], heights)
    stands_for = np.diff(_running(sizes << level)[often])
    yield "levels", "values that stand for all finite ones", stands_for != sheet.numbers("finite")
    bounds = zip(sheet.levels, pairwise(sheet.starts.tolist()), strict=True)
    outside = [each.outside(sheet.low[i:j], sheet.high[i:j]) for each, (i, j) in bounds]
    yield "levels", "numbers from minimum to maximum", np.concatenate(outside)


def _registers(sheet: _Sheet) -> Iterator[Finding]:
    array = sheet.array("registers")
    size = len(array) * REGISTERS
    registers = np.frombuffer(array.buffers()[1], np.uint8, size, array.offset * REGISTERS)
    registers = registers.reshape(len(array), REGISTERS)
    yield "registers", f"numbers up to {_HIGHEST}", registers.max(axis=1) > _HIGHEST
    raised = np.count_nonzero(registers, axis=1)
    yield "registers", "no more above 0 than values are present", raised > sheet.numbers("present")


def _frequencies(sheet: _Sheet) -> Iterator[Finding]:
    (values, bounds), (counts, places), (_, domains) = map(
        sheet.lists, ("values", "rows", "domain")
    )
    lengths = np.diff(bounds)
    yield "rows", "a number for each of the values", np.diff(places) != lengths
    yield "values", f"at most {LIMIT}, or those of the domain", lengths > LIMIT + np.diff(domains)
    rows, counted = values_of(counts), sheet.numbers("counted")
    wrong = (rows < 0) | (rows > np.repeat(counted, lengths))
    yield "rows", "0 or more, and no more than were counted", _any_of(wrong, bounds)
    yield "rows", "together no more than were counted", np.diff(_running(rows)[bounds]) > counted
    codes = values_of(values.dictionary_encode().indices).astype(np.int64)
    codes = codes * len(lengths) + np.repeat(np.arange(len(lengths)), lengths)
    codes.sort()
    wrong = np.zeros(len(lengths), np.bool_)
    wrong[codes[1:][codes[1:] == codes[:-1]] % len(lengths)] = True
    yield "values", "every value once", wrong


def _running(numbers: Integers) -> Integers:
    """Sums up to each place; where they overflow, differences of them are right all the same."""
    sums = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(numbers, out=sums[1:])
    return sums


def _any_of(wrong: Wrong, bounds: Integers) -> Wrong:
    """Whether any item of each list is wrong."""
    return np.asarray(np.diff(_running(wrong.astype(np.int64))[bounds]) > 0)


def _impossible(kept: Sequence[Kept], place: int, field: str, expected: str) -> FormatError:
    for each in kept:
        if place < each.batch.num_rows:
            break
        place -= each.batch.num_rows
    name = each.batch.column("name")[place].as_py()
    return FormatError(
        f"the states of column {name!r} are impossible",
        where=f"{each.where}, field {field}",
        expected=expected,
        found=_shown(each.batch.column(field)[place]),
        todo="Copy the file again, or read the data again",
    )


def _shown(value: Any) -> str:
    if isinstance(value, pa.ListScalar):
        return f"{len(value.values) if value.is_valid else 'no'} of them"
    return "other bytes" if isinstance(value, pa.FixedSizeBinaryScalar) else repr(value.as_py())
