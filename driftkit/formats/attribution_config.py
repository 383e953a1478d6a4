"""analysis_config.json of Clarify: the settings of a job, and of its feature attributions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from driftkit.formats.analysis_config import (
    NAME,
    AnswerConfig,
    NameOrIndex,
    Names,
    Part,
    validated,
)
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping


# More coalitions, or values of a feature, take days and all memory.
MOST_SAMPLES = 10_000_000
MOST_GRID = 100_000


class ShapConfig(Part):
    """How predictions are attributed.

    Attributes:
        baseline: rows whose values stand for "unknown": lists of values, objects of names and
            values, objects that hold such rows (`driftkit.monitors.attribution.baseline_rows`), or the
            path of a file with them; None looks for clusters in the data.
        num_clusters: how many clusters; None for the best number from 1 to 12.
        num_samples: coalitions that the model is asked about for each row.
        agg_method: how values of rows become one number: mean of absolute values, mean of
            squares, or median.
        use_logit: whether log-odds of the predictions are explained.
        save_local_shap_values: whether the values of every row are written.
        seed: of the coalitions.
        features_to_explain: names or places; None for all.
    """

    baseline: str | dict[str, Any] | tuple[Any, ...] | None = None
    num_clusters: Annotated[int, Field(ge=1)] | None = None
    num_samples: Annotated[int, Field(ge=1, le=MOST_SAMPLES)] | None = None
    agg_method: Literal["mean_abs", "mean_sq", "median"] = "mean_abs"
    use_logit: bool = False
    save_local_shap_values: bool = False
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    features_to_explain: tuple[NameOrIndex, ...] | None = None


class PdpConfig(Part):
    """Partial dependence: the mean prediction as one feature takes other values.

    Attributes:
        grid_resolution: values that a numerical feature takes.
        features: whose dependence is looked at; None for those of the largest attributions.
        top_k_features: how many these are.
    """

    grid_resolution: Annotated[int, Field(ge=2, le=MOST_GRID)] = 15
    features: tuple[NameOrIndex, ...] | None = None
    top_k_features: Annotated[int, Field(ge=1)] = 10


class ExplainMethods(Part):
    """The analyses that are asked for."""

    shap: ShapConfig | None = None
    pdp: PdpConfig | None = None


class PredictorConfig(AnswerConfig):
    """How the model's endpoint is asked, and what its outputs are called."""

    content_type: str | None = None
    accept_type: str | None = None
    content_template: str | None = None
    record_template: str | None = None
    endpoint_name: str | None = None
    target_model: str | None = None
    custom_attributes: str | None = None


class AttributionConfig(Part):
    """The keys of analysis_config.json that bear on attributions.

    Attributes:
        methods: the analyses; `shap` must be among them.
        headers: names of the columns; in a monitor's configuration, of the features alone.
        features: JMESPath of the features in JSON.
        label: column that is no feature.
        predicted_label: column that is no feature.
        excluded_columns: columns that are no features.
        joinsource_name_or_index: columns that identify rows, no features either.
        predictor: the endpoint.
    """

    methods: ExplainMethods
    version: Literal["1.0"] | None = None
    dataset_type: str | None = None
    headers: tuple[str, ...] | None = None
    features: str | None = None
    label: NameOrIndex | None = None
    predicted_label: NameOrIndex | None = None
    excluded_columns: Names = ()
    joinsource_name_or_index: Names = ()
    predictor: PredictorConfig = PredictorConfig()

    @property
    def shap(self) -> ShapConfig:
        """How predictions are attributed, the defaults where nothing is said."""
        return self.methods.shap or ShapConfig()

    def outcomes(self) -> tuple[NameOrIndex, ...]:
        """Columns that are no features, by name or zero-based place."""
        named = (self.label, self.predicted_label)
        known = tuple(each for each in named if each is not None)
        return (*known, *self.excluded_columns, *self.joinsource_name_or_index)


class ModelConfig(PredictorConfig):
    """The model that is asked: an endpoint, a model in SageMaker, or a file of the job."""

    endpoint_name_prefix: str | None = None
    model_name: str | None = None
    instance_type: str | None = None
    initial_instance_count: int | None = None
    accelerator_type: str | None = None
    driftkit_model: str | None = None


class ProcessingConfig(Part):
    """The keys that a job needs before it knows its analyses.

    Attributes:
        dataset_type: MIME type of the data.
        dataset_uri: their place; None for the job's own input.
        facet_dataset_uri: a file of facets beside them.
        predicted_label_dataset_uri: a file of predictions beside them.
        methods: analysis -> its settings.
        predictor: the model.
    """

    dataset_type: str | None = None
    dataset_uri: str | None = None
    facet_dataset_uri: str | None = None
    predicted_label_dataset_uri: str | None = None
    methods: dict[str, dict[str, Any] | None] | None = None
    predictor: ModelConfig | None = None


def read(document: Mapping[str, Any] | str | Path, where: str = NAME) -> AttributionConfig:
    """The configuration in a document, or in a file.

    Raises:
        FormatError: it is missing or not what it should be; the message has the JSON path.
    """
    if isinstance(document, str | Path):
        return read(read_object(document), str(document))
    return validated(AttributionConfig, document, where)


def check(document: Mapping[str, Any], where: str = NAME) -> None:
    """Checks the types of a job's keys, so that they can be read as they stand.

    Raises:
        FormatError: one is not what it should be; the message has the JSON path.
    """
    validated(ProcessingConfig, document, where)
