"""What the baselines and reports of all monitors do in the same way, as methods to be taken over.

A class takes one over by its name, for example `notes = methods.notes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from driftkit.io.writing import write_outputs
from driftkit.results.tables import rows_of, table_of
from driftkit.states.state_files import FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.io.publishing import Content
    from driftkit.results.contract import Finding, Metric, Run
    from driftkit.results.figures import Figure


class _Ran(Protocol):
    @property
    def run(self) -> Run | None: ...


class _Measured(Protocol):
    METRIC_COLUMNS: ClassVar[Mapping[str, str]]

    def metrics(self) -> list[Metric]: ...


class _Compared(Protocol):
    COLUMNS: ClassVar[Mapping[str, str]]

    @property
    def findings(self) -> Sequence[Finding]: ...


class _Written(_Ran, Protocol):
    @property
    def files(self) -> dict[str, dict[str, Any]]: ...


class _Kept(Protocol):
    @property
    def states(self) -> _States | None: ...


class _States(Protocol):
    def dumps(self) -> bytes: ...


def notes(result: _Ran) -> list[str]:
    """What a person should know of how the numbers came about, a line each."""
    return [] if result.run is None else result.run.lines()


def statistics_table(result: _Measured) -> pd.DataFrame:
    """One row a metric; a report's with what is allowed."""
    return table_of(result.metrics(), result.METRIC_COLUMNS)


def violations_table(report: _Compared) -> pd.DataFrame:
    """One row a violation, in the order of the file."""
    return table_of(report.findings, report.COLUMNS)


def violation_rows(report: _Compared) -> list[dict[str, Any]]:
    """The rows of `violations_table`."""
    return rows_of(report.findings, report.COLUMNS)


def no_figures(_report: _Compared) -> list[Figure]:
    """Nothing: tables with their intervals say it all."""
    return []


def written_as(
    layout: Callable[[dict[str, Any]], str | Iterable[str]],
    beside: Callable[[Any], Mapping[str, Content]] | None = None,
    may_have: Iterable[str] = (FILE,),
) -> Callable[[_Written, PathOrUrl], tuple[Location, ...]]:
    """The method `write` of a baseline or report.

    Args:
        layout: the text of a JSON file.
        beside: the contents of its other files by their names.
        may_have: names of these files, of which some may be missing.
    """

    def write(result: _Written, directory: PathOrUrl) -> tuple[Location, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        files = {name: layout(content) for name, content in result.files.items()}
        contents = {**files, **(beside(result) if beside else {})}
        # States and the like that an earlier run kept would be those of other rows.
        gone = [name for name in may_have if name not in contents]
        obsolete = gone if beside and result.run is not None else []
        return write_outputs(directory, contents, obsolete=obsolete)

    return write


def kept_states(result: _Kept) -> dict[str, Content]:
    """The file of a result's states, where it has some."""
    return {} if result.states is None else {FILE: result.states.dumps()}
