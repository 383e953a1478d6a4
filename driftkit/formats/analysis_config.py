"""analysis_config.json of Clarify: which columns are facets, label, prediction and group."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from driftkit.errors import FormatError
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import shown
from driftkit.formats.nesting import require_shallow
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "analysis_config.json"


def _finite(value: Any) -> Any:
    if isinstance(value, int | float) and not abs(value) <= sys.float_info.max:
        raise ValueError("Input should be a finite number")
    return value


# Booleans first, or pydantic would read true as 1.
Value = Annotated[bool | int | float | str, AfterValidator(_finite)]
NameOrIndex = Annotated[int, Field(strict=True, ge=0, lt=2**31)] | str


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, bool | int | float | str | dict) else value


Values = Annotated[tuple[Value, ...], BeforeValidator(_listed)]
Names = Annotated[tuple[NameOrIndex, ...], BeforeValidator(_listed)]


class Part(BaseModel):
    """A part of the file; keys that a monitor does not need are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore")


_Part = TypeVar("_Part", bound=Part)


class FacetConfig(Part):
    """A facet.

    Attributes:
        name_or_index: its column.
        value_or_threshold: the values that make up the disadvantaged group, or the lower bound
            of its interval; None compares every value with all others.
    """

    name_or_index: NameOrIndex
    value_or_threshold: Values | None = None


class BiasMethod(Part):
    """The metrics that are asked for: "all", or their names."""

    methods: Literal["all"] | tuple[str, ...] = "all"


class Methods(Part):
    """The analyses that are asked for."""

    pre_training_bias: BiasMethod | None = None
    post_training_bias: BiasMethod | None = None


def _texts(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return [str(each) if isinstance(each, bool | int | float) else each for each in value]


LabelHeaders = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class AnswerConfig(Part):
    """Where a model's answer has what: zero-based places in CSV, JMESPaths in JSON.

    Attributes:
        label: of the predicted label, which decides where it is known; with a threshold and
            without `probability`, of a score.
        probability: of the score, or of the scores of several labels.
        label_headers: the labels that several scores are about.
    """

    label: NameOrIndex | None = None
    probability: NameOrIndex | None = None
    label_headers: LabelHeaders | None = None


class AnalysisConfig(Part):
    """The keys of analysis_config.json that bear on bias.

    Attributes:
        label: name, zero-based index, or JMESPath of the label.
        label_values_or_threshold: the positive labels, or the lower bound of their interval.
        facet: the facets, in the order of the report.
        predicted_label: name, index or JMESPath of the predicted label.
        probability_threshold: scores above it are predicted positive (1), others negative (0).
        group_variable: column whose subgroups condition CDDL and CDDPL.
        headers: column names, in the order of the columns; for JSON Lines the features, then
            the label, then the predicted label.
        features: JMESPath of the features in JSON and JSON Lines.
        excluded_columns: columns that are no features.
        joinsource_name_or_index: column that identifies rows, no feature either.
        methods: the analyses; without this key, as in monitors, both stages with all metrics.
        predictor: the model's answers.
    """

    label: NameOrIndex
    label_values_or_threshold: Annotated[Values, Field(min_length=1)]
    facet: Annotated[tuple[FacetConfig, ...], BeforeValidator(_listed), Field(min_length=1)]
    version: Literal["1.0"] | None = None
    dataset_type: str | None = None
    dataset_uri: str | None = None
    headers: tuple[str, ...] | None = None
    predicted_label: NameOrIndex | None = None
    features: str | None = None
    probability_threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    group_variable: NameOrIndex | None = None
    facet_dataset_uri: str | None = None
    facet_headers: tuple[str, ...] | None = None
    predicted_label_dataset_uri: str | None = None
    predicted_label_headers: tuple[str, ...] | None = None
    excluded_columns: Names = ()
    joinsource_name_or_index: Names = ()
    methods: Methods | None = None
    predictor: AnswerConfig | None = None

    def asks_for(self, stage: str) -> Literal["all"] | tuple[str, ...] | None:
        """Which metrics of a stage are asked for; None for none of them."""
        if self.methods is None:
            return "all"
        method: BiasMethod | None = getattr(self.methods, f"{stage}_bias")
        return None if method is None else method.methods


def read(document: Mapping[str, Any], where: str = NAME) -> AnalysisConfig:
    """The configuration in a document.

    Raises:
        FormatError: it is not what it should be; the message has the JSON path.
    """
    return validated(AnalysisConfig, document, where)


read_file = file_reader(read, read_object)


def validated(kind: type[_Part], document: Mapping[str, Any], where: str) -> _Part:
    """A part of the file, checked.

    Raises:
        FormatError: it is not what it should be; the message has the JSON path.
    """
    require_shallow(document, where)
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise _first_problem(error, where) from error


def _first_problem(error: ValidationError, where: str) -> FormatError:
    """The first of what is wrong with a configuration, with its JSON path."""
    problems = error.errors()
    first = problems[0]
    path = _path(first["loc"])
    left = len(problems) - 1
    more = f" (and {left} more)" if left else ""
    missing = first["type"] == "missing"
    return FormatError(
        f"a key is missing{more}" if missing else f"a value is not what it should be{more}",
        where=f"{where}: {path}" if path else where,
        expected=first["msg"],
        found="nothing" if missing else shown(first["input"]),
        todo="Correct it; docs/bias.md and docs/attribution.md list the keys",
    )


def _path(steps: tuple[int | str, ...]) -> str:
    path = ""
    for step in steps:
        # A union names the alternative that failed (`bool`, `str`, ...) as a last step.
        if isinstance(step, int):
            path += f"[{step}]"
        elif step in {"bool", "int", "float", "str", "constrained-int"} or "[" in step:
            break
        else:
            path += f".{step}" if path else step
    return path
