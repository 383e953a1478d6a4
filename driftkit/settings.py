"""The settings of a run, checked."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from driftkit.errors import SettingsError

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
        variant: the only production variant of captured data to look at, named alone or with its
            endpoint.
        together: whether several endpoints or variants are looked at as one.
        segment_by: columns whose values tell a baseline's segments apart.
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
    if name in {"header", "together"}:
        return _boolean(name, value)
    if name == "segment_by":
        return _columns(value)
    if name == "capture_sides":
        return tuple(dict.fromkeys(_names(value)))
    if name in {"time_column", "variant"}:
        return None if value is None else str(value)
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
