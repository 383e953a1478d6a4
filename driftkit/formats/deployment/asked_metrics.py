"""The short forms in which metrics are asked for, such as `accuracy:0.005` or `latency_slo:0.01`."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING, get_args

from driftkit.errors import SettingsError
from driftkit.formats.deployment.metrics import FORMS, KNOWN, Better, Role, known_metric

if TYPE_CHECKING:
    from driftkit.formats.deployment.metrics import KnownMetric

SUPERIOR = "superior"
OPERATIONAL = "operational"
_DIRECTIONS: tuple[Better, ...] = get_args(Better)
_FORM = f"METRIC[:MARGIN][:{'|'.join(_DIRECTIONS)}][:{SUPERIOR}][:{OPERATIONAL}]"
_WORDS = frozenset({*_DIRECTIONS, SUPERIOR, OPERATIONAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMetric:
    """A metric as it was asked for.

    Attributes:
        name: a known name, or one of the forms of own columns.
        role: what it is asked for.
        better: the direction in which it is better.
        margin: by how much the challenger may be worse; None for the metric's default.
        superior: whether the challenger must be better.
        operational: whether it is said to be of how requests are answered: latency, errors.
    """

    name: str
    role: Role
    better: Better
    margin: float | None = None
    superior: bool = False
    operational: bool = False

    @property
    def known(self) -> KnownMetric:
        """What its name says."""
        known = known_metric(self.name)
        if known is None:
            raise ValueError(self.name)
        return known


def parse_metric(text: str, role: Role) -> AskedMetric:
    """The metric of a text `METRIC[:MARGIN][:higher|lower][:superior][:operational]`.

    What stands behind the metric may have any order. A direction is needed for goals and
    guardrails whose name does not tell one. Without a margin `superior` allows none.

    Raises:
        SettingsError: it is not of this form, or no metric is called so.

    >>> parse_metric("column:revenue:0.5:higher", "guardrail").margin
    0.5
    >>> parse_metric("accuracy:superior", "goal").superior
    True
    """
    name, said = _taken_apart(text)
    known = known_metric(name)
    if known is None:
        raise _unknown(text, role)
    margins = [each for each in said if each not in _WORDS]
    directions = [each for each in _DIRECTIONS if each in said]
    if len(margins) > 1 or len(directions) > 1 or len(set(said)) < len(said):
        raise _wrong(text, role, "something is said twice", _FORM, "Say it once")
    asked = AskedMetric(
        name=name,
        role=role,
        better=_direction(text, role, known.better, directions),
        margin=_margin(margins[0], text, role) if margins else None,
        superior=SUPERIOR in said,
        operational=OPERATIONAL in said,
    )
    if role != "information" and not known.decisive:
        raise _wrong(
            text,
            role,
            f"{name} {known.only_shown}",
            "a metric that can be tested",
            f"Ask for it with --information {name}",
        )
    return asked


def _taken_apart(text: str) -> tuple[str, list[str]]:
    """The shortest metric's name behind which there are words and numbers only, and those."""
    pieces = text.split(":")
    for end in range(1, len(pieces)):
        name, said = ":".join(pieces[:end]), pieces[end:]
        if known_metric(name) is not None and all(map(_is_said, said)):
            return name, said
    return text, []


def _is_said(word: str) -> bool:
    if word in _WORDS:
        return True
    try:
        float(word)
    except ValueError:
        return False
    return True


def _direction(text: str, role: Role, own: Better | None, said: list[Better]) -> Better:
    if own is not None and said and said[0] != own:
        raise _wrong(
            text,
            role,
            "the metric is better in the other direction",
            own,
            "Leave the direction out",
        )
    if own is None and not said and role != "information":
        raise _wrong(
            text,
            role,
            "it is not said in which direction the metric is better",
            f"{text}:higher or {text}:lower",
            "Say it",
        )
    # Information is oriented in some way, since its bounds are shown.
    return own or (said[0] if said else "higher")


def _margin(word: str, text: str, role: Role) -> float:
    margin = float(word)
    if not isfinite(margin) or margin < 0.0:
        raise _wrong(
            text,
            role,
            "the margin is not what it should be",
            "by how much the challenger may be worse: a number, 0 or more",
            "Correct it",
        )
    return margin


def _unknown(text: str, role: Role) -> SettingsError:
    similar = get_close_matches(text.partition(":")[0], KNOWN, n=2)
    expected = " or ".join(similar) if similar else " | ".join(FORMS)
    return _wrong(text, role, "no metric is called so", expected, f"Write {_FORM}")


def _wrong(text: str, role: Role, what: str, expected: str, todo: str) -> SettingsError:
    return SettingsError(what, where=role, expected=expected, found=repr(text), todo=todo)
