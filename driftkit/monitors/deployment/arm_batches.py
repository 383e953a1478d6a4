"""Outputs of batch transform jobs as rows of arms, each job an arm."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from driftkit.capture.batch_rows import BatchPiece, BatchRows, first_records
from driftkit.monitors.deployment.arm_captures import rows_reader
from driftkit.monitors.deployment.understanding import understood
from driftkit.readers.dataset import FileDataset, units_of
from driftkit.readers.lines import PIECE_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.capture.arms import Arms
    from driftkit.io.finding import File
    from driftkit.monitors.deployment.row_columns import RowColumns
    from driftkit.settings import Settings

ENDING = ".out"
NAMES_SHOWN = 3


def batches_of_arms(
    files: Sequence[File], arms: Arms, columns: RowColumns, run: Settings
) -> tuple[FileDataset, tuple[str, ...]]:
    """The rows of the outputs of jobs, and what is remarkable in them, for people.

    A line of an output `a.csv.out` answers the same line of the input `a.csv`; rows of two jobs
    are paired by it. Files of no job, and without that ending, are inputs; where they are handed
    in, records without an answer are rows without a prediction.

    Args:
        files: that jobs wrote, and were sent.
        arms: the jobs.
        columns: that are asked for.
        run: how text is read.

    Raises:
        InputError: a file is of two arms, or answers cannot be read.
        SettingsError: an attribute is no path.
    """
    lacking = arms.look_at(files)
    pieces = _pieces(files, arms)
    attributes = columns.attributes
    labelled = attributes.label is not None
    groups: defaultdict[str, list[BatchPiece]] = defaultdict(list)
    for piece in pieces:
        groups[arms.names[piece.arm]].append(piece)
    records = {name: first_records(some, labelled=labelled) for name, some in groups.items()}
    found = understood(records, attributes)
    reader = BatchRows(rows=rows_reader(arms, columns, found, run), labelled=labelled)
    units = units_of(pieces, PIECE_BYTES, reader)
    dataset = FileDataset(name=files[0].path, columns=reader.columns, units=units)
    unanswered = (_unanswered(name, some) for name, some in groups.items())
    return dataset, (*lacking, *found.remarks, *(remark for remark in unanswered if remark))


def _pieces(files: Sequence[File], arms: Arms) -> list[BatchPiece]:
    """The outputs of each job with their inputs, and the inputs that it did not answer."""
    outputs: list[dict[str, File]] = [{} for _ in arms.names]
    inputs: list[File] = []
    for file in files:
        of_file = arms.of_file(file.path)
        if not of_file:
            inputs.append(file)
        elif file.path.endswith(ENDING):
            name = arms.below(of_file[0], file.path).removesuffix(ENDING)
            outputs[of_file[0]][name] = file
    sent = _named({name for found in outputs for name in found}, inputs)
    return [
        _piece(arm, name, found.get(name), sent.get(name))
        for arm, found in enumerate(outputs)
        for name in sorted({*found, *sent})
    ]


def _piece(arm: int, name: str, output: File | None, sent: File | None) -> BatchPiece:
    file = output or sent
    assert file is not None  # noqa: S101  (the name is of one of the two)
    return BatchPiece(file=file, arm=arm, name=name, sent=sent, is_answered=output is not None)


def _named(names: set[str], inputs: Sequence[File]) -> Mapping[str, File]:
    """The inputs by the names of their outputs; those without any by their own."""
    found: dict[str, File] = {}
    for file in inputs:
        ends = [name for name in names if f"/{file.path}".endswith(f"/{name}")]
        name = max(ends, key=len) if ends else file.path.rpartition("/")[2]
        found.setdefault(name, file)
    return found


def _unanswered(arm: str, pieces: Sequence[BatchPiece]) -> str:
    names = [piece.name for piece in pieces if not piece.is_answered]
    if not names:
        return ""
    shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    return f"{arm}: {len(names):,} of {len(pieces):,} inputs have no output: {shown}"
