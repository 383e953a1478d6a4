"""Lists the files of a folder in object storage, and its manifest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyarrow import fs

from driftkit.io.locking import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    # The manifest, and size and time of each file.
    Listed: TypeAlias = tuple[dict[str, Any] | None, Mapping[str, tuple[int, int | None]]]

MANIFEST = f"{PREFIX}manifest"
# Names in object stores need no folder above them.
STORES = ("s3", "gcs", "abfs")


def listed(filesystem: fs.FileSystem, path: str) -> Listed:
    """What is published in a folder, and its files as they stand there."""
    found = filesystem.get_file_info(fs.FileSelector(path, allow_not_found=True))
    return manifest_of(filesystem, path), {
        each.base_name: (each.size, each.mtime_ns)
        for each in found
        if each.type == fs.FileType.File and not each.base_name.startswith(PREFIX)
    }


def manifest_of(filesystem: fs.FileSystem, path: str) -> dict[str, Any] | None:
    """What is published and not settled.

    Raises:
        OSError: the manifest is none of ours.
    """
    content = get(filesystem, f"{path}/{MANIFEST}")
    if content is None:
        return None
    try:
        manifest = json.loads(content)
        names = [*manifest["files"].keys(), *manifest["files"].values(), *manifest["obsolete"]]
        is_ours = manifest["version"] == 1 and str(manifest["token"]).isalnum()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _strange(path) from error
    # It may come with files from anywhere, and must not name others than those of its folder.
    if not is_ours or any(".." in str(name).split("/") or "//" in str(name) for name in names):
        raise _strange(path)
    return dict(manifest)


def _strange(path: str) -> OSError:
    return OSError(f"{path}/{MANIFEST} is no manifest of driftkit; remove it")


def get(filesystem: fs.FileSystem, path: str) -> bytes | None:
    """The content of a file, or None where there is none."""
    if filesystem.get_file_info(path).type != fs.FileType.File:
        return None
    with filesystem.open_input_stream(path, compression=None) as file:
        return bytes(file.read())


def put(filesystem: fs.FileSystem, path: str, content: bytes) -> None:
    """Writes a file, in place of one of the same name."""
    if filesystem.type_name not in STORES and "/" in path:
        filesystem.create_dir(path.rpartition("/")[0], recursive=True)
    with filesystem.open_output_stream(path, compression=None) as file:
        file.write(content)


def delete(filesystem: fs.FileSystem, path: str) -> None:
    """Deletes a file, if it is there."""
    if filesystem.get_file_info(path).type == fs.FileType.File:
        filesystem.delete_file(path)
