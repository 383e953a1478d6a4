"""Looks at the first records of files."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from driftkit.capture.record import documents_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.io.finding import File

LOOKED_AT = 20
_HEAD_BYTES = 65_536


def holds_captures(file: File) -> bool:
    """Whether a file begins with captured or merged records."""
    head = file.head(_HEAD_BYTES)
    return b'"captureData"' in head or b'"groundTruthData"' in head


def first_documents(files: Sequence[File]) -> Iterator[Any]:
    """The first JSON documents of some files."""
    for file in files[:LOOKED_AT]:
        for line in file.head(_HEAD_BYTES).splitlines()[:LOOKED_AT]:
            with suppress(orjson.JSONDecodeError):
                yield from documents_of(line)
