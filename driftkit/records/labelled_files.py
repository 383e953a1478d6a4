"""Files of JSON Lines, JSON and merged captures as units of labelled rows."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.readers.dataset import FileDataset
from driftkit.records.labelled import chunks_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.readers.files import File
    from driftkit.records.labelled import Layout, RowChunk
    from driftkit.records.window import Window

UNIT_BYTES = 32 * 1024 * 1024
BUFFER_BYTES = 1024 * 1024
HEAD = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUnit:
    """The lines of a file that begin in a range of its bytes.

    Attributes:
        file: the file.
        start: where the range begins.
        stop: where it ends; None for the end of the file.
        layout: where a row's values are.
        window: of captured records; None for all of them.
    """

    file: File
    start: int
    stop: int | None
    layout: Layout
    window: Window | None = None

    @property
    def name(self) -> str:
        """The file."""
        return self.file.path

    @property
    def size(self) -> int:
        """Bytes."""
        return (self.file.size if self.stop is None else self.stop) - self.start

    def chunks(self) -> Iterator[RowChunk]:
        """The rows of its lines."""
        return chunks_of(self._lines(), self.layout, self.window)

    def _lines(self) -> Iterator[tuple[str, bytes]]:
        with self.file.stream() as source:
            file = io.BufferedReader(source, BUFFER_BYTES)
            if self.start:
                # A line that begins before the range belongs to the range before.
                file.seek(self.start - 1)
                position = self.start - 1 + len(file.readline())
            else:
                position = 0
            while self.stop is None or position < self.stop:
                line = file.readline()
                if not line:
                    return
                if line.strip():
                    yield f"{self.file.path}, byte {position}", line
                position += len(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUnit:
    """A file that is one JSON document."""

    file: File
    layout: Layout

    @property
    def name(self) -> str:
        """The file."""
        return self.file.path

    @property
    def size(self) -> int:
        """Bytes."""
        return self.file.size

    def chunks(self) -> Iterator[RowChunk]:
        """The rows of the document."""
        return chunks_of(iter([(self.file.path, self.file.content())]), self.layout)


def labelled_dataset(
    files: Sequence[File],
    layout: Layout,
    *,
    document: bool,
    name: str,
    window: Window | None = None,
) -> FileDataset:
    """A dataset of JSON files.

    Args:
        files: the files.
        layout: where a row's values are.
        document: whether each file is one document rather than one a line.
        name: of the input.
        window: of captured records; None for all of them.
    """
    units = [
        unit
        for file in files
        for unit in (
            [DocumentUnit(file=file, layout=layout)]
            if document
            else _line_units(file, layout, window)
        )
    ]
    return FileDataset(name=name, columns=layout.columns, units=tuple(units))


def _line_units(file: File, layout: Layout, window: Window | None) -> list[LineUnit]:
    if window is not None and window.holds_all_of(file.path):
        window = None
    if file.is_gzip or file.size <= UNIT_BYTES:
        return [LineUnit(file=file, start=0, stop=None, layout=layout, window=window)]
    starts = range(0, file.size, UNIT_BYTES)
    return [
        LineUnit(
            file=file,
            start=start,
            stop=min(start + UNIT_BYTES, file.size),
            layout=layout,
            window=window,
        )
        for start in starts
    ]


def looks_like_capture(file: File) -> bool:
    """Whether a file's first line is a captured record."""
    head = file.head(HEAD)
    return b'"captureData"' in head or b'"groundTruthData"' in head
