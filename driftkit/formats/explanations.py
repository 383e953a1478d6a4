"""The explanations in analysis.json, as Clarify writes and driftkit reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.fields import key, read, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping


NAME = "analysis.json"
VERSION = "1.0"
METHOD = "kernel_shap"


def _read_values(label: Node, name: str) -> dict[str, float]:
    values = label.child(name)
    return {feature: values.number(feature) for feature in values.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelExplanation:
    """The explanation of one output of the model.

    Attributes:
        global_shap_values: feature -> its value over all rows.
        expected_value: the prediction when no feature is known.
        extra: further keys, kept as they stand.
    """

    global_shap_values: Mapping[str, float] = field(metadata=key(_read_values, write=dict))
    expected_value: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """An explanation report; keys of other analyses are kept as they stand.

    Attributes:
        labels: label -> its explanation, in the order of the model's outputs; empty where only
            partial dependence was asked for.
        pdp: partial dependence, as Clarify writes it; None where it was not asked for.
        version: of the format.
        others: keys of `explanations` beside these two.
        extra: keys of the file beside `explanations`.
    """

    labels: Mapping[str, LabelExplanation]
    pdp: tuple[Mapping[str, Any], ...] | None = None
    version: str = VERSION
    others: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        explained = {name: to_dict(each) for name, each in self.labels.items()}
        shap = {METHOD: explained} if explained else {}
        explanations: dict[str, Any] = {**shap, **self.others}
        if self.pdp is not None:
            explanations["pdp"] = [dict(each) for each in self.pdp]
        return {"version": self.version, "explanations": explanations, **self.extra}

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> Explanations:
        """The explanations of a document.

        Raises:
            FormatError: it is not what it should be; the message has the JSON path.
        """
        root = Node(value=document, file=where)
        version = root.defaulted(Node.text, "version", VERSION) or VERSION
        node = root.child("explanations")
        labels = node.child(METHOD)
        found = {name: read(LabelExplanation, labels.child(name)) for name in labels.value}
        if not found:
            raise FormatError(
                "nothing is explained in it",
                where=f"{where}: explanations.{METHOD}",
                expected="a label with global_shap_values",
                found="no label",
                todo="Give the analysis.json of `driftkit attribution baseline`, or of Clarify",
            )
        pdp = node.maybe(Node.children, "pdp")
        rest = dict(node.rest())
        return cls(
            labels=found,
            pdp=None if pdp is None else tuple(each.value for each in pdp),
            version=version,
            others=rest,
            extra=root.rest(),
        )


read_file = file_reader(Explanations.read, read_object)
