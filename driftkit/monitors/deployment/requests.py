"""Opens data as requests: when each was, and of which model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.capture.models import MODEL
from driftkit.capture.request_times import FOLDER, TIME, request_dataset
from driftkit.capture.variant import variants
from driftkit.capture.window import select
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.errors import InputError
from driftkit.monitors.deployment.arm_tables import TIMES
from driftkit.monitors.model_quality.inputs import NAMES_SHOWN, index_of
from driftkit.readers.conventions import refuse_settings
from driftkit.readers.dataset import judge
from driftkit.readers.formats import TEXT, WINDOW
from driftkit.readers.opening import opened, paths_in
from driftkit.readers.spark import FrameDataset
from driftkit.settings.declaring import changed
from driftkit.states.deployment.requests import RequestFold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.compute.job import Progress
    from driftkit.io.finding import File
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Settings
    from driftkit.states.deployment.requests import RequestCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestColumns:
    """Where requests say what, in tables and in captured records.

    Attributes:
        time: the column of a table with times; None for `time` or `inferenceTime`.
        model: the column, attribute or field with the name of the model; None where models are
            not told apart.
        seconds: of the spans that are counted.
    """

    time: str | None = None
    model: str | None = None
    seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Requests to be counted.

    Attributes:
        dataset: the rows or records.
        fold: counts them.
        captured: whether they are captured records.
    """

    dataset: Dataset
    fold: RequestFold
    captured: bool


def opened_requests(
    data: Any,
    columns: RequestColumns,
    run: Settings,
    files: tuple[File, ...] | None,
    variant: str | None = None,
) -> Requests:
    """Opens whatever a user hands in as requests.

    Args:
        data: paths of captured or merged records, or of tables; tables or data frames.
        columns: where requests say what.
        run: how it is read, and which window.
        files: what `capture_files` has of the data.
        variant: whose captures are looked at, where there are several and `run` names none.

    Raises:
        InputError: it cannot be read, has no column with times, or is of several variants.
    """
    if files is None:
        return _of_table(opened(data, run), columns)
    name = ", ".join(paths_in(data) or ())
    refuse_settings(name, "JSON", run, TEXT | WINDOW)
    kept, window = select(files, _which(files, columns, run, variant).window)
    dataset = replace(request_dataset(kept, window, columns.model), name=name)
    # Whether it was answered stands first, then the time and the model.
    model = None if columns.model is None else 2
    fold = RequestFold(time=1, model=model, seconds=columns.seconds, answered=0)
    return Requests(dataset=dataset, fold=fold, captured=True)


def _which(
    files: Sequence[File], columns: RequestColumns, run: Settings, variant: str | None
) -> Settings:
    """The settings, with what is to be done with several variants that they do not speak of."""
    if run.window.variant is not None or len(variants(files)) == 1:
        return run
    if columns.model == FOLDER:
        return changed(run, together=True)
    return run if variant is None else changed(run, variant=variant)


def _of_table(dataset: Dataset, columns: RequestColumns) -> Requests:
    names = [column.name for column in dataset.columns]
    time = columns.time or next((each for each in TIMES if each in names), None)
    if time is None:
        raise InputError(
            "no column is known to have times",
            where=dataset.name,
            expected="a column of times, or one called time or inferenceTime",
            found=", ".join(names[:NAMES_SHOWN]),
            todo="Name the column with --time-column",
        )
    indices = [index_of(time, names, TIME)]
    if columns.model is not None:
        indices.append(index_of(columns.model.removeprefix("field:"), names, MODEL))
    if isinstance(dataset, FrameDataset):
        dataset = dataset.only(indices)
        indices = list(range(len(indices)))
    fold = RequestFold(
        time=indices[0], model=indices[-1] if columns.model else None, seconds=columns.seconds
    )
    return Requests(dataset=dataset, fold=fold, captured=False)


def counted(
    requests: Requests, run: Settings, progress: Progress | None
) -> tuple[RequestCounts, str]:
    """How many requests there were in each span, and where they were counted, for people.

    Raises:
        InputError: they cannot be read, most of them have no time, or there are none.
        EngineError: Spark failed.
    """
    runner = runner_of(requests.dataset, run.compute)
    found = runner.run(requests.dataset, Job(fold=requests.fold), progress)
    judge(requests.dataset, found.rejected, found.rows)
    return found, runner.where
