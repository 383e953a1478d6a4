"""Adds a model's predicted labels to a dataset, for post-training bias."""

from __future__ import annotations

import math
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from driftkit.capture.decision import THRESHOLD, Decision
from driftkit.columns.lists import cell
from driftkit.errors import InputError
from driftkit.explain.payloads import request_of
from driftkit.explain.predictor_files import Model, predictor
from driftkit.explain.predictor_http import HttpPredictor, SageMakerPredictor
from driftkit.formats import analysis_config, attribution_config
from driftkit.monitors.attribution.explaining import numbers_of
from driftkit.monitors.attribution.inputs import inside, opened, sampled_rows
from driftkit.monitors.attribution.settings import AttributionSettings
from driftkit.sagemaker.monitor_jobs import text_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from driftkit.columns.chunk import Chunk
    from driftkit.explain.payloads import Request
    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows
    from driftkit.monitors.attribution.explaining import Features
    from driftkit.monitors.attribution.inputs import Opened

PREDICTED = "predicted_label"
# By which the type of text columns is told.
_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledDataset:
    """A dataset with predicted labels, as the bias monitor takes it.

    Attributes:
        data: its path.
        config: the analysis configuration that names the predicted label.
        settings: settings.
    """

    data: str
    config: Mapping[str, Any]
    settings: Mapping[str, Any]


def is_asked(config: Mapping[str, Any]) -> bool:
    """Whether a configuration needs labels that the dataset does not have.

    >>> is_asked({"methods": {"post_training_bias": {}}, "predicted_label": "p"})
    False
    """
    keys = ("predicted_label", "predicted_label_dataset_uri")
    known = any(config.get(key) is not None for key in keys)
    return "post_training_bias" in (config.get("methods") or {}) and not known


@contextmanager
def with_predicted_labels(given: LabelledDataset, model: str) -> Iterator[LabelledDataset]:
    """The dataset with the model's labels, which is there as long as the context.

    Rows that the model does not answer, or that have text among its numbers, are left out.

    Raises:
        DriftkitError: the data or the model cannot be read, or no answer has a label.
    """
    if not is_asked(given.config):
        yield given
        return
    wanted = analysis_config.read(given.config)
    asked = attribution_config.read(given.config)
    source = opened(given.data, asked, AttributionSettings.from_keywords(**given.settings))
    names = [*_names(source, given.config), PREDICTED]
    answering = _Answering(
        model=predictor(model, _request(asked)),
        features=source.features(sampled_rows(source, _LOOKED_AT)),
        answer=wanted.predictor or analysis_config.AnswerConfig(),
        threshold=wanted.probability_threshold,
        positives=wanted.label_values_or_threshold,
    )
    with tempfile.TemporaryDirectory(prefix="driftkit-") as folder:
        path = Path(folder) / "labelled.csv"
        rows, known = _write(path, source, names, answering)
        if not known:
            raise _unlabelled(given.config, model)
        if known < rows:
            # No report has a place for them.
            sys.stderr.write(f"{rows - known:,} rows without a predicted label were left out\n")
        yield LabelledDataset(
            data=str(path),
            config=_named(given.config, source, names),
            # Only this machine has the file.
            settings={**given.settings, **text_settings("csv"), "format": "csv", "runner": "local"},
        )


def _request(asked: attribution_config.AttributionConfig) -> Request:
    answer = asked.predictor
    return replace(request_of(asked), label=answer.label, probability=answer.probability)


def _unlabelled(config: Mapping[str, Any], model: str) -> InputError:
    asked = config.get("predictor") or {}
    settings = {key: asked[key] for key in ("label", "probability") if asked.get(key) is not None}
    return InputError(
        "the model's answers have no predicted label",
        where=model,
        expected=", ".join(f"predictor.{key}: {settings[key]}" for key in settings)
        or "a score a row",
        found="for no row a label, a score, or as many scores as labels",
        todo="Correct predictor.label, predictor.probability and predictor.label_headers",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answering:
    """The model and how its answers become labels."""

    model: Predictor
    features: Features
    answer: analysis_config.AnswerConfig
    threshold: float | None
    positives: tuple[analysis_config.Value, ...]

    def labels(self, table: pa.Table) -> tuple[pa.Table, pa.Array]:
        """The rows that have a label, and their labels as text."""
        wrong = np.zeros(table.num_rows, dtype=bool)
        for index, numeric in zip(self.features.indices, self.features.numeric, strict=True):
            if numeric:
                wrong |= numbers_of(table.column(index))[1]
        kept = table.filter(pa.array(~wrong))
        rows, _ = self.features.rows([kept.column(index) for index in self.features.indices])
        labels = self._predicted(rows) if len(rows) else []
        known = pa.array([each is not None for each in labels], pa.bool_())
        texts = pa.array([each for each in labels if each is not None], pa.string())
        return kept.filter(known), texts

    def _predicted(self, rows: Rows) -> list[str | None]:
        if isinstance(self.model, HttpPredictor | SageMakerPredictor):
            pairs, decision = self.model.labels(rows).tolist(), self._decision()
        else:
            pairs, decision = self._of_file(self.model.predict(rows))
        return [_text_of(_decided(decision, one, other)) for one, other in pairs]

    def _decision(self, *, labelled: bool = True) -> Decision:
        answer = self.answer
        return Decision.from_options(
            answer.label if labelled else None,
            answer.probability,
            self.threshold,
            answer.label_headers or (),
            self.positives,
        )

    def _of_file(self, answers: NDArray[np.float64]) -> tuple[list[Any], Decision]:
        """The pairs of a model's file, which has numbers only, and what they decide.

        A function of the user's may answer with a label and a score, each in its column. Other
        models answer with scores, or with one number: a whole one, as classes have, is a label.
        """
        width, answer = answers.shape[1], self.answer
        columns = [each for each in (answer.label, answer.probability) if isinstance(each, int)]
        if width > 1 and columns and max(columns) < width and _is_function(self.model):
            found = [
                answers[:, each] if isinstance(each, int) else [None] * len(answers)
                for each in (answer.label, answer.probability)
            ]
            return list(zip(*map(list, found), strict=True)), self._decision()
        if width > 1:
            return [(None, row) for row in answers.tolist()], self._decision(labelled=False)
        decision = self._decision()
        if answer.label is not None and (answer.probability is not None or self._gives_scores()):
            threshold = THRESHOLD if self.threshold is None else self.threshold
            decision = replace(decision, scored=False, threshold=threshold)
        return [(each, each) for each in answers[:, 0].tolist()], decision

    def _gives_scores(self) -> bool:
        return hasattr(getattr(self.model, "object", None), "predict_proba")


def _is_function(model: Predictor) -> bool:
    return isinstance(model, Model) and model.kind in {"python", "mlflow"}


def _decided(decision: Decision, label: Any, scores: Any) -> Any:
    """The label of a row; None where there is none or it cannot be told."""
    try:
        return decision.label(_read(label), _read(scores))
    except ValueError:
        return None


def _read(value: Any) -> Any:
    return cell(value) if isinstance(value, str) else value


def _text_of(label: Any) -> str | None:
    """A label as the dataset's columns have it: whole numbers without a point."""
    if label is None or (isinstance(label, float) and math.isnan(label)):
        return None
    return f"{label:.15g}" if isinstance(label, float) else str(label)


def _names(source: Opened, config: Mapping[str, Any]) -> list[str]:
    """The columns' names, of JSON those that the headers give them."""
    names = [column.name for column in source.dataset.columns]
    for index, name in zip(source.indices, source.names, strict=True):
        names[index] = name
    label, headers = _label(config), config.get("headers") or ()
    if label in names and headers and label not in headers:
        names[names.index(label)] = headers[-1]
    return names


def _label(config: Mapping[str, Any]) -> Any:
    """The label's name or place, of JSON its path within a row."""
    label = config.get("label")
    return inside(label) if isinstance(label, str) else label


def _named(config: Mapping[str, Any], source: Opened, names: list[str]) -> dict[str, Any]:
    label = _label(config)
    if isinstance(label, str) and label not in names:
        present = [column.name for column in source.dataset.columns]
        label = names[present.index(label)] if label in present else label
    left = {"features", "probability_threshold", "predictor"}
    return {
        **{key: value for key, value in config.items() if key not in left},
        "dataset_type": "text/csv",
        "headers": names,
        "label": label,
        "predicted_label": PREDICTED,
    }


def _write(path: Path, source: Opened, names: list[str], answering: _Answering) -> tuple[int, int]:
    """Writes the rows that have a label; says how many there are, and how many of these."""
    rows = known = 0
    schema = pa.schema([(name, pa.string()) for name in names])
    options = pa_csv.WriteOptions(include_header=False)
    with pa_csv.CSVWriter(str(path), schema, write_options=options) as writer:
        for unit in source.dataset.units:
            for chunk in unit.chunks():
                kept, labels = answering.labels(_table(chunk, len(names) - 1))
                columns = [_text(column) for column in kept.columns]
                writer.write_table(pa.table([*columns, labels], schema=schema))
                rows, known = rows + chunk.num_rows, known + len(labels)
    return rows, known


def _table(chunk: Chunk, width: int) -> pa.Table:
    indices = range(width)
    return pa.table([chunk.column(index) for index in indices], names=[str(at) for at in indices])


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    plain = column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
    return plain.cast(pa.string())
