"""Streams of bytes besides Arrow's own: ranges of files, and text in other encodings.

They are read by the thread that asks, never handed to Arrow's readers: these read ahead in threads
of their own, which must not run Python while the interpreter ends.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from driftkit.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


class _Readable:
    """What Arrow asks of a file in Python that it reads from first to last."""

    def __init__(self, source: pa.NativeFile) -> None:
        self._source = source

    @property
    def closed(self) -> bool:
        """Whether it can be read no more."""
        return bool(self._source.closed)

    def close(self) -> None:
        """Closes what it reads from."""
        self._source.close()


class Range(_Readable):
    """A range of a file's bytes, read a little at a time.

    Args:
        source: the file.
        start: its first byte in the range.
        length: number of bytes.
    """

    def __init__(self, source: pa.NativeFile, start: int, length: int) -> None:
        super().__init__(source)
        self._start = start
        self._length = length
        self.seek(0)

    def read(self, size: int) -> bytes:
        """So many bytes, or those that are left."""
        content = bytes(self._source.read(min(size, self._length - self._place)))
        self._place += len(content)
        return content

    def seek(self, index: int, whence: int = 0) -> int:
        """Goes to a place, counted from the beginning, from here or from the end."""
        self._place = index + (0, getattr(self, "_place", 0), self._length)[whence]
        self._source.seek(self._start + self._place)
        return self._place

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place


class Transcoded(_Readable):
    """The UTF-8 of a stream of text in another encoding.

    Args:
        source: the stream.
        encoding: as Python calls it.
        path: for messages.
    """

    def __init__(self, source: pa.NativeFile, encoding: str, path: str) -> None:
        super().__init__(source)
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._encoding = encoding
        self._path = path
        self._lines = 0
        self._rest = b""

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer.

        Raises:
            InputError: the text is in another encoding.
        """
        while not self._rest and size:
            content = bytes(self._source.read(size))
            self._rest = self._decoded(content)
            if not content:
                break
        content, self._rest = self._rest[:size], self._rest[size:]
        return content

    def _decoded(self, content: bytes) -> bytes:
        try:
            text = self._decoder.decode(content, final=not content).encode()
        except UnicodeError as error:
            raise self._wrong(error) from error
        self._lines += text.count(b"\n")
        return text

    def _wrong(self, error: UnicodeError) -> InputError:
        before = ""
        if isinstance(error, UnicodeDecodeError):
            before = error.object[: error.start].decode(self._encoding, "ignore")
        return InputError(
            f"the text is not {self._encoding}",
            where=f"{self._path}:{self._lines + before.count(chr(10)) + 1}",
            expected=self._encoding,
            found=str(error),
            todo="Name its encoding with --encoding",
        )
