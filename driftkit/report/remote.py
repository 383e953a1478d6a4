"""Writes the files of a run to S3, HDFS, Google's or Azure's storage."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import fs

from driftkit.errors import InputError, OutputError
from driftkit.formats.places import located

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from driftkit.formats.places import Remote

# Names in object stores need no folder above them.
_STORES = ("s3", "gcs", "abfs")
_PROBE = ".driftkit-probe"


def probe(folder: Remote) -> None:
    """Checks that files can be written, and leaves none; a store may keep an empty folder.

    Raises:
        OutputError: they cannot.
    """
    with _reported(folder):
        filesystem, path = located(folder.url)
        _make(filesystem, path)
        _put(filesystem, f"{path}/{_PROBE}", b"")
        filesystem.delete_file(f"{path}/{_PROBE}")


def write(
    folder: Remote,
    files: Mapping[str, str | bytes | Iterable[str]],
    obsolete: Collection[str] = (),
) -> tuple[Remote, ...]:
    """Writes all files and removes obsolete ones; puts back what was there if one of them fails.

    Raises:
        OutputError: a file cannot be written.
    """
    contents = {name: _content(each) for name, each in files.items()}
    with _reported(folder):
        filesystem, path = located(folder.url)
        _make(filesystem, path)
        former = {name: _former(filesystem, f"{path}/{name}") for name in (*contents, *obsolete)}
        try:
            for name, content in contents.items():
                _put(filesystem, f"{path}/{name}", content)
            for name in obsolete:
                _restore(filesystem, f"{path}/{name}", None)
        except BaseException:
            for name, before in former.items():
                with suppress(OSError):
                    _restore(filesystem, f"{path}/{name}", before)
            raise
    return tuple(folder / name for name in contents)


def _content(given: str | bytes | Iterable[str]) -> bytes:
    if isinstance(given, bytes):
        return given
    return (given if isinstance(given, str) else "".join(given)).encode()


def _make(filesystem: fs.FileSystem, path: str) -> None:
    if filesystem.type_name not in _STORES:
        filesystem.create_dir(path, recursive=True)


def _former(filesystem: fs.FileSystem, path: str) -> bytes | None:
    if filesystem.get_file_info(path).type != fs.FileType.File:
        return None
    with filesystem.open_input_stream(path, compression=None) as file:
        return bytes(file.read())


def _put(filesystem: fs.FileSystem, path: str, content: bytes) -> None:
    # A store shows an object only when it is whole.
    with filesystem.open_output_stream(path, compression=None) as file:
        file.write(content)


def _restore(filesystem: fs.FileSystem, path: str, content: bytes | None) -> None:
    if content is not None:
        _put(filesystem, path, content)
    elif filesystem.get_file_info(path).type == fs.FileType.File:
        filesystem.delete_file(path)


@contextmanager
def _reported(folder: Remote) -> Iterator[None]:
    try:
        yield
    except (InputError, OSError, pa.ArrowException) as error:
        raise OutputError(
            "the results cannot be written",
            where=folder.url,
            expected="a place that can be written from this machine",
            found=str(error).splitlines()[0],
            todo="Check the URL, the credentials and their permissions",
        ) from error
