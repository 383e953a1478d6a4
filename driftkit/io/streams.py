"""Streams of text in encodings other than UTF-8.

They are read by the thread that asks, never handed to Arrow's readers: these read ahead in threads
of their own, which must not run Python while the interpreter ends.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from driftkit.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


class Transcoded:
    """The UTF-8 of a stream of text in another encoding.

    Args:
        source: the stream.
        encoding: as Python calls it.
        path: for messages.
    """

    def __init__(self, source: pa.NativeFile, encoding: str, path: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._encoding = encoding
        self._path = path
        self._lines = 0
        self._rest = b""

    @property
    def closed(self) -> bool:
        """Whether it can be read no more."""
        return bool(self._source.closed)

    def close(self) -> None:
        """Closes what it reads from."""
        self._source.close()

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
