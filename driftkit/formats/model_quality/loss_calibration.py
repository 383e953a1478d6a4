"""calibration.json of a regression: the errors that are to be expected of a row, by its inputs.

It is driftkit's own file: SageMaker Model Monitor does not estimate quality without labels.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

from driftkit.comparison.estimation.loss_parts import (
    CODES,
    DEEPEST,
    Feature,
    Group,
    LossModel,
    Member,
    Tree,
)
from driftkit.errors import FormatError
from driftkit.formats.fields import choice, key, read, record, records, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node
from driftkit.formats.model_quality.calibration import NAME, Block, Calibration, Segment, keys_of
from driftkit.formats.model_quality.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VERSION = 1
_PROBLEMS = {str(Problem.REGRESSION).lower(): str(Problem.REGRESSION)}
_NUMBERS = key(Node.row, write=list)


def _model(node: Node, name: str) -> LossModel:
    found = node.child(name)
    return LossModel(
        features=tuple(map(_feature, found.children("features"))),
        members=tuple(map(_member, found.children("members"))),
    )


def _feature(node: Node) -> Feature:
    return Feature(
        name=node.text("name"),
        edges=node.row("edges"),
        categories=node.row("categories"),
        others=node.truth("others"),
        low=node.maybe(Node.number, "low"),
        high=node.maybe(Node.number, "high"),
        missing=node.truth("missing"),
    )


def _member(node: Node) -> Member:
    return Member(
        absolute=node.number("absolute"),
        squared=node.number("squared"),
        codes=tuple(tuple(map(int, row)) for row in node.numbers("codes")),
        trees=tuple(map(_tree, node.children("trees"))),
    )


def _tree(node: Node) -> Tree:
    return Tree(
        features=node.each(Node.count, "features"),
        above=node.each(Node.count, "above"),
        absolute=node.row("absolute"),
        squared=node.row("squared"),
    )


def _groups(node: Node, name: str) -> tuple[Group, ...]:
    names = [each.name for each in fields(Group)]
    return tuple(Group(**{of: each.number(of) for of in names}) for each in node.children(name))


def _written(groups: Sequence[Group]) -> list[dict[str, float]]:
    return [*map(asdict, groups)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCalibration:
    """What a file says.

    Attributes:
        version: of the format.
        problem_type: Regression.
        whole: all rows of the reference.
        blocks: days or hours of it; none where it was not told apart by time.
        segment_by: the columns that tell segments apart.
        segments: those with limits of their own.
        model: of the errors.
        groups: by the absolute error that is expected, ascending.
        learnt: rows of the reference by which the model was made.
        explained: the share of the variance of absolute errors that a model tells of rows that it
            has not seen.
        block_variances: of what a block's mean absolute and squared error differ from the expected
            ones, beyond chance; empty where there are too few blocks.
        block_correlation: of this with what the next day differs.
    """

    version: int = VERSION
    problem_type: str = field(metadata=key(choice(_PROBLEMS)))
    whole: Segment = field(metadata=key(record(Segment)))
    blocks: tuple[Block, ...] = field(default=(), metadata=key(records(Block)))
    segment_by: tuple[str, ...] = field(default=(), metadata=key(Node.texts, write=list))
    segments: tuple[Segment, ...] = field(default=(), metadata=key(records(Segment)))
    model: LossModel = field(metadata=key(_model, write=asdict))
    groups: tuple[Group, ...] = field(metadata=key(_groups, write=_written))
    learnt: int
    explained: float
    block_variances: tuple[float, ...] = field(default=(), metadata=_NUMBERS)
    block_correlation: float = 0.0

    @property
    def keys(self) -> tuple[tuple[str | None, ...], ...]:
        """Of each segment what its rows have in common, in the order of the columns."""
        return keys_of(self.segments, self.segment_by)

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns by which errors are expected, besides the prediction."""
        return tuple(each.name for each in self.model.features[1:])

    @property
    def digest(self) -> int:
        """A number by which models are told apart, and the groups that rows are put into."""
        document = self.to_dict()
        return crc32(json.dumps([document["model"], document["groups"]]).encode())

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)

    @classmethod
    def read(cls, document: dict[str, Any], where: str = NAME) -> LossCalibration:
        """A calibration from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: a key is missing or wrong, or no rows can give such a model.
        """
        node = Node(value=document, file=where)
        if node.count("version") != VERSION:
            raise node.wrong("version", f"version {VERSION}", document["version"])
        found = read(cls, node)
        for part, possible in _possible(found):
            if not possible:
                raise FormatError(
                    "no rows can give such a model of errors",
                    where=f"{where}, {part}",
                    expected="what `driftkit model-quality baseline` writes",
                    found="something else",
                    todo="Make the baseline again",
                )
        return found


def _possible(found: LossCalibration) -> Iterator[tuple[str, bool]]:
    """The parts of a file that could not be used if they were otherwise, and whether they can."""
    features, members = found.model.features, found.model.members
    yield "model.features", bool(features)
    for at, each in enumerate(features):
        few = len(each.edges) < CODES - 1 and len(each.categories) < CODES - 1
        ascending = _ascending(each.edges) and _ascending(each.categories)
        yield f"model.features[{at}]", few and ascending and (each.high is None) == each.is_text
    yield "model.members", bool(members)
    for at, member in enumerate(members):
        yield f"model.members[{at}]", all(map(math.isfinite, (member.absolute, member.squared)))
        fit = len(member.codes) == len(features) and all(map(_are_codes, features, member.codes))
        yield f"model.members[{at}].codes", fit
        for number, tree in enumerate(member.trees):
            yield f"model.members[{at}].trees[{number}]", _can_ask(tree, features)
    of_days = found.block_variances
    yield "block_variances", len(of_days) in {0, 2} and min(of_days, default=0.0) >= 0
    yield "block_correlation", 0.0 <= found.block_correlation < 1.0
    yield "groups", bool(found.groups) and _ascending([each.least for each in found.groups])
    yield "groups", all(0 < each.rows < math.inf for each in found.groups)


def _are_codes(feature: Feature, codes: Sequence[int]) -> bool:
    many = len(feature.categories) + 1 if feature.is_text else 0
    return len(codes) == many and all(0 <= each < CODES for each in codes)


def _can_ask(tree: Tree, features: Sequence[Feature]) -> bool:
    leaves = 2 ** min(len(tree.features), DEEPEST)
    if not len(tree.absolute) == len(tree.squared) == leaves or len(tree.above) != len(
        tree.features
    ):
        return False
    for which, above in zip(tree.features, tree.above, strict=True):
        if which >= len(features):
            return False
        asked = features[which]
        if above > (CODES if asked.is_text else len(asked.edges)):
            return False
    return all(map(math.isfinite, (*tree.absolute, *tree.squared)))


def _ascending(values: Sequence[float]) -> bool:
    return all(map(math.isfinite, values)) and all(a < b for a, b in pairwise(values))


def _read(document: dict[str, Any], where: str) -> Calibration | LossCalibration:
    of_errors = str(document.get("problem_type")).lower() in _PROBLEMS
    return (LossCalibration if of_errors else Calibration).read(document, where)


read_file = file_reader(_read)
