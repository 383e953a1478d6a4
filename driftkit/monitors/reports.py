"""Reads the report of any monitor from the folder of a run, driftkit's or AWS's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.deployment import verdict as verdict_file
from driftkit.formats.document import Kind, kind_of
from driftkit.formats.model_quality import estimate as estimate_file
from driftkit.formats.python_json import read_object
from driftkit.io.locations import locate
from driftkit.monitors.attribution import monitor as attribution
from driftkit.monitors.attribution.results import AttributionBaseline, AttributionResult
from driftkit.monitors.bias import monitor as bias
from driftkit.monitors.bias.results import BiasBaseline, BiasResult
from driftkit.monitors.data_quality.monitor import compare
from driftkit.monitors.data_quality.results import Baseline, MonitoringResult
from driftkit.monitors.deployment.results import DeploymentReport
from driftkit.monitors.model_quality import monitor as model_quality
from driftkit.monitors.model_quality.estimate_results import QualityEstimate
from driftkit.monitors.model_quality.results import ModelBaseline, ModelResult

if TYPE_CHECKING:
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.results.contract import Report

_MAIN = (verdict_file.NAME, "statistics.json", "analysis.json", estimate_file.NAME)
_KINDS: dict[Kind | None, Any] = {
    Kind.STATISTICS: MonitoringResult,
    Kind.CONSTRAINTS: MonitoringResult,
    Kind.MODEL_STATISTICS: ModelResult,
    Kind.MODEL_CONSTRAINTS: ModelResult,
    Kind.BIAS: BiasResult,
    Kind.ATTRIBUTION: AttributionResult,
}


def read_report(directory: PathOrUrl, baseline: PathOrUrl | None = None) -> Report:
    """The report in a folder.

    Args:
        directory: what `monitor` wrote.
        baseline: what it was compared with, whose numbers and distributions are shown beside it;
            a report of a deployment has those of its champion.

    Raises:
        FormatError: there is no report, or a file is not what it should be.
    """
    folder = locate(directory)
    main = next((folder / name for name in _MAIN if (folder / name).exists()), None)
    if main is None:
        raise _missing(folder)
    if main.name == verdict_file.NAME:
        return DeploymentReport.read(folder)
    if main.name == estimate_file.NAME:
        return QualityEstimate.read(folder)
    result: Any = _KINDS.get(_kind(main))
    if result is None:
        raise _missing(folder)
    read: Report = result.read(folder)
    return read if baseline is None else _beside(read, baseline)


def _kind(main: Location) -> Kind | None:
    """The kind of a report; constraints tell it sooner than statistics, which hold all sketches."""
    constraints = main.parent / "constraints.json"
    small = main.name == "statistics.json" and constraints.exists()
    return (kind_of(read_object(constraints)) if small else None) or kind_of(read_object(main))


def _beside(report: Report, baseline: PathOrUrl) -> Report:
    """The report with what its baseline knows. What was found stays what it was."""
    if isinstance(report, MonitoringResult):
        return _data_quality(report, Baseline.read(baseline))
    if isinstance(report, ModelResult):
        normal = ModelBaseline.read(baseline)
        judged = model_quality.compare(report.statistics, normal)
        judgements, skipped = judged.judgements, judged.skipped
        return replace(report, baseline=normal, judgements=judgements, skipped=skipped)
    if isinstance(report, BiasResult):
        return bias.beside(report, BiasBaseline.read(baseline))
    if isinstance(report, AttributionResult):
        return attribution.beside(report, AttributionBaseline.read(baseline))
    return report


def _data_quality(report: MonitoringResult, normal: Baseline) -> MonitoringResult:
    compared = compare(report.statistics, normal)
    same = compared.violations == report.violations
    return replace(
        report,
        baseline=normal,
        distances=compared.distances,
        found=compared.found if same else report.found,
    )


def _missing(folder: Location) -> FormatError:
    return FormatError(
        "there is no report",
        where=str(folder),
        expected=f"a folder that `monitor` wrote, with {', '.join(_MAIN[:-1])} or {_MAIN[-1]}",
        todo="Name the folder that was given to `driftkit MONITOR monitor` as --output",
    )
