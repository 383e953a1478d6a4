"""Columns made of others: as they are asked for, as a baseline has them, and their cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.errors import SettingsError
from driftkit.formats.derived import Derivation, Joint, JointSide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.distributions import Distribution
    from driftkit.formats.statistics import FeatureStatistics, Statistics
    from driftkit.settings.derived import Deriving

# Of numbers: each cell has a fifth of the baseline's rows, where its values are many.
_SHARES = np.array([0.2, 0.4, 0.6, 0.8])
# Of categories, the most frequent; at 9 x 9 cells all of them are listed in statistics.json.
_VALUES = 8


def asked_derivation(asked: Deriving) -> Derivation:
    """What is to be made."""
    return Derivation(
        text_columns=asked.text_columns,
        embedding_columns=asked.embedding_columns,
        joints=tuple(Joint(name=name) for name in asked.joint_columns),
    )


def refuse_other_derivation(asked: Deriving, known: Derivation) -> None:
    """Refuses to make other columns of a window than its baseline has.

    Raises:
        SettingsError: others are asked for.
    """
    wanted = asked_derivation(asked)
    if wanted and wanted.told != known.told:
        raise SettingsError(
            "columns of a window are made of others as its baseline's are",
            where="text_columns, embedding_columns, joint_columns",
            expected=known.told,
            found=wanted.told,
            todo="Leave the setting out, or learn the baseline with it",
        )


def with_cells(derivation: Derivation, statistics: Statistics) -> Derivation:
    """The derivation with the cells of its joint columns, as they follow from statistics of both."""
    features = {each.name: each for each in statistics.features}
    joints = (
        replace(each, sides=(_side(each.columns[0], features), _side(each.columns[1], features)))
        for each in derivation.joints
    )
    return replace(derivation, joints=tuple(joints))


def _side(name: str, features: Mapping[str, FeatureStatistics]) -> JointSide:
    feature = features[name]
    if feature.numerical is not None:
        numbers = feature.sketched()
        return JointSide(column=name, edges=_edges(numbers) if numbers else ())
    listed = (feature.string.categories if feature.string else None) or ()
    most = sorted(listed, key=lambda each: (-each.count, each.value))[:_VALUES]
    return JointSide(column=name, values=tuple(each.value for each in most) if most else None)


def _edges(numbers: Distribution) -> tuple[float, ...]:
    edges = np.unique(numbers.quantiles(_SHARES))
    # Nothing is above the greatest value.
    return tuple(edges[edges < numbers.values[-1]].tolist())
