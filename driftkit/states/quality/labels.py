"""Labels as text: their canonical form, and the positive one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.columns.numbers import number_in
from driftkit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftkit.states.quality.confusion import Confusion

MOST_CLASSES = 1_000
# Predictions made from a probability are named only when the labels are known.
ABOVE, BELOW = "\x00above", "\x00below"
_TRUTHS = {"true", "false"}
AS_NUMBERS = {"true": "1", "false": "0"}
_POSITIVES = ("1", "true")
_NEGATIVE_OF = {"1": "0", "true": "false"}
_MOST_SHOWN = 5


def canonical(value: Any) -> str:
    """The label that a value stands for: "1", 1 and 1.0 are the same, "yes" and 1 are not.

    >>> [canonical(value) for value in ("1", 1.0, " 1.50", True, "TRUE", "yes", "1_0")]
    ['1', '1', '1.5', 'true', 'true', 'yes', '1_0']
    """
    text = str(value).strip()
    if text.lower() in _TRUTHS:
        return text.lower()
    number = number_in(text)
    if number is None:
        return text
    if number.is_integer() and abs(number) < 2**53:
        return str(int(number))
    return repr(number)


def label_of(value: Any) -> str | None:
    """The label that a value stands for; None where it stands for none."""
    text = canonical(value)
    return None if value is None or text in {"", "nan"} else text


def agreed(confusion: Confusion) -> Confusion:
    """The matrix with truth values named as numbers where the other side has numbers.

    Raises:
        InputError: labels and predictions have nothing in common.
    """
    actual, predicted = confusion.actual, confusion.predicted - {ABOVE, BELOW}
    if (actual <= _TRUTHS) != (predicted <= _TRUTHS) and predicted:
        confusion = confusion.renamed(AS_NUMBERS)
        actual, predicted = confusion.actual, confusion.predicted
    if predicted and _kinds(actual).isdisjoint(_kinds(predicted)):
        raise InputError(
            "labels and predictions are of different kinds, so no prediction can be right",
            expected=f"predictions like the labels {_some(actual)}",
            found=_some(predicted),
            todo="Name the right columns, or write both in the same way",
        )
    return confusion


def positive_label(confusion: Confusion, asked: str | None) -> str:
    """The label whose recall, precision and curves are measured.

    Raises:
        InputError: there are more than two labels.
        SettingsError: it was not named and is not obvious, or does not occur.
    """
    labels = (confusion.actual | confusion.predicted) - {ABOVE, BELOW}
    if len(labels) > 2:
        raise InputError(
            "a binary problem has two labels",
            expected="two labels",
            found=f"{len(labels)}: {_some(labels)}",
            todo="Choose the problem type MulticlassClassification, or mend the data",
        )
    if asked is not None:
        return _asked(canonical(asked), labels)
    obvious = [label for label in _POSITIVES if label in labels]
    if obvious:
        return obvious[0]
    if labels == {"0"}:
        return "1"
    if labels == {"false"}:
        return "true"
    raise SettingsError(
        "it is not obvious which label is the positive one",
        where="positive_label",
        expected="labels 0 and 1 or false and true, or a positive label by name",
        found=_some(labels),
        todo="Give --positive-label",
    )


def refuse_unseen(confusion: Confusion, asked: str, known: Collection[str]) -> None:
    """Refuses a positive label that neither these rows nor those before them have.

    Args:
        confusion: of the rows.
        asked: the positive label.
        known: labels of the baseline.

    Raises:
        SettingsError: there is no such label, and the only one that there is is not its opposite.
    """
    labels = (confusion.actual | confusion.predicted) - {ABOVE, BELOW}
    positive = canonical(asked)
    if labels and positive not in labels | set(known) and labels != {_NEGATIVE_OF.get(positive)}:
        raise _unseen(positive, labels | frozenset(known))


def _unseen(positive: str, labels: frozenset[str]) -> SettingsError:
    return SettingsError(
        "the positive label does not occur",
        where="positive_label",
        expected=_some(labels),
        found=repr(positive),
        todo="Choose one of them",
    )


def _asked(positive: str, labels: frozenset[str]) -> str:
    if positive not in labels and len(labels) == 2:
        raise _unseen(positive, labels)
    return positive


def negative_label(labels: frozenset[str], positive: str) -> str:
    """The other label; a name for it where it does not occur."""
    others = sorted(labels - {positive, ABOVE, BELOW})
    return others[0] if others else _NEGATIVE_OF.get(positive, f"not {positive}")


def in_order(labels: frozenset[str]) -> list[str]:
    """Labels as people sort them: numbers by value, then texts."""
    return sorted(labels, key=lambda label: (not _is_number(label), _number(label), label))


def names(positive: str, negative: str) -> Mapping[str, str]:
    """What predictions made from a probability are called."""
    return {ABOVE: positive, BELOW: negative}


def _is_number(label: str) -> bool:
    return number_in(label) is not None


def _number(label: str) -> float:
    return number_in(label) or 0.0


def _kinds(labels: frozenset[str]) -> set[str]:
    return {
        "number" if _is_number(label) else "truth" if label in _TRUTHS else "text"
        for label in labels
    }


def _some(labels: frozenset[str]) -> str:
    ordered = in_order(labels)
    more = f" and {len(ordered) - _MOST_SHOWN} more" if len(ordered) > _MOST_SHOWN else ""
    return ", ".join(map(repr, ordered[:_MOST_SHOWN])) + more
