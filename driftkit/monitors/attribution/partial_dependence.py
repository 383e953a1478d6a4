"""Partial dependence in Clarify's JSON, for the features that matter most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.explain.partial_dependence import NoDependence, PartialDependence, partial_dependence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows
    from driftkit.formats.attribution_config import PdpConfig
    from driftkit.formats.explanations import LabelExplanation

# Rows over which predictions are averaged, at most.
AVERAGED_ROWS = 1_000
_NAMES_SHOWN = 30


def pdp(
    asked: PdpConfig, model: Predictor, rows: Rows, labels: Iterable[LabelExplanation]
) -> tuple[Mapping[str, Any], ...]:
    """The list under `explanations.pdp`.

    Args:
        asked: features and grid.
        model: what is asked.
        rows: of the data, over which predictions are averaged.
        labels: whose largest attributions choose the features, where none are named.
    """
    features = _features(asked, rows.names, labels)
    found = partial_dependence(model, rows, features, asked.grid_resolution)
    return tuple(_document(each) for each in found)


def _features(
    asked: PdpConfig, names: tuple[str, ...], labels: Iterable[LabelExplanation]
) -> list[str]:
    named = names_of(asked.features, names, "methods.pdp.features")
    if named is not None:
        return list(named)
    sizes = dict.fromkeys(names, 0.0)
    for label in labels:
        for name, value in label.global_shap_values.items():
            sizes[name] = max(sizes[name], abs(value))
    return sorted(names, key=lambda name: -sizes[name])[: asked.top_k_features]


def _document(found: PartialDependence | NoDependence) -> dict[str, Any]:
    if isinstance(found, NoDependence):
        return {"feature_name": found.feature, "error": found.error}
    return {
        "feature_name": found.feature,
        "data_type": found.data_type,
        "feature_values": list(found.values),
        "model_predictions": found.predictions.T.tolist(),
        "data_distribution": found.distribution.tolist(),
    }


def names_of(
    wanted: tuple[int | str, ...] | None,
    names: tuple[str, ...],
    where: str = "methods.shap.features_to_explain",
) -> tuple[str, ...] | None:
    """Features by name; None for all.

    Args:
        wanted: names and places.
        names: of all features.
        where: in the configuration they are asked for.

    Raises:
        SettingsError: a place or a name is not there.
    """
    if wanted is None:
        return None
    for each in wanted:
        is_there = 0 <= each < len(names) if isinstance(each, int) else each in names
        if not is_there:
            raise SettingsError(
                "a feature is not there",
                where=where,
                expected=f"0 to {len(names) - 1}, or one of {', '.join(names[:_NAMES_SHOWN])}",
                found=repr(each),
                todo="Correct the place or the name",
            )
    return tuple(names[each] if isinstance(each, int) else each for each in wanted)
