"""Words for what changed a feature, in which rows, and with which others."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from driftkit.comparison.causes.cause import Kind
from driftkit.monitors.data_quality.checks.phrases import listed, number, share
from driftkit.results.verdicts import how_far

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from driftkit.comparison.causes.cause import Cause

# Below, nobody need be told how much is not explained.
_EXPLAINS_ALL = 0.995
# From here on a factor is told as one.
_FACTOR = 2.0


def of_cause(cause: Cause) -> str:
    """What changed, without the feature's name.

    >>> from driftkit.comparison.causes.cause import Cause
    >>> of_cause(Cause(kind=Kind.UNITS, size=60.0, rows=1.0))
    'values look multiplied by about 60'
    """
    return _SAID[cause.kind](cause)


def with_rows(said: str, segment: str | None, since: str | None, fit: float | None) -> str:
    """The sentence with where and since when it holds, and how much it explains."""
    parts = [said]
    parts += [f"only where {segment}"] if segment else []
    parts += [f"since {since} within the window"] if since else []
    parts += [f"which explains {fit:.0%} of the difference"] if _partly(fit) else []
    return ", ".join(parts)


def of_step(said: str, step: str) -> str:
    """The sentence with the step upstream in whose columns alone it happened."""
    return f"{said}, in columns from {step} alone"


def of_story(features: Sequence[str], message: str, because: str) -> str:
    """Several features in one sentence.

    >>> of_story(("a", "b"), "values look divided by 60", "by the same factor")
    'a, b changed together (by the same factor): values look divided by 60'
    """
    if len(features) == 1:
        return f"{features[0]}: {message}"
    return f"{listed(features)} changed together ({because}): {message}"


def _partly(fit: float | None) -> bool:
    return fit is not None and fit < _EXPLAINS_ALL


def _units(cause: Cause) -> str:
    units = f", as from {cause.about[0]}" if cause.about else ""
    factor, offset = cause.model or (cause.size or 1.0, 0.0)
    if offset:
        return f"values look converted from {''.join(cause.about)}"
    if factor < 1:
        return f"values look divided by about {number(1 / factor)}{units}"
    return f"values look multiplied by about {number(factor)}{units}"


def _shift(cause: Cause) -> str:
    size = cause.size or 0.0
    said = f"values are {number(abs(size))} {'higher' if size > 0 else 'lower'}"
    return said if cause.moved is None else f"{said} ({how_far(cause.kind, cause.moved)})"


def _spread(cause: Cause) -> str:
    size = cause.size or 1.0
    if cause.model and not cause.model[1]:
        if 1 / _FACTOR < size < _FACTOR:
            # What goes by so little is a season or a price rather than another unit.
            return f"values are {share(abs(size - 1))} {'larger' if size > 1 else 'smaller'}"
        return _units(cause)
    return f"values are spread {number(size)} times as far as the baseline's"


def _one_value(cause: Cause) -> str:
    value = repr(cause.about[0]) if cause.about else number(cause.size or 0.0)
    before, now = share(cause.before or 0.0), share(cause.now or 0.0)
    return f"{now} of the values are {value}, in the baseline {before}"


def _rare_values(cause: Cause) -> str:
    before, now = share(cause.before or 0.0), share(cause.now or 0.0)
    return f"a group of rare values, told apart by their hash, has {now} of the rows with a value, in the baseline {before}"


def _nulls(cause: Cause) -> str:
    before, now = share(cause.before or 0.0), share(cause.now or 0.0)
    return f"{now} of the rows have no value, in the baseline {before}"


def _hours(cause: Cause) -> str:
    size = cause.size or 0.0
    return f"hours are about {number(abs(size))} {'later' if size > 0 else 'earlier'}, as of another time zone"


def _new(cause: Cause) -> str:
    olds = zip_longest(cause.about, cause.instead, fillvalue="")
    names = listed(f"{new!r}, perhaps for {old!r}" if old else repr(new) for new, old in olds)
    return f"{share(cause.rows)} of the values are none that the baseline has: {names}"


_SAID: Mapping[Kind, Callable[[Cause], str]] = {
    Kind.UNITS: _units,
    Kind.UNIT_ERRORS: lambda cause: (
        f"{share(cause.rows)} of the values are far beyond all others, as if of another unit"
    ),
    Kind.NULLS: _nulls,
    Kind.DEFAULT_VALUE: lambda cause: f"{_one_value(cause)}: a default value?",
    Kind.SHIFT: _shift,
    Kind.SPREAD: _spread,
    Kind.ROUNDING: lambda cause: f"values are rounded to {number(cause.size or 0.0)}",
    Kind.FROZEN: _one_value,
    Kind.MIXTURE: lambda cause: (
        f"at least {share(cause.rows)} of the values are of another distribution"
    ),
    Kind.TIME_ZONE: _hours,
    Kind.NEW_CATEGORY: _new,
    # Groups of values that are told apart by their hash alone have neither a name nor a number.
    Kind.SHARE: lambda cause: (
        _one_value(cause) if cause.about or cause.size is not None else _rare_values(cause)
    ),
}
