"""People, what a model answers about them in every form, and the label that is meant."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.monitors.bias import monitor as bias

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.formats.analysis import Analysis

FEATURES = ["sex", "age", "hours"]
CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"
# Neither the default nor what the model's own labels follow.
THRESHOLD = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A row, what is true of it and what the model says."""

    features: tuple[int, int, int]
    truth: int
    label: int
    score: float

    @property
    def likeliest(self) -> list[float]:
        """Scores of three labels, which agree neither with the label nor with the score."""
        high = self.features[1] % 3
        return [0.6 if place == high else 0.2 for place in range(3)]


def _people(count: int = 120) -> tuple[Person, ...]:
    random = np.random.default_rng(5)
    return tuple(
        Person(
            features=(int(random.random() < 0.4), int(random.integers(18, 70)), place),
            truth=int(random.random() < 0.5),
            label=int(random.random() < 0.5),
            score=round(float(random.random()), 4),
        )
        for place in range(count)
    )


PEOPLE = _people()
BY_FEATURES = {person.features: person for person in PEOPLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An answer, what the configuration says of it, and the label that is meant.

    Attributes:
        answer: label, then scores, as the model gives them; either may be left out.
        places: which of `label` and `probability` the configuration names.
        meant: the prediction.
        threshold: `probability_threshold`.
        headers: `label_headers`.
    """

    answer: Callable[[Person], dict[str, Any]]
    places: tuple[str, ...]
    meant: Callable[[Person], Any]
    threshold: float | None = None
    headers: tuple[str, ...] | None = None

    def predictor(self, kind: str) -> dict[str, Any]:
        """The configuration's `predictor`."""
        first = PEOPLE[0]
        names = list(self.answer(first))
        wanted = {name: self._place(kind, names.index(name), name) for name in self.places}
        headers = {} if self.headers is None else {"label_headers": list(self.headers)}
        return {"content_type": kind, "accept_type": kind, **wanted, **headers}

    def _place(self, kind: str, number: int, name: str) -> int | str:
        if kind == CSV:
            return number
        return f"predictions[*].{name}" if kind == JSON else name


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)


def answered(case: Case, kind: str, people: list[Person]) -> str:
    """What the model answers about some people."""
    answers = [case.answer(person) for person in people]
    if kind == JSON:
        return json.dumps({"predictions": answers})
    if kind == LINES:
        return "\n".join(map(json.dumps, answers))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [_text(value) for value in answer.values()] for answer in answers
    )
    return text.getvalue()


def asked(kind: str, body: bytes) -> list[Person]:
    """The people that a request is about."""
    if kind == CSV:
        rows: Any = csv.reader(io.StringIO(body.decode()))
    elif kind == LINES:
        rows = [json.loads(line)["features"] for line in body.splitlines()]
    else:
        rows = json.loads(body)["instances"]
    return [BY_FEATURES[int(row[0]), int(row[1]), int(row[2])] for row in rows]


def its_label(person: Person) -> int:
    """The label that the model itself says."""
    return person.label


def above(threshold: float) -> Callable[[Person], int]:
    """The label by a score above a threshold."""
    return lambda person: int(person.score > threshold)


def likeliest(person: Person) -> int:
    """The place of the greatest score."""
    return int(np.argmax(person.likeliest))


def both_scalars(person: Person) -> dict[str, Any]:
    """An answer of label and score."""
    return {"label": person.label, "probability": person.score}


def score_only(person: Person) -> dict[str, Any]:
    """An answer of a score."""
    return {"probability": person.score}


def _score_as_label(person: Person) -> dict[str, Any]:
    return {"label": person.score}


def _scores(person: Person) -> dict[str, Any]:
    return {"probability": person.likeliest}


def _scores_as_label(person: Person) -> dict[str, Any]:
    return {"label": person.likeliest}


def _lists(person: Person) -> dict[str, Any]:
    return {"label": [2, 1, 0], "probability": person.likeliest}


def _label_and_list(person: Person) -> dict[str, Any]:
    return {"label": person.label, "probability": person.likeliest}


def _lists_of_one(person: Person) -> dict[str, Any]:
    return {"label": [person.label], "probability": [person.score]}


BOTH = ("label", "probability")
TURNED = ("2", "1", "0")
CASES = {
    "a score alone": Case(answer=score_only, places=(), meant=above(0.5)),
    "a score alone, threshold": Case(
        answer=score_only, places=(), meant=above(THRESHOLD), threshold=THRESHOLD
    ),
    "probability": Case(answer=both_scalars, places=("probability",), meant=above(0.5)),
    "probability, threshold": Case(
        answer=both_scalars, places=("probability",), meant=above(THRESHOLD), threshold=THRESHOLD
    ),
    "label": Case(answer=both_scalars, places=("label",), meant=its_label),
    "label, which is no score, threshold": Case(
        answer=both_scalars, places=("label",), meant=its_label, threshold=THRESHOLD
    ),
    "label, which is a score, threshold": Case(
        answer=_score_as_label, places=("label",), meant=above(THRESHOLD), threshold=THRESHOLD
    ),
    "both": Case(answer=both_scalars, places=BOTH, meant=its_label),
    "both, threshold": Case(answer=both_scalars, places=BOTH, meant=its_label, threshold=THRESHOLD),
    "both, a header": Case(answer=both_scalars, places=BOTH, meant=its_label, headers=("1",)),
    "both, lists of one": Case(answer=_lists_of_one, places=BOTH, meant=its_label),
    "probabilities": Case(answer=_scores, places=("probability",), meant=likeliest),
    "probabilities, headers": Case(
        answer=_scores,
        places=("probability",),
        meant=lambda person: 2 - likeliest(person),
        headers=TURNED,
    ),
    "probabilities as label, headers": Case(
        answer=_scores_as_label,
        places=("label",),
        meant=lambda person: 2 - likeliest(person),
        headers=TURNED,
    ),
    "label, probabilities": Case(answer=_label_and_list, places=BOTH, meant=its_label),
    "label, probabilities, headers": Case(
        answer=_label_and_list, places=BOTH, meant=its_label, headers=TURNED, threshold=THRESHOLD
    ),
    "labels, probabilities": Case(
        answer=_lists, places=BOTH, meant=lambda person: 2 - likeliest(person)
    ),
    "labels, probabilities, headers": Case(
        answer=_lists,
        places=BOTH,
        meant=lambda person: 2 - likeliest(person),
        headers=("0", "1", "2"),
        threshold=THRESHOLD,
    ),
}


def config_of(case: Case, **more: Any) -> dict[str, Any]:
    """An analysis configuration of these people."""
    threshold = {} if case.threshold is None else {"probability_threshold": case.threshold}
    return {
        "version": "1.0",
        "headers": [*FEATURES, "truth"],
        "label": "truth",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "sex", "value_or_threshold": [0]}],
        "group_variable": "age",
        **threshold,
        **more,
    }


def of_columns(case: Case) -> Analysis:
    """The report on the same rows, the meant predictions in a column of their own."""
    rows = [(*person.features, person.truth, case.meant(person)) for person in PEOPLE]
    columns = dict(zip([*FEATURES, "truth", "meant"], zip(*rows, strict=True), strict=True))
    config = config_of(
        Case(answer=both_scalars, places=(), meant=its_label), predicted_label="meant"
    )
    config["headers"] = list(columns)
    return bias.baseline(columns, analysis_config=config, runner="local", dialect="aws").analysis


def metrics_of(analysis: dict[str, Any], facet: str = "sex") -> dict[str, Any]:
    """All 21 metrics of a report, none without a value."""
    found = {
        metric["name"]: metric["value"]
        for stage in ("pre_training_bias_metrics", "post_training_bias_metrics")
        for metric in analysis[stage]["facets"][facet][0]["metrics"]
    }
    assert len(found) == 21
    assert None not in found.values()
    return found
