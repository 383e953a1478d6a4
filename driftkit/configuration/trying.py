"""Says what a run would read, compare and write, and what would stop it, without running it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from driftkit.capture.window import in_window
from driftkit.configuration.queries import told
from driftkit.configuration.running import edited_baseline, has_baseline
from driftkit.errors import DriftkitError
from driftkit.io.finding import find
from driftkit.io.writing import prepare
from driftkit.sinks.references import look_up
from driftkit.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.configuration.planning import Work
    from driftkit.io.finding import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a run would do.

    Attributes:
        title: monitor and window.
        lines: what it would read, compare with and write.
        problems: what would stop it.
    """

    title: str
    lines: tuple[str, ...]
    problems: tuple[str, ...]


def tried(work: Work, store: Any = None) -> Trial:
    """What a run would do, and what would stop it.

    Args:
        work: the run.
        store: the section of the metrics store; None for none.
    """
    lines: list[str] = []
    problems: list[str] = []
    for name, look in (("reads", _reads), ("compares", _compares), ("writes", _writes)):
        try:
            lines += [f"{name:<9} {each}" for each in look(work)]
        except DriftkitError as error:
            problems.append(str(error))
    if store is not None:
        try:
            open_store(look_up(store.path))
            lines.append(f"{'keeps':<9} its numbers in {store.path}")
        except DriftkitError as error:
            problems.append(str(error))
    return Trial(title=work.title, lines=tuple(lines), problems=tuple(problems))


def _reads(work: Work) -> list[str]:
    labelling = work.labelling
    if labelling is None:
        return [_files(work.data, work)]
    labels = find(labelling.labels)
    return [
        _files(labelling.captures, work),
        f"labels: {_size(labels)} of {', '.join(labelling.labels)}, joined in {labelling.folder}",
    ]


def _files(paths: Sequence[str], work: Work) -> str:
    table = told(paths)
    if table is not None:
        return table
    files = in_window(find(paths), work.span.start, work.span.end)
    return f"{_size(files)} of {', '.join(paths)}{_rows(files)}"


def _size(files: Sequence[File]) -> str:
    counted = "1 file" if len(files) == 1 else f"{len(files):,} files"
    return f"{counted} ({sum(each.size for each in files):,} bytes)"


def _rows(files: Sequence[File]) -> str:
    """The number of rows, where files say it in their last bytes."""
    if not files or len(files) > 100 or not all(each.path.endswith(".parquet") for each in files):
        return ""
    try:
        rows = sum(parquet.read_metadata(each.open()).num_rows for each in files)
    except (pa.ArrowException, OSError):
        return ""
    return f", {rows:,} rows"


def _compares(work: Work) -> list[str]:
    if not has_baseline(work) and work.training:
        training = told(work.training)
        if training is None:
            training = f"{_size(find(work.training))} of {', '.join(work.training)}"
        return [f"with {work.baseline}, to be learnt from {training}"]
    edited_baseline(work)
    return [f"with {work.baseline}"]


def _writes(work: Work) -> list[str]:
    prepare(work.output)
    return [work.output]
