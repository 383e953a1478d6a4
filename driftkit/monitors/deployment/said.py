"""Checks what users say of arms and metrics: `NAME=SELECTOR`, `METRIC:MARGIN`, `METRIC=VALUE`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

from driftkit.formats.deployment.asked_metrics import AskedMetric, parse_metric
from driftkit.formats.deployment.selectors import Selector, parse_arm
from driftkit.settings import checks
from driftkit.settings.checks import Meets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftkit.formats.deployment.metrics import Role

_Value = TypeVar("_Value")
_ALL = 100.0
Pairs = tuple[tuple[str, _Value], ...]


def arms(name: str, value: Any) -> Pairs[Selector]:
    """Arms, each once: texts `NAME=SELECTOR`, or names and selectors."""
    return _once(name, (_arm(name, each) for each in _items(name, value)))


def _arm(name: str, value: Any) -> tuple[str, Selector]:
    if _is_pair(value) and isinstance(value[1], Selector):
        return value[0], value[1]
    written = f"{value[0]}={value[1]}" if _is_pair(value) else value
    return parse_arm(checks.text(name, written), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The check of metrics that are asked for in one role.

    Attributes:
        role: that they have.
    """

    role: Role

    def __call__(self, name: str, value: Any) -> tuple[AskedMetric, ...]:
        """The metrics, of texts such as `accuracy:0.005`."""
        return tuple(
            each
            if isinstance(each, AskedMetric) and each.role == self.role
            else parse_metric(checks.text(name, each), self.role)
            for each in _items(name, value)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The check of values that have names: texts `NAME=VALUE`, or names and values.

    Attributes:
        parse: makes the value of what was said; ValueError where it is something else.
        expected: what it should be, for people.
    """

    parse: Callable[[Any], Any]
    expected: str

    def __call__(self, name: str, value: Any) -> Pairs[Any]:
        """Names and values, each name once."""
        return _once(name, (self._pair(name, each) for each in _items(name, value)))

    def _pair(self, name: str, value: Any) -> tuple[str, Any]:
        if _is_pair(value):
            named, said = value
        else:
            named, _, said = checks.text(name, value).rpartition("=")
        try:
            return word(named), self.parse(said)
        except (TypeError, ValueError) as error:
            raise checks.wrong(
                f"{name} is not what it should be", name, self.expected, value, "Write it so"
            ) from error


def sources(name: str, value: Any) -> Pairs[Any]:
    """Arms and where something of each is: texts `ARM=FOLDER`, or arms and folders or objects."""
    return _once(name, (_source(name, each) for each in _items(name, value)))


def _source(name: str, value: Any) -> tuple[str, Any]:
    if _is_pair(value):
        return value[0], value[1]
    # A folder may have an equals sign in it, as those of partitions have.
    arm, _, folder = checks.text(name, value).partition("=")
    if not (arm and folder):
        raise checks.wrong(
            f"{name} is not what it should be", name, "ARM=FOLDER", value, "Write it so"
        )
    return arm, folder


def number(value: Any) -> float:
    """A finite number, or its text."""
    if isinstance(value, bool) or not isfinite(float(value)):
        raise ValueError(value)
    return float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile of the champion's values, which a plan freezes.

    Attributes:
        percent: of the values that are at most it, above 0 and below 100.
    """

    percent: float

    def __str__(self) -> str:
        return f"p{self.percent:g}"


def number_or_quantile(value: Any) -> float | Quantile:
    """A finite number or its text, or a text such as p99.9.

    >>> number_or_quantile("250"), number_or_quantile("p99.9")
    (250.0, Quantile(percent=99.9))
    """
    if isinstance(value, Quantile):
        return value
    if not isinstance(value, str) or not value.startswith("p"):
        return number(value)
    percent = number(value.removeprefix("p"))
    if not 0.0 < percent < _ALL:
        raise ValueError(value)
    return Quantile(percent=percent)


def span(value: Any) -> tuple[float, float]:
    """Two numbers, the lower first, or a text with two points between them."""
    low, high = value.split("..") if isinstance(value, str) else value
    if not number(low) < number(high):
        raise ValueError(value)
    return number(low), number(high)


def word(value: Any) -> str:
    """A text that is not empty."""
    if not (isinstance(value, str) and value):
        raise ValueError(value)
    return value


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and isfinite(float(value))


def _is_positive(value: Any) -> bool:
    return _is_number(value) and bool(value > 0)


NUMBER = Meets(test=_is_number, expected="a finite number")
POSITIVE = Meets(test=_is_positive, expected="a finite number above 0")
# The same, in the words of bandits, policies and simulations.
ABOVE_ZERO = Meets(test=_is_positive, expected="a number above 0")
PERCENTAGE = Meets(
    test=lambda value: _is_number(value) and 0 < value <= 100,
    expected="a percentage above 0, at most 100",
)
RATE = Meets(
    test=lambda value: _is_number(value) and 0 < value < 0.5,
    expected="a one-sided rate of error: a number above 0 and below 0.5",
)


def _items(name: str, value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, str | AskedMetric):
        return (value,)
    if not isinstance(value, list | tuple):
        raise checks.wrong(f"{name} is no list", name, "texts, or one text", value)
    return value


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[0], str)


def _once(name: str, pairs: Iterable[tuple[str, _Value]]) -> Pairs[_Value]:
    found: dict[str, _Value] = {}
    for each, value in pairs:
        if each in found:
            raise checks.wrong(f"{each!r} is said twice", name, "each name once", each)
        found[each] = value
    return tuple(found.items())
