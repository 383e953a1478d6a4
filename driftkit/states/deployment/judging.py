"""Labels, predictions and probabilities of the rows of a chunk as numbers, decoded when asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.native.arrays import valid_of, values_of
from driftkit.readers.dataset import TableChunk
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.blocks import seconds_of
from driftkit.states.quality.labels import AS_NUMBERS, MOST_CLASSES, label_of
from driftkit.states.quality.values import joined, numbers, probabilities

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from driftkit.columns.chunk import Chunk, TimeKey
    from driftkit.formats.deployment.metrics import Bias
    from driftkit.native.arrays import Floats, Integers, Truths
    from driftkit.states.quality.values import Probabilities

    Codes = npt.NDArray[np.int16]

TIME, LABEL, PREDICTION, PROBABILITY = "time", "label", "prediction", "probability"
COLUMN = "column:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How labels and predictions are read, the same in all arms.

    Attributes:
        positive: the positive label; None for 1 or true.
        threshold: a probability strictly above it predicts the positive label, where there is no
            prediction of its own.
        label_names: the labels that a list of probabilities is about, in its order.
    """

    positive: str | None = None
    threshold: float = 0.5
    label_names: tuple[str, ...] = ()

    @property
    def positive_name(self) -> str:
        """The positive label in its canonical form."""
        return "1" if self.positive is None else _class(self.positive) or ""


class JudgedRows:
    """The rows of a chunk. Every array has a number for each of them, NaN where nothing is said.

    Labels may come later: without their column no row has one. All other columns must be there.

    Args:
        chunk: the rows.
        names: of the chunk's columns.
        judging: how they are read.

    Attributes:
        told: values of metrics that were computed of them, by what they are computed from.
    """

    def __init__(self, chunk: Chunk, names: Sequence[str], judging: Judging) -> None:
        self.names = tuple(names)
        self._chunk = chunk
        self._index: Mapping[str, int] = {name: index for index, name in enumerate(names)}
        self._judging = judging
        self._read: dict[str, pa.ChunkedArray] = {}
        self._numbers: dict[str, Floats] = {}
        self.told: dict[Hashable, tuple[Floats, Floats | None]] = {}
        self._groups: dict[str, Truths] = {}

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._chunk.num_rows

    @property
    def rejected(self) -> Rejections:
        """Records that were set aside while the chunk was read."""
        return self._chunk.rejected

    def chosen(self, kept: pa.Array | pa.ChunkedArray, rejected: Rejections) -> JudgedRows:
        """Some of the rows.

        Args:
            kept: whether each row is among them.
            rejected: what was set aside then.
        """
        columns = [self.values(name).filter(kept) for name in self.names]
        table = pa.Table.from_arrays(columns, names=list(self.names))
        return JudgedRows(TableChunk(table=table, rejected=rejected), self.names, self._judging)

    def parts(self, size: int) -> Iterator[JudgedRows]:
        """The rows in their order, so many at a time."""
        if self.rows <= size:
            yield self
            return
        for first in range(0, self.rows, size):
            part = _Part(whole=self, first=first, num_rows=min(size, self.rows - first))
            yield JudgedRows(part, self.names, self._judging)

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self._index

    def column(self, name: str) -> Floats:
        """The numbers of a column of the users' own.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self._numbers:
            self._numbers[name] = numbers(self.values(f"{COLUMN}{name}"))
        return self._numbers[name]

    def in_group(self, bias: Bias) -> Truths:
        """Whether each row is of the group; those without a value of the facet are not.

        Raises:
            InputError: there is no such column.
        """
        if bias.group not in self._groups:
            self._groups[bias.group] = self._of_group(bias)
        return self._groups[bias.group]

    def _of_group(self, bias: Bias) -> Truths:
        if bias.threshold is not None:
            return np.asarray(self.column(bias.column) > bias.threshold)
        different, indices = _different(joined(self.values(f"{COLUMN}{bias.column}")))
        wanted = _class(bias.value)
        known = [_class(value) == wanted for value in different.to_pylist()]
        # The last one is that of rows without a value.
        return np.array([*known, False]).take(indices)

    def values(self, name: str) -> pa.ChunkedArray:
        """A canonical column as it was read.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self._index:
            raise InputError(
                "a metric needs a column that the data have not",
                where=name.removeprefix(COLUMN),
                found=", ".join(each.removeprefix(COLUMN) for each in self._index),
                todo="Name the attribute or column, or leave the metric out of the plan",
            )
        if name not in self._read:
            self._read[name] = self._chunk.column(self._index[name])
        return self._read[name]

    @cached_property
    def seconds(self) -> Integers:
        """When each request was, in whole seconds since 1970; `UNKNOWN` where that is not said."""
        if not self.has(TIME):
            return np.full(self.rows, UNKNOWN)
        return seconds_of(self.values(TIME))

    @cached_property
    def labels(self) -> Codes:
        """The class of each label, by its index in a list of all classes; -1 where there is none."""
        return self._classes[0]

    @cached_property
    def predictions(self) -> Codes:
        """The class of each prediction, as `labels` has it."""
        return self._classes[1]

    @cached_property
    def label_is_positive(self) -> Floats:
        """1 where the label is the positive one, 0 where it is another."""
        return self._is_positive(self.labels)

    @cached_property
    def prediction_is_positive(self) -> Floats:
        """1 where the prediction is the positive label, 0 where it is another."""
        if not self.has(PREDICTION):
            return _where_known(self.probability > self._judging.threshold, self.probability)
        return self._is_positive(self.predictions)

    @cached_property
    def answers(self) -> pa.DictionaryArray:
        """The predicted label as text; null where there is none."""
        codes, names = self.predictions, self._classes[2]
        if not self.has(PREDICTION) and not self._judging.label_names:
            positive = self._judging.positive_name
            names = ["0" if positive == "1" else f"not {positive}", positive]
            codes = np.nan_to_num(self.prediction_is_positive, nan=-1.0).astype(np.int64)
        indices = pa.array(codes, pa.int32(), mask=codes < 0)
        return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))

    @cached_property
    def right(self) -> Floats:
        """1 where the prediction is the label, 0 where it is not."""
        if not self.has(PREDICTION) and not self._judging.label_names:
            known = self.label_is_positive + self.prediction_is_positive
            return _where_known(self.label_is_positive == self.prediction_is_positive, known)
        unknown = (self.labels < 0) | (self.predictions < 0)
        return np.where(unknown, np.nan, np.equal(self.labels, self.predictions))

    @cached_property
    def probability(self) -> Floats:
        """The probability of the positive label; NaN where it is no number from 0 to 1."""
        told = self._told
        good, positive = told.good, told.positive
        return positive if good.all() else np.where(good, positive, np.nan)

    @cached_property
    def label_number(self) -> Floats:
        """The label of a regression."""
        if not self.has(LABEL):
            return np.full(self.rows, np.nan)
        return finite_numbers(self.values(LABEL))

    @cached_property
    def predicted_number(self) -> Floats:
        """The prediction of a regression; the probability where nothing else is predicted."""
        if not self.has(PREDICTION):
            return self.probability
        return finite_numbers(self.values(PREDICTION))

    @cached_property
    def _told(self) -> Probabilities:
        names = tuple(_class(name) or "" for name in self._judging.label_names)
        positive = None if self._judging.positive is None else self._judging.positive_name
        return probabilities(self.values(PROBABILITY), names, positive)

    @cached_property
    def _classes(self) -> tuple[Codes, Codes, list[str]]:
        """Codes of labels and predictions in one list of classes."""
        classes: dict[str, int] = {}
        labels = _codes(self.values(LABEL), classes) if self.has(LABEL) else self._nothing()
        if self.has(PREDICTION):
            predictions = _codes(self.values(PREDICTION), classes)
        elif self._judging.label_names:
            numbered = [classes.setdefault(name, len(classes)) for name in self._told.names]
            predictions = np.array(numbered, np.int16)[self._told.likeliest()]
            predictions[~self._told.good] = -1
        else:
            predictions = self._nothing()
        return labels, predictions, [*classes]

    def _nothing(self) -> Codes:
        return np.full(self.rows, -1, np.int16)

    def _is_positive(self, codes: Codes) -> Floats:
        wanted = self._judging.positive_name
        # The last one is that of the code -1.
        known = [float(name == wanted) for name in self._classes[2]]
        return np.array([*known, np.nan])[codes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some neighbouring rows of a chunk, as a chunk."""

    whole: JudgedRows
    first: int
    num_rows: int
    rejected: Rejections = field(default_factory=Rejections)
    time_key: TimeKey | None = None

    def column(self, index: int) -> pa.ChunkedArray:
        """Their values of a column."""
        return self.whole.values(self.whole.names[index]).slice(self.first, self.num_rows)


def _codes(values: pa.ChunkedArray, classes: dict[str, int]) -> Codes:
    """Values by their index in the list of classes, which grows by those that are new."""
    array = joined(values)
    span = _span(array)
    if span is not None:
        low, high = span
        return _codes_from(array, low, _numbered(map(str, range(low, high + 1)), classes))
    different, indices = _different(array)
    if len(different) > MOST_CLASSES:
        raise InputError(
            "there are too many classes to be labels",
            expected=f"at most {MOST_CLASSES:,} different labels or predictions",
            found=f"{len(different):,}, for example {different[0]}",
            todo="Choose metrics of a regression such as mae, or name another attribute",
        )
    numbered = _numbered(map(_class, different.to_pylist()), classes)
    codes: Codes = np.append(numbered, np.int16(-1)).take(indices)
    return codes


def _numbered(names: Iterable[str | None], classes: dict[str, int]) -> Codes:
    """The index of each name in the list of classes, which grows by those that are new."""
    numbers = (-1 if name is None else classes.setdefault(name, len(classes)) for name in names)
    return np.array([*numbers], np.int16)


def _span(values: pa.Array) -> tuple[int, int] | None:
    """The least and the greatest of integers that are close to each other; None of all others."""
    if not pa.types.is_signed_integer(values.type) or len(values) == values.null_count:
        return None
    low, high = (each.as_py() for each in pc.min_max(values).values())
    return (low, high) if high - low < MOST_CLASSES else None


def _codes_from(values: pa.Array, low: int, numbered: Codes) -> Codes:
    """The codes of integers, which are those of numbers from the lowest on; -1 where there is none."""
    raw = values_of(values)
    if numbered[-1] - numbered[0] == len(numbered) - 1 and (np.diff(numbered) == 1).all():
        # Differences come out right however many upper bits are cut off.
        codes = raw.astype(np.int16) - np.array(low - int(numbered[0])).astype(np.int16)
    else:
        codes = numbered.take(raw - low, mode="clip")
    if values.null_count:
        # Of the code of what is not there all bits are set.
        codes |= valid_of(values).view(np.int8) - np.int8(1)
    return codes


def _different(values: pa.Array) -> tuple[pa.Array, Integers]:
    """The different values, and the index of each row's; one too many where there is none."""
    encoded = values.dictionary_encode()
    indices = encoded.indices.fill_null(len(encoded.dictionary))
    return encoded.dictionary, values_of(indices)


def _class(value: object) -> str | None:
    """A label's canonical form, truth values as numbers, for arms may answer one or the other."""
    label = label_of(value)
    return None if label is None else AS_NUMBERS.get(label, label)


def finite_numbers(values: pa.ChunkedArray) -> Floats:
    """The values as doubles, NaN where there is none or an infinite one."""
    found = numbers(values)
    return np.where(np.isfinite(found), found, np.nan)


def _where_known(truths: object, known: Floats) -> Floats:
    return np.where(np.isnan(known), np.nan, np.asarray(truths, np.float64))
