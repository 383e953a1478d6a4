"""Opens the data of a bias run: tables as they are, JSON and merged captures by their paths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.capture.decision import Decision
from driftkit.capture.labelled_rows import LabelledLayout
from driftkit.capture.paths import compiled
from driftkit.capture.rows import holds_captures, row_dataset
from driftkit.capture.window import select
from driftkit.columns.chunk import Column
from driftkit.columns.numbers import is_index
from driftkit.columns.types import InferredType
from driftkit.comparison.bias.metrics import FLIP_TEST
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.errors import SettingsError
from driftkit.monitors.bias.plan import BiasPlan, Roles
from driftkit.monitors.bias.separate_files import beside
from driftkit.readers.arrow import TableUnit
from driftkit.readers.conventions import as_meant, refuse_settings
from driftkit.readers.formats import FORMATS, JSON, LOOKED_AT_BYTES, TEXT, WINDOW, begins_as_json
from driftkit.readers.opening import json_files
from driftkit.readers.opening import opened as opened_table
from driftkit.settings.declaring import changed
from driftkit.states.groups.flip import NOT_NUMERIC, FlipTest, flip_rows
from driftkit.states.groups.rows import sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.compute.job import Runner
    from driftkit.formats.analysis_config import AnalysisConfig
    from driftkit.io.finding import File
    from driftkit.monitors.bias.settings import BiasSettings
    from driftkit.readers.dataset import Dataset
    from driftkit.states.groups.tables import GroupReader

JSON_TYPES = {each.media_type for each in FORMATS if each.name in JSON}
PREDICTION = "predicted_label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Data ready to be counted.

    Attributes:
        dataset: the rows, under the configuration's column names.
        config: the configuration, its columns found among the dataset's.
        roles: what the reader knows of the columns.
        runner: where they are counted.
    """

    dataset: Dataset
    config: AnalysisConfig
    roles: Roles
    runner: Runner

    @property
    def engine(self) -> str:
        """Who counts them, for people."""
        return f"one grouped pass {self.runner.where}"


def opened(
    data: Any, config: AnalysisConfig, settings: BiasSettings, *, header_given: bool
) -> Opened:
    """Opens the data of a run.

    Args:
        data: whatever the monitors take.
        config: the configuration.
        settings: of the run.
        header_given: whether the settings say if CSV has a header line; if not, it has one
            unless the configuration has headers.

    Raises:
        InputError: the data cannot be read.
        SettingsError: JSON without headers or paths.
    """
    files = _json_files(data, config, settings)
    if files is not None:
        dataset, roles = _labelled(files, config, settings)
    else:
        run = settings.run
        if not header_given and config.headers is not None:
            run = changed(run, header=False)
        dataset, config = beside(_renamed(opened_table(data, run), config), config, settings.run)
        roles = Roles(categories=_categories(dataset))
    runner = runner_of(dataset, settings.run.compute)
    return Opened(dataset=dataset, config=config, roles=roles, runner=runner)


def _json_files(
    data: Any, config: AnalysisConfig, settings: BiasSettings
) -> tuple[File, ...] | None:
    """The files, if they are JSON; None for everything else."""
    files = json_files(data, settings.run.read)
    if files is None:
        return None
    kind = (config.dataset_type or "").lower()
    said = settings.run.read.format != "auto" or kind in JSON_TYPES
    return files if said or begins_as_json(files[0].head(LOOKED_AT_BYTES)) else None


def _labelled(
    files: tuple[File, ...], config: AnalysisConfig, settings: BiasSettings
) -> tuple[Dataset, Roles]:
    refuse_settings(files[0].path, "JSON", settings.run, TEXT | WINDOW)
    capture = holds_captures(files[0])
    kept, window = select(files, settings.run.window) if capture else (list(files), None)
    layout = _layout(config, settings, capture=capture)
    kind = (config.dataset_type or "").lower()
    document = not capture and (settings.run.read.format == "json" or kind == "application/json")
    name = ", ".join(dict.fromkeys(file.path for file in kept[:3]))
    dataset = row_dataset(kept, layout, name, window, is_document=document)
    roles = Roles(label=layout.label, prediction=layout.prediction, decided=True)
    return as_meant(dataset, settings.run.read), roles


def _layout(config: AnalysisConfig, settings: BiasSettings, *, capture: bool) -> LabelledLayout:
    if not config.headers:
        raise SettingsError(
            "JSON needs headers",
            where="analysis_config.json: headers",
            expected="the names of the features, then of the label",
            found="nothing",
            todo="Add them",
        )
    label = _path(config.label)
    predicted, score = _indices(config, settings, capture=capture)
    features_path = settings.features_attribute or config.features
    _require_paths({"features": features_path, "inference": predicted, "probability": score})
    if features_path is None and not capture:
        raise SettingsError(
            "JSON needs the path of its features",
            where="analysis_config.json: features",
            expected="a JMESPath, for example features",
            found="nothing",
            todo="Add it, or give features_attribute",
        )
    outcomes = 1 + (config.predicted_label is not None and not capture and len(config.headers) > 2)
    names = list(config.headers)
    features, named = _split(names, config, outcomes)
    wanted = capture or predicted is not None or score is not None
    return LabelledLayout(
        features=tuple(features),
        label=named[0],
        prediction=(named[1] if len(named) > 1 else PREDICTION) if wanted else None,
        features_path=features_path,
        label_path=label,
        prediction_path=predicted,
        score_path=score,
        decision=_decision(config, settings, predicted, score),
    )


def _indices(
    config: AnalysisConfig, settings: BiasSettings, *, capture: bool
) -> tuple[str | None, str | None]:
    """Where label and scores of a prediction are; in captures, where the model's answer has them."""
    label = settings.inference_attribute or _path(config.predicted_label)
    score = settings.probability_attribute
    asked = config.predictor
    if label is None and score is None and capture and asked is not None:
        return _path(asked.label), _path(asked.probability)
    return label, score


def _decision(
    config: AnalysisConfig, settings: BiasSettings, label: str | None, score: str | None
) -> Decision:
    given = settings.probability_threshold
    headers = () if config.predictor is None else config.predictor.label_headers or ()
    return Decision.from_options(
        label,
        score,
        config.probability_threshold if given is None else given,
        headers,
        config.label_values_or_threshold,
    )


def _require_paths(paths: Mapping[str, str | None]) -> None:
    """Paths are looked at before any data is."""
    for what, path in paths.items():
        if path is not None and not is_index(path):
            compiled(path, f"{what} attribute")


def _split(names: list[str], config: AnalysisConfig, outcomes: int) -> tuple[list[str], list[str]]:
    """Features and outcomes among the headers.

    The label's name may stand anywhere if it is a header; else it is the last header, or the last
    but one where the predicted label has a header, too.
    """
    if isinstance(config.label, str) and config.label in names:
        known = [config.label]
        if isinstance(config.predicted_label, str) and config.predicted_label in names:
            known.append(config.predicted_label)
        return [name for name in names if name not in known], known
    has_two = outcomes == 2 and _predicted_has_header(names, config)
    cut = len(names) - (2 if has_two else 1)
    return names[:cut], names[cut:]


def _predicted_has_header(names: list[str], config: AnalysisConfig) -> bool:
    # Nothing in the file says so; a header that speaks of predictions does.
    last = names[-1].lower()
    return str(config.predicted_label) == names[-1] or "predict" in last


def _path(value: int | str | None) -> str | None:
    return None if value is None else str(value)


def _renamed(dataset: Dataset, config: AnalysisConfig) -> Dataset:
    """The dataset under the configuration's headers."""
    if config.headers is None:
        return dataset
    if len(config.headers) != len(dataset.columns):
        raise SettingsError(
            "there are not as many headers as columns",
            where="analysis_config.json: headers",
            expected=f"{len(dataset.columns)} headers",
            found=f"{len(config.headers)}",
            todo="Name every column of the data, label and predicted label included",
        )
    pairs = zip(config.headers, dataset.columns, strict=True)
    columns = tuple(Column(name=name, declared=each.declared) for name, each in pairs)
    return replace(dataset, columns=columns)  # type: ignore[type-var]


def _categories(dataset: Dataset) -> frozenset[str]:
    """Columns that are pandas categories."""
    unit = dataset.units[0] if dataset.units else None
    if not isinstance(unit, TableUnit):
        return frozenset()
    pairs = zip(dataset.columns, unit.table.schema, strict=True)
    return frozenset(column.name for column, each in pairs if pa.types.is_dictionary(each.type))


def read_flip_rows(
    source: Opened, asked: BiasPlan, reader: GroupReader, settings: BiasSettings
) -> FlipTest:
    """Brings the rows of the flip test to the driver, or says why not."""
    if FLIP_TEST not in asked.stages.get("post_training", ()):
        return FlipTest(rows=None)
    columns = source.dataset.columns
    facets = {facet.index for facet in _facet_columns(asked)}
    # Known without a look at the rows.
    if all(len(indices) == 1 for indices in asked.count.facets):
        texts = {
            index for index in asked.features if columns[index].declared is InferredType.STRING
        }
        if texts - facets or len(texts) > 1:
            return FlipTest(rows=None, refused=NOT_NUMERIC)
    limit, rows = settings.flip_test_rows, reader.counts.rows
    if rows > limit and not settings.flip_test_sample:
        return FlipTest(
            rows=None,
            refused=f"Flip Test compares each row with its nearest neighbours, and {rows:,} rows are "
            f"more than flip_test_rows ({limit:,}); set flip_test_sample to take as many by chance",
        )
    names = tuple(column.name for column in columns)
    job = Job(fold=partial(sample, names, limit=limit), divisible=True)
    found = source.runner.run(source.dataset, job)
    values = [found.table.column(index) for index in range(len(columns))]
    features = [(columns[index], values[index]) for index in asked.features]
    return FlipTest(rows=flip_rows(asked.count, features, values))


def _facet_columns(asked: BiasPlan) -> list[Any]:
    return [asked.count.columns[index] for facet in asked.count.facets for index in facet]
