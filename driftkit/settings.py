"""The settings of a run, checked."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Literal["auto", "csv", "json", "jsonl", "parquet", "capture"]
Position = Literal["START", "END"]
DialectName = Literal["aws", "textbook"]
EngineName = Literal["auto", "scan", "deequ"]
RunnerName = Literal["auto", "local", "spark"]
TimeUnit = Literal["day", "hour"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "format": get_args(Format),
    "output_columns_position": get_args(Position),
    "dialect": get_args(DialectName),
    "engine": get_args(EngineName),
    "runner": get_args(RunnerName),
    "time_unit": get_args(TimeUnit),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a data-quality run reads, computes and compares.

    Attributes:
        format: how the input is written; "auto" looks at names and first bytes.
        header: whether the first line of CSV names the columns; if not they are _c0, _c1, ...
        output_columns_position: whether a captured record's prediction columns come first
            ("START") or last ("END").
        dialect: "textbook" for the right mathematics, "aws" for the AWS containers' quirks.
        engine: "scan" (driftkit's own, one pass) or "deequ"; "auto" chooses.
        runner: "local" (this process, no Java) or "spark"; "auto" chooses by size.
        start: beginning of the window of captured data, included.
        end: end of the window, excluded.
        capture_sides: the sides of captured records to look at; empty for both.
        segment_by: columns whose values tell a baseline's segments apart.
        separator: the sign between the fields of CSV; None for a comma, or a tab where the name
            ends in .tsv. A file that looks otherwise is refused, unless the sign is given.
        encoding: of CSV, as Python calls it; None for UTF-8, or UTF-16 with its mark.
        null_values: what stands for a missing value in text, besides nothing.
        decimal: the sign of decimals in text, "." or ","; None for a point, and numbers that look
            otherwise are refused.
        time_column: the column by whose times a baseline keeps blocks.
        time_unit: how long a block is, "day" or "hour".
    """

    format: Format = "auto"
    header: bool = True
    output_columns_position: Position = "START"
    dialect: DialectName = "textbook"
    engine: EngineName = "auto"
    runner: RunnerName = "auto"
    start: datetime | None = None
    end: datetime | None = None
    capture_sides: tuple[str, ...] = ()
    separator: str | None = None
    encoding: str | None = None
    null_values: tuple[str, ...] = ()
    decimal: str | None = None
    segment_by: tuple[str, ...] = ()
    time_column: str | None = None
    time_unit: TimeUnit = "day"

    def __post_init__(self) -> None:
        if self.time_unit != "day" and self.time_column is None:
            raise SettingsError(
                "there is a unit of time, and no column with times",
                where="time_column, time_unit",
                expected="both, or neither",
                found=f"time_unit {self.time_unit}",
                todo="Name the column with --time-column, or leave the unit out",
            )
        if self.start and self.end and self.start >= self.end:
            raise SettingsError(
                "the window is empty",
                where="start, end",
                expected="start before end",
                found=f"{self.start.isoformat()} to {self.end.isoformat()}",
                todo="Swap or correct them; the end is not part of the window",
            )

    @classmethod
    def of(cls, **values: Any) -> Settings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        known = {field.name for field in fields(cls)}
        for name in values:
            if name not in known:
                raise SettingsError(
                    f"there is no setting {name!r}",
                    expected=", ".join(sorted(known)),
                    todo="Check the spelling",
                )
        return cls(**{name: _checked(name, value) for name, value in values.items()})


def _checked(name: str, value: Any) -> Any:
    if name in _CHOICES:
        return _choice(name, value)
    if name == "header":
        return _boolean(name, value)
    if name == "segment_by":
        return _columns(value)
    if name in {"capture_sides", "null_values"}:
        return tuple(dict.fromkeys(_names(value)))
    if name in _OF_TEXT:
        return None if value is None else _OF_TEXT[name](value)
    return _moment(name, value)


def _choice(name: str, value: Any) -> str:
    choices = _CHOICES[name]
    matches = [choice for choice in choices if choice.lower() == str(value).lower()]
    if not matches:
        raise SettingsError(
            f"{name} is not one of its choices",
            where=name,
            expected=" | ".join(choices),
            found=repr(value),
            todo="Choose one of them",
        )
    return matches[0]


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in {"true", "false", "1", "0", "yes", "no"}:
        raise SettingsError(
            f"{name} is neither true nor false",
            where=name,
            expected="true | false",
            found=repr(value),
            todo="Write true or false",
        )
    return text in {"true", "1", "yes"}


def _names(value: Any) -> tuple[str, ...]:
    """Column names: a sequence of them, or one text with commas."""
    if value is None:
        return ()
    names = value.split(",") if isinstance(value, str) else list(value)
    return tuple(str(name).strip() for name in names if str(name).strip())


def _columns(value: Any) -> tuple[str, ...]:
    names = _names(value)
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice or (isinstance(value, str) and not names):
        raise SettingsError(
            "segment_by is no list of columns",
            where="segment_by",
            expected="names of columns, each once, for example carrier,origin",
            found=repr(value),
            todo=f"Name {', '.join(twice)} once" if twice else "Name a column, or leave it out",
        )
    return names


def _separator(value: Any) -> str:
    r"""A sign, also as it is typed in a shell.

    >>> _separator("tab") == _separator(r"\t") == _separator(r"\x09") == chr(9)
    True
    """
    text = str(value)
    written = re.fullmatch(r"\\x([0-9A-Fa-f]{2})", text)
    sign = chr(int(written[1], 16)) if written else _SPELLED.get(text.lower(), text)
    if len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in '"\r\n\0':
        raise SettingsError(
            "the separator is no sign that can stand between fields",
            where="separator",
            expected=r"one sign of ASCII, for example ; or | or \t or \x01",
            found=repr(value),
            todo="Correct it",
        )
    return sign


def _encoding(value: Any) -> str | None:
    """Python's name of an encoding; None for UTF-8, which is read as it is."""
    try:
        name = codecs.lookup(str(value)).name
        "1,2\n".encode(name)
    except (LookupError, ValueError) as error:
        raise SettingsError(
            "the encoding is not known",
            where="encoding",
            expected="a name as Python knows it, for example utf-16, cp1252 or shift_jis",
            found=repr(value),
            todo="Check the spelling",
        ) from error
    return None if name in {"utf-8", "utf-8-sig"} else name


def _decimal(value: Any) -> str:
    if value not in {".", ","}:
        raise SettingsError(
            "the sign of decimals is neither a point nor a comma",
            where="decimal",
            expected=". | ,",
            found=repr(value),
            todo="Choose one of them",
        )
    return str(value)


_SPELLED = {"tab": "\t", r"\t": "\t"}
_OF_TEXT: dict[str, Callable[[Any], str | None]] = {
    "separator": _separator,
    "encoding": _encoding,
    "decimal": _decimal,
    "time_column": str,
}


def _moment(name: str, value: Any) -> datetime | None:
    """A point in time; one without a zone is UTC, as the folders of captured data are."""
    if value is None:
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise SettingsError(
            f"{name} is not a time",
            where=name,
            expected="ISO 8601, for example 2024-03-18T15:00:00Z",
            found=repr(value),
            todo="Write it so",
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
