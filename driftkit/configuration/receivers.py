"""The sections of those who receive results: rules of alerts, sinks, the metrics store."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, create_model

from driftkit.configuration.section import Duration, Name, Section, Share, refused_as, said
from driftkit.errors import SettingsError
from driftkit.sinks import facts_sinks, specs
from driftkit.sinks.alerts import Rules, windows_of
from driftkit.sinks.facts_sinks import facts_sink_of
from driftkit.sinks.specs import sink_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftkit.sinks.facts_sinks import FactsSink
    from driftkit.sinks.sink import Sink

_OF_MONITOR = "{monitor}"


class _Alerts(Section):
    """When alerts fire and resolve."""

    needed: Name | None = Field(
        default=None,
        alias="for",
        description="How many of the last windows need a violation, for example 2 of 3.",
    )
    clear_after: StrictInt | None = Field(
        default=None, description="Windows in a row without the violation before it is resolved."
    )
    clear_below: Share | None = Field(
        default=None, description="How near to its threshold a number may stay and count as gone."
    )
    cooldown: Duration | None = Field(
        default=None, description="How long a resolved alert does not fire again."
    )
    remind_after: Duration | None = Field(
        default=None, description="How long until people are told again."
    )
    storm: Share | None = Field(
        default=None, description="Share of the columns above which one alert stands for all."
    )
    storm_least: StrictInt | None = Field(default=None, description="And how many at least.")
    critical: tuple[Name, ...] | None = Field(
        default=None, description="Patterns of checks that fire in the first window."
    )
    file: Name | None = Field(
        default=None,
        description="Where they are kept; the store, or alerts.jsonl in the reports' folder if not said.",
    )


def rules_of(alerts: _Alerts | None) -> Rules:
    """The rules that a section says; what it does not say has the usual value.

    Raises:
        SettingsError: there are no such rules.
    """
    if alerts is None:
        return Rules()
    names = [each.name for each in fields(Rules) if each.name not in {"needed", "among"}]
    own = said(alerts, names)
    if alerts.needed is not None:
        own["needed"], own["among"] = windows_of(alerts.needed)
    return Rules(**own)


def _accepted(make: Callable[[Any], Any]) -> AfterValidator:
    """Refuses a section of which nothing can be made."""

    def accepted(section: Any) -> Any:
        try:
            make(section)
        except SettingsError as error:
            about = f"{error.where}: {error.what}" if error.where else error.what
            raise refused_as(error, about) from error
        return section

    return AfterValidator(accepted)


Alerts: Any = Annotated[_Alerts, _accepted(rules_of)]


class _Wanted(Section):
    """Which alerts a sink is sent."""

    on: tuple[Name, ...] | None = Field(
        default=None, description="States: firing, renotified, resolved, no_data."
    )
    min_severity: Name | None = Field(default=None, description="warning, error or critical.")
    required: StrictBool | None = Field(
        default=None, description="Whether the exit code says that it could not be sent."
    )


def _made_of(section: Any) -> Any:
    own = {name: each for name, each in section if each is not None and name != "kind"}
    of_facts = section.kind in facts_sinks.KINDS
    return (facts_sink_of if of_facts else sink_of)(section.kind, **own)


def _section(kind: str, made: type[Any], base: type[Section]) -> Any:
    """The section of a kind of sink: the fields of its dataclass."""
    own = [each for each in fields(made) if each.init and each.name != "wanted"]
    known: dict[str, Any] = {"kind": (Literal[kind], Field(description="Of the sink."))}
    for each in own:
        value: Any = StrictInt if isinstance(each.default, int) else Name
        needed = each.default is MISSING
        known[each.name] = (
            value if needed else value | None,
            Field(default=... if needed else None),
        )
    section: Any = create_model(f"Sink_{kind}", __base__=base, __doc__=made.__doc__, **known)
    return Annotated[section, _accepted(_made_of)]


_SECTIONS = [
    *(_section(kind, made, _Wanted) for kind, made in specs.KINDS.items()),
    *(_section(kind, made, Section) for kind, made in facts_sinks.KINDS.items()),
]
AnySink: Any = Annotated[reduce(or_, _SECTIONS), Field(discriminator="kind")]
SINKS = frozenset({*specs.KINDS, *facts_sinks.KINDS})


def sinks_of(sections: Iterable[Any]) -> list[Sink]:
    """The sinks of alerts among the sinks of a configuration."""
    return [_made_of(each) for each in sections if each.kind in specs.KINDS]


def facts_sinks_of(sections: Iterable[Any]) -> list[FactsSink]:
    """The sinks of all that was found, among the sinks of a configuration."""
    return [_made_of(each) for each in sections if each.kind in facts_sinks.KINDS]


def shared_file(sections: Iterable[Any]) -> str | None:
    """A file that several monitors would write over; None where there is none."""
    files = [getattr(each, "file", None) for each in sections]
    return next((each for each in files if each and _OF_MONITOR not in each), None)


class Store(Section):
    """Where runs are kept as tables: what they found, over time."""

    path: Name = Field(
        description="A folder or its URL; duckdb:FILE; delta:FOLDER; iceberg:CATALOG.NAMESPACE; "
        "postgresql://USER@HOST/DATABASE."
    )
    keep: Duration | None = Field(
        default=None,
        description="How long after its window a run is kept, for example 400d; for ever if not said.",
    )
