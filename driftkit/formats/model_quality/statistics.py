"""statistics.json of the model-quality monitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from driftkit.formats import jackson
from driftkit.formats.document import VERSION, Kind, read_version, root
from driftkit.formats.files import read_document
from driftkit.formats.mapping import Node, merged
from driftkit.formats.model_quality.problems import (
    CURVES,
    KEYS,
    MATRIX,
    NOT_METRICS,
    Problem,
    read_problem,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

NAME = "statistics.json"

Matrix = Mapping[str, Mapping[str, int]]
Numbers = Sequence[float] | NDArray[np.float64]
Curve = tuple[Numbers, Numbers]
"""A curve's two arrays in the order of the file; arrays of numpy are written block by block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A measured number.

    Attributes:
        value: NaN where it is not defined, for example the recall of a class without rows.
        standard_deviation: over five samples of 80 %; NaN below 200 rows; None is JSON's null,
            which newer containers write in NaN's place.
        extra: unknown keys.
    """

    value: float
    standard_deviation: float | None = float("nan")
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatistics:
    """How good a model's predictions were.

    Attributes:
        problem: which metrics there are.
        item_count: rows that were judged.
        metrics: by name, in the order of the file.
        matrix: actual label -> predicted label -> rows; None for a regression.
        curves: the two curves by key; empty where no probabilities were given.
        start_time: beginning of a monitoring run's window, as 2024-03-18T15:00:00Z.
        end_time: its end.
        evaluation_time: when the numbers were computed.
        version: of the format.
        extra: unknown keys, at their places.
    """

    problem: Problem
    item_count: int
    metrics: Mapping[str, Metric]
    matrix: Matrix | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    start_time: str | None = None
    end_time: str | None = None
    evaluation_time: str | None = None
    version: float = VERSION
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> ModelStatistics:
        """Statistics from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: it is another file, or a key is missing or wrong.
        """
        node = root(document, where, Kind.MODEL_STATISTICS)
        version = read_version(node)
        problem = read_problem(node, "metrics")
        dataset = node.child("dataset")
        measured = node.child(f"{problem.prefix}_metrics")
        matrix = measured.maybe(Node.part, MATRIX)
        return cls(
            version=version,
            problem=problem,
            item_count=dataset.count("item_count"),
            start_time=dataset.maybe(Node.text, "start_time"),
            end_time=dataset.maybe(Node.text, "end_time"),
            evaluation_time=dataset.maybe(Node.text, "evaluation_time"),
            metrics=_read_metrics(measured),
            matrix=None if matrix is None else _read_matrix(matrix),
            curves={key: _read_curve(measured, key) for key in CURVES if measured.has(key)},
            extra=node.rest(),
        )

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, in the containers' order of keys; curves stay as they are."""
        known = {
            "version": self.version,
            "dataset": merged(
                {
                    "item_count": self.item_count,
                    "start_time": self.start_time,
                    "end_time": self.end_time,
                    "evaluation_time": self.evaluation_time,
                },
                {},
            ),
            f"{self.problem.prefix}_metrics": self._measured(),
        }
        return merged(known, self.extra)

    def _measured(self) -> dict[str, Any]:
        parts: dict[str, Any] = {name: _metric(metric) for name, metric in self.metrics.items()}
        if self.matrix is not None:
            parts[MATRIX] = {actual: dict(row) for actual, row in self.matrix.items()}
        for key, curve in self.curves.items():
            parts[key] = dict(zip(CURVES[key], curve, strict=True))
        order = [key for key in KEYS[self.problem] if key in parts]
        return {key: parts[key] for key in (*order, *(key for key in parts if key not in order))}


def read_file(path: str | PathLike[str]) -> ModelStatistics:
    """The statistics of a file.

    Raises:
        FormatError: it is missing, is another file, or a key is missing or wrong.
    """
    return ModelStatistics.read(read_document(path), str(path))


def _read_metrics(node: Node) -> dict[str, Metric]:
    names = [
        name
        for name, value in node.value.items()
        if name not in NOT_METRICS and isinstance(value, Mapping) and "value" in value
    ]
    return {name: _read_metric(node.part(name)) for name in names}


def _read_metric(node: Node) -> Metric:
    value = node.number("value")
    deviation = node.maybe(Node.number, "standard_deviation")
    rest = node.rest()
    # JSON's null is the absence that newer containers write; its key is written back.
    rest.pop("standard_deviation", None)
    return Metric(value=value, standard_deviation=deviation, extra=rest)


def _metric(metric: Metric) -> dict[str, Any]:
    known = {"value": metric.value, "standard_deviation": metric.standard_deviation}
    return {**known, **metric.extra}


def _read_matrix(node: Node) -> dict[str, dict[str, int]]:
    rows = {actual: node.child(actual) for actual in node.value}
    return {actual: {key: row.count(key) for key in row.value} for actual, row in rows.items()}


def _read_curve(node: Node, key: str) -> Curve:
    curve = node.part(key)
    first, second = (tuple(curve.array(name)) for name in CURVES[key])
    if len(first) != len(second):
        raise curve.error(
            "",
            "the two arrays of a curve differ in length",
            expected=f"{len(first)} numbers in {CURVES[key][1]}",
            found=str(len(second)),
        )
    return first, second


_BLOCK = 65_536
# A text that cannot occur in the document, for it has no other text beside times and labels.
_MARK = "\u241farray of numbers\u241f"


def parts(document: Mapping[str, Any]) -> Iterator[str]:
    """The text of a document part by part, the same as `jackson.dumps` gives of plain lists."""
    arrays: list[Numbers] = []
    pieces = jackson.dumps(_without_arrays(document, arrays)).split(f'"{_MARK}"')
    yield pieces[0]
    for array, piece in zip(arrays, pieces[1:], strict=True):
        yield from _array(array)
        yield piece


def _without_arrays(value: Any, arrays: list[Numbers]) -> Any:
    if isinstance(value, dict):
        return {key: _without_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, np.ndarray) or (isinstance(value, tuple) and len(value) > _BLOCK):
        arrays.append(value)
        return _MARK
    return value


def _array(values: Numbers) -> Iterator[str]:
    if not len(values):
        yield "[ ]"
        return
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        numbers = block.tolist() if isinstance(block, np.ndarray) else list(block)
        yield ", " if start else "[ "
        yield jackson.dumps(numbers)[2:-2]
    yield " ]"
