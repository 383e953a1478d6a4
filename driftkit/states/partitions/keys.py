"""Partition keys of the rows of a chunk: values of columns, or a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kind_of

from driftkit.columns.times import is_number, monday_of, no_times, of_epochs
from driftkit.errors import InputError
from driftkit.native.arrays import valid_of, values_of, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Integers
    from driftkit.states.partitions.partition import Key, PartitionOptions

_LENGTH = {"day": 10, "hour": 13, "week": 10}
# The years 1 to 9999; other moments have no such date.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
_SECONDS = {"day": 86_400, "hour": 3600, "week": 7 * 86_400}
# When block 0 begins: 1970-01-01 was a Thursday.
_ORIGIN = {"day": 0, "hour": 0, "week": -3 * 86_400}
_IN_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
HOURS = 24
HOUR_NAMES = tuple(f"{hour:02d}h" for hour in range(HOURS))
_MOST_APART = 2**12
_FORM = {"day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H", "week": "%Y-%m-%d"}
_MINUTE = "%Y-%m-%dT%H:%M"
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = {
    "day": rf"^{_DATE}(?:[T ].*)?$",
    "hour": rf"^{_DATE}[T ](?:[01]\d|2[0-3])",
}
_TIME["week"] = _TIME["day"]
# What a number may begin with, and no date does.
_NUMBER = r"^\d{5}|^\d+\."
_ZONE = r"[T ].*\d[+-]\d{2}(?::?\d{2}){0,2}$"
_WITH_ZONE = re.compile(_ZONE)


def coded(
    chunk: Chunk, names: Sequence[str], options: PartitionOptions
) -> tuple[Integers, list[Key]]:
    """For each row a code, and the key of each code.

    Args:
        chunk: at least one row.
        names: of the chunk's columns.
        options: how rows are told apart.

    Raises:
        InputError: the columns that tell rows apart are not there.
    """
    if options.unit is not None and options.by[0] not in names and chunk.time_key is not None:
        return np.zeros(chunk.num_rows, np.int64), [chunk.time_key]
    for name in options.by:
        if name not in names:
            raise _missing(name, names)
    columns = [(whole(chunk.column(names.index(name))), name) for name in options.by]
    encoded = [_coded(column, name, options.unit) for column, name in columns]
    if len(encoded) == 1 and not kind_of.is_dictionary(columns[0][0].type):
        # Each of its texts is there, and but once.
        (codes, texts), *_ = encoded
        return codes.astype(np.int64, copy=False), [(text,) for text in texts]
    codes = np.zeros(chunk.num_rows, np.int64)
    for indices, texts in encoded:
        codes = codes * len(texts) + indices
    combined = pa.array(codes).dictionary_encode()
    values = [texts for _, texts in encoded]
    keys = [_key(code, values) for code in combined.dictionary.to_pylist()]
    return combined.indices.to_numpy().astype(np.int64), keys


def runs(
    chunk: Chunk, names: Sequence[str], options: PartitionOptions
) -> tuple[Integers, Integers, list[Key]]:
    """The first row of each run of rows with one key, the run's code, and the key of each code.

    Args:
        chunk: at least one row.
        names: of the chunk's columns.
        options: how rows are told apart.

    Raises:
        InputError: the columns that tell rows apart are not there.
    """
    if options.unit is not None and options.by[0] in names:
        column = _as_moments(whole(chunk.column(names.index(options.by[0]))))
        if _is_moment(column.type):
            # Their names are made of few rows, and need no look at the others.
            starts, codes, texts = _moments(column, options.unit)
            return starts, codes, [(text,) for text in texts]
    codes, keys = coded(chunk, names, options)
    starts = _starts(codes)
    return starts, codes[starts], keys


def _coded(column: pa.Array, name: str, unit: str | None) -> tuple[Integers, list[str | None]]:
    """For each row a number, and the text of each number."""
    if unit is not None:
        if kind_of.is_dictionary(column.type):
            column = column.dictionary_decode()
        column = _as_moments(column)
        if _is_moment(column.type):
            starts, codes, texts = _moments(column, unit)
            return np.repeat(codes, np.diff(np.append(starts, len(column)))), texts
    return _encoded(_texts(column, name, unit))


def _as_moments(column: pa.Array) -> pa.Array:
    """Numbers as the moments that they are; other columns as they are."""
    return of_epochs(column) if is_number(column.type) else column


def _is_moment(kind: pa.DataType) -> bool:
    return bool(kind_of.is_date(kind) or kind_of.is_timestamp(kind))


def hours_of_day(values: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """The hour of the day of each time, in UTC, such as 15h; none for what is no time or has no hour.

    Args:
        values: of the column of times.
        name: of the column, for messages.
    """
    codes, texts = _coded(whole(values), name, "hour")
    hours = np.array([int(text[-2:]) if text else HOURS for text in texts], np.int32)[codes]
    numbers = pa.array(hours, mask=hours == HOURS)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(numbers, list(HOUR_NAMES))])


def _texts(column: pa.Array, name: str, unit: str | None) -> pa.Array:
    """The texts that tell rows apart, or a dictionary of them."""
    if unit is not None:
        return _times(column, unit, name)
    if kind_of.is_string(column.type) or (
        kind_of.is_dictionary(column.type) and kind_of.is_string(column.type.value_type)
    ):
        return column
    return column.cast(pa.string())


def _encoded(texts: pa.Array) -> tuple[Integers, list[str | None]]:
    """For each row a number, and the text of each number; a missing text has a number too."""
    if not kind_of.is_dictionary(texts.type):
        texts = texts.dictionary_encode(null_encoding="encode")
        return texts.indices.to_numpy(), texts.dictionary.to_pylist()
    # A dictionary may have a text twice, or a missing one.
    found = texts.dictionary.dictionary_encode()
    missing = len(found.dictionary)
    numbers = found.indices.fill_null(missing).take(texts.indices).fill_null(missing)
    return values_of(numbers), [*found.dictionary.to_pylist(), None]


def _key(code: int, values: Sequence[Sequence[str | None]]) -> Key:
    found: list[str | None] = []
    for some in reversed(values):
        code, index = divmod(code, len(some))
        found.append(some[index])
    return tuple(reversed(found))


def _times(column: pa.Array, unit: str, name: str) -> pa.Array:
    """The day, hour or week of each time, in UTC; none for what is no time."""
    if not (kind_of.is_string(column.type) or kind_of.is_large_string(column.type)):
        raise no_times(column.type, name)
    texts = column.cast(pa.string())
    if pc.any(pc.match_substring_regex(texts, _ZONE)).as_py():
        texts = pa.array([_in_utc(text) for text in texts.to_pylist()], pa.string())
    heads = _heads(texts, unit)
    if pc.any(pc.match_substring_regex(heads.dictionary, _NUMBER)).as_py():
        moments = pc.strftime(of_epochs(texts), format=_MINUTE)
        heads = _heads(pc.coalesce(moments, texts), unit)
    names = pc.replace_substring(heads.dictionary, " ", "T", max_replacements=1)
    names = pc.utf8_slice_codeunits(names, 0, _LENGTH[unit])
    known = pc.match_substring_regex(heads.dictionary, _TIME[unit])
    found = pc.if_else(known, names, pa.scalar(None, pa.string()))
    if unit == "week":
        found = pa.array(map(monday_of, found.to_pylist()), pa.string())
    return found.take(heads.indices)


def _heads(texts: pa.Array, unit: str) -> pa.DictionaryArray:
    """The beginnings of times, of millions of which there are few. That of a day has what stands after it."""
    return pc.utf8_slice_codeunits(
        texts, 0, max(_LENGTH[unit], _LENGTH["day"] + 1)
    ).dictionary_encode()


def _moments(column: pa.Array, unit: str) -> tuple[Integers, Integers, list[str | None]]:
    """Runs of rows of one block of time: first rows, numbers, and what each number is called.

    Numbers are in the order of time; the last one is of rows that have none, where there are such.
    """
    seconds, origin = _SECONDS[unit], _ORIGIN[unit]
    blocks = _blocks(column, unit)
    first, last = (_FIRST - origin) // seconds, (_LAST - origin) // seconds
    if column.null_count:
        blocks = np.where(valid_of(column), blocks, last + 1)
    # Moments of one day mostly stand together.
    starts = _starts(blocks)
    firsts = blocks[starts].astype(np.int64)
    known = (firsts >= first) & (firsts <= last)
    missing = int(firsts[known].max(initial=first)) + 1
    found, codes = _numbered(np.where(known, firsts, missing))
    moments = pa.array(found[found < missing] * seconds + origin).view(pa.timestamp("s"))
    names = pc.strftime(moments, format=_FORM[unit]).to_pylist()
    return starts, codes, names if known.all() else [*names, None]


def _starts(values: Integers) -> Integers:
    """The first of each run of equal values."""
    return np.append(0, np.flatnonzero(values[1:] != values[:-1]) + 1)[: values.size]


def _blocks(column: pa.Array, unit: str) -> Integers:
    """The numbers of moments' blocks of time."""
    if unit == "week":
        # Of days, since the last moments that a column can have are no more than three days apart
        # from those that it cannot.
        return (_blocks(column, "day").astype(np.int64) - _ORIGIN[unit] // _SECONDS["day"]) // 7
    seconds = _SECONDS[unit]
    if kind_of.is_date32(column.type):
        days: Integers = values_of(column.view(pa.int32()))
        a_day = _SECONDS["day"] // seconds
        return days if a_day == 1 else days.astype(np.int64) * a_day
    in_a_second = 1000 if kind_of.is_date64(column.type) else _IN_A_SECOND[column.type.unit]
    return values_of(column.view(pa.int64())) // (seconds * in_a_second)


def _numbered(values: Integers) -> tuple[Integers, Integers]:
    """The different ones in ascending order, and where each value is among them."""
    least = int(values.min()) if len(values) > _MOST_APART else 0
    if len(values) > _MOST_APART > int(values.max()) - least:
        # They are mixed, and so few that a table tells which are there sooner than a sort.
        there = np.bincount(values - least) > 0
        return np.flatnonzero(there) + least, (np.cumsum(there) - 1)[values - least]
    return np.unique(values, return_inverse=True)


def _in_utc(text: str | None) -> str | None:
    if text is None or not _WITH_ZONE.search(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    try:
        return moment.astimezone(UTC).isoformat() if moment.tzinfo else text
    except OverflowError:
        # Outside of the years 1 to 9999 a moment has no date in UTC.
        return None


def _missing(name: str, names: Sequence[str]) -> InputError:
    return InputError(
        "there is no such column to tell rows apart by",
        where=name,
        expected="one of the columns that are monitored",
        found=", ".join(names[:8]) + (", ..." if len(names) > 8 else ""),
        todo="Check the name",
    )
