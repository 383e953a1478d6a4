"""Writes the files of a data-quality run together, and reads those that are no JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats import derived as derived_file
from driftkit.formats import drift as drift_file
from driftkit.formats.derived import DERIVED_FILE, Derivation
from driftkit.formats.jackson import dumped
from driftkit.io.writing import write_outputs
from driftkit.states import storage
from driftkit.states.cells import counted as counted_cells
from driftkit.states.cells import outcomes as cell_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.formats.constraints import Constraints
    from driftkit.formats.drift import Drift
    from driftkit.formats.statistics import Statistics
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.io.publishing import Content
    from driftkit.states.cells.counted import CellCounts
    from driftkit.states.cells.outcomes import CellOutcomes
    from driftkit.states.states import States


def write_run(
    files: Mapping[str, dict[str, Any] | Iterator[str]],
    directory: PathOrUrl,
    binary: Mapping[str, Content],
    replaced: Sequence[str],
) -> tuple[Location, ...]:
    """Writes the files of a run, all of them or none, in place of those of an earlier one.

    Args:
        files: JSON by name: the content, or its text in parts.
        directory: made where it is missing.
        binary: the files that are no JSON.
        replaced: names of files of an earlier run that do not stay.

    Raises:
        OutputError: the directory cannot be written.
    """
    # Of thousands of columns no file's text is held while another one is written.
    contents: dict[str, Content] = {
        name: dumped(content) if isinstance(content, dict) else content
        for name, content in files.items()
    }
    contents |= binary
    obsolete = [name for name in replaced if name not in contents]
    return write_outputs(directory, contents, obsolete=obsolete)


def binary_files(
    states: States | None, cells: CellCounts | None, outcomes: CellOutcomes | None = None
) -> dict[str, Content]:
    """The files that are no JSON: states, counts and what predictions were, where there are some."""
    kept: dict[str, Content] = {} if states is None else {storage.FILE: storage.dumped(states)}
    kept |= {} if cells is None else {counted_cells.FILE: cells.dumps()}
    return kept if outcomes is None else {**kept, cell_outcomes.FILE: outcomes.dumps()}


def read_cells(folder: Location) -> CellCounts | None:
    """The counts in a folder; None where there are none.

    Raises:
        FormatError: they are damaged.
    """
    file = folder / counted_cells.FILE
    return counted_cells.loads(file.read_bytes(), str(file)) if file.exists() else None


def read_outcomes(folder: Location) -> CellOutcomes | None:
    """The predictions by cell in a folder; None where there are none.

    Raises:
        FormatError: they are damaged.
    """
    file = folder / cell_outcomes.FILE
    return cell_outcomes.loads(file.read_bytes(), str(file)) if file.exists() else None


def read_derivation(folder: Location) -> Derivation:
    """How columns of a folder's baseline were made of others.

    Raises:
        FormatError: the file is another one.
    """
    file = folder / DERIVED_FILE
    return derived_file.read_file(file) if file.exists() else Derivation()


def read_drift(folder: Location) -> Drift | None:
    """The verdicts in a folder; None where there are none.

    Raises:
        FormatError: the file is another one.
    """
    file = folder / drift_file.NAME
    return drift_file.read_file(file) if file.exists() else None


def refuse_unmeasured(constraints: Constraints, statistics: Statistics, where: str) -> None:
    """Refuses a baseline whose statistics lack features that its constraints have.

    Raises:
        FormatError: so it is.
    """
    measured = {feature.name for feature in statistics.features}
    strange = [feature.name for feature in constraints.features if feature.name not in measured]
    if strange:
        raise FormatError(
            "constraints and statistics disagree",
            where=where,
            expected="statistics of every feature that has constraints",
            found="none of " + ", ".join(repr(name) for name in strange[:5]),
            todo="Take both files from one baseline, or leave the statistics out",
        )
