"""Four faults that happen to real pipelines, done on purpose to one month of requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

_MILE_IN_KM = 1.609344
_LOST = 0.3


def _in_kilometres(values: pd.Series) -> pd.Series:
    return (values.astype(np.float64) * _MILE_IN_KM).round().astype("Int64")


def _partly_lost(values: pd.Series) -> pd.Series:
    lost = np.random.default_rng(2013).random(len(values)) < _LOST
    return values.mask(lost)


def _recoded(values: pd.Series) -> pd.Series:
    return values.replace("US", "AWE")


def _as_floats(values: pd.Series) -> pd.Series:
    return values.astype("Float64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A fault in one column.

    Attributes:
        feature: the column.
        check: the check of Model Monitor that is to name it.
        story: what happened, for people.
        apply: the column's values to the damaged ones.
    """

    feature: str
    check: str
    story: str
    apply: Callable[[pd.Series], pd.Series]


DAMAGES = (
    Damage(
        feature="distance",
        check="baseline_drift_check",
        story="sent in kilometres in place of miles",
        apply=_in_kilometres,
    ),
    Damage(
        feature="visibility",
        check="completeness_check",
        story="three values in ten get lost on the way",
        apply=_partly_lost,
    ),
    Damage(
        feature="carrier",
        check="categorical_values_check",
        story="US Airways goes by a code that the model has never seen, AWE in place of US",
        apply=_recoded,
    ),
    Damage(
        feature="seats",
        check="data_type_check",
        story="whole numbers arrive as 182.0 in place of 182",
        apply=_as_floats,
    ),
)


def damaged(table: pd.DataFrame) -> pd.DataFrame:
    """The same flights with all of DAMAGES done to them."""
    return table.assign(**{fault.feature: fault.apply(table[fault.feature]) for fault in DAMAGES})
