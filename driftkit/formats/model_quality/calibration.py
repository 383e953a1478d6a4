"""calibration.json: what scores meant in the reference, and how good the model was there.

It is driftkit's own file: SageMaker Model Monitor does not estimate quality without labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.deployment.strict import by_name
from driftkit.formats.fields import choice, key, read, record, records, to_dict
from driftkit.formats.mapping import Node
from driftkit.formats.model_quality.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Pairs = Mapping[str, float]

NAME = "calibration.json"
VERSION = 1
_PROBLEMS = {str(each).lower(): str(each) for each in (Problem.BINARY, Problem.MULTICLASS)}

NUMBERS = by_name(Node.number)
_COUNTS = key(lambda node, name: node.each(Node.count, name), write=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """Rows of a class against all others by score.

    Attributes:
        label: the class.
        scores: ascending, from 0 to 1.
        positives: rows of each score that had the class.
        rows: all of its rows.
    """

    label: str = field(metadata=key(Node.text, "class"))
    scores: tuple[float, ...] = field(
        metadata=key(lambda node, name: node.each(Node.share, name), write=list)
    )
    positives: tuple[int, ...] = field(metadata=_COUNTS)
    rows: tuple[int, ...] = field(metadata=_COUNTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A day or an hour of the reference.

    Attributes:
        block: its beginning.
        rows: that it has.
        realized: its metrics, by their labels.
    """

    block: str
    rows: int
    realized: Pairs = field(metadata=NUMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The reference, or a segment of it.

    Attributes:
        segment: the values that its rows have in common; empty for all rows.
        rows: how many there are.
        realized: metrics by their labels.
        deviations: how far each moves by chance in a window of one row; over the root of its rows
            in one of more.
        tables: rows by score, one for each class; of two classes of the positive one. A regression
            has none.
    """

    segment: Mapping[str, str | None] = field(
        metadata=by_name(lambda node, name: node.maybe(Node.text, name))
    )
    rows: int
    realized: Pairs = field(metadata=NUMBERS)
    deviations: Pairs = field(metadata=NUMBERS)
    tables: tuple[ScoreTable, ...] = field(
        default=(), metadata=key(records(ScoreTable), "calibration", needed=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a file says.

    Attributes:
        version: of the format.
        problem_type: BinaryClassification or MulticlassClassification.
        threshold: above which a probability predicts the positive label.
        positive_label: the label that probabilities are of; None for 1 or true.
        labels: those of several classes.
        whole: all rows of the reference.
        blocks: days or hours of it; none where it was not told apart by time.
        segment_by: the columns that tell segments apart.
        segments: those with a calibration of their own.
        block_variances: of what a day's metrics differ from the expected ones, beyond chance.
        block_correlations: of this with what the next day's differ.
        label_variances: by class, of the log odds by which a day's labels are off from what their
            scores let expect, beyond chance.
        label_correlations: of this with those of the next day.
        tenth_variances: the same of the labels of each tenth of the scores by itself, beyond those
            of all.
        tenth_correlations: of this with those of the next day.
    """

    version: int = VERSION
    problem_type: str = field(metadata=key(choice(_PROBLEMS)))
    threshold: float
    positive_label: str | None = None
    labels: tuple[str, ...] = field(default=(), metadata=key(Node.texts, write=list))
    whole: Segment = field(metadata=key(record(Segment)))
    blocks: tuple[Block, ...] = field(default=(), metadata=key(records(Block)))
    segment_by: tuple[str, ...] = field(default=(), metadata=key(Node.texts, write=list))
    segments: tuple[Segment, ...] = field(default=(), metadata=key(records(Segment)))
    block_variances: Pairs = field(default_factory=dict, metadata=NUMBERS)
    block_correlations: Pairs = field(default_factory=dict, metadata=NUMBERS)
    label_variances: Pairs = field(default_factory=dict, metadata=NUMBERS)
    label_correlations: Pairs = field(default_factory=dict, metadata=NUMBERS)
    tenth_variances: Pairs = field(default_factory=dict, metadata=NUMBERS)
    tenth_correlations: Pairs = field(default_factory=dict, metadata=NUMBERS)

    @property
    def problem(self) -> Problem:
        """What the model does."""
        return Problem(self.problem_type)

    @property
    def keys(self) -> tuple[tuple[str | None, ...], ...]:
        """Of each segment what its rows have in common, in the order of the columns."""
        return keys_of(self.segments, self.segment_by)

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)

    @classmethod
    def read(cls, document: dict[str, Any], where: str = NAME) -> Calibration:
        """A calibration from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: a key is missing or wrong, or no rows can have such counts.
        """
        node = Node(value=document, file=where)
        if node.count("version") != VERSION:
            raise node.wrong("version", f"version {VERSION}", document["version"])
        found = read(cls, node)
        for each in (found.whole, *found.segments):
            for table in each.tables:
                _refuse_impossible(table, where)
        for name in ("block", "label", "tenth"):
            variances = getattr(found, f"{name}_variances").values()
            correlations = getattr(found, f"{name}_correlations").values()
            if min(variances, default=0.0) < 0 or not all(
                0.0 <= each < 1.0 for each in correlations
            ):
                raise _impossible(
                    f"{where}, {name}_variances", "variances of 0 or more, and correlations below 1"
                )
        return found


def keys_of(
    segments: Sequence[Segment], segment_by: Sequence[str]
) -> tuple[tuple[str | None, ...], ...]:
    """Of each segment what its rows have in common, in the order of the columns."""
    return tuple(tuple(each.segment[name] for name in segment_by) for each in segments)


def _refuse_impossible(table: ScoreTable, where: str) -> None:
    counts = [*zip(table.positives, table.rows, strict=False)]
    ascending = all(a < b for a, b in zip(table.scores, table.scores[1:], strict=False))
    lengths = {len(table.scores), len(table.positives), len(table.rows)}
    if not ascending or len(lengths) > 1 or any(not hits <= all_ for hits, all_ in counts):
        raise _impossible(
            f"{where}, class {table.label!r}",
            "ascending scores, and for each as many rows as positives or more",
        )


def _impossible(where: str, expected: str) -> FormatError:
    return FormatError(
        "no rows can have such a calibration",
        where=where,
        expected=expected,
        found="something else",
        todo="Make the baseline again",
    )
