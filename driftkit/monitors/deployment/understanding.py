"""Looks at the first captured answers of each arm: where predictions and probabilities are in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from driftkit.capture.answer_values import are_probabilities
from driftkit.capture.answers import FORMS, recognised
from driftkit.capture.arm_values import (
    AnswerBytes,
    KnownForms,
    OutcomePaths,
    asked_rows,
    true_labels,
)
from driftkit.capture.heads import LOOKED_AT, first_documents
from driftkit.capture.predictions import PREDICTION, PROBABILITY
from driftkit.capture.record import Record, documents_of
from driftkit.errors import InputError
from driftkit.monitors.model_quality.inputs import shown_record
from driftkit.readers.json_values import UnreadableError
from driftkit.readers.lines import blocks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.capture.answer_values import Answers
    from driftkit.capture.record import Part
    from driftkit.io.finding import File
    from driftkit.monitors.deployment.row_columns import RowAttributes

_OTHERWISE = "name --inference-attribute or --probability-attribute where it is something else"
_UNKNOWN = "the answers have no form that is known"
_IN_BYTES = "the answers are no text: only whether two of them are the same bytes is compared"
_PAIR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """How captured records are read.

    Attributes:
        outcomes: where predictions and probabilities are.
        labelled: whether there is ground truth.
        remarks: what was recognised without being told, for people.
    """

    outcomes: OutcomePaths | KnownForms | AnswerBytes
    labelled: bool
    remarks: tuple[str, ...] = ()


def understood(
    records: Mapping[str, Sequence[Record]], attributes: RowAttributes, *, in_bytes: bool = False
) -> Understanding:
    """How records are read, by the first ones of each group.

    Args:
        records: by the arms that they are of.
        attributes: what a user says; neither prediction nor probability to have the forms of
            answers recognised.
        in_bytes: whether answers that are no text are compared with each other.

    Raises:
        InputError: the answers of a group are not so, or of no form that is known.
    """
    labelled = any(each.is_labelled for found in records.values() for each in found)
    named = attributes.outcomes
    if named.names:
        for group, found in records.items():
            _answers_of(group, found, named, attributes.label)
        return Understanding(outcomes=named, labelled=labelled)
    if in_bytes and any(map(_are_no_text, records.values())):
        return Understanding(outcomes=AnswerBytes(), labelled=labelled, remarks=(_IN_BYTES,))
    forms = KnownForms(names=(PREDICTION, PROBABILITY), positive=attributes.positive)
    answers = {
        group: _recognised(group, found, forms, attributes.label)
        for group, found in records.items()
    }
    known = _known(forms, [each for found in answers.values() for each in found])
    told = (_remark(group, found, known) for group, found in answers.items() if found)
    return Understanding(outcomes=known, labelled=labelled, remarks=tuple(told))


def _are_no_text(records: Sequence[Record]) -> bool:
    """Whether there are answers, and none of them is text of a known kind."""
    answers = [each.answer for each in records if each.answer is not None and each.answer.data]
    return bool(answers) and not any(map(_is_text, answers))


def _is_text(answer: Part) -> bool:
    try:
        answer.text()
    except UnreadableError:
        return False
    return True


def first_records(files: Sequence[File]) -> list[Record]:
    """The first captured records of some files."""
    documents = list(first_documents(files))
    if not documents:
        # Records may be longer than what is looked at first, as those of images.
        lines = (text for file in files[:1] for block in blocks(file) for _, text in block.lines())
        documents = [each for line in islice(lines, LOOKED_AT) for each in _documents(line)]
    found = map(Record.from_document, documents)
    return [each for each in found if each is not None]


def _documents(line: bytes) -> list[Any]:
    try:
        return documents_of(line)
    except ValueError:
        return []


def _recognised(
    group: str, records: Sequence[Record], forms: KnownForms, label: str | None
) -> list[Answers]:
    """The answers of a group, by the forms that are known."""
    found = []
    for record in _answers_of(group, records, forms, label):
        answer = record.answer
        assert answer is not None  # noqa: S101  (it can be read)
        found.append(recognised(answer.content(), partial(_rows, record, label), forms.positive))
    return found


def _answers_of(
    group: str, records: Sequence[Record], outcomes: OutcomePaths | KnownForms, label: str | None
) -> list[Record]:
    """The records whose answers can be read.

    Raises:
        InputError: there are answers, and none can be.
    """
    answered = [each for each in records if each.answer is not None and each.answer.data]
    readable = [each for each in answered if _can_be_read(each, outcomes, label)]
    if readable or not answered:
        return readable
    named = outcomes if isinstance(outcomes, OutcomePaths) else OutcomePaths()
    paths = ", ".join(path for path in (named.prediction, named.probability) if path)
    raise InputError(
        "the attributes are not found in the answers" if paths else _UNKNOWN,
        where=group,
        expected=paths or "; ".join(form.name for form in FORMS),
        found=shown_record(answered[0]),
        todo="Name where predictions are with --inference-attribute or --probability-attribute: "
        "JMESPath in JSON, the place of the column in CSV",
    )


def _can_be_read(record: Record, outcomes: OutcomePaths | KnownForms, label: str | None) -> bool:
    assert record.answer is not None  # noqa: S101  (there is one)
    try:
        outcomes.columns(record.answer.content(), partial(_rows, record, label))
    except UnreadableError:
        return False
    return True


def _rows(record: Record, label: str | None) -> int | None:
    return asked_rows(record, true_labels(record, label))


def _known(forms: KnownForms, answers: Sequence[Answers]) -> KnownForms:
    """The forms, as all first answers are understood together."""
    numbers = [each for found in answers for each in found.scores or ()]
    scores = PROBABILITY if are_probabilities(numbers) else PREDICTION
    lists = [each for found in answers for each in found.probabilities or ()]
    are_pairs = all(isinstance(each, list) and len(each) == _PAIR for each in lists)
    mixed = bool(lists) and bool(numbers) and scores == PROBABILITY and are_pairs
    forms = replace(forms, scores=scores, positives_only=mixed)
    columns = [frozenset(forms.told(found)) for found in answers]
    every = frozenset.intersection(*columns) if columns else frozenset()
    any_ = frozenset().union(*columns)
    names = tuple(name for name in (PREDICTION, PROBABILITY) if name in (every or any_))
    return replace(forms, names=names)


def _remark(group: str, answers: Sequence[Answers], forms: KnownForms) -> str:
    kinds = ", ".join(dict.fromkeys(found.form for found in answers))
    columns = {name for found in answers for name in forms.told(found)} & set(forms.names)
    read = " and ".join(name for name in forms.names if name in columns)
    lone = any(found.scores is not None and found.predictions is None for found in answers)
    taken = f", a lone number for a {forms.scores}" if lone else ""
    return f"{group}: the answers look like {kinds} and are read for {read}{taken}; {_OTHERWISE}"
