"""States of bias that are kept: what was counted, their bytes, and many added up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Column
from driftkit.errors import InputError
from driftkit.formats.mapping import Node
from driftkit.states import kept
from driftkit.states.groups.codec import SCHEMA, declared, decoded, encoded
from driftkit.states.state_files import digest_of, read_alone, written_alone
from driftkit.states.storage_about import read_windows, windows_to_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from driftkit.states.groups.columns import GroupColumn
    from driftkit.states.groups.counts import CountPlan, GroupCounts
    from driftkit.states.windows import Window

MONITOR = "bias"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the reader knows of the columns and the configuration does not.

    Attributes:
        label: name of the label; None for the configuration's.
        prediction: name of the prediction; None for the configuration's.
        facets: names of the facets; None for the configuration's.
        decided: whether predictions are labels, scores among them decided by the reader.
        categories: columns that are pandas categories.
        reading: how rows are read, as far as their columns do not tell it, in words.
    """

    label: str | None = None
    prediction: str | None = None
    facets: tuple[str, ...] | None = None
    decided: bool = False
    categories: frozenset[str] = frozenset()
    reading: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStates:
    """The counts of windows of rows, added up; `baseline` and `monitor` take them as data.

    Attributes:
        state: what all metrics but the flip test are read from.
        columns: all of the data's, also those that were not counted.
        roles: what the reader knew of them.
        windows: what entered it, in the order in which it was added.
        name: the file or what else it came from, for messages.
    """

    state: GroupCounts
    columns: tuple[Column, ...]
    roles: Roles = field(default_factory=Roles)
    windows: tuple[Window, ...] = ()
    name: str = field(default="states", compare=False)

    def dumps(self) -> bytes:
        """The content of a file of states."""
        counts, batch = encoded(self.state)
        about = {
            "data": [{"name": each.name, "declared": each.declared} for each in self.columns],
            "roles": {
                "label": self.roles.label,
                "prediction": self.roles.prediction,
                "facets": self.roles.facets,
                "decided": self.roles.decided,
                "categories": sorted(self.roles.categories),
                "reading": dict(self.roles.reading),
            },
            "counts": counts,
            **windows_to_dict(self.windows),
        }
        return written_alone(MONITOR, VERSION, about, batch)

    def digest(self) -> int:
        """A number that the same rows give again."""
        _, batch = encoded(self.state)
        return digest_of(batch)


def loads(content: bytes | pa.Buffer, where: str) -> GroupStates:
    """The states of a file.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: it is none of states of this monitor, of a later version, cut off or damaged, or
            no rows can have such counts.
    """
    node, batch = read_alone(content, where, MONITOR, {VERSION: SCHEMA})
    columns = tuple(
        Column(name=each.text("name"), declared=declared(each)) for each in node.children("data")
    )
    roles = _roles(node.child("roles"))
    return GroupStates(
        state=decoded(node.child("counts"), batch, columns, roles.categories),
        columns=columns,
        roles=roles,
        windows=tuple(read_windows(node)),
        name=where,
    )


def combined(parts: Sequence[GroupStates], *, allow_overlap: bool = False) -> GroupStates:
    """The counts of all windows together, as if their rows had been read at once.

    Raises:
        InputError: there are none, other things were counted, or windows overlap.
    """
    return kept.combined(parts, _refuse_others, allow_overlap=allow_overlap)


def _refuse_others(first: GroupStates, other: GroupStates) -> None:
    refuse_otherwise_counted(
        other, (first.state.plan, first.roles), f", as in {first.name}", "Combine states of"
    )


def refuse_otherwise_counted(
    states: GroupStates,
    expected: tuple[CountPlan, Roles],
    of_whom: str = "",
    todo: str = "Read their data again, or give",
) -> None:
    """Refuses states whose rows were counted otherwise than is asked for.

    Args:
        states: the states.
        expected: what is counted, and how rows are read.
        of_whom: who expects it, for the message.
        todo: what can be done, for the message.

    Raises:
        InputError: so they were; the message says what differs.
    """
    plan, roles = expected
    if (states.state.plan, states.roles.reading) == (plan, roles.reading):
        return
    found, wanted = _words(states.state.plan, states.roles), _words(plan, roles)
    differ = [key for key in {**wanted, **found} if wanted.get(key) != found.get(key)]
    raise InputError(
        "the rows of the states were counted otherwise",
        where=states.name,
        expected=f"{_shown(wanted, differ)}{of_whom}",
        found=_shown(found, differ),
        todo=f"{todo} the same analysis_config.json and settings",
    )


def _shown(words: Mapping[str, str], keys: Sequence[str]) -> str:
    return "; ".join(f"{key} {words.get(key, 'none')}" for key in keys)


def _words(plan: CountPlan, roles: Roles) -> dict[str, str]:
    """What was counted and how rows were read, for people; other plans have other words."""
    names = [column.name for column in plan.columns]
    roles_of = {"predicted label": plan.prediction, "group variable": plan.group}
    return {
        "facets": ", ".join(" x ".join(names[index] for index in each) for each in plan.facets),
        "label": names[plan.label],
        **{role: names[index] for role, index in roles_of.items() if index is not None},
        **{f"column {column.name}": _said(column) for column in plan.columns},
        **roles.reading,
    }


def _said(column: GroupColumn) -> str:
    kind = "category" if column.category else column.declared or "text"
    values = [f"values {', '.join(sorted(column.texts))}"] if column.texts else []
    above = column.threshold
    scores = [] if above is None else [f"scores above {above.score:g}"]
    labels = ["or labels"] if above is not None and above.labels_stay else []
    return ", ".join([f"of {kind}", *values, *scores, *labels])


def _roles(node: Node) -> Roles:
    reading = node.child("reading")
    return Roles(
        label=node.maybe(Node.text, "label"),
        prediction=node.maybe(Node.text, "prediction"),
        facets=node.maybe(Node.texts, "facets"),
        decided=node.truth("decided"),
        categories=frozenset(node.texts("categories")),
        reading={key: reading.text(key) for key in reading.value},
    )
