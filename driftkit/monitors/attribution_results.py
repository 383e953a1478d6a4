"""What the attribution monitor returns: files, tables and how they show in a notebook."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.errors import FormatError
from driftkit.formats import explanations as explanations_file
from driftkit.formats import violations as violations_file
from driftkit.formats.places import place
from driftkit.formats.python_json import dumps
from driftkit.io.reading import of_a_run
from driftkit.monitors.attribution_rows import csv_of, rows_of_csv
from driftkit.monitors.results import notes
from driftkit.report.files import write_outputs
from driftkit.report.tables import html_page_part, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows
    from driftkit.formats.explanations import Explanations
    from driftkit.formats.places import Named, Place
    from driftkit.formats.violations import AttributionViolation
    from driftkit.monitors.results import Run
    from driftkit.statistics.attributions import AggMethod, AttributionState
    from driftkit.violations.attribution import Compared

ANALYSIS = explanations_file.NAME
VIOLATIONS = violations_file.NAME
INTERVALS = "intervals.json"
LOCAL = "explanations_shap/out.csv"
BACKGROUND = "explanations_shap/baseline.csv"
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Numbers behind an explanation.

    Attributes:
        labels: of the model's outputs.
        names: of the features.
        values: global values, shape (features, labels).
        errors: their standard errors, of the same shape; NaN where unknown.
        resampled: label -> global values of resampled rows, shape (samples, features).
        local: attributions of every row, shape (rows, features, labels); None if not kept.
    """

    labels: tuple[str, ...]
    names: tuple[str, ...]
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    resampled: Mapping[str, NDArray[np.float64]]
    local: NDArray[np.float64] | None = None

    @classmethod
    def of(  # noqa: PLR0913, PLR0917  (one caller, one meaning each)
        cls,
        state: AttributionState,
        labels: tuple[str, ...],
        names: tuple[str, ...],
        method: AggMethod,
        samples: int,
        seed: int,
    ) -> Explained:
        """The numbers of a state."""
        drawn = state.resampled(method, samples, seed)
        return cls(
            labels=labels,
            names=names,
            values=state.values(method),
            errors=state.errors(method),
            resampled={}
            if drawn is None
            else {label: drawn[:, :, at] for at, label in enumerate(labels)},
            local=np.concatenate(state.local) if state.local else None,
        )

    def intervals(self, compared: tuple[Compared, ...] = ()) -> dict[str, Any]:
        """The content of intervals.json."""
        scores = {each.label: each for each in compared}
        return {"version": "1.0", "labels": dict(self._of_labels(scores))}

    def _of_labels(self, scores: Mapping[str, Compared]) -> Iterator[tuple[str, dict[str, Any]]]:
        for at, label in enumerate(self.labels):
            features = {
                name: {"value": float(value), "standard_error": _known(error)}
                for name, value, error in zip(
                    self.names, self.values[:, at], self.errors[:, at], strict=True
                )
            }
            about: dict[str, Any] = {"features": features}
            if label in scores:
                found = scores[label]
                low, high = found.interval or (None, None)
                about["ndcg"] = {"score": found.score, "lower": low, "upper": high}
            yield label, about

    def local_csv(self) -> Iterator[str]:
        """The rows' own values as CSV, a part at a time."""
        assert self.local is not None  # noqa: S101  (asked for only where they are kept)
        header = [f"{name}_{label}" for label in self.labels for name in self.names]
        yield _csv([header])
        for start in range(0, len(self.local), 10_000):
            part = self.local[start : start + 10_000]
            yield _csv(part.transpose(0, 2, 1).reshape(len(part), -1).tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionBaseline:
    """Which features normally decide.

    Attributes:
        explanations: the content of analysis.json, AWS's or driftkit's.
        explained: the numbers behind it; None for what was read.
        background: the baseline rows; None where they are not known.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    explanations: Explanations
    explained: Explained | None = field(default=None, compare=False, repr=False)
    background: Rows | None = field(default=None, compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, of the JSON files that `write` writes."""
        found = {ANALYSIS: self.explanations.to_dict()}
        return found if self.explained is None else {**found, INTERVALS: self.explained.intervals()}

    def write(self, directory: Named) -> tuple[Place, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        more: dict[str, Any] = {}
        if self.background is not None:
            more[BACKGROUND] = csv_of(self.background)
        return _write(self.files, self.explained, directory, more)

    @classmethod
    @of_a_run
    def read(cls, where: Named) -> AttributionBaseline:
        """Reads a baseline from a folder, or an analysis.json by its name; a URL too.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        path = place(where)
        file = path / ANALYSIS if path.is_dir() else path
        rows = file.with_name(BACKGROUND.partition("/")[0]) / BACKGROUND.partition("/")[2]
        return cls(
            explanations=explanations_file.read_file(file),
            background=_read_rows(rows) if rows.exists() else None,
        )

    def values_table(self) -> pd.DataFrame:
        """One row a feature of each label, the most important first."""
        return table([*_value_rows(self.explanations, self.explained)])

    def _repr_html_(self) -> str:
        lines = [*notes(self.run), *self.remarks]
        return html_page_part("Attribution baseline", self.values_table(), lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionResult:
    """A window against its baseline.

    Attributes:
        explanations: the content of analysis.json.
        explained: the numbers behind it.
        normal: the baseline's explanations.
        former: the window's by the former model, where there is one.
        compared: every label's score.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    explanations: Explanations
    explained: Explained = field(compare=False, repr=False)
    normal: Explanations
    compared: tuple[Compared, ...]
    former: Explanations | None = None
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = ()

    @property
    def violations(self) -> tuple[AttributionViolation, ...]:
        """One for each label under the threshold."""
        return tuple(each.violation for each in self.compared if each.worse)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, of the JSON files that `write` writes."""
        found = violations_file.Violations(
            violations=self.violations, version=violations_file.CLARIFY_VERSION
        )
        return {
            ANALYSIS: self.explanations.to_dict(),
            INTERVALS: self.explained.intervals(self.compared),
            VIOLATIONS: found.to_dict(),
        }

    def write(self, directory: Named) -> tuple[Place, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        return _write(self.files, self.explained, directory, {})

    def moved(self) -> list[dict[str, Any]]:
        """One row a feature of each label, those first whose share of the whole moved most."""
        rows: list[dict[str, Any]] = []
        for (label, ours), theirs in zip(
            self.explanations.labels.items(), self._normal_labels(), strict=True
        ):
            before, after = _shares(theirs), _shares(ours.global_shap_values)
            ranks = _ranks(before), _ranks(after)
            part = [
                {
                    "label": label,
                    "feature": name,
                    "baseline": theirs[name],
                    "current": ours.global_shap_values[name],
                    "baseline_rank": ranks[0][name],
                    "current_rank": ranks[1][name],
                    "share_moved": after[name] - before[name],
                    **self._parts(label, name, theirs),
                }
                for name in after
            ]
            rows += sorted(part, key=lambda row: -abs(row["share_moved"]))
        return rows

    def _normal_labels(self) -> list[Mapping[str, float]]:
        theirs = self.normal.labels
        if len(theirs) == 1:
            return [each.global_shap_values for each in theirs.values()]
        return [theirs[label].global_shap_values for label in self.explanations.labels]

    def _parts(self, label: str, name: str, theirs: Mapping[str, float]) -> dict[str, float]:
        """What the data and the model did to a feature's value; they sum up to its change."""
        if self.former is None:
            return {}
        between = self.former.labels[label].global_shap_values[name]
        after = self.explanations.labels[label].global_shap_values[name]
        return {"by_data": between - theirs[name], "by_model": after - between}

    def moved_table(self) -> pd.DataFrame:
        """`moved` as a table."""
        return table(self.moved())

    def violations_table(self) -> pd.DataFrame:
        """One row a label under the threshold."""
        rows = [
            {"label": each.label, "ndcg": each.score, "interval": each.interval,
             "description": each.violation.description}
            for each in self.compared
            if each.worse
        ]  # fmt: skip
        return table(rows, columns=("label", "ndcg", "interval", "description"))

    def _repr_html_(self) -> str:
        title = f"{len(self.violations)} violations" if self.violations else "No violations"
        lines = [*notes(self.run), *self.remarks, *map(sentence, self.compared)]
        return html_page_part(title, self.moved_table(), lines)


def sentence(compared: Compared) -> str:
    """A label's score, for people."""
    noise = ""
    if compared.interval is not None:
        low, high = compared.interval
        noise = f" ({low:.4f} to {high:.4f} with other rows)"
    return f"{compared.label}: NDCG {compared.score:.4f}{noise}"


def _value_rows(
    explanations: Explanations, explained: Explained | None
) -> Iterator[dict[str, Any]]:
    for at, (label, each) in enumerate(explanations.labels.items()):
        order = sorted(each.global_shap_values.items(), key=lambda pair: -abs(pair[1]))
        for name, value in order:
            row: dict[str, Any] = {"label": label, "feature": name, "value": value}
            if explained is not None:
                error = explained.errors[explained.names.index(name), at]
                row |= {"lower": value - Z95 * error, "upper": value + Z95 * error}
            yield row


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    whole = sum(abs(value) for value in values.values()) or 1.0
    return {name: abs(value) / whole for name, value in values.items()}


def _ranks(shares: Mapping[str, float]) -> dict[str, int]:
    order = sorted(shares, key=lambda name: -shares[name])
    return {name: place for place, name in enumerate(order, start=1)}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _read_rows(path: Place) -> Rows:
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


def _write(
    files: Mapping[str, dict[str, Any]],
    explained: Explained | None,
    directory: Named,
    more: Mapping[str, Any],
) -> tuple[Place, ...]:
    content: dict[str, Any] = {name: dumps(each) for name, each in files.items()}
    if explained is not None and explained.local is not None:
        content[LOCAL] = explained.local_csv()
    return write_outputs(directory, {**content, **more})
