"""The configuration of a model's monitoring: its sections and keys, checked."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, ValidationInfo, create_model

from driftkit.configuration.receivers import Alerts, AnySink, Store, shared_file
from driftkit.configuration.schedules import checked_cron, checked_timezone
from driftkit.configuration.section import (
    TIMES,
    Cron,
    Duration,
    FileName,
    Line,
    Name,
    Paths,
    Section,
    refused,
    with_settings,
)
from driftkit.configuration.thresholds import (
    FeatureThresholds,
    MetricBound,
    NdcgThreshold,
    Thresholds,
)
from driftkit.errors import SettingsError
from driftkit.monitors.attribution.settings import AttributionSettings
from driftkit.monitors.bias.settings import BiasSettings
from driftkit.monitors.deployment.plan_settings import PlanSettings
from driftkit.monitors.deployment.settings import DeploymentSettings
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.results.facts import Ownership
from driftkit.settings import (
    SEGMENTS,
    Compute,
    Judgement,
    Partition,
    Read,
    Selection,
    Settings,
    Window,
)
from driftkit.settings.declaring import declared
from driftkit.sinks.posting import check_url

if TYPE_CHECKING:
    from collections.abc import Iterable

# Data are described where they are named, and a window is chosen when it is run.
_ELSEWHERE = {*declared(Read), *declared(Window)}


def _folder(path: str) -> str:
    if ".." in PurePosixPath(path).parts:
        raise refused("the path leaves its folder", "a path without ..", repr(path))
    return path


def _of_the_web(address: str) -> str:
    try:
        return check_url(address)
    except SettingsError as error:
        raise refused("this is no page of the web", "https://HOST/...", repr(address)) from error


class Model(Section):
    """Whose records are monitored."""

    name: FileName = Field(description="Of the monitored model.")
    variant: str = Field(
        default="", strict=True, description="Of its endpoint, where it has several."
    )
    owner: Line | None = Field(default=None, description="Who looks after it: a person or a team.")
    runbook: Annotated[Line, AfterValidator(_of_the_web)] | None = Field(
        default=None, description="Address of the page that says what to do, https://..."
    )
    tags: dict[Name, Line] = Field(
        default_factory=dict,
        max_length=50,
        description="What else is known of it: names and texts.",
    )

    @property
    def ownership(self) -> Ownership:
        """Who looks after it, for those who tell of it."""
        return Ownership(owner=self.owner or "", runbook=self.runbook or "", tags=self.tags)


class Described(Section):
    """Where data are, and how they are written."""

    path: Paths = Field(
        description="A file, folder, glob or URL, or a list of them; a table or a query alone."
    )


class _Captures(Described):
    """Records that an endpoint captured."""

    window: Duration | None = Field(
        default=None, description="Length of a window; all that is there, where it is not said."
    )
    delay: Duration | None = Field(
        default=None,
        description="How long after its end a window is complete: captures come late.",
    )


_IN_INPUTS = declared(Settings).keys() - declared(Read).keys() - {"variant", "together"}
Training: Any = with_settings("Training", Described, Settings, _IN_INPUTS)
Data: Any = with_settings("Data", Described, Read)
Captures: Any = with_settings("Captures", _Captures, Settings, _IN_INPUTS)


class Labels(Section):
    """Ground truth that is joined with the captures before quality and bias are measured."""

    path: Paths = Field(description="JSON Lines with groundTruthData: a file, folder, glob or URL.")
    merged: Name | None = Field(
        default=None,
        description="Folder for the merged captures; `merged` in the reports' if not said.",
    )
    update_for: Duration | None = Field(
        default=None,
        description="How long labels come late: windows that were run so long ago are run again.",
    )


class Inputs(Section):
    """The data."""

    captures: Captures | None = Field(default=None, description=_Captures.__doc__)
    data: Data | None = Field(default=None, description="Files that are monitored as they are.")
    labels: Labels | None = Field(default=None, description=Labels.__doc__)
    training: Training | None = Field(
        default=None,
        description="What a baseline is learnt from, the first time that there is none.",
    )


class Segments(Section):
    """Parts of the rows with baselines of their own, learnt with the baseline of data quality."""

    by: Paths = Field(description="A column, or a list of them.")
    max: Annotated[StrictInt, Field(ge=1, le=SEGMENTS)] | None = Field(
        default=None,
        description="How many of the most frequent values have a baseline of their own.",
    )
    min_rows: Annotated[StrictInt, Field(ge=0)] | None = Field(
        default=None,
        description="Values with fewer rows have no baseline, and are not compared in a window.",
    )


class _Defaults(Section):
    """What holds for all monitors that say nothing else."""

    baseline: Name | None = Field(
        default=None, description="Folder with a folder for the baseline of each monitor."
    )


Defaults: Any = with_settings("Defaults", _Defaults, Compute)


class Monitored(Section):
    """What a monitor reads, and what it compares with."""

    input: Literal["captures", "data"] | None = Field(
        default=None, description="Which of the inputs; captures, where there are some."
    )
    baseline: Name | None = Field(
        default=None,
        description="Folder of its baseline; that of the defaults with its name, if not said.",
    )
    keep_states: StrictBool | None = Field(
        default=None,
        description="Whether states.arrow is written, by which windows can be added up.",
    )


class _DataQuality(Monitored):
    """Did the features change?"""

    thresholds: Thresholds = Field(default=Thresholds(), description=Thresholds.__doc__)
    features: dict[Name, FeatureThresholds] = Field(
        default_factory=dict, description="Names of features, or patterns such as tmp_*."
    )


class _ModelQuality(Monitored):
    """Did the predictions get worse?"""

    thresholds: dict[Name, MetricBound] = Field(
        default_factory=dict, description="Metrics and their bounds, in place of the baseline's."
    )
    estimate: StrictBool | Literal["only"] = Field(
        default=False,
        description="Whether quality is estimated without labels besides, as the monitor "
        "estimated_quality; `only` where there are no labels.",
    )


class _Bias(Monitored):
    """Did the treatment of groups change?"""

    analysis_config: Name = Field(description="Clarify's analysis_config.json.")


class _Attribution(_Bias):
    """Did the reasons for predictions change?"""

    model: Name | None = Field(
        default=None, description="The model: a file, a folder or an endpoint."
    )
    thresholds: NdcgThreshold = Field(default=NdcgThreshold(), description=NdcgThreshold.__doc__)
    former_model: Name | None = Field(
        default=None, description="The baseline's model, where it was another."
    )


class _Deployment(Monitored):
    """May this version take the traffic? Its baseline is the folder of its plan."""


def _judging(
    name: str, base: type[Section], kind: type[Any], of_training: Iterable[str] = ()
) -> Any:
    """A monitor whose attributes may be called otherwise in the training data, or are of it alone."""
    without = {*_ELSEWHERE, "engine"}
    training: Any = with_settings(f"{name}Training", Section, kind, {*without, *declared(Compute)})
    own: Any = create_model(
        f"{name}Own",
        __base__=base,
        training=(
            training | None,
            Field(
                default=None, description="Settings that are others where its baseline is learnt."
            ),
        ),
    )
    own.__doc__ = base.__doc__
    return with_settings(name, own, kind, without.union(of_training))


DataQuality: Any = with_settings(
    "DataQuality",
    _DataQuality,
    Settings,
    {*_ELSEWHERE, *declared(Partition), *declared(Judgement)} - TIMES,
)
ModelQuality: Any = _judging("ModelQuality", _ModelQuality, QualitySettings, declared(Selection))
Bias: Any = _judging("Bias", _Bias, BiasSettings)
Attribution: Any = with_settings(
    "Attribution", _Attribution, AttributionSettings, {*_ELSEWHERE, "engine"}
)
Deployment: Any = with_settings(
    "Deployment", _Deployment, DeploymentSettings, {*_ELSEWHERE, *declared(PlanSettings), "engine"}
)


class Monitors(Section):
    """What is monitored; a monitor that is not named does not run."""

    data_quality: DataQuality | None = Field(default=None, description=_DataQuality.__doc__)
    model_quality: ModelQuality | None = Field(default=None, description=_ModelQuality.__doc__)
    bias: Bias | None = Field(default=None, description=_Bias.__doc__)
    attribution: Attribution | None = Field(default=None, description=_Attribution.__doc__)
    deployment: Deployment | None = Field(default=None, description=_Deployment.__doc__)


class Report(Section):
    """Where results are written: a folder for each monitor, in it one for each window."""

    path: Annotated[Name, AfterValidator(_folder)] = Field(
        default="reports", description="The folder."
    )
    page: StrictBool = Field(default=True, description="Whether report.html is written too.")
    values: Literal["shown", "hidden"] = Field(
        default="shown",
        description="Whether report.html tells values of the data, or ranks and quantiles instead.",
    )
    history: int = Field(
        default=30, strict=True, ge=0, le=1000, description="Windows before this one on its page."
    )


class Schedule(Section):
    """When it is to run: nothing runs by itself, but windows that never ran are told of."""

    cron: Annotated[Cron, AfterValidator(checked_cron)] = Field(
        description="Five fields: minute, hour, day, month, weekday."
    )
    timezone: Annotated[Name, AfterValidator(checked_timezone)] = Field(
        default="UTC", description="In which the hour is meant."
    )


def _apart(sinks: Any, about: ValidationInfo) -> Any:
    """Refuses a file that several monitors would write over."""
    monitors = about.data.get("monitors")
    running = [name for name, each in monitors or () if each is not None]
    file = shared_file(sinks)
    if file and len(running) > 1:
        raise refused(
            "monitors would write over each other's file",
            "a name with {monitor} in it",
            repr(file),
            "Write for example driftkit-{monitor}.prom",
        )
    return sinks


class Configuration(Section):
    """How a model is monitored."""

    version: Literal[1] = Field(description="Of this format.")
    model: Model = Field(description=Model.__doc__)
    inputs: Inputs = Field(description=Inputs.__doc__)
    segments: Segments | None = Field(default=None, description=Segments.__doc__)
    defaults: Defaults = Field(default=Defaults(), description=_Defaults.__doc__)
    monitors: Monitors = Field(description=Monitors.__doc__)
    report: Report = Field(default=Report(), description=Report.__doc__)
    store: Store | None = Field(default=None, description=Store.__doc__)
    alerts: Alerts | None = Field(default=None, description="When alerts fire and resolve.")
    sinks: Annotated[tuple[AnySink, ...], AfterValidator(_apart)] = Field(
        default=(), description="Who is told: of alerts, or of all numbers."
    )
    schedule: Schedule | None = Field(default=None, description=Schedule.__doc__)
