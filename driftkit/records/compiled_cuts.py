"""Cuts the values out of JSON texts of one shape, and fields out of plain CSV, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from driftkit.columns.jit import inlined, jit

if TYPE_CHECKING:
    import numpy.typing as npt

    Bytes: TypeAlias = npt.NDArray[np.uint8]
    Integers: TypeAlias = npt.NDArray[np.int64]
    Offsets: TypeAlias = npt.NDArray[np.int32]
    Found: TypeAlias = tuple[Offsets, Offsets, Bytes]
    FoundInJson: TypeAlias = tuple[Offsets, Offsets, Bytes, Bytes]

# Kinds of values: none that is known here, text that may be taken as it stands, a number that is
# written otherwise than Python would, null, text in which something is escaped, and text in which
# quotes are doubled.
UNKNOWN, PLAIN, NUMBER, NULL, ESCAPED, DOUBLED = (np.uint8(kind) for kind in range(6))

_QUOTE, _ESCAPE, _SPACE, _ZERO, _NINE = (np.uint8(ord(sign)) for sign in '"\\ 09')
_MINUS, _PLUS, _POINT, _E, _LOWER = (np.uint8(ord(sign)) for sign in "-+.e ")
_WORDS = np.frombuffer(b"truefalsenull", np.uint8)
_COMMA, _LINE, _RETURN = (np.uint8(ord(sign)) for sign in ",\n\r")
# What stands for what after a backslash; 0 where it takes more than a look at the next byte.
_MEANINGS = np.zeros(256, np.uint8)
for _escaped, _meant in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    _MEANINGS[_escaped] = _meant
_T, _F, _N = (np.uint8(ord(sign)) for sign in "tfn")
_ONE, _TWO, _FOUR, _NINTH = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(9)
# Integers of so many digits fit into 64 bits, decimals of so many are what repr gives of them.
_INTEGER_DIGITS, _DECIMAL_DIGITS = np.uint64(18), np.uint64(15)


@jit
def cut(
    offsets: Offsets, data: Bytes, shape: tuple[Bytes, Integers], found: FoundInJson, fits: Bytes
) -> None:
    """Finds the values of all payloads.

    Args:
        offsets: payload i is data[offsets[i]:offsets[i + 1]].
        data: the payloads.
        shape: text around the values, and where in it they are cut out.
        found: starts, stops and kinds of the values, a row a value and a column a payload; and
            for each value a byte, set to 1 if it is something else than text or null anywhere.
        fits: set to 0 where a payload is of another shape, or has values of unknown kind.
    """
    for row in range(len(fits)):
        start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        if fits[row] and not _cut_one(data, (start, stop), shape, found, row):
            fits[row] = 0


@inlined
def _cut_one(
    data: Bytes,
    span: tuple[np.uint64, np.uint64],
    shape: tuple[Bytes, Integers],
    found: FoundInJson,
    row: int,
) -> bool:
    place, stop = span
    text, ends = shape
    literal = np.uint64(0)
    for value in range(len(ends)):
        end = np.uint64(ends[value])
        if place + (end - literal) > stop:
            return False
        while literal < end:
            if data[place] != text[literal]:
                return False
            literal += _ONE
            place += _ONE
        if value + 1 < len(ends):
            after, kind = _value(data, place, stop)
            if kind == UNKNOWN:
                return False
            quoted = _ONE if data[place] == _QUOTE else np.uint64(0)
            found[0][value, row] = place + quoted
            found[1][value, row] = after - quoted
            found[2][value, row] = kind
            if quoted == 0 and kind != NULL:
                found[3][value] = 1
            place = after
    return bool(place == stop)


@inlined
def _value(data: Bytes, place: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    """Where a value ends, and its kind."""
    if place >= stop:
        return place, UNKNOWN
    first = data[place]
    if first == _QUOTE:
        return _text(data, place + _ONE, stop)
    if first == _T:
        return _word(data, place, stop, (np.uint64(0), _FOUR))
    if first == _F:
        return _word(data, place, stop, (_FOUR, _NINTH))
    if first == _N:
        after, kind = _word(data, place, stop, (_NINTH, np.uint64(13)))
        return after, (NULL if kind == PLAIN else UNKNOWN)
    return _number(data, place, stop)


@inlined
def _text(data: Bytes, place: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    kind = PLAIN
    while place < stop and data[place] != _QUOTE:
        if data[place] < _SPACE:
            return place, UNKNOWN
        if data[place] == _ESCAPE:
            place += _ONE
            if place >= stop or _MEANINGS[data[place]] == 0:
                return place, UNKNOWN
            kind = ESCAPED
        place += _ONE
    return place + _ONE, (kind if place < stop else UNKNOWN)


@inlined
def _word(
    data: Bytes, place: np.uint64, stop: np.uint64, word: tuple[np.uint64, np.uint64]
) -> tuple[np.uint64, np.uint8]:
    letter, end = word
    while letter < end and place < stop and data[place] == _WORDS[letter]:
        letter += _ONE
        place += _ONE
    return place, (PLAIN if letter == end else UNKNOWN)


@inlined
def _digits(data: Bytes, place: np.uint64, stop: np.uint64) -> np.uint64:
    while place < stop and _ZERO <= data[place] <= _NINE:
        place += _ONE
    return place


@jit
def _number(data: Bytes, place: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    negative = data[place] == _MINUS
    start = place + (_ONE if negative else np.uint64(0))
    point = _digits(data, start, stop)
    zero = start < stop and data[start] == _ZERO
    if point == start or (zero and point - start > _ONE):
        return point, UNKNOWN
    if point < stop and data[point] == _POINT:
        after = _digits(data, point + _ONE, stop)
        if after == point + _ONE:
            return after, UNKNOWN
        kind = _decimal(data, (start, point, after))
    else:
        after = point
        whole = point - start <= _INTEGER_DIGITS and not (negative and zero)
        kind = PLAIN if whole else UNKNOWN
    if after < stop and data[after] | _LOWER == _E:
        return _exponent(data, after + _ONE, stop)
    return after, kind


@inlined
def _decimal(data: Bytes, places: tuple[np.uint64, np.uint64, np.uint64]) -> np.uint8:
    """Whether Python writes a decimal so: in full from 0.0001 on, and no zero too many."""
    start, point, after = places
    if after - start - _ONE > _DECIMAL_DIGITS:
        return NUMBER
    if after == point + np.uint64(2):
        return PLAIN
    if data[after - _ONE] == _ZERO:
        return NUMBER
    if data[start] != _ZERO:
        return PLAIN
    first = point + _ONE
    while data[first] == _ZERO:
        first += _ONE
    return PLAIN if first - point <= _FOUR else NUMBER


@inlined
def _exponent(data: Bytes, place: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    if place < stop and (data[place] == _MINUS or data[place] == _PLUS):
        place += _ONE
    after = _digits(data, place, stop)
    return after, (NUMBER if after > place else UNKNOWN)


@jit
def gather(data: Bytes, spans: Found, offsets: Offsets, texts: Bytes) -> None:
    """Copies values behind one another, escaped and doubled ones as they are meant.

    Args:
        data: that they are from.
        spans: starts, stops and kinds of the values.
        offsets: filled so that value i is texts[offsets[i]:offsets[i + 1]].
        texts: filled; has room for all.
    """
    starts, stops, kinds = spans
    target = np.uint64(0)
    for row in range(len(starts)):
        span = np.uint64(starts[row]), np.uint64(stops[row])
        target = _copy(data, span, kinds[row], texts, target)
        offsets[row + 1] = target


@jit
def gather_all(
    data: Bytes, spans: Found, counts: tuple[int, int], gathered: tuple[Offsets, Bytes, Integers]
) -> None:
    """Copies the values of all columns, some rows at a time: these stay in a core's cache.

    Args:
        data: that they are from.
        spans: starts, stops and kinds of the values, a row a column.
        counts: how many rows to copy, and how many of them at a time.
        gathered: offsets, a row a column, filled from its second place on; texts, filled, with
            room for the columns one behind the other; and where each column begins in them, left
            where it ends.
    """
    starts, stops, kinds = spans
    offsets, texts, marks = gathered
    rows, tile = counts
    for first in range(0, rows, tile):
        for column in range(len(starts)):
            target = np.uint64(marks[column])
            begin = target - np.uint64(offsets[column, first])
            for row in range(first, min(first + tile, rows)):
                span = np.uint64(starts[column, row]), np.uint64(stops[column, row])
                target = _copy(data, span, kinds[column, row], texts, target)
                offsets[column, row + 1] = target - begin
            marks[column] = target


@inlined
def _copy(
    data: Bytes,
    span: tuple[np.uint64, np.uint64],
    kind: np.uint8,
    texts: Bytes,
    target: np.uint64,
) -> np.uint64:
    """Copies a value, and says where the next one goes."""
    source, stop = span
    if kind == ESCAPED:
        while source < stop:
            letter = data[source]
            if letter == _ESCAPE:
                source += _ONE
                letter = _MEANINGS[data[source]]
            texts[target] = letter
            source += _ONE
            target += _ONE
    elif kind == DOUBLED:
        while source < stop:
            texts[target] = data[source]
            source += _TWO if data[source] == _QUOTE else _ONE
            target += _ONE
    elif kind != NULL:
        while source < stop:
            texts[target] = data[source]
            source += _ONE
            target += _ONE
    return target


@jit
def cut_fields(offsets: Offsets, data: Bytes, found: Found, fits: Bytes) -> None:
    """Finds the fields of plain lines of CSV; an empty one is null.

    Args:
        offsets: line i is data[offsets[i]:offsets[i + 1]], with a line's end or without.
        data: the lines.
        found: starts, stops and kinds of the fields, a row a field and a column a line.
        fits: set to 0 where there are quotes, several lines, or another number of fields.
    """
    for row in range(len(fits)):
        start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        if fits[row]:
            fits[row] = _cut_line(data, (start, stop), found, row)


@inlined
def _cut_line(data: Bytes, span: tuple[np.uint64, np.uint64], found: Found, row: int) -> np.uint8:
    place, stop = span
    starts, stops, kinds = found
    while stop > place and (data[stop - _ONE] == _LINE or data[stop - _ONE] == _RETURN):
        stop -= _ONE
    field = 0
    starts[0, row] = place
    while place < stop:
        letter = data[place]
        if letter == _COMMA:
            if field + 1 == len(starts):
                return np.uint8(0)
            stops[field, row] = place
            field += 1
            starts[field, row] = place + _ONE
        elif letter in (_QUOTE, _LINE, _RETURN):
            return np.uint8(0)
        place += _ONE
    stops[field, row] = stop
    for each in range(len(starts)):
        kinds[each, row] = PLAIN if stops[each, row] > starts[each, row] else NULL
    return np.uint8(field + 1 == len(starts))


@jit
def cut_records(
    data: Bytes, delimiter: np.uint8, ends: Bytes, found: Found
) -> tuple[int, np.uint64]:
    """Finds the fields of CSV; an empty one is null, unless it is quoted.

    Args:
        data: that begins with a record; the last may be cut off.
        delimiter: between fields.
        ends: for each byte, 1 where it ends a field without quotes.
        found: starts, stops and kinds of the fields, a row a field and a column a record; with
            room for all.

    Returns:
        How many whole records there are, and where the last ends; -1 where one has another
        number of fields, or odd quotes or returns.
    """
    starts, stops, kinds = found
    size, last = np.uint64(len(data)), len(starts) - 1
    place, row = np.uint64(0), 0
    while place < size:
        first = place
        if data[place] == _LINE:
            place += _ONE
            continue
        for field in range(last + 1):
            start, stop, place, kind = _field(data, place, ends)
            if place >= size:
                return row, first
            letter = data[place]
            if letter == _RETURN and field == last:
                place += _ONE
                if place == size:
                    return row, first
                letter = data[place]
            if kind == UNKNOWN or letter != (delimiter if field < last else _LINE):
                return -1, first
            starts[field, row] = start
            stops[field, row] = stop
            kinds[field, row] = kind
            place += _ONE
        row += 1
    return row, place


@inlined
def _field(
    data: Bytes, start: np.uint64, ends: Bytes
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint8]:
    """Where the text of a field begins and ends, what follows the field, and its kind."""
    size, place = np.uint64(len(data)), start
    if place < size and data[place] == _QUOTE:
        return _quoted_field(data, place + _ONE)
    while place < size and ends[data[place]] == 0:
        place += _ONE
    return start, place, place, (PLAIN if place > start else NULL)


@inlined
def _quoted_field(
    data: Bytes, start: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint8]:
    size, place, kind = np.uint64(len(data)), start, PLAIN
    while place < size:
        if data[place] == _QUOTE:
            if place + _ONE < size and data[place + _ONE] != _QUOTE:
                return start, place, place + _ONE, kind
            kind = DOUBLED
            place += _ONE
        elif data[place] == _RETURN:
            return start, place, place, UNKNOWN
        place += _ONE
    return start, size, size, UNKNOWN
