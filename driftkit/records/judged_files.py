"""Files of merged captures and labelled JSON as units, each line known by its number."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from driftkit.columns.chunk import EXAMPLES_KEPT, Rejections
from driftkit.errors import InputError
from driftkit.readers.dataset import FileDataset, TableChunk, grouped
from driftkit.readers.json_values import UnreadableError
from driftkit.readers.lines import batches, blocks
from driftkit.records.judged_alike import alike
from driftkit.records.parts import NOT_FOUND
from driftkit.records.window import Window, in_window, time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.readers.files import File
    from driftkit.readers.lines import Batch, Block
    from driftkit.records.judged import Paths
    from driftkit.records.located import Row
    from driftkit.settings import Settings

UNIT_BYTES = 64 * 1024 * 1024
NOT_JSON = "that are not JSON"
_LOOKED_AT = 20
_HEAD = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedUnit:
    """Neighbouring files of merged captures or labelled JSON."""

    files: tuple[File, ...]
    paths: Paths
    window: Window = field(default_factory=Window)

    @property
    def name(self) -> str:
        """The first of the files."""
        return self.files[0].path

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)

    def chunks(self) -> Iterator[TableChunk]:
        """The rows; records that cannot be judged are set aside."""
        for batch in batches(chain.from_iterable(map(blocks, self.files))):
            window = None if self._is_whole(batch) else self.window
            table = alike(batch.content, self.paths, window)
            if table is not None:
                yield TableChunk(table=table, rejected=Rejections())
                continue
            for block in batch.blocks:
                yield self._chunk(block)

    def _chunk(self, block: Block) -> TableChunk:
        whole = self.window.holds_all_of(block.file.path)
        rows: list[Row] = []
        reasons: Counter[str] = Counter()
        examples: list[str] = []
        for number, text in block.lines():
            try:
                for record in records_of(text):
                    if whole or self.window.holds(time_of(record)):
                        rows += self.paths.rows(record)
            except (UnreadableError, orjson.JSONDecodeError) as error:
                reason = NOT_JSON if isinstance(error, orjson.JSONDecodeError) else str(error)
                reasons[reason] += 1
                if len(examples) < EXAMPLES_KEPT:
                    examples.append(f"{block.file.path}:{number}: {reason}")
        rejected = Rejections(counts=dict(reasons), examples=tuple(examples))
        return TableChunk(table=_table(rows, len(self.paths.names)), rejected=rejected)

    def _is_whole(self, batch: Batch) -> bool:
        """Whether all lines are in the window, whatever their own time."""
        return all(self.window.holds_all_of(block.file.path) for block in batch.blocks)


def _table(rows: Sequence[Row], width: int) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * width
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=[str(place) for place in range(width)])


def records_of(text: bytes) -> list[Any]:
    """The records of a line: one object, or an array of them."""
    found = orjson.loads(text)
    return found if isinstance(found, list) else [found]


def judged_dataset(
    files: Sequence[File], paths: Paths, name: str, settings: Settings
) -> FileDataset:
    """A dataset of label, prediction and probability.

    Args:
        files: of merged captures, or of labelled JSON Lines.
        paths: where a record says what.
        name: of the input, for messages.
        settings: start and end of the window.

    Raises:
        InputError: no file is in the window, or no record has the attributes.
    """
    kept = [
        file for file in in_window(files, settings.window.start, settings.window.end) if file.size
    ]
    _look(kept, paths, name)
    window = Window(start=settings.window.start, end=settings.window.end)
    units = tuple(
        JudgedUnit(files=tuple(kept[i:j]), paths=paths, window=window)
        for i, j in grouped([file.size for file in kept], UNIT_BYTES)
    )
    return FileDataset(name=name, columns=paths.columns, units=units)


def _look(files: Sequence[File], paths: Paths, name: str) -> None:
    """Tells early that an attribute is wrong, and what there is instead."""
    first: Any = None
    for record in _first_records(files):
        first = record if first is None else first
        try:
            paths.rows(record)
        except UnreadableError as error:
            if str(error) == NOT_FOUND:
                continue
        return
    if first is not None:
        raise InputError(
            "the attributes are not found in the records",
            where=name,
            expected=", ".join(
                path for path in (paths.label, paths.prediction, paths.probability) if path
            ),
            found=_shown(first),
            todo="Name what is there: JMESPath in JSON, the place of the column in CSV",
        )


def _first_records(files: Sequence[File]) -> Iterator[Any]:
    for file in files[:_LOOKED_AT]:
        for line in file.head(_HEAD).splitlines()[:_LOOKED_AT]:
            with suppress(orjson.JSONDecodeError):
                yield from records_of(line)


def _shown(record: Any) -> str:
    captured = record.get("captureData", {}) if isinstance(record, dict) else {}
    answer = captured.get("endpointOutput") or captured.get("batchTransformOutput")
    truth = record.get("groundTruthData") if isinstance(record, dict) else None
    if not answer:
        return f"keys {', '.join(record)}" if isinstance(record, dict) else "no object"
    label = f", ground truth {str((truth or {}).get('data'))[:60]!r}"
    return f"answer {str(answer.get('data'))[:60]!r}{label}"
