"""Partial dependence in Clarify's JSON, for the features that matter most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.explain.partial_dependence import NoDependence, PartialDependence, partial_dependence
from driftkit.monitors.attribution_settings import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows
    from driftkit.formats.attribution_config import PdpConfig
    from driftkit.formats.explanations import LabelExplanation

# Rows over which predictions are averaged, at most.
AVERAGED_ROWS = 1_000


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
