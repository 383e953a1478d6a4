"""Pairs the request and response of each captured record into rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa

from driftkit.capture.payload import CsvRow, csv_rows, parsed_json
from driftkit.capture.record import NO_DATA, OUTPUT
from driftkit.readers.dataset import TableChunk
from driftkit.readers.json_values import JsonRow, UnreadableError
from driftkit.readers.lines import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from driftkit.capture.record import Part, Record
    from driftkit.capture.table import Mask, RecordTable
    from driftkit.settings import Position

    Numbers = npt.NDArray[np.int64]

OTHER_ROWS = "whose input and output have different numbers of rows"
MISMATCH = "Encoding mismatch:"
Row = TypeVar("Row", CsvRow, JsonRow)
Side: TypeAlias = tuple[str, list[CsvRow] | list[JsonRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two sides of a captured record, decoded; a side that was not captured is None."""

    encoding: str
    sent: list[CsvRow] | list[JsonRow] | None
    answered: list[CsvRow] | list[JsonRow] | None

    @property
    def shape(self) -> tuple[int, int]:
        """Fields of the first row sent and answered."""
        return (
            len(self.sent[0]) if self.sent else 0,
            len(self.answered[0]) if self.answered else 0,
        )

    def csv_rows(self, position: Position) -> list[CsvRow]:
        """The joined rows of CSV payloads."""
        return [
            [*second, *first] if position == "START" else [*first, *second]
            for first, second in self._rows()
            if not isinstance(first, dict) and not isinstance(second, dict)
        ]

    def json_rows(self) -> list[JsonRow]:
        """The joined rows of JSON payloads; a name on both sides is told apart by its side."""
        return [
            joined(first, second)
            for first, second in self._rows()
            if not isinstance(first, list) and not isinstance(second, list)
        ]

    def _rows(self) -> Iterator[tuple[CsvRow | JsonRow, CsvRow | JsonRow]]:
        empty: CsvRow | JsonRow = [] if self.encoding == "CSV" else {}
        count = len(self.sent if self.sent is not None else self.answered or [])
        yield from zip(
            self.sent if self.sent is not None else [empty] * count,
            self.answered if self.answered is not None else [empty] * count,
            strict=True,
        )


def joined(sent: JsonRow, answered: JsonRow) -> JsonRow:
    """One row of both sides.

    >>> joined({"id": "1", "x": "2"}, {"id": "1", "score": "0.5"})
    {'id': '1', 'x': '2', 'endpointOutput.id': '1', 'score': '0.5'}
    """
    outputs = {(f"{OUTPUT}.{name}" if name in sent else name): v for name, v in answered.items()}
    return {**sent, **outputs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows and the numbers of the records that they are from."""

    table: pa.Table
    records: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReader(Generic[Row]):
    """How records are read that cannot be taken apart together.

    Attributes:
        rows: of a pair, or the reason why it is set aside.
        table: of rows.
    """

    rows: Callable[[Pair], list[Row] | str]
    table: Callable[[list[Row]], pa.Table]

    def with_others(self, found: RecordTable, quick: list[Rows], others: Mask) -> TableChunk:
        """The rows of all records, in their order.

        Args:
            found: the records.
            quick: rows of those that were taken apart together.
            others: whether each of the records is none of these.
        """
        rows: list[Row] = []
        records: list[int] = []
        rejections = Tally(found.rejected)
        numbers = np.flatnonzero(others).tolist()
        for number, pair in zip(numbers, pairs(found.kept(others)), strict=True):
            made = pair if isinstance(pair, str) else self.rows(pair)
            if isinstance(made, str):
                rejections.append(found.rejection(number, made))
            else:
                rows += made
                records += [number] * len(made)
        slow = Rows(table=self.table(rows), records=np.array(records, np.int64))
        return TableChunk(table=_in_order([*quick, slow]), rejected=rejections.total)


def _in_order(parts: Sequence[Rows]) -> pa.Table:
    filled = [part for part in parts if part.table.num_rows] or [parts[-1]]
    if len(filled) == 1:
        return filled[0].table
    order = np.argsort(np.concatenate([part.records for part in filled]), kind="stable")
    return pa.concat_tables([part.table for part in filled]).take(pa.array(order))


def pairs(found: RecordTable) -> Iterator[Pair | str]:
    """The pair of every record, or the reason why it cannot be read."""
    for record in found.records():
        try:
            yield _pair(record)
        except UnreadableError as error:
            yield str(error)


def _pair(record: Record) -> Pair:
    first, second = _decoded(record.sent), _decoded(record.answered)
    if first is None and second is None:
        raise UnreadableError(NO_DATA)
    if first and second:
        if first[0] != second[0]:
            raise UnreadableError(mismatch(first[0], second[0]))
        first, second = _as_many(first, second), _as_many(second, first)
        if len(first[1]) != len(second[1]):
            raise UnreadableError(OTHER_ROWS)
    encoding = (first or second or ("CSV", []))[0]
    return Pair(
        encoding=encoding,
        sent=first[1] if first else None,
        answered=second[1] if second else None,
    )


def _as_many(side: Side, other: Side) -> Side:
    """A JSON array of scalars as a row each, where the other side has as many rows."""
    encoding, rows = side
    if len(rows) != 1 or len(other[1]) < 2 or not isinstance(rows[0], dict):
        return side
    above = {name.rpartition(".")[0] for name in rows[0]}
    names = [".".join(filter(None, (*above, str(index)))) for index in range(len(other[1]))]
    if len(above) != 1 or list(rows[0]) != names:
        return side
    return encoding, [{names[0]: value} for value in rows[0].values()]


def _decoded(part: Part | None) -> Side | None:
    if part is None or part.data is None:
        return None
    text, kind = part.text()
    if kind == "CSV":
        return kind, csv_rows(text)
    return (kind, parsed_json(text)) if text.strip() else None


def mismatch(sent: str, answered: str) -> str:
    """What AWS says of a record of two encodings (sagemaker-python-sdk issue 2785)."""
    return (
        f"{MISMATCH} Encoding is {sent} for endpointInput, but Encoding is {answered} for "
        "endpointOutput. We currently only support the same type of input and output encoding at "
        "the moment"
    )
