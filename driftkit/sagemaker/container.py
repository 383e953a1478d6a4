"""Runs a processing job from its environment to its exit code."""

from __future__ import annotations

import signal
import sys
import traceback
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import driftkit
from driftkit.errors import DriftkitError, SettingsError, visible
from driftkit.io.writing import together, write_outputs
from driftkit.sagemaker import clarify_jobs, deployment_jobs, messages, monitor_jobs, paths, scripts
from driftkit.sagemaker.cluster import Cluster
from driftkit.sagemaker.environment import Environment, as_json
from driftkit.sagemaker.job_kinds import Kind, kind_of
from driftkit.sagemaker.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from driftkit.sagemaker.monitor_jobs import Done

FAILED = 255
STOPPED = 143
_LOGGED = (
    *("dataset_source", "dataset_format", "output_path", "analysis_type", "problem_type"),
    deployment_jobs.VERB,
)
_TIMES = ("start_time", "end_time", "monitoring_input_type", "sagemaker_monitoring_schedule_name")


class StoppedError(BaseException):
    """The platform asked the job to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Lines for the job's log and its message, with secrets blacked out.

    Attributes:
        secrets: texts that are never shown.
        paths: where the container's files are.
    """

    secrets: tuple[str, ...]
    paths: paths.ContainerPaths

    def clean(self, text: str) -> str:
        """The text without secrets and control characters, with the container's own paths."""
        return visible(self.paths.shown(without_secrets(text, self.secrets)))

    def say(self, text: str) -> None:
        """A line of the log."""
        sys.stderr.write(f"{self.clean(text)}\n")
        sys.stderr.flush()

    def leave(self, message: str) -> None:
        """Writes the message that becomes the job's ExitMessage; without room it is only logged.

        The results are in their places by then, or the message says why not.
        """
        file = self.paths.at(paths.MESSAGE)
        self.say(message)
        try:
            write_outputs(file.parent, {file.name: messages.cut(self.clean(message))})
        except (DriftkitError, OSError) as error:
            self.say(f"No message was left: {error}")


def main(
    variables: Mapping[str, str],
    root: Path,
    publish: Callable[[Done], None] | None = None,
) -> int:
    """Runs the job that the environment describes.

    Args:
        variables: the environment.
        root: the folder that stands for `/`.
        publish: what puts metrics into CloudWatch; None leaves that to the platform.

    Returns:
        The exit code: 0 done, with violations or without; 255 failed; 143 stopped.
    """
    at = paths.ContainerPaths(root=root.resolve())
    journal = Journal(secrets=Environment(variables=variables, paths=at).secrets(), paths=at)
    clarifying = at.at(paths.ANALYSIS_CONFIG).exists()
    try:
        with _stoppable():
            _run(variables, journal, publish)
    except StoppedError:
        journal.say("Stopped: the job was asked to stop, and has written nothing half.")
        return STOPPED
    except Exception as error:  # noqa: BLE001  (whatever it is, the job ends in a message)
        _fail(journal, error, clarifying=clarifying)
        return FAILED
    return 0


def _fail(journal: Journal, error: Exception, *, clarifying: bool) -> None:
    journal.leave(messages.failed(error, by_clarify=clarifying))
    if not isinstance(error, DriftkitError):
        # The message says what, the log where: a scheduled job cannot be repeated at will.
        journal.say("".join(traceback.format_exception(error)))


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM, which StopProcessingJob sends, unwinds the run as Ctrl-C does."""

    def stop(_signal: int, _frame: Any) -> NoReturn:
        raise StoppedError

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(
    variables: Mapping[str, str], journal: Journal, publish: Callable[[Done], None] | None
) -> None:
    environment = Environment.read(variables, journal.paths)
    kind = kind_of(environment)
    options = {name: environment.text(name) for name in (*_LOGGED, *_TIMES)}
    journal.say(f"driftkit {driftkit.__version__}: {kind} with {as_json(options)}")
    _check_publishing(kind, environment)
    scripts.check(environment)
    cluster = Cluster(current=environment.hosts[0], hosts=environment.hosts[1])
    if not cluster.drives:
        journal.say(f"{cluster.current} works for {cluster.hosts[0]}")
        cluster.serve()
        return
    metrics = journal.paths.at(paths.METRICS)
    with cluster.formed(), _in_one_step(kind, environment, metrics):
        done = _done(kind, environment)
        if environment.publishes:
            write_metrics(done, metrics)
    if done.rows is not None:
        journal.say(f"{done.rows:,} rows")
    scripts.postprocess(environment)
    if environment.publishes and publish is not None:
        publish(done)
    if not done.quiet:
        journal.leave(_message(kind, done))


def _done(kind: Kind, environment: Environment) -> Done:
    if kind is Kind.DEPLOYMENT:
        return deployment_jobs.run(environment)
    return (
        clarify_jobs.run(kind, environment)
        if kind.by_clarify
        else monitor_jobs.run(kind, environment)
    )


def _in_one_step(
    kind: Kind, environment: Environment, metrics: Path
) -> AbstractContextManager[None]:
    """Publishes outputs and metrics together; a merge has its own step."""
    if kind is Kind.MERGE:
        return nullcontext()
    beside = [metrics] if environment.publishes else []
    # Not locked before the end: SageMaker may upload what lies in the output folder meanwhile.
    return together(environment.output, beside=beside, at_once=False)


def _check_publishing(kind: Kind, environment: Environment) -> None:
    # Of AWS's own monitors this is AWS's rule; a deployment may be looked at by any job.
    if kind is Kind.DEPLOYMENT:
        return
    if environment.publishes and environment.text("sagemaker_monitoring_schedule_name") is None:
        what = messages.ONLY_SCHEDULES.removesuffix(".")
        raise SettingsError(what)


def _message(kind: Kind, done: Done) -> str:
    if done.message is not None:
        return done.message
    if kind.by_clarify and not done.violations:
        return messages.CLARIFY_DONE
    return messages.completed(done.violations)


def write_metrics(done: Done, folder: Path) -> None:
    """Writes the metrics' file, if there are any."""
    if done.metrics:
        content = b"".join(line.to_json() for line in done.metrics)
        write_outputs(folder, {paths.METRICS_FILE: content})
