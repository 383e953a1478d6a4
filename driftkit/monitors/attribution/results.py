"""What the attribution monitor returns: its files, metrics and findings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import FormatError
from driftkit.formats import explanations as explanations_file
from driftkit.formats import violations as violations_file
from driftkit.formats.python_json import dumps, read_object
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.attribution.baseline_rows import csv_of, rows_of_csv
from driftkit.monitors.attribution.checks import threshold_said
from driftkit.monitors.attribution.explained import Explained, read_scores
from driftkit.monitors.attribution.figures import rankings
from driftkit.monitors.attribution.moved import baseline_values, moved_line, moved_rows
from driftkit.report import methods as page_methods
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.findings import finding_of, graded
from driftkit.results.tables import baseline_html, table, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from driftkit.explain.rows import Rows
    from driftkit.formats.explanations import Explanations
    from driftkit.formats.violations import AttributionViolation
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.io.publishing import Content
    from driftkit.monitors.attribution.checks import Compared
    from driftkit.results.contract import Finding, Run, Skipped
    from driftkit.results.figures import Figure
    from driftkit.states.attribution_storage import AttributionStates

ANALYSIS = explanations_file.NAME
VIOLATIONS = violations_file.NAME
INTERVALS = "intervals.json"
SCORE = "ndcg"
LOCAL = "explanations_shap/out.csv"
BACKGROUND = "explanations_shap/baseline.csv"
MOVED_SHOWN = 5
# Of the sum of all values.
LEAST_MOVED = 0.001

_COLUMNS = {
    "label": "label",
    "feature": "feature",
    "value": "value",
    "lower": "lower",
    "upper": "upper",
}


def _beside(result: AttributionBaseline | AttributionResult) -> dict[str, Content]:
    """The rows' own values and the states, where they are kept, and a baseline's rows."""
    files = methods.kept_states(result)
    if result.explained is not None and result.explained.local is not None:
        files[LOCAL] = result.explained.local_csv()
    if isinstance(result, AttributionBaseline) and result.background is not None:
        files[BACKGROUND] = csv_of(result.background)
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionBaseline:
    """Which features normally decide.

    Attributes:
        explanations: the content of analysis.json, AWS's or driftkit's.
        explained: the numbers behind it; None where only the explanations are known.
        background: the baseline rows; None where they are not known.
        states: what they were read from, where they are kept; written beside the files.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    explanations: Explanations
    explained: Explained | None = field(default=None, compare=False, repr=False)
    background: Rows | None = field(default=None, compare=False, repr=False)
    states: AttributionStates | None = field(default=None, compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    _repr_html_ = baseline_html
    write = methods.written_as(dumps, _beside)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, of the JSON files that `write` writes."""
        found = {ANALYSIS: self.explanations.to_dict()}
        return found if self.explained is None else {**found, INTERVALS: self.explained.intervals()}

    @classmethod
    @of_a_run
    def read(cls, where: PathOrUrl) -> AttributionBaseline:
        """Reads a baseline from a folder, or an analysis.json by its name; a URL too.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        path = locate(where)
        file = path / ANALYSIS if path.is_dir() else path
        rows = file.with_name(BACKGROUND.partition("/")[0]) / BACKGROUND.partition("/")[2]
        intervals = _intervals(file)
        return cls(
            explanations=explanations_file.read_file(file),
            explained=None
            if intervals is None
            else Explained.read(intervals, str(file.with_name(INTERVALS))),
            background=_read_rows(rows) if rows.exists() else None,
        )

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return [*methods.notes(self), *self.remarks]

    def metrics(self) -> list[Metric]:
        """The global value of every feature of each label, and the labels' expected values."""
        return [*_metrics(self.explanations, self.explained)]

    def statistics_table(self) -> pd.DataFrame:
        """One row a feature of each label, the most important first."""
        values = [each for each in self.metrics() if each.feature is not None]
        labels = list(self.explanations.labels)
        values.sort(
            key=lambda each: (labels.index(each.dimensions["label"]), -abs(each.value or 0))
        )
        return table_of(values, _COLUMNS)

    values_table = statistics_table


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionResult:
    """A window against its baseline.

    Attributes:
        explanations: the content of analysis.json.
        violations: one for each label under the threshold.
        explained: the numbers behind it; None where only the explanations are known.
        normal: the baseline's explanations; None for what was read.
        former: the window's by the former model, where there is one.
        compared: every label's score.
        skipped: nothing: every label is compared.
        states: what they were read from, where they are kept; written beside the files.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    explanations: Explanations
    violations: tuple[AttributionViolation, ...]
    explained: Explained | None = field(default=None, compare=False, repr=False)
    normal: Explanations | None = field(default=None, compare=False, repr=False)
    compared: tuple[Compared, ...] = ()
    former: Explanations | None = field(default=None, compare=False, repr=False)
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)
    states: AttributionStates | None = field(default=None, compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    COLUMNS: ClassVar[Mapping[str, str]] = {
        "label": "label",
        "ndcg": "value",
        "interval": "interval",
        "description": "message",
    }
    _repr_html_ = page_methods.shown
    report = page_methods.report
    plot = page_methods.plot
    write = methods.written_as(dumps, _beside)
    violations_table = methods.violations_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, of the JSON files that `write` writes."""
        violations = violations_file.Violations(
            violations=self.violations, version=violations_file.CLARIFY_VERSION
        )
        found = {ANALYSIS: self.explanations.to_dict()}
        if self.explained is not None:
            found[INTERVALS] = self.explained.intervals(self.compared)
        return {**found, VIOLATIONS: violations.to_dict()}

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> AttributionResult:
        """Reads what an earlier run wrote, driftkit's or AWS's.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        folder = locate(directory)
        normal = AttributionBaseline.read(folder)
        file = folder / VIOLATIONS
        found = violations_file.read_file(file, violations_file.AttributionViolation)
        violated = {each.label for each in found.violations}
        scores = read_scores(
            _intervals(folder / ANALYSIS) or {"labels": {}},
            str(folder),
            threshold_said(found.violations),
        )
        return cls(
            explanations=normal.explanations,
            violations=found.violations,
            explained=normal.explained,
            compared=tuple(replace(each, worse=each.label in violated) for each in scores),
        )

    def as_baseline(self) -> AttributionBaseline:
        """The window as what is normal for those after it."""
        return AttributionBaseline(
            explanations=self.explanations,
            explained=self.explained,
            states=self.states,
            run=self.run,
            remarks=self.remarks,
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The labels under the threshold."""
        metrics = {each.dimensions["label"]: each for each in map(_score, self.compared)}
        found = (
            finding_of(each, metrics.get(each.label), label=each.label) for each in self.violations
        )
        return graded(found, self.run)

    def notes(self) -> list[str]:
        """What a person should know of the run, the scores and the features that moved most."""
        moved = [row for row in self.moved() if abs(row.get("share_moved", 0.0)) >= LEAST_MOVED]
        scores = map(sentence, self.compared)
        return [*methods.notes(self), *self.remarks, *scores, *map(moved_line, moved[:MOVED_SHOWN])]

    def metrics(self) -> list[Metric]:
        """The values of every feature beside the baseline's, then the score of each label."""
        values = _metrics(self.explanations, self.explained, self.normal)
        return [*values, *map(_score, self.compared)]

    def figures(self) -> list[Figure]:
        """The features of each label by their values, beside the baseline's."""
        return rankings(self.metrics())

    def moved(self) -> list[dict[str, Any]]:
        """One row a feature of each label, those first whose share of the whole moved most."""
        return moved_rows(self.explanations, self.normal, self.former)

    def statistics_table(self) -> pd.DataFrame:
        """`moved` as a table."""
        return table(self.moved())

    moved_table = statistics_table


def sentence(compared: Compared) -> str:
    """A label's score, for people."""
    noise = ""
    if compared.interval is not None:
        low, high = compared.interval
        noise = f" ({low:.4f} to {high:.4f} with other rows)"
    return f"{compared.label}: NDCG {compared.score:.4f}{noise}"


def _metrics(
    explanations: Explanations,
    explained: Explained | None,
    normal: Explanations | None = None,
) -> Iterator[Metric]:
    before = baseline_values(explanations, normal)
    for label, each in explanations.labels.items():
        for name, value in each.global_shap_values.items():
            yield Metric(
                group="attribution",
                name="global_shap_value",
                feature=name,
                value=value,
                dimensions={"label": label},
                baseline=before.get(label, {}).get(name),
                interval=explained.interval(label, name) if explained else None,
            )
        if each.expected_value is not None:
            yield Metric(
                group="attribution",
                name="expected_value",
                value=each.expected_value,
                dimensions={"label": label},
            )


def _score(compared: Compared) -> Metric:
    return Metric(
        group="attribution",
        name=SCORE,
        value=compared.score,
        dimensions={"label": compared.label},
        baseline=1.0,
        allowed=(compared.threshold, inf),
        violated=compared.worse,
        interval=compared.interval,
    )


def _intervals(analysis: Location) -> dict[str, Any] | None:
    """The intervals.json beside an analysis.json, if it is about attributions."""
    file = analysis.with_name(INTERVALS)
    document = read_object(file) if file.exists() else {}
    return document if "labels" in document else None


def _read_rows(path: Location) -> Rows:
    try:
        return rows_of_csv(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(
            "a file cannot be read",
            where=str(path),
            expected="CSV in UTF-8",
            found=str(error),
            todo="Make the baseline again, or remove the file",
        ) from error
