"""Paths and URLs: local files, and objects in S3, HDFS, Google's or Azure's storage."""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

import pyarrow as pa
from pyarrow import fs

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Paths in file systems under which files are read meanwhile: of a publication that is true, and
# whose files are not under their own names yet.
standing_in: ContextVar[Mapping[str, str]] = ContextVar("standing_in", default=MappingProxyType({}))
_S3 = ("s3", "s3a", "s3n")
# Of a path that may be of any length.
_SHOWN = 200
SCHEMES = "file://, s3://, gs://, abfs:// or hdfs://"


def is_url(path: str) -> bool:
    """Whether the text names a place by a URL; a Windows drive is none."""
    return len(urlsplit(path).scheme) > 1 and "://" in path


def with_one_scheme(path: str) -> str:
    """The path or URL, of S3 with the scheme that it has here, whatever Hadoop calls it.

    >>> with_one_scheme("s3a://bucket/captures"), with_one_scheme("captures")
    ('s3://bucket/captures', 'captures')
    """
    scheme, between, rest = path.partition("://")
    return f"s3{between}{rest}" if between and scheme in _S3 else path


def is_below(path: str, folder: str) -> bool:
    """Whether a path is that of a folder or of something in it.

    Args:
        path: a path from the root or a URL; a relative one where the folder is relative.
        folder: from the root, a URL, or folders next to each other anywhere in the path.

    >>> is_below("/x/v2/10/a.jsonl", "/x/v2"), is_below("/x/v21/10/a.jsonl", "/x/v2")
    (True, False)
    >>> is_below("/x/churn/v2/a.jsonl", "churn/v2/")
    True
    """
    inner, outer = (with_one_scheme(each.rstrip("/")) for each in (path, folder))
    if is_absolute(folder):
        return f"{inner}/".startswith(f"{outer}/")
    return f"/{outer.removeprefix('./')}/" in f"/{inner.removeprefix('./')}/"


def is_absolute(folder: str) -> bool:
    """Whether a folder is told from the root, or by a URL."""
    return is_url(folder) or folder.startswith("/")


def filesystem_of(path: str) -> tuple[fs.FileSystem, str]:
    """The file system of a path or URL and the path in it.

    Raises:
        InputError: there is no such file system here.
    """
    if not is_url(path):
        return fs.LocalFileSystem(), path
    try:
        parts = urlsplit(path)
        if parts.scheme not in _S3:
            filesystem, inside = fs.FileSystem.from_uri(path)
        elif parts.query or "@" in parts.netloc:
            filesystem, inside = fs.FileSystem.from_uri(urlunsplit(parts._replace(scheme="s3")))
        else:
            filesystem, inside = _s3(parts.netloc), unquote(parts.netloc + parts.path).rstrip("/")
    except (OSError, ImportError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(
            "the URL cannot be opened",
            where=path,
            expected=f"{SCHEMES} with access from this machine",
            found=str(error).splitlines()[0],
            todo="Check the URL and the credentials, or read it with Spark and pass the DataFrame",
        ) from error
    return filesystem, str(inside)


def _s3(bucket: str) -> fs.FileSystem:
    environ = os.environ
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if endpoint is None and region is None:
        # Asks S3 where the bucket is, once a bucket.
        return _s3_of_bucket(bucket)
    return _s3_at(endpoint, region)


@lru_cache
def _s3_of_bucket(bucket: str) -> fs.FileSystem:
    return fs.FileSystem.from_uri(f"s3://{bucket}")[0]


@lru_cache
def _s3_at(endpoint: str | None, region: str | None) -> fs.FileSystem:
    return fs.S3FileSystem(endpoint_override=endpoint, region=region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A file or folder that a URL names; answers as a pathlib.Path does.

    Attributes:
        url: as it was given, without a slash at the end.
    """

    url: str

    def __str__(self) -> str:
        return self.url

    def __fspath__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> Remote:
        return self._at(f"{urlsplit(self.url).path}/{name}")

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(urlsplit(self.url).path).name

    def with_name(self, name: str) -> Remote:
        """Another file of the same folder."""
        return self._at(f"{urlsplit(self.url).path.rpartition('/')[0]}/{name}")

    @property
    def parent(self) -> Remote:
        """The folder that it is in.

        >>> locate("s3://bucket/runs/statistics.json").parent
        Remote(url='s3://bucket/runs')
        """
        return self._at(urlsplit(self.url).path.rpartition("/")[0])

    def absolute(self) -> Remote:
        """The same: a URL says the same in any folder."""
        return self

    def exists(self) -> bool:
        """Whether there is a file or folder."""
        return bool(self._type() != fs.FileType.NotFound)

    def is_file(self) -> bool:
        """Whether it is a file."""
        return bool(self._type() == fs.FileType.File)

    def is_dir(self) -> bool:
        """Whether it is a folder, or what begins the names of objects."""
        return bool(self._type() == fs.FileType.Directory)

    def read_bytes(self) -> bytes:
        """The content.

        Raises:
            OSError: there is no such file, or it cannot be read.
        """
        filesystem, path = self._located()
        with filesystem.open_input_stream(path, compression=None) as file:
            return bytes(file.read())

    def read_text(self, encoding: str = "utf-8") -> str:
        """The content as text.

        Raises:
            OSError: there is no such file, or it cannot be read.
        """
        return self.read_bytes().decode(encoding)

    def _type(self) -> fs.FileType:
        filesystem, path = self._located()
        return filesystem.get_file_info(path).type

    def _located(self) -> tuple[fs.FileSystem, str]:
        filesystem, path = filesystem_of(self.url)
        return filesystem, standing_in.get().get(path, path)

    def _at(self, path: str) -> Remote:
        return Remote(url=urlunsplit(urlsplit(self.url)._replace(path=path)))


Location = Path | Remote
PathOrUrl = str | os.PathLike[str]


def locate(path: str | os.PathLike[str]) -> Location:
    """What a path or URL names.

    >>> locate("s3://bucket/runs/") / "statistics.json"
    Remote(url='s3://bucket/runs/statistics.json')

    Raises:
        InputError: it is neither a text nor a path, or no path can be so.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise InputError(
            "this is no path",
            expected=f"a path or a URL ({SCHEMES}), as text or pathlib.Path",
            found=repr(text) if isinstance(text, str) else type(path).__name__,
            todo='Name a file or a folder; "." is the current one',
        )
    if text.startswith("file://"):
        return _local(unquote(urlsplit(text).path))
    return Remote(url=text.rstrip("/")) if is_url(text) else _local(text)


def _local(text: str) -> Path:
    """A path that can be asked about, whatever is there.

    Raises:
        InputError: the system takes no such path, as of a name that is too long.
    """
    try:
        os.stat(text)  # noqa: PTH116  (Path.exists is silent about some of these)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:
        found = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            "the path cannot be used",
            where=repr(text[:_SHOWN]),
            expected="a path that this system knows, and may be looked at",
            found=found,
            todo="Check its name and permissions",
        ) from error
    return Path(text)
