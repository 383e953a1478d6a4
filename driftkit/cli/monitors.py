"""The commands of the monitors: what they have in common, for any of them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer

import driftkit
from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.cli.helping import Listed
from driftkit.cli.measured import Measured
from driftkit.cli.speaking import with_speech
from driftkit.cli.telling import NOT_TOLD, OPTIONS, Telling
from driftkit.configuration.queries import data_of
from driftkit.errors import SettingsError
from driftkit.report import terminal
from driftkit.report.page import FILES
from driftkit.settings import Grading
from driftkit.settings.declaring import declared

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from driftkit.io.locations import Location
    from driftkit.results.contract import Report
    from driftkit.results.facts import Ownership
    from driftkit.results.history import Window

ABOUT_DEPLOYMENT = (
    "May this version take the traffic? Promote, hold or roll back, valid at every look."
)
"""Here, for the help has it without the monitor's commands."""
VIOLATIONS_FOUND = 3
_command: ContextVar[ExitStack] = ContextVar("_command")


@contextmanager
def command() -> Iterator[None]:
    """Ends what a command has taken, however it ends."""
    with ExitStack() as stack:
        token = _command.set(stack)
        try:
            yield
        finally:
            _command.reset(token)


def hold(output: str, wait: float) -> None:
    """Keeps other runs from writing into the output folder until the command has ended.

    Raises:
        OutputError: it cannot be written, or another run is writing there for longer than `wait`.
    """
    # Not for the help, which writes nothing.
    from driftkit.io.writing import holding, prepare

    stack = _command.get(None)
    if stack is None:
        # Not by `main`: nobody would give the folder back.
        prepare(output)
    else:
        stack.enter_context(holding(output, wait=wait))


def telling_of(
    monitor: str, output: str, given: dict[str, Any], settings: Mapping[str, Any]
) -> Telling:
    """What a user asked for of those who are told, who hear of the command's failure too.

    Args:
        monitor: its name.
        output: the folder of the run.
        given: options, of which those of `Telling` are taken out.
        settings: of the run.

    Raises:
        SettingsError: one of the options is wrong.
    """
    telling = Telling.taken(output, given)
    stack = _command.get(None)
    if stack is not None and telling.facts_sinks:
        from driftkit.cli.told import told_if_it_fails

        stack.push(told_if_it_fails(telling, monitor, settings))
    return telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A monitor on the command line.

    Attributes:
        name: as in Python.
        about: its question, and what answers it.
        module: where its functions are; None for those of `driftkit`.
        settings: the dataclass of its settings.
        unused: names of settings that mean nothing to it.
        instead: name -> an option in place of the one that its commands have otherwise.
        app: where its commands are.
    """

    name: str
    about: str
    settings: type[Any]
    module: str | None = None
    unused: Iterable[str] = ()
    instead: Mapping[str, Any] = field(default_factory=dict)
    app: typer.Typer = field(default_factory=typer.Typer)

    @property
    def calls(self) -> Any:
        """Its functions in Python, which are loaded only now."""
        return import_module(self.module) if self.module else getattr(driftkit, self.name)

    def command(
        self,
        about: str | None = None,
        *,
        own: Mapping[str, Any] | None = None,
        only: Container[str] | None = None,
        without: Iterable[str] = (),
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Makes a command of a function, by its name.

        Args:
            about: what the help says; None for the function's docstring.
            own: name -> option that this monitor has besides the function's and the settings.
            only: names of the settings that the command has; None for all.
            without: names of those that it has not.
        """
        unused = {*self.unused, *without}
        made = verb(self.settings, own=own, only=only, without=unused, instead=self.instead)

        def added(function: Callable[..., None]) -> Callable[..., None]:
            self.app.command(function.__name__, help=about)(made(function))
            return function

        return added

    def read_baseline(
        self, kind: str, folder: str | None, statistics: str | None, constraints: str | None
    ) -> Any:
        """The baseline of files that the user named.

        Raises:
            SettingsError: neither a folder nor constraints are named.
        """
        if folder is None and constraints is None:
            raise SettingsError(
                "there is no baseline to compare with",
                expected="--baseline DIR, or --baseline-constraints FILE",
                todo=f"Make one with `driftkit {self.name.replace('_', '-')} baseline`",
            )
        made = getattr(self.calls, kind)
        return made.read(folder, statistics=statistics, constraints=constraints)


def loaded_later(module: str) -> type[Listed]:
    """A group with the commands of a module's MONITOR, which are made when one is asked for.

    Args:
        module: to be loaded then, for its settings take their time.
    """

    class Later(Listed):
        @property
        def commands(self) -> Any:
            """By their names."""
            return _commands_in(module)

        @commands.setter
        def commands(self, given: Any) -> None:
            """There are no others."""

    return Later


@cache
def _commands_in(module: str) -> Any:
    of: Monitor = import_module(module).MONITOR
    with_speech(of.app)
    return typer.main.get_group(of.app).commands


def publish(
    report: Report,
    output: str,
    *,
    page: bool,
    past: Sequence[Window] = (),
    title: str = "",
    ownership: Ownership | None = None,
    hide_values: bool = False,
    **how: Any,
) -> tuple[Location, ...]:
    """Writes a report and its page in one step; a page of an earlier run does not stay.

    Args:
        report: of a monitor.
        output: the folder.
        page: whether there shall be a page.
        past: windows before it, which the page shows, the oldest first.
        title: of the page.
        ownership: who looks after the model, which the page says.
        hide_values: whether the page has no value of the data.
        how: what else its `write` is to know.
    """
    # Only where something is written: the help writes nothing.
    from driftkit.io.writing import together, write_outputs

    of = report.report(past, title, ownership, hide_values=hide_values) if page else None
    contents = of.contents if of else {}
    with together(output):
        files = report.write(output, **how)
        return (*files, *write_outputs(output, contents, obsolete=sorted({*FILES} - {*contents})))


def learns(
    of: Monitor,
    about: str,
    title: str,
    *,
    own: Mapping[str, Any] | None = None,
    without: Iterable[str] = (),
) -> None:
    """Gives a monitor the command that learns what is normal.

    Args:
        of: the monitor.
        about: what the help says.
        title: what is said while it runs.
        own: name -> option of this monitor, an argument of its function.
        without: names of settings that the command has not.
    """

    @of.command(about, own=own, without={*without, *declared(Grading)})
    def baseline(
        inputs: o.InputsOrQuery,
        output: o.Output,
        wait: o.Wait = 0.0,
        *,
        settings: dict[str, Any],
        **given: Any,
    ) -> None:
        hold(output, wait)
        with terminal.progress_bar(title) as progress:
            result = of.calls.baseline(data_of(inputs), progress=progress, **given, **settings)
        terminal.show_baseline(result, result.write(output))


def looks(of: Monitor, about: str, title: str, *, own: Mapping[str, Any] | None = None) -> None:
    """Gives a monitor the command that compares a window; the arguments are those of `learns`."""

    @of.command(about, own={**(own or {}), **OPTIONS})
    def monitor(
        inputs: o.InputsOrQuery,
        output: o.Output,
        baseline: o.BaselineAnalysis,
        fail_on_violations: o.FailOnViolations = False,
        report: o.Page = True,
        hide_values: o.HideValues = False,
        wait: o.Wait = 0.0,
        *,
        settings: dict[str, Any],
        **given: Any,
    ) -> None:
        telling = telling_of(of.name, output, given, settings)
        hold(output, wait)
        with terminal.progress_bar(title) as bar:
            result = of.calls.monitor(data_of(inputs), baseline, progress=bar, **given, **settings)
        files = publish(result, output, page=report, hide_values=hide_values)
        measured = Measured(report=result, files=files, settings=settings)
        finish([measured], fail_on_violations=fail_on_violations, telling=telling)


def compares(of: Monitor, kind: str, only: Container[str]) -> None:
    """Gives a monitor the command that compares files alone.

    Args:
        of: the monitor.
        kind: the class of its baselines.
        only: names of the settings that it has.
    """

    @of.command(only=only)
    def compare(
        output: o.Output,
        statistics: o.WindowStatistics,
        baseline: o.BaselineFolder = None,
        baseline_statistics: o.BaselineStatistics = None,
        baseline_constraints: o.BaselineConstraints = None,
        fail_on_violations: o.FailOnViolations = False,
        report: o.Page = True,
        hide_values: o.HideValues = False,
        wait: o.Wait = 0.0,
        *,
        settings: dict[str, Any],
    ) -> None:
        """Find violations from files alone, for example to try out a threshold."""
        hold(output, wait)
        normal = of.read_baseline(kind, baseline, baseline_statistics, baseline_constraints)
        result = of.calls.compare(statistics, normal, **settings)
        files = publish(result, output, page=report, hide_values=hide_values)
        measured = Measured(report=result, files=files, settings=settings)
        finish([measured], fail_on_violations=fail_on_violations)


def tell(telling: Telling, measured: Sequence[Measured]) -> bool:
    """Keeps the runs where there is a metrics store, so that what is told of can be found there.

    Then tells those who are to know, also of what could not be kept; what fails there is said in a
    line, and stops nothing.

    Returns:
        Whether all was told that is required.

    Raises:
        OutputError: the metrics store cannot be written.
    """
    heard = True
    try:
        for each in measured:
            telling.keeper.keep(each)
    finally:
        if telling.rules is not None:
            # Only where it is asked for: the help sends nothing.
            from driftkit.cli.told import told

            heard = told(telling, measured)
    return heard


def finish(
    written: Sequence[Measured], *, fail_on_violations: bool, telling: Telling | None = None
) -> None:
    """Shows reports that are written, tells those who are to know, and ends as a scheduler reads it."""
    for each in written:
        terminal.show_report(each.report, each.files)
    told = telling is None or tell(telling, written)
    if fail_on_violations and any(each.report.findings for each in written):
        raise typer.Exit(VIOLATIONS_FOUND)
    if not told:
        raise typer.Exit(NOT_TOLD)
