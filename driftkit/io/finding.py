"""Finds input files: paths, folders, globs and URLs."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property, partial
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import pyarrow as pa
from pyarrow import fs

from driftkit.errors import InputError
from driftkit.io.locations import filesystem_of, is_url
from driftkit.io.streams import Transcoded
from driftkit.io.tables import refuse_in_table, refuse_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What is read as a whole: documents of JSON, and manifests.
MOST_BYTES = 2 * 1024 * 1024 * 1024
# What its values may take once they are read: a few characters of text are hundreds of bytes then.
MOST_HELD = 4 * 1024 * 1024 * 1024
_HELD = {b"{": 240, b"[": 80, b",": 40}
GZIP_MAGIC = b"\x1f\x8b"
# Stands before the text of files that Windows wrote.
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file of an input; it can be pickled and opened anywhere.

    Attributes:
        path: local path or URL.
        size: bytes.
        encoding: of text that is not UTF-8, as Python calls it.
    """

    path: str
    size: int
    encoding: str | None = None

    @cached_property
    def is_gzip(self) -> bool:
        """Whether the first bytes say so, whatever the name."""
        with self.open() as file:
            return bytes(file.read(2)) == GZIP_MAGIC

    def open(self) -> pa.NativeFile:
        """The bytes as they are, with random access.

        Raises:
            InputError: the file cannot be opened.
        """
        filesystem, path = filesystem_of(self.path)
        try:
            return filesystem.open_input_file(path)
        except OSError as error:
            raise unreadable(self.path, error) from error

    @property
    def is_streamed(self) -> bool:
        """Whether its text can be read from the beginning only."""
        return self.encoding is not None or self.is_gzip

    def stream(self) -> pa.NativeFile:
        """The bytes from the first to the last, unpacked where they are packed, and as UTF-8."""
        source = pa.CompressedInputStream(self.open(), "gzip") if self.is_gzip else self.open()
        if self.encoding is None:
            return source
        return pa.PythonFile(Transcoded(source, self.encoding, self.path), "r")

    def head(self, size: int) -> bytes:
        """The first bytes, unpacked."""
        try:
            with self.stream() as file:
                return bytes(file.read(size))
        except OSError as error:
            raise unreadable(self.path, error) from error

    def content(self) -> bytes:
        """All text, unpacked, of a document of JSON.

        Raises:
            InputError: it cannot be read, or would take too much memory.
        """
        try:
            with self.stream() as file:
                text = bytes(file.read(MOST_BYTES + 1))
            if len(text) > MOST_BYTES:
                expected = f"at most {MOST_BYTES:,} bytes, unpacked"
                raise _not_as_a_whole(self.path, "is too large", expected, "more")
            held = sum(size * text.count(sign) for sign, size in _HELD.items())
            if held > MOST_HELD:
                expected = f"values that take at most about {MOST_HELD:,} bytes of memory"
                raise _not_as_a_whole(self.path, "has too many values", expected, f"about {held:,}")
            return text.removeprefix(BOM)
        except (OSError, EOFError) as error:
            raise unreadable(self.path, error) from error


def _not_as_a_whole(path: str, problem: str, expected: str, found: str) -> InputError:
    return InputError(
        f"the file {problem} to be read as a whole",
        where=path,
        expected=expected,
        found=found,
        todo="Write lines of JSON instead, which are read piece by piece",
    )


def unreadable(path: str, error: BaseException) -> InputError:
    """The error for a file that the system does not give us whole."""
    text = str(error)
    if "runcated" in text or "end-of-stream" in text or "zlib" in text.lower():
        return InputError(
            "the compressed file is cut off or damaged",
            where=path,
            found=text.splitlines()[0],
            todo="Copy it again from where it came from",
        )
    return InputError(
        "the file cannot be read",
        where=path,
        found=text.splitlines()[0] if text else type(error).__name__,
        todo="Check the path and your permissions",
    )


def damaged(kind: str, where: str, error: BaseException) -> InputError:
    """The error for a file that is not whole."""
    return InputError(
        f"the {kind} file is cut off or damaged",
        where=where,
        found=next(iter(str(error).splitlines()), type(error).__name__),
        todo="Write it again, or leave it out",
    )


def find(inputs: Sequence[str]) -> tuple[File, ...]:
    """All files of all inputs, sorted by path within each input.

    Hidden files and those that begin with `_` are left out, as Spark does.

    Raises:
        InputError: an input names nothing, or files of a Delta or Iceberg table.
    """
    files = [file for each in inputs for file in _files_of(each)]
    refuse_tables([each.path for each in files])
    return tuple({file.path: file for file in files}.values())


def _files_of(given: str) -> list[File]:
    text = local_path(given)
    if is_url(text):
        return _in_file_system(text)
    if text and _exists(text):
        return _some(list(_local(Path(text))), text)
    if not has_magic(text):
        raise InputError("there is no such file or folder", where=text, todo="Check the path")
    found = (Path(path) for path in sorted(glob(text, recursive=True)))  # noqa: PTH207
    return _some(
        [file for path in found if not _hidden((path.name,)) for file in _local(path)], text
    )


def local_path(text: str) -> str:
    """The path that a file URL stands for, in any of its spellings; others as they are."""
    if not text.startswith("file:/"):
        return text
    inside = text.removeprefix("file:")
    path = "/" + inside.removeprefix("//").removeprefix("localhost").lstrip("/")
    is_there = _exists(path) or glob(path, recursive=True)  # noqa: PTH207
    return path if is_there else unquote(path)


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError as error:
        raise unreadable(text, error) from error


def _local(path: Path) -> Iterator[File]:
    if path.is_file():
        yield File(path=str(path), size=path.stat().st_size)
        return
    try:
        yield from sorted(_below(str(path)), key=lambda file: file.path.split("/"))
    except OSError as error:
        raise unreadable(str(path), error) from error


def _below(folder: str) -> Iterator[File]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if _hidden((entry.name,)):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path)
            elif entry.is_file():
                yield File(path=entry.path, size=entry.stat().st_size)


def _in_file_system(url: str) -> list[File]:
    filesystem, path = filesystem_of(url)
    try:
        info = filesystem.get_file_info(path)
        if info.type == fs.FileType.File:
            refuse_in_table(filesystem, path.rpartition("/")[0], (), [path], partial(beside, url))
            return [File(path=url, size=info.size)]
        pattern = info.type == fs.FileType.NotFound and has_magic(path)
        # The folder above the first part with a wildcard.
        plain = takewhile(lambda part: not has_magic(part), path.split("/"))
        above = "/".join(plain) if pattern else path
        found = filesystem.get_file_info(
            fs.FileSelector(above, recursive=True, allow_not_found=True)
        )
    except OSError as error:
        raise unreadable(url, error) from error
    matches = _pattern(path) if pattern else None
    chosen = {
        each.path: File(path=beside(url, each.path), size=each.size)
        for each in sorted(found, key=lambda each: str(each.path))
        if each.type == fs.FileType.File
        and not _hidden(each.path.removeprefix(above).strip("/").split("/"))
        and (matches is None or matches.fullmatch(each.path))
    }
    names = [each.path for each in found]
    refuse_in_table(filesystem, above, names, [*chosen], partial(beside, url))
    return _some([*chosen.values()], url)


def _pattern(path: str) -> re.Pattern[str]:
    """What a glob matches, and whatever is in the folders that it matches.

    >>> bool(_pattern("b/in/**/[ab]*.csv").fullmatch("b/in/2024/a1.csv"))
    True
    >>> bool(_pattern("b/*.csv").fullmatch("b/in/a.csv"))
    False
    """
    parts = [".*" if part == "**" else _part(part) for part in path.split("/")]
    whole = "/".join(parts).replace(".*/", "(?:.*/)?")
    return re.compile(rf"{whole}(?:/.*)?", re.DOTALL)


def _part(part: str) -> str:
    """A regular expression for one part of a glob, whose wildcards match no slash."""
    tokens = re.findall(r"\[!?\]?[^\]]*\]|.", part, re.DOTALL)
    return "".join(_token(token) for token in tokens)


def _token(token: str) -> str:
    if token == "*":  # noqa: S105  (a wildcard)
        return "[^/]*"
    if len(token) > 1:
        inside = token[1:-1].replace("\\", r"\\")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(token)


def beside(url: str, path: str) -> str:
    """The URL of another path in the file system of a URL.

    >>> beside("s3://bucket/in?region=eu-west-1", "bucket/in/a b.csv")
    's3://bucket/in/a%20b.csv?region=eu-west-1'
    >>> beside("hdfs://host:8020/in", "/in/a.csv")
    'hdfs://host:8020/in/a.csv'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    # Object stores count the bucket to the path.
    in_bucket = bool(host) and path.startswith(f"{host}/")
    above = f"{user}{at}" if in_bucket else parts.netloc
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{above}{quote(path)}{query}"


def _hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith((".", "_")) and "=" not in part for part in parts)


def _some(files: list[File], text: str) -> list[File]:
    if not files:
        raise InputError(
            "there are no files",
            where=text,
            expected="at least one file whose name does not begin with . or _",
            todo="Check the path",
        )
    return files
