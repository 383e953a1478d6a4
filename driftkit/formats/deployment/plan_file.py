"""Reads and writes deployment_plan.json, whose contradictions are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.formats.deployment.metrics import known_metric
from driftkit.formats.deployment.plan import NAME, Plan, PlannedMetric
from driftkit.formats.deployment.plan_checks import checked
from driftkit.formats.deployment.strict import document_reader
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_read_plan = document_reader(Plan, NAME)


def read(document: Mapping[str, Any], where: str = NAME) -> Plan:
    """The plan of a file's content.

    Columns that a metric's name says are filled in.

    Args:
        document: the JSON object.
        where: name of the file, for messages.

    Raises:
        FormatError: a key is missing, unknown or wrong, or two contradict each other; the message
            has the JSON path and what to do.
    """
    plan = _read_plan(document, where)
    metrics = tuple(map(_with_columns, plan.metrics))
    return checked(replace(plan, metrics=metrics, inputs=plan.inputs or None), where)


read_file = file_reader(read, read_object)


def _with_columns(metric: PlannedMetric) -> PlannedMetric:
    known = known_metric(metric.name)
    if known is None or metric.column or metric.numerator or metric.denominator:
        return metric
    return replace(
        metric,
        column=known.column,
        numerator=known.numerator,
        denominator=known.denominator,
    )
