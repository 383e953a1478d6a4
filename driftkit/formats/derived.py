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
class Derivation:
    """How columns are made of others.

    Attributes:
        text_columns: those of texts.
        embedding_columns: those of vectors.
    """

    text_columns: tuple[str, ...] = ()
    embedding_columns: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text_columns or self.embedding_columns)

    @property
    def told(self) -> str:
        """What is made, in words."""
        kinds = {"text": self.text_columns, "embedding": self.embedding_columns}
        found = [f"{kind} columns {', '.join(names)}" for kind, names in kinds.items() if names]
        return "; ".join(found) or "none"

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return {
            "version": 0.0,
            "text_columns": list(self.text_columns),
            "embedding_columns": list(self.embedding_columns),
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
        """What an object says."""
        return cls(
            text_columns=node.defaulted(Node.texts, "text_columns", ()),
            embedding_columns=node.defaulted(Node.texts, "embedding_columns", ()),
        )


read_file = file_reader(Derivation.read)
