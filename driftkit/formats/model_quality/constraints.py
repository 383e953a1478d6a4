"""constraints.json of the model-quality monitor."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.document import VERSION, Kind, read_version, root
from driftkit.formats.fields import choice, key, known_keys, read, read_fields, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import merged
from driftkit.formats.model_quality.problems import GREATER, LESS, Problem, read_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "constraints.json"
_ROUNDING = 1e-12
_OPERATORS = {operator.lower(): operator for operator in (LESS, GREATER)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricConstraint:
    """A bound of one metric.

    Attributes:
        threshold: the bound; the metric itself may equal it.
        comparison_operator: the comparison that violates it, LessThanThreshold or
            GreaterThanThreshold.
        extra: unknown keys.
    """

    threshold: float
    comparison_operator: str = field(metadata=key(choice(_OPERATORS)))
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def violated_by(self, value: float) -> bool:
        """Whether a value is on the wrong side; NaN is on neither.

        What differs by no more than rounding is equal: sums depend on the order of rows.
        """
        if math.isclose(value, self.threshold, rel_tol=_ROUNDING):
            return False
        if self.comparison_operator == LESS:
            return value < self.threshold
        return value > self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConstraints:
    """What quality is normal.

    Attributes:
        version: of the format.
        problem: which metrics there are.
        metrics: constraints by name, in the order of the file.
        extra: unknown keys, at their places.
    """

    version: float = field(default=VERSION, metadata=key(read_version, needed=True))
    problem: Problem
    metrics: Mapping[str, MetricConstraint]
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> ModelConstraints:
        """Constraints from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: it is another file, or a key is missing or wrong.
        """
        node = root(document, where, Kind.MODEL_CONSTRAINTS)
        known = read_fields(cls, node)
        problem = read_problem(node, "constraints")
        bounds = node.part(f"{problem.prefix}_constraints")
        metrics = {name: read(MetricConstraint, bounds.part(name)) for name in bounds.value}
        return cls(**known, problem=problem, metrics=metrics, extra=node.rest())

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, in the containers' order of keys."""
        bounds = {name: to_dict(bound) for name, bound in self.metrics.items()}
        known = {**known_keys(self), f"{self.problem.prefix}_constraints": bounds}
        return merged(known, self.extra)


read_file = file_reader(ModelConstraints.read)
