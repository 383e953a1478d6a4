"""Reads what batch transform jobs wrote as rows of arms, line by line beside what they were sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import orjson
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.record import INPUT, OUTPUT, TRUTH
from driftkit.capture.table import PARTS, WITH_EVENTS, RecordTable
from driftkit.capture.truth_join.records import BATCH_OUTPUT, captures_of
from driftkit.columns.chunk import Rejections
from driftkit.readers.formats import begins_as_json
from driftkit.readers.json_values import UnreadableError
from driftkit.readers.lines import Block, blocks, text_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.capture.arm_rows import RecordRowsOfArms
    from driftkit.capture.record import Record
    from driftkit.columns.chunk import Column
    from driftkit.io.finding import File
    from driftkit.readers.dataset import TableChunk

CHUNK_LINES = 50_000
LOOKED_AT = 20
NO_ANSWER, NO_RECORD = "without an answer", "that answer no record"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPiece:
    """A file that a job was sent, and what it wrote for it.

    Attributes:
        file: the output; the input where there is none.
        arm: number of the job's arm.
        name: of the input, the same for all jobs.
        sent: the input; None where it was not handed in.
        is_answered: whether there is an output.
    """

    file: File
    arm: int
    name: str
    sent: File | None
    is_answered: bool = True

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.size + (self.sent.size if self.sent and self.is_answered else 0)

    def lines(self) -> BatchLines:
        """The answers beside what was sent, where there are as many lines of both.

        Raises:
            InputError: a file cannot be read.
        """
        sent = None if self.sent is None else [line for line in _lines(self.sent) if line.strip()]
        answers = _lines(self.file) if self.is_answered else [b""] * len(sent or ())
        if sent is not None and len(sent) != len(answers):
            return BatchLines(answers, None, len(sent) - len(answers))
        return BatchLines(answers, sent, 0)


class BatchLines(NamedTuple):
    """The lines of an output.

    Attributes:
        answers: that the job wrote; an empty one is none.
        sent: what each of them answers; None where that is not known.
        lacking: how many more records than answers there are, less than 0 for fewer.
    """

    answers: list[bytes]
    sent: list[bytes] | None
    lacking: int

    def first(self, count: int) -> BatchLines:
        """The first of them."""
        sent = None if self.sent is None else self.sent[:count]
        return BatchLines(self.answers[:count], sent, self.lacking)

    def table(self, piece: BatchPiece, start: int, *, labelled: bool) -> RecordTable:
        """The records of some lines.

        Args:
            piece: that they are of.
            start: number of the first, from 0.
            labelled: whether the label is in what was sent.
        """
        read = [_answer(line) for line in self.answers[start : start + CHUNK_LINES]]
        answers, joined, times = text_arrays(read, 3)
        payloads = {OUTPUT: (answers, _encoding(answers))}
        sent = joined
        if self.sent is not None:
            texts = map(_text, self.sent[start : start + CHUNK_LINES])
            sent = pa.array(texts, pa.string())
        payloads[INPUT] = (sent, _encoding(sent))
        if labelled:
            payloads[TRUTH] = payloads[INPUT]
        named = None if self.lacking else piece.name
        ids = [named and f"{named}:{number}" for number in range(start, start + len(answers))]
        block = Block(file=piece.file, line=start + 1, content=b"")
        return _table(payloads, pa.array(ids, pa.string()), times, block)

    def rejected(self, piece: BatchPiece, arm: str) -> Rejections:
        """The records without an answer, or answers without a record, where numbers differ."""
        if not self.lacking:
            return Rejections()
        reason = f"of {arm} {NO_ANSWER if self.lacking > 0 else NO_RECORD}"
        shown = f"{piece.file.path}: {len(self.answers):,} answers, {self.lacking:+,} records"
        return Rejections(counts={reason: abs(self.lacking)}, examples=(shown,))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRows:
    """The rows of what batch transform jobs wrote; pickled and sent to the workers.

    Attributes:
        rows: what is made of their lines as records.
        labelled: whether the label is in what was sent.
    """

    rows: RecordRowsOfArms
    labelled: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""
        return self.rows.columns

    def __call__(self, pieces: Sequence[BatchPiece]) -> Iterator[TableChunk]:
        """The rows of some pieces."""
        for piece in pieces:
            lines = piece.lines()
            rejected = lines.rejected(piece, self.rows.arms.names[piece.arm])
            for start in range(0, max(len(lines.answers), 1), CHUNK_LINES):
                table = lines.table(piece, start, labelled=self.labelled)
                chunk = self.rows.chunk(table, (piece.arm,))
                yield replace(chunk, rejected=chunk.rejected + rejected)
                rejected = Rejections()


def first_records(pieces: Sequence[BatchPiece], *, labelled: bool) -> list[Record]:
    """The first records of some pieces."""
    found: list[Record] = []
    for piece in pieces[:LOOKED_AT]:
        table = piece.lines().first(LOOKED_AT).table(piece, 0, labelled=labelled)
        found += list(table.records())
    return found


def _table(
    payloads: Mapping[str, tuple[pa.Array, str]], ids: pa.Array, times: pa.Array, block: Block
) -> RecordTable:
    """Records of which one part stands beside the other, in other files than captures.

    Args:
        payloads: part -> texts, null where there is none, and their encoding.
        ids: of the records.
        times: when each was answered, as text.
        block: of the first of them.
    """
    count, nothing = len(ids), pa.nulls(len(ids), pa.string())
    columns: list[pa.Array] = []
    for part in PARTS:
        data, encoding = payloads.get(part, (nothing, ""))
        told = pc.if_else(pc.is_valid(data), pa.scalar(encoding), pa.scalar(None, pa.string()))
        columns += [data, told, nothing]
    columns += [times, pa.repeat(pa.scalar(value=False), count), ids, nothing]
    return RecordTable(
        lines=range(block.line, block.line + count),
        block=block,
        columns=pa.record_batch(columns, schema=WITH_EVENTS),
        rejected=Rejections(),
    )


def _lines(file: File) -> list[bytes]:
    """The lines of a file without their ends; the last one ends with it."""
    found: list[bytes] = []
    for block in blocks(file):
        lines = block.content.split(b"\n")
        found += lines if lines[-1] else lines[:-1]
    return found


def _answer(line: bytes) -> tuple[str | None, str | None, str | None]:
    """What was answered; what was sent, where the line holds it too; and when."""
    if not line.strip():
        return None, None, None
    try:
        (capture,) = captures_of(line)
    except (UnreadableError, ValueError):
        return _text(line), None, None
    data = str(capture.content["data"])
    if capture.content["encoding"] == "CSV":
        return data, None, capture.time
    document = orjson.loads(data)
    answer = document.pop(BATCH_OUTPUT, None)
    if answer is None:
        return data, None, capture.time
    return orjson.dumps(answer).decode(), orjson.dumps(document).decode(), capture.time


def _encoding(texts: pa.Array) -> str:
    first = "".join(texts.drop_null().slice(0, 1).to_pylist())
    return "JSON" if begins_as_json(first.encode()) else "CSV"


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
