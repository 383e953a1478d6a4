"""Captures and ground truth read record by record, where a block is not plain."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.columns.chunk import EXAMPLES_KEPT, Rejections
from driftkit.records.merging.captures import captures_of
from driftkit.records.merging.tables import LABELS
from driftkit.records.merging.truths import truths_of
from driftkit.records.payload import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from driftkit.records.lines import Block
    from driftkit.records.merging.captures import Capture
    from driftkit.records.merging.units import CaptureUnit


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
    for line, text in block.lines():
        try:
            found = captures_of(text)
        except UnreadableError as error:
            problems.add(block, line, str(error))
            continue
        if unit.hour:
            yield from found
        else:
            yield from (each for each in found if _inside(each, unit.start, unit.end))


def labels_in(block: Block, hour: str, problems: Problems) -> pa.Table:
    """The labels of a block."""
    rows: list[tuple[str, ...]] = []
    for line, text in block.lines():
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


def _inside(capture: Capture, start: datetime | None, end: datetime | None) -> bool:
    # Texts of one layout compare as the times they stand for.
    after = start is None or capture.time >= f"{start:%Y-%m-%dT%H:%M:%S}"
    return after and (end is None or capture.time < f"{end:%Y-%m-%dT%H:%M:%S}")
