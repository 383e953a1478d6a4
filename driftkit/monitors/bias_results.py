"""What the bias monitor returns: files, tables and how they show in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats import analysis as analysis_file
from driftkit.formats import violations as violations_file
from driftkit.formats.places import place
from driftkit.formats.python_json import dumps, read_object
from driftkit.io.reading import of_a_run
from driftkit.monitors.results import notes
from driftkit.report.files import write_outputs
from driftkit.report.tables import html_page_part, table
from driftkit.statistics.facets import spreads as facet_spreads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    import pandas as pd

    from driftkit.formats.analysis import Analysis
    from driftkit.formats.places import Place
    from driftkit.formats.violations import BiasViolation
    from driftkit.monitors.results import Run
    from driftkit.violations.bias import Compared

ANALYSIS = analysis_file.NAME
VIOLATIONS = violations_file.NAME
INTERVALS = facet_spreads.NAME

METRIC_COLUMNS = (
    "stage",
    "facet",
    "value",
    "rows",
    "metric",
    "current",
    "lower",
    "upper",
    "detectable",
    "note",
)
VIOLATION_COLUMNS = (
    "facet",
    "facet_value",
    "metric",
    "baseline",
    "current",
    "allowed",
    "interval",
    "description",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasBaseline:
    """The bias that is normal.

    Attributes:
        analysis: the content of analysis.json, AWS's or driftkit's.
        intervals: the content of intervals.json; None in the aws dialect and for AWS's baselines.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    analysis: Analysis
    intervals: Mapping[str, Any] | None = None
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        return _files(self.analysis, self.intervals)

    def write(self, directory: str | PathLike[str]) -> tuple[Place, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        return _write(self.files, directory)

    @classmethod
    @of_a_run
    def read(cls, where: str | PathLike[str]) -> BiasBaseline:
        """Reads a baseline from a folder, or an analysis.json by its name.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        path = place(where)
        file = path / ANALYSIS if path.is_dir() else path
        intervals = file.with_name(INTERVALS)
        analysis = analysis_file.read_file(file)
        if analysis.pre_training is None and analysis.post_training is None:
            raise FormatError(
                "the baseline has no bias metrics",
                where=str(file),
                expected="pre_training_bias_metrics or post_training_bias_metrics",
                found=", ".join(analysis.extra) or "nothing",
                todo="Give the analysis.json of `driftkit bias baseline`, or of Clarify",
            )
        return cls(
            analysis=analysis,
            intervals=facet_spreads.read(read_object(intervals), str(intervals))
            if intervals.exists()
            else None,
        )

    def metrics_table(self) -> pd.DataFrame:
        """One row a metric of each value of each facet."""
        return table([*metric_rows(self.analysis, self.intervals)], columns=METRIC_COLUMNS)

    def _repr_html_(self) -> str:
        lines = [*notes(self.run), *self.remarks]
        return html_page_part("Bias baseline", self.metrics_table(), lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasResult:
    """A window against its baseline.

    Attributes:
        analysis: the content of analysis.json.
        violations: in the order of the report.
        compared: every metric that was compared.
        not_made: what could not be compared, a line each.
        intervals: the content of intervals.json; None in the aws dialect.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    analysis: Analysis
    violations: tuple[BiasViolation, ...]
    compared: tuple[Compared, ...] = ()
    not_made: tuple[str, ...] = ()
    intervals: Mapping[str, Any] | None = None
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        violations = violations_file.Violations(
            violations=self.violations, version=violations_file.CLARIFY_VERSION
        )
        return {**_files(self.analysis, self.intervals), VIOLATIONS: violations.to_dict()}

    def write(self, directory: str | PathLike[str]) -> tuple[Place, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        return _write(self.files, directory)

    def metrics_table(self) -> pd.DataFrame:
        """One row a metric of each value of each facet."""
        return table([*metric_rows(self.analysis, self.intervals)], columns=METRIC_COLUMNS)

    def violations_table(self) -> pd.DataFrame:
        """One row a violation, in the order of the file."""
        return table(self.violation_rows(), columns=VIOLATION_COLUMNS)

    def violation_rows(self) -> list[dict[str, Any]]:
        """The rows of `violations_table`."""
        worse = [each for each in self.compared if each.comparison.worse]
        return [
            {
                "facet": each.facet,
                "facet_value": each.facet_value,
                "metric": each.metric,
                "baseline": each.baseline,
                "current": each.current,
                "allowed": each.comparison.allowed,
                "interval": each.comparison.interval,
                "description": violation.description,
            }
            for each, violation in zip(worse, self.violations, strict=True)
        ]

    def _repr_html_(self) -> str:
        title = f"{len(self.violations)} violations" if self.violations else "No violations"
        lines = [
            *notes(self.run),
            *self.remarks,
            *(f"not compared: {each}" for each in self.not_made),
        ]
        return html_page_part(title, self.violations_table(), lines)


def metric_rows(
    analysis: Analysis, intervals: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """One row a metric of each value of each facet, with the same keys in every row."""
    known = {} if intervals is None else intervals["facets"]
    for stage in analysis_file.STAGES:
        metrics = analysis.stage(stage)
        if metrics is None:
            continue
        for facet, values in metrics.facets.items():
            noise = known.get(f"{stage}_bias_metrics", {}).get(facet, ())
            # Of other groups than the report's, nothing is known of these.
            noise = noise if len(noise) == len(values) else [{}] * len(values)
            for value, group in zip(values, noise, strict=True):
                spread = {each["name"]: each for each in group.get("metrics", ())}
                for metric in value.metrics:
                    about = spread.get(metric.name, {})
                    yield {
                        "stage": stage,
                        "facet": facet,
                        "value": value.value_or_threshold,
                        "rows": group.get("rows"),
                        "metric": metric.name,
                        "current": metric.value,
                        "lower": about.get("lower"),
                        "upper": about.get("upper"),
                        "detectable": about.get("detectable_difference"),
                        "note": metric.error or ("small group" if group.get("small") else None),
                    }


def _files(analysis: Analysis, intervals: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    files = {ANALYSIS: analysis.to_dict()}
    return files if intervals is None else {**files, INTERVALS: dict(intervals)}


def _write(
    files: Mapping[str, dict[str, Any]], directory: str | PathLike[str]
) -> tuple[Place, ...]:
    return write_outputs(directory, {name: dumps(content) for name, content in files.items()})
