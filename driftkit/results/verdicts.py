"""Verdicts of drift as people are told of them: how far, how sure, and since when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.formats.drift import Drift, Test, Verdict

UNUSUAL, DIFFERENT = "unusual_check", "different_check"
FAULTS = {
    "range": "range_check",
    "one value": "one_value_check",
    "time zone": "time_zone_check",
    "units": "units_check",
}
CHECKS = (UNUSUAL, DIFFERENT, *FAULTS.values())
"""The checks; nulls, new categories and types have checks of Model Monitor's."""
P_DIFFERENT, P_UNUSUAL = "different_p_value", "unusual_p_value"
"""Metrics of both tests, of the group detection."""
# What is told of a feature that is no alarm, the worst first; all else is counted.
_TOLD = ("unusual", "different", "moved slowly")

# Kinds whose effect is a difference of shares of the rows.
_SHARES = {
    "nulls",
    "extremes",
    "far values",
    "frequent value",
    "share of a category",
    "new categories",
    "rare categories",
    "high values",
    "low values",
    "one value",
    "range",
    "shares",
}
# Kinds whose effect is the widest gap of two distribution functions: so many rows are elsewhere at least.
_GAPS = {"distribution", "tails of the distribution"}
# What the effects of other kinds are measured in.
_MEASURES = {
    "shift": "standard deviations",
    "spread": "mean of Legendre's second polynomial of ranks",
    "skewness": "by ranks",
    "kurtosis": "by ranks",
    "shape": "by Hellinger's distance",
    "time zone": "hours",
}
_WIDEST = 10.0
# Below, a p-value is told as being less.
_LEAST = 1e-12


@runtime_checkable
class Judging(Protocol):
    """A report that judges drift."""

    @property
    def drift(self) -> Drift | None:
        """Of each feature whether it is different or unusual; None where that was not judged."""


def drift_of(report: object) -> Drift | None:
    """The verdicts of a report; None of one that has none."""
    return report.drift if isinstance(report, Judging) else None


def calibration_of(drift: Drift) -> str:
    """Whether the reference's days are known well enough, and why."""
    return f"drift {drift.calibration}: {drift.explanation}"


def told(drift: Drift) -> list[Verdict]:
    """The features that people are told of one by one."""
    return list(filter(is_told, in_order(drift)))


def told_by_story(drift: Drift) -> list[tuple[Verdict, int]]:
    """The same, of features that changed alike the first one, and how many more there are."""
    told_in, found = changed_together(drift), told(drift)
    firsts: dict[tuple[str, ...], Verdict] = {}
    for each in found:
        features = told_in.get(each.feature)
        if features and (features not in firsts or each.feature == features[0]):
            firsts[features] = each
    of_first = {each.feature: len(features) - 1 for features, each in firsts.items()}
    return [
        (each, of_first.get(each.feature, 0))
        for each in found
        if each.feature in of_first or each.feature not in told_in
    ]


def changed_together(drift: Drift) -> dict[str, tuple[str, ...]]:
    """Each feature that changed with others, and all of them; of several stories the first."""
    several = [each.features for each in reversed(drift.stories) if len(each.features) > 1]
    return {name: features for features in several for name in features}


def is_told(verdict: Verdict) -> bool:
    """Whether a feature is an alarm, or has changed without being one."""
    return verdict.alarm or verdict.verdict in _TOLD


def in_order(drift: Drift) -> list[Verdict]:
    """All features, alarms first, then the worst verdict, then the surest."""
    return sorted(drift.features, key=_order)


def _order(verdict: Verdict) -> tuple[bool, int, float]:
    test = evidence(verdict)
    word = _TOLD.index(verdict.verdict) if verdict.verdict in _TOLD else len(_TOLD)
    return not verdict.alarm, word, test.p_value if test else 1.0


def counted(drift: Drift) -> str:
    """How many features there are of each verdict, in words."""
    words: list[str] = [each.verdict for each in drift.features]
    return ", ".join(f"{words.count(word):,} {word}" for word in _words(words))


def _words(found: Sequence[str]) -> Iterator[str]:
    known = (*_TOLD, "ordinary")
    yield from (word for word in known if word in found)
    yield from (word for word in dict.fromkeys(found) if word not in known)


def evidence(verdict: Verdict) -> Test | None:
    """The test on which a verdict stands; None where it stands on none."""
    if verdict.verdict == "unusual":
        return verdict.unusual
    test = verdict.different
    return test if test is not None and test.significant else None


def moved(found: Verdict | Test) -> str:
    """What moved, and how far; empty where nothing did."""
    return f"{found.kind} {how_far(found.kind, found.effect)}".strip()


def usual(test: Test) -> str:
    """How far the reference's own days went at most; empty where that is not known."""
    if test.largest is None:
        return ""
    return how_far(test.kind, math.copysign(test.largest, test.effect or 1.0)).lstrip("+-")


def sure(verdict: Verdict) -> str:
    """How sure it is; empty where no test says it, as of a plain fault."""
    test = evidence(verdict)
    return "" if test is None else how_sure(test.p_value)


def began(verdict: Verdict) -> str:
    """Since when it has been so; empty where that is not known."""
    since = verdict.since
    if since is None:
        return ""
    midnight = since.hour == since.minute == 0
    return f"{since:%Y-%m-%d}" if midnight else f"{since:%Y-%m-%d %H:%M}"


def cause_of(verdict: Verdict) -> str:
    """What changed, which the numbers of a verdict do not say; else its plain fault."""
    said = "; ".join(each.message for each in verdict.causes)
    if not said:
        # Beside another verdict it stands last.
        return _sentence(verdict.message.rsplit("; ", 1)[-1]) if verdict.fault else ""
    return _sentence(said) if said.endswith("?") else f"{_sentence(said)}."


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}"


def matters(drift: Drift, verdict: Verdict) -> str:
    """How far a feature's drift alone is expected to move what the model does; empty if not known."""
    found, of = verdict.impact, drift.predictions
    if found is None or of is None:
        return ""
    if not found.is_known:
        return f"an unknown amount: {found.unknown:.1%} of the rows are new to the baseline"
    said = [
        f"mean {name} {_move(size, error)}"
        for name, size, error in (
            (of.column, found.prediction, found.prediction_error),
            ("loss", found.loss, found.loss_error),
        )
        if size is not None and error is not None
    ]
    if found.unknown:
        said.append(f"{found.unknown:.1%} of the rows unknown")
    return ", ".join(said)


def observed_move(drift: Drift) -> str:
    """How far the predictions themselves are from the baseline's; empty where it is not known."""
    of = drift.predictions
    if of is None or of.mean is None:
        return ""
    loss = "" if of.loss is None else f", mean loss {of.loss:.4g}"
    said = f"mean {of.column} of the baseline {of.mean:.4g}{loss}"
    if of.move is None or of.move_error is None:
        return said
    return f"{said}; in this window mean {of.column} {_move(of.move, of.move_error)}"


def _move(size: float, error: float) -> str:
    """A move, and the 95 % about it."""
    return f"{size:+.2g} \u00b1 {1.96 * error:.2g}"


def affected(verdict: Verdict) -> float | None:
    """The share of the rows that are not as they were; None where rows cannot be told apart."""
    if verdict.effect is None or verdict.kind not in _SHARES:
        return None
    return min(1.0, abs(verdict.effect))


def how_far(kind: str, effect: float | None) -> str:
    """An effect in the unit of its kind.

    >>> how_far("shift", 0.62), how_far("far values", 0.05), how_far("spread", -0.1)
    ('+0.62 standard deviations', '+5.0 points', '0.828 times as wide')
    >>> how_far("distribution", 0.048), how_far("shift", 1234.5)
    ('in at least 4.8% of the rows', '+1,234 standard deviations')
    """
    if effect is None:
        return ""
    if kind == "spread":
        return _how_wide(effect)
    if kind in _GAPS:
        return f"in at least {effect:.1%} of the rows"
    if kind in _SHARES:
        return f"{effect * 100:+.1f} points"
    number = f"{effect:+g}" if kind == "time zone" else _two_digits(effect)
    return f"{number.lstrip('+') if kind == 'shape' else number} {measure_of(kind)}".strip()


def _two_digits(effect: float) -> str:
    return f"{effect:+,.0f}" if 100 <= abs(effect) < 1e9 else f"{effect:+.2g}"


def measure_of(kind: str) -> str:
    """What the effects of a kind are measured in, as numbers; empty where that is not known."""
    return "share of the rows" if kind in {*_SHARES, *_GAPS} else _MEASURES.get(kind, "")


def _how_wide(effect: float) -> str:
    """A spread of ranks as that of a normal law which is so many times as wide.

    Of ranks of the law itself the mean square, from -1 to 1, is (2 / pi) arcsin(s^2 / (1 + s^2))
    after a factor s (Sheppard's orthants, Phil. Trans. A 192, 1899), of which an effect is 3 / 2
    times the mean square less 1 / 2.
    """
    sine = math.sin(math.pi * min(max(2 * effect + 1, 0.0), 3.0) / 6)
    wide = math.sqrt(sine / max(1 - sine, 1e-9))
    return f"over {_WIDEST:g} times as wide" if wide > _WIDEST else f"{wide:.3g} times as wide"


def how_sure(p_value: float) -> str:
    """A p-value.

    >>> how_sure(0.000213), how_sure(0.0)
    ('p = 0.00021', 'p < 1e-12')
    """
    return f"p < {_LEAST:.0e}" if p_value < _LEAST else f"p = {p_value:.2g}"
