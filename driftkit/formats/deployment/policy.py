"""A policy over arms that is to be evaluated: the probability of each arm, or those of segments.

    {"champion": 0.2, "challenger": 0.8}
    {"AA": {"champion": 1.0}, "*": {"champion": 0.5, "challenger": 0.5}}

An arm that is not named has the probability 0; `*` is for all segments that are not named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node
from driftkit.formats.nesting import require_shallow
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

NAME = "policy.json"
OTHERS = "*"
# Probabilities such as 0.333333 are rounded.
_SLACK = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPolicy:
    """The probability with which a request is to go to each arm.

    Attributes:
        segments: segment -> arm -> probability; `*` stands for all others.
        by_segment: whether the file tells segments apart.
    """

    segments: Mapping[str, Mapping[str, float]]
    by_segment: bool = False

    def probabilities(
        self, segments: Iterable[str], arms: Sequence[str]
    ) -> tuple[tuple[float, ...], ...]:
        """The probability of each arm, for each of some segments.

        Raises:
            SettingsError: a segment is not in the policy.
        """
        return tuple(tuple(self._of(segment).get(arm, 0.0) for arm in arms) for segment in segments)

    def _of(self, segment: str) -> Mapping[str, float]:
        found = self.segments.get(segment, self.segments.get(OTHERS))
        if found is None:
            raise SettingsError(
                "a policy does not say what to do with a segment",
                where=f"segment {segment}",
                expected=" | ".join(self.segments),
                found=repr(segment),
                todo=f"Add it to the policy, or {OTHERS!r} for all that are not named",
            )
        return found


def read(
    document: Mapping[str, Any], where: str = NAME, *, arms: Collection[str] | None = None
) -> ArmPolicy:
    """The policy of a file's content.

    Args:
        document: the JSON object.
        where: name of the file, for messages.
        arms: that there are; None where that is not known yet.

    Raises:
        FormatError: there are no arms or unknown ones, or probabilities that do not sum to 1; the
            message has the JSON path.
    """
    require_shallow(document, where)
    node = Node(value=document, file=where)
    if not any(isinstance(each, dict) for each in document.values()):
        return ArmPolicy(segments={OTHERS: _read_arms(node, arms)})
    segments = {segment: _read_arms(node.part(segment), arms) for segment in document}
    return ArmPolicy(segments=segments, by_segment=True)


read_file = file_reader(read, read_object)


def _read_arms(node: Node, arms: Collection[str] | None) -> dict[str, float]:
    found = {arm: node.share(arm) for arm in node.value}
    for arm in found:
        if arms is not None and arm not in arms:
            raise node.error(
                arm,
                "there is no such arm",
                expected=" | ".join(arms),
                found=repr(arm),
                todo="Correct its name, or remove it",
            )
    total = sum(found.values())
    if abs(total - 1) > _SLACK:
        raise node.error(
            "",
            "the probabilities of arms do not sum to 1",
            expected="an arm at least, and a sum of 1",
            found=f"a sum of {total:g}",
            todo="Correct the probabilities",
        )
    return {arm: share / total for arm, share in found.items()}
