"""Opens the data of a model-quality run and finds label, prediction and probability in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.capture.heads import first_documents, holds_captures
from driftkit.capture.models import OneModel
from driftkit.capture.paths import LABEL, NOT_FOUND
from driftkit.capture.predictions import PREDICTION, PROBABILITY, PredictionPaths
from driftkit.capture.record import Record
from driftkit.capture.rows import RecordRows, row_dataset
from driftkit.capture.variant import Variant
from driftkit.capture.variant import variants as indices
from driftkit.capture.window import select
from driftkit.columns.numbers import is_index
from driftkit.columns.times import INFERENCE_TIME
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.errors import InputError, SettingsError
from driftkit.io.reading import of_data
from driftkit.monitors.model_quality.fields_apart import told_apart
from driftkit.monitors.model_quality.model_rows import rows_of_model
from driftkit.readers.conventions import as_meant, refuse_settings
from driftkit.readers.formats import TEXT, WINDOW
from driftkit.readers.json_values import UnreadableError
from driftkit.readers.opening import opened as opened_table
from driftkit.readers.opening import paths_in, record_files
from driftkit.states.quality.fold import Classified, classification, fold
from driftkit.states.quality.score_tally import ScoreTally
from driftkit.states.quality.scored_fold import Columns, ScoredFold
from driftkit.states.quality.state import QualityRequest, QualityState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.columns.chunk import Chunk, Column
    from driftkit.compute.job import Runner
    from driftkit.io.finding import File
    from driftkit.monitors.model_quality.settings import QualitySettings
    from driftkit.readers.dataset import Dataset
    from driftkit.states.partitions.partition import PartitionOptions
    from driftkit.states.quality.loss_fold import SampleFold

NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionFold:
    """Folds chunks of a dataset; pickled and sent to the workers.

    Attributes:
        judging: how rows are judged.
        columns: where they say what.
        scoring: counts rows by score besides, for a calibration; None where there is none.
        sampling: keeps rows of a regression besides, of which its errors are learnt; likewise.
    """

    judging: QualityRequest
    columns: Columns
    scoring: ScoredFold | None = None
    sampling: SampleFold | None = None

    def __call__(self, chunks: Iterable[Chunk]) -> QualityState:
        """The state of some chunks; of none, the identity of `+`."""
        total = QualityState()
        tally = ScoreTally() if self.scoring is None else self.scoring.tally()
        for chunk in chunks:
            empty = QualityState(rejected=chunk.rejected)
            total += self._of(chunk, tally) if chunk.num_rows else empty
        return total + QualityState(scored=tally.done())

    def _of(self, chunk: Chunk, tally: ScoreTally) -> QualityState:
        observed = self.columns.observed(chunk)
        if self.sampling is not None:
            return fold(observed, self.judging) + QualityState(sampled=self.sampling.of(chunk))
        if self.scoring is None:
            return fold(observed, self.judging)
        rows = Classified.of(observed, self.judging)
        # Rows that tell nothing are counted once, by the other state.
        self.scoring.count(tally, chunk, rows, rows.unusable)
        more = QualityState(rejected=observed.rejected)
        return classification(rows, self.judging) + more


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Data ready to be judged.

    Attributes:
        dataset: the rows.
        judging: how they are judged.
        columns: where they say what.
        runner: where jobs run.
    """

    dataset: Dataset
    judging: QualityRequest
    columns: Columns
    runner: Runner

    @property
    def engine(self) -> str:
        """Who judges, for people."""
        return f"one pass {self.runner.where}"

    @property
    def names(self) -> tuple[str, ...]:
        """Of all columns."""
        return tuple(column.name for column in self.dataset.columns)

    def job(
        self, scoring: ScoredFold | None = None, sampling: SampleFold | None = None
    ) -> Job[QualityState]:
        """What is made of labelled rows."""
        return Job(
            fold=PredictionFold(
                judging=self.judging, columns=self.columns, scoring=scoring, sampling=sampling
            )
        )

    def scoring(self, partitions: Sequence[PartitionOptions] = ()) -> ScoredFold:
        """What counts rows by score, with or without labels."""
        return ScoredFold(
            judging=self.judging,
            columns=self.columns,
            names=self.names,
            partitions=tuple(partitions),
        )


def opened(
    data: Any,
    settings: QualitySettings,
    judging: QualityRequest,
    *,
    labelled: bool = True,
    apart: Sequence[str] = (),
) -> Opened:
    """Opens whatever a user hands in.

    Args:
        data: whatever the monitors take.
        settings: of the run.
        judging: how rows are judged.
        labelled: whether rows without a label are set aside.
        apart: the columns by which rows are told apart, which records are searched for; with
            ANY_FIELD all that their requests have.

    Raises:
        InputError: it cannot be read, holds several variants, or lacks an attribute.
        SettingsError: an attribute is needed and was not named.
    """
    files, model = record_files(data, settings.run.read), _model(settings)
    if files is None:
        dataset = opened_table(data, settings.run)
        _refuse_nested(dataset, settings)
        columns = _columns_found(dataset.columns, settings, labelled=labelled)
        if model is not None:
            names = [column.name for column in dataset.columns]
            index = index_of(model.source.removeprefix("field:"), names, "model_by")
            dataset = rows_of_model(dataset, model, index)
    else:
        paths = _paths(settings, judging, labelled=labelled)
        dataset = _records(data, files, replace(paths, fields=tuple(apart)), settings)
        columns = _by_name(paths)
    runner = runner_of(dataset, settings.run.compute)
    return Opened(dataset=dataset, judging=judging, columns=columns, runner=runner)


def _records(
    data: Any, files: tuple[File, ...], paths: PredictionPaths, settings: QualitySettings
) -> Dataset:
    """The rows of captured or merged records, or of labelled JSON."""
    model, partition = _model(settings), settings.run.partition
    kept, window = select(files, settings.run.window)
    attributes, paths = told_apart(kept, paths)
    name = ", ".join(paths_in(data) or ())
    refuse_settings(name, "JSON", settings.run, TEXT | WINDOW)
    _look(kept, paths, name)
    of_captures = window if any(map(holds_captures, kept[:1])) else None
    read = RecordRows(
        reader=paths,
        window=of_captures,
        model=model,
        unit=partition.time_unit if partition.time_column == INFERENCE_TIME else None,
        attributes=attributes,
    )
    rows = row_dataset(kept, read, name if model is None else model.told_of(name))
    return as_meant(rows, settings.run.read)


def _model(settings: QualitySettings) -> OneModel | None:
    """The model whose rows are judged; None for those of all."""
    if settings.model is None:
        return None
    return OneModel(name=settings.model, source=settings.model_by)


@of_data
def variants(data: Any, settings: QualitySettings) -> tuple[Variant, ...]:
    """The endpoints and variants of merged captures; none for other data."""
    files = record_files(data, settings.run.read)
    return () if files is None else indices(files)


def _look(files: Sequence[File], paths: PredictionPaths, name: str) -> None:
    """Tells early that an attribute is wrong, and what there is instead."""
    first: Any = None
    for document in first_documents(files):
        first = document if first is None else first
        try:
            paths.rows(Record.from_document(document) or document)
        except UnreadableError as error:
            if str(error) == NOT_FOUND:
                continue
        return
    if first is not None:
        raise InputError(
            "the attributes are not found in the records",
            where=name,
            expected=", ".join(
                path for path in (paths.label, paths.prediction, paths.probability) if path
            ),
            found=_shown_document(first),
            todo="Name what is there: JMESPath in JSON, the place of the column in CSV",
        )


def _shown_document(document: Any) -> str:
    record = Record.from_document(document)
    if record is None or record.answer is None:
        return f"keys {', '.join(document)}" if isinstance(document, dict) else "no object"
    return shown_record(record)


def shown_record(record: Record) -> str:
    """What was answered and what was true, in a few words for messages."""
    answer = None if record.answer is None else record.answer.data
    truth = None if record.truth is None else record.truth.data
    return f"answer {str(answer)[:60]!r}, ground truth {str(truth)[:60]!r}"


def _paths(
    settings: QualitySettings, judging: QualityRequest, *, labelled: bool
) -> PredictionPaths:
    inference, probability = settings.inference_attribute, settings.probability_attribute
    if not labelled and probability is None:
        # The usual answer is the probability alone.
        probability = "0"
    elif inference is None and probability is None:
        inference = "0"
    return PredictionPaths(
        label=settings.ground_truth_attribute,
        prediction=inference,
        probability=probability,
        unlabelled=not labelled,
        lists=bool(judging.label_names),
    )


def _by_name(paths: PredictionPaths) -> Columns:
    indexes = {name: index for index, name in enumerate(paths.names)}
    return Columns(
        label=indexes[LABEL],
        prediction=indexes.get(PREDICTION),
        probability=indexes.get(PROBABILITY),
    )


def _columns_found(
    columns: Sequence[Column], settings: QualitySettings, *, labelled: bool
) -> Columns:
    names = tuple(column.name for column in columns)
    if settings.inference_attribute is None and settings.probability_attribute is None:
        raise SettingsError(
            "there is nothing to judge",
            where="inference_attribute, probability_attribute",
            expected=f"one of the columns {shown_names(names)}",
            todo="Name --inference-attribute or --probability-attribute",
        )
    label = settings.ground_truth_attribute or LABEL
    # Labels come later than predictions, and with them their column.
    there = labelled or label in names or is_index(label)
    return Columns(
        label=index_of(label, names, "ground_truth_attribute") if there else None,
        prediction=_maybe(settings.inference_attribute, names, "inference_attribute"),
        probability=_maybe(settings.probability_attribute, names, "probability_attribute"),
    )


def _refuse_nested(dataset: Dataset, settings: QualitySettings) -> None:
    asked = (settings.inference_attribute, settings.probability_attribute)
    for name in (*asked, settings.ground_truth_attribute):
        if name is not None and name in dataset.set_aside:
            raise InputError(
                f"the column {name!r} cannot be read",
                where=dataset.name,
                expected="numbers or text; lists of probabilities as text like [0.1, 0.9]",
                found=dataset.set_aside[name],
                todo="Write the column as JSON text",
            )


def _maybe(attribute: str | None, names: Sequence[str], where: str) -> int | None:
    return None if attribute is None else index_of(attribute, names, where)


def index_of(attribute: str, names: Sequence[str], where: str) -> int:
    """The index of a column that is named, or whose index is.

    Args:
        attribute: name or index.
        names: of all columns.
        where: the attribute was written, for messages.

    Raises:
        InputError: there is no such column.
    """
    if attribute in names:
        return names.index(attribute)
    if is_index(attribute) and int(attribute) < len(names):
        return int(attribute)
    raise InputError(
        f"there is no column {attribute!r}",
        where=where,
        expected=f"one of {shown_names(names)}, or an index below {len(names)}",
        todo="Name one of them",
    )


def shown_names(names: Sequence[str]) -> str:
    """The first of some names, for messages."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(map(repr, names[:NAMES_SHOWN])) + more
