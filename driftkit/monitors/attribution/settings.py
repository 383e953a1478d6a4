"""The settings of an attribution run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack, get_args

from driftkit.monitors.bias.settings import LOCATING
from driftkit.settings import (
    CommonKeywords,
    ExplainerName,
    Perturbation,
    SelectionKeywords,
    Settings,
    checks,
)
from driftkit.settings.checks import Meets, Whole
from driftkit.settings.declaring import Option, from_keywords, part, setting
from driftkit.settings.panels import JUDGING

EXPLAINING = "How predictions are explained"
NDCG_THRESHOLD = 0.9


def _exactly(literal: Any) -> Meets:
    choices = get_args(literal)
    return Meets(test=lambda value: str(value) in choices, expected=" | ".join(choices))


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionSettings:
    """How an attribution run reads, explains and compares.

    What is said here beats the configuration. The explainers "kernel", "tree" and "linear" insist.
    Of tree ensembles, "interventional" puts the baseline rows in place of unknown features. All
    features are explained; columns that are left out do not count in the ranking.
    """

    features_attribute: str | None = setting(
        None, checks.text, "JMESPath of the features in JSON.", Option(LOCATING)
    )
    explainer: ExplainerName = setting(
        "auto",
        _exactly(ExplainerName),
        "auto takes what is exact and fast for the model; in dialect aws, KernelSHAP.",
        Option(EXPLAINING),
    )
    perturbation: Perturbation = setting(
        "path_dependent",
        _exactly(Perturbation),
        "What stands for an unknown feature in trees.",
        Option(EXPLAINING),
    )
    sample: int | None = setting(
        None,
        Whole(least=1),
        "Explain N rows only, the same ones however the data are cut.",
        Option(EXPLAINING, "N", "all"),
    )
    seed: int | None = setting(
        None,
        Whole(least=0),
        "Of coalitions and resampling.",
        Option(EXPLAINING, default="the configuration's, or 0"),
    )
    ndcg_threshold: float = setting(
        NDCG_THRESHOLD,
        checks.SHARE,
        "The least NDCG of a label's features, ranked as in the baseline, that is no violation.",
        Option(JUDGING, "SHARE"),
    )
    run: Settings = part(Settings, "selection", "read", "window", "compute", "grading")

    @classmethod
    def from_keywords(cls, **values: Unpack[AttributionKeywords]) -> AttributionSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class AttributionKeywords(CommonKeywords, SelectionKeywords, total=False):
    """What users may write for `AttributionSettings`."""

    features_attribute: str | None
    explainer: ExplainerName
    perturbation: Perturbation
    sample: int | None
    seed: int | None
    ndcg_threshold: float
