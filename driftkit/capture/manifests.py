"""Manifests in which a batch transform job lists the files that it read or wrote."""

from __future__ import annotations

import orjson

from driftkit.errors import InputError
from driftkit.io.finding import File, unreadable
from driftkit.io.locations import filesystem_of

_MANIFEST = b'[{"prefix"'


def data_files(file: File) -> list[File]:
    """The file itself; or, of a batch job's manifest, the files that it lists.

    Raises:
        InputError: the manifest cannot be read, or the system refuses a file that it lists.
    """
    if not file.path.endswith(".json") or file.head(16).replace(b" ", b"")[:10] != _MANIFEST:
        return [file]
    found = []
    for path in _listed(file):
        filesystem, inside = filesystem_of(path)
        try:
            size = filesystem.get_file_info(inside).size or 0
        except OSError as error:
            raise unreadable(path, error) from error
        found.append(File(path=path, size=size))
    return found


def _listed(manifest: File) -> list[str]:
    """The paths in a manifest.

    Raises:
        InputError: it is not what it should be.
    """
    try:
        first, *names = orjson.loads(manifest.content())
        prefix = first["prefix"]
    except (ValueError, KeyError, TypeError) as error:
        raise _wrong_manifest(manifest, str(error)) from error
    for name in (prefix, *names):
        if not isinstance(name, str) or "\0" in name:
            raise _wrong_manifest(manifest, repr(name))
    return [prefix + name for name in names]


def _wrong_manifest(manifest: File, found: str) -> InputError:
    return InputError(
        "the manifest cannot be read",
        where=manifest.path,
        expected='a list like [{"prefix": "s3://bucket/folder/"}, "a.out", "b.out"]',
        found=found,
        todo="Correct it, or name the data themselves",
    )
