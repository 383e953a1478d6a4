"""Deequ's constraint suggestions with their code, from column profiles.

Deequ's own runner makes several passes of slow profiling before its rules see a column; here the
rules get the numbers that the engine has from all rows already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import SparkSession

    from driftkit.columns.types import InferredType

NULL = "NullValue"
_BRACKETS = {"(": ("(", ")"), "Array(": ("[", "]"), "Seq(": ("[", "]"), "Some(": ("", "")}
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\b(?:Array|Seq|Some)\(|[()]|\w+|.', re.DOTALL)
# The numbers of a profile that no rule reads, before and after maximum and minimum.
_UNREAD_BEFORE, _UNREAD_AFTER = 3, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What Deequ's rules want to know of a column.

    Attributes:
        name: of the column.
        kind: its type.
        inferred: whether the type was inferred from text.
        completeness: share of rows with a value.
        distinct: approximate number of distinct values.
        minimum: of the numbers; None for other types.
        maximum: of the numbers; None for other types.
        histogram: rows by value, missing ones as "NullValue"; None where there are too many.
    """

    name: str
    kind: InferredType
    inferred: bool
    completeness: float
    distinct: int
    minimum: float | None
    maximum: float | None
    histogram: Mapping[str, int] | None


def suggest(
    session: SparkSession, profiles: Sequence[ColumnProfile], rows: int
) -> dict[str, list[dict[str, str]]]:
    """What pydeequ's default rules suggest, in the layout of Deequ's own file.

    Args:
        session: a classic session with Deequ's jar; pydeequ is importable.
        profiles: of all columns.
        rows: number of rows that the profiles speak of.
    """
    rules = list(_rules(session))
    found = [
        _entry(rule.candidate(profile, rows))
        for profile in (_jvm_profile(session, each, rows) for each in profiles)
        for rule in rules
        if rule.shouldBeApplied(profile, rows)
    ]
    return {"constraint_suggestions": found}


def _rules(session: SparkSession) -> Iterator[Any]:
    from pydeequ.suggestions import DEFAULT

    jvm = session._jvm  # noqa: SLF001  (pydeequ's own way)
    for rule in DEFAULT().rule_jvm:
        rule._set_jvm(jvm)  # noqa: SLF001  (pydeequ's own way)
        yield rule.rule_jvm


def _jvm_profile(session: SparkSession, column: ColumnProfile, rows: int) -> Any:
    jvm: Any = session._jvm  # noqa: SLF001  (pydeequ's own way)
    profiles, option = jvm.com.amazon.deequ.profiles, jvm.scala.Option.apply
    common = (
        column.name,
        column.completeness,
        column.distinct,
        getattr(jvm.com.amazon.deequ.analyzers.DataTypeInstances, column.kind.value)(),
        column.inferred,
        jvm.PythonUtils.toScalaMap({}),
        option(_distribution(jvm, column.histogram, rows)),
    )
    if not column.kind.is_numeric:
        return profiles.StandardColumnProfile(*common)
    numbers = [
        *[None] * _UNREAD_BEFORE,
        column.maximum,
        column.minimum,
        *[None] * _UNREAD_AFTER,
    ]
    return profiles.NumericColumnProfile(*common, *map(option, numbers))


def _distribution(jvm: Any, histogram: Mapping[str, int] | None, rows: int) -> Any:
    if histogram is None:
        return None
    metrics = jvm.com.amazon.deequ.metrics
    values = {
        value: metrics.DistributionValue(count, count / rows) for value, count in histogram.items()
    }
    return metrics.Distribution(jvm.PythonUtils.toScalaMap(values), len(values), 0)


def _entry(suggestion: Any) -> dict[str, str]:
    rule = suggestion.suggestingRule()
    return {
        "constraint_name": suggestion.constraint().toString(),
        "column_name": suggestion.columnName(),
        "current_value": suggestion.currentValue(),
        "description": suggestion.description(),
        # Without its parameters: among them is a function, printed as a memory address.
        "suggesting_rule": rule.toString().partition("(")[0],
        "rule_description": rule.ruleDescription(),
        "code_for_constraint": python_code(suggestion.codeForConstraint()),
    }


def python_code(scala: str) -> str:
    r"""The Python code for pydeequ of Deequ's Scala code for a constraint.

    Other than pydeequ's own translation, it leaves alone what is between quotes.

    >>> python_code('.isContainedIn("c", Array("a) _ b", "Some(x)"), _ >= 0.9, Some("Why!"))')
    '.isContainedIn("c", ["a) _ b", "Some(x)"], lambda x: x >= 0.9, "Why!")'
    """
    written: list[str] = []
    closing: list[str] = []
    for piece in _PIECE.findall(scala):
        if piece.endswith("("):
            left, right = _BRACKETS[piece]
            closing.append(right)
            written.append(left)
        elif piece == ")" and closing:
            written.append(closing.pop())
        else:
            written.append("lambda x: x" if piece == "_" else piece)
    return "".join(written)
