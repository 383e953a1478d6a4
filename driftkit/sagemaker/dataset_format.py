"""Parses the environment variable dataset_format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.settings import Format, Position

VARIABLE = "dataset_format"
SIDES = ("endpointInput", "endpointOutput", "batchTransformOutput")
_EXAMPLE = '{"csv": {"header": true}} | {"json": {"lines": true}} | {"parquet": {}} | '
_EXPECTED = _EXAMPLE + '{"sagemakerCaptureJson": {...}} | {"sagemakerMergeJson": {...}}'
_KINDS: dict[str, Format] = {
    "csv": "csv",
    "json": "json",
    "parquet": "parquet",
    "sagemakercapturejson": "capture",
    "sagemakermergejson": "capture",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFormat:
    """How the job's data are written.

    Attributes:
        format: as the monitors call it.
        header: whether the first line of CSV names the columns; without a word, it does not.
        position: whether predictions are the first columns.
        sides: which sides of captured records are looked at; empty for both.
        merged: whether the records hold ground truth.
    """

    format: Format
    header: bool = False
    position: Position = "START"
    sides: tuple[str, ...] = ()
    merged: bool = False

    @property
    def captured(self) -> bool:
        """Whether the data are captured records."""
        return self.format == "capture"


def read(text: str) -> DatasetFormat:
    """The format that the variable's text describes.

    >>> read('{"csv": {"header": "true", "output_columns_position": "END"}}').position
    'END'

    Raises:
        SettingsError: it describes none.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong("it is not JSON", text) from error
    if not isinstance(document, dict) or len(document) != 1:
        raise _wrong("it names not exactly one format", text)
    ((name, given),) = document.items()
    kind = _KINDS.get(name.lower())
    if kind is None or not (given is None or isinstance(given, dict)):
        raise _wrong("it names a format that is not known", text)
    options = {key.lower().replace("_", ""): value for key, value in (given or {}).items()}
    return DatasetFormat(
        format="jsonl" if kind == "json" and _lines(options) else kind,
        header=_flag(options.get("header", False), "header"),
        position=_position(options.get("outputcolumnsposition") or "START"),
        sides=_sides(options.get("captureindexnames")),
        merged=name.lower() == "sagemakermergejson",
    )


def _lines(options: Mapping[str, Any]) -> bool:
    # The SDK writes `lines`, the API `Line`.
    return _flag(options.get("lines", options.get("line", False)), "lines")


def _flag(value: Any, key: str) -> bool:
    text = str(value).strip().lower()
    if text not in {"true", "false", "1", "0", "none"}:
        raise _wrong(f"{key} is neither true nor false", repr(value))
    return text in {"true", "1"}


def _position(value: Any) -> Position:
    text = str(value).upper()
    if text == "START":
        return "START"
    if text == "END":
        return "END"
    raise _wrong("output_columns_position is neither START nor END", repr(value))


def _sides(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else ([] if value is None else value)
    if not isinstance(names, list):
        raise _wrong("captureIndexNames is no list of sides", repr(value))
    known = {side.lower(): side for side in SIDES}
    for name in names:
        if str(name).lower() not in known:
            raise _wrong(f"captureIndexNames may not hold {name!r}", repr(value))
    return tuple(dict.fromkeys(known[str(name).lower()] for name in names))


def _wrong(what: str, found: str) -> SettingsError:
    return SettingsError(
        f"the dataset format cannot be read: {what}",
        where=VARIABLE,
        expected=_EXPECTED,
        found=found[:200],
        todo="Correct it",
    )
