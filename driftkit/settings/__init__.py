"""The settings that monitors have in common, by part: reading, window, computing, partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict, Unpack, get_args

from driftkit.errors import SettingsError
from driftkit.settings import checks
from driftkit.settings.declaring import Option, from_keywords, part, setting
from driftkit.settings.derived import Deriving, DerivingKeywords
from driftkit.settings.detection import Detection, DetectionKeywords, Outcomes, OutcomesKeywords
from driftkit.settings.panels import COMPUTING, JUDGING, KEEPING, READING

Format = Literal["auto", "csv", "json", "jsonl", "parquet", "avro", "capture"]
Position = Literal["START", "END"]
DialectName = Literal["aws", "textbook"]
EngineName = Literal["auto", "scan", "deequ"]
RunnerName = Literal["auto", "local", "spark"]
TimeUnit = Literal["day", "hour", "week"]
ExplainerName = Literal["auto", "kernel", "tree", "linear"]
Perturbation = Literal["path_dependent", "interventional"]
Severity = Literal["warning", "error", "critical"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
# Segments with a baseline of their own, at most.
SEGMENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """How the input is read.

    A file that looks as if another sign stood between its fields, or in its decimals, is refused,
    unless the sign is given. A field that is empty is missing always.
    """

    format: Format = setting(
        "auto", checks.one_of(Format), "How the input is written.", Option(READING)
    )
    header: bool = setting(
        True,
        checks.truth,
        "Whether the first line of CSV names the columns (if not: _c0, _c1, ...).",
        Option(READING),
    )
    separator: str | None = setting(
        None,
        checks.separator,
        "What stands between the fields of CSV, for example ; or | or \\t (if it is not said: a "
        "comma, in .tsv a tab).",
        Option(READING, "SIGN"),
    )
    encoding: str | None = setting(
        None,
        checks.encoding,
        "The encoding of CSV, for example cp1252 (if it is not said: UTF-8, or UTF-16 with its "
        "mark).",
        Option(READING, "NAME"),
    )
    null_values: tuple[str, ...] = setting(
        (),
        checks.different,
        "Texts that stand for a missing value, for example NA,null; an empty field always does.",
        Option(READING, "TEXT[,TEXT]"),
    )
    decimal: str | None = setting(
        None,
        checks.decimal,
        "The sign of decimals in text: a point, or a comma.",
        Option(READING, "SIGN"),
    )
    output_columns_position: Position = setting(
        "START",
        checks.one_of(Position),
        "Whether a captured record's prediction columns come first or last.",
        Option(READING),
    )
    capture_sides: tuple[str, ...] = setting(
        (), checks.different, "The sides of captured records to look at; both, if none is named."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which of the captured records are looked at."""

    variant: str | None = setting(
        None, checks.text, "Look only at this variant of captured data.", Option(READING, "NAME")
    )
    together: bool = setting(
        False, checks.truth, "Look at all variants of captured data as one model.", Option(READING)
    )
    start: datetime | None = setting(
        None,
        checks.moment,
        "Beginning of the window of captured data, included (ISO 8601; UTC without a zone).",
        Option(READING, "TIME"),
    )
    end: datetime | None = setting(
        None, checks.moment, "End of the window, excluded.", Option(READING, "TIME")
    )

    def __post_init__(self) -> None:
        if self.start and self.end and self.start >= self.end:
            raise SettingsError(
                "the window is empty",
                where="start, end",
                expected="start before end",
                found=f"{self.start.isoformat()} to {self.end.isoformat()}",
                todo="Swap or correct them; the end is not part of the window",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """How it is computed, and where."""

    dialect: DialectName = setting(
        "textbook",
        checks.one_of(DialectName),
        "textbook: the right mathematics; aws: the AWS containers' numbers and quirks.",
        Option(COMPUTING),
    )
    engine: EngineName = setting(
        "auto",
        checks.one_of(EngineName),
        "scan: driftkit's own single pass; deequ: Deequ's analyzers on Spark.",
        Option(COMPUTING),
    )
    runner: RunnerName = setting(
        "auto",
        checks.one_of(RunnerName),
        "local: this process, no Java; spark: a Spark session.",
        Option(COMPUTING),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """How the rows of a data-quality baseline are told apart."""

    segment_by: tuple[str, ...] = setting(
        (),
        checks.columns,
        "Keep a baseline for each value too: of the most frequent, and of all others.",
        Option(KEEPING, "COLUMN[,COLUMN]"),
    )
    segment_max: int = setting(
        SEGMENTS,
        checks.Whole(least=1, most=SEGMENTS),
        "How many of the most frequent values have a baseline of their own; with --segment-by.",
        Option(KEEPING, "N"),
    )
    segment_min_rows: int = setting(
        0,
        checks.Whole(least=0),
        "Values with fewer rows have no baseline of their own, and are not compared in a window.",
        Option(KEEPING, "N"),
    )
    time_column: str | None = setting(
        None,
        checks.text,
        "Keep the states of each day too, by the times of this column: dates, texts in ISO 8601, or "
        "numbers since 1970; captured requests have one of their own, inferenceTime.",
        Option(KEEPING, "COLUMN"),
    )
    time_unit: TimeUnit = setting(
        "day",
        checks.one_of(TimeUnit),
        "Keep the states of each day, of each hour, or of each week from Monday on; with --time-column.",
        Option(KEEPING),
    )

    def __post_init__(self) -> None:
        for name, usual, needed in (
            ("segment_max", SEGMENTS, "segment_by"),
            ("time_unit", "day", "time_column"),
        ):
            if getattr(self, name) != usual and not getattr(self, needed):
                raise SettingsError(
                    f"there is a {name}, and no {needed}",
                    where=f"{needed}, {name}",
                    expected="both, or neither",
                    found=f"{name} {getattr(self, name)}",
                    todo=f"Name the column with --{needed.replace('_', '-')}, or leave the other out",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which of the columns are monitored."""

    columns: tuple[str, ...] = setting(
        (),
        checks.columns,
        "Monitor these columns only: names, or patterns such as amount_*.",
        Option(READING, "COLUMN[,COLUMN]"),
    )
    ignore: tuple[str, ...] = setting(
        (),
        checks.columns,
        "Leave these columns out: names, or patterns such as tmp_*.",
        Option(READING, "COLUMN[,COLUMN]"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How far features may be from the baseline, in place of what its constraints say."""

    thresholds: Mapping[str, float] = setting(
        {},
        checks.thresholds,
        "The distance of a feature that is still normal, for example age=0.2 or tmp_*=0.5, in place "
        "of the baseline's; once for each feature or pattern.",
        Option(JUDGING, "COLUMN=NUMBER", name="--threshold"),
    )
    methods: Mapping[str, str] = setting(
        {},
        checks.pairs,
        "How a feature is compared with the baseline, for example age=JensenShannon, in place of "
        "what the baseline says; once for each feature or pattern.",
        Option(JUDGING, "COLUMN=METHOD", name="--method"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """How serious violations are."""

    severity: Mapping[str, Severity] = setting(
        {},
        checks.pairs_of(Severity),
        "How serious violations of a check or a metric are: warning, error or critical, for example "
        "completeness_check=critical or recall=error; once for each, or for a pattern. If it is not "
        "said: error where half of the rows are affected, else warning.",
        Option(JUDGING, "CHECK=SEVERITY", name="--severity"),
    )


class ReadKeywords(TypedDict, total=False):
    """What users may write for `Read`."""

    format: Format
    header: bool
    separator: str | None
    encoding: str | None
    null_values: str | Sequence[str] | None
    decimal: str | None
    output_columns_position: Position
    capture_sides: str | Sequence[str] | None


class WindowKeywords(TypedDict, total=False):
    """What users may write for `Window`."""

    variant: str | None
    together: bool
    start: datetime | str | None
    end: datetime | str | None


class ComputeKeywords(TypedDict, total=False):
    """What users may write for `Compute`."""

    dialect: DialectName
    engine: EngineName
    runner: RunnerName


class PartitionKeywords(TypedDict, total=False):
    """What users may write for `Partition`."""

    segment_by: str | Sequence[str] | None
    segment_max: int | None
    segment_min_rows: int | None
    time_column: str | None
    time_unit: TimeUnit


class SelectionKeywords(TypedDict, total=False):
    """What users may write for `Selection`."""

    columns: str | Sequence[str] | None
    ignore: str | Sequence[str] | None


class JudgementKeywords(TypedDict, total=False):
    """What users may write for `Judgement`."""

    thresholds: Mapping[str, float] | Sequence[str] | None
    methods: Mapping[str, str] | Sequence[str] | None


class GradingKeywords(TypedDict, total=False):
    """What users may write for `Grading`."""

    severity: Mapping[str, Severity] | Sequence[str] | str | None


class CommonKeywords(ReadKeywords, WindowKeywords, ComputeKeywords, GradingKeywords, total=False):
    """The settings of every monitor."""


class DataQualityKeywords(
    CommonKeywords,
    PartitionKeywords,
    SelectionKeywords,
    DerivingKeywords,
    JudgementKeywords,
    DetectionKeywords,
    OutcomesKeywords,
    total=False,
):
    """The settings of a data-quality run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a data-quality run, and what the other monitors have of them."""

    selection: Selection = part(Selection)
    deriving: Deriving = part(Deriving)
    judgement: Judgement = part(Judgement)
    detection: Detection = part(Detection)
    outcomes: Outcomes = part(Outcomes)
    partition: Partition = part(Partition)
    read: Read = part(Read)
    window: Window = part(Window)
    compute: Compute = part(Compute)
    grading: Grading = part(Grading)

    @classmethod
    def from_keywords(cls, **values: Unpack[DataQualityKeywords]) -> Settings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)
