"""Turns a configuration into the runs of monitors that it asks for: data, baseline, settings, output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from driftkit.columns.times import INFERENCE_TIME
from driftkit.configuration.section import TIMES, said
from driftkit.configuration.spans import LAST, Span, earlier, spans_of
from driftkit.configuration.thresholds import NdcgThreshold
from driftkit.errors import SettingsError, all_in_one, replaced
from driftkit.io.locations import locate
from driftkit.monitors.attribution.settings import AttributionSettings
from driftkit.monitors.bias.settings import BiasSettings
from driftkit.monitors.deployment.settings import DeploymentSettings
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.settings import (
    Compute,
    Grading,
    Judgement,
    Partition,
    Read,
    Selection,
    Settings,
    Window,
)
from driftkit.settings.checks import names
from driftkit.settings.declaring import declared
from driftkit.settings.detection import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from driftkit.configuration.model import Configuration
    from driftkit.configuration.yaml_values import Path
    from driftkit.io.locations import Location


class Kind(NamedTuple):
    """What is known of a monitor: its settings, the file by which its baseline is known.

    Attributes:
        settings: the dataclass.
        file: of a baseline.
        labelled: whether captures are joined with labels first.
        unused: settings that mean nothing to it.
    """

    settings: type[Any]
    file: str
    labelled: bool = False
    unused: frozenset[str] = frozenset({"engine"})


ESTIMATED, JUDGED = "estimated_quality", "model_quality"
# Segments of an estimate are those of the baseline.
_OF_SEGMENTS = declared(Partition).keys() - TIMES
KINDS: Mapping[str, Kind] = {
    "data_quality": Kind(Settings, "constraints.json", unused=frozenset(declared(Judgement))),
    JUDGED: Kind(QualitySettings, "constraints.json", labelled=True),
    ESTIMATED: Kind(
        QualitySettings,
        "constraints.json",
        labelled=True,
        unused=frozenset({"engine", "violations_beyond_noise", "beyond_noise", *_OF_SEGMENTS}),
    ),
    "bias": Kind(BiasSettings, "analysis.json", labelled=True),
    "attribution": Kind(AttributionSettings, "analysis.json"),
    "deployment": Kind(DeploymentSettings, "deployment_plan.json"),
}
# Of what is read.
_OF_DATA = (*declared(Read), *declared(Window))
# Arguments of the monitors' functions that are no settings.
_ARGUMENTS = ("analysis_config", "model", "former_model", "keep_states")
# What windows have of their baseline: how its days are known, and its predictions.
_OF_BASELINES = TIMES | declared(Outcomes).keys()

# A baseline has all columns (of model quality its inputs), captured ones by place; no violations.
_OF_WINDOWS = (
    *("violations_beyond_noise", "beyond_noise", "ndcg_threshold"),
    *declared(Selection),
    *declared(Grading),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """A merge of captures with labels before a monitor reads them."""

    captures: tuple[str, ...]
    labels: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A run of a monitor that a configuration asks for.

    Attributes:
        monitor: its name.
        section: of the configuration.
        span: the window.
        data: paths that are read.
        settings: keywords of its function.
        arguments: others of its keywords.
        baseline: folder or file of its baseline.
        training: paths from which the baseline is learnt where there is none; empty for none.
        learning: keywords with which it is learnt.
        output: folder for the files.
        variant: of the model's endpoint; empty where it has but one.
        labelling: what is merged before; None where data are read as they are.
    """

    monitor: str
    section: Any = field(repr=False)
    span: Span
    data: tuple[str, ...]
    settings: dict[str, Any]
    arguments: dict[str, Any]
    baseline: str
    training: tuple[str, ...]
    learning: dict[str, Any]
    output: str
    variant: str = ""
    labelling: Labelling | None = None

    @property
    def title(self) -> str:
        """Monitor and window, for people."""
        return f"{self.monitor} {self.span.name}"

    @property
    def keeps_states(self) -> bool:
        """Whether states.arrow is written: as by the commands, of data quality unless refused."""
        return bool(self.arguments.get("keep_states", self.monitor == "data_quality"))


def planned(
    configuration: Configuration,
    window: str,
    now: datetime,
    monitors: Iterable[str] = (),
    where: Callable[[Path], str] | None = None,
) -> tuple[Work, ...]:
    """The runs that are asked for, by monitor and window.

    Args:
        configuration: checked.
        window: LAST, or START/END.
        now: the time at which it is asked.
        monitors: names of those that run; all of the configuration's, if none is named.
        where: says where a path of keys was said, for messages.

    Raises:
        SettingsError: a monitor is not in the configuration, or some lack an input or a baseline,
            which are all told at once; or the window is none.
    """
    sections = {name: section_of(configuration, name) for name in KINDS}
    there = [name for name, section in sections.items() if section is not None]
    wanted = [each.replace("-", "_") for each in monitors] or there
    strange = [name for name in wanted if name not in there]
    if strange or not there:
        raise SettingsError(
            "the configuration has no such monitor" if strange else "nothing is monitored",
            where="monitors",
            expected=", ".join(there or KINDS),
            found=", ".join(strange) or "no monitor",
            todo="Add it to the file",
        )
    found: list[Work] = []
    faults: list[SettingsError] = []
    for name in (each for each in there if each in wanted):
        try:
            found += _works(configuration, name, sections[name], (window, now))
        except SettingsError as error:
            at = where(("monitors", name)) if where else ""
            faults.append(replaced(error, f"{at}: {error.where}" if at else error.where))
    if faults:
        raise all_in_one(faults)
    return tuple(found)


def learnt_as(monitor: str) -> str:
    """The monitor whose baseline and functions it has: an estimate those of predictions that are judged."""
    return JUDGED if monitor == ESTIMATED else monitor


def section_of(configuration: Configuration, name: str) -> Any:
    """What says how a monitor runs; None where it does not run."""
    section = getattr(configuration.monitors, learnt_as(name), None)
    estimate = getattr(section, "estimate", False)
    left_out = not estimate if name == ESTIMATED else estimate == "only"
    return None if left_out else section


def _works(
    configuration: Configuration, name: str, section: Any, asked: tuple[str, datetime]
) -> Iterator[Work]:
    kind, inputs = KINDS[name], configuration.inputs
    source = _source(configuration, name, section)
    captured = source is inputs.captures
    labelling = _labelling(configuration) if kind.labelled and captured and inputs.labels else None
    own = _own(configuration, name, section)
    read = _read(configuration, source, captured=captured)
    arguments = said(section, _ARGUMENTS)
    for span in _spans(configuration, name, asked, labelled=labelling is not None):
        times = {"start": span.start, "end": span.end} if span.start else {}
        yield Work(
            monitor=name,
            section=section,
            span=span,
            # An estimate is of all captures, whether labels have come or not.
            data=(labelling.folder,) if labelling and name != ESTIMATED else source.path,
            settings={**read, **own, **times},
            arguments=arguments,
            baseline=_baseline(configuration, name, section),
            training=inputs.training.path if inputs.training and name != "deployment" else (),
            learning=_learning(configuration, name, section),
            output=str(_folder(configuration, name) / span.name),
            variant=str(read.get("variant") or configuration.model.variant),
            labelling=labelling,
        )


def _spans(
    configuration: Configuration, name: str, asked: tuple[str, datetime], *, labelled: bool
) -> tuple[Span, ...]:
    """The windows that a monitor is asked for, and those for which labels may have come since."""
    source: Any = _source(configuration, name, section_of(configuration, name))
    window, now = asked
    if name == "deployment":
        # It is decided by all of its requests.
        return (Span(),)
    captured = source is configuration.inputs.captures
    length, delay = (source.window, source.delay) if captured else (None, None)
    found = spans_of(window, length, delay, now)
    labels = configuration.inputs.labels
    if not labelled or labels is None or labels.update_for is None or window.upper() != LAST:
        return found
    folder = _folder(configuration, name)
    before = [
        each for each in earlier(found[0], labels.update_for) if (folder / each.name).is_dir()
    ]
    return (*before, *found)


def last_span(configuration: Configuration, name: str, at: datetime) -> Span:
    """The window of a monitor that is complete at a time; one without times where rows have none."""
    return _spans(configuration, name, (LAST, at), labelled=False)[0]


def _folder(configuration: Configuration, name: str) -> Location:
    return locate(configuration.report.path) / name


def _source(configuration: Configuration, name: str, section: Any) -> Any:
    inputs = configuration.inputs
    wanted = section.input or ("captures" if inputs.captures else "data")
    source = getattr(inputs, wanted)
    if source is None:
        raise SettingsError(
            "there is nothing to monitor",
            where=f"monitors.{name}: inputs.{wanted}",
            expected="captures or data with their path",
            found="neither" if section.input is None else f"input: {wanted}",
            todo="Add the input",
        )
    return source


def _own(configuration: Configuration, name: str, section: Any) -> dict[str, Any]:
    """The settings of a monitor; what it does not say, the defaults do."""
    kind = KINDS[name]
    found = {
        **said(configuration.defaults, declared(Compute)),
        **said(section, declared(kind.settings)),
    }
    found = {key: value for key, value in found.items() if key not in kind.unused | _OF_BASELINES}
    if name == ESTIMATED:
        return found | said(section, TIMES)
    found |= _of_bounds(found, getattr(section, "thresholds", None))
    segments = configuration.segments
    if name == "data_quality" and segments and segments.min_rows is not None:
        found["segment_min_rows"] = segments.min_rows
    ignored = [text for text, each in getattr(section, "features", {}).items() if each.ignore]
    if ignored:
        found["ignore"] = list(dict.fromkeys([*names("ignore", found.get("ignore", ())), *ignored]))
    return found


def _of_bounds(own: Mapping[str, Any], thresholds: Any) -> dict[str, Any]:
    """The settings that bounds of metrics are, besides what they make of the baseline."""
    if isinstance(thresholds, NdcgThreshold):
        least = thresholds.ndcg
        return {} if least is None else {"ndcg_threshold": least.value}
    if not isinstance(thresholds, Mapping):
        return {}
    beyond = [metric for metric, bound in thresholds.items() if bound.beyond_noise]
    known = names("beyond_noise", own.get("beyond_noise", ()))
    return {"beyond_noise": list(dict.fromkeys([*known, *beyond]))} if beyond else {}


def _read(configuration: Configuration, source: Any, *, captured: bool) -> dict[str, Any]:
    found = said(source, _OF_DATA)
    if captured and configuration.model.variant and not source.together:
        found.setdefault("variant", configuration.model.variant)
    return found


def _learning(configuration: Configuration, name: str, section: Any) -> dict[str, Any]:
    training, segments = configuration.inputs.training, configuration.segments
    own = _own(configuration, learnt_as(name), section)
    if getattr(section, "estimate", False) and section.time_column != INFERENCE_TIME:
        own |= said(section, TIMES)
    found = {**said(training, _OF_DATA), **own} if training else dict(own)
    others = getattr(section, "training", None)
    if others is not None:
        found.update(said(others, declared(KINDS[name].settings)))
    for each in _OF_WINDOWS:
        if KINDS[name].settings is not QualitySettings or each not in declared(Selection):
            found.pop(each, None)
    if name == "data_quality":
        found |= said(section, _OF_BASELINES)
    if name == "data_quality" and segments:
        found["segment_by"] = segments.by
        found |= {} if segments.max is None else {"segment_max": segments.max}
    return found


def _baseline(configuration: Configuration, name: str, section: Any) -> str:
    if section.baseline is not None:
        return str(section.baseline)
    if configuration.defaults.baseline is not None:
        return str(locate(configuration.defaults.baseline) / learnt_as(name))
    raise SettingsError(
        "there is no baseline to compare with",
        where=f"monitors.{name}.baseline",
        expected="the folder of a baseline, here or for all monitors as defaults.baseline",
        found="neither",
        todo="Add one of them; it is made there from inputs.training where it is missing",
    )


def _labelling(configuration: Configuration) -> Labelling:
    inputs: Any = configuration.inputs
    folder = inputs.labels.merged or str(locate(configuration.report.path) / "merged")
    return Labelling(captures=inputs.captures.path, labels=inputs.labels.path, folder=folder)
