"""What a page or a notebook draws of a result: numbers by name, without any drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How the numbers of a column are spread, beside the baseline.

    Attributes:
        feature: the column.
        edges: bounds of the intervals in ascending order; the first and the last interval also
            hold what lies beyond them.
        window: share of the window's numbers in each interval, one less than there are edges.
        baseline: the baseline's share; None where it is not known.
        logarithmic: whether the edges have equal ratios, not equal distances.
    """

    feature: str
    edges: tuple[float, ...]
    window: tuple[float, ...]
    baseline: tuple[float, ...] | None = None
    logarithmic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The shares of a column's values, beside the baseline.

    Attributes:
        feature: the column.
        values: the most frequent ones of both sides.
        window: share of the window's rows that have each value.
        baseline: the baseline's share; None where it is not known.
        others: how many values more there are.
    """

    feature: str
    values: tuple[str, ...]
    window: tuple[float, ...]
    baseline: tuple[float, ...] | None = None
    others: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Points that belong together.

    Attributes:
        x: in ascending order.
        y: None where nothing was measured.
        lower: lower ends of the intervals of y; None where there are none.
        upper: their upper ends.
    """

    x: Sequence[float]
    y: Sequence[float | None]
    lower: Sequence[float | None] | None = None
    upper: Sequence[float | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A curve of model quality: receiver operating characteristic, precision-recall, calibration.

    Attributes:
        name: of the curve, in words.
        x_label: what is along.
        y_label: what is up.
        window: the window's points.
        baseline: the baseline's; None where it is not known.
        diagonal: whether equal values of both are a line of reference.
    """

    name: str
    x_label: str
    y_label: str
    window: Line
    baseline: Line | None = None
    diagonal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often each label was predicted as each.

    Attributes:
        labels: those of rows and of columns.
        window: rows by label (first index) and prediction (second).
        baseline: the baseline's; None where it is not known.
    """

    labels: tuple[str, ...]
    window: tuple[tuple[float, ...], ...]
    baseline: tuple[tuple[float, ...], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """A difference over time, with bounds that hold at all times together.

    Attributes:
        name: of what is measured.
        times: of the looks.
        line: the difference at each look with its bounds; x is the place of the look among them.
        margin: how much worse is allowed; None where nothing is.
        better: "higher" or "lower".
        decided: the look that decided; None while none has.
    """

    name: str
    times: tuple[datetime, ...]
    line: Line
    margin: float | None = None
    better: str = "higher"
    decided: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """A metric without labels over time, and what it was by those labels that came.

    Attributes:
        name: of the metric, in words.
        blocks: days or hours, in the order of time.
        line: the estimate of each with its interval.
        realized: by labels; None where a block has none.
        limit: worse than it is no ordinary block; None where none is known.
        better: "higher", or "lower" of errors.
    """

    name: str
    blocks: tuple[str, ...]
    line: Line
    realized: tuple[float | None, ...]
    limit: float | None = None
    better: str = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Features by how much they contribute, beside the baseline.

    Attributes:
        name: of what is explained, such as the label.
        features: their names.
        window: the window's value of each feature.
        baseline: the baseline's.
    """

    name: str
    features: tuple[str, ...]
    window: tuple[float, ...]
    baseline: tuple[float, ...]


Figure = Histogram | Categories | Curve | Confusion | Ranking | Trajectory | Estimates


class Shown(Protocol):
    """A page for people."""

    @property
    def html(self) -> str:
        """The page."""

    @property
    def contents(self) -> dict[str, str]:
        """Name -> text of the page and of the files beside it."""
