"""Looks at the beginning of data, to say how a configuration for them may begin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.capture.variant import Variant, variant_of
from driftkit.capture.window import hours_of
from driftkit.columns.times import moment_of
from driftkit.io.finding import find
from driftkit.readers.formats import format_of
from driftkit.readers.lake import lake_table
from driftkit.readers.opening import opened
from driftkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

ROWS = 5_000
_FEWEST = 20
_MOST_CLASSES = 20
_ID = re.compile(r"(^|[_\s.-])(id|uuid|guid)$|Id$|ID$", re.ASCII)
_LABELS = ("label", "target", "ground_truth", "groundtruth", "actual", "y_true")
_PREDICTIONS = ("prediction", "predicted", "predicted_label", "y_pred")
_SCORES = ("probability", "score", "y_pred_proba", "y_score")
_TRUTHS = {"0", "1", "true", "false", "0.0", "1.0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of data.

    Attributes:
        path: that was named.
        captured: whether they are records of an endpoint.
        variants: of the endpoint.
        hours: when captures begin and end; None where their paths do not tell.
        columns: names.
        ignored: column -> why it says nothing of drift.
        labels: texts of the column that looks like a label, without repetition.
    """

    path: str
    captured: bool
    variants: tuple[Variant, ...]
    hours: tuple[datetime, datetime] | None
    columns: tuple[str, ...]
    ignored: Mapping[str, str]
    labels: frozenset[str]

    @property
    def name(self) -> str:
        """What the model may be called."""
        endpoints = [each.endpoint for each in self.variants if each.endpoint]
        stem = PurePosixPath(self.path.replace("\\", "/")).name.partition(".")[0]
        name = endpoints[0] if endpoints else re.sub(r"[^\w-]+", "-", stem).strip("-")
        return name or "model"

    @property
    def label(self) -> str | None:
        """The column that looks like a label."""
        return _called(self.columns, _LABELS)

    @property
    def prediction(self) -> str | None:
        """The column that looks like a prediction."""
        return _called(self.columns, _PREDICTIONS)

    @property
    def score(self) -> str | None:
        """The column that looks like a probability."""
        return _called(self.columns, _SCORES)

    @property
    def problem(self) -> str | None:
        """The problem type that labels look like; None where that is not clear."""
        if self.labels and {each.lower() for each in self.labels} <= _TRUTHS:
            return "BinaryClassification"
        if len(self.labels) > _MOST_CLASSES and all(map(_is_number, self.labels)):
            return "Regression"
        return None


def seen(path: str) -> Seen:
    """Looks at the files, and at the first rows.

    Raises:
        InputError: they cannot be read.
    """
    files = () if lake_table([path]) else find([path])
    filled = [each for each in files if each.size] or files
    captured = bool(filled) and format_of(filled, "auto").name == "capture"
    variants = sorted({variant_of(each.path) for each in files}) if captured else []
    variant = variants[0].variant if len(variants) > 1 else None
    dataset = opened(path, Settings.from_keywords(variant=variant, runner="local"))
    columns = [each.name for each in dataset.columns]
    values = _first_rows(dataset)
    label = _called(columns, _LABELS)
    labels = values[columns.index(label)].drop_null().to_pylist() if label and values else []
    return Seen(
        path=path,
        captured=captured,
        variants=tuple(variants),
        hours=hours_of(files) if captured else None,
        columns=tuple(columns),
        ignored={
            name: why
            for name, column in zip(columns, values, strict=False)
            if (why := _says_nothing(name, column))
        },
        labels=frozenset(map(str, labels)),
    )


def _first_rows(dataset: Any) -> list[Any]:
    """The first rows of each column."""
    for unit in dataset.units:
        for chunk in unit.chunks():
            if chunk.num_rows:
                indices = range(len(dataset.columns))
                return [chunk.column(index).slice(0, ROWS) for index in indices]
    return []


def _says_nothing(name: str, column: Any) -> str | None:
    if pa.types.is_temporal(column.type):
        return "times always go on"
    values = column.drop_null()
    if len(values) < _FEWEST:
        return None
    texts = [str(each) for each in values.slice(0, _FEWEST).to_pylist()]
    if all("-" in each and len(each) > 7 and moment_of(each) for each in texts):
        return "times always go on"
    if _ID.search(name) and len(values.unique()) == len(values):
        return "another value in each row"
    return None


def _called(columns: Sequence[str], names: Iterable[str]) -> str | None:
    known = {each.lower(): each for each in columns}
    return next((known[name] for name in names if name in known), None)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
