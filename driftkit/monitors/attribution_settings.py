"""The settings of an attribution run, checked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.settings import Settings

if TYPE_CHECKING:
    from driftkit.explain.choosing import ExplainerName
    from driftkit.explain.trees import Perturbation

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


def _wrong(name: str, value: Any, expected: str) -> SettingsError:
    return SettingsError(
        f"{name} is not what it should be",
        where=name,
        expected=expected,
        found=repr(value),
        todo="Correct it",
    )
