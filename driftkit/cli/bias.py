"""`driftkit bias`: baseline, monitor."""

from __future__ import annotations

from driftkit.cli import options as o
from driftkit.cli.monitors import Monitor, learns, looks
from driftkit.monitors.bias.settings import BiasSettings

MONITOR = Monitor(
    name="bias",
    about="Did the treatment of groups change? Clarify's bias metrics, and their drift.",
    settings=BiasSettings,
    # One engine counts groups, and the configuration says what is predicted.
    unused={"output_columns_position", "engine"},
    instead={"header": o.ConfiguredHeader},
)
OWN = {"analysis_config": o.AnalysisConfig, "keep_states": o.KeepStates}
learns(
    MONITOR,
    "Measure the bias that is normal: analysis.json.",
    "Measuring what is normal",
    own=OWN,
)
looks(
    MONITOR,
    "Look at a window of data and write which metrics are worse than in the baseline.",
    "Looking at the window",
    own=OWN,
)
