"""The hash join of a merge in three steps: partition by id, match, write.

Only ids, places and labels move between the steps; captured records are read where they are,
a second time when they are written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import orjson
import pyarrow as pa

from driftkit.capture.truth_join import tables
from driftkit.capture.truth_join.counts import MergeCounts
from driftkit.capture.truth_join.records import LABELS, captures_in, labels_in, merged_line
from driftkit.capture.truth_join.units import hour_of_file
from driftkit.capture.window import in_utc
from driftkit.readers.lines import Batch, Tally, batches, blocks, text_arrays
from driftkit.readers.parquet import table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftkit.capture.truth_join.tables import PlainCaptures
    from driftkit.capture.truth_join.units import CaptureGroup
    from driftkit.io.finding import File
    from driftkit.readers.lines import Block

Found = TypeVar("Found")
_HOUR = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2})")


class BucketRows(NamedTuple):
    """What one task found for one bucket of ids.

    Attributes:
        group: number of the group of captures; -1 of ground truth.
        variant: endpoint and variant of the captures.
        rows: `tables.SEEN` of captures, `LABELS` of ground truth.
    """

    group: int
    variant: str
    rows: pa.Table


class BucketedRows(NamedTuple):
    """What one task found: by bucket, and what it counted."""

    buckets: dict[int, BucketRows]
    counts: MergeCounts


def spread_captures(number: int, group: CaptureGroup, buckets: int) -> BucketedRows:
    """The ids of a group's records, by bucket."""
    rejected, found, records = Tally(), [], 0
    for batch, plain in _captures(group):
        rows = _ids(group, batch.blocks[0], rejected) if plain is None else plain.ids
        numbers = pa.array(np.arange(records, records + rows.num_rows))
        found.append(rows.append_column("number", numbers))
        records += rows.num_rows
    whole = tables.together(found, tables.SEEN)
    rows_by_bucket = {
        bucket: BucketRows(number, str(group.variant), rows)
        for bucket, rows in _bucketed(whole, buckets)
    }
    return BucketedRows(
        rows_by_bucket, MergeCounts(captures=records, rejected_captures=rejected.total)
    )


def _captures(group: CaptureGroup) -> Iterator[tuple[Batch, PlainCaptures | None]]:
    """All lines, those that are not plain block by block."""

    def plain(batch: Batch) -> PlainCaptures | None:
        if not all(group.unit_of(block).hour for block in batch.blocks):
            return None
        return tables.captures(batch.content)

    for batch in group.batches():
        yield from _plainly(batch, plain)


def _plainly(
    batch: Batch, plain: Callable[[Batch], Found | None]
) -> Iterator[tuple[Batch, Found | None]]:
    """The lines of a batch as they are plain together, or else each block for itself."""
    found = plain(batch)
    if found is not None or len(batch.blocks) == 1:
        yield batch, found
        return
    for block in batch.blocks:
        alone = Batch(blocks=(block,))
        yield alone, plain(alone)


def _ids(group: CaptureGroup, block: Block, rejected: Tally) -> pa.Table:
    read = captures_in(block, group.unit_of(block), rejected)
    rows = ((each.key, each.event, in_utc(each.time)) for each in read)
    return pa.Table.from_arrays(text_arrays(rows, 3), names=["key", "event", "time"])


def spread_truths(files: Sequence[File], buckets: int) -> BucketedRows:
    """The labels of some files, by bucket."""
    rejected, found = Tally(), []
    of_lines = [file for file in files if not file.path.endswith(".parquet")]
    found += [table_of(file, LABELS) for file in set(files) - set(of_lines)]
    for batch in batches(chain.from_iterable(map(blocks, of_lines))):
        found += [
            _labels(part, rows, rejected)
            for part, rows in _plainly(batch, lambda part: tables.labels(part.content))
        ]
    whole = tables.together(found, LABELS)
    rows_by_bucket = {
        bucket: BucketRows(-1, "", rows) for bucket, rows in _bucketed(whole, buckets)
    }
    counts = MergeCounts(labels=whole.num_rows, rejected_labels=rejected.total)
    return BucketedRows(rows_by_bucket, counts)


def _labels(batch: Batch, plain: pa.Table | None, rejected: Tally) -> pa.Table:
    """The labels of lines, with the hours of their files."""
    hours = [hour_of_file(block.file) for block in batch.blocks]
    if plain is None:
        return labels_in(batch.blocks[0], hours[0], rejected)
    of_lines = pa.array(np.repeat(np.arange(len(hours)), _line_counts(batch)))
    return plain.append_column("hour", pa.array(hours, pa.string()).take(of_lines))


def _line_counts(batch: Batch) -> list[int]:
    """How many lines each block of plain lines has, of which none is blank."""
    return [
        block.content.count(b"\n") + (not block.content.endswith(b"\n")) for block in batch.blocks
    ]


def _bucketed(rows: pa.Table, buckets: int) -> Iterator[tuple[int, pa.Table]]:
    if buckets == 1 or not rows.num_rows:
        yield 0, rows
        return
    import pandas as pd  # noqa: PLC0415  (slow to load, and needed on Spark only)

    keys = rows.column("key").to_numpy()
    numbers = pd.util.hash_array(keys, categorize=False) % np.uint64(buckets)
    for bucket in np.unique(numbers).tolist():
        yield bucket, rows.take(np.flatnonzero(numbers == bucket)).combine_chunks()


def write(group: CaptureGroup, matches: Iterable[pa.Table], folder: str) -> dict[str, int]:
    """Writes a group's merged records into a folder.

    Args:
        group: of captures.
        matches: `tables.MATCHED` of its records.
        folder: where merged files are written, each under its own name without its hour's.

    Returns:
        The files written, as they will lie in the output, with their records.
    """
    matched = tables.together(list(matches), tables.MATCHED).sort_by("number").combine_chunks()
    numbers = matched.column("number").to_numpy()
    texts: defaultdict[str, list[bytes | memoryview]] = defaultdict(list)
    records: defaultdict[str, int] = defaultdict(int)
    first = 0
    for batch, plain in _captures(group):
        of_batch = _OfBatch(group, batch, first)
        if plain is None:
            last, merged = of_batch.one_by_one(matched, numbers)
        else:
            last = first + plain.pieces.lines
            merged = list(of_batch.at_once(plain, matched, numbers))
        for target, text, count in merged:
            texts[target].append(text)
            records[target] += count
        first = last
    for target, parts in texts.items():
        (Path(folder) / target.rpartition("/")[2]).write_bytes(b"".join(parts))
    return dict(records)


Merged = tuple[str, bytes | memoryview, int]
"""A merged file, text for it, and how many records that is."""


class _OfBatch(NamedTuple):
    """What is merged of some lines; `first` is the number of the first record in its group."""

    group: CaptureGroup
    batch: Batch
    first: int

    def at_once(
        self, plain: PlainCaptures, matched: pa.Table, numbers: np.ndarray
    ) -> Iterator[Merged]:
        """The merged text of plain lines, block by block."""
        ends = self.first + np.cumsum([0, *_line_counts(self.batch)])
        cuts = np.searchsorted(numbers, ends)
        begin, end = int(cuts[0]), int(cuts[-1])
        if begin == end:
            return
        rows = numbers[begin:end] - self.first
        lines = plain.merged(matched.slice(begin, end - begin), rows)
        offsets = np.frombuffer(lines.buffers()[1], np.int32)
        text = memoryview(lines.buffers()[2])
        for block, (start, stop) in zip(self.batch.blocks, pairwise(cuts.tolist()), strict=True):
            unit = self.group.unit_of(block)
            part = text[offsets[start - begin] : offsets[stop - begin]]
            if stop > start:
                yield unit.target(unit.hour), part, stop - start

    def one_by_one(self, matched: pa.Table, numbers: np.ndarray) -> tuple[int, list[Merged]]:
        """The number after the last record, and the merged text of each."""
        block = self.batch.blocks[0]
        unit = self.group.unit_of(block)
        data, encodings = matched.column("data"), matched.column("encoding")
        merged: list[Merged] = []
        captures = list(captures_in(block, unit, Tally()))
        for number, capture in enumerate(captures, start=self.first):
            at = int(np.searchsorted(numbers, number))
            if at == len(numbers) or numbers[at] != number:
                continue
            line = merged_line(capture, orjson.loads(data[at].as_py()), encodings[at].as_py())
            hour = unit.hour or _hour_of(capture.time)
            merged.append((unit.target(hour), line + b"\n", 1))
        return self.first + len(captures), merged


def _hour_of(time: str) -> str:
    """The folder of a record's hour; empty where its time is none."""
    found = _HOUR.match(in_utc(time))
    return "/".join(found.groups()) if found else ""
