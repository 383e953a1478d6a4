"""Captures and ground truth read record by record, where a block is not plain."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import orjson
import pyarrow as pa

from driftkit.capture.merging.captures import captures_of
from driftkit.capture.merging.tables import LABELS
from driftkit.capture.merging.truths import truths_of
from driftkit.capture.window import TimeRange
from driftkit.columns.chunk import EXAMPLES_KEPT, Rejections
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.capture.merging.captures import Capture
    from driftkit.capture.merging.units import CaptureUnit
    from driftkit.readers.lines import Block


class Problems:
    """Records that could not be read, counted while others are."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.examples: list[str] = []

    def add(self, block: Block, line: int, reason: str) -> None:
        """One more."""
        self.counts[reason] += 1
        if len(self.examples) < EXAMPLES_KEPT:
            self.examples.append(f"{block.file.path}:{line}: {reason}")

    @property
    def rejections(self) -> Rejections:
        """All of them."""
        return Rejections(counts=dict(self.counts), examples=tuple(self.examples))


def captures_in(block: Block, unit: CaptureUnit, problems: Problems) -> Iterator[Capture]:
    """The captured records of a block; of a unit without an hour, those in the window."""
    for line, text in _lines(block):
        try:
            found = captures_of(text)
        except UnreadableError as error:
            problems.add(block, line, str(error))
            continue
        if unit.hour:
            yield from found
        else:
            window = TimeRange(start=unit.start, end=unit.end)
            yield from (each for each in found if window.holds(each.time))


def _lines(block: Block) -> Iterator[tuple[int, bytes]]:
    """Numbered lines, also those that a bare carriage return ends, as old Macs write them."""
    for number, text in block.lines():
        parts = _apart(text) if b"\r" in text.rstrip(b"\r") else [text]
        yield from ((number, part) for part in parts if part.strip())


def _apart(text: bytes) -> list[bytes]:
    if text.lstrip()[:1] in {b"{", b"["}:
        # Between the parts of a record it is a space.
        return [text] if _is_json(text) else text.split(b"\r")
    parts: list[bytes] = []
    for part in text.split(b"\r"):
        # Within quotes it is a part of the field.
        if parts and parts[-1].count(b'"') % 2:
            parts[-1] += b"\r" + part
        else:
            parts.append(part)
    return parts


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def labels_in(block: Block, hour: str, problems: Problems) -> pa.Table:
    """The labels of a block."""
    rows: list[tuple[str, ...]] = []
    for line, text in _lines(block):
        try:
            found, reasons = truths_of(text, hour)
        except UnreadableError as error:
            problems.add(block, line, str(error))
            continue
        for reason in reasons:
            problems.add(block, line, reason)
        rows += [(key, *truth) for key, truth in found]
    columns = list(zip(*rows, strict=True)) or [()] * len(LABELS)
    return pa.Table.from_arrays([pa.array(c, pa.string()) for c in columns], schema=LABELS)
