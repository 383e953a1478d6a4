"""The settings of an attribution run, checked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from numbers import Integral
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.explain.payloads import Request
from driftkit.settings import Settings, refuse_unknown, shown, text

if TYPE_CHECKING:
    from driftkit.explain.choice import ExplainerName
    from driftkit.explain.trees import Perturbation
    from driftkit.formats.attribution_config import AttributionConfig

_NAMES_SHOWN = 30
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
        refuse_unknown(values, own | {each.name for each in fields(Settings)})
        common = {name: value for name, value in values.items() if name not in own}
        mine = {name: values[name] for name in values if name in own and values[name] is not None}
        for name, choices in _CHOICES.items():
            if name in mine and str(mine[name]) not in choices:
                raise _wrong(name, mine[name], " | ".join(choices))
        for name, least in (("sample", 1), ("seed", 0)):
            value = mine.get(name, least)
            whole = not isinstance(value, bool) and isinstance(value, Integral)
            if not whole or value < least:
                raise _wrong(name, value, f"a whole number, {least} or more")
        if "features_attribute" in mine:
            mine["features_attribute"] = text("features_attribute", mine["features_attribute"])
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
    wanted: tuple[int | str, ...] | None,
    names: tuple[str, ...],
    where: str = "methods.shap.features_to_explain",
) -> tuple[str, ...] | None:
    """Features by name; None for all.

    Args:
        wanted: names and places.
        names: of all features.
        where: in the configuration they are asked for.

    Raises:
        SettingsError: a place or a name is not there.
    """
    if wanted is None:
        return None
    for each in wanted:
        is_there = 0 <= each < len(names) if isinstance(each, int) else each in names
        if not is_there:
            raise SettingsError(
                "a feature is not there",
                where=where,
                expected=f"0 to {len(names) - 1}, or one of {', '.join(names[:_NAMES_SHOWN])}",
                found=repr(each),
                todo="Correct the place or the name",
            )
    return tuple(names[each] if isinstance(each, int) else each for each in wanted)


def _wrong(name: str, value: Any, expected: str) -> SettingsError:
    return SettingsError(
        f"{name} is not what it should be",
        where=name,
        expected=expected,
        found=shown(value),
        todo="Correct it",
    )
