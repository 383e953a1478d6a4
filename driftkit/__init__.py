"""The open Model Monitor: drift monitors on Spark, in Model Monitor's file formats.

>>> import driftkit
>>> baseline = driftkit.data_quality.baseline({"age": [31, 45, 28]})
>>> baseline.files["constraints.json"]["features"][0]["inferred_type"]
'Integral'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from driftkit.errors import (
    DriftkitError,
    EngineError,
    FormatError,
    InputError,
    OutputError,
    SettingsError,
)
from driftkit.results.version import __version__

if TYPE_CHECKING:
    from driftkit.monitors.attribution import monitor as attribution
    from driftkit.monitors.bias import monitor as bias
    from driftkit.monitors.data_quality import monitor as data_quality
    from driftkit.monitors.deployment import monitor as deployment
    from driftkit.monitors.merge import merge
    from driftkit.monitors.model_quality import monitor as model_quality
    from driftkit.store.history import history

_MONITORS = {
    "attribution": "driftkit.monitors.attribution.monitor",
    "bias": "driftkit.monitors.bias.monitor",
    "data_quality": "driftkit.monitors.data_quality.monitor",
    "deployment": "driftkit.monitors.deployment.monitor",
    "model_quality": "driftkit.monitors.model_quality.monitor",
}

_FUNCTIONS = {"history": "driftkit.store.history", "merge": "driftkit.monitors.merge"}

__all__ = [
    "DriftkitError",
    "EngineError",
    "FormatError",
    "InputError",
    "OutputError",
    "SettingsError",
    "__version__",
    "attribution",
    "bias",
    "data_quality",
    "deployment",
    "history",
    "merge",
    "model_quality",
]


def __getattr__(name: str) -> Any:
    # Monitors are loaded on first use, so that `import driftkit` stays quick and free of effects.
    if name in _MONITORS:
        return import_module(_MONITORS[name])
    if name in _FUNCTIONS:
        return getattr(import_module(_FUNCTIONS[name]), name)
    raise AttributeError(f"module 'driftkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
