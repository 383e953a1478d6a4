"""The join itself, in three steps that any runner can run: spread by id, match, write.

Only ids, places and labels move between the steps; captured records are read where they are,
a second time when they are written.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from driftkit.records.lines import blocks
from driftkit.records.merging import tables
from driftkit.records.merging.captures import merged_line
from driftkit.records.merging.counts import MergeCounts
from driftkit.records.merging.reading import Problems, captures_in, labels_in
from driftkit.records.merging.units import hour_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.records.files import File
    from driftkit.records.lines import Block
    from driftkit.records.merging.units import CaptureUnit


class Spread(NamedTuple):
    """What one task found for one bucket of ids.

    Attributes:
        unit: number of the unit of captures; -1 of ground truth.
        place: endpoint and variant of the captures.
        rows: `tables.SEEN` of captures, `tables.LABELS` of ground truth.
    """

    unit: int
    place: str
    rows: pa.Table


class Spreads(NamedTuple):
    """What one task found: by bucket, and what it counted."""

    buckets: dict[int, Spread]
    counts: MergeCounts


def spread_captures(number: int, unit: CaptureUnit, buckets: int) -> Spreads:
    """The ids of a unit's records, by bucket."""
    problems, found, records = Problems(), [], 0
    for block in _blocks(unit.files):
        plain = tables.captures(block.content) if unit.hour else None
        if plain is not None:
            rows = plain.ids
        else:
            read = [
                (each.key, each.event, each.time) for each in captures_in(block, unit, problems)
            ]
            columns = list(zip(*read, strict=True)) or [()] * 3
            arrays = [pa.array(column, pa.string()) for column in columns]
            rows = pa.Table.from_arrays(arrays, names=["key", "event", "time"])
        numbers = pa.array(np.arange(records, records + rows.num_rows))
        found.append(rows.append_column("number", numbers))
        records += rows.num_rows
    whole = tables.together(found, tables.SEEN)
    spreads = {
        bucket: Spread(number, str(unit.place), rows) for bucket, rows in _spread(whole, buckets)
    }
    return Spreads(spreads, MergeCounts(captures=records, rejected_captures=problems.rejections))


def spread_truths(files: Sequence[File], buckets: int) -> Spreads:
    """The labels of some files, by bucket."""
    problems, found = Problems(), []
    for file in files:
        if file.path.endswith(".parquet"):
            with file.open() as source:
                found.append(pq.read_table(source))
            continue
        hour = hour_of_file(file)
        for block in blocks(file):
            rows = tables.labels(block.content, hour)
            found.append(labels_in(block, hour, problems) if rows is None else rows)
    whole = tables.together(found, tables.LABELS)
    spreads = {bucket: Spread(-1, "", rows) for bucket, rows in _spread(whole, buckets)}
    counts = MergeCounts(labels=whole.num_rows, rejected_labels=problems.rejections)
    return Spreads(spreads, counts)


def _spread(rows: pa.Table, buckets: int) -> Iterator[tuple[int, pa.Table]]:
    if buckets == 1 or not rows.num_rows:
        yield 0, rows
        return
    import pandas as pd  # noqa: PLC0415  (slow to load, and needed on Spark only)

    keys = rows.column("key").to_numpy()
    numbers = pd.util.hash_array(keys, categorize=False) % np.uint64(buckets)
    for bucket in np.unique(numbers).tolist():
        yield bucket, rows.take(np.flatnonzero(numbers == bucket)).combine_chunks()


def write(unit: CaptureUnit, matches: Iterable[pa.Table], folder: str) -> dict[str, int]:
    """Writes a unit's merged records below a folder.

    Args:
        unit: of captures.
        matches: `tables.MATCHED` of its records.
        folder: where merged files are written.

    Returns:
        The files written, relative to the folder, with their records.
    """
    matched = tables.together(list(matches), tables.MATCHED).sort_by("number").combine_chunks()
    numbers = matched.column("number").to_numpy()
    lines: defaultdict[str, list[bytes]] = defaultdict(list)
    counts: defaultdict[str, int] = defaultdict(int)
    first = 0
    for block in _blocks(unit.files):
        found = _merged(unit, block, matched, numbers, first)
        for hour, text, records in found.written:
            lines[hour].append(text)
            counts[hour] += records
        first += found.records
    written = {}
    for hour, texts in lines.items():
        target = unit.target(hour)
        path = Path(folder) / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(texts))
        written[target] = counts[hour]
    return written


class _Merged(NamedTuple):
    records: int
    written: list[tuple[str, bytes, int]]


def _merged(
    unit: CaptureUnit, block: Block, matched: pa.Table, numbers: np.ndarray, first: int
) -> _Merged:
    """The merged text of a block by hour, and how many records the block has."""
    plain = tables.captures(block.content) if unit.hour else None
    if plain is None:
        return _one_by_one(unit, block, matched, numbers, first)
    records = plain.lines.lines
    start, stop = np.searchsorted(numbers, [first, first + records]).tolist()
    if start == stop:
        return _Merged(records, [])
    text = plain.merged(matched.slice(start, stop - start), numbers[start:stop] - first)
    return _Merged(records, [(unit.hour, text, stop - start)])


def _one_by_one(
    unit: CaptureUnit, block: Block, matched: pa.Table, numbers: np.ndarray, first: int
) -> _Merged:
    data, encodings = matched.column("data"), matched.column("encoding")
    written, records = [], 0
    for capture in captures_in(block, unit, Problems()):
        number, records = first + records, records + 1
        at = int(np.searchsorted(numbers, number))
        if at == len(numbers) or numbers[at] != number:
            continue
        line = merged_line(capture, orjson.loads(data[at].as_py()), encodings[at].as_py())
        written.append((unit.hour or _hour_of(capture.time), line + b"\n", 1))
    return _Merged(records, written)


def _hour_of(time: str) -> str:
    return time[:13].replace("-", "/").replace("T", "/") if len(time) >= 13 else ""


def _blocks(files: Iterable[File]) -> Iterator[Block]:
    for file in files:
        yield from blocks(file)
