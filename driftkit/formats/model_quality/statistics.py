"""statistics.json of the model-quality monitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from driftkit.formats import jackson
from driftkit.formats.document import VERSION, Kind, read_version, root
from driftkit.formats.fields import key, known_keys, read_fields
from driftkit.formats.files import file_reader
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
        version: of the format.
        item_count: rows that were judged.
        start_time: beginning of a monitoring run's window, as 2024-03-18T15:00:00Z.
        end_time: its end.
        evaluation_time: when the numbers were computed.
        problem: which metrics there are.
        metrics: by name, in the order of the file.
        matrix: actual label -> predicted label -> rows; None for a regression.
        curves: the two curves by key; empty where no probabilities were given.
        extra: unknown keys, at their places.
    """

    version: float = field(default=VERSION, metadata=key(read_version, needed=True))
    item_count: int = field(metadata=key(Node.count, "dataset.item_count"))
    start_time: str | None = field(default=None, metadata=key(Node.text, "dataset.start_time"))
    end_time: str | None = field(default=None, metadata=key(Node.text, "dataset.end_time"))
    evaluation_time: str | None = field(
        default=None, metadata=key(Node.text, "dataset.evaluation_time")
    )
    problem: Problem
    metrics: Mapping[str, Metric]
    matrix: Matrix | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
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
        known = read_fields(cls, node)
        problem = read_problem(node, "metrics")
        measured = node.child(f"{problem.prefix}_metrics")
        matrix = measured.maybe(Node.part, MATRIX)
        return cls(
            **known,
            problem=problem,
            metrics=_read_metrics(measured),
            matrix=None if matrix is None else _read_matrix(matrix),
            curves={name: _read_curve(measured, name) for name in CURVES if measured.has(name)},
            extra=node.rest(),
        )

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, in the containers' order of keys; curves stay as they are."""
        measured = {f"{self.problem.prefix}_metrics": self._measured()}
        return merged({**known_keys(self), **measured}, self.extra)

    def _measured(self) -> dict[str, Any]:
        # A deviation that is not known is written as null.
        parts: dict[str, Any] = {
            name: {"value": each.value, "standard_deviation": each.standard_deviation, **each.extra}
            for name, each in self.metrics.items()
        }
        if self.matrix is not None:
            parts[MATRIX] = {actual: dict(row) for actual, row in self.matrix.items()}
        for name, curve in self.curves.items():
            parts[name] = dict(zip(CURVES[name], curve, strict=True))
        order = [name for name in KEYS[self.problem] if name in parts]
        return {
            name: parts[name] for name in (*order, *(each for each in parts if each not in order))
        }


read_file = file_reader(ModelStatistics.read)


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


def _read_matrix(node: Node) -> dict[str, dict[str, int]]:
    rows = {actual: node.child(actual) for actual in node.value}
    return {actual: {each: row.count(each) for each in row.value} for actual, row in rows.items()}


def _read_curve(node: Node, name: str) -> Curve:
    curve = node.part(name)
    first, second = (tuple(curve.array(axis)) for axis in CURVES[name])
    if len(first) != len(second):
        raise curve.error(
            "",
            "the two arrays of a curve differ in length",
            expected=f"{len(first)} numbers in {CURVES[name][1]}",
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
        return {name: _without_arrays(item, arrays) for name, item in value.items()}
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
