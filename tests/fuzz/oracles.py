"""What plain Python makes of a table: rows, missing values, types, sums, bounds, categories."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fuzz.cases import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INTEGRAL = re.compile(r"[-+]? ?[0-9]+\Z")
_FRACTIONAL = re.compile(r"[-+]? ?[0-9]+(?:\.[0-9]+|(?:\.[0-9]+)?[Ee][-+]?[0-9]+)\Z")
# Of the sum of magnitudes; sums run in other orders.
_SHARE = 1e-12
# A column of more values than these lists none, and its sketch holds not every number.
_LISTED, _EXACT = 100, 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What statistics.json must say of a column.

    Attributes:
        kind: its inferred_type.
        present: rows with a value.
        missing: rows without one.
        numbers: the finite numbers among the values; of numeric columns.
        texts: the values and how often each is there; of others; None where nothing is listed.
    """

    kind: str
    present: int
    missing: int
    numbers: tuple[float, ...] = ()
    texts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What statistics.json must say, and how many records were set aside."""

    rows: int
    columns: Mapping[str, Expected]
    rejected: int = 0


def of_texts(values: Sequence[str | None]) -> Expected:
    """A column of text; what is missing is None."""
    present = [value for value in values if value is not None]
    kinds = Counter(map(_kind, present))
    kind = _decided(kinds)
    numeric = kind in {"Integral", "Fractional"}
    return Expected(
        kind=kind,
        present=len(present),
        missing=len(values) - len(present),
        numbers=tuple(finite(map(_number, present))) if numeric else (),
        texts=Counter(present) if present and not numeric else None,
    )


def of_numbers(kind: str, values: Sequence[Any]) -> Expected:
    """A column whose type is declared numeric; what is missing is None."""
    present = [float(value) for value in values if value is not None]
    return Expected(
        kind=kind,
        present=len(present),
        missing=len(values) - len(present),
        numbers=tuple(finite(present)),
    )


def of_words(kind: str, values: Sequence[str | None]) -> Expected:
    """A column whose type is declared, and is no number."""
    present = [value for value in values if value is not None]
    return Expected(
        kind=kind,
        present=len(present),
        missing=len(values) - len(present),
        texts=Counter(present) if present else None,
    )


def finite(values: Any) -> list[float]:
    """Those that are finite."""
    return [value for value in values if value is not None and math.isfinite(value)]


def agree(expected: Table, statistics: Mapping[str, Any], rejected: int | None = None) -> None:
    """Compares statistics.json with what it must say.

    Raises:
        WrongError: they differ.
    """
    found = {each["name"]: each for each in statistics["features"]}
    rows = statistics["dataset"]["item_count"]
    check(rows == expected.rows, f"{rows} rows in place of {expected.rows}")
    check(list(found) == list(expected.columns), f"columns {[*found]}, not {[*expected.columns]}")
    if rejected is not None:
        check(rejected == expected.rejected, f"{rejected} set aside, not {expected.rejected}")
    for name, column in expected.columns.items():
        _agree(name, column, found[name])


def _agree(name: str, expected: Expected, found: Mapping[str, Any]) -> None:
    kind = found["inferred_type"]
    check(kind == expected.kind, f"column {name!r} is {kind}, not {expected.kind}")
    part = found.get("numerical_statistics") or found.get("string_statistics") or {}
    counts = part["common"]["num_present"], part["common"]["num_missing"]
    wanted = expected.present, expected.missing
    check(counts == wanted, f"column {name!r} has {counts} present and missing, not {wanted}")
    if expected.kind in {"Integral", "Fractional"}:
        _agree_numbers(name, expected.numbers, part)
    elif expected.texts is not None and len(expected.texts) <= _LISTED:
        listed = part["distribution"]["categorical"]["buckets"]
        texts = {each["value"]: each["count"] for each in listed}
        check(texts == expected.texts, f"column {name!r} has {texts}, not {expected.texts}")


def _agree_numbers(name: str, numbers: Sequence[float], part: Mapping[str, Any]) -> None:
    if not numbers:
        check(part.get("sum") in {None, 0.0}, f"column {name!r} has a sum of no numbers")
        return
    bounds = part["min"], part["max"]
    wanted = min(numbers) + 0.0, max(numbers) + 0.0
    check(bounds == wanted, f"column {name!r} lies in {bounds}, not {wanted}")
    size = math.fsum(map(abs, numbers)) if max(map(abs, numbers)) < 1e300 else math.inf
    if not math.isfinite(size):
        return
    total = math.fsum(numbers)
    check(_near(part["sum"], total, size), f"column {name!r} sums to {part['sum']}, not {total}")
    mean = total / len(numbers)
    check(_near(part["mean"], mean, size), f"column {name!r} has mean {part['mean']}, not {mean}")
    _agree_sketch(name, numbers, part)


def _agree_sketch(name: str, numbers: Sequence[float], part: Mapping[str, Any]) -> None:
    """A sketch of few numbers holds them all; its buckets count each once."""
    kll = part["distribution"]["kll"]
    if len(numbers) > _EXACT:
        return
    kept = sorted(value for level in kll["sketch"]["data"] for value in level)
    check(kept == sorted(numbers), f"column {name!r} keeps {kept}, not {sorted(numbers)}")
    counted = sum(each["count"] for each in kll["buckets"])
    check(counted == len(numbers), f"column {name!r} has {counted} numbers in buckets")


def _near(found: float, wanted: float, size: float) -> bool:
    return abs(found - wanted) <= _SHARE * size


def _kind(text: str) -> str:
    if _INTEGRAL.match(text):
        return "Integral"
    if _FRACTIONAL.match(text):
        return "Fractional"
    return "Boolean" if text in {"true", "false"} else "String"


def _decided(kinds: Mapping[str, int]) -> str:
    if not kinds:
        return "Unknown"
    numeric = bool(kinds.get("Integral") or kinds.get("Fractional"))
    if kinds.get("String") or (kinds.get("Boolean") and numeric):
        return "String"
    if kinds.get("Boolean"):
        return "Boolean"
    return "Fractional" if kinds.get("Fractional") else "Integral"


def _number(text: str) -> float | None:
    """What Spark's cast makes of a text that looks like a number."""
    return None if text[1:2] == " " else float(text)
