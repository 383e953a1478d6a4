"""The problem types of the model-quality monitor and the metrics of each, in file order."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from driftkit.comparison.classification import BEST_CONSTANT
from driftkit.errors import SettingsError
from driftkit.formats.document import command, kind_of

if TYPE_CHECKING:
    from driftkit.formats.mapping import Node

LESS = "LessThanThreshold"
GREATER = "GreaterThanThreshold"


class Problem(StrEnum):
    """What a model does, in SageMaker's words."""

    BINARY = "BinaryClassification"
    MULTICLASS = "MulticlassClassification"
    REGRESSION = "Regression"

    @property
    def prefix(self) -> str:
        """How the keys of the files begin.

        >>> Problem.BINARY.prefix
        'binary_classification'
        """
        return _PREFIXES[self]

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of its metrics in the order of statistics.json, without matrix and curves."""
        return tuple(key for key in KEYS[self] if key not in NOT_METRICS)

    @classmethod
    def named(cls, text: str) -> Problem:
        """The problem of a name, in any case, "binary" for short.

        Raises:
            SettingsError: there is none of that name.
        """
        wanted = text.replace("_", "").replace("-", "").lower()
        for problem in cls:
            if wanted and problem.value.lower().startswith(wanted):
                return problem
        raise SettingsError(
            "there is no such problem type",
            where="problem_type",
            expected=" | ".join(cls),
            found=repr(text),
            todo="Choose one of them",
        )


_PREFIXES = {
    Problem.BINARY: "binary_classification",
    Problem.MULTICLASS: "multiclass_classification",
    Problem.REGRESSION: "regression",
}

MATRIX = "confusion_matrix"
ROC = "receiver_operating_characteristic_curve"
PRECISION_RECALL = "precision_recall_curve"
CURVES = {
    ROC: ("false_positive_rates", "true_positive_rates"),
    PRECISION_RECALL: ("precisions", "recalls"),
}
NOT_METRICS = frozenset((MATRIX, *CURVES))

_SHARES = ("recall", "precision", "accuracy")
_F = ("f0_5", "f1", "f2")
_WEIGHTED = ("accuracy", "weighted_recall", "weighted_precision", *(f"weighted_{f}" for f in _F))


def _constant(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}{BEST_CONSTANT}" for name in names)


# The order in which the containers write what they measured.
KEYS: dict[Problem, tuple[str, ...]] = {
    Problem.REGRESSION: ("mae", "mse", "rmse", "r2"),
    Problem.BINARY: (
        MATRIX,
        *_SHARES,
        *_constant(_SHARES),
        *("true_positive_rate", "true_negative_rate"),
        *("false_positive_rate", "false_negative_rate"),
        ROC,
        PRECISION_RECALL,
        *("auc", *_F),
        *_constant(_F),
    ),
    Problem.MULTICLASS: (MATRIX, *_WEIGHTED, *_constant(_WEIGHTED)),
}

# Metrics that have a constraint, in the order of constraints.json, each with the comparison
# that violates it.
OPERATORS: dict[Problem, dict[str, str]] = {
    Problem.REGRESSION: {"mae": GREATER, "mse": GREATER, "rmse": GREATER, "r2": LESS},
    Problem.BINARY: {
        **dict.fromkeys((*_SHARES, "true_positive_rate", "true_negative_rate"), LESS),
        **dict.fromkeys(("false_positive_rate", "false_negative_rate"), GREATER),
        **dict.fromkeys(("auc", *_F), LESS),
    },
    Problem.MULTICLASS: dict.fromkeys(_WEIGHTED, LESS),
}


def read_problem(node: Node, ending: str) -> Problem:
    """The problem that the document is about, from its key that ends so.

    Raises:
        FormatError: it is about several at once.
    """
    found = [problem for problem in Problem if node.has(f"{problem.prefix}_{ending}")]
    if len(found) != 1:
        keys = " | ".join(f"{problem.prefix}_{ending}" for problem in Problem)
        raise node.error(
            "",
            "the file is about no problem type, or about several",
            expected=f"one of {keys}",
            found=", ".join(node.value),
            todo=command(kind_of(node.value)),
        )
    return found[0]
