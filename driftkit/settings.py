"""The settings of a run, checked."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, get_args

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
_MOST_SHOWN = 60


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
        variant: the only production variant of captured data to look at, named alone or with its
            endpoint.
        together: whether several endpoints or variants are looked at as one.
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
    variant: str | None = None
    together: bool = False
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
        refuse_unknown(values, [field.name for field in fields(cls)])
        return cls(**{name: _checked(name, value) for name, value in values.items()})


def refuse_unknown(values: Iterable[str], known: Iterable[str]) -> None:
    """Refuses a setting that no monitor of this kind has.

    Raises:
        SettingsError: there is one; the message names those that are spelt like it.
    """
    known = sorted(known)
    for name in values:
        if name not in known:
            alike = get_close_matches(name, known, n=2)
            raise SettingsError(
                f"there is no setting {name!r}",
                expected=" or ".join(alike) if alike else ", ".join(known),
                todo="Check the spelling",
            )


def _checked(name: str, value: Any) -> Any:
    if name in _CHOICES:
        return _choice(name, value)
    if name in {"header", "together"}:
        return truth(name, value)
    if name == "segment_by":
        return _columns(value)
    if name in {"capture_sides", "null_values"}:
        return tuple(dict.fromkeys(names(name, value)))
    if name in _OF_TEXT:
        given = text(name, value)
        return None if given is None else _OF_TEXT[name](given)
    not_a_time = isinstance(value, datetime) and value != value  # noqa: PLR0124  (pandas' NaT)
    return _moment(name, str(value) if not_a_time else value)


def _choice(name: str, value: Any) -> str:
    choices = _CHOICES[name]
    matches = [choice for choice in choices if choice.lower() == str(value).lower()]
    if not matches:
        raise SettingsError(
            f"{name} is not one of its choices",
            where=name,
            expected=" | ".join(choices),
            found=shown(value),
            todo="Choose one of them",
        )
    return matches[0]


def truth(name: str, value: Any) -> bool:
    """A setting that is true or false.

    Raises:
        SettingsError: it is something else.
    """
    if isinstance(value, bool):
        return value
    said = str(value).lower()
    if said not in {"true", "false", "1", "0", "yes", "no"}:
        raise SettingsError(
            f"{name} is neither true nor false",
            where=name,
            expected="true | false",
            found=shown(value),
            todo="Write true or false",
        )
    return said in {"true", "1", "yes"}


def text(name: str, value: Any) -> str | None:
    """A setting that is a name, a path or a place, as text; None where it is not given.

    Raises:
        SettingsError: it is something else, such as a list.
    """
    if value is None:
        return None
    if not _is_scalar(value):
        raise SettingsError(
            f"{name} is no text",
            where=name,
            expected="one name, path or number",
            found=shown(value),
            todo="Write it as text",
        )
    return str(value)


def shown(value: Any) -> str:
    """A value in a message: what is long is cut, what is no plain value is named by its type."""
    if isinstance(value, bool | int | float | str | bytes | list | tuple | dict | None):
        written = repr(value)
        return written if len(written) <= _MOST_SHOWN else f"{written[:_MOST_SHOWN]}..."
    return f"a {type(value).__module__}.{type(value).__qualname__}"


def _is_scalar(value: Any) -> bool:
    # numpy's numbers and texts are the only other scalars that users come by.
    plain = value.item() if type(value).__module__ == "numpy" and _holds_one(value) else value
    return isinstance(plain, bool | int | float | str) and plain == plain  # noqa: PLR0124  (NaN)


def _holds_one(value: Any) -> bool:
    return getattr(value, "shape", None) == ()


def names(name: str, value: Any) -> tuple[str, ...]:
    """A setting that is a list of names, or a text with commas between them.

    Raises:
        SettingsError: it is something else.
    """
    if value is None:
        return ()
    listed = value.split(",") if isinstance(value, str) else _listed(value)
    if listed is None or not all(_is_scalar(each) for each in listed):
        raise SettingsError(
            f"{name} is no list of names",
            where=name,
            expected="names, or one text with commas between them",
            found=shown(value),
            todo="Write it so",
        )
    return tuple(str(each).strip() for each in listed if str(each).strip())


def _listed(value: Any) -> list[Any] | None:
    """The elements of a list, a set, an array of one dimension or a pandas Index or Series."""
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    one_dimension = len(getattr(value, "shape", ())) == 1
    return list(value.tolist()) if one_dimension and hasattr(value, "tolist") else None


def _columns(value: Any) -> tuple[str, ...]:
    found = names("segment_by", value)
    twice = [name for name in dict.fromkeys(found) if found.count(name) > 1]
    if twice or (isinstance(value, str) and not found):
        raise SettingsError(
            "segment_by is no list of columns",
            where="segment_by",
            expected="names of columns, each once, for example carrier,origin",
            found=repr(value),
            todo=f"Name {', '.join(twice)} once" if twice else "Name a column, or leave it out",
        )
    return found


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
    "variant": str,
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
            found=shown(value),
            todo="Write it so",
        ) from error
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise SettingsError(
            f"{name} has no date in UTC",
            where=name,
            expected="a time of the years 1 to 9999",
            found=str(value),
            todo="Leave it out, where the window is open on that side",
        ) from error
