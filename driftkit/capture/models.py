"""Tells of which model of a multi-model endpoint captured records are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.arm_rows import ValueSource
from driftkit.capture.arm_values import ArmValues, OutcomePaths
from driftkit.capture.arms import attribute, codes_of_values
from driftkit.capture.paths import searched
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.capture.record import Record
    from driftkit.capture.table import RecordTable

MODEL = "model"


def models_of(records: RecordTable, source: str) -> pa.Array:
    """The model of each record; null where it is not told.

    Args:
        records: with the attributes of their callers.
        source: where it is: `attribute:KEY`, `field:PATH` of the payload, or a plain name of either.
    """
    told = ValueSource.from_text(source)
    found = pa.nulls(records.count, pa.string())
    if told.attribute is not None:
        found = attribute(records.attributes, told.attribute)
    if told.field is not None and found.null_count:
        found = pc.coalesce(found, pa.array(_fields(records, told.field), pa.string()))
    return found


def _fields(records: RecordTable, path: str) -> list[str | None]:
    """What a field of each payload says, of its first row."""
    values = ArmValues(outcomes=OutcomePaths(), labelled=False, fields=(path,))
    found = values.at_once(records)
    if found is not None:
        texts: list[str | None] = found.column(0).to_pylist()
        return texts
    return [_first(values, record) for record in records.records()]


def _first(values: ArmValues, record: Record) -> str | None:
    try:
        rows = values.rows(record)
    except (UnreadableError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return rows[0][0] if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneModel:
    """Rows of one model, where there are several; pickled and sent to the workers.

    Attributes:
        name: of the model.
        source: where rows say of which model they are, as `models_of` takes it.
    """

    name: str
    source: str = MODEL

    def told_of(self, name: str) -> str:
        """What its rows of an input are called, for messages."""
        return f"{name}, model {self.name}"

    def kept(self, records: RecordTable) -> RecordTable:
        """The records of the model."""
        return records.kept(self.mask(models_of(records, self.source)))

    def mask(self, models: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        """Whether each of some models is this one."""
        return np.asarray(codes_of_values(models, {self.name: 0}) == 0)

    def holds(self, document: Any) -> bool:
        """Whether a JSON document is a row of the model."""
        field = ValueSource.from_text(self.source).field
        found = None if field is None else searched(document, field, "model_by")
        return bool(self.mask(pa.array([None if found is None else str(found)], pa.string()))[0])
