"""The files of a data-quality run, written in place of those of an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.formats import segments as segment_files
from driftkit.formats.jackson import dumps
from driftkit.report.files import write_outputs
from driftkit.statistics import storage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.formats.places import Named, Place
    from driftkit.statistics.states import States

STATISTICS = "statistics.json"
CONSTRAINTS = "constraints.json"
VIOLATIONS = "constraint_violations.json"
SUGGESTIONS = "deequ_suggestions.json"
# A run that does not write one of them takes away what an earlier one left: its numbers would be
# those of other rows.
OF_A_RUN = (
    *(STATISTICS, CONSTRAINTS, VIOLATIONS, SUGGESTIONS, storage.FILE),
    *(segment_files.CONSTRAINTS_FILE, segment_files.VIOLATIONS_FILE),
)


def write_run(
    files: Mapping[str, dict[str, Any]],
    directory: Named,
    states: States | None,
    replaced: Sequence[str] = OF_A_RUN,
) -> tuple[Place, ...]:
    """Writes all files or none.

    Args:
        files: content by file name.
        directory: made where it is missing.
        states: written too, unless None.
        replaced: the files of earlier runs that are removed if they are not among these.

    Raises:
        OutputError: the directory cannot be written.
    """
    contents: dict[str, str | bytes] = {name: dumps(content) for name, content in files.items()}
    if states is not None:
        contents[storage.FILE] = storage.dumps(states)
    obsolete = [name for name in replaced if name not in contents]
    return write_outputs(directory, contents, obsolete=obsolete)
