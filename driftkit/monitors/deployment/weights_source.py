"""Takes weights, shares and names of a deployment from a file with what SageMaker says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats.deployment.endpoint import Endpoint
from driftkit.formats.deployment.weights_file import read_file
from driftkit.settings.declaring import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.formats.deployment.plan import WeightsChange
    from driftkit.formats.deployment.selectors import Selector
    from driftkit.formats.deployment.weights_file import History
    from driftkit.monitors.deployment.planning import FoundArms
    from driftkit.monitors.deployment.settings import DeploymentSettings

_ALL = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsSource:
    """What the file that `weights_file` names says; nothing where it names none.

    Attributes:
        content: of the file.
    """

    content: Endpoint | History | None = None

    @classmethod
    def of(cls, settings: DeploymentSettings) -> WeightsSource:
        """What a plan's settings name.

        Raises:
            FormatError: the file is missing, or not what it should be.
            SettingsError: weights are said besides, or it is of a shadow and the strategy is not.
        """
        asked = settings.planning
        if asked.weights_file is None:
            return cls()
        if asked.weights:
            raise SettingsError(
                "weights are said twice",
                where="weights, weights_file",
                expected="one of the two",
                todo="Leave one of them out",
            )
        content = read_file(asked.weights_file)
        if isinstance(content, Endpoint) and content.shadow and asked.strategy != "shadow":
            raise SettingsError(
                f"{content.shadow.name} is a shadow",
                where=asked.weights_file,
                expected="the strategy shadow",
                found=asked.strategy,
                todo="Say --strategy shadow, or name the file of another endpoint",
            )
        return cls(content=content)

    @property
    def endpoint(self) -> Endpoint | None:
        """The description of the endpoint; None of a history."""
        return self.content if isinstance(self.content, Endpoint) else None

    def settings(self, said: DeploymentSettings) -> DeploymentSettings:
        """The settings with what the file tells and nobody says."""
        endpoint, asked = self.endpoint, said.planning
        if endpoint is None:
            return said
        told: dict[str, Any] = {"endpoint": endpoint.name, "plan_name": endpoint.experiment}
        if endpoint.shadow is not None:
            told["sampling_percentage"] = endpoint.shadow.sampling_percentage
        return changed(
            said, **{name: each for name, each in told.items() if getattr(asked, name) is None}
        )

    def arms(self, found: FoundArms, said: Mapping[str, Selector]) -> FoundArms:
        """The arms with their weights, and the history of these.

        Args:
            found: what the data tell.
            said: the arms that a user names; empty where the data tell them.
        """
        if self.content is None:
            return found
        names = _by_variant(said or found.selectors)
        if isinstance(self.content, Endpoint):
            # A variant that is no arm and gets no requests takes none from the arms.
            shares = {name: w for name, w in self.content.shares.items() if w or name in names}
            return replace(found, weights=_renamed(shares, names))
        history = tuple(
            replace(each, weights=_renamed(each.weights, names))
            for each in self.content.weights_history
        )
        return replace(found, weights=_last(history, names), history=history)

    def notes(self) -> Iterator[str]:
        """What people should know of the file's content, sentence by sentence."""
        endpoint = self.endpoint
        if endpoint is None:
            return
        if endpoint.baking:
            yield "The endpoint is baking: a deployment waits for its alarms now"
        if endpoint.rollback_alarms == ():
            yield "The last deployment names no alarm, without which SageMaker never rolls back"
        if endpoint.capture_percentage is not None and endpoint.capture_percentage < _ALL:
            yield f"{endpoint.capture_percentage:g} % of the requests are captured"


def _by_variant(arms: Mapping[str, Selector]) -> Mapping[str, str]:
    """Variant -> arm: by the folder that the arm is, else by its name."""
    folders = {each.value: arm for arm, each in arms.items() if each.kind == "folder"}
    return {**{arm: arm for arm in arms}, **folders}


def _renamed(weights: Mapping[str, float], names: Mapping[str, str]) -> dict[str, float]:
    """The weights by arm; names that are of no arm stay, for a plan to say so."""
    return {names.get(variant, variant): weight for variant, weight in weights.items()}


def _last(
    history: tuple[WeightsChange, ...], names: Mapping[str, str]
) -> Mapping[str, float] | None:
    """The weights that came into force last, if every arm has one."""
    if not history or set(names.values()) - history[-1].weights.keys():
        return None
    return history[-1].weights
