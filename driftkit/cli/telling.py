"""The options by which a monitor tells others what it found, and what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli.keeping import Keeper, keeper_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence
    from datetime import datetime

    from driftkit.results.facts import Ownership
    from driftkit.sinks.alerts import Rules
    from driftkit.sinks.facts_sinks import FactsSink
    from driftkit.sinks.gaps import Ran
    from driftkit.sinks.sink import Sink
    from driftkit.store.store import Store

PANEL = "Who is told"
STORING = "Where it is kept over time"
# In place of 0 alone: 3 and 4 are verdicts, which no sink changes.
NOT_TOLD = 5
OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "notify": Annotated[
            list[str] | None,
            typer.Option(
                "--notify",
                metavar="SPEC",
                help="Send alerts to 'slack:${env:X}', slack_bot:CHANNEL, 'teams:${env:X}', "
                "'pagerduty:${env:X}', alertmanager:URL, webhook:URL, email:ADDRESS, sns:ARN or 'apprise:${env:X}', and all numbers to "
                "prometheus:FILE, pushgateway:URL, remote_write:URL, otlp:URL, cloudwatch:, "
                "emf:FILE, mlflow:URI or openlineage:URL; may be given several times. Secrets by reference, in single "
                "quotes: ${env:NAME}, ${file:PATH}, ${aws-secretsmanager:ARN#KEY}. "
                "Options after spaces: 'webhook:URL on=firing,resolved min_severity=error'.",
                show_default=False,
                rich_help_panel=PANEL,
            ),
        ],
        "notify_required": Annotated[
            bool,
            typer.Option(
                "--notify-required",
                help="Exit with code 5 when an alert could not be sent and the code would be 0.",
                envvar="DRIFTKIT_NOTIFY_REQUIRED",
                rich_help_panel=PANEL,
            ),
        ],
        "notify_after": Annotated[
            str | None,
            typer.Option(
                metavar="WINDOWS",
                help="How many of the last windows need a violation before an alert fires, for "
                "example 1 of 1 (if it is not said: 2 of 3).",
                show_default=False,
                envvar="DRIFTKIT_NOTIFY_AFTER",
                rich_help_panel=PANEL,
            ),
        ],
        "alerts": Annotated[
            str | None,
            typer.Option(
                metavar="FILE",
                help="Where alerts are kept from run to run (if it is not said: in the store, or "
                "alerts.jsonl beside the output folder).",
                show_default=False,
                envvar="DRIFTKIT_ALERTS",
                rich_help_panel=PANEL,
            ),
        ],
        "model_name": Annotated[
            str | None,
            typer.Option(
                metavar="NAME",
                help="What alerts and the metrics store call the model (if it is not said: alerts "
                "call it as the folder is called that the output folder is in; a store needs it).",
                show_default=False,
                envvar="DRIFTKIT_MODEL_NAME",
                rich_help_panel=PANEL,
            ),
        ],
        "store": Annotated[
            str | None,
            typer.Option(
                metavar="ADDRESS",
                help="Keep the run in this metrics store too: a folder or its URL, FILE.duckdb, delta:FOLDER, "
                "iceberg:CATALOG.NAMESPACE, or postgresql://USER@HOST/DATABASE; with --model-name.",
                show_default=False,
                envvar="DRIFTKIT_STORE",
                rich_help_panel=STORING,
            ),
        ],
        "junit": Annotated[
            str | None,
            typer.Option(
                metavar="FILE",
                help="Write the violations as JUnit XML too.",
                show_default=False,
                rich_help_panel=PANEL,
            ),
        ],
        "sarif": Annotated[
            str | None,
            typer.Option(
                metavar="FILE",
                help="Write the violations as SARIF 2.1.0 too.",
                show_default=False,
                rich_help_panel=PANEL,
            ),
        ],
        "github": Annotated[
            bool,
            typer.Option(
                "--github",
                help="Print the violations as annotations of GitHub Actions, and add them to the "
                "step's summary.",
                rich_help_panel=PANEL,
            ),
        ],
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a user asked for, checked.

    Attributes:
        output: the folder of the run.
        sinks: where alerts are sent.
        facts_sinks: where all that was found is sent.
        required: whether the exit code says that one could not be sent.
        rules: when alerts fire.
        alerts: the file in which they are kept; None for the store's tables, or beside the output
            folder where there is no store.
        store: whose tables they are.
        model: what they call the model; None for the name of a folder.
        junit: file of that kind.
        sarif: file of that kind.
        github: whether GitHub Actions is told.
        keeper: keeps the run in a metrics store.
        ownership: who looks after the model; None where that is not known.
        lacking: finds windows that were expected and never run; None for by those that were.
    """

    output: str
    sinks: Sequence[Sink] = ()
    facts_sinks: Sequence[FactsSink] = ()
    required: bool = False
    rules: Rules | None = None
    alerts: str | None = None
    store: Store | None = None
    model: str | None = None
    junit: str | None = None
    sarif: str | None = None
    github: bool = False
    keeper: Keeper = field(default_factory=Keeper)
    ownership: Ownership | None = None
    lacking: Callable[[Sequence[Ran], datetime | None], list[Ran]] | None = None

    @classmethod
    def taken(cls, output: str, given: MutableMapping[str, Any]) -> Telling:
        """Takes the options out of those that were given.

        Raises:
            SettingsError: one of them is wrong.
        """
        said = {name: given.pop(name) for name in OPTIONS}
        keeper = keeper_of(said["store"], said["model_name"])
        if not any(said[name] for name in ("notify", "junit", "sarif", "github")):
            return cls(output=output, keeper=keeper)
        # Only where it is asked for: the help sends nothing.
        from driftkit.sinks.alerts import Rules, windows_of
        from driftkit.sinks.facts_sinks import KINDS, facts_sink_of_spec
        from driftkit.sinks.specs import parts_of, sink_of_spec

        needed, among = windows_of(said["notify_after"] or "2 of 3")
        specs = list(dict.fromkeys(said["notify"] or ()))
        of_facts = [each for each in specs if parts_of(each)[0] in KINDS]
        return cls(
            output=output,
            sinks=[sink_of_spec(each) for each in specs if each not in of_facts],
            facts_sinks=[facts_sink_of_spec(each) for each in of_facts],
            required=said["notify_required"],
            rules=Rules(needed=needed, among=among),
            alerts=said["alerts"],
            store=keeper.store,
            model=said["model_name"],
            junit=said["junit"],
            sarif=said["sarif"],
            github=said["github"],
            keeper=keeper,
        )
