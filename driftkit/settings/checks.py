"""Checks what users say of a setting, and makes its value of it.

Each check takes name and value, and raises SettingsError where the value is something else.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, get_args

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_SHOWN = 60


def wrong(
    said: str, name: str, expected: str, value: Any, todo: str = "Correct it"
) -> SettingsError:
    """The error of a value that is something else than expected."""
    return SettingsError(said, where=name, expected=expected, found=shown(value), todo=todo)


def one_of(literal: Any) -> Callable[[str, Any], str]:
    """The check of a setting that is one of the texts of a Literal, in whatever case."""
    choices = get_args(literal)

    def check(name: str, value: Any) -> str:
        matches = [choice for choice in choices if choice.lower() == str(value).lower()]
        if not matches:
            raise wrong(
                f"{name} is not one of its choices",
                name,
                " | ".join(choices),
                value,
                "Choose one of them",
            )
        return str(matches[0])

    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class Meets:
    """The check of a setting whose value is taken as it is.

    Attributes:
        test: whether it is what it should be.
        expected: what it should be, for people.
    """

    test: Callable[[Any], bool]
    expected: str

    def __call__(self, name: str, value: Any) -> Any:
        """The value."""
        if not self.test(value):
            raise wrong(f"{name} is not what it should be", name, self.expected, value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The check of a setting that is a whole number.

    Attributes:
        least: that it may be.
        most: that it may be; None for no end.
    """

    least: int
    most: int | None = None

    def __call__(self, name: str, value: Any) -> Any:
        """The value."""
        range_ = f"{self.least} or more" if self.most is None else f"{self.least} to {self.most}"
        return Meets(test=self._is_it, expected=f"a whole number, {range_}")(name, value)

    def _is_it(self, value: Any) -> bool:
        whole = not isinstance(value, bool) and isinstance(value, Integral)
        return whole and self.least <= value and (self.most is None or value <= self.most)


def is_share(value: Any) -> bool:
    """Whether it is a number from 0 to 1."""
    return not isinstance(value, bool) and isinstance(value, Real) and 0 <= float(value) <= 1


SHARE = Meets(test=is_share, expected="a number from 0 to 1")


def truth(name: str, value: Any) -> bool:
    """A setting that is true or false."""
    if isinstance(value, bool):
        return value
    said = str(value).lower()
    if said not in {"true", "false", "1", "0", "yes", "no"}:
        raise wrong(
            f"{name} is neither true nor false", name, "true | false", value, "Write true or false"
        )
    return said in {"true", "1", "yes"}


def text(name: str, value: Any) -> str:
    """A setting that is a name, a path or a place, as text."""
    if not _is_scalar(value):
        raise wrong(
            f"{name} is no text", name, "one name, path or number", value, "Write it as text"
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
    """A setting that is a list of names, or a text with commas between them."""
    listed = value.split(",") if isinstance(value, str) else _listed(value)
    if listed is None or not all(_is_scalar(each) for each in listed):
        raise wrong(
            f"{name} is no list of names",
            name,
            "names, or one text with commas between them",
            value,
            "Write it so",
        )
    return tuple(str(each).strip() for each in listed if str(each).strip())


def _listed(value: Any) -> list[Any] | None:
    """The elements of a list, a set, an array of one dimension or a pandas Index or Series."""
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    one_dimension = len(getattr(value, "shape", ())) == 1
    return list(value.tolist()) if one_dimension and hasattr(value, "tolist") else None


def different(name: str, value: Any) -> tuple[str, ...]:
    """A setting that is a list of names; what is named again counts once."""
    return tuple(dict.fromkeys(names(name, value)))


def columns(name: str, value: Any) -> tuple[str, ...]:
    """A setting that is a list of columns, each named once."""
    found = names(name, value)
    twice = [name for name in dict.fromkeys(found) if found.count(name) > 1]
    if twice or (isinstance(value, str) and not found):
        raise wrong(
            f"{name} is no list of columns",
            name,
            "names of columns, each once, for example carrier,origin",
            value,
            f"Name {', '.join(twice)} once" if twice else "Name a column, or leave it out",
        )
    return found


def pairs(name: str, value: Any) -> dict[str, str]:
    """A setting that is a mapping of texts, or texts such as age=JensenShannon."""
    listed = [value] if isinstance(value, str) else value
    found = dict(listed) if isinstance(listed, Mapping) else _split(name, listed)
    return {text(name, key).strip(): text(name, each).strip() for key, each in found.items()}


def groups(name: str, value: Any) -> dict[str, tuple[str, ...]]:
    """A setting that is a mapping of lists of names, or texts such as billing=fee,tax_*."""
    listed = value if isinstance(value, Mapping) else pairs(name, value)
    return {
        text(name, key).strip(): columns(f"{name}[{key!r}]", each) for key, each in listed.items()
    }


def _split(name: str, listed: Any) -> dict[str, str]:
    several = isinstance(listed, list | tuple)
    halves = [str(each).rpartition("=") for each in listed] if several else []
    if not several or not all(key.strip() and each.strip() for key, _, each in halves):
        raise wrong(
            f"{name} are no pairs of a column and a value",
            name,
            "a mapping, or texts such as age=0.2",
            listed,
            "Write them so",
        )
    return {key: each for key, _, each in halves}


def pairs_of(literal: Any) -> Callable[[str, Any], dict[str, str]]:
    """The check of a setting that is a mapping to the texts of a Literal."""
    choice = one_of(literal)

    def check(name: str, value: Any) -> dict[str, str]:
        found = pairs(name, value)
        return {key: choice(f"{name}[{key!r}]", each) for key, each in found.items()}

    return check


def thresholds(name: str, value: Any) -> dict[str, float]:
    """A setting that is a mapping of numbers, or texts such as age=0.2."""
    return {key: _distance(f"{name}[{key!r}]", each) for key, each in pairs(name, value).items()}


def _distance(where: str, written: str) -> float:
    try:
        found = float(written)
    except ValueError:
        found = -1.0
    if not 0.0 <= found < float("inf"):
        raise wrong("the threshold is no distance", where, "a number, 0 or more", written)
    return found


def separator(name: str, value: Any) -> str:
    r"""A setting that is a sign, also as it is typed in a shell.

    >>> {separator("separator", tab) for tab in ("tab", r"\t", r"\x09")} == {chr(9)}
    True
    """
    given = text(name, value)
    written = re.fullmatch(r"\\x([0-9A-Fa-f]{2})", given)
    sign = chr(int(written[1], 16)) if written else _SPELLED.get(given.lower(), given)
    if len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in '"\r\n\0':
        raise wrong(
            "the separator is no sign that can stand between fields",
            name,
            r"one sign of ASCII, for example ; or | or \t or \x01",
            given,
        )
    return sign


def encoding(name: str, value: Any) -> str | None:
    """A setting that is an encoding, by Python's name; None for UTF-8, which is read as it is."""
    given = text(name, value)
    try:
        known = codecs.lookup(given).name
        "1,2\n".encode(known)
    except (LookupError, ValueError) as error:
        raise wrong(
            "the encoding is not known",
            name,
            "a name as Python knows it, for example utf-16, cp1252 or shift_jis",
            given,
            "Check the spelling",
        ) from error
    return None if known in {"utf-8", "utf-8-sig"} else known


def decimal(name: str, value: Any) -> str:
    """A setting that is a point or a comma."""
    given = text(name, value)
    if given not in {".", ","}:
        raise wrong(
            "the sign of decimals is neither a point nor a comma",
            name,
            ". | ,",
            given,
            "Choose one of them",
        )
    return given


_SPELLED = {"tab": "\t", r"\t": "\t"}


def moment(name: str, value: Any) -> datetime:
    """A setting that is a point in time; without a zone it is UTC, as folders of captures are."""
    if isinstance(value, datetime) and value != value:  # noqa: PLR0124  (pandas' NaT)
        value = str(value)
    try:
        given = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise wrong(
            f"{name} is not a time",
            name,
            "ISO 8601, for example 2024-03-18T15:00:00Z",
            value,
            "Write it so",
        ) from error
    try:
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except OverflowError as error:
        raise SettingsError(
            f"{name} has no date in UTC",
            where=name,
            expected="a time of the years 1 to 9999",
            found=str(value),
            todo="Leave it out, where the window is open on that side",
        ) from error
