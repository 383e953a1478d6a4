"""Reads what is known of the weights of variants: of an endpoint, as they were sent, or over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftkit.formats import jackson
from driftkit.formats.deployment import endpoint
from driftkit.formats.deployment.plan import WeightsChange
from driftkit.formats.deployment.strict import parts_of, strict
from driftkit.formats.files import content_of
from driftkit.formats.mapping import Node

if TYPE_CHECKING:
    from os import PathLike

    from driftkit.formats.deployment.endpoint import Endpoint

_HISTORY = b"weights_history"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The content of a file that is a list.

    Attributes:
        weights_history: the weights over time.
    """

    weights_history: tuple[WeightsChange, ...] = field(metadata=parts_of(WeightsChange))

    @property
    def shares(self) -> dict[str, float]:
        """The shares that came into force last, of the variants that got requests.

        >>> History(weights_history=()).shares
        {}
        """
        latest = self.weights_history[-1].weights if self.weights_history else {}
        total = sum(latest.values())
        return {name: weight / total for name, weight in latest.items()} if total > 0 else {}


def read_file(path: str | PathLike[str]) -> Endpoint | History:
    """What a file says.

    Args:
        path: of what DescribeEndpoint, DescribeEndpointConfig or DescribeInferenceExperiment
            answer, of the desired_weights.json that was sent, or of a list of objects with `from`,
            `to` and `weights`, as in a plan.

    Raises:
        FormatError: it is missing or another file, or a key is missing or wrong.
    """
    content = content_of(path).strip()
    if content.startswith(b"["):
        # Named as in the plan, so that messages have the same paths.
        document = jackson.loads(b'{"%s": %s}' % (_HISTORY, content), str(path))
        return strict(History, Node(value=document, file=str(path)))
    return endpoint.read(jackson.loads(content, str(path)), str(path))
