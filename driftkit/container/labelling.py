"""Puts a model's predicted labels beside a dataset, for the bias after training."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from driftkit.container.jobs import text_settings
from driftkit.engines.explaining import numbers_of
from driftkit.explain.predictor_files import predictor
from driftkit.formats import attribution_config
from driftkit.monitors.attribution_data import inside, opened, sampled_rows
from driftkit.monitors.attribution_settings import AttributionSettings, request_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from driftkit.columns.chunk import Chunk
    from driftkit.engines.explaining import Features
    from driftkit.explain.predictor import Predictor
    from driftkit.monitors.attribution_data import Opened

PREDICTED = "predicted_label"
THRESHOLD = 0.5
# By which the type of text columns is told.
_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A dataset with predicted labels, as the bias monitor takes it.

    Attributes:
        data: its path.
        config: the analysis configuration that names the predicted label.
        told: settings.
    """

    data: str
    config: Mapping[str, Any]
    told: Mapping[str, Any]


def is_asked(config: Mapping[str, Any]) -> bool:
    """Whether a configuration needs labels that the dataset does not have.

    >>> is_asked({"methods": {"post_training_bias": {}}, "predicted_label": "p"})
    False
    """
    known = {"predicted_label", "predicted_label_dataset_uri"} & config.keys()
    return "post_training_bias" in (config.get("methods") or {}) and not known


@contextmanager
def labelled(given: Labelled, model: str) -> Iterator[Labelled]:
    """The dataset with the model's labels, which is there as long as the context.

    Rows that the model does not answer, or that have text among its numbers, are left out.

    Raises:
        DriftkitError: the data or the model cannot be read.
    """
    if not is_asked(given.config):
        yield given
        return
    asked = attribution_config.read(given.config)
    source = opened(given.data, asked, AttributionSettings.of(**given.told))
    names = [*_names(source, given.config), PREDICTED]
    answering = _Answering(
        model=predictor(model, request_of(asked)),
        features=source.features(sampled_rows(source, _LOOKED_AT)),
        config=given.config,
    )
    with tempfile.TemporaryDirectory(prefix="driftkit-") as folder:
        path = Path(folder) / "labelled.csv"
        _write(path, source, names, answering)
        yield Labelled(
            data=str(path),
            config=_named(given.config, source, names),
            # Only this machine has the file.
            told={**given.told, **text_settings("csv"), "format": "csv", "runner": "local"},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answering:
    """The model and how its answers become labels."""

    model: Predictor
    features: Features
    config: Mapping[str, Any]

    def labels(self, table: pa.Table) -> tuple[pa.Table, pa.Array]:
        """The rows that have a label, and their labels as text."""
        wrong = np.zeros(table.num_rows, dtype=bool)
        for place, numeric in zip(self.features.places, self.features.numeric, strict=True):
            if numeric:
                wrong |= numbers_of(table.column(place))[1]
        kept = table.filter(pa.array(~wrong))
        rows, _ = self.features.rows([kept.column(place) for place in self.features.places])
        answers = self.model.predict(rows)
        known = ~np.isnan(answers).any(axis=1)
        labels = predicted(answers[known], self.config)
        return kept.filter(pa.array(known)), pa.array(labels, pa.string())


def predicted(answers: NDArray[np.float64], config: Mapping[str, Any]) -> list[str]:
    """The labels that a model's answers stand for.

    Args:
        answers: shape (rows, outputs), none of them NaN.
        config: whose `predictor.label` says that the model answers with labels; otherwise it
            answers with a score, compared with `probability_threshold`, or with one for each of
            several labels, of which the largest is taken.

    >>> predicted(np.array([[0.2], [0.7]]), {"probability_threshold": 0.6})
    ['0', '1']
    """
    asked = config.get("predictor") or {}
    if asked.get("label") is not None and asked.get("probability") is None:
        return [f"{value:.15g}" for value in answers[:, 0]]
    headers: Sequence[str] = asked.get("label_headers") or ()
    if answers.shape[1] > 1:
        names = headers or range(answers.shape[1])
        return [str(names[place]) for place in answers.argmax(axis=1)]
    threshold = config.get("probability_threshold")
    above = answers[:, 0] > (THRESHOLD if threshold is None else threshold)
    if len(headers) == 1 and headers[0] in (config.get("label_values_or_threshold") or ()):
        return [headers[0] if each else f"not {headers[0]}" for each in above]
    return ["1" if each else "0" for each in above]


def _names(source: Opened, config: Mapping[str, Any]) -> list[str]:
    """The columns' names, of JSON those that the headers give them."""
    names = [column.name for column in source.dataset.columns]
    for place, name in zip(source.places, source.names, strict=True):
        names[place] = name
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


def _write(path: Path, source: Opened, names: list[str], answering: _Answering) -> None:
    schema = pa.schema([(name, pa.string()) for name in names])
    options = pa_csv.WriteOptions(include_header=False)
    with pa_csv.CSVWriter(str(path), schema, write_options=options) as writer:
        for unit in source.dataset.units:
            for chunk in unit.chunks():
                kept, labels = answering.labels(_table(chunk, len(names) - 1))
                columns = [_text(column) for column in kept.columns]
                writer.write_table(pa.table([*columns, labels], schema=schema))


def _table(chunk: Chunk, width: int) -> pa.Table:
    places = range(width)
    return pa.table([chunk.column(place) for place in places], names=[str(at) for at in places])


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    plain = column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
    return plain.cast(pa.string())
