"""Where all that a run found is sent: gauges, metrics and records of other systems."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from driftkit.errors import DriftkitError, SettingsError, visible
from driftkit.sinks.cloudwatch import CloudWatch
from driftkit.sinks.emf import EmbeddedMetrics
from driftkit.sinks.mlflow import MLflow
from driftkit.sinks.openlineage import OpenLineage
from driftkit.sinks.otlp import Otlp
from driftkit.sinks.posting import Attempts, Outcome
from driftkit.sinks.prometheus import Pushgateway, TextFile
from driftkit.sinks.remote_write import RemoteWrite
from driftkit.sinks.specs import check_option, parts_of, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftkit.results.facts import Facts
    from driftkit.sinks.openlineage import Failure


class FactsSink(Protocol):
    """A system that is told of every run, whether it found violations or not."""

    @property
    def name(self) -> str:
        """How people tell it from other sinks; holds no secret."""

    @property
    def dated(self) -> bool:
        """Whether what it is sent has a time of its own, so that it can be sent later too."""

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:
        """Sends what a run found.

        Raises:
            DriftkitError: it cannot be sent.
        """


# The first field of each is what stands after its name.
KINDS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "prometheus": TextFile,
        "pushgateway": Pushgateway,
        "remote_write": RemoteWrite,
        "otlp": Otlp,
        "cloudwatch": CloudWatch,
        "emf": EmbeddedMetrics,
        "mlflow": MLflow,
        "openlineage": OpenLineage,
    }
)


def facts_sink_of_spec(spec: str) -> FactsSink:
    """A sink of one text: its kind, where it is, and options after spaces.

    >>> facts_sink_of_spec("pushgateway:http://gateway:9091 max_series=500").max_series
    500

    Raises:
        SettingsError: there is no such sink, or an option is wrong.
    """
    kind, target, options = parts_of(spec)
    if kind in KINDS and target:
        options = {fields(KINDS[kind])[0].name: target, **options}
    return facts_sink_of(kind, **options)


def facts_sink_of(kind: str, **options: Any) -> FactsSink:
    """A sink of a kind.

    Args:
        kind: its name.
        options: the fields of its dataclass.

    Raises:
        SettingsError: there is no such sink, or an option is wrong.
    """
    if kind not in KINDS:
        unknown("kind of sink", kind, KINDS)
    own = {each.name: each for each in fields(KINDS[kind]) if each.init}
    for name in options.keys() - own:
        unknown(f"option of {kind}", name, own)
    for name, each in own.items():
        if each.default is MISSING and not options.get(name):
            raise SettingsError(
                f"a sink of {kind} has no {name}", expected=f"{kind}:{name.upper()}"
            )
    sink: FactsSink = KINDS[kind](
        **{name: _typed(name, value, own[name].default) for name, value in options.items()}
    )
    return sink


def _typed(name: str, value: Any, default: Any) -> Any:
    """The value of an option, which is text on the command line."""
    if not isinstance(default, int):
        check_option(name, str(value))
        return value
    if not str(value).isdecimal() or not int(value):
        raise SettingsError(
            "this is no number", where=name, expected="a whole number from 1", found=repr(value)
        )
    return int(value)


def send_facts(
    facts: Facts, sinks: Iterable[FactsSink], attempts: Attempts | None = None
) -> list[str]:
    """Sends what a run found to every sink; none of them stops the others.

    Args:
        facts: what it found.
        sinks: where it is sent.
        attempts: how often it is tried, and for how long in all.

    Returns:
        A line for each sink that could not be sent to.
    """
    tried = attempts or Attempts()
    return _lines((each, sent(facts, each, tried)) for each in sinks)


def send_failure(
    failure: Failure, sinks: Iterable[FactsSink], attempts: Attempts | None = None
) -> list[str]:
    """Tells those who want to know that a run came to no result.

    Args:
        failure: what is known of it.
        sinks: of which those of OpenLineage are told.
        attempts: how often it is tried, and for how long in all.

    Returns:
        A line for each sink that could not be sent to.
    """
    tried = attempts or Attempts()
    return _lines(
        (each, _outcome(partial(each.send_failure, failure, tried)))
        for each in sinks
        if isinstance(each, OpenLineage)
    )


def sent(facts: Facts, sink: FactsSink, attempts: Attempts) -> Outcome:
    """Sends what a run found to a sink, whatever that raises.

    Args:
        facts: what it found.
        sink: where it is sent.
        attempts: how often it is tried, and for how long in all.
    """
    return _outcome(partial(sink.send, facts, attempts))


def _outcome(send: Callable[[], Outcome]) -> Outcome:
    try:
        return send()
    except DriftkitError as error:
        return Outcome(status="retry", error=str(error))
    except Exception as error:  # noqa: BLE001  (what a receiver's library raises is not known)
        # Other libraries' words may repeat what they were given.
        return Outcome(status="retry", error=type(error).__name__)


def _lines(outcomes: Iterable[tuple[FactsSink, Outcome]]) -> list[str]:
    return [
        visible(f"not sent to {sink.name}: {outcome.error}")
        for sink, outcome in outcomes
        if outcome.status != "sent"
    ]
