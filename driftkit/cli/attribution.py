"""`driftkit attribution`: baseline, monitor."""

from __future__ import annotations

from typing import Annotated

import typer

from driftkit.cli import options as o
from driftkit.cli.monitors import Monitor, learns, looks
from driftkit.monitors.attribution.settings import EXPLAINING, AttributionSettings
from driftkit.settings import Selection
from driftkit.settings.declaring import declared

ModelSpec = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="SPEC",
        help="The model: a file (.py with predict(table), .joblib, .pkl, .txt of LightGBM, .json "
        "of XGBoost, .onnx, .cbm), an MLflow folder, http://.../invocations, or "
        "sagemaker:ENDPOINT; kind:path where the ending does not tell. "
        "Kept states need none.",
        show_default=False,
        envvar="DRIFTKIT_MODEL",
    ),
]
FormerModel = Annotated[
    str | None,
    typer.Option(
        metavar="SPEC",
        help="The baseline's model, where it was another: tells what the data did to "
        "attributions from what the model did.",
        rich_help_panel=EXPLAINING,
    ),
]

MONITOR = Monitor(
    name="attribution",
    about="Did the reasons behind predictions change? Shapley values, and how features rank by them.",
    settings=AttributionSettings,
    # The configuration says how captured requests are laid out, and explainers have one engine.
    unused={"output_columns_position", "engine"},
    instead={"header": o.ConfiguredHeader},
)
OWN = {"analysis_config": o.AnalysisConfig, "model": ModelSpec, "keep_states": o.KeepStates}
learns(
    MONITOR,
    "Learn which features normally decide: analysis.json.",
    "Explaining what is normal",
    own=OWN,
    without={"ndcg_threshold", *declared(Selection)},
)
looks(
    MONITOR,
    "Look at a window of data and say whether other features decide than in the baseline.",
    "Explaining the window",
    own={**OWN, "former_model": FormerModel},
)
