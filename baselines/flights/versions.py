"""The versions of the delay model that ask for the endpoint's traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from baselines.flights.data import FEATURES, TRAINED_UNTIL
from baselines.flights.model import predict, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

RECENT = "late_before"
# An hour after the last of these hours all that left 15 minutes late are known.
_HOURS_BEFORE = (2, 3)
# ExpressJet, whose delays the training data of the faulty build had lost.
LOST = "EV"
OLD, NEW, NEWER = "v1", "v2", "v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the model.

    Attributes:
        name: of its arm.
        model: as `train` gave it.
        features: that it is asked with.
    """

    name: str
    model: Pipeline
    features: tuple[str, ...]

    def answers(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """The probability of each flight's being late."""
        return predict(self.model, rows, self.features)


def with_recent(table: pd.DataFrame) -> pd.DataFrame:
    """The flights with what an airport knows of itself: how many left late shortly before.

    Args:
        table: as `flights` gives it.

    Returns:
        The same with a column RECENT: the share of late flights among those that were to leave the
        same airport two and three hours before; missing where there were none.
    """
    hours = table["requested"].dt.floor("h")
    counts = table.groupby([table["origin"], hours])["late"].agg(["sum", "size"])
    parts = []
    for number in _HOURS_BEFORE:
        wanted = [table["origin"], hours - pd.Timedelta(hours=number)]
        parts.append(counts.reindex(pd.MultiIndex.from_arrays(wanted), fill_value=0).to_numpy())
    late, seen = sum(parts).T  # type: ignore[union-attr]
    share = pd.Series(late, index=table.index) / seen
    return table.assign(**{RECENT: share.astype(float).round(3)})


def first(model: Pipeline) -> Version:
    """The version that has the traffic: the model of the demo's earlier parts."""
    return Version(name=OLD, model=model, features=FEATURES)


def second(table: pd.DataFrame, *, faulty: bool = False) -> Version:
    """The version that also knows how many flights left late shortly before.

    Args:
        table: as `with_recent` gives it.
        faulty: whether ExpressJet's delays are missing from the training data, so that its
            flights seem to be on time.
    """
    rows = table[table["requested"] < TRAINED_UNTIL]
    if faulty:
        rows = rows.assign(late=rows["late"] & (rows["carrier"] != LOST))
    return _learned(NEW, rows)


def third(table: pd.DataFrame, until: pd.Timestamp) -> Version:
    """The second version, trained anew on all flights before a time."""
    return _learned(NEWER, table[table["requested"] < until])


def _learned(name: str, rows: pd.DataFrame) -> Version:
    features = (*FEATURES, RECENT)
    return Version(name=name, model=train(rows, features), features=features)
