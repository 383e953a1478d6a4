"""derived.json: which columns of a data-quality baseline are made of others.

It is driftkit's own file: SageMaker Model Monitor knows no such columns. A window's columns are made as
its baseline's were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node

DERIVED_FILE = "derived.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class JointSide:
    """How the values of one of two columns are told apart: by edges, by values, else by hashes.

    Attributes:
        column: its name.
        edges: of numbers, the greatest of each cell but the last.
        values: of categories, those that have a cell of their own; the others share one.
    """

    column: str
    edges: tuple[float, ...] | None = None
    values: tuple[str, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As the file has it."""
        said = {"edges": self.edges, "values": self.values}
        return {
            "column": self.column,
            **{name: list(each) for name, each in said.items() if each is not None},
        }

    @classmethod
    def from_node(cls, node: Node) -> JointSide:
        """What an object says."""
        return cls(
            column=node.text("column"),
            edges=node.maybe(Node.row, "edges"),
            values=node.maybe(Node.texts, "values"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Two columns whose values are counted together.

    Attributes:
        name: of the column that is made of them.
        sides: the two; None where their cells are still to be learnt.
    """

    name: str
    sides: tuple[JointSide, JointSide] | None = None

    @property
    def columns(self) -> tuple[str, str]:
        """The names of the two."""
        first, _, second = self.name.partition(":")
        return first, second


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How columns are made of others.

    Attributes:
        text_columns: those of texts.
        embedding_columns: those of vectors.
        joints: pairs of columns.
    """

    text_columns: tuple[str, ...] = ()
    embedding_columns: tuple[str, ...] = ()
    joints: tuple[Joint, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text_columns or self.embedding_columns or self.joints)

    @property
    def joint_columns(self) -> tuple[str, ...]:
        """The names of the columns that are made of two."""
        return tuple(each.name for each in self.joints)

    @property
    def told(self) -> str:
        """What is made, in words; it does not say in which cells."""
        kinds = {
            "text": self.text_columns,
            "embedding": self.embedding_columns,
            "joint": self.joint_columns,
        }
        found = [f"{kind} columns {', '.join(names)}" for kind, names in kinds.items() if names]
        return "; ".join(found) or "none"

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return {
            "version": 0.0,
            "text_columns": list(self.text_columns),
            "embedding_columns": list(self.embedding_columns),
            "joint_columns": [
                {"name": each.name, "sides": [side.to_dict() for side in each.sides or ()]}
                for each in self.joints
            ],
        }

    @classmethod
    def read(cls, content: dict[str, Any], file: str) -> Derivation:
        """What a file says.

        Raises:
            FormatError: a key is missing or wrong.
        """
        return cls.from_node(Node(value=content, file=file))

    @classmethod
    def from_node(cls, node: Node) -> Derivation:
        """What an object says.

        Raises:
            FormatError: a key is missing or wrong.
        """
        joints = node.children("joint_columns") if node.has("joint_columns") else []
        return cls(
            text_columns=node.defaulted(Node.texts, "text_columns", ()),
            embedding_columns=node.defaulted(Node.texts, "embedding_columns", ()),
            joints=tuple(map(_joint, joints)),
        )


def _joint(node: Node) -> Joint:
    sides = tuple(map(JointSide.from_node, node.children("sides")))
    if len(sides) != 2:
        raise node.wrong("sides", "two of them", node.value["sides"])
    return Joint(name=node.text("name"), sides=(sides[0], sides[1]))


read_file = file_reader(Derivation.read)
