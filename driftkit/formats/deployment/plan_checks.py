"""The contradictions that a deployment plan may have: each with its JSON path and what to do."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from driftkit.formats.deployment.endpoint import MOST_VARIANTS, VARIANT_NAME
from driftkit.formats.deployment.input_checks import input_problems
from driftkit.formats.deployment.limits_checks import (
    bandit_problems,
    exact_problems,
    horizon_problems,
    rate_problems,
)
from driftkit.formats.deployment.metric_checks import metric_problems
from driftkit.formats.deployment.plan import NAME, Plan
from driftkit.formats.deployment.problems import Problem
from driftkit.formats.deployment.weights_checks import weights_problems
from driftkit.io.locations import is_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftkit.formats.deployment.selectors import Selector

_UNIT = re.compile(r"request|(attribute|field):.+", re.DOTALL)
_PAIR = re.compile(r"(inferenceId|(attribute|field):.+)(,content)?|content", re.DOTALL)
_TIMED = ("before", "from")
_BY_PATH = frozenset({"path", "job"})


def checked(plan: Plan, where: str = NAME) -> Plan:
    """The plan itself, which has no contradiction.

    Args:
        plan: the plan.
        where: name of the file, for messages.

    Raises:
        FormatError: it has one; the message has the JSON path and what to do.
    """
    for check in _CHECKS:
        for problem in check(plan):
            raise problem.error(where)
    return plan


def _arms(plan: Plan) -> Iterator[Problem]:
    if not plan.challengers:
        yield Problem(
            "challengers",
            "there is no second arm",
            "a champion and at least one challenger",
            f"the champion {plan.champion!r} alone",
            "Name a challenger with --arm NAME=SELECTOR",
        )
    named = Counter((plan.champion, *plan.challengers))
    for name, times in named.items():
        if times > 1:
            yield Problem(
                "challengers",
                f"the arm {name!r} is named twice",
                "each arm once, the champion not among the challengers",
                ", ".join(plan.challengers),
                "Name it once",
            )
        if name not in plan.arms:
            yield _unknown_arm("arms", name, plan)
    for name in plan.arms:
        if name not in named:
            yield _unknown_arm(f"arms.{name}", name, plan)


def _unknown_arm(path: str, name: str, plan: Plan) -> Problem:
    return Problem(
        path,
        f"the arm {name!r} is not among both the arms and their roles",
        "champion and challengers, each with its selector",
        f"arms {', '.join(plan.arms) or 'none'}; champion {plan.champion}; "
        f"challengers {', '.join(plan.challengers) or 'none'}",
        "Name the same arms in both",
    )


def _names(plan: Plan) -> Iterator[Problem]:
    if len(plan.arms) > MOST_VARIANTS:
        yield Problem(
            "arms",
            "there are more arms than an endpoint has variants",
            f"at most {MOST_VARIANTS}",
            str(len(plan.arms)),
            "Leave some out",
        )
    for name in plan.arms:
        if not VARIANT_NAME.fullmatch(name):
            yield Problem(
                f"arms.{name}",
                "an arm's name is none of a production variant",
                "1 to 63 of A-Z, a-z, 0-9 and -",
                repr(name),
                "Rename the arm; its selector may say what its rows have",
            )


def _selectors(plan: Plan) -> Iterator[Problem]:
    arms = list(plan.arms.items())
    for i, (name, selector) in enumerate(arms):
        for other, former in arms[:i]:
            if _overlap(former, selector):
                yield Problem(
                    f"arms.{name}",
                    f"the arms {other!r} and {name!r} would have the same rows",
                    "selectors of which no two match the same row",
                    f"{former} and {selector}",
                    "Tell them apart by something else: docs/deployment.md lists the selectors",
                )


def _overlap(one: Selector, other: Selector) -> bool:
    """Whether it is plain without any row that one row may match both."""
    kinds = (one.kind, other.kind)
    if one == other or kinds in {("before", "before"), ("from", "from")}:
        return True
    if _BY_PATH.issuperset(kinds):
        return is_below(one.value, other.value) or is_below(other.value, one.value)
    if set(kinds) == set(_TIMED):
        before, after = (one, other) if one.kind == "before" else (other, one)
        return before.time > after.time
    return False


def _shadow(plan: Plan) -> Iterator[Problem]:
    if plan.strategy != "shadow":
        return
    if len(plan.challengers) != 1:
        yield Problem(
            "challengers",
            "a shadow test has more than one shadow",
            "one champion and one shadow",
            ", ".join(plan.challengers),
            "Make a plan for each shadow",
        )
    listed = [name for name in plan.challengers if name in (plan.weights or {})]
    if listed:
        yield Problem(
            f"weights.{listed[0]}",
            "the shadow is listed as a production variant",
            "no weight: a shadow answers nobody",
            str((plan.weights or {})[listed[0]]),
            "Remove it; pairing.sampling_percentage is the share of requests that it gets",
        )
    if plan.pairing is None:
        yield Problem(
            "pairing",
            "a shadow test has no pairing",
            'an object such as {"by": "inferenceId", "seconds": 5}',
            "null",
            "Say how the rows of both arms are paired",
        )


def _sources(plan: Plan) -> Iterator[Problem]:
    if not _UNIT.fullmatch(plan.unit.source):
        yield Problem(
            "unit.source",
            "the unit of analysis is not known",
            "request | attribute:KEY | field:JMESPATH-OR-COLUMN",
            repr(plan.unit.source),
            "Write it so",
        )
    if plan.routing == "sticky" and plan.unit.source == "request":
        yield Problem(
            "unit.source",
            "all of a unit go to one arm, and each request is a unit of its own",
            "where the id of a user is: attribute:KEY | field:JMESPATH-OR-COLUMN",
            "request",
            "Name it with --unit, or take the routing request",
        )
    if plan.unit.buckets < _FEWEST_BUCKETS:
        yield Problem(
            "unit.buckets",
            "too few buckets tell nothing of the spread between them",
            f"{_FEWEST_BUCKETS} or more; 512 is a good number",
            str(plan.unit.buckets),
            "Take more",
        )
    if plan.pairing is not None and not _PAIR.fullmatch(plan.pairing.by):
        yield Problem(
            "pairing.by",
            "the way of pairing is not known",
            "inferenceId | attribute:KEY | field:JMESPATH-OR-COLUMN | content | attribute:KEY,content",
            repr(plan.pairing.by),
            "Write it so",
        )


def _pairing(plan: Plan) -> Iterator[Problem]:
    if plan.pairing is None:
        return
    if plan.pairing.seconds < 0.0:
        yield Problem(
            "pairing.seconds",
            "a time between two rows is negative",
            "a number of seconds, 0 or more",
            str(plan.pairing.seconds),
            "Write it without the sign",
        )
    share = plan.pairing.sampling_percentage
    if share is not None and not 0.0 < share <= 100.0:
        yield Problem(
            "pairing.sampling_percentage",
            "a shadow that gets no requests answers none",
            "a percentage above 0, up to 100; null where it is not known",
            str(share),
            "Correct it",
        )


_FEWEST_BUCKETS = 2
_CHECKS: tuple[Callable[[Plan], Iterator[Problem]], ...] = (
    _arms,
    _names,
    _selectors,
    _shadow,
    _sources,
    _pairing,
    weights_problems,
    rate_problems,
    horizon_problems,
    bandit_problems,
    metric_problems,
    exact_problems,
    input_problems,
)
