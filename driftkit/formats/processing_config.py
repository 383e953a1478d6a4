"""analysis_config.json of Clarify: a job's dataset, model and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from driftkit.formats.analysis_config import NAME, Part, first_problem
from driftkit.formats.attribution_config import PredictorConfig

if TYPE_CHECKING:
    from collections.abc import Mapping


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


def check(document: Mapping[str, Any], where: str = NAME) -> None:
    """Checks the types of these keys, so that they can be read as they stand.

    Raises:
        FormatError: one is not what it should be; the message has the JSON path.
    """
    try:
        ProcessingConfig.model_validate(document)
    except ValidationError as error:
        raise first_problem(error, where) from error
