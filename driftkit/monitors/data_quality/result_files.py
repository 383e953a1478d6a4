"""Names of the files of a data-quality run."""

from __future__ import annotations

from driftkit.formats import drift as drift_file
from driftkit.formats import segments as segment_files
from driftkit.formats.derived import DERIVED_FILE
from driftkit.states import storage
from driftkit.states.cells import counted as cells
from driftkit.states.cells import outcomes

STATISTICS = "statistics.json"
CONSTRAINTS = "constraints.json"
VIOLATIONS = "constraint_violations.json"
SUGGESTIONS = "deequ_suggestions.json"
# A run that does not write one of them takes away what an earlier one left: its numbers would be
# those of other rows.
OF_A_RUN = (
    *(STATISTICS, CONSTRAINTS, VIOLATIONS, SUGGESTIONS, DERIVED_FILE),
    storage.FILE,
    *(segment_files.CONSTRAINTS_FILE, segment_files.VIOLATIONS_FILE),
    *(drift_file.NAME, cells.FILE, outcomes.FILE),
)
