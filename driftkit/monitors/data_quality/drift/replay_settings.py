"""The settings of `replay`: which rules are tried, and which faults are planted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from driftkit.comparison.detection.faults import FAULTS
from driftkit.errors import SettingsError
from driftkit.settings import checks
from driftkit.settings.declaring import Option, from_keywords, setting

TRIED = "What is tried"
THRESHOLDS: Mapping[str, tuple[float, ...]] = {
    "Simple": (0.05, 0.1, 0.2),
    "LInfinity": (0.05, 0.1, 0.2),
    "PSI": (0.1, 0.2),
    "JensenShannon": (0.1,),
}
PLANTED: Mapping[str, float] = {
    "shift": 0.25,
    "nulls": 0.05,
    "new": 0.01,
    "share": 0.05,
    "factor": 60.0,
}


def _rules(name: str, value: Any) -> dict[str, tuple[float, ...]]:
    """Thresholds of methods, several of one with commas between them."""
    texts = value.items() if isinstance(value, Mapping) else checks.pairs(name, value).items()
    return {method: _several(f"{name}[{method!r}]", each) for method, each in texts}


def _several(where: str, value: Any) -> tuple[float, ...]:
    if isinstance(value, str):
        value = value.split(",")
    listed = [value] if isinstance(value, int | float) else list(value)
    return tuple(checks.thresholds(where, {where: str(each)})[where] for each in listed)


def _faults(name: str, value: Any) -> dict[str, float]:
    found = checks.thresholds(name, value)
    refuse_strange(name, found, FAULTS)
    return found


def refuse_strange(name: str, asked: Iterable[str], known: Sequence[str]) -> None:
    """Refuses names that are not known.

    Raises:
        SettingsError: there are some.
    """
    strange = [each for each in asked if each not in known]
    if strange:
        raise SettingsError(
            f"{name} names what is not known",
            where=name,
            expected=", ".join(known),
            found=", ".join(map(repr, strange)),
            todo="Correct the name",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What is replayed of a history."""

    plant: Mapping[str, float] = setting(
        PLANTED,
        _faults,
        "A fault that is planted to see who finds it, once for each: shift (standard deviations), "
        "spread (factor), nulls, new, units, share (shares of the rows), factor (by which all numbers "
        "are multiplied), frozen; if it is not said: shift=0.25, nulls=0.05, new=0.01, share=0.05, "
        "factor=60.",
        Option(TRIED, "FAULT=SIZE", name="--plant"),
    )
    rules: Mapping[str, tuple[float, ...]] = setting(
        THRESHOLDS,
        _rules,
        "Methods of comparison and their thresholds, tried beside the verdicts, once for each; if it "
        "is not said: Simple and LInfinity at 0.05, 0.1 and 0.2, PSI at 0.1 and 0.2, JensenShannon "
        "at 0.1.",
        Option(TRIED, "METHOD=NUMBER[,NUMBER]", name="--rule"),
    )
    days: int = setting(
        8,
        checks.Whole(least=1),
        "How many days, or weeks of a baseline by week, a fault lasts.",
        Option(TRIED),
    )
    onsets: int = setting(
        3,
        checks.Whole(least=1),
        "On how many days or weeks, evenly spread, faults begin.",
        Option(TRIED),
    )
    seed: int = setting(
        1, checks.Whole(least=0), "Of the rows to which faults happen.", Option(TRIED)
    )

    @classmethod
    def from_keywords(cls, **values: Unpack[ReplayKeywords]) -> ReplaySettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class ReplayKeywords(TypedDict, total=False):
    """What users may write for `ReplaySettings`."""

    plant: Mapping[str, float] | Sequence[str]
    rules: Mapping[str, tuple[float, ...]] | Mapping[str, float] | Sequence[str]
    days: int
    onsets: int
    seed: int
