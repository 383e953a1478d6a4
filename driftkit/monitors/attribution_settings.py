"""The settings of an attribution run, checked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.explain.payloads import Request
from driftkit.settings import Settings

if TYPE_CHECKING:
    from driftkit.explain.choosing import ExplainerName
    from driftkit.explain.trees import Perturbation
    from driftkit.formats.attribution_config import AttributionConfig

_CHOICES = {
    "explainer": ("auto", "kernel", "tree", "linear"),
    "perturbation": ("path_dependent", "interventional"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionSettings:
    """How an attribution run reads, explains and compares.

    Attributes:
        run: what all monitors have in common (format, dialect, runner, ...).
        explainer: "auto" takes what is exact and fast for the model in dialect textbook, and
            KernelSHAP as Clarify in dialect aws; "kernel", "tree" and "linear" insist.
        perturbation: of tree ensembles: "path_dependent", or "interventional" with the baseline
            rows in place of unknown features.
        sample: rows to explain at most, taken by the hashes of their contents; None for all.
        features_attribute: JMESPath of the features in JSON; beats the configuration's.
        seed: of coalitions and resampling; beats the configuration's.
    """

    run: Settings = field(default_factory=Settings)
    explainer: ExplainerName = "auto"
    perturbation: Perturbation = "path_dependent"
    sample: int | None = None
    features_attribute: str | None = None
    seed: int | None = None

    @classmethod
    def of(cls, **values: Any) -> AttributionSettings:
        """Settings from keywords, those of all monitors and those of this one.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        own = {each.name for each in fields(cls)} - {"run"}
        common = {name: value for name, value in values.items() if name not in own}
        mine = {name: values[name] for name in values if name in own and values[name] is not None}
        for name, choices in _CHOICES.items():
            if mine.get(name, choices[0]) not in choices:
                raise _wrong(name, mine[name], " | ".join(choices))
        for name, least in (("sample", 1), ("seed", 0)):
            value = mine.get(name, least)
            if not isinstance(value, int) or value < least:
                raise _wrong(name, value, f"a whole number, {least} or more")
        return cls(run=Settings.of(**common), **mine)


def request_of(config: AttributionConfig) -> Request:
    """How the configuration's endpoint is asked; a label is a score, where it names no other."""
    asked = config.predictor
    given: dict[str, Any] = {
        "content_type": asked.content_type,
        "accept_type": asked.accept_type or asked.content_type,
        "content_template": asked.content_template,
        "record_template": asked.record_template,
        "probability": asked.label if asked.probability is None else asked.probability,
        "target_model": asked.target_model,
        "custom_attributes": asked.custom_attributes,
    }
    return Request(**{name: value for name, value in given.items() if value is not None})


def names_of(
    wanted: tuple[int | str, ...] | None, names: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The features to explain by name; None for all.

    Raises:
        SettingsError: a place is not there.
    """
    if wanted is None:
        return None
    for each in wanted:
        if isinstance(each, int) and not 0 <= each < len(names):
            raise SettingsError(
                "a feature to explain is not there",
                where="methods.shap.features_to_explain",
                expected=f"0 to {len(names) - 1}",
                found=str(each),
                todo="Correct the place",
            )
    return tuple(names[each] if isinstance(each, int) else each for each in wanted)


def _wrong(name: str, value: Any, expected: str) -> SettingsError:
    return SettingsError(
        f"{name} is not what it should be",
        where=name,
        expected=expected,
        found=repr(value),
        todo="Correct it",
    )
