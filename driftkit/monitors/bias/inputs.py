"""Opens the data of a bias run: tables as they are, JSON and merged captures by their paths."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.capture.decision import Decision
from driftkit.capture.heads import holds_captures
from driftkit.capture.labelled_rows import LabelledLayout
from driftkit.capture.paths import compiled
from driftkit.capture.rows import RecordRows, row_dataset
from driftkit.capture.window import select
from driftkit.columns.chunk import Column
from driftkit.columns.numbers import is_index
from driftkit.compute.choice import runner_of
from driftkit.errors import SettingsError
from driftkit.monitors.bias.separate_files import beside
from driftkit.readers.arrow import TableUnit
from driftkit.readers.conventions import as_meant, refuse_settings
from driftkit.readers.formats import FORMATS, JSON, LOOKED_AT_BYTES, TEXT, WINDOW, begins_as_json
from driftkit.readers.opening import json_files
from driftkit.readers.opening import opened as opened_table
from driftkit.settings.declaring import changed
from driftkit.states.groups.storage import Roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.compute.job import Runner
    from driftkit.formats.analysis_config import AnalysisConfig
    from driftkit.io.finding import File
    from driftkit.monitors.bias.settings import BiasSettings
    from driftkit.readers.dataset import Dataset

JSON_TYPES = {each.media_type for each in FORMATS if each.name in JSON}
PREDICTION = "predicted_label"
# What the states of JSON say of how its rows were read.
_RECORDS, _CAPTURES = "records", "captures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Data ready to be counted.

    Attributes:
        dataset: the rows, under the configuration's column names.
        roles: what the reader knows of the columns.
        runner: where they are counted.
    """

    dataset: Dataset
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
        dataset, roles = beside(_renamed(opened_table(data, run), config), config, settings.run)
        roles = replace(roles, categories=_categories(dataset), reading=_of_files(config))
    runner = runner_of(dataset, settings.run.compute)
    return Opened(dataset=dataset, roles=roles, runner=runner)


def asked_roles(config: AnalysisConfig, settings: BiasSettings, known: Roles) -> Roles:
    """The roles of the columns of kept states, as the configuration would have rows read.

    Args:
        config: the configuration.
        settings: of the run.
        known: the roles that the states have.

    Raises:
        SettingsError: JSON without headers or paths.
    """
    if _RECORDS not in known.reading:
        return replace(known, reading=_of_files(config))
    capture = known.reading[_RECORDS] == _CAPTURES
    layout = _layout(config, settings, capture=capture)
    return replace(known, reading=_of_records(layout, capture=capture))


def _of_files(config: AnalysisConfig) -> dict[str, str]:
    """Which columns of separate files are meant: their names are not known without the files."""
    found = {}
    if config.facet_dataset_uri is not None:
        facets = (str(facet.name_or_index) for facet in config.facet)
        found["facets of the facet dataset"] = ", ".join(facets)
    if config.predicted_label_dataset_uri is not None:
        found["label of the predicted label dataset"] = str(config.predicted_label or 0)
    return found


def _of_records(layout: LabelledLayout, *, capture: bool) -> dict[str, str]:
    """How records become rows, in words."""
    said = asdict(layout)
    words = {
        _RECORDS: _CAPTURES if capture else "documents",
        **said.pop("decision"),
        **said,
        "features": ", ".join(layout.features),
    }
    return {key.replace("_", " "): str(value) for key, value in words.items()}


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
    dataset = row_dataset(
        kept, RecordRows(reader=layout, window=window, is_document=document), name
    )
    roles = Roles(
        label=layout.label,
        prediction=layout.prediction,
        decided=True,
        reading=_of_records(layout, capture=capture),
    )
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
