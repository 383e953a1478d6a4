"""The table of input formats: how files of each are named and begin, and what reads them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError
from driftkit.readers.json_values import is_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftkit.io.finding import File
    from driftkit.readers.dataset import FileDataset, Source
    from driftkit.settings import Format

# Settings that say something of a format, of those that do not of every one.
TEXT = frozenset({"null_values", "decimal"})
CSV = TEXT | {"separator", "encoding"}
WINDOW = frozenset({"start", "end", "variant"})
# What may be a record each.
JSON = frozenset({"json", "jsonl", "capture"})
LOOKED_AT_BYTES = 256 * 1024
_LINES_LOOKED_AT = 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFormat:
    """A format of files.

    Attributes:
        name: as the setting `format` calls it.
        title: as people call it.
        opener: module and function that make a dataset of a `Source`; loaded when files are read,
            so that the command line starts without them.
        objects: module and function that give all rows of a small file as objects, whatever is in
            them; for formats that are no text.
        endings: of names that leave no doubt.
        magic: the first bytes.
        looks_so: whether a file of another or no ending is of this format, by its name and head.
        reads: settings that say something of it, of those in CSV and WINDOW.
        media_type: as Clarify's configurations call it.
    """

    name: Format
    title: str
    opener: str
    objects: str = ""
    endings: tuple[str, ...] = ()
    magic: bytes = b""
    looks_so: Callable[[str, bytes], bool] | None = None
    reads: frozenset[str] = frozenset()
    media_type: str = ""

    def open(self, source: Source) -> FileDataset:
        """The rows of some files.

        Raises:
            InputError: they are damaged, or of several kinds of columns.
        """
        dataset: FileDataset = loaded(self.opener)(source)
        return dataset

    def read_objects(self, file: File) -> list[dict[str, Any]]:
        """All rows of a small file of a format that is no text.

        Raises:
            InputError: it is damaged.
        """
        objects: list[dict[str, Any]] = loaded(self.objects)(file)
        return objects


def loaded(name: str) -> Callable[..., Any]:
    """The function that is called module:function, of whatever room."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def begins_as_json(head: bytes) -> bool:
    """Whether a text begins as an object or an array does."""
    return head.lstrip()[:1] in {b"{", b"["}


def _holds_captures(_: str, head: bytes) -> bool:
    """Whether captured records are among the first lines."""
    return any(b'"captureData"' in line for line in head.split(b"\n")[:_LINES_LOOKED_AT])


def _holds_lines(path: str, head: bytes) -> bool:
    if path.endswith((".jsonl", ".ndjson")):
        return True
    return _holds_json(path, head) and is_lines(head.removeprefix(_BOM))


def _holds_json(path: str, head: bytes) -> bool:
    return path.endswith(".json") or begins_as_json(head.removeprefix(_BOM))


# The later a format stands, the sooner it is asked whether a file looks so.
FORMATS = (
    InputFormat(
        name="csv",
        title="CSV",
        opener="driftkit.readers.csv_files:read_csv",
        endings=(".csv", ".tsv", ".txt"),
        looks_so=lambda _, __: True,
        reads=CSV,
        media_type="text/csv",
    ),
    InputFormat(
        name="json",
        title="JSON",
        opener="driftkit.readers.json_files:read_documents",
        looks_so=_holds_json,
        reads=TEXT,
        media_type="application/json",
    ),
    InputFormat(
        name="jsonl",
        title="JSON Lines",
        opener="driftkit.readers.json_files:read_lines",
        looks_so=_holds_lines,
        reads=TEXT,
        media_type="application/jsonlines",
    ),
    InputFormat(
        name="parquet",
        title="Parquet",
        opener="driftkit.readers.parquet:read_parquet",
        objects="driftkit.readers.parquet:read_objects",
        endings=(".parquet", ".pq"),
        magic=b"PAR1",
        media_type="application/x-parquet",
    ),
    InputFormat(
        name="avro",
        title="Avro",
        opener="driftkit.readers.avro:read_avro",
        objects="driftkit.readers.avro:read_objects",
        endings=(".avro",),
        magic=b"Obj\x01",
    ),
    InputFormat(
        name="capture",
        title="captured requests",
        opener="driftkit.capture.requests:read_captures",
        looks_so=_holds_captures,
        reads=TEXT | WINDOW,
        media_type="application/sagemakercapturejson",
    ),
)


def titles() -> str:
    """All formats in words, for people."""
    *others, last = (each.title for each in FORMATS)
    return f"{', '.join(others)} or {last}"


def format_of(files: Sequence[File], name: str) -> InputFormat:
    """The format that was asked for; for "auto" that of all files.

    Raises:
        InputError: they are of several.
    """
    if name != "auto":
        return next(each for each in FORMATS if each.name == name)
    first = _format_of(files[0])
    for file in files[1:]:
        # Files without a telling name are not opened one by one: there may be thousands.
        differs = _ending(file.path) != _ending(files[0].path)
        kind = _format_of(file) if differs else first
        if kind is not first:
            raise InputError(
                "the input mixes formats",
                where=f"{files[0].path} and {file.path}",
                expected="files of one format",
                found=f"{first.name} and {kind.name}",
                todo="Name them apart, or choose one with a glob",
            )
    return first


def _format_of(file: File) -> InputFormat:
    path = plain_path(file.path)
    for each in FORMATS:
        if each.endings and path.endswith(each.endings):
            return each
    head = file.head(LOOKED_AT_BYTES)
    binary = binary_format_of(head)
    if binary is not None:
        return binary
    looks = (each for each in reversed(FORMATS) if each.looks_so and each.looks_so(path, head))
    return next(looks)


def binary_format_of(head: bytes) -> InputFormat | None:
    """The format whose files begin so, whatever they are called; None of text."""
    return next((each for each in FORMATS if each.magic and head.startswith(each.magic)), None)


def _ending(path: str) -> str:
    return PurePosixPath(plain_path(path)).suffix


def plain_path(path: str) -> str:
    """The path in small letters, without the ending of a packed file."""
    return path.lower().removesuffix(".gz")
