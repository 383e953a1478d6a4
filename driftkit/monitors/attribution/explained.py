"""The numbers behind an explanation, and the files that hold them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.formats.explanations import Explanations, LabelExplanation
from driftkit.formats.mapping import Node
from driftkit.monitors.attribution.checks import Compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from driftkit.states.attribution_storage import AttributionStates
    from driftkit.states.attributions import AggMethod

Z95 = 1.959963984540054
RESAMPLED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Numbers behind an explanation.

    Attributes:
        labels: of the model's outputs.
        names: of the features.
        values: global values, shape (features, labels).
        errors: their standard errors, of the same shape; NaN where unknown.
        resampled: label -> global values of resampled rows, shape (samples, features); none for
            what was read.
        local: attributions of every row, shape (rows, features, labels); None if not kept, and for
            what was read.
    """

    labels: tuple[str, ...]
    names: tuple[str, ...]
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    resampled: Mapping[str, NDArray[np.float64]]
    local: NDArray[np.float64] | None = None

    @classmethod
    def from_states(cls, found: AttributionStates, method: AggMethod, seed: int) -> Explained:
        """The numbers of a state.

        Args:
            found: what is known of all rows.
            method: how attributions of rows become one number.
            seed: of the groups of rows that are drawn again.
        """
        state, labels = found.state, found.request.labels
        drawn = state.resampled(method, RESAMPLED, seed)
        return cls(
            labels=labels,
            names=found.request.features,
            values=state.values(method),
            errors=state.errors(method),
            resampled={}
            if drawn is None
            else {label: drawn[:, :, at] for at, label in enumerate(labels)},
            local=np.concatenate(state.local) if state.local else None,
        )

    def explanations(self, expected: Sequence[float]) -> Explanations:
        """The content of analysis.json; the model's outputs are expected where no feature is known."""
        return Explanations(
            labels={
                label: LabelExplanation(
                    global_shap_values=dict(
                        zip(self.names, map(float, self.values[:, at]), strict=True)
                    ),
                    expected_value=expected[at],
                )
                for at, label in enumerate(self.labels)
            }
        )

    def intervals(self, compared: tuple[Compared, ...] = ()) -> dict[str, Any]:
        """The content of intervals.json."""
        scores = {each.label: each for each in compared}
        return {"version": "1.0", "labels": dict(self._of_labels(scores))}

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str) -> Explained:
        """The numbers in an intervals.json; what it does not hold is not known.

        Raises:
            FormatError: it is not what `intervals` gives; the message has the JSON path.
        """
        labels = Node(value=document, file=where).child("labels")
        features = {label: labels.child(label).child("features") for label in labels.value}
        names = tuple(next(iter(features.values())).value) if features else ()
        numbers = [[each.child(name) for each in features.values()] for name in names]
        return cls(
            labels=tuple(features),
            names=names,
            values=np.array([[each.number("value") for each in row] for row in numbers]),
            errors=np.array([[_error(each) for each in row] for row in numbers]),
            resampled={},
        )

    def _of_labels(self, scores: Mapping[str, Compared]) -> Iterator[tuple[str, dict[str, Any]]]:
        for at, label in enumerate(self.labels):
            features = {
                name: {"value": float(value), "standard_error": _known(error)}
                for name, value, error in zip(
                    self.names, self.values[:, at], self.errors[:, at], strict=True
                )
            }
            about: dict[str, Any] = {"features": features}
            if label in scores:
                found = scores[label]
                low, high = found.interval or (None, None)
                about["ndcg"] = {
                    "score": found.score,
                    "lower": low,
                    "upper": high,
                    "threshold": found.threshold,
                }
            yield label, about

    def interval(self, label: str, name: str) -> tuple[float, float] | None:
        """Where a global value lies with 95 % confidence; None where that is not known."""
        if label not in self.labels or name not in self.names:
            return None
        index = self.names.index(name), self.labels.index(label)
        value, error = float(self.values[index]), float(self.errors[index])
        return None if np.isnan(error) else (value - Z95 * error, value + Z95 * error)

    def local_csv(self) -> Iterator[str]:
        """The rows' own values as CSV, a part at a time."""
        assert self.local is not None  # noqa: S101  (asked for only where they are kept)
        header = [f"{name}_{label}" for label in self.labels for name in self.names]
        yield _csv([header])
        for start in range(0, len(self.local), 10_000):
            part = self.local[start : start + 10_000]
            yield _csv(part.transpose(0, 2, 1).reshape(len(part), -1).tolist())


def read_scores(document: Mapping[str, Any], where: str, usual: float) -> Iterator[Compared]:
    """The scores in an intervals.json, which does not say whether they are violations.

    Args:
        document: its content.
        where: it is.
        usual: the threshold where it says none.
    """
    labels = Node(value=document, file=where).child("labels")
    for label in labels.value:
        ndcg = labels.child(label).maybe(Node.child, "ndcg")
        if ndcg is not None:
            low, high = (ndcg.maybe(Node.number, end) for end in ("lower", "upper"))
            known = None if low is None or high is None else (low, high)
            least = ndcg.maybe(Node.number, "threshold")
            yield Compared(
                label=label,
                score=ndcg.number("score"),
                interval=known,
                worse=False,
                threshold=usual if least is None else least,
            )


def _error(feature: Node) -> float:
    known = feature.maybe(Node.number, "standard_error")
    return np.nan if known is None else known


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
