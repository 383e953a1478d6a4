"""What all sections of a configuration are made of: checked texts, durations, settings of monitors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictStr,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from driftkit.errors import SettingsError
from driftkit.settings.declaring import declared

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from driftkit.settings.declaring import Declared

_DURATION = re.compile(r"([1-9][0-9]{0,5})\s*([mhdw])")
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}


class Section(BaseModel):
    """A part of the configuration; keys that it does not know are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)


def refused(what: str, expected: str, found: Any, todo: str = "Correct it") -> PydanticCustomError:
    """The error of a value, to be told with where it stands."""
    about = {"what": what, "expected": expected, "found": str(found), "todo": todo}
    return PydanticCustomError("refused", "{what}", about)


def refused_as(error: SettingsError, what: str | None = None) -> PydanticCustomError:
    """The error of a value that a check of settings refused.

    Args:
        error: of the check.
        what: is told in place of what it says.
    """
    return refused(what or error.what, error.expected or "", error.found or "", error.todo or "")


def duration_of(text: Any) -> timedelta:
    """A duration of a text such as 15m, 1h, 1d or 2w.

    >>> duration_of("2w")
    datetime.timedelta(days=14)
    """
    if isinstance(text, timedelta):
        return text
    found = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise refused("this is no duration", "for example 15m, 1h, 1d or 2w", repr(text))
    return int(found[1]) * _UNITS[found[2]]


def in_words(duration: timedelta) -> str:
    """A duration as it is written in the file.

    >>> in_words(timedelta(days=14)), in_words(timedelta(minutes=90))
    ('2w', '90m')
    """
    unit = next(name for name, each in _UNITS.items() if not duration % each or name == "m")
    return f"{duration // _UNITS[unit]}{unit}"


Duration = Annotated[
    timedelta,
    BeforeValidator(duration_of),
    PlainSerializer(in_words),
    WithJsonSchema({"type": "string", "pattern": r"^[1-9][0-9]{0,5}\s*[mhdw]$"}),
]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Amount = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Name = Annotated[StrictStr, Field(min_length=1)]
_LINE, _FILE_NAME, _CRON = (
    r"^[^\x00-\x1f\x7f]*$",
    r"^[^/\\\x00-\x1f]+$",
    r"^\s*(\S+\s+){4}\S+\s*$",
)
# What texts are that have these patterns, for people.
PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        _LINE: "a text of one line",
        _FILE_NAME: "a name without slashes, of which a folder can be made",
        _CRON: 'five fields, minute hour day month weekday, such as "15 3 * * *"',
    }
)
# What people read in one line.
Line = Annotated[StrictStr, Field(max_length=500, pattern=_LINE)]
FileName = Annotated[Name, Field(pattern=_FILE_NAME)]
Cron = Annotated[StrictStr, Field(pattern=_CRON)]


def _listed(value: Any) -> Any:
    if not isinstance(value, str | list | tuple):
        raise refused("this is no list of texts", "a text, or a list of texts", repr(value))
    return (value,) if isinstance(value, str) else value


Paths = Annotated[
    tuple[Name, ...],
    Field(min_length=1),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
            ]
        }
    ),
]


def with_settings(
    name: str, base: type[Section], kind: type[Any], without: Container[str] = ()
) -> Any:
    """A section with the settings of a monitor besides its own keys.

    Args:
        name: of the section's class.
        base: its own keys.
        kind: the dataclass of the settings.
        without: names of settings that it has not.
    """
    fields = {
        each.name: (_checked(each), Field(default=None, description=each.text))
        for each in declared(kind).values()
        if each.name not in without and each.name not in base.model_fields
    }
    made: Any = create_model(name, __base__=base, __doc__=base.__doc__, **fields)  # type: ignore[call-overload]
    return made


# By what the rows of a baseline are told apart, so that its days are known.
TIMES = frozenset({"time_column", "time_unit"})


def said(section: Section, names: Iterable[str]) -> dict[str, Any]:
    """What a section says, by its names; those that it does not have or say are left out."""
    return {name: value for name in names if (value := getattr(section, name, None)) is not None}


def _checked(of: Declared) -> Any:
    def check(value: Any) -> Any:
        if value is None:
            return None
        try:
            of.check(of.name, value)
        except SettingsError as error:
            raise refused_as(error) from error
        # The monitor checks it again, as if its user had said it in Python.
        return value

    return Annotated[Any, BeforeValidator(check), WithJsonSchema(_schema(of.kind))]


def _schema(kind: Any) -> dict[str, Any]:
    """The JSON schema of what may be written for a setting; its check knows more."""
    kinds = get_args(kind) if get_origin(kind) in _UNIONS else (kind,)
    return {"anyOf": [*(_one(each) for each in kinds if each is not type(None)), {"type": "null"}]}


def _one(kind: Any) -> dict[str, Any]:
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    return _SCHEMAS[get_origin(kind) or kind]


_UNIONS = (Union, UnionType)
_SCHEMAS: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    # A column may be named by its number, and labels may be numbers.
    str: {"type": ["string", "number", "boolean"]},
    datetime: {"type": "string"},
    # Lists may be written as a text with commas, and pairs as a mapping.
    tuple: {"type": ["string", "array", "object"]},
    Mapping: {"type": "object"},
}
